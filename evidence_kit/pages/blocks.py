"""What a page is made of, before any language: frozen things that a template can show without deciding anything.

They are dataclasses and not dicts, because a dict's methods answer to a template's dots and print their address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from evidence_kit.pages.payload import Node


class Kind(StrEnum):
    """How a figure is written in a language; its digits stay those of the stored value."""

    INTEGER = "integer"
    NUMERAL = "numeral"  # an integer that names rather than counts: never grouped
    DECIMAL = "decimal"
    PERCENT = "percent"
    DATE = "date"
    INSTANT = "instant"
    LOCAL = "local"
    VERDICT = "verdict"
    TEXT = "text"
    CODE = "code"  # text shown in the machine's type: digests, identifiers


@dataclass(frozen=True, slots=True)
class Figure:
    """A value of the payload, to be shown inside `<data value data-ek>`. `short` abbreviates the month."""

    value: str
    ek: str
    kind: Kind
    short: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Words of the payload that are no figure (a name, a title). `mono` shows them in the machine's type."""

    value: str
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Bilingual:
    """Words of the payload that exist in both languages."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the norm, shown by the language's words for it; an unknown one is shown as it stands."""

    family: str
    code: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The sign of one attribute: pass, fail, missing, error or na. The word is there for those who cannot see it."""

    name: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A verdict as sign and word."""

    verdict: Figure


@dataclass(frozen=True, slots=True)
class Sign:
    """The sign of a verdict alone, where the word stands beside it anyway."""

    verdict: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A mark of a chart's axis, in percent of a whole. It comes from the drawing, not from the data."""

    percent: str


@dataclass(frozen=True, slots=True)
class Weekday:
    """Why a day is not a working one: `name` as the rule stored it, shown in the page's language when a weekday."""

    day: str
    name: str


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence of the catalogue with its places filled. `count` chooses singular or plural, and is not shown."""

    key: str
    args: Mapping[str, Inline] = field(default_factory=dict)
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """Several things as one phrase: `A, B and C`, or `A; B; C` where each is a clause."""

    items: tuple[Inline, ...]
    clauses: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Several things under one another in one place."""

    items: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another page (`to` counts from the language's folder) or, when `file`, to a file under data/."""

    to: str
    label: Inline
    file: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """Counts side by side as one bar. Each segment: tone, start and width in thousandths."""

    id: str
    title: Say
    segments: tuple[tuple[str, int, int], ...]


Inline = (
    Figure | Text | Bilingual | Code | Mark | Tag | Sign | Scale | Weekday | Say | Listed | Lines | Link | Strip
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `kind`: `n` (one figure, right-aligned), `d` (day or moment, unbroken), `m` (digest), `c` (sign)."""

    content: Inline
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; `kind` as of its cells."""

    head: Inline
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; the first cell is its head. `id` lets a workpaper cite it; `tone` is a verdict that is no pass."""

    cells: tuple[Cell, ...]
    id: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption; `nothing` is what an empty table says."""

    caption: Say
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    nothing: Say
    note: Inline | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence of its own. `tone`: lead, note, or empty."""

    content: Inline
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """Something the reader must know before anything else."""

    content: Inline
    tone: str = "note"


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a term and what it is. `tone` letters: the terms are single letters. `ids`: one for each, or none."""

    items: tuple[tuple[Inline, Inline], ...]
    tone: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """Things in a list; `nothing` when there are none. `ordered` numbers them."""

    items: tuple[Inline, ...]
    nothing: Say
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Pre:
    """A text of the payload line by line, as it ran. `label` names it for those who hear the page."""

    label: Inline
    text: str


@dataclass(frozen=True, slots=True)
class Markup:
    """A fragment that `annex.clean` made safe. The only way for markup to pass through."""

    html: str


@dataclass(frozen=True, slots=True)
class Legend:
    """The words of a drawing, each with its figure. Items: tone, label, figure."""

    items: tuple[tuple[str, Inline, Inline], ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """One rate: found (`dot`), at most (`upper`), tolerable (`limit`), in thousandths of the scale."""

    label: Inline
    figures: Inline
    dot: int
    upper: int
    limit: int
    tone: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in thousandths of the scale; `cut` when it goes on beyond the drawing."""

    label: Inline
    figures: Inline
    length: int
    limit: int
    tone: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its caption; the table of the same figures follows it on the page."""

    id: str
    caption: Say
    description: Say
    rows: tuple[Interval, ...] | tuple[Bar, ...] | tuple[Strip, ...]
    scale: tuple[Inline, ...] = ()
    legend: Legend | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """How one unit was judged, line by line. Each line: step sentence, article. `facts` come first."""

    id: str
    title: Inline
    verdict: Inline
    facts: Facts
    lines: tuple[tuple[Inline, Inline], ...]
    tone: str


@dataclass(frozen=True, slots=True)
class Pager:
    """Which rows of a long table stand here, and the ways to the others (None: there is none)."""

    rows: Inline
    first: str | None
    previous: str | None
    next: str | None
    last: str | None


Block = Paragraph | Banner | Facts | Bullets | Table | Pre | Markup | Chart | Case | Pager | Legend


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its id, and what stands below it."""

    id: str
    heading: Inline
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page, before any language. `path` counts from the language's folder; `menu` is its entry in the list."""

    path: str
    title: Inline
    heading: Inline
    intro: tuple[Block, ...]
    sections: tuple[Section, ...]
    menu: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the list on the left and its entries: path, label."""

    heading: Say
    entries: tuple[tuple[str, Inline], ...]


@dataclass(frozen=True, slots=True)
class Site:
    """All pages in reading order, and the list that leads to them."""

    pages: tuple[Page, ...]
    menu: tuple[Group, ...]
    demonstration: bool
    bundle: Figure
    level: Figure
    sealed_at: Figure


def integer(node: Node) -> Figure:
    """A count."""
    return Figure(node.text, node.ek, Kind.INTEGER)


def figure(node: Node, kind: Kind, *, short: bool = False) -> Figure:
    """A value shown the given way."""
    return Figure(node.text, node.ek, kind, short)


def text(node: Node) -> Figure:
    """A value shown exactly as it is stored."""
    return Figure(node.text, node.ek, Kind.TEXT)


def code(node: Node) -> Figure:
    """An identifier or a digest, in the machine's type."""
    return Figure(node.text, node.ek, Kind.CODE)
