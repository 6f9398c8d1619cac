"""Two kinds of run of one engagement: what the mock audit changes, and what it may not be taken for."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from evidence_kit.edges.params import load
from evidence_kit.errors import ParameterError
from evidence_kit.ledger.records import engagement_record
from evidence_kit.model.audit import Rehearsal
from evidence_kit.wiring import batch
from tests.edges.params_folder import ENGAGEMENT, PARAMS, params_folder

MOCK = "mock: {period: {from: 2012-01-01, until: 2016-08-31}, as_of: 2016-08-31T03:59:59Z}\n"


def test_the_mock_audit_has_other_days_and_nothing_else(tmp_path: Path) -> None:
    folder = params_folder(tmp_path)
    (folder / "engagements/doj-foia.yaml").write_text(ENGAGEMENT + MOCK, encoding="utf-8")
    audit, mock = (load("doj-foia", folder, {}, kind) for kind in ("audit", "mock"))
    assert load("doj-foia", folder, {}) == audit
    assert mock.period.until_on == date(2016, 8, 31)
    assert mock.as_of == datetime(2016, 8, 31, 3, 59, 59, tzinfo=UTC)
    assert dataclasses.replace(mock, kind="audit", period=audit.period, as_of=audit.as_of) == audit
    assert [engagement_record(one, (), {}, "0")["kind"] for one in (audit, mock)] == ["audit", "mock"]


def test_the_made_up_company_of_the_mock_audit_keeps_what_is_not_said(tmp_path: Path) -> None:
    folder = params_folder(tmp_path)
    company = MOCK.replace("Z}", "Z, rehearsal: {faults: F01}}") + "rehearsal: {seed: 7, contacts: 900}\n"
    (folder / "engagements/doj-foia.yaml").write_text(ENGAGEMENT + company, encoding="utf-8")
    assert load("doj-foia", folder, {}, "mock").rehearsal == Rehearsal(7, 900, "F01", "mock")
    assert load("doj-foia", folder, {}).rehearsal == Rehearsal(7, 900, "all", "real")


def test_the_rehearsal_states_its_mock_audit() -> None:
    mock = load("rehearsal", PARAMS, {}, "mock")
    assert mock.rehearsal == Rehearsal(20180525, 20_000, "all", "mock")
    assert mock.as_of == datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC)


def test_an_engagement_without_a_mock_audit_says_how_to_state_one(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"doj-foia.yaml: --kind mock: .*Add `mock:`"):
        load("doj-foia", params_folder(tmp_path), {}, "mock")


@pytest.mark.parametrize("before", ["mock", None])
def test_an_open_run_is_gone_on_with_under_its_own_kind(before: str | None, tmp_path: Path) -> None:
    """A run begun by an earlier version does not say its kind: it is an audit."""
    agreed = tmp_path / "rehearsal/r001/payload/engagement.json"
    agreed.parent.mkdir(parents=True)
    agreed.write_text(json.dumps({} if before is None else {"kind": before}))
    audit, mock = (load("rehearsal", PARAMS, {}, kind) for kind in ("audit", "mock"))
    at = batch.stand(audit, tmp_path)
    same, other = (mock, audit) if before else (audit, mock)
    batch.refuse_other_kind(same, at)
    with pytest.raises(ParameterError, match=f"r001 is open and of the other kind.*--kind {same.kind}"):
        batch.refuse_other_kind(other, at)
