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
from evidence_kit.pages.parts import WORST_FIRST, day, local, say
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.rules.deadlines import local_day

#: Kind of a cell -> its sign, the gravest first.
TOLD: Mapping[str, str] = {"untold": "✗", "exempt": "§", "told": "✓", "unlisted": "·"}
RUN: Mapping[str, str] = {"missed": "○", "failed": "✗", "partial": "½", "left": "≠", "ran": "✓", "unlisted": "·"}
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


def _shown(matrix: Matrix) -> b.Section:
    """One matrix as a section: what it is, its drawing, its tables."""
    name = matrix.name
    drawn = matrices.drawing(matrix)
    told = (drawn, *matrices.tables(matrix, f"{name}.none")) if drawn else (b.Paragraph(say(f"{name}.none"), "empty"),)
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
    return _shown(Matrix("recipients", "erasure", ordered, matrices.worst_first(lines), TOLD))


def _notice(judged: Judged, row: Node) -> Field:
    """What was said to one recipient of one erasure."""
    told: list[b.Inline] = []
    if not row["notified_at"].absent:
        told.append(say("recipients.told", day=local(row, "notified_at")))
    if not row["confirmed_at"].absent:
        told.append(say("recipients.confirmed", day=local(row, "confirmed_at")))
    kind = "told" if told else "untold" if row["exemption"].absent else "exempt"
    if not row["exemption"].absent:
        told.append(b.Code("exemption", row["exemption"].text))
        told += [b.Code("cell", "no-reason")] if row["exemption_reason_ref"].absent else []
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
    return _shown(Matrix("runs", "rule", heads, matrices.worst_first(lines), RUN))


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
