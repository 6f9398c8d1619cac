"""From results to the conclusion on a control. Source: docs/norm/rates.md, sections 4, 5 and 7; ISA 530, 11 to 15."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from evidence_kit.model.audit import NOT_YET_DUE, Control
from evidence_kit.model.outcome import WORST_FIRST, Counts, Extended, Finding, Outcome, Result, StratumFinding
from evidence_kit.model.sample import Population, Sample
from evidence_kit.rules.rates import evaluate, extension_risk, parts_per_billion_up, percent_down, percent_up


def conclude(control: Control, population: Population, sample: Sample | None, results: Sequence[Result]) -> Finding:
    """The finding of one control. A population that was refused is ERROR, an empty one INCONCLUSIVE."""
    if population.refusal is not None or sample is None:
        refusal = population.refusal or "not-drawn"
        return Finding(control.id, population.name, (), Outcome.ERROR, refusal, 0, False)
    plan = sample.record["plan"]
    assert isinstance(plan, list)
    units = {stratum.name: stratum.units for stratum in population.strata}
    strata = tuple(_stratum(control, str(name), units.get(str(name), 0), results) for name, *_ in plan)
    if not strata:
        aside = units.get(NOT_YET_DUE, 0)
        nothing = "nothing-to-test"
        return Finding(control.id, population.name, (), Outcome.INCONCLUSIVE, nothing, aside, sample.independent)
    verdict = worst(stratum.verdict for stratum in strata)
    reason = next(stratum.reason for stratum in strata if stratum.verdict is verdict)
    aside = units.get(NOT_YET_DUE, 0)
    return Finding(control.id, population.name, strata, verdict, reason, aside, sample.independent)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """FAIL, then ERROR, then INCONCLUSIVE, then PASS. Nothing at all is INCONCLUSIVE."""
    met = set(outcomes)
    return next((outcome for outcome in WORST_FIRST if outcome in met), Outcome.INCONCLUSIVE)


def count(results: Iterable[Result]) -> Counts:
    """Units by verdict."""
    met = Counter(result.verdict for result in results)
    return Counts(met[Outcome.PASS], met[Outcome.FAIL], met[Outcome.ERROR], met[Outcome.INCONCLUSIVE])


def _stratum(control: Control, name: str, units: int, results: Sequence[Result]) -> StratumFinding:
    counts = count(result for result in results if result.stratum == name)
    said = evaluate(
        population=units,
        drawn=counts.drawn,
        fails=counts.failed,
        unable=counts.error + counts.inconclusive,
        tolerable=control.plan.tolerable,
        confidence=control.plan.confidence,
    )
    return StratumFinding(
        name,
        units,
        counts,
        said.upper,
        said.upper_percent,
        said.upper_without_untested,
        None if said.upper_without_untested is None else percent_up(said.upper_without_untested, units),
        said.too_many,
        said.verdict,
        said.reason,
    )


def extended(control: Control, sample: Sample, finding: Finding) -> Iterator[Extended]:
    """The strata that were extended outside the plan, each with the risk of what was done."""
    plan = sample.record["plan"]
    assert isinstance(plan, list)
    planned = {str(line[0]): 2 if len(line) > 2 else 1 for line in plan}
    for stratum in finding.strata:
        sizes = [sum(unit.stratum == stratum.stratum for unit in one.drawn) for one in sample.rounds]
        if not any(sizes[planned[stratum.stratum] :]):
            continue
        risk = extension_risk(stratum.units, control.plan.tolerable, control.plan.confidence, sizes)
        yield Extended(stratum.stratum, parts_per_billion_up(risk), percent_down(1 - risk))


def response_days(results: Iterable[Result]) -> tuple[int | None, int | None]:
    """Median and 95th percentile of whole days from receipt to answer, by nearest rank; None where none was answered.

    Printed beside a verdict on time limits: one month is a ceiling, "without undue delay" comes first
    (EDPB 01/2022, 158).
    """
    days = sorted(taken for result in results if (taken := _days_taken(result)) is not None)
    return (_rank(days, 50), _rank(days, 95)) if days else (None, None)


def _days_taken(result: Result) -> int | None:
    lines = {line["step"]: line for line in (result.working.lines if result.working else ())}
    if "received" not in lines or "answered" not in lines:
        return None
    received, answered = (date.fromisoformat(str(lines[step]["day"])) for step in ("received", "answered"))
    return (answered - received).days


def _rank(ordered: Sequence[int], percent: int) -> int:
    return ordered[-(-len(ordered) * percent // 100) - 1]
