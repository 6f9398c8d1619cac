"""The arithmetic of the audit: no clock, no disk, no network, no chance."""

from __future__ import annotations

from evidence_kit.model.terms import UnitTest


def test(name: str) -> UnitTest:
    """The test a control names, such as `requests.answered_in_time`. Raises KeyError for any other."""
    from evidence_kit.rules import keeping, requests

    return {**requests.TESTS, **keeping.TESTS}[name]
