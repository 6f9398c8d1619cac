"""Texts that a table keeps wrapped: base64, and the sessions of Django, which may be compressed besides.

Only columns that a mapping declares under `decoded` come here, row by row. What cannot be unwrapped holds nothing.
"""

from __future__ import annotations

import base64
import binascii
import zlib

#: Octets of the longest text unwrapped; a session is a few hundred.
LONGEST = 16 * 1024 * 1024


def unwrap(kind: str, text: str) -> str:
    """The text inside: `base64`, `base64url`, or `django-session` (signed, or base64 as before Django 3.1).

    Nothing for what is none of these, is no UTF-8 text, or goes on beyond `LONGEST` octets.
    """
    held = text.strip()
    if kind != "django-session":
        return _read(_decoded(held, urlsafe=kind == "base64url"))
    if ":" in held:
        return _read(_payload(held.partition(":")[0]))
    # Before 3.1: base64 of a digest, a colon and the text.
    return _read(_decoded(held, urlsafe=False).partition(b":")[2])


def _payload(signed: str) -> bytes:
    """The payload of a signed text; a dot before it says that it is compressed."""
    plain = _decoded(signed.removeprefix("."), urlsafe=True)
    if not signed.startswith("."):
        return plain
    try:
        opened = zlib.decompressobj()
        found = opened.decompress(plain, LONGEST)
    except zlib.error:
        return b""
    return found if opened.eof else b""


def _decoded(text: str, *, urlsafe: bool) -> bytes:
    bare = "".join(text.split()).rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_" if urlsafe else None, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _read(plain: bytes) -> str:
    try:
        return plain.decode()
    except UnicodeDecodeError:
        return ""
