"""What changed since an earlier bundle, in the bundle of the later run: its page, and what other pages say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from evidence_kit.pages import blocks as b
from evidence_kit.pages import compared_page
from evidence_kit.pages.compared_controls import trend_of
from evidence_kit.pages.leading import Ways
from evidence_kit.pages.parts import anchor, by, control_page, say, tag
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.rules.trend import TRENDS

FILE, PATH = "delta.json", "delta.html"


def pages(dossier: Dossier) -> Iterator[b.Page]:
    """The page of the comparison; none where the bundle holds none."""
    root = _root(dossier)
    if root is None:
        return
    made = compared_page.page(root, Ways(file=FILE, units=_units(dossier)))
    yield replace(made, path=PATH, title=say("menu.delta"), heading=heading(root), menu=PATH)


def heading(root: Node) -> b.Inline:
    """Since which kind of run."""
    kind = root["before"]["kind"]
    return say("since.heading.mock" if kind.value == "mock" else "since.heading")


def controls(dossier: Dossier) -> Mapping[str, Node]:
    """Control → its record of the comparison; none where the bundle holds none."""
    root = _root(dossier)
    return {} if root is None else dict(by(root["controls"], "control"))


def section(dossier: Dossier) -> Iterator[b.Section]:
    """What the cover says: which controls came to what, and the way to the page."""
    root = _root(dossier)
    if root is None:
        return
    met: dict[str, list[b.Inline]] = {}
    for one in root["controls"]:
        met.setdefault(trend_of(one), []).append(b.Link(_way(one), b.text(one["control"])))
    told = tuple(
        say("since.cover.count", trend=_word(word), controls=b.Listed(tuple(met[word]), plain=True))
        for word in TRENDS
        if word in met
    )
    before = say("since.cover.before", bundle=b.Link(PATH, b.code(root["before"]["bundle"])))
    yield b.Section("since", heading(root), (b.Paragraph(before), b.Bullets(told, say("empty.controls"))))


def paragraph(dossier: Dossier, control: str) -> Iterator[b.Block]:
    """What a control's own page says of it."""
    one = controls(dossier).get(control)
    root = _root(dossier)
    if one is None or root is None:
        return
    mock = root["before"]["kind"].value == "mock"
    told = _word(trend_of(one))
    yield b.Paragraph(
        say(
            "since.control.mock" if mock else "since.control",
            before=say("compare.untested") if one["before"].absent else tag(one["before"]),
            trend=b.Link(_way(one), told),
        )
    )


def _way(one: Node) -> str:
    """Where the page tells of a control."""
    return f"{PATH}#of-{one['control'].text}" if one["compared"].value else f"{PATH}#refused"


def _word(trend: str) -> b.Inline:
    return b.Code("trend", trend)


def _root(dossier: Dossier) -> Node | None:
    return dossier.doc(FILE) if dossier.has(FILE) else None


def _units(dossier: Dossier) -> dict[str, dict[str, str]]:
    """Control → unit → where its row stands."""
    found: dict[str, dict[str, str]] = {}
    for each in dossier.doc("summary.json")["controls"]:
        name = each["control"].text
        rows = dossier.rows(f"results/{name}.jsonl") if dossier.has(f"results/{name}.jsonl") else ()
        found[name] = {
            row["unit"].text: f"{control_page(name, place)}#{anchor(row['unit'].text)}"
            for place, row in enumerate(rows)
        }
    return found
