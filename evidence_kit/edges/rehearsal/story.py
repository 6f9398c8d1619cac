"""The 414 tickets of the desk as the company would keep them, with every date in order and in time.

Received days are spread evenly inside each kind of ticket, so that any seed offers the same choice to whoever plants
something. Days between a question and its answer never straddle a cut-off day: a pause running at the cut would leave
the case undecided. Source: docs/norm/rehearsal, "Sources and sizes", "Decoys" D01 to D07.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from evidence_kit.edges.rehearsal import days
from evidence_kit.edges.rehearsal.draw import Dice
from evidence_kit.edges.rehearsal.people import Person
from evidence_kit.edges.rehearsal.tickets import CONTROLLER, PROCESSOR, Ticket

NUMBERS = 415
#: Never given to a ticket: the engagement file explains it, so it is the same for every seed (D07).
EXPLAINED = 144
VOIDS = (("duplicate", 1), ("test", 2), ("not a rights request", 1))
#: Tickets by right, capacity and channel; 408 in all, void ones beside.
QUOTAS: dict[tuple[str, str], dict[str, int]] = {
    ("access", CONTROLLER): {"email": 34, "form": 20, "account_page": 10, "postal": 4, "in_person": 2},
    ("portability", CONTROLLER): {"account_page": 4, "form": 2},
    ("rectification", CONTROLLER): {"email": 12, "form": 6, "account_page": 6, "phone": 2},
    ("restriction", CONTROLLER): {"email": 3, "postal": 1},
    ("consent_withdrawal", CONTROLLER): {"unsubscribe_link": 14, "email": 2},
    ("objection", CONTROLLER): {"unsubscribe_link": 32, "email": 14, "form": 4},
    ("erasure", CONTROLLER): {"email": 50, "form": 20, "account_page": 10, "postal": 7, "in_person": 3},
    ("access", PROCESSOR): {"email": 18, "form": 6, "postal": 1, "in_person": 1},
    ("portability", PROCESSOR): {"email": 2},
    ("rectification", PROCESSOR): {"email": 3, "form": 1},
    ("consent_withdrawal", PROCESSOR): {"email": 4},
    ("objection", PROCESSOR): {"email": 16, "form": 4},
    ("erasure", PROCESSOR): {"email": 72, "form": 17, "postal": 1},
}
#: Received days of the twelve extended access tickets: early ones end before the mock audit, late ones begin after it.
EXTENDED_ON = (
    "2025-07-08 2025-07-29 2025-08-19 2025-09-16 2025-10-07 2025-11-12 "
    "2026-02-05 2026-02-19 2026-03-04 2026-03-12 2026-03-19 2026-03-25"
).split()
#: Open at the cut-off day and not yet due (D05).
OPEN_ON = ("2026-06-09", "2026-06-17", "2026-06-24")
LAST_ANSWER_ON = date(2026, 6, 29)
BY_HAND = ("postal", "in_person", "phone")
#: No question is put to a person in these days: its pause could run at a cut.
QUESTION_GAPS = ((date(2025, 12, 28), date(2026, 2, 1)), (date(2026, 5, 25), date(2026, 7, 1)))


def plan(dice: Dice) -> list[Ticket]:
    """Every ticket of the real company, numbered in the order of receipt, answered in time."""
    slots = sorted(_slots(dice), key=lambda slot: slot[3])
    apart = (EXPLAINED, *spare_numbers(dice))
    numbers = [n for n in range(1, NUMBERS + 1) if n not in apart]
    tickets = []
    for seq, (right, capacity, channel, received_at, tale) in zip(numbers, slots, strict=True):
        ticket = Ticket(Person("prospects", 1), None, capacity, right, channel, received_at, seq=seq, tale=tale)
        _handle(dice, ticket)
        tickets.append(ticket)
    _show_a_card(tickets)
    _cast(dice, tickets)
    _outcomes(tickets)
    for ticket in tickets:
        _close(dice, ticket)
    return sorted([*tickets, *_spares(dice, tickets)], key=lambda ticket: ticket.seq)


def spare_numbers(dice: Dice) -> list[int]:
    """Two numbers of void tickets, one before the mock audit and one after it: those that may get lost (F13)."""
    return [low + dice.below("tickets", low, "missing", 50) for low in (40, 330)]


def _spares(dice: Dice, tickets: list[Ticket]) -> Iterator[Ticket]:
    """The void tickets of the spare numbers, each received between its neighbours by somebody of its own."""
    received = {ticket.seq: ticket.received_at for ticket in tickets}
    for n, seq in enumerate(spare_numbers(dice), start=1):
        before, after = received[seq - 1], received[seq + 1]
        between = (before + (after - before) / 2).replace(microsecond=0)
        person = Person("subjects", NUMBERS + n)
        ticket = Ticket(person, None, CONTROLLER, "unknown", "form", between, seq=seq, tale="void:duplicate")
        _handle(dice, ticket)
        ticket.tale = "spare"
        yield ticket


def _slots(dice: Dice) -> Iterator[tuple[str, str, str, datetime, str]]:
    """Right, capacity, channel, receipt and tale of each ticket."""
    for reason, count in VOIDS:
        for n in range(count):
            day = days.PERIOD_START + timedelta(days=35 + 70 * n + 11 * len(reason) % 60)
            yield "unknown", CONTROLLER, "form", days.at(day, 11, 5 + n), f"void:{reason}"
    for (right, capacity), channels in QUOTAS.items():
        for channel, quota in channels.items():
            special = list(_special(right, capacity, channel))
            yield from ((right, capacity, channel, received, tale) for received, tale in special)
            for n in range(quota - len(special)):
                received = _receipt(dice, f"{right}/{capacity}/{channel}", n, quota - len(special), channel)
                yield right, capacity, channel, received, ""


def _special(right: str, capacity: str, channel: str) -> Iterator[tuple[datetime, str]]:
    if (right, capacity, channel) == ("access", CONTROLLER, "email"):
        yield days.at(date(2026, 1, 31), 10, 12, 40), "D01"
        yield days.at(date(2026, 4, 1), 0, 30), "D02"  # 22:30 UTC of the day before
        yield days.at(date(2025, 9, 9), 15, 3, 12), "D03"
        for n, day in enumerate(EXTENDED_ON):
            yield days.at(date.fromisoformat(day), 9 + n % 8, 17 + n), "D04" if n == 3 else "extended"
    if (right, capacity, channel) == ("erasure", CONTROLLER, "email"):
        yield from ((days.at(date.fromisoformat(day), 14, 9), "D05") for day in OPEN_ON)


def _receipt(dice: Dice, kind: str, n: int, count: int, channel: str) -> datetime:
    """An instant inside the n-th of `count` equal parts of the period, on a working day where people open letters."""
    until = 361 if channel == "unsubscribe_link" else 352
    low, high = n * until // count, max((n + 1) * until // count, n * until // count + 1)
    day = days.PERIOD_START + timedelta(days=low + dice.below(kind, n, "day", high - low))
    minute, second = dice.below(kind, n, "minute", 60), dice.below(kind, n, "second", 60)
    if channel not in BY_HAND:
        return days.at(day, (5 + dice.below(kind, n, "hour", 18)) % 24, minute, second)
    day = days.rolled(day)
    if date(2026, 1, 25) <= day <= date(2026, 1, 31):
        day = date(2026, 1, 23)  # what people acknowledge by hand is acknowledged before the cut
    return days.at(day, 9 + dice.below(kind, n, "hour", 8), minute, second)


def _handle(dice: Dice, ticket: Ticket) -> None:
    """Log, acknowledge, ask, forward and answer, each in its time."""
    key, by_hand = ticket.seq, ticket.channel in BY_HAND
    ticket.agent = 1 + dice.below("tickets", key, "agent", 6)
    ticket.message_at = ticket.received_at if ticket.channel == "email" else None
    wait = timedelta(seconds=40 + dice.below("tickets", key, "logged", 400))
    ticket.logged_at = ticket.received_at + wait
    if ticket.tale.startswith("void:"):
        ticket.status, ticket.void_reason, ticket.outcome = "void", ticket.tale[5:], "none"
        ticket.closed_at = ticket.logged_at + timedelta(hours=1)
        return
    if ticket.channel == "unsubscribe_link":
        ticket.answered_at = ticket.received_at + timedelta(seconds=500 + dice.below("tickets", key, "answered", 900))
        return
    ticket.ack_at = ticket.logged_at + timedelta(seconds=30 + dice.below("tickets", key, "ack", 900))
    if by_hand:
        day = days.plus_working(ticket.received_on, 1 + dice.below("tickets", key, "ack_day", 2))
        ticket.ack_at = days.at(day, 10, dice.below("tickets", key, "ack", 60))
    if ticket.channel == "phone":
        ticket.ack_at = None
    ticket.auth_method = {"account_page": "account_login", "phone": "knowledge", "in_person": "other"}.get(
        ticket.channel, "known_address"
    )
    _answer(dice, ticket)


def _answer(dice: Dice, ticket: Ticket) -> None:
    key, received_on = ticket.seq, ticket.received_on
    hour, minute = 9 + dice.below("tickets", key, "hour", 8), dice.below("tickets", key, "minute", 60)
    if ticket.capacity == PROCESSOR:
        ticket.forwarded_at = days.at(
            days.plus_working(received_on, 1 + dice.below("tickets", key, "forward", 4)), hour, minute
        )
        ticket.answered_at = ticket.forwarded_at + timedelta(minutes=4)
        return
    if ticket.tale == "D05":
        return
    if ticket.tale in ("D04", "extended"):
        asked = 20 if ticket.tale == "D04" else 12 + dice.below("tickets", key, "extension", 9)
        ticket.ext_notified_at = days.at(days.rolled(received_on + timedelta(days=asked)), 11, minute)
        wait = 76 if ticket.tale == "D04" else 45 + dice.below("tickets", key, "answer", 36)
        ticket.answered_at = days.at(days.rolled(received_on + timedelta(days=wait)), hour, minute)
        return
    fixed = {"D01": date(2026, 3, 2), "D02": date(2026, 5, 4), "D03": date(2025, 10, 17)}.get(ticket.tale)
    day = fixed or days.rolled(received_on + timedelta(days=3 + dice.below("tickets", key, "answer", 22)))
    if fixed is None:
        _question(dice, ticket)
        if ticket.id_asked_at or ticket.clar_asked_at:
            day = days.rolled(received_on + timedelta(days=18 + dice.below("tickets", key, "answer", 7)))
    if ticket.tale == "D03":
        ticket.id_asked_at, ticket.id_received_at = (
            days.at(date(2025, 9, 11), 10, 20),
            days.at(date(2025, 9, 22), 16, 5),
        )
        ticket.id_doubt, ticket.auth_method = "address-unknown-to-us", "other"
    ticket.answered_at = days.at(min(day, LAST_ANSWER_ON), hour, minute)


def _question(dice: Dice, ticket: Ticket) -> None:
    """Some tickets ask the person something, on a written ground, and get an answer within days."""
    key, received_on = ticket.seq, ticket.received_on
    if any(start <= received_on <= end for start, end in QUESTION_GAPS):
        return
    asked = days.at(received_on + timedelta(days=1 + dice.below("tickets", key, "asked", 4)), 9, 40)
    back = asked + timedelta(days=2 + dice.below("tickets", key, "back", 8), hours=3)
    if ticket.right == "access" and ticket.channel == "account_page" and dice.below("tickets", key, "clarify", 3) == 0:
        ticket.clar_asked_at, ticket.clar_received_at, ticket.clar_ground = asked, back, "large-amount-of-data"
    elif ticket.right == "erasure" and ticket.channel in ("form", "postal") and dice.below("tickets", key, "doubt", 2):
        _doubt(ticket, asked, back)


def _doubt(ticket: Ticket, asked: datetime, back: datetime) -> None:
    """A doubt about who writes, written down; by post the person shows a card, whose copy is gone the next day."""
    ticket.id_asked_at, ticket.id_received_at, ticket.id_doubt = asked, back, "address-unknown-to-us"
    ticket.auth_method = "other"
    if ticket.channel == "postal":
        ticket.id_doc_at, ticket.id_copy_deleted_at = back, back + timedelta(days=1)


def _show_a_card(tickets: list[Ticket]) -> None:
    """Where chance let nobody show a card, the first who asked for an erasure by post does (D06)."""
    if any(ticket.id_doc_at for ticket in tickets):
        return
    first = next(t for t in tickets if (t.right, t.capacity, t.channel) == ("erasure", CONTROLLER, "postal"))
    asked = days.at(first.received_on + timedelta(days=2), 9, 40)
    _doubt(first, asked, asked + timedelta(days=4, hours=3))
    first.answered_at = days.at(days.rolled(first.received_on + timedelta(days=20)), 10, 25)


def _cast(dice: Dice, tickets: list[Ticket]) -> None:
    """Who asks. Erased people have addresses of their own; everybody else is somebody the company knows."""
    queues = {
        "owner": iter(dice.shuffled("cast", "owner", range(1, 401))),
        "user": iter(dice.shuffled("cast", "user", range(401, 701))),
        "prospect": iter(dice.shuffled("cast", "prospect", range(1, 501))),
        "contact": iter(dice.shuffled("cast", "contact", range(1, 901))),
        "subject": iter(range(1, NUMBERS + 1)),
    }
    for ticket in tickets:
        if ticket.capacity == PROCESSOR:
            ticket.account_id = 1 + dice.below("tickets", ticket.seq, "account", 400)
        if ticket.right in ("erasure", "unknown"):
            ticket.person = Person("subjects", next(queues["subject"]))
        elif ticket.capacity == PROCESSOR:
            number = next(queues["contact"])
            ticket.person, ticket.account_id = Person("contacts", number), 1 + (number - 1) % 400
        elif ticket.right == "rectification":
            ticket.person = Person("users", next(queues["owner"]))
        elif ticket.right in ("objection", "consent_withdrawal"):
            ticket.person = Person("prospects", next(queues["prospect"]))
        else:
            ticket.person = Person("users", next(queues["user"]))


def _outcomes(tickets: list[Ticket]) -> None:
    """12 erasures in part, 6 refused, 1 of nobody known; what a processor forwards is forwarded."""
    erasures = [t for t in tickets if t.right == "erasure" and t.capacity == CONTROLLER and t.answered_at]
    for n, ticket in enumerate(erasures):
        place = n * 19 // len(erasures)
        if n == 0 or place != (n - 1) * 19 // len(erasures):
            ticket.outcome = "partial" if place % 3 != 2 and place < 18 else "refused" if place < 18 else "no_data"
    for ticket in tickets:
        if ticket.capacity == PROCESSOR:
            ticket.outcome = "forwarded"


def _close(dice: Dice, ticket: Ticket) -> None:
    if ticket.status == "void":
        return
    if ticket.answered_at is None:
        ticket.status, ticket.outcome = "open", "none"
        return
    ticket.closed_at = ticket.answered_at + timedelta(minutes=5 + dice.below("tickets", ticket.seq, "closed", 30))
