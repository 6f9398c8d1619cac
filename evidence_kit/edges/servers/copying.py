"""Tables of a server, copied once into the collector's own session: one read-only transaction, every value as text.

What the kit tests is then what stood in the server at one moment, and no mapped expression reaches the server itself.
A driver's own words may hold the address or a row: they never leave this module.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import duckdb
from sqlalchemy import Connection, NullPool, column, create_engine, func, select, table, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.sql.expression import TableClause

from evidence_kit.edges import told, unread
from evidence_kit.edges.opening import quote
from evidence_kit.edges.servers.addresses import Address
from evidence_kit.edges.servers.kinds import Column
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import EVERY, SourceMapping

#: Rows fetched and handed over at a time: with values of ordinary length a few megabytes.
CHUNK: Final = 2_000
#: Seconds the server may spend on one statement when the mapping does not say.
TIMEOUT: Final = 300
WHY: Final = {
    "too-slow": "the server stopped: it takes longer than statement_timeout, {0} s. Raise that option of the mapping",
    "forbidden": "the role may not read all of it. Grant it SELECT, or list a view of what it may read",
    "unknown": "there is no such table that the role can see. Compare options.tables with the server",
    "gone": "it was dropped or changed while the server was read. Run again",
    "no-transactions": "its storage engine has no transactions, so it has no one moment. Export it",
    "names-not-told-apart": "its columns cannot be told apart by name. List a view with other names",
    "rows-differ": "what was read is not what the server counts. Run again",
    "lost": "the connection was lost on the way. Nothing that was read is used; run again",
    "not-given": "the server cannot give it. Read it with another client, as the same role, to see why",
}
#: What concerns one table: with `tables: "*"` it is written down, and the others are read. All else ends the reading.
OF_ONE_TABLE: Final = frozenset(WHY) - {"lost"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One source being read: its mapping, the way to its server, the seconds a statement may take."""

    mapping: SourceMapping
    address: Address
    limit: int

    def problem(self, why: str, listed: str | None = None, code: str = "") -> SourceError:
        """What went wrong with a table of this source, or with its server; `code`: its key in WHY, when it has one."""
        where = f"table {listed}" if listed else f"its server (address: {self.address.variable})"
        return SourceError(f"source {self.mapping.name}: {where}: {why}.", code=code)

    def known(self, code: str, listed: str | None) -> SourceError:
        """The same, of what WHY has words for."""
        return self.problem(WHY[code].format(self.limit), listed, code)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One table to copy: as messages call it, where the server has it, and what it is called in the session."""

    listed: str
    schema: str | None
    name: str
    called: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One table as the server has it: what it was asked for as, where it stands, its columns (name → type)."""

    wanted: Wanted
    origin: TableClause
    columns: dict[str, str]


class Unreadable(SourceError):
    """A table of which the role may not read some columns."""

    def __init__(self, problem: SourceError, columns: Sequence[str]) -> None:
        super().__init__(str(problem), code="forbidden")
        self.columns = tuple(columns)


def copy(target: duckdb.DuckDBPyConnection, mapping: SourceMapping, address: Address) -> None:
    """Copy the listed tables as schema `<name>`: each under its own name, a single one under the source's too.

    All are read in one transaction that cannot write. Raises SourceError naming source and table: not reached, refused,
    not there, not readable by this role, too slow, lost on the way, or not the rows that an independent count finds.

    With `tables: "*"` every table and view is copied, those of another schema than the role's own as `schema.table`;
    what concerns one of them alone is written into `unread` instead, and nothing of that table is kept. Where tables
    are listed, the others are named with their columns in `told`.
    """
    tables = mapping.options["tables"]
    reading = Reading(mapping, address, int(str(mapping.options.get("statement_timeout", TIMEOUT))))
    schema = quote(mapping.name)
    unread.ready(target)
    target.execute(f"CREATE SCHEMA {schema}")
    with _snapshot(reading) as server:
        if tables == EVERY:
            _copy_every(target, reading, server)
            return
        assert isinstance(tables, tuple)
        for listed in tables:
            stands_in, _, own = _parts(listed)
            _copy_one(target, reading, server, Wanted(listed, stands_in or None, own, own))
        _tell_others(target, reading, server, {(stands_in or None, own) for stands_in, _, own in map(_parts, tables)})
    if len(tables) == 1 and own.lower() != mapping.name:
        target.execute(f"CREATE VIEW {schema}.{schema} AS SELECT * FROM {schema}.{quote(own)}")


def _copy_one(target: duckdb.DuckDBPyConnection, reading: Reading, server: Connection, wanted: Wanted) -> None:
    with _translated(reading, wanted.listed):
        shape = _shape(reading, server, wanted)
        counted = _count(server, shape)
        _load(target, reading, server, shape)
    told.tell(target, reading.mapping.name, wanted.called, shape.columns.items())
    _agree(target, reading, shape, counted)


def _copy_every(target: duckdb.DuckDBPyConnection, reading: Reading, server: Connection) -> None:
    """All tables and views; what one of them does not give is written down, and its copy is taken away again."""
    name, kind = reading.mapping.name, reading.address.kind
    with _translated(reading):
        found = server.execute(text(kind.listing)).all()
        grants = [str(one) for (one,) in server.exec_driver_sql(kind.grants)] if kind.grants else []
    if not kind.whole(grants):
        unread.unreachable(target, name, unread.NAMELESS, unread.INCOMPLETE)
    called: set[str] = set()
    for schema, table_, own in found:
        listed = str(table_) if own else f"{schema}.{table_}"
        if listed.lower() in called and own:
            listed = f"{schema}.{table_}"
        if listed.lower() in called:
            unread.unreachable(target, name, listed, "names-not-told-apart")
            continue
        called.add(listed.lower())
        try:
            with _translated(reading, listed):
                server.exec_driver_sql("SAVEPOINT ek_table")
            _copy_one(target, reading, server, Wanted(listed, str(schema), str(table_), listed))
        except SourceError as error:
            if error.code not in OF_ONE_TABLE:
                raise
            with _translated(reading):  # a line that was lost is noticed here at the latest
                server.exec_driver_sql("ROLLBACK TO SAVEPOINT ek_table")
            target.execute(f"DROP TABLE IF EXISTS {quote(name)}.{quote(listed)}")
            _tell_unread(target, reading, server, Wanted(listed, str(schema), str(table_), listed))
            columns = f": {', '.join(error.columns)}" if isinstance(error, Unreadable) else ""
            unread.unreachable(target, name, listed, "gone" if error.code == "unknown" else error.code + columns)
        with _translated(reading):
            server.exec_driver_sql("RELEASE SAVEPOINT ek_table")


def _parts(listed: str) -> tuple[str, str, str]:
    return listed.rpartition(".")


def _tell_others(
    target: duckdb.DuckDBPyConnection, reading: Reading, server: Connection, copied: set[tuple[str | None, str]]
) -> None:
    """The tables that the role can see and nobody listed: named with their columns, and not read.

    A register is held against everything that stands there, not against what somebody thought of listing.
    """
    with _translated(reading):
        found = server.execute(text(reading.address.kind.listing)).all()
    for schema, name, own in found:
        if (schema, name) not in copied and not (own and (None, name) in copied):
            called = str(name) if own else f"{schema}.{name}"
            _tell_unread(target, reading, server, Wanted(called, str(schema), str(name), called))


def _tell_unread(target: duckdb.DuckDBPyConnection, reading: Reading, server: Connection, wanted: Wanted) -> None:
    """The columns that the server's own catalogue still lists of a table nobody could read; often it lists them all."""
    asked = {"table": wanted.name, "schema": wanted.schema}
    with _translated(reading, wanted.listed):
        found = server.execute(text(reading.address.kind.columns), asked).all()
    told.tell(target, reading.mapping.name, wanted.called, [(str(column), str(kind)) for column, kind, *_ in found])


@contextmanager
def _snapshot(reading: Reading) -> Iterator[Connection]:
    """One transaction that sees one moment and cannot write: the server itself is asked whether it is that."""
    for library in ("sqlalchemy", "psycopg"):  # what they log of a failure holds the driver's words
        logging.getLogger(library).setLevel(logging.CRITICAL)
    server, kind = _entered(reading), reading.address.kind
    driver = server.connection.driver_connection
    try:
        with _translated(reading):
            brand = "mariadb" if getattr(server.dialect, "is_mariadb", False) else server.dialect.name
            for statement in (*kind.session, kind.limit[brand].format(reading.limit), kind.begin):
                server.exec_driver_sql(statement)
            found = {str(value).lower() for _, value in server.exec_driver_sql(kind.proof)}
        if found != kind.proven:
            raise reading.problem("it does not give one read-only transaction. Give the address of the server itself")
        yield server
    finally:
        kind.let_go(driver)
        server.invalidate()  # hung up without another word: there is nothing to write, and it may be gone
        server.close()


def _entered(reading: Reading) -> Connection:
    """A connection of its own, that no pool keeps."""
    kind, url = reading.address.kind, reading.address.url
    engine = create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=kind.arguments(url, reading.limit)
    )
    try:
        return engine.connect()
    except (SQLAlchemyError, OSError, UnicodeError) as error:
        entered = isinstance(error, DBAPIError) and kind.entered(error.orig)
        why = (
            "it refuses the user, the password or the database of the address. Try them with another client"
            if entered
            else "it cannot be reached. Check host and port of the address, the network, and whether the server runs"
        )
        raise reading.problem(why) from None


@contextmanager
def _translated(reading: Reading, listed: str | None = None) -> Iterator[None]:
    """A driver's failure as one of ours, by its code alone."""
    try:
        yield
    except (SQLAlchemyError, OSError, UnicodeError) as error:
        raise reading.known(_why(reading, error), listed) from None
    except duckdb.Error:
        raise reading.problem("it cannot be kept in the run's folder. See whether the disk is full", listed) from None


def _why(reading: Reading, error: Exception) -> str:
    if not isinstance(error, DBAPIError):
        return "not-given"
    kind = reading.address.kind
    return kind.failures.get(kind.code(error.orig), "lost" if error.connection_invalidated else "not-given")


def _shape(reading: Reading, server: Connection, wanted: Wanted) -> Shape:
    """A table's columns, found twice: in the server's catalogue, and as a query gives them."""
    schema = quoted_name(wanted.schema, True) if wanted.schema else None
    origin = table(quoted_name(wanted.name, True), schema=schema)
    asked = {"table": wanted.name, "schema": wanted.schema}
    found = server.execute(text(reading.address.kind.columns), asked).all()
    if not found:
        raise reading.known("unknown", wanted.listed)
    if any(readable is None for _, _, readable, _ in found):  # what PostgreSQL says of a table dropped since
        raise reading.known("gone", wanted.listed)
    hidden = [str(column) for column, _, readable, _ in found if not readable]
    if len(hidden) == len(found):
        raise reading.known("forbidden", wanted.listed)
    if hidden:
        why = f"column {', '.join(hidden[:5])}: {WHY['forbidden']}"
        raise Unreadable(reading.problem(why, wanted.listed), hidden)
    if not all(covered for *_, covered in found):
        raise reading.known("no-transactions", wanted.listed)
    columns = {str(column): str(kind) for column, kind, *_ in found}
    given = list(server.execute(select(text("*")).select_from(origin).limit(0)).keys())
    if given != list(columns) or len({column.lower() for column in columns}) != len(columns):
        raise reading.known("names-not-told-apart", wanted.listed)
    return Shape(wanted, origin, columns)


def _column(name: str) -> Column:
    return column(quoted_name(name, True))


def _count(server: Connection, shape: Shape) -> tuple[int, ...]:
    """Rows of a table, and values that are there in each column: counted by the server on what it stores."""
    counts = [func.count(), *(func.count(_column(name)) for name in shape.columns)]
    return tuple(server.execute(select(*counts).select_from(shape.origin)).one())


def _load(target: duckdb.DuckDBPyConnection, reading: Reading, server: Connection, shape: Shape) -> None:
    """Stream a table as text; the memory that takes does not grow with its rows."""
    into = f"{quote(reading.mapping.name)}.{quote(shape.wanted.called)}"
    target.execute(f"CREATE TABLE {into} ({', '.join(f'{quote(name)} VARCHAR' for name in shape.columns)})")
    told: list[Any] = [
        reading.address.kind.told(_column(name), kind).label(f"c{place}")
        for place, (name, kind) in enumerate(shape.columns.items())
    ]
    rows = server.execute(select(*told).select_from(shape.origin), execution_options={"yield_per": CHUNK})
    insert = f"INSERT INTO {into} SELECT {', '.join('unnest(CAST(? AS VARCHAR[]))' for _ in told)}"
    for part in rows.partitions():
        target.execute(insert, [list(values) for values in zip(*part, strict=True)])


def _agree(target: duckdb.DuckDBPyConnection, reading: Reading, shape: Shape, counted: tuple[int, ...]) -> None:
    counts = ", ".join(["count(*)", *(f"count({quote(name)})" for name in shape.columns)])
    into = f"{quote(reading.mapping.name)}.{quote(shape.wanted.called)}"
    if target.execute(f"SELECT {counts} FROM {into}").fetchone() != counted:
        raise reading.known("rows-differ", shape.wanted.listed)
