"""Is somebody who was erased still there? One look into every object for all of them together: `erasure_probes`.

`keys` says who is searched and how they are written, `objects` where, `statement` the SQL of one look; the state of
each erasure in each object is `rules.traces`'. Rows stay in the engine: counts, days and words come out of it.
Source: docs/norm/controls, ERA-01 and ERA-03; docs/searches.md, "Erased people".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from evidence_kit.edges import unwrapping
from evidence_kit.edges.derived import Ground
from evidence_kit.edges.opening import literal, quote
from evidence_kit.edges.probing import statement as sql
from evidence_kit.edges.probing.keys import NOBODY, Asked, ask
from evidence_kit.edges.probing.objects import Searched, objects
from evidence_kit.edges.relations import KINDS, UNREADABLE, Relation
from evidence_kit.model.evidence import FRAMES
from evidence_kit.rules.traces import Stated, Traces, state

FRAME = "erasure_probes"
TABLE = f"frame_{FRAME}"
#: Rows that go through Python at once.
BATCH = 10_000
#: Earlier searches of the organisation's own that saw nobody, after the erasure; and restores into production.
BEFORE = """\
CREATE OR REPLACE TEMP TABLE ek_before AS
SELECT p.place, c.subject, max(e.probed_at) AS at, {restored} AS restored
FROM ({earlier}) AS e JOIN temp.main.ek_cases AS c ON c.case_id = e.case_id
  JOIN temp.main.ek_places AS p ON p.source = e.source AND p.name = e.object
WHERE e.matched_rows = 0 AND e.probed_at > c.executed_at GROUP BY p.place, c.subject"""
PLACES = """\
CREATE OR REPLACE TEMP TABLE ek_places (place INTEGER, source VARCHAR, name VARCHAR, declared BOOLEAN, planned BOOLEAN,
  reachable BOOLEAN, positive_control BOOLEAN, purge_days INTEGER, replay BOOLEAN, suppression BOOLEAN,
  exception BOOLEAN)"""
STATED = """\
CREATE OR REPLACE TEMP TABLE ek_stated (place INTEGER, subject INTEGER, state VARCHAR, suppression_form VARCHAR,
  mask VARCHAR, deleted_on DATE, exception_within BOOLEAN, return_cause VARCHAR, return_evidence BOOLEAN,
  matched_in VARCHAR)"""
JUDGING = """\
SELECT s.place, s.subject, s.clear, s.bare, s.given, s.columns, s.soft_deleted, s.soft_deleted_on, s.younger, s.causes,
  s.proved, s.started_on, b.at IS NOT NULL, coalesce(b.restored, false)
FROM temp.main.ek_seen AS s LEFT JOIN temp.main.ek_before AS b ON b.place = s.place AND b.subject = s.subject
WHERE s.subject > {nobody} ORDER BY s.place, s.subject"""
#: Every case in every object of the plan, and beside the plan where somebody stood.
MADE = """\
CREATE OR REPLACE TABLE main.{table} AS
SELECT c.case_id, concat(c.case_id, '/', p.source, '.', p.name) AS probe_id, c.subject_key, 'erased' AS probe_kind,
  p.source, p.name AS object, p.declared AS object_declared,
  CASE s.route WHEN 2 THEN 'free_text' WHEN 3 THEN 'digest' ELSE 'identifier' END AS match_route,
  CASE WHEN NOT p.reachable THEN 'unreachable' ELSE coalesce(t.state, 'absent') END AS state, p.positive_control,
  CASE WHEN p.reachable THEN coalesce(s.matched_rows, 0) END AS matched_rows, s.earliest_row_at, s.latest_row_at,
  b.at AS previously_absent_at, c.due_on, c.declared_done, t.deleted_on, p.purge_days,
  p.suppression AS suppression_declared, t.suppression_form, t.mask, p.exception AS exception_declared,
  t.exception_within, t.return_cause, t.return_evidence, p.replay AS replay_declared,
  TIMESTAMPTZ {at} AS probed_at, t.matched_in, CAST(NULL AS VARCHAR) AS {unreadable}
FROM temp.main.ek_cases AS c CROSS JOIN temp.main.ek_places AS p
  LEFT JOIN temp.main.ek_seen AS s ON s.subject = c.subject AND s.place = p.place AND p.reachable
  LEFT JOIN temp.main.ek_stated AS t ON t.subject = s.subject AND t.place = s.place
  LEFT JOIN temp.main.ek_before AS b ON b.subject = c.subject AND b.place = p.place
WHERE p.planned OR s.subject IS NOT NULL ORDER BY c.subject, p.place"""


def probe(ground: Ground, key: Callable[[str], bytes]) -> Relation:
    """Make `frame_erasure_probes`. `key`: the vault's, for the digests that the engagement declares.

    An object that does not answer is `unreachable` for every case, and the others are searched all the same. Raises
    SourceError without a log of erasures; ParameterError when a declared key is not there.
    """
    run, zone = ground.connection.execute, ground.engagement.timezone
    asked = ask(ground, key)
    every = objects(ground)
    unwrapping.register(ground.connection)
    for made in (*sql.MACROS, sql.SEEN, PLACES, STATED):
        run(made)
    told = [*asked.sql, *sql.MACROS, sql.SEEN]
    places = []
    for one in every:
        answered, text = _look(ground.connection, one, asked, zone)
        told.append(text)
        places.append(_stated_place(ground.connection, one, asked, answered=answered))
    _insert(ground.connection, "ek_places", places)
    before = _before(ground)
    run(before)
    _judge(ground, every)
    final = MADE.format(
        table=quote(TABLE), at=literal(ground.engagement.as_of.isoformat()), unreadable=quote(UNREADABLE)
    )
    run(final)
    kinds = {column.name: KINDS.get(column.kind, "instant") for column in FRAMES[FRAME].columns}
    sources = tuple(dict.fromkeys(one.source for one in every)) or ground.needed("erasure_log").sources
    return Relation(FRAME, TABLE, {**kinds, UNREADABLE: "text"}, ";\n".join((*told, before, final)) + "\n", sources)


def _look(connection: duckdb.DuckDBPyConnection, one: Searched, asked: Asked, zone: str) -> tuple[bool, str]:
    """Search one object: whether it answered, and the text of the query."""
    where = f"{one.source}.{one.name}"
    if not one.reachable:
        return False, f"-- {where} could not be searched"
    if not one.cells:
        return True, f"-- {where} holds no text"
    text = sql.statement(one, asked, zone)
    try:
        connection.execute(f"SET schema = {literal(one.source)}")
        connection.execute(text)
    except duckdb.Error:
        return False, f"-- {where} could not be searched"
    finally:
        connection.execute("SET schema = 'main'")
    return True, f"-- {where}\n{text}"


def _stated_place(
    connection: duckdb.DuckDBPyConnection, one: Searched, asked: Asked, *, answered: bool
) -> tuple[object, ...]:
    """One row of `ek_places`: whether the search was shown to see, and what the engagement says of the object."""
    found = connection.execute(
        f"SELECT subject FROM temp.main.ek_seen WHERE place = ? AND subject <= {NOBODY}", [one.number]
    )
    seen = {int(subject) for (subject,) in found.fetchall()}
    canary = asked.canaries.get(one.place.canary) if one.place and one.place.canary else None
    control = None if canary is None or not answered else canary in seen
    if NOBODY in seen or (answered and _lost(connection, one)):
        # A search that finds anything proves nothing; nor does one before which something stayed wrapped.
        control = False
    planned = one.planned or not answered
    if not planned and one.cells:
        planned, answered = _holds(connection, one)
    place = one.place
    return (
        *(one.number, one.source, one.name, one.declared, planned, answered, control),
        None if place is None else place.purge_days,
        None if place is None else place.replay,
        place is not None and place.suppression is not None,
        place is not None and place.exception is not None,
    )


def _lost(connection: duckdb.DuckDBPyConnection, one: Searched) -> bool:
    """Whether a cell that a mapping calls wrapped could not be unwrapped: nobody looked into it."""
    counts = [cell.lost for cell in one.cells if cell.lost is not None]
    if not counts:
        return False
    found = connection.execute(f"SELECT {' + '.join(counts)} FROM {one.origin}").fetchone()
    return found is not None and found[0] > 0


def _holds(connection: duckdb.DuckDBPyConnection, one: Searched) -> tuple[bool, bool]:
    """Whether an object that nobody named holds addresses, or matched a digest or a number; and whether it answered."""
    matched = connection.execute(
        "SELECT 1 FROM temp.main.ek_seen WHERE place = ? AND (route = 3 OR clear) LIMIT 1", [one.number]
    ).fetchone()
    if matched is not None:
        return True, True
    try:
        row = connection.execute(sql.seen_to_hold(one)).fetchone()
    except duckdb.Error:
        return True, False
    return bool(row and row[0]), True


def _before(ground: Ground) -> str:
    """The statement of `ek_before`. A search known by its day alone was made when that day began."""
    zone = literal(ground.engagement.timezone)

    def instants(frame: str, name: str) -> str | None:
        relation = ground.relation(frame)
        if relation is None or name not in relation.kinds:
            return None
        return f"timezone({zone}, CAST({name} AS TIMESTAMP))" if relation.kinds[name] == "date" else name

    probed, restored = instants("earlier_probes", "probed_at"), instants("restores", "restored_at")
    earlier = (
        "SELECT NULL AS case_id, NULL AS source, NULL AS object, 1 AS matched_rows, "
        "CAST(NULL AS TIMESTAMPTZ) AS probed_at WHERE false"
        if probed is None
        else f"SELECT case_id, source, object, matched_rows, {probed} AS probed_at FROM main.frame_earlier_probes"
    )
    latest = f"(SELECT max({restored}) FROM main.frame_restores WHERE target = 'production')"
    # The latest restore of all came after that search, or none did.
    known = "false" if restored is None else f"coalesce({latest} > max(e.probed_at), false)"
    return BEFORE.format(earlier=earlier, restored=known)


def _judge(ground: Ground, every: Sequence[Searched]) -> None:
    """The state of every case in every object where it was found, row by row of what the engine counted."""
    engagement = ground.engagement
    as_of = engagement.as_of.astimezone(ZoneInfo(engagement.timezone)).date()
    by_number = {one.number: one for one in every}
    found = ground.connection.execute(JUDGING.format(nobody=NOBODY)).fetchall()
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        _insert(ground.connection, "ek_stated", _stated(batch, by_number, as_of))


def _stated(
    rows: Iterable[tuple[Any, ...]], by_number: dict[int, Searched], as_of: date
) -> Iterator[tuple[object, ...]]:
    for (
        place,
        subject,
        clear,
        bare,
        given,
        columns,
        soft,
        soft_on,
        younger,
        causes,
        proved,
        started,
        at,
        restored,
    ) in rows:
        one = by_number[place]
        traces = Traces(
            clear=clear,
            bare=bare,
            unknown=given,
            soft_deleted=soft,
            soft_deleted_on=soft_on,
            younger=younger,
            causes=frozenset(causes),
            proved=proved,
            absent_once=at,
            restored_since=restored,
            started_on=started,
        )
        said: Stated = state(traces, one.place, as_of)
        names = sorted({one.cells[number - 1].name for number in columns})
        yield (
            *(place, subject, said.state, said.suppression_form, said.mask, said.deleted_on, said.exception_within),
            *(said.return_cause, said.return_evidence, ", ".join(names)),
        )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Append rows to a temporary table, in its order of columns, as one statement."""
    listed = list(rows)
    if listed:
        described = connection.execute(f"DESCRIBE temp.main.{table}").fetchall()
        lists = ", ".join(f"unnest(CAST(? AS {kind}[]))" for _, kind, *_ in described)
        columns = [list(column) for column in zip(*listed, strict=True)]
        connection.execute(f"INSERT INTO temp.main.{table} SELECT {lists}", columns)
