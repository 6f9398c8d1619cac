"""Test of REQ-04: a person is asked who they are only on a recorded doubt, quickly, and the copy is destroyed.

Source: docs/norm/controls, REQ-04; GDPR art. 12(2), 12(6), 5(1)(c); EDPB 01/2022, 58 to 79.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from evidence_kit.model.outcome import Answer, Mark, Test
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.rows import Rows, day, not_asked, today

#: What the agent saw first, where nobody needs a paper to know who asks.
KNOWN = ("account_login", "known_address")
#: Rights whose answer hands data over: there it matters how the person was known.
DISCLOSING = ("access", "portability")


def proportionate(rows: Rows, terms: Terms) -> Test:
    """REQ-04: no document of a known person, a doubt behind each question, the copy gone, the question asked soon."""
    log = rows["request_log"][0]
    return Test((_document(log), _doubt(log), _copy(log, terms), _asked_soon(log, terms)))


def _document(log: Row) -> Answer:
    """No document was asked: that agrees whoever the person is. One was: then what the agent saw first decides."""
    seen = log["authenticated_by"]
    if seen is None and (log["identity_document_at"] is not None or _disclosed(log)):
        return Answer("A", Mark.MISSING, "authentication-unknown")
    if log["identity_document_at"] is not None and seen in KNOWN:
        return Answer("A", Mark.FAIL, "document-asked-of-known-person")
    return Answer("A", Mark.PASS)


def _disclosed(log: Row) -> bool:
    return log["right_invoked"] in DISCLOSING and log["responded_at"] is not None


def _doubt(log: Row) -> Answer:
    if log["identity_requested_at"] is None:
        return not_asked("B")
    if log["identity_doubt_reason"] is None:
        return Answer("B", Mark.FAIL, "doubt-not-written")
    return Answer("B", Mark.PASS)


def _copy(log: Row, terms: Terms) -> Answer:
    """The copy is destroyed within `identity_copy_days`; while these run, nothing is due."""
    taken, gone = day(log, "identity_document_at"), day(log, "identity_document_deleted_at")
    if taken is None:
        return not_asked("C")
    last = taken + timedelta(days=terms.parameters["identity_copy_days"])
    if gone is None:
        return Answer("C", Mark.FAIL, "copy-not-destroyed") if today(terms) > last else not_asked("C")
    if gone < taken:
        return Answer("C", Mark.ERROR, "event-before-receipt")
    return Answer("C", Mark.PASS) if gone <= last else Answer("C", Mark.FAIL, "copy-kept-too-long")


def _asked_soon(log: Row, terms: Terms) -> Answer:
    received, asked = day(log, "received_at"), day(log, "identity_requested_at")
    if asked is None:
        return not_asked("D")
    if received is None:
        return Answer("D", Mark.ERROR, "received-missing")
    if asked < received:
        return Answer("D", Mark.ERROR, "event-before-receipt")
    late = (asked - received).days > terms.parameters["ask_within_days"]
    return Answer("D", Mark.FAIL, "asked-late") if late else Answer("D", Mark.PASS)


TESTS: Mapping[str, UnitTest] = {"requests.identity_proportionate": proportionate}
