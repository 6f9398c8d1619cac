"""Mapped sources as canonical frames: one relation `frame_<name>` per frame, made by one SELECT per source.

A value that cannot be read is never dropped and never guessed: its column becomes NULL and `unreadable` names it with
a code (`received_at=unreadable-date`), so that the unit ends as ERROR. Source: docs/norm/frames.md, "Mapping".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from evidence_kit.edges import documents
from evidence_kit.edges.opening import literal, quote, stand_in
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import FrameMapping, Mapped, SourceMapping
from evidence_kit.model.canonical import LARGEST_INTEGER, LONGEST_STRING
from evidence_kit.model.evidence import FRAMES, Column

#: Columns the kit adds to every frame relation.
UNREADABLE = "unreadable"
#: The whole source row, digested: two rows are repeats only when nothing at all tells them apart, mapped or not.
WHOLE_ROW = "ek_row"
#: Which source a row came from, where several give one frame.
SOURCE = "ek_source"
BOUND = re.compile(r"(?<![:\w]):(period_start|period_end|as_of)\b")
OFFSET = r"(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)"
ZONED = OFFSET + "$"
ISO_DAY = r"\d{4}-\d{2}-\d{2}"
ISO_TIME = ISO_DAY + r"[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?" + OFFSET + "?"
KINDS = {"string": "text", "date": "date", "integer": "integer", "bool": "boolean", "decimal": "decimal(9,2)"}
#: The engine's type of each kind.
TYPES = {"text": "VARCHAR", "date": "DATE", "integer": "BIGINT", "boolean": "BOOLEAN", "instant": "TIMESTAMPTZ"}


@dataclass(frozen=True, slots=True)
class Relation:
    """One frame inside the engine. `kinds`: column → kind of docs/norm/sampling.md, in the order of the table."""

    frame: str
    table: str
    kinds: Mapping[str, str]
    sql: str
    sources: tuple[str, ...]


def bound(sql: str) -> str:
    """`:period_start` as DuckDB binds it."""
    return BOUND.sub(r"$\1", sql)


def bindings(sql: str, values: Mapping[str, str]) -> dict[str, str]:
    """Only the bound names that `sql` uses: the engine refuses a value nobody asked for."""
    return {name: values[name] for name in values if re.search(rf"\${name}\b", sql)}


def kind_of(column: Column, mapped: Mapped) -> str:
    """The kind a mapped column has in the frame: days stay days, times get their zone from the mapping."""
    if column.kind != "timestamp":
        return KINDS[column.kind]
    return "date" if mapped.precision == "day" else "instant"


def relate(
    connection: duckdb.DuckDBPyConnection,
    frame: str,
    sources: Sequence[SourceMapping],
    values: Mapping[str, str],
) -> Relation:
    """Make `frame_<frame>` from every source that maps it; rows of several sources are appended.

    Raises SourceError naming the mapping's file and line when an expression does not fit the source.
    """
    spec = FRAMES[frame]
    kinds: dict[str, str] = {}
    selects = []
    for source in sources:
        mapping = source.frames[frame]
        columns = [column for column in spec.columns if column.name in mapping.columns]
        mine = {column.name: kind_of(column, mapping.columns[column.name]) for column in columns}
        if kinds and kinds != mine:
            raise SourceError(
                f"{source.file}: frame {frame} has other columns or kinds than in the first source mapped."
            )
        kinds = mine
        selects.append(_select(source, mapping, columns, kinds))
        stand_in(connection, source.name)
        _probe(connection, source, mapping, selects[-1], values)
        try:
            _append(connection, frame, selects[-1], values, first=len(selects) == 1)
        except duckdb.Error as error:
            raise _unfit(connection, source, mapping, values, computed=True) from error
    sql = "\nUNION ALL\n".join(selects)
    table = f"frame_{frame}"
    return Relation(frame, table, {**kinds, UNREADABLE: "text"}, sql + "\n", tuple(source.name for source in sources))


def _append(
    connection: duckdb.DuckDBPyConnection, frame: str, sql: str, values: Mapping[str, str], *, first: bool
) -> None:
    target = f"main.{quote(f'frame_{frame}')}"
    verb = f"CREATE OR REPLACE TABLE {target} AS" if first else f"INSERT INTO {target}"
    connection.execute(f"{verb} {sql}", bindings(sql, values) or None)


def _select(source: SourceMapping, mapping: FrameMapping, columns: Sequence[Column], kinds: Mapping[str, str]) -> str:
    there = [column for column in columns if _said(mapping.columns[column.name])]
    stored = [f"{_raw(source.name, mapping.columns[column.name])} AS {quote(column.name)}" for column in there]
    inner = ",\n    ".join([*stored, f"sha256(CAST(row(*COLUMNS(*)) AS VARCHAR)) AS {WHOLE_ROW}"])
    where = f"\n  WHERE {bound(mapping.where)}" if mapping.where else ""
    outer: list[str] = []
    faults: list[str] = []
    for column in columns:
        value, fault = _typed(column, mapping.columns[column.name], kinds[column.name], source.timezone)
        outer.append(f"{value} AS {quote(column.name)}")
        faults.extend(f"CASE WHEN {test} THEN {literal(f'{column.name}={code}')} END" for test, code in fault)
    listed = f"nullif(concat_ws(',', {', '.join(faults)}), '')" if faults else "CAST(NULL AS VARCHAR)"
    body = ",\n  ".join([*outer, f"{listed} AS {quote(UNREADABLE)}", WHOLE_ROW, f"{literal(source.name)} AS {SOURCE}"])
    return f"SELECT\n  {body}\nFROM (\n  SELECT\n    {inner}\n  FROM {bound(mapping.origin)}{where}\n) AS stored"


def _said(mapped: Mapped) -> bool:
    """Whether the source gives this column at all."""
    return mapped.sql is not None or mapped.const is not None


def _raw(source: str, mapped: Mapped) -> str:
    if mapped.const is not None:
        return literal(str(mapped.const).lower() if isinstance(mapped.const, bool) else str(mapped.const))
    assert mapped.sql is not None
    text = f"CAST(({bound(mapped.sql)}) AS VARCHAR)"
    return f"{documents.FUNCTION}({literal(source)}, {text})" if mapped.file else text


def _typed(column: Column, mapped: Mapped, kind: str, zone: str | None) -> tuple[str, list[tuple[str, str]]]:
    """The SQL of one typed value, and the tests (SQL, code) that call the stored text unreadable."""
    text = quote(column.name)
    there = f"{text} IS NOT NULL"
    if not _said(mapped):
        return f"CAST(NULL AS {TYPES[kind]})", []
    if mapped.file:
        refused = f"{text} = {literal(documents.REFUSED)}"
        return f"CASE WHEN {refused} THEN NULL ELSE {text} END", [(refused, "unreadable-value")]
    if kind == "text":
        return _text(column, mapped, text)
    if kind == "integer":
        whole = f"TRY_CAST({text} AS BIGINT)"
        fits = f"regexp_full_match({text}, '-?\\d+') AND {whole} BETWEEN -{LARGEST_INTEGER} AND {LARGEST_INTEGER}"
        value = f"CASE WHEN {fits} THEN {whole} END"
        return value, [(f"{there} AND ({value}) IS NULL", "unreadable-value")]
    if kind == "boolean":
        value = f"TRY_CAST({text} AS BOOLEAN)"
        return value, [(f"{there} AND ({value}) IS NULL", "unreadable-value")]
    if kind == "date":
        value = _day(mapped, text)
        return value, [(f"{there} AND ({value}) IS NULL", "unreadable-date")]
    return _instant(mapped, text, zone)


def _instant(mapped: Mapped, text: str, zone: str | None) -> tuple[str, list[tuple[str, str]]]:
    """A text with its offset is that instant; one without is local in the source's zone, or of no known one."""
    offset, local = _with_offset(mapped, text), _naive(mapped, text)
    there = f"{text} IS NOT NULL AND ({offset}) IS NULL"
    if zone is None:
        value, fault = offset, (f"{there} AND ({local}) IS NOT NULL", "unknown-time-zone")
        unread = f"{there} AND ({local}) IS NULL"
    else:
        again = f"timezone({literal(zone)}, timezone({literal(zone)}, {local}))"
        fault = (f"{there} AND {again} <> {local}", "local-time-does-not-exist")
        value = f"coalesce({offset}, CASE WHEN {again} = {local} THEN timezone({literal(zone)}, {local}) END)"
        unread = f"{there} AND ({local}) IS NULL"
    if mapped.not_before:
        early = f"({value}) < TIMESTAMPTZ {literal(f'{mapped.not_before} 00:00:00+00')}"
        return f"CASE WHEN {early} THEN NULL ELSE {value} END", [fault, (f"({unread}) OR {early}", "unreadable-date")]
    return value, [fault, (unread, "unreadable-date")]


def _text(column: Column, mapped: Mapped, text: str) -> tuple[str, list[tuple[str, str]]]:
    if mapped.map is not None:
        arms = " ".join(f"WHEN {literal(key)} THEN {literal(to)}" for key, to in mapped.map.items())
        other = literal(mapped.other) if mapped.other is not None else "NULL"
        value = f"CASE WHEN {text} IS NULL THEN NULL ELSE CASE {text} {arms} ELSE {other} END END"
        return value, [(f"{text} IS NOT NULL AND ({value}) IS NULL", "unmapped-value")]
    if column.values:
        known = ", ".join(literal(one) for one in column.values)
        return f"CASE WHEN {text} IN ({known}) THEN {text} END", [(f"{text} NOT IN ({known})", "unmapped-value")]
    # What no evidence file could hold is named here, before it stops a run.
    long = f"strlen({text}) > {LONGEST_STRING}"
    return f"CASE WHEN {long} THEN NULL ELSE {text} END", [(long, "unreadable-value")]


def _day(mapped: Mapped, text: str) -> str:
    if mapped.format:
        formats = ", ".join(literal(one) for one in mapped.format)
        value = f"CAST(try_strptime({text}, [{formats}]) AS DATE)"
    else:
        value = f"CASE WHEN regexp_full_match({text}, {literal(ISO_DAY)}) THEN TRY_CAST({text} AS DATE) END"
    if mapped.not_before:
        value = f"CASE WHEN ({value}) >= DATE {literal(str(mapped.not_before))} THEN {value} END"
    return value


def _with_offset(mapped: Mapped, text: str) -> str:
    """The instant of a text that states its offset, in ISO or in a format with %z; NULL for any other."""
    zoned = f"regexp_full_match({text}, {literal(ISO_TIME)}) AND regexp_matches({text}, {literal(ZONED)})"
    iso = f"CASE WHEN {zoned} THEN TRY_CAST({text} AS TIMESTAMPTZ) END"
    formats = ", ".join(literal(one) for one in mapped.format if "%z" in one)
    return f"coalesce({iso}, CAST(try_strptime({text}, [{formats}]) AS TIMESTAMPTZ))" if formats else iso


def _naive(mapped: Mapped, text: str) -> str:
    """The local time of a text without offset; NULL for any other."""
    formats = ", ".join(literal(one) for one in mapped.format if "%z" not in one)
    if mapped.format:
        return f"CAST(try_strptime({text}, [{formats}]) AS TIMESTAMP)" if formats else "CAST(NULL AS TIMESTAMP)"
    return f"CASE WHEN regexp_full_match({text}, {literal(ISO_TIME)}) THEN TRY_CAST({text} AS TIMESTAMP) END"


def _probe(
    connection: duckdb.DuckDBPyConnection,
    source: SourceMapping,
    mapping: FrameMapping,
    sql: str,
    values: Mapping[str, str],
) -> None:
    """Plan the SELECT on no row. When it does not fit, find the first expression that does not, and name its line."""
    try:
        _plan(connection, sql, values)
    except duckdb.Error as error:
        raise _unfit(connection, source, mapping, values, computed=False) from error


def _unfit(
    connection: duckdb.DuckDBPyConnection,
    source: SourceMapping,
    mapping: FrameMapping,
    values: Mapping[str, str],
    *,
    computed: bool,
) -> SourceError:
    """The first expression of a mapping that the engine refuses, by its line; its own words may quote a value."""
    for column, mapped in mapping.columns.items():
        if mapped.sql is None:
            continue
        sql = f"SELECT {_raw(source.name, mapped)} AS value FROM {bound(mapping.origin)}"
        try:
            _plan(connection, sql, values)
            if computed:
                counted = f"SELECT count(value) FROM ({sql})"
                connection.execute(counted, bindings(counted, values) or None).fetchall()
        except duckdb.Error:
            why = (
                f"holds a value for which the expression of {mapping.frame}.{column} has no answer. Use try_cast, or "
                "map the text itself"
                if computed
                else f"does not have what {mapping.frame}.{column} is mapped to. Compare it with the source's columns"
            )
            return SourceError(f"{source.file}, line {mapped.line}: source {source.name} {why}.")
    return SourceError(
        f"{source.file}, line {mapping.line}: the FROM or WHERE of frame {mapping.frame} does not fit "
        f"source {source.name}."
    )


def _plan(connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, str]) -> None:
    statements = duckdb.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise duckdb.ParserException("one SELECT expected")
    connection.execute(f"SELECT * FROM ({sql}) AS planned LIMIT 0", bindings(sql, values) or None)
