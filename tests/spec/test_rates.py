"""Plans, bounds, two stages and verdicts are the norm's to the unit. Source: docs/norm/rates."""

from operator import itemgetter

import pytest

from evidence_kit.rules import rates
from tests.spec.norm import Vector, norm


def vectors(kind: str, *, refused: bool = False) -> list[Vector]:
    return [one for one in norm("rates")["vectors"] if one["kind"] == kind and ("error" in one["out"]) is refused]


@pytest.mark.parametrize("vector", vectors("plan"), ids=itemgetter("id"))
def test_the_plan_is_the_smallest_that_keeps_the_confidence(vector: Vector) -> None:
    made = rates.plan(**vector["in"])
    assert {"n": made.n, "accept": made.accept, "census": made.census, "bad": made.bad} == vector["out"]


@pytest.mark.parametrize("vector", vectors("bound"), ids=itemgetter("id"))
def test_the_upper_limit_is_never_kinder_than_the_norm(vector: Vector) -> None:
    given = vector["in"]
    upper = rates.upper_limit(given["population"], given["n"], given["x"], given["confidence"])
    assert {"upper": upper, "percent": rates.percent_up(upper, given["population"])} == vector["out"]


@pytest.mark.parametrize("vector", vectors("bound_binomial"), ids=itemgetter("id"))
def test_the_binomial_limit_agrees_with_printed_tables(vector: Vector) -> None:
    given = vector["in"]
    ppm = rates.upper_limit_endless(given["n"], given["x"], given["confidence"])
    assert {"ppm": ppm, "percent": rates.percent_up(ppm, 1_000_000)} == vector["out"]


@pytest.mark.parametrize("vector", vectors("two_stage"), ids=itemgetter("id"))
def test_the_true_risk_of_two_stages_is_exact(vector: Vector) -> None:
    assert rates.parts_per_billion_up(rates.two_stage_risk(**vector["in"])) == vector["out"]["risk_ppb_up"]


@pytest.mark.parametrize("vector", vectors("two_stage_plan"), ids=itemgetter("id"))
def test_the_smallest_two_stage_plan_keeps_the_confidence(vector: Vector) -> None:
    assert rates.two_stage_size(**vector["in"]) == vector["out"]["m"]


@pytest.mark.parametrize("vector", vectors("evaluate"), ids=itemgetter("id"))
def test_the_verdict_follows_from_the_counts(vector: Vector) -> None:
    given, out = vector["in"], vector["out"]
    said = rates.evaluate(
        given["population"], given["n"], given["fails"], given["unable"], given["tolerable"], given["confidence"]
    )
    assert {key: getattr(said, key) for key in out} == out


REFUSED = [one for one in norm("rates")["vectors"] if "error" in one["out"]]


@pytest.mark.parametrize("vector", REFUSED, ids=itemgetter("id"))
def test_what_cannot_be_computed_is_refused_by_its_code(vector: Vector) -> None:
    given = dict(vector["in"])
    if vector["kind"] != "plan":
        given["drawn"] = given.pop("n")
    if "x" in given:
        given["found"] = given.pop("x")
    asked = {"plan": rates.plan, "bound": rates.upper_limit, "evaluate": rates.evaluate}[vector["kind"]]
    with pytest.raises(ValueError, match=rf"^{vector['out']['error']}$"):
        asked(**given)


def test_every_vector_is_asked() -> None:
    kinds = ["plan", "bound", "bound_binomial", "two_stage", "two_stage_plan", "evaluate"]
    assert sum(len(vectors(kind)) for kind in kinds) + len(REFUSED) == 314
