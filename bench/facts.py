"""What one must know of the machine to read a time."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import Any

from evidence_kit import __version__

PACKAGES = ("papermill", "nbconvert", "nbclient", "ipykernel", "great-expectations", "pandas", "duckdb")


def machine() -> dict[str, Any]:
    """Cores that this process may use, the system, and the versions of all that is timed."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            "evidence_kit": __version__,
            **{name: version(name) for name in PACKAGES},
        },
    }


def load() -> list[float] | None:
    """The load averages of 1, 5 and 15 minutes; None where the system has none."""
    return [round(each, 2) for each in os.getloadavg()] if hasattr(os, "getloadavg") else None
