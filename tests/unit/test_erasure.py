"""ERA-01 to ERA-05: gone and shown to be gone, lists that say no more than they must, nobody back, recipients told."""

from __future__ import annotations

import pytest

from evidence_kit.model.outcome import Mark, Outcome
from evidence_kit.model.outcome import Test as Outcomes
from evidence_kit.model.sample import Row
from evidence_kit.rules.erasure import (
    absent_everywhere,
    backups_cycle,
    nothing_returns,
    recipients_told,
    suppression_minimal,
)
from evidence_kit.rules.examining import verdict_of
from tests.unit.cases import answers, dated, terms
from tests.unit.erased import backup, entry, erasure, pair, probe, restoration

NA, PASS, FAIL, MISSING, ERROR = Mark.NA, Mark.PASS, Mark.FAIL, Mark.MISSING, Mark.ERROR
Said = tuple[Mark, str | None]
FINE: Said = (PASS, None)
NOT_ASKED: Said = (NA, None)


def gone(*probes: Row, **changes: object) -> Outcomes:
    return absent_everywhere({"erasure_log": (erasure(**changes),), "erasure_probes": probes}, terms())


def back(*probes: Row, **changes: object) -> Outcomes:
    return nothing_returns({"erasure_log": (erasure(**changes),), "erasure_probes": probes}, terms())


# --- ERA-01 -----------------------------------------------------------------------------------------------------------


def test_absent_from_every_object_with_a_search_that_sees_is_a_pass() -> None:
    found = gone(probe(), probe(object="users"))
    assert answers(found) == dict.fromkeys("ABCD", FINE)
    assert verdict_of(found.answers) is Outcome.PASS


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"state": "unreachable", "positive_control": None},
            {"A": (ERROR, "source-unreachable"), "B": NOT_ASKED, "C": NOT_ASKED},
        ),
        (
            {"state": "not-probed", "positive_control": None},
            {"A": (MISSING, "not-probed"), "B": NOT_ASKED, "C": NOT_ASKED},
        ),
        ({"positive_control": None}, {"B": NOT_ASKED, "C": (MISSING, "no-positive-control")}),
        ({"positive_control": False}, {"B": NOT_ASKED, "C": (ERROR, "probe-blind")}),
        ({"state": "weak-match"}, {"B": (MISSING, "weak-match"), "C": NOT_ASKED}),
        ({"state": "masked", "mask": "reversible"}, {"B": (FAIL, "mask-reversible")}),
        ({"state": "masked"}, {"B": (MISSING, "mask-unknown")}),
        (
            {"state": "suppressed-only", "suppression_declared": True, "suppression_form": "clear"},
            {"B": (FAIL, "suppression-in-clear")},
        ),
        (
            {"state": "suppressed-only", "suppression_declared": None, "suppression_form": "hashed"},
            {"B": (FAIL, "suppression-not-declared")},
        ),
        ({"state": "suppressed-only", "suppression_declared": True, "suppression_form": "hashed"}, {}),
        (
            {"state": "soft-deleted", "deleted_on": "2026-06-01", "purge_days": 30},
            {"B": (MISSING, "purge-pending"), "C": NOT_ASKED},
        ),
        (
            {"state": "soft-deleted", "deleted_on": "2026-05-30", "purge_days": 30},
            {"B": (FAIL, "purge-overdue"), "C": NOT_ASKED},
        ),
        ({"state": "backup-only", "deleted_on": "2026-06-01", "purge_days": 35, "replay_declared": True}, {}),
        ({"state": "backup-only", "deleted_on": "2026-06-01", "purge_days": 35}, {"B": (MISSING, "replay-unknown")}),
        ({"state": "present", "declared_done": True}, {"B": (FAIL, "said-erased-but-present"), "C": NOT_ASKED}),
        ({"state": "present", "declared_done": None}, {"B": (FAIL, "present"), "C": NOT_ASKED}),
        ({"state": "present", "due_on": None}, {"B": (MISSING, "due-unknown"), "C": NOT_ASKED}),
        ({"state": "present", "exception_declared": True, "exception_within": True}, {"C": NOT_ASKED}),
        (
            {"state": "present", "exception_declared": True, "exception_within": False},
            {"B": (FAIL, "exception-expired"), "C": NOT_ASKED},
        ),
        ({"state": "present", "exception_declared": True}, {"B": (MISSING, "exception-not-checked"), "C": NOT_ASKED}),
        ({"state": "reappeared", "return_cause": "restore"}, {"B": NOT_ASKED, "C": NOT_ASKED}),
        ({"state": "elsewhere"}, {"B": (ERROR, "unknown-state"), "C": NOT_ASKED}),
    ],
    ids=lambda value: ",".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_each_state_has_its_attribute_and_its_reason(changes: dict[str, object], said: dict[str, Said]) -> None:
    assert answers(gone(probe(**changes))) == {**dict.fromkeys("ABCD", FINE), **said}


def test_the_worst_object_decides() -> None:
    pending = probe(object="a", state="soft-deleted", deleted_on="2026-06-20", purge_days=30)
    held = probe(object="b", state="present", declared_done=True)
    lost = probe(object="c", state="unreachable", positive_control=None)
    assert answers(gone(pending, held, lost))["B"] == (FAIL, "said-erased-but-present")
    assert verdict_of(gone(pending, held, lost).answers) is Outcome.FAIL
    assert verdict_of(gone(pending, lost).answers) is Outcome.ERROR
    assert verdict_of(gone(pending, probe()).answers) is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("changes", "probes", "reason"),
    [
        ({"subject_key": None}, (), "nothing-to-search-with"),
        ({"identifier_form": "none"}, (), "nothing-to-search-with"),
        ({"identifier_form": "none"}, (probe(),), "nothing-to-search-with"),
        ({}, (), "nothing-searched"),
    ],
)
def test_who_was_not_searched_is_not_shown_to_be_gone(
    changes: dict[str, object], probes: tuple[Row, ...], reason: str
) -> None:
    for test in (gone, back):
        found = test(*probes, **changes)
        assert answers(found)["A"] == (MISSING, reason)
        assert verdict_of(found.answers) is Outcome.INCONCLUSIVE


def test_another_key_than_the_log_s_will_do() -> None:
    assert answers(gone(probe(), subject_key=None))["A"] == FINE


@pytest.mark.parametrize("executed", [None, "2026-07-01T08:00:00.000000Z"])
def test_an_erasure_not_executed_by_the_cut_off_is_not_shown(executed: str | None) -> None:
    assert answers(gone(probe(), executed_at=executed))["D"] == (MISSING, "not-executed")


@pytest.mark.parametrize("frames", [{}, {"erasure_probes": ()}])
def test_no_frame_of_probes_is_no_pass(frames: dict[str, tuple[Row, ...]]) -> None:
    for test in (absent_everywhere, nothing_returns):
        found = test({"erasure_log": (erasure(),), **frames}, terms())
        assert verdict_of(found.answers) is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("column", ["state", "positive_control", "exception_declared", "due_on"])
def test_a_column_that_is_not_there_is_no_pass(column: str) -> None:
    without = {name: value for name, value in probe().items() if name != column}
    for test in (gone, back):
        with pytest.raises(KeyError):
            test(without)


# --- ERA-03 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, FINE),
        ({"state": "present", "declared_done": True}, FINE),  # ERA-01 has it
        ({"state": "masked", "mask": "reversible"}, FINE),
        ({"state": "reappeared", "return_cause": "restore"}, (FAIL, "reappeared-restore")),
        ({"state": "reappeared", "return_cause": "re-import"}, (FAIL, "reappeared-re-import")),
        ({"state": "reappeared", "return_cause": "re-sync"}, (FAIL, "reappeared-re-sync")),
        ({"state": "reappeared"}, (FAIL, "reappeared-unknown")),
        ({"state": "reappeared", "return_cause": "new-collection", "return_evidence": True}, FINE),
        (
            {"state": "reappeared", "return_cause": "new-collection", "return_evidence": None},
            (MISSING, "new-collection-unproven"),
        ),
        ({"state": "unreachable", "positive_control": None}, (ERROR, "source-unreachable")),
        ({"state": "not-probed", "positive_control": None}, (MISSING, "not-probed")),
        ({"positive_control": None}, (MISSING, "no-positive-control")),
        ({"positive_control": False}, (ERROR, "probe-blind")),
        ({"state": "elsewhere"}, (ERROR, "unknown-state")),
    ],
)
def test_nobody_is_back_but_by_a_new_collection(changes: dict[str, object], said: Said) -> None:
    assert answers(back(probe(object="a"), probe(**changes))) == {"A": said}


def test_a_return_is_not_hidden_by_an_erasure_that_could_not_be_searched() -> None:
    assert answers(back(probe(state="reappeared"), identifier_form="none"))["A"] == (FAIL, "reappeared-unknown")


# --- ERA-02 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, {}),
        ({"stored_form": "sha256_salted"}, {}),
        ({"stored_form": "plaintext"}, {"A": (FAIL, "stored-in-clear")}),
        ({"stored_form": "sha256"}, {"A": (FAIL, "bare-hash")}),
        ({"stored_form": "other"}, {"A": (MISSING, "stored-form-unknown")}),
        ({"stored_form": None}, {"A": (MISSING, "stored-form-unknown")}),
        ({"extra_personal_columns": 2}, {"B": (FAIL, "personal-data-beside")}),
        ({"extra_personal_columns": None}, {"B": (MISSING, "column-not-kept")}),
        ({"reason": None}, {"C": (FAIL, "entry-without-reason")}),
        ({"added_at": None}, {"C": (FAIL, "entry-without-date")}),
    ],
)
def test_an_entry_holds_what_blocks_a_sending_and_no_more(changes: dict[str, object], said: dict[str, Said]) -> None:
    found = suppression_minimal({"suppression_list": (entry(**changes),)}, terms())
    assert answers(found) == {**dict.fromkeys("ABC", FINE), **said}


# --- ERA-04 -----------------------------------------------------------------------------------------------------------


def told(**changes: object) -> Outcomes:
    return recipients_told({"recipient_units": (pair(**changes),)}, terms())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, {"A": FINE, "B": NOT_ASKED, "C": FINE}),
        ({"notified_at": "2026-05-31T21:00:00.000000Z"}, {"A": FINE}),
        ({"notified_at": "2026-06-01T08:00:00.000000Z"}, {"A": (FAIL, "recipient-told-late")}),
        ({"notified_at": None, "confirmed_at": None}, {"A": (FAIL, "recipient-not-told"), "C": NOT_ASKED}),
        ({"notified_at": None, "executed_at": "2026-06-20T08:00:00.000000Z"}, {"A": (MISSING, "waiting-time-running")}),
        ({"notified_at": None, "disclosed_on": None}, {"A": (MISSING, "disclosure-unknown")}),
        ({"notified_at": None, "exemption": "impossible", "exemption_reason_ref": "R-1"}, {"A": FINE, "B": FINE}),
        ({"notified_at": None, "exemption": "impossible"}, {"A": FINE, "B": (MISSING, "exemption-without-reason")}),
        ({"disclosed_on": None}, {"A": FINE}),
        ({"executed_at": None}, {"A": (ERROR, "unreadable-date"), "B": NOT_ASKED, "C": NOT_ASKED}),
    ],
)
def test_each_recipient_is_told_or_a_ground_is_written(changes: dict[str, object], said: dict[str, Said]) -> None:
    found = answers(told(**changes))
    assert {letter: found[letter] for letter in said} == said


@pytest.mark.parametrize(
    ("relation", "flags"),
    [("processor", ("not-confirmed",)), ("sub_processor", ("not-confirmed",)), ("controller", ()),
     ("joint_controller", ()), (None, ("relation-unknown",))],
)  # fmt: skip
def test_a_processor_that_did_not_confirm_is_an_observation(relation: str | None, flags: tuple[str, ...]) -> None:
    found = told(relation=relation, confirmed_at=None)
    assert (found.flags, verdict_of(found.answers)) == (flags, Outcome.PASS)
    assert told(relation=relation, notified_at=None, confirmed_at=None).flags == ()


def test_the_days_to_tell_are_the_engagement_s() -> None:
    late = pair(notified_at="2026-05-20T08:00:00.000000Z")
    strict = terms(parameters={"notice_days": 10})
    assert answers(recipients_told({"recipient_units": (late,)}, strict))["A"] == (FAIL, "recipient-told-late")


# --- ERA-05 -----------------------------------------------------------------------------------------------------------


def cycled(unit: Row) -> Outcomes:
    return backups_cycle({"backup_units": (dated(unit),)}, terms())


@pytest.mark.parametrize(
    ("changes", "cycle", "left"),
    [
        ({}, FINE, FINE),
        ({"deleted_at": "2026-02-06T08:00:00.000000Z"}, FINE, FINE),
        ({"deleted_at": "2026-02-07T08:00:00.000000Z"}, FINE, (FAIL, "backup-deleted-late")),
        ({"deleted_at": None}, FINE, (FAIL, "backup-past-its-cycle")),
        ({"cycle_days": None}, (MISSING, "cycle-not-declared"), FINE),
        ({"expires_at": None}, (MISSING, "expiry-not-recorded"), FINE),
        ({"expires_at": None, "deleted_at": "2026-03-01T08:00:00.000000Z"},
         (MISSING, "expiry-not-recorded"), (FAIL, "backup-deleted-late")),
        ({"expires_at": None, "cycle_days": None},
         (MISSING, "cycle-not-declared"), (MISSING, "cycle-not-declared")),
        ({"expires_at": "2026-03-05T02:00:00.000000Z"}, (FAIL, "expiry-differs"), FINE),
        ({"taken_at": None}, (ERROR, "required-value-missing"), (ERROR, "required-value-missing")),
        ({"deleted_at": "2025-12-31T02:00:00.000000Z"}, FINE, (ERROR, "deleted-before-taken")),
        ({"deleted_at": "2026-07-02T02:00:00.000000Z"}, FINE, (ERROR, "event-in-the-future")),
    ],
)  # fmt: skip
def test_a_backup_leaves_at_the_end_of_its_cycle(changes: dict[str, object], cycle: Said, left: Said) -> None:
    assert answers(cycled(backup(**changes))) == {"A": cycle, "B": left, "C": NOT_ASKED}


@pytest.mark.parametrize(
    ("taken", "expires", "said"),
    [("2026-05-26", "2026-06-30", FINE), ("2026-05-25", "2026-06-29", FINE),
     ("2026-05-24", "2026-06-28", (FAIL, "backup-past-its-cycle"))],
)  # fmt: skip
def test_a_backup_still_inside_its_cycle_need_not_be_gone(taken: str, expires: str, said: Said) -> None:
    unit = backup(taken_at=f"{taken}T08:00:00.000000Z", expires_at=f"{expires}T08:00:00.000000Z", deleted_at=None)
    assert answers(cycled(unit))["B"] == said


def test_a_cycle_over_the_change_of_the_clocks_is_as_long_as_another() -> None:
    """35 times 24 hours from half past midnight end at half past eleven of the day before: the clock is no fault."""
    unit = backup(taken_at="2025-09-30T22:30:00.000000Z", expires_at="2025-11-04T22:30:00.000000Z")
    local = {"taken_at_local": "2025-10-01", "expires_at_local": "2025-11-04", "deleted_at_local": "2025-11-05"}
    found = backups_cycle({"backup_units": ({**dated(unit), **local},)}, terms())
    assert answers(found)["A"] == FINE
    by_day = {**dated(backup(taken_at="2026-01-01", expires_at="2026-02-06")), "deleted_at_local": "2026-02-05"}
    assert answers(backups_cycle({"backup_units": (by_day,)}, terms()))["A"] == (FAIL, "expiry-differs")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, FINE),
        ({"opened_at": None}, FINE),  # a drill in isolation
        ({"erasures_replayed": 9}, FINE),
        ({"erasures_replayed": 3}, (FAIL, "replay-incomplete")),
        ({"erasures_counted": 5}, (FAIL, "replay-incomplete")),  # the organisation expected four, and replayed four
        ({"erasures_counted": None}, FINE),
        ({"erasures_expected": None}, FINE),
        ({"erasures_expected": None, "erasures_counted": None}, (MISSING, "erasures-not-counted")),
        ({"erasures_replayed": None}, (MISSING, "replay-not-counted")),
        ({"replayed_at": None}, (FAIL, "opened-unreplayed")),
        ({"replayed_at": None, "opened_at": None}, (MISSING, "replay-pending")),
        ({"replayed_at": None, "opened_at": None, "erasures_replayed": None}, (MISSING, "replay-pending")),
        ({"opened_at": "2026-02-11T09:30:00.000000Z"}, (FAIL, "replayed-after-opening")),
        ({"replayed_at": "2026-02-10T10:00:00.000000Z"}, (ERROR, "replayed-before-restored")),
        ({"erasures_expected": 0, "erasures_counted": 0, "replayed_at": None, "erasures_replayed": None}, FINE),
        ({"erasures_expected": 0, "erasures_counted": 1, "replayed_at": None}, (FAIL, "opened-unreplayed")),
        ({"restored_at": None}, (ERROR, "required-value-missing")),
        ({"unit_kind": "none"}, (MISSING, "no-restoration")),
    ],
)
def test_a_restoration_erases_again_before_users_get_in(changes: dict[str, object], said: Said) -> None:
    assert answers(cycled(restoration(**changes))) == {"A": NOT_ASKED, "B": NOT_ASKED, "C": said}


def test_days_are_compared_where_a_source_keeps_no_time() -> None:
    same_day = restoration(restored_at="2026-02-11", replayed_at="2026-02-11", opened_at="2026-02-11T07:00:00.000000Z")
    assert answers(cycled(same_day))["C"] == FINE
