"""What PostgreSQL and MySQL (and MariaDB) say differently: how a session is pinned, what is asked, how values are told.

A value is told as text by its own server, under settings that no server or role can have changed: the same row is the
same text today and next year. An instant carries its offset, a time without zone has none, bytes are `\\x` and hex.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CHAR, URL, ColumnElement, Text, cast, func, literal_column
from sqlalchemy.sql.elements import ColumnClause

#: Seconds to wait for a server that does not answer at all.
PATIENCE: Final = 10

Column = ColumnClause[Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of server. `session` and `limit` pin a session (`{0}`: seconds); `begin` opens the one transaction.

    `proof` asks what that transaction is; its second column must be exactly `proven`. `columns` asks of :table in
    :schema for each column's name and type, whether the role may read it, whether the transaction covers the table.
    `listing` asks for every table and view that is not the server's own: schema, name, whether that schema goes without
    saying. `grants` asks what the role may do, where `whole` can then say whether the listing holds back nothing.
    `told` is a column as text. Of a driver's error, `entered`: the server was reached and refused; `code`: how the
    server numbers it; `failures`: that code → a key of `copying.WHY`. `let_go`: a connection forgets what is unread.
    """

    title: str
    schemes: frozenset[str]
    driver: str
    module: str
    extra: str
    example: str
    parameters: frozenset[str]
    arguments: Callable[[URL, int], dict[str, Any]]
    session: tuple[str, ...]
    limit: Mapping[str, str]
    begin: str
    proof: str
    proven: frozenset[str]
    columns: str
    listing: str
    grants: str | None
    whole: Callable[[Iterable[str]], bool]
    told: Callable[[Column, str], ColumnElement[Any]]
    entered: Callable[[Any], bool]
    code: Callable[[Any], object]
    let_go: Callable[[Any], None]
    failures: Mapping[object, str]


def _postgresql(column: Column, kind: str) -> ColumnElement[Any]:
    return cast(column, Text)


#: Types whose bytes are no text. A shape on a map is one of them.
_BYTES: Final = frozenset(
    "binary varbinary tinyblob blob mediumblob longblob "
    "geometry point linestring polygon multipoint multilinestring multipolygon geometrycollection".split()
)


def _mysql(column: Column, kind: str) -> ColumnElement[Any]:
    if kind in _BYTES:
        return func.concat(r"\x", func.lower(func.hex(column)))
    if kind == "bit":
        return cast(column + literal_column("0"), CHAR)
    if kind == "float":  # as a double: by itself it is told in six digits, and two values may look the same
        return cast(column + literal_column("0e0"), CHAR)
    return func.concat(cast(column, CHAR), "Z") if kind == "timestamp" else cast(column, CHAR)


def _sees_all(grants: Iterable[str]) -> bool:
    """Whether the role may read everything: else the catalogue leaves out what it may not read, without a word."""
    found = list(grants)
    given = [match[1].upper().split(", ") for one in found if (match := re.match(r"GRANT (.+?) ON \*\.\* TO ", one))]
    taken = any(one.upper().startswith("REVOKE ") for one in found)  # MySQL 8 may except a database
    return not taken and any({"SELECT", "ALL PRIVILEGES"} & set(one) for one in given)


def _forget_unread(connection: Any) -> None:
    """Else a result that was cut off reads on when it is collected, and writes into the log that it failed."""
    if connection._result is not None:
        connection._result.unbuffered_active = False


POSTGRESQL: Final = Kind(
    title="PostgreSQL",
    schemes=frozenset({"postgresql", "postgres", "postgresql+psycopg"}),
    driver="postgresql+psycopg",
    module="psycopg",
    extra="postgres",
    example="postgresql://user:password@host:5432/database",
    parameters=frozenset({"host", "sslmode", "sslrootcert", "sslcert", "sslkey"}),
    arguments=lambda url, limit: {
        "connect_timeout": PATIENCE,
        "client_encoding": "utf8",
        "application_name": "evidence_kit",
        # No password but the address's: one from a file at home would be unknown to the leak scan.
        "passfile": "/nowhere/pgpass",
        # A line that is cut without a word is noticed within a minute.
        **{"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3},
    },
    session=(
        "SET TIME ZONE 'UTC'",
        "SET DateStyle = 'ISO, YMD'",
        "SET IntervalStyle = 'iso_8601'",
        "SET extra_float_digits = 3",
        "SET bytea_output = 'hex'",
        "SET lc_monetary = 'C'",
        # Policies that hide rows then refuse the query instead: a part of a log is no log.
        "SET row_security = off",
    ),
    limit={"postgresql": "SET statement_timeout = '{0}s'"},
    begin="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    proof="SELECT name, setting FROM pg_settings WHERE name IN ('transaction_read_only', 'transaction_isolation')",
    proven=frozenset({"on", "repeatable read"}),
    columns=(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod), "
        "has_column_privilege(a.attrelid, a.attnum, 'SELECT'), true "
        "FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid "
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE c.relname = :table AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped "
        "AND CASE WHEN CAST(:schema AS text) IS NULL THEN pg_table_is_visible(c.oid) ELSE n.nspname = :schema END "
        "ORDER BY a.attnum"
    ),
    # A partition is read through its whole; a table without columns holds nothing.
    listing=(
        "SELECT n.nspname, c.relname, coalesce(n.nspname = current_schema(), false) AS own "
        "FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition "
        "AND n.nspname <> 'information_schema' AND left(n.nspname, 3) <> 'pg_' AND EXISTS (SELECT FROM "
        "pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) "
        "ORDER BY own DESC, n.nspname, c.relname"
    ),
    grants=None,
    whole=lambda grants: True,
    told=_postgresql,
    entered=lambda error: bool(error.pgconn and (error.pgconn.needs_password or error.pgconn.used_password)),
    code=lambda error: error.sqlstate,
    let_go=lambda connection: None,
    # A table, column, schema that is no longer there.
    failures={"57014": "too-slow", "42501": "forbidden", **dict.fromkeys(("42P01", "42703", "3F000"), "gone")},
)

MYSQL: Final = Kind(
    title="MySQL or MariaDB",
    schemes=frozenset({"mysql", "mariadb", "mysql+pymysql", "mariadb+pymysql"}),
    driver="mysql+pymysql",
    module="pymysql",
    extra="mysql",
    example="mysql://user:password@host:3306/database",
    parameters=frozenset({"unix_socket", "ssl_ca", "ssl_cert", "ssl_key"}),
    arguments=lambda url, limit: {
        "connect_timeout": PATIENCE,
        # A line that is cut without a word is noticed once the server would have given up by itself.
        "read_timeout": limit + PATIENCE,
        "charset": "utf8mb4",
        # As bytes: the driver would write the text in Latin-1.
        "password": str(url.password or "").encode(),
        # Before anything is asked: how SQLAlchemy quotes follows from it.
        "init_command": "SET SESSION sql_mode = 'STRICT_ALL_TABLES', SESSION time_zone = '+00:00'",
    },
    session=("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",),
    limit={"mysql": "SET SESSION max_execution_time = {0}000", "mariadb": "SET SESSION max_statement_time = {0}"},
    begin="START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    # MySQL 8 has the long names, MariaDB 10 the short ones, others both.
    proof=(
        "SHOW SESSION VARIABLES WHERE Variable_name IN "
        "('tx_read_only', 'transaction_read_only', 'tx_isolation', 'transaction_isolation')"
    ),
    proven=frozenset({"on", "repeatable-read"}),
    columns=(
        "SELECT c.column_name, lower(c.data_type), c.privileges LIKE '%select%', "
        "coalesce(e.transactions, 'YES') = 'YES' "
        "FROM information_schema.columns AS c "
        "LEFT JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
        "LEFT JOIN information_schema.engines AS e ON e.engine = t.engine "
        "WHERE c.table_name = :table AND c.table_schema = coalesce(:schema, database()) ORDER BY c.ordinal_position"
    ),
    listing=(
        "SELECT t.table_schema, t.table_name, t.table_schema = database() AS own FROM information_schema.tables AS t "
        "WHERE lower(t.table_schema) NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') "
        "AND t.table_type <> 'SEQUENCE' ORDER BY own DESC, t.table_schema, t.table_name"
    ),
    grants="SHOW GRANTS",
    whole=_sees_all,
    told=_mysql,
    # 1044 and 1049: the database; 1045 and 1698: user or password.
    entered=lambda error: bool(error.args) and error.args[0] in (1044, 1045, 1049, 1698),
    code=lambda error: error.args[0] if error.args else None,
    let_go=_forget_unread,
    # A statement that ran too long (MariaDB, MySQL) or waited for a lock; what is denied (a table, a column, a view); a
    # table, a column, a database that is no longer there, a table that changed since the transaction began.
    failures={
        **dict.fromkeys((1969, 3024, 1205), "too-slow"),
        **dict.fromkeys((1142, 1143, 1356), "forbidden"),
        **dict.fromkeys((1049, 1054, 1146, 1412), "gone"),
    },
)

KINDS: Final[Mapping[str, Kind]] = {"postgresql": POSTGRESQL, "mysql": MYSQL}
