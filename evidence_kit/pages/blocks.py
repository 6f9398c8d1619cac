"""What a page is made of, before any language: frozen things that a template shows without deciding anything."""

from __future__ import annotations

from dataclasses import dataclass

from evidence_kit.pages.drawings import Ages, Flow, Grid, Slope, Span, Stack
from evidence_kit.pages.inlines import (
    Bilingual as Bilingual,
)
from evidence_kit.pages.inlines import (
    Clause as Clause,
)
from evidence_kit.pages.inlines import (
    Code as Code,
)
from evidence_kit.pages.inlines import (
    Count as Count,
)
from evidence_kit.pages.inlines import (
    Figure as Figure,
)
from evidence_kit.pages.inlines import (
    Inline as Inline,
)
from evidence_kit.pages.inlines import (
    Kind as Kind,
)
from evidence_kit.pages.inlines import (
    Lines as Lines,
)
from evidence_kit.pages.inlines import (
    Link as Link,
)
from evidence_kit.pages.inlines import (
    Listed as Listed,
)
from evidence_kit.pages.inlines import (
    Mark as Mark,
)
from evidence_kit.pages.inlines import (
    Moment as Moment,
)
from evidence_kit.pages.inlines import (
    Say as Say,
)
from evidence_kit.pages.inlines import (
    Scale as Scale,
)
from evidence_kit.pages.inlines import (
    Sign as Sign,
)
from evidence_kit.pages.inlines import (
    Strip as Strip,
)
from evidence_kit.pages.inlines import (
    Tag as Tag,
)
from evidence_kit.pages.inlines import (
    Text as Text,
)
from evidence_kit.pages.inlines import (
    Told as Told,
)
from evidence_kit.pages.inlines import (
    Weekday as Weekday,
)
from evidence_kit.pages.inlines import (
    Worked as Worked,
)
from evidence_kit.pages.inlines import (
    code as code,
)
from evidence_kit.pages.inlines import (
    figure as figure,
)
from evidence_kit.pages.inlines import (
    integer as integer,
)
from evidence_kit.pages.inlines import (
    text as text,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `kind`: `n` (one figure, right-aligned), `nil` (no figure where one could be), `m` (digest), `data`.

    `rows`: over how many rows it stands; the rows below it have one cell less.
    """

    content: Inline
    kind: str = ""
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column. `kind`: as of its cells, or what its width follows: `d` (days), `w` (wide), `s`, `c`."""

    head: Inline
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; the first cell is its head. `id` lets a workpaper cite it; `tone` is a verdict that is no pass.

    `group`: the heading of the rows below it, over so many columns; it has one cell.
    """

    cells: tuple[Cell, ...]
    id: str = ""
    tone: str = ""
    group: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption; `nothing` is what an empty table says. `dense`: many columns, set closer."""

    caption: Say
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    nothing: Say
    note: Inline | None = None
    dense: bool = False


@dataclass(frozen=True, slots=True)
class Themes:
    """One table whose rows stand below the name of what they are about. `themes`: name, rows."""

    caption: Say
    columns: tuple[Column, ...]
    themes: tuple[tuple[Inline, tuple[Row, ...]], ...]
    note: Say


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
    """Pairs of a term and what it is. `tone`: letters (single ones), grid (short ones). `ids`: one each, or none."""

    items: tuple[tuple[Inline, Inline], ...]
    tone: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """Things in a list; `nothing` when there are none. `signed`: each begins with its own sign, so it needs no dot."""

    items: tuple[Inline, ...]
    nothing: Say
    signed: bool = False


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
    rows: (
        tuple[Interval, ...]
        | tuple[Bar, ...]
        | tuple[Strip, ...]
        | tuple[Span, ...]
        | tuple[Ages, ...]
        | tuple[Stack, ...]
    )
    scale: tuple[Inline, ...] = ()
    legend: Legend | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A case's days from left to right, one line each, under the first and the last of them; a table follows it."""

    title: Say
    description: Say
    moments: tuple[Moment, ...]
    first: Inline
    last: Inline


@dataclass(frozen=True, slots=True)
class Steps:
    """A working line by line: step sentence, article."""

    lines: tuple[tuple[Inline, Inline], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A card: one unit and how it was judged, or one finding. Lines: step sentence, article. `facts` come first."""

    id: str
    title: Inline
    verdict: Inline
    facts: Facts
    lines: tuple[tuple[Inline, Inline], ...]
    tone: str
    compact: bool = True


@dataclass(frozen=True, slots=True)
class Pager:
    """Which rows of a long table stand here, and the ways to the others (None: there is none)."""

    rows: Inline
    first: str | None
    previous: str | None
    next: str | None
    last: str | None


Shown = Paragraph | Banner | Facts | Bullets | Table | Pre | Markup | Steps | Case | Pager | Legend
Block = Shown | Chart | Timeline | Grid | Slope | Flow | Themes


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its id, and what stands below it."""

    id: str
    heading: Inline
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page, before any language. `path` counts from the language's folder, and for a page that exists once from
    site/; `menu` is its entry in the list; `back` is the page of either language that such a page leads back to.
    `across`: it has so many columns that it is printed on paper laid across."""

    path: str
    title: Inline
    heading: Inline
    intro: tuple[Block, ...]
    sections: tuple[Section, ...]
    menu: str = ""
    back: str = ""
    across: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the list on the left and its entries: path, label. `short` labels stand in two columns."""

    heading: Say
    entries: tuple[tuple[str, Inline], ...]
    short: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """All pages in reading order, the list that leads to them; the sheet of each case; and those that exist once for
    both languages. `disclosure`: what every page of a derived level says of it; None at level auditor-full. `kind`:
    which run it is, audit or mock audit, where the bundle says so; `mock`: every page warns that it is no audit."""

    pages: tuple[Page, ...]
    sheets: tuple[Page, ...]
    menu: tuple[Group, ...]
    shared: tuple[Page, ...]
    shared_menu: tuple[Group, ...]
    demonstration: bool
    bundle: Figure
    level: Figure
    sealed_at: Figure
    disclosure: Say | None = None
    kind: Code | None = None
    mock: bool = False
