"""Providers: what was read decides, what nobody read or wrote never passes, and what lies ahead proves nothing done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from evidence_kit import rules
from evidence_kit.model.audit import FIGURES
from evidence_kit.model.outcome import Outcome
from evidence_kit.model.outcome import Test as Outcomes
from evidence_kit.model.sample import Row
from evidence_kit.rules.examining import verdict_of
from evidence_kit.rules.processors import (
    ADEQUATE,
    EEA,
    PARTLY,
    commitments_kept,
    contracts_whole,
    destinations_referenced,
    next_review,
    reviews_in_time,
    terminated_receive_nothing,
)
from tests.unit.cases import terms
from tests.unit.provided import (
    action,
    charter,
    destination,
    ended,
    flow,
    matched,
    paper,
    presence,
    provider,
    review,
)

FINE, NOT_ASKED = ("pass", None), ("na", None)
Said = Mapping[str, tuple[str, str | None]]


def said(test: Outcomes) -> dict[str, tuple[str, str | None]]:
    return {one.letter: (one.mark.value, one.reason) for one in test.answers}


# --- PRO-01 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "providers", "a", "b", "verdict"),
    [
        ({}, [{}], FINE, FINE, Outcome.PASS),
        ({}, [{"sub_processors": 0, "subprocessor_list": True}], FINE, FINE, Outcome.PASS),
        ({}, [{"sub_processors": 0}], FINE, ("missing", "subprocessors-not-listed"), Outcome.INCONCLUSIVE),
        (
            {},
            [{"sub_processors": 0, "subprocessor_list": False}],
            FINE,
            ("missing", "subprocessors-not-listed"),
            Outcome.INCONCLUSIVE,
        ),
        ({}, [{"sub_processors": 0, "risk_tier": "medium"}], FINE, NOT_ASKED, Outcome.PASS),
        ({}, [{"sub_processors": 0, "relation": "controller"}], FINE, NOT_ASKED, Outcome.PASS),
        ({}, [{"sub_processors": 0, "relation": "joint_controller"}], FINE, NOT_ASKED, Outcome.PASS),
        ({}, [{"sub_processors": 0, "status": "terminated"}], FINE, NOT_ASKED, Outcome.PASS),
        ({}, [{}, {"sub_processors": 0}], FINE, ("missing", "subprocessors-not-listed"), Outcome.INCONCLUSIVE),
        ({}, [], FINE, ("missing", "row-missing"), Outcome.INCONCLUSIVE),
        ({"personal_data": None}, [{}], FINE, FINE, Outcome.PASS),
        ({"processor_id": None}, [], ("fail", "provider-not-referenced"), NOT_ASKED, Outcome.FAIL),
        (
            {"processor_id": None, "personal_data": None},
            [],
            ("missing", "personal-data-unknown"),
            NOT_ASKED,
            Outcome.INCONCLUSIVE,
        ),
    ],
)
def test_a_destination_is_referenced_or_said_not_to_be(
    unit: dict[str, object],
    providers: Sequence[dict[str, object]],
    a: tuple[str, str | None],
    b: tuple[str, str | None],
    verdict: Outcome,
) -> None:
    rows = {
        "destination_units": (destination(**unit),),
        "destination_processors": tuple(matched(**one) for one in providers),
    }
    test = destinations_referenced(rows, terms())
    assert said(test) == {"A": a, "B": b}
    assert verdict_of(test.answers) is verdict


# --- PRO-02 -----------------------------------------------------------------------------------------------------------


def contracted(flows: Sequence[Row] = (), **changes: object) -> Outcomes:
    return contracts_whole({"processors": (provider(**changes),), "processor_flows": tuple(flows)}, terms())


@pytest.mark.parametrize(
    ("changes", "expected", "verdict"),
    [
        ({}, {}, Outcome.PASS),
        ({"contract_signed_on": None}, {"A": ("fail", "contract-missing")}, Outcome.FAIL),
        ({"contract_signed_on": "2026-06-30"}, {}, Outcome.PASS),
        ({"contract_signed_on": "2026-07-01"}, {"A": ("fail", "contract-in-the-future")}, Outcome.FAIL),
        ({"contract_signed_on": "9999-12-31"}, {"A": ("fail", "contract-in-the-future")}, Outcome.FAIL),
        ({"art28_terms": None}, {"B": ("missing", "contract-not-read")}, Outcome.INCONCLUSIVE),
        ({"art28_terms": "abcdefg"}, {"B": ("fail", "art28-terms-missing")}, Outcome.FAIL),
        ({"art28_terms": ""}, {"B": ("fail", "art28-terms-missing")}, Outcome.FAIL),
        ({"art28_terms": "A, B, C, D, E, F, G, H"}, {}, Outcome.PASS),
        ({"art28_terms": "all of them but h"}, {"B": ("error", "unmapped-value")}, Outcome.ERROR),
        ({"subprocessing_terms": None}, {"C": ("missing", "contract-not-read")}, Outcome.INCONCLUSIVE),
        ({"subprocessing_terms": False}, {"C": ("fail", "subprocessing-terms-missing")}, Outcome.FAIL),
        ({"country": None}, {"D": ("missing", "country-unknown")}, Outcome.INCONCLUSIVE),
        ({"country": "France"}, {"D": ("missing", "country-unknown")}, Outcome.INCONCLUSIVE),
        ({"country": "is"}, {}, Outcome.PASS),
        ({"country": "GB"}, {"D": ("fail", "transfer-without-mechanism")}, Outcome.FAIL),
        ({"country": "GB", "transfer_mechanism": "adequacy"}, {"D": FINE}, Outcome.PASS),
        (
            {"country": "IN", "transfer_mechanism": "adequacy"},
            {"D": ("missing", "adequacy-not-known")},
            Outcome.INCONCLUSIVE,
        ),
        ({"country": "IN", "transfer_mechanism": "scc"}, {"D": FINE}, Outcome.PASS),
    ],
)
def test_a_contract_is_read_letter_by_letter(changes: dict[str, object], expected: Said, verdict: Outcome) -> None:
    test = contracted(**changes)
    assert said(test) == {"A": FINE, "B": FINE, "C": FINE, "D": NOT_ASKED, **expected}
    assert verdict_of(test.answers) is verdict


def test_each_letter_that_lacks_is_named() -> None:
    assert contracted(art28_terms="abdefg").flags == ("term-c-missing", "term-h-missing")
    assert len(contracted(art28_terms="").flags) == 8


@pytest.mark.parametrize(
    ("seen_in", "first", "a", "flags"),
    [
        ("egress_log", "2024-01-02", FINE, ()),
        ("egress_log", "2024-01-01", ("fail", "flow-before-contract"), ()),
        ("api_credential", "2023-12-31", ("fail", "flow-before-contract"), ()),
        ("dns", "2023-12-31", ("fail", "flow-before-contract"), ()),
        ("supplier_ledger", "2023-12-31", FINE, ("paid-before-contract",)),
        ("supplier_ledger", "2024-01-02", FINE, ()),
        ("contract", "2023-12-31", FINE, ()),
    ],
)
def test_no_data_go_before_the_contract_and_an_invoice_is_no_data(
    seen_in: str, first: str, a: tuple[str, str | None], flags: tuple[str, ...]
) -> None:
    test = contracted([flow(seen_in=seen_in, first_seen_on=first)])
    assert (said(test)["A"], test.flags) == (a, flags)


def test_transfers_that_need_a_second_look_are_marked() -> None:
    assert contracted(country="US", transfer_mechanism="adequacy").flags == ("adequacy-of-some",)
    assert contracted(country="US", transfer_mechanism="scc").flags == ()
    assert contracted(country="MA", transfer_mechanism="derogation").flags == ("transfer-by-derogation",)


def test_the_economic_area_is_thirty_countries_and_no_other_of_them_has_a_decision() -> None:
    own_codes = {"AX", "GF", "GP", "MF", "MQ", "RE", "YT"}
    assert len(EEA - own_codes) == 30
    assert {"IS", "LI", "NO", "HR"} <= EEA
    assert not {"GB", "CH", "EL", "UK"} & EEA
    assert not EEA & ADEQUATE
    assert PARTLY <= ADEQUATE


# --- PRO-03 -----------------------------------------------------------------------------------------------------------


def reviewed(reviews: Sequence[Row] = (review(),), *, beside: Sequence[Row] = (), **changes: object) -> Outcomes:
    rows = {"processors": (provider(**changes),), "processor_reviews": tuple(reviews)}
    return reviews_in_time({**rows, "provider_presence": tuple(beside)}, terms())


@pytest.mark.parametrize(
    ("reviews", "expected", "verdict"),
    [
        ([{}], {}, Outcome.PASS),
        ([{"reviewed_on": "2024-06-30"}], {}, Outcome.PASS),
        ([{"reviewed_on": "2024-06-29"}], {"B": ("fail", "review-overdue")}, Outcome.FAIL),
        ([{"reviewed_on": "2020-01-01"}, {"review_id": "V2", "reviewed_on": "2026-01-01"}], {}, Outcome.PASS),
        ([], {"A": ("fail", "never-reviewed"), "B": NOT_ASKED, "C": NOT_ASKED}, Outcome.FAIL),
        ([{"outcome": "not_assessable"}], {"C": ("missing", "review-not-assessable")}, Outcome.INCONCLUSIVE),
        ([{"document_sha256": None}], {"C": ("missing", "review-document-missing")}, Outcome.INCONCLUSIVE),
        (
            [{"reviewed_on": "2023-01-01", "document_sha256": None}],
            {"B": ("fail", "review-overdue"), "C": ("missing", "review-document-missing")},
            Outcome.FAIL,
        ),
        ([{"reviewed_on": "2024-12-01", "document_sha256": None}, {"review_id": "V2"}], {}, Outcome.PASS),
    ],
)
def test_the_last_review_counts(reviews: Sequence[dict[str, object]], expected: Said, verdict: Outcome) -> None:
    test = reviewed([review(**one) for one in reviews])
    assert said(test) == {"A": FINE, "B": FINE, "C": FINE, **expected}
    assert verdict_of(test.answers) is verdict


def test_a_review_that_lies_ahead_has_not_taken_place() -> None:
    ahead = review(review_id="V2", reviewed_on="9999-12-31")
    only = reviewed([ahead])
    assert said(only)["A"] == ("fail", "never-reviewed")
    assert only.flags == ("review-in-the-future",)
    both = reviewed([review(reviewed_on="2023-01-01"), ahead])
    assert said(both)["B"] == ("fail", "review-overdue")


@pytest.mark.parametrize(("months", "b"), [(0, "value-out-of-range"), (-3, "value-out-of-range")])
def test_a_period_of_no_month_is_an_error(months: int, b: str) -> None:
    assert said(reviewed(review_months=months))["B"] == ("error", b)


def test_months_are_calendar_months_and_the_calendar_ends() -> None:
    assert next_review(date(2023, 8, 31), 6) == date(2024, 2, 29)
    assert next_review(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert next_review(date(2026, 1, 1), 100_000) == date.max
    assert said(reviewed(review_months=2**53 - 1))["B"] == FINE


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, ()),
        ({"in_register": None, "in_flows": None}, ()),
        ({"in_register": False}, ("not-in-register",)),
        ({"in_flows": False}, ("no-flow-seen",)),
        ({"named_like": "P2,P3"}, ("named-like-another",)),
        ({"status_in_ledger": "active"}, ()),
        ({"status_in_ledger": "terminated"}, ("status-differs-from-ledger",)),
    ],
)
def test_what_others_say_of_a_provider_stands_beside_the_verdict(
    changes: dict[str, object], flags: tuple[str, ...]
) -> None:
    test = reviewed(beside=[presence(**changes)])
    assert (test.flags, verdict_of(test.answers)) == (flags, Outcome.PASS)


def test_reviews_and_papers_that_need_a_second_look_are_marked() -> None:
    assert reviewed([review(next_due_on="2026-06-29")]).flags == ("next-review-passed",)
    assert reviewed([review(next_due_on="9999-12-31")]).flags == ()
    assert reviewed([review(outcome="major_gaps")]).flags == ("major-gaps-found",)
    assert reviewed([review(outcome="major_gaps")], status="action_plan").flags == ()
    for papers, flags in (
        ([paper(valid_until="2026-06-29")], ("document-expired",)),
        ([paper(valid_until="2026-06-30")], ()),
        ([paper(valid_until="9999-12-31")], ()),
        ([paper(valid_until="2026-01-01"), paper(document_id="D2", valid_until="2027-01-01")], ()),
        ([paper(valid_until="2026-01-01"), paper(document_id="D2", valid_until="2027-01-01", kind="policy")],
         ("document-expired",)),
        ([paper(valid_until="2026-01-01"), paper(document_id="D2")], ()),
    ):  # fmt: skip
        rows = {"processors": (provider(),), "processor_reviews": (review(),), "processor_documents": tuple(papers)}
        assert reviews_in_time(rows, terms()).flags == flags


# --- PRO-04 -----------------------------------------------------------------------------------------------------------


def left(flows: Sequence[Row] = (flow(),), days: int = 7, **changes: object) -> Outcomes:
    agreed = terms(parameters={**FIGURES, "terminated_grace_days": days})
    return terminated_receive_nothing({"processors": (ended(**changes),), "processor_flows": tuple(flows)}, agreed)


@pytest.mark.parametrize(
    ("flows", "a"),
    [
        ([{}], FINE),
        ([{"last_seen_on": "2026-03-08"}], FINE),
        ([{"last_seen_on": "2026-03-09"}], ("fail", "flow-after-the-end")),
        ([{"last_seen_on": "2026-03-09", "personal_data": False}], ("fail", "flow-after-the-end")),
        ([{}, {"seen_in": "dns", "last_seen_on": "2026-06-01"}], ("fail", "flow-after-the-end")),
        ([], ("missing", "no-traffic-source")),
        ([{"seen_in": "supplier_ledger", "last_seen_on": "2026-02-01"}], ("missing", "no-traffic-source")),
    ],
)
def test_nothing_goes_after_the_end(flows: Sequence[dict[str, object]], a: tuple[str, str | None]) -> None:
    assert said(left([flow(**one) for one in flows])) == {"A": a, "B": FINE}


def test_the_days_agreed_are_a_parameter() -> None:
    late = [flow(last_seen_on="2026-03-20")]
    assert said(left(late, days=19))["A"] == FINE
    assert said(left(late, days=18))["A"] == ("fail", "flow-after-the-end")
    assert said(left(late, days=100_000_000))["A"] == FINE


def test_a_last_invoice_is_no_flow() -> None:
    test = left([flow(), flow(flow_id="F2", seen_in="supplier_ledger", last_seen_on="2026-05-01")])
    assert (said(test)["A"], test.flags) == (FINE, ("paid-after-the-end",))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"data_returned_or_deleted_on": None}, {"B": ("fail", "return-not-certified")}),
        ({"data_returned_or_deleted_on": "9999-12-31"}, {"B": ("fail", "certificate-in-the-future")}),
        (
            {"data_returned_or_deleted_on": None, "terminated_on": "2026-06-23"},
            {"B": ("missing", "certificate-awaited")},
        ),
        ({"data_returned_or_deleted_on": None, "terminated_on": "2026-06-22"}, {"B": ("fail", "return-not-certified")}),
        ({"terminated_on": None}, dict.fromkeys("AB", ("missing", "end-not-dated"))),
        ({"terminated_on": "2026-07-01"}, dict.fromkeys("AB", ("missing", "end-in-the-future"))),
        ({"terminated_on": "9999-12-31"}, dict.fromkeys("AB", ("missing", "end-in-the-future"))),
    ],
)
def test_the_end_is_dated_and_certified(changes: dict[str, object], expected: Said) -> None:
    assert said(left(**changes)) == {"A": FINE, "B": FINE, **expected}


# --- PRO-05 -----------------------------------------------------------------------------------------------------------


def promised(commitments: Sequence[Row], status: str = "charter") -> Outcomes:
    rows = {"processors": (provider(status=status),), "processor_commitments": tuple(commitments)}
    return commitments_kept(rows, terms())


@pytest.mark.parametrize(
    ("commitments", "expected"),
    [
        ([charter(), action()], {}),
        ([charter()], {"B": NOT_ASKED, "C": NOT_ASKED}),
        ([charter(kind="contract_amendment"), action()], {}),
        ([charter(signed_on=None), action()], {"A": ("fail", "charter-not-signed")}),
        ([action()], {"A": ("fail", "charter-not-signed")}),
        ([charter(signed_on="9999-12-31"), action()], {"A": ("fail", "signature-in-the-future")}),
        ([charter(signed_on=None), charter(), action()], {}),
        ([charter(), action(completed_on=None)], {"B": ("fail", "action-overdue"), "C": NOT_ASKED}),
        ([charter(), action(completed_on=None, due_on="2026-06-30")], {"C": NOT_ASKED}),
        ([charter(), action(completed_on=None, due_on="2026-06-29")],
         {"B": ("fail", "action-overdue"), "C": NOT_ASKED}),
        ([charter(), action(completed_on=None, due_on="9999-12-31")], {"C": NOT_ASKED}),
        ([charter(), action(completed_on=None, due_on=None)],
         {"B": ("missing", "action-without-due-day"), "C": NOT_ASKED}),
        ([charter(), action(completed_on="2026-07-05")], {"B": ("fail", "action-overdue"), "C": NOT_ASKED}),
        ([charter(), action(completed_on="2026-07-05", due_on="2026-08-01")],
         {"B": ("missing", "completed-in-the-future"), "C": NOT_ASKED}),
        ([charter(), action(evidence_sha256=None)], {"C": ("missing", "proof-not-found")}),
        ([charter(), action(), action(commitment_id="C3", evidence_sha256=None)],
         {"C": ("missing", "proof-not-found")}),
        ([], {"A": ("missing", "no-commitment-recorded"), "B": NOT_ASKED, "C": NOT_ASKED}),
    ],
)  # fmt: skip
def test_a_promise_is_signed_and_its_actions_are_kept(commitments: Sequence[Row], expected: Said) -> None:
    assert said(promised(commitments)) == {"A": FINE, "B": FINE, "C": FINE, **expected}


def test_a_plan_without_an_action_is_no_plan() -> None:
    assert said(promised([charter()], "action_plan"))["B"] == ("missing", "no-action-recorded")
    assert verdict_of(promised([], "action_plan").answers) is Outcome.INCONCLUSIVE


def test_an_action_done_late_is_marked() -> None:
    test = promised([charter(), action(completed_on="2026-06-01")])
    assert (said(test)["B"], test.flags) == (FINE, ("action-done-late",))


# --- evidence dated after the cut-off ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("destinations_referenced", {"destination_units": (destination(last_seen_on="2026-07-01"),),
                                     "destination_processors": (matched(),)}),
        ("contracts_whole", {"processors": (provider(),), "processor_flows": (flow(last_seen_on="9999-12-31"),)}),
        ("reviews_in_time", {"processors": (provider(),),
                             "processor_reviews": (review(), review(review_id="V2", reviewed_on="2026-07-01"))}),
        ("reviews_in_time", {"processors": (provider(),), "processor_reviews": (review(),),
                             "processor_documents": (paper(studied_on="2026-07-01"),)}),
        ("commitments_kept", {"processors": (provider(status="charter"),),
                              "processor_commitments": (charter(), charter(signed_on="9999-12-31"))}),
    ],
)  # fmt: skip
def test_nothing_dated_after_the_cut_off_lets_a_provider_pass(name: str, rows: dict[str, tuple[Row, ...]]) -> None:
    test = rules.test(f"processors.{name}")(rows, terms())
    assert said(test)["A"] == ("error", "dated-in-the-future")
    assert verdict_of(test.answers) is Outcome.ERROR


def test_days_to_come_may_lie_ahead() -> None:
    rows = {
        "processors": (provider(),),
        "processor_reviews": (review(next_due_on="9999-12-31"),),
        "processor_documents": (paper(valid_until="9999-12-31", studied_on="2026-06-30"),),
    }
    assert verdict_of(rules.test("processors.reviews_in_time")(rows, terms()).answers) is Outcome.PASS


def test_what_fails_anyway_keeps_its_reason() -> None:
    rows = {"processors": (ended(),), "processor_flows": (flow(last_seen_on="9999-12-31"),)}
    test = rules.test("processors.terminated_receive_nothing")(rows, terms())
    assert said(test)["A"] == ("fail", "flow-after-the-end")
