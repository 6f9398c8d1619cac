"""Any byte of any file: changed or cut away without resealing, the bundle is refused and the file is named."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from evidence_kit import verify
from tests.bundles import good as g

SEALS = ("tagmanifest-sha256.txt", "tagmanifest-sha256.txt.sig")


def refusal(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the verifier says of a bundle that it refuses."""
    code = verify.main([str(path), "--key", g.KEY.fingerprint, "--json"])
    out = capsys.readouterr().out
    report = json.loads(out)
    assert code == 1
    assert not [check for check in report["checks"] if check["id"] == "V00" and check["status"] == "FAIL"]
    return out


def changed(path: Path, name: str, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    whole = (path / name).read_bytes()
    (path / name).write_bytes(data)
    assert name in refusal(path, capsys), f"{name} is not named"
    (path / name).write_bytes(whole)


def plus_one(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([(data[place] + 1) % 256]) + data[place + 1 :]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return g.good().write(tmp_path)


def test_one_byte_of_each_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, data in g.good().files.items():
        changed(path, name, plus_one(data, random.Random(name).randrange(len(data))), capsys)


@pytest.mark.parametrize("part", [0, 0.5, 1])
def test_files_cut(part: float, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Emptied, halved, or short of their last byte; other files for each cut, all of them below."""
    names = sorted(g.good().files)[int(part * 2) :: 3]
    if part == 1:
        names = [name for name in names if name not in SEALS]  # the armour's last line feed may be absent (P14)
    for name in names:
        data = g.good().files[name]
        changed(path, name, data[: min(int(len(data) * part), len(data) - 1)], capsys)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bagit.txt", "bag-info.txt", "README.txt", *SEALS])
def test_every_byte_of_a_tag_file(name: str, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = g.good().files[name]
    for place in range(len(data)):
        changed(path, name, plus_one(data, place), capsys)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["data/ledger.jsonl", "manifest-sha256.txt"])
def test_every_byte_of_a_long_file(
    name: str, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tens of thousands of bytes: under the two checks of digests alone, which the others only add to."""
    monkeypatch.setattr(verify, "CHECKS", {check: verify.CHECKS[check] for check in ("B07", "B09", "V00")})
    data = g.good().files[name]
    for place in range(len(data)):
        changed(path, name, plus_one(data, place), capsys)


@pytest.mark.slow
def test_every_file_cut_at_every_kilobyte(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, data in g.good().files.items():
        for size in range(0, len(data) - 1, 1024 if name != "verify.py" else 64 * 1024):
            changed(path, name, data[:size], capsys)
