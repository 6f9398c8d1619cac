"""The first two pages: what is the outcome, and what was agreed."""

from __future__ import annotations

from collections.abc import Iterator

from evidence_kit.pages import blocks as b
from evidence_kit.pages import places
from evidence_kit.pages.parts import (
    WORST_FIRST,
    both,
    by,
    code_or_none,
    columns,
    control_page,
    count_cell,
    day,
    facts,
    incomplete,
    moment,
    percent_cell,
    say,
    strip,
    tag,
    tone,
    why,
)
from evidence_kit.pages.payload import Dossier, Node

#: What no control of the catalogue tests, and the reader must not believe tested (docs/norm/controls.md).
NEVER_TESTED = (
    "restriction",
    "objection",
    "portability",
    "automated",
    "consent",
    "notices",
    "breaches",
    "assessments",
    "merits",
)


#: The note of a control whose population nobody asked the completeness of.
UNTESTED = "population-completeness-not-tested"


def index(dossier: Dossier) -> b.Page:
    """The cover: one sentence, the table of controls, what was not tested, the seal."""
    engagement, summary = dossier.doc("engagement.json"), dossier.doc("summary.json")
    return b.Page(
        path="index.html",
        title=say("index.title"),
        heading=both(engagement["title"]),
        intro=(
            b.Paragraph(
                say(
                    "index.who",
                    organisation=b.text(engagement["organisation"]["name"]),
                    start=day(engagement["period"]["from"]),
                    end=day(engagement["period"]["until"]),
                ),
                "sub",
            ),
            *_banners(dossier),
            b.Paragraph(outcome(summary), "lead"),
        ),
        sections=(
            b.Section("controls", say("index.controls"), (_verdicts(dossier, summary), _totals(summary))),
            b.Section("not-tested", say("index.not_tested"), tuple(_not_tested(dossier))),
            b.Section("seal", say("index.seal"), seal_blocks(dossier)),
        ),
        menu="index.html",
    )


def _banners(dossier: Dossier) -> Iterator[b.Banner]:
    dependent = [row for row in dossier.rows("findings.jsonl") if row["draw_independent"].value is False]
    if dependent:
        names = b.Listed(tuple(b.text(row["control"]) for row in dependent))
        yield b.Banner(say("index.dependent", count=len(dependent), controls=names), "warn")


def outcome(summary: Node) -> b.Inline:
    """One sentence: how many controls and units, and which controls have which verdict."""
    controls = list(summary["controls"])
    clauses = []
    for verdict in WORST_FIRST:
        those = [b.text(control["control"]) for control in controls if control["verdict"].text == verdict]
        if those:
            clauses.append(say(f"index.outcome.{verdict}", count=len(those), controls=b.Listed(tuple(those))))
    totals = summary["totals"]
    return say(
        "index.outcome",
        count=totals["controls"].value,
        controls=b.integer(totals["controls"]),
        drawn=say("index.units", count=totals["drawn"].value, n=b.integer(totals["drawn"])),
        clauses=b.Listed(tuple(clauses), clauses=True),
    )


def _verdicts(dossier: Dossier, summary: Node) -> b.Table:
    stated = by(dossier.doc("controls.json")["controls"], "control")
    findings = by(dossier.rows("findings.jsonl"), "control")
    rows = []
    for control in summary["controls"]:
        name = control["control"].text
        lacks = incomplete(findings[name], briefly=True)
        statement, told = both(stated[name]["statement"]), why(control, stated[name])
        rows.append(
            b.Row(
                (
                    b.Cell(b.Lines((b.Link(control_page(name), b.code(control["control"])), statement)), "control"),
                    b.Cell(tag(control["verdict"])),
                    count_cell(control["units"]),
                    count_cell(control["drawn"]),
                    count_cell(control["deviations"]),
                    percent_cell(control["upper_rate_shown"]),
                    b.Cell(b.Lines((told, *((lacks,) if lacks else ()), strip(f"strip-{name}", control)))),
                ),
                id=f"control-{name}",
                tone=tone(control["verdict"].text),
            )
        )
    heads = ("control", "verdict", "units:n", "drawn:n", "deviations:n", "upper:n", "why")
    return b.Table(
        say("index.controls.caption"), columns(*heads), tuple(rows), say("empty.controls"), note=say("index.upper_note")
    )


def _totals(summary: Node) -> b.Paragraph:
    totals = summary["totals"]
    keys = ("pass", "fail", "inconclusive", "error", "deviations", "units", "drawn")
    return b.Paragraph(b.Say("index.totals", {key: b.integer(totals[key]) for key in keys}), "note")


def _not_tested(dossier: Dossier) -> Iterator[b.Block]:
    summary, findings = dossier.doc("summary.json"), by(dossier.rows("findings.jsonl"), "control")
    here: list[b.Inline] = []
    for control in summary["controls"]:
        name = b.Link(control_page(control["control"].text), b.text(control["control"]))
        finding = findings.get(control["control"].text)
        if finding is not None and finding["set_aside"].value:
            here.append(_counted("index.set_aside", finding["set_aside"], name))
        if control["verdict"].text == "ERROR" and not control["units"].value:
            here.append(say("index.refused", control=name, reason=code_or_none(control["reason"])))
        elif not control["drawn"].value:
            here.append(say("index.nothing", control=name, reason=code_or_none(control["reason"])))
        for key in ("error", "inconclusive"):
            if control[key].value:
                here.append(_counted(f"index.{key}", control[key], name))
    untested = tuple(b.text(row["control"]) for row in findings.values() if UNTESTED in row["notes"].value)
    if untested:
        here.append(say("index.completeness", count=len(untested), controls=b.Listed(untested)))
    for left_out in dossier.doc("engagement.json")["out_of_scope"]:
        reason = b.Text(left_out["reason"].text)
        here.append(say("index.out_of_scope", control=b.text(left_out["control"]), reason=reason))
    here += places.skipped(dossier)
    yield b.Paragraph(say("index.not_tested.here"))
    yield b.Bullets(tuple(here), say("index.not_tested.none"))
    yield b.Paragraph(say("index.not_tested.never"))
    yield b.Bullets(tuple(say(f"never.{topic}") for topic in NEVER_TESTED), say("index.not_tested.none"))


def _counted(key: str, node: Node, control: b.Inline) -> b.Say:
    return say(key, count=node.value, n=b.integer(node), control=control)


def seal_blocks(dossier: Dossier) -> tuple[b.Block, ...]:
    """The seal as facts; its values will stand in bundle.json."""
    catalogue = dossier.doc("bundle.json")
    ledger = catalogue["ledger"]
    return (
        facts(
            ("bundle", b.code(catalogue["bundle"])),
            ("run", b.code(catalogue["run"])),
            ("level", b.text(catalogue["level"])),
            ("sealed_at", moment(catalogue["sealed_at"])),
            ("signer", b.code(catalogue["signer"])),
            ("head", b.code(ledger["head_sha256"])),
            ("entries", b.Link("ledger.html", b.integer(ledger["entries"]))),
            ("kit", b.text(catalogue["kit"])),
        ),
        b.Paragraph(say("index.seal.how", verify=b.Link("verify.html", say("menu.verify")))),
    )


def engagement(dossier: Dossier) -> b.Page:
    """What was agreed before anything was read."""
    agreed = dossier.doc("engagement.json")
    return b.Page(
        path="engagement.html",
        title=say("menu.engagement"),
        heading=say("menu.engagement"),
        intro=(b.Paragraph(say("engagement.intro"), "lead"),),
        sections=(
            b.Section("terms", say("engagement.terms"), (_terms(agreed),)),
            b.Section("scope", say("engagement.scope"), (_in_scope(dossier), _out_of_scope(agreed))),
            b.Section("people", say("engagement.people"), (_people(agreed),)),
            b.Section("sources", say("engagement.sources"), (_sources(agreed),)),
            b.Section("parameters", say("engagement.parameters"), (_parameters(agreed),)),
            *places.sections(agreed),
            b.Section("tools", say("engagement.tools"), (_tools(agreed),)),
        ),
        menu="engagement.html",
    )


def _terms(agreed: Node) -> b.Facts:
    period, organisation, limit = agreed["period"], agreed["organisation"], agreed["limit"]
    told = say(f"limit.{limit['kind'].text}", count=limit["n"].value, n=b.integer(limit["n"]))
    rolled = say("limit.rolls" if limit["roll"].value else "limit.stays") if limit["kind"].text == "days" else None
    calendars = tuple(b.text(name) for name in agreed["calendars"])
    return facts(
        ("title", both(agreed["title"])),
        ("organisation", b.text(organisation["name"])),
        ("country", b.text(organisation["country"])),
        ("period", say("engagement.period", start=day(period["from"]), end=day(period["until"]))),
        ("as_of", moment(agreed["as_of"])),
        ("timezone", b.text(agreed["timezone"])),
        ("naive", say("engagement.naive_local" if agreed["naive_is_local"].value else "engagement.naive_unknown")),
        ("profile", b.text(agreed["profile"])),
        ("calendars", b.Listed(calendars) if calendars else say("engagement.no_calendar")),
        ("limit", told if rolled is None else b.Lines((told, rolled))),
        ("duplicates", b.Listed(tuple(b.Code("duplicate", choice.text) for choice in agreed["on_duplicate"]))),
    )


def how_tested(control: Node) -> b.Inline:
    """Census or sample, in words, with its figures."""
    if control["census"].value:
        return say("plan.census")
    return say(
        "plan.sample",
        confidence=b.figure(control["confidence"], b.Kind.DECIMAL),
        tolerable=b.figure(control["tolerable"], b.Kind.DECIMAL),
        expected=b.figure(control["expected"], b.Kind.DECIMAL),
    )


def _in_scope(dossier: Dossier) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(control_page(control["control"].text), b.code(control["control"]))),
                b.Cell(both(control["statement"])),
                b.Cell(b.Code("law", control["law"].text)),
                b.Cell(b.Code("grade", control["grade"].text)),
                b.Cell(how_tested(control)),
            )
        )
        for control in dossier.doc("controls.json")["controls"]
    )
    heads = columns("control", "statement", "ground", "grade", "how")
    return b.Table(say("engagement.scope.caption"), heads, rows, say("empty.controls"))


def _out_of_scope(agreed: Node) -> b.Table:
    rows = tuple(
        b.Row((b.Cell(b.code(left["control"])), b.Cell(b.Text(left["reason"].text)))) for left in agreed["out_of_scope"]
    )
    return b.Table(say("engagement.out.caption"), columns("control", "why"), rows, say("engagement.out.none"))


def _people(agreed: Node) -> b.Table:
    rows = tuple(
        b.Row((b.Cell(b.code(who["actor"])), b.Cell(b.Code("role", who["role"].text, plain=True))))
        for who in agreed["actors"]
    )
    return b.Table(say("engagement.people.caption"), columns("actor", "role"), rows, say("empty.rows"))


def _sources(agreed: Node) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(b.code(source["source"])),
                b.Cell(b.text(source["engine"])),
                b.Cell(b.text(source["mapping_sha256"]), "m"),
            )
        )
        for source in agreed["sources"]
    )
    return b.Table(say("engagement.sources.caption"), columns("source", "engine", "mapping:m"), rows, say("empty.rows"))


def _parameters(agreed: Node) -> b.Table:
    rows = tuple(
        b.Row(
            (b.Cell(b.code(given["name"])), count_cell(given["value"]), b.Cell(b.Code("parameter", given["name"].text)))
        )
        for given in agreed["parameters"]
    )
    heads = columns("parameter", "value:n", "meaning")
    return b.Table(say("engagement.parameters.caption"), heads, rows, say("empty.rows"))


def _tools(agreed: Node) -> b.Table:
    kit = b.Row((b.Cell(b.Text("evidence_kit", mono=True)), b.Cell(b.text(agreed["kit"]))))
    rows = tuple(
        b.Row((b.Cell(b.code(package["name"])), b.Cell(b.text(package["version"])))) for package in agreed["packages"]
    )
    return b.Table(say("engagement.tools.caption"), columns("package", "version"), (kit, *rows), say("empty.rows"))
