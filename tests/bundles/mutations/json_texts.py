"""Must-fail cases of the checks J: JSON."""

from __future__ import annotations

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.registry import FR, LOG, RESULTS, fails, only


@fails("F55", "J01", "data/ledger.jsonl", FR)
def byte_order_mark(bundle: Bundle, variant: str) -> Bundle:
    if variant != "data/ledger.jsonl":
        return only(bundle, variant, lambda data: b"\xef\xbb\xbf" + data)
    bundle.files[variant] = b"\xef\xbb\xbf" + bundle.files[variant]
    g.recatalogue(bundle)
    g.rebag(bundle)
    return bundle


@fails("F56", "J01")
def carriage_return(bundle: Bundle, variant: str) -> Bundle:
    return only(bundle, LOG, lambda data: data.replace(b"\n", b"\r\n"))


@fails("F57", "J01", LOG, FR)
def no_last_lf(bundle: Bundle, variant: str) -> Bundle:
    return only(bundle, variant, lambda data: data[:-1])


@fails("F58", "J01")
def overlong_slash(bundle: Bundle, variant: str) -> Bundle:
    return only(bundle, RESULTS, lambda data: data.replace(b'"answered-late"', b'"answered\xc0\xaflate"', 1))


@fails("F59", "J02")
def key_twice(bundle: Bundle, variant: str) -> Bundle:
    return only(
        bundle, RESULTS, lambda data: data.replace(b'"verdict":"PASS"}', b'"verdict":"PASS","verdict":"PASS"}', 1)
    )


@fails("F60", "J03")
def long_line(bundle: Bundle, variant: str) -> Bundle:
    return only(
        bundle, RESULTS, lambda data: data.replace(b'"step":', b'"long":"' + b"x" * (2 << 20) + b'","step":', 1)
    )


@fails("F61", "J03", "100000", "17")
def deep(bundle: Bundle, variant: str) -> Bundle:
    depth = int(variant)
    # A working holds objects of any form: two brackets and the row's own stand before these.
    inner = b'"deep":' + b"[" * (depth - 3) + b"]" * (depth - 3) + b',"step":'
    return only(bundle, RESULTS, lambda data: data.replace(b'"step":', inner, 1))


@fails("F62", "J04")
def endless_integer(bundle: Bundle, variant: str) -> Bundle:
    return only(
        bundle,
        "data/scan.json",
        lambda data: data.replace(b'"values":12', b'"values":' + b"9" * 5_000_000),
        evidence=False,
    )


@fails("F63", "J04", "NaN", "Infinity", "-Infinity")
@fails("F64", "J04", "1.0")
@fails("F65", "J04", "1e2", "-0")
@fails("F66", "J04", "9007199254740992", "-9007199254740992")
def bad_number(bundle: Bundle, variant: str) -> Bundle:
    path = "data/engagement.json"
    return only(bundle, path, lambda data: data.replace(b'"value":30', b'"value":' + variant.encode(), 1))


@fails("F67", "J05")
def space(bundle: Bundle, variant: str) -> Bundle:
    return only(bundle, FR, lambda data: data.replace(b":", b": ", 1))


@fails("F68", "J05")
def key_order(bundle: Bundle, variant: str) -> Bundle:
    moved = b'"source":"by hand",'
    return only(bundle, FR, lambda data: data.replace(moved, b"").replace(b'"name":"FR"', moved + b'"name":"FR"'))


@fails("F69", "J05", "e9", "slash", "capital")
def escapes(bundle: Bundle, variant: str) -> Bundle:
    old, new = {
        "e9": ("é".encode(), b"\\u00e9"),
        "slash": (b"by hand", b"by\\/hand"),
        "capital": (b"by hand", b"by\\u001Fhand"),
    }[variant]
    return only(bundle, FR, lambda data: data.replace(old, new, 1))


@fails("F70", "J05", "\\ud800", "\\u0000")
def surrogate(bundle: Bundle, variant: str) -> Bundle:
    return only(bundle, FR, lambda data: data.replace(b"by hand", b"by" + variant.encode() + b"hand"))


@fails("F71", "J06", "2025-02-29", "24:00:00", "second 60", "13th month", "frame")
def no_such_day(bundle: Bundle, variant: str) -> Bundle:
    path, old, new = {
        "2025-02-29": (FR, b'"2025-01-01"', b'"2025-02-29"'),
        "13th month": ("data/engagement.json", b'"2025-03-01"', b'"2025-13-01"'),
        "24:00:00": ("data/frames/REQ-02.request_replies.jsonl", b"T09:30:00", b"T24:00:00"),
        "second 60": ("data/frames/REQ-02.request_replies.jsonl", b"T09:30:00", b"T09:30:60"),
        "frame": (LOG, b'"reopened_at":null', b'"reopened_at":"soon"'),
    }[variant]
    return only(bundle, path, lambda data: data.replace(old, new, 1))


@fails("F72", "J06")
def unknown_key(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit("data/summary.json", lambda value: value.update(note="hello"))
    return reseal(bundle, counts=False)


@fails("F73", "J06")
def row_without_a_key(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit(LOG, lambda rows: rows[3].pop("country") and None)
    return reseal(bundle)
