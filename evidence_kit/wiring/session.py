"""What a notebook's book works with: the collector it asks, the engagement it reads, the second reader it calls.

In a batch and in Lab started by `lab`, the collector is already there and named by variables. In a plain Jupyter
the rehearsal starts one of its own, in a draft folder; any other engagement needs its keys, and so `lab`.
"""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evidence_kit import rules
from evidence_kit.edges.collector import Asking, connect
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.model.audit import AUDIT, Control, Engagement
from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Checked
from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.wiring import batch, places

SOCKET, FOLDER, ENGAGEMENT = "EVIDENCE_KIT_SOCKET", "EVIDENCE_KIT_RUN_DIR", "EVIDENCE_KIT_ENGAGEMENT"
KIND = "EVIDENCE_KIT_KIND"
#: Packages whose versions a receipt states; the gate holds them to the lock.
PACKAGES = ("great-expectations", "pandas", "ipykernel")


@dataclass(frozen=True)
class Session:
    """One opened book: whom it asks, what it reads. `nonce`: this run's, for the receipt; a `draft` is never sealed."""

    engagement: Engagement
    ask: Asking
    payload: Path
    nonce: str
    draft: bool

    @cached_property
    def terms(self) -> Terms:
        """The terms under which units are judged."""
        return places.terms(self.engagement)

    def test(self, control: Control) -> UnitTest:
        """The control's test."""
        return rules.test(control.test)

    def check(self, frame: str, rows: Sequence[Row], claims: Sequence[Claim]) -> tuple[Checked, ...]:
        """Great Expectations' answers. Its import takes seconds, and happens here."""
        from evidence_kit.edges import expectations

        return expectations.check(frame, rows, claims)

    def read(self, said: Mapping[str, Any]) -> EvidenceFrame:
        """A collected frame, from the file that the collector wrote. Raises SourceError when it is not that file."""
        import json
        from hashlib import sha256

        data = (self.payload / str(said["path"])).read_bytes()
        if sha256(data).hexdigest() != said["sha256"]:
            raise SourceError(f"{said['path']} is not the file that was collected. Run the notebook again.")
        columns = tuple((name, kind, privacy) for name, kind, privacy in said["columns"])
        rows = tuple(json.loads(line) for line in data.splitlines())
        return EvidenceFrame(str(said["control"]), str(said["frame"]), columns, rows, str(said["sha256"]))

    @property
    def versions(self) -> dict[str, str]:
        """What this kernel runs on."""
        return {name: version(name) for name in PACKAGES}


def open(engagement: str) -> Session:
    """The session of this kernel. Raises ParameterError when no collector can be had."""
    if SOCKET in os.environ:
        folder = Path(os.environ[FOLDER])
        loaded = places.load(os.environ[ENGAGEMENT], kind=os.environ.get(KIND, AUDIT))
        if engagement not in (loaded.id, os.environ[ENGAGEMENT]):
            raise ParameterError(f"this run audits {loaded.id}; the parameter `engagement` names another.")
        ask = connect(Path(os.environ[SOCKET]), (folder / "token").read_text())
        payload = Path(os.environ["EVIDENCE_KIT_PAYLOAD"])
        draft = os.environ.get("EVIDENCE_KIT_DRAFT") == "1"
        return Session(loaded, ask, payload, (folder / "nonce").read_text(), draft)
    return _draft(places.load(engagement))


def _draft(engagement: Engagement) -> Session:
    if engagement.rehearsal is None:
        said = f"open Lab by `python3 -m evidence_kit lab {engagement.id}`"
        raise ParameterError(f"{engagement.id} needs its keys: {said}.")
    drafts = Path(os.environ.get("EVIDENCE_KIT_OUT", str(places.OUTPUTS))) / engagement.id / "drafts"
    drafts.mkdir(parents=True, exist_ok=True, mode=0o700)
    at = batch.Stand(drafts / f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}", "r001", False)
    placed = batch.paths(engagement, drafts.parent, lambda _: None)
    job = batch.Job(engagement, at, placed, draft=True)
    atexit.register(job.close)
    job.ask("open")
    return Session(engagement, job.ask, at.folder / "payload", "0" * 32, True)
