"""The first two pages: what is the outcome, and what was agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evidence_kit.model.audit import MOCK
from evidence_kit.pages import blocks as b
from evidence_kit.pages import places, planted, since, themes, untested
from evidence_kit.pages.parts import (
    WORST_FIRST,
    both,
    by,
    columns,
    control_page,
    count_cell,
    day,
    facts,
    incomplete,
    linked,
    moment,
    percent_cell,
    say,
    strip,
    tag,
    tone,
    why,
)
from evidence_kit.pages.payload import Dossier, Node

#: So many controls are named in a sentence; more are counted.
NAMED = 3


def index(dossier: Dossier) -> b.Page:
    """The cover: one sentence, what was not tested, the table of controls by theme, the seal."""
    engagement, summary = dossier.doc("engagement.json"), dossier.doc("summary.json")
    stated = by(dossier.doc("controls.json")["controls"], "control")
    groups = themes.grouped(summary, stated)
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
            b.Paragraph(outcome(summary, groups), "lead"),
            *_kind(dossier.doc("engagement.json")),
            *_banners(dossier),
        ),
        sections=(
            untested.here(dossier),
            *since.section(dossier),
            b.Section("controls", say("index.controls"), (_verdicts(dossier, groups, stated), _totals(summary))),
            *planted.cover(dossier),
            untested.never(),
            b.Section("seal", say("index.seal"), seal_blocks(dossier)),
        ),
        menu="index.html",
    )


def _banners(dossier: Dossier) -> Iterator[b.Banner]:
    level = dossier.doc("bundle.json")["level"]
    told = say("index.level", level=b.text(level), about=b.Code("level", level.text))
    yield b.Banner(told, "note" if level.text == "auditor-full" else "warn")
    dependent = independence(dossier)
    if dependent is not None:
        yield b.Banner(dependent, "warn")


def _kind(agreed: Node) -> Iterator[b.Banner]:
    """That this is the mock audit and not the audit, where it is."""
    if "kind" in agreed and agreed["kind"].text == MOCK:
        yield b.Banner(say("kind.about.mock"), "warn")


def independence(dossier: Dossier) -> b.Inline | None:
    """That draws were not independent, and which or how many; None where all were."""
    dependent = [row for row in dossier.rows("findings.jsonl") if row["draw_independent"].value is False]
    if not dependent:
        return None
    if len(dependent) <= NAMED:
        names = b.Listed(tuple(b.text(row["control"]) for row in dependent))
        return say("index.dependent", count=len(dependent), controls=names)
    every = dossier.doc("summary.json")["totals"]["controls"]
    if len(dependent) == every.value:
        return say("index.dependent.all", all=b.Link("sample.html", b.integer(every)))
    shown = b.Link("sample.html", b.Count(str(len(dependent))))
    return say("index.dependent.many", n=shown, all=b.integer(every))


def outcome(summary: Node, groups: Mapping[str, tuple[Node, ...]], *, linked: bool = True) -> b.Inline:
    """One sentence: how many controls and units, how many have which verdict, and of which themes."""
    clauses = (themes.clause(verdict, groups, linked=linked) for verdict in WORST_FIRST)
    totals = summary["totals"]
    return say(
        "index.outcome",
        count=totals["controls"].value,
        controls=_way("#controls", totals["controls"], linked),
        drawn=say("index.units", count=totals["drawn"].value, n=_way("sample.html", totals["drawn"], linked)),
        clauses=b.Listed(tuple(each for each in clauses if each is not None), clauses=True),
    )


def _way(to: str, node: Node, linked: bool) -> b.Inline:
    """A count, and where the page has one the way to what it counts."""
    return b.Link(to, b.integer(node)) if linked else b.integer(node)


def _verdicts(dossier: Dossier, groups: Mapping[str, tuple[Node, ...]], stated: Mapping[str, Node]) -> b.Table:
    findings = by(dossier.rows("findings.jsonl"), "control")
    heads = ("control", "verdict", "units:n", "drawn:n", "deviations:n", "upper:n", "why")
    rows: list[b.Row] = []
    for theme, controls in groups.items():
        rows.append(themes.heading(theme, controls, len(heads)))
        rows += [_verdict(control, stated, findings) for control in controls]
    return b.Table(
        say("index.controls.caption"), columns(*heads), tuple(rows), say("empty.controls"), note=say("index.upper_note")
    )


def _verdict(control: Node, stated: Mapping[str, Node], findings: Mapping[str, Node]) -> b.Row:
    """One control; each figure leads to where it comes from."""
    name = control["control"].text
    lacks = incomplete(findings[name], briefly=True)
    statement, told = both(stated[name]["statement"]), why(control, stated[name])
    page = control_page(name)
    drawn = bool(control["drawn"].value)
    return b.Row(
        (
            b.Cell(b.Lines((b.Link(page, b.code(control["control"])), statement)), "control"),
            b.Cell(tag(control["verdict"])),
            linked(f"population.html#of-{name}", count_cell(control["units"])),
            linked(f"sample.html#of-{name}", count_cell(control["drawn"])),
            linked(f"{page}#deviations" if drawn else f"{page}#facts", count_cell(control["deviations"])),
            linked(f"{page}#rates", percent_cell(control["upper_rate_shown"])),
            b.Cell(b.Lines((told, *((lacks,) if lacks else ()), strip(f"strip-{name}", control)))),
        ),
        id=f"control-{name}",
        tone=tone(control["verdict"].text),
    )


def _totals(summary: Node) -> b.Paragraph:
    totals = summary["totals"]
    keys = ("pass", "fail", "inconclusive", "error", "deviations", "units", "drawn")
    ways = {"units": "population.html", "drawn": "sample.html"}
    return b.Paragraph(
        b.Say("index.totals", {key: b.Link(ways.get(key, "findings.html"), b.integer(totals[key])) for key in keys}),
        "note",
    )


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
            ("signer", b.Link("verify.html#fingerprint", b.code(catalogue["signer"]))),
            ("head", b.Link("ledger.html", b.code(ledger["head_sha256"]))),
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
    told = say(f"limit.{limit['kind'].text}", count=limit["n"].value, n=_stated(limit["n"]))
    rolled = say("limit.rolls" if limit["roll"].value else "limit.stays") if limit["kind"].text == "days" else None
    calendars = tuple(b.text(name) for name in agreed["calendars"])
    return facts(
        ("title", both(agreed["title"])),
        ("run_kind", b.Code("kind", agreed["kind"].text, plain=True) if "kind" in agreed else None),
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


def _stated(node: Node) -> b.Inline:
    """A figure of the engagement, leading to the file that states it."""
    return b.Link("engagement.json", b.integer(node), file=True)


def how_tested(control: Node) -> b.Inline:
    """Census or sample, in words, with its figures."""
    if control["census"].value:
        return say("plan.census")
    keys = ("confidence", "tolerable", "expected")
    stated = {key: b.Link("controls.json", b.figure(control[key], b.Kind.DECIMAL), file=True) for key in keys}
    return b.Say("plan.sample", stated)


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
            (
                b.Cell(b.Link("engagement.json", b.code(given["name"]), file=True)),
                count_cell(given["value"]),
                b.Cell(b.Code("parameter", given["name"].text)),
            )
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
