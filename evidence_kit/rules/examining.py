"""From rows to results: one result per drawn unit, nothing absent ever PASS. Source: docs/norm/controls."""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model.audit import Control
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.outcome import WORST_FIRST, Answer, Mark, Outcome, Result, Test
from evidence_kit.model.sample import Drawn, EvidenceFrame, Row, Sample
from evidence_kit.model.terms import Terms, UnitTest

OUTCOMES = {
    Mark.FAIL: Outcome.FAIL,
    Mark.ERROR: Outcome.ERROR,
    Mark.MISSING: Outcome.INCONCLUSIVE,
    Mark.PASS: Outcome.PASS,
}
#: Codes of `unreadable` that make a unit ambiguous rather than broken.
AMBIGUOUS = {"identifier-repeated": "identifier-repeated", "unknown": "event-not-known"}

Rows = Mapping[str, tuple[Row, ...]]


def examine(
    control: Control, sample: Sample, frames: Mapping[str, EvidenceFrame], test: UnitTest, terms: Terms
) -> tuple[Result, ...]:
    """One result per drawn unit, in the order of the draw. Rows that were never collected are INCONCLUSIVE."""
    return tuple(_examine_unit(control, unit, frames, test, terms) for unit in sample.drawn)


def verdict_of(answers: tuple[Answer, ...]) -> Outcome:
    """FAIL if one attribute fails, else ERROR, else INCONCLUSIVE, else PASS; all not applicable is ERROR."""
    met = {OUTCOMES[answer.mark] for answer in answers if answer.mark is not Mark.NA}
    return next((outcome for outcome in WORST_FIRST if outcome in met), Outcome.ERROR)


def _examine_unit(
    control: Control, unit: Drawn, frames: Mapping[str, EvidenceFrame], test: UnitTest, terms: Terms
) -> Result:
    rows = {name: frame.by_unit.get(unit.unit, ()) for name, frame in frames.items()}
    read = tuple((name, tuple(int(str(row["id"])) for row in mine)) for name, mine in rows.items() if mine)
    found = _found(control, rows, test, terms)
    verdict = verdict_of(found.answers)
    reasons = _reasons(found.answers, verdict)
    doubt = _doubts(rows)
    if doubt and verdict in (Outcome.PASS, Outcome.FAIL):
        verdict, reasons = Outcome.INCONCLUSIVE, doubt
    return Result(unit.unit, unit.leaf, unit.stratum, verdict, reasons, found.answers, found.flags, read, found.working)


def _found(control: Control, rows: Rows, test: UnitTest, terms: Terms) -> Test:
    main = rows.get(control.frame, ())
    if not main:
        return _everywhere(control, Mark.MISSING, "row-missing")
    broken = _broken(rows)
    if broken:
        return _everywhere(control, Mark.ERROR, broken)
    try:
        return test(rows, terms)
    except Exception:  # the one broad handler of the kit: a rule that breaks on a row is that unit's ERROR
        return _everywhere(control, Mark.ERROR, "test-broke")


def _everywhere(control: Control, mark: Mark, reason: str) -> Test:
    asked = [attribute for attribute in control.attributes if not attribute.walkthrough]
    return Test(tuple(Answer(attribute.letter, mark, reason) for attribute in asked))


def _broken(rows: Rows) -> str | None:
    """The first reason why these rows cannot be judged: a value that could not be read, or one that must be there."""
    for name, mine in rows.items():
        for row in mine:
            codes = [code for _, code in unreadable(row) if code not in AMBIGUOUS]
            if codes:
                return codes[0]
            for column in FRAMES[name].columns:
                if not column.nullable and column.name in row and row[column.name] is None:
                    return "required-value-missing"
    return None


def _doubts(rows: Rows) -> tuple[str, ...]:
    codes = {
        AMBIGUOUS[code] for mine in rows.values() for row in mine for _, code in unreadable(row) if code in AMBIGUOUS
    }
    return tuple(sorted(codes))


def unreadable(row: Row) -> tuple[tuple[str, str], ...]:
    """The (column, code) pairs of a row's `unreadable`."""
    listed = row.get("unreadable")
    if listed is None:
        return ()
    return tuple((column, code) for column, _, code in (entry.partition("=") for entry in str(listed).split(",")))


def _reasons(answers: tuple[Answer, ...], verdict: Outcome) -> tuple[str, ...]:
    """The codes of the attributes that decided, each once, in the order of the letters."""
    if verdict is Outcome.PASS:
        return ()
    decided = [
        a.reason or "no-attribute-applies" for a in answers if a.mark is not Mark.NA and OUTCOMES[a.mark] is verdict
    ]
    return tuple(dict.fromkeys(decided)) or ("no-attribute-applies",)
