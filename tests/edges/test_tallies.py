"""Retention counted in the engine against the rule, row by row, and against a plain count in Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit.edges import declared, opening, tallies
from evidence_kit.model.audit import LiveObject, SourceMapping
from evidence_kit.model.outcome import Outcome
from evidence_kit.model.retention import Hold, Kept, Unit
from evidence_kit.model.sample import Row
from evidence_kit.rules.retention import judge_row
from tests.edges.desks import mapping

AS_OF = date(2026, 6, 30)
COLUMNS = ("id", "contacted", "collected", "held_from", "held_until", "held_by")
EVENTS = {"last_contact": "contacted", "collected": "collected"}
HOLD = {"reference": "held_by", "from": "held_from", "until": "held_until"}
SESSION = duckdb.connect()
SESSION.execute("SET TimeZone = 'UTC'")


def rule(**changes: object) -> Row:
    said: dict[str, object] = {
        "rule_id": "RUL-1",
        "source": "crm",
        "object": "people",
        "start": "last_contact",
        "fallback": "collected",
        "planned": None,
        "keep": "3 years",
        "grace_days": 0,
        "then": "delete",
        "hold_in_active": True,
    }
    return {**said, **changes}


def source(types: str = "VARCHAR", **changes: object) -> SourceMapping:
    one = LiveObject("people", "id", EVENTS, HOLD)
    said = {"name": one.name, "row_key": one.row_key, "events": one.events, "hold": one.hold, **changes}
    return mapping({}, name="crm", objects=[LiveObject(**said)])  # type: ignore[arg-type]


def fill(rows: Sequence[Sequence[object]], types: Sequence[str] = ("VARCHAR",) * 6) -> None:
    SESSION.execute("CREATE SCHEMA IF NOT EXISTS crm")
    listed = ", ".join(f"{name} {kind}" for name, kind in zip(COLUMNS, types, strict=True))
    SESSION.execute(f"CREATE OR REPLACE TABLE crm.people ({listed})")
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        marks = ", ".join(f"CAST(unnest(CAST(? AS VARCHAR[])) AS {kind})" for kind in types)
        SESSION.execute(f"INSERT INTO crm.people SELECT {marks}", columns)


def measured(rows: Sequence[Sequence[object]], zone: str = "Europe/Paris", **changes: object) -> tallies.Tally:
    fill(rows)
    return tallies.tally(SESSION, {"crm": source()}, rule(**changes), zone, AS_OF)


def judged(row: Sequence[object], said: Row, place: str = "active") -> Kept:
    """The rule's own word on a row whose dates are texts of local days."""
    _, contacted, collected, start, until, reference = (None if cell is None else str(cell) for cell in row)
    hold = None if start is None and until is None else Hold(start, until, reference)
    unit = Unit(place, {"last_contact": contacted, "collected": collected}, hold)
    return judge_row(declared.read_rule(said), unit, AS_OF)


WORDS = {
    "kept-past-limit": "past_limit_rows",
    "held": "held_rows",
    "hold-not-documented": "hold_undocumented_rows",
    "hold-after-limit": "hold_faulty_rows",
    "held-but-not-archived": "hold_faulty_rows",
    "start-event-missing": "start_missing_rows",
    "placeholder-date": "bad_date_rows",
    "unreadable-date": "bad_date_rows",
    "event-in-the-future": "bad_date_rows",
    "hold-ends-before-it-starts": "bad_date_rows",
}
COUNTED = sorted(set(WORDS.values()))

DAYS = st.one_of(
    st.none(),
    st.dates(date(2022, 1, 1), date(2026, 12, 31)).map(date.isoformat),
    st.dates(date(2023, 6, 25), date(2023, 7, 5)).map(date.isoformat),  # around the limit of three years
    st.sampled_from(
        [
            "1900-01-01",
            "1970-01-01",
            "9999-12-31",
            "0001-01-01",
            "2023-02-30",
            "soon",
            "2024-2-3",
            "20240203",
            "",
            "infinity",
        ]
    ),
)
REFERENCES = st.sampled_from([None, "CASE-1"])
ROWS = st.lists(st.tuples(DAYS, DAYS, DAYS, DAYS, REFERENCES), max_size=25)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    ROWS,
    st.sampled_from([None, "last_contact"]),
    st.sampled_from(["3 years", "36 months", "1095 days", "1 year"]),
    st.sampled_from([0, 31]),
    st.booleans(),
    st.sampled_from(["last_contact", "last_contact collected"]),
)
def test_every_row_is_counted_as_the_rule_judges_it(
    cells: list[tuple[str | None, ...]], planned: str | None, keep: str, grace: int, in_active: bool, start: str
) -> None:
    rows = [(f"K{number}", *row) for number, row in enumerate(cells)]
    fallback = None if "collected" in start else "collected"
    said = rule(planned=planned, keep=keep, grace_days=grace, hold_in_active=in_active, start=start, fallback=fallback)
    fill(rows)
    tally = tallies.tally(SESSION, {"crm": source()}, said, "Europe/Paris", AS_OF)
    kept = {row[0]: judged(row, said) for row in rows}
    expected = Counter(WORDS[one.reason] for one in kept.values() if one.reason in WORDS)
    assert {name: tally.observation[name] for name in COUNTED} == {name: expected[name] for name in COUNTED}
    assert tally.observation["rows"] == len(rows) == sum(int(str(one["rows"])) for one in tally.ages)
    starts = [one.start for one in kept.values() if one.start]
    assert tally.observation["oldest_start_on"] == (min(starts).isoformat() if starts else None)
    late = [one.days_over or 0 for one in kept.values() if one.verdict is Outcome.FAIL]
    assert tally.observation["max_days_over"] == max(late, default=0)
    amiss = {key: one for key, one in kept.items() if one.verdict is not Outcome.PASS or one.reason == "held"}
    assert {one["row_key"]: one["reason"] for one in tally.exceptions} == {k: one.reason for k, one in amiss.items()}
    for one in tally.exceptions:
        limit, start_on = kept[str(one["row_key"])].limit, kept[str(one["row_key"])].start
        assert one["limit_on"] == (limit and limit.isoformat())
        assert one["start_on"] == (start_on and start_on.isoformat())


def test_a_plain_count_in_python_agrees() -> None:
    """Ten thousand rows, one a day back from the cut-off, kept for a year: what is older is past."""
    rows = [(f"K{n}", (AS_OF - timedelta(days=n)).isoformat(), None, None, None, None) for n in range(10_000)]
    seen = measured(rows, keep="1 year").observation
    late = [row for row in rows if date.fromisoformat(str(row[1])) < date(2025, 6, 30)]
    assert seen["past_limit_rows"] == len(late) == 10_000 - 366
    assert seen["rows"] == 10_000
    assert seen["oldest_start_on"] == (AS_OF - timedelta(days=9_999)).isoformat()


def test_only_the_first_thousand_exceptions_are_listed_and_every_hold() -> None:
    old = [(f"K{n:05}", "2020-01-01", None, None, None, None) for n in range(1_500)]
    held = [(f"H{n:05}", "2020-01-01", None, "2021-01-01", None, "CASE") for n in range(1_100)]
    tally = measured([*old, *held])
    assert (tally.observation["past_limit_rows"], tally.observation["held_rows"]) == (1_500, 1_100)
    assert Counter(one["reason"] for one in tally.exceptions) == {"kept-past-limit": 1_000, "held": 1_100}


def test_all_holds_are_named_however_many_and_judged_in_the_engine() -> None:
    held = [
        (f"H{n:05}", "2020-01-01", None, f"20{20 + n % 7}-01-01", None, "CASE" if n % 2 else None) for n in range(5_000)
    ]
    tally = measured(held)
    expected = Counter(judged(row, rule()).reason for row in held)
    assert set(expected) == {"held", "hold-not-documented", "hold-after-limit"}
    assert Counter(one["reason"] for one in tally.exceptions) == expected
    assert tally.observation["hold_faulty_rows"] == expected["hold-after-limit"]


def test_the_first_exceptions_are_the_oldest_whatever_the_order_of_the_table() -> None:
    late = [(f"K{n:05}", (AS_OF - timedelta(days=1200 + n % 700)).isoformat(), *[None] * 4) for n in range(3_000)]
    tally = measured(late[::-1])
    first = sorted((str(row[1]), row[0]) for row in late)[:1_000]
    assert [(one["start_on"], one["row_key"]) for one in tally.exceptions] == first
    bad = [(f"B{n:05}", "soon", *[None] * 4) for n in range(1_200)] + [(f"M{n:05}", *[None] * 5) for n in range(1_200)]
    tally = measured(bad[::-1])
    assert [one["row_key"] for one in tally.exceptions] == [f"{key}{n:05}" for key in "BM" for n in range(1_000)]


# --- ages -------------------------------------------------------------------------------------------------------------


def test_ages_tell_how_old_the_rows_are_beside_their_limit() -> None:
    days = ["2026-06-30", "2023-06-30", "2023-06-29", "2023-05-01", "2020-01-01", "1900-01-01", None]
    rows = [(f"K{n}", day, *[None] * 4) for n, day in enumerate(days)]
    ages = measured(rows, grace_days=1).ages
    assert [(one["bucket"], one["rows"]) for one in ages] == [
        *(("twelfth-01", 1), ("twelfth-12", 1), ("grace", 1), ("over-90-days", 1)),
        *(("over-more", 1), ("no-start", 1), ("bad-date", 1)),
    ]


def test_a_planned_end_far_ahead_has_its_own_bar_and_no_limit_is_needed() -> None:
    tally = measured([("K1", "9999-06-01", *[None] * 4), ("K2", "2026-07-01", *[None] * 4)], planned="last_contact")
    assert [(one["bucket"], one["rows"]) for one in tally.ages] == [("ahead", 2)]
    assert (tally.observation["bad_date_rows"], tally.observation["max_days_over"]) == (0, 0)


# --- the archive ------------------------------------------------------------------------------------------------------

ARCHIVED = {
    "archive_source": "crm",
    "archive_object": "people",
    "archive_start": "end-of-active",
    "archive_keep": "2 years",
    "archive_then": "delete",
}


def in_archive(rows: Sequence[Sequence[object]], **changes: object) -> tallies.Tally:
    fill(rows)
    said = rule(**{**ARCHIVED, **changes})
    return tallies.tally(SESSION, {"crm": source()}, said, "Europe/Paris", AS_OF, "archive")


def some_rows(seed: int) -> list[tuple[str | None, ...]]:
    """Sixty rows over four years, seldom odd: one odd day of a row hides what is said of its others."""
    dice = Random(seed)

    def day(known: float) -> str | None:
        if dice.random() < 0.02:
            return dice.choice(["1970-01-01", "soon", "2027-01-01"])
        return (AS_OF - timedelta(days=dice.randrange(1_500))).isoformat() if dice.random() < known else None

    return [(f"K{n}", day(0.9), day(0.8), day(0.3), day(0.1), dice.choice([None, "CASE-1"])) for n in range(60)]


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["end-of-active", "collected", "collected last_contact"]),
    st.sampled_from(["1 year", "18 months"]),
    st.sampled_from([0, 31]),
)
def test_every_row_of_the_archive_is_counted_as_the_rule_judges_it(
    seed: int, start: str, keep: str, grace: int
) -> None:
    rows = some_rows(seed)
    changes = {"archive_start": start, "archive_keep": keep, "grace_days": grace, "keep": "1 year", "fallback": None}
    tally = in_archive(rows, **changes)
    kept = {row[0]: judged(row, rule(**{**ARCHIVED, **changes}), "archive") for row in rows}
    words = {**WORDS, "archive-start-missing": "start_missing_rows"}
    expected = Counter(words[one.reason] for one in kept.values() if one.reason in words)
    assert {name: tally.observation[name] for name in COUNTED} == {name: expected[name] for name in COUNTED}
    assert (tally.observation["rows"], tally.observation["place"]) == (len(rows), "archive")
    late = [one.days_over or 0 for one in kept.values() if one.verdict is Outcome.FAIL]
    assert tally.observation["max_days_over"] == max(late, default=0)
    amiss = {key: one for key, one in kept.items() if one.verdict is not Outcome.PASS or one.reason == "held"}
    assert {one["row_key"]: one["reason"] for one in tally.exceptions} == {k: one.reason for k, one in amiss.items()}
    assert {one["row_key"]: one["limit_on"] for one in tally.exceptions} == {
        key: one.limit and one.limit.isoformat() for key, one in amiss.items()
    }
    assert sum(int(str(one["rows"])) for one in tally.ages) == len(rows)


def test_the_day_of_an_archive_is_counted_through_both_phases() -> None:
    tally = in_archive([("K1", "2021-06-30", *[None] * 4), ("K2", "2021-06-29", *[None] * 4)])
    assert tally.observation["cutoff_on"] == "2021-06-30"
    assert [(one["row_key"], one["days_over"], one["place"]) for one in tally.exceptions] == [("K2", 1, "archive")]


def test_a_hold_keeps_a_row_in_the_archive_where_the_active_base_may_not() -> None:
    rows = [("K1", "2015-01-01", None, "2016-01-01", None, "CASE")]
    assert measured(rows, hold_in_active=False).observation["hold_faulty_rows"] == 1
    assert in_archive(rows, hold_in_active=False).observation["held_rows"] == 1


def test_without_an_archive_phase_the_archive_is_judged_by_the_active_limit() -> None:
    tally = in_archive([("K1", "2023-06-29", *[None] * 4)], archive_keep=None, archive_start=None)
    assert (tally.observation["past_limit_rows"], tally.exceptions[0]["limit_on"]) == (1, "2026-06-29")


@pytest.mark.parametrize(
    "changes",
    [
        {"archive_source": None},
        {"archive_object": "nothing_there"},
        {"archive_keep": "for ever"},
        {"archive_start": None},
        {"archive_start": "closed"},
        {"archive_then": "archive"},
    ],
    ids=repr,
)
def test_an_archive_that_cannot_be_measured_is_an_error_and_the_active_base_is_measured_still(
    changes: dict[str, object],
) -> None:
    rows = [("K1", "2020-01-01", *[None] * 4)]
    tally = in_archive(rows, **changes)
    assert (tally.observation["status"], tally.observation["rows"]) == ("error", None)
    assert (tally.exceptions, tally.ages) == ((), ())
    active = tallies.tally(SESSION, {"crm": source()}, rule(**{**ARCHIVED, **changes}), "Europe/Paris", AS_OF)
    assert (active.observation["status"], active.observation["past_limit_rows"]) == ("ok", 1)


def test_in_the_archive_a_fallback_may_be_unknown_and_a_start_may_not() -> None:
    fill([("K1", None, "2015-01-01", *[None] * 3), ("K2", "2015-01-01", *[None] * 4)])
    said = rule(**ARCHIVED)
    for events, status, missing in (
        ({"last_contact": "contacted"}, "ok", 1),
        ({"collected": "collected"}, "error", None),
    ):
        one = {"crm": source(events=events)}
        seen = tallies.tally(SESSION, one, said, "Europe/Paris", AS_OF, "archive").observation
        assert (seen["status"], seen["start_missing_rows"]) == (status, missing)


def test_a_rule_is_measured_where_it_says() -> None:
    assert (declared.places(rule()), declared.sources(rule())) == (("active",), ("crm",))
    said = rule(**{**ARCHIVED, "archive_source": "vault"})
    assert (declared.places(said), declared.sources(said)) == (("active", "archive"), ("crm", "vault"))


# --- types and zones --------------------------------------------------------------------------------------------------

MIXED = [
    ("DATE", "2023-06-30", "within"),
    ("DATE", "2023-06-29", "past"),
    # In UTC this is 29 June; in Paris it is 30 June, the last day inside.
    ("TIMESTAMPTZ", "2023-06-29 22:30:00+00", "within"),
    ("TIMESTAMPTZ", "2023-06-29 21:30:00+00", "past"),
    ("VARCHAR", "2023-06-29T22:30:00Z", "within"),
    ("VARCHAR", "2023-06-29 17:30:00-05:00", "within"),
    ("VARCHAR", "2023-06-29T21:30:00Z", "past"),
    ("VARCHAR", "2023-06-30", "within"),
    # Without an offset it was written in the source's zone.
    ("TIMESTAMP", "2023-06-29 23:30:00", "past"),
    ("VARCHAR", "2023-06-29 23:30:00", "past"),
    ("VARCHAR", "2023-06-30T00:00:00.5", "within"),
]


@pytest.mark.parametrize(("kind", "text", "where"), MIXED)
def test_dates_of_every_type_are_local_days(kind: str, text: str, where: str) -> None:
    fill([("K1", text, None, None, None, None)], ("VARCHAR", kind, "VARCHAR", "DATE", "DATE", "VARCHAR"))
    seen = tallies.tally(SESSION, {"crm": source()}, rule(), "Europe/Paris", AS_OF).observation
    assert (seen["past_limit_rows"], seen["bad_date_rows"], seen["rows"]) == (int(where == "past"), 0, 1)


@pytest.mark.parametrize("kind", ["TIMESTAMP", "VARCHAR"])
def test_a_time_without_offset_is_of_the_sources_zone(kind: str) -> None:
    """Written in UTC at 22:30 on the 29th, it is the 30th in Paris: inside, although its own date is past."""
    fill([("K1", "2023-06-29 22:30:00", None, None, None, None)], ("VARCHAR", kind, *["VARCHAR"] * 4))
    in_utc = SourceMapping(**{**{f: getattr(source(), f) for f in source().__slots__}, "timezone": "UTC"})
    seen = tallies.tally(SESSION, {"crm": in_utc}, rule(), "Europe/Paris", AS_OF).observation
    assert seen["past_limit_rows"] == 0


@pytest.mark.parametrize("kind", ["TIMESTAMP", "VARCHAR"])
def test_a_time_of_no_known_zone_is_no_day(kind: str) -> None:
    fill([("K1", "2020-01-01 10:00:00", None, None, None, None)], ("VARCHAR", kind, *["VARCHAR"] * 4))
    zoneless = SourceMapping(**{**{f: getattr(source(), f) for f in source().__slots__}, "timezone": None})
    seen = tallies.tally(SESSION, {"crm": zoneless}, rule(), "Europe/Paris", AS_OF).observation
    assert (seen["bad_date_rows"], seen["past_limit_rows"]) == (1, 0)


@pytest.mark.parametrize(
    "text", ["2023-06-29 soon", "2023-06-29T99:00:00", "29/06/2023", " 2023-06-29", "2023-06-29 (BC)", "epoch"]
)
def test_text_that_is_no_date_is_bad_and_not_cut_to_one(text: str) -> None:
    seen = measured([("K1", text, None, None, None, None)]).observation
    assert (seen["bad_date_rows"], seen["past_limit_rows"]) == (1, 0)


def test_an_unreadable_hold_is_bad_and_its_text_stays_inside() -> None:
    tally = measured([("K1", "2020-01-01", None, "agathe@cachet.example", None, None)])
    assert tally.observation["bad_date_rows"] == 1
    assert [one["hold_from"] for one in tally.exceptions] == [None]


def test_only_rows_in_scope_are_counted() -> None:
    fill([("K1", "2020-01-01", None, None, None, None), ("K2", "2020-01-01", None, None, None, "x")])
    seen = tallies.tally(SESSION, {"crm": source(where="held_by is null")}, rule(), "Europe/Paris", AS_OF).observation
    assert (seen["rows"], seen["past_limit_rows"]) == (1, 1)


# --- objects that do not answer ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"object": "strangers"},
        {"source": "nowhere"},
        {"keep": "some years"},
        {"start": "no_such_event"},
        {"keep": "9000 years"},
    ],
    ids=lambda changes: next(iter(changes.values())),
)
def test_what_cannot_be_measured_is_an_error_and_not_a_zero(changes: dict[str, object]) -> None:
    tally = measured([], **changes)
    assert tally.observation["status"] == "error"
    assert tally.observation["rows"] is None
    assert tally.exceptions == ()


def test_a_table_that_is_gone_is_an_error() -> None:
    gone = mapping({}, name="crm", objects=[LiveObject("ghosts", "id", EVENTS, HOLD)])
    tally = tallies.tally(SESSION, {"crm": gone}, rule(object="ghosts"), "Europe/Paris", AS_OF)
    assert (tally.observation["status"], tally.observation["rows"]) == ("error", None)


def test_a_table_that_vanishes_while_it_is_measured_is_an_error() -> None:
    fill([("K1", "2020-01-01", *[None] * 4)])

    class Dropping:
        """A connection whose table goes after the rows were counted."""

        def execute(self, sql: str, *bound: object) -> duckdb.DuckDBPyConnection:
            if "verdicts" in sql:
                SESSION.execute("DROP TABLE IF EXISTS crm.people")
            return SESSION.execute(sql, *bound)

    tally = tallies.tally(Dropping(), {"crm": source()}, rule(), "Europe/Paris", AS_OF)  # type: ignore[arg-type]
    assert (tally.observation["status"], tally.observation["rows"], tally.exceptions) == ("error", None, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"events": {**EVENTS, "last_contact": "CAST(contacted AS INTEGER)"}},
        {"events": {**EVENTS, "last_contact": "no_such_column"}},
        {"row_key": "CAST(id AS INTEGER)"},
        {"hold": {"reference": "held_by", "from": "no_such_column"}},
        {"where": "contacted ="},
    ],
    ids=repr,
)
def test_an_expression_that_fails_is_an_error_and_quotes_no_value(changes: dict[str, object]) -> None:
    fill([("agathe@cachet.example", "2020-01-01", *[None] * 4)])
    tally = tallies.tally(SESSION, {"crm": source(**changes)}, rule(), "Europe/Paris", AS_OF)
    assert (tally.observation["status"], tally.observation["rows"]) == ("error", None)
    assert "agathe" not in repr(tally)


def test_columns_that_bear_the_names_of_our_own_do_not_answer_for_them() -> None:
    """A table whose columns are called as the statement's own would change the answer if they were mixed up."""
    ours = [
        "ek_0",
        "ek_1",
        "ek_day_0",
        "row_key",
        "start_on",
        "state",
        "plain",
        "hold_from",
        "hold_reference",
        "limit_on",
    ]
    listed = ", ".join(f"'1990-01-01' AS {name}" for name in ours)
    SESSION.execute(f"CREATE OR REPLACE TABLE crm.people AS SELECT 'K1' AS id, '2020-01-01' AS contacted, {listed}")
    one = source(events={"last_contact": "contacted"}, hold=None)
    tally = tallies.tally(SESSION, {"crm": one}, rule(fallback=None), "Europe/Paris", AS_OF)
    assert [(one["row_key"], one["start_on"], one["hold_from"]) for one in tally.exceptions] == [
        ("K1", "2020-01-01", None)
    ]


def test_hostile_names_of_tables_columns_and_events_are_names() -> None:
    table, column = "x'; DROP TABLE people; --", "a\"b'; DROP"
    SESSION.execute(
        f"CREATE OR REPLACE TABLE crm.{opening.quote(table)} ({opening.quote(column)} DATE); "
        f"INSERT INTO crm.{opening.quote(table)} VALUES ('2020-01-01')"
    )
    live = LiveObject(table, "1", {"it's": opening.quote(column)})
    named = {"crm": mapping({}, name="crm", objects=[live])}
    tally = tallies.tally(SESSION, named, rule(object=table, start="it's", fallback=None), "Europe/Paris", AS_OF)
    assert [(one["start_event"], one["reason"]) for one in tally.exceptions] == [("it's", "kept-past-limit")]


def test_an_empty_table_is_counted_and_has_no_row() -> None:
    seen = measured([]).observation
    assert (seen["status"], seen["rows"], seen["oldest_start_on"], seen["max_days_over"]) == ("ok", 0, None, 0)


def test_names_with_quotes_and_schemas(tmp_path: Path) -> None:
    base = tmp_path / "base.duckdb"
    with duckdb.connect(str(base)) as made:
        made.execute("CREATE TABLE \"pe\"\"ople\" AS SELECT 'K1' AS id, DATE '2020-01-01' AS contacted")
    one = LiveObject('pe"ople', "id", {"last_contact": "contacted"})
    opened = mapping({}, name="crm", engine="duckdb", objects=[one])
    connection = duckdb.connect()
    opening.attach(connection, opened, base)
    tally = tallies.tally(connection, {"crm": opened}, rule(object='pe"ople', fallback=None), "Europe/Paris", AS_OF)
    assert tally.observation["past_limit_rows"] == 1
