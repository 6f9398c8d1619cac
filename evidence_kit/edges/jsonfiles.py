"""One JSON document as ticket systems export it, read forward: the objects of its list, each as it is written.

The document is never held whole: the standard decoder reads one element at a time, and what stands around the list is
decoded, held to the same rules, and dropped. Source: RFC 8259 (JSON), RFC 6901 (JSON Pointer).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import IO

from evidence_kit.edges.textfiles import Torn, told_apart, undecoded

#: Characters read at once, and the most that one element may have.
PIECE = 1 << 20
LONGEST = 16 * PIECE
BLANK = " \t\n\r"


class Objects:
    """The objects of a document's list, to be gone through once; `keys` is complete after that.

    `pointer` says where the list stands: `/tickets`, or nothing when the document is the list.
    """

    def __init__(self, file: Path, pointer: str) -> None:
        self._file, self._pointer = file, pointer
        self._lines: dict[str, int] = {}

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of every object, in the order of meeting."""
        return tuple(self._lines)

    def __iter__(self) -> Iterator[str]:
        """The JSON text of each object, as it stands in the file.

        Raises Torn for what is not JSON in UTF-8, a key given twice, a list that is not there, an element that is no
        object, or keys that differ by case alone.
        """
        try:
            with _text(self._file) as stream:
                document = _Document(stream)
                yield from self._below(document, _steps(self._pointer))
                document.end()
        except UnicodeError as error:
            raise Torn(undecoded(self._file, "utf-8"), "its bytes are not utf-8") from error
        told_apart(self._lines)

    def _below(self, document: _Document, steps: list[str]) -> Iterator[str]:
        if not steps:
            yield from self._elements(document)
            return
        line, met = document.line(), False
        for name in document.inside():
            if name == steps[0]:
                met = True
                yield from self._below(document, steps[1:])
            else:
                document.skip()
        if not met:
            raise Torn(line, f"`rows` points to {self._pointer}, and nothing stands there")

    def _elements(self, document: _Document) -> Iterator[str]:
        if document.next() != "[":
            raise Torn(document.line(), f"`rows` points to {self._pointer or 'the document'}, which is no list")
        for place in document.inside():
            document.next()
            line = document.line()
            found, text = document.value()
            if not isinstance(found, dict):
                raise Torn(line, f"element {int(place) + 1} of the list is no object")
            self._lines.update((key, line) for key in found if key not in self._lines)
            yield text


class _Document:
    """A JSON text and the place reached in it. Lines are counted from 1."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._text, self._at, self._ended = "", 0, False
        self._line, self._counted = 1, 0  # the line of the place up to which line ends were counted

    def line(self, ahead: int = 0) -> int:
        """The line of the place reached, or of a place so many characters further on."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line + self._text.count("\n", self._at, self._at + ahead)

    def next(self) -> str:
        """The character that comes next, blanks apart; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in BLANK:
                self._at += 1
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def inside(self) -> Iterator[str]:
        """The names of an object's members, or the places of a list's elements; the caller takes each value."""
        opened = self._take("{[")
        closing = "}" if opened == "{" else "]"
        if self.next() == closing:
            self._at += 1
            return
        seen: set[str] = set()
        for place in count():
            name = self._name(seen) if opened == "{" else str(place)
            yield name
            if self._take("," + closing) == closing:
                return

    def value(self) -> tuple[object, str]:
        """The value that comes next, and its text as written."""
        self.next()
        while True:
            try:
                found, end = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > LONGEST or not self._more():
                    ahead = error.pos - self._at
                    raise Torn(self.line(ahead), "this is not JSON, or one element is too long") from error
            except _Refused as error:
                raise Torn(self.line(), f"{error}, in the value that begins here") from error
            except RecursionError as error:
                raise Torn(self.line(), "the value that begins here is nested too deep") from error
            else:
                # A number so near the end of the piece may go on in the next, as in 1|5, 1.|5 or 1e+|5.
                if end + 2 < len(self._text) or not self._more():
                    text = self._text[self._at : end]
                    self._at = end
                    return found, text

    def skip(self) -> None:
        """Pass over the value that comes next; a list is passed element by element."""
        if self.next() != "[":
            self.value()
            return
        for _ in self.inside():
            self.value()

    def end(self) -> None:
        """Nothing may follow the document."""
        if self.next():
            raise Torn(self.line(), "something follows the end of the JSON document")

    def _name(self, seen: set[str]) -> str:
        if self.next() != '"':
            raise Torn(self.line(), "this is not JSON")
        line, name = self.line(), str(self.value()[0])
        if name in seen:
            raise Torn(line, "a key stands twice in one object")
        seen.add(name)
        self._take(":")
        return name

    def _take(self, accepted: str) -> str:
        found = self.next()
        if not found or found not in accepted:
            raise Torn(self.line(), "this is not JSON" if found else "the JSON document ends too early")
        self._at += 1
        return found

    def _more(self) -> bool:
        """Read on and drop what was passed; False at the end, where nothing changes. Long elements take long pieces."""
        piece = "" if self._ended else self._stream.read(max(PIECE, len(self._text) - self._at))
        if not piece:
            self._ended = True
            return False
        self.line()
        self._text, self._at, self._counted = self._text[self._at :] + piece, 0, 0
        return True


class _Refused(Exception):
    """What is JSON by its letters and not by its rules; the message never quotes it."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("a key stands twice in one object")
    return found


def _no_number(text: str) -> None:
    raise _Refused("a number is not one of JSON (NaN or Infinity)")


#: Numbers stay as they are written: no digit is lost, and no length is too long.
DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, parse_int=str, parse_float=str)


def _steps(pointer: str) -> list[str]:
    """The keys of a JSON Pointer; none for the document itself."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _text(file: Path) -> IO[str]:
    if file.name.endswith(".gz"):
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")
