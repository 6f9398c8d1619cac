"""Identifiers that a source holds twice, settled as the engagement declares. Source: docs/norm/frames.md."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from evidence_kit.edges.opening import literal, quote
from evidence_kit.edges.relations import UNREADABLE, WHOLE_ROW, Relation
from evidence_kit.model.evidence import FRAMES


def settle_repeats(connection: duckdb.DuckDBPyConnection, relation: Relation, policy: Sequence[str]) -> str | None:
    """Do what the engagement declares about identifiers met twice; say what was done, for the population's page.

    Numbered rows are marked `identifier-repeated`: which of two rows tells the truth is not known.
    """
    key = FRAMES[relation.frame].unique_key
    if len(key) != 1 or policy == ("refuse",):
        return None
    table, unit, done = quote(relation.table), quote(key[0]), []
    if "collapse-exact-repeats" in policy:
        before = _count(connection, relation.table)
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT DISTINCT * FROM {table}")
        collapsed = before - _count(connection, relation.table)
        if collapsed:
            done.append(f"collapsed-{collapsed}-exact-repeats")
    if "number-them" in policy:
        order = ", ".join([*(quote(name) for name in relation.kinds), WHOLE_ROW])
        again = f"count(*) OVER (PARTITION BY {unit}) > 1 AND {unit} IS NOT NULL"
        place = f"row_number() OVER (PARTITION BY {unit} ORDER BY {order})"
        mark = literal(f"{key[0]}=identifier-repeated")
        others = [quote(name) for name in relation.kinds if name not in (key[0], UNREADABLE)]
        connection.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT "
            f"CASE WHEN {again} THEN concat({unit}, '#', {place}) ELSE {unit} END AS {unit}, {', '.join(others)}, "
            f"CASE WHEN {again} THEN concat_ws(',', {UNREADABLE}, {mark}) ELSE {UNREADABLE} END AS {UNREADABLE} "
            f"FROM {table}"
        )
        numbered = connection.execute(
            f"SELECT count(*) FROM {table} WHERE contains(coalesce({UNREADABLE}, ''), 'identifier-repeated')"
        ).fetchone()
        if numbered and numbered[0]:
            done.append(f"numbered-{numbered[0]}-rows-of-repeated-identifiers")
    return "; ".join(done) or None


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {quote(table)}").fetchone()
    return int(row[0]) if row else 0
