"""The kit's own searches: where a person stands in the sources, found by address alone, one statement an object.

All persons of a frame are searched together: their addresses are one small table, and each live object that declares
`persons` is read once, where it lies. Names are no search keys. Source: docs/norm/controls.md, REQ-05 and REQ-06.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import duckdb

from evidence_kit.edges.filling import table_of
from evidence_kit.edges.identities import spellings
from evidence_kit.edges.matching import MACROS, day, local_day, moment
from evidence_kit.edges.opening import literal, quote, stand_in
from evidence_kit.edges.relations import KINDS, UNREADABLE, Relation
from evidence_kit.model.audit import Engagement, LiveObject, SourceMapping
from evidence_kit.model.evidence import FRAMES

#: What an object is called where nothing was found: no mapping can call one so.
NOWHERE = "(none)"
FAILED = "search-failed"
#: Answered requests that ask for one's data: what each row of the search is about.
ASKED = """\
CREATE OR REPLACE TEMP TABLE ek_asked AS
SELECT DISTINCT request_id, subject_key AS subject, {instant} AS answered_at, {day} AS answered_on
FROM main.{log}
WHERE right_invoked IN ('access', 'portability') AND capacity = 'controller' AND responded_at IS NOT NULL"""
#: Corrections asked for, with the address of who asked.
CHECKED = """\
CREATE OR REPLACE TEMP TABLE ek_asked AS
SELECT DISTINCT c.request_id, l.subject_key AS subject, c.field, c.expected_key
FROM main.{checks} AS c LEFT JOIN main.{log} AS l ON l.request_id = c.request_id"""
#: The rows of one object that name anybody asked about, each with the addresses in it, and whose rows they are. Names
#: are ours, so that a mapped expression never meets them.
MET = """\
WITH met AS MATERIALIZED (
  SELECT row_number() OVER () AS ek_place, [{addresses}] AS ek_addresses, {columns}
  FROM {object}
  WHERE {where}({named})
), of_person AS (
  SELECT DISTINCT s.subject, m.place AS ek_place
  FROM (SELECT ek_place AS place, unnest(ek_addresses) AS address FROM met) AS m
    JOIN temp.main.ek_spelled AS s ON s.address = m.address
)
"""
#: Rows and filled fields for each request. A row whose day is missing or unreadable makes the count unknown, not less.
STORED = """\
INSERT INTO temp.main.ek_found
{met}, judged AS (
  SELECT a.request_id, m.ek_held AS held, {there} AS there
  FROM temp.main.ek_asked AS a JOIN of_person AS p ON p.subject = a.subject JOIN met AS m ON m.ek_place = p.ek_place
), counted AS (
  SELECT request_id, count(*) FILTER (there) AS stored, {fields} AS fields, bool_or(there IS NULL) AS undated
  FROM judged GROUP BY request_id
)
SELECT a.request_id, {source}, {name},
  CASE WHEN n.subject IS NOT NULL AND NOT coalesce(c.undated, false) THEN coalesce(c.stored, 0) END,
  CASE WHEN n.subject IS NOT NULL AND NOT coalesce(c.undated, false) THEN {counted_fields} END,
  CASE WHEN c.undated THEN 'stored_rows=unreadable-date' END
FROM temp.main.ek_asked AS a LEFT JOIN counted AS c ON c.request_id = a.request_id
  LEFT JOIN (SELECT DISTINCT subject FROM temp.main.ek_spelled) AS n ON n.subject = a.subject"""
#: What stands there today; of several copies the first that is not the value asked for, so that a stale one shows.
OBSERVED = """\
INSERT INTO temp.main.ek_found
{met}, seen AS (
  SELECT a.request_id, a.field, a.expected_key, CASE a.field {values} END AS stored
  FROM temp.main.ek_asked AS a JOIN of_person AS p ON p.subject = a.subject JOIN met AS m ON m.ek_place = p.ek_place
  WHERE a.field IN ({words})
)
SELECT request_id, {source}, {name}, field, expected_key,
  coalesce(min(stored) FILTER (ek_value(stored) <> ek_value(expected_key)),
    min(stored) FILTER (ek_value(stored) IS NOT NULL)), NULL
FROM seen GROUP BY request_id, field, expected_key"""


class Searched(NamedTuple):
    """One live object that declares by which addresses a person is found in it."""

    source: SourceMapping
    live: LiveObject


def stored(connection: duckdb.DuckDBPyConnection, engagement: Engagement, items: Relation, log: Relation) -> Relation:
    """What the sources held on each person when the answer to their request left, beside what the answer gave.

    One row per request and object searched, also where nothing was found; then the lines of the answer about objects
    that nobody searches, with `stored_rows` null. It is null too for a request without an address, and, marked
    `search-failed` or `unreadable-date`, where an object does not answer or a row does not say since when it is there.
    """
    asked = ASKED.format(log=quote(log.table), **_answered(log.kinds["responded_at"]))
    found = (
        "(request_id VARCHAR, source VARCHAR, object VARCHAR, stored_rows BIGINT, stored_fields BIGINT, why VARCHAR)"
    )
    statements = [*_asked(connection, asked, found)]
    for one in _objects(engagement):
        failed = (
            f"INSERT INTO temp.main.ek_found SELECT request_id, {literal(one.source.name)}, {literal(one.live.name)}, "
            f"NULL, NULL, 'stored_rows={FAILED}' FROM temp.main.ek_asked"
        )
        statements.append(_search(connection, one, _stored(one, engagement.timezone), failed))
    joined = (
        f"SELECT {_first('request_id', 'source', 'object')}, f.stored_rows, i.disclosed_rows, f.stored_fields, "
        f"i.disclosed_fields, i.exempt_reason, {_unreadable('i')}\n"
        f"FROM temp.main.ek_found AS f FULL JOIN main.{quote(items.table)} AS i\n"
        "ON i.request_id = f.request_id AND i.source = f.source AND i.object = f.object"
    )
    return _replaced(connection, items, joined, statements)


def observed(
    connection: duckdb.DuckDBPyConnection, engagement: Engagement, checks: Relation, log: Relation
) -> Relation:
    """What stands today in each object where the person was found, for each field that they asked to have corrected.

    `observed_key` is still the value itself, null where the person's rows hold none. A correction that no object
    answers for has one row with the object `(none)`: nobody looked, or nobody was found.
    """
    asked = CHECKED.format(checks=quote(checks.table), log=quote(log.table))
    found = (
        "(request_id VARCHAR, source VARCHAR, object VARCHAR, field VARCHAR, expected_key VARCHAR, "
        "observed_key VARCHAR, why VARCHAR)"
    )
    statements = [*_asked(connection, asked, found)]
    for one in _objects(engagement):
        if one.live.fields:
            failed = (
                f"INSERT INTO temp.main.ek_found SELECT request_id, {literal(one.source.name)}, "
                f"{literal(one.live.name)}, field, expected_key, NULL, 'observed_key={FAILED}' "
                f"FROM temp.main.ek_asked WHERE field IN ({_words(one.live)})"
            )
            statements.append(_search(connection, one, _observed(one), failed))
    at, nowhere = engagement.as_of.isoformat(), literal(NOWHERE)
    joined = (
        f"SELECT c.request_id, coalesce(f.source, {nowhere}) AS source, coalesce(f.object, {nowhere}) AS object, "
        f"c.field, c.expected_key, f.observed_key, TIMESTAMPTZ {literal(at)} AS checked_at, "
        f"{_unreadable('c')}\nFROM main.{quote(checks.table)} AS c LEFT JOIN temp.main.ek_found AS f\n"
        "ON f.request_id = c.request_id AND f.field = c.field AND f.expected_key IS NOT DISTINCT FROM c.expected_key"
    )
    return _replaced(connection, checks, joined, statements)


def _objects(engagement: Engagement) -> Iterator[Searched]:
    for source in engagement.sources.values():
        yield from (Searched(source, live) for live in source.objects.values() if live.persons)


def _answered(kind: str) -> dict[str, str]:
    """The answer's instant, or its day where the log keeps no time of day."""
    if kind == "date":
        return {"instant": "CAST(NULL AS TIMESTAMPTZ)", "day": "responded_at"}
    return {"instant": "responded_at", "day": "CAST(NULL AS DATE)"}


def _asked(connection: duckdb.DuckDBPyConnection, asked: str, found: str) -> tuple[str, ...]:
    """Who is asked about, under every spelling of their address; the queries that made it, without any address."""
    for statement in (*MACROS, asked, f"CREATE OR REPLACE TEMP TABLE ek_found {found}"):
        connection.execute(statement)
    subjects = connection.execute("SELECT DISTINCT subject FROM temp.main.ek_asked WHERE subject IS NOT NULL")
    spelled = [(str(subject), one) for (subject,) in subjects.fetchall() for one in spellings(str(subject))]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ek_spelled AS SELECT DISTINCT subject, ek_address(spelled) AS address FROM "
        "(SELECT unnest(CAST($subjects AS VARCHAR[])) AS subject, unnest(CAST($spelled AS VARCHAR[])) AS spelled) "
        "WHERE ek_address(spelled) IS NOT NULL",
        {"subjects": [subject for subject, _ in spelled], "spelled": [one for _, one in spelled]},
    )
    return *MACROS, asked


def _search(connection: duckdb.DuckDBPyConnection, one: Searched, sql: str, failed: str) -> str:
    """Search one object; what does not answer is recorded as such, and the others are searched all the same."""
    stand_in(connection, one.source.name)
    try:
        connection.execute(sql)
    except duckdb.Error:
        connection.execute(failed)
        sql = f"-- {one.source.name}.{one.live.name} could not be searched"
    finally:
        connection.execute("SET schema = 'main'")
    return sql


def _met(one: Searched, columns: str) -> str:
    addresses = [f"ek_address({person})" for person in one.live.persons]
    return MET.format(
        addresses=", ".join(addresses),
        columns=columns,
        object=table_of(one.live.name),
        where=f"({one.live.where}) AND " if one.live.where else "",
        named=" OR ".join(f"{address} IN (SELECT address FROM temp.main.ek_spelled)" for address in addresses),
    ).rstrip()


def _stored(one: Searched, zone: str) -> str:
    live = one.live
    held = ", ".join(f"ek_value({column}) IS NOT NULL" for column in live.personal)
    dated = f"CAST(({live.dated}) AS VARCHAR)" if live.dated else "NULL"
    fields = " + ".join(
        f"CAST(coalesce(bool_or(held[{place}]) FILTER (there), false) AS INTEGER)"
        for place in range(1, len(live.personal) + 1)
    )
    return STORED.format(
        met=_met(one, f"CAST([{held}] AS BOOLEAN[]) AS ek_held, {dated} AS ek_dated"),
        there=_there(one.source.timezone, zone) if live.dated else "true",
        fields=fields or "NULL",
        # Fields that nobody declared were not counted: that is no zero.
        counted_fields="coalesce(c.fields, 0)" if live.personal else "NULL",
        source=literal(one.source.name),
        name=literal(live.name),
    )


def _there(written: str | None, zone: str) -> str:
    """Whether the row was there when the answer left: by instant where both sides keep one, else by local day."""
    on, at = day("m.ek_dated"), moment("m.ek_dated", written)
    return (
        f"coalesce({at} <= a.answered_at, coalesce({on}, {local_day(at, zone)}) "
        f"<= coalesce(a.answered_on, {local_day('a.answered_at', zone)}))"
    )


def _observed(one: Searched) -> str:
    columns = ", ".join(f"CAST(({sql}) AS VARCHAR)" for sql in one.live.fields.values())
    values = " ".join(f"WHEN {literal(word)} THEN m.ek_held[{place}]" for place, word in enumerate(one.live.fields, 1))
    return OBSERVED.format(
        met=_met(one, f"[{columns}] AS ek_held"),
        values=values,
        words=_words(one.live),
        source=literal(one.source.name),
        name=literal(one.live.name),
    )


def _words(live: LiveObject) -> str:
    return ", ".join(literal(word) for word in live.fields)


def _first(*names: str) -> str:
    return ", ".join(f"coalesce(f.{name}, i.{name}) AS {name}" for name in names)


def _unreadable(mapped: str) -> str:
    return f"nullif(concat_ws(',', f.why, {mapped}.{UNREADABLE}), '') AS {UNREADABLE}"


def _replaced(
    connection: duckdb.DuckDBPyConnection, mapped: Relation, joined: str, statements: Sequence[str]
) -> Relation:
    """The relation with its computed columns in place, in the order of the frame's declaration."""
    connection.execute(f"CREATE OR REPLACE TABLE main.{quote(mapped.table)} AS {joined}")
    sql = ";\n".join((mapped.sql.rstrip(), *statements, joined)) + "\n"
    return replace(mapped, kinds=_kinds(mapped), sql=sql)


def _kinds(mapped: Relation) -> Mapping[str, str]:
    every = {
        column.name: mapped.kinds.get(column.name, KINDS.get(column.kind, "instant"))
        for column in FRAMES[mapped.frame].columns
    }
    return {**every, UNREADABLE: "text"}
