"""Are these all the cases? Each population: what was frozen, when, by which query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from evidence_kit.pages import blocks as b
from evidence_kit.pages import completeness
from evidence_kit.pages.parts import (
    COUNTED_NOTES,
    NONE,
    NOT_YET_DUE,
    PAGE_ROWS,
    code_or_none,
    columns,
    control_page,
    count_cell,
    evidence_row,
    facts,
    file_link,
    linked,
    moment,
    note_told,
    paged,
    query_page,
    say,
    tone,
)
from evidence_kit.pages.payload import Dossier, Node

#: Numbered rows listed on the population's page; the others stand in the evidence frames.
SHOWN = 50


def population(dossier: Dossier) -> b.Page:
    """Each population: what was frozen, when, by which query."""
    controls = list(dossier.doc("summary.json")["controls"])
    return b.Page(
        path="population.html",
        title=say("menu.population"),
        heading=say("menu.population"),
        intro=(b.Paragraph(say("population.intro"), "lead"), b.Paragraph(say("population.not_proved"), "note")),
        sections=(
            completeness.section(dossier),
            b.Section("all", say("population.all"), (_overview(dossier, controls),)),
            *(b.Section(f"of-{c['control'].text}", heading_of(c), tuple(_population(dossier, c))) for c in controls),
            b.Section("duplicates", say("population.duplicates"), tuple(_duplicates(dossier))),
        ),
        menu="population.html",
    )


def _overview(dossier: Dossier, controls: Sequence[Node]) -> b.Table:
    """Every population in one table: its control, its units, when it was frozen; one that was refused says so."""
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(f"#of-{each['control'].text}", b.code(each["population"]))),
                b.Cell(b.Link(control_page(each["control"].text), b.text(each["control"]))),
                linked(f"../{query_page(each['control'].text)}#population", count_cell(each["units"]))
                if dossier.has(f"sql/{each['control'].text}.population.sql")
                else count_cell(each["units"]),
                b.Cell(_frozen(dossier, each)),
            ),
            tone="" if dossier.has(f"draws/{each['control'].text}.json") else tone(each["verdict"].text),
        )
        for each in controls
    )
    heads = columns("population:w", "control", "units:n", "frozen:w")
    return b.Table(say("population.all.caption"), heads, rows, say("empty.controls"))


def _frozen(dossier: Dossier, control: Node) -> b.Inline:
    if not dossier.has(f"draws/{control['control'].text}.json"):
        return code_or_none(control["reason"])
    entries = [row for row in entries_of(dossier, "population.frozen") if _names(row, control["population"].text)]
    return (
        b.Lines(tuple(b.Link(ledger_row(row), moment(row["at"], short=True)) for row in entries)) if entries else NONE
    )


def heading_of(control: Node) -> b.Inline:
    """Control and population, as the heading of its section."""
    return say("population.of", control=b.Text(control["control"].text), population=b.code(control["population"]))


def when(entry: Node) -> b.Inline:
    """When the ledger says so, and who did it."""
    link = b.Link(ledger_row(entry), say("ledger.entry", seq=b.figure(entry["seq"], b.Kind.NUMERAL)))
    return say("ledger.when", at=moment(entry["at"]), actor=b.code(entry["actor"]), entry=link)


def ledger_row(entry: Node) -> str:
    """The address of a ledger entry's row."""
    seq = entry["seq"].value
    return f"{paged('ledger', (seq - 1) // PAGE_ROWS + 1)}#e{seq}"


def entries_of(dossier: Dossier, action: str) -> list[Node]:
    """The entries of one action whose data are not withheld."""
    return [row for row in dossier.rows("ledger.jsonl") if row["action"].text == action and not row["data"].absent]


def _population(dossier: Dossier, control: Node) -> Iterator[b.Block]:
    name = control["control"].text
    query = f"sql/{name}.population.sql"
    if not dossier.has(f"draws/{name}.json"):
        yield b.Banner(say("population.refused", reason=code_or_none(control["reason"])), control["verdict"].text)
    else:
        draw = dossier.doc(f"draws/{name}.json")
        record = draw["commitment"]
        frozen = [row for row in entries_of(dossier, "population.frozen") if _names(row, control["population"].text)]
        leaves = f"leaves/{control['population'].text}.txt"
        yield facts(
            ("control", b.Link(control_page(name), b.code(control["control"]))),
            ("count", b.Link(f"{control_page(name)}#facts", b.integer(record["count"]))),
            ("root", b.code(record["root"])),
            ("commitment", b.code(draw["commitment_sha256"])),
            ("as_of", moment(record["as_of"])),
            ("frozen", b.Lines(tuple(when(row) for row in frozen)) if frozen else NONE),
            ("unit", b.code(record["unit"])),
            (
                "stratum_by",
                say("population.one_stratum") if record["stratum_by"].absent else b.code(record["stratum_by"]),
            ),
            ("columns", b.Listed(tuple(_column(column) for column in record["columns"]))),
            ("leaves", file_link(dossier, leaves) if dossier.has(leaves) else say("population.no_leaves")),
        )
        yield _strata(name, record)
    if dossier.has(query):
        link = b.Link(f"../{query_page(name)}#population", b.Text(query, mono=True))
        yield b.Paragraph(say("population.query", query=link))
    else:
        yield b.Paragraph(say("empty.queries"))


def _column(column: Node) -> b.Inline:
    return say("population.column", name=b.code(column[0]), kind=b.text(column[1]))


def _names(entry: Node, population: str) -> bool:
    return "population" in entry["data"] and entry["data"]["population"].value == population


def _strata(control: str, record: Node) -> b.Table:
    plan = {line[0].text for line in record["plan"]}
    rows = []
    for stratum in record["strata"]:
        name = stratum[0].text
        planned = (
            "population.planned"
            if name in plan
            else "population.aside"
            if name == NOT_YET_DUE
            else "population.unplanned"
        )
        rows.append(
            b.Row(
                (
                    b.Cell(b.text(stratum[0])),
                    linked(f"{control_page(control)}#rates", count_cell(stratum[1])),
                    b.Cell(say(planned)),
                    b.Cell(b.text(stratum[2]), "m"),
                )
            )
        )
    heads = columns("stratum", "units:n", "planned", "root:m")
    return b.Table(say("population.strata.caption"), heads, tuple(rows), say("empty.strata"))


def _duplicates(dossier: Dossier) -> Iterator[b.Block]:
    choices = tuple(b.Code("duplicate", choice.text) for choice in dossier.doc("engagement.json")["on_duplicate"])
    yield b.Paragraph(say("population.duplicates.rule", choice=b.Listed(choices) if choices else NONE))
    for control, finding in treated(dossier):
        told = tuple(note_told(note) for note in finding["notes"] if _of_repeats(note))
        label = b.Link(control_page(control.text), b.text(control))
        yield b.Paragraph(say("population.duplicates.of", control=label, notes=b.Lines(told)))
    numbered = tuple(islice(_numbered(dossier), SHOWN + 1))
    if numbered:
        yield _numbered_table(numbered[:SHOWN], more=len(numbered) > SHOWN)
    doubled = [
        say("population.duplicates.refused", control=b.Link(control_page(c["control"].text), b.text(c["control"])))
        for c in dossier.doc("summary.json")["controls"]
        if c["reason"].value == "unit-id-duplicate"
    ]
    yield b.Bullets(tuple(doubled), say("population.duplicates.none"))


def treated(dossier: Dossier) -> Iterator[tuple[Node, Node]]:
    """Controls of whose frames repeated identifiers were collapsed or numbered, with their findings."""
    for finding in dossier.rows("findings.jsonl"):
        if any(_of_repeats(note) for note in finding["notes"]):
            yield finding["control"], finding


def _of_repeats(note: Node) -> bool:
    return any(pattern.fullmatch(note.text) for pattern in COUNTED_NOTES.values())


def _numbered(dossier: Dossier) -> Iterator[tuple[str, str, Node, Node]]:
    """Control, frame, row and identifier of every row of evidence that shares its identifier with another."""
    for path in dossier.names("frames", ".jsonl"):
        control, _, frame = path.removeprefix("frames/").removesuffix(".jsonl").partition(".")
        for row in dossier.rows(path):
            for entry in str(row.value.get("unreadable") or "").split(","):
                column, _, code = entry.partition("=")
                if code == "identifier-repeated" and column in row and not row[column].absent:
                    yield control, frame, row, row[column]


def _numbered_table(numbered: Sequence[tuple[str, str, Node, Node]], *, more: bool) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(evidence_row(control, frame, row["id"].value), b.text(identifier))),
                b.Cell(b.Link(control_page(control), b.Text(control))),
                b.Cell(b.Text(frame, mono=True)),
            )
        )
        for control, frame, row, identifier in numbered
    )
    note = say("population.numbered.more") if more else None
    heads = columns("identifier", "control", "frame")
    return b.Table(say("population.numbered"), heads, rows, say("empty.rows"), note=note)
