"""Any byte of any file: changed or cut away without resealing, the bundle is refused and the file is named."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from evidence_kit import verify
from tests.bundles import good as g

SEALS = ("tagmanifest-sha256.txt", "tagmanifest-sha256.txt.sig")


def unnoticed(path: Path, made: Iterable[tuple[str, bytes]], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Put each file's altered bytes in its place, one at a time; the names that a refusal did not give."""
    left = []
    for name, data in made:
        whole = (path / name).read_bytes()
        (path / name).write_bytes(data)
        code = verify.main([str(path), "--key", g.KEY.fingerprint, "--json"])
        out = capsys.readouterr().out
        broke = [one for one in json.loads(out)["checks"] if one["id"] == "V00" and one["status"] == "FAIL"]
        if code != 1 or name not in out or broke:
            left.append(f"{name}: {len(data)} bytes, code {code}, {broke}")
        (path / name).write_bytes(whole)
    return left


def plus_one(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([(data[place] + 1) % 256]) + data[place + 1 :]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return g.good().write(tmp_path)


@pytest.mark.slow
def test_one_byte_of_each_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = [(name, plus_one(data, random.Random(name).randrange(len(data)))) for name, data in g.good().files.items()]
    assert unnoticed(path, made, capsys) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", [0, 0.5, 1])
def test_files_cut(part: float, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Emptied, halved, or short of their last byte; other files for each cut, all of them below."""
    names = sorted(g.good().files)[int(part * 2) :: 3]
    if part == 1:
        names = [name for name in names if name not in SEALS]  # the armour's last line feed may be absent (P14)
    whole = g.good().files
    made = [(name, whole[name][: min(int(len(whole[name]) * part), len(whole[name]) - 1)]) for name in names]
    assert unnoticed(path, made, capsys) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bagit.txt", "bag-info.txt", "README.txt", *SEALS])
def test_every_byte_of_a_tag_file(name: str, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = g.good().files[name]
    assert unnoticed(path, ((name, plus_one(data, place)) for place in range(len(data))), capsys) == []


def forget(bag: verify.Bag, name: str) -> verify.Bag:
    """The same bag, read but for one file: what is known of the others is shared."""
    made = copy.copy(bag)
    for each in ("digests", "checksums", "stamps"):
        setattr(made, each, {key: value for key, value in getattr(bag, each).items() if key != name})
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", ["data/ledger.jsonl", "manifest-sha256.txt"])
def test_every_byte_of_a_long_file(name: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tens of thousands of bytes: under the two checks of digests alone, which the others only add to. The other files
    do not change, and are read once for all."""
    monkeypatch.setattr(verify, "CHECKS", {check: verify.CHECKS[check] for check in ("B07", "B09", "V00")})
    bag, data = verify.Bag(str(path)), g.good().files[name]
    assert verify.Report(verify.Case(bag, [g.KEY.fingerprint])).exit == 0
    left = []
    for place in range(len(data)):
        (path / name).write_bytes(plus_one(data, place))
        report = verify.Report(verify.Case(forget(bag, name), [g.KEY.fingerprint]))
        failed = {line.check: line.defects for line in report.lines if line.status == "FAIL"}
        if report.exit != 1 or "V00" in failed or name not in str(failed):
            left.append(place)
    assert left == []
    assert set(bag.digests) == set(g.good().files) - {"tagmanifest-sha256.txt.sig"}


@pytest.mark.slow
def test_every_file_cut_at_every_kilobyte(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = (
        (name, data[:size])
        for name, data in g.good().files.items()
        for size in range(0, len(data) - 1, 1024 if name != "verify.py" else 64 * 1024)
    )
    assert unnoticed(path, made, capsys) == []
