"""One warm lane for the whole session: importing Great Expectations once is most of what these tests cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.edges.notebooks.kernels import Executed, Kernels
from tests.notebooks.sheets import NONCE, write

Run = Callable[..., Executed]


@pytest.fixture(scope="session")
def lane() -> Iterator[Kernels]:
    """A lane whose server is warm, or says why not."""
    with Kernels(preload=("great_expectations", "pandas")) as kernels:
        assert kernels.launcher().why_cold is None
        yield kernels


@pytest.fixture
def run(lane: Kernels, tmp_path: Path) -> Run:
    """Run a notebook in a run folder that holds the run's nonce; another lane may be given."""

    def execute(notebook: dict[str, Any], *, lane: Kernels = lane, timeout: int = 60, **parameters: Any) -> Executed:
        folder = tmp_path / "run"
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "nonce").write_text(NONCE)
        return lane.execute(
            write(notebook, tmp_path),
            parameters,
            run_dir=folder,
            environment={"EVIDENCE_KIT_RUN_DIR": str(folder)},
            timeout=timeout,
        )

    return execute
