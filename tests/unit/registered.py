"""Rows of the register controls: a declared column, a living entry that is whole, one period in three places."""

from __future__ import annotations

from evidence_kit.model.sample import Row
from tests.unit.erased import row


def column(**changes: object) -> Row:
    said = {
        "unit_id": "prod.contacts.email",
        "source": "prod",
        "object": "contacts",
        "column_name": "email",
        "data_type": "VARCHAR",
        "personal_class": "contact",
        "detected_by": "value_rule",
        "confidence": 99,
        "reason": "email-values",
        "sampled_rows": 1000,
        "row_count": 20000,
        "filled_count": 20000,
        "last_write_at": "2026-06-29T08:00:00.000000Z",
        "known_before": True,
    }
    return row("column_units", said, changes)


def named(**changes: object) -> Row:
    said = {
        "unit_id": "prod.contacts.email",
        "activity_id": "ACT-11",
        "data_categories": "identité, coordonnées",
        "status": "active",
    }
    return row("column_entries", said, changes)


def entry(**changes: object) -> Row:
    said = {
        "activity_id": "ACT-11",
        "name": "Fichiers des clients",
        "capacity": "controller",
        "medium": "digital",
        "controller_contact": "Exemple Courrier SAS, Lille",
        "purposes": "envois demandés par les clients",
        "subject_categories": "contacts des clients",
        "data_categories": "identité, coordonnées",
        "recipient_categories": "hébergeur, support",
        "third_countries": "aucun",
        "erasure_periods": "3 ans",
        "security_measures": "chiffrement au repos",
        "client_categories": "commerces",
        "legal_basis": "contrat",
        "reviewed_on": "2026-03-02",
        "status": "active",
    }
    return row("register_activities", said, changes)


def thing(**changes: object) -> Row:
    """A table that an entry names, written the day before the cut-off."""
    said = {
        "activity_id": "ACT-11",
        "source": "prod",
        "object": "contacts",
        "object_found": True,
        "row_count": 20000,
        "last_write_at": "2026-06-29T08:00:00.000000Z",
    }
    return row("entry_objects", said, changes)


def periods(**changes: object) -> Row:
    said = {
        "rule_id": "RR-01",
        "activity_id": "ACT-11",
        "source": "prod",
        "object": "contacts",
        "population": "contact",
        "start": "last_contact",
        "keep": "3 years",
        "grace_days": 31,
        "then": "delete",
        "hold_in_active": False,
        "configured_keep": "36 months",
        "notice_keep": "3 years",
        "schedule": "monthly",
    }
    return row("retention_rules", said, changes)
