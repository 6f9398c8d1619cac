"""Frames of the register and of processors. Source: docs/norm/frames.md."""

from __future__ import annotations

from evidence_kit.model.columns import FrameSpec, may, must

REGISTER_OBJECTS = FrameSpec(
    "register_objects",
    (must("activity_id"), must("source"), must("object"), may("column_name")),
    unique_key=("activity_id", "source", "object", "column_name"),
)

PROCESSORS = FrameSpec(
    "processors",
    (
        must("processor_id"),
        must("name"),
        must("relation", values="processor sub_processor joint_controller controller"),
        may("parent_id"),
        may("service"),
        may("country"),
        may("transfer_mechanism", values="adequacy scc bcr derogation"),
        must("risk_tier", values="low medium high"),
        must("review_months", "integer"),
        must("status", values="candidate under_review active charter action_plan terminated"),
        may("contract_signed_on", "date"),
        may("art28_terms"),
        may("subprocessing_terms", "bool"),
        may("terminated_on", "date"),
        may("data_returned_or_deleted_on", "date"),
    ),
    unique_key=("processor_id",),
)
