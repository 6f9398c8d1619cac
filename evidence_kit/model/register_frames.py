"""Frames of the register and of the schemas it is compared with. Source: docs/norm/frames.md."""

from __future__ import annotations

from evidence_kit.model.columns import FrameSpec, may, must

#: What a column holds of a person. `unknown`: values that neither their name nor their form explains.
CLASSES = "none identifier contact behaviour content financial special unknown"

REGISTER_ACTIVITIES = FrameSpec(
    "register_activities",
    (
        must("activity_id"),
        must("name"),
        must("capacity", values="controller joint_controller processor"),
        must("medium", values="digital paper mixed"),
        may("controller_contact"),
        may("purposes"),
        may("subject_categories"),
        may("data_categories"),
        may("recipient_categories"),
        may("third_countries"),
        may("transfer_safeguards"),
        may("erasure_periods"),
        may("security_measures"),
        may("client_categories"),
        may("legal_basis"),
        may("reviewed_on", "date"),
        may("visit_note_ref"),
        must("status", values="active retired"),
    ),
    unique_key=("activity_id",),
)

REGISTER_OBJECTS = FrameSpec(
    "register_objects",
    (must("activity_id"), must("source"), must("object"), may("column_name")),
    unique_key=("activity_id", "source", "object", "column_name"),
)

SCHEMA_COLUMNS = FrameSpec(
    "schema_columns",
    (
        must("source"),
        must("object"),
        must("column_name"),
        must("data_type"),
        must("personal_class", values=CLASSES, computed=True),
        must("detected_by", values="declared name_rule value_rule human"),
        may("row_count", "integer"),
        may("filled_count", "integer"),
        may("last_write_at", "timestamp"),
    ),
    unique_key=("source", "object", "column_name"),
    built=True,
)

#: One unit of REG-01: a column of the living schema. `confidence` in percent; `reason`: codes, joined by commas;
#: `sampled_rows`: values looked at; `known_before`: whether the last look found it already, null without a last look.
COLUMN_UNITS = FrameSpec(
    "column_units",
    (
        must("unit_id"),
        must("source"),
        must("object"),
        must("column_name"),
        must("data_type"),
        must("personal_class", values=CLASSES),
        must("detected_by", values="declared name_rule value_rule human"),
        must("confidence", "integer"),
        may("reason"),
        may("sampled_rows", "integer"),
        may("row_count", "integer"),
        may("filled_count", "integer"),
        # The schema is read when the run takes place, which is after the cut-off of most engagements.
        may("last_write_at", "timestamp", event=True, may_be_future=True),
        may("known_before", "bool", event=True),
    ),
    unique_key=("unit_id",),
    built=True,
    own=True,
)

#: An entry of the register that names a column, or its whole object (`column_name` null).
COLUMN_ENTRIES = FrameSpec(
    "column_entries",
    (
        must("unit_id"),
        must("activity_id"),
        may("column_name", event=True),
        may("data_categories"),
        must("status", values="active retired"),
    ),
    unique_key=("unit_id", "activity_id", "column_name"),
    built=True,
    own=True,
)

#: What an entry of the register names, looked for in the living schema. `object_found`: null where the source's
#: catalogue could not be read; `column_found`: null where the entry names no column.
ENTRY_OBJECTS = FrameSpec(
    "entry_objects",
    (
        must("activity_id"),
        must("source"),
        must("object"),
        may("column_name", event=True),
        may("object_found", "bool"),
        may("column_found", "bool", event=True),
        may("row_count", "integer"),
        may("last_write_at", "timestamp", may_be_future=True),
    ),
    unique_key=("activity_id", "source", "object", "column_name"),
    built=True,
    own=True,
)

#: A column as an earlier look at the schema found it: the baseline.
EARLIER_COLUMNS = FrameSpec(
    "earlier_columns",
    (
        must("look_id"),
        must("source"),
        must("object"),
        must("column_name"),
        must("personal_class", values=CLASSES),
        may("declared", "bool"),
        must("looked_at", "timestamp"),
    ),
    unique_key=("look_id", "source", "object", "column_name"),
    own=True,
)

FRAMES = (
    REGISTER_ACTIVITIES,
    REGISTER_OBJECTS,
    SCHEMA_COLUMNS,
    COLUMN_UNITS,
    COLUMN_ENTRIES,
    ENTRY_OBJECTS,
    EARLIER_COLUMNS,
)
