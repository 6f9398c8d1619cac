"""Which figures of a page lead where they come from: docs/norm/bundle.md, section 7, as a reader applies it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "hr", "col", "wbr", "link", "rect", "line", "path", "circle"})
#: What holds a figure together with its link: a row, a sentence, an entry of a list, a pair of facts, a card.
HOLDS = frozenset({"a", "tr", "p", "li", "nav", "figcaption", "caption", "h1", "h2", "h3"})
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass
class Element:
    """One element that is open, or that holds a figure: its own links, and the elements around it."""

    tag: str
    classes: frozenset[str]
    outer: Element | None
    links: list[str] = field(default_factory=list)


class Figures(HTMLParser):
    """The numbers of a page's main part, each with the elements around it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, str, Element]] = []
        self._at: Element | None = None
        self.feed(page[page.index("<main") :])
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        said = {name: value or "" for name, value in attrs}
        self._at = Element(tag, frozenset(said.get("class", "").split()), self._at)
        if tag == "a" and not self._at.classes & {"gloss", "self", "skip"}:
            for around in _outwards(self._at):
                around.links.append(said.get("href", ""))
        if tag == "data" and NUMBER.fullmatch(said["value"]):
            self.seen.append((said["value"], said["data-ek"], self._at))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._at is not None:
            self._at = self._at.outer

    def bare(self, *, sheet: bool = False) -> list[tuple[str, str]]:
        """Value and place of each number that neither is a link nor stands beside one. `sheet`: of one case."""
        return [(value, place) for value, place, element in self.seen if not _led(element, sheet=sheet)]


def _outwards(element: Element | None) -> Iterator[Element]:
    while element is not None:
        yield element
        element = element.outer


def _led(element: Element, *, sheet: bool) -> bool:
    for around in _outwards(element):
        card = "case" in around.classes
        pair = around.tag == "div" and around.outer is not None and around.outer.tag == "dl"
        heading = sheet and around.tag == "section"
        if around.links and (card or pair or heading or around.tag in HOLDS):
            return True
    return False
