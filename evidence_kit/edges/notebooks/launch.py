"""The runner's end of a kernel: the warm server, the process it forks, and the plain process where there is no fork.

A started kernel looks like `subprocess.Popen` to jupyter_client: pid, poll, wait, send_signal, kill, terminate.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

#: Where kernels can be forked and their orphans be adopted. macOS has fork, but not after its own frameworks are in.
FORKS: Final = sys.platform == "linux"
_SERVER: Final = "evidence_kit.edges.notebooks.server"
#: The folder that holds the package, so that `-m` finds it without any variable.
_ROOT: Final = Path(__file__).resolve().parents[3]
#: Seconds. Importing Great Expectations took 13 on a busy machine.
_IMPORTS: Final = 120
_ANSWER: Final = 10


class Process(Protocol):
    """A kernel's process, as far as the provisioner looks at it. Exit codes are Popen's: minus the signal's number."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...
    def kill(self) -> None: ...
    def terminate(self) -> None: ...


class ServerLost(Exception):
    """The warm server cannot fork: gone, or it refused. The text says why, fit for the ledger."""


class Forked:
    """A kernel forked by the server, held by its life socket; only the server can write there."""

    #: What a kernel counts as when the server went before it could say; the kernel dies with its server by SIGKILL.
    LOST: Final = -int(signal.SIGKILL) if FORKS else -9
    stdin = stdout = stderr = None

    def __init__(self, life: socket.socket, pid: int) -> None:
        self.pid, self._life = pid, life
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code, or None while it lives."""
        return self._code if self._code is not None else self._hear(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        code = self._code if self._code is not None else self._hear(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("kernel", timeout or 0)
        return code

    def _hear(self, timeout: float | None) -> int | None:
        if not select.select([self._life], [], [], timeout)[0]:
            return None
        packet = self._life.recv(4096)
        self._life.close()
        self._code = json.loads(packet)["exit"] if packet else self.LOST
        return self._code

    def send_signal(self, sig: int, /) -> None:
        """Signal the kernel, unless it has ended: its number may be another's by then."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)


class Server:
    """One warm server: started at once, waited for only when its first kernel is asked for."""

    def __init__(self, preload: Sequence[str], environment: Mapping[str, str]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-s", "-m", _SERVER, str(theirs.fileno()), *preload],
                cwd=_ROOT,
                env=dict(environment),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._ready = False

    def ready(self) -> None:
        """Wait until it has imported everything and has a single thread. Raises ServerLost."""
        if not self._ready:
            answer = _hear(self._control, _IMPORTS)
            if "failed" in answer:
                raise ServerLost(f"the kernel server could not start: {answer['failed']}")
            self._ready = True
        self._ask({"ask": "threads"})
        if (count := _hear(self._control, _ANSWER)["threads"]) != 1:
            raise ServerLost(f"the kernel server has {count} threads")

    def spawn(
        self, argv: Sequence[str], environment: Mapping[str, str], folder: Path, log: int, memory: int | None
    ) -> Forked:
        """Fork a kernel that writes to descriptor `log`. Raises ServerLost."""
        self.ready()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = {
            "ask": "kernel",
            "argv": list(argv),
            "environment": dict(environment),
            "folder": str(folder),
            "memory": memory,
        }
        with theirs:
            self._ask(request, theirs.fileno(), log)
        try:
            answer = _hear(ours, _ANSWER)
            if "refused" in answer:
                raise ServerLost(str(answer["refused"]))
        except ServerLost:
            ours.close()
            raise
        return Forked(ours, int(str(answer["pid"])))

    def _ask(self, words: Mapping[str, object], *descriptors: int) -> None:
        try:
            socket.send_fds(self._control, [json.dumps(words).encode()], descriptors)
        except OSError as problem:
            raise ServerLost("the kernel server is gone") from problem

    def close(self) -> None:
        """Let it go: it kills the kernel it may have, then ends. May be called from any thread, and twice."""
        with contextlib.suppress(OSError):  # already gone, which is what was wanted
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        try:
            self.process.wait(_ANSWER / 4)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _hear(channel: socket.socket, timeout: float) -> dict[str, object]:
    """One packet of the server. Raises ServerLost when there is none."""
    try:
        if not select.select([channel], [], [], timeout)[0]:
            raise ServerLost("the kernel server does not answer")
        packet = channel.recv(4096)
    except (OSError, ValueError) as problem:  # ValueError: closed here, by another thread
        raise ServerLost("the kernel server is gone") from problem
    if not packet:
        raise ServerLost("the kernel server is gone")
    words: dict[str, object] = json.loads(packet)
    return words


def plain(
    argv: Sequence[str], environment: Mapping[str, str], folder: Path, log: int, memory: int | None
) -> subprocess.Popen[bytes]:
    """Start a kernel without a fork, where there is none: same code, same environment, its own session where it can."""
    return subprocess.Popen(
        [sys.executable, "-s", "-m", _SERVER, "kernel", str(folder), str(memory or 0), *argv],
        cwd=_ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=os.name == "posix",
    )
