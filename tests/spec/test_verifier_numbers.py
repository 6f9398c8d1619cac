"""The verifier's own arithmetic of rates and draws: the vectors that judge the kit judge it too."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from operator import itemgetter
from typing import Any

import pytest

from evidence_kit import verify
from evidence_kit.rules.rates import upper_limit
from tests.spec.norm import norm
from tests.spec.test_sampling import committed

Vector = dict[str, Any]
RATES = norm("rates")["vectors"]
CASES = norm("sampling")["cases"]


def of_kind(kind: str) -> list[Vector]:
    return [vector for vector in RATES if vector["kind"] == kind and "error" not in vector["out"]]


@pytest.mark.parametrize("vector", of_kind("bound"), ids=itemgetter("id"))
def test_upper_limit_is_the_norms(vector: Vector) -> None:
    given = vector["in"]
    alpha = 1 - Fraction(given["confidence"])
    upper = verify.upper_units(given["population"], given["n"], given["x"], alpha)
    assert (upper, verify.shown_rate(upper, given["population"])) == (vector["out"]["upper"], vector["out"]["percent"])


@pytest.mark.parametrize("vector", of_kind("evaluate"), ids=itemgetter("id"))
def test_verdict_is_the_norms(vector: Vector) -> None:
    given, out = vector["in"], vector["out"]
    counts = {"drawn": given["n"], "fail": given["fails"], "error": given["unable"], "inconclusive": 0}
    counts["deviations"] = given["fails"] + given["unable"]
    verdict, reason, upper, without = verify.judge_stratum(given["population"], counts, given)
    assert (verdict, reason) == (out["verdict"], out["reason"])
    assert (upper, without) == (out.get("upper"), out.get("upper_without_untested"))
    if out.get("too_many"):
        assert verify.too_many(given["population"], Fraction(given["tolerable"])) == out["too_many"]


def draw_of(case: Vector) -> Vector:
    """The draw document of one case, as the bundle would hold it."""
    record, _ = committed(case)
    rounds = [
        {
            "round": each["round"],
            "nonce": each["nonce"],
            "drawn": [
                {key: unit[key] for key in ("stratum", "leaf", "ticket")}
                for unit in sorted(each["drawn"], key=lambda unit: (unit["stratum"].encode(), unit["rank"]))
            ],
        }
        for each in case["expect"]["draws"]
    ]
    return {"commitment": record, "commitment_sha256": case["expect"]["commitment_text_sha256"], "rounds": rounds}


def leaves_of(case: Vector) -> Iterator[bytes]:
    _, kept = committed(case)
    yield from sorted(f"{unit.leaf} {unit.stratum}\n".encode() for unit in kept)


@pytest.mark.parametrize("case", CASES, ids=itemgetter("name"))
def test_leaves_give_the_roots_and_the_draw_of_the_norm(case: Vector) -> None:
    draw = draw_of(case)
    pool = verify.Pool(draw, leaves_of(case))
    found = [[name, pool.known[name][0], pool.roots[name].hexdigest()] for name in pool.known]
    assert found == draw["commitment"]["strata"]
    assert pool.wrong == pool.passed_over == []
    assert list(verify.ticket_defects("draw", draw)) == []
    assert list(verify.draw_defects("draw", draw, pool)) == []


@pytest.mark.parametrize("case", CASES[1:3], ids=itemgetter("name"))
def test_a_draw_that_passes_over_a_smaller_ticket_is_noticed(case: Vector) -> None:
    draw = draw_of(case)
    del draw["rounds"][0]["drawn"][0]
    pool = verify.Pool(draw, leaves_of(case))
    assert pool.passed_over
    assert list(verify.draw_defects("draw", draw, pool))


@pytest.mark.parametrize(
    ("units", "drawn", "found"),
    [(10**5, 5 * 10**4, 1000), (10**4, 1000, 900), (10**7, 9980, 0), (10**6, 10**6 - 1, 3), (1500, 700, 699)],
)
def test_large_samples_meet_the_kits_own_rule(units: int, drawn: int, found: int) -> None:
    """Two writings of one norm, where no vector reaches: large samples, and far more found than likely."""
    assert verify.upper_units(units, drawn, found, Fraction(1, 20)) == upper_limit(units, drawn, found, "0.95")
