"""From a population to its sample: freeze, commit, reveal, draw, extend. Source: docs/norm/sampling.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.ledger import records
from evidence_kit.ledger.chain import Entry
from evidence_kit.model.audit import NOT_YET_DUE, Control
from evidence_kit.model.canonical import digest, dump_line
from evidence_kit.model.sample import EvidenceFrame, Kept, Population, Round, Sample
from evidence_kit.ports import Desk
from evidence_kit.rules import rates, tickets

COLLECTOR = "process:collector"


def freeze(desk: Desk, control: Control) -> Population:
    """Freeze the control's population: units, strata and root, computed inside the engine.

    A population that the norm refuses (a repeated identifier, say) is returned with its refusal and no digest.
    """
    known = desk.archive.recall(f"population.{control.id}")
    if known is not None:
        return records.read_population(known)
    return _freeze(desk, control)[0]


def _freeze(desk: Desk, control: Control) -> tuple[Population, tuple[Kept, ...]]:
    sql = desk.source.population_sql(control)
    desk.archive.put(f"sql/{control.id}.population.sql", sql.encode())
    try:
        population, kept = desk.source.freeze(control, _aside(desk, control))
    except SourceError as error:
        if error.code not in tickets.REFUSALS:  # these end as an ERROR of the control; any other stops the run
            raise
        population, kept = _refused(control, digest(sql), error.code), ()
    if population.refusal is None:
        data = {
            "population": population.name,
            "query_sha256": population.query_sha256,
            "count": population.count,
            "root": population.root,
        }
        desk.archive.append(COLLECTOR, "population.frozen", f"population:{population.name}", data)
    else:
        reason = {"job": f"freeze {population.name}", "reason": population.refusal}
        desk.archive.append(COLLECTOR, "job.failed", f"population:{population.name}", reason)
    # Noted after the ledger has it: a process that ends in between freezes again, and the ledger shows both.
    desk.archive.note(f"population.{control.id}", records.population_record(population))
    return population, kept


def _aside(desk: Desk, control: Control) -> frozenset[str]:
    """The open units whose time has not come; their rows are read before the freeze, and kept nowhere."""
    units = desk.source.open_units(control)
    if not units:
        return frozenset()
    fetched = desk.source.fetch(control, units, {})
    frames = {one.frame: EvidenceFrame(control.id, one.frame, one.columns, one.rows, "") for one in fetched.frames}
    return desk.aside(control, frames, units)


def _refused(control: Control, query_sha256: str, code: str) -> Population:
    name = f"{control.id}.{control.population}"
    return Population(control.id, name, control.unit, (), None, 0, (), None, None, query_sha256, refusal=code)


def commit(desk: Desk, control: Control) -> Mapping[str, object] | None:
    """Fix the sizes, digest the record, and keep the frozen list in the vault. None for a refused population.

    The record's digest is what the auditor is shown before giving a nonce.
    """
    known = desk.archive.recall(f"sample.{control.id}")
    if known is not None:
        return known
    population, kept = _population_and_list(desk, control)
    if population.refusal is not None:
        return None
    record = tickets.commitment(
        engagement=desk.engagement.id,
        population=population.name,
        as_of=records.seconds(desk.engagement),
        unit=population.unit,
        columns=population.columns,
        stratum_by=population.stratum_by,
        blind=desk.vault.blind(desk.engagement.id, population.name),
        strata=population.strata,
        plan=_sizes(control, population),
    )
    commitment = tickets.commitment_sha256(record)
    desk.vault.keep(commitment, kept)
    if desk.engagement.openings and not desk.draft:
        # Today's rows: what stands in the source when the sample is drawn may be another row, of another leaf.
        desk.vault.keep_rows(commitment, desk.source.rows(control))
    leaves = sorted(f"{one.leaf} {one.stratum}\n" for one in kept)
    desk.archive.put(f"leaves/{population.name}.txt", "".join(leaves).encode())
    data = {"commitment_sha256": commitment}
    desk.archive.append(COLLECTOR, "commitment.made", f"population:{population.name}", data)
    return _remember(desk, Sample(control.id, record, commitment, False, ()))


def _population_and_list(desk: Desk, control: Control) -> tuple[Population, tuple[Kept, ...]]:
    """The frozen population with its list; frozen again when an earlier process ended before committing."""
    known = desk.archive.recall(f"population.{control.id}")
    if known is None:
        return _freeze(desk, control)
    population = records.read_population(known)
    if population.refusal is not None:
        return population, ()
    again, kept = desk.source.freeze(control, _aside(desk, control))
    if again.root != population.root:
        return _freeze(desk, control)
    return population, kept


def _sizes(control: Control, population: Population) -> list[list[str | int]]:
    """The plan: one size per stratum, the not yet due left out. Source: docs/norm/rates.md, section 3."""
    sizes: list[list[str | int]] = []
    for stratum in population.strata:
        if stratum.name == NOT_YET_DUE:
            continue
        size = stratum.units
        if not control.plan.census:
            planned = rates.plan(stratum.units, control.plan.tolerable, control.plan.confidence, control.plan.expected)
            size = planned.n
        sizes.append([stratum.name, size])
    return sizes


def reveal(desk: Desk, nonce: str, actor: str, *, given: bool, independent: bool) -> int:
    """Enter the nonce for every commitment of this run that waits for one; return how many did.

    `given`: it came from the auditor; then a commitment that already has another one is refused, by ParameterError.
    """
    _check_nonce(nonce)
    waiting = 0
    for control in desk.engagement.controls:
        sample = sample_of(desk, control)
        if sample is None:
            continue
        if sample.rounds:
            if given and sample.rounds[0].nonce != nonce:
                raise ParameterError(
                    f"{control.id}: another nonce was already revealed for this commitment. Go on without --nonce, "
                    "or give this draw up with `abandon`, which stays in the ledger."
                )
            continue
        _enter_nonce(desk, sample, 1, nonce, actor)
        opened = Sample(sample.control, sample.record, sample.commitment_sha256, independent, (Round(1, nonce, ()),))
        _remember(desk, opened)
        waiting += 1
    return waiting


def _check_nonce(nonce: str) -> None:
    try:
        tickets.check_nonce(nonce)
    except ValueError as error:
        raise ParameterError("the nonce is not 64 lower-case hex digits (32 random bytes).") from error


def _enter_nonce(desk: Desk, sample: Sample, number: int, nonce: str, actor: str) -> None:
    data = {"commitment_sha256": sample.commitment_sha256, "round": number, "nonce": nonce}
    desk.archive.append(actor, "nonce.revealed", f"population:{sample.record['population']}", data)


def draw(desk: Desk, control: Control) -> Mapping[str, object] | None:
    """Draw the sample from the kept list, with the nonce of the ledger. None for a refused population.

    Raises ParameterError when no nonce was revealed, PopulationMoved when the kept list no longer gives the root.
    """
    sample = sample_of(desk, control)
    if sample is None:
        return None
    if not sample.rounds:
        raise ParameterError(
            f"{control.id}: nothing can be drawn before the auditor's nonce. Give it with `draw --nonce`."
        )
    if sample.rounds[-1].drawn or not sample.record["plan"]:
        return records.sample_record(sample)
    if len(sample.rounds) > 1:
        raise ParameterError(f"{control.id}: an extension was begun and not drawn. Give its nonce and sizes again.")
    return _draw_round(desk, control, sample, dict(_plan(sample)))


def extend(desk: Desk, control: Control, nonce: str, actor: str, sizes: Mapping[str, int]) -> Mapping[str, object]:
    """One round more: enter a fresh nonce, given after the extension was decided, and draw `sizes` of the units left.

    Raises ParameterError when the round before was not drawn, its nonce is used again, or the strata of the plan have
    nothing left to draw. Source: docs/norm/sampling.md, section 5, "Extension".
    """
    _check_nonce(nonce)
    sample = sample_of(desk, control)
    if sample is None or not sample.rounds:
        raise ParameterError(f"{control.id}: only a sample that was drawn can be extended. Draw it first.")
    last = sample.rounds[-1]
    if last.number > 1 and not last.drawn and last.nonce == nonce:
        return _draw_round(desk, control, sample, sizes)  # begun by a process that ended before it drew
    if not last.drawn:
        raise ParameterError(f"{control.id}: only a sample that was drawn can be extended. Draw it first.")
    if nonce in {one.nonce for one in sample.rounds}:
        raise ParameterError(f"{control.id}: this nonce was already used. An extension needs a fresh one.")
    _check_left(control, sample, sizes)
    _enter_nonce(desk, sample, last.number + 1, nonce, actor)
    rounds = (*sample.rounds, Round(last.number + 1, nonce, ()))
    opened = Sample(sample.control, sample.record, sample.commitment_sha256, sample.independent, rounds)
    _remember(desk, opened)
    return _draw_round(desk, control, opened, sizes)


def _check_left(control: Control, sample: Sample, sizes: Mapping[str, int]) -> None:
    strata = sample.record["strata"]
    assert isinstance(strata, list)
    left = {str(name): int(units) for name, units, _ in strata}
    for unit in sample.drawn:
        left[unit.stratum] -= 1
    planned = {name for name, _ in _plan(sample)}
    if not set(sizes) <= planned or not any(min(size, left[name]) > 0 for name, size in sizes.items()):
        told = ", ".join(f"{name} {left[name]}" for name in sorted(planned)) or "no stratum"
        raise ParameterError(
            f"{control.id}: the strata of the plan have nothing left for such an extension. Units left: {told}."
        )


def _draw_round(desk: Desk, control: Control, sample: Sample, sizes: Mapping[str, int]) -> Mapping[str, object]:
    """Draw the round whose nonce was revealed last; units drawn before are out of the pool."""
    last = sample.rounds[-1]
    kept = desk.vault.kept(sample.commitment_sha256)
    tickets.confirm(kept, sample.record)
    before = [unit.leaf for unit in sample.drawn]
    drawn = desk.source.draw(kept, sizes, sample.commitment_sha256, last.nonce, last.number, before)
    data = {
        "control": control.id,
        "commitment_sha256": sample.commitment_sha256,
        "round": last.number,
        "sample_sha256": tickets.sample_sha256(drawn),
        "count": len(drawn),
    }
    desk.archive.append(COLLECTOR, "sample.drawn", f"control:{control.id}", data)
    rounds = (*sample.rounds[:-1], Round(last.number, last.nonce, drawn))
    return _remember(desk, Sample(sample.control, sample.record, sample.commitment_sha256, sample.independent, rounds))


def _plan(sample: Sample) -> list[tuple[str, int]]:
    plan = sample.record["plan"]
    assert isinstance(plan, list)
    return [(str(name), int(size)) for name, size, *_ in plan]


def sample_of(desk: Desk, control: Control) -> Sample | None:
    """The sample as far as it went; None for a refused population. Raises ParameterError before any freeze."""
    known = desk.archive.recall(f"sample.{control.id}")
    if known is None:
        population = desk.archive.recall(f"population.{control.id}")
        if population is None:
            raise ParameterError(f"{control.id}: nothing is committed yet. Freeze the population first (`freeze`).")
        return None
    return records.read_sample(known)


def _remember(desk: Desk, sample: Sample) -> Mapping[str, object]:
    record = records.sample_record(sample)
    desk.archive.note(f"sample.{sample.control}", record)
    desk.archive.put(f"draws/{sample.control}.json", dump_line(records.draw_record(sample)))
    return record


def open_draws(entries: Iterable[Entry]) -> list[tuple[str, int, str]]:
    """(commitment, round, control) of every nonce that was revealed since the last sealing and not given up."""
    still: dict[tuple[str, int], str] = {}
    for entry in entries:
        data = entry.data or {}
        if entry.action == "ledger.sealed":
            still.clear()
        elif entry.action == "nonce.revealed":
            still[str(data["commitment_sha256"]), int(str(data["round"]))] = entry.subject.partition(":")[2].split(".")[
                0
            ]
        elif entry.action == "sample.abandoned":
            still.pop((str(data["commitment_sha256"]), int(str(data["round"]))), None)
    return [(commitment, number, control) for (commitment, number), control in still.items()]
