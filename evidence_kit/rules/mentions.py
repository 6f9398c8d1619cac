"""Tables and columns that prose names. Pure: the names looked for are those of schemas, now and earlier.

Written as in the schema (`mesh.mesh_node`, `mesh_node.created_by`, `closed_at`) a name counts by itself. Written in
words (“audit logging”, “skill assessments”, “policy version”) it counts where it has two words or more; a name of one
word (`title`, `level`) is a word of the language, and counts only with its table, in backquotes, or after the word
table or column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: Table → its columns.
Schema = Mapping[str, Sequence[str]]

DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*){0,3}")
TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*){0,3}|[^\sA-Za-z_]")
BEFORE = {"table", "tables", "column", "columns", "colonne", "colonnes", "champ", "champs", "field", "fields", "`"}
#: What a word of a text may have after the word of a name: audit_log, “audit logging”, “audit logs”.
ENDING = re.compile("(s|es|ed|ing)?")


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A table, or one column of it. `written`: as the schema writes it; otherwise in words."""

    table: str
    column: str | None
    written: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What one entry names. `unsettled`: columns written so that several tables may be meant; `strange`: words written
    like names (`can_manage`) that no schema knows."""

    mentions: frozenset[Mention]
    unsettled: frozenset[str]
    strange: frozenset[str]


@dataclass(frozen=True, slots=True)
class Names:
    """The names that are looked for, made once for all entries."""

    tables: Mapping[str, str]  # how a table may be written, in small letters → the table
    owners: Mapping[str, frozenset[str]]  # column, in small letters → tables that have it
    columns: Mapping[tuple[str, str], str]  # table and column in small letters → the column
    worded: tuple[tuple[tuple[str, ...], str | None, str | None], ...]  # words → table or column, the longest first
    spaces: frozenset[str]  # schemas of tables: the part before the dot

    @staticmethod
    def of(*schemas: Schema) -> Names:
        """The names of all these schemas together."""
        whole: dict[str, list[str]] = {}
        for schema in schemas:
            for table, columns in schema.items():
                whole.setdefault(table, []).extend(columns)
        bare = [table.rpartition(".")[2].lower() for table in whole]
        tables = {table.lower(): table for table in whole}
        tables |= {short: table for short, table in zip(bare, whole, strict=True) if bare.count(short) == 1}
        owners: dict[str, set[str]] = {}
        spelled: dict[tuple[str, str], str] = {}
        for table, listed in whole.items():
            for column in dict.fromkeys(listed):
                owners.setdefault(column.lower(), set()).add(table)
                spelled[table, column.lower()] = column
        worded: list[tuple[tuple[str, ...], str | None, str | None]] = []
        for short, table in tables.items():
            if "." not in short and len(short.split("_")) > 1:
                worded.append((tuple(short.split("_")), table, None))
        worded += [(tuple(name.split("_")), None, name) for name in owners if len(_words(name)) > 1]
        worded.sort(key=lambda one: (-len(one[0]), one[1] is None))
        spaces = frozenset(table.rpartition(".")[0].lower() for table in whole) - {""}
        frozen = {name: frozenset(found) for name, found in owners.items()}
        return Names(tables, frozen, spelled, tuple(worded), spaces)


def mentions(texts: Iterable[str], names: Names) -> Read:
    """What the texts of one entry name. A column is of the only table that has it, else of one its own text names,
    else of one the entry names; otherwise it is unsettled."""
    found: set[Mention] = set()
    waiting: list[tuple[str, bool, set[str]]] = []
    strange: set[str] = set()
    for text in texts:
        here: set[Mention] = set()
        columns: set[tuple[str, bool]] = set()
        _read(text, names, here, columns, strange)
        waiting += [(column, written, {one.table for one in here}) for column, written in columns]
        found |= here
    everywhere = {one.table for one in found}
    unsettled = set()
    for column, written, near in waiting:
        owners = names.owners[column]
        meant = owners if len(owners) == 1 else (owners & near) or (owners & everywhere)
        if len(meant) == 1 or (meant and written and meant == owners & near):
            found |= {Mention(table, names.columns[table, column], written) for table in meant}
        elif written:
            unsettled.add(column)
    return Read(frozenset(found), frozenset(unsettled), frozenset(strange))


def _read(text: str, names: Names, tables: set[Mention], columns: set[tuple[str, bool]], strange: set[str]) -> None:
    tokens = TOKEN.findall(text)
    place = 0
    while place < len(tokens):
        token, before = tokens[place].lower(), tokens[place - 1].lower() if place else ""
        taken = _named(token, before, names, tables, columns, strange)
        if not taken:
            taken = _in_words(tokens, place, names, tables, columns)
        place += taken or 1


def _named(
    token: str, before: str, names: Names, tables: set[Mention], columns: set[tuple[str, bool]], strange: set[str]
) -> int:
    """Whether one token is a name as schemas write it: 1, or 0."""
    sure = "_" in token or "." in token or before in BEFORE
    if not sure:
        return 0
    if table := names.tables.get(token):
        tables.add(Mention(table, None, True))
        return 1
    above, dot, last = token.rpartition(".")
    if dot:
        if table := names.tables.get(above):
            tables.add(Mention(table, names.columns.get((table, last), last), True))
            return 1
        if above in names.spaces:
            tables.add(Mention(token, None, True))  # a table that no schema has any more, by its schema
            return 1
        return 0
    if token in names.owners:
        columns.add((token, True))
        return 1
    if "_" in token:
        strange.add(token)
        return 1
    return 0


def _in_words(tokens: list[str], place: int, names: Names, tables: set[Mention], columns: set[tuple[str, bool]]) -> int:
    """How many words from here are a name written in words; the longest name wins."""
    for words, table, column in names.worded:
        given = [token.lower() for token in tokens[place : place + len(words)]]
        if len(given) < len(words):
            continue
        if all(_same(one, word) for one, word in zip(given, words, strict=True)):
            if table:
                tables.add(Mention(table, None, False))
            elif column:
                columns.add((column, False))
            return len(words)
    return 0


def _same(given: str, word: str) -> bool:
    """Whether a word of a text is that of a name, in the singular or not, or as what is done with it."""
    if len(word) < 3:
        return given == word  # `id` is no “ids”, and `at` no “ating”
    return given.startswith(word) and ENDING.fullmatch(given.removeprefix(word).removeprefix(word[-1])) is not None


def _words(name: str) -> list[str]:
    return [word for word in name.split("_") if word]
