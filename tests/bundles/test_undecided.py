"""Neither accepted nor refused: exit 2 where something is missing, 64 where the command is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evidence_kit import verify
from tests.bundles import good as g
from tests.bundles import zips
from tests.bundles.good import reseal
from tests.bundles.test_must_pass import KEY, leaves_apart


def undecided(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """The checks that are not decided; the exit status is 2 and nothing failed."""
    assert verify.main([str(path), *options, "--json"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert report["result"] == "NOT DECIDED"
    assert not report["counts"]["failed"]
    return [check["id"] for check in report["checks"] if check["status"] == "----"]


def test_u01_no_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert undecided(g.good().write(tmp_path), capsys) == ["S04"]


def test_u02_another_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = g.good()
    bundle.catalogue["version"] = 2
    reseal(bundle)
    found = undecided(bundle.write(tmp_path), capsys, *KEY)
    assert "C01" in found
    assert not [check for check in found if check[0] in "IBS"]


def test_u03_leaves_not_at_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = g.good()
    leaves_apart(bundle)
    assert undecided(bundle.write(tmp_path), capsys, *KEY) == ["D02", "D03"]


def test_a_zip_of_more_than_four_gigabytes_is_left_to_a_later_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(zips.write(zips.canonical_entries(g.good())))
    data[-6:-2] = b"\xff\xff\xff\xff"
    path = tmp_path / "bundle.zip"
    path.write_bytes(bytes(data))
    assert "I03" in undecided(path, capsys, *KEY)


@pytest.mark.parametrize(
    "wrong", ["path", "option", "rsa key", "key file", "fingerprint", "leaves", "previous", "against"]
)
def test_u04_wrong_use(wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(g.good().write(tmp_path))
    line = rsa.generate_private_key(65537, 2048).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    (tmp_path / "rsa.pub").write_bytes(line)
    (tmp_path / "empty.pub").write_bytes(b"# nothing\n")
    arguments = {
        "path": [str(tmp_path / "absent")],
        "option": [path, "--frobnicate"],
        "rsa key": [path, "--key", str(tmp_path / "rsa.pub")],
        "key file": [path, "--key", str(tmp_path / "empty.pub")],
        "fingerprint": [path, "--key", "SHA256:short"],
        "leaves": [path, "--leaves", str(tmp_path / "absent")],
        "previous": [path, "--previous", str(tmp_path / "absent")],
        "against": [path, "--against", str(tmp_path / "absent")],
    }[wrong]
    assert verify.main(arguments) == 64
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("verify.py: ")


def test_u04_a_script_that_lies_in_no_bag(tmp_path: Path) -> None:
    script = tmp_path / "verify.py"
    script.write_bytes(g.VERIFIER.read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 64
    assert "lies in no bag" in done.stderr


def test_help_is_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main(["--help"]) == 0
    assert "RESULT" not in capsys.readouterr().out
