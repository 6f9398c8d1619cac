"""The columns that the sources of an engagement show now, opened read-only, nothing of them kept."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evidence_kit.edges import opening, unread
from evidence_kit.edges.engines.duckdb import DuckDB
from evidence_kit.edges.schemas import catalogue
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import Engagement
from evidence_kit.wiring import places, room


@dataclass(frozen=True, slots=True)
class Living:
    """`columns`: `source.table` → its columns, of the `sources` looked into.

    `unread`: what could not be read, in words. `dark`: tables whose columns nobody could name, and sources that do not
    name all their tables: what is not seen there is not known to be gone.
    """

    columns: dict[str, list[str]]
    sources: frozenset[str]
    unread: tuple[str, ...]
    dark: frozenset[str]

    def knows(self, table: str) -> bool:
        """Whether a table, `source.table`, would have been seen if it were there."""
        source = table.partition(".")[0]
        return source in self.sources and not self.dark & {source, table.lower()}


def columns(engagement: Engagement, of: Sequence[str]) -> Living:
    """Every column of the sources `of`, or of all that the living schema looks into.

    Raises SourceError for a source that cannot be read, ParameterError for one without a place.
    """
    out = catalogue.left_out(engagement)
    chosen = of or [name for name in engagement.sources if name not in out and not _register(engagement, name)]
    if not chosen:
        raise ParameterError(f"{engagement.file}: no source but the register's own, so there is no schema to look at.")
    placed = {name: places.reached(engagement, name) for name in chosen}
    only = replace(engagement, sources={name: engagement.sources[name] for name in chosen})
    reached = room.addresses(only)
    with tempfile.TemporaryDirectory(prefix="evidence-kit-") as folder:
        engine = DuckDB(Path(folder))
        try:
            connection = engine.connection
            unread.ready(connection)
            for name, path in placed.items():
                mapping = engagement.sources[name]
                if path is None:
                    from evidence_kit.edges.servers import copying  # SQLAlchemy: only for those who read a server

                    copying.copy(connection, mapping, reached[name])
                else:
                    opening.attach(connection, mapping, path)
            # A view of an attached database may name any file: none is shown before no other file can be opened.
            placed_files = [(engagement.sources[name], path) for name, path in placed.items() if path is not None]
            kept = [file for mapping, path in placed_files for file in opening.still_read(mapping, path)]
            allowed = ", ".join(opening.literal(str(file)) for file in kept)
            connection.execute(f"SET allowed_paths = [{allowed}]")
            connection.execute(f"SET allowed_directories = [{opening.literal(folder)}]")
            connection.execute("SET enable_external_access = false")
            for name in chosen:
                opening.show_views(connection, engagement.sources[name])
            found = [one for name in chosen for one in catalogue.objects(connection, engagement.sources[name])]
        finally:
            engine.close()
    return _living(frozenset(chosen), found)


def _register(engagement: Engagement, name: str) -> bool:
    """Whether a source is the register kept as a log of its own: a CSV file, say."""
    return bool({"register_activities", "register_objects"} & set(engagement.sources[name].frames))


def _living(sources: frozenset[str], found: list[catalogue.Object]) -> Living:
    columns: dict[str, list[str]] = {}
    dark: set[str] = set()
    for one in found:
        table = f"{one.source}.{one.name}"
        if one.name == catalogue.NAMELESS:
            dark.add(one.source)
            continue
        named = [column.name for column in one.columns if column.name != catalogue.NAMELESS]
        if len(named) < len(one.columns):
            dark.add(table.lower())
        if named:
            columns[table] = named
    unread_ones = tuple(f"{one.source}.{one.name} ({one.why})" for one in found if one.why is not None)
    return Living(columns, sources, unread_ones, frozenset(dark))
