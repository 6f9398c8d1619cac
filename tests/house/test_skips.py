"""On CI nothing is skipped but what the list names."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).resolve().parent.parent / "conftest.py"


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("CI", raising=False)
    tests = pytester.mkdir("tests")
    (tests / "conftest.py").write_text(CONFTEST.read_text("utf-8"), "utf-8")
    (tests / "test_it.py").write_text(
        "import pytest\ndef test_runs(): assert True\ndef test_leaves(): pytest.skip('no such engine')\n", "utf-8"
    )
    (tests / "allowed_skips.txt").write_text("# nothing\n", "utf-8")
    return pytester


def test_a_skip_is_an_ordinary_thing_elsewhere(suite: pytest.Pytester) -> None:
    assert suite.runpytest_inprocess("tests").ret == pytest.ExitCode.OK


def test_a_skip_fails_the_run_on_ci_and_is_named(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = suite.runpytest_inprocess("tests")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["tests/test_it.py::test_leaves: no such engine"])


def test_a_module_that_skips_itself_counts_too(suite: pytest.Pytester) -> None:
    (suite.path / "tests" / "test_other.py").write_text(
        "import pytest\npytest.skip('not here', allow_module_level=True)\n", "utf-8"
    )
    result = suite.runpytest_inprocess("--no-skips", "tests/test_other.py", "tests/test_it.py::test_runs")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["tests/test_other.py: not here"])


def test_a_skip_that_the_list_names_is_allowed(suite: pytest.Pytester) -> None:
    (suite.path / "tests" / "allowed_skips.txt").write_text("*: no such engine # it needs a licence\n", "utf-8")
    assert suite.runpytest_inprocess("--no-skips", "tests").ret == pytest.ExitCode.OK


def test_the_list_must_say_why(suite: pytest.Pytester) -> None:
    (suite.path / "tests" / "allowed_skips.txt").write_text("*: no such engine\n", "utf-8")
    assert suite.runpytest_inprocess("--no-skips", "tests").ret == pytest.ExitCode.USAGE_ERROR
