"""Was the draw honest? Sizes, commitments, nonces, the ticket rule worked once, and the drawn units."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages import commands
from evidence_kit.pages.cover import how_tested, independence
from evidence_kit.pages.parts import (
    NONE,
    PAGE_ROWS,
    anchor,
    by,
    code_or_none,
    columns,
    control_page,
    count_cell,
    facts,
    incomplete,
    linked,
    moment,
    pager,
    say,
)
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.population import entries_of, heading_of, ledger_row, when

#: Drawn units shown on the sample page itself; longer lists have pages of their own.
DRAWN = 50


def sample(dossier: Dossier) -> b.Page:
    """How many, why, by which numbers; then the drawn units, or the way to them."""
    controls = list(dossier.doc("summary.json")["controls"])
    return b.Page(
        path="sample.html",
        title=say("menu.sample"),
        heading=say("menu.sample"),
        intro=(b.Paragraph(say("sample.intro"), "lead"), _independence(dossier)),
        sections=(
            b.Section("all", say("sample.all"), (_overview(dossier, controls),)),
            b.Section("ticket", say("sample.ticket"), tuple(_worked(dossier, controls))),
            b.Section("abandoned", say("sample.abandoned"), (abandoned(dossier),)),
            *(b.Section(f"of-{c['control'].text}", heading_of(c), tuple(_sample(dossier, c))) for c in controls),
        ),
        menu="sample.html",
    )


def _overview(dossier: Dossier, controls: Sequence[Node]) -> b.Table:
    """Every draw in one table: how many of how many, why so many, and whether the draw was independent."""
    stated = by(dossier.doc("controls.json")["controls"], "control")
    findings = by(dossier.rows("findings.jsonl"), "control")
    rows = []
    for each in controls:
        name = each["control"].text
        free = findings[name]["draw_independent"].value is not False
        told = say("sample.yes" if free else "sample.no") if dossier.has(f"draws/{name}.json") else NONE
        rows.append(
            b.Row(
                (
                    b.Cell(b.Link(f"#of-{name}", b.text(each["control"]))),
                    linked(f"population.html#of-{name}", count_cell(each["units"])),
                    linked(f"#of-{name}", count_cell(each["drawn"])),
                    b.Cell(how_tested(stated[name])),
                    b.Cell(told),
                ),
                tone="" if free else "INCONCLUSIVE",
            )
        )
    heads = columns("control", "units:n", "drawn:n", "how:w", "independent:w")
    return b.Table(say("sample.all.caption"), heads, tuple(rows), say("empty.controls"))


def drawn_pages(dossier: Dossier) -> Iterator[b.Page]:
    """The drawn units of each control that has many: digests, the same in every language, so they exist once."""
    for control in dossier.doc("summary.json")["controls"]:
        name = control["control"].text
        rows = _drawn(dossier, name, alone=False)
        if len(rows) > DRAWN:
            yield from _drawn_pages(dossier, name, rows)


def _independence(dossier: Dossier) -> b.Block:
    dependent = independence(dossier)
    return b.Paragraph(say("sample.independent"), "note") if dependent is None else b.Banner(dependent, "warn")


def _sample(dossier: Dossier, control: Node) -> Iterator[b.Block]:
    name = control["control"].text
    if not dossier.has(f"draws/{name}.json"):
        yield b.Paragraph(say("sample.none", reason=code_or_none(control["reason"])))
        return
    draw = dossier.doc(f"draws/{name}.json")
    stated = by(dossier.doc("controls.json")["controls"], "control")[name]
    yield facts(
        ("control", b.Link(control_page(name), b.code(control["control"]))),
        ("how", how_tested(stated)),
        ("commitment", b.code(draw["commitment_sha256"])),
        ("independent", say("sample.yes" if draw["independent"].value else "sample.no")),
    )
    lacks = incomplete(by(dossier.rows("findings.jsonl"), "control")[name])
    if lacks is not None:
        yield b.Paragraph(lacks, "note")
    yield _plan(name, draw["commitment"])
    yield _rounds(dossier, draw)
    if dossier.has(f"openings/{name}.jsonl"):
        yield b.Banner(
            say("sample.openings", file=b.Link(f"../../openings/{name}.jsonl", b.Text(f"{name}.jsonl"))), "warn"
        )
    rows = _drawn(dossier, name)
    yield _drawn_table(dossier, name, rows if len(rows) <= DRAWN else rows[:10])
    if len(rows) > DRAWN:
        yield b.Paragraph(say("sample.more", link=b.Link("../" + drawn_page(name), say("sample.more.link"))))


def _plan(control: str, record: Node) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(f"population.html#of-{control}", b.text(line[0]))),
                *(count_cell(line[place]) for place in range(1, len(line))),
            )
        )
        for line in record["plan"]
    )
    two = any(len(line) > 2 for line in record["plan"])
    heads = columns("stratum", *(("n1:n", "accept1:n", "reject1:n", "n2:n", "accept2:n") if two else ("planned_n:n",)))
    return b.Table(say("sample.plan.caption"), heads, rows, say("empty.strata"))


def _rounds(dossier: Dossier, draw: Node) -> b.Table:
    revealed = {
        (row["data"]["commitment_sha256"].value, row["data"]["round"].value): row
        for row in entries_of(dossier, "nonce.revealed")
    }
    rows = []
    for each in draw["rounds"]:
        entry = revealed.get((draw["commitment_sha256"].value, each["round"].value))
        told = NONE if entry is None else when(entry)
        rows.append(
            b.Row(
                (
                    b.Cell(b.Link(draw.file, b.figure(each["round"], b.Kind.NUMERAL), file=True), "n"),
                    b.Cell(b.text(each["nonce"]), "m"),
                    b.Cell(told),
                )
            )
        )
    return b.Table(
        say("sample.rounds.caption"), columns("round:n", "nonce:m", "revealed"), tuple(rows), say("empty.rounds")
    )


def drawn_page(control: str, number: int = 1) -> str:
    """The page of a control's drawn units, counted from site/."""
    return f"drawn/{control}-{number}.html"


def _drawn(dossier: Dossier, name: str, *, alone: bool = True) -> tuple[b.Row, ...]:
    """The drawn units in ticket order, each with the way to its case: in both languages, unless the page is of one."""
    if not dossier.has(f"draws/{name}.json"):
        return ()
    results = {row["leaf"].text: (place, row) for place, row in enumerate(dossier.rows(f"results/{name}.jsonl"))}
    rows = []
    rounds = dossier.doc(f"draws/{name}.json")["rounds"]
    several = len(rounds) > 1
    for each in rounds:
        for ticket in each["drawn"]:
            found = results.get(ticket["leaf"].text)
            unit: b.Inline = NONE
            if found is not None:
                place, row = found
                to = control_page(name, place) + "#" + anchor(row["unit"].text)
                named = b.text(row["unit"])
                unit = b.Link(to, named) if alone else b.Listed((named, *_twice(to)), plain=True)
            rows.append(
                b.Row(
                    (
                        b.Cell(unit),
                        *((b.Cell(b.figure(each["round"], b.Kind.NUMERAL), "n"),) if several else ()),
                        b.Cell(b.text(ticket["stratum"])),
                        b.Cell(b.text(ticket["ticket"]), "m"),
                        b.Cell(b.text(ticket["leaf"]), "m"),
                    )
                )
            )
    return tuple(rows)


def _twice(to: str) -> Iterator[b.Inline]:
    for language in ("en", "fr"):
        yield b.Link(f"{language}/{to}", say(f"sample.drawn.{language}"))


def _drawn_table(dossier: Dossier, name: str, rows: Sequence[b.Row]) -> b.Table:
    """The drawn units; a round's number stands in every row only where there are several."""
    rounds = dossier.doc(f"draws/{name}.json")["rounds"]
    several = len(rounds) > 1
    heads = columns("case", *(("round:n",) if several else ()), "stratum", "ticket:m", "leaf:m")
    told = say("sample.drawn.caption", control=b.Text(name))
    if len(rounds) == 1:
        shown = b.figure(rounds[0]["round"], b.Kind.NUMERAL)
        told = say("sample.drawn.round", control=b.Text(name), round=b.Link(f"draws/{name}.json", shown, file=True))
    return b.Table(told, heads, tuple(rows), say("empty.drawn"))


def _drawn_pages(dossier: Dossier, name: str, rows: Sequence[b.Row]) -> Iterator[b.Page]:
    stems = [drawn_page(name, number + 1) for number in range((len(rows) - 1) // PAGE_ROWS + 1)]
    for number, stem in enumerate(stems, 1):
        part = rows[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
        told = say("pager.cases", first=part[0].cells[0].content, last=part[-1].cells[0].content)
        yield b.Page(
            path=stem,
            title=say("sample.drawn.title", control=b.Text(name)),
            heading=say("sample.drawn.title", control=b.Text(name)),
            intro=(*pager(stems, number, told), _drawn_table(dossier, name, part)),
            sections=(),
            menu=stems[0],
            back="sample.html",
        )


def _worked(dossier: Dossier, controls: Sequence[Node]) -> Iterator[b.Block]:
    """The ticket rule on the first drawn unit of all, done again here."""
    yield b.Paragraph(say("sample.ticket.rule"))
    for control in controls:
        path = f"draws/{control['control'].text}.json"
        if not dossier.has(path):
            continue
        draw = dossier.doc(path)
        for each in draw["rounds"]:
            if len(each["drawn"]):
                yield from _worked_ticket(control, draw, each, each["drawn"][0])
                return
    yield b.Paragraph(say("empty.drawn"))


def _worked_ticket(control: Node, draw: Node, each: Node, first: Node) -> Iterator[b.Block]:
    said = commands.ticket_text(draw, each, first)
    agrees = hashlib.sha256(said.encode()).hexdigest() == first["ticket"].text
    yield facts(
        ("control", b.Link(control_page(control["control"].text), b.code(control["control"]))),
        ("commitment", b.code(draw["commitment_sha256"])),
        ("nonce", b.code(each["nonce"])),
        ("round", b.Link(draw.file, b.figure(each["round"], b.Kind.NUMERAL), file=True)),
        ("stratum", b.text(first["stratum"])),
        ("leaf", b.code(first["leaf"])),
        ("ticket", b.code(first["ticket"])),
    )
    yield b.Pre(say("sample.ticket.command"), commands.ticket(said) + "\n")
    yield b.Paragraph(say("sample.ticket.agrees" if agrees else "sample.ticket.differs"))


def abandoned(dossier: Dossier) -> b.Table:
    """Draws given up after their nonce was known: free draws until the sample pleases would show here."""
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(ledger_row(row), b.figure(row["seq"], b.Kind.NUMERAL)), "n"),
                b.Cell(moment(row["at"], short=True)),
                b.Cell(b.text(row["data"]["control"])),
                b.Cell(b.figure(row["data"]["round"], b.Kind.NUMERAL), "n"),
                b.Cell(code_or_none(row["data"]["reason"])),
                b.Cell(b.text(row["data"]["commitment_sha256"]), "m"),
            ),
            tone="INCONCLUSIVE",
        )
        for row in entries_of(dossier, "sample.abandoned")
    )
    heads = columns("seq:n", "at:d", "control", "round:n", "why", "commitment:m")
    return b.Table(say("sample.abandoned.caption"), heads, rows, say("sample.abandoned.none"))
