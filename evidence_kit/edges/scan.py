"""The leak scan: no value that a pseudonym stands for, no secret and no canary may be in what is released.

Runs where the values are known, in the collector. A report names file, row, column and disguise, and never the value.
Not found, by design: base32 at a shifted alignment, encryption, pictures of text, values split over cells, and salted
pseudonyms, which are wanted. Source: docs/norm/notebook-gate, section 7.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from .disguises import (
    DISGUISES,
    FIRST,
    exact,
    exact_needles,
    fold,
    folded_needles,
    squeeze,
    squeezed_needle,
    text_of,
    undressed,
    unpacked,
)
from .patterns import looks_personal

CANARY: Final = "canary"
#: Packed in packed in packed: deeper nobody looks.
_DEEPEST: Final = 3
_SLOT_BITS: Final = 22
_SLOTS: Final = 1 << _SLOT_BITS
_MIX: Final = np.uint32(0x9E3779B1)
#: A leaking column has as many rows as the frame; this many are enough to find it.
_ENOUGH: Final = 100
#: Forms that keep a number a number: one may stand inside a longer one, or inside a digest, by chance.
_READABLE: Final = frozenset({"plain", "reversed", "rot13", "separators"})
#: The longest text that a pattern of host names wants before a name: `\\Users\\`.
_BEFORE: Final = len("\\Users\\")
_JSON_CELL: Final = re.compile(r"(?<=[:\[,])\s?\"([^\"\\\n]{1,5})\"(?!\s*:)")
_HTML_CELL: Final = re.compile(r">\s*([^<>\s]{1,5})\s*<")
#: Its clauses are numbers, as "16" of the GDPR, and all of it is made of parameter files and verdicts: of no source.
_NUMBERED: Final = "frameworks.json"
_CSV_CELL: Final = re.compile(r"(?:^|[,;\t])\"?([^,;\t\n\"]{1,5})\"?(?=[,;\t\r\n]|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hit:
    """One value met. `row`: the line, from 1; `column`: the key of a JSON line. None where the place has no row."""

    file: str
    row: int | None
    column: str | None
    disguise: str
    label: str

    def __str__(self) -> str:
        row = "" if self.row is None else f", row {self.row}"
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file}{row}{column}: {self.label}, {self.disguise}"


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked for and what was met: how many values and canaries, under which disguises."""

    hits: tuple[Hit, ...]
    encodings: tuple[str, ...]
    values: int
    canaries: int


@dataclass(frozen=True, slots=True)
class _Needle:
    """One text to look for."""

    text: str
    disguise: str
    label: str

    def at(self, view: str, place: int) -> bool:
        """Whether what stands there is no part of a longer number or of a digest."""
        end = place + len(self.text)
        if self.disguise not in _READABLE:
            return True
        before, after = view[place - 1 : place], view[end : end + 1]
        if all(character in "0123456789abcdef" for character in self.text):
            return not (before.isalnum() or after.isalnum())
        return not (self.text[0].isdigit() and before.isdigit()) and not (self.text[-1].isdigit() and after.isdigit())


_NONE: Final[Mapping[int, dict[str, list[_Needle]]]] = {}


@dataclass(slots=True)
class _Index:
    """Needles by their first characters, then by their length and text, so that three thousand values cost hardly more
    than twelve, and as many that begin alike no more than those."""

    needles: dict[str, dict[int, dict[str, list[_Needle]]]] = field(default_factory=dict)
    _slots: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(_SLOTS, dtype=np.bool_))
    _new: list[str] = field(default_factory=list)

    def add(self, text: str, disguise: str, label: str) -> None:
        first = text[:FIRST]
        if len(first) < FIRST:
            return
        if first not in self.needles:
            self._new.append(first)
        alike = self.needles.setdefault(first, {}).setdefault(len(text), {})
        alike.setdefault(text, []).append(_Needle(text, disguise, label))

    def find(self, view: str) -> list[_Needle]:
        """Every needle that stands in the view, as often as it does."""
        if len(view) < FIRST or not self.needles:
            return []
        if self._new:
            # All at once: beginnings of FIRST characters each, so every FIRST-th run is one of them.
            self._slots[_windows("".join(self._new))[::FIRST]] = True
            self._new.clear()
        # A place whose slot is empty begins no needle; the few others are looked up by their text.
        places = np.flatnonzero(self._slots[_windows(view)]).tolist()
        return [needle for place in places for needle in self._at(view, place) if needle.at(view, place)]

    def _at(self, view: str, place: int) -> Iterator[_Needle]:
        """The needles whose whole text stands at a place."""
        for length, texts in self.needles.get(view[place : place + FIRST], _NONE).items():
            yield from texts.get(view[place : place + length], ())


def _windows(view: str) -> npt.NDArray[np.uint32]:
    """The slot of each run of FIRST characters, all at once. Two runs may share a slot; one run has always the same.

    Written for FIRST = 6.
    """
    codes = np.frombuffer(view.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    pairs = codes[:-1] * _MIX + codes[1:]
    # Three pairs, one behind the other, are six characters: half the passes over the text that single ones take.
    mixed: npt.NDArray[np.uint32] = pairs[:-4] * _MIX
    mixed += pairs[2:-2]
    mixed *= _MIX
    mixed += pairs[4:]
    mixed *= _MIX
    mixed >>= np.uint32(32 - _SLOT_BITS)
    return mixed


class Scanner:
    """Looks for these values under sixteen disguises, in contents and in file names.

    `values`: what each kind of value is called, and the values; `canaries`: planted values that no run may show;
    `names`: host and user names, looked for only inside paths, URLs and `user@host`. None of them is ever reported.
    """

    def __init__(
        self, values: Mapping[str, Iterable[str]], *, canaries: Iterable[str] = (), names: Iterable[str] = ()
    ) -> None:
        known = [(label, value) for label, several in values.items() for value in dict.fromkeys(several) if value]
        planted = [(CANARY, value) for value in dict.fromkeys(canaries)]
        self._values, self._canaries = len(known), len(planted)
        self._plain, self._folded, self._exact, self._squeezed = _Index(), _Index(), _Index(), _Index()
        self._short: dict[str, str] = {}
        for label, value in (*planted, *known):
            self._learn(label, value)
        listed = "|".join(re.escape(name) for name in sorted(set(names)) if name)
        self._names = _places_of(listed) if listed else None
        self._called = tuple(sorted({fold(name) for name in names if name}))

    def _learn(self, label: str, value: str) -> None:
        folded = fold(value).strip()
        if len(folded) < FIRST:
            if folded:
                self._short.setdefault(folded, label)
            return
        self._plain.add(folded, "plain", label)
        for disguise, text in folded_needles(value):
            self._folded.add(text, disguise, label)
        for disguise, text in exact_needles(value):
            self._exact.add(text, disguise, label)
        if (bare := squeezed_needle(value)) is not None:
            self._squeezed.add(bare, "separators", label)

    def scan(self, files: Iterable[tuple[str, bytes]]) -> Report:
        """Look through every file, its name too. A name that leaks is itself not reported, only its place."""
        hits: list[Hit] = []
        for number, (name, data) in enumerate(files, 1):
            in_name = list(dict.fromkeys(self._met(name.encode(), "", 0)))
            shown = f"file {number} (its name leaks)" if in_name else name
            hits += [Hit(shown, None, "file name", disguise, label) for disguise, label in in_name]
            hits += self._file(shown, name, data)
        return Report(tuple(hits), DISGUISES, self._values, self._canaries)

    def _file(self, shown: str, name: str, data: bytes) -> list[Hit]:
        met = dict.fromkeys(self._met(data, name, 0))
        if not met:
            return []
        hits: list[Hit] = []
        for row, line in enumerate(data.split(b"\n"), 1):
            found = dict.fromkeys(self._met(line, name, 0))
            hits += [Hit(shown, row, self._column(line, each), *each) for each in found]
            if len(hits) >= _ENOUGH:
                return hits
        placed = {(hit.disguise, hit.label) for hit in hits}
        # What spans lines, or stands in a file without lines, has no row to name.
        return hits + [Hit(shown, None, None, *each) for each in met if each not in placed]

    def _column(self, line: bytes, met: tuple[str, str]) -> str | None:
        """The key under which a JSON line holds what was met, if one does."""
        try:
            row = json.loads(line)
        except ValueError:
            return None
        if isinstance(row, dict):
            for key, value in row.items():
                text = json.dumps({"": value}, ensure_ascii=False).encode()
                if any(label == met[1] for _, label in self._met(text, "", 0)):
                    return str(key)
        return None

    def _met(self, data: bytes, name: str, depth: int) -> Iterator[tuple[str, str]]:
        """Disguise and label of everything met in these bytes."""
        text = text_of(data)
        folded, same = fold(text), exact(text)
        needles = self._folded.find(folded)
        plain = {needle.text for needle in needles if needle.disguise == "plain"}
        for needle in needles:
            unseen = needle.disguise == "plain" and needle.text not in text.casefold()
            yield ("decomposed" if unseen else needle.disguise), needle.label
        yield from self._base64(text, same)
        for disguise, reading in undressed(data, text):
            found = self._plain.find(fold(reading))
            yield from ((disguise, needle.label) for needle in found if needle.text not in plain)
        known = {squeezed_needle(each) for each in plain}
        found = self._squeezed.find(squeeze(folded))
        yield from ((needle.disguise, needle.label) for needle in found if needle.text not in known)
        yield from self._cells(folded, name)
        yield from (("plain", f"pattern: {kind}") for kind in looks_personal(text))
        if self._places_named(text, folded):
            yield "plain", "host or user name"
        if depth < _DEEPEST:
            for piece in unpacked(data, same):
                yield from (("compressed", label) for _, label in self._met(piece, "", depth + 1))

    def _places_named(self, text: str, folded: str) -> bool:
        """Whether a host or user name gives a place away. The pattern is tried only where a name stands: it is slow."""
        called = [name for name in self._called if name in folded]
        if self._names is None or not called:
            return False
        lower = text.lower()
        if len(lower) != len(text) or any(lower.count(name) != folded.count(name) for name in called):
            return self._names.search(text) is not None
        for name in called:
            at = lower.find(name)
            while at >= 0:
                # What comes before is seen by looking back; nothing longer begins it.
                near = self._names.search(text, max(0, at - _BEFORE), at + len(name) + 2)
                if near and self._names.match(text, near.start()):  # again, with all that comes behind it
                    return True
                at = lower.find(name, at + 1)
        return False

    def _base64(self, text: str, same: str) -> Iterator[tuple[str, str]]:
        for needle in self._exact.find(same):
            # What holds + or / was written with - and _ when it stands in no line of the text itself.
            url = needle.disguise == "base64" and needle.text not in text.replace("\r", "").replace("\n", "")
            yield ("base64url" if url else needle.disguise), needle.label

    def _cells(self, folded: str, name: str) -> Iterator[tuple[str, str]]:
        """Short values, where one is the whole of a cell. A short number is looked for in JSON texts alone: elsewhere
        counts and days look like it, and in one of them the numbers of clauses."""
        if not self._short:
            return
        readings = [_JSON_CELL, _HTML_CELL, *([_CSV_CELL] if name.endswith((".csv", ".tsv")) else [])]
        numbered = name.rpartition("/")[2] == _NUMBERED
        for reading in readings:
            numbers = reading is _JSON_CELL and not numbered
            for match in reading.finditer(folded):
                label = self._short.get(match[1].strip())
                if label is not None and (numbers or not match[1].strip().isdigit()):
                    yield "plain", label


def _places_of(listed: str) -> re.Pattern[str]:
    """Where a host or user name gives a machine away: after `//`, `@` or a home folder, or before `@`."""
    after = rf"(?://|\\\\|@|/home/|/Users/|\\Users\\)(?:{listed})(?![\w-])|(?<![\w.#/])/(?:{listed})/"
    return re.compile(rf"{after}|(?<![\w.+-])(?:{listed})@\w", re.IGNORECASE)
