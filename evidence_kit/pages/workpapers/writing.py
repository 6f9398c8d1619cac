"""From a workbook's cells to the bytes of an XLSX file: the one place that knows xlsxwriter.

Every cell is written by its type, never guessed from its text; no formula, no link, no macro, nothing outside the file.
Same book, same bytes: the one date inside is that of the sealing.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import xlsxwriter

from evidence_kit.pages.workpapers.grid import Book, Cell, Look, Row, Sheet

#: Height of a line of text, in points.
LINE = 13.5
INK, PAPER, RULE = "#1f2933", "#e8edf2", "#b8c2cc"
TONES = {"FAIL": "#f9d7d3", "ERROR": "#e5d8f0", "INCONCLUSIVE": "#fdebc8"}
LOOKS: dict[Look, dict[str, Any]] = {
    Look.TEXT: {"text_wrap": True},
    Look.TITLE: {"bold": True, "font_size": 14},
    Look.HEAD: {"bold": True, "text_wrap": True, "bg_color": PAPER, "bottom": 2, "border_color": RULE},
    Look.LABEL: {"bold": True, "font_color": "#52606d"},
    Look.LINE: {"bottom": 1},
    Look.NOTE: {"font_color": "#52606d", "text_wrap": True},
    Look.MONO: {"font_name": "Consolas", "font_size": 9},
    Look.COUNT: {"num_format": "#,##0", "align": "right"},
    Look.PERCENT: {"num_format": '0.0##" %"', "align": "right"},
    Look.DECIMAL: {"num_format": "0.0########", "align": "right"},
    Look.DAY: {"num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
    Look.MOMENT: {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"},
    Look.TICK: {"align": "center"},
    Look.VERDICT: {"bold": True},
}
#: Nothing that a cell holds is ever read as anything but what it is.
NEVER = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
    "remove_timezone": True,
}


def written(book: Book) -> bytes:
    """The workbook as one XLSX file."""
    held = io.BytesIO()
    workbook = xlsxwriter.Workbook(held, {**NEVER, "constant_memory": book.big, "in_memory": not book.big})
    workbook.use_zip64()
    workbook.set_properties(
        {
            "title": book.title,
            "subject": book.bundle,
            "author": "evidence_kit",
            "comments": book.about,
            "created": book.made,
        }
    )
    workbook.set_calc_mode("manual")

    @cache
    def look(kind: Look, tone: str, total: bool) -> Any:
        rule = {} if kind in (Look.TITLE, Look.LABEL, Look.LINE) else {"bottom": 1, "bottom_color": PAPER}
        told = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "top", **rule, **LOOKS[kind]}
        if tone in TONES:
            told |= {"bg_color": TONES[tone], "bold": True}
        if total:
            told |= {"bold": True, "top": 1}
        return workbook.add_format(told)

    for sheet in book.sheets:
        _sheet(workbook.add_worksheet(sheet.name), sheet, book, look)
    workbook.close()
    return held.getvalue()


def _sheet(paper: Any, sheet: Sheet, book: Book, look: Callable[[Look, str, bool], Any]) -> None:
    """One sheet, from top to bottom: with constant memory no row can be written again."""
    paper.set_landscape()
    paper.set_paper(9)
    paper.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    paper.fit_to_pages(1, 0)
    paper.set_footer(f"&L&8{_plain(book.bundle)}&C&8{_plain(sheet.name)}&R&8&P / &N")
    paper.hide_gridlines(2)
    paper.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    for place, width in enumerate(sheet.widths):
        paper.set_column(place, place, width)
    if sheet.head is not None:
        paper.freeze_panes(sheet.head + 1, sheet.fixed)
        paper.repeat_rows(sheet.head)
    heads = 0
    for number, row in enumerate(sheet.rows):
        paper.set_row(number, LINE * row.lines + 2)
        _row(paper, number, row, look)
        heads = len(row.cells) if number == sheet.head else heads
    if sheet.head is not None and sheet.listed and heads:
        paper.autofilter(sheet.head, 0, sheet.head + sheet.listed, heads - 1)


def _row(paper: Any, number: int, row: Row, look: Callable[[Look, str, bool], Any]) -> None:
    place = 0
    for cell in row.cells:
        made = look(cell.look, cell.tone, cell.total)
        if cell.across > 1:
            paper.merge_range(number, place, number, place + cell.across - 1, "", made)
        _cell(paper, number, place, cell, made)
        place += cell.across


def _cell(paper: Any, number: int, place: int, cell: Cell, made: Any) -> None:
    match cell.value:
        case None | "":
            paper.write_blank(number, place, None, made)
        case str():
            paper.write_string(number, place, cell.value, made)
        case datetime() | date():
            paper.write_datetime(number, place, cell.value, made)
        case int() | Decimal():
            paper.write_number(number, place, float(cell.value), made)


def _plain(text: str) -> str:
    """Words of a footer: `&` would begin an instruction."""
    return text.replace("&", "&&")
