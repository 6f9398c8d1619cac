"""The exact tails against the textbook sum, and the promises that hold for every plan and bound."""

from fractions import Fraction
from itertools import accumulate, combinations
from math import comb

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evidence_kit import verify
from evidence_kit.rules import rates, tails

populations = st.integers(1, 120)
rate_texts = st.sampled_from(["0.01", "0.05", "0.1", "0.25", "0.5"])
confidences = st.sampled_from(["0.5", "0.9", "0.95", "0.99"])


def textbook(population: int, bad: int, drawn: int, found: int) -> Fraction:
    ways = sum(comb(bad, i) * comb(population - bad, drawn - i) for i in range(min(found, drawn) + 1))
    return Fraction(ways, comb(population, drawn))


@given(populations, st.data())
def test_tails_are_the_textbook_sum_and_floats_come_close(population: int, data: st.DataObject) -> None:
    bad, drawn = data.draw(st.integers(0, population)), data.draw(st.integers(0, population))
    found = data.draw(st.integers(0, drawn))
    exact = Fraction(*tails.hypergeometric(population, bad, drawn, found))
    assert exact == textbook(population, bad, drawn, found)
    assert abs(tails.near_hypergeometric(population, bad, drawn, found) - float(exact)) <= 1e-9
    rate = Fraction(bad, population + 1)
    endless = Fraction(*tails.binomial(rate, drawn, found))
    assert abs(tails.near_binomial(float(rate), drawn, found) - float(endless)) <= 1e-9


@given(populations, confidences, st.data())
def test_the_bound_is_the_largest_number_not_refuted(population: int, confidence: str, data: st.DataObject) -> None:
    drawn = data.draw(st.integers(0, population))
    found = data.draw(st.integers(0, drawn))
    alpha = 1 - Fraction(confidence)
    upper = rates.upper_limit(population, drawn, found, confidence)
    held = range(found, population - drawn + found + 1)
    assert upper == max(bad for bad in held if textbook(population, bad, drawn, found) > alpha)


@given(st.integers(21, 120), rate_texts, confidences, st.sampled_from(["0", "0.005", "0.02", "0.04"]))
def test_no_smaller_sample_would_do(population: int, tolerable: str, confidence: str, expected: str) -> None:
    assume(Fraction(expected) < Fraction(tolerable))
    made = rates.plan(population, tolerable, confidence, expected)
    alpha = 1 - Fraction(confidence)
    bad = rates.too_many(population, tolerable)
    assert made.bad == bad
    fits = [
        next(
            (n for n in range(accept + 1, population) if textbook(population, bad, n, accept) <= alpha),
            population,
        )
        for accept in range(bad)
    ]
    good = [accept for accept, n in enumerate(fits) if n < population and Fraction(expected) * n <= accept]
    if good:
        assert (made.accept, made.n, made.census) == (good[0], fits[good[0]], False)
    else:
        assert (made.accept, made.n, made.census) == (bad - 1, population, True)


@given(populations, rate_texts, confidences, st.data())
def test_bound_and_verdict_never_disagree(
    population: int, tolerable: str, confidence: str, data: st.DataObject
) -> None:
    drawn = data.draw(st.integers(1, population))
    fails = data.draw(st.integers(0, drawn))
    unable = data.draw(st.integers(0, drawn - fails))
    said = rates.evaluate(population, drawn, fails, unable, tolerable, confidence)
    assert said.upper is not None
    assert said.too_many is not None
    assert (said.verdict == "PASS") == (said.upper < said.too_many and unable < drawn)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int, int]]:
    """The tails that were computed in integers."""
    asked: list[tuple[int, int, int, int]] = []
    exact = tails.hypergeometric

    def counted(population: int, bad: int, drawn: int, found: int) -> tails.Tail:
        asked.append((population, bad, drawn, found))
        return exact(population, bad, drawn, found)

    monkeypatch.setattr(tails, "hypergeometric", counted)
    return asked


@given(st.integers(1_000, 20_000), confidences, st.data())
def test_large_counts_have_the_bound_that_the_verifier_finds(
    population: int, confidence: str, data: st.DataObject
) -> None:
    drawn = data.draw(st.integers(1, population))
    found = drawn - data.draw(st.integers(0, drawn))
    upper = rates.upper_limit(population, drawn, found, confidence)
    assert upper == verify.upper_units(population, drawn, found, 1 - Fraction(confidence))


@pytest.mark.parametrize(
    ("population", "drawn", "found"),
    [
        (10**6, 10**5, 90_000),
        (10**6, 10**5, 50_000),
        (10**6, 10**5, 99_999),
        (10**6, 500_000, 250_000),
        (10**7, 2_500_000, 1_000_000),
    ],
)
def test_many_deviations_in_many_units_need_no_long_integers(
    settled: list[tuple[int, int, int, int]], population: int, drawn: int, found: int
) -> None:
    upper = rates.upper_limit(population, drawn, found, "0.95")
    assert upper == verify.upper_units(population, drawn, found, Fraction(1, 20))
    assert settled == []


@pytest.mark.parametrize("found", [0, 3, 70, 300, 590, 599])
def test_a_tail_next_to_alpha_is_settled_in_integers(settled: list[tuple[int, int, int, int]], found: int) -> None:
    population, drawn = 3_000, 600
    bad = rates.upper_limit(population, drawn, found, "0.95")
    settled.clear()
    tail = textbook(population, bad, drawn, found)
    digits = 20
    below = tail.numerator * 10**digits // tail.denominator

    def confidence(alpha: int) -> str:
        return f"0.{10**digits - alpha:0{digits}d}"

    # Alpha one unit of the twentieth decimal on either side of the tail of `bad`, where all floats are the same.
    assert rates.upper_limit(population, drawn, found, confidence(below - 1)) == bad
    assert rates.upper_limit(population, drawn, found, confidence(below + 1)) == bad - 1
    assert 1 <= len(settled) <= 8


@given(st.integers(2, 60), rate_texts, confidences, st.data())
def test_an_extension_risks_what_two_stages_with_its_numbers_would(
    population: int, tolerable: str, confidence: str, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, population - 1))
    second = data.draw(st.integers(1, population - first))
    bad, alpha = rates.too_many(population, tolerable), 1 - Fraction(confidence)
    accept1, accept2 = (
        max((found for found in range(n) if textbook(population, bad, n, found) <= alpha), default=-1)
        for n in (first, first + second)
    )
    if accept2 < 0:
        expected = Fraction(0)
    elif accept1 < 0:  # the first round alone accepts nothing: one sample of all units
        expected = textbook(population, bad, first + second, accept2)
    else:
        expected = rates.two_stage_risk(population, tolerable, first, accept1, first + 1, second, accept2)
    assert rates.extension_risk(population, tolerable, confidence, (first, second)) == expected
    assert verify.extension_risk(population, (first, second), bad, alpha) == expected


@given(st.integers(3, 9), st.sampled_from(["0.25", "0.5"]), st.sampled_from(["0.5", "0.9"]), st.data())
def test_three_rounds_are_counted_order_by_order(
    population: int, tolerable: str, confidence: str, data: st.DataObject
) -> None:
    sizes = [data.draw(st.integers(1, 2)) for _ in range(3)]
    assume(sum(sizes) <= population)
    bad, alpha = rates.too_many(population, tolerable), 1 - Fraction(confidence)
    pooled = list(accumulate(sizes))
    # Every way to spread the bad units over the order of drawing is equally likely.
    orders = list(combinations(range(population), bad))
    accepted = sum(
        any(textbook(population, bad, n, sum(place < n for place in order)) <= alpha for n in pooled)
        for order in orders
    )
    assert rates.extension_risk(population, tolerable, confidence, sizes) == Fraction(accepted, len(orders))
    assert verify.extension_risk(population, sizes, bad, alpha) == Fraction(accepted, len(orders))


def test_the_example_of_the_norm() -> None:
    """59 units, extended to 93 after a deviation, among very many: 7.482 %, so 92.5 % and not 95 %."""
    risk = rates.extension_risk(10**9, "0.05", "0.95", (59, 34))
    assert 0.07482 < risk <= Fraction(74821061, 10**9)
    assert rates.percent_down(1 - risk) == "92.5"
