"""Whatever the rows of a unit, its verdict and the second reading of it agree; with another verdict they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit import rules
from evidence_kit.edges.params import controls
from evidence_kit.edges.params.reading import read
from evidence_kit.model.audit import Control
from evidence_kit.model.claims import Claim
from evidence_kit.model.evidence import FRAMES, Column
from evidence_kit.model.outcome import Mark, Outcome, Result
from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.rules import readings
from evidence_kit.rules.claims import Table
from evidence_kit.rules.examining import examine
from tests.unit import erased, sent
from tests.unit.cases import observation, sample, terms

PARAMS = Path(__file__).parents[2] / "params/controls"
TESTED = ("ERA-01", "ERA-02", "ERA-03", "ERA-04", "ERA-05", "RET-02", "RET-03", "RET-04", "SND-01", "SND-02")
DAYS = ("2026-04-20", "2026-05-01", "2026-05-30", "2026-06-05", "2026-06-30")


def control(name: str) -> Control:
    found = controls.control(read(PARAMS / f"{name}.yaml", f"params/controls/{name}.yaml"), name)
    assert found is not None
    return found


CONTROLS = {name: control(name) for name in TESTED}


def values(column: Column) -> st.SearchStrategy[object]:
    known: st.SearchStrategy[object] = st.sampled_from(column.values or ("a", "b"))
    if column.kind == "bool":
        known = st.booleans()
    elif column.kind == "integer":
        known = st.integers(0, 3)
    elif column.kind == "date":
        known = st.sampled_from(DAYS)
    elif column.kind == "timestamp":
        known = st.sampled_from([f"{day}T08:00:00.000000Z" for day in DAYS])
    return known | st.none() if column.nullable else known


def loose(frame: str, unit: str, **fixed: object) -> st.SearchStrategy[Row]:
    """Any row of a frame, whatever else it says; its unit is `unit`."""
    drawn = {one.name: values(one) for one in FRAMES[frame].columns if one.name not in fixed and one.name != unit}
    return st.fixed_dictionaries(drawn).map(lambda said: erased.row(frame, {}, {**said, **fixed, unit: "U1"}))


@st.composite
def probes(draw: st.DrawFn) -> Row:
    """Any search, as the probe writes it: rows are matched where somebody stands, and who was gone has come back."""
    said = dict(draw(loose("erasure_probes", "case_id")))
    unseen = {"absent": 0, "unreachable": None, "not-probed": None}
    said["matched_rows"] = unseen.get(str(said["state"]), 2)
    if said["state"] == "present" and said["exception_declared"] is not True:
        said["previously_absent_at"] = None
    return said


def observations() -> st.SearchStrategy[Row]:
    counts = ("past_limit_rows", "hold_undocumented_rows", "hold_faulty_rows", "start_missing_rows", "bad_date_rows")
    few = st.sampled_from([0, 0, 0, 0, 1, None])
    said = dict.fromkeys(counts, few) | {"place": st.sampled_from(["active", "archive"])}
    said["rows"] = st.sampled_from([0, 5, 5, 5, None])
    said["status"] = st.sampled_from(["ok", "ok", "ok", "error"])
    return st.fixed_dictionaries(said).map(lambda one: {**observation(**one), "rule_id": "U1"})


STARTS = ("last_click", "collected", "last_open", "last_activity", None)
ROWS: Mapping[str, st.SearchStrategy[Row]] = {
    "erasure_log": loose("erasure_log", "erasure_id"),
    "erasure_probes": probes(),
    "suppression_list": loose("suppression_list", "entry_id"),
    "recipient_units": loose("recipient_units", "pair_id"),
    "backup_units": loose("backup_units", "unit_id"),
    "job_units": loose("job_units", "unit_id"),
    "archive_grants": loose("archive_grants", "rule_id"),
    "retention_observations": observations(),
    "retention_rules": st.sampled_from(STARTS).flatmap(
        lambda start: loose("retention_rules", "rule_id", configured_start=start, keep="3 years")
    ),
    "retention_exceptions": loose("retention_exceptions", "rule_id"),
    "field_units": loose("field_units", "unit_id"),
    "send_checks": loose("send_checks", "campaign_id"),
    "send_exceptions": loose("send_exceptions", "campaign_id", lag_hours="96.00"),
}


#: Frames that only a picture is drawn from: no test and no reading asks them anything.
PICTURES = ("retention_ages",)


def frames_of(one: Control) -> st.SearchStrategy[dict[str, list[Row]]]:
    """Rows of one unit: one of the main frame, up to three of each other."""
    drawn = {
        need.frame: st.lists(ROWS[need.frame], min_size=1, max_size=1)
        if need.frame == one.frame
        else st.lists(ROWS[need.frame], max_size=3)
        for need in one.needs
        if need.frame not in PICTURES
    }
    return st.fixed_dictionaries(drawn).map(agreeing)


def agreeing(drawn: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The same; a campaign has as many messages to stopped persons as it says, for both are counted together."""
    for row in drawn.get("send_checks", ()):
        drawn["send_exceptions"] = [sent.exception(campaign_id="U1")] * int(str(row["stopped_hits"] or 0))
    return drawn


def evidence(one: Control, drawn: Mapping[str, Sequence[Row]]) -> dict[str, EvidenceFrame]:
    made = {}
    for need in one.needs:
        columns = (("id", "integer", "none"), (need.columns[0], "text", "none"))
        rows = tuple({**row, "id": number} for number, row in enumerate(drawn.get(need.frame, ()), start=1))
        made[need.frame] = EvidenceFrame(one.id, need.frame, columns, rows, "")
    return made


def plainly(rows: Sequence[Row], claim: Claim) -> bool:
    """The claim in plain Python, at its strictest: what is null holds of nothing."""
    if any(row[name] is None for row in rows for name in claim.columns):
        return False
    if claim.kind == "not-null":
        return True
    if claim.kind == "one-of":
        return {row[claim.columns[0]] for row in rows} <= set(claim.values)
    first, second = claim.columns
    pairs = [(int(str(row[first])), int(str(row[second]))) for row in rows]
    return all(a > b if claim.kind == "greater" else a >= b for a, b in pairs)


def broken(tables: Sequence[Table]) -> Iterator[str]:
    return (table.name for table in tables for claim in table.claims if not plainly(table.rows, claim))


def told(one: Control, frames: Mapping[str, EvidenceFrame]) -> Result:
    (result,) = examine(one, sample("U1"), frames, rules.test(one.test), terms())
    return result


@pytest.mark.slow
@pytest.mark.parametrize("name", TESTED)
def test_rule_and_second_reading_agree_whatever_the_rows(name: str) -> None:
    one = CONTROLS[name]

    @settings(max_examples=100, deadline=None)
    @given(frames_of(one))
    def agree(drawn: dict[str, list[Row]]) -> None:
        frames = evidence(one, drawn)
        result = told(one, frames)
        assert "test-broke" not in result.reasons
        assert list(broken(readings.of_verdicts(one, [result], frames))) == []

    agree()


def sound(name: str) -> dict[str, list[Row]]:
    """A unit that passes."""
    return {
        "ERA-01": {"erasure_log": [erased.erasure(erasure_id="U1")], "erasure_probes": [erased.probe(case_id="U1")]},
        "ERA-02": {"suppression_list": [erased.entry(entry_id="U1")]},
        "ERA-03": {"erasure_log": [erased.erasure(erasure_id="U1")], "erasure_probes": [erased.probe(case_id="U1")]},
        "ERA-04": {"recipient_units": [erased.pair(pair_id="U1")]},
        "ERA-05": {"backup_units": [erased.restoration(unit_id="U1")]},
        "RET-02": {
            "retention_rules": [erased.rule(rule_id="U1")],
            "retention_observations": [observation(rule_id="U1", place="archive")],
            "archive_grants": [erased.grant(rule_id="U1")],
        },
        "RET-03": {
            "retention_rules": [erased.rule(rule_id="U1")],
            "retention_observations": [observation(rule_id="U1")],
            "retention_exceptions": [],
        },
        "RET-04": {"job_units": [erased.run(unit_id="U1")]},
        "SND-01": {"field_units": [sent.field(unit_id="U1")]},
        "SND-02": {"send_checks": [sent.check(campaign_id="U1")], "send_exceptions": []},
    }[name]


FAULTS: tuple[tuple[str, str, str, dict[str, object]], ...] = (
    ("ERA-01", "erasure_probes", "B", {"state": "soft-deleted", "matched_rows": 1}),
    ("ERA-01", "erasure_probes", "B", {"matched_rows": 1}),
    ("ERA-01", "erasure_probes", "B", {"positive_control": None}),
    ("ERA-01", "erasure_probes", "B", {"state": "masked", "mask": "reversible"}),
    ("ERA-01", "erasure_probes", "B", {"state": "suppressed-only", "suppression_form": "clear"}),
    ("ERA-01", "erasure_probes", "B", {"state": "present", "exception_declared": True}),
    ("ERA-01", "erasure_log", "D", {"executed_at": None}),
    ("ERA-02", "suppression_list", "A", {"stored_form": "sha256"}),
    ("ERA-02", "suppression_list", "B", {"extra_personal_columns": 1}),
    ("ERA-02", "suppression_list", "C", {"reason": None}),
    ("ERA-03", "erasure_probes", "A", {"state": "reappeared", "return_cause": "restore", "return_evidence": True}),
    ("ERA-03", "erasure_probes", "A", {"state": "reappeared", "return_cause": "new-collection"}),
    ("ERA-03", "erasure_probes", "A", {"state": "present", "previously_absent_at": "2026-05-02T08:00:00.000000Z"}),
    ("ERA-04", "recipient_units", "A", {"notified_at": None}),
    ("ERA-04", "recipient_units", "B", {"exemption": "impossible"}),
    ("ERA-05", "backup_units", "C", {"erasures_replayed": 3}),
    ("ERA-05", "backup_units", "C", {"erasures_replayed": None}),
    ("ERA-05", "backup_units", "C", {"opened_at": "2026-02-10T08:00:00.000000Z", "opened_at_local": "2026-02-10"}),
    ("RET-02", "retention_rules", "A", {"archive_source": "prod"}),
    ("RET-02", "retention_observations", "B", {"past_limit_rows": 1}),
    ("RET-02", "retention_observations", "B", {"start_missing_rows": None}),
    ("RET-02", "archive_grants", "C", {"department": "marketing"}),
    ("RET-02", "archive_grants", "C", {"justification_ref": None}),
    ("RET-03", "retention_observations", "B", {"past_limit_rows": 120}),
    ("RET-03", "retention_rules", "A", {"configured_start": None}),
    ("RET-04", "job_units", "A", {"run_id": None}),
    ("RET-04", "job_units", "B", {"status": "partial"}),
    ("RET-04", "job_units", "C", {"rows_deleted": 59}),
    ("SND-01", "field_units", "A", {"used_in": "unused"}),
    ("SND-01", "field_units", "B", {"purpose_declared": None}),
    ("SND-01", "field_units", "C", {"necessary": False}),
    ("SND-01", "field_units", "D", {"personal_class": "special"}),
    ("SND-01", "field_units", "D", {"personal_class": "unknown"}),
    ("SND-02", "send_checks", "A", {"stopped_hits": 1}),
    ("SND-02", "send_checks", "A", {"sent_count": 0}),
)


@pytest.mark.parametrize(("name", "frame", "letter", "fault"), FAULTS)
def test_a_pass_that_the_rows_do_not_bear_out_is_noticed(
    name: str, frame: str, letter: str, fault: dict[str, object]
) -> None:
    """The rule's slip: it passed a unit whose rows are at fault."""
    one, rows = CONTROLS[name], sound(name)
    passed = told(one, evidence(one, rows))
    assert passed.verdict is Outcome.PASS
    at_fault = evidence(one, {**rows, frame: [{**row, **fault} for row in rows[frame]]})
    assert list(broken(readings.of_verdicts(one, [passed], at_fault))) != []
    assert letter in {attribute.letter for attribute in one.attributes}


@pytest.mark.parametrize("name", TESTED)
def test_a_failure_that_the_rows_do_not_bear_out_is_noticed(name: str) -> None:
    """The other slip: it failed a unit whose rows are in order."""
    one, rows = CONTROLS[name], sound(name)
    if name == "ERA-04":  # the days agreed are not in the rows: a recipient told in time is told after the erasure
        rows = {"recipient_units": [erased.pair(pair_id="U1", exemption="impossible", exemption_reason_ref="R-1")]}
    if name == "ERA-05":  # how many erasures were owed is what the rows say of a restoration that failed
        none_owed = {"erasures_expected": 0, "erasures_counted": 0}
        rows = {"backup_units": [erased.restoration(unit_id="U1", **none_owed)]}
    frames = evidence(one, rows)
    passed = told(one, frames)
    assert passed.verdict is Outcome.PASS
    answers = tuple(replace(answer, mark=Mark.FAIL, reason="present") for answer in passed.answers)
    failed = replace(passed, verdict=Outcome.FAIL, answers=answers)
    assert list(broken(readings.of_verdicts(one, [failed], frames))) != []
