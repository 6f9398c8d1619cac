"""The small schema of test_schemas through PostgreSQL and MariaDB: the same classes, with the server's own types."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_kit.edges import vault
from evidence_kit.edges.servers import addresses
from evidence_kit.edges.source import SqlSource
from tests.edges.desks import engagement, mapping
from tests.edges.test_schemas import CLASSES, COLUMNS, PEOPLE, by_name
from tests.servers import KINDS, Server

pytestmark = pytest.mark.slow  # real servers answer here


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_schema_in_a_server_has_the_same_classes_and_what_nobody_listed_is_named_too(
    kind: str, servers: Callable[[str], Server], tmp_path: Path
) -> None:
    server = servers(kind)
    server.ask("DROP VIEW IF EXISTS seen", "DROP TABLE IF EXISTS people", "DROP TABLE IF EXISTS nobody", *PEOPLE)
    server.ask("DROP TABLE IF EXISTS forgotten", "CREATE TABLE forgotten (email varchar(99), weight integer)")
    listed = mapping({}, name="app", engine=kind, timezone="UTC", tables=("people", "nobody", "seen"))  # type: ignore[arg-type]
    agreed = engagement([listed], opened={"app": "env:APP_URL"})
    reached = addresses.read(agreed, {"APP_URL": server.address()})
    source = SqlSource(agreed, {}, tmp_path / "engine", vault.rehearsal(1, tmp_path / "vault"), reached)
    try:
        found = by_name(source.plain("column_units", COLUMNS, "unit_id"))
    finally:
        source.close()
        server.ask("DROP VIEW seen", "DROP TABLE people", "DROP TABLE nobody", "DROP TABLE forgotten")
    listed_ones = {name: row for name, row in found.items() if name.partition(".")[0] in ("people", "nobody", "seen")}
    assert {name: row["personal_class"] for name, row in listed_ones.items()} == CLASSES
    # Its name says what it holds; how many values there are, nobody asked.
    forgotten = found["forgotten.email"]
    assert (forgotten["personal_class"], forgotten["row_count"], forgotten["filled_count"]) == ("contact", None, None)
    assert "forgotten.weight" in found
    assert found["people.born"]["data_type"] == "date"
    assert (found["people.ref"]["row_count"], found["people.ref"]["filled_count"]) == (30, 30)
