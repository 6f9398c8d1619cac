"""Grades and the states of actions: from what was found, by a written rule, never a score."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from evidence_kit.edges.params import load
from evidence_kit.rules.grading import GRADES, STATES, as_a_rule, grade, state
from evidence_kit.rules.trend import TRENDS, trend
from tests.edges.params_folder import PARAMS

CUT_OFF = date(2026, 6, 30)
BEFORE, AFTER = date(2026, 4, 30), date(2026, 9, 30)


@pytest.mark.parametrize("verdict", ["ERROR", "INCONCLUSIVE"])
@pytest.mark.parametrize("stated", ["major", "minor", "observation"])
def test_what_is_not_concluded_is_neither_strength_nor_weakness(verdict: str, stated: str) -> None:
    assert grade(verdict, stated, "law", [(9, 10)]) == "none"
    assert grade("PASS", stated, "law", [(0, 10)]) == "strength"


@pytest.mark.parametrize(
    ("stated", "law", "strata", "graded"),
    [
        ("minor", "law", [(1, 10)], "minor"),
        ("minor", "law", [(5, 10)], "minor"),  # a half is not yet the rule
        ("minor", "law", [(6, 10)], "major"),
        ("minor", "law", [(1, 90), (2, 3)], "major"),  # in one stratum it is
        ("minor", "recommendation", [(3, 3)], "major"),
        ("minor", "law", [(0, 10)], "minor"),  # nothing failed: too much could not be tested
        ("minor", "law", [], "minor"),
        ("major", "law", [(1, 1000)], "major"),  # one is enough where it denies a right
        ("observation", "law", [(10, 10)], "observation"),
        ("major", "good-practice", [(10, 10)], "observation"),
    ],
)
def test_a_failure_is_graded_by_the_written_rule(
    stated: str, law: str, strata: list[tuple[int, int]], graded: str
) -> None:
    assert grade("FAIL", stated, law, strata) == graded
    assert graded in GRADES
    assert as_a_rule(strata) == any(failed * 2 > drawn for failed, drawn in strata)


@pytest.mark.parametrize(
    ("verdict", "due", "done_on", "before", "became"),
    [
        ("PASS", BEFORE, None, None, "shown"),
        ("PASS", BEFORE, BEFORE, "FAIL", "shown"),
        ("PASS", AFTER, None, "PASS", "needless"),
        ("FAIL", AFTER, None, None, "open"),
        ("FAIL", BEFORE, None, "FAIL", "overdue"),
        ("FAIL", CUT_OFF, None, None, "open"),  # the due day itself is not past
        ("FAIL", BEFORE, BEFORE, None, "declared"),
        ("FAIL", AFTER, CUT_OFF, None, "declared"),
        ("FAIL", AFTER, AFTER, None, "open"),  # declared for a day that has not come
        ("INCONCLUSIVE", BEFORE, BEFORE, None, "declared"),
        ("ERROR", BEFORE, None, None, "overdue"),
        ("INCONCLUSIVE", AFTER, None, "PASS", "not-concluded"),
    ],
)
def test_a_declaration_alone_never_shows_that_something_was_done(
    verdict: str, due: date, done_on: date | None, before: str | None, became: str
) -> None:
    assert state(verdict, due, done_on, CUT_OFF, before) == became
    assert became in STATES


@pytest.mark.parametrize(
    ("before", "after", "changes", "whole", "word"),
    [
        ("FAIL", "PASS", {"closed": 3}, True, "passes-now"),
        ("FAIL", "PASS", {}, False, "passes-now"),  # a sample that passes bounds the rate below the tolerable one
        ("ERROR", "PASS", {}, True, "passes-first"),
        ("PASS", "PASS", {}, True, "passes-still"),
        ("PASS", "FAIL", {"slipped": 1}, True, "passes-no-more"),
        ("INCONCLUSIVE", "FAIL", {}, True, "fails-now"),
        ("FAIL", "INCONCLUSIVE", {"closed": 9}, True, "not-concluded"),
        ("FAIL", "FAIL", {"closed": 1}, True, "fails-fewer"),
        ("FAIL", "FAIL", {"closed": 9, "entered": 1}, True, "fails-mixed"),
        ("FAIL", "FAIL", {"slipped": 1}, True, "fails-more"),
        ("FAIL", "FAIL", {"remaining": 4, "gone": 2}, True, "fails-same"),
        ("FAIL", "FAIL", {"closed": 9}, False, "fails-unsaid"),
        (None, "PASS", {}, True, "not-compared"),
    ],
)
def test_nothing_is_called_better_that_the_samples_cannot_show(
    before: str | None, after: str | None, changes: dict[str, int], whole: bool, word: str
) -> None:
    assert trend(before, after, changes, compared=True, whole=whole) == word
    assert trend(before, after, changes, compared=False, whole=whole) == "not-compared"
    assert word in TRENDS


def test_the_rehearsal_plans_for_about_half_of_what_it_shows() -> None:
    """Owners are roles of people who are declared; every control planned for is run, once."""
    agreed: Any = load("rehearsal", PARAMS, {})
    planned = [one.control for one in agreed.actions]
    assert len(planned) == len(set(planned)) == 15
    assert set(planned) < {control.id for control in agreed.controls}
    assert {one.owner for one in agreed.actions} == {"dpo", "request-desk", "it-operations"}
    assert all(one.en and one.fr and one.en != one.fr for each in agreed.actions for one in (each.cause, each.action))
    assert 0 < sum(one.done_on is not None for one in agreed.actions) < 15
