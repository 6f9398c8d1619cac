"""COM-01 and COM-02: the list is whole, and says what the messages say."""

from __future__ import annotations

import pytest

from evidence_kit.model.outcome import Mark
from evidence_kit.model.outcome import Test as Outcomes
from evidence_kit.model.sample import Row
from evidence_kit.rules.completeness import log_is_true, population_complete
from tests.unit.cases import answers, dated, letter, log, message, terms

NA, PASS, FAIL, MISSING, ERROR = Mark.NA, Mark.PASS, Mark.FAIL, Mark.MISSING, Mark.ERROR


def unit(kind: str, **changes: object) -> Row:
    absent = ("request_seq", "log_rows", "explanation", "request_id", "link", "message_found", "logged_in_period")
    return {"id": 1, "unit_id": "U1", "unit_kind": kind, **dict.fromkeys(absent), "unreadable": None, **changes}


def whole(one: Row, **frames: tuple[Row, ...]) -> Outcomes:
    return population_complete({"completeness": (one,), **frames}, terms())


@pytest.mark.parametrize(
    ("changes", "numbered", "once"),
    [
        ({"request_seq": 7, "log_rows": 1}, (PASS, None), (PASS, None)),
        ({"request_seq": 7, "log_rows": 2}, (PASS, None), (FAIL, "identifier-repeated")),
        ({"request_seq": 7, "log_rows": 0}, (FAIL, "number-missing"), (NA, None)),
        ({"request_seq": 7, "log_rows": 0, "explanation": "spoiled form"}, (PASS, None), (NA, None)),
        ({"log_rows": 1}, (NA, None), (PASS, None)),
    ],
    ids=["there", "twice", "missing", "explained", "without numbers"],
)
def test_a_number_is_there_once_or_its_absence_is_explained(
    changes: dict[str, object], numbered: tuple[Mark, str | None], once: tuple[Mark, str | None]
) -> None:
    found = answers(whole(unit("identifier", **changes)))
    assert found == {"A": numbered, "B": (NA, None), "C": (NA, None), "E": once}


def test_what_is_odd_about_a_number_stands_beside_its_verdict() -> None:
    odd = unit("identifier", log_rows=1, message_found=False, logged_in_period=False)
    assert whole(odd).flags == ("identifiers-not-sequential", "no-message-found", "logged-outside-the-period")
    assert whole(unit("identifier", request_seq=1, log_rows=1, message_found=True, logged_in_period=True)).flags == ()


@pytest.mark.parametrize(
    ("triaged", "case", "answer"),
    [
        (True, "R1", (PASS, None)),
        (True, None, (FAIL, "message-without-case")),
        (None, None, (MISSING, "triage-missing")),
        (None, "R1", (MISSING, "triage-missing")),
    ],
)
def test_a_message_that_asks_has_its_case(
    triaged: bool | None, case: str | None, answer: tuple[Mark, str | None]
) -> None:
    rows = ({"message_key": "U1", "is_rights_request": triaged},)
    found = whole(unit("message", request_id=case, link="found"), mailbox_messages=rows)
    assert answers(found)["B"] == answer
    assert found.flags == ("link-found-by-the-kit",)


@pytest.mark.parametrize(
    ("counted", "answer"), [(5, (PASS, None)), (6, (FAIL, "rows-lost")), (None, (MISSING, "source-not-counted"))]
)
def test_no_row_is_lost_between_source_and_frame(counted: int | None, answer: tuple[Mark, str | None]) -> None:
    found = whole(unit("extract"), extracts=({"source_rows": counted, "frame_rows": 5},))
    assert answers(found)["C"] == answer
    assert answers(whole(unit("extract")))["C"] == (MISSING, "source-not-counted")


# --- COM-02 -----------------------------------------------------------------------------------------------------------


def true(*messages: Row, letters: tuple[Row, ...] = (), **changes: object) -> Outcomes:
    row = dated(log(**{"logged_at": "2026-03-02T10:00:00.000000Z", **changes}))
    sent = letters or (dated(letter(kind="answer", sent_at="2026-03-20T08:00:00.000000Z")),)
    return log_is_true({"request_log": (row,), "mailbox_messages": messages, "request_replies": sent}, terms())


def arrived(at: str | None = "2026-03-02T07:00:00.000000Z", right: str | None = "access") -> Row:
    return dated(message(at, right_invoked=right))


def test_a_log_that_says_what_the_letters_say_agrees() -> None:
    found = true(arrived())
    assert set(answers(found).values()) == {(PASS, None)}
    assert found.flags == ()


def test_a_receipt_logged_late_fails_and_one_logged_early_is_a_note() -> None:
    assert answers(true(arrived("2026-03-01T07:00:00.000000Z")))["A"] == (FAIL, "receipt-logged-late")
    early = true(arrived("2026-03-03T07:00:00.000000Z"))
    assert (answers(early)["A"], early.flags) == ((PASS, None), ("receipt-logged-early",))
    both = true(arrived("2026-03-04T07:00:00.000000Z"), arrived())
    assert answers(both)["A"] == (PASS, None)


def test_an_undated_or_lost_message_proves_nothing() -> None:
    assert answers(true(arrived(None)))["A"] == answers(true())["A"] == (MISSING, "message-not-dated")
    assert answers(true())["B"] == (MISSING, "right-not-known")
    assert answers(true(arrived(), received_at=None))["A"] == (ERROR, "received-missing")


@pytest.mark.parametrize(
    ("right", "answer"),
    [
        ("erasure", (FAIL, "right-differs")),
        ("unknown", (MISSING, "right-not-known")),
        (None, (MISSING, "right-not-known")),
    ],
)
def test_the_right_is_the_messages(right: str | None, answer: tuple[Mark, str | None]) -> None:
    assert answers(true(arrived(right=right)))["B"] == answer


def test_the_answer_is_logged_on_the_day_of_its_letter() -> None:
    other = (dated(letter(kind="answer", sent_at="2026-03-19T08:00:00.000000Z")),)
    assert answers(true(arrived(), letters=other))["C"] == (FAIL, "answer-day-differs")
    note = (dated(letter(kind="acknowledgement", sent_at="2026-03-20T08:00:00.000000Z")),)
    assert answers(true(arrived(), letters=note))["C"] == (MISSING, "answer-letter-not-found")
    assert answers(true(arrived(), responded_at=None))["C"] == (NA, None)


def test_a_ticket_is_not_older_than_its_request() -> None:
    assert answers(true(arrived(), logged_at="2026-03-02T09:00:00.000000Z"))["D"] == (FAIL, "logged-before-received")
    assert answers(true(arrived(), logged_at="2026-03-02"))["D"] == (PASS, None)
    assert answers(true(arrived(), logged_at=None))["D"] == (NA, None)
