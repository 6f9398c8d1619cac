"""What the second reader is asked, and what happens when two readings of the same rows differ."""

from __future__ import annotations

import pytest

from evidence_kit import workbook
from evidence_kit.errors import Disagreement
from evidence_kit.model.claims import Claim
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.outcome import Checked, Outcome
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules import claims
from tests.unit.cases import control, frame, log, observation, result, worked

PASS, FAIL = Outcome.PASS, Outcome.FAIL
IN_TIME = worked("2026-03-02", "2026-03-20", due="2026-04-02")
OUT_OF_TIME = worked("2026-03-02", "2026-04-08", due="2026-04-02", late=6)


def whole(name: str) -> EvidenceFrame:
    """A frame that has every column of its norm."""
    kinds = {"string": "text", "timestamp": "instant", "bool": "boolean"}
    columns = [(one.name, kinds.get(one.kind, one.kind), one.privacy) for one in FRAMES[name].columns]
    return EvidenceFrame("REQ-02", name, (("id", "integer", "none"), *columns), (), "")


@pytest.mark.parametrize("name", FRAMES)
def test_every_frame_gets_the_expectations_of_the_norm(name: str) -> None:
    asked = claims.of_frame(whole(name), "2026-06-30T21:59:59Z", "2026-06-30", main=True).claims
    by_kind = {kind: {one.columns for one in asked if one.kind == kind} for kind in {one.kind for one in asked}}
    columns = FRAMES[name].columns
    assert by_kind["present"] == {()}
    assert by_kind.get("not-null", set()) == {(one.name,) for one in columns if not one.nullable}
    assert by_kind.get("one-of", set()) == {(one.name,) for one in columns if one.values}
    assert by_kind.get("key", set()) == {(one.name,) for one in columns if one.privacy == "key"}
    assert by_kind["unique"] == {FRAMES[name].unique_key}
    dated = {(c.name,) for c in columns if c.kind in ("date", "timestamp") and not c.may_be_future}
    assert by_kind.get("not-after", set()) == dated
    limits = {one.values[0] for one in asked if one.kind == "not-after"}
    assert limits <= {"2026-06-30T21:59:59Z", "2026-06-30"}
    assert not any(one.reading for one in asked)


def test_only_the_main_frame_must_have_rows_and_half_a_key_is_not_asked() -> None:
    asked = claims.of_frame(frame("mailbox_messages"), "2026-06-30T21:59:59Z", "2026-06-30", main=False).claims
    assert {one.kind for one in asked} <= {"not-null"}


def test_a_verdict_on_time_is_read_again_from_the_row() -> None:
    rows = frame(
        "request_log",
        log(request_id="R1", responded_at_local="2026-03-20"),
        log(request_id="R2", responded_at_local="2026-04-08"),
        log(request_id="R3", responded_at_local=None),
    )
    results = [
        result(PASS, unit="R1", working=IN_TIME),
        result(FAIL, "answered-late", unit="R2", working=OUT_OF_TIME),
        result(FAIL, "open-past-due", unit="R3", working=worked("2026-03-02", None, due="2026-04-02")),
        result(PASS, unit="R4", working=IN_TIME),
    ]
    in_time, late = claims.of_verdicts(control(), results, {"request_log": rows})
    assert [row["done"] - row["due"] for row in in_time.rows] == [-13]  # type: ignore[operator]
    assert [row["done"] - row["due"] for row in late.rows] == [6]  # type: ignore[operator]
    assert in_time.claims == (Claim("not-less", ("due", "done"), reading=True),)
    assert late.claims == (Claim("greater", ("done", "due"), reading=True),)


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ({"capacity": "processor", "forwarded_at_local": "2026-03-09"}, "2026-03-09"),
        ({"reopened_at": "x", "reopen_cause": "same_request", "responded_again_at_local": "2026-05-01"}, "2026-05-01"),
        ({"reopened_at": "x", "reopen_cause": "new_request", "responded_again_at_local": "2026-05-01"}, "2026-03-20"),
    ],
    ids=["passed on", "same request", "new request"],
)
def test_the_day_that_is_read_again_is_the_one_that_counts(changes: dict[str, object], read: str) -> None:
    rows = frame("request_log", log(responded_at_local="2026-03-20", **changes))
    in_time, _ = claims.of_verdicts(control(), [result(PASS, working=IN_TIME)], {"request_log": rows})
    from datetime import date

    assert [row["done"] for row in in_time.rows] == [date.fromisoformat(read).toordinal()]


def test_an_acknowledgement_is_read_again_too() -> None:
    rows = frame("request_log", log(acknowledged_at_local="2026-03-06"))
    late = result(FAIL, "acknowledged-late", working=worked("2026-03-02", "2026-03-06", due="2026-03-05", late=1))
    _, table = claims.of_verdicts(control(test="requests.acknowledged"), [late], {"request_log": rows})
    assert len(table.rows) == 1


def test_retention_is_read_again_from_its_counts() -> None:
    rows = frame("retention_observations", observation(), observation(rule_id="RUL-2", past_limit_rows=3))
    results = [result(PASS, unit="RUL-1"), result(FAIL, "kept-past-limit", unit="RUL-2")]
    one = control(test="retention.active_within_period")
    within, past = claims.of_verdicts(one, results, {"retention_observations": rows})
    assert [row["rule_id"] for row in within.rows] == ["RUL-1"]
    assert past.rows == [{"over": 3, "none": 0}]
    assert all(claim.reading for claim in (*within.claims, *past.claims))


def test_a_test_without_a_second_reading_has_none() -> None:
    assert claims.of_verdicts(control(test="requests.extension_in_time"), (), {}) == ()


# --- when they differ -------------------------------------------------------------------------------------------------


def checked(success: bool, expectation: str = "unique", rows: int = 5) -> Checked:
    return Checked("request_log", "request_id", expectation, success, rows)


def test_readers_that_agree_are_not_heard_of() -> None:
    results = (result(PASS), result(FAIL, "answered-late"))
    workbook._compare("REQ-02", results, (checked(True), checked(True, "second-reading:not-less")))


def test_what_the_second_reader_finds_amiss_some_unit_must_show() -> None:
    amiss = (checked(False),)
    workbook._compare("REQ-02", (result(FAIL, "answered-late"), result(PASS)), amiss)
    with pytest.raises(Disagreement, match=r"REQ-02: two readings .*request_log\.request_id unique") as caught:
        workbook._compare("REQ-02", (result(PASS), result(PASS)), amiss)
    assert caught.value.exit_code == 3


def test_an_empty_table_proves_nothing_and_accuses_nobody() -> None:
    workbook._compare("REQ-02", (), (checked(False, "present", rows=0),))


def test_a_second_reading_that_fails_stops_whatever_else_failed() -> None:
    contrary = (checked(False, "second-reading:greater"),)
    with pytest.raises(Disagreement, match="second-reading:greater"):
        workbook._compare("REQ-02", (result(FAIL, "answered-late"),), contrary)
