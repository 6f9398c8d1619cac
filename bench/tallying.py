"""D: rows past their period counted inside DuckDB, beside Great Expectations over the whole table."""

from __future__ import annotations

import gc
import os
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
# One row in a thousand is past its period; one in four thousand each has no start, a placeholder, a day to come.
TABLE = """
    CREATE SCHEMA crm;
    CREATE TABLE crm.contacts AS SELECT
        i AS id,
        CASE WHEN i % 4000 = 7 THEN NULL
             WHEN i % 4000 = 8 THEN DATE '1900-01-01'
             WHEN i % 4000 = 9 THEN DATE '2031-01-01'
             WHEN i % 1000 = 3 THEN DATE '2021-01-01' + CAST(i % 300 AS INTEGER)
             ELSE DATE '2024-01-01' + CAST(i % 1000 AS INTEGER) END AS last_contact_on
    FROM range({rows}) AS numbers(i)
"""
ENGINE, GX = "retention tally in DuckDB", "Great Expectations over the whole table"
Counts = tuple[int, int, int]


class Table:
    """The table, in memory, and both ways to count its rows past the period, without a start, and with no real day."""

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
        past, missing, bad = (seen[f"{name}_rows"] for name in ("past_limit", "start_missing", "bad_date"))
        return int(str(past)), int(str(missing)), int(str(bad))

    def in_gx(self) -> Counts:
        """The table into pandas, and the same claim as four expectations with their counts."""
        import great_expectations as gx
        import pandas as pd
        from great_expectations import expectations

        table = self._connection.execute("SELECT last_contact_on FROM crm.contacts").df()
        placeholders = [pd.Timestamp(day) for day in tallies.PLACEHOLDERS[1:3]]  # the two that a time stamp can hold
        first_inside = pd.Timestamp(self._cutoff) + pd.Timedelta(days=1)
        gxe: Any = expectations  # its names are not typed as exported
        asked = [
            gxe.ExpectColumnValuesToBeBetween(column="last_contact_on", min_value=first_inside),
            gxe.ExpectColumnValuesToNotBeNull(column="last_contact_on"),
            gxe.ExpectColumnValuesToNotBeInSet(column="last_contact_on", value_set=placeholders),
            gxe.ExpectColumnValuesToBeBetween(column="last_contact_on", max_value=pd.Timestamp(AS_OF)),
        ]
        suite = gx.ExpectationSuite(name="retention", expectations=asked)
        said = self._batches.get_batch({"dataframe": table}).validate(suite)
        found = {_question(one): int(one.result["unexpected_count"]) for one in said.results}
        placed = found["not_be_in_set"]
        return found["be_between min"] - placed, found["not_be_null"], placed + found["be_between max"]

    def timed(self, work: Callable[[], Counts]) -> float:
        """Seconds of one way. Raises Failed when it counts other rows than the other."""
        gc.collect()  # or one side cleans up after the other, now and then
        begun = time.perf_counter()
        counts = work()
        seconds = time.perf_counter() - begun
        if self._counts not in (None, counts):
            raise Failed("the tally and the expectations count other rows")
        self._counts = counts
        return seconds


def _question(answer: Any) -> str:
    """`be_between min`: what one answer of Great Expectations is about."""
    asked = answer.expectation_config
    limits = [name for name in ("min", "max") if f"{name}_value" in asked.kwargs]
    return " ".join((asked.type.removeprefix("expect_column_values_to_"), *limits))


def _batches() -> Any:
    """Great Expectations, imported and quiet, before any clock starts."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read at import; the network is not timed
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
