"""Tests of the sending controls: no field without need, no message after a stop.

Source: docs/norm/controls, SND-01 and SND-02; GDPR art. 5(1)(c), 21(2)-(3); RFC 8058; docs/sending.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model.outcome import Answer, Mark, Test
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.rows import Rows, not_asked

#: Messages from which large mailbox providers call a sender a bulk one, and ask for the one-click headers.
BULK_MESSAGES = 5000


def fields_necessary(rows: Rows, terms: Terms) -> Test:
    """SND-01: one field that one kind of sending can use.

    A: it is used. B: a purpose is written for it. C: it was judged necessary. D: it is no special category, or a
    register entry and a legal basis cover it. What a client asked for in its own sendings is told to the client.
    """
    row = rows["field_units"][0]
    answers = (_used(row), _purpose(row), _necessary(row), _ordinary(row))
    open_ = any(answer.mark not in (Mark.PASS, Mark.NA) for answer in answers)
    return Test(answers, ("addressed-to-the-client",) if open_ and row["account_key"] is not None else ())


def stops_heeded(rows: Rows, terms: Terms) -> Test:
    """SND-02: one campaign of marketing.

    A: none of its messages went to somebody who had said stop before the grace. B: a one-click unsubscribe stands in
    its headers; of the organisation's own mail below the volume of bulk senders, its absence is only observed.
    """
    row = rows["send_checks"][0]
    headers = _headers(row)
    small = row["account_key"] is None and int(str(row["sent_count"])) < BULK_MESSAGES
    if small and headers.mark is Mark.FAIL:
        return Test((_stopped(row), not_asked("B")), ("header-missing-observed",))
    return Test((_stopped(row), headers))


def _used(row: Row) -> Answer:
    if row["used_in"] != "unused":
        return Answer("A", Mark.PASS)
    return Answer("A", Mark.FAIL, "read-though-unused" if row["read"] is True else "field-unused")


def _purpose(row: Row) -> Answer:
    if row["purpose_declared"] is None:
        return Answer("B", Mark.MISSING, "purpose-not-known")
    return Answer("B", Mark.PASS) if row["purpose_declared"] else Answer("B", Mark.FAIL, "purpose-not-written")


def _necessary(row: Row) -> Answer:
    if row["necessary"] is None:
        return Answer("C", Mark.MISSING, "necessity-not-judged")
    return Answer("C", Mark.PASS) if row["necessary"] else Answer("C", Mark.FAIL, "judged-unnecessary")


def _ordinary(row: Row) -> Answer:
    """A class that nobody could tell may be a special one."""
    if row["personal_class"] == "unknown":
        return Answer("D", Mark.MISSING, "class-not-known")
    if row["personal_class"] != "special":
        return Answer("D", Mark.PASS)
    covered = (row["entry_declared"], row["basis_declared"])
    if False in covered:
        return Answer("D", Mark.FAIL, "special-category-not-covered")
    return Answer("D", Mark.MISSING, "register-not-read") if None in covered else Answer("D", Mark.PASS)


def _stopped(row: Row) -> Answer:
    if row["stopped_hits"] is None:
        return Answer("A", Mark.MISSING, "stops-not-compared")
    if int(str(row["stopped_hits"])):
        return Answer("A", Mark.FAIL, "sent-after-stop")
    # Nothing found among no messages proves nothing.
    return Answer("A", Mark.PASS) if int(str(row["sent_count"])) else Answer("A", Mark.MISSING, "no-message-seen")


def _headers(row: Row) -> Answer:
    reasons = {"list_unsubscribe": "unsubscribe-header-missing", "one_click": "one-click-missing"}
    for name, reason in reasons.items():
        if row[name] is False:
            return Answer("B", Mark.FAIL, reason)
    unknown = any(row[name] is None for name in reasons)
    return Answer("B", Mark.MISSING, "headers-not-known") if unknown else Answer("B", Mark.PASS)


def kind_of(row: Row) -> str:
    """What a picture calls one field of one sending: `unused`, `unjustified` (used, and not all that must be written or
    judged is), or `used`. Whatever is not known is no justification.
    """
    if row["used_in"] == "unused":
        return "unused"
    return (
        "used"
        if all(one.mark is Mark.PASS for one in (_purpose(row), _necessary(row), _ordinary(row)))
        else "unjustified"
    )


TESTS: Mapping[str, UnitTest] = {
    "sending.fields_necessary": fields_necessary,
    "sending.stops_heeded": stops_heeded,
}
