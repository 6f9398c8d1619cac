"""Who said stop, as SQL that can be compared with recipients: addresses, telephone numbers, digests of addresses.

Recipients and stops are spelt alike inside the engine (`matching`), so that no pseudonym is made of a million messages.
What is done in Python is done once for each odd domain and each telephone number of a stop list. Keys of digests are
bound, so no text of a query holds one. Source: docs/norm/controls, SND-02; docs/sending.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import duckdb

from evidence_kit.edges import identities
from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.matching import MACROS, undotting
from evidence_kit.edges.opening import literal
from evidence_kit.edges.relations import Relation

#: Hexadecimal digits of a digest → what makes one of that length inside the engine.
MADE = {32: "md5", 40: "sha1", 64: "sha256", 128: "ek_sha512"}
#: Reasons for which an entry of a suppression list is a stop; the others are no wish of the person.
WISHES = ("unsubscribe", "objection")
BLOCK = 64
#: A telephone number by its digits, `+` before the country; `(0)` is no part of an international one.
DIGITS = (
    "CREATE OR REPLACE TEMP MACRO ek_dialled(x) AS CASE WHEN contains(x, '@') THEN NULL ELSE "
    "regexp_replace(regexp_replace(regexp_replace(x, '^([^0-9]*\\+.*)\\(0\\)', '\\1'), '[^0-9+]', '', 'g'), "
    "'^00', '+') END"
)


def prepare(ground: Ground) -> None:
    """Make the macros and small tables that the SQL below uses: `ek_domains`, `ek_phones`, `ek_secrets`."""
    run, agreed = ground.connection.execute, ground.engagement
    for statement in (*MACROS, undotting(identities.undotted(agreed.undotted_domains)), DIGITS):
        run(statement)
    run("CREATE OR REPLACE TEMP TABLE ek_domains (written VARCHAR, ascii VARCHAR)")
    run("CREATE OR REPLACE TEMP TABLE ek_phones (dialled VARCHAR, person VARCHAR)")
    run("CREATE OR REPLACE TEMP TABLE ek_secrets (algorithm VARCHAR, first BLOB, second BLOB)")
    _keep(ground, "ek_domains", _domains(ground))
    _keep(ground, "ek_phones", _phones(ground))
    for recipe in agreed.digests:
        if recipe.key is not None:
            secret = ground.key(recipe.key)
            run(
                "INSERT INTO temp.main.ek_secrets VALUES (?, ?, ?)",
                [recipe.algorithm, *_parts(recipe.algorithm, secret)],
            )
    _learn_sha512(ground.connection)


def spelt(written: str) -> str:
    """SQL: an identifier of a person as it is compared, but for odd domains and telephone numbers."""
    return f"ek_undotted(ek_address({written}))"


def blank(written: str) -> str:
    """SQL condition: there is no identifier. Nearly all begin with a plain letter, and are asked no more."""
    return f"CASE WHEN ascii({written}) BETWEEN 33 AND 126 THEN false ELSE {spelt(written)} IS NULL END"


def joined(ground: Ground, rows: str, written: str) -> str:
    """SQL: `rows` (a query) with the columns `spelt` and `person`, how its column `written` is compared with others.

    `prepare` was asked before: where there is no odd domain and no number, nothing is looked up.
    """
    met = {
        table: ground.connection.execute(f"SELECT 1 FROM temp.main.{table} LIMIT 1").fetchone() is not None
        for table in ("ek_domains", "ek_phones")
    }
    # In two steps: a macro repeats its argument.
    made = (
        f"SELECT *, ek_undotted(addressed) AS spelt FROM (SELECT *, ek_address({written}) AS addressed FROM ({rows}))"
    )
    parts, joins = [], ""
    if met["ek_phones"]:
        parts.append("p.person")
        joins += "\n    LEFT JOIN temp.main.ek_phones AS p ON p.dialled = ek_dialled(r.spelt)"
    if met["ek_domains"]:
        parts.append("regexp_extract(r.spelt, '^.*@') || d.ascii")
        joins += "\n    LEFT JOIN temp.main.ek_domains AS d ON d.written = regexp_extract(r.spelt, '[^@]*$')"
    return f"SELECT r.*, coalesce({', '.join([*parts, 'r.spelt'])}) AS person\n  FROM ({made}) AS r{joins}"


def entries(ground: Ground) -> str | None:
    """SQL: the stops of the suppression list (stop_id, written, digest, account_key, stopped_at, unreadable).

    `written`: an address in clear; `digest`: of one, null where nothing here can make it. None where no list is mapped.
    """
    if ground.relation("suppression_list") is None:
        return None
    wished = ", ".join(map(literal, WISHES))
    key = "ek_value(entry_key)"
    hexes = f"regexp_full_match({key}, '[0-9a-fA-F]+') AND length({key}) IN ({', '.join(map(str, MADE))})"
    return f"""SELECT concat('suppression ', entry_id) AS stop_id,
    CASE WHEN reason IS NOT NULL AND stored_form = 'plaintext' THEN entry_key END AS written,
    CASE WHEN reason IS NOT NULL AND stored_form <> 'plaintext' AND {hexes} AND ({_recomputed(ground)})
      THEN lower({key}) END AS digest,
    account_key, added_at AS stopped_at, unreadable
  FROM main.frame_suppression_list WHERE reason IS NULL OR reason IN ({wished})"""


def _recomputed(ground: Ground) -> str:
    """SQL condition: whether the kit can make the digest of an entry from an address."""
    keyed = {one.algorithm for one in ground.engagement.digests if one.key is not None}
    salted = sorted(one for one in keyed if not one.startswith("hmac-"))
    asked = ["stored_form = 'sha256'"]
    if "hmac-sha256" in keyed:
        asked.append("stored_form = 'hmac'")
    if "sha256" in salted:
        asked.append("stored_form = 'sha256_salted'")
    asked.append(
        "stored_form = 'other' AND length(ek_value(entry_key)) <> 64" if not keyed else "stored_form = 'other'"
    )
    return " OR ".join(f"({one})" for one in asked)


def hashed(people: str) -> str:
    """SQL: every digest under which somebody of `people` (columns spelt, person) may stand on a list, with the person.

    Digests are made of what was normalised, without capitals; bare, salted, or with a key.
    """
    texts = (
        "SELECT DISTINCT person, unnest(list_distinct([lower(person), lower(spelt), ek_dialled(spelt)])) AS text "
        f"FROM ({people}) WHERE person IS NOT NULL"
    )
    made = [
        f"SELECT person, {name}(encode(text)) AS digest FROM texts WHERE EXISTS "
        f"(SELECT 1 FROM entries WHERE length(digest) = {length})"
        for length, name in MADE.items()
    ]
    made += [
        f"SELECT person, {name}(k.first || encode(text)) FROM texts, temp.main.ek_secrets AS k "
        f"WHERE k.algorithm = {literal(algorithm)} AND EXISTS (SELECT 1 FROM entries WHERE digest IS NOT NULL)"
        for algorithm, name in (("md5", "md5"), ("sha1", "sha1"), ("sha256", "sha256"), ("sha512", "ek_sha512"))
    ]
    made.append(
        "SELECT person, sha256(k.second || unhex(sha256(k.first || encode(text)))) FROM texts, temp.main.ek_secrets "
        "AS k WHERE k.algorithm = 'hmac-sha256'"
    )
    return f"WITH texts AS MATERIALIZED ({texts})\n  " + "\n  UNION ALL ".join(made)


def _parts(algorithm: str, secret: bytes) -> tuple[bytes, bytes]:
    """What stands before the text: the salt, or the two blocks of an HMAC (RFC 2104)."""
    if not algorithm.startswith("hmac-"):
        return secret, b""
    block = (hashlib.sha256(secret).digest() if len(secret) > BLOCK else secret).ljust(BLOCK, b"\0")
    return bytes(one ^ 0x36 for one in block), bytes(one ^ 0x5C for one in block)


def _domains(ground: Ground) -> Iterable[tuple[str, str]]:
    """Domains with letters beyond ASCII, each with the form that IDNA gives it; nothing for those that have none."""
    domains = " UNION ALL ".join(
        f"SELECT regexp_extract({spelt(column)}, '[^@]*$') AS domain FROM {table} "
        f"WHERE strlen({column}) > length({column}) AND contains({column}, '@')"
        for table, column in _given(ground)
    )
    if not domains:
        return
    sql = f"SELECT DISTINCT domain FROM ({domains}) WHERE strlen(domain) > length(domain) ORDER BY 1"
    for (domain,) in ground.connection.execute(sql).fetchall():
        ascii_form = identities.normalise("person", f"a@{domain}").partition("@")[2]
        if ascii_form != domain:
            yield domain, ascii_form


def _phones(ground: Ground) -> Iterable[tuple[str, str]]:
    """The telephone numbers of the stops, under every way in which they are dialled."""
    region = ground.engagement.organisation.country
    stops = [(table, column) for table, column in _given(ground) if table != "main.frame_send_messages"]
    found: set[tuple[str, str]] = set()
    for table, column in stops:
        sql = f"SELECT DISTINCT ek_value({column}) FROM {table} WHERE NOT contains({column}, '@')"
        for (text,) in ground.connection.execute(sql).fetchall():
            if text is not None and identities.is_phone(text):
                person = identities.normalise("person", text, region)
                found |= {(written, person) for written in identities.dialled(text, region)}
    yield from sorted(found)


def _given(ground: Ground) -> list[tuple[str, str]]:
    """Where identifiers of persons stand in clear: table and column."""
    frames = {"send_messages": "recipient_key", "send_stops": "recipient_key", "suppression_list": "entry_key"}
    return [
        (f"main.frame_{frame}" if frame != "suppression_list" else _plaintext(), column)
        for frame, column in frames.items()
        if _has(ground.relation(frame), column)
    ]


def _plaintext() -> str:
    return "(SELECT entry_key FROM main.frame_suppression_list WHERE stored_form = 'plaintext')"


def _has(relation: Relation | None, column: str) -> bool:
    return relation is not None and column in relation.kinds


def _learn_sha512(connection: duckdb.DuckDBPyConnection) -> None:
    """The one digest of addresses that the engine cannot make; asked only where an entry is that long."""

    def made(data: bytes) -> str:
        return hashlib.sha512(data).hexdigest()

    known = connection.execute("SELECT 1 FROM duckdb_functions() WHERE function_name = 'ek_sha512'").fetchone()
    if known is None:
        connection.create_function("ek_sha512", made, ["BLOB"], "VARCHAR")


def _keep(ground: Ground, table: str, rows: Iterable[Sequence[str]]) -> None:
    listed = list(rows)
    for start in range(0, len(listed), 10_000):
        first, second = (list(column) for column in zip(*listed[start : start + 10_000], strict=True))
        ground.connection.execute(
            f"INSERT INTO temp.main.{table} SELECT unnest(CAST(? AS VARCHAR[])), unnest(CAST(? AS VARCHAR[]))",
            [first, second],
        )
