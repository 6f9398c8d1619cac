"""What a sentence or a cell is made of, before any language.

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
    STRATUM = "stratum"  # text that may break after a slash
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
    """Words of the payload that are no figure (a name, a title). `mono` shows them in the machine's type; where the
    name of a column `breaks`, its line may end after a `_`, as no other word of a table's head may."""

    value: str
    mono: bool = False
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class Bilingual:
    """Words of the payload that exist in both languages."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the norm, shown by the language's words for it; an unknown one is shown as it stands.

    `plain`: a word that people chose, such as a role: where it has no translation it is a word, not a code.
    """

    family: str
    code: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """A number that stands inside a code, told in a sentence; the code itself stands beside it as the figure."""

    value: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause, `GDPR 12(3)`: the law's name as the language has it, the numbers as they are."""

    value: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The sign of one attribute: pass, fail, missing, error or na. The word is there for those who cannot see it, and
    beside the sign where it is `spelt`."""

    name: str
    spelt: bool = False


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
class Worked:
    """A day that the page worked out and no file holds, YYYY-MM-DD; shown as the language writes it."""

    day: str
    short: bool = True


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
    """Several things as one phrase: `A, B and C`; `A; B; C` where each is a clause; `A, B, C` where `plain`."""

    items: tuple[Inline, ...]
    clauses: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Several things under one another in one place."""

    items: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """One day of a time line. `place`: in thousandths of the line; `limit`: the last day in time, and no event."""

    label: Inline
    place: int
    limit: bool = False


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


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of the payload in both languages, each a figure of its own: a page shows that of its language."""

    en: Figure
    fr: Figure


Worded = Text | Bilingual | Clause | Code | Count | Mark | Sign | Scale | Weekday | Worked
Inline = Figure | Told | Worded | Tag | Say | Listed | Lines | Link | Strip


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
