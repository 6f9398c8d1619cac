"""Frames of retention: rules, what was measured, deletion jobs, who reads the archives. Source: docs/norm/frames.md."""

from __future__ import annotations

from evidence_kit.model.columns import FrameSpec, event, key, may, must

_PLACES = "active archive"

RETENTION_RULES = FrameSpec(
    "retention_rules",
    (
        must("rule_id"),
        must("activity_id"),
        must("source"),
        must("object"),
        must("population", values="prospect customer contact staff technical other"),
        must("start"),
        may("fallback"),
        may("planned"),
        must("keep"),
        must("grace_days", "integer"),
        must("then", values="archive delete anonymise"),
        may("archive_source"),
        may("archive_object"),
        may("archive_start"),
        may("archive_keep"),
        may("archive_then", values="delete anonymise"),
        must("hold_in_active", "bool"),
        may("configured_keep"),
        may("configured_start"),
        may("notice_keep"),
        may("schedule", values="daily weekly monthly quarterly yearly"),
        may("basis_ref"),
    ),
    unique_key=("rule_id",),
)

RETENTION_OBSERVATIONS = FrameSpec(
    "retention_observations",
    (
        must("rule_id"),
        must("place", values=_PLACES),
        must("as_of", "date"),
        must("cutoff_on", "date"),
        may("rows", "integer"),
        may("past_limit_rows", "integer"),
        may("held_rows", "integer"),
        may("hold_undocumented_rows", "integer"),
        may("hold_faulty_rows", "integer"),
        may("start_missing_rows", "integer"),
        may("bad_date_rows", "integer"),
        may("oldest_start_on", "date"),
        may("max_days_over", "integer"),
        must("status", values="ok error"),
    ),
    unique_key=("rule_id", "place"),
    built=True,
)

RETENTION_EXCEPTIONS = FrameSpec(
    "retention_exceptions",
    (
        must("rule_id"),
        must("place", values=_PLACES),
        key("row_key", "row", nullable=False),
        may("start_event"),
        may("start_on", "date", may_be_future=True),
        may("limit_on", "date", may_be_future=True),
        may("days_over", "integer"),
        may("hold_from", "date", may_be_future=True),
        may("hold_until", "date", may_be_future=True),
        may("hold_ref"),
        must("reason"),
    ),
    unique_key=("rule_id", "place", "row_key"),
    built=True,
)

#: The bars of `retention_ages`, from the youngest rows to the oldest; then the rows that have no age.
AGES = (
    "ahead",
    *(f"twelfth-{part:02}" for part in range(1, 13)),
    *("grace", "over-30-days", "over-90-days", "over-365-days", "over-more", "no-start", "bad-date"),
)

#: How old the rows of one rule are in one place, beside their limit; the bars of one place sum to its rows.
RETENTION_AGES = FrameSpec(
    "retention_ages",
    (
        must("rule_id"),
        must("place", values=_PLACES),
        must("bucket", values=" ".join(AGES)),
        must("rows", "integer"),
    ),
    unique_key=("rule_id", "place", "bucket"),
    built=True,
    own=True,
)

DELETION_JOBS = FrameSpec(
    "deletion_jobs",
    (
        must("run_id"),
        must("rule_id"),
        must("scheduled_on", "date"),
        event("started_at"),
        event("finished_at"),
        must("status", values="success partial failed missed"),
        may("rows_eligible", "integer"),
        may("rows_deleted", "integer"),
        may("rows_excused", "integer"),
    ),
    unique_key=("run_id",),
)

ARCHIVE_ACCESS = FrameSpec(
    "archive_access",
    (
        must("source"),
        must("object"),
        key("principal_key", "actor", nullable=False),
        may("department", values="legal finance dpo it marketing support other"),
        may("granted_on", "date"),
        may("justification_ref"),
        event("last_read_at"),
    ),
    unique_key=("source", "object", "principal_key"),
)

#: Who may read the archive of a rule.
ARCHIVE_GRANTS = FrameSpec(
    "archive_grants",
    (
        must("rule_id"),
        must("source"),
        must("object"),
        key("principal_key", "actor", nullable=False),
        may("department", values="legal finance dpo it marketing support other"),
        may("granted_on", "date"),
        may("justification_ref"),
        event("last_read_at"),
    ),
    unique_key=("rule_id", "source", "object", "principal_key"),
    built=True,
    own=True,
)

#: One unit of RET-04: a run that the schedule of a rule calls for, or one that the log has beside it.
JOB_UNITS = FrameSpec(
    "job_units",
    (
        must("unit_id"),
        must("rule_id"),
        may("schedule", values="daily weekly monthly quarterly yearly"),
        must("scheduled_on", "date"),
        may("run_id"),
        event("started_at"),
        event("finished_at"),
        may("status", values="success partial failed missed"),
        may("rows_eligible", "integer"),
        may("rows_deleted", "integer"),
        may("rows_excused", "integer"),
    ),
    unique_key=("unit_id",),
    built=True,
    own=True,
)
