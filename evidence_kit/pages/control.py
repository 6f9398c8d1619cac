"""A control's pages: did this hold, for which cases, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages import (
    ageing,
    charts,
    due,
    erasure,
    papers,
    planted,
    providers,
    register,
    schedules,
    sending,
    since,
    tables,
)
from evidence_kit.pages import blocks as b
from evidence_kit.pages.casefile import by_case, sheet_page
from evidence_kit.pages.cover import how_tested
from evidence_kit.pages.parts import (
    INCOMPLETE,
    NONE,
    PAGE_ROWS,
    anchor,
    both,
    by,
    columns,
    control_page,
    count_cell,
    cut,
    day,
    evidence_page,
    extension_told,
    facts,
    file_link,
    incomplete,
    note_told,
    pager,
    references,
    say,
    tag,
    tone,
    why,
)
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.working import case, chosen, evidence, worst_first


def pages(dossier: Dossier, control: Node) -> Iterator[b.Page]:
    """The pages of one control of summary.json: itself, and the rest of its matrix."""
    name = control["control"].text
    results = dossier.rows(f"results/{name}.jsonl") if dossier.has(f"results/{name}.jsonl") else ()
    sheets = by_case(dossier, name)
    stated = by(dossier.doc("controls.json")["controls"], "control")[name]
    finding = by(dossier.rows("findings.jsonl"), "control")[name]
    matrices = [_matrix(name, part, sheets=sheets) for part in cut(results)]
    stems = [control_page(name, PAGE_ROWS * number) for number in range(len(matrices))]
    yield b.Page(
        path=stems[0],
        title=say("control.title", control=b.Text(name)),
        heading=b.Text(name),
        intro=(*_intro(control, stated, finding), *since.paragraph(dossier, name)),
        sections=tuple(
            _sections(dossier, control, stated, finding, results, (*_pager(stems, 1, results), matrices[0]))
        ),
        menu=stems[0],
    )
    for number, matrix in enumerate(matrices[1:], 2):
        yield b.Page(
            path=stems[number - 1],
            title=say("control.title", control=b.Text(name)),
            heading=say("control.more", control=b.Text(name)),
            intro=(*_pager(stems, number, results), tables.legend(), matrix),
            sections=(),
            menu=stems[0],
        )
    by_unit = {row["unit"].text: row for row in results}
    places = {row["unit"].text: place for place, row in enumerate(results)}
    told = {unit: _place(name, row, places, sheets=sheets) for unit, row in by_unit.items()}
    yield from register.more(dossier, name, by_unit, told)


def _pager(stems: Sequence[str], number: int, results: Sequence[Node]) -> tuple[b.Block, ...]:
    part = results[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    if not part:
        return ()
    return pager(stems, number, rows_told(part, results))


def rows_told(part: Sequence[Node], whole: Sequence[Node]) -> b.Inline:
    """`Rows 501 to 1,000 of 6,412`: the figures are those rows' own numbers."""
    key = "id" if "id" in whole[0] else "seq"
    return say(
        "pager.rows", first=b.integer(part[0][key]), last=b.integer(part[-1][key]), total=b.integer(whole[-1][key])
    )


def _intro(control: Node, stated: Node, finding: Node) -> Iterator[b.Block]:
    yield b.Paragraph(both(stated["statement"]), "lead")
    yield b.Banner(
        b.Lines(
            (
                say("control.verdict", verdict=tag(control["verdict"]), reason=why(control, stated)),
                _conclusion(control),
            )
        ),
        control["verdict"].text,
    )
    if finding["draw_independent"].value is False and control["drawn"].value:
        yield b.Banner(say("control.dependent"), "warn")
    lacks = incomplete(finding)
    if lacks is not None:
        yield b.Banner(lacks, "warn")
    for note in finding["notes"]:
        if note.text in ("draw-not-independent", "extended-outside-the-plan", *INCOMPLETE):
            continue  # a banner says it
        yield b.Paragraph(note_told(note), "note")
    for one in finding["extended"]:
        yield b.Banner(extension_told(one), "warn")


def _conclusion(control: Node) -> b.Inline:
    if not control["drawn"].value:
        way = f"population.html#{_section(control['control'].text)}"
        units = b.Link(way, b.integer(control["units"]))
        return say("control.none_drawn", count=control["units"].value, units=units)
    population, sample = (f"{page}.html#{_section(control['control'].text)}" for page in ("population", "sample"))
    ways = {"units": population, "drawn": sample}
    keys = ("units", "drawn", "fail", "error", "inconclusive", "deviations")
    counts = {key: b.Link(ways.get(key, "#deviations"), b.integer(control[key])) for key in keys}
    return say("control.conclusion", count=control["deviations"].value, **counts)


def _first_of(results: Sequence[Node], told: Mapping[str, str]) -> Mapping[str, str]:
    """Reason -> where the first case that gives it is told of."""
    found: dict[str, str] = {}
    for row in results:
        for reason in row["reasons"]:
            found.setdefault(reason.text, told[row["unit"].text])
    return found


def _sections(
    dossier: Dossier,
    control: Node,
    stated: Node,
    finding: Node,
    results: Sequence[Node],
    matrix: Sequence[b.Block],
) -> Iterator[b.Section]:
    name = control["control"].text
    places = {row["unit"].text: place for place, row in enumerate(results)}
    by_unit = {row["unit"].text: row for row in results}
    sheets = by_case(dossier, name)
    rates = charts.rates(control, stated)
    drawn = bool(control["drawn"].value)
    yield b.Section("facts", say("control.facts"), (_facts(dossier, control, stated, finding),))
    yield b.Section(
        "rates",
        say("control.rates"),
        (
            *((charts.verdicts(control),) if drawn else ()),
            *((rates,) if rates else ()),
            tables.strata(control, finding, drawn=drawn),
            *(b.Paragraph(lacks, "note") for lacks in (incomplete(finding),) if lacks is not None),
        ),
    )
    told = {unit: _place(name, row, places, sheets=sheets) for unit, row in by_unit.items()}
    yield from ageing.sections(dossier, name, results)
    yield from erasure.sections(dossier, name, told)
    yield from schedules.sections(dossier, name, by_unit, told)
    yield from register.sections(dossier, name, by_unit, told)
    yield from providers.sections(dossier, name, by_unit, told)
    yield from due.sections(dossier, name, told)
    yield from papers.sections(dossier, name, told)
    yield from sending.sections(dossier, name, by_unit, told)
    yield b.Section("attributes", say("control.attributes"), (tables.attributes(stated), tables.legend()))
    if drawn:
        yield b.Section("deviations", say("control.deviations"), (_deviations(name, results, places, sheets=sheets),))
    yield b.Section("cases", say("control.cases"), (b.Paragraph(say("control.cases.intro")), *matrix))
    if drawn:
        shown = chosen(results, sheets=sheets)
        yield b.Section(
            "working",
            say("control.working"),
            (
                b.Paragraph(say("control.working.sheets" if sheets else "control.working.here")),
                *(case(name, row, _place(name, row, places, sheets=sheets)) for row in shown),
            ),
        )
    yield b.Section("findings", say("control.findings"), (tables.reasons(finding, _first_of(results, told)),))
    yield b.Section("expectations", say("control.expectations"), (tables.expectations(dossier, name, finding),))
    yield b.Section("queries", say("control.queries"), (tables.queries(dossier, name),))


def _place(name: str, row: Node, places: Mapping[str, int], *, sheets: bool) -> str:
    """Where a unit is told of in full: its sheet, or its row of the matrix."""
    unit = row["unit"].text
    return sheet_page(unit) if sheets else f"{control_page(name, places[unit])}#{anchor(unit)}"


def _deviations(name: str, results: Sequence[Node], places: Mapping[str, int], *, sheets: bool) -> b.Block:
    """The cases that are no pass, the worst first, each with the way to it."""
    found = worst_first(results)
    dated = any(not row["days_late"].absent for row in found)
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(_place(name, row, places, sheets=sheets), b.text(row["unit"]))),
                b.Cell(tag(row["verdict"])),
                b.Cell(b.Lines(tuple(b.Code("reason", reason.text) for reason in row["reasons"]))),
                *((count_cell(row["days_late"]),) if dated else ()),
            ),
            tone=tone(row["verdict"].text),
        )
        for row in found
    )
    heads = columns("case", "verdict", "reasons:w", *(("days_late:n",) if dated else ()))
    return b.Table(say("control.deviations.caption"), heads, rows, say("control.deviations.none"))


def _facts(dossier: Dossier, control: Node, stated: Node, finding: Node) -> b.Facts:
    name = control["control"].text
    frames = [path for path in dossier.names("frames", ".jsonl") if path.startswith(f"frames/{name}.")]
    shown = tuple(
        b.Link(f"../{evidence_page(name, frame)}", b.Text(frame, mono=True))
        for frame in (path.split(".")[1] for path in frames)
    )
    notebook = f"notebooks/{stated['notebook'].text}.ipynb"
    label = b.Text(stated["notebook"].text, mono=True)
    days = None if finding["median_days"].absent else _response_days(finding)
    return facts(
        ("population", b.Link(f"population.html#{_section(name)}", b.code(control["population"]))),
        ("units", b.Link(f"population.html#{_section(name)}", b.integer(control["units"]))),
        ("drawn", b.Link(f"sample.html#{_section(name)}", b.integer(control["drawn"]))),
        ("set_aside", b.Link(f"population.html#{_section(name)}", b.integer(finding["set_aside"]))),
        ("how", how_tested(stated)),
        ("upper", b.Lines((_upper(control), b.Link("#rates", say("control.rates.link"))))),
        ("response", None if days is None else b.Lines((days, b.Link("#cases", say("control.cases.link"))))),
        ("ground", b.Code("law", stated["law"].text)),
        ("grade", b.Code("grade", finding["grade"].text)),
        ("references", references(stated)),
        ("frames", b.Listed(shown) if shown else NONE),
        ("planted", planted.of_control(dossier, name)),
        ("notebook", b.Link(f"../annex/{stated['notebook'].text}.html", label) if dossier.has(notebook) else label),
        ("results", file_link(dossier, f"results/{name}.jsonl")),
    )


def _section(name: str) -> str:
    return f"of-{name}"


def _response_days(finding: Node) -> b.Inline:
    p95 = finding["p95_days"]
    return say("control.days", median=b.integer(finding["median_days"]), p95=NONE if p95.absent else b.integer(p95))


def _upper(control: Node) -> b.Inline:
    if not control["upper_rate_shown"].absent:
        units, rate = b.integer(control["upper_units"]), b.figure(control["upper_rate_shown"], b.Kind.PERCENT)
        return say("control.upper", count=control["upper_units"].value, units=units, rate=rate)
    return say("control.upper.strata") if len(control["strata"]) > 1 else say("control.upper.none")


def _matrix(name: str, results: Sequence[Node], *, sheets: bool) -> b.Table:
    """One row for each unit, in ticket order; where it has a sheet its evidence is there."""
    letters = sorted({attribute["letter"].text for row in results for attribute in row["attributes"]})
    dated = any(not row["due_on"].absent for row in results)
    several = len({row["stratum"].text for row in results}) > 1
    heads = (
        *columns("case", *(("stratum:s",) if several else ()), *(("due_on:d", "days_late:n") if dated else ())),
        *(b.Column(b.Text(letter), "c") for letter in letters),
        *columns("verdict", "reasons", *(() if sheets else ("evidence:w",))),
    )
    rows = tuple(_row(name, row, letters, sheets=sheets, dated=dated, several=several) for row in results)
    return b.Table(say("control.matrix.caption", control=b.Text(name)), heads, rows, say("empty.results"), dense=True)


def _row(name: str, row: Node, letters: Sequence[str], *, sheets: bool, dated: bool, several: bool) -> b.Row:
    unit = row["unit"].text
    ident = anchor(unit)
    marks = by(row["attributes"], "letter")
    said: list[b.Inline] = [b.Code("reason", reason.text) for reason in row["reasons"]]
    said += [b.Code("flag", flag.text) for flag in row["flags"]]
    return b.Row(
        (
            b.Cell(b.Link(sheet_page(unit) if sheets else f"#{ident}", b.text(row["unit"]))),
            *((b.Cell(b.text(row["stratum"])),) if several else ()),
            *((b.Cell(day(row["due_on"], short=True)), count_cell(row["days_late"])) if dated else ()),
            *(b.Cell(b.Mark(marks[letter]["mark"].text) if letter in marks else NONE) for letter in letters),
            b.Cell(tag(row["verdict"])),
            b.Cell(b.Lines(tuple(said)) if said else NONE),
            *(() if sheets else (b.Cell(evidence(name, row)),)),
        ),
        id=ident,
        tone=tone(row["verdict"].text),
    )
