"""Faults and decoys of people who were erased: where they still stand, where they came back, what only looks like it.

Every row is chosen by what no other fault changes, so that a fault planted alone lies where it lies among all others.
Source: docs/norm/rehearsal, F15 to F18, F21, F22, D09 to D11, and "Interplay that the generator must respect".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from evidence_kit.edges.rehearsal import days, ops
from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.desk import acted_at
from evidence_kit.edges.rehearsal.plantings import BEFORE_MOCK
from evidence_kit.edges.rehearsal.stores import erased, erasure_id
from evidence_kit.edges.rehearsal.tickets import Ticket

VISITS = 2
#: Contacts whose row becomes that of somebody erased: of no ticket, on no hold, in no other fault, there at any cut.
SEATS = {"F21": 5, "F22": 3, "D11": 2}
SEATED = "contact_id BETWEEN 901 AND 5000 AND ((contact_id - 1) // 400) % 11 NOT IN (0, 5)"
#: When the second of D11 signed up again: after the search of 2026-01-31 had found nothing.
SIGNED_UP_AT = datetime(2026, 4, 14, 9, 12, tzinfo=UTC)
RESTORE = "RS-02"


def chosen(company: Company, fault: str) -> list[Ticket]:
    """The tickets of `fault` whose erasure was executed by the cut, early ones first."""
    done = {ticket.seq for ticket in erased(company.tickets)}
    return [ticket for ticket in company.chosen[fault] if ticket.seq in done]


def plant_f15(company: Company) -> list[Planted]:
    """Visits from before the request, still in the analytics lake."""
    planted = []
    sides = (("<=", [t for t in chosen(company, "F15") if t.received_at <= days.AS_OF["mock"]]),
             (">", [t for t in chosen(company, "F15") if t.received_at > days.AS_OF["mock"]]))  # fmt: skip
    for side, tickets in sides:
        # F07 takes the lowest draws of its own name and gives its rows to users: neither those before nor those after.
        rows = company.ask(
            f"SELECT rowid FROM lake.analytics_events WHERE rowid < 15000 AND loaded_at {side} {BEFORE_MOCK} AND "
            "regexp_matches(user_email, '[.]v[0-9]+@') AND "
            "draw('F07', concat(device_id, loaded_at), 'pick') > 9223372036854775807 "
            f"ORDER BY draw('F15', device_id, 'pick') LIMIT {VISITS * len(tickets)}"
        )
        for n, (row,) in enumerate(rows):
            ticket = tickets[n // VISITS]
            loaded_at = (ticket.received_at - timedelta(hours=3 + 4 * (n % VISITS))).replace(tzinfo=None)
            company.connection.execute(
                "UPDATE lake.analytics_events SET user_email = ?, loaded_at = ?, event_date = ? WHERE rowid = ?",
                [ticket.person.email(company.dice), loaded_at, (loaded_at - timedelta(hours=1.5)).date(), row],
            )
            unit = erasure_id(ticket)
            planted.append(Planted("F15", "ERA-01", "B", "FAIL", unit, "lake.analytics_events", f"{unit}/{n % VISITS}"))
    return planted


def plant_f16(company: Company) -> list[Planted]:
    """The address of the person inside what somebody of the support wrote down before the request."""
    planted = []
    for n, ticket in enumerate(chosen(company, "F16")):
        side = "<=" if ticket.received_at <= days.AS_OF["mock"] else ">"
        (note,) = company.ask(
            f"SELECT note_id FROM prod.support_notes WHERE note_id % 2 = 1 AND created_at {side} {BEFORE_MOCK} "
            "ORDER BY draw('F16', note_id, 'pick'), note_id LIMIT 1"
        )
        address = ticket.person.email(company.dice)
        written = address if n == 0 else address.upper()
        company.connection.execute(
            "UPDATE prod.support_notes SET body = ?, created_at = ? WHERE note_id = ?",
            [f"Rappel demandé par {written}, à propos de son compte.",
             (ticket.received_at - timedelta(hours=6)).replace(tzinfo=None), *note],
        )  # fmt: skip
        planted.append(Planted("F16", "ERA-01", "B", "FAIL", erasure_id(ticket), "prod.support_notes", str(note[0])))
    return planted


def plant_f17(company: Company) -> list[Planted]:
    """Messages whose recipient is “anonymised”: the address gave way to its bare SHA-256, which anybody can make.

    They are invoices: whether somebody unknown had said stop is a question of marketing, which they must not raise.
    """
    tickets = chosen(company, "F17")
    rows = company.ask(
        "SELECT message_id FROM prod.messages WHERE message_id <= 60000 AND campaign_id > 60 AND campaign_id % 15 = 0 "
        "AND sent_at BETWEEN TIMESTAMP '2025-06-05 00:00:00' AND TIMESTAMP '2025-06-30 00:00:00' "
        f"ORDER BY draw('F17', message_id, 'pick') LIMIT {len(tickets)}"
    )
    planted = []
    for ticket, (message,) in zip(tickets, rows, strict=True):
        company.connection.execute(
            "UPDATE prod.messages SET recipient_email = NULL, anon_hash = sha256(lower(?)) WHERE message_id = ?",
            [ticket.person.email(company.dice), message],
        )
        for trace in ("events", "click_logs", "bounces"):
            company.connection.execute(f"UPDATE prod.{trace} SET email = NULL WHERE message_id = ?", [message])
        planted.append(Planted("F17", "ERA-01", "B", "FAIL", erasure_id(ticket), "prod.messages", str(message)))
    return planted


def plant_f18(company: Company) -> list[Planted]:
    """An erasure of which nothing is kept that would find the person: no address, no digest, so no search either."""
    planted = []
    for ticket in chosen(company, "F18"):
        unit = erasure_id(ticket)
        company.connection.execute(
            "UPDATE prod.erasure_log SET subject_digest = NULL, identifier_form = 'none' WHERE erasure_id = ?", [unit]
        )
        for table in ("vault.erasures", "ops.probes"):
            company.connection.execute(f"DELETE FROM {table} WHERE erasure_id = ?", [unit])
        planted += [
            Planted("F18", control, "A", "INCONCLUSIVE", unit, "prod.erasure_log", unit)
            for control in ("ERA-01", "ERA-03")
        ]
    return planted


def plant_f21(company: Company) -> list[Planted]:
    """A client loads an old file again, and the person with it."""
    planted = []
    for seat, ticket in zip(_seats(company, "F21"), chosen(company, "F21"), strict=False):
        wait = acted_at(ticket) + timedelta(days=5)
        number = next(n for n in range(1, ops.IMPORTS + 1) if ops.imported_at(n) > wait)
        _seat(company, seat, ticket, ops.imported_at(number), "csv", number)
        planted.append(Planted("F21", "ERA-03", "A", "FAIL", erasure_id(ticket), "prod.contacts", str(seat)))
    return planted


def plant_f22(company: Company) -> list[Planted]:
    """Restored with the base of 2026-01-20, old dates and all; the replay forgot the three."""
    if company.as_of == "mock":
        return []
    planted = []
    for n, (seat, ticket) in enumerate(zip(_seats(company, "F22"), chosen(company, "F22"), strict=True)):
        _seat(company, seat, ticket, datetime(2024, 3 + n, 11, 15, 20, tzinfo=UTC), "api", None)
        planted.append(Planted("F22", "ERA-03", "A", "FAIL", erasure_id(ticket), "prod.contacts", str(seat)))
    company.connection.execute(
        f"UPDATE ops.restores SET erasures_replayed = erasures_expected - {len(planted)} WHERE restore_id = '{RESTORE}'"
    )
    return [*planted, Planted("F22", "ERA-05", "C", "FAIL", RESTORE, "ops.restores", RESTORE)]


def plant_d09(company: Company) -> list[Planted]:
    """An invoice of an erased client, kept for its ten years."""
    planted = []
    for ticket in chosen(company, "D09"):
        (row,) = company.ask(
            "SELECT invoice_id FROM archive.invoices WHERE issued_on >= DATE '2022-01-01' "
            "ORDER BY draw('D09', invoice_id, 'pick') LIMIT 1"
        )
        company.connection.execute(
            "UPDATE archive.invoices SET name = ?, email = ?, address = concat(street_of('subjects', ?), ', ', "
            "city_of('subjects', ?)) WHERE invoice_id = ?",
            [ticket.person.name(company.dice), ticket.person.email(company.dice), *[ticket.person.number] * 2, *row],
        )
        planted.append(Planted("D09", "ERA-01", "B", "PASS", erasure_id(ticket), "archive.invoices", str(row[0])))
    return planted


def plant_d10(company: Company) -> list[Planted]:
    """Somebody living, of the same name as somebody erased, telephones."""
    planted = []
    for ticket in chosen(company, "D10"):
        (row,) = company.ask(
            f"SELECT note_id FROM prod.support_notes WHERE note_id % 2 = 0 AND created_at <= {BEFORE_MOCK} "
            "ORDER BY draw('D10', note_id, 'pick'), note_id LIMIT 1"
        )
        company.connection.execute(
            "UPDATE prod.support_notes SET body = ? WHERE note_id = ?",
            [f"{ticket.person.name(company.dice)} a rappelé : tout fonctionne.", *row],
        )
        planted.append(Planted("D10", "ERA-01", "B", "PASS", erasure_id(ticket), "prod.support_notes", str(row[0])))
    return planted


def plant_d11(company: Company) -> list[Planted]:
    """The person signs up again by a form, with a new consent: one before the search of 2026-01-31, one after it."""
    planted = []
    for n, (seat, ticket) in enumerate(zip(_seats(company, "D11"), chosen(company, "D11"), strict=True)):
        at = SIGNED_UP_AT if n else acted_at(ticket) + timedelta(days=20)
        if at <= days.AS_OF[company.as_of]:
            _seat(company, seat, ticket, at, "form", None)
            planted.append(Planted("D11", "ERA-03", "A", "PASS", erasure_id(ticket), "prod.contacts", str(seat)))
    return planted


def _seats(company: Company, name: str) -> list[int]:
    """The contacts of one fault or decoy, disjoint from those of the others."""
    first = sum(count for other, count in SEATS.items() if list(SEATS).index(other) < list(SEATS).index(name))
    rows = company.ask(
        f"SELECT contact_id FROM prod.contacts WHERE {SEATED} AND legal_hold_reference IS NULL "
        f"ORDER BY draw('seats', contact_id, 'pick'), contact_id LIMIT {sum(SEATS.values())}"
    )
    return [contact for (contact,) in rows][first : first + SEATS[name]]


def _seat(company: Company, contact: int, ticket: Ticket, at: datetime, how: str, file: int | None) -> None:
    """Make one contact that person, written at `at` by a form, the API or the client's `file`.

    What the organisation found of the person on 2026-01-31 follows, unless a restoration brought the row back later.
    """
    naive = at.astimezone(UTC).replace(tzinfo=None)
    n = ticket.person.number
    company.connection.execute(
        "UPDATE prod.contacts SET account_id = coalesce($account, account_id), email = email_of('subjects', $n), "
        "first_name = first_name('subjects', $n), last_name = last_name('subjects', $n), "
        "phone = phone_of('subjects', $n), birth_date = birth_of('subjects', $n), "
        "postal_address = street_of('subjects', $n), city = city_of('subjects', $n), last_contact_at = NULL, "
        "consent_at = $at, created_at = $at, loaded_by = $how, import_id = $file WHERE contact_id = $contact",
        {"account": ops.import_account(file) if file else None, "n": n, "at": naive, "how": how, "file": file,
         "contact": contact},
    )  # fmt: skip
    if acted_at(ticket) < at <= ops.PROBED_AT:
        company.connection.execute(
            "UPDATE ops.probes SET rows = 1 WHERE erasure_id = ? AND source = 'prod' AND object = 'contacts'",
            [erasure_id(ticket)],
        )
