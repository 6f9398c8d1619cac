"""Tests of the sending controls: no field without need, no message after a stop.

Source: docs/norm/controls, SND-01 and SND-02; GDPR art. 5(1)(c), 21(2)-(3).
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model.outcome import Test
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.rows import Rows, missing


def fields_necessary(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("ABCD", "not-measured"))


def stops_heeded(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("AB", "not-measured"))


TESTS: Mapping[str, UnitTest] = {
    "sending.fields_necessary": fields_necessary,
    "sending.stops_heeded": stops_heeded,
}
