"""What is seen: the canonical frames, column by column, as docs/norm/frames.md declares them.

Only the frames that a control of this version needs are here; `kind` uses the words of docs/norm/frames.csv. After them
come the frames of the kit's own, which no organisation keeps: the lists some controls take their units from, and what
stands beside them (docs/norm/frames.md, "Frames of the kit").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column. `kind`: string, integer, decimal, bool, date or timestamp.

    `privacy`: `key` (a pseudonym, never the value) or `none` (no person in it). `values`: the closed list of words, or
    empty when any is accepted. `event`: null means that it did not happen, so a source that cannot know says `unknown`.
    `computed`: made by the kit, never mapped. `pseudonym`: the kind of key that the kit makes, for privacy `key`.
    """

    name: str
    kind: str
    nullable: bool
    privacy: str = "none"
    may_be_future: bool = False
    values: tuple[str, ...] = ()
    event: bool = False
    computed: bool = False
    pseudonym: str | None = None


@dataclass(frozen=True, slots=True)
class FrameSpec:
    """One canonical frame. `unique_key`: the columns that no two rows share; null counts as a value.

    `built`: made by the kit from other frames and live objects; no source maps it. `own`: a frame of the kit's, not one
    of the norm's thirty.
    """

    name: str
    columns: tuple[Column, ...]
    unique_key: tuple[str, ...]
    built: bool = False
    own: bool = False

    def column(self, name: str) -> Column:
        """The column called `name`. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(column.name for column in self.columns)


def _must(name: str, kind: str = "string", *, values: str = "", computed: bool = False) -> Column:
    return Column(name, kind, nullable=False, values=tuple(values.split()), computed=computed)


def _may(
    name: str,
    kind: str = "string",
    *,
    values: str = "",
    event: bool = False,
    may_be_future: bool = False,
    computed: bool = False,
) -> Column:
    words = tuple(values.split())
    return Column(name, kind, nullable=True, may_be_future=may_be_future, values=words, event=event, computed=computed)


def _key(name: str, pseudonym: str, *, nullable: bool, computed: bool = False) -> Column:
    return Column(name, "string", nullable=nullable, privacy="key", pseudonym=pseudonym, computed=computed)


def _event(name: str) -> Column:
    return _may(name, "timestamp", event=True)


_RIGHTS = "access rectification erasure restriction portability objection consent_withdrawal automated_decision unknown"
_PLACES = "active archive"

_REQUEST_LOG = FrameSpec(
    "request_log",
    (
        _must("request_id"),
        _may("request_seq", "integer"),
        _key("subject_key", "person", nullable=True),
        _must("capacity", values="controller processor"),
        _key("account_key", "account", nullable=True),
        _may("country"),
        _must("right_invoked", values=_RIGHTS),
        _must(
            "channel", values="form email unsubscribe_link account_page postal phone in_person social authority unknown"
        ),
        _may("received_at", "timestamp"),
        _may("logged_at", "timestamp"),
        _event("acknowledged_at"),
        _may("authenticated_by", values="account_login known_address knowledge id_document other"),
        _event("identity_requested_at"),
        _event("identity_received_at"),
        _may("identity_doubt_reason"),
        _event("identity_document_at"),
        _event("identity_document_deleted_at"),
        _event("clarification_requested_at"),
        _may("clarification_reason"),
        _event("clarification_received_at"),
        _event("extension_notified_at"),
        _event("forwarded_at"),
        _event("responded_at"),
        _event("reopened_at"),
        _may("reopen_cause", values="same_request new_request"),
        _event("responded_again_at"),
        _may("due_given_on", "date", event=True, may_be_future=True),
        _may("outcome", values="fulfilled partial refused forwarded no_data withdrawn none"),
        _must("status", values="open closed void"),
        _may("void_reason"),
        _must("source_ref", computed=True),
    ),
    unique_key=("request_id",),
)

_REQUEST_REPLIES = FrameSpec(
    "request_replies",
    (
        _must("request_id"),
        _must("kind", values="acknowledgement answer refusal extension forward"),
        _must("sent_at", "timestamp"),
        _must("document_sha256", computed=True),
        _may("reasons_given", "bool"),
        _may("complaint_right_given", "bool"),
        _may("judicial_remedy_given", "bool"),
        _may("art15_items"),
        _may("due_announced_on", "date", may_be_future=True),
        _may("recipients_named", "bool"),
        _key("reviewed_by_key", "actor", nullable=True),
    ),
    unique_key=("request_id", "kind", "sent_at", "document_sha256"),
)

_MAILBOX_MESSAGES = FrameSpec(
    "mailbox_messages",
    (
        _key("message_key", "message", nullable=False),
        _must("mailbox"),
        _must("folder", values="inbox spam archive other"),
        _must("received_at", "timestamp"),
        _key("sender_key", "person", nullable=False),
        _may("is_rights_request", "bool"),
        _may("triage_method", values="rule human"),
        _may("right_invoked", values=_RIGHTS),
        _may("request_id"),
    ),
    unique_key=("message_key", "mailbox", "folder"),
)

_RETENTION_RULES = FrameSpec(
    "retention_rules",
    (
        _must("rule_id"),
        _must("activity_id"),
        _must("source"),
        _must("object"),
        _must("population", values="prospect customer contact staff technical other"),
        _must("start"),
        _may("fallback"),
        _may("planned"),
        _must("keep"),
        _must("grace_days", "integer"),
        _must("then", values="archive delete anonymise"),
        _may("archive_source"),
        _may("archive_object"),
        _may("archive_start"),
        _may("archive_keep"),
        _may("archive_then", values="delete anonymise"),
        _must("hold_in_active", "bool"),
        _may("configured_keep"),
        _may("configured_start"),
        _may("notice_keep"),
        _may("schedule", values="daily weekly monthly quarterly yearly"),
        _may("basis_ref"),
    ),
    unique_key=("rule_id",),
)

_RETENTION_OBSERVATIONS = FrameSpec(
    "retention_observations",
    (
        _must("rule_id"),
        _must("place", values=_PLACES),
        _must("as_of", "date"),
        _must("cutoff_on", "date"),
        _may("rows", "integer"),
        _may("past_limit_rows", "integer"),
        _may("held_rows", "integer"),
        _may("hold_undocumented_rows", "integer"),
        _may("hold_faulty_rows", "integer"),
        _may("start_missing_rows", "integer"),
        _may("bad_date_rows", "integer"),
        _may("oldest_start_on", "date"),
        _may("max_days_over", "integer"),
        _must("status", values="ok error"),
    ),
    unique_key=("rule_id", "place"),
    built=True,
)

_RETENTION_EXCEPTIONS = FrameSpec(
    "retention_exceptions",
    (
        _must("rule_id"),
        _must("place", values=_PLACES),
        _key("row_key", "row", nullable=False),
        _may("start_event"),
        _may("start_on", "date", may_be_future=True),
        _may("limit_on", "date", may_be_future=True),
        _may("days_over", "integer"),
        _may("hold_from", "date", may_be_future=True),
        _may("hold_until", "date", may_be_future=True),
        _may("hold_ref"),
        _must("reason"),
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
_RETENTION_AGES = FrameSpec(
    "retention_ages",
    (
        _must("rule_id"),
        _must("place", values=_PLACES),
        _must("bucket", values=" ".join(AGES)),
        _must("rows", "integer"),
    ),
    unique_key=("rule_id", "place", "bucket"),
    built=True,
    own=True,
)

#: What the answer gave, from the organisation; what our own search found beside it, from the kit.
_ACCESS_ANSWER_ITEMS = FrameSpec(
    "access_answer_items",
    (
        _must("request_id"),
        _must("source"),
        _must("object"),
        _may("stored_rows", "integer", computed=True),
        _may("disclosed_rows", "integer"),
        _may("stored_fields", "integer", computed=True),
        _may("disclosed_fields", "integer"),
        _may("exempt_reason"),
    ),
    unique_key=("request_id", "source", "object"),
)

#: What the person asked to have corrected, from the organisation; what stands in each object today, from the kit.
_RECTIFICATION_CHECKS = FrameSpec(
    "rectification_checks",
    (
        _must("request_id"),
        _must("source", computed=True),
        _must("object", computed=True),
        _must("field"),
        _key("expected_key", "value", nullable=False),
        _key("observed_key", "value", nullable=True, computed=True),
        _must("checked_at", "timestamp", computed=True),
    ),
    unique_key=("request_id", "source", "object", "field"),
)

_RECIPIENTS_NOTIFICATIONS = FrameSpec(
    "recipients_notifications",
    (
        _must("case_id"),
        _must("action", values="rectification erasure restriction"),
        _must("recipient_id"),
        _may("disclosed_on", "date"),
        _event("notified_at"),
        _event("confirmed_at"),
        _may("exemption", values="impossible disproportionate_effort"),
        _may("exemption_reason_ref"),
    ),
    unique_key=("case_id", "action", "recipient_id"),
)

_ERASURE_LOG = FrameSpec(
    "erasure_log",
    (
        _must("erasure_id"),
        _may("request_id"),
        _key("subject_key", "person", nullable=True),
        _must("capacity", values="controller processor"),
        _must("decided_at", "timestamp"),
        _event("executed_at"),
        _must("scope", values="full partial"),
        _must("method", values="delete anonymise mask"),
        _may("exception_basis"),
        _must("identifier_form", values="clear_in_vault keyed_digest none"),
        _key("operator_key", "actor", nullable=True),
    ),
    unique_key=("erasure_id",),
)

_SUPPRESSION_LIST = FrameSpec(
    "suppression_list",
    (
        _must("entry_id"),
        _must("list_name"),
        _key("account_key", "account", nullable=True),
        _key("entry_key", "value", nullable=False),
        _must("stored_form", values="plaintext sha256 sha256_salted hmac other"),
        _must("extra_personal_columns", "integer"),
        _must("reason", values="unsubscribe objection complaint hard_bounce erasure"),
        _must("added_at", "timestamp"),
    ),
    unique_key=("entry_id",),
)

_BACKUPS = FrameSpec(
    "backups",
    (
        _must("backup_id"),
        _must("source"),
        _must("kind", values="full incremental snapshot"),
        _must("taken_at", "timestamp"),
        _may("expires_at", "timestamp", may_be_future=True),
        _event("deleted_at"),
        _may("cycle_days", "integer"),
    ),
    unique_key=("backup_id",),
)

_RESTORES = FrameSpec(
    "restores",
    (
        _must("restore_id"),
        _must("backup_id"),
        _must("target", values="isolated production"),
        _must("restored_at", "timestamp"),
        _event("replayed_at"),
        _may("erasures_expected", "integer"),
        _may("erasures_replayed", "integer"),
        _event("opened_at"),
    ),
    unique_key=("restore_id",),
)

_DELETION_JOBS = FrameSpec(
    "deletion_jobs",
    (
        _must("run_id"),
        _must("rule_id"),
        _must("scheduled_on", "date"),
        _event("started_at"),
        _event("finished_at"),
        _must("status", values="success partial failed missed"),
        _may("rows_eligible", "integer"),
        _may("rows_deleted", "integer"),
        _may("rows_excused", "integer"),
    ),
    unique_key=("run_id",),
)

_ARCHIVE_ACCESS = FrameSpec(
    "archive_access",
    (
        _must("source"),
        _must("object"),
        _key("principal_key", "actor", nullable=False),
        _may("department", values="legal finance dpo it marketing support other"),
        _may("granted_on", "date"),
        _may("justification_ref"),
        _event("last_read_at"),
    ),
    unique_key=("source", "object", "principal_key"),
)

_REGISTER_OBJECTS = FrameSpec(
    "register_objects",
    (_must("activity_id"), _must("source"), _must("object"), _may("column_name")),
    unique_key=("activity_id", "source", "object", "column_name"),
)

_PROCESSORS = FrameSpec(
    "processors",
    (
        _must("processor_id"),
        _must("name"),
        _must("relation", values="processor sub_processor joint_controller controller"),
        _may("parent_id"),
        _may("service"),
        _may("country"),
        _may("transfer_mechanism", values="adequacy scc bcr derogation"),
        _must("risk_tier", values="low medium high"),
        _must("review_months", "integer"),
        _must("status", values="candidate under_review active charter action_plan terminated"),
        _may("contract_signed_on", "date"),
        _may("art28_terms"),
        _may("subprocessing_terms", "bool"),
        _may("terminated_on", "date"),
        _may("data_returned_or_deleted_on", "date"),
    ),
    unique_key=("processor_id",),
)

_CHANNELS = "form email unsubscribe_link account_page postal phone"

_CHANNEL_CHECKS = FrameSpec(
    "channel_checks",
    (
        _must("channel_id"),
        _must("channel", values=_CHANNELS),
        _must("round", "integer"),
        _must("in_notice", "bool"),
        _must("tested_at", "timestamp"),
        _may("reachable", "bool"),
        _may("login_required", "bool"),
        _may("document_required", "bool"),
        _must("test_marker"),
        _event("ticket_created_at"),
        _event("effective_at"),
    ),
    unique_key=("channel_id", "round"),
)

_EXTRACTS = FrameSpec(
    "extracts",
    (
        _must("extract_id"),
        _must("frame"),
        _must("source"),
        _must("query_sha256"),
        _must("read_only", "bool"),
        _must("snapshot_at", "timestamp"),
        _may("source_rows", "integer"),
        _must("frame_rows", "integer"),
        _must("frame_sha256"),
    ),
    unique_key=("extract_id",),
    built=True,
)

_COMPLETENESS = FrameSpec(
    "completeness",
    (
        _must("unit_id"),
        _must("unit_kind", values="identifier message extract"),
        _may("request_seq", "integer"),
        _may("log_rows", "integer"),
        _may("explanation"),
        _may("request_id"),
        _may("link", values="stated found"),
        _may("link_days", "integer"),
        _may("message_found", "bool"),
        _may("logged_in_period", "bool"),
    ),
    unique_key=("unit_id",),
    built=True,
    own=True,
)

_ROW_ACCOUNTS = FrameSpec(
    "row_accounts",
    (
        _must("extract_id"),
        _must("fate", values="read collapsed void outside_period in_period unreadable"),
        _must("rows", "integer"),
    ),
    unique_key=("extract_id", "fate"),
    built=True,
    own=True,
)

_CHANNEL_UNITS = FrameSpec(
    "channel_units",
    (
        _must("channel_id"),
        _must("channel", values=_CHANNELS),
        _may("in_notice", "bool"),
        _must("in_log", "bool"),
        _may("round", "integer"),
    ),
    unique_key=("channel_id",),
    built=True,
    own=True,
)

_CHANNEL_OBSERVATIONS = FrameSpec(
    "channel_observations",
    (
        _must("channel_id"),
        _must("round", "integer"),
        _must("check"),
        _may("outcome", "bool"),
        _may("detail"),
        _must("observed_at", "timestamp"),
    ),
    unique_key=("channel_id", "round", "check"),
    own=True,
)

#: Other identifiers by which an erased person is searched, and the canaries: kept in the vault, like the addresses.
_SUBJECT_KEYS = FrameSpec(
    "subject_keys",
    (
        _must("case_id"),
        _must("key_kind", values="email phone exact digest"),
        _key("key_value", "person", nullable=False),
    ),
    unique_key=("case_id", "key_kind", "key_value"),
    own=True,
)

#: Searches that the organisation made itself, before: what was seen absent once can only have come back.
_EARLIER_PROBES = FrameSpec(
    "earlier_probes",
    (
        _must("probe_id"),
        _must("case_id"),
        _must("source"),
        _must("object"),
        _may("matched_rows", "integer"),
        _must("probed_at", "timestamp"),
    ),
    unique_key=("probe_id",),
    own=True,
)

#: Jobs that bring rows in, as the organisation logs them: restorations beside `restores`, imports, synchronisations.
_RETURN_JOBS = FrameSpec(
    "return_jobs",
    (
        _must("job_id"),
        _must("cause", values="restore re-import re-sync"),
        _must("ended_at", "timestamp"),
        _may("source"),
    ),
    unique_key=("job_id",),
    own=True,
)

#: `subjects_probe` of the norm, with the erasure that each search is about.
_ERASURE_PROBES = FrameSpec(
    "erasure_probes",
    (
        _must("case_id"),
        _must("probe_id"),
        _key("subject_key", "person", nullable=False),
        _must("probe_kind", values="erased access canary"),
        _must("source"),
        _must("object"),
        _must("object_declared", "bool"),
        _must("match_route", values="identifier digest free_text"),
        _must(
            "state",
            values="absent suppressed-only masked soft-deleted backup-only present reappeared weak-match unreachable "
            "not-probed",
        ),
        _may("positive_control", "bool"),
        _may("matched_rows", "integer"),
        _may("earliest_row_at", "timestamp"),
        _may("latest_row_at", "timestamp"),
        _may("previously_absent_at", "timestamp"),
        _may("due_on", "date", may_be_future=True),
        _may("declared_done", "bool"),
        _may("deleted_on", "date"),
        _may("purge_days", "integer"),
        _may("suppression_declared", "bool"),
        _may("suppression_form", values="hashed clear"),
        _may("mask", values="irreversible reversible"),
        _may("exception_declared", "bool"),
        _may("exception_within", "bool"),
        _may("return_cause", values="restore re-import re-sync new-collection"),
        _may("return_evidence", "bool"),
        _may("replay_declared", "bool"),
        _must("probed_at", "timestamp"),
        _may("matched_in"),
    ),
    unique_key=("probe_id",),
    built=True,
    own=True,
)

#: One unit of ERA-04: an erasure executed, and a recipient to whom the data had gone.
_RECIPIENT_UNITS = FrameSpec(
    "recipient_units",
    (
        _must("pair_id"),
        _must("case_id"),
        _must("recipient_id"),
        _may("relation", values="processor sub_processor joint_controller controller"),
        _may("executed_at", "timestamp"),
        _may("disclosed_on", "date"),
        _event("notified_at"),
        _event("confirmed_at"),
        _may("exemption", values="impossible disproportionate_effort"),
        _may("exemption_reason_ref"),
    ),
    unique_key=("pair_id",),
    built=True,
    own=True,
)

#: One unit of ERA-05. `erasures_counted`: erasures executed between the backup and its restoration, counted by the kit.
#: `none` stands for the restoration that nobody made in the period.
_BACKUP_UNITS = FrameSpec(
    "backup_units",
    (
        _must("unit_id"),
        _must("unit_kind", values="backup restore none"),
        _may("source"),
        _may("target", values="isolated production"),
        _may("taken_at", "timestamp"),
        _may("cycle_days", "integer"),
        _may("expires_at", "timestamp", may_be_future=True),
        _event("deleted_at"),
        _may("restored_at", "timestamp"),
        _event("replayed_at"),
        _event("opened_at"),
        _may("erasures_counted", "integer"),
        _may("erasures_expected", "integer"),
        _may("erasures_replayed", "integer"),
    ),
    unique_key=("unit_id",),
    built=True,
    own=True,
)

#: Who may read the archive of a rule.
_ARCHIVE_GRANTS = FrameSpec(
    "archive_grants",
    (
        _must("rule_id"),
        _must("source"),
        _must("object"),
        _key("principal_key", "actor", nullable=False),
        _may("department", values="legal finance dpo it marketing support other"),
        _may("granted_on", "date"),
        _may("justification_ref"),
        _event("last_read_at"),
    ),
    unique_key=("rule_id", "source", "object", "principal_key"),
    built=True,
    own=True,
)

#: One unit of RET-04: a run that the schedule of a rule calls for, or one that the log has beside it.
_JOB_UNITS = FrameSpec(
    "job_units",
    (
        _must("unit_id"),
        _must("rule_id"),
        _may("schedule", values="daily weekly monthly quarterly yearly"),
        _must("scheduled_on", "date"),
        _may("run_id"),
        _event("started_at"),
        _event("finished_at"),
        _may("status", values="success partial failed missed"),
        _may("rows_eligible", "integer"),
        _may("rows_deleted", "integer"),
        _may("rows_excused", "integer"),
    ),
    unique_key=("unit_id",),
    built=True,
    own=True,
)

#: Every frame of this version, by name.
FRAMES: Mapping[str, FrameSpec] = {
    spec.name: spec
    for spec in (
        _REQUEST_LOG,
        _REQUEST_REPLIES,
        _MAILBOX_MESSAGES,
        _ACCESS_ANSWER_ITEMS,
        _RECTIFICATION_CHECKS,
        _RECIPIENTS_NOTIFICATIONS,
        _CHANNEL_CHECKS,
        _EXTRACTS,
        _RETENTION_RULES,
        _RETENTION_OBSERVATIONS,
        _RETENTION_EXCEPTIONS,
        _ERASURE_LOG,
        _SUPPRESSION_LIST,
        _BACKUPS,
        _RESTORES,
        _DELETION_JOBS,
        _ARCHIVE_ACCESS,
        _REGISTER_OBJECTS,
        _PROCESSORS,
        _COMPLETENESS,
        _ROW_ACCOUNTS,
        _CHANNEL_UNITS,
        _CHANNEL_OBSERVATIONS,
        _SUBJECT_KEYS,
        _EARLIER_PROBES,
        _RETURN_JOBS,
        _ERASURE_PROBES,
        _RECIPIENT_UNITS,
        _BACKUP_UNITS,
        _ARCHIVE_GRANTS,
        _JOB_UNITS,
        _RETENTION_AGES,
    )
}
