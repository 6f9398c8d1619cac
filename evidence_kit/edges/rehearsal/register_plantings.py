"""Faults and decoys of the register: what it does not name, what it names that is gone, cells nobody filled.

Source: docs/norm/rehearsal, F32 to F35, M01, M02, D16; docs/norm/rehearsal-tables, the columns marked with a star.
"""

from __future__ import annotations

from collections.abc import Sequence

from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.docs import CONTEST, REGISTER

#: Table → columns about a person.
PERSONAL = {
    "prod.accounts": "owner_name owner_email owner_phone billing_address iban login_email password_hash last_login_ip",
    "prod.users": "user_id email full_name phone last_ip mfa_secret",
    "prod.contacts": "contact_id email first_name last_name phone birth_date postal_address city language custom_json "
    "last_contact_at consent_at",
    "prod.form_submissions": "email first_name last_name ip referrer",
    "prod.prospects": "prospect_id email first_name last_name phone job_title last_open_at last_click_at",
    "prod.campaigns": "sender_email reply_to",
    "prod.messages": "message_id recipient_email open_count anon_hash",
    "prod.events": "email ip user_agent geo",
    "prod.click_logs": "email url ip",
    "prod.bounces": "email smtp_reply",
    "prod.unsubscribes": "email ip",
    "prod.suppression": "entry name birth_date",
    "prod.consents": "email source_ip",
    "prod.contests_2023": "entry_id email",
    "prod.support_notes": "author contact_email body",
    "prod.tmp_export_2025_11": "email first_name last_name phone birth_date postal_address",
    "prod.erasure_log": "subject_digest operator",
    "prod.api_log": "key_owner ip user_agent",
    "prod.sessions_old": "session_id email ip",
    "crm.people": "person_id email first_name last_name phone job_title owner address notes",
    "crm.activities": "person_id author summary contact_email ip",
    "lake.analytics_events": "user_email device_id ip user_agent",
    "archive.invoices": "name email address vat_number",
    "archive.contracts": "signatory_name signatory_email phone",
    "archive.closed_tickets": "subject_email body",
    "desk.tickets": "subject_email subject_name id_copy_path agent",
    "desk.ticket_events": "actor",
    "desk.replies": "to_email reader body_path",
    "desk.corrections": "requested_value",
    "mailbox.messages": "message_id from_email from_name subject body triaged_by",
}
#: Columns of which nobody can say what they hold.
UNKNOWN = {"prod.campaigns": "custom_1 custom_2"}
UNDECLARED = ("prod.support_notes", "prod.tmp_export_2025_11", "lake.analytics_events")
#: Declared on 2026-03-15: 28 columns. Each of their entries names another object too.
UNDECLARED_AT_MOCK = ("prod.users", "prod.prospects", "crm.people", "crm.activities")
#: Entries of the company's own that no other fault or decoy touches.
OWN = tuple(
    name for n, (name, *_) in enumerate(REGISTER) if not 10 <= n < 14 and name not in ("ACT-06", CONTEST, "ACT-20")
)
#: Cell, what stands in it, and the letter of art. 30 that it leaves unanswered: no word, or one that says nothing.
EMPTIED = (("recipient_categories", None, "D"), ("recipient_categories", None, "D"), ("erasure_periods", None, "F"))
EMPTIED_AT_MOCK = (
    ("purposes", None, "B"),
    ("subject_categories", None, "C"),
    ("third_countries", None, "E"),
    ("security_measures", "à compléter", "G"),
    ("erasure_periods", "?", "F"),
    ("controller_contact", "n/a", "A"),
)
PAPER = "ACT-20"


def filled(company: Company, columns: dict[str, str]) -> list[tuple[str, str]]:
    """(table, column) of those that are there and hold a value: the units of REG-01."""
    there = {f"{place}.{table}" for place, table in company.ask(
        "SELECT CASE WHEN schema_name = 'main' THEN database_name ELSE schema_name END, table_name FROM duckdb_tables()"
    )}  # fmt: skip
    found = []
    for table, names in columns.items():
        if table in there:
            counts = company.ask(f"SELECT {', '.join(f'count({name})' for name in names.split())} FROM {table}")[0]
            found += [(table, name) for name, count in zip(names.split(), counts, strict=True) if count]
    return found


def plant_f32(company: Company) -> list[Planted]:
    """Three objects of which the register knows nothing."""
    return _undeclared(company, "F32", UNDECLARED)


def plant_m01(company: Company) -> list[Planted]:
    """At the mock audit four more tables were missing from the register; they were declared on 2026-03-15."""
    return _undeclared(company, "M01", UNDECLARED_AT_MOCK) if company.as_of == "mock" else []


def plant_f33(company: Company) -> list[Planted]:
    """Two free columns of the campaigns come into use: codes that explain nothing of themselves."""
    company.connection.execute(
        "UPDATE prod.campaigns SET custom_1 = concat('A', 10 + below('campaigns', campaign_id, 'custom_1', 90)), "
        "custom_2 = substr(sha256(CAST(draw('campaigns', campaign_id, 'custom_2') AS VARCHAR)), 1, 8)"
    )
    return [
        Planted("F33", "REG-01", "A", "INCONCLUSIVE", f"{table}.{name}", table, name)
        for table, name in filled(company, UNKNOWN)
    ]


def plant_f34(company: Company) -> list[Planted]:
    """The entry of the contest lives on, though its table was emptied in 2023."""
    company.connection.execute("UPDATE docs.register SET status = 'active' WHERE activity_id = ?", [CONTEST])
    return [Planted("F34", "REG-02", "A", "FAIL", CONTEST, "docs.register", CONTEST)]


def plant_f35(company: Company) -> list[Planted]:
    """Two entries name no recipient, one no period."""
    return _emptied(company, "F35", _entries(company)[: len(EMPTIED)], EMPTIED)


def plant_m02(company: Company) -> list[Planted]:
    """At the mock audit six more entries were not whole; they were filled on 2026-03-20."""
    if company.as_of != "mock":
        return []
    return _emptied(company, "M02", _entries(company)[len(EMPTIED) :], EMPTIED_AT_MOCK)


def plant_d16(company: Company) -> list[Planted]:
    """The register of visits is a book: no object, and the note of the visit that saw it."""
    return [Planted("D16", "REG-02", "A", "PASS", PAPER, "docs.register", PAPER)]


def _undeclared(company: Company, fault: str, tables: Sequence[str]) -> list[Planted]:
    company.connection.execute(
        "DELETE FROM docs.register_objects WHERE list_contains(?, concat(source, '.', object))", [list(tables)]
    )
    columns = filled(company, {table: PERSONAL[table] for table in tables})
    return [Planted(fault, "REG-01", "A", "FAIL", f"{table}.{name}", table, name) for table, name in columns]


def _entries(company: Company) -> list[str]:
    return company.dice.shuffled("register", "emptied", OWN)


def _emptied(
    company: Company, fault: str, entries: Sequence[str], cells: Sequence[tuple[str, str | None, str]]
) -> list[Planted]:
    planted = []
    for entry, (column, text, letter) in zip(entries, cells, strict=False):
        company.connection.execute(f"UPDATE docs.register SET {column} = ? WHERE activity_id = ?", [text, entry])
        planted.append(Planted(fault, "REG-03", letter, "FAIL", entry, "docs.register", entry))
    return planted
