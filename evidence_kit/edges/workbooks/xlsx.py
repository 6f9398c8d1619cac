"""Sheets of an XLSX workbook. Source: ECMA-376 part 1, chapter 18 (SpreadsheetML)."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from evidence_kit.edges.textfiles import Torn
from evidence_kit.edges.workbooks.parts import WHOLE, Attributes, Parts, Reading
from evidence_kit.edges.workbooks.table import Listed, Table

WORKBOOK, RELATIONS, STRINGS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
NUMBER = re.compile("[0-9]{1,7}")
CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")


def listed(parts: Parts) -> list[Listed]:
    """The sheets of cells, in order; charts and macros are none. Raises Torn for what is no XLSX workbook."""
    targets = _Relations()
    targets.read(parts, RELATIONS)
    workbook = _Workbook(targets.worksheets)
    workbook.read(parts, WORKBOOK)
    return workbook.found


def inspect(parts: Parts, chosen: Listed, table: Table) -> None:
    """Bring every cell of a sheet before `table`."""
    strings = _Strings()
    if STRINGS in parts:
        strings.read(parts, STRINGS)
    _Sheet(table, strings.filled).read(parts, chosen.part)
    table.end()


class _Relations(Reading):
    def __init__(self) -> None:
        super().__init__()
        self.worksheets: dict[str, str] = {}

    def on_Relationship(self, given: Attributes) -> None:
        if given.get("Type", "").endswith("/worksheet"):
            target = PurePosixPath("/xl") / given.get("Target", "")
            self.worksheets[given.get("Id", "")] = str(target).lstrip("/")


class _Workbook(Reading):
    def __init__(self, worksheets: dict[str, str]) -> None:
        super().__init__()
        self._worksheets = worksheets
        self.found: list[Listed] = []

    def on_sheet(self, given: Attributes) -> None:
        reference = next((value for key, value in given.items() if key.endswith(":id")), "")
        if part := self._worksheets.get(reference):
            self.found.append(Listed(given.get("name", ""), given.get("state", "visible") != "visible", part))


class _Strings(Reading):
    """For each shared string whether it holds any text; how a word is pronounced is no text of it."""

    def __init__(self) -> None:
        super().__init__()
        self.filled = bytearray()
        self._aside = False

    def on_si(self, _: Attributes) -> None:
        self.filled.append(False)

    def on_rPh(self, _: Attributes) -> None:
        self._aside = True

    def end_rPh(self) -> None:
        self._aside = False

    def on_t(self, _: Attributes) -> None:
        self.gather()

    def end_t(self) -> None:
        if self.gathered() and not self._aside and self.filled:
            self.filled[-1] = True


class _Sheet(Reading):
    def __init__(self, table: Table, strings: bytearray) -> None:
        super().__init__()
        self._table, self._strings = table, strings
        self._row, self._column, self._kind = 0, 0, "n"
        self._text, self._formula_to, self._stored = "", 0, False

    def on_row(self, given: Attributes) -> None:
        written = given.get("r", str(self._row + 1))
        if not NUMBER.fullmatch(written):
            raise Torn(WHOLE, "a row of it has no place")
        self._row = int(written)
        self._column = 0

    def on_c(self, given: Attributes) -> None:
        self._column += 1
        if "r" in given:
            row, self._column = _cell(given["r"])
            if row != self._row:
                raise Torn(self._table.place(row, self._column), "this cell stands in another row")
        self._table.reach(self._row, self._column)
        self._kind = given.get("t", "n")
        self._text, self._formula_to, self._stored = "", 0, False

    def on_f(self, given: Attributes) -> None:
        self._formula_to = _last_row(given["ref"]) if "ref" in given else self._row

    def on_v(self, _: Attributes) -> None:
        self.gather()

    def end_v(self) -> None:
        self._text += self.gathered()
        self._stored = True

    def on_t(self, _: Attributes) -> None:
        self.gather()

    def end_t(self) -> None:
        self._text += self.gathered()

    def end_c(self) -> None:
        row, column, table = self._row, self._column, self._table
        if self._formula_to:
            table.formula(row, column, max(self._formula_to, row), stored=self._stored)
        if self._kind == "e":
            table.error(row, column)
        elif self._text and (self._kind != "s" or self._shared(row, column)):
            table.filled(row, column)

    def _shared(self, row: int, column: int) -> bool:
        place = int(self._text) if NUMBER.fullmatch(self._text) else len(self._strings)
        if place >= len(self._strings):
            raise Torn(self._table.place(row, column), "its text is not among the shared strings of the file")
        return bool(self._strings[place])

    def on_mergeCell(self, given: Attributes) -> None:
        reference = given.get("ref", "")
        self._table.merged(*_cell(reference.partition(":")[0]), *_cell(reference.rpartition(":")[2]))


def _cell(reference: str) -> tuple[int, int]:
    """Row and column of a reference such as C7."""
    if not (found := CELL.fullmatch(reference)):
        raise Torn(WHOLE, "a cell of it has no place")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _last_row(reference: str) -> int:
    """The last row of a range such as A1:C7, or of a single cell."""
    return _cell(reference.rpartition(":")[2])[0]
