"""What was planted in a demonstration beside what was found: whether the kit's checks are able to fail. Pure.

Found is what the results say, planted is what the generator lists; the two meet here and nowhere before.
Source: docs/norm/rehearsal.md, "Planted against found".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages.casefile import by_case, sheet_page
from evidence_kit.pages.drawings import Stack
from evidence_kit.pages.parts import anchor, by, columns, control_page, count_cell, facts, linked, say
from evidence_kit.pages.payload import Dossier, Node

FILE, PATH = "planted.json", "planted.html"
#: What may have become of a planted unit, and a false alarm: key of the record -> colour of its part of a bar.
PARTS: Mapping[str, str] = {"found": "PASS", "missed": "FAIL", "alarms": "ERROR", "untested": "INCONCLUSIVE"}
COUNTED = ("planted", "found", "missed", "untested")


def pages(dossier: Dossier) -> Iterator[b.Page]:
    """The page; nothing where the payload holds no list of what was planted."""
    if not dossier.has(FILE):
        return
    told = dossier.doc(FILE)
    controls = tuple(told["controls"])
    absent = _absent(told)
    yield b.Page(
        path=PATH,
        title=say("menu.planted"),
        heading=say("menu.planted"),
        intro=(
            b.Paragraph(_outcome(controls), "lead"),
            b.Paragraph(say("planted.intro")),
            b.Paragraph(say("planted.how"), "note"),
            _company(told["company"]),
        ),
        sections=(
            b.Section("by-control", say("planted.controls"), (*_chart(controls), _controls(controls))),
            b.Section("faults", say("planted.faults"), (_faults(dossier, controls),)),
            b.Section("decoys", say("planted.decoys"), (b.Paragraph(say("planted.decoys.intro")), _decoys(controls))),
            b.Section("alarms", say("planted.alarms"), (_alarms(dossier, controls),)),
            b.Section("absent", say("planted.absent"), (absent,)),
        ),
        menu=PATH,
    )


def cover(dossier: Dossier) -> Iterator[b.Section]:
    """What the cover says of it: one sentence, and the way to the page."""
    if dossier.has(FILE):
        told = _outcome(tuple(dossier.doc(FILE)["controls"]), PATH)
        way = b.Link(PATH, say("planted.link"))
        yield b.Section("planted", say("menu.planted"), (b.Paragraph(told), b.Paragraph(way)))


def of_control(dossier: Dossier, control: str) -> b.Inline | None:
    """What the page of a control says of it; None where nothing is known of what was planted."""
    if not dossier.has(FILE):
        return None
    mine = by(dossier.doc(FILE)["controls"], "control")[control]
    keys = ("planted", "found", "alarms")
    return b.Say("planted.of", {key: b.Link(f"{PATH}#of-{control}", b.integer(mine[key])) for key in keys})


def _outcome(controls: Sequence[Node], page: str = "") -> b.Inline:
    """All controls in one sentence, for this page or one that leads to it; sums, of what the record has by control."""
    sums = {key: sum(one[key].value for one in controls) for key in (*COUNTED, "alarms")}
    decoys = [decoy for one in controls for decoy in one["decoys"]]
    told = {
        **sums,
        "decoys": sum(one["planted"].value for one in decoys),
        "flagged": sum(one["flagged"].value for one in decoys),
    }
    ways = {"alarms": "alarms", "decoys": "decoys", "flagged": "decoys"}
    counts = {key: b.Link(f"{page}#{ways.get(key, 'by-control')}", b.Count(str(value))) for key, value in told.items()}
    return b.Say("planted.outcome" if sums["planted"] else "planted.outcome.none", counts)


def _company(company: Node) -> b.Facts:
    return facts(
        ("planted_faults", b.text(company["faults"])),
        ("planted_cut", b.Code("planted.cut", company["as_of"].text)),
        ("planted_seed", b.figure(company["seed"], b.Kind.NUMERAL)),
        ("planted_contacts", b.integer(company["contacts"])),
        tone="grid",
    )


def _chart(controls: Sequence[Node]) -> tuple[b.Block, ...]:
    """One bar for each control in which something was planted or found unplanted: how much of it is what."""
    drawn = [one for one in controls if any(one[key].value for key in PARTS)]
    if not drawn:
        return ()
    sums = {key: sum(one[key].value for one in drawn) for key in PARTS}
    legend = b.Legend(tuple((tone, say(f"planted.part.{key}"), b.Count(str(sums[key]))) for key, tone in PARTS.items()))
    bars = tuple(
        Stack(
            label=b.Link(f"#of-{one['control'].text}", b.code(one["control"])),
            figures=say("planted.bar", found=b.integer(one["found"]), planted=b.integer(one["planted"])),
            segments=_segments(one),
            tone="PASS" if not one["missed"].value and not one["alarms"].value else "FAIL",
        )
        for one in drawn
    )
    return (b.Chart("chart-planted", say("planted.chart"), say("planted.about"), bars, legend=legend),)


def _segments(one: Node) -> tuple[tuple[str, int, int], ...]:
    """The parts of a bar, none that exists thinner than a hair."""
    counts = [(tone, one[key].value) for key, tone in PARTS.items() if one[key].value]
    total = sum(count for _, count in counts)
    widths = [max(6, 1000 * count // total) for _, count in counts]
    widths[widths.index(max(widths))] += 1000 - sum(widths)
    starts = [sum(widths[:place]) for place in range(len(widths))]
    return tuple((tone, start, width) for (tone, _), start, width in zip(counts, starts, widths, strict=True))


def _controls(controls: Sequence[Node]) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(control_page(one["control"].text), b.code(one["control"]))),
                *(linked(_ways(one["control"].text)[key], count_cell(one[key])) for key in COUNTED),
                linked("#alarms", count_cell(one["alarms"])),
                b.Cell(_silent(one)),
            ),
            id=f"of-{one['control'].text}",
            tone="FAIL" if one["missed"].value or one["alarms"].value else "",
        )
        for one in controls
    )
    heads = columns("control", *(f"sown.{key}:n" for key in COUNTED), "sown.alarms:n", "sown.decoys:w")
    return b.Table(say("planted.controls.caption"), heads, rows, say("empty.controls"))


def _ways(control: str) -> Mapping[str, str]:
    """Where each count of a control comes from."""
    page = control_page(control)
    return {"planted": "#faults", "found": f"{page}#cases", "missed": "#faults", "untested": "#faults"}


def _silent(one: Node) -> b.Inline:
    """The decoys of a control, and whether any of their units was flagged."""
    decoys = tuple(one["decoys"])
    if not decoys:
        return say("planted.decoys.none")
    names = b.Listed(tuple(b.code(decoy["decoy"]) for decoy in decoys))
    flagged = sum(decoy["flagged"].value for decoy in decoys)
    if not flagged:
        return say("planted.decoys.silent", decoys=names)
    return say("planted.decoys.flagged", decoys=names, n=b.Link("#decoys", b.Count(str(flagged))))


def _faults(dossier: Dossier, controls: Sequence[Node]) -> b.Table:
    """Every fault under its control, with what was planted in words."""
    heads = ("sown.id", "sown.what:w", "sown.verdict", *(f"sown.{key}:n" for key in COUNTED))
    rows: list[b.Row] = []
    for one in controls:
        if not len(one["faults"]):
            continue
        name = one["control"].text
        page = control_page(name)
        rows.append(b.Row((b.Cell(b.Link(page, b.code(one["control"]))),), group=len(heads)))
        for fault in one["faults"]:
            missed = _units(dossier, name, fault["missed_rows"])
            words: tuple[b.Inline, ...] = (b.Code("planted.what", fault["fault"].text),)
            words += (say("planted.missed", units=b.Listed(missed)),) if missed else ()
            rows.append(
                b.Row(
                    (
                        b.Cell(b.code(fault["fault"])),
                        b.Cell(b.Lines(words)),
                        b.Cell(b.Tag(b.figure(fault["verdict"], b.Kind.VERDICT))),
                        *(linked(f"{page}#deviations", count_cell(fault[key])) for key in COUNTED[:2]),
                        *(count_cell(fault[key]) for key in COUNTED[2:]),
                    ),
                    tone="FAIL" if fault["missed"].value else "",
                )
            )
    return b.Table(say("planted.faults.caption"), columns(*heads), tuple(rows), say("planted.faults.none"))


def _decoys(controls: Sequence[Node]) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(b.code(decoy["decoy"])),
                b.Cell(b.Code("planted.what", decoy["decoy"].text)),
                b.Cell(b.Link(control_page(one["control"].text), b.code(one["control"]))),
                count_cell(decoy["planted"]),
                linked("#alarms", count_cell(decoy["flagged"])),
            ),
            tone="FAIL" if decoy["flagged"].value else "",
        )
        for one in controls
        for decoy in one["decoys"]
    )
    heads = columns("sown.id", "sown.looks:w", "control", "sown.planted:n", "sown.flagged:n")
    return b.Table(say("planted.decoys.caption"), heads, rows, say("planted.decoys.empty"))


def _alarms(dossier: Dossier, controls: Sequence[Node]) -> b.Table:
    """Units that are no pass and that nobody planted."""
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(control_page(one["control"].text), b.code(one["control"]))),
                b.Cell(b.Listed(_units(dossier, one["control"].text, one["alarm_rows"]))),
                count_cell(one["alarms"]),
            ),
            tone="FAIL",
        )
        for one in controls
        if one["alarms"].value
    )
    heads = columns("control", "case:w", "sown.alarms:n")
    return b.Table(say("planted.alarms.caption"), heads, rows, say("planted.alarms.none"))


def _units(dossier: Dossier, control: str, numbers: Node) -> tuple[b.Inline, ...]:
    """The units in these rows of the results, each leading to where it is told of."""
    if not len(numbers):
        return ()
    results, sheets = dossier.rows(f"results/{control}.jsonl"), by_case(dossier, control)
    rows = [results[number.value - 1] for number in numbers]
    return tuple(
        b.Link(
            sheet_page(row["unit"].text)
            if sheets
            else f"{control_page(control, row['id'].value - 1)}#{anchor(row['unit'].text)}",
            b.text(row["unit"]),
        )
        for row in rows
    )


def _absent(told: Node) -> b.Table:
    """What was not planted in this company, and what was and had no control in scope."""
    rows = [
        b.Row(
            (
                b.Cell(b.code(one["id"])),
                b.Cell(b.Code("planted.what", one["id"].text)),
                b.Cell(b.Listed(tuple(b.text(control) for control in one["controls"]))),
                b.Cell(say("planted.not_planted", why=b.Code("planted.why", one["why"].text))),
            )
        )
        for one in told["not_planted"]
    ]
    rows += [
        b.Row(
            (
                b.Cell(b.code(one["id"])),
                b.Cell(b.Code("planted.what", one["id"].text)),
                b.Cell(b.text(one["control"])),
                b.Cell(say("planted.not_tested")),
            )
        )
        for one in told["not_tested"]
    ]
    heads = columns("sown.id", "sown.what:w", "control", "sown.why")
    return b.Table(say("planted.absent.caption"), heads, tuple(rows), say("planted.absent.none"))
