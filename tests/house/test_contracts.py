"""The stairs of the house: who may import whom, and in which room each guest lives."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
WIDE = os.environ | {"COLUMNS": "200"}
CHECK = "from importlinter.cli import lint_imports_command as lint; lint()"

# module, the line that breaks a contract, the contract
BREACHES = [
    ("verify.py", "import evidence_kit.errors", "Imports go down the stairs"),
    ("steps/drawing.py", "import evidence_kit.pages", "Imports go down the stairs"),
    ("model/canonical.py", "import evidence_kit.rules", "Imports go down the stairs"),
    ("workbook.py", "import evidence_kit.edges.params", "Only the wiring opens the edges"),
    ("ledger/__init__.py", "import evidence_kit.verify", "What judges the kit is not used by it"),
    ("rules/deadlines.py", "import holidays", "Each guest has one room"),
    ("workbook.py", "import pandas", "Each guest has one room"),
    ("edges/collector.py", "import great_expectations", "Each guest has one room"),
    ("edges/channels/page.py", "import httpx", "Each guest has one room"),
]


def judge(house: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of the package in `house`, on lines wide enough to read."""
    command = [sys.executable, "-c", CHECK]
    return subprocess.run(command, cwd=house, env=WIDE, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", house)
    shutil.copytree(ROOT / "evidence_kit", house / "evidence_kit", ignore=shutil.ignore_patterns("__pycache__"))
    return house


@pytest.fixture(scope="module")
def breached(copy: Path) -> str:
    """What is said of a house with every breach in it."""
    for module, line, _ in BREACHES:
        with (copy / "evidence_kit" / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    judged = judge(copy)
    assert judged.returncode != 0
    return judged.stdout.rpartition("Broken contracts")[2]


def test_the_contracts_are_kept() -> None:
    judged = judge(ROOT)
    assert judged.returncode == 0, judged.stdout
    assert "0 broken" in judged.stdout


@pytest.mark.parametrize(("module", "line", "contract"), BREACHES, ids=[f"{m}: {line}" for m, line, _ in BREACHES])
def test_a_breach_is_named(breached: str, module: str, line: str, contract: str) -> None:
    said = breached.partition(contract)[2]
    importer = "evidence_kit." + module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert f"{importer} -> {line.removeprefix('import ')}" in said


def test_a_module_that_nobody_placed_is_named(copy: Path) -> None:
    (copy / "evidence_kit" / "helpers.py").write_text("ANSWER = 42\n", "utf-8")
    judged = judge(copy)
    assert judged.returncode != 0
    assert "helpers" in judged.stdout
