"""What the lock asks of this interpreter, and what the interpreter lacks of it."""

from __future__ import annotations

import ast
import hashlib
import operator
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class SetUpError(Exception):
    """No Python with the packages of the lock can be had here. The message ends with the next step; exit status 69."""


def lock_file(tests: bool) -> Path:
    """The lock for the kit, or the one that also holds what its tests need."""
    return ROOT / ("requirements-dev.lock" if tests else "requirements.lock")


def digest(lock: Path) -> str:
    """SHA-256 of a lock."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def facts() -> dict[str, str]:
    """What a marker can ask about this interpreter. Source: PEP 508."""
    import platform

    return {
        "os_name": os.name,
        "sys_platform": sys.platform,
        "platform_machine": platform.machine(),
        "platform_system": platform.system(),
        "platform_python_implementation": platform.python_implementation(),
        "implementation_name": sys.implementation.name,
        "python_version": "{}.{}".format(*sys.version_info),
        "python_full_version": "{}.{}.{}".format(*sys.version_info),
    }


def release(version: str) -> list[int]:
    """The numbers of a release, without trailing zeros: 3.12 and 3.12.0 are the same."""
    numbers = [int(part) for part in version.split(".")]
    while numbers[-1] == 0:
        numbers.pop()
    return numbers


def holds(marker: str, given: dict[str, str]) -> bool:
    """Whether a marker of the lock is true of `given`. The forms the resolver writes are valid Python expressions, so
    Python's own parser reads them. Raises SetUpError for a form it does not write today."""
    compare = {ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt}
    compare.update({ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge})

    def judge(node: ast.AST) -> bool:
        if isinstance(node, ast.BoolOp):
            return (all if isinstance(node.op, ast.And) else any)(judge(value) for value in node.values)
        if not (
            isinstance(node, ast.Compare)
            and isinstance(node.left, ast.Name)
            and isinstance(node.comparators[0], ast.Constant)
            and type(node.ops[0]) in compare
        ):
            raise SetUpError(f"The lock has a marker that this version cannot read: {marker}. Update the checkout.")
        test, fact, asked = compare[type(node.ops[0])], given[node.left.id], str(node.comparators[0].value)
        if not node.left.id.startswith("python_"):
            return bool(test(fact, asked))
        if asked.endswith(".*"):
            return bool(test(fact.split(".")[: asked.count(".")], asked.split(".")[:-1]))
        return bool(test(release(fact), release(asked)))

    return judge(ast.parse(marker, mode="eval").body)


def pins(lock: Path) -> dict[str, str]:
    """The packages that `lock` asks of this interpreter: distribution name to version."""
    given, line = facts(), re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)(?: *; *([^\\\n]+))?", re.MULTILINE)
    rows = line.findall(lock.read_text("utf-8"))
    return {name: version for name, version, marker in rows if not marker or holds(marker.strip(), given)}


def differences(lock: Path) -> list[str]:
    """What this interpreter lacks of `lock`: one text per package, with what was found and what is wanted.

    An installed kit has no lock beside it: then its own declared packages need only be there, in any version.
    """
    from importlib import metadata

    def version(name: str) -> str | None:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None

    if not lock.exists():
        declared = metadata.requires("evidence_kit") or [] if version("evidence_kit") else []
        names = [re.split(r"[^\w.-]", need, maxsplit=1)[0] for need in declared if "extra ==" not in need]
        return [f"{name}: found nothing" for name in names if version(name) is None]
    rows = [(name, version(name), wanted) for name, wanted in pins(lock).items()]
    return [f"{name}: found {found or 'nothing'}, wanted {wanted}" for name, found, wanted in rows if found != wanted]
