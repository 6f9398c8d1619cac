"""A workbook before it is written: cells with value and look, rows, sheets. And how a page's parts become cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from html import unescape

from evidence_kit.pages import blocks as b
from evidence_kit.pages.markup import Writer
from evidence_kit.pages.payload import Node
from evidence_kit.pages.words import VERDICTS, Words
from evidence_kit.pages.workpapers.inert import inert

#: The tick marks of working papers, by the mark's name. Absent evidence is `?`, never a tick.
TICKS = {"pass": "✓", "fail": "✗", "na": "–", "missing": "?", "error": "E"}
#: The first day that every spreadsheet knows as a day; an earlier one stays a text.
FIRST_DAY = date(1900, 3, 1)
#: Whole numbers beyond this are rounded by a spreadsheet, so they stay texts. A spreadsheet keeps 15 digits.
EXACT = 10**15

Value = str | int | Decimal | date | datetime | None


class Look(StrEnum):
    """How a cell looks; what its numbers are read as."""

    TEXT = "text"
    TITLE = "title"
    HEAD = "head"
    LABEL = "label"
    LINE = "line"  # a line left to fill in by hand
    NOTE = "note"
    MONO = "mono"
    COUNT = "count"
    PERCENT = "percent"
    DECIMAL = "decimal"
    DAY = "day"
    MOMENT = "moment"
    TICK = "tick"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `tone`: the verdict that it bears, empty for a pass; `across`: how many columns it spans."""

    value: Value
    look: Look = Look.TEXT
    tone: str = ""
    across: int = 1
    total: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells from the first column on. `lines`: how many lines of text it is high."""

    cells: tuple[Cell, ...] = ()
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows from the top, and the widths of its columns in letters.

    `head`: the row (from 0) whose cells name the columns; it stays in sight and stands on every sheet of paper.
    `listed`: rows below it that its filter reaches. `fixed`: columns on the left that stay in sight.
    """

    name: str
    rows: Iterable[Row]
    widths: Sequence[int]
    head: int | None = None
    listed: int = 0
    fixed: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """A whole workbook. `made`: the instant of the bundle's sealing, in UTC; `big`: it is written row by row."""

    bundle: str
    title: str
    about: str
    made: datetime
    sheets: tuple[Sheet, ...]
    big: bool = False


class Teller:
    """Puts parts of pages into cells, in one language: figures as numbers, days as days, all else as inert text."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._writer = Writer(words, "index.html")

    def say(self, key: str, count: int | None = None, **args: b.Inline) -> str:
        """A sentence of the catalogue."""
        return self.text(b.Say(key, args, count))

    def pair(self, key: str, value: b.Inline) -> str:
        """What something is, in one line: its name from the catalogue, and the value."""
        return self.say("ledger.field", name=b.Text(self.words.text(key)), value=value)

    def text(self, item: b.Inline) -> str:
        """A part as inert text; lines are parted by LF."""
        told = self._writer.html(item).replace("<br>", "\n")
        return self.inert(unescape(re.sub("<[^>]*>", "", told)))

    def inert(self, text: str) -> str:
        """A text of the payload as a cell may hold it."""
        return inert(text, self.words.text("workpaper.cut_text"))

    def cell(self, item: b.Inline, *, total: bool = False) -> Cell:
        """A part as a cell."""
        match item:
            case b.Link():
                return self.cell(item.label, total=total)
            case b.Tag():
                return self._verdict(item.verdict.value)
            case b.Figure():
                return self._figure(item, total=total)
        return Cell(self.text(item))

    def head(self, *keys: str) -> tuple[Cell, ...]:
        """The heads of columns, from the catalogue."""
        return tuple(Cell(self.words.text(f"col.{key}"), Look.HEAD) for key in keys)

    def stored(self, node: Node, kind: str = "") -> Cell:
        """A value as its file holds it. `kind`: that of its column in the catalogue, where there is one."""
        value = node.value
        if value is None:
            return Cell(self.words.text("mark.none"), Look.NOTE)
        if kind == "date":
            return self._day(str(value))
        if isinstance(value, bool) or not isinstance(value, int | str):
            return Cell(self.inert(node.text if isinstance(value, bool) else str(value)))
        return _count(value) if isinstance(value, int) else Cell(self.inert(value))

    def moment(self, node: Node) -> Cell:
        """An instant, in UTC."""
        return self._moment(node.text)

    def _figure(self, figure: b.Figure, *, total: bool) -> Cell:
        value = figure.value
        match figure.kind:
            case b.Kind.INTEGER | b.Kind.NUMERAL:
                return _count(int(value), total=total)
            case b.Kind.PERCENT:
                return Cell(Decimal(value), Look.PERCENT, total=total)
            case b.Kind.DECIMAL:
                return Cell(Decimal(value), Look.DECIMAL, total=total)
            case b.Kind.DATE:
                return self._day(value)
            case b.Kind.INSTANT | b.Kind.LOCAL:
                return self._moment(value)
        return self._verdict(value) if value in VERDICTS else Cell(self.inert(value))

    def _verdict(self, verdict: str) -> Cell:
        word = self.words.word(verdict) if verdict in VERDICTS else self.inert(verdict)
        return Cell(word, Look.VERDICT, "" if verdict == "PASS" else verdict)

    def _day(self, value: str) -> Cell:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return Cell(self.inert(value))  # a text that is no day shows as it stands
        return Cell(day, Look.DAY) if day >= FIRST_DAY else Cell(self.inert(value))

    def _moment(self, value: str) -> Cell:
        try:
            moment = datetime.fromisoformat(value.removesuffix("Z"))
        except ValueError:
            return Cell(self.inert(value))
        return Cell(moment, Look.MOMENT) if moment.date() >= FIRST_DAY else Cell(self.inert(value))


def _count(value: int, *, total: bool = False) -> Cell:
    return Cell(value if abs(value) < EXACT else str(value), Look.COUNT, total=total)


def lines(text: str, letters: int) -> int:
    """How many lines a text fills in a cell of that many letters; at most 20."""
    return min(20, sum(max(1, -(-len(line) // max(letters, 1))) for line in text.split("\n")))
