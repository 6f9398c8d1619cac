"""The replay list of a restored backup: who must be erased again, and where, before anybody gets in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from evidence_kit.edges.archive import write_whole

COLUMNS: Final = ("case_id", "source", "object", "matched_in", "matched_rows")


def write(path: Path, back: Iterable[Mapping[str, Any]]) -> str:
    """Write the list as CSV, for its owner alone; return its SHA-256.

    Erasures stand by their identifier, never by an address: whoever replays them has the log of erasures. Raises
    SealError when the disk or its rights do not allow it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_inert(row[name]) for name in COLUMNS] for row in back)
    data = text.getvalue().encode()
    write_whole(path, data, mode=0o600)
    return sha256(data).hexdigest()


def _inert(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
