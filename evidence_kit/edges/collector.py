"""The process that holds secrets, and the channels by which others ask it.

Only the collector has connection strings, salt and keys. The parent asks over an inherited socket; kernels ask over a
Unix socket in a 0700 folder, with the token of their run, by control id and never by SQL. Whatever a kernel asks beyond
its verbs or its controls is refused and written in the ledger. Messages are length-prefixed JSON, so that nothing a
kernel sends is ever executed. Source: docs/norm/notebook-gate.md, section 2.
"""

from __future__ import annotations

import ctypes
import hmac
import json
import os
import re
import selectors
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from evidence_kit import errors
from evidence_kit.errors import EvidenceError, SourceError

#: Largest message, in bytes: results of a census of some hundred thousand units still fit.
LIMIT = 256 * 1024 * 1024
#: Seconds a kernel may take to finish a message it began: the collector has one thread, and nobody may hold it.
PATIENCE = 5.0
#: What a verb looks like. Anything else is not repeated, neither in the ledger nor in an answer.
VERB = re.compile(r"[a-z_]{1,40}", re.ASCII)
#: Names the parent and the kernels may inherit; everything else of the user's environment stays behind.
PLAIN_ENVIRONMENT = (
    "PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV",
    "EVIDENCE_CLOCK", "EVIDENCE_KIT_OUT", "EVIDENCE_KIT_TRACE",
)  # fmt: skip

Arguments = dict[str, object]
Handler = Callable[[Arguments], object]
#: A kernel's verb is also told who asks: the notebook and the controls of its run.
KernelHandler = Callable[[Arguments, "Caller"], object]


class Caller:
    """One started run: which notebook asks, about which controls, and the token that proves it."""

    __slots__ = ("controls", "ended", "notebook", "started", "token")

    def __init__(self, notebook: str, controls: frozenset[str], started: int, token: str) -> None:
        self.notebook, self.controls, self.started, self.token = notebook, controls, started, token
        self.ended = False


def seal_process() -> None:
    """On Linux, forbid other processes of this user to read our memory and environment (PR_SET_DUMPABLE 0)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(4, 0, 0, 0, 0)


def plain_environment() -> dict[str, str]:
    """The part of the environment that carries no secret."""
    return {name: os.environ[name] for name in PLAIN_ENVIRONMENT if name in os.environ}


def send(channel: socket.socket, message: object) -> None:
    """Write one message. Raises SourceError when the other side is gone."""
    body = json.dumps(message, ensure_ascii=False).encode()
    try:
        channel.sendall(len(body).to_bytes(4, "big") + body)
    except OSError as error:
        raise SourceError("the collector is gone; nothing more can be read. Run again.") from error


def receive(channel: socket.socket) -> dict[str, object] | None:
    """Read one message; None when the other side has closed. Raises ValueError for anything else."""
    head = _exactly(channel, 4)
    if head is None:
        return None
    size = int.from_bytes(head, "big")
    if size > LIMIT:
        raise ValueError("message too long")
    body = _exactly(channel, size)
    if body is None:
        return None
    try:
        message = json.loads(body)
    except RecursionError as error:
        raise ValueError("message too deep") from error
    if not isinstance(message, dict):
        raise ValueError("message is no object")
    return message


def _exactly(channel: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(min(size - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


class Asking:
    """The asking end of a channel; one question at a time, from any thread."""

    def __init__(self, channel: socket.socket, token: str = "") -> None:
        self.channel, self._token, self._lock = channel, token, threading.Lock()

    def __call__(self, verb: str, **arguments: object) -> object:
        """Ask, and wait for the answer. Raises the same kind of error that the collector met."""
        with self._lock:
            send(self.channel, {"verb": verb, "token": self._token, "arguments": arguments})
            return self.answer()

    def answer(self) -> object:
        """Wait for one answer. Raises the same kind of error that the collector met."""
        try:
            answer = receive(self.channel)
        except (OSError, ValueError):
            answer = None  # cut off, or cut short: it ended while it spoke
        if answer is None:
            raise SourceError("the collector ended without an answer; see collector.log in the run's folder.")
        if "error" in answer:
            raise _raised(str(answer["error"]), str(answer["message"]), str(answer.get("code", "")))
        return answer["answer"]

    def close(self) -> None:
        """Close the channel; the collector ends when its parent's channel closes."""
        self.channel.close()


def _raised(name: str, message: str, code: str) -> EvidenceError:
    """The error as it was raised on the other side: same kind, same sentence, same code."""
    kind = getattr(errors, name, SourceError)
    error: EvidenceError = kind.__new__(kind)
    EvidenceError.__init__(error, message, code=code)
    return error


class Spawned:
    """The collector as its parent sees it: a process and the channel to it."""

    def __init__(self, start: str, log: Path) -> None:
        ours, theirs = socket.socketpair()
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", start, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        theirs.close()
        self.ask = Asking(ours)

    def close(self) -> None:
        """Let the collector end by itself; kill it when it does not."""
        self.ask.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def connect(path: Path, token: str) -> Asking:
    """A kernel's end. Raises SourceError when the collector does not listen there."""
    channel = socket.socket(socket.AF_UNIX)
    try:
        channel.connect(str(path))
    except OSError as error:
        raise SourceError("no collector listens for this run. Start the notebook by `run` or by `lab`.") from error
    return Asking(channel, token)


class Desk:
    """The answering side: one thread, one question at a time, until the parent's channel closes."""

    def __init__(
        self,
        parent: socket.socket,
        path: Path,
        for_parent: Mapping[str, Handler],
        for_kernels: Mapping[str, KernelHandler],
        refused: Callable[[Caller, str, str], None],
    ) -> None:
        self._parent, self._path = parent, path
        self._for_parent, self._for_kernels, self._refused = for_parent, for_kernels, refused
        self.callers: dict[str, Caller] = {}

    def serve(self) -> None:
        """Listen, tell the parent where, and answer until it is gone."""
        with socket.socket(socket.AF_UNIX) as door, selectors.DefaultSelector() as ready:
            door.bind(str(self._path))
            os.chmod(self._path, 0o600)
            door.listen(8)
            send(self._parent, {"answer": str(self._path)})
            ready.register(door, selectors.EVENT_READ)
            ready.register(self._parent, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    channel = key.fileobj
                    if channel is door:
                        kernel = door.accept()[0]
                        kernel.settimeout(PATIENCE)
                        ready.register(kernel, selectors.EVENT_READ)
                    elif isinstance(channel, socket.socket) and not self._turn(channel):
                        if channel is self._parent:
                            return
                        ready.unregister(channel)
                        channel.close()

    def _turn(self, channel: socket.socket) -> bool:
        """One question and its answer; False when the channel is to be closed."""
        try:
            question = receive(channel)
        except (ValueError, OSError):
            return False  # not our protocol: hang up
        if question is None:
            return False
        try:
            send(channel, self._answer(question, channel is self._parent))
        except SourceError:
            return False  # whoever asked is gone before the answer: its loss, not ours
        return True

    def _answer(self, question: dict[str, object], from_parent: bool) -> dict[str, object]:
        verb, arguments = str(question.get("verb")), question.get("arguments")
        verb = verb if VERB.fullmatch(verb) else "?"
        if not isinstance(arguments, dict):
            return {"error": "SourceError", "message": "a question without arguments"}
        try:
            if from_parent:
                return {"answer": self._for_parent[verb](arguments)}
            return {"answer": self._for_kernel(verb, arguments, str(question.get("token")))}
        except EvidenceError as error:
            return {"error": type(error).__name__, "message": str(error), "code": error.code}
        except Exception as error:  # a defect: named by its type, never by its text, which may quote a value
            import traceback

            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(frame.filename).name}, line {frame.lineno}"
            return {
                "error": "SourceError",
                "message": f"the collector broke on `{verb}`: {type(error).__name__} in {where}",
            }

    def _for_kernel(self, verb: str, arguments: dict[str, object], token: str) -> object:
        given = token.encode(errors="replace")
        caller = next((one for one in self.callers.values() if hmac.compare_digest(one.token.encode(), given)), None)
        if caller is None:
            raise SourceError("this run is not known to the collector.")
        control = arguments.get("control")
        if verb not in self._for_kernels:
            reason = "verb-not-allowed"
        elif caller.ended:
            reason = "run-has-ended"
        elif not isinstance(control, str) or control not in caller.controls:
            reason = "control-not-of-this-run"
        else:
            return self._for_kernels[verb](arguments, caller)
        self._refused(caller, verb, reason)
        raise SourceError(f"the collector refuses `{verb}` to {caller.notebook}: {reason}.")
