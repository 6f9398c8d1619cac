"""Backups on a line of days, and what restorations replayed. Source: docs/norm/controls.md, ERA-05."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from evidence_kit.pages import blocks as b
from evidence_kit.pages.drawings import Span
from evidence_kit.pages.judged import Judged
from evidence_kit.pages.parts import NONE, WORST_FIRST, columns, count_cell, local, say, tone
from evidence_kit.pages.payload import Node

FRAME = "backup_units"
#: Lines of the drawing; all of them stand in the table.
DRAWN = 40
#: Moments, counts and the word that the table of each kind of unit shows.
SETS = (("taken_at", "expires_at", "deleted_at"), ("cycle_days",), "source")
RESTORES = (
    ("taken_at", "restored_at", "replayed_at", "opened_at"),
    ("erasures_counted", "erasures_expected", "erasures_replayed"),
    "target",
)


def section(judged: Judged, rows: Sequence[Node]) -> b.Section:
    """Each backup from the day it was taken to the day it was destroyed; those that outlived their cycle are marked."""
    sets = [row for row in rows if row["unit_kind"].text == "backup"]
    restored = [row for row in rows if row["unit_kind"].text != "backup"]
    drawn = _spans(judged, sets)
    tables = (_table(judged, "backup_units", SETS, sets), _table(judged, "restore_units", RESTORES, restored))
    intro = b.Paragraph(say("backups.intro"))
    return b.Section("backups", say("backups"), (intro, *((drawn,) if drawn else ()), *tables))


def _spans(judged: Judged, rows: Sequence[Node]) -> b.Chart | None:
    """The line of each backup, the gravest first; None where no backup has a day."""
    dated = [(row, found) for row in rows if (found := _days(row)) is not None]
    if not dated:
        return None
    first = min(taken for _, (taken, _, _) in dated)
    last = max(judged.today, *(each for _, days in dated for each in days if each is not None))
    whole = max(1, (last - first).days)

    def place(each: date) -> int:
        return min(1000, max(0, 1000 * (each - first).days // whole))

    dated.sort(key=lambda one: (WORST_FIRST.index(judged.verdict(one[0]["unit_id"].text)), one[1][0]))
    spans = tuple(
        Span(
            label=b.code(row["unit_id"]),
            figures=_life(row),
            start=min(996, place(taken)),
            length=max(4, place(gone or judged.today) - place(taken)),
            limit=None if expires is None else place(expires),
            end=None if gone is None else place(gone),
            tone=judged.verdict(row["unit_id"].text),
        )
        for row, (taken, expires, gone) in dated[:DRAWN]
    )
    about = say("backups.about", shown=b.Count(str(len(spans))), all=b.Count(str(len(rows))))
    ends = tuple(b.Text(each.isoformat()) for each in (first, last))
    return b.Chart("chart-backups", say("backups.chart"), about, spans, scale=ends)


def _days(row: Node) -> tuple[date, date | None, date | None] | None:
    """Taken, expires, destroyed; None for a backup that nobody knows the day of."""
    taken, expires, gone = (_on(row, key) for key in SETS[0])
    return None if taken is None else (taken, expires, gone)


def _on(row: Node, key: str) -> date | None:
    """The local day of an instant where the row has it, else the day as it is written."""
    told = row.value.get(f"{key}_local") or row.value.get(key)
    try:
        return date.fromisoformat(str(told)[:10])
    except ValueError:
        return None


def _life(row: Node) -> b.Inline:
    gone = say("backups.there") if row["deleted_at"].absent else local(row, "deleted_at")
    return say("backups.row", taken=local(row, "taken_at"), expires=local(row, "expires_at"), gone=gone)


def _table(judged: Judged, name: str, shown: tuple[Sequence[str], Sequence[str], str], rows: Sequence[Node]) -> b.Table:
    """Units of one kind, in their order."""
    moments, counts, word = shown
    told = tuple(
        b.Row(
            (
                b.Cell(judged.unit(row["unit_id"])),
                b.Cell(NONE if row[word].absent else b.code(row[word])),
                *(b.Cell(local(row, key)) for key in moments),
                *(count_cell(row[key]) for key in counts),
                b.Cell(judged.tag(FRAME, row, row["unit_id"].text)),
            ),
            tone=tone(judged.verdict(row["unit_id"].text)),
        )
        for row in rows
    )
    heads = columns("unit", f"{word}:o", *(f"{key}:d" for key in moments), *(f"{key}:n" for key in counts), "verdict")
    return b.Table(say(f"{name}.caption"), heads, told, say(f"{name}.none"), dense=True)
