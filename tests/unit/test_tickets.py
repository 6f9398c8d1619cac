"""Refusals in their order, rounds, census, and the frozen list that no longer gives its root."""

import pytest

from evidence_kit.errors import PopulationMoved
from evidence_kit.model.canonical import NotCanonical, digest
from evidence_kit.model.sample import Kept
from evidence_kit.rules import tickets

BLIND, NONCE = digest("blind"), digest("nonce")
TEXT2 = [("id", "text"), ("s", "text"), ("d", "date")]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["a", "", "infinity"], ["a", "x\0", None], [None, "x", None]], "unit-id-missing"),
        ([["a", "", "infinity"], ["a", "x\0", None]], "unit-id-duplicate"),
        ([["a", "", "infinity"], ["b", "x\0", None]], "stratum-missing"),
        ([["a", "y", "infinity"], ["b", "x\0", None]], "nul-character"),
        ([["a", "y\0", "infinity"]], "nul-character"),
        ([["a", "y", "infinity"]], "value-out-of-range"),
    ],
)
def test_the_first_refusal_in_order_is_the_one_named(rows: list[list[object]], code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        tickets.freeze(rows, TEXT2, "id", "s", BLIND)


def test_ids_are_unique_over_the_whole_population_not_per_stratum() -> None:
    with pytest.raises(ValueError, match=r"^unit-id-duplicate$"):
        tickets.freeze([["a", "x", None], ["a", "y", None]], TEXT2, "id", "s", BLIND)


def test_composed_and_decomposed_ids_are_two_units() -> None:
    kept = tickets.freeze([["\u00e9"], ["e\u0301"]], [("id", "text")], "id", None, BLIND)
    assert len({unit.leaf for unit in kept}) == 2


def test_a_float_column_is_refused() -> None:
    with pytest.raises(NotCanonical):
        tickets.freeze([["a", 1.5]], [("id", "text"), ("x", "float")], "id", None, BLIND)


def population(size: int) -> tuple[Kept, ...]:
    return tickets.freeze([[number] for number in range(size)], [("id", "integer")], "id", None, BLIND)


def test_a_size_at_or_above_the_stratum_is_a_census() -> None:
    drawn = tickets.draw(population(7), {"all": 9}, digest("c"), NONCE)
    assert sorted(unit.unit for unit in drawn) == [str(number) for number in range(7)]
    assert [unit.rank for unit in drawn] == list(range(1, 8))
    assert [unit.ticket for unit in drawn] == sorted(unit.ticket for unit in drawn)


def test_a_later_round_never_draws_a_unit_again() -> None:
    kept = population(40)
    first = tickets.draw(kept, {"all": 25}, digest("c"), NONCE)
    second = tickets.draw(kept, {"all": 25}, digest("c"), digest("fresh"), 2, {unit.leaf for unit in first})
    assert len(second) == 15
    assert not {unit.leaf for unit in first} & {unit.leaf for unit in second}


def test_a_stratum_of_the_plan_without_units_gives_nothing() -> None:
    assert tickets.draw(population(3), {"nobody": 5}, digest("c"), NONCE) == ()


@pytest.mark.parametrize("nonce", ["", "ab", NONCE.upper(), NONCE + "\n", "g" * 64])
def test_a_nonce_is_64_lowercase_hex_digits(nonce: str) -> None:
    with pytest.raises(ValueError, match=r"^nonce-malformed$"):
        tickets.draw(population(3), {"all": 1}, digest("c"), nonce)


def test_malformed_rounds_sizes_and_salts_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^round-out-of-range$"):
        tickets.draw(population(3), {"all": 1}, digest("c"), NONCE, 0)
    with pytest.raises(ValueError, match=r"^plan-malformed$"):
        tickets.draw(population(3), {"all": -1}, digest("c"), NONCE)
    with pytest.raises(ValueError, match=r"^salt-malformed$"):
        tickets.population_salt("short", "e", "p")
    with pytest.raises(ValueError, match=r"^blind-malformed$"):
        tickets.freeze([], [("id", "text")], "id", None, "short")


def record(plan: list[list[str | int]], as_of: str = "2026-06-30T22:00:00Z") -> dict[str, object]:
    return tickets.commitment(
        engagement="e", population="REQ-01.requests", as_of=as_of, unit="id", columns=[("id", "integer")],
        stratum_by=None, blind=BLIND, strata=tickets.strata_of(population(9)), plan=plan,
    )  # fmt: skip


def test_a_two_stage_plan_stands_in_the_record() -> None:
    assert record([["all", 51, 0, 2, 51, 1]])["plan"] == [["all", 51, 0, 2, 51, 1]]


@pytest.mark.parametrize("plan", [[["all"]], [["all", 1, 2]], [["all", "5"]], [["all", -1]], [["all", 1], ["all", 2]]])
def test_a_malformed_plan_is_refused(plan: list[list[str | int]]) -> None:
    with pytest.raises(ValueError, match=r"^plan-malformed$"):
        record(plan)


def test_the_cut_off_is_in_whole_seconds() -> None:
    with pytest.raises(ValueError, match=r"^as-of-malformed$"):
        record([["all", 5]], "2026-06-30T22:00:00.000000Z")


def test_a_list_that_lost_a_unit_no_longer_gives_the_committed_root() -> None:
    made = record([["all", 5]])
    tickets.confirm(population(9), made)
    with pytest.raises(PopulationMoved) as moved:
        tickets.confirm(population(9)[1:], made)
    assert moved.value.committed == made["root"]
    assert "REQ-01.requests" in str(moved.value)


def test_the_sample_digest_is_over_what_the_draws_file_lists() -> None:
    drawn = tickets.draw(population(3), {"all": 1}, digest("c"), NONCE)
    leaf, ticket = drawn[0].leaf, drawn[0].ticket
    assert tickets.sample_sha256(drawn) == digest(f'[{{"leaf":"{leaf}","stratum":"all","ticket":"{ticket}"}}]')
    assert tickets.sample_sha256(()) == digest("[]")
