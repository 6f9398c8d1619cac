"""D: rows past their period counted inside DuckDB, beside Great Expectations over the whole table for the same claim."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb

from bench.measure import Failed, Race, Ratio, Side
from evidence_kit.edges import tallies
from evidence_kit.model.audit import LiveObject, SourceMapping
from evidence_kit.rules.retention import cutoff

ROWS = 120_000
AS_OF = date(2026, 11, 24)
#: One rule of a register, as a row of the frame `retention_rules`.
RULE = {
    "rule_id": "K1",
    "source": "crm",
    "object": "contacts",
    "start": "last_contact",
    "keep": "36 months",
    "then": "delete",
    "fallback": None,
    "planned": None,
    "grace_days": 0,
    "hold_in_active": False,
}
# One row in a thousand is past its period, and one in four thousand has no start.
TABLE = """
    CREATE SCHEMA crm;
    CREATE TABLE crm.contacts AS SELECT
        i AS id,
        CASE WHEN i % 4000 = 7 THEN NULL
             WHEN i % 1000 = 3 THEN DATE '2021-01-01' + CAST(i % 300 AS INTEGER)
             ELSE DATE '2024-01-01' + CAST(i % 1000 AS INTEGER) END AS last_contact_on
    FROM range({rows}) AS numbers(i)
"""
ENGINE, GX = "retention tally in DuckDB", "Great Expectations over the whole table"
Counts = tuple[int, int]


class Table:
    """The table, in memory, and both ways to count its rows past the period and its rows without a start."""

    def __init__(self, rows: int) -> None:
        self._connection = duckdb.connect(config={"memory_limit": "1GB"})
        self._connection.execute(TABLE.format(rows=rows))
        contacts = LiveObject("contacts", "id", {"last_contact": "last_contact_on"})
        self._sources = {"crm": SourceMapping("crm", "", "duckdb", None, "UTC", {}, (), {}, {"contacts": contacts})}
        self._cutoff = cutoff(tallies.read_rule(RULE), AS_OF)
        self._batches = _batches()
        self._counts: Counts | None = None

    def in_engine(self) -> Counts:
        """As the kit counts: one pass, and the exceptions judged one by one by the rule."""
        seen = tallies.tally(self._connection, self._sources, RULE, "UTC", AS_OF).observation
        return int(str(seen["past_limit_rows"])), int(str(seen["start_missing_rows"]))

    def in_gx(self) -> Counts:
        """The table into pandas, and the same claim as two expectations with their counts."""
        import great_expectations as gx
        import pandas as pd
        from great_expectations import expectations as gxe

        table = self._connection.execute("SELECT last_contact_on FROM crm.contacts").df()
        first_inside = pd.Timestamp(self._cutoff) + pd.Timedelta(days=1)
        asked = [
            gxe.ExpectColumnValuesToBeBetween(column="last_contact_on", min_value=first_inside),
            gxe.ExpectColumnValuesToNotBeNull(column="last_contact_on"),
        ]
        suite = gx.ExpectationSuite(name="retention", expectations=asked)
        said = self._batches.get_batch({"dataframe": table}).validate(suite)
        found = {one.expectation_config.type: one.result["unexpected_count"] for one in said.results}
        return found["expect_column_values_to_be_between"], found["expect_column_values_to_not_be_null"]

    def timed(self, work: Callable[[], Counts]) -> float:
        """Seconds of one way. Raises Failed when it counts other rows than the other."""
        begun = time.perf_counter()
        counts = work()
        seconds = time.perf_counter() - begun
        if self._counts not in (None, counts):
            raise Failed("the tally and the expectations count other rows")
        self._counts = counts
        return seconds


def _batches() -> Any:
    """Great Expectations, imported and quiet, before any clock starts."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return (
        context.data_sources.add_pandas("bench")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("all")
    )


def race(rows: int = ROWS) -> Race:
    """Both ways over one table."""
    table = Table(rows)
    return Race(
        f"D: rows past their period, {rows:,} rows",
        (Side(GX, lambda: table.timed(table.in_gx)), Side(ENGINE, lambda: table.timed(table.in_engine))),
        (Ratio("D", GX, ENGINE),),
        ("Great Expectations is imported before its clock starts. Same counts, checked in every round.",),
    )
