"""Disclosure levels: what each level of a bundle holds, and what becomes of a file on its way there.

A derived bundle is a projection of a sealed auditor-full one: nothing is tested again, nothing is added. Who may read
what is decided here and nowhere else. Pure: bytes in, bytes out, no clock and no chance.
Source: docs/norm/bundle.md, section 9; docs/norm/bundle-files.md, "Derived levels".
"""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from evidence_kit.model.canonical import digest, dump_line

FULL, PSEUDONYMISED, CLIENT = "auditor-full", "auditor-pseudonymised", "client"
#: The closest level first: who may have one may have those after it.
LEVELS: Final = (FULL, PSEUDONYMISED, CLIENT)

#: Roles whose files are made for each bundle, whatever the full one holds there.
MADE: Final = frozenset({"page", "words", "scan", "blinding"})
#: Roles of which a level keeps files of the full bundle, as they are or projected.
HELD: Final[Mapping[str, frozenset[str]]] = {
    PSEUDONYMISED: frozenset(
        {
            *("engagement", "controls", "summary", "ledger", "params", "sql", "calendar", "draw", "leaves", "frame"),
            *("results", "findings", "notebook-template", "notebook-executed", "suite", "reading", "classes", "agenda"),
            # Public mappings and the verdicts of the controls: nothing of a person. A client is told the clauses of
            # its controls (`references`); which clauses nobody tests is between organisation and auditor.
            "frameworks",
            # Rows of results are named by their numbers: nothing in it is of a person, made up as they are.
            "planted",
        }
    ),
    CLIENT: frozenset({"engagement", "controls", "summary", "ledger", "draw", "findings"}),
}

#: Columns that name a record of a person, in any frame.
PERSON_RECORDS: Final = frozenset(
    {"request_id", "event_id", "erasure_id", "entry_id", "probe_id", "case_id", "pair_id", "extract_id"}
)
#: Columns that do so in one frame alone: there a unit is a request, a message or an extract, under its own id.
PERSON_RECORDS_OF: Final[Mapping[str, frozenset[str]]] = {"completeness": frozenset({"unit_id"})}
#: Columns that are null in a derived bundle, whatever their privacy: pointers into the organisation's papers, and the
#: running number inside an id of a request.
POINTER: Final = "_ref"
NUMBERS: Final = frozenset({"request_seq"})

#: Actions whose data no derived bundle shows.
WITHHELD: Final = frozenset({"person.revealed", "note.added", "file.attached"})
RECEIPT: Final = "application/vnd.evidence-kit.receipt+json"

_SEPARATOR: Final = b"\x1f"
_NOT_FOR_CLIENTS: Final = frozenset(
    {
        *("calendars", "limit", "naive_is_local", "sources", "parameters", "on_duplicate", "places", "digests"),
        *("undotted_domains", "classes", "sending", "told_apart", "openings", "packages", "actions"),
    }
)
_CONTROL: Final = (
    "control",
    "family",
    "statement",
    "law",
    "references",
    "confidence",
    "tolerable",
    "expected",
    "census",
)
_FINDING: Final = ("id", "control", "verdict", "reason", "grade", "law", "reasons")

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the full bundle: its path under data/, its role, and a frame's columns `(name, kind, privacy)`."""

    path: str
    role: str
    data: bytes = field(repr=False)
    columns: tuple[tuple[str, str, str], ...] = ()


class Pseudonyms:
    """The pseudonyms of one level and one recipient. `secret`: 32 bytes that nobody else's release has."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of_key(self, value: object) -> str:
        """The projection of a pseudonym: 64 hex digits, one for one value in every file."""
        return self._made(str(value).encode())

    def of_record(self, value: object) -> str:
        """The projection of a record's id: 64 hex digits, and never that of a pseudonym."""
        return self._made(b"id" + _SEPARATOR + str(value).encode())

    def _made(self, message: bytes) -> str:
        return hmac.new(self._secret, message, sha256).hexdigest()


def may_have(allowed: str, asked: str) -> bool:
    """Whether somebody who may have the level `allowed` may have the level `asked`. Raises ValueError for others."""
    return LEVELS.index(allowed) <= LEVELS.index(asked)


def bundle_id(full: str, level: str) -> str:
    """The id of the bundle derived from a full one: `<engagement>.<run>.<level>`."""
    return f"{full.removesuffix(FULL)}{level}"


def names_record(frame: str, column: str) -> bool:
    """Whether this column of this frame names a record of a person."""
    return column in PERSON_RECORDS or column in PERSON_RECORDS_OF.get(frame, ())


def project(level: str, parts: Sequence[Part], pseudonyms: Pseudonyms, told: frozenset[str]) -> dict[str, bytes]:
    """The files of a derived bundle that come from the full one: path under data/ → bytes.

    `parts`: every file of the full bundle but those of the roles `MADE`; `told`: the controls whose finding a client
    is shown. Raises ValueError for a finding that the full bundle does not hold.
    """
    projected = _projections(level, parts, pseudonyms, told)
    held = [part for part in parts if part.role in HELD[level]]
    if level == CLIENT:
        _refuse_strangers(parts, told)
    return {part.path: projected[part.role](part) if part.role in projected else part.data for part in held}


def withheld(roles: Mapping[str, str], paths: frozenset[str]) -> list[Record]:
    """How many files of each role the full bundle has and the derived one has not, ascending by role.

    `roles`: path → role in the full bundle; `paths`: those of the derived one. Pages are made anew, and not counted.
    """
    counted = Counter(role for path, role in roles.items() if path not in paths and role != "page")
    return [{"role": role, "count": counted[role]} for role in sorted(counted)]


def _projections(
    level: str, parts: Sequence[Part], pseudonyms: Pseudonyms, told: frozenset[str]
) -> Mapping[str, Callable[[Part], bytes]]:
    """Role → what becomes of its files. A role without one keeps its bytes."""
    if level == CLIENT:
        return {
            "engagement": _one(_engagement_for_clients),
            "controls": _one(_controls_for_clients),
            "summary": _one(_summary_for_clients),
            "draw": _one(_draw_for_clients),
            "ledger": _lines(lambda entry: {**entry, "data": None}),
            "findings": lambda part: _findings_for_clients(part.data, told),
        }
    keys = frozenset(name for part in parts for name, _, privacy in part.columns if privacy == "key")
    units = dict(_units(parts))

    def frame(part: Part) -> bytes:
        name = part.path.removesuffix(".jsonl").rpartition(".")[2]
        private = frozenset(column for column, _, privacy in part.columns if privacy == "key")
        return _lines(lambda row: _row(row, name, private, pseudonyms))(part)

    def reading(part: Part) -> bytes:
        return _lines(lambda row: _row(row, "", keys, pseudonyms))(part)

    def results(part: Part) -> bytes:
        control = part.path.removeprefix("results/").removesuffix(".jsonl")
        main, unit = units[control]
        return _lines(lambda row: {**row, "unit": _row({unit: row["unit"]}, main, keys, pseudonyms)[unit]})(part)

    return {
        "frame": frame,
        "reading": reading,
        "results": results,
        "ledger": _lines(lambda entry: {**entry, "data": None} if entry["action"] in WITHHELD else entry),
        "notebook-executed": lambda part: dump_line(_without_outputs(json.loads(part.data)), open_keys=True),
    }


def _row(row: Record, frame: str, keys: frozenset[str], pseudonyms: Pseudonyms) -> Record:
    return {column: _value(column, value, frame, keys, pseudonyms) for column, value in row.items()}


def _value(column: str, value: Any, frame: str, keys: frozenset[str], pseudonyms: Pseudonyms) -> Any:
    if value is None or column.endswith(POINTER) or column in NUMBERS:
        return None
    if column in keys:
        return pseudonyms.of_key(value)
    return pseudonyms.of_record(value) if names_record(frame, column) else value


def _units(parts: Sequence[Part]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Control → its main frame and the column of its unit."""
    controls = next(json.loads(part.data)["controls"] for part in parts if part.role == "controls")
    main = {control["control"]: control["needs"][0]["frame"] for control in controls}
    for part in parts:
        if part.role == "draw":
            draw = json.loads(part.data)
            yield draw["control"], (main[draw["control"]], draw["commitment"]["unit"])


def _one(change: Callable[[Record], Record]) -> Callable[[Part], bytes]:
    """A change of the one object that a file holds."""
    return lambda part: dump_line(change(json.loads(part.data)))


def _lines(change: Callable[[Record], Record]) -> Callable[[Part], bytes]:
    """A change of each line of a file."""
    return lambda part: b"".join(dump_line(change(json.loads(line))) for line in part.data.splitlines())


def _engagement_for_clients(agreed: Record) -> Record:
    return {key: value for key, value in agreed.items() if key not in _NOT_FOR_CLIENTS}


def _controls_for_clients(stated: Record) -> Record:
    return {"controls": [{key: control[key] for key in _CONTROL} for control in stated["controls"]]}


def _summary_for_clients(summary: Record) -> Record:
    bare: Record = {"strata": [], "upper_units": None, "upper_rate_shown": None}
    return {**summary, "controls": [{**control, **bare} for control in summary["controls"]]}


def _draw_for_clients(draw: Record) -> Record:
    rounds = [{"round": each["round"], "nonce_sha256": digest(each["nonce"])} for each in draw["rounds"]]
    kept = {key: draw[key] for key in ("control", "commitment_sha256", "independent")}
    return {**kept, "rounds": rounds}


def _findings_for_clients(data: bytes, told: frozenset[str]) -> bytes:
    lines = (json.loads(line) for line in data.splitlines())
    chosen = (finding for finding in lines if finding["control"] in told)
    return b"".join(dump_line({key: finding[key] for key in _FINDING}) for finding in chosen)


def _refuse_strangers(parts: Sequence[Part], told: frozenset[str]) -> None:
    lines = (line for part in parts if part.role == "findings" for line in part.data.splitlines())
    unknown = sorted(told - {json.loads(line)["control"] for line in lines})
    if unknown:
        raise ValueError(f"the bundle has no finding of {', '.join(unknown)}")


def _without_outputs(notebook: Record) -> Record:
    cells = [
        {**cell, "outputs": list(_receipts(cell["outputs"]))} if "outputs" in cell else cell
        for cell in notebook["cells"]
    ]
    return {**notebook, "cells": cells}


def _receipts(outputs: Sequence[Record]) -> Iterator[Record]:
    """The outputs that hold the receipt, with nothing else in them."""
    for output in outputs:
        if RECEIPT in output.get("data", {}):
            yield {**output, "data": {RECEIPT: output["data"][RECEIPT]}}
