"""Retention measured on live tables: counted where the rows are, in one pass, and the exceptions listed beside it.

The rows are grouped by their state and their starting day, so the calendar is asked once per day and not once per row:
`rules.retention` turns periods into days to compare with, and starting days into limits. What is listed is bounded,
holds excepted: of these every row is named. Source: docs/norm/retention.md, sections 2 and 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import duckdb

from evidence_kit.edges import retained
from evidence_kit.edges.declared import active_alone, read_rule
from evidence_kit.edges.opening import stand_in
from evidence_kit.edges.retained import BAD, HELD, MISSING, PAST, UNARCHIVED, UNDER_HOLD, Reading
from evidence_kit.model.audit import LiveObject, SourceMapping
from evidence_kit.model.retention import Keep, Rule
from evidence_kit.model.sample import Row
from evidence_kit.rules.ages import ORDER, bucket, limit_of, phases
from evidence_kit.rules.retention import cutoff

#: Exceptions listed per rule, place and class; the counts are always of all rows, and holds are all listed.
LISTED = 1000
SHOWN = "row_key, start_event, start_on, limit_on, days_over, hold_from, hold_until, hold_ref, reason"
WHERE_HELD = f"hold_from_given AND state = {HELD}"
DAYS = ("start_on", "limit_on", "hold_from", "hold_until")


class Tally(NamedTuple):
    """One rule measured in one place: an observation, its exceptions (row keys in clear), how old its rows are, and the
    query that ran."""

    observation: dict[str, object]
    exceptions: tuple[dict[str, object], ...]
    ages: tuple[dict[str, object], ...]
    sql: str

    @property
    def name(self) -> str:
        """Which rule, and where it was measured when that is not the active base."""
        rule, place = self.observation["rule_id"], self.observation["place"]
        return str(rule) if place == "active" else f"{rule}, {place}"

    def rows(self, frame: str) -> tuple[dict[str, object], ...]:
        """Its rows of one of the three frames of retention. Raises KeyError for another frame."""
        frames = {
            "retention_observations": (self.observation,),
            "retention_exceptions": self.exceptions,
            "retention_ages": self.ages,
        }
        return frames[frame]


class Group(NamedTuple):
    """Rows of one state with the same limit. `limit`: None where they have none; `oldest`: their oldest start."""

    state: int
    limit: date | None
    rows: int
    oldest: date | None


def tally(
    connection: duckdb.DuckDBPyConnection,
    mappings: Mapping[str, SourceMapping],
    row: Row,
    zone: str,
    as_of: date,
    place: str = "active",
) -> Tally:
    """Measure one rule in one place; days are those of `zone`.

    An object that is missing or does not answer is an observation too: error.
    """
    before = "archive_" if place == "archive" else ""
    named = f"{row.get(before + 'source')}.{row.get(before + 'object')}"
    try:
        source = mappings[str(row[before + "source"])]
        live = source.objects[str(row[before + "object"])]
        rule = read_rule(row if place == "archive" else active_alone(row))
        stand_in(connection, source.name)
        return _measure(connection, str(row["rule_id"]), _reading(connection, source, live, rule, place, zone, as_of))
    except (KeyError, ValueError, OverflowError, duckdb.Error):
        # Nothing was counted: the rule's unit becomes ERROR, and the reason is that the object could not be read.
        nothing = _observation(str(row["rule_id"]), place, as_of, as_of, status="error")
        return Tally(nothing, (), (), f"-- {named} could not be read\n")


def _reading(
    connection: duckdb.DuckDBPyConnection,
    source: SourceMapping,
    live: LiveObject,
    rule: Rule,
    place: str,
    zone: str,
    as_of: date,
) -> Reading:
    """What will be read. Raises KeyError for an event that the object does not have and the rule cannot do without.

    In the archive a fallback may be unknown: rows without any start are then counted as such. In the active base the
    archive's own events are read where the object has them: a bad date is bad wherever it is met.
    """
    own = (rule.archive.start or ()) if rule.archive else ()
    needed = (*rule.start, *(own if place == "archive" else rule.fallback))
    missing = [name for name in needed if name not in live.events]
    if missing:
        raise KeyError(missing[0])
    names = dict.fromkeys((*rule.start, *rule.fallback, *own))
    events = {name: live.events[name] for name in names if name in live.events}
    asked = ", ".join(f"({expression}) AS ek_{n}" for n, expression in enumerate(retained.dates(live, events)))
    described = connection.execute(f"DESCRIBE SELECT {asked} {retained.origin(live)}").fetchall()
    kinds = tuple(str(column[1]) for column in described)
    return Reading(live, place, rule, events, kinds, source.timezone, zone, as_of)


def _measure(connection: duckdb.DuckDBPyConnection, rule_id: str, reading: Reading) -> Tally:
    limits = _Limits(connection, reading)
    groups = limits.groups()
    held, over_held = _under_hold(connection, reading, limits, groups)
    exceptions = tuple(_listed(connection, rule_id, reading, limits, groups))
    over = max(
        [over_held, *((reading.as_of - one.limit).days for one in groups if one.state == PAST and one.limit)],
    )
    counts = Counter[int]()
    for one in groups:
        counts[one.state] += one.rows
    oldest = min((one.oldest for one in groups if one.oldest is not None), default=None)
    observation = _observation(
        rule_id,
        reading.place,
        reading.as_of,
        # The frame names the last start day still inside, not the first outside.
        cutoff(reading.rule, reading.as_of, place=reading.place) + timedelta(days=1),
        status="ok",
        rows=counts.total(),
        past_limit_rows=counts[PAST] + held["kept-past-limit"],
        held_rows=held["held"],
        hold_undocumented_rows=held["hold-not-documented"],
        hold_faulty_rows=held["hold-after-limit"] + held["held-but-not-archived"],
        start_missing_rows=counts[MISSING] + counts[UNARCHIVED],
        bad_date_rows=counts[BAD],
        oldest_start_on=oldest and oldest.isoformat(),
        max_days_over=over,
    )
    return Tally(observation, exceptions, _ages(rule_id, reading, groups), limits.sql)


class _Limits:
    """The last day of every starting day that was met, and the groups that came with them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, reading: Reading) -> None:
        self._connection, self._reading = connection, reading
        self._chain = phases(reading.rule, reading.place)
        #: What is bound to the statements that know limits.
        self.bound: dict[str, list[date]] = {"days": [], "limits": []}
        self.sql = f"{retained.counted(reading)};\n\n{retained.judged(reading)}\nSELECT {SHOWN} FROM verdicts;\n"

    def groups(self) -> list[Group]:
        """One pass over the rows; for an archive with events of its own a first one asks which days there are."""
        if self._reading.own:
            self._meet()
            sql = retained.counted(self._reading)
            return [Group(*row) for row in self._connection.execute(sql, self.bound).fetchall()]
        found = self._connection.execute(retained.counted(self._reading)).fetchall()
        groups = [
            Group(state, None if day is None else limit_of(day, self._chain), rows, day) for state, day, rows in found
        ]
        met = {one.oldest: one.limit for one in groups if one.state in (PAST, HELD) and one.oldest and one.limit}
        self.bound = {"days": list(met), "limits": list(met.values())}
        return groups

    def _meet(self) -> None:
        found = self._connection.execute(retained.met(self._reading)).fetchall()
        days = sorted({start for start, _ in found if start is not None})
        archived = sorted({day for _, day in found if day is not None})
        archive = self._reading.rule.archive
        own: Sequence[Keep] = () if archive is None else (archive.keep,)
        self.bound = {
            "days": days,
            "limits": [limit_of(day, self._chain) for day in days],
            "archived": archived,
            "archive_limits": [limit_of(day, own) for day in archived],
        }


def _under_hold(
    connection: duckdb.DuckDBPyConnection, reading: Reading, limits: _Limits, groups: Sequence[Group]
) -> tuple[Counter[str], int]:
    """Rows past their limit and under a hold, by reason, and the most days over of those that fail."""
    if not any(one.state == HELD for one in groups):
        return Counter(), 0
    sql = (
        f"{retained.judged(reading, WHERE_HELD)}\nSELECT reason, count(*), max(days_over) FROM verdicts GROUP BY reason"
    )
    found = connection.execute(sql, limits.bound).fetchall()
    return Counter({reason: rows for reason, rows, _ in found}), max(over or 0 for _, _, over in found)


def _listed(
    connection: duckdb.DuckDBPyConnection, rule_id: str, reading: Reading, limits: _Limits, groups: Sequence[Group]
) -> Iterator[dict[str, object]]:
    """The exceptions: the first of each class, and every row over which a hold has a say. No row, no question."""
    states = {one.state for one in groups}
    # The order does not depend on the engine: keys are compared as text.
    order = f"{'limit_on NULLS FIRST, ' if reading.own else ''}start_on NULLS FIRST, row_key"
    classes = (
        f"state = {BAD} ORDER BY row_key LIMIT {LISTED}",
        f"state = {HELD} AND reason IN ({', '.join(map(repr, UNDER_HOLD))}) ORDER BY {order}",
        f"state IN ({MISSING}, {UNARCHIVED}) ORDER BY {order} LIMIT {LISTED}",
    )
    asked = []
    if states & {BAD, HELD, MISSING, UNARCHIVED}:
        each = "\n  UNION ALL ".join(
            f"(SELECT {n} AS class, {SHOWN} FROM verdicts WHERE {one})" for n, one in enumerate(classes)
        )
        listing = f"SELECT * EXCLUDE (class) FROM ({each})\nORDER BY class, {order}"
        asked.append(f"{retained.judged(reading, 'NOT plain', again=True)}\n{listing}")
    if states & {PAST, HELD}:
        past = f"state IN ({PAST}, {HELD}) AND reason = 'kept-past-limit'"
        listing = f"SELECT {SHOWN} FROM verdicts WHERE {past} ORDER BY {order} LIMIT {LISTED}"
        asked.append(f"{retained.judged(reading, _first(reading, groups), again=True)}\n{listing}")
    names = [name.strip() for name in SHOWN.split(",")]
    for sql in asked:
        for row in connection.execute(sql, limits.bound).fetchall():
            found = dict(zip(names, row, strict=True))
            days = {name: found[name] and found[name].isoformat() for name in DAYS}
            yield {"rule_id": rule_id, "place": reading.place, **found, **days}


def _first(reading: Reading, groups: Sequence[Group]) -> str:
    """Where the first rows past their limit end: a day, so that the engine need not sort all the others."""
    days = Counter[date]()
    for one in groups:
        if one.state == PAST and one.oldest is not None:
            days[one.oldest] += one.rows
    # Where the archive has events of its own, being past the active limit is necessary and not enough.
    last = cutoff(reading.rule, reading.as_of, place="active" if reading.own else reading.place)
    seen = 0
    for day in () if reading.own else sorted(days):
        seen += days[day]
        if seen >= LISTED:
            last = day
            break
    return f"start_on <= DATE '{last.isoformat()}'"


def _ages(rule_id: str, reading: Reading, groups: Sequence[Group]) -> tuple[dict[str, object], ...]:
    """Rows by age beside their limit, from the youngest to the oldest; bars without a row are left out."""
    archive, as_of = reading.rule.archive, reading.as_of
    chain = (archive.keep,) if reading.own and archive else phases(reading.rule, reading.place)
    whole = (limit_of(as_of, chain) - as_of).days
    bars = Counter[str]()
    for one in groups:
        if one.state == BAD:
            bars["bad-date"] += one.rows
        elif one.limit is None or one.state == UNARCHIVED:
            bars["no-start"] += one.rows
        else:
            bars[bucket(one.limit, as_of, whole, reading.rule.grace_days)] += one.rows
    ordered = sorted(bars, key=ORDER.__getitem__)
    return tuple({"rule_id": rule_id, "place": reading.place, "bucket": bar, "rows": bars[bar]} for bar in ordered)


def _observation(
    rule_id: str, place: str, as_of: date, cutoff_on: date, *, status: str, **counts: object
) -> dict[str, object]:
    numbers = ("rows", "past_limit_rows", "held_rows", "hold_undocumented_rows", "hold_faulty_rows")
    others = ("start_missing_rows", "bad_date_rows", "oldest_start_on", "max_days_over")
    return {
        "rule_id": rule_id,
        "place": place,
        "as_of": as_of.isoformat(),
        "cutoff_on": cutoff_on.isoformat(),
        **{name: counts.get(name) for name in (*numbers, *others)},
        "status": status,
    }
