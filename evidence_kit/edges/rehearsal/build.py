"""The order in which the company is made: story first, tables from the story, then what is planted in the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evidence_kit.edges.rehearsal import (
    days,
    desk,
    docs,
    mailbox,
    ops,
    portfolio,
    prod,
    request_plantings,
    stores,
    story,
)
from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.faults import Fault, keep_existing, plant_decoys, plant_on_tables, plant_on_tickets

#: Columns of the tables made in Python. `#` a whole number, `?` a boolean, `@` a day; the others text.
COLUMNS = {
    "desk.tickets": "request_id seq# subject_email subject_name id_copy_path agent account_id# capacity right channel "
    "received_at logged_at ack_at auth_method id_asked_at id_received_at id_doubt id_doc_at id_copy_deleted_at "
    "clar_asked_at clar_received_at clar_ground ext_notified_at forwarded_at answered_at closed_at outcome status "
    "void_reason",
    "desk.ticket_events": "event_id request_id actor actor_type kind occurred_at recorded_at",
    "desk.replies": "reply_id request_id to_email reader body_path kind sent_at due_announced_on@ reasons? "
    "complaint_right? judicial_remedy? art15_items recipients_named?",
    "desk.corrections": "request_id field requested_value",
    "desk.channels": "channel_id channel round# in_notice? tested_at reachable? login_required? document_required? "
    "marker ticket_created_at effective_at",
    "mailbox.messages": "message_id from_email from_name subject body triaged_by mailbox folder received_at triage "
    "right request_id",
    "ops.jobs": "rule_id schedule configured_duration start_event_used",
    "ops.deletion_runs": "run_id rule_id scheduled_on@ started_at finished_at status rows_eligible# rows_deleted# "
    "rows_excused#",
    "ops.backups": "backup_id source kind taken_at expires_at deleted_at cycle#",
    "ops.restores": "restore_id backup_id target restored_at replayed_at erasures_expected# erasures_replayed# "
    "opened_at",
    "ops.imports": "import_id# account_id# kind source loaded_at rows#",
    "ops.probes": "probe_id erasure_id source object rows# probed_at",
    "ops.notices": "case_id action recipient_id disclosed_on@ notified_at confirmed_at exemption exemption_reason_ref",
    "ops.egress": "destination processor_id personal_data? first_seen_on@ last_seen_on@ volume#",
    "ops.grants": "source object principal department granted_on@ justification_ref last_read_at",
    "ops.audit_trail": "entry_id seq# occurred_at actor actor_shared? action request_id object_ref prev_digest digest",
    "docs.register": "activity_id name capacity medium controller_contact purposes subject_categories data_categories "
    "recipient_categories third_countries transfer_safeguards erasure_periods security_measures client_categories "
    "legal_basis reviewed_on@ visit_note_ref status",
    "docs.register_objects": "activity_id source object column_name",
    "docs.recipients": "activity_id recipient processor_id",
    "docs.retention": "rule_id activity_id source object population phase start_event fallback_event planned_event "
    "declared_duration notice_duration grace_days# hold_in_active? expiry_action archive_source archive_object "
    "archive_start archive_duration archive_action basis_ref",
    "docs.processors": "processor_id name relation parent_id service country transfer_mechanism risk_tier "
    "review_months# status contract_signed_on@ art28_terms subprocessing_terms? terminated_on@ "
    "data_returned_or_deleted_on@",
    "docs.reviews": "review_id processor_id reviewed_on@ outcome documents_read# document_ref next_due_on@",
    "docs.commitments": "commitment_id processor_id kind signed_on@ due_on@ completed_on@ evidence_ref",
    "docs.documents": "document_id processor_id kind title studied_on@ studied_by_role valid_until@",
    "docs.supplier_ledger": "supplier_code name processor_id personal_data? first_paid_on@ last_paid_on@",
    "vault.erasures": "erasure_id request_id address operator capacity decided_at executed_at scope method exception "
    "identifier_form",
}
MARKS = {"#": "BIGINT", "?": "BOOLEAN", "@": "DATE"}


def kinds(table: str) -> list[tuple[str, str]]:
    """Columns of a table made in Python, with their SQL types, in order."""
    return [(word.rstrip("#?@"), MARKS.get(word[-1], "VARCHAR")) for word in COLUMNS[table].split()]


def build(company: Company, faults: Sequence[Fault]) -> None:
    """Fill every schema of `company`. Decoys are part of the company; faults are those given."""
    company.tickets = story.plan(company.dice)
    plant_on_tickets(company, faults)
    company.tickets = desk.cut(company.tickets, days.AS_OF[company.as_of])
    keep_existing(company)
    company.tickets = [ticket for ticket in company.tickets if not ticket.lost]
    company.planted += _decoys(company)
    _databases(company)
    _records(company)
    _documents(company)
    plant_decoys(company)
    company.planted += request_plantings.decoys(company)
    plant_on_tables(company, faults)
    company.create("desk.answer_items", stores.answer_items())


def _decoys(company: Company) -> list[Planted]:
    """The tickets that look like faults and must stay silent (D01 to D05)."""
    return [
        Planted(t.tale, "REQ-02", "B", "PASS" if t.answered_at else "not_yet_due", t.request_id, "desk.tickets",
                t.request_id)
        for t in company.tickets if t.tale.startswith("D")
    ]  # fmt: skip


def _databases(company: Company) -> None:
    _load(company, "vault.erasures", stores.erasure_log(company.dice, company.tickets))
    words = {"messages": company.rows("messages"), "erasures": prod.ERASURES}
    for table, template in {**prod.CUSTOMERS, **prod.AUDIENCE}.items():
        company.create(f"prod.{table}", template, rows=company.rows(table))
    for table, (key, span, columns) in prod.TRACE_COLUMNS.items():
        made: dict[str, str | int] = {
            "table": table,
            "key": key,
            "days": span,
            "columns": columns,
            "rows": company.rows(table),
            **words,
        }
        company.create(f"prod.{table}", prod.TRACES, **made)
    for table, template in prod.SIDE.items():
        company.create(f"prod.{table}", template, rows=company.rows(table), **words)
    for table, template in stores.TABLES.items():
        size = stores.SIZES[table]
        size = size * company.contacts // 20000 if table in stores.GROWING else size
        company.create(table, template, rows=size)
    company.create(
        "prod.erasure_log",
        "SELECT erasure_id, request_id, CASE WHEN identifier_form = 'keyed_digest' THEN hmac(address) END "
        "AS subject_digest, operator, capacity, CAST(decided_at AS TIMESTAMP) AS decided_at, "
        "CAST(executed_at AS TIMESTAMP) AS executed_at, scope, method, exception, identifier_form FROM vault.erasures",
    )


def _records(company: Company) -> None:
    dice, asked, until = company.dice, company.tickets, days.AS_OF[company.as_of]
    _load(company, "desk.tickets", desk.rows(dice, asked))
    _load(company, "desk.ticket_events", desk.events(dice, asked))
    _load(company, "desk.replies", desk.replies(dice, asked))
    _load(company, "desk.corrections", desk.corrections(dice, asked))
    _load(company, "desk.channels", desk.channels(until))
    _load(company, "mailbox.messages", mailbox.rows(dice, asked, until))
    _load(company, "ops.jobs", ops.jobs())
    _load(company, "ops.deletion_runs", ops.deletion_runs(dice, until))
    _load(company, "ops.backups", ops.backups(until))
    _load(company, "ops.restores", ops.restores(asked, until))
    _load(company, "ops.imports", ops.imports(until))
    _load(company, "ops.probes", ops.probes(asked))
    _load(company, "ops.notices", ops.notices(dice, asked, until))
    _load(company, "ops.egress", portfolio.egress(days.local_day(until)))
    _load(company, "ops.grants", ops.grants(dice))
    _load(company, "ops.audit_trail", ops.audit_trail(dice, asked))


def _documents(company: Company) -> None:
    today = days.local_day(days.AS_OF[company.as_of])
    _load(company, "docs.register", docs.register(today))
    _load(company, "docs.register_objects", docs.register_objects())
    _load(company, "docs.retention", docs.retention())
    _load(company, "docs.processors", portfolio.processors(company.dice))
    _load(company, "docs.reviews", portfolio.reviews(today))
    _load(company, "docs.commitments", portfolio.commitments())
    _load(company, "docs.documents", portfolio.documents(company.dice))
    _load(company, "docs.recipients", portfolio.recipients())
    _load(company, "docs.supplier_ledger", portfolio.supplier_ledger(today))


def _load(company: Company, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    company.load(table, rows, dict(kinds(table)))
