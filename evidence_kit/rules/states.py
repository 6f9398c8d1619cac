"""The states of a provider, and which move follows which: candidate, under review, compliant or on the way, ended.

Source: docs/norm/controls.md, PRO-03 to PRO-05; docs/processors.md, "States". Pure: no clock, no file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """What a provider is to the organisation. `ACTIVE` is the state called compliant; `TERMINATED` is final."""

    CANDIDATE = "candidate"
    UNDER_REVIEW = "under_review"
    ACTIVE = "active"
    CHARTER = "charter"
    ACTION_PLAN = "action_plan"
    TERMINATED = "terminated"


#: State -> the states that may follow. Nobody becomes compliant without a review, and nobody comes back from an end: a
#: new relation is a new provider, with an identifier of its own.
MOVES: Final[Mapping[State, tuple[State, ...]]] = MappingProxyType(
    {
        State.CANDIDATE: (State.UNDER_REVIEW, State.TERMINATED),
        State.UNDER_REVIEW: (State.ACTIVE, State.CHARTER, State.ACTION_PLAN, State.TERMINATED),
        State.ACTIVE: (State.UNDER_REVIEW, State.ACTION_PLAN, State.TERMINATED),
        State.CHARTER: (State.UNDER_REVIEW, State.ACTIVE, State.ACTION_PLAN, State.TERMINATED),
        State.ACTION_PLAN: (State.UNDER_REVIEW, State.ACTIVE, State.TERMINATED),
        State.TERMINATED: (),
    }
)
#: State -> what the day of a move into it stands for; a state that is not named needs none.
DAYS: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.ACTIVE: "the day of the review that found it compliant",
        State.CHARTER: "the day the charter was signed",
        State.ACTION_PLAN: "the day the plan was agreed",
        State.TERMINATED: "the day the relation ended",
    }
)
#: States in which a provider is reviewed on time (the population of PRO-03).
FOLLOWED: Final = frozenset({State.ACTIVE, State.CHARTER, State.ACTION_PLAN})
LONGEST_REASON: Final = 200
#: What could lead to a person or a place on the network: it stays in the ledger for ever, so it may not enter it.
_ADDRESS: Final = re.compile(r"@|://|\bwww\.|(?:\d[ .()/-]?){8,}", re.IGNORECASE)


class Refused(ValueError):
    """A move that may not be made. `code` says why, `allowed` what may follow instead; the text is for people."""

    def __init__(self, code: str, message: str, allowed: tuple[State, ...] = ()) -> None:
        super().__init__(message)
        self.code, self.allowed = code, allowed


def move(before: State, to: State, reason: str, on: date | None, today: date, last: date | None = None) -> None:
    """Accept a move, or raise Refused with what is allowed.

    `on`: the day the move rests on (see DAYS), not after `today` and not before `last`, the day of the move before it.
    >>> move(State.UNDER_REVIEW, State.ACTIVE, "all terms found", date(2026, 3, 2), date(2026, 3, 4))
    """
    allowed = MOVES[before]
    if not allowed:
        raise Refused(
            "final", f"{before} is final: a new relation is a new provider, with an identifier of its own.", allowed
        )
    if to not in allowed:
        raise Refused("order", f"{before} leads to {' or '.join(allowed)}, not to {to}.", allowed)
    if to in DAYS and on is None:
        raise Refused("day", f"{to} needs {DAYS[to]}.", allowed)
    if on is not None and on > today:
        raise Refused("future", f"the day lies after {today.isoformat()}: a move says what has happened.", allowed)
    if on is not None and last is not None and on < last:
        raise Refused("before", f"the day lies before that of the last move, {last.isoformat()}.", allowed)
    check_reason(reason)


def check_reason(reason: str) -> None:
    """One printable line of 1 to 200 characters without an address or a long number. Raises Refused."""
    if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise Refused("reason", f"the reason is one line of 1 to {LONGEST_REASON} characters.")
    if _ADDRESS.search(reason):
        raise Refused("personal", "the reason holds an address or a long number, and the ledger keeps it for ever.")
