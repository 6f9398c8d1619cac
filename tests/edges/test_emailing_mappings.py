"""The mappings of real e-mailing products fit the schemas that those products publish, and find a person in them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from evidence_kit.edges import opening
from evidence_kit.edges.opening import quote, stand_in
from evidence_kit.edges.params import mappings
from evidence_kit.edges.params.reading import read
from evidence_kit.model.audit import LiveObject, SourceMapping

PARAMS = Path(__file__).parents[2] / "params"
#: Mapping → product and database, as columns.csv calls them.
PRODUCTS = {
    "listmonk": ("listmonk", "public"),
    "postal": ("postal", "main"),
    "postal_messages": ("postal", "message"),
    "dittofeed": ("dittofeed", "public"),
}
ANN = "ann@example.org"
#: One row that is Ann's, and where the mapping has to find her once it stands there.
ROWS = {
    "listmonk": (
        [("subscribers", {"id": "7", "email": ANN}), ("link_clicks", {"subscriber_id": "7"})],
        {"subscribers", "link_clicks"},
    ),
    "postal": (
        [("users", {"id": "7", "email_address": ANN}), ("authie_sessions", {"user_id": "7", "user_type": "User"})],
        {"users", "authie_sessions"},
    ),
    "postal_messages": (
        [("messages", {"id": "7", "rcpt_to": ANN}), ("clicks", {"message_id": "7", "timestamp": "1767607200.5"})],
        {"messages", "clicks"},
    ),
    "dittofeed": (
        [
            ("UserProperty", {"id": "p", "name": "email"}),
            ("UserPropertyAssignment", {"userId": "u", "userPropertyId": "p", "value": f'"{ANN}"'}),
            ("SegmentAssignment", {"userId": "u"}),
        ],
        {"UserPropertyAssignment", "SegmentAssignment"},
    ),
}


def mapped(name: str) -> SourceMapping:
    document = read(PARAMS / f"sources/{name}.yaml", f"{name}.yaml")
    source = mappings.mapping(document, name, "UTC")
    assert document.lines() == []
    assert source is not None
    return source


def expressions(live: LiveObject) -> Iterator[str]:
    yield live.row_key
    yield from (*live.events.values(), *live.persons, *live.personal, *live.fields.values())
    yield from (one for one in (live.dated, live.soft_deleted) if one)


@pytest.fixture
def base(request: pytest.FixtureRequest, shared: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty tables of one product, every column text, as a copy of a server has them."""
    product = PRODUCTS[request.getfixturevalue("name")]
    tables: dict[str, list[str]] = {}
    with (shared / "data/schemas-emailing/columns.csv").open(encoding="utf-8", newline="") as listed:
        for row in csv.DictReader(listed):
            if (row["product"], row["database"]) == product:
                tables.setdefault(row["table"], []).append(row["column"])
    assert tables
    with closing(duckdb.connect()) as session:
        session.execute(f"CREATE SCHEMA {request.getfixturevalue('name')}")
        stand_in(session, request.getfixturevalue("name"))
        for table, columns in tables.items():
            session.execute(f"CREATE TABLE {quote(table)} ({', '.join(f'{quote(one)} VARCHAR' for one in columns)})")
        yield session


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_expression_fits_the_published_schema(name: str, base: duckdb.DuckDBPyConnection) -> None:
    source = mapped(name)
    assert source.served
    assert source.options["tables"] == "*"
    for live in source.objects.values():
        for expression in expressions(live):
            base.execute(f"SELECT ({expression}) FROM {quote(live.name)}")


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_person_is_found_in_the_rows_that_only_point_at_them(name: str, base: duckdb.DuckDBPyConnection) -> None:
    rows, places = ROWS[name]
    for table, row in rows:
        columns = ", ".join(map(quote, row))
        base.execute(f"INSERT INTO {quote(table)} ({columns}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
    found = set()
    for live in mapped(name).objects.values():
        for person in live.persons:
            if base.execute(f"SELECT 1 FROM {quote(live.name)} WHERE ({person}) = ?", [ANN]).fetchall():
                found.add(live.name)
    assert found == places


def test_soft_deletion_is_said_where_the_schema_has_it() -> None:
    said = {name for name, live in mapped("postal").objects.items() if live.soft_deleted == "deleted_at"}
    assert said == {"organizations", "servers"}


def test_the_seconds_of_postal_are_instants() -> None:
    handled = mapped("postal_messages").objects["messages"].events["handled"]
    with closing(duckdb.connect()) as session:
        session.execute("SET TimeZone = 'UTC'")
        found = session.execute(f"SELECT CAST({handled} AS VARCHAR) FROM (SELECT '1767607200.500000' AS timestamp)")
        assert found.fetchone() == ("2026-01-05 10:00:00.5+00",)


def test_contacts_of_mautic_without_an_address_are_seen_and_not_searched(shared: Path) -> None:
    source = mapped("mautic_leads")
    with closing(duckdb.connect()) as session:
        opening.attach(session, source, shared / "data/schemas-emailing/mautic_fakeleaddata.csv")
        stand_in(session, source.name)
        (live,) = source.objects.values()
        listed = ", ".join(f"({one})" for one in expressions(live))
        assert len(session.execute(f"SELECT {listed} FROM {quote(live.name)}").fetchall()) == 54
        sql = f"SELECT count(*), count({live.persons[0]}) FROM {quote(live.name)}"
        assert session.execute(sql).fetchone() == (54, 50)
