"""The working of a plan, line by line, so that somebody with the norm in hand can do it again.

Source: docs/norm/rates.md, sections 1 to 3. Tails are exact fractions; what is printed is cut where it still decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from evidence_kit.rules import tails
from evidence_kit.rules.rates import CENSUS_UP_TO, Plan

#: Digits after the point of a printed tail; more when they are needed to tell it from the risk.
DIGITS = 6


def of_plan(population: int | None, tolerable: str, confidence: str, expected: str, plan: Plan) -> Iterator[str]:
    """What `plan` prints: the answer, then every step that leads to it."""
    yield _answer(population, plan)
    yield ""
    alpha = 1 - Fraction(confidence)
    if population is None:
        yield f"Endless population, tolerable rate {tolerable}: the binomial law."
    else:
        product = Fraction(tolerable) * population
        yield f"K = max(1, ⌈{tolerable} × {population}⌉) = max(1, ⌈{decimal(product)}⌉) = {plan.bad}"
        yield f"    from {plan.bad} deviations on, the population has too many; drawn without replacement."
    yield f"risk = 1 − {confidence} = {decimal(alpha)}"
    if plan.census:
        yield from _census(population, plan)
        return
    yield "P(X ≤ c) = Σ i=0..c  " + ("C(K,i)·C(N−K,n−i) / C(N,n)" if population else "C(n,i)·T^i·(1−T)^(n−i)")
    yield f"    the smallest n with P(X ≤ c) ≤ risk, for the smallest c with expected rate {expected} × n ≤ c:"
    if plan.accept:
        yield _allowance_too_small(population, tolerable, expected, plan, alpha)
    foreseen = decimal(Fraction(expected) * plan.n)
    yield f"c = {plan.accept}: n = {plan.n}, {expected} × {plan.n} = {foreseen} ≤ {plan.accept}"
    yield "    " + _shown(population, tolerable, plan, plan.n, plan.accept, alpha)
    yield (
        "    " + _shown(population, tolerable, plan, plan.n - 1, plan.accept, alpha) + ", one unit fewer is not enough"
    )


def _answer(population: int | None, plan: Plan) -> str:
    deviations = f"{plan.accept} deviation" + ("s" if plan.accept != 1 else "")
    of = "" if population is None else f" of {population}"
    units = f"{plan.n}{of} unit" + ("s" if (population or plan.n) != 1 else "")
    every = ", all of them" if plan.census else ""
    return f"n = {plan.n}, accept = {plan.accept}: test {units}{every}; {deviations} or fewer pass."


def _census(population: int | None, plan: Plan) -> Iterator[str]:
    if population is not None and population <= CENSUS_UP_TO:
        yield f"N = {population} ≤ {CENSUS_UP_TO}: so few units are all tested."
    else:
        yield "No sample smaller than the population shows that there are fewer than K: all units are tested."
    yield f"accept = K − 1 = {plan.accept}"


def _allowance_too_small(population: int | None, tolerable: str, expected: str, plan: Plan, alpha: Fraction) -> str:
    """Why one deviation fewer is no plan: the largest sample that the rate expected leaves it does not refute K."""
    accept = plan.accept - 1
    largest = (
        int(accept / Fraction(expected))
        if population is None
        else min(population - 1, int(accept / Fraction(expected)))
    )
    if largest <= accept:
        return f"c = {accept}: the rate expected leaves room for no sample."
    return f"c = {accept}: n ≤ {largest} for the rate expected, and " + _shown(
        population, tolerable, plan, largest, accept, alpha
    )


def _shown(population: int | None, tolerable: str, plan: Plan, drawn: int, found: int, alpha: Fraction) -> str:
    """`P(X ≤ 2 | n = 100) = 0.049… ≤ 0.05`."""
    if population is None:
        tail = Fraction(*tails.binomial(Fraction(tolerable), drawn, found))
    else:
        assert plan.bad is not None
        tail = Fraction(*tails.hypergeometric(population, plan.bad, drawn, found))
    sign = "≤" if tail <= alpha else ">"
    exact = " exactly" if tail == alpha else ""
    return f"P(X ≤ {found} | n = {drawn}) = {_cut(tail, alpha)} {sign} {decimal(alpha)}{exact}"


def _cut(tail: Fraction, alpha: Fraction) -> str:
    """The tail with as many digits as it needs to be told from the risk."""
    if tail == alpha:
        return decimal(alpha)
    digits = DIGITS
    while True:
        text = _fixed(tail, digits)
        if Fraction(text) != alpha and (Fraction(text) <= alpha) == (tail <= alpha):
            return text
        digits += DIGITS


def _fixed(value: Fraction, digits: int) -> str:
    """A fraction of [0, 1] with that many digits after the point, rounded up."""
    scaled = str(ceil(value * 10**digits)).zfill(digits + 1)
    return f"{scaled[:-digits]}.{scaled[-digits:]}"


def decimal(value: Fraction) -> str:
    """A fraction whose denominator divides a power of ten, as the shortest decimal text."""
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    scaled = str(int(value * 10**digits)).zfill(digits + 1)
    return scaled if not digits else f"{scaled[:-digits]}.{scaled[-digits:]}"
