"""Must-fail cases of the checks B: the bag."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.registry import FR, LOG, fails


def tag(bundle: Bundle, name: str, change: Callable[[bytes], bytes]) -> Bundle:
    bundle.files[name] = change(bundle.files[name])
    g.retag(bundle)
    return bundle


@fails("F23", "B01")
def another_bagit(bundle: Bundle, variant: str) -> Bundle:
    return tag(bundle, "bagit.txt", lambda data: data.replace(b"1.0", b"0.97"))


@fails("F24", "B01")
def bagit_crlf(bundle: Bundle, variant: str) -> Bundle:
    return tag(bundle, "bagit.txt", lambda data: data.replace(b"\n", b"\r\n"))


@fails("F25", "B02", "twice", "missing", "order", "folded", "crlf")
def labels(bundle: Bundle, variant: str) -> Bundle:
    def change(data: bytes) -> bytes:
        lines = data.splitlines(True)
        return b"".join(
            {
                "twice": [lines[0], *lines],
                "missing": lines[1:],
                "order": [lines[1], lines[0], *lines[2:]],
                "folded": [lines[0], b"  more\n", *lines[1:]],
                "crlf": [line.replace(b"\n", b"\r\n") for line in lines],
            }[variant]
        )

    return tag(bundle, "bag-info.txt", change)


@fails("F26", "B02", "identifier", "date", "software", "format", "level", "oxum")
def another_identifier(bundle: Bundle, variant: str) -> Bundle:
    old, new = {
        "identifier": (g.BUNDLE.encode(), b"demo.r002.auditor-full"),
        "date": (b"2026-02-03", b"2026-02-04"),
        "software": (g.KIT.encode(), b"0.1.1"),
        "format": (b"Format: 1", b"Format: 2"),
        "level": (b"Level: auditor-full", b"Level: client"),
        "oxum": (b"Oxum: ", b"Oxum: x"),
    }[variant]
    return tag(bundle, "bag-info.txt", lambda data: data.replace(old, new))


@fails("F27", "B03")
def md5_manifest(bundle: Bundle, variant: str) -> Bundle:
    lines = [f"{hashlib.md5(bundle.files[name]).hexdigest()}  {name}\n" for name in g.payload(bundle)]
    bundle.files["manifest-md5.txt"] = "".join(lines).encode()
    return bundle


@fails("F28", "B03")
def sha1_manifest(bundle: Bundle, variant: str) -> Bundle:
    lines = [f"{hashlib.sha1(bundle.files[name]).hexdigest()}  {name}\n" for name in g.payload(bundle)]
    del bundle.files["manifest-sha256.txt"]
    bundle.files["manifest-sha1.txt"] = "".join(lines).encode()
    names = [name for name in g.TAG_FILES if name in bundle.files] + ["manifest-sha1.txt"]
    bundle.files["tagmanifest-sha256.txt"] = g.manifest(bundle, names).encode()
    g.resign(bundle)
    return bundle


@fails("F29", "B03")
def fetch(bundle: Bundle, variant: str) -> Bundle:
    bundle.files["fetch.txt"] = b"http://example.org/x 1 data/x\n"
    return bundle


@fails("F30", "B04")
def manifest_crlf(bundle: Bundle, variant: str) -> Bundle:
    return tag(bundle, "manifest-sha256.txt", lambda data: data.replace(b"\n", b"\r\n"))


@fails("F31", "B04")
def manifest_line_twice(bundle: Bundle, variant: str) -> Bundle:
    return tag(bundle, "manifest-sha256.txt", lambda data: data.splitlines(True)[0] + data)


@fails("F32", "B04")
def manifest_order(bundle: Bundle, variant: str) -> Bundle:
    return tag(bundle, "manifest-sha256.txt", lambda data: b"".join(data.splitlines(True)[::-1]))


@fails("F33", "B04")
def manifest_capitals(bundle: Bundle, variant: str) -> Bundle:
    return tag(bundle, "manifest-sha256.txt", lambda data: data[:64].upper() + data[64:])


@fails("F34", "B05", "plain", "known to the catalogue")
def unlisted(bundle: Bundle, variant: str) -> Bundle:
    bundle.put("data/calendars/DE.json", {**g.calendar(), "name": "DE"})
    if variant == "plain":
        return bundle
    reseal(bundle)
    drop = b"  data/calendars/DE.json\n"
    return tag(
        bundle, "manifest-sha256.txt", lambda data: b"".join(x for x in data.splitlines(True) if not x.endswith(drop))
    )


@fails("F35", "B06", "plain", "listed alone")
def deleted(bundle: Bundle, variant: str) -> Bundle:
    if variant == "plain":
        del bundle.files[LOG]
        return bundle
    line = f"{g.digest('')}  data/a.json\n".encode()
    return tag(bundle, "manifest-sha256.txt", lambda data: line + data)


@fails("F36", "B07", "plain", "manifest")
def one_bit(bundle: Bundle, variant: str) -> Bundle:
    if variant == "manifest":
        return tag(bundle, "manifest-sha256.txt", lambda data: (b"1" if data[:1] == b"0" else b"0") + data[1:])
    data = bytearray(bundle.files[LOG])
    data[100] ^= 1
    bundle.files[LOG] = bytes(data)
    return bundle


@fails("F37", "B07")
def cut_at_a_line(bundle: Bundle, variant: str) -> Bundle:
    bundle.files[LOG] = b"".join(bundle.files[LOG].splitlines(True)[:-1])
    return bundle


@fails("F38", "B08")
def tag_manifest_without_verifier(bundle: Bundle, variant: str) -> Bundle:
    bundle.files["tagmanifest-sha256.txt"] = g.manifest(bundle, g.TAG_FILES[:-1]).encode()
    g.resign(bundle)
    return bundle


@fails("F39", "B08", "payload", "crlf")
def tag_manifest_with_payload(bundle: Bundle, variant: str) -> Bundle:
    text = g.manifest(bundle, [*g.TAG_FILES, FR] if variant == "payload" else g.TAG_FILES)
    bundle.files["tagmanifest-sha256.txt"] = text.replace("\n", "\n" if variant == "payload" else "\r\n").encode()
    g.resign(bundle)
    return bundle


@fails("F40", "B09", "verify.py", "README.txt")
def altered_verifier(bundle: Bundle, variant: str) -> Bundle:
    bundle.files[variant] += b"# harmless\n"
    return bundle


@fails("F41", "B10")
def oxum(bundle: Bundle, variant: str) -> Bundle:
    def change(data: bytes) -> bytes:
        size = data.split(b"Payload-Oxum: ")[1].split(b".")[0]
        return data.replace(size + b".", str(int(size) + 1).encode() + b".")

    return tag(bundle, "bag-info.txt", change)


@fails("F42", "B11", "notes.txt", "more/notes.txt")
def something_else(bundle: Bundle, variant: str) -> Bundle:
    bundle.files[variant] = b"hello\n"
    return bundle
