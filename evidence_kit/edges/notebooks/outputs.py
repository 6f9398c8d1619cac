"""What an executed cell may show: text, and the plain tables and drawings that our own macros write.

Our macros write no script, no style, no event and no address outside the page; what has any of these is not theirs.
Source: docs/norm/notebook-gate, section 5, G08.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final

from evidence_kit.model.receipt import RECEIPT_MIME

LARGEST_CELL: Final = 64 * 1024
LARGEST_NOTEBOOK: Final = 2 * 1024 * 1024
_TEXT: Final = "text/plain"
_HTML: Final = "text/html"
_SVG: Final = "image/svg+xml"
_PROSE: Final = frozenset(
    "a abbr article b br caption code col colgroup data dd div dl dt em figcaption figure footer"
    " h1 h2 h3 h4 h5 h6 header hr i li ol p pre section small span strong sub sup"
    " table tbody td tfoot th thead time tr ul".split()
)
_DRAWING: Final = frozenset(
    "svg g path rect circle ellipse line polyline polygon text tspan title desc defs clippath marker pattern".split()
)
_NAMESPACE: Final = "http://www.w3.org/2000/svg"
_REFUSED: Final = re.compile(r"on\w*|style|src|srcset|action|formaction|background|xlink:href|xml:base", re.IGNORECASE)
_OUTSIDE: Final = re.compile(r"[a-z][a-z0-9+.-]*:|//|url\((?!#)", re.IGNORECASE)
#: Attributes that hold words for readers, in which a colon is a colon.
_WORDS: Final = frozenset({"title", "alt", "aria-label", "class", "value", "datetime", "content", "lang", "role", "id"})


class _Markup(HTMLParser):
    """Notes every tag and attribute that is not one of our macros'."""

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.allowed = allowed
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.allowed:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "xmlns" and value == _NAMESPACE:
                continue
            words = name in _WORDS or name.startswith("data-")
            if _REFUSED.fullmatch(name) or (not words and _OUTSIDE.search(value or "")):
                self.found.append(f"attribute {name}")

    def handle_decl(self, decl: str) -> None:
        self.found.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("an instruction")

    def unknown_decl(self, data: str) -> None:
        self.found.append("a declaration")


def foreign(markup: str, mime: str) -> tuple[str, ...]:
    """Tags and attributes in `markup` that our macros never write; empty for ours."""
    parser = _Markup(_PROSE | _DRAWING if mime == _HTML else _DRAWING)
    parser.feed(markup)
    parser.close()
    return tuple(dict.fromkeys(parser.found))


def refused(cell: Mapping[str, Any]) -> Iterator[str]:
    """What may not be shown by this cell, in words without a value."""
    outputs = cell.get("outputs", ())
    if (size := len(json.dumps(outputs, ensure_ascii=False).encode())) > LARGEST_CELL:
        yield f"shows {size} bytes, more than {LARGEST_CELL}"
    for output in outputs:
        for mime, shown in output.get("data", {}).items():
            if mime in (_HTML, _SVG):
                for what in foreign(shown if isinstance(shown, str) else "".join(shown), mime):
                    yield f"{mime} with {what} is not one of our displays"
            elif mime not in (_TEXT, RECEIPT_MIME):
                yield f"output of type {mime} is not allowed"


def size(notebook: Mapping[str, Any]) -> int:
    """Bytes of all outputs of a notebook."""
    return sum(len(json.dumps(cell.get("outputs", []), ensure_ascii=False).encode()) for cell in notebook["cells"])
