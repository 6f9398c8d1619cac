"""Frames of the sendings: what they use of a person, and who had said stop. Source: docs/norm/frames.md."""

from __future__ import annotations

from evidence_kit.model.columns import FrameSpec, event, key, may, must
from evidence_kit.model.register_frames import CLASSES

TYPES = "marketing transactional"
USES = "address merge segment tracking unused"

SEND_FIELDS = FrameSpec(
    "send_fields",
    (
        must("template_id"),
        key("account_key", "account", nullable=True),
        must("message_type", values=TYPES),
        must("field_name"),
        must("personal_class", computed=True),
        must("used_in", values=USES),
        may("purpose_declared", "bool"),
        may("necessary", "bool"),
    ),
    unique_key=("template_id", "account_key", "message_type", "field_name"),
)

SEND_CHECKS = FrameSpec(
    "send_checks",
    (
        must("campaign_id"),
        key("account_key", "account", nullable=True),
        must("message_type", values=TYPES),
        must("sent_count", "integer"),
        may("stopped_hits", "integer"),
        may("list_unsubscribe", "bool"),
        may("one_click", "bool"),
    ),
    unique_key=("campaign_id",),
    built=True,
)

SEND_EXCEPTIONS = FrameSpec(
    "send_exceptions",
    (
        must("campaign_id"),
        key("message_key", "message", nullable=False),
        key("recipient_key", "person", nullable=False),
        must("stopped_at", "timestamp"),
        must("sent_at", "timestamp"),
        must("lag_hours", "decimal"),
    ),
    unique_key=("campaign_id", "message_key", "recipient_key"),
    built=True,
)

#: One unit of SND-01: a field that a template, a view or a traced statement of the sender offers or reads.
#: `stored`: a column of that name stands on the contact; `read`: the sending path was seen to read it, null without a
#: view or a trace; `entry_declared` and `basis_declared`: what the register says of a special category.
FIELD_UNITS = FrameSpec(
    "field_units",
    (
        must("unit_id"),
        must("template_id"),
        key("account_key", "account", nullable=True),
        must("message_type", values=TYPES),
        must("field_name"),
        must("personal_class", values=CLASSES),
        must("used_in", values=USES),
        may("purpose_declared", "bool"),
        may("necessary", "bool"),
        may("stored", "bool", event=True),
        may("filled_count", "integer", event=True),
        may("read", "bool", event=True),
        may("entry_declared", "bool", event=True),
        may("basis_declared", "bool", event=True),
    ),
    unique_key=("unit_id",),
    built=True,
    own=True,
)

#: A campaign, or any other sending. `own_domain`: mail of the organisation's own below the volume that large mailbox
#: providers call bulk (5 000 messages a day): a missing header is then an observation.
SEND_CAMPAIGNS = FrameSpec(
    "send_campaigns",
    (
        must("campaign_id"),
        key("account_key", "account", nullable=True),
        must("message_type", values=TYPES),
        may("list_unsubscribe", "bool"),
        may("one_click", "bool"),
        event("sent_at"),
    ),
    unique_key=("campaign_id",),
    own=True,
)

#: One message sent to one person.
SEND_MESSAGES = FrameSpec(
    "send_messages",
    (
        must("message_id"),
        key("message_key", "message", nullable=False),
        must("campaign_id"),
        key("recipient_key", "person", nullable=True),
        may("sent_at", "timestamp"),
    ),
    unique_key=("message_id",),
    own=True,
)

#: A person who said stop: to one account, or to everybody (`account_key` null). `lifted_at`: the person's own new
#: consent, from which the stop no longer holds; null: none was given.
SEND_STOPS = FrameSpec(
    "send_stops",
    (
        must("stop_id"),
        key("recipient_key", "person", nullable=True),
        key("account_key", "account", nullable=True),
        may("stopped_at", "timestamp"),
        event("lifted_at"),
        may("reason", event=True),
    ),
    unique_key=("stop_id",),
    own=True,
)

FRAMES = (
    SEND_FIELDS,
    SEND_CHECKS,
    SEND_EXCEPTIONS,
    FIELD_UNITS,
    SEND_CAMPAIGNS,
    SEND_MESSAGES,
    SEND_STOPS,
)
