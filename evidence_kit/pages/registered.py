"""Is the register of processing exhaustive? What drifted from it, one row each, from all register controls together.

What a control did not ask, or could not decide, is said to be so: silence is no agreement.
Source: docs/norm/controls.md, REG-01 to REG-03.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages import drift, register
from evidence_kit.pages.judged import Judged, judged
from evidence_kit.pages.parts import NONE, by, code_or_none, columns, control_page, say, tone
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.tables import controls_of

CONTROLS = ("REG-01", "REG-02", "REG-03")
#: What may have drifted, in reading order, each with the control that asks it.
KINDS: Mapping[str, str] = {
    "undeclared": "REG-01",
    "gone": "REG-02",
    "otherwise": "REG-01",
    "never-reviewed": "REG-02",
    "silent": "REG-02",
    "incomplete": "REG-03",
    "undecided": "REG-01",
}
#: Whatever nobody could say of a column or an object, by whichever control.
UNDECIDED = "undecided"
#: State of a column -> what drifted; a declared one did not.
OF_STATE = {"undeclared": "undeclared", "otherwise": "otherwise"}
#: State of a named object -> what drifted; one that is there did not.
OF_OBJECT = {
    "object-gone": "gone",
    "column-gone": "gone",
    "silent": "silent",
    "catalogue-unread": UNDECIDED,
    "write-unknown": UNDECIDED,
}
#: Columns of the table.
ACROSS = 5


def pages(dossier: Dossier) -> Iterator[b.Page]:
    """The page of the register; nothing where no control of it is in scope."""
    asked = by(dossier.doc("summary.json")["controls"], "control")
    if not any(name in asked for name in CONTROLS):
        return
    found = _found(dossier)
    yield b.Page(
        path="register.html",
        title=say("menu.register"),
        heading=say("registered.heading"),
        intro=(b.Paragraph(say("registered.intro"), "lead"), *_unasked(dossier, asked)),
        sections=(
            b.Section("counts", say("registered.counts"), (_counts(dossier, found),)),
            b.Section("drift", say("registered.drift"), (b.Paragraph(say("registered.drift.intro")), _table(found))),
            b.Section("controls", say("registered.controls"), (controls_of("registered", "REG-", asked),)),
        ),
        menu="register.html",
    )


def _has(dossier: Dossier, control: str, frame: str) -> bool:
    return dossier.has(f"frames/{control}.{frame}.jsonl") and dossier.has(f"results/{control}.jsonl")


def _rows(dossier: Dossier, control: str, frame: str) -> Sequence[Node]:
    return dossier.rows(f"frames/{control}.{frame}.jsonl") if _has(dossier, control, frame) else ()


def _asked(dossier: Dossier, kind: str) -> bool:
    """Whether the control that asks this was tested here."""
    frame = {"REG-01": drift.FRAME, "REG-02": register.ENTRIES, "REG-03": register.ENTRIES}[KINDS[kind]]
    return _has(dossier, KINDS[kind], frame)


def _unasked(dossier: Dossier, asked: Mapping[str, Node]) -> Iterator[b.Block]:
    """A warning for each control of the register that was not tested."""
    for control in CONTROLS:
        mine = (kind for kind, of in KINDS.items() if of == control and kind != UNDECIDED)
        kinds = tuple(kind for kind in mine if not _asked(dossier, kind))
        if kinds:
            told = b.Listed(tuple(b.Code("registered.kind", kind) for kind in kinds), clauses=True)
            way = b.Link(control_page(control), b.Text(control)) if control in asked else b.Text(control)
            yield b.Banner(say("registered.unasked", control=way, kinds=told), "warn")


# What was found ------------------------------------------------------------------------------------------------------


def _found(dossier: Dossier) -> Mapping[str, list[b.Row] | None]:
    """What drifted -> its rows, None where nobody asked."""
    found: dict[str, list[b.Row] | None] = {kind: [] if _asked(dossier, kind) else None for kind in KINDS}
    found[UNDECIDED] = [] if any(rows is not None for rows in found.values()) else None
    told = (*_columns(dossier), *_objects(dossier), *_entries(dossier), *_cells(dossier))
    for kind, row in told:
        mine = found[kind]
        if mine is not None:
            mine.append(row)
    return found


def _columns(dossier: Dossier) -> Iterator[tuple[str, b.Row]]:
    """Columns that no entry names, that an entry names otherwise, or of which nobody can say."""
    of = judged(dossier, "REG-01")
    seen = drift.Drift(of, _rows(dossier, "REG-01", drift.FRAME), _rows(dossier, "REG-01", drift.ENTRIES))
    for row in seen.rows():
        state = seen.state(row)
        if state == "declared":
            continue
        unit = row["unit_id"].text
        held = say(
            "registered.holds", what=b.Code("drift.state", state), of=b.Code("class", row["personal_class"].text)
        )
        yield (
            OF_STATE.get(state, UNDECIDED),
            _row(of, drift.FRAME, row, of.unit(row["unit_id"]), held, drift.named(seen, row), unit),
        )


def _objects(dossier: Dossier) -> Iterator[tuple[str, b.Row]]:
    """Objects and columns that an entry names and the schema has no more, or into which nobody writes."""
    of = judged(dossier, "REG-02")
    entries = by(_rows(dossier, "REG-02", register.ENTRIES), "activity_id")
    for row in _rows(dossier, "REG-02", register.OBJECTS):
        unit = row["activity_id"].text
        state = register.state_of(of, unit, row)
        if state in OF_OBJECT and unit in entries:
            where = of.evidence(register.OBJECTS, row, register.object_name(row))
            told = b.Code("found", state)
            yield (
                OF_OBJECT[state],
                _row(of, register.ENTRIES, entries[unit], where, told, of.unit(row["activity_id"]), unit),
            )


def _entries(dossier: Dossier) -> Iterator[tuple[str, b.Row]]:
    """Entries that were never reviewed."""
    of = judged(dossier, "REG-02")
    for row in _rows(dossier, "REG-02", register.ENTRIES):
        if row["reviewed_on"].absent:
            unit = row["activity_id"].text
            told = b.Code("cell", "never-reviewed")
            yield (
                "never-reviewed",
                _row(of, register.ENTRIES, row, b.text(row["name"]), told, of.unit(row["activity_id"]), unit),
            )


def _cells(dossier: Dossier) -> Iterator[tuple[str, b.Row]]:
    """Entries that lack a cell of article 30, or of which a cell could not be read."""
    of = judged(dossier, "REG-03")
    for row in _rows(dossier, "REG-03", register.ENTRIES):
        unit = row["activity_id"].text
        if of.verdict(unit) == "PASS":
            continue
        marks = of.results[unit]["attributes"] if unit in of.results else ()
        lacking = tuple(
            say("registered.letter", letter=b.Code("letter", mark["letter"].text), why=code_or_none(mark["reason"]))
            for mark in marks
            if mark["mark"].text not in ("pass", "na")
        )
        told = b.Lines(lacking) if lacking else NONE
        yield (
            "incomplete",
            _row(of, register.ENTRIES, row, b.text(row["name"]), told, of.unit(row["activity_id"]), unit),
        )


def _row(of: Judged, frame: str, row: Node, where: b.Inline, told: b.Inline, entries: b.Inline, unit: str) -> b.Row:
    """One thing that drifted. No frame names an owner: where a source gives none, the page says so."""
    owner = b.text(row["owner"]) if "owner" in row and not row["owner"].absent else say("not_stated")
    cells = (where, told, entries, owner, of.tag(frame, row, unit))
    return b.Row(tuple(b.Cell(each) for each in cells), tone=tone(of.verdict(unit)))


# Tables --------------------------------------------------------------------------------------------------------------


def _counts(dossier: Dossier, found: Mapping[str, list[b.Row] | None]) -> b.Facts:
    """How many of each, leading to the rows that were counted."""
    items: list[tuple[b.Inline, b.Inline]] = []
    for kind, rows in found.items():
        if rows is None:
            items.append((b.Code("registered.kind", kind), say("registered.not_asked")))
        else:
            items.append((b.Code("registered.kind", kind), b.Link(f"#kind-{kind}", b.Count(str(len(rows))))))
    columns_seen = len(_rows(dossier, "REG-01", drift.FRAME))
    if columns_seen:
        way = b.Link("control-REG-01.html#columns", b.Count(str(columns_seen)))
        items.append((say("registered.columns"), way))
    entries = len(_rows(dossier, "REG-02", register.ENTRIES))
    if entries:
        items.append((say("registered.entries"), b.Link("control-REG-02.html#entries", b.Count(str(entries)))))
    return b.Facts(tuple(items))


def _table(found: Mapping[str, list[b.Row] | None]) -> b.Table:
    rows: list[b.Row] = []
    for kind, mine in found.items():
        if mine is None:
            continue
        heading = say("registered.group", kind=b.Code("registered.kind", kind), n=b.Count(str(len(mine))))
        rows += [b.Row((b.Cell(heading),), id=f"kind-{kind}", group=ACROSS), *mine]
    heads = columns("where:w", "drifted:w", "entries:o", "owner", "verdict")
    return b.Table(say("registered.caption"), heads, tuple(rows), say("registered.none"), dense=True)
