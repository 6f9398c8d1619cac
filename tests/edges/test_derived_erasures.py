"""Units of ERA-04, ERA-05, RET-02 and RET-04, made of what an organisation keeps, and judged from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from evidence_kit import rules
from evidence_kit.edges.source import SqlSource
from evidence_kit.model.audit import Mapped, SourceMapping
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.outcome import Result
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules.examining import examine
from tests.edges.desks import control, engagement, kept_not, mapping, opened, plain, terms, write_csv
from tests.unit.cases import sample

Table = Sequence[Mapping[str, str | None]]
ERASED = {"capacity": "controller", "decided_at": "2026-03-01T09:00:00", "executed_at": "2026-03-02T09:00:00",
          "scope": "full", "method": "delete", "identifier_form": "none"}  # fmt: skip
NOTICE = {"case_id": "E1", "action": "erasure", "recipient_id": "P1", "disclosed_on": "2026-01-05"}
BACKUP = {"source": "prod", "kind": "full", "taken_at": "2026-02-01T02:00:00", "expires_at": "2026-03-08T02:00:00",
          "deleted_at": "2026-03-08T03:00:00", "cycle_days": "35"}  # fmt: skip
RESTORED = {"backup_id": "B1", "target": "production", "restored_at": "2026-03-05T08:00:00",
            "replayed_at": "2026-03-05T09:00:00", "erasures_expected": "0", "erasures_replayed": "0",
            "opened_at": "2026-03-05T10:00:00"}  # fmt: skip
RULE = {"activity_id": "A1", "source": "prod", "object": "invoices", "population": "customer", "start": "closed",
        "keep": "1 year", "grace_days": "31", "then": "archive", "archive_source": "old", "archive_object": "invoices",
        "archive_start": "end-of-active", "archive_keep": "9 years", "archive_then": "delete",
        "hold_in_active": "false", "schedule": "monthly"}  # fmt: skip
DAYS = {"decided_at": "2026-03-01", "executed_at": "2026-03-02"}
UNKNOWN = Mapped("notified_at", unknown=True)
RUN = {"rule_id": "R1", "scheduled_on": "2026-02-01", "status": "success", "rows_eligible": "9", "rows_deleted": "9",
       "rows_excused": "0"}  # fmt: skip


def source_of(frame: str, table: Table, path: Path, **mapped: Mapped) -> SourceMapping:
    """One file for one frame: the columns that its rows name, the others not kept."""
    names = list(dict.fromkeys(name for row in table for name in row))
    absent = [one.name for one in FRAMES[frame].columns if one.name not in names and not one.computed]
    write_csv(path, [[row.get(name) for name in names] for row in table], names)
    return mapping({frame: {**plain(*names), **kept_not(*absent), **mapped}}, name=frame)


def room(tmp_path: Path, name: str, tables: Mapping[str, Table]) -> SqlSource:
    tmp_path.mkdir(exist_ok=True)
    paths = {frame: tmp_path / f"{frame}.csv" for frame in tables}
    sources = [source_of(frame, table, paths[frame]) for frame, table in tables.items()]
    return opened(engagement(sources, [control(name)]), paths, tmp_path / "home")


def judged(tmp_path: Path, name: str, tables: Mapping[str, Table]) -> dict[str, Result]:
    """Unit → what the control says of it, from the files on."""
    return asked(room(tmp_path, name, tables), name)


def asked(source: SqlSource, name: str) -> dict[str, Result]:
    one = control(name)
    _, kept = source.freeze(one, frozenset())
    units = [each.unit for each in kept]
    fetched = source.fetch(one, units, {})
    frames = {each.frame: EvidenceFrame(one.id, each.frame, each.columns, each.rows, "") for each in fetched.frames}
    agreed = engagement([], [one])
    results = examine(one, sample(*units), frames, rules.test(one.test), terms(agreed))
    source.close()
    return {result.unit: result for result in results}


def verdicts(results: Mapping[str, Result]) -> dict[str, tuple[str, ...]]:
    return {unit: (result.verdict.value, *result.reasons) for unit, result in results.items()}


def test_each_recipient_of_an_executed_erasure_is_a_unit(tmp_path: Path) -> None:
    told = {"notified_at": "2026-03-20T09:00:00"}
    tables: dict[str, Table] = {
        "erasure_log": [
            {"erasure_id": "E1", "request_id": "T1", **ERASED},
            {"erasure_id": "E2", "request_id": "T2", **ERASED},
            {"erasure_id": "E3", "request_id": "T3", **ERASED, "executed_at": None},
            {"erasure_id": "E4", "request_id": "T4", **ERASED, "executed_at": "sometime"},
        ],
        "recipients_notifications": [
            {**NOTICE, **told},
            {**NOTICE, "recipient_id": "P2"},
            {**NOTICE, "case_id": "T2", **told},
            {**NOTICE, "case_id": "E3"},
            {**NOTICE, "case_id": "E4"},
            {**NOTICE, "action": "rectification", "recipient_id": "P3"},
        ],
        "processors": [
            {"processor_id": name, "name": name, "relation": relation, "risk_tier": "low", "review_months": "12",
             "status": "active"}
            for name, relation in (("P1", "processor"), ("P2", "controller"))
        ],
    }  # fmt: skip
    found = judged(tmp_path, "ERA-04", tables)
    assert verdicts(found) == {
        "E1/P1": ("PASS",),
        "E1/P2": ("FAIL", "recipient-not-told"),
        "T2/P1": ("PASS",),
        "E4/P1": ("ERROR", "unreadable-date"),
    }
    assert (found["E1/P1"].flags, found["T2/P1"].flags) == (("not-confirmed",), ("not-confirmed",))


@pytest.mark.parametrize("restores", [None, [{"restore_id": "X1", **RESTORED, "restored_at": "2025-03-05T08:00:00"}]])
def test_a_period_without_a_restoration_has_a_unit_that_nobody_can_conclude_on(
    tmp_path: Path, restores: Table | None
) -> None:
    tables: dict[str, Table] = {"backups": [{"backup_id": "B1", **BACKUP}]}
    found = judged(tmp_path, "ERA-05", tables if restores is None else {**tables, "restores": restores})
    assert verdicts(found) == {"B1": ("PASS",), "no-restoration": ("INCONCLUSIVE", "no-restoration")}


def test_erasures_since_the_backup_are_counted_whatever_was_expected(tmp_path: Path) -> None:
    tables: dict[str, Table] = {
        "backups": [{"backup_id": "B1", **BACKUP}, {"backup_id": "B2", **BACKUP, "taken_at": "2026-03-04T02:00:00"}],
        "restores": [
            {"restore_id": "X1", **RESTORED},
            {"restore_id": "X2", **RESTORED, "backup_id": "B2"},
            {"restore_id": "X3", **RESTORED, "erasures_replayed": "1"},
        ],
        "erasure_log": [{"erasure_id": "E1", **ERASED}],
    }
    found = verdicts(judged(tmp_path, "ERA-05", tables))
    assert found == {
        "B1": ("PASS",),
        "B2": ("FAIL", "expiry-differs"),
        "X1": ("FAIL", "replay-incomplete"),
        "X2": ("PASS",),
        "X3": ("PASS",),
    }


def test_runs_that_a_schedule_calls_for_are_units_and_others_are_not(tmp_path: Path) -> None:
    tables: dict[str, Table] = {
        "retention_rules": [{"rule_id": "R1", **RULE}, {"rule_id": "R2", **RULE, "schedule": None}],
        "deletion_jobs": [
            {"run_id": "J1", **RUN},
            {"run_id": "J2", **RUN, "scheduled_on": "2026-03-01", "rows_deleted": "8"},
            {"run_id": "J3", **RUN, "scheduled_on": "2026-04-01", "rows_deleted": "8", "rows_excused": "1"},
            {"run_id": "J4", **RUN, "scheduled_on": "2026-05-01", "status": "failed"},
            {"run_id": "J9", **RUN, "rule_id": "R2", "status": "failed"},
        ],
    }
    assert verdicts(judged(tmp_path, "RET-04", tables)) == {
        "R1/2026-01-01": ("FAIL", "run-missed"),
        "J1": ("PASS",),
        "J2": ("FAIL", "rows-not-accounted-for"),
        "J3": ("PASS",),
        "J4": ("FAIL", "run-failed"),
        "R1/2026-06-01": ("FAIL", "run-missed"),
    }


def test_without_a_log_of_runs_every_run_is_missed(tmp_path: Path) -> None:
    found = verdicts(judged(tmp_path, "RET-04", {"retention_rules": [{"rule_id": "R1", **RULE}]}))
    assert set(found.values()) == {("FAIL", "run-missed")}
    assert len(found) == 6


def test_an_archive_whose_readers_nobody_lists_is_not_shown_to_be_closed(tmp_path: Path) -> None:
    reader = {"source": "old", "object": "invoices", "principal_key": "ana", "justification_ref": "J1"}
    rules_: Table = [{"rule_id": "R1", **RULE}, {"rule_id": "R2", **RULE, "archive_object": None}]
    tables: dict[str, Table] = {"retention_rules": rules_}
    found = judged(tmp_path / "unlisted", "RET-02", tables)
    assert list(found) == ["R1"]
    answers = {one.letter: one.reason for one in found["R1"].answers}
    assert (answers["A"], answers["C"]) == (None, "grants-not-listed")
    listed = judged(
        tmp_path / "listed", "RET-02", {**tables, "archive_access": [{**reader, "department": "marketing"}]}
    )
    assert {one.letter: one.reason for one in listed["R1"].answers}["C"] == "reader-without-need"


# --- what cannot be read, or known, of a unit's rows ------------------------------------------------------------------


def test_a_date_that_nobody_can_read_is_no_thing_left_undone(tmp_path: Path) -> None:
    erasures: Table = [{"erasure_id": "E1", "request_id": "T1", **ERASED}]
    notices: Table = [{**NOTICE, "notified_at": "on Monday"}]
    told = judged(tmp_path / "told", "ERA-04", {"erasure_log": erasures, "recipients_notifications": notices})
    assert verdicts(told) == {"E1/P1": ("ERROR", "unreadable-date")}
    sets: Table = [{"backup_id": "B1", **BACKUP, "deleted_at": "gone"}, {"backup_id": "B2", **BACKUP, "taken_at": "?"}]
    restores: Table = [{"restore_id": f"X{n}", **RESTORED, "backup_id": f"B{n}"} for n in (1, 2)]
    kept = verdicts(judged(tmp_path / "kept", "ERA-05", {"backups": sets, "restores": restores}))
    unread = ("ERROR", "unreadable-date")
    assert kept == {"B1": unread, "B2": unread, "X1": ("PASS",), "X2": unread}
    runs: Table = [{"run_id": "J1", **RUN, "scheduled_on": "soon"}, {"run_id": "J2", **RUN, "rows_deleted": "many"}]
    rules_: Table = [{"rule_id": "R1", **RULE}]
    ran = verdicts(judged(tmp_path / "ran", "RET-04", {"retention_rules": rules_, "deletion_jobs": runs}))
    assert (ran["J1"][0], ran["J2"]) == ("ERROR", ("ERROR", "unreadable-value"))


def test_an_event_that_the_source_cannot_know_is_neither_done_nor_undone(tmp_path: Path) -> None:
    source = source_of("recipients_notifications", [NOTICE], tmp_path / "n.csv", notified_at=UNKNOWN)
    log = source_of("erasure_log", [{"erasure_id": "E1", **ERASED}], tmp_path / "e.csv")
    paths = {"recipients_notifications": tmp_path / "n.csv", "erasure_log": tmp_path / "e.csv"}
    opened_ = opened(engagement([source, log], [control("ERA-04")]), paths, tmp_path / "home")
    assert verdicts(asked(opened_, "ERA-04")) == {"E1/P1": ("INCONCLUSIVE", "event-not-known")}


@pytest.mark.parametrize(("told", "verdict"), [("2026-04-01", "PASS"), ("2026-04-02", "FAIL")])
def test_a_log_of_days_is_a_log_of_days_still(tmp_path: Path, told: str, verdict: str) -> None:
    """Thirty days after 2 March is 1 April: by the calendar, in a zone where midnight is the day before in UTC."""
    days = {name: Mapped(name, sql=f'"{name}"', precision="day", line=3) for name in ("executed_at", "decided_at")}
    log = source_of("erasure_log", [{"erasure_id": "E1", **ERASED, **DAYS}], tmp_path / "e.csv", **days)
    noticed = Mapped("notified_at", sql='"notified_at"', precision="day", line=3)
    notices = [{**NOTICE, "notified_at": told}]
    source = source_of("recipients_notifications", notices, tmp_path / "n.csv", notified_at=noticed)
    paths = {"recipients_notifications": tmp_path / "n.csv", "erasure_log": tmp_path / "e.csv"}
    opened_ = opened(engagement([source, log], [control("ERA-04")]), paths, tmp_path / "home")
    assert verdicts(asked(opened_, "ERA-04"))["E1/P1"][0] == verdict


def test_backups_known_by_their_days_keep_their_days(tmp_path: Path) -> None:
    names = ("taken_at", "expires_at", "deleted_at")
    days = {name: Mapped(name, sql=f'"{name}"', precision="day", line=3) for name in names}
    dated = {**BACKUP, "taken_at": "2026-02-01", "expires_at": "2026-03-08", "deleted_at": "2026-03-09"}
    tables: Table = [{"backup_id": "B1", **dated}, {"backup_id": "B2", **dated, "deleted_at": "2026-03-10"}]
    backups = source_of("backups", tables, tmp_path / "b.csv", **days)
    restores = source_of("restores", [{"restore_id": "X1", **RESTORED}], tmp_path / "r.csv")
    paths = {"backups": tmp_path / "b.csv", "restores": tmp_path / "r.csv"}
    agreed = engagement([backups, restores], [control("ERA-05")], timezone="America/New_York")
    found = verdicts(asked(opened(agreed, paths, tmp_path / "home"), "ERA-05"))
    assert found == {"B1": ("PASS",), "B2": ("FAIL", "backup-deleted-late"), "X1": ("PASS",)}
