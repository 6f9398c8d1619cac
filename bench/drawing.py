"""C: a population frozen and a sample drawn inside DuckDB, beside the rule in plain Python on rows in memory."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path

from bench.measure import Failed, Race, Ratio, Side
from evidence_kit.edges.engines.duckdb import DuckDB
from evidence_kit.model.canonical import digest
from evidence_kit.model.sample import Drawn, Stratum
from evidence_kit.rules import tickets

COLUMNS = (("id", "text"), ("right", "text"), ("received_on", "date"), ("country", "text"), ("pages", "integer"))
ROWS = """
    CREATE TABLE population AS SELECT
        'R-' || i AS id,
        ['access', 'erasure', 'rectification'][1 + i % 3] AS "right",
        DATE '2020-01-01' + CAST(i % 2000 AS INTEGER) AS received_on,
        CASE WHEN i % 7 = 0 THEN NULL ELSE ['FR', 'DE', 'ÉS'][1 + i % 3] END AS country,
        i * 31 % 997 AS pages
    FROM range({units}) AS numbers(i)
"""
SIZES = {"access": 59, "erasure": 59, "rectification": 59}
BLIND, COMMITMENT, NONCE = digest("blind"), digest("commitment"), digest("nonce")
ENGINE, PURE = "freeze and draw in DuckDB", "freeze and draw in plain Python"
Answer = tuple[tuple[Stratum, ...], tuple[Drawn, ...]]


class Population:
    """The same rows in the engine and in memory; whoever answers first says what the other must answer too."""

    def __init__(self, engine: DuckDB, units: int) -> None:
        self.engine = engine
        self._answer: Answer | None = None
        engine.connection.execute(ROWS.format(units=units))
        # Days as the rule reads them; the baseline is spared the way out of the engine.
        self.rows = engine.connection.execute(
            "SELECT id, \"right\", strftime(received_on, '%Y-%m-%d'), country, pages FROM population"
        ).fetchall()

    def in_engine(self) -> Answer:
        """No row leaves DuckDB but the drawn ones."""
        frozen = self.engine.freeze("population", COLUMNS, "id", "right", BLIND)
        return frozen.strata, self.engine.draw("population", SIZES, COMMITMENT, NONCE)

    def in_python(self) -> Answer:
        """The rule that every engine is held to."""
        kept = tickets.freeze(self.rows, COLUMNS, "id", "right", BLIND)
        return tickets.strata_of(kept), tickets.draw(kept, SIZES, COMMITMENT, NONCE)

    def timed(self, work: Callable[[], Answer]) -> float:
        """Seconds of one way. Raises Failed when it does not find the roots and the units that the other found."""
        gc.collect()  # or one side cleans up after the other, now and then
        begun = time.perf_counter()
        answer = work()
        seconds = time.perf_counter() - begun
        if self._answer not in (None, answer):
            raise Failed("the engine and the rule do not draw the same units")
        self._answer = answer
        return seconds


def race(folder: Path, units: int) -> Race:
    """Both ways over `units` units in three strata."""
    population = Population(DuckDB(folder), units)
    return Race(
        f"C: freeze and draw, {units:,} units",
        (
            Side(PURE, lambda: population.timed(population.in_python)),
            Side(ENGINE, lambda: population.timed(population.in_engine)),
        ),
        (Ratio("C", PURE, ENGINE),),
        ("The rows are in memory before Python's clock starts. Same roots, same units, checked in every round.",),
    )
