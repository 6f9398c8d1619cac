"""What the second reader is asked: the common expectations of every frame, and each control's verdict read again.

Source: docs/norm/frames.md, "Expectations every frame gets". The second reading looks at the evidence rows, not at the
rule's working, so that a slip in either shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from evidence_kit.model.audit import Control
from evidence_kit.model.claims import Claim
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.outcome import Outcome, Result
from evidence_kit.model.sample import EvidenceFrame, Row

LATE = ("answered-late", "acknowledged-late")


class Table(NamedTuple):
    """Some rows under a name, and what must hold of each of them."""

    name: str
    rows: Sequence[Row]
    claims: tuple[Claim, ...]


def of_frame(frame: EvidenceFrame, as_of: str, as_of_on: str, main: bool) -> Table:
    """The common expectations of one frame. `main`: a frame that must have rows.

    `as_of` is the cut-off instant in UTC, `as_of_on` its day in the engagement's time zone.
    """
    spec = FRAMES[frame.frame]
    kinds = {name: kind for name, kind, _ in frame.columns}
    claims = [Claim("present")] if main else []
    for column in spec.columns:
        if column.name not in kinds:
            continue
        if not column.nullable:
            claims.append(Claim("not-null", (column.name,)))
        if column.values:
            claims.append(Claim("one-of", (column.name,), column.values))
        if column.privacy == "key":
            claims.append(Claim("key", (column.name,)))
        if kinds[column.name] in ("date", "instant") and not column.may_be_future:
            limit = as_of if kinds[column.name] == "instant" else as_of_on
            claims.append(Claim("not-after", (column.name,), (limit,)))
    key = tuple(name for name in spec.unique_key if name in kinds)
    if key == spec.unique_key:
        claims.append(Claim("unique", key))
    return Table(frame.frame, frame.rows, tuple(claims))


def of_verdicts(control: Control, results: Sequence[Result], frames: Mapping[str, EvidenceFrame]) -> tuple[Table, ...]:
    """The control's verdicts read again from its rows: what passed must look in order, what failed must not."""
    if control.test == "retention.active_within_period":
        return _of_tallies(results, frames)
    event = {"requests.answered_in_time": _answered, "requests.acknowledged": _acknowledged}.get(control.test)
    if event is None:
        return ()
    passed, late = [], []
    for result in results:
        rows = frames[control.frame].by_unit.get(result.unit, ())
        done = event(rows[0]) if rows else None
        if done is None or result.working is None or result.working.due_on is None:
            continue
        row = {"due": result.working.due_on.toordinal(), "done": date.fromisoformat(done).toordinal()}
        if result.verdict is Outcome.PASS:
            passed.append(row)
        elif result.verdict is Outcome.FAIL and set(result.reasons) & set(LATE):
            late.append(row)
    return (
        Table("in_time", passed, (Claim("not-less", ("due", "done"), reading=True),)),
        Table("late", late, (Claim("greater", ("done", "due"), reading=True),)),
    )


def _answered(row: Row) -> str | None:
    if row["capacity"] == "processor":
        return _text(row["forwarded_at_local"])
    if row.get("reopened_at") is not None and row.get("reopen_cause") == "same_request":
        return _text(row["responded_again_at_local"])
    return _text(row["responded_at_local"])


def _acknowledged(row: Row) -> str | None:
    return _text(row["acknowledged_at_local"])


def _of_tallies(results: Sequence[Result], frames: Mapping[str, EvidenceFrame]) -> tuple[Table, ...]:
    seen = frames["retention_observations"].by_unit
    passed = [seen[r.unit][0] for r in results if r.verdict is Outcome.PASS]
    failed = [seen[r.unit][0] for r in results if "kept-past-limit" in r.reasons]
    clean = tuple(
        Claim("one-of", (name,), (0,), reading=True)
        for name in ("past_limit_rows", "hold_faulty_rows", "start_missing_rows", "bad_date_rows")
    )
    rows = [{"over": row["past_limit_rows"], "none": 0} for row in failed]
    return (
        Table("within_period", passed, clean),
        Table("past_limit", rows, (Claim("greater", ("over", "none"), reading=True),)),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
