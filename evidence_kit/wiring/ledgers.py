"""An engagement's ledger read and checked, without a key and without a word written to it.

Chain, order of deeds, and every sealed bundle that can be reached: what a bundle holds must be the beginning of the
ledger, entry by entry. Source: docs/ledger.md; docs/norm/bundle.md, section 4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence_kit.edges import bundles, ledger_file
from evidence_kit.errors import LedgerBroken, ParameterError
from evidence_kit.ledger import chain, lineage
from evidence_kit.ledger.chain import Entry

NAME = "data/ledger.jsonl"
_FIRST = re.compile(r"engagement:([a-z0-9][a-z0-9-]{0,63})")
#: Bytes of a ledger at most: fifteen thousand runs of the rehearsal.
LARGEST = 4 << 30


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a reader should know. `breaks`: the ledger is not whole. `entry`: where, counted from 1."""

    code: str
    text: str
    breaks: bool
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A sealed bundle that was held against the ledger: how many entries it has, and which entry says it was signed."""

    bundle: str
    level: str
    run: str
    kind: str | None
    path: Path
    entries: int
    head_sha256: str
    signed: int | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was read: the entries that follow from one another, in parts, the bundles, and the remarks."""

    path: Path
    engagement: str
    entries: tuple[Entry, ...]
    parts: tuple[lineage.Part, ...]
    bundles: tuple[Held, ...]
    remarks: tuple[Remark, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing that was found breaks it; an empty ledger is never whole."""
        return bool(self.entries) and not any(one.breaks for one in self.remarks)


def look(named: str, out: Path, others: Sequence[Path] = ()) -> Ledger:
    """The ledger of an engagement below `out`, of a folder, a bundle (folder or ZIP) or a file, checked.

    `others`: sealed bundles that lie elsewhere, held against it too. Raises ParameterError where there is no ledger.
    """
    path = _located(named, out)
    if path.suffix == ".jsonl":
        found = [*_beside(path.parent), *others]
        return _read(path, path.read_bytes(), found)
    with bundles.opened(path) as bundle:
        return _read(path, bundle.content(NAME, bundle.sealed()), [path, *others])


def _located(named: str, out: Path) -> Path:
    """A ledger's file, or a bundle that holds one."""
    given = Path(named).expanduser()
    for path in (given, out / named):
        if (path / ledger_file.NAME).is_file():
            return (path / ledger_file.NAME).resolve()
        if path.is_file() and path.suffix == ".jsonl":
            return path.resolve()
        if (path / bundles.CATALOGUE).is_file() or (path.is_file() and path.suffix == ".zip"):
            return path.resolve()
    raise ParameterError(
        f"{named}: no ledger is there, and {out} holds none of an engagement of that name. Give the engagement, its "
        f"folder, its {ledger_file.NAME} or a bundle; --out DIR says where runs lie."
    )


def _beside(home: Path) -> Iterator[Path]:
    """Sealed bundles of the folder of an engagement, handed-out ones too; of a folder and its ZIP, the folder."""
    for pattern in ("*.r[0-9][0-9][0-9].*", "releases/*/*.r[0-9][0-9][0-9].*"):
        for path in sorted(home.glob(pattern)):
            zipped = path.suffix == ".zip" and path.is_file() and not path.with_suffix("").is_dir()
            if not path.name.startswith(".") and (zipped or path.is_dir()):
                yield path


def _read(path: Path, data: bytes, found: Sequence[Path]) -> Ledger:
    lines, torn = _lines(data)
    remarks = [*_torn(path, torn)]
    engagement, entries = _engagement(lines), tuple[Entry, ...]()
    try:
        entries, story = chain.read(lines, engagement)
        remarks += _still_open(story.running)
    except LedgerBroken as broken:
        told = f"entry {broken.line}: expected {broken.expected}, found {broken.found}"
        remarks.append(Remark("chain", told, True, broken.line))
        entries, _ = chain.read(lines[: broken.line - 1], engagement)
    if not lines:
        remarks.append(Remark("empty", "it holds no entry, and shows nothing", True))
    signed = lineage.signed(entries)
    held: list[Held] = []
    for place in dict.fromkeys(one.expanduser().resolve() for one in found):
        try:
            with bundles.opened(place) as bundle:
                one, said = _held(place, bundle, lines, signed, working=path.suffix == ".jsonl")
        except (ParameterError, OSError) as error:
            remarks.append(Remark("bundle-unreadable", f"{place.name}: {error}", True))
            continue
        held.append(one)
        remarks += said
    remarks += _elsewhere(signed, held)
    return Ledger(path, engagement, entries, lineage.parts(entries), tuple(held), tuple(remarks))


def _lines(data: bytes) -> tuple[list[bytes], int]:
    """Whole lines, and how many bytes follow the last of them."""
    whole = data.rfind(b"\n") + 1
    return data[:whole].splitlines(keepends=True) if b"\r" not in data else _by_lf(data[:whole]), len(data) - whole


def _by_lf(data: bytes) -> list[bytes]:
    """Lines that end with LF alone: a carriage return is a change, and must reach the reader of the chain."""
    return [line + b"\n" for line in data.split(b"\n")[:-1]]


def _engagement(lines: Sequence[bytes]) -> str:
    """Whose ledger it says it is: the first entry's subject, which its first digest rests on."""
    try:
        subject = json.loads(lines[0])["subject"] if lines else ""
        found = _FIRST.fullmatch(subject)
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    return found[1] if found else "unknown"


def _torn(path: Path, torn: int) -> Iterator[Remark]:
    if torn:
        yield Remark(
            "torn",
            f"{torn} byte(s) follow the last whole entry: a process died while it wrote. The next command of this "
            f"engagement moves them to {ledger_file.TORN}; nothing before them depends on them",
            True,
        )
    if path.with_name(ledger_file.TORN).is_file():
        yield Remark("torn-before", f"{ledger_file.TORN} keeps what a process that died left unfinished", False)


def _still_open(running: Sequence[int]) -> Iterator[Remark]:
    for seq in running:
        text = f"the run started by entry {seq} has not ended: it goes on now, or the next command ends it as lost"
        yield Remark("run-open", text, False, seq)


def _held(
    place: Path, bundle: bundles.Bundle, lines: Sequence[bytes], signed: Sequence[lineage.Signed], *, working: bool
) -> tuple[Held, list[Remark]]:
    """One bundle against the ledger. `working`: the ledger is the engagement's own, which went on after the sealing."""
    sealed = bundle.sealed()
    own, torn = _lines(bundle.content(NAME, sealed))
    catalogue = json.loads(bundle.content(bundles.CATALOGUE, sealed))
    engagement = json.loads(bundle.content("data/engagement.json", sealed))
    said = [*_agrees(bundle.name, own, torn, catalogue, lines)]
    digest = bundle.tagmanifest_sha256
    known = [one for one in signed if one.tagmanifest_sha256 == digest and one.bundle == bundle.name]
    if working and not known:
        said.append(
            Remark(
                "bundle-unknown",
                f"{bundle.name}: no entry says that this bundle was signed, with its digest {digest[:12]}…",
                True,
            )
        )
    head = str(catalogue["ledger"]["head_sha256"])
    level, kind = str(catalogue["level"]), engagement.get("kind")
    seq = known[0].seq if known else None
    return Held(bundle.name, level, bundle.run, kind, place, len(own), head, seq), said


def _agrees(
    name: str, own: Sequence[bytes], torn: int, catalogue: Mapping[str, Any], lines: Sequence[bytes]
) -> Iterator[Remark]:
    """Whether the bundle's entries are the ledger's first ones, and end where its catalogue says."""
    if torn or not own or catalogue["ledger"]["entries"] != len(own) or _digest(own) != _stated(catalogue):
        yield Remark("bundle-head", f"{name}: its ledger does not end where its own catalogue says", True)
    for number, line in enumerate(own, 1):
        if number > len(lines):
            told = f"{name} holds {len(own)} entries, and the ledger ends after {len(lines)}: entries were taken away"
            yield Remark("shorter", told, True, len(lines))
            return
        if not _same(line, lines[number - 1]):
            yield Remark("differs", f"{name} holds another entry {number} than the ledger does", True, number)
            return


def _digest(lines: Sequence[bytes]) -> str | None:
    """The head of a chain by its last line, or None where that is no entry."""
    try:
        return Entry(**json.loads(lines[-1])).sha256
    except (ValueError, TypeError, IndexError, KeyError, RecursionError):
        return None


def _stated(catalogue: Mapping[str, Any]) -> str:
    return str(catalogue["ledger"]["head_sha256"])


def _same(held: bytes, line: bytes) -> bool:
    """One entry twice; a level may withhold its data, which no digest of the chain covers but by their own digest."""
    if held == line:
        return True
    try:
        one, other = json.loads(held), json.loads(line)
        return one["data"] is None and {**one, "data": None} == {**other, "data": None}
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _elsewhere(signed: Sequence[lineage.Signed], held: Sequence[Held]) -> Iterator[Remark]:
    """What the ledger names and nobody could hold against it."""
    for one in signed:
        if one.bundle not in {each.bundle for each in held}:
            text = (
                f"{one.bundle} was signed (entry {one.seq}) and does not lie here: --bundle PATH holds it against this"
            )
            yield Remark("bundle-elsewhere", text, False, one.seq)
    if not held:
        yield Remark("alone", "no sealed bundle was held against it: whoever keeps the keys could write it anew", False)
