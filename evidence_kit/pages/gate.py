"""What no page may hold: the build ends here, before anything is signed, rather than with a page that misleads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from html import unescape
from html.parser import HTMLParser
from posixpath import dirname, join, normpath

#: Traces of a value that a template printed instead of words. `None` and `nan` are looked for as whole words.
_TRACES = re.compile(r"object at 0x|\{\{|\}\}|\{\w+\}|\bNone\b|\bnan\b|\bNaT\b")
#: Elements and classes that hold words of the payload: there the same letters are evidence, not an accident. The title
#: of a page and the words of a drawing can hold no element that would tell them apart; both stand on the page as well.
_QUOTES = frozenset({"data", "pre", "code", "bdi", "title", "svg"})
_QUOTING = frozenset({"annex"})
_QUOTED = re.compile(r"<(data|pre|code|bdi)\b[^>]*>.*?</\1>", re.DOTALL)
#: Files that the bag will have beside the payload, counted from data/: written after the pages.
BESIDE = frozenset({"bundle.json", "../manifest-sha256.txt", "../verify.py", "../README.txt"})
_VOID = frozenset({"meta", "br", "hr", "col", "wbr"})
_ID = re.compile(r'<[a-z][^>]* id="([^"]*)"')
_HREF = re.compile(r'<a\s[^>]*?\bhref="([^"]*)"')
_SHEET = re.compile(r"<style>.*?</style>", re.DOTALL)


class _OwnWords(HTMLParser):
    """Gathers the text that is ours: not inside what quotes the payload."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._quoted: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = set((dict(attrs).get("class") or "").split())
        if tag not in _VOID and (self._quoted or tag in _QUOTES or _QUOTING & classes):
            self._quoted.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A shape of a drawing: it holds no text."""

    def handle_endtag(self, tag: str) -> None:
        if self._quoted and self._quoted[-1] == tag:
            self._quoted.pop()

    def handle_data(self, data: str) -> None:
        if not self._quoted:
            self.text.append(data)


def check(pages: Mapping[str, bytes], files: Iterable[str]) -> None:
    """Raise ValueError for a dangling link, a doubled id, or a trace of an unfilled place.

    `pages`: path under data/ -> HTML of ours. `files`: the other files of the payload, which a page may link to.
    """
    texts = {path: _SHEET.sub("", content.decode()) for path, content in pages.items()}
    ids: dict[str, set[str]] = {}
    for path, html in texts.items():
        _refuse_traces(path, html)
        counted = Counter(_ID.findall(html))
        doubled = [ident for ident, count in counted.items() if count > 1]
        if doubled:
            raise ValueError(f"{path}: the id {doubled[0]} stands twice")
        ids[path] = set(counted)
    known = frozenset(files) | BESIDE
    for path, html in texts.items():
        for href in dict.fromkeys(_HREF.findall(html)):
            _resolve(path, unescape(href), ids, known)


def _refuse_traces(path: str, html: str) -> None:
    if not _TRACES.search(_QUOTED.sub("", html)):
        return
    reader = _OwnWords()  # slow, and seldom needed: only now is it worth telling quotes from words
    reader.feed(html)
    reader.close()
    found = _TRACES.search("\n".join(reader.text))
    if found:
        raise ValueError(f"{path}: {found[0]} stands where words should")


def _resolve(path: str, href: str, ids: Mapping[str, set[str]], known: frozenset[str]) -> None:
    target, _, fragment = href.partition("#")
    if ":" in target or target.startswith("/"):
        raise ValueError(f"{path}: a link leads out of the bundle")
    whole = normpath(join(dirname(path), target)) if target else path
    if whole not in ids and whole not in known:
        raise ValueError(f"{path}: the link to {whole} leads nowhere")
    if fragment and fragment not in ids.get(whole, set()):
        raise ValueError(f"{path}: {whole} has no place named {fragment}")
