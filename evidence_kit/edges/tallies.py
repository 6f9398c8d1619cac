"""Retention measured on live tables: counted where the rows are, one pass an object; only the exceptions come out.

The calendar stays out of SQL: `rules.retention.cutoff` turns the period into a day, and the engine compares. Rows under
a hold are few and subtle; the pure rule judges them one by one. Source: docs/norm/retention.md, sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import duckdb

from evidence_kit.edges.filling import table_of
from evidence_kit.edges.opening import literal, quote, stand_in
from evidence_kit.edges.relations import ISO_DAY, ISO_TIME, ZONED
from evidence_kit.model.audit import LiveObject, SourceMapping
from evidence_kit.model.outcome import Outcome
from evidence_kit.model.retention import Hold, Keep, Kept, Rule, Span, Then, Unit
from evidence_kit.model.sample import Row
from evidence_kit.rules.retention import cutoff, judge_row

#: Exceptions listed per rule and class; the counts are always of all rows.
LISTED = 1000
PLACEHOLDERS = ("0001-01-01", "1900-01-01", "1970-01-01", "9999-12-31")
#: A hold whose days cannot be read, which has an end and no start, or which ends before it starts.
BAD_HOLD = (
    "(hold_from IS NOT NULL AND hold_from__day IS NULL) OR (hold_until IS NOT NULL AND hold_until__day IS NULL) "
    "OR (hold_until IS NOT NULL AND hold_from IS NULL) OR hold_until__day < hold_from__day"
)
FAULTY = ("hold-after-limit", "held-but-not-archived")


class Tally(NamedTuple):
    """One rule measured in the active base: an observation, its exceptions (row keys in clear), the query that ran."""

    observation: dict[str, object]
    exceptions: tuple[dict[str, object], ...]
    sql: str


class Measure(NamedTuple):
    """What a rule needs to be measured: where, which rows, on which day."""

    connection: duckdb.DuckDBPyConnection
    source: SourceMapping
    live: LiveObject
    rule: Rule
    zone: str
    as_of: date
    cutoff_on: date


def read_rule(row: Row) -> Rule:
    """The rule of one `retention_rules` row. Raises ValueError when its period cannot be read."""
    number, _, span = str(row["keep"]).partition(" ")
    keep: Keep = (int(number), Span(span.rstrip("s") + "s"))
    return Rule(
        start=_names(row["start"]),
        keep=keep,
        then=Then(str(row["then"])),
        fallback=_names(row["fallback"]),
        planned=frozenset(_names(row["planned"])),
        grace_days=int(str(row["grace_days"])),
        hold_in_active=bool(row["hold_in_active"]),
    )


def tally(
    connection: duckdb.DuckDBPyConnection, sources: Mapping[str, SourceMapping], row: Row, zone: str, as_of: date
) -> Tally:
    """Measure one rule in the active base; days are those of `zone`.

    An object that is missing or does not answer is an observation too: error.
    """
    try:
        rule = read_rule(row)
        source = sources[str(row["source"])]
        live = source.objects[str(row["object"])]
        measure = Measure(connection, source, live, rule, zone, as_of, cutoff(rule, as_of))
        stand_in(connection, source.name)
        return _measure(str(row["rule_id"]), measure)
    except (KeyError, ValueError, OverflowError, duckdb.Error):
        # Nothing was counted: the rule's unit becomes ERROR, and the reason is that the object could not be read.
        nothing = _observation(str(row["rule_id"]), as_of, as_of, status="error")
        return Tally(nothing, (), f"-- {row['source']}.{row['object']} could not be read\n")


def _measure(rule_id: str, measure: Measure) -> Tally:
    sql = _statement(measure)
    counted = {
        name: (rows, oldest)
        for name, rows, oldest in measure.connection.execute(
            f"{sql}\nSELECT class, count(*), CAST(min(start_on) AS VARCHAR) FROM classed GROUP BY class"
        ).fetchall()
    }
    listed = measure.connection.execute(
        f"{sql}\nSELECT * EXCLUDE (place_in_class) FROM (SELECT *, row_number() OVER (PARTITION BY class "
        f"ORDER BY start_on, row_key) AS place_in_class FROM classed WHERE class <> 'inside') "
        f"WHERE class = 'held' OR place_in_class <= {LISTED} ORDER BY class, start_on, row_key"
    )
    names = [column[0] for column in listed.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in listed.fetchall()]
    judged = [(row, *_judge(measure, row)) for row in rows]
    exceptions = tuple(
        _exception(rule_id, measure, row, unit, kept)
        for row, unit, kept in judged
        if kept.verdict is not Outcome.PASS or kept.reason == "held"
    )
    held = [kept.reason for row, _, kept in judged if row["class"] == "held"]
    # The oldest rows past their limit are always among those listed, so the largest delay is too.
    over = max((kept.days_over or 0 for _, _, kept in judged if kept.verdict is Outcome.FAIL), default=0)
    return Tally(_observed(rule_id, measure, counted, held, over), exceptions, sql + "\nSELECT * FROM classed\n")


def _observed(
    rule_id: str, measure: Measure, counted: Mapping[str, tuple[int, str | None]], held: Sequence[str], over: int
) -> dict[str, object]:
    def rows(name: str) -> int:
        return counted.get(name, (0, None))[0]

    oldest = min((day for name, (_, day) in counted.items() if day is not None and name != "bad"), default=None)
    return _observation(
        rule_id,
        measure.as_of,
        measure.cutoff_on + timedelta(days=1),  # the frame names the last start day still inside, not the first outside
        status="ok",
        rows=sum(rows(name) for name in counted),
        past_limit_rows=rows("past") + held.count("kept-past-limit"),
        held_rows=held.count("held"),
        hold_undocumented_rows=held.count("hold-not-documented"),
        hold_faulty_rows=sum(held.count(reason) for reason in FAULTY),
        start_missing_rows=rows("missing"),
        bad_date_rows=rows("bad"),
        oldest_start_on=oldest,
        max_days_over=over,
    )


def _observation(rule_id: str, as_of: date, cutoff_on: date, *, status: str, **counts: object) -> dict[str, object]:
    numbers = ("rows", "past_limit_rows", "held_rows", "hold_undocumented_rows", "hold_faulty_rows")
    others = ("start_missing_rows", "bad_date_rows", "oldest_start_on", "max_days_over")
    return {
        "rule_id": rule_id,
        "place": "active",
        "as_of": as_of.isoformat(),
        "cutoff_on": cutoff_on.isoformat(),
        **{name: counts.get(name) for name in (*numbers, *others)},
        "status": status,
    }


def _statement(measure: Measure) -> str:
    """The common table expressions `stored`, `dated`, `classed`: one class per row, by section 3."""
    live, rule = measure.live, measure.rule
    hold = live.hold or {}
    origin = f"FROM {table_of(live.name)}" + (f" WHERE {live.where}" if live.where else "")
    events = list(dict.fromkeys((*rule.start, *rule.fallback)))
    columns = [f"CAST(({live.row_key}) AS VARCHAR) AS row_key"]
    columns += [f"{_day_text(measure, origin, live.events[name])} AS {quote(name)}" for name in events]
    columns.append(f"CAST(({hold.get('reference', 'NULL')}) AS VARCHAR) AS hold_reference")
    columns += [f"{_day_text(measure, origin, hold.get(key, 'NULL'))} AS hold_{key}" for key in ("from", "until")]
    days = [f"{_day(quote(name))} AS {quote(name + '__day')}" for name in (*events, "hold_from", "hold_until")]
    start = _latest(rule.start)
    start_on = f"coalesce({start}, {_latest(rule.fallback)})" if rule.fallback else start
    bad = " OR ".join([*(_bad(rule, name, measure.as_of) for name in events), BAD_HOLD])
    return (
        f"WITH stored AS (\n  SELECT {', '.join(columns)}\n  {origin}\n), dated AS (\n"
        f"  SELECT *, {', '.join(days)} FROM stored\n), started AS (\n  SELECT *, {start_on} AS start_on FROM dated\n"
        "), classed AS (\n  SELECT *, CASE\n"
        f"    WHEN coalesce({bad}, false) THEN 'bad'\n"
        "    WHEN start_on IS NULL THEN 'missing'\n"
        f"    WHEN start_on > DATE {literal(measure.cutoff_on.isoformat())} THEN 'inside'\n"
        "    WHEN hold_from IS NOT NULL THEN 'held'\n    ELSE 'past' END AS class\n  FROM started\n)"
    )


def _day_text(measure: Measure, origin: str, expression: str) -> str:
    """One date as the text of its local day; text that is no day stays as it is, and is then called bad."""
    described = measure.connection.execute(f"DESCRIBE SELECT ({expression}) AS value {origin}").fetchall()
    kind = str(described[0][1])
    zone = literal(measure.zone)
    # A time of no known zone is no day: it stays as it is written.
    written = literal(measure.source.timezone) if measure.source.timezone else "CAST(NULL AS VARCHAR)"
    if kind == "DATE":
        return f"strftime(({expression}), '%Y-%m-%d')"
    if kind.startswith("TIMESTAMP") and "ZONE" not in kind:
        local = f"strftime(timezone({zone}, timezone({written}, ({expression}))), '%Y-%m-%d')"
        return f"coalesce({local}, CAST(({expression}) AS VARCHAR))"
    if "ZONE" in kind:
        return f"strftime(timezone({zone}, ({expression})), '%Y-%m-%d')"
    stored = f"CAST(({expression}) AS VARCHAR)"
    naive = f"timezone({written}, TRY_CAST({stored} AS TIMESTAMP))"
    offset = f"regexp_matches({stored}, {literal(ZONED)})"
    moment = f"CASE WHEN {offset} THEN TRY_CAST({stored} AS TIMESTAMPTZ) ELSE {naive} END"
    return (
        f"CASE WHEN regexp_full_match({stored}, {literal(ISO_TIME)}) "
        f"THEN coalesce(strftime(timezone({zone}, {moment}), '%Y-%m-%d'), {stored}) ELSE {stored} END"
    )


def _bad(rule: Rule, name: str, as_of: date) -> str:
    text, day = quote(name), quote(name + "__day")
    tests = [f"({text} IS NOT NULL AND {day} IS NULL)", f"{text} IN ({', '.join(map(literal, PLACEHOLDERS))})"]
    if name not in rule.planned:
        tests.append(f"{day} > DATE {literal(as_of.isoformat())}")
    return " OR ".join(tests)


def _day(text: str) -> str:
    """A day `YYYY-MM-DD` and nothing else: what the engine would also take for one, the rule does not."""
    return f"CASE WHEN regexp_full_match({text}, {literal(ISO_DAY)}) THEN TRY_CAST({text} AS DATE) END"


def _latest(names: Sequence[str]) -> str:
    days = ", ".join(quote(name + "__day") for name in names)
    return f"greatest({days})" if len(names) > 1 else days


def _judge(measure: Measure, row: Mapping[str, object]) -> tuple[Unit, Kept]:
    names = (*measure.rule.start, *measure.rule.fallback)
    events = {name: None if row[name] is None else str(row[name]) for name in names}
    hold = None
    if row["hold_from"] is not None or row["hold_until"] is not None:
        start, until = (None if row[key] is None else str(row[key]) for key in ("hold_from", "hold_until"))
        hold = Hold(start, until, None if row["hold_reference"] is None else str(row["hold_reference"]))
    unit = Unit("active", events, hold)
    return unit, judge_row(measure.rule, unit, measure.as_of)


def _exception(rule_id: str, measure: Measure, row: Mapping[str, object], unit: Unit, kept: Kept) -> dict[str, object]:
    start = None if kept.start is None else kept.start.isoformat()
    hold = unit.hold or Hold(None)
    return {
        "rule_id": rule_id,
        "place": "active",
        "row_key": str(row["row_key"]),
        "start_event": next((name for name, day in unit.events.items() if day is not None and day == start), None),
        "start_on": start,
        "limit_on": None if kept.limit is None else kept.limit.isoformat(),
        "days_over": kept.days_over,
        "hold_from": None if row["hold_from__day"] is None else hold.from_on,
        "hold_until": None if row["hold_until__day"] is None else hold.until_on,
        "hold_ref": hold.reference,
        "reason": kept.reason,
    }


def _names(text: object) -> tuple[str, ...]:
    return () if text is None else tuple(str(text).split())
