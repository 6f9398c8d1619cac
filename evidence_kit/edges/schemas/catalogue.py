"""Every table, view and column that each source shows, and what a source lists and could not give.

Nothing a source names may vanish: what could not be read stands here without counts, what nobody could even name as the
column `*`. The kit's own additions to a source (its second name for a single table, what triage found in a mailbox) are
no column of the organisation's. Source: docs/norm/controls, REG-01; docs/register.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from evidence_kit.edges import mailboxes, told, unread
from evidence_kit.edges.filling import literal, quote, table_of
from evidence_kit.model.audit import Engagement, LiveObject, SourceMapping

#: What stands for the columns of an object that nobody could name.
NAMELESS = unread.NAMELESS
#: Why a table was not read that a server shows: the mapping lists others.
NOT_LISTED = "not-listed"
#: What the kit itself writes beside each message.
OURS = frozenset(mailboxes.COLUMNS[mailboxes.COLUMNS.index("body_cut") : mailboxes.COLUMNS.index("body_cut") + 1]) | {
    "has_list_unsubscribe",
    *mailboxes.COLUMNS[mailboxes.COLUMNS.index("file") :],
}

#: Frames that only files of the kit's own give: a source of nothing else is no source of the organisation's.
KITS = frozenset({"earlier_columns", "processor_moves"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind`: its type as the source gives it; `stored`: as the engine holds it, None where unread."""

    name: str
    kind: str
    stored: str | None


@dataclass(frozen=True, slots=True)
class Object:
    """One table, view or file. `why`: the code of why it could not be read; None where it can be."""

    source: str
    name: str
    columns: tuple[Column, ...]
    why: str | None = None

    @property
    def origin(self) -> str:
        """What it is read from, for FROM."""
        return f"{quote(self.source)}.{quote(self.name)}"


def left_out(engagement: Engagement) -> dict[str, str]:
    """Source → why nobody looks into any of it: what `places:` says under its bare name, or what the source is."""
    found = {}
    for name, mapping in engagement.sources.items():
        place = engagement.places.get(name)
        if place is not None and place.not_searched is not None:
            found[name] = place.not_searched
        elif mapping.engine == "register":
            found[name] = "the register itself"
        elif mapping.frames and not mapping.objects and set(mapping.frames) <= KITS:
            found[name] = "what the kit itself wrote down"
    return found


def objects(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping) -> tuple[Object, ...]:
    """Every object of one source, by name."""
    unread.ready(connection)
    types = told.listed(connection, mapping.name)
    missing = {name: why for source, name, why in unread.listed(connection) if source == mapping.name}
    if mapping.engine == "files":  # a file of a folder that was not read to its end: a part of its one table
        missing = {}
    stored = _stored(connection, mapping)
    found = []
    for name in sorted({*stored, *missing, *types}):
        given = types.get(name, {})
        if name in stored and name not in missing:
            columns = [Column(one, given.get(one, kind), kind) for one, kind in stored[name].items()]
        else:
            columns = [Column(one, kind, None) for one, kind in given.items()] or [Column(NAMELESS, "unknown", None)]
        why = missing.get(name) or (None if name in stored else NOT_LISTED)
        found.append(Object(mapping.name, name, tuple(columns), why))
    return tuple(found)


def _stored(connection: duckdb.DuckDBPyConnection, mapping: SourceMapping) -> dict[str, dict[str, str]]:
    """Object → column → type, of what stands in the session; without what is the kit's own."""
    found: dict[str, dict[str, str]] = {}
    rows = connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = ? "
        "AND database_name = current_database() ORDER BY table_name, column_index",
        [mapping.name],
    )
    for table, column, kind in rows.fetchall():
        if not (mapping.engine == "mbox" and column in OURS):
            found.setdefault(str(table), {})[str(column)] = str(kind)
    listed = mapping.options.get("tables")
    if isinstance(listed, tuple) and len(listed) == 1 and len(found) > 1:
        found.pop(mapping.name, None)  # the second name that a single table has here
    return found


def last_write(
    connection: duckdb.DuckDBPyConnection, engagement: Engagement, one: Object, period: Mapping[str, str]
) -> str | None:
    """When an object was last written to, in UTC, where its mapping says how to know; None where nobody knows.

    A day, or a time without zone, is one of the source's zone. An expression that does not fit gives None: unknown.
    """
    mapping = engagement.sources[one.source]
    live = live_object(mapping, one.name)
    if live is None or not live.last_write:
        return None
    if "file_time" in live.last_write:
        return _first(
            connection,
            f"SELECT max(written_at) FROM {told.FILES} WHERE source = $source AND object IN ($object, '*')",
            {"source": one.source, "object": one.name},
        )
    zone = literal(mapping.timezone or engagement.timezone)
    if "declared" in live.last_write:
        return _first(
            connection, f"SELECT timezone({zone}, CAST($day AS TIMESTAMP))", {"day": live.last_write["declared"]}
        )
    if one.why is not None:
        return None
    from evidence_kit.edges.relations import bindings, bound  # it opens what opens us

    expression = bound(live.last_write["expr"])
    try:
        connection.execute(f"SET schema = {literal(one.source)}")
        asked = f"SELECT ({expression}) AS written FROM {table_of(one.name)}"
        values = bindings(asked, period) or None
        kind = str(connection.execute(f"DESCRIBE {asked}", values).fetchall()[0][1])
        text = "CAST(written AS VARCHAR)"
        offset = f"regexp_matches({text}, '(Z|[+-]\\d\\d(:?\\d\\d)?)$') AND strlen({text}) > 10"
        told_at = (
            "written"
            if kind == "TIMESTAMP WITH TIME ZONE"
            else f"CASE WHEN {offset} THEN TRY_CAST({text} AS TIMESTAMPTZ) "
            f"ELSE timezone({zone}, TRY_CAST({text} AS TIMESTAMP)) END"
        )
        return _first(connection, f"SELECT {told_at} FROM ({asked})", values)
    except duckdb.Error:
        return None
    finally:
        connection.execute("SET schema = 'main'")


def live_object(mapping: SourceMapping, name: str) -> LiveObject | None:
    """What the mapping says of an object, its name compared without regard to case."""
    by_name = {key.lower(): live for key, live in mapping.objects.items()}
    return by_name.get(name.lower())


def declared(live: LiveObject | None, columns: Iterable[str]) -> frozenset[str]:
    """The columns that a mapping calls personal: named as they stand, not inside an expression."""
    if live is None:
        return frozenset()
    said = {expression.strip().strip('"').replace('""', '"').lower() for expression in (*live.personal, *live.persons)}
    return frozenset(column for column in columns if column.lower() in said)


def _first(connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object] | None = None) -> str | None:
    """The one instant that `sql` gives, as text in UTC with its offset."""
    asked = f"SELECT CAST(timezone('UTC', found) AS VARCHAR) || '+00' FROM ({sql}) AS one(found)"
    row = connection.execute(asked, dict(values) if values else None).fetchone()
    return str(row[0]) if row and row[0] is not None else None
