"""What would run: an engagement's controls, sources and keys, told without opening anything; or counted, in a draft."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from evidence_kit.ledger.records import NOTEBOOKS
from evidence_kit.model.audit import Control, Engagement
from evidence_kit.wiring import batch, keys, lacking, places, stamping

MADE = "made by the rehearsal"


def report(engagement: Engagement) -> dict[str, Any]:
    """The engagement as it would run; `missing` says what is still to be done, `ready` that nothing is.

    Raises ParameterError for a calendar nobody knows and for a source whose stated place is not there.
    """
    sources = [_source(engagement, name) for name in engagement.sources]
    missing = [
        f"source {one['name']} has no place. Say it: --source {one['name']}=PATH" for one in sources if not one["place"]
    ]
    if engagement.rehearsal is None and not (places.vault_folder(engagement.id) / "vault.json").exists():
        missing.append(f"{engagement.id} has no keys yet. Make them once: init {engagement.id}")
    missing += [why for why in (keys.objection(engagement), stamping.objection(engagement)) if why]
    stated, dated = engagement.limit, engagement.stamping
    return {
        "engagement": engagement.id,
        "kind": engagement.kind,
        "file": engagement.file,
        "period": f"{engagement.period.start_on} to {engagement.period.until_on}",
        "as_of": engagement.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "limit": stated.kind if stated.kind == "given" else f"{stated.kind}:{stated.n}",
        "calendars": sorted(places.calendars(engagement)),
        "controls": [_control(engagement, one) for one in engagement.controls],
        "out_of_scope": dict(engagement.out_of_scope),
        "sources": sources,
        "signing": " ".join(part for part in (engagement.signing.kind, engagement.signing.place) if part),
        "timestamp": f"dated by {dated.url}" if dated else "not dated",
        "ready": not missing,
        "missing": missing,
    }


def _source(engagement: Engagement, name: str) -> dict[str, str | None]:
    mapping = engagement.sources[name]
    stated = engagement.place(name)
    if stated is None:
        made = MADE if engagement.rehearsal is not None else None
        return {"name": name, "engine": mapping.engine, "place": made}
    places.reached(engagement, name)
    return {"name": name, "engine": mapping.engine, "place": stated}


def _control(engagement: Engagement, control: Control) -> dict[str, Any]:
    """One control: where and how it is tested, whether it can test anything, and what it lacks."""
    lacks = lacking.of(engagement, control)
    return {
        "id": control.id,
        "notebook": NOTEBOOKS[control.family],
        "plan": _plan(control),
        "can_test": not any(lack.stops for lack in lacks),
        "lacks": [lack.text for lack in lacks],
    }


def _plan(control: Control) -> str:
    plan = control.plan
    if plan.census:
        return "census"
    return f"confidence {plan.confidence}, tolerable {plan.tolerable}, expected {plan.expected}"


def counted(engagement: Engagement, say: batch.Say) -> dict[str, Any]:
    """`populations`: units of each, counted by a collector in a folder that is then thrown away.

    `unreachable` and `doubts`: what the sources did not give, or gave in part, by source and object.

    Raises ParameterError for a source without a place or an engagement without keys, SourceError for a source that
    cannot be read as its mapping says.
    """
    with tempfile.TemporaryDirectory(prefix="ek-") as scratch:
        home = Path(scratch)
        job = batch.Job(engagement, batch.Stand(home, "r001", False), batch.paths(engagement, home, say), draft=True)
        try:
            say(f"opening {len(engagement.sources)} source(s)")
            met = job.ask("open")
            assert isinstance(met, dict)
            return {
                "populations": [_counted(job, control.id) for control in engagement.controls],
                "unreachable": [dict(zip(("source", "object", "why"), one, strict=True)) for one in met["unreachable"]],
                "doubts": [
                    dict(zip(("source", "object", "code", "number"), one, strict=True)) for one in met["doubts"]
                ],
            }
        finally:
            job.close()


def _counted(job: batch.Job, control: str) -> dict[str, Any]:
    frozen = job.ask("freeze", control=control)
    assert isinstance(frozen, dict)
    return {"control": control, "units": frozen["count"], "refusal": frozen["refusal"]}
