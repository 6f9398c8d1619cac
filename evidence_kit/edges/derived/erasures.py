"""What is derived from the log of erasures: who had to be told of each, and the backups that could bring people back.

Source: docs/norm/controls, ERA-04 and ERA-05; GDPR art. 19; docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.opening import literal
from evidence_kit.edges.relations import UNREADABLE, Relation

#: The unit of ERA-05 that stands where a restoration should: a drill that nobody made shows nothing.
NO_RESTORATION = "no-restoration"


def recipient_units(ground: Ground) -> str:
    """Every erasure with each recipient to whom the data had gone, and what was said to that recipient."""
    ground.needed("recipients_notifications")
    ground.needed("erasure_log")
    relation, join = "CAST(NULL AS VARCHAR)", ""
    if ground.relation("processors") is not None:
        relation = "p.relation"
        join = (
            "\n  LEFT JOIN (SELECT processor_id, min(relation) AS relation FROM frame_processors GROUP BY 1) AS p "
            "ON p.processor_id = n.recipient_id"
        )
    both = (ground.doubts("erasure_log", "e"), ground.doubts("recipients_notifications", "n"))
    doubts = f"nullif(concat_ws(',', {', '.join(both)}), '')"
    return f"""SELECT concat(n.case_id, '/', n.recipient_id) AS pair_id, e.erasure_id AS case_id, n.recipient_id,
  {relation} AS relation, e.executed_at, n.disclosed_on, n.notified_at, n.confirmed_at, n.exemption,
  n.exemption_reason_ref, {doubts} AS {UNREADABLE}
FROM frame_recipients_notifications AS n
  JOIN frame_erasure_log AS e ON n.case_id IN (e.erasure_id, e.request_id){join}
WHERE n.action = 'erasure'"""


def backup_units(ground: Ground) -> str:
    """Every backup that lay somewhere in the period, and every restoration made in it; one unit says that none was.

    `erasures_counted` is the kit's own count of what a restoration brought back: erasures executed after the backup was
    taken and before it was restored.
    """
    ground.needed("backups")
    restores = ground.relation("restores")
    restored, replayed, opened = (_no_time(restores, name) for name in ("restored_at", "replayed_at", "opened_at"))
    expires, deleted = (_no_time(ground.needed("backups"), name) for name in ("expires_at", "deleted_at"))
    sets = f"""SELECT backup_id AS unit_id, 'backup' AS unit_kind, source, CAST(NULL AS VARCHAR) AS target, taken_at,
  cycle_days, expires_at, deleted_at, {restored} AS restored_at,
  {replayed} AS replayed_at, {opened} AS opened_at, CAST(NULL AS BIGINT) AS erasures_counted,
  CAST(NULL AS BIGINT) AS erasures_expected, CAST(NULL AS BIGINT) AS erasures_replayed,
  {ground.doubts("backups", "b")} AS {UNREADABLE}
FROM frame_backups AS b
WHERE taken_at IS NULL OR (taken_at < :period_end AND coalesce(deleted_at >= :period_start, true))"""
    none = f"{sets}\nUNION ALL\nSELECT {literal(NO_RESTORATION)}, 'none', {', '.join(['NULL'] * 13)}"
    if restores is None:
        return none
    counted = "CAST(NULL AS BIGINT)"
    if ground.relation("erasure_log") is not None:
        counted = (
            "CASE WHEN b.taken_at IS NOT NULL THEN (SELECT count(*) FROM frame_erasure_log AS e "
            "WHERE e.executed_at > b.taken_at AND e.executed_at <= r.restored_at) END"
        )
    # Of the backup only the day it was taken matters here: from then on erasures are counted.
    taken = f"nullif(regexp_extract(b.{UNREADABLE}, 'taken_at=[a-z-]+'), '')"
    doubts = f"nullif(concat_ws(',', {ground.doubts('restores', 'r')}, {taken}), '')"
    made = "r.restored_at IS NULL OR (r.restored_at >= :period_start AND r.restored_at < :period_end)"
    return f"""{none} WHERE NOT EXISTS (SELECT 1 FROM frame_restores AS r WHERE {made})
UNION ALL
SELECT r.restore_id, 'restore', b.source, r.target, b.taken_at, CAST(NULL AS BIGINT), {expires},
  {deleted}, r.restored_at, r.replayed_at, r.opened_at, {counted}, r.erasures_expected,
  r.erasures_replayed, {doubts}
FROM frame_restores AS r LEFT JOIN frame_backups AS b ON b.backup_id = r.backup_id
WHERE {made}"""


def _no_time(relation: Relation | None, column: str) -> str:
    """No time at all, of the kind in which the source keeps this one: a day among instants would become one."""
    day = relation is not None and relation.kinds.get(column) == "date"
    return f"CAST(NULL AS {'DATE' if day else 'TIMESTAMPTZ'})"
