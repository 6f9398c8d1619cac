"""One set of versions, whichever way in: the locks, the packaging, conda's file and what the code imports agree."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from itertools import product
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.utils import canonicalize_name

from evidence_kit.bootstrap import lock

ROOT = Path(__file__).resolve().parent.parent.parent
CORE, TESTS = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
ENTRY = re.compile(r"^(?P<name>[a-z0-9][\w.-]*)==(?P<version>[^\s;]+)(?: ; (?P<marker>.+?))? \\$", re.MULTILINE)


def direct(name: str) -> dict[str, str]:
    """The requirements somebody chose: canonical distribution name to version."""
    lines = [line.strip() for line in (ROOT / name).read_text("utf-8").splitlines()]
    return dict(split_pin(line) for line in lines if line and not line.startswith("#"))


def split_pin(line: str) -> tuple[str, str]:
    name, pinned, number = line.partition("==")
    assert pinned, f"{line} is not pinned"
    return str(canonicalize_name(name)), number


def entries(path: Path) -> set[tuple[str, str, str]]:
    """The lock's lines: name, version, marker."""
    return {(name, number, marker) for name, number, marker in ENTRY.findall(path.read_text("utf-8"))}


@pytest.mark.parametrize("path", [CORE, TESTS], ids=lambda path: path.name)
def test_no_address_is_in_a_lock(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "://" not in text
    assert set(re.findall(r"^\s*(-[\w-]+)", text, re.MULTILINE)) == {"--hash"}


@pytest.mark.parametrize("path", [CORE, TESTS], ids=lambda path: path.name)
def test_every_entry_of_a_lock_is_one_version_with_hashes(path: Path) -> None:
    for block in re.split(r"^(?=[a-z0-9])", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        name = block.splitlines()[0]
        assert ENTRY.match(block), name
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), name


@pytest.mark.parametrize(
    ("chosen", "path"),
    [
        ("requirements.in", CORE),
        ("requirements-dev.in", TESTS),
        ("requirements-postgres.in", TESTS),
        ("requirements-mysql.in", TESTS),
    ],
)
def test_every_direct_requirement_is_in_its_lock(chosen: str, path: Path) -> None:
    locked = {(name, number) for name, number, marker in entries(path) if not marker}
    assert set(direct(chosen).items()) - locked == set()


def test_the_lock_for_tests_holds_the_other_in_the_same_versions() -> None:
    assert entries(CORE) - entries(TESTS) == set()
    assert not set(direct("requirements.in")) & set(direct("requirements-dev.in"))


def test_packaging_reads_the_same_files() -> None:
    packaging = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    dynamic = packaging["tool"]["setuptools"]["dynamic"]
    assert dynamic["dependencies"] == {"file": ["requirements.in"]}
    assert dynamic["optional-dependencies"] == {
        "dev": {"file": ["requirements-dev.in", "requirements-postgres.in", "requirements-mysql.in"]},
        "postgres": {"file": ["requirements-postgres.in"]},
        "mysql": {"file": ["requirements-mysql.in"]},
    }
    assert {"version", "dependencies", "optional-dependencies"} == set(packaging["project"]["dynamic"])
    assert packaging["project"]["requires-python"] == ">=3.11"
    assert packaging["project"]["scripts"] == {"evidence_kit": "evidence_kit.__main__:main"}


def test_conda_installs_the_lock_and_chooses_no_version_of_its_own() -> None:
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert conda["channels"] == ["conda-forge"]
    assert conda["dependencies"] == ["python=3.11", "pip", {"pip": ["-r requirements.lock"]}]


@pytest.mark.slow
def test_what_the_kit_imports_was_chosen_and_is_there_in_that_version() -> None:
    chosen = direct("requirements.in")
    owners = packages_distributions()
    imported = set()
    for path in (ROOT / "evidence_kit").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    guests = imported - set(sys.stdlib_module_names) - {"evidence_kit"}
    unchosen = {name for name in guests if not {str(canonicalize_name(owner)) for owner in owners[name]} & set(chosen)}
    assert unchosen == set()
    assert {name: version(name) for name in chosen} == chosen


MACHINES = [
    {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "sys_platform": platform,
        "os_name": "nt" if platform == "win32" else "posix",
        "implementation_name": implementation.lower(),
        "platform_python_implementation": implementation,
        "platform_machine": machine,
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[platform],
    }
    for python, platform, implementation, machine in product(
        ["3.11.0", "3.11.5", "3.12.0", "3.12.9", "3.13.1", "3.14.0"],
        ["linux", "darwin", "win32"],
        ["CPython", "PyPy"],
        ["x86_64", "arm64"],
    )
]


@pytest.mark.parametrize("marker", sorted({marker for _, _, marker in entries(TESTS) if marker}))
def test_set_up_reads_the_markers_as_pip_does(marker: str) -> None:
    assert [lock.holds(marker, machine) for machine in MACHINES] == [
        Marker(marker).evaluate(dict(machine)) for machine in MACHINES
    ]


@pytest.mark.parametrize("marker", ["'3.12' < python_version", "extra ~ 'x'", "python_version.startswith('3')"])
def test_a_marker_of_another_form_is_not_guessed(marker: str) -> None:
    with pytest.raises((lock.SetUpError, SyntaxError)):
        lock.holds(marker, MACHINES[0])
