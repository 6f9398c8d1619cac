"""Clauses of one text with the controls that serve them: how far each is tested, and apart from it what was found.

Shared by the pages of a bundle and by the page of a bundle read by another text. Source: docs/frameworks.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evidence_kit.pages import blocks as b
from evidence_kit.pages.drawings import Stack
from evidence_kit.pages.drift import shares
from evidence_kit.pages.parts import NONE, WORST_FIRST, anchor, columns, control_page, count_cell, say, tag, tone
from evidence_kit.pages.payload import Node

#: How far a clause may be covered, the most first.
COVERAGES = ("covered", "partly", "supported", "gap")

#: Clauses of a text that needs no page of its own.
FEW = 10


@dataclass(frozen=True, slots=True)
class Scope:
    """What was tested. `controls`: control → its verdict, units drawn and deviations; `reasons`: why it is no pass.

    `left_out`: control → why it is out of scope, as the engagement says. `linked`: whether the page lies in the bundle
    that holds the evidence. `prefix`: before every id, so that two languages may share one document.
    """

    controls: Mapping[str, Node]
    reasons: Mapping[str, Sequence[b.Inline]]
    left_out: Mapping[str, Node]
    linked: bool = False
    prefix: str = ""

    def control(self, name: str, shown: b.Inline) -> b.Inline:
        """A control, leading to its page where there is one."""
        return b.Link(control_page(name), shown) if self.linked and name in self.controls else shown

    def deviations(self, name: str) -> b.Inline:
        """How many units deviate, leading to them where they are."""
        one = self.controls[name]
        way = f"{control_page(name)}#deviations" if one["drawn"].value else f"{control_page(name)}#facts"
        return b.Link(way, b.integer(one["deviations"])) if self.linked else b.integer(one["deviations"])

    def drawn(self, name: str) -> b.Inline:
        """How many units were tested, leading to how they were drawn."""
        shown = b.integer(self.controls[name]["drawn"])
        return b.Link(f"sample.html#of-{name}", shown) if self.linked else shown


def chart(texts: Sequence[Node], scope: Scope, name: str = "chart-coverage") -> b.Chart:
    """Clauses by how far they are covered, one bar for each text. The table of the same figures follows it."""
    rows = tuple(_bar(text, scope) for text in texts)
    return b.Chart(f"{scope.prefix}{name}", say("texts.chart"), say("texts.chart.about"), rows)


def _bar(text: Node, scope: Scope) -> Stack:
    met = [word for word in COVERAGES if text["counts"][word].value]
    told = (say("texts.count", n=b.integer(text["counts"][word]), coverage=coverage(word)) for word in met)
    label = named(text)
    return Stack(
        label=b.Link(page_of(text), label) if scope.linked else label,
        figures=b.Lines(tuple(told)),
        segments=shares([(word, text["counts"][word].value) for word in met]),
        tone="",
    )


def page_of(text: Node) -> str:
    """Where a bundle tells of a text: a page of its own, or a section of the page of all for one of few clauses."""
    name = text["id"].text
    return f"framework-{name}.html" if len(text["clauses"]) > FEW else f"frameworks.html#{name}"


def named(text: Node) -> b.Inline:
    """Name and edition."""
    return say("texts.named", framework=b.text(text["framework"]), edition=b.text(text["edition"]))


def coverage(word: str) -> b.Inline:
    """How far a clause is tested, in words."""
    return b.Code("texts.coverage", word)


def verified(word: str) -> b.Inline:
    """How far a mapping was checked, in words."""
    return b.Code("texts.verified", word)


def counts(texts: Sequence[Node], scope: Scope) -> b.Table:
    """The figures of the chart, and beside them how many clauses are served by a control that is no pass."""
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(page_of(text), shown) if scope.linked else shown),
                b.Cell(b.text(text["edition"])),
                *(count_cell(text["counts"][word]) for word in COVERAGES),
                b.Cell(b.Count(str(sum(one["verdict"].value not in (None, "PASS") for one in text["clauses"]))), "o"),
                b.Cell(_checked(text)),
            )
        )
        for text, shown in ((text, b.Text(text["framework"].text)) for text in texts)
    )
    heads = columns("text:w", "edition", *(f"coverage.{word}:n" for word in COVERAGES), "not_passed:o", "checked")
    return b.Table(say("texts.caption"), heads, rows, say("empty.rows"), say("texts.caption.note"))


def _checked(text: Node) -> b.Inline:
    """Every way in which rows of a text were checked."""
    met = {row["verified"].text for clause in text["clauses"] for row in clause["mappings"]}
    return b.Lines(tuple(verified(word) for word in ("opened", "secondary", "unverified") if word in met)) or NONE


def table(text: Node, scope: Scope, prefix: str = "") -> b.Table:
    """Every clause: how far it is tested, what was found, by which controls, and what is missing.

    `prefix`: before the ids of its rows, where a page has several texts.
    """
    rows = tuple(_row(clause, scope, prefix) for clause in text["clauses"])
    heads = columns("clause:w", "coverage:k", "outcome:k", "controls_serving:w", "gap:w", "checked:k")
    return b.Table(say("texts.clauses.caption"), heads, rows, say("empty.rows"), dense=True)


def _row(clause: Node, scope: Scope, prefix: str) -> b.Row:
    mine = [row for row in clause["mappings"] if row["control"].text in scope.controls]
    mine.sort(key=lambda row: WORST_FIRST.index(scope.controls[row["control"].text]["verdict"].text))
    titles = tuple(b.text(title) for title in clause["titles"])
    found = clause["verdict"]
    return b.Row(
        (
            b.Cell(b.Lines((b.text(clause["clause"]), *titles))),
            b.Cell(coverage(clause["coverage"].text)),
            b.Cell(NONE if found.absent else tag(found)),
            b.Cell(b.Lines(tuple(_serves(row, scope) for row in mine)) if mine else NONE),
            b.Cell(b.Lines(tuple(_lacks(clause, mine, scope)))),
            b.Cell(verified(clause["verified"].text)),
        ),
        id=f"{scope.prefix}{prefix}{anchor(clause['clause'].text)}",
        tone="INCONCLUSIVE" if found.absent else tone(found.text),
    )


def _serves(row: Node, scope: Scope) -> b.Inline:
    name = row["control"].text
    return say(
        "texts.control",
        control=scope.control(name, b.Text(name)),
        relation=b.Code("texts.relation", row["relation"].text),
        verdict=tag(scope.controls[name]["verdict"]),
        n=scope.deviations(name),
        drawn=scope.drawn(name),
    )


def _lacks(clause: Node, mine: Sequence[Node], scope: Scope) -> Iterator[b.Inline]:
    """What is missing, in words: tests first, then what the tests found, then who would serve it and is not asked."""
    if clause["coverage"].text in ("supported", "gap"):
        yield b.Code("texts.lack", clause["coverage"].text)
    for row in mine:
        name = row["control"].text
        if scope.reasons.get(name):
            reasons = b.Listed(tuple(scope.reasons[name]), clauses=True)
            yield say("frameworks.gap", control=b.Text(name), reasons=reasons)
    if mine and all(scope.controls[row["control"].text]["verdict"].text == "PASS" for row in mine):
        yield b.Code("texts.found", "nothing")
    others = [row["control"].text for row in clause["mappings"] if row["control"].text not in scope.controls]
    for name in (name for name in others if name in scope.left_out):
        yield say("texts.left_out", control=b.Text(name), reason=b.Text(scope.left_out[name].text))
    unasked = tuple(b.Text(name) for name in others if name not in scope.left_out)
    if unasked:
        yield say("texts.not_chosen", controls=b.Listed(unasked, plain=True))


def beside(text: Node, scope: Scope) -> tuple[b.Inline, ...]:
    """Controls in scope that serve no clause of the text: by a row that says why, or because no row names them."""
    serving = {row["control"].text for clause in text["clauses"] for row in clause["mappings"]}
    said = {row["control"].text: row for row in text["none"]}
    told: list[b.Inline] = []
    for name in scope.controls:
        if name in said:
            shown = scope.control(name, b.Text(name))
            told.append(say("texts.none", control=shown, reason=b.text(said[name]["reason"])))
        elif name not in serving:
            told.append(say("texts.silent", control=scope.control(name, b.Text(name))))
    return tuple(told)
