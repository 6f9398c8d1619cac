"""Every line of the must-pass table: exit 0, and nothing left undecided.

The first variant of each line is fast, but for the large one.
"""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from evidence_kit import verify
from tests.bundles import good as g
from tests.bundles.good import reseal
from tests.bundles.mutations import ACCEPTED, Mutation
from tests.bundles.mutations.accepted import later_bundle

KEY = ["--key", g.KEY.fingerprint]
FIRST = {mutation.id: mutation for mutation in reversed(ACCEPTED)}


def cases() -> list[Any]:
    return [pytest.param(one, id=one.name, marks=pytest.mark.slow if one.id == "P12" else []) for one in ACCEPTED]


@pytest.mark.parametrize("mutation", cases())
def test_variant_passes(mutation: Mutation, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = mutation.write(tmp_path)
    begun = time.perf_counter()
    assert verify.main([*arguments, "--json"]) == 0
    assert time.perf_counter() - begun < 30
    report = json.loads(capsys.readouterr().out)
    assert report["result"] == "PASS"
    assert [check["id"] for check in report["checks"]] == list(verify.CHECKS)
    assert sum(report["counts"].values()) == len(verify.CHECKS)
    assert {check["status"] for check in report["checks"]} == {"PASS", "N/A"}
    held_against = {check["id"] for check in report["checks"] if check["id"][0] == "X" and check["status"] == "PASS"}
    assert held_against == ({"X01", "X02"} if "--against" in arguments else set())


def test_every_line_of_the_table_is_here() -> None:
    assert set(FIRST) == {f"P{number:02}" for number in range(1, 28)}


@pytest.mark.parametrize("level", [verify.PSEUDONYMISED, verify.CLIENT])
def test_what_a_level_does_not_hold_is_not_said_to_be_well(level: str, tmp_path: Path, capsys: Any) -> None:
    """Each check that a level cannot answer says so and names the level; the others are those of the full one."""
    made = g.client() if level == verify.CLIENT else g.pseudonymised()
    assert verify.main([str(made.write(tmp_path)), *KEY, "--json"]) == 0
    said = {check["id"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    named = {check for check, each in said.items() if each["status"] == "N/A" and level in each["title"]}
    lacking = {verify.CLIENT: "L07 L08 D01 D02 D03 D04 R01 R02 R04 R05 R07 R08 R09 N01 N02".split()}
    assert named == set(lacking.get(level, ["L07"]))


def test_the_answer_names_signer_and_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = g.good()
    assert verify.main([str(bundle.write(tmp_path)), *KEY, "--json", "--verbose"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["signer"] == g.KEY.fingerprint
    assert report["tagmanifest_sha256"] == g.sha(bundle, "tagmanifest-sha256.txt")
    names = set(bundle.files)
    assert report["files"] == {name: g.sha(bundle, name) for name in names & set(report["files"])}
    assert set(g.payload(bundle)) <= set(report["files"])


def test_p10_the_earlier_bundle_stays_in_place(tmp_path: Path) -> None:
    earlier = g.good()
    later = later_bundle(earlier)
    kept = copy.deepcopy(later.entries[: len(earlier.entries)])
    reseal(later)
    assert kept == later.entries[: len(kept)]
    before, after = earlier.write(tmp_path), later.write(tmp_path)
    assert verify.main([str(before), *KEY, "--previous", str(after)]) == 1


def test_the_script_alone_accepts_it(tmp_path: Path) -> None:
    """As an auditor runs it; and the copy in the bag, without a path, says that it proves nothing."""
    path = g.good().write(tmp_path)
    command = [sys.executable, "-I", "-S", "-W", "error", str(g.VERIFIER), str(path), *KEY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    inside = subprocess.run(
        [sys.executable, "-I", "-S", str(path / "verify.py"), *KEY],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    first, *rest = inside.stdout.splitlines()
    assert inside.returncode == 0
    assert "proves nothing" in first
    assert g.sha(g.good(), "verify.py") in first
    assert rest == done.stdout.splitlines()
