"""Make the first command work on a bare machine: find, or build, a Python that has every package of the lock.

Standard library only, and in the syntax of Python 3.7, so that an old interpreter is told what is missing instead of
showing a SyntaxError. Nothing is ever installed outside the environment's own folder, `.venv` beside the checkout.
Order of decisions: the interpreter's version; its packages against the lock; an environment made earlier; a new one.
As a command, `python3 -m evidence_kit.bootstrap` prints the interpreter that has what developers need.

| variable | effect |
| --- | --- |
| `EVIDENCE_KIT_NO_SETUP=1` | never build; a package that differs from the lock ends with status 69 |
| `EVIDENCE_KIT_VENV=DIR` | the environment stands in DIR instead of `.venv` |
| `EVIDENCE_KIT_BOOTSTRAPPED` | set for the re-executed command alone, so that set-up can never loop |
"""

from __future__ import annotations

import os
import subprocess
import sys

from evidence_kit.bootstrap.environment import MOVE, alone, build, folder, python_in, say, standing, surroundings, uv
from evidence_kit.bootstrap.lock import SetUpError, differences, lock_file

__all__ = ["UNAVAILABLE", "SetUpError", "ensure", "find_python", "ready_python", "say"]

OLDEST = (3, 11)
UNAVAILABLE = 69  # EX_UNAVAILABLE of sysexits.h


def check_python() -> None:
    """Raises SetUpError when this Python is older than the kit needs."""
    if sys.version_info < OLDEST:
        raise SetUpError(
            "evidence_kit needs Python {}.{} or newer; this is Python {}.{}.{}, {}. Install a newer one and start it "
            "by its name, as in python3.11 -m evidence_kit.".format(*OLDEST, *sys.version_info[:3], sys.executable)
        )


def check_can_build() -> None:
    """Raises SetUpError when this Python cannot make an environment, before anything is written."""
    from importlib.util import find_spec

    if find_spec("ensurepip") is None and uv() is None:
        package = "python{}.{}-venv".format(*sys.version_info)
        raise SetUpError(
            f"This Python cannot make an environment: it lacks ensurepip. Debian, Ubuntu: apt install {package}. "
            "Elsewhere: install uv, or a Python from python.org."
        )


def ready_python(tests: bool) -> str | None:
    """An interpreter that has the lock's packages now: this one, or that of `.venv`. Builds nothing."""
    check_python()
    return standing(tests) if differences(lock_file(tests)) else sys.executable


def find_python(tests: bool) -> str:
    """The interpreter to run in; where there is none yet, `.venv` is made. Raises SetUpError."""
    check_python()
    again = os.environ.pop("EVIDENCE_KIT_BOOTSTRAPPED", None)
    lock, venv = lock_file(tests), folder()
    unlike = differences(lock)
    if not unlike:
        return sys.executable
    named = "\n  ".join(["", *unlike[:10], *([f"and {len(unlike) - 10} more"] if unlike[10:] else [])])
    if again:
        raise SetUpError(f"{venv} is not as {lock.name} says:{named}\nDelete that folder and start again.")
    if not lock.exists():
        raise SetUpError(f"Packages are missing:{named}\nInstall the kit again, with its dependencies.")
    if os.environ.get("EVIDENCE_KIT_NO_SETUP"):
        step = f"python3 -m pip install --require-hashes -r {lock}"
        raise SetUpError(f"Packages are not as {lock.name} says, and set-up is off:{named}\nInstall them: {step}.")
    if standing(tests) is None:
        check_can_build()
        try:
            with alone(venv) as guard:
                if standing(tests) is None:  # another process may have made it while this one waited
                    build(venv, tests, guard)
        except OSError as error:
            raise SetUpError(f"{error.filename or venv} cannot be written ({error.strerror}): {MOVE}.") from error
    return str(python_in(venv))


def ensure(arguments: list[str], tests: bool = False) -> None:
    """Return when this interpreter has the lock's packages; else go on, with `arguments`, in one that has them.

    Raises SetUpError. Progress goes to standard error.
    """
    python = find_python(tests)
    if python == sys.executable:
        return
    command = [python, "-m", "evidence_kit", *arguments]
    environment = dict(surroundings(), EVIDENCE_KIT_BOOTSTRAPPED="1")
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":  # there exec returns to the shell before the command has ended
        sys.exit(subprocess.call(command, env=environment))
    os.execve(python, command, environment)
