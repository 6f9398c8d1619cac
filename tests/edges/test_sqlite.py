"""A SQLite database is read whole, as text, and never written to; what it does not give is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pytest

from evidence_kit.edges import opening, sqlitefiles, unread
from evidence_kit.edges.opening import quote
from evidence_kit.errors import SourceError
from tests.edges.desks import engagement, mapping, opened

Rows = list[tuple[object, ...]]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "app.db"


def made(base: Path, *statements: str, rows: Rows = ()) -> Path:  # type: ignore[assignment]
    """Run statements on a database, the last once for each of `rows`."""
    with closing(sqlite3.connect(base)) as connection:
        for statement in statements[: -1 if rows else None]:
            connection.execute(statement)
        for row in rows:
            connection.execute(statements[-1], row)
        connection.commit()
    return base


@contextmanager
def read(base: Path, **options: object) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect()) as session:
        opening.attach(session, mapping({}, engine="sqlite", **options), base)  # type: ignore[arg-type]
        yield session


def tables(base: Path, **options: object) -> dict[str, Rows]:
    with read(base, **options) as session:
        names = session.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'requests' ORDER BY 1"
        ).fetchall()
        return {name: session.execute(f"SELECT * FROM requests.{quote(name)}").fetchall() for (name,) in names}


def missing(base: Path, **options: object) -> dict[str, str]:
    with read(base, **options) as session:
        return {name: why for _, name, why in unread.listed(session)}


def refused(base: Path, **options: object) -> str:
    with pytest.raises(SourceError) as caught:
        tables(base, **options)
    assert "ann@example.org" not in str(caught.value)
    return str(caught.value)


# --- what is read -----------------------------------------------------------------------------------------------------


def test_every_value_is_the_text_that_it_is_whatever_its_column_says(base: Path) -> None:
    made(
        base,
        "CREATE TABLE t (id integer, whole integer, real real, words text, raw blob, day date)",
        "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)",
        rows=[
            (1, 2**62 + 1, 0.1, "0012", b"\x00\xff", "2026-03-04"),
            (2, "many", 1e300, 7, b"", 20260304),
            (3, None, float("inf"), "", None, 2.0),
            (4, "12", 3, "x\0y", "text", "é\u0301🙂"),
        ],
    )
    assert tables(base)["t"] == [
        ("1", "4611686018427387905", "0.1", "0012", "\\x00ff", "2026-03-04"),
        ("2", "many", "1e+300", "7", "\\x", "20260304"),
        ("3", None, "inf", "", None, "2"),
        ("4", "12", "3.0", "x\0y", "text", "é\u0301🙂"),
    ]


HOSTILE = ["'; DROP TABLE t; --", 'R"1', "a\u2028b", "=1+1", "a\\b", "%s %%", ":x", "select", "", "c0", "t"]


def test_hostile_names_and_values_are_names_and_values(base: Path) -> None:
    columns = ", ".join(f"{sqlitefiles.quoted(name)} text" for name in HOSTILE)
    names = [name for name in HOSTILE if name]
    for name in names:
        made(base, f"CREATE TABLE {sqlitefiles.quoted(name)} ({columns})")
        made(base, f"INSERT INTO {sqlitefiles.quoted(name)} VALUES ({', '.join('?' * len(HOSTILE))})", rows=[HOSTILE])  # type: ignore[list-item]
    assert tables(base) == {name: [tuple(HOSTILE)] for name in names}
    with read(base) as session:
        session.execute("SELECT * FROM requests.t")
        assert [column[0] for column in session.description or ()] == [*HOSTILE[:8], "column8", *HOSTILE[9:]]


def test_tables_of_every_kind_and_views(base: Path) -> None:
    wide = ", ".join(f"c{n}" for n in range(300))
    made(
        base,
        "CREATE TABLE keyed (id text primary key, note text) WITHOUT ROWID",
        "INSERT INTO keyed VALUES ('a', 'b')",
        "CREATE TABLE counted (id integer primary key autoincrement, twice integer generated always as (id * 2))",
        "INSERT INTO counted DEFAULT VALUES",
        "CREATE VIEW both AS SELECT k.id, k.id, c.twice FROM keyed k, counted c",
        "CREATE TABLE bare (a)",
        f"CREATE TABLE wide ({wide})",
        "INSERT INTO wide (c299) VALUES ('last')",
        "CREATE VIRTUAL TABLE words USING fts5(body)",
        "INSERT INTO words VALUES ('ann@example.org')",
    )
    found = tables(base)
    assert found["keyed"] == [("a", "b")]
    assert found["counted"] == [("1", "2")]
    assert found["both"] == [("a", "a", "2")]
    assert found["bare"] == []
    assert found["wide"] == [(*[None] * 299, "last")]
    # What the search index keeps for itself is a place too.
    assert (found["words"], found["words_content"]) == ([("ann@example.org",)], [("1", "ann@example.org")])
    assert "sqlite_sequence" in found


def test_a_text_that_is_no_utf_8_keeps_every_byte_and_is_counted(base: Path, tmp_path: Path) -> None:
    made(base, "CREATE TABLE t (a)", "INSERT INTO t VALUES (cast(x'4ae9' AS text)), ('Jé')")
    source = mapping({}, engine="sqlite")
    with closing(opened(engagement([source]), {"requests": base}, tmp_path / "home")) as session:
        assert session.doubts() == (("requests", "t", "values-not-utf-8", 1),)
        assert session.unreachable() == ()
    with read(base) as connection:
        assert connection.execute("SELECT a FROM requests.t").fetchall() == [("Jé",), ("Jé",)]
        assert opening.doubts(connection, source) == "1-values-not-utf-8"


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_a_database_of_another_encoding(base: Path, encoding: str) -> None:
    made(base, f"PRAGMA encoding = '{encoding}'", "CREATE TABLE t (a)", "INSERT INTO t VALUES ('José 🙂')")
    assert tables(base)["t"] == [("José 🙂",)]


def test_listed_tables_alone_are_read_and_a_single_one_is_called_as_its_source(base: Path) -> None:
    made(base, "CREATE TABLE Log (a)", "INSERT INTO Log VALUES (1)", "CREATE TABLE other (a)")
    assert tables(base, tables=("log",)) == {"Log": [("1",)], "requests": [("1",)]}
    assert set(tables(base, tables=("log", "other"))) == {"Log", "other"}
    assert set(tables(base, tables="*")) == {"Log", "other"}


# --- one moment, and nothing written ----------------------------------------------------------------------------------


def test_what_stands_in_the_log_of_writes_is_read_and_nothing_is_left_beside(base: Path) -> None:
    made(base, "PRAGMA journal_mode = wal", "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
    alone = base.read_bytes()
    assert tables(base)["t"] == [("1",)]
    assert [path.name for path in base.parent.iterdir()] == [base.name]
    with closing(sqlite3.connect(base)) as writing:
        writing.execute("PRAGMA wal_autocheckpoint = 0")
        writing.execute("INSERT INTO t VALUES (2)")
        writing.commit()
        assert base.read_bytes() == alone  # it stands in the log alone
        assert tables(base)["t"] == [("1",), ("2",)]
        writing.execute("INSERT INTO t VALUES (3)")  # and a row that is not committed is none
        assert tables(base)["t"] == [("1",), ("2",)]


def test_all_tables_are_of_one_moment_and_nothing_can_be_written(base: Path) -> None:
    made(base, "PRAGMA journal_mode = wal", "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
    with closing(sqlite3.connect(base)) as writing:
        writing.execute("INSERT INTO t VALUES (2)")
        writing.commit()
        with sqlitefiles.opened(base, 60) as read_:
            (table,) = read_.tables()
            writing.execute("INSERT INTO t VALUES (3)")
            writing.commit()
            assert list(read_.rows(table)) == [("1",), ("2",)]
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                read_.connection.execute("INSERT INTO t VALUES (4)")


def test_a_file_written_to_while_it_is_read_is_refused(base: Path) -> None:
    made(base, "PRAGMA journal_mode = wal", "CREATE TABLE t (a)")
    with pytest.raises(sqlitefiles.Torn, match="written to while it was read"), sqlitefiles.opened(base, 60):
        made(base, "INSERT INTO t VALUES (1)")


# --- what is refused --------------------------------------------------------------------------------------------------


def test_a_locked_database_is_named_with_what_to_do(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlitefiles, "PATIENCE", 0.05)
    made(base, "CREATE TABLE t (a)", "INSERT INTO t VALUES ('ann@example.org')")
    with closing(sqlite3.connect(base, isolation_level=None)) as writing:
        writing.execute("BEGIN EXCLUSIVE")
        message = refused(base)
    assert f"source requests: {base}, as a SQLite database: another program holds it locked" in message
    assert ".backup" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty (0 bytes)"),
        (b"ann@example.org;access\n" * 90, "this is no SQLite database, or it is encrypted"),
        (b"SQLite format 3\0" + b"\1" * 9000, "it is torn"),
        (b"SQLite format 3\0", "this is no SQLite database, or it is encrypted"),
    ],
)
def test_what_is_no_database_is_refused(base: Path, content: bytes, said: str) -> None:
    base.write_bytes(content)
    assert said in refused(base)


def test_a_path_that_is_none(base: Path, tmp_path: Path) -> None:
    assert "is not a SQLite file" in refused(base)
    assert "is not a SQLite file" in refused(tmp_path)


def filled(base: Path) -> bytes:
    made(base, "CREATE TABLE t (a)", "INSERT INTO t VALUES (?)", rows=[("ann@example.org" * 90,) for _ in range(99)])
    return base.read_bytes()


def test_a_torn_file_is_never_read_in_part(base: Path) -> None:
    whole = filled(base)
    for length in (50, 100, 512, 5000, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
        base.write_bytes(whole[:length])
        assert any(said in refused(base) for said in ("it is torn", "no SQLite database")), length


def test_a_damaged_page_is_never_read_over(base: Path) -> None:
    whole = filled(base)
    for page in range(1, len(whole) // 4096, 4):
        base.write_bytes(whole[: page * 4096] + b"\xff" * 4096 + whole[(page + 1) * 4096 :])
        assert "it is torn" in refused(base), page


def test_a_transaction_left_half_done_is_refused(base: Path) -> None:
    filled(base)
    with closing(sqlite3.connect(base, isolation_level=None)) as writing:
        writing.execute("PRAGMA cache_size = 1")
        writing.execute("BEGIN")
        writing.execute("UPDATE t SET a = a || 'x'")
        left = base.with_name("left.db")
        left.write_bytes(base.read_bytes())
        left.with_name("left.db-journal").write_bytes(base.with_name("app.db-journal").read_bytes())
        writing.execute("ROLLBACK")
    message = refused(left)
    assert "a transaction was left half done" in message or "cannot be opened here" in message


BROKEN = {
    "CREATE VIEW broken AS SELECT nosuch(a) FROM t": "not-given",
    "CREATE VIEW broken AS SELECT b FROM t": "not-given",
    'CREATE VIEW broken AS SELECT a AS "é", a AS "É" FROM t': "names-not-told-apart",
}


@pytest.mark.parametrize(("statement", "why"), BROKEN.items(), ids=range(len(BROKEN)))
def test_a_view_that_gives_nothing_is_named_and_the_rest_is_read(base: Path, statement: str, why: str) -> None:
    made(base, "CREATE TABLE t (a)", "INSERT INTO t VALUES (?)", rows=[(n,) for n in range(200)])
    made(base, statement)
    assert missing(base, statement_timeout=1) == {"broken": why}
    assert list(tables(base, statement_timeout=1)) == ["t"]
    assert f"{base}, table broken: " in refused(base, tables=("t", "broken"), statement_timeout=1)


@pytest.mark.slow
def test_a_view_that_never_ends_is_stopped(base: Path) -> None:
    endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"
    made(base, "CREATE TABLE t (a)", f"CREATE VIEW endless AS {endless}")
    assert missing(base, statement_timeout=1) == {"endless": "too-slow"}


def test_a_listed_table_that_is_not_there(base: Path) -> None:
    made(base, "CREATE TABLE t (a)")
    assert f"{base}, table log: there is no such table" in refused(base, tables=("log",))


def test_a_count_that_disagrees_is_noticed(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(base, "CREATE TABLE t (a)", "INSERT INTO t VALUES (1), (2)")
    rows: Callable[..., Iterator[tuple[str | None, ...]]] = sqlitefiles.Database.rows

    def short(self: sqlitefiles.Database, table: sqlitefiles.Table) -> Iterator[tuple[str | None, ...]]:
        yield from list(rows(self, table))[1:]

    monkeypatch.setattr(sqlitefiles.Database, "rows", short)
    assert missing(base) == {"t": "rows-differ"}
    assert tables(base) == {}
