"""Section 3 of the norm, as the SQL that an engine runs, against the rule: every reason, start, limit and day over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit.edges import retained, tallies
from evidence_kit.model.audit import LiveObject
from evidence_kit.model.retention import Archive, Hold, Rule, Span, Then, Unit
from evidence_kit.rules.ages import limit_of, phases
from evidence_kit.rules.retention import judge_row
from tests.edges.desks import mapping
from tests.spec.norm import norm
from tests.spec.test_retention import RULES, unit_of

NORM = norm("retention")
SESSION = duckdb.connect()
SESSION.execute("SET TimeZone = 'UTC'; CREATE SCHEMA crm")
HOLD = {"reference": "held_by", "from": "held_from", "until": "held_until"}
Said = tuple[str, str | None, str | None, int | None]


def names_of(rule: Rule) -> list[str]:
    own = (rule.archive.start or ()) if rule.archive else ()
    return list(dict.fromkeys((*rule.start, *rule.fallback, *own)))


def reading_of(rule: Rule, place: str, units: Sequence[Unit], as_of: date, kind: str = "VARCHAR") -> retained.Reading:
    """A table with one row per unit, dates as `kind`, and how it is read."""
    names = names_of(rule)
    columns = [*names, "held_from", "held_until"]
    SESSION.execute(
        f"CREATE OR REPLACE TABLE crm.people (id INTEGER, held_by VARCHAR, {', '.join(f'{c} {kind}' for c in columns)})"
    )
    rows = []
    for number, unit in enumerate(units):
        hold = unit.hold or Hold(None)
        rows.append([number, hold.reference, *(unit.events.get(n) for n in names), hold.from_on, hold.until_on])
    if rows:
        marks = ", ".join(["unnest(CAST(? AS INTEGER[]))", "unnest(CAST(? AS VARCHAR[]))"])
        marks += "".join(f", CAST(unnest(CAST(? AS VARCHAR[])) AS {kind})" for _ in columns)
        SESSION.execute(f"INSERT INTO crm.people SELECT {marks}", [list(column) for column in zip(*rows, strict=True)])
    live = LiveObject("people", "id", {name: name for name in names}, HOLD)
    source = mapping({}, name="crm", objects=[live])
    SESSION.execute("SET schema = 'crm'")
    return tallies._reading(SESSION, source, live, rule, place, "Europe/Paris", as_of)


def by_engine(reading: retained.Reading) -> dict[int, Said]:
    """What the SQL says of every row; the limits of all days that are there are bound."""
    met = SESSION.execute(retained.met(reading)).fetchall()
    days = sorted({start for start, _ in met if start is not None})
    bound: dict[str, Any] = {
        "days": days,
        "limits": [limit_of(day, phases(reading.rule, reading.place)) for day in days],
    }
    if reading.own and reading.rule.archive:
        archived = sorted({day for _, day in met if day is not None})
        limits = [limit_of(day, (reading.rule.archive.keep,)) for day in archived]
        bound |= {"archived": archived, "archive_limits": limits}
    found = SESSION.execute(
        f"{retained.judged(reading)}\nSELECT row_key, reason, start_on, limit_on, days_over FROM verdicts", bound
    ).fetchall()
    return {
        int(key): (reason, start and start.isoformat(), limit and limit.isoformat(), over)
        for key, reason, start, limit, over in found
    }


def by_rule(rule: Rule, units: Sequence[Unit], as_of: date) -> dict[int, Said]:
    found = {}
    for number, unit in enumerate(units):
        kept = judge_row(rule, unit, as_of)
        start, limit = (None if day is None else day.isoformat() for day in (kept.start, kept.limit))
        found[number] = (kept.reason, start, limit, kept.days_over)
    return found


STORED = [v for v in NORM["retention"] if v["unit"]["place"] in ("active", "archive") and v["rule"] in RULES]


@pytest.mark.parametrize("place", ["active", "archive"])
def test_the_engine_judges_the_rows_of_the_norm(place: str) -> None:
    mine = [vector for vector in STORED if vector["unit"]["place"] == place]
    assert len(mine) > 10
    for name, as_of in {(vector["rule"], vector["as_of"]) for vector in mine}:
        asked = [vector for vector in mine if (vector["rule"], vector["as_of"]) == (name, as_of)]
        units = [unit_of(vector["unit"]) for vector in asked]
        found = by_engine(reading_of(RULES[name], place, units, date.fromisoformat(as_of)))
        for number, vector in enumerate(asked):
            out = vector["out"]
            assert found[number] == (out["reason"], out["start"], out["limit"], out["days_over"]), vector["id"]


AS_OF = date(2025, 6, 30)
keeps = st.sampled_from([(0, Span.DAYS), (30, Span.DAYS), (6, Span.MONTHS), (13, Span.MONTHS), (3, Span.YEARS)])
archives = st.none() | st.builds(
    Archive, st.sampled_from([None, ("closed",), ("closed", "last")]), keeps, st.just(Then.DELETE)
)
rules = st.builds(
    Rule,
    start=st.sampled_from([("last",), ("last", "met")]),
    keep=keeps,
    then=st.just(Then.DELETE),
    fallback=st.sampled_from([(), ("collected",), ("collected", "closed")]),
    planned=st.sampled_from([frozenset(), frozenset({"last"}), frozenset({"closed"})]),
    grace_days=st.sampled_from([0, 1, 31]),
    archive=archives,
    hold_in_active=st.booleans(),
)
near = st.dates(date(2025, 5, 25), date(2025, 7, 3))
days = st.one_of(
    st.dates(date(2020, 1, 1), date(2026, 1, 1)).map(date.isoformat),
    near.map(date.isoformat),
    near.map(lambda day: day.replace(year=2022).isoformat()),
)
odd = st.sampled_from(["1900-01-01", "1970-01-01", "9999-12-31", "0001-01-01", "0000-01-01", "2023-02-30", "", "soon"])
dates = st.none() | days | days | days | odd
holds = st.none() | st.builds(Hold, dates, dates, st.sampled_from([None, "", "LIT-7"]))
events = st.fixed_dictionaries(dict.fromkeys(("last", "met", "collected", "closed"), dates))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(rules, st.sampled_from(["active", "archive"]), st.lists(st.tuples(events, holds), min_size=20, max_size=80))
def test_the_engine_judges_as_the_rule_does(
    rule: Rule, place: str, rows: list[tuple[Mapping[str, str | None], Hold | None]]
) -> None:
    # A hold of which neither day is known is none: a table cannot say otherwise.
    told = [(seen, None if hold and hold.from_on is None and hold.until_on is None else hold) for seen, hold in rows]
    units = [Unit(place, seen, hold) for seen, hold in told]
    assert by_engine(reading_of(rule, place, units, AS_OF)) == by_rule(rule, units, AS_OF)


sound = st.none() | days
sound_events = st.fixed_dictionaries(dict.fromkeys(("last", "met", "collected", "closed"), sound))
sound_holds = st.none() | st.builds(Hold, days, sound, st.sampled_from([None, "LIT-7"]))


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    rules,
    st.sampled_from(["active", "archive"]),
    st.sampled_from(["DATE", "TIMESTAMP", "TIMESTAMP_S"]),
    st.lists(st.tuples(sound_events, sound_holds), min_size=10, max_size=40),
)
def test_days_and_times_are_judged_as_their_text_is(
    rule: Rule, place: str, kind: str, rows: list[tuple[Mapping[str, str | None], Hold | None]]
) -> None:
    units = [Unit(place, seen, hold) for seen, hold in rows]
    assert by_engine(reading_of(rule, place, units, AS_OF, kind)) == by_rule(rule, units, AS_OF)


@pytest.mark.parametrize("day", ["infinity", "-infinity", "0044-03-15 (BC)", "10000-01-01"])
@pytest.mark.parametrize("kind", ["DATE", "TIMESTAMP", "TIMESTAMPTZ"])
def test_what_an_engine_takes_for_a_date_and_no_calendar_has_is_unreadable(kind: str, day: str) -> None:
    rule = Rule(("last",), (3, Span.YEARS), Then.DELETE)
    for unit in (Unit("active", {"last": day}), Unit("active", {"last": "2020-01-01"}, Hold(day, None, "LIT-7"))):
        reading = reading_of(rule, "active", [unit], AS_OF, kind)
        assert by_engine(reading) == {0: ("unreadable-date", None, None, None)}


def around(day: date, *shifts: int) -> list[str]:
    return [(day + timedelta(days=shift)).isoformat() for shift in shifts]


@pytest.mark.parametrize("place", ["active", "archive"])
@pytest.mark.parametrize("grace", [0, 7])
def test_holds_are_judged_to_the_day(place: str, grace: int) -> None:
    """Every start, begin and end of a hold one day before, on and after the days on which the verdict turns."""
    rule = Rule(("last",), (6, Span.MONTHS), Then.DELETE, grace_days=grace, hold_in_active=place == "active")
    units = []
    for back in (0, 1, grace, grace + 1, 60):
        last = AS_OF - timedelta(days=back)
        start = next(
            day for day in around(last, *range(-184, -178)) if limit_of(date.fromisoformat(day), [rule.keep]) >= last
        )
        limit = limit_of(date.fromisoformat(start), [rule.keep])
        begins = [*around(limit, -1, 0, 1, grace, grace + 1), *around(AS_OF, 0, 1)]
        ends = [None, *around(AS_OF, -grace - 1, -grace, -1, 0, 1), *around(limit, -1, 0, 1)]
        for begin, end, reference in product(begins, ends, (None, "", "LIT-7")):
            units.append(Unit(place, {"last": start}, Hold(begin, end, reference)))
    found = by_engine(reading_of(rule, place, units, AS_OF))
    assert found == by_rule(rule, units, AS_OF)
    reasons = {said[0] for said in found.values()}
    assert reasons >= {"held", "hold-not-documented", "hold-after-limit", "kept-past-limit", "within-active"}
    assert ("within-grace" in reasons) or not grace
