"""The collector's main: who may ask which verb, and what the process forgets before it answers.

Source: docs/norm/notebook-gate.md, section 2.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from evidence_kit import steps
from evidence_kit.edges.collector import Caller, Desk, receive, seal_process, send
from evidence_kit.errors import EvidenceError, traced
from evidence_kit.wiring.room import Room


def serve(descriptor: int) -> None:
    """The collector's main: seal the process, read the settings, open the room, answer until the parent is gone."""
    seal_process()
    sys.excepthook = _logged  # standard error is collector.log, and a defect's text may quote a value
    os.umask(0o077)
    parent = socket.socket(fileno=descriptor)
    settings = receive(parent)
    if settings is None:
        return
    with tempfile.TemporaryDirectory(prefix="ek-") as home:
        try:
            room = Room(settings)
        except EvidenceError as error:
            send(parent, {"error": type(error).__name__, "message": str(error), "code": error.code})
            return
        _forget_environment()
        # Ctrl-C reaches the whole group: the parent says what becomes of the run, and we write it down.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        path = Path(home) / "door"
        door = Desk(parent, path, _for_parent(room), _for_kernels(room), lambda *refusal: _refused(room, *refusal))
        door.callers = room.callers
        try:
            door.serve()
        finally:
            room.leave()


def _logged(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    sys.stderr.write(traced(error))


def _for_kernels(room: Room) -> dict[str, Any]:
    verbs = (
        room.accounts,
        room.freeze,
        room.commit,
        room.draw,
        room.collect,
        room.submit_results,
        room.finding,
        room.note,
    )
    return {verb.__name__: verb for verb in verbs}


def _for_parent(room: Room) -> dict[str, Any]:
    own = (
        room.open,
        room.reveal,
        room.extend,
        room.begin,
        room.end,
        room.inspect,
        room.frames,
        room.counts,
        room.conclude,
        room.abandon,
        room.forget,
        room.close,
        room.scan,
        room.resume,
        room.sign,
    )
    return {**_for_kernels(room), **{verb.__name__: verb for verb in own}}


def _refused(room: Room, caller: Caller, verb: str, reason: str) -> None:
    data = {"started": caller.started, "verb": verb[:40], "reason": reason}
    room.archive.append(steps.COLLECTOR, "request.refused", f"run:{caller.notebook}", data)


def _forget_environment() -> None:
    """Secrets were read: what started with the process is cleared, so that no child and no dump shows them."""
    keep = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "EVIDENCE_CLOCK") if name in os.environ
    }
    os.environ.clear()
    os.environ.update(keep)
