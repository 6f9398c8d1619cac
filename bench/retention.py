"""D: retention of a table measured by the kit, beside SQL written by hand, and beside Great Expectations on pandas.

Every side is a process of its own, over a database file: its seconds, its processor time and its largest memory are of
the work alone, or of the process from its start, for the memory. Run as a program this module is one such side.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from bench.measure import Failed, Race, Ratio, Side
from evidence_kit.edges import declared, opening, tallies
from evidence_kit.edges.retained import PLACEHOLDERS
from evidence_kit.model.audit import LiveObject, SourceMapping
from evidence_kit.rules.retention import cutoff

ROOT = Path(__file__).resolve().parents[1]
ROWS, MANY_ROWS, GX_ROWS = 1_000_000, 10_000_000, 1_000_000
AS_OF = date(2026, 11, 24)
#: One rule of a register, as a row of the frame `retention_rules`.
RULE = {
    "rule_id": "K1",
    "source": "crm",
    "object": "contacts",
    "start": "last_contact",
    "keep": "36 months",
    "then": "delete",
    "fallback": "collected",
    "planned": None,
    "grace_days": 0,
    "hold_in_active": True,
}
# So many rows in a hundred are past their period. One in four thousand each has no start, a placeholder, a day to come;
# one in two thousand is under a hold.
TABLE = """
    CREATE TABLE contacts AS SELECT
        i AS id,
        CASE WHEN i % 4000 IN (7, 10) THEN NULL
             WHEN i % 4000 = 8 THEN DATE '1900-01-01'
             WHEN i % 4000 = 9 THEN DATE '2031-01-01'
             WHEN hash(i) % 100 < {percent} THEN DATE '2018-01-01' + CAST(hash(i + 1) % 1500 AS INTEGER)
             ELSE DATE '2024-01-01' + CAST(hash(i + 1) % 1000 AS INTEGER) END AS last_contact_on,
        CASE WHEN i % 4000 <> 7 THEN DATE '2016-01-01' + CAST(hash(i + 2) % 700 AS INTEGER) END AS collected_on,
        CASE WHEN i % 2000 = 11 THEN DATE '2019-01-01' END AS held_from,
        CASE WHEN i % 2000 = 11 THEN 'LIT-' || i END AS held_for
    FROM range({rows}) AS numbers(i)
"""
HAND, COUNT, KIT = "SQL written by hand", "bare counts by hand", "the kit"
GX = "Great Expectations on pandas"
SIDES = {HAND: "hand", COUNT: "count", KIT: "kit", GX: "gx"}


class Spent(NamedTuple):
    """What one run of a side took: seconds, seconds of processor, MiB of its process at most."""

    seconds: float
    processor: float
    peak: float


class Counts(NamedTuple):
    """What a side must find: rows past their period, without a start, without a sound date, and under a hold."""

    past: int
    missing: int
    bad: int
    held: int


class Runs:
    """One side over one table: each run is kept, so that its memory is told of the same run as its seconds."""

    def __init__(self, side: str, database: Path, agreed: list[Counts]) -> None:
        self._side, self._database, self._agreed = side, database, agreed
        self._spent: list[Spent] = []

    def run(self) -> Spent:
        """Raises Failed when the process does, or when it counts other rows than another side did."""
        command = [sys.executable, "-m", "bench.retention", SIDES[self._side], str(self._database)]
        environment = {**os.environ, "GX_ANALYTICS_ENABLED": "false"}
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
        if done.returncode:
            raise Failed(f"{self._side} ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
        said = json.loads(done.stdout.splitlines()[-1])
        counts = Counts(*said["counts"])
        self._agreed.append(counts)
        if counts != self._agreed[0]:
            raise Failed("two sides count other rows")
        self._spent.append(Spent(*said["spent"]))
        return self._spent[-1]

    def told(self, what: str) -> Callable[[], float]:
        """The processor time or the peak of the runs so far, one after the other."""
        kept = iter(self._spent)

        def next_one() -> float:
            found = next(kept, None)
            if found is None:
                raise Failed("no run to tell of")
            return float(getattr(found, what))

        return next_one


def races(folder: Path, rows: int) -> list[Callable[[], Race]]:
    """Seconds, then memory, of two tables of `rows` rows; then processor time beside Great Expectations."""
    runs: dict[str, Runs] = {}

    def seconds() -> Race:
        for percent in (1, 50):
            agreed: list[Counts] = []
            database = _table(folder, rows, percent)
            runs.update({f"{side}, {percent} % past": Runs(side, database, agreed) for side in (HAND, COUNT, KIT)})
        return Race(
            f"D: retention of {rows:,} rows",
            tuple(Side(name, lambda one=one: one.run().seconds) for name, one in runs.items()),  # type: ignore[misc]
            (
                *_beside(1.2),
                Ratio("D", f"{KIT}, 50 % past", f"{KIT}, 1 % past", most=1.5),
                *(Ratio("D", f"{KIT}, {percent} % past", f"{COUNT}, {percent} % past") for percent in (1, 50)),
            ),
            (
                "By hand and by the kit: counts by class, a histogram of ages, the first 1,000 rows past their period "
                "with days over, the first 1,000 without a start or a sound date, every row under a hold. Bare counts: "
                "one statement, nothing listed. Same counts, checked in every round.",
            ),
        )

    def work() -> Race:
        sides = tuple(Side(name, one.told("processor")) for name, one in runs.items())
        remark = "The processor time of the runs above, which what else the machine does disturbs less."
        ratios = (*_beside(1.2), Ratio("D", f"{KIT}, 50 % past", f"{KIT}, 1 % past", most=1.5))
        return Race(f"D: processor time for {rows:,} rows", sides, ratios, (remark,), unit="CPU s")

    def memory() -> Race:
        sides = tuple(Side(name, one.told("peak")) for name, one in runs.items())
        remark = "The largest resident memory of each process of the race above; both import the same modules."
        return Race(f"D: memory for {rows:,} rows", sides, tuple(_beside(1.3)), (remark,), unit="MiB")

    def beside_gx() -> Race:
        sides, agreed = [], dict[int, list[Counts]]()
        for percent in (1, 50):
            database = _table(folder, GX_ROWS, percent)
            for side in (GX, KIT):
                one = Runs(side, database, agreed.setdefault(percent, []))
                sides.append(Side(f"{side}, {percent} % past", lambda one=one: one.run().processor))  # type: ignore[misc]
        ratios = tuple(Ratio("D", f"{GX}, {percent} % past", f"{KIT}, {percent} % past", 40) for percent in (1, 50))
        remark = (
            "Imports come before the clock. Great Expectations lists every row by its key, having no first thousand, "
            "and makes no histogram."
        )
        title = f"D: {GX_ROWS:,} rows beside Great Expectations"
        return Race(title, tuple(sides), ratios, (remark,), unit="CPU s", rounds=2)

    return [seconds, work, memory, beside_gx]


def _beside(most: float) -> Iterator[Ratio]:
    for percent in (1, 50):
        yield Ratio("D", f"{KIT}, {percent} % past", f"{HAND}, {percent} % past", most=most)


def _table(folder: Path, rows: int, percent: int) -> Path:
    database = folder / f"crm-{rows}-{percent}.duckdb"
    if not database.exists():
        with duckdb.connect(str(database)) as connection:
            connection.execute(TABLE.format(rows=rows, percent=percent))
    return database


# --- one side, in a process of its own --------------------------------------------------------------------------------


def by_kit(database: Path) -> Callable[[], Counts]:
    """As the kit measures one rule, in a session of its own."""
    hold = {"reference": "held_for", "from": "held_from"}
    contacts = LiveObject("contacts", "id", {"last_contact": "last_contact_on", "collected": "collected_on"}, hold)
    mapping = SourceMapping("crm", "", "duckdb", None, "UTC", {}, (), {}, {"contacts": contacts})

    def work() -> Counts:
        connection = _session()
        opening.attach(connection, mapping, database)
        tally = tallies.tally(connection, {"crm": mapping}, RULE, "UTC", AS_OF)
        seen = tally.observation
        words = ("past_limit", "start_missing", "bad_date", "held")
        past, missing, bad, held = (int(str(seen[f"{word}_rows"])) for word in words)
        if len(tally.exceptions) < held or sum(int(str(bar["rows"])) for bar in tally.ages) != seen["rows"]:
            raise Failed("the kit's evidence is not whole")
        return Counts(past, missing, bad, held)

    return work


def by_hand(database: Path) -> Callable[[], Counts]:
    """What somebody who knows the table would write for the same answers, the cut-off days computed beforehand."""
    rows = _rows_by_hand()
    last = f"DATE '{cutoff(declared.read_rule(RULE), AS_OF)}'"
    past = f"NOT bad AND start_on <= {last}"
    over = f"DATE '{AS_OF}' - CAST(start_on + INTERVAL 36 MONTH AS DATE) AS days_over"
    # Bars of three months up to the limit, then of 30, 90 and 365 days.
    edges = [AS_OF - timedelta(days=91 * n) for n in range(1, 12)]
    edges += [cutoff(declared.read_rule(RULE), AS_OF - timedelta(days=days)) for days in (0, 30, 90, 365)]
    bars = " ".join(f"WHEN start_on > DATE '{edge}' THEN {n}" for n, edge in enumerate(edges))

    def work() -> Counts:
        connection = _session()
        connection.execute(f"ATTACH '{database}' AS crm (READ_ONLY)")
        found = _count_by_hand(connection)
        for listed in (
            f"SELECT CASE WHEN bad THEN 98 WHEN start_on IS NULL THEN 99 {bars} ELSE 50 END AS bar, count(*) "
            "FROM sound GROUP BY bar",
            f"SELECT id, start_on, {over} FROM sound WHERE {past} AND held_from IS NULL "
            "ORDER BY start_on, id LIMIT 1000",
            f"SELECT id, start_on, {over}, held_from, held_for FROM sound WHERE {past} AND held_from IS NOT NULL",
            "SELECT id, contacted, collected FROM sound WHERE bad ORDER BY id LIMIT 1000",
            "SELECT id FROM sound WHERE NOT bad AND start_on IS NULL ORDER BY id LIMIT 1000",
        ):
            connection.execute(f"{rows} {listed}").fetchall()
        return found

    return work


def by_count(database: Path) -> Callable[[], Counts]:
    """The bare counts, in one statement: no picture, nothing listed."""

    def work() -> Counts:
        connection = _session()
        connection.execute(f"ATTACH '{database}' AS crm (READ_ONLY)")
        return _count_by_hand(connection)

    return work


def _count_by_hand(connection: duckdb.DuckDBPyConnection) -> Counts:
    past = f"NOT bad AND start_on <= DATE '{cutoff(declared.read_rule(RULE), AS_OF)}'"
    found = connection.execute(
        f"{_rows_by_hand()} SELECT count(*) FILTER ({past} AND held_from IS NULL), "
        "count(*) FILTER (NOT bad AND start_on IS NULL), count(*) FILTER (bad), "
        f"count(*) FILTER ({past} AND held_from IS NOT NULL AND held_for <> ''), "
        "min(start_on) FILTER (NOT bad), count(*) FROM sound"
    ).fetchall()
    return Counts(*found[0][:4])


def _rows_by_hand() -> str:
    placeholders = ", ".join(f"DATE '{day}'" for day in PLACEHOLDERS)
    unsound = " OR ".join(f"({c} IN ({placeholders}) OR {c} > DATE '{AS_OF}')" for c in ("contacted", "collected"))
    return f"""
        WITH rows AS (
            SELECT id, held_from, held_for, last_contact_on AS contacted, collected_on AS collected,
                coalesce(last_contact_on, collected_on) AS start_on FROM crm.contacts
        ), sound AS (SELECT *, coalesce({unsound}, false) AS bad FROM rows)"""


def by_gx(database: Path) -> Callable[[], Counts]:
    """The table into pandas, and the same claims as expectations with their counts."""
    import great_expectations as gx
    import pandas as pd
    from great_expectations import expectations
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("bench").add_dataframe_asset("table")
    batches = asset.add_batch_definition_whole_dataframe("all")
    placeholders = [pd.Timestamp(day) for day in PLACEHOLDERS[1:3]]  # the two that a time stamp can hold
    first_inside = pd.Timestamp(cutoff(declared.read_rule(RULE), AS_OF)) + pd.Timedelta(days=1)
    gxe: Any = expectations  # its names are not typed as exported

    def work() -> Counts:
        connection = _session()
        connection.execute(f"ATTACH '{database}' AS crm (READ_ONLY)")
        table = connection.execute("SELECT * FROM crm.contacts").df()
        table["start_on"] = table["last_contact_on"].fillna(table["collected_on"])
        free, held = table[table["held_from"].isna()], table[table["held_from"].notna()]
        asked = [
            gxe.ExpectColumnValuesToBeBetween(column="start_on", min_value=first_inside),
            gxe.ExpectColumnValuesToNotBeNull(column="start_on"),
            gxe.ExpectColumnValuesToNotBeInSet(column="start_on", value_set=placeholders),
            gxe.ExpectColumnValuesToBeBetween(column="start_on", max_value=pd.Timestamp(AS_OF)),
        ]
        found = _unexpected(batches, gx.ExpectationSuite(name="retention", expectations=asked), free)
        excused = _unexpected(batches, gx.ExpectationSuite(name="held", expectations=asked[:1]), held)
        placed = found["not_be_in_set"]
        bad = placed + found["be_between max"]
        return Counts(found["be_between min"] - placed, found["not_be_null"], bad, excused["be_between min"])

    return work


def _unexpected(batches: Any, suite: Any, table: Any) -> dict[str, int]:
    # To say which rows, by their own key, Great Expectations lists all of them: it has no first thousand.
    asked = {"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]}
    said = batches.get_batch({"dataframe": table}).validate(suite, result_format=asked)
    return {_question(one): int(one.result["unexpected_count"]) for one in said.results}


def _question(answer: Any) -> str:
    """`be_between min`: what one answer of Great Expectations is about."""
    asked = answer.expectation_config
    limits = [name for name in ("min", "max") if f"{name}_value" in asked.kwargs]
    return " ".join((asked.type.removeprefix("expect_column_values_to_"), *limits))


def _session() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"memory_limit": "1GB"})
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _peak() -> float:
    """MiB that this process held at most. What `getrusage` says would begin with what its parent held."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    found = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(found.split()[1]) / 2**10


def main(side: str, database: str) -> None:
    """Do the work of one side once and print what it counted and what it took, as one line of JSON."""
    work = {"hand": by_hand, "count": by_count, "kit": by_kit, "gx": by_gx}[side](Path(database))
    wall, processor = time.perf_counter(), time.process_time()
    counts = work()
    seconds = (time.perf_counter() - wall, time.process_time() - processor)
    peak = _peak()
    print(json.dumps({"counts": counts, "spent": [*seconds, peak]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
