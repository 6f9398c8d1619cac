"""The environment beside the checkout: whether it stands, and how it is made, completed and removed.

It is finished when its mark says so, and the mark is written last: whatever was killed half way has none.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from evidence_kit.bootstrap.lock import ROOT, SetUpError, digest, lock_file, pins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NEEDED_BYTES = 2 * 1024**3  # 738 MB once installed and compiled, the downloads beside it, and room for a first run
BEGUN = "begun"  # in the mark: the packages for tests were being added
PLACES = ("index-url", "extra-index-url", "find-links", "no-index", "proxy", "cert")  # settings of pip
MOVE = "set EVIDENCE_KIT_VENV=<folder>"
ALTERED = "A package or the lock was altered; nothing of it is kept. Compare the lock with its source."
ADVICE = (
    ("do not match the hashes", ALTERED),
    ("hash mismatch", ALTERED),
    ("no space left", "The disk is full. Free 2 GiB, or " + MOVE + " on another disk."),
    (
        "",
        "Without a network, point pip to a folder of wheels: PIP_NO_INDEX=1 PIP_FIND_LINKS=<folder>. "
        "Behind a proxy, set HTTPS_PROXY.",
    ),
)


def folder() -> Path:
    """Where the environment stands."""
    return Path(os.environ.get("EVIDENCE_KIT_VENV") or ROOT / ".venv").absolute()


def python_in(venv: Path) -> Path:
    """The interpreter of an environment."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def mark(tests: str) -> dict[str, str]:
    """What a finished environment says of itself. `tests`: digest of the tests' lock, `begun`, or empty."""
    python = "{}.{}".format(*sys.version_info)
    return {"lock": digest(lock_file(False)), "python": python, "checkout": str(ROOT), "tests": tests}


def read_mark(venv: Path) -> dict[str, str]:
    """The mark of an environment that stands and belongs to this checkout, lock and Python; else nothing."""
    try:
        found: dict[str, str] = json.loads((venv / "evidence-kit.json").read_text("utf-8"))
        right = found == mark(found["tests"]) and python_in(venv).exists()
    except (OSError, ValueError, LookupError, TypeError):
        return {}  # no mark, or one cut short: half made, and rebuilt
    return found if right else {}


def write_mark(venv: Path, tests: str) -> None:
    """Replace the mark in one step: a reader sees the old one or the new one."""
    part = venv / "evidence-kit.json.part"
    part.write_text(json.dumps(mark(tests), indent=1) + "\n", "utf-8")
    part.replace(venv / "evidence-kit.json")


def standing(tests: bool) -> str | None:
    """The environment's interpreter, when it is finished for what is asked."""
    venv = folder()
    found = read_mark(venv) if lock_file(tests).exists() else {}
    ready = bool(found) and (not tests or found["tests"] == digest(lock_file(True)))
    return str(python_in(venv)) if ready else None


def say(text: str, passing: bool = False) -> None:
    """One line on standard error; on a terminal a passing one is overwritten by the next."""
    terminal = sys.stderr.isatty()
    sys.stderr.write(("\r\033[K" if terminal else "") + text + ("" if passing and terminal else "\n"))
    sys.stderr.flush()


@contextlib.contextmanager
def alone(venv: Path) -> Iterator[int]:
    """Hold the lock file beside the environment; gives its descriptor. A second process says that it waits.

    The file stays: deleting it would let two processes hold two different files of the same name.
    """
    venv.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(str(venv) + ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    waiting = f"another run is setting up {venv}; waiting for it"
    try:
        if sys.platform == "win32":
            import msvcrt

            held = False
            while not held:
                try:
                    msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
                    held = True
                except OSError:  # it gives up after ten seconds
                    say(waiting)
        else:
            import fcntl

            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(waiting)
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def base_python() -> str:
    """The interpreter that environments are made of: this one, or the one this one's environment was made of."""
    return getattr(sys, "_base_executable", None) or sys.executable


def uv() -> str | None:
    """Path of `uv` when it should install: it is on PATH, it starts, and the user's pip settings do not say where
    packages come from. Only pip obeys those, so then pip installs."""
    found = shutil.which("uv")
    if found is None or subprocess.run([found, "--version"], capture_output=True, check=False).returncode != 0:
        return None
    listed = subprocess.run([base_python(), "-m", "pip", "config", "list"], capture_output=True, check=False).stdout
    told = [name for name in PLACES if f".{name}=".encode() in listed]
    told += [name for name in PLACES if os.environ.get("PIP_" + name.upper().replace("-", "_"))]
    return None if told else found


def surroundings() -> dict[str, str]:
    """The process environment, without what would lead a Python with packages of its own to those of another one."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}


def follow(lines: Iterable[str], total: int, log: IO[str]) -> list[str]:
    """Copy the installer's lines to the log and show how far it is. Returns the lines."""
    kept, seen = [], 0
    for line in lines:
        log.write(line)
        kept.append(line.rstrip())
        package = re.match(r"(?:Collecting| \+) ([^\s=]+)==", line)
        if package:
            seen += 1
            if sys.stderr.isatty() or seen % 25 == 0:
                say(f"{seen}/{total} {package.group(1)}", passing=True)
        elif line.startswith("Installing collected packages"):
            say("installing", passing=True)
    return kept


def run(command: list[str], total: int, log: IO[str], guard: int) -> None:
    """Run one command of the set-up. Raises SetUpError with the installer's own words when it fails.

    It inherits `guard`: should this process be killed, the installer that outlives it still holds the lock, and the
    next run waits instead of deleting the folder under it.
    """
    log.write("$ " + " ".join(command) + "\n")
    log.flush()
    # `user = true` in pip's settings would forbid installing into an environment.
    with subprocess.Popen(
        command,
        env=dict(surroundings(), PIP_USER="0"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=() if os.name == "nt" else (guard,),
    ) as process:
        lines = follow(process.stdout or (), total, log)
    if process.returncode != 0:
        told = [line for line in lines if re.match(r"\s*(ERROR|error|cause|Caused by|×|╰─▶|├─▶)", line)] or lines[-15:]
        text = "\n".join(lines).lower()
        advice = next(advice for sign, advice in ADVICE if sign in text)
        raise SetUpError("\n  ".join(["Set-up stopped:", *told]) + "\n" + advice)


def clear(venv: Path) -> None:
    """Remove what stands there without the right mark: it is half made, or of another lock.

    Raises SetUpError when the folder holds something that no set-up made.
    """
    if not venv.exists():
        return
    if any(venv.iterdir()) and not any((venv / name).exists() for name in ("pyvenv.cfg", "setup.log")):
        raise SetUpError(f"{venv} is neither empty nor an environment of Python. To use another, {MOVE}.")
    # The mark goes first: a removal that is cut short must not leave a mark on half a folder.
    with contextlib.suppress(FileNotFoundError):
        (venv / "evidence-kit.json").unlink()
    shutil.rmtree(str(venv))


def fill(venv: Path, lock: Path, guard: int) -> None:
    """Make the environment where there is none, and install `lock` into it. Raises SetUpError."""
    installer, python, total = uv(), str(python_in(venv)), len(pins(lock))
    with (venv / "setup.log").open("a", encoding="utf-8") as log:
        if not python_in(venv).exists():
            run([base_python(), "-m", "venv", *(["--without-pip"] if installer else []), str(venv)], total, log, guard)
            site = sysconfig.get_path("purelib", "venv", {"base": str(venv), "platbase": str(venv)})
            # Kernels and commands started in other folders find the checkout, as an editable installation would.
            Path(site, "evidence_kit.pth").write_text(f"{ROOT}\n", "utf-8")
        if installer:
            command = [installer, "pip", "install", "--python", python, "--compile-bytecode"]
        else:
            command = [python, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
        run([*command, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)], total, log, guard)


def build(venv: Path, tests: bool, guard: int) -> None:
    """Make the environment whole, the mark last; on failure nothing half made stays. Raises SetUpError.

    One that lacks only the packages for tests is completed: the tests' lock holds the same versions, so what `run`
    uses is not touched, and stays usable when this fails.
    """
    if shutil.disk_usage(str(venv.parent)).free < NEEDED_BYTES:
        raise SetUpError(f"Set-up needs 2 GiB free in {venv.parent}. Free some, or {MOVE} on another disk.")
    started = time.monotonic()
    lock, before = lock_file(tests), read_mark(venv)
    completing = tests and bool(before) and before["tests"] != BEGUN
    if not completing:
        clear(venv)
    say(f"{'completing' if completing else 'making'} {venv}, once; log in {venv / 'setup.log'}")
    try:
        if completing:
            write_mark(venv, BEGUN)
        venv.mkdir(exist_ok=True)
        fill(venv, lock, guard)
        write_mark(venv, digest(lock) if tests else "")
    except BaseException as error:
        if not completing:
            shutil.rmtree(str(venv), ignore_errors=True)
        elif isinstance(error, SetUpError):
            write_mark(venv, "")
        raise
    say(f"{venv} is ready after {time.monotonic() - started:.0f} s")
