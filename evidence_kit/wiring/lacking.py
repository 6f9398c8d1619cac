"""What each control of an engagement still lacks, in plain words: told from its parameters and its lists alone.

Nothing is opened but files of CSV, to see whether they hold a line. Source: docs/starting.md, "What `check` says".
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from evidence_kit.edges.params.agreement import ROOTS
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import Control, Engagement, Need, SourceMapping
from evidence_kit.model.evidence import FRAMES
from evidence_kit.wiring import places

#: Frames of every column that the sources show: a register without a line leaves them all undeclared, which is a test.
OF_THE_SCHEMA = frozenset({"column_units", "column_entries"})
_FROM = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([A-Za-z_]\w*))')
_BLANK = b"\xef\xbb\xbf \t\r\n,;"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that a control lacks. `stops`: without it nothing can be tested; else something stays undecided."""

    text: str
    stops: bool


def of(engagement: Engagement, control: Control) -> tuple[Lack, ...]:
    """What one control lacks, each thing once, what stops it first."""
    found = dict.fromkeys(lack for need in control.needs for lack in _of_need(engagement, need))
    return tuple(sorted(found, key=lambda lack: not lack.stops))


def _of_need(engagement: Engagement, need: Need) -> Iterator[Lack]:
    if need.frame == "channel_units" and not engagement.channels and not _giving(engagement, "channel_checks"):
        yield Lack("no channel is declared: say under `channels` what is offered for requests", True)
    if need.frame == "field_units" and not (engagement.sending and engagement.sending.readers):
        yield from _of_frame(engagement, "send_fields", need)
        if not _giving(engagement, "send_fields"):
            yield Lack("nothing says which fields the sendings use: map send_fields, or say `sending: readers`", True)
    for frame in ROOTS.get(need.frame, (need.frame,)):
        yield from _of_frame(engagement, frame, need)


def _giving(engagement: Engagement, frame: str) -> list[SourceMapping]:
    return [one for one in engagement.sources.values() if frame in one.frames]


def _of_frame(engagement: Engagement, frame: str, need: Need) -> Iterator[Lack]:
    giving = _giving(engagement, frame)
    if not giving and frame == need.frame and not need.required and not FRAMES[frame].built:
        yield Lack(f"no source gives {frame}, and what it would show is left out", False)
    for source in giving:
        yield from _of_source(engagement, source, frame, need)


def _of_source(engagement: Engagement, source: SourceMapping, frame: str, need: Need) -> Iterator[Lack]:
    mapping = source.frames[frame]
    if engagement.place(source.name) is None and engagement.rehearsal is None:
        yield Lack(f"source {source.name} has no place: --source {source.name}=PATH, or `open` in {source.file}", True)
        return
    path = _list_of(engagement, source, mapping.origin)
    if path is not None and not _holds_a_line(path):
        if need.frame in OF_THE_SCHEMA:
            yield Lack(f"{path.parent.name}/{path.name} is empty: every column counts as undeclared", False)
        elif need.required:
            yield Lack(f"{path.parent.name}/{path.name} is empty", True)
        else:
            yield Lack(f"{path.parent.name}/{path.name} is empty, and what it would show is left out", False)
    if frame == need.frame:
        named = [name for name in need.evidential if name in mapping.columns]
        nowhere = [name for name in named if _nowhere(source, frame, name)]
        if nowhere:
            where = f"{source.file}, line {mapping.columns[nowhere[0]].line}"
            yield Lack(f"{where}: null for {', '.join(nowhere)} of {frame}: units that need it stay undecided", False)


def _nowhere(source: SourceMapping, frame: str, name: str) -> bool:
    one = source.frames[frame].columns[name]
    return one.sql is None and one.const is None and not one.unknown


def _list_of(engagement: Engagement, source: SourceMapping, origin: str) -> Path | None:
    """The CSV file that a frame is read from, where it is one and is there."""
    if source.engine != "csv" or engagement.place(source.name) is None:
        return None
    try:
        place = places.reached(engagement, source.name)
    except ParameterError:
        return None
    if place is None or not source.options.get("folder"):
        return place
    named = _FROM.match(origin)
    table = (named[1] or named[2]).replace('""', '"') if named else ""
    files = (place / f"{table}{end}" for end in (".csv", ".csv.gz"))
    return next((file for file in files if file.is_file()), None)


def _holds_a_line(path: Path) -> bool:
    """Whether something follows the line of heads."""
    if path.suffix == ".gz":
        with gzip.open(path, "rb") as packed:
            return _two(packed)
    with path.open("rb") as file:
        return _two(file)


def _two(lines: Iterable[bytes]) -> bool:
    return len(list(islice((line for line in lines if line.strip(_BLANK)), 2))) > 1
