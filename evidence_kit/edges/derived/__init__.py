"""Frames that no source maps: the lists some controls take their units from, and the account of every row read.

They are SQL over the frames that sources do map, so a list of a million requests is compared where it lies.
Source: docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import duckdb

from evidence_kit.edges.derived import (
    erasures,
    offered,
    presence,
    providers,
    register,
    requests,
    schedules,
    sendings,
    trails,
)
from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.opening import quote
from evidence_kit.edges.relations import KINDS, UNREADABLE, Relation, bindings, bound
from evidence_kit.errors import SourceError
from evidence_kit.model.evidence import FRAMES

__all__ = ["DERIVED", "Ground", "derive"]

#: Frame → the frame it is drawn from first, and its SQL.
DERIVED: Mapping[str, tuple[str, Callable[[Ground], str]]] = {
    "completeness": ("request_log", requests.completeness),
    "extracts": ("request_log", requests.extracts),
    "row_accounts": ("request_log", requests.row_accounts),
    "channel_units": ("request_log", requests.channel_units),
    "trail_links": ("action_trail", trails.trail_links),
    "trail_spans": ("request_log", trails.trail_spans),
    "recipient_units": ("recipients_notifications", erasures.recipient_units),
    "backup_units": ("backups", erasures.backup_units),
    "archive_grants": ("retention_rules", schedules.archive_grants),
    "job_units": ("retention_rules", schedules.job_units),
    "provider_presence": ("processors", presence.provider_presence),
    "destination_units": ("processor_flows", providers.destination_units),
    "destination_processors": ("processor_flows", providers.destination_processors),
    "field_units": ("send_fields", offered.field_units),
    "send_checks": ("send_messages", sendings.send_checks),
    "send_exceptions": ("send_messages", sendings.send_exceptions),
    "column_units": ("schema_columns", register.column_units),
    "column_entries": ("schema_columns", register.column_entries),
    "entry_objects": ("schema_columns", register.entry_objects),
}
#: Those of one or two rows each: what could not be read there cannot be read of the unit.
CARRYING = (
    *("recipient_units", "backup_units", "archive_grants", "job_units"),
    *("destination_units", "destination_processors"),
    *("field_units", "send_checks", "send_exceptions"),
    *("column_units", "column_entries", "entry_objects"),
)


def derive(ground: Ground, frame: str) -> Relation:
    """Make `frame_<frame>`. Raises SourceError for a log that numbers its requests in no order."""
    first, made_by = DERIVED[frame]
    sources = offered.sources(ground) if frame == "field_units" else ground.needed(first).sources
    sql = bound(made_by(ground))
    spec = FRAMES[frame]
    table = f"frame_{frame}"
    doubts = "" if frame in CARRYING else f", CAST(NULL AS VARCHAR) AS {UNREADABLE}"
    made = f"CREATE OR REPLACE TABLE {quote(table)} AS SELECT *{doubts} FROM ({sql})"
    try:
        ground.connection.execute(made, bindings(sql, ground.period) or None)
    except duckdb.Error as error:
        raise SourceError(f"frame {frame}: it cannot be derived from the frames that the sources map.") from error
    kept = {str(row[0]): str(row[1]) for row in ground.connection.execute(f"DESCRIBE {quote(table)}").fetchall()}
    kinds = {column.name: _kind(column.kind, kept[column.name]) for column in spec.columns}
    return Relation(frame, table, {**kinds, UNREADABLE: "text"}, sql + "\n", sources)


def _kind(kind: str, kept: str) -> str:
    """The kind of a column; a time that the source keeps as a day only is a day here too."""
    if kind == "timestamp":
        return "date" if kept == "DATE" else "instant"
    return KINDS[kind]
