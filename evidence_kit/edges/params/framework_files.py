"""One framework file, as CSV or as YAML: its rows with their lines, and everything that is wrong with it.

Source: docs/frameworks.md.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import Field

from evidence_kit.edges.params.reading import MOST_BYTES, Document, Mark, Problem, Steps, read, shown
from evidence_kit.edges.params.shapes import ControlId, Strict, Text
from evidence_kit.edges.params.wording import nearest, validated
from evidence_kit.errors import ParameterError
from evidence_kit.model.framework import ControlMapping, Framework, Relation, Verified
from evidence_kit.rules import frameworks as rules

COLUMNS = ("control_id", "framework", "edition", "clause", "title", "relation", "verified", "source")
#: Letters of one cell, as of any text of a parameter file.
LONGEST = 600
#: Characters of a cell from which nothing is read any more: a quote that was never closed, most likely.
ENDLESS = 100_000
#: What a framework file may be called.
NAMED = re.compile(r"[a-z0-9][a-z0-9.-]{0,59}\.(?:csv|yaml)", re.ASCII)
_CONTROL = re.compile("[A-Z]{3}-[0-9]{2}", re.ASCII)
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK\x03\x04": "a workbook", b"\xd0\xcf\x11\xe0": "a workbook"}


class ClauseForm(Strict):
    """One clause and the controls that serve it."""

    clause: Text = Field(description="number of the clause, as the text has it")
    title: Text = Field(description="what it asks; `(2025: A.1.3.10)` at its end names the counterpart in that edition")
    controls: dict[ControlId, Literal["full", "partial", "supports"]] = Field(
        min_length=1, description="control id → full, partial or supports"
    )
    verified: Literal["opened", "secondary", "unverified"] = Field(
        description="how far this was checked: the text was opened, others were read on it, or neither"
    )
    source: Text = Field(description="where the mapping was taken from")


class FrameworkForm(Strict):
    """One text in one edition: params/frameworks/<name>-<edition>.yaml. The same may be written as CSV."""

    framework: Text = Field(description="name of the text, such as ISO/IEC 27701")
    edition: Text = Field(description="its edition, in quotes, such as 2025")
    clauses: list[ClauseForm] = Field(min_length=1, max_length=2000, description="the clauses, in any order")
    none: dict[ControlId, Text] = Field({}, description="control id and why it serves no clause of this text")


@dataclass(frozen=True, slots=True)
class _Read:
    """What one file says, before its rows are held against each other. Marks: row number → column → place."""

    name: str
    edition: str
    rows: Sequence[ControlMapping]
    marks: Mapping[int, Mapping[str, Mark]]


def parsed(path: Path, file: str, known: Iterable[str]) -> tuple[Document, Framework | None]:
    """One file and what it says; None, with the problems noted, where it cannot be understood."""
    if not NAMED.fullmatch(path.name):
        raise ParameterError(f"{file}: a framework file ends with .csv or .yaml, and has a name of small letters.")
    document, found = _yaml(path, file) if path.suffix == ".yaml" else _csv(path, file)
    if found is None:
        return document, None
    _held(document, found, set(known))
    return document, Framework(
        id=path.stem,
        name=found.name,
        edition=found.edition,
        file=file,
        sha256=sha256(path.read_bytes()).hexdigest(),
        clauses=rules.clauses(found.rows),
        left_out=tuple(row for row in found.rows if row.relation is Relation.NONE),
    )


def _held(document: Document, found: _Read, known: set[str]) -> None:
    """The rows against the controls there are, and against each other."""
    pairs: dict[tuple[str, str], int] = {}
    named = {row.control for row in found.rows if row.relation is not Relation.NONE}
    for number, row in enumerate(found.rows):
        marks = found.marks[number]

        def note(column: str, text: str, marks: Mapping[str, Mark] = marks) -> None:
            document.problems.append(Problem(marks[column], column, text))

        if row.control not in known:
            note("control_id", f"there is no control {shown(row.control)}{nearest(row.control, known)}.")
        if not rules.allowed(found.name, row.relation):
            note(
                "relation",
                "no control tests a clause of this standard whole: it asks for a documented procedure too. "
                "Write partial.",
            )
        if row.relation is Relation.NONE and row.control in named:
            note("relation", "this file says of the same control which clause it serves. Keep one of the two.")
        pair = (row.control, row.clause)
        if pair in pairs:
            what = "this control and this clause" if row.clause else "this control without a clause"
            note("clause", f"{what} stand together already on line {pairs[pair]}. Keep one row.")
        pairs.setdefault(pair, row.line)


# --- YAML -------------------------------------------------------------------------------------------------------------


def _yaml(path: Path, file: str) -> tuple[Document, _Read | None]:
    document = read(path, file)
    form = validated(document, FrameworkForm)
    if form is None:
        return document, None
    rows: list[ControlMapping] = []
    marks: dict[int, Mapping[str, Mark]] = {}

    def add(row: tuple[str, str, str, Relation, Verified, str], here: Steps, clause: Steps) -> None:
        mark = document.mark(here)
        marks[len(rows)] = {"control_id": mark, "relation": mark, "clause": document.mark(clause)}
        rows.append(ControlMapping(*row, line=mark.line))

    for place, clause in enumerate(form.clauses):
        for control, relation in clause.controls.items():
            row = (control, clause.clause, clause.title, Relation(relation), Verified(clause.verified), clause.source)
            add(row, ("clauses", place, "controls", control), ("clauses", place, "controls", control))
    for control, why in form.none.items():
        # Who writes that a control serves nothing here has looked; there is no other source to name.
        row = (control, "", why, Relation.NONE, Verified.OPENED, form.framework)
        add(row, ("none", control), ("none", control))
    return document, _Read(form.framework, form.edition, rows, marks)


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv(path: Path, file: str) -> tuple[Document, _Read | None]:
    document = Document(file)
    text = _text(path, file)
    lines = list(_lines(document, text))
    if document.problems or not _header(document, lines):
        return document, None
    rows: list[ControlMapping] = []
    marks: dict[int, Mapping[str, Mark]] = {}
    stated: list[tuple[int, str, str]] = []
    for line, cells in lines[1:]:
        places = {name: Mark(line, number) for number, name in enumerate(COLUMNS, start=1)}
        row = _row(document, line, cells, places)
        if row is not None:
            marks[len(rows)] = places
            rows.append(row)
            stated.append((line, _cleaned(cells[1]), _cleaned(cells[2])))
    if not stated:
        if not document.problems:
            document.problems.append(Problem(Mark(1, 1), "", "there is no row below the header. Write one per clause."))
        return document, None
    _, name, edition = stated[0]
    for line, other, its in stated:
        for number, column, same in ((2, "framework", other == name), (3, "edition", its == edition)):
            if not same:
                text = f"not that of line {stated[0][0]}. One file holds one text in one edition."
                document.problems.append(Problem(Mark(line, number), column, text))
    return document, _Read(name, edition, rows, marks)


def _text(path: Path, file: str) -> str:
    """The text of the file. Raises ParameterError, with the line, for bytes that are no UTF-8."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ParameterError(
                f"{file}: larger than {MOST_BYTES >> 10} KiB, so not a parameter file. Check the path."
            )
        data = path.read_bytes()
    except OSError as error:
        raise ParameterError(
            f"{file}: cannot be read ({error.strerror}). Check the path and its permissions."
        ) from error
    for start, what in _BOMS.items():
        if data.startswith(start):
            raise ParameterError(f"{file}, line 1: this is {what}, not text in UTF-8. Save it as CSV in UTF-8.")
    try:
        # A mark at the start is how spreadsheets say UTF-8; it is no part of the first column's name.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ParameterError(
            f"{file}, line {line}: its bytes are not UTF-8 (a spreadsheet's own encoding?). Save it as CSV in UTF-8."
        ) from error


def _lines(document: Document, text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which they begin, blank ones left out; a row that cannot be told apart is noted."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            # The reader's own limit is one of the whole process, and another may have set it.
            if any(len(cell) > ENDLESS for cell in cells):
                raise csv.Error
            if cells:
                yield start, cells
            start = reader.line_num + 1
    except csv.Error:
        problem = "a quote is not closed, goes on after it was, or a field is far too long. Repair this row."
        document.problems.append(Problem(Mark(start, 1), "", problem))


def _header(document: Document, lines: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Whether the first row is the header; else what is wrong with it is noted."""
    if not lines:
        document.problems.append(Problem(Mark(1, 1), "", f"the file is empty. Its header is {','.join(COLUMNS)}."))
        return False
    line, found = lines[0]
    if tuple(found) == COLUMNS:
        return True
    missing = [name for name in COLUMNS if name not in found]
    extra = [shown(name) for name in found if name not in COLUMNS][:8]
    if len(found) == 1 and any(mark in found[0] for mark in ";\t|"):
        why = "its columns are not separated by commas. Save it with commas"
    elif missing or extra:
        parts = [f"{', '.join(missing)} missing"] * bool(missing) + [f"{', '.join(extra)} not known"] * bool(extra)
        why = " and ".join(parts)
    else:
        why = "a column stands twice" if len(found) > len(COLUMNS) else "its columns stand in another order"
    document.problems.append(Problem(Mark(line, 1), "", f"{why}. The header is {','.join(COLUMNS)}."))
    return False


def _row(document: Document, line: int, cells: Sequence[str], places: Mapping[str, Mark]) -> ControlMapping | None:
    """One row as the model; None, with the problems noted, where a cell is not what its column holds."""
    if len(cells) != len(COLUMNS):
        text = f"{len(cells)} fields under a header of {len(COLUMNS)}. Put a text that holds a comma in quotes."
        document.problems.append(Problem(Mark(line, 1), "", text))
        return None
    before = len(document.problems)

    def note(column: str, text: str) -> None:
        document.problems.append(Problem(places[column], column, text))

    given: dict[str, str] = {}
    for column, cell in zip(COLUMNS, cells, strict=True):
        given[column] = _cleaned(cell)
        if why := _objection(given[column]):
            note(column, why)
        elif not given[column] and column != "clause":
            note(column, "this cell is empty.")
    if given["control_id"] and not _CONTROL.fullmatch(given["control_id"]):
        note("control_id", "this is no id of a control. Accepted: three capitals, a dash, two digits, such as REQ-02.")
    for column, words in (("relation", Relation), ("verified", Verified)):
        accepted = [word.value for word in words]
        if given[column] and given[column] not in accepted:
            note(column, f"this word is not known{nearest(given[column], accepted)}. Accepted: {', '.join(accepted)}.")
    if given["relation"] == Relation.NONE and given["clause"]:
        note("clause", "a row with relation none names no clause: leave it empty, and give the reason as title.")
    elif given["relation"] != Relation.NONE and not given["clause"]:
        note("clause", "this cell is empty. Only a row with relation none names no clause.")
    if len(document.problems) > before:
        return None
    return ControlMapping(
        given["control_id"],
        given["clause"],
        given["title"],
        Relation(given["relation"]),
        Verified(given["verified"]),
        given["source"],
        line,
    )


def _cleaned(cell: str) -> str:
    return unicodedata.normalize("NFC", cell.strip())


def _objection(cell: str) -> str:
    """Why a cell is no line of text; empty where it is one. A formula is text like any other: nothing here runs it."""
    if len(cell) > LONGEST:
        return f"longer than {LONGEST} characters."
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") for letter in cell):
        return "holds a line break or a control character. Write it on one line."
    return ""
