"""What the second reader is asked, and what happens when two readings of the same rows differ."""

from __future__ import annotations

import pytest

from evidence_kit import workbook
from evidence_kit.errors import Disagreement
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.outcome import Checked, Outcome
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules import claims
from tests.unit.cases import frame, result

PASS, FAIL = Outcome.PASS, Outcome.FAIL


def whole(name: str) -> EvidenceFrame:
    """A frame that has every column of its norm."""
    kinds = {"string": "text", "timestamp": "instant", "bool": "boolean"}
    columns = [(one.name, kinds.get(one.kind, one.kind), one.privacy) for one in FRAMES[name].columns]
    return EvidenceFrame("REQ-02", name, (("id", "integer", "none"), *columns), (), "")


@pytest.mark.parametrize("name", FRAMES)
def test_every_frame_gets_the_expectations_of_the_norm(name: str) -> None:
    asked = claims.of_frame(whole(name), "2026-06-30T21:59:59Z", "2026-06-30").claims
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


def test_half_a_key_is_not_asked() -> None:
    asked = claims.of_frame(frame("mailbox_messages"), "2026-06-30T21:59:59Z", "2026-06-30").claims
    assert {one.kind for one in asked} <= {"present", "not-null"}


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
