"""What is derived from the retention rules: the runs that their jobs owed in the period, who may read their archives.

Source: docs/norm/controls, RET-02 and RET-04; docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.relations import UNREADABLE

#: The word of a schedule → the interval in which one run is owed, and the part of a day that names it.
SLOTS = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"}


def archive_grants(ground: Ground) -> str:
    """Who may read the archive of each rule; nothing where nobody lists it."""
    ground.needed("retention_rules")
    if ground.relation("archive_access") is None:
        return (
            "SELECT rule_id, source, object, rule_id AS principal_key, CAST(NULL AS VARCHAR) AS department, "
            "CAST(NULL AS DATE) AS granted_on, CAST(NULL AS VARCHAR) AS justification_ref, "
            "CAST(NULL AS TIMESTAMPTZ) AS last_read_at, CAST(NULL AS VARCHAR) AS unreadable "
            "FROM frame_retention_rules WHERE false"
        )
    return f"""SELECT r.rule_id, a.source, a.object, a.principal_key, a.department, a.granted_on, a.justification_ref,
  a.last_read_at, {ground.doubts("archive_access", "a")} AS {UNREADABLE}
FROM frame_retention_rules AS r
  JOIN frame_archive_access AS a ON a.source = r.archive_source AND a.object = r.archive_object"""


def job_units(ground: Ground) -> str:
    """Every run that a schedule calls for, with the run of the log in its interval, or none; and runs beside them.

    A run whose day cannot be read is one beside them, of the schedule of its rule. An interval counts once it is over
    at the cut-off. The calendar is the engine's: whole days, weeks from Monday, months, quarters and years that begin
    within the period.
    """
    ground.needed("retention_rules")
    runs = (
        "frame_deletion_jobs"
        if ground.relation("deletion_jobs") is not None
        else "(SELECT CAST(NULL AS VARCHAR) AS run_id, CAST(NULL AS VARCHAR) AS rule_id, CAST(NULL AS DATE) AS "
        "scheduled_on, CAST(NULL AS TIMESTAMPTZ) AS started_at, CAST(NULL AS TIMESTAMPTZ) AS finished_at, "
        "CAST(NULL AS VARCHAR) AS status, CAST(NULL AS BIGINT) AS rows_eligible, CAST(NULL AS BIGINT) AS rows_deleted, "
        "CAST(NULL AS BIGINT) AS rows_excused, CAST(NULL AS VARCHAR) AS unreadable WHERE false)"
    )
    # :period_start and :as_of are texts with their local time: their first ten letters are the local day.
    first, after, today = (f"CAST(substr(:{name}, 1, 10) AS DATE)" for name in ("period_start", "period_end", "as_of"))
    slots = "\n  UNION ALL ".join(
        f"SELECT {word!r} AS schedule, CAST(slot AS DATE) AS slot, CAST(slot + INTERVAL 1 {part} AS DATE) AS next_slot "
        f"FROM (SELECT unnest(generate_series(date_trunc('{part}', {first}), CAST({after} AS TIMESTAMP), "
        f"INTERVAL 1 {part})) AS slot) WHERE slot >= {first} AND slot < {after}"
        for word, part in SLOTS.items()
    )
    # Of one run: whether it stands in an interval, or beside all of them (a rule without a schedule, a run too many).
    return f"""WITH slots AS (
  {slots}
), owed AS (
  SELECT r.rule_id, s.schedule, s.slot, s.next_slot FROM frame_retention_rules AS r
    JOIN slots AS s ON s.schedule = r.schedule
), met AS (
  SELECT j.*, coalesce(o.schedule, undated.schedule) AS schedule, o.slot,
    {ground.doubts("deletion_jobs", "j")} AS doubts FROM {runs} AS j
    LEFT JOIN owed AS o ON o.rule_id = j.rule_id AND j.scheduled_on >= o.slot AND j.scheduled_on < o.next_slot
    LEFT JOIN frame_retention_rules AS undated ON undated.rule_id = j.rule_id AND j.scheduled_on IS NULL
)
SELECT run_id AS unit_id, rule_id, schedule, scheduled_on, run_id, started_at, finished_at, status, rows_eligible,
  rows_deleted, rows_excused, doubts AS {UNREADABLE}
FROM met WHERE scheduled_on IS NULL OR (scheduled_on >= {first} AND scheduled_on < {after})
UNION ALL
SELECT concat(o.rule_id, '/', o.slot), o.rule_id, o.schedule, o.slot, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM owed AS o
WHERE o.next_slot <= {today} + 1
  AND NOT EXISTS (SELECT 1 FROM met AS m WHERE m.rule_id = o.rule_id AND m.slot = o.slot)"""
