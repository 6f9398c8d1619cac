"""R: the living schema counted and classified, beside counts written by hand.

Both sides read the same tables of one session: values of each column that are there, and how many differ, nearly. The
kit also draws a sample of each column, asks what the values are, and writes a row for every column.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.measure import Failed, Race, Ratio, Side
from bench.probing import _engagement
from evidence_kit.edges import schemas, unread
from evidence_kit.edges.derived import Ground
from evidence_kit.model.audit import SourceMapping

ROWS, MANY_ROWS = 20_000, 1_000_000
TABLES = 20
HAND, OURS = "values counted by hand, all and different", "the kit's look at every column"
COLUMNS = (
    "i AS id, concat('person', i, '@client-', i % 300, '.example') AS email, "
    "concat('+33 1 99 00 ', lpad(CAST(i % 100 AS VARCHAR), 2, '0'), ' ', 10 + i // 100 % 90) AS phone, "
    "concat('10.', i % 250, '.', i % 99, '.7') AS ip, concat('Note ', i) AS notes, "
    "['open', 'closed', 'lost'][1 + i % 3] AS status, DATE '1960-01-01' + CAST(i % 18000 AS INTEGER) AS birth_date, "
    "CASE WHEN i % 2 = 0 THEN concat('A', i % 90) END AS custom_1, i % 7 AS kind, "
    "TIMESTAMP '2026-01-01' + to_seconds(i) AS created_at"
)


def races(folder: Path, rows: int = ROWS) -> list[Callable[[], Race]]:
    """One race of seconds; the tables are made before it."""

    def seconds() -> Race:
        connection = _made(folder, rows)
        agreed: list[int] = []

        def side(work: Callable[[duckdb.DuckDBPyConnection], int]) -> Callable[[], float]:
            def run() -> float:
                begun = time.perf_counter()
                agreed.append(work(connection))
                spent = time.perf_counter() - begun
                if len(set(agreed)) != 1 or not agreed[0]:
                    raise Failed("the two sides do not count the same values")
                return spent

            return run

        sides = (Side(HAND, side(_by_hand)), Side(OURS, side(_by_kit)))
        remark = "The kit also draws up to 1,000 values of each column and asks what they are; by hand each is counted."
        title = f"R: {TABLES} tables of {rows:,} rows and ten columns"
        return Race(title, sides, (Ratio("R", OURS, HAND),), (remark,))

    return [seconds]


def _made(folder: Path, rows: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(folder / f"schema-{rows}.duckdb"), config={"memory_limit": "1GB"})
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE SCHEMA base")
    for number in range(TABLES):
        connection.execute(f"CREATE TABLE base.table_{number:02d} AS SELECT {COLUMNS} FROM range({rows}) AS t(i)")
    unread.ready(connection)
    return connection


def _by_hand(connection: duckdb.DuckDBPyConnection) -> int:
    total = 0
    for number in range(TABLES):
        asked = "count(COLUMNS(*)), approx_count_distinct(COLUMNS(*))"
        row = connection.execute(f"SELECT {asked} FROM base.table_{number:02d}").fetchone() or ()
        total += sum(int(value) for value in row[: len(row) // 2])
    return total


def _by_kit(connection: duckdb.DuckDBPyConnection) -> int:
    base = SourceMapping("base", "bench.yaml", "duckdb", None, "UTC", {}, (), {}, {})
    schemas.look(Ground(connection, _engagement(base), lambda frame: None, {}))
    row = connection.execute(f"SELECT CAST(sum(filled_count) AS BIGINT) FROM main.{schemas.TABLE}").fetchone()
    return 0 if row is None else int(row[0])
