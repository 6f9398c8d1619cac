"""What the second reader is asked of every frame. Source: docs/norm/frames.md, "Expectations every frame gets"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from evidence_kit.model.claims import Claim
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.sample import EvidenceFrame, Row


class Table(NamedTuple):
    """Some rows under a name, and what must hold of each of them."""

    name: str
    rows: Sequence[Row]
    claims: tuple[Claim, ...]


def of_frame(frame: EvidenceFrame, as_of: str, as_of_on: str) -> Table:
    """The common expectations of one frame. That it has rows is asked of each: of none, nothing else holds either.

    `as_of` is the cut-off instant in UTC, `as_of_on` its day in the engagement's time zone.
    """
    spec = FRAMES[frame.frame]
    kinds = {name: kind for name, kind, _ in frame.columns}
    claims = [Claim("present")]
    for column in spec.columns:
        if column.name not in kinds:
            continue
        if not column.nullable:
            claims.append(Claim("not-null", (column.name,)))
        if column.values:
            claims.append(Claim("one-of", (column.name,), column.values))
        if column.privacy == "key":
            claims.append(Claim("key", (column.name,)))
        if kinds[column.name] in ("date", "instant") and not column.may_be_future:
            limit = as_of if kinds[column.name] == "instant" else as_of_on
            claims.append(Claim("not-after", (column.name,), (limit,)))
    key = tuple(name for name in spec.unique_key if name in kinds)
    if key == spec.unique_key:
        claims.append(Claim("unique", key))
    return Table(frame.frame, frame.rows, tuple(claims))
