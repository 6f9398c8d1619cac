"""A register held against a schema: what is declared, what is not, and what is declared and gone. Pure.

Source: docs/norm/controls, REG-01 A and REG-02 A; GDPR art. 30(1). Names are compared without case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evidence_kit.model.register import Activity, Register, Stored
from evidence_kit.rules.mentions import Names, mentions

#: Table → its columns, in the order of the schema.
Schema = Mapping[str, Sequence[str]]

#: Who declares a column: the activities, empty where only a dataset describes it; `whole`: only its table is named.
Declared = tuple[tuple[str, ...], bool]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the schema. `activities`: those that declare it, by its name or (`whole`) by its table's.

    `described`: a dataset of the register lists it. `new`: the earlier schema did not have it; None without one.
    """

    table: str
    column: str
    activities: tuple[str, ...]
    whole: bool
    described: bool
    new: bool | None

    @property
    def declared(self) -> bool:
        """Whether the register knows it."""
        return bool(self.activities) or self.described


@dataclass(frozen=True, slots=True)
class Gone:
    """What the register names and the schema does not have: a column, or a table (`column` None).

    `named`: of a table, the columns that the register names in it. `earlier`: the earlier schema had it.
    """

    table: str
    column: str | None
    activities: tuple[str, ...]
    named: tuple[str, ...]
    earlier: bool | None


@dataclass(frozen=True, slots=True)
class Drift:
    """Everything found. `dropped`: columns that only the earlier schema has; `unsettled` and `strange`: activity →
    words that may be names (see `mentions`)."""

    columns: tuple[Column, ...]
    gone: tuple[Gone, ...]
    dropped: tuple[tuple[str, str], ...]
    unsettled: Mapping[str, tuple[str, ...]]
    strange: Mapping[str, tuple[str, ...]]

    @property
    def undeclared(self) -> tuple[Column, ...]:
        """The columns that the register does not know."""
        return tuple(one for one in self.columns if not one.declared)

    @property
    def tables_undeclared(self) -> tuple[str, ...]:
        """The tables of which the register knows no column."""
        known = {one.table for one in self.columns if one.declared}
        return tuple(dict.fromkeys(one.table for one in self.columns if one.table not in known))


@dataclass(slots=True)
class _Told:
    """What the register says of one table: the activities that name it, and its columns."""

    whole: list[str] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    described: set[str] = field(default_factory=set)
    spelled: dict[str, str] = field(default_factory=dict)
    name: str = ""


def drift(
    register: Register,
    schema: Schema,
    earlier: Schema | None = None,
    sources: Iterable[str] = (),
    *,
    by_source: bool = False,
) -> Drift:
    """The register against `schema`. `earlier`: the schema as it was.

    `sources`: of the register's objects only these; without any, all. `by_source`: tables of the schema are called
    `source.table`. An entry that names no object is read as prose, where the register has prose.
    """
    told: dict[str, _Told] = {}
    unsettled: dict[str, tuple[str, ...]] = {}
    strange: dict[str, tuple[str, ...]] = {}
    names = Names.of(schema, earlier or {})
    short = {name: table.lower() for name, table in names.tables.items()}
    chosen = set(sources)
    for activity in register.activities:
        if activity.status != "active":
            continue
        for stored in activity.objects:
            if not chosen or stored.source in chosen:
                _declare(told, short, _table(stored, by_source), stored.columns, activity.activity_id)
        if register.prose and not activity.objects:
            read = mentions(_prose(activity), names)
            for one in sorted(read.mentions, key=lambda one: (one.table, one.column or "")):
                _declare(told, short, one.table, (one.column,) if one.column else (), activity.activity_id)
            if read.unsettled:
                unsettled[activity.activity_id] = tuple(sorted(read.unsettled))
            if read.strange:
                strange[activity.activity_id] = tuple(sorted(read.strange))
    for stored in register.described:
        if not chosen or stored.source in chosen:
            _declare(told, short, _table(stored, by_source), stored.columns, None)
    was = {(table.lower(), column.lower()) for table, columns in (earlier or {}).items() for column in columns}
    columns = tuple(_columns(told, schema, None if earlier is None else was))
    now = {(table.lower(), column.lower()) for table, listed in schema.items() for column in listed}
    dropped = tuple(
        (table, column)
        for table, listed in (earlier or {}).items()
        for column in listed
        if (table.lower(), column.lower()) not in now
    )
    return Drift(columns, tuple(_gone(told, schema, earlier)), dropped, unsettled, strange)


def _table(stored: Stored, by_source: bool) -> str:
    return f"{stored.source}.{stored.object}" if by_source else stored.object


def _prose(activity: Activity) -> list[str]:
    """The texts of an entry in which it may name what it stores, those of columns that nobody knows included."""
    cells = [value for column, value in activity.cells().items() if value and column not in ("activity_id", "status")]
    return [*cells, *(value for value in activity.kept.values() if isinstance(value, str))]


def _declare(
    told: dict[str, _Told], short: Mapping[str, str], table: str, columns: Sequence[str], activity: str | None
) -> None:
    one = told.setdefault(short.get(table.lower(), table.lower()), _Told())
    one.name = one.name or table
    for column in columns:
        one.spelled.setdefault(column.lower(), column)
        if activity is None:
            one.described.add(column.lower())
        else:
            _once(one.columns.setdefault(column.lower(), []), activity)
    if not columns and activity is not None:
        _once(one.whole, activity)
    if not columns and activity is None:
        one.described.add("*")


def _once(listed: list[str], one: str) -> None:
    if one not in listed:
        listed.append(one)


def _columns(told: Mapping[str, _Told], schema: Schema, was: set[tuple[str, str]] | None) -> Iterable[Column]:
    for table, listed in schema.items():
        said = told.get(table.lower(), _Told())
        for column in listed:
            # A nested field of a document is a path; its column is the first part.
            by_name = [
                each
                for path, each in said.columns.items()
                if path == column.lower() or path.startswith(f"{column.lower()}.")
            ]
            by = tuple(dict.fromkeys(one for each in by_name for one in each))
            described = bool({column.lower(), "*"} & said.described)
            new = None if was is None else (table.lower(), column.lower()) not in was
            yield Column(table, column, by or tuple(said.whole), not by and bool(said.whole), described, new)


def _gone(told: Mapping[str, _Told], schema: Schema, earlier: Schema | None) -> Iterable[Gone]:
    now = {table.lower(): {column.lower() for column in listed} for table, listed in schema.items()}
    before = {table.lower(): {column.lower() for column in listed} for table, listed in (earlier or {}).items()}
    for table, said in sorted(told.items()):
        by = tuple(dict.fromkeys([*said.whole, *(one for each in said.columns.values() for one in each)]))
        if table not in now:
            named = tuple(sorted(said.spelled.values()))
            yield Gone(said.name, None, by, named, None if earlier is None else table in before)
            continue
        for column, name in sorted(said.spelled.items()):
            if column.partition(".")[0] not in now[table]:
                had = None if earlier is None else column in before.get(table, ())
                yield Gone(said.name, name, tuple(said.columns.get(column, ())), (), had)
