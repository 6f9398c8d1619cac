"""What became of units and shortcomings between two runs, and when nothing may be said of them."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.model.audit import FIGURES
from evidence_kit.model.comparing import Bound, Change, ControlChange, ControlRun, Kind, Overlap, Run
from evidence_kit.model.outcome import Result
from evidence_kit.rules.comparable import FIGURES_OF
from evidence_kit.rules.comparing import compare, swapped
from tests.unit.runs import control, result, run

CONTROLS = [path.stem for path in (Path(__file__).parents[2] / "params" / "controls").glob("*.yaml")]


def changed(
    before: list[Result], after: list[Result], old: dict[str, Any] | None = None, new: dict[str, Any] | None = None
) -> ControlChange:
    """REQ-02 in both runs; `old`, `new` change its records in one of them."""
    first, second = control("REQ-02", before, **(old or {})), control("REQ-02", after, **(new or {}))
    return compare(run(first), run(second, name="r002")).controls[0]


def words(one: ControlChange) -> dict[str, str]:
    return {unit.unit: unit.change.value for unit in one.units}


UNITS = {
    "closed": ("f", "p", Change.CLOSED),
    "slipped": ("p", "f", Change.SLIPPED),
    "remaining": ("f", "f", Change.REMAINING),
    "failed, then not tested": ("f", "m", Change.REMAINING),
    "not tested, then failed": ("m", "f", Change.REMAINING),
    "broke, then passed": ("e", "p", Change.CLOSED),
    "gone": ("f", None, Change.GONE),
    "entered": (None, "f", Change.ENTERED),
}


@pytest.mark.parametrize("case", UNITS)
def test_every_class_of_a_unit(case: str) -> None:
    before, after, expected = UNITS[case]
    clean = result("Z-9", "p")
    one = changed(*([clean, *([result("U-1", marks)] if marks else [])] for marks in (before, after)))
    assert words(one) == {"U-1": expected.value}
    assert one.count(expected) == 1


def test_units_in_order_in_both_runs_are_not_listed_but_counted() -> None:
    one = changed([result("a", "p"), result("b", "p"), result("c", "p")], [result("a", "p"), result("d", "p")])
    assert (one.units, one.shortcomings, one.tested) == ((), (), Overlap(both=1, only_before=2, only_after=1))


def test_of_a_sample_nothing_is_said_of_a_unit_that_one_run_alone_drew() -> None:
    one = changed(
        [result("both", "f"), result("old", "f")], [result("both", "p"), result("new", "f")], old={"units": 900}
    )
    assert words(one) == {"both": "closed", "old": "not-comparable", "new": "not-comparable"}
    assert [why.code for why in one.notes] == ["sampled"]
    assert only(one) == (Kind.UNKNOWN, 2, 1, {Change.CLOSED: 1, Change.UNKNOWN: 2}, 0)


def test_a_source_that_is_read_otherwise_is_no_population_that_moved() -> None:
    one = changed([result("old", "f")], [result("new", "f")], new={"reading": "SELECT 3"})
    assert words(one) == {"old": "not-comparable", "new": "not-comparable"}
    assert [why.code for why in one.notes] == ["read-otherwise"]


def only(one: ControlChange) -> tuple[Kind, int, int, dict[Change, int], int]:
    (short,) = one.shortcomings
    return short.kind, short.before, short.after, dict(short.changes), short.otherwise


def test_a_shortcoming_is_closed_when_every_unit_of_it_passed() -> None:
    one = changed([result("a", "pf"), result("b", "pf")], [result("a", "pp"), result("b", "pp")])
    assert only(one) == (Kind.CLOSED, 2, 0, {Change.CLOSED: 2}, 0)


def test_a_shortcoming_with_more_cases_has_grown_even_where_some_were_closed() -> None:
    one = changed([result("a", "f"), result("b", "f")], [result("a", "p"), result("b", "f"), result("c", "f")])
    assert only(one) == (
        Kind.GROWN, 2, 2, {Change.CLOSED: 1, Change.REMAINING: 1, Change.ENTERED: 1}, 0
    )  # fmt: skip


def test_what_was_partly_closed_remains_with_its_counts() -> None:
    one = changed([result("a", "f"), result("b", "f")], [result("a", "p"), result("b", "f")])
    assert only(one) == (Kind.REMAINING, 2, 1, {Change.CLOSED: 1, Change.REMAINING: 1}, 0)


def test_a_new_shortcoming_and_one_that_left_the_scope() -> None:
    assert only(changed([result("a", "p")], [result("a", "f")]))[0] is Kind.NEW
    assert only(changed([result("a", "f")], [result("b", "p")])) == (Kind.GONE, 1, 0, {Change.GONE: 1}, 0)


def test_an_attribute_that_no_longer_applies_left_the_scope_and_was_not_closed() -> None:
    one = changed([result("a", "pf")], [result("a", "pn")])
    assert only(one) == (Kind.GONE, 1, 0, {Change.GONE: 1}, 0)


def test_a_failure_that_is_no_longer_tested_is_not_closed() -> None:
    """Absence of evidence closes nothing: the attribute stays open, for another reason."""
    one = changed([result("a", "f", "answered-late")], [result("a", "m", "letter-not-found")])
    told = {(each.mark, each.reason): (each.kind, each.before, each.after, each.otherwise) for each in one.shortcomings}
    assert told == {
        ("fail", "answered-late"): (Kind.REMAINING, 1, 0, 1),
        ("missing", "letter-not-found"): (Kind.REMAINING, 0, 1, 1),
    }


def test_a_doubt_on_the_rows_closes_nothing_although_the_attribute_says_pass() -> None:
    one = changed([result("a", "f")], [result("a", "p", doubt="event-not-known")])
    assert words(one) == {"a": "remaining"}
    told = {each.letter: (each.kind, dict(each.changes)) for each in one.shortcomings}
    assert told == {"A": (Kind.UNKNOWN, {Change.UNKNOWN: 1}), "": (Kind.REMAINING, {Change.REMAINING: 1})}


REFUSED = {
    "thresholds-differ": ({"tolerable": "0.05", "census": False}, ("tolerable", "census")),
    "test-differs": ({"test": "requests.acknowledged"}, ()),
    "attributes-differ": ({"attributes": [{"letter": "A", "en": "other", "walkthrough": False}]}, ("A", "B", "C", "D")),
    "population-defined-otherwise": ({"population": "SELECT 1 WHERE status = 'closed'"}, ()),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_control_that_was_changed_is_not_compared_and_the_reason_is_said(code: str) -> None:
    changes, names = REFUSED[code]
    one = changed([result("a", "f")], [result("a", "p")], new=changes)
    assert [(why.code, why.names) for why in one.refused] == [(code, names)]
    assert (one.units, one.shortcomings, one.tested) == ((), (), Overlap(0, 0, 0))
    assert (one.before, one.after) == ("FAIL", "PASS"), "both verdicts stand all the same"
    assert one.strata[0].before == Bound(1, 1, 1, 1, "1.0", "FAIL")


def test_a_control_of_one_run_alone_is_named_on_its_side() -> None:
    both, one = control("REQ-02", [result("a", "p")]), control("REQ-03", [result("a", "p")])
    told = compare(run(both), run(one, name="r002")).controls
    assert [(each.control, each.refused[0].code) for each in told] == [
        ("REQ-02", "control-missing-after"),
        ("REQ-03", "control-missing-before"),
    ]
    assert [(each.before, each.after) for each in told] == [("PASS", None), (None, "PASS")]


def refused(before: Run, after: Run) -> list[tuple[str, tuple[str, ...]]]:
    return [(why.code, why.names) for why in compare(before, after).controls[0].refused]


def test_another_organisation_is_compared_in_nothing() -> None:
    other = {"name": "Autre", "country": "FR"}
    one = control("REQ-02", [result("a", "f")])
    assert refused(run(one), run(one, organisation=other)) == [("other-organisation", ())]


def test_another_engagement_has_other_keys_and_the_same_identifiers() -> None:
    keyed, plain = control("REQ-02", [result("5e" * 32, "f")]), control("REQ-02", [result("DSR-1", "f")])
    assert refused(run(keyed), run(keyed, engagement="mock")) == [("other-keys", ())]
    assert refused(run(plain), run(plain, engagement="mock")) == []
    assert "other-engagement" in [why.code for why in compare(run(plain), run(plain, engagement="mock")).notes]


def test_what_was_agreed_for_all_and_the_figures_of_the_control() -> None:
    ghost, request = control("REG-02", [result("a", "f")]), control("REQ-02", [result("a", "f")])
    figures = [{"name": "ghost_months", "value": 12}, {"name": "notice_days", "value": 30}]
    assert refused(run(ghost), run(ghost, parameters=figures)) == [("figures-differ", ("ghost_months",))]
    assert refused(run(request), run(request, parameters=figures)) == []
    assert refused(run(request), run(request, timezone="Europe/Madrid")) == [("terms-differ", ("timezone",))]


def test_every_figure_says_which_controls_read_it() -> None:
    """One that is not listed may change any control: right, and useless for a figure of the kit's own."""
    assert set(FIGURES_OF) == set(FIGURES)
    assert {name for controls in FIGURES_OF.values() for name in controls} <= set(CONTROLS)


def test_a_figure_that_nobody_knows_may_change_any_control() -> None:
    one = control("REQ-02", [result("a", "f")])
    figures = [*run().agreed["parameters"], {"name": "brand_new_days", "value": 3}]  # type: ignore[misc]
    assert refused(run(one), run(one, parameters=figures)) == [("figures-differ", ("brand_new_days",))]


def test_a_refused_population_is_no_comparison() -> None:
    whole = control("REQ-02", [result("a", "f")])
    none = dataclasses.replace(whole, summary={"units": 0, "drawn": 0, "verdict": "ERROR", "strata": []}, results=())
    assert refused(run(whole), run(none)) == [("population-refused-after", ())]
    assert refused(run(none), run(whole)) == [("population-refused-before", ())]


def test_an_empty_population_that_fills_is_one() -> None:
    empty: ControlRun = control("REQ-02", [])
    assert words(compare(run(empty), run(control("REQ-02", [result("a", "f")]))).controls[0]) == {"a": "entered"}


def test_what_people_declared_otherwise_stands_beside() -> None:
    one = control("ERA-01", [result("a", "f")])
    told = compare(run(one, places=[]), run(one, places=[{"place": "prod.users"}])).controls[0]
    assert (told.refused, [(why.code, why.names) for why in told.notes]) == ((), [("declared-otherwise", ("places",))])


def test_notes_on_the_two_runs() -> None:
    one = control("REQ-02", [result("a", "f")])
    told = compare(run(one), run(one, name="r002", signer="SHA256:other", kit="0.2.0", key_named=False))
    assert [why.code for why in told.notes] == ["signers-not-named", "signers-differ", "kit-differs", "same-cut-off"]
    assert [why.code for why in compare(run(one), run(one)).notes] == ["same-bundle"]


def test_the_order_is_that_of_the_cut_off_then_of_the_sealing() -> None:
    early, late = run(as_of="2026-01-31T22:59:59Z"), run(as_of="2026-06-30T21:59:59Z")
    assert (swapped(early, late), swapped(late, early), swapped(early, early)) == (False, True, False)
    again = run(sealed_at="2026-07-02T08:00:00.000000Z")
    assert (swapped(early, again), swapped(again, early)) == (False, True)


def test_the_guide_explains_every_code_and_no_other() -> None:
    root = Path(__file__).parents[2]
    source = (root / "evidence_kit/rules/comparable.py").read_text("utf-8")
    guide = (root / "docs/comparing.md").read_text("utf-8")
    codes = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', source)) | {"sampled"}
    assert len(codes) >= 20
    part = guide.split("## What cannot be compared")[1].split("## The page")[0]
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    assert {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)} == codes
