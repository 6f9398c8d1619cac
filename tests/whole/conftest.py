"""The whole job, run as a person runs it: the command line, in processes of their own, on the rehearsal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NONCE = "ab" * 32
#: The clock of the first run: whatever the machine's own says, another run of this instant is the same bag.
CLOCK = "2026-07-01T08:00:00Z"


@dataclass(frozen=True)
class Said:
    """What one command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Its one document."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


def kit(*arguments: str, **around: str) -> Said:
    """One command of the kit, in a process of its own; `around` is added to its environment."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **around}
    done = subprocess.run(
        [sys.executable, "-m", "evidence_kit", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Twice:
    """The rehearsal audited twice with one nonce and one parent folder; the first time at `CLOCK`."""

    home: Path
    said: tuple[dict[str, Any], dict[str, Any]]

    @property
    def bundles(self) -> tuple[Path, Path]:
        """Both bundles."""
        first, second = (Path(one["bundle"]) for one in self.said)
        return first, second

    @property
    def company(self) -> Path:
        """The made-up company's folder."""
        return next(self.home.glob("company-*"))


@pytest.fixture(scope="session")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    out = tmp_path_factory.mktemp("outputs")
    said = []
    for around in ({"EVIDENCE_CLOCK": CLOCK}, {}):
        done = kit("run", "--nonce", NONCE, "--out", str(out), "--json", "-q", **around)
        assert done.status == 0, done.err
        said.append(done.json)
    return Twice(out / "rehearsal", (said[0], said[1]))


def rows(path: Path) -> list[Mapping[str, Any]]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
