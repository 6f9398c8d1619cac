"""The calendar file: RFC 5545, the same bytes for the same things, nothing of a text taken for its grammar."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar

from evidence_kit.edges.agenda import Reminder, uid, written
from evidence_kit.rules import due
from evidence_kit.wiring import reminders

STAMP = datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)
HOSTILE = 'Acme; Inc, \\ "x"\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:ana@acme.example\x00 \u2028 é' + "長い名前" * 30


def one(uid_: str = "review/P1/", on: date = date(2026, 7, 1), title: str = "Review", text: str = "Due") -> Reminder:
    return Reminder(uid_, on, title, text)


def test_it_reads_back_with_its_days_and_words() -> None:
    data = written("my-audit", "What falls due", STAMP, [one(), one("certificate/P2/D1", date(2026, 7, 2), "End")])
    calendar = Calendar.from_ical(data)
    events = calendar.walk("VEVENT")
    assert [str(event["summary"]) for event in events] == ["Review", "End"]
    assert [event.decoded("dtstart") for event in events] == [date(2026, 7, 1), date(2026, 7, 2)]
    assert {event.decoded("dtstamp") for event in events} == {STAMP}
    assert str(calendar["version"]) == "2.0"
    assert calendar["prodid"]
    assert len({str(event["uid"]) for event in events}) == 2


def test_lines_end_with_crlf_and_are_folded_by_octets() -> None:
    data = written("my-audit", "x", STAMP, [one(title="é" * 200)])
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 75


def test_a_text_is_never_grammar() -> None:
    data = written("my-audit", HOSTILE, STAMP, [one(HOSTILE, title=HOSTILE, text=HOSTILE)])
    unfolded = data.replace(b"\r\n ", b"")
    lines = unfolded.split(b"\r\n")
    assert lines.count(b"BEGIN:VEVENT") == 1
    assert not [line for line in lines if line.startswith((b"ATTENDEE", b"ORGANIZER"))]
    assert b"Acme\\; Inc\\, \\\\" in unfolded
    assert not [octet for octet in data.replace(b"\r\n", b"") if octet < 32]


def test_no_clock_is_in_it_and_identifiers_stay_when_a_day_moves() -> None:
    first = written("my-audit", "x", STAMP, [one()])
    assert first == written("my-audit", "x", STAMP, [one()])
    later = Calendar.from_ical(written("my-audit", "x", STAMP, [one(on=date(2027, 1, 1))])).walk("VEVENT")[0]
    assert str(later["uid"]) == uid("my-audit", "review/P1/")
    assert uid("my-audit", "review/P1/") != uid("other", "review/P1/")
    assert "P1" not in uid("my-audit", "review/P1/")


def test_a_calendar_of_nothing_is_one() -> None:
    assert Calendar.from_ical(written("my-audit", "x", STAMP, [])).walk("VEVENT") == []


@pytest.mark.parametrize(
    ("language", "title", "told"),
    [
        ("en", "End of a certificate – Acme (P1)", "Overdue since 2026-01-01 – D1"),
        ("fr", "Fin d’un certificat – Acme (P1)", "En retard depuis le 2026-01-01 – D1"),
    ],
)
def test_what_is_late_stands_on_the_day_of_the_cut_off_in_either_language(language: str, title: str, told: str) -> None:
    late = due.Item("certificate", "P1", "D1", date(2026, 1, 1), due.When.OVERDUE, -180, "Acme")
    soon = due.Item("review", "P2", "", date(2026, 8, 1), due.When.SOON, 32)
    data = reminders.calendar("my-audit", date(2026, 6, 30), STAMP, [late, soon], language)
    first, second = Calendar.from_ical(data).walk("VEVENT")
    assert (str(first["summary"]), str(first["description"])) == (title, told)
    assert (first.decoded("dtstart"), second.decoded("dtstart")) == (date(2026, 6, 30), date(2026, 8, 1))
    assert str(second["summary"]).endswith("– P2")
