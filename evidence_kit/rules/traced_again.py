"""Verdicts on the trail of actions read a second time, from the rows alone: counts and digests. See `readings`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Mark, Outcome
from evidence_kit.model.sample import Row
from evidence_kit.rules.claims import Table
from evidence_kit.rules.reread import Frames, Results, answer, marked_units, passed
from evidence_kit.rules.traceability import counted


def _traced(results: Results, frames: Frames) -> Iterator[Table]:
    steps, entries = frames["request_events"].by_unit, frames["action_trail"].by_unit
    whole: list[Row] = []
    lacking: list[Row] = []
    for result in results:
        mine: list[Row] = [
            {"steps": max(several, _executed(frames, result.unit) if kind == "erased" else 0), "entries": written}
            for kind, several, written in counted(steps.get(result.unit, ()), entries.get(result.unit, ()))
        ]
        if result.verdict is Outcome.PASS:
            whole += mine
        elif answer(result, "A").reason == "step-not-traced":
            lacking.append(max(mine, key=_lacking))
    enough = (Claim("not-less", ("entries", "steps"), reading=True),)
    yield Table("every_step_written", whole, enough)
    yield Table("step_not_written", lacking, (Claim("greater", ("steps", "entries"), reading=True),))
    named = (
        Claim("not-null", ("actor_key",), reading=True),
        Claim("one-of", ("actor_shared",), (False,), reading=True),
    )
    yield Table("by_a_named_actor", passed(results, frames, "action_trail"), named)
    same = [
        {"same": row["digest"] == row["digest_recomputed"]}
        for row in passed(results, frames, "action_trail")
        if row["digest"] is not None
    ]
    yield Table("unaltered", same, (Claim("one-of", ("same",), (True,), reading=True),))
    nobody = [
        {"named": all(row["actor_key"] is not None and row["actor_shared"] is False for row in mine)}
        for mine in marked_units(results, frames, "action_trail", "B", Mark.FAIL)
    ]
    yield Table("by_nobody_named", nobody, (Claim("one-of", ("named",), (False,), reading=True),))


def _lacking(row: Row) -> int:
    return int(str(row["steps"])) - int(str(row["entries"]))


def _executed(frames: Frames, unit: str) -> int:
    log = frames["erasure_log"].by_unit.get(unit, ()) if "erasure_log" in frames else ()
    return int(any(row["executed_at"] is not None for row in log))


#: The second reading of the test of this family.
READINGS: Mapping[str, Callable[[Results, Frames], Iterator[Table]]] = {"traceability.traceable": _traced}
