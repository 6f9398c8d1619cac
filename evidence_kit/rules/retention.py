"""Is a row kept longer than declared?

Source: GDPR art. 5(1)(e), 30(1)(f); CNIL guide on retention periods (2020); docs/norm/retention.md, 1-3. The durations
are the auditee's own: the kit checks rows against them and does not decide what is lawful.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from evidence_kit.model.outcome import Outcome
from evidence_kit.model.retention import Archive, Hold, Keep, Kept, Rule, Span, Then, Unit
from evidence_kit.rules.periods import add_months, last_of_month
from evidence_kit.rules.probes import judge_case, judge_probe

__all__ = [
    "Archive",
    "Hold",
    "Kept",
    "Rule",
    "Span",
    "Then",
    "Unit",
    "cutoff",
    "judge_case",
    "judge_probe",
    "judge_row",
]

PLACES = frozenset({"active", "archive", "absent", "anonymised"})
PLACEHOLDERS = frozenset({date(1, 1, 1), date(1900, 1, 1), date(1970, 1, 1), date(9999, 12, 31)})
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MONTHS = {Span.MONTHS: 1, Span.YEARS: 12}


class _Bad(ValueError):
    """A unit whose days cannot be used; its text is an ERROR reason."""


@dataclass(frozen=True, slots=True)
class _Days:
    """The days of one unit, all readable. Of a phase only the events that are present."""

    starts: tuple[date, ...]
    fallbacks: tuple[date, ...]
    archived: tuple[date, ...]
    hold_from: date | None
    hold_until: date | None
    removed: date | None


def judge_row(rule: Rule | None, unit: Unit, as_of: date) -> Kept:
    """The verdict on one unit on the day `as_of`; `rule` is None when its activity declares none.

    The row may stay through the limit day, which never moves to a working day. Raises ValueError or OverflowError when
    a limit would lie beyond the year 9999. Source: docs/norm/retention.md, section 3, in its order.
    """
    if rule is None:
        return Kept(Outcome.INCONCLUSIVE, "no-rule")
    if unit.place is None:
        return Kept(Outcome.INCONCLUSIVE, "place-unknown")
    if unit.place not in PLACES:
        return Kept(Outcome.ERROR, "unknown-place")
    try:
        days = _days(rule, unit, as_of)
    except _Bad as bad:
        return Kept(Outcome.ERROR, str(bad))
    if unit.place == "absent":
        return _absent(days)
    if unit.place == "anonymised":
        last = rule.archive.then if rule.archive else rule.then
        if last is Then.ANONYMISE:
            return Kept(Outcome.PASS, "anonymised")
        return Kept(Outcome.INCONCLUSIVE, "rule-says-delete")
    return _stored(rule, unit, days, as_of)


def _days(rule: Rule, unit: Unit, as_of: date) -> _Days:
    """The days that the rule names, then those of the hold and of the removal. Raises _Bad for the first bad one."""
    own = rule.archive.start or () if rule.archive else ()
    starts, fallbacks, archived = (
        tuple(day for name in names if (day := _event(rule, unit, name, as_of)) is not None)
        for names in (rule.start, rule.fallback, own)
    )
    hold_from = hold_until = None
    if unit.hold:
        hold_from = _day(unit.hold.from_on)
        hold_until = None if unit.hold.until_on is None else _day(unit.hold.until_on)
        if hold_until and hold_until < hold_from:
            raise _Bad("hold-ends-before-it-starts")
    removed = None if unit.removed_at is None else _past(_real(unit.removed_at), as_of)
    return _Days(starts, fallbacks, archived, hold_from, hold_until, removed)


def _event(rule: Rule, unit: Unit, name: str, as_of: date) -> date | None:
    """The day of one event, None when it is not known."""
    text = unit.events.get(name)
    if text is None:
        return None
    day = _real(text)
    return day if name in rule.planned else _past(day, as_of)


def _real(text: str) -> date:
    """The day of something that happened, which is never one of the dates that stand for "not known"."""
    day = _day(text)
    if day in PLACEHOLDERS:
        raise _Bad("placeholder-date")
    return day


def _day(text: str | None) -> date:
    """A day `YYYY-MM-DD`, and nothing else: a hold whose start is not known cannot be read either."""
    if text is None or not DAY.fullmatch(text):
        raise _Bad("unreadable-date")
    try:
        return date.fromisoformat(text)
    except ValueError as impossible:
        raise _Bad("unreadable-date") from impossible


def _past(day: date, as_of: date) -> date:
    """The day itself, when it is not after the evaluation."""
    if day > as_of:
        raise _Bad("event-in-the-future")
    return day


def _absent(days: _Days) -> Kept:
    """A unit that is gone: well, unless a hold should have kept it."""
    if days.hold_from is None:
        return Kept(Outcome.PASS, "removed")
    if days.removed is None:
        return Kept(Outcome.INCONCLUSIVE, "removal-date-unknown-under-hold")
    if days.hold_from <= days.removed <= (days.hold_until or date.max):
        return Kept(Outcome.FAIL, "removed-under-hold")
    return Kept(Outcome.PASS, "removed")


def _stored(rule: Rule, unit: Unit, days: _Days, as_of: date) -> Kept:
    """A unit that is still there, in the active base or in the archive."""
    present = days.starts or days.fallbacks
    if not present:
        return Kept(Outcome.INCONCLUSIVE, "start-event-missing")
    start = max(present)
    limit, within = add_keep(start, rule.keep), "within-active"
    if unit.place == "archive" and rule.archive:
        if rule.archive.start is None:
            limit, within = add_keep(limit, rule.archive.keep), "within-archive"
        elif days.archived:
            limit, within = max(limit, add_keep(max(days.archived), rule.archive.keep)), "within-archive"
        elif as_of > limit:
            return Kept(Outcome.INCONCLUSIVE, "archive-start-missing", start)
    if as_of <= limit:
        return Kept(Outcome.PASS, within, start, limit, 0)
    if _over(as_of, limit) <= rule.grace_days:
        return Kept(Outcome.PASS, "within-grace", start, limit, 0)
    if unit.hold is None or days.hold_from is None or days.hold_from > as_of:
        return Kept(Outcome.FAIL, "kept-past-limit", start, limit, _over(as_of, limit))
    return _held(rule, unit, days, as_of, start, limit, days.hold_from)


def _held(rule: Rule, unit: Unit, days: _Days, as_of: date, start: date, limit: date, held_from: date) -> Kept:
    """A unit past its limit and its grace, over which a hold has been placed."""
    documented = bool(unit.hold and unit.hold.reference)
    until = days.hold_until or date.max
    running = as_of <= until
    if _over(held_from, limit) > rule.grace_days:
        return Kept(Outcome.FAIL, "hold-after-limit", start, limit, _over(held_from if running else as_of, limit))
    if running:
        if unit.place == "active" and not rule.hold_in_active:
            return Kept(Outcome.FAIL, "held-but-not-archived", start, limit, _over(as_of, limit))
        if documented:
            return Kept(Outcome.PASS, "held", start, limit, 0)
        return Kept(Outcome.INCONCLUSIVE, "hold-not-documented", start, limit)
    lengthened = max(limit, until)
    if _over(as_of, lengthened) > rule.grace_days:
        # Without a reference a hold never lengthens the limit of a FAIL.
        limit = lengthened if documented else limit
        return Kept(Outcome.FAIL, "kept-past-limit", start, limit, _over(as_of, limit))
    if documented:
        return Kept(Outcome.PASS, "within-grace", start, lengthened, 0)
    return Kept(Outcome.INCONCLUSIVE, "hold-not-documented", start, lengthened)


def _over(day: date, limit: date) -> int:
    """Calendar days from `limit` to `day`; negative before it."""
    return (day - limit).days


def add_keep(start: date, keep: Keep) -> date:
    """The last day a row may stay. Months and years: same date, or the last day of the month.

    >>> add_keep(date(2024, 2, 29), (3, Span.YEARS))
    datetime.date(2027, 2, 28)
    """
    number, span = keep
    if span is Span.DAYS:
        return start + timedelta(days=number)
    return add_months(start, number * MONTHS[span])


def cutoff(rule: Rule, as_of: date, *, place: str = "active") -> date:
    """The last starting day of which the limit, grace included, is before `as_of`: a row is past its limit exactly when
    it starts on this day or before. So that an engine only compares, and no calendar is needed in SQL.

    `place` `archive`: for an archive counted from the end of the active phase (or none) the day is of the same event;
    for one with events of its own it is of these, and a row is past only when its start is past `active` as well.
    Raises ValueError `unknown-place`; ValueError or OverflowError before the year 1.
    >>> cutoff(Rule(("sent",), (6, Span.MONTHS), Then.DELETE), date(2025, 3, 1))
    datetime.date(2024, 8, 31)
    """
    if place not in ("active", "archive"):
        raise ValueError("unknown-place")
    chain: Sequence[Keep] = [rule.keep]
    if place == "archive" and rule.archive:
        chain = [rule.archive.keep] if rule.archive.start is not None else [rule.archive.keep, rule.keep]
    last = as_of - timedelta(days=rule.grace_days + 1)
    for keep in chain:
        last = _last_start(keep, last)
    return last


def _last_start(keep: Keep, limit: date) -> date:
    """The last day that, kept for `keep`, must go on `limit` or before."""
    number, span = keep
    if span is Span.DAYS:
        return limit - timedelta(days=number)
    start = add_months(limit, -number * MONTHS[span])
    if limit.day == last_of_month(limit):
        # Every date that the month of `limit` has not was brought back to its last day: 31 August to 28 February.
        return start.replace(day=last_of_month(start))
    return start
