"""The record of all rounds: two files that only grow, line set after line set, each naming what stood before it.

    checks.jsonl         one line for each channel of a round, in the columns of `channel_checks`
    observations.jsonl   one line for each thing looked at, in the columns of `channel_observations`

A later set may complete an earlier round (a ticket was found): its lines repeat the round, and count. `entry` numbers
the sets; `before_sha256` is the digest of the file before the set, so that an edited file is refused, not read.
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

CHECKS, OBSERVATIONS = "checks.jsonl", "observations.jsonl"
#: What a line says of itself and not of a channel.
OURS = frozenset({"entry", "before_sha256"})
Row: TypeAlias = Mapping[str, Any]


def read(folder: Path, name: str) -> list[Row]:
    """Every line of one file, first to last; none where there is no file yet.

    Raises SourceError for a line that is none of ours, or a file that was changed after it was written.
    """
    path = folder / name
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
                "was printed, or move it away and begin with round 1."
            )
        rows.append(row)
        before += len(line)
    return rows


def append(folder: Path, checks: Iterable[Row], observations: Iterable[Row]) -> dict[str, str]:
    """Add one set to both files; file name → its SHA-256. Older lines stay as they are, to the byte.

    Raises SourceError for a file that was changed, SealError when the disk or its rights do not allow it.
    """
    entry = 1 + max((row["entry"] for name in (CHECKS, OBSERVATIONS) for row in read(folder, name)), default=0)
    # Observations first: a crash in between leaves some that no check refers to, never a check without its reasons.
    given = {OBSERVATIONS: observations, CHECKS: checks}
    return {name: _append(folder / name, entry, rows) for name, rows in given.items()}


def latest(rows: Iterable[Row]) -> dict[str, Row]:
    """Channel id → what its last round says, after all that was added to it."""
    ordered = sorted(rows, key=lambda row: (row["round"], row["entry"]))
    return {row["channel_id"]: {name: row[name] for name in row.keys() - OURS} for row in ordered}


def _append(path: Path, entry: int, rows: Iterable[Row]) -> str:
    data = path.read_bytes() if path.exists() else b""
    before = sha256(data).hexdigest()
    data += b"".join(dump_line({**row, "entry": entry, "before_sha256": before}) for row in rows)
    write_whole(path, data, mode=0o600)
    return sha256(data).hexdigest()


def _row(line: bytes) -> Row | None:
    """One line as it was written; None for any other, which a hand must have changed."""
    try:
        row = json.loads(line)
        known = isinstance(row, dict) and type(row["entry"]) is int and dump_line(row) == line
    except (ValueError, KeyError, RecursionError):
        return None
    return row if known and "before_sha256" in row else None
