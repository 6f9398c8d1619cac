"""TRC-01: each step in the trail, a named actor, time and order, and entries that are the ones that were written."""

from __future__ import annotations

import pytest

from evidence_kit.model.outcome import Mark
from evidence_kit.model.sample import Row
from evidence_kit.rules.traceability import traceable
from tests.unit import erased, traced
from tests.unit.cases import terms

Rows = dict[str, list[Row]]


def marks(rows: Rows) -> dict[str, tuple[Mark, str | None]]:
    found = traceable({name: tuple(several) for name, several in rows.items()}, terms())
    return {one.letter: (one.mark, one.reason) for one in found.answers}


def flags(rows: Rows) -> tuple[str, ...]:
    return traceable({name: tuple(several) for name, several in rows.items()}, terms()).flags


def changed(frame: str, number: int, **changes: object) -> Rows:
    rows = traced.case()
    rows[frame][number] = {**rows[frame][number], **changes}
    return rows


def test_a_case_whose_steps_all_stand_in_the_trail_passes() -> None:
    assert set(marks(traced.case()).values()) == {(Mark.PASS, None)}
    assert flags(traced.case()) == ()


@pytest.mark.parametrize(
    ("frame", "number", "changes", "letter", "mark", "reason"),
    [
        ("action_trail", 1, {"action": "viewed"}, "A", Mark.FAIL, "step-not-traced"),
        ("action_trail", 1, {"object_ref": None}, "A", Mark.FAIL, "erasing-step-names-no-object"),
        ("trail_spans", 0, {"entries": 0}, "A", Mark.MISSING, "trail-not-kept"),
        ("action_trail", 0, {"actor_shared": True}, "B", Mark.FAIL, "actor-shared"),
        ("action_trail", 0, {"actor_key": None}, "B", Mark.FAIL, "actor-unknown"),
        ("action_trail", 0, {"actor_shared": None}, "B", Mark.MISSING, "actor-sharing-unknown"),
        ("action_trail", 2, {"occurred_at": traced.moment("11:06")}, "C", Mark.FAIL, "trail-time-differs"),
        ("action_trail", 2, {"entry_seq": 0}, "C", Mark.FAIL, "trail-out-of-order"),
        ("action_trail", 2, {"occurred_at": "2026-05-01"}, "C", Mark.MISSING, "time-of-day-not-kept"),
        ("action_trail", 1, {"digest": "f" * 64}, "D", Mark.FAIL, "entry-altered"),
        ("action_trail", 1, {"prev_digest": "f" * 64}, "D", Mark.FAIL, "chain-broken"),
        ("trail_links", 2, {"previous_digest": "f" * 64}, "D", Mark.FAIL, "chain-broken"),
        ("action_trail", 1, {"digest": None}, "D", Mark.MISSING, "digest-missing"),
        ("action_trail", 1, {"digest_recomputed": None}, "D", Mark.MISSING, "digest-not-recomputed"),
        ("action_trail", 1, {"entry_seq": None}, "D", Mark.MISSING, "position-unknown"),
    ],
)
def test_what_is_wrong_is_said_under_its_letter(
    frame: str, number: int, changes: dict[str, object], letter: str, mark: Mark, reason: str
) -> None:
    assert marks(changed(frame, number, **changes))[letter] == (mark, reason)


def test_five_minutes_are_within_the_clocks_of_two_systems() -> None:
    assert marks(changed("action_trail", 2, occurred_at=traced.moment("11:05")))["C"] == (Mark.PASS, None)


def test_a_step_from_before_the_trail_was_kept_is_no_deviation() -> None:
    rows = changed("trail_spans", 0, kept_from="2026-05-01T10:30:00.000000Z")
    rows["action_trail"] = [row for row in rows["action_trail"] if row["action"] != "received"]
    assert marks(rows)["A"] == (Mark.MISSING, "trail-not-kept")


def test_an_erasure_that_was_executed_needs_its_entry_whatever_the_case_notes() -> None:
    rows = traced.case()
    for frame, column in (("request_events", "event_type"), ("action_trail", "action")):
        rows[frame] = [row for row in rows[frame] if row[column] != "erased"]
    assert marks(rows)["A"] == (Mark.PASS, None)
    rows["erasure_log"] = [
        erased.row("erasure_log", {}, {"request_id": "U1", "erasure_id": "X", "executed_at": traced.moment("10:00")})
    ]
    assert marks(rows)["A"] == (Mark.FAIL, "step-not-traced")


def test_two_steps_of_a_kind_need_two_entries() -> None:
    rows = traced.case()
    rows["request_events"].append({**traced.event(2), "event_id": "E9", "occurred_at": traced.moment("12:00")})
    assert marks(rows)["A"] == (Mark.FAIL, "step-not-traced")


def test_a_trail_without_digests_is_no_chain_and_says_so() -> None:
    rows = traced.case()
    rows["action_trail"] = [{**row, "digest": None, "prev_digest": None} for row in rows["action_trail"]]
    assert marks(rows)["D"] == (Mark.NA, None)
    assert flags(rows) == ("trail-not-chained",)


def test_a_case_without_any_entry_fails_and_nothing_else_is_asked() -> None:
    rows = traced.case() | {"action_trail": [], "trail_links": []}
    assert marks(rows) == {
        "A": (Mark.FAIL, "step-not-traced"),
        "B": (Mark.NA, None),
        "C": (Mark.NA, None),
        "D": (Mark.NA, None),
    }
