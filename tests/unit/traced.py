"""A case of TRC-01 whose three steps stand in a chained trail, as rows of its frames."""

from __future__ import annotations

from evidence_kit.model.sample import Row
from tests.unit import erased

STEPS = (("received", "08:00"), ("erased", "10:00"), ("answered", "11:00"))


def moment(clock: str) -> str:
    return f"2026-05-01T{clock}:00.000000Z"


def event(number: int, unit: str = "U1", **changes: object) -> Row:
    kind, clock = STEPS[number]
    said = {"event_id": f"E{number}", "request_id": unit, "event_type": kind, "occurred_at": moment(clock)}
    return erased.row("request_events", {}, {**said, "actor_type": "system", **changes})


def entry(number: int, unit: str = "U1", **changes: object) -> Row:
    kind, clock = STEPS[number]
    digest = f"{number:064d}"
    said: dict[str, object] = {
        "request_id": unit,
        "entry_id": f"A{number}",
        "entry_seq": number + 1,
        "occurred_at": moment(clock),
        "actor_key": "a" * 64,
        "actor_shared": False,
        "action": kind,
        "object_ref": "subject/1" if kind == "erased" else None,
        "prev_digest": f"{number - 1:064d}" if number else None,
        "digest": digest,
        "digest_recomputed": digest,
    }
    return erased.row("action_trail", {}, {**said, **changes})


def link(number: int, unit: str = "U1", **changes: object) -> Row:
    said: dict[str, object] = {
        "request_id": unit,
        "entry_id": f"A{number}",
        "first": not number,
        "previous_digest": f"{number - 1:064d}" if number else None,
    }
    return erased.row("trail_links", {}, {**said, **changes})


def span(unit: str = "U1", **changes: object) -> Row:
    said: dict[str, object] = {
        "request_id": unit,
        "kept_from": "2026-01-01T00:00:00.000000Z",
        "kept_until": "2026-06-01T00:00:00.000000Z",
        "entries": 3,
    }
    return erased.row("trail_spans", {}, {**said, **changes})


def case(unit: str = "U1") -> dict[str, list[Row]]:
    """The rows of one case that passes."""
    log: dict[str, object] = {
        "request_id": unit,
        "received_at": moment("08:00"),
        "capacity": "controller",
        "right_invoked": "erasure",
        "channel": "email",
        "status": "closed",
        "source_ref": "desk/1",
    }
    return {
        "request_log": [erased.row("request_log", {}, log)],
        "action_trail": [entry(number, unit) for number in range(3)],
        "request_events": [event(number, unit) for number in range(3)],
        "trail_links": [link(number, unit) for number in range(3)],
        "trail_spans": [span(unit)],
        "erasure_log": [],
    }
