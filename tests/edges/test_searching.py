"""The kit's own searches, on real DuckDB files: who is found, since when, with how much, what stands there today."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from evidence_kit.edges import opening, searching
from evidence_kit.edges.relations import Relation, relate
from evidence_kit.edges.vault import rehearsal
from evidence_kit.model.audit import LiveObject, Mapped, Need, SourceMapping
from tests.edges.desks import control, engagement, kept_not, mapping, opened, plain

pytestmark = pytest.mark.slow  # a session and a whole search each

LOG = ("request_id", "capacity", "right_invoked", "subject_key", "responded_at", "status")
ITEMS = ("request_id", "source", "object", "disclosed_rows", "disclosed_fields", "exempt_reason")
CHECKS = ("request_id", "field", "expected_key")
ANSWERED = "2026-03-10 12:00:00+01:00"
PEOPLE = LiveObject("people", "id", {}, persons=("email", "second"), personal=("email", "name", "note"))
Rows = Sequence[Sequence[str | None]]


def request(name: str = "R1", subject: str | None = "ana@x.example", **changes: str | None) -> tuple[str | None, ...]:
    said: dict[str, str | None] = {
        "request_id": name,
        "capacity": "controller",
        "right_invoked": "access",
        "subject_key": subject,
        "responded_at": ANSWERED,
        "status": "closed",
    }
    return tuple({**said, **changes}.values())


def person(
    email: str | None, second: str | None = None, name: str | None = None, note: str | None = None
) -> list[str | None]:
    return [email, second, name, note]


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Rows) -> None:
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        marks = ", ".join("unnest(CAST(? AS VARCHAR[]))" for _ in columns)
        connection.execute(f"INSERT INTO {table} SELECT {marks}", columns)


def base(path: Path, people: Rows, *statements: str) -> Path:
    """A database with one table of people, and whatever else the statements make of it."""
    with duckdb.connect(str(path)) as made:
        made.execute("CREATE TABLE people (id BIGINT, email VARCHAR, second VARCHAR, name VARCHAR, note VARCHAR)")
        fill(made, "people", [[str(number), *row] for number, row in enumerate(people, start=1)])
        for statement in statements:
            made.execute(statement)
    return path


class Search:
    """One session with one base called `crm`, a log, and lines of answers or corrections."""

    def __init__(self, path: Path, objects: Sequence[LiveObject], log: Rows, zone: str = "UTC") -> None:
        self.crm = mapping({}, name="crm", engine="duckdb", timezone=zone, objects=objects)
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        opening.attach(self.connection, self.crm, path)
        self.log = self._relation("request_log", LOG, log)
        self.agreed = engagement([self.crm])

    def stored(self, items: Rows = ()) -> dict[tuple[str, str], dict[str, object]]:
        """(request, object) → its row."""
        relation = self._relation("access_answer_items", ITEMS, items)
        made = searching.stored(self.connection, self.agreed, relation, self.log)
        return {(str(row["request_id"]), str(row["object"])): row for row in self._rows(made)}

    def observed(self, checks: Rows) -> list[dict[str, object]]:
        relation = self._relation("rectification_checks", CHECKS, checks)
        return self._rows(searching.observed(self.connection, self.agreed, relation, self.log))

    def precision(self, kind: str) -> None:
        """The log keeps only the day of an answer."""
        self.connection.execute(f"ALTER TABLE frame_request_log ALTER responded_at TYPE {kind}")
        self.log = replace(self.log, kinds={**self.log.kinds, "responded_at": "date"})

    def _relation(self, frame: str, columns: Sequence[str], rows: Rows) -> Relation:
        listed = ", ".join(f"{name} VARCHAR" for name in columns)
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS desk; CREATE OR REPLACE TABLE desk.{frame} ({listed})")
        fill(self.connection, f"desk.{frame}", rows)
        said = mapping({frame: plain(*columns)}, name="desk", origin=frame)
        made = relate(self.connection, frame, [said], {})
        self.connection.execute("SET schema = 'main'")
        return made

    def _rows(self, relation: Relation) -> list[dict[str, object]]:
        names = list(relation.kinds)
        listed = ", ".join(f"CAST({name} AS VARCHAR)" if name == "checked_at" else name for name in names)
        rows = self.connection.execute(f"SELECT {listed} FROM {relation.table} ORDER BY ALL").fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]


def found(
    tmp_path: Path, people: Rows, subject: str | None, live: LiveObject = PEOPLE
) -> tuple[object, object, object]:
    """Rows, fields and what was unreadable, for one request of `subject`."""
    row = Search(base(tmp_path / "crm.duckdb", people), [live], [request("R1", subject)]).stored()["R1", "people"]
    return row["stored_rows"], row["stored_fields"], row["unreadable"]


# --- who is found -----------------------------------------------------------------------------------------------------

SAME = [
    ("José@Example.FR", "JOSÉ@example.fr"),
    ("josé@example.fr", unicodedata.normalize("NFD", "JOSÉ@EXAMPLE.FR")),
    ("  ana@x.example\t", "\u00a0ana@x.example\u2003\n"),
    ("jo@bücher.example", "JO@xn--bcher-kva.example"),
    ("jo@xn--bcher-kva.example", "jo@BÜCHER.example"),
    ("jo@Bücher.example.", "jo@bücher.example"),
    ("%@x.example", "%@X.example"),
    ("o'neil\"--@x.example", "O'Neil\"--@x.example"),
    ("+33 1 99 00 12 34", "+33199001234"),
    ("K-0042", " K-0042"),
    ("STRASSE@x.example", "straße@X.example"),
    ("Straße@x.example", "STRASSE@x.example"),
    ("ΑΝΔΡΈΑΣ@x.example", "ανδρέας@x.example"),
    ("\u0130nan@x.example", "i\u0307nan@X.example"),
]


@pytest.mark.parametrize(("asked", "stored"), SAME)
def test_one_person_is_found_however_the_address_is_written(tmp_path: Path, asked: str, stored: str) -> None:
    assert found(tmp_path, [person(stored)], asked) == (1, 1, None)


OTHERS = [
    ("%", "ana@x.example"),
    ("%@x.example", "ana@x.example"),
    ("an_@x.example", "ana@x.example"),
    ("ana@x.example", "ana@x.example.other.example"),
    ("ana@x.example", "dana@x.example"),
    ("ana@x.example", "ana+list@x.example"),
    ("josé@x.example", "jose@x.example"),
    ("\u0130nan@x.example", "inan@x.example"),
    ("jo@straße.example", "jo@strasse.example"),
    ("jo@strasse.example", "jo@straße.example"),
    ("K-0042", "k-0042"),
    ("x' OR '1'='1", "ana@x.example"),
    ("ana@x.example", ""),
    ("ana@x.example", None),
    ("ana@x.example", "%"),
]


@pytest.mark.parametrize(("asked", "stored"), OTHERS)
def test_nobody_else_is_found(tmp_path: Path, asked: str, stored: str | None) -> None:
    assert found(tmp_path, [person(stored)], asked) == (0, 0, None)


@pytest.mark.parametrize("nobody", [None, "", " \t", "\u00a0"])
def test_without_an_address_nothing_is_known_and_empty_ones_are_not_the_same_person(
    tmp_path: Path, nobody: str | None
) -> None:
    assert found(tmp_path, [person(""), person(" "), person(None)], nobody) == (None, None, None)


def test_every_blank_around_an_address_is_blank_in_sql_too(tmp_path: Path) -> None:
    blanks = [chr(code) for code in range(1, 0x10000) if chr(code).isspace()]
    people = [person(f"{blank}ana@x.example{blank}") for blank in blanks]
    assert found(tmp_path, people, "ana@x.example") == (len(blanks), 1, None)


def test_a_row_with_two_addresses_of_one_person_is_one_row(tmp_path: Path) -> None:
    people = [person("jo@bücher.example", "JO@xn--bcher-kva.example"), person("ana@x.example", "jo@bücher.example")]
    search = Search(
        base(tmp_path / "crm.duckdb", people), [PEOPLE], [request("R1", "jo@bücher.example"), request("R2")]
    )
    rows = search.stored()
    assert (rows["R1", "people"]["stored_rows"], rows["R2", "people"]["stored_rows"]) == (2, 1)


def test_fields_are_those_that_hold_a_value_in_any_row_of_the_person(tmp_path: Path) -> None:
    people = [
        person("ana@x.example", name="Ana", note=" "),
        person("ana@x.example", note=""),
        person("jo@x.example", name="Jo", note="calls on Mondays"),
    ]
    assert found(tmp_path, people, "ana@x.example") == (2, 2, None)


def test_fields_that_nobody_declared_were_not_counted(tmp_path: Path) -> None:
    assert found(tmp_path, [person("ana@x.example")], "ana@x.example", replace(PEOPLE, personal=())) == (1, None, None)


def test_only_rows_in_scope_are_searched(tmp_path: Path) -> None:
    live = replace(PEOPLE, where="name = 'Ana' OR false")
    assert found(tmp_path, [person("ana@x.example", name="Ana"), person("ana@x.example")], "ana@x.example", live) == (
        1,
        2,
        None,
    )


# --- when it was there ------------------------------------------------------------------------------------------------

#: Kind of the column, its value, the zone texts are written in, and whether the row was there at noon in Paris.
INSTANTS = [
    ("TIMESTAMPTZ", "2026-03-10 11:00:00+00", "UTC", 1),
    ("TIMESTAMPTZ", "2026-03-10 11:00:00.000001+00", "UTC", 0),
    ("TIMESTAMP", "2026-03-10 11:00:00", "UTC", 1),
    ("TIMESTAMP", "2026-03-10 12:00:00", "UTC", 0),
    ("TIMESTAMP", "2026-03-10 12:00:00", "Europe/Paris", 1),
    ("TIMESTAMP", "2026-03-10 12:00:01", "Europe/Paris", 0),
    ("VARCHAR", "2026-03-10T11:00:00Z", "Europe/Paris", 1),
    ("VARCHAR", "2026-03-10T06:00:01-05:00", "UTC", 0),
    ("VARCHAR", "2026-03-10 12:00", "Europe/Paris", 1),
    ("DATE", "2026-03-10", "UTC", 1),
    ("DATE", "2026-03-11", "UTC", 0),
    ("VARCHAR", "2026-03-10", "UTC", 1),
]


def since(tmp_path: Path, kind: str, value: str | None, zone: str, answered: str, *, day: bool = False) -> object:
    literal = "NULL" if value is None else f"'{value}'"
    added = f"ALTER TABLE people ADD COLUMN since {kind}", f"UPDATE people SET since = {literal}"
    path = base(tmp_path / "crm.duckdb", [person("ana@x.example")], "SET TimeZone = 'UTC'", *added)
    search = Search(path, [replace(PEOPLE, dated="since")], [request(responded_at=answered)], zone)
    if day:
        search.precision("DATE")
    row = search.stored()["R1", "people"]
    return row["unreadable"] or row["stored_rows"]


@pytest.mark.parametrize(("kind", "value", "zone", "there"), INSTANTS)
def test_what_came_after_the_answer_was_not_stored_then(
    tmp_path: Path, kind: str, value: str, zone: str, there: int
) -> None:
    assert since(tmp_path, kind, value, zone, ANSWERED) == there


@pytest.mark.parametrize(("value", "there"), [("2026-03-11", 1), ("2026-03-12", 0)])
def test_a_day_is_compared_with_the_local_day_of_the_answer(tmp_path: Path, value: str, there: int) -> None:
    """Half past midnight in Paris is still the day before in UTC."""
    assert since(tmp_path, "DATE", value, "UTC", "2026-03-10 23:30:00+00:00") == there


#: Around midnight in Paris, an hour ahead of UTC.
DAYS = [
    ("TIMESTAMPTZ", "2026-03-10 22:59:59+00", 1),
    ("TIMESTAMPTZ", "2026-03-10 23:00:00+00", 0),
    ("TIMESTAMP", "2026-03-10 23:00:00", 0),
    ("VARCHAR", "2026-03-10T23:59:59+01:00", 1),
    ("DATE", "2026-03-10", 1),
    ("DATE", "2026-03-11", 0),
]


@pytest.mark.parametrize(("kind", "value", "there"), DAYS)
def test_an_answer_known_by_its_day_covers_that_whole_local_day(
    tmp_path: Path, kind: str, value: str, there: int
) -> None:
    assert since(tmp_path, kind, value, "UTC", "2026-03-10 00:00:00+00:00", day=True) == there


@pytest.mark.parametrize("value", [None, "", "soon", "10/03/2026", "infinity", "2026-02-30", "2026-03-10T99:00:00"])
def test_a_row_that_does_not_say_since_when_makes_the_count_unknown(tmp_path: Path, value: str | None) -> None:
    assert since(tmp_path, "VARCHAR", value, "UTC", ANSWERED) == "stored_rows=unreadable-date"


def test_the_dates_of_other_people_change_nothing(tmp_path: Path) -> None:
    live = replace(PEOPLE, dated="note")
    people = [person("ana@x.example", note="2026-01-01"), person("jo@x.example", note="soon")]
    assert found(tmp_path, people, "ana@x.example", live) == (1, 2, None)


# --- beside the answer ------------------------------------------------------------------------------------------------


def test_every_searched_object_has_a_row_and_no_line_of_an_answer_is_lost(tmp_path: Path) -> None:
    calls = LiveObject("calls", "id", {}, persons=("email",), personal=("email",))
    unsearched = LiveObject("notes", "id", {"written": "at"})
    path = base(tmp_path / "crm.duckdb", [person("ana@x.example")], "CREATE TABLE calls AS FROM people LIMIT 0")
    log = [
        request(),
        request("R2", right_invoked="portability"),
        request("R3", right_invoked="erasure"),
        request("R4", capacity="processor"),
        request("R5", responded_at=None),
    ]
    items = [
        ("R1", "crm", "people", "1", "2", None),
        ("R1", "hr", "files", "3", "4", None),
        ("R1", "crm", "notes", None, None, "secrecy of letters"),
        ("R3", "crm", "people", "9", "9", None),
        (None, "crm", "people", "many", "9", None),
    ]
    rows = Search(path, [PEOPLE, calls, unsearched], log).stored(items)
    seen = {key: (row["stored_rows"], row["disclosed_rows"], row["unreadable"]) for key, row in rows.items()}
    assert seen == {
        ("R1", "people"): (1, 1, None),
        ("R1", "calls"): (0, None, None),
        ("R2", "people"): (1, None, None),
        ("R2", "calls"): (0, None, None),
        ("R1", "files"): (None, 3, None),
        ("R1", "notes"): (None, None, None),
        ("R3", "people"): (None, 9, None),
        ("None", "people"): (None, None, "disclosed_rows=unreadable-value"),
    }
    assert (rows["R1", "notes"]["exempt_reason"], rows["R1", "people"]["disclosed_fields"]) == ("secrecy of letters", 2)


GONE = {
    "missing-table": LiveObject("ghosts", "id", {}, persons=("email",)),
    "missing-column": LiveObject("others", "id", {}, persons=("adress",)),
    "our-own-name": LiveObject("others", "id", {}, persons=("address",)),
    "no-such-field": LiveObject("others", "id", {}, persons=("email",), personal=("ek_nothing",)),
    "breaks-on-a-value": LiveObject("others", "id", {}, persons=("email",), personal=("cast(name as integer)",)),
    "bad-where": LiveObject("others", "id", {}, persons=("email",), where="emial = 'x'"),
    "a-table-made-of": LiveObject("others", "id", {}, persons=("email",), dated="(select)"),
}


@pytest.mark.parametrize("gone", GONE.values(), ids=GONE)
def test_an_object_that_does_not_answer_is_told_apart_and_the_others_are_searched(
    tmp_path: Path, gone: LiveObject
) -> None:
    path = base(tmp_path / "crm.duckdb", [person("ana@x.example", name="Ana")], "CREATE TABLE others AS FROM people")
    rows = Search(path, [gone, PEOPLE], [request(), request("R2", None)]).stored(
        [("R1", "crm", gone.name, "1", "1", None)]
    )
    for name in ("R1", "R2"):
        row = rows[name, gone.name]
        assert (row["stored_rows"], row["stored_fields"], row["unreadable"]) == (
            None,
            None,
            "stored_rows=search-failed",
        )
    assert rows["R1", gone.name]["disclosed_rows"] == 1
    assert rows["R1", "people"]["stored_rows"] == 1


def test_the_query_of_an_object_that_does_not_answer_quotes_nothing_of_it(tmp_path: Path) -> None:
    path = base(tmp_path / "crm.duckdb", [person("ana@x.example", name="Ana")])
    search = Search(path, [replace(PEOPLE, personal=("cast(name as integer)",))], [request()])
    relation = search._relation("access_answer_items", ITEMS, [])
    sql = searching.stored(search.connection, search.agreed, relation, search.log).sql
    assert "-- crm.people could not be searched" in sql
    assert "Ana" not in sql
    assert "ana@x.example" not in sql


@pytest.mark.slow
def test_fifty_thousand_rows_and_five_hundred_subjects_are_one_statement(tmp_path: Path) -> None:
    path = base(
        tmp_path / "crm.duckdb",
        [],
        "INSERT INTO people SELECT i, 'P' || i % 900 || '@X.example', CASE WHEN i % 7 = 0 THEN 'p1@x.example' END, "
        "'N' || i, NULL FROM range(50000) t(i)",
    )
    counts = []
    for subjects in (5, 500):
        log = [request(f"R{n}", f"p{n}@x.example") for n in range(subjects)]
        search = Search(path, [PEOPLE], log)
        search.connection.execute("CALL enable_logging('QueryLog')")
        rows = search.stored()
        search.connection.execute("CALL disable_logging()")
        said = search.connection.execute("SELECT message FROM duckdb_logs WHERE type = 'QueryLog'").fetchall()
        counts.append(len(said))
        assert sum('FROM "people"' in message for (message,) in said) == 1
    assert counts[0] == counts[1]
    named = Counter(one for i in range(50_000) for one in {i % 900, 1 if i % 7 == 0 else i % 900})
    assert {name: row["stored_rows"] for (name, _), row in rows.items()} == {f"R{n}": named[n] for n in range(500)}


# --- what was corrected -----------------------------------------------------------------------------------------------

NAMED = replace(PEOPLE, fields={"name": "name", "it's": "note"})


def observed(tmp_path: Path, people: Rows, *checks: tuple[str | None, ...]) -> list[tuple[object, ...]]:
    asked = checks or (("R1", "name", "Ana Née"),)
    rows = Search(base(tmp_path / "crm.duckdb", people), [NAMED], [request(right_invoked="rectification")])
    return [(row["object"], row["field"], row["observed_key"], row["unreadable"]) for row in rows.observed(asked)]


STANDING = [
    (["Ana Née"], "Ana Née"),
    (["Ana Nee"], "Ana Nee"),
    (["Ana Née", "Ana Old", "Ana Older"], "Ana Old"),
    (["Ana Née", None], "Ana Née"),
    ([None, ""], None),
    ([" "], None),
    (["ana née"], "ana née"),
    (["Ana  Née"], "Ana  Née"),
]


@pytest.mark.parametrize(("names", "seen"), STANDING)
def test_what_stands_there_is_seen_and_a_stale_copy_first(
    tmp_path: Path, names: list[str | None], seen: str | None
) -> None:
    people = [person("Ana@x.example", name=name) for name in names] + [person("jo@x.example", name="Jo")]
    assert observed(tmp_path, people) == [("people", "name", seen, None)]


@pytest.mark.parametrize("written", [" Ana Née\u00a0", unicodedata.normalize("NFD", "Ana Née")])
def test_another_writing_of_the_same_value_hides_no_stale_copy(tmp_path: Path, written: str) -> None:
    people = [person("ana@x.example", name=written), person("ana@x.example", name="Zoé Old")]
    assert observed(tmp_path, people) == [("people", "name", "Zoé Old", None)]


def test_a_field_is_looked_for_by_its_word_and_one_that_nobody_keeps_is_said(tmp_path: Path) -> None:
    people = [person("ana@x.example", name="Ana", note="left")]
    checks = [("R1", "name", "Ana"), ("R1", "it's", "right"), ("R1", "shoe size", "38"), ("R9", "name", "Jo")]
    assert observed(tmp_path, people, *checks) == [
        ("(none)", "shoe size", None, None),
        ("people", "it's", "left", None),
        ("people", "name", "Ana", None),
        ("(none)", "name", None, None),
    ]


@pytest.mark.parametrize("subject", [None, "", "jo@x.example"])
def test_a_person_found_nowhere_is_one_row_that_says_so(tmp_path: Path, subject: str | None) -> None:
    search = Search(
        base(tmp_path / "crm.duckdb", [person("ana@x.example"), person("")]), [NAMED], [request("R1", subject)]
    )
    (row,) = search.observed([("R1", "name", "Ana")])
    assert (row["source"], row["object"], row["observed_key"]) == ("(none)", "(none)", None)


def test_a_correction_is_looked_at_on_the_day_of_the_audit_and_not_of_the_clock(tmp_path: Path) -> None:
    search = Search(base(tmp_path / "crm.duckdb", [person("ana@x.example", name="Ana")]), [NAMED], [request()])
    (row,) = search.observed([("R1", "name", "Ana")])
    assert row["checked_at"] == "2026-06-30 21:59:59+00"


def test_an_object_that_does_not_answer_leaves_a_mark_on_its_own_fields_alone(tmp_path: Path) -> None:
    gone = LiveObject("ghosts", "id", {}, persons=("email",), fields={"name": "name"})
    path = base(tmp_path / "crm.duckdb", [person("ana@x.example", name="Ana", note="x")])
    rows = Search(path, [gone, NAMED], [request()]).observed([("R1", "name", "Ana"), ("R1", "it's", "x")])
    seen = [(row["object"], row["field"], row["observed_key"], row["unreadable"]) for row in rows]
    assert seen == [
        ("ghosts", "name", None, "observed_key=search-failed"),
        ("people", "it's", "x", None),
        ("people", "name", "Ana", None),
    ]


# --- as evidence ------------------------------------------------------------------------------------------------------

NEEDS = (
    Need("request_log", ("request_id", "subject_key"), ("responded_at",)),
    Need("access_answer_items", ("request_id", "source", "object", "stored_rows", "disclosed_rows", "stored_fields")),
    Need(
        "rectification_checks",
        ("request_id", "source", "object", "field", "expected_key", "observed_key", "checked_at"),
    ),
)


def desk_of(path: Path) -> SourceMapping:
    tables = {
        "request_log": {**plain(*LOG), **kept_not("reopened_at")},
        "access_answer_items": plain(*ITEMS),
        "rectification_checks": plain(*CHECKS),
    }
    said = mapping({}, name="crm", engine="duckdb", objects=[NAMED])
    frames: Mapping[str, Mapping[str, Mapped]] = tables
    made = mapping(frames, name="crm", engine="duckdb")
    origins = {name: replace(frame, origin=name) for name, frame in made.frames.items()}
    return replace(said, frames=origins)


def test_the_search_becomes_evidence_without_a_value_of_anybody(tmp_path: Path) -> None:
    columns = {"request_log": LOG, "access_answer_items": ITEMS, "rectification_checks": CHECKS}
    made = [
        f"CREATE TABLE {name} ({', '.join(f'{one} VARCHAR' for one in listed)})" for name, listed in columns.items()
    ]
    path = base(
        tmp_path / "crm.duckdb",
        [person("Ana@x.example", name=" Ana Née "), person("ana@x.example", name="Ana Née", note="Ana Old")],
        *made,
        f"INSERT INTO request_log VALUES ('R1', 'controller', 'access', 'ana@x.example', '{ANSWERED}', 'closed')",
        "INSERT INTO access_answer_items VALUES ('R1', 'crm', 'people', '1', '3', NULL)",
        "INSERT INTO rectification_checks VALUES ('R1', 'name', 'Ana Née'), ('R1', 'it''s', 'new')",
    )
    agreed = engagement([desk_of(path)], [control(needs=NEEDS)])
    source = opened(agreed, {"crm": path}, tmp_path / "home")
    fetched = source.fetch(agreed.controls[0], ["R1"], {})
    items, checks = (next(f for f in fetched.frames if f.frame == need.frame) for need in NEEDS[1:])
    assert [
        {k: row[k] for k in ("object", "stored_rows", "disclosed_rows", "stored_fields")} for row in items.rows
    ] == [{"object": "people", "stored_rows": 2, "disclosed_rows": 1, "stored_fields": 3}]
    keys = rehearsal(1, tmp_path / "home" / "vault")
    old, name = keys.pseudonym("value", "Ana Old"), keys.pseudonym("value", "Ana Née")
    seen = {str(row["field"]): (row["expected_key"], row["observed_key"], row["checked_at"]) for row in checks.rows}
    assert seen["name"] == (name, name, "2026-06-30T21:59:59.000000Z")
    assert seen["it's"][1] == old
    assert ("checked_at_local", "date", "none") in checks.columns
    assert not any(word in text for text in (items.sql, checks.sql) for word in ("Ana", "ana@", "Née"))
    assert {"Ana Old", "Ana Née"} <= {value for _, value in source.pseudonymised()}
    source.close()
