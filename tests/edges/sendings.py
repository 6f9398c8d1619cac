"""Sendings as an organisation keeps them, in small files: campaigns, messages, stops, a list of digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from evidence_kit import rules
from evidence_kit.edges.derived import Ground, derive
from evidence_kit.edges.relations import KINDS, TYPES, Relation
from evidence_kit.edges.source import SqlSource
from evidence_kit.model.audit import Mapped, SourceMapping
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.outcome import Result
from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.rules.examining import examine
from tests.edges.desks import control, engagement, kept_not, mapping, opened, plain, terms, write_csv
from tests.unit.cases import sample

Table = Sequence[Mapping[str, str | None]]
CAMPAIGN = {"message_type": "marketing", "list_unsubscribe": "true", "one_click": "true"}
STOPPED, LATE, EARLY = "2026-03-01T08:00:00Z", "2026-03-05T08:00:00Z", "2026-02-01T08:00:00Z"


def source_of(frame: str, table: Table, path: Path, **mapped: Mapped) -> SourceMapping:
    """One file for one frame: the columns that its rows name, the others not kept."""
    names = list(dict.fromkeys(name for row in table for name in row)) or [FRAMES[frame].unique_key[0]]
    absent = [one.name for one in FRAMES[frame].columns if one.name not in names and not one.computed]
    write_csv(path, [[row.get(name) for name in names] for row in table], names)
    return mapping({frame: {**plain(*names), **kept_not(*absent), **mapped}}, name=frame)


def room(tmp_path: Path, name: str, tables: Mapping[str, Table], **agreed: Any) -> SqlSource:
    tmp_path.mkdir(exist_ok=True, parents=True)
    mapped = agreed.pop("mapped", {})
    paths = {frame: tmp_path / f"{frame}.csv" for frame in tables}
    sources = [source_of(frame, table, paths[frame], **mapped.get(frame, {})) for frame, table in tables.items()]
    return opened(engagement(sources, [control(name)], **agreed), paths, tmp_path / "home")


def frames_of(source: SqlSource, name: str) -> tuple[tuple[str, ...], dict[str, EvidenceFrame]]:
    """The units of a control, and the frames collected for all of them."""
    one = control(name)
    _, kept = source.freeze(one, frozenset())
    units = tuple(each.unit for each in kept)
    fetched = source.fetch(one, units, {})
    return units, {
        each.frame: EvidenceFrame(one.id, each.frame, each.columns, each.rows, "") for each in fetched.frames
    }


def judged(source: SqlSource, name: str) -> dict[str, Result]:
    """Unit → what the control says of it."""
    one = control(name)
    units, frames = frames_of(source, name)
    results = examine(one, sample(*units), frames, rules.test(one.test), terms(engagement([], [one])))
    return {result.unit: result for result in results}


def told(tmp_path: Path, name: str, tables: Mapping[str, Table], **agreed: Any) -> dict[str, tuple[str, ...]]:
    """Unit → its verdict and reasons."""
    source = room(tmp_path, name, tables, **agreed)
    try:
        return {unit: (one.verdict.value, *one.reasons) for unit, one in judged(source, name).items()}
    finally:
        source.close()


LEFT = {"send_checks": "account_key", "send_exceptions": "stopped_at, sent_at"}


class Engine:
    """The frames as tables of one session, without files: for many small worlds one after another."""

    def __init__(self, **agreed: Any) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self._agreed = engagement([], [control("SND-02")], **agreed)
        self._made: dict[str, Relation] = {}
        self.sql = ""

    def world(self, tables: Mapping[str, Table], key: bytes = b"") -> tuple[list[Row], list[Row]]:
        """The rows of send_checks and of send_exceptions, every value as the engine gives it."""
        self._made.clear()
        for frame, rows in tables.items():
            self._made[frame] = self._frame(frame, rows)
        ground = Ground(self.connection, self._agreed, self._relation, {}, lambda _: key)
        self._made["send_exceptions"] = derive(ground, "send_exceptions")
        self.sql = self._made["send_exceptions"].sql + derive(ground, "send_checks").sql
        return self._rows("send_checks"), self._rows("send_exceptions")

    def _relation(self, frame: str) -> Relation | None:
        return self._made.get(frame)

    def _frame(self, frame: str, rows: Table) -> Relation:
        kinds = {column.name: KINDS.get(column.kind, "instant") for column in FRAMES[frame].columns}
        told = ", ".join(f'"{name}" {TYPES.get(kind, "VARCHAR")}' for name, kind in kinds.items())
        self.connection.execute(f'CREATE OR REPLACE TABLE "frame_{frame}" ({told}, unreadable VARCHAR)')
        places = ", ".join("?" for _ in (*kinds, "unreadable"))
        for row in rows:
            values = [row.get(name) for name in (*kinds, "unreadable")]
            self.connection.execute(f'INSERT INTO "frame_{frame}" VALUES ({places})', values)
        return Relation(frame, f"frame_{frame}", {**kinds, "unreadable": "text"}, "", (frame,))

    def _rows(self, frame: str) -> list[Row]:
        # Instants stay in the engine: as values they would need a library of zones.
        found = self.connection.execute(f"SELECT * EXCLUDE ({LEFT[frame]}) FROM frame_{frame}")
        names = [one[0] for one in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
