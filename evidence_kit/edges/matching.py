"""How a value in a table is compared with a person: the SQL that spells as `identities` does, and reads moments.

In one place, for every search of the kit's own: for requests (`searching`) and for people who were erased (`probing`).
"""

from __future__ import annotations

from collections.abc import Sequence

from evidence_kit.edges.opening import literal
from evidence_kit.edges.relations import ISO_DAY, ISO_TIME, ZONED

#: What `str.strip` takes away, so that SQL trims as `identities.normalise` does.
SPACES = r"[\x09-\x0d\x1c-\x1f\x{85}\pZ]+"
#: A value as a pseudonym of kind `value` spells it, and an address as one of kind `person` does: what holds an @ is
#: case folded. Where folding is more than lowering (ß, a long s, a final sigma) the domain is only lowered: IDNA keeps
#: such domains apart. A dotted capital I is no I. Nothing left is NULL.
MACROS = (
    rf"CREATE OR REPLACE TEMP MACRO ek_trim(x) AS regexp_replace(x, '\A{SPACES}|{SPACES}\z', '', 'g')",
    "CREATE OR REPLACE TEMP MACRO ek_value(x) AS nullif(nfc_normalize(ek_trim(CAST(x AS VARCHAR))), '')",
    "CREATE OR REPLACE TEMP MACRO ek_lower(x) AS nfc_normalize(lower(ek_trim(x)))",
    "CREATE OR REPLACE TEMP MACRO ek_fold(x) AS concat(translate(replace(regexp_extract(x, '^.*@'), 'ß', 'ss'), "
    "'\u03c2\u017f', '\u03c3s'), regexp_extract(x, '[^@]*$'))",
    "CREATE OR REPLACE TEMP MACRO ek_text(x) AS CASE WHEN NOT contains(x, '@') THEN ek_value(x) "
    # Most cells are plain ASCII without blanks around: no pattern is needed.
    "WHEN strlen(x) = length(x) AND ascii(x) > 32 AND ascii(right(x, 1)) > 32 THEN lower(x) "
    "WHEN regexp_matches(x, '[\u1e9eß\u03c2\u017f\u0130]') THEN ek_fold(ek_lower(replace(x, '\u0130', 'i\u0307'))) "
    "ELSE ek_lower(x) END",
    "CREATE OR REPLACE TEMP MACRO ek_address(x) AS ek_text(CAST(x AS VARCHAR))",
)


def moment(text: str, written: str | None) -> str:
    """The instant that a text states, in ISO, NULL for any other; without offset it is local in the zone `written`.

    NULL too where nobody knows in which zone it was written.
    """
    naive = f"TRY_CAST({text} AS TIMESTAMP)"
    local = "CAST(NULL AS TIMESTAMPTZ)" if written is None else f"timezone({literal(written)}, {naive})"
    return (
        f"CASE WHEN NOT regexp_full_match({text}, {literal(ISO_TIME)}) THEN NULL "
        f"WHEN regexp_matches({text}, {literal(ZONED)}) THEN TRY_CAST({text} AS TIMESTAMPTZ) ELSE {local} END"
    )


def day(text: str) -> str:
    """The day that a text states and nothing more, NULL for any other."""
    return f"CASE WHEN regexp_full_match({text}, {literal(ISO_DAY)}) THEN TRY_CAST({text} AS DATE) END"


def local_day(instant: str, zone: str) -> str:
    """The day of an instant in a zone."""
    return f"CAST(timezone({literal(zone)}, {instant}) AS DATE)"


def undotting(domains: Sequence[str]) -> str:
    """The macro that drops the dot after a domain; dots and tags only before the domains that ignore them."""
    ended = "CASE WHEN ends_with(x, '.') AND contains(x, '@') THEN rtrim(x, '.') ELSE x END"
    if not domains:
        return f"CREATE OR REPLACE TEMP MACRO ek_undotted(x) AS {ended}"
    listed = ", ".join(literal(one) for one in domains)
    return (
        "CREATE OR REPLACE TEMP MACRO ek_undotted(x) AS "
        rf"CASE WHEN regexp_extract(x, '^[^@\s\pZ]+@([^@]*[^@.])\.*$', 1) IN ({listed}) "
        "THEN concat(replace(regexp_extract(x, '^[^+@]*'), '.', ''), rtrim(regexp_extract(x, '@[^@]*$'), '.')) "
        f"ELSE {ended} END"
    )
