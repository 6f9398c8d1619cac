"""Sources opened read-only inside one DuckDB session, each as one schema under its own name.

Files become snapshots; a database is attached read-only and shown as views.
Text files and spreadsheets are read once, every value as text, so that what the kit tests is what stood there at the
freeze.
The engine is told everything and guesses nothing: a guessed header, comment sign or date drops rows or rewrites them.
Driver messages are never passed on: they may quote a row. A failure names the file and, where known, the line.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from evidence_kit.edges import holdings, jsonfiles, mailboxes, spreadsheets, told, unread
from evidence_kit.edges.filling import agree, fill
from evidence_kit.edges.filling import literal as literal
from evidence_kit.edges.filling import quote as quote
from evidence_kit.edges.registers import loading
from evidence_kit.edges.textfiles import Torn, csv_shape, jsonl_shape
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import FIGURES, SourceMapping

SUFFIXES = {
    "csv": (".csv", ".csv.gz"),
    "jsonl": (".jsonl", ".jsonl.gz"),
    "json": (".json", ".json.gz"),
    "xlsx": (".xlsx",),
    "ods": (".ods",),
    "parquet": (".parquet",),
    "mbox": (".mbox", ".mbox.gz", ".eml"),
}
#: Bytes of the longest row a CSV file may hold.
LONGEST_LINE = 16 * 1024 * 1024
REPAIR = "Repair that place or the mapping's options."
EXPORT = "Export the mailbox again, as mbox, or each message as .eml."
#: Tables, or views, of an attached database: those of `main` first, which keep their own names.
LISTED = (
    "SELECT schema_name, {0}_name FROM duckdb_{0}s() WHERE database_name = ? AND NOT internal "
    "ORDER BY schema_name <> 'main', schema_name, {0}_name"
)


def stand_in(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    """From here on, unqualified table names are those of `source`; other sources are named in full."""
    connection.execute(f"SET schema = {literal(source)}")


def attach(
    connection: duckdb.DuckDBPyConnection,
    mapping: SourceMapping,
    path: Path,
    request_from: int = FIGURES["triage_score"],
) -> None:
    """Open one source as schema `<name>`: a table per file, or a view per table of the attached database.

    The files of a mailbox are one table; `request_from` is the score (percent) from which triage calls one a request.
    Raises SourceError when the path is missing, of the wrong kind, empty, or cannot be read.
    """
    unread.ready(connection)
    connection.execute(f"CREATE SCHEMA {quote(mapping.name)}")
    if mapping.engine in WHOLE:
        if path.exists():
            told.written(connection, mapping.name, "*", path.stat().st_mtime)
        WHOLE[mapping.engine](connection, mapping, path)
        return
    files = list(_files(mapping, path))
    for table, file in files:
        told.written(connection, mapping.name, table, file.stat().st_mtime)
        if file.stat().st_size == 0:
            raise SourceError(
                f"source {mapping.name}: {file} is empty (0 bytes). Export it again, with its header line."
            )
    if mapping.engine == "mbox":
        _load_mailbox(connection, mapping, [file for _, file in files], request_from)
        return
    for table, file in files:
        _load(connection, mapping, table, file)


def still_read(mapping: SourceMapping, path: Path) -> list[Path]:
    """The files that the engine goes on reading once the source is open; all others were read once and for all."""
    if mapping.engine == "duckdb":
        return [path]
    return [file for _, file in _files(mapping, path)] if mapping.engine == "parquet" else []


def _attach_database(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, path: Path) -> None:
    if not path.is_file():
        raise SourceError(f"source {mapping.name}: {path} is not a DuckDB file. Give the database file itself.")
    try:
        database = f"{mapping.name}__attached"
        connection.execute(f"ATTACH {literal(str(path))} AS {quote(database)} (READ_ONLY)")
        _show(connection, mapping, "table")
    except duckdb.Error as error:
        raise SourceError(f"source {mapping.name}: {path} cannot be opened as a DuckDB database.") from error


def show_views(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping) -> None:
    """The views of an attached database, once no statement can open another file: theirs may name any.

    One that does not work, or that reads what is no table of its own, is written into `unread`.
    """
    if mapping.engine == "duckdb":
        _show(connection, mapping, "view")


def _show(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, kind: str) -> None:
    database = f"{mapping.name}__attached"
    ours = "SELECT lower(view_name) FROM duckdb_views() WHERE schema_name = ? AND database_name = current_database()"
    called = {str(name) for (name,) in connection.execute(ours, [mapping.name]).fetchall()}
    for schema, name in connection.execute(LISTED.format(kind), [database]).fetchall():
        own = name if schema == "main" else f"{schema}.{name}"
        origin = f"{quote(database)}.{quote(schema)}.{quote(name)}"
        if own.lower() in called:
            unread.unreachable(connection, mapping.name, own, "names-not-told-apart")
            continue
        called.add(own.lower())
        try:
            connection.execute(f"CREATE VIEW {quote(mapping.name)}.{quote(own)} AS SELECT * FROM {origin}")
        except duckdb.Error:
            if kind == "table":
                raise
            unread.unreachable(connection, mapping.name, own, "not-given")


def _files(mapping: SourceMapping, path: Path) -> Iterator[tuple[str, Path]]:
    suffixes = SUFFIXES[mapping.engine]
    if mapping.options.get("folder"):
        if not path.is_dir():
            raise SourceError(f"source {mapping.name}: {path} is not a folder; its mapping says `folder: true`.")
        found = sorted(file for file in path.iterdir() if file.name.endswith(suffixes))
        if not found:
            raise SourceError(f"source {mapping.name}: {path} holds no {' or '.join(suffixes)} file.")
        yield from ((file.name.split(".")[0], file) for file in found)
        return
    if path.is_dir():
        raise SourceError(f"source {mapping.name}: {path} is a folder. Give one {mapping.engine} file.")
    if not path.is_file():
        raise SourceError(f"source {mapping.name}: {path} is not there. Check the path given by --source.")
    yield mapping.name, path


def _load(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, table: str, file: Path) -> None:
    target = f"{quote(mapping.name)}.{quote(table)}"
    with _translated(mapping, file):
        if mapping.engine == "csv":
            _load_csv(connection, mapping, target, file)
        elif mapping.engine == "jsonl":
            _load_jsonl(connection, mapping, target, file)
        elif mapping.engine == "json":
            _load_json(connection, mapping, target, file)
        elif mapping.engine in spreadsheets.FORMS:
            _load_sheet(connection, mapping, target, file)
        else:
            connection.execute(f"CREATE VIEW {target} AS SELECT * FROM read_parquet({literal(str(file))})")


@contextmanager
def _translated(mapping: SourceMapping, file: Path, advice: str = REPAIR) -> Iterator[None]:
    """What goes wrong while a file is read, as SourceError with its name and, where known, its line."""
    try:
        yield
    except Torn as torn:
        raise SourceError(f"source {mapping.name}: {file}, {torn.place}: {torn.why}. {advice}") from torn
    except (duckdb.Error, OSError, EOFError, zlib.error) as error:
        raise SourceError(
            f"source {mapping.name}: {file} cannot be read as {mapping.engine}. Check the engine and the options of "
            "its mapping, and that the file is whole."
        ) from error


def _load_csv(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, target: str, file: Path) -> None:
    """The engine reads the values; a reader of our own names the columns and counts the rows, and they must agree."""
    encoding = str(mapping.options.get("encoding", "utf-8"))
    delimiter = str(mapping.options.get("delimiter", ","))
    columns, rows = csv_shape(file, encoding, delimiter)
    typed = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    # Parallel reading is off and the strict mode too: ours was strict, and the engine's refuses mixed line ends.
    options = (
        f"columns={{{typed}}}, header=true, delim={literal(delimiter)}, quote='\"', escape='\"', comment='', skip=0, "
        f"encoding={literal(encoding)}, nullstr='', auto_detect=false, parallel=false, strict_mode=false, "
        f"max_line_size={LONGEST_LINE}"
    )
    connection.execute(f"CREATE TABLE {target} AS SELECT * FROM read_csv({literal(str(file))}, {options})")
    agree(connection, mapping, target, file, rows)


def _load_jsonl(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, target: str, file: Path) -> None:
    """One column of text per key met, as the value is written; what is nested stays JSON."""
    keys, rows = jsonl_shape(file)
    read = f"read_json_objects({literal(str(file))}, format='newline_delimited')"
    connection.execute(f"CREATE TABLE {target} AS {_by_key(keys, read)}")
    agree(connection, mapping, target, file, rows)


def _load_json(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, target: str, file: Path) -> None:
    """The objects of one document, each as it is written, then as those of a JSONL file."""
    objects = jsonfiles.Objects(file, str(mapping.options.get("rows", "")))
    connection.execute("CREATE OR REPLACE TEMP TABLE ek_objects (json JSON)")
    rows = fill(connection, "ek_objects", 1, ((text,) for text in objects))
    connection.execute(f"CREATE TABLE {target} AS {_by_key(objects.keys, 'ek_objects')}")
    connection.execute("DROP TABLE ek_objects")
    agree(connection, mapping, target, file, rows)


def _load_sheet(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, target: str, file: Path) -> None:
    """One reader gives the values, another one counted the rows, and they must agree."""
    sheet = spreadsheets.sheet(file, mapping.engine, mapping.options)
    connection.execute(f"CREATE TABLE {target} ({', '.join(f'{quote(name)} VARCHAR' for name in sheet.columns)})")
    fill(connection, target, len(sheet.columns), sheet.rows)
    agree(connection, mapping, target, file, sheet.counted)


def _by_key(keys: tuple[str, ...], read: str) -> str:
    """The SELECT that gives one column of text per key of the JSON objects in `read`."""
    pointers = ", ".join(literal(_pointer(key)) for key in keys)
    texts = ", ".join(f"found[{place}] AS {quote(key)}" for place, key in enumerate(keys, start=1))
    return (
        f"SELECT {texts or 'found'} "
        f"FROM (SELECT json_extract_string(json, CAST([{pointers}] AS VARCHAR[])) AS found FROM {read})"
    )


def _pointer(key: str) -> str:
    """A key as JSON Pointer (RFC 6901) has it."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _load_mailbox(
    connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, files: list[Path], request_from: int
) -> None:
    """One row a message of all files: the columns every mailbox has, then one for each X- header met, all as text."""
    rows: list[dict[str, str | None]] = []
    for file in files:
        with _translated(mapping, file, EXPORT):
            rows += mailboxes.rows(file, request_from)
    columns = [*mailboxes.COLUMNS, *mailboxes.extra(rows)]
    target = f"{quote(mapping.name)}.{quote(mapping.name)}"
    connection.execute(f"CREATE TABLE {target} ({', '.join(f'{quote(name)} VARCHAR' for name in columns)})")
    fill(connection, target, len(columns), (tuple(row.get(name) for name in columns) for row in rows))


def doubts(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping) -> str | None:
    """How many messages of a mailbox were read with a doubt, or what of another source; None where all is whole."""
    if mapping.engine != "mbox":
        return "; ".join(unread.said(connection, mapping.name)) or None
    found = connection.execute(
        "SELECT code, count(*) FROM (SELECT unnest(string_split(doubt, ',')) AS code "
        f"FROM {quote(mapping.name)}.{quote(mapping.name)}) GROUP BY code ORDER BY code"
    ).fetchall()
    return "; ".join(f"{count}-messages-{code}" for code, count in found) or None


#: Engines whose source is no file of rows, but tables or files of all kinds.
WHOLE = {
    "duckdb": _attach_database,
    "sqlite": holdings.load_database,
    "files": holdings.load_folder,
    "register": loading.load,
}
