"""One log taken through source and steps, as a run takes it, and everything that is counted on the way."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

from evidence_kit import rules, steps
from evidence_kit.edges import opening
from evidence_kit.ledger import records
from evidence_kit.model.audit import Engagement
from evidence_kit.model.outcome import Outcome, Result
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules import examining, findings
from evidence_kit.wiring import places
from tests.edges.desks import NONCE, desk


@dataclass(frozen=True)
class Audited:
    """What the kit found in one log. `counts`: PASS, FAIL, ERROR, INCONCLUSIVE; `days`: median and 95th percentile;
    `read`: rows of the source, before any mapping.
    """

    results: tuple[Result, ...]
    counts: tuple[int, ...]
    aside: int
    note: str | None
    days: tuple[int | None, int | None]
    evidence: tuple[dict[str, object], ...]
    read: int

    @property
    def collapsed(self) -> int:
        """Rows that repeat another one in every column, and count with it."""
        return int(str(self.note).partition("collapsed-")[2].partition("-")[0] or 0)

    @property
    def reasons(self) -> dict[str, int]:
        """Units by the first reason of their verdict; those that pass have none."""
        return dict(Counter(one.reasons[0] for one in self.results if one.verdict is not Outcome.PASS))

    def unit(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Verdict and reasons of one unit."""
        (found,) = (result for result in self.results if result.unit == name)
        return found.verdict.value, found.reasons


def audit(agreed: Engagement, path: Path, home: Path) -> Audited:
    """Freeze, commit, draw, collect and examine the only control of an engagement with one source, `requests`."""
    at = desk(agreed, {"requests": path}, home, places.limit(agreed))
    (control,) = agreed.controls
    population = steps.freeze(at, control)
    steps.commit(at, control)
    steps.reveal(at, NONCE, "process:run", given=False, independent=False)
    sample = records.read_sample(steps.draw(at, control) or {})
    (frame,) = steps.collect(at, control)
    rows = tuple(json.loads(line) for line in at.archive.get(str(frame["path"])).splitlines())
    frames = {"request_log": EvidenceFrame(control.id, "request_log", tuple(frame["columns"]), rows, "")}  # type: ignore[arg-type]
    results = examining.examine(control, sample, frames, rules.test(control.test), at.terms)
    counts = steps.accept(at, control, results, [])
    found = steps.conclude(at, control)
    assert steps.stored_results(at, control) == results
    return Audited(
        results,
        (counts.passed, counts.failed, counts.error, counts.inconclusive),
        found.set_aside,
        population.note,
        findings.response_days(results),
        rows,
        rows_of(agreed, path),
    )


def rows_of(agreed: Engagement, path: Path) -> int:
    """The rows of the only table that a source gives, before any mapping."""
    connection = duckdb.connect()
    opening.attach(connection, agreed.sources["requests"], path)
    return int(connection.execute("SELECT count(*) FROM requests.requests").fetchall()[0][0])
