"""The order of events is the proof: freeze, commit, reveal, draw, collect, accept; once each, however often asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evidence_kit import rules, steps
from evidence_kit.edges import vault
from evidence_kit.errors import ParameterError, PopulationMoved, SourceError
from evidence_kit.ledger import records
from evidence_kit.model.audit import Control, Mapped, Plan
from evidence_kit.model.canonical import digest, dumps
from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Checked, Outcome, Result
from evidence_kit.model.sample import EvidenceFrame, Sample
from evidence_kit.ports import Desk
from evidence_kit.rules import examining, rates, readings, tickets
from evidence_kit.rules.claims import Table
from tests.edges.desks import LOG, NONCE, OTHER_NONCE, actions, control, desk, engagement, log_mapping, write_csv

AUDITOR = "person:auditor"
SAMPLED = Plan(confidence="0.95", tolerable="0.05", expected="0", census=False)


def rows(count: int, **changes: str | None) -> list[list[str | None]]:
    """Requests of March; one in ten was answered in June, one in twenty came in the last week and is still open."""
    made = []
    for number in range(count):
        said: dict[str, str | None] = {
            "request_id": f"R{number:03}",
            "capacity": "controller",
            "right_invoked": "access" if number % 4 else "erasure",
            "channel": "email",
            "received_at": "2026-03-02T09:30:00",
            "responded_at": "2026-06-20T10:00:00" if number % 10 == 0 else "2026-03-20T10:00:00",
            "status": "closed",
        }
        if number % 20 == 7:
            said |= {"received_at": "2026-06-25T09:30:00", "responded_at": None, "status": "open"}
        made.append([{**said, **changes}[name] for name in LOG])
    return made


class Run:
    """One run on disk; `again` is another process that finds what this one left."""

    def __init__(self, home: Path, listed: Sequence[Sequence[str | None]], one: Control | None = None) -> None:
        self.home, self.log = home, write_csv(home / "log.csv", listed)
        self.one = one or control()
        self.agreed = engagement([log_mapping()], [self.one])
        self.desk = desk(self.agreed, {"requests": self.log}, home / "out")

    def again(self, listed: Sequence[Sequence[str | None]] | None = None) -> Desk:
        if listed is not None:
            write_csv(self.log, listed)
        self.desk = desk(self.agreed, {"requests": self.log}, self.home / "out")
        return self.desk

    def committed(self) -> Mapping[str, object]:
        steps.freeze(self.desk, self.one)
        made = steps.commit(self.desk, self.one)
        assert made is not None
        return made

    def drawn(self, nonce: str = NONCE) -> Sample:
        self.committed()
        steps.reveal(self.desk, nonce, AUDITOR, given=True, independent=True)
        return self.read(steps.draw(self.desk, self.one))

    def read(self, record: Mapping[str, object] | None) -> Sample:
        assert record is not None
        return records.read_sample(record)

    def examined(self, sample: Sample) -> tuple[Result, ...]:
        frames = {}
        for said in steps.collect(self.desk, self.one):
            columns = tuple((name, kind, privacy) for name, kind, privacy in said["columns"])  # type: ignore[attr-defined]
            lines = self.desk.archive.get(str(said["path"])).splitlines()
            frames[str(said["frame"])] = EvidenceFrame(
                self.one.id, str(said["frame"]), columns, tuple(map(json.loads, lines)), str(said["sha256"])
            )
        return examining.examine(self.one, sample, frames, rules.test(self.one.test), self.desk.terms)


def keyed(home: Path) -> Run:
    """A log whose channel is somebody's number with us."""
    customers = rows(10, channel="C-7")
    made = Run(home, customers)
    mapped = {"account_key": Mapped("account_key", sql="channel", pseudonym="account")}
    made.agreed = engagement([log_mapping(channel=Mapped("channel", const="email"), **mapped)], [made.one])
    made.again()
    made.drawn()
    return made


def kept(run: Run) -> list[Path]:
    return sorted((run.home / "out/vault").glob("identities/*"))


def test_who_is_behind_the_collected_pseudonyms_goes_to_the_vault(tmp_path: Path) -> None:
    run = keyed(tmp_path)
    said = next(one for one in steps.collect(run.desk, run.one) if one["frame"] == "request_log")
    row = json.loads(run.desk.archive.get(str(said["path"])).splitlines()[0])
    keys = vault.rehearsal(1, tmp_path / "out/vault")
    assert keys.identities(str(said["sha256"])) == ((row["account_key"], "account", "C-7"),)
    assert [path.name for path in kept(run)] == [said["sha256"]]
    assert "C-7" not in json.dumps(said)
    kept(run)[0].unlink()
    steps.collect(run.again(), run.one)
    assert [path.name for path in kept(run)] == [said["sha256"]]


def test_of_a_draft_nobody_is_kept(tmp_path: Path) -> None:
    run = keyed(tmp_path)
    assert steps.collect(replace(run.desk, draft=True), run.one)
    assert kept(run) == []


def test_a_frame_without_pseudonyms_leaves_nothing_in_the_vault(run: Run) -> None:
    run.drawn()
    assert steps.collect(run.desk, run.one)
    assert kept(run) == []


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path, rows(40))


@pytest.fixture
def sampled(tmp_path: Path) -> Run:
    """A control that draws a sample, so that something is left to extend it with."""
    return Run(tmp_path, rows(200), control(plan=SAMPLED))


# --- the order --------------------------------------------------------------------------------------------------------


def test_the_ledger_tells_the_story_in_its_order(run: Run) -> None:
    sample = run.drawn()
    steps.collect(run.desk, run.one)
    assert actions(run.desk) == [
        *("ledger.opened", "engagement.loaded", "population.frozen", "commitment.made"),
        *("nonce.revealed", "sample.drawn", "frame.collected"),
    ]
    assert {unit.stratum for unit in sample.drawn} == {"controller/access", "controller/erasure"}


def test_the_commitment_is_the_digest_of_its_record(run: Run) -> None:
    made = run.committed()
    assert made["commitment_sha256"] == digest(dumps(made["commitment"]))
    assert made["rounds"] == []
    assert run.desk.archive.entries()[-1].data["commitment_sha256"] == made["commitment_sha256"]  # type: ignore[attr-defined]


def test_leaves_are_listed_by_their_bytes_and_name_no_unit(run: Run) -> None:
    run.committed()
    lines = run.desk.archive.get("leaves/REQ-02.requests.txt").splitlines(keepends=True)
    assert lines == sorted(lines)
    assert len(lines) == 40
    assert not any(b"R0" in line for line in lines)


def test_nothing_is_drawn_before_the_freeze_the_commitment_or_the_nonce(run: Run) -> None:
    with pytest.raises(ParameterError, match="nothing is committed yet"):
        steps.draw(run.desk, run.one)
    with pytest.raises(ParameterError, match="nothing is committed yet"):
        steps.reveal(run.desk, NONCE, AUDITOR, given=True, independent=True)
    run.committed()
    with pytest.raises(ParameterError, match="before the auditor's nonce"):
        steps.draw(run.desk, run.one)
    assert "nonce.revealed" not in actions(run.desk)


def test_a_freeze_after_the_nonce_changes_nothing(run: Run) -> None:
    sample = run.drawn()
    before = actions(run.desk)
    again = run.again(rows(40, responded_at="2026-03-03T10:00:00"))
    steps.freeze(again, run.one)
    assert run.read(steps.commit(again, run.one)) == sample
    assert actions(again) == before


@pytest.mark.parametrize("nonce", ["", "ab" * 31, "AB" * 32, "zz" * 32, "ab" * 33, NONCE + "\n", "é" * 64])
def test_a_malformed_nonce_is_refused_before_anything_is_entered(run: Run, nonce: str) -> None:
    run.committed()
    before = actions(run.desk)
    with pytest.raises(ParameterError, match="64 lower-case hex digits"):
        steps.reveal(run.desk, nonce, AUDITOR, given=True, independent=True)
    assert actions(run.desk) == before


def test_a_second_nonce_is_refused_and_the_same_one_is_no_news(run: Run) -> None:
    sample = run.drawn()
    with pytest.raises(ParameterError, match="another nonce was already revealed"):
        steps.reveal(run.desk, OTHER_NONCE, AUDITOR, given=True, independent=True)
    assert steps.reveal(run.desk, NONCE, AUDITOR, given=True, independent=True) == 0
    assert steps.reveal(run.desk, OTHER_NONCE, "process:run", given=False, independent=False) == 0
    assert run.read(steps.draw(run.desk, run.one)) == sample


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_the_draw_is_the_rules_own(sampled: Run) -> None:
    sample = sampled.drawn()
    kept = sampled.desk.vault.kept(sample.commitment_sha256)
    plan = sample.record["plan"]
    assert isinstance(plan, list)
    expected = tickets.draw(kept, dict(plan), sample.commitment_sha256, NONCE)
    assert sample.drawn == expected
    assert 0 < len(expected) < len(kept)


def test_what_is_not_yet_due_is_committed_and_never_drawn(run: Run) -> None:
    sample = run.drawn()
    strata = {name: units for name, units, _ in sample.record["strata"]}  # type: ignore[attr-defined]
    assert strata == {"controller/access": 28, "controller/erasure": 10, "not_yet_due": 2}
    assert "not_yet_due" not in {unit.stratum for unit in sample.drawn}
    assert {"R007", "R027"}.isdisjoint(unit.unit for unit in sample.drawn)
    steps.accept(run.desk, run.one, run.examined(sample), [])
    found = steps.conclude(run.desk, run.one)
    assert (found.set_aside, found.counts.drawn) == (2, 38)
    line = steps.finding_record(run.desk, run.one, found, 1)
    assert (line["set_aside"], line["notes"]) == (
        2,
        ["not-yet-due-set-aside", "population-completeness-not-tested"],
    )


def test_everything_set_aside_leaves_nothing_to_test(tmp_path: Path) -> None:
    run = Run(tmp_path, rows(3, received_at="2026-06-25T09:30:00", responded_at=None, status="open"))
    sample = run.drawn()
    assert sample.drawn == ()
    steps.accept(run.desk, run.one, run.examined(sample), [])
    found = steps.conclude(run.desk, run.one)
    assert (found.verdict, found.reason, found.set_aside) == (Outcome.INCONCLUSIVE, "nothing-to-test", 3)


def test_an_empty_log_is_inconclusive(tmp_path: Path) -> None:
    run = Run(tmp_path, [])
    sample = run.drawn()
    steps.accept(run.desk, run.one, run.examined(sample), [])
    found = steps.conclude(run.desk, run.one)
    assert (found.verdict, found.reason, found.strata) == (Outcome.INCONCLUSIVE, "nothing-to-test", ())


def test_a_refused_population_has_no_digest_no_draw_and_an_error(tmp_path: Path) -> None:
    run = Run(tmp_path, [*rows(3), *rows(1)])
    population = steps.freeze(run.desk, run.one)
    assert (population.refusal, population.root, population.count) == ("unit-id-duplicate", None, 0)
    assert steps.commit(run.desk, run.one) is None
    assert steps.reveal(run.desk, NONCE, AUDITOR, given=True, independent=True) == 0
    assert steps.draw(run.desk, run.one) is None
    assert steps.collect(run.desk, run.one) == []
    steps.accept(run.desk, run.one, (), ())
    found = steps.conclude(run.desk, run.one)
    assert (found.verdict, found.reason, found.strata) == (Outcome.ERROR, "unit-id-duplicate", ())
    assert run.desk.archive.names() == ("sql/REQ-02.population.sql",)  # type: ignore[attr-defined]
    assert actions(run.desk)[-1] == "job.failed"
    summary = records.finding_summary(found)
    assert (summary["units"], summary["drawn"], summary["upper_units"], summary["strata"]) == (0, 0, None, [])
    assert steps.finding_record(run.desk, run.one, found, 1)["reasons"] == []


def test_a_source_that_fails_otherwise_stops_the_run(tmp_path: Path) -> None:
    run = Run(tmp_path, rows(3), control(where="no_such_column"))
    with pytest.raises(SourceError, match="cannot be asked"):
        steps.freeze(run.desk, run.one)
    assert actions(run.desk) == ["ledger.opened", "engagement.loaded"]


# --- asked again, and in another process ------------------------------------------------------------------------------


def test_asked_again_each_step_answers_the_same_and_does_nothing(run: Run) -> None:
    first = (steps.freeze(run.desk, run.one), steps.commit(run.desk, run.one))
    steps.reveal(run.desk, NONCE, AUDITOR, given=True, independent=True)
    drawn = steps.draw(run.desk, run.one)
    before = actions(run.desk)
    for at in (run.desk, run.again()):
        assert steps.freeze(at, run.one) == first[0]
        assert steps.draw(at, run.one) == drawn
        assert steps.reveal(at, NONCE, AUDITOR, given=True, independent=True) == 0
        assert actions(at) == before


def test_a_process_that_ended_after_the_freeze_is_taken_up_by_the_next(run: Run) -> None:
    steps.freeze(run.desk, run.one)
    again = run.again()
    assert steps.commit(again, run.one) is not None
    assert actions(again)[-2:] == ["population.frozen", "commitment.made"]


def test_rows_that_changed_between_freeze_and_commitment_are_frozen_again(run: Run) -> None:
    first = steps.freeze(run.desk, run.one)
    again = run.again(rows(41))
    made = steps.commit(again, run.one)
    assert made is not None
    assert made["commitment"]["root"] != first.root  # type: ignore[index]
    assert actions(again)[-3:] == ["population.frozen", "population.frozen", "commitment.made"]


def test_drawing_next_week_uses_the_list_of_the_freeze(run: Run) -> None:
    made = run.committed()
    changed = rows(40)
    changed[1][LOG.index("responded_at")] = "2026-06-21T10:00:00"
    again = run.again(changed)
    steps.reveal(again, NONCE, AUDITOR, given=True, independent=True)
    sample = run.read(steps.draw(again, run.one))
    assert sample.commitment_sha256 == made["commitment_sha256"]
    (frame,) = steps.collect(again, run.one)
    assert frame["changed"] == ["R001"]
    verdicts = {result.unit: result.verdict for result in run.examined(sample)}
    assert verdicts["R001"] is Outcome.FAIL


def test_a_unit_that_is_gone_is_not_replaced(run: Run) -> None:
    run.committed()
    again = run.again(rows(40)[:-1])
    steps.reveal(again, NONCE, AUDITOR, given=True, independent=True)
    sample = run.read(steps.draw(again, run.one))
    gone = next(result for result in run.examined(sample) if result.unit == "R039")
    assert (gone.verdict, gone.reasons, gone.evidence) == (Outcome.INCONCLUSIVE, ("row-missing",), ())


def test_a_kept_list_that_gives_another_root_has_moved(run: Run) -> None:
    made = run.committed()
    commitment = str(made["commitment_sha256"])
    kept = run.desk.vault.kept(commitment)
    run.desk.vault.keep(commitment, kept[1:])
    steps.reveal(run.desk, NONCE, AUDITOR, given=True, independent=True)
    with pytest.raises(PopulationMoved, match=r"REQ-02\.requests: the population moved"):
        steps.draw(run.desk, run.one)
    assert "sample.drawn" not in actions(run.desk)


# --- extension --------------------------------------------------------------------------------------------------------


def test_an_extension_is_a_round_of_its_own_with_a_fresh_nonce(sampled: Run) -> None:
    first = sampled.drawn()
    second = sampled.read(steps.extend(sampled.desk, sampled.one, OTHER_NONCE, AUDITOR, {"controller/access": 5}))
    assert [(one.number, one.nonce) for one in second.rounds] == [(1, NONCE), (2, OTHER_NONCE)]
    assert second.rounds[0] == first.rounds[0]
    assert len(second.rounds[1].drawn) == 5
    assert {u.leaf for u in first.drawn}.isdisjoint(u.leaf for u in second.rounds[1].drawn)
    kept = sampled.desk.vault.kept(first.commitment_sha256)
    before = {u.leaf for u in first.drawn}
    sizes = {"controller/access": 5}
    assert second.rounds[1].drawn == tickets.draw(kept, sizes, first.commitment_sha256, OTHER_NONCE, 2, before)
    assert actions(sampled.desk)[-4:] == ["nonce.revealed", "sample.drawn", "nonce.revealed", "sample.drawn"]
    entered = [entry.data for entry in sampled.desk.archive.entries()][-2:]  # type: ignore[attr-defined]
    assert [entry["round"] for entry in entered] == [2, 2]
    told = json.loads(sampled.desk.archive.get("draws/REQ-02.json"))
    assert [len(one["drawn"]) for one in told["rounds"]] == [len(first.drawn), 5]


def test_results_follow_the_rounds(sampled: Run) -> None:
    first = sampled.drawn()
    steps.accept(sampled.desk, sampled.one, sampled.examined(first), [])
    second = sampled.read(steps.extend(sampled.desk, sampled.one, OTHER_NONCE, AUDITOR, {"controller/erasure": 3}))
    counts = steps.accept(sampled.desk, sampled.one, tuple(reversed(sampled.examined(second))), [])
    assert counts.drawn == len(first.drawn) + 3
    stored = steps.stored_results(sampled.desk, sampled.one)
    assert [result.leaf for result in stored] == [unit.leaf for unit in second.drawn]


def test_the_finding_states_the_true_risk_of_an_extension(sampled: Run) -> None:
    first = sampled.drawn()
    steps.accept(sampled.desk, sampled.one, sampled.examined(first), [])
    line = steps.finding_record(sampled.desk, sampled.one, steps.conclude(sampled.desk, sampled.one), 1)
    assert (line["extended"], "extended-outside-the-plan" in line["notes"]) == ([], False)  # type: ignore[operator]
    second = sampled.read(steps.extend(sampled.desk, sampled.one, OTHER_NONCE, AUDITOR, {"controller/erasure": 3}))
    steps.accept(sampled.desk, sampled.one, sampled.examined(second), [])
    found = steps.conclude(sampled.desk, sampled.one)
    line = steps.finding_record(sampled.desk, sampled.one, found, 1)
    units = next(one.units for one in found.strata if one.stratum == "controller/erasure")
    drawn = sum(unit.stratum == "controller/erasure" for unit in first.drawn)
    risk = rates.extension_risk(units, "0.05", "0.95", (drawn, 3))
    assert 0 < risk < 1
    assert line["extended"] == [
        {
            "stratum": "controller/erasure",
            "risk_ppb": rates.parts_per_billion_up(risk),
            "confidence_shown": rates.percent_down(1 - risk),
        }
    ]
    assert "extended-outside-the-plan" in line["notes"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("nonce", "sizes", "why"),
    [
        (NONCE, {"controller/access": 1}, "needs a fresh one"),
        ("ab", {"controller/access": 1}, "64 lower-case hex digits"),
        (OTHER_NONCE, {"not_yet_due": 1}, "nothing left"),
        (OTHER_NONCE, {"strangers": 1}, "nothing left"),
        (OTHER_NONCE, {"controller/access": 0}, "nothing left"),
        (OTHER_NONCE, {}, "nothing left"),
    ],
    ids=["same nonce", "malformed", "set aside", "no stratum", "nothing", "no size"],
)
def test_extensions_that_are_refused(sampled: Run, nonce: str, sizes: dict[str, int], why: str) -> None:
    sampled.drawn()
    before = actions(sampled.desk)
    with pytest.raises(ParameterError, match=why):
        steps.extend(sampled.desk, sampled.one, nonce, AUDITOR, sizes)
    assert actions(sampled.desk) == before


def test_a_census_cannot_be_extended(run: Run) -> None:
    run.drawn()
    with pytest.raises(ParameterError, match="nothing left"):
        steps.extend(run.desk, run.one, OTHER_NONCE, AUDITOR, {"controller/access": 5})


def test_only_what_was_drawn_is_extended(sampled: Run) -> None:
    sampled.committed()
    for _ in range(2):
        with pytest.raises(ParameterError, match="Draw it first"):
            steps.extend(sampled.desk, sampled.one, OTHER_NONCE, AUDITOR, {"controller/access": 5})
        steps.reveal(sampled.desk, NONCE, AUDITOR, given=True, independent=True)


def test_an_extension_that_was_cut_off_is_finished_with_its_own_nonce(
    sampled: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampled.drawn()

    def cut(*_: object) -> None:
        raise SourceError("the lights went out")

    with monkeypatch.context() as dark:
        dark.setattr(tickets, "confirm", cut)
        with pytest.raises(SourceError, match="lights"):
            steps.extend(sampled.desk, sampled.one, OTHER_NONCE, AUDITOR, {"controller/access": 5})
    again = sampled.again()
    with pytest.raises(ParameterError, match="begun and not drawn"):
        steps.draw(again, sampled.one)
    sample = sampled.read(steps.extend(again, sampled.one, OTHER_NONCE, AUDITOR, {"controller/access": 5}))
    assert len(sample.rounds[1].drawn) == 5
    assert actions(again).count("nonce.revealed") == 2


# --- results ----------------------------------------------------------------------------------------------------------


def test_results_are_stored_in_the_order_of_the_draw_and_counted_again(run: Run) -> None:
    sample = run.drawn()
    results = run.examined(sample)
    counts = steps.accept(
        run.desk, run.one, tuple(reversed(results)), [Checked("request_log", None, "present", True, 38)]
    )
    assert steps.stored_results(run.desk, run.one) == results
    assert (counts.passed, counts.failed, counts.error, counts.inconclusive) == (34, 4, 0, 0)
    found = steps.conclude(run.desk, run.one)
    assert found.counts == counts
    line = steps.finding_record(run.desk, run.one, found, 1)
    assert line["checks"] == [
        {"frame": "request_log", "column": None, "expectation": "present", "success": True, "rows": 38}
    ]
    assert (line["reasons"], line["grade"]) == ([{"reason": "answered-late", "units": 4}], "major")


def test_what_was_asked_is_kept_of_each_frame_and_of_each_second_reading(run: Run) -> None:
    steps.accept(run.desk, run.one, run.examined(run.drawn()), [])
    steps.keep_suites(run.desk, run.one)
    kept = [name for name in run.desk.archive.names() if name.startswith(("expectations/", "readings/"))]  # type: ignore[attr-defined]
    assert kept == [
        *(f"expectations/REQ-02/{table}.json" for table in ("in_time", "late", "request_log")),
        *(f"readings/REQ-02.{table}.jsonl" for table in ("in_time", "late")),
    ]
    suite = json.loads(run.desk.archive.get("expectations/REQ-02/late.json"))
    assert suite["meta"]["rows"] == "readings/REQ-02.late.jsonl"
    assert [one["meta"]["expectation"] for one in suite["expectations"]] == ["second-reading:greater"]
    late = [json.loads(line) for line in run.desk.archive.get("readings/REQ-02.late.jsonl").splitlines()]
    assert [row["id"] for row in late] == [1, 2, 3, 4]
    assert all(row.keys() == {"id", "due", "done"} and row["done"] > row["due"] for row in late)
    asked = json.loads(run.desk.archive.get("expectations/REQ-02/request_log.json"))["expectations"]
    limits = {one["kwargs"]["limit"] for one in asked if one["type"] == "expect_evidence_not_after"}
    assert limits == {"2026-06-30T21:59:59Z"}


def test_two_tables_of_one_name_are_no_suites(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    steps.accept(run.desk, run.one, run.examined(run.drawn()), [])
    same = Table("request_log", [{"a": 1}], (Claim("not-null", ("a",), reading=True),))
    monkeypatch.setitem(readings.READINGS, run.one.test, lambda results, frames: iter([same]))
    with pytest.raises(SourceError, match="two tables of its second reading are called request_log"):
        steps.keep_suites(run.desk, run.one)


def test_of_a_population_that_was_refused_nothing_was_asked(tmp_path: Path) -> None:
    run = Run(tmp_path, [*rows(3), *rows(1)])
    assert steps.freeze(run.desk, run.one).refusal is not None
    steps.keep_suites(run.desk, run.one)
    assert not any(name.startswith("expectations/") for name in run.desk.archive.names())  # type: ignore[attr-defined]


def test_a_unit_without_a_result_is_inconclusive_and_named(run: Run) -> None:
    sample = run.drawn()
    results = run.examined(sample)
    counts = steps.accept(run.desk, run.one, results[1:], [])
    assert counts.inconclusive == 1
    stored = steps.stored_results(run.desk, run.one)[0]
    assert (stored.unit, stored.reasons) == (sample.drawn[0].unit, ("result-missing",))


def test_results_of_units_that_were_not_drawn_or_twice_are_refused(run: Run) -> None:
    results = run.examined(run.drawn())
    for wrong in ((*results, results[0]), (*results[1:], replace(results[0], leaf="f" * 64))):
        with pytest.raises(SourceError, match="not drawn, or twice"):
            steps.accept(run.desk, run.one, wrong, [])


def test_nothing_is_concluded_before_the_freeze(run: Run) -> None:
    with pytest.raises(SourceError, match="never frozen"):
        steps.conclude(run.desk, run.one)


def test_the_evidence_is_the_same_whatever_the_order_of_the_source(tmp_path: Path) -> None:
    seen = []
    for number, listed in enumerate((rows(40), rows(40)[::-1])):
        (tmp_path / str(number)).mkdir()
        run = Run(tmp_path / str(number), listed)
        sample = run.drawn()
        steps.accept(run.desk, run.one, run.examined(sample), [])
        names = [name for name in run.desk.archive.names() if not name.startswith("sql/")]  # type: ignore[attr-defined]
        seen.append({name: run.desk.archive.get(name) for name in names})
    assert seen[0] == seen[1]
    assert set(seen[0]) == {
        *("draws/REQ-02.json", "frames/REQ-02.request_log.jsonl", "leaves/REQ-02.requests.txt", "results/REQ-02.jsonl"),
    }


def test_open_draws_are_those_since_the_last_seal_that_nobody_gave_up(run: Run) -> None:
    run.drawn()
    ((commitment, number, named),) = steps.open_draws(run.desk.archive.entries())  # type: ignore[attr-defined]
    assert (number, named) == (1, "REQ-02")
    data = {"control": named, "commitment_sha256": commitment, "round": 1, "reason": "wrong period"}
    run.desk.archive.append(AUDITOR, "sample.abandoned", "control:REQ-02", data)
    assert steps.open_draws(run.desk.archive.entries()) == []  # type: ignore[attr-defined]
