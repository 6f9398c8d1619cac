"""Neither accepted nor refused: exit 2 where something is missing, 64 where the command is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evidence_kit import verify
from tests.bundles import good as g
from tests.bundles import zips
from tests.bundles.mutations import UNDECIDED, Mutation
from tests.bundles.test_must_pass import KEY

#: The checks that are not decided; of another version all that read its files.
OPEN = {"U01": ["S04"], "U01-against": ["S04", "X01"], "U03": ["D02", "D03"], "U05": ["R11"]}


def undecided(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The checks that are not decided; the exit status is 2 and nothing failed."""
    assert verify.main([*arguments, "--json"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert report["result"] == "NOT DECIDED"
    assert not report["counts"]["failed"]
    return [check["id"] for check in report["checks"] if check["status"] == "----"]


@pytest.mark.parametrize("mutation", [one for one in UNDECIDED if one.code == 2], ids=lambda one: one.name)
def test_something_is_missing(mutation: Mutation, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = undecided(mutation.write(tmp_path), capsys)
    if mutation.id == "U02":
        assert "C01" in found
        assert not [check for check in found if check[0] in "IBS"]
    else:
        assert found == OPEN.get(mutation.name, OPEN[mutation.id])


@pytest.mark.parametrize("mutation", [one for one in UNDECIDED if one.code == 64], ids=lambda one: one.name)
def test_wrong_use(mutation: Mutation, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main(mutation.write(tmp_path)) == 64
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("verify.py: ")


def test_every_line_of_the_table_is_here() -> None:
    assert {one.id for one in UNDECIDED} == {"U01", "U02", "U03", "U04", "U05"}


def test_a_zip_of_more_than_four_gigabytes_is_left_to_a_later_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(zips.write(zips.canonical_entries(g.good())))
    data[-6:-2] = b"\xff\xff\xff\xff"
    path = tmp_path / "bundle.zip"
    path.write_bytes(bytes(data))
    assert "I03" in undecided([str(path), *KEY], capsys)


def test_u04_a_script_that_lies_in_no_bag(tmp_path: Path) -> None:
    script = tmp_path / "verify.py"
    script.write_bytes(g.VERIFIER.read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 64
    assert "lies in no bag" in done.stderr


def test_help_is_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main(["--help"]) == 0
    assert "RESULT" not in capsys.readouterr().out
