"""E: how long the command line, and what a notebook imports, take to answer, beside papermill's."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.commands import program, timed
from bench.measure import Race, Ratio, Side

COMMANDS = {
    "papermill --help": (program("papermill"), "--help"),
    "evidence_kit --help": (sys.executable, "-m", "evidence_kit", "--help"),
    "import papermill": (sys.executable, "-c", "import papermill"),
    "import evidence_kit.workbook": (sys.executable, "-c", "import evidence_kit.workbook"),
}


def race(folder: Path) -> Race:
    """Each command as a new process."""
    help_, our_help, import_, our_import = COMMANDS
    return Race(
        "E: start",
        tuple(
            Side(name, lambda command=command: timed(command, folder / "start.log"))  # type: ignore[misc]
            for name, command in COMMANDS.items()
        ),
        (Ratio("E", help_, our_help), Ratio("E", import_, our_import)),
    )
