"""What no page may hold: the build ends here, before anything is signed, rather than with a page that misleads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from posixpath import dirname, join, normpath

#: Traces of a value that a template printed instead of words. `None` and `nan` are looked for as whole words.
_TRACES = re.compile(r"object at 0x|\{\{|\}\}|\{\w+\}|\bNone\b|\bnan\b|\bNaT\b")
#: Elements that hold words of the payload: there the same letters are evidence, not an accident.
_QUOTES = {"data", "pre", "code"}
_QUOTING = {"text", "annex"}
_VOID = {"meta", "br", "hr", "col", "link", "img", "input", "wbr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self.quoted: list[str] = []
        self.style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if "href" in given:
            self.links.append(str(given["href"]))
        if tag not in _VOID and (self.quoted or tag in _QUOTES or _QUOTING & set(str(given.get("class")).split())):
            self.quoted.append(tag)
        self.style = tag == "style"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.style = False
        if self.quoted and self.quoted[-1] == tag:
            self.quoted.pop()

    def handle_data(self, data: str) -> None:
        if not self.quoted and not self.style:
            self.text.append(data)


def check(pages: Mapping[str, bytes], files: Iterable[str]) -> None:
    """Raise ValueError for a dangling link, a doubled id, or a trace of an unfilled place.

    `pages`: path under data/ -> HTML. `files`: the other files of the payload, which a page may link to.
    """
    readers = {}
    for path, content in pages.items():
        reader = _Reader()
        reader.feed(content.decode())
        reader.close()
        readers[path] = reader
        _traces(path, reader)
        doubled = sorted({ident for ident in reader.ids if reader.ids.count(ident) > 1}) if _any_twice(reader.ids) else []
        if doubled:
            raise ValueError(f"{path}: the id {doubled[0]} stands twice")
    ids = {path: set(reader.ids) for path, reader in readers.items()}
    known = set(files)
    for path, reader in readers.items():
        for href in reader.links:
            _resolve(path, href, ids, known)


def _any_twice(ids: list[str]) -> bool:
    return len(set(ids)) != len(ids)


def _traces(path: str, reader: _Reader) -> None:
    found = _TRACES.search(" ".join(reader.text))
    if found:
        raise ValueError(f"{path}: {found[0]} stands where words should")


def _resolve(path: str, href: str, ids: Mapping[str, set[str]], known: set[str]) -> None:
    target, _, fragment = href.partition("#")
    if ":" in target or target.startswith("/"):
        raise ValueError(f"{path}: a link leads out of the bundle")
    whole = normpath(join(dirname(path), target)) if target else path
    if whole not in ids and whole not in known:
        raise ValueError(f"{path}: the link to {whole} leads nowhere")
    if fragment and fragment not in ids.get(whole, set()):
        raise ValueError(f"{path}: {whole} has no place named {fragment}")
