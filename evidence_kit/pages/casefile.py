"""What the controls said of one request, gathered: the drawn cases of a bundle, the worst first.

A case is a `request_id`: every control whose committed unit is one shares the case's sheet.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evidence_kit.pages.parts import WORST_FIRST, by
from evidence_kit.pages.payload import Dossier, Node

#: The unit that makes a case of a control's result.
UNIT = "request_id"
#: Identifiers that may be part of a file's name as they are: no two of them differ by case alone.
_PLAIN = re.compile(r"[A-Z0-9]+(?:[.-][A-Z0-9]+)*", re.ASCII)
_LONGEST = 48


@dataclass(frozen=True, slots=True)
class Said:
    """What one control said of the case. `position`: its place among the control's results, from 0; `read`: the rows
    of evidence it rests on, by frame."""

    control: str
    stated: Node
    row: Node
    position: int
    read: Mapping[str, tuple[Node, ...]]

    @property
    def verdict(self) -> str:
        """The verdict as the results store it."""
        return self.row["verdict"].text


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One request and all that was said of it, the worst first; at least one control said something."""

    said: tuple[Said, ...]

    @property
    def unit(self) -> Node:
        """The identifier, as the worst result stores it."""
        return self.said[0].row["unit"]

    @property
    def path(self) -> str:
        """The page of the case, counted from the language's folder."""
        return sheet_page(self.unit.text)


def sheet_page(unit: str) -> str:
    """The page of a case: named after it where the identifier is a plain one, else after its digest.

    >>> sheet_page("DSR-0332")
    'case-DSR-0332.html'
    """
    if _PLAIN.fullmatch(unit) and len(unit) <= _LONGEST:
        return f"case-{unit}.html"
    return f"case_{hashlib.sha256(unit.encode()).hexdigest()[:16]}.html"


def by_case(dossier: Dossier, control: str) -> bool:
    """Whether the units of this control are requests, so that each has a sheet."""
    draw = f"draws/{control}.json"
    return dossier.has(draw) and dossier.doc(draw)["commitment"]["unit"].value == UNIT


def gather(dossier: Dossier) -> tuple[CaseFile, ...]:
    """Every drawn case once: those with the worst verdict first, then by identifier."""
    found: dict[str, list[Said]] = {}
    for said in _all(dossier):
        found.setdefault(said.row["unit"].text, []).append(said)
    files = [CaseFile(tuple(sorted(each, key=_rank))) for each in found.values()]
    return tuple(sorted(files, key=lambda each: (_rank(each.said[0]), each.unit.text)))


def _rank(said: Said) -> int:
    return WORST_FIRST.index(said.verdict)


def _all(dossier: Dossier) -> Iterator[Said]:
    controls = by(dossier.doc("controls.json")["controls"], "control")
    for summed in dossier.doc("summary.json")["controls"]:
        name = summed["control"].text
        if not by_case(dossier, name):
            continue
        frames = _Frames(dossier, name, {})
        for position, row in enumerate(dossier.rows(f"results/{name}.jsonl")):
            yield Said(name, controls[name], row, position, frames.read(row))


@dataclass(frozen=True, slots=True)
class _Frames:
    """The evidence frames of one control, each read once: frame -> row's id -> row."""

    dossier: Dossier
    control: str
    held: dict[str, dict[int, Node]]

    def read(self, row: Node) -> Mapping[str, tuple[Node, ...]]:
        """The rows that a result cites. One that is not there is left out: the gate refuses the link to it."""
        return {
            each["frame"].text: tuple(
                self._rows(each["frame"].text)[place]
                for place in each["rows"].value
                if place in self._rows(each["frame"].text)
            )
            for each in row["evidence"]
        }

    def _rows(self, frame: str) -> dict[int, Node]:
        if frame not in self.held:
            path = f"frames/{self.control}.{frame}.jsonl"
            rows = self.dossier.rows(path) if self.dossier.has(path) else ()
            self.held[frame] = {row["id"].value: row for row in rows}
        return self.held[frame]
