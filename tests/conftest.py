"""What every test may ask for, and the rule that on CI no test is skipped but for a reason that is written down."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from tests.servers import Server, started

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = ROOT / "tests" / "allowed_skips.txt"


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
