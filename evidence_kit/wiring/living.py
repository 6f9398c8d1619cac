"""The columns that the sources of an engagement show now, opened read-only, nothing of them kept."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence_kit.edges import opening, unread
from evidence_kit.edges.engines.duckdb import DuckDB
from evidence_kit.edges.unread import NAMELESS
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import Engagement
from evidence_kit.wiring import places, room

LISTED = (
    "SELECT table_schema, table_name, column_name FROM information_schema.columns "
    "WHERE table_catalog = current_database() AND table_schema IN (SELECT unnest(CAST(? AS VARCHAR[]))) "
    "ORDER BY table_schema, table_name, ordinal_position"
)


@dataclass(frozen=True, slots=True)
class Living:
    """`columns`: `source.table` → its columns. `unread`: what could not be read, so that nobody takes it for gone."""

    columns: dict[str, list[str]]
    unread: tuple[str, ...]


def columns(engagement: Engagement, of: Sequence[str]) -> Living:
    """Every column of the sources `of`, or of all but the register. Raises SourceError, ParameterError."""
    chosen = of or [
        name
        for name, mapping in engagement.sources.items()
        if mapping.engine != "register" and not {"register_activities", "register_objects"} & set(mapping.frames)
    ]
    if not chosen:
        raise ParameterError(f"{engagement.file}: no source but the register's own, so there is no schema to look at.")
    placed = {name: places.reached(engagement, name) for name in chosen}
    reached = room.addresses(engagement)
    with tempfile.TemporaryDirectory(prefix="evidence-kit-") as folder:
        engine = DuckDB(Path(folder))
        try:
            connection = engine.connection
            unread.ready(connection)
            for name in chosen:
                mapping, path = engagement.sources[name], placed[name]
                if mapping.served or path is None:
                    from evidence_kit.edges.servers import copying  # SQLAlchemy: only for those who read a server

                    copying.copy(connection, mapping, reached[name])
                else:
                    opening.attach(connection, mapping, path)
            found: dict[str, list[str]] = {}
            for source, table, column in connection.execute(LISTED, [list(chosen)]).fetchall():
                found.setdefault(f"{source}.{table}", []).append(column)
            lost = tuple(
                f"{source}: objects that it does not name ({why})" if name == NAMELESS else f"{source}.{name} ({why})"
                for source, name, why in unread.listed(connection)
            )
        finally:
            engine.close()
    return Living(found, lost)
