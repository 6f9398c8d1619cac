"""A register as a source of an engagement: its activities, what they store and who receives it, as three tables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from evidence_kit.edges import registers, unread
from evidence_kit.edges.filling import agree, fill, quote
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import SourceMapping
from evidence_kit.model.processor_frames import ACTIVITY_RECIPIENTS
from evidence_kit.model.register_frames import REGISTER_ACTIVITIES, REGISTER_OBJECTS


def load(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, path: Path) -> None:
    """Tables `activities`, `objects` and `recipients` of the source's schema, all text, in the columns of their frames.

    What a person should know of the reading is written down as doubts, counted by code. Raises SourceError.
    """
    try:
        register = registers.read([path], str(mapping.options["form"]), mapping.options)
    except SourceError as error:
        raise SourceError(f"source {mapping.name}: {error}") from None
    tables = (
        ("activities", REGISTER_ACTIVITIES.names, register.activity_rows()),
        ("objects", REGISTER_OBJECTS.names, register.object_rows()),
        ("recipients", ACTIVITY_RECIPIENTS.names, register.recipient_rows()),
    )
    for table, columns, rows in tables:
        into = f"{quote(mapping.name)}.{quote(table)}"
        connection.execute(f"CREATE TABLE {into} ({', '.join(f'{quote(name)} VARCHAR' for name in columns)})")
        fill(connection, into, len(columns), rows)
        agree(connection, mapping, into, path, len(rows))
    codes = Counter(notice.code for notice in register.notices)
    unread.doubtful(connection, mapping.name, [("activities", code, number) for code, number in sorted(codes.items())])
