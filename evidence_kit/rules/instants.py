"""From the text of a log to a calendar day where the controller is. Source: docs/norm/deadlines.md, R1."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import timezone as fixed_offset
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?P<offset>Z|[+-]\d\d:[0-5]\d)?", re.ASCII)


class Refused(ValueError):
    """A case that cannot be read. `code`: an ERROR reason of docs/norm/deadlines.md; the text itself is not told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A calendar day at the controller. `twice`: read from a local time that happened twice, when the clocks went back;
    both fall on this day. `moment`: the instant in UTC, whole seconds, where the text has a time of day."""

    on: date
    twice: bool = False
    moment: datetime | None = None


def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name. Raises Refused `unknown-time-zone`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Refused("unknown-time-zone") from unknown


def is_naive(text: str) -> bool:
    """Whether `text` is a date-time without offset, whose day depends on the zone it was written in."""
    found = INSTANT.fullmatch(text)
    return found is not None and found["offset"] is None


def read_day(text: str, where: tzinfo, naive_in: tzinfo) -> LocalDay:
    """The day that `text` falls on in the zone `where`; a date-time without offset is read in the zone `naive_in`.

    Only the forms of docs/norm/deadlines.md are read: `05/03/2025` is never guessed.
    Raises Refused `unreadable-date`, `local-time-does-not-exist`.
    """
    try:
        if found := DAY.fullmatch(text):
            return LocalDay(date(*map(int, found.groups())))
        if found := INSTANT.fullmatch(text):
            return _read_instant(found, where, naive_in)
    except Refused:
        raise
    except (ValueError, OverflowError) as impossible:
        raise Refused("unreadable-date") from impossible
    raise Refused("unreadable-date")


def local_day(text: str, timezone: str, naive_is_local: bool | None = True) -> date:
    """The calendar day of `text` in the IANA zone `timezone`: the `_local` column that a frame keeps beside an instant.

    A date-time without offset gives its own date, whether it is known to be local or not: `judge` reads it both ways.
    A time skipped by the clocks is refused only where the text is known to be local.
    Raises Refused `unknown-time-zone`, `unreadable-date`, `local-time-does-not-exist`.
    >>> local_day("2025-03-31T22:30:00Z", "Europe/Paris")
    datetime.date(2025, 4, 1)
    """
    where = zone(timezone)
    if is_naive(text) and not naive_is_local:
        return read_day(text, UTC, UTC).on
    return read_day(text, where, where).on


def _read_instant(found: re.Match[str], where: tzinfo, naive_in: tzinfo) -> LocalDay:
    """One date-time that has the right shape. Fractions of a second never change a day and are dropped."""
    year, month, day, hour, minute, second = (int(found[group]) for group in range(1, 7))
    wall = datetime(year, month, day, hour, minute, second)
    if found["offset"]:
        zoned = wall.replace(tzinfo=_offset(found["offset"]))
        return LocalDay(zoned.astimezone(where).date(), moment=zoned.astimezone(UTC))
    early, late = (wall.replace(tzinfo=naive_in, fold=fold) for fold in (0, 1))
    if early.astimezone(UTC).astimezone(naive_in).replace(tzinfo=None) != wall:
        raise Refused("local-time-does-not-exist")
    twice = early.utcoffset() != late.utcoffset()
    return LocalDay(early.astimezone(where).date(), twice, None if twice else early.astimezone(UTC))


def _offset(text: str) -> tzinfo:
    """`Z` or `±HH:MM`. Raises ValueError for an offset of a day or more."""
    if text == "Z":
        return UTC
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return fixed_offset(ahead if text[0] == "+" else -ahead)
