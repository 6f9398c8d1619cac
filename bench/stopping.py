"""S: messages that went to people who had said stop, beside the SQL that one would write for that by hand.

Both sides read the same tables of one session and count the same messages in the same campaigns. By hand addresses are
compared without capitals, and nothing else is asked: no domain in IDNA, no unreadable or missing date, no digest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.measure import Failed, Race, Ratio, Side
from bench.probing import _engagement
from evidence_kit.edges.derived import Ground, derive
from evidence_kit.edges.relations import KINDS, Relation
from evidence_kit.model.audit import SourceMapping
from evidence_kit.model.evidence import FRAMES

ROWS, MANY_ROWS = 100_000, 1_000_000
HAND, OURS = "one join written by hand", "the kit's campaigns and messages"
WHO = "(i * 7919) % 400000, '@client-', ((i * 7919) % 400000) % 300, '.example'"
TABLES = {
    "send_messages": "CAST(i AS VARCHAR) AS message_id, concat('m', i) AS message_key, concat('C', i % 2000) AS "
    f"campaign_id, concat('person', {WHO}) AS recipient_key, TIMESTAMPTZ '2026-01-01 00:00:00+00' "
    "+ to_seconds(i * 10000000 // {rows}) AS sent_at",
    "send_campaigns": "concat('C', i) AS campaign_id, concat('A', i % 300) AS account_key, CASE WHEN i % 15 = 0 THEN "
    "'transactional' ELSE 'marketing' END AS message_type, true AS list_unsubscribe, true AS one_click, "
    "CAST(NULL AS TIMESTAMPTZ) AS sent_at",
    "send_stops": f"CAST(i AS VARCHAR) AS stop_id, concat('Person', {WHO}) AS recipient_key, CASE WHEN i % 2 = 0 THEN "
    "concat('A', i % 300) END AS account_key, TIMESTAMPTZ '2026-02-01 00:00:00+00' + to_seconds(i * 60) AS stopped_at, "
    "CAST(NULL AS TIMESTAMPTZ) AS lifted_at, 'unsubscribe' AS reason",
}
BY_HAND = """
SELECT count(*), count(DISTINCT campaign_id) FROM (
  SELECT DISTINCT m.campaign_id, m.message_key, m.recipient_key FROM frame_send_messages AS m
    JOIN frame_send_campaigns AS c USING (campaign_id)
    JOIN frame_send_stops AS s ON lower(s.recipient_key) = lower(m.recipient_key)
      AND (s.account_key IS NULL OR s.account_key = c.account_key) AND m.sent_at > s.stopped_at + INTERVAL 48 HOUR
  WHERE c.message_type = 'marketing')"""


def races(folder: Path, rows: int = ROWS) -> list[Callable[[], Race]]:
    """One race of seconds; the tables are made before it."""

    def seconds() -> Race:
        connection = _made(folder, rows)
        agreed: list[tuple[int, int]] = []

        def side(work: Callable[[duckdb.DuckDBPyConnection], tuple[int, int]]) -> Callable[[], float]:
            def run() -> float:
                begun = time.perf_counter()
                agreed.append(work(connection))
                spent = time.perf_counter() - begun
                if len(set(agreed)) != 1 or not agreed[0][0]:
                    raise Failed("the two sides do not find the same messages")
                return spent

            return run

        sides = (Side(HAND, side(_by_hand)), Side(OURS, side(_by_kit)))
        remark = (
            "The kit spells addresses alike, domains and telephone numbers too, keeps stops that nobody can compare, "
            "counts what each campaign sent and writes two tables; by hand there is one join and one count."
        )
        title = f"S: {rows:,} messages beside the stops of {_stops(rows):,} people"
        return Race(title, sides, (Ratio("S", OURS, HAND),), (remark,))

    return [seconds]


def _stops(rows: int) -> int:
    return rows // 20


def _made(folder: Path, rows: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(folder / f"stops-{rows}.duckdb"), config={"memory_limit": "1GB"})
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    for frame, columns in TABLES.items():
        count = {"send_messages": rows, "send_campaigns": 2000, "send_stops": _stops(rows)}[frame]
        told = columns.replace("{rows}", str(rows))
        connection.execute(
            f"CREATE OR REPLACE TABLE frame_{frame} AS SELECT {told}, CAST(NULL AS VARCHAR) AS unreadable "
            f"FROM range({count}) AS t(i)"
        )
    return connection


def _by_hand(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    return _two(connection, BY_HAND)


def _by_kit(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    made = {frame: _relation(frame) for frame in TABLES}
    base = SourceMapping("base", "bench.yaml", "duckdb", None, "UTC", {}, (), {}, {})
    ground = Ground(connection, _engagement(base), made.get, {})
    made["send_exceptions"] = derive(ground, "send_exceptions")
    derive(ground, "send_checks")
    return _two(
        connection,
        "SELECT CAST(sum(stopped_hits) AS BIGINT), count(*) FILTER (stopped_hits > 0) FROM frame_send_checks "
        "WHERE message_type = 'marketing'",
    )


def _two(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, int]:
    row = connection.execute(sql).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def _relation(frame: str) -> Relation:
    kinds = {column.name: KINDS.get(column.kind, "instant") for column in FRAMES[frame].columns}
    return Relation(frame, f"frame_{frame}", {**kinds, "unreadable": "text"}, "", ("base",))
