"""One rule measured: what was counted decides, and what was not counted never passes."""

from __future__ import annotations

import pytest

from evidence_kit.model.outcome import Outcome
from evidence_kit.model.outcome import Test as Outcomes
from evidence_kit.model.sample import Row
from evidence_kit.rules.examining import verdict_of
from evidence_kit.rules.keeping import active_within_period, archives_finite, jobs_ran, prospects_leave
from tests.unit.cases import observation, terms
from tests.unit.erased import grant, rule, run

ALL = "ABCD"


@pytest.mark.parametrize(
    ("changes", "expected", "verdict"),
    [
        ({}, {}, Outcome.PASS),
        ({"held_rows": 3}, {}, Outcome.PASS),
        ({"past_limit_rows": 1}, {"A": ("fail", "kept-past-limit")}, Outcome.FAIL),
        ({"hold_faulty_rows": 1}, {"A": ("fail", "hold-faulty")}, Outcome.FAIL),
        ({"start_missing_rows": 1}, {"B": ("missing", "start-event-missing")}, Outcome.INCONCLUSIVE),
        ({"hold_undocumented_rows": 1}, {"C": ("missing", "hold-not-documented")}, Outcome.INCONCLUSIVE),
        ({"bad_date_rows": 1}, {"D": ("error", "unreadable-date")}, Outcome.ERROR),
        (
            {"past_limit_rows": 1, "bad_date_rows": 2},
            {"A": ("fail", "kept-past-limit"), "D": ("error", "unreadable-date")},
            Outcome.FAIL,
        ),
        ({"start_missing_rows": None}, {"B": ("missing", "column-not-kept")}, Outcome.INCONCLUSIVE),
        ({"past_limit_rows": None}, {"A": ("missing", "column-not-kept")}, Outcome.INCONCLUSIVE),
        ({"hold_faulty_rows": None}, {"A": ("missing", "column-not-kept")}, Outcome.INCONCLUSIVE),
        ({"rows": 0}, dict.fromkeys(ALL, ("missing", "nothing-counted")), Outcome.INCONCLUSIVE),
        ({"rows": None}, dict.fromkeys(ALL, ("error", "object-missing")), Outcome.ERROR),
        ({"status": "error"}, dict.fromkeys(ALL, ("error", "object-missing")), Outcome.ERROR),
        ({"place": "archive"}, dict.fromkeys(ALL, ("missing", "not-measured")), Outcome.INCONCLUSIVE),
    ],
)
def test_what_was_counted_decides(
    changes: dict[str, object], expected: dict[str, tuple[str, str]], verdict: Outcome
) -> None:
    test = active_within_period({"retention_observations": (observation(**changes),)}, terms())
    found = {one.letter: (one.mark.value, one.reason) for one in test.answers}
    assert found == {**dict.fromkeys(ALL, ("pass", None)), **expected}
    assert verdict_of(test.answers) is verdict


@pytest.mark.parametrize("measured", [(), (observation(), observation())], ids=["never", "twice"])
def test_a_rule_is_measured_once(measured: tuple[dict[str, object], ...]) -> None:
    test = active_within_period({"retention_observations": measured}, terms())
    assert verdict_of(test.answers) is Outcome.INCONCLUSIVE
    assert verdict_of(active_within_period({}, terms()).answers) is Outcome.INCONCLUSIVE


# --- RET-02, RET-03, RET-04 -------------------------------------------------------------------------------------------

FINE, NOT_ASKED = ("pass", None), ("na", None)


def said(test: Outcomes) -> dict[str, tuple[str, str | None]]:
    return {one.letter: (one.mark.value, one.reason) for one in test.answers}


def archived(seen: tuple[Row, ...], grants: tuple[Row, ...] = (grant(),), **changes: object) -> Outcomes:
    frames = {"retention_rules": (rule(**changes),), "retention_observations": seen, "archive_grants": grants}
    return archives_finite(frames, terms())


KEPT = observation(place="archive")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, FINE),
        ({"archive_object": "invoices_old", "archive_source": "prod"}, FINE),
        ({"archive_source": "prod"}, ("fail", "archive-in-active-base")),
        ({"archive_source": "PROD", "archive_object": "Invoices"}, ("fail", "archive-in-active-base")),
        ({"archive_source": None}, ("missing", "archive-place-unknown")),
    ],
)
def test_an_archive_stands_apart(changes: dict[str, object], expected: tuple[str, str | None]) -> None:
    assert said(archived((KEPT,), **changes)) == {"A": expected, "B": FINE, "C": FINE}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"past_limit_rows": 60}, ("fail", "kept-past-limit")),
        ({"hold_faulty_rows": 1}, ("fail", "hold-faulty")),
        ({"start_missing_rows": 1}, ("missing", "archive-start-missing")),
        ({"hold_undocumented_rows": 1}, ("missing", "hold-not-documented")),
        ({"bad_date_rows": 1}, ("error", "unreadable-date")),
        ({"bad_date_rows": 1, "past_limit_rows": 1, "start_missing_rows": 1}, ("fail", "kept-past-limit")),
        ({"bad_date_rows": 1, "start_missing_rows": 1}, ("error", "unreadable-date")),
        ({"past_limit_rows": None}, ("missing", "column-not-kept")),
        ({"start_missing_rows": None}, ("missing", "column-not-kept")),
        ({"status": "error"}, ("error", "object-missing")),
        ({"rows": None}, ("error", "object-missing")),
        ({"rows": 0}, ("missing", "nothing-counted")),
        ({"place": "active"}, ("missing", "not-measured")),
    ],
)
def test_an_archive_ends(changes: dict[str, object], expected: tuple[str, str]) -> None:
    found = archived((observation(**{"place": "archive", **changes}),))
    assert said(found)["B"] == expected


def test_the_archive_is_measured_apart_from_the_active_base() -> None:
    assert said(archived((observation(past_limit_rows=9), KEPT)))["B"] == FINE
    assert said(archived(()))["B"] == ("missing", "not-measured")
    assert said(archived((KEPT, KEPT)))["B"] == ("missing", "not-measured")


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ((), ("missing", "grants-not-listed")),
        ((grant(), grant(department="marketing")), ("fail", "reader-without-need")),
        ((grant(), grant(department="support")), ("fail", "reader-without-need")),
        ((grant(justification_ref=None),), ("fail", "reader-not-justified")),
        ((grant(), grant(department=None)), ("missing", "department-unknown")),
        (tuple(grant(department=name) for name in ("legal", "finance", "dpo", "it")), FINE),
    ],
)
def test_an_archive_is_open_to_those_who_need_it(grants: tuple[Row, ...], expected: tuple[str, str | None]) -> None:
    assert said(archived((KEPT,), grants))["C"] == expected


def prospects(*seen: Row, **changes: object) -> Outcomes:
    return prospects_leave({"retention_rules": (rule(**changes),), "retention_observations": seen}, terms())


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("last_click collected", FINE),
        ("last_reply", FINE),
        ("coalesce(last_click_at, collected_at)", FINE),
        ("ready_at", FINE),  # `read` is a word, not a beginning
        ("last_open_at", ("fail", "start-rests-on-messages")),
        ("last_click lastOpenedAt", ("fail", "start-rests-on-messages")),
        ("dernière_ouverture", ("fail", "start-rests-on-messages")),
        ("date_envoyé", ("fail", "start-rests-on-messages")),
        ("LAST_SENT", ("fail", "start-rests-on-messages")),
        ("delivered_at", ("fail", "start-rests-on-messages")),
        ("last_read", ("fail", "start-rests-on-messages")),
        ("impressions", ("fail", "start-rests-on-messages")),
        ("last_activity", ("missing", "start-unclear")),
        ("last_email_at", ("missing", "start-unclear")),
        ("account_opened_at", ("missing", "start-unclear")),
        ("reply_sent", ("missing", "start-unclear")),
        ("42", ("missing", "start-unclear")),
        ("", ("missing", "start-unclear")),
        (None, ("missing", "start-not-configured")),
    ],
)
def test_openings_and_sendings_are_no_contact(start: str | None, expected: tuple[str, str | None]) -> None:
    assert said(prospects(observation(), configured_start=start)) == {"A": expected, "B": FINE, "C": FINE}


@pytest.mark.parametrize(
    ("changes", "past", "started"),
    [
        ({"past_limit_rows": 120}, ("fail", "kept-past-limit"), FINE),
        ({"hold_faulty_rows": 1}, ("fail", "hold-faulty"), FINE),
        ({"start_missing_rows": 3}, FINE, ("missing", "start-event-missing")),
        ({"start_missing_rows": None}, FINE, ("missing", "column-not-kept")),
        ({"bad_date_rows": 3}, ("error", "unreadable-date"), FINE),
        ({"hold_undocumented_rows": 3}, ("missing", "hold-not-documented"), FINE),
        ({"past_limit_rows": None}, ("missing", "column-not-kept"), FINE),
        ({"rows": 0}, ("missing", "nothing-counted"), ("missing", "nothing-counted")),
        ({"status": "error"}, ("error", "object-missing"), ("error", "object-missing")),
        ({"place": "archive"}, ("missing", "not-measured"), ("missing", "not-measured")),
    ],
)
def test_prospects_leave(changes: dict[str, object], past: tuple[str, str], started: tuple[str, str]) -> None:
    assert said(prospects(observation(**changes))) == {"A": FINE, "B": past, "C": started}
    assert verdict_of(prospects().answers) is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("keep", "basis", "flags"),
    [
        ("3 years", None, ()),
        ("36 months", None, ()),
        ("1096 days", None, ()),
        ("5 years", "DEC-4", ("period-beyond-recommendation",)),
        ("37 months", None, ("period-beyond-recommendation", "basis-not-written")),
        ("4 year", None, ("period-beyond-recommendation", "basis-not-written")),
        ("for ever", None, ()),
    ],
)
def test_a_period_beyond_the_recommendation_is_said(keep: str, basis: str | None, flags: tuple[str, ...]) -> None:
    assert prospects(observation(), keep=keep, basis_ref=basis).flags == flags


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"run_id": None, "status": None}, {"A": ("fail", "run-missed"), "B": NOT_ASKED, "C": NOT_ASKED}),
        ({"status": "missed"}, {"A": ("fail", "run-missed"), "B": NOT_ASKED, "C": NOT_ASKED}),
        ({"status": "partial"}, {"B": ("fail", "run-partial")}),
        ({"status": "failed"}, {"B": ("fail", "run-failed")}),
        ({"status": None}, {"B": ("missing", "run-status-unknown")}),
        ({"rows_excused": 0}, {"C": ("fail", "rows-not-accounted-for")}),
        ({"rows_excused": 41}, {"C": ("fail", "rows-not-accounted-for")}),
        ({"rows_excused": None}, {"C": ("missing", "run-not-counted")}),
        ({"rows_excused": None, "rows_deleted": 100}, {}),  # nothing is left to excuse
        ({"rows_excused": None, "rows_deleted": 101}, {"C": ("fail", "rows-not-accounted-for")}),
        ({"rows_eligible": None}, {"C": ("missing", "run-not-counted")}),
        ({"rows_deleted": None}, {"C": ("missing", "run-not-counted")}),
    ],
)
def test_a_run_took_place_ended_well_and_adds_up(
    changes: dict[str, object], expected: dict[str, tuple[str, str | None]]
) -> None:
    found = jobs_ran({"job_units": (run(**changes),)}, terms())
    assert said(found) == {**dict.fromkeys("ABC", FINE), **expected}
