"""Tests of what an answer says and does: complete access (REQ-05), rectification everywhere (REQ-06), reasoned refusal
(REQ-07). One unit is one request.

Source: docs/norm/controls; GDPR art. 12(4), 15, 16, 19; CJEU C-154/21; EDPB 01/2022, 175 to 194.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evidence_kit.model.outcome import Answer, Mark, Outcome, Test, Working
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.requests import MARKS, judge_without_extension
from evidence_kit.rules.rows import Rows, earliest, missing, not_asked, stated

#: The items of art. 15(1) that an access answer holds.
ITEMS = "abcdefgh"


def access_complete(rows: Rows, terms: Terms) -> Test:
    """REQ-05: every object that holds the person is in the answer, whole; so are the items of art. 15(1)."""
    log, items = rows["request_log"][0], rows.get("access_answer_items", ())
    letters = [row for row in rows.get("request_replies", ()) if row["kind"] == "answer"]
    return Test((*_disclosed(log, items), *_information(log, letters)))


def _disclosed(log: Row, items: Sequence[Row]) -> tuple[Answer, ...]:
    """Attributes A and B: what our own search found, beside what was given."""
    if log["subject_key"] is None:
        return missing("AB", "no-address-to-search")
    searched = [row for row in items if row["stored_rows"] is not None]
    held = [row for row in searched if _count(row, "stored_rows") > 0 and row["exempt_reason"] is None]
    if not searched:
        return missing("AB", "nothing-searched")
    if held and all(row["disclosed_rows"] is None for row in items):
        return missing("AB", "answer-not-kept")  # nothing says what was given: that is no sign of nothing given
    given = [row for row in held if row["disclosed_rows"] is not None]
    whole = Answer("A", Mark.PASS) if len(given) == len(held) else Answer("A", Mark.FAIL, "object-not-disclosed")
    return whole, _in_full(given)


def _in_full(given: Sequence[Row]) -> Answer:
    """Rows and fields given are at least those stored; more is no fault: what was given may be gone since."""
    if not given:
        return not_asked("B")
    if any(_count(row, "stored_rows") > _count(row, "disclosed_rows") for row in given):
        return Answer("B", Mark.FAIL, "rows-not-disclosed")
    counted = [row for row in given if None not in (row["stored_fields"], row["disclosed_fields"])]
    if any(_count(row, "stored_fields") > _count(row, "disclosed_fields") for row in counted):
        return Answer("B", Mark.FAIL, "fields-not-disclosed")
    return Answer("B", Mark.PASS) if counted == list(given) else Answer("B", Mark.MISSING, "answer-not-kept")


def _information(log: Row, letters: Sequence[Row]) -> tuple[Answer, ...]:
    """Attributes C and D: the items of art. 15(1) and the recipients by name, which portability does not ask."""
    if log["right_invoked"] != "access":
        return not_asked("C"), not_asked("D")
    if not letters:
        return missing("CD", "letter-not-found")
    read = [str(row["art15_items"]) for row in letters if row["art15_items"] is not None]
    complete = Answer("C", Mark.MISSING, "art15-items-not-read")
    if read:
        lacking = set(ITEMS) - set("".join(read))
        complete = Answer("C", Mark.FAIL, "art15-items-missing") if lacking else Answer("C", Mark.PASS)
    named = stated("D", (row["recipients_named"] for row in letters), "recipients-not-named", "recipients-not-read")
    return complete, named


def rectified_everywhere(rows: Rows, terms: Terms) -> Test:
    """REQ-06: the corrected value stands in every object that holds the field, and each recipient was told."""
    checks = rows.get("rectification_checks", ())
    notices = [row for row in rows.get("recipients_notifications", ()) if row["action"] == "rectification"]
    return Test((_corrected(checks), _told([row for row in notices if row["disclosed_on"] is not None])))


def _corrected(checks: Sequence[Row]) -> Answer:
    if not checks:
        return Answer("A", Mark.MISSING, "corrections-not-recorded")
    if any(row["observed_key"] not in (None, row["expected_key"]) for row in checks):
        return Answer("A", Mark.FAIL, "value-not-corrected")
    if any(row["observed_key"] is None for row in checks):
        return Answer("A", Mark.MISSING, "value-not-found")
    return Answer("A", Mark.PASS)


def _told(notices: Sequence[Row]) -> Answer:
    """Each recipient was told, or a ground is written. Source: GDPR art. 19."""
    untold = [row for row in notices if row["notified_at"] is None]
    if any(row["exemption"] is None for row in untold):
        return Answer("B", Mark.FAIL, "recipient-not-told")
    if any(row["exemption_reason_ref"] is None for row in untold):
        return Answer("B", Mark.MISSING, "exemption-without-reason")
    return Answer("B", Mark.PASS) if notices else not_asked("B")


def refusal_reasoned(rows: Rows, terms: Terms) -> Test:
    """REQ-07: the refusal left by the first due day, with its reasons and both remedies.

    A refusal in part may be told by the answer itself. The letter's own date counts, not the ticket's.
    """
    replies = rows.get("request_replies", ())
    letters = [row for row in replies if row["kind"] == "refusal"] or [
        row for row in replies if row["kind"] == "answer"
    ]
    first = earliest(letters, "sent_at")
    if first is None:
        return Test(missing("ABCD", "letter-not-found"))
    deadline = judge_without_extension(rows, terms, first["sent_at"])
    late = "refusal-late" if deadline.reason == "answered-late" else deadline.reason
    in_time = Answer("A", MARKS[deadline.verdict], None if deadline.verdict is Outcome.PASS else late)
    said = [
        stated(letter, (row[column] for row in letters), f"{word}-not-given", f"{word}-not-read")
        for letter, column, word in (
            ("B", "reasons_given", "reasons"),
            ("C", "complaint_right_given", "complaint-right"),
            ("D", "judicial_remedy_given", "judicial-remedy"),
        )
    ]
    working = Working(deadline.due, deadline.days_late, tuple(deadline.working))
    return Test((in_time, *said), (), working)


def _count(row: Row, column: str) -> int:
    return int(str(row[column]))


TESTS: Mapping[str, UnitTest] = {
    "requests.access_complete": access_complete,
    "requests.rectified_everywhere": rectified_everywhere,
    "requests.refusal_reasoned": refusal_reasoned,
}
