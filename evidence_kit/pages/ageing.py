"""How old the rows are beside the age that they may reach: the sections of the retention controls.

Source of the buckets: docs/norm/frames.md, "Frames of the kit", `retention_ages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages import charts
from evidence_kit.pages.drawings import Age, Ages
from evidence_kit.pages.parts import columns, count_cell, own_row, say, tone
from evidence_kit.pages.payload import Dossier, Node

#: The buckets from the youngest to the oldest: twelve parts of the period, then what lies past the limit.
WITHIN = ("ahead", *(f"twelfth-{part:02}" for part in range(1, 13)))
KEPT = (*WITHIN, "grace")
#: Rows without an age, and the verdict that each of them bears: they stand in no drawing.
AGELESS = {"no-start": "INCONCLUSIVE", "bad-date": "ERROR"}
BUCKETS = (*KEPT, "over-30-days", "over-90-days", "over-365-days", "over-more")
#: Height of the tallest bar, of 47.
TALLEST = 44


def sections(dossier: Dossier, control: str, results: Sequence[Node]) -> Iterator[b.Section]:
    """The sections of a control that has observations: the oldest row of each rule, and the ages of all rows."""
    observed, aged = (f"frames/{control}.retention_{name}.jsonl" for name in ("observations", "ages"))
    if not dossier.has(observed):
        return
    rows = dossier.rows(observed)
    if rows and "cutoff_on" not in rows[0]:
        return  # REG-04 prints the oldest day beside its periods, and judges no age
    verdicts = {row["unit"].text: row["verdict"].text for row in results}
    chart = charts.retention(rows, verdicts)
    yield b.Section("retention", say("control.retention"), (*((chart,) if chart else ()), charts.observations(rows)))
    if dossier.has(aged):
        found = dossier.rows(aged)
        drawn = histogram(found, rows, verdicts)
        told = (b.Paragraph(say("ages.intro")), *((drawn,) if drawn else ()), _table(found))
        yield b.Section("ages", say("ages"), told)


def histogram(rows: Sequence[Node], observed: Sequence[Node], verdicts: Mapping[str, str]) -> b.Chart | None:
    """One histogram for each rule and place, the limit on one line for all; None where nothing was counted."""
    by_rule: dict[tuple[str, str], list[Node]] = {}
    for row in rows:
        by_rule.setdefault((row["rule_id"].text, row["place"].text), []).append(row)
    measured = {(row["rule_id"].text, row["place"].text): row for row in observed}
    # An unknown bucket may not vanish: it is drawn last, as past the limit.
    order = (*BUCKETS, *sorted({row["bucket"].text for row in rows} - {*BUCKETS, *AGELESS}))
    shown = tuple(
        _ages(order, mine, measured.get(key), verdicts.get(key[0], "INCONCLUSIVE"))
        for key, mine in sorted(by_rule.items())
        if any(row["rows"].value for row in mine if row["bucket"].text not in AGELESS)
    )
    return b.Chart("chart-ages", say("ages.chart"), say("ages.about"), shown) if shown else None


def _ages(order: Sequence[str], rows: Sequence[Node], measured: Node | None, verdict: str) -> Ages:
    counted = {row["bucket"].text: row["rows"].value or 0 for row in rows}
    label: b.Inline = b.Link(own_row(measured or rows[0]), b.code(rows[0]["rule_id"]))
    if rows[0]["place"].text != "active":
        label = b.Lines((label, b.Code("place", rows[0]["place"].text)))
    return Ages(
        label=label,
        figures=say("ages.unmeasured") if measured is None else _figures(measured),
        bars=bars([(name, counted.get(name, 0), name not in KEPT) for name in order]),
        limit=1000 * len(WITHIN) // len(order),
        tone=verdict,
    )


def _figures(measured: Node) -> b.Inline:
    counts = {"all": measured["rows"], "past": measured["past_limit_rows"]}
    if any(each.absent for each in counts.values()):
        return say("ages.unmeasured")
    return b.Say("ages.row", {key: b.integer(each) for key, each in counts.items()})


def bars(buckets: Sequence[tuple[str, int, bool]]) -> tuple[Age, ...]:
    """The bars of (bucket, rows, whether past the limit), from left to right; a bucket with rows is never invisible."""
    most = max((rows for _, rows, _ in buckets), default=0)
    step = 1000 // max(1, len(buckets))
    return tuple(
        Age(place * 1000 // len(buckets), step - 4, max(2, TALLEST * rows // most), past)
        for place, (_, rows, past) in enumerate(buckets)
        if rows
    )


def _table(rows: Sequence[Node]) -> b.Table:
    """The figures of the histograms, without the buckets that hold nothing."""
    filled = [row for row in rows if row["rows"].value]
    shown = tuple(
        b.Row(
            (
                b.Cell(b.Link(own_row(row), b.code(row["rule_id"]))),
                b.Cell(b.Code("place", row["place"].text)),
                b.Cell(b.Code("age", row["bucket"].text)),
                count_cell(row["rows"]),
            ),
            tone=tone("PASS" if row["bucket"].text in KEPT else AGELESS.get(row["bucket"].text, "FAIL")),
        )
        for row in filled
    )
    heads = columns("rule", "place", "age", "rows:n")
    return b.Table(say("ages.caption"), heads, shown, say("empty.rows"), dense=True)
