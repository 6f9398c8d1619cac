"""Who came back: two searches of the same people in the same places, compared; and the jobs that ran in between.

Source: docs/norm/retention.md, section 4 (`reappeared`, resurrection test); GDPR art. 17(1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

#: States in which nothing of the person stands in the place but what must keep the next import away.
GONE = frozenset({"absent", "suppressed-only", "masked"})
#: States in which the person can be read again.
THERE = frozenset({"present", "reappeared", "soft-deleted"})
#: Rightly there, on a declared ground of art. 17(3) whose period still runs: neither back nor left over.
KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Seen:
    """One search: an erasure, a place, what was seen there and when. `matched_rows` is None when nothing ran."""

    case_id: str
    source: str
    object: str
    state: str
    matched_rows: int | None
    probed_at: datetime

    @property
    def place(self) -> tuple[str, str, str]:
        """What two searches share when they can be compared."""
        return self.case_id, self.source, self.object


@dataclass(frozen=True, slots=True)
class Job:
    """Something that brings rows in: `cause` is restore, re-import or re-sync; `source` None when nobody says where."""

    job_id: str
    cause: str
    ended_at: datetime
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """A person who was gone from a place and stands there again; the jobs of that source that ran in between."""

    now: Seen
    absent_at: datetime
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What two searches say together. `lost`: places seen before that the later search could not look into."""

    returned: tuple[Returned, ...]
    gone: tuple[Seen, ...]
    still: tuple[Seen, ...]
    new: tuple[Seen, ...]
    lost: tuple[Seen, ...]


def latest(searches: Iterable[Seen]) -> Mapping[tuple[str, str, str], Seen]:
    """The last search of each person in each place that did see something or nothing; one that did not run is none."""
    found: dict[tuple[str, str, str], Seen] = {}
    for one in searches:
        known = found.get(one.place)
        if one.state in GONE | THERE and (known is None or known.probed_at <= one.probed_at):
            found[one.place] = one
    return found


def compare(before: Iterable[Seen], now: Iterable[Seen], jobs: Iterable[Job]) -> Compared:
    """Each person and place of `now` against its last earlier search.

    `returned`: gone before, there now. `gone`: there before, gone now. `still`: there both times. `new`: there, and
    never searched before. `lost`: seen before, and not searched now: of those nothing can be said.
    """
    earlier, held = latest(before), tuple(jobs)
    searched = tuple(now)
    there = [one for one in searched if one.state in THERE]
    known = [(one, earlier.get(one.place)) for one in there]
    looked = {one.place for one in searched if one.state in GONE | THERE | {KEPT}}
    return Compared(
        returned=tuple(
            Returned(one, was.probed_at, between(held, was, one)) for one, was in known if was and was.state in GONE
        ),
        gone=tuple(
            one
            for one in searched
            if one.state in GONE and (was := earlier.get(one.place)) is not None and was.state in THERE
        ),
        still=tuple(one for one, was in known if was is not None and was.state in THERE),
        new=tuple(one for one, was in known if was is None),
        lost=tuple(one for place, one in sorted(earlier.items()) if place not in looked),
    )


def between(jobs: Iterable[Job], was: Seen, now: Seen) -> tuple[Job, ...]:
    """The jobs that ended after the one search and not after the other, in that source or nobody knows where."""
    return tuple(
        sorted(
            (job for job in jobs if was.probed_at < job.ended_at <= now.probed_at and job.source in (None, now.source)),
            key=lambda job: (job.ended_at, job.job_id),
        )
    )
