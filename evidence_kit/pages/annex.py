"""An executed notebook as a fragment of our own page: nbconvert's bare body, then only what is on the list below.

No script, no style, no event attribute, no address outside the page survives, whatever a cell put out.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from typing import Any

from evidence_kit.pages.markup import visible_lines

#: Elements that stay, and the attributes each may keep. Headings go down by one: the page has its own h1.
_TEXT = {"p", "b", "i", "em", "strong", "s", "small", "blockquote", "ul", "li", "dl", "dt", "dd", "code", "kbd", "sub"}
_TABLE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "colgroup", "col"}
_VOID = {"br", "hr", "col"}
_SHAPE = (
    "class",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "width",
    "height",
    "d",
    "points",
    "transform",
)
_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_TEXT | _TABLE | {"br", "hr", "sup", "h2", "h3", "h4", "h5", "h6"}, ()),
    **dict.fromkeys({"div", "span", "pre"}, ("class",)),
    **dict.fromkeys({"th", "td"}, ("scope", "colspan", "rowspan")),
    "ol": ("start",),
    "time": ("datetime",),
    "svg": ("class", "viewbox", "role", "width", "height"),
    **dict.fromkeys({"g", "rect", "line", "path", "circle", "polyline", "polygon", "text"}, _SHAPE),
    **dict.fromkeys({"title", "desc"}, ()),
}
#: Elements that go with everything in them.
_DROPPED = {"script", "style", "iframe", "object", "embed", "template", "noscript", "math", "head", "form", "select"}
_DROPPED_VOID = {"link", "meta", "base", "img", "input", "source", "track", "area", "param", "wbr"}
_DRAWING = frozenset({"svg", "g", "rect", "line", "path", "circle", "polyline", "polygon", "text", "title", "desc"})
_WORDS = frozenset({"title", "desc", "text"})
_SVG_NAMES = {"viewbox": "viewBox"}
_SAFE = re.compile(r"[A-Za-z0-9 _.,+\-()#]*")
#: What HTML allows in `datetime` of the moments that notebooks print.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_CELL = re.compile(r"cell-id=.*")


class _Cleaner(HTMLParser):
    """Rebuilds the fragment from what is allowed; every element opened is closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.dropped: list[str] = []
        self.cells = 0
        self.outputs = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_VOID:
            return
        if self.dropped or tag in _DROPPED:
            self.dropped.append(tag)
            return
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "anchor-link" in given.get("class", ""):
            self.dropped.append(tag)  # the sign of a paragraph, which leads to its own heading
            return
        tag = _lower(tag)
        if tag not in _ATTRIBUTES or not self._fits(tag):
            return
        self.out.append(f"<{tag}{self._attributes(tag, given)}>")
        if tag not in _VOID:
            self.open.append(tag)

    def _fits(self, tag: str) -> bool:
        """Whether the element may stand here: shapes in a drawing and nowhere else, nothing inside the words of one."""
        if self.open and self.open[-1] in _WORDS:
            return False
        return tag in _DRAWING - {"svg"} if "svg" in self.open else tag == "svg" or tag not in _DRAWING

    def handle_endtag(self, tag: str) -> None:
        if self.dropped:
            if tag in self.dropped:
                while self.dropped.pop() != tag:
                    pass
            return
        tag = _lower(tag)
        if tag in self.open:
            while True:
                last = self.open.pop()
                self.out.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self.dropped and ("svg" not in self.open or self.open[-1] in _WORDS or not data.strip()):
            # Words between shapes are never drawn. A drawing can hold no element of ours around a code.
            shown = visible_lines(data)
            self.out.append(re.sub("<[^>]*>", "", shown) if "svg" in self.open else shown)

    def _attributes(self, tag: str, given: Mapping[str, str]) -> str:
        kept = [
            f' {_SVG_NAMES.get(name, name)}="{escape(given[name])}"'
            for name in _ATTRIBUTES[tag]
            if name in given and _SAFE.fullmatch(given[name])
        ]
        if tag == "time" and not _MOMENT.fullmatch(given.get("datetime", "")):
            kept = []
        if tag == "div" and given.get("class") == "output_area":
            # It scrolls where its table is wide, so a keyboard has to reach it.
            self.outputs += 1
            kept.append(f' role="group" tabindex="0" aria-label="Output {self.outputs}"')
        if tag == "div" and _CELL.fullmatch(given.get("id", "")):
            self.cells += 1
            kept.append(f' id="cell-{self.cells}"')
        return "".join(kept)

    def done(self) -> str:
        """The fragment, with what was left open closed."""
        self.close()
        return "".join(self.out) + "".join(f"</{tag}>" for tag in reversed(self.open))


def _lower(tag: str) -> str:
    """A heading one level down; h6 stays."""
    return f"h{min(6, int(tag[1]) + 1)}" if re.fullmatch("h[1-6]", tag) else tag


def clean(html: str) -> str:
    """The fragment with nothing in it but what the list allows. Text is never lost with its element's markup."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    return cleaner.done()


def body(notebook: Mapping[str, Any]) -> str:
    """The executed notebook as a safe fragment. Raises nbformat's error for what is no notebook."""
    import nbformat  # the two take a second to import, and only the annex needs them
    from nbconvert.exporters import HTMLExporter

    node = nbformat.from_dict(_readable(notebook))  # type: ignore[no-untyped-call]
    exporter = HTMLExporter(template_name="basic")  # type: ignore[no-untyped-call]
    html, _ = exporter.from_notebook_node(node)
    return clean(html)


def _readable(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """A copy whose outputs the exporter can show: drawings as markup, the receipt as text, nothing else unknown."""
    copied = copy.deepcopy(dict(notebook))
    for cell in copied["cells"]:
        cell["source"] = "".join(cell["source"])  # on disk it may stand as a list of lines
        for output in cell.get("outputs", []):
            if "data" in output:
                output["data"] = _shown(output["data"])
        cell["outputs"] = [o for o in cell.get("outputs", []) if o.get("data", True)]
        if cell["cell_type"] != "code":
            del cell["outputs"]
    return copied


def _shown(data: Mapping[str, Any]) -> dict[str, Any]:
    if "image/svg+xml" in data:
        return {"text/html": _joined(data["image/svg+xml"])}
    if "text/html" in data:
        return {"text/html": _joined(data["text/html"])}
    for name, value in sorted(data.items()):
        if name.startswith("application/vnd.evidence-kit.receipt"):
            return {"text/plain": json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)}
    return {"text/plain": _joined(data["text/plain"])} if "text/plain" in data else {}


def _joined(value: object) -> str:
    return "".join(value) if isinstance(value, list) else str(value)
