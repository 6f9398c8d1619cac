"""Two sealed bundles compared: both verified first, read under their manifests, put in their order.

Nothing is opened for writing but the page that was asked for, and nothing enters a ledger: reading two sealed bundles
changes neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from evidence_kit.edges import bundles, visits
from evidence_kit.edges.archive import write_whole
from evidence_kit.errors import ParameterError
from evidence_kit.ledger.comparison import comparison_record
from evidence_kit.ledger.records import Record
from evidence_kit.model.comparing import Comparison, Why
from evidence_kit.rules import comparing
from evidence_kit.wiring import verifying

_NAMED = re.compile(r"(?:([a-z0-9-]+)[./])?(r[0-9]{3})(\.[a-z-]+)?")


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
        _refuse_target(page, paths)
    with ExitStack() as stack:
        opened = [stack.enter_context(bundles.opened(path)) for path in paths]
        verifying.passed(paths, opened, keys, "nothing was compared")
        runs = [visits.read(bundle, key_named=bool(keys)) for bundle in opened]
    swapped = comparing.swapped(*runs)
    comparison = comparing.compare(*(reversed(runs) if swapped else runs))
    return Compared(comparison, comparison_record(comparison, swapped=swapped), swapped)


def write_page(compared: Compared, target: Path) -> None:
    """The comparison as one page in both languages, written whole or not at all."""
    from evidence_kit.pages import compared as pages

    write_whole(target, pages.render(compared.record), mode=0o600)


def _refuse_target(target: Path, paths: Sequence[Path]) -> None:
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


def located(name: str, out: Path) -> Path:
    """The bundle of that path, or of that run below `out`: r002, mailing.r002, mailing/r002, or the whole name.

    Raises ParameterError for none, or for several.
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
            f"{name} is no path, and no sealed run of that name lies in {out}. Give a path, or --runs."
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
