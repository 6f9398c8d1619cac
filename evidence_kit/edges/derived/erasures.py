"""What is derived from the log of erasures: who had to be told of each, and the backups that could bring people back.

Source: docs/norm/controls, ERA-04 and ERA-05; GDPR art. 19; docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.opening import literal

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
    return f"""SELECT concat(n.case_id, '/', n.recipient_id) AS pair_id, e.erasure_id AS case_id, n.recipient_id,
  {relation} AS relation, e.executed_at, n.disclosed_on, n.notified_at, n.confirmed_at, n.exemption,
  n.exemption_reason_ref
FROM frame_recipients_notifications AS n
  JOIN frame_erasure_log AS e ON n.case_id IN (e.erasure_id, e.request_id){join}
WHERE n.action = 'erasure'"""


def backup_units(ground: Ground) -> str:
    """Every backup that lay somewhere in the period, and every restoration made in it; one unit says that none was.

    `erasures_counted` is the kit's own count of what a restoration brought back: erasures executed after the backup was
    taken and before it was restored.
    """
    ground.needed("backups")
    sets = """SELECT backup_id AS unit_id, 'backup' AS unit_kind, source, CAST(NULL AS VARCHAR) AS target, taken_at,
  cycle_days, expires_at, deleted_at, CAST(NULL AS TIMESTAMPTZ) AS restored_at,
  CAST(NULL AS TIMESTAMPTZ) AS replayed_at, CAST(NULL AS TIMESTAMPTZ) AS opened_at,
  CAST(NULL AS BIGINT) AS erasures_counted,
  CAST(NULL AS BIGINT) AS erasures_expected, CAST(NULL AS BIGINT) AS erasures_replayed
FROM frame_backups
WHERE taken_at IS NULL OR (taken_at < :period_end AND coalesce(deleted_at >= :period_start, true))"""
    none = f"{sets}\nUNION ALL\nSELECT {literal(NO_RESTORATION)}, 'none', {', '.join(['NULL'] * 12)}"
    if ground.relation("restores") is None:
        return none
    counted = "CAST(NULL AS BIGINT)"
    if ground.relation("erasure_log") is not None:
        counted = (
            "CASE WHEN b.taken_at IS NOT NULL THEN (SELECT count(*) FROM frame_erasure_log AS e "
            "WHERE e.executed_at > b.taken_at AND e.executed_at <= r.restored_at) END"
        )
    made = "r.restored_at IS NULL OR (r.restored_at >= :period_start AND r.restored_at < :period_end)"
    return f"""{none} WHERE NOT EXISTS (SELECT 1 FROM frame_restores AS r WHERE {made})
UNION ALL
SELECT r.restore_id, 'restore', b.source, r.target, b.taken_at, CAST(NULL AS BIGINT), CAST(NULL AS TIMESTAMPTZ),
  CAST(NULL AS TIMESTAMPTZ), r.restored_at, r.replayed_at, r.opened_at, {counted}, r.erasures_expected,
  r.erasures_replayed
FROM frame_restores AS r LEFT JOIN frame_backups AS b ON b.backup_id = r.backup_id
WHERE {made}"""
