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
#: And when they are sampled: what the engine spends on planning grows faster than the columns.
SAMPLED_TOGETHER = 50
#: Rows up to which all values are listed and repeats taken out of the list; above, the engine looks for them first.
LISTED = 10_000
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
        sampled = _sampled(connection, one, rows, list(zip(part, pairs, strict=True)), most)
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


def _sampled(
    connection: duckdb.DuckDBPyConnection,
    one: Object,
    rows: int,
    counted: Sequence[tuple[Column, tuple[int, int]]],
    most: int,
) -> dict[str, tuple[str, ...]]:
    """Column → at most `most` different values, in the order of their hashes."""
    asked = [
        (column.name, _sample(text, different, rows, most))
        for column, (filled, different) in counted
        if filled and (text := _text(column)) is not None
    ]
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(asked), SAMPLED_TOGETHER):
        part = asked[start : start + SAMPLED_TOGETHER]
        told = ", ".join(f"{sql} AS c{place}" for place, (_, sql) in enumerate(part))
        row = connection.execute(f"SELECT {told} FROM {one.origin}").fetchone() or ()
        for (name, _), listed in zip(part, row, strict=True):
            found[name] = tuple(value["v"] for value in listed or ())
    return found


def _sample(text: str, different: int, rows: int, most: int) -> str:
    """SQL of the sample of one column. Only hashes below a bound are kept: a hundred million values are no list."""
    whole = 2**64 - 1
    below = whole * 2 * most // different if different > 4 * most else whole
    bound = f" AND hash({text}) <= {below}::UBIGINT" if below < whole else ""
    pair = f"{{'h': hash({text}), 'v': substr({text}, 1, {LONGEST})}}"
    kept = f"FILTER (WHERE {text} <> ''{bound})"
    listed = f"list_distinct(list({pair}) {kept})" if rows <= LISTED else f"list(DISTINCT {pair}) {kept}"
    return f"list_slice(list_sort({listed}), 1, {most})"
