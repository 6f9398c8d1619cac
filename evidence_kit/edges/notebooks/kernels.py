"""Kernels for one lane of notebooks: forked from a warm server where there is fork, started afresh elsewhere.

Source: docs/norm/notebook-gate, sections 3 and 4.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from evidence_kit.errors import ParameterError

from . import launch
from .provisioner import Cradle

#: What a kernel needs and takes seconds to import; a warm server has it before the first notebook asks.
PRELOAD: Final = (
    "great_expectations",
    "pandas",
    "evidence_kit.workbook",
    "evidence_kit.edges.expectations",
    "evidence_kit.edges.params",
    "evidence_kit.edges.calendars",
)
#: Bytes of address space for one kernel; a warm one starts with about a quarter of it mapped.
MEMORY: Final = 4 * 1024**3
#: A kernel's environment, beside PATH and its folders. One thread in every library: fork needs it, and sums repeat.
FIXED: Final[Mapping[str, str]] = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
_FOLDERS: Final = {
    "HOME": "",
    "IPYTHONDIR": "ipython",
    "TMPDIR": "tmp",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
}
#: Bytes of a Unix socket's path, less the `/k-5` at its end.
_LONGEST: Final = 107 - 4


@dataclass(frozen=True, slots=True)
class Launcher:
    """How the next kernel will start: `warm` or `cold`, and why it is not warm. For the ledger's `run.started`."""

    kind: str
    why_cold: str | None


@dataclass(frozen=True, slots=True)
class Executed:
    """What came of one notebook. `error`: cell number and type, no value; None says only that papermill is content.

    `exit_code` is the kernel's, minus the signal's number when a signal ended it; None when no kernel was started.
    """

    path: Path
    exit_code: int | None
    launcher: str
    why_cold: str | None
    log: Path
    error: str | None
    seconds: float


class Kernels:
    """One lane: at most one kernel lives at a time, and none is used twice. Two lanes are two of these, in two threads.

    The server starts importing when the lane is entered; the first notebook waits for it, nobody else does.
    `memory`: bytes of address space for a kernel, None for no limit.
    """

    def __init__(self, *, warm: bool = True, preload: Sequence[str] = PRELOAD, memory: int | None = MEMORY) -> None:
        self._preload, self._memory = tuple(preload), memory
        self._server: launch.Server | None = None
        self._lone: launch.Server | None = None
        self._why_cold = (
            None if warm and launch.FORKS else "not asked for" if not warm else f"no fork on {sys.platform}"
        )
        self._cradle: Cradle | None = None
        self._busy = threading.Lock()
        self._stopped = False

    def __enter__(self) -> Self:
        self._home = Path(tempfile.mkdtemp(prefix="ek-"))
        if self._why_cold is None:
            self._server = launch.Server(self._preload, _environment(self._home))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def stop(self) -> None:
        """End the lane: the living kernel is killed, and an `execute` in another thread returns with an error."""
        self._stopped = True
        for server in (self._server, self._lone):
            if server is not None:
                server.close()
        if self._cradle is not None and self._cradle.process is not None:
            self._cradle.process.kill()

    def launcher(self) -> Launcher:
        """How a kernel would start now; waits until the server has imported. Once cold, a lane stays cold."""
        if self._server is not None and self._why_cold is None:
            try:
                self._server.ready()
            except launch.ServerLost as problem:
                self._why_cold = str(problem)
        return Launcher("warm" if self._why_cold is None else "cold", self._why_cold)

    def execute(
        self,
        template: Path,
        parameters: Mapping[str, str | int | bool],
        *,
        run_dir: Path,
        environment: Mapping[str, str],
        timeout: int,
    ) -> Executed:
        """Run `template` once in a new kernel whose whole environment is FIXED, its folders, and `environment`.

        Written into `run_dir` (made 0700): `<stem>.ipynb`, the executed notebook, and `<stem>.log`, what the kernel
        said outside its cells. `timeout`: seconds for the whole run. A notebook that fails is an answer, not an error.
        Raises ParameterError when the executed notebook would replace the template.
        """
        from . import engine  # papermill takes a second to import, which the servers use to import as well

        begun = time.monotonic()
        folder = run_dir.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        executed, log = folder / f"{template.stem}.ipynb", folder / f"{template.stem}.log"
        if executed == template.resolve():
            raise ParameterError(f"{template.name}: the run folder is the template's own. Give another folder.")
        home = folder / f".{template.stem}.home"
        with self._busy:
            sockets = _short_folder()
            cradle = self._cradle = Cradle(
                start=lambda argv, descriptor: self._start(argv, _environment(home, environment), folder, descriptor),
                sockets=sockets,
                connection=folder / f".{template.stem}.connection.json",
                log=log,
            )
            copy = sockets / template.name
            try:
                for old in (executed, log):
                    old.unlink(missing_ok=True)
                shutil.rmtree(home, ignore_errors=True)
                for name in _FOLDERS.values():
                    (home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
                original = template.read_bytes()
                copy.write_bytes(original)
                error = engine.execute(copy, parameters, executed, cradle, timeout)
                if copy.read_bytes() != original and error is None:
                    error = "the private copy of the template was changed while it ran"
            finally:
                self._clear(cradle, home)
        log.touch(mode=0o600)
        if executed.exists():
            executed.chmod(0o600)
        how = Launcher("warm" if self._why_cold is None else "cold", self._why_cold)
        code = cradle.process.poll() if cradle.process else None
        return Executed(executed, code, how.kind, how.why_cold, log, error, time.monotonic() - begun)

    def _start(self, argv: Sequence[str], environment: Mapping[str, str], folder: Path, log: int) -> launch.Process:
        """Fork from the warm server; without it from a bare one that serves this kernel alone; else a new process.

        Raises ServerLost when no way is left.
        """
        if self._stopped:
            raise launch.ServerLost("the lane was stopped")
        if self._server is not None and self.launcher().kind == "warm":
            try:
                return self._server.spawn(argv, environment, folder, log, self._memory)
            except launch.ServerLost as problem:
                self._why_cold = str(problem)
        if not launch.FORKS:
            return launch.plain(argv, environment, folder, log, self._memory)
        # The bare server imports nothing but the kernel itself: as cold as a new process, and it too adopts orphans.
        self._lone = launch.Server((), _environment(self._home))
        return self._lone.spawn(argv, environment, folder, log, self._memory)

    def _clear(self, cradle: Cradle, home: Path) -> None:
        """Whatever happened: no kernel, no bare server, no socket, no connection file and no scratch folder stays."""
        if cradle.process is not None and cradle.process.poll() is None:
            cradle.process.kill()
            cradle.process.wait()
        if self._lone is not None:
            self._lone.close()
            self._lone = None
        cradle.connection.unlink(missing_ok=True)
        shutil.rmtree(cradle.sockets, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
        self._cradle = None


def _short_folder() -> Path:
    """A new private folder for sockets and the template's copy, its path short enough for a socket's name."""
    folder = Path(tempfile.mkdtemp(prefix="ek-"))
    if os.name == "posix" and len(os.fsencode(folder)) > _LONGEST:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="ek-", dir="/tmp"))
    return folder


def _environment(home: Path, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of a kernel or of its server. Raises ValueError when `given` names a fixed variable."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.defpath))
    whole = {**FIXED, "PATH": path} | {name: str(home / folder) for name, folder in _FOLDERS.items()}
    if sys.platform == "win32":
        whole["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    if fixed := sorted(whole.keys() & (given or {}).keys()):
        raise ValueError(f"a kernel's environment fixes {', '.join(fixed)}")
    return whole | dict(given or {})
