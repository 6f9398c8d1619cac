"""Counting months, days and working days.

Source: Regulation (EEC, Euratom) 1182/71 art. 2-3; docs/norm/deadlines.md.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from evidence_kit.model.calendar import Calendar

# Not strftime: the page translates these words, the server's locale must not.
WEEKEND = {5: "Saturday", 6: "Sunday"}
ONE_DAY = timedelta(days=1)


def last_of_month(day: date) -> int:
    """The number of days of the month that `day` is in, 28 to 31."""
    return monthrange(day.year, day.month)[1]


def add_months(day: date, months: int) -> date:
    """The same date `months` later (earlier when negative), or that month's last day where the date does not exist.

    Raises ValueError outside the years 1 to 9999. Source: Regulation 1182/71 art. 3(2)(c).
    >>> add_months(date(2025, 8, 31), 1)
    datetime.date(2025, 9, 30)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, last_of_month(first)))


def why_not_working(day: date, calendar: Calendar | None) -> str | None:
    """The holiday's name, else `Saturday` or `Sunday`, else None: a working day. No calendar: weekends only."""
    holiday = calendar.days.get(day) if calendar else None
    return holiday or WEEKEND.get(day.weekday())


@dataclass(frozen=True, slots=True)
class Rolled:
    """The working day on which a period ends. `over`: the days skipped, each with its name. `covered`: whether the
    calendar knew every day that was looked at."""

    day: date
    over: tuple[tuple[date, str], ...]
    covered: bool


def roll(day: date, calendar: Calendar | None) -> Rolled:
    """The first working day on or after `day`. Source: Regulation 1182/71 art. 3(4)."""
    over: list[tuple[date, str]] = []
    last = day
    while name := why_not_working(last, calendar):
        over.append((last, name))
        last += ONE_DAY
    return Rolled(last, tuple(over), calendar is not None and calendar.covers(day) and calendar.covers(last))


@dataclass(frozen=True, slots=True)
class Counted:
    """The last of some working days. `skipped`: the holidays met on a weekday; `weekends`: Saturdays and Sundays met;
    `unknown`: days between, the last included, of which the calendar says nothing."""

    day: date
    skipped: tuple[tuple[date, str], ...]
    weekends: int
    unknown: int


def count_working_days(start: date, number: int, calendar: Calendar | None) -> Counted:
    """The `number`-th working day after `start`, whatever day `start` is. `number` is at least 1."""
    skipped: list[tuple[date, str]] = []
    day, weekends, unknown, left = start, 0, 0, number
    while left:
        day += ONE_DAY
        unknown += calendar is None or not calendar.covers(day)
        if day.weekday() in WEEKEND:
            weekends += 1
        elif name := why_not_working(day, calendar):
            skipped.append((day, name))
        else:
            left -= 1
    return Counted(day, tuple(skipped), weekends, unknown)
