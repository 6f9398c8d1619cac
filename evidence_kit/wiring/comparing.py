"""Two sealed bundles compared: both verified first, read under their manifests, put in their order.

Nothing is opened for writing but the page that was asked for, and nothing enters a ledger: reading two sealed bundles
changes neither.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from evidence_kit.edges import bundles, visits
from evidence_kit.edges.archive import write_whole
from evidence_kit.edges.collector import plain_environment
from evidence_kit.errors import ParameterError
from evidence_kit.ledger.comparison import comparison_record
from evidence_kit.ledger.records import Record
from evidence_kit.model.comparing import Comparison, Why
from evidence_kit.rules import comparing
from evidence_kit.wiring.bagging import VERIFIER

#: The verifier's status for a wrong use of it.
USAGE = 64
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
        _verified(paths, opened, keys)
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


def _verified(paths: Sequence[Path], opened: Sequence[bundles.Bundle], keys: Sequence[str]) -> None:
    """Both bundles pass the kit's own verifier, side by side; and what it saw is what is read afterwards."""
    running = [
        _verifier(path, keys or [bundle.signer] * bool(bundle.signer))
        for path, bundle in zip(paths, opened, strict=True)
    ]
    try:
        answers = [process.communicate() for process in running]
    finally:
        for process in running:
            process.kill()
    for path, bundle, process, (answer, complaint) in zip(paths, opened, running, answers, strict=True):
        if process.returncode == USAGE:
            raise ParameterError(complaint.strip().removeprefix("verify.py: ") or f"{path}: no bundle is there.")
        failed, digest = _said(answer)
        if process.returncode != 0 or digest != bundle.tagmanifest_sha256:
            raise ParameterError(
                f"{path} does not verify ({', '.join(failed[:8]) or 'it changed meanwhile'}); nothing was compared. "
                "See why with `python3 -m evidence_kit verify`, and take the bundle as it was sealed."
            )


def _said(answer: str) -> tuple[list[str], str | None]:
    """The checks that did not pass, and the digest of the tag manifest that the verifier saw."""
    try:
        said = json.loads(answer)
        return [str(one["id"]) for one in said["checks"] if one["status"] in ("FAIL", "----")], said[
            "tagmanifest_sha256"
        ]
    except (ValueError, KeyError, TypeError):
        return [], None


def _verifier(path: Path, keys: Sequence[str]) -> subprocess.Popen[str]:
    named = [word for key in keys for word in ("--key", key)]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(VERIFIER), str(path), *named, "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=plain_environment(),
    )
