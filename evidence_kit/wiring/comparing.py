"""Two runs compared: sealed bundles, verified first and read under their manifests; or one of them and this run.

`compare` opens nothing for writing but the page that was asked for, and nothing enters a ledger: reading two sealed
bundles changes neither. A run that was asked to say what changed since an earlier one puts the same record into its
own bundle; who runs has the earlier one verified before any work, and the collector reads it again when it closes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from evidence_kit.edges import bundles, visits
from evidence_kit.edges.archive import write_whole
from evidence_kit.errors import ParameterError, SealError
from evidence_kit.ledger.comparison import comparison_record
from evidence_kit.ledger.records import Record, seconds
from evidence_kit.model.audit import Engagement
from evidence_kit.model.comparing import Comparison, Run, Why
from evidence_kit.model.disclosure import FULL
from evidence_kit.rules import comparing
from evidence_kit.wiring import verifying

_NAMED = re.compile(r"(?:([a-z0-9-]+)[./])?(r[0-9]{3})(\.[a-z-]+)?")


@dataclass(frozen=True, slots=True)
class Since:
    """An earlier bundle that was verified: where it lies, and the digest of the tag manifest that was seen."""

    path: Path
    tagmanifest_sha256: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared, and the record of it. `swapped`: the runs were named in the other order."""

    comparison: Comparison
    record: Record
    swapped: bool


def compare(first: str, second: str, keys: Sequence[str], runs_in: Path, page: Path | None = None) -> Compared:
    """Compare two bundles, named by path or by run below `runs_in`; the later one stands second whatever the order.

    `keys`: the signers that are trusted, as `verify` takes them; without one a bundle need only be whole. `page`: where
    the page will be written, if anywhere. Raises ParameterError for what is no bundle, does not verify, or cannot be
    found, and for a page that cannot stand there.
    """
    paths = [located(name, runs_in) for name in (first, second)]
    if page is not None:
        refuse_target(page, paths)
    with ExitStack() as stack:
        opened = [stack.enter_context(bundles.opened(path)) for path in paths]
        verifying.passed(paths, opened, keys, "nothing was compared")
        runs = [visits.read(bundle, key_named=bool(keys)) for bundle in opened]
    swapped = comparing.swapped(*runs)
    comparison = comparing.compare(*(reversed(runs) if swapped else runs))
    return Compared(comparison, comparison_record(comparison, swapped=swapped), swapped)


def earlier(name: str, engagement: Engagement, out: Path) -> Since:
    """The bundle that a run of `engagement` is to be compared with: verified, of this organisation, and no later.

    `name` as in `compare`; a bare run, such as r001, is one of this engagement. Raises ParameterError.
    """
    own = re.fullmatch("r[0-9]{3}", name) and not Path(name).exists()
    path = located(f"{engagement.id}.{name}.{FULL}" if own else name, out, "--out")
    with bundles.opened(path) as bundle:
        verifying.passed([path], [bundle], (), "nothing was run")
        if not bundle.name.endswith(f".{FULL}"):
            raise ParameterError(f"--since: {bundle.name} is of another level. Give the bundle of level {FULL}.")
        agreed = json.loads(bundle.content("data/engagement.json", bundle.sealed()))
        digest = bundle.tagmanifest_sha256
    mine = {"name": engagement.organisation.name, "country": engagement.organisation.country}
    if agreed["organisation"] != mine:
        raise ParameterError(f"--since: {path.name} is of another organisation; nothing of it can be compared.")
    if agreed["as_of"] > seconds(engagement):
        raise ParameterError(
            f"--since: the cut-off of {path.name} is later than that of this run. Give an earlier one."
        )
    return Since(path, digest)


def delta(since: Since, this: Run, trusted: Callable[[str], bool]) -> Record:
    """What changed from the earlier bundle to the run that is about to be sealed, as a record of that bundle.

    `trusted`: whether a tag manifest of this digest is one that our ledger signed. Raises SealError where the bundle is
    no longer the one that was verified.
    """
    try:
        with bundles.opened(since.path) as bundle:
            before = visits.read(bundle, key_named=trusted(since.tagmanifest_sha256))
    except ParameterError as error:
        raise SealError(f"--since: {error} Nothing was sealed.") from error
    if before.tagmanifest_sha256 != since.tagmanifest_sha256:
        raise SealError(f"--since: {since.path} changed since it was verified. Nothing was sealed.")
    return comparison_record(comparing.compare(before, this))


def write_page(compared: Compared, target: Path) -> None:
    """The comparison as one page in both languages, written whole or not at all."""
    from evidence_kit.pages import compared as pages

    write_whole(target, pages.render(compared.record), mode=0o600)


def refuse_target(target: Path, paths: Sequence[Path]) -> None:
    """Before anything is verified: a page's file, and none that would stand in a sealed bundle."""
    if target.suffix != ".html" or target.is_dir():
        raise ParameterError(f"--out: {target} is no file that ends with .html. Say the file of the page.")
    if any(target.resolve().is_relative_to(path) for path in paths):
        raise ParameterError("--out: the page would stand in a sealed bundle, and break it. Say another place.")


def worded(why: Why) -> str:
    """A note or a reason as an English sentence, and the names that it concerns."""
    from evidence_kit.pages.words import words

    told = words("en").text(f"compare.{why.code}")
    return f"{told} ({', '.join(why.names)})" if why.names else told


def located(name: str, out: Path, option: str = "--runs") -> Path:
    """The bundle of that path, or of that run below `out`: r002, mailing.r002, mailing/r002, or the whole name.

    `option`: the one that says where runs lie. Raises ParameterError for none, or for several.
    """
    path = Path(name).expanduser()
    if path.exists():
        return path.resolve()
    named = _NAMED.fullmatch(name)
    found = sorted(_bundles(out, named[1] or "*", named[2], named[3] or ".*")) if named else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise ParameterError(
            f"{name} is no path, and no sealed run of that name lies in {out}. Give a path, or {option}."
        )
    listed = ", ".join(one.name for one in found[:5])
    raise ParameterError(f"{name} names several bundles in {out}: {listed}. Give the whole name, or a path.")


def _bundles(out: Path, engagement: str, run: str, level: str) -> Iterator[Path]:
    """Folders of bundles, and ZIP files without a folder of the same name beside them."""
    for path in out.glob(f"{engagement}/{engagement}.{run}{level}"):
        whole = path.name.startswith(f"{path.parent.name}.{run}.")
        zipped = path.suffix == ".zip" and not path.with_suffix("").exists()
        if whole and (path.is_dir() or zipped):
            yield path
