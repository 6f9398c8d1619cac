"""V: one bundle verified, beside a bare hashlib loop over its files and beside bagit-python.

Every side is a process of its own that reads the same bundle, made for the bench by bench/bundles.py. What Python takes
to start is in every time, as it is for whoever types the command; for the hashing part the time inside the process is
told too, since on a small bundle the start is nearly all of it. All sides work on one thread, so processor time is what
they would take on a machine that does nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from bench.commands import ROOT, environment, worked
from bench.measure import Failed, Race, Ratio, Side

CASES, MANY_CASES = (10, 1_000), (10, 1_000, 20_000)
HASHED, WHOLE, GOAL_BAGIT = 1.15, 3.0, 1.5

LOOP, PART = "a bare loop over hashlib", "the verifier's hashing part (B05 to B07)"
INSIDE_LOOP, INSIDE_PART = "the same loop, without Python's start", "the same part, without Python's start"
VERIFY, BAGIT = "verify.py, every check", "bagit-python --validate"
VERIFIER = str(ROOT / "evidence_kit" / "verify.py")
#: Python without site packages, as README.txt of every bundle says.
BARE = (sys.executable, "-I", "-S")


def races(folder: Path, sizes: tuple[int, ...] = CASES) -> list[Callable[[], Race]]:
    """One race for each number of cases."""
    return [lambda n=n: _race(folder, n) for n in sizes]  # type: ignore[misc]


def _race(folder: Path, cases: int) -> Race:
    place, key = _made(folder / str(cases), cases)
    files = [path.stat().st_size for path in place.rglob("*") if path.is_file()]
    log = folder / f"{cases}.log"
    hashing = str(ROOT / "bench" / "hashing.py")

    def side(*arguments: str) -> Callable[[], float]:
        return lambda: worked(arguments, log)

    sides = [
        Side(LOOP, side(*BARE, hashing, "loop", str(place))),
        Side(PART, side(*BARE, hashing, "parts", str(place), VERIFIER)),
        Side(INSIDE_LOOP, lambda: _inside("loop", str(place))),
        Side(INSIDE_PART, lambda: _inside("parts", str(place), VERIFIER)),
        Side(VERIFY, side(*BARE, VERIFIER, str(place), "--key", key)),
        Side(BAGIT, side(sys.executable, "-m", "bagit", "--validate", "--quiet", str(place))),
    ]
    ratios = [
        Ratio("V", INSIDE_PART, INSIDE_LOOP, most=HASHED),
        Ratio("V", PART, LOOP),
        Ratio("V", VERIFY, LOOP, most=WHOLE),
        Ratio("V", BAGIT, PART, goal=GOAL_BAGIT),
    ]
    remarks = [
        f"{len(files):,} files, {sum(files) / 1e6:.1f} MB, in the cache of the system.",
        "The loop knows no manifest: it digests what lies there. The part also reads the folder and the manifest, sees "
        "that both name the same files, opens without following links, and looks before and after whether a file "
        "changed.",
        "Every check: signature, JSON, ledger, draw, results, deadlines, expectations, notebooks, and every figure and "
        "link of every page.",
    ]
    if find_spec("bagit") is None:
        sides.pop()
        ratios.pop()
        remarks.append("bagit-python is not installed here (`pip install -r .ci/bagit.txt`): left out.")
    rounds = 3 if cases >= MANY_CASES[-1] else None
    return Race(f"V: a bundle of {cases:,} cases", tuple(sides), tuple(ratios), tuple(remarks), "CPU s", rounds)


def _made(folder: Path, cases: int) -> tuple[Path, str]:
    """(the bundle, its signer's fingerprint), made by a process that ends with it."""
    folder.mkdir(parents=True)
    told = _said([sys.executable, "-m", "bench.bundles", str(cases), str(folder)])
    found = json.loads(told)
    return Path(found["bundle"]), str(found["key"])


def _inside(*arguments: str) -> float:
    """Seconds of processor time that the work took, by the process's own clock."""
    return float(_said([*BARE, str(ROOT / "bench" / "hashing.py"), *arguments]).split()[-1])


def _said(arguments: list[str]) -> str:
    done = subprocess.run(
        arguments, cwd=ROOT, env=environment(), capture_output=True, stdin=subprocess.DEVNULL, text=True, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["nothing was said"]
        raise Failed(f"{os.path.basename(arguments[0])} ended with {done.returncode}: {last[0][:300]}")
    return done.stdout
