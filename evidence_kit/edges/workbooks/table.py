"""What a sheet must be to be read as a table: a header row, values below it, and nothing whose value is not its own."""

from __future__ import annotations

from dataclasses import dataclass

from evidence_kit.edges.textfiles import Torn

#: The largest sheet of the programs that write them.
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
#: Cells between the first and the last that are filled: the reader of values holds a place for each.
LARGEST_AREA = 10_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A sheet of cells as the workbook lists it, and the part that holds it."""

    name: str
    hidden: bool
    part: str


class Table:
    """The cells of one sheet as a reader meets them, row by row; rows and columns count from 1.

    `header` is the row of the names; what stands above it is no part of the table. `cached` accepts formulas for the
    value stored with them. Every method raises Torn, naming sheet and cell, for what no table may hold.
    """

    def __init__(self, sheet: str, header: int, *, cached: bool) -> None:
        self.header, self._cached = header, cached
        self._sheet = "".join(letter if letter.isprintable() else "?" for letter in sheet[:60])
        self.width, self.rows = 0, 0
        self._row, self._column, self._right, self._counted = 0, 0, 0, 0

    def place(self, row: int, column: int | None = None) -> str:
        """`sheet Log, cell C7`, or `sheet Log, row 7`."""
        return f"sheet {self._sheet}, " + (f"cell {letters(column)}{row}" if column else f"row {row}")

    def reach(self, row: int, column: int, down: int = 1, right: int = 1) -> None:
        """A cell is met, filled or not, and stands for a block. They come in order, inside the largest sheet."""
        if (row, column) <= (self._row, self._column) or row + down - 1 > LAST_ROW or column + right - 1 > LAST_COLUMN:
            raise Torn(self.place(row, column), "this cell stands twice, or where no sheet has one")
        self._row, self._column = row, column

    def filled(self, row: int, column: int, down: int = 1, right: int = 1) -> None:
        """The cells of a block hold a value."""
        last_row, last_column = row + down - 1, column + right - 1
        self._right = max(self._right, last_column)
        if last_row * self._right > LARGEST_AREA:
            raise Torn(self.place(row, column), f"the sheet spans more than {LARGEST_AREA:,} cells; export it as CSV")
        if row <= self.header <= last_row:
            self.width = last_column
        if last_row > self.header:
            if last_column > self.width:
                where = self.place(max(row, self.header + 1), max(column, self.width + 1))
                raise Torn(where, f"a value stands under no name of row {self.header}")
            self.rows += last_row - max(row - 1, self.header, self._counted)
            self._counted = last_row

    def formula(self, row: int, column: int, last_row: int, *, stored: bool) -> None:
        """A cell is computed, and those down to `last_row` with it. `stored`: the value last computed is there."""
        if last_row < self.header:
            return
        if not self._cached:
            why = "it holds a formula. Paste the values, or declare `formulas: cached`"
            raise Torn(self.place(row, column), why)
        if not stored:
            raise Torn(self.place(row, column), "its formula has no stored value. Open and save the file once")

    def error(self, row: int, column: int, down: int = 1) -> None:
        """A cell, or a block, shows an error instead of a value."""
        if row + down - 1 >= self.header:
            raise Torn(self.place(row, column), "it holds an error value such as #REF!")

    def merged(self, row: int, column: int, last_row: int, last_column: int) -> None:
        """A cell covers others, down to `last_row` and right to `last_column`: whose value it is, nobody knows."""
        if last_row >= self.header:
            raise Torn(self.place(row, column), "it is merged with others. Unmerge it, and fill each")

    def end(self) -> None:
        """The sheet is read to its end."""
        if not self.width:
            raise Torn(self.place(self.header), "there are no column names. Say in `header` which row has them")


def letters(column: int) -> str:
    """A column as spreadsheets name it: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
