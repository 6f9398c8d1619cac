"""Files of records that only grow: line set after line set, each naming what stood before it.

`entry` numbers the sets; `before_sha256` is the digest of the file before the set, so that an edited file is refused,
not read. Lines are canonical JSON: a source of engine `jsonl` reads them as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from evidence_kit.edges.archive import write_whole
from evidence_kit.errors import SourceError
from evidence_kit.model.canonical import dump_line

#: What a line says of itself and not of what was looked at.
OURS = frozenset({"entry", "before_sha256"})
Row: TypeAlias = Mapping[str, Any]


def read(path: Path) -> list[Row]:
    """Every line of one file, first to last; none where there is no file yet.

    Raises SourceError for a line that is none of ours, or a file that was changed after it was written.
    """
    data = path.read_bytes() if path.exists() else b""
    rows: list[Row] = []
    before, entry, digest = 0, 0, ""
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        row = _row(line)
        if row is not None and row["entry"] != entry:
            entry, digest = row["entry"], sha256(data[:before]).hexdigest()
        if row is None or row["before_sha256"] != digest:
            raise SourceError(
                f"{path}, line {number}: this file was changed after it was written. Put the file back whose digest "
                "was printed, or move it away and begin anew."
            )
        rows.append(row)
        before += len(line)
    return rows


def last(rows: Iterable[Row]) -> int:
    """The number of the last set; 0 where there is none."""
    return max((row["entry"] for row in rows), default=0)


def append(path: Path, entry: int, rows: Iterable[Row]) -> str:
    """Add one set and return the file's SHA-256. Older lines stay as they are, to the byte.

    Raises SealError when the disk or its rights do not allow it.
    """
    data = path.read_bytes() if path.exists() else b""
    before = sha256(data).hexdigest()
    data += b"".join(dump_line({**row, "entry": entry, "before_sha256": before}) for row in rows)
    write_whole(path, data, mode=0o600)
    return sha256(data).hexdigest()


def drop_last(path: Path) -> list[Row]:
    """Take away the last set, which nobody was told of; the lines that stay. Raises as `read` and `append`."""
    rows = read(path)
    kept = [row for row in rows if row["entry"] != last(rows)]
    write_whole(path, b"".join(map(dump_line, kept)), mode=0o600)
    return kept


def _row(line: bytes) -> Row | None:
    """One line as it was written; None for any other, which a hand must have changed."""
    try:
        row = json.loads(line)
        known = isinstance(row, dict) and type(row["entry"]) is int and dump_line(row) == line
    except (ValueError, KeyError, RecursionError):
        return None
    return row if known and "before_sha256" in row else None
