"""From a sample to its conclusion: collect, accept, conclude. Source: docs/norm/bundle.md, section 6; ISA 530."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from evidence_kit.errors import SourceError
from evidence_kit.ledger import records
from evidence_kit.model.audit import Control
from evidence_kit.model.canonical import digest, dump_line
from evidence_kit.model.outcome import Answer, Checked, Counts, Extended, Finding, Mark, Outcome, Result
from evidence_kit.ports import Collected, Desk
from evidence_kit.rules import findings, grading, tickets
from evidence_kit.steps.drawing import COLLECTOR, sample_of


def collect(desk: Desk, control: Control) -> list[dict[str, object]]:
    """Read the drawn units' rows, and only the columns the control needs, into frames; one description per frame.

    Identifiers are pseudonyms before they leave the collector; who is behind them goes to the vault. Units whose row
    changed since the freeze are named.
    """
    sample = sample_of(desk, control)
    if sample is None:
        return []
    fetched = desk.source.fetch(control, [u.unit for u in sample.drawn], {u.unit: u.leaf for u in sample.drawn})
    return [_store(desk, control, frame, fetched.changed, len(sample.drawn)) for frame in fetched.frames]


def _store(desk: Desk, control: Control, frame: Collected, changed: Sequence[str], drawn: int) -> dict[str, object]:
    name = f"frames/{control.id}.{frame.frame}.jsonl"
    sha256 = desk.archive.put(name, b"".join(dump_line(dict(row)) for row in frame.rows))
    if frame.identities and not desk.draft:
        desk.vault.keep_identities(sha256, frame.identities)
    desk.archive.put(f"sql/{control.id}.{frame.frame}.sql", frame.sql.encode())
    said = {
        "control": control.id,
        "frame": frame.frame,
        "path": name,
        "sha256": sha256,
        "columns": [list(column) for column in frame.columns],
        "rows": len(frame.rows),
        "rows_in": drawn,
        "sources": list(frame.sources),
        "query_sha256": digest(frame.sql),
        "changed": list(changed),
    }
    desk.archive.note(f"frame.{control.id}.{frame.frame}", said)
    data = {
        "frame": f"{control.id}.{frame.frame}",
        "query_sha256": said["query_sha256"],
        "rows": len(frame.rows),
        "frame_sha256": sha256,
    }
    desk.archive.append(COLLECTOR, "frame.collected", f"frame:{control.id}.{frame.frame}", data)
    return said


def accept(desk: Desk, control: Control, results: Sequence[Result], checks: Sequence[Checked]) -> Counts:
    """Write the results of a control, one per drawn unit in the order of the draw; count them again.

    A result for a unit that was not drawn, or two for one, is refused. A unit without a result is INCONCLUSIVE.
    """
    sample = sample_of(desk, control)
    given = {result.leaf: result for result in results}
    drawn = () if sample is None else sample.drawn
    if len(given) != len(results) or set(given) - {unit.leaf for unit in drawn}:
        raise SourceError(f"{control.id}: results were submitted for units that were not drawn, or twice.")
    letters = [attribute.letter for attribute in control.attributes if not attribute.walkthrough]
    absent = tuple(Answer(letter, Mark.MISSING, "result-missing") for letter in letters)
    whole = [
        given.get(u.leaf)
        or Result(u.unit, u.leaf, u.stratum, Outcome.INCONCLUSIVE, ("result-missing",), absent, (), (), None)
        for u in drawn
    ]
    lines = [dump_line({"id": number, **records.result_record(r)}) for number, r in enumerate(whole, start=1)]
    if sample is not None:
        desk.archive.put(f"results/{control.id}.jsonl", b"".join(lines))
    desk.archive.note(f"checks.{control.id}", {"checks": [records.checked_record(check) for check in checks]})
    return findings.count(whole)


def stored_results(desk: Desk, control: Control) -> tuple[Result, ...]:
    """The results of a control, read back from the file the collector wrote."""
    lines = desk.archive.get(f"results/{control.id}.jsonl").splitlines()
    return tuple(records.read_result(json.loads(line)) for line in lines)


def conclude(desk: Desk, control: Control) -> Finding:
    """The finding of a control, from the collector's own files."""
    known = desk.archive.recall(f"population.{control.id}")
    if known is None:
        raise SourceError(f"{control.id}: its population was never frozen.")
    population = records.read_population(known)
    sample = sample_of(desk, control)
    results = () if sample is None else stored_results(desk, control)
    return findings.conclude(control, population, sample, results)


def finding_record(desk: Desk, control: Control, finding: Finding, number: int) -> dict[str, object]:
    """One line of `findings.jsonl`."""
    results = () if finding.reason in tickets.REFUSALS else stored_results(desk, control)
    sample = sample_of(desk, control) if finding.strata else None
    extended = [] if sample is None else list(findings.extended(control, sample, finding))
    median, p95 = findings.response_days(results)
    reasons = sorted({code for result in results for code in result.reasons})
    checks = desk.archive.recall(f"checks.{control.id}") or {"checks": []}
    failed = [(stratum.counts.failed, stratum.counts.drawn) for stratum in finding.strata]
    return {
        "id": number,
        "control": control.id,
        "verdict": finding.verdict.value,
        "reason": finding.reason,
        "grade": grading.grade(finding.verdict, control.grade, control.law, failed),
        "law": control.law,
        "set_aside": finding.set_aside,
        "draw_independent": finding.independent,
        "too_many": [{"stratum": s.stratum, "too_many": s.too_many} for s in finding.strata],
        "without_untested": [
            {
                "stratum": s.stratum,
                "upper_units": s.without_untested_units,
                "upper_rate_shown": s.without_untested_shown,
            }
            for s in finding.strata
        ],
        "extended": [asdict(one) for one in extended],
        "median_days": median,
        "p95_days": p95,
        "reasons": [{"reason": code, "units": sum(code in r.reasons for r in results)} for code in reasons],
        "checks": checks["checks"],
        "notes": _notes(desk, control, finding, extended),
    }


def _notes(desk: Desk, control: Control, finding: Finding, extended: Sequence[Extended]) -> list[str]:
    notes = [] if finding.independent else ["draw-not-independent"]
    population = desk.archive.recall(f"population.{control.id}") or {}
    if population.get("note"):
        notes += str(population["note"]).split("; ")
    if extended:
        notes.append("extended-outside-the-plan")
    if finding.set_aside:
        notes.append("not-yet-due-set-aside")
    return notes + _on_completeness(desk, control)


def _on_completeness(desk: Desk, control: Control) -> list[str]:
    """What must stand beside every rate drawn from the log of requests: whether that log was shown to be whole.

    Source: docs/norm/controls, "Both directions"; EDPB 01/2022, 52 to 57.
    """
    if control.frame != "request_log":
        return []
    tested = [one for one in desk.engagement.controls if one.family == "completeness" and one.id != control.id]
    if not tested:
        return ["population-completeness-not-tested"]
    verdicts = [_verdict(desk, one) for one in tested]
    return [] if all(verdict is Outcome.PASS for verdict in verdicts) else ["population-not-complete"]


def _verdict(desk: Desk, control: Control) -> Outcome | None:
    """The verdict of another control; None while its results are not in."""
    sample = None if desk.archive.recall(f"population.{control.id}") is None else sample_of(desk, control)
    if sample is None:
        return None
    try:
        return conclude(desk, control).verdict
    except FileNotFoundError:
        return None
