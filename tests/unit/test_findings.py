"""From results to the conclusion on a control: strata, worst first, days to the answer."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model.outcome import Counts, Finding, Outcome, Result
from evidence_kit.model.sample import Population, Stratum
from evidence_kit.rules import findings
from tests.unit.cases import control, result, sample, worked

PASS, FAIL, ERROR, UNSURE = Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE


def population(*strata: tuple[str, int], refusal: str | None = None) -> Population:
    listed = tuple(Stratum(name, units, "") for name, units in strata)
    count = sum(units for _, units in strata)
    name = "REQ-02.requests"
    return Population("REQ-02", name, "request_id", (), "stratum", count, listed, "", "", "", refusal=refusal)


def concluded(strata: dict[str, tuple[int, list[Outcome]]], **changes: object) -> Finding:
    """Strata as name → (units, verdicts of the drawn ones)."""
    planned = tuple((name, len(verdicts)) for name, (_, verdicts) in strata.items() if name != "not_yet_due")
    drawn = sample(*(f"R{n}" for n in range(sum(size for _, size in planned))), strata=planned)
    results = [result(one, stratum=name) for name, (_, verdicts) in strata.items() for one in verdicts]
    units = population(*((name, units) for name, (units, _) in strata.items()))
    return findings.conclude(control(**changes), units, drawn, results)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdicts", "verdict", "reason"),
    [
        ([PASS] * 10, PASS, "upper-bound-below-tolerable"),
        ([PASS] * 9 + [FAIL], FAIL, "upper-bound-reaches-tolerable"),
        ([PASS] * 9 + [ERROR], FAIL, "untested-units-count-as-deviations"),
        ([PASS] * 9 + [UNSURE], FAIL, "untested-units-count-as-deviations"),
        ([UNSURE] * 6 + [ERROR] * 4, UNSURE, "nothing-could-be-tested"),
    ],
)
def test_one_stratum_of_ten_tested_whole(verdicts: list[Outcome], verdict: Outcome, reason: str) -> None:
    found = concluded({"all": (10, verdicts)})
    assert (found.verdict, found.reason) == (verdict, reason)
    assert found.counts.drawn == 10
    assert found.counts.deviations == 10 - verdicts.count(PASS)
    assert found.strata[0].upper_units == found.counts.deviations
    assert found.strata[0].without_untested_units == verdicts.count(FAIL)


def test_the_worst_stratum_decides_and_the_first_of_them_gives_the_reason() -> None:
    found = concluded(
        {"a": (3, [UNSURE] * 3), "b": (3, [PASS, PASS, FAIL]), "c": (3, [FAIL] * 3), "d": (2, [PASS] * 2)}
    )
    assert [one.verdict for one in found.strata] == [UNSURE, FAIL, FAIL, PASS]
    assert (found.verdict, found.reason) == (FAIL, "upper-bound-reaches-tolerable")
    assert found.counts == Counts(4, 4, 0, 3)


def test_what_is_set_aside_is_counted_beside() -> None:
    found = concluded({"a": (4, [PASS] * 4), "not_yet_due": (7, [])})
    assert (found.set_aside, [one.stratum for one in found.strata], found.verdict) == (7, ["a"], PASS)


def test_nothing_planned_is_nothing_to_test() -> None:
    found = concluded({"not_yet_due": (2, [])})
    assert (found.verdict, found.reason, found.set_aside, found.strata) == (UNSURE, "nothing-to-test", 2, ())


def test_a_stratum_of_which_nothing_was_drawn_is_inconclusive() -> None:
    found = concluded({"a": (4, [PASS] * 4), "b": (5, [])})
    assert [(one.verdict, one.reason) for one in found.strata][1] == (UNSURE, "nothing-to-test")
    assert found.verdict is UNSURE
    assert (found.strata[1].upper_units, found.strata[1].upper_rate_shown) == (None, None)


@pytest.mark.parametrize("refusal", ["unit-id-duplicate", None])
def test_a_refused_population_is_an_error_and_so_is_one_that_was_not_drawn(refusal: str | None) -> None:
    found = findings.conclude(control(), population(refusal=refusal), None, ())
    assert (found.verdict, found.reason, found.strata) == (ERROR, refusal or "not-drawn", ())
    assert found.counts == Counts()


@given(st.integers(1, 60), st.data())
def test_the_upper_limit_is_the_largest_number_not_refuted(units: int, data: st.DataObject) -> None:
    """The hypergeometric law written out in fractions, against the rule's search."""
    drawn = data.draw(st.integers(1, units))
    deviating = data.draw(st.integers(0, drawn))
    verdicts = [FAIL] * deviating + [PASS] * (drawn - deviating)
    (found,) = concluded({"all": (units, verdicts)}).strata

    def tail(bad: int) -> Fraction:
        ways = sum(comb(bad, i) * comb(units - bad, drawn - i) for i in range(deviating + 1))
        return Fraction(ways, comb(units, drawn))

    held = [bad for bad in range(deviating, units - drawn + deviating + 1) if tail(bad) > Fraction("0.05")]
    assert found.upper_units == max(held)
    assert found.upper_rate_shown == f"{ceil(Fraction(1000 * max(held), units)) / 10:.1f}"


@given(st.lists(st.sampled_from(Outcome), max_size=6))
def test_the_worst_of_some_outcomes(outcomes: list[Outcome]) -> None:
    order = [FAIL, ERROR, UNSURE, PASS]
    assert findings.worst(outcomes) is (min(outcomes, key=order.index) if outcomes else UNSURE)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_median_and_95th_are_by_nearest_rank(taken: list[int]) -> None:
    from datetime import date, timedelta

    received = date(2025, 1, 1)
    results: list[Result] = [
        result(PASS, working=worked("2025-01-01", (received + timedelta(days=days)).isoformat())) for days in taken
    ]
    results.append(result(UNSURE, working=worked("2025-01-01", None)))
    results.append(result(ERROR, working=None))
    ordered = sorted(taken)
    expected = tuple(ordered[ceil(Fraction(percent * len(ordered), 100)) - 1] for percent in (50, 95))
    assert findings.response_days(results) == expected


def test_nothing_answered_has_no_median() -> None:
    assert findings.response_days([result(UNSURE, working=worked("2025-01-01", None)), result(ERROR)]) == (None, None)
