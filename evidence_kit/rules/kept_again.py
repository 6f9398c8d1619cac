"""Verdicts on archives, prospects and deletion jobs read a second time, from the rows alone. See `readings`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Mark
from evidence_kit.rules.claims import Table
from evidence_kit.rules.reread import Frames, Results, holds, marked, marked_units, passed

COUNTS = ("past_limit_rows", "hold_faulty_rows", "hold_undocumented_rows", "start_missing_rows", "bad_date_rows")


def _archives(results: Results, frames: Frames) -> Iterator[Table]:
    seen = [row for row in passed(results, frames, "retention_observations") if row["place"] == "archive"]
    readers = passed(results, frames, "archive_grants")
    apart = [
        {"apart": (row["source"], row["object"]) != (row["archive_source"], row["archive_object"])}
        for row in passed(results, frames, "retention_rules")
    ]
    needed = (
        *holds("department", "legal", "finance", "dpo", "it"),
        Claim("not-null", ("justification_ref",), reading=True),
    )
    yield Table("archive_within_period", seen, tuple(claim for name in COUNTS for claim in holds(name, 0)))
    yield Table("archive_apart", apart, holds("apart", True))
    yield Table("readers_needed", readers, needed)
    open_ = [
        {"outsider": any(_outside(row["department"]) or row["justification_ref"] is None for row in mine)}
        for mine in marked_units(results, frames, "archive_grants", "C", Mark.FAIL)
    ]
    yield Table("read_by_others", open_, holds("outsider", True))


def _outside(department: object) -> bool:
    return department in ("marketing", "support", "other")


def _prospects(results: Results, frames: Frames) -> Iterator[Table]:
    seen = [row for row in passed(results, frames, "retention_observations") if row["place"] == "active"]
    over = [
        {"over": row["past_limit_rows"] or row["hold_faulty_rows"], "none": 0}
        for row in marked(results, frames, "retention_observations", "B", Mark.FAIL)
        if row["place"] == "active"
    ]
    rules = passed(results, frames, "retention_rules")
    yield Table("prospects_within_period", seen, tuple(claim for name in COUNTS for claim in holds(name, 0)))
    yield Table("prospects_past_limit", over, (Claim("greater", ("over", "none"), reading=True),))
    yield Table("start_configured", rules, (Claim("not-null", ("configured_start",), reading=True),))


def _runs(results: Results, frames: Frames) -> Iterator[Table]:
    passed_runs = passed(results, frames, "job_units")
    sums = [
        {"due": row["rows_eligible"], "done": int(str(row["rows_deleted"])) + int(str(row["rows_excused"] or 0))}
        for row in passed_runs
    ]
    ran = (Claim("not-null", ("run_id",), reading=True), *holds("status", "success"))
    whole = (Claim("not-less", ("due", "done"), reading=True), Claim("not-less", ("done", "due"), reading=True))
    missed = [
        {"ran": row["run_id"] is not None and row["status"] in ("success", "partial", "failed")}
        for row in marked(results, frames, "job_units", "A", Mark.FAIL)
    ]
    yield Table("run_ended_well", passed_runs, ran)
    yield Table("run_adds_up", sums, whole)
    yield Table("run_missed", missed, holds("ran", False))


READINGS: Mapping[str, Callable[[Results, Frames], Iterator[Table]]] = {
    "retention.archives_finite": _archives,
    "retention.prospects_leave": _prospects,
    "retention.jobs_ran": _runs,
}
