"""A whole run's collector as the parent starts it: secrets stay on one side, and refusals are written in the ledger."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.edges import vault
from evidence_kit.edges.params import load
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.wiring import batch
from tests.edges.desks import PARAMS

pytestmark = pytest.mark.slow  # a real collector

ROOT = Path(__file__).parents[2]
LOG = """Tracking Number,Sub-Office,Submitted Date,Closed Date,Detail,Disposition
DOJ-2017-000001,OIP,07/03/2017,08/01/2017,one,Full grant
DOJ-2017-000002,OIP,07/03/2017,07/20/2017,two,No records
"""
#: The parent of a run: it starts the collector, then asks as itself, as a kernel, and as a kernel that goes too far.
PARENT = """
import ctypes, json, os, sys
from pathlib import Path
from evidence_kit.edges.collector import connect
from evidence_kit.errors import EvidenceError
from evidence_kit.wiring import batch, places

log, out = Path(sys.argv[1]), Path(sys.argv[2])
engagement = places.load("doj-foia", {"requests": str(log)})
job = batch.Job(engagement, batch.stand(engagement, out), {"requests": log})
said = {"environment": sorted(os.environ), "dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)}
job.ask("open")
folder = out / "run"
folder.mkdir()
begun = job.ask("begin", notebook="30_requests", controls=["REQ-02"], template_sha256="0" * 64,
                params_sha256="0" * 64, launcher="plain", folder=str(folder))
kernel = connect(job.door, (folder / "token").read_text())
said["population"] = kernel("freeze", control="REQ-02")

def refused(verb, **asked):
    try:
        kernel(verb, **asked)
    except EvidenceError as error:
        return str(error)

said["refused"] = [refused("freeze", control="RET-01"), refused("sign", control="REQ-02", text="x"),
                   refused("reveal", control="REQ-02", nonce="0" * 64)]
job.ask("end", notebook="30_requests", started=begun["started"], status="failed", gate=[],
        executed_sha256=None, counts=[])
said["after"] = refused("freeze", control="REQ-02")
said["ledger"] = [json.loads(line) for line in (out / "doj-foia" / "ledger.jsonl").read_text().splitlines()]
job.close()
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("room")
    log = home / "log.csv"
    log.write_text(LOG)
    vault.create(home / "vaults" / "doj-foia", b"correct horse", work=2**14)
    (home / "out").mkdir()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "EVIDENCE_KIT_VAULTS": str(home / "vaults"),
        "EVIDENCE_KIT_PASSPHRASE": "correct horse",
        "DESK_PASSWORD": "battery staple",
        "SSH_AUTH_SOCK": str(home / "agent"),
    }
    done = subprocess.run(
        [sys.executable, "-c", PARENT, str(log), str(home / "out")],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def test_the_parent_keeps_no_secret_in_its_environment(said: dict[str, Any]) -> None:
    assert "PATH" in said["environment"]
    assert {"EVIDENCE_KIT_PASSPHRASE", "DESK_PASSWORD", "SSH_AUTH_SOCK"}.isdisjoint(said["environment"])


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_DUMPABLE is Linux's own")
def test_the_parent_is_sealed_too(said: dict[str, Any]) -> None:
    assert said["dumpable"] == 0


def test_a_kernel_is_answered_about_its_control(said: dict[str, Any]) -> None:
    assert (said["population"]["count"], said["population"]["refusal"]) == (2, None)


def test_what_was_refused_stands_in_the_ledger(said: dict[str, Any]) -> None:
    assert all(message and "the collector refuses" in message for message in (*said["refused"], said["after"]))
    noted = [entry for entry in said["ledger"] if entry["action"] == "request.refused"]
    assert [(entry["data"]["verb"], entry["data"]["reason"]) for entry in noted] == [
        ("freeze", "control-not-of-this-run"),
        ("sign", "verb-not-allowed"),
        ("reveal", "verb-not-allowed"),
        ("freeze", "run-has-ended"),
    ]
    started = next(entry["seq"] for entry in said["ledger"] if entry["action"] == "run.started")
    assert {(entry["subject"], entry["data"]["started"], entry["actor"]) for entry in noted} == {
        ("run:30_requests", started, "process:collector")
    }


def test_the_engagement_of_this_test_is_no_demonstration() -> None:
    """Its keys come from a vault, so that a secret was there to lose."""
    assert load("doj-foia", PARAMS, {}).rehearsal is None


def test_what_a_killed_run_left_goes_with_the_next(tmp_path: Path) -> None:
    """Its working database holds what the sources say; every other file of it is evidence, and stays."""
    for run in ("r001", "r002"):
        (tmp_path / run / "engine-x").mkdir(parents=True)
        (tmp_path / run / "engine-x" / "engine.duckdb").write_bytes(b"somebody")
        (tmp_path / run / "ledger.jsonl").write_bytes(b"{}")
    with batch.alone(tmp_path, "own"), pytest.raises(SourceError, match="another run"), batch.alone(tmp_path, "own"):
        pass
    assert sorted(path.name for path in tmp_path.glob("r*/*")) == ["ledger.jsonl", "ledger.jsonl"]


def test_what_cannot_be_deleted_is_named_and_nothing_runs(tmp_path: Path) -> None:
    (tmp_path / "r001").mkdir()
    (tmp_path / "r001" / "engine-x").symlink_to(tmp_path)
    with pytest.raises(ParameterError, match=r"r001/engine-x.*personal data.*Delete it"), batch.alone(tmp_path, "own"):
        pass
