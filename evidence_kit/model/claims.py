"""What the second reader is asked about a table of evidence. A claim names columns and limits, no value of a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that must hold of every row of a table.

    `kind`: present (table has rows), not-null, one-of (`values`), key (64 hex digits), unique (`columns` together),
    not-after (`values[0]`), not-less (`columns`: first ≥ second), greater (first > second). `reading`: the claim is the
    second reading of a verdict, so its failure means that rule and reader disagree.
    """

    kind: str
    columns: tuple[str, ...] = ()
    values: tuple[str | int, ...] = ()
    reading: bool = False
