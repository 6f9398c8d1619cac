"""One provider, what is known of it, and one destination: said in the fewest words."""

from __future__ import annotations

from evidence_kit.model.sample import Row
from tests.unit.erased import row

PAPER = "0f" * 32


def destination(**changes: object) -> Row:
    said = {"destination": "api.acme.example", "seen_in": "egress_log", "processor_id": "P1", "personal_data": True}
    return row("destination_units", dict(said), changes)


def matched(**changes: object) -> Row:
    said = {"destination": "api.acme.example", "processor_id": "P1", "relation": "processor", "risk_tier": "high",
            "status": "active", "sub_processors": 2}  # fmt: skip
    return row("destination_processors", dict(said), changes)


def provider(**changes: object) -> Row:
    said = {"processor_id": "P1", "name": "Acme", "relation": "processor", "country": "FR", "risk_tier": "medium",
            "review_months": 24, "status": "active", "contract_signed_on": "2024-01-02", "art28_terms": "abcdefgh",
            "subprocessing_terms": True}  # fmt: skip
    return row("processors", dict(said), changes)


def ended(**changes: object) -> Row:
    """Whoever was terminated in spring, with a certificate."""
    return provider(
        **{
            "status": "terminated",
            "terminated_on": "2026-03-01",
            "data_returned_or_deleted_on": "2026-03-20",
            **changes,
        }
    )


def flow(**changes: object) -> Row:
    said = {"flow_id": "F1", "destination": "api.acme.example", "seen_in": "egress_log", "processor_id": "P1",
            "personal_data": True, "first_seen_on": "2024-03-01", "last_seen_on": "2026-02-20"}  # fmt: skip
    return row("processor_flows", dict(said), changes)


def review(**changes: object) -> Row:
    said = {"review_id": "V1", "processor_id": "P1", "reviewed_on": "2025-03-01", "outcome": "compliant",
            "document_sha256": PAPER}  # fmt: skip
    return row("processor_reviews", dict(said), changes)


def presence(**changes: object) -> Row:
    return row("provider_presence", {"processor_id": "P1", "in_register": True, "in_flows": True}, changes)


def paper(**changes: object) -> Row:
    return row("processor_documents", {"document_id": "D1", "processor_id": "P1", "kind": "certificate"}, changes)


def charter(**changes: object) -> Row:
    said = {"commitment_id": "C1", "processor_id": "P1", "kind": "charter", "signed_on": "2025-09-15"}
    return row("processor_commitments", dict(said), changes)


def action(**changes: object) -> Row:
    said = {"commitment_id": "C2", "processor_id": "P1", "kind": "action", "due_on": "2026-05-31",
            "completed_on": "2026-05-20", "evidence_sha256": PAPER}  # fmt: skip
    return row("processor_commitments", dict(said), changes)
