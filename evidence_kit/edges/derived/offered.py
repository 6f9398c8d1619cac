"""What is derived from the fields that sendings can use: each field of each template, and what the senders read.

Source: docs/norm/controls, SND-01; GDPR art. 5(1)(c); docs/norm/frames.md, `field_units`; docs/sending.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import duckdb

from evidence_kit.edges import unread
from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.opening import quote
from evidence_kit.edges.relations import UNREADABLE
from evidence_kit.edges.traced import CHOSEN, columns_read
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import Reader, Sending
from evidence_kit.rules import naming

#: What a source calls an attached database beside the schema of its tables: views are found there.
ATTACHED = "%s__attached"
FIELDS = (
    "ek_fields (field VARCHAR, personal_class VARCHAR, stored BOOLEAN, filled BIGINT, read BOOLEAN, entry BOOLEAN, "
    "basis BOOLEAN)"
)
READ = "ek_read (template VARCHAR, field VARCHAR, used_in VARCHAR, seen BOOLEAN)"


class Seen(NamedTuple):
    """What one reader reads of the contact. `fields`: column → use; `sure`: whether what it reads is known whole."""

    reader: str
    fields: Mapping[str, str]
    sure: bool


def sources(ground: Ground) -> tuple[str, ...]:
    """The sources a unit can come from, each once."""
    mapped = ground.relation("send_fields")
    sending = ground.engagement.sending
    named = () if sending is None else (sending.contact, *(one.view or one.trace or "" for one in sending.readers))
    found = (*(() if mapped is None else mapped.sources), *(name.partition(".")[0] for name in named))
    return tuple(dict.fromkeys(found))


def field_units(ground: Ground) -> str:
    """Every field of every template; columns of a contact that a sender reads and no template names; the rest of them.

    Without templates and readers nothing is offered, and the control has nothing to test: SourceError.
    """
    sending, mapped = ground.engagement.sending, ground.relation("send_fields")
    if mapped is None and (sending is None or not sending.readers):
        raise SourceError(
            f"no source of {ground.engagement.id} maps the frame send_fields, and `sending: readers` names no view and "
            "no trace. Give one of them, or leave SND-01 out of scope."
        )
    stored = {} if sending is None else _stored(ground, sending)
    seen = [] if sending is None else [_seen(ground, sending, one, stored) for one in sending.readers]
    run = ground.connection.execute
    run(f"CREATE OR REPLACE TEMP TABLE {FIELDS}")
    run(f"CREATE OR REPLACE TEMP TABLE {READ}")
    offered = _offered(ground) if mapped is not None else ()
    for field in dict.fromkeys((*offered, *(name.lower() for name in stored))):
        run("INSERT INTO temp.main.ek_fields VALUES (?, ?, ?, ?, ?, ?, ?)", _said(ground, field, stored, seen))
    for row in _read_only(sending, stored, seen, frozenset(offered)):
        run("INSERT INTO temp.main.ek_read VALUES (?, ?, ?, ?)", row)
    # A matrix of fields in which a column that is read has no line has written no purpose for it.
    purpose = "CAST(NULL AS BOOLEAN)" if mapped is None else "CASE WHEN r.seen THEN false END"
    units = f"""SELECT concat_ws('/', r.template, r.field) AS unit_id, r.template AS template_id,
  CAST(NULL AS VARCHAR) AS account_key, 'marketing' AS message_type, r.field AS field_name, f.personal_class, r.used_in,
  {purpose} AS purpose_declared, CAST(NULL AS BOOLEAN) AS necessary, f.stored, f.filled AS filled_count, r.seen AS read,
  f.entry AS entry_declared, f.basis AS basis_declared,
  CASE WHEN r.used_in = 'unused' THEN 'used_in=unknown' END AS {UNREADABLE}
FROM temp.main.ek_read AS r JOIN temp.main.ek_fields AS f ON f.field = lower(r.field)"""
    if mapped is None:
        return units
    # One template of several clients is as many units; nobody's account is named but by its pseudonym.
    several = "count(*) OVER (PARTITION BY t.template_id, t.field_name, t.message_type) > 1"
    account = f"CASE WHEN {several} AND t.account_key IS NOT NULL THEN left(ek_key('account', t.account_key), 12) END"
    kind = "nullif(t.message_type, 'marketing')"
    return f"""SELECT concat_ws('/', t.template_id, t.field_name, {kind}, {account}) AS unit_id,
  t.template_id, t.account_key, t.message_type, t.field_name, coalesce(f.personal_class, 'unknown') AS personal_class,
  t.used_in, t.purpose_declared, t.necessary, f.stored, f.filled AS filled_count, f.read,
  f.entry AS entry_declared, f.basis AS basis_declared, {ground.doubts("send_fields", "t")} AS {UNREADABLE}
FROM main.frame_send_fields AS t LEFT JOIN temp.main.ek_fields AS f ON f.field = {_spelt("t.field_name")}
UNION ALL
{units}"""


def _spelt(field: str) -> str:
    return f"lower(trim({field}))"


def _offered(ground: Ground) -> tuple[str, ...]:
    sql = f"SELECT DISTINCT {_spelt('field_name')} FROM main.frame_send_fields WHERE field_name IS NOT NULL ORDER BY 1"
    return tuple(str(name) for (name,) in ground.connection.execute(sql).fetchall())


def _stored(ground: Ground, sending: Sending) -> Mapping[str, int]:
    """Columns of the contact, with the number of rows that fill each."""
    source, _, name = sending.contact.partition(".")
    origin = _origin(ground, sending.contact, sending.line)
    columns = _columns(ground.connection, origin)
    counts = ", ".join(f"count({quote(column)})" for column in columns)
    try:
        row = ground.connection.execute(f"SELECT {counts} FROM {origin}").fetchone()
    except duckdb.Error as error:
        raise SourceError(
            f"{ground.engagement.file}, line {sending.line}: {source}.{name} cannot be counted. Look at the source."
        ) from error
    return dict(zip(columns, (int(count) for count in row or ()), strict=True))


def _seen(ground: Ground, sending: Sending, reader: Reader, stored: Mapping[str, int]) -> Seen:
    if reader.view is not None:
        own = {column.lower() for column in _columns(ground.connection, _origin(ground, reader.view, reader.line))}
        return Seen(f"view {reader.view}", {name: "merge" for name in stored if name.lower() in own}, sure=True)
    trace = reader.trace or ""
    origin = _origin(ground, trace, reader.line)
    calls = "CAST(NULL AS VARCHAR)" if reader.calls is None else f"CAST({quote(reader.calls)} AS VARCHAR)"
    query = f"CAST({quote(reader.query)} AS VARCHAR)"
    sql = f"SELECT {query} AS query, sum(TRY_CAST({calls} AS BIGINT)) FROM {origin} GROUP BY 1 ORDER BY 1"
    try:
        statements = ground.connection.execute(sql).fetchall()
    except duckdb.Error as error:
        raise SourceError(
            f"{ground.engagement.file}, line {reader.line}: {trace} has no column {reader.query} or {reader.calls}. "
            "Name the columns of the statements and of their calls, or `calls: null`."
        ) from error
    return _traced(ground, sending, trace, statements, stored)


def _traced(
    ground: Ground,
    sending: Sending,
    trace: str,
    statements: Sequence[tuple[str | None, int | None]],
    stored: Mapping[str, int],
) -> Seen:
    """What the statements read of the contact. Those that nobody can read are counted, and make the rest unsure."""
    name = sending.contact.partition(".")[2]
    fields: dict[str, str] = {}
    dim, calls, stars = 0, 0, 0
    for text, called in statements:
        found = columns_read(text, name, tuple(stored))
        if not found.parsed:
            dim, calls = dim + 1, calls + int(called or 0)
        stars += found.whole
        for column, place in found.read.items():
            use = "segment" if place == CHOSEN else "merge"
            fields[column] = use if fields.get(column) != "merge" else "merge"
    source, _, table = trace.partition(".")
    said = [
        (table, "statements-unparsed", dim),
        (table, "calls-of-unparsed-statements", calls),
        (table, "statements-that-read-every-column", stars),
    ]
    unread.doubtful(ground.connection, source, (one for one in said if one[2]))
    return Seen(f"trace {trace}", fields, sure=False)


def _read_only(
    sending: Sending | None, stored: Mapping[str, int], seen: Sequence[Seen], offered: frozenset[str]
) -> Iterator[tuple[object, ...]]:
    """Columns that a sender reads and no template names; and those of a contact that neither offers nor reads.

    That a trace does not show a column is no proof that nobody reads it, nor is a column unused because one view leaves
    it out: such a unit says `unused`, and that this is not known.
    """
    if sending is None or not seen:
        return
    for one in seen:
        yield from ((one.reader, name, use, True) for name, use in one.fields.items() if name.lower() not in offered)
    read = {name for one in seen for name in one.fields}
    left = [name for name in stored if name not in read and name.lower() not in offered]
    sure = all(one.sure for one in seen)
    yield from ((sending.contact, name, "unused", False if sure else None) for name in left)


def _said(ground: Ground, field: str, stored: Mapping[str, int], seen: Sequence[Seen]) -> list[object]:
    """One row of `ek_fields`."""
    sending = ground.engagement.sending
    own = next((name for name in stored if name.lower() == field), None)
    read = None
    if seen and own is not None:
        read = any(own in one.fields for one in seen) or (False if all(one.sure for one in seen) else None)
    kind = _class_of(ground, field, own, tuple(stored))
    entry, basis = (None, None) if own is None or sending is None else _covered(ground, sending.contact, own)
    there = None if sending is None else own is not None
    return [field, kind, there, None if own is None else stored[own], read, entry, basis]


def _class_of(ground: Ground, field: str, own: str | None, beside: tuple[str, ...]) -> str:
    """What a person said of the column, what the living schema was found to hold, else what the name says.

    A field of a template that no column stores and whose name says nothing of a person is text of the template.
    """
    sending = ground.engagement.sending
    contact = "contacts" if sending is None else sending.contact.partition(".")[2]
    if own is not None and sending is not None:
        stated = ground.engagement.classes.get(f"{sending.contact}.{own}") or _observed(ground, sending.contact, own)
        if stated is not None:
            return stated
    said = naming.named(own or field, contact, beside)
    return "none" if said is None else said.personal_class


def _observed(ground: Ground, contact: str, column: str) -> str | None:
    """The class that the living schema gave the column, where this audit looks at the schema anyway."""
    if not any(need.frame == "schema_columns" for control in ground.engagement.controls for need in control.needs):
        return None
    relation = ground.relation("schema_columns")
    if relation is None:
        return None
    source, _, name = contact.partition(".")
    row = ground.connection.execute(
        f"SELECT min(personal_class) FROM main.{quote(relation.table)} "
        "WHERE source = ? AND object = ? AND column_name = ?",
        [source, name, column],
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def _covered(ground: Ground, contact: str, column: str) -> tuple[bool | None, bool | None]:
    """Whether an entry of the register names this very column, and states a basis; None where nobody keeps one."""
    if ground.relation("register_objects") is None:
        return None, None
    source, _, name = contact.partition(".")
    found = ground.connection.execute(
        "SELECT DISTINCT activity_id FROM main.frame_register_objects WHERE source = ? AND object = ? "
        "AND lower(column_name) = lower(?)",
        [source, name, column],
    ).fetchall()
    entries = [str(one) for (one,) in found]
    if ground.relation("register_activities") is None or not entries:
        return bool(entries), None if ground.relation("register_activities") is None else False
    row = ground.connection.execute(
        "SELECT count(*) FROM main.frame_register_activities WHERE status = 'active' "
        "AND coalesce(trim(legal_basis), '') <> '' AND activity_id IN (SELECT unnest(CAST(? AS VARCHAR[])))",
        [entries],
    ).fetchone()
    return True, bool(row and row[0])


def _origin(ground: Ground, place: str, line: int) -> str:
    """The table or view of that name. Raises SourceError naming the line that asks for it."""
    source, _, name = place.partition(".")
    # A table that a mapping lists with its schema is called by its own name; a view of an attached base is not shown.
    own = name.rpartition(".")[2]
    schemas = (quote(source), f"{quote(ATTACHED % source)}.main")
    for origin in (f"{schema}.{quote(called)}" for schema in schemas for called in dict.fromkeys((name, own))):
        try:
            ground.connection.execute(f"DESCRIBE SELECT * FROM {origin}")
        except duckdb.Error:
            continue
        return origin
    raise SourceError(
        f"{ground.engagement.file}, line {line}: source {source} has no table and no view {name}. Compare it with the "
        "source, or list it among the mapping's tables."
    )


def _columns(connection: duckdb.DuckDBPyConnection, origin: str) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in connection.execute(f"DESCRIBE SELECT * FROM {origin}").fetchall())
