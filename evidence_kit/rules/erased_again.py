"""Verdicts of the erasure controls read a second time, from the evidence rows alone. See `readings`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Mark
from evidence_kit.model.sample import Row
from evidence_kit.rules.claims import Table
from evidence_kit.rules.reread import Frames, Results, holds, marked, marked_units, passed

#: States in which an erased person may be found without fault; `present` under an exception alone.
HARMLESS = ("absent", "suppressed-only", "masked", "backup-only", "present")


def _absent(results: Results, frames: Frames) -> Iterator[Table]:
    """Whoever passed stands nowhere, or where and as they may; whoever failed stands somewhere."""
    rows = [row for row in passed(results, frames, "erasure_probes") if row["state"] != "reappeared"]
    by_state = {state: [row for row in rows if row["state"] == state] for state in HARMLESS}
    seen = [row for state in HARMLESS if state != "present" for row in by_state[state]]
    excepted = (*holds("exception_declared", True), *holds("exception_within", True))
    yield Table("left_harmless", rows, holds("state", *HARMLESS))
    yield Table("search_shown_to_see", seen, holds("positive_control", True))
    yield Table("nothing_matched", by_state["absent"], holds("matched_rows", 0))
    yield Table("entry_hashed", by_state["suppressed-only"], holds("suppression_form", "hashed"))
    yield Table("mask_without_return", by_state["masked"], holds("mask", "irreversible"))
    yield Table("kept_by_exception", by_state["present"], excepted)
    executed = (Claim("not-null", ("executed_at",), reading=True),)
    yield Table("executed", passed(results, frames, "erasure_log"), executed)
    failed = [
        {"rows": sum(_count(row, "matched_rows") for row in mine), "none": 0}
        for mine in marked_units(results, frames, "erasure_probes", "B", Mark.FAIL)
    ]
    yield Table("still_there", failed, (Claim("greater", ("rows", "none"), reading=True),))


def _returned(results: Results, frames: Frames) -> Iterator[Table]:
    """Of whoever passed, each return is a new collection with its proof, and nobody seen absent is simply there."""
    rows = passed(results, frames, "erasure_probes")
    back = [row for row in rows if row["state"] == "reappeared"]
    there = [row for row in rows if row["state"] == "present" and row["exception_declared"] is not True]
    proved = (*holds("return_cause", "new-collection"), *holds("return_evidence", True))
    yield Table("collected_anew", back, proved)
    never_gone = [{"seen_absent": row["previously_absent_at"] is not None} for row in there]
    yield Table("never_gone", never_gone, holds("seen_absent", False))
    failed = [
        {"back": any(row["state"] == "reappeared" for row in mine)}
        for mine in marked_units(results, frames, "erasure_probes", "A", Mark.FAIL)
    ]
    yield Table("came_back", failed, holds("back", True))


def _minimal(results: Results, frames: Frames) -> Iterator[Table]:
    kept = tuple(Claim("not-null", (name,), reading=True) for name in ("reason", "added_at"))
    keyed = (*holds("stored_form", "hmac", "sha256_salted"), *holds("extra_personal_columns", 0), *kept)
    yield Table("keyed_and_alone", passed(results, frames, "suppression_list"), keyed)
    bare = marked(results, frames, "suppression_list", "A", Mark.FAIL)
    yield Table("readable_entry", bare, holds("stored_form", "plaintext", "sha256"))
    beside = [{**row, "none": 0} for row in marked(results, frames, "suppression_list", "B", Mark.FAIL)]
    yield Table("more_than_needed", beside, (Claim("greater", ("extra_personal_columns", "none"), reading=True),))


def _told(results: Results, frames: Frames) -> Iterator[Table]:
    rows = passed(results, frames, "recipient_units")
    said = [{"said": row["notified_at"] or row["exemption"]} for row in rows]
    grounded = (Claim("not-null", ("exemption_reason_ref",), reading=True),)
    untold = marked(results, frames, "recipient_units", "A", Mark.FAIL)
    unexcused = [{"excused": row["exemption"] is not None} for row in untold]
    late = [
        {"told": _ordinal(row, "notified_at"), "executed": _ordinal(row, "executed_at")}
        for row in untold
        if row["notified_at"] is not None
    ]
    yield Table("told_or_excused", said, (Claim("not-null", ("said",), reading=True),))
    yield Table("excused_with_ground", [row for row in rows if row["exemption"] is not None], grounded)
    yield Table("untold_without_excuse", unexcused, holds("excused", False))
    yield Table("told_late", late, (Claim("greater", ("told", "executed"), reading=True),))


def _cycled(results: Results, frames: Frames) -> Iterator[Table]:
    rows = passed(results, frames, "backup_units")
    gone = [_days(row) for row in rows if row["unit_kind"] == "backup" and row["deleted_at"] is not None]
    late = [
        _days(row)
        for row in marked(results, frames, "backup_units", "B", Mark.FAIL)
        if row["deleted_at"] is not None and row["expires_at"] is not None
    ]
    restored = [_replay(row) for row in rows if row["unit_kind"] == "restore"]
    owing = [row for row in restored if row["owed"]]
    enough = Claim("not-less", ("replayed", "owed"), reading=True)
    before = Claim("not-less", ("opened", "replayed_on"), reading=True)
    more = Claim("greater", ("owed", "none"), reading=True)
    known = tuple(Claim("not-null", (name,), reading=True) for name in ("replayed", "replayed_on"))
    yield Table("gone_with_its_cycle", gone, (Claim("not-less", ("last", "deleted"), reading=True),))
    yield Table("gone_after_its_cycle", late, (Claim("greater", ("deleted", "expires"), reading=True),))
    opened = [row for row in owing if row["opened"] is not None]
    yield Table("replayed_whole", owing, (*known, enough))
    yield Table("replayed_before_opening", opened, (before,))
    failed = [_replay(row) for row in marked(results, frames, "backup_units", "C", Mark.FAIL)]
    yield Table("erasures_were_owed", [{**row, "none": 0} for row in failed], (more,))


def _days(row: Row) -> dict[str, object]:
    """The day of destruction beside the last one allowed: a day after the expiry, by the calendar."""
    expires = _ordinal(row, "expires_at")
    last = None if expires is None else expires + 1
    return {"deleted": _ordinal(row, "deleted_at"), "expires": expires, "last": last}


def _replay(row: Row) -> dict[str, object]:
    owed = max(_count(row, "erasures_expected"), _count(row, "erasures_counted"))
    days = {"replayed_on": _ordinal(row, "replayed_at"), "opened": _ordinal(row, "opened_at")}
    return {"owed": owed, "replayed": row["erasures_replayed"], **days}


def _ordinal(row: Row, column: str) -> int | None:
    value = row[f"{column}_local"]
    return None if value is None else date.fromisoformat(str(value)).toordinal()


def _count(row: Row, column: str) -> int:
    return int(str(row[column] or 0))


READINGS: Mapping[str, Callable[[Results, Frames], Iterator[Table]]] = {
    "erasure.absent_everywhere": _absent,
    "erasure.suppression_minimal": _minimal,
    "erasure.nothing_returns": _returned,
    "erasure.recipients_told": _told,
    "erasure.backups_cycle": _cycled,
}
