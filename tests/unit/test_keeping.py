"""One rule measured: what was counted decides, and what was not counted never passes."""

from __future__ import annotations

import pytest

from evidence_kit.model.outcome import Outcome
from evidence_kit.rules.examining import verdict_of
from evidence_kit.rules.keeping import active_within_period
from tests.unit.cases import observation, terms

ALL = "ABCD"


@pytest.mark.parametrize(
    ("changes", "expected", "verdict"),
    [
        ({}, {}, Outcome.PASS),
        ({"held_rows": 3}, {}, Outcome.PASS),
        ({"past_limit_rows": 1}, {"A": ("fail", "kept-past-limit")}, Outcome.FAIL),
        ({"hold_faulty_rows": 1}, {"A": ("fail", "hold-faulty")}, Outcome.FAIL),
        ({"start_missing_rows": 1}, {"B": ("missing", "start-event-missing")}, Outcome.INCONCLUSIVE),
        ({"hold_undocumented_rows": 1}, {"C": ("missing", "hold-not-documented")}, Outcome.INCONCLUSIVE),
        ({"bad_date_rows": 1}, {"D": ("error", "unreadable-date")}, Outcome.ERROR),
        (
            {"past_limit_rows": 1, "bad_date_rows": 2},
            {"A": ("fail", "kept-past-limit"), "D": ("error", "unreadable-date")},
            Outcome.FAIL,
        ),
        ({"start_missing_rows": None}, {"B": ("missing", "column-not-kept")}, Outcome.INCONCLUSIVE),
        ({"rows": 0}, dict.fromkeys(ALL, ("missing", "nothing-counted")), Outcome.INCONCLUSIVE),
        ({"rows": None}, dict.fromkeys(ALL, ("error", "object-missing")), Outcome.ERROR),
        ({"status": "error"}, dict.fromkeys(ALL, ("error", "object-missing")), Outcome.ERROR),
        ({"place": "archive"}, dict.fromkeys(ALL, ("missing", "not-measured")), Outcome.INCONCLUSIVE),
    ],
)
def test_what_was_counted_decides(
    changes: dict[str, object], expected: dict[str, tuple[str, str]], verdict: Outcome
) -> None:
    test = active_within_period({"retention_observations": (observation(**changes),)}, terms())
    found = {one.letter: (one.mark.value, one.reason) for one in test.answers}
    assert found == {**dict.fromkeys(ALL, ("pass", None)), **expected}
    assert verdict_of(test.answers) is verdict


@pytest.mark.parametrize("measured", [(), (observation(), observation())], ids=["never", "twice"])
def test_a_rule_is_measured_once(measured: tuple[dict[str, object], ...]) -> None:
    test = active_within_period({"retention_observations": measured}, terms())
    assert verdict_of(test.answers) is Outcome.INCONCLUSIVE
    assert verdict_of(active_within_period({}, terms()).answers) is Outcome.INCONCLUSIVE
