"""How a browser is asked to print, shown with programs that stand in for one."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from evidence_kit.edges import browser
from evidence_kit.errors import SetupError

MADE = "2026-12-01T03:42:36.979373Z"
MAKER = b"/Creator (Mozilla/5.0 \\(X11; Linux\\) HeadlessChrome/156.0.0.0)"
HEAD = b"%PDF-1.4\n" + MAKER + b" /CreationDate (D:20300102030405+00'00')"


def standing_in(folder: Path, does: str) -> Path:
    path = folder / "browser"
    path.write_text(f"#!{sys.executable}\nimport os, sys\n{does}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_file_says_when_the_bundle_was_sealed_and_nothing_of_the_machine(tmp_path: Path) -> None:
    told = standing_in(
        tmp_path,
        "out = next(a for a in sys.argv if a.startswith('--print-to-pdf=')).partition('=')[2]\n"
        f"open(out, 'wb').write({HEAD!r} + repr(sorted(os.environ)).encode() + ' '.join(sys.argv).encode())",
    )
    data = browser.pdf(told, "<p>page</p>", MADE)
    assert b"/CreationDate (D:20261201034236+00'00')" in data
    assert b"HeadlessChrome" not in data
    assert b"Linux" not in data
    assert len(data.partition(b"['")[0]) == len(HEAD)
    assert data.rstrip().endswith(b"/report.html")
    assert b"--host-resolver-rules=MAP * ~NOTFOUND" in data


def test_it_is_told_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVIDENCE_KIT_PASSPHRASE", "correct horse")
    told = standing_in(
        tmp_path,
        "out = next(a for a in sys.argv if a.startswith('--print-to-pdf=')).partition('=')[2]\n"
        "open(out, 'wb').write(repr(dict(os.environ)).encode())",
    )
    data = browser.pdf(told, "<p>page</p>", MADE)
    assert b"PATH" in data
    assert b"correct horse" not in data
    assert b"EVIDENCE_KIT" not in data


@pytest.mark.parametrize("does", ["sys.exit(1)", "sys.exit(0)"], ids=["fails", "writes nothing"])
def test_one_that_prints_nothing_is_named(tmp_path: Path, does: str) -> None:
    path = standing_in(tmp_path, does)
    with pytest.raises(SetupError, match="did not print the report") as told:
        browser.pdf(path, "<p>page</p>", MADE)
    assert str(path) in str(told.value)
    assert told.value.exit_code == 69
