"""Where the figures of a comparison lead: on a page of a bundle to its other pages and its file, alone nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import control_page
from evidence_kit.pages.payload import Node


@dataclass(frozen=True, slots=True)
class Ways:
    """`prefix`: before every id, so that two languages may share one document. `file`: the bundle's own comparison.

    `units`: control → unit → the address of its row, for the controls of this bundle.
    """

    prefix: str = ""
    file: str = ""
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def control(self, name: Node) -> b.Inline:
        """A control, leading to its page; one that this bundle does not have to the comparison."""
        if name.text in self.units:
            return b.Link(control_page(name.text), b.text(name))
        return self.thing(b.text(name))

    def unit(self, control: Node, unit: Node) -> b.Inline:
        """A unit, leading to its row where this run tested it."""
        to = self.units.get(control.text, {}).get(unit.text)
        return b.code(unit) if to is None else b.Link(to, b.code(unit))

    def thing(self, shown: b.Inline) -> b.Inline:
        """Something that has no page of its own, leading to the comparison as it is sealed."""
        return b.Link(self.file, shown, file=True) if self.file else shown


ALONE = Ways()
