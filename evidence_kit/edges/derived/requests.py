"""What is derived from the log of requests: the units of completeness, the extracts, the account of every row read.

Source: docs/norm/frames.md, "Frames of the kit"; docs/norm/controls, COM-01 and REQ-08.
"""

from __future__ import annotations

import duckdb

from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.linking import LINKS
from evidence_kit.edges.opening import literal, quote, stand_in
from evidence_kit.edges.relations import SOURCE, UNREADABLE, WHOLE_ROW, Relation, bindings, bound
from evidence_kit.errors import SourceError
from evidence_kit.model.canonical import digest

#: The log as its sources gave it, before anything was done about identifiers met twice.
MET = "ek_met_request_log"
#: Missing numbers beyond this are no gaps in a list but another way of numbering.
MOST_MISSING = 100_000
IN_PERIOD = "(received_at IS NULL OR (received_at >= :period_start AND received_at < :period_end))"
NOT_VOID = "coalesce(status, '') <> 'void'"
SERIES = "regexp_replace(request_id, '[0-9]+$', '')"
#: Channels that a company offers; people may turn up by others, which nobody can try.
OFFERED = ("form", "email", "unsubscribe_link", "account_page", "postal", "phone")


def completeness(ground: Ground) -> str:
    """Every number of the period, present or missing; every message that is a request; every extract of the log."""
    log, messages = ground.log(), ground.relation("mailbox_messages")
    _refuse_scattered(ground)
    parts = [_identifiers(messages is not None), _missing(ground), _extracts(log)]
    if messages is not None:
        parts.insert(2, _messages())
    return "\nUNION ALL\n".join(parts)


def _identifiers(with_messages: bool) -> str:
    found = "CAST(NULL AS BOOLEAN)"
    if with_messages:
        linked = "request_id IN (SELECT request_id FROM frame_mailbox_messages WHERE request_id IS NOT NULL)"
        found = f"CASE WHEN bool_or(channel = 'email' AND {NOT_VOID}) THEN bool_or({linked}) END"
    return f"""SELECT request_id AS unit_id, 'identifier' AS unit_kind, min(request_seq) AS request_seq,
  count(*) AS log_rows, min(void_reason) FILTER (WHERE status = 'void') AS explanation, request_id,
  CAST(NULL AS VARCHAR) AS link, CAST(NULL AS BIGINT) AS link_days, {found} AS message_found,
  bool_and(CASE WHEN received_at IS NOT NULL THEN logged_at < :period_end END) AS logged_in_period
FROM {MET} WHERE request_id IS NOT NULL AND {IN_PERIOD} GROUP BY request_id"""


def _gaps() -> str:
    """The spans of missing numbers between the first and the last of the period, series by series."""
    return f"""SELECT series, width, seq, lead(seq) OVER (PARTITION BY series ORDER BY seq) AS after
  FROM (SELECT DISTINCT {SERIES} AS series, request_seq AS seq FROM {MET}
    WHERE request_seq IS NOT NULL AND request_id IS NOT NULL)
  JOIN (SELECT {SERIES} AS series, min(request_seq) AS low, max(request_seq) AS high,
      max(length(request_id) - length({SERIES})) AS width
    FROM {MET} WHERE request_seq IS NOT NULL AND request_id IS NOT NULL AND {IN_PERIOD} GROUP BY ALL) USING (series)
  WHERE seq BETWEEN low AND high"""


def _missing(ground: Ground) -> str:
    told = [
        f"WHEN {'' if gap.series is None else f'series = {literal(gap.series)} AND '}number BETWEEN {gap.first} AND "
        f"{gap.last} THEN {literal(gap.reason)}"
        for gap in ground.engagement.explained_gaps
    ]
    reason = f"CASE {' '.join(told)} END" if told else "NULL"
    width = "CAST(greatest(width, length(CAST(number AS VARCHAR))) AS INTEGER)"
    written = f"lpad(CAST(number AS VARCHAR), {width}, '0')"
    return f"""SELECT concat(series, {written}), 'identifier', number, 0, CAST({reason} AS VARCHAR),
  CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS BIGINT), CAST(NULL AS BOOLEAN), CAST(NULL AS BOOLEAN)
FROM (SELECT series, width, unnest(range(seq + 1, after)) AS number FROM ({_gaps()}) WHERE after > seq + 1)"""


def _refuse_scattered(ground: Ground) -> None:
    sql = bound(f"SELECT coalesce(sum(after - seq - 1), 0) FROM ({_gaps()})")
    row = ground.connection.execute(sql, bindings(sql, ground.period) or None).fetchone()
    if row and int(row[0]) > MOST_MISSING:
        raise SourceError(
            f"frame request_log: {row[0]} numbers are missing between the first and the last of the period. Map "
            "request_seq to the part that runs on, or to null when identifiers do not."
        )


def _messages() -> str:
    """One unit per message that is a request, or that nobody triaged; a message kept in two folders is one."""
    return f"""SELECT ek_key('message', m.message_key), 'message', CAST(NULL AS BIGINT), CAST(NULL AS BIGINT),
  CAST(NULL AS VARCHAR), min(l.request_id), min(l.link), min(l.link_days), CAST(NULL AS BOOLEAN),
  CAST(NULL AS BOOLEAN)
FROM frame_mailbox_messages m LEFT JOIN {LINKS} l ON l.message_key = m.message_key AND l.in_log
WHERE coalesce(m.is_rights_request, true) AND {IN_PERIOD.replace("received_at", "m.received_at")}
GROUP BY m.message_key"""


def _extracts(log: Relation) -> str:
    names = ", ".join(f"({literal(f'{log.frame}.{source}')})" for source in log.sources)
    return f"""SELECT extract_id, 'extract', CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS VARCHAR),
  CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS BIGINT), CAST(NULL AS BOOLEAN), CAST(NULL AS BOOLEAN)
FROM (VALUES {names}) AS read(extract_id)"""


def extracts(ground: Ground) -> str:
    """One row per source of the log: rows counted at the source by a count of its own, rows in the frame, its digest.

    `snapshot_at` is the cut-off: when the clock opened the source stands in the ledger, and two runs stay equal.
    """
    log = ground.log()
    rows = ", ".join(
        f"({literal(source)}, {_counted_at(ground, source)}, {literal(digest(log.sql))})" for source in log.sources
    )
    return f"""SELECT concat({literal(log.frame + ".")}, source) AS extract_id, {literal(log.frame)} AS frame, source,
  query_sha256, true AS read_only, CAST(:as_of AS TIMESTAMPTZ) AS snapshot_at, source_rows,
  coalesce(frame_rows, 0) AS frame_rows, coalesce(frame_sha256, sha256('')) AS frame_sha256
FROM (VALUES {rows}) AS read(source, source_rows, query_sha256) LEFT JOIN (
  SELECT {SOURCE} AS source, count(*) AS frame_rows, sha256(string_agg(told, '' ORDER BY told)) AS frame_sha256
  FROM (SELECT {SOURCE}, sha256(CAST(row({", ".join(map(quote, log.kinds))}) AS VARCHAR)) AS told FROM {MET})
  GROUP BY ALL) USING (source)"""


def _counted_at(ground: Ground, source: str) -> str:
    """The count that the mapping declares, asked of the source itself; NULL where it declares none."""
    mapping = ground.engagement.sources[source]
    counted = mapping.frames["request_log"].counted
    if counted is None:
        return "CAST(NULL AS BIGINT)"
    stand_in(ground.connection, source)
    sql = bound(f"SELECT count(*) FROM {counted}")
    try:
        row = ground.connection.execute(sql, bindings(sql, ground.period) or None).fetchone()
    except duckdb.Error as error:
        line = mapping.frames["request_log"].line
        raise SourceError(
            f"{mapping.file}, line {line}: `counted` does not fit source {source}. Compare it with the source's tables."
        ) from error
    finally:
        ground.connection.execute("SET schema = 'main'")
    return str(row[0]) if row else "CAST(NULL AS BIGINT)"


def row_accounts(ground: Ground) -> str:
    """Every row read, by what became of it: nothing that a source gave is lost without a word."""
    log = ground.log()
    # Rows that nothing at all tells apart are one where the engagement collapses repeats, and else each its own.
    collapsing = "collapse-exact-repeats" in ground.engagement.on_duplicate
    once = WHOLE_ROW if collapsing else "place"
    kept = {
        "void": f"NOT {NOT_VOID}",
        "outside_period": f"{NOT_VOID} AND NOT {IN_PERIOD}",
        "in_period": f"{NOT_VOID} AND {IN_PERIOD}",
        "unreadable": f"{NOT_VOID} AND {IN_PERIOD} AND {UNREADABLE} IS NOT NULL",
    }
    counts = {"read": "count(*)", "collapsed": f"count(*) - count(DISTINCT {once})"}
    counts |= {fate: f"count(DISTINCT {once}) FILTER (WHERE {which})" for fate, which in kept.items()}
    parts = (
        f"SELECT concat({literal(log.frame + '.')}, {SOURCE}) AS extract_id, {literal(fate)} AS fate, {count} AS rows "
        f"FROM (SELECT *, row_number() OVER () AS place FROM {MET}) GROUP BY {SOURCE}"
        for fate, count in counts.items()
    )
    return "\nUNION ALL\n".join(parts)


def channel_units(ground: Ground) -> str:
    """The channels tested, with their last round; and offered ones that requests came by and nobody tested."""
    ground.log()
    words = ", ".join(map(literal, OFFERED))
    came = f"SELECT DISTINCT channel FROM frame_request_log WHERE {NOT_VOID} AND {IN_PERIOD} AND channel IN ({words})"
    unseen = f"SELECT channel, channel, CAST(NULL AS BOOLEAN), true, CAST(NULL AS BIGINT) FROM ({came})"
    if ground.relation("channel_checks") is None:
        return f"SELECT * FROM ({unseen}) AS u(channel_id, channel, in_notice, in_log, round)"
    return f"""SELECT channel_id, arg_max(channel, round) AS channel, arg_max(in_notice, round) AS in_notice,
  bool_or(channel IN ({came})) AS in_log, max(round) AS round FROM frame_channel_checks GROUP BY channel_id
UNION ALL
{unseen} WHERE channel NOT IN (SELECT channel FROM frame_channel_checks WHERE channel IS NOT NULL)"""
