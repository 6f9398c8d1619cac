"""Rows of the sending controls: a field used and judged, a campaign that heeds every stop, a message too late."""

from __future__ import annotations

from evidence_kit.model.sample import Row
from tests.unit.erased import KEY, row

__all__ = ["KEY", "check", "exception", "field"]


def field(**changes: object) -> Row:
    return row(
        "field_units",
        {
            "unit_id": "T1/first_name",
            "template_id": "T1",
            "message_type": "marketing",
            "field_name": "first_name",
            "personal_class": "identifier",
            "used_in": "merge",
            "purpose_declared": True,
            "necessary": True,
        },
        changes,
    )


def check(**changes: object) -> Row:
    return row(
        "send_checks",
        {
            "campaign_id": "C1",
            "message_type": "marketing",
            "sent_count": 120,
            "stopped_hits": 0,
            "list_unsubscribe": True,
            "one_click": True,
        },
        changes,
    )


def exception(**changes: object) -> Row:
    return row(
        "send_exceptions",
        {
            "campaign_id": "C1",
            "message_key": KEY,
            "recipient_key": KEY,
            "stopped_at": "2026-03-01T08:00:00.000000Z",
            "sent_at": "2026-03-05T08:00:00.000000Z",
            "lag_hours": "96.00",
        },
        changes,
    )
