"""The clock of one request under one reading of its arguable facts: when it is due, and what that makes of the answer.

Source: GDPR art. 12(3); UK GDPR art. 12A; EDPB guidelines 01/2022, §157-164; docs/norm/deadlines.md, R2-R7, R9, R10.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from evidence_kit.model.calendar import Calendar
from evidence_kit.model.deadline import Case, Days, Given, Line, Months, Profile, WorkingDays
from evidence_kit.model.outcome import Outcome
from evidence_kit.rules.chronology import NEVER_COUNT, Asked, Chronology
from evidence_kit.rules.periods import Rolled, add_months, count_working_days, roll

FURTHER_MONTHS = 2
"""What an extension adds to the month, from receipt: GDPR art. 12(3)."""


@dataclass(frozen=True, slots=True)
class Stand:
    """One way to settle every arguable fact. `cause`: why the case was reopened; `pauses`: whether each one is granted;
    `extended`: whether the extension is. `calendar` is None where the named one is not there."""

    calendar_name: str | None
    calendar: Calendar | None
    cause: str | None
    pauses: tuple[bool, ...]
    extended: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading concludes. `choices`: how it settled each fact; `days_late`: calendar days, 0 when in time."""

    verdict: Outcome
    reason: str
    choices: Mapping[str, object]
    due: date | None = None
    first_due: date | None = None
    days_late: int | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class _Term:
    """When the request is due. `suspended`: the day since which the clock stands still, then there is no due day.

    `calendar_missing`: holidays could move the due day. `unknown_days`: days of a working-day count that the calendar
    does not cover; to be in time by fewer is not enough.
    """

    due: date | None
    first_due: date | None
    suspended: date | None = None
    calendar_missing: bool = False
    unknown_days: int = 0


@dataclass(frozen=True, slots=True)
class _Paused:
    """What the pauses do to the month. `start`: the day it runs from, None while it has not begun; `days`: how many do
    not count; `since`: the day since which the clock stands still, if it does; `unsure`: a pause was refused for a day
    that an absent calendar might have moved.
    """

    start: date | None
    days: int
    since: date | None
    unsure: bool


@dataclass(frozen=True, slots=True)
class _Clock:
    """One case, its days and one stand; `lines` gathers the working as it is computed."""

    case: Case
    days: Chronology
    stand: Stand
    lines: list[Line] = field(default_factory=list)

    def note(self, step: str, **fields: object) -> None:
        """One more line of the working; days become text."""
        self.lines.append({"step": step} | {name: _plain(value) for name, value in fields.items()})


def read(case: Case, days: Chronology, stand: Stand, choices: Mapping[str, object]) -> Reading:
    """The verdict of one reading, with its due day and its working but the last lines."""
    clock = _Clock(case, days, stand)
    twice = {"note": "local time happens twice; both fall on this day"} if days.received.twice else {}
    clock.note("received", source=case.received_at, zone=case.timezone, day=days.received.on, **twice)
    closed = _closing(clock)
    term = _term(clock, closed)
    verdict, reason, late = _verdict(clock, term, closed)
    if term.calendar_missing:
        clock.note("calendar-missing", calendar=stand.calendar_name)
    stated = None if isinstance(case.limit, Given) else days.given
    if stated and term.due and stated not in (term.due, term.first_due):
        clock.note("stated-due-differs", stated=stated, due=term.due)
    return Reading(verdict, reason, choices, term.due, term.first_due, late, tuple(clock.lines))


def _closing(clock: _Clock) -> date | None:
    """The day of the answer that counts; None while the case is open. Source: R7."""
    days, cause = clock.days, clock.stand.cause
    if cause is None:
        return days.closed
    if cause == "same_request":
        clock.note("reopened", day=days.reopened, cause=cause, first_answer_ignored=days.closed)
        return days.closed_again
    clock.note("reopened", day=days.reopened, cause=cause, own_case=True)
    return days.closed


def _verdict(clock: _Clock, term: _Term, closed: date | None) -> tuple[Outcome, str, int | None]:
    """Verdict, reason and days late. Source: R4, R6, R9, R10."""
    as_of, due = clock.days.as_of, term.due
    if term.suspended:
        clock.note("suspended", since=term.suspended)
        return Outcome.INCONCLUSIVE, "clock-suspended", None
    if due is None:
        return Outcome.INCONCLUSIVE, "due-unknown", None
    late = max(0, ((closed or as_of) - due).days)
    if closed:
        clock.note("answered", day=closed, due=due, late=late)
    else:
        clock.note("open", as_of=as_of, due=due, **({"late": late} if late else {}))
    if late:
        if term.calendar_missing:
            return Outcome.INCONCLUSIVE, "calendar-missing", None
        return Outcome.FAIL, "answered-late" if closed else "open-past-due", late
    if closed is None:
        return Outcome.INCONCLUSIVE, "open-not-yet-due", None
    if (due - closed).days < term.unknown_days:
        return Outcome.INCONCLUSIVE, "calendar-missing", None
    return Outcome.PASS, "answered-in-time", 0


def _term(clock: _Clock, closed: date | None) -> _Term:
    """The due day under the limit of the statute. Source: R2 for months, R10 for the others."""
    limit, received, calendar = clock.case.limit, clock.days.received.on, clock.stand.calendar
    if isinstance(limit, Months):
        return _months(clock, limit.number, closed)
    _refuse_what_only_months_know(clock)
    if isinstance(limit, Given):
        clock.note("given", source=clock.case.due_given_on, day=clock.days.given)
        return _Term(clock.days.given, clock.days.given)
    if isinstance(limit, WorkingDays):
        counted = count_working_days(received, limit.number, calendar)
        clock.note(
            "working-days",
            start=received,
            days=limit.number,
            day=counted.day,
            skipped=counted.skipped,
            weekends=counted.weekends,
        )
        missing = counted.unknown > 0
        return _Term(counted.day, counted.day, calendar_missing=missing, unknown_days=counted.unknown)
    return _days(clock, limit)


def _days(clock: _Clock, limit: Days) -> _Term:
    """Calendar days after receipt; where the statute says so, moved to a working day."""
    last = clock.days.received.on + timedelta(days=limit.number)
    clock.note("days", start=clock.days.received.on, days=limit.number, day=last)
    if not limit.roll:
        return _Term(last, last)
    rolled = _rolled(clock, last)
    return _Term(rolled.day, rolled.day, calendar_missing=not rolled.covered)


def _refuse_what_only_months_know(clock: _Clock) -> None:
    """Pauses and extensions belong to the month of the GDPR; elsewhere they are told, and change nothing."""
    for each in clock.days.pauses:
        clock.note("pause-refused", kind=each.pause.kind, asked=each.asked, why="not-under-this-limit")
    if clock.days.notified:
        clock.note("extension-refused", notified=clock.days.notified, why="not-under-this-limit")


def _months(clock: _Clock, number: int, closed: date | None) -> _Term:
    """Months from receipt, with pauses and extension. Source: R2, R3, R5, R6."""
    paused = _pauses(clock, number, closed)
    if paused.start is None:
        return _Term(None, None, suspended=paused.since)
    first = _end(clock, paused.start, number, paused.days)
    if paused.since:
        return _Term(None, None, suspended=paused.since)
    notified, extension = clock.days.notified, clock.case.extension
    if notified is None or extension is None:
        return _Term(first.day, first.day, calendar_missing=paused.unsure or not first.covered)
    why = _extension_refused(clock, first.day, notified)
    if why:
        limit = {"limit": first.day} if why == "notice-late" else {}
        clock.note("extension-refused", notified=notified, **limit, why=why)
        return _Term(first.day, first.day, calendar_missing=paused.unsure or not first.covered)
    clock.note("extended", notified=notified, limit=first.day)
    last = _end(clock, paused.start, number + FURTHER_MONTHS, paused.days)
    return _Term(last.day, first.day, calendar_missing=paused.unsure or not last.covered)


def _extension_refused(clock: _Clock, first_due: date, notified: date) -> str | None:
    """Why the extension does not count; None when it does."""
    if clock.case.extension and clock.case.extension.reasons is False:
        return "no-reasons-given"
    if not clock.stand.extended:
        return "arguable-read-against"
    return "notice-late" if notified > first_due else None


def _end(clock: _Clock, start: date, months: int, days: int) -> Rolled:
    """The working day that ends some months and the days that did not count."""
    day = add_months(start, months)
    clock.note("months", start=start, months=months, day=day, clamped=day.day != start.day)
    if days:
        day += timedelta(days=days)
        clock.note("plus-pauses", days=days, day=day)
    return _rolled(clock, day)


def _rolled(clock: _Clock, day: date) -> Rolled:
    """The day itself when it is a working day, else the next one. Source: R3."""
    rolled = roll(day, clock.stand.calendar)
    if rolled.over:
        clock.note("rolled", over=rolled.over, day=rolled.day)
    return rolled


def _pauses(clock: _Clock, months: int, closed: date | None) -> _Paused:
    """What the pauses change, each with its line of the working. Source: R6."""
    received, until = clock.days.received.on, closed or clock.days.as_of
    month = roll(add_months(received, months), clock.stand.calendar)
    british = clock.case.profile is Profile.UK
    told = [(each, _pause_refused(clock, index, month.day)) for index, each in enumerate(clock.days.pauses)]
    counted = [each for each, why in told if why is None]
    # In the UK the month starts afresh when identity is shown or the fee paid; only clarification leaves days out.
    restarts = [each for each in counted if british and each.pause.kind != "clarification"]
    start = max([received, *(each.answered or until for each in restarts)])
    gone: set[int] = set()
    for each, why in told:
        if why:
            clock.note("pause-refused", kind=each.pause.kind, asked=each.asked, why=why)
        elif each in restarts:
            clock.note("restarted", kind=each.pause.kind, asked=each.asked, answered=each.answered)
        else:
            span = _span(each, until, both_ends=british)
            # A day on or before a new start is in no month: it cannot be left out of one.
            new = {day for day in span if not restarts or day > start.toordinal()} - gone
            gone |= new
            clock.note(
                "paused",
                kind=each.pause.kind,
                asked=each.asked,
                answered=each.answered,
                days=len(span),
                new_days=len(new),
            )
    pending = [each for each in counted if each.answered is None and closed is None]
    return _Paused(
        start=None if any(each in restarts for each in pending) else start,
        days=len(gone),
        since=min((each.asked for each in pending), default=None),
        unsure=not month.covered and any(why == "asked-after-the-month" for _, why in told),
    )


def _pause_refused(clock: _Clock, index: int, month_end: date) -> str | None:
    """Why a pause does not count; None when it does."""
    each = clock.days.pauses[index]
    if each.pause.kind in NEVER_COUNT:
        return "not-a-ground"
    if each.pause.grounded is False and not fee_in_the_union(clock.case, each):
        return "not-grounded"
    if each.asked > month_end:
        return "asked-after-the-month"
    return None if clock.stand.pauses[index] else "arguable-read-against"


def fee_in_the_union(case: Case, each: Asked) -> bool:
    """Whether this is a fee under the GDPR, where it is arguable, whatever its ground, that it stops the clock."""
    return each.pause.kind == "fee" and case.profile is Profile.EU


def _span(each: Asked, until: date, *, both_ends: bool) -> range:
    """The days, as ordinals, from the question to its answer; the day of the question only with `both_ends`."""
    first = each.asked.toordinal() + (0 if both_ends else 1)
    return range(first, (each.answered or until).toordinal() + 1)


def _plain(value: object) -> object:
    """A value as JSON has it: days as text, tuples as lists."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
