"""Is the register true and whole? Its entries with what they name, the cells of article 30, one period in three places.

Verdicts are those of the results; here they are only shown. Source: docs/norm/controls.md, REG-01 to REG-04.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages import drift, matrices
from evidence_kit.pages.judged import Judged
from evidence_kit.pages.matrices import Field, Head, Line, Matrix, marked
from evidence_kit.pages.parts import NONE, WORST_FIRST, by, columns, count_cell, day, local, say, tone
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.rules import article30
from evidence_kit.rules.deadlines import local_day

ENTRIES, OBJECTS, RULES, OBSERVED = (
    *("register_activities", "entry_objects"),
    *("retention_rules", "retention_observations"),
)
#: Kind of a cell of article 30 -> its sign, the gravest first.
CELLS: Mapping[str, str] = {"empty": "✗", "untested": "?", "filled": "✓", "not-asked": "·"}
#: Mark of an attribute -> kind of its cell.
OF_MARK = {"fail": "empty", "pass": "filled", "na": "not-asked"}
#: State of an object that an entry names -> the verdict that it bears.
FOUND: Mapping[str, str] = {
    "object-gone": "FAIL",
    "column-gone": "FAIL",
    "silent": "FAIL",
    "catalogue-unread": "INCONCLUSIVE",
    "write-unknown": "INCONCLUSIVE",
    "there": "PASS",
}
#: Reasons of an entry all of whose objects are without a write.
SILENT = ("no-recent-write", "empty-and-unused")


def sections(
    dossier: Dossier, control: str, results: Mapping[str, Node], units: Mapping[str, str]
) -> Iterator[b.Section]:
    """The sections of a register control. `results`: of each unit; `units`: where it is told of."""
    if not control.startswith("REG-"):
        return  # other controls read the entries and the rules too
    judged = _judged(dossier, control, results, units)
    if _has(dossier, control, drift.FRAME):
        yield from drift.sections(_drift(dossier, judged))
    if _has(dossier, control, OBJECTS):
        yield _existing(judged, _rows(dossier, control, ENTRIES), _rows(dossier, control, OBJECTS))
    elif _has(dossier, control, ENTRIES):
        yield _article30(judged, _rows(dossier, control, ENTRIES))
    if _has(dossier, control, RULES):
        yield _periods(judged, _rows(dossier, control, RULES), _rows(dossier, control, OBSERVED))


def more(dossier: Dossier, control: str, results: Mapping[str, Node], units: Mapping[str, str]) -> Iterator[b.Page]:
    """The further pages of a register control: its columns beyond the first 500."""
    if control.startswith("REG-") and _has(dossier, control, drift.FRAME):
        yield from drift.more(_drift(dossier, _judged(dossier, control, results, units)))


def _judged(dossier: Dossier, control: str, results: Mapping[str, Node], units: Mapping[str, str]) -> Judged:
    agreed = dossier.doc("engagement.json")
    return Judged(control, results, units, local_day(agreed["as_of"].text, agreed["timezone"].text))


def _drift(dossier: Dossier, judged: Judged) -> drift.Drift:
    return drift.Drift(
        judged, _rows(dossier, judged.control, drift.FRAME), _rows(dossier, judged.control, drift.ENTRIES)
    )


def _has(dossier: Dossier, control: str, frame: str) -> bool:
    return dossier.has(f"frames/{control}.{frame}.jsonl")


def _rows(dossier: Dossier, control: str, frame: str) -> Sequence[Node]:
    return dossier.rows(f"frames/{control}.{frame}.jsonl") if _has(dossier, control, frame) else ()


# --- REG-02 -----------------------------------------------------------------------------------------------------------


def _existing(judged: Judged, entries: Sequence[Node], objects: Sequence[Node]) -> b.Section:
    """Each entry with what it names: there, gone, or silent; the gravest entry first."""
    named: dict[str, list[Node]] = {}
    for row in objects:
        named.setdefault(row["activity_id"].text, []).append(row)
    ordered = sorted(entries, key=lambda row: WORST_FIRST.index(judged.verdict(row["activity_id"].text)))
    rows = [row for entry in ordered for row in _entry(judged, entry, named.get(entry["activity_id"].text, ()))]
    heads = columns("entry:o", "object:w", "found:o", "rows:n", "last_write:d", "reviewed:d", "verdict")
    table = b.Table(
        say("entries.caption"),
        heads,
        tuple(rows),
        say("entries.none"),
        dense=True,
    )
    return b.Section("entries", say("entries"), (b.Paragraph(say("entries.intro")), table))


def _entry(judged: Judged, entry: Node, objects: Sequence[Node]) -> Iterator[b.Row]:
    """One row for each object of an entry; of an entry that names none, one row that says so."""
    unit = entry["activity_id"].text
    verdict = judged.verdict(unit)
    ends = (b.Cell(day(entry["reviewed_on"], short=True)), b.Cell(judged.tag(ENTRIES, entry, unit)))
    for row in objects:
        state = state_of(judged, unit, row)
        told = judged.evidence(OBJECTS, row, b.Code("found", state))
        yield b.Row(
            (
                b.Cell(_head(judged, entry)),
                b.Cell(object_name(row)),
                b.Cell(marked(FOUND[state], told), "o"),
                count_cell(row["row_count"]),
                b.Cell(local(row, "last_write_at")),
                *ends,
            ),
            tone=tone(FOUND[state] if FOUND[state] != "PASS" else ""),
        )
    if not objects:
        paper = entry["medium"].text != "digital"
        seen = "seen" if paper and verdict == "PASS" else "unseen" if paper else "nothing-named"
        told = judged.evidence(ENTRIES, entry, b.Code("found", seen))
        yield b.Row(
            (
                b.Cell(_head(judged, entry)),
                b.Cell(b.Code("medium", entry["medium"].text)),
                b.Cell(marked(verdict, told), "o"),
                b.Cell(NONE, "nil"),
                b.Cell(NONE),
                *ends,
            ),
            tone=tone(verdict),
        )


def _head(judged: Judged, entry: Node) -> b.Inline:
    """An entry's identifier, which leads to its result, and its name."""
    return b.Lines((judged.unit(entry["activity_id"]), b.text(entry["name"])))


def object_name(row: Node) -> b.Inline:
    """What an entry names: source, object and, where it names one, column."""
    name = f"{row['source'].text}.{row['object'].text}"
    column = row["column_name"]
    return b.Text(name if column.absent else f"{name}.{column.text}", mono=True)


def state_of(judged: Judged, unit: str, row: Node) -> str:
    """What became of one object. That it fell silent is the rule's word, given for all objects of an entry at once."""
    if row["object_found"].value is False:
        return "object-gone"
    if row["column_found"].value is False and not row["column_name"].absent:
        return "column-gone"
    if row["object_found"].absent or (row["column_found"].absent and not row["column_name"].absent):
        return "catalogue-unread"
    reasons = {each.text for each in judged.results[unit]["reasons"]} if unit in judged.results else set()
    if reasons & set(SILENT):
        return "silent"
    return "write-unknown" if row["last_write_at"].absent else "there"


# --- REG-03 -----------------------------------------------------------------------------------------------------------


def _article30(judged: Judged, entries: Sequence[Node]) -> b.Section:
    """Each entry and each letter of article 30, twice: as signs and as words."""
    heads = {letter: Head(b.Code("letter", letter), letter) for letter in article30.LETTERS}
    lines = [_line(judged, entry) for entry in entries]
    matrix = Matrix("article30", "entry", heads, matrices.worst_first(lines, CELLS), CELLS)
    drawn = matrices.drawing(matrix)
    told: tuple[b.Block, ...] = (b.Paragraph(say("article30.none"), "empty"),)
    if drawn:
        told = (drawn, *matrices.tables(matrix, "article30.none"))
    return b.Section("article30", say("article30"), (b.Paragraph(say("article30.intro")), *told))


def _line(judged: Judged, entry: Node) -> Line:
    unit = entry["activity_id"].text
    marks = by(judged.results[unit]["attributes"], "letter") if unit in judged.results else {}
    fields = {letter: _cell(judged, entry, marks.get(letter)) for letter in article30.LETTERS}
    return Line(_head(judged, entry), unit, fields)


def _cell(judged: Judged, entry: Node, answer: Node | None) -> Field:
    kind = "untested" if answer is None else OF_MARK.get(answer["mark"].text, "untested")
    tones = {"empty": "FAIL", "untested": "INCONCLUSIVE"}
    word: b.Inline = b.Code("article30", kind)
    if kind == "empty" and answer is not None and not answer["reason"].absent:
        word = b.Code("reason", answer["reason"].text)
    told = word if kind == "not-asked" else judged.evidence(ENTRIES, entry, word)
    return Field(kind, tones.get(kind, "PASS"), told)


# --- REG-04 -----------------------------------------------------------------------------------------------------------


def _periods(judged: Judged, rules: Sequence[Node], observed: Sequence[Node]) -> b.Section:
    """Each rule: its period in the register, in the deletion job, in the notice; and the oldest row beside."""
    oldest = {(row["rule_id"].text, row["place"].text): row for row in observed}
    ordered = sorted(rules, key=lambda row: WORST_FIRST.index(judged.verdict(row["rule_id"].text)))
    shown = tuple(_rule(judged, row, oldest) for row in ordered)
    heads = columns(
        *("rule_entry:o", "object:w", "keep:o", "configured:o", "published:o", "oldest_active:d", "oldest_archive:d"),
        "verdict",
    )
    table = b.Table(
        say("periods.caption"),
        heads,
        shown,
        say("periods.none"),
        dense=True,
    )
    return b.Section("periods", say("periods"), (b.Paragraph(say("periods.intro")), table))


def _rule(judged: Judged, row: Node, oldest: Mapping[tuple[str, str], Node]) -> b.Row:
    unit = row["rule_id"].text
    marks = by(judged.results[unit]["attributes"], "letter") if unit in judged.results else {}
    place = b.Text(f"{row['source'].text}.{row['object'].text}", mono=True)
    return b.Row(
        (
            b.Cell(b.Lines((judged.unit(row["rule_id"]), b.code(row["activity_id"])))),
            b.Cell(place),
            b.Cell(b.text(row["keep"])),
            b.Cell(_period(row["configured_keep"], marks.get("A")), "o"),
            b.Cell(_period(row["notice_keep"], marks.get("B")), "o"),
            *(b.Cell(_oldest(judged, oldest.get((unit, where)))) for where in ("active", "archive")),
            b.Cell(judged.tag(RULES, row, unit)),
        ),
        tone=tone(judged.verdict(unit)),
    )


def _period(node: Node, answer: Node | None) -> b.Inline:
    """A period with the sign of what the rule says of it."""
    told: b.Inline = NONE if node.absent else b.text(node)
    if answer is None or answer["mark"].text in ("pass", "na"):
        return told
    return say("cell.marked", mark=b.Mark(answer["mark"].text), what=told)


def _oldest(judged: Judged, row: Node | None) -> b.Inline:
    if row is None or row["oldest_start_on"].absent:
        return NONE
    return judged.evidence(OBSERVED, row, day(row["oldest_start_on"], short=True))
