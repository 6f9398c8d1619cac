"""What falls due: reviews, ends of documents, actions, entries of the register; the overdue first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.rules.due import DUE, Item, When, falling_due, items, place

TODAY = date(2026, 6, 30)
PROVIDER = {"processor_id": "P1", "name": "Acme", "status": "active", "review_months": 12}
REVIEW = {"processor_id": "P1", "reviewed_on": "2026-01-15", "next_due_on": None}


def found(**frames: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """(kind, subject, item, day, where it stands, days left) of everything, in order."""
    frames.setdefault("processors", [PROVIDER])
    every = items(frames, TODAY, 90, 12)
    return [(one.kind, one.subject, one.item, one.on and str(one.on), str(one.when), one.days) for one in every]


def document(end: str | None, **more: object) -> dict[str, Any]:
    return {"document_id": "D1", "processor_id": "P1", "kind": "certificate", "valid_until": end, **more}


@pytest.mark.parametrize(
    ("day", "when"),
    [
        ("2026-06-29", "overdue"),
        ("2026-06-30", "soon"),
        ("2026-09-28", "soon"),
        ("2026-09-29", "later"),
        ("9999-01-01", "endless"),
        ("9999-12-31", "endless"),
        ("9998-12-31", "later"),
        ("0001-01-01", "overdue"),
    ],
)
def test_a_day_is_in_time_on_itself_and_the_ninetieth_is_soon(day: str, when: str) -> None:
    assert place(date.fromisoformat(day), TODAY, 90) == when


@given(st.dates(), st.integers(0, 1000))
def test_every_day_stands_in_one_place_and_more_days_never_hide_one(day: date, soon: int) -> None:
    near, far = place(day, TODAY, soon), place(day, TODAY, soon + 1)
    assert near in DUE or near in (When.LATER, When.ENDLESS)
    assert near is far or (near, far) == (When.LATER, When.SOON)
    assert (near is When.OVERDUE) == (day < TODAY)


def test_the_next_review_is_the_last_one_and_the_months_of_the_tier() -> None:
    older = {**REVIEW, "reviewed_on": "2025-01-15"}
    assert found(processor_reviews=[older, REVIEW]) == [("review", "P1", "", "2027-01-15", "later", 199)]
    assert found(processor_reviews=[older]) == [("review", "P1", "", "2026-01-15", "overdue", -166)]
    stated = {**REVIEW, "next_due_on": "2026-08-01"}
    assert found(processor_reviews=[stated])[0][3:5] == ("2026-08-01", "soon")
    looser = {**REVIEW, "next_due_on": "2028-08-01"}
    assert found(processor_reviews=[looser])[0][3] == "2027-01-15"


def test_the_last_day_of_a_month_stays_in_its_month() -> None:
    august = {**REVIEW, "reviewed_on": "2025-08-31"}
    six = {**PROVIDER, "review_months": 6}
    assert found(processors=[six], processor_reviews=[august])[0][3:5] == ("2026-02-28", "overdue")


def test_who_was_never_reviewed_comes_after_the_overdue_and_without_a_day() -> None:
    other = {**PROVIDER, "processor_id": "P2"}
    old = {**REVIEW, "processor_id": "P2", "reviewed_on": "2020-01-01"}
    assert [one[:2] + one[3:5] for one in found(processors=[PROVIDER, other], processor_reviews=[old])] == [
        ("review", "P2", "2021-01-01", "overdue"),
        ("review", "P1", None, "never"),
    ]


@pytest.mark.parametrize("status", ["candidate", "under_review", "terminated"])
def test_only_providers_that_are_followed_are_reviewed_on_time(status: str) -> None:
    assert found(processors=[{**PROVIDER, "status": status}], processor_reviews=[]) == []


def test_the_state_in_the_ledger_counts_before_that_of_the_portfolio() -> None:
    moved = [{"processor_id": "P1", "status_in_ledger": "terminated"}]
    assert found(processor_reviews=[], provider_presence=moved, processor_documents=[document("2026-01-01")]) == []
    again = [{"processor_id": "P1", "status_in_ledger": "active"}]
    ended = {**PROVIDER, "status": "terminated"}
    assert found(processors=[ended], provider_presence=again, processor_reviews=[])[0][4] == "never"
    silent = [{"processor_id": "P1", "status_in_ledger": None}]
    assert found(processor_reviews=[], provider_presence=silent)[0][4] == "never"


def test_without_reviews_kept_nothing_is_said_of_them() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2025-12-31", ("2025-12-31", "overdue", -181)),
        ("2026-07-01", ("2026-07-01", "soon", 1)),
        ("9999-12-31", ("9999-12-31", "endless", None)),
    ],
)
def test_documents_end(end: str, expected: tuple[object, ...]) -> None:
    assert found(processor_documents=[document(end)]) == [("certificate", "P1", "D1", *expected)]


def test_a_document_without_an_end_is_not_due_and_one_with_an_unreadable_end_is_said() -> None:
    assert found(processor_documents=[document(None)]) == []
    odd = document(None, unreadable="valid_until=unreadable-date")
    assert found(processor_documents=[odd]) == [("certificate", "P1", "D1", None, "unreadable", None)]
    other = document(None, unreadable="studied_on=unreadable-date")
    assert found(processor_documents=[other]) == []


def test_actions_count_until_they_are_done() -> None:
    action = {
        "commitment_id": "C1",
        "processor_id": "P1",
        "kind": "action",
        "due_on": "2026-06-01",
        "completed_on": None,
    }
    assert found(processor_commitments=[action]) == [("action", "P1", "C1", "2026-06-01", "overdue", -29)]
    assert found(processor_commitments=[{**action, "completed_on": "2026-06-20"}]) == []
    assert found(processor_commitments=[{**action, "kind": "charter"}]) == []


def test_entries_of_the_register_are_reviewed_too() -> None:
    entry = {"activity_id": "A1", "name": "Newsletter", "status": "active", "reviewed_on": "2025-07-01"}
    assert found(register_activities=[entry]) == [("register", "A1", "", "2026-07-01", "soon", 1)]
    assert found(register_activities=[{**entry, "reviewed_on": None}])[0][4] == "never"
    assert found(register_activities=[{**entry, "status": "retired"}]) == []
    last = {**entry, "reviewed_on": "9999-06-01"}
    assert found(register_activities=[last])[0][4] == "endless"


def test_the_overdue_stand_first_and_then_day_by_day() -> None:
    ends = ["2026-07-02", "2026-01-01", "2027-01-01", "2026-07-01", "2025-01-01", "9999-12-31"]
    documents = [document(end, document_id=f"D{place}") for place, end in enumerate(ends)]
    every = items({"processors": [PROVIDER], "processor_documents": documents, "processor_reviews": []}, TODAY, 90, 12)
    assert [one.item for one in every] == ["D4", "D1", "", "D3", "D0", "D2", "D5"]
    assert [one.item for one in falling_due(every)] == ["D4", "D1", "", "D3", "D0"]


def test_what_is_due_keeps_its_identifier_when_its_day_moves() -> None:
    def one(end: str) -> Item:
        (only,) = items({"processors": [PROVIDER], "processor_documents": [document(end)]}, TODAY, 90, 12)
        return only

    assert one("2026-07-01").uid == one(str(TODAY + timedelta(days=50))).uid == "certificate/P1/D1"
