"""Rows against columns, twice: as a drawing of signs and as tables narrow enough for a sheet of paper.

A field that nobody filled is refused: an empty cell could be read as "nothing was found".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evidence_kit.pages import blocks as b
from evidence_kit.pages.drawings import Grid, Square
from evidence_kit.pages.parts import WORST_FIRST, say, tone

#: Columns of one table: with more, a sheet of paper or a common screen does not hold them.
ACROSS = 8
#: Rows of a drawing: more are no picture any more.
PICTURED = 40
#: Letters of a label beside the drawing, and above it.
BESIDE, ABOVE = 17, 24

MARKS = {"FAIL": "fail", "ERROR": "error", "INCONCLUSIVE": "missing"}


@dataclass(frozen=True, slots=True)
class Field:
    """One cell. `kind`: its word, and its sign in the drawing; `tone`: the verdict that it bears; `told`: its words."""

    kind: str
    tone: str
    told: b.Inline


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the words of its head, of the drawing's label, and its fields by column."""

    head: b.Inline
    label: str
    fields: Mapping[str, Field]
    id: str = ""

    @property
    def worst(self) -> str:
        """The gravest verdict of its fields."""
        tones = {field.tone for field in self.fields.values()}
        return next((verdict for verdict in WORST_FIRST if verdict in tones), "PASS")


@dataclass(frozen=True, slots=True)
class Head:
    """One column: its words in the table, and its label in the drawing."""

    told: b.Inline
    label: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """A whole matrix. `name`: what its ids and messages begin with; `signs`: kind of a field -> its sign."""

    name: str
    first: str
    heads: Mapping[str, Head]
    lines: Sequence[Line]
    signs: Mapping[str, str]

    def kinds(self) -> tuple[str, ...]:
        """The kinds of field that it holds, in the order of its signs."""
        met = {line.fields[column].kind for line in self.lines for column in self.heads}
        return tuple(kind for kind in self.signs if kind in met)


def worst_first(lines: Sequence[Line], signs: Mapping[str, str]) -> tuple[Line, ...]:
    """The gravest first: by the worst verdict of a row, then by the gravest kind that bears it; else as they came."""
    order = {kind: place for place, kind in enumerate(signs)}

    def rank(line: Line) -> tuple[int, int]:
        worst = line.worst
        kinds = [order[field.kind] for field in line.fields.values() if field.tone == worst]
        return WORST_FIRST.index(worst), min(kinds, default=len(order))

    return tuple(sorted(lines, key=rank))


def marked(verdict: str, told: b.Inline) -> b.Inline:
    """The words with the sign of what is no pass before them."""
    return say("cell.marked", mark=b.Mark(MARKS[verdict]), what=told) if verdict in MARKS else told


def cell(field: Field | None) -> b.Cell:
    """One cell of the table. Raises ValueError where there is none: no cell of a matrix may be empty."""
    if field is None:
        raise ValueError("a matrix has an empty cell")
    return b.Cell(marked(field.tone, field.told), "o")


def drawing(matrix: Matrix) -> Grid | None:
    """The first rows as signs; None where there is nothing to draw."""
    if not matrix.lines or not matrix.heads:
        return None
    shown = matrix.lines[:PICTURED]
    return Grid(
        id=f"chart-{matrix.name}",
        caption=say(f"{matrix.name}.chart"),
        description=say(
            "matrix.about",
            rows=b.Count(str(len(shown))),
            all=b.Count(str(len(matrix.lines))),
            columns=b.Count(str(len(matrix.heads))),
        ),
        heads=tuple(b.Text(cut(head.label, ABOVE)) for head in matrix.heads.values()),
        rows=tuple(
            (
                b.Text(cut(line.label, BESIDE)),
                tuple(_square(line.fields[column], matrix.signs) for column in matrix.heads),
            )
            for line in matrix.lines
        ),
        # Letters are about 7 pixels wide; those of columns lean, so that 6 of each are height.
        above=14 + 6 * max(len(cut(head.label, ABOVE)) for head in matrix.heads.values()),
        beside=10 + 7 * max(len(cut(line.label, BESIDE)) for line in shown),
        legend=tuple((matrix.signs[kind], b.Code(f"cell.legend.{matrix.name}", kind)) for kind in matrix.kinds()),
    )


def worded(grid: Grid | None, matrix: Matrix, letters: int = ABOVE) -> Grid | None:
    """The same drawing with the words of the columns above it, in the language of the page, instead of labels.

    `letters`: those of the longest in any language.
    """
    told = tuple(head.told for head in matrix.heads.values())
    return None if grid is None else replace(grid, heads=told, above=14 + 6 * letters)


def _square(field: Field, signs: Mapping[str, str]) -> Square:
    sign = signs[field.kind]
    return Square(sign, "" if sign == "·" and field.tone == "PASS" else field.tone)


def cut(text: str, most: int) -> str:
    """At most so many letters; the table has them all."""
    return text if len(text) <= most else text[: most - 1] + "…"


def tables(
    matrix: Matrix, nothing: str, extra: Callable[[Line], tuple[b.Cell, ...]] | None = None
) -> Iterator[b.Block]:
    """The same as tables of some columns each, the first of them with the rows' ids."""
    names = tuple(matrix.heads)
    parts = [names[at : at + ACROSS] for at in range(0, len(names), ACROSS)]
    for number, part in enumerate(parts):
        rows = tuple(
            b.Row(
                (
                    b.Cell(line.head),
                    *(extra(line) if extra else ()),
                    *(cell(line.fields.get(column)) for column in part),
                ),
                id="" if number else line.id,
                tone=tone(line.worst),
            )
            for line in matrix.lines
        )
        heads = (
            b.Column(say(f"col.{matrix.first}")),
            *((b.Column(say("col.person")),) if extra else ()),
            *(b.Column(matrix.heads[column].told, "o") for column in part),
        )
        caption = say(
            f"{matrix.name}.caption",
            first=b.Count(str(number * ACROSS + 1)),
            last=b.Count(str(number * ACROSS + len(part))),
            all=b.Count(str(len(names))),
        )
        yield b.Table(caption, heads, rows, say(nothing), dense=True)
