"""Rows of the erasure controls: one erasure of 1 May 2026, done and shown; one pair, one backup, one restoration."""

from __future__ import annotations

from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.sample import Row

KEY = "0f" * 32


def row(frame: str, said: dict[str, object], changes: dict[str, object]) -> Row:
    """A row with every column of its frame, and the local day beside each time."""
    times = [column.name for column in FRAMES[frame].columns if column.kind == "timestamp"]
    made = {"id": 1, **dict.fromkeys(FRAMES[frame].names), **said, "unreadable": None, **changes}
    return {**made, **{f"{name}_local": made[name] and str(made[name])[:10] for name in times}}


def erasure(**changes: object) -> Row:
    return row(
        "erasure_log",
        {
            "erasure_id": "E1",
            "subject_key": KEY,
            "capacity": "controller",
            "decided_at": "2026-04-28T08:00:00.000000Z",
            "executed_at": "2026-05-01T08:00:00.000000Z",
            "scope": "full",
            "method": "delete",
            "identifier_form": "clear_in_vault",
        },
        changes,
    )


def probe(**changes: object) -> Row:
    said = {"state": "absent", **changes}["state"]
    name = changes.get("object", "contacts")
    return row(
        "erasure_probes",
        {
            "case_id": "E1",
            "probe_id": f"E1/prod.{name}",
            "subject_key": KEY,
            "probe_kind": "erased",
            "source": "prod",
            "object": "contacts",
            "object_declared": True,
            "match_route": "identifier",
            "state": "absent",
            "positive_control": True,
            "matched_rows": {"absent": 0, "unreachable": None, "not-probed": None}.get(str(said), 1),
            "due_on": "2026-05-01",
            "declared_done": False,
            "suppression_declared": False,
            "exception_declared": False,
            "probed_at": "2026-06-30T21:59:59.000000Z",
        },
        changes,
    )


def entry(**changes: object) -> Row:
    return row(
        "suppression_list",
        {
            "entry_id": "S1",
            "list_name": "global",
            "entry_key": KEY,
            "stored_form": "hmac",
            "extra_personal_columns": 0,
            "reason": "unsubscribe",
            "added_at": "2026-01-05T08:00:00.000000Z",
        },
        changes,
    )


def pair(**changes: object) -> Row:
    return row(
        "recipient_units",
        {
            "pair_id": "E1/P-001",
            "case_id": "E1",
            "recipient_id": "P-001",
            "relation": "processor",
            "executed_at": "2026-05-01T08:00:00.000000Z",
            "disclosed_on": "2026-03-01",
            "notified_at": "2026-05-04T08:00:00.000000Z",
            "confirmed_at": "2026-05-07T08:00:00.000000Z",
        },
        changes,
    )


def backup(**changes: object) -> Row:
    return row(
        "backup_units",
        {
            "unit_id": "BK-1",
            "unit_kind": "backup",
            "source": "prod",
            "taken_at": "2026-01-01T02:00:00.000000Z",
            "cycle_days": 35,
            "expires_at": "2026-02-05T02:00:00.000000Z",
            "deleted_at": "2026-02-05T03:00:00.000000Z",
        },
        changes,
    )


def restoration(**changes: object) -> Row:
    return row(
        "backup_units",
        {
            "unit_id": "RS-1",
            "unit_kind": "restore",
            "source": "prod",
            "target": "production",
            "taken_at": "2026-01-20T02:00:00.000000Z",
            "restored_at": "2026-02-11T08:00:00.000000Z",
            "replayed_at": "2026-02-11T10:00:00.000000Z",
            "opened_at": "2026-02-11T12:00:00.000000Z",
            "erasures_counted": 4,
            "erasures_expected": 4,
            "erasures_replayed": 4,
        },
        changes,
    )


def rule(**changes: object) -> Row:
    return row(
        "retention_rules",
        {
            "rule_id": "RUL-1",
            "activity_id": "ACT-1",
            "source": "prod",
            "object": "invoices",
            "population": "prospect",
            "start": "last_click",
            "keep": "3 years",
            "grace_days": 31,
            "then": "archive",
            "hold_in_active": False,
            "archive_source": "archive",
            "archive_object": "invoices",
            "configured_start": "last_click collected",
        },
        changes,
    )


def grant(**changes: object) -> Row:
    return row(
        "archive_grants",
        {
            "rule_id": "RUL-1",
            "source": "archive",
            "object": "invoices",
            "principal_key": KEY,
            "department": "finance",
            "justification_ref": "J-1",
        },
        changes,
    )


def run(**changes: object) -> Row:
    return row(
        "job_units",
        {
            "unit_id": "RUN-1",
            "rule_id": "RUL-1",
            "schedule": "monthly",
            "scheduled_on": "2026-05-01",
            "run_id": "RUN-1",
            "status": "success",
            "rows_eligible": 100,
            "rows_deleted": 60,
            "rows_excused": 40,
        },
        changes,
    )
