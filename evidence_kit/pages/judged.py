"""Units of a control with the verdict of their results, for the sections that show more than the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import evidence_row, tag
from evidence_kit.pages.payload import Node


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
