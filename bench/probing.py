"""P: everybody who was erased looked for in every table, beside the SQL that one would write for that by hand.

`python3 -m bench.probing [--subjects 10000] [--rows 1000000] [--rounds 3]`. Both sides run in a process of their own
over one DuckDB file, and find the same rows of the same people.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from bench.measure import Failed, Race, Ratio, Side, measure
from evidence_kit.edges import probing
from evidence_kit.edges.derived import Ground
from evidence_kit.edges.engines.duckdb import DuckDB
from evidence_kit.edges.opening import attach
from evidence_kit.edges.relations import relate
from evidence_kit.model.audit import (
    FIGURES,
    Bilingual,
    Engagement,
    FrameMapping,
    Limit,
    Mapped,
    Organisation,
    Period,
    SourceMapping,
)

ROOT = Path(__file__).resolve().parents[1]
SUBJECTS, ROWS = 10_000, 1_000_000
SMALL = (2_000, 100_000)
HAND, OURS = "SQL written by hand, a table at a time", "the kit's probe of all tables"
LIMIT = "768MB"
# A person in a thousand of those erased still stands in each table: the last ones of its people.
WHO = "concat('person', (i * 7919) % {rows}, '@mail', i % 50, '.example')"
TEXT = "concat('Ticket ', i, ' opened by phone, customer asks about the invoice of last month; ', {middle}, ' thanks')"
TABLES = {
    "contacts": "i AS id, {who} AS email, concat('First', i % 900) AS first_name, "
    "concat('Last', i % 5000) AS last_name, "
    "CASE WHEN i % 20 = 0 THEN concat('wrote from ', {who}, ' in May') END AS note",
    "messages": "i AS id, {who} AS recipient, concat('Offer no. ', i % 400) AS subject, 'sent' AS status",
    "events": "i AS id, {who} AS email, 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101' AS agent, "
    "concat('https://shop.example/unsubscribe?u=', replace({who}, '@', '%40'), '&c=', i) AS url",
    "logs": "i AS id, concat('2026-03-01T10:00:00Z host smtp[', i, ']: to=<', {who}, '>, status=sent') AS line",
    "orders": "i AS id, concat('K-', i) AS customer, "
    "CAST(json_object('mail', {who}, 'lines', [i % 7, i % 11], 'city', 'Lyon') AS JSON) AS payload",
    "suppression": "i AS id, sha256({who}) AS digest, 'unsubscribe' AS reason",
    "tickets": "i AS id, {text} AS body, 'closed' AS state",
    "products": "i AS id, concat('Label of product ', i) AS label, concat('SKU-', i % 9000) AS sku",
}
KEYS = """
CREATE TEMP TABLE keys AS SELECT id AS subject, unnest([address, md5(address), sha1(address), sha256(address)]) AS key
FROM (SELECT erasure_id AS id, nfc_normalize(lower(trim(subject_key))) AS address FROM base.erasure_log)"""
#: One column by hand: the whole cell, the addresses within, and digests.
COLUMN = """
SELECT rowid AS place, nfc_normalize(lower(trim({text}))) AS key FROM base.{table} WHERE contains({text}, '@')
UNION ALL SELECT place, unnest(regexp_extract_all(nfc_normalize(lower(text)),
  '[^\\s<>(){{}}\\[\\],;:"=?&/]+@[^\\s<>(){{}}\\[\\],;:"=?&/]*[a-z0-9]')) FROM (
  SELECT rowid AS place, CASE WHEN contains({text}, '%40') THEN url_decode({text}) ELSE {text} END AS text
  FROM base.{table} WHERE contains({text}, '@') OR contains({text}, '%40'))
UNION ALL SELECT rowid, unnest(regexp_extract_all(lower({text}), '[0-9a-f]{{32,}}')) FROM base.{table}
  WHERE length({text}) >= 32"""
Found = list[tuple[str, str, int]]


class Spent(NamedTuple):
    """What one run of a side took: seconds, seconds of processor, MiB of its process at most."""

    seconds: float
    processor: float
    peak: float


def make(path: Path, subjects: int, rows: int) -> None:
    """The base: eight tables, and the log of erasures."""
    with duckdb.connect(str(path), config={"memory_limit": LIMIT}) as made:
        made.execute("SET enable_progress_bar = false")
        who = WHO.format(rows=rows)
        middle = f"CASE WHEN i % 5 = 0 THEN concat('write to ', {who}, '.') ELSE 'nothing else was said' END"
        for table, columns in TABLES.items():
            told = columns.format(who=who, text=TEXT.format(middle=middle))
            made.execute(f"CREATE TABLE {table} AS SELECT {told} FROM range({rows}) AS numbers(i)")
        # Of the erased, one in a hundred is among the people of the tables.
        first = rows - subjects // 100
        made.execute(
            "CREATE TABLE erasure_log AS SELECT concat('E', n) AS erasure_id, "
            f"concat('Person', n, '@Mail', (SELECT min(i) % 50 FROM range({rows}) AS numbers(i) "
            f"WHERE (i * 7919) % {rows} = n), '.example') AS subject_key, '2026-03-01T10:00:00Z' AS executed_at, "
            f"'clear_in_vault' AS identifier_form FROM range({first}, {first + subjects}) AS people(n)"
        )
        made.execute(
            "UPDATE erasure_log SET subject_key = concat(erasure_id, '@gone.example') WHERE subject_key IS NULL"
        )


def by_hand(path: Path, scratch: Path) -> tuple[float, Found]:
    """Each table asked as one would write it, everybody at once."""
    connection = duckdb.connect(config={"memory_limit": LIMIT, "temp_directory": str(scratch)})
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"ATTACH '{path}' AS base (READ_ONLY)")
    begun = time.perf_counter()
    connection.execute(KEYS)
    found: Found = []
    for table in TABLES:
        columns = connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? AND data_type IN "
            "('VARCHAR', 'JSON')",
            [table],
        ).fetchall()
        parts = (
            COLUMN.format(table=table, text=name if kind == "VARCHAR" else f"CAST({name} AS VARCHAR)")
            for name, kind in columns
        )
        sql = (
            f"SELECT k.subject, count(DISTINCT c.place) FROM ({' UNION ALL '.join(parts)}) AS c "
            "JOIN keys AS k ON k.key = c.key GROUP BY k.subject"
        )
        found += [(table, subject, rows) for subject, rows in connection.execute(sql).fetchall()]
    return time.perf_counter() - begun, found


def probed(path: Path, scratch: Path) -> tuple[float, Found]:
    """The frame `erasure_probes`, whole: keys, discovery, a statement an object, the state of every pair."""
    log = ("erasure_id", "subject_key", "executed_at", "identifier_form")
    columns = {name: Mapped(name, sql=name) for name in log}
    frames = {"erasure_log": FrameMapping("erasure_log", "erasure_log", None, columns)}
    base = SourceMapping("base", "base.yaml", "duckdb", None, "UTC", {}, (), frames, {})
    with DuckDB(scratch, memory_limit=LIMIT) as engine:
        attach(engine.connection, base, path)
        made = {"erasure_log": relate(engine.connection, "erasure_log", [base], {})}
        engine.connection.execute("SET schema = 'main'")
        begun = time.perf_counter()
        probing.probe(Ground(engine.connection, _engagement(base), made.get, {}), lambda _: b"")
        seconds = time.perf_counter() - begun
        found = engine.connection.execute(
            "SELECT object, case_id, matched_rows FROM frame_erasure_probes WHERE matched_rows > 0 "
            "AND object <> 'erasure_log'"
        ).fetchall()
    return seconds, found


def _engagement(base: SourceMapping) -> Engagement:
    return Engagement(
        id="bench",
        file="bench.yaml",
        title=Bilingual("", ""),
        organisation=Organisation("bench", "FR"),
        demonstration=False,
        period=Period(date(2026, 1, 1), date(2026, 6, 30)),
        as_of=datetime(2026, 6, 30, 22, tzinfo=UTC),
        timezone="Europe/Paris",
        calendars=(),
        profile="eu",
        limit=Limit("months", 1),
        naive_is_local=True,
        actors=(),
        controls=(),
        out_of_scope={},
        sources={"base": base},
        on_duplicate=(),
        parameters=FIGURES,
    )


class Runs:
    """One side over one base, each time in a new process. What a run took is kept, to be told of in other units."""

    def __init__(self, side: str, base: Path, agreed: list[Any]) -> None:
        self._side, self._base, self._agreed = side, base, agreed
        self._spent: list[Spent] = []

    def run(self) -> Spent:
        """Raises Failed when the process does, or when it finds others than the other side."""
        scratch = self._base.with_name("scratch")
        command = [sys.executable, "-m", "bench.probing", "--side", self._side, str(self._base), str(scratch)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        if done.returncode:
            raise Failed(f"{self._side} ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
        said = json.loads(done.stdout)
        self._agreed.append(said["found"])
        if said["found"] != self._agreed[0]:
            raise Failed("the two sides find other people")
        self._spent.append(Spent(*said["spent"]))
        return self._spent[-1]

    def told(self, unit: str) -> Callable[[], float]:
        """`processor` or `peak` of the runs so far, one after the other."""
        kept = itertools.cycle(self._spent)

        def following() -> float:
            if not self._spent:
                raise Failed("no run to tell of")
            return float(getattr(next(kept), unit))

        return following


def races(folder: Path, subjects: int = SMALL[0], rows: int = SMALL[1]) -> list[Callable[[], Race]]:
    """Seconds, then processor time and memory of the same runs."""
    runs: dict[str, Runs] = {}
    what = f"{subjects:,} erased people in {len(TABLES)} tables of {rows:,} rows"

    def seconds() -> Race:
        base, agreed = folder / "base.duckdb", list[Any]()
        make(base, subjects, rows)
        runs.update({side: Runs(side, base, agreed) for side in (HAND, OURS)})
        sides = tuple(Side(name, lambda one=one: one.run().seconds) for name, one in runs.items())  # type: ignore[misc]
        return Race(f"P: {what}", sides, (Ratio("P", OURS, HAND, most=1.3),), (REMARK,))

    def processor() -> Race:
        sides = tuple(Side(name, one.told("processor")) for name, one in runs.items())
        remark = "Of the runs above; what other work the machine had does not count here."
        return Race(f"P: processor time, {what}", sides, (Ratio("P", OURS, HAND, most=1.3),), (remark,), unit="CPU s")

    def memory() -> Race:
        sides = tuple(Side(name, one.told("peak")) for name, one in runs.items())
        remark = f"The largest resident memory of each process; the engine may take {LIMIT}. The goal is 1,024 MiB."
        return Race(f"P: memory, {what}", sides, (Ratio("P", OURS, HAND),), (remark,), unit="MiB")

    return [seconds, processor, memory]


REMARK = (
    "By hand: each text column of each table, whole cells, addresses and digests within, joined with everybody's keys. "
    "The probe also finds the columns itself, undoes JSON escapes, knows what it could not read, and states every pair "
    "of person and table. Same people, same numbers of rows, checked in every round."
)


def main(arguments: Sequence[str]) -> int:
    """Measure on sizes of one's own; or, with `--side`, be one side."""
    parser = argparse.ArgumentParser(prog="bench.probing", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--subjects", type=int, default=SUBJECTS)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", nargs=3, metavar=("NAME", "BASE", "SCRATCH"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.side:
        _one_side(*asked.side)
        return 0
    from bench import facts, report

    about: dict[str, Any] = {"on": datetime.now(UTC).date().isoformat(), **facts.machine()}
    about["load_before"] = facts.load()
    with tempfile.TemporaryDirectory(prefix="ek-bench-") as folder:
        prepared = races(Path(folder), asked.subjects, asked.rows)
        measured = [measure(prepare(), asked.rounds, lambda text: print(text, file=sys.stderr)) for prepare in prepared]
    about["load_after"] = facts.load()
    print(report.page(" ".join(("python3 -m bench.probing", *arguments)), about, measured), end="")
    return 3 if any(one.failed for one in measured) else 0


def _one_side(name: str, base: str, scratch: str) -> None:
    begun = time.process_time()
    seconds, found = (by_hand if name == HAND else probed)(Path(base), Path(scratch))
    spent = (seconds, time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps({"spent": spent, "found": sorted(found)}))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
