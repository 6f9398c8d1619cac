"""What a notebook shows of retention: runs of the deletion jobs, and how old the rows are beside their limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evidence_kit.drawn.grids import Frames, every, paint, picture, short, text
from evidence_kit.model.evidence import AGES
from evidence_kit.model.sample import Row
from evidence_kit.shown import GREY, Shown, table

#: Buckets with an age, in order, and how many of them lie within the period and its grace.
AGED = tuple(bucket for bucket in AGES if bucket not in ("no-start", "bad-date"))
WITHIN = AGED.index("grace") + 1


def runs(frames: Frames) -> Shown:
    """Rules by month: how many runs ended in which way; `no run` where one was owed."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in every(frames, "job_units"):
        words = found.setdefault((str(row["rule_id"]), str(row["scheduled_on"])[:7]), {})
        word = _ended(row)
        words[word] = words.get(word, 0) + 1
    months = sorted({month for _, month in found})
    rows = [
        (rule, *(", ".join(f"{word} {n}" for word, n in found.get((rule, month), {}).items()) for month in months))
        for rule in sorted({rule for rule, _ in found})
    ]
    return table("Deletion jobs", ("rule", *months), rows)


def _ended(row: Row) -> str:
    if row["status"] is None:
        return "no run"
    due, gone, excused = (row[name] for name in ("rows_eligible", "rows_deleted", "rows_excused"))
    if row["status"] == "success" and due is not None and gone is not None:
        return "success" if int(str(gone)) + int(str(excused or 0)) == int(str(due)) else "rows left"
    return str(row["status"])


def ages(frames: Frames) -> Shown:
    """How old the rows of each rule are, in twelfths of its period; past the line they are past the limit."""
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for row in every(frames, "retention_ages"):
        mine = counted.setdefault((str(row["rule_id"]), str(row["place"])), {})
        mine[str(row["bucket"])] = int(str(row["rows"]))
    shown = [(key, mine) for key, mine in sorted(counted.items()) if any(mine.get(each) for each in AGED)]
    over = sum(mine.get(each, 0) for _, mine in shown for each in AGED[WITHIN:])
    said = f"Rows by age beside their limit: {len(shown)} rules and places, {over} rows past limit and grace"
    drawn = [part for number, (key, mine) in enumerate(shown) for part in _histogram(number, key, mine)]
    return picture(said, (640, 44 * len(shown) + 10), drawn)


def _histogram(number: int, key: tuple[str, str], counted: Mapping[str, int]) -> Iterable[str]:
    """One line of the picture: its label, a bar for each bucket, the limit."""
    low, most = 44 * number + 40, max(counted.get(each, 0) for each in AGED)
    left, wide = 200, 24
    yield text(0, low - 8, short(" ".join(key), 30))
    for place, bucket in enumerate(AGED):
        high = 32 * counted.get(bucket, 0) // most
        if counted.get(bucket):
            high = max(2, high)
            box = f'x="{left + place * wide}" y="{low - high}" width="20" height="{high}"'
            yield f"<rect {box}{paint(place >= WITHIN)}/>"
    limit = left + AGED.index("grace") * wide - 2
    yield f'<line x1="{limit}" x2="{limit}" y1="{low - 36}" y2="{low + 2}" stroke="{GREY}" stroke-dasharray="4 3"/>'
