"""The rehearsal audited whole, without a kernel or a page: every control frozen, fetched and judged by the kit's own
steps of the engine and the rules, on a company as small as they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evidence_kit import rules
from evidence_kit.edges import vault
from evidence_kit.edges.params import load
from evidence_kit.edges.rehearsal import listed
from evidence_kit.edges.rehearsal.company import Planted
from evidence_kit.edges.rehearsal.write import place
from evidence_kit.edges.source import SqlSource
from evidence_kit.ledger import records
from evidence_kit.ledger.planted import Sown, Told
from evidence_kit.model.audit import Control, Engagement
from evidence_kit.model.comparing import ControlRun, Run
from evidence_kit.model.outcome import Result
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules import findings, requests
from evidence_kit.rules.examining import examine
from tests.edges.desks import PARAMS, terms
from tests.unit.cases import sample


@dataclass(frozen=True)
class Audited:
    """One company audited: of each control its results, what was frozen, and the frames read; and its vault."""

    agreed: Engagement
    results: Mapping[str, tuple[Result, ...]]
    frozen: Mapping[str, frozenset[str]]
    frames: Mapping[str, Mapping[str, EvidenceFrame]]
    keys: vault.Vault

    @property
    def told(self) -> dict[str, Told]:
        """The same as a closing reads it."""
        return {
            control: Told({one.unit: one.verdict.value for one in results}, self.frozen[control])
            for control, results in self.results.items()
        }


def sown(company: Path, audited: Audited) -> list[Sown]:
    """The generator's list, each unit as the results of its control name it."""

    def named(one: Planted) -> str:
        return audited.keys.pseudonym("message", one.unit) if "@" in one.unit else one.unit

    return [Sown(one.fault, one.control, one.verdict, named(one)) for one in listed.read(company)]


def audit(company: Path, home: Path, seed: int, kind: str = "audit") -> Audited:
    """Every control of the rehearsal, as a census, over the company in this folder. `kind`: mock or audit."""
    agreed = _agreed(kind)
    keys = vault.rehearsal(seed, home / "vault")
    source = SqlSource(agreed, {name: place(company, name) for name in agreed.sources}, home / "engine", keys)
    source._connection.execute("SET threads = 1")  # of tables this small two threads make more work than they share
    results, frozen, frames = {}, {}, {}
    try:
        for control in agreed.controls:
            aside = _aside(source, agreed, control)
            _, kept = source.freeze(control, aside)
            units = [one.unit for one in kept if one.unit not in aside]
            mine = _frames(source, control, units)
            results[control.id] = examine(control, sample(*units), mine, rules.test(control.test), terms(agreed))
            frozen[control.id] = frozenset(one.unit for one in kept)
            frames[control.id] = mine
    finally:
        source.close()
    return Audited(agreed, results, frozen, frames, keys)


@cache
def _agreed(kind: str) -> Engagement:
    return load("rehearsal", PARAMS, {}, kind)


def _frames(source: SqlSource, control: Control, units: list[str]) -> dict[str, EvidenceFrame]:
    fetched = source.fetch(control, units, {}).frames
    return {one.frame: EvidenceFrame(control.id, one.frame, one.columns, one.rows, "") for one in fetched}


def _aside(source: SqlSource, agreed: Engagement, control: Control) -> frozenset[str]:
    """Open units that may still be answered in time."""
    units = source.open_units(control)
    if not units:
        return frozenset()
    frames, known = _frames(source, control, list(units)), terms(agreed)
    rows = {unit: {name: frame.by_unit.get(unit, ()) for name, frame in frames.items()} for unit in units}
    return frozenset(unit for unit, mine in rows.items() if requests.NOT_YET_DUE[control.test](mine, known))


def run_of(audited: Audited, name: str) -> Run:
    """The same as one side of a comparison: results, what was agreed and stated; every population whole."""
    agreed = audited.agreed
    stated = records.controls_record(agreed.controls)["controls"]
    assert isinstance(stated, list)
    controls = {}
    for control, said in zip(agreed.controls, stated, strict=True):
        results = audited.results[control.id]
        verdict = findings.worst(result.verdict for result in results).value
        summary = {"verdict": verdict, "units": len(results), "drawn": len(results), "strata": []}
        controls[control.id] = ControlRun(control.id, said, summary, results, {}, control.where, control.frame)
    return Run(
        bundle=name,
        tagmanifest_sha256=name,
        signer="SHA256:rehearsal",
        engagement=agreed.id,
        run=name,
        as_of=agreed.as_of.isoformat(),
        sealed_at=name,
        kit="test",
        demonstration=True,
        agreed=records.engagement_record(agreed, [], {}, "test"),
        controls=controls,
    )
