"""A bundle opened again by its house: the same from folder and ZIP, and nothing of a hostile one is believed."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from evidence_kit.edges import bundles
from evidence_kit.errors import ParameterError
from evidence_kit.ledger.manifest import manifest
from evidence_kit.model.canonical import dump_line
from tests.bundles import good as g
from tests.bundles import zips

PSEUDONYM = "5e" * 32
FRAME = "data/frames/REQ-02.request_log.jsonl"
CATALOGUE = dump_line({"bundle": "own.r001.auditor-full", "engagement": "own", "run": "r001"})


def bag(folder: Path, frames: Mapping[str, bytes], catalogue: bytes = CATALOGUE) -> Path:
    """As much of a bundle as is read here, sealed by its manifests."""
    files = {bundles.CATALOGUE: catalogue, **frames}
    listed = manifest({name: sha256(data).hexdigest() for name, data in files.items()}).encode()
    tags = manifest({bundles.MANIFEST: sha256(listed).hexdigest()}).encode()
    for name, data in {**files, bundles.MANIFEST: listed, bundles.TAGS: tags}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def row(pseudonym: str = PSEUDONYM) -> bytes:
    return dump_line({"account_key": pseudonym, "id": 1})


def found(path: Path, text: str = PSEUDONYM) -> Mapping[str, str]:
    with bundles.opened(path) as bundle:
        return bundle.frames_with(text)


def test_folder_and_zip_of_a_bundle_tell_the_same(tmp_path: Path) -> None:
    good, path = g.good(), tmp_path / "bundle.zip"
    path.write_bytes(zips.write(zips.canonical_entries(good)))
    for place in (good.write(tmp_path), path):
        with bundles.opened(place) as bundle:
            assert (bundle.name, bundle.engagement, bundle.run) == (good.name, "demo", "r001")
            assert bundle.tagmanifest_sha256 == sha256(good.files["tagmanifest-sha256.txt"]).hexdigest()
            frame = "data/frames/RET-01.retention_observations.jsonl"
            assert bundle.frames_with("rule_id") == {frame: sha256(good.files[frame]).hexdigest()}
            assert bundle.frames_with(PSEUDONYM) == {}


@pytest.mark.parametrize("before", [0, 1, (1 << 20) - 40, (1 << 20) - 1, 3 << 20])
def test_a_value_is_found_wherever_it_stands(tmp_path: Path, before: int) -> None:
    frame = b"x" * before + row()
    assert found(bag(tmp_path, {FRAME: frame})) == {FRAME: sha256(frame).hexdigest()}


def test_only_whole_values_of_frames_count(tmp_path: Path) -> None:
    other = "data/results/REQ-02.jsonl"
    assert found(bag(tmp_path, {FRAME: row("a" + PSEUDONYM), other: row()})) == {}


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def more(path: Path) -> None:
    path.write_bytes(path.read_bytes() + row())


@pytest.mark.parametrize("spoil", [link, pipe, folder, more, Path.unlink])
@pytest.mark.parametrize("name", [FRAME, bundles.CATALOGUE, bundles.MANIFEST])
def test_a_file_that_is_not_the_sealed_one_is_refused(tmp_path: Path, name: str, spoil: Callable[[Path], None]) -> None:
    path = bag(tmp_path, {FRAME: row()})
    spoil(path / name)
    with pytest.raises(ParameterError, match="`verify`"):
        found(path)


@pytest.mark.parametrize(
    "catalogue",
    [
        b"",
        b"\xff",
        b"null",
        b"{}",
        b"[" * 100_000,
        CATALOGUE.replace(b"r001", b"r1"),
        CATALOGUE.replace(b"own", b"../own"),
    ],
    ids=range(7),
)
def test_a_catalogue_that_says_nothing_usable_is_refused(tmp_path: Path, catalogue: bytes) -> None:
    with pytest.raises(ParameterError, match=r"bundle\.json"):
        found(bag(tmp_path, {FRAME: row()}, catalogue))


def test_a_catalogue_longer_than_any_is_not_read_whole(tmp_path: Path) -> None:
    path = bag(tmp_path, {FRAME: row()})
    os.truncate(path / bundles.CATALOGUE, 1 << 36)  # a file with a hole takes no place
    with pytest.raises(ParameterError, match="longer than any"):
        found(path)


def zipped(path: Path, method: int = zipfile.ZIP_STORED, top: str = "own/") -> bytes:
    target = path.with_name("made.zip")
    with zipfile.ZipFile(target, "w", method) as out:
        for one in sorted(path.rglob("*")):
            if one.is_file():
                out.write(one, top + one.relative_to(path).as_posix())
    return target.read_bytes()


def test_a_zip_that_needs_unpacking_or_was_cut_is_refused(tmp_path: Path) -> None:
    path = bag(tmp_path / "own", {FRAME: row()})
    whole = zipped(path)
    end = whole[-22:]
    encrypted = whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    assert encrypted != whole
    hostile = {
        "deflated": zipped(path, zipfile.ZIP_DEFLATED),
        "cut": whole[:-1],
        "half": whole[: len(whole) // 2],
        "commented": whole + b"!",
        "no top folder": zipped(path, top=""),
        "ZIP64": whole[:-22] + b"PK\x06\x07" + bytes(16) + end,
        "vast directory": whole[:-22] + end[:12] + b"\xff\xff\xff\x7f" + end[16:],
        "encrypted": encrypted,
        "bytes changed": whole.replace(PSEUDONYM.encode(), b"6" * 64),
        "empty": b"",
        "no ZIP": bytes(100),
    }
    place = tmp_path / "bundle.zip"
    place.write_bytes(whole)
    assert list(found(place)) == [FRAME]
    for name, data in hostile.items():
        place.write_bytes(data)
        with pytest.raises(ParameterError, match=r"Check it|Give one"):
            pytest.fail(f"{name}: {found(place)}")


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "gone", tmp_path):
        with pytest.raises(ParameterError):
            found(path)
