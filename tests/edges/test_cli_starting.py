"""`init DIR`: sources looked at, files proposed that `check` accepts, and nothing of a row in any of them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_kit.cli import main, starting
from evidence_kit.edges.params import drafting
from evidence_kit.edges.params.drafting import quoted
from evidence_kit.rules.proposing import Found, Table
from evidence_kit.wiring import places

SECRET = "ada.lovelace@example.org"


def ask(*arguments: str | Path, typed: str | None = None) -> Result:
    result = CliRunner().invoke(main, [str(one) for one in arguments], input=typed, standalone_mode=False)
    result.exit_code = result.return_value if isinstance(result.return_value, int) else result.exit_code
    return result


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small database: a log of requests, people, and a table of neither."""
    path = tmp_path_factory.mktemp("base") / "desk.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute(
            "create table requests (id varchar, type varchar, email varchar, received_at timestamp, state varchar)"
        )
        base.execute(f"insert into requests values ('R-1', 'access', '{SECRET}', '2025-02-01 09:00:00', 'closed')")
        base.execute(
            "create table customers (customer_id integer, email varchar, first_name varchar, created_at timestamp)"
        )
        base.execute(f"insert into customers values (1, '{SECRET}', 'Ada', '2024-01-01')")
        base.execute('create table "odd ""name"": drop" ("a\nb" varchar, "it\'s" varchar, "=cmd()" varchar)')
    return path


@pytest.fixture(scope="module")
def made(desk: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, dict[str, Any]]:
    """An engagement begun on that database."""
    return begun(tmp_path_factory.mktemp("begun") / "audit", "--source", f"desk={desk}")


def begun(folder: Path, *more: str | Path) -> tuple[Result, dict[str, Any]]:
    arguments = ("--organisation", "Acme: “Co”", "--country", "FR", "--period", "2025-01-01..2025-06-30")
    done = ask("init", folder, *arguments, *more, "--no-keys", "--json")
    return done, json.loads(done.stdout) if done.stdout else {}


def test_what_it_writes_is_what_check_accepts(made: tuple[Result, dict[str, Any]]) -> None:
    done, said = made
    assert done.exit_code == 0, done.stderr
    assert said["proposed"] == [{"frame": "request_log", "source": "desk", "object": "requests", "columns": 5}]
    agreed = places.load(said["file"])
    assert (agreed.id, agreed.organisation.name, agreed.timezone) == ("audit", "Acme: “Co”", "Europe/Paris")
    assert agreed.as_of.isoformat() == "2025-06-30T21:59:59+00:00"
    assert "request_log" in agreed.sources["desk"].frames
    assert "request_log" not in agreed.sources["papers"].frames
    assert set(agreed.sources["desk"].objects) == {"customers", "requests"}
    told = {one["id"]: one for one in said["check"]["controls"]}
    assert len(told) == 31
    assert told["REQ-04"]["can_test"], "its one list is the table"
    assert told["ERA-01"]["lacks"] == ["papers/erasure_log.csv is empty"]
    assert not told["SND-01"]["can_test"]
    assert told["REG-01"]["can_test"], "without a register every column is undeclared, which is found"
    assert all(told[name]["lacks"] for name in told if not told[name]["can_test"])


def test_no_value_of_a_row_stands_in_any_file(made: tuple[Result, dict[str, Any]]) -> None:
    done, said = made
    text = "".join(Path(one).read_text("utf-8") for one in said["files"]) + done.stdout + done.stderr
    assert SECRET not in text
    assert "Ada" not in text
    assert "R-1" not in text
    assert "requests" in text


def test_a_spreadsheet_runs_nothing_of_what_was_found(made: tuple[Result, dict[str, Any]]) -> None:
    (found,) = (Path(one).read_text("utf-8") for one in made[1]["files"] if one.endswith("found.csv"))
    assert "'=cmd()" in found
    assert ",=cmd()" not in found


@pytest.mark.slow
def test_counted_it_has_units_and_an_empty_list_has_none(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVIDENCE_KIT_VAULTS", str(tmp_path / "vaults"))
    monkeypatch.setenv("EVIDENCE_KIT_PASSPHRASE", "for a test")
    arguments = ("--organisation", "Acme", "--country", "FR", "--period", "2025-01-01..2025-06-30")
    done = ask("init", tmp_path / "audit", *arguments, "--source", f"desk={desk}", "--controls", "REQ-02,ERA-01")
    assert done.exit_code == 0, done.stderr
    assert "1 of 2 controls have something to test" in done.stdout
    assert (tmp_path / "vaults/audit/vault.json").is_file()
    report = json.loads(ask("check", tmp_path / "audit/engagements/audit.yaml", "--count", "--json", "-q").stdout)
    assert {one["control"]: one["units"] for one in report["populations"]} == {"REQ-02": 1, "ERA-01": 0}
    assert report["ready"] is True


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--source", "desk=postgresql://a:b@h/d"), "may hold a password"),
        (("--source", "desk=env:EK_NOWHERE"), "EK_NOWHERE is not set"),
        (("--source", "desk=/nowhere/at/all"), "is not there"),
        (("--source", "Desk=x"), "lower-case word"),
        (("--source", "papers=x"), "not `papers`"),
        ((), "--source NAME=PLACE"),
    ],
)
def test_what_cannot_be_accepted_is_said_and_nothing_is_made(
    more: tuple[str, ...], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EK_NOWHERE", raising=False)
    done, _ = begun(tmp_path / "audit", *more)
    assert done.exit_code == 2
    assert why in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert "a:b" not in done.stderr


def test_a_folder_that_holds_something_is_left_as_it_was(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit/mine.txt").write_text("kept")
    done, _ = begun(tmp_path / "audit", "--source", f"desk={desk}")
    assert done.exit_code == 2
    assert "mine.txt is already there" in done.stderr
    assert [path.name for path in (tmp_path / "audit").iterdir()] == ["mine.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["audit"]


def test_a_source_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"SQLite format 3\0" + b"x" * 200)
    done, _ = begun(tmp_path / "audit", "--source", f"desk={broken}")
    assert done.exit_code == 3
    assert [path.name for path in tmp_path.iterdir()] == ["broken.sqlite"]


def test_what_no_option_gives_is_an_error_without_a_terminal(tmp_path: Path) -> None:
    done = ask("init", tmp_path / "audit", "--country", "FR", "--source", "desk=x")
    assert done.exit_code == 2
    assert "--organisation" in done.stderr
    wrong = ask("init", tmp_path / "audit", "--organisation", "A", "--country", "fr", "--period", "2025-06..2025-07")
    assert "--period: write FROM..UNTIL" in wrong.stderr
    strange, _ = begun(tmp_path / "audit", "--source", "desk=x", "--controls", "REQ-99")
    assert strange.exit_code == 2


def test_a_person_is_asked_for_what_is_missing(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "_terminal", lambda: True)
    typed = f"\nAcme\n\n\n{desk}\n\n\n"  # id, organisation, country, period, a place, its name, no more
    done = ask("init", tmp_path / "my audit", "--no-keys", "-q", typed=typed)
    assert done.exit_code == 0, done.stderr + done.stdout
    agreed = places.load(str(tmp_path / "my audit/engagements/my-audit.yaml"))
    assert (agreed.organisation.name, agreed.organisation.country, list(agreed.sources)) == (
        "Acme",
        "FR",
        ["desk", "papers"],
    )


NASTY = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30) | st.sampled_from(
    ['a"b', "a'b", "a\nb", "a: b", "# x", "{x}", "\x1b[31m", "a\u2028b", "=1+1", "- a", "null", "a;b", "--", "é\x85"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=NASTY, columns=st.lists(NASTY, min_size=1, max_size=5, unique=True))
def test_no_name_ends_a_line_a_quote_or_a_comment(table: str, columns: list[str]) -> None:
    """Whatever tables and columns are called, the file holds what it says, and the names as they are."""
    import yaml  # type: ignore[import-untyped]

    found = tuple(Found(name, "varchar", "contact", ("name-email",)) for name in columns)
    place = drafting.Place("desk", "duckdb", "/x/y.duckdb")
    text = drafting.source(place, [Table("desk", table, (Found("id", "integer"), *found))], (), "Europe/Paris")
    read = yaml.safe_load(text)
    assert set(read) <= {"source", "engine", "open", "timezone", "objects"}
    for one in (read.get("objects") or {}).values():
        for sql in one["persons"]:
            assert sql[0] == sql[-1] == '"'
            assert sql[1:-1].replace('""', '"') in columns
    assert all(yaml.safe_load(quoted(name)) == name for name in columns if "\x85" not in name and "\r" not in name)


@pytest.mark.slow
def test_a_real_schema_is_read_without_anybody_telling(tmp_path: Path, shared: Path) -> None:
    base = shared / "data/chinook/Chinook_Sqlite.sqlite"
    done, said = begun(tmp_path / "audit", "--source", f"shop={base}")
    assert done.exit_code == 0, done.stderr
    personal = {one["object"]: one["personal"] for one in said["tables"] if one["personal"]}
    assert set(personal) == {"Customer", "Employee", "Invoice", "Track"}
    assert personal["Track"] == ["Composer"]
    assert set(places.load(said["file"]).sources["shop"].objects) == {"Customer", "Employee", "Invoice"}
    with closing(sqlite3.connect(f"file:{base}?mode=ro", uri=True)) as rows:
        emails = [email for (email,) in rows.execute('select "Email" from "Customer"')]
    text = "".join(Path(one).read_text("utf-8") for one in said["files"])
    assert [number for number, email in enumerate(emails) if email in text] == []
