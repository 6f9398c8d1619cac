"""The documents people keep about processing: the register of art. 30, the objects it names, the retention rules.

Those about providers are in `portfolio`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from evidence_kit.edges.rehearsal.desk import Row

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

#: The entry of a contest whose table was emptied: retired, and so no ghost, unless F34 keeps it alive.
CONTEST = "ACT-17"
#: activity, name, medium, objects; the first ten and the last six are the company's own, the others its clients'.
REGISTER: tuple[tuple[str, str, str, str], ...] = (
    ("ACT-01", "Comptes clients", "digital", "prod.accounts"),
    ("ACT-02", "Utilisateurs", "digital", "prod.users prod.api_log prod.support_notes"),
    ("ACT-03", "Prospection", "digital", "prod.prospects crm.people crm.activities prod.form_submissions "
     "prod.tmp_export_2025_11 lake.analytics_events"),
    ("ACT-04", "Lettres de l'entreprise", "digital", "prod.campaigns prod.templates"),
    ("ACT-05", "Preuve du consentement", "digital", "prod.consents"),
    ("ACT-06", "Sécurité des accès", "digital", "prod.sessions_old ops.grants"),
    ("ACT-07", "Facturation", "digital", "prod.invoices archive.invoices"),
    ("ACT-08", "Contrats", "digital", "prod.contracts archive.contracts"),
    ("ACT-09", "Demandes des personnes", "digital", "desk.tickets desk.ticket_events desk.replies "
     "archive.closed_tickets"),
    ("ACT-10", "Messagerie publique", "digital", "mailbox.messages"),
    ("ACT-11", "Fichiers des clients", "digital", "prod.contacts"),
    ("ACT-12", "Envois des clients", "digital", "prod.messages prod.bounces"),
    ("ACT-13", "Mesure des envois", "digital", "prod.events prod.click_logs"),
    ("ACT-14", "Désabonnements", "digital", "prod.unsubscribes prod.suppression"),
    ("ACT-15", "Journal des effacements", "digital", "prod.erasure_log"),
    ("ACT-16", "Corrections", "digital", "desk.corrections"),
    (CONTEST, "Jeu-concours 2023", "digital", "prod.contests_2023"),
    ("ACT-18", "Journal des actions", "digital", "ops.audit_trail"),
    ("ACT-19", "Sauvegardes", "digital", "ops.backups ops.restores"),
    ("ACT-20", "Registre des visites", "paper", ""),
)  # fmt: skip
#: Objects of which the register names some columns one by one.
DETAILED = {
    "prod.campaigns": "sender_email reply_to",
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
            "status": "retired" if activity == CONTEST else "active",
        }


def register_objects() -> Iterator[Row]:
    """`docs.register_objects`: entry by entry, object by object, some of them column by column."""
    for activity, _name, _medium, objects in REGISTER:
        for place in objects.split():
            source, _, table = place.partition(".")
            for column in DETAILED[place].split() if place in DETAILED else (None,):
                yield {"activity_id": activity, "source": source, "object": table, "column_name": column}
