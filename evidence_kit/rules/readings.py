"""Each control's verdicts read a second time, from its rows: what passed must look in order, what failed must not.

The readings are Great Expectations' to answer. They look at the evidence rows and at the due day alone, never at the
rule's own words, so that a slip in either shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from evidence_kit.model.audit import Control
from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Mark, Outcome
from evidence_kit.model.sample import Row
from evidence_kit.rules import (
    erased_again,
    kept_again,
    processors_again,
    register_again,
    reread,
    sending_again,
    traced_again,
)
from evidence_kit.rules.claims import Table
from evidence_kit.rules.reread import Frames, Results

LATE = ("answered-late", "acknowledged-late")


def of_verdicts(control: Control, results: Results, frames: Frames) -> tuple[Table, ...]:
    """What to ask about the results of one control; nothing for a test that has no second reading."""
    reading = READINGS.get(control.test)
    return () if reading is None else tuple(reading(results, frames))


def _in_time(event: Callable[[Row], str | None]) -> Callable[[Results, Frames], Iterator[Table]]:
    """In time and late, from the due day and the day of the event."""

    def read(results: Results, frames: Frames) -> Iterator[Table]:
        passed, late = [], []
        for result in results:
            rows = frames["request_log"].by_unit.get(result.unit, ())
            done = event(rows[0]) if rows else None
            if done is None or result.working is None or result.working.due_on is None:
                continue
            row = {"due": result.working.due_on.toordinal(), "done": date.fromisoformat(done).toordinal()}
            if result.verdict is Outcome.PASS:
                passed.append(row)
            elif result.verdict is Outcome.FAIL and set(result.reasons) & set(LATE):
                late.append(row)
        yield Table("in_time", passed, (Claim("not-less", ("due", "done"), reading=True),))
        yield Table("late", late, (Claim("greater", ("done", "due"), reading=True),))

    return read


def _answered(row: Row) -> str | None:
    if row["capacity"] == "processor":
        return _text(row["forwarded_at_local"])
    if row.get("reopened_at") is not None and row.get("reopen_cause") == "same_request":
        return _text(row["responded_again_at_local"])
    return _text(row["responded_at_local"])


def _acknowledged(row: Row) -> str | None:
    return _text(row["acknowledged_at_local"])


def _tallies(results: Results, frames: Frames) -> Iterator[Table]:
    # An archive of the same rule is RET-02's.
    seen = {
        unit: row
        for unit, rows in frames["retention_observations"].by_unit.items()
        for row in rows
        if row["place"] == "active"
    }
    passed = [seen[r.unit] for r in results if r.verdict is Outcome.PASS]
    failed = [seen[r.unit] for r in results if "kept-past-limit" in r.reasons]
    clean = tuple(
        Claim("one-of", (name,), (0,), reading=True)
        for name in ("past_limit_rows", "hold_faulty_rows", "start_missing_rows", "bad_date_rows")
    )
    rows = [{"over": row["past_limit_rows"], "none": 0} for row in failed]
    yield Table("within_period", passed, clean)
    yield Table("past_limit", rows, (Claim("greater", ("over", "none"), reading=True),))


def _identity(results: Results, frames: Frames) -> Iterator[Table]:
    asked = [row for row in reread.passed(results, frames, "request_log") if row["identity_requested_at"] is not None]
    shown = [row for row in reread.passed(results, frames, "request_log") if row["identity_document_at"] is not None]
    known = [row for row in shown if row["authenticated_by"] in ("account_login", "known_address")]
    failed = reread.marked(results, frames, "request_log", "A", Mark.FAIL)
    yield Table("asked_on_a_doubt", asked, (Claim("not-null", ("identity_doubt_reason",), reading=True),))
    yield Table("nobody_known_showed_a_document", [{"document": len(known)}], (reread.only("document", 0),))
    yield Table("document_of_a_known_person", failed, (Claim("not-null", ("identity_document_at",), reading=True),))


def _access(results: Results, frames: Frames) -> Iterator[Table]:
    held = [
        row
        for row in reread.passed(results, frames, "access_answer_items")
        if row["stored_rows"] and row["exempt_reason"] is None
    ]
    given = (
        Claim("not-null", ("disclosed_rows",), reading=True),
        Claim("not-less", ("disclosed_rows", "stored_rows"), reading=True),
        Claim("not-less", ("disclosed_fields", "stored_fields"), reading=True),
    )
    yield Table("given_whole", held, given)


def _rectified(results: Results, frames: Frames) -> Iterator[Table]:
    same = [
        {"same": row["observed_key"] == row["expected_key"]}
        for row in reread.passed(results, frames, "rectification_checks")
    ]
    yield Table("corrected_everywhere", same, (reread.only("same", True),))


def _refused(results: Results, frames: Frames) -> Iterator[Table]:
    """Of those that passed, each thing the letter must say is said in one letter at least."""
    told = ("reasons_given", "complaint_right_given", "judicial_remedy_given")
    letters = frames["request_replies"].by_unit
    passed = [letters.get(result.unit, ()) for result in results if result.verdict is Outcome.PASS]
    rows = [{name: any(row[name] is True for row in mine) for name in told} for mine in passed]
    yield Table("refusal_tells_all", rows, tuple(reread.only(name, True) for name in told))


def _channels(results: Results, frames: Frames) -> Iterator[Table]:
    checks = frames.get("channel_checks")
    tried = () if checks is None else checks.by_unit.items()
    last = {unit: max(rows, key=lambda row: int(str(row["round"]))) for unit, rows in tried}
    passed = [last[result.unit] for result in results if result.verdict is Outcome.PASS]
    seen = [{**row, "seen": row["ticket_created_at"] or row["effective_at"]} for row in passed]
    yield Table("channel_works", seen, (reread.only("reachable", True), Claim("not-null", ("seen",), reading=True)))


def _complete(results: Results, frames: Frames) -> Iterator[Table]:
    passed = reread.passed(results, frames, "completeness")
    numbers = [row for row in passed if row["unit_kind"] == "identifier" and row["log_rows"]]
    absent = [row for row in passed if row["unit_kind"] == "identifier" and not row["log_rows"]]
    messages = [row for row in passed if row["unit_kind"] == "message"]
    twice = reread.marked(results, frames, "completeness", "E", Mark.FAIL)
    yield Table("once_in_the_log", numbers, (reread.only("log_rows", 1),))
    yield Table("absence_explained", absent, (Claim("not-null", ("explanation",), reading=True),))
    yield Table("message_has_its_case", messages, (Claim("not-null", ("request_id",), reading=True),))
    yield Table(
        "more_than_once", [{**row, "once": 1} for row in twice], (Claim("greater", ("log_rows", "once"), reading=True),)
    )


def _true_log(results: Results, frames: Frames) -> Iterator[Table]:
    """Whoever passed A has a receipt on or before a message's; whoever failed it has none that early."""
    messages = frames["mailbox_messages"].by_unit
    days: dict[Mark, list[Row]] = {Mark.PASS: [], Mark.FAIL: []}
    for result in results:
        mark = reread.answer(result, "A").mark
        arrived = [str(row["received_at_local"]) for row in messages.get(result.unit, ()) if row["received_at_local"]]
        rows = frames["request_log"].by_unit.get(result.unit, ())
        if mark in days and arrived and rows:
            logged = date.fromisoformat(str(rows[0]["received_at_local"])).toordinal()
            days[mark].append({"message": date.fromisoformat(min(arrived)).toordinal(), "logged": logged})
    yield Table("logged_in_time", days[Mark.PASS], (Claim("not-less", ("message", "logged"), reading=True),))
    yield Table("logged_late", days[Mark.FAIL], (Claim("greater", ("logged", "message"), reading=True),))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


#: The second reading of each test that has one.
READINGS: Mapping[str, Callable[[Results, Frames], Iterator[Table]]] = {
    "requests.answered_in_time": _in_time(_answered),
    "requests.acknowledged": _in_time(_acknowledged),
    "requests.identity_proportionate": _identity,
    "requests.access_complete": _access,
    "requests.rectified_everywhere": _rectified,
    "requests.refusal_reasoned": _refused,
    "requests.channels_work": _channels,
    "completeness.population_complete": _complete,
    "completeness.log_is_true": _true_log,
    "retention.active_within_period": _tallies,
    **erased_again.READINGS,
    **kept_again.READINGS,
    **register_again.READINGS,
    **processors_again.READINGS,
    **sending_again.READINGS,
    **traced_again.READINGS,
}
