"""papermill's engine `evidence`: one notebook in one kernel of ours, every failure told by cell and type alone."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import papermill
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError

from .launch import ServerLost
from .provisioner import Cradle, EvidenceManager

ENGINE: Final = "evidence"
#: Seconds until a kernel must have answered for the first time.
STARTING: Final = 60
INJECTED: Final = "injected-parameters"
_SIGKILL: Final = -9
# nbclient logs the text of a failing cell as an error; what happened is said by `execute` instead.
_UNHEARD: Final = logging.getLogger("evidence_kit.notebooks.unheard")
_UNHEARD.propagate = False
_UNHEARD.addHandler(logging.NullHandler())


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """Lets a kernel end by itself when the cells are through; kills it when they are not (timeout, death, Ctrl-C)."""

    def papermill_execute_cells(self) -> None:
        self.shutdown_kernel = "immediate"
        super().papermill_execute_cells()
        self.shutdown_kernel = "graceful"


class EvidenceEngine(NBClientEngine):  # type: ignore[misc]
    """Runs the cells in a kernel that it starts, and stops whatever happens."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, cradle: Cradle, deadline: float, **_: Any
    ) -> None:
        """`deadline`: on the monotonic clock, for the whole run; a cell gets what is left of it."""
        client = _Client(
            nb_man,
            km=EvidenceManager(cradle),
            kernel_name=kernel_name,
            startup_timeout=STARTING,
            timeout_func=lambda cell: max(1, round(deadline - time.monotonic())),
            log=_UNHEARD,
        )
        client.owns_km = True  # or nbclient leaves a kernel running whose manager it did not make
        client.execute()


papermill_engines.register(ENGINE, EvidenceEngine)


def execute(
    template: Path, parameters: Mapping[str, str | int | bool], executed: Path, cradle: Cradle, timeout: int
) -> str | None:
    """Run `template` into `executed`; None when papermill is content, else what happened: cell number and type.

    Numbers count the template's cells from 1, prose included. No value and no text of a message is ever in the answer.
    """
    try:
        return _executed(template, parameters, executed, cradle, timeout)
    finally:
        loop = ensure_event_loop()
        if not loop.is_running():  # nbclient made it for this thread and would leave it open
            loop.close()
            asyncio.set_event_loop(None)


def _executed(
    template: Path, parameters: Mapping[str, str | int | bool], executed: Path, cradle: Cradle, timeout: int
) -> str | None:
    try:
        papermill.execute_notebook(
            # papermill fills braces in paths from the parameters; ours are plain.
            str(template).replace("{", "{{").replace("}", "}}"),
            str(executed).replace("{", "{{").replace("}", "}}"),
            parameters=dict(parameters),
            engine_name=ENGINE,
            kernel_name=ENGINE,
            language="python",
            progress_bar=False,
            log_output=False,
            request_save_on_cell_execute=True,
            cradle=cradle,
            deadline=time.monotonic() + timeout,
        )
    except PapermillExecutionError as problem:
        return f"{_place(executed, problem.exec_count)}: {problem.ename}"
    except CellTimeoutError:
        return f"{_place(executed)}: stopped at the time limit of {timeout} s"
    except DeadKernelError:
        return f"{_place(executed)}: {_death(cradle)}"
    except ServerLost as problem:
        return f"no kernel could be started: {problem}"
    except RuntimeError as problem:
        # What nbclient and jupyter_client raise when a kernel dies before its first answer, or never gives one.
        return f"{_death(cradle)} before it was ready ({type(problem).__name__})"
    return None


def _death(cradle: Cradle) -> str:
    code = cradle.process.poll() if cradle.process else None
    hint = ", possibly out of memory" if code == _SIGKILL else ""
    return f"the kernel died (exit code {'unknown' if code is None else code}{hint})"


def _place(executed: Path, count: int | None = None) -> str:
    """`cell n` of the template: the one with that execution count, else the last that was started."""
    number, found = 0, "before the first cell"
    for cell in json.loads(executed.read_bytes())["cells"]:
        metadata = cell["metadata"]
        tags = metadata.get("tags", ())
        if "papermill-error-cell-tag" in tags:
            continue
        injected = INJECTED in tags
        number += not injected
        started = metadata.get("papermill", {}).get("start_time")
        if cell["cell_type"] == "code" and (cell["execution_count"] == count if count else started):
            found = "injected parameters" if injected else f"cell {number}"
    return found
