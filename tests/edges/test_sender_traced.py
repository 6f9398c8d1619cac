"""A sender asks a real PostgreSQL for its contacts; what the server traced of it is what the kit says it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, make_url
from sqlalchemy.exc import DBAPIError

from evidence_kit.edges import vault
from evidence_kit.edges.servers import addresses
from evidence_kit.edges.source import SqlSource
from evidence_kit.model.audit import Reader, Sending
from tests.edges.desks import control, engagement, mapping
from tests.edges.sendings import judged
from tests.servers import PASSWORD, Server

pytestmark = pytest.mark.slow  # a real server answers here

BASE = "sender"
MADE = (
    "CREATE EXTENSION pg_stat_statements",
    "CREATE SCHEMA app",
    "CREATE TABLE app.contacts (id int, email text, first_name text, birth_date date, city text, diagnosis text)",
    "INSERT INTO app.contacts VALUES (1, 'ana@exemple.example', 'Ana', '1980-01-01', 'Paris', NULL)",
    "CREATE VIEW app.v_sender AS SELECT id, email, first_name FROM app.contacts",
)
#: What the sender asks in one cycle, with its values: the server keeps none of them.
ASKED = (
    "SELECT c.email, c.first_name FROM app.contacts AS c WHERE c.city = 'Paris' ORDER BY c.id LIMIT 100",
    "SELECT email FROM app.contacts WHERE id IN (1, 2, 3)",
    "EXPLAIN SELECT diagnosis FROM app.contacts",
    "SELECT count(*) FROM app.contacts",
)
TRACED = (
    "CREATE TABLE statements AS SELECT query, sum(calls)::bigint AS calls FROM pg_stat_statements "
    "JOIN pg_roles r ON r.oid = userid JOIN pg_database d ON d.oid = dbid "
    "WHERE rolname = 'mailer' AND datname = current_database() GROUP BY query"
)


@pytest.fixture(scope="module")
def server(servers: Callable[[str], Server]) -> Server:
    found = servers("postgresql")
    found.ask(f"CREATE DATABASE {BASE}")
    try:
        found.ask(*MADE, database=BASE)
    except DBAPIError:
        pytest.skip("this server cannot trace statements")
    found.role("mailer", "m", f"CONNECT ON DATABASE {BASE}")
    found.ask("GRANT USAGE ON SCHEMA app TO mailer", "GRANT SELECT ON app.contacts TO mailer", database=BASE)
    url = make_url(found.address("mailer", "m", BASE)).set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=NullPool).connect() as connection:
        for statement in (*ASKED, *ASKED):
            connection.exec_driver_sql(statement).fetchall()
    found.ask(TRACED, database=BASE)
    return found


def told(server: Server, home: Path, *readers: Reader) -> tuple[dict[str, tuple[str, ...]], str | None]:
    """Unit → verdict and reasons, and the note of the population."""
    home.mkdir(mode=0o700, exist_ok=True)
    source = mapping({}, name="prod", engine="postgresql", tables=("app.contacts", "app.v_sender", "statements"))
    known = {"prod.app.contacts.id": "none", "prod.app.contacts.city": "contact"}
    sending = Sending("prod.app.contacts", readers, 7)
    one: Any = replace(control("SND-01"), plan=control("SND-01").plan)
    agreed = engagement([source], [one], sending=sending, classes=known, opened={"prod": "env:SENDER"})
    address = addresses.read(agreed, {"SENDER": server.address(password=PASSWORD, database=BASE)})
    opened = SqlSource(agreed, {}, home / "engine", vault.rehearsal(1, home / "vault"), address)
    try:
        found = {unit: (each.verdict.value, *each.reasons) for unit, each in judged(opened, "SND-01").items()}
        return found, opened.freeze(one, frozenset())[0].note
    finally:
        opened.close()


def test_what_the_server_traced_is_what_the_sender_reads(server: Server, tmp_path: Path) -> None:
    found, note = told(server, tmp_path / "home", Reader(trace="prod.statements", line=9))
    nobody = ("INCONCLUSIVE", "purpose-not-known", "necessity-not-judged")
    reader = "trace prod.statements"
    assert {unit: found.get(unit) for unit in (f"{reader}/{name}" for name in ("email", "first_name", "city"))} == {
        f"{reader}/email": nobody,
        f"{reader}/first_name": nobody,
        f"{reader}/city": nobody,
    }
    assert found["prod.app.contacts/birth_date"] == ("INCONCLUSIVE", "event-not-known")
    assert found["prod.app.contacts/diagnosis"] == ("INCONCLUSIVE", "event-not-known")
    assert len(found) == 5
    assert note == "2-calls-of-unparsed-statements; 1-statements-unparsed"


def test_a_view_of_the_sender_is_read_by_its_columns(server: Server, tmp_path: Path) -> None:
    found, note = told(server, tmp_path / "home", Reader(view="prod.app.v_sender", line=9))
    assert sorted(found) == [
        *(f"prod.app.contacts/{name}" for name in ("birth_date", "city", "diagnosis")),
        *(f"view prod.app.v_sender/{name}" for name in ("email", "first_name")),
    ]
    assert note is None
