"""ZIP files written byte by byte, so that each rule of the canonical form can be broken alone."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace

from tests.bundles.good import Bundle

DATE, MODE = 0x21, 0o100644 << 16


@dataclass(frozen=True)
class Entry:
    """One entry; `local_name` and `start` override what the local header and the directory would say."""

    name: bytes
    data: bytes
    method: int = 0
    flags: int = 0
    mode: int = MODE
    local_name: bytes | None = None
    start: int | None = None
    real: int | None = None

    @property
    def crc(self) -> int:
        return zlib.crc32(self.data)


def canonical_entries(bundle: Bundle) -> list[Entry]:
    return sorted(
        (Entry(f"{bundle.name}/{name}".encode(), data) for name, data in bundle.files.items()), key=lambda one: one.name
    )


def write(
    entries: list[Entry], *, before: bytes = b"", after: bytes = b"", comment: bytes = b"", count: int | None = None
) -> bytes:
    """The whole ZIP; without arguments in the canonical form."""
    body, directory, at = [before], [], len(before)
    for one in entries:
        local = one.local_name or one.name
        real = len(one.data) if one.real is None else one.real
        sizes = (one.crc, len(one.data), real)
        head = (
            struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, one.flags, one.method, 0, DATE, *sizes, len(local), 0) + local
        )
        start = at if one.start is None else one.start
        fields = (3 << 8 | 20, 20, one.flags, one.method, 0, DATE)
        directory.append(
            struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *fields, *sizes, len(one.name), 0, 0, 0, 0, one.mode, start)
            + one.name
        )
        body += [head, one.data]
        at += len(head) + len(one.data)
    listed = b"".join(directory)
    number = len(entries) if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, len(listed), at, len(comment))
    return b"".join([*body, listed, end, comment, after])


def changed(entries: list[Entry], place: int, **fields: object) -> list[Entry]:
    """The same entries, one of them with other fields."""
    return [replace(one, **fields) if number == place else one for number, one in enumerate(entries)]  # type: ignore[arg-type]


def bomb() -> bytes:
    """One gibibyte of zeros, deflated: the same mebibyte a thousand times over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * 1024 + packer.flush()
