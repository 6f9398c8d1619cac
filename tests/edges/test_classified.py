"""Columns classified against labels that a reader gave before the rules: precision and recall, with what was missed.

The figures are printed (`pytest -rP`). A column is called personal when its class is neither none nor unknown.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from evidence_kit.edges.schemas import classify
from evidence_kit.edges.schemas.catalogue import Column
from evidence_kit.edges.schemas.counting import Counted
from evidence_kit.model.register_frames import CLASSES

LABELS = Path(__file__).parent / "labels"
#: What is known to be missed, or called personal and is not: named, so that another one is noticed.
KNOWN = {
    "chinook": {"Artist.Name"},
    "fides": set[str](),
    "emailing": {
        "postal.main.authie_sessions.two_factored_at", "postal.main.authie_sessions.requests",
        "postal.main.users.email_verified_at", "postal.message.messages.message_id", "postal.message.links.url",
        "postal.message.webhook_requests.body", "dittofeed.public.SegmentAssignment.inSegment",
        "dittofeed.public.WorkspaceMembeAccount.providerAccountId",
        "postal.main.authie_sessions.id", "postal.main.domains.owner_id", "postal.main.ip_pool_rules.owner_id",
        "postal.main.organization_users.id",
    },
}  # fmt: skip
#: Least precision, recall and agreement on the exact class, in percent.
FLOORS = {"chinook": (97, 95, 97), "fides": (97, 97, 97), "emailing": (93, 90, 97)}
Values = Mapping[tuple[str, str], tuple[str, ...]]
Reader = Callable[[Mapping[tuple[str, str], str], Path], tuple["Values", dict[tuple[str, str], str]]]


class Judged(NamedTuple):
    """Percents, and the columns that were missed or wrongly called personal."""

    precision: int
    recall: int
    exact: int
    wrong: set[str]


def labels(name: str) -> dict[tuple[str, str], str]:
    with (LABELS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return {(row["table"], row["column"]): row["class"] for row in csv.DictReader(stream)}


def judged(said: Mapping[tuple[str, str], str], values: Values, types: Mapping[tuple[str, str], str]) -> Judged:
    """The classes that the kit gives beside those of the reader."""
    beside: dict[str, set[str]] = defaultdict(set)
    for table, column in said:
        beside[table].add(column)
    hit, called, meant, exact, wrong = 0, 0, 0, 0, set()
    for (table, column), label in said.items():
        known = values.get((table, column))
        counted = None if known is None else Counted(len(known), known)
        kind = types.get((table, column), "VARCHAR")
        found = classify(Column(column, kind, kind), table.split(".")[-1], frozenset(beside[table]), counted, "FR")
        personal, wanted = found.personal_class not in ("none", "unknown"), label != "none"
        hit, called, meant = hit + (personal and wanted), called + personal, meant + wanted
        exact += found.personal_class == label
        if personal != wanted:
            wrong.add(f"{table}.{column}")
    return Judged(100 * hit // called, 100 * hit // meant, 100 * exact // len(said), wrong)


def _texts(rows: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(value) for value in rows if value not in (None, "")))[:1000]


def chinook(said: Mapping[tuple[str, str], str], data: Path) -> tuple[Values, dict[tuple[str, str], str]]:
    with closing(sqlite3.connect(f"file:{data}/chinook/Chinook_Sqlite.sqlite?mode=ro", uri=True)) as base:
        values = {
            (table, column): _texts(row[0] for row in base.execute(f'SELECT DISTINCT "{column}" FROM "{table}"'))
            for table, column in said
        }
    return values, {}


def fides(said: Mapping[tuple[str, str], str], data: Path) -> tuple[Values, dict[tuple[str, str], str]]:
    with (data / "register-fides/sample_database_columns.csv").open(encoding="utf-8", newline="") as stream:
        types = {(row["table"], row["column"]): row["type"] for row in csv.DictReader(stream)}
    held: dict[tuple[str, str], list[object]] = defaultdict(list)
    for line in (data / "register-fides/sample_database_rows.jsonl").read_text("utf-8").splitlines():
        one = json.loads(line)
        for column, value in one["row"].items():
            held[one["table"], column].append(value)
    return {name: _texts(rows) for name, rows in held.items()}, types


def emailing(said: Mapping[tuple[str, str], str], data: Path) -> tuple[Values, dict[tuple[str, str], str]]:
    return {}, {}


@pytest.mark.parametrize(("name", "read"), [("chinook", chinook), ("fides", fides), ("emailing", emailing)])
def test_personal_columns_are_found_and_little_else(name: str, read: Reader, shared: Path) -> None:
    said = labels(name)
    assert set(said.values()) <= set(CLASSES.split())
    found = judged(said, *read(said, shared / "data"))
    print(f"{name}: {len(said)} columns, precision {found.precision} %, recall {found.recall} %, "
          f"exact class {found.exact} %; wrong: {', '.join(sorted(found.wrong)) or 'none'}")  # fmt: skip
    assert all(value >= floor for value, floor in zip(found[:3], FLOORS[name], strict=True))
    assert found.wrong <= KNOWN[name]


def test_the_labels_are_names_and_nothing_else() -> None:
    for file in LABELS.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as stream:
            assert next(csv.reader(stream)) == ["table", "column", "class"]
