"""Sheets as grids of text: forms that people fill in have no header row, and cells that cover others.

The rest of what no sheet may hold is refused as in a table: formulas unless their stored value is asked for, errors,
cells outside the largest sheet. What stands under a covered cell is seen by nobody, and refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evidence_kit.edges.spreadsheets import FORMS, texts
from evidence_kit.edges.textfiles import Torn
from evidence_kit.edges.workbooks import ods, xlsx
from evidence_kit.edges.workbooks.parts import Parts, unpack
from evidence_kit.edges.workbooks.table import Listed, Table

#: Filled cells of one sheet, and sheets of one workbook: far more than a register has.
MOST_CELLS, MOST_SHEETS = 200_000, 2_000
#: Characters of one cell.
LONGEST = 40_000

Cell = tuple[int, int]


@dataclass(slots=True)
class Grid:
    """One sheet: `cells` by (row, column), both from 1, filled ones only; `down`: the last row that a cell covers."""

    name: str
    hidden: bool
    cells: dict[Cell, str] = field(default_factory=dict)
    down: dict[Cell, int] = field(default_factory=dict)

    def rows(self) -> list[tuple[int, list[tuple[int, str]]]]:
        """Row by row, the filled cells with their columns. A cell that covers rows below stands in its first only."""
        found: dict[int, list[tuple[int, str]]] = {}
        for (row, column), text in sorted(self.cells.items()):
            found.setdefault(row, []).append((column, text))
        return list(found.items())


class _Form(Table):
    """A table without a header row: what is filled, and what covers what."""

    def __init__(self, sheet: str, *, cached: bool) -> None:
        super().__init__(sheet, 1, cached=cached)
        self.met = 0
        self.places: set[Cell] = set()
        self.spans: dict[Cell, Cell] = {}

    def filled(self, row: int, column: int, down: int = 1, right: int = 1) -> None:
        self.met += down * right
        if self.met > MOST_CELLS:
            why = f"the sheet holds more than {MOST_CELLS:,} filled cells, which no register does"
            raise Torn(self.place(row, column), why)
        self.places.update((row + y, column + x) for y in range(down) for x in range(right))

    def merged(self, row: int, column: int, last_row: int, last_column: int) -> None:
        self.spans[row, column] = (last_row, last_column)

    def end(self) -> None:
        for (row, column), (last_row, last_column) in self.spans.items():
            for place in self.places:
                if row <= place[0] <= last_row and column <= place[1] <= last_column and place != (row, column):
                    raise Torn(self.place(*place), "a value stands under a merged cell, where nobody sees it")


def grids(file: Path, engine: str, options: Mapping[str, str | int | bool | tuple[str, ...]]) -> list[Grid]:
    """Every sheet of a workbook, hidden ones included and marked. Raises Torn with sheet and cell."""
    form, parts = FORMS[engine], unpack(file)
    found = form.listed(parts)
    if len(found) > MOST_SHEETS:
        raise Torn("as a whole", f"it holds more than {MOST_SHEETS:,} sheets")
    cached = options.get("formulas") == "cached"
    return [_grid(parts, one, engine, cached) for one in found]


def _grid(parts: Parts, chosen: Listed, engine: str, cached: bool) -> Grid:
    grid = Grid(chosen.name, chosen.hidden)
    if chosen.hidden:
        return grid
    judging = _Form(chosen.name, cached=cached)
    if engine == "ods":
        ods.inspect(parts, chosen, judging, lines=True)
        read = ods.texts(parts, chosen)
    else:
        xlsx.inspect(parts, chosen, judging)
        read = texts(parts, chosen.name)
    for place, text in read.items():
        if "\x00" in text or len(text) > LONGEST:
            why = "it holds a NUL character" if "\x00" in text else f"it is longer than {LONGEST:,} characters"
            raise Torn(judging.place(*place), why)
        if text.strip():
            grid.cells[place] = text.strip()
    grid.down = {place: last[0] for place, last in judging.spans.items()}
    return grid
