"""What a `retention_rules` row declares, as the rule that rows are judged by, and where it is to be measured."""

from __future__ import annotations

from evidence_kit.model.retention import Archive, Keep, Rule, Span, Then
from evidence_kit.model.sample import Row

END_OF_ACTIVE = "end-of-active"


def read_rule(row: Row) -> Rule:
    """The rule of one `retention_rules` row. Raises ValueError when a period or the archive's start cannot be read."""
    return Rule(
        start=_names(row["start"]),
        keep=_keep(row["keep"]),
        then=Then(str(row["then"])),
        fallback=_names(row["fallback"]),
        planned=frozenset(_names(row["planned"])),
        grace_days=int(str(row["grace_days"])),
        archive=_archive(row),
        hold_in_active=bool(row["hold_in_active"]),
    )


def places(row: Row) -> tuple[str, ...]:
    """Where one rule is measured: the active base, and the archive of a rule that names one."""
    return ("active", "archive") if row.get("archive_object") else ("active",)


def sources(row: Row) -> tuple[str, ...]:
    """The names of the sources that one rule is measured in."""
    named = (row["source"], *((row.get("archive_source"),) if "archive" in places(row) else ()))
    return tuple(str(name) for name in named if name is not None)


def active_alone(row: Row) -> Row:
    """The same row without an archive phase that cannot be read: no reason not to look at the active base."""
    try:
        _archive(row)
    except ValueError:
        return {**row, "archive_keep": None}
    return row


def _archive(row: Row) -> Archive | None:
    """The archive phase; None when none is declared. Without a period that phase would have no end: none either."""
    if row.get("archive_keep") is None:
        return None
    start = _names(row.get("archive_start"))
    if not start:
        raise ValueError("archive-start-not-declared")
    then = Then(str(row.get("archive_then") or Then.DELETE))  # what follows is not asked of rows that are still there
    return Archive(None if start == (END_OF_ACTIVE,) else start, _keep(row["archive_keep"]), then)


def _keep(text: object) -> Keep:
    number, _, span = str(text).partition(" ")
    return int(number), Span(span.rstrip("s") + "s")


def _names(text: object) -> tuple[str, ...]:
    return () if text is None else tuple(str(text).split())
