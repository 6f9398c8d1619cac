"""Lists of providers written by a test, and the controls asked about them from the files on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from evidence_kit import rules
from evidence_kit.edges.params import controls
from evidence_kit.edges.params.reading import read
from evidence_kit.edges.source import SqlSource
from evidence_kit.model.audit import Control, Mapped, SourceMapping
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.outcome import Result
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules.examining import examine
from tests.edges.desks import PARAMS, engagement, kept_not, mapping, opened, plain, terms, write_csv
from tests.unit.cases import sample

Table = Sequence[Mapping[str, str | None]]
PROVIDER = {"processor_id": "P1", "name": "Acme", "relation": "processor", "risk_tier": "low", "review_months": "24",
            "status": "active", "country": "FR", "contract_signed_on": "2024-01-02", "art28_terms": "abcdefgh",
            "subprocessing_terms": "true"}  # fmt: skip
FLOW = {"destination": "api.acme.example", "seen_in": "egress_log", "processor_id": "P1", "personal_data": "true",
        "first_seen_on": "2024-03-01", "last_seen_on": "2026-05-01"}  # fmt: skip


@cache
def stated(name: str) -> Control:
    found = controls.control(read(PARAMS / f"controls/{name}.yaml", f"params/controls/{name}.yaml"), name)
    assert found is not None
    return found


def source_of(frame: str, table: Table, path: Path, files: Sequence[str] = ()) -> SourceMapping:
    """One file for one frame: the columns that its rows name, the others not kept; `files` are digests of files."""
    names = list(dict.fromkeys(name for row in table for name in row))
    absent = [one.name for one in FRAMES[frame].columns if one.name not in names and not one.computed]
    write_csv(path, [[row.get(name) for name in names] for row in table], names)
    digests = {name: Mapped(name, sql=name, file=True, line=30) for name in files}
    return mapping({frame: {**plain(*names), **kept_not(*absent), **digests}}, name=frame)


def room(tmp_path: Path, name: str, tables: Mapping[str, Table]) -> SqlSource:
    """Every source opened, for one control."""
    tmp_path.mkdir(exist_ok=True)
    paths = {frame: tmp_path / f"{frame}.csv" for frame in tables}
    digests = {frame: [one.name for one in FRAMES[frame].columns if one.of_file] for frame in tables}
    sources = [
        source_of(frame, table, paths[frame], [name for name in digests[frame] if any(name in row for row in table)])
        for frame, table in tables.items()
    ]
    return opened(engagement(sources, [stated(name)]), paths, tmp_path / "home")


def judged(tmp_path: Path, name: str, tables: Mapping[str, Table]) -> dict[str, Result]:
    """Unit → what the control says of it, from the files on."""
    source, one = room(tmp_path, name, tables), stated(name)
    _, kept = source.freeze(one, frozenset())
    units = [each.unit for each in kept]
    fetched = source.fetch(one, units, {})
    frames = {each.frame: EvidenceFrame(one.id, each.frame, each.columns, each.rows, "") for each in fetched.frames}
    results = examine(one, sample(*units), frames, rules.test(one.test), terms(engagement([], [one])))
    source.close()
    return {result.unit: result for result in results}


def verdicts(results: Mapping[str, Result]) -> dict[str, tuple[str, ...]]:
    """Unit → its verdict and reasons."""
    return {unit: (result.verdict.value, *result.reasons) for unit, result in results.items()}
