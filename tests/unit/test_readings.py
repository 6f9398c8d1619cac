"""Each control's verdicts read a second time from its rows, apart from the rule's own words."""

from __future__ import annotations

from datetime import date

import pytest

from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Outcome
from evidence_kit.rules import readings
from tests.unit.cases import control, frame, log, observation, result, worked

PASS, FAIL = Outcome.PASS, Outcome.FAIL
IN_TIME = worked("2026-03-02", "2026-03-20", due="2026-04-02")
OUT_OF_TIME = worked("2026-03-02", "2026-04-08", due="2026-04-02", late=6)


def test_a_verdict_on_time_is_read_again_from_the_row() -> None:
    rows = frame(
        "request_log",
        log(request_id="R1", responded_at_local="2026-03-20"),
        log(request_id="R2", responded_at_local="2026-04-08"),
        log(request_id="R3", responded_at_local=None),
    )
    results = [
        result(PASS, unit="R1", working=IN_TIME),
        result(FAIL, "answered-late", unit="R2", working=OUT_OF_TIME),
        result(FAIL, "open-past-due", unit="R3", working=worked("2026-03-02", None, due="2026-04-02")),
        result(PASS, unit="R4", working=IN_TIME),
    ]
    in_time, late = readings.of_verdicts(control(), results, {"request_log": rows})
    assert [row["done"] - row["due"] for row in in_time.rows] == [-13]  # type: ignore[operator]
    assert [row["done"] - row["due"] for row in late.rows] == [6]  # type: ignore[operator]
    assert in_time.claims == (Claim("not-less", ("due", "done"), reading=True),)
    assert late.claims == (Claim("greater", ("done", "due"), reading=True),)


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ({"capacity": "processor", "forwarded_at_local": "2026-03-09"}, "2026-03-09"),
        ({"reopened_at": "x", "reopen_cause": "same_request", "responded_again_at_local": "2026-05-01"}, "2026-05-01"),
        ({"reopened_at": "x", "reopen_cause": "new_request", "responded_again_at_local": "2026-05-01"}, "2026-03-20"),
    ],
    ids=["passed on", "same request", "new request"],
)
def test_the_day_that_is_read_again_is_the_one_that_counts(changes: dict[str, object], read: str) -> None:
    rows = frame("request_log", log(responded_at_local="2026-03-20", **changes))
    in_time, _ = readings.of_verdicts(control(), [result(PASS, working=IN_TIME)], {"request_log": rows})
    assert [row["done"] for row in in_time.rows] == [date.fromisoformat(read).toordinal()]


def test_an_acknowledgement_is_read_again_too() -> None:
    rows = frame("request_log", log(acknowledged_at_local="2026-03-06"))
    late = result(FAIL, "acknowledged-late", working=worked("2026-03-02", "2026-03-06", due="2026-03-05", late=1))
    _, table = readings.of_verdicts(control(test="requests.acknowledged"), [late], {"request_log": rows})
    assert len(table.rows) == 1


def test_retention_is_read_again_from_its_counts() -> None:
    rows = frame("retention_observations", observation(), observation(rule_id="RUL-2", past_limit_rows=3))
    results = [result(PASS, unit="RUL-1"), result(FAIL, "kept-past-limit", unit="RUL-2")]
    one = control(test="retention.active_within_period")
    within, past = readings.of_verdicts(one, results, {"retention_observations": rows})
    assert [row["rule_id"] for row in within.rows] == ["RUL-1"]
    assert past.rows == [{"over": 3, "none": 0}]
    assert all(claim.reading for claim in (*within.claims, *past.claims))


def test_a_test_without_a_second_reading_has_none() -> None:
    assert readings.of_verdicts(control(test="requests.extension_in_time"), (), {}) == ()
