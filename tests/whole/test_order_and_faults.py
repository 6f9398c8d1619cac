"""Freeze, nonce, draw, run: the order is the proof. And what goes wrong leaves nothing that looks finished."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.whole.conftest import Said, kit

pytestmark = pytest.mark.slow
FIRST, SECOND = "1a" * 32, "2b" * 32


@dataclass(frozen=True)
class Logged:
    """An engagement of its own over a small request log, with keys: its file, its environment, its log."""

    file: str
    around: dict[str, str]
    log: Path

    def ask(self, command: str, out: Path, *more: str, log: Path | None = None, **around: str) -> Said:
        """One command on it; `log` in the place of its own log, `around` added to its environment."""
        source = f"requests={log or self.log}"
        return kit(command, self.file, "--source", source, "--out", str(out), *more, **{**self.around, **around})


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Logged:
    folder = tmp_path_factory.mktemp("engagement")
    text = Path(__file__).resolve().parents[2].joinpath("params/engagements/doj-foia.yaml").read_text()
    (folder / "small-log.yaml").write_text(text.replace("engagement: doj-foia", "engagement: small-log"))
    (folder / "log.csv").write_text(log(("A-1", "07/03/2017", "07/20/2017"), ("A-2", "06/01/2017", "08/31/2017")))
    around = {"EVIDENCE_KIT_VAULTS": str(folder / "keys"), "EVIDENCE_KIT_PASSPHRASE": "a passphrase of the test"}
    made = kit("init", str(folder / "small-log.yaml"), **around)
    assert made.status == 0, made.err
    return Logged(str(folder / "small-log.yaml"), around, folder / "log.csv")


def log(*cases: tuple[str, str, str]) -> str:
    head = "Tracking Number,Sub-Office,Submitted Date,Closed Date,Detail,Disposition"
    return (
        "\n".join([head, *(f"{id_},Office,{received},{closed},Records,Full grant" for id_, received, closed in cases)])
        + "\n"
    )


def test_the_nonce_comes_after_the_commitment_and_before_the_draw(logged: Logged, tmp_path: Path) -> None:
    early = logged.ask("draw", tmp_path, "--nonce", FIRST)
    assert (early.status, "freeze" in early.err) == (2, True)
    frozen = logged.ask("freeze", tmp_path, "--json")
    assert frozen.status == 0, frozen.err
    commitment = frozen.json["populations"][0]["commitment_sha256"]
    drawn = logged.ask("draw", tmp_path, "--nonce", FIRST, "--json")
    assert drawn.status == 0, drawn.err
    assert sorted(drawn.json["samples"][0]["units"]) == ["A-1", "A-2"]
    assert logged.ask("freeze", tmp_path).status == 2
    assert logged.ask("draw", tmp_path, "--nonce", SECOND).status == 2
    sealed = logged.ask("run", tmp_path, "--json")
    assert sealed.status == 0, sealed.err
    draw = json.loads((Path(sealed.json["bundle"]) / "data/draws/REQ-02.json").read_text())
    assert draw["independent"] is True
    assert (draw["commitment_sha256"], draw["rounds"][0]["nonce"]) == (commitment, FIRST)
    assert sealed.json["controls"][0]["deviations"] == 1


def test_a_draw_given_up_stays_in_the_next_bundle(logged: Logged, tmp_path: Path) -> None:
    assert logged.ask("freeze", tmp_path).status == 0
    assert logged.ask("draw", tmp_path, "--nonce", FIRST).status == 0
    assert logged.ask("abandon", tmp_path, "--reason", "wrong period").status == 0
    sealed = logged.ask("run", tmp_path, "--nonce", SECOND, "--json")
    assert sealed.status == 0, sealed.err
    bundle = Path(sealed.json["bundle"])
    assert "wrong period" in (bundle / "data/ledger.jsonl").read_text()
    assert "wrong period" in (bundle / "data/site/en/ledger.html").read_text()


BAD = {
    "a date that is none": (("A-1", "02/30/2017", "07/20/2017"), {"ERROR": 1}, "unreadable-date"),
    "closed before received": (("A-1", "07/20/2017", "07/03/2017"), {"ERROR": 1}, "closed-before-received"),
    "no receipt": (("A-1", "", "07/03/2017"), {"ERROR": 1}, "received-missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_dirty_row_is_an_error_with_its_name(logged: Logged, tmp_path: Path, name: str) -> None:
    row, counts, reason = BAD[name]
    (tmp_path / "log.csv").write_text(log(row, ("A-2", "07/03/2017", "07/20/2017")))
    done = logged.ask("run", tmp_path, "--json", log=tmp_path / "log.csv")
    assert done.status == 0, done.err
    lines = (Path(done.json["bundle"]) / "data/results/REQ-02.jsonl").read_text().splitlines()
    results = {result["unit"]: result for result in map(json.loads, lines)}
    assert results["A-1"]["verdict"] == next(iter(counts))
    assert results["A-1"]["reasons"] == [reason]
    assert results["A-2"]["verdict"] == "PASS"


def test_a_repeated_identifier_has_no_digest_and_is_an_error(logged: Logged, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(log(("A-1", "07/03/2017", "07/20/2017"), ("A-1", "07/04/2017", "07/20/2017")))
    done = logged.ask("run", tmp_path, "--json", log=tmp_path / "log.csv")
    assert done.status == 0, done.err
    summary = json.loads((Path(done.json["bundle"]) / "data/summary.json").read_text())["controls"][0]
    assert (summary["verdict"], summary["reason"], summary["drawn"]) == ("ERROR", "unit-id-duplicate", 0)
    assert "unit-id-duplicate" in done.err


def test_an_empty_log_is_inconclusive_never_a_pass(logged: Logged, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(log())
    done = logged.ask("run", tmp_path, "--json", log=tmp_path / "log.csv")
    assert done.status == 0, done.err
    assert done.json["controls"][0] == {
        "id": "REQ-02", "verdict": "INCONCLUSIVE", "population": 0, "tested": 0, "deviations": 0
    }  # fmt: skip


REFUSED = {
    "missing file": (lambda folder: folder / "none.csv", 2, "is not there"),
    "folder": (lambda folder: folder, 3, "is a folder"),
    "zero bytes": (lambda folder: touch(folder / "zero.csv", ""), 3, "0 bytes"),
    "another header": (lambda folder: touch(folder / "other.csv", "a,b\n1,2\n"), 3, "line"),
}


def touch(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", REFUSED)
def test_a_source_that_cannot_be_read_seals_nothing(logged: Logged, tmp_path: Path, name: str) -> None:
    make, status, words = REFUSED[name]
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in")
    done = logged.ask("run", tmp_path / "out", log=path)
    assert (done.status, words in done.err) == (status, True), done.err
    assert "Traceback" not in done.err
    assert not list((tmp_path / "out").glob("*/*.auditor-full"))


def test_a_second_run_in_the_same_folder_is_refused_at_once(logged: Logged, tmp_path: Path) -> None:
    home = tmp_path / "small-log"
    home.mkdir()
    with (home / "run.lock").open("w") as lock:
        lock.write("pid 1, since then")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = logged.ask("run", tmp_path)
    assert (done.status, "another run" in done.err) == (3, True), done.err


def test_an_engagement_without_keys_says_how_to_make_them(logged: Logged, tmp_path: Path) -> None:
    done = logged.ask("run", tmp_path, EVIDENCE_KIT_VAULTS=str(tmp_path / "none"))
    assert (done.status, "evidence_kit init" in done.err) == (2, True), done.err
    done = logged.ask("run", tmp_path, EVIDENCE_KIT_PASSPHRASE="another")
    assert (done.status, "another" in done.err) == (2, False), done.err


def test_an_outputs_folder_that_cannot_be_written_is_found_before_anything_starts(
    logged: Logged, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = logged.ask("run", tmp_path / "file" / "under")
    assert (done.status, "nothing can be written" in done.err) == (2, True), done.err


@pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/bin/mount").exists(), reason="a small file system needs root to mount"
)
@pytest.mark.parametrize("size", ["150k", "500k", "900k"])
def test_a_full_disk_says_so_and_leaves_nothing_half_written(logged: Logged, tmp_path: Path, size: str) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(small)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        done = logged.ask("run", small)
        assert done.status in (2, 3), done.err
        assert "Traceback" not in done.err
        assert not list(small.glob("*/*.auditor-full"))
    finally:
        subprocess.run(["umount", "-l", str(small)], check=False)
