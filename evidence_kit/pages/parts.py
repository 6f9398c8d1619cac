"""Addresses of pages and rows, and the small parts that several pages share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from evidence_kit.pages import blocks as b
from evidence_kit.pages.payload import Dossier, Node

#: Rows of one page of a long table: with 2,000 a browser took 3 s to lay it out, and an accessibility checker 39 s.
PAGE_ROWS = 500
#: The stratum of frozen units whose time has not come: committed, never drawn, shown with its count.
NOT_YET_DUE = "not_yet_due"
NONE = b.Mark("none")
#: The worst first, as the reader needs them.
WORST_FIRST = ("FAIL", "ERROR", "INCONCLUSIVE", "PASS")

#: Notes that say how many rows were treated (docs/norm/controls.md, "Duplicate identifiers").
COUNTED_NOTES = {
    "collapsed": re.compile(r"collapsed-(\d{1,12})-exact-repeats", re.ASCII),
    "numbered": re.compile(r"numbered-(\d{1,12})-rows-of-repeated-identifiers", re.ASCII),
}

#: Notes on the population itself: COM-01 is no pass, or was not asked.
INCOMPLETE = ("population-not-complete", "population-completeness-not-tested")

_STABLE = re.compile(r"[A-Z0-9][A-Za-z0-9._-]{0,63}")
_PLAIN = re.compile(r"[a-z._-][A-Za-z0-9._-]{0,63}")
_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_MOMENT = re.compile(_DAY.pattern + r"T\d\d:\d\d:\d\d(?:\.\d+)?(Z?)")


def anchor(unit: str) -> str:
    """The id of a unit's row: the unit itself when it is an ASCII name, so that a workpaper can cite it.

    Ids of sections begin with a small letter; units that do too get `u-` before them, and any other text its digest.
    """
    if _STABLE.fullmatch(unit):
        return unit
    if _PLAIN.fullmatch(unit):
        return "u-" + unit
    return "x-" + hashlib.sha256(unit.encode()).hexdigest()[:16]


def paged(stem: str, number: int) -> str:
    """The path of page `number` (from 1) of something long whose first page is `stem`.html."""
    return f"{stem}.html" if number == 1 else f"{stem}-{number}.html"


def control_page(control: str, position: int = 0) -> str:
    """The page of a control that holds its result at `position` (from 0)."""
    return paged(f"control-{control}", position // PAGE_ROWS + 1)


def evidence_page(control: str, frame: str, row: int = 1) -> str:
    """The page of a frame that holds its row `row` (from 1), counted from site/: evidence is there once."""
    return f"evidence/{control}.{frame}-{(row - 1) // PAGE_ROWS + 1}.html"


def evidence_row(control: str, frame: str, row: int) -> str:
    """The address of one row of evidence, for the pages of a language."""
    return f"../{evidence_page(control, frame, row)}#r{row}"


def withholds(dossier: Dossier) -> bool:
    """Whether this bundle is of a derived level: what is missing may have been withheld, not left out."""
    return dossier.doc("bundle.json")["level"].text != "auditor-full"


def own_row(row: Node) -> str:
    """The address of a row of evidence that is at hand, for the pages of a language."""
    control, _, frame = row.file.removeprefix("frames/").removesuffix(".jsonl").partition(".")
    return evidence_row(control, frame, row["id"].value)


def query_page(control: str) -> str:
    """The page of a control's query texts, counted from site/."""
    return f"queries/{control}.html"


def cut(rows: Sequence[Node], size: int = PAGE_ROWS) -> list[Sequence[Node]]:
    """The rows in pages; at least one page, for an empty table has its page too."""
    return [rows[start : start + size] for start in range(0, len(rows), size)] or [rows]


def pager(stems: Sequence[str], number: int, told: b.Inline) -> tuple[b.Block, ...]:
    """The ways between pages 1 … n of a long table; nothing when it fits on one."""
    if len(stems) == 1:
        return ()
    return (
        b.Pager(
            rows=told,
            first=stems[0] if number > 1 else None,
            previous=stems[number - 2] if number > 1 else None,
            next=stems[number] if number < len(stems) else None,
            last=stems[-1] if number < len(stems) else None,
        ),
    )


def say(key: str, count: int | None = None, **args: b.Inline) -> b.Say:
    """A sentence of the catalogue."""
    return b.Say(key, args, count)


def both(node: Node) -> b.Bilingual:
    """Words that the parameters state in both languages."""
    return b.Bilingual(node["en"].text, node["fr"].text)


def code_or_none(node: Node, family: str = "reason") -> b.Inline:
    """The words of a code, or the sign of nothing."""
    return NONE if node.absent else b.Code(family, node.text)


def why(control: Node, stated: Node) -> b.Inline:
    """The reason of a control's verdict. Where one deviation is too many the words say so, instead of naming bounds."""
    if control["reason"].absent:
        return NONE
    none_tolerated = Fraction(stated["tolerable"].text) * control["units"].value <= 1
    return b.Code("reason.none-tolerated" if none_tolerated else "reason", control["reason"].text)


def note_told(note: Node) -> b.Inline:
    """A note of a finding in words. Some hold a number: it is told, and the note itself stands beside as the figure."""
    for kind, pattern in COUNTED_NOTES.items():
        found = pattern.fullmatch(note.text)
        if found:
            return say(f"finding.{kind}", count=int(found[1]), n=b.Count(found[1]), note=b.code(note))
    return b.Code("finding", note.text)


def incomplete(finding: Node, *, briefly: bool = False) -> b.Inline | None:
    """What must stand beside every rate of a population that may lack cases; None where there is nothing to say."""
    note = next((note for note in finding["notes"] if note.text in INCOMPLETE), None)
    words = b.Code("finding.brief" if briefly else "finding", "" if note is None else note.text)
    return None if note is None else b.Link("population.html#complete", words)


def extension_told(one: Node) -> b.Inline:
    """What extending a stratum outside its plan did to the confidence."""
    return say(
        "control.extended",
        stratum=b.figure(one["stratum"], b.Kind.STRATUM),
        risk=b.integer(one["risk_ppb"]),
        confidence=b.figure(one["confidence_shown"], b.Kind.PERCENT),
    )


def references(stated: Node) -> b.Inline:
    """The clauses a control serves, each law by the name that it has in the language, leading to who else serves it."""
    return b.Lines(tuple(b.Link("frameworks.html", b.Clause(clause.text)) for clause in stated["references"]))


def day(node: Node, *, short: bool = False) -> b.Inline:
    """A date in the page's language; a text that is no date as it stands; the sign of nothing for null."""
    if node.absent:
        return NONE
    kind = b.Kind.DATE if _DAY.fullmatch(node.text) else b.Kind.TEXT
    return b.figure(node, kind, short=short)


def moment(node: Node, *, short: bool = False) -> b.Inline:
    """An instant, a local moment or a day, whatever the precision of the source."""
    if node.absent:
        return NONE
    found = _MOMENT.fullmatch(node.text)
    if found is None:
        return day(node, short=short)
    return b.figure(node, b.Kind.INSTANT if found[1] else b.Kind.LOCAL, short=short)


def local(row: Node, key: str) -> b.Inline:
    """The local day of an instant where the row has it, else the instant; the sign of nothing where it is not known."""
    beside = f"{key}_local"
    if beside in row and not row[beside].absent:
        return day(row[beside], short=True)
    return moment(row[key], short=True) if key in row else NONE


def count_cell(node: Node) -> b.Cell:
    """A count in its column, or the sign of nothing (which is no figure)."""
    return b.Cell(NONE, "nil") if node.absent else b.Cell(b.integer(node), "n")


def percent_cell(node: Node) -> b.Cell:
    """A rate stored as a percentage."""
    return b.Cell(NONE, "nil") if node.absent else b.Cell(b.figure(node, b.Kind.PERCENT), "n")


def linked(to: str, cell: b.Cell) -> b.Cell:
    """The cell with its figure leading to where it comes from; one without a figure as it is."""
    return replace(cell, content=b.Link(to, cell.content)) if isinstance(cell.content, b.Figure) else cell


def tag(node: Node) -> b.Inline:
    """A verdict as sign and word."""
    return b.Tag(b.figure(node, b.Kind.VERDICT))


def tone(verdict: str) -> str:
    """The tone of a row: empty for a pass, so that only what is not one stands out."""
    return "" if verdict == "PASS" else verdict


def columns(*heads: str) -> tuple[b.Column, ...]:
    """Columns from catalogue keys; `key:kind` gives the kind of the cells."""
    pairs = [head.partition(":") for head in heads]
    return tuple(b.Column(say("col." + key), kind) for key, _, kind in pairs)


def facts(*items: tuple[str, b.Inline | None], tone: str = "") -> b.Facts:
    """Facts from catalogue keys; those that are None have no place here."""
    return b.Facts(tuple((say("fact." + key), value) for key, value in items if value is not None), tone)


def file_link(dossier: Dossier, name: str, label: b.Inline | None = None) -> b.Inline:
    """The file itself, when the payload holds it; else its name."""
    shown = b.Text(name, mono=True) if label is None else label
    return b.Link(name, shown, file=True) if dossier.has(name) else shown


class _Named(dict[str, Node]):
    """Nodes by name. Raises ValueError, the build's own refusal, for a name that is not there."""

    def __missing__(self, name: str) -> Node:
        files = sorted({node.file for node in self.values()})
        raise ValueError(f"{', '.join(files) or 'the payload'}: nothing is said of {name}")


def by(nodes: Iterable[Node], key: str) -> Mapping[str, Node]:
    """Nodes by the text of one of their keys; the first one counts. Asked for another name it raises ValueError."""
    found = _Named()
    for node in nodes:
        found.setdefault(node[key].text, node)
    return found


def strip(ident: str, control: Node) -> b.Strip:
    """Counts of the four verdicts as one bar, the worst first; no share that exists is thinner than a hair."""
    keys = {"FAIL": "fail", "ERROR": "error", "INCONCLUSIVE": "inconclusive", "PASS": "pass"}
    counts = [(verdict, control[key].value) for verdict, key in keys.items() if control[key].value]
    total = sum(count for _, count in counts)
    widths = [max(6, 1000 * count // total) for _, count in counts]
    if widths:
        widest = widths.index(max(widths))
        widths[widest] += 1000 - sum(widths)
    starts = [sum(widths[:place]) for place in range(len(widths))]
    title = say("chart.strip.title", control=b.Text(control["control"].text))
    segments = tuple((verdict, start, width) for (verdict, _), start, width in zip(counts, starts, widths, strict=True))
    return b.Strip(ident, title, segments)
