"""The company's base in a server: erasure and retention find there what they find in its DuckDB file, to the byte."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb
import psycopg
import pytest

from evidence_kit import rules, steps
from evidence_kit.edges.params import load
from evidence_kit.edges.rehearsal import write
from evidence_kit.edges.servers import addresses
from evidence_kit.ledger import records
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules import examining
from evidence_kit.wiring import places
from tests.edges.desks import NONCE, PARAMS, desk
from tests.servers import Server

pytestmark = pytest.mark.slow
SEED, VARIABLE, DATABASE = 1, "PROD", "company"
TYPES = {"BIGINT": "bigint", "INTEGER": "integer", "TIMESTAMP": "timestamp", "DATE": "date", "BOOLEAN": "boolean"}
#: Control → frame or `population` → digest; and `verdicts` → how many of each.
Told = dict[str, dict[str, object]]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company") / "made"
    write.make(folder, seed=SEED, contacts=2000)
    return folder


@pytest.fixture(scope="module")
def audited(
    company: Path, tmp_path_factory: pytest.TempPathFactory, servers: Callable[[str], Server]
) -> Callable[[str], Told]:
    @cache
    def of(kind: str) -> Told:
        home = tmp_path_factory.mktemp(kind)
        shutil.copytree(PARAMS, home / "params")
        place = str(company / "prod.duckdb")
        if kind == "postgresql":
            place = in_server(servers(kind), company / "prod.duckdb")
            mapping = home / "params/sources/rehearsal_prod.yaml"
            text = mapping.read_text(encoding="utf-8").replace("engine: duckdb", "engine: postgresql", 1)
            options = f'open: env:{VARIABLE}\noptions: {{tables: "*"}}\nobjects:'
            mapping.write_text(text.replace("\nobjects:", f"\n{options}", 1), encoding="utf-8")
        whole = load("rehearsal", home / "params", {})
        tested = tuple(one for one in whole.controls if one.id[:3] in ("ERA", "RET"))
        agreed = replace(whole, controls=tested)
        paths = {name: write.place(company, name) for name in agreed.sources if not agreed.sources[name].served}
        entered = addresses.read(agreed, {VARIABLE: place}) if kind == "postgresql" else {}
        at = desk(agreed, paths, home / "home", places.limit(agreed), addresses=entered)
        found: Told = {}
        for control in tested:
            population = steps.freeze(at, control)
            steps.commit(at, control)
            found[control.id] = {"population": population.root}
        steps.reveal(at, NONCE, "process:run", given=True, independent=True)
        for control in tested:
            sample = records.read_sample(steps.draw(at, control) or {})
            frames = {}
            for one in steps.collect(at, control):
                rows = tuple(json.loads(line) for line in at.archive.get(str(one["path"])).splitlines())
                name = str(one["frame"])
                frames[name] = EvidenceFrame(control.id, name, tuple(one["columns"]), rows, "")  # type: ignore[arg-type]
                found[control.id][name] = one["sha256"]
            results = examining.examine(control, sample, frames, rules.test(control.test), at.terms)
            found[control.id]["verdicts"] = Counter(result.verdict.value for result in results)
        return found

    return of


def in_server(server: Server, base: Path) -> str:
    """Every table of the company's base in a database of its own; the address of a role that may only read."""
    server.ask(f"DROP DATABASE IF EXISTS {DATABASE}", f"CREATE DATABASE {DATABASE}")
    with (
        duckdb.connect(str(base), read_only=True) as made,
        psycopg.connect(
            server.address(database=DATABASE).replace("postgresql+psycopg", "postgresql"), autocommit=True
        ) as into,
    ):
        for (table,) in made.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall():
            described = made.execute(f'DESCRIBE "{table}"').fetchall()
            columns = ", ".join(f'"{name}" {TYPES.get(kind, "text")}' for name, kind, *_ in described)
            into.execute(f'CREATE TABLE "{table}" ({columns})')
            with into.cursor().copy(f'COPY "{table}" FROM STDIN') as out:
                for row in made.execute(f'FROM "{table}"').fetchall():
                    out.write_row(row)
        into.execute("DROP ROLE IF EXISTS reader")
        into.execute("CREATE ROLE reader LOGIN PASSWORD 'k9-reader'")
        into.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    return server.address("reader", "k9-reader", DATABASE)


def test_the_same_digests_and_verdicts_from_postgresql(company: Path, audited: Callable[[str], Told]) -> None:
    here, there = audited("duckdb"), audited("postgresql")
    assert there == here
    expected = json.loads((company / "planted/expected.json").read_text())
    for control, told in here.items():
        counts = expected[control]
        units = counts.pop("units")
        met = told["verdicts"]
        assert isinstance(met, Counter)
        assert {word: met[word] for word in counts} == counts, control
        assert met.total() == units, control
