"""One log gives one population, one sample and one set of verdicts, in whatever a source keeps it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from evidence_kit import rules, steps
from evidence_kit.edges.params import load
from evidence_kit.edges.servers import addresses
from evidence_kit.ledger import records
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules import examining
from evidence_kit.wiring import places
from tests import copies
from tests.edges.desks import NONCE, PARAMS, desk
from tests.servers import Server

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Audited:
    """What an audit of one copy came to."""

    root: str
    strata: tuple[object, ...]
    commitment: str
    drawn: tuple[str, ...]
    frame: bytes
    verdicts: tuple[tuple[str, str, tuple[str, ...]], ...]


@pytest.fixture(scope="module")
def audited(
    shared: Path, tmp_path_factory: pytest.TempPathFactory, servers: Callable[[str], Server]
) -> Callable[[str], Audited]:
    @cache
    def of(kind: str) -> Audited:
        folder = tmp_path_factory.mktemp(kind)
        copy = copies.copy(kind, shared, folder / "params", servers)
        agreed = load(copy.engagement, PARAMS, {})
        (control,) = agreed.controls
        assert control.plan.census is False
        served = agreed.sources["requests"].served
        paths = {} if served else {"requests": Path(copy.place)}
        entered = addresses.read(agreed, {copies.VARIABLE: copy.place})
        at = desk(agreed, paths, folder / "home", places.limit(agreed), addresses=entered)
        population = steps.freeze(at, control)
        steps.commit(at, control)
        steps.reveal(at, NONCE, "process:run", given=True, independent=True)
        sample = records.read_sample(steps.draw(at, control) or {})
        (collected,) = steps.collect(at, control)
        data = at.archive.get(str(collected["path"]))
        frame = EvidenceFrame(control.id, "request_log", tuple(collected["columns"]), records_of(data), "")  # type: ignore[arg-type]
        results = examining.examine(control, sample, {"request_log": frame}, rules.test(control.test), at.terms)
        return Audited(
            population.root,
            tuple(population.strata),
            sample.commitment_sha256,
            tuple(one.unit for each in sample.rounds for one in each.drawn),
            data,
            tuple((one.unit, one.verdict.value, tuple(one.reasons)) for one in results),
        )

    return of


def records_of(data: bytes) -> tuple[dict[str, object], ...]:
    return tuple(json.loads(line) for line in data.splitlines())


@pytest.mark.parametrize("kind", [kind for kind in copies.KINDS if kind != "csv"])
def test_a_copy_is_audited_as_the_log_itself(kind: str, audited: Callable[[str], Audited]) -> None:
    of_the_file, of_the_copy = audited("csv"), audited(kind)
    assert of_the_copy == of_the_file


def test_the_sample_is_a_part_of_the_log_and_both_verdicts_are_met(audited: Callable[[str], Audited]) -> None:
    found = audited("csv")
    assert 0 < len(found.drawn) < sum(one.units for one in found.strata)  # type: ignore[attr-defined]
    assert {verdict for _, verdict, _ in found.verdicts} >= {"PASS", "FAIL"}
