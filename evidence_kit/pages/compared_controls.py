"""Controls of two runs compared: what their verdicts come to, and what became of their units, as a picture and a table.

And the small parts that the tables of a comparison share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages.drawings import Stack
from evidence_kit.pages.drift import shares
from evidence_kit.pages.leading import Ways
from evidence_kit.pages.parts import NONE, count_cell, say, tag, tone
from evidence_kit.pages.payload import Node
from evidence_kit.rules.trend import trend

#: What may have become of a unit, the gravest first.
CHANGES = ("slipped", "entered", "remaining", "not-comparable", "gone", "closed")
#: How a change is drawn: what is new is told from what remains, and both from what nothing is known of.
_DRAWN = {
    "slipped": "ERROR",
    "entered": "ERROR",
    "remaining": "FAIL",
    "not-comparable": "INCONCLUSIVE",
    "gone": "INCONCLUSIVE",
    "closed": "PASS",
}
_TONES = {"passes-no-more": "FAIL", "fails-now": "FAIL", "fails-more": "FAIL", "not-concluded": "INCONCLUSIVE"}


def why(note: Node) -> b.Inline:
    """A reason or a note as a sentence, with the names that it concerns."""
    told = b.Code("compare", note["code"].text)
    names = tuple(b.text(name) for name in note["names"])
    return say("compare.named", why=told, names=b.Listed(names, plain=True)) if names else told


def heads(*keys: str) -> tuple[b.Column, ...]:
    """Heads of columns; `key:kind` gives the kind of the cells."""
    pairs = [key.partition(":") for key in keys]
    return tuple(b.Column(say(f"compare.col.{key}"), kind) for key, _, kind in pairs)


def verdict(node: Node) -> b.Inline:
    """A verdict, or the sign of nothing where the run did not test."""
    return NONE if node.absent else tag(node)


def trend_of(one: Node) -> str:
    """What the two verdicts of a control come to, from its record of the comparison."""
    sides = [stratum[side] for stratum in one["strata"] for side in ("before", "after")]
    return trend(
        one["before"].value,
        one["after"].value,
        one["changes"].value,
        compared=one["compared"].value,
        whole=all(side.absent or side["units"].value == side["drawn"].value for side in sides),
    )


def blocks(root: Node, ways: Ways) -> Iterator[b.Block]:
    """The picture of what became of the units, and the table of the controls that are compared."""
    compared = [one for one in root["controls"] if one["compared"].value]
    yield b.Paragraph(say("compare.controls.intro"))
    drawn = [one for one in compared if any(one["changes"].value.values())]
    if drawn:
        yield _chart(drawn, ways)
    yield _table(compared, ways)


def _chart(drawn: Sequence[Node], ways: Ways) -> b.Chart:
    rows = tuple(
        Stack(
            label=ways.control(one["control"]),
            figures=b.Lines(
                tuple(
                    say(
                        "compare.change.count",
                        n=b.integer(one["changes"][change]),
                        change=b.Code("compare.change", change),
                    )
                    for change in _met(one)
                )
            ),
            segments=shares([(_DRAWN[change], one["changes"][change].value) for change in _met(one)]),
            tone=_DRAWN[_met(one)[0]],
        )
        for one in drawn
    )
    totals = {change: sum(one["changes"][change].value for one in drawn) for change in CHANGES}
    legend = tuple(
        (_DRAWN[change], b.Code("compare.change", change), ways.thing(b.Count(str(total))))
        for change, total in totals.items()
        if total
    )
    caption, about = say("compare.changes.chart"), say("compare.changes.about")
    return b.Chart(f"{ways.prefix}chart-changes", caption, about, rows, legend=b.Legend(legend))


def _met(one: Node) -> list[str]:
    return [change for change in CHANGES if one["changes"][change].value]


def _table(compared: Sequence[Node], ways: Ways) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(ways.control(one["control"])),
                b.Cell(verdict(one["before"])),
                b.Cell(verdict(one["after"])),
                b.Cell(b.Code("trend", trend_of(one))),
                *(count_cell(one["changes"][change]) for change in CHANGES),
                *(count_cell(one["tested"][which]) for which in ("both", "only_before", "only_after")),
                b.Cell(b.Lines(tuple(why(note) for note in one["notes"])) if len(one["notes"]) else NONE),
            ),
            id=f"{ways.prefix}of-{one['control'].text}",
            tone=tone(one["after"].text),
        )
        for one in compared
    )
    counted = (f"change.{change}:n" for change in CHANGES)
    tested = ("both:n", "only_before:n", "only_after:n")
    columns = heads("control", "before", "after", "trend:w", *counted, *tested, "beside:w")
    return b.Table(say("compare.controls.caption"), columns, rows, say("compare.empty.controls"), dense=True)
