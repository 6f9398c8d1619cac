"""Must-fail cases of the checks I: what the verifier is given."""

from __future__ import annotations

import os
from pathlib import Path

from tests.bundles import good as g
from tests.bundles import zips
from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.registry import LOG, Trial, fails


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
