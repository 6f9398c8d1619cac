"""The register in the kit's own form, read and written. docs/register.md describes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evidence_kit.edges.params import registers
from evidence_kit.edges.params.registers import ActivityForm, StoredForm
from evidence_kit.edges.registers.assembling import day_of
from evidence_kit.errors import ParameterError
from evidence_kit.model.register import Activity, Place, Recipient, Register, Stored

VERSION = 1


def read(file: Path, name: str) -> Register:
    """The register of one YAML file, called `name` in messages. Raises ParameterError with every line at fault."""
    form, document = registers.load(file, name)
    activities = []
    for place, one in enumerate(form.activities):
        line = document.mark(("activities", place, "activity_id")).line
        if one.reviewed_on and day_of(one.reviewed_on) is None:
            document.report(("activities", place, "reviewed_on"), "there is no such day. Write it as 2026-01-31.")
        activities.append(_activity(one, Place(name, line)))
    if document.problems:
        raise ParameterError("\n".join(document.lines()))
    return Register(tuple(activities), tuple(_stored(one) for one in form.described), form.kept)


def _activity(form: ActivityForm, place: Place) -> Activity:
    cells = form.model_dump(exclude={"objects", "recipients", "kept", "reviewed_on"})
    return Activity(
        **cells,
        reviewed_on=day_of(form.reviewed_on) if form.reviewed_on else None,
        objects=tuple(_stored(one) for one in form.objects),
        recipients=tuple(Recipient(one.name, one.processor_id) for one in form.recipients),
        kept=form.kept,
        place=place,
    )


def _stored(form: StoredForm) -> Stored:
    return Stored(form.source, form.object, tuple(form.columns))


def written(register: Register) -> str:
    """A register in this form. What is not there is not written: an empty cell, a list of nothing."""
    return registers.text(
        {
            "register": VERSION,
            "activities": [_given(one) for one in register.activities],
            **({"described": [_object(one) for one in register.described]} if register.described else {}),
            **({"kept": dict(register.kept)} if register.kept else {}),
        }
    )


def _given(one: Activity) -> dict[str, Any]:
    cells: dict[str, Any] = {name: value for name, value in one.cells().items() if value is not None}
    if one.objects:
        cells["objects"] = [_object(stored) for stored in one.objects]
    if one.recipients:
        cells["recipients"] = [
            {"name": each.name, **({"processor_id": each.processor_id} if each.processor_id else {})}
            for each in one.recipients
        ]
    return {**cells, **({"kept": dict(one.kept)} if one.kept else {})}


def _object(stored: Stored) -> dict[str, Any]:
    columns = {"columns": list(stored.columns)} if stored.columns else {}
    return {"source": stored.source, "object": stored.object, **columns}
