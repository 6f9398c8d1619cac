"""REQ-08: a channel that is offered answers, makes a ticket, stands open, and works."""

from __future__ import annotations

import pytest

from evidence_kit.model.channels import SENT, TICKET
from evidence_kit.model.outcome import Mark
from evidence_kit.model.outcome import Test as Outcomes
from evidence_kit.model.sample import Row
from evidence_kit.rules.channels import offered_works
from tests.unit.cases import answers, terms

NA, PASS, FAIL, MISSING = Mark.NA, Mark.PASS, Mark.FAIL, Mark.MISSING


def check(**changes: object) -> Row:
    said: dict[str, object] = {
        "channel_id": "CH-1",
        "channel": "form",
        "round": 1,
        "tested_at": "2026-06-10T07:15:00.000000Z",
        "reachable": True,
        "login_required": False,
        "document_required": False,
        "ticket_created_at": "2026-06-10T07:18:00.000000Z",
        "effective_at": None,
    }
    return {**said, **changes}


def trial(*checks: Row, seen: tuple[Row, ...] = (), as_of: str = "2026-06-30T21:59:59Z") -> Outcomes:
    unit = {"channel_id": "CH-1", "channel": "form", "in_notice": True, "in_log": True}
    rows = {"channel_units": (unit,), "channel_checks": checks, "channel_observations": seen}
    return offered_works(rows, terms(as_of=as_of))


def said(**changes: object) -> dict[str, tuple[Mark, str | None]]:
    return answers(trial(check(**changes)))


def test_a_form_that_makes_a_ticket_works() -> None:
    assert said() == {"A": (PASS, None), "B": (PASS, None), "C": (NA, None), "D": (NA, None)}


def test_a_channel_that_nobody_tried_is_not_known_to_work() -> None:
    assert set(answers(trial()).values()) == {(MISSING, "channel-not-tested")}
    assert said(reachable=None)["A"] == (MISSING, "channel-not-tried")
    assert said(reachable=False)["A"] == (FAIL, "channel-not-reachable")


@pytest.mark.parametrize(
    ("ticket", "as_of", "answer"),
    [
        ("2026-06-11T21:30:00.000000Z", "2026-06-30", (PASS, None)),
        ("2026-06-11T22:30:00.000000Z", "2026-06-30", (FAIL, "ticket-late")),
        (None, "2026-06-30", (FAIL, "no-ticket")),
        (None, "2026-06-11", (MISSING, "waiting-time-running")),
    ],
)
def test_a_ticket_comes_within_a_working_day(ticket: str | None, as_of: str, answer: tuple[Mark, str | None]) -> None:
    found = answers(trial(check(ticket_created_at=ticket), as_of=f"{as_of}T21:00:00Z"))
    assert found["B"] == answer


def test_only_the_last_round_counts() -> None:
    mended = answers(trial(check(round=2), check(ticket_created_at=None)))
    assert mended["B"] == (PASS, None)


@pytest.mark.parametrize(
    ("seen", "answer"),
    [
        ({}, (FAIL, "no-ticket")),
        ({SENT: None}, (MISSING, "channel-not-tried")),
        ({SENT: True, TICKET: None}, (MISSING, "channel-not-tried")),
        ({SENT: True, TICKET: False}, (FAIL, "no-ticket")),
    ],
    ids=["tested by people", "nothing sent", "nobody looked", "looked, not there"],
)
def test_a_ticket_is_missed_only_where_somebody_asked_and_looked(
    seen: dict[str, bool | None], answer: tuple[Mark, str | None]
) -> None:
    rows = tuple({"channel_id": "CH-1", "round": 1, "check": name, "outcome": said} for name, said in seen.items())
    assert answers(trial(check(ticket_created_at=None), seen=rows))["B"] == answer
    assert answers(trial(check(), seen=rows))["B"] == (PASS, None)


def link(**changes: object) -> dict[str, tuple[Mark, str | None]]:
    effect = {"effective_at": "2026-06-10T07:35:00.000000Z", "ticket_created_at": None}
    return said(**{"channel": "unsubscribe_link", **effect, **changes})


def test_a_link_needs_no_ticket_where_its_effect_was_seen() -> None:
    assert set(link().values()) == {(PASS, None)}


@pytest.mark.parametrize(
    ("changes", "letter", "answer"),
    [
        ({"login_required": True}, "C", (FAIL, "login-required")),
        ({"document_required": True}, "C", (FAIL, "document-required")),
        ({"login_required": None}, "C", (MISSING, "channel-not-tried")),
        ({"effective_at": "2026-06-12T07:15:00.000000Z"}, "D", (PASS, None)),
        ({"effective_at": "2026-06-12T07:15:01.000000Z"}, "D", (FAIL, "effect-late")),
        ({"effective_at": None}, "D", (FAIL, "no-effect")),
        ({"effective_at": None}, "B", (FAIL, "no-ticket")),
    ],
)
def test_a_link_stops_the_mailing_in_two_days(
    changes: dict[str, object], letter: str, answer: tuple[Mark, str | None]
) -> None:
    assert link(**changes)[letter] == answer


def test_a_channel_outside_the_notice_is_marked() -> None:
    unit = {"channel_id": "CH-1", "channel": "form", "in_notice": False, "in_log": True}
    assert offered_works({"channel_units": (unit,), "channel_checks": (check(),)}, terms()).flags == (
        "channel-not-in-notice",
    )
