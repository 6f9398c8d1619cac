"""What follows, and who did what: findings and ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages import plan, runs
from evidence_kit.pages.control import rows_told
from evidence_kit.pages.parts import (
    INCOMPLETE,
    NONE,
    both,
    by,
    code_or_none,
    columns,
    control_page,
    cut,
    evidence_page,
    extension_told,
    facts,
    incomplete,
    moment,
    note_told,
    paged,
    pager,
    references,
    say,
    tag,
    tone,
    why,
)
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.population import ledger_row
from evidence_kit.pages.sampling import abandoned
from evidence_kit.rules.grading import GRADES


def findings(dossier: Dossier) -> b.Page:
    """Strengths and weaknesses: how many of each grade, what was planned for them, each as a card; and the rule."""
    stated = by(dossier.doc("controls.json")["controls"], "control")
    summary = by(dossier.doc("summary.json")["controls"], "control")
    rows, planned = dossier.rows("findings.jsonl"), plan.of(dossier)
    met = sorted(
        {row["grade"].text for row in rows}, key=lambda grade: (GRADES.index(grade) if grade in GRADES else 9, grade)
    )
    sections: list[b.Section] = []
    for grade in met:
        cards = [
            _finding(row, stated[row["control"].text], summary[row["control"].text], planned)
            for row in rows
            if row["grade"].text == grade
        ]
        told: tuple[b.Block, ...] = (b.Paragraph(b.Code("grade.about", grade), "note"), *cards)
        sections.append(b.Section(f"grade-{grade}", b.Code("grade", grade), told))
    return b.Page(
        path="findings.html",
        title=say("menu.findings"),
        heading=say("menu.findings"),
        intro=(b.Paragraph(say("findings.intro"), "lead"),) if rows else (b.Paragraph(say("empty.rows")),),
        sections=(
            *((_overview(rows, met), plan.section(planned, rows)) if rows else ()),
            *sections,
            b.Section("grading", say("grading.heading"), (_rule(),)),
        ),
        menu="findings.html",
    )


def _overview(rows: Sequence[Node], met: Sequence[str]) -> b.Section:
    """Every grade with its controls, each leading to its card; counts, and never a score."""
    told = []
    for grade in met:
        those = [row for row in rows if row["grade"].text == grade]
        named = tuple(b.Link(f"#finding-{row['control'].text}", b.text(row["control"])) for row in those)
        told.append(
            b.Row(
                (
                    b.Cell(b.Link(f"#grade-{grade}", b.Code("grade", grade))),
                    b.Cell(b.Count(str(len(those)))),
                    b.Cell(b.Listed(named, plain=True)),
                    b.Cell(b.Code("grade.about", grade)),
                ),
                tone=_TONES.get(grade, ""),
            )
        )
    heads = columns("graded", "findings", "controls:w", "meaning:w")
    table = b.Table(say("findings.overview.caption"), heads, tuple(told), say("empty.rows"))
    return b.Section("overview", say("findings.overview"), (table,))


#: How the rows of the overview are marked: what is not concluded is neither a strength nor a weakness.
_TONES = {"major": "FAIL", "minor": "FAIL", "observation": "FAIL", "none": "INCONCLUSIVE"}


def _rule() -> b.Bullets:
    """The grading rule in words."""
    keys = ("strength", "none", "observation", "minor", "major", "raised", "score")
    return b.Bullets(tuple(say(f"grading.{key}") for key in keys), say("empty.rows"))


def _finding(row: Node, stated: Node, summary: Node, planned: plan.Plan) -> b.Case:
    """One finding as a card: criterion, condition, causes seen, ground."""
    name = row["control"].text
    seen = tuple(
        say(
            "findings.reason",
            count=each["units"].value,
            reason=b.Code("reason", each["reason"].text),
            n=b.Link(f"{control_page(name)}#findings", b.integer(each["units"])),
        )
        for each in row["reasons"]
    )
    told = (note_told(note) for note in row["notes"] if note.text not in INCOMPLETE)
    notes = (*told, *(extension_told(one) for one in row["extended"]))
    return b.Case(
        id=f"finding-{name}",
        title=b.Link(control_page(name), b.code(row["control"])),
        verdict=tag(row["verdict"]),
        facts=facts(
            ("criterion", both(stated["statement"])),
            ("condition", _condition(summary, stated, row)),
            ("reasons", b.Lines(seen) if seen else None),
            ("ground", b.Code("law", row["law"].text)),
            ("references", references(stated)),
            ("notes", b.Lines(notes) if notes else None),
            *plan.facts(planned, row),
            ("evidence", _evidence(name, summary)),
        ),
        lines=(),
        tone=tone(row["verdict"].text),
        compact=False,
    )


def _evidence(name: str, summary: Node) -> b.Inline:
    """Where the cases stand that the finding rests on; a strength without any would be an adjective."""
    section = "cases" if summary["drawn"].value else "facts"
    return b.Link(f"{control_page(name)}#{section}", say("findings.evidence"))


def _condition(summary: Node, stated: Node, finding: Node) -> b.Inline:
    """What was found of how many; and whether these are all the cases there were."""
    name = summary["control"].text
    page = control_page(name)
    ways = {
        "units": f"population.html#of-{name}",
        "drawn": f"sample.html#of-{name}",
        "deviations": f"{page}#deviations" if summary["drawn"].value else f"{page}#facts",
    }
    counts = {key: b.Link(way, b.integer(summary[key])) for key, way in ways.items()}
    told = say("findings.condition", count=summary["deviations"].value, **counts)
    lacks = incomplete(finding)
    return b.Lines((why(summary, stated), told, *((lacks,) if lacks else ())))


def ledger(dossier: Dossier) -> Iterator[b.Page]:
    """Everything that was done, in order; before it, what was given up, lost, refused or failed."""
    entries = dossier.rows("ledger.jsonl")
    parts = cut(entries)
    stems = [paged("ledger", number + 1) for number in range(len(parts))]
    for number, part in enumerate(parts, 1):
        told = rows_told(part, entries) if entries else say("empty.rows")
        all_entries = b.Section(
            "entries", say("ledger.entries"), (*pager(stems, number, told), _entries(dossier, part))
        )
        first = (
            b.Section("abandoned", say("sample.abandoned"), (abandoned(dossier),)),
            b.Section("troubled", say("ledger.troubled"), (_troubled(entries),)),
        )
        yield b.Page(
            path=stems[number - 1],
            title=say("menu.ledger"),
            heading=say("menu.ledger"),
            intro=(b.Paragraph(say("ledger.intro"), "lead"), _head(dossier)) if number == 1 else (),
            sections=(*runs.sections(dossier, entries), *first, all_entries) if number == 1 else (all_entries,),
            menu=stems[0],
        )


def _head(dossier: Dossier) -> b.Facts:
    ledger = dossier.doc("bundle.json")["ledger"]
    return facts(
        ("head", b.code(ledger["head_sha256"])),
        ("entries", b.Link("#entries", b.integer(ledger["entries"]))),
        ("file", b.Link("ledger.jsonl", b.Text("ledger.jsonl", mono=True), file=True)),
    )


def _troubled(entries: Sequence[Node]) -> b.Table:
    """Runs that ended otherwise than passed, requests refused, jobs failed."""
    rows = []
    for entry in entries:
        data, action = entry["data"], entry["action"].text
        ended = action == "run.ended" and not data.absent and data["status"].value != "passed"
        if ended or action in ("request.refused", "job.failed"):
            rows.append(
                b.Row(
                    (
                        b.Cell(b.Link(ledger_row(entry), b.figure(entry["seq"], b.Kind.NUMERAL)), "n"),
                        b.Cell(moment(entry["at"], short=True)),
                        b.Cell(b.code(entry["subject"])),
                        b.Cell(b.Code("status", data["status"].text) if ended else b.Code("action", action)),
                        b.Cell(_why(data)),
                    ),
                    tone="INCONCLUSIVE",
                )
            )
    heads = columns("seq:n", "at:d", "subject", "outcome", "why")
    return b.Table(say("ledger.troubled.caption"), heads, tuple(rows), say("ledger.troubled.none"))


def _why(data: Node) -> b.Inline:
    if "gate" in data and data["gate"].value:
        return b.Listed(tuple(b.code(check) for check in data["gate"]))
    return code_or_none(data["reason"]) if "reason" in data else NONE


def _entries(dossier: Dossier, entries: Sequence[Node]) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(f"#e{entry['seq'].text}", b.figure(entry["seq"], b.Kind.NUMERAL)), "n"),
                b.Cell(moment(entry["at"], short=True)),
                b.Cell(
                    b.Lines(
                        (
                            b.Code("action", entry["action"].text),
                            b.Text(entry["action"].text, mono=True),
                            _subject(dossier, entry["subject"]),
                            b.code(entry["actor"]),
                        )
                    )
                ),
                b.Cell(
                    b.Lines((_data(entry["data"]), say("ledger.previous", sha=b.text(entry["prev_sha256"])))), "data"
                ),
            ),
            id=f"e{entry['seq'].text}",
            tone="INCONCLUSIVE"
            if entry["action"].text in ("sample.abandoned", "request.refused", "job.failed")
            else "",
        )
        for entry in entries
    )
    heads = columns("seq:n", "at:d", "action:w", "entry_data:data")
    return b.Table(say("ledger.caption"), heads, rows, say("empty.rows"), note=say("ledger.salt"))


def _subject(dossier: Dossier, subject: Node) -> b.Inline:
    """What an entry acts on, leading to its page where it has one."""
    kind, _, name = subject.text.partition(":")
    control, _, frame = name.partition(".")
    summed = by(dossier.doc("summary.json")["controls"], "control")
    ways = {
        "control": (name in summed, control_page(name)),
        "population": (control in summed, f"population.html#of-{control}"),
        "frame": (dossier.has(f"frames/{name}.jsonl"), f"../{evidence_page(control, frame)}"),
        "run": (dossier.has(f"notebooks/{name}.ipynb"), f"../annex/{name}.html"),
    }
    there, to = ways.get(kind, (False, ""))
    return b.Link(to, b.code(subject)) if there else b.code(subject)


def _data(data: Node) -> b.Inline:
    """What the entry says, but for its salt."""
    if data.absent:
        return say("ledger.withheld")
    told = [
        say("ledger.field", name=b.Text(key), value=_value(data[key])) for key in sorted(data.value) if key != "salt"
    ]
    return b.Lines(tuple(told)) if told else NONE


def _value(node: Node) -> b.Inline:
    match node.value:
        case None:
            return NONE
        case dict():
            inner = [say("ledger.field", name=b.Text(key), value=_value(node[key])) for key in sorted(node.value)]
            return b.Listed(tuple(inner)) if inner else NONE
        case list():
            return b.Listed(tuple(_value(each) for each in node)) if node.value else NONE
        case "PASS" | "FAIL" | "ERROR" | "INCONCLUSIVE":
            return b.figure(node, b.Kind.VERDICT)
        case int() if not isinstance(node.value, bool):
            return b.figure(node, b.Kind.NUMERAL)
        case str():
            return moment(node, short=True)
    return b.text(node)
