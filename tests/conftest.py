"""What every test may ask for, and the rule that on CI no test is skipped but for a reason that is written down."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.servers import Server, started

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = ROOT / "tests" / "allowed_skips.txt"
#: What takes longest is begun first, so that no processor is left with minutes of work when the others have done.
LONGEST = ("tests/whole/", "tests/bundles/", "tests/edges/test_rehearsal", "tests/pages/test_looks", "tests/engines/")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of the public data sets and the norm's texts; they are read, never copied into the repository."""
    folder = Path(os.environ.get("EVIDENCE_KIT_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("the shared data are not here: name their folder in EVIDENCE_KIT_SHARED")
    return folder


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[str], Server]]:
    """A real server of the kind asked for, with an empty database `audited`; one of a kind serves the whole session."""
    with ExitStack() as stack:

        @cache
        def of(kind: str) -> Server:
            return stack.enter_context(started(kind))

        yield of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, then those that hold slow tests, then the others; inside a file all stays as it stands."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def place(item: pytest.Item) -> tuple[int, bool]:
        file = item.nodeid.partition("::")[0]
        ahead = next((at for at, begin in enumerate(LONGEST) if file.startswith(begin)), len(LONGEST))
        return ahead, item.path not in slow

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`: in the order above, and files that share the runs of tests/whole on one processor."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler.loadfile import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "tests/whole" if shares_runs(file) else file

    config.option.loadscopereorder = False
    return Together(config, log)


@cache
def shares_runs(file: str) -> bool:
    """Whether a file of tests asks for something that tests/whole/conftest.py makes once a session, in minutes."""
    if not file.startswith("tests/whole/"):
        return False
    made = (ROOT / "tests/whole/conftest.py").read_text("utf-8")
    names = re.findall(r"@pytest\.fixture\(scope=\"session\"\)\ndef (\w+)", made)
    return re.search(rf"\b(?:{'|'.join(names)}): ", (ROOT / file).read_text("utf-8")) is not None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips",
        action="store_true",
        default=os.environ.get("CI") == "true",
        help="Fail when a test is skipped that tests/allowed_skips.txt does not name. On where CI=true.",
    )


def pytest_configure(config: pytest.Config) -> None:
    # Workers of pytest-xdist report to the main process, which alone judges.
    if config.getoption("--no-skips") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(NoSkips(allowed_skips(ALLOWED)), "no-skips")


def allowed_skips(listing: Path) -> list[str]:
    """The patterns `test: reason` of the list. Raises UsageError for a line that does not say why."""
    patterns = []
    for line in listing.read_text("utf-8").splitlines():
        pattern, _, why = line.partition(" # ")
        if not line.strip() or line.startswith("#"):
            continue
        if not why.strip():
            raise pytest.UsageError(f"{listing.name}: a line lacks its reason, written after ' # '")
        patterns.append(pattern.strip())
    return patterns


class NoSkips:
    """Collects the skips that nobody allowed, and makes the session fail when there are some."""

    def __init__(self, patterns: list[str]) -> None:
        self.patterns = patterns
        self.refused: list[str] = []

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        skip = f"{report.nodeid}: {reason.removeprefix('Skipped: ')}"
        if not any(fnmatchcase(skip, pattern) for pattern in self.patterns):
            self.refused.append(skip)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.note(report)

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        if self.refused and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        yield

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.refused:
            terminalreporter.section("skipped, and not in tests/allowed_skips.txt", red=True)
            for skip in self.refused:
                terminalreporter.line(skip)
