"""Units of a control with the verdict of their results, for the sections that show more than the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from evidence_kit.pages import blocks as b
from evidence_kit.pages.casefile import by_case, sheet_page
from evidence_kit.pages.parts import anchor, control_page, evidence_row, tag
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.rules.deadlines import local_day


@dataclass(frozen=True, slots=True)
class Judged:
    """The results of one control. `units`: unit -> where it is told of; `today`: the local day of the cut-off."""

    control: str
    results: Mapping[str, Node]
    units: Mapping[str, str]
    today: date

    def verdict(self, unit: str) -> str:
        """The verdict of a unit; one without a result was not tested, which is no pass."""
        return self.results[unit]["verdict"].text if unit in self.results else "INCONCLUSIVE"

    def unit(self, node: Node) -> b.Inline:
        """A unit's identifier, which leads to where it is told of."""
        return b.Link(self.units[node.text], b.code(node)) if node.text in self.units else b.code(node)

    def tag(self, frame: str, row: Node, unit: str) -> b.Inline:
        """The verdict of a unit, which leads to its row of evidence."""
        told = tag(self.results[unit]["verdict"]) if unit in self.results else b.Code("cell", "not-drawn")
        return self.evidence(frame, row, told)

    def evidence(self, frame: str, row: Node, told: b.Inline) -> b.Inline:
        """Words that lead to a row of evidence."""
        return b.Link(evidence_row(self.control, frame, row["id"].value), told)


def judged(dossier: Dossier, control: str) -> Judged:
    """The results of one control, each with where it is told of: its sheet, or its row of the matrix."""
    path = f"results/{control}.jsonl"
    rows = dossier.rows(path) if dossier.has(path) else ()
    sheets = by_case(dossier, control)
    units = {
        row["unit"].text: sheet_page(row["unit"].text)
        if sheets
        else f"{control_page(control, place)}#{anchor(row['unit'].text)}"
        for place, row in enumerate(rows)
    }
    agreed = dossier.doc("engagement.json")
    today = local_day(agreed["as_of"].text, agreed["timezone"].text)
    return Judged(control, {row["unit"].text: row for row in rows}, units, today)
