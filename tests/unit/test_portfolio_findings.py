"""What is amiss in the data of a portfolio, provider by provider."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from evidence_kit.rules import due
from evidence_kit.rules.portfolio import findings
from evidence_kit.rules.spellings import Pair

TODAY = date(2026, 6, 30)
WHOLE = {"processor_id": "P1", "name": "Acme", "relation": "processor", "status": "active", "unreadable": None,
         "review_months": 12, "contract_signed_on": "2024-01-01", "art28_terms": "abcdefgh", "terminated_on": None,
         "data_returned_or_deleted_on": None}  # fmt: skip
OTHER = {**WHOLE, "processor_id": "P2"}


def amiss(*providers: dict[str, Any], pairs: tuple[Pair, ...] = (), **frames: list[dict[str, Any]]) -> dict[str, Any]:
    held = {"processors": list(providers), **frames}
    return findings(held, pairs, due.items(held, TODAY, 90, 12), TODAY)


def document(kind: str, title: str | None = None, of: str = "P1", end: str | None = None) -> dict[str, Any]:
    return {"document_id": f"{of}-{kind}", "processor_id": of, "kind": kind, "title": title, "valid_until": end}


def test_of_a_whole_row_nothing_is_said() -> None:
    assert amiss(WHOLE) == {}


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"contract_signed_on": None}, ("no-signature-day",)),
        ({"contract_signed_on": "9999-12-31"}, ("day-in-future",)),
        ({"contract_signed_on": "2026-06-30"}, None),
        ({"art28_terms": None}, ("terms-not-read",)),
        ({"art28_terms": "abcdefg"}, ("terms-missing",)),
        ({"art28_terms": None, "relation": "controller"}, None),
        ({"unreadable": "status=unmapped-value"}, ("value-unreadable",)),
        ({"status": "terminated"}, ("end-without-day", "return-not-certified")),
        ({"status": "terminated", "terminated_on": "2026-01-01", "art28_terms": None}, ("return-not-certified",)),
    ],
)
def test_each_gap_of_a_row_has_its_name(change: dict[str, Any], codes: tuple[str, ...] | None) -> None:
    assert amiss({**WHOLE, **change}) == ({} if codes is None else {"P1": codes})


def test_a_column_that_was_not_read_says_nothing() -> None:
    kept = ("processor_id", "name", "relation", "status", "review_months")
    assert amiss({key: WHOLE[key] for key in kept}) == {}


def test_a_document_is_missed_only_where_somebody_has_one_of_its_kind() -> None:
    assert amiss(WHOLE, OTHER, processor_documents=[document("policy")]) == {"P2": ("no-policy",)}
    both = [document("contract"), document("other", "address"), document("certificate", "SOC 2", of="P2")]
    assert amiss(WHOLE, OTHER, processor_documents=both) == {
        "P1": ("no-certificate",),
        "P2": ("no-agreement", "no-address"),
    }
    ended = {
        **OTHER,
        "status": "terminated",
        "terminated_on": "2026-01-01",
        "data_returned_or_deleted_on": "2026-02-01",
    }
    assert amiss(WHOLE, ended, processor_documents=[document("policy")]) == {}


def test_certificates_are_read_by_their_title() -> None:
    titles = [document("certificate", "ISO27001:2013"), document("certificate", "GDPR")]
    assert amiss(WHOLE, processor_documents=titles) == {"P1": ("certificate-superseded", "law-named-as-certificate")}


def test_days_past_endless_and_unreadable_are_three_things() -> None:
    ends = [document("certificate", end="2020-01-01"), document("policy", end="9999-12-31")]
    odd = {**document("contract"), "unreadable": "valid_until=unreadable-date"}
    assert amiss(WHOLE, processor_documents=[*ends, odd]) == {
        "P1": ("document-expired", "document-without-end", "date-unreadable")
    }
    assert amiss(WHOLE, processor_documents=[document("certificate", end="2026-07-15")]) == {}


def test_reviews_and_actions_have_names_of_their_own() -> None:
    action = {
        "commitment_id": "C",
        "processor_id": "P1",
        "kind": "action",
        "due_on": "2026-01-01",
        "completed_on": None,
    }
    assert amiss(WHOLE, processor_reviews=[], processor_commitments=[action]) == {
        "P1": ("action-overdue", "never-reviewed")
    }
    old = {"processor_id": "P1", "reviewed_on": "2020-01-01", "next_due_on": None}
    assert amiss(WHOLE, processor_reviews=[old]) == {"P1": ("review-overdue",)}


def test_three_places_are_reconciled_and_nothing_is_said_of_a_place_that_is_not_kept() -> None:
    seen = {"processor_id": "P1", "in_register": False, "in_flows": None, "named_like": None}
    assert amiss(WHOLE, provider_presence=[seen]) == {"P1": ("not-in-register",)}
    assert amiss(WHOLE, provider_presence=[{**seen, "in_register": True, "in_flows": False}]) == {
        "P1": ("not-in-flows",)
    }


def test_two_names_that_read_alike_are_said_of_both_once() -> None:
    seen = {"processor_id": "P1", "in_register": None, "in_flows": None, "named_like": "P2"}
    pair = Pair("P1", "P2", "same", 100)
    assert amiss(WHOLE, OTHER, pairs=(pair,), provider_presence=[seen]) == {
        "P1": ("named-like-another",),
        "P2": ("named-like-another",),
    }
