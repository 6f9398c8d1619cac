"""Commands as a person types them, timed from outside, each in an environment without this shell's doings."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.measure import Failed

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parents[1]
#: Where the programs of this environment lie.
PROGRAMS = Path(sys.executable).parent


def program(name: str) -> str:
    """The path of a program that came with this environment, `papermill` for one."""
    return str(PROGRAMS / name)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The user's own, so that both sides start alike; Great Expectations reports to nobody: no network is timed."""
    left_out = ("PYTHONPATH", "EVIDENCE_CLOCK", "EVIDENCE_KIT_OUT")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    path = os.pathsep.join((str(PROGRAMS), kept.get("PATH", os.defpath)))
    return {**kept, "PATH": path, "GX_ANALYTICS_ENABLED": "false", **(more or {})}


def timed(arguments: Sequence[str], log: Path, around: Mapping[str, str] | None = None) -> float:
    """Seconds of one command, from start to end, in the checkout's folder. What it says goes into `log`.

    Raises Failed with its status and the last line it said.
    """
    begun = time.perf_counter()
    _done(arguments, log, around)
    return time.perf_counter() - begun


def worked(arguments: Sequence[str], log: Path) -> float:
    """Seconds of processor time of one command, its children's with it: what others do on the machine is left out.

    Where the system does not tell: seconds from start to end. Raises Failed as `timed`.
    """
    if resource is None:
        return timed(arguments, log)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _done(arguments, log, None)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _done(arguments: Sequence[str], log: Path, around: Mapping[str, str] | None) -> None:
    with log.open("ab") as said:
        done = subprocess.run(
            arguments,
            cwd=ROOT,
            env=environment(around),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            check=False,
        )
    if done.returncode != 0:
        last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["nothing was said"]
        raise Failed(f"{Path(arguments[0]).name} ended with {done.returncode}: {last[0][:300]}")
