"""Who is searched: every erased person under all spellings and digests, canaries, and one key that stands nowhere.

They become small tables of the engine, so that no text of a query holds a person. Names are never keys, and an empty
key is nobody's. Source: docs/norm/controls, ERA-01; docs/norm/frames.md, `subject_keys`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from evidence_kit.edges import identities
from evidence_kit.edges.derived import Ground
from evidence_kit.edges.matching import MACROS, local_day, undotting
from evidence_kit.edges.opening import literal, quote
from evidence_kit.edges.relations import Relation
from evidence_kit.model.audit import DigestRecipe, Engagement

#: How a piece of a cell was taken out of it, in one letter each; a key says with which of them it may be compared.
WHOLE, TOKEN, HEXES, PHONE, WHOLE_PHONE = "wthpq"
#: Digests that anybody can make of an address.
BARE = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512)
#: What stands before the @ of nearly every address; `%` and `_` are letters like the others.
_PLAIN = re.compile(r"(?![.'])[\w.+%'-]+@")
#: Subject 0 is nobody: its key stands nowhere, and a search that finds it finds anything.
NOBODY = 0
#: A cell can be longer than the key it holds: each letter in three octets of its own, and blanks around.
SPARE = 64

CASES = """\
CREATE OR REPLACE TEMP TABLE ek_erased AS
SELECT DISTINCT ON (e.erasure_id) e.erasure_id AS case_id, e.subject_key, {form} AS identifier_form,
  {instant} AS executed_at, {day} AS due_on, {done} AS declared_done
FROM main.{log} AS e{join}
WHERE e.erasure_id IS NOT NULL ORDER BY ALL"""
#: What the organisation says of the request: done, or not.
DONE = """
  LEFT JOIN (SELECT request_id, bool_or(coalesce(outcome = 'fulfilled' AND responded_at IS NOT NULL, false)) AS done
    FROM main.{requests} WHERE request_id IS NOT NULL GROUP BY request_id) AS r ON r.request_id = e.request_id"""


class Asked(NamedTuple):
    """What the tables `ek_cases` and `ek_needles` hold. `canaries`: name → subject.

    `longest`: octets of the longest cell that can be a key as a whole; `exact`, `phones`, `odd`: whether some key is of
    that kind, odd being an address with signs that few have. `undotted`: domains whose dots and tags are dropped on
    both sides. `sql`: what made them, without any key.
    """

    cases: int
    canaries: Mapping[str, int]
    longest: int
    exact: bool
    phones: bool
    odd: bool
    undotted: tuple[str, ...]
    sql: tuple[str, ...]


class Needle(NamedTuple):
    """One text that stands for a person. `ways`: how what it equals was taken from a cell; `form`: of a digest, how it
    was made (bare, keyed, or given by the organisation, which does not say)."""

    text: str
    ways: str
    form: str | None = None


class Person(NamedTuple):
    """Somebody searched: the number in the engine's tables, and (kind, value) of each key."""

    subject: int
    keys: tuple[tuple[str, str], ...]


def ask(ground: Ground, key: Callable[[str], bytes]) -> Asked:
    """Fill `ek_cases` and `ek_needles`. Raises ParameterError when the key of a declared digest is not there."""
    run, engagement = ground.connection.execute, ground.engagement
    undotted = identities.undotted(engagement.undotted_domains)
    cases = _cases(ground)
    for statement in (*MACROS, undotting(undotted), cases):
        run(statement)
    others = _others(ground)
    people, rows = _erased(ground, others)
    named = sorted({place.canary for place in engagement.places.values() if place.canary is not None} & others.keys())
    canaries = {name: -number for number, name in enumerate(named, start=1)}
    people += [Person(number, tuple(others[name])) for name, number in canaries.items()]
    people.append(Person(NOBODY, (("email", never_there(engagement)),)))
    recipes = [(recipe, None if recipe.key is None else key(recipe.key)) for recipe in engagement.digests]
    needles = [
        (person.subject, needle) for person in people for needle in _needles(person, engagement, undotted, recipes)
    ]
    _fill(ground, rows, needles)
    longest = run(
        f"SELECT coalesce(max(strlen(needle)), 0) FROM temp.main.ek_needles WHERE contains(ways, '{WHOLE}')"
    ).fetchone()
    return Asked(
        cases=len(rows),
        canaries=canaries,
        longest=3 * (longest[0] if longest else 0) + SPARE,
        exact=any(WHOLE in needle.ways and TOKEN not in needle.ways for _, needle in needles),
        phones=any(PHONE in needle.ways for _, needle in needles),
        odd=any(TOKEN in needle.ways and not _PLAIN.match(needle.text) for _, needle in needles),
        undotted=undotted,
        sql=(*MACROS, undotting(undotted), cases),
    )


def _cases(ground: Ground) -> str:
    """Every erasure of the log once, with the instant of its execution and its local day."""
    log, zone = ground.needed("erasure_log"), ground.engagement.timezone
    executed = "e.executed_at" if "executed_at" in log.kinds else "CAST(NULL AS TIMESTAMPTZ)"
    if log.kinds.get("executed_at") == "date":
        # Nobody says at what time of the day: only what came on a later day came after.
        moment = f"timezone({literal(zone)}, CAST({executed} AS TIMESTAMP) + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND)"
        instant, day = moment, executed
    else:
        instant, day = executed, local_day(executed, zone)
    requests, done, join = ground.relation("request_log"), "CAST(NULL AS BOOLEAN)", ""
    if requests is not None and {"outcome", "responded_at"} <= requests.kinds.keys() and "request_id" in log.kinds:
        done, join = "r.done", DONE.format(requests=quote(requests.table))
    return CASES.format(
        log=quote(log.table),
        form="e.identifier_form" if "identifier_form" in log.kinds else "CAST(NULL AS VARCHAR)",
        instant=instant,
        day=day,
        done=done,
        join=join,
    )


def _others(ground: Ground) -> dict[str, list[tuple[str, str]]]:
    """(kind, value) of the keys of each case or canary, beside the one in the log."""
    relation: Relation | None = ground.relation("subject_keys")
    found: dict[str, list[tuple[str, str]]] = {}
    if relation is not None:
        sql = (
            f"SELECT DISTINCT case_id, key_kind, key_value FROM main.{quote(relation.table)} "
            "WHERE case_id IS NOT NULL AND key_kind IS NOT NULL AND key_value IS NOT NULL ORDER BY ALL"
        )
        for case, kind, value in ground.connection.execute(sql).fetchall():
            if _said(str(value)):
                found.setdefault(str(case), []).append((str(kind), str(value)))
    return found


def _erased(
    ground: Ground, others: Mapping[str, Sequence[tuple[str, str]]]
) -> tuple[list[Person], list[tuple[int, str, str]]]:
    """Every case that can be searched, and its (number, identifier, key shown)."""
    people: list[Person] = []
    rows: list[tuple[int, str, str]] = []
    sql = "SELECT case_id, subject_key, identifier_form FROM temp.main.ek_erased ORDER BY case_id"
    for case, subject, form in ground.connection.execute(sql).fetchall():
        mine = list(others.get(str(case), ()))
        if form == "keyed_digest":
            # What the organisation kept of the person is a digest of its own making.
            mine = [("keyed" if kind == "digest" else kind, value) for kind, value in mine]
        if subject is not None and _said(str(subject)):
            mine.insert(0, (_kind(str(subject), form), str(subject)))
        if mine:
            people.append(Person(len(people) + 1, tuple(mine)))
            rows.append((len(people), str(case), mine[0][1]))
    return people, rows


def _kind(subject: str, form: str | None) -> str:
    if identities.is_address(subject):
        return "email"  # the log keeps a digest, and the vault file the address behind it
    if form == "keyed_digest":
        return "keyed"
    return "phone" if identities.is_phone(subject) else "exact"


def _needles(
    person: Person,
    engagement: Engagement,
    undotted: Sequence[str],
    recipes: Sequence[tuple[DigestRecipe, bytes | None]],
) -> Iterator[Needle]:
    region = engagement.organisation.country
    for kind, value in person.keys:
        text = unicodedata.normalize("NFC", value).strip()
        if kind in ("digest", "keyed"):
            form = "keyed" if kind == "keyed" else "given"
            yield Needle(text.lower(), HEXES, form) if _hex(text) else Needle(text, WHOLE, form)
            continue
        spelled = {text}
        if kind == "email" and identities.is_address(text):
            spelled = {*identities.spellings(text), identities.normalise("person", text, region, undotted)}
            yield from (Needle(one, WHOLE + TOKEN) for one in spelled)
            # Digests are made of what was normalised: under each spelling of the domain, without capitals.
            spelled = {one.lower() for one in spelled}
        else:
            yield Needle(text, WHOLE)
        if kind == "phone":
            dialled = identities.dialled(text, region)
            yield from (Needle(one, PHONE + WHOLE_PHONE) for one in dialled)
            spelled |= dialled
        for one in spelled:
            yield from (Needle(made(one.encode(), usedforsecurity=False).hexdigest(), HEXES, "bare") for made in BARE)
            yield from (
                Needle(hashed(recipe.algorithm, secret, one), HEXES, "keyed")
                for recipe, secret in recipes
                if secret is not None
            )


def hashed(algorithm: str, key: bytes, text: str) -> str:
    """The keyed digest of a text, as lower-case hex: an HMAC, or the hash of the salt and then the text."""
    kind, _, inner = algorithm.partition("-")
    if kind == "hmac":
        return hmac.new(key, text.encode(), inner).hexdigest()
    return hashlib.new(algorithm, key + text.encode()).hexdigest()


def _fill(ground: Ground, rows: Sequence[tuple[int, str, str]], needles: Sequence[tuple[int, Needle]]) -> None:
    run = ground.connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE ek_cases AS SELECT n.subject, e.case_id, n.subject_key, e.executed_at, e.due_on, "
        "e.declared_done FROM (SELECT unnest(CAST($subjects AS INTEGER[])) AS subject, "
        "unnest(CAST($cases AS VARCHAR[])) AS case_id, unnest(CAST($keys AS VARCHAR[])) AS subject_key) AS n "
        "JOIN temp.main.ek_erased AS e ON e.case_id = n.case_id",
        dict(zip(("subjects", "cases", "keys"), _columns(rows, 3), strict=True)),
    )
    run(
        "CREATE OR REPLACE TEMP TABLE ek_needles AS "
        "SELECT DISTINCT subject, ek_undotted(ek_address(needle)) AS needle, ways, form "
        "FROM (SELECT unnest(CAST($subjects AS INTEGER[])) AS subject, "
        "unnest(CAST($needles AS VARCHAR[])) AS needle, unnest(CAST($ways AS VARCHAR[])) AS ways, "
        "unnest(CAST($forms AS VARCHAR[])) AS form) WHERE ek_address(needle) IS NOT NULL",
        dict(
            zip(
                ("subjects", "needles", "ways", "forms"),
                _columns([(subject, *needle) for subject, needle in needles], 4),
                strict=True,
            )
        ),
    )


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def never_there(engagement: Engagement) -> str:
    """An address that no table holds; the same in equal runs."""
    made = hashlib.sha256(f"ek1:nobody:{engagement.id}:{engagement.as_of.isoformat()}".encode()).hexdigest()
    return f"nobody-{made[:40]}@never-there.invalid"


def _said(text: str) -> bool:
    return bool(unicodedata.normalize("NFC", text).strip())


def _hex(text: str) -> bool:
    return len(text) >= 32 and set(text.lower()) <= set("0123456789abcdef")
