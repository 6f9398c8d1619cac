"""All sources of one engagement behind one seam: mapped frames, live objects, populations, samples' rows.

The rows stay in the engine; what comes out is a digest, or the rows of drawn units with their identifiers already
turned into pseudonyms. Source: docs/norm/frames.md, docs/norm/sampling.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb

from evidence_kit.edges import declared, documents, tallies, unread
from evidence_kit.edges.engines.duckdb import DuckDB
from evidence_kit.edges.evidence_rows import Writing, as_text, catalogue, plain_kind
from evidence_kit.edges.first_look import first_look
from evidence_kit.edges.frames import BUILT, Frames
from evidence_kit.edges.opening import attach, literal, quote, show_views, still_read
from evidence_kit.edges.pseudonyms import Pseudonyms
from evidence_kit.edges.relations import UNREADABLE, Relation, bindings, bound
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import NOT_YET_DUE, Control, Engagement, Need
from evidence_kit.model.canonical import digest
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.sample import Drawn, Kept, Population, Row
from evidence_kit.ports import Collected, Fetched, Vault

if TYPE_CHECKING:
    from evidence_kit.edges.servers.addresses import Address


#: Characters of a value that the leak scan looks for only where it is a whole cell.
SHORT = 5
#: Frames compared inside the engine alone, a message or a stop a row: what of them can leave is in the derived frame.
COMPARED = {"send_messages": "send_exceptions", "send_stops": "send_exceptions"}


class SqlSource:
    """The sources of one engagement, opened read-only in one DuckDB session of the collector."""

    def __init__(
        self,
        engagement: Engagement,
        paths: Mapping[str, Path],
        folder: Path,
        vault: Vault,
        addresses: Mapping[str, Address] = MappingProxyType({}),
    ) -> None:
        """`paths` and `addresses`: where each source lies, in a file or in a server."""
        self._engagement, self._vault = engagement, vault
        self._engine = DuckDB(folder)
        self._connection = self._engine.connection
        unread.ready(self._connection)
        request_from = engagement.parameters["triage_score"]
        for name, mapping in engagement.sources.items():
            if mapping.served:
                from evidence_kit.edges.servers import copying  # SQLAlchemy: only for those who read a server

                copying.copy(self._connection, mapping, addresses[name])
            else:
                attach(self._connection, mapping, paths[name], request_from)
        # From here on no statement, mapped expressions included, can open another file or extension.
        kept = [file for name, path in paths.items() for file in still_read(engagement.sources[name], path)]
        self._connection.execute(f"SET allowed_paths = [{', '.join(literal(str(file)) for file in kept)}]")
        self._connection.execute(f"SET allowed_directories = [{literal(str(folder))}]")
        self._connection.execute("SET enable_external_access = false")
        for mapping in engagement.sources.values():
            show_views(self._connection, mapping)
        # A list that mixes requests and messages names the messages by their pseudonyms, inside the engine already.
        self._connection.create_function("ek_key", vault.pseudonym, ["VARCHAR", "VARCHAR"], "VARCHAR")
        self._documents = documents.ready(self._connection, engagement.sources.values(), paths)
        self._frames = Frames(self._connection, engagement, vault.key)
        self._tallied: dict[tuple[str, str], tallies.Tally] = {}
        self._asides: dict[str, frozenset[str]] = {}

    def population_sql(self, control: Control) -> str:
        """The text of the population's query, as it ran; the set-aside units are bound, not written."""
        for need in control.needs:
            if self._frames.held(need.frame):
                self._frames.ready(need.frame)  # a condition may look into any frame the control reads
        relation = self._frames.relation(control.frame)
        return relation.sql + "-- population\n" + self._population(control, relation) + "\n"

    def accounts(self) -> tuple[tuple[str, int], ...]:
        """What became of every row of the log; () where no source maps one."""
        if not self._frames.given("request_log"):
            return ()
        self._frames.relation("request_log")
        self._frames.ready("mailbox_messages")
        complete = any(control.family == "completeness" for control in self._engagement.controls)
        return first_look(self._frames.ground, complete=complete)

    def open_units(self, control: Control) -> tuple[str, ...]:
        """Units whose event has not happened yet; () for a control that sets nothing aside."""
        if control.set_aside is None:
            return ()
        relation = self._frames.relation(control.frame)
        where = f"({control.where}) AND ({control.set_aside})"
        sql = bound(
            f"SELECT {quote(control.unit)} FROM {quote(relation.table)} WHERE {where} "
            f"AND {quote(control.unit)} IS NOT NULL ORDER BY 1"
        )
        return tuple(str(unit) for (unit,) in self._run(sql, relation))

    def freeze(self, control: Control, aside: frozenset[str]) -> tuple[Population, tuple[Kept, ...]]:
        """Digest every unit of the control's population where it lives; the list of leaves comes back for the vault."""
        relation = self._frames.relation(control.frame)
        self._asides[control.id] = aside
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE ek_aside AS SELECT unnest($units::VARCHAR[]) AS unit",
            {"units": sorted(aside)},
        )
        sql = self._population(control, relation)
        name = f"{control.id}.{control.population}"
        table = f"ek_population_{control.id.replace('-', '_')}"
        self._run(f"CREATE OR REPLACE TABLE {quote(table)} AS {sql}", relation)
        blind = self._vault.blind(self._engagement.id, name)
        columns = self._columns(control, relation)
        frozen = self._engine.freeze(table, columns, control.unit, "stratum", blind)
        population = Population(
            control.id,
            name,
            control.unit,
            columns,
            "stratum",
            frozen.count,
            frozen.strata,
            frozen.root,
            digest(f"ek1:salt:{blind}"),
            digest(self.population_sql(control)),
            note=self._frames.notes.get(control.frame),
        )
        return population, tuple(self._engine.kept(table))

    def rows(self, control: Control) -> tuple[tuple[str, str], ...]:
        """(unit, canonical row) of the population as it was frozen in this session, raw values: for the vault alone."""
        columns = self._columns(control, self._frames.relation(control.frame))
        return tuple(self._engine.rows(f"ek_population_{control.id.replace('-', '_')}", columns, control.unit))

    def fetch(self, control: Control, units: Sequence[str], leaves: Mapping[str, str]) -> Fetched:
        """The rows of `units` in every frame the control needs, in that order, and the units that changed since."""
        frames = tuple(self._frame(control, need, units) for need in control.needs if self._frames.held(need.frame))
        return Fetched(frames, self._changed(control, leaves) if leaves else ())

    def query(self, frame: str) -> str:
        """The text of the statements that make a frame."""
        return self._frames.relation(frame).sql

    def given(self, frame: str) -> bool:
        """Whether a source maps the frame."""
        return self._frames.given(frame)

    def plain(self, frame: str, columns: Sequence[str], order: str) -> tuple[Row, ...]:
        """Every row of a frame, in the columns given, none of which names anybody; no row where nobody maps it.

        Days and instants as in evidence frames. Raises ValueError for a column that stands for a person.
        """
        if any(name != UNREADABLE and FRAMES[frame].column(name).privacy != "none" for name in columns):
            raise ValueError("a column that stands for a person leaves the source as a pseudonym only")
        if not self._frames.held(frame):
            return ()
        relation = self._frames.relation(frame)
        told = [as_text(relation.kinds[name], quote(name)) if name in relation.kinds else "NULL" for name in columns]
        sql = f"SELECT {', '.join(told)} FROM {quote(relation.table)} ORDER BY {quote(order)}"
        return tuple(dict(zip(columns, row, strict=True)) for row in self._connection.execute(sql).fetchall())

    def draw(
        self,
        kept: Sequence[Kept],
        sizes: Mapping[str, int],
        commitment_sha256: str,
        nonce: str,
        round_: int,
        before: Sequence[str],
    ) -> tuple[Drawn, ...]:
        """The smallest tickets of a kept list, per stratum; the list is in memory only as long as this takes."""
        return self._engine.draw_from(kept, sizes, commitment_sha256, nonce, round_, before)

    def unreachable(self) -> tuple[unread.Unreachable, ...]:
        """(source, object, why) of everything that could not be read; object `*` where the source hides even names."""
        return unread.listed(self._connection)

    def doubts(self) -> tuple[tuple[str, str, str, int], ...]:
        """(source, object, code, number) of what was left out or guessed on the way: binary files, odd characters."""
        read = [(name, *doubt) for name in self._engagement.sources for doubt in unread.doubts(self._connection, name)]
        absent = self._documents.absent.items()
        return (*read, *((name, "documents", "files-not-found", len(files)) for name, files in sorted(absent)))

    def close(self) -> None:
        """End the session; its temporary database goes with it."""
        self._engine.close()

    def _columns(self, control: Control, relation: Relation) -> tuple[tuple[str, str], ...]:
        """What the leaves bind: the needed columns of the main frame, what was unreadable, and the derived stratum."""
        need = next(need for need in control.needs if need.frame == control.frame)
        mapped = [name for name in need.columns if name in relation.kinds]
        derived = [("not_yet_due", "boolean"), ("stratum", "text")]
        return (*((name, relation.kinds[name]) for name in mapped), (UNREADABLE, "text"), *derived)

    def _population(self, control: Control, relation: Relation) -> str:
        names = [name for name, _ in self._columns(control, relation)][:-2]
        unit = quote(control.unit)
        due = f"({unit} IN (SELECT unit FROM ek_aside))"
        stratum = bound(control.stratum_by) if control.stratum_by else "'all'"
        return bound(
            f"SELECT {', '.join(map(quote, names))},\n  {due} AS not_yet_due,\n"
            f"  CASE WHEN {due} THEN {literal(NOT_YET_DUE)} ELSE CAST(({stratum}) AS VARCHAR) END AS stratum\n"
            f"FROM {quote(relation.table)}\nWHERE {control.where}"
        )

    def _changed(self, control: Control, leaves: Mapping[str, str]) -> tuple[str, ...]:
        """Drawn units whose leaf is no longer the committed one. Only noted: the test looks at what is there now."""
        try:
            # What was set aside was never drawn: a later process, which set nothing aside, finds the same leaves.
            _, kept = self.freeze(control, self._asides.get(control.id, frozenset()))
        except SourceError:
            return tuple(leaves)  # the population would be refused today: nothing of it is as it was
        today = {one.unit: one.leaf for one in kept}
        return tuple(unit for unit, leaf in leaves.items() if today.get(unit) != leaf)

    def _frame(self, control: Control, need: Need, units: Sequence[str]) -> Collected:
        if need.frame in BUILT:
            return self._built(need, units)
        relation = self._frames.relation(need.frame)
        names = [name for name in need.columns if name in relation.kinds]
        key = names[0]
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE ek_units AS SELECT unnest(range(len($units))) AS place, "
            "unnest($units::VARCHAR[]) AS unit",
            {"units": list(units)},
        )
        texts = [f"{as_text(relation.kinds[name], 'f.' + quote(name))} AS {quote(name)}" for name in names]
        order = ", ".join(str(place) for place in range(1, len(names) + 2))
        sql = (
            f"SELECT {', '.join(texts)}, f.{UNREADABLE}\nFROM {quote(relation.table)} AS f JOIN ek_units AS u "
            f"ON u.unit = {_tied(need.frame, key)}\nORDER BY u.place, {order}"
        )
        rows = self._connection.execute(sql).fetchall()
        kinds = [(name, relation.kinds[name]) for name in names]
        pseudonyms = Pseudonyms(self._vault)
        writing = Writing(self._engagement, pseudonyms, self._unknown(need.frame))
        made = tuple(writing.row(number, need.frame, kinds, row) for number, row in enumerate(rows, start=1))
        text = relation.sql + sql + "\n"
        return Collected(need.frame, catalogue(need.frame, kinds), made, text, relation.sources, pseudonyms.identities)

    def _unknown(self, frame: str) -> frozenset[str]:
        """Optional events that some source of the frame cannot know."""
        mapped = [source.frames[frame] for source in self._engagement.sources.values() if frame in source.frames]
        return frozenset(name for one in mapped for name, column in one.columns.items() if column.unknown)

    def _built(self, need: Need, units: Sequence[str]) -> Collected:
        """What retention measures on the live objects of the drawn rules: the active base, then the archive."""
        rules = self._rules(units)
        drawn = [rules[unit] for unit in units if unit in rules]
        measured = [self._tally(rule, place) for rule in drawn for place in declared.places(rule)]
        found = [row for tally in measured for row in tally.rows(need.frame)]
        columns = [(name, plain_kind(need.frame, name)) for name in need.columns]
        rows, pseudonyms = [], Pseudonyms(self._vault)
        for number, one in enumerate(found, start=1):
            row: dict[str, object] = {"id": number, **{name: one[name] for name in need.columns}, UNREADABLE: None}
            for name in need.columns:
                kind = FRAMES[need.frame].column(name).pseudonym
                if kind and row[name] is not None:
                    row[name] = pseudonyms.of(kind, str(row[name]))
            rows.append(row)
        sources = tuple(sorted({source for rule in drawn for source in declared.sources(rule)}))
        sql = "".join(f"-- {tally.name}\n{tally.sql}" for tally in measured) or "-- no rule drawn\n"
        listed = catalogue(need.frame, columns)
        return Collected(need.frame, listed, tuple(rows), sql, sources, pseudonyms.identities)

    def _rules(self, units: Sequence[str]) -> dict[str, Row]:
        relation = self._frames.relation("retention_rules")
        names = list(relation.kinds)
        rows = self._connection.execute(
            f"SELECT {', '.join(map(quote, names))} FROM {quote(relation.table)}"
        ).fetchall()
        every = [dict(zip(names, row, strict=True)) for row in rows]
        return {str(row["rule_id"]): row for row in every if str(row["rule_id"]) in set(units)}

    def _tally(self, rule: Row, place: str) -> tallies.Tally:
        name = (str(rule["rule_id"]), place)
        if name not in self._tallied:
            agreed = self._engagement
            self._tallied[name] = tallies.tally(
                self._connection, agreed.sources, rule, agreed.timezone, as_of_day(agreed), place
            )
            self._connection.execute("SET schema = 'main'")
        return self._tallied[name]

    def _run(self, sql: str, relation: Relation) -> list[tuple[object, ...]]:
        try:
            return self._connection.execute(sql, bindings(sql, self._frames.period) or None).fetchall()
        except duckdb.Error as error:
            raise SourceError(
                f"frame {relation.frame}: the population of a control cannot be asked; see its `where`."
            ) from error

    def canaries(self) -> tuple[str, ...]:
        """What was planted to be found: the persons of tickets that are void because they are tests."""
        if not self._frames.given("request_log"):
            return ()
        relation = self._frames.relation("request_log")
        if not {"void_reason", "subject_key"} <= set(relation.kinds):
            return ()
        sql = f"SELECT DISTINCT subject_key FROM {quote(relation.table)} WHERE void_reason = 'test'"
        return tuple(str(value) for (value,) in self._run(f"{sql} AND subject_key IS NOT NULL", relation))

    def pseudonymised(self) -> Iterable[tuple[str, str]]:
        """(label, value) of everything a pseudonym stands for: what the leak scan looks for in the bundle.

        Without those that are an identifier of some frame as well: entry 8 of a list is no leak of account 8.
        """
        told = self._identifiers()
        for frame, name in (*self._columns_of("key"), *self._met()):
            for (value,) in self._values(frame, name):
                if value not in told:
                    yield f"{frame}.{name}", value

    def _met(self) -> Iterable[tuple[str, str]]:
        """The key columns of what was found in frames that are only compared, where a control asks for it."""
        asked = {need.frame for control in self._engagement.controls for need in control.needs}
        for frame in sorted(asked & set(COMPARED.values())):
            kinds = self._frames.relation(frame).kinds
            yield from ((frame, one.name) for one in FRAMES[frame].columns if one.pseudonym and one.name in kinds)

    def _identifiers(self) -> frozenset[str]:
        """Identifiers so short that another value may be the same by chance."""
        keys = [(frame, name) for frame, name in self._columns_of("none") if name in FRAMES[frame].unique_key]
        return frozenset(value for key in keys for (value,) in self._values(*key, most=SHORT))

    def _columns_of(self, privacy: str) -> Iterable[tuple[str, str]]:
        for source in self._engagement.sources.values():
            for frame in (one for one in source.frames if one not in COMPARED):
                for name in self._frames.relation(frame).kinds:
                    if name != UNREADABLE and FRAMES[frame].column(name).privacy == privacy:
                        yield frame, name

    def _values(self, frame: str, name: str, most: int | None = None) -> list[tuple[str]]:
        """The different values of one column as text, none of them longer than `most` characters."""
        text = f"CAST({quote(name)} AS VARCHAR)"
        short = "" if most is None else f" AND length({text}) <= {most}"
        table = quote(self._frames.relation(frame).table)
        sql = f"SELECT DISTINCT {text} FROM {table} WHERE {quote(name)} IS NOT NULL{short}"
        return self._connection.execute(sql).fetchall()


def _tied(frame: str, key: str) -> str:
    """What ties a row of `frame f` to its unit: the value itself, or its pseudonym where that is what units are."""
    kind = FRAMES[frame].column(key).pseudonym
    return f"f.{quote(key)}" if kind is None else f"ek_key({literal(kind)}, f.{quote(key)})"


def as_of_day(engagement: Engagement) -> date:
    """The local day of the cut-off instant."""
    return engagement.as_of.astimezone(ZoneInfo(engagement.timezone)).date()
