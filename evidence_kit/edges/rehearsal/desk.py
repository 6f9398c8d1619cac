"""The desk's own tables, written from the tickets: what was logged, step by step and letter by letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from evidence_kit.edges.rehearsal import days
from evidence_kit.edges.rehearsal.draw import Dice
from evidence_kit.edges.rehearsal.people import Person
from evidence_kit.edges.rehearsal.tickets import CONTROLLER, Ticket

Row = dict[str, Any]

INSTANTS = (
    "received_at logged_at ack_at id_asked_at id_received_at id_doc_at id_copy_deleted_at clar_asked_at "
    "clar_received_at ext_notified_at forwarded_at answered_at closed_at message_at"
).split()
ACTED = {"erasure": "erased", "rectification": "rectified", "restriction": "restricted"}
CHANNELS = ("form", "email", "unsubscribe_link", "account_page", "postal", "phone")
ROUNDS = ((1, date(2026, 1, 14)), (2, date(2026, 6, 10)))


def cut(tickets: Iterable[Ticket], until: datetime) -> list[Ticket]:
    """The tickets as they stood at `until`: later ones are not there, later steps have not happened."""
    kept = []
    for ticket in tickets:
        if ticket.logged_at is None or ticket.logged_at > until:
            continue
        for name in INSTANTS:
            instant = getattr(ticket, name)
            if instant is not None and instant > until:
                setattr(ticket, name, None)
        if ticket.status == "closed" and ticket.closed_at is None:
            ticket.status, ticket.outcome, ticket.answered_at = "open", "none", None
        kept.append(ticket)
    return kept


def staff(number: int, dice: Dice) -> str:
    """The address of one member of staff."""
    return Person("staff", number).email(dice)


def rows(dice: Dice, tickets: Sequence[Ticket]) -> Iterator[Row]:
    """`desk.tickets`."""
    for t in tickets:
        yield {
            "request_id": t.request_id,
            "seq": t.seq,
            "subject_email": t.person.email(dice),
            "subject_name": t.person.name(dice),
            "id_copy_path": f"identity/{t.request_id}.pdf" if t.id_doc_at and not t.id_copy_deleted_at else None,
            "agent": staff(t.agent, dice),
            "account_id": t.account_id,
            "capacity": t.capacity,
            "right": t.right,
            "channel": t.channel,
            **{name: days.text(getattr(t, name)) for name in ("received_at", "logged_at", "ack_at")},
            "auth_method": t.auth_method,
            "id_asked_at": days.text(t.id_asked_at),
            "id_received_at": days.text(t.id_received_at),
            "id_doubt": t.id_doubt,
            "id_doc_at": days.text(t.id_doc_at),
            "id_copy_deleted_at": days.text(t.id_copy_deleted_at),
            "clar_asked_at": days.text(t.clar_asked_at),
            "clar_received_at": days.text(t.clar_received_at),
            "clar_ground": t.clar_ground,
            "ext_notified_at": days.text(t.ext_notified_at),
            "forwarded_at": days.text(t.forwarded_at),
            "answered_at": days.text(t.answered_at),
            "closed_at": days.text(t.closed_at),
            "outcome": t.outcome,
            "status": t.status,
            "void_reason": t.void_reason,
        }


def steps(ticket: Ticket) -> Iterator[tuple[str, datetime, str]]:
    """Kind, instant and kind of actor of each dated step of one ticket, in order of time."""
    t = ticket
    found: list[tuple[str, datetime | None, str]] = [
        ("received", t.received_at, "subject"),
        ("logged", t.logged_at, "system"),
        ("acknowledged", t.ack_at, "system"),
        ("clarification_requested", t.clar_asked_at, "person"),
        ("clarification_received", t.clar_received_at, "subject"),
        ("identity_requested", t.id_asked_at, "person"),
        ("identity_received", t.id_received_at, "subject"),
        ("extension_notified", t.ext_notified_at, "person"),
        ("forwarded", t.forwarded_at, "person"),
        ("closed", t.closed_at, "system"),
    ]
    if t.answered_at and t.status != "void":
        acted = t.outcome in ("fulfilled", "partial", "forwarded")
        step = ACTED.get(t.right)
        found.append(("searched", t.answered_at - timedelta(minutes=210), "person"))
        if acted and step and t.outcome != "no_data":
            found.append((step, acted_at(t), "system"))
        found.append(("refused" if t.outcome == "refused" else "answered", t.answered_at, "person"))
    return iter(sorted(((k, i, a) for k, i, a in found if i is not None), key=lambda step: (step[1], step[0])))


def acted_at(ticket: Ticket) -> datetime:
    """When the data were erased, rectified or restricted: before the answer says so."""
    assert ticket.answered_at is not None
    before = 2 if ticket.channel == "unsubscribe_link" or ticket.capacity != CONTROLLER else 95
    return ticket.answered_at - timedelta(minutes=before)


def events(dice: Dice, tickets: Sequence[Ticket]) -> Iterator[Row]:
    """`desk.ticket_events`."""
    number = 0
    for ticket in tickets:
        for kind, occurred_at, actor_type in steps(ticket):
            number += 1
            actor = {"person": staff(ticket.agent, dice), "subject": ticket.person.email(dice)}.get(actor_type)
            yield {
                "event_id": f"EVT-{ticket.seq:04d}-{number:05d}",
                "request_id": ticket.request_id,
                "actor": actor or "svc-desk@exemple-courrier.example",
                "actor_type": actor_type,
                "kind": kind,
                "occurred_at": days.text(occurred_at),
                "recorded_at": days.text(occurred_at + timedelta(seconds=5 + dice.below("events", number, "lag", 90))),
            }


def replies(dice: Dice, tickets: Sequence[Ticket]) -> Iterator[Row]:
    """`desk.replies`: one row a letter sent, as its reader found it."""
    number = 0
    for ticket in tickets:
        for kind, sent_at in _letters(ticket):
            number += 1
            answer = kind in ("answer", "refusal")
            due_on = None if answer or kind == "forward" else ticket.due_on
            if kind == "extension":
                due_on = days.due(ticket.received_on, 3)
            needs_reasons = kind in ("refusal", "extension") or (answer and ticket.outcome == "partial")
            denied = ticket.outcome in ("refused", "partial") and answer
            complete = answer and ticket.right in ("access", "portability")
            yield {
                "reply_id": f"REP-{number:05d}",
                "request_id": ticket.request_id,
                "to_email": ticket.person.email(dice) if kind != "forward" else _client(ticket),
                "reader": staff(7 + number % 2, dice),
                "body_path": f"letters/REP-{number:05d}.eml",
                "kind": kind,
                "sent_at": days.text(sent_at),
                "due_announced_on": due_on.isoformat() if due_on else None,
                "reasons": (ticket.extension_reasons if kind == "extension" else True) if needs_reasons else None,
                "complaint_right": True if denied or complete else None,
                "judicial_remedy": True if denied or complete else None,
                "art15_items": "abcdefgh" if complete and ticket.capacity == CONTROLLER else None,
                "recipients_named": True if complete and ticket.capacity == CONTROLLER else None,
            }


def _letters(ticket: Ticket) -> Iterator[tuple[str, datetime]]:
    last = "refusal" if ticket.outcome == "refused" and ticket.capacity == CONTROLLER else "answer"
    found = (
        ("acknowledgement", ticket.ack_at),
        ("extension", ticket.ext_notified_at),
        ("forward", ticket.forwarded_at),
        (last, ticket.answered_at),
    )
    yield from ((kind, sent_at) for kind, sent_at in found if sent_at is not None)


def _client(ticket: Ticket) -> str:
    return f"dpo@client-{ticket.account_id:03d}.example"


def corrections(dice: Dice, tickets: Sequence[Ticket]) -> Iterator[Row]:
    """`desk.corrections`: what 26 owners of accounts, and a few contacts of clients, asked to have corrected."""
    for ticket in tickets:
        if ticket.right == "rectification":
            yield {"request_id": ticket.request_id, "field": "name", "requested_value": ticket.person.name(dice)}
            if ticket.seq % 3 == 0:
                digits = dice.below(ticket.person.pool, ticket.person.number, "phone", 10000)
                phone = f"+33 1 99 00 {digits // 100:02d} {digits % 100:02d}"
                yield {"request_id": ticket.request_id, "field": "phone", "requested_value": phone}


def channels(until: datetime) -> Iterator[Row]:
    """`desk.channels`: the six channels, tested in each round."""
    for round_, day in ROUNDS:
        for n, channel in enumerate(CHANNELS):
            tested = days.at(day, 9 + n, 15)
            if tested > until:
                continue
            yield {
                "channel_id": f"CH-{channel}",
                "channel": channel,
                "round": round_,
                "in_notice": True,
                "tested_at": days.text(tested),
                "reachable": True,
                "login_required": channel == "account_page",
                "document_required": False,
                "marker": f"probe-{round_}-{n}",
                "ticket_created_at": days.text(tested + timedelta(minutes=3)),
                "effective_at": days.text(tested + timedelta(minutes=20)),
            }
