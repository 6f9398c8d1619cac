"""Two runs compared: what the page of it holds, in a bundle of the later run as on a page that stands alone.

Every figure points into the record that it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evidence_kit.pages import blocks as b
from evidence_kit.pages import compared_bounds, compared_controls, followed
from evidence_kit.pages.compared_controls import CHANGES, heads, verdict, why
from evidence_kit.pages.leading import Ways
from evidence_kit.pages.parts import NONE, count_cell, moment, say
from evidence_kit.pages.payload import Node

#: What may have become of a shortcoming, the gravest first.
KINDS = ("new", "grown", "remaining", "not-comparable", "gone", "closed")
#: Which of them colour a row.
_TONES = {"slipped": "FAIL", "entered": "FAIL", "new": "FAIL", "grown": "FAIL", "not-comparable": "INCONCLUSIVE"}


def page(root: Node, ways: Ways) -> b.Page:
    """The page before any language, with every row of every table."""
    at = ways.prefix
    sections = (
        b.Section(f"{at}controls", say("compare.controls"), tuple(compared_controls.blocks(root, ways))),
        b.Section(f"{at}bounds", say("compare.bounds"), tuple(compared_bounds.blocks(root, ways))),
        b.Section(f"{at}shortcomings", say("compare.shortcomings"), (_shortcomings(root, ways),)),
        b.Section(f"{at}units", say("compare.units"), (_units(root, ways),)),
        b.Section(f"{at}processors", say("compare.processors"), tuple(followed.processors(root, ways))),
        b.Section(f"{at}activities", say("compare.activities"), tuple(followed.activities(root, ways))),
        b.Section(f"{at}refused", say("compare.refused"), (_refused(root, ways),)),
    )
    return b.Page(
        path="comparison.html",
        title=say("compare.heading"),
        heading=say("compare.heading"),
        intro=(b.Paragraph(say("compare.lead"), "lead"), *banners(root), runs(root)),
        sections=sections,
    )


def banners(root: Node) -> Iterator[b.Banner]:
    """What must be known of both runs as wholes."""
    if root["swapped"].value:
        yield b.Banner(say("compare.swapped"), "warn")
    for note in root["notes"]:
        yield b.Banner(why(note))


def runs(root: Node) -> b.Table:
    """Both runs side by side, each with the digest that says which bundle it is."""
    sides = (root["before"], root["after"])
    shown = (
        ("bundle", [b.code(one["bundle"]) for one in sides]),
        ("kind", [NONE if one["kind"].absent else b.Code("kind", one["kind"].text, plain=True) for one in sides]),
        ("as_of", [moment(one["as_of"]) for one in sides]),
        ("sealed_at", [_sealing(one["sealed_at"]) or moment(one["sealed_at"]) for one in sides]),
        ("tagmanifest", [_sealing(one["tagmanifest_sha256"]) or b.code(one["tagmanifest_sha256"]) for one in sides]),
        ("signer", [b.code(one["signer"]) for one in sides]),
        ("kit", [b.text(one["kit"]) for one in sides]),
    )
    rows = tuple(
        b.Row((b.Cell(say(f"compare.run.{key}")), *(b.Cell(value) for value in values))) for key, values in shown
    )
    return b.Table(say("compare.runs.caption"), heads("of", "before", "after"), rows, say("empty.rows"))


def _sealing(node: Node) -> b.Inline | None:
    """What is not known before the seal, for the run that this very bundle holds."""
    return say("compare.run.sealing") if node.absent else None


def _shortcomings(root: Node, ways: Ways) -> b.Table:
    """Every shortcoming, control by control, the gravest first."""
    listed = [(one, each) for one in root["controls"] for each in one["shortcomings"]]
    listed.sort(key=lambda pair: KINDS.index(pair[1]["kind"].text))
    rows = tuple(
        b.Row(
            (
                b.Cell(ways.control(one["control"])),
                b.Cell(b.text(each["letter"]) if each["letter"].text else NONE),
                b.Cell(b.Code("reason", each["reason"].text)),
                b.Cell(b.Code("compare.kind", each["kind"].text)),
                count_cell(each["before"]),
                count_cell(each["after"]),
                *(count_cell(each["changes"][change]) for change in CHANGES),
                count_cell(each["otherwise"]),
            ),
            tone=_TONES.get(each["kind"].text, ""),
        )
        for one, each in listed
    )
    counted = (f"change.{change}:n" for change in CHANGES)
    columns = heads("control", "letter", "reason:w", "kind", "before:n", "after:n", *counted, "otherwise:n")
    caption, nothing = say("compare.shortcomings.caption"), say("compare.empty.shortcomings")
    return b.Table(caption, columns, rows, nothing, dense=True)


def _units(root: Node, ways: Ways) -> b.Table:
    """Every unit that deviates in one of the runs, the gravest change first."""
    listed = [(one, each) for one in root["controls"] for each in one["units"]]
    listed.sort(key=lambda pair: CHANGES.index(pair[1]["change"].text))
    rows = tuple(
        b.Row(
            (
                b.Cell(ways.control(one["control"])),
                b.Cell(ways.unit(one["control"], each["unit"])),
                b.Cell(b.Code("compare.change", each["change"].text)),
                b.Cell(verdict(each["before"])),
                b.Cell(verdict(each["after"])),
                b.Cell(_reasons(each["reasons_before"])),
                b.Cell(_reasons(each["reasons_after"])),
            ),
            tone=_TONES.get(each["change"].text, ""),
        )
        for one, each in listed
    )
    columns = heads("control", "unit", "change", "before", "after", "reasons_before:w", "reasons_after:w")
    caption, nothing = say("compare.units.caption"), say("compare.empty.units")
    return b.Table(caption, columns, rows, nothing, dense=True)


def _reasons(listed: Iterable[Node]) -> b.Inline:
    told = tuple(b.Code("reason", one.text) for one in listed)
    return b.Lines(told) if told else NONE


def _refused(root: Node, ways: Ways) -> b.Table:
    """Controls of which nothing is compared, with the reasons and both verdicts."""
    rows = tuple(
        b.Row(
            (
                b.Cell(ways.control(one["control"])),
                b.Cell(verdict(one["before"])),
                b.Cell(verdict(one["after"])),
                b.Cell(b.Lines(tuple(why(reason) for reason in one["refused"]))),
            ),
            tone="INCONCLUSIVE",
        )
        for one in root["controls"]
        if not one["compared"].value
    )
    columns = heads("control", "before", "after", "why:w")
    return b.Table(say("compare.refused.caption"), columns, rows, say("compare.empty.refused"))
