"""What of a source could not be read, or only with a doubt, kept in the session beside what was read.

Nothing unread may pass for absent: a search reads `temp.main.ek_unreachable (source, object, why)`, where object `*`
stands for objects that nobody could even name. `why` is a code, and behind a colon the columns or the line it concerns;
never a value.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

UNREACHABLE, DOUBTS = "temp.main.ek_unreachable", "temp.main.ek_doubts"
#: What stands for objects that the source does not even name, and why nobody knows how many those are.
NAMELESS, INCOMPLETE = "*", "catalogue-incomplete"

Unreachable = tuple[str, str, str]
Doubt = tuple[str, str, int]


def ready(connection: duckdb.DuckDBPyConnection) -> None:
    """Both tables are there in every session, empty where everything was read."""
    make = "CREATE TEMP TABLE IF NOT EXISTS"
    connection.execute(f"{make} ek_unreachable (source VARCHAR, object VARCHAR, why VARCHAR)")
    connection.execute(f"{make} ek_doubts (source VARCHAR, object VARCHAR, code VARCHAR, number BIGINT)")


def unreachable(connection: duckdb.DuckDBPyConnection, source: str, name: str, why: str) -> None:
    """Object `name` of a source was not read, or not whole."""
    connection.execute(f"INSERT INTO {UNREACHABLE} VALUES (?, ?, ?)", [source, name, why])


def doubtful(connection: duckdb.DuckDBPyConnection, source: str, doubts: Iterable[Doubt]) -> None:
    """What was left out or guessed, each as (object, code, number); the code says what was counted: `files-binary`."""
    for name, code, number in doubts:
        connection.execute(f"INSERT INTO {DOUBTS} VALUES (?, ?, ?, ?)", [source, name, code, number])


def listed(connection: duckdb.DuckDBPyConnection) -> tuple[Unreachable, ...]:
    """Every (source, object, why) of the session, in that order."""
    found = connection.execute(f"SELECT source, object, why FROM {UNREACHABLE} ORDER BY ALL").fetchall()
    return tuple((str(source), str(name), str(why)) for source, name, why in found)


def doubts(connection: duckdb.DuckDBPyConnection, source: str) -> tuple[Doubt, ...]:
    """Every (object, code, number) of a source, in that order."""
    found = connection.execute(
        f"SELECT object, code, number FROM {DOUBTS} WHERE source = ? ORDER BY ALL", [source]
    ).fetchall()
    return tuple((str(name), str(code), int(number)) for name, code, number in found)


def said(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """The doubts of a source in words for a note: how many of what, objects taken together."""
    counted: dict[str, int] = {}
    for _, code, number in doubts(connection, source):
        counted[code] = counted.get(code, 0) + number
    return [f"{counted[code]}-{code}" for code in sorted(counted)]
