"""Processors and activities followed from one run to the next."""

from __future__ import annotations

from typing import Any

from evidence_kit.model.comparing import Comparison, Entity, ValueChange
from evidence_kit.rules.comparing import compare
from tests.unit.runs import control, result, run


def provider(id_: str, **more: Any) -> dict[str, Any]:
    return {"processor_id": id_, "name": f"Provider {id_}", "status": "active", "art28_terms": "abcdefgh", **more}


def of(found: tuple[Entity, ...], id_: str) -> Entity:
    return next(one for one in found if one.id == id_)


def contracts(*pairs: tuple[str, str], units: int | None = None, **more: Any) -> Any:
    rows = [provider(id_, **more) for id_, _ in pairs]
    return control("PRO-02", [result(id_, marks) for id_, marks in pairs], units=units, frames={"processors": rows})


def others() -> list[Any]:
    """The other controls of the providers, with nothing in them."""
    return [control(name) for name in ("PRO-01", "PRO-03", "PRO-04", "PRO-05")]


def test_who_slipped_who_was_mended_who_is_new_and_who_left() -> None:
    before = run(contracts(("p1", "p"), ("p2", "f"), ("p3", "p"), ("p4", "p")), *others())
    after = run(contracts(("p1", "f"), ("p2", "p"), ("p3", "p"), ("p5", "p")), *others(), name="r002")
    found = compare(before, after).processors
    assert {one.id: one.words for one in found} == {
        "p1": ("slipped",), "p2": ("mended",), "p3": (), "p4": ("left",), "p5": ("new",)
    }  # fmt: skip
    assert of(found, "p1").verdicts == (("PRO-02", "PASS", "FAIL"),)


def test_in_a_sample_nobody_is_new_or_gone() -> None:
    before = run(contracts(("p1", "p"), units=80), *others())
    after = run(contracts(("p2", "p"), units=80), *others(), name="r002")
    assert {one.id: one.words for one in compare(before, after).processors} == {"p1": ("unseen",), "p2": ("unseen",)}


def ended(before: dict[str, Any], after: dict[str, Any]) -> Entity:
    flows = control("PRO-04", [result("p1", "pp")], frames={"processors": [provider("p1", **after)]})
    rest = [control(name) for name in ("PRO-01", "PRO-03", "PRO-05")]
    return of(
        compare(
            run(contracts(("p1", "p"), **before), *rest, control("PRO-04")),
            run(control("PRO-02"), *rest, flows, name="r002"),
        ).processors,
        "p1",
    )


def test_a_provider_that_was_ended_since() -> None:
    one = ended({"status": "active"}, {"status": "terminated", "terminated_on": "2026-03-01"})
    assert one.words == ("ended", "changed")
    assert one.states == ("active", "terminated")
    assert ValueChange("status", "active", "terminated") in one.values
    assert "terminated_on" not in [each.name for each in one.values], "the earlier run did not read that day"


def test_what_changed_attribute_by_attribute() -> None:
    old = contracts(("p1", "p"), transfer_mechanism="scc", risk_tier="low")
    new = contracts(("p1", "f"), transfer_mechanism=None, risk_tier="high", art28_terms="abcdef")
    one = of(compare(run(old, *others()), run(new, *others(), name="r002")).processors, "p1")
    assert one.values == (
        ValueChange("art28_terms", "abcdefgh", "abcdef"),
        ValueChange("risk_tier", "low", "high"),
        ValueChange("transfer_mechanism", "scc", None),
    )


def test_the_last_review_counts_whatever_the_order_of_the_rows() -> None:
    def reviewed(*days: str) -> Any:
        rows = [
            {"processor_id": "p1", "review_id": f"v{day}", "reviewed_on": day, "outcome": "compliant"} for day in days
        ]
        return control(
            "PRO-03", [result("p1", "p")], frames={"processors": [provider("p1")], "processor_reviews": rows}
        )

    rest = [control(name) for name in ("PRO-01", "PRO-02", "PRO-04", "PRO-05")]
    before, after = (
        run(reviewed("2025-03-01", "2024-03-01"), *rest),
        run(reviewed("2024-03-01", "2026-02-01", "2025-03-01"), *rest, name="r002"),
    )
    assert of(compare(before, after).processors, "p1").values == (
        ValueChange("reviewed_on", "2025-03-01", "2026-02-01"),
    )


def test_a_first_review_is_a_change_where_both_runs_asked_for_it() -> None:
    frames = {"processors": [provider("p1")], "processor_reviews": []}
    review = {"processor_id": "p1", "review_id": "v1", "reviewed_on": "2026-04-01", "outcome": "compliant"}
    rest = [control(name) for name in ("PRO-01", "PRO-02", "PRO-04", "PRO-05")]
    never = run(control("PRO-03", [result("p1", "f")], frames=frames), *rest)
    once = run(control("PRO-03", [result("p1", "p")], frames={**frames, "processor_reviews": [review]}), *rest)
    one = of(compare(never, once).processors, "p1")
    assert one.words == ("mended", "changed")
    assert one.values == (ValueChange("outcome", None, "compliant"), ValueChange("reviewed_on", None, "2026-04-01"))
    unasked = run(contracts(("p1", "p")), *(control(name) for name in ("PRO-01", "PRO-03", "PRO-04", "PRO-05")))
    assert of(compare(unasked, once).processors, "p1").values == ()


def destinations(*pairs: tuple[str, str, str], units: int | None = None) -> Any:
    rows = [{"destination": name, "processor_id": id_, "status": "active"} for name, id_, _ in pairs]
    results = [result(name, marks) for name, _, marks in pairs]
    return control("PRO-01", results, units=units, frames={"destination_processors": rows})


def test_destinations_belong_to_the_provider_they_were_matched_with() -> None:
    rest = [control(name) for name in ("PRO-02", "PRO-03", "PRO-04", "PRO-05")]
    before = run(destinations(("a.example", "p1", "p"), ("b.example", "p1", "p")), *rest)
    after = run(destinations(("a.example", "p1", "p"), ("c.example", "p1", "f")), *rest, name="r002")
    one = of(compare(before, after).processors, "p1")
    assert one.verdicts == (("PRO-01", "PASS", "FAIL"),)
    assert one.values == (
        ValueChange("destination", True, None, "b.example"),
        ValueChange("destination", None, True, "c.example"),
    )


def test_a_destination_that_was_not_drawn_did_not_come_or_go() -> None:
    rest = [control(name) for name in ("PRO-02", "PRO-03", "PRO-04", "PRO-05")]
    before = run(destinations(("a.example", "p1", "p"), ("b.example", "p1", "p"), units=90), *rest)
    after = run(destinations(("a.example", "p1", "p"), units=90), *rest, name="r002")
    assert of(compare(before, after).processors, "p1").values == ()


def commitments(*ids: str, tested: bool = True) -> Any:
    rows = [{"processor_id": "p1", "commitment_id": id_, "signed_on": "2026-01-01"} for id_ in ids]
    frames = {"processors": [provider("p1", status="charter")], "processor_commitments": rows}
    return control("PRO-05", [result("p1", "p")] if tested else [], frames=frames if tested else {})


def test_commitments_come_and_go_only_where_both_runs_asked_for_them() -> None:
    rest = [control(name) for name in ("PRO-01", "PRO-02", "PRO-03", "PRO-04")]
    one = of(compare(run(commitments("c1"), *rest), run(commitments("c1", "c2"), *rest)).processors, "p1")
    assert one.values == (ValueChange("signed_on", None, "2026-01-01", "c2"),)
    active = [contracts(("p1", "p")), *(control(name) for name in ("PRO-01", "PRO-03", "PRO-04"))]
    one = of(compare(run(commitments("c1"), *rest), run(commitments(tested=False), *active)).processors, "p1")
    assert [each.name for each in one.values] == ["status"], "its charter is not said to be gone"


def entry(id_: str, **more: Any) -> dict[str, Any]:
    return {"activity_id": id_, "name": "Newsletter", "status": "active", "purposes": "sending", **more}


def columns(*found: tuple[str, str, str | None], whole: bool = True) -> Any:
    """REG-01 of (object, column, activity or None)."""
    units = [f"prod.{name}.{column}" for name, column, _ in found]
    return control(
        "REG-01",
        [result(unit, "f" if activity is None else "p") for unit, (_, _, activity) in zip(units, found, strict=True)],
        units=None if whole else 999,
        frames={
            "column_units": [
                {"unit_id": unit, "source": "prod", "object": name, "column_name": column}
                for unit, (name, column, _) in zip(units, found, strict=True)
            ],
            "column_entries": [
                {"unit_id": unit, "activity_id": activity, "status": "active"}
                for unit, (_, _, activity) in zip(units, found, strict=True)
                if activity is not None
            ],
        },
    )


def register(reg01: Any, marks: str = "p", keep: str = "13 months", **cells: Any) -> list[Any]:
    rule = {"rule_id": "clicks", "activity_id": "a1", "keep": "13 months", "configured_keep": keep}
    return [
        reg01,
        control("REG-02", [result("a1", "p")]),
        control("REG-03", [result("a1", marks)], frames={"register_activities": [entry("a1", **cells)]}),
        control(
            "REG-04",
            [result("clicks", "p" if keep == "13 months" else "f")],
            frames={"retention_rules": [rule]},
        ),
    ]


def followed() -> Comparison:
    before = run(*register(columns(("contacts", "email", "a1"), ("contacts", "phone", None), ("old", "name", None))))
    after = run(
        *register(
            columns(("contacts", "email", "a1"), ("contacts", "custom", None), ("new", "iban", None)),
            marks="f",
            keep="25 months",
            purposes=None,
        ),
        name="r002",
    )
    return compare(before, after)


def test_an_activity_with_its_cells_its_rules_and_its_columns() -> None:
    one = of(followed().activities, "a1")
    assert one.words == ("slipped", "changed")
    assert one.verdicts == (
        ("REG-01", "PASS", "PASS"), ("REG-02", "PASS", "PASS"), ("REG-03", "PASS", "FAIL"), ("REG-04", "PASS", "FAIL")
    )  # fmt: skip
    assert one.values == (
        ValueChange("purposes", "sending", None),
        ValueChange("configured_keep", "13 months", "25 months", "clicks"),
    )


def test_undeclared_columns_are_compared_within_the_objects_of_both_runs() -> None:
    found = followed().undeclared
    assert (found.groups_in_both, found.groups_only_before, found.groups_only_after) == (
        ("prod.contacts",), ("prod.old",), ("prod.new",)
    )  # fmt: skip
    assert found.added_within == (("prod.contacts", "custom"),)
    assert found.removed_within == (("prod.contacts", "phone"),)
    assert (len(found.added), len(found.removed)) == (2, 2)


def test_an_entry_that_is_retired_covers_nothing() -> None:
    active = columns(("contacts", "email", "a1"))
    retired = columns(("contacts", "email", "a1"))
    retired.frames["column_entries"][0]["status"] = "retired"
    found = compare(run(*register(active)), run(*register(retired), name="r002")).undeclared
    assert found.added_within == (("prod.contacts", "email"),)


def test_of_another_organisation_nobody_is_followed() -> None:
    before, after = run(contracts(("p1", "p"))), run(contracts(("p1", "f")), organisation={"name": "Autre"})
    assert compare(before, after).processors == ()


def test_a_control_that_was_changed_makes_nobody_slip() -> None:
    before = run(contracts(("p1", "p")), *others())
    stricter = control("PRO-02", [result("p1", "f")], frames={"processors": [provider("p1")]}, tolerable="0.05")
    one = of(compare(before, run(stricter, *others(), name="r002")).processors, "p1")
    assert (one.words, one.verdicts) == ((), ())
