"""The record of all rounds: two growing files.

    checks.jsonl         one line for each channel of a round, in the columns of `channel_checks`
    observations.jsonl   one line for each thing looked at, in the columns of `channel_observations`

A later set may complete an earlier round (a ticket was found): its lines repeat the round, and count.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from evidence_kit.edges import growing
from evidence_kit.edges.growing import OURS, Row

CHECKS, OBSERVATIONS = "checks.jsonl", "observations.jsonl"

__all__ = ["CHECKS", "OBSERVATIONS", "OURS", "Row", "append", "latest", "read"]


def read(folder: Path, name: str) -> list[Row]:
    """Every line of one file, first to last; none where there is no file yet. Raises as `growing.read`."""
    return growing.read(folder / name)


def append(folder: Path, checks: Iterable[Row], observations: Iterable[Row]) -> dict[str, str]:
    """Add one set to both files; file name → its SHA-256. Raises as `growing.read` and `growing.append`."""
    entry = 1 + max(growing.last(read(folder, name)) for name in (CHECKS, OBSERVATIONS))
    # Observations first: a crash in between leaves some that no check refers to, never a check without its reasons.
    given = {OBSERVATIONS: observations, CHECKS: checks}
    return {name: growing.append(folder / name, entry, rows) for name, rows in given.items()}


def latest(rows: Iterable[Row]) -> dict[str, Row]:
    """Channel id → what its last round says, after all that was added to it."""
    ordered = sorted(rows, key=lambda row: (row["round"], row["entry"]))
    return {row["channel_id"]: {name: row[name] for name in row.keys() - OURS} for row in ordered}
