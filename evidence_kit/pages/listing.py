"""Where the evidence stands: each control's rows, drawn units, query texts and notebook, on one page of each language.

The list on the left stays short because of it: a bundle of thirty controls has sixty frames of evidence.
"""

from __future__ import annotations

from collections.abc import Set

from evidence_kit.pages import blocks as b
from evidence_kit.pages import evidence, guide, sampling
from evidence_kit.pages.parts import NONE, control_page, evidence_page, query_page, say
from evidence_kit.pages.payload import Dossier, Node

PATH = "evidence.html"


def page(dossier: Dossier, shared: Set[str]) -> b.Page:
    """The list. `shared`: the paths of the pages that exist once, counted from site/."""
    controls = dossier.doc("summary.json")["controls"]
    known = shared | {f"annex/{name}.html" for name in guide.notebooks(dossier)}
    heads = ("col.control", "menu.group.evidence", "menu.group.draws", "menu.group.queries", "menu.group.annex")
    table = b.Table(
        say("evidence.list.caption"),
        tuple(b.Column(say(head)) for head in heads),
        tuple(_row(dossier, each, known) for each in controls),
        say("empty.rows"),
    )
    return b.Page(
        path=PATH,
        title=say("menu.evidence"),
        heading=say("menu.evidence"),
        intro=(b.Paragraph(say("evidence.list.lead"), "lead"), table),
        sections=(),
        menu=PATH,
    )


def _row(dossier: Dossier, control: Node, known: Set[str]) -> b.Row:
    name = control["control"].text
    frames = tuple(
        b.Link(f"../{evidence_page(name, frame)}", b.Text(frame, mono=True))
        for of, frame in evidence.names(dossier)
        if of == name
    )
    stated = next((each for each in dossier.doc("controls.json")["controls"] if each["control"].text == name), None)
    notebook = "" if stated is None else stated["notebook"].text
    return b.Row(
        (
            b.Cell(b.Link(control_page(name), b.text(control["control"]))),
            b.Cell(b.Lines(frames) if frames else NONE),
            b.Cell(_way(sampling.drawn_page(name), say("menu.group.draws"), known)),
            b.Cell(_way(query_page(name), say("menu.group.queries"), known)),
            b.Cell(_way(f"annex/{notebook}.html", b.Text(notebook, mono=True), known)),
        )
    )


def _way(path: str, label: b.Inline, known: Set[str]) -> b.Inline:
    """A link to a page that exists once, where it exists."""
    return b.Link(f"../{path}", label) if path in known else NONE
