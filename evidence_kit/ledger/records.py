"""Payload files as records: what the model says, in the keys of docs/norm/bundle-files.md. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from evidence_kit.model.audit import Action, Control, Engagement, Place, Sending
from evidence_kit.model.calendar import Calendar
from evidence_kit.model.canonical import instant
from evidence_kit.model.outcome import Answer, Checked, Counts, Finding, Mark, Outcome, Result, StratumFinding, Working
from evidence_kit.model.sample import Drawn, Population, Round, Sample, Stratum

Record = dict[str, object]

#: The notebook of each control family (docs/norm/controls).
NOTEBOOKS = {
    "completeness": "20_sample",
    "requests": "30_requests",
    "traceability": "30_requests",
    "erasure": "40_erasure",
    "retention": "50_retention",
    "register": "60_register",
    "processors": "70_processors",
    "sending": "80_sending",
}


def engagement_record(
    engagement: Engagement, mappings: Sequence[Mapping[str, str]], packages: Mapping[str, str], kit: str
) -> Record:
    """`engagement.json`: what was agreed, and with what it was run."""
    return {
        "engagement": engagement.id,
        "kind": engagement.kind,
        "title": {"en": engagement.title.en, "fr": engagement.title.fr},
        "organisation": {"name": engagement.organisation.name, "country": engagement.organisation.country},
        "demonstration": engagement.demonstration,
        "period": {"from": engagement.period.start_on.isoformat(), "until": engagement.period.until_on.isoformat()},
        "as_of": seconds(engagement),
        "timezone": engagement.timezone,
        "profile": engagement.profile,
        "calendars": list(engagement.calendars),
        "limit": {"kind": engagement.limit.kind, "n": engagement.limit.n, "roll": engagement.limit.roll},
        "naive_is_local": engagement.naive_is_local,
        "actors": [{"actor": one.actor, "role": one.role} for one in engagement.actors],
        "controls": [control.id for control in engagement.controls],
        "out_of_scope": [{"control": id_, "reason": why} for id_, why in engagement.out_of_scope.items()],
        "sources": [dict(mapping) for mapping in mappings],
        "parameters": [{"name": name, "value": value} for name, value in sorted(engagement.parameters.items())],
        "on_duplicate": list(engagement.on_duplicate),
        "places": [_place_record(place) for _, place in sorted(engagement.places.items())],
        # Where a key is kept is nobody's business outside: a reader needs to know that there is one.
        "digests": [
            {"name": one.name, "algorithm": one.algorithm, "keyed": one.key is not None} for one in engagement.digests
        ],
        "undotted_domains": list(engagement.undotted_domains),
        "classes": [{"column": name, "class": word} for name, word in sorted(engagement.classes.items())],
        "sending": _sending_record(engagement.sending),
        "told_apart": [list(pair) for pair in engagement.told_apart],
        "actions": [_action_record(one) for one in engagement.actions],
        **({"openings": True} if engagement.openings else {}),
        "packages": [{"name": name, "version": version} for name, version in sorted(packages.items())],
        "kit": kit,
    }


def _action_record(action: Action) -> Record:
    """What was planned; what became of it is never stored, it follows from what a run found."""
    words = {"cause": action.cause, "effect": action.effect, "action": action.action, "evidence": action.evidence}
    return {
        "control": action.control,
        **{name: {"en": said.en, "fr": said.fr} for name, said in words.items()},
        "owner": action.owner,
        "due": action.due.isoformat(),
        "done_on": None if action.done_on is None else action.done_on.isoformat(),
    }


def _sending_record(sending: Sending | None) -> Record | None:
    """Where contacts are stored and what the senders read of them; None where nobody said."""
    if sending is None:
        return None
    readers = [{"view": one.view, "trace": one.trace} for one in sending.readers]
    return {"contact": sending.contact, "readers": readers}


def _place_record(place: Place) -> Record:
    """What may remain of an erased person in one place, and why nobody looks there, where nobody does."""
    return {
        "place": place.name,
        "exception": place.exception,
        "keep": place.keep,
        "start": place.start,
        "suppression": place.suppression,
        "purge_days": place.purge_days,
        "replay": place.replay,
        "mask": place.mask,
        "canary": place.canary,
        "not_searched": place.not_searched,
    }


def seconds(engagement: Engagement) -> str:
    """The cut-off instant as the commitment writes it: UTC, whole seconds."""
    return instant(engagement.as_of)[:19] + "Z"


def controls_record(controls: Iterable[Control]) -> Record:
    """`controls.json`: the controls as tested, thresholds as text."""
    return {"controls": [_control_record(control) for control in controls]}


def _control_record(control: Control) -> Record:
    return {
        "control": control.id,
        "family": control.family,
        "notebook": NOTEBOOKS[control.family],
        "statement": {"en": control.statement.en, "fr": control.statement.fr},
        "law": control.law,
        "grade": control.grade,
        "references": list(control.references),
        "confidence": control.plan.confidence,
        "tolerable": control.plan.tolerable,
        "expected": control.plan.expected,
        "census": control.plan.census,
        "test": control.test,
        "attributes": [
            {"letter": one.letter, "en": one.text.en, "fr": one.text.fr, "walkthrough": one.walkthrough}
            for one in control.attributes
        ],
        "needs": [
            {"frame": need.frame, "columns": list(need.columns), "optional": list(need.optional)}
            for need in control.needs
        ],
    }


def population_record(population: Population) -> Record:
    """A population as the working files keep it and notebooks show it: no unit, no leaf."""
    return {
        "control": population.control,
        "name": population.name,
        "unit": population.unit,
        "columns": [list(column) for column in population.columns],
        "stratum_by": population.stratum_by,
        "count": population.count,
        "strata": [list(stratum) for stratum in population.strata],
        "root": population.root,
        "blind_sha256": population.blind_sha256,
        "query_sha256": population.query_sha256,
        "refusal": population.refusal,
        "note": population.note,
    }


def read_population(record: Mapping[str, object]) -> Population:
    """The population that `population_record` wrote."""
    known = dict(record)
    columns, strata = known.pop("columns"), known.pop("strata")
    assert isinstance(columns, list)
    assert isinstance(strata, list)
    return Population(
        **known,  # type: ignore[arg-type]
        columns=tuple((name, kind) for name, kind in columns),
        strata=tuple(Stratum(*stratum) for stratum in strata),
    )


def draw_record(sample: Sample) -> Record:
    """`draws/<control>.json`: record, nonces, drawn leaves in ticket order. Identifiers stand in the frames."""
    return {
        "control": sample.control,
        "commitment": dict(sample.record),
        "commitment_sha256": sample.commitment_sha256,
        "independent": sample.independent,
        "rounds": [
            {
                "round": one.number,
                "nonce": one.nonce,
                "drawn": [{"stratum": u.stratum, "leaf": u.leaf, "ticket": u.ticket} for u in one.drawn],
            }
            for one in sample.rounds
        ],
    }


def sample_record(sample: Sample) -> Record:
    """A sample as notebooks receive it: `draw_record` with the unit of each leaf."""
    record = draw_record(sample)
    record["units"] = [
        {"stratum": u.stratum, "rank": u.rank, "leaf": u.leaf, "ticket": u.ticket, "unit": u.unit} for u in sample.drawn
    ]
    return record


def read_sample(record: Mapping[str, object]) -> Sample:
    """The sample that `sample_record` wrote."""
    units = {
        str(u["leaf"]): Drawn(str(u["stratum"]), int(str(u["rank"])), str(u["ticket"]), str(u["leaf"]), str(u["unit"]))
        for u in _list(record["units"])
    }
    rounds = tuple(
        Round(int(str(one["round"])), str(one["nonce"]), tuple(units[str(u["leaf"])] for u in _list(one["drawn"])))
        for one in _list(record["rounds"])
    )
    commitment = record["commitment"]
    assert isinstance(commitment, dict)
    return Sample(
        str(record["control"]), commitment, str(record["commitment_sha256"]), bool(record["independent"]), rounds
    )


def result_record(result: Result) -> Record:
    """One line of `results/<control>.jsonl`, without its `id`."""
    working = result.working
    return {
        "unit": result.unit,
        "leaf": result.leaf,
        "stratum": result.stratum,
        "verdict": result.verdict.value,
        "reasons": list(result.reasons),
        "attributes": [{"letter": a.letter, "mark": a.mark.value, "reason": a.reason} for a in result.answers],
        "flags": list(result.flags),
        "evidence": [{"frame": frame, "rows": list(rows)} for frame, rows in result.evidence],
        "due_on": None if working is None or working.due_on is None else working.due_on.isoformat(),
        "days_late": None if working is None else working.days_late,
        "working": None if working is None else [dict(line) for line in working.lines],
    }


def read_result(record: Mapping[str, object]) -> Result:
    """The result that `result_record` wrote. Raises KeyError or ValueError for anything else."""
    lines, due = record["working"], record["due_on"]
    working = None
    if lines is not None:
        days = record["days_late"]
        working = Working(
            None if due is None else date.fromisoformat(str(due)),
            None if days is None else int(str(days)),
            tuple(_list(lines)),
        )
    return Result(
        str(record["unit"]),
        str(record["leaf"]),
        str(record["stratum"]),
        Outcome(str(record["verdict"])),
        tuple(str(code) for code in _list(record["reasons"])),
        tuple(Answer(str(a["letter"]), Mark(str(a["mark"])), _text(a["reason"])) for a in _list(record["attributes"])),
        tuple(str(flag) for flag in _list(record["flags"])),
        tuple((str(e["frame"]), tuple(int(str(row)) for row in _list(e["rows"]))) for e in _list(record["evidence"])),
        working,
    )


def checked_record(checked: Checked) -> Record:
    """One expectation of `findings.jsonl`."""
    return {
        "frame": checked.frame,
        "column": checked.column,
        "expectation": checked.expectation,
        "success": checked.success,
        "rows": checked.rows,
    }


def counts_record(counts: Counts) -> Record:
    """Units by verdict, with the sum of those that deviate."""
    return {
        "drawn": counts.drawn,
        "pass": counts.passed,
        "fail": counts.failed,
        "error": counts.error,
        "inconclusive": counts.inconclusive,
        "deviations": counts.deviations,
    }


def summary_record(findings: Sequence[Finding]) -> Record:
    """`summary.json`: counts and verdict per control and stratum, and their totals."""
    controls = [finding_summary(finding) for finding in findings]
    total = Counts()
    for finding in findings:
        c = finding.counts
        total = Counts(
            total.passed + c.passed, total.failed + c.failed, total.error + c.error, total.inconclusive + c.inconclusive
        )
    units = sum(stratum.units for finding in findings for stratum in finding.strata)
    return {"controls": controls, "totals": {"controls": len(controls), "units": units, **counts_record(total)}}


def finding_summary(finding: Finding) -> Record:
    """One control of `summary.json`, its strata in byte order."""
    strata = [_stratum_summary(stratum) for stratum in finding.strata]
    alone = strata[0] if len(strata) == 1 else {"upper_units": None, "upper_rate_shown": None}
    return {
        "control": finding.control,
        "population": finding.population,
        "units": sum(stratum.units for stratum in finding.strata),
        **counts_record(finding.counts),
        "upper_units": alone["upper_units"],
        "upper_rate_shown": alone["upper_rate_shown"],
        "verdict": finding.verdict.value,
        "reason": finding.reason,
        "strata": strata,
    }


def _stratum_summary(stratum: StratumFinding) -> Record:
    return {
        "stratum": stratum.stratum,
        "units": stratum.units,
        **counts_record(stratum.counts),
        "upper_units": stratum.upper_units,
        "upper_rate_shown": stratum.upper_rate_shown,
        "verdict": stratum.verdict.value,
    }


def calendar_record(calendar: Calendar) -> Record:
    """`calendars/<name>.json`: the days off as the deadlines used them."""
    return {
        "name": calendar.name,
        "source": calendar.source,
        "version": calendar.version,
        "from": calendar.from_on.isoformat(),
        "until": calendar.until_on.isoformat(),
        "days": [{"on": day.isoformat(), "name": name} for day, name in sorted(calendar.days.items())],
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _list(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list):
        raise ValueError("a list was expected")
    return value
