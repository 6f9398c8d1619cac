"""REQ-04: who may be asked for a paper, on what ground, how soon, and what becomes of the copy."""

from __future__ import annotations

import pytest

from evidence_kit.model.outcome import Mark
from evidence_kit.rules.identity import proportionate
from tests.unit.cases import answers, dated, log, terms


def said(**changes: object) -> dict[str, tuple[Mark, str | None]]:
    row = dated(log(**{"authenticated_by": "known_address", **changes}))
    return answers(proportionate({"request_log": (row,)}, terms()))


NA, PASS, FAIL, MISSING, ERROR = Mark.NA, Mark.PASS, Mark.FAIL, Mark.MISSING, Mark.ERROR


def test_a_person_who_was_asked_nothing_is_no_deviation() -> None:
    assert said() == {"A": (PASS, None), "B": (NA, None), "C": (NA, None), "D": (NA, None)}


@pytest.mark.parametrize("known", ["account_login", "known_address"])
def test_no_paper_is_asked_of_a_person_who_is_known(known: str) -> None:
    row = {"authenticated_by": known, "identity_document_at": "2026-03-03T09:00:00.000000Z"}
    assert said(**row)["A"] == (FAIL, "document-asked-of-known-person")


def test_how_the_person_was_known_must_be_written_where_data_were_handed_over() -> None:
    assert said(authenticated_by=None)["A"] == (MISSING, "authentication-unknown")
    assert said(authenticated_by=None, right_invoked="objection")["A"] == (PASS, None)
    assert said(authenticated_by=None, responded_at=None)["A"] == (PASS, None)
    paper = said(authenticated_by=None, right_invoked="objection", identity_document_at="2026-03-03")
    assert paper["A"] == (MISSING, "authentication-unknown")


def test_a_question_needs_a_written_doubt() -> None:
    asked = {"authenticated_by": "other", "identity_requested_at": "2026-03-04T09:00:00.000000Z"}
    assert said(**asked)["B"] == (FAIL, "doubt-not-written")
    assert said(**asked, identity_doubt_reason="address-unknown-to-us")["B"] == (PASS, None)


@pytest.mark.parametrize(
    ("gone", "as_of", "answer"),
    [
        ("2026-04-03", "2026-06-30", (PASS, None)),
        ("2026-04-04", "2026-06-30", (FAIL, "copy-kept-too-long")),
        (None, "2026-04-04", (FAIL, "copy-not-destroyed")),
        (None, "2026-04-03", (NA, None)),
        ("2026-03-03", "2026-06-30", (ERROR, "event-before-receipt")),
    ],
    ids=["thirtieth day", "day after", "still there", "days still run", "before it came"],
)
def test_a_copy_is_destroyed_in_its_days(gone: str | None, as_of: str, answer: tuple[Mark, str | None]) -> None:
    row = dated(log(authenticated_by="other", identity_document_at="2026-03-04", identity_document_deleted_at=gone))
    found = answers(proportionate({"request_log": (row,)}, terms(as_of=f"{as_of}T21:59:59Z")))
    assert found["C"] == answer


@pytest.mark.parametrize(
    ("asked", "received", "answer"),
    [
        ("2026-03-09", "2026-03-02", (PASS, None)),
        ("2026-03-10", "2026-03-02", (FAIL, "asked-late")),
        ("2026-03-01", "2026-03-02", (ERROR, "event-before-receipt")),
        ("2026-03-09", None, (ERROR, "received-missing")),
    ],
)
def test_the_question_comes_soon(asked: str, received: str | None, answer: tuple[Mark, str | None]) -> None:
    assert said(identity_requested_at=asked, received_at=received, identity_doubt_reason="x")["D"] == answer
