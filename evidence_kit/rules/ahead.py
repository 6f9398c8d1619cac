"""Evidence dated after the cut-off: nobody can have seen it, so the unit that rests on it does not pass.

Source: docs/norm/frames.md, "Expectations every frame gets": no date after the as-of date but where one may lie ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.outcome import Mark, Test
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.rows import Rows, today


def none_ahead(test: UnitTest) -> UnitTest:
    """The test, whose first attribute is ERROR instead of a pass where a row of the unit is dated after the cut-off."""

    def tested(rows: Rows, terms: Terms) -> Test:
        found = test(rows, terms)
        first, *others = found.answers
        limit = today(terms).isoformat()
        if first.mark is not Mark.PASS or all(day <= limit for day in _days(rows)):
            return found
        return replace(found, answers=(replace(first, mark=Mark.ERROR, reason="dated-in-the-future"), *others))

    return tested


def _days(rows: Rows) -> Iterator[str]:
    """Every day of the unit's rows that may not lie ahead, as local days."""
    for frame, mine in rows.items():
        columns = [one for one in FRAMES[frame].columns if one.kind in ("date", "timestamp") and not one.may_be_future]
        for row in mine:
            told = (row.get(f"{one.name}_local") or row.get(one.name) for one in columns)
            yield from (str(value)[:10] for value in told if value is not None)
