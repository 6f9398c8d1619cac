"""What the drawings beside `blocks.Chart`'s own are made of: a grid of signs, a span of days, an age histogram.

Whole numbers only, in thousandths of the scale where they are places: the same data give the same bytes anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence_kit.pages.inlines import Inline, Say


@dataclass(frozen=True, slots=True)
class Square:
    """One field of a grid. `sign`: one character; `tone`: a verdict, or empty where there is nothing to see."""

    sign: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Signs in rows and columns; the table of the same follows it. `legend`: sign and its words.

    `rows`: the label of each and its squares, as many as there are `heads`. `above`, `beside`: room for the labels of
    columns and rows, in pixels.
    """

    id: str
    caption: Say
    description: Say
    heads: tuple[Inline, ...]
    rows: tuple[tuple[Inline, tuple[Square, ...]], ...]
    legend: tuple[tuple[str, Inline], ...]
    above: int
    beside: int


@dataclass(frozen=True, slots=True)
class Span:
    """A time from `start` over `length`; `limit`: where it should have ended, `end`: where it did (None: not yet)."""

    label: Inline
    figures: Inline
    start: int
    length: int
    limit: int | None
    end: int | None
    tone: str


@dataclass(frozen=True, slots=True)
class Age:
    """One bar of a histogram: `past` when its rows are older than the limit."""

    start: int
    width: int
    height: int
    past: bool


@dataclass(frozen=True, slots=True)
class Ages:
    """How many rows have which age, the youngest first; `limit`: where the bars past the limit begin."""

    label: Inline
    figures: Inline
    bars: tuple[Age, ...]
    limit: int | None
    tone: str


@dataclass(frozen=True, slots=True)
class Stack:
    """Counts side by side as one labelled bar. Each segment: tone, start and width in thousandths."""

    label: Inline
    figures: Inline
    segments: tuple[tuple[str, int, int], ...]
    tone: str


@dataclass(frozen=True, slots=True)
class Slope:
    """States on the left, states on the right, and who went from which to which; the table of the same follows it.

    `left`, `right`: label and how many, one below the other in the order of the rows. `lines`: row on the left, row on
    the right, thickness (1 to 5) and whether it stays where it was.
    """

    id: str
    caption: Say
    description: Say
    left: tuple[tuple[Inline, Inline], ...]
    right: tuple[tuple[Inline, Inline], ...]
    lines: tuple[tuple[int, int, int, bool], ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """One line of a flow, from a place at the left to one at the right. `kind`: used, unjustified or unused."""

    left: int
    right: int
    kind: str


@dataclass(frozen=True, slots=True)
class Flow:
    """What flows from the left into the right; the table of the same follows it. `beside`: room for the left, pixels.

    Kinds differ by colour, by the dashes of their line and by the shape of its end.
    """

    id: str
    caption: Say
    description: Say
    left: tuple[Inline, ...]
    right: tuple[Inline, ...]
    streams: tuple[Stream, ...]
    legend: tuple[tuple[str, Inline], ...]
    beside: int
