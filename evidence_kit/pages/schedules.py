"""What had to happen in time beside an erasure: recipients told, backups gone, deletion jobs run.

The verdict of each unit is that of its result; here it is only shown. Source: docs/norm/controls.md, ERA-04, RET-04;
docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from evidence_kit.pages import backups, matrices
from evidence_kit.pages import blocks as b
from evidence_kit.pages.judged import Judged
from evidence_kit.pages.matrices import Field, Head, Line, Matrix
from evidence_kit.pages.parts import NONE, WORST_FIRST, columns, day, local, say, tone
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.rules.deadlines import local_day

#: Kind of a cell -> its sign, the gravest first.
TOLD: Mapping[str, str] = {"untold": "✗", "exempt": "§", "told": "✓", "unlisted": "·"}
RUN: Mapping[str, str] = {"missed": "○", "failed": "✗", "partial": "½", "left": "≠", "ran": "✓", "unlisted": "·"}
#: Reason of a result whose exemption nobody wrote a reason for.
UNWRITTEN = "exemption-without-reason"
NO_DATA, NONE_OWED = (Field("unlisted", "PASS", b.Code("cell", word)) for word in ("no-data", "none-owed"))


def sections(
    dossier: Dossier, control: str, results: Mapping[str, Node], units: Mapping[str, str]
) -> Iterator[b.Section]:
    """The sections of a control that has one of these frames. `results`: of each unit; `units`: where it is told of."""
    agreed = dossier.doc("engagement.json")
    today = local_day(agreed["as_of"].text, agreed["timezone"].text)
    for frame, section in FRAMES.items():
        path = f"frames/{control}.{frame}.jsonl"
        if dossier.has(path):
            yield section(Judged(control, results, units, today), dossier.rows(path))


def _shown(matrix: Matrix, listed: tuple[b.Block, ...] | None = None) -> b.Section:
    """One matrix as a section: what it is, its drawing, its tables; or what is `listed` instead of them."""
    name = matrix.name
    drawn = matrices.drawing(matrix)
    told: tuple[b.Block, ...] = (b.Paragraph(say(f"{name}.none"), "empty"),)
    if drawn:
        told = (drawn, *(listed or matrices.tables(matrix, f"{name}.none")))
    return b.Section(name, say(name), (b.Paragraph(say(f"{name}.intro")), *told))


def _recipients(judged: Judged, rows: Sequence[Node]) -> b.Section:
    """Each erasure and each recipient of its data: told when, confirmed when, or why not."""
    heads = {row["recipient_id"].text: b.code(row["recipient_id"]) for row in reversed(rows)}
    cases: dict[str, dict[str, Field]] = {}
    for row in rows:
        cases.setdefault(row["case_id"].text, {})[row["recipient_id"].text] = _notice(judged, row)
    lines = [
        Line(b.Text(case, mono=True), case, {name: mine.get(name, NO_DATA) for name in heads})
        for case, mine in cases.items()
    ]
    ordered = {name: Head(told, name) for name, told in sorted(heads.items())}
    matrix = Matrix("recipients", "erasure", ordered, matrices.worst_first(lines, TOLD), TOLD)
    # Each erasure concerns a few recipients of many: beyond one table of columns, nearly every cell would say so.
    return _shown(matrix, (_pairs(judged, rows),) if len(heads) > matrices.ACROSS else None)


def _pairs(judged: Judged, rows: Sequence[Node]) -> b.Table:
    """Every erasure with each of its recipients on a row of its own, the gravest first."""
    ordered = sorted(rows, key=lambda row: WORST_FIRST.index(judged.verdict(row["pair_id"].text)))
    shown = tuple(
        b.Row(
            (
                b.Cell(b.code(row["case_id"])),
                b.Cell(b.code(row["recipient_id"])),
                b.Cell(local(row, "notified_at")),
                b.Cell(local(row, "confirmed_at")),
                b.Cell(_exempt(judged, row)),
                b.Cell(judged.tag("recipient_units", row, row["pair_id"].text)),
            ),
            tone=tone(judged.verdict(row["pair_id"].text)),
        )
        for row in ordered
    )
    heads = columns("erasure", "recipient:o", "notified_at:d", "confirmed_at:d", "exemption:w", "verdict")
    return b.Table(say("recipients.pairs"), heads, shown, say("recipients.none"), dense=True)


def _exempt(judged: Judged, row: Node) -> b.Inline:
    """Why a recipient was not told, and where no reason is written, that there is none.

    The result says so, not the reference to the reason: a derived level withholds that one.
    """
    if row["exemption"].absent:
        return NONE
    told = b.Code("exemption", row["exemption"].text)
    unit = row["pair_id"].text
    said = {each.text for each in judged.results[unit]["reasons"]} if unit in judged.results else set()
    return b.Lines((told, b.Code("cell", "no-reason"))) if UNWRITTEN in said else told


def _notice(judged: Judged, row: Node) -> Field:
    """What was said to one recipient of one erasure."""
    told: list[b.Inline] = []
    if not row["notified_at"].absent:
        told.append(say("recipients.told", day=local(row, "notified_at")))
    if not row["confirmed_at"].absent:
        told.append(say("recipients.confirmed", day=local(row, "confirmed_at")))
    kind = "told" if told else "untold" if row["exemption"].absent else "exempt"
    if not row["exemption"].absent:
        told.append(_exempt(judged, row))
    first, *rest = told or [b.Code("cell", "untold")]
    lines = b.Lines((judged.evidence("recipient_units", row, first), *rest))
    return Field(kind, judged.verdict(row["pair_id"].text), lines)


def _runs(judged: Judged, rows: Sequence[Node]) -> b.Section:
    """Each rule and each month: the runs that were owed, and what became of them."""
    months = sorted({_month(row) for row in rows})
    rules: dict[str, list[Node]] = {}
    for row in rows:
        rules.setdefault(row["rule_id"].text, []).append(row)
    lines = []
    for rule, mine in sorted(rules.items()):
        by_month = groupby(sorted(mine, key=_month), key=_month)
        fields = {month: _runs_of(judged, tuple(those)) for month, those in by_month}
        lines.append(Line(b.code(mine[0]["rule_id"]), rule, {each: fields.get(each, NONE_OWED) for each in months}))
    heads = {month: Head(b.Text(month), month) for month in months}
    return _shown(Matrix("runs", "rule", heads, matrices.worst_first(lines, RUN), RUN))


def _month(row: Node) -> str:
    return row["scheduled_on"].text[:7]


def _kind(row: Node) -> str:
    """What became of one run that was owed."""
    if row["status"].absent or row["status"].text != "success":
        return "missed" if row["status"].absent else row["status"].text
    eligible, deleted, excused = (row[key].value for key in ("rows_eligible", "rows_deleted", "rows_excused"))
    counted = eligible is not None and deleted is not None
    return "left" if counted and deleted + (excused or 0) != eligible else "ran"


def _runs_of(judged: Judged, rows: Sequence[Node]) -> Field:
    """The runs of one rule in one month, told by the worst of them."""
    kinds = [_kind(row) for row in rows]
    kind = next((each for each in RUN if each in kinds), "failed")
    worst = rows[kinds.index(kind) if kind in kinds else 0]
    verdicts = {judged.verdict(row["unit_id"].text) for row in rows}
    word: b.Inline = b.Code("cell", kind)
    if kind == "left":
        word = say("runs.left", deleted=b.integer(worst["rows_deleted"]), eligible=b.integer(worst["rows_eligible"]))
    if len(rows) > 1:
        word = say("runs.some", what=word, n=b.Count(str(kinds.count(kind))), all=b.Count(str(len(rows))))
    told = judged.evidence("job_units", worst, word)
    if kind in ("failed", "partial", "left"):
        told = b.Lines((told, day(worst["scheduled_on"], short=True)))
    return Field(kind, next(each for each in WORST_FIRST if each in verdicts), told)


#: Frame -> the section that shows it.
FRAMES = {"recipient_units": _recipients, backups.FRAME: backups.section, "job_units": _runs}
