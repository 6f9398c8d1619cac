"""What the second reader was asked, kept with the bundle: one suite for each table, and the rows of its readings.

Everything is made again here, from the collector's own frames and results; what the notebook handed in as answers is
held against it by the bundle's verifier (check R09).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from evidence_kit.errors import SourceError
from evidence_kit.model.audit import Control
from evidence_kit.model.canonical import dump_line
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.ports import Desk
from evidence_kit.rules import claims, readings, suites
from evidence_kit.rules.claims import Table
from evidence_kit.rules.deadlines import local_day
from evidence_kit.steps.judging import stored_results


def keep_suites(desk: Desk, control: Control) -> None:
    """Write the suites of one control, and the rows of each second reading. Nothing for a population refused.

    Raises SourceError when two tables of the control have one name.
    """
    written: set[str] = set()
    for folder, table in _tables(desk, control):
        if table.name in written:
            raise SourceError(f"{control.id}: two tables of its second reading are called {table.name}.")
        written.add(table.name)
        rows = f"{folder}/{control.id}.{table.name}.jsonl"
        if folder == "readings":
            desk.archive.put(rows, b"".join(map(dump_line, _read(table))))
        desk.archive.put(
            f"expectations/{control.id}/{table.name}.json", dump_line(suites.suite(control.id, table, rows))
        )


def _tables(desk: Desk, control: Control) -> Iterator[tuple[str, Table]]:
    """(folder of its rows, table): every frame, and every second reading that was read on at least one row."""
    frames = _frames(desk, control)
    if not frames:
        return
    today = local_day(desk.terms.as_of, desk.terms.timezone).isoformat()
    for frame in frames.values():
        yield "frames", claims.of_frame(frame, desk.terms.as_of, today)
    for table in readings.of_verdicts(control, stored_results(desk, control), frames):
        if table.rows:
            yield "readings", table


def _frames(desk: Desk, control: Control) -> dict[str, EvidenceFrame]:
    """The collected frames of one control, in the order of its needs."""
    found = {}
    for need in control.needs:
        said = desk.archive.recall(f"frame.{control.id}.{need.frame}")
        if said is None:
            continue  # not collected: optional and not mapped, or a population refused
        columns = said["columns"]
        assert isinstance(columns, list)
        rows = tuple(json.loads(line) for line in desk.archive.get(str(said["path"])).splitlines())
        kinds = tuple((name, kind, privacy) for name, kind, privacy in columns)
        found[need.frame] = EvidenceFrame(control.id, need.frame, kinds, rows, str(said["sha256"]))
    return found


def _read(table: Table) -> Iterator[dict[str, object]]:
    """The rows of a second reading: the columns that it asks about, and a number."""
    names = dict.fromkeys(name for claim in table.claims for name in claim.columns)
    for number, row in enumerate(table.rows, start=1):
        yield {"id": number, **{name: row[name] for name in names}}
