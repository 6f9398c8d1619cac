"""What a ledger tells of the runs of its engagement: where each begins and ends, who did what, and what came of it.

Pure. A chain is one line for all runs, and nothing in it names a run before it closes: a part goes on until its sealing
and what was done to its bundle afterwards. Source: docs/ledger.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from evidence_kit.ledger.chain import Entry

#: What is done to a bundle, or said of it, once its run is closed; anything else begins the next part. While a
#: bundle waits for its signature the ledger may go on with these alone.
AFTERWARDS = frozenset(
    {
        "bundle.signed",
        "bundle.released",
        "bundle.exported",
        "person.revealed",
        "note.added",
        "result.disputed",
        "file.attached",
        "processor.moved",
    }
)
#: What should not be overlooked among the entries of a part.
TROUBLED = frozenset({"job.failed", "request.refused", "sample.abandoned"})


@dataclass(frozen=True, slots=True)
class Part:
    """Entries `first` to `last`, from one sealing to the next. `run`: its number, known once it was scanned.

    `ended`: `signed` (a bundle of it was), `sealed` (closed, and no bundle signed), or `open`. `deeds`: (actor, action)
    → how many entries, in the order of their first. `troubled`: entries that tell of something that went wrong.
    """

    run: str | None
    first: int
    last: int
    begun_at: str
    ended_at: str
    ended: str
    deeds: Mapping[tuple[str, str], int]
    troubled: tuple[int, ...]

    @property
    def actors(self) -> tuple[str, ...]:
        """Who acted, in the order of their first deed."""
        return tuple(dict.fromkeys(actor for actor, _ in self.deeds))


@dataclass(frozen=True, slots=True)
class Signed:
    """What an entry says of a bundle: its name and the digest of the tag manifest that was signed. `seq`: which."""

    bundle: str
    tagmanifest_sha256: str
    seq: int


def parts(entries: Iterable[Entry]) -> tuple[Part, ...]:
    """The runs of an engagement, in order; what was done between two of them stands with the later one."""
    return tuple(_part(one) for one in _cut(entries))


def signed(entries: Iterable[Entry]) -> tuple[Signed, ...]:
    """Every bundle that the ledger says was signed, at whatever level; withheld entries tell of none."""
    return tuple(
        Signed(entry.subject.partition(":")[2], str(entry.data["tagmanifest_sha256"]), entry.seq)
        for entry in entries
        if entry.action == "bundle.signed" and entry.data is not None
    )


def _cut(entries: Iterable[Entry]) -> Iterator[Sequence[Entry]]:
    part: list[Entry] = []
    closed = False
    for entry in entries:
        if closed and entry.action not in AFTERWARDS:
            yield part
            part, closed = [], False
        part.append(entry)
        closed = closed or entry.action == "ledger.sealed"
    if part:
        yield part


def _part(entries: Sequence[Entry]) -> Part:
    actions = {entry.action for entry in entries}
    scanned = [entry.subject.partition(":")[2] for entry in entries if entry.action == "release.scanned"]
    return Part(
        run=scanned[-1] if scanned else None,
        first=entries[0].seq,
        last=entries[-1].seq,
        begun_at=entries[0].at,
        ended_at=entries[-1].at,
        ended="signed" if "bundle.signed" in actions else "sealed" if "ledger.sealed" in actions else "open",
        deeds=Counter((entry.actor, entry.action) for entry in entries),
        troubled=tuple(entry.seq for entry in entries if entry.action in TROUBLED or _ended_badly(entry)),
    )


def _ended_badly(entry: Entry) -> bool:
    return entry.action == "run.ended" and entry.data is not None and entry.data.get("status") != "passed"
