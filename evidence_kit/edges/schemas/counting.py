"""Rows and filled cells of an object, and a sample of each column's values: all columns together, in the engine.

The sample is the values of smallest hash, so it is drawn at random over the different values and is the same again on
any number of threads; nothing secret goes into it. Its values stay in the collector.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from evidence_kit.edges.filling import quote
from evidence_kit.edges.schemas.catalogue import Column, Object

#: Columns asked of an object in one statement: a table of ten thousand takes twenty.
TOGETHER = 500
#: Characters of a value that are looked at.
LONGEST = 2_000
TEXTS = re.compile(r"VARCHAR|JSON|UUID|ENUM\(.*\)", re.DOTALL)
NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(\d+,0\)")
NESTED = re.compile(r"(STRUCT|MAP|UNION|LIST|VARIANT)\b.*|.*\[\d*\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Counted:
    """One column: cells that hold a value, different values (nearly), and the sample; `values` None: none is taken."""

    filled: int
    values: tuple[str, ...] | None


def count(connection: duckdb.DuckDBPyConnection, one: Object, most: int) -> tuple[int, dict[str, Counted]]:
    """Rows of an object, and each of its columns. `most`: different values sampled of each.

    Raises duckdb.Error where the object cannot be read after all: a view that stops, a file that went away.
    """
    rows, found = 0, {}
    for part in _parts(one.columns):
        asked = ", ".join(["count(*)", *(_counts(column) for column in part)])
        counted = connection.execute(f"SELECT {asked} FROM {one.origin}").fetchone() or ()
        rows, pairs = counted[0], [(counted[1 + 2 * at], counted[2 + 2 * at]) for at in range(len(part))]
        sampled = _samples(connection, one, part, pairs, most)
        for column, (filled, _) in zip(part, pairs, strict=True):
            found[column.name] = Counted(int(filled), sampled.get(column.name))
    return int(rows), found


def rows(connection: duckdb.DuckDBPyConnection, one: Object) -> int | None:
    """Rows of an object; None where it cannot be read."""
    try:
        found = connection.execute(f"SELECT count(*) FROM {one.origin}").fetchone()
    except duckdb.Error:
        return None
    return int(found[0]) if found else None


def _parts(columns: Sequence[Column]) -> Iterator[Sequence[Column]]:
    for start in range(0, len(columns), TOGETHER):
        yield columns[start : start + TOGETHER]


def _counts(column: Column) -> str:
    """SQL of the filled cells of a column (not null, no empty text), and of its different values, nearly."""
    name, kind = quote(column.name), column.stored or ""
    if kind == "BLOB":
        return f"count({name}) FILTER (WHERE octet_length({name}) > 0), 0"
    text = _text(column)
    if text is None:
        return f"count({name}), 0"
    filled = f"count(nullif({name}, ''))" if kind == "VARCHAR" else f"count({name})"
    return f"{filled}, approx_count_distinct({text})"


def _text(column: Column) -> str | None:
    """A column as the text that is sampled; None for what is never looked into: days, truths, fractions, bytes."""
    name, kind = quote(column.name), column.stored or ""
    if kind == "VARCHAR":
        return name
    if NESTED.fullmatch(kind):
        return f"CAST(to_json({name}) AS VARCHAR)"
    return f"CAST({name} AS VARCHAR)" if TEXTS.fullmatch(kind) or NUMBERS.fullmatch(kind) else None


def _samples(
    connection: duckdb.DuckDBPyConnection,
    one: Object,
    part: Sequence[Column],
    counted: Sequence[tuple[int, int]],
    most: int,
) -> dict[str, tuple[str, ...]]:
    """Column → at most `most` different values, in the order of their hashes."""
    asked: dict[str, str] = {}
    for column, (filled, different) in zip(part, counted, strict=True):
        text = _text(column)
        if text is None or not filled:
            continue
        # Only hashes below a bound are kept, so that a column of a hundred million values is no list of them.
        below = (2**64 - 1) * 2 * most // different if different > 4 * most else 2**64 - 1
        hashed = f"hash({text})"
        bound = f" AND {hashed} <= {below}::UBIGINT" if below < 2**64 - 1 else ""
        cut = f"substr({text}, 1, {LONGEST})"
        asked[column.name] = (
            f"list_slice(list_sort(list(DISTINCT {{'h': {hashed}, 'v': {cut}}}) "
            f"FILTER (WHERE {text} <> ''{bound})), 1, {most})"
        )
    if not asked:
        return {}
    told = ", ".join(f"{sql} AS c{place}" for place, sql in enumerate(asked.values()))
    row = connection.execute(f"SELECT {told} FROM {one.origin}").fetchone() or ()
    return {name: tuple(value["v"] for value in values or ()) for name, values in zip(asked, row, strict=True)}
