"""What falls due as a calendar file (RFC 5545), made by the icalendar library and read back before it is given out.

Same things, same bytes: identifiers follow from what is due and not from when, the stamp is the cut-off and not the
clock. Nobody is named in it: no organiser, no attendee, only things and providers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from icalendar import Calendar, Event

from evidence_kit import __version__
from evidence_kit.errors import SealError


@dataclass(frozen=True, slots=True)
class Reminder:
    """One whole day in a calendar. `uid`: the same for the same thing in every calendar of the engagement."""

    uid: str
    on: date
    title: str
    text: str


def written(engagement: str, name: str, stamp: datetime, reminders: Sequence[Reminder]) -> bytes:
    """The bytes of the calendar, UTF-8 with CRLF and folded lines; `stamp`: the cut-off, in UTC.

    Raises SealError when what was written does not read back as it was meant.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//evidence_kit//{__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _plain(name))
    for one in reminders:
        event = Event()
        event.add("uid", uid(engagement, one.uid))
        event.add("dtstamp", stamp)
        event.add("dtstart", one.on)
        event.add("dtend", one.on + timedelta(days=1))
        event.add("summary", _plain(one.title))
        event.add("description", _plain(one.text))
        event.add("transp", "TRANSPARENT")  # a day on which something falls due is no day on which nobody is free
        calendar.add_component(event)
    data = bytes(calendar.to_ical())
    _refuse_other(data, engagement, reminders)
    return data


def uid(engagement: str, thing: str) -> str:
    """The identifier of one thing: its digest, which spells out no identifier of a source, in a domain of nobody."""
    return f"{sha256(f'{engagement}/{thing}'.encode()).hexdigest()[:32]}@evidence-kit.invalid"


def _plain(text: str) -> str:
    """One line without control characters: what a calendar shows is what stands in the data."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _refuse_other(data: bytes, engagement: str, reminders: Sequence[Reminder]) -> None:
    """Read the file back; every event must be there, on its day, with its words, and nothing else."""
    wanted = sorted((uid(engagement, one.uid), one.on, _plain(one.title), _plain(one.text)) for one in reminders)
    try:
        events = Calendar.from_ical(data).walk("VEVENT")
        found = sorted(
            (str(one["uid"]), one.decoded("dtstart"), str(one["summary"]), str(one["description"])) for one in events
        )
    except (ValueError, KeyError, AttributeError) as error:
        raise SealError("the calendar file does not read back. This is a defect of the kit.") from error
    lines = data.split(b"\r\n")
    if found != wanted or len({one[0] for one in found}) != len(found) or b"\n" in b"".join(lines):
        raise SealError("the calendar file reads back as another one. This is a defect of the kit.")
    if any(len(line) > 75 for line in lines):
        raise SealError("a line of the calendar file is longer than 75 octets. This is a defect of the kit.")
