"""What a source says of its own columns, kept in the session beside what was read of them.

A copy as text loses the types, and a table that could not be read leaves no column at all: both stand here, so that the
catalogue of a source names everything the source itself names (docs/register.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import duckdb

COLUMNS, FILES = "temp.main.ek_told", "temp.main.ek_files"


def ready(connection: duckdb.DuckDBPyConnection) -> None:
    """The table is there in every session, empty where the engine itself knows the types."""
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS ek_told (source VARCHAR, object VARCHAR, place BIGINT, column_name VARCHAR, "
        "data_type VARCHAR)"
    )
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS ek_files (source VARCHAR, object VARCHAR, written_at TIMESTAMPTZ)"
    )


def tell(connection: duckdb.DuckDBPyConnection, source: str, name: str, columns: Iterable[tuple[str, str]]) -> None:
    """The columns of object `name`, in their order, each with the type that its source gives it."""
    ready(connection)
    listed = list(columns)
    if listed:
        connection.execute(
            f"INSERT INTO {COLUMNS} SELECT ?, ?, unnest(range(?)), unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
            [source, name, len(listed), [column for column, _ in listed], [kind for _, kind in listed]],
        )


def written(connection: duckdb.DuckDBPyConnection, source: str, name: str, seconds: float) -> None:
    """The file of object `name`, or of every object of a database (`*`), was last written to at that time."""
    ready(connection)
    at = datetime.fromtimestamp(seconds, UTC).isoformat()
    connection.execute(f"INSERT INTO {FILES} VALUES (?, ?, CAST(? AS TIMESTAMPTZ))", [source, name, at])


def listed(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, dict[str, str]]:
    """Object → column → type, of one source, in the source's own order."""
    ready(connection)
    found: dict[str, dict[str, str]] = {}
    rows = connection.execute(
        f"SELECT object, column_name, data_type FROM {COLUMNS} WHERE source = ? ORDER BY object, place", [source]
    )
    for name, column, kind in rows.fetchall():
        found.setdefault(str(name), {})[str(column)] = str(kind)
    return found
