"""Every line of the must-fail table: exit 1, and the check that the table names says FAIL.

The first variant of each line is fast; its other variants are slow.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from evidence_kit import verify
from tests.bundles import good as g
from tests.bundles.mutations import MUTATIONS, Mutation

FIRST = {mutation.id: mutation for mutation in reversed(MUTATIONS)}


def cases() -> list[Any]:
    return [
        pytest.param(mutation, id=mutation.name, marks=[] if mutation is FIRST[mutation.id] else pytest.mark.slow)
        for mutation in MUTATIONS
    ]


@pytest.mark.parametrize("mutation", cases())
def test_mutation_is_refused(mutation: Mutation, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = mutation.write(tmp_path)
    begun = time.perf_counter()
    code = verify.main([*arguments, "--json"])
    took = time.perf_counter() - begun
    report = json.loads(capsys.readouterr().out)
    failed = {check["id"]: check["defects"] for check in report["checks"] if check["status"] == "FAIL"}
    assert code == report["exit"] == 1
    assert failed[mutation.fires]
    assert "V00" not in failed
    assert took < 5, "a hostile bundle must be answered at once"


def test_every_line_of_the_table_is_here() -> None:
    norm = (Path(__file__).resolve().parents[2] / "docs/norm/verifier.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (F\d{2,3}) \| ", norm, re.MULTILINE)
    assert len(table) == len(set(table)) >= 172
    assert set(FIRST) == set(table)


def test_every_check_has_a_case_that_it_refuses() -> None:
    """V00 apart: an internal error cannot be planted, only looked for (test_fuzz)."""
    assert {mutation.fires for mutation in MUTATIONS} == set(verify.CHECKS) - {"V00"}


@pytest.mark.slow
@pytest.mark.parametrize("check", sorted(set(verify.CHECKS) - {"V00"}))
def test_disabling_a_check_lets_a_case_through(
    check: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each check is needed: without it, some case of its own is no longer refused."""
    title, _ = verify.CHECKS[check]
    monkeypatch.setitem(verify.CHECKS, check, (title, lambda case: iter(())))
    let_through = []
    for number, mutation in enumerate(one for one in MUTATIONS if one.fires == check):
        folder = tmp_path / str(number)
        folder.mkdir()
        if verify.main(mutation.write(folder)) != 1:
            let_through.append(mutation.name)
            break
    capsys.readouterr()
    assert let_through


@pytest.mark.parametrize("id", ["F04", "F36", "F61", "F62"])
def test_the_script_alone_refuses_it(id: str, tmp_path: Path) -> None:
    """As an auditor runs it: no site packages, no environment, warnings are errors."""
    command = [sys.executable, "-I", "-S", "-W", "error", str(g.VERIFIER), *FIRST[id].write(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{FIRST[id].fires} FAIL" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("RESULT FAIL ")
