"""Reads rendered pages the way the verifier does, so that the two cannot mean different things by one rule."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

from evidence_kit import verify
from evidence_kit.pages.payload import Payload, Seal


class OwnWords(HTMLParser):
    """The pieces of text that are ours: in no data element, no quoted text or code, no drawing and no axis."""

    QUOTES = frozenset({"data", "pre", "code", "bdi", "svg", "title", "style"})
    CLASSES = frozenset({"annex", "ticks"})
    VOID = frozenset({"meta", "br", "hr", "col", "wbr"})

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._quoted: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = set((dict(attrs).get("class") or "").split())
        if tag not in self.VOID and (self._quoted or tag in self.QUOTES or self.CLASSES & classes):
            self._quoted.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A shape holds no text."""

    def handle_endtag(self, tag: str) -> None:
        if self._quoted and self._quoted[-1] == tag:
            self._quoted.pop()

    def handle_data(self, data: str) -> None:
        if not self._quoted and data.strip():
            self.pieces.append(data.strip())


@dataclass(frozen=True)
class Site:
    """What `render` gave for a payload and a seal."""

    payload: Payload
    seal: Seal
    files: Mapping[str, bytes]

    def html(self, path: str) -> str:
        """The text of one page, `en/index.html`."""
        return self.files[f"site/{path}"].decode()

    def text(self, path: str) -> str:
        """The words of one page's main part, without markup, runs of white space as one space."""
        body = re.sub(r"<style>.*?</style>", "", self.html(path), flags=re.DOTALL)
        bare = html.unescape(re.sub(r"<[^>]+>", " ", body))
        return re.sub(r"[ \t\n]+", " ", bare)

    @cached_property
    def pages(self) -> dict[str, verify.Page]:
        """Every page taken apart by the verifier's own reader."""
        return {path: verify.Page(data.decode()) for path, data in self.files.items() if path.endswith(".html")}

    @cached_property
    def words(self) -> verify.Words:
        """words.json as the verifier reads it."""

        class _Case:
            def document(_, path: str) -> Any:
                return json.loads(self.files[path.removeprefix("data/")])

        return verify.Words(_Case())  # type: ignore[arg-type]

    def value(self, pointer: str) -> Any:
        """The value of the payload, or of bundle.json, that a pointer names. Raises KeyError or IndexError."""
        file, _, steps = pointer.partition("#/")
        tokens = [step.replace("~1", "/").replace("~0", "~") for step in steps.split("/")]
        found: Any = self.seal.catalogue() if file == "bundle.json" else self.payload.files[file]
        if file.endswith(".jsonl"):
            key, number = ("seq" if file == "ledger.jsonl" else "id"), int(tokens.pop(0))
            found = next(row for row in found if row[key] == number)
        for token in tokens:
            found = found[int(token)] if isinstance(found, list) else found[token]
        return found

    def shown(self) -> Iterator[tuple[str, str, verify.Shown]]:
        """Every data element: page, language, element."""
        for path, page in self.pages.items():
            folder = path.split("/")[1]
            for each in page.data:
                yield path, folder if folder in ("en", "fr") else page.language, each
