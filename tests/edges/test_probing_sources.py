"""A person is found in a SQLite file and in a folder of logs as in any table; what neither gives is never absent."""

from __future__ import annotations

import gzip
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from evidence_kit.edges import opening, unread
from evidence_kit.model.audit import LiveObject
from tests.edges.desks import mapping
from tests.edges.erased import Session, base, judged

ANA = "ana@x.example"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A base in which nobody stands, and beside it a SQLite file `app` and a folder `logs`."""
    made = Session(base(tmp_path / "crm.duckdb", "CREATE TABLE t (note VARCHAR)"))
    live = LiveObject("people", "id", {}, persons=("mail",))
    sources = [
        mapping({}, name="app", engine="sqlite", timezone="UTC", objects=[live]),
        mapping({}, name="logs", engine="files", timezone="UTC"),
    ]
    made.agreed = replace(made.agreed, sources={**made.agreed.sources, **{one.name: one for one in sources}})
    with closing(sqlite3.connect(tmp_path / "app.db")) as app:
        app.execute("CREATE TABLE people (id integer, mail text)")
        app.execute("CREATE TABLE kept (id integer, raw blob, number integer)")
        app.execute("INSERT INTO kept VALUES (1, ?, ?)", [b"from: Ana@X.example", "tel " + ANA])
        app.execute("INSERT INTO kept VALUES (2, ?, 3)", [b"\xff\xfe" + ANA.encode()])
        app.execute("CREATE VIEW broken AS SELECT missing FROM people")
        app.commit()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/mail.log").write_text(f"to=<{ANA}>, status=sent\nto=<bob@x.example>\n")
    (tmp_path / "logs/old.gz").write_bytes(gzip.compress(os.urandom(90_000).hex().encode())[:-900])
    for source, path in zip(sources, ("app.db", "logs"), strict=True):
        opening.attach(made.connection, source, tmp_path / path)
    return made


def test_a_person_is_found_in_a_database_and_in_a_log(session: Session) -> None:
    found = session.probed()
    kept, logs, people = (found["E1", name] for name in ("kept", "logs", "people"))
    assert (kept["state"], kept["matched_rows"], kept["matched_in"]) == ("present", 1, "number, raw")
    assert (logs["state"], logs["matched_rows"], logs["matched_in"]) == ("present", 1, "text")
    assert (people["state"], people["matched_rows"]) == ("absent", 0)


def test_what_was_not_read_is_an_error_for_everybody(session: Session) -> None:
    assert unread.listed(session.connection) == (("app", "broken", "not-given"), ("logs", "old.gz", "torn"))
    found = session.probed()
    for name in ("broken", "old.gz"):
        assert (found["E1", name]["state"], found["E1", name]["matched_rows"]) == ("unreachable", None)
        assert judged(found["E1", name]).reason == "source-unreachable"
