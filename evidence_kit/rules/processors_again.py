"""Verdicts on providers read a second time, from the evidence rows alone. See `readings`.

The cut-off and the days agreed are no part of a row: what must lie before them in one unit and after them in another
is compared between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Mark, Outcome, Result
from evidence_kit.model.sample import Row
from evidence_kit.rules.claims import Table
from evidence_kit.rules.periods import add_months
from evidence_kit.rules.processors import EEA, TRAFFIC
from evidence_kit.rules.reread import Frames, Results, answer, marked, only, passed

LETTERS = "abcdefgh"


def _referenced(results: Results, frames: Frames) -> Iterator[Table]:
    units = passed(results, frames, "destination_units")
    high = [
        {"listed": int(str(row["sub_processors"])) > 0 or row["subprocessor_list"] is True}
        for row in passed(results, frames, "destination_processors")
        if row["risk_tier"] == "high" and row["relation"] in ("processor", "sub_processor")
        if row["status"] != "terminated"
    ]
    failed = marked(results, frames, "destination_units", "A", Mark.FAIL)
    unmatched = [{"matched": row["processor_id"] is not None, "personal": row["personal_data"]} for row in failed]
    yield Table("destination_referenced", units, (_there("processor_id"),))
    yield Table("others_below_listed", high, (only("listed", True),))
    yield Table("destination_unmatched", unmatched, (only("matched", False), only("personal", True)))


def _contracts(results: Results, frames: Frames) -> Iterator[Table]:
    """Letters, signature and mechanism of whoever passed; what lacks of whoever failed under each letter."""
    rows = passed(results, frames, "processors")
    whole = [{"letters": _letters(row), "subprocessing": row["subprocessing_terms"]} for row in rows]
    covered = [{"covered": _inside(row) or row["transfer_mechanism"] is not None} for row in rows]
    dated = [
        {"signed": day, "first": first}
        for row, flows in _with(results, frames, "processor_flows", _fine)
        if (day := _ordinal(row, "contract_signed_on")) is not None
        for first in _traffic(flows, "first_seen_on")
    ]
    unsigned = [
        {"at_fault": day is None or any(first < day for first in _traffic(flows, "first_seen_on"))}
        for row, flows in _with(results, frames, "processor_flows", _failed("A", but="contract-in-the-future"))
        for day in [_ordinal(row, "contract_signed_on")]
    ]
    lacking = [{"all": 8, "letters": _letters(row)} for row in marked(results, frames, "processors", "B", Mark.FAIL)]
    alone = [
        {"uncovered": not _inside(row) and row["transfer_mechanism"] is None}
        for row in marked(results, frames, "processors", "D", Mark.FAIL)
    ]
    without = marked(results, frames, "processors", "C", Mark.FAIL)
    yield Table("contract_signed", rows, (_there("contract_signed_on"),))
    yield Table("no_flow_before_contract", dated, (Claim("not-less", ("first", "signed"), reading=True),))
    yield Table("terms_whole", whole, (only("letters", 8), only("subprocessing", True)))
    yield Table("transfer_covered", covered, (only("covered", True),))
    yield Table("contract_at_fault", unsigned, (only("at_fault", True),))
    yield Table("terms_lacking", lacking, (Claim("greater", ("all", "letters"), reading=True),))
    yield Table("subprocessing_lacking", without, (only("subprocessing_terms", False),))
    yield Table("transfer_uncovered", alone, (only("uncovered", True),))


def _reviews(results: Results, frames: Frames) -> Iterator[Table]:
    """One cut-off parts those reviewed in time from those overdue, whatever day it is."""

    def plain(one: Result) -> bool:
        return "review-in-the-future" not in one.flags

    seen = list(_with(results, frames, "processor_reviews", lambda one: _fine(one) and plain(one)))
    last = [
        sorted(mine, key=lambda row: (str(row["reviewed_on"]), str(row["review_id"])))[-1] for _, mine in seen if mine
    ]
    assessed = [{"assessed": row["outcome"] != "not_assessable", "paper": row["document_sha256"]} for row in last]
    never = _with(results, frames, "processor_reviews", lambda one: plain(one) and _failed("A")(one))
    over = _with(results, frames, "processor_reviews", lambda one: plain(one) and _failed("B")(one))
    ends = [_end(provider, mine) for provider, mine in seen if mine]
    parted = [{"in_time": min(ends), "over": _end(provider, mine)} for provider, mine in over if mine and ends]
    yield Table("reviewed_once", [{"reviews": bool(mine)} for _, mine in seen], (only("reviews", True),))
    yield Table("review_written", assessed, (only("assessed", True), _there("paper")))
    yield Table("never_reviewed", [{"reviews": bool(mine)} for _, mine in never], (only("reviews", False),))
    yield Table("overdue_before_in_time", parted, (Claim("greater", ("in_time", "over"), reading=True),))


def _terminated(results: Results, frames: Frames) -> Iterator[Table]:
    rows = passed(results, frames, "processors")
    gaps = [_gaps(*one) for one in _with(results, frames, "processor_flows", _fine)]
    fed = [_gaps(*one) for one in _with(results, frames, "processor_flows", _failed("A"))]
    late = [{"last": max(mine, default=0), "none": 0} for mine in fed]
    longest = max((gap for mine in gaps for gap in mine), default=0)
    parted = [{"fed": max(mine, default=0), "silent": longest} for mine in fed]
    open_ = [
        {"certified": row["data_returned_or_deleted_on"] is not None}
        for row, _ in _with(results, frames, "processor_flows", _failed("B", but="certificate-in-the-future"))
    ]
    yield Table("ended_and_certified", rows, (_there("terminated_on"), _there("data_returned_or_deleted_on")))
    yield Table("watched", [{"seen": bool(mine)} for mine in gaps], (only("seen", True),))
    yield Table("fed_after_the_end", late, (Claim("greater", ("last", "none"), reading=True),))
    yield Table("fed_longer_than_silent", parted, (Claim("greater", ("fed", "silent"), reading=True),))
    yield Table("not_certified", open_, (only("certified", False),))


def _promised(results: Results, frames: Frames) -> Iterator[Table]:
    kept = [mine for _, mine in _with(results, frames, "processor_commitments", _fine)]
    actions = [row for mine in kept for row in mine if row["kind"] == "action"]
    done = [row for row in actions if row["completed_on"] is not None]
    dated = [{"day": row["completed_on"] or row["due_on"]} for row in actions]
    bare = _with(results, frames, "processor_commitments", _failed("A", but="signature-in-the-future"))
    late = _with(results, frames, "processor_commitments", _failed("B"))
    yield Table("promise_signed", [{"signed": _signed(mine)} for mine in kept], (only("signed", True),))
    yield Table("action_dated", dated, (_there("day"),))
    yield Table("action_proved", done, (_there("evidence_sha256"),))
    yield Table("promise_unsigned", [{"signed": _signed(mine)} for _, mine in bare], (only("signed", False),))
    yield Table("action_left", [{"left": any(map(_left, mine))} for _, mine in late], (only("left", True),))


def _signed(mine: Sequence[Row]) -> bool:
    return any(row["signed_on"] is not None for row in mine if row["kind"] in ("charter", "contract_amendment"))


def _left(row: Row) -> bool:
    """An action not done on its day."""
    if row["kind"] != "action" or row["due_on"] is None:
        return False
    return row["completed_on"] is None or str(row["completed_on"]) > str(row["due_on"])


def _with(
    results: Results, frames: Frames, beside: str, when: Callable[[Result], bool]
) -> Iterator[tuple[Row, Sequence[Row]]]:
    """The provider and its rows of another frame, of each unit that `when` is true of."""
    others = frames[beside].by_unit if beside in frames else {}
    for result in results:
        for provider in frames["processors"].by_unit.get(result.unit, ()):
            if when(result):
                yield provider, others.get(result.unit, ())


def _fine(result: Result) -> bool:
    return result.verdict is Outcome.PASS


def _failed(letter: str, but: str = "") -> Callable[[Result], bool]:
    """Whether a unit fails under a letter, for another reason than `but`, which no row can show alone."""

    def fails(result: Result) -> bool:
        found = answer(result, letter)
        return found.mark is Mark.FAIL and found.reason != but

    return fails


def _there(column: str) -> Claim:
    return Claim("not-null", (column,), reading=True)


def _letters(row: Row) -> int:
    return len(set(str(row["art28_terms"] or "").lower()) & set(LETTERS))


def _inside(row: Row) -> bool:
    return str(row["country"] or "").upper() in EEA


def _traffic(flows: Sequence[Row], column: str) -> list[int]:
    days = [_ordinal(row, column) for row in flows if row["seen_in"] in TRAFFIC]
    return [day for day in days if day is not None]


def _gaps(provider: Row, flows: Sequence[Row]) -> list[int]:
    """Days from the end of the relation to each last sighting; negative before it."""
    end = _ordinal(provider, "terminated_on")
    return [] if end is None else [day - end for day in _traffic(flows, "last_seen_on")]


def _end(provider: Row, reviews: Sequence[Row]) -> int:
    """The last day on which the last review still counts; days of the calendar from year 1."""
    last = max(date.fromisoformat(str(row["reviewed_on"])) for row in reviews)
    try:
        return add_months(last, int(str(provider["review_months"]))).toordinal()
    except (ValueError, OverflowError):
        return date.max.toordinal()


def _ordinal(row: Row, column: str) -> int | None:
    return None if row[column] is None else date.fromisoformat(str(row[column])).toordinal()


READINGS: Mapping[str, Callable[[Results, Frames], Iterator[Table]]] = {
    "processors.destinations_referenced": _referenced,
    "processors.contracts_whole": _contracts,
    "processors.reviews_in_time": _reviews,
    "processors.terminated_receive_nothing": _terminated,
    "processors.commitments_kept": _promised,
}
