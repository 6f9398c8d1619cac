"""The company's base in a server: erasure and retention find there what they find in its DuckDB file, to the byte."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb
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
from tests.servers import Server, started

pytestmark = pytest.mark.slow
SEED, VARIABLE, DATABASE = 1, "PROD", "company"
TYPES = {
    "postgresql": {"TIMESTAMP": "timestamp", "BOOLEAN": "boolean", "VARCHAR": "text", "DOUBLE": "double precision"},
    "mysql": {"TIMESTAMP": "datetime(6)", "BOOLEAN": "tinyint", "VARCHAR": "text"},
}
PASSWORD = "k9-reader"
#: Control → frame or `population` → digest; and `verdicts` → how many of each.
Told = dict[str, dict[str, object]]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company") / "made"
    write.make(folder, seed=SEED, contacts=2000)
    return folder


@pytest.fixture(scope="module")
def audited(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Told]]:
    # Servers of their own: who sees every table of one would meet those of other tests.
    stack = ExitStack()

    @cache
    def of(kind: str) -> Told:
        home = tmp_path_factory.mktemp(kind)
        shutil.copytree(PARAMS, home / "params")
        place = str(company / "prod.duckdb")
        if kind != "duckdb":
            place = in_server(stack.enter_context(started(kind)), company / "prod.duckdb")
            mapping = home / "params/sources/rehearsal_prod.yaml"
            text = mapping.read_text(encoding="utf-8").replace("engine: duckdb", f"engine: {kind}", 1)
            options = f'open: env:{VARIABLE}\noptions: {{tables: "*"}}\nobjects:'
            mapping.write_text(text.replace("\nobjects:", f"\n{options}", 1), encoding="utf-8")
        whole = load("rehearsal", home / "params", {})
        tested = tuple(one for one in whole.controls if one.id[:3] in ("ERA", "RET"))
        agreed = replace(whole, controls=tested)
        paths = {name: write.place(company, name) for name in agreed.sources if not agreed.sources[name].served}
        entered = addresses.read(agreed, {VARIABLE: place}) if kind != "duckdb" else {}
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

    with stack:
        yield of


def in_server(server: Server, base: Path) -> str:
    """Every table of the company's base in a database of its own; the address of a role that may only read."""
    server.ask(f"DROP DATABASE IF EXISTS {DATABASE}", f"CREATE DATABASE {DATABASE}")
    mark = {"postgresql": '"', "mysql": "`"}[server.kind]
    with duckdb.connect(str(base), read_only=True) as made:
        for (table,) in made.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall():
            described = made.execute(f'DESCRIBE "{table}"').fetchall()
            columns = [f"{mark}{name}{mark} {TYPES[server.kind].get(kind, kind)}" for name, kind, *_ in described]
            server.ask(f"CREATE TABLE {mark}{table}{mark} ({', '.join(columns)})", database=DATABASE)
            rows = made.execute(f'FROM "{table}"').fetchall()
            if rows:
                values = ", ".join(["%s"] * len(described))
                server.ask(f"INSERT INTO {mark}{table}{mark} VALUES ({values})", database=DATABASE, rows=rows)
    if server.kind == "mysql":
        # Whoever may read everything is shown everything: no table is hidden from the catalogue.
        server.role("reader", PASSWORD, "SELECT ON *.*")
    else:
        server.role("reader", PASSWORD)
        server.ask("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", database=DATABASE)
    return server.address("reader", PASSWORD, DATABASE)


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_server_gives_the_same_digests_and_verdicts(kind: str, company: Path, audited: Callable[[str], Told]) -> None:
    here = audited("duckdb")
    assert audited(kind) == here
    expected = json.loads((company / "planted/expected.json").read_text())
    for control, told in here.items():
        counts = expected[control]
        units = counts.pop("units")
        met = told["verdicts"]
        assert isinstance(met, Counter)
        assert {word: met[word] for word in counts} == counts, control
        assert met.total() == units, control
