"""Comparing a run with itself shows nothing; comparing the other way round shows the mirror image."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit.model.comparing import MIRRORED, Change, Run
from evidence_kit.model.outcome import Result
from evidence_kit.rules.comparing import compare
from tests.unit.runs import control, result, run

UNITS = [f"u{number}" for number in range(6)]
#: One unit in one run: absent, or its marks with a reason, and sometimes a doubt.
ONE = st.none() | st.tuples(
    st.text("pfemn", min_size=3, max_size=3), st.sampled_from(["late", "lost"]), st.none() | st.just("event-not-known")
)


@st.composite
def runs(draw: st.DrawFn, name: str = "r001") -> Run:
    """A run of one control: six units at most, all tested or some of them only."""
    found: list[Result] = []
    for unit in UNITS:
        one = draw(ONE)
        if one is not None:
            marks, reason, doubt = one
            found.append(result(unit, marks, reason, doubt))
    missed = draw(st.sampled_from([0, 0, 0, 5]))
    return run(control("REQ-02", found, units=len(found) + missed), name=name)


@given(runs())
@settings(max_examples=150)
def test_a_run_beside_itself_is_empty_of_changes(one: Run) -> None:
    told = compare(one, one)
    (control_,) = told.controls
    assert {unit.change for unit in control_.units} <= {Change.REMAINING}
    for each in control_.shortcomings:
        assert (set(each.changes), each.before, each.otherwise) == ({Change.REMAINING}, each.after, 0)


@given(runs(), runs("r002"))
@settings(max_examples=300)
def test_the_other_way_round_is_the_mirror_image(before: Run, after: Run) -> None:
    (there,), (back,) = compare(before, after).controls, compare(after, before).controls
    mirrored = {
        unit.unit: (MIRRORED[unit.change], unit.after, unit.before, unit.reasons_after, unit.reasons_before)
        for unit in back.units
    }
    assert mirrored == {
        unit.unit: (unit.change, unit.before, unit.after, unit.reasons_before, unit.reasons_after)
        for unit in there.units
    }
    assert {
        (one.letter, one.mark, one.reason, one.before, one.after, one.otherwise, frozenset(one.changes.items()))
        for one in there.shortcomings
    } == {
        (
            one.letter, one.mark, one.reason, one.after, one.before, one.otherwise,
            frozenset((MIRRORED[change], number) for change, number in one.changes.items()),
        )
        for one in back.shortcomings
    }  # fmt: skip


@given(runs(), runs("r002"))
@settings(max_examples=300)
def test_every_deviating_unit_is_told_once_and_counts_add_up(before: Run, after: Run) -> None:
    (told,) = compare(before, after).controls
    old, new = ({one.unit for one in each.controls["REQ-02"].results if one.deviates} for each in (before, after))
    assert [unit.unit for unit in told.units] == sorted(old | new)
    for each in told.shortcomings:
        counted = sum(each.changes.values())
        assert max(each.before, each.after) <= counted <= each.before + each.after
        gone = sum(each.changes.get(change, 0) for change in (Change.CLOSED, Change.GONE))
        come = sum(each.changes.get(change, 0) for change in (Change.SLIPPED, Change.ENTERED))
        assert gone <= each.before
        assert come <= each.after


@given(runs(), runs("r002"))
@settings(max_examples=200)
def test_nothing_is_closed_but_by_a_test_that_passed(before: Run, after: Run) -> None:
    (told,) = compare(before, after).controls
    passed = {one.unit for one in after.controls["REQ-02"].results if not one.deviates}
    assert {unit.unit for unit in told.units if unit.change is Change.CLOSED} <= passed
