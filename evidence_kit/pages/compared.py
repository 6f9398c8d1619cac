"""Two runs compared, as one page of both languages that stands alone: no script, no address, one sheet.

Every figure points into the record it was made from (`comparison.json`), so that the same page may lie in a bundle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup

from evidence_kit.pages import blocks as b
from evidence_kit.pages import compared_bounds, followed
from evidence_kit.pages.gate import check
from evidence_kit.pages.markup import Writer
from evidence_kit.pages.parts import NONE, PAGE_ROWS, count_cell, moment, say, tag, tone
from evidence_kit.pages.payload import Node
from evidence_kit.pages.render import POLICY, SHEET, templates
from evidence_kit.pages.styling import policy, sheet_for, sheet_text
from evidence_kit.pages.words import LANGUAGES, words

FILE = "comparison.json"
#: What may have become of a unit, the gravest first.
CHANGES = ("slipped", "entered", "remaining", "not-comparable", "gone", "closed")
#: The same of a shortcoming.
KINDS = ("new", "grown", "remaining", "not-comparable", "gone", "closed")
#: Which of them colour a row.
_TONES = {"slipped": "FAIL", "entered": "FAIL", "new": "FAIL", "grown": "FAIL", "not-comparable": "INCONCLUSIVE"}


def render(record: Mapping[str, object]) -> bytes:
    """The page of a comparison record (`ledger.comparison`). The same record gives the same bytes.

    Raises ValueError for a trace of an unfilled place, a dangling link or a doubled id.
    """
    root = Node(FILE, "", record)
    parts = []
    for language in LANGUAGES:
        write = Writer(words(language), "index.html")
        part = templates().get_template("compared_part.html")
        parts.append(Markup(part.render(language=language, page=page(root, language), write=write)))
    body = (
        templates()
        .get_template("compared.html")
        .render(
            headings={language: words(language).text("compare.heading") for language in LANGUAGES},
            told={language: words(language) for language in LANGUAGES},
            demonstration=root["before"]["demonstration"].value or root["after"]["demonstration"].value,
            parts=parts,
        )
    )
    body = body.rstrip() + "\n"
    own = sheet_for(sheet_text("comparison"), body)
    html = body.replace(SHEET, f"<style>{own}</style>", 1).replace(POLICY, policy(own), 1).encode()
    check({"comparison.html": html}, ())
    return html


def page(root: Node, prefix: str) -> b.Page:
    """The page before any language. `prefix` begins every id, so that two languages may share one document."""
    sections = (
        b.Section(f"{prefix}-controls", say("compare.controls"), tuple(_controls(root))),
        b.Section(f"{prefix}-bounds", say("compare.bounds"), tuple(compared_bounds.blocks(root, prefix))),
        b.Section(f"{prefix}-shortcomings", say("compare.shortcomings"), (_shortcomings(root),)),
        b.Section(f"{prefix}-units", say("compare.units"), (_units(root),)),
        b.Section(f"{prefix}-processors", say("compare.processors"), tuple(followed.processors(root, prefix))),
        b.Section(f"{prefix}-activities", say("compare.activities"), tuple(followed.activities(root))),
        b.Section(f"{prefix}-refused", say("compare.refused"), (_refused(root),)),
    )
    return b.Page(
        path="comparison.html",
        title=say("compare.heading"),
        heading=say("compare.heading"),
        intro=(b.Paragraph(say("compare.lead"), "lead"), *_banners(root), _runs(root)),
        sections=sections,
    )


def _banners(root: Node) -> Iterator[b.Banner]:
    if root["swapped"].value:
        yield b.Banner(say("compare.swapped"), "warn")
    for note in root["notes"]:
        yield b.Banner(why(note))


def why(note: Node) -> b.Inline:
    """A reason or a note as a sentence, with the names that it concerns."""
    told = b.Code("compare", note["code"].text)
    names = tuple(b.text(name) for name in note["names"])
    return say("compare.named", why=told, names=b.Listed(names, plain=True)) if names else told


def _runs(root: Node) -> b.Table:
    """Both runs side by side, each with the digest that says which bundle it is."""
    sides = (root["before"], root["after"])
    shown = (
        ("bundle", [b.code(one["bundle"]) for one in sides]),
        ("as_of", [moment(one["as_of"]) for one in sides]),
        ("sealed_at", [moment(one["sealed_at"]) for one in sides]),
        ("tagmanifest", [b.code(one["tagmanifest_sha256"]) for one in sides]),
        ("signer", [b.code(one["signer"]) for one in sides]),
        ("kit", [b.text(one["kit"]) for one in sides]),
    )
    rows = tuple(
        b.Row((b.Cell(say(f"compare.run.{key}")), *(b.Cell(value) for value in values))) for key, values in shown
    )
    return b.Table(say("compare.runs.caption"), heads("of", "before", "after"), rows, say("empty.rows"))


def heads(*keys: str) -> tuple[b.Column, ...]:
    """Heads of columns; `key:kind` gives the kind of the cells."""
    pairs = [key.partition(":") for key in keys]
    return tuple(b.Column(say(f"compare.col.{key}"), kind) for key, _, kind in pairs)


def verdict(node: Node) -> b.Inline:
    """A verdict, or the sign of nothing where the run did not test."""
    return NONE if node.absent else tag(node)


def _controls(root: Node) -> Iterator[b.Block]:
    yield b.Paragraph(say("compare.controls.intro"))
    rows = tuple(
        b.Row(
            (
                b.Cell(b.text(one["control"])),
                b.Cell(verdict(one["before"])),
                b.Cell(verdict(one["after"])),
                *(count_cell(one["changes"][change]) for change in CHANGES),
                *(count_cell(one["tested"][which]) for which in ("both", "only_before", "only_after")),
                b.Cell(b.Lines(tuple(why(note) for note in one["notes"])) if len(one["notes"]) else NONE),
            ),
            tone=tone(one["after"].text),
        )
        for one in root["controls"]
        if one["compared"].value
    )
    counted = (f"change.{change}:n" for change in CHANGES)
    tested = ("both:n", "only_before:n", "only_after:n")
    columns = heads("control", "before", "after", *counted, *tested, "beside:w")
    yield b.Table(say("compare.controls.caption"), columns, rows, say("compare.empty.controls"), dense=True)


def _shortcomings(root: Node) -> b.Table:
    """Every shortcoming, control by control, the gravest first."""
    listed = [(one, each) for one in root["controls"] for each in one["shortcomings"]]
    listed.sort(key=lambda pair: KINDS.index(pair[1]["kind"].text))
    rows = [
        b.Row(
            (
                b.Cell(b.text(one["control"])),
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
    ]
    counted = (f"change.{change}:n" for change in CHANGES)
    columns = heads("control", "letter", "reason:w", "kind", "before:n", "after:n", *counted, "otherwise:n")
    caption, nothing = say("compare.shortcomings.caption"), say("compare.empty.shortcomings")
    return capped(b.Table(caption, columns, (), nothing, dense=True), rows)


def _units(root: Node) -> b.Table:
    """Every unit that deviates in one of the runs, the gravest change first."""
    listed = [(one, each) for one in root["controls"] for each in one["units"]]
    listed.sort(key=lambda pair: CHANGES.index(pair[1]["change"].text))
    rows = [
        b.Row(
            (
                b.Cell(b.text(one["control"])),
                b.Cell(b.code(each["unit"])),
                b.Cell(b.Code("compare.change", each["change"].text)),
                b.Cell(verdict(each["before"])),
                b.Cell(verdict(each["after"])),
                b.Cell(_reasons(each["reasons_before"])),
                b.Cell(_reasons(each["reasons_after"])),
            ),
            tone=_TONES.get(each["change"].text, ""),
        )
        for one, each in listed
    ]
    columns = heads("control", "unit", "change", "before", "after", "reasons_before:w", "reasons_after:w")
    caption, nothing = say("compare.units.caption"), say("compare.empty.units")
    return capped(b.Table(caption, columns, (), nothing, dense=True), rows)


def _reasons(listed: Iterable[Node]) -> b.Inline:
    told = tuple(b.Code("reason", one.text) for one in listed)
    return b.Lines(told) if told else NONE


def capped(table: b.Table, rows: Sequence[b.Row]) -> b.Table:
    """The table with its first rows; where there are more, a note says how many, and where they stand."""
    shown, all_ = b.Count(str(PAGE_ROWS)), b.Count(str(len(rows)))
    note = say("compare.more", shown=shown, all=all_) if len(rows) > PAGE_ROWS else None
    return b.Table(table.caption, table.columns, tuple(rows[:PAGE_ROWS]), table.nothing, note, table.dense)


def _refused(root: Node) -> b.Table:
    """Controls of which nothing is compared, with the reasons and both verdicts."""
    rows = tuple(
        b.Row(
            (
                b.Cell(b.text(one["control"])),
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
