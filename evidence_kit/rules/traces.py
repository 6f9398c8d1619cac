"""What the traces of an erased person in one object come to, before anybody judges: the state of the probe.

Source: docs/norm/retention.md, section 4; GDPR art. 17(3). `rules.probes` judges what is stated here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from evidence_kit.model.audit import Place
from evidence_kit.model.outcome import Outcome
from evidence_kit.model.retention import Rule, Span, Then, Unit
from evidence_kit.rules.retention import judge_row

#: How a row came back, the gravest first: a new sign-up excuses nobody whom a restore brought back too.
CAUSES = ("restore", "re-import", "re-sync", "new-collection")


@dataclass(frozen=True, slots=True)
class Traces:
    """What one search found of one person in one object: at least one row.

    `clear`: some row by the address, number or identifier itself; `bare`: by a digest that anybody can make; `unknown`:
    by a digest nobody says the making of. Without any of the three only keyed or salted digests matched.
    `soft_deleted`: every row is marked deleted, the last on `soft_deleted_on` (None: a day cannot be read).
    `younger`: every dated row came after the erasure; `causes` and `proved` are those of the rows that did.
    `absent_once`: an earlier probe saw nobody; `restored_since`: and a restore in production came after it.
    `started_on`: the oldest day from which an exception counts, None when a row has none.
    """

    clear: bool
    bare: bool = False
    unknown: bool = False
    soft_deleted: bool = False
    soft_deleted_on: date | None = None
    younger: bool = False
    causes: frozenset[str] = frozenset()
    proved: bool | None = None
    absent_once: bool = False
    restored_since: bool = False
    started_on: date | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """The state of one probe, in the words of `erasure_probes`, and the columns that only this state has."""

    state: str
    suppression_form: str | None = None
    mask: str | None = None
    deleted_on: date | None = None
    exception_within: bool | None = None
    return_cause: str | None = None
    return_evidence: bool | None = None


def state(traces: Traces, place: Place | None, as_of: date) -> Stated:
    """The state of an object in which the person was found; `place`: what the engagement says may stay there."""
    declared = place or Place("")
    if declared.suppression is not None:
        return Stated("suppressed-only", suppression_form=_form(traces))
    if not traces.clear:
        return Stated("masked", mask=_mask(traces, declared))
    if traces.soft_deleted:
        return Stated("soft-deleted", deleted_on=traces.soft_deleted_on)
    if declared.exception is not None:
        return Stated("present", exception_within=_within(declared, traces.started_on, as_of))
    if traces.younger or traces.absent_once:
        return Stated("reappeared", return_cause=_cause(traces), return_evidence=traces.proved)
    return Stated("present")


def _form(traces: Traces) -> str | None:
    """What kind of entry stands on a do-not-contact list; None for a digest that may be anybody's to make."""
    if traces.clear:
        return "clear"
    return None if traces.bare or traces.unknown else "hashed"


def _mask(traces: Traces, place: Place) -> str | None:
    """A digest is undone by whoever has its key, and by anybody where there is none."""
    if place.mask is not None:
        return place.mask
    return None if traces.unknown and not traces.bare else "reversible"


def _within(place: Place, started_on: date | None, as_of: date) -> bool | None:
    """Whether the exception's own period still runs for the oldest row; None when that cannot be said."""
    if place.keep is None or started_on is None:
        return None
    number, _, span = place.keep.partition(" ")
    rule = Rule(("start",), (int(number), Span(span.rstrip("s") + "s")), Then.DELETE)
    try:
        kept = judge_row(rule, Unit("active", {"start": started_on.isoformat()}), as_of)
    except (ValueError, OverflowError):
        return None  # the limit lies beyond the calendar
    return {Outcome.PASS: True, Outcome.FAIL: False}.get(kept.verdict)


def _cause(traces: Traces) -> str | None:
    known = next((cause for cause in CAUSES if cause in traces.causes), None)
    return known or ("restore" if traces.absent_once and traces.restored_since else None)
