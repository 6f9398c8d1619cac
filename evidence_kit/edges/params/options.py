"""How a source's files, or its server, are read: which engine knows which option, and what a server needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from evidence_kit.edges.params.reading import Document
from evidence_kit.edges.params.shapes import MANY, ONE, ONE_OR_MANY, VARIABLE, Identifier, Opened, Pointer, Strict, Text
from evidence_kit.model.audit import EVERY, SERVERS

#: What every engine knows: where the files lie that its rows name.
ANY = frozenset("csv jsonl json xlsx ods parquet mbox files duckdb sqlite postgresql mysql register".split())
#: Which engines know which options; what is not here would be read and ignored.
OPTIONS: Mapping[str, frozenset[str]] = {
    "form": frozenset({"register"}),
    "encoding": frozenset({"csv", "register"}),
    "delimiter": frozenset({"csv", "register"}),
    "folder": frozenset({"csv", "jsonl", "json", "xlsx", "ods", "parquet", "mbox"}),
    "rows": frozenset({"json"}),
    "sheet": frozenset({"xlsx", "ods"}),
    "header": frozenset({"xlsx", "ods"}),
    "formulas": frozenset({"xlsx", "ods", "register"}),
    "tables": frozenset({*SERVERS, "sqlite"}),
    "statement_timeout": frozenset({*SERVERS, "sqlite"}),
    "documents": ANY,
}
#: Engines whose every table is read.
WHOLE = frozenset({"duckdb", "sqlite", "files"})

Every = Literal["*"]
Listed = Annotated[list[Identifier], Field(min_length=1, max_length=40)]


class OptionsForm(Strict):
    """How files and servers are read."""

    form: Literal["cnil", "csv", "kit", "fides"] | None = Field(
        None, description="register: the form in which it is kept (docs/register.md)"
    )
    encoding: Literal["utf-8", "utf-16", "latin-1"] | None = Field(
        None, description="csv, register: encoding of a CSV file (default utf-8)"
    )
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = Field(
        None, description="csv, register: the character between two fields (default a comma)"
    )
    folder: bool | None = Field(
        None, description="true: `open` is a folder; each file is a table called as the file, of mailboxes all are one"
    )
    rows: Pointer | None = Field(
        None, description="json: where the list of rows stands, such as /tickets (default: the document is the list)"
    )
    sheet: Text | None = Field(None, description="xlsx, ods: name of the sheet (default: the only one)")
    header: Annotated[int, Field(ge=1, le=1_048_575)] | None = Field(
        None, description="xlsx, ods: the row that holds the column names (default 1)"
    )
    formulas: Literal["refuse", "cached"] | None = Field(
        None, description="xlsx, ods, register: cached takes the value stored with a formula (default refuse)"
    )
    tables: Annotated[Annotated[Every, ONE] | Annotated[Listed, MANY], ONE_OR_MANY] | None = Field(
        None,
        description=(
            'servers: the tables or views that are read, with their schema or without, or "*" for every one that the '
            "role can see; sqlite: the same, without schemas (default every one)"
        ),
    )
    statement_timeout: Annotated[int, Field(ge=1, le=86_400)] | None = Field(
        None,
        description=(
            "servers: seconds the server may spend on one statement; sqlite: seconds a view may take (default 300)"
        ),
    )
    documents: Opened | None = Field(
        None,
        description=(
            "folder of the files that columns name as {file: expression}: a path, or env:NAME (default: the source's "
            "own folder, or that of its one file; a server has none)"
        ),
    )


def checked(document: Document, engine: str, opened: str | None, form: OptionsForm | None) -> dict[str, Any]:
    """The options given, with every problem noted. `opened`: where the source lies, as its mapping says."""
    options = form.model_dump(exclude_none=True) if form else {}
    for option in options:
        if engine not in OPTIONS[option]:
            document.report(("options", option), f"engine {engine} has no such option. Remove it.")
    if engine == "register":
        _of_form(document, options)
    tables = options.get("tables")
    if tables is not None and tables != EVERY:
        options["tables"] = _told_apart(document, tables)
    if engine not in SERVERS:
        return options
    if opened is not None and not re.match(VARIABLE, opened):
        why = "a server is opened by the name of the environment variable that holds its address. Write env:NAME."
        document.report(("open",), why)
    if tables is None:
        why = 'a server\'s tables are listed. Write options: {tables: [requests]}, or {tables: "*"} for every one.'
        document.report(("options", "tables"), why)
    return {"tables": (), **options}


def _of_form(document: Document, options: Mapping[str, Any]) -> None:
    """A register says its form, and only the options which that form has."""
    if "form" not in options:
        document.report(("options", "form"), "say in which form the register is kept: cnil, csv, kit or fides.")
    for option, form in (("encoding", "csv"), ("delimiter", "csv"), ("formulas", "cnil")):
        if option in options and options.get("form") not in (form, None):
            document.report(("options", option), f"this goes with form: {form} only. Remove it.")


def check_documents(document: Document, engine: str, options: Mapping[str, Any], *, of_files: bool) -> None:
    """A folder of documents is said where a server's rows name files, and nowhere where no row names any."""
    if of_files and engine in SERVERS and "documents" not in options:
        why = "a server keeps no files. Name the folder of the documents that its rows name."
        document.report(("options", "documents"), why)
    if "documents" in options and not of_files:
        document.report(("options", "documents"), "no column of this source is mapped as a file. Remove it.")


def searchable(engine: str, options: Mapping[str, Any]) -> bool:
    """Whether a source is read whole whatever it maps: then there is something to search in it without any mapping."""
    return engine in WHOLE or options.get("tables") == EVERY


def _told_apart(document: Document, listed: list[str]) -> tuple[str, ...]:
    names = [table.rpartition(".")[2].lower() for table in listed]
    for place, name in enumerate(names):
        if name in names[:place]:
            why = "two tables have this name; without their schemas nothing tells them apart. Give one a view."
            document.report(("options", "tables", place), why)
    return tuple(listed)
