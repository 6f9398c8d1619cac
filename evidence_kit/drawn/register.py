"""What a notebook shows of the register: drift by object, the letters of article 30, periods side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from evidence_kit.model.outcome import Answer, Mark, Outcome, Result
from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.shown import MARKS, Shown, table

Frames = Mapping[str, Mapping[str, EvidenceFrame]]
Results = Mapping[str, Sequence[Result]]


def _rows(frames: Frames, name: str) -> list[Row]:
    return [row for mine in frames.values() if name in mine for row in mine[name].rows]


def drift(frames: Frames, results: Results) -> Shown:
    """Each object of the living schema: columns not in the register, in it, and of which nobody can tell; new ones."""
    told = {one.unit: one for mine in results.values() for one in mine}
    objects: dict[str, list[Row]] = {}
    for row in _rows(frames, "column_units"):
        objects.setdefault(f"{row['source']}.{row['object']}", []).append(row)
    counted = [
        (name, Counter(_state(told.get(str(row["unit_id"]))) for row in mine), mine) for name, mine in objects.items()
    ]
    counted.sort(key=lambda one: (-one[1]["fail"], -one[1]["?"], one[0]))
    rows = [
        (name, found["fail"], found["pass"], found["?"], _new(mine), mine[0]["row_count"])
        for name, found, mine in counted
    ]
    heads = ("object", "not declared", "declared", "cannot be told", "new", "rows")
    return table("The register beside the schema: columns of each object", heads, rows)


def _state(result: Result | None) -> str:
    """Whether the register declares a column and what it holds: what was not tested, or broke, cannot be told."""
    return {Outcome.PASS: "pass", Outcome.FAIL: "fail"}.get(result.verdict, "?") if result else "?"


def _new(rows: Sequence[Row]) -> str:
    """How many the last look did not have; nothing where there was none."""
    known = [row["known_before"] for row in rows]
    return "" if set(known) == {None} else str(known.count(False))


def columns(frames: Frames, results: Results) -> Shown:
    """Each column that is not in order: what it holds, who says so, how sure, and why it is no pass."""
    told = {one.unit: one for mine in results.values() for one in mine if one.deviates}
    rows = [
        (
            row["unit_id"],
            row["personal_class"],
            row["detected_by"],
            row["confidence"],
            row["filled_count"],
            ", ".join(told[str(row["unit_id"])].reasons),
        )
        for row in _rows(frames, "column_units")
        if str(row["unit_id"]) in told
    ]
    heads = ("column", "holds", "told by", "sure, %", "rows filled", "reasons")
    return table("Columns that the register does not declare, or not as what they are", heads, rows)


def letters(results: Results) -> Shown:
    """Each entry of the register by letter of article 30: filled, empty, or not asked of it."""
    mine = [one for id_, those in results.items() if id_ == "REG-03" for one in those]
    every = list(dict.fromkeys(answer.letter for one in mine for answer in one.answers))
    ordered = sorted(mine, key=lambda one: not one.deviates)
    rows = [(one.unit, *(_mark(one.answers, letter) for letter in every), ", ".join(one.reasons)) for one in ordered]
    return table("Cells of article 30, entry by entry", ("entry", *every, "reasons"), rows)


def _mark(answers: Sequence[Answer], letter: str) -> str:
    mark = next((one.mark for one in answers if one.letter == letter), Mark.NA)
    return MARKS[mark.value]


def things(frames: Frames, results: Results) -> Shown:
    """Each entry with the objects it names: whether they are there, their rows and their last write."""
    mine = {one.unit: one for one in results.get("REG-02", ())}
    rows = [
        (
            row["activity_id"],
            ".".join(str(row[name]) for name in ("source", "object", "column_name") if row[name] is not None),
            _found(row),
            row["row_count"],
            "" if row["last_write_at"] is None else str(row["last_write_at"])[:10],
            ", ".join(mine[str(row["activity_id"])].reasons) if str(row["activity_id"]) in mine else "",
        )
        for row in sorted(_rows(frames, "entry_objects"), key=_found, reverse=True)
    ]
    heads = ("entry", "names", "found", "rows", "last written", "reasons")
    return table("Entries and what they name", heads, rows)


def _found(row: Row) -> str:
    if row["object_found"] is None:
        return "not looked for"
    if row["object_found"] is False or (row["column_name"] is not None and row["column_found"] is False):
        return "not there"
    return "exists"


def periods(frames: Frames) -> Shown:
    """Each rule: its period in the register, in the deletion job, in the notice, and its oldest row."""
    oldest = {
        (str(row["rule_id"]), str(row["place"])): row["oldest_start_on"]
        for row in _rows(frames, "retention_observations")
    }
    rows = [
        (
            row["rule_id"],
            f"{row['source']}.{row['object']}",
            row["keep"],
            row["configured_keep"],
            row["notice_keep"],
            oldest.get((str(row["rule_id"]), "active")),
            oldest.get((str(row["rule_id"]), "archive")),
        )
        for row in _rows(frames, "retention_rules")
    ]
    heads = ("rule", "object", "register", "job", "notice", "oldest, active", "oldest, archive")
    return table("One period, three owners", heads, rows)
