"""`compare` at the door: what is refused before anything is compared, how runs are named, what is written."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evidence_kit import verify
from evidence_kit.cli import main
from evidence_kit.wiring import comparing, verifying
from tests.bundles import good as g
from tests.bundles import zips

EARLY = "demo.r001.auditor-full"


def ask(*arguments: object, **how: Any) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, arguments)], **how)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return g.good().write(tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same audit with other nonces, signed by another key: other units drawn, another digest."""
    made = g.build(g.Seal(g.OTHER_KEY), lambda name, number: g.digest(f"another {name} {number}"))
    return made.write(tmp_path_factory.mktemp("other"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of the good bundle to be attacked."""
    return g.good().write(tmp_path)


@pytest.mark.slow
def test_a_bundle_beside_itself_is_empty_of_changes(bundle: Path) -> None:
    done = ask(bundle, bundle, "--key", g.KEY.fingerprint, "--json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert [note["code"] for note in record["notes"]] == ["same-bundle"]
    assert {unit["change"] for one in record["controls"] for unit in one["units"]} == {"remaining"}
    assert [one["control"] for one in record["controls"]] == ["REQ-02", "COM-02", "RET-01"]
    assert record["before"] == record["after"]


@pytest.mark.slow
def test_folder_and_zip_of_one_bundle_are_the_same(bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(zips.write(zips.canonical_entries(g.good())))
    done = ask(path, bundle, "--json")
    assert done.exit_code == 0, done.output
    assert "same-bundle" in {note["code"] for note in json.loads(done.stdout)["notes"]}


@pytest.mark.slow
def test_other_keys_and_samples_are_said(bundle: Path, other: Path) -> None:
    done = ask(bundle, other, "--json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert {"signers-not-named", "signers-differ", "same-cut-off"} <= {note["code"] for note in record["notes"]}
    sampled = next(one for one in record["controls"] if one["control"] == "COM-02")
    assert [note["code"] for note in sampled["notes"]] == ["sampled"]
    assert sampled["tested"]["only_before"] > 0
    assert {unit["change"] for unit in sampled["units"]} <= {"not-comparable", "remaining", "closed", "slipped"}


@pytest.mark.slow
def test_a_key_that_signed_only_one_of_them_refuses_the_other(bundle: Path, other: Path) -> None:
    done = ask(bundle, other, "--key", g.KEY.fingerprint)
    assert (done.exit_code, str(other) in done.stderr, "does not verify" in done.stderr) == (2, True, True)
    both = ask(bundle, other, "--key", g.KEY.fingerprint, "--key", g.OTHER_KEY.fingerprint)
    assert both.exit_code == 0, both.output
    assert "No trusted key" not in both.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "data/results/REQ-02.jsonl",
        "data/bundle.json",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt.sig",
        "data/site/fr/index.html",
    ],
)
def test_one_changed_byte_and_nothing_is_compared(bundle: Path, mine: Path, name: str) -> None:
    data = (mine / name).read_bytes()
    place = len(data) // 2
    (mine / name).write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    done = ask(bundle, mine, "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("evidence_kit: ")
    assert done.stderr.count("\n") == 1
    assert "verify" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("attack", ["missing", "added", "pipe", "link"])
def test_a_file_too_few_or_too_many_is_refused(bundle: Path, mine: Path, attack: str) -> None:
    path = mine / "data/results/REQ-02.jsonl"
    whole = path.read_bytes()
    path.chmod(0o600)
    if attack == "added":
        (mine / "data/results/REQ-99.jsonl").write_bytes(whole)
    else:
        path.unlink()
    if attack == "link":
        (mine.parent / "elsewhere").write_bytes(whole)
        path.symlink_to(mine.parent / "elsewhere")
    if attack == "pipe":
        os.mkfifo(path)
    done = ask(mine, bundle)
    assert (done.exit_code, "does not verify" in done.stderr, done.stdout) == (2, True, "")


def test_a_file_that_changes_after_the_verifier_has_seen_it_is_refused(
    bundle: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verified(*_: object) -> None:
        """As if it had passed, and somebody wrote into it right afterwards."""
        path = mine / "data/results/REQ-02.jsonl"
        path.write_bytes(path.read_bytes().replace(b"FAIL", b"PASS"))

    monkeypatch.setattr(verifying, "passed", verified)
    done = ask(bundle, mine)
    assert (done.exit_code, "not the file that was sealed" in done.stderr, done.stdout) == (2, True, "")


@pytest.mark.slow
def test_a_bundle_resealed_around_a_kinder_verdict_is_refused(bundle: Path, tmp_path: Path) -> None:
    """Every digest and the signature fit; the verdict does not follow from the row."""
    made = g.good()
    rows = made.rows("data/results/REQ-02.jsonl")
    failed = next(row for row in rows if row["verdict"] == "FAIL")
    passed = [{**one, "mark": "pass", "reason": None} for one in failed["attributes"]]
    failed |= {"verdict": "PASS", "reasons": [], "attributes": passed}
    made.put_rows("data/results/REQ-02.jsonl", rows)
    done = ask(bundle, g.reseal(made).write(tmp_path))
    assert (done.exit_code, "does not verify" in done.stderr) == (2, True)


@pytest.fixture
def runs(bundle: Path, tmp_path: Path) -> Path:
    """A folder of outputs: one engagement with its run, another with one of the same number."""
    for engagement in ("demo", "other"):
        (tmp_path / engagement).mkdir()
    (tmp_path / "demo" / EARLY).symlink_to(bundle)
    (tmp_path / "demo" / "r001").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", ["r001", "demo.r001", "demo/r001", EARLY])
def test_a_run_is_named_as_a_path_or_by_its_name(runs: Path, name: str) -> None:
    assert comparing.located(name, runs).name == EARLY


def test_the_folder_counts_before_the_zip_beside_it_and_the_zip_alone(runs: Path) -> None:
    (runs / "demo" / f"{EARLY}.zip").write_bytes(b"")
    (runs / "demo" / "demo.r002.auditor-full.zip").write_bytes(b"")
    assert comparing.located("demo.r001", runs).name == EARLY
    assert comparing.located("demo.r002", runs).name == "demo.r002.auditor-full.zip"


NAMES = {
    "nothing there": ("r009", "no sealed run of that name"),
    "no name of a run": ("../demo", "no sealed run of that name"),
    "a pattern": ("*.r001", "no sealed run of that name"),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_that_leads_nowhere_says_what_to_do(bundle: Path, runs: Path, case: str) -> None:
    name, words = NAMES[case]
    done = ask(name, bundle, "--runs", runs)
    assert (done.exit_code, words in done.stderr, "--runs" in done.stderr) == (2, True, True)


def test_a_name_of_several_runs_lists_them(bundle: Path, runs: Path) -> None:
    (runs / "other" / "other.r001.auditor-full").mkdir()
    done = ask("r001", bundle, "--runs", runs)
    assert done.exit_code == 2
    assert EARLY in done.stderr
    assert "other.r001.auditor-full" in done.stderr


def test_a_folder_that_is_no_bundle_is_refused(bundle: Path, tmp_path: Path) -> None:
    assert ask(tmp_path, bundle).exit_code == 2
    (tmp_path / "text.zip").write_text("no archive")
    assert ask(bundle, tmp_path / "text.zip").exit_code == 2


@pytest.mark.slow
def test_the_page_is_written_whole_and_the_bundles_stay_as_they_are(bundle: Path, other: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in [*bundle.rglob("*"), *other.rglob("*")]}
    target = tmp_path / "new" / "delta.html"
    done = ask(other, bundle, "--out", target)
    assert done.exit_code == 0, done.output
    page = target.read_text("utf-8")
    assert verify.Page(page).met == {"H01": [], "H04": []}
    digests = re.findall(r"\b[0-9a-f]{64}\b", page)
    for path in (bundle, other):
        assert g.digest((path / "tagmanifest-sha256.txt").read_text("utf-8")) in digests
    assert [path.name for path in target.parent.iterdir()] == ["delta.html"]
    assert {path: path.stat().st_mtime_ns for path in [*bundle.rglob("*"), *other.rglob("*")]} == before


PLACES = {"a folder": ".", "another ending": "delta.txt", "inside a bundle": "BUNDLE/data/delta.html"}


@pytest.mark.parametrize("place", PLACES)
def test_a_page_that_cannot_stand_there_is_refused_before_anything(bundle: Path, mine: Path, place: str) -> None:
    target = mine if place == "a folder" else mine.parent / PLACES[place].replace("BUNDLE", mine.name)
    done = ask(bundle, mine, "--out", target)
    assert (done.exit_code, "--out" in done.stderr) == (2, True)
    assert not (mine.parent / "delta.txt").exists()
    assert not (mine / "data/delta.html").exists()


@pytest.mark.slow
def test_a_page_that_cannot_be_written_leaves_nothing(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = ask(bundle, bundle, "--out", tmp_path / "file" / "delta.html")
    assert (done.exit_code, "could not be written" in done.stderr) == (3, True)


@pytest.mark.slow
def test_the_table_names_both_bundles_and_every_control(bundle: Path, other: Path) -> None:
    done = ask(bundle, other)
    assert done.exit_code == 0
    for words in (g.BUNDLE, "REQ-02", "COM-02", "RET-01", "cut-off", "Not every unit was tested in both runs"):
        assert words in done.stdout
