"""The arithmetic of the audit: no clock, no disk, no network, no chance."""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model.terms import UnitTest


def test(name: str) -> UnitTest:
    """The test a control names, such as `requests.answered_in_time`. Raises KeyError for any other."""
    return _tests()[name]


def names() -> tuple[str, ...]:
    """The names of all tests, ascending."""
    return tuple(sorted(_tests()))


def _tests() -> Mapping[str, UnitTest]:
    from evidence_kit.rules import (
        answers,
        channels,
        completeness,
        erasure,
        identity,
        keeping,
        processors,
        register,
        requests,
        sending,
        traceability,
    )

    modules = (
        *(requests, identity, answers, channels, completeness, erasure, keeping, register, processors, sending),
        traceability,
    )
    return {name: test for module in modules for name, test in module.TESTS.items()}
