"""Twelve personal values, and every way of writing one that docs/norm/notebook-gate.md, section 7, calls a disguise.

Written from the norm alone: what searches for them, the kit's own scan or another, is held to this table.
"""

from __future__ import annotations

import base64
import codecs
import gzip
import hashlib
import html
import io
import json
import quopri
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import quote

CANARIES = (
    "solène.d’arcy@quillet.example",
    "Wilhelmina O'Shaughnessy",
    "Žofie Kaštanová-Dvořáková",
    "+33 1 99 00 47 11",
    "FR14 2004 1010 0505 0001 3M02 606",
    "1 84 12 76 451 089 46",
    "CLIENT-0047119",
    "47 rue de l’Été, 76000 Rouen",
    "0f9e8d7c6b5a49382716f5e4d3c2b1a0",
    "postgresql://audit:Kn1ghtfall@db.quillet.example/prod",
    "günther",
    "4711908",
)


def utf16(value: str) -> Iterator[bytes]:
    for encoding in ("utf-16-le", "utf-16-be"):
        for before in (b"", b"x"):
            yield before + f'{{"note":"{value}"}}'.encode(encoding)


def packed(value: str) -> Iterator[bytes]:
    raw = f'{{"note":"{value}"}}'.encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("frame.jsonl", raw)
    yield from (gzip.compress(raw), zlib.compress(raw), zlib.compress(raw, 1), zlib.compress(raw, 9), stream.getvalue())
    for each in (gzip.compress(raw), zlib.compress(raw), stream.getvalue()):
        yield b"data: " + base64.b64encode(each)
        yield b"data: " + base64.urlsafe_b64encode(each).rstrip(b"=")
    yield b"PNG\x89" + gzip.compress(b"x" + base64.b64encode(zlib.compress(stream.getvalue())))


def separated(value: str) -> Iterator[str]:
    plain = "".join(c for c in unicodedata.normalize("NFD", value) if not unicodedata.combining(c))
    yield plain.upper()
    for between in ("", " ", "_", ". ", "-"):
        yield "".join(c if c.isalnum() else between for c in value)
        yield "".join(c if c.isalnum() else between for c in plain)


def digests(value: str) -> Iterator[str]:
    for name in ("md5", "sha1", "sha256", "sha512"):
        hashed = hashlib.new(name, value.encode())
        yield hashed.hexdigest().upper()
        yield hashlib.new(name, value.lower().encode()).hexdigest()
        yield base64.b64encode(hashed.digest()).decode()


def wide(value: str) -> str:
    """The value in the full-width forms of its letters and digits."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)


MADE: dict[str, Callable[[str], Iterator[str | bytes]]] = {
    "plain": lambda v: iter((v, v.upper(), v.lower(), wide(v))),
    "utf-16": utf16,
    "hex": lambda v: iter((v.encode().hex(), ("xx " + v).encode().hex().upper())),
    "base64": lambda v: (base64.b64encode(b"abc"[:shift] + v.encode() + b" end").decode() for shift in range(3)),
    "base64url": lambda v: (
        base64.urlsafe_b64encode(b"\xfb\xff?>"[:shift] + v.encode() + "ÿ~".encode()).decode().rstrip("=")
        for shift in range(3)
    ),
    "base32": lambda v: iter((base64.b32encode(v.encode()).decode(), base64.b32encode(b"12345" + v.encode()).decode())),
    "percent": lambda v: iter((every(v, "%{:02X}"), quote(quote(v, safe=""), safe=""), every(v, "%25{:02x}"))),
    "entities": lambda v: iter(
        (
            "".join(f"&#{ord(c)};" for c in v),
            "".join(f"&#x{ord(c):X};" for c in v),
            named(v),
            html.escape("".join(f"&#{ord(c)};" for c in v)),
        )
    ),
    "escapes": lambda v: iter(("".join(f"\\u{ord(c):04x}" for c in v), every(v, "\\x{:02x}"), json.dumps(v)[1:-1])),
    "quoted-printable": lambda v: iter((quopri.encodestring(v.encode(), quotetabs=True).decode(), every(v, "={:02X}"))),
    "compressed": packed,
    "reversed": lambda v: iter((v[::-1],)),
    "rot13": lambda v: iter((codecs.encode(v, "rot13"),)),
    "decomposed": lambda v: iter((unicodedata.normalize("NFD", v), "\u200b".join(v), v[:3] + "\u00ad" + v[3:])),
    "digest": digests,
    "separators": separated,
}


def every(value: str, form: str) -> str:
    """Each byte of the value, written in that form."""
    return "".join(form.format(byte) for byte in value.encode())


def named(value: str) -> str:
    return html.escape(value).translate(
        {ord("é"): "&eacute;", ord("è"): "&egrave;", ord("É"): "&Eacute;", ord("ü"): "&uuml;"}
    )
