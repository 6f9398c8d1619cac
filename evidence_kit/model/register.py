"""The register as read from what people keep: activities, what they store where, and who receives it.

The columns of an activity are those of the frame `register_activities` (docs/norm/frames.md), under the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from evidence_kit.model.register_frames import REGISTER_ACTIVITIES

#: What an activity is called by, and what it says; the second are the cells that art. 30 asks for, and some beside.
HEADS = ("activity_id", "name", "capacity", "medium")
CELLS = tuple(name for name in REGISTER_ACTIVITIES.names if name not in (*HEADS, "reviewed_on", "status"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file, and in it a sheet or none, a row or line (from 1), a column or key or none."""

    file: str
    row: int = 1
    sheet: str | None = None
    column: str | None = None

    def as_text(self) -> str:
        """`register.ods, sheet Paie, row 4, column B`, or `register.yaml, line 12`."""
        sheet = f", sheet {self.sheet}, row {self.row}" if self.sheet is not None else f", line {self.row}"
        return f"{self.file}{sheet}" + (f", column {self.column}" if self.column else "")


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored object that a register names. `columns`: those it names; empty means the whole object."""

    source: str
    object: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives data of an activity, as the register writes it. `processor_id`: None when matched with nobody."""

    name: str
    processor_id: str | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """One entry of the register. `kept`: what its source held beside, under the source's own names."""

    activity_id: str
    name: str
    capacity: str = "controller"
    medium: str = "digital"
    controller_contact: str | None = None
    purposes: str | None = None
    subject_categories: str | None = None
    data_categories: str | None = None
    recipient_categories: str | None = None
    third_countries: str | None = None
    transfer_safeguards: str | None = None
    erasure_periods: str | None = None
    security_measures: str | None = None
    client_categories: str | None = None
    legal_basis: str | None = None
    reviewed_on: date | None = None
    visit_note_ref: str | None = None
    status: str = "active"
    objects: tuple[Stored, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)
    place: Place = Place("", 1)

    def cells(self) -> dict[str, str | None]:
        """Every column of `register_activities`, in its order, as text."""
        values = {name: getattr(self, name) for name in REGISTER_ACTIVITIES.names}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know of how the register was read. `code`: a fixed word; nothing of the data in it."""

    code: str
    place: Place
    text: str

    def as_text(self) -> str:
        """One line for a terminal."""
        return f"{self.place.as_text()}: {self.text}"


@dataclass(frozen=True, slots=True)
class Register:
    """A register as read. `described`: stored objects that it describes though no activity names them.

    `prose`: its entries name what they store in their text, if at all, and not in `objects`.
    """

    activities: tuple[Activity, ...]
    described: tuple[Stored, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    prose: bool = False

    def activity_rows(self) -> list[tuple[str | None, ...]]:
        """Rows of `register_activities`."""
        return [tuple(one.cells().values()) for one in self.activities]

    def object_rows(self) -> list[tuple[str | None, ...]]:
        """Rows of `register_objects`: one a column, or one with null for a whole object; each once."""
        found = [
            (one.activity_id, stored.source, stored.object, column)
            for one in self.activities
            for stored in one.objects
            for column in (stored.columns or (None,))
        ]
        return list(dict.fromkeys(found))

    def recipient_rows(self) -> list[tuple[str | None, ...]]:
        """Rows of `activity_recipients`, each once."""
        found = [(one.activity_id, each.name, each.processor_id) for one in self.activities for each in one.recipients]
        return list(dict.fromkeys(found))


def merged(registers: list[Register]) -> Register:
    """Several registers as one, in their order. Activities are never merged, whatever they are called."""
    kept: dict[str, Any] = {}
    for one in registers:
        for key, value in one.kept.items():
            both = isinstance(value, list) and isinstance(kept.get(key), list)
            kept[key] = [*kept[key], *value] if both else value
    return Register(
        tuple(each for one in registers for each in one.activities),
        tuple(dict.fromkeys(each for one in registers for each in one.described)),
        kept,
        tuple(each for one in registers for each in one.notices),
        any(one.prose for one in registers),
    )
