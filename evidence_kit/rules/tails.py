"""How likely it is to meet at most so many bad units: exact tails in integers, and float aims that only guess where to
look. Floats may aim; integers decide. Source: docs/norm/rates, sections 2 and 8.
"""

from bisect import bisect_left
from collections.abc import Callable
from fractions import Fraction
from math import comb, exp, floor, inf, lgamma, log, log1p

Tail = tuple[int, int]  # numerator and denominator of a probability, not reduced


def hypergeometric(population: int, bad: int, drawn: int, found: int) -> Tail:
    """P(X <= found) when `drawn` of `population` units are drawn without replacement and `bad` of them are bad."""
    # The law is symmetric in its two sizes; the smaller one as the draw keeps every number short.
    small, big = sorted((bad, drawn))
    least = max(0, big + small - population)
    if found < least:
        return 0, 1
    if found >= small:
        return 1, 1
    over = population - big - small
    if found - least <= small - 1 - found:
        start = comb(big, least) * comb(population - big, small - least)
        _, below, sums = _chain(least, found, lambda i: (big - i) * (small - i), lambda i: (i + 1) * (over + i + 1))
        return start * (below + sums), comb(population, small) * below
    # The terms above `found` are fewer: what they leave is the tail. They are summed down from the last one.
    start = comb(big, small)
    _, below, sums = _chain(
        0, small - 1 - found, lambda i: (small - i) * (over + small - i), lambda i: (big - small + i + 1) * (i + 1)
    )
    ways = comb(population, small) * below
    return ways - start * (below + sums), ways


def ways(population: int, bad: int, drawn: int, most: int) -> list[int]:
    """In how many ways `drawn` of `population` units hold 0, 1, …, `most` of the bad ones."""
    good, least = population - bad, max(0, drawn - population + bad)
    met = [0] * min(least, most + 1)
    term = comb(bad, least) * comb(good, drawn - least)
    for found in range(least, most + 1):
        met.append(term)
        term = term * (bad - found) * (drawn - found) // ((found + 1) * (good - drawn + found + 1))
    return met


def binomial(rate: Fraction, drawn: int, found: int) -> Tail:
    """P(X <= found) among `drawn` units of an endless population in which `rate` are bad."""
    if found >= drawn:
        return 1, 1
    bad, good = rate.numerator, rate.denominator - rate.numerator
    # The power common to all terms is taken out; what is left is short.
    total = sum(comb(drawn, i) * bad**i * good ** (found - i) for i in range(found + 1))
    return total * good ** (drawn - found), rate.denominator**drawn


def at_most(tail: Tail, alpha: Fraction) -> bool:
    """Whether the tail is not above `alpha`; equality is enough."""
    numerator, denominator = tail
    return numerator * alpha.denominator <= alpha.numerator * denominator


def near_hypergeometric(population: int, bad: int, drawn: int, found: int) -> float:
    """The tail of `hypergeometric` as a float, about one millionth off at 10 million units."""
    least, most = max(0, bad + drawn - population), min(bad, drawn)
    if found < least:
        return 0.0
    if found >= most:
        return 1.0
    start = max(least, min(found, (drawn + 1) * (bad + 1) // (population + 2)))
    spread = population - bad - drawn
    weight = _choose(bad, start) + _choose(population - bad, drawn - start) - _choose(population, drawn)

    def ratio(i: int) -> float:  # of term i + 1 to term i
        return (bad - i) * (drawn - i) / ((i + 1) * (spread + i + 1))

    return min(1.0, exp(weight) * _relative_sum(start, least, found, ratio))


def near_binomial(rate: float, drawn: int, found: int) -> float:
    """The tail of `binomial` as a float."""
    if found >= drawn or rate <= 0.0:
        return 1.0
    if rate >= 1.0:
        return 0.0
    start = min(found, floor((drawn + 1) * rate))
    weight = _choose(drawn, start) + start * log(rate) + (drawn - start) * log1p(-rate)
    odds = rate / (1.0 - rate)
    return min(1.0, exp(weight) * _relative_sum(start, 0, found, lambda i: (drawn - i) / (i + 1) * odds))


def slack(size: int) -> float:
    """How far, relatively, a float tail over `size` units must lie from alpha to be trusted."""
    # One millionth, and more where log-gamma of a huge number has lost digits.
    return 1e-6 + 1e-14 * lgamma(size + 1)


def settle(near: float, size: int, alpha: Fraction, exact: Callable[[], Tail]) -> bool:
    """Whether a tail is not above `alpha`. A float clearly away from alpha is trusted; a near one is settled exactly.

    `near` is the tail as a float, over `size` units; `exact` computes it in integers, only when it is needed.
    """
    near_alpha = float(alpha)
    # Below the smallest floats with all their digits nothing is clear.
    if near_alpha > 1e-300 and abs(near - near_alpha) > slack(size) * near_alpha:
        return near < near_alpha
    return at_most(exact(), alpha)


def hypergeometric_at_most(population: int, bad: int, drawn: int, found: int, alpha: Fraction) -> bool:
    """Whether the tail of `hypergeometric` is not above `alpha`; in integers only where the float is too near."""
    near = near_hypergeometric(population, bad, drawn, found)
    return settle(near, population, alpha, lambda: hypergeometric(population, bad, drawn, found))


def binomial_at_most(rate: Fraction, drawn: int, found: int, alpha: Fraction) -> bool:
    """Whether the tail of `binomial` is not above `alpha`, decided in the same way."""
    return settle(near_binomial(float(rate), drawn, found), drawn, alpha, lambda: binomial(rate, drawn, found))


def first(low: int, high: int, aim: Callable[[int], bool], holds: Callable[[int], bool]) -> int:
    """The smallest value in [low, high] for which `holds`, which is never true, then false; `high` itself is taken to
    hold. `aim` guesses the place cheaply; only `holds` decides, moving by doubling steps where the aim was off."""
    guess = low + bisect_left(range(low, high), True, key=aim)
    step = 1
    if guess == high or holds(guess):
        above = guess
        while above > low and holds(max(low, above - step)):
            above = max(low, above - step)
            step *= 2
        below = max(low - 1, above - step)
    else:
        below = guess
        while below + step < high and not holds(below + step):
            below += step
            step *= 2
        above = min(high, below + step)
    return below + 1 + bisect_left(range(below + 1, above), True, key=holds)


def _chain(low: int, high: int, top: Callable[[int], int], bottom: Callable[[int], int]) -> tuple[int, int, int]:
    """Products of `top` and of `bottom` over [low, high), and the numerator, over the second product, of the sum of all
    products top/bottom that begin at `low`. Halving keeps the factors of each multiplication equally long."""
    if high <= low:
        return 1, 1, 0
    if high - low == 1:
        return top(low), bottom(low), top(low)
    middle = (low + high) // 2
    tops, bottoms, sums = _chain(low, middle, top, bottom)
    more_tops, more_bottoms, more_sums = _chain(middle, high, top, bottom)
    return tops * more_tops, bottoms * more_bottoms, sums * more_bottoms + tops * more_sums


def _relative_sum(start: int, least: int, most: int, ratio: Callable[[int], float]) -> float:
    """Sum of the terms from `least` to `most`, each relative to the term at `start`, near which they are largest."""
    total, term = 1.0, 1.0
    for i in range(start - 1, least - 1, -1):
        term /= ratio(i) or inf
        total += term
        if term < 1e-18 * total:
            break
    term = 1.0
    for i in range(start, most):
        term *= ratio(i)
        total += term
        if term < 1e-18 * total:
            break
    return total


def _choose(whole: int, part: int) -> float:
    return lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)
