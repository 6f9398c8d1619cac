"""The corpus on disk: the same bytes each time, and a verifier from elsewhere is told where it disagrees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from evidence_kit import verify
from tests.bundles import corpus
from tests.bundles import good as g
from tests.bundles.mutations import MUTATIONS, Mutation

#: One line for each kind of case on disk: text file, ZIP, folder, keys beside, another bundle beside, wrong use.
SMALL = ("F01", "F02", "F07", "F46", "F92", "F94", "F145", "U03", "U04", "P02", "P13", "P15")


def first(*ids: str) -> list[Mutation]:
    """The first variant of each line."""
    return [next(one for one in corpus.CASES if one.id == id) for id in ids]


def one_of_each_check() -> list[Mutation]:
    """A case of every check, some that must pass and one that stays open."""
    refused = {one.fires: one for one in reversed(MUTATIONS)}
    return [*refused.values(), *first("P01", "P02", "P03", "P04", "P21", "U01")]


@cache
def interpreters() -> list[str]:
    """This Python; and of those found here the oldest that verify.py must run on, and the newest."""
    named = [shutil.which(f"python3.{number}") for number in range(9, 30)]
    named += map(str, Path.home().glob(".pyenv/versions/*/bin/python"))
    found = {}
    for path in filter(None, named):
        said = subprocess.run(
            [path, "-I", "-S", "-c", "import sys; print(sys.version_info[1])"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if said.returncode == 0 and int(said.stdout) >= 9:
            found[int(said.stdout)] = path
    others = {found[min(found)], found[max(found)]} if found else set()
    return [sys.executable, *sorted(path for path in others if not os.path.samefile(path, sys.executable))]


def files_of(below: Path) -> dict[str, bytes]:
    return {str(path.relative_to(below)): path.read_bytes() for path in below.rglob("*") if path.is_file()}


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    cases = first(*SMALL)
    for name in ("one", "other"):
        corpus.write(tmp_path / name, cases)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "other")


def test_what_is_listed_is_there_and_moves_with_its_folder(tmp_path: Path) -> None:
    corpus.write(tmp_path / "corpus", first(*SMALL))
    below = (tmp_path / "corpus").rename(tmp_path / "moved")
    listed = json.loads((below / "corpus.json").read_text("utf-8"))
    assert [case["id"] for case in listed["cases"]] == list(SMALL)
    assert str(tmp_path) not in (below / "corpus.json").read_text("utf-8")
    for case in listed["cases"]:
        assert case["sentence"]
        assert (case["exit"] == 1) == bool(case["check"]) == (case["id"][0] == "F")
        assert (below / case["bundle"]).exists() != (case["id"] == "U04")
        assert case["bundle"].startswith(case["id"])
    assert listed["signer"] == g.KEY.fingerprint
    assert verify.trusted_keys(str(below / "keys" / "signer.pub")) == [g.KEY.fingerprint]


def test_every_case_has_its_sentence_and_a_folder_of_its_own() -> None:
    assert {one.id for one in corpus.CASES} == set(corpus.sentences())
    assert len({corpus.folder_of(one) for one in corpus.CASES}) == len(corpus.CASES)


def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SystemExit, match="2"):
        corpus.main([str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_a_verifier_that_is_always_content_is_found_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    yes = tmp_path / "yes.py"
    yes.write_text("print('RESULT PASS')\n")
    assert corpus.main([str(tmp_path / "corpus"), "--only", "F01,P02,U02", "--run", f"{sys.executable} {yes}"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == ["F01", "U02"]
    assert lines[0].startswith("F01: exit 0, not 1 (BUNDLE is a text file")
    assert lines[-1].startswith("1 of 3 cases agree")


@pytest.mark.slow
def test_a_verifier_that_fails_something_else_is_found_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    no = tmp_path / "no.py"
    no.write_text("import sys\nprint('V00 FAIL no')\nsys.exit(1)\n")
    assert corpus.main([str(tmp_path / "corpus"), "--only", "F01", "--run", f"{sys.executable} {no}"]) == 1
    assert "I01 does not fail; failing: V00" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("python", interpreters())
def test_the_script_agrees_on_every_interpreter_found_here(
    python: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a foreign command: no site packages, no environment, warnings are errors."""
    here = python == sys.executable  # where all cases run in the process anyway (test_must_fail)
    corpus.write(tmp_path / "corpus", first(*SMALL, "P03", "P04") if here else one_of_each_check())
    command = f"{python} -I -S -W error {g.VERIFIER}"
    assert corpus.main([str(tmp_path / "corpus"), "--run", command]) == 0, capsys.readouterr().out
