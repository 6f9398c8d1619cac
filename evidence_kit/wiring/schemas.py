"""`schema`: what the sources show today, classified, beside the register and the last look.

Each look is kept in a growing file beside the ledger: names and classes of columns, no value. It is entered in the
ledger by its digest. Source: docs/register.md, "How a column is classified".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evidence_kit.edges import growing
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.edges.schemas import catalogue
from evidence_kit.edges.source import SqlSource
from evidence_kit.errors import ParameterError
from evidence_kit.ledger.chain import Action
from evidence_kit.model.audit import Engagement
from evidence_kit.model.canonical import digest, instant
from evidence_kit.model.register_frames import CLASSES
from evidence_kit.model.sample import Row
from evidence_kit.rules.classing import NONE
from evidence_kit.steps.drawing import COLLECTOR
from evidence_kit.wiring import places, probing

FOLDER, LOOKS = "schemas", "looks.jsonl"
#: What the ledger calls a look.
LOOK = "schema.schema_columns"
#: What is kept of each column.
KEPT = ("source", "object", "column_name", "personal_class")
SHOWN = (*KEPT, "data_type", "detected_by", "confidence", "reason", "sampled_rows", "row_count", "filled_count")
DECLARED, UNDECLARED, GONE, UNASKED = "declared", "undeclared", "declared-and-gone", "no-register"
Say = Callable[[str], None]
Name = tuple[str, str, str]


def look(engagement: Engagement, out: Path, say: Say) -> dict[str, Any]:
    """Look at every column, keep its name and class, and compare it with the register and the last look.

    Raises SourceError for a source that cannot be opened, or a record that was changed; ParameterError for a clock that
    stands before the last look.
    """
    with probing.opened_with_record(engagement, out, say, FOLDER) as (folder, source, ledger):
        record, now = probing.read_record(folder / LOOKS, ledger, LOOK), places.clock()
        if record and max(str(row["looked_at"]) for row in record) > instant(now):
            raise ParameterError("the clock stands before the last look that was kept. Set it right, then look again.")
        say("looking at every column of every source")
        found = source.plain("column_units", ("unit_id", *SHOWN), "unit_id")
        registered = any("register_objects" in mapping.frames for mapping in engagement.sources.values())
        entries = _entries(source) if registered else {}
        gone = _gone(source) if registered else []
        columns = [_column(row, entries, registered) for row in found]
        number = growing.last(record) + 1
        kept = [
            {"look_id": f"LOOK-{number:03d}", **{name: one[name] for name in KEPT}, "looked_at": instant(now),
             "declared": one["state"] == DECLARED if registered else None}
            for one in columns
        ]  # fmt: skip
        sha256 = growing.append(folder / LOOKS, number, kept)
        _enter(ledger, source, len(kept), sha256)
        before = [row for row in record if row["entry"] == number - 1]
        return {
            "engagement": engagement.id,
            "looked_at": instant(now),
            "last_look_at": str(before[0]["looked_at"]) if before else None,
            "sources": {name: _counts(columns, gone, name) for name in _sources(columns, gone)},
            "left_out": catalogue.left_out(engagement),
            "unread": [{"source": name, "object": object_, "why": why} for name, object_, why in source.unreachable()],
            "columns": columns,
            "gone": gone,
            "new_columns": _named(_names(kept) - _names(before)) if before else [],
            "gone_columns": _named(_names(before) - _names(kept)) if before else [],
            "changed_classes": _changed(before, kept),
            "files": {str(folder / LOOKS): sha256},
        }


def _column(row: Row, entries: Mapping[str, list[str]], registered: bool) -> dict[str, Any]:
    """One column: what it is, and whether an active entry of the register names it."""
    named = entries.get(str(row["unit_id"]), [])
    state = UNASKED if not registered else DECLARED if named else UNDECLARED
    reasons = str(row["reason"]).split(",") if row["reason"] else []
    return {**{name: row[name] for name in SHOWN}, "reason": reasons, "state": state, "entries": named}


def _entries(source: SqlSource) -> dict[str, list[str]]:
    """Column → the active entries that name it, or its whole object."""
    found: dict[str, list[str]] = {}
    for row in source.plain("column_entries", ("unit_id", "activity_id", "status"), "activity_id"):
        if row["status"] == "active":
            found.setdefault(str(row["unit_id"]), []).append(str(row["activity_id"]))
    return {unit: sorted(set(named)) for unit, named in found.items()}


def _gone(source: SqlSource) -> list[dict[str, Any]]:
    """What entries name and the sources do not show any more; a whole object has no column."""
    columns = ("activity_id", "source", "object", "column_name", "object_found", "column_found")
    return [
        {name: row[name] for name in columns[:4]}
        for row in source.plain("entry_objects", columns, "activity_id")
        if row["object_found"] is False or row["column_found"] is False
    ]


def _sources(columns: Iterable[Mapping[str, Any]], gone: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({str(one["source"]) for one in (*columns, *gone)})


def _counts(columns: Sequence[Mapping[str, Any]], gone: Sequence[Mapping[str, Any]], source: str) -> dict[str, Any]:
    """The columns of one source by class and state; `gone`: columns and objects that only the register knows."""
    mine = [one for one in columns if one["source"] == source]
    classes = {
        word: {
            state: sum(1 for one in mine if one["personal_class"] == word and one["state"] == state)
            for state in (DECLARED, UNDECLARED, UNASKED)
        }
        for word in CLASSES.split()
    }
    return {
        "objects": len({one["object"] for one in mine}),
        "columns": len(mine),
        "classes": {
            word: {s: n for s, n in states.items() if n} for word, states in classes.items() if any(states.values())
        },
        "undeclared_personal": sum(1 for one in mine if _undeclared(one)),
        GONE: sum(1 for one in gone if one["source"] == source),
    }


def _undeclared(one: Mapping[str, Any]) -> bool:
    return bool(one["state"] == UNDECLARED and one["personal_class"] != NONE and one["filled_count"] != 0)


def _names(rows: Iterable[Mapping[str, Any]]) -> set[Name]:
    return {(str(row["source"]), str(row["object"]), str(row["column_name"])) for row in rows}


def _named(names: Iterable[Name]) -> list[dict[str, str]]:
    return [{"source": one[0], "object": one[1], "column_name": one[2]} for one in sorted(names)]


def _changed(before: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Columns that are called otherwise than at the last look."""
    once = {name: str(row["personal_class"]) for row in before for name in _names([row])}
    return [
        {"source": name[0], "object": name[1], "column_name": name[2], "was": once[name], "is": row["personal_class"]}
        for row in now
        for name in _names([row])
        if name in once and once[name] != row["personal_class"]
    ]


def _enter(ledger: LedgerFile, source: SqlSource, rows: int, sha256: str) -> None:
    """The look in the ledger: how many columns it found, and the digest of the file that keeps them."""
    said = {"frame": LOOK, "query_sha256": digest(source.query("column_units")), "rows": rows, "frame_sha256": sha256}
    ledger.append(Action(COLLECTOR, "frame.collected", f"frame:{LOOK}", said))
