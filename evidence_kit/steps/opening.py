"""From drawn units to their openings: what an auditor needs to derive each leaf again, from the row as it was stored.

Source: docs/norm/sampling.md, section 2; docs/norm/bundle.md, section 9.
"""

from __future__ import annotations

from evidence_kit.errors import SealError, SourceError
from evidence_kit.model.audit import Control
from evidence_kit.model.canonical import NotCanonical, dump_line
from evidence_kit.ports import Desk
from evidence_kit.rules import tickets
from evidence_kit.steps.drawing import sample_of


def open_drawn(desk: Desk, control: Control) -> None:
    """Write the openings of one control: of each drawn unit its leaf, its key, and its row as it was frozen.

    Raises SourceError when the rows were not kept or do not give the leaves, SealError for a row that no file can hold.
    """
    sample = sample_of(desk, control)
    if sample is None or not sample.drawn:
        return
    held = desk.vault.rows(sample.commitment_sha256)
    blind = desk.vault.blind(desk.engagement.id, str(sample.record["population"]))
    lines = []
    for number, unit in enumerate(sample.drawn, start=1):
        key, row = tickets.unit_key(blind, unit.unit), held[unit.unit]
        if tickets.leaf_of(key, row) != unit.leaf:
            raise SourceError(f"{control.id}: the row kept of drawn unit {number} does not give its leaf. Freeze anew.")
        try:
            lines.append(dump_line({"id": number, "leaf": unit.leaf, "key": key, "row": row}))
        except NotCanonical as error:
            raise SealError(
                f"{control.id}: the row of drawn unit {number} cannot be opened ({error.reason})."
            ) from error
    desk.archive.put(f"openings/{control.id}.jsonl", b"".join(lines))
