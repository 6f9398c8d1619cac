"""The first look at a log of requests, before any test: what became of its rows, how numbers and messages compare."""

from __future__ import annotations

from evidence_kit.edges.derived import Ground, derive

#: What the first look at a log counts, in the order in which it is told: words, and the units meant.
COUNTED = (
    ("numbers present", "unit_kind = 'identifier' AND log_rows > 0"),
    ("numbers missing", "unit_kind = 'identifier' AND log_rows = 0"),
    ("numbers missing, explained", "unit_kind = 'identifier' AND log_rows = 0 AND explanation IS NOT NULL"),
    ("identifiers met more than once", "unit_kind = 'identifier' AND log_rows > 1"),
    ("messages that are requests, or untriaged", "unit_kind = 'message'"),
    ("messages without a case", "unit_kind = 'message' AND request_id IS NULL"),
    ("cases by e-mail without a message", "message_found = false"),
    ("cases logged outside the period", "logged_in_period = false"),
)


def first_look(ground: Ground, *, complete: bool) -> tuple[tuple[str, int], ...]:
    """Rows read by what became of them; and, where completeness is tested, how numbers and messages compare."""
    run = ground.connection.execute
    derive(ground, "row_accounts")
    found = [
        (f"{extract}: {fate.replace('_', ' ')}", int(rows))
        for extract, fate, rows in run("SELECT extract_id, fate, rows FROM frame_row_accounts ORDER BY 1").fetchall()
    ]
    if complete:
        derive(ground, "completeness")
        counts = ", ".join(f"count(*) FILTER (WHERE {which})" for _, which in COUNTED)
        row = run(f"SELECT {counts} FROM frame_completeness").fetchone()
        found += [(words, int(count)) for (words, _), count in zip(COUNTED, row or (), strict=True)]
    return tuple(found)
