"""REQ-05 to REQ-07: what an answer holds, where a correction stands, what a refusal says."""

from __future__ import annotations

import pytest

from evidence_kit.model.outcome import Mark
from evidence_kit.model.sample import Row
from evidence_kit.rules.answers import access_complete, rectified_everywhere, refusal_reasoned
from tests.unit.cases import answers, dated, letter, log, terms

NA, PASS, FAIL, MISSING, ERROR = Mark.NA, Mark.PASS, Mark.FAIL, Mark.MISSING, Mark.ERROR
Said = dict[str, tuple[Mark, str | None]]


# --- REQ-05 -----------------------------------------------------------------------------------------------------------


def item(stored: int | None = 3, given: int | None = 3, **changes: object) -> Row:
    said: dict[str, object] = {"id": 1, "request_id": "R1", "source": "prod", "object": "users", "exempt_reason": None}
    fields = {"stored_rows": stored, "disclosed_rows": given, "stored_fields": 2, "disclosed_fields": 2}
    return {**said, **fields, "unreadable": None, **changes}


def reply(**changes: object) -> Row:
    return letter(**{"kind": "answer", "art15_items": "abcdefgh", "recipients_named": True, **changes})


def access(*items: Row, replies: tuple[Row, ...] = (reply(),), **changes: object) -> Said:
    rows = {
        "request_log": (log(subject_key="a" * 64, **changes),),
        "access_answer_items": items,
        "request_replies": replies,
    }
    return answers(access_complete(rows, terms()))


def test_what_is_stored_and_given_agrees() -> None:
    assert set(access(item(), item(0, None)).values()) == {(PASS, None)}


def test_an_object_that_the_answer_forgets_fails_alone() -> None:
    found = access(item(), item(5, None, object="events"))
    assert (found["A"], found["B"]) == ((FAIL, "object-not-disclosed"), (PASS, None))


def test_an_exemption_that_is_written_excuses_an_object() -> None:
    assert access(item(), item(5, None, exempt_reason="15(4)"))["A"] == (PASS, None)


def test_an_answer_of_which_nothing_was_kept_is_unable_to_be_tested() -> None:
    assert access(item(5, None))["A"] == access(item(5, None))["B"] == (MISSING, "answer-not-kept")
    assert access(item(5, 5, disclosed_fields=None))["B"] == (MISSING, "answer-not-kept")


@pytest.mark.parametrize(
    ("one", "answer"),
    [
        (item(4, 3), (FAIL, "rows-not-disclosed")),
        (item(3, 4), (PASS, None)),  # given then, gone since
        (item(3, 3, stored_fields=3), (FAIL, "fields-not-disclosed")),
        (item(0, None), (NA, None)),
    ],
)
def test_rows_and_fields_are_given_in_full(one: Row, answer: tuple[Mark, str | None]) -> None:
    assert access(one)["B"] == answer


def test_silence_of_our_own_search_is_no_agreement() -> None:
    assert access()["A"] == (MISSING, "nothing-searched")
    assert access(item(None, 3))["A"] == (MISSING, "nothing-searched")
    rows = {"request_log": (log(subject_key=None),), "access_answer_items": (item(),), "request_replies": (reply(),)}
    assert answers(access_complete(rows, terms()))["A"] == (MISSING, "no-address-to-search")


@pytest.mark.parametrize(
    ("replies", "items", "named"),
    [
        ((), (MISSING, "letter-not-found"), (MISSING, "letter-not-found")),
        ((reply(kind="acknowledgement"),), (MISSING, "letter-not-found"), (MISSING, "letter-not-found")),
        ((reply(art15_items=None),), (MISSING, "art15-items-not-read"), (PASS, None)),
        ((reply(art15_items="abcdefg"),), (FAIL, "art15-items-missing"), (PASS, None)),
        ((reply(art15_items="abcd"), reply(art15_items="efgh")), (PASS, None), (PASS, None)),
        ((reply(recipients_named=False),), (PASS, None), (FAIL, "recipients-not-named")),
        ((reply(recipients_named=None),), (PASS, None), (MISSING, "recipients-not-read")),
    ],
)
def test_the_letter_holds_the_items_of_article_15(
    replies: tuple[Row, ...], items: tuple[Mark, str | None], named: tuple[Mark, str | None]
) -> None:
    found = access(item(), replies=replies)
    assert (found["C"], found["D"]) == (items, named)


def test_portability_does_not_ask_for_the_items_of_article_15() -> None:
    found = access(item(), replies=(), right_invoked="portability")
    assert (found["C"], found["D"]) == ((NA, None), (NA, None))


# --- REQ-06 -----------------------------------------------------------------------------------------------------------


def rectified(checks: tuple[Row, ...], notices: tuple[Row, ...] = ()) -> Said:
    rows = {
        "request_log": (log(right_invoked="rectification"),),
        "rectification_checks": checks,
        "recipients_notifications": notices,
    }
    return answers(rectified_everywhere(rows, terms()))


def check(observed: str | None, expected: str = "e" * 64) -> Row:
    return {"id": 1, "request_id": "R1", "field": "name", "expected_key": expected, "observed_key": observed}


def notice(**changes: object) -> Row:
    said: dict[str, object] = {"case_id": "R1", "action": "rectification", "disclosed_on": "2026-01-01"}
    absent = dict.fromkeys(("notified_at", "exemption", "exemption_reason_ref"))
    return {**said, **absent, **changes}


@pytest.mark.parametrize(
    ("observed", "answer"),
    [
        (("e" * 64, "e" * 64), (PASS, None)),
        (("e" * 64, "d" * 64), (FAIL, "value-not-corrected")),
        (("d" * 64, None), (FAIL, "value-not-corrected")),
        (("e" * 64, None), (MISSING, "value-not-found")),
        ((), (MISSING, "corrections-not-recorded")),
    ],
)
def test_the_corrected_value_stands_everywhere(
    observed: tuple[str | None, ...], answer: tuple[Mark, str | None]
) -> None:
    assert rectified(tuple(check(one) for one in observed))["A"] == answer


@pytest.mark.parametrize(
    ("one", "answer"),
    [
        (notice(notified_at="2026-03-25"), (PASS, None)),
        (notice(), (FAIL, "recipient-not-told")),
        (notice(exemption="impossible"), (MISSING, "exemption-without-reason")),
        (notice(exemption="impossible", exemption_reason_ref="note-3"), (PASS, None)),
        (notice(disclosed_on=None), (NA, None)),
        (notice(action="erasure"), (NA, None)),
    ],
)
def test_each_recipient_was_told_or_a_ground_is_written(one: Row, answer: tuple[Mark, str | None]) -> None:
    assert rectified((check("e" * 64),), (one,))["B"] == answer


# --- REQ-07 -----------------------------------------------------------------------------------------------------------


def refused(*letters: Row, **changes: object) -> Said:
    rows = {"request_log": (dated(log(outcome="refused", **changes)),), "request_replies": letters}
    return answers(refusal_reasoned(rows, terms()))


def refusal(sent: str = "2026-04-02", **changes: object) -> Row:
    told = {"reasons_given": True, "complaint_right_given": True, "judicial_remedy_given": True}
    return dated(letter(**{"kind": "refusal", "sent_at": f"{sent}T09:00:00.000000Z", **told, **changes}))


def test_a_refusal_that_says_all_three_things_in_time_agrees() -> None:
    assert set(refused(refusal()).values()) == {(PASS, None)}


def test_the_letters_own_date_counts_and_an_extension_does_not_help() -> None:
    assert refused(refusal("2026-04-03"))["A"] == (FAIL, "refusal-late")
    late = refused(refusal("2026-04-03"), extension_notified_at="2026-03-20T09:00:00.000000Z")
    assert late["A"] == (FAIL, "refusal-late")


def test_a_pause_moves_the_first_due_day() -> None:
    asked = {"identity_requested_at": "2026-03-04", "identity_received_at": "2026-03-08"}
    assert refused(refusal("2026-04-06"), **asked, identity_doubt_reason="x")["A"] == (PASS, None)
    assert refused(refusal("2026-04-06"), **asked)["A"] == (MISSING, "depends-on-arguable-facts")


@pytest.mark.parametrize(
    ("column", "letter_", "word"),
    [
        ("reasons_given", "B", "reasons"),
        ("complaint_right_given", "C", "complaint-right"),
        ("judicial_remedy_given", "D", "judicial-remedy"),
    ],
)
def test_each_thing_a_refusal_must_say_is_asked_by_itself(column: str, letter_: str, word: str) -> None:
    assert refused(refusal(**{column: False}))[letter_] == (FAIL, f"{word}-not-given")
    assert refused(refusal(**{column: None}))[letter_] == (MISSING, f"{word}-not-read")


def test_without_a_letter_nothing_can_be_tested() -> None:
    assert set(refused().values()) == {(MISSING, "letter-not-found")}
    assert set(refused(refusal(kind="acknowledgement")).values()) == {(MISSING, "letter-not-found")}


def test_a_refusal_in_part_may_be_told_by_the_answer() -> None:
    assert set(refused(refusal(kind="answer")).values()) == {(PASS, None)}
