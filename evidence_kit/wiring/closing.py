"""How a run ends in the collector: conclusions written, everything scanned for leaks, the ledger sealed.

Source: docs/norm/bundle.md, section 12; docs/norm/notebook-gate.md, section 7.
"""

from __future__ import annotations

import getpass
import socket
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence_kit import __version__, steps
from evidence_kit.edges import visits
from evidence_kit.edges.scan import Report, Scanner
from evidence_kit.errors import SealError
from evidence_kit.ledger import records
from evidence_kit.ledger.lineage import AFTERWARDS
from evidence_kit.ledger.manifest import content_sha256
from evidence_kit.model.canonical import dump_line
from evidence_kit.model.disclosure import FULL
from evidence_kit.wiring import comparing, frameworks, planting

if TYPE_CHECKING:
    from evidence_kit.wiring.comparing import Since
    from evidence_kit.wiring.room import Room

#: The classes of GX that the suites name: the same bytes in every bundle. Read here and never imported: GX is slow.
CLASSES = Path(__file__).resolve().parents[1] / "edges" / "evidence_expectations.py"


def close(room: Room, since: Since | None = None) -> dict[str, Any]:
    """Write what follows from the results, scan, seal the ledger. Answers its head; raises SealError for a leak.

    `since`: the earlier bundle that this one is to say the changes from.
    """
    room.archive.drop("ledger.jsonl", "scan.json", "delta.json")
    _write_conclusions(room)
    _write_suites(room)
    _write_openings(room)
    if since is not None:
        _write_delta(room, since)
    planting.write(room)
    _write_scan(room)
    digests = {f"data/{name}": sha256(room.archive.get(name)).hexdigest() for name in room.archive.names()}
    sealed = {"entries": len(room.ledger.entries), "content_sha256": content_sha256(digests)}
    entry = room.archive.append(steps.COLLECTOR, "ledger.sealed", f"engagement:{room.engagement.id}", sealed)
    room.archive.put("ledger.jsonl", b"".join(one.line for one in room.ledger.entries))
    return {
        "entries": entry.seq,
        "head_sha256": entry.sha256,
        "sealed_at": entry.at,
        "signer": room.seal.fingerprint,
        "public_line": room.seal.public_line(),
    }


def refuse_overtaken(room: Room, sealed: bytes, signer: str) -> None:
    """Raises SealError where a bundle that waits for its signature is no longer the ledger's last, or another's.

    `sealed`: the ledger as that bundle holds it; `signer`: the fingerprint that it names.
    """
    entries = room.ledger.entries
    count = sealed.count(b"\n")
    same = b"".join(entry.line for entry in entries[:count]) == sealed and count > 0
    if (
        not same
        or entries[count - 1].action != "ledger.sealed"
        or any(one.action not in AFTERWARDS for one in entries[count:])
    ):
        raise SealError(
            f"the ledger went on since run {room.run} was closed. Its bundle cannot be signed: `run` again."
        )
    if signer != room.seal.fingerprint:
        raise SealError(
            f"the bundle that waits names {signer} as its signer; the engagement signs with {room.seal.fingerprint}. "
            "Put that key back, or `run` again."
        )


def _write_conclusions(room: Room) -> None:
    controls = room.engagement.controls
    concluded = [steps.conclude(room.desk, control) for control in controls]
    lines = [
        dump_line(steps.finding_record(room.desk, control, finding, number))
        for number, (control, finding) in enumerate(zip(controls, concluded, strict=True), start=1)
    ]
    room.archive.put("findings.jsonl", b"".join(lines))
    room.archive.put("summary.json", dump_line(records.summary_record(concluded)))
    if room.engagement.frameworks:
        verdicts = {finding.control: finding.verdict.value for finding in concluded}
        texts = frameworks.bundled(room.engagement.frameworks, verdicts, room.engagement.answers_to)
        room.archive.put("frameworks.json", dump_line(texts))
    for calendar in room.desk.terms.calendars.values():
        room.archive.put(f"calendars/{calendar.name}.json", dump_line(records.calendar_record(calendar)))
    room.archive.put("blinding.txt", (room.random("blinding") + "\n").encode())


def _write_suites(room: Room) -> None:
    """The suites that were asked; those of an earlier attempt may be of other rows, and go."""
    room.archive.drop(*(name for name in room.archive.names() if name.startswith(("expectations/", "readings/"))))
    for control in room.engagement.controls:
        steps.keep_suites(room.desk, control)
    if any(name.startswith("expectations/") for name in room.archive.names()):
        room.archive.put(f"expectations/{CLASSES.name}", CLASSES.read_bytes())


def _write_openings(room: Room) -> None:
    """The rows of the drawn units as stored, where that was agreed; those of an earlier attempt go."""
    room.archive.drop(*(name for name in room.archive.names() if name.startswith("openings/")))
    if room.engagement.openings:
        for control in room.engagement.controls:
            steps.open_drawn(room.desk, control)


def _write_delta(room: Room, since: Since) -> None:
    """What changed since an earlier bundle. Not written by a kernel: no notebook reads the bundle of another run."""
    head = {
        "bundle": f"{room.engagement.id}.{room.run}.{FULL}",
        "engagement": room.engagement.id,
        "run": room.run,
        "signer": room.seal.fingerprint,
        "kit": __version__,
        "demonstration": room.engagement.demonstration,
    }
    there = frozenset(room.archive.names())
    this = visits.in_hand(lambda name: room.archive.get(name).decode() if name in there else None, head, key_named=True)
    signed = {
        str(one.data["tagmanifest_sha256"])
        for one in room.ledger.entries
        if one.action == "bundle.signed" and one.data is not None
    }
    room.archive.put("delta.json", dump_line(comparing.delta(since, this, signed.__contains__)))


def _write_scan(room: Room) -> None:
    # The openings hold raw values on purpose: they are the one thing that is not scanned, and never leaves this level.
    scanned = (name for name in room.archive.names() if not name.startswith("openings/"))
    payload = {name: room.archive.get(name) for name in scanned}
    report = room.scanner.scan(sorted(payload.items()))
    refuse_leaks(report)
    scan = {
        "hits": 0,
        "values": report.values,
        "canaries": report.canaries,
        "encodings": list(report.encodings),
        "files": [
            {"path": f"data/{name}", "sha256": sha256(payload[name]).hexdigest()}
            for name in sorted(payload, key=str.encode)
        ],
    }
    scan_sha256 = room.archive.put("scan.json", dump_line(scan))
    data = {"scan_sha256": scan_sha256, "hits": 0, "encodings": list(report.encodings)}
    room.archive.append(steps.COLLECTOR, "release.scanned", f"bundle:{room.run}", data)


def scanner(room: Room) -> Scanner:
    """Looks for what pseudonyms stand for, for secrets, and for this machine's and user's names."""
    values: dict[str, list[str]] = {}
    for label, value in room.source.pseudonymised():
        values.setdefault(label, []).append(value)
    values["secret"] = list(room.vault.secrets())
    values["password"] = [secret for address in room.addresses.values() for secret in address.secrets]
    clauses = frameworks.clauses(room.engagement.frameworks)
    return Scanner(values, canaries=room.source.canaries(), names=local_names(), public=clauses)


def local_names() -> tuple[str, str]:
    """What this machine and its user are called."""
    return socket.gethostname(), getpass.getuser()


def refuse_leaks(report: Report) -> None:
    """Raises SealError naming file, row, column and disguise of the first value met, never the value."""
    if report.hits:
        first = report.hits[0]
        where = ", ".join(str(part) for part in (first.file, first.row and f"row {first.row}", first.column) if part)
        found = f"the leak scan found {len(report.hits)} value(s) that must not leave"
        raise SealError(f"{found}; first: {where} ({first.disguise}, of {first.label}). Nothing was sealed.")
