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
    asked = [(column, different) for column, (filled, different) in counted if filled and _text(column) is not None]
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(asked), SAMPLED_TOGETHER):
        part = asked[start : start + SAMPLED_TOGETHER]
        sql = _listed(one, part, most) if rows <= LISTED else _apart(one, part, most)
        taken: dict[int, list[str]] = {place: [] for place in range(len(part))}
        for place, value in connection.execute(sql).fetchall():
            taken[place].append(value)
        found |= {column.name: tuple(taken[place]) for place, (column, _) in enumerate(part)}
    return found


def _listed(one: Object, part: Sequence[tuple[Column, int]], most: int) -> str:
    """SQL of the samples of some columns of a small object, in one pass: place of the column, value."""
    lists = []
    for column, _ in part:
        text = _text(column)
        pair = f"{{'h': hash({text}), 'v': substr({text}, 1, {LONGEST})}}"
        listed = f"list_distinct(list({pair}) FILTER (WHERE {text} <> ''))"
        lists.append(f"list_slice(list_sort({listed}), 1, {most})")
    told = ", ".join(f"{{'c': {place}, 'p': {sql}}}" for place, sql in enumerate(lists))
    return (
        f"SELECT one.c, value.v FROM (SELECT unnest([{told}]) AS one FROM {one.origin}), "
        "LATERAL (SELECT unnest(one.p) AS value) ORDER BY one.c, value"
    )


def _apart(one: Object, part: Sequence[tuple[Column, int]], most: int) -> str:
    """The same of a large object, a pass for each column, which then reads no other: a quarter of the time.

    Only hashes below a bound are kept: a hundred million values are no list.
    """
    whole, parts = 2**64 - 1, []
    for place, (column, different) in enumerate(part):
        name, text = quote(column.name), _text(column)
        # A number is hashed as it is stored: text is made of the few that are kept.
        hashed = name if NUMBERS.fullmatch(column.stored or "") else text
        bound = f" AND hash({hashed}) <= {whole * 2 * most // different}::UBIGINT" if different > 4 * most else ""
        there = f"{name} IS NOT NULL" if hashed == name and hashed != text else f"{text} <> ''"
        parts.append(
            f"SELECT {place} AS place, h, v FROM (SELECT DISTINCT hash({hashed}) AS h, "
            f"substr({text}, 1, {LONGEST}) AS v FROM {one.origin} WHERE {there}{bound} ORDER BY h, v LIMIT {most})"
        )
    each = "\nUNION ALL ".join(parts)
    return f"SELECT place, v FROM ({each}) ORDER BY place, h, v"
