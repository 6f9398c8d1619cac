"""Whatever the population: order does not matter, rounds do not overlap, and every unit counts."""

from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model.canonical import digest
from evidence_kit.rules import tickets

BLIND = digest("blind")
COLUMNS = [("id", "text"), ("s", "text")]
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
populations = st.dictionaries(names, st.sampled_from(["a", "B", "é"]), max_size=30)


@given(populations, st.randoms())
def test_the_root_does_not_depend_on_the_order_of_rows(units: dict[str, str], chance: object) -> None:
    rows = [list(item) for item in units.items()]
    one = tickets.strata_of(tickets.freeze(rows, COLUMNS, "id", "s", BLIND))
    chance.shuffle(rows)  # type: ignore[attr-defined]
    assert tickets.strata_of(tickets.freeze(rows, COLUMNS, "id", "s", BLIND)) == one
    assert sum(stratum.units for stratum in one) == len(units)


@given(populations, st.integers(0, 12), st.integers(0, 12))
def test_two_rounds_are_disjoint_and_no_larger_than_asked(units: dict[str, str], first: int, second: int) -> None:
    kept = tickets.freeze([list(item) for item in units.items()], COLUMNS, "id", "s", BLIND)
    sizes = dict.fromkeys(units.values(), first)
    one = tickets.draw(kept, sizes, digest("c"), digest("1"))
    two = tickets.draw(kept, dict.fromkeys(sizes, second), digest("c"), digest("2"), 2, {unit.leaf for unit in one})
    assert not {unit.leaf for unit in one} & {unit.leaf for unit in two}
    for stratum in sizes:
        held = sum(unit.stratum == stratum for unit in kept)
        drawn = sum(unit.stratum == stratum for unit in one)
        assert drawn == min(first, held)
        assert sum(unit.stratum == stratum for unit in two) == min(second, held - drawn)
