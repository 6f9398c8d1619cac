"""Frames of the providers: who they are, what was reviewed and promised, where data go. Source: docs/norm/frames.md."""

from __future__ import annotations

from evidence_kit.model.columns import FrameSpec, event, may, must

RELATIONS = "processor sub_processor joint_controller controller"
#: `active` is the state called compliant; `charter` and `action_plan` are on the way to it.
STATUSES = "candidate under_review active charter action_plan terminated"
TIERS = "low medium high"

PROCESSORS = FrameSpec(
    "processors",
    (
        must("processor_id"),
        must("name"),
        must("relation", values=RELATIONS),
        may("parent_id"),
        may("service"),
        may("country"),
        may("transfer_mechanism", values="adequacy scc bcr derogation", event=True),
        must("risk_tier", values=TIERS),
        must("review_months", "integer"),
        must("status", values=STATUSES),
        may("contract_signed_on", "date", event=True),
        may("art28_terms"),
        may("subprocessing_terms", "bool"),
        may("terminated_on", "date"),
        may("data_returned_or_deleted_on", "date", event=True),
    ),
    unique_key=("processor_id",),
)

#: `*_sha256` is the digest of a file the organisation keeps: mapped as `{file: EXPRESSION}`, computed by the kit.
PROCESSOR_REVIEWS = FrameSpec(
    "processor_reviews",
    (
        must("review_id"),
        must("processor_id"),
        must("reviewed_on", "date"),
        must("outcome", values="compliant minor_gaps major_gaps not_assessable"),
        may("documents_read", "integer"),
        may("document_sha256"),
        may("next_due_on", "date", may_be_future=True, event=True),
    ),
    unique_key=("review_id",),
)

PROCESSOR_COMMITMENTS = FrameSpec(
    "processor_commitments",
    (
        must("commitment_id"),
        must("processor_id"),
        must("kind", values="charter action contract_amendment"),
        may("signed_on", "date"),
        may("due_on", "date", may_be_future=True),
        may("completed_on", "date", event=True),
        may("evidence_sha256"),
    ),
    unique_key=("commitment_id",),
)

PROCESSOR_FLOWS = FrameSpec(
    "processor_flows",
    (
        must("flow_id"),
        must("destination"),
        must("seen_in", values="egress_log api_credential dns supplier_ledger contract"),
        may("processor_id"),
        may("personal_data", "bool"),
        must("first_seen_on", "date"),
        must("last_seen_on", "date"),
        may("volume", "integer"),
    ),
    unique_key=("flow_id",),
)

#: What stands beside a provider and no frame of the norm keeps: documents with an end, and what was read of them.
#: `kind`: policy, charter, certificate, subprocessor_list, dpa …; `valid_until` may lie in the year 9999.
PROCESSOR_DOCUMENTS = FrameSpec(
    "processor_documents",
    (
        must("document_id"),
        must("processor_id"),
        must("kind", values="policy contract charter certificate subprocessor_list transfer_instrument other"),
        may("title"),
        may("studied_on", "date", event=True),
        may("studied_by_role", event=True),
        may("valid_until", "date", may_be_future=True, event=True),
    ),
    unique_key=("document_id",),
    own=True,
)

#: A change of state, as the ledger has it.
PROCESSOR_MOVES = FrameSpec(
    "processor_moves",
    (
        must("move_id"),
        must("processor_id"),
        may("from_status", values=STATUSES, event=True),
        must("to_status", values=STATUSES),
        must("moved_at", "timestamp"),
        must("actor_role"),
        may("reason", event=True),
    ),
    unique_key=("move_id",),
    own=True,
)

#: A recipient that an entry of the register names; `processor_id` null: named there, and matched with nobody.
ACTIVITY_RECIPIENTS = FrameSpec(
    "activity_recipients",
    (must("activity_id"), must("recipient"), may("processor_id")),
    unique_key=("activity_id", "recipient"),
    own=True,
)

#: One unit of PRO-01. `seen_in`: every place, joined by commas; `register` where an entry names it.
#: `personal_data`: true if one sighting says so, false only if all of them do, null otherwise.
DESTINATION_UNITS = FrameSpec(
    "destination_units",
    (
        must("destination"),
        must("seen_in"),
        may("processor_id"),
        may("personal_data", "bool"),
        may("first_seen_on", "date", event=True),
        may("last_seen_on", "date", event=True),
        may("volume", "integer", event=True),
    ),
    unique_key=("destination",),
    built=True,
    own=True,
)

#: The provider a destination was matched with. `sub_processors`: providers that name it as their parent.
DESTINATION_PROCESSORS = FrameSpec(
    "destination_processors",
    (
        must("destination"),
        must("processor_id"),
        must("relation", values=RELATIONS),
        must("risk_tier", values=TIERS),
        must("status", values=STATUSES),
        must("sub_processors", "integer"),
        may("subprocessor_list", "bool", event=True),
    ),
    unique_key=("destination", "processor_id"),
    built=True,
    own=True,
)

#: Where a provider is known: in the register, in the flows; providers of nearly the same name; the ledger's last state.
#: Null in `in_register`, `in_flows`: no source of that kind is mapped.
PROVIDER_PRESENCE = FrameSpec(
    "provider_presence",
    (
        must("processor_id"),
        may("in_register", "bool", event=True),
        may("in_flows", "bool", event=True),
        may("named_like", event=True),
        may("status_in_ledger", values=STATUSES, event=True),
        event("moved_at"),
    ),
    unique_key=("processor_id",),
    built=True,
    own=True,
)

FRAMES = (
    PROCESSORS,
    PROCESSOR_REVIEWS,
    PROCESSOR_COMMITMENTS,
    PROCESSOR_FLOWS,
    PROCESSOR_DOCUMENTS,
    PROCESSOR_MOVES,
    ACTIVITY_RECIPIENTS,
    DESTINATION_UNITS,
    DESTINATION_PROCESSORS,
    PROVIDER_PRESENCE,
)
