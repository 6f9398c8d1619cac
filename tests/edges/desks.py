"""A small audit in one process: sources written by the test, a mapping, one engagement, and the desk of the steps."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType

import duckdb

from evidence_kit.edges import calendars, opening, relations, vault
from evidence_kit.edges.archive import RunArchive
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.edges.params import load
from evidence_kit.edges.servers.addresses import Address
from evidence_kit.edges.source import SqlSource
from evidence_kit.model import deadline
from evidence_kit.model.audit import (
    FIGURES,
    Control,
    Engagement,
    FrameMapping,
    LiveObject,
    Mapped,
    Period,
    SourceMapping,
)
from evidence_kit.model.calendar import Calendar
from evidence_kit.model.deadline import Limit, Profile
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.model.terms import Terms
from evidence_kit.ports import Desk
from evidence_kit.rules import requests

PARAMS = Path(__file__).parents[2] / "params"
AS_OF = datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)
NONCE, OTHER_NONCE = "ab" * 32, "cd" * 32
#: The columns of a log as people keep one; what REQ-02 asks beyond them stays NULL.
LOG = ("request_id", "capacity", "right_invoked", "channel", "received_at", "responded_at", "status")
EVENTS = (
    *("account_key", "country", "identity_doubt_reason", "clarification_reason", "reopen_cause", "outcome"),
    *("identity_requested_at", "identity_received_at", "clarification_requested_at", "clarification_received_at"),
    *("extension_notified_at", "forwarded_at", "reopened_at", "responded_again_at", "due_given_on"),
)


def write_csv(path: Path, rows: Sequence[Sequence[str | None]], columns: Sequence[str] = LOG) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([columns, *rows])
    return path


def plain(*columns: str) -> dict[str, Mapped]:
    """Each column is the source's own of that name."""
    return {name: Mapped(name, sql=f'"{name}"', line=number) for number, name in enumerate(columns, start=10)}


def kept_not(*columns: str) -> dict[str, Mapped]:
    """Columns that the source does not keep."""
    return {name: Mapped(name) for name in columns}


def mapping(
    frames: Mapping[str, Mapping[str, Mapped]],
    *,
    name: str = "requests",
    engine: str = "csv",
    timezone: str = "Europe/Paris",
    origin: str | None = None,
    where: str | None = None,
    objects: Sequence[LiveObject] = (),
    **options: str | bool,
) -> SourceMapping:
    made = {
        frame: FrameMapping(frame, origin or f'"{name}"', where, columns, line=5) for frame, columns in frames.items()
    }
    return SourceMapping(
        name, "params/sources/own.yaml", engine, None, timezone, options, (), made, {one.name: one for one in objects}
    )


def log_mapping(**changes: Mapped) -> SourceMapping:
    return mapping({"request_log": {**plain(*LOG), **kept_not(*EVENTS), **changes}})


def frame_of(
    path: Path, columns: Mapping[str, Mapped], frame: str = "request_log", **said: str
) -> list[dict[str, object]]:
    """Rows of a frame as `relations` makes them of one file, without the digest of the whole row."""
    source = mapping({frame: columns}, **said)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    opening.attach(connection, source, path)
    relation = relations.relate(connection, frame, [source], {})
    texts = [
        f"{opening.quote(column)} AS {column}"
        if kind != "instant"
        else f"CAST({opening.quote(column)} AS VARCHAR) AS {column}"
        for column, kind in relation.kinds.items()
    ]
    rows = connection.execute(f"SELECT {', '.join(texts)} FROM main.{opening.quote(relation.table)}")
    names = [column[0] for column in rows.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


@cache
def stated(name: str) -> Engagement:
    return load(name, PARAMS, {})


def control(name: str = "REQ-02", **changes: object) -> Control:
    made = next(one for one in stated("rehearsal").controls if one.id == name)
    return replace(made, **changes)  # type: ignore[arg-type]


def engagement(
    sources: Sequence[SourceMapping], controls: Sequence[Control] | None = None, **changes: object
) -> Engagement:
    agreed = replace(
        stated("doj-foia"),
        id="small",
        period=Period(date(2026, 1, 1), date(2026, 6, 30)),
        as_of=AS_OF,
        timezone="Europe/Paris",
        calendars=("FR",),
        controls=tuple(controls or (control(),)),
        sources={source.name: source for source in sources},
        parameters=FIGURES,
    )
    return replace(agreed, **changes)  # type: ignore[arg-type]


@cache
def holidays(names: tuple[str, ...], first: int) -> Mapping[str, Calendar]:
    return calendars.load(names, date(first, 1, 1), date(2027, 12, 31))


def terms(agreed: Engagement, limit: Limit | None = None) -> Terms:
    return Terms(
        as_of=agreed.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        timezone=agreed.timezone,
        naive_is_local=agreed.naive_is_local,
        calendars=holidays(agreed.calendars, agreed.period.start_on.year - 6),
        profile=Profile(agreed.profile),
        limit=limit or deadline.Months(1),
        parameters=FIGURES,
    )


def opened(agreed: Engagement, paths: Mapping[str, Path], home: Path) -> SqlSource:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqlSource(agreed, paths, home / "engine", vault.rehearsal(1, home / "vault"))


def desk(
    agreed: Engagement,
    paths: Mapping[str, Path],
    home: Path,
    limit: Limit | None = None,
    run: str = "r001",
    addresses: Mapping[str, Address] = MappingProxyType({}),
) -> Desk:
    """The desk of a run whose ledger is open. Asked again with the same home, it goes on where the run stood."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = vault.rehearsal(1, home / "vault")
    known = terms(agreed, limit)
    ledger = LedgerFile(home, agreed.id, lambda: datetime(2026, 7, 1, 8, tzinfo=UTC), keys.entry_salt)
    archive = RunArchive(home / run, ledger)
    if not ledger.entries:
        digests = {"engagement_sha256": "0" * 64}
        archive.append("process:run", "ledger.opened", f"engagement:{agreed.id}", digests)
        loaded = {**digests, "controls_sha256": "0" * 64}
        archive.append("process:run", "engagement.loaded", f"engagement:{agreed.id}", loaded)

    def aside(one: Control, frames: Mapping[str, EvidenceFrame], units: Sequence[str]) -> frozenset[str]:
        rows = {unit: {name: frame.by_unit.get(unit, ()) for name, frame in frames.items()} for unit in units}
        readable = {
            unit: mine
            for unit, mine in rows.items()
            if len(mine[one.frame]) == 1 and not mine[one.frame][0]["unreadable"]
        }
        return frozenset(unit for unit, mine in readable.items() if requests.NOT_YET_DUE[one.test](mine, known))

    source = SqlSource(agreed, paths, archive.folder, keys, addresses)
    return Desk(agreed, known, source, keys, archive, lambda: datetime(2026, 7, 1, 8, tzinfo=UTC), aside)


def actions(at: Desk) -> list[str]:
    """What the ledger says was done, in order."""
    return [entry.action for entry in at.archive.entries()]  # type: ignore[attr-defined]
