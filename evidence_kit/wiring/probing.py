"""Erased people looked for again: `probe` compares today with every earlier search, `drill` with a restored backup.

The searches of one engagement are kept in growing files beside its ledger, by erasure and place: no address, no
pseudonym. Each is entered in the ledger by its digest. Source: docs/norm/retention.md, section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from evidence_kit.edges import growing, replaying
from evidence_kit.edges.collector import seal_process
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.edges.source import SqlSource
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.ledger.chain import Action
from evidence_kit.model.audit import Engagement, Place
from evidence_kit.model.canonical import digest, dumps, instant
from evidence_kit.model.sample import Row
from evidence_kit.rules import returning
from evidence_kit.rules.returning import Job, Seen
from evidence_kit.steps.drawing import COLLECTOR
from evidence_kit.wiring import batch, keys, places, room

FOLDER, PROBES, DRILLS, REPLAY = "probes", "probes.jsonl", "drills.jsonl", "replay-{0}.csv"
#: What the ledger calls them.
SEARCH, DRILL = "probe.erasure_probes", "drill.erasure_probes"
#: What is kept of one search.
KEPT = ("probe_id", "case_id", "source", "object", "object_declared", "state", "match_route", "matched_rows",
        "matched_in", "positive_control", "exception_within", "return_cause", "return_evidence")  # fmt: skip
#: States that a search did not give: then nothing is known, and that is shown.
UNSEEN = ("unreachable", "not-probed", "weak-match")
Say = Callable[[str], None]


def probe(engagement: Engagement, out: Path, say: Say) -> dict[str, Any]:
    """Search every erased person again, keep what was seen, and compare it with the searches before.

    Raises ParameterError for an engagement that maps no erasures, SourceError for a record that was changed.
    """
    _refuse_without(engagement)
    with opened_with_record(engagement, out, say) as (folder, source, ledger):
        record, now = read_record(folder / PROBES, ledger, SEARCH), places.clock()
        say("searching every object for all erased people together")
        seen = _seen(source, now)
        before = [_read(row) for row in record] + _told_before(source)
        compared = returning.compare(before, [_read(row) for row in seen], _jobs(source))
        _refuse_clock(record, now)
        kept = growing.append(folder / PROBES, growing.last(record) + 1, seen)
        _enter(ledger, SEARCH, source, seen, kept)
        return {
            "engagement": engagement.id,
            "probed_at": instant(now),
            "cases": len({row["case_id"] for row in seen}),
            "places": len({(row["source"], row["object"]) for row in seen}),
            "states": _states(seen),
            "without_control": _without_control(seen),
            "returned": [_returned(one) for one in compared.returned],
            "still": [_shown(one) for one in compared.still],
            "new": [_shown(one) for one in compared.new],
            "gone": [_shown(one) for one in compared.gone],
            "lost": [_shown(one) for one in compared.lost],
            "files": {str(folder / PROBES): kept},
        }


def drill(engagement: Engagement, out: Path, backup: str, restored: Sequence[str], say: Say) -> dict[str, Any]:
    """Search the restored sources for everybody erased since the backup; write the replay list of those who are back.

    `restored`: the sources that were pointed at the restored backup. Raises as `probe`, and ParameterError for a backup
    that no source knows, and where no source was given.
    """
    _refuse_without(engagement)
    if not restored:
        raise ParameterError("drill: say which source is the restored one: --source NAME=PATH")
    if unknown := set(restored) - set(engagement.sources):
        raise ParameterError(f"--restored: {engagement.id} has no source {', '.join(sorted(unknown))}.")
    others = {name: Place(name, not_searched="not restored") for name in engagement.sources if name not in restored}
    with opened_with_record(replace(engagement, places={**engagement.places, **others}), out, say) as (
        folder,
        source,
        ledger,
    ):
        record, now = read_record(folder / DRILLS, ledger, DRILL), places.clock()
        taken = _taken(source, backup)
        since = {row["case_id"] for row in _erased_since(source, taken)}
        say(f"searching {', '.join(restored)} for {len(since)} people erased since the backup")
        seen = [row for row in _seen(source, now) if row["case_id"] in since and row["source"] in restored]
        back = [row for row in seen if _state(row) in returning.THERE]
        unseen = [row for row in seen if _unseen(row)]
        line: dict[str, Any] = {
            "drill_id": f"DRILL-{growing.last(record) + 1:03d}",
            "backup_id": backup,
            "taken_at": instant(taken),
            "restored_at": instant(now),
            "sources": ",".join(restored),
            "erasures_expected": len(since),
            "erasures_searched": len({row["case_id"] for row in seen}),
            "erasures_back": len({row["case_id"] for row in back}),
            "places_unseen": len({(row["source"], row["object"]) for row in unseen}),
        }
        files = {str(folder / DRILLS): growing.append(folder / DRILLS, growing.last(record) + 1, [line])}
        name = REPLAY.format(line["drill_id"].lower())
        files[str(folder / name)] = replaying.write(folder / name, back)
        _enter(ledger, DRILL, source, seen, files[str(folder / DRILLS)])
        return {
            "engagement": engagement.id,
            **line,
            "verdict": _verdict(line),
            "replay": [_shown(_read(row)) for row in back],
            "unseen": [_shown(_read(row)) for row in unseen],
            "files": files,
        }


def _verdict(line: Mapping[str, Any]) -> str:
    """PASS only when people were expected, all were searched, the searches could see, and nobody is there any more."""
    if line["erasures_back"]:
        return "FAIL"
    if not line["erasures_expected"] or line["places_unseen"] or line["erasures_searched"] < line["erasures_expected"]:
        return "INCONCLUSIVE"
    return "PASS"


@contextmanager
def opened_with_record(
    engagement: Engagement, out: Path, say: Say, name: str = FOLDER
) -> Iterator[tuple[Path, SqlSource, LedgerFile]]:
    """The folder `name` of the record, every source, and the ledger, for one process at a time."""
    home = batch.stand(engagement, out).home
    placed = batch.paths(engagement, home, say)
    reached = room.addresses(engagement)
    seal_process()
    vault = keys.opened(engagement, home)
    folder = home / name
    with batch.alone(home, engagement.id):
        folder.mkdir(mode=0o700, exist_ok=True)
        ledger = LedgerFile(home, engagement.id, places.clock, vault.entry_salt)
        if not ledger.entries:
            agreed = {"engagement_sha256": digest(dumps(room.agreed_record(engagement)))}
            ledger.append(Action("process:run", "ledger.opened", f"engagement:{engagement.id}", agreed))
        say(f"opening {len(engagement.sources)} source(s)")
        source = SqlSource(engagement, placed, folder, vault, reached)
        try:
            yield folder, source, ledger
        finally:
            source.close()


def _refuse_without(engagement: Engagement) -> None:
    if not any("erasure_log" in source.frames for source in engagement.sources.values()):
        raise ParameterError(
            f"{engagement.file}: no source maps erasure_log, so nobody is known to be looked for (docs/searches.md)."
        )


def read_record(path: Path, ledger: LedgerFile, frame: str) -> list[growing.Row]:
    """The record so far, as the ledger knows it. Raises SourceError for a file that was changed, or put away."""
    rows = growing.read(path)
    entered = [entry.data for entry in ledger.entries if entry.action == "frame.collected" and entry.data is not None]
    known = [str(data["frame_sha256"]) for data in entered if data["frame"] == frame]
    nothing = sha256(b"").hexdigest()
    entered_last = known[-1] if known else nothing
    if rows and rows[-1]["before_sha256"] == entered_last:
        return growing.drop_last(path)  # killed before the ledger knew of the last search: it was told to nobody
    if entered_last != (sha256(path.read_bytes()).hexdigest() if path.exists() else nothing):
        raise SourceError(
            f"{path}: this file was changed after it was written: the ledger has another digest of it. Put the file "
            "back, or begin anew in another --out."
        )
    return rows


def _refuse_clock(record: Sequence[growing.Row], now: datetime) -> None:
    if record and max(str(row["probed_at"]) for row in record) > instant(now):
        raise ParameterError("the clock stands before the last search that was kept. Set it right, then search again.")


def _seen(source: SqlSource, now: datetime) -> list[dict[str, Any]]:
    rows = source.plain("erasure_probes", KEPT, "probe_id")
    return [{**row, "probed_at": instant(now)} for row in rows]


def _read(row: Mapping[str, Any]) -> Seen:
    at = datetime.fromisoformat(str(row["probed_at"]))
    return Seen(row["case_id"], row["source"], row["object"], _state(row), row["matched_rows"], at)


def _state(row: Mapping[str, Any]) -> str:
    """What art. 17(3) lets stay while its period runs, and a new sign-up that is proved: neither back nor left over."""
    kept = row["state"] == "present" and row.get("exception_within") is True
    anew = row.get("return_cause") == "new-collection" and row.get("return_evidence") is True
    return returning.KEPT if kept or (row["state"] == "reappeared" and anew) else str(row["state"])


def _told_before(source: SqlSource) -> list[Seen]:
    """The organisation's own earlier searches: rows found, or none."""
    columns = ("case_id", "source", "object", "matched_rows", "probed_at")
    told = source.plain("earlier_probes", columns, "probe_id")
    states = {True: "present", False: "absent"}
    return [
        _read({**row, "state": states[bool(row["matched_rows"])]})
        for row in told
        if row["matched_rows"] is not None and row["probed_at"] is not None
    ]


def _jobs(source: SqlSource) -> list[Job]:
    """What brought rows in: the jobs that are logged, and restorations into production."""
    found = [
        Job(str(row["job_id"]), str(row["cause"]), _moment(row["ended_at"]), _text(row["source"]))
        for row in source.plain("return_jobs", ("job_id", "cause", "ended_at", "source"), "job_id")
        if row["ended_at"] is not None
    ]
    backups = {row["backup_id"]: row["source"] for row in source.plain("backups", ("backup_id", "source"), "backup_id")}
    columns = ("restore_id", "backup_id", "target", "restored_at")
    for row in source.plain("restores", columns, "restore_id"):
        if row["target"] == "production" and row["restored_at"] is not None:
            where = _text(backups.get(row["backup_id"]))
            found.append(Job(str(row["restore_id"]), "restore", _moment(row["restored_at"]), where))
    return found


def _taken(source: SqlSource, backup: str) -> datetime:
    known = {
        row["backup_id"]: row["taken_at"] for row in source.plain("backups", ("backup_id", "taken_at"), "backup_id")
    }
    if known.get(backup) is None:
        raise ParameterError(
            f"--backup: no source knows a backup of this identifier with the day it was taken; {len(known)} are known."
        )
    return _moment(known[backup])


def _erased_since(source: SqlSource, taken: datetime) -> list[Row]:
    rows = source.plain("erasure_log", ("erasure_id", "executed_at"), "erasure_id")
    return [
        {"case_id": row["erasure_id"]}
        for row in rows
        if row["executed_at"] is not None and _moment(row["executed_at"]) > taken
    ]


def _enter(ledger: LedgerFile, frame: str, source: SqlSource, seen: Sequence[Mapping[str, Any]], sha256: str) -> None:
    """The search in the ledger: what ran, how many rows it gave, and the digest of the file that keeps them."""
    said = {
        "frame": frame,
        "query_sha256": digest(source.query("erasure_probes")),
        "rows": len(seen),
        "frame_sha256": sha256,
    }
    ledger.append(Action(COLLECTOR, "frame.collected", f"frame:{frame}", said))


def _states(seen: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    met = [_state(row) for row in seen]
    return {state: met.count(state) for state in sorted(set(met))}


def _unseen(row: Mapping[str, Any]) -> bool:
    """Whether this search leaves open what stands there: it did not run, or could not have seen anybody."""
    return row["state"] in UNSEEN or (row["state"] in returning.GONE and row["positive_control"] is not True)


def _without_control(seen: Sequence[Mapping[str, Any]]) -> list[str]:
    """Places where no known person was found by the same search: nothing found there proves nothing."""
    return sorted({f"{row['source']}.{row['object']}" for row in seen if row["positive_control"] is not True})


def _shown(one: Seen) -> dict[str, Any]:
    return {"case_id": one.case_id, "place": f"{one.source}.{one.object}", "state": one.state, "rows": one.matched_rows}


def _returned(one: returning.Returned) -> dict[str, Any]:
    jobs = [{"job_id": job.job_id, "cause": job.cause, "ended_at": instant(job.ended_at)} for job in one.jobs]
    return {**_shown(one.now), "absent_at": instant(one.absent_at), "jobs": jobs}


def _moment(value: object) -> datetime:
    return datetime.fromisoformat(str(value))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
