"""What is searched: every table and view of every source, all its columns of text, declared or not.

What the register, the places and the mappings name is expected to hold people; the rest is looked at all the same.
Source: docs/norm/controls, ERA-01 A; README, settled point 36: what is gone leaves the plan, what is there and does not
answer stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from evidence_kit.edges import unread
from evidence_kit.edges.derived import Ground
from evidence_kit.edges.opening import literal, quote
from evidence_kit.edges.unwrapping import FUNCTION, lost
from evidence_kit.model.audit import Engagement, LiveObject, Place

#: Types whose values are texts once cast, and those whose values hold texts.
PLAIN = re.compile(r"VARCHAR|JSON|UUID|ENUM\(.*\)", re.DOTALL)
NESTED = re.compile(r"(STRUCT|MAP|UNION|LIST|VARIANT)\b.*|.*\[\d*\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cell:
    """One text looked into: a column as text, or a declared expression. `name`: what the pages call it.

    `whole`: whether it can be a key as it stands; JSON and what is nested only hold some. `lost`: for what is unwrapped
    first, the SQL that counts what could not be.
    """

    name: str
    sql: str
    whole: bool = True
    lost: str | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """One object. `origin`: what it is read from, each row with a number of its own in the column `row`.

    `declared`: the register names it, or else a mapping; `planned`: nobody found there is worth a row; `reachable`:
    whether the source could give it at all. `zone`: that of its times without offset.
    """

    number: int
    source: str
    name: str
    origin: str
    row: str
    cells: tuple[Cell, ...]
    live: LiveObject | None
    place: Place | None
    declared: bool
    planned: bool
    reachable: bool
    zone: str | None

    def expressions(self) -> Mapping[str, str]:
        """What is asked of the rows of a person, beside the person: dates and causes, where they are declared."""
        asked: dict[str, str | None] = {"start": self.place.start if self.place else None}
        if self.live is not None:
            asked |= {"dated": self.live.dated, "soft": self.live.soft_deleted, **(self.live.returned or {})}
        return {name: sql for name, sql in asked.items() if sql is not None}


def objects(ground: Ground) -> tuple[Searched, ...]:
    """Every object of the session that is to be searched, and those that a source could not give."""
    engagement = ground.engagement
    found: list[Searched] = []
    register = _register(ground)
    missing = _missing(ground.connection)
    for source in engagement.sources:
        if _left_out(engagement.places.get(source)):
            continue
        columns = _columns(ground.connection, source)
        names = [*columns, *(name for of, name in missing if of == source and name not in columns)]
        for name in sorted(names):
            place = _place(engagement, source, name)
            if not _left_out(place):
                there = (source, name) not in missing
                found.append(
                    _object(ground, len(found) + 1, source, name, columns.get(name, ()), place, register, there)
                )
    return tuple(found)


def _object(
    ground: Ground,
    number: int,
    source: str,
    name: str,
    columns: Iterable[tuple[str, str]],
    place: Place | None,
    register: frozenset[tuple[str, str]] | None,
    reachable: bool,
) -> Searched:
    mapping = ground.engagement.sources[source]
    live = mapping.objects.get(name)
    columns = tuple(columns)
    origin, row = _origin(ground.connection, source, name, [column for column, _ in columns])
    return Searched(
        number=number,
        source=source,
        name=name,
        origin=origin,
        row=row,
        cells=_cells(columns, live, told=mapping.served or mapping.engine == "sqlite"),
        live=live,
        place=place,
        declared=live is not None if register is None else (source, name) in register,
        planned=(
            (source, name) in (register or ())
            or place is not None
            or (live is not None and bool(live.persons))
            or not reachable
        ),
        reachable=reachable,
        zone=mapping.timezone,
    )


def _cells(columns: Iterable[tuple[str, str]], live: LiveObject | None, *, told: bool) -> tuple[Cell, ...]:
    """What is read of an object; `told`: its values were copied as text, bytes as `\\x` and hex."""
    cells, known = [], set()
    wrapped = {name.lower(): kind for name, kind in (live.decoded if live else {}).items()}
    for name, kind in columns:
        text = _text(quote(name), kind)
        if told and kind == "VARCHAR":
            text = _unhexed(quote(name))
        if text is None:
            continue
        known.add(name.lower())
        cells.append(Cell(name, text, whole=kind != "JSON" and not NESTED.fullmatch(kind)))
        if name.lower() in wrapped:
            form = wrapped[name.lower()]
            cells.append(Cell(name, f"{FUNCTION}({literal(form)}, {text})", lost=lost(form, text)))
    for expression in live.persons if live else ():
        if expression.strip().strip('"').lower() not in known:
            cells.append(Cell(expression, f"CAST(({expression}) AS VARCHAR)"))
    return tuple(cells)


def _text(column: str, kind: str) -> str | None:
    """A column as text; None for what holds none (numbers, days)."""
    if kind == "VARCHAR":
        return column
    if NESTED.fullmatch(kind):
        return f"CAST(to_json({column}) AS VARCHAR)"
    if kind == "BLOB":
        # What is no text may be a digest as it is: as long as one, it is read as hex.
        digest = f"CASE WHEN octet_length({column}) IN (16, 20, 32, 64) THEN hex({column}) END"
        return f"coalesce(TRY(decode({column})), {digest})"
    return f"CAST({column} AS VARCHAR)" if PLAIN.fullmatch(kind) else None


def _unhexed(column: str) -> str:
    """A text; of bytes told as hex, what they say where they are UTF-8."""
    said = f"coalesce(TRY(decode(unhex(substr({column}, 3)))), {column})"
    return f"CASE WHEN starts_with({column}, '\\x') THEN {said} ELSE {column} END"


def _columns(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, list[tuple[str, str]]]:
    """Object → (column, type), of every table and view of one source."""
    found: dict[str, list[tuple[str, str]]] = {}
    sql = (
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = ? "
        "AND database_name = current_database() ORDER BY table_name, column_index"
    )
    for table, column, kind in connection.execute(sql, [source]).fetchall():
        found.setdefault(str(table), []).append((str(column), str(kind)))
    return found


def _origin(connection: duckdb.DuckDBPyConnection, source: str, name: str, columns: list[str]) -> tuple[str, str]:
    """What an object is read from, under its own name; and the column that numbers its rows.

    A table has numbers of its own, which several threads read at once; the rows of a view are counted in its order.
    """
    taken = {column.lower() for column in columns}
    row = "ek_row"
    while row in taken:
        row += "_"
    sql = (
        "SELECT t.database_name, t.schema_name FROM duckdb_tables() AS t JOIN duckdb_databases() AS d "
        "ON d.database_name = t.database_name WHERE t.table_name = $name AND d.type = 'duckdb' AND "
        "((t.database_name = current_database() AND t.schema_name = $source) "
        "OR (t.database_name = concat($source, '__attached') AND t.schema_name = 'main')) ORDER BY ALL"
    )
    table = connection.execute(sql, {"name": name, "source": source}).fetchone()
    if table is not None and "rowid" not in taken:
        read = f"SELECT rowid AS {row}, * FROM {quote(table[0])}.{quote(table[1])}.{quote(name)}"
    else:
        read = f"SELECT row_number() OVER () AS {row}, * FROM {quote(source)}.{quote(name)}"
    return f"({read}) AS {quote(name.split('.')[-1])}", row


def _place(engagement: Engagement, source: str, name: str) -> Place | None:
    """What may stay in an object; the one table of a source may be named by the source alone."""
    found = engagement.places.get(f"{source}.{name}")
    return engagement.places.get(source) if found is None and name == source else found


def _left_out(place: Place | None) -> bool:
    return place is not None and place.not_searched is not None


def _register(ground: Ground) -> frozenset[tuple[str, str]] | None:
    """(source, object) of what the register names; None where nobody maps it."""
    relation = ground.relation("register_objects")
    if relation is None:
        return None
    rows = ground.connection.execute(f"SELECT DISTINCT source, object FROM main.{quote(relation.table)}").fetchall()
    return frozenset((str(source), str(name)) for source, name in rows)


def _missing(connection: duckdb.DuckDBPyConnection) -> frozenset[tuple[str, str]]:
    """(source, object) of what a source has and could not give."""
    unread.ready(connection)
    return frozenset((source, name) for source, name, _ in unread.listed(connection))
