"""One function per line of the must-fail table (docs/norm/verifier.md, section 4): what is done to the good bundle.

Each is registered with its id and the check that must FAIL. A function takes a fresh copy of the good bundle and the
variant's name; it returns the bundle (written as a folder), bytes (written as a ZIP), or a Trial of its own.
"""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_public_key

from tests.bundles import good as g
from tests.bundles import zips
from tests.bundles.good import Bundle, reseal

KEY_OPTION = ["--key", g.KEY.fingerprint]


@dataclass
class Trial:
    """What is verified, and with which options; `make` writes it below a folder and returns the path to give."""

    make: Callable[[Path], Path]
    options: list[str] = field(default_factory=lambda: list(KEY_OPTION))
    before: Callable[[Path], list[str]] | None = None


@dataclass(frozen=True)
class Mutation:
    """One must-fail case: F07 with its variant, and the check that must FAIL."""

    id: str
    fires: str
    variant: str
    change: Callable[[Bundle, str], Bundle | bytes | Trial]

    @property
    def name(self) -> str:
        return f"{self.id}-{self.variant}" if self.variant else self.id

    def write(self, folder: Path) -> list[str]:
        """Write the case below `folder`; return the arguments for the verifier."""
        made = self.change(g.good(), self.variant)
        if isinstance(made, Bundle):
            return [str(made.write(folder)), *KEY_OPTION]
        if isinstance(made, bytes):
            path = folder / f"{g.BUNDLE}.zip"
            path.write_bytes(made)
            return [str(path), *KEY_OPTION]
        more = made.before(folder) if made.before else []
        return [str(made.make(folder)), *made.options, *more]


MUTATIONS: list[Mutation] = []
Change = Callable[[Bundle, str], "Bundle | bytes | Trial"]


def fails(id: str, fires: str, *variants: str) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        MUTATIONS.extend(Mutation(id, fires, variant, change) for variant in variants or ("",))
        return change

    return register


def only(bundle: Bundle, path: str, change: Callable[[bytes], bytes], **flags: bool) -> Bundle:
    """Change the bytes of one file, then rebuild what follows without parsing it."""
    bundle.files[path] = change(bundle.files[path])
    return reseal(bundle, counts=False, pages=False, **flags)


FR, LOG, RESULTS = "data/calendars/FR.json", "data/frames/REQ-02.request_log.jsonl", "data/results/REQ-02.jsonl"
SAMPLE = "data/results/COM-02.jsonl"


# ------------------------------------------------------------------------------------------------- I: input


@fails("F01", "I01")
def text_file(bundle: Bundle, variant: str) -> Trial:
    def make(folder: Path) -> Path:
        path = folder / g.BUNDLE
        path.write_text("not a bundle\n")
        return path

    return Trial(make)


@fails("F02", "I01")
def two_top_folders(bundle: Bundle, variant: str) -> bytes:
    return zips.write([*zips.canonical_entries(bundle), zips.Entry(b"other/file.txt", b"x")])


@fails("F03", "I02", "frame", "folder")
def symbolic_link(bundle: Bundle, variant: str) -> Trial:
    def make(folder: Path) -> Path:
        path = bundle.write(folder)
        link = path / (LOG if variant == "frame" else "data/frames")
        outside = folder / "outside"
        link.rename(outside)
        link.symlink_to(outside)
        return path

    return Trial(make)


@fails("F04", "I02", "extra", "frame")
def named_pipe(bundle: Bundle, variant: str) -> Trial:
    def make(folder: Path) -> Path:
        path = bundle.write(folder)
        pipe = path / ("data/frames/pipe.jsonl" if variant == "extra" else LOG)
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe)
        return path

    return Trial(make)


@fails("F05", "I02", "0o120777", "0o020644", "0o010644")
def zipped_link_or_device(bundle: Bundle, variant: str) -> bytes:
    return zips.write(zips.changed(zips.canonical_entries(bundle), 5, mode=int(variant, 8) << 16))


@fails("F06", "I03")
def too_many_entries(bundle: Bundle, variant: str) -> bytes:
    return zips.write(zips.canonical_entries(bundle), count=60_001)


@fails("F07", "I04", "../evil", f"{g.BUNDLE}/../evil", f"{g.BUNDLE}/data/../../evil")
@fails("F08", "I04", "/etc/evil", "C:/evil", f"{g.BUNDLE}/C:evil")
@fails("F09", "I04", f"{g.BUNDLE}/data\\evil", "..\\evil")
def evil_path(bundle: Bundle, variant: str) -> bytes:
    entries = [*zips.canonical_entries(bundle), zips.Entry(variant.encode(), b"x")]
    return zips.write(sorted(entries, key=lambda one: one.name))


@fails("F10", "I04", "data/frames/con.jsonl", "data/calendars/con.json", "data/calendars/LPT1.json")
@fails("F11", "I04", "data/frames/x.")
@fails("F12", "I04", "data/frames/é.jsonl", "data/calendars/-a.json", "data/calendars/" + 65 * "a" + ".json")
def listed_path(bundle: Bundle, variant: str) -> Bundle:
    bundle.put(variant, g.calendar())
    return reseal(bundle)


@fails("F13", "I05", "data/frames/a.jsonl data/frames/A.jsonl", "data/calendars/a.json data/calendars/A.json")
@fails("F14", "I05", "data/calendars/\u00e9.json data/calendars/e\u0301.json")
def same_path_twice(bundle: Bundle, variant: str) -> Bundle:
    for path in variant.split():
        bundle.put(path, g.calendar())
    return reseal(bundle)


@fails("F15", "I06", "data/extra", "extra")
def empty_folder(bundle: Bundle, variant: str) -> Trial:
    def make(folder: Path) -> Path:
        path = bundle.write(folder)
        (path / variant).mkdir()
        return path

    return Trial(make)


@fails("F16", "I07")
def deflated(bundle: Bundle, variant: str) -> bytes:
    entries = zips.canonical_entries(bundle)
    packed = zips.zlib.compress(entries[5].data)[2:-4]
    return zips.write(zips.changed(entries, 5, method=8, data=packed, real=len(entries[5].data)))


@fails("F17", "I07")
def zip_bomb(bundle: Bundle, variant: str) -> bytes:
    return zips.write(zips.changed(zips.canonical_entries(bundle), 5, method=8, data=zips.bomb(), real=1 << 30))


@fails("F18", "I07")
def another_local_name(bundle: Bundle, variant: str) -> bytes:
    entries = zips.canonical_entries(bundle)
    return zips.write(zips.changed(entries, 5, local_name=entries[5].name[:-1] + b"X"))


@fails("F19", "I07")
def overlapping(bundle: Bundle, variant: str) -> bytes:
    return zips.write(zips.changed(zips.canonical_entries(bundle), 5, start=0))


@fails("F20", "I07")
def same_entry_twice(bundle: Bundle, variant: str) -> bytes:
    entries = zips.canonical_entries(bundle)
    return zips.write([*entries[:6], *entries[5:]])


@fails("F21", "I07", "before", "after", "order", "date")
def bytes_around(bundle: Bundle, variant: str) -> bytes:
    entries = zips.canonical_entries(bundle)
    if variant == "before":
        return zips.write(entries, before=b"#!/bin/sh\n")
    if variant == "after":
        return zips.write(entries, after=b"more")
    if variant == "order":
        return zips.write(entries[::-1])
    return zips.write(entries).replace(b"\x14\0\0\0\0\0\0\0\x21\0", b"\x14\0\0\0\0\0\0\0\x22\0")


@fails("F22", "I07", "encrypted", "comment", "checksum")
def encrypted_or_comment(bundle: Bundle, variant: str) -> bytes:
    entries = zips.canonical_entries(bundle)
    if variant == "encrypted":
        return zips.write(zips.changed(entries, 5, flags=1))
    if variant == "comment":
        return zips.write(entries, comment=b"hello")
    wrong = zips.zlib.crc32(entries[5].data).to_bytes(4, "little")
    return zips.write(entries).replace(wrong, b"\0\0\0\0")


# ------------------------------------------------------------------------------------------------- B: the bag


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


# ------------------------------------------------------------------------------------------------- S: the signature

SIG = "tagmanifest-sha256.txt.sig"


@fails("F43", "S01")
def unsigned(bundle: Bundle, variant: str) -> Bundle:
    del bundle.files[SIG]
    return bundle


@fails("F44", "S01", "empty", "pgp", "bom", "crlf", "long")
def bad_armour(bundle: Bundle, variant: str) -> Bundle:
    data = bundle.files[SIG]
    bundle.files[SIG] = {
        "empty": b"",
        "pgp": data.replace(b"SSH SIGNATURE", b"PGP SIGNATURE"),
        "bom": b"\xef\xbb\xbf" + data,
        "crlf": data.replace(b"\n", b"\r\n"),
        "long": data + b"\n" * 5000,
    }[variant]
    return bundle


@fails("F45", "S01")
def two_signatures(bundle: Bundle, variant: str) -> Bundle:
    bundle.files[SIG] += bundle.files[SIG]
    return bundle


@fails("F46", "S02", "rsa", "ecdsa")
def another_algorithm(bundle: Bundle, variant: str) -> Trial:
    message = bundle.files["tagmanifest-sha256.txt"]
    fields = g.string(b"evidence-kit-bundle-v1") + g.string(b"") + g.string(b"sha512")
    signed = b"SSHSIG" + fields + g.string(hashlib.sha512(message).digest())
    if variant == "rsa":
        rsa_key = rsa.generate_private_key(65537, 2048)
        made, name = rsa_key.sign(signed, padding.PKCS1v15(), hashes.SHA512()), b"rsa-sha2-512"
        line = rsa_key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    else:
        ec_key = ec.generate_private_key(ec.SECP256R1())
        made, name = ec_key.sign(signed, ec.ECDSA(hashes.SHA256())), b"ecdsa-sha2-nistp256"
        line = ec_key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    assert load_ssh_public_key(line)
    blob = b64decode(line.split()[1])
    inner = g.string(name) + g.string(made)
    whole = b"SSHSIG\0\0\0\1" + g.string(blob) + fields + g.string(inner)
    text = b64encode(whole).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    bundle.files[SIG] = "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----\n"]).encode()
    fingerprint = "SHA256:" + b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return Trial(bundle.write, ["--key", fingerprint])


def resealed_with(bundle: Bundle, **fields: Any) -> Bundle:
    bundle.seal = g.Seal(**fields)
    g.resign(bundle)
    return bundle


@fails("F47", "S02")
def hash_sha256(bundle: Bundle, variant: str) -> Bundle:
    return resealed_with(bundle, hash=b"sha256")


@fails("F48", "S02", "version", "reserved")
def another_version(bundle: Bundle, variant: str) -> Bundle:
    return resealed_with(bundle, **({"version": 0} if variant == "version" else {"reserved": b"x"}))


@fails("F49", "S03")
def another_namespace(bundle: Bundle, variant: str) -> Bundle:
    return resealed_with(bundle, namespace=b"file")


@fails("F50", "S04")
def another_key(bundle: Bundle, variant: str) -> Bundle:
    bundle.seal = g.Seal(key=g.OTHER_KEY)
    bundle.catalogue["signer"] = g.OTHER_KEY.fingerprint
    return reseal(bundle)


@fails("F51", "S04")
def another_signer(bundle: Bundle, variant: str) -> Bundle:
    bundle.catalogue["signer"] = g.OTHER_KEY.fingerprint
    return reseal(bundle)


@fails("F52", "S05")
def old_signature(bundle: Bundle, variant: str) -> Bundle:
    old = bundle.files[SIG]
    bundle.edit(FR, lambda value: value.update(source="elsewhere"))
    reseal(bundle)
    bundle.files[SIG] = old
    return bundle


@fails("F53", "S05")
def malleable(bundle: Bundle, variant: str) -> Bundle:
    order = 2**252 + 27742317777372353535851937790883648493

    def shifted(made: bytes) -> bytes:
        return made[:32] + (int.from_bytes(made[32:], "little") + order).to_bytes(32, "little")

    return resealed_with(bundle, signature=shifted)


def time_stamp(digest: bytes) -> bytes:
    """The part of an RFC 3161 token that matters here: an imprint with SHA-256."""
    return b"\x30\x82" + bytes.fromhex("3031300d060960864801650304020105000420") + digest + b"\0" * 20


@fails("F54", "S06")
def stamp_of_another(bundle: Bundle, variant: str) -> Bundle:
    bundle.files[SIG + ".tsr"] = time_stamp(hashlib.sha256(b"another signature").digest())
    return bundle


# ------------------------------------------------------------------------------------------------- J: JSON


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


# ------------------------------------------------------------------------------------------------- L: the ledger


@fails("F74", "L01")
def first_entry_removed(bundle: Bundle, variant: str) -> Bundle:
    del bundle.entries[0]
    for entry in bundle.entries:
        if entry["action"] == "run.ended":
            entry["data"]["started"] -= 1
    for made in bundle.made_by.values():
        made["run"] -= 1
    g.rechain(bundle, renumber=True)
    return reseal(bundle)


@fails("F75", "L01")
def another_genesis(bundle: Bundle, variant: str) -> Bundle:
    reseal(bundle)
    bundle.entries[0]["prev_sha256"] = g.digest("ek1:ledger:" + g.netstring("another"))
    for one, other in zip(bundle.entries, bundle.entries[1:], strict=False):
        other["prev_sha256"] = g.entry_digest(one)
    return reseal(bundle, chain=False)


@fails("F76", "L01")
def jump(bundle: Bundle, variant: str) -> Bundle:
    for entry in bundle.entries:
        if entry["action"] == "note.added" and entry["data"]["reason"] >= "number 20":
            entry["seq"] += 1
    bundle.entries[-1]["seq"] += 1
    bundle.entries[-2]["seq"] += 1
    return reseal(bundle)


@fails("F77", "L02")
def exchanged(bundle: Bundle, variant: str) -> Bundle:
    notes = [place for place, entry in enumerate(bundle.entries) if entry["action"] == "note.added"]
    one, other = notes[3], notes[4]
    bundle.entries[one], bundle.entries[other] = bundle.entries[other], bundle.entries[one]
    return reseal(bundle, chain=False)


@fails("F78", "L02")
@fails("F78", "L01", "L01")
def middle_removed(bundle: Bundle, variant: str) -> Bundle:
    del bundle.entries[next(place for place, one in enumerate(bundle.entries) if one["action"] == "note.added")]
    return reseal(bundle, chain=False)


@fails("F79", "L02")
def another_actor(bundle: Bundle, variant: str) -> Bundle:
    bundle.entry("note.added")["actor"] = "person:auditor"
    return reseal(bundle, chain=False)


@fails("F80", "L03")
def data_changed(bundle: Bundle, variant: str) -> Bundle:
    bundle.entry("note.added")["data"]["reason"] = "another"
    return reseal(bundle, chain=False)


@fails("F81", "L03")
def no_salt(bundle: Bundle, variant: str) -> Bundle:
    del bundle.entry("note.added")["data"]["salt"]
    return reseal(bundle)


@fails("F82", "L04")
def time_runs_back(bundle: Bundle, variant: str) -> Bundle:
    notes = [entry for entry in bundle.entries if entry["action"] == "note.added"]
    notes[5]["at"] = notes[4]["at"].replace(":00.000000Z", ":01.000000Z")
    notes[6]["at"] = notes[4]["at"]
    return reseal(bundle)


@fails("F83", "L05")
def end_cut_off(bundle: Bundle, variant: str) -> Bundle:
    del bundle.entries[-2:]
    g.rechain(bundle)
    return reseal(bundle, evidence=False, content_digest=False)


@fails("F84", "L05")
def entry_after_the_seal(bundle: Bundle, variant: str) -> Bundle:
    note = dict(bundle.entry("note.added"))
    note.update(seq=len(bundle.entries) + 1, at=bundle.entries[-1]["at"])
    bundle.entries.append(note)
    return reseal(bundle, content_digest=False)


@fails("F85", "L05", "head", "entries", "sealed_at")
def another_head(bundle: Bundle, variant: str) -> Bundle:
    if variant == "sealed_at":
        bundle.catalogue["sealed_at"] = "2026-02-03T10:00:01.000000Z"
        return reseal(bundle)
    value = bundle.json("data/bundle.json")
    value["ledger"].update({"head": {"head_sha256": g.digest("x")}, "entries": {"entries": 59}}[variant])
    bundle.put("data/bundle.json", value)
    g.rebag(bundle)
    return bundle


def move(bundle: Bundle, entry: dict[str, Any], before: dict[str, Any]) -> None:
    """Put one entry before another; instants stay in their places."""
    times = [each["at"] for each in bundle.entries]
    bundle.entries.remove(entry)
    bundle.entries.insert(bundle.entries.index(before), entry)
    renumber(bundle)
    for each, at in zip(bundle.entries, times, strict=True):
        each["at"] = at


def renumber(bundle: Bundle) -> None:
    """Give new numbers to moved entries, and to what refers to them."""
    new = {entry["seq"]: place for place, entry in enumerate(bundle.entries, 1)}
    for entry in bundle.entries:
        if "started" in entry["data"]:
            entry["data"]["started"] = new[entry["data"]["started"]]
    for made in bundle.made_by.values():
        made["run"] = new[made["run"]]
    for place, entry in enumerate(bundle.entries, 1):
        entry["seq"] = place


@fails("F86", "L06", "nonce", "draw", "frame", "run", "concluded", "scanned")
def out_of_order(bundle: Bundle, variant: str) -> Bundle:
    entry = bundle.entry
    if variant == "nonce":
        move(bundle, entry("nonce.revealed"), entry("commitment.made"))
    elif variant == "draw":
        move(bundle, entry("sample.drawn"), entry("nonce.revealed"))
    elif variant == "frame":
        move(
            bundle,
            entry("frame.collected", frame="RET-01.retention_observations"),
            entry("sample.drawn", control="RET-01"),
        )
    elif variant == "run":
        move(bundle, entry("run.started", notebook="50_retention"), entry("commitment.made"))
    elif variant == "concluded":
        move(bundle, entry("control.concluded"), entry("run.started", notebook="30_requests"))
    else:
        move(bundle, entry("release.scanned"), entry("run.started", notebook="90_findings"))
    return reseal(bundle)


@fails("F87", "L06")
def unknown_action(bundle: Bundle, variant: str) -> Bundle:
    bundle.entry("note.added")["action"] = "commitment.replaced"
    return reseal(bundle)


@fails("F88", "L06")
def undeclared_actor(bundle: Bundle, variant: str) -> Bundle:
    bundle.entry("note.added")["actor"] = "person:stranger"
    return reseal(bundle)


@fails("F89", "L07")
def frame_changed(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit(LOG, lambda rows: rows[0].update(country="DE"))
    return reseal(bundle, content_digest=False)


def add_run(bundle: Bundle, notebook: str, status: str | None) -> None:
    """A run more, just before the scan; `status` None: it never ends."""
    place = bundle.entries.index(bundle.entry("release.scanned"))
    at, first = bundle.entries[place]["at"], dict(bundle.entry("run.started"))
    first.update(seq=1000, at=at, data={**first["data"], "notebook": notebook, "controls": []})
    more = [first]
    if status:
        last = dict(bundle.entry("run.ended"))
        data = {**last["data"], "started": 1000, "status": status, "executed_sha256": None, "counts": []}
        last.update(seq=1001, at=at, data=data)
        more.append(last)
    bundle.entries[place:place] = more
    renumber(bundle)


@fails("F90", "L08", "no end", "two ends")
def endless_run(bundle: Bundle, variant: str) -> Bundle:
    add_run(bundle, "99_more", None if variant == "no end" else "passed")
    if variant == "two ends":
        ended = [entry for entry in bundle.entries if entry["action"] == "run.ended"][-1]
        again = {**ended, "seq": 2000}
        bundle.entries.insert(bundle.entries.index(ended) + 1, again)
        renumber(bundle)
    for path in ("template.ipynb", "ipynb"):
        bundle.files.pop(f"data/notebooks/99_more.{path}", None)
    return reseal_unknown_run(bundle)


def reseal_unknown_run(bundle: Bundle) -> Bundle:
    """`99_more` has no file: leave its digests as they are."""
    path = "data/notebooks/99_more.template.ipynb"
    params = "data/params/99_more.json"
    bundle.files[path] = bundle.files[params] = b"{}\n"
    g.redigest(bundle)
    del bundle.files[path], bundle.files[params]
    g.recount(bundle)
    started = bundle.entry("run.started", notebook="99_more")["data"]
    kept = dict(started)
    started["notebook"] = "10_population"
    g.redigest(bundle)
    started.update(kept)
    return reseal(bundle, evidence=False, counts=False)


@fails("F91", "L08", "refused", "not shown")
def results_of_a_refused_run(bundle: Bundle, variant: str) -> Bundle:
    if variant == "not shown":
        add_run(bundle, "99_more", "failed")
        reseal_unknown_run(bundle)
        return hide_last_run(bundle)
    bundle.entry("run.ended", started=bundle.entry("run.started", notebook="50_retention")["seq"])["data"]["status"] = (
        "refused"
    )
    return reseal(bundle)


def hide_last_run(bundle: Bundle) -> Bundle:
    """The ledger page of one language no longer shows the failed run."""
    seq = [entry for entry in bundle.entries if entry["action"] == "run.ended"][-1]["seq"]
    path = "data/site/fr/ledger.html"
    lines = bundle.files[path].splitlines(True)
    bundle.files[path] = b"".join(line for line in lines if f"ledger.jsonl#/{seq}/".encode() not in line)
    return reseal(bundle, evidence=False, counts=False, pages=False)


@fails("F92", "L09")
def not_the_previous_ledger(bundle: Bundle, variant: str) -> Trial:
    earlier = g.good()
    abandoned = dict(earlier.entry("note.added"))
    drawn = earlier.entry("sample.drawn")["data"]
    said = {key: drawn[key] for key in ("control", "commitment_sha256", "round")}
    abandoned.update(action="sample.abandoned", data={**said, "reason": "wrong period", "salt": "0" * 32})
    earlier.entries[earlier.entries.index(earlier.entry("note.added"))] = abandoned
    reseal(earlier)

    def make(folder: Path) -> Path:
        earlier.write(folder / "earlier")
        return bundle.write(folder)

    return Trial(make, before=lambda folder: ["--previous", str(folder / "earlier" / g.BUNDLE)])


# ------------------------------------------------------------------------------------------------- C: the catalogue


@fails("F93", "C01", "format", "engagement", "kit", "parts")
def another_format(bundle: Bundle, variant: str) -> Bundle:
    if variant == "kit":
        bundle.edit("data/engagement.json", lambda value: value.update(kit="9.9.9"))
        return reseal(bundle)
    if variant == "engagement":
        bundle.edit("data/engagement.json", lambda value: value.update(demonstration=False))
        return reseal(bundle)
    bundle.catalogue.update({"format": "evidence-kit-bundlo"} if variant == "format" else {"run": "r009"})
    return reseal(bundle)


@fails("F94", "C01")
def renamed(bundle: Bundle, variant: str) -> Bundle:
    bundle.name = "demo.r002.auditor-full"
    return bundle


def recatalogued(bundle: Bundle, change: Callable[[Any], Any]) -> Bundle:
    bundle.edit("data/bundle.json", change)
    g.rebag(bundle)
    return bundle


def artefact(value: Any, path: str) -> Any:
    return next(each for each in value["artefacts"] if each["path"] == path)


@fails("F95", "C02")
def artefact_missing(bundle: Bundle, variant: str) -> Bundle:
    return recatalogued(bundle, lambda value: value["artefacts"].remove(artefact(value, FR)))


@fails("F96", "C02")
def artefact_twice(bundle: Bundle, variant: str) -> Bundle:
    return recatalogued(bundle, lambda value: value["artefacts"].insert(0, value["artefacts"][0]))


@fails("F97", "C02", "rows", "bytes", "digest", "role", "columns", "unknown file", "required file")
def wrong_artefact(bundle: Bundle, variant: str) -> Bundle:
    if variant == "unknown file":
        bundle.put("data/delta.json", {})
        return reseal(bundle)
    if variant == "required file":
        del bundle.files["data/site/index.html"]
        return reseal(bundle)
    path = FR if variant in ("digest", "bytes", "role", "columns") else "data/findings.jsonl"
    said = {"rows": 4, "bytes": 1, "sha256": g.digest("x"), "role": "draw", "columns": [["id", "integer", "none"]]}
    key = "sha256" if variant == "digest" else variant
    return recatalogued(bundle, lambda value: artefact(value, path).update({key: said[key]}))


@fails("F98", "C03", "template_sha256", "params_sha256", "notebook", "run", "draw", "population", "nothing")
def wrong_provenance(bundle: Bundle, variant: str) -> Bundle:
    said = {
        "template_sha256": g.digest("x"), "params_sha256": g.digest("x"), "notebook": "20_sample", "run": 1,
        "draw": "data/draws/X.json", "population": "COM-02.requests", "nothing": None,
    }  # fmt: skip

    def change(value: Any) -> None:
        if variant == "nothing":
            artefact(value, RESULTS)["made_by"] = None
        else:
            artefact(value, LOG)["made_by"][variant] = said[variant]

    return recatalogued(bundle, change)


@fails("F99", "C03", "frame", "population", "template", "params", "engagement")
def altered_query(bundle: Bundle, variant: str) -> Bundle:
    path = {
        "frame": "data/sql/REQ-02.request_log.sql",
        "population": "data/sql/REQ-02.population.sql",
        "engagement": "data/engagement.json",
        "template": "data/notebooks/90_findings.template.ipynb",
        "params": "data/params/90_findings.json",
    }[variant]
    told = [dict(entry["data"]) for entry in bundle.entries]
    if variant in ("frame", "population"):
        bundle.files[path] += b"-- harmless\n"
    elif variant == "engagement":
        bundle.edit(path, lambda value: value["out_of_scope"].clear())
    elif variant == "template":
        bundle.edit(path, lambda value: value["metadata"].update(more="x"))
    else:
        bundle.edit(path, lambda value: value.update(run="r001"))
        bundle.files[path] = bundle.files[path].replace(b'"run":"r001"', b'"run":"r001","x":1')
    reseal(bundle)
    kept = ("query_sha256", "template_sha256", "params_sha256", "engagement_sha256")
    for entry, data in zip(bundle.entries, told, strict=True):
        entry["data"].update({key: data[key] for key in kept if key in data})
    return reseal(bundle, evidence=False)


@fails("F100", "C03", "rows_out", "ledger rows", "ledger frame")
def wrong_rows_out(bundle: Bundle, variant: str) -> Bundle:
    if variant == "rows_out":
        return recatalogued(bundle, lambda value: artefact(value, LOG)["made_by"].update(rows_out=13))
    entry = bundle.entry("frame.collected", frame="REQ-02.request_log")["data"]
    entry.update({"rows": 13} if variant == "ledger rows" else {"frame_sha256": g.digest("x")})
    return reseal(bundle, evidence=False)


@fails("F103", "C04", "missing", "form", "withheld")
def blinding(bundle: Bundle, variant: str) -> Bundle:
    if variant == "missing":
        del bundle.files["data/blinding.txt"]
    elif variant == "form":
        bundle.files["data/blinding.txt"] = b"0" * 63 + b"\n"
    else:
        bundle.catalogue["withheld"] = [{"role": "frame", "count": 1}]
    return reseal(bundle)


# ------------------------------------------------------------------------------------------------- D: the draw


@fails("F105", "D01")
def another_nonce(bundle: Bundle, variant: str) -> Bundle:
    told = bundle.entry("nonce.revealed", round=1)["data"]
    real = g.nonce
    g.nonce = lambda control, number: (
        g.digest("another") if (control, number) == ("REQ-02", 1) else real(control, number)
    )
    try:
        other = g.build()
    finally:
        g.nonce = real
    other.entry("nonce.revealed", round=1)["data"]["nonce"] = told["nonce"]
    return reseal(other)


@fails("F106", "D01", "plan", "population", "as_of", "count", "set aside", "independent round")
def another_record(bundle: Bundle, variant: str) -> Bundle:
    path = "data/draws/COM-02.json"
    if variant == "set aside":
        path = "data/draws/REQ-02.json"

    def change(value: Any) -> None:
        made = value["commitment"]
        if variant == "plan":
            made["plan"][0][1] = 23
        elif variant == "population":
            made["population"] = "X-01.requests"
        elif variant == "as_of":
            made["as_of"] = "2026-01-31T22:59:58Z"
        elif variant == "count":
            made["count"] += 1
        elif variant == "set aside":
            made["plan"].append(["not_yet_due", 0])
        else:
            value["rounds"][1]["round"] = 3

    bundle.edit(path, change)
    return reseal(bundle, counts=False)


LEAVES = "data/leaves/COM-02.requests.txt"


def undrawn(bundle: Bundle) -> tuple[int, list[bytes]]:
    """The place of a leaf that no round drew, and all lines."""
    drawn = {unit["leaf"] for each in bundle.json("data/draws/COM-02.json")["rounds"] for unit in each["drawn"]}
    lines = bundle.files[LEAVES].splitlines(True)
    return next(place for place, line in enumerate(lines) if line[:64].decode() not in drawn), lines


@fails("F107", "D02", "drawn", "not drawn")
def leaf_replaced(bundle: Bundle, variant: str) -> Bundle:
    place, lines = undrawn(bundle)
    if variant == "drawn":
        place = next(number for number in range(len(lines)) if number != place and lines[number].endswith(b"email\n"))
    old = lines[place][:64].decode()
    # The largest digest has, for this bundle, no ticket among the smallest.
    lines[place] = b"f" * 64 + lines[place][64:]
    bundle.files[LEAVES] = b"".join(sorted(lines))
    for path in ("data/draws/COM-02.json", SAMPLE):
        bundle.files[path] = bundle.files[path].replace(old.encode(), b"f" * 64)
    return reseal(bundle)


@fails("F108", "D02", "left out", "file left out", "stratum", "order")
def leaf_left_out(bundle: Bundle, variant: str) -> Bundle:
    place, lines = undrawn(bundle)
    if variant == "file left out":
        del bundle.files[LEAVES]
        return reseal(bundle)
    if variant == "left out":
        del lines[place]
    elif variant == "stratum":
        lines[place] = lines[place].replace(b"email", b"post")
    else:
        lines = lines[::-1]
    bundle.files[LEAVES] = b"".join(lines)
    return reseal(bundle)


def redraw(bundle: Bundle, change: Callable[[list[Any], list[Any]], None]) -> Bundle:
    """Change the drawn units of COM-02's first round together with their results and rows."""
    path, frame = "data/draws/COM-02.json", "data/frames/COM-02.request_log.jsonl"
    draw, results, rows = bundle.json(path), bundle.rows(SAMPLE), bundle.rows(frame)
    first = draw["rounds"][0]["drawn"]
    triples = [[unit, result, row] for unit, result, row in zip(first, results, rows, strict=False)]
    change(triples, first)
    rest_results, rest_rows = results[len(first) :], rows[len(first) :]
    draw["rounds"][0]["drawn"] = [unit for unit, _, _ in triples]
    results, rows = [one for _, one, _ in triples] + rest_results, [row for _, _, row in triples] + rest_rows
    for number, (result, row) in enumerate(zip(results, rows, strict=True), 1):
        result["id"] = row["id"] = number
        result["evidence"][0]["rows"] = [number]
    bundle.put(path, draw)
    bundle.put_rows(SAMPLE, results)
    bundle.put_rows(frame, rows)
    return reseal(bundle)


def ticket(bundle: Bundle, leaf: str, stratum: str, number: int = 1) -> str:
    draw = bundle.json("data/draws/COM-02.json")
    nonce = draw["rounds"][number - 1]["nonce"]
    return g.digest(f"ek1:ticket:{draw['commitment_sha256']}:{nonce}:{number}:{g.netstring(stratum)}{leaf}")


@fails("F109", "D03")
def kinder_unit(bundle: Bundle, variant: str) -> Bundle:
    place, lines = undrawn(bundle)
    leaf = lines[place][:64].decode()
    unit = next(one for one in g.POPULATIONS["COM-02"][1]["email"] if g.leaf_of("COM-02", one)[0] == leaf)

    def change(triples: list[Any], first: list[Any]) -> None:
        last = max(place for place, one in enumerate(first) if one["stratum"] == "email")
        triples[last][0] = {"stratum": "email", "leaf": leaf, "ticket": ticket(bundle, leaf, "email")}
        triples[last][1].update(leaf=leaf, unit=unit)
        triples[last][2].update(request_id=unit)
        emails = sorted(triples[: last + 1], key=lambda one: one[0]["ticket"])
        triples[: last + 1] = emails

    return redraw(bundle, change)


@fails("F110", "D03", "round 1", "census")
def one_fewer(bundle: Bundle, variant: str) -> Bundle:
    def change(triples: list[Any], first: list[Any]) -> None:
        last = max(place for place, one in enumerate(first) if one["stratum"] == "email")
        del triples[last if variant == "round 1" else -1]

    return redraw(bundle, change)


@fails("F111", "D03")
def another_order(bundle: Bundle, variant: str) -> Bundle:
    def change(triples: list[Any], first: list[Any]) -> None:
        triples[0], triples[1] = triples[1], triples[0]

    return redraw(bundle, change)


@fails("F112", "D03")
def round_1_nonce(bundle: Bundle, variant: str) -> Bundle:
    """Round 2 takes the next tickets of round 1's list, under the ledger's own second nonce."""
    path = "data/draws/COM-02.json"
    draw = bundle.json(path)
    taken = {unit["leaf"] for unit in draw["rounds"][0]["drawn"]}
    of = {g.leaf_of("COM-02", unit)[0]: unit for unit in g.POPULATIONS["COM-02"][1]["email"]}
    again = sorted((ticket(bundle, leaf, "email"), leaf) for leaf in of if leaf not in taken)[:5]
    draw["rounds"][1]["drawn"] = [{"stratum": "email", "leaf": leaf, "ticket": made} for made, leaf in again]
    bundle.put(path, draw)
    rows, results = bundle.rows("data/frames/COM-02.request_log.jsonl"), bundle.rows(SAMPLE)
    for (_, leaf), row, result in zip(again, rows[-5:], results[-5:], strict=True):
        row["request_id"] = of[leaf]
        result.update(leaf=leaf, unit=of[leaf])
    bundle.put_rows("data/frames/COM-02.request_log.jsonl", rows)
    bundle.put_rows(SAMPLE, results)
    return reseal(bundle)


def with_openings(bundle: Bundle) -> Bundle:
    """The row and key of every drawn unit of RET-01, as stored."""
    lines = []
    for number, result in enumerate(bundle.rows("data/results/RET-01.jsonl"), 1):
        leaf, key, row = g.leaf_of("RET-01", result["unit"])
        lines.append({"id": number, "leaf": leaf, "key": key, "row": row})
    bundle.put_rows("data/openings/RET-01.jsonl", lines)
    return reseal(bundle)


@fails("F113", "D04", "row", "not drawn")
def another_opening(bundle: Bundle, variant: str) -> Bundle:
    with_openings(bundle)
    if variant == "row":
        bundle.edit("data/openings/RET-01.jsonl", lambda rows: rows[0].update(row=g.netstring("another")))
    else:
        leaf, key, row = g.leaf_of("RET-01", "another")
        bundle.edit("data/openings/RET-01.jsonl", lambda rows: rows[0].update(leaf=leaf, key=key, row=row))
    return reseal(bundle)


# ------------------------------------------------------------------------------------------------- R: results


@fails("F114", "R01", "last", "file")
def result_removed(bundle: Bundle, variant: str) -> Bundle:
    if variant == "file":
        del bundle.files[SAMPLE]
        del bundle.made_by[SAMPLE]
        return reseal(bundle)
    bundle.edit(
        SAMPLE, lambda rows: [row for row in rows if row["id"] != 27] if rows[26]["stratum"] == "email" else rows[:-1]
    )
    bundle.edit(SAMPLE, lambda rows: [row.update(id=number) or row for number, row in enumerate(rows, 1)])
    return reseal(bundle)


@fails("F115", "R01")
def result_not_drawn(bundle: Bundle, variant: str) -> Bundle:
    place, lines = undrawn(bundle)
    bundle.edit(SAMPLE, lambda rows: rows[0].update(leaf=lines[place][:64].decode()))
    return reseal(bundle)


@fails("F116", "R01", "unit", "leaf")
def unit_twice(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit(SAMPLE, lambda rows: rows[1].update({variant: rows[0][variant]}))
    return reseal(bundle)


@fails("F117", "R02")
def small_letters(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit(SAMPLE, lambda rows: rows[0].update(verdict="pass"))
    return reseal(bundle, counts=False)


def fail_one(bundle: Bundle, reasons: list[str]) -> None:
    """The first unit of the sample fails."""
    mark = [{"letter": "A", "mark": "fail", "reason": "not-in-the-log"}]
    bundle.edit(SAMPLE, lambda rows: rows[0].update(verdict="FAIL", reasons=reasons, attributes=mark))


@fails("F118", "R02", "no reason", "no evidence", "marks", "letter")
def fail_without_reason(bundle: Bundle, variant: str) -> Bundle:
    if variant == "letter":
        mark = [{"letter": "Z", "mark": "pass", "reason": None}]
        bundle.edit(SAMPLE, lambda rows: rows[0].update(attributes=mark))
        return reseal(bundle)
    fail_one(bundle, [] if variant == "no reason" else ["not-in-the-log"])
    if variant == "no evidence":
        bundle.edit(SAMPLE, lambda rows: rows[0].update(evidence=[]))
    if variant == "marks":
        bundle.edit(SAMPLE, lambda rows: rows[0].update(verdict="PASS", reasons=[]))
    return reseal(bundle)


@fails("F119", "R02", "28", "31", "0")
def no_such_row(bundle: Bundle, variant: str) -> Bundle:
    """Row 28 exists and is another unit's; row 31 does not exist, nor does row 0."""
    bundle.edit(SAMPLE, lambda rows: rows[0]["evidence"][0].update(rows=[int(variant)]))
    return reseal(bundle)


@fails("F120", "R03")
def kinder_row(bundle: Bundle, variant: str) -> Bundle:
    fail_one(bundle, ["not-in-the-log"])
    reseal(bundle)
    passing = [{"letter": "A", "mark": "pass", "reason": None}]
    bundle.edit(SAMPLE, lambda rows: rows[0].update(verdict="PASS", reasons=[], attributes=passing))
    return reseal(bundle, counts=False)


@fails(
    "F121", "R03", "counts", "units", "strata", "population", "controls", "concluded", "findings", "median", "reasons"
)
def other_counts(bundle: Bundle, variant: str) -> Bundle:
    def change(value: Any) -> None:
        one = value["controls"][0]
        if variant == "counts":
            for each in (one, one["strata"][0], value["totals"]):
                each["pass"] += 1
                each["inconclusive"] -= 1
                each["deviations"] -= 1
        elif variant == "units":
            for each in (one, one["strata"][0], value["totals"]):
                each["units"] += 1
        elif variant == "strata":
            one["strata"].reverse()
        elif variant == "population":
            one["population"] = "REQ-02.others"
        elif variant == "controls":
            value["controls"].reverse()

    bundle.edit("data/summary.json", change)
    if variant == "concluded":
        bundle.entry("control.concluded", control="COM-02")["data"]["verdict"] = "FAIL"
    if variant in ("findings", "median", "reasons"):
        said = {"findings": {"set_aside": 0}, "median": {"median_days": 12}, "reasons": {"reasons": []}}
        bundle.edit("data/findings.jsonl", lambda rows: rows[0].update(said[variant]))
    return reseal(bundle, counts=False)


@fails("F122", "R03")
def totals(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit("data/summary.json", lambda value: value["totals"].update(units=1))
    return reseal(bundle, counts=False)


@fails(
    "F123",
    "R04",
    "verdict",
    "upper",
    "shown",
    "reason",
    "several",
    "too many",
    "without",
    "extended",
    "confidence",
    "not extended",
    "note",
)
def kinder_verdict(bundle: Bundle, variant: str) -> Bundle:
    fail_one(bundle, ["not-in-the-log"])
    reseal(bundle)

    def change(value: Any) -> None:
        one = value["controls"][1]
        if variant == "verdict":
            one["verdict"] = one["strata"][0]["verdict"] = "PASS"
            one["reason"] = "upper-bound-below-tolerable"
        elif variant == "upper":
            one["strata"][0]["upper_units"] -= 1
        elif variant == "shown":
            one["strata"][0]["upper_rate_shown"] = "13.3"
        elif variant == "reason":
            one["reason"] = "sample-too-small"
        elif variant == "several":
            one["upper_units"], one["upper_rate_shown"] = 8, "13.4"

    bundle.edit("data/summary.json", change)
    said = bundle.json("data/summary.json")["controls"][1]
    bundle.edit("data/findings.jsonl", lambda rows: rows[1].update(verdict=said["verdict"], reason=said["reason"]))
    if variant == "too many":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1]["too_many"][0].update(too_many=9))
    if variant == "extended":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1]["extended"][0].update(risk_ppb=22123104))
    if variant == "confidence":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1]["extended"][0].update(confidence_shown="97.8"))
    if variant == "not extended":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1].update(extended=[]))
    if variant == "note":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1].update(notes=[]))
    if variant == "without":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1]["without_untested"][0].update(upper_units=1))
    bundle.entry("control.concluded", control="COM-02")["data"]["verdict"] = said["verdict"]
    return reseal(bundle, counts=False)


@fails("F124", "R04")
def nothing_drawn_and_pass(bundle: Bundle, variant: str) -> Bundle:
    bundle.put_rows("data/results/RET-01.jsonl", [])
    reseal(bundle)

    def change(value: Any) -> None:
        value["controls"][2].update(verdict="PASS", reason="upper-bound-below-tolerable")
        value["controls"][2]["strata"][0]["verdict"] = "PASS"

    bundle.edit("data/summary.json", change)
    return reseal(bundle, counts=False)


@fails("F125", "R05")
def numbering(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit("data/frames/RET-01.retention_observations.jsonl", lambda rows: rows[3].update(id=5))
    return reseal(bundle)


RETENTION = "data/frames/RET-01.retention_observations.jsonl"


@fails("F126", "R05", "kind", "column", "first", "local", "run")
def text_for_an_integer(bundle: Bundle, variant: str) -> Bundle:
    if variant == "kind":
        bundle.edit(RETENTION, lambda rows: rows[1].update(rows="many"))
    elif variant == "column":
        bundle.columns[RETENTION].insert(2, ["more", "text", "none"])
        bundle.edit(RETENTION, lambda rows: [row | {"more": None} for row in rows])
    elif variant == "first":
        columns = bundle.columns[RETENTION]
        columns[0], columns[1] = columns[1], columns[0]
    elif variant == "local":
        columns = bundle.columns[LOG]
        columns.insert(1, columns.pop(next(place for place, one in enumerate(columns) if one[0].endswith("_local"))))
    else:
        bundle.made_by[RETENTION].update(
            run=bundle.entry("run.started", notebook="20_sample")["seq"], notebook="20_sample"
        )
    return reseal(bundle)


@fails("F127", "R06", "hits", "encodings", "ledger")
def one_hit(bundle: Bundle, variant: str) -> Bundle:
    if variant == "ledger":
        bundle.entry("release.scanned")["data"]["scan_sha256"] = g.digest("x")
        return reseal(bundle, evidence=False)
    change = {"hits": {"hits": 1}, "encodings": {"encodings": g.DISGUISES[1:]}}[variant]
    bundle.edit("data/scan.json", lambda value: value.update(change))
    bundle.entry("release.scanned")["data"]["encodings"] = bundle.json("data/scan.json")["encodings"]
    return reseal(bundle)


@fails("F128", "R06", "missing", "digest")
def unscanned(bundle: Bundle, variant: str) -> Bundle:
    if variant == "missing":
        bundle.edit("data/scan.json", lambda value: value["files"].pop(3) and None)
    else:
        bundle.edit("data/scan.json", lambda value: value["files"][3].update(sha256=g.digest("x")))
    bundle.entry("release.scanned")["data"]["scan_sha256"] = g.sha(bundle, "data/scan.json")
    return reseal(bundle, evidence=False)


@fails("F150", "R07")
def day_off_removed(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit(FR, lambda value: value["days"].remove({"on": "2025-05-01", "name": "jour férié"}))
    return reseal(bundle)


def row_of(rows: list[Any], unit: str) -> Any:
    return next(row for row in rows if row["unit"] == unit)


@fails("F151", "R07", "due", "late", "working", "received")
def due_day_moved(bundle: Bundle, variant: str) -> Bundle:
    def change(rows: list[Any]) -> None:
        row = row_of(rows, "R-004")
        if variant == "due":
            row["due_on"] = "2025-07-16"
        elif variant == "late":
            row["days_late"] = 0
        elif variant == "working":
            row["working"][-1]["verdict"] = "PASS"
        else:
            row["working"].insert(0, {"step": "received", "day": "2025-06-16"})

    bundle.edit(RESULTS, change)
    return reseal(bundle)


@fails("F152", "R07", "R-004", "R-008", "R-005", "R-006", "R-010", "R-102", "reason", "local")
def kinder_than_the_dates(bundle: Bundle, variant: str) -> Bundle:
    def change(rows: list[Any]) -> None:
        if variant == "reason":
            row_of(rows, "R-004")["reasons"] = ["open-past-due"]
            return
        row = row_of(rows, variant)
        for each in row["attributes"]:
            each.update(mark="pass" if each["mark"] in ("fail", "error", "missing") else each["mark"], reason=None)
        row.update(verdict="PASS", reasons=[])

    if variant == "local":
        days = {"responded_at": "2025-07-15T09:30:00.000000Z", "responded_at_local": "2025-07-12"}
        bundle.edit(LOG, lambda rows: next(one for one in rows if one["request_id"] == "R-004").update(days))
    else:
        bundle.edit(RESULTS, change)
    return reseal(bundle)


@fails("F153", "R08", "cited", "kept")
def frame_of_another_control(bundle: Bundle, variant: str) -> Bundle:
    if variant == "cited":
        bundle.edit(SAMPLE, lambda rows: rows[0]["evidence"][0].update(frame="mailbox_messages"))
        return reseal(bundle)
    for path, made in list(bundle.made_by.items()):
        if path == RETENTION:
            other = path.replace("retention_observations", "others")
            bundle.files[other], bundle.columns[other] = bundle.files[path], bundle.columns[path]
            bundle.files["data/sql/RET-01.others.sql"] = bundle.files["data/sql/RET-01.retention_observations.sql"]
            bundle.made_by[other] = {**made, "query": "data/sql/RET-01.others.sql"}
            entry = bundle.entry("frame.collected", frame="RET-01.retention_observations")
            again = {**entry, "seq": 1000, "data": {**entry["data"], "frame": "RET-01.others"}}
            bundle.entries.insert(bundle.entries.index(entry) + 1, again)
            renumber(bundle)
    return reseal(bundle)


# ------------------------------------------------------------------------------------------------- N: notebooks

NOTEBOOK = "data/notebooks/30_requests.ipynb"


@fails("F129", "N01", "source", "metadata", "more cells", "order")
def cell_edited(bundle: Bundle, variant: str) -> Bundle:
    def change(value: Any) -> None:
        cells = value["cells"]
        if variant == "source":
            cells[3]["source"] += "  # harmless"
        elif variant == "metadata":
            cells[3]["metadata"]["tags"] = ["skip-execution"]
        elif variant == "order":
            cells[0], cells[4] = cells[4], cells[0]
        else:
            cells.append({"id": "more", "cell_type": "markdown", "metadata": {}, "source": "more"})

    bundle.edit(NOTEBOOK, change)
    return reseal(bundle, counts=False)


@fails("F130", "N01", "value", "code", "missing", "place")
def other_parameter(bundle: Bundle, variant: str) -> Bundle:
    def change(value: Any) -> None:
        cells = value["cells"]
        if variant == "value":
            cells[2]["source"] = cells[2]["source"].replace("r001", "r002")
        elif variant == "code":
            cells[2]["source"] += "import os\n"
        elif variant == "place":
            cells.insert(0, cells.pop(2))
            for count, each in enumerate((one for one in cells if one["cell_type"] == "code"), 1):
                each["execution_count"] = count
        else:
            del cells[2]
            for count, each in enumerate((one for one in cells if one["cell_type"] == "code"), 1):
                each["execution_count"] = count

    bundle.edit(NOTEBOOK, change)
    return reseal(bundle, counts=False)


@fails("F131", "N02", "none", "order")
def not_executed(bundle: Bundle, variant: str) -> Bundle:
    count = None if variant == "none" else 1
    bundle.edit(NOTEBOOK, lambda value: value["cells"][3].update(execution_count=count))
    return reseal(bundle)


@fails("F132", "N02", "error", "stderr")
def error_output(bundle: Bundle, variant: str) -> Bundle:
    output = {
        "error": {"output_type": "error", "ename": "X", "evalue": "", "traceback": []},
        "stderr": {"output_type": "stream", "name": "stderr", "text": "careful"},
    }[variant]
    bundle.edit(NOTEBOOK, lambda value: value["cells"][3]["outputs"].append(output))
    return reseal(bundle)


@fails("F133", "N02", "counts", "nonce", "two", "none")
def other_receipt(bundle: Bundle, variant: str) -> Bundle:
    def change(value: Any) -> None:
        outputs = value["cells"][-1]["outputs"]
        receipt = outputs[0]["data"][g.RECEIPT]
        if variant == "counts":
            receipt["controls"][0]["pass"] += 1
        elif variant == "nonce":
            receipt["nonce"] = "0" * 32
        elif variant == "two":
            outputs.append(outputs[0])
        else:
            outputs.clear()

    bundle.edit(NOTEBOOK, change)
    if variant == "counts":
        started = bundle.entry("run.started", notebook="30_requests")["seq"]
        bundle.entry("run.ended", started=started)["data"]["counts"][0]["pass"] += 1
    return reseal(bundle, counts=False)


# ------------------------------------------------------------------------------------------------- H: pages

INDEX = "data/site/en/index.html"


def on_page(bundle: Bundle, old: str, new: str, path: str = INDEX) -> Bundle:
    assert old.encode() in bundle.files[path]
    bundle.files[path] = bundle.files[path].replace(old.encode(), new.encode(), 1)
    return reseal(bundle, pages=False)


MARKUP = (
    "<script>1</script>", "<svg><script>1</script></svg>", "<SCRIPT>1</SCRIPT>", "<iframe></iframe>", "<form></form>",
    "<img alt=\"\">", "<link rel=\"x\">", "<base href=\"x\">", "<!-- hidden -->", "<p>open", "</p>",
    "<template></template>",
    "<p class='x'>x</p>", "<![CDATA[x]]>", "<h1>second</h1>", "<object></object>", "<math></math>", "<p/>", "a < b",
    "<svg><foreignObject></foreignObject></svg>", "<svg><a>x</a></svg>", "<style>p{}</style>",
    "<meta http-equiv=\"refresh\">",
)  # fmt: skip


@fails("F134", "H01", *MARKUP)
def script(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, "<table>", variant + "<table>")


@fails(
    "F135",
    "H01",
    'onload="x"',
    'style="x"',
    "onclick",
    'src="x"',
    'xlink:href="x"',
    'id="main" id="main"',
    'action="x"',
)
def event_attribute(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, "<table>", f"<table {variant}>")


@fails("F136", "H01", "source", "removed", "twice", "sheet", "address", "lang", "doctype", "late")
def wider_policy(bundle: Bundle, variant: str) -> Bundle:
    text = bundle.files[INDEX].decode()
    start = text.index("<meta http-equiv")
    policy = text[start : text.index("\n", start) + 1]
    old, new = {
        "source": ("default-src 'none'", "default-src 'self'"),
        "removed": (policy, ""),
        "twice": (policy, policy + policy),
        "sheet": ("margin:2rem", "margin:3rem"),
        "address": ("margin:2rem", "background:url(x)"),
        "lang": ('<html lang="en">', '<html lang="fr">'),
        "doctype": ("<!doctype html>\n", ""),
        "late": (policy + "<title>Demo</title>\n", "<title>Demo</title>\n"),
    }[variant]
    if variant == "late":
        bundle.files[INDEX] = text.replace("</style>\n", "</style>\n" + policy).encode()
    return on_page(bundle, old, new)


ADDRESSES = (
    "http://example.org/", "//example.org/x", "data:text/html,x", "file:///etc/passwd", "java\tscript:1",
    "javascript:1",
    "mailto:a@example.org", "/etc/passwd", "../../../../outside.txt", "nowhere.html", "a\\b", "control.html?x",
    "%2e%2e/x", "",
)  # fmt: skip


@fails("F137", "H02", *ADDRESSES)
def outside_link(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, 'href="ledger.html"', f'href="{variant}"')


@fails("F138", "H02", "#nowhere", "control.html#nowhere", "control.html#", "../../frames/REQ-02.request_log.jsonl#r1")
def dangling(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, 'href="ledger.html"', f'href="{variant}"')


@fails("F138", "H02", "doubled id")
def doubled(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, "<table>", '<p id="REQ-02"></p><table>')


CONTROL = "data/site/en/control.html"


@fails("F139", "H03", "number", "point", "order", "date", "month", "time", "datetime", "text", "french")
def shown_otherwise(bundle: Bundle, variant: str) -> Bundle:
    path = "data/site/fr/control.html" if variant == "french" else CONTROL
    path = INDEX if variant in ("number", "point", "time") else path
    old, new = {
        "number": (">63</data>", ">36</data>"),
        "point": (">63</data>", ">6.3</data>"),
        "order": (">7 April 2025<", ">4 July 2025<"),
        "date": (">7 April 2025<", ">8 April 2025<"),
        "month": (">7 April 2025<", ">7 May 2025<"),
        "time": (", 10:00 UTC<", ", 11:00 UTC<"),
        "datetime": ('<time datetime="2025-04-07">', '<time datetime="2025-04-08">'),
        "text": (">R-001</data>", ">R-002</data>"),
        "french": (">7 avril 2025<", ">7 April 2025<"),
    }[variant]
    return on_page(bundle, old, new, path)


@fails("F140", "H03")
def another_value(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, '<data value="63"', '<data value="64"')


LOST = (
    "absent.json#/x", "summary.json", "bundle.json#/artefacts/0/path", "summary.json#/controls/9/units",
    "data/summary.json#/controls/1/units", "results/REQ-02.jsonl#/99/unit", "summary.json#/controls", "../verify.py#/x",
)  # fmt: skip


@fails("F141", "H03", *LOST)
def lost_pointer(bundle: Bundle, variant: str) -> Bundle:
    return on_page(bundle, 'data-ek="summary.json#/controls/1/units"', f'data-ek="{variant}"')


@fails("F142", "H03", "word", "english", "raw")
def kinder_word(bundle: Bundle, variant: str) -> Bundle:
    word = {"word": "Conforme", "english": "Fail", "raw": "FAIL"}[variant]
    return on_page(bundle, ">Non conforme</data>", f">{word}</data>", "data/site/fr/index.html")


@fails("F143", "H04", "bare", "beside", "two")
def bare_number(bundle: Bundle, variant: str) -> Bundle:
    cell = bundle.files[INDEX].decode().split('<td class="n">')[1].split("</td>")[0]
    new = {"bare": "14", "beside": cell + " of 20", "two": cell + cell}[variant]
    return on_page(bundle, f'<td class="n">{cell}</td>', f'<td class="n">{new}</td>')


@fails("F144", "H04", "row", "twin")
def control_left_out(bundle: Bundle, variant: str) -> Bundle:
    if variant == "twin":
        bundle.files["data/site/en/more.html"] = g.page("en", "<h1>More</h1>")
        return reseal(bundle)
    text = bundle.files["data/site/fr/index.html"].decode()
    start = text.index('<tr id="REQ-02">')
    bundle.files["data/site/fr/index.html"] = (text[:start] + text[text.index("</tr>", start) + 5 :]).encode()
    link, plain = b"index.html#REQ-02", b"index.html"
    bundle.files["data/site/fr/control.html"] = bundle.files["data/site/fr/control.html"].replace(link, plain)
    return reseal(bundle, pages=False)


def all_ids() -> Iterator[str]:
    yield from sorted({mutation.id for mutation in MUTATIONS})
