"""How many units to draw, how many deviations a population may still hold, and what that concludes.

Rates and confidences are decimal text (`"0.05"`), never floats; every decision is made in integers and fractions.
Refusals are ValueErrors whose text is a code of the norm. Source: docs/norm/rates.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import ceil, comb, floor
from typing import Final, NamedTuple

from evidence_kit.model.outcome import Outcome
from evidence_kit.rules import tails

LARGEST_ACCEPTANCE: Final = 200
CENSUS_UP_TO: Final = 20

_DECIMAL: Final = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Plan:
    """How many units to draw and how many deviations among them still pass. `bad`: the smallest number of bad units
    that is too many; None where the population is endless."""

    n: int
    accept: int
    census: bool
    bad: int | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a sample concludes. `upper`: bad units the population may still hold, untested ones counted as deviations;
    `too_many`: the number that must not be reached. All None when nothing was tested."""

    verdict: Outcome
    reason: str
    deviations: int
    upper: int | None = None
    upper_percent: str | None = None
    too_many: int | None = None
    upper_without_untested: int | None = None


def too_many(population: int, tolerable: str) -> int:
    """K: from how many deviations on the population is too bad. A rate of exactly `tolerable` is already too high."""
    return _too_many(population, _rate(tolerable, "tolerable-rate-out-of-range"))


def plan(
    population: int | None, tolerable: str, confidence: str, expected: str = "0", census_up_to: int = CENSUS_UP_TO
) -> Plan:
    """The smallest sample with the smallest acceptance number that leaves room for the deviations expected.

    `population` is None for the binomial limit. Raises ValueError: `tolerable-rate-out-of-range`,
    `confidence-out-of-range`, `expected-rate-not-below-tolerable`, `population-empty`, `plan-too-large`.
    Source: docs/norm/rates, section 3.

    >>> plan(247, "0.05", "0.95", "0.02")
    Plan(n=100, accept=2, census=False, bad=13)
    """
    limit = _rate(tolerable, "tolerable-rate-out-of-range")
    alpha = 1 - _rate(confidence, "confidence-out-of-range")
    if not _DECIMAL.fullmatch(expected) or not Fraction(expected) < limit:
        raise ValueError("expected-rate-not-below-tolerable")
    rate = Fraction(expected)
    if population is None:
        found = _smallest(_endless(limit), alpha, rate, None, LARGEST_ACCEPTANCE)
        if found is None:
            raise ValueError("plan-too-large")
        return Plan(*found, census=False, bad=None)
    if population < 1:
        raise ValueError("population-empty")
    bad = _too_many(population, limit)
    if population <= census_up_to:
        return Plan(population, bad - 1, census=True, bad=bad)
    found = _smallest(_finite(population, bad), alpha, rate, population - 1, min(bad - 1, LARGEST_ACCEPTANCE))
    if found is not None:
        return Plan(*found, census=False, bad=bad)
    if bad - 1 > LARGEST_ACCEPTANCE:
        raise ValueError("plan-too-large")
    return Plan(population, bad - 1, census=True, bad=bad)


class _Law(NamedTuple):
    """P(X <= found) as a function of the number drawn and of `found`: a float that aims, integers that decide."""

    near: Callable[[int, int], float]
    tail: Callable[[int, int], tails.Tail]
    size: int | None


def _finite(population: int, bad: int) -> _Law:
    return _Law(
        lambda drawn, found: tails.near_hypergeometric(population, bad, drawn, found),
        lambda drawn, found: tails.hypergeometric(population, bad, drawn, found),
        population,
    )


def _endless(limit: Fraction) -> _Law:
    rate = float(limit)
    return _Law(
        lambda drawn, found: tails.near_binomial(rate, drawn, found),
        lambda drawn, found: tails.binomial(limit, drawn, found),
        None,
    )


def _smallest(law: _Law, alpha: Fraction, rate: Fraction, most: int | None, last_accept: int) -> tuple[int, int] | None:
    """The first acceptance number with a sample that refutes, fits `rate` and stays within `most`; and that sample."""
    near_alpha = float(alpha)
    for accept in range(last_accept + 1):
        largest = most if rate == 0 else accept * rate.denominator // rate.numerator
        if largest is None:  # no population and nothing expected: some size always refutes
            largest = accept + 1
            while law.near(largest, accept) > near_alpha * (1 - tails.slack(largest)):
                largest *= 2
        largest = largest if most is None else min(largest, most)
        if largest <= accept:
            continue
        if _refutes(law, alpha, largest, accept):
            return _first_size(law, alpha, accept, largest), accept
    return None


def _refutes(law: _Law, alpha: Fraction, drawn: int, found: int) -> bool:
    return tails.settle(law.near(drawn, found), law.size or drawn, alpha, lambda: law.tail(drawn, found))


def _first_size(law: _Law, alpha: Fraction, accept: int, largest: int) -> int:
    near_alpha = float(alpha)
    return tails.first(
        accept + 1,
        largest,
        lambda drawn: law.near(drawn, accept) <= near_alpha,
        lambda drawn: tails.at_most(law.tail(drawn, accept), alpha),
    )


def upper_limit(population: int, drawn: int, found: int, confidence: str) -> int:
    """How many bad units the population may still hold after this sample: whole units, in [found, population].

    Exact, one-sided, drawn without replacement. Raises ValueError: `counts-out-of-range`, `confidence-out-of-range`.
    Source: Clopper and Pearson (1934), for the hypergeometric law; docs/norm/rates, section 4.

    >>> upper_limit(population=100, drawn=45, found=0, confidence="0.95")
    4
    """
    alpha = 1 - _rate(confidence, "confidence-out-of-range")
    if not 0 <= found <= drawn <= population:
        raise ValueError("counts-out-of-range")
    near_alpha = float(alpha)
    # The tail never rises with the number of bad units: the first refuted number is one above the bound.
    refuted = tails.first(
        found + 1,
        population - drawn + found + 1,
        lambda bad: tails.near_hypergeometric(population, bad, drawn, found) <= near_alpha,
        lambda bad: tails.hypergeometric_at_most(population, bad, drawn, found, alpha),
    )
    return refuted - 1


def upper_limit_endless(drawn: int, found: int, confidence: str) -> int:
    """The binomial upper bound in millionths, for comparison with printed tables. Raises as `upper_limit`."""
    alpha = 1 - _rate(confidence, "confidence-out-of-range")
    if not 0 <= found <= drawn:
        raise ValueError("counts-out-of-range")
    near_alpha = float(alpha)
    return tails.first(
        0,
        1_000_000,
        lambda millionths: tails.near_binomial(millionths / 1e6, drawn, found) <= near_alpha,
        lambda millionths: tails.binomial_at_most(Fraction(millionths, 1_000_000), drawn, found, alpha),
    )


def percent_up(part: int, whole: int) -> str:
    """A share as a percentage with one decimal, rounded up: an upper bound is never rounded down.

    >>> percent_up(176121, 1_000_000)
    '17.7'
    """
    tenths = -(-part * 1000 // whole)
    return f"{tenths // 10}.{tenths % 10}"


def percent_down(share: Fraction) -> str:
    """A share as a percentage with one decimal, rounded down: a confidence is never rounded up.

    >>> percent_down(Fraction(92518, 100_000))
    '92.5'
    """
    tenths = floor(share * 1000)
    return f"{tenths // 10}.{tenths % 10}"


def evaluate(population: int, drawn: int, fails: int, unable: int, tolerable: str, confidence: str) -> Evaluation:
    """The verdict of one stratum from its counts. A unit that could not be tested counts as a deviation.

    Raises ValueError: `counts-out-of-range`, `tolerable-rate-out-of-range`, `confidence-out-of-range`.
    Source: docs/norm/rates, section 7.
    """
    limit = _rate(tolerable, "tolerable-rate-out-of-range")
    _rate(confidence, "confidence-out-of-range")
    deviations = fails + unable
    if min(fails, unable) < 0 or not deviations <= drawn <= population:
        raise ValueError("counts-out-of-range")
    if drawn == 0:
        return Evaluation(Outcome.INCONCLUSIVE, "nothing-to-test", deviations)
    bad = _too_many(population, limit)
    upper = upper_limit(population, drawn, deviations, confidence)
    tested_only = upper if unable == 0 else upper_limit(population, drawn, fails, confidence)
    if unable == drawn:
        verdict, reason = Outcome.INCONCLUSIVE, "nothing-could-be-tested"
    elif upper < bad:
        verdict, reason = Outcome.PASS, "upper-bound-below-tolerable"
    elif tested_only < bad:
        verdict, reason = Outcome.FAIL, "untested-units-count-as-deviations"
    elif deviations == 0:
        verdict, reason = Outcome.INCONCLUSIVE, "sample-too-small"
    else:
        verdict, reason = Outcome.FAIL, "upper-bound-reaches-tolerable"
    return Evaluation(verdict, reason, deviations, upper, percent_up(upper, population), bad, tested_only)


def joint_confidence(confidence: str, strata: int) -> str:
    """At least this confidence for `strata` strata together, as exact decimal text; never below 0."""
    joint = max(Fraction(0), 1 - strata * (1 - _rate(confidence, "confidence-out-of-range")))
    places = len(confidence.partition(".")[2])
    whole = str(joint.numerator * 10**places // joint.denominator).rjust(places + 1, "0")
    return f"{whole[:-places]}.{whole[-places:]}" if places else whole


def two_stage_risk(
    population: int | None, tolerable: str, n1: int, accept1: int, reject1: int, n2: int, accept2: int
) -> Fraction:
    """The chance of accepting a population that holds exactly the smallest number that is too many. Exact.

    Draw `n1`; accept at `accept1` deviations or fewer, reject at `reject1` or more; otherwise draw `n2` more and accept
    at `accept2` or fewer in all. Raises ValueError: `counts-out-of-range`, `tolerable-rate-out-of-range`.
    Source: docs/norm/rates, section 6.
    """
    limit = _rate(tolerable, "tolerable-rate-out-of-range")
    if min(n1, n2, accept1, accept2) < 0 or reject1 <= accept1:
        raise ValueError("counts-out-of-range")
    if population is not None and (population < 1 or n1 + n2 > population):
        raise ValueError("counts-out-of-range")
    bad = 0 if population is None else _too_many(population, limit)

    def first_stage(found: int) -> Fraction:
        if population is None:
            return Fraction(*tails.binomial(limit, n1, found))
        return Fraction(*tails.hypergeometric(population, bad, n1, found))

    def second_stage(found: int) -> Fraction:
        left = accept2 - found
        if population is None:
            return Fraction(*tails.binomial(limit, n2, left))
        return Fraction(*tails.hypergeometric(population - n1, bad - found, n2, left))

    most = n1 if population is None else min(n1, bad)
    risk = first_stage(min(accept1, most))
    for found in range(accept1 + 1, min(reject1 - 1, accept2, most) + 1):
        risk += (first_stage(found) - first_stage(found - 1)) * second_stage(found)
    return risk


def extension_risk(population: int, tolerable: str, confidence: str, sizes: Sequence[int]) -> Fraction:
    """The chance of accepting the smallest number of bad units that is too many, where the sample was extended. Exact.

    `sizes`: units drawn in each round. After each round the population is accepted when all units so far refute that
    number at `confidence`, as one sample of their size would; else the next round follows.
    Raises ValueError: `counts-out-of-range`, `tolerable-rate-out-of-range`, `confidence-out-of-range`.
    Source: docs/norm/rates, section 6; docs/norm/sampling, section 5.

    >>> parts_per_billion_up(extension_risk(1_000_000, "0.05", "0.95", (59, 34)))
    74813316
    """
    limit, alpha = _rate(tolerable, "tolerable-rate-out-of-range"), 1 - _rate(confidence, "confidence-out-of-range")
    if population < 1 or min(sizes) < 0 or sum(sizes) > population:
        raise ValueError("counts-out-of-range")
    bad = _too_many(population, limit)
    law, pooled = _finite(population, bad), list(accumulate(sizes))
    most = _accepted(law, alpha, pooled[-1])
    # Ways in which so many bad units were met and no round has accepted yet; more than `most` is never accepted.
    going, chances, risk = {0: 1}, 1, Fraction(0)
    for size, drawn in zip(sizes, pooled, strict=True):
        left = population - drawn + size
        met = dict.fromkeys(range(most + 1), 0)
        for found, ways in going.items():
            for more, of in enumerate(tails.ways(left, bad - found, size, most - found)):
                met[found + more] += ways * of
        chances *= comb(left, size)
        enough = _accepted(law, alpha, drawn)
        risk += Fraction(sum(ways for found, ways in met.items() if found <= enough), chances)
        going = {found: ways for found, ways in met.items() if found > enough and ways}
    return risk


def _accepted(law: _Law, alpha: Fraction, drawn: int) -> int:
    """The most deviations among `drawn` units that still refute; -1 when not even none does."""
    found = -1
    while _refutes(law, alpha, drawn, found + 1):
        found += 1
    return found


def two_stage_size(population: int | None, tolerable: str, confidence: str) -> int | None:
    """The smallest `m` for which drawing `m`, then `m` more after one deviation, and accepting one in all, keeps the
    confidence; None when the population has not enough units."""
    alpha = 1 - _rate(confidence, "confidence-out-of-range")
    if population is not None and population < 2:
        return None

    def keeps(m: int) -> bool:
        return two_stage_risk(population, tolerable, m, 0, 2, m, 1) <= alpha

    # More units in either stage never raise the risk: double until it is kept, then halve.
    high = 1
    while not keeps(high):
        if population is not None and high == population // 2:
            return None
        high = high * 2 if population is None else min(high * 2, population // 2)
    return tails.first(high // 2 + 1, high, keeps, keeps) if high > 1 else 1


def parts_per_billion_up(risk: Fraction) -> int:
    """A risk as it is printed: whole parts per billion, rounded up."""
    return ceil(risk * 10**9)


def _too_many(population: int, limit: Fraction) -> int:
    return max(1, ceil(limit * population))


def _rate(text: str, code: str) -> Fraction:
    if not _DECIMAL.fullmatch(text) or not 0 < Fraction(text) < 1:
        raise ValueError(code)
    return Fraction(text)
