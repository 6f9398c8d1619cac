"""Tests of the provider controls: referenced, under contract, reviewed, ended for good, keeping their word.

Source: docs/norm/controls, PRO-01 to PRO-05; GDPR art. 28.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model.outcome import Test
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.rows import Rows, missing


def destinations_referenced(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("AB", "not-measured"))


def contracts_whole(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("ABCD", "not-measured"))


def reviews_in_time(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("ABC", "not-measured"))


def terminated_receive_nothing(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("AB", "not-measured"))


def commitments_kept(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("ABC", "not-measured"))


TESTS: Mapping[str, UnitTest] = {
    "processors.destinations_referenced": destinations_referenced,
    "processors.contracts_whole": contracts_whole,
    "processors.reviews_in_time": reviews_in_time,
    "processors.terminated_receive_nothing": terminated_receive_nothing,
    "processors.commitments_kept": commitments_kept,
}
