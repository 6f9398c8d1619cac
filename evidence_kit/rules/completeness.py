"""Tests of the completeness controls: is every request in the log (COM-01), and does the log say what the messages say
(COM-02)?

Source: docs/norm/controls; GDPR art. 5(2), 12(2) and (3); EDPB 01/2022, 52 to 57; ISA 500, 7 to 9.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model.outcome import Answer, Mark, Test
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.rows import Rows, day, earliest, not_asked

LETTERS = "ABCE"


def population_complete(rows: Rows, terms: Terms) -> Test:
    """COM-01: a number of the log, a message or an extract: each kind of unit has attributes of its own."""
    unit = rows["completeness"][0]
    answered, flags = {"identifier": _identifier, "message": _message, "extract": _extract}[str(unit["unit_kind"])](
        unit, rows
    )
    asked = {answer.letter: answer for answer in answered}
    return Test(tuple(asked.get(letter, not_asked(letter)) for letter in LETTERS), flags)


def _identifier(unit: Row, rows: Rows) -> tuple[tuple[Answer, ...], tuple[str, ...]]:
    met = int(str(unit["log_rows"]))
    numbered = not_asked("A") if unit["request_seq"] is None else _numbered(unit, met)
    once = not_asked("E")
    if met:
        once = Answer("E", Mark.PASS) if met == 1 else Answer("E", Mark.FAIL, "identifier-repeated")
    flags = {
        "identifiers-not-sequential": unit["request_seq"] is None,
        "no-message-found": unit["message_found"] is False,
        "logged-outside-the-period": unit["logged_in_period"] is False,
    }
    return (numbered, once), tuple(flag for flag, raised in flags.items() if raised)


def _numbered(unit: Row, met: int) -> Answer:
    explained = met > 0 or unit["explanation"] is not None
    return Answer("A", Mark.PASS) if explained else Answer("A", Mark.FAIL, "number-missing")


def _message(unit: Row, rows: Rows) -> tuple[tuple[Answer, ...], tuple[str, ...]]:
    triaged = {row["is_rights_request"] for row in rows.get("mailbox_messages", ())}
    found = ("link-found-by-the-kit",) if unit["link"] == "found" else ()
    if True not in triaged:
        return (Answer("B", Mark.MISSING, "triage-missing"),), found
    if unit["request_id"] is None:
        return (Answer("B", Mark.FAIL, "message-without-case"),), found
    return (Answer("B", Mark.PASS),), found


def _extract(unit: Row, rows: Rows) -> tuple[tuple[Answer, ...], tuple[str, ...]]:
    extract = rows.get("extracts", ())
    if not extract or extract[0]["source_rows"] is None:
        return (Answer("C", Mark.MISSING, "source-not-counted"),), ()
    whole = extract[0]["source_rows"] == extract[0]["frame_rows"]
    return (Answer("C", Mark.PASS) if whole else Answer("C", Mark.FAIL, "rows-lost"),), ()


def log_is_true(rows: Rows, terms: Terms) -> Test:
    """COM-02: receipt, right and answer of the log are those of the message and the letter."""
    log = rows["request_log"][0]
    message = earliest(rows.get("mailbox_messages", ()), "received_at")
    received, early = _received(log, message)
    flags = ("receipt-logged-early",) if early else ()
    return Test((received, _right(log, message), _answered(log, rows), _logged(log)), flags)


def _received(log: Row, message: Row | None) -> tuple[Answer, bool]:
    """Logged later than the message is a fault; earlier is a note: another channel may have been first."""
    logged = day(log, "received_at")
    arrived = None if message is None else day(message, "received_at")
    if arrived is None:
        return Answer("A", Mark.MISSING, "message-not-dated"), False
    if logged is None:
        return Answer("A", Mark.ERROR, "received-missing"), False
    if logged > arrived:
        return Answer("A", Mark.FAIL, "receipt-logged-late"), False
    return Answer("A", Mark.PASS), logged < arrived


def _right(log: Row, message: Row | None) -> Answer:
    said = None if message is None else message["right_invoked"]
    if said in (None, "unknown"):
        return Answer("B", Mark.MISSING, "right-not-known")
    return Answer("B", Mark.PASS) if said == log["right_invoked"] else Answer("B", Mark.FAIL, "right-differs")


def _answered(log: Row, rows: Rows) -> Answer:
    answered = day(log, "responded_at")
    if answered is None:
        return not_asked("C")
    sent = {day(row, "sent_at") for row in rows.get("request_replies", ()) if row["kind"] in ("answer", "refusal")}
    if not sent:
        return Answer("C", Mark.MISSING, "answer-letter-not-found")
    return Answer("C", Mark.PASS) if answered in sent else Answer("C", Mark.FAIL, "answer-day-differs")


def _logged(log: Row) -> Answer:
    """Logged at or after receipt; compared as instants where both are, as local days otherwise."""
    if log["logged_at"] is None or log["received_at"] is None:
        return not_asked("D")
    logged, received = str(log["logged_at"]), str(log["received_at"])
    before = logged < received
    if not ("T" in logged and "T" in received):
        before = str(log["logged_at_local"]) < str(log["received_at_local"])
    return Answer("D", Mark.FAIL, "logged-before-received") if before else Answer("D", Mark.PASS)


TESTS: Mapping[str, UnitTest] = {
    "completeness.population_complete": population_complete,
    "completeness.log_is_true": log_is_true,
}
