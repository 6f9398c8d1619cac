"""One control file: what is claimed, on which units, from which columns, with which figures."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from evidence_kit.edges.params.forms import ControlForm, NeedForm
from evidence_kit.edges.params.reading import Document, Steps
from evidence_kit.edges.params.shapes import PlanForm
from evidence_kit.edges.params.wording import nearest, validated
from evidence_kit.model.audit import NONE_TOLERATED, Attribute, Bilingual, Control, Need, Plan
from evidence_kit.model.evidence import FRAMES


def control(document: Document, id_: str) -> Control | None:
    """The control called `id_`; or None, with every problem noted in the document."""
    form = validated(document, ControlForm)
    if form is None:
        return None
    if form.control != id_:
        document.report(("control",), f"this file is called {id_}.yaml. Give both the same id.")
    if form.test.partition(".")[0] != form.family:
        document.report(("test",), f"the test of family {form.family} is written {form.family}.<name>.")
    letters = [one.letter for one in form.attributes]
    if letters != sorted(set(letters)):
        document.report(("attributes",), "letters are given once each, in order: A, B, C.")
    _population(document, form)
    for place, need in enumerate(form.needs):
        _need(document, ("needs", place), need)
    return Control(
        id=form.control,
        family=form.family,
        statement=Bilingual(form.statement.en, form.statement.fr),
        population=form.population.name,
        frame=form.population.frame,
        unit=form.population.unit,
        where=form.population.where or "true",
        stratum_by=form.population.stratum_by,
        needs=tuple(
            Need(one.frame, tuple(one.evidential), tuple(one.optional), required=one.required) for one in form.needs
        ),
        attributes=tuple(Attribute(one.letter, Bilingual(one.en, one.fr), one.walkthrough) for one in form.attributes),
        test=form.test,
        plan=plan(document, ("plan",), form.plan, Plan("0.95", NONE_TOLERATED, "0", census=True)),
        grade=form.grade,
        references=tuple(form.references),
        law=form.law,
        set_aside=form.population.set_aside,
    )


def plan(document: Document, here: Steps, form: PlanForm, otherwise: Plan) -> Plan:
    """The figures of `form`, and those of `otherwise` where it is silent. Ranges: docs/norm/rates.md."""
    merged = Plan(
        form.confidence or otherwise.confidence,
        form.tolerable or otherwise.tolerable,
        form.expected or otherwise.expected,
        otherwise.census if form.census is None else form.census,
    )
    for key, rate in (("confidence", merged.confidence), ("tolerable", merged.tolerable)):
        if not 0 < Decimal(rate) < 1:
            document.report((*here, key), 'must lie between 0 and 1, both left out, such as "0.05".')
    if not Decimal(merged.expected) < Decimal(merged.tolerable):
        document.report((*here, "expected"), "the expected rate must be below the tolerable rate.")
    return merged


def _population(document: Document, form: ControlForm) -> None:
    frame, unit = form.population.frame, form.population.unit
    if frame not in FRAMES:
        document.report(("population", "frame"), f"this frame is not known{nearest(frame, FRAMES)}.")
        return
    if unit not in FRAMES[frame].names:
        text = f"not a column of {frame}{nearest(unit, FRAMES[frame].names)}."
        document.report(("population", "unit"), text)
    if not any(need.frame == frame and unit in need.evidential for need in form.needs):
        document.report(("needs",), f"the needs lack {frame}.{unit}, which identifies the unit. Add it as evidential.")


def _need(document: Document, here: Steps, need: NeedForm) -> None:
    if need.frame not in FRAMES:
        document.report((*here, "frame"), f"this frame is not known{nearest(need.frame, FRAMES)}.")
        return
    columns: Mapping[str, bool] = {column.name: column.event for column in FRAMES[need.frame].columns}
    asked = [("evidential", place, name) for place, name in enumerate(need.evidential)]
    asked += [("optional", place, name) for place, name in enumerate(need.optional)]
    seen: set[str] = set()
    for key, place, name in asked:
        if name not in columns:
            text = f"{name} is not a column of {need.frame}{nearest(name, columns)}."
            document.report((*here, key, place), text)
        elif name in seen:
            document.report((*here, key, place), f"{name} is asked twice. Keep one.")
        elif key == "optional" and not columns[name]:
            document.report(
                (*here, key, place), f"{name} is not an optional event: its null cannot mean that it did not happen."
            )
        seen.add(name)
