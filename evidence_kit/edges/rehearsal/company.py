"""The company under construction: one DuckDB session with a schema (or an attached file) per source."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from evidence_kit.edges.rehearsal import draw, people, prod
from evidence_kit.edges.rehearsal.draw import Dice
from evidence_kit.edges.rehearsal.tickets import Ticket

SOURCES = ("prod", "archive", "lake", "crm", "desk", "mailbox", "ops", "docs")
#: Last instant of any row of the databases: a day before the cut, so that no zone makes it the future.
UNTIL = {"real": "TIMESTAMP '2026-06-29 20:00:00'", "mock": "TIMESTAMP '2026-01-30 20:00:00'"}
#: First instant left by the purge of the first of the month: what is older was deleted.
SINCE_3Y = {"real": "TIMESTAMP '2023-06-02 00:00:00'", "mock": "TIMESTAMP '2023-01-02 00:00:00'"}
SMALLEST = 1000
KINDS = {bool: "BOOLEAN", int: "BIGINT", str: "VARCHAR"}


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted row: the fault, the control and attribute that must find it, the verdict of the unit, and its place.

    Decoys stand here too, with the verdict they must keep.
    """

    fault: str
    control: str
    attribute: str
    verdict: str
    unit: str
    table: str
    key: str


@dataclass
class Company:
    """Seed, size and cut-off day; the session; the tickets; and the list of planted rows, which no source holds.

    `chosen`: the tickets of every fault and decoy that touches tickets, planted or not: no two share one.
    """

    connection: duckdb.DuckDBPyConnection
    seed: int
    contacts: int
    as_of: str
    scratch: Path
    tell: Callable[[str], None]
    tickets: list[Ticket] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)
    chosen: dict[str, list[Ticket]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outer, inner = _pads(self.seed)
        unsubscribes = self.rows("unsubscribes")
        words = {"contacts": self.contacts, "unsubscribes": unsubscribes, "outer": outer, "inner": inner}
        mine = (text.format(**words) for text in prod.MACROS)
        for statement in (*draw.macros(self.seed), *people.macros(), *mine):
            self.connection.execute(statement)

    @property
    def dice(self) -> Dice:
        """The draws of this company's seed."""
        return Dice(self.seed)

    def rows(self, table: str) -> int:
        """Size of a table of `prod` before the cut."""
        size = prod.SIZES[table]
        grown = size * self.contacts // 20000 if table in prod.GROWING else size
        return max(size, grown) if table in prod.NEVER_LESS else grown

    def create(self, table: str, template: str, /, **words: str | int) -> None:
        """Make one table from a template of SQL."""
        values: dict[str, str | int] = {
            "until": UNTIL[self.as_of],
            "since3y": SINCE_3Y[self.as_of],
            "contacts": self.contacts,
            **words,
        }
        self.connection.execute(f"CREATE TABLE {table} AS {template.format(**values)}")
        self.tell(table)

    def load(self, table: str, rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]) -> None:
        """Make one table from rows made in Python; `kinds`: column → SQL type, in the order of the table."""
        file = self.scratch / "rows.jsonl"
        with file.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items()) + "}"
        read = f"read_json(?, format='newline_delimited', columns={columns})"
        self.connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {read}", [str(file)])
        file.unlink()
        self.tell(table)

    def ask(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of one SELECT."""
        return self.connection.execute(sql, list(values)).fetchall()


def _pads(seed: int) -> tuple[str, str]:
    """The two padded keys of HMAC-SHA256 (RFC 2104), in hex: `vault:suppression` of this seed."""
    key = draw.vault_key(seed, "suppression").ljust(64, b"\0")
    return bytes(one ^ 0x5C for one in key).hex(), bytes(one ^ 0x36 for one in key).hex()
