"""Frames of rights requests: log and letters, mailbox, channels, completeness. Source: docs/norm/frames.md."""

from __future__ import annotations

from evidence_kit.model.columns import FrameSpec, event, key, may, must

_RIGHTS = "access rectification erasure restriction portability objection consent_withdrawal automated_decision unknown"

_CHANNELS = "form email unsubscribe_link account_page postal phone"

REQUEST_LOG = FrameSpec(
    "request_log",
    (
        must("request_id"),
        may("request_seq", "integer"),
        key("subject_key", "person", nullable=True),
        must("capacity", values="controller processor"),
        key("account_key", "account", nullable=True),
        may("country"),
        must("right_invoked", values=_RIGHTS),
        must(
            "channel", values="form email unsubscribe_link account_page postal phone in_person social authority unknown"
        ),
        may("received_at", "timestamp"),
        may("logged_at", "timestamp"),
        event("acknowledged_at"),
        may("authenticated_by", values="account_login known_address knowledge id_document other"),
        event("identity_requested_at"),
        event("identity_received_at"),
        may("identity_doubt_reason"),
        event("identity_document_at"),
        event("identity_document_deleted_at"),
        event("clarification_requested_at"),
        may("clarification_reason"),
        event("clarification_received_at"),
        event("extension_notified_at"),
        event("forwarded_at"),
        event("responded_at"),
        event("reopened_at"),
        may("reopen_cause", values="same_request new_request"),
        event("responded_again_at"),
        may("due_given_on", "date", event=True, may_be_future=True),
        may("outcome", values="fulfilled partial refused forwarded no_data withdrawn none"),
        must("status", values="open closed void"),
        may("void_reason"),
        must("source_ref", computed=True),
    ),
    unique_key=("request_id",),
)

REQUEST_REPLIES = FrameSpec(
    "request_replies",
    (
        must("request_id"),
        must("kind", values="acknowledgement answer refusal extension forward"),
        must("sent_at", "timestamp"),
        must("document_sha256", computed=True),
        may("reasons_given", "bool"),
        may("complaint_right_given", "bool"),
        may("judicial_remedy_given", "bool"),
        may("art15_items"),
        may("due_announced_on", "date", may_be_future=True),
        may("recipients_named", "bool"),
        key("reviewed_by_key", "actor", nullable=True),
    ),
    unique_key=("request_id", "kind", "sent_at", "document_sha256"),
)

MAILBOX_MESSAGES = FrameSpec(
    "mailbox_messages",
    (
        key("message_key", "message", nullable=False),
        must("mailbox"),
        must("folder", values="inbox spam archive other"),
        must("received_at", "timestamp"),
        key("sender_key", "person", nullable=False),
        may("is_rights_request", "bool"),
        may("triage_method", values="rule human"),
        may("right_invoked", values=_RIGHTS),
        may("request_id"),
    ),
    unique_key=("message_key", "mailbox", "folder"),
)

#: What the answer gave, from the organisation; what our own search found beside it, from the kit.
ACCESS_ANSWER_ITEMS = FrameSpec(
    "access_answer_items",
    (
        must("request_id"),
        must("source"),
        must("object"),
        may("stored_rows", "integer", computed=True),
        may("disclosed_rows", "integer"),
        may("stored_fields", "integer", computed=True),
        may("disclosed_fields", "integer"),
        may("exempt_reason"),
    ),
    unique_key=("request_id", "source", "object"),
)

#: What the person asked to have corrected, from the organisation; what stands in each object today, from the kit.
RECTIFICATION_CHECKS = FrameSpec(
    "rectification_checks",
    (
        must("request_id"),
        must("source", computed=True),
        must("object", computed=True),
        must("field"),
        key("expected_key", "value", nullable=False),
        key("observed_key", "value", nullable=True, computed=True),
        must("checked_at", "timestamp", computed=True),
    ),
    unique_key=("request_id", "source", "object", "field"),
)

RECIPIENTS_NOTIFICATIONS = FrameSpec(
    "recipients_notifications",
    (
        must("case_id"),
        must("action", values="rectification erasure restriction"),
        must("recipient_id"),
        may("disclosed_on", "date"),
        event("notified_at"),
        event("confirmed_at"),
        may("exemption", values="impossible disproportionate_effort"),
        may("exemption_reason_ref"),
    ),
    unique_key=("case_id", "action", "recipient_id"),
)

CHANNEL_CHECKS = FrameSpec(
    "channel_checks",
    (
        must("channel_id"),
        must("channel", values=_CHANNELS),
        must("round", "integer"),
        must("in_notice", "bool"),
        must("tested_at", "timestamp"),
        may("reachable", "bool"),
        may("login_required", "bool"),
        may("document_required", "bool"),
        must("test_marker"),
        event("ticket_created_at"),
        event("effective_at"),
    ),
    unique_key=("channel_id", "round"),
)

EXTRACTS = FrameSpec(
    "extracts",
    (
        must("extract_id"),
        must("frame"),
        must("source"),
        must("query_sha256"),
        must("read_only", "bool"),
        must("snapshot_at", "timestamp"),
        may("source_rows", "integer"),
        must("frame_rows", "integer"),
        must("frame_sha256"),
    ),
    unique_key=("extract_id",),
    built=True,
)

COMPLETENESS = FrameSpec(
    "completeness",
    (
        must("unit_id"),
        must("unit_kind", values="identifier message extract"),
        may("request_seq", "integer"),
        may("log_rows", "integer"),
        may("explanation"),
        may("request_id"),
        may("link", values="stated found"),
        may("link_days", "integer"),
        may("message_found", "bool"),
        may("logged_in_period", "bool"),
    ),
    unique_key=("unit_id",),
    built=True,
    own=True,
)

ROW_ACCOUNTS = FrameSpec(
    "row_accounts",
    (
        must("extract_id"),
        must("fate", values="read collapsed void outside_period in_period unreadable"),
        must("rows", "integer"),
    ),
    unique_key=("extract_id", "fate"),
    built=True,
    own=True,
)

CHANNEL_UNITS = FrameSpec(
    "channel_units",
    (
        must("channel_id"),
        must("channel", values=_CHANNELS),
        may("in_notice", "bool"),
        must("in_log", "bool"),
        may("round", "integer"),
    ),
    unique_key=("channel_id",),
    built=True,
    own=True,
)

CHANNEL_OBSERVATIONS = FrameSpec(
    "channel_observations",
    (
        must("channel_id"),
        must("round", "integer"),
        must("check"),
        may("outcome", "bool"),
        may("detail"),
        must("observed_at", "timestamp"),
    ),
    unique_key=("channel_id", "round", "check"),
    own=True,
)

REQUEST_EVENTS = FrameSpec(
    "request_events",
    (
        must("event_id"),
        must("request_id"),
        must(
            "event_type",
            values="received logged acknowledged identity_requested identity_received clarification_requested "
            "clarification_received extension_notified searched rectified erased restricted recipient_notified "
            "forwarded answered refused closed reopened",
        ),
        must("occurred_at", "timestamp"),
        may("recorded_at", "timestamp"),
        must("actor_type", values="person system processor subject"),
        key("actor_key", "actor", nullable=True),
        may("document_sha256"),
    ),
    unique_key=("event_id",),
)

ACTION_TRAIL = FrameSpec(
    "action_trail",
    (
        must("entry_id"),
        may("entry_seq", "integer"),
        must("occurred_at", "timestamp"),
        key("actor_key", "actor", nullable=True),
        may("actor_shared", "bool"),
        must("action"),
        may("request_id"),
        may("object_ref"),
        may("prev_digest"),
        may("digest"),
        may("digest_recomputed"),
    ),
    unique_key=("entry_id",),
)

#: What stands before an entry of a case in the whole trail: the entry before it is most often of another case.
TRAIL_LINKS = FrameSpec(
    "trail_links",
    (
        must("entry_id"),
        must("request_id"),
        must("first", "bool"),
        may("previous_digest"),
        may("previous_at", "timestamp"),
    ),
    unique_key=("entry_id",),
    built=True,
    own=True,
)

#: From when to when the trail was kept: a step outside those days is not one that was never written down.
TRAIL_SPANS = FrameSpec(
    "trail_spans",
    (must("request_id"), may("kept_from", "timestamp"), may("kept_until", "timestamp"), must("entries", "integer")),
    unique_key=("request_id",),
    built=True,
    own=True,
)
