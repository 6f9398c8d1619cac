"""A comparison as a record: what `compare --json` prints and what its page is made from. Pure; no digest rests on it.

Lists only, every key always there, values as JSON has them. Source: docs/comparing.md, "As JSON".
"""

from __future__ import annotations

from collections.abc import Iterable

from evidence_kit.ledger.records import Record
from evidence_kit.model.comparing import (
    Bound,
    Change,
    Comparison,
    ControlChange,
    Entity,
    Members,
    Run,
    Shortcoming,
    UnitChange,
    Why,
)

FORMAT = "evidence-kit-comparison"


def comparison_record(comparison: Comparison, *, swapped: bool = False) -> Record:
    """The whole comparison. `swapped`: the runs were named in the other order."""
    return {
        "format": FORMAT,
        "version": 1,
        "before": _run(comparison.before),
        "after": _run(comparison.after),
        "swapped": swapped,
        "notes": _whys(comparison.notes),
        "controls": [_control(one) for one in comparison.controls],
        "processors": [_entity(one) for one in comparison.processors],
        "activities": [_entity(one) for one in comparison.activities],
        "undeclared": _members(comparison.undeclared),
    }


def _run(run: Run) -> Record:
    return {
        "bundle": run.bundle,
        "engagement": run.engagement,
        "run": run.run,
        "kind": run.agreed.get("kind"),
        "as_of": run.as_of,
        "sealed_at": run.sealed_at,
        "signer": run.signer,
        "tagmanifest_sha256": run.tagmanifest_sha256,
        "kit": run.kit,
        "demonstration": run.demonstration,
    }


def _whys(whys: Iterable[Why]) -> list[Record]:
    return [{"code": one.code, "names": list(one.names)} for one in whys]


def _control(one: ControlChange) -> Record:
    return {
        "control": one.control,
        "compared": not one.refused,
        "refused": _whys(one.refused),
        "notes": _whys(one.notes),
        "before": one.before,
        "after": one.after,
        "tolerable": one.tolerable,
        "tested": {
            "both": one.tested.both,
            "only_before": one.tested.only_before,
            "only_after": one.tested.only_after,
        },
        "changes": {change.value: one.count(change) for change in Change},
        "shortcomings": [_shortcoming(each) for each in one.shortcomings],
        "units": [_unit(each) for each in one.units],
        "strata": [
            {"stratum": each.stratum, "before": _bound(each.before), "after": _bound(each.after)} for each in one.strata
        ],
    }


def _shortcoming(one: Shortcoming) -> Record:
    return {
        "letter": one.letter,
        "mark": one.mark,
        "reason": one.reason,
        "kind": one.kind.value,
        "before": one.before,
        "after": one.after,
        "changes": {change.value: one.changes.get(change, 0) for change in Change},
        "otherwise": one.otherwise,
    }


def _unit(one: UnitChange) -> Record:
    return {
        "unit": one.unit,
        "change": one.change.value,
        "before": None if one.before is None else one.before.value,
        "after": None if one.after is None else one.after.value,
        "reasons_before": list(one.reasons_before),
        "reasons_after": list(one.reasons_after),
    }


def _bound(bound: Bound | None) -> Record | None:
    if bound is None:
        return None
    return {
        "units": bound.units,
        "drawn": bound.drawn,
        "deviations": bound.deviations,
        "upper_units": bound.upper_units,
        "upper_rate_shown": bound.upper_rate_shown,
        "verdict": bound.verdict,
    }


def _entity(one: Entity) -> Record:
    return {
        "id": one.id,
        "name": one.name,
        "words": list(one.words),
        "states": {"before": one.states[0], "after": one.states[1]},
        "verdicts": [{"control": name, "before": was, "after": is_} for name, was, is_ in one.verdicts],
        "values": [
            {"of": each.of, "name": each.name, "before": each.before, "after": each.after} for each in one.values
        ],
    }


def _members(found: Members) -> Record:
    def pairs(listed: Iterable[tuple[str, str]]) -> list[Record]:
        return [{"group": group, "member": member} for group, member in listed]

    return {
        "groups_in_both": list(found.groups_in_both),
        "groups_only_before": list(found.groups_only_before),
        "groups_only_after": list(found.groups_only_after),
        "added": pairs(found.added),
        "removed": pairs(found.removed),
        "added_within": pairs(found.added_within),
        "removed_within": pairs(found.removed_within),
    }
