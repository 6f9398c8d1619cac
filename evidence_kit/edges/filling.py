"""Rows that our own readers give, put into the session's tables; and names and texts as SQL writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from evidence_kit.errors import SourceError
from evidence_kit.model.audit import SourceMapping

#: Rows, and characters, that go to the engine in one statement when a reader of our own gives them.
BATCH, BATCH_SIZE = 10_000, 16 * 1024 * 1024


def quote(name: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL text literal, quoted."""
    return "'" + text.replace("'", "''") + "'"


def table_of(name: str) -> str:
    """A live object as FROM has it: `schema.table` is one table of the session, and expressions call it `table`."""
    own = name.rpartition(".")[2]
    return quote(name) if own == name else f"{quote(name)} AS {quote(own)}"


def fill(connection: duckdb.DuckDBPyConnection, target: str, width: int, rows: Iterable[tuple[str | None, ...]]) -> int:
    """Append rows of text, many in one statement (one each would cost a commit each); their number comes back."""
    lists = ", ".join("unnest(CAST(? AS VARCHAR[]))" for _ in range(width))
    filled = 0
    for batch in _batches(rows):
        connection.execute(
            f"INSERT INTO {target} SELECT {lists}", [list(column) for column in zip(*batch, strict=True)]
        )
        filled += len(batch)
    return filled


def _batches(rows: Iterable[tuple[str | None, ...]]) -> Iterator[list[tuple[str | None, ...]]]:
    batch: list[tuple[str | None, ...]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(cell) for cell in row if cell)
        if len(batch) == BATCH or size > BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def agree(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, target: str, file: Path, rows: int) -> None:
    """Raises SourceError where the table does not hold as many rows as were counted apart."""
    if connection.execute(f"SELECT count(*) FROM {target}").fetchone() != (rows,):
        raise SourceError(f"source {mapping.name}: two readers do not find the same rows in {file}. Export it again.")
