"""What had to happen in time beside an erasure: recipients told, backups gone, deletion jobs run.

The verdict of each unit is that of its result; here it is only shown. Source: docs/norm/controls.md, ERA-04, ERA-05,
RET-04; docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from evidence_kit.pages import blocks as b
from evidence_kit.pages import matrices
from evidence_kit.pages.drawings import Span
from evidence_kit.pages.matrices import Field, Head, Line, Matrix
from evidence_kit.pages.parts import (
    NONE,
    PAGE_ROWS,
    WORST_FIRST,
    columns,
    count_cell,
    day,
    evidence_row,
    moment,
    say,
    tag,
    tone,
)
from evidence_kit.pages.payload import Dossier, Node

TOLD: Mapping[str, str] = {"untold": "✗", "exempt": "§", "told": "✓", "unlisted": "·"}
RUN: Mapping[str, str] = {"missed": "○", "failed": "✗", "partial": "½", "left": "≠", "ran": "✓", "unlisted": "·"}
NOTHING = Field("unlisted", "PASS", b.Code("cell", "unlisted"))
#: Lines of the time line of backups; all of them stand in the table.
DRAWN = 40

Results = Mapping[str, Node]


def sections(dossier: Dossier, control: str, results: Results, units: Mapping[str, str]) -> Iterator[b.Section]:
    """The sections of a control that has one of these frames. `results`: of each unit; `units`: where it is told of."""
    for frame, section in FRAMES.items():
        path = f"frames/{control}.{frame}.jsonl"
        if dossier.has(path):
            yield section(control, dossier.rows(path), results, units)


def _verdict(results: Results, unit: str) -> str:
    """The verdict of a unit; one without a result was not tested, which is no pass."""
    return results[unit]["verdict"].text if unit in results else "INCONCLUSIVE"


# Recipients ----------------------------------------------------------------------------------------------------------


def _recipients(control: str, rows: Sequence[Node], results: Results, units: Mapping[str, str]) -> b.Section:
    """Each erasure and each recipient of its data: told when, confirmed when, or why not."""
    cases: dict[str, dict[str, Field]] = {}
    heads: dict[str, Head] = {}
    for row in rows:
        name = row["recipient_id"].text
        heads.setdefault(name, Head(b.code(row["recipient_id"]), name))
        cases.setdefault(row["case_id"].text, {})[name] = _notice(control, row, results)
    lines = [
        Line(b.Text(case, mono=True), case, {name: mine.get(name, NOTHING) for name in heads})
        for case, mine in cases.items()
    ]
    ordered = dict(sorted(heads.items()))
    matrix = Matrix("recipients", "erasure", ordered, matrices.worst_first(lines), TOLD)
    return b.Section("recipients", say("recipients"), tuple(_shown(matrix, "recipients.none")))


def _shown(matrix: Matrix, nothing: str) -> Iterator[b.Block]:
    yield b.Paragraph(say(f"{matrix.name}.intro"))
    drawn = matrices.drawing(matrix)
    yield from (drawn,) if drawn else ()
    yield from matrices.tables(matrix, nothing)
    if not matrix.heads:
        yield b.Paragraph(say(nothing), "empty")


def _notice(control: str, row: Node, results: Results) -> Field:
    told: list[b.Inline] = []
    if not row["notified_at"].absent:
        told.append(say("recipients.told", day=moment(row["notified_at"], short=True)))
    if "confirmed_at" in row and not row["confirmed_at"].absent:
        told.append(say("recipients.confirmed", day=moment(row["confirmed_at"], short=True)))
    kind = "told" if told else "untold"
    if not row["exemption"].absent:
        kind = "told" if told else "exempt"
        told.append(b.Code("exemption", row["exemption"].text))
        if row["exemption_reason_ref"].absent:
            told.append(b.Code("cell", "no-reason"))
    if not told:
        told.append(b.Code("cell", "untold"))
    lines = b.Lines((_linked(control, "recipient_units", row, told[0]), *told[1:]))
    return Field(kind, _verdict(results, row["pair_id"].text), lines)


def _linked(control: str, frame: str, row: Node, told: b.Inline) -> b.Inline:
    return b.Link(evidence_row(control, frame, row["id"].value), told)


# Backups -------------------------------------------------------------------------------------------------------------


def _backups(control: str, rows: Sequence[Node], results: Results, units: Mapping[str, str]) -> b.Section:
    """Each backup from the day it was taken to the day it was destroyed; those that outlived their cycle are marked."""
    sets = [row for row in rows if row["unit_kind"].text == "backup"]
    restored = [row for row in rows if row["unit_kind"].text == "restore"]
    drawn = _spans(sets, results)
    tables = (
        _backup_table(control, sets, results, units),
        _restore_table(control, restored, results, units),
    )
    intro = b.Paragraph(say("backups.intro"))
    return b.Section("backups", say("backups"), (intro, *((drawn,) if drawn else ()), *tables))


def _spans(rows: Sequence[Node], results: Results) -> b.Chart | None:
    """The time line of backups, the overdue first; None where no backup has a day."""
    dated = [(row, found) for row in rows if (found := _days(row)) is not None]
    if not dated:
        return None
    first = min(days[0] for _, days in dated)
    last = max(each for _, days in dated for each in days if each is not None)
    whole = max(1, (last - first).days)

    def place(each: date | None) -> int | None:
        return None if each is None else 1000 * (each - first).days // whole

    dated.sort(key=lambda one: (WORST_FIRST.index(_verdict(results, one[0]["unit_id"].text)), one[1][0]))
    spans = []
    for row, (taken, expires, gone) in dated[:DRAWN]:
        start = place(taken) or 0
        stop = place(gone if gone is not None else last) or 0
        spans.append(
            Span(
                label=b.code(row["unit_id"]),
                figures=_life(row),
                start=start,
                length=max(4, stop - start),
                limit=place(expires),
                end=place(gone),
                tone=_verdict(results, row["unit_id"].text),
            )
        )
    ends = tuple(b.Text(each.isoformat()) for each in (first, last))
    about = say("backups.about", shown=b.Count(str(len(spans))), all=b.Count(str(len(rows))))
    return b.Chart("chart-backups", say("backups.chart"), about, tuple(spans), scale=ends)


def _days(row: Node) -> tuple[date, date | None, date | None] | None:
    """Taken, expires, destroyed."""
    taken = _on(row, "taken_at")
    return None if taken is None else (taken, _on(row, "expires_at"), _on(row, "deleted_at"))


def _on(row: Node, key: str) -> date | None:
    """The local day of an instant where the row has it, else the day as it is written."""
    told = row.value.get(key + "_local") or row.value.get(key)
    try:
        return date.fromisoformat(str(told)[:10])
    except ValueError:
        return None


def _life(row: Node) -> b.Inline:
    expires, gone = row["expires_at"], row["deleted_at"]
    limit = NONE if expires.absent else moment(expires, short=True)
    end = say("backups.there") if gone.absent else moment(gone, short=True)
    return say("backups.row", taken=moment(row["taken_at"], short=True), expires=limit, gone=end)


def _backup_table(control: str, rows: Sequence[Node], results: Results, units: Mapping[str, str]) -> b.Table:
    return _table(
        "backup_units",
        ("taken_at", "expires_at", "deleted_at"),
        ("cycle_days",),
        "source",
        (control, rows, results, units),
    )


def _restore_table(control: str, rows: Sequence[Node], results: Results, units: Mapping[str, str]) -> b.Table:
    return _table(
        "restore_units",
        ("taken_at", "restored_at", "replayed_at", "opened_at"),
        ("erasures_counted", "erasures_expected", "erasures_replayed"),
        "target",
        (control, rows, results, units),
    )


def _table(
    name: str,
    moments: Sequence[str],
    counts: Sequence[str],
    word: str,
    about: tuple[str, Sequence[Node], Results, Mapping[str, str]],
) -> b.Table:
    """Units of ERA-05 of one kind, in their order."""
    control, rows, results, units = about
    shown = tuple(
        b.Row(
            (
                b.Cell(_unit(row, "unit_id", units)),
                b.Cell(NONE if row[word].absent else b.code(row[word])),
                *(b.Cell(moment(row[key], short=True)) for key in moments),
                *(count_cell(row[key]) for key in counts),
                b.Cell(_judged(control, row, results)),
            ),
            tone=tone(_verdict(results, row["unit_id"].text)),
        )
        for row in rows[:PAGE_ROWS]
    )
    heads = columns("unit", word, *(f"{key}:d" for key in moments), *(f"{key}:n" for key in counts), "verdict")
    more = say("matrix.more", shown=b.Count(str(PAGE_ROWS)), all=b.Count(str(len(rows))))
    note = more if len(rows) > PAGE_ROWS else None
    return b.Table(say(f"{name}.caption"), heads, shown, say(f"{name}.none"), note=note, dense=True)


def _unit(row: Node, key: str, units: Mapping[str, str]) -> b.Inline:
    unit = row[key].text
    return b.Link(units[unit], b.code(row[key])) if unit in units else b.code(row[key])


def _judged(control: str, row: Node, results: Results) -> b.Inline:
    """The verdict of a unit, which leads to its row of evidence."""
    unit = row["unit_id"].text
    told = tag(results[unit]["verdict"]) if unit in results else b.Code("cell", "not-drawn")
    return _linked(control, "backup_units", row, told)


# Runs of deletion jobs -----------------------------------------------------------------------------------------------


def _runs(control: str, rows: Sequence[Node], results: Results, units: Mapping[str, str]) -> b.Section:
    """Each rule and each month: the runs that were owed, and what became of them."""
    months = sorted({row["scheduled_on"].text[:7] for row in rows})
    heads = {month: Head(b.Text(month), month) for month in months}
    rules: dict[str, list[Node]] = {}
    for row in rows:
        rules.setdefault(row["rule_id"].text, []).append(row)
    lines = []
    for rule, mine in sorted(rules.items()):
        by_month = groupby(sorted(mine, key=_month), key=_month)
        fields = {month: _month_field(control, tuple(those), results) for month, those in by_month}
        lines.append(Line(b.code(mine[0]["rule_id"]), rule, {each: fields.get(each, NOTHING) for each in months}))
    matrix = Matrix("runs", "rule", heads, lines, RUN)
    return b.Section("runs", say("runs"), tuple(_shown(matrix, "runs.none")))


def _month(row: Node) -> str:
    return row["scheduled_on"].text[:7]


def _run_kind(row: Node) -> str:
    """What became of one run that was owed."""
    status = row["status"]
    if status.absent:
        return "missed"
    if status.text != "success":
        return status.text
    counts = [row[key].value for key in ("rows_eligible", "rows_deleted", "rows_excused")]
    if counts[0] is not None and counts[1] is not None and counts[1] + (counts[2] or 0) != counts[0]:
        return "left"
    return "ran"


def _month_field(control: str, rows: Sequence[Node], results: Results) -> Field:
    """The runs of one rule in one month, told by the worst of them."""
    kinds = [_run_kind(row) for row in rows]
    kind = next(each for each in RUN if each in kinds)
    worst = rows[kinds.index(kind)]
    verdicts = {_verdict(results, row["unit_id"].text) for row in rows}
    verdict = next(each for each in WORST_FIRST if each in verdicts)
    word: b.Inline = b.Code("cell", kind)
    if kind == "left":
        word = say("runs.left", deleted=b.integer(worst["rows_deleted"]), eligible=b.integer(worst["rows_eligible"]))
    if len(rows) > 1:
        word = say("runs.some", what=word, n=b.Count(str(kinds.count(kind))), all=b.Count(str(len(rows))))
    told = _linked(control, "job_units", worst, word)
    if kind in ("ran", "missed") or worst["started_at"].absent:
        return Field(kind, verdict, told)
    return Field(kind, verdict, b.Lines((told, day(worst["scheduled_on"], short=True))))


#: Frame -> the section that shows it.
FRAMES = {"recipient_units": _recipients, "backup_units": _backups, "job_units": _runs}
