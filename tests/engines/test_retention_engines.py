"""One table, kept as DuckDB keeps days and times, and copied from a server: the same is measured, row by row."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import duckdb
import pytest

from evidence_kit.edges import tallies
from evidence_kit.model.audit import LiveObject
from tests.edges.desks import mapping
from tests.edges.test_servers import copied, made
from tests.edges.test_tallies import AS_OF, HOLD, rule
from tests.servers import KINDS, Server

pytestmark = pytest.mark.slow  # real servers answer here

COLUMNS = "id VARCHAR(9), contacted DATE, seen_at TIMESTAMP NULL, held_from DATE, held_until DATE, held_by VARCHAR(9)"
ROWS = [
    ("within", "2023-06-30", None, None, None, None),
    ("past", "2023-06-29", None, None, None, None),
    # In UTC still the 29th, in Paris the 30th: inside.
    ("night", None, "2023-06-29 22:30:00", None, None, None),
    ("evening", None, "2023-06-29 21:30:00", None, None, None),
    ("held", "2020-01-01", None, "2021-01-01", None, "LIT-7"),
    ("bare", "2020-01-01", None, "2021-01-01", None, None),
    ("late", "2020-01-01", None, "2024-01-01", "2024-02-01", "LIT-8"),
    ("none", None, None, None, None, None),
    ("nobody", "1900-01-01", None, None, None, None),
    ("ahead", "2031-01-01", None, None, None, None),
]
EVENTS = {"last_contact": "contacted", "collected": "seen_at"}
SAID = {
    "past": "kept-past-limit",
    "evening": "kept-past-limit",
    "held": "held",
    "bare": "hold-not-documented",
    "late": "hold-after-limit",
    "none": "start-event-missing",
    "nobody": "placeholder-date",
    "ahead": "event-in-the-future",
}


def tally(connection: duckdb.DuckDBPyConnection, table: str) -> tallies.Tally:
    named = mapping({}, name="requests", timezone="UTC", objects=[LiveObject(table, "id", EVENTS, HOLD)])
    said = rule(source="requests", object=table)
    return tallies.tally(connection, {"requests": named}, said, "Europe/Paris", AS_OF)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_tells_what_the_engine_itself_tells(kind: str, servers: Callable[[str], Server]) -> None:
    with closing(duckdb.connect()) as own:
        own.execute(f"SET TimeZone = 'UTC'; CREATE SCHEMA requests; CREATE TABLE requests.kept ({COLUMNS})")
        own.executemany("INSERT INTO requests.kept VALUES (?, ?, ?, ?, ?, ?)", ROWS)
        expected = tally(own, "kept")
    assert {str(one["row_key"]): one["reason"] for one in expected.exceptions} == SAID
    server = servers(kind)
    with closing(copied(server, made(server, "kept", COLUMNS, ROWS))) as session:
        found = tally(session, "kept")
    assert found.observation["status"] == "ok"
    assert found[:3] == expected[:3]
