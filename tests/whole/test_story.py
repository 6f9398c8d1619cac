"""The audit story of docs/story.py, run as a reader runs it: every row holds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.whole.conftest import ROOT

pytestmark = pytest.mark.slow


def test_all_nine_rows_hold(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/story.py"), "--out", str(tmp_path / "story")],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"^([1-9]) .*\n(?:    .*\n)*  = (.+)$", done.stdout, flags=re.MULTILINE)
    assert [number for number, _ in rows] == list("123456789")
    told = (ROOT / "docs/story.md").read_text("utf-8")
    figures = re.search(r"(\d+) units of (\d+) controls closed", rows[5][1])
    assert figures is not None
    assert figures[0] in told, "the page tells what the script found"


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/story.py"), "--out", str(tmp_path)], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
