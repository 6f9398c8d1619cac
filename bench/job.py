"""A and B: the notebooks and the whole job, beside papermill and nbconvert on the same five notebooks.

Every side finds the rehearsal company made, begins in an outputs folder of its own, and ends with five executed
notebooks and five HTML readings of them. There are two baselines, because the first also pays for something that is
not papermill's: a notebook started by itself opens the sources and freezes the populations for itself alone.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from bench.commands import ROOT, program, timed
from bench.measure import Race, Ratio, Side
from evidence_kit.wiring import batch, places

NOTEBOOKS = ("10_population", "20_sample", "30_requests", "50_retention", "90_findings")
ENGAGEMENT = "rehearsal"
GOAL = 5.0

PLAIN = "papermill and nbconvert, five times"
SHARED = "the same commands, one collector open for all"
COLD = "our lane and gate, kernels not warm, 1 lane"
ONE, TWO = "our lane and gate, 1 lane", "our lanes and gate, 2 lanes"
WHOLE = "the whole run, sealed and verified"


class Desk:
    """A folder where the company is made once; each run works in a new outputs folder that refers to it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._numbers = folder, itertools.count(1)
        self._home = folder / "made" / ENGAGEMENT
        self._home.mkdir(parents=True)
        batch.company(places.load(ENGAGEMENT), self._home, lambda _: None)

    def outputs(self) -> Path:
        """A new outputs folder that has the company and nothing else."""
        out = self.folder / f"run-{next(self._numbers)}"
        home = out / ENGAGEMENT
        home.mkdir(parents=True)
        for company in self._home.iterdir():
            (home / company.name).symlink_to(company, target_is_directory=True)
        return out

    def plain(self) -> float:
        """What a person would type: papermill, then nbconvert, for each notebook. Seconds of the ten commands."""
        out = self.outputs()
        around, log = {"EVIDENCE_KIT_OUT": str(out)}, out / "log"
        given = ("-p", "engagement", ENGAGEMENT, "-p", "run", "latest")
        seconds = 0.0
        for name in NOTEBOOKS:
            executed = str(out / f"{name}.ipynb")
            template = str(ROOT / "notebooks" / f"{name}.ipynb")
            seconds += timed([program("papermill"), template, executed, *given], log, around)
            seconds += timed([program("jupyter"), "nbconvert", "--to", "html", executed], log, around)
        return seconds

    def ours(self, *how: str) -> float:
        """The notebook part of the job as one process: see bench/notebooks.py for `how`."""
        out = self.outputs()
        return timed([sys.executable, "-m", "bench.notebooks", str(out), *how], out / "log")

    def whole(self) -> float:
        """The command itself: notebooks, leak scan, pages in two languages, signature, and the bag's own verifier."""
        out = self.outputs()
        return timed([sys.executable, "-m", "evidence_kit", "run", ENGAGEMENT, "--out", str(out)], out / "log")


def race(folder: Path) -> Race:
    """The sides of A and B together, so that both are measured against the same commands."""
    desk = Desk(folder)
    sides = (
        Side(PLAIN, desk.plain),
        Side(SHARED, lambda: desk.ours("shared")),
        Side(COLD, lambda: desk.ours("cold", "1")),
        Side(ONE, lambda: desk.ours("warm", "1")),
        Side(TWO, lambda: desk.ours("warm", "2")),
        Side(WHOLE, desk.whole),
    )
    return Race(
        "A and B: five notebooks of the rehearsal",
        sides,
        (
            Ratio("A", PLAIN, ONE, GOAL),
            Ratio("A", PLAIN, TWO, GOAL),
            Ratio("A", SHARED, ONE),
            Ratio("A", SHARED, TWO),
            Ratio("A", COLD, ONE),
            Ratio("B", PLAIN, WHOLE),
        ),
        (
            "A: from the start of a Python process to five executed notebooks that passed the gate, and their HTML.",
            f"“{SHARED}” takes from the baseline what the kit itself adds to a notebook that is started alone: "
            "a collector, and a freeze of every population.",
            "B: the same, then conclusions, leak scan, pages in English and French, manifests, signature, and the "
            "bag's own verifier; the plain commands do none of that.",
        ),
    )
