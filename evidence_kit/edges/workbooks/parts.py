"""The XML parts of a workbook, unpacked within bounds, and read without a document type.

A few kilobytes may unpack to gigabytes, and an entity may stand for a million others: neither is believed.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.parsers import expat

from evidence_kit.edges.textfiles import Torn

#: Bytes of all XML parts together, unpacked: a full sheet of a million short rows.
LARGEST = 256 * 1024 * 1024
#: How a compound file begins: the old .xls, or a new workbook that was encrypted.
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED = 0x1
WHOLE = "as a whole"

Parts = Mapping[str, bytes]
Attributes = Mapping[str, str]


def unpack(file: Path) -> Parts:
    """The parts that hold cells, names and styles, by their names in the package; pictures and macros are left out.

    Raises Torn for a file that is cut, encrypted, no package at all, or larger inside than LARGEST.
    """
    with file.open("rb") as stream:
        if stream.read(len(COMPOUND)) == COMPOUND:
            raise Torn(WHOLE, "it has a password, or is in the old .xls form; save it without one, in the new form")
    try:
        with zipfile.ZipFile(file) as package:
            return _within_bounds(package)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise Torn(WHOLE, "it is no workbook, or a part of it is missing") from error


def _within_bounds(package: zipfile.ZipFile) -> Parts:
    found: dict[str, bytes] = {}
    met: set[str] = set()
    left = LARGEST
    for entry in package.infolist():
        if not entry.filename.endswith((".xml", ".rels")) and entry.filename != "mimetype":
            continue
        if entry.flag_bits & ENCRYPTED:
            raise Torn(WHOLE, "it has a password; save it without one")
        # The reader of values knows no case in names.
        if entry.filename.casefold() in met:
            raise Torn(WHOLE, "a part of it stands there twice")
        met.add(entry.filename.casefold())
        with package.open(entry) as part:
            found[entry.filename] = part.read(left + 1)
        left -= len(found[entry.filename])
        if left < 0:
            raise Torn(WHOLE, f"it unpacks to more than {LARGEST >> 20} MiB; export the sheet as CSV")
    return found


def packed(parts: Parts) -> io.BytesIO:
    """The same parts as a workbook again: what is read there was unpacked here, byte for byte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    out.seek(0)
    return out


class Reading:
    """One pass over a part. A subclass has methods for the elements it wants: `on_<name>`, `end_<name>`.

    Elements go without their prefix, attributes keep it. `gather()` starts to collect text, `gathered()` gives it.
    """

    def __init__(self) -> None:
        self._pieces: list[str] | None = None

    def gather(self) -> None:
        """From here on, keep the text that is met."""
        self._pieces = []

    def gathered(self) -> str:
        """The text met since `gather()`; no more is kept."""
        pieces, self._pieces = self._pieces or [], None
        return "".join(pieces)

    def read(self, parts: Parts, name: str) -> None:
        """Go through part `name`. Raises Torn when it is missing, no XML, or has a document type."""
        if name not in parts:
            raise Torn(WHOLE, f"it has no part {name}")
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _no_doctype
        starts, ends = self._methods("on_"), self._methods("end_")

        def start(tag: str, attributes: dict[str, str]) -> None:
            if method := starts.get(tag.rpartition(":")[2]):
                method(attributes)

        def end(tag: str) -> None:
            if method := ends.get(tag.rpartition(":")[2]):
                method()

        def text(piece: str) -> None:
            if self._pieces is not None:
                self._pieces.append(piece)

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
        try:
            parser.Parse(parts[name], True)
        except expat.ExpatError as error:
            raise Torn(WHOLE, f"its part {name} is no XML") from error

    def _methods(self, prefix: str) -> dict[str, Callable[..., None]]:
        return {
            name.removeprefix(prefix).replace("_", "-"): getattr(self, name)
            for name in dir(self)
            if name.startswith(prefix)
        }


def _no_doctype(*_: object) -> None:
    raise Torn(WHOLE, "one of its parts declares a document type, which no workbook does")
