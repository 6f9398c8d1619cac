#!/usr/bin/env python3
"""Verify one evidence bundle, offline, with nothing but this file and Python 3.9 or newer.

    python3 -I -S verify.py [BUNDLE] [--key FILE|SHA256:...] [--previous BUNDLE] [--against BUNDLE] [--earlier BUNDLE]
                            [--leaves FILE] [--json] [--verbose]

BUNDLE is a folder or its ZIP form; without it, the bag this script lies in. `--key` (repeatable) names the signer you
trust: a public key file, or a fingerprint that reached you by another way than the bundle. `--previous` is an earlier
bundle of the same engagement; `--against` is the auditor-full bundle that this one says it was derived from;
`--earlier` is the bundle that its delta.json says the changes from; `--leaves` (repeatable) is a leaves file that was
delivered apart.

Exit status: 0 every check that applies passed and the signer is one you named; 1 at least one FAIL; 2 no FAIL, but not
decided (no --key, another format version, leaves not at hand, a size beyond this program); 64 wrong use.

It writes nothing, starts no process, opens no connection, and runs nothing from the bundle. The checks and their ids
are those of docs/norm/verifier.md, the format that of docs/norm/bundle.md and docs/norm/bundle-files.md. Sections below
follow the ids: I (input), B (bag), S (signature), J (JSON), L (ledger), C (catalogue), D (draw), R (results), N
(notebooks), H (pages), X (a derived bundle beside the full one). What a level does not hold cannot be checked there:
such a check says N/A and names the level.

How the visible text of `<data value="V" data-ek="FILE#/POINTER">text</data>` must agree with V (check H03)
    FILE is the path under data/ of a .json or .jsonl file (`summary.json`, not `data/summary.json`); for JSONL the
    first step of the pointer is the row's `id` (the ledger's `seq`). V is the value's text: a string as it is, an
    integer in base 10, `true`/`false`; null, lists and objects are never pointed at. White space at both ends is cut
    and runs of space, tab and LF are one space. LANGUAGE is that of the folder (site/en, site/fr), else of the `lang`
    of the page.
    verdict   (V is PASS, FAIL, ERROR or INCONCLUSIVE): the language's word in site/words.json, nothing else.
    number    (V is an integer, or a string in the decimal form): V itself, or V in the language's form. en: groups of
              three by `,` and a decimal `.`; fr: groups of three by U+202F, U+00A0 or space and a decimal `,`. The
              minus sign is `-` or U+2212; one `%` may follow, after nothing, a space, U+00A0 or U+202F. No digit is
              added or left out.
    date      (V is YYYY-MM-DD): the element holds one `<time datetime="V">`; its text is V itself, or DAY MONTH YEAR
              with DAY without leading zero (in French also `1er`) and MONTH a word of `months` or `months_short` of the
              language; between them one space, U+00A0 or U+202F.
    instant   (V is YYYY-MM-DDTHH:MM:SS, with a fraction or not, with Z or not): one `<time datetime="V">`, where digits
              after the third of a fraction may be left out, for HTML knows no finer ones; V itself, or
              a date as above, or that date, then 1 to 4 characters that are no digit (`, `, ` at `, ` à `), then HH:MM,
              HH:MM:SS or HH:MM:SS.ffffff, then, only after a time and only for V with Z, nothing, ` UTC` or ` Z`.
              Digits are those of V (UTC): only a tail of V may be left out.
    any other string: V exactly (or as V reads when white space is treated as above).
"""
# ruff: noqa: UP031 - a percent format refuses a number that is none

from __future__ import annotations

import argparse
import array
import ast
import base64
import binascii
import datetime as dt
import functools
import hashlib
import html
import io
import itertools
import json
import math
import os
import posixpath
import re
import stat
import struct
import sys
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, BinaryIO, Callable, NamedTuple

FORMAT, VERSION, LEVEL = "evidence-kit-bundle", 1, "auditor-full"
PSEUDONYMISED, CLIENT = DERIVED_LEVELS = ("auditor-pseudonymised", "client")
NAMESPACE = b"evidence-kit-bundle-v1"

# Limits on hostile input (docs/norm/verifier.md, section 1).
MOST_ENTRIES = 60_000
MOST_BYTES, MOST_BYTES_FILE = 64 << 30, 16 << 30
MOST_SEGMENTS, MOST_SEGMENT, MOST_PATH = 8, 64, 180
MOST_JSON, MOST_LINE, MOST_STRING, MOST_NESTING, MOST_MEMBERS = 64 << 20, 1 << 20, 256 << 10, 16, 200_000
MOST_ENTRIES_LEDGER, MOST_ROWS = 1_000_000, 20_000_000
MOST_PAGE = 8 << 20
MOST_SIGNATURE, MOST_TAG_FILE = 4 << 10, 64 << 20
MOST_DIGITS = 16
MOST_DATA = 4 << 10
MOST_KEPT = 16 << 20
MOST_BLOCK = 1 << 20  # bytes of a file that are read at once
MOST_DEFECTS = 20
MOST_READINGS = 4096
MOST_WORKING_DAYS, MOST_DAYS_OFF, MOST_DAYS_PAUSED = 5000, 1000, 400_000
LARGEST = 2**53 - 1

Defect = Any  # a text, or (path, text)


class Undecided(Exception):
    """The check cannot be answered with what is at hand: `----`, and exit status 2 when nothing else fails."""


class NotApplicable(Exception):
    """The check asks nothing of this bundle."""


class Changed(Exception):
    """A file changed while it was being read."""


class Usage(Exception):
    """Wrong use of the command: exit status 64."""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest_of(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass"))


def netstring(text: str) -> str:
    return "%d:%s," % (len(text.encode("utf-8", "surrogatepass")), text)


def canonical(value: Any) -> str:
    return ENCODE(value)


ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
DECODE = json.JSONDecoder().decode


def decoded(line: bytes) -> Any:
    """The value of one line of JSON in UTF-8."""
    return DECODE(line.decode("utf-8"))


def plain(text: Any) -> str:
    """The text in printable ASCII, short enough for one line."""
    shown = str(text)
    shown = shown if len(shown) <= 300 else shown[:300] + "..."
    return "".join(c if " " <= c <= "~" else c.encode("unicode_escape").decode("ascii") for c in shown)


# ---------------------------------------------------------------------------------------------------------------------
# The bag as files: a folder, or a ZIP read in place
# ---------------------------------------------------------------------------------------------------------------------


class Window(io.RawIOBase):
    """The bytes of one stored ZIP entry, read from the ZIP itself."""

    def __init__(self, path: str, start: int, size: int) -> None:
        self.under = open_regular(path)[0]
        self.start, self.size, self.at = start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (0, self.at, self.size)[whence]
        return self.at

    def readinto(self, buffer: Any) -> int:
        self.under.seek(self.start + self.at)
        data = self.under.read(max(0, min(len(buffer), self.size - self.at)))
        buffer[: len(data)] = data
        self.at += len(data)
        return len(data)

    def close(self) -> None:
        self.under.close()
        super().close()


AS_IT_IS = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    AS_IT_IS |= getattr(os, _flag, 0)


def descriptor_of(path: str) -> tuple[int, os.stat_result]:
    """Open a regular file without following a link and without waiting for a pipe; whoever asks closes it."""
    handle = os.open(path, AS_IT_IS)
    state = os.fstat(handle)
    if not stat.S_ISREG(state.st_mode):
        os.close(handle)
        raise Changed("is no regular file any more")
    return handle, state


def open_regular(path: str) -> tuple[BinaryIO, os.stat_result]:
    """The same as a file object."""
    handle, state = descriptor_of(path)
    return os.fdopen(handle, "rb"), state


class Entry(NamedTuple):
    """One file of the bag. `start` is its offset inside a ZIP, -1 in a folder."""

    size: int
    start: int
    crc: int


class Bag:
    """The files of one bundle. `form` gathers, by check id, what is wrong before any content is read."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self.files: dict[str, Entry] = {}
        self.folders: set[str] = set()
        self.form: dict[str, list[Defect]] = {key: [] for key in ("I01", "I02", "I03", "I04", "I06", "I07")}
        self.zipped = not os.path.isdir(self.path)
        self.name = os.path.basename(self.path)
        self.digests: dict[str, str] = {}
        self.checksums: dict[str, int] = {}
        self.stamps: dict[str, tuple[int, int, int]] = {}
        self.read_last: dict[str, tuple[int, Any]] = {}
        self.offsets: dict[str, Any] = {}
        self.handles: dict[str, BinaryIO] = {}
        self.parsed = 0  # bytes of the rows taken apart by `row`
        self.undecided = ""
        self.readable = True
        if self.zipped:
            read_zip(self)
        else:
            self._walk()
        total = sum(entry.size for entry in self.files.values())
        if total > MOST_BYTES or any(entry.size > MOST_BYTES_FILE for entry in self.files.values()):
            self.undecided = "more than 64 GiB, or a file of more than 16 GiB"

    def _walk(self) -> None:
        waiting, count = [""], 0
        while waiting:
            folder = waiting.pop()
            empty = True
            with os.scandir(os.path.join(self.path, folder)) as entries:
                for entry in entries:
                    empty = False
                    count += 1
                    if count > MOST_ENTRIES:
                        self.form["I03"].append("more than %d entries" % MOST_ENTRIES)
                        self.readable = False
                        return
                    self._note(folder + "/" + entry.name if folder else entry.name, entry, waiting)
            if empty and folder:
                self.form["I06"].append((folder, "empty folder"))

    def _note(self, name: str, entry: Any, waiting: list[str]) -> None:
        state = entry.stat(follow_symlinks=False)
        linked = stat.S_ISLNK(state.st_mode) or bool(getattr(state, "st_reparse_tag", 0))
        if linked or not (stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)):
            self.form["I02"].append((name, "neither a regular file nor a folder"))
        elif stat.S_ISDIR(state.st_mode):
            self.folders.add(name)
            if name.count("/") < 4 * MOST_SEGMENTS:
                waiting.append(name)
        else:
            self.files[name] = Entry(state.st_size, -1, 0)

    def open(self, name: str) -> BinaryIO:
        """The file's bytes; raises Changed when the file is not what it was when it was first read."""
        entry = self.files[name]
        if self.zipped:
            window = Window(self.path, entry.start, entry.size)
            self._same_zip(window)
            return io.BufferedReader(window, 1 << 16)
        return os.fdopen(self._descriptor(name), "rb")

    def _descriptor(self, name: str) -> int:
        try:
            handle, state = descriptor_of(self.path + os.sep + name.replace("/", os.sep))
        except OSError as error:
            raise Changed("%s: cannot be read (%s)" % (plain(name), error.strerror or type(error).__name__)) from error
        try:
            self._same(name, state)
        except Changed:
            os.close(handle)
            raise
        return handle

    def _same(self, name: str, state: os.stat_result) -> None:
        stamp = (state.st_size, state.st_mtime_ns, state.st_ino)
        if state.st_size != self.files[name].size or self.stamps.setdefault(name, stamp) != stamp:
            raise Changed("%s: changed while it was being read" % plain(name))

    def _same_zip(self, window: Window) -> None:
        """The ZIP is still the one whose directory was read."""
        state = os.fstat(window.under.fileno())
        stamp = (state.st_size, state.st_mtime_ns, state.st_ino)
        if self.stamps.setdefault("", stamp) != stamp:
            window.close()
            raise Changed("the ZIP changed while it was being read")

    def read(self, name: str, limit: int) -> bytes:
        """The whole file, at most `limit` bytes: raises Undecided beyond (a check of sizes says so by itself)."""
        if self.files[name].size > limit:
            raise Undecided(f"{plain(name)} is larger than its limit")
        with self.open(name) as handle:
            data = handle.read(self.files[name].size + 1)
            self._after(name, handle, len(data))
        return data

    def _after(self, name: str, handle: BinaryIO, seen: int) -> None:
        if not self.zipped:
            self._same(name, os.fstat(handle.fileno()))
        if seen != self.files[name].size:
            raise Changed("%s: changed while it was being read" % plain(name))

    def sha256(self, name: str) -> str:
        if name not in self.digests:
            self.digests[name] = self._hashed_entry(name) if self.zipped else self._hashed_file(name)
        return self.digests[name]

    def _hashed_file(self, name: str) -> str:
        state, seen, size = hashlib.sha256(), 0, self.files[name].size
        handle = self._descriptor(name)
        try:
            while seen <= size:
                # One byte more than should be there: a file that grew is told from one that ended.
                block = os.read(handle, min(MOST_BLOCK, size + 1 - seen))
                if not block:
                    break
                state.update(block)
                seen += len(block)
                if seen == size and size < MOST_BLOCK:
                    break  # it ended within what was asked for
            self._same(name, os.fstat(handle))
        finally:
            os.close(handle)
        if seen != size:
            raise Changed("changed while it was being read")
        return state.hexdigest()

    def _hashed_entry(self, name: str) -> str:
        state, crc, seen = hashlib.sha256(), 0, 0
        with self.open(name) as handle:
            while True:
                block = handle.read(MOST_BLOCK)
                if not block:
                    break
                state.update(block)
                seen += len(block)
                crc = zlib.crc32(block, crc)
            self._after(name, handle, seen)
        self.checksums[name] = crc
        return state.hexdigest()

    def lines(self, name: str) -> Iterator[bytes]:
        """Each line with its LF; a line beyond the limit is cut one byte after it."""
        seen = 0
        with self.open(name) as handle:
            while True:
                line = handle.readline(MOST_LINE + 1)
                if not line:
                    break
                seen += len(line)
                yield line
            self._after(name, handle, seen)

    def row(self, name: str, number: int) -> dict[str, Any] | None:
        """Row `number` (from 1) of a JSONL file, by an index of its lines; None when there is none."""
        if name not in self.offsets:
            offsets, at = array.array("Q"), 0
            for line in self.lines(name):
                offsets.append(at)
                at += len(line)
            self.offsets[name] = offsets
        offsets = self.offsets[name]
        if not 1 <= number <= len(offsets):
            return None
        if name not in self.handles:
            if len(self.handles) >= 32:
                self.close()
            self.handles[name] = self.open(name)
        if self.read_last.get(name, (0, None))[0] != number:  # pages cite one row many times in a run
            self.handles[name].seek(offsets[number - 1])
            line = self.handles[name].readline(MOST_LINE + 1)
            self.parsed += len(line)
            self.read_last[name] = (number, decoded(line))
        row = self.read_last[name][1]
        return row if isinstance(row, dict) else None

    def close(self) -> None:
        for handle in self.handles.values():
            handle.close()
        self.handles.clear()

    @functools.cached_property
    def payload(self) -> list[str]:
        return sorted(name for name in self.files if name.startswith("data/"))


END, DIRECTORY, LOCAL = struct.Struct("<4s4H2LH"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s5H3L2H")
ZIP_DATE, ZIP_MODE = 0x21, 0o100644 << 16


def read_zip(bag: Bag) -> None:
    """The entries of the canonical ZIP form (docs/norm/bundle.md, section 10); anything else is a defect."""
    handle, state = open_regular(bag.path)
    bag.stamps[""] = (state.st_size, state.st_mtime_ns, state.st_ino)
    with handle:
        size = state.st_size
        handle.seek(max(0, size - 66_000))
        tail = handle.read(66_000)
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < END.size:
            bag.form["I01"].append("neither a folder nor a ZIP")
            bag.readable = False
            return
        _, disk, first, here, count, length, offset, comment = END.unpack_from(tail, at)
        end_at = size - len(tail) + at
        if count > MOST_ENTRIES or here > MOST_ENTRIES:
            if 0xFFFF in (count, here) and b"PK\x06\x07" in tail[max(0, at - 20) : at]:
                bag.undecided = "a ZIP64 file, which this release does not read"
            else:
                bag.form["I03"].append("the ZIP names %d entries, more than %d" % (max(count, here), MOST_ENTRIES))
            bag.readable = False
            return
        if 0xFFFFFFFF in (length, offset):
            bag.undecided, bag.readable = "a ZIP64 file, which this release does not read", False
            return
        if disk or first or here != count or comment or end_at + END.size != size or offset + length != end_at:
            bag.form["I07"].append("bytes before, between or after the parts of the ZIP, or a comment")
        if length > MOST_ENTRIES * (DIRECTORY.size + 2 * MOST_PATH):
            bag.form["I03"].append("the directory of the ZIP is too large")
            bag.readable = False
            return
        handle.seek(offset)
        directory = handle.read(min(length, size))
        _zip_entries(bag, handle, directory, count, offset)
    bag.name = os.path.basename(bag.path)
    _strip_top(bag)


def _zip_entries(bag: Bag, handle: BinaryIO, directory: bytes, count: int, end: int) -> None:
    at, expected, previous = 0, 0, b""
    seen: set[str] = set()
    complain = bag.form["I07"].append
    for _ in range(count):
        if len(directory) - at < DIRECTORY.size or directory[at : at + 4] != b"PK\x01\x02":
            complain("the directory of the ZIP is cut or damaged")
            break
        field = DIRECTORY.unpack_from(directory, at)
        made, need, flags, method, time, date, crc, packed, real = field[1:10]
        lengths, disk, inside, outside, start = field[10:13], field[13], field[14], field[15], field[16]
        raw = directory[at + DIRECTORY.size : at + DIRECTORY.size + lengths[0]]
        at += DIRECTORY.size + sum(lengths)
        name = raw.decode("utf-8", "backslashreplace")
        mode = outside >> 16
        if made >> 8 == 3 and mode and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            bag.form["I02"].append((name, "neither a regular file nor a folder"))
        wrong = []
        if (made, need, flags, method) != (3 << 8 | 20, 20, 0, 0):
            wrong.append("version, flags or method")
        if (time, date, disk, inside, outside) != (0, ZIP_DATE, 0, 0, ZIP_MODE):
            wrong.append("date or mode")
        if lengths[1] or lengths[2] or packed != real:
            wrong.append("extra field, comment or packed size")
        head = b""
        if start != expected:
            wrong.append("offset")
        else:
            handle.seek(start)
            head = handle.read(LOCAL.size + len(raw))
        wanted = LOCAL.pack(b"PK\x03\x04", need, flags, method, time, date, crc, packed, real, len(raw), 0) + raw
        if head != wanted:
            wrong.append("local header")
        if name in seen:
            wrong.append("name given twice")
        if raw <= previous:
            wrong.append("order")
        previous = raw
        seen.add(name)
        expected = start + LOCAL.size + len(raw) + packed
        if expected > end:
            wrong.append("size")
        if wrong:
            complain((name, "not in the canonical form: " + ", ".join(wrong)))
            bag.readable = False
        bag.files[name] = Entry(real, start + LOCAL.size + len(raw), crc)
    if at != len(directory) or expected != end:
        complain("a gap in the ZIP, or bytes that belong to no entry")


def _strip_top(bag: Bag) -> None:
    tops = {name.split("/", 1)[0] for name in bag.files}
    if len(tops) != 1 or any("/" not in name for name in bag.files):
        bag.form["I01"].append("a ZIP must hold one top folder, named as the bundle")
        bag.readable = False
        bag.form["I04"].extend(path_defects(bag.files))
        return
    bag.name = tops.pop()
    bag.files = {name.split("/", 1)[1]: entry for name, entry in bag.files.items()}


SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.ASCII | re.IGNORECASE)


def path_defects(names: Iterable[str]) -> Iterator[Defect]:
    for name in names:
        parts = name.split("/")
        if len(name) > MOST_PATH or len(parts) > MOST_SEGMENTS:
            yield name, "path too long"
        for part in parts:
            if not SEGMENT.fullmatch(part) or len(part) > MOST_SEGMENT or part.endswith(".") or DEVICE.fullmatch(part):
                yield name, "name outside the grammar of paths"
                break


# ---------------------------------------------------------------------------------------------------------------------
# The case: one bundle, what was read of it, and what the checks said
# ---------------------------------------------------------------------------------------------------------------------


class Case:
    """One bundle under examination. Documents are parsed once; a document that a J check refused is not used."""

    def __init__(
        self,
        bag: Bag,
        keys: Sequence[str],
        previous: Bag | None = None,
        leaves: Sequence[str] = (),
        against: Bag | None = None,
        earlier: Bag | None = None,
    ) -> None:
        self.bag, self.keys, self.previous, self.leaves = bag, set(keys), previous, leaves
        self.against, self.earlier = against, earlier
        self.refused: set[str] = set()
        self.documents: dict[str, Any] = {}
        self.shelf: dict[str, Any] = {}
        self.notes: dict[str, str] = {}

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.shelf:
            self.shelf[name] = make()
        return self.shelf[name]

    def whole(self) -> None:
        """Stop here unless the bag's files can be told apart and read."""
        if not self.bag.readable:
            raise Undecided("the files of the bundle cannot be read (see I)")

    def use(self, path: str) -> None:
        self.whole()
        if path in self.refused:
            raise Undecided(f"{plain(path)} was refused (see J)")
        if path not in self.bag.files:
            raise Undecided(f"{plain(path)} is not there")

    def raw_json(self, path: str) -> Any:
        self.use(path)
        if path not in self.documents:
            data = self.bag.read(path, MOST_JSON)
            readable, value = Parser(open_keys=True).parse(data[:-1] if data.endswith(b"\n") else data)
            if not readable:
                raise Undecided("%s cannot be read (see J)" % plain(path))
            self.documents[path] = value
        return self.documents[path]

    def catalogue(self) -> Any:
        """bundle.json of a version that this release reads; else raises Undecided."""
        catalogue = self.raw_json("data/bundle.json")
        if not isinstance(catalogue, dict) or catalogue.get("version") != VERSION:
            raise Undecided("another version of the format")
        return catalogue

    @property
    def level(self) -> str:
        """The level that bundle.json names; auditor-full where it names none: there every check applies."""
        try:
            level = self.catalogue().get("level")
        except Undecided:
            return LEVEL
        return level if level in DERIVED_LEVELS else LEVEL

    def document(self, path: str) -> Any:
        self.catalogue()
        return self.raw_json(path)

    def rows(self, path: str) -> Iterator[Any]:
        self.catalogue()
        self.use(path)
        for line in self.bag.lines(path):
            yield decoded(line)

    def artefacts(self) -> dict[str, Any]:
        self.catalogue()
        made = self.once("artefacts", lambda: {each["path"]: each for each in self.catalogue()["artefacts"]})
        return made  # type: ignore[no-any-return]

    def engagement(self) -> Any:
        return self.document("data/engagement.json")

    def controls(self) -> dict[str, Any]:
        listed = self.document("data/controls.json")["controls"]
        return {each["control"]: each for each in listed}

    def summary(self) -> Any:
        return self.document("data/summary.json")

    def under(self, folder: str, suffix: str) -> list[tuple[str, str]]:
        """(stem, path) of each payload file of `data/<folder>/` that ends with `suffix`."""
        start = f"data/{folder}/"

        def make() -> list[tuple[str, str]]:
            found = sorted(name for name in self.bag.files if name.startswith(start) and name.endswith(suffix))
            return [(name[len(start) : -len(suffix)], name) for name in found]

        return self.once(f"under {start} {suffix}", make)  # type: ignore[no-any-return]

    def draws(self) -> dict[str, Any]:
        self.catalogue()

        def make() -> dict[str, Any]:
            return {control: self.document(path) for control, path in self.under("draws", ".json")}

        # Made again when another file was refused: it may be one of these.
        return self.once("draws, %d refused" % len(self.refused), make)  # type: ignore[no-any-return]

    def results(self, control: str) -> Iterator[Any]:
        return self.rows(f"data/results/{control}.jsonl")


# ---------------------------------------------------------------------------------------------------------------------
# I: input
# ---------------------------------------------------------------------------------------------------------------------


def check_i01(case: Case) -> Iterator[Defect]:
    yield from case.bag.form["I01"]
    case.notes["I01"] = "ZIP" if case.bag.zipped else "folder"


def check_i02(case: Case) -> Iterator[Defect]:
    yield from case.bag.form["I02"]


def check_i03(case: Case) -> Iterator[Defect]:
    yield from case.bag.form["I03"]
    if case.bag.undecided:
        raise Undecided(case.bag.undecided)
    case.notes["I03"] = "%d files" % len(case.bag.files)


def check_i04(case: Case) -> Iterator[Defect]:
    yield from case.bag.form["I04"]
    yield from path_defects(sorted(case.bag.files))
    yield from path_defects(sorted(case.bag.folders))


def check_i05(case: Case) -> Iterator[Defect]:
    met: dict[str, str] = {}
    for name in sorted(case.bag.files) + sorted(case.bag.folders):
        other = met.setdefault(unicodedata.normalize("NFC", name).lower(), name)
        if other != name:
            yield name, f"the same path as {plain(other)} on some systems"


def check_i06(case: Case) -> Iterator[Defect]:
    yield from case.bag.form["I06"]


def check_i07(case: Case) -> Iterator[Defect]:
    if not case.bag.zipped:
        raise NotApplicable("a folder")
    yield from case.bag.form["I07"]
    if case.bag.readable:
        for name, entry in case.bag.files.items():
            case.bag.sha256(name)
            if case.bag.checksums[name] != entry.crc:
                yield name, "the ZIP's checksum does not match"


# ---------------------------------------------------------------------------------------------------------------------
# B: the bag
# ---------------------------------------------------------------------------------------------------------------------

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAG_FILES = ("README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "verify.py")
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
SIGNATURE, STAMP = "tagmanifest-sha256.txt.sig", "tagmanifest-sha256.txt.sig.tsr"
LABELS = (
    "Source-Organization",
    "External-Identifier",
    "Bagging-Date",
    "Payload-Oxum",
    "Bag-Software-Agent",
    "Evidence-Format",
    "Evidence-Level",
)
MANIFEST_LINE = re.compile(rb"([0-9a-f]{64})  ([!-~]+)\n")
OTHER_MANIFEST = re.compile(r"fetch\.txt|(tag)?manifest-.*\.txt")
LOOSE_LINE = re.compile(rb"([0-9a-fA-F]{64}) [ *]?(.*?)\r?\n?")


def tag_file(case: Case, name: str) -> bytes:
    case.whole()
    if name not in case.bag.files:
        raise Undecided(f"{name} is not there")
    return case.bag.read(name, MOST_TAG_FILE)


def manifest(case: Case, name: str) -> dict[str, str]:
    """path -> digest, read as forgivingly as possible: the form of the lines is a check of its own."""

    def make() -> dict[str, str]:
        listed, names = {}, {path: path for path in case.bag.files}  # a path is kept in memory once
        for line in tag_file(case, name).splitlines(True):
            match = LOOSE_LINE.fullmatch(line)
            if match:
                path = match.group(2).decode("utf-8", "backslashreplace")
                listed[names.get(path, path)] = match.group(1).decode("ascii").lower()
        return listed

    return case.once("listed " + name, make)  # type: ignore[no-any-return]


def form_of_manifest(case: Case, name: str) -> Iterator[Defect]:
    previous = b""
    for number, line in enumerate(tag_file(case, name).splitlines(True), 1):
        match = MANIFEST_LINE.fullmatch(line)
        if not match:
            yield name, "line %d is not `digest, two spaces, path, LF`" % number
            continue
        if match.group(2) <= previous:
            yield name, "line %d is out of order, or given twice" % number
        previous = match.group(2)


def check_b01(case: Case) -> Iterator[Defect]:
    case.whole()
    if "bagit.txt" not in case.bag.files:
        yield "bagit.txt", "is not there"
    elif tag_file(case, "bagit.txt") != BAGIT:
        yield "bagit.txt", "is not the two lines of BagIt 1.0"


def bag_info(case: Case) -> list[tuple[str, str]]:
    text = tag_file(case, "bag-info.txt").decode("utf-8", "replace")
    return [(label, value) for label, _, value in (line.partition(": ") for line in text.split("\n")[:-1])]


def check_b02(case: Case) -> Iterator[Defect]:
    case.whole()
    for name in (*TAG_FILES, TAG_MANIFEST):
        if name in case.bag.files and case.bag.files[name].size > MOST_TAG_FILE:
            yield name, "larger than 64 MiB"
    if "bag-info.txt" not in case.bag.files:
        yield "bag-info.txt", "is not there"
        return
    data = tag_file(case, "bag-info.txt")
    lines = bag_info(case)
    shaped = data == "".join("{}: {}\n".format(*line) for line in lines).encode("utf-8") and b"\r" not in data
    if tuple(label for label, _ in lines) != LABELS or not shaped or any(value != value.strip() for _, value in lines):
        yield "bag-info.txt", "does not hold these labels once, in order, one a line: " + ", ".join(LABELS)
        return
    said = dict(lines)
    if said["Source-Organization"] == "":
        yield "bag-info.txt", "Source-Organization is empty"
    if not re.fullmatch(r"[0-9]+\.[0-9]+", said["Payload-Oxum"], re.ASCII):
        yield "bag-info.txt", "Payload-Oxum is not `bytes.files`"
    catalogue = case.raw_json("data/bundle.json")
    if not isinstance(catalogue, dict):
        raise Undecided("bundle.json is no object")
    for label, value in (
        ("External-Identifier", catalogue.get("bundle")),
        ("Bagging-Date", str(catalogue.get("sealed_at"))[:10]),
        ("Bag-Software-Agent", "evidence_kit {}".format(catalogue.get("kit"))),
        ("Evidence-Format", str(catalogue.get("version"))),
        ("Evidence-Level", catalogue.get("level")),
    ):
        if said[label] != value:
            yield "bag-info.txt", f"{label} says {plain(said[label])}; bundle.json says {plain(value)}"


def check_b03(case: Case) -> Iterator[Defect]:
    case.whole()
    for name in sorted(case.bag.files):
        if OTHER_MANIFEST.fullmatch(name) and name not in (MANIFEST, TAG_MANIFEST):
            yield name, "only the two sha256 manifests may stand here"
    for name in (MANIFEST, TAG_MANIFEST):
        if name not in case.bag.files:
            yield name, "is not there"


def check_b04(case: Case) -> Iterator[Defect]:
    yield from form_of_manifest(case, MANIFEST)
    for name in manifest(case, MANIFEST):
        if not name.startswith("data/"):
            yield MANIFEST, f"lists {plain(name)}, which is not under data/"


def check_b05(case: Case) -> Iterator[Defect]:
    listed = manifest(case, MANIFEST)
    for name in case.bag.payload:
        if name not in listed:
            yield name, "is not listed in " + MANIFEST
    case.notes["B05"] = "%d files" % len(case.bag.payload)


def check_b06(case: Case) -> Iterator[Defect]:
    for name in manifest(case, MANIFEST):
        if name not in case.bag.files:
            yield name, f"is listed in {MANIFEST} and not there"


def digests_match(case: Case, name: str) -> Iterator[Defect]:
    for path, expected in manifest(case, name).items():
        if path in case.bag.files:
            found = case.bag.sha256(path)
            if found != expected:
                yield path, f"digest is {found}, {name} says {expected}"
            else:
                case.bag.digests[path] = expected  # the same text, kept once


def check_b07(case: Case) -> Iterator[Defect]:
    yield from digests_match(case, MANIFEST)


def check_b08(case: Case) -> Iterator[Defect]:
    yield from form_of_manifest(case, TAG_MANIFEST)
    listed = manifest(case, TAG_MANIFEST)
    for name in sorted(set(listed) ^ set(TAG_FILES)):
        yield TAG_MANIFEST, "{} {}".format("lists" if name in listed else "does not list", plain(name))


def check_b09(case: Case) -> Iterator[Defect]:
    yield from digests_match(case, TAG_MANIFEST)
    for name in TAG_FILES:
        if name not in case.bag.files:
            yield name, "is not there"


def check_b10(case: Case) -> Iterator[Defect]:
    said = dict(bag_info(case)).get("Payload-Oxum")
    found = "%d.%d" % (sum(case.bag.files[name].size for name in case.bag.payload), len(case.bag.payload))
    if said != found:
        yield "bag-info.txt", f"Payload-Oxum says {plain(said)}, there are {found}"


def check_b11(case: Case) -> Iterator[Defect]:
    case.whole()
    allowed = set(TAG_FILES) | {TAG_MANIFEST, SIGNATURE, STAMP}
    for name in sorted(case.bag.files):
        # A manifest of another algorithm and fetch.txt are B03's to name.
        if not name.startswith("data/") and name not in allowed and not OTHER_MANIFEST.fullmatch(name):
            yield name, "does not belong in a bag"


# ---------------------------------------------------------------------------------------------------------------------
# S: the signature. Ed25519 as RFC 8032, cofactorless, R compared as bytes; SSHSIG as OpenSSH's PROTOCOL.sshsig
# ---------------------------------------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def _point(data: bytes) -> Point | None:
    """The point that 32 bytes stand for; None unless they are its canonical form."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if len(data) != 32 or y >= P:
        return None
    top, bottom = (y * y - 1) % P, (D * y * y + 1) % P
    x = top * pow(bottom, 3, P) * pow(top * pow(bottom, 7, P), (P - 5) // 8, P) % P
    if (bottom * x * x - top) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (bottom * x * x - top) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def _add(one: Point, two: Point) -> Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    total = NEUTRAL
    while number:
        if number & 1:
            total = _add(total, point)
        point, number = _add(point, point), number >> 1
    return total


def _bytes(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or NEUTRAL


def ed25519_valid(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the key's over `message`; a key of small order is never valid."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, s = _point(public), int.from_bytes(signature[32:], "little")
    if key is None or s >= L or _bytes(_times(8, key)) == _bytes(NEUTRAL):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    negated = (P - key[0], key[1], key[2], P - key[3])
    return _bytes(_add(_times(s, BASE), _times(k, negated))) == signature[:32]


class SshSignature:
    """One armoured SSHSIG, taken apart. `defects` are (check id, text), in the order in which they were met."""

    ARMOUR = re.compile(
        rb"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]{1,76}\n)+)-----END SSH SIGNATURE-----\n?", re.ASCII
    )

    def __init__(self, armoured: bytes) -> None:
        self.defects: list[tuple[str, str]] = []
        self.key_blob = self.public = self.namespace = self.signature = self.reserved = self.hash = b""
        match = self.ARMOUR.fullmatch(armoured) if len(armoured) <= MOST_SIGNATURE else None
        try:
            text = match.group(1).replace(b"\n", b"") if match else b""
            blob = base64.b64decode(text, validate=True)
            # Unused bits at the end must be zero: no two texts stand for one signature.
            blob = blob if base64.b64encode(blob) == text else b""
        except (binascii.Error, ValueError):
            blob = b""
        if not blob:
            self.defects.append(("S01", "not an armoured SSH signature"))
            return
        try:
            self._read(blob)
        except EOFError:
            self.defects.append(("S01", "signature blob is truncated"))

    def _read(self, blob: bytes) -> None:
        complain = self.defects.append
        if blob[:6] != b"SSHSIG"[: len(blob)]:
            complain(("S01", "magic is not SSHSIG"))
            return
        if len(blob) < 10:
            raise EOFError
        if blob[6:10] != b"\0\0\0\1":
            complain(("S02", "SSHSIG version is not 1"))
        self.key_blob, rest = _field(blob[10:])
        self.namespace, rest = _field(rest)
        self.reserved, rest = _field(rest)
        self.hash, rest = _field(rest)
        inner, rest = _field(rest)
        algorithm, public = _field(self.key_blob)
        if algorithm != b"ssh-ed25519":
            complain(("S02", "key algorithm is not ssh-ed25519"))
        else:
            self.public, after = _field(public)
            if after or len(self.public) != 32:
                complain(("S02", "key has the wrong length"))
        if self.reserved:
            complain(("S02", "reserved field is not empty"))
        if self.hash != b"sha512":
            complain(("S02", "hash is not sha512"))
        algorithm, signature = _field(inner)
        if algorithm != b"ssh-ed25519":
            complain(("S02", "signature algorithm is not ssh-ed25519"))
        self.signature, after = _field(signature)
        if rest or after:
            complain(("S01", "bytes after the end of the signature blob"))
        if algorithm == b"ssh-ed25519" and len(self.signature) != 64:
            complain(("S02", "signature has the wrong length"))

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.key_blob)

    def matches(self, message: bytes) -> bool:
        hashed = hashlib.sha512(message).digest()
        fields = (self.namespace, self.reserved, self.hash, hashed)
        signed = b"SSHSIG" + b"".join(struct.pack(">L", len(each)) + each for each in fields)
        return self.hash == b"sha512" and ed25519_valid(self.public, signed, self.signature)


def _field(data: bytes) -> tuple[bytes, bytes]:
    if len(data) < 4:
        raise EOFError
    end = 4 + int.from_bytes(data[:4], "big")
    if len(data) < end:
        raise EOFError
    return data[4:end], data[end:]


def fingerprint(blob: bytes) -> str:
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")


def trusted_keys(given: str) -> list[str]:
    """The fingerprints that one `--key` names. Raises Usage for a file that holds no Ed25519 public key."""
    if given.startswith("SHA256:"):
        if not re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", given, re.ASCII):
            raise Usage("--key: not a fingerprint (SHA256: and 43 characters)")
        return [given]
    try:
        handle, _ = open_regular(os.path.realpath(given))
        with handle:
            lines = handle.read(1 << 20).decode("utf-8", "replace").splitlines()
    except (OSError, Changed) as error:
        raise Usage(f"--key: cannot read {plain(given)}") from error
    found = []
    for line in lines:
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            blob = base64.b64decode(words[words.index("ssh-ed25519") + 1], validate=True)
            algorithm, rest = _field(blob)
            public, after = _field(rest)
        except (ValueError, IndexError, EOFError):
            raise Usage(f"--key: {plain(given)} holds a line that is no ssh-ed25519 public key") from None
        if algorithm != b"ssh-ed25519" or len(public) != 32 or after:
            raise Usage(f"--key: {plain(given)} holds a line that is no ssh-ed25519 public key")
        found.append(fingerprint(blob))
    if not found:
        raise Usage(f"--key: {plain(given)} holds no public key")
    return found


def seal(case: Case) -> SshSignature:
    def make() -> SshSignature:
        case.whole()
        if SIGNATURE not in case.bag.files or case.bag.files[SIGNATURE].size > MOST_SIGNATURE:
            return SshSignature(b"")
        return SshSignature(case.bag.read(SIGNATURE, MOST_SIGNATURE))

    return case.once("seal", make)  # type: ignore[no-any-return]


def seal_defects(case: Case, check: str) -> Iterator[Defect]:
    for which, text in seal(case).defects:
        if which == check:
            yield SIGNATURE, text


def check_s01(case: Case) -> Iterator[Defect]:
    case.whole()
    if SIGNATURE not in case.bag.files:
        yield SIGNATURE, "is not there: the bundle is not signed"
    else:
        yield from seal_defects(case, "S01")


def check_s02(case: Case) -> Iterator[Defect]:
    yield from seal_defects(case, "S02")
    if not seal(case).key_blob:
        raise Undecided("no signature could be read")


def check_s03(case: Case) -> Iterator[Defect]:
    if not seal(case).key_blob:
        raise Undecided("no signature could be read")
    if seal(case).namespace != NAMESPACE:
        yield SIGNATURE, "signed for another namespace: " + plain(seal(case).namespace.decode("latin-1"))


def check_s04(case: Case) -> Iterator[Defect]:
    if not seal(case).key_blob:
        raise Undecided("no signature could be read")
    signer = seal(case).fingerprint
    case.notes["S04"] = signer
    if case.keys and signer not in case.keys:
        yield SIGNATURE, "signed by a key that is not trusted: " + signer
    if "data/bundle.json" in case.bag.files and "data/bundle.json" not in case.refused:
        catalogue = case.raw_json("data/bundle.json")
        if isinstance(catalogue, dict) and catalogue.get("signer") != signer:
            yield (
                "data/bundle.json",
                "signer is {}, the signature is by {}".format(plain(catalogue.get("signer")), signer),
            )
    if not case.keys:
        raise Undecided("no --key given")


def check_s05(case: Case) -> Iterator[Defect]:
    if not seal(case).key_blob:
        raise Undecided("no signature could be read")
    if not seal(case).matches(tag_file(case, TAG_MANIFEST)):
        yield SIGNATURE, "the signature does not match " + TAG_MANIFEST


# A MessageImprint of RFC 3161 in DER: the identifier of SHA-256, with or without NULL, and 32 bytes.
IMPRINT = re.compile(rb"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01(?:\x05\x00)?\x04\x20(.{32})", re.DOTALL)


def check_s06(case: Case) -> Iterator[Defect]:
    case.whole()
    if STAMP not in case.bag.files:
        raise NotApplicable("no time stamp")
    token = case.bag.read(STAMP, MOST_TAG_FILE)
    imprints = {match.group(1).hex() for match in IMPRINT.finditer(token)}
    if SIGNATURE not in case.bag.files or case.bag.sha256(SIGNATURE) not in imprints:
        yield STAMP, "its imprint is not the SHA-256 of the signature"
    case.notes["S06"] = "imprint only; the token itself is not checked"


# ---------------------------------------------------------------------------------------------------------------------
# J: JSON. One pass over every .json, .jsonl and .ipynb file feeds the six checks
# ---------------------------------------------------------------------------------------------------------------------

KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
BRACKETS = bytes.maketrans(b"[]{}", b"()()")
NO_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")
SURROGATE = re.compile("[\ud800-\udfff]")
ALL_BUT_QUOTES = bytes(code if code == ord(b'"') else 0 for code in range(256))
LONG_STRING = bytes(MOST_STRING + 1)
SAME_DIGITS, LONG_NUMBER = bytes.maketrans(b"123456789", b"000000000"), b"0" * MOST_DIGITS


def _refuse(text: str) -> Any:
    raise ValueError("no integer")


class Parser:
    """Parses one text and notes what RFC 8785's subset refuses; `met` holds (check id, text) pairs."""

    def __init__(self, open_keys: bool = False) -> None:
        self.met: list[tuple[str, str]] = []
        self.open_keys = open_keys
        self.known: set[str] = set()
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_int=self._integer, parse_float=self._float, parse_constant=self._float
        )
        self.quick = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            names = [key for key, _ in pairs]
            self.met.append(("J02", f"key {plain(next(key for key in names if names.count(key) > 1))} twice"))
        if len(pairs) > MOST_MEMBERS:
            self.met.append(("J03", "more than %d members in one object" % MOST_MEMBERS))
        for key in made:
            if key not in self.known:
                if not self.open_keys and not KEY.fullmatch(key):
                    self.met.append(("J05", f"key {plain(key)} is outside the grammar of keys"))
                elif len(self.known) < 10_000:
                    self.known.add(key)
        return made

    def _integer(self, text: str) -> int:
        if len(text) > MOST_DIGITS + text.startswith("-"):
            self.met.append(("J04", "integer of %d characters" % len(text)))
            return 0
        value = int(text)
        if not -LARGEST <= value <= LARGEST or text == "-0":
            self.met.append(("J04", f"integer {text} is out of range"))
        return value

    def _float(self, text: str) -> int:
        self.met.append(("J04", f"{plain(text)} is not an integer"))
        return 0

    def parse(self, data: bytes) -> tuple[bool, Any]:
        """(whether it is JSON, the value) of one text without its final LF."""
        short = len(data) <= MOST_STRING
        if (
            b"\\u" not in data
            and LONG_NUMBER not in data.translate(SAME_DIGITS)
            and (short or (b"\\" not in data and LONG_STRING not in data.translate(ALL_BUT_QUOTES)))
            and not too_deep(data)
        ):
            # What has no long numbers, no long strings and no escapes of characters, and comes out again as the same
            # bytes, holds no key twice, no number but integers in range, nothing else that is to be noted below.
            try:
                text = data.decode("utf-8")
                value = self.quick.decode(text)
                if canonical(value) == text and self._keys_known(value, short and data.count(b"{") == 1):
                    return True, value
            except (ValueError, RecursionError):
                pass
        return self._slowly(data)

    def _keys_known(self, value: Any, flat: bool) -> bool:
        """Whether every key was met before, or has the form of a key and is remembered from now on, and nothing has
        too many members. `flat`: it is short, and there is no object inside another."""
        if flat and isinstance(value, dict) and value.keys() <= self.known:
            return True
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, (dict, list)) and len(one) > MOST_MEMBERS:
                return False
            if isinstance(one, dict):
                if not one.keys() <= self.known:
                    if not self.open_keys and not all(map(KEY.fullmatch, one)):
                        return False
                    if len(self.known) < 10_000:
                        self.known.update(one)
                waiting += [each for each in one.values() if isinstance(each, (dict, list))]
            elif isinstance(one, list):
                waiting += [each for each in one if isinstance(each, (dict, list))]
        return True

    def _slowly(self, data: bytes) -> tuple[bool, Any]:
        """The same, with a word on everything that is not in order."""
        if too_deep(data):
            self.met.append(("J03", "nested deeper than %d" % MOST_NESTING))
            return False, None
        try:
            text = data.decode("utf-8")
            value = self.decoder.decode(text)
        except UnicodeDecodeError as error:
            self.met.append(("J01", "not UTF-8 (byte %d)" % error.start))
            return False, None
        except (ValueError, RecursionError) as error:
            self.met.append(("J05", f"not JSON: {plain(error)}"))
            return False, None
        if len(data) > MOST_STRING or "\\u" in text:
            self._walk(value)
        if not self.met and canonical(value) != text:
            self.met.append(("J05", "not the canonical bytes (order of keys, spaces or escapes)"))
        return True, value

    def _walk(self, value: Any) -> None:
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, dict):
                waiting.extend(one.keys())
                waiting.extend(one.values())
            elif isinstance(one, list):
                waiting.extend(one)
                if len(one) > MOST_MEMBERS:
                    self.met.append(("J03", "more than %d members in one array" % MOST_MEMBERS))
            elif isinstance(one, str):
                if "\0" in one or SURROGATE.search(one):
                    self.met.append(("J05", "U+0000 or a lone surrogate in a string"))
                elif len(one) * 4 > MOST_STRING and len(one.encode("utf-8")) > MOST_STRING:
                    self.met.append(("J03", "string longer than 256 KiB"))


def too_deep(data: bytes) -> bool:
    """Whether brackets outside strings nest deeper than the limit; the parser never sees such a text."""
    if data.count(b"[") + data.count(b"{") <= MOST_NESTING:
        return False
    left = STRINGS.sub(b"", data).translate(BRACKETS, NO_BRACKETS)
    for _ in range(MOST_NESTING):
        left = left.replace(b"()", b"")
    return b"(" in left


def _day(text: str) -> bool:
    return _real_day(text[:10])


@functools.lru_cache(maxsize=4096)
def _real_day(text: str) -> bool:
    try:
        dt.date(int(text[:4]), int(text[5:7]), int(text[8:10]))
    except ValueError:
        return False
    return True


def _clock(text: str) -> bool:
    return text[11:13] < "24" and text[14:16] < "60" and text[17:19] < "60"


def _shape(pattern: str, *tests: Callable[[str], bool]) -> Callable[[Any], bool]:
    match = re.compile(pattern, re.ASCII).fullmatch
    if not tests:
        return lambda value: isinstance(value, str) and match(value) is not None
    first, last = tests[0], tests[-1]
    return lambda value: isinstance(value, str) and match(value) is not None and first(value) and last(value)


DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME = DATE + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}"
VERDICTS = ("PASS", "FAIL", "ERROR", "INCONCLUSIVE")
WORST_FIRST = ("FAIL", "ERROR", "INCONCLUSIVE", "PASS")
FORESEEN = ("verdict", "verdicts")

Kind = Callable[[Any], bool]
KINDS: dict[str, Kind] = {
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "count": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "boolean": lambda value: isinstance(value, bool),
    "decimal": _shape(r"(?!-0(\.0+)?$)-?(0|[1-9][0-9]*)(\.[0-9]+)?"),
    "rate": _shape(r"0(\.[0-9]+)?|1(\.0+)?"),
    "date": _shape(DATE, _day),
    "local": _shape(TIME + r"\.[0-9]{6}", _day, _clock),
    "instant": _shape(TIME + r"\.[0-9]{6}Z", _day, _clock),
    "seconds": _shape(TIME + "Z", _day, _clock),
    "digest": _shape(r"[0-9a-f]{64}"),
    "nonce": _shape(r"[0-9a-f]{64}"),
    "salt": _shape(r"[0-9a-f]{32}"),
    "bytes": _shape(r"([0-9a-f]{2})*"),
    "verdict": lambda value: value in VERDICTS and isinstance(value, str),
    "signer": _shape(r"SHA256:[A-Za-z0-9+/]{43}"),
    "part": _shape(r"[a-z0-9][a-z0-9-]{0,39}"),
    "name": _shape(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"),
    "type": _shape(r"text|integer|decimal\([0-9]{1,2},[0-9]{1,2}\)|boolean|date|local|instant|bytes"),
    "actor": _shape(r"(person|process):[A-Za-z0-9._-]{1,64}"),
    "subject": _shape(r"(control|population|run|frame|bundle|engagement):[A-Za-z0-9._-]{1,128}"),
    "code": _shape(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}"),
    "scalar": lambda value: isinstance(value, (str, int)),
    "one": lambda value: value == 1 and not isinstance(value, bool),
    "any": lambda value: True,
}
# A schema is: a dict, an object with exactly these keys ("key?" may be absent); [x], a list of x; (a, b), a list of
# just these; a set, one of these words; a name of KINDS ("name?" may be null); a Choice, one of several.


class Choice(tuple):  # type: ignore[type-arg]
    """Any of these schemas."""


def misfits(value: Any, schema: Any, where: str) -> Iterator[str]:
    """Where and how `value` is not what the schema says; never the value itself."""
    if isinstance(schema, str):
        name = schema.rstrip("?")
        if not (value is None and schema.endswith("?")) and not KINDS[name](value):
            yield "{} is no {}".format(where or "/", name)
    elif isinstance(schema, dict):
        yield from _object_misfits(value, schema, where)
    elif isinstance(schema, list):
        if not isinstance(value, list):
            yield "%s is no list" % (where or "/")
        else:
            for place, one in enumerate(value):
                yield from misfits(one, schema[0], "%s/%d" % (where, place))
    elif isinstance(schema, Choice):
        tried = [list(itertools.islice(misfits(value, one, where), MOST_DEFECTS)) for one in schema]
        if all(tried):
            yield from tried[-1]
    elif isinstance(schema, tuple):
        if not isinstance(value, list) or len(value) != len(schema):
            yield "%s is no list of %d" % (where or "/", len(schema))
        else:
            for place, one in enumerate(schema):
                yield from misfits(value[place], one, "%s/%d" % (where, place))
    elif not isinstance(value, str) or value not in schema:
        yield "{} is none of: {}".format(where or "/", ", ".join(sorted(schema)))


def _object_misfits(value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "%s is no object" % (where or "/")
        return
    for key in schema:
        name = key.rstrip("?")
        if name in value:
            yield from misfits(value[name], schema[key], f"{where}/{name}")
        elif not key.endswith("?"):
            yield "{} has no key {}".format(where or "/", name)
    for key in value:
        if key not in schema and key + "?" not in schema:
            yield "{} has an unknown key {}".format(where or "/", plain(key))


def fitting(schema: Any) -> Callable[[Any], bool]:
    """The schema as one function: whether `misfits` would say nothing. For rows, of which there are many."""
    if isinstance(schema, str):
        kind = KINDS[schema.rstrip("?")]
        return (lambda value: value is None or kind(value)) if schema.endswith("?") else kind
    if isinstance(schema, dict):
        return _fitting_object({key: fitting(one) for key, one in schema.items()})
    if isinstance(schema, list):
        each = fitting(schema[0])
        return lambda value: isinstance(value, list) and all(map(each, value))
    if isinstance(schema, tuple):
        tests = [fitting(one) for one in schema]
        if isinstance(schema, Choice):
            return lambda value: any(test(value) for test in tests)
        return lambda value: (
            isinstance(value, list) and len(value) == len(tests) and all(test(one) for test, one in zip(tests, value))
        )
    return lambda value: isinstance(value, str) and value in schema


def _fitting_object(tests: dict[str, Callable[[Any], bool]]) -> Callable[[Any], bool]:
    needed = [(key, test) for key, test in tests.items() if not key.endswith("?")]
    maybe = {key[:-1]: test for key, test in tests.items() if key.endswith("?")}

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        for key, test in needed:
            if key not in value or not test(value[key]):
                return False
        met = len(needed)
        for key, test in maybe.items():
            if key in value:
                met += 1
                if not test(value[key]):
                    return False
        return met == len(value)

    return fits


BOTH = {"en": "text", "fr": "text"}
FOUR = {"pass": "count", "fail": "count", "error": "count", "inconclusive": "count"}
COUNTS = {"control": "name", **FOUR}
TALLY = {"units": "count", "drawn": "count", **FOUR, "deviations": "count"}
BOUND = {"upper_units": "count?", "upper_rate_shown": "decimal?", "verdict": "verdict"}
MADE_BY = {
    "run": "count?",
    "notebook": "name?",
    "template_sha256": "digest?",
    "params_sha256": "digest?",
    "source": "text?",
    "query": "text?",
    "query_sha256": "digest?",
    "population": "text?",
    "draw": "text?",
    "rows_in": "count?",
    "rows_out": "count?",
}
ROLES = {
    "engagement", "controls", "summary", "ledger", "params", "sql", "calendar", "draw", "leaves", "opening", "frame",
    "results", "findings", "delta", "scan", "notebook-template", "notebook-executed", "page", "words", "blinding",
    "crate", "suite", "reading", "classes", "agenda", "planted", "frameworks",
}  # fmt: skip
FRAME_KINDS = {"text", "integer", "decimal", "boolean", "date", "local", "instant", "bytes", "digest", "verdict"}
CATALOGUE = {
    "format": "text",
    "version": "integer",
    "bundle": "text",
    "engagement": "part",
    "run": "part",
    "level": {LEVEL, *DERIVED_LEVELS},
    "demonstration": "boolean",
    "sealed_at": "instant",
    "kit": "text",
    "ledger": {"entries": "count", "head_sha256": "digest"},
    "signer": "signer",
    "derived_from": Choice(("none", {"bundle": "text", "tagmanifest_sha256": "digest"})),
    "withheld": [{"role": ROLES, "count": "count"}],
    "external": [{"path": "text", "bytes": "count", "sha256": "digest", "role": {"leaves"}}],
    "artefacts": [
        {
            "path": "text",
            "sha256": "digest",
            "bytes": "count",
            "role": ROLES,
            "rows": "count?",
            "columns": Choice(("none", [("name", FRAME_KINDS, {"none", "key"})])),
            "made_by": Choice(("none", MADE_BY)),
        }
    ],
}
ENGAGEMENT = {
    "engagement": "part",
    "kind?": {"mock", "audit"},
    "title": BOTH,
    "organisation": {"name": "text", "country": "text"},
    "demonstration": "boolean",
    "period": {"from": "date", "until": "date"},
    "as_of": "seconds",
    "timezone": "text",
    "profile": {"EU", "UK"},
    "calendars": ["name"],
    "limit": {"kind": {"months", "days", "working_days", "given"}, "n": "count", "roll": "boolean"},
    "naive_is_local": "boolean?",
    "actors": [{"actor": "actor", "role": "text"}],
    "controls": ["name"],
    "out_of_scope": [{"control": "name", "reason": "text"}],
    "sources": [{"source": "text", "engine": "text", "mapping_sha256": "digest"}],
    "parameters": [{"name": "text", "value": "integer"}],
    "on_duplicate": ["text"],
    "places?": [
        {
            "place": "text",
            "exception": "text?",
            "keep": "text?",
            "start": "text?",
            "suppression": Choice(("none", {"hashed", "clear"})),
            "purge_days": "count?",
            "replay": "boolean?",
            "mask": Choice(("none", {"irreversible", "reversible"})),
            "canary": "text?",
            "not_searched": "text?",
        }
    ],
    "digests?": [{"name": "text", "algorithm": "text", "keyed": "boolean"}],
    "undotted_domains?": ["text"],
    "classes?": [{"column": "text", "class": "text"}],
    "sending?": Choice(("none", {"contact": "text", "readers": [{"view": "text?", "trace": "text?"}]})),
    "told_apart?": [["text"]],
    "actions?": [
        {
            "control": "name",
            "cause": BOTH,
            "effect": BOTH,
            "action": BOTH,
            "owner": "text",
            "due": "date",
            "evidence": BOTH,
            "done_on": "date?",
        }
    ],
    "openings?": "boolean",
    "packages": [{"name": "text", "version": "text"}],
    "kit": "text",
}
CONTROLS = {
    "controls": [
        {
            "control": "name",
            "family": "name",
            "notebook": "name",
            "statement": BOTH,
            "law": {"law", "recommendation", "good-practice", "yardstick"},
            "grade": {"major", "minor", "observation"},
            "references": ["text"],
            "confidence": "rate",
            "tolerable": "rate",
            "expected": "rate",
            "census": "boolean",
            "test": "name",
            "attributes": [{"letter": "name", **BOTH, "walkthrough": "boolean"}],
            "needs": [{"frame": "name", "columns": ["name"], "optional": ["name"]}],
        }
    ]
}
SUMMARY: dict[str, Any] = {
    "controls": [
        {
            "control": "name",
            "population": "name",
            **TALLY,
            **BOUND,
            "reason": "code",
            "strata": [{"stratum": "text", **TALLY, **BOUND}],
        }
    ],
    "totals": {"controls": "count", **TALLY},
}
COMMITMENT = {
    "kind": {"ek1.commitment"},
    "engagement": "text",
    "population": "name",
    "as_of": "seconds",
    "unit": "text",
    "columns": [("text", "type")],
    "stratum_by": "text?",
    "blind_sha256": "digest",
    "count": "count",
    "strata": [("text", "count", "digest")],
    "root": "digest",
    "plan": [Choice((("text", "count"), ("text", "count", "count", "count", "count", "count")))],
}
DRAW = {
    "control": "name",
    "commitment": COMMITMENT,
    "commitment_sha256": "digest",
    "independent": "boolean",
    "rounds": [
        {"round": "count", "nonce": "nonce", "drawn": [{"stratum": "text", "leaf": "digest", "ticket": "digest"}]}
    ],
}
RESULT = {
    "id": "count",
    "unit": "text",
    "leaf": "digest",
    "stratum": "text",
    "verdict": "text",
    "reasons": ["code"],
    "attributes": [{"letter": "name", "mark": {"pass", "fail", "missing", "error", "na"}, "reason": "code?"}],
    "flags": ["code"],
    "evidence": [{"frame": "name", "rows": ["count"]}],
    "due_on": "date?",
    "days_late": "count?",
    "working": Choice(("none", ["line"])),
}
CALENDAR = {
    "name": "name",
    "source": "text",
    "version": "text",
    "from": "date",
    "until": "date",
    "days": [{"on": "date", "name": "text"}],
}
FINDING = {
    "id": "count",
    "control": "name",
    "verdict": "verdict",
    "reason": "code",
    "grade": {"major", "minor", "observation", "strength", "none"},
    "law": {"law", "recommendation", "good-practice", "yardstick"},
    "set_aside": "count",
    "draw_independent": "boolean",
    "too_many": [{"stratum": "text", "too_many": "count"}],
    "without_untested": [{"stratum": "text", "upper_units": "count?", "upper_rate_shown": "decimal?"}],
    "extended": [{"stratum": "text", "risk_ppb": "count", "confidence_shown": "decimal"}],
    "median_days": "integer?",
    "p95_days": "integer?",
    "reasons": [{"reason": "code", "units": "count"}],
    "checks": [{"frame": "name", "column": "text?", "expectation": "text", "success": "boolean", "rows": "count"}],
    "notes": ["code"],
}
# What each expectation of a suite is, in the words of `checks`: its code, and its kwargs.
ASKED: dict[str, tuple[tuple[str, ...], Any]] = {
    "expect_table_row_count_to_be_between": (("present",), {"min_value": "one"}),
    "expect_column_values_to_not_be_null": (("not-null",), {"column": "name"}),
    "expect_column_values_to_be_in_set": (("one-of",), {"column": "name", "value_set": ["scalar"]}),
    "expect_evidence_stated": (("one-of",), {"column": "name", "value_set": ["scalar"]}),
    "expect_column_values_to_match_regex": (("key",), {"column": "name", "regex": {"^[0-9a-f]{64}$"}}),
    "expect_column_values_to_be_unique": (("unique",), {"column": "name"}),
    "expect_compound_columns_to_be_unique": (("unique",), {"column_list": ["name"], "ignore_row_if": {"never"}}),
    "expect_evidence_not_after": (("not-after",), {"column": "name", "limit": Choice(("date", "seconds"))}),
    "expect_evidence_in_order": (
        ("greater", "not-less"),
        {"column_A": "name", "column_B": "name", "or_equal?": "boolean"},
    ),
}
SUITE = {
    "name": "text",
    "id": "none",
    "expectations": [
        Choice(
            {
                "type": {kind},
                "kwargs": kwargs,
                "meta": {"expectation": "code", **BOTH},
                "severity": {"critical"},
            }
            for kind, (_, kwargs) in ASKED.items()
        )
    ],
    "meta": {"rows": "text", "great_expectations_version": "text"},
    "notes": "none",
}
SCAN = {
    "hits": "count",
    "values": "count",
    "canaries": "count",
    "encodings": ["text"],
    "files": [{"path": "text", "sha256": "digest"}],
}
#: What may have become of a unit since an earlier bundle (docs/comparing.md).
CHANGES = ("closed", "remaining", "slipped", "entered", "gone", "not-comparable")
WHY = [{"code": "code", "names": ["text"]}]
VISIT = {
    "bundle": "text",
    "engagement": "part",
    "run": "part",
    "kind": Choice(("none", {"mock", "audit"})),
    "as_of": "seconds",
    "signer": "signer",
    "kit": "text",
    "demonstration": "boolean",
}
SIDE = Choice(("none", {"units": "count", "drawn": "count", "deviations": "count", **BOUND}))
FOLLOWED = {
    "id": "text",
    "name": "text?",
    "words": [{"slipped", "ended", "resumed", "left", "unseen", "new", "mended", "changed"}],
    "states": {"before": "text?", "after": "text?"},
    "verdicts": [{"control": "name", "before": "verdict?", "after": "verdict?"}],
    "values": [{"of": "text", "name": "text", "before": "scalar?", "after": "scalar?"}],
}
PAIRS = [{"group": "text", "member": "text"}]
CHANGED = {
    "format": {"evidence-kit-comparison"},
    "version": "one",
    "before": {**VISIT, "sealed_at": "instant", "tagmanifest_sha256": "digest"},
    "after": {**VISIT, "sealed_at": "none", "tagmanifest_sha256": "none"},
    "swapped": "boolean",
    "notes": WHY,
    "controls": [
        {
            "control": "name",
            "compared": "boolean",
            "refused": WHY,
            "notes": WHY,
            "before": "verdict?",
            "after": "verdict?",
            "tolerable": "rate?",
            "tested": {"both": "count", "only_before": "count", "only_after": "count"},
            "changes": dict.fromkeys(CHANGES, "count"),
            "shortcomings": [
                {
                    "letter": "text",
                    "mark": {"fail", "error", "missing"},
                    "reason": "text",
                    "kind": {"new", "grown", "remaining", "closed", "gone", "not-comparable"},
                    "before": "count",
                    "after": "count",
                    "changes": dict.fromkeys(CHANGES, "count"),
                    "otherwise": "count",
                }
            ],
            "units": [
                {
                    "unit": "text",
                    "change": set(CHANGES),
                    "before": "verdict?",
                    "after": "verdict?",
                    "reasons_before": ["code"],
                    "reasons_after": ["code"],
                }
            ],
            "strata": [{"stratum": "text", "before": SIDE, "after": SIDE}],
        }
    ],
    "processors": [FOLLOWED],
    "activities": [FOLLOWED],
    "undeclared": {
        "groups_in_both": ["text"],
        "groups_only_before": ["text"],
        "groups_only_after": ["text"],
        "added": PAIRS,
        "removed": PAIRS,
        "added_within": PAIRS,
        "removed_within": PAIRS,
    },
}
#: How far the controls in scope cover a clause, by the strongest of their relations (docs/frameworks.md).
COVERAGES = {"full": "covered", "partial": "partly", "supports": "supported", None: "gap"}
CHECKED = ("opened", "secondary", "unverified")
FRAMEWORKS = {
    "frameworks": [
        {
            **{"id": "name", "framework": "text", "edition": "text", "file": "text", "sha256": "digest"},
            "required": "boolean",
            "counts": dict.fromkeys(COVERAGES.values(), "count"),
            "clauses": [
                {
                    "clause": "text",
                    "titles": ["text"],
                    "coverage": set(COVERAGES.values()),
                    "verdict": "verdict?",
                    "verified": set(CHECKED),
                    "mappings": [
                        {
                            "control": "name",
                            "relation": {"full", "partial", "supports"},
                            "verified": set(CHECKED),
                            "source": "text",
                        }
                    ],
                }
            ],
            "none": [{"control": "name", "reason": "text", "verified": set(CHECKED), "source": "text"}],
        }
    ],
    "migrations": [
        {
            "earlier": "name",
            "later": "name",
            "moves": [
                {
                    "step": {"same", "renumbered", "merged", "split", "new", "gone", "no-counterpart"},
                    **{side: ["text"] for side in ("earlier", "later", "titles", "akin")},
                    **{side: ["name"] for side in ("kept", "lost", "gained")},
                    "verified": Choice(("none", set(CHECKED))),
                }
            ],
        }
    ],
}
WORDS = {
    "languages": [
        {
            "language": {"en", "fr"},
            "verdicts": [{"verdict": "verdict", "word": "text"}],
            "months": ["text"],
            "months_short": ["text"],
        }
    ]
}
SOWN = {"planted": "count", "found": "count", "missed": "count", "untested": "count"}
PLANTED = {
    "company": {"seed": "count", "contacts": "count", "as_of": {"real", "mock"}, "faults": "text"},
    "controls": [
        {
            "control": "name",
            "tested": "count",
            "raised": "count",
            **SOWN,
            "alarms": "count",
            "alarm_rows": ["count"],
            "faults": [
                {
                    "fault": "name",
                    "verdict": {"FAIL", "ERROR", "INCONCLUSIVE"},
                    **SOWN,
                    "found_rows": ["count"],
                    "missed_rows": ["count"],
                }
            ],
            "decoys": [{"decoy": "name", "planted": "count", "flagged": "count", "flagged_rows": ["count"]}],
        }
    ],
    "not_planted": [{"id": "name", "why": {"not-chosen", "not-at-this-cut"}, "controls": ["name"]}],
    "not_tested": [{"id": "name", "control": "name"}],
}
OPENING = {"id": "count", "leaf": "digest", "key": "digest", "row": "text"}


def _only(schema: dict[str, Any], names: str) -> dict[str, Any]:
    return {name: schema[name] for name in names.split()}


# The same files at level client (docs/norm/bundle-files.md, "Derived levels").
AGREED_BY_CLIENT = (
    "engagement kind? title organisation demonstration period as_of timezone profile actors controls out_of_scope kit"
)
TOLD_OF_CONTROL = "control family statement law references confidence tolerable expected census"
TOLD_OF_FINDING = "id control verdict reason grade law reasons"
CLIENT_ENGAGEMENT = _only(ENGAGEMENT, AGREED_BY_CLIENT)
CLIENT_CONTROLS = {"controls": [_only(CONTROLS["controls"][0], TOLD_OF_CONTROL)]}
CLIENT_SUMMARY = {
    **SUMMARY,
    "controls": [{**SUMMARY["controls"][0], "strata": (), "upper_units": "none", "upper_rate_shown": "none"}],
}
CLIENT_DRAW = {
    **_only(DRAW, "control commitment_sha256 independent"),
    "rounds": [{"round": "count", "nonce_sha256": "digest"}],
}
CLIENT_FINDING = _only(FINDING, TOLD_OF_FINDING)
NOTE = {"what": "text?", "unit": "text?", "reason": "text?"}
PROVIDER_STATES = {"candidate", "under_review", "active", "charter", "action_plan", "terminated"}
ACTIONS: dict[str, dict[str, Any]] = {
    "ledger.opened": {"engagement_sha256": "digest"},
    "engagement.loaded": {"engagement_sha256": "digest", "controls_sha256": "digest"},
    "population.frozen": {"population": "name", "query_sha256": "digest", "count": "count", "root": "digest"},
    "commitment.made": {"commitment_sha256": "digest"},
    "nonce.revealed": {"commitment_sha256": "digest", "round": "count", "nonce": "nonce"},
    "sample.drawn": {
        "control": "name", "commitment_sha256": "digest", "round": "count", "sample_sha256": "digest", "count": "count",
    },
    "sample.abandoned": {"control": "name", "commitment_sha256": "digest", "round": "count", "reason": "text"},
    "frame.collected": {"frame": "name", "query_sha256": "digest", "rows": "count", "frame_sha256": "digest"},
    "run.started": {
        "notebook": "name", "controls": ["name"], "template_sha256": "digest", "params_sha256": "digest",
        "nonce_sha256": "digest", "launcher": "text", "packages_sha256": "digest",
    },
    "run.ended": {
        "started": "count", "status": {"passed", "refused", "failed", "lost"}, "gate": ["text"],
        "executed_sha256": "digest?", "counts": [COUNTS],
    },
    "control.concluded": {**COUNTS, "verdict": "verdict"},
    "note.added": NOTE,
    "result.disputed": NOTE,
    "file.attached": NOTE,
    "person.revealed": NOTE,
    "processor.moved": {
        "processor": "text", "before": PROVIDER_STATES, "after": PROVIDER_STATES, "on": "date?", "reason": "text",
        "moves_sha256": "digest",
    },
    "request.refused": {"started": "count", "verb": "text", "reason": "text"},
    "job.failed": {"job": "text", "reason": "text"},
    "release.scanned": {"scan_sha256": "digest", "hits": "count", "encodings": ["text"]},
    "ledger.sealed": {"entries": "count", "content_sha256": "digest"},
    "bundle.signed": {"tagmanifest_sha256": "digest", "fingerprint": "signer"},
    "bundle.released": {"level": "text", "recipient": "text"},
    "bundle.exported": {"tagmanifest_sha256": "digest", "files_sha256": ["digest"]},
}  # fmt: skip
#: What is done to a bundle once it is sealed; anything else begins another run.
OF_A_BUNDLE = ("bundle.signed", "bundle.released", "bundle.exported")
#: Entries whose data stay in the auditor-full bundle; at level client those of every entry do.
WITHHELD_DATA = ("person.revealed", "note.added", "file.attached")
ENTRY = {
    "seq": "count",
    "at": "instant",
    "actor": "actor",
    "action": "text",
    "subject": "subject",
    "data": "object?",
    "data_sha256": "digest",
    "prev_sha256": "digest",
}
KINDS["none"] = lambda value: value is None
KINDS["line"] = lambda value: isinstance(value, dict) and isinstance(value.get("step"), str)
KINDS["object"] = lambda value: isinstance(value, dict)
KINDS["row"] = lambda value: (
    isinstance(value, dict)
    and KINDS["count"](value.get("id"))
    and all(one is None or KINDS["scalar"](one) for one in value.values())
)

# Every path that a payload may hold: its role, and its schema. "open": any keys; "frame": the columns of the catalogue.
STEM = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
PLACES: tuple[tuple[str, str, Any], ...] = (
    (r"data/engagement\.json", "engagement", ENGAGEMENT),
    (r"data/controls\.json", "controls", CONTROLS),
    (r"data/summary\.json", "summary", SUMMARY),
    (r"data/ledger\.jsonl", "ledger", ENTRY),
    (r"data/findings\.jsonl", "findings", FINDING),
    (r"data/delta\.json", "delta", CHANGED),
    (r"data/frameworks\.json", "frameworks", FRAMEWORKS),
    (r"data/scan\.json", "scan", SCAN),
    (r"data/planted\.json", "planted", PLANTED),
    (r"data/blinding\.txt", "blinding", None),
    (r"data/ro-crate-metadata\.json", "crate", "open"),
    (rf"data/params/{STEM}\.json", "params", "object"),
    (rf"data/sql/{STEM}\.sql", "sql", None),
    (rf"data/calendars/{STEM}\.json", "calendar", CALENDAR),
    (rf"data/draws/{STEM}\.json", "draw", DRAW),
    (rf"data/leaves/{STEM}\.txt", "leaves", None),
    (rf"data/openings/{STEM}\.jsonl", "opening", OPENING),
    (rf"data/frames/{STEM}\.{STEM}\.jsonl", "frame", "frame"),
    (rf"data/results/{STEM}\.jsonl", "results", RESULT),
    (rf"data/readings/{STEM}\.{STEM}\.jsonl", "reading", "row"),
    (rf"data/expectations/{STEM}/{STEM}\.json", "suite", SUITE),
    (r"data/expectations/evidence_expectations\.py", "classes", None),
    (rf"data/notebooks/{STEM}\.template\.ipynb", "notebook-template", "open"),
    (rf"data/notebooks/{STEM}\.ipynb", "notebook-executed", "open"),
    (r"data/site/words\.json", "words", WORDS),
    (r"data/site/(en|fr)/due\.ics", "agenda", None),
    (rf"data/site/({STEM}/)*{STEM}\.html", "page", None),
)
REQUIRED = (
    "data/engagement.json", "data/controls.json", "data/summary.json", "data/ledger.jsonl", "data/findings.jsonl",
    "data/scan.json", "data/site/words.json", "data/site/index.html", "data/site/en/index.html",
    "data/site/fr/index.html",
)  # fmt: skip
CLIENT_REQUIRED = (
    *(path for path in REQUIRED if not path.startswith("data/site/")),
    *("data/site/" + name for name in (
        "words.json", "index.html", "en/index.html", "fr/index.html", "en/verify.html", "fr/verify.html",
    )),
)  # fmt: skip
#: All that a client's bundle may hold; at the level between, nothing of these.
CLIENT_PLACES = re.compile(
    r"data/((engagement|controls|summary|scan|bundle)\.json|(ledger|findings)\.jsonl|draws/[^/]+\.json"
    r"|site/(index\.html|words\.json|(en|fr)/(index|verify)\.html))",
    re.ASCII,
)
NOT_PSEUDONYMISED = ("opening", "delta", "crate")
CLIENT_SCHEMAS = {
    "engagement": CLIENT_ENGAGEMENT,
    "controls": CLIENT_CONTROLS,
    "summary": CLIENT_SUMMARY,
    "draw": CLIENT_DRAW,
    "findings": CLIENT_FINDING,
}
JSON_CHECKS = ("J01", "J02", "J03", "J04", "J05", "J06")


MATCHED = [(pattern, (re.compile(pattern, re.ASCII).fullmatch, role, schema)) for pattern, role, schema in PLACES]
SITE_PLACES = [place for pattern, place in MATCHED if pattern.startswith("data/site/")]
OTHER_PLACES = [place for pattern, place in MATCHED if not pattern.startswith("data/site/")]


@functools.lru_cache(maxsize=4096)
def place_of(path: str) -> tuple[str | None, Any]:
    for match, role, schema in SITE_PLACES if path.startswith("data/site/") else OTHER_PLACES:
        if match(path):
            return role, schema
    return None, None


def schema_of(path: str, level: str) -> Any:
    """The schema of a payload file at a level; None where it has none."""
    role, schema = place_of(path)
    return CLIENT_SCHEMAS.get(role or "", schema) if level == CLIENT else schema


class Scan:
    """One pass over every JSON file; `met` holds the defects by check id, `rows` the lines of each JSONL file."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.met: dict[str, list[Defect]] = {check: [] for check in (*JSON_CHECKS, "R05")}
        self.rows: dict[str, int] = {}
        self.undecided: dict[str, str] = {}
        self.columns: dict[str, Any] = {}
        self.fits: dict[str | None, Callable[[Any], bool]] = {}
        self.kept = 0  # bytes of the documents that need not be read again
        self.shown: dict[tuple[str, str], int] = {}
        self.level = LEVEL
        # The catalogue first: it says what the columns of the frames are.
        names = [name for name in case.bag.payload if name.endswith((".json", ".jsonl", ".ipynb"))]
        for name in sorted(names, key=lambda each: each != "data/bundle.json"):
            if name.endswith(".jsonl"):
                self._lines(name)
            else:
                self._file(name)

    def columns_of(self, path: str) -> list[str]:
        return [name for name, _, _ in self.columns.get(path) or ()]

    def note(self, check: str, path: str, text: str, line: int = 0) -> None:
        """At most a few defects per file and check: a file of a million bad lines must not fill the memory."""
        count = self.shown[check, path] = self.shown.get((check, path), 0) + 1
        if count <= MOST_DEFECTS:
            self.met[check].append((path, "line %d: %s" % (line, text) if line else text))

    def _file(self, path: str) -> None:
        if self.case.bag.files[path].size > MOST_JSON:
            self.note("J03", path, "larger than 64 MiB")
            return
        data = self.case.bag.read(path, MOST_JSON)
        self._bytes(path, data)
        self.case.documents.pop(path, None)  # a large one must not be held twice
        parser = Parser(open_keys=place_of(path)[1] == "open")
        readable, value = parser.parse(data[:-1] if data.endswith(b"\n") else data)
        for check, text in parser.met:
            self.note(check, path, text)
        if not readable:
            return
        if path == "data/bundle.json" or self.kept + len(data) <= MOST_KEPT:
            self.case.documents[path] = value
            self.kept += len(data)
        if path == "data/bundle.json":
            self._catalogue(path, value)
        elif path.endswith(".json"):
            role, schema = place_of(path)[0], schema_of(path, self.level)
            if schema not in (None, "open"):
                if role not in self.fits:
                    self.fits[role] = fitting(schema)
                if not self.fits[role](value):
                    for text in misfits(value, schema, ""):
                        self.note("J06", path, text)
            if schema is CALENDAR and not self.shown.get(("J06", path)):
                days = [each["on"] for each in value["days"]]
                if days != sorted(set(days)) or any(not value["from"] <= day <= value["until"] for day in days):
                    self.note("J06", path, "days are not ascending between from and until, each once")
            if path.startswith("data/params/") and isinstance(value, dict):
                for key, one in value.items():
                    if not KINDS["scalar"](one) and not (isinstance(one, list) and all(map(KINDS["scalar"], one))):
                        self.note("J06", path, f"/{key} is no parameter")

    def _catalogue(self, path: str, value: Any) -> None:
        if isinstance(value, dict) and value.get("version") != VERSION:
            return
        for text in misfits(value, CATALOGUE, ""):
            self.note("J06", path, text)
        if not self.shown.get(("J06", path)):
            self.level = value["level"]
            self.columns = {each["path"]: each["columns"] for each in value["artefacts"] if each["columns"] is not None}

    def _bytes(self, path: str, data: bytes, line: int = 0) -> None:
        if data.startswith(b"\xef\xbb\xbf"):
            self.note("J01", path, "byte order mark", line)
        if b"\r" in data:
            self.note("J01", path, "carriage return", line)
        if not data.endswith(b"\n"):
            self.note("J01", path, "does not end with LF", line)

    def _lines(self, path: str) -> None:
        role, schema = place_of(path)[0], schema_of(path, self.level)
        limit = MOST_ENTRIES_LEDGER if role == "ledger" else MOST_ROWS
        parser = Parser()
        frame = FrameRows(self.columns.get(path)) if schema == "frame" else None
        fits = fitting(schema) if schema not in (None, "frame") else None
        number = 0
        for line in self.case.bag.lines(path):
            number += 1
            if len(line) > MOST_LINE:
                self.note("J03", path, "longer than 1 MiB", number)
                break
            if number > limit:
                if role == "ledger":
                    self.note("J03", path, "more than %d entries" % limit)
                else:
                    self.undecided[path] = "%s holds more than %d rows" % (path, limit)
                break
            if line[-1:] != b"\n" or line[:1] == b"\xef" or b"\r" in line:
                self._bytes(path, line, number)
            parser.met.clear()
            readable, row = parser.parse(line[:-1] if line[-1:] == b"\n" else line)
            for check, text in parser.met:
                self.note(check, path, text, number)
            if not readable:
                continue
            if frame is not None:
                if not frame.fits(row, number):
                    for check, text in frame.misfits(row, number):
                        self.note(check, path, text, number)
            elif fits is not None and not (role != "ledger" and fits(row) and row["id"] == number):
                self._row(path, schema, row, number)
        self.rows[path] = number

    def _row(self, path: str, schema: Any, row: Any, number: int) -> None:
        wrong = False
        for text in misfits(row, schema, ""):
            self.note("J06", path, text, number)
            wrong = True
        if wrong:
            return
        if path == "data/ledger.jsonl":
            wanted = ACTIONS.get(row["action"])
            withheld = self.level == CLIENT or (self.level == PSEUDONYMISED and row["action"] in WITHHELD_DATA)
            if (row["data"] is None) != withheld:
                self.note(
                    "J06", path, "/data %s at this level" % ("is withheld" if withheld else "is no object"), number
                )
            elif row["data"] is None:
                return
            elif wanted is not None:
                for text in misfits(row["data"], {**wanted, "salt?": "salt", "clock?": "instant"}, "/data"):
                    self.note("J06", path, text, number)
            if len(canonical(row["data"]).encode("utf-8")) > MOST_DATA:
                self.note("J03", path, "data of more than 4 KiB", number)
        elif row["id"] != number and schema is not CLIENT_FINDING:  # the findings chosen keep their ids (R03)
            self.note("J06", path, "id is %d" % row["id"], number)


class FrameRows:
    """The rows of one frame against the columns that the catalogue declares."""

    def __init__(self, columns: Any) -> None:
        self.names = [name for name, _, _ in columns] if columns else None
        self.keys = set(self.names or ())
        self.kinds = [(name, kind, KINDS[kind]) for name, kind, _ in columns or () if name != "id"]

    def fits(self, row: Any, number: int) -> bool:
        """Whether `misfits` would say nothing."""
        if not isinstance(row, dict) or row.keys() != self.keys or row.get("id") != number or row["id"] is True:
            return False
        for name, _, fits in self.kinds:
            value = row[name]
            if value is not None and not fits(value):
                return False
        return True

    def misfits(self, row: Any, number: int) -> Iterator[tuple[str, str]]:
        if not isinstance(row, dict) or "id" not in row:
            yield "J06", "no object with an id"
            return
        if self.names is None:
            return
        if row.keys() != self.keys:
            odd = sorted(row.keys() ^ self.keys)
            yield (
                "J06",
                "keys are not those the catalogue declares: {}".format(", ".join(plain(key) for key in odd[:5])),
            )
            return
        if row["id"] != number or isinstance(row["id"], bool):
            yield "R05", "id is %s, not %d" % (plain(row["id"]), number)
        for name, kind, fits in self.kinds:
            value = row[name]
            if value is not None and not fits(value):
                yield (
                    "J06" if kind in ("date", "local", "instant", "digest") and isinstance(value, str) else "R05",
                    (f"{name} is no {kind}"),
                )


def scan(case: Case) -> Scan:
    case.whole()
    return case.once("scan", lambda: Scan(case))  # type: ignore[no-any-return]


def json_check(check: str) -> Callable[[Case], Iterator[Defect]]:
    def run(case: Case) -> Iterator[Defect]:
        found = scan(case)
        if check == "J06":
            case.catalogue()
        yield from found.met[check]
        if check == "J03" and found.undecided:
            raise Undecided("; ".join(found.undecided.values()))
        if check == "J03":
            case.notes[check] = "%d files" % sum(
                name.endswith((".json", ".jsonl", ".ipynb")) for name in case.bag.payload
            )

    return run


# ---------------------------------------------------------------------------------------------------------------------
# L: the ledger
# ---------------------------------------------------------------------------------------------------------------------

LEDGER = "data/ledger.jsonl"
KIT_ACTORS = ("process:collector", "process:run")


def entry_digest(entry: dict[str, Any]) -> str:
    return digest_of(canonical({key: value for key, value in entry.items() if key != "data"}))


class Chain:
    """One pass over the ledger; `met` holds the defects by check id, `last` the entries since the previous sealing."""

    def __init__(self, case: Case) -> None:
        self.met: dict[str, list[Defect]] = {"L01": [], "L02": [], "L03": [], "L04": []}
        self.count = self.withheld = 0
        self.final: dict[str, Any] = {}
        self.head = ""
        self.actors: dict[str, int] = {}
        engagement = case.catalogue()["engagement"]
        expected = genesis = digest_of("ek1:ledger:" + netstring(engagement))
        at = ""
        for entry in case.rows(LEDGER):
            self.count += 1
            number = self.count
            if entry["seq"] != number:
                self._note("L01", number, "seq is %d" % entry["seq"])
            if number == 1 and (entry["action"] != "ledger.opened" or entry["prev_sha256"] != genesis):
                self._note("L01", number, f"does not open the ledger of engagement {engagement}")
            if number > 1 and entry["action"] == "ledger.opened":
                self._note("L01", number, "opens the ledger again")
            if entry["prev_sha256"] != expected and number > 1:
                self._note("L02", number, "prev_sha256 is not the digest of the entry before")
            if entry["data"] is None:
                self.withheld += 1
            elif entry["data_sha256"] != digest_of(canonical(entry["data"])):
                self._note("L03", number, "data_sha256 is not the digest of data")
            elif "salt" not in entry["data"]:
                self._note("L03", number, "data has no salt")
            if entry["at"] < at:
                self._note("L04", number, "earlier than the entry before")
            at, expected = entry["at"], entry_digest(entry)
            self.actors.setdefault(entry["actor"], number)
            self.final = entry
        self.head = expected

    def _note(self, check: str, line: int, text: str) -> None:
        if len(self.met[check]) <= MOST_DEFECTS:
            self.met[check].append((LEDGER, "line %d: %s" % (line, text)))


def chain(case: Case) -> Chain:
    return case.once("chain", lambda: Chain(case))  # type: ignore[no-any-return]


def chain_check(check: str) -> Callable[[Case], Iterator[Defect]]:
    def run(case: Case) -> Iterator[Defect]:
        found = chain(case)
        yield from found.met[check]
        if not found.count and check == "L01":
            yield LEDGER, "is empty"
        case.notes[check] = "%d entries" % found.count
        if check == "L03" and found.withheld:
            case.notes[check] += ", the data of %d withheld at this level" % found.withheld

    return run


def check_l05(case: Case) -> Iterator[Defect]:
    found, catalogue = chain(case), case.catalogue()
    if found.final.get("action") != "ledger.sealed":
        yield LEDGER, "the last entry is not ledger.sealed"
    else:
        if found.final["data"] is not None and found.final["data"]["entries"] != found.count - 1:
            yield LEDGER, "line %d: entries is not %d" % (found.count, found.count - 1)
        if found.final["at"] != catalogue["sealed_at"]:
            yield "data/bundle.json", "sealed_at is not the instant of ledger.sealed"
    said = catalogue["ledger"]
    if said["entries"] != found.count:
        yield "data/bundle.json", "says %d entries, there are %d" % (said["entries"], found.count)
    if said["head_sha256"] != found.head:
        yield "data/bundle.json", "head_sha256 is {}, the ledger's is {}".format(said["head_sha256"], found.head)


class Story:
    """What the ledger tells, in order. `met` holds the defects of L06; what was sealed before is history."""

    def __init__(self, case: Case) -> None:
        self.met: list[Defect] = []
        self.loaded: dict[str, Any] | None = None
        self.frozen: dict[str, list[dict[str, Any]]] = {}
        self.commitments: dict[str, int] = {}
        self.rounds: dict[tuple[str, int], dict[str, Any]] = {}
        self.runs: dict[int, dict[str, Any]] = {}
        self.ended: dict[int, dict[str, Any]] = {}
        self.double_ends: list[int] = []
        self.frames: dict[str, dict[str, Any]] = {}
        self.queries: set[str] = set()
        self.concluded: dict[str, dict[str, Any]] = {}
        self.abandoned: list[int] = []
        self.scanned: dict[str, Any] | None = None
        self.segment_rounds: set[tuple[str, int]] = set()
        self.signed: set[str] = set()
        self.ever_sealed = self.ever_signed = self.now_sealed = False
        for entry in case.rows(LEDGER):
            if self.now_sealed and entry["action"] not in OF_A_BUNDLE:
                self._new_segment()
            wrong = self._take(entry["action"], entry["seq"], entry["data"])
            if wrong and len(self.met) <= MOST_DEFECTS:
                self.met.append((LEDGER, "line %d: %s" % (entry["seq"], wrong)))

    def _new_segment(self) -> None:
        """What was sealed before is history: its own bundle was checked for it."""
        self.now_sealed, self.scanned = False, None
        self.concluded.clear()
        self.segment_rounds.clear()

    def _take(self, action: str, seq: int, data: dict[str, Any]) -> str | None:
        if action not in ACTIONS:
            return "unknown action " + plain(action)
        step = getattr(self, "_on_" + action.replace(".", "_"), None)
        return step(seq, data) if step else None

    def _on_engagement_loaded(self, seq: int, data: dict[str, Any]) -> None:
        self.loaded = data

    def _on_population_frozen(self, seq: int, data: dict[str, Any]) -> str | None:
        self.frozen.setdefault(data["population"], []).append(data)
        self.queries.add(data["query_sha256"])
        return None if self.loaded else "a population frozen before engagement.loaded"

    def _on_commitment_made(self, seq: int, data: dict[str, Any]) -> str | None:
        self.commitments.setdefault(data["commitment_sha256"], seq)
        return None if self.frozen else "a commitment before population.frozen"

    def _on_nonce_revealed(self, seq: int, data: dict[str, Any]) -> str | None:
        record, number = data["commitment_sha256"], data["round"]
        if record not in self.commitments:
            return "a nonce before its commitment"
        known = self.rounds.get((record, number))
        again = known is not None and (record, number) in self.segment_rounds
        self.rounds[record, number] = {"nonce": data["nonce"], "drawn": None, "abandoned": False, "seq": seq}
        self.segment_rounds.add((record, number))
        if known is not None and again and known["nonce"] != data["nonce"] and not known["abandoned"]:
            return "a second nonce for one round, the first draw not abandoned"
        if known is not None and again and known["nonce"] == data["nonce"]:
            self.rounds[record, number]["drawn"] = known["drawn"]
        if number < 1 or (number > 1 and not self._drawn(record, number - 1)):
            return "round %d before the round that precedes it was drawn" % number
        return None

    def _drawn(self, record: str, number: int) -> bool:
        return bool(self.rounds.get((record, number), {}).get("drawn"))

    def _on_sample_drawn(self, seq: int, data: dict[str, Any]) -> str | None:
        known = self.rounds.get((data["commitment_sha256"], data["round"]))
        if known is None:
            return "a sample drawn before its nonce"
        known["drawn"] = {**data, "seq": seq}
        return None

    def _on_sample_abandoned(self, seq: int, data: dict[str, Any]) -> str | None:
        self.abandoned.append(seq)
        known = self.rounds.get((data["commitment_sha256"], data["round"]))
        if known is None:
            return "a draw abandoned before its nonce"
        known["abandoned"] = True
        return None

    def _on_frame_collected(self, seq: int, data: dict[str, Any]) -> None:
        self.frames[data["frame"]] = {**data, "seq": seq}
        self.queries.add(data["query_sha256"])

    def _on_run_started(self, seq: int, data: dict[str, Any]) -> None:
        self.runs[seq] = data

    def _on_run_ended(self, seq: int, data: dict[str, Any]) -> str | None:
        started = data["started"]
        if started in self.ended:
            self.double_ends.append(seq)
        self.ended[started] = {**data, "seq": seq}
        self.scanned = None
        return None if started in self.runs else "a run ended that had not started"

    def _on_control_concluded(self, seq: int, data: dict[str, Any]) -> str | None:
        self.concluded[data["control"]] = data
        if any(self.ended_well(start) and data["control"] in run["controls"] for start, run in self.runs.items()):
            return None
        return "{} concluded before a run of it passed".format(data["control"])

    def ended_well(self, seq: int | None) -> bool:
        return seq in self.ended and self.ended[seq]["status"] == "passed"

    def _on_request_refused(self, seq: int, data: dict[str, Any]) -> str | None:
        return None if data["started"] in self.runs else "a request refused in a run that had not started"

    def _on_release_scanned(self, seq: int, data: dict[str, Any]) -> None:
        self.scanned = data

    def _on_ledger_sealed(self, seq: int, data: dict[str, Any]) -> str | None:
        self.ever_sealed = self.now_sealed = True
        return None if self.scanned else "sealed without a release.scanned after the last run.ended"

    def _on_bundle_signed(self, seq: int, data: dict[str, Any]) -> str | None:
        self.ever_signed = True
        self.signed.add(data["tagmanifest_sha256"])
        return None if self.ever_sealed else "a bundle signed before ledger.sealed"

    def _on_bundle_released(self, seq: int, data: dict[str, Any]) -> str | None:
        return None if self.ever_signed else "a bundle released before it was signed"

    def _on_bundle_exported(self, seq: int, data: dict[str, Any]) -> str | None:
        signed = data["tagmanifest_sha256"] in self.signed
        return None if signed else "papers of a bundle that no entry says was signed"


def story(case: Case) -> Story:
    return case.once("story", lambda: Story(case))  # type: ignore[no-any-return]


#: What must stand before an action, told by their names alone: at level client the data is withheld.
AFTER = {
    "population.frozen": "engagement.loaded",
    "commitment.made": "population.frozen",
    "nonce.revealed": "commitment.made",
    "sample.drawn": "nonce.revealed",
    "sample.abandoned": "nonce.revealed",
    "run.ended": "run.started",
    "request.refused": "run.started",
    "control.concluded": "run.ended",
    "ledger.sealed": "release.scanned",
    "bundle.signed": "ledger.sealed",
    "bundle.released": "bundle.signed",
    "bundle.exported": "bundle.signed",
}


def order_of_actions(case: Case) -> Iterator[Defect]:
    met: dict[str, int] = {}
    for entry in case.rows(LEDGER):
        action = entry["action"]
        if action not in ACTIONS:
            yield LEDGER, "line %d: unknown action %s" % (entry["seq"], plain(action))
        before = AFTER.get(action)
        if before is not None and not met.get(before):
            yield LEDGER, "line %d: %s before %s" % (entry["seq"], action, before)
        if action == "run.ended":
            met["release.scanned"] = 0  # a scan is of what all runs left
            if met.get(action, 0) >= met.get("run.started", 0):
                yield LEDGER, "line %d: a run ended that had not started" % entry["seq"]
        if action == "ledger.sealed":
            met["release.scanned"] = 0
        met[action] = met.get(action, 0) + 1


def check_l06(case: Case) -> Iterator[Defect]:
    yield from order_of_actions(case) if case.level == CLIENT else story(case).met
    declared = {each["actor"] for each in case.engagement()["actors"]} | set(KIT_ACTORS)
    for actor, line in chain(case).actors.items():
        if actor not in declared:
            yield LEDGER, "line %d: actor %s is not declared in engagement.json" % (line, plain(actor))
    for control, draw in case.draws().items() if case.level != CLIENT else ():
        yield from _order_of(case, control, draw)


def _order_of(case: Case, control: str, draw: Any) -> Iterator[Defect]:
    """Commitment before the run that tests the sample; every round drawn before the frames of the control."""
    told, record = story(case), draw["commitment_sha256"]
    made_by = (case.artefacts().get(f"data/results/{control}.jsonl") or {}).get("made_by") or {}
    run = made_by.get("run")
    if run is not None and record in told.commitments and told.commitments[record] > run:
        yield LEDGER, "line %d: a run of %s before its commitment" % (run, control)
    for each in draw["rounds"]:
        drawn = told.rounds.get((record, each["round"]), {}).get("drawn")
        for frame, collected in told.frames.items():
            if drawn and frame.startswith(control + ".") and collected["seq"] < drawn["seq"]:
                yield LEDGER, "line %d: %s collected before its sample was drawn" % (collected["seq"], frame)


def content_paths(case: Case) -> list[str]:
    """The payload files that ledger.sealed covers: all but those that show or hold the ledger's head."""
    aside = (LEDGER, "data/bundle.json", "data/ro-crate-metadata.json")
    return [name for name in case.bag.payload if name not in aside and not name.startswith("data/site/")]


def manifest_digest(case: Case, paths: Iterable[str]) -> str:
    return digest_of("".join(f"{case.bag.sha256(path)}  {path}\n" for path in sorted(paths)))


def check_l07(case: Case) -> Iterator[Defect]:
    final = chain(case).final
    if final.get("action") != "ledger.sealed":
        raise Undecided("no ledger.sealed")
    found = manifest_digest(case, content_paths(case))
    if final["data"]["content_sha256"] != found:
        yield LEDGER, "content_sha256 is {}, the files give {}".format(final["data"]["content_sha256"], found)


def check_l08(case: Case) -> Iterator[Defect]:
    told = story(case)
    for seq in told.runs:
        if seq not in told.ended:
            yield LEDGER, "line %d: a run that never ended" % seq
    for seq in told.double_ends:
        yield LEDGER, "line %d: a run that ended twice" % seq
    for control, path in case.under("results", ".jsonl"):
        made = (case.artefacts().get(path) or {}).get("made_by") or {}
        run = made.get("run") or 0
        if not told.ended_well(run) or control not in told.runs.get(run, {"controls": ()})["controls"]:
            yield path, f"does not come from a run of {plain(control)} that passed"
    listed = {seq for seq, end in ((end["seq"], end) for end in told.ended.values()) if end["status"] != "passed"}
    pages = [page for page in case.bag.payload if re.fullmatch(r"data/site/(en|fr)/ledger(-[0-9]+)?\.html", page)]
    for language in ("en", "fr"):
        shown: set[int] = set()
        for page in pages:
            if page.startswith(f"data/site/{language}/"):
                for each in read_page(case, page).data:
                    match = re.match(r"ledger\.jsonl#/([0-9]{1,15})/", each.pointer)
                    if match:
                        shown.add(int(match.group(1)))
        for seq in sorted((listed | set(told.abandoned)) - shown):
            yield (
                f"data/site/{language}/ledger.html",
                "does not list entry %d (a run not passed, or a draw abandoned)" % seq,
            )


def check_l09(case: Case) -> Iterator[Defect]:
    if case.previous is None:
        raise NotApplicable("no --previous")
    case.catalogue()
    if not case.previous.readable or LEDGER not in case.previous.files:
        yield LEDGER, "the previous bundle has no ledger that can be read"
        return
    here = case.rows(LEDGER)
    for number, line in enumerate(case.previous.lines(LEDGER), 1):
        parser = Parser()
        readable, entry = parser.parse(line[:-1])
        if not readable or parser.met or not isinstance(entry, dict):
            yield LEDGER, "line %d of the previous ledger cannot be read" % number
            return
        mine = next(here, None)
        if mine is None or entry_digest(mine) != entry_digest(entry):
            yield LEDGER, "line %d is not that of the previous bundle" % number
            return


# ---------------------------------------------------------------------------------------------------------------------
# C: the catalogue
# ---------------------------------------------------------------------------------------------------------------------


def check_c01(case: Case) -> Iterator[Defect]:
    case.whole()
    if "data/bundle.json" not in case.bag.files:
        yield "data/bundle.json", "is not there"
        return
    catalogue = case.raw_json("data/bundle.json")
    if not isinstance(catalogue, dict) or catalogue.get("format") != FORMAT:
        yield "data/bundle.json", "format is not " + FORMAT
        return
    if catalogue.get("version") != VERSION:
        raise Undecided("format version %s; this program reads %d" % (plain(catalogue.get("version")), VERSION))
    bundle = catalogue["bundle"]
    if bundle != "{}.{}.{}".format(catalogue["engagement"], catalogue["run"], catalogue["level"]):
        yield "data/bundle.json", "bundle is not `engagement.run.level`"
    if case.bag.name != bundle:
        yield "data/bundle.json", f"bundle is {plain(bundle)}, the folder is {plain(case.bag.name)}"
    engagement = case.engagement()
    for key in ("engagement", "demonstration", "kit"):
        if engagement[key] != catalogue[key]:
            yield "data/engagement.json", f"{key} is not that of bundle.json"
    told = dict(bag_info(case)).get("External-Identifier")
    if told != bundle:
        yield "bag-info.txt", f"External-Identifier is {plain(told)}, bundle is {plain(bundle)}"


def check_c02(case: Case) -> Iterator[Defect]:
    artefacts = case.catalogue()["artefacts"]
    paths = [each["path"] for each in artefacts]
    if paths != sorted(set(paths)):
        yield "data/bundle.json", "artefacts are not in the order of their paths, each once"
    payload = set(case.bag.payload) - {"data/bundle.json"}
    for path in sorted(set(paths) - payload):
        yield "data/bundle.json", f"lists {plain(path)}, which is not there"
    for path in sorted(payload - set(paths)):
        yield path, "is not listed in bundle.json"
    for path in CLIENT_REQUIRED if case.level == CLIENT else REQUIRED:
        if path not in payload:
            yield path, "is not there"
    for each in artefacts:
        if each["path"] in payload:
            yield from _artefact(case, each)


def _artefact(case: Case, each: dict[str, Any]) -> Iterator[Defect]:
    path, role = each["path"], place_of(each["path"])[0]
    if role is None or role != each["role"]:
        yield path, "has the role {}, its path says {}".format(each["role"], role)
    if each["sha256"] != case.bag.sha256(path):
        yield path, "digest is {}, bundle.json says {}".format(case.bag.sha256(path), each["sha256"])
    if each["bytes"] != case.bag.files[path].size:
        yield path, "has %d bytes, bundle.json says %d" % (case.bag.files[path].size, each["bytes"])
    rows = scan(case).rows.get(path)
    if path not in case.refused and each["rows"] != rows:
        yield path, "has {} rows, bundle.json says {}".format(rows, each["rows"])
    if (each["columns"] is None) != (role != "frame"):
        yield path, "columns are for frames, and every frame has them"


def check_c03(case: Case) -> Iterator[Defect]:
    if case.level == CLIENT:  # neither queries nor runs nor the data of the ledger are here
        for path, each in case.artefacts().items():
            if each["made_by"] is not None:
                yield path, "made_by names what no client's bundle holds"
        return
    told, named = story(case), set()
    for path, each in case.artefacts().items():
        made = each["made_by"]
        if made is not None and path in case.bag.files:
            named.add(made["query"])
            yield from _made_by(case, told, path, each, made)
        elif each["role"] in ("frame", "results"):
            yield path, "does not say what it was made by"
    yield from _queries(case, told)
    yield from _templates(case, told)
    for key, name in (("engagement_sha256", "data/engagement.json"), ("controls_sha256", "data/controls.json")):
        if told.loaded is None or told.loaded[key] != digest_of(canonical(case.document(name))):
            yield name, "is not what the last engagement.loaded of the ledger says"


def record_digest(case: Case, path: str) -> str | None:
    """The digest of a .json or .ipynb file's canonical text, without the LF; None when it is not there."""
    if path not in case.bag.files or path in case.refused:
        return None
    return case.once("record " + path, lambda: sha256(case.bag.read(path, MOST_JSON)[:-1]))  # type: ignore[no-any-return]


def _made_by(case: Case, told: Story, path: str, each: dict[str, Any], made: dict[str, Any]) -> Iterator[Defect]:
    role, notebook = each["role"], made["notebook"]
    run = told.runs.get(made["run"]) if made["run"] is not None else None
    if run is None:
        if made["run"] is not None or role in ("frame", "results"):
            yield path, "made_by: run {} is no run.started of the ledger".format(made["run"])
    else:
        for key in ("notebook", "template_sha256", "params_sha256"):
            if made[key] != run[key]:
                yield path, "made_by: %s is not that of run %d in the ledger" % (key, made["run"])
        files = (("template_sha256", "data/notebooks/%s.template.ipynb"), ("params_sha256", "data/params/%s.json"))
        for key, pattern in files:
            if made[key] != record_digest(case, pattern % notebook):
                yield path, f"made_by: {key} is not that of {pattern % plain(notebook)}"
        if role == "notebook-executed" and (path, made["run"]) != (
            "data/notebooks/%s.ipynb" % notebook,
            run_of(case, notebook),
        ):
            yield path, "made_by: not the last run of this notebook"
    if made["query"] is not None:
        if place_of(made["query"])[0] != "sql" or made["query"] not in case.bag.files:
            yield path, "made_by: query {} is not there".format(plain(made["query"]))
        elif case.bag.sha256(made["query"]) != made["query_sha256"]:
            yield path, "made_by: query_sha256 is not the digest of {}".format(made["query"])
    if made["draw"] is not None and (place_of(made["draw"])[0] != "draw" or made["draw"] not in case.bag.files):
        yield path, "made_by: draw {} is not there".format(plain(made["draw"]))
    if made["draw"] in case.bag.files and made["population"] is not None:
        committed = case.document(made["draw"])["commitment"]
        if committed["population"] != made["population"]:
            yield path, "made_by: population is not that of {}".format(made["draw"])
    if made["rows_out"] != each["rows"] and (made["rows_out"] is not None or role in ("frame", "results")):
        yield path, "made_by: rows_out is {}, rows is {}".format(made["rows_out"], each["rows"])
    if role == "frame":
        yield from _collected(case, told, path, each, made)


def _collected(case: Case, told: Story, path: str, each: dict[str, Any], made: dict[str, Any]) -> Iterator[Defect]:
    entry = told.frames.get(path[len("data/frames/") : -len(".jsonl")])
    if entry is None:
        yield path, "the ledger has no frame.collected of it"
        return
    if case.level == LEVEL and entry["frame_sha256"] != case.bag.sha256(path):
        yield path, "is not the frame that line %d of the ledger collected" % entry["seq"]
    if entry["rows"] != each["rows"]:
        yield path, "has %s rows, line %d of the ledger says %d" % (each["rows"], entry["seq"], entry["rows"])
    if entry["query_sha256"] != made["query_sha256"]:
        yield path, "made_by: query_sha256 is not that of line %d of the ledger" % entry["seq"]


def _templates(case: Case, told: Story) -> Iterator[Defect]:
    """The template and the parameters of each executed notebook are those of its last run."""
    for name, path, _ in notebooks(case):
        run = told.runs.get(run_of(case, name))
        files = (
            ("template_sha256", f"data/notebooks/{name}.template.ipynb"),
            ("params_sha256", f"data/params/{name}.json"),
        )
        if run is None:
            yield path, "the ledger has no run of it"
            continue
        for key, other in files:
            if run[key] != record_digest(case, other):
                yield other, "is not what the last run of %s in the ledger says" % plain(name)


def _queries(case: Case, told: Story) -> Iterator[Defect]:
    """Every query text is one that the ledger names: by its own digest, or with the other texts of its control.

    A frame or population made by several queries has, in the ledger and in made_by, `query` null and as `query_sha256`
    the digest of the manifest lines of those texts: all of `data/sql/<control>.*.sql` that the ledger names by no
    digest of their own. A population that was refused has no population.frozen, and its query none.
    """
    loose: dict[str, list[str]] = {}
    refused = {f"{name}.population" for name in case.controls() if name not in case.draws()}
    for stem, path in case.under("sql", ".sql"):
        if case.bag.sha256(path) not in told.queries and stem not in refused:
            loose.setdefault(stem.split(".", 1)[0], []).append(path)
    for paths in loose.values():
        if manifest_digest(case, paths) not in told.queries:
            for path in paths:
                yield path, "is not a query text that the ledger names"


def check_c04(case: Case) -> Iterator[Defect]:
    catalogue = case.catalogue()
    if case.level == LEVEL:
        if catalogue["derived_from"] is not None or catalogue["withheld"]:
            yield "data/bundle.json", "an auditor-full bundle is derived from nothing and withholds nothing"
    else:
        yield from _derived(catalogue)
        yield from _beyond_level(case)
    if case.level == CLIENT:
        return
    if "data/blinding.txt" not in case.bag.files:
        yield "data/blinding.txt", "is not there"
    elif not re.fullmatch(rb"[0-9a-f]{64}\n", case.bag.read("data/blinding.txt", 1 << 10)):
        yield "data/blinding.txt", "is not 64 hex digits and LF"
    if case.level == PSEUDONYMISED:
        yield from _unprojected(case)


#: Roles of files that a level has not, or not all of.
WITHHELD_ROLES = {
    PSEUDONYMISED: set(NOT_PSEUDONYMISED),
    CLIENT: ROLES - {"engagement", "controls", "summary", "ledger", "findings", "scan", "words", "draw", "page"},
}


def _derived(catalogue: dict[str, Any]) -> Iterator[Defect]:
    path, origin = "data/bundle.json", catalogue["derived_from"]
    if origin is None or origin["bundle"] != "{}.{}.{}".format(catalogue["engagement"], catalogue["run"], LEVEL):
        yield path, "derived_from is not the auditor-full bundle of this engagement and run"
    roles = [each["role"] for each in catalogue["withheld"]]
    if roles != sorted(set(roles)) or any(not each["count"] for each in catalogue["withheld"]):
        yield path, "withheld is not ascending by role, each role once, with a count"
    for role in roles:
        if role not in WITHHELD_ROLES[catalogue["level"]]:
            yield path, f"withheld: this level holds every file of role {role}"
    if catalogue["level"] == CLIENT and catalogue["external"]:
        yield path, "external: no leaves are delivered beside a client's bundle"


def _beyond_level(case: Case) -> Iterator[Defect]:
    """Files that the level does not hold."""
    for path in case.bag.payload:
        if case.level == CLIENT:
            if not CLIENT_PLACES.fullmatch(path):
                yield path, "level client does not hold this file"
        elif place_of(path)[0] in NOT_PSEUDONYMISED:
            yield path, "level auditor-pseudonymised does not hold this file"


#: Ids of a person's record: at level auditor-pseudonymised a keyed digest, so that rows still join.
RECORD_IDS = (
    "request_id", "event_id", "erasure_id", "entry_id", "probe_id", "case_id", "pair_id", "extract_id",
)  # fmt: skip
RECORD_IDS_OF = {"completeness": ("unit_id",)}  # in one frame alone: its units are requests, messages, extracts


def projection_of(frame: str, column: str, privacy: str) -> str | None:
    """What becomes of a column at level auditor-pseudonymised: "ref" (null), "key" or "id"; None for one that stays."""
    if referring(column):
        return "ref"
    if privacy == "key":
        return "key"
    return "id" if column in RECORD_IDS or column in RECORD_IDS_OF.get(frame, ()) else None


def referring(column: str) -> bool:
    """Whether a column is null in a derived bundle: a pointer into papers, or the running number of a request's id."""
    return column.endswith("_ref") or column == "request_seq"


def projections(case: Case, path: str) -> dict[str, str]:
    """column -> its projection, of one file of frames, readings or results."""
    role, stem = place_of(path)[0], path.split("/")[2][: -len(".jsonl")]
    if role == "frame":
        listed = (case.artefacts().get(path) or {}).get("columns") or ()
        found = {name: projection_of(stem.split(".", 1)[1], name, privacy) for name, _, privacy in listed}
    elif role == "results":
        draw, control = case.draws().get(stem), case.controls().get(stem)
        unit = draw["commitment"]["unit"] if draw else ""
        frame = control["needs"][0]["frame"] if control and control["needs"] else ""
        found = {"unit": projection_of(frame, unit, "key" if unit in keyed_columns(case) else "none")}
    else:  # a reading is described by no catalogue: its columns are those of these names in the frames
        keys, names = keyed_columns(case), next(case.rows(path), None) or ()
        found = {name: projection_of("", name, "key" if name in keys else "none") for name in names}
    return {name: how for name, how in found.items() if how is not None}


def keyed_columns(case: Case) -> set[str]:
    """The columns of privacy `key` in any frame."""

    def make() -> set[str]:
        listed = (each["columns"] or () for each in case.artefacts().values())
        return {name for columns in listed for name, _, privacy in columns if privacy == "key"}

    return case.once("keyed columns", make)  # type: ignore[no-any-return]


def _unprojected(case: Case) -> Iterator[Defect]:
    """Values that the level does not show: ids and keys as they were, references, outputs of notebooks."""
    for folder in ("frames", "readings", "results"):
        for _, path in case.under(folder, ".jsonl"):
            ruled = projections(case, path)
            for row in case.rows(path) if ruled else ():
                for name, how in ruled.items():
                    value = row.get(name)
                    if value is not None and (how == "ref" or not KINDS["digest"](value)):
                        yield path, "line %d: %s is %s" % (
                            row["id"], plain(name), "not withheld" if how == "ref" else "no keyed digest",
                        )  # fmt: skip
    for _, path, notebook in notebooks(case):
        try:
            beyond = [each for cell in cells_of(notebook) for each in cell.get("outputs") or () if not _receipt(each)]
        except (ValueError, TypeError, AttributeError):
            beyond = [notebook]
        if beyond:
            yield path, "%d outputs besides the receipt" % len(beyond)


def _receipt(output: dict[str, Any]) -> bool:
    return RECEIPT in output.get("data", ()) and set(output["data"]) <= {RECEIPT, "text/plain"}


# ---------------------------------------------------------------------------------------------------------------------
# D: the draw
# ---------------------------------------------------------------------------------------------------------------------

SET_ASIDE = "not_yet_due"
EMPTY_ROOT = digest_of("ek1:root:")


def plan_size(plan: Sequence[Any], number: int) -> int | None:
    """How many units the plan takes in a round; None where it does not say (an extension of a one-stage plan)."""
    if number == 1 and plan:
        return int(plan[1])
    return int(plan[4]) if len(plan) == 6 and number == 2 else None


def check_d01(case: Case) -> Iterator[Defect]:
    told, kept = story(case), set()
    for control, draw in case.draws().items():
        record, path = draw["commitment"], f"data/draws/{control}.json"
        sha = digest_of(canonical(record))
        kept.add(draw["commitment_sha256"])
        if draw["control"] != control or not record["population"].startswith(control + "."):
            yield path, "control or population is not that of the file"
        if sha != draw["commitment_sha256"]:
            yield path, "commitment_sha256 is {}, the record gives {}".format(draw["commitment_sha256"], sha)
        if draw["commitment_sha256"] not in told.commitments:
            yield path, "the ledger has no commitment.made of this record"
        for key in ("engagement", "as_of"):
            if record[key] != case.engagement()[key]:
                yield path, f"commitment: {key} is not that of engagement.json"
        frozen = {"count": record["count"], "root": record["root"]}
        known = [{key: each[key] for key in frozen} for each in told.frozen.get(record["population"], ())]
        if frozen not in known:
            yield path, "the ledger has no population.frozen with this count and root"
        yield from _plan(path, record)
        yield from _rounds(told, path, draw)
    for record, number in sorted(told.segment_rounds):
        if record not in kept and not told.rounds[record, number]["abandoned"]:
            seq = told.rounds[record, number]["seq"]
            yield LEDGER, "line %d: a nonce of a draw that is neither in draws/ nor abandoned" % seq


def _plan(path: str, record: dict[str, Any]) -> Iterator[Defect]:
    strata = [name for name, _, _ in record["strata"]]
    planned = [each[0] for each in record["plan"]]
    if strata != sorted(set(strata), key=lambda name: name.encode("utf-8", "surrogatepass")):
        yield path, "commitment: strata are not in byte order, each once"
    if len(set(planned)) != len(planned):
        yield path, "commitment: the plan names a stratum twice"
    if SET_ASIDE in planned:
        yield path, "commitment: the plan draws from " + SET_ASIDE
    for name in strata:
        if name not in planned and name != SET_ASIDE:
            yield path, f"commitment: stratum {plain(name)} is not in the plan"
    if sum(count for _, count, _ in record["strata"]) != record["count"]:
        yield path, "commitment: the strata do not add up to count"


def _rounds(told: Story, path: str, draw: dict[str, Any]) -> Iterator[Defect]:
    record, nonces = draw["commitment_sha256"], set()
    if [each["round"] for each in draw["rounds"]] != list(range(1, len(draw["rounds"]) + 1)):
        yield path, "rounds are not numbered 1, 2 ..."
    for each in draw["rounds"]:
        entry = told.rounds.get((record, each["round"]))
        if entry is None or entry["nonce"] != each["nonce"]:
            yield path, "round %d: the nonce is not the ledger's" % each["round"]
        elif entry["abandoned"]:
            yield path, "round %d: this draw was abandoned" % each["round"]
        elif entry["drawn"] is None and each["drawn"]:
            yield path, "round %d: the ledger has no sample.drawn" % each["round"]
        elif entry["drawn"] is not None:
            drawn = entry["drawn"]
            if (drawn["control"], drawn["count"]) != (draw["control"], len(each["drawn"])):
                yield path, "round %d: control or count is not that of line %d" % (each["round"], drawn["seq"])
            if drawn["sample_sha256"] != digest_of(canonical(each["drawn"])):
                yield path, "round %d: sample_sha256 of line %d does not match" % (each["round"], drawn["seq"])
        nonces.add(each["nonce"])
    numbers = {
        number for sha, number in told.segment_rounds if sha == record and not told.rounds[sha, number]["abandoned"]
    }
    for number in sorted(numbers - {each["round"] for each in draw["rounds"]}):
        yield path, "the ledger reveals a nonce for round %d, which is not here" % number


class Pool:
    """One pass over a leaves file: roots and counts for D02, and for D03 the leaves that should have been drawn."""

    def __init__(self, draw: dict[str, Any], lines: Iterator[bytes]) -> None:
        record = draw["commitment"]
        self.wrong: list[str] = []
        self.known = {name: [0, root] for name, _, root in record["strata"]}
        self.drawn = {
            unit["leaf"]: (each["round"], unit["stratum"]) for each in draw["rounds"] for unit in each["drawn"]
        }
        self.last: dict[tuple[int, str], str] = {}
        for each in draw["rounds"]:
            for unit in each["drawn"]:
                self.last[each["round"], unit["stratum"]] = unit["ticket"]
        self.nonces = [(each["round"], each["nonce"]) for each in draw["rounds"]]
        self.sha: str = draw["commitment_sha256"]
        self.met: set[str] = set()
        self.passed_over: list[str] = []
        self.left: dict[tuple[int, str], int] = {}
        self.plan = {each[0] for each in record["plan"]}
        self.buckets: dict[str, Any] = {}
        self.roots: dict[str, Any] = {name: hashlib.sha256(_head(name)) for name in self.known}
        previous = b""
        for number, line in enumerate(lines, 1):
            match = LEAF_LINE.fullmatch(line)
            if not match or line <= previous:
                self.wrong.append("line %d is no `leaf stratum`, or out of order" % number)
                break
            if line[:64] == previous[:64]:
                self.wrong.append("line %d gives a leaf twice" % number)
            previous = line
            stratum = match.group(2).decode("utf-8", "surrogateescape")
            if stratum not in self.known:
                self.wrong.append("line %d: the commitment has no such stratum" % number)
                break
            self._take(line[:64].decode("ascii"), stratum)
        for name in self.known:
            self._close(name)

    def _take(self, leaf: str, stratum: str) -> None:
        self.known[stratum][0] += 1
        bucket = self.buckets.get(stratum)
        if bucket is None or bucket[0] != leaf[:3]:
            self._close(stratum)
            bucket = self.buckets[stratum] = [leaf[:3], 0, hashlib.sha256(b"ek1:bucket:")]
        bucket[1] += 1
        bucket[2].update(leaf.encode("ascii"))
        if stratum not in self.plan:
            return
        taken = self.drawn.get(leaf)
        if taken and taken[1] == stratum:
            self.met.add(leaf)
        end = ":" + netstring(stratum) + leaf
        for number, nonce in self.nonces:
            self.left[number, stratum] = self.left.get((number, stratum), 0) + 1
            if taken and taken[0] == number:
                return
            ticket = digest_of("ek1:ticket:%s:%s:%d" % (self.sha, nonce, number) + end)
            if ticket <= self.last.get((number, stratum), "") and len(self.passed_over) <= MOST_DEFECTS:
                self.passed_over.append("round %d passes over leaf %s, whose ticket is smaller" % (number, leaf))

    def _close(self, stratum: str) -> None:
        bucket = self.buckets.pop(stratum, None)
        if bucket:
            line = "%s:%d:%s;" % (bucket[0], bucket[1], bucket[2].hexdigest())
            self.roots[stratum].update(line.encode("ascii"))


LEAF_LINE = re.compile(rb"([0-9a-f]{64}) ([^\n]+)\n")


def _head(stratum: str) -> bytes:
    return ("ek1:stratum:" + netstring(stratum)).encode("utf-8", "surrogatepass")


def pool(case: Case, control: str, draw: dict[str, Any]) -> Pool:
    """The leaves of one control. Raises Undecided when they were delivered apart and are not at hand."""

    def make() -> Pool:
        path = "data/leaves/{}.txt".format(draw["commitment"]["population"])
        if path in case.bag.files:
            return Pool(draw, case.bag.lines(path))
        for each in case.catalogue()["external"]:
            if each["path"] == path:
                return Pool(draw, _leaves_apart(case, each))
        if draw["commitment"]["count"] == 0:
            return Pool(draw, iter(()))
        raise FileNotFoundError(path)

    return case.once("pool " + control, make)  # type: ignore[no-any-return]


def _leaves_apart(case: Case, listed: dict[str, Any]) -> Iterator[bytes]:
    for name in case.leaves:
        handle, state = open_regular(os.path.realpath(name))
        with handle:
            if state.st_size != listed["bytes"]:
                continue
            digest = hashlib.sha256()
            while block := handle.read(1 << 20):
                digest.update(block)
            if digest.hexdigest() == listed["sha256"]:
                handle.seek(0)
                return iter(handle.read().splitlines(True)) if state.st_size < 1 << 20 else _stream(name)
    raise Undecided("the leaves of {} were delivered apart: give them with --leaves".format(plain(listed["path"])))


def _stream(name: str) -> Iterator[bytes]:
    handle, _ = open_regular(os.path.realpath(name))
    with handle:
        yield from iter(lambda: handle.readline(MOST_LINE), b"")


def each_pool(case: Case) -> Iterator[tuple[str, dict[str, Any], Pool | None]]:
    """(control, draw, its leaves); at the end raises Undecided when leaves of some control were not at hand."""
    missing = ""
    for control, draw in case.draws().items():
        try:
            leaves: Pool | None = pool(case, control, draw)
        except FileNotFoundError:
            leaves = None
        except Undecided as reason:
            missing = str(reason)
            continue
        yield control, draw, leaves
    if missing:
        raise Undecided(missing)


def check_d02(case: Case) -> Iterator[Defect]:
    for control, draw, leaves in each_pool(case):
        record = draw["commitment"]
        path = "data/leaves/{}.txt".format(record["population"])
        if leaves is None:
            yield path, "is not there, and not listed as delivered apart"
            continue
        for text in leaves.wrong:
            yield path, text
        lines = []
        for name, count, root in sorted(record["strata"], key=lambda each: each[0].encode("utf-8", "surrogatepass")):
            found = leaves.roots[name].hexdigest()
            if leaves.known[name][0] != count:
                yield path, "stratum %s has %d leaves, committed were %d" % (plain(name), leaves.known[name][0], count)
            if found != root:
                yield path, f"stratum {plain(name)} gives the root {found}, committed was {root}"
            lines.append("%s%d:%s;" % (netstring(name), count, root))
        if digest_of("ek1:root:" + "".join(lines)) != record["root"]:
            yield f"data/draws/{control}.json", "commitment: root is not that of the strata"
    for stem, path in case.under("leaves", ".txt"):
        if stem not in {draw["commitment"]["population"] for draw in case.draws().values()}:
            yield path, "belongs to no draw"


def check_d03(case: Case) -> Iterator[Defect]:
    for control, draw in case.draws().items():
        yield from ticket_defects(f"data/draws/{control}.json", draw)
    for control, draw, leaves in each_pool(case):
        if leaves is not None:
            yield from draw_defects(f"data/draws/{control}.json", draw, leaves)


def ticket_defects(path: str, draw: dict[str, Any]) -> Iterator[Defect]:
    """Each ticket is what its leaf gives; strata in byte order, then ticket order; no leaf twice."""
    met: set[str] = set()
    for each in draw["rounds"]:
        start = "ek1:ticket:%s:%s:%d:" % (draw["commitment_sha256"], each["nonce"], each["round"])
        previous: tuple[bytes, str] = (b"", "")
        for place, unit in enumerate(each["drawn"]):
            where = "round %d, unit %d: " % (each["round"], place + 1)
            if unit["ticket"] != digest_of(start + netstring(unit["stratum"]) + unit["leaf"]):
                yield path, where + "the ticket is not that of its leaf"
            here = (unit["stratum"].encode("utf-8", "surrogatepass"), unit["ticket"])
            if here <= previous:
                yield path, where + "not in the order of strata and tickets"
            if unit["leaf"] in met:
                yield path, where + "drawn twice"
            met.add(unit["leaf"])
            previous = here


def draw_defects(path: str, draw: dict[str, Any], leaves: Pool) -> Iterator[Defect]:
    for text in leaves.passed_over:
        yield path, text
    for leaf in sorted(set(leaves.drawn) - leaves.met)[:MOST_DEFECTS]:
        yield path, f"leaf {leaf} was drawn and is not among the leaves of its stratum"
    plans = {each[0]: each for each in draw["commitment"]["plan"]}
    if not draw["rounds"] and any(
        plan_size(plan, 1) and leaves.known.get(name, [0])[0] for name, plan in plans.items()
    ):
        yield path, "nothing was drawn, the plan takes units"
    for each in draw["rounds"]:
        counts: dict[str, int] = {}
        for unit in each["drawn"]:
            counts[unit["stratum"]] = counts.get(unit["stratum"], 0) + 1
        for name in sorted(set(counts) - set(plans)):
            yield path, "round %d draws from %s, which is not in the plan" % (each["round"], plain(name))
        for name, plan in plans.items():
            left = leaves.left.get((each["round"], name), 0)
            planned, taken = plan_size(plan, each["round"]), counts.get(name, 0)
            second_stage = len(plan) == 6 and each["round"] == 2
            if planned is not None and taken != min(planned, left) and not (second_stage and taken == 0):
                yield path, "round %d takes %d of stratum %s, the plan says %d of %d" % (
                    each["round"], taken, plain(name), planned, left,
                )  # fmt: skip


def check_d04(case: Case) -> Iterator[Defect]:
    openings = case.under("openings", ".jsonl")
    if not openings:
        raise NotApplicable("no openings")
    for control, path in openings:
        draw = case.draws().get(control, {"rounds": ()})
        drawn = {unit["leaf"] for each in draw["rounds"] for unit in each["drawn"]}
        for row in case.rows(path):
            if row["leaf"] not in drawn:
                yield path, "line %d opens a unit that was not drawn" % row["id"]
            if digest_of("ek1:leaf:" + row["key"] + ":" + row["row"]) != row["leaf"]:
                yield path, "line %d: row and key do not give the leaf" % row["id"]


# ---------------------------------------------------------------------------------------------------------------------
# R: results and the numbers that follow from them
# ---------------------------------------------------------------------------------------------------------------------


def check_r01(case: Case) -> Iterator[Defect]:
    draws = case.draws()
    for control, path in case.under("results", ".jsonl"):
        if control not in draws:
            yield path, "results of a control without a draw"
    for control, draw in draws.items():
        path = f"data/results/{control}.jsonl"
        wanted = [(unit["leaf"], unit["stratum"]) for each in draw["rounds"] for unit in each["drawn"]]
        if path not in case.bag.files:
            yield path, "is not there"
            continue
        units: set[str] = set()
        count = 0
        for row in case.results(control):
            if count < len(wanted) and (row["leaf"], row["stratum"]) != wanted[count]:
                yield path, "line %d is not drawn unit %d (leaf or stratum)" % (row["id"], count + 1)
            if row["unit"] in units:
                yield path, "line %d: a unit with two results" % row["id"]
            units.add(row["unit"])
            count += 1
        if count != len(wanted):
            yield path, "%d results for %d drawn units" % (count, len(wanted))


MARKS = (("fail", "FAIL"), ("error", "ERROR"), ("missing", "INCONCLUSIVE"), ("pass", "PASS"))


def check_r02(case: Case) -> Iterator[Defect]:
    controls = case.controls()
    for control, path in case.under("results", ".jsonl"):
        rules = controls.get(control, {"attributes": (), "test": ""})
        letters = {each["letter"]: each["walkthrough"] for each in rules["attributes"]}
        for row in case.results(control):
            where = "line %d: " % row["id"]
            if row["verdict"] not in VERDICTS:
                yield path, where + "unknown verdict " + plain(row["verdict"])
                continue
            if row["verdict"] != "PASS" and not row["reasons"]:
                yield path, where + "{} without a reason".format(row["verdict"])
            cited = sum(len(each["rows"]) for each in row["evidence"])
            if row["verdict"] in ("PASS", "FAIL") and not cited:
                yield path, where + "{} without a row of evidence".format(row["verdict"])
            yield from ((path, where + text) for each in row["evidence"] for text in _cited(case, control, row, each))
            given = [each["letter"] for each in row["attributes"]]
            if not set(given) <= set(letters) or len(set(given)) != len(given):
                yield path, where + "has an attribute twice, or one that the control does not have"
            if any(each["reason"] is not None for each in row["attributes"] if each["mark"] in ("pass", "na")):
                yield path, where + "gives a reason where a mark needs none"
            frames = [each["frame"] for each in row["evidence"]]
            if len(set(frames)) != len(frames) or any(
                each["rows"] != sorted(set(each["rows"])) for each in row["evidence"]
            ):
                yield path, where + "cites rows out of order, or twice"
            if not {letter for letter, walkthrough in letters.items() if not walkthrough} <= set(given):
                yield path, where + "lacks an attribute of the control"
            yield from ((path, where + text) for text in _marks(row, letters))


def _cited(case: Case, control: str, row: dict[str, Any], each: dict[str, Any]) -> Iterator[str]:
    """The rows exist and are of the unit, where the frame has the unit's column. (Whose frame it is: R08.)"""
    path, draw = "data/frames/{}.{}.jsonl".format(control, each["frame"]), case.draws().get(control)
    if path not in case.bag.files:
        return
    if any(not 1 <= number <= scan(case).rows.get(path, 0) for number in each["rows"]):
        yield "cites a row of {} that does not exist".format(plain(each["frame"]))
        return
    column = draw["commitment"]["unit"] if draw else ""
    if path in case.refused or column not in scan(case).columns_of(path):
        return
    for number in each["rows"]:
        cited = case.bag.row(path, number)
        if cited is None or cited.get(column) != row["unit"]:
            yield "cites row {} of {}, which is of another unit".format(number, plain(each["frame"]))
        elif cited.get("unreadable") is not None and row["verdict"] in ("PASS", "FAIL"):
            yield "rests on row {} of {}, which could not be read".format(number, plain(each["frame"]))


def _marks(row: dict[str, Any], letters: dict[str, bool]) -> Iterator[str]:
    """A verdict is never kinder than the marks it rests on (docs/norm/controls, Conventions)."""
    marks = {each["mark"] for each in row["attributes"] if not letters.get(each["letter"])}
    implied = next((verdict for mark, verdict in MARKS if mark in marks), "ERROR")
    if not marks or implied == row["verdict"]:
        return
    if row["verdict"] == "PASS" or (implied == "FAIL" and row["verdict"] != "INCONCLUSIVE"):
        yield "{}, the marks give {}".format(row["verdict"], implied)


class Tally:
    """The rows of one control's results, counted per stratum."""

    def __init__(self, case: Case, control: str) -> None:
        self.strata: dict[str, dict[str, int]] = {}
        self.reasons: dict[str, int] = {}
        self.days: list[int] = []
        if f"data/results/{control}.jsonl" in case.bag.files:
            for row in case.results(control):
                counts = self.strata.setdefault(row["stratum"], dict.fromkeys(VERDICTS, 0))
                counts[row["verdict"]] = counts.get(row["verdict"], 0) + 1
                for reason in row["reasons"]:
                    self.reasons[reason] = self.reasons.get(reason, 0) + 1
                days = [step_day(row, step) for step in ("received", "answered")]
                if None not in days:
                    self.days.append((days[1] - days[0]).days)  # type: ignore[operator]
        self.days.sort()

    def rank(self, percent: int) -> int | None:
        """The day count at a percentile, by nearest rank."""
        return self.days[-(-len(self.days) * percent // 100) - 1] if self.days else None

    def of(self, stratum: str) -> dict[str, int]:
        return self.strata.get(stratum, dict.fromkeys(VERDICTS, 0))


def step_day(row: dict[str, Any], step: str) -> dt.date | None:
    """The day of one step of a result's working; None when it has no such step, or no day there."""
    for line in row["working"] or ():
        if line.get("step") == step and KINDS["date"](line.get("day")):
            return to_day(line["day"])
    return None


def tally(case: Case, control: str) -> Tally:
    return case.once("tally " + control, lambda: Tally(case, control))  # type: ignore[no-any-return]


def four(counts: dict[str, int]) -> dict[str, int]:
    """Counts by verdict as summary.json writes them."""
    made = {verdict.lower(): counts.get(verdict, 0) for verdict in VERDICTS}
    made["drawn"] = sum(made.values())
    made["deviations"] = made["drawn"] - made["pass"]
    return made


def add_up(each: Iterable[dict[str, int]]) -> dict[str, int]:
    keys = ("units", "drawn", "pass", "fail", "error", "inconclusive", "deviations")
    listed = list(each)
    return {key: sum(one[key] for one in listed) for key in keys}


def planned_strata(draw: dict[str, Any]) -> list[tuple[str, int]]:
    """(stratum, frozen units) of every stratum in the plan, in byte order."""
    units = {name: count for name, count, _ in draw["commitment"]["strata"]}
    names = sorted(
        (each[0] for each in draw["commitment"]["plan"]), key=lambda name: name.encode("utf-8", "surrogatepass")
    )
    return [(name, units.get(name, 0)) for name in names]


def check_r03(case: Case) -> Iterator[Defect]:
    if case.level == CLIENT:
        yield from _client_summary(case)
        case.notes["R03"] = "sums and controls; the rows are not at level client"
        return
    summary, told, draws = case.summary(), story(case), case.draws()
    path = "data/summary.json"
    names = [each["control"] for each in summary["controls"]]
    listed = [each["control"] for each in case.document("data/controls.json")["controls"]]
    if names != listed or len(set(names)) != len(names) or names != case.engagement()["controls"]:
        yield path, "the controls are not those of controls.json, in order, and of engagement.json"
    for control in sorted(set(draws) - set(names)):
        yield path, f"says nothing of {plain(control)}"
    yield from _actions(case, names)
    for each in summary["controls"]:
        control = each["control"]
        if control in draws:
            yield from _counted(path, each, draws[control], tally(case, control))
        elif each["strata"] or any(each[key] for key in ("units", "drawn", *FOUR, "deviations")):
            yield path, f"{control} has counts and no draw"
        said = told.concluded.get(control)
        if said is None or any(said[key] != each[key] for key in (*FOUR, "verdict")):
            yield path, f"{control} is not what control.concluded of the ledger says"
    yield from _totals(path, summary)
    yield from _findings(case, summary, draws)
    if PLANTED_AT in case.bag.files:
        yield from ((PLANTED_AT, text) for text in _planted(case, names))


PLANTED_AT = "data/planted.json"


def _planted(case: Case, names: list[str]) -> Iterator[str]:
    """What a demonstration says was planted, beside the rows of the results that it names."""
    told = case.document(PLANTED_AT)
    if not case.engagement()["demonstration"]:
        yield "stands in a bundle that is no demonstration"
    if [each["control"] for each in told["controls"]] != names:
        yield "the controls are not those of summary.json, in order"
        return
    for each in told["controls"]:
        yield from ("{}: {}".format(each["control"], text) for text in _planted_in(case, each))
    away = [(one["id"], control) for one in told["not_planted"] for control in one["controls"]]
    away += [(one["id"], one["control"]) for one in told["not_tested"]]
    here = {(id_, each["control"]) for each in told["controls"] for id_ in _sown(each)}
    if here & set(away) or len(set(away)) != len(away):
        yield "not_planted and not_tested name what was planted and tested, or one thing twice"
    if any(one["control"] in names for one in told["not_tested"]):
        yield "not_tested names a control of this bundle"


def _sown(each: dict[str, Any]) -> list[str]:
    return [one["fault"] for one in each["faults"]] + [one["decoy"] for one in each["decoys"]]


def _planted_in(case: Case, each: dict[str, Any]) -> Iterator[str]:
    """One control: every row that is no PASS is of one planted fault, or a false alarm; counts follow from the rows."""
    drawn = each["control"] in case.draws()
    verdicts = [row["verdict"] for row in case.results(each["control"])] if drawn else []
    raised = {number for number, verdict in enumerate(verdicts, 1) if verdict != "PASS"}
    if (each["tested"], each["raised"]) != (len(verdicts), len(raised)):
        yield "tested or raised are not those of the results"
    named: list[int] = list(each["alarm_rows"])
    rows = {number for one in each["faults"] for number in one["found_rows"] + one["missed_rows"]}
    for one in each["faults"]:
        named += [number for number in one["found_rows"] + one["missed_rows"] if number in raised]
        if not all(0 < number <= len(verdicts) for number in one["found_rows"] + one["missed_rows"]):
            yield "{} names a row that the results do not have".format(one["fault"])
        elif any(verdicts[number - 1] != one["verdict"] for number in one["found_rows"]):
            yield "{} is said to be found where the results have another verdict".format(one["fault"])
        elif any(verdicts[number - 1] == one["verdict"] for number in one["missed_rows"]):
            yield "{} is said to be missed where the results have its verdict".format(one["fault"])
        counts = len(one["found_rows"]), one["found"] + one["missed"] + one["untested"]
        if counts != (one["found"], one["planted"]) or len(one["missed_rows"]) > one["missed"] or not one["planted"]:
            yield "{}: counts are not those of its rows".format(one["fault"])
    if sorted(named) != sorted(raised) or any(number in rows for number in each["alarm_rows"]):
        yield "the rows that are no PASS are not those of planted faults and of false alarms, each once"
    sums = {key: sum(one[key] for one in each["faults"]) for key in SOWN}
    if any(each[key] != value for key, value in sums.items()) or each["alarms"] != len(each["alarm_rows"]):
        yield "counts do not add up"
    for one in each["decoys"]:
        flagged = one["flagged_rows"]
        if len(flagged) != one["flagged"] or one["flagged"] > one["planted"] or set(flagged) - set(each["alarm_rows"]):
            yield "{}: flagged is not what its rows say".format(one["decoy"])
    if len(set(_sown(each))) != len(_sown(each)):
        yield "one fault or decoy stands there twice"


def _actions(case: Case, names: list[str]) -> Iterator[Defect]:
    """Each action planned is for a control of this bundle, one for each, owned by a role or an id of its people."""
    people = {name for one in case.engagement()["actors"] for name in (one["role"], one["actor"].partition(":")[2])}
    planned = [one["control"] for one in case.engagement().get("actions", ())]
    for control in sorted(set(planned) - set(names)):
        yield "data/engagement.json", f"plans an action for {plain(control)}, which is no control of this bundle"
    if len(set(planned)) != len(planned):
        yield "data/engagement.json", "plans two actions for one control"
    if any(one["owner"] not in people for one in case.engagement().get("actions", ())):
        yield "data/engagement.json", "an action is owned by nobody of the people declared"


def _grade(case: Case, row: dict[str, Any], of: dict[str, Any], control: dict[str, Any]) -> str:
    """The grade of a finding (docs/norm/controls.md, "Grades"); releases that did not say `kind` took the control's."""
    if row["verdict"] != "FAIL":
        return "strength" if row["verdict"] == "PASS" else "none"
    if "kind" not in case.engagement():
        return control["grade"]  # type: ignore[no-any-return]
    if control["law"] == "good-practice":
        return "observation"
    rule = any(2 * one["fail"] > one["drawn"] for one in of["strata"])
    return "major" if rule and control["grade"] == "minor" else control["grade"]


def _totals(path: str, summary: dict[str, Any]) -> Iterator[Defect]:
    if summary["totals"] != {"controls": len(summary["controls"]), **add_up(summary["controls"])}:
        yield path, "totals do not add up"


def _client_summary(case: Case) -> Iterator[Defect]:
    """What of R03 a client's bundle lets one check: sums, controls, and the findings chosen."""
    path, summary = "data/summary.json", case.summary()
    controls, told = case.controls(), summary["controls"]
    names = [each["control"] for each in told]
    if names != list(controls) or len(set(names)) != len(names) or names != case.engagement()["controls"]:
        yield path, "the controls are not those of controls.json, in order, and of engagement.json"
    for control, draw in case.draws().items():
        if control not in names or draw["control"] != control:
            yield f"data/draws/{control}.json", "is of no control of summary.json, or of another than its name says"
    for each in told:
        made = {"drawn": sum(each[key] for key in FOUR), "deviations": each["drawn"] - each["pass"]}
        wrong = [key for key, value in made.items() if each[key] != value]
        if wrong or each["drawn"] > each["units"]:
            yield path, "{}: {} do not add up".format(each["control"], ", ".join(wrong) or "units")
    yield from _totals(path, summary)
    path, last = "data/findings.jsonl", 0
    for place, row in enumerate(case.rows(path), 1):
        where = "line %d: " % place
        if row["id"] <= last or row["id"] > len(told) or told[row["id"] - 1]["control"] != row["control"]:
            yield path, where + "is not the finding of this number, or out of order"
            return
        last, of = row["id"], told[row["id"] - 1]
        yield from ((path, where + text) for text in _graded(row, of, controls[row["control"]]))


def _graded(row: dict[str, Any], of: dict[str, Any], control: dict[str, Any]) -> Iterator[str]:
    if (row["verdict"], row["reason"]) != (of["verdict"], of["reason"]):
        yield "verdict or reason is not that of summary.json"
    graded = {"PASS": row["grade"] == "strength", "FAIL": row["grade"] in ("major", "minor", "observation")}
    if not graded.get(row["verdict"], row["grade"] == "none"):
        yield "the grade does not go with the verdict"
    if row["law"] != control["law"]:
        yield "law is not that of controls.json"


def _counted(path: str, each: dict[str, Any], draw: dict[str, Any], rows: Tally) -> Iterator[Defect]:
    control = each["control"]
    if each["population"] != draw["commitment"]["population"]:
        yield path, f"{control}: population is not that of the draw"
    planned = planned_strata(draw)
    if [one["stratum"] for one in each["strata"]] != [name for name, _ in planned]:
        yield path, f"{control}: strata are not those of the plan, in byte order"
        return
    for one, (name, units) in ((one, planned[place]) for place, one in enumerate(each["strata"])):
        wanted = {"units": units, **four(rows.of(name))}
        wrong = [key for key, value in wanted.items() if one[key] != value]
        if wrong:
            yield path, "{}, stratum {}: {} not those of the rows".format(control, plain(name), ", ".join(wrong))
    if not set(rows.strata) <= {name for name, _ in planned}:
        yield path, f"{control}: results in a stratum that is not in the plan"
    wrong = [key for key, value in add_up(each["strata"]).items() if each[key] != value]
    if wrong:
        yield path, "{}: strata do not add up to {}".format(control, ", ".join(wrong))


NOT_COMPLETE, NOT_TESTED = "population-not-complete", "population-completeness-not-tested"


def beside_rate(case: Case, summary: dict[str, Any], control: str) -> list[str]:
    """What stands beside a rate drawn from the log of requests: nothing where others showed that log to be whole."""
    if case.controls()[control]["needs"][0]["frame"] != "request_log":
        return []
    families = {name: each["family"] for name, each in case.controls().items() if name != control}
    tested = [name for name, family in families.items() if family == "completeness"]
    if not tested:
        return [NOT_TESTED]
    passed = [each["control"] for each in summary["controls"] if each["verdict"] == "PASS"]
    return [] if set(tested) <= set(passed) else [NOT_COMPLETE]


def _findings(case: Case, summary: dict[str, Any], draws: dict[str, Any]) -> Iterator[Defect]:
    path, named = "data/findings.jsonl", []
    of = {each["control"]: each for each in summary["controls"]}
    for row in case.rows(path):
        where, control = "line %d: " % row["id"], row["control"]
        named.append(control)
        if control not in of or control not in case.controls():
            continue
        yield from ((path, where + text) for text in _graded(row, of[control], case.controls()[control]))
        if row["grade"] != _grade(case, row, of[control], case.controls()[control]):
            yield path, where + "grade does not follow from the verdict, the control's own grade and the counts"
        beside = [note for note in row["notes"] if note in (NOT_COMPLETE, NOT_TESTED)]
        if beside != beside_rate(case, summary, control):
            yield path, where + "notes do not say whether the log of requests was shown to be whole"
        reasons = {each["reason"]: each["units"] for each in row["reasons"]}
        if reasons != tally(case, control).reasons or len(reasons) != len(row["reasons"]):
            yield path, where + "reasons are not those of the results"
        if [row["median_days"], row["p95_days"]] != [tally(case, control).rank(percent) for percent in (50, 95)]:
            yield path, where + "median_days or p95_days are not those of the results"
        draw = draws.get(control)
        aside = sum(count for name, count, _ in draw["commitment"]["strata"] if name == SET_ASIDE) if draw else 0
        if row["set_aside"] != aside:
            yield path, where + "set_aside is %d, the commitment says %d" % (row["set_aside"], aside)
        if draw and row["draw_independent"] != draw["independent"]:
            yield path, where + "draw_independent is not that of the draw"
    if named != list(of):
        yield path, "has not one line for each control of summary.json, in order"


# Hypergeometric tails. Floats may aim; integers decide (docs/norm/rates.md, sections 2, 4 and 8).

MOST_WORK = 2e8


def log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def float_tail(units: int, bad: int, drawn: int, found: int) -> float:
    """About P(X <= found), summed away from the most likely count, where the terms only shrink."""
    low, high = max(0, drawn + bad - units), min(drawn, bad)
    if found < low:
        return 0.0
    if found >= high:
        return 1.0
    below = found < (drawn + 1) * (bad + 1) // (units + 2)
    at = found if below else found + 1
    term = math.exp(log_choose(bad, at) + log_choose(units - bad, drawn - at) - log_choose(units, drawn))
    total = term
    while (low < at if below else at < high) and term > total * 1e-18:
        if below:
            term *= at * (units - bad - drawn + at) / ((bad - at + 1) * (drawn - at + 1))
            at -= 1
        else:
            term *= (bad - at) * (drawn - at) / ((at + 1) * (units - bad - drawn + at + 1))
            at += 1
        total += term
    return total if below else 1 - total


def tail_at_most(units: int, bad: int, drawn: int, found: int, alpha: Fraction) -> bool:
    """Whether P(X <= found) <= alpha, where `drawn` of `units` are seen and `bad` of them are bad."""
    about = float_tail(units, bad, drawn, found)
    if abs(about / float(alpha) - 1) > 1e-6 + units * 1e-13:
        return about < alpha
    small, big = min(drawn, bad), max(drawn, bad)
    low, high = max(0, small + big - units), min(found, small)
    words = log_choose(units, small) / math.log(2) / 64 + 1
    if (small + high - low + 1) * words > MOST_WORK:
        raise Undecided("a tail too large to be computed exactly")
    term = math.comb(big, low) * math.comb(units - big, small - low)
    total = term
    for at in range(low, high):
        term = term * (big - at) * (small - at) // ((at + 1) * (units - big - small + at + 1))
        total += term
    return total * alpha.denominator <= alpha.numerator * math.comb(units, small)


def upper_units(units: int, drawn: int, found: int, alpha: Fraction) -> int:
    """The largest number of bad units that this sample does not refute."""
    low, high = found, units - drawn + found
    while low < high:
        middle = (low + high + 1) // 2
        if tail_at_most(units, middle, drawn, found, alpha):
            high = middle - 1
        else:
            low = middle
    return low


def shown_rate(upper: int, units: int) -> str:
    """upper/units as a percentage with one decimal, rounded up."""
    tenths = -(-1000 * upper // units)
    return "%d.%d" % divmod(tenths, 10)


def too_many(units: int, tolerable: Fraction) -> int:
    return max(1, math.ceil(tolerable * units))


def most_accepted(units: int, bad: int, drawn: int, alpha: Fraction) -> int:
    """The most deviations among `drawn` units that refute `bad`; -1 when not even none does."""
    found = -1
    while tail_at_most(units, bad, drawn, found + 1, alpha):
        found += 1
    return found


def extension_risk(units: int, sizes: Sequence[int], bad: int, alpha: Fraction) -> Fraction:
    """The chance that `bad` deviations are accepted when, after each round, all units so far may accept them."""
    most, drawn = most_accepted(units, bad, sum(sizes), alpha), 0
    if (most + 1) ** 2 * (log_choose(units, sum(sizes)) / 40 + 1) > MOST_WORK:
        raise Undecided("the risk of an extension too large to be computed exactly")
    chance, risk = {0: Fraction(1)}, Fraction(0)
    for size in sizes:
        after = [Fraction(0)] * (most + 1)
        for before, share in chance.items():
            left, bad_left = units - drawn, bad - before
            for more in range(max(0, size - left + bad_left), min(size, bad_left, most - before) + 1):
                ways = math.comb(bad_left, more) * math.comb(left - bad_left, size - more)
                after[before + more] += share * Fraction(ways, math.comb(left, size))
        drawn += size
        enough = most_accepted(units, bad, drawn, alpha)
        risk += sum(after[: enough + 1], Fraction(0))
        chance = {found: share for found, share in enumerate(after) if found > enough and share}
    return risk


def judge_stratum(units: int, counts: dict[str, int], rules: dict[str, Any]) -> tuple[str, str, int | None, int | None]:
    """(verdict, reason, upper limit, upper limit without the untested units) by docs/norm/rates.md, section 7."""
    drawn, found, fails = counts["drawn"], counts["deviations"], counts["fail"]
    if units == 0 or drawn == 0:
        return "INCONCLUSIVE", "nothing-to-test", None, None
    alpha, bad = 1 - Fraction(rules["confidence"]), too_many(units, Fraction(rules["tolerable"]))
    upper = upper_units(units, drawn, found, alpha)
    without = upper_units(units, drawn, fails, alpha)
    if counts["error"] + counts["inconclusive"] == drawn:
        return "INCONCLUSIVE", "nothing-could-be-tested", upper, without
    if upper < bad:
        return "PASS", "upper-bound-below-tolerable", upper, without
    if without < bad:
        return "FAIL", "untested-units-count-as-deviations", upper, without
    if found == 0:
        return "INCONCLUSIVE", "sample-too-small", upper, without
    return "FAIL", "upper-bound-reaches-tolerable", upper, without


def check_r04(case: Case) -> Iterator[Defect]:
    path, draws = "data/summary.json", case.draws()
    findings = {row["control"]: row for row in case.rows("data/findings.jsonl")}
    for each in case.summary()["controls"]:
        rules = case.controls().get(each["control"])
        if rules is None:
            continue
        if not (0 < Fraction(rules["tolerable"]) < 1 and 0 < Fraction(rules["confidence"]) < 1):
            yield "data/controls.json", "{}: tolerable and confidence lie between 0 and 1".format(each["control"])
            continue
        if each["control"] not in draws:
            if (each["verdict"], each["upper_units"], each["upper_rate_shown"]) != ("ERROR", None, None):
                yield path, "{} has no draw: its verdict is ERROR, without an upper limit".format(each["control"])
            continue
        yield from _verdicts(path, each, rules, findings.get(each["control"]))
        if each["control"] in findings:
            yield from _extended(each["strata"], draws[each["control"]], rules, findings[each["control"]])


def _verdicts(
    path: str, each: dict[str, Any], rules: dict[str, Any], finding: dict[str, Any] | None
) -> Iterator[Defect]:
    control, judged = each["control"], []
    limits, without = [], []
    for one in each["strata"]:
        if one["drawn"] > one["units"] or one["deviations"] > one["drawn"] or one["fail"] > one["deviations"]:
            yield (
                path,
                "{}, stratum {}: more drawn than there are, or more found than drawn".format(
                    control, plain(one["stratum"])
                ),
            )
            return
        verdict, reason, upper, bare = judge_stratum(one["units"], one, rules)
        judged.append((verdict, reason))
        shown = None if upper is None else shown_rate(upper, one["units"])
        if (one["verdict"], one["upper_units"], one["upper_rate_shown"]) != (verdict, upper, shown):
            yield path, "{}, stratum {}: the counts give {} and the upper limit {} ({})".format(
                control, plain(one["stratum"]), verdict, upper, shown,
            )  # fmt: skip
        limits.append({"stratum": one["stratum"], "too_many": too_many(one["units"], Fraction(rules["tolerable"]))})
        bare_shown = None if bare is None else shown_rate(bare, one["units"])
        without.append({"stratum": one["stratum"], "upper_units": bare, "upper_rate_shown": bare_shown})
    worst = next((name for name in WORST_FIRST if name in [verdict for verdict, _ in judged]), "INCONCLUSIVE")
    reason = next((text for verdict, text in judged if verdict == worst), "nothing-to-test")
    if (each["verdict"], each["reason"]) != (worst, reason):
        yield path, f"{control}: the strata give {worst}, {reason}"
    alone = each["strata"][0] if len(each["strata"]) == 1 else {"upper_units": None, "upper_rate_shown": None}
    if any(each[key] != alone[key] for key in ("upper_units", "upper_rate_shown")):
        yield path, f"{control}: the upper limit is that of its only stratum, else null"
    if finding is not None and (finding["too_many"] != limits or finding["without_untested"] != without):
        yield (
            "data/findings.jsonl",
            "line %d: too_many or without_untested do not follow from the counts" % finding["id"],
        )


def _extended(
    strata: list[dict[str, Any]], draw: dict[str, Any], rules: dict[str, Any], finding: dict[str, Any]
) -> Iterator[Defect]:
    """The true risk of every stratum that got units in a round that its plan does not know."""
    alpha, made = 1 - Fraction(rules["confidence"]), []
    plans = {line[0]: line for line in draw["commitment"]["plan"]}
    for one in strata:
        sizes = [sum(unit["stratum"] == one["stratum"] for unit in each["drawn"]) for each in draw["rounds"]]
        foreign = [size for at, size in enumerate(sizes, 1) if plan_size(plans.get(one["stratum"], ()), at) is None]
        if not any(foreign) or sum(sizes) > one["units"]:
            continue
        risk = extension_risk(one["units"], sizes, too_many(one["units"], Fraction(rules["tolerable"])), alpha)
        left = "%d.%d" % divmod(math.floor((1 - risk) * 1000), 10)
        made.append({"stratum": one["stratum"], "risk_ppb": math.ceil(risk * 10**9), "confidence_shown": left})
    if finding["extended"] != made:
        yield "data/findings.jsonl", "line %d: extended does not follow from the rounds drawn" % finding["id"]
    if made and "extended-outside-the-plan" not in finding["notes"]:
        yield "data/findings.jsonl", "line %d: does not say that the sample was extended" % finding["id"]


def check_r05(case: Case) -> Iterator[Defect]:
    yield from scan(case).met["R05"]
    told, artefacts = story(case), case.artefacts()
    for control, each in case.controls().items():
        for need in each["needs"]:
            path = "data/frames/{}.{}.jsonl".format(control, need["frame"])
            if path in artefacts and artefacts[path]["columns"] is not None:
                yield from _columns(path, artefacts[path]["columns"], need)
    for stem, path in case.under("frames", ".jsonl"):
        control = stem.split(".", 1)[0]
        made = (artefacts.get(path) or {}).get("made_by") or {}
        if not told.ended_well(made.get("run")) or control not in told.runs[made["run"]]["controls"]:
            yield path, f"is not of a run of {plain(control)} that passed"


def _columns(path: str, columns: list[Any], need: dict[str, Any]) -> Iterator[Defect]:
    names = [name for name, _, _ in columns]
    if columns[0] != ["id", "integer", "none"] or columns[-1] != ["unreadable", "text", "none"]:
        yield path, "the first column is id (integer), the last is unreadable (text)"
    if len(set(names)) != len(names):
        yield path, "a column twice"
    wanted = need["columns"] + [name for name in need["optional"] if name not in need["columns"]]
    given, kinds = set(wanted), {name: kind for name, kind, _ in columns}
    local = {name for name in names if name.endswith("_local") and name not in given}
    if [name for name in names if name not in local and name not in ("id", "unreadable")] != wanted:
        yield path, "the columns are not those the control needs, in its order"
    for name in sorted(local):
        owner = name[: -len("_local")]
        if kinds[name] != "date" or names.index(name) != (names.index(owner) + 1 if owner in names else -1):
            yield path, f"{plain(name)} is no local day right after its instant"


# Names of the sixteen disguises of docs/norm/notebook-gate.md, section 7, in its order.
DISGUISES = (
    "plain", "utf-16", "hex", "base64", "base64url", "base32", "percent", "entities", "escapes",
    "quoted-printable", "compressed", "reversed", "rot13", "decomposed", "digest", "separators",
)  # fmt: skip


def check_r06(case: Case) -> Iterator[Defect]:
    path, found = "data/scan.json", case.document("data/scan.json")
    told = story(case).scanned if case.level != CLIENT else None
    if found["hits"]:
        yield path, "%d hits" % found["hits"]
    if found["encodings"] != list(DISGUISES):
        yield path, "encodings are not the sixteen disguises, in order"
    wanted = [name for name in content_paths(case) if name != path and not name.startswith("data/openings/")]
    listed = [each["path"] for each in found["files"]]
    if listed != wanted:
        odd = sorted(set(listed) ^ set(wanted))
        yield path, "files are not those of content_sha256, in order" + (": " + plain(odd[0]) if odd else "")
    for each in found["files"]:
        if each["path"] in case.bag.files and each["sha256"] != case.bag.sha256(each["path"]):
            yield each["path"], "was scanned with the digest {}".format(each["sha256"])
    if case.level == CLIENT:
        return
    same = case.level != LEVEL or (told is not None and told["scan_sha256"] == case.bag.sha256(path))
    if told is None or not same or told["hits"] != 0:
        yield path, "is not what release.scanned of the ledger says"
    elif told["encodings"] != found["encodings"]:
        yield path, "encodings are not those of release.scanned"


def check_r08(case: Case) -> Iterator[Defect]:
    controls = case.controls()
    for control, path in case.under("results", ".jsonl"):
        needs = {each["frame"] for each in controls.get(control, {"needs": ()})["needs"]}
        for row in case.results(control):
            for each in row["evidence"]:
                if (
                    each["frame"] not in needs
                    or "data/frames/{}.{}.jsonl".format(control, each["frame"]) not in case.bag.files
                ):
                    yield (
                        path,
                        "line %d cites %s, which is no frame of %s" % (row["id"], plain(each["frame"]), plain(control)),
                    )
    for stem, path in case.under("frames", ".jsonl"):
        control, _, frame = stem.partition(".")
        if frame not in {each["frame"] for each in controls.get(control, {"needs": ()})["needs"]}:
            yield path, "is no frame that a control needs"


# R09: the expectations again, asked of the rows in plain Python

CLASSES = "data/expectations/evidence_expectations.py"
#: The file of GX classes that suites name: whoever runs them imports it, so only the released bytes will do.
CLASSES_SHA256 = "fb97dc851c164dff368929773e369a13c37a200a18f0557270f34e3a81f32b8b"
KEYED = re.compile(r"[0-9a-f]{64}", re.ASCII)
MOST_UNIQUE = 500_000  # rows of one table whose uniqueness is derived again; beyond, it is taken as given
SECOND = "second-reading:"


def check_r09(case: Case) -> Iterator[Defect]:
    controls, suites = case.controls(), {}
    for stem, path in case.under("expectations", ".json"):
        suites[stem.replace("/", ".", 1)] = path
    tables = dict(case.under("readings", ".jsonl"))
    for stem, path in case.under("frames", ".jsonl"):
        if stem in tables:
            yield tables[stem], "has the name of a frame"
        tables[stem] = path
    for stem in sorted(set(tables) - set(suites)):
        yield tables[stem], "no suite of data/expectations asks anything of it"
    if suites and CLASSES not in case.bag.files:
        yield CLASSES, "is not there, and the suites name its classes"
    elif CLASSES in case.bag.files and case.bag.sha256(CLASSES) != CLASSES_SHA256:
        yield CLASSES, "is not the file that this release knows; do not import it"
    given: dict[str, list[Any]] = {}
    for finding in case.rows("data/findings.jsonl"):
        for each in finding["checks"]:
            line = (each["column"], each["expectation"], each["success"], each["rows"])
            given.setdefault("{}.{}".format(finding["control"], each["frame"]), []).append(line)
    for stem, path in sorted(suites.items()):
        if stem not in tables or stem.partition(".")[0] not in controls:
            yield path, "is about no table of a control that was tested"
            continue
        yield from _suite(case, stem, path, tables[stem], given.pop(stem, []))
    for stem in sorted(given):
        yield "data/findings.jsonl", f"holds answers about {plain(stem)}, of which no suite asks anything"


def _suite(case: Case, stem: str, path: str, table: str, given: list[Any]) -> Iterator[Defect]:
    """One suite: it is about this table, its limits are the cut-off, and `checks` are what the rows answer."""
    suite, as_of = case.document(path), case.engagement()["as_of"]
    if (suite["name"], suite["meta"]["rows"]) != (stem, table[len("data/") :]):
        yield path, "does not name itself and its rows as its place does"
    for place, each in enumerate(suite["expectations"]):
        asked = each["meta"]["expectation"]
        codes, second = ASKED[each["type"]][0], table.startswith("data/readings/")
        told = codes[1] if len(codes) > 1 and each["kwargs"].get("or_equal") else codes[0]
        if asked != (SECOND + told if second else told):
            yield path, "expectation %d asks another thing than its meta says" % (place + 1)
        limit = each["kwargs"].get("limit")
        if limit is not None and not _is_cut_off(limit, as_of):
            yield path, "expectation %d has another limit than the cut-off" % (place + 1)
    answers, rows = _answered(case, suite["expectations"], table)
    made = [
        (_asked_of(each["kwargs"]), each["meta"]["expectation"], held, rows)
        for each, held in zip(suite["expectations"], answers)
    ]
    if not rows:
        made = [line for line in made if line[1] == "present"]
    if case.level == PSEUDONYMISED:
        made = [_as_given(line, given) for line in made]
    if made != given and sorted(made, key=str) == sorted(given, key=str):
        yield "data/findings.jsonl", f"answers about {plain(stem)} are not in the order of its suite"
    for line in made:
        if line in given:
            given.remove(line)
        else:
            yield (
                path,
                "{} of {}: checks of findings.jsonl do not answer it as {} rows do".format(
                    plain(line[1]), plain(line[0] or "the table"), rows
                ),
            )
    for line in given:
        yield (
            "data/findings.jsonl",
            "{} of {}, {}: no suite asks it, or not with this answer".format(
                plain(line[1]), plain(stem), plain(line[0] or "the table")
            ),
        )


def _as_given(line: tuple[Any, ...], given: list[Any]) -> tuple[Any, ...]:
    """An answer that the projection of rows took away: about a column of references, which is null here; and that a
    pseudonym is none, for every key is made anew."""
    column, asked, held, rows = line
    other = (column, asked, not held, rows)
    taken = column is not None and any(map(referring, column.split(",")))
    if taken or (asked == "key" and held):
        return other if line not in given and other in given else line
    return line


def _asked_of(kwargs: dict[str, Any]) -> str | None:
    named = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs] or kwargs.get("column_list")
    return ",".join(named) if named else None


def _is_cut_off(limit: str, as_of: str) -> bool:
    """The instant itself, or a day that it may fall on somewhere."""
    if len(limit) > 10:
        return limit == as_of
    return abs(dt.date.fromisoformat(limit) - dt.date.fromisoformat(as_of[:10])) <= ONE_DAY


def _answered(case: Case, asked: list[Any], table: str) -> tuple[list[bool], int]:
    """Whether each expectation holds of every row, and how many rows there are. Of no row nothing holds."""
    tests = [_test_of(each) for each in asked]
    held, rows = [True] * len(tests), 0
    for row in case.rows(table):
        rows += 1
        if rows == MOST_UNIQUE:
            case.notes["R09"] = "uniqueness beyond %d rows of a table is taken as given" % MOST_UNIQUE
            tests = [(lambda _: True) if "unique" in each["type"] else test for each, test in zip(asked, tests)]
        held = [one and test(row) for one, test in zip(held, tests)]
    return [one and rows > 0 for one in held], rows


def _test_of(each: dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
    kind, kwargs = each["type"], each["kwargs"]
    names = kwargs.get("column_list") or [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    values, limit, equal = kwargs.get("value_set"), kwargs.get("limit"), kwargs.get("or_equal")
    nulls_pass = kind not in ("expect_column_values_to_not_be_null", "expect_evidence_stated")
    seen: set[Any] = set()
    if not names and kind != "expect_compound_columns_to_be_unique":
        return lambda row: True
    if kind == "expect_evidence_in_order":
        first, second = names
        return lambda row: first in row and second in row and _in_order(row[first], row[second], bool(equal))
    if kind == "expect_compound_columns_to_be_unique":
        return lambda row: all(name in row for name in names) and _first_time(tuple(row[name] for name in names), seen)
    (name,) = names

    def holds(row: dict[str, Any]) -> bool:
        if name not in row:
            return False
        found = row[name]
        if found is None:
            return nulls_pass
        if values is not None:
            return found in values
        if limit is not None:
            return _no_later(found, limit)
        if kind == "expect_column_values_to_match_regex":
            return isinstance(found, str) and KEYED.fullmatch(found) is not None
        return kind != "expect_column_values_to_be_unique" or _first_time(found, seen)

    return holds


def _first_time(value: Any, seen: set[Any]) -> bool:
    if value in seen:
        return False
    seen.add(value)
    return True


def _in_order(first: Any, second: Any, equal: bool) -> bool:
    if first is None or second is None or isinstance(first, str) != isinstance(second, str):
        return False
    return bool(first > second or (equal and first == second))


def _no_later(value: Any, limit: str) -> bool:
    kind, width = ("date", 10) if len(limit) == 10 else ("instant", 19)
    return KINDS[kind](value) and value[:width] <= limit[:width]


# R07: the deadlines again, from the local days of the frames and the calendars (docs/norm/deadlines.md, day by day)

NEVER_PAUSE, MAY_PAUSE = ("internal", "processor", "staff-leave", "wrong-mailbox"), ("identity", "clarification", "fee")
ONE_DAY = dt.timedelta(days=1)


class Calendar(NamedTuple):
    """Days off of one place, complete from `start` to `end`."""

    start: dt.date
    end: dt.date
    days: set[dt.date]

    def covers(self, day: dt.date) -> bool:
        return self.start <= day <= self.end


class Pause(NamedTuple):
    kind: str
    asked: dt.date
    answered: dt.date | None
    grounded: bool | None


class Facts(NamedTuple):
    """One request as days at the controller. `limit` is (kind, n, roll); `extension` (notified, reasons); `reopened`
    (day, cause, day of the last answer); `calendars` the readings of the place, None for one that is not at hand;
    `backwards`: answer and receipt are instants, and the answer is the earlier one."""

    received: dt.date | None
    closed: dt.date | None
    as_of: dt.date
    limit: tuple[str, int, bool]
    calendars: Sequence[Calendar | None]
    profile: str = "EU"
    ask_within: int = 7
    pauses: tuple[Pause, ...] = ()
    extension: tuple[dt.date, bool | None] | None = None
    reopened: tuple[dt.date, str | None, dt.date | None] | None = None
    given: dt.date | None = None
    backwards: bool = False


class Answer(NamedTuple):
    """What one reading, or all of them, conclude."""

    verdict: str
    reason: str
    due: dt.date | None = None
    first_due: dt.date | None = None
    late: int | None = None
    latest: dt.date | None = None


def impossible(facts: Facts) -> str | None:
    """The first ERROR met: receipt, closing, reopening, pauses, extension."""
    received, closed, as_of = facts.received, facts.closed, facts.as_of
    if received is None:
        return "received-missing"
    if received > as_of:
        return "received-in-the-future"
    if closed is not None and (closed < received or facts.backwards):
        return "closed-before-received"
    if closed is not None and closed > as_of:
        return "closed-in-the-future"
    if facts.reopened is not None:
        day, _, again = facts.reopened
        if closed is None:
            return "reopened-but-never-closed"
        if day < closed:
            return "reopened-before-closed"
        if day > as_of:
            return "event-in-the-future"
        if again is not None and again < day:
            return "closed-before-reopened"
        if again is not None and again > as_of:
            return "closed-in-the-future"
    events: list[tuple[dt.date, dt.date | None]] = []
    for pause in facts.pauses:
        if pause.kind not in NEVER_PAUSE + MAY_PAUSE:
            return "unknown-pause-kind"
        events.append((pause.asked, pause.answered))
    if facts.extension is not None:
        events.append((facts.extension[0], None))
    for asked, answered in events:
        if asked < received:
            return "event-before-receipt"
        if asked > as_of:
            return "event-in-the-future"
        if answered is not None and answered < asked:
            return "answered-before-asked"
        if answered is not None and answered > as_of:
            return "event-in-the-future"
    return None


def add_months(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return dt.date(year, month + 1, min(day.day, last))
        except ValueError:
            if last == 28:
                raise
    raise ValueError("no such month")


def is_off(day: dt.date, calendar: Calendar | None) -> bool:
    return day.weekday() > 4 or (calendar is not None and day in calendar.days)


def next_working(day: dt.date, calendar: Calendar | None) -> tuple[dt.date, bool]:
    """(the first working day on or after `day`, whether the calendar knew both)."""
    last = day
    while is_off(last, calendar):
        last += ONE_DAY
        if (last - day).days > MOST_DAYS_OFF:
            raise OverflowError("a calendar of nothing but days off")
    return last, calendar is not None and calendar.covers(day) and calendar.covers(last)


def read_once(
    facts: Facts, calendar: Calendar | None, cause: str | None, extended: bool, granted: Sequence[bool]
) -> Answer:
    """The answer under one reading of every arguable fact."""
    received, closed = facts.received, facts.closed
    assert received is not None
    if cause == "same_request" and facts.reopened is not None:
        closed = facts.reopened[2]
    kind, number, rolls = facts.limit
    unknown = 0
    first: dt.date | None = None
    if kind == "months":
        suspended, due, first, sure = month_end(facts, closed, calendar, extended, granted)
        if suspended:
            return Answer("INCONCLUSIVE", "clock-suspended")
    elif kind == "given":
        due, sure = facts.given, True
    elif kind == "working_days":
        due, unknown = received, 0
        if number > MOST_WORKING_DAYS:
            raise OverflowError("a limit beyond any statute")
        while number:
            due += ONE_DAY
            if (due - received).days > 8 * MOST_WORKING_DAYS:
                raise OverflowError("a calendar of nothing but days off")
            unknown += calendar is None or not calendar.covers(due)
            number -= not is_off(due, calendar)
        sure = unknown == 0
    else:
        due, sure = received + number * ONE_DAY, True
        if rolls:
            due, sure = next_working(due, calendar)
    if due is None:
        return Answer("INCONCLUSIVE", "due-unknown")
    first = first or due
    late = max(0, ((closed or facts.as_of) - due).days)
    if late and not sure:
        return Answer("INCONCLUSIVE", "calendar-missing", due, first)
    if late:
        return Answer("FAIL", "answered-late" if closed else "open-past-due", due, first, late)
    if closed is None:
        return Answer("INCONCLUSIVE", "open-not-yet-due", due, first)
    if (due - closed).days < unknown:
        return Answer("INCONCLUSIVE", "calendar-missing", due, first)
    return Answer("PASS", "answered-in-time", due, first, 0)


def month_end(
    facts: Facts, closed: dt.date | None, calendar: Calendar | None, extended: bool, granted: Sequence[bool]
) -> tuple[bool, dt.date | None, dt.date | None, bool]:
    """(suspended, due, first due, sure) under R2, R3, R5 and R6."""
    assert facts.received is not None
    received, number, british = facts.received, facts.limit[1], facts.profile == "UK"
    month, covered = next_working(add_months(received, number), calendar)
    until, unsure = closed or facts.as_of, False
    counted = []
    for place, pause in enumerate(facts.pauses):
        fee = pause.kind == "fee" and not british
        if pause.kind in NEVER_PAUSE or (pause.grounded is False and not fee):
            continue
        if pause.asked > month:
            unsure = unsure or not covered
        elif granted[place]:
            counted.append(pause)
    if any(pause.answered is None for pause in counted) and closed is None:
        return True, None, None, False
    restarts = [pause for pause in counted if british and pause.kind != "clarification"]
    start = max([received] + [pause.answered or until for pause in restarts])
    gone: set[int] = set()
    for pause in counted:
        if pause not in restarts:
            first_day = pause.asked.toordinal() + (0 if british else 1)
            days = range(first_day, (pause.answered or until).toordinal() + 1)
            if len(days) > MOST_DAYS_PAUSED:
                raise OverflowError("a pause of centuries")
            gone.update(day for day in days if not restarts or day > start.toordinal())
    first, covered = next_working(add_months(start, number) + len(gone) * ONE_DAY, calendar)
    due = first
    if extended and facts.extension is not None and facts.extension[0] <= first:
        due, covered = next_working(add_months(start, number + 2) + len(gone) * ONE_DAY, calendar)
    return False, due, first, covered and not unsure


def readings(facts: Facts) -> Iterator[Answer]:
    code = impossible(facts)
    if code:
        yield Answer("ERROR", code)
        return
    assert facts.received is not None
    months = facts.limit[0] == "months"
    causes: list[str | None] = [None]
    if facts.reopened is not None:
        causes = [facts.reopened[1]] if facts.reopened[1] else ["same_request", "new_request"]
    extensions = [False]
    if facts.extension is not None and months:
        extensions = [False, True] if facts.extension[1] is None else [facts.extension[1]]
    grants = []
    for pause in facts.pauses:
        at_once = pause.asked <= facts.received + facts.ask_within * ONE_DAY
        if not months or pause.kind in NEVER_PAUSE:
            grants.append([False])
        elif pause.kind == "fee" and facts.profile != "UK":
            grants.append([False, True])
        elif pause.grounded is False:
            grants.append([False])
        else:
            grants.append([True] if pause.grounded and at_once else [False, True])
    for calendar, cause, extended in itertools.product(facts.calendars or [None], causes, extensions):
        for granted in itertools.product(*grants):
            yield read_once(facts, calendar, cause, extended, granted)


def derive(variants: Sequence[Facts]) -> Answer:
    """One answer when every reading of every variant gives it; else INCONCLUSIVE (R8)."""
    found = list(itertools.islice((each for facts in variants for each in readings(facts)), MOST_READINGS + 1))
    if len(found) > MOST_READINGS:
        raise OverflowError("more readings than any case has")
    standing = [each for each in found if each.verdict != "ERROR"]
    if not standing:
        return found[0]
    earliest = min(standing, key=lambda each: each.due or dt.date.max)
    dues = [each.due for each in standing if each.due]
    latest = max(dues) if len(dues) == len(standing) else None
    if len({each.verdict for each in found}) > 1:
        return Answer("INCONCLUSIVE", "depends-on-arguable-facts", earliest.due, earliest.first_due, None, latest)
    return earliest._replace(latest=latest)


DEADLINE_TESTS = (
    "requests.answered_in_time", "requests.acknowledged", "requests.extension_in_time", "requests.refusal_reasoned",
)  # fmt: skip
DEFAULTS = {"forward_working_days": 5, "acknowledge_working_days": 3, "ask_within_days": 7}
SENT = ("responded_at", "responded_again_at", "forwarded_at", "acknowledged_at")
MUST_BE_THERE = ("request_id", "capacity", "right_invoked", "channel", "status", "kind", "sent_at")


class Terms:
    """What engagement.json and the calendars say about deadlines. `days` are the days that `as_of` may fall on."""

    def __init__(self, case: Case) -> None:
        engagement = case.engagement()
        limit = engagement["limit"]
        self.limit = (limit["kind"], limit["n"], limit["roll"])
        self.profile = engagement["profile"]
        self.numbers = {**DEFAULTS, **{each["name"]: each["value"] for each in engagement["parameters"]}}
        self.local = engagement["naive_is_local"] is True
        self.calendars: list[Calendar | None] = []
        for name in engagement["calendars"]:
            path = f"data/calendars/{name}.json"
            known = case.document(path) if path in case.bag.files else None
            self.calendars.append(
                Calendar(to_day(known["from"]), to_day(known["until"]), {to_day(each["on"]) for each in known["days"]})
                if known and known["name"] == name
                else None
            )
        self.zone = zone_of(engagement["timezone"])
        self.as_of = engagement["as_of"]
        self.days = [self.day_in_zone(self.as_of)] if self.zone else days_around(self.as_of)

    def day_in_zone(self, text: str) -> dt.date:
        if self.zone is None:
            raise Undecided("no time-zone data here for texts whose zone is not known")
        moment = dt.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=dt.timezone.utc)
        return moment.astimezone(self.zone).date()


def to_day(text: str) -> dt.date:
    return dt.date(int(text[:4]), int(text[5:7]), int(text[8:10]))


def zone_of(name: str) -> Any:
    try:
        from zoneinfo import ZoneInfo

        return ZoneInfo(name)
    except Exception:  # no data on this system, or a name that is no zone
        return None


def days_around(text: str) -> list[dt.date]:
    """Without zone data: every day that the instant may fall on, UTC-12 to UTC+14."""
    moment = dt.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
    return sorted({(moment + dt.timedelta(hours=hours)).date() for hours in (-12, 0, 14)})


class Rows:
    """The rows of one control's frames by request; only the columns that enter a deadline are kept."""

    def __init__(self, case: Case, control: str) -> None:
        self.by: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self.kinds: dict[str, dict[str, str]] = {}
        for frame in ("request_log", "mailbox_messages", "request_replies"):
            path = f"data/frames/{control}.{frame}.jsonl"
            groups: dict[str, list[dict[str, Any]]] = {}
            if path in case.bag.files:
                self.kinds[frame] = {name: kind for name, kind, _ in case.artefacts()[path]["columns"]}
                for row in case.rows(path):
                    if isinstance(row.get("request_id"), str):
                        groups.setdefault(row["request_id"], []).append(row)
            self.by[frame] = groups

    def of(self, frame: str, unit: str) -> list[dict[str, Any]]:
        return self.by[frame].get(unit, [])


class Fact(NamedTuple):
    """A dated value of a row: its text, kind and local day."""

    text: str
    kind: str
    day: dt.date


def earlier(one: Fact | None, other: Fact | None) -> bool:
    """Whether both are instants, and the first came before the second; fractions of a second never decide."""
    if one is None or other is None or not one.kind == other.kind == "instant":
        return False
    return one.text[:19] < other.text[:19]


def fact(rows: Rows, frame: str, row: dict[str, Any], column: str) -> Fact | None:
    value, kind = row.get(column), rows.kinds[frame].get(column, "")
    beside = row.get(column + "_local")
    if value is None:
        if beside is not None:
            raise ValueError(f"{column}_local stands beside nothing")
        return None
    own = to_day(value)
    if kind in ("date", "local"):
        if beside is not None and to_day(beside) != own:
            raise ValueError(f"{column}_local is not the day of {column}")
        return Fact(value, kind, own)
    if beside is None:
        raise ValueError(f"{column} has no local day beside it")
    if abs((to_day(beside) - own).days) > 1:
        raise ValueError(f"{column}_local is more than a day from {column}")
    return Fact(value, kind, to_day(beside))


class Unit:
    """One drawn request: its facts, and what follows from them under the terms."""

    def __init__(self, rows: Rows, unit: str, terms: Terms, as_of: dt.date) -> None:
        self.rows, self.terms, self.as_of = rows, terms, as_of
        self.log = rows.of("request_log", unit)[0]
        self.messages = rows.of("mailbox_messages", unit)
        self.replies = rows.of("request_replies", unit)
        self.letters = [row for row in self.replies if row.get("kind") == "extension"]

    def fact(self, column: str) -> Fact | None:
        return fact(self.rows, "request_log", self.log, column)

    def receipt(self) -> Fact | None:
        """The earlier of the log's receipt and that of the messages linked to it."""
        logged = self.fact("received_at")
        if logged is None:
            return None
        linked = [fact(self.rows, "mailbox_messages", row, "received_at") for row in self.messages]
        return min([logged] + [each for each in linked if each], key=lambda each: (each.day, each.text))

    def reasons(self) -> bool | None:
        said = {row.get("reasons_given") for row in self.letters}
        return True if True in said else False if said == {False} else None

    def pauses(self) -> Iterator[tuple[str, Fact, Fact | None, bool | None]]:
        for kind, ground in (("identity", "identity_doubt_reason"), ("clarification", "clarification_reason")):
            asked = self.fact(kind + "_requested_at")
            if asked:
                yield kind, asked, self.fact(kind + "_received_at"), True if self.log.get(ground) is not None else None

    def derive(
        self,
        received: Fact | None,
        closed: Fact | None,
        limit: tuple[str, int, bool],
        whole: bool,
        extension: bool,
    ) -> Answer:
        """`whole`: with pauses, reopening and, where asked, extension: else receipt and closing alone."""
        dated = [received, closed]
        pauses = list(self.pauses()) if whole else []
        notified = self.fact("extension_notified_at") if whole and extension else None
        reopened = self.fact("reopened_at") if whole else None
        again = self.fact("responded_again_at") if whole else None
        given = self.fact("due_given_on") if whole else None
        for _, asked, answered, _ in pauses:
            dated += [asked, answered]
        dated += [notified, reopened, again, given]
        naive = any(each is not None and each.kind == "local" for each in dated)
        variants = []
        for utc in (False, True) if naive and not self.terms.local else (False,):

            def day(each: Fact | None, utc: bool = utc) -> Any:
                if each is None or not (utc and each.kind == "local"):
                    return each and each.day
                return self.terms.day_in_zone(each.text)

            variants.append(
                Facts(
                    day(received), day(closed), self.as_of, limit, self.terms.calendars, self.terms.profile,
                    self.terms.numbers["ask_within_days"],
                    tuple(Pause(kind, day(asked), day(answered), ground) for kind, asked, answered, ground in pauses),
                    None if notified is None else (day(notified), self.reasons()),
                    None if reopened is None else (day(reopened), self.log.get("reopen_cause"), day(again)),
                    day(given), earlier(closed, received),
                )
            )  # fmt: skip
        return derive(variants)

    def answered_in_time(self) -> Answer:
        if self.log.get("capacity") not in (None, "controller", "processor"):
            raise ValueError("capacity is neither controller nor processor")
        if self.log.get("capacity") == "processor":
            limit = ("working_days", self.terms.numbers["forward_working_days"], True)
            return self.derive(self.receipt(), self.fact("forwarded_at"), limit, False, False)
        return self.derive(self.receipt(), self.fact("responded_at"), self.terms.limit, True, True)

    def acknowledged(self) -> Answer:
        limit = ("working_days", self.terms.numbers["acknowledge_working_days"], True)
        answer = self.derive(self.fact("received_at"), self.fact("acknowledged_at"), limit, False, False)
        words = {"answered-late": "acknowledged-late", "open-past-due": "not-acknowledged"}
        return answer._replace(reason=words.get(answer.reason, answer.reason))

    def extension_in_time(self) -> Answer:
        """Told by the first due day, with reasons, and announcing at most three months: the worst of the three."""
        closed = self.fact("responded_at")
        first = self.derive(self.receipt(), closed, self.terms.limit, True, False)
        told = self.fact("extension_notified_at")
        unable = ("ERROR" if first.verdict == "ERROR" else "INCONCLUSIVE", first.reason)
        marks = [unable]
        if told is None:
            marks = [("ERROR", "")]
        elif first.first_due is not None:
            marks = [("PASS", "") if told.day <= first.first_due else ("FAIL", "extension-late")]
        given = {
            True: ("PASS", ""),
            False: ("FAIL", "extension-without-reasons"),
            None: ("INCONCLUSIVE", "reasons-not-read"),
        }
        marks.append(given[self.reasons()])
        announced = [to_day(row["due_announced_on"]) for row in self.letters if row.get("due_announced_on") is not None]
        three = self.derive(self.receipt(), closed, ("months", 3, True), True, False)
        if not announced:
            marks.append(("INCONCLUSIVE", "due-day-not-announced"))
        elif three.due is None:
            marks.append(("ERROR" if three.verdict == "ERROR" else "INCONCLUSIVE", three.reason))
        else:
            marks.append(("PASS", "") if max(announced) <= three.due else ("FAIL", "announced-beyond-three-months"))
        return self.worst(first, marks)

    def refusal_reasoned(self) -> Answer:
        """The letter left by the first due day, with its reasons and both remedies: the worst of the four."""
        letters = [row for row in self.replies if row.get("kind") == "refusal"]
        letters = letters or [row for row in self.replies if row.get("kind") == "answer"]
        sent = [fact(self.rows, "request_replies", row, "sent_at") for row in letters]
        left = min([each for each in sent if each], key=lambda each: (each.day, each.text), default=None)
        if left is None:
            return Answer("INCONCLUSIVE", "letter-not-found")
        first = self.derive(self.receipt(), left, self.terms.limit, True, False)
        marks = [(first.verdict, "refusal-late" if first.reason == "answered-late" else first.reason)]
        for column, word in (
            ("reasons_given", "reasons"),
            ("complaint_right_given", "complaint-right"),
            ("judicial_remedy_given", "judicial-remedy"),
        ):
            said = {row.get(column) for row in letters}
            unread = ("INCONCLUSIVE", word + "-not-read")
            marks.append(("PASS", "") if True in said else ("FAIL", word + "-not-given") if said == {False} else unread)
        return self.worst(first, marks)

    @staticmethod
    def worst(answer: Answer, marks: Sequence[tuple[str, str]]) -> Answer:
        """The answer with the verdict of the worst mark, and the reason of the first that has it."""
        verdict = next(word for word in WORST_FIRST if word in [mark for mark, _ in marks])
        return answer._replace(verdict=verdict, reason=next(text for mark, text in marks if mark == verdict))


def check_r07(case: Case) -> Iterator[Defect]:
    tests = {name: each["test"] for name, each in case.controls().items() if each["test"] in DEADLINE_TESTS}
    tests = {name: test for name, test in tests.items() if f"data/results/{name}.jsonl" in case.bag.files}
    if not tests:
        raise NotApplicable("no control of deadlines")
    terms = Terms(case)
    if terms.zone is None:
        case.notes["R07"] = "from the local days alone: no data of the time zone here"
    for control, test in tests.items():
        rows = Rows(case, control)
        for row in case.results(control):
            wrong = [_deadline(rows, row, terms, day, test) for day in terms.days]
            if all(wrong):
                yield f"data/results/{control}.jsonl", "line %d: %s" % (row["id"], wrong[0])


def _deadline(rows: Rows, row: dict[str, Any], terms: Terms, as_of: dt.date, test: str) -> str | None:
    """What is wrong with one result of a deadline; None when all follows from its rows."""
    unit, unable = row["unit"], row["verdict"] in ("ERROR", "INCONCLUSIVE")
    mine = [each for frame in rows.by for each in rows.of(frame, unit)]
    if not rows.of("request_log", unit):
        return None if unable and row["due_on"] is None else "there is no row of request_log for this unit"
    damaged = any(each.get("unreadable") is not None for each in mine)
    lacking = any(each[column] is None for each in mine for column in MUST_BE_THERE if column in each)
    lacking = lacking or any(each.get("received_at") is None for each in rows.of("mailbox_messages", unit))
    try:
        answer = getattr(Unit(rows, unit, terms, as_of), test.split(".")[1])()
    except OverflowError:
        answer = Answer("ERROR", "test-broke")
    except ValueError as error:
        if not damaged and not lacking:
            return str(error)
        answer = Answer("ERROR", "unreadable-date")
    if damaged or lacking:
        if not unable:
            return "a value of its rows could not be read, and the verdict is {}".format(row["verdict"])
        if row["due_on"] is None:
            return None
    elif row["verdict"] != answer.verdict:
        return "verdict is {}, the dates give {} ({})".format(row["verdict"], answer.verdict, answer.reason)
    elif answer.verdict != "PASS" and answer.reason and answer.reason not in row["reasons"]:
        return f"reasons do not hold {answer.reason}, which the dates give"
    due = answer.due and answer.due.isoformat()
    if row["due_on"] != due:
        return "due_on is {}, the dates give {}".format(row["due_on"], due)
    if row["days_late"] != answer.late:
        return "days_late is {}, the dates give {}".format(row["days_late"], answer.late)
    return None if damaged or lacking else _working(rows, row, answer, test)


def _working(rows: Rows, row: dict[str, Any], answer: Answer, test: str) -> str | None:
    """What is wrong with the ends of a result's working: the days of receipt and answer, the due day, the verdict."""
    log, lines = rows.of("request_log", row["unit"])[0], {line.get("step"): line for line in row["working"] or ()}
    if any(kind == "local" for kind in rows.kinds["request_log"].values()):
        return None
    arrived = [fact(rows, "request_log", log, "received_at")]
    arrived += [
        fact(rows, "mailbox_messages", each, "received_at") for each in rows.of("mailbox_messages", row["unit"])
    ]
    sent = [fact(rows, "request_log", log, column) for column in SENT]
    if test == "requests.refusal_reasoned":
        sent = [fact(rows, "request_replies", each, "sent_at") for each in rows.of("request_replies", row["unit"])]
    for step, facts in (("received", arrived), ("answered", sent)):
        if step in lines and lines[step].get("day") not in [each.day.isoformat() for each in facts if each]:
            return "the day of the step %s is not one of its rows" % step
    if "answered" in lines and lines["answered"].get("due") != row["due_on"]:
        return "the due day of the step answered is not due_on"
    if "verdict" in lines and test == DEADLINE_TESTS[0] and lines["verdict"].get("verdict") != answer.verdict:
        return "the verdict at the end of the working is not what the dates give"
    return None


# ---------------------------------------------------------------------------------------------------------------------
# R10, R11: what changed since the bundle of an earlier run (delta.json)
# ---------------------------------------------------------------------------------------------------------------------

DELTA = "data/delta.json"
BOUNDED = ("units", "drawn", "deviations", "upper_units", "upper_rate_shown", "verdict")
#: What became of a unit, by what it was in both runs: open (no pass), clear, or not tested.
TURNS: dict[tuple[str | None, str | None], tuple[str, ...]] = {
    ("open", "open"): ("remaining",),
    ("open", "clear"): ("closed",),
    ("clear", "open"): ("slipped",),
    ("open", None): ("gone", "not-comparable"),
    (None, "open"): ("entered", "not-comparable"),
}
MARK_OF = {"FAIL": "fail", "ERROR": "error", "INCONCLUSIVE": "missing"}
#: Controls whose unit is the processor, or the activity, itself.
OF_ENTITIES = {"processors": ("PRO-02", "PRO-03", "PRO-04", "PRO-05"), "activities": ("REG-02", "REG-03")}


def delta_of(case: Case) -> Any:
    if DELTA not in case.bag.files:
        raise NotApplicable("no delta.json")
    return case.document(DELTA)


def check_r10(case: Case) -> Iterator[Defect]:
    told = delta_of(case)
    before, after = told["before"], told["after"]
    yield from _visit(case, after, "after")
    if before["as_of"] > after["as_of"] or before["bundle"] == after["bundle"]:
        yield DELTA, "the earlier run is this one, or a later one"
    names = [each["control"] for each in told["controls"]]
    if len(set(names)) != len(names):
        yield DELTA, "a control stands twice"
    yield from _side(case, told, "after")
    for each in told["controls"]:
        yield from ((DELTA, "{}: {}".format(each["control"], text)) for text in _adds_up(each))
    for each in told["processors"] + told["activities"]:
        pairs = [(one["before"], one["after"]) for one in each["verdicts"] if one["before"] and one["after"]]
        made = {
            "slipped": any(was == "PASS" != now for was, now in pairs),
            "mended": any(was != "PASS" == now for was, now in pairs),
        }
        if any((word in each["words"]) != holds for word, holds in made.items()):
            yield DELTA, "{}: slipped or mended is not what its verdicts say".format(plain(each["id"]))


def _visit(case: Case, told: dict[str, Any], side: str) -> Iterator[Defect]:
    """What delta.json says of a run as a whole is what its bundle says."""
    agreed = case.engagement()
    said = {**case.catalogue(), "as_of": agreed["as_of"], "kind": agreed.get("kind")}
    for key in VISIT:
        if told[key] != said[key]:
            yield DELTA, f"{side}: {key} is not that of the bundle"


def _side(case: Case, told: dict[str, Any], side: str) -> Iterator[Defect]:
    """What delta.json says of each control of one of the two runs is what the bundle of that run says."""
    summary = {each["control"]: each for each in case.summary()["controls"]}
    for control in sorted(set(summary) - {each["control"] for each in told["controls"]}):
        yield DELTA, f"says nothing of {plain(control)}"
    for each in told["controls"]:
        control, own = each["control"], summary.get(each["control"])
        where = f"{plain(control)}, {side}: "
        bounds = {one["stratum"]: one[side] for one in each["strata"] if one[side] is not None}
        if own is None:
            if each[side] is not None or bounds or each["compared"]:
                yield DELTA, where + "is no control of that bundle"
            continue
        if each[side] != own["verdict"]:
            yield DELTA, where + "verdict is not that of summary.json"
        if bounds != {one["stratum"]: {key: one[key] for key in BOUNDED} for one in own["strata"]}:
            yield DELTA, where + "bounds are not those of summary.json"
        if side == "after" and each["tolerable"] != case.controls()[control]["tolerable"]:
            yield DELTA, where + "tolerable is not that of controls.json"
        if each["compared"]:
            yield from ((DELTA, where + text) for text in _units(case, told, each, side))


def _units(case: Case, told: dict[str, Any], each: dict[str, Any], side: str) -> Iterator[str]:
    """Units, shortcomings and verdicts of processors and activities of one control, held against its results."""
    control, units = each["control"], {one["unit"]: one for one in each["units"]}
    verdicts, met = {}, dict.fromkeys(((one["letter"], one["mark"], one["reason"]) for one in each["shortcomings"]), 0)
    for row in case.results(control) if f"data/results/{control}.jsonl" in case.bag.files else ():
        one = units.get(row["unit"])
        verdicts[row["unit"]] = row["verdict"]
        if one is None and row["verdict"] != "PASS":
            yield "a unit that is no pass is not listed"
        elif one is not None and (one[side], one["reasons_" + side]) != (row["verdict"], row["reasons"]):
            yield "a unit is not what the results say"
        for key in _shortcomings(row):
            met[key] = met.get(key, 0) + 1
    for unit, one in units.items():
        if unit not in verdicts and (one[side] is not None or one["reasons_" + side]):
            yield "a unit has a verdict and no result"
    if each["tested"]["both"] + each["tested"]["only_" + side] != len(verdicts):
        yield "tested does not count the results"
    if {(one["letter"], one["mark"], one["reason"]): one[side] for one in each["shortcomings"]} != met:
        yield "shortcomings do not count the results"
    for kind in (kind for kind, controls in OF_ENTITIES.items() if control in controls):
        for entity in told[kind]:
            if any(one[side] != verdicts.get(entity["id"]) for one in entity["verdicts"] if one["control"] == control):
                yield "{}: verdict is not that of the results".format(plain(entity["id"]))


def _shortcomings(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(letter, mark, reason) of what is not in order in a result. A doubt that no attribute explains has no letter."""
    found = [
        (one["letter"], one["mark"], one["reason"] or "")
        for one in row["attributes"]
        if one["mark"] in MARK_OF.values()
    ]
    mark = MARK_OF.get(row["verdict"])
    if mark is not None and all(one["mark"] != mark for one in row["attributes"]):
        found.append(("", mark, row["reasons"][0] if row["reasons"] else ""))
    return found


def _adds_up(each: dict[str, Any]) -> Iterator[str]:
    """What one control of delta.json says in itself."""
    units, tested = each["units"], each["tested"]
    if each["compared"] == bool(each["refused"]):
        yield "is compared although there is a reason against it, or not compared without one"
    if not each["compared"] and (units or each["shortcomings"] or any(tested.values())):
        yield "is not compared and yet counted"
    counts = {change: sum(one["change"] == change for one in units) for change in CHANGES}
    if counts != each["changes"]:
        yield "changes do not count the units listed"
    names = [one["unit"] for one in units]
    if names != sorted(set(names)):
        yield "units are not in their order, each once"
    for one in units:
        states = [None if one[side] is None else "clear" if one[side] == "PASS" else "open" for side in VISITS]
        if one["change"] not in TURNS.get((states[0], states[1]), ()):
            yield "the change of a unit is not what its verdicts say"
    for side, other in (VISITS, VISITS[::-1]):
        if tested["only_" + side] < sum(one[other] is None for one in units):
            yield f"tested: fewer units of the {side} run alone than are listed"
    if any(one["before"] is None and one["after"] is None for one in each["strata"]):
        yield "a stratum of neither run"
    for one in each["shortcomings"]:
        total = sum(one["changes"].values())
        fits = max(one["before"], one["after"]) <= total <= one["before"] + one["after"]
        if not fits or one["otherwise"] > one["changes"]["remaining"] or one["kind"] != _kind_of(one):
            yield "a shortcoming does not add up, or is called what its counts do not say"


VISITS = ("before", "after")


def _kind_of(one: dict[str, Any]) -> str:
    """What became of a shortcoming over all its units; closed only where nothing is unknown of any of them."""
    changes = one["changes"]
    if changes["slipped"] or changes["entered"]:
        return "grown" if one["before"] else "new"
    return next((kind for kind in ("remaining", "not-comparable", "closed") if changes[kind]), "gone")


def check_r11(case: Case) -> Iterator[Defect]:
    if case.earlier is None:
        raise NotApplicable("no --earlier")
    if DELTA not in case.bag.files:
        raise Undecided("no delta.json to hold it against")
    told, other = delta_of(case), Case(case.earlier, sorted(case.keys), None, case.leaves)
    lines = lines_of(other)
    failed = [line for line in lines if line.status == "FAIL"]
    for line in failed:
        yield from (("", f"the earlier bundle: {line.check}: {text}") for text in line.defects)
    if failed:
        return
    if told["before"]["tagmanifest_sha256"] != other.bag.sha256(TAG_MANIFEST):
        yield DELTA, "before: tagmanifest_sha256 is not that of the bundle given with --earlier"
        return
    yield from _visit(other, told["before"], "before")
    if told["before"]["sealed_at"] != other.catalogue()["sealed_at"]:
        yield DELTA, "before: sealed_at is not that of the bundle"
    yield from _side(other, told, "before")
    undecided = [f"{line.check} {line.title}" for line in lines if line.status == "----"]
    if undecided:
        raise Undecided("the earlier bundle: " + "; ".join(undecided))


# ---------------------------------------------------------------------------------------------------------------------
# R12: what the controls do for the clauses of texts (frameworks.json)
# ---------------------------------------------------------------------------------------------------------------------

TEXTS = "data/frameworks.json"


def check_r12(case: Case) -> Iterator[Defect]:
    if TEXTS not in case.bag.files:
        raise NotApplicable("no frameworks.json")
    told = case.document(TEXTS)
    verdicts = {each["control"]: each["verdict"] for each in case.summary()["controls"]}
    texts: dict[str, dict[str, Any]] = {}
    for each in told["frameworks"]:
        where = plain(each["id"])
        if each["id"] in texts or any(_edition(each) == _edition(other) for other in texts.values()):
            yield TEXTS, where + ": a framework of this id, or of this name and edition, stands there already"
        texts[each["id"]] = each
        yield from ((TEXTS, f"{where}: {text}") for text in _text(each, verdicts))
    known = {control for each in texts.values() for control in _speaks_of(each)}
    for control in sorted(set(verdicts) - known):
        yield TEXTS, "no framework has a row for " + plain(control)
    for each in told["migrations"]:
        sides = [texts.get(each[side]) for side in ("earlier", "later")]
        if sides[0] is None or sides[1] is None or sides[0] is sides[1]:
            yield TEXTS, "a migration is between texts that are not there"
            continue
        served = [{one["clause"]: _controls_of(one) for one in side["clauses"]} for side in sides if side]
        where = "{} to {}: ".format(plain(each["earlier"]), plain(each["later"]))
        yield from ((TEXTS, where + text) for text in _moves(each["moves"], *served))


def _edition(text: dict[str, Any]) -> tuple[str, str]:
    return text["framework"].casefold(), text["edition"].casefold()


def _controls_of(clause: dict[str, Any]) -> set[str]:
    return {one["control"] for one in clause["mappings"]}


def _speaks_of(text: dict[str, Any]) -> set[str]:
    """The controls of which a text says something, be it that they serve no clause."""
    return {one["control"] for one in text["none"]}.union(*map(_controls_of, text["clauses"]))


def _text(text: dict[str, Any], verdicts: dict[str, str]) -> Iterator[str]:
    """One text against the verdicts of the controls in scope."""
    names = [clause["clause"] for clause in text["clauses"]]
    if len(set(names)) != len(names) or not all(names):
        yield "a clause stands twice, or has no name"
    for clause in text["clauses"]:
        rows, controls = clause["mappings"], _controls_of(clause)
        mine = [one for one in rows if one["control"] in verdicts]
        if len(controls) != len(rows) or not rows:
            yield "a clause has a control twice, or none"
            continue
        relations = {one["relation"] for one in mine}
        coverage = next(word for relation, word in COVERAGES.items() if relation is None or relation in relations)
        met = {verdicts[one["control"]] for one in mine}
        found = {
            "coverage": coverage,
            "verdict": next((verdict for verdict in WORST_FIRST if verdict in met), None),
            "verified": CHECKED[max(CHECKED.index(one["verified"]) for one in mine or rows)],
        }
        yield from (
            "{}: {} is not what its controls give".format(plain(clause["clause"]), key)
            for key in found
            if clause[key] != found[key]
        )
    counts = {word: sum(one["coverage"] == word for one in text["clauses"]) for word in COVERAGES.values()}
    if counts != text["counts"]:
        yield "counts do not count its clauses"
    left = [one["control"] for one in text["none"]]
    if len(set(left)) != len(left) or any(_controls_of(clause) & set(left) for clause in text["clauses"]):
        yield "a control serves no clause and stands elsewhere all the same"
    if text["required"] and set(verdicts) - _speaks_of(text):
        yield "is required, and says nothing of a control in scope"


def _moves(moves: list[dict[str, Any]], before: dict[str, set[str]], after: dict[str, set[str]]) -> Iterator[str]:
    """What becomes of each clause, and which controls go with it. `before`, `after`: clause, controls that serve it."""
    old, new = ([name for one in moves for name in one[side]] for side in ("earlier", "later"))
    if sorted(old) != sorted(before) or not set(after) <= set(new) or len(set(new)) != len(new):
        yield "not every clause stands there once"
    for one in moves:
        was = set().union(*(before.get(name, set()) for name in one["earlier"]))
        now = set().union(*(after.get(name, set()) for name in one["later"]))
        if (set(one["kept"]), set(one["lost"]), set(one["gained"])) != (was & now, was - now, now - was):
            yield "controls that go with a clause are not those of its sides"
        if one["step"] not in _steps(one["earlier"], one["later"]):
            yield "a step is not what its clauses say"


def _steps(old: list[str], new: list[str]) -> tuple[str, ...]:
    if not old or not new:
        return ("new",) if new else ("gone", "no-counterpart") if old else ()
    if len(old) > 1 or len(new) > 1:
        return ("merged",) if len(old) > 1 else ("split",)
    return ("same",) if old == new else ("renumbered",)


# ---------------------------------------------------------------------------------------------------------------------
# N: notebooks
# ---------------------------------------------------------------------------------------------------------------------

RECEIPT = "application/vnd.evidence-kit.receipt+json"
INJECTED = "injected-parameters"
INJECTED_METADATA = canonical({"tags": [INJECTED]})
RECEIPT_SCHEMA = {"nonce": "salt", "versions": [{"name": "text", "version": "text"}], "controls": [COUNTS]}
OUTPUT_TYPES = {"text/plain", "text/html", "image/svg+xml", RECEIPT}
OUTPUT_KEYS = {
    "display_data": {"output_type", "data", "metadata"},
    "execute_result": {"output_type", "data", "metadata", "execution_count"},
    "stream": {"output_type", "name", "text"},
}
ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*) = (.+)")


def joined(source: Any) -> str:
    return "".join(source) if isinstance(source, list) else str(source)


def run_of(case: Case, notebook: str) -> int:
    """The seq of the last run of a notebook; 0 when it never ran."""
    return max((seq for seq, run in story(case).runs.items() if run["notebook"] == notebook), default=0)


def notebooks(case: Case) -> Iterator[tuple[str, str, Any]]:
    """(name, path, executed notebook)."""
    for name, path in case.under("notebooks", ".ipynb"):
        if not name.endswith(".template"):
            yield name, path, case.document(path)


def cells_of(notebook: Any) -> list[dict[str, Any]]:
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise ValueError("no list of cells")
    return cells


NOTEBOOK_KEYS = {"cells", "metadata", "nbformat", "nbformat_minor"}
CELL_KEYS = {"id", "cell_type", "metadata", "source"}
RAN = {"execution_count", "outputs"}


def cell_face(cell: dict[str, Any]) -> tuple[Any, Any, str, str]:
    """What running must not alter. Raises ValueError for a cell with other keys than its kind has."""
    if set(cell) != (CELL_KEYS | RAN if cell.get("cell_type") == "code" else CELL_KEYS):
        raise ValueError("a cell with missing or unknown keys")
    return cell["id"], cell["cell_type"], joined(cell["source"]), canonical(cell["metadata"])


def tags_of(cell: dict[str, Any]) -> list[Any]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tags if isinstance(tags, list) else []


def parameters_in(source: str) -> dict[str, Any]:
    """The values that an injected cell assigns, read without running it. Raises ValueError for any other line."""
    found: dict[str, Any] = {}
    for line in source.splitlines():
        if line in ("", "# Parameters"):
            continue
        match = ASSIGNMENT.fullmatch(line)
        if not match or len(line) > 1 << 16 or sum(map(line.count, "([{")) > 64:
            raise ValueError("a line that assigns no constant")
        try:
            found[match.group(1)] = ast.literal_eval(match.group(2))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise ValueError("a line that assigns no constant") from None
    return found


def check_n01(case: Case) -> Iterator[Defect]:
    told = story(case)
    executed = {name: path for name, path, _ in notebooks(case)}
    for name, path in case.under("notebooks", ".template.ipynb"):
        if name not in executed:
            yield path, "has no executed notebook beside it"
    for control, each in case.controls().items():
        if control in case.draws() and each["notebook"] not in executed:
            yield "data/notebooks/{}.ipynb".format(each["notebook"]), "is not there"
    for name, path, notebook in notebooks(case):
        template, params = f"data/notebooks/{name}.template.ipynb", f"data/params/{name}.json"
        missing = [each for each in (template, params) if each not in case.bag.files]
        for each in missing:
            yield each, "is not there"
        run = run_of(case, name)
        if not told.ended_well(run):
            yield path, "is not of a run that passed"
        elif case.level == LEVEL and told.ended[run]["executed_sha256"] != record_digest(case, path):
            yield path, "is not the notebook that run %d of the ledger ended with" % run
        if not missing:
            try:
                wrong = list(_same_notebook(notebook, case.document(template), case.document(params)))
            except (ValueError, TypeError, AttributeError) as error:
                wrong = [f"cannot be read as a notebook: {error}"]
            yield from ((path, text) for text in wrong)


def _same_notebook(notebook: Any, template: Any, params: Any) -> Iterator[str]:
    cells, wanted = cells_of(notebook), cells_of(template)
    injected = [place for place, cell in enumerate(cells) if cell.get("id") == INJECTED or INJECTED in tags_of(cell)]
    if any(INJECTED in tags_of(cell) or cell.get("id") == INJECTED for cell in wanted):
        yield "the template holds an injected cell"
    if len(injected) != (1 if params else 0):
        yield "%d injected cells" % len(injected)
        return
    if set(notebook) != NOTEBOOK_KEYS or set(template) != NOTEBOOK_KEYS:
        yield "keys of a notebook are missing, or unknown"
        return
    for key in ("nbformat", "nbformat_minor"):
        if notebook[key] != template[key]:
            yield key + " is not the template's"
    found = {"language_info": {"name": "python"}, **notebook["metadata"]}
    expected = {"language_info": {"name": "python"}}
    if "kernelspec" in template["metadata"]:
        expected["kernelspec"] = template["metadata"]["kernelspec"]
    if found != expected:
        yield "metadata are not the template's kernel and the language"
    if any(cell.get("outputs", []) != [] or cell.get("execution_count") is not None for cell in wanted):
        yield "the template was executed"
    if injected:
        cell = cells[injected[0]]
        before = cells[injected[0] - 1] if injected[0] else {}
        face = cell_face(cell)
        if "parameters" not in tags_of(before) or face[:2] != (INJECTED, "code") or face[3] != INJECTED_METADATA:
            yield "the injected cell is not a plain code cell right after the one tagged parameters"
        try:
            if canonical(parameters_in(joined(cell.get("source")))) != canonical(params):
                yield "the injected parameters are not those of params"
        except ValueError as error:
            yield f"the injected cell holds {error}"
    kept = [cell for place, cell in enumerate(cells) if place not in injected]
    if len(kept) != len(wanted):
        yield "%d cells besides the injected one, the template has %d" % (len(kept), len(wanted))
    for place, cell in enumerate(kept[: len(wanted)]):
        if cell_face(cell) != cell_face(wanted[place]):
            yield "cell %d is not that of the template (id, type, source or metadata)" % (place + 1)


def check_n02(case: Case) -> Iterator[Defect]:
    told = story(case)
    for name, path, notebook in notebooks(case):
        run, end = told.runs.get(run_of(case, name)), told.ended.get(run_of(case, name))
        try:
            for text in _executed(case, notebook, run, end):
                yield path, text
        except (ValueError, TypeError, AttributeError) as error:
            yield path, f"cannot be read as a notebook: {error}"


def _executed(case: Case, notebook: Any, run: dict[str, Any] | None, end: dict[str, Any] | None) -> Iterator[str]:
    code = [(place, cell) for place, cell in enumerate(cells_of(notebook), 1) if cell.get("cell_type") == "code"]
    receipts = []
    for count, (place, cell) in enumerate(code, 1):
        if cell.get("execution_count") != count:
            yield "cell %d: execution count is not %d" % (place, count)
        for output in cell.get("outputs", ()):
            if output.get("output_type") == "error":
                yield "cell %d: error output" % place
            elif set(output) != OUTPUT_KEYS.get(output.get("output_type")):
                yield "cell %d: an output of an unknown kind, or with other keys" % place
            elif not set(output.get("data", ())) <= OUTPUT_TYPES:
                yield "cell %d: an output that is no text, table, drawing or receipt" % place
            if output.get("output_type") == "stream" and output.get("name") != "stdout":
                yield "cell %d: text elsewhere than on stdout" % place
            data = output.get("data")
            if isinstance(data, dict) and RECEIPT in data:
                receipts.append((count, data[RECEIPT]))
    if len(receipts) != 1 or receipts[0][0] != len(code):
        yield "%d receipts; there is one, in the last code cell" % len(receipts)
        return
    receipt = receipts[0][1]
    wrong = next(misfits(receipt, RECEIPT_SCHEMA, ""), None)
    if wrong is not None:
        yield "the receipt: " + wrong
        return
    counts = {each["control"]: {key: each[key] for key in FOUR} for each in receipt["controls"]}
    if run is not None and digest_of(str(receipt.get("nonce"))) != run["nonce_sha256"]:
        yield "the receipt does not hold the nonce of its run"
    if len(counts) != len(receipt["controls"]):
        yield "the receipt counts a control twice"
    if end is not None and {each["control"]: {key: each[key] for key in FOUR} for each in end["counts"]} != counts:
        yield "the receipt's counts are not those of run.ended"
    for control in run["controls"] if run is not None else ():
        if f"data/results/{control}.jsonl" in case.bag.files and _tests(case, run, control):
            rows = add_rows(tally(case, control))
            if counts.get(control) != rows:
                yield f"the receipt's counts of {control} are not those of the results"


def _tests(case: Case, run: dict[str, Any] | None, control: str) -> bool:
    """Whether this run is of the notebook that tests the control."""
    return run is not None and control in case.controls() and case.controls()[control]["notebook"] == run["notebook"]


def add_rows(rows: Tally) -> dict[str, int]:
    return {verdict.lower(): sum(each.get(verdict, 0) for each in rows.strata.values()) for verdict in VERDICTS}


# ---------------------------------------------------------------------------------------------------------------------
# H: pages. A small, strict HTML: known elements, attributes in double quotes, every element closed
# ---------------------------------------------------------------------------------------------------------------------

VOID = {"meta", "br", "hr", "col", "wbr"}
ELEMENTS = VOID | set(
    "html head title style body header nav main footer section article aside address h1 h2 h3 h4 h5 h6 p ul ol li dl "
    "dt dd div span a strong em b i u s small sub sup code pre samp kbd var mark del ins abbr dfn cite q blockquote "
    "data time bdi table caption colgroup thead tbody tfoot tr th td figure figcaption".split()
)
SHAPES = set("svg g rect line path circle ellipse text tspan title desc polyline polygon defs clipPath".split())
ATTRIBUTES = set(
    "id class lang dir title role tabindex hidden href hreflang rel charset name content http-equiv value datetime "
    "scope colspan rowspan headers abbr span start reversed type data-ek translate".split()
)
SHAPE_ATTRIBUTES = set(
    "id class role tabindex xmlns viewBox width height x y x1 x2 y1 y2 dx dy cx cy r rx ry d points transform fill "
    "fill-opacity stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity opacity "
    "text-anchor dominant-baseline focusable preserveAspectRatio font-size font-weight lang pathLength vector-effect "
    "clip-path".split()
)
TOKEN = re.compile(
    r"</([A-Za-z][A-Za-z0-9]*)[ \t\n]*>"
    r"|<([A-Za-z][A-Za-z0-9]*)((?:[ \t\n]+[A-Za-z_:][A-Za-z0-9_:.-]*(?:=\"[^\"<]*\")?)*)[ \t\n]*(/?)>"
    r"|([^<]+)",
    re.ASCII,
)
ARIA = re.compile(r"aria-[a-z]+")
ATTRIBUTE = re.compile(r"[ \t\n]+([A-Za-z_:][A-Za-z0-9_:.-]*)(?:=\"([^\"<]*)\")?", re.ASCII)
CSP = "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'"


class Shown(NamedTuple):
    """One `data` element: where it stands, its two attributes, its text and the `datetime` of each `time` inside."""

    line: int
    value: str
    pointer: str
    text: str
    times: tuple[str, ...]


class Page:
    """One page taken apart; `met` holds the defects of H01 and H04's cells."""

    def __init__(self, text: str) -> None:
        self.met: dict[str, list[str]] = {"H01": [], "H04": []}
        self.data: list[Shown] = []
        self.links: list[tuple[int, str]] = []
        self.ids: dict[str, int] = {}
        self.doubled: list[str] = []
        self.language = ""
        self.headings = 0
        self.policies: list[str] = []
        self.sheets: list[str] = []
        self.stack: list[tuple[str, dict[str, str], int]] = []
        self.around: dict[str, int] = {}  # element -> how many of the stack have this name
        self.open_data: list[dict[str, Any]] = []
        self.cells: list[list[Any]] = []
        self.line = 1
        self._read(text)

    def note(self, text: str) -> None:
        if len(self.met["H01"]) <= MOST_DEFECTS:
            self.met["H01"].append("line %d: %s" % (self.line, text))

    def _read(self, text: str) -> None:
        start = re.match(r"<!doctype html>\n", text, re.IGNORECASE)
        if not start:
            self.note("does not begin with <!doctype html>")
        self.line += start is not None
        if not self._tokens(text, start.end() if start else 0):
            return
        if self.stack:
            self.note("<%s> of line %d is not closed" % (self.stack[-1][0], self.stack[-1][2]))
        self._finish()

    def _tokens(self, text: str, at: int) -> bool:
        """Take the text apart from `at` on; False where something is no token."""
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                self.note(f"markup outside the form of a page: {plain(text[at : at + 40])}")
                return False
            closed, opened, attributes, slash, words = match.groups()
            if words is not None:
                self._text(words)
            elif closed is not None:
                self._end(closed)
            else:
                self._start(opened, attributes, bool(slash))
            self.line += match.group(0).count("\n")
            at = match.end()
        return True

    def _finish(self) -> None:
        if self.headings != 1:
            self.note("%d h1 elements" % self.headings)
        if len(self.sheets) > 1:
            self.note("%d style sheets" % len(self.sheets))
        for text in sheet_defects(self.sheets[0] if self.sheets else "", self.policies):
            self.note(text)

    def _inside(self, name: str) -> bool:
        return self.around.get(name, 0) > 0

    def _start(self, name: str, written: str, slash: bool) -> None:
        drawing = self._inside("svg")
        known = SHAPES if drawing or name == "svg" else ELEMENTS
        if name not in known:
            self.note("element <{}> is not allowed{}".format(name, " in a drawing" if drawing else ""))
        if self.stack and self.stack[-1][0] in ("style", "title", "desc"):
            self.note(f"<{name}> inside <{self.stack[-1][0]}>")
        found: dict[str, str] = {}
        for match in ATTRIBUTE.finditer(written):
            key, value = match.group(1), match.group(2) or ""
            if "&" in value:
                value = html.unescape(value)
            self._attribute(name, key, value, drawing or name == "svg")
            if key in found:
                self.note(f"attribute {key} twice")
            found[key] = value
        if not drawing:
            self._meaning(name, found)
        if name in VOID and not drawing:
            return
        if slash and not drawing:
            self.note(f"<{name}/> is not closed by a slash")
        if not slash or not drawing:
            self.stack.append((name, found, self.line))
            self.around[name] = self.around.get(name, 0) + 1

    def _attribute(self, name: str, key: str, value: str, drawing: bool) -> None:
        allowed = SHAPE_ATTRIBUTES if drawing else ATTRIBUTES
        if key not in allowed and not ARIA.fullmatch(key):
            self.note(f"attribute {plain(key)} of <{name}> is not allowed")
        if key == "href" and name != "a":
            self.note(f"href of <{name}>")
        if drawing and key == "xmlns" and value != "http://www.w3.org/2000/svg":
            self.note("another name space")
        if drawing and key != "xmlns" and re.search(r"url\s*\((?!#)|:\s*//|javascript", value, re.IGNORECASE):
            self.note(f"an address in attribute {key}")
        if key == "id":
            if value in self.ids:
                self.doubled.append(value)
            self.ids[value] = self.line

    def _meaning(self, name: str, found: dict[str, str]) -> None:
        if name == "html":
            self.language = found.get("lang", "")
        elif name == "h1":
            self.headings += 1
        elif name == "meta" and "http-equiv" in found:
            if found["http-equiv"].lower() != "content-security-policy" or not self._inside("head") or self.sheets:
                self.note("meta http-equiv is for the content security policy alone, before the sheet")
            self.policies.append(found.get("content", ""))
        elif name == "meta" and "charset" in found and found["charset"].lower() != "utf-8":
            self.note("charset is not utf-8")
        elif name == "style":
            self.sheets.append("")
        elif name == "a" and "href" in found:
            self.links.append((self.line, found["href"]))
        elif name == "time" and self.open_data:
            self.open_data[-1]["times"].append(found.get("datetime", ""))
        elif name == "data":
            if self.open_data:
                self.note("<data> inside <data>")
            self.open_data.append({"line": self.line, "found": found, "text": [], "times": []})
        elif name in ("td", "th"):
            self.cells.append([name, "n" in found.get("class", "").split() and name == "td", self.line, 0, []])

    def _text(self, words: str) -> None:
        if self.stack and self.stack[-1][0] == "style":
            self.sheets[-1] += words
            return
        text = html.unescape(words) if "&" in words else words
        if self.open_data:
            self.open_data[-1]["text"].append(text)
        elif self.cells and self.cells[-1][1]:
            self.cells[-1][4].append(text)

    def _end(self, name: str) -> None:
        if not self.stack or self.stack[-1][0] != name:
            self.note(f"</{name}> closes nothing")
            return
        self.stack.pop()
        self.around[name] -= 1
        if self._inside("svg"):
            return
        if name == "data" and self.open_data:
            each = self.open_data.pop()
            if self.cells:
                self.cells[-1][3] += 1
            found = each["found"]
            if "value" not in found or "data-ek" not in found:
                self.note("<data> without value or data-ek")
            else:
                text = "".join(each["text"])
                self.data.append(Shown(each["line"], found["value"], found["data-ek"], text, tuple(each["times"])))
        elif name in ("td", "th") and self.cells:
            _, numeric, line, count, bare = self.cells.pop()
            if numeric and (count != 1 or re.search(r"[0-9]", "".join(bare))):
                self.met["H04"].append(
                    "line %d: a cell of class n with %d data elements, or a bare number" % (line, count)
                )


def sheet_defects(sheet: str, policies: Sequence[str]) -> Iterator[str]:
    """What is wrong with a page's sheet, and with what its policies say of it."""
    hashed = base64.b64encode(hashlib.sha256(sheet.encode("utf-8")).digest()).decode("ascii")
    if list(policies) != [CSP % hashed]:
        yield "the content security policy is not the one of this sheet: " + CSP % hashed
    plain_sheet = re.sub(r"\\([0-9A-Fa-f]{1,6})[ \t\n]?", lambda hit: chr(int(hit.group(1), 16) % 0x10FFFF), sheet)
    if re.search(r"url\s*\(|@import|image-set|src\s*\(", plain_sheet.replace("\\", ""), re.IGNORECASE):
        yield "the sheet names an address"


def read_page(case: Case, path: str) -> Page:
    """The page, or an empty one when its bytes cannot be read as text (H01 says so)."""
    data = case.bag.read(path, MOST_PAGE) if case.bag.files[path].size <= MOST_PAGE else b""
    return Page(data.decode("utf-8", "replace"))


# Pages of one writer repeat a few thousand lines, and the others differ in values alone. So a line is read strictly
# once (`Piece`, which is a Page begun in the middle), and one of the same shape by its values. A shape is the line with
# marks in place of what may differ without a change of its tokens: data elements, bdi elements, the values of id and
# href. A data or bdi element begins with `<`, which begins a token wherever it stands; the value of an attribute that
# the strict reader took for that attribute's whole value may be any other without `"` and `<`. Whatever is not plainly
# in order here is read again by Page, which alone says what is wrong.

DATA_ELEMENT = re.compile(
    r'<data value="([^"<]*)" data-ek="([^"<]*)"(?: class="[^"<]*")?>'
    r'(?:<time datetime="([^"<]*)">([^<]*)</time>|([^<]*))</data>'
)
HREF_SLOT, ID_SLOT = re.compile(r' href="([^"<]*)"'), re.compile(r' id="([^"<\1]*)"')
BDI_SLOT = re.compile(r'<bdi(?: class="mono")?>[^<]*</bdi>')
DATA_MARK, HREF_MARK, ID_MARK, BDI_MARK = "\0", "\1", "\2", "\3"
SLOT_MARKS = re.compile("[\0-\3]")
UNMARKED = {
    DATA_MARK: f'<data value="{DATA_MARK}" data-ek="{DATA_MARK}"></data>',
    HREF_MARK: f' href="{HREF_MARK}"',
    ID_MARK: f' id="{ID_MARK}"',
    BDI_MARK: f"<bdi>{BDI_MARK}</bdi>",
}
DOCTYPE = "<!doctype html>\n"
MOST_OPEN, MOST_REMEMBERED = 64, 4 << 20  # elements open at a line's end; characters of the lines remembered


class Context:
    """Where a line begins: the open elements, whether a sheet was read, the open cells (name, numeric, data elements,
    a bare digit). `lines` and `shapes`: what was read from here on before."""

    __slots__ = ("cells", "lines", "loose", "names", "shapes", "styled")

    def __init__(self, names: tuple[str, ...], styled: bool, cells: tuple[tuple[str, bool, int, bool], ...]) -> None:
        self.names, self.styled, self.cells = names, styled, cells
        self.loose = not any(numeric for _, numeric, _, _ in cells)  # text alone changes nothing
        self.lines: dict[str, Known] = {}
        self.shapes: dict[str, Known | None] = {}


class Told(NamedTuple):
    """What is rare on a line: the language of an html element, h1 elements, policies, sheets, data elements."""

    language: str | None
    headings: int
    policies: tuple[str, ...]
    sheets: tuple[str, ...]
    data: tuple[Shown, ...]


class Known(NamedTuple):
    """A line in order: where it leads, its ids, its links, and what is rare."""

    after: Context
    ids: list[str]
    links: list[str]
    told: Told | None


class Piece(Page):
    """One line, read from a context on. `met` also holds what only the whole page can answer."""

    def __init__(self, context: Context, line: str) -> None:
        self.context = context
        self.named: list[str] = []
        super().__init__(line)

    def _read(self, text: str) -> None:
        self.language = DATA_MARK
        self.stack = [(name, {}, 0) for name in self.context.names]
        for name in self.context.names:
            self.around[name] = self.around.get(name, 0) + 1
        self.sheets = [""] * self.context.styled
        self.cells = [[name, numeric, 0, count, ["0"] * digit] for name, numeric, count, digit in self.context.cells]
        self._tokens(SLOT_MARKS.sub(lambda mark: UNMARKED[mark.group()], text), 0)
        if self.open_data or len(self.stack) > MOST_OPEN or (self.stack and self.stack[-1][0] == "style"):
            self.note("goes on in the next line")

    def _attribute(self, name: str, key: str, value: str, drawing: bool) -> None:
        super()._attribute(name, key, value, drawing)
        if key == "id":
            self.named.append(value)
            if drawing and value == ID_MARK:
                self.note("an id that a drawing restricts")

    def _text(self, words: str) -> None:
        bare = self.open_data or (self.cells and self.cells[-1][1])
        if HREF_MARK in words or ID_MARK in words or (BDI_MARK in words and bare):
            self.note("a mark that is text")
        super()._text(words)

    def known(self, contexts: dict[Any, Context], links: int, ids: int) -> Known | None:
        """What the line says, where it is in order and each of so many marks is a link's and an id's whole value."""
        data = tuple(each for each in self.data if each.pointer != DATA_MARK)
        found = [href for _, href in self.links]
        marked = found != [HREF_MARK] * links or self.named != [ID_MARK] * ids or data
        if self.met["H01"] or self.met["H04"] or ((links or ids) and marked):
            return None
        cells = tuple(
            (name, numeric, min(count, 2), re.search(r"[0-9]", "".join(bare)) is not None)
            for name, numeric, _, count, bare in self.cells
        )
        state = (tuple(name for name, _, _ in self.stack), bool(self.sheets), cells)
        after = contexts.get(state) or contexts.setdefault(state, Context(*state))
        language = None if self.language == DATA_MARK else self.language
        told = Told(language, self.headings, tuple(self.policies), tuple(self.sheets[self.context.styled :]), data)
        return Known(after, self.named, found, told if told != (None, 0, (), (), ()) else None)


class Outline(NamedTuple):
    """What a page in order holds. `columns`: of each data element value, pointer, `datetime` and text of its time
    element, text without one; not unescaped. `data`: the data elements of another form."""

    language: str
    ids: list[str]
    links: list[str]
    columns: tuple[list[Any], ...]
    data: list[Shown]


class Outlines:
    """Reads page after page by the shapes of their lines, and remembers a bounded number of them."""

    def __init__(self) -> None:
        self.contexts: dict[Any, Context] = {}
        self.start = Context((), False, ())
        self.heads: dict[str, bool] = {}
        self.remembered = 0

    def read(self, text: str) -> Outline | None:
        """The outline of a page that H01 and H04 find in order; None for every other, and wherever in doubt."""
        if not text.startswith(DOCTYPE) or any(mark in text for mark in UNMARKED):
            return None
        parts = DATA_ELEMENT.split(text[len(DOCTYPE) :])
        ids: list[str] = []
        links: list[str] = []
        told: list[Told] = []
        at = self.start
        for line in DATA_MARK.join(parts[::6]).split("\n"):
            known = at.lines.get(line)
            if known is None:
                if at.loose and "<" not in line and DATA_MARK not in line:
                    continue
                known = self._line(at, line)
                if known is None:
                    return None
            at = known.after
            ids += known.ids
            links += known.links
            if known.told is not None:
                told.append(known.told)
        if at.names or len(set(ids)) != len(ids) or not self._headed(told):
            return None
        language = next(each.language for each in reversed(told) if each.language is not None)
        columns = tuple(parts[place::6] for place in range(1, 6))
        return Outline(language, ids, links, columns, [one for each in told for one in each.data])

    def _headed(self, told: list[Told]) -> bool:
        """One html element, one h1, one sheet at most, and its policy."""
        policies = tuple(policy for each in told for policy in each.policies)
        sheets = tuple(sheet for each in told for sheet in each.sheets)
        if sum(each.headings for each in told) != 1 or len(sheets) > 1 or all(each.language is None for each in told):
            return False
        head = digest_of(HREF_MARK.join((*policies, DATA_MARK, *sheets)))  # no page holds these marks
        if head not in self.heads:
            self.heads[head] = not any(sheet_defects("".join(sheets), policies))
        return self.heads[head]

    def _line(self, at: Context, line: str) -> Known | None:
        """A line that is not remembered as it is: by its shape, else by itself."""
        hrefs = HREF_SLOT.split(line)
        names = ID_SLOT.split(HREF_MARK.join(hrefs[::2]))
        shape = BDI_SLOT.sub(BDI_MARK, ID_MARK.join(names[::2]))
        links, ids = [unescaped(each) for each in hrefs[1::2]], [unescaped(each) for each in names[1::2]]
        if shape not in at.shapes:
            self._remember(shape)
            at.shapes[shape] = Piece(at, shape).known(self.contexts, len(links), len(ids))
        model = at.shapes[shape]
        if model is None:
            known = Piece(at, line).known(self.contexts, 0, 0)
        elif links or ids:
            known = Known(model.after, ids, links, model.told)
        else:
            known = model
        if known is not None and DATA_MARK not in line:
            self._remember(line)
            at.lines[line] = known
        return known

    def _remember(self, text: str) -> None:
        """Forget everything rather than remember more than MOST_REMEMBERED characters."""
        self.remembered += len(text) + 500
        if self.remembered > MOST_REMEMBERED:
            for context in (self.start, *self.contexts.values()):
                context.lines.clear()
                context.shapes.clear()
            self.contexts.clear()
            self.remembered = 0


def unescaped(text: str) -> str:
    return html.unescape(text) if "&" in text else text


class Figures:
    """Whether the data elements of a page agree with what they point at; the rule is `figures`, for each of them."""

    def __init__(self, case: Case, words: Words) -> None:
        self.case, self.words = case, words
        self.holders: dict[str, dict[str, Any]] = {}  # pointer less its last step -> what it holds, by that step
        self.agreed: set[Any] = set()
        self.keys: set[str] = set()
        self.taken = 0

    def agree(self, language: str, outline: Outline) -> bool:
        holders, agreed = self.holders, self.agreed
        for value, pointer, moment, dated, text in zip(*outline.columns):
            head, _, step = pointer.rpartition("/")
            holder = holders.get(head)
            if holder is None:
                holder = self._holder(head)
            found = holder.get(step)
            key = None
            if ("&" not in value and type(found) is str and found == value) or (
                type(found) is int and str(found) == value
            ):
                if text == value and value[4:5] != "-" and value not in VERDICTS:
                    continue  # neither a verdict nor a moment, and shown as it is
                key = (value, moment, dated, text, language)
                if key in agreed:
                    continue
            times = () if moment is None else (unescaped(moment),)
            visible = unescaped(dated or text or "")
            if key is None:
                shown = Shown(0, unescaped(value), unescaped(pointer), visible, times)
                if figure_defect(self.case, shown, language, self.words) is not None:
                    return False
            elif not shows(value, visible, times, language, self.words):
                return False
            elif len(value) + len(visible) <= 200:
                if len(agreed) >= 20_000:
                    agreed.clear()
                agreed.add(key)
        return all(figure_defect(self.case, each, language, self.words) is None for each in outline.data)

    def _holder(self, head: str) -> dict[str, Any]:
        """What the members of an object or a list are, by the last step of a pointer; empty where not plain to say."""
        there, value = pointed(self.case, head) if "#/" in head and "&" not in head else (False, None)
        if there and isinstance(value, list) and len(value) <= 1000:
            value = {str(place): one for place, one in enumerate(value)}
        if not there or not isinstance(value, dict) or not self._plain(value):
            value = {}
        # What is held of rows must not grow with the bundle.
        if len(self.holders) >= 5000 or self.case.bag.parsed - self.taken > 4 << 20:
            self.holders.clear()
            self.taken = self.case.bag.parsed
        self.holders[head] = value
        return value

    def _plain(self, value: dict[str, Any]) -> bool:
        """Whether the keys stand in a pointer, and in HTML, as they are."""
        if not value.keys() <= self.keys:
            if any("~" in key or "&" in key for key in value):
                return False
            if len(self.keys) < 10_000:
                self.keys.update(value)
        return True


class Site:
    """Every page taken apart once; what four checks ask of them is kept, the pages are not.

    Links into other pages are kept as numbers (64 bits of a keyed hash, Python's own): by the page they lead to, the
    fragments asked for; and the ids of each page. Where one is missing, the pages are read again to say which.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.met: dict[str, dict[str, list[str]]] = {"H01": {}, "H02": {}, "H04": {}}
        self.unclean: set[str] = set()  # pages whose bytes H01 has to look at again
        self.languages: dict[str, str] = {}
        self.ids: dict[str, Any] = {}
        self.away: dict[str, Any] = {}
        self.verdicts: dict[str, set[str]] = {}  # pointers of the two index pages
        self.values = 0
        self.shown: dict[str, list[Defect]] | None = {}  # defects of H03; None where something stood in the way
        self.leads: dict[tuple[str, str], str] = {}  # (folder, path of a link) -> the file it leads to
        self.outlines = Outlines()
        self.figures: Figures | None = None
        try:
            self.figures = Figures(case, Words(case))
        except Exception:  # H03 meets it again, and says what it is
            self.shown = None
        # A page and its like in the other language cite the same rows: read together.
        for path in sorted(page_paths(case), key=lambda each: (posixpath.basename(each), each)):
            self._read(path)
            if self.shown is not None and sum(map(len, self.shown.values())) >= MOST_HELD:
                self.shown = None  # so many are told one by one again, and not held

    def _read(self, path: str) -> None:
        data = self.case.bag.read(path, MOST_PAGE) if self.case.bag.files[path].size <= MOST_PAGE else b""
        text = data.decode("utf-8", "replace")
        if not data or "\ufffd" in text or text.startswith("\ufeff") or "\r" in text or "\0" in text:
            self.unclean.add(path)
        outline = None if path in INDEXES else self.outlines.read(text)
        page = None
        if outline is None:
            page = Page(text)
            outline = Outline(page.language, list(page.ids), [href for _, href in page.links], (), page.data)
            self.met["H01"][path], self.met["H04"][path] = page.met["H01"], page.met["H04"]
        self.languages[path] = outline.language
        self.values += len(outline.data) + (len(outline.columns[0]) if outline.columns else 0)
        self.ids[path] = array.array("q", map(hash, outline.ids))
        if (page is not None and page.doubled) or not self._lead(path, outline):
            page = page or Page(text)
            self.met["H02"][path] = list(itertools.islice(self._links(path, page), MOST_HELD))
        if path in INDEXES:
            self.verdicts[path] = {each.pointer for each in outline.data}
        if self.shown is not None and self.figures is not None:
            try:
                if page is not None or not self.figures.agree(language_of(path, outline.language), outline):
                    page = page or Page(text)
                    wrong = list(itertools.islice(figures(self.case, path, page, self.figures.words), MOST_HELD))
                    if wrong:
                        self.shown[path] = wrong
            except Exception:
                self.shown = None

    def _lead(self, path: str, outline: Outline) -> bool:
        """Note which fragments of other pages are asked for; False where a link is not in order."""
        folder, ids = posixpath.dirname(path), set(outline.ids)
        for href in outline.links:
            lead = self._resolved(folder, href)
            if lead is None:
                return False
            full, fragment = lead
            if fragment is None:
                continue
            if full == path or not full:
                if fragment not in ids:
                    return False
            else:
                self.away.setdefault(full, array.array("q")).append(hash(fragment))
        return True

    def _resolved(self, folder: str, href: str) -> tuple[str, str | None] | None:
        """(path or "" for the page itself, fragment or None) of a link in order; None where it leads nowhere."""
        if not is_link(href):
            return None
        target, mark, fragment = href.partition("#")
        full = self.leads.get((folder, target))
        if full is None:
            full = posixpath.normpath(posixpath.join(folder, target)) if target else ""
            if full and full not in self.case.bag.files:
                return None
            if len(self.leads) >= 20_000:
                self.leads.clear()
            if len(target) <= MOST_PATH:
                self.leads[folder, target] = full
        return full, fragment if mark else None

    def _links(self, path: str, page: Page) -> Iterator[str]:
        for name in page.doubled:
            yield f"id {plain(name)} is given twice"
        for line, href in page.links:
            where = "line %d: " % line
            lead = self._resolved(posixpath.dirname(path), href)
            if not is_link(href):
                yield where + "a link that is no path inside the bag: " + plain(href)
            elif lead is None:
                yield where + f"the link {plain(href)} leads nowhere"
            elif lead[1] is not None and lead[0] in ("", path):
                if lead[1] not in page.ids:
                    yield where + f"the fragment of {plain(href)} is not there"
            elif lead[1] is not None:
                self.away.setdefault(lead[0], array.array("q")).append(hash(lead[1]))

    def unanswered(self) -> set[str]:
        """The files of which a page asks for a fragment that is not there."""
        return {full for full, asked in self.away.items() if not set(asked) <= set(self.ids.get(full, ()))}

    def missing(self, path: str, without: set[str], ids: dict[str, set[str]]) -> Iterator[str]:
        """The links of one page whose fragment is not in one of the files `without` something asked for."""
        for line, href in read_page(self.case, path).links:
            lead = self._resolved(posixpath.dirname(path), href)
            if lead is None or lead[1] is None or lead[0] in ("", path) or lead[0] not in without:
                continue
            if lead[0] not in ids:
                if len(ids) >= 64:
                    ids.clear()
                ids[lead[0]] = set(read_page(self.case, lead[0]).ids) if lead[0] in self.ids else set()
            if lead[1] not in ids[lead[0]]:
                yield "line %d: the fragment of %s is not there" % (line, plain(href))


MOST_HELD = 1000  # defects of one page that are kept, and of all figures
INDEXES = ("data/site/en/index.html", "data/site/fr/index.html")


def site(case: Case) -> Site:
    case.whole()
    return case.once("site", lambda: Site(case))  # type: ignore[no-any-return]


def page_paths(case: Case) -> list[str]:
    case.catalogue()

    def make() -> list[str]:
        return [path for path in case.bag.payload if path.endswith(".html") and place_of(path)[1] is None]

    return case.once("pages", make)  # type: ignore[no-any-return]


def check_h01(case: Case) -> Iterator[Defect]:
    for path in page_paths(case):
        if case.bag.files[path].size > MOST_PAGE:
            yield path, "larger than 8 MiB"
            continue
        if path in site(case).unclean:
            data = case.bag.read(path, MOST_PAGE)
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError as error:
                yield path, "not UTF-8 (byte %d)" % error.start
                continue
            if text.startswith("\ufeff") or "\r" in text or "\0" in text:
                yield path, "a byte order mark, CR or U+0000"
        yield from ((path, each) for each in site(case).met["H01"].get(path, ()))
        folder, language = path.split("/")[2], site(case).languages[path]
        if language != folder and (folder in ("en", "fr") or language not in ("en", "fr")):
            yield path, f"its lang is {plain(language)}"
    case.notes["H01"] = "%d pages" % len(page_paths(case))


LINK = re.compile(r"(?:#?[A-Za-z0-9._/-]+|[A-Za-z0-9._/-]+#[A-Za-z0-9._:-]+|#[A-Za-z0-9._:-]+)", re.ASCII)


def is_link(href: str) -> bool:
    """Whether it is the form of a path inside the bag, of a fragment, or of both."""
    return LINK.fullmatch(href) is not None and href[0] != "/" and "//" not in href


def check_h02(case: Case) -> Iterator[Defect]:
    pages = site(case)
    without = pages.unanswered()
    ids: dict[str, set[str]] = {}
    for path in page_paths(case):
        yield from ((path, each) for each in pages.met["H02"].get(path, ()))
        if without:
            yield from ((path, each) for each in pages.missing(path, without, ids))


class Words:
    """site/words.json: verdict words and months of each language."""

    def __init__(self, case: Case) -> None:
        self.verdicts: dict[str, dict[str, str]] = {}
        self.months: dict[str, dict[str, int]] = {}
        for each in case.document("data/site/words.json")["languages"]:
            self.verdicts[each["language"]] = {one["verdict"]: one["word"] for one in each["verdicts"]}
            named = self.months.setdefault(each["language"], {})
            for listed in (each["months"], each["months_short"]):
                for number, word in enumerate(listed, 1):
                    named[word] = number

    @staticmethod
    def defects(case: Case) -> Iterator[str]:
        """The words must not be able to say one thing with the word of another."""
        listed = case.document("data/site/words.json")["languages"]
        if [each["language"] for each in listed] != list(MONTHS):
            yield "the languages are not en and fr"
            return
        for each in listed:
            words = [one["word"].strip() for one in each["verdicts"]]
            if [one["verdict"] for one in each["verdicts"]] != list(VERDICTS) or len(set(words)) != 4 or "" in words:
                yield "%s: the four verdicts have not a word each" % each["language"]
            full, short = MONTHS[each["language"]], [word.rstrip(".") for word in each["months_short"]]
            if each["months"] != full or len(short) != 12 or len(set(short)) != 12:
                yield "%s: the months are not those of the language" % each["language"]
            elif any(len(word) < 3 or not full[place].startswith(word) for place, word in enumerate(short)):
                yield "%s: a short month is not the beginning of its month" % each["language"]


MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
}
SPACE = "[ \u00a0\u202f]"
NUMBER_FORMS = {
    "en": (re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?", re.ASCII), ",", "."),
    "fr": (
        re.compile(rf"[0-9]{{1,3}}(?:{SPACE}[0-9]{{3}})*(?:,[0-9]+)?|[0-9]+(?:,[0-9]+)?", re.ASCII),
        " \u00a0\u202f",
        ",",
    ),
}
FINER = re.compile(r"(\.[0-9]{3})[0-9]+", re.ASCII)
MOMENT = re.compile(rf"({DATE})(?:T([0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]+)?)(Z?))?", re.ASCII)
SHOWN_TIME = re.compile(
    rf"[^0-9]{{1,4}}([0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?)(?:{SPACE}?(UTC|Z))?", re.ASCII
)


def shows(value: str, text: str, times: Sequence[str], language: str, words: Words) -> bool:
    """Whether the visible text of a data element agrees with its value; the rule is in this file's first lines."""
    exact, value_spaced, text = text == value, spaced(value), spaced(text)
    if value in VERDICTS:
        return text == words.verdicts.get(language, {}).get(value)
    if MOMENT.fullmatch(value):
        return list(times) in ([value], [FINER.sub(r"\1", value)]) and (
            text == value or shows_moment(value, text, language, words)
        )
    if exact or text == value_spaced:
        return True
    if KINDS["decimal"](value):
        return shows_number(value, text, language)
    return False


def spaced(text: str) -> str:
    return WHITE.sub(" ", text).strip(" ")


WHITE = re.compile(r"[ \t\n]+")


def shows_number(value: str, text: str, language: str) -> bool:
    bare = re.sub(SPACE + "?%$", "", text)
    minus = bare[:1] in ("-", "\u2212")
    if language not in NUMBER_FORMS or minus != value.startswith("-"):
        return False
    form, groups, point = NUMBER_FORMS[language]
    bare = bare[1:] if minus else bare
    if not form.fullmatch(bare):
        return False
    return "".join(c for c in bare if c not in groups).replace(point, ".") == value.lstrip("-")


def shows_moment(value: str, text: str, language: str, words: Words) -> bool:
    match = MOMENT.fullmatch(value)
    assert match is not None
    day, time, zone = match.groups()
    rest = None
    if text.startswith(day):
        rest = text[len(day) :]
    else:
        written = re.match(rf"(1er|[1-9][0-9]?){SPACE}([^0-9]{{3,20}}?){SPACE}([0-9]{{4}})(?![0-9])", text, re.ASCII)
        if written and (written.group(1) != "1er" or language == "fr"):
            month = words.months.get(language, {}).get(written.group(2))
            number = 1 if written.group(1) == "1er" else int(written.group(1))
            if month and "%s-%02d-%02d" % (written.group(3), month, number) == day:
                rest = text[written.end() :]
    if rest is None or (rest and time is None):
        return False
    if not rest:
        return True
    clock = SHOWN_TIME.fullmatch(rest)
    return clock is not None and time.startswith(clock.group(1)) and (clock.group(2) is None or zone == "Z")


def row_of(case: Case, path: str, number: int) -> dict[str, Any] | None:
    """The row with this id: it stands on the line of this number, but for the findings chosen for a client."""
    if path == "data/findings.jsonl" and case.level == CLIENT:
        return next((row for row in case.rows(path) if row["id"] == number), None)
    return case.bag.row(path, number)


ROW_NUMBER, LIST_PLACE = re.compile(r"[1-9][0-9]{0,14}", re.ASCII), re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def _holds_values(case: Case, path: str) -> bool:
    """Whether it is a file of the payload, of a known place, that a pointer may name."""
    known: dict[str, bool] = case.once("what may be pointed at", dict)
    if path not in known:
        if path not in case.bag.files:
            return False
        known[path] = path.endswith((".json", ".jsonl")) and (
            path == "data/bundle.json" or place_of(path)[0] is not None
        )
    return known[path]


def pointed(case: Case, pointer: str) -> tuple[bool, Any]:
    """(whether it resolves, the value) of one `FILE#/POINTER`."""
    path, mark, steps = pointer.partition("#/")
    path = "data/" + path
    if not mark or not _holds_values(case, path):
        return False, None
    tokens = steps.split("/")
    if "~" in steps:
        tokens = [each.replace("~1", "/").replace("~0", "~") for each in tokens]
    if path == "data/bundle.json" and tokens[0] == "artefacts":
        return False, None
    if path.endswith(".jsonl"):
        case.use(path)
        first = tokens.pop(0)
        value: Any = row_of(case, path, int(first)) if ROW_NUMBER.fullmatch(first) else None
        if value is None or value.get("seq" if path == LEDGER else "id") != int(first):
            return False, None
    else:
        value = case.document(path)
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and LIST_PLACE.fullmatch(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            return False, None
    return True, value


def value_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int)) else None


def language_of(path: str, said: str) -> str:
    """The language of a page: its folder's, else what its html element said."""
    folder = path.split("/")[2]
    return folder if folder in ("en", "fr") else said


def figures(case: Case, path: str, page: Page, words: Words) -> Iterator[Defect]:
    """Every figure of one page that is not the value it points at."""
    language = language_of(path, page.language)
    for each in page.data:
        wrong = figure_defect(case, each, language, words)
        if wrong is not None:
            yield path, "line %d: %s" % (each.line, wrong)


def figure_defect(case: Case, each: Shown, language: str, words: Words) -> str | None:
    there, value = pointed(case, each.pointer)
    if not there:
        return f"{plain(each.pointer)} points at nothing"
    if value_text(value) is None:
        return f"{plain(each.pointer)} points at no single value"
    if each.value != value_text(value):
        return f"value is {plain(each.value)}, {plain(each.pointer)} holds another"
    if not shows(each.value, each.text, each.times, language, words):
        return f"the text {plain(each.text)} does not show the value {plain(each.value)}"
    return None


def check_h03(case: Case) -> Iterator[Defect]:
    yield from (("data/site/words.json", text) for text in Words.defects(case))
    pages = site(case)
    if pages.shown is not None:
        for path in page_paths(case):
            yield from pages.shown.get(path, ())
    else:
        words = Words(case)
        for path in page_paths(case):
            yield from figures(case, path, read_page(case, path), words)
    case.notes["H03"] = "%d values" % pages.values


def check_h04(case: Case) -> Iterator[Defect]:
    paths, pages = page_paths(case), site(case)
    for path in paths:
        yield from ((path, each) for each in pages.met["H04"].get(path, ()))
    wanted = {"summary.json#/controls/%d/verdict" % place for place in range(len(case.summary()["controls"]))}
    for path in INDEXES:
        if path not in paths:
            yield path, "is not there"
            continue
        for pointer in sorted(wanted - pages.verdicts[path]):
            yield path, f"does not show {pointer}"
    for path in paths:
        for one, other in (("/en/", "/fr/"), ("/fr/", "/en/")):
            if path.startswith("data/site" + one) and path.replace(one, other, 1) not in case.bag.files:
                yield path, "has no page in the other language"


# ---------------------------------------------------------------------------------------------------------------------
# X: a derived bundle beside the auditor-full one that it names
# ---------------------------------------------------------------------------------------------------------------------

#: The checks that the other bag must pass first.
BEFORE_ALL = ("I", "B", "S", "J", "L", "C01", "C02", "C04")


def full_bundle(case: Case) -> Case:
    """The other bundle, once its own checks were run; raises NotApplicable without `--against`."""
    if case.against is None:
        raise NotApplicable("no --against")
    bag, keys, leaves = case.against, sorted(case.keys), case.leaves
    return case.once("full", lambda: Case(bag, keys, None, leaves))  # type: ignore[no-any-return]


def full_lines(case: Case) -> list[Line]:
    """What the checks said of the other bundle."""
    return case.once("full lines", lambda: lines_of(full_bundle(case)))  # type: ignore[no-any-return]


def lines_of(other: Case) -> list[Line]:
    """What the checks say of another bundle; what they gathered is let go but for the refusals."""
    lines = [run_check(other, check) for check in CHECKS if check.startswith(BEFORE_ALL)]
    other.shelf.clear()
    other.documents.clear()
    return lines


def check_x01(case: Case) -> Iterator[Defect]:
    full = full_bundle(case)
    if case.level == LEVEL:
        yield "data/bundle.json", "level auditor-full: it is derived from no other bundle"
        return
    lines = full_lines(case)
    for line in lines:
        for text in line.defects if line.status == "FAIL" else ():
            yield "", f"the other bundle: {line.check}: {text}"
    if any(line.status == "FAIL" for line in lines):
        return
    origin, other = case.catalogue()["derived_from"], full.catalogue()
    case.notes["X01"] = other["bundle"]
    if full.level != LEVEL:
        yield "", f"the other bundle is of level {full.level}"
    if origin is None or origin["bundle"] != other["bundle"]:
        yield "data/bundle.json", "derived_from names another bundle than {}".format(plain(other["bundle"]))
    if origin is None or origin["tagmanifest_sha256"] != full.bag.sha256(TAG_MANIFEST):
        yield "data/bundle.json", "derived_from: tagmanifest_sha256 is not that of the other bundle"
    undecided = [f"{line.check} {line.title}" for line in lines if line.status == "----"]
    if undecided:
        raise Undecided("the other bundle: " + "; ".join(undecided))


def check_x02(case: Case) -> Iterator[Defect]:
    full = full_bundle(case)
    if case.level == LEVEL or any(line.status == "FAIL" for line in full_lines(case)):
        raise Undecided("there is no full bundle to hold it against (see X01)")
    yield from _same_catalogue(case, full)
    yield from _same_ledger(case, full)
    if case.level == CLIENT:
        yield from _client_files(case, full)
    else:
        yield from _pseudonymised_files(case, full)


CARRIED = ("engagement", "run", "demonstration", "sealed_at", "kit", "ledger")


def _same_catalogue(case: Case, full: Case) -> Iterator[Defect]:
    path, mine, other = "data/bundle.json", case.catalogue(), full.catalogue()
    for key in CARRIED + (("external",) if case.level == PSEUDONYMISED else ()):
        if mine[key] != other[key]:
            yield path, f"{key} is not that of the full bundle"
    left: dict[str, int] = {}
    for name, each in full.artefacts().items():
        if name not in case.bag.files and each["role"] != "page":  # pages are made anew at every level
            left[each["role"]] = left.get(each["role"], 0) + 1
    if mine["withheld"] != [{"role": role, "count": left[role]} for role in sorted(left)]:
        yield path, "withheld does not count the files that the full bundle has and this one has not"
    for name, each in case.artefacts().items():
        there = full.artefacts().get(name)
        keys = ("columns", "made_by", "rows") if case.level == PSEUDONYMISED else ("columns",)
        if there is not None and each["role"] not in ("page", "findings"):
            for key in keys:
                if each[key] != there[key]:
                    yield path, f"{key} of {name} are not those of the full bundle"


def _same_ledger(case: Case, full: Case) -> Iterator[Defect]:
    pairs = itertools.zip_longest(case.rows(LEDGER), full.rows(LEDGER))
    for number, (mine, other) in enumerate(pairs, 1):
        if mine is None or other is None:
            yield LEDGER, "line %d stands in one of the two ledgers alone" % number
            return
        if mine["data"] is None:
            mine["data"] = other["data"]
        if canonical(mine) != canonical(other):
            yield LEDGER, "line %d is not that of the full bundle" % number
            return


def _made_of(value: dict[str, Any], keys: str) -> dict[str, Any]:
    return {key: value[key] for key in (name.rstrip("?") for name in keys.split()) if key in value}


def _client_document(full: Case, role: str, path: str) -> Any:
    """What a client's bundle must hold at `path`, made from the full one's."""
    value = full.document(path)
    if role == "engagement":
        return _made_of(value, AGREED_BY_CLIENT)
    if role == "controls":
        return {"controls": [_made_of(each, TOLD_OF_CONTROL) for each in value["controls"]]}
    if role == "summary":
        bare: dict[str, Any] = {"strata": [], "upper_units": None, "upper_rate_shown": None}
        return {**value, "controls": [{**each, **bare} for each in value["controls"]]}
    rounds = [{"round": each["round"], "nonce_sha256": digest_of(each["nonce"])} for each in value["rounds"]]
    return {**_made_of(value, "control commitment_sha256 independent"), "rounds": rounds}


def _client_files(case: Case, full: Case) -> Iterator[Defect]:
    for name in full.bag.payload:
        role = place_of(name)[0]
        if role not in ("engagement", "controls", "summary", "draw"):
            continue
        if name not in case.bag.files:
            yield name, "is in the full bundle and not here"
        elif canonical(case.document(name)) != canonical(_client_document(full, role, name)):
            yield name, "is not what the file of the full bundle gives at this level"
    for name in case.bag.payload:
        if place_of(name)[0] == "draw" and name not in full.bag.files:
            yield name, "is not in the full bundle"
    path = "data/findings.jsonl"
    known = {row["id"]: canonical(_made_of(row, TOLD_OF_FINDING)) for row in full.rows(path)}
    for row in case.rows(path):
        if known.get(row["id"]) != canonical(row):
            yield path, "finding %d is not that of the full bundle" % row["id"]


PROJECTED = ("frame", "reading", "results")
MADE_ANEW = ("page", "words", "scan", "blinding", "crate", "agenda")


def _pseudonymised_files(case: Case, full: Case) -> Iterator[Defect]:
    images = Images()
    for name in sorted(set(full.bag.payload) | set(case.bag.payload)):
        role = place_of(name)[0]
        if name == "data/bundle.json" or role in ("ledger", *NOT_PSEUDONYMISED):
            continue
        if name not in case.bag.files or name not in full.bag.files:
            if role not in MADE_ANEW:
                yield name, "stands in one of the two bundles alone"
        elif role in PROJECTED:
            yield from ((name, text) for text in _projected_rows(case, full, name, images))
        elif role == "notebook-executed":
            try:
                same = _same_run(case.document(name), full.document(name))
            except (ValueError, TypeError, AttributeError):
                same = False
            if not same:
                yield name, "is not that of the full bundle with the receipt as its only output"
        elif role not in ("page", "scan", "blinding") and case.bag.sha256(name) != full.bag.sha256(name):
            yield name, "has not the bytes of the full bundle"
        elif role == "blinding" and case.bag.sha256(name) == full.bag.sha256(name):
            yield name, "is that of the full bundle"
    if not images.injective():
        yield "", "two values of the full bundle have one image here"
    if images.full:
        raise Undecided("more than %d ids and keys to hold side by side" % MOST_IMAGES)


def _projected_rows(case: Case, full: Case, path: str, images: Images) -> Iterator[str]:
    """Each row is the full one's but for the projected columns; of these only the first defects of a file are told."""
    ruled, told = projections(case, path), 0
    for number, (mine, other) in enumerate(itertools.zip_longest(case.rows(path), full.rows(path)), 1):
        text = "stands in one of the two bundles alone"
        if mine is not None and other is not None:
            text = _projected_row(mine, other, ruled, images)
        if text:
            yield "line %d %s" % (number, text)
            told += 1
            if told > MOST_DEFECTS or mine is None or other is None:
                return


def _projected_row(mine: dict[str, Any], other: dict[str, Any], ruled: dict[str, str], images: Images) -> str:
    if mine.keys() != other.keys():
        return "has other keys than in the full bundle"
    for name, how in ruled.items():
        before, after = other.pop(name, None), mine.pop(name, None)
        if before is None or how == "ref":
            if after is not None:
                return f"has a value in {plain(name)}, which is null here"
        elif not isinstance(after, str) or after == before or not images.take(how, str(before), after):
            return f"has in {plain(name)} not the one image of the full bundle's value"
    return "" if canonical(mine) == canonical(other) else "is not the row of the full bundle"


def _same_run(mine: Any, other: Any) -> bool:
    """Whether an executed notebook is the full one's with no output but the receipt."""
    for cell in cells_of(other):
        kept = [each for each in cell.get("outputs") or () if RECEIPT in each.get("data", ())]
        if "outputs" in cell:
            cell["outputs"] = kept
    alone = json.loads(canonical(other))
    for cell in cells_of(alone):
        for each in cell.get("outputs") or ():
            each["data"] = {RECEIPT: each["data"][RECEIPT]}
    return canonical(mine) in (canonical(other), canonical(alone))


MOST_IMAGES = 1_000_000


class Images:
    """What each id and key of the full bundle became, in little memory: 64 bits of each, in an open table.

    The digests are keyed by a secret of this run, so that nobody can choose two values that this table takes for one.
    """

    def __init__(self) -> None:
        self.secret = os.urandom(32)
        self.count, self.full = 0, False
        self._make(1 << 12)

    def _make(self, size: int) -> None:
        self.size = size
        self.before, self.after = array.array("Q", bytes(8 * size)), array.array("Q", bytes(8 * size))

    def _short(self, text: str) -> int:
        data = text.encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.blake2b(data, digest_size=8, key=self.secret).digest(), "big") or 1

    def _slot(self, key: int) -> int:
        at, before, mask = key & self.size - 1, self.before, self.size - 1
        while before[at] not in (0, key):
            at = at + 1 & mask
        return at

    def take(self, how: str, before: str, after: str) -> bool:
        """Note one pair; False when the value had another image before."""
        key, image = self._short(how + before), self._short(after)
        at = self._slot(key)
        if self.before[at]:
            return bool(self.after[at] == image)
        if self.count >= MOST_IMAGES:
            self.full = True
            return True
        self.before[at], self.after[at] = key, image
        self.count += 1
        if 3 * self.count > 2 * self.size:
            old = (self.before, self.after)
            self._make(2 * self.size)
            for key, image in zip(*old):
                if key:
                    at = self._slot(key)
                    self.before[at], self.after[at] = key, image
        return True

    def injective(self) -> bool:
        """Whether no two values have one image. The table is used up."""
        images, self.before, self.after = self.after, array.array("Q", bytes(8 * self.size)), array.array("Q")
        for image in images:
            if image:
                at = self._slot(image)
                if self.before[at]:
                    return False
                self.before[at] = image
        return True


# ---------------------------------------------------------------------------------------------------------------------
# The checks, the answer, the command
# ---------------------------------------------------------------------------------------------------------------------

Check = Callable[[Case], Iterator[Defect]]
CHECKS: dict[str, tuple[str, Check]] = {
    "I01": ("the bundle is a folder, or a ZIP of one top folder", check_i01),
    "I02": ("only regular files and folders", check_i02),
    "I03": ("counts and sizes are within limits", check_i03),
    "I04": ("paths keep to the grammar", check_i04),
    "I05": ("no two paths are the same on some system", check_i05),
    "I06": ("no empty folder", check_i06),
    "I07": ("the ZIP is in its canonical form", check_i07),
    "B01": ("bagit.txt is exact", check_b01),
    "B02": ("bag-info.txt has its labels and agrees with bundle.json", check_b02),
    "B03": ("only the two sha256 manifests, no fetch.txt", check_b03),
    "B04": ("the manifest's lines have their form and order", check_b04),
    "B05": ("every payload file is listed", check_b05),
    "B06": ("every listed file is there", check_b06),
    "B07": ("every payload digest matches", check_b07),
    "B08": ("the tag manifest lists exactly the five tag files", check_b08),
    "B09": ("the tag files' digests match", check_b09),
    "B10": ("Payload-Oxum equals what is there", check_b10),
    "B11": ("nothing else lies in the top folder", check_b11),
    "S01": ("the signature is there and is one armoured SSHSIG", check_s01),
    "S02": ("Ed25519 key and signature, SSHSIG version 1, sha512", check_s02),
    "S03": ("the namespace is evidence-kit-bundle-v1", check_s03),
    "S04": ("the signer is one that --key names", check_s04),
    "S05": ("the signature matches the tag manifest", check_s05),
    "S06": ("the time stamp is of this signature", check_s06),
    "J01": ("JSON files are UTF-8 with LF", json_check("J01")),
    "J02": ("no key twice", json_check("J02")),
    "J03": ("sizes, nesting and counts are within limits", json_check("J03")),
    "J04": ("integers only, in range", json_check("J04")),
    "J05": ("bytes are the canonical ones", json_check("J05")),
    "J06": ("each file has its keys and kinds", json_check("J06")),
    "L01": ("the ledger is numbered and opens this engagement's chain", chain_check("L01")),
    "L02": ("each entry holds the digest of the one before", chain_check("L02")),
    "L03": ("each entry's data match their digest and are salted", chain_check("L03")),
    "L04": ("time never runs back", chain_check("L04")),
    "L05": ("the ledger ends sealed; its head is bundle.json's", check_l05),
    "L06": ("actions and actors are known and in order", check_l06),
    "L07": ("content_sha256 matches the files", check_l07),
    "L08": ("every run ended; results are of runs that passed; what failed is shown", check_l08),
    "L09": ("the ledger begins with the previous bundle's", check_l09),
    "C01": ("format and version are known, ids agree", check_c01),
    "C02": ("the catalogue lists exactly the payload", check_c02),
    "C03": ("made_by agrees with ledger, templates, parameters and queries", check_c03),
    "C04": ("files are those of the level", check_c04),
    "D01": ("commitments and nonces are the ledger's", check_d01),
    "D02": ("the leaves give the committed counts and roots", check_d02),
    "D03": ("the drawn leaves are the smallest tickets", check_d03),
    "D04": ("each opening gives its leaf", check_d04),
    "R01": ("one result per drawn unit, in order", check_r01),
    "R02": ("verdicts have reasons and evidence", check_r02),
    "R03": ("counts are those of the rows", check_r03),
    "R04": ("verdicts and upper limits follow from the counts", check_r04),
    "R05": ("frames have their columns, kinds and ids", check_r05),
    "R06": ("the leak scan found nothing and saw every file", check_r06),
    "R07": ("deadlines follow from the days and the calendars", check_r07),
    "R08": ("results cite frames of their own control", check_r08),
    "R09": ("what was expected of the rows is answered as they answer it", check_r09),
    "R10": ("what changed since an earlier bundle agrees with this one, and adds up", check_r10),
    "R11": ("the bundle given with --earlier is that one, and holds what is said of it", check_r11),
    "R12": ("what controls do for the clauses of texts agrees with their verdicts", check_r12),
    "N01": ("executed notebooks are their templates with the parameters", check_n01),
    "N02": ("every cell ran once, in order; the receipt counts the results", check_n02),
    "H01": ("pages keep to the form and run nothing", check_h01),
    "H02": ("links stay in the bag and resolve", check_h02),
    "H03": ("figures on pages are those of the data", check_h03),
    "H04": ("every figure cell points at data; every control is on the index", check_h04),
    "X01": ("derived from the bundle given with --against, which holds by itself", check_x01),
    "X02": ("files, rows and figures are those of that bundle, projected", check_x02),
    "V00": ("no internal error", lambda case: iter(())),
}
#: Checks of what a level does not hold.
WITHOUT = {
    PSEUDONYMISED: ("L07",),
    CLIENT: (
        "L07", "L08", "D01", "D02", "D03", "D04", "R01", "R02", "R04", "R05", "R07", "R08", "R09", "N01", "N02",
    ),
}  # fmt: skip


class Line(NamedTuple):
    """The answer of one check: PASS, FAIL, `----` (not decided) or N/A."""

    check: str
    status: str
    title: str
    defects: list[str]
    more: int


def run_check(case: Case, check: str) -> Line:
    title, function = CHECKS[check]
    defects: list[str] = []
    more, status, note = 0, "PASS", ""
    try:
        if any(check in checks for checks in WITHOUT.values()) and check in WITHOUT.get(case.level, ()):
            raise NotApplicable("level " + case.level)
        for defect in function(case):
            path, text = defect if isinstance(defect, tuple) else ("", defect)
            if path and (check.startswith("J") or check == "R05"):
                case.refused.add(path)
            shown = f"{plain(path)}: {text}" if path else str(text)
            if len(defects) < MOST_DEFECTS:
                defects.append(shown)
            else:
                more += 1
    except NotApplicable as reason:
        status, note = "N/A", str(reason)
    except Undecided as reason:
        status, note = "----", str(reason)
    except Changed as reason:
        defects.append(str(reason))
    if defects:
        return Line(check, "FAIL", title, defects, more)
    note = note or case.notes.get(check, "")
    return Line(check, status, f"{title} ({note})" if note else title, [], 0)


def run_checks(case: Case) -> list[Line]:
    lines: list[Line] = []
    broken: list[str] = []
    for check in CHECKS:
        if check == "V00":
            continue
        try:
            lines.append(run_check(case, check))
        except Exception as error:
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            broken.append(
                "internal error in %s: %s, line %d" % (check, type(error).__name__, trace.tb_lineno if trace else 0)
            )
            lines.append(Line(check, "----", CHECKS[check][0] + " (internal error)", [], 0))
    if "V00" in CHECKS:
        lines.append(Line("V00", "FAIL" if broken else "PASS", CHECKS["V00"][0], broken, 0))
    return lines


class Report:
    """All answers about one bundle, and the exit status that follows."""

    def __init__(self, case: Case) -> None:
        self.lines = run_checks(case)
        counts = dict.fromkeys(("PASS", "FAIL", "----", "N/A"), 0)
        for line in self.lines:
            counts[line.status] += 1
        self.counts = {
            "passed": counts["PASS"],
            "failed": counts["FAIL"],
            "not_decided": counts["----"],
            "not_applicable": counts["N/A"],
        }
        self.exit = 1 if counts["FAIL"] else 2 if counts["----"] or not case.keys else 0
        self.result = ("PASS", "FAIL", "NOT DECIDED")[self.exit]
        self.bundle, self.digests = case.bag.name, case.bag.digests
        try:
            self.signer = seal(case).fingerprint if case.bag.readable and seal(case).key_blob else None
        except (Changed, OSError):  # S01 has said so
            self.signer = None
        there = case.bag.readable and TAG_MANIFEST in case.bag.files
        self.tag_manifest = case.bag.digests.get(TAG_MANIFEST) if there else None
        if there and self.tag_manifest is None:
            try:
                self.tag_manifest = case.bag.sha256(TAG_MANIFEST)
            except (Changed, OSError):
                self.tag_manifest = None

    def as_json(self, verbose: bool = False) -> dict[str, Any]:
        files = {"files": {plain(name): digest for name, digest in sorted(self.digests.items())}} if verbose else {}
        return {
            **files,
            "result": self.result,
            "exit": self.exit,
            "bundle": plain(self.bundle),
            "signer": self.signer,
            "tagmanifest_sha256": self.tag_manifest,
            "counts": self.counts,
            "checks": [
                {"id": line.check, "status": line.status, "title": line.title, "defects": shown_defects(line)}
                for line in self.lines
            ],
        }

    def as_text(self) -> Iterator[str]:
        for line in self.lines:
            yield "%s %-4s %s" % (line.check, line.status, line.title)
            for defect in shown_defects(line):
                yield "         " + defect
        yield "RESULT {} {} passed, {} failed, {} not decided, {} not applicable; signer {}; tagmanifest {}".format(
            self.result, *self.counts.values(), self.signer or "-", self.tag_manifest or "-"
        )


def shown_defects(line: Line) -> list[str]:
    return line.defects + (["and %d more" % line.more] if line.more else [])


class Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise Usage(message)


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = Arguments(prog="verify.py", allow_abbrev=False, description="Verify one evidence bundle, offline.")
    parser.add_argument(
        "bundle", nargs="?", metavar="BUNDLE", help="folder or ZIP; default: the bag this script lies in"
    )
    parser.add_argument(
        "--key", action="append", default=[], metavar="FILE|SHA256:...", help="a signer you trust (repeatable)"
    )
    parser.add_argument("--previous", metavar="BUNDLE", help="an earlier bundle of the same engagement")
    parser.add_argument("--against", metavar="BUNDLE", help="the auditor-full bundle that this one was derived from")
    parser.add_argument("--earlier", metavar="BUNDLE", help="the bundle that delta.json says the changes from")
    parser.add_argument(
        "--leaves", action="append", default=[], metavar="FILE", help="leaves delivered apart (repeatable)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("-v", "--verbose", action="store_true", help="the digest of every file too")
    return parser.parse_args(list(argv))


def open_bag(path: str) -> Bag:
    if not os.path.exists(path):
        raise Usage(f"no such path: {plain(path)}")
    try:
        return Bag(path)
    except (OSError, Changed) as error:
        raise Usage(f"cannot read {plain(path)}") from error


def own_bag() -> str:
    """The bag this script lies in. Raises Usage when it lies in none."""
    folder = os.path.dirname(os.path.abspath(__file__))
    if not os.path.exists(os.path.join(folder, "bagit.txt")):
        raise Usage("no BUNDLE given, and this script lies in no bag")
    return folder


def inside_warning(bag: Bag) -> str | None:
    """What to say first when this very script lies in the bag that it judges."""
    try:
        here = os.path.realpath(os.path.abspath(__file__))
        if bag.zipped or os.path.commonpath([here, os.path.realpath(bag.path)]) != os.path.realpath(bag.path):
            return None
        with open(here, "rb") as handle:
            digest = sha256(handle.read())
    except (OSError, ValueError):
        return None
    return (
        "This verify.py lies inside the bundle that it judges: a PASS from it proves nothing. Use one from elsewhere. "
        "Its SHA-256: " + digest
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Verify one bundle and print the answer. Returns the exit status: 0, 1, 2 or 64."""
    try:
        options = parse_arguments(sys.argv[1:] if argv is None else argv)
        keys = [key for given in options.key for key in trusted_keys(given)]
        for name in options.leaves:
            if not os.path.isfile(name):
                raise Usage(f"--leaves: no such file: {plain(name)}")
        bag = open_bag(options.bundle if options.bundle is not None else own_bag())
        previous = open_bag(options.previous) if options.previous is not None else None
        against = open_bag(options.against) if options.against is not None else None
        earlier = open_bag(options.earlier) if options.earlier is not None else None
    except Usage as wrong:
        print(f"verify.py: {wrong}", file=sys.stderr)
        return 64
    except SystemExit as done:  # --help
        return int(done.code or 0)
    case = Case(bag, keys, previous, options.leaves, against, earlier)
    warning = inside_warning(bag)
    report = Report(case)
    if options.json:
        print(json.dumps(report.as_json(options.verbose), indent=2, ensure_ascii=True))
        if warning:
            print(warning, file=sys.stderr)
    else:
        for line in itertools.chain([warning] if warning else [], report.as_text()):
            print(line)
        if options.verbose:
            for name, digest in sorted(bag.digests.items()):
                print(f"{digest}  {plain(name)}")
    for each in (bag, previous, against, earlier):
        if each is not None:
            each.close()
    return report.exit


if __name__ == "__main__":
    sys.exit(main())
