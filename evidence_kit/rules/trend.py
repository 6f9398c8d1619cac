"""What a control's two verdicts come to, in one word: nothing is called better that the samples cannot show. Pure.

Source: docs/comparing.md, "What it comes to".
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model.comparing import Change
from evidence_kit.model.outcome import Outcome

#: Every word, the gravest first.
TRENDS = (
    "passes-no-more",
    "fails-now",
    "fails-more",
    "fails-mixed",
    "fails-same",
    "fails-unsaid",
    "fails-fewer",
    "not-concluded",
    "not-compared",
    "passes-now",
    "passes-first",
    "passes-still",
)


def trend(before: str | None, after: str | None, changes: Mapping[str, int], *, compared: bool, whole: bool) -> str:
    """One of `TRENDS`. `before`, `after`: verdicts, None where a run lacks the control; `changes`: units by change.

    `whole`: both runs tested every unit. A sample that fails twice bounds a rate from above twice, and two such bounds
    do not say which rate is the lower one: then no word of more or fewer is said.

    >>> trend("FAIL", "FAIL", {"closed": 3}, compared=True, whole=True)
    'fails-fewer'
    >>> trend("FAIL", "FAIL", {"closed": 3}, compared=True, whole=False)
    'fails-unsaid'
    """
    if not compared or before is None or after is None:
        return "not-compared"
    if after == Outcome.PASS:
        return {Outcome.PASS: "passes-still", Outcome.FAIL: "passes-now"}.get(Outcome(before), "passes-first")
    if after != Outcome.FAIL:
        return "not-concluded"
    if before != Outcome.FAIL:
        return "passes-no-more" if before == Outcome.PASS else "fails-now"
    if not whole:
        return "fails-unsaid"
    closed = bool(changes.get(Change.CLOSED))
    more = any(changes.get(change) for change in (Change.SLIPPED, Change.ENTERED))
    if closed and more:
        return "fails-mixed"
    return "fails-fewer" if closed else "fails-more" if more else "fails-same"
