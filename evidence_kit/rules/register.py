"""Tests of the register controls: every column declared, every entry real and whole, one period everywhere.

Source: docs/norm/controls, REG-01 to REG-04; GDPR art. 30.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model.outcome import Test
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.rows import Rows, missing


def columns_declared(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("AB", "not-measured"))


def entries_exist(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("AB", "not-measured"))


def entries_filled(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("ABCDEFGP", "not-measured"))


def periods_agree(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("AB", "not-measured"))


TESTS: Mapping[str, UnitTest] = {
    "register.columns_declared": columns_declared,
    "register.entries_exist": entries_exist,
    "register.entries_filled": entries_filled,
    "register.periods_agree": periods_agree,
}
