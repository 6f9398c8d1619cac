"""A request's rows become its case: which receipt counts, what a PASS rests on, what an extension must have said."""

from __future__ import annotations

from datetime import date

import pytest

from evidence_kit.model.deadline import Days, Given
from evidence_kit.model.outcome import Mark
from evidence_kit.model.outcome import Test as Said
from evidence_kit.model.sample import Row
from evidence_kit.rules import requests
from tests.unit.cases import letter, log, message, terms

PAUSED = {
    "identity_requested_at": "2026-03-03T09:00:00Z",
    "identity_received_at": "2026-03-13T09:00:00Z",
    "identity_doubt_reason": "two-people",
}


def marks(test: Said) -> dict[str, tuple[str, str | None]]:
    return {one.letter: (one.mark.value, one.reason) for one in test.answers}


def answered(*, letters: tuple[Row, ...] = (), messages: tuple[Row, ...] = (), **changes: object) -> Said:
    rows = {"request_log": (log(**changes),), "request_replies": letters, "mailbox_messages": messages}
    return requests.answered_in_time(rows, terms())


# --- REQ-02 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "mark", "reason"),
    [
        ({}, "pass", None),
        ({"responded_at": "2026-04-02T21:59:59Z"}, "pass", None),  # 23:59:59 in Paris, the due day
        ({"responded_at": "2026-04-02T22:00:00Z"}, "fail", "answered-late"),
        ({"responded_at": None}, "fail", "open-past-due"),
        ({"responded_at": None, "received_at": "2026-06-20T09:00:00Z"}, "missing", "open-not-yet-due"),
        ({"received_at": None}, "error", "received-missing"),
        ({"responded_at": "2026-03-01T09:00:00Z"}, "error", "closed-before-received"),
        ({"received_at": "2026-07-02T09:00:00Z"}, "error", "received-in-the-future"),
        ({"received_at": "02/03/2026"}, "error", "unreadable-date"),
    ],
)
def test_a_controller_answers_within_the_statutes_time(
    changes: dict[str, object], mark: str, reason: str | None
) -> None:
    found = marks(answered(**changes))
    assert found == {"A": ("na", None), "B": (mark, reason), "C": ("na", None), "D": ("na", None)}


@pytest.mark.parametrize(
    ("forwarded", "mark", "reason"),
    [
        ("2026-03-09T20:00:00Z", "pass", None),
        ("2026-03-10T09:00:00Z", "fail", "answered-late"),
        (None, "fail", "open-past-due"),
    ],
)
def test_a_processor_passes_it_on_within_the_agreed_working_days(
    forwarded: str | None, mark: str, reason: str | None
) -> None:
    """Five working days from Monday 2 March end on Monday the 9th; an answer of its own changes nothing."""
    test = answered(capacity="processor", forwarded_at=forwarded, responded_at="2026-03-02T10:00:00Z")
    assert marks(test) == {"A": ("na", None), "B": ("na", None), "C": ("na", None), "D": (mark, reason)}
    assert test.working is not None
    assert test.working.due_on == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("messages", "received", "linked"),
    [
        ((), "2026-03-02T09:30:00.000000Z", False),
        ((message("2026-02-27T08:00:00Z"), message("2026-03-05T08:00:00Z")), "2026-02-27T08:00:00Z", True),
        ((message("2026-03-05T08:00:00Z"),), "2026-03-02T09:30:00.000000Z", True),
        ((message(None),), "2026-03-02T09:30:00.000000Z", False),
    ],
    ids=["no message", "an earlier one", "a later one", "one without date"],
)
def test_the_earlier_receipt_counts(messages: tuple[Row, ...], received: str, linked: bool) -> None:
    rows = {"request_log": (log(),), "mailbox_messages": messages}
    assert requests.receipt(rows, terms()) == (received, linked)
    assert marks(requests.answered_in_time(rows, terms()))["A"] == ("pass" if linked else "na", None)


def test_a_message_of_february_makes_a_timely_answer_late() -> None:
    changes = {"responded_at": "2026-04-01T09:00:00Z"}
    assert marks(answered(**changes))["B"] == ("pass", None)
    assert marks(answered(messages=(message("2026-02-27T08:00:00Z"),), **changes))["B"] == ("fail", "answered-late")


def test_a_receipt_without_date_is_not_replaced_by_a_message() -> None:
    test = answered(messages=(message("2026-02-27T08:00:00Z"),), received_at=None)
    assert marks(test)["B"] == ("error", "received-missing")


def test_a_pass_says_what_it_rests_on() -> None:
    late = {"responded_at": "2026-04-08T09:00:00Z"}
    assert marks(answered(**late))["B"] == ("fail", "answered-late")
    paused = answered(**late, **PAUSED)
    assert (marks(paused)["B"], marks(paused)["C"], paused.flags) == (
        ("pass", None),
        ("pass", None),
        ("relied_on_pause",),
    )
    extended = answered(letters=(letter(),), extension_notified_at="2026-03-20T09:00:00Z", **late)
    assert (marks(extended)["B"], extended.flags) == (("pass", None), ("relied_on_extension",))
    assert answered(**PAUSED).flags == ()  # it would have been in time without


@pytest.mark.parametrize(
    ("letters", "mark", "reason"),
    [
        ((letter(),), "pass", None),
        ((letter(reasons_given=False),), "fail", "answered-late"),
        ((letter(reasons_given=None),), "missing", "depends-on-arguable-facts"),
        ((), "missing", "depends-on-arguable-facts"),
        ((letter(reasons_given=False), letter(reasons_given=True)), "pass", None),
        ((letter(reasons_given=False), letter(reasons_given=None)), "missing", "depends-on-arguable-facts"),
        ((letter(kind="acknowledgement"),), "missing", "depends-on-arguable-facts"),
    ],
)
def test_an_extension_counts_with_its_letter(letters: tuple[Row, ...], mark: str, reason: str | None) -> None:
    test = answered(letters=letters, extension_notified_at="2026-03-20T09:00:00Z", responded_at="2026-05-20T09:00:00Z")
    assert marks(test)["B"] == (mark, reason)


def test_a_ground_that_is_not_written_is_arguable_and_never_denied() -> None:
    unwritten = {**PAUSED, "identity_doubt_reason": None, "responded_at": "2026-04-08T09:00:00Z"}
    assert marks(answered(**unwritten))["B"] == ("missing", "depends-on-arguable-facts")


@pytest.mark.parametrize(
    ("cause", "mark", "reason"),
    [
        ("same_request", "fail", "answered-late"),
        ("new_request", "pass", None),
        (None, "missing", "depends-on-arguable-facts"),
    ],
)
def test_a_reopening_by_its_cause(cause: str | None, mark: str, reason: str | None) -> None:
    test = answered(reopened_at="2026-04-10T09:00:00Z", reopen_cause=cause, responded_again_at="2026-04-20T09:00:00Z")
    assert marks(test)["B"] == (mark, reason)


def test_another_statute_and_a_due_day_given() -> None:
    rows = {"request_log": (log(due_given_on="2026-03-19"),)}
    assert marks(requests.answered_in_time(rows, terms(Days(30))))["B"] == ("pass", None)
    assert marks(requests.answered_in_time(rows, terms(Given())))["B"] == ("fail", "answered-late")


def test_the_working_holds_the_due_day_and_the_days_late() -> None:
    working = answered(responded_at="2026-04-08T09:00:00Z").working
    assert working is not None
    assert (working.due_on, working.days_late) == (date(2026, 4, 2), 6)
    assert [line["step"] for line in working.lines] == ["received", "months", "answered", "verdict"]


# --- not yet due ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({"received_at": "2026-06-20T09:00:00Z", "responded_at": None}, True),
        ({"received_at": "2026-05-29T09:00:00Z", "responded_at": None}, False),
        ({"received_at": "2026-05-30T09:00:00Z", "responded_at": None}, True),  # due on 30 June, the last day
        ({"received_at": None, "responded_at": None}, False),
        ({}, False),
        ({"capacity": "processor", "received_at": "2026-06-29T09:00:00Z"}, True),
        ({"capacity": "processor", "received_at": "2026-06-01T09:00:00Z"}, False),
    ],
)
def test_open_requests_whose_day_has_not_come(changes: dict[str, object], waits: bool) -> None:
    rows = {"request_log": (log(**changes),)}
    assert requests.NOT_YET_DUE["requests.answered_in_time"](rows, terms()) is waits


# --- REQ-01 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acknowledged", "mark", "reason"),
    [
        ("2026-03-05T20:00:00Z", "pass", None),
        ("2026-03-06T09:00:00Z", "fail", "acknowledged-late"),
        (None, "fail", "not-acknowledged"),
        ("2026-03-01T09:00:00Z", "error", "closed-before-received"),
    ],
)
def test_an_acknowledgement_leaves_within_three_working_days(
    acknowledged: str | None, mark: str, reason: str | None
) -> None:
    test = requests.acknowledged({"request_log": (log(acknowledged_at=acknowledged),)}, terms())
    assert marks(test) == {"A": (mark, reason), "B": ("na", None)}


# --- REQ-03 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "letters", "expected"),
    [
        ({}, (letter(),), {"A": ("pass", None), "B": ("pass", None), "C": ("pass", None)}),
        (
            {"extension_notified_at": "2026-04-03T09:00:00Z"},
            (letter(reasons_given=False, due_announced_on="2026-06-03"),),
            {
                "A": ("fail", "extension-late"),
                "B": ("fail", "extension-without-reasons"),
                "C": ("fail", "announced-beyond-three-months"),
            },
        ),
        (
            {},
            (letter(reasons_given=None, due_announced_on=None),),
            {"A": ("pass", None), "B": ("missing", "reasons-not-read"), "C": ("missing", "due-day-not-announced")},
        ),
        (
            {},
            (),
            {"A": ("pass", None), "B": ("missing", "reasons-not-read"), "C": ("missing", "due-day-not-announced")},
        ),
        (
            {"received_at": None},
            (letter(),),
            {"A": ("error", "received-missing"), "B": ("pass", None), "C": ("error", "received-missing")},
        ),
    ],
    ids=["well", "late", "not read", "no letter", "no receipt"],
)
def test_an_extension_is_told_in_time_with_reasons_and_a_day(
    changes: dict[str, object], letters: tuple[Row, ...], expected: dict[str, tuple[str, str | None]]
) -> None:
    said = {"extension_notified_at": "2026-04-02T09:00:00Z", **changes}
    test = requests.extension_in_time({"request_log": (log(**said),), "request_replies": letters}, terms())
    assert marks(test) == expected


def test_a_pause_moves_the_day_by_which_an_extension_is_told() -> None:
    said = {**PAUSED, "extension_notified_at": "2026-04-09T09:00:00Z", "responded_at": "2026-05-02T09:00:00Z"}
    rows = {"request_log": (log(**said),), "request_replies": (letter(),)}
    assert marks(requests.extension_in_time(rows, terms()))["A"] == ("pass", None)


def test_every_test_answers_only_with_marks() -> None:
    rows = {"request_log": (log(extension_notified_at="2026-03-20T09:00:00Z"),), "request_replies": (letter(),)}
    for test in requests.TESTS.values():
        assert all(isinstance(one.mark, Mark) for one in test(rows, terms()).answers)


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({"received_at": "2026-06-29T09:00:00Z"}, True),
        ({"received_at": "2026-06-01T09:00:00Z"}, False),
        ({"received_at": "2026-06-29T09:00:00Z", "acknowledged_at": "2026-06-29T10:00:00Z"}, False),
    ],
)
def test_acknowledgements_whose_day_has_not_come(changes: dict[str, object], waits: bool) -> None:
    rows = {"request_log": (log(**changes),)}
    assert requests.NOT_YET_DUE["requests.acknowledged"](rows, terms()) is waits
