"""Fides resources out of a register that was read from them: the documents that were kept, with what changed since.

What a declaration has a key for is written there; a change that Fides has no room for is refused, not dropped.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from evidence_kit.edges.registers import fides
from evidence_kit.edges.registers.taxonomy import DEFAULT
from evidence_kit.errors import ParameterError
from evidence_kit.model.register import Activity, Register

#: Column of an activity → key of a privacy declaration; those of `LISTS` are lists of taxonomy keys.
SLOTS = {
    "name": "name",
    "purposes": "data_use",
    "subject_categories": "data_subjects",
    "data_categories": "data_categories",
    "erasure_periods": "retention_period",
    "legal_basis": "legal_basis_for_processing",
}
LISTS = {"subject_categories": "data_subject", "data_categories": "data_category"}


def documents(register: Register) -> dict[str, Any]:
    """File name → its document. Raises ParameterError for an activity that Fides did not give, or cannot hold."""
    kept = register.kept.get(fides.KEPT)
    if not isinstance(kept, list) or not all(_whole(one) for one in kept):
        raise ParameterError("this register was not read from Fides resources, so there is nothing to give back.")
    files: dict[str, Any] = {}
    for one in kept:
        if one["file"] in files:
            raise ParameterError("two files of the register have one name. Rename one in kept.fides.")
        files[one["file"]] = copy.deepcopy(one["resources"])
    by_origin = {_origin(activity): activity for activity in register.activities}
    if len(by_origin) != len(register.activities):
        raise ParameterError("two activities come from one privacy declaration. Keep one of them.")
    systems = [system for document in files.values() for system in document.get("system") or ()]
    contact = _contact(files)
    known = _taxonomy(files)
    for system in systems:
        left = []
        for number, declaration in enumerate(system.get("privacy_declarations") or (), start=1):
            activity = by_origin.pop((system["fides_key"], number), None)
            if activity is not None:  # an activity taken out of the register takes its declaration along
                left.append(_changed(system, number, declaration, activity, contact, known))
        if "privacy_declarations" in system and system["privacy_declarations"] is not None:
            system["privacy_declarations"] = left
    for activity in by_origin.values():
        raise ParameterError(f"{activity.place.as_text()}: its privacy declaration is not among the resources kept.")
    _same_objects(register, files)
    return files


def _whole(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("file"), str) and isinstance(one.get("resources"), dict)


def _origin(activity: Activity) -> tuple[str, int]:
    origin = activity.kept.get(fides.KEPT)
    if not isinstance(origin, Mapping) or not isinstance(origin.get("declaration"), int):
        why = "it did not come from Fides, which has no room for it. Keep it in the register's own form."
        raise ParameterError(f"{activity.place.as_text()}: {why}")
    return str(origin.get("system")), origin["declaration"]


def _changed(
    system: Mapping[str, Any],
    number: int,
    declaration: dict[str, Any],
    activity: Activity,
    contact: str | None,
    known: Mapping[str, set[str]],
) -> dict[str, Any]:
    """The declaration with the cells of the activity that differ from what it says itself."""
    was = {**dict.fromkeys(activity.cells()), "medium": "digital", "status": "active"}
    was.update(fides.cells(system, number, declaration, contact))
    for column, now in activity.cells().items():
        if now == was[column] or column == "activity_id":
            continue
        if column not in SLOTS:
            why = "this was changed, and Fides has no room for it. Change it back, or keep the register's own form."
            raise ParameterError(f"{activity.place.as_text()}: {column}: {why}")
        kind = LISTS.get(column, "data_use" if column == "purposes" else None)
        keys = [key.strip() for key in (now or "").split(",") if key.strip()]
        if kind and not (keys and set(keys) <= known[kind]):
            why = f"this was changed to what is no {kind.replace('_', ' ')} of the taxonomy."
            raise ParameterError(f"{activity.place.as_text()}: {column}: {why}")
        declaration[SLOTS[column]] = keys if column in LISTS else now
    return declaration


def _contact(files: Mapping[str, Any]) -> str | None:
    organizations = [one for document in files.values() for one in document.get("organization") or ()]
    return fides.contacts(organizations)


def _taxonomy(files: Mapping[str, Any]) -> dict[str, set[str]]:
    return {
        kind: set(keys) | {one["fides_key"] for document in files.values() for one in document.get(kind) or ()}
        for kind, keys in DEFAULT.items()
    }


def _same_objects(register: Register, files: Mapping[str, Any]) -> None:
    """What is stored is described by the datasets; a change of it belongs there. Raises ParameterError."""
    known = {
        stored
        for document in files.values()
        for dataset in document.get("dataset") or ()
        for stored in fides.objects(dataset)
    }
    for activity in register.activities:
        if not set(activity.objects) <= known:
            why = "objects: this was changed. Change the dataset in kept.fides, which describes it, and read it again."
            raise ParameterError(f"{activity.place.as_text()}: {why}")
