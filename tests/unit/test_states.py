"""Which state of a provider follows which, and what each move needs."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from evidence_kit.model import processor_frames
from evidence_kit.rules.states import DAYS, MOVES, Refused, State, move

TODAY, DAY = date(2026, 3, 4), date(2026, 3, 2)
ALLOWED = {
    "candidate": "under_review terminated",
    "under_review": "active charter action_plan terminated",
    "active": "under_review action_plan terminated",
    "charter": "under_review active action_plan terminated",
    "action_plan": "under_review active terminated",
    "terminated": "",
}


def refusal(before: str, to: str, reason: str = "why", on: date | None = DAY, last: date | None = None) -> str | None:
    """The code with which a move is refused; None where it is accepted."""
    try:
        move(State(before), State(to), reason, on, TODAY, last)
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.parametrize(("before", "to"), list(product(ALLOWED, ALLOWED)))
def test_every_pair_of_states_is_allowed_or_refused_as_written(before: str, to: str) -> None:
    expected = None if to in ALLOWED[before].split() else "final" if before == "terminated" else "order"
    assert refusal(before, to) == expected


def test_the_states_are_those_of_the_frames_and_nobody_leaves_the_last_one() -> None:
    assert " ".join(State) == processor_frames.STATUSES
    assert set(MOVES) == set(State)
    assert MOVES[State.TERMINATED] == ()
    assert all(State.TERMINATED in MOVES[state] for state in State if state is not State.TERMINATED)


def test_nobody_is_compliant_without_having_been_under_review() -> None:
    """Every way from a candidate to `active` leads through a review."""
    assert State.ACTIVE not in MOVES[State.CANDIDATE]
    reached: set[State] = {State.CANDIDATE}
    seen: set[State] = set()
    while reached - seen:
        state = (reached - seen).pop()
        seen.add(state)
        reached |= {to for to in MOVES[state] if to is not State.UNDER_REVIEW}
    assert reached == {State.CANDIDATE, State.TERMINATED}


@pytest.mark.parametrize("to", DAYS)
def test_a_state_that_rests_on_a_day_is_refused_without_it(to: State) -> None:
    before = "candidate" if to is State.TERMINATED else "under_review"
    assert refusal(before, to, on=None) == "day"
    assert refusal(before, to) is None


def test_a_day_lies_neither_ahead_nor_before_the_last_move() -> None:
    assert refusal("under_review", "active", on=TODAY) is None
    assert refusal("under_review", "active", on=date(2026, 3, 5)) == "future"
    assert refusal("under_review", "active", on=date(9999, 12, 31)) == "future"
    assert refusal("under_review", "active", last=DAY) is None
    assert refusal("under_review", "active", last=date(2026, 3, 3)) == "before"
    assert refusal("candidate", "under_review", on=None, last=TODAY) is None


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("contract read, eight terms found", None),
        ("audit 2026-03, point 12", None),
        ("x" * 200, None),
        ("x" * 201, "reason"),
        ("", "reason"),
        ("   ", "reason"),
        ("two\nlines", "reason"),
        ("turned \u202e round", "reason"),
        ("asked ana@acme.example", "personal"),
        ("see https://acme.example/x", "personal"),
        ("see WWW.acme.example", "personal"),
        ("called 06 12 34 56 78", "personal"),
        ("called +33 6.12.34.56.78", "personal"),
    ],
)
def test_a_reason_is_one_line_that_leads_to_nobody(reason: str, code: str | None) -> None:
    assert refusal("candidate", "under_review", reason) == code


def test_a_refusal_says_what_is_allowed() -> None:
    with pytest.raises(Refused, match="active or charter or action_plan or terminated, not to candidate") as refused:
        move(State.UNDER_REVIEW, State.CANDIDATE, "why", DAY, TODAY)
    assert refused.value.allowed == MOVES[State.UNDER_REVIEW]
    with pytest.raises(Refused, match="terminated is final: a new relation is a new provider"):
        move(State.TERMINATED, State.ACTIVE, "why", DAY, TODAY)
