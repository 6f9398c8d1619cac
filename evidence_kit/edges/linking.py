"""Which case of the log each message became: as the source states it, or as found by person and day.

Two relations, set-based SQL, no value leaves the engine. A message that states a case keeps it, even one that no log
has; a rights request that states none is linked with the nearest case of the same person, `days` around its own day.
Source: docs/norm/controls.md, COM-01, "how messages are triaged and matched".
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from evidence_kit.edges.opening import literal, quote
from evidence_kit.edges.relations import Relation

#: message_key, request_id, link (`stated`, `found`), link_days (null where a day is not known), in_log.
LINKS = "ek_links"


def _person(column: str) -> str:
    """One spelling for one address, inside the engine; an empty one is nobody's."""
    return f"nullif(lower(nfc_normalize(trim({quote(column)}))), '')"


#: Whether all copies of one message come from one sender.
ONE_SENDER = f"count(DISTINCT coalesce({_person('sender_key')}, '')) = 1"


def link(connection: duckdb.DuckDBPyConnection, messages: Relation, log: Relation, days: int, zone: str) -> Relation:
    """Make `ek_links`, a row a linked message, and fill `request_id` of the messages that were found; once a relation.

    `days`: how far, in local days of `zone`, a case's receipt may lie from its message, before or after. Nearest first;
    of two as near, one that is not void, then the identifier in order. A message may state one case; several messages
    of one person may be of one case (a reminder). Returned: the messages, with the statements that linked them.
    """
    made = _sql(messages, log, days, zone)
    # A copy in another folder has the link of its message; a message of another sender has not.
    filled = (
        f"UPDATE main.{quote(messages.table)} AS m SET request_id = l.request_id FROM main.{LINKS} AS l, "
        f"(SELECT message_key FROM main.{quote(messages.table)} GROUP BY message_key HAVING {ONE_SENDER}) AS o "
        "WHERE l.message_key = m.message_key AND o.message_key = m.message_key AND m.request_id IS NULL"
    )
    connection.execute(made)
    connection.execute(filled)
    return replace(messages, sql=f"{messages.sql}-- linked with the log{made};\n{filled}\n")


def _sql(messages: Relation, log: Relation, days: int, zone: str) -> str:
    return f"""
CREATE OR REPLACE TABLE main.{LINKS} AS
WITH cases AS (
  SELECT request_id, {_person("subject_key")} AS person, {_day(log, zone)} AS day, right_invoked,
    status = 'void' AS void
  FROM main.{quote(log.table)} WHERE request_id IS NOT NULL
), copies AS (
  SELECT message_key, sender_key, {_person("sender_key")} AS person, {_day(messages, zone)} AS day,
    is_rights_request, right_invoked, request_id
  FROM main.{quote(messages.table)} WHERE message_key IS NOT NULL
), letters AS (
  -- One message may lie in two folders: it has one link. Where two senders bear one Message-ID only what is stated
  -- counts: a borrowed identifier must not hide a request behind the case of somebody else.
  SELECT message_key, min(person) AS person, min(day) AS day, min(request_id) AS stated,
    bool_or(is_rights_request) AS asks, min(right_invoked) FILTER (right_invoked <> 'unknown') AS right_invoked,
    {ONE_SENDER} AS one_sender
  FROM copies GROUP BY message_key
), stated AS (
  SELECT l.message_key, l.stated AS request_id, 'stated' AS link, min(abs(c.day - l.day)) AS link_days,
    count(c.request_id) > 0 AS in_log
  FROM letters AS l LEFT JOIN cases AS c ON c.request_id = l.stated
  WHERE l.stated IS NOT NULL GROUP BY ALL
), found AS (
  SELECT l.message_key, c.request_id, 'found' AS link, abs(c.day - l.day) AS link_days, true AS in_log
  FROM letters AS l JOIN cases AS c ON c.person = l.person AND c.day BETWEEN l.day - {days} AND l.day + {days}
  WHERE l.stated IS NULL AND l.asks AND l.one_sender AND (
    l.right_invoked IS NULL OR coalesce(c.right_invoked, 'unknown') IN ('unknown', l.right_invoked))
  QUALIFY row_number() OVER (
    PARTITION BY l.message_key ORDER BY link_days, coalesce(c.void, false), c.request_id, c.day) = 1
)
SELECT message_key, request_id, link, CAST(link_days AS BIGINT) AS link_days, in_log FROM stated
UNION ALL SELECT message_key, request_id, link, CAST(link_days AS BIGINT), in_log FROM found
ORDER BY message_key
"""


def _day(relation: Relation, zone: str) -> str:
    """The local day on which it arrived, whether the source keeps the time or only the day."""
    if relation.kinds["received_at"] == "date":
        return "received_at"
    return f"CAST(timezone({literal(zone)}, received_at) AS DATE)"
