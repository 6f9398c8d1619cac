"""What some columns hold wrapped, in clear again for a search: base64, and the form in which Django keeps sessions.

`ek_unwrap(form, text)` stands in a statement where the column stood. Nothing is believed of what comes out: no
signature is checked (its key is the site's), nothing is parsed, nothing is run. What cannot be unwrapped is null, and
`lost` counts it: such a cell was not searched, and that is not the same as nobody found in it.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping
from typing import Final

import duckdb
from duckdb.func import SPECIAL

#: Bytes of one cell, before and after. A cell that unpacks to more is a bomb, or no place to look for a person.
MOST: Final = 16 * 1024 * 1024
#: The name under which a session knows `unwrapped`.
FUNCTION: Final = "ek_unwrap"


def unwrapped(form: str, text: str | None) -> str | None:
    """The text inside, or None where `text` is None, not of that form, not UTF-8 inside, or larger than `MOST`.

    `form` is one of `FORMS`, as `decoded` of a mapping says; another one is a KeyError.
    """
    unwrap = FORMS[form]
    if text is None:
        return None
    # The first test is cheap, and true of most that is too long; bytes are what is bounded.
    if len(text) > MOST or len(text.encode("utf-8", "surrogatepass")) > MOST:
        return None
    try:
        return unwrap(text).decode("utf-8")
    except (ValueError, zlib.error):
        return None


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Give this session `ek_unwrap(form, text)`; asked twice, it is there once. Null text stays null."""
    known = connection.execute(
        "SELECT 1 FROM duckdb_functions() WHERE function_name = $name LIMIT 1", {"name": FUNCTION}
    )
    if known.fetchone() is None:
        # With the default handling a null answer would be an error, and not what it is: not unwrapped.
        connection.create_function(FUNCTION, unwrapped, ["VARCHAR", "VARCHAR"], "VARCHAR", null_handling=SPECIAL)


def lost(form: str, column: str) -> str:
    """SQL that counts the cells of `column` (an expression) that hold something and could not be unwrapped."""
    if form not in FORMS:
        raise KeyError(form)
    return f"count(*) FILTER (({column}) IS NOT NULL AND {FUNCTION}('{form}', {column}) IS NULL)"


def _base64(text: str) -> bytes:
    """Base64 of RFC 4648, section 4, as written in mail too: blanks and line ends inside, padding left out."""
    return _padded("".join(text.split()), b"+/")


def _base64url(text: str) -> bytes:
    """Base64 of RFC 4648, section 5."""
    return _padded("".join(text.split()), b"-_")


def _django_session(text: str) -> bytes:
    """`session_data` of Django: since 3.1 what django.core.signing.dumps writes, before base64 of `digest:text`.

    `payload:timestamp:signature`; the payload is base64url without padding, and zlib inside when a dot stands before.
    """
    if ":" not in text:
        digest, colon, inside = _base64(text).partition(b":")
        if not (digest and colon):
            raise ValueError("no digest before the text")
        return inside
    payload, moment, signature = text.split(":")
    if not (payload and moment and signature):
        raise ValueError("a part is missing")
    if payload.startswith("."):
        return _inflated(_padded(payload[1:], b"-_"))
    return _padded(payload, b"-_")


def _padded(text: str, last_two: bytes) -> bytes:
    """Decode strictly: a letter of the other alphabet is refused, so that a wrong declaration shows."""
    letters = text.encode("ascii").rstrip(b"=")
    if any(other in letters for other in b"+/-_" if other not in last_two):
        raise binascii.Error("a letter of the other alphabet")
    return base64.b64decode(letters + b"=" * (-len(letters) % 4), altchars=last_two, validate=True)


def _inflated(data: bytes) -> bytes:
    """Whole zlib data, never more than `MOST` of it in memory."""
    unpacking = zlib.decompressobj()
    inside = unpacking.decompress(data, MOST + 1)
    if len(inside) > MOST or not unpacking.eof or unpacking.unused_data:
        raise ValueError("too large, cut short, or followed by something else")
    return inside


#: Every word that `decoded` of a mapping knows.
FORMS: Final[Mapping[str, Callable[[str], bytes]]] = {
    "base64": _base64,
    "base64url": _base64url,
    "django-session": _django_session,
}
