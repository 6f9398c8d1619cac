"""What is seen: the canonical frames, column by column, as docs/norm/frames.md declares them.

Only the frames that a control of this version needs are here; `kind` uses the words of docs/norm/frames.csv. After them
come the frames of the kit's own, which no organisation keeps: the lists some controls take their units from, and what
stands beside them (docs/norm/frames.md, "Frames of the kit").
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model import (
    erasure_frames,
    processor_frames,
    register_frames,
    request_frames,
    retention_frames,
    sending_frames,
)
from evidence_kit.model.columns import Column, FrameSpec
from evidence_kit.model.retention_frames import AGES

__all__ = ["AGES", "FRAMES", "Column", "FrameSpec"]

#: Every frame of this version, by name.
FRAMES: Mapping[str, FrameSpec] = {
    spec.name: spec
    for spec in (
        request_frames.REQUEST_LOG,
        request_frames.REQUEST_EVENTS,
        request_frames.REQUEST_REPLIES,
        request_frames.MAILBOX_MESSAGES,
        request_frames.ACCESS_ANSWER_ITEMS,
        request_frames.RECTIFICATION_CHECKS,
        request_frames.RECIPIENTS_NOTIFICATIONS,
        request_frames.CHANNEL_CHECKS,
        request_frames.ACTION_TRAIL,
        request_frames.EXTRACTS,
        retention_frames.RETENTION_RULES,
        retention_frames.RETENTION_OBSERVATIONS,
        retention_frames.RETENTION_EXCEPTIONS,
        erasure_frames.ERASURE_LOG,
        erasure_frames.SUPPRESSION_LIST,
        erasure_frames.BACKUPS,
        erasure_frames.RESTORES,
        retention_frames.DELETION_JOBS,
        retention_frames.ARCHIVE_ACCESS,
        *register_frames.FRAMES,
        *processor_frames.FRAMES,
        *sending_frames.FRAMES,
        request_frames.COMPLETENESS,
        request_frames.ROW_ACCOUNTS,
        request_frames.CHANNEL_UNITS,
        request_frames.CHANNEL_OBSERVATIONS,
        request_frames.TRAIL_LINKS,
        request_frames.TRAIL_SPANS,
        erasure_frames.SUBJECT_KEYS,
        erasure_frames.EARLIER_PROBES,
        erasure_frames.RETURN_JOBS,
        erasure_frames.ERASURE_PROBES,
        erasure_frames.RECIPIENT_UNITS,
        erasure_frames.BACKUP_UNITS,
        retention_frames.ARCHIVE_GRANTS,
        retention_frames.JOB_UNITS,
        retention_frames.RETENTION_AGES,
    )
}
