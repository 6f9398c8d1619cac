"""Sealed bundles passed by the kit's own verifier, in processes of their own, before anything is made of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from evidence_kit.edges import bundles
from evidence_kit.edges.collector import plain_environment
from evidence_kit.errors import ParameterError
from evidence_kit.wiring.bagging import VERIFIER

#: The verifier's status for a wrong use of it.
USAGE = 64


def passed(paths: Sequence[Path], opened: Sequence[bundles.Bundle], keys: Sequence[str], undone: str) -> None:
    """Every bundle passes the kit's own verifier, side by side; and what it saw is what is read afterwards.

    `keys`: the signers that are trusted; without one a bundle need only be whole. `undone`: what then did not happen,
    for the message. Raises ParameterError.
    """
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
                f"{path} does not verify ({', '.join(failed[:8]) or 'it changed meanwhile'}); {undone}. "
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
