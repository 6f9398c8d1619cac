"""What was planted beside what was found, written when a demonstration is closed: `planted.json`.

Nothing else in the kit reads the list of planted rows, and this reads it last: results are in, and no kernel may
ask any more. Source: docs/norm/rehearsal.md, "Planted against found".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from evidence_kit import steps
from evidence_kit.errors import SourceError
from evidence_kit.ledger import planted
from evidence_kit.model.audit import Control
from evidence_kit.model.canonical import dump_line

if TYPE_CHECKING:
    from evidence_kit.wiring.room import Room

FILE = "planted.json"
#: What stands for a unit in results where its own id would name somebody.
DISGUISED = "message"


def write(room: Room) -> None:
    """Write `planted.json` of a rehearsal whose company the kit made; that of an earlier attempt goes.

    Raises SourceError where the list of what was planted is gone.
    """
    room.archive.drop(FILE)
    asked = room.engagement.rehearsal
    if asked is None or room.planted is None:
        return
    from evidence_kit.edges.rehearsal import listed

    told = {control.id: _told(room, control) for control in room.engagement.controls}
    try:
        seeded = listed.read(room.planted)
    except (OSError, ValueError, TypeError) as error:
        raise SourceError(
            f"{room.planted}: the list of what was planted in this company cannot be read. Delete that folder, which "
            "the kit makes anew, and `run` again."
        ) from error
    company = planted.Company(
        asked.seed, asked.contacts, asked.as_of, asked.faults, listed.chosen(asked.faults), listed.FOR
    )
    rows = [
        planted.Sown(one.fault, one.control, one.verdict, _named(room, told, one.control, one.unit)) for one in seeded
    ]
    room.archive.put(FILE, dump_line(planted.record(company, rows, told)))


def _told(room: Room, control: Control) -> planted.Told:
    """The results of a control as they were handed in, and every unit that its freeze knew."""
    drawn = room.archive.recall(f"sample.{control.id}")
    if drawn is None:
        return planted.Told({}, None)
    kept = room.vault.kept(str(drawn["commitment_sha256"]))
    results = steps.stored_results(room.desk, control)
    return planted.Told({one.unit: one.verdict.value for one in results}, frozenset(one.unit for one in kept))


def _named(room: Room, told: Mapping[str, planted.Told], control: str, unit: str) -> str:
    """A planted unit as the results of its control name it: by its id, or by the pseudonym of that."""
    known = told.get(control)
    return unit if known is None else next(_known(room, known, unit), unit)


def _known(room: Room, told: planted.Told, unit: str) -> Iterator[str]:
    frozen = told.frozen or frozenset()
    if unit in frozen:
        yield unit
    disguised = room.vault.pseudonym(DISGUISED, unit)
    if disguised in frozen:
        yield disguised
