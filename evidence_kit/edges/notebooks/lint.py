"""What a template may hold: prose, and calls on one object. Everything that computes is refused.

Allowed in code: the import of `workbook`, names bound earlier, constants, calls and assignments; six lines a cell. No
loop, operator, subscript, definition or container, so no magic, `!`, `exit`, `sys`, `os` or thread either.
Source: docs/norm/notebook-gate, section 5.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .parameters import TYPES, assignments, source, tags

LONGEST: Final = 6
_CELL_ID: Final = re.compile(r"[a-z]+(-[a-z0-9]+)*")
#: Keys that a template's own metadata and its cells' may have; anything else alters how it is run or shown.
_NOTEBOOK_KEYS: Final = frozenset({"kernelspec", "language_info"})
_CELL_KEYS: Final = frozenset({"tags"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to change before the notebook can run. `cell` counts from 1, prose included; None: the file itself."""

    notebook: str
    cell: int | None
    what: str

    def __str__(self) -> str:
        place = self.notebook if self.cell is None else f"{self.notebook} cell {self.cell}"
        return f"{place}: {self.what}"


@dataclass(slots=True)
class _Names:
    """What the cells read so far have bound: `workbook`, the books opened from it, and everything else."""

    module: set[str] = field(default_factory=set)
    books: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)

    def __contains__(self, name: str) -> bool:
        return name in self.module or name in self.books or name in self.others


def lint(notebook: Mapping[str, Any], name: str) -> tuple[Problem, ...]:
    """Every problem of a template; empty when it may run. `notebook` is its JSON value, `name` its file's name."""
    problems = [Problem(name, None, what) for what in _file(notebook)]
    names = _Names()
    for number, cell in enumerate(notebook.get("cells", ()), 1):
        problems += [Problem(name, number, what) for what in (*_cell(cell), *_code(cell, names))]
    return tuple(problems)


def _file(notebook: Mapping[str, Any]) -> Iterator[str]:
    cells = notebook.get("cells", ())
    if (notebook.get("nbformat"), notebook.get("nbformat_minor")) != (4, 5):
        yield "must be of notebook format 4.5"
    if extra := sorted(set(notebook.get("metadata", {})) - _NOTEBOOK_KEYS):
        yield f"metadata {', '.join(extra)}: only kernel and language are kept"
    if (count := sum("parameters" in tags(cell) for cell in cells)) != 1:
        yield f"has {count} cells tagged `parameters`; one is needed"
    ids = [cell.get("id") for cell in cells]
    if len(set(ids)) != len(ids):
        yield "two cells have the same id"


def _cell(cell: Mapping[str, Any]) -> Iterator[str]:
    """Everything about a cell but its code."""
    if cell.get("cell_type") not in ("code", "markdown"):
        yield "only code and prose are allowed"
    if not _CELL_ID.fullmatch(str(cell.get("id", ""))):
        yield "its id must be a word, such as `collect`"
    if extra := sorted(set(cell.get("metadata", {})) - _CELL_KEYS):
        yield f"metadata {', '.join(extra)} is not allowed"
    if extra := sorted(set(tags(cell)) - {"parameters"}):
        yield f"tag {', '.join(extra)} is not allowed"
    if cell.get("attachments"):
        yield "attachments are not allowed"
    if cell.get("cell_type") == "code":
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield "outputs and counts are not kept in a template"
        if not source(cell).strip():
            yield "is empty"


def _code(cell: Mapping[str, Any], names: _Names) -> Iterator[str]:
    if cell.get("cell_type") != "code":
        return
    text = source(cell)
    if (count := len(text.splitlines())) > LONGEST:
        yield f"has {count} lines; {LONGEST} are allowed"
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        yield "is not plain Python: a magic, a shell line or a slip"
        return
    if "parameters" in tags(cell):
        yield from _parameters(text, names)
        return
    for statement in body:
        yield from (f"line {statement.lineno}: {what}" for what in _statement(statement, names))


def _parameters(text: str, names: _Names) -> Iterator[str]:
    try:
        for name, value, kind in assignments(text):
            names.others.add(name)
            if kind is not None and kind not in TYPES:
                yield f"parameter {name}: annotate it with {', '.join(TYPES)}"
            elif value is not None and type(value) not in TYPES.values():
                yield f"parameter {name}: give text, a whole number, or True or False"
            elif kind is not None and value is not None and type(value) is not TYPES[kind]:
                yield f"parameter {name}: its default is not of type {kind}"
    except ValueError as problem:
        yield f"{problem}: parameters are assignments of constants, and nothing else"


def _statement(statement: ast.stmt, names: _Names) -> Iterator[str]:
    match statement:
        case ast.ImportFrom(module="evidence_kit", names=[ast.alias(name="workbook", asname=None)], level=0):
            names.module.add("workbook")
        case ast.Import() | ast.ImportFrom():
            yield "only `from evidence_kit import workbook` is imported"
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(), value=ast.expr() as value)
        ):
            yield from _expression(value, names)
            names.module.discard(name)
            names.books.discard(name)
            (names.books if _opens(value, names) else names.others).add(name)
        case ast.Expr(value=ast.Call() | ast.Name() as value):
            yield from _expression(value, names)
        case _:
            yield f"{type(statement).__name__} is not allowed: a template assigns and calls"


def _opens(value: ast.expr, names: _Names) -> bool:
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="open")):
            return name in names.module
    return False


def _expression(value: ast.expr, names: _Names) -> Iterator[str]:
    match value:
        case ast.Constant():
            return
        case ast.Name(id=name):
            if name not in names:
                yield f"{name} is not bound by an earlier line"
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=verb), args=args, keywords=keywords):
            if name not in names:
                yield f"{name} is not bound by an earlier line"
            elif not (name in names.books or (name in names.module and verb == "open")) or verb.startswith("_"):
                yield f"{name}.{verb}: only `workbook.open` and the book's verbs are called"
            for each in (*args, *(word.value for word in keywords)):
                yield from _expression(each, names)
            if any(word.arg is None for word in keywords):
                yield "** is not allowed"
        case ast.Call():
            yield "only `workbook.open` and the book's verbs are called"
        case _:
            yield f"{type(value).__name__} is not allowed: names, constants and calls are"
