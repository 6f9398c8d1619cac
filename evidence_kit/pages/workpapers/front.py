"""The sheets before and after those of the controls: cover, population and sample, findings, ledger, legend."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages import plan, untested
from evidence_kit.pages.parts import NOT_YET_DUE, both, by, columns, day, note_told, references, why
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.tables import MARKS
from evidence_kit.pages.workpapers.control import COUNTS, MOST_ROWS
from evidence_kit.pages.workpapers.grid import TICKS, Cell, Look, Row, Sheet, Teller, lines

#: Levels that hold no rows, and so no matrix to show.
NO_ROWS = "client"
TALLY = ("units", "drawn", *COUNTS, "deviations", "upper_units")


def outcome(dossier: Dossier, teller: Teller, name: str, tagmanifest_sha256: str) -> Sheet:
    """The cover: what this is, from which bundle, the verdict of each control with its bounds, what was not tested."""
    heads = (
        *teller.head("control", "statement", "verdict", *TALLY, "upper", "why"),
        Cell(teller.say("fact.notes"), Look.HEAD),
    )
    controls = list(dossier.doc("summary.json")["controls"])
    top = list(_who(dossier, teller, tagmanifest_sha256))
    rows = [
        *top,
        Row(heads, lines=2),
        *_verdicts(dossier, teller, controls),
        _totals(dossier.doc("summary.json"), teller),
        *_not_tested(dossier, teller),
    ]
    widths = [22, 50, 13, *(9 for _ in TALLY), 9, 32, 36]
    return Sheet(name, rows, widths, head=len(top), listed=len(controls), fixed=1)


def _who(dossier: Dossier, teller: Teller, tagmanifest_sha256: str) -> Iterator[Row]:
    agreed, seal = dossier.doc("engagement.json"), dossier.doc("bundle.json")
    yield Row((Cell(teller.text(both(agreed["title"])), Look.TITLE, across=14),), lines=2)
    if dossier.seal.demonstration:
        yield Row((Cell(teller.say("nav.demonstration"), Look.TEXT, "INCONCLUSIVE", across=14),))
    period = teller.say("engagement.period", start=day(agreed["period"]["from"]), end=day(agreed["period"]["until"]))
    told: tuple[tuple[str, str], ...] = (
        ("fact.organisation", teller.text(b.text(agreed["organisation"]["name"]))),
        (
            "fact.period",
            f"{period}; {teller.pair('fact.as_of', b.figure(agreed['as_of'], b.Kind.INSTANT))}",
        ),
        ("fact.bundle", seal["bundle"].text),
        ("fact.level", seal["level"].text),
        ("workpaper.digest", tagmanifest_sha256),
        ("fact.signer", seal["signer"].text),
        ("fact.sealed_at", teller.text(b.figure(seal["sealed_at"], b.Kind.INSTANT))),
        ("workpaper.about", teller.say("workpaper.how")),
        ("workpaper.prepared", ""),
        ("workpaper.reviewed", ""),
    )
    for key, value in told:
        look = Look.TEXT if value else Look.LINE
        yield Row((Cell(teller.say(key), Look.LABEL), Cell(teller.inert(value), look, across=13)), lines(value, 150))


def _verdicts(dossier: Dossier, teller: Teller, controls: Sequence[Node]) -> Iterator[Row]:
    stated = by(dossier.doc("controls.json")["controls"], "control")
    notes = {row["control"].text: row["notes"] for row in dossier.rows("findings.jsonl") if "notes" in row}
    for control in controls:
        name = control["control"].text
        statement, reason = teller.text(both(stated[name]["statement"])), teller.text(why(control, stated[name]))
        noted = "\n".join(teller.text(note_told(note)) for note in notes[name]) if name in notes else ""
        yield Row(
            (
                Cell(name),
                Cell(statement),
                teller.cell(b.Tag(b.figure(control["verdict"], b.Kind.VERDICT))),
                *(_number(teller, control, key) for key in TALLY),
                _rate(teller, control["upper_rate_shown"]),
                Cell(reason),
                Cell(noted),
            ),
            lines=max(lines(statement, 50), lines(reason, 32), lines(noted, 36)),
        )


def _number(teller: Teller, node: Node, key: str) -> Cell:
    return Cell(teller.say("mark.none"), Look.NOTE) if node[key].absent else teller.cell(b.integer(node[key]))


def _rate(teller: Teller, node: Node) -> Cell:
    if node.absent:
        return Cell(teller.say("mark.none"), Look.NOTE)
    return teller.cell(b.figure(node, b.Kind.PERCENT))


def _totals(summary: Node, teller: Teller) -> Row:
    totals = summary["totals"]
    counts = (teller.cell(b.integer(totals[key]), total=True) for key in TALLY if key in totals)
    return Row((Cell(teller.say("workpaper.totals"), total=True), Cell("", total=True), Cell("", total=True), *counts))


def _not_tested(dossier: Dossier, teller: Teller) -> Iterator[Row]:
    """As the cover of the report says it."""
    yield Row()
    yield Row((Cell(teller.say("index.not_tested"), Look.TITLE, across=14),), lines=2)
    if dossier.seal.level == NO_ROWS:
        yield Row((Cell(teller.say("workpaper.no_rows"), across=14),), lines=2)
        sections: tuple[b.Section, ...] = (untested.never(),)
    else:
        sections = (untested.here(dossier), untested.never())
    for block in (block for section in sections for block in section.blocks):
        match block:
            case b.Paragraph():
                told = teller.text(block.content)
                yield Row((Cell(told, Look.LABEL, across=14),), lines(told, 160))
            case b.Bullets():
                for item in block.items or (block.nothing,):
                    told = teller.text(item)
                    yield Row((Cell(""), Cell(told, across=13)), lines(told, 150))


def populations(dossier: Dossier, teller: Teller, name: str) -> Sheet:
    """Each stratum of each population: what was frozen, what the plan says, what was drawn, and its bounds."""
    keys = ("control", "population", "stratum", "planned", "planned_n", *TALLY, "upper", "too_many", "verdict", "root")
    rows = list(_strata(dossier, teller))
    top = Row((Cell(teller.say("control.strata.caption"), Look.TITLE, across=10),), lines=2)
    below = list(_draws(dossier, teller))
    widths = [18, 28, 26, 16, 9, *(9 for _ in TALLY), 9, 9, 13, 66]
    head = Row(tuple(Cell(_head(teller, key), Look.HEAD) for key in keys), lines=2)
    return Sheet(name, [top, head, *rows, Row(), *below], widths, head=1, listed=len(rows), fixed=3)


def _head(teller: Teller, key: str) -> str:
    return teller.say("fact.population") if key == "population" else teller.text(columns(key)[0].head)


def _strata(dossier: Dossier, teller: Teller) -> Iterator[Row]:
    findings = by(dossier.rows("findings.jsonl"), "control")
    for control in dossier.doc("summary.json")["controls"]:
        name, finding = control["control"].text, findings[control["control"].text]
        judged = by(control["strata"], "stratum")
        bad = by(finding["too_many"], "stratum")
        draw = f"draws/{name}.json"
        record = dossier.doc(draw)["commitment"] if dossier.has(draw) else None
        planned = {line[0].text: line[1] for line in record["plan"]} if record is not None else {}
        frozen = {one[0].text: (one[1], one[2]) for one in record["strata"]} if record is not None else {}
        for stratum in sorted({*frozen, *judged}, key=str.encode):
            tally = judged.get(stratum)
            units, root = frozen.get(stratum, (None, None))
            key = "planned" if stratum in planned else "aside" if stratum == NOT_YET_DUE else "unplanned"
            none = Cell(teller.say("mark.none"), Look.NOTE)
            counted = none if units is None else teller.cell(b.integer(units))
            yield Row(
                (
                    Cell(name),
                    Cell(teller.inert(control["population"].text)),
                    Cell(teller.inert(stratum)),
                    Cell(teller.say(f"population.{key}")),
                    teller.cell(b.integer(planned[stratum])) if stratum in planned else none,
                    counted if tally is None else _number(teller, tally, "units"),
                    *(none if tally is None else _number(teller, tally, one) for one in TALLY[1:]),
                    none if tally is None else _rate(teller, tally["upper_rate_shown"]),
                    teller.cell(b.integer(bad[stratum]["too_many"])) if stratum in bad else none,
                    none if tally is None else teller.cell(b.Tag(b.figure(tally["verdict"], b.Kind.VERDICT))),
                    none if root is None else Cell(root.text, Look.MONO),
                )
            )


def _draws(dossier: Dossier, teller: Teller) -> Iterator[Row]:
    """The commitment and the nonces of each control."""
    yield Row((Cell(teller.say("sample.rounds.caption"), Look.TITLE, across=10),), lines=2)
    heads = [teller.say(f"col.{key}") for key in ("control", "commitment", "round", "nonce")]
    heads.append(teller.say("fact.independent"))
    yield Row(tuple(Cell(head, Look.HEAD, across=2 if place == 3 else 1) for place, head in enumerate(heads)))
    for control in dossier.doc("summary.json")["controls"]:
        path = f"draws/{control['control'].text}.json"
        if not dossier.has(path):
            yield Row((Cell(control["control"].text), Cell(teller.text(b.Code("reason", control["reason"].text)))))
            continue
        draw = dossier.doc(path)
        for each in draw["rounds"]:
            yield Row(
                (
                    Cell(control["control"].text),
                    Cell(draw["commitment_sha256"].text, Look.MONO),
                    teller.cell(b.integer(each["round"])),
                    Cell(each["nonce"].text, Look.MONO, across=2),
                    Cell(teller.say("sample.yes" if draw["independent"].value else "sample.no")),
                )
            )


def findings(dossier: Dossier, teller: Teller, name: str) -> Sheet:
    """What follows: criterion, condition, reasons, clauses, grade; the action planned, or room to fill one in."""
    stated = by(dossier.doc("controls.json")["controls"], "control")
    summary = by(dossier.doc("summary.json")["controls"], "control")
    keys = [f"fact.{key}" for key in ("control", "verdict", "grade", "criterion", "condition", "reasons")]
    keys += ["fact.references", "fact.ground", "fact.notes", "workpaper.action", "workpaper.owner", "workpaper.due"]
    rows, planned = [], plan.of(dossier).actions
    for row in dossier.rows("findings.jsonl"):
        control = row["control"].text
        counts = {key: b.integer(summary[control][key]) for key in ("units", "drawn", "deviations")}
        reason = teller.text(why(summary[control], stated[control]))
        condition = teller.say("findings.condition", summary[control]["deviations"].value, **counts)
        seen = "\n".join(
            teller.say("ledger.field", name=b.Code("reason", one["reason"].text), value=b.integer(one["units"]))
            for one in row["reasons"]
        )
        noted = "\n".join(teller.text(note_told(note)) for note in row["notes"]) if "notes" in row else ""
        told = (
            Cell(control),
            teller.cell(b.Tag(b.figure(row["verdict"], b.Kind.VERDICT))),
            Cell(teller.text(b.Code("grade", row["grade"].text))),
            Cell(teller.text(both(stated[control]["statement"]))),
            Cell(f"{reason}\n{condition}"),
            Cell(teller.inert(seen)),
            Cell(teller.text(references(stated[control]))),
            Cell(teller.text(b.Code("law", row["law"].text))),
            Cell(noted),
            *_planned(planned.get(control), teller),
        )
        widths = (10, 13, 18, 44, 44, 44, 22, 14, 40)
        rows.append(Row(told, max(lines(str(c.value), w) for c, w in zip(told, widths, strict=False))))
    heads = Row(tuple(Cell(teller.say(key), Look.HEAD) for key in keys), lines=2)
    top = Row((Cell(teller.say("menu.findings"), Look.TITLE, across=6),), lines=2)
    return Sheet(name, [top, heads, *rows], [10, 13, 18, 44, 44, 44, 22, 14, 40, 30, 16, 12], 1, len(rows), 1)


def _planned(action: Node | None, teller: Teller) -> tuple[Cell, ...]:
    """Action, owner and due day as planned; lines to write on where nobody planned any."""
    if action is None:
        return tuple(Cell("", Look.LINE) for _ in range(3))
    return tuple(Cell(teller.text(plan.told(action, key))) for key in ("action", "owner", "due"))


def ledger(dossier: Dossier, teller: Teller, name: str, *, most: int = MOST_ROWS - 10) -> Sheet:
    """Every entry: when (UTC), who, what, about what, what it says but for its salt, and the entry before it."""
    entries = dossier.rows("ledger.jsonl")
    keys = ("seq", "at", "actor", "workpaper.action_done", "code", "subject", "entry_data", "workpaper.previous")
    heads = tuple(Cell(teller.say(key if "." in key else f"col.{key}"), Look.HEAD) for key in keys)
    note = teller.say("workpaper.utc") + " " + teller.say("ledger.salt")
    if len(entries) > most:
        note += " " + teller.say("workpaper.cut", file=b.Text("ledger.jsonl"))

    def rows() -> Iterator[Row]:
        yield Row((Cell(teller.say("ledger.caption"), Look.TITLE, across=8),), lines=2)
        yield Row((Cell(note, Look.NOTE, across=8),), lines=2)
        yield Row(heads)
        for entry in entries[:most]:
            data = entry["data"]
            told = teller.say("ledger.withheld") if data.absent else _said(data)
            yield Row(
                (
                    Cell(entry["seq"].value, Look.COUNT),
                    teller.moment(entry["at"]),
                    Cell(teller.inert(entry["actor"].text)),
                    Cell(teller.text(b.Code("action", entry["action"].text))),
                    Cell(teller.inert(entry["action"].text), Look.MONO),
                    Cell(teller.inert(entry["subject"].text)),
                    Cell(teller.inert(told), Look.NOTE),
                    Cell(entry["prev_sha256"].text, Look.MONO),
                ),
                lines=lines(told, 90),
            )

    return Sheet(name, rows(), [8, 19, 20, 32, 20, 30, 90, 66], 2, min(len(entries), most), 2)


def _said(data: Node) -> str:
    left = {key: value for key, value in data.value.items() if key != "salt"}
    return json.dumps(left, ensure_ascii=False, sort_keys=True)[1:-1]


def legend(dossier: Dossier, teller: Teller, name: str) -> Sheet:
    """The signs, how texts of the data are shown, and what each attribute of each control asks."""
    rows = [Row((Cell(teller.say("workpaper.legend"), Look.TITLE, across=3),), lines=2)]
    rows += [Row((Cell(TICKS[mark], Look.TICK), Cell(teller.say(f"mark.legend.{mark}"), across=2))) for mark in MARKS]
    for key in ("workpaper.inert", "workpaper.none", "workpaper.utc", "index.upper_note", "workpaper.how"):
        told = teller.say(key)
        rows.append(Row((Cell(""), Cell(told, across=2)), lines(told, 110)))
    if dossier.seal.level != NO_ROWS:
        rows += [Row(), Row((*teller.head("control", "letter", "attribute"),))]
        for control in dossier.doc("controls.json")["controls"]:
            for one in control["attributes"]:
                told = teller.text(both(one))
                if one["walkthrough"].value:
                    told += " " + teller.say("control.walkthrough")
                cells = (Cell(control["control"].text), Cell(one["letter"].text), Cell(told))
                rows.append(Row(cells, lines(told, 100)))
    return Sheet(name, rows, [12, 12, 100])
