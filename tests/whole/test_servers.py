"""Runs whose log lives in a server: the same evidence as from its file, and a password that nothing ever shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests import copies
from tests.servers import KINDS, Server, started, until
from tests.whole.conftest import NONCE, ROOT, Said, kit

pytestmark = pytest.mark.slow
SAME = ("data/populations", "data/frames", "data/draws", "data/results", "data/findings.jsonl", "data/summary.json")


@dataclass(frozen=True)
class Audit:
    """One engagement over one copy of the log, with the keys that all copies share."""

    copy: copies.Copy
    around: dict[str, str]
    out: Path

    def ask(self, command: str, *more: str, **around: str) -> Said:
        """One command on it, with its variable set."""
        environment = {**self.around, copies.VARIABLE: self.copy.place, **around}
        return kit(command, str(self.copy.engagement), *more, **environment)

    def bundle(self) -> Path:
        """The bundle of a run; whatever it printed is kept beside it."""
        done = self.ask("run", "--nonce", NONCE, "--out", str(self.out), "--json")
        assert done.status == 0, done.err
        (self.out / "said.txt").write_text(done.out + done.err)
        return Path(str(done.json["bundle"]))


@pytest.fixture(scope="module")
def audits(
    shared: Path, tmp_path_factory: pytest.TempPathFactory, servers: Callable[[str], Server]
) -> Callable[[str], Audit]:
    keys = tmp_path_factory.mktemp("keys")
    around = {"EVIDENCE_KIT_VAULTS": str(keys), "EVIDENCE_KIT_PASSPHRASE": "a passphrase of the test"}

    @cache
    def of(kind: str) -> Audit:
        folder = tmp_path_factory.mktemp(kind)
        audit = Audit(copies.copy(kind, shared, folder / "params", servers), around, folder / "outputs")
        if not any(keys.iterdir()):
            made = audit.ask("init")
            assert made.status == 0, made.err
        return audit

    return of


@pytest.fixture(scope="module")
def bundles(audits: Callable[[str], Audit]) -> Callable[[str], Path]:
    return cache(lambda kind: audits(kind).bundle())


def contents(bundle: Path) -> dict[str, bytes]:
    files = [
        path for part in SAME for path in ([bundle / part] if (bundle / part).is_file() else (bundle / part).rglob("*"))
    ]
    return {path.relative_to(bundle).as_posix(): path.read_bytes() for path in files if path.is_file()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_on_a_server_gives_the_evidence_of_the_file(kind: str, bundles: Callable[[str], Path]) -> None:
    of_the_file, of_the_server = contents(bundles("csv")), contents(bundles(kind))
    assert {"data/draws/REQ-02.json", "data/results/REQ-02.jsonl"} <= set(of_the_file)
    assert sorted(of_the_server) == sorted(of_the_file)
    assert [name for name, data in of_the_file.items() if of_the_server[name] != data] == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_of_a_run_and_nothing_printed_holds_the_address(
    kind: str, audits: Callable[[str], Audit], bundles: Callable[[str], Path]
) -> None:
    bundles(kind)
    audit = audits(kind)
    assert_hidden(audit.copy.place, audit.out)
    log = next(audit.out.rglob("collector.log"))
    assert log.read_bytes() == b""


def assert_hidden(address: str, *folders: Path) -> None:
    """No file below holds the password as written or as meant, the role with it, or the server's place."""
    written = address.partition("://")[2].partition("@")[0].partition(":")[2]
    place = address.rpartition("@")[2].partition("/")[0]
    secrets = [one.encode() for one in (written, "k9#Vq@2/x:L%7m", place, address)]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files for secret in secrets if secret in path.read_bytes()] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_password_met_in_the_evidence_stops_the_seal(
    kind: str,
    audits: Callable[[str], Audit],
    bundles: Callable[[str], Path],
    servers: Callable[[str], Server],
    tmp_path: Path,
) -> None:
    # A role whose password is the identifier of a drawn case: what is handed over would hold it.
    (line, *_) = (bundles("csv") / "data/frames/REQ-02.request_log.jsonl").read_text().splitlines()
    table = "edmonton" if kind == "postgresql" else "audited.edmonton"
    careless = servers(kind).role("careless", json.loads(line)["request_id"], f"SELECT ON {table}")
    done = audits(kind).ask("run", "--nonce", NONCE, "--out", str(tmp_path), **{copies.VARIABLE: careless})
    assert done.status == 3
    assert "leak" in done.err
    assert not list(tmp_path.rglob("manifest-sha256.txt"))


def test_a_variable_that_is_not_set_is_named_and_nothing_is_begun(
    audits: Callable[[str], Audit], tmp_path: Path
) -> None:
    audit = audits("postgresql")
    done = kit("run", str(audit.copy.engagement), "--out", str(tmp_path / "o"), **audit.around)
    assert (done.status, done.out) == (2, "")
    assert f"source requests: the variable {copies.VARIABLE} is not set" in done.err
    assert not list((tmp_path / "o").rglob("r0*"))


def test_check_names_the_variable_and_counts_through_it(audits: Callable[[str], Audit]) -> None:
    audit = audits("postgresql")
    told = audit.ask("check", "--json", "--count")
    assert told.status == 0, told.err
    assert told.json["sources"] == [{"name": "requests", "engine": "postgresql", "place": f"env:{copies.VARIABLE}"}]
    assert told.json["populations"][0]["units"] > 1000
    assert (told.json["unreachable"], told.json["doubts"]) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_dies_while_it_is_read_seals_nothing(
    kind: str, audits: Callable[[str], Audit], shared: Path, tmp_path: Path
) -> None:
    streaming = {
        "postgresql": "SELECT 1 FROM pg_stat_activity WHERE application_name = 'evidence_kit' AND query LIKE 'FETCH%%'",
        "mysql": "SELECT 1 FROM information_schema.processlist WHERE user = 'auditor' AND info LIKE 'SELECT CAST%%'",
    }
    with started(kind) as server:
        copy = copies.copy(kind, shared, tmp_path / "params", lambda _: server)
        for _ in range(8):  # some 400,000 rows: reading them takes longer than killing the server
            server.ask("INSERT INTO edmonton SELECT * FROM edmonton")
        with (tmp_path / "out.txt").open("wb") as out, (tmp_path / "err.txt").open("wb") as err:
            run = subprocess.Popen(
                [sys.executable, "-m", "evidence_kit", "run", str(copy.engagement), "--out", str(tmp_path / "o")],
                env={**os.environ, **audits(kind).around, copies.VARIABLE: copy.place},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
            try:
                until(lambda: server.ask(streaming[kind]), "the log is being read", 180)
                server.kill()
                assert run.wait(timeout=180) == 3
            finally:
                run.kill()
                run.wait()
    said = (tmp_path / "err.txt").read_text()
    assert "source requests: table edmonton: the connection was lost on the way" in said
    ledger = [json.loads(line) for line in next((tmp_path / "o").rglob("ledger.jsonl")).read_text().splitlines()]
    assert ledger[-1]["action"] == "job.failed"
    assert not list((tmp_path / "o").rglob("manifest-sha256.txt"))
    assert_hidden(copy.place, tmp_path / "o")
    assert "Traceback" not in said + next((tmp_path / "o").rglob("collector.log")).read_text()
