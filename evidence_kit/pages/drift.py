"""The register beside the living schema: which columns it declares, which it does not, and which are new (REG-01).

The state of a column is read from its result, so that no page can be kinder than the rule.
Source: docs/norm/controls.md, REG-01; docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages.drawings import Stack
from evidence_kit.pages.judged import Judged
from evidence_kit.pages.matrices import marked
from evidence_kit.pages.parts import (
    NONE,
    columns,
    control_page,
    count_cell,
    cut,
    local,
    paged,
    pager,
    say,
    tone,
)
from evidence_kit.pages.payload import Node

FRAME, ENTRIES = "column_units", "column_entries"
#: State of a column -> the verdict that it bears, the gravest first.
STATES: Mapping[str, str] = {
    "undeclared": "FAIL",
    "otherwise": "FAIL",
    "unseen": "ERROR",
    "broken": "ERROR",
    "unknown": "INCONCLUSIVE",
    "unread": "INCONCLUSIVE",
    "untested": "INCONCLUSIVE",
    "declared": "PASS",
}
#: Reason of a result -> the state of its column.
OF_REASON = {
    "column-undeclared": "undeclared",
    "class-not-declared": "otherwise",
    "columns-not-known": "unseen",
    "class-unknown": "unknown",
    "categories-unread": "unread",
    "categories-empty": "unread",
}
NEW = "new-since-last-look"


class Drift:
    """The columns of one control with their states, the gravest object first and the gravest column first in it."""

    def __init__(self, judged: Judged, found: Sequence[Node], entries: Sequence[Node]) -> None:
        self.judged = judged
        self.named: dict[str, list[Node]] = {}
        for entry in entries:
            self.named.setdefault(entry["unit_id"].text, []).append(entry)
        self.objects: dict[tuple[str, str], list[Node]] = {}
        for row in found:
            self.objects.setdefault((row["source"].text, row["object"].text), []).append(row)
        for mine in self.objects.values():
            mine.sort(key=self._rank)
        self.ordered = sorted(self.objects, key=lambda name: (self._rank(self.objects[name][0]), name))

    def state(self, row: Node) -> str:
        """The state of one column."""
        unit = row["unit_id"].text
        result = self.judged.results.get(unit)
        if result is None:
            return "untested"
        verdict = result["verdict"].text
        if verdict == "PASS":
            return "declared"
        told = next((OF_REASON[each.text] for each in result["reasons"] if each.text in OF_REASON), None)
        return told or ("broken" if verdict == "ERROR" else "untested")

    def _rank(self, row: Node) -> int:
        return tuple(STATES).index(self.state(row))

    def counted(self, rows: Sequence[Node]) -> Counter[str]:
        """How many columns stand how."""
        return Counter(self.state(row) for row in rows)

    def rows(self) -> list[Node]:
        """All columns, object by object."""
        return [row for name in self.ordered for row in self.objects[name]]


def sections(drift: Drift) -> Iterator[b.Section]:
    """What stands on the control's page: sources as a picture, objects, and the first columns."""
    drawn = _picture(drift)
    told = (b.Paragraph(say("drift.intro")), *((drawn,) if drawn else ()), _objects(drift))
    yield b.Section("drift", say("drift"), told)
    stems, parts = _stems(drift), cut(drift.rows())
    intro = b.Paragraph(say("drift.columns.intro"))
    yield b.Section("columns", say("drift.columns"), (intro, *_turn(stems, 1, parts), _columns(drift, parts[0])))


def more(drift: Drift) -> Iterator[b.Page]:
    """The pages of the columns beyond the first 500."""
    name, stems, parts = drift.judged.control, _stems(drift), cut(drift.rows())
    for number, part in enumerate(parts[1:], 2):
        turn = _turn(stems, number, parts)
        yield b.Page(
            path=stems[number - 1],
            title=say("control.title", control=b.Text(name)),
            heading=say("drift.more", control=b.Text(name)),
            intro=(*turn, _columns(drift, part), *turn),
            sections=(),
            menu=control_page(name),
        )


def _stems(drift: Drift) -> list[str]:
    name = drift.judged.control
    count = len(cut(drift.rows()))
    return [f"{control_page(name)}#columns", *(paged(f"columns-{name}", number) for number in range(2, count + 1))]


def _turn(stems: Sequence[str], number: int, parts: Sequence[Sequence[Node]]) -> tuple[b.Block, ...]:
    first = sum(len(part) for part in parts[: number - 1]) + 1
    last = first + len(parts[number - 1]) - 1
    counts = {"first": first, "last": last, "total": sum(map(len, parts))}
    return pager(stems, number, b.Say("pager.rows", {key: b.Count(str(n)) for key, n in counts.items()}))


def _picture(drift: Drift) -> b.Chart | None:
    """One bar for each source: its columns by state, the gravest on the left."""
    sources: dict[str, list[Node]] = {}
    for (source, _), rows in drift.objects.items():
        sources.setdefault(source, []).extend(rows)
    bars = tuple(_bar(drift, rows) for _, rows in sorted(sources.items()))
    if not bars:
        return None
    every = drift.counted(drift.rows())
    legend = tuple(
        (STATES[state], b.Code("drift.state", state), b.Count(str(every[state]))) for state in every_of(every)
    )
    return b.Chart("chart-drift", say("drift.chart"), say("drift.about"), bars, legend=b.Legend(legend))


def every_of(counts: Mapping[str, int]) -> list[str]:
    """The states that are met, the gravest first."""
    return [state for state in STATES if counts.get(state)]


def _bar(drift: Drift, rows: Sequence[Node]) -> Stack:
    counts = drift.counted(rows)
    met = every_of(counts)
    told = tuple(say("drift.count", n=b.Count(str(counts[state])), state=b.Code("drift.state", state)) for state in met)
    return Stack(
        label=b.code(rows[0]["source"]),
        figures=b.Lines(told),
        segments=shares([(STATES[state], counts[state]) for state in met]),
        tone=STATES[met[0]],
    )


def shares(counts: Sequence[tuple[str, int]]) -> tuple[tuple[str, int, int], ...]:
    """(tone, start, width) of each count in thousandths of all; no share that exists is thinner than a hair.

    >>> shares([("FAIL", 1), ("PASS", 999)])
    (('FAIL', 0, 6), ('PASS', 6, 994))
    """
    total = sum(count for _, count in counts)
    widths = [max(6, 1000 * count // total) for _, count in counts]
    if widths:
        widths[widths.index(max(widths))] += 1000 - sum(widths)
    starts = [sum(widths[:place]) for place in range(len(widths))]
    return tuple((tone_, start, width) for (tone_, _), start, width in zip(counts, starts, widths, strict=True))


def _objects(drift: Drift) -> b.Table:
    """Each object: how many of its columns are declared, not declared, of unknown class, new."""
    shown = tuple(_object(drift, drift.objects[name]) for name in drift.ordered)
    heads = columns(
        "object:w",
        "undeclared",
        "class_differs",
        "class_unknown",
        "declared_n",
        "new",
        "rows:n",
        "last_write:d",
    )
    return b.Table(say("drift.caption"), heads, shown, say("drift.none"), note=say("drift.note"), dense=True)


def _object(drift: Drift, rows: Sequence[Node]) -> b.Row:
    counts, first = drift.counted(rows), rows[0]
    rest = sum(counts[state] for state in ("unseen", "broken", "unknown", "unread", "untested"))
    new = sum(row["known_before"].value is False for row in rows)
    known = any(not row["known_before"].absent for row in rows)
    return b.Row(
        (
            b.Cell(drift.judged.evidence(FRAME, first, _place(first))),
            *(b.Cell(b.Count(str(n))) for n in (counts["undeclared"], counts["otherwise"], rest, counts["declared"])),
            b.Cell(b.Count(str(new)) if known else NONE),
            count_cell(first["row_count"]),
            b.Cell(local(first, "last_write_at")),
        ),
        tone=tone(STATES[drift.state(first)]),
    )


def _place(row: Node) -> b.Inline:
    return b.Text(f"{row['source'].text}.{row['object'].text}", mono=True)


def _columns(drift: Drift, rows: Sequence[Node]) -> b.Table:
    """Each column: its state, what it holds and how that was found, and the entries that name it."""
    heads = columns(
        *(
            "column:w",
            "state:o",
            "class:o",
            "detected_by:o",
            "confidence:n",
            "found_because:w",
            "filled:o",
            "entries:o",
        ),
    )
    shown = tuple(_column(drift, row) for row in rows)
    return b.Table(say("drift.columns.caption"), heads, shown, say("drift.none"), dense=True)


def _column(drift: Drift, row: Node) -> b.Row:
    state = drift.state(row)
    words: list[b.Inline] = [b.Code("drift.state", state)]
    if row["known_before"].value is False:
        words.append(b.Code("flag", NEW))
    because = [b.Code("why", each) for each in (row["reason"].value or "").split(",") if each]
    told = (drift.judged.evidence(FRAME, row, marked(STATES[state], words[0])), *words[1:])
    return b.Row(
        (
            b.Cell(drift.judged.unit(row["unit_id"])),
            b.Cell(b.Lines(told), "o"),
            b.Cell(b.Code("class", row["personal_class"].text)),
            b.Cell(b.Code("detected_by", row["detected_by"].text)),
            count_cell(row["confidence"]),
            b.Cell(b.Lines(tuple(because)) if because else NONE),
            b.Cell(_filled(row)),
            b.Cell(named(drift, row)),
        ),
        id=f"column-{row['id'].text}",
        tone=tone(STATES[state]),
    )


def _filled(row: Node) -> b.Inline:
    """How many rows hold a value, of how many; and of how many values the class was read."""
    filled, every = row["filled_count"], row["row_count"]
    told: list[b.Inline] = []
    if not filled.absent and not every.absent:
        told.append(say("drift.filled", filled=b.integer(filled), rows=b.integer(every)))
    if row["sampled_rows"].value:
        told.append(say("drift.sampled", n=b.integer(row["sampled_rows"])))
    return b.Lines(tuple(told)) if told else NONE


def named(drift: Drift, row: Node) -> b.Inline:
    """The entries that name the column, each leading to its row of evidence; a retired one says so."""
    told = []
    for entry in drift.named.get(row["unit_id"].text, ()):
        link = drift.judged.evidence(ENTRIES, entry, b.code(entry["activity_id"]))
        told.append(link if entry["status"].text == "active" else say("drift.retired", entry=link))
    return b.Lines(tuple(told)) if told else NONE
