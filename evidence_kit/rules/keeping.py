"""Tests of the retention controls on what was measured. One unit is one rule. Source: docs/norm/controls, RET-01."""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model.outcome import Answer, Mark, Test
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest

Rows = Mapping[str, tuple[Row, ...]]


def active_within_period(rows: Rows, terms: Terms) -> Test:
    """RET-01: in the active base no row is past its limit and grace, recorded holds excepted.

    A: nothing past its limit, no faulty hold. B: no row without a start. C: every hold documented. D: every date sound.
    """
    measured = [row for row in rows.get("retention_observations", ()) if row["place"] == "active"]
    if len(measured) != 1:
        return _all(Mark.MISSING, "not-measured")
    seen = measured[0]
    if seen["status"] != "ok" or seen["rows"] is None:
        return _all(Mark.ERROR, "object-missing")
    if seen["rows"] == 0:
        # A query that finds nothing proves nothing.
        return _all(Mark.MISSING, "nothing-counted")
    over = "kept-past-limit" if seen["past_limit_rows"] else "hold-faulty" if seen["hold_faulty_rows"] else None
    return Test(
        (
            Answer("A", Mark.FAIL if over else Mark.PASS, over),
            _none(seen, "B", "start_missing_rows", Mark.MISSING, "start-event-missing"),
            _none(seen, "C", "hold_undocumented_rows", Mark.MISSING, "hold-not-documented"),
            _none(seen, "D", "bad_date_rows", Mark.ERROR, "unreadable-date"),
        )
    )


def _none(seen: Row, letter: str, column: str, mark: Mark, reason: str) -> Answer:
    if seen[column] is None:
        return Answer(letter, Mark.MISSING, "column-not-kept")
    return Answer(letter, mark, reason) if seen[column] else Answer(letter, Mark.PASS)


def _all(mark: Mark, reason: str) -> Test:
    return Test(tuple(Answer(letter, mark, reason) for letter in "ABCD"))


TESTS: Mapping[str, UnitTest] = {"retention.active_within_period": active_within_period}
