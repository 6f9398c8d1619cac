"""The process that kernels are forked from: it imports the slow packages once and never runs a notebook's code.

    python -m evidence_kit.edges.notebooks.server FD [MODULE ...]           the server; FD: its end of a socket pair
    python -m evidence_kit.edges.notebooks.server kernel FOLDER BYTES ARG…  one kernel, where there is no fork

The runner sends one packet per kernel, with two descriptors beside it: a life socket and the kernel's log. Through the
life socket come the kernel's pid and, when it has ended, its exit code; closed without one, the server is lost. A fork
is sound only from a process with one thread, so the threads are counted before each one and more than one is a refusal.
Linux alone: elsewhere the second form starts the same kernel without a fork.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import logging
import os
import random
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: A request holds arguments and an environment; Linux lets a packet of a socket pair be larger than this.
LARGEST_PACKET: Final = 64 * 1024
#: What a kernel imports itself, whatever the notebook says.
KERNEL_MODULES: Final = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell")
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_STEP_MS: Final = 1000
#: Seconds. It takes a few milliseconds; a machine may be busy.
_CONTROL_ENDS: Final = 10


@dataclass(frozen=True, slots=True)
class Birth:
    """What a new kernel is given: arguments, its whole environment, its folder, its address space in bytes or None."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    memory: int | None

    def live(self) -> int:
        """Become the kernel, in this very process; return when the notebook's client shuts it down."""
        os.environ.clear()
        os.environ.update(self.environment)
        if hasattr(time, "tzset"):
            time.tzset()
        # The server may have asked for its own temporary folder while importing; the answer would be kept.
        tempfile.tempdir = None
        os.umask(0o077)
        os.chdir(self.folder)
        if self.memory is not None and sys.platform != "win32":
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (self.memory, self.memory))
        _new_chance()
        # Great Expectations turns this on when imported, and Python's warnings vanish into the log from then on.
        logging.captureWarnings(False)
        from ipykernel.kernelapp import IPKernelApp

        kernel = IPKernelApp.instance()
        kernel.initialize(list(self.argv))  # type: ignore[no-untyped-call]
        kernel.start()  # type: ignore[no-untyped-call]
        # At exit ipykernel stops the thread that publishes, for which the control thread may still be waiting to tell
        # the last of its news: it would wait ten seconds for each stream, and the kernel with it.
        kernel.control_thread.join(_CONTROL_ENDS)
        return 0


def _new_chance() -> None:
    """Seed the generators anew: forked kernels would else draw the same numbers."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def _prctl(option: int, value: int) -> None:
    """Linux's prctl. Raises OSError when the kernel of the system refuses."""
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl was refused")


def threads() -> int:
    """How many threads this process has."""
    return len(os.listdir("/proc/self/task"))


def _fork(birth: Birth, control: socket.socket, life: socket.socket, log: int) -> int:
    """Fork; return the child's pid to the server, and 0 to the child once it stands apart from the server."""
    server = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:  # the server died before the line above took effect
        os._exit(1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    # Sockets forget their numbers first, or they would one day close a number that is the kernel's by then.
    control.detach()
    life.detach()
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    return 0


def _children() -> list[int]:
    """Pids of the living children of this process, adopted orphans among them."""
    me = os.getpid()
    return [int(pid) for pid in Path(f"/proc/self/task/{me}/children").read_text().split()]


def _sweep(pid: int) -> None:
    """Kill what a kernel left behind: its process group, then every orphan that came to this process."""
    with contextlib.suppress(ProcessLookupError):  # ordinarily nothing is left in the group
        os.killpg(pid, signal.SIGKILL)
    while left := _children():
        for child in left:
            os.kill(child, signal.SIGKILL)
        for child in left:
            os.waitpid(child, 0)


def _watch(pid: int, control: socket.socket) -> int | None:
    """Wait for the kernel; its exit code as Popen counts it, or None when runner and kernel are both gone."""
    runner = os.getppid()
    ended = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(control, select.POLLIN)
    try:
        while True:
            ready = {number for number, _ in poll.poll(_STEP_MS)}
            if ended in ready:
                return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            # One kernel at a time: while one lives the runner has nothing to say but good-bye.
            if control.fileno() in ready or os.getppid() != runner:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return None
    finally:
        os.close(ended)


def _say(channel: socket.socket, **words: object) -> None:
    """Send one packet; a runner that has gone cannot hear it, which the next read will show."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        channel.send(json.dumps(words).encode())


def _next(control: socket.socket) -> tuple[bytes, list[int]]:
    """The next packet and the descriptors beside it; empty when the runner has gone."""
    runner = os.getppid()
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while not poll.poll(_STEP_MS):
        if os.getppid() != runner:
            return b"", []
    packet, descriptors, _, _ = socket.recv_fds(control, LARGEST_PACKET, 2)
    return packet, descriptors


def serve(control: socket.socket) -> Birth | None:
    """Answer until the runner goes: None to the server then; in each forked child the birth it is to live."""
    while True:
        packet, descriptors = _next(control)
        if not packet:
            return None
        request = json.loads(packet)
        if request["ask"] == "threads":
            _say(control, threads=threads())
            continue
        life, log = socket.socket(fileno=descriptors[0]), descriptors[1]
        if (count := threads()) != 1:
            _say(life, refused=f"the kernel server has {count} threads")
            life.close()
            os.close(log)
            continue
        argv = [*request["argv"], f"--IPKernelApp.parent_handle={os.getpid()}"]
        birth = Birth(argv, request["environment"], Path(request["folder"]), request["memory"])
        pid = _fork(birth, control, life, log)
        if pid == 0:
            return birth
        os.close(log)
        _say(life, pid=pid)
        code = _watch(pid, control)
        _sweep(pid)
        if code is None:
            return None
        _say(life, exit=code)
        life.close()


def _server(descriptor: int, preload: Sequence[str]) -> int:
    """Import, say `ready` (or which import failed), serve. The exit code of this process, or of a kernel it became."""
    control = socket.socket(fileno=descriptor)
    # A Ctrl-C at the terminal is the runner's to hear: it closes the socket when it has tidied up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    for name in (*preload, *KERNEL_MODULES):
        try:
            importlib.import_module(name)
        except Exception as problem:
            _say(control, failed=f"{type(problem).__name__} while importing {name}")
            return 1
    logging.captureWarnings(False)
    gc.collect()
    gc.freeze()  # pages that the collector never touches stay shared with the kernels
    _say(control, ready=os.getpid())
    birth = serve(control)
    return 0 if birth is None else birth.live()


def main(argv: Sequence[str]) -> int:
    """Run one of the two forms in the module's docstring."""
    if argv[0] == "kernel":
        folder, memory, *rest = argv[1:]
        if os.name == "posix":  # ipykernel then ends itself, within a second, when its runner has gone
            rest.append(f"--IPKernelApp.parent_handle={os.getppid()}")
        return Birth(rest, dict(os.environ), Path(folder), int(memory) or None).live()
    return _server(int(argv[0]), argv[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
