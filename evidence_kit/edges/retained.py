"""What retention asks an engine, as SQL text: the class of a row for counting, the rule's whole verdict for listing.

The calendar stays out of it: days to compare with are literals, computed once per rule, and the limit of a starting day
comes in a list that is bound. Section 3 of docs/norm/retention.md is one CASE here; the tests hold it to
`rules.retention.judge_row`, reason by reason and day by day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from evidence_kit.edges import local_days
from evidence_kit.edges.opening import literal, quote
from evidence_kit.model.audit import LiveObject
from evidence_kit.model.retention import Rule
from evidence_kit.rules.retention import cutoff

PLACEHOLDERS = ("0001-01-01", "1900-01-01", "1970-01-01", "9999-12-31")
INSIDE, BAD, MISSING, UNARCHIVED, HELD, PAST = range(6)
STATES = "-- state: 0 inside, 1 bad date, 2 start missing, 3 archive start missing, 4 past and under a hold, 5 past\n"
#: Reasons of rows past their limit over which a hold has a say: all of them are listed.
UNDER_HOLD = ("held", "hold-not-documented", "hold-after-limit", "held-but-not-archived")


@dataclass(frozen=True, slots=True)
class Reading:
    """One object in one place under one rule. `events`: name to expression, those that are read, in the rule's order.

    `kinds`: the engine's type of each event, then of the start and the end of a hold. `written`: zone of its times
    without offset, None where nobody knows it; `zone`: where days are counted.
    """

    live: LiveObject
    place: str
    rule: Rule
    events: dict[str, str]
    kinds: tuple[str, ...]
    written: str | None
    zone: str
    as_of: date

    @property
    def own(self) -> tuple[str, ...]:
        """The archive's own starting events, where rows are judged by them."""
        return (self.rule.archive.start or ()) if self.place == "archive" and self.rule.archive else ()

    @property
    def origin(self) -> str:
        """FROM and WHERE of the object."""
        return origin(self.live)

    def named(self, names: Sequence[str]) -> list[str]:
        """The SQL names of the days of those events that are read."""
        every = list(self.events)
        return [f"ek_day_{every.index(name)}" for name in names if name in self.events]


def origin(live: LiveObject) -> str:
    """FROM and WHERE of a live object."""
    table = quote(live.name)
    return f"FROM {table}" + (f" WHERE {live.where}" if live.where else "")


def dates(live: LiveObject, events: dict[str, str]) -> list[str]:
    """The expressions of all dates that are read; an object without holds has none."""
    hold = live.hold or {}
    return [*events.values(), *(hold.get(key, "CAST(NULL AS DATE)") for key in ("from", "until"))]


def counted(reading: Reading) -> str:
    """One pass: rows by state and starting day, or by state and limit where the archive has events of its own.

    Columns: state, day, rows, and in the second form the oldest start.
    """
    start = f"CASE WHEN state <> {BAD} THEN start_on END"
    if not reading.own:
        return f"{STATES}{_started(reading)}\nSELECT state, {start} AS day, count(*) AS rows FROM started GROUP BY ALL"
    return (
        f"{STATES}{_limited(reading)}\nSELECT state, limit_on, count(*) AS rows, min({start}) AS oldest FROM limited "
        "GROUP BY ALL"
    )


def met(reading: Reading) -> str:
    """The starting days, and the days of the archive's own events, of rows with sound dates; one of the two is null."""
    return (
        f"{_started(reading)}\nSELECT start_on, archived_on FROM started WHERE state <> {BAD} "
        "GROUP BY GROUPING SETS ((start_on), (archived_on))"
    )


def judged(reading: Reading, where: str = "true", *, again: bool = False) -> str:
    """Rows with the rule's verdict on each: `verdicts`, the last of the common table expressions.

    `where`: which rows, in columns of `started`; `plain`, `start_on` and `hold_from_given` are quickly compared.
    `again`: they are asked for more than once, and found once.
    """
    today, grace = _date(reading.as_of), reading.rule.grace_days
    hold_over = (
        f"coalesce({today} - limit_on > {grace} AND hold_from - limit_on <= {grace} AND hold_until < {today}, false)"
    )
    start_event = " ".join(
        f"WHEN {day} = start_on THEN {literal(name)}"
        for name, day in _pairs(reading, (*reading.rule.start, *reading.rule.fallback))
    )
    return (
        f"{_limited(reading, where, again=again)}, reasoned AS (\n"
        f"  SELECT *, {hold_over} AS hold_over, coalesce(hold_reference <> '', false) AS documented,\n"
        f"    {_reason(reading)} AS reason\n  FROM limited\n), lengthened AS (\n"
        # Without a reference a hold never lengthens the limit of a FAIL.
        "  SELECT *, CASE WHEN hold_over AND reason IN ('kept-past-limit', 'within-grace', 'hold-not-documented') "
        "AND (documented OR reason <> 'kept-past-limit')\n"
        "    THEN greatest(limit_on, hold_until) ELSE limit_on END AS last_on\n  FROM reasoned\n), verdicts AS (\n"
        f"  SELECT row_key, state, reason, CASE WHEN state <> {BAD} THEN CASE {start_event} END END AS start_event,\n"
        f"    CASE WHEN state <> {BAD} THEN start_on END AS start_on,\n"
        f"    CASE WHEN state NOT IN ({BAD}, {MISSING}, {UNARCHIVED}) THEN last_on END AS limit_on,\n"
        "    CASE WHEN reason IN ('within-active', 'within-archive', 'within-grace', 'held') THEN 0\n"
        f"      WHEN reason = 'hold-after-limit' AND {_runs(today)} THEN hold_from - last_on\n"
        f"      WHEN reason IN ('hold-after-limit', 'held-but-not-archived', 'kept-past-limit') THEN {today} - last_on "
        "END AS days_over,\n"
        f"    {_sound('hold_from')} AS hold_from, {_sound('hold_until')} AS hold_until, hold_reference AS hold_ref\n"
        "  FROM lengthened\n)"
    )


def _started(reading: Reading) -> str:
    """The common table expressions `stored`, `dated`, `started`: days instead of dates, and one state per row."""
    live, rule = reading.live, reading.rule
    given = dates(live, reading.events)
    hold = live.hold or {}
    names = [*(f"ek_day_{place}" for place in range(len(reading.events))), "hold_from", "hold_until"]
    stored = [f"({expression}) AS ek_{place}" for place, expression in enumerate(given)]
    stored.append(f"CAST(({hold.get('reference', 'NULL')}) AS VARCHAR) AS hold_reference")
    days = [
        f"{local_days.day(f'ek_{place}', kind, reading.written, reading.zone)} AS {name}, "
        f"ek_{place} IS NOT NULL AS {name}_given, {_sound_at_once(reading, place, kind)} AS {name}_sound"
        for place, (name, kind) in enumerate(zip(names, reading.kinds, strict=True))
    ]
    start, fallback, own = (reading.named(each) for each in (rule.start, rule.fallback, reading.own))
    start_on = f"coalesce({_latest(start)}, {_latest(fallback)})" if fallback else _latest(start)
    return (
        f"WITH stored AS (\n  SELECT CAST(({live.row_key}) AS VARCHAR) AS row_key, {', '.join(stored)}\n"
        f"  {reading.origin}\n), dated AS (\n  SELECT row_key, hold_reference, {', '.join(days)}\n  FROM stored\n"
        f"), placed AS (\n  SELECT *, {start_on} AS start_on, {_latest(own) if own else 'CAST(NULL AS DATE)'} "
        f"AS archived_on\n  FROM dated\n), weighed AS (\n  SELECT *, {_plain(reading)} AS plain\n  FROM placed\n"
        f"), started AS (\n  SELECT *, {_state(reading)} AS state\n  FROM weighed\n)"
    )


def _limited(reading: Reading, where: str = "true", *, again: bool = False) -> str:
    """And `picked` and `limited`: the rows asked for, and the limit beside each of which the days were bound."""
    joins = "LEFT JOIN (SELECT unnest($days::DATE[]) AS day, unnest($limits::DATE[]) AS last) AS a ON a.day = start_on"
    limit = "a.last"
    if reading.own:
        joins += (
            "\n  LEFT JOIN (SELECT unnest($archived::DATE[]) AS day, unnest($archive_limits::DATE[]) AS last) AS b "
            "ON b.day = archived_on"
        )
        limit = "greatest(a.last, b.last)"
    return (
        f"{_started(reading)}, picked AS {'MATERIALIZED ' if again else ''}(\n  SELECT * FROM started WHERE {where}\n"
        f"), limited AS (\n  SELECT picked.*, {limit} AS limit_on FROM picked\n  {joins}\n)"
    )


def _state(reading: Reading) -> str:
    rule, as_of = reading.rule, reading.as_of
    bad = " OR ".join(f"({condition})" for condition, _ in _faults(reading))
    past = f"start_on <= {_date(cutoff(rule, as_of, place='active'))}"
    unarchived = ""
    if reading.own:
        over = cutoff(replace(rule, grace_days=0), as_of)
        unarchived = f"WHEN archived_on IS NULL AND start_on <= {_date(over)} THEN {UNARCHIVED} "
        past += f" AND archived_on <= {_date(cutoff(rule, as_of, place='archive'))}"
    elif reading.place == "archive":
        past = f"start_on <= {_date(cutoff(rule, as_of, place='archive'))}"
    return (
        f"CASE WHEN plain THEN CASE WHEN {past} THEN {PAST} ELSE {INSIDE} END "
        f"WHEN coalesce({bad}, false) THEN {BAD} WHEN start_on IS NULL THEN {MISSING} {unarchived}"
        f"WHEN {past} THEN CASE WHEN hold_from_given THEN {HELD} ELSE {PAST} END ELSE {INSIDE} END"
    )


def _plain(reading: Reading) -> str:
    """Most rows at a glance: a start, no hold, every date after the last placeholder of the past and not to come.

    False says nothing; it only keeps the engine from asking everything of every row, and of a time its day.
    """
    start = reading.named((*reading.rule.start, *reading.rule.fallback))
    needed = [start, *([reading.named(reading.own)] if reading.own else [])]
    known = [f"({' OR '.join(f'{day}_given' for day in days)})" for days in needed]
    sound = [f"{day}_sound" for day in reading.named(tuple(reading.events))]
    return " AND ".join([*known, *sound, "NOT hold_from_given", "NOT hold_until_given"])


def _sound_at_once(reading: Reading, place: int, kind: str) -> str:
    """Whether one date is absent or surely sound. Of a time whose zone is known two days are enough for any zone."""
    names, column = list(reading.events), f"ek_{place}"
    if place >= len(names):
        return f"{column} IS NULL"
    last = date(9999, 12, 30) if names[place] in reading.rule.planned else reading.as_of
    timed = kind.startswith("TIMESTAMP")
    if timed and "ZONE" not in kind and reading.written is None:
        return f"{column} IS NULL"
    if kind != "DATE" and not timed:
        inside = f"ek_day_{place} BETWEEN DATE '1970-01-02' AND {_date(last)}"
        return f"coalesce({inside}, {column} IS NULL)"
    margin = timedelta(days=2 if timed else 0)
    typed = kind if kind == "DATE" else "TIMESTAMPTZ" if "ZONE" in kind else "TIMESTAMP"
    first = date(1970, 1, 2) + margin
    bounds = (f"{typed} {literal(day.isoformat())}" for day in (first, max(last, first) - margin))
    return f"coalesce({column} BETWEEN {' AND '.join(bounds)}, true)"


def _faults(reading: Reading) -> list[tuple[str, str]]:
    """What makes a row's dates unusable, in the order in which the rule meets it, with its reason."""
    found = []
    rule = reading.rule
    own = (rule.archive.start or ()) if rule.archive else ()
    names = list(dict.fromkeys((*rule.start, *rule.fallback, *own)))
    kinds = dict(zip(reading.events, reading.kinds, strict=False))
    for name, day in _pairs(reading, names):
        found.append((_unreadable(day, kinds[name]), "unreadable-date"))
        found.append((f"{day} IN ({', '.join(f'DATE {literal(each)}' for each in PLACEHOLDERS)})", "placeholder-date"))
        if name not in rule.planned:
            found.append((f"{day} > {_date(reading.as_of)}", "event-in-the-future"))
    if reading.live.hold:
        # A hold of which only the end is known cannot be read.
        found.append(("hold_until_given AND NOT hold_from_given", "unreadable-date"))
        found += [(_unreadable(f"hold_{key}", "a hold"), "unreadable-date") for key in ("from", "until")]
        found.append(("hold_until < hold_from", "hold-ends-before-it-starts"))
    return found


def _reason(reading: Reading) -> str:
    """Section 3, in its order. `limit_on` is known for every row whose start, and archive start, are."""
    rule, today = reading.rule, _date(reading.as_of)
    grace = rule.grace_days
    faults = " ".join(f"WHEN {condition} THEN '{reason}'" for condition, reason in _faults(reading))
    phase = "within-archive" if reading.place == "archive" and rule.archive else "within-active"
    within = f"CASE WHEN archived_on IS NULL THEN 'within-active' ELSE '{phase}' END" if reading.own else f"'{phase}'"
    allowed = reading.place != "active" or rule.hold_in_active
    return (
        f"CASE {faults}\n      WHEN state = {MISSING} THEN 'start-event-missing'\n"
        f"      WHEN state = {UNARCHIVED} THEN 'archive-start-missing'\n"
        f"      WHEN limit_on >= {today} THEN {within}\n      WHEN {today} - limit_on <= {grace} THEN 'within-grace'\n"
        f"      WHEN hold_from IS NULL OR hold_from > {today} THEN 'kept-past-limit'\n"
        f"      WHEN hold_from - limit_on > {grace} THEN 'hold-after-limit'\n"
        f"      WHEN {_runs(today)} THEN {_running(allowed=allowed)}\n"
        f"      WHEN {today} - greatest(limit_on, hold_until) > {grace} THEN 'kept-past-limit'\n"
        "      WHEN documented THEN 'within-grace' ELSE 'hold-not-documented' END"
    )


def _runs(today: str) -> str:
    return f"coalesce(hold_until, {today}) >= {today}"


def _running(*, allowed: bool) -> str:
    if not allowed:
        return "'held-but-not-archived'"
    return "CASE WHEN documented THEN 'held' ELSE 'hold-not-documented' END"


def _unreadable(day: str, kind: str) -> str:
    outside = f"{day} NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
    return outside if kind == "DATE" else f"({day}_given AND {day} IS NULL) OR {outside}"


def _pairs(reading: Reading, names: Sequence[str]) -> list[tuple[str, str]]:
    read = [name for name in dict.fromkeys(names) if name in reading.events]
    return list(zip(read, reading.named(read), strict=True))


def _sound(day: str) -> str:
    return f"CASE WHEN {day} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {day} END"


def _latest(days: Sequence[str]) -> str:
    return f"greatest({', '.join(days)})" if len(days) > 1 else days[0]


def _date(day: date) -> str:
    return f"DATE {literal(day.isoformat())}"
