"""A register as the CNIL's simplified model has it: a sheet that lists the activities, and a sheet for each.

The model (registre-traitement-simplifie.ods, 2019) has a tutorial, a list, and a form that is copied once an activity:
blocks with a title and column headings (“Catégories de données personnelles concernées | Description | Délai
d'effacement”), below them lines whose first cell says what they are about. Forms that simply put a value beside or
below its label are read the same way. Hidden sheets, tutorials and forms that nobody filled in are left out, and said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from evidence_kit.edges.registers import blocks
from evidence_kit.edges.registers.assembling import Draft, labelled
from evidence_kit.edges.registers.grids import Grid, grids
from evidence_kit.edges.registers.labels import actor_of, column_of, plain
from evidence_kit.edges.registers.tabular import from_row
from evidence_kit.edges.textfiles import Torn
from evidence_kit.edges.workbooks.table import letters
from evidence_kit.model.register import Activity, Notice, Place, Register

#: How sheets are called that are no activity, whatever they show.
TEMPLATE = re.compile(
    r"(modele|exemple|tutoriel|mode d emploi|aide|notice|liste de choix|liste deroulante|template|example|instruction|"
    r"parametre)( .*)?"
)
#: Labels in first place by which a sheet is taken for the form of an activity.
ENOUGH = 3

Options = Mapping[str, str | int | bool | tuple[str, ...]]


def read(file: Path, name: str, engine: str, options: Options) -> Register:
    """The register of one workbook, called `name` in messages. Raises Torn with sheet and cell."""
    notices: list[Notice] = []
    listed: list[Draft] = []
    forms: list[tuple[Activity, bool]] = []
    for grid in grids(file, engine, options):
        sheet = Place(name, 1, printable(grid.name))
        if grid.hidden:
            text = "this sheet is hidden, so it is not read. Show it to have it read."
            notices.append(Notice("sheets-hidden", sheet, text))
        elif header := _header(grid):
            listed += _rows(grid, header, sheet)
        elif TEMPLATE.fullmatch(plain(grid.name)):
            notices.append(
                Notice("sheets-template", sheet, "by its name this is a template or a help; it is not read.")
            )
        elif _labels(grid) < ENOUGH:
            notices.append(Notice("sheets-other", sheet, "this is neither a list nor the form of an activity."))
        else:
            draft = blocks.read(grid, sheet)
            if not draft.filled():
                notices.append(Notice("forms-empty", sheet, "nobody filled in this form; it is not read."))
                continue
            called = draft.one("name")
            activity = draft.activity(draft.one("activity_id") or sheet.sheet or "", called or sheet.sheet or "")
            forms.append((activity, "activity_id" in draft.texts))
            notices += draft.notices
    if not forms and not listed:
        raise Torn("as a whole", "none of its sheets is a list of activities or the form of one")
    return _joined(name, listed, forms, notices)


def _joined(name: str, listed: list[Draft], forms: list[tuple[Activity, bool]], notices: list[Notice]) -> Register:
    """Forms, then what only the list names. A line and a form are one activity by their number, or by their name."""
    activities = [activity for activity, _ in forms]
    numbers = {plain(activity.activity_id) for activity, numbered in forms if numbered}
    names = {plain(activity.name) for activity in activities}
    met: set[str] = set()
    for place, draft in enumerate(listed, start=1):
        number, called = plain(draft.one("activity_id") or ""), plain(draft.one("name") or "")
        if (number and number in numbers) or (called and called in names and number not in numbers):
            met |= {number, called} - {""}
            continue
        if forms:
            text = "the list names this activity; no sheet holds its form. It is taken as the list has it."
            draft.notice("lines-without-form", text)
        activities.append(from_row(draft, place))
        notices += draft.notices
    for activity, _ in forms if listed else ():
        if not {plain(activity.activity_id), plain(activity.name)} & met:
            notices.append(
                Notice("forms-not-listed", activity.place, "this form is of an activity that the list leaves out.")
            )
    return Register(tuple(activities), notices=tuple(notices), prose=True)


def _header(grid: Grid) -> int | None:
    """The row of a list's column names: one with a name of activities and another label, and lines below it."""
    rows = grid.rows()
    for row, cells in rows[:30]:
        columns = {column_of(text) for _, text in cells} - {None}
        below = sum(1 for other, _ in rows if other > row)
        if "name" in columns and len(columns) > 1 and len(cells) > 2 and len(cells[0][1]) < 200 and below:
            first = column_of(cells[0][1])
            # A form may have several labels in one line too; a list's line of names has no value in it.
            if first and all(len(text) < 120 for _, text in cells) and len(columns) >= max(2, len(cells) // 3):
                return row
    return None


def _rows(grid: Grid, header: int, sheet: Place) -> list[Draft]:
    names = {column: text for (row, column), text in grid.cells.items() if row == header}
    # A heading that covers the line of names too stands above it.
    above = {
        column: text
        for (row, column), text in grid.cells.items()
        if row < header <= grid.down.get((row, column), row) and column not in names
    }
    labels = {**above, **names}
    columns = {label: found for label in labels.values() if (found := column_of(label) or actor_of(label)) is not None}
    drafts = []
    for row, cells in grid.rows():
        given = {labels.get(column, letters(column)): text for column, text in cells}
        known = {columns.get(label) for label in given}
        if row > header and known & {"name", "activity_id"}:
            draft = Draft(Place(sheet.file, row, sheet.sheet))
            labelled(draft, given, columns)
            drafts.append(draft)
    return drafts


def _labels(grid: Grid) -> int:
    """How many columns of an activity the first cells of its rows name."""
    firsts = [cells[0][1] for _, cells in grid.rows()]
    return len({blocks.column(text) or actor_of(text) for text in firsts if len(text) < 200} - {None})


def printable(sheet: str) -> str:
    """A sheet's name made fit for a message and for an identifier."""
    return "".join(letter if letter.isprintable() else "?" for letter in sheet.strip()[:60])
