"""Tables of a SQLite database, read once: one transaction that cannot write, every value as the text that it is.

A column of SQLite holds what was put into it, whatever its type says: a text among integers stays that text. Integers
are digits, reals the shortest digits that give the same real again, bytes `\\x` and hex, as servers tell them.
Source: sqlite.org, "Datatypes", "Write-Ahead Logging" and "URI filenames".
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from evidence_kit.edges.textfiles import Torn

MAGIC: Final = b"SQLite format 3\0"
#: Seconds to wait for a program that holds the database locked; rows fetched at a time.
PATIENCE, CHUNK = 5.0, 1_000
#: Instructions of SQLite between two looks at the clock.
STEPS: Final = 10_000
KIND: Final = "as a SQLite database"
COPY: Final = "or give a copy made with `.backup`"
#: SQLite's primary codes of what concerns the whole file, and what to do.
WHOLE: Final = {
    sqlite3.SQLITE_BUSY: f"another program holds it locked. Run again when that has ended, {COPY}",
    sqlite3.SQLITE_LOCKED: f"another program holds it locked. Run again when that has ended, {COPY}",
    sqlite3.SQLITE_READONLY: f"a transaction was left half done. Open it once with its own program, {COPY}",
    sqlite3.SQLITE_CANTOPEN: f"it, or its log of writes, cannot be opened here. See its rights, {COPY}",
    sqlite3.SQLITE_CORRUPT: "it is torn: pages are missing or damaged. Copy it again",
    sqlite3.SQLITE_NOTADB: "this is no SQLite database, or it is encrypted. Give the database itself, decrypted",
    sqlite3.SQLITE_IOERR: "it cannot be read to its end. Copy it again",
    sqlite3.SQLITE_NOMEM: "there is not enough memory for one of its rows. Give a copy without it",
}
TABLES: Final = (
    "SELECT name, type = 'view' OR sql LIKE 'create virtual%' FROM sqlite_master "
    "WHERE type IN ('table', 'view') ORDER BY name"
)


class Unread(ValueError):
    """One table or view that cannot be read while the others can. `code`: why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Table:
    """One table or view. `made`: its rows are made by a query or a module, which may never end."""

    name: str
    made: bool


@dataclass(slots=True)
class Database:
    """One open database. `odd`: texts of the table read last that are no UTF-8, and were taken for Latin-1."""

    connection: sqlite3.Connection
    limit: int
    odd: int = 0
    _end: float = field(default=float("inf"))

    def tables(self) -> tuple[Table, ...]:
        """Every table and view, those that SQLite keeps for itself included: they hold samples of columns."""
        return tuple(Table(str(name), bool(made)) for name, made in self.connection.execute(TABLES))

    def columns(self, table: Table) -> tuple[str, ...]:
        """The columns that `SELECT *` gives, generated ones too; one without a name is called by its place.

        Raises Unread where there are none to be told apart, or the view does not work any more.
        """
        with self._within(table):
            found = self.connection.execute(f"SELECT * FROM main.{quoted(table.name)} LIMIT 0").description
        names = tuple(str(column[0]) or f"column{place}" for place, column in enumerate(found))
        if len({name.lower() for name in names}) != len(names) or not table.name:
            raise Unread("names-not-told-apart")
        return names

    def types(self, table: Table) -> dict[str, str]:
        """Column → the type that the schema gives it, in their order; nothing of what does not work any more."""
        try:
            found = self.connection.execute(f"PRAGMA main.table_xinfo({quoted(table.name)})").fetchall()
        except sqlite3.Error as error:
            if _code(error) in WHOLE:
                raise
            return {}
        return {str(name): str(kind).lower() for _, name, kind, *_ in found}

    def counted(self, table: Table, width: int) -> tuple[int, ...]:
        """Rows, and values that are there in each column, counted by SQLite itself."""
        # By place: a name in double quotes that is none would be a text to SQLite.
        places = ", ".join(f"c{place}" for place in range(width))
        counts = ", ".join(f"count(c{place})" for place in range(width))
        sql = f"WITH t({places}) AS (SELECT * FROM main.{quoted(table.name)}) SELECT count(*), {counts} FROM t"
        with self._within(table):
            return tuple(self.connection.execute(sql).fetchone())

    def rows(self, table: Table) -> Iterator[tuple[str | None, ...]]:
        """Every row; the memory that takes does not grow with their number."""
        self.odd = 0
        with self._within(table):
            found = self.connection.execute(f"SELECT * FROM main.{quoted(table.name)}")
            while part := found.fetchmany(CHUNK):
                for row in part:
                    yield tuple(map(_told, row))

    @contextmanager
    def _within(self, table: Table) -> Iterator[None]:
        """A failure of one table as Unread; of a view, also that it takes longer than the limit."""
        self._end = time.monotonic() + self.limit if table.made else float("inf")
        try:
            yield
        except sqlite3.Error as error:
            code = _code(error)
            if code in WHOLE:
                raise
            raise Unread("too-slow" if code == sqlite3.SQLITE_INTERRUPT else "not-given") from None
        finally:
            self._end = float("inf")

    def late(self) -> bool:
        """Whether what runs now has run too long."""
        return time.monotonic() > self._end

    def text(self, raw: bytes) -> str:
        """A text as it stands; SQLite never looks whether it is UTF-8."""
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self.odd += 1
            return raw.decode("latin-1")


@contextmanager
def opened(path: Path, limit: int) -> Iterator[Database]:
    """The database in one read transaction. `limit`: seconds that a view may take.

    Raises Torn for what is no database, is locked, cut, damaged, or is written to while it is read.
    """
    path = path.resolve()
    with path.open("rb") as stream:
        head = stream.read(100)
    if len(head) < 100 or not head.startswith(MAGIC):
        raise Torn(KIND, WHOLE[sqlite3.SQLITE_NOTADB])
    log = path.with_name(f"{path.name}-wal")
    if not _size(log) and path.stat().st_size < _least(head):
        raise Torn(KIND, WHOLE[sqlite3.SQLITE_CORRUPT])
    # With a log of writes that holds nothing SQLite would make files beside the database; there is nothing to miss.
    still = head[18] == 2 and not _size(log)
    before = _moment(path)
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=ro{'&immutable=1' if still else ''}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        database = Database(connection, limit)
        connection.text_factory = database.text
        connection.set_progress_handler(database.late, STEPS)
        # A schema is as hostile as a value: no function of it may do more than compute.
        for statement in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
            connection.execute(f"PRAGMA {statement}")
        connection.execute("BEGIN")
        yield database
        if still and (_moment(path) != before or _size(log)):
            raise Torn(KIND, f"it was written to while it was read. Run again, {COPY}")
    except sqlite3.Error as error:
        why = WHOLE.get(_code(error), "SQLite cannot read it. See with `PRAGMA integrity_check` what it lacks")
        raise Torn(KIND, why) from None
    finally:
        connection.close()


def _least(head: bytes) -> int:
    """Bytes that a file with this header has at least: one that is shorter than a page SQLite takes for empty."""
    page, pages = int.from_bytes(head[16:18]), int.from_bytes(head[28:32])
    known = head[24:28] == head[92:96]  # else the number of pages was written by a program that did not keep it
    return (65_536 if page == 1 else page) * max(pages if known else 1, 1)


def quoted(name: str) -> str:
    """A name for SQLite."""
    return '"' + name.replace('"', '""') + '"'


def _told(value: str | bytes | int | float | None) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return rf"\x{value.hex()}" if isinstance(value, bytes) else repr(value)


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary code; 0 where Python itself raised it."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _moment(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
