"""The parameter files of a new engagement, as text with comments: what was found, why it was chosen, what to decide.

Names come from a database and may hold anything: each stands in quotes on one line, in comments too, so that no
name can end a line, a quote or a comment. No value of any row is here. Source: docs/starting.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml  # type: ignore[import-untyped]

from evidence_kit.edges.params import expressions
from evidence_kit.edges.params.shapes import IDENTIFIER
from evidence_kit.model.evidence import FRAMES, Column, FrameSpec
from evidence_kit.rules import proposing
from evidence_kit.rules.proposing import Choice, Found, Proposal, Table

#: Columns of what a row holds of a person, and events of it, that one object of a mapping may name.
MOST_PERSONAL, MOST_EVENTS = 60, 20
PAPERS = "papers"


@dataclass(frozen=True, slots=True)
class Place:
    """A source of the new engagement: its logical name, its engine, and a path or `env:NAME`."""

    name: str
    engine: str
    opened: str
    folder: bool = False

    @property
    def served(self) -> bool:
        """Whether it is a server, whose tables are copied for each run."""
        return self.engine in ("postgresql", "mysql")

    @property
    def whole(self) -> bool:
        """Whether all that it holds is read whatever is mapped of it."""
        return self.served or self.engine in ("duckdb", "sqlite", "files")


def quoted(text: str) -> str:
    """One YAML scalar in quotes, on one line, whatever the text holds."""
    if text.isprintable() and "'" not in text:
        return f"'{text}'"
    dumped = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9)
    return str(dumped).removesuffix("\n").removesuffix("...").removesuffix("\n")


def expression(name: str) -> str | None:
    """A column's name as an expression of a mapping; None for one that no mapping can hold."""
    sql = '"' + name.replace('"', '""') + '"'
    return None if expressions.objection(sql, "expression") or len(sql) > 4000 else sql


def table_expression(name: str) -> str | None:
    """A table's name as what a frame is read from; None for one that no mapping can hold."""
    sql = '"' + name.replace('"', '""') + '"'
    return None if expressions.objection(sql, "from") or len(sql) > 600 else sql


def source(place: Place, tables: Sequence[Table], chosen: Sequence[Proposal], timezone: str) -> str:
    """`sources/<name>.yaml`: the frames that a table of this source seems to give, and the tables about people."""
    lines = [
        f"# Proposed from the names and types of the tables of {place.name}: no row was copied into this file.",
        "# Read every line, change what is wrong, then run `check`. Forms: docs/on-your-own-data.md, section 4;",
        "# columns and their meanings: docs/norm/frames.md.",
        f"source: {place.name}",
        f"engine: {place.engine}",
        f"open: {quoted(place.opened)}",
        f"timezone: {quoted(timezone)}          # of times without offset",
        *_options(place),
    ]
    mine = [one for one in chosen if one.table.source == place.name]
    if mine:
        lines.append("frames:")
        for one in mine:
            lines += _frame(one)
    objects = [text for table in tables if table.source == place.name for text in _object(table)]
    if not place.whole and not mine and not objects:
        # A file that maps nothing would be read for nothing, and is refused: its schema is looked at all the same.
        objects = [f"  {place.name}:", "    row_key: {row: 'rowid'}", "    last_write: {file_time: true}"]
    if objects:
        lines += ["objects:                              # tables that erasure, retention and access look into"]
        lines += objects
    return "\n".join(lines) + "\n"


def _options(place: Place) -> Iterator[str]:
    if place.served:
        yield 'options: {tables: "*"}               # every table that the role can see; or list them: [requests]'
    elif place.folder:
        yield "options: {folder: true}"


def _frame(one: Proposal) -> Iterator[str]:
    origin = table_expression(one.table.name)
    assert origin is not None, "a table that no mapping can name is not proposed"
    yield f"  {one.frame}:                        # {one.matched} of {len(one.choices)} columns found in this table"
    yield f"    from: {quoted(origin)}"
    yield "    columns:"
    for choice in one.choices:
        yield f"      {choice.column.name}: {_given(choice)}"


def _given(choice: Choice) -> str:
    column = choice.column
    if choice.chosen is None and choice.stated is None:
        if column.event:
            return "unknown                # decide: nothing looks like it; null if it never happens here"
        return "null                   # nothing looks like it"
    if choice.chosen is None:
        return f"{{const: {choice.stated}}}      # decide: no column says it; one word for all rows. Is it true?"
    sql = expression(choice.chosen.name)
    assert sql is not None
    told = f"  # or {', '.join(map(quoted, choice.others))}" if choice.others else ""
    if column.pseudonym and column.pseudonym != "value":
        return f"{{{column.pseudonym}: {quoted(sql)}}}{told}"
    if column.values:
        words = ", ".join(f"{word}: {word}" for word in column.values)
        return f"{{value: {quoted(sql)}, map: {{{words}}}}}  # decide: left, the words that your table holds{told}"
    if column.kind == "timestamp" and choice.chosen.day:
        return f"{{value: {quoted(sql)}, precision: day}}{told}"
    if column.kind in ("integer", "bool"):
        kind = "integer" if column.kind == "integer" else "boolean"
        return quoted(f"cast({sql} as {kind})") + told
    return quoted(sql) + told


def _object(table: Table) -> Iterator[str]:
    """A table about people: the addresses by which they are found, and the days from which its rows are kept."""
    persons = [sql for one in table.columns if one.address and (sql := expression(one.name))]
    key = proposing.row_key(table)
    dated = [one for one in table.columns if one.dated and one.personal_class == "none"][:MOST_EVENTS]
    if (
        not (persons or (dated and table.personal))
        or key is None
        or not _identifier(table.name)
        or (row := expression(key.name)) is None
    ):
        return
    personal = [sql for one in table.personal if (sql := expression(one.name))][:MOST_PERSONAL]
    yield f"  {table.name}:"
    yield f"    row_key: {{row: {quoted(row)}}}"
    if persons:
        yield f"    persons: [{', '.join(map(quoted, persons[:12]))}]"
        yield f"    personal: [{', '.join(map(quoted, personal))}]"
    events = [f"{_word(one)}: {quoted(sql)}" for one in dated if (sql := expression(one.name))]
    if events:
        yield f"    events: {{{', '.join(dict.fromkeys(events))}}}   # what `start` of a retention rule may name"


def _identifier(name: str) -> bool:
    return re.fullmatch(IDENTIFIER, name) is not None


def _word(found: Found) -> str:
    """A lower-case word for an event, from the column's name."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in found.name.lower())
    return ("on_" + plain.strip("_"))[:40] if not plain[:1].isalpha() else plain.strip("_")[:40]


def papers(frames: Iterable[str], folder: str, timezone: str) -> str:
    """`sources/papers.yaml`: one list that people keep for each frame that no other source gives."""
    lines = [
        "# Lists that people keep, one CSV file each in the folder `papers`: fill those you need, leave the rest.",
        "# A list without a line shows nothing: its controls end as INCONCLUSIVE, never as PASS.",
        "# Where a table of yours has the list already, map it in that source and take the frame out here.",
        f"source: {PAPERS}",
        "engine: csv",
        f"open: {quoted(folder)}",
        f"timezone: {quoted(timezone)}",
        "options: {folder: true}",
        "frames:",
    ]
    for frame in frames:
        spec = FRAMES[frame]
        lines += [f"  {frame}:", f"    from: {frame}", "    columns:"]
        lines += [f"      {column.name}: {_of_paper(column)}" for column in mapped(spec)]
    return "\n".join(lines) + "\n"


def mapped(spec: FrameSpec) -> Iterator[Column]:
    """The columns that a source gives; the others the kit makes."""
    return (column for column in spec.columns if not column.computed)


def _of_paper(column: Column) -> str:
    name = quoted(f'"{column.name}"')
    if column.pseudonym and column.pseudonym != "value":
        return f"{{{column.pseudonym}: {name}}}"
    if column.of_file:
        return f"{{file: {name}}}"
    if column.kind == "integer":
        return quoted(f'cast("{column.name}" as integer)')
    if column.kind == "bool":
        return quoted(f'cast("{column.name}" as boolean)')
    return name


def header(frame: str) -> str:
    """An empty list: the names of its columns, and no line."""
    return ",".join(column.name for column in mapped(FRAMES[frame])) + "\n"


def guide(frames: Mapping[str, Sequence[str]]) -> str:
    """What each list is for and what its columns hold. `frames`: frame → the controls that read it."""
    lines = [
        "# Lists to fill\n",
        "One CSV file a list, UTF-8, commas. Days are written 2026-01-31, moments 2026-01-31T09:00:00, yes and no as",
        "true and false. Addresses become pseudonyms before anything is kept; documents are named by their path below",
        "this folder. Meanings: docs/norm/frames.md. `found.csv` beside this folder lists every column that was seen:",
        "its lines begin as those of register_objects.csv, once the activity is written before them.\n",
    ]
    for frame, controls in frames.items():
        lines += [
            f"## {frame}.csv\n",
            f"For {', '.join(controls)}.\n",
            "| column | holds | may be empty |",
            "| --- | --- | --- |",
        ]
        lines += [f"| `{one.name}` | {_holds(one)} | {_empty(one)} |" for one in mapped(FRAMES[frame])]
        lines.append("")
    return "\n".join(lines)


def _holds(column: Column) -> str:
    if column.pseudonym and column.pseudonym != "value":
        return {"person": "an address", "account": "an account", "actor": "who acted"}.get(column.pseudonym, "a key")
    if column.values:
        return "one of: " + ", ".join(column.values)
    if column.of_file:
        return "path of the document"
    return {"timestamp": "moment", "date": "day", "integer": "whole number", "bool": "true or false"}.get(
        column.kind, "text"
    )


def _empty(column: Column) -> str:
    if not column.nullable:
        return "no"
    return "yes: it did not happen" if column.event else "yes: not known"
