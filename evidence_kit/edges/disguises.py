"""The sixteen disguises under which a value may stand in a file, and how each is looked for.

Some are looked for by disguising the value (hex, base64, base32, reversed, ROT13, digests), the others by undressing
the text (UTF-16, percent, entities, escapes, quoted-printable, compression, accents and separators).
Source: docs/norm/notebook-gate, section 7.
"""

from __future__ import annotations

import base64
import codecs
import html
import io
import lzma
import quopri
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from hashlib import md5, sha1, sha256, sha512
from typing import Final
from urllib.parse import unquote

DISGUISES: Final = tuple(
    "plain utf-16 hex base64 base64url base32 percent entities escapes quoted-printable compressed reversed rot13"
    " decomposed digest separators".split()
)
#: Characters of a needle by which it is looked up; values shorter than that are looked for as whole cells alone.
FIRST: Final = 6
#: Without its separators a value must still be this long, or this many digits, to be told from chance.
_SQUEEZED: Final = 8
_SQUEEZED_DIGITS: Final = 9
#: Bytes of one unpacked piece; what is larger is looked at as far as here.
_LARGEST: Final = 16 * 1024 * 1024

# Soft hyphen, zero-width characters, directional marks, byte order mark: nobody sees them, so nobody must hide there.
_EACH_UNSEEN: Final = "\u00ad\ufeff" + "".join(
    chr(code) for first, last in ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064), (0x2066, 0x2069))
    for code in range(first, last + 1)
)  # fmt: skip
_UNSEEN: Final = re.compile(f"[{_EACH_UNSEEN}]")
#: Only this can be undressed: a lone percent sign is a percent sign.
_PERCENT: Final = re.compile(r"%[0-9a-fA-F]{2}")
_MARKS: Final = re.compile("[\u0300-\u036f]")
#: What separates the parts of one value, and a comma before a space. All else, quotes above all, separates cells.
_BETWEEN: Final = b" ._/()'+@:;-"
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_ESCAPE: Final = re.compile(r"\\+u([0-9a-fA-F]{4})|((?:\\+x[0-9a-fA-F]{2})+)|\\([\"/\\])")
_QUOTED: Final = re.compile(rb"=[0-9A-F]{2}|=\r?\n")
_HEX: Final = re.compile(r"(?:[0-9a-f]{2}){16,}", re.IGNORECASE)
#: gzip, zlib at its four levels, ZIP: their first bytes, bare and as base64 begins with them.
_PACKED: Final = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|PK\x03\x04")
_PACKED_TEXT: Final = re.compile(r"(?:H4sI|e(?:J[wxyz]|N[opqr]|A[EFGH]|F[4567])|UEsDB)[A-Za-z0-9+/]{8,}")


def fold(text: str) -> str:
    """A text as disguises 1 and 14 leave it: composed, one case, without what cannot be seen."""
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFKC", text)
    if any(character in composed for character in _EACH_UNSEEN):  # a tenth of what a search costs
        composed = _UNSEEN.sub("", composed)
    return unicodedata.normalize("NFKC", composed.casefold())


def squeeze(folded: str) -> str:
    """A folded text without accents and without what separates the parts of a value."""
    spaced = _bare(folded).replace(", ", " ").replace("’", "").replace("–", "")
    # Bytes are cut out at once, and none of these is a part of another character.
    return spaced.encode(errors="surrogatepass").translate(None, _BETWEEN).decode(errors="surrogatepass")


def _bare(folded: str) -> str:
    """A folded text without accents."""
    return folded if folded.isascii() else _MARKS.sub("", unicodedata.normalize("NFD", folded))


def squeezed_needle(value: str) -> str | None:
    """What to look for in a squeezed text, or None when it would be found by chance."""
    bare = _NOT_LETTERS.sub("", squeeze(fold(value)))
    return bare if len(bare) >= (_SQUEEZED_DIGITS if bare.isdigit() else _SQUEEZED) else None


def exact(text: str) -> str:
    """A text in which base64 and base64url look alike and are not broken into lines."""
    return text.replace("-", "+").replace("_", "/").replace("\r", "").replace("\n", "")


def folded_needles(value: str) -> Iterator[tuple[str, str]]:
    """Disguise and text of every form that is looked for in a folded text."""
    folded = fold(value)
    yield "plain", folded
    yield "reversed", folded[::-1]
    if (bare := _bare(folded)) != folded:
        yield "separators", bare
    if (turned := codecs.encode(folded, "rot13")) != folded:
        yield "rot13", turned
    for raw in _forms(value):
        yield "hex", raw.hex()
        # Whole groups of five bytes and what the next bits settle; the rest depends on what follows.
        yield "base32", base64.b32encode(raw).decode()[: len(raw) * 8 // 5].lower()
        for hashed in _digests(raw):
            yield "digest", hashed.hex()


def exact_needles(value: str) -> Iterator[tuple[str, str]]:
    """Disguise and text of every form that is looked for where case counts: base64 at its three alignments."""
    for raw in _forms(value):
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + raw).decode()
            # The first and the last character also hold bits of the neighbours, so they are left out.
            yield "base64", whole[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
        for hashed in _digests(raw):
            yield "digest", base64.b64encode(hashed).decode().rstrip("=")


def _forms(value: str) -> list[bytes]:
    """The bytes that a value may have before it is encoded: as stored, composed, in each case; a hex key's own."""
    composed = unicodedata.normalize("NFC", value)
    texts = dict.fromkeys((value, composed, composed.lower(), composed.upper()))
    forms = [text.encode() for text in texts]
    return [*forms, bytes.fromhex(value)] if _HEX.fullmatch(value) else forms


def _digests(raw: bytes) -> Iterator[bytes]:
    # Not for protection: a bare hash of an address is personal data, so all four are looked for.
    for function in (md5, sha1, sha256, sha512):
        yield function(raw, usedforsecurity=False).digest()


def text_of(data: bytes) -> str:
    """The bytes as text: UTF-8, else one character a byte."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def undressed(data: bytes, text: str) -> Iterator[tuple[str, str]]:
    """Disguise and text of each reading of a file in which the values would stand as they are."""
    if b"\0" in data:
        for encoding in ("utf-16-le", "utf-16-be"):
            for shift in (0, 1):
                yield "utf-16", data[shift:].decode(encoding, "replace")
    if _PERCENT.search(text):
        once = unquote(text)
        yield "percent", once
        if _PERCENT.search(once):
            yield "percent", unquote(once)
    if "&" in text:
        once = html.unescape(text)
        yield "entities", once
        if "&" in once:
            yield "entities", html.unescape(once)
    if "\\" in text:
        yield "escapes", _ESCAPE.sub(_unescape, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if _QUOTED.search(data):
        yield "quoted-printable", text_of(quopri.decodestring(data))


def _unescape(match: re.Match[str]) -> str:
    point, run, single = match.groups()
    if point:
        return chr(int(point, 16))
    return text_of(bytes.fromhex(re.sub(r"\\+x", "", run))) if run else str(single)


def unpacked(data: bytes, exact_text: str) -> Iterator[bytes]:
    """What is compressed in a file, bare or in base64, each piece by itself; ZIP entries with their names."""
    if not data.isascii():
        for packed in _PACKED.finditer(data):
            yield from _unpack(data[packed.start() :])
    for match in _PACKED_TEXT.finditer(exact_text):
        run = match[0][:-1] if len(match[0]) % 4 == 1 else match[0]  # one character alone is no byte
        yield from _unpack(base64.b64decode(run + "=" * (-len(run) % 4)))


def _unpack(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"PK"):
        yield from _unzip(data)
        return
    engine = zlib.decompressobj(31 if data.startswith(b"\x1f") else 15)
    try:
        yield engine.decompress(data, _LARGEST)
    except zlib.error:
        return  # bytes that only looked like the beginning of something packed


def _unzip(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as stream:
                    yield entry.filename.encode() + b"\n" + stream.read(_LARGEST)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, zlib.error, lzma.LZMAError):
        return  # not a ZIP after all, or one that only its owner can open
