"""Faults and decoys of requests that lie in tables: what answers forget, what corrections miss, what nobody logged."""

from __future__ import annotations

from datetime import timedelta

from evidence_kit.edges.rehearsal import days, mailbox
from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.plantings import BEFORE_MOCK
from evidence_kit.edges.rehearsal.story import EXPLAINED
from evidence_kit.edges.rehearsal.tickets import Ticket, printed

VISITS = 4
NO_TICKET_FROM, NO_TICKET_IN = "CH-account_page", 2
#: Mailbox, folder and right of the requests that became no ticket (F12); the first two came before the mock audit.
UNLOGGED = (
    ("contact", "inbox", "erasure"), ("dpo", "spam", "access"), ("contact", "archive", "objection"),
    ("support", "inbox", "erasure"), ("contact", "inbox", "access"), ("contact", "inbox", "rectification"),
)  # fmt: skip
#: When they came, and how many of them, as SQL; no window touches a cut.
UNLOGGED_IN = (("2025-07-20", "2026-01-20", 2), ("2026-02-10", "2026-06-15", 4))


def _tickets(company: Company, fault: str) -> list[Ticket]:
    """The tickets that `fault` chose and that the cut left, in the order of their numbers."""
    units = {one.unit for one in company.planted if one.fault == fault}
    return [ticket for ticket in company.tickets if ticket.request_id in units]


def plant_f07(company: Company) -> list[Planted]:
    """Visits of the person in the analytics lake, in the hours before the request; the answer has no line for them."""
    for n, ticket in enumerate(_tickets(company, "F07")):
        # Rows are taken on the side of the mock audit where the request is: the company cut there stays the same.
        side = "<=" if ticket.received_at <= days.AS_OF["mock"] else ">"
        found = company.ask(
            f"SELECT rowid FROM lake.analytics_events WHERE loaded_at {side} {BEFORE_MOCK} "
            f"ORDER BY draw('F07', concat(device_id, loaded_at), 'pick') LIMIT {VISITS} OFFSET {n * VISITS}"
        )
        for hour, (row,) in enumerate(found, start=1):
            loaded_at = (ticket.received_at - timedelta(hours=4 * hour)).replace(tzinfo=None)
            company.connection.execute(
                "UPDATE lake.analytics_events SET user_email = ?, loaded_at = ?, event_date = ? WHERE rowid = ?",
                [ticket.person.email(company.dice), loaded_at, (loaded_at - timedelta(hours=1.5)).date(), row],
            )
    return []


def plant_f08(company: Company) -> list[Planted]:
    """The misspelt name came back in the CRM: the last letter of the family name is missing there."""
    for ticket in _tickets(company, "F08"):
        company.connection.execute(
            "UPDATE crm.people SET last_name = left(last_name, length(last_name) - 1) WHERE email = ?",
            [ticket.person.email(company.dice)],
        )
    return []


def plant_f09(company: Company) -> list[Planted]:
    """The letter of refusal names neither the authority nor the judge."""
    for ticket in _tickets(company, "F09"):
        company.connection.execute(
            "UPDATE desk.replies SET complaint_right = false, judicial_remedy = false "
            "WHERE request_id = ? AND kind = 'refusal'",
            [ticket.request_id],
        )
    return []


def plant_f10(company: Company) -> list[Planted]:
    """The deletion button of the account page thanks, and nothing follows: seen in the second round of tests."""
    found = company.connection.execute(
        "UPDATE desk.channels SET ticket_created_at = NULL, effective_at = NULL "
        f"WHERE channel_id = '{NO_TICKET_FROM}' AND round = {NO_TICKET_IN} RETURNING channel_id"
    ).fetchall()
    return [Planted("F10", "REQ-08", "B", "FAIL", unit, "desk.channels", f"{unit}/{NO_TICKET_IN}") for (unit,) in found]


def plant_f12(company: Company) -> list[Planted]:
    """Requests that became no ticket: letters of strangers, otherwise about something else, ask for their rights."""
    found = []
    for start, end, count in UNLOGGED_IN:
        found += company.ask(
            "SELECT message_id, from_name FROM mailbox.messages WHERE triage = 'other' AND body NOT LIKE '%upprimer%' "
            f"AND received_at BETWEEN '{start}' AND '{end}' ORDER BY draw('F12', from_email, 'pick') LIMIT {count}"
        )
    for (message, name), (box, folder, right) in zip(found, UNLOGGED, strict=False):
        company.connection.execute(
            'UPDATE mailbox.messages SET subject = ?, body = ?, mailbox = ?, folder = ?, triage = ?, "right" = ? '
            "WHERE message_id = ?",
            ["Ma demande", mailbox.letter(mailbox.WORDS[right], name), box, folder, "rights_request", right, message],
        )
    return [Planted("F12", "COM-01", "B", "FAIL", message, "mailbox.messages", message) for message, _ in found]


def decoys(company: Company) -> list[Planted]:
    """What looks like a fault of identity or of completeness and must stay silent (D06 to D08)."""
    cards = [
        Planted("D06", "REQ-04", "C", "PASS", t.request_id, "desk.tickets", t.request_id)
        for t in company.tickets if t.id_doc_at and t.auth_method == "other"
    ]  # fmt: skip
    number = printed(EXPLAINED)
    words = company.ask("SELECT message_id FROM mailbox.messages WHERE triage = 'other' AND body LIKE '%upprimer%'")
    return [
        *cards,
        Planted("D07", "COM-01", "A", "PASS", number, "desk.tickets", number),
        *(Planted("D08", "COM-01", "B", "no_unit", key, "mailbox.messages", key) for (key,) in words),
    ]
