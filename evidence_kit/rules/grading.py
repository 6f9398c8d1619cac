"""How a finding is graded, and what became of the action that was planned for it. Pure; never a score.

Source: docs/norm/controls.md, "Grades"; docs/kinds.md, "The action plan".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from evidence_kit.model.outcome import Outcome

#: From what must be mended first to what holds; `none` is neither strength nor weakness.
GRADES = ("major", "minor", "observation", "none", "strength")
GOOD_PRACTICE = "good-practice"
#: What became of an action: what is still to be done first.
STATES = ("missing", "overdue", "declared", "open", "not-concluded", "shown", "needless")


def grade(verdict: str, stated: str, law: str, strata: Iterable[tuple[int, int]]) -> str:
    """One of `GRADES`. `stated`: what an isolated failure of the control weighs; `strata`: (units failed, drawn).

    A FAIL of good practice is an observation, whatever is stated. Where more than half of the units drawn from some
    stratum failed, the statement fails as a rule: then a minor is a major. Nothing else raises a grade, and nothing
    lowers one: where a single failure denies a right, one is enough.

    >>> [grade("FAIL", "minor", "law", [(failed, 10)]) for failed in (1, 5, 6)]
    ['minor', 'minor', 'major']
    >>> [grade(verdict, "major", "law", [(0, 10)]) for verdict in ("PASS", "INCONCLUSIVE")]
    ['strength', 'none']
    """
    if verdict != Outcome.FAIL:
        return "strength" if verdict == Outcome.PASS else "none"
    if law == GOOD_PRACTICE:
        return "observation"
    return "major" if stated == "minor" and as_a_rule(strata) else stated


def as_a_rule(strata: Iterable[tuple[int, int]]) -> bool:
    """Whether more than half of the units drawn from some stratum failed; what could not be tested did not fail."""
    return any(2 * failed > drawn for failed, drawn in strata)


def state(verdict: str, due: date, done_on: date | None, cut_off: date, before: str | None = None) -> str:
    """What became of an action by the cut-off: one of `STATES`, from what the run found and never from a word alone.

    `before`: the control's verdict in the earlier run, where one is compared. A control that passes shows that it was
    done; one that passed then too needed none. `done_on` after the cut-off is not done yet.

    >>> state("FAIL", date(2026, 5, 1), date(2026, 4, 1), cut_off=date(2026, 6, 30))
    'declared'
    """
    if verdict == Outcome.PASS:
        return "needless" if before == Outcome.PASS else "shown"
    if done_on is not None and done_on <= cut_off:
        return "declared"
    if due < cut_off:
        return "overdue"
    return "open" if verdict == Outcome.FAIL else "not-concluded"
