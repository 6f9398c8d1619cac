"""`init` on a fresh PostgreSQL that holds the Chinook shop: from nothing to a sealed bundle, as a new user goes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import Server, started
from tests.whole.conftest import kit

pytestmark = pytest.mark.slow
KINDS = {"INTEGER": "integer", "DATETIME": "timestamp", "NUMERIC": "numeric"}
PASSWORD = "k3vGh8-wQz71"


@pytest.fixture(scope="module")
def shop(shared: Path) -> Iterator[tuple[Server, str]]:
    """The server, and the address of a role that may only read."""
    path = shared / "data/chinook/Chinook_Sqlite.sqlite"
    with started("postgresql") as server, closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        for (table,) in base.execute("select name from sqlite_master where type = 'table'").fetchall():
            columns = [
                (row[1], row[2].partition("(")[0].upper()) for row in base.execute(f'pragma table_info("{table}")')
            ]
            told = ", ".join(f'"{name}" {KINDS.get(kind, "text")}' for name, kind in columns)
            marks = ", ".join(["%s"] * len(columns))
            rows = base.execute(f'select * from "{table}" limit 500').fetchall()
            server.ask(f'create table "{table}" ({told})', f'insert into "{table}" values ({marks})', rows=rows)
        yield server, server.role("reader", PASSWORD, "SELECT ON ALL TABLES IN SCHEMA public")


def test_from_nothing_to_a_sealed_bundle(shop: tuple[Server, str], tmp_path: Path) -> None:
    around = {
        "SHOP_URL": shop[1],
        "EVIDENCE_KIT_VAULTS": str(tmp_path / "vaults"),
        "EVIDENCE_KIT_PASSPHRASE": "for a test alone",
    }
    home, out = tmp_path / "audit", tmp_path / "runs"
    given = ("--organisation", "The Shop", "--country", "FR", "--period", "2025-01-01..2025-12-31")
    begun = kit(
        "init", str(home), *given, "--source", "shop=env:SHOP_URL", "--controls", "REG-01,ERA-01", "--json", **around
    )
    assert begun.status == 0, begun.err
    said = begun.json
    personal = {one["object"]: one["personal"] for one in said["tables"] if one["personal"]}
    assert set(personal) == {"Customer", "Employee", "Invoice", "Track"}
    lacks = {one["id"]: one["can_test"] for one in said["check"]["controls"]}
    assert lacks == {"REG-01": True, "ERA-01": False}
    text = "".join(Path(one).read_text("utf-8") for one in said["files"]) + begun.out + begun.err
    assert PASSWORD not in text
    assert "@" not in (home / "found.csv").read_text("utf-8")

    with (home / "papers/register_activities.csv").open("a", encoding="utf-8") as file:
        file.write("A1,Customers,controller,digital,,,,identity contact,,,,,,,,,,active\n")
    with (home / "papers/register_objects.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"A1,shop,{table},\n" for table in ("Customer", "Invoice", "Employee"))
    done = kit("run", said["file"], "--out", str(out), "--json", "-q", **around)
    assert done.status == 0, done.err
    verdicts = {one["id"]: one["verdict"] for one in done.json["controls"]}
    assert verdicts == {"REG-01": "FAIL", "ERA-01": "INCONCLUSIVE"}, "a list without a line is no pass"
    results = Path(done.json["bundle"]) / "data/results/REG-01.jsonl"
    undeclared = [
        one["unit"] for one in map(json.loads, results.read_text("utf-8").splitlines()) if one["verdict"] == "FAIL"
    ]
    assert undeclared == ["shop.Track.Composer"]
