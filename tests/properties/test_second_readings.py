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
from tests.unit import erased, provided, registered, sent, traced
from tests.unit.cases import observation, sample, terms

PARAMS = Path(__file__).parents[2] / "params/controls"
TESTED = (
    *("ERA-01", "ERA-02", "ERA-03", "ERA-04", "ERA-05", "RET-02", "RET-03", "RET-04"),
    *("REG-01", "REG-02", "REG-03", "REG-04"),
    *("SND-01", "SND-02"),
    "TRC-01",
)
PROVIDERS = ("PRO-01", "PRO-02", "PRO-03", "PRO-04", "PRO-05")
DAYS = ("2026-04-20", "2026-05-01", "2026-05-30", "2026-06-05", "2026-06-30")


def control(name: str) -> Control:
    found = controls.control(read(PARAMS / f"{name}.yaml", f"params/controls/{name}.yaml"), name)
    assert found is not None
    return found


CONTROLS = {name: control(name) for name in (*TESTED, *PROVIDERS)}


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
SET = st.sampled_from(["3 years", "36 months", "25 months", "1095 days", "trois ans", None])
CELLS = st.sampled_from(["identité, coordonnées", "user.financial", "divers", "aucun", "à compléter", "n/a", "?", None])
PROSE = (
    *("controller_contact", "purposes", "subject_categories", "data_categories", "recipient_categories"),
    *("third_countries", "erasure_periods", "security_measures", "client_categories", "legal_basis"),
)


def prose(frame: str, unit: str, columns: Sequence[str], cells: st.SearchStrategy[object]) -> st.SearchStrategy[Row]:
    """Any row of a frame whose `columns` people wrote."""
    return st.fixed_dictionaries(dict.fromkeys(columns, cells)).flatmap(lambda said: loose(frame, unit, **said))


def entries() -> st.SearchStrategy[Row]:
    """An entry of the register, whole or with one cell of any kind, reviewed or not."""
    held = st.just("identité, coordonnées")
    return st.sampled_from(PROSE).flatmap(
        lambda one: st.tuples(prose("register_activities", "activity_id", PROSE, held), CELLS, st.booleans()).map(
            lambda drawn: {**drawn[0], **({one: drawn[1]} if drawn[2] else {}), "reviewed_on": "2026-05-01"}
        )
    )


WRITES = st.sampled_from([None, *(f"{year}-05-01T08:00:00.000000Z" for year in (2022, 2023, 2026, 2026))])
ROWS: Mapping[str, st.SearchStrategy[Row]] = {
    "erasure_log": loose("erasure_log", "erasure_id"),
    "erasure_probes": probes(),
    "suppression_list": loose("suppression_list", "entry_id"),
    "recipient_units": loose("recipient_units", "pair_id"),
    "backup_units": loose("backup_units", "unit_id"),
    "job_units": loose("job_units", "unit_id"),
    "archive_grants": loose("archive_grants", "rule_id"),
    "retention_observations": observations(),
    "retention_rules": st.tuples(st.sampled_from(STARTS), SET, SET).flatmap(
        lambda said: loose(
            "retention_rules",
            "rule_id",
            **dict(zip(("configured_start", "configured_keep", "notice_keep"), said, strict=True)),
            keep="3 years",
        )
    ),
    "retention_exceptions": loose("retention_exceptions", "rule_id"),
    "field_units": loose("field_units", "unit_id"),
    "send_checks": loose("send_checks", "campaign_id"),
    "send_exceptions": loose("send_exceptions", "campaign_id", lag_hours="96.00"),
    "column_units": loose("column_units", "unit_id"),
    "column_entries": prose("column_entries", "unit_id", ("data_categories",), CELLS),
    "register_activities": entries(),
    "request_log": loose("request_log", "request_id"),
    "request_events": st.sampled_from(["received", "erased", "answered", "closed"]).flatmap(
        lambda kind: loose("request_events", "request_id", event_type=kind)
    ),
    "action_trail": st.tuples(st.sampled_from(["received", "erased", "viewed"]), st.sampled_from("ab")).flatmap(
        lambda said: loose("action_trail", "request_id", action=said[0], digest=said[1], digest_recomputed="a")
    ),
    "trail_links": loose("trail_links", "request_id"),
    "trail_spans": loose("trail_spans", "request_id"),
    "entry_objects": prose("entry_objects", "activity_id", ("last_write_at",), WRITES),
}
PORTFOLIO: Mapping[str, st.SearchStrategy[Row]] = {
    "processors": st.sampled_from(("FR", "GB", "IN", None)).flatmap(
        lambda country: st.sampled_from(("abcdefgh", "abcdefgh", "abc", "", None)).flatmap(
            lambda letters: loose("processors", "processor_id", country=country, art28_terms=letters)
        )
    ),
    "destination_units": loose("destination_units", "destination"),
    "destination_processors": loose("destination_processors", "destination"),
    "processor_flows": loose("processor_flows", "processor_id"),
    "processor_reviews": loose("processor_reviews", "processor_id"),
    "processor_commitments": loose("processor_commitments", "processor_id"),
    "processor_documents": loose("processor_documents", "processor_id"),
    "processor_moves": loose("processor_moves", "processor_id"),
    "provider_presence": loose("provider_presence", "processor_id"),
}


#: Frames that only a picture is drawn from: no test and no reading asks them anything.
PICTURES = ("retention_ages",)


def frames_of(one: Control) -> st.SearchStrategy[dict[str, list[Row]]]:
    """Rows of one unit: one of the main frame, up to three of each other."""
    known = {**ROWS, **PORTFOLIO}
    drawn = {
        need.frame: st.lists(known[need.frame], min_size=1, max_size=1)
        if need.frame == one.frame
        else st.lists(known[need.frame], max_size=3)
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
@pytest.mark.parametrize("name", [*TESTED, *PROVIDERS])
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
        "REG-01": {
            "column_units": [registered.column(unit_id="U1")],
            "column_entries": [registered.named(unit_id="U1")],
        },
        "REG-02": {
            "register_activities": [registered.entry(activity_id="U1")],
            "entry_objects": [registered.thing(activity_id="U1")],
        },
        "REG-03": {"register_activities": [registered.entry(activity_id="U1")]},
        "REG-04": {"retention_rules": [registered.periods(rule_id="U1")]},
        "TRC-01": traced.case("U1"),
        "PRO-01": {
            "destination_units": [provided.destination(destination="U1")],
            "destination_processors": [provided.matched(destination="U1")],
        },
        "PRO-02": {
            "processors": [provided.provider(processor_id="U1", country="GB", transfer_mechanism="scc")],
            "processor_flows": [provided.flow(processor_id="U1")],
        },
        "PRO-03": {
            "processors": [provided.provider(processor_id="U1")],
            "processor_reviews": [provided.review(processor_id="U1")],
        },
        "PRO-04": {
            "processors": [provided.ended(processor_id="U1")],
            "processor_flows": [provided.flow(processor_id="U1")],
        },
        "PRO-05": {
            "processors": [provided.provider(processor_id="U1", status="charter")],
            "processor_commitments": [provided.charter(processor_id="U1"), provided.action(processor_id="U1")],
        },
    }[name]


ARTICLE_30 = (
    *(("A", "controller_contact"), ("B", "purposes"), ("C", "subject_categories"), ("C", "data_categories")),
    *(("D", "recipient_categories"), ("E", "third_countries"), ("F", "erasure_periods"), ("G", "security_measures")),
)
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
    ("REG-01", "column_entries", "A", {"status": "retired"}),
    ("REG-01", "column_entries", "B", {"data_categories": None}),
    ("REG-01", "column_units", "B", {"personal_class": "unknown"}),
    ("REG-02", "entry_objects", "A", {"object_found": False}),
    ("REG-02", "entry_objects", "A", {"object_found": None}),
    ("REG-02", "entry_objects", "A", {"column_name": "email", "column_found": False}),
    ("REG-02", "entry_objects", "A", {"last_write_at": None, "last_write_at_local": None}),
    ("REG-02", "register_activities", "A", {"medium": "paper"}),
    *(("REG-03", "register_activities", letter, {column: None}) for letter, column in ARTICLE_30),
    ("REG-03", "register_activities", "D", {"recipient_categories": "?"}),
    ("TRC-01", "action_trail", "A", {"action": "viewed"}),
    ("TRC-01", "action_trail", "B", {"actor_key": None}),
    ("TRC-01", "action_trail", "B", {"actor_shared": True}),
    ("TRC-01", "action_trail", "D", {"digest_recomputed": "f" * 64}),
    ("REG-04", "retention_rules", "A", {"configured_keep": "25 months"}),
    ("REG-04", "retention_rules", "A", {"configured_keep": "1095 days"}),
    ("REG-04", "retention_rules", "A", {"configured_keep": None}),
    ("REG-04", "retention_rules", "B", {"notice_keep": "2 years"}),
    ("PRO-01", "destination_units", "A", {"processor_id": None}),
    ("PRO-01", "destination_processors", "B", {"sub_processors": 0}),
    ("PRO-02", "processors", "A", {"contract_signed_on": None}),
    ("PRO-02", "processor_flows", "A", {"first_seen_on": "2023-12-31"}),
    ("PRO-02", "processors", "B", {"art28_terms": "abcdefg"}),
    ("PRO-02", "processors", "B", {"art28_terms": None}),
    ("PRO-02", "processors", "C", {"subprocessing_terms": False}),
    ("PRO-02", "processors", "D", {"transfer_mechanism": None}),
    ("PRO-03", "processor_reviews", "A", {"processor_id": "U2"}),
    ("PRO-03", "processor_reviews", "C", {"outcome": "not_assessable"}),
    ("PRO-03", "processor_reviews", "C", {"document_sha256": None}),
    ("PRO-04", "processors", "A", {"terminated_on": None}),
    ("PRO-04", "processors", "B", {"data_returned_or_deleted_on": None}),
    ("PRO-04", "processor_flows", "A", {"seen_in": "supplier_ledger"}),
    ("PRO-05", "processor_commitments", "A", {"signed_on": None}),
    ("PRO-05", "processor_commitments", "B", {"completed_on": None, "due_on": None}),
    ("PRO-05", "processor_commitments", "C", {"evidence_sha256": None}),
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


@pytest.mark.parametrize("name", [*TESTED, *PROVIDERS])
def test_a_failure_that_the_rows_do_not_bear_out_is_noticed(name: str) -> None:
    """The other slip: it failed a unit whose rows are in order."""
    one, rows = CONTROLS[name], sound(name)
    if name == "ERA-04":  # the days agreed are not in the rows: a recipient told in time is told after the erasure
        rows = {"recipient_units": [erased.pair(pair_id="U1", exemption="impossible", exemption_reason_ref="R-1")]}
    if name == "ERA-05":  # how many erasures were owed is what the rows say of a restoration that failed
        none_owed = {"erasures_expected": 0, "erasures_counted": 0}
        rows = {"backup_units": [erased.restoration(unit_id="U1", **none_owed)]}
    if name == "REG-02":  # the months of a ghost are not in the rows: what lies on paper never falls silent
        rows = {"register_activities": [registered.entry(activity_id="U1", medium="paper", visit_note_ref="V-1")]}
    frames = evidence(one, rows)
    passed = told(one, frames)
    assert passed.verdict is Outcome.PASS
    answers = tuple(replace(answer, mark=Mark.FAIL, reason="present") for answer in passed.answers)
    failed = replace(passed, verdict=Outcome.FAIL, answers=answers)
    assert list(broken(readings.of_verdicts(one, [failed], frames))) != []


def test_an_entry_called_silent_was_written_before_every_living_one() -> None:
    """Two entries written on one day: one of them cannot be a ghost."""
    one = CONTROLS["REG-02"]
    entries = [registered.entry(activity_id=unit) for unit in ("U1", "U2")]
    objects = [registered.thing(activity_id=unit) for unit in ("U1", "U2")]
    frames = evidence(one, {"register_activities": entries, "entry_objects": objects})
    passed, other = examine(one, sample("U1", "U2"), frames, rules.test(one.test), terms())
    answers = tuple(replace(answer, mark=Mark.FAIL, reason="no-recent-write") for answer in other.answers)
    failed = replace(other, verdict=Outcome.FAIL, answers=answers)
    assert list(broken(readings.of_verdicts(one, [passed, other], frames))) == []
    assert list(broken(readings.of_verdicts(one, [passed, failed], frames))) == ["silent_before_living"]


@pytest.mark.parametrize(
    ("name", "frame", "good", "bad"),
    [
        ("PRO-03", "processor_reviews", {"reviewed_on": "2024-06-30"}, {"reviewed_on": "2024-06-29"}),
        ("PRO-04", "processor_flows", {"last_seen_on": "2026-03-08"}, {"last_seen_on": "2026-03-09"}),
    ],
)
def test_one_cut_off_parts_two_providers(
    name: str, frame: str, good: dict[str, object], bad: dict[str, object]
) -> None:
    """No row holds the cut-off: whoever is in time lies on one side of whoever is late, or one verdict is wrong."""
    one, rows = CONTROLS[name], sound(name)
    results: list[Result] = []
    both: dict[str, list[Row]] = {}
    for unit, said in (("U1", good), ("U2", bad)):
        mine = {key: [{**row, **(said if key == frame else {})} for row in listed] for key, listed in rows.items()}
        results.append(replace(told(one, evidence(one, mine)), unit=unit))
        for key, listed in mine.items():
            both.setdefault(key, []).extend({**row, "processor_id": unit} for row in listed)
    first, second = results
    assert (first.verdict, second.verdict) == (Outcome.PASS, Outcome.FAIL)
    seen = evidence(one, both)
    assert list(broken(readings.of_verdicts(one, results, seen))) == []
    swapped = [replace(second, unit="U1"), replace(first, unit="U2")]
    assert list(broken(readings.of_verdicts(one, swapped, seen))) != []
