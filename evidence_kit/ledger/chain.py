"""The ledger: who did what, when, each entry bound to the one before. Pure; `edges.ledger_file` writes it.

Source: docs/norm/bundle, section 4.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from evidence_kit.errors import LedgerBroken
from evidence_kit.ledger.order import Story
from evidence_kit.model.canonical import NotCanonical, digest, dump_line, dumps, is_instant, netstring

LARGEST_DATA: Final = 4096  # bytes of the canonical text of `data`
LONGEST_LINE: Final = 1024 * 1024

_KEYS: Final = {"seq", "at", "actor", "action", "subject", "data", "data_sha256", "prev_sha256"}
_ACTOR: Final = re.compile(r"(person|process):[a-z0-9][a-z0-9._-]{0,63}")
_SUBJECT: Final = re.compile(r"[a-z]+:\S.*")
_SALT: Final = re.compile(r"[0-9a-f]{32}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Head(NamedTuple):
    """The last entry of a chain as the next one sees it: its number, its digest, its time. `seq` 0: no entry yet."""

    seq: int
    sha256: str
    at: str


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be written: `data` without salt and clock. Raises ValueError for another form of actor or subject."""

    actor: str
    action: str
    subject: str
    data: Mapping[str, object]

    def __post_init__(self) -> None:
        if not _ACTOR.fullmatch(self.actor):
            raise ValueError(f"actor {self.actor!r} is not person:<id> or process:<name>")
        if not _SUBJECT.fullmatch(self.subject):
            raise ValueError(f"subject {self.subject!r} is not <kind>:<name>")
        if {"salt", "clock"} & set(self.data):
            raise ValueError("salt and clock are added by the chain")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. `at` is an instant as text; `data` is None where it is withheld at a level."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    data: Mapping[str, object] | None
    data_sha256: str
    prev_sha256: str

    @property
    def record(self) -> dict[str, object]:
        """The entry as its line holds it."""
        held = {name: getattr(self, name) for name in _KEYS}
        return held | {"data": None if self.data is None else dict(self.data)}

    @property
    def sha256(self) -> str:
        """The digest the next entry names. `data` is outside it, so that a chain whose data are withheld closes too."""
        return digest(dumps({name: value for name, value in self.record.items() if name != "data"}))

    @property
    def head(self) -> Head:
        """What the next entry needs to know of this one."""
        return Head(self.seq, self.sha256, self.at)

    @property
    def line(self) -> bytes:
        """The canonical text and one line feed."""
        return dump_line(self.record)


def genesis(engagement: str) -> str:
    """What the first entry names as its predecessor: the chain belongs to one engagement."""
    return digest("ek1:ledger:" + netstring(engagement))


def opening(engagement: str) -> Head:
    """The head of a ledger that has no entry yet."""
    return Head(0, genesis(engagement), "")


def next_entry(last: Head, action: Action, at: str, salt: str) -> Entry:
    """The entry that follows `last`. `at`: what the clock says now, an instant; `salt`: 32 hex digits from the vault.

    When the clock went back, `at` repeats the last entry's and `data.clock` keeps what the clock said.
    Raises ValueError for a malformed time or salt, NotCanonical for data with no canonical text or above 4 KiB.
    """
    if not is_instant(at):
        raise ValueError("at is not an instant with six digits")
    if not _SALT.fullmatch(salt):
        raise ValueError("salt is not 32 hex digits")
    data = {**action.data, "salt": salt}
    if at < last.at:
        data["clock"] = at
        at = last.at
    text = dumps(data)
    if len(text.encode()) > LARGEST_DATA:
        raise NotCanonical("data of a ledger entry above 4 KiB", "/data")
    return Entry(last.seq + 1, at, action.actor, action.action, action.subject, data, digest(text), last.sha256)


def read(lines: Iterable[bytes], engagement: str) -> tuple[tuple[Entry, ...], Story]:
    """Every entry of a ledger, in order, and the story they tell; `lines` end with LF each.

    Raises LedgerBroken at the first line that is not canonical, does not follow, or comes before what it needs.
    """
    entries: list[Entry] = []
    story = Story()
    last = opening(engagement)
    for number, line in enumerate(lines, start=1):
        entry = _parse(line, number)
        _follows(entry, last, number)
        try:
            story.admit(entry.seq, entry.action, entry.subject, entry.data)
        except ValueError as error:
            raise LedgerBroken(number, str(error), entry.action) from error
        entries.append(entry)
        last = entry.head
    return tuple(entries), story


def _parse(line: bytes, number: int) -> Entry:
    if len(line) > LONGEST_LINE:
        raise LedgerBroken(number, "at most 1 MiB", "a longer line")
    try:
        value = json.loads(line)
        canonical = dump_line(value)
    except (ValueError, RecursionError) as error:
        raise LedgerBroken(number, "one canonical JSON object and LF", "something else") from error
    if canonical != line:
        raise LedgerBroken(number, "the canonical form", "another order, spacing or line end")
    if not isinstance(value, dict) or set(value) != _KEYS:
        raise LedgerBroken(number, f"exactly the keys {', '.join(sorted(_KEYS))}", "others")
    for name, kind in (("seq", int), ("at", str), ("actor", str), ("action", str), ("subject", str)):
        if not isinstance(value[name], kind):
            raise LedgerBroken(number, f"{name} as {kind.__name__}", type(value[name]).__name__)
    for name in ("data_sha256", "prev_sha256"):
        if not isinstance(value[name], str) or not _DIGEST.fullmatch(value[name]):
            raise LedgerBroken(number, f"{name} as 64 hex digits", "something else")
    if value["data"] is not None and not isinstance(value["data"], dict):
        raise LedgerBroken(number, "data as an object or null", type(value["data"]).__name__)
    return Entry(**value)


def _follows(entry: Entry, last: Head, number: int) -> None:
    if isinstance(entry.seq, bool) or entry.seq != last.seq + 1:
        raise LedgerBroken(number, f"seq {last.seq + 1}", f"seq {entry.seq}")
    if entry.prev_sha256 != last.sha256:
        raise LedgerBroken(number, f"prev {last.sha256[:12]}…", f"prev {entry.prev_sha256[:12]}…")
    if not is_instant(entry.at) or entry.at < last.at:
        raise LedgerBroken(number, f"an instant not before {last.at or 'the first'}", "another time")
    if not _ACTOR.fullmatch(entry.actor) or not _SUBJECT.fullmatch(entry.subject):
        raise LedgerBroken(number, "an actor and a subject of the norm's form", "another form")
    if entry.data is None:
        return
    found = digest(dumps(dict(entry.data)))
    if found != entry.data_sha256:
        raise LedgerBroken(number, f"data_sha256 {found[:12]}…", f"{entry.data_sha256[:12]}…")
    if not _SALT.fullmatch(str(entry.data.get("salt"))):
        raise LedgerBroken(number, "a salt of 32 hex digits", "none")
