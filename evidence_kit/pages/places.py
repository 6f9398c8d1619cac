"""Where an erased person may remain, and where nobody looks: as the engagement states it.

Bundles of versions before this one state no places.
"""

from __future__ import annotations

from collections.abc import Iterator

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import NONE, code_or_none, columns, count_cell, say
from evidence_kit.pages.payload import Dossier, Node


def stated(dossier: Dossier) -> tuple[Node, ...]:
    """Every place of the engagement."""
    return _listed(dossier.doc("engagement.json"), "places")


def _listed(agreed: Node, key: str) -> tuple[Node, ...]:
    return tuple(agreed[key]) if key in agreed else ()


def skipped(dossier: Dossier, key: str = "searched.skipped") -> tuple[b.Inline, ...]:
    """The places that the engagement leaves out of every search, each with its reason, in the words of one message."""
    return tuple(
        say(key, place=b.code(place["place"]), reason=b.Text(place["not_searched"].text))
        for place in stated(dossier)
        if not place["not_searched"].absent
    )


def not_searched(dossier: Dossier) -> tuple[b.Block, ...]:
    """The same as a list that cannot be overlooked; nothing where everything is searched."""
    told = skipped(dossier)
    return (b.Banner(say("searched.not_tested"), "warn"), b.Bullets(told, say("empty.rows"))) if told else ()


def sections(agreed: Node) -> Iterator[b.Section]:
    """For the page of the engagement: its places, and how addresses are hashed."""
    places, digests = _listed(agreed, "places"), _listed(agreed, "digests")
    if places:
        yield b.Section("places", say("places"), (b.Paragraph(say("places.intro")), _places(places)))
    if digests:
        yield b.Section("digests", say("digests"), (_digests(digests),))


def _places(places: tuple[Node, ...]) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link("engagement.json", b.code(place["place"]), file=True)),
                b.Cell(_ground(place)),
                b.Cell(code_or_none(place["suppression"], "suppression")),
                count_cell(place["purge_days"]),
                b.Cell(code_or_none(place["mask"], "mask")),
                b.Cell(NONE if place["canary"].absent else b.code(place["canary"])),
                b.Cell(NONE if place["not_searched"].absent else b.Text(place["not_searched"].text)),
            )
        )
        for place in places
    )
    heads = columns("object:w", "ground_kept", "suppression", "purge_days:n", "mask", "canary", "not_searched:w")
    return b.Table(say("places.caption"), heads, rows, say("empty.rows"), dense=True)


def _ground(place: Node) -> b.Inline:
    if place["exception"].absent:
        return NONE
    told = b.text(place["exception"])
    return told if place["keep"].absent else b.Lines((told, b.text(place["keep"])))


def _digests(digests: tuple[Node, ...]) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(b.code(one["name"])),
                b.Cell(b.code(one["algorithm"])),
                b.Cell(b.Code("keyed", one["keyed"].text)),
            )
        )
        for one in digests
    )
    return b.Table(say("digests.caption"), columns("digest", "algorithm", "keyed"), rows, say("empty.rows"))
