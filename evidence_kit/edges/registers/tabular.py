"""A register as CSV: one line an activity, its columns recognised by what they are called, or told."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from evidence_kit.edges.params.reading import shown
from evidence_kit.edges.registers.assembling import Draft, labelled
from evidence_kit.edges.registers.labels import LABELS, actor_of, column_of
from evidence_kit.edges.textfiles import WITH_MARK, Torn, csv_shape
from evidence_kit.model.register import Activity, Notice, Place, Register

#: Lines of one register.
MOST = 20_000


def read(file: Path, name: str, encoding: str, delimiter: str, told: Mapping[str, str]) -> Register:
    """The register of one CSV file, called `name` in messages. `told`: header → column, before what is recognised.

    Raises Torn with its line.
    """
    headers, counted = csv_shape(file, encoding, delimiter)
    if counted > MOST:
        raise Torn(MOST + 2, f"it holds more than {MOST:,} activities, which no register does")
    columns = recognised(headers, told)
    if "name" not in columns.values() and "purposes" not in columns.values():
        hint = " Say its delimiter, if it is no comma." if len(headers) == 1 else ""
        why = f"no column is recognised as the name or the purposes of an activity. Say which is which.{hint}"
        raise Torn(1, why)
    return _register(file, name, encoding, delimiter, headers, columns)


def recognised(headers: tuple[str, ...], told: Mapping[str, str]) -> dict[str, str]:
    """Header → column of an activity. Raises Torn for a header that is told and not there, or a column said twice."""
    for header, column in told.items():
        if header not in headers:
            raise Torn(1, "a header that was told is not there. Compare it with the file")
        if column not in LABELS:
            raise Torn(1, f"a header was told to be a column that is not known. Known are {', '.join(LABELS)}")
    found: dict[str, str] = dict(told)
    for header in headers:
        known = column_of(header) or actor_of(header)
        if header not in found and known and known not in told.values():
            found[header] = known
    return found


def _register(
    file: Path, name: str, encoding: str, delimiter: str, headers: tuple[str, ...], columns: dict[str, str]
) -> Register:
    activities: list[Activity] = []
    notices: list[Notice] = []
    with file.open(encoding=WITH_MARK.get(encoding, encoding), newline="") as stream:
        rows = csv.reader(stream, delimiter=delimiter, strict=True)
        start, begun = 1, False
        for cells in rows:
            line, start = start, rows.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not begun:
                begun = True
                continue
            for header, cell in zip(headers, cells, strict=True):
                if "\x00" in cell:
                    raise Torn(f"line {line}, column {shown(header)}", "it holds a NUL character")
            place = Place(name, line)
            given = {header: cell.strip() for header, cell in zip(headers, cells, strict=True) if cell.strip()}
            draft = Draft(place)
            labelled(draft, given, columns)
            activities.append(from_row(draft, len(activities) + 1))
            notices += draft.notices
    if "activity_id" not in columns.values():
        text = "no column holds an identifier; the activities are numbered in their order."
        notices.insert(0, Notice("activities-numbered", Place(name, 1), text))
    return Register(tuple(activities), notices=tuple(notices), prose=True)


def from_row(draft: Draft, number: int) -> Activity:
    """The activity of a row; without an identifier it is called by its number, without a name by its purposes."""
    name = draft.one("name") or draft.one("purposes")
    if name is None:
        name = f"({number})"
        draft.notice("activities-without-name", "this activity has no name; it is called by its number.")
    return draft.activity(draft.one("activity_id") or str(number), name)
