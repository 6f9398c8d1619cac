"""One value, one text: canonical JSON, netstrings, digests, and the rows that a population's leaves are made of.

Source: docs/norm/bundle, section 3; docs/norm/sampling, section 1. A subset of RFC 8785 without floats.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Final

LARGEST_INTEGER: Final = 2**53 - 1
DEEPEST: Final = 16
LONGEST_STRING: Final = 256 * 1024

_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_DECIMAL_KIND: Final = re.compile(r"decimal\(([1-9][0-9]?),([0-9]|[1-9][0-9])\)")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# Hours are bounded here because newer versions of Python read 24:00 as the next day.
_CLOCK: Final = r"T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\.[0-9]{6}"
_TEXTS: Final = {
    "date": re.compile(_DAY),
    "local": re.compile(_DAY + _CLOCK),
    "instant": re.compile(_DAY + _CLOCK + "Z"),
}
# How sources and engines write what lies outside years 1 to 9999.
_BEYOND: Final = re.compile(r"[+-]?infinity|-.*|[+]?[0-9]{5,}-.*|0000-.*|.*\(BC\)|.* BC", re.IGNORECASE)
KINDS: Final = frozenset({"text", "integer", "boolean", "date", "local", "instant", "bytes"})


class NotCanonical(ValueError):
    """A value that has no canonical text. `pointer` (RFC 6901) says where it stands; the value itself is not shown."""

    def __init__(self, reason: str, pointer: str = "") -> None:
        super().__init__(f"{pointer or '(root)'}: {reason}")
        self.reason, self.pointer = reason, pointer


class OutOfRange(NotCanonical):
    """A date or time outside years 1 to 9999, or infinite: the refusal `value-out-of-range`."""


def netstring(text: str) -> str:
    """`<number of UTF-8 bytes>:<text>,` so that no text can imitate its neighbour.

    >>> netstring("é")
    '2:é,'
    """
    return f"{len(text.encode())}:{text},"


def digest(text: str) -> str:
    """SHA-256 of the UTF-8 bytes of `text`, as 64 lowercase hex digits: the H of the norm."""
    return sha256(text.encode()).hexdigest()


def dumps(value: object, *, open_keys: bool = False) -> str:
    """The canonical JSON text of `value`, without a final line feed; records are digested over this text.

    `open_keys` admits any string as a key: notebooks and the RO-Crate file alone.
    Raises NotCanonical. Source: docs/norm/bundle, section 3.

    >>> dumps({"b": [1, None], "a": "é"})
    '{"a":"é","b":[1,null]}'
    """
    _check(value, "", 0, open_keys)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def dump_line(value: object, *, open_keys: bool = False) -> bytes:
    """The canonical text and one line feed, in UTF-8: a `.json` file, or one line of a `.jsonl` file."""
    return (dumps(value, open_keys=open_keys) + "\n").encode()


def _check(value: object, pointer: str, depth: int, open_keys: bool) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value, pointer)
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise NotCanonical("integer beyond 2^53 - 1; write it as a string", pointer)
    elif isinstance(value, float):
        raise NotCanonical("floating point number; write it as decimal text", pointer)
    elif isinstance(value, dict):
        _check_depth(depth, pointer)
        for key, member in value.items():
            _check_key(key, pointer, open_keys)
            _check(member, f"{pointer}/{_escape(key)}", depth + 1, open_keys)
    elif isinstance(value, list | tuple):
        _check_depth(depth, pointer)
        for place, member in enumerate(value):
            _check(member, f"{pointer}/{place}", depth + 1, open_keys)
    else:
        raise NotCanonical(f"a {type(value).__name__} has no JSON form", pointer)


def _check_depth(depth: int, pointer: str) -> None:
    if depth >= DEEPEST:
        raise NotCanonical(f"nested deeper than {DEEPEST}", pointer)


def _check_text(text: str, pointer: str) -> None:
    if "\0" in text:
        raise NotCanonical("character U+0000", pointer)
    # ASCII cannot hold a surrogate, and its bytes are its characters: most text ends here.
    if not text.isascii() and _SURROGATE.search(text):
        raise NotCanonical("lone surrogate", pointer)
    if len(text) > LONGEST_STRING or (not text.isascii() and len(text.encode()) > LONGEST_STRING):
        raise NotCanonical("string longer than 256 KiB", pointer)


def _check_key(key: object, pointer: str, open_keys: bool) -> None:
    if not isinstance(key, str):
        raise NotCanonical(f"a key is a {type(key).__name__}", pointer)
    if open_keys:
        _check_text(key, pointer)
    elif not _KEY.fullmatch(key):
        raise NotCanonical("a key outside [A-Za-z_][A-Za-z0-9_.-]{0,63}", pointer)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def instant(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS.ffffffZ` of a moment that knows its zone. Raises NotCanonical for one that does not."""
    if moment.utcoffset() is None:
        raise NotCanonical("a moment without a zone is not an instant")
    try:
        return _moment(moment.astimezone(UTC)) + "Z"
    except OverflowError as error:
        raise OutOfRange("outside years 1 to 9999") from error


def is_instant(text: str, *, whole_seconds: bool = False) -> bool:
    """Whether `text` is a real instant in the norm's form: six digits after the second, or none (`as_of` alone)."""
    try:
        full = text[:-1] + ".000000Z" if whole_seconds and len(text) == 20 else text
        return value_text("instant", full) == full and (not whole_seconds or len(text) == 20)
    except NotCanonical:
        return False


def check_kind(kind: str) -> None:
    """Raises NotCanonical unless `kind` is a type that a population's column may have."""
    if kind not in KINDS and decimal_shape(kind) is None:
        raise NotCanonical(f"type {kind!r} is not one of {', '.join(sorted(KINDS))}, decimal(p,s)")


def decimal_shape(kind: str) -> tuple[int, int] | None:
    """`(p, s)` of `decimal(p,s)`, at most 38 digits; None for any other kind."""
    shape = _DECIMAL_KIND.fullmatch(kind)
    if not shape or not int(shape[2]) <= int(shape[1]) <= 38:
        return None
    return int(shape[1]), int(shape[2])


def value_text(kind: str, value: object) -> str | None:
    """The canonical text of one value of a column of type `kind`; None for NULL.

    Dates, times and decimals may also come as their canonical text. Text is taken as stored: no trimming, no
    normalisation. Raises OutOfRange for years outside 1 to 9999, NotCanonical for a value that is not of the kind.
    Source: docs/norm/sampling, section 1.
    """
    if value is None:
        return None
    shape = decimal_shape(kind)
    if shape:
        return _decimal_text(value, *shape)
    if kind == "text" and isinstance(value, str):
        if _SURROGATE.search(value):
            raise NotCanonical("lone surrogate")
        return value
    if kind == "boolean" and isinstance(value, bool):
        return "true" if value else "false"
    if kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
        if not -(2**63) <= value < 2**63:
            raise NotCanonical("integer beyond 64 bits")
        return str(int(value))
    if kind == "bytes" and isinstance(value, bytes):
        return value.hex()
    if kind in _TEXTS:
        return _time_text(kind, value)
    check_kind(kind)
    raise NotCanonical(f"a {type(value).__name__} in a column of type {kind}")


def row_text(kinds: Sequence[str], values: Sequence[object]) -> str:
    """One row as the leaves see it: a netstring per value, `-,` for NULL. Injective; names are bound elsewhere."""
    if len(kinds) != len(values):
        raise NotCanonical(f"{len(values)} values for {len(kinds)} columns")
    texts = [value_text(kind, value) for kind, value in zip(kinds, values, strict=True)]
    return "".join("-," if text is None else netstring(text) for text in texts)


def _decimal_text(value: object, precision: int, scale: int) -> str:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise NotCanonical(f"a {type(value).__name__} in a decimal column")
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise NotCanonical("not a decimal text")
    sign, digits, exponent = Decimal(value).as_tuple()
    if not isinstance(exponent, int):
        raise NotCanonical("a decimal that is not finite")
    whole = int("".join(map(str, digits))) * 10 ** max(0, exponent + scale)
    cut, rest = divmod(whole, 10 ** max(0, -(exponent + scale)))
    if rest:
        raise NotCanonical(f"more than {scale} digits after the point")
    if len(str(cut)) > precision:
        raise NotCanonical(f"more than {precision} digits")
    text = str(cut).rjust(scale + 1, "0")
    minus = "-" if sign and cut else ""
    return minus + (f"{text[:-scale]}.{text[-scale:]}" if scale else text)


def _time_text(kind: str, value: object) -> str:
    if isinstance(value, str):
        if _BEYOND.fullmatch(value):
            raise OutOfRange("outside years 1 to 9999")
        if not _TEXTS[kind].fullmatch(value):
            raise NotCanonical(f"not the canonical text of type {kind}")
        try:
            datetime.fromisoformat(value)
        except ValueError as error:
            raise NotCanonical("not a day or time of the calendar") from error
        return value
    if kind == "date" and isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if kind == "local" and isinstance(value, datetime) and value.tzinfo is None:
        return _moment(value)
    if kind == "instant" and isinstance(value, datetime):
        return instant(value)
    raise NotCanonical(f"a {type(value).__name__} in a column of type {kind}")


def _moment(value: datetime) -> str:
    # isoformat, not strftime: the latter does not pad years below 1000 on every platform.
    return value.replace(tzinfo=None).isoformat(timespec="microseconds")
