"""Rows of drawn units in the writing of the evidence frames: pseudonyms for keys, days and instants as text.

Source: docs/norm/frames.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evidence_kit.edges.pseudonyms import Pseudonyms
from evidence_kit.edges.relations import UNREADABLE
from evidence_kit.model.audit import Engagement
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.sample import Row
from evidence_kit.rules.deadlines import local_day

#: Times that enter a deadline carry the local day beside them, so that a reader needs no time-zone data (deadlines.md).
LOCAL = "_local"


@dataclass(frozen=True, slots=True)
class Writing:
    """How one frame's rows are written. `unknown`: optional events that some source of the frame cannot know."""

    engagement: Engagement
    pseudonyms: Pseudonyms
    unknown: frozenset[str]

    def row(self, number: int, frame: str, kinds: Sequence[tuple[str, str]], values: Sequence[object]) -> Row:
        """One evidence row: pseudonyms for keys, the local day beside each instant, only needed columns unreadable."""
        row: dict[str, object] = {"id": number}
        skipped = []
        for (name, kind), value in zip(kinds, values, strict=False):
            column = FRAMES[frame].column(name)
            if column.pseudonym and value is not None:
                value = self.pseudonyms.of(column.pseudonym, str(value))
            if isinstance(value, str) and "\0" in value:
                value = None  # no evidence file holds U+0000; of a main frame the population is refused for it
                skipped.append(f"{name}=unreadable-value")
            row[name] = value
            if kind in ("instant", "date") and column.kind == "timestamp":
                row[name + LOCAL] = self._local(value)
            if column.event and name in self.unknown:
                skipped.append(f"{name}=unknown")
        listed = [entry for entry in str(values[-1] or "").split(",") if entry.partition("=")[0] in row]
        row[UNREADABLE] = ",".join([*listed, *skipped]) or None
        return row

    def _local(self, value: object) -> str | None:
        if value is None:
            return None
        return local_day(str(value), self.engagement.timezone, self.engagement.naive_is_local).isoformat()


def as_text(kind: str, column: str) -> str:
    """A value in the writing of the evidence frames: days and instants as text, numbers and booleans as they are."""
    if kind == "instant":
        return f"strftime(timezone('UTC', {column}), '%Y-%m-%dT%H:%M:%S.%fZ')"
    if kind == "date":
        return f"strftime({column}, '%Y-%m-%d')"
    if kind.startswith("decimal"):
        return f"CAST({column} AS VARCHAR)"
    return column


def plain_kind(frame: str, name: str) -> str:
    """The kind of a column that the kit itself filled, in the words of the bundle's catalogue."""
    kinds = {"string": "text", "bool": "boolean", "timestamp": "instant"}
    kind = FRAMES[frame].column(name).kind
    return kinds.get(kind, kind)


def catalogue(frame: str, kinds: Sequence[tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
    """The columns of an evidence frame as the bundle's catalogue lists them: name, kind, privacy."""
    listed = [("id", "integer", "none")]
    for name, kind in kinds:
        column = FRAMES[frame].column(name)
        listed.append((name, kind.partition("(")[0], column.privacy))
        if kind in ("instant", "date") and column.kind == "timestamp":
            listed.append((name + LOCAL, "date", "none"))
    return (*listed, (UNREADABLE, "text", "none"))
