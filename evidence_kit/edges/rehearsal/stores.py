"""What lies beside the product: the intermediate archive, the analytics lake, the CRM, and the log of erasures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from evidence_kit.edges.rehearsal import days
from evidence_kit.edges.rehearsal.desk import Row, acted_at, staff
from evidence_kit.edges.rehearsal.draw import Dice
from evidence_kit.edges.rehearsal.tickets import CONTROLLER, Ticket

SIZES = {
    "archive.invoices": 4800,
    "archive.contracts": 1200,
    "archive.closed_tickets": 300,
    "lake.analytics_events": 15000,
    "crm.people": 2600,
    "crm.activities": 5200,
}
GROWING = ("lake.analytics_events",)

TABLES = {
    # Nine closed years, each inside its ten; the desk opened on 1 July 2025: older tickets are of the tool before.
    "archive.invoices": """
SELECT 100000 + i AS invoice_id, account_of(i) AS account_id, full_name('users', account_of(i)) AS name,
  email_of('users', account_of(i)) AS email, street_of('users', account_of(i)) AS address,
  concat('FR00', lpad(CAST(below('archive.invoices', i, 'vat', 1000000000) AS VARCHAR), 9, '0')) AS vat_number,
  issued_on, make_date(year(issued_on), 12, 31) AS fiscal_year_end
FROM (SELECT i, DATE '2016-01-04' + CAST(below('archive.invoices', i, 'issued', 3282) AS INTEGER) AS issued_on
  FROM range(1, {rows} + 1) t(i))""",
    "archive.contracts": """
SELECT 10000 + i AS contract_id, account_of(i) AS account_id, full_name('users', account_of(i)) AS signatory_name,
  email_of('users', account_of(i)) AS signatory_email, phone_of('users', account_of(i)) AS phone,
  DATE '2020-07-01' + CAST(below('archive.contracts', i, 'ended', 1640) AS INTEGER) AS ended_on
FROM range(1, {rows} + 1) t(i)""",
    "archive.closed_tickets": """
SELECT concat('OLD-', lpad(CAST(i AS VARCHAR), 4, '0')) AS request_id, email_of('visitors', 50000 + i) AS subject_email,
  'Demande close, voir le courrier.' AS body, ['access', 'erasure', 'objection'][1 + i % 3] AS "right",
  moment('archive.closed_tickets', i, 'closed', TIMESTAMP '2021-08-01 08:00:00', TIMESTAMP '2025-06-27 18:00:00')
  AS closed_at
FROM range(1, {rows} + 1) t(i)""",
    "lake.analytics_events": """
SELECT CAST(occurred_at AS DATE) AS event_date,
  email_of('visitors', 1 + below('lake', i, 'person', 4000)) AS user_email,
  substr(sha256(CAST(trace AS VARCHAR)), 1, 16) AS device_id, ip_of(trace) AS ip, agent_of(trace) AS user_agent,
  ['/', '/tarifs', '/aide', '/connexion'][1 + i % 4] AS page, occurred_at + to_seconds(5400) AS loaded_at
FROM (SELECT i, trace_of('lake', i) AS trace, moment('lake', i, 'at', TIMESTAMP '2025-07-01 00:00:00',
  TIMESTAMP '2026-06-20 00:00:00') AS occurred_at FROM range(1, {rows} + 1) t(i))
WHERE occurred_at + to_seconds(5400) <= {until} ORDER BY i""",
    "crm.people": """
SELECT i AS person_id, email_of(p, n) AS email, first_name(p, n) AS first_name, last_name(p, n) AS last_name,
  phone_of(p, n) AS phone, job_of(p, n) AS job_title, email_of('staff', 1 + i % 12) AS owner,
  concat(street_of(p, n), ', ', city_of(p, n)) AS address,
  CASE WHEN i % 40 = 3 THEN 'Préfère un appel le matin.' END AS notes,
  CASE WHEN i <= 900 THEN concat('Atelier ', last_name('users', account_of(i)), ' ', account_of(i))
    ELSE concat('Maison ', last_name('prospects', n + 50000)) END AS company,
  moment('crm.people', i, 'updated', TIMESTAMP '2025-07-02 00:00:00', {until}) AS updated_at
FROM (SELECT i, CASE WHEN i <= 900 THEN 'users' ELSE 'prospects' END AS p, CASE WHEN i <= 900 THEN i ELSE i - 900 END
  AS n FROM range(1, {rows} + 1) t(i))""",
    "crm.activities": """
SELECT i AS activity_id, person_id, email_of('staff', 1 + i % 12) AS author,
  ['Appel, rappeler en mars.', 'Démonstration faite.', 'Devis envoyé.'][1 + i % 3] AS summary,
  CASE WHEN person_id <= 900 THEN email_of('users', person_id) ELSE email_of('prospects', person_id - 900) END
    AS contact_email, ip_of(trace_of('crm.activities', i)) AS ip, ['call', 'demo', 'quote'][1 + i % 3] AS kind,
  occurred_at
FROM (SELECT i, 1 + below('crm.activities', i, 'person', 2600) AS person_id, moment('crm.activities', i, 'at',
  TIMESTAMP '2025-07-01 00:00:00', TIMESTAMP '2026-06-20 00:00:00') AS occurred_at FROM range(1, {rows} + 1) t(i))
WHERE occurred_at <= {until} ORDER BY activity_id""",
}


@dataclass(frozen=True, slots=True)
class Searched:
    """One object where the address of a person may lie: in `key`, among the `personal` columns.

    `dated`: when a row came to be; empty for an object that says nothing of it, and then counts whole.
    """

    source: str
    table: str
    key: str
    personal: str
    dated: str = ""


#: Source: docs/norm/rehearsal-tables, the columns marked with a star.
SEARCHED = (
    Searched("prod", "users", "email", "user_id email full_name phone last_ip mfa_secret", "created_at"),
    Searched("prod", "messages", "recipient_email", "message_id recipient_email open_count anon_hash", "sent_at"),
    Searched("prod", "events", "email", "email ip user_agent geo", "occurred_at"),
    Searched("prod", "click_logs", "email", "email url ip", "occurred_at"),
    Searched("prod", "bounces", "email", "email smtp_reply", "occurred_at"),
    Searched("prod", "form_submissions", "email", "email first_name last_name ip referrer", "submitted_at"),
    Searched("prod", "api_log", "key_owner", "key_owner ip user_agent", "called_at"),
    Searched("crm", "people", "email", "person_id email first_name last_name phone job_title owner address notes"),
    Searched("crm", "activities", "contact_email", "person_id author summary contact_email ip", "occurred_at"),
    Searched("desk", "tickets", "subject_email", "subject_email subject_name id_copy_path agent", "received_at"),
    Searched("desk", "replies", "to_email", "to_email reader body_path", "sent_at"),
    Searched("mailbox", "messages", "from_email", "message_id from_email from_name subject body triaged_by",
             "received_at"),
    Searched("desk", "ticket_events", "actor", "actor", "occurred_at"),
)  # fmt: skip


#: Where the organisation looked for everybody erased, on 2026-01-31: by the address, in what it knew to hold people.
PROBED = (
    *(("prod", table) for table in "users prospects accounts contacts messages events click_logs bounces unsubscribes "
      "consents form_submissions api_log".split()),
    ("crm", "people"), ("crm", "activities"),
)  # fmt: skip


def answer_items() -> str:
    """SQL of `desk.answer_items`: what the access answers gave, object by object: what was there when they were sent.

    `fields`: the personal columns that hold a value in one of the rows given.
    """
    return (
        "WITH asked AS (SELECT request_id, subject_email, CAST(answered_at AS TIMESTAMP) AS until FROM desk.tickets "
        f"WHERE \"right\" IN ('access', 'portability') AND capacity = '{CONTROLLER}' AND answered_at IS NOT NULL) "
        f"SELECT *, CAST(NULL AS VARCHAR) AS exempt_reason FROM ({' UNION ALL '.join(map(_given, SEARCHED))}) "
        "ORDER BY request_id, source, object"
    )


def _given(place: Searched) -> str:
    fields = " + ".join(f"CAST(count(o.{column}) > 0 AS BIGINT)" for column in place.personal.split())
    dated = f"AND CAST(o.{place.dated} AS TIMESTAMP) <= t.until" if place.dated else ""
    return (
        f"SELECT t.request_id, '{place.source}' AS source, '{place.table}' AS object, count(*) AS rows, "
        f"{fields} AS fields FROM asked t JOIN {place.source}.{place.table} o ON o.{place.key} = t.subject_email "
        f"{dated} GROUP BY t.request_id"
    )


def erased(tickets: Sequence[Ticket]) -> list[Ticket]:
    """The tickets that ended in an erasure, in whole or in part."""
    done = ("fulfilled", "partial", "forwarded")
    return [t for t in tickets if t.right == "erasure" and t.answered_at and t.outcome in done]


def erasure_id(ticket: Ticket) -> str:
    """The number under which the log of erasures keeps what this ticket asked for."""
    return f"ERA-{ticket.seq:04d}"


def erasure_log(dice: Dice, tickets: Sequence[Ticket]) -> Iterator[Row]:
    """`prod.erasure_log`, without its digests: those are computed in the engine."""
    for n, ticket in enumerate(erased(tickets), start=1):
        executed_at = acted_at(ticket)
        yield {
            "erasure_id": erasure_id(ticket),
            "request_id": ticket.request_id,
            "address": ticket.person.email(dice),
            "operator": staff(ticket.agent, dice),
            "capacity": ticket.capacity,
            "decided_at": days.text(executed_at - timedelta(minutes=1)),
            "executed_at": days.text(executed_at),
            "scope": "partial" if ticket.outcome == "partial" else "full",
            "method": "delete",
            "exception": "17(3)(b)" if ticket.outcome == "partial" else None,
            "identifier_form": "clear_in_vault" if n % 2 else "keyed_digest",
        }
