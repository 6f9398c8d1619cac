"""What is derived from the organisation's trail of actions: the entry before each entry, and from when it was kept.

Source: docs/norm/controls, TRC-01; docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from evidence_kit.edges.derived.ground import Ground


def trail_links(ground: Ground) -> str:
    """Each entry that names a case, with the digest and the time of the entry before it in the whole trail."""
    ground.needed("action_trail")
    return """SELECT entry_id, request_id, first, previous_digest, previous_at FROM (
  SELECT entry_id, request_id, lag(entry_id) OVER before IS NULL AS first,
    lag(digest) OVER before AS previous_digest, lag(occurred_at) OVER before AS previous_at
  FROM frame_action_trail WHERE entry_seq IS NOT NULL WINDOW before AS (ORDER BY entry_seq, entry_id)
  UNION ALL
  SELECT entry_id, request_id, false, NULL, NULL FROM frame_action_trail WHERE entry_seq IS NULL
) WHERE request_id IS NOT NULL"""


def trail_spans(ground: Ground) -> str:
    """Each ticket, beside the first and the last time of the trail and how many entries it has."""
    ground.log()
    ground.needed("action_trail")
    return """SELECT DISTINCT l.request_id, t.kept_from, t.kept_until, t.entries
FROM frame_request_log AS l CROSS JOIN (
  SELECT min(occurred_at) AS kept_from, max(occurred_at) AS kept_until, count(*) AS entries FROM frame_action_trail
) AS t"""
