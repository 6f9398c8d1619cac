"""Sheets of an ODS workbook. Source: ODF 1.3 part 3, chapter 9 (tables)."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from evidence_kit.edges.textfiles import Torn
from evidence_kit.edges.workbooks.parts import WHOLE, Attributes, Parts, Reading
from evidence_kit.edges.workbooks.table import LAST_ROW, Listed, Table

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
REPEATED = re.compile("[1-9][0-9]{0,6}")
#: What a formula shows when it has no value.
ERROR = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)|Err:[0-9]+")


def listed(parts: Parts) -> list[Listed]:
    """The sheets, in order. Raises Torn for what is no ODS workbook, or for any sheet too large to be opened."""
    if b"encryption-data" in parts.get(MANIFEST, b""):
        raise Torn(WHOLE, "it has a password; save it without one")
    content = _Listing()
    content.read(parts, CONTENT)
    return content.found


def inspect(parts: Parts, chosen: Listed, table: Table, *, lines: bool = False) -> None:
    """Bring every cell of a sheet before `table`. `lines`: tabs and line ends are no loss, as `texts` keeps them."""
    (_Form if lines else _Chosen)(chosen.name, table).read(parts, CONTENT)
    table.end()


def texts(parts: Parts, chosen: Listed) -> dict[tuple[int, int], str]:
    """The filled cells of a sheet by (row, column), both from 1, with their line ends. It was inspected before."""
    reading = _Texts(chosen.name)
    reading.read(parts, CONTENT)
    return reading.cells


class _Cells(Reading, ABC):
    """The cells of every sheet, those that stand for several included, as blocks of `down` rows and `right` columns."""

    def __init__(self) -> None:
        super().__init__()
        self._table: Table | None = None
        self._row, self._column, self._down, self._right = 0, 0, 0, 0
        self._cell: Attributes | None = None
        self._text, self._aside = "", False

    @abstractmethod
    def of(self, sheet: str) -> Table | None:
        """What judges the cells of this sheet; None passes over it."""

    def on_table(self, given: Attributes) -> None:
        self._table = self.of(given.get("table:name", ""))
        self._row, self._down = 1, 0

    def end_table(self) -> None:
        self._table = None

    def on_table_row(self, given: Attributes) -> None:
        self._row += self._down
        self._down = _times(given, "table:number-rows-repeated")
        self._column, self._right = 1, 0

    def on_table_cell(self, given: Attributes) -> None:
        self._column += self._right
        self._right = _times(given, "table:number-columns-repeated")
        self._cell, self._text = given, ""
        if self._table:
            self._table.reach(self._row, self._column, self._down, self._right)

    on_covered_table_cell = on_table_cell

    def on_annotation(self, _: Attributes) -> None:
        self._aside = True

    def end_annotation(self) -> None:
        self._aside = False

    def on_p(self, _: Attributes) -> None:
        self.gather()

    def end_p(self) -> None:
        text = self.gathered()
        self._text += "" if self._aside else text

    def on_s(self, _: Attributes) -> None:
        self._text += "" if self._aside else " "

    def end_table_cell(self) -> None:
        if self._table and self._cell is not None:
            self._judge(self._table, self._cell)
        self._cell = None

    end_covered_table_cell = end_table_cell

    def _judge(self, table: Table, cell: Attributes) -> None:
        row, column, kind = self._row, self._column, cell.get("office:value-type")
        if "table:formula" in cell:
            last = row + _times(cell, "table:number-matrix-rows-spanned") - 1
            table.formula(row, column, max(last, row + self._down - 1), stored=kind is not None)
            if cell.get("calcext:value-type") == "error" or ERROR.fullmatch(self._text):
                table.error(row, column, self._down)
        rows, columns = (_times(cell, f"table:number-{way}-spanned") for way in ("rows", "columns"))
        if rows > 1 or columns > 1:
            table.merged(row, column, row + rows - 1, column + columns - 1)
        if kind and (kind != "string" or self._text or cell.get("office:string-value")):
            table.filled(row, column, self._down, self._right)


class _Listing(_Cells):
    """The sheets and whether they are shown; each is held to the bounds, since the reader of values opens them all."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Listed] = []
        self._style, self._unseen = "", set[str]()

    def of(self, sheet: str) -> Table | None:
        return Table(sheet, LAST_ROW + 1, cached=False)  # no row is in a table yet: only its bounds are looked at

    def on_style(self, given: Attributes) -> None:
        self._style = given.get("style:name", "")

    def on_table_properties(self, given: Attributes) -> None:
        if given.get("table:display") == "false":
            self._unseen.add(self._style)

    def on_table(self, given: Attributes) -> None:
        super().on_table(given)
        hidden = given.get("table:style-name") in self._unseen
        self.found.append(Listed(given.get("table:name", ""), hidden, CONTENT))


class _Chosen(_Cells):
    def __init__(self, sheet: str, table: Table) -> None:
        super().__init__()
        self._sheet, self._judging = sheet, table

    def of(self, sheet: str) -> Table | None:
        return self._judging if sheet == self._sheet else None

    def on_tab(self, _: Attributes) -> None:
        """The reader of values loses it, and so may join what is not one text."""
        if self._table and self._cell is not None and not self._aside:
            why = "its text holds a tab or a line end that would be lost. Write it without, or export the sheet as CSV"
            raise Torn(self._table.place(self._row, self._column), why)

    on_line_break = on_tab


class _Form(_Chosen):
    """A sheet whose texts are read with their line ends."""

    def on_tab(self, _: Attributes) -> None:
        """Kept by the reader of texts."""

    on_line_break = on_tab


class _Texts(_Cells):
    """The text of every filled cell of one sheet."""

    def __init__(self, sheet: str) -> None:
        super().__init__()
        self._sheet, self._own = sheet, Table(sheet, 1, cached=True)
        self._lines: list[str] = []
        self.cells: dict[tuple[int, int], str] = {}

    def of(self, sheet: str) -> Table | None:
        return self._own if sheet == self._sheet else None

    def on_table_cell(self, given: Attributes) -> None:
        super().on_table_cell(given)
        self._lines = []

    on_covered_table_cell = on_table_cell

    def on_s(self, given: Attributes) -> None:
        self._put(" " * _times(given, "text:c"))

    def on_tab(self, _: Attributes) -> None:
        self._put("\t")

    def on_line_break(self, _: Attributes) -> None:
        self._put("\n")

    def _put(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def end_p(self) -> None:
        text = self.gathered()
        if not self._aside:
            self._lines.append(text)

    def _judge(self, table: Table, cell: Attributes) -> None:
        kind = cell.get("office:value-type")
        if not kind:
            return
        stored = {"date": "date-value", "boolean": "boolean-value", "time": "time-value"}.get(kind, "value")
        text = "\n".join(self._lines) if kind == "string" else cell.get(f"office:{stored}", "")
        text = text or cell.get("office:string-value", "")
        for row in range(self._row, self._row + self._down) if text else ():
            self.cells.update({(row, self._column + right): text for right in range(self._right)})


def _times(given: Attributes, name: str) -> int:
    """How many cells one stands for. Raises Torn for what is no number of a sheet."""
    if not REPEATED.fullmatch(found := given.get(name, "1")):
        raise Torn(WHOLE, "a number of repeated cells in it cannot be read")
    return int(found)
