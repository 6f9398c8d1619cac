"""The documents people keep: register, retention rules, providers, their reviews and promises, suppliers paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from evidence_kit.edges.rehearsal import days
from evidence_kit.edges.rehearsal.desk import Row
from evidence_kit.edges.rehearsal.draw import Dice

CLIENTS_DATA = "Contrat de sous-traitance, annexe 2"
#: rule, activity, object, population, start, fallback, planned, keep, action, archive, column the job reads, basis
RULES: tuple[tuple[str, ...], ...] = (
    ("RR-01", "ACT-11", "prod.contacts", "contact", "last_contact", "collected", "", "3 years", "delete", "",
     "last_contact_at", CLIENTS_DATA),
    ("RR-02", "ACT-12", "prod.messages", "contact", "sent", "", "", "13 months", "delete", "", "sent_at", CLIENTS_DATA),
    ("RR-03", "ACT-13", "prod.events", "contact", "occurred", "", "", "13 months", "delete", "", "occurred_at",
     CLIENTS_DATA),
    ("RR-04", "ACT-13", "prod.click_logs", "contact", "occurred", "", "", "13 months", "delete", "", "occurred_at",
     CLIENTS_DATA),
    ("RR-05", "ACT-05", "prod.consents", "other", "given withdrawn", "", "", "3 years", "delete", "", "given_at",
     "Décision du délégué 2024-03"),
    ("RR-06", "ACT-06", "prod.sessions_old", "technical", "started", "", "", "13 months", "delete", "", "started_at",
     "Politique de journalisation, art. 4"),
    ("RR-07", "ACT-02", "prod.users", "customer", "last_login", "created", "", "3 years", "delete", "", "last_login_at",
     "Conditions générales, art. 12"),
    ("RR-08", "ACT-14", "prod.unsubscribes", "contact", "unsubscribed", "", "", "5 years", "delete", "",
     "unsubscribed_at", "Décision du délégué 2024-05"),
    ("RR-09", "ACT-09", "desk.tickets", "other", "closed", "received", "", "12 months", "archive",
     "archive.closed_tickets|end-of-active|5 years|delete", "closed_at", "RGPD, art. 17(3)(e)"),
    ("RR-10", "ACT-07", "prod.invoices", "customer", "year_closed", "", "year_closed", "1 years", "archive",
     "archive.invoices|year_closed|10 years|delete", "fiscal_year_end", "Code de commerce, art. L123-22"),
    ("RR-11", "ACT-08", "prod.contracts", "customer", "contract_end", "", "contract_end", "1 years", "archive",
     "archive.contracts|end-of-active|5 years|delete", "ended_on", "Code civil, art. 2224"),
    ("RR-12", "ACT-03", "prod.prospects", "prospect", "last_click", "collected", "", "3 years", "delete", "",
     "last_click_at", "Référentiel CNIL, activités commerciales"),
)  # fmt: skip

#: activity, name, medium, objects; the first ten and the last two are the company's own, the others its clients'.
REGISTER: tuple[tuple[str, str, str, str], ...] = (
    ("ACT-01", "Comptes clients", "digital", "prod.accounts"),
    ("ACT-02", "Utilisateurs", "digital", "prod.users prod.form_submissions"),
    ("ACT-03", "Prospection", "digital", "prod.prospects crm.people crm.activities"),
    ("ACT-04", "Lettres de l'entreprise", "digital", "prod.campaigns prod.templates"),
    ("ACT-05", "Preuve du consentement", "digital", "prod.consents"),
    ("ACT-06", "Sécurité des accès", "digital", "prod.sessions_old prod.api_log"),
    ("ACT-07", "Facturation", "digital", "prod.invoices archive.invoices"),
    ("ACT-08", "Contrats", "digital", "prod.contracts archive.contracts"),
    ("ACT-09", "Demandes des personnes", "digital", "desk.tickets desk.ticket_events desk.replies "
     "archive.closed_tickets"),
    ("ACT-10", "Messagerie publique", "digital", "mailbox.messages"),
    ("ACT-11", "Fichiers des clients", "digital", "prod.contacts prod.lists ops.imports"),
    ("ACT-12", "Envois des clients", "digital", "prod.messages prod.bounces"),
    ("ACT-13", "Mesure des envois", "digital", "prod.events prod.click_logs"),
    ("ACT-14", "Désabonnements", "digital", "prod.unsubscribes prod.suppression"),
    ("ACT-15", "Journal des effacements", "digital", "prod.erasure_log ops.notices"),
    ("ACT-16", "Corrections", "digital", "desk.corrections desk.answer_items"),
    ("ACT-17", "Jeu-concours 2023", "digital", "prod.contests_2023"),
    ("ACT-18", "Journal des actions", "digital", "ops.audit_trail ops.grants"),
    ("ACT-19", "Sauvegardes", "digital", "ops.backups ops.restores"),
    ("ACT-20", "Registre des visites", "paper", ""),
)  # fmt: skip
#: Objects of which the register names some columns one by one.
DETAILED = {
    "prod.accounts": "owner_name owner_email owner_phone billing_address iban login_email password_hash last_login_ip",
    "prod.contacts": "contact_id email first_name last_name phone birth_date postal_address city language custom_json "
    "last_contact_at consent_at",
    "crm.people": "person_id email first_name last_name phone job_title owner address notes",
}


def retention() -> Iterator[Row]:
    """`docs.retention`: twelve rules. Monthly purges have 31 days of grace."""
    for rule, activity, place, population, start, fallback, planned, keep, action, archive, _job, basis in RULES:
        source, _, table = place.partition(".")
        archived, archive_start, archive_keep, archive_action = archive.split("|") if archive else ("", "", "", "")
        yield {
            "rule_id": rule,
            "activity_id": activity,
            "source": source,
            "object": table,
            "population": population,
            "phase": "active, then archive" if archive else "active",
            "start_event": start,
            "fallback_event": fallback or None,
            "planned_event": planned or None,
            "declared_duration": keep,
            "notice_duration": keep,
            "grace_days": 31,
            "hold_in_active": rule == "RR-01",
            "expiry_action": action,
            "archive_source": archived.partition(".")[0] or None,
            "archive_object": archived.partition(".")[2] or None,
            "archive_start": archive_start or None,
            "archive_duration": archive_keep or None,
            "archive_action": archive_action or None,
            "basis_ref": basis,
        }


def register(until: date) -> Iterator[Row]:
    """`docs.register`: twenty entries, each with the fields of article 30."""
    for n, (activity, name, medium, objects) in enumerate(REGISTER):
        processor = 10 <= n < 14
        yield {
            "activity_id": activity,
            "name": name,
            "capacity": "processor" if processor else "controller",
            "medium": medium,
            "controller_contact": "Exemple Courrier SAS, Lille; dpo@exemple-courrier.example",
            "purposes": f"{name}: ce que le service demande",
            "subject_categories": "contacts des clients" if processor else "clients, utilisateurs, demandeurs",
            "data_categories": "identifier contact behaviour content financial",
            "recipient_categories": "hébergeur, support",
            "third_countries": "none",
            "transfer_safeguards": None,
            "erasure_periods": "voir les règles de conservation" if objects else "un an",
            "security_measures": "accès nominatif, chiffrement au repos",
            "client_categories": "commerces, associations" if processor else None,
            "legal_basis": "instruction du client" if processor else "contrat ou intérêt légitime",
            "reviewed_on": (until - timedelta(days=40 + 11 * n)).isoformat(),
            "visit_note_ref": "visite-2025-12-03" if medium == "paper" else None,
            "status": "active",
        }


def register_objects() -> Iterator[Row]:
    """`docs.register_objects`: entry by entry, object by object, some of them column by column."""
    for activity, _name, _medium, objects in REGISTER:
        for place in objects.split():
            source, _, table = place.partition(".")
            for column in DETAILED[place].split() if place in DETAILED else (None,):
                yield {"activity_id": activity, "source": source, "object": table, "column_name": column}


def processors(dice: Dice) -> Iterator[Row]:
    """`docs.processors`: 60 active, 14 with a charter or an action plan, 6 terminated."""
    for n in range(1, 81):
        status = "active" if n <= 60 else ("charter", "action_plan")[n % 2] if n <= 74 else "terminated"
        tier = dice.choice("processors", n, "tier", ("low", "medium", "high"))
        ended = date(2025, 9, 30) + timedelta(days=12 * (n - 74))
        yield {
            "processor_id": f"P-{n:03d}",
            "name": f"Prestataire fictif {n:03d}",
            "relation": "controller" if n in (59, 60) else "processor",
            "parent_id": None,
            "service": dice.choice(
                "processors", n, "service", ("hébergement", "support", "paie", "routage", "sondages")
            ),
            "country": "FR" if n % 9 else "BE",
            "transfer_mechanism": None,
            "risk_tier": tier,
            "review_months": {"low": 36, "medium": 24, "high": 12}[tier],
            "status": status,
            "contract_signed_on": date(2023, 1, 1 + n % 28).isoformat(),
            "art28_terms": "abcdefgh",
            "subprocessing_terms": True,
            "terminated_on": ended.isoformat() if status == "terminated" else None,
            "data_returned_or_deleted_on": (ended + timedelta(days=20)).isoformat() if status == "terminated" else None,
        }


def reviews(until: date) -> Iterator[Row]:
    """`docs.reviews`: two a provider but for the terminated and a few others; the last one recent."""
    for n in range(1, 151):
        provider, second = (n - 1) % 76 + 1, n > 76
        on = until - timedelta(days=60 + provider * 2) if not second else date(2024, 9, 2) + timedelta(days=provider)
        yield {
            "review_id": f"REV-{n:03d}",
            "processor_id": f"P-{provider:03d}",
            "reviewed_on": on.isoformat(),
            "outcome": "compliant" if provider <= 60 else "minor_gaps",
            "documents_read": 3 + n % 5,
            "document_ref": f"revues/REV-{n:03d}.pdf",
            "next_due_on": days.plus_months(on, 12).isoformat(),
        }


def commitments(until: date) -> Iterator[Row]:
    """`docs.commitments`: a signed charter for each of the 14, and 17 actions, done or not yet due."""
    for n in range(1, 32):
        charter, provider = n <= 14, 61 + (n - 1) % 14
        done = charter or n % 2 == 0
        due = until - timedelta(days=30) if done else until + timedelta(days=120)
        yield {
            "commitment_id": f"ENG-{n:03d}",
            "processor_id": f"P-{provider:03d}",
            "kind": "charter" if charter else "action",
            "signed_on": "2025-09-15" if charter else None,
            "due_on": None if charter else due.isoformat(),
            "completed_on": (due - timedelta(days=9)).isoformat() if done and not charter else None,
            "evidence_ref": f"engagements/ENG-{n:03d}.pdf" if done else None,
        }


def supplier_ledger(until: date) -> Iterator[Row]:
    """`docs.supplier_ledger`: 140 suppliers paid; those beyond the providers carry no personal data (D19: chairs)."""
    for n in range(1, 141):
        known = n <= 74
        yield {
            "supplier_code": f"F{n:04d}",
            "name": f"Prestataire fictif {n:03d}"
            if known
            else ("Chaises et tables" if n == 75 else f"Fournisseur {n}"),
            "processor_id": f"P-{n:03d}" if known else None,
            "personal_data": known,
            "first_paid_on": date(2024, 1, 1 + n % 28).isoformat(),
            "last_paid_on": (until - timedelta(days=5 + n % 60)).isoformat(),
        }
