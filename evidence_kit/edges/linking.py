"""Messages tied to the cases they belong to, as their source states it."""

from __future__ import annotations

import duckdb

from evidence_kit.edges.opening import quote
from evidence_kit.edges.relations import Relation


def link(connection: duckdb.DuckDBPyConnection, messages: Relation, log: Relation | None, days: int, zone: str) -> None:
    """Make `ek_links`: message_key, request_id, link, link_days."""
    connection.execute(
        "CREATE OR REPLACE TABLE ek_links AS SELECT message_key, request_id, 'stated' AS link, "
        f"CAST(NULL AS BIGINT) AS link_days FROM {quote(messages.table)} WHERE request_id IS NOT NULL"
    )
