"""The clauses that an audit answers to, text by text, and what becomes of them in the next edition. Pure.

A bundle of before `frameworks.json` shows the references of its controls instead (`clauses`).
"""

from __future__ import annotations

from collections.abc import Iterator

from evidence_kit.pages import blocks as b
from evidence_kit.pages import clause_tables as tables
from evidence_kit.pages import clauses
from evidence_kit.pages.clause_tables import Scope
from evidence_kit.pages.parts import NONE, by, code_or_none, columns, facts, file_link, say, tag
from evidence_kit.pages.payload import Dossier, Node

FILE, PATH = "frameworks.json", "frameworks.html"


def pages(dossier: Dossier) -> Iterator[b.Page]:
    """The page of all texts, then one for each of them."""
    if not dossier.has(FILE):
        yield clauses.frameworks(dossier)
        return
    root, scope = dossier.doc(FILE), scope_of(dossier)
    yield _overview(dossier, root, scope)
    for text in sorted(root["frameworks"], key=_first):
        if len(text["clauses"]) > tables.FEW:
            yield _page(dossier, text, scope)


def scope_of(dossier: Dossier) -> Scope:
    """What this bundle tested, with the reasons of what is no pass."""
    findings = by(dossier.rows("findings.jsonl"), "control")
    controls = {one["control"].text: one for one in dossier.doc("summary.json")["controls"]}
    return Scope(
        controls=controls,
        reasons={name: _reasons(one, findings[name]) for name, one in controls.items()},
        left_out={one["control"].text: one["reason"] for one in dossier.doc("engagement.json")["out_of_scope"]},
        linked=True,
    )


def _reasons(control: Node, finding: Node) -> tuple[b.Inline, ...]:
    if control["verdict"].text == "PASS":
        return ()
    told = tuple(b.Code("reason", one["reason"].text) for one in finding["reasons"])
    return told or (code_or_none(control["reason"]),)


def _overview(dossier: Dossier, root: Node, scope: Scope) -> b.Page:
    texts = tuple(sorted(root["frameworks"], key=_first))
    named = {text["id"].text: text for text in texts}
    left_out = tuple(
        say("frameworks.out_of_scope", control=b.text(one["control"]), reason=b.Text(one["reason"].text))
        for one in dossier.doc("engagement.json")["out_of_scope"]
    )
    return b.Page(
        path=PATH,
        title=say("menu.frameworks"),
        heading=say("menu.frameworks"),
        intro=(
            b.Paragraph(say("texts.intro"), "lead"),
            b.Paragraph(say("texts.note"), "note"),
            b.Paragraph(say("texts.file", file=file_link(dossier, FILE)), "note"),
        ),
        sections=(
            b.Section("texts", say("texts.heading"), (tables.chart(texts, scope), tables.counts(texts, scope))),
            *(
                b.Section(
                    f"to-{one['later'].text}",
                    say(
                        "texts.migration",
                        earlier=tables.named(named[one["earlier"].text]),
                        later=tables.named(named[one["later"].text]),
                    ),
                    (b.Paragraph(say("texts.migration.note"), "note"), _migration(one, named, scope)),
                )
                for one in root["migrations"]
            ),
            *(_section(text, scope) for text in texts if len(text["clauses"]) <= tables.FEW),
            b.Section("unserved", say("frameworks.unserved"), (b.Bullets(left_out, say("frameworks.unserved.none")),)),
        ),
        menu=PATH,
    )


def _migration(one: Node, named: dict[str, Node], scope: Scope) -> b.Table:
    rows = tuple(_move(move, scope) for move in one["moves"])
    heads = columns("earlier_clause", "step:k", "later_clause:k", "title:w", "carries_over:w", "checked:k")
    return b.Table(say("texts.migration.caption"), heads, rows, say("empty.rows"), dense=True)


def _move(move: Node, scope: Scope) -> b.Row:
    carried = [name for name in move["kept"] if name.text in scope.controls]
    evidence: list[b.Inline] = [
        say("texts.carried", control=scope.control(name.text, b.text(name)), verdict=tag(_verdict(scope, name)))
        for name in carried
    ]
    if not carried and len(move["later"]):
        evidence.append(b.Code("texts.lack", "evidence"))
    if len(move["akin"]):
        evidence.append(say("texts.akin", clauses=b.Listed(tuple(map(b.text, move["akin"])), plain=True)))
    return b.Row(
        (
            b.Cell(b.Lines(tuple(map(b.text, move["earlier"]))) if len(move["earlier"]) else NONE),
            b.Cell(b.Code("texts.step", move["step"].text)),
            b.Cell(b.Lines(tuple(map(b.text, move["later"]))) if len(move["later"]) else NONE),
            b.Cell(b.Lines(tuple(map(b.text, move["titles"])))),
            b.Cell(b.Lines(tuple(evidence)) if evidence else NONE),
            b.Cell(NONE if move["verified"].absent else tables.verified(move["verified"].text)),
        ),
        tone="" if carried else "INCONCLUSIVE",
    )


def _verdict(scope: Scope, name: Node) -> Node:
    return scope.controls[name.text]["verdict"]


def _first(text: Node) -> tuple[bool, bool]:
    """Those that the engagement names, then those of many clauses; otherwise as they come."""
    return not text["required"].value, len(text["clauses"]) <= tables.FEW


def _facts(text: Node) -> b.Facts:
    return facts(
        ("framework_file", b.code(text["file"])),
        ("framework_sha256", b.code(text["sha256"])),
        ("framework_required", b.Code("texts.required", text["required"].text)),
    )


def _section(text: Node, scope: Scope) -> b.Section:
    """A text of few clauses."""
    name = text["id"].text
    silent = tables.beside(text, scope) if text["required"].value else ()
    told = (b.Bullets(silent, say("texts.beside.none")),) if silent else ()
    return b.Section(name, tables.named(text), (_facts(text), tables.table(text, scope, f"{name}-"), *told))


def _page(dossier: Dossier, text: Node, scope: Scope) -> b.Page:
    """One text, clause by clause."""
    heading = tables.named(text)
    silent = tables.beside(text, scope)
    return b.Page(
        path=tables.page_of(text),
        title=heading,
        heading=heading,
        intro=(b.Paragraph(say("texts.page.lead"), "lead"), b.Paragraph(say("texts.note"), "note"), _facts(text)),
        sections=(
            b.Section(
                "coverage",
                say("texts.coverage.heading"),
                (tables.chart((text,), scope), tables.counts((text,), scope)),
            ),
            b.Section("clauses", say("texts.clauses"), (tables.table(text, scope),)),
            b.Section("silent", say("texts.beside"), (b.Bullets(silent, say("texts.beside.none")),)),
        ),
        menu=PATH,
    )
