"""Verdicts on fields and stops read a second time, from the rows alone. See `readings`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Mark
from evidence_kit.model.register_frames import CLASSES
from evidence_kit.rules.claims import Table
from evidence_kit.rules.reread import Frames, Results, holds, marked, marked_units, only, passed

#: Words of the frames that are no fault of their own.
USED = ("address", "merge", "segment", "tracking")
SOUND = tuple(word for word in CLASSES.split() if word not in ("unknown", "special"))


def _fields(results: Results, frames: Frames) -> Iterator[Table]:
    kept = passed(results, frames, "field_units")
    plain = [row for row in kept if row["personal_class"] != "special"]
    special = [row for row in kept if row["personal_class"] == "special"]
    unused = marked(results, frames, "field_units", "A", Mark.FAIL)
    judged = marked(results, frames, "field_units", "C", Mark.FAIL)
    yes = tuple(claim for name in ("purpose_declared", "necessary") for claim in holds(name, True))
    yield Table("field_needed", kept, (*holds("used_in", *USED), *yes))
    yield Table("class_known", plain, holds("personal_class", *SOUND))
    covered = (*holds("entry_declared", True), *holds("basis_declared", True))
    yield Table("special_category_covered", special, covered)
    yield Table("field_unused", unused, holds("used_in", "unused"))
    yield Table("field_not_needed", judged, holds("necessary", False))


def _stops(results: Results, frames: Frames) -> Iterator[Table]:
    """Whoever passed has no stopped message listed, whoever failed has one at least, sent after the stop."""
    kept = passed(results, frames, "send_checks")
    met = [{**row, "none": 0} for row in kept]
    yield Table("nobody_stopped", kept, holds("stopped_hits", 0))
    yield Table("messages_seen", met, (Claim("greater", ("sent_count", "none"), reading=True),))
    listed = frames.get("send_exceptions")
    if listed is None:
        return
    after = [{"listed": len(passed(results, frames, "send_exceptions"))}]
    yield Table("none_listed", after, (only("listed", 0),))
    failed = [
        {"listed": len(mine), "none": 0} for mine in marked_units(results, frames, "send_exceptions", "A", Mark.FAIL)
    ]
    yield Table("stopped_listed", failed, (Claim("greater", ("listed", "none"), reading=True),))


READINGS: Mapping[str, Callable[[Results, Frames], Iterator[Table]]] = {
    "sending.fields_necessary": _fields,
    "sending.stops_heeded": _stops,
}
