"""People known to stand in each object that is searched: a search that does not find them proves nothing.

Nobody is added. Each is taken from the object itself, is erased nowhere and, wherever the object holds others, has
asked for nothing. Where a list keeps digests alone, the canary is an address whose digest stands there; the log of
erasures keeps digests of nobody but the erased, so there it is one of them that no fault and no decoy touches.
Source: docs/norm/rehearsal, "each searched object holds one canary known to be there".
"""

from __future__ import annotations

from collections.abc import Iterator

from evidence_kit.edges.rehearsal.company import Company
from evidence_kit.edges.rehearsal.stores import erased, erasure_id

#: Object → column of the address, and its key, by which the first row is taken.
ADDRESSES = {
    "prod.accounts": ("owner_email", "account_id"),
    "prod.users": ("email", "user_id"),
    "prod.prospects": ("email", "prospect_id"),
    "prod.contacts": ("email", "contact_id"),
    "prod.campaigns": ("sender_email", "-campaign_id"),
    "prod.messages": ("recipient_email", "message_id"),
    "prod.events": ("email", "event_id"),
    "prod.click_logs": ("email", "click_id"),
    "prod.bounces": ("email", "bounce_id"),
    "prod.unsubscribes": ("email", "unsub_id"),
    "prod.consents": ("email", "consent_id"),
    "prod.form_submissions": ("email", "submission_id"),
    "prod.support_notes": ("contact_email", "note_id"),
    "prod.tmp_export_2025_11": ("email", "email"),
    "prod.api_log": ("key_owner", "call_id"),
    "prod.sessions_old": ("email", "session_id"),
    "archive.invoices": ("email", "invoice_id"),
    "archive.contracts": ("signatory_email", "contract_id"),
    "archive.closed_tickets": ("subject_email", "request_id"),
    "lake.analytics_events": ("user_email", "loaded_at"),
    "crm.people": ("email", "person_id"),
    "crm.activities": ("contact_email", "activity_id"),
    # The request file: those who answer and have asked for nothing, and strangers who wrote about something else.
    "desk.tickets": ("agent", "request_id"),
    "desk.ticket_events": ("actor", "event_id"),
    "desk.replies": ("reader", "reply_id"),
    "mailbox.messages": ("CASE WHEN triage = 'other' THEN from_email END", "message_id"),
}
COLUMNS = "case_id key_kind key_value"


def rows(company: Company) -> Iterator[dict[str, str]]:
    """One canary for each searched object that is there: `vault/canaries.csv`."""
    there = {f"{source}.{table}" for source, table in company.ask(
        "SELECT CASE WHEN schema_name = 'main' THEN database_name ELSE schema_name END, table_name FROM duckdb_tables()"
    )}  # fmt: skip
    for place, (column, key) in ADDRESSES.items():
        if place in there:
            yield _canary(place, "email", _first(company, place, column, key))
    ((entry,),) = company.ask(
        "SELECT email_of(listed_pool(entry_id), listed_number(entry_id)) FROM prod.suppression "
        "WHERE stored_form = 'hmac' AND name IS NULL AND reason = 'hard_bounce' ORDER BY entry_id LIMIT 1"
    )
    yield _canary("prod.suppression", "email", entry)
    yield _canary("prod.erasure_log", "email", _digested(company))
    ((value,),) = company.ask("SELECT requested_value FROM desk.corrections WHERE field = 'name' ORDER BY 1 LIMIT 1")
    yield _canary("desk.corrections", "exact", value)


def name(place: str) -> str:
    """The case under which the canary of an object stands, as the engagement file names it."""
    return "canary-" + place.replace(".", "-").replace("_", "-")


def _canary(place: str, kind: str, value: str) -> dict[str, str]:
    return {"case_id": name(place), "key_kind": kind, "key_value": value}


def _first(company: Company, place: str, column: str, key: str) -> str:
    """The address of the first row of one object whose owner made no request and is in no log of erasures."""
    found = company.ask(
        f"SELECT address FROM (SELECT {column} AS address, {key} AS place FROM {place}) WHERE address LIKE '%@%' "
        "AND address NOT IN (SELECT subject_email FROM desk.tickets) AND address NOT LIKE 'svc-%' "
        "ORDER BY place, address LIMIT 1"
    )
    if not found:
        raise ValueError(f"{place} holds nobody who asked for nothing; raise contacts.")
    return str(found[0][0])


def _digested(company: Company) -> str:
    """The address behind the first digest of the log of erasures whose person is part of no fault and no decoy."""
    apart = {ticket.seq for tickets in company.chosen.values() for ticket in tickets}
    digests = dict(company.ask("SELECT erasure_id, subject_digest FROM prod.erasure_log"))
    fit = (t for t in erased(company.tickets) if t.seq not in apart and digests[erasure_id(t)])
    return next(fit).person.email(company.dice)
