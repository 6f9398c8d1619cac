"""Edges of the arithmetic that no vector stands on."""

from fractions import Fraction
from time import perf_counter

import pytest

from evidence_kit.rules import rates, tails


def test_a_tie_at_alpha_is_enough() -> None:
    assert Fraction(*tails.hypergeometric(25, 2, 19, 0)) == Fraction(1, 20)
    assert rates.plan(25, "0.05", "0.95").n == 19


@pytest.mark.parametrize(
    ("population", "tolerable", "many"), [(100, "0.05", 5), (25, "0.05", 2), (10, "0.05", 1), (1, "0.000001", 1)]
)
def test_the_number_that_is_too_many_is_rounded_up(population: int, tolerable: str, many: int) -> None:
    assert rates.too_many(population, tolerable) == many


@pytest.mark.parametrize("text", ["5%", "1/20", "5e-2", ".05", "-0.05", "0", "1", "1.0", "", " 0.05", "NaN"])
def test_a_rate_is_plain_decimal_text_between_0_and_1(text: str) -> None:
    with pytest.raises(ValueError, match=r"^tolerable-rate-out-of-range$"):
        rates.plan(100, text, "0.95")
    with pytest.raises(ValueError, match=r"^confidence-out-of-range$"):
        rates.upper_limit(100, 10, 0, text)


def test_nothing_drawn_says_nothing() -> None:
    assert rates.upper_limit(30, 0, 0, "0.95") == 30
    assert rates.upper_limit(0, 0, 0, "0.95") == 0


@pytest.mark.parametrize(("shown", "part", "whole"), [("0.0", 0, 7), ("14.3", 1, 7), ("100.0", 7, 7), ("5.0", 1, 20)])
def test_a_bound_is_shown_rounded_up(shown: str, part: int, whole: int) -> None:
    assert rates.percent_up(part, whole) == shown


@pytest.mark.parametrize(("strata", "joint"), [(1, "0.95"), (3, "0.85"), (20, "0.00"), (40, "0.00")])
def test_joint_confidence_over_strata_is_a_lower_limit(strata: int, joint: str) -> None:
    assert rates.joint_confidence("0.95", strata) == joint


def test_a_population_too_small_for_two_stages_has_no_such_plan() -> None:
    assert rates.two_stage_size(1, "0.05", "0.95") is None
    assert rates.two_stage_size(2, "0.05", "0.95") is None


@pytest.mark.parametrize("stages", [(5, 1, 1, 5, 2), (-1, 0, 2, 5, 1), (60, 0, 2, 60, 1)])
def test_impossible_stages_are_refused(stages: tuple[int, int, int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"^counts-out-of-range$"):
        rates.two_stage_risk(100, "0.05", *stages)


def test_a_rejection_number_beyond_the_second_allowance_changes_nothing() -> None:
    # With 2 or more after the first stage the second cannot bring the sum back to 1.
    assert rates.two_stage_risk(247, "0.05", 51, 0, 9, 51, 1) == rates.two_stage_risk(247, "0.05", 51, 0, 2, 51, 1)


@pytest.mark.parametrize(
    ("tolerable", "confidence", "expected"),
    [("0.05", "0.95", "0.04"), ("0.0003", "0.95", "0"), ("0.000001", "0.95", "0"), ("0.002", "0.99", "0.001")],
)
def test_ten_million_units_are_planned_at_once(tolerable: str, confidence: str, expected: str) -> None:
    begun = perf_counter()
    made = rates.plan(10_000_000, tolerable, confidence, expected)
    bound = rates.upper_limit(10_000_000, made.n, made.accept, confidence)
    assert bound < rates.too_many(10_000_000, tolerable)
    assert perf_counter() - begun < 2  # about 0.1 s on a quiet machine; a search without aim takes several


@pytest.mark.parametrize("off", [-40, -1, 0, 1, 40])
@pytest.mark.parametrize("answer", [3, 50, 99, 100])
def test_an_aim_that_is_off_still_ends_at_the_exact_answer(answer: int, off: int) -> None:
    assert tails.first(3, 100, lambda value: value >= answer + off, lambda value: value >= answer) == answer
