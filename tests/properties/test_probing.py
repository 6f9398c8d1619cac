"""The probe beside a slow reading of the same cells in plain Python: the same people, rows and routes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_kit.edges.identities import normalise
from tests.edges.erased import Session, base, erasure

pytestmark = pytest.mark.slow

UNDOTTED = ("dotless.example",)
KEYS = (
    "josé@example.fr",
    "ana@x.example",
    "an.a+shop@dotless.example",
    "jo@bücher.example",
    "o'neil@x.example",
    "%_@x.example",
    "a=b/c@x.example",
    "straße@x.example",
)
#: Addresses of the people and of others much like them.
NEAR = (
    *KEYS,
    "JOSÉ@Example.FR",
    "jose@example.fr",
    "jose\u0301@EXAMPLE.fr",
    "ana@x.example.other",
    "dana@x.example",
    "ana+x@x.example",
    "ANA@dotless.example",
    "a.na@dotless.example",
    "jo@XN--bcher-kva.example",
    "neil@x.example",
    "STRASSE@x.example",
    "any@x.example",
    "b/c@x.example",
    "c@x.example",
)
TEXTS = st.sampled_from(
    [
        *NEAR,
        *(hashlib.sha256(normalise("person", key, undotted=UNDOTTED).encode()).hexdigest().upper() for key in KEYS),
        *(hashlib.md5(key.encode()).hexdigest() for key in NEAR[:3]),
        *(re.sub("[^\x00-\x7f]", lambda m: f"\\u{ord(m[0]):04x}", key) for key in NEAR[:8]),
        *(key.replace("%", "%25").replace("@", "%40") for key in NEAR[:6]),
    ]
)
BETWEEN = st.sampled_from(
    ["", " ", ", ", "; ", "\n", "<", ">", '"', "'", "?m=", "&x=", "/", "mailto:", ".", "0", "=", "\\n"]
)
CELLS = st.one_of(st.none(), st.text(max_size=6), TEXTS, st.lists(BETWEEN | TEXTS, max_size=6).map("".join))


def opened(text: str) -> str:
    """A cell with its escapes undone."""
    if "@" not in text and "%40" not in text and "u0040" not in text:
        return ""
    text = re.sub(r"\\+u([0-9A-Fa-f]{4})", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"\\+[nrtbf]", " ", text)
    return unquote(text) if "%40" in text else text


def within(text: str) -> set[str]:
    """Every address in a text, letter by letter."""
    found, end = set(), 0
    for at, sign in enumerate(text):
        if sign != "@" or at < end:
            continue
        first = at
        while first > end and bare(text[first - 1]):
            first -= 1
        last = at + 1
        while last < len(text) and (unicodedata.category(text[last])[0] in "LMN" or text[last] in "._-"):
            last += 1
        while last > at + 1 and unicodedata.category(text[last - 1])[0] not in "LMN":
            last -= 1
        if first == at or last == at + 1 or unicodedata.category(text[at + 1])[0] not in "LN":
            continue
        end = last
        found |= {text[first:last], cut(text[first:at]) + text[at:last]}
    return {one for one in found if not one.startswith("@")}


def bare(sign: str) -> bool:
    """Whether a letter may stand in an address without quotation."""
    kind = unicodedata.category(sign)
    return not (sign.isspace() or kind[0] in "ZC" or kind in ("Ps", "Pe", "Pi", "Pf") or sign in '<>,;:"\\@')


def cut(local: str) -> str:
    """What is left of the part before the @ when what a list or a web address puts before it is gone."""
    first = len(local)
    while first and (unicodedata.category(local[first - 1])[0] in "LMN" or local[first - 1] in "._+%'-"):
        first -= 1
    return local[first:].lstrip(".'")


def route(cell: str, key: str) -> int | None:
    """1: the cell is the key; 2: it holds it; 3: it holds a digest of it; None: neither."""
    known = normalise("person", key, undotted=UNDOTTED)
    if normalise("person", cell, undotted=UNDOTTED) == known:
        return 1
    if any(normalise("person", one, undotted=UNDOTTED) == known for one in within(opened(cell))):
        return 2
    digests = {made(one.encode()).hexdigest() for one in written(key) for made in (hashlib.md5, hashlib.sha256)}
    return 3 if digests & set(re.findall("[0-9a-f]{32,}", cell.lower())) else None


def written(key: str) -> set[str]:
    return {normalise("person", key, undotted=UNDOTTED), key.lower(), key.lower().replace("bücher", "xn--bcher-kva")}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS), max_size=25))
def test_the_engine_finds_what_plain_python_finds(tmp_path: Path, rows: list[tuple[str | None, str | None]]) -> None:
    rows = [tuple(None if one is None else one.replace("\0", "") for one in row) for row in rows]  # type: ignore[misc]
    path = base(tmp_path / "crm.duckdb", "CREATE TABLE t (a VARCHAR, b VARCHAR)")
    if rows:
        with duckdb.connect(str(path)) as made:
            made.executemany("INSERT INTO t VALUES (?, ?)", rows)
    log = [erasure(f"E{number}", key) for number, key in enumerate(KEYS)]
    session = Session(path, log, undotted=UNDOTTED)
    try:
        rows_of = session.probed()
    finally:
        session.connection.close()
    seen = {case: (row["matched_rows"], row["match_route"]) for (case, _), row in rows_of.items()}
    names = {1: "identifier", 2: "free_text", 3: "digest"}
    for number, key in enumerate(KEYS):
        routes = [min(filter(None, (route(cell, key) for cell in row if cell)), default=0) for row in rows]
        met = [one for one in routes if one]
        expected = (len(met), names[min(met)] if met else "identifier")
        # An object that holds no address at all is outside the plan: no row, and nobody there.
        assert seen.get(f"E{number}", (0, "identifier")) == expected, (key, rows)
