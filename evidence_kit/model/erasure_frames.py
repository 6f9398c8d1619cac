"""Frames of erasure: log, lists, backups; who was searched where, who had to be told. Source: docs/norm/frames.md."""

from __future__ import annotations

from evidence_kit.model.columns import FrameSpec, event, key, may, must

ERASURE_LOG = FrameSpec(
    "erasure_log",
    (
        must("erasure_id"),
        may("request_id"),
        key("subject_key", "person", nullable=True),
        must("capacity", values="controller processor"),
        must("decided_at", "timestamp"),
        event("executed_at"),
        must("scope", values="full partial"),
        must("method", values="delete anonymise mask"),
        may("exception_basis"),
        must("identifier_form", values="clear_in_vault keyed_digest none"),
        key("operator_key", "actor", nullable=True),
    ),
    unique_key=("erasure_id",),
)

SUPPRESSION_LIST = FrameSpec(
    "suppression_list",
    (
        must("entry_id"),
        must("list_name"),
        key("account_key", "account", nullable=True),
        key("entry_key", "value", nullable=False),
        must("stored_form", values="plaintext sha256 sha256_salted hmac other"),
        must("extra_personal_columns", "integer"),
        must("reason", values="unsubscribe objection complaint hard_bounce erasure"),
        must("added_at", "timestamp"),
    ),
    unique_key=("entry_id",),
)

BACKUPS = FrameSpec(
    "backups",
    (
        must("backup_id"),
        must("source"),
        must("kind", values="full incremental snapshot"),
        must("taken_at", "timestamp"),
        may("expires_at", "timestamp", may_be_future=True),
        event("deleted_at"),
        may("cycle_days", "integer"),
    ),
    unique_key=("backup_id",),
)

RESTORES = FrameSpec(
    "restores",
    (
        must("restore_id"),
        must("backup_id"),
        must("target", values="isolated production"),
        must("restored_at", "timestamp"),
        event("replayed_at"),
        may("erasures_expected", "integer"),
        may("erasures_replayed", "integer"),
        event("opened_at"),
    ),
    unique_key=("restore_id",),
)

#: Other identifiers by which an erased person is searched, and the canaries: kept in the vault, like the addresses.
SUBJECT_KEYS = FrameSpec(
    "subject_keys",
    (
        must("case_id"),
        must("key_kind", values="email phone exact digest"),
        key("key_value", "person", nullable=False),
    ),
    unique_key=("case_id", "key_kind", "key_value"),
    own=True,
)

#: Searches that the organisation made itself, before: what was seen absent once can only have come back.
EARLIER_PROBES = FrameSpec(
    "earlier_probes",
    (
        must("probe_id"),
        must("case_id"),
        must("source"),
        must("object"),
        may("matched_rows", "integer"),
        must("probed_at", "timestamp"),
    ),
    unique_key=("probe_id",),
    own=True,
)

#: Jobs that bring rows in, as the organisation logs them: restorations beside `restores`, imports, synchronisations.
RETURN_JOBS = FrameSpec(
    "return_jobs",
    (
        must("job_id"),
        must("cause", values="restore re-import re-sync"),
        must("ended_at", "timestamp"),
        may("source"),
    ),
    unique_key=("job_id",),
    own=True,
)

#: `subjects_probe` of the norm, with the erasure that each search is about.
ERASURE_PROBES = FrameSpec(
    "erasure_probes",
    (
        must("case_id"),
        must("probe_id"),
        key("subject_key", "person", nullable=False),
        must("probe_kind", values="erased access canary"),
        must("source"),
        must("object"),
        must("object_declared", "bool"),
        must("match_route", values="identifier digest free_text"),
        must(
            "state",
            values="absent suppressed-only masked soft-deleted backup-only present reappeared weak-match unreachable "
            "not-probed",
        ),
        may("positive_control", "bool"),
        may("matched_rows", "integer"),
        may("earliest_row_at", "timestamp"),
        may("latest_row_at", "timestamp"),
        may("previously_absent_at", "timestamp"),
        may("due_on", "date", may_be_future=True),
        may("declared_done", "bool"),
        may("deleted_on", "date"),
        may("purge_days", "integer"),
        may("suppression_declared", "bool"),
        may("suppression_form", values="hashed clear"),
        may("mask", values="irreversible reversible"),
        may("exception_declared", "bool"),
        may("exception_within", "bool"),
        may("return_cause", values="restore re-import re-sync new-collection"),
        may("return_evidence", "bool"),
        may("replay_declared", "bool"),
        must("probed_at", "timestamp"),
        may("matched_in"),
    ),
    unique_key=("probe_id",),
    built=True,
    own=True,
)

#: One unit of ERA-04: an erasure executed, and a recipient to whom the data had gone.
RECIPIENT_UNITS = FrameSpec(
    "recipient_units",
    (
        must("pair_id"),
        must("case_id"),
        must("recipient_id"),
        may("relation", values="processor sub_processor joint_controller controller"),
        may("executed_at", "timestamp"),
        may("disclosed_on", "date"),
        event("notified_at"),
        event("confirmed_at"),
        may("exemption", values="impossible disproportionate_effort"),
        may("exemption_reason_ref"),
    ),
    unique_key=("pair_id",),
    built=True,
    own=True,
)

#: One unit of ERA-05. `erasures_counted`: erasures executed between the backup and its restoration, counted by the kit.
#: `none` stands for the restoration that nobody made in the period.
BACKUP_UNITS = FrameSpec(
    "backup_units",
    (
        must("unit_id"),
        must("unit_kind", values="backup restore none"),
        may("source"),
        may("target", values="isolated production"),
        may("taken_at", "timestamp"),
        may("cycle_days", "integer"),
        may("expires_at", "timestamp", may_be_future=True),
        event("deleted_at"),
        may("restored_at", "timestamp"),
        event("replayed_at"),
        event("opened_at"),
        may("erasures_counted", "integer"),
        may("erasures_expected", "integer"),
        may("erasures_replayed", "integer"),
    ),
    unique_key=("unit_id",),
    built=True,
    own=True,
)
