"""The bounds of both runs side by side: one line for each run and stratum, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from evidence_kit.pages import blocks as b
from evidence_kit.pages.leading import Ways
from evidence_kit.pages.parts import NONE, count_cell, percent_cell, say, tag, tone
from evidence_kit.pages.payload import Node

_FULL = 1000
#: Ends that the axis may have, in percent.
_ENDS = (1, 2, 5, 10, 20, 50, 100)
#: Lines of the drawing at most: a person compares no more at a glance, and the table has them all.
LINES = 80
SIDES = ("before", "after")


def blocks(root: Node, ways: Ways) -> Iterator[b.Block]:
    """The drawing, where anything can be drawn, and the table."""
    pairs = [(one, stratum) for one in root["controls"] for stratum in one["strata"]]
    drawn = [
        (one, stratum, side) for one, stratum in pairs if _told(stratum) for side in SIDES if _bounded(stratum[side])
    ]
    if drawn:
        yield _chart(drawn[:LINES], ways)
        if len(drawn) > LINES:
            yield b.Paragraph(say("compare.bounds.more", n=b.Count(str(LINES)), all=b.Count(str(len(drawn)))), "note")
    yield _table(pairs, ways)


def _told(stratum: Node) -> bool:
    """Whether there is something to see: a deviation in one of the runs."""
    return any(not stratum[side].absent and stratum[side]["deviations"].value for side in SIDES)


def _bounded(side: Node) -> bool:
    return not side.absent and bool(side["drawn"].value) and not side["upper_units"].absent


def _chart(drawn: list[tuple[Node, Node, str]], ways: Ways) -> b.Chart:
    seen = [(_found(stratum[side]), _upper(stratum[side]), _tolerable(one)) for one, stratum, side in drawn]
    end = next(limit for limit in _ENDS if max(max(each) for each in seen) * 100 <= limit)
    rows = tuple(
        b.Interval(
            label=_label(one, stratum, side, ways),
            figures=say(
                "chart.rates.row",
                deviations=b.integer(stratum[side]["deviations"]),
                drawn=b.integer(stratum[side]["drawn"]),
                upper=b.figure(stratum[side]["upper_rate_shown"], b.Kind.PERCENT),
            ),
            dot=_place(found, end),
            upper=_place(upper, end),
            limit=_place(tolerable, end),
            tone=stratum[side]["verdict"].text,
        )
        for (one, stratum, side), (found, upper, tolerable) in zip(drawn, seen, strict=True)
    )
    scale = tuple(b.Scale(_plain(Fraction(end * quarter, 4))) for quarter in (0, 2, 4))
    return b.Chart(f"{ways.prefix}chart-bounds", say("compare.bounds.chart"), say("compare.bounds.about"), rows, scale)


def _label(one: Node, stratum: Node, side: str, ways: Ways) -> b.Inline:
    told = say(f"compare.bound.{side}", control=ways.control(one["control"]))
    return told if stratum["stratum"].text == "all" else b.Lines((told, b.figure(stratum["stratum"], b.Kind.STRATUM)))


def _found(side: Node) -> Fraction:
    return Fraction(side["deviations"].value, side["drawn"].value)


def _upper(side: Node) -> Fraction:
    return Fraction(side["upper_units"].value, max(1, side["units"].value))


def _tolerable(one: Node) -> Fraction:
    return Fraction(0) if one["tolerable"].absent else Fraction(one["tolerable"].text)


def _place(share: Fraction, end: int) -> int:
    return min(_FULL, int(share * 100 * _FULL / end))


def _plain(percent: Fraction) -> str:
    return str(percent.numerator) if percent.denominator == 1 else f"{float(percent):.1f}"


def _table(pairs: list[tuple[Node, Node]], ways: Ways) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(ways.control(one["control"])),
                b.Cell(b.figure(stratum["stratum"], b.Kind.STRATUM)),
                *(cell for side in SIDES for cell in _cells(stratum[side])),
            ),
            tone="" if stratum["after"].absent else tone(stratum["after"]["verdict"].text),
        )
        for one, stratum in pairs
    )
    of_side = ("verdict", "units:n", "drawn:n", "deviations:n", "upper:n")
    keys = ("control", "stratum:s", *(f"{side}.{key}" for side in SIDES for key in of_side))
    columns = tuple(
        b.Column(say(f"compare.col.{key}"), kind) for key, _, kind in (each.partition(":") for each in keys)
    )
    return b.Table(say("compare.bounds.caption"), columns, rows, say("empty.rows"), dense=True)


def _cells(side: Node) -> tuple[b.Cell, ...]:
    if side.absent:
        return (b.Cell(NONE), *(b.Cell(NONE, "nil") for _ in range(4)))
    counts = tuple(count_cell(side[key]) for key in ("units", "drawn", "deviations"))
    return (b.Cell(tag(side["verdict"])), *counts, percent_cell(side["upper_rate_shown"]))
