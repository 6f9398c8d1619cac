"""A search for personal values in whatever a run leaves, written from docs/norm/notebook-gate.md, section 7, alone.

It shares nothing with the kit's own scan: that one must not be judged by itself.
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import html
import io
import quopri
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

UNSEEN = re.compile("[\u00ad\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u2069]")
MARKS = re.compile("[\u0300-\u036f]")
PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|PK\x03\x04")
#: The same as base64 begins with them, wherever in a longer run.
BASE64 = re.compile(rb"(?=((?:H4sI|UEsD|e[JNAF])[A-Za-z0-9+/_-]{8,}))")
DEEPEST = 4


def folded(text: str) -> str:
    """One case, composed, nothing that cannot be seen."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold())


def bare(text: str) -> str:
    """Letters and digits alone, without accents, in one case."""
    return re.sub(r"[\W_]+", "", unaccented(folded(text)))


def unaccented(text: str) -> str:
    """Without accents."""
    return text if text.isascii() else MARKS.sub("", unicodedata.normalize("NFD", text))


class Search:
    """Looks for these values; answers by their number, since no report may show one."""

    def __init__(self, values: Iterable[str]) -> None:
        self.texts: list[tuple[int, str]] = []
        self.bares: list[tuple[int, str]] = []
        self.exact: list[tuple[int, bytes]] = []
        self._known: dict[bytes, frozenset[int]] = {}
        for number, value in enumerate(values):
            one = folded(value)
            raws = {
                form.encode() for form in (value, value.lower(), value.upper(), unicodedata.normalize("NFC", value))
            }
            hashes = [hashlib.new(name, raw).digest() for raw in raws for name in ("md5", "sha1", "sha256", "sha512")]
            cased = [one, one[::-1], codecs.encode(one, "rot13"), unaccented(one)]
            cased += [raw.hex() for raw in raws] + [hashed.hex() for hashed in hashes]
            cased += [base64.b32encode(raw)[: len(raw) * 8 // 5].decode().lower() for raw in raws]
            self.texts += [(number, text) for text in dict.fromkeys(cased)]
            self.bares.append((number, bare(value)))
            coded = [base64.b64encode(hashed).rstrip(b"=") for hashed in hashes]
            for raw in raws:
                for shift in range(3):
                    whole = base64.b64encode(b"\0" * shift + raw)
                    coded.append(whole[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6])
            self.exact += [(number, one) for one in dict.fromkeys(coded)]

    def met(self, data: bytes, deep: int = 0) -> frozenset[int]:
        """The numbers of the values that stand in these bytes, as they are or under any disguise."""
        seen = hashlib.sha256(data + bytes([deep])).digest()
        if seen not in self._known:  # a bundle, its ZIP and the folder of its run hold the same files
            self._known[seen] = frozenset(self._met(data, deep))
        return self._known[seen]

    def _met(self, data: bytes, deep: int) -> set[int]:
        found = {number for reading in readings(data) for number in self._read(reading)}
        one_line = data.replace(b"\r", b"").replace(b"\n", b"").translate(bytes.maketrans(b"-_", b"+/"))
        found |= {number for number, code in self.exact if code in one_line}
        if deep < DEEPEST:
            for piece in unpacked(data):
                found |= self.met(piece, deep + 1)
        return found

    def _read(self, text: str) -> Iterator[int]:
        seen = folded(text)
        yield from (number for number, one in self.texts if one in seen)
        squeezed = re.sub(r"[\W_]+", "", unaccented(seen.replace(",", "").replace('"', "\0").replace("|", "\0")))
        yield from (number for number, one in self.bares if len(one) >= 9 and one in squeezed)

    def files(self, *places: Path) -> dict[str, frozenset[int]]:
        """Each file below these places that holds a value, or whose name does; by what it is called there."""
        hits = {}
        for place in places:
            for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
                name = str(path.relative_to(place.parent))
                found = self.met(name.encode()) | (self.met(path.read_bytes()) if path.is_file() else frozenset())
                if found:
                    hits[name] = found
        return hits


def readings(data: bytes) -> Iterator[str]:
    """The texts that these bytes may be."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    yield text
    if b"\0" in data:
        for order in ("utf-16-le", "utf-16-be"):
            yield from (data[shift:].decode(order, "replace") for shift in (0, 1))
    for undress in (unquote, html.unescape):
        once = undress(text)
        if once != text:
            yield once
            yield undress(once)
    if "\\" in text:
        plain = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        yield plain.replace('\\"', '"').encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        yield re.sub(r"(?:\\+x[0-9a-fA-F]{2})+", lambda found: _bytes(found[0]), plain)
    if re.search(rb"=[0-9A-F]{2}|=\r?\n", data):
        yield quopri.decodestring(data).decode("utf-8", "replace")


def _bytes(escaped: str) -> str:
    return bytes.fromhex(re.sub(r"\\+x", "", escaped)).decode("utf-8", "replace")


def unpacked(data: bytes) -> Iterator[bytes]:
    """What is compressed in these bytes, and what is written in base64 there, each piece by itself."""
    for place in PACKED.finditer(data):
        yield from _pieces(data[place.start() :])
    for run in BASE64.finditer(data):
        code = run[1].translate(bytes.maketrans(b"-_", b"+/"))
        code = code[:-1] if len(code) % 4 == 1 else code
        piece = base64.b64decode(code + b"=" * (-len(code) % 4))
        if PACKED.match(piece):
            yield from _pieces(piece)


def _pieces(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from (one.filename.encode() + b"\n" + archive.read(one) for one in archive.infolist())
        except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError, zlib.error):  # no ZIP after all
            return
    else:
        try:
            yield zlib.decompressobj(31 if data.startswith(b"\x1f") else 15).decompress(data)
        except zlib.error:
            return
