"""Days and instants of the made-up company: Europe/Paris, French public holidays, months and working days.

Written apart from the deadline rule of the kit on purpose: the company's clean dates must not come from the rule that
judges them. Source of the holidays: Code du travail, art. L3133-1; Easter by the Gregorian computus.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
PERIOD_START = date(2025, 7, 1)
#: Last instant of the cut-off day, by name of the cut.
AS_OF = {"real": datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC), "mock": datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC)}
FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))


def easter(year: int) -> date:
    """Easter Sunday (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def is_working(day: date) -> bool:
    """Neither Saturday, Sunday nor a public holiday of metropolitan France."""
    moving = {easter(day.year) + timedelta(days=n) for n in (1, 39, 50)}
    return day.weekday() < 5 and (day.month, day.day) not in FIXED and day not in moving


def rolled(day: date) -> date:
    """`day`, or the next working day when it is none."""
    while not is_working(day):
        day += timedelta(days=1)
    return day


def plus_months(day: date, months: int) -> date:
    """The same date `months` later, or that month's last day when the date does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due(received: date, months: int = 1, pause_days: int = 0) -> date:
    """Last day for an answer to a request received on the local day `received`."""
    return rolled(plus_months(received, months) + timedelta(days=pause_days))


def plus_working(day: date, count: int) -> date:
    """The `count`-th working day after `day`; `day` itself is not counted."""
    for _ in range(count):
        day = rolled(day + timedelta(days=1))
    return day


def local_day(instant: datetime) -> date:
    """The calendar day of `instant` in Paris."""
    return instant.astimezone(ZONE).date()


def at(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    """The instant of a local time in Paris, in UTC."""
    return datetime.combine(day, time(hour, minute, second), ZONE).astimezone(UTC)


def text(instant: datetime | None) -> str | None:
    """`2026-03-31T22:30:00Z`, as the company's desk writes it."""
    return None if instant is None else instant.strftime("%Y-%m-%dT%H:%M:%SZ")
