"""Registers brought along: read, written in the kit's form or back as Fides, checked cell by cell, held to a schema."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evidence_kit.edges import registers
from evidence_kit.edges.params import registers as forms
from evidence_kit.edges.registers import fides_back, kit
from evidence_kit.edges.textfiles import Torn, csv_shape
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.model.audit import Engagement
from evidence_kit.model.register import Register
from evidence_kit.rules import article30, drift
from evidence_kit.wiring import living, places

#: Columns of one schema file.
MOST_COLUMNS = 1_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """The files of a register and how they are read. `columns`: of a CSV file, header → column of an activity."""

    files: Sequence[Path]
    form: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    def register(self) -> Register:
        """Raises SourceError with file, sheet, line and column or key."""
        return registers.read(self.files, self.form, self.options, self.columns)


def read(given: Given, out: Path, force: bool) -> dict[str, Any]:
    """Read a register and write it in the kit's own form. Raises ParameterError for a file that is there already."""
    register = given.register()
    _write({out: kit.written(register)}, force)
    return {
        "written": str(out),
        "activities": len(register.activities),
        "objects": len(register.object_rows()),
        "recipients": len(register.recipient_rows()),
        "described": len(register.described),
        "notices": _notices(register),
    }


def fides(given: Given, out: Path, force: bool) -> dict[str, Any]:
    """Write the Fides resources of a register into the folder `out`, one file as there was. Raises ParameterError."""
    documents = fides_back.documents(given.register())
    for name in documents:
        if Path(name).name != name or name.startswith("."):
            raise ParameterError("kept.fides names a file that is no plain name. Give it one without a folder.")
    out.mkdir(parents=True, exist_ok=True)
    files = {out / name: forms.text(document) for name, document in documents.items()}
    _write(files, force)
    return {"written": [str(path) for path in files]}


def check(given: Given) -> dict[str, Any]:
    """Every cell that art. 30 asks of each active activity, filled or empty."""
    register = given.register()
    active = [one for one in register.activities if one.status == "active"]
    shown = []
    for one in active:
        cells = [cell._asdict() for cell in article30.cells(one.cells())]
        shown.append(
            {
                "activity_id": one.activity_id,
                "name": one.name,
                "capacity": one.capacity,
                "place": one.place.as_text(),
                "cells": cells,
                "empty": sum(not cell["filled"] for cell in cells),
                "objects": len(one.objects),
            }
        )
    return {
        "letters": list(article30.LETTERS),
        "activities": shown,
        "retired": len(register.activities) - len(active),
        "complete": sum(not one["empty"] for one in shown),
        "notices": _notices(register),
    }


def against_file(given: Given, schema: Path, earlier: Path | None, of: Sequence[str]) -> dict[str, Any]:
    """A register held against the columns of a file (table, column), and an earlier state of it where there is one."""
    register = given.register()
    _sources_known(register, of)
    before = columns_of(earlier) if earlier else None
    return _shown(drift.drift(register, columns_of(schema), before, of), earlier is not None, register)


def against_sources(given: Given, engagement: Engagement, of: Sequence[str]) -> dict[str, Any]:
    """A register held against what the sources of an engagement show now; tables are called `source.table`."""
    register = given.register()
    strange = set(of) - set(engagement.sources)
    if strange:
        raise ParameterError(f"--of: {engagement.id} has no source {', '.join(sorted(strange))}.")
    found = living.columns(engagement, of)
    drifted = drift.drift(register, found.columns, None, of, by_source=True)
    known = tuple(one for one in drifted.gone if found.knows(one.table))
    shown = _shown(replace(drifted, gone=known), False, register)
    unknown = [one.table for one in drifted.gone if one not in known]
    return {**shown, "unread": list(found.unread), "not_known": list(dict.fromkeys(unknown))}


def engagement_of(name: str, sources: Mapping[str, str]) -> Engagement:
    """The engagement whose sources are looked at."""
    return places.load(name, sources)


def columns_of(file: Path) -> dict[str, list[str]]:
    """Table → columns of a schema as CSV with the headers `table` and `column`, in any order, others beside.

    Raises SourceError with its line.
    """
    try:
        headers, rows = csv_shape(file, "utf-8", ",")
        if not {"table", "column"} <= set(headers):
            raise Torn(1, "it has no columns called table and column")
        if not 0 < rows <= MOST_COLUMNS:
            raise Torn(1, f"it lists {rows} columns; between 1 and {MOST_COLUMNS:,}")
        found: dict[str, list[str]] = {}
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            for row in reader:
                table, column = (row["table"] or "").strip(), (row["column"] or "").strip()
                if not table or not column:
                    raise Torn(reader.line_num, "its table or its column is empty")
                if column in found.setdefault(table, []):
                    raise Torn(reader.line_num, "this column of this table is listed twice")
                found[table].append(column)
    except Torn as torn:
        raise SourceError(f"{file}, {torn.place}: {torn.why}.") from None
    return found


def _sources_known(register: Register, of: Sequence[str]) -> None:
    named = {one.source for each in register.activities for one in each.objects}
    named |= {one.source for one in register.described}
    if strange := set(of) - named:
        raise ParameterError(f"--of: the register names no source {', '.join(sorted(strange))}.")


def _shown(found: drift.Drift, compared: bool, register: Register) -> dict[str, Any]:
    undeclared = [{"table": one.table, "column": one.column, "new": one.new} for one in found.undeclared]
    return {
        "columns": [
            {
                "table": one.table,
                "column": one.column,
                "state": "declared" if one.declared else "undeclared",
                "activities": list(one.activities),
                "by": ("table" if one.whole else "column" if one.activities else "dataset") if one.declared else None,
                "new": one.new,
            }
            for one in found.columns
        ],
        "declared": len(found.columns) - len(undeclared),
        "undeclared": undeclared,
        "tables_undeclared": list(found.tables_undeclared),
        "gone": [
            {
                "table": one.table,
                "column": one.column,
                "activities": list(one.activities),
                "named": list(one.named),
                "in_earlier_schema": one.earlier,
            }
            for one in found.gone
        ],
        "new": [f"{one.table}.{one.column}" for one in found.columns if one.new] if compared else None,
        "dropped": [".".join(one) for one in found.dropped] if compared else None,
        "unsettled": {activity: list(names) for activity, names in found.unsettled.items()},
        "names_no_schema_has": {activity: list(names) for activity, names in found.strange.items()},
        "notices": _notices(register),
    }


def _notices(register: Register) -> list[dict[str, str]]:
    return [{"code": one.code, "place": one.place.as_text(), "text": one.text} for one in register.notices]


def _write(files: Mapping[Path, str], force: bool) -> None:
    """Each file whole or not at all, none over another without `force`. Raises ParameterError before any is written."""
    for path in files:
        if path.is_dir() or (path.exists() and not force):
            raise ParameterError(f"{path} is there already. Give another --out, or --force to write over it.")
        if not path.parent.is_dir():
            raise ParameterError(f"{path.parent} is no folder. Make it, or give another --out.")
    for path, text in files.items():
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            if force:
                os.replace(name, path)
            else:
                os.link(name, path)  # refuses a file that came to be there meanwhile
        except FileExistsError:
            raise ParameterError(f"{path} is there already. Give another --out, or --force to write over it.") from None
        finally:
            Path(name).unlink(missing_ok=True)
