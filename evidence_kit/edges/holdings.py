"""Sources that are places rather than logs: every table of a SQLite database, every text of a folder.

What cannot be read of them is written into `unread`, where a search finds it: it is never taken for empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from evidence_kit.edges import folders, sqlitefiles, told, unread
from evidence_kit.edges.filling import agree, fill, quote
from evidence_kit.edges.sqlitefiles import Database, Table, Unread
from evidence_kit.edges.textfiles import Torn
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import EVERY, SourceMapping

#: Seconds that a view of a database may take when the mapping does not say.
TIMEOUT = 300
WHY = {
    "too-slow": "it takes longer than statement_timeout. Raise that option of the mapping",
    "names-not-told-apart": "its columns, or it and another table, cannot be told apart by name. List a view",
    "not-given": "SQLite cannot give it. Read it with another client to see why",
    "rows-differ": "what was read is not what SQLite counts. Copy the file again",
}


def load_database(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, path: Path) -> None:
    """Copy every table and view of a SQLite database, or those that `tables` lists, as text.

    A table that cannot be read stops the run where it is listed; where every one is read it is written down. Raises
    SourceError for what is no database, is locked, torn, or changes meanwhile.
    """
    if not path.is_file():
        raise SourceError(f"source {mapping.name}: {path} is not a SQLite file. Give the database file itself.")
    if path.stat().st_size == 0:
        raise SourceError(f"source {mapping.name}: {path} is empty (0 bytes). Copy the database again.")
    limit = int(str(mapping.options.get("statement_timeout", TIMEOUT)))
    with _told(mapping, path), sqlitefiles.opened(path, limit) as base:
        tables = base.tables()
        if mapping.options.get("tables", EVERY) == EVERY:
            _load_every(connection, mapping, base, tables)
        else:
            _load_listed(connection, mapping, base, {table.name.lower(): table for table in tables}, path)


@contextmanager
def _told(mapping: SourceMapping, path: Path) -> Iterator[None]:
    try:
        yield
    except Torn as torn:
        raise SourceError(f"source {mapping.name}: {path}, {torn.place}: {torn.why}.") from None
    except OSError:
        raise SourceError(f"source {mapping.name}: {path} cannot be opened. See who may read it.") from None
    except duckdb.Error:
        raise SourceError(
            f"source {mapping.name}: {path} cannot be kept in the run's folder. See whether the disk is full."
        ) from None


def _load_every(
    connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, base: Database, tables: tuple[Table, ...]
) -> None:
    called: set[str] = set()
    for table in tables:
        try:
            if table.name.lower() in called:
                raise Unread("names-not-told-apart")
            called.add(table.name.lower())
            _load_table(connection, mapping, base, table)
        except Unread as why:
            unread.unreachable(connection, mapping.name, table.name, why.code)
            told.tell(connection, mapping.name, table.name, base.types(table).items())


def _load_listed(
    connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, base: Database, tables: dict[str, Table], path: Path
) -> None:
    listed = mapping.options["tables"]
    assert isinstance(listed, tuple)
    for name in listed:
        here = f"source {mapping.name}: {path}, table {name}"
        if name.lower() not in tables:
            raise SourceError(f"{here}: there is no such table. Compare options.tables with the database.")
        try:
            _load_table(connection, mapping, base, tables[name.lower()])
        except Unread as why:
            raise SourceError(f"{here}: {WHY[why.code]}.", code=why.code) from None
    if len(listed) == 1 and listed[0].lower() != mapping.name:
        own, schema = tables[listed[0].lower()].name, quote(mapping.name)
        connection.execute(f"CREATE VIEW {schema}.{schema} AS SELECT * FROM {schema}.{quote(own)}")


def _load_table(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, base: Database, table: Table) -> None:
    """Copy one table and compare it with what SQLite counts. Raises Unread; then nothing of it stays."""
    columns = base.columns(table)
    counted = base.counted(table, len(columns))
    into = f"{quote(mapping.name)}.{quote(table.name)}"
    connection.execute(f"CREATE TABLE {into} ({', '.join(f'{quote(name)} VARCHAR' for name in columns)})")
    try:
        fill(connection, into, len(columns), base.rows(table))
        counts = ", ".join(["count(*)", *(f"count({quote(name)})" for name in columns)])
        if connection.execute(f"SELECT {counts} FROM {into}").fetchone() != counted:
            raise Unread("rows-differ")
    except Unread:
        connection.execute(f"DROP TABLE {into}")
        raise
    types = base.types(table)
    told.tell(connection, mapping.name, table.name, [(name, types.get(name) or "VARCHAR") for name in columns])
    if base.odd:
        unread.doubtful(connection, mapping.name, [(table.name, "values-not-utf-8", base.odd)])


def load_folder(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, path: Path) -> None:
    """Every text of a folder, line by line and message by message, as one table called as the source.

    A file that cannot be read to its end is written into `unread` under its path; what is no text is counted there.
    Raises SourceError where there is no file at all.
    """
    if not path.exists():
        raise SourceError(f"source {mapping.name}: {path} is not there. Check the path given by --source.")
    into = f"{quote(mapping.name)}.{quote(mapping.name)}"
    connection.execute(f"CREATE TABLE {into} (file VARCHAR, line BIGINT, text VARCHAR)")
    folder = folders.Folder(path)
    with _told(mapping, path):
        agree(connection, mapping, into, path, fill(connection, into, 3, folder.rows()))
    if not folder.files:
        raise SourceError(f"source {mapping.name}: {path} holds no file. Give the folder of the logs or spools.")
    for name, why in folder.unreachable:
        unread.unreachable(connection, mapping.name, name, why)
    unread.doubtful(connection, mapping.name, ((name, code, number) for (name, code), number in folder.doubts.items()))
