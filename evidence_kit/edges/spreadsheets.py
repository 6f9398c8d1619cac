"""One sheet of an XLSX or ODS workbook as rows of text, every value as the workbook stores it and none guessed.

The file is unpacked and inspected first (`edges.workbooks`); what the reader of values then opens are the same bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine

from evidence_kit.edges.textfiles import Torn, column_names
from evidence_kit.edges.workbooks import ods, xlsx
from evidence_kit.edges.workbooks.parts import WHOLE, Parts, packed, unpack
from evidence_kit.edges.workbooks.table import Listed, Table

#: Whole numbers up to here are exact in a workbook; larger ones are written as what they are, a float.
EXACT = 2**53
FORMS = {"xlsx": xlsx, "ods": ods}

Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet read as a table. `rows` can be gone through once; a row without any value is none."""

    columns: tuple[str, ...]
    rows: Iterator[Cells]
    counted: int


def sheet(file: Path, engine: str, options: Mapping[str, str | int | bool | tuple[str, ...]]) -> Sheet:
    """The chosen sheet of a workbook; `counted` are its rows as the inspection found them.

    Raises Torn, with sheet and cell, for what no table may hold: formulas unless `formulas: cached`, merged cells,
    errors.
    """
    form, parts = FORMS[engine], unpack(file)
    chosen = _chosen(form.listed(parts), options.get("sheet"))
    table = Table(chosen.name, int(str(options.get("header", 1))), cached=options.get("formulas") == "cached")
    form.inspect(parts, chosen, table)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(packed(parts)) as workbook:
            read = workbook.get_sheet_by_name(chosen.name)
    except python_calamine.CalamineError as error:
        raise Torn(WHOLE, f"it cannot be read as {engine}") from error
    left = read.start[1] if read.start else 0
    lines = (_line(left, line, table.width) for line in read.iter_rows())
    names = next(islice(lines, table.header - 1, None), None)
    if names is None:
        raise Torn(table.place(table.header), "two readers do not find the same rows. Save it again")
    columns = column_names([name or "" for name in names], table.place(table.header))
    return Sheet(columns, (line for line in lines if any(cell is not None for cell in line)), table.rows)


def texts(parts: Parts, name: str) -> dict[tuple[int, int], str]:
    """The filled cells of one XLSX sheet by (row, column), both from 1; line ends are kept.

    What a form is: no header, no width. It was inspected before. Raises Torn.
    """
    try:
        with python_calamine.CalamineWorkbook.from_filelike(packed(parts)) as workbook:
            read = workbook.get_sheet_by_name(name)
    except python_calamine.CalamineError as error:
        raise Torn(WHOLE, "it cannot be read as xlsx") from error
    left = read.start[1] if read.start else 0
    # Blank rows above the first that is filled come with the rows; blank columns on its left do not.
    lines = enumerate(read.iter_rows(), start=1)
    written = (
        ((row, left + column), _written(cell)) for row, line in lines for column, cell in enumerate(line, start=1)
    )
    return {place: text for place, text in written if text is not None}


def _chosen(found: list[Listed], name: object) -> Listed:
    """The sheet called so; without a name the only one, which must be in sight."""
    if name is not None:
        called = [one for one in found if unicodedata.normalize("NFC", one.name.strip()) == name]
        if len(called) != 1:
            raise Torn(WHOLE, f"of its {len(found)} sheets, {len(called)} are called as `sheet` says")
        return called[0]
    hidden = sum(one.hidden for one in found)
    if len(found) != 1:
        raise Torn(WHOLE, f"it holds {len(found)} sheets, {hidden} of them hidden. Name one in `sheet`")
    if hidden:
        raise Torn(WHOLE, "its only sheet is hidden. Name it in `sheet` if it is meant")
    return found[0]


def _line(left: int, cells: list[Any], width: int) -> Cells:
    """One row from column A to the last name; `left`: the columns before the first that the reader gives."""
    line = [None] * left + [_written(cell) for cell in cells]
    return tuple((line + [None] * width)[:width])


def _written(value: str | float | bool | date | datetime | time | timedelta) -> str | None:
    """A value in the kit's writing: no format of the cell is applied, no zone added; an empty cell is None."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(int(value)) if float(value).is_integer() and abs(value) <= EXACT else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(value // timedelta(seconds=1), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return value.isoformat()
