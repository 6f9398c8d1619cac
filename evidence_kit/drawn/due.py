"""What a notebook shows of due days: the overdue first, then what was never done, then day by day.

The same rule as the command and the page of the bundle. Source: docs/processors.md, "What falls due".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from evidence_kit.drawn.grids import Frames
from evidence_kit.rules import due
from evidence_kit.shown import CASES, Shown, table

#: Where the rows of each frame are whole: the control whose population is every provider that is followed.
OF = dict.fromkeys(due.FRAMES, "PRO-03") | {"processor_commitments": "PRO-05", "register_activities": "REG-02"}


def listed(frames: Frames, today: date, parameters: Mapping[str, int]) -> Shown:
    """What is overdue, was never done or falls due within `due_soon_days`. A frame that is not there says nothing."""
    held: dict[str, Sequence[Mapping[str, Any]]] = {
        frame: frames[control][frame].rows for frame, control in OF.items() if frame in frames.get(control, {})
    }
    every = due.items(held, today, parameters["due_soon_days"], parameters["register_review_months"])
    rows = [
        (str(one.when), one.on, one.days, one.kind, one.subject, one.name, one.item) for one in due.falling_due(every)
    ]
    heads = ("when", "day", "days left", "what", "whose", "name", "id")
    return table(f"What falls due, counted from {today.isoformat()}", heads, rows, CASES)
