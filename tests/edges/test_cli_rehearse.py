"""`rehearse`: a folder or one file, whole or not at all, never over anything."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from evidence_kit.cli import main
from tests.edges.desks import PARAMS

pytestmark = pytest.mark.slow  # whole companies are made here


def rehearse(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["rehearse", *map(str, arguments)])


def test_one_file_with_a_schema_for_each_source(tmp_path: Path) -> None:
    file = tmp_path / "company.duckdb"
    result = rehearse("--out", file, "--contacts", 1000, "--faults", "F01,F27", "--seed", 7, "--json", "-q")
    found = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    expected = {"path": str(file), "contacts": 1000, "seed": 7, "faults": "F01,F27", "as_of": "real"}
    assert {key: found[key] for key in expected} == expected
    assert set(found["expected"]) >= {path.stem for path in (PARAMS / "controls").glob("*.yaml")}
    with duckdb.connect(str(file), read_only=True) as company:
        schemas = {name for (name,) in company.execute("SELECT schema_name FROM duckdb_tables()").fetchall()}
    assert {"prod", "desk", "mailbox", "ops", "docs"} <= schemas
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_with_a_place_for_each_source(tmp_path: Path) -> None:
    result = rehearse("--out", tmp_path / "company", "--contacts", 1000, "--faults", "none")
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'company'}\n")
    assert result.stderr
    assert (tmp_path / "company" / "prod.duckdb").is_file()
    assert (tmp_path / "company" / "desk" / "tickets.jsonl").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--out"),
        (("--out", "here"), "already there"),
        (("--out", "new", "--contacts", "3"), "1000 at least"),
        (("--out", "new", "--contacts", "many"), "--contacts"),
        (("--out", "new", "--faults", "F99"), "F99"),
        (("--out", "new", "--seed", "-1"), "--seed"),
        (("--out", "new", "--as-of", "tomorrow"), "--as-of"),
        (("--out", "here/file/new"), "cannot be written"),
    ],
)
def test_what_cannot_be_made_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "file").touch()
    result = rehearse(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
