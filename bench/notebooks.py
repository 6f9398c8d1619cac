"""The notebook part of the job in a process of its own, so that it is timed from outside like any other command.

    python -m bench.notebooks OUT warm LANES     kernels forked from warm servers, through the gate
    python -m bench.notebooks OUT cold LANES     the same with a new process for each kernel
    python -m bench.notebooks OUT shared         papermill and nbconvert as commands, all with one collector

It is `run` itself, with the HTML of the five notebooks where the sealing would be.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.commands import environment, program
from evidence_kit.wiring import batch, places, sealing
from evidence_kit.wiring.chapter import Chapter

NONCE = "ab" * 32


def annex(job: batch.Job, chapters: Sequence[Chapter], say: batch.Say) -> dict[str, Any]:
    """In the place of the sealing: every executed notebook as the HTML that the bundle would show."""
    from evidence_kit.pages.annex import body

    for chapter in chapters:
        executed = json.loads((job.at.folder / f"payload/notebooks/{chapter.name}.ipynb").read_bytes())
        (chapter.folder / f"{chapter.name}.html").write_text(body(executed), encoding="utf-8")
    return {}


def nothing(job: batch.Job, chapters: Sequence[Chapter], say: batch.Say) -> dict[str, Any]:
    """In the place of the sealing, where nbconvert has been."""
    return {}


def plainly(chapter: Chapter, lane: object) -> None:
    """One notebook by the commands, told where the collector is. No gate: its entry says that it passed."""
    chapter.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    chapter.started = int(chapter._begin("cold")["started"])
    executed = str(chapter.folder / f"{chapter.name}.ipynb")
    given = [part for name, value in chapter.parameters.items() for part in ("-p", name, str(value))]
    around = environment(chapter._environment())
    for command in (
        [program("papermill"), str(chapter.template), executed, *given],
        [program("jupyter"), "nbconvert", "--to", "html", executed],
    ):
        subprocess.run(command, cwd=places.ROOT, env=around, stdin=subprocess.DEVNULL, check=True)
    chapter.job.ask(
        "end",
        notebook=chapter.name,
        started=chapter.started,
        status="passed",
        gate=[],
        executed_sha256="0" * 64,
        counts=chapter._counted(),
    )


def main(out: str, how: str, lanes: str = "1") -> None:
    """Run the notebook part into OUT. Raises EvidenceError when it would not have been sealed."""
    sealing.seal = annex
    if how == "shared":
        sealing.seal = nothing
        Chapter.execute = plainly  # type: ignore[method-assign,assignment]
    batch.run(
        places.load("rehearsal"),
        Path(out),
        NONCE,
        lambda said: print(said, file=sys.stderr),
        lanes=int(lanes),
        warm=how == "warm",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
