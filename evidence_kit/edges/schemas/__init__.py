"""The living schema: every column that the sources show, counted, and classified for what it holds of a person.

Made once a session as the table `frame_schema_columns`, with what each unit of REG-01 says beside it; objects stand in
`ek_objects`, those of sources that nobody looks into as well, because an entry of the register may name them. Values
are looked at inside this process and nowhere else. Source: docs/norm/controls, REG-01; docs/register.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.filling import quote
from evidence_kit.edges.relations import KINDS, UNREADABLE, Relation
from evidence_kit.edges.schemas import catalogue, counting
from evidence_kit.edges.schemas.catalogue import NAMELESS, Column, Object
from evidence_kit.edges.schemas.counting import Counted
from evidence_kit.model.evidence import FRAMES
from evidence_kit.rules.classing import YES_OR_NO, Classed, Valued, classed
from evidence_kit.rules.naming import Named, named

FRAME = "schema_columns"
TABLE = f"frame_{FRAME}"
#: Every object of every source: `left_out` where nobody looks into its source.
OBJECTS = "ek_objects"
#: Why a column without a word of its own is not known: its object could not be read, its names neither.
NOT_READ, NOT_NAMED = "object-not-read", "columns-not-known"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}([ T].*)?")
DAYS, TRUTH = re.compile(r"date|timestamp.*|datetime.*", re.IGNORECASE), re.compile(r"bool(ean)?", re.IGNORECASE)
MADE = (
    f"CREATE OR REPLACE TABLE main.{TABLE} (source VARCHAR, object VARCHAR, column_name VARCHAR, data_type VARCHAR, "
    "personal_class VARCHAR, detected_by VARCHAR, row_count BIGINT, filled_count BIGINT, last_write_at TIMESTAMPTZ, "
    f"confidence BIGINT, reason VARCHAR, sampled_rows BIGINT, place BIGINT, {UNREADABLE} VARCHAR)"
)
MADE_OBJECTS = (
    f"CREATE OR REPLACE TABLE main.{OBJECTS} (source VARCHAR, object VARCHAR, left_out BOOLEAN, was_read BOOLEAN, "
    "row_count BIGINT, last_write_at TIMESTAMPTZ)"
)
MADE_NAMES = "CREATE OR REPLACE TABLE main.ek_names (source VARCHAR, object VARCHAR, column_name VARCHAR)"
#: Rows that go into the engine in one statement.
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Looked:
    """One object as it was found: its rows and cells (None: not read), its last write."""

    found: Object
    rows: int | None
    counted: Mapping[str, Counted]
    last_write_at: str | None


def look(ground: Ground) -> Relation:
    """Make `frame_schema_columns` and `ek_objects`. An object that cannot be read stands there without counts."""
    connection, engagement = ground.connection, ground.engagement
    out = catalogue.left_out(engagement)
    named_there = _register(ground)
    rows: list[tuple[object, ...]] = []
    objects: list[tuple[object, ...]] = []
    names: list[tuple[object, ...]] = []
    told = []
    for source, mapping in engagement.sources.items():
        skipped = source in out
        if skipped:
            told.append(f"-- {source}: left out, nobody looks into it")
        for one in catalogue.objects(connection, mapping):
            counted = not skipped or (source, one.name.lower()) in named_there
            looked = (
                _looked(ground, one, most=0 if skipped else engagement.parameters["value_sample_rows"])
                if counted
                else None
            )
            seen = looked or Looked(one, None, {}, None)
            objects.append((source, one.name, skipped, one.why is None, seen.rows, seen.last_write_at))
            names += [(source, one.name, column.name) for column in one.columns if column.name != NAMELESS]
            if not skipped:
                told.append(f"-- {source}.{one.name}: {len(one.columns)} columns")
                rows += _rows(ground, seen)
    for made in (MADE, MADE_OBJECTS, MADE_NAMES):
        connection.execute(made)
    _insert(connection, TABLE, rows)
    _insert(connection, OBJECTS, objects)
    _insert(connection, "ek_names", names)
    kinds = {column.name: KINDS.get(column.kind, "instant") for column in FRAMES[FRAME].columns}
    return Relation(FRAME, TABLE, {**kinds, UNREADABLE: "text"}, "\n".join(told) + "\n", tuple(engagement.sources))


def _register(ground: Ground) -> frozenset[tuple[str, str]]:
    """(source, object in lower case) of what the register names; nothing where nobody maps it."""
    relation = ground.relation("register_objects")
    if relation is None:
        return frozenset()
    found = ground.connection.execute(f"SELECT DISTINCT source, lower(object) FROM main.{quote(relation.table)}")
    return frozenset((str(source), str(name)) for source, name in found.fetchall())


def _looked(ground: Ground, one: Object, most: int) -> Looked:
    """Count one object and sample its columns; with `most` 0 its rows alone."""
    connection = ground.connection
    written = catalogue.last_write(connection, ground.engagement, one, ground.period)
    if one.why is not None:
        return Looked(one, None, {}, written)
    if most == 0:
        return Looked(one, counting.rows(connection, one), {}, written)
    try:
        rows, counted = counting.count(connection, one, most)
    except duckdb.Error:  # its own words may quote a value
        return Looked(Object(one.source, one.name, one.columns, "not-given"), None, {}, written)
    return Looked(one, rows, counted, written)


def _rows(ground: Ground, looked: Looked) -> Iterator[tuple[object, ...]]:
    one, engagement = looked.found, ground.engagement
    people = catalogue.declared(
        catalogue.live_object(engagement.sources[one.source], one.name), [column.name for column in one.columns]
    )
    human = {name.lower(): said for name, said in engagement.classes.items()}
    beside = frozenset(column.name for column in one.columns)
    for place, column in enumerate(one.columns):
        counted = looked.counted.get(column.name)
        said = human.get(f"{one.source}.{one.name}.{column.name}".lower())
        if column.name == NAMELESS:
            found = Classed("unknown", "name_rule", 0, (NOT_NAMED,))
        else:
            found = classify(
                column, one.name, beside, counted, engagement.organisation.country, declared=column.name in people,
                human=said,
            )  # fmt: skip
        reasons = found.reasons if one.why is None or column.name == NAMELESS else (*found.reasons, NOT_READ)
        yield (
            *(one.source, one.name, column.name, column.kind, found.personal_class, found.detected_by),
            *(looked.rows, None if counted is None else counted.filled, looked.last_write_at, found.confidence),
            ",".join(reasons) or None,
            None if counted is None or counted.values is None else len(counted.values),
            place,
            None if column.name != NAMELESS else f"column_name={NOT_NAMED}",
        )


def classify(
    column: Column,
    object_: str,
    beside: frozenset[str],
    counted: Counted | None,
    country: str,
    *,
    declared: bool = False,
    human: str | None = None,
) -> Classed:
    """The class of one column of an object. `country`: the organisation's; `counted` None: no value was looked at."""
    name = named(column.name, object_, beside)
    values = counted.values if counted else None
    return classed(name, _valued(column, name, values or (), country), declared=declared, human=human)


def _valued(column: Column, name: Named | None, values: Sequence[str], country: str) -> Valued | None:
    """What the type and the values say."""
    if TRUTH.fullmatch(column.kind):
        return Valued("none", 80, YES_OR_NO)
    days = DAYS.fullmatch(column.kind) or (values and all(DAY.fullmatch(value) for value in values))
    if days:
        return Valued("identifier", 90, "value-day") if name and name.reason == "name-birth" else None
    if not values:
        return None
    from evidence_kit.edges.schemas import values as forms  # here: its libraries take a moment

    return forms.valued(values, country)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    kinds = [kind for _, kind, *_ in connection.execute(f"DESCRIBE main.{quote(table)}").fetchall()]
    lists = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in kinds)
    for start in range(0, len(rows), BATCH):
        part = [list(column) for column in zip(*rows[start : start + BATCH], strict=True)]
        connection.execute(f"INSERT INTO main.{quote(table)} SELECT {lists}", part)
