"""One run whose key is in an agent, whose seal is dated, and whose drawn rows are opened.

The authority is away while it runs: the bundle waits, whole but for its seal, and `seal` finishes it alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.edges import authority as authorities
from tests.edges.authority import OPENSSL, POLICY, Authority
from tests.whole.conftest import ROOT, Said, kit, rows
from tests.whole.test_order_and_faults import log

KEYGEN, AGENT = shutil.which("ssh-keygen"), shutil.which("ssh-agent")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(KEYGEN is None or AGENT is None, reason="OpenSSH's ssh-keygen is not installed"),
    pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed"),
]
TAGS, SIG, TSR = "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.sig", "tagmanifest-sha256.txt.sig.tsr"


@dataclass
class House:
    """An engagement with its agent and its authority, and what the commands on it answered."""

    file: Path
    out: Path
    around: dict[str, str]
    fingerprint: str
    authority: Authority
    said: dict[str, Said]

    def ask(self, command: str, *more: str, **around: str) -> Said:
        return kit(command, *more, **{**self.around, **around})

    def part(self) -> Path:
        return self.out / "own" / ".own.r001.auditor-full.part" / "own.r001.auditor-full"

    def bundle(self) -> Path:
        return self.out / "own" / "own.r001.auditor-full"

    def actions(self) -> list[str]:
        return [str(one["action"]) for one in rows(self.out / "own" / "ledger.jsonl")]


def keys_of(house: House, *arguments: str) -> None:
    subprocess.run(["ssh-add", "-q", *arguments], env={**os.environ, **house.around}, check=True, capture_output=True)


def verified(path: Path, key: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "evidence_kit" / "verify.py"), str(path), "--key", key, "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert isinstance(report, dict)
    return {**report, "status": done.returncode}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, short = tmp_path_factory.mktemp("house"), tmp_path_factory.mktemp("a")
    made = kit("keys", "make", str(folder / "key"), "--json", EVIDENCE_KIT_PASSPHRASE="a phrase of the test")
    assert made.status == 0, made.err
    # ssh-add cannot be told a passphrase here: the agent gets a copy of the key without one, for the test alone.
    clear = folder / "clear"
    shutil.copy(folder / "key", clear)
    subprocess.run(
        [str(KEYGEN), "-q", "-p", "-P", "a phrase of the test", "-N", "", "-f", str(clear)],
        check=True,
        capture_output=True,
    )
    authorities.make(folder / "authority")
    agent = subprocess.Popen([str(AGENT), "-D", "-a", str(short / "s")], stdout=subprocess.PIPE)
    try:
        assert agent.stdout is not None
        agent.stdout.readline()
        with authorities.answering(folder / "authority") as authority:
            text = (ROOT / "params" / "engagements" / "doj-foia.yaml").read_text()
            file = folder / "own.yaml"
            file.write_text(
                text.replace("engagement: doj-foia", "engagement: own")
                + f"signing: {{agent: '{made.json['fingerprint']}'}}\nopenings: true\n"
                + f"timestamp: {{url: '{authority.url}', ca: authority/root.pem}}\n"
            )
            (folder / "log.csv").write_text(
                log(("A-1", "07/03/2017", "07/20/2017"), ("A-2", "06/01/2017", "08/31/2017"))
            )
            around = {
                "EVIDENCE_KIT_VAULTS": str(folder / "vaults"),
                "EVIDENCE_KIT_PASSPHRASE": "another phrase",
                "SSH_AUTH_SOCK": str(short / "s"),
                "EVIDENCE_KIT_OUT": str(folder / "out"),
            }
            one = House(file, folder / "out", around, made.json["fingerprint"], authority, {})
            assert kit("init", str(file), **around).status == 0
            _go_through(one, clear)
            yield one
    finally:
        agent.terminate()
        agent.communicate()


def _go_through(house: House, clear: Path) -> None:
    """No key: nothing runs. No authority: the bundle waits. No key again, then all is there: `seal` finishes it."""
    run = (str(house.file), "--source", f"requests={house.file.parent / 'log.csv'}")
    house.said["without key"] = house.ask("run", *run)
    house.said["begun"] = Said(0, str(house.actions() if (house.out / "own" / "ledger.jsonl").exists() else []), "")
    keys_of(house, str(clear))
    house.authority.status = 503
    house.said["without authority"] = house.ask("run", *run)
    house.said["waiting"] = Said(0, json.dumps(sorted(path.name for path in house.part().iterdir())), "")
    house.said["before"] = Said(0, json.dumps(house.actions()), "")
    keys_of(house, "-D")
    house.said["seal without key"] = house.ask("seal", str(house.file))
    keys_of(house, str(clear))
    house.authority.status = 200
    house.said["seal"] = house.ask("seal", str(house.file), "--json")


def test_the_key_is_tried_before_any_work(house: House) -> None:
    done = house.said["without key"]
    assert (done.status, f"does not have {house.fingerprint}" in done.err) == (2, True), done.err
    assert house.said["begun"].out == "[]"


def test_a_bundle_without_its_time_stamp_waits_whole_and_unsealed(house: House) -> None:
    done = house.said["without authority"]
    assert (done.status, "answered 503" in done.err, "evidence_kit seal" in done.err) == (3, True, True), done.err
    assert "Traceback" not in done.err
    waiting = json.loads(house.said["waiting"].out)
    assert {"data", TAGS, SIG, "verify.py"} <= set(waiting)
    assert TSR not in waiting


def test_a_bundle_that_waits_for_its_key_goes_on_waiting(house: House) -> None:
    done = house.said["seal without key"]
    assert (done.status, "does not have" in done.err) == (2, True)


def test_seal_finishes_alone_and_runs_nothing_again(house: House) -> None:
    done = house.said["seal"]
    assert done.status == 0, done.err
    assert (done.json["bundle"], done.json["signer"]) == (str(house.bundle()), house.fingerprint)
    assert [one["verdict"] for one in done.json["controls"]] == ["FAIL"]
    assert house.actions() == json.loads(house.said["before"].out), "signed once; no notebook, no draw, no new entry"
    assert house.actions()[-2:] == ["ledger.sealed", "bundle.signed"]
    assert not house.part().parent.exists()
    assert house.ask("seal", str(house.file)).status == 2  # nothing waits any more


def test_openssh_and_openssl_accept_what_the_readme_says(house: House, tmp_path: Path) -> None:
    readme = (house.bundle() / "README.txt").read_text()
    line = next(one for one in readme.splitlines() if "ssh-ed25519" in one).strip()
    (tmp_path / "allowed_signers").write_text(line + "\n")
    seal = [str(KEYGEN), "-Y", "verify", "-f", str(tmp_path / "allowed_signers"), "-I", "own"]
    seal += ["-n", "evidence-kit-bundle-v1", "-s", SIG]
    tags = (house.bundle() / TAGS).read_bytes()
    assert subprocess.run(seal, cwd=house.bundle(), input=tags, capture_output=True, check=False).returncode == 0
    root = str(house.authority.home / "root.pem")
    dated = [str(OPENSSL), "ts", "-verify", "-data", SIG, "-in", TSR, "-CAfile", root]
    assert subprocess.run(dated, cwd=house.bundle(), capture_output=True, check=False).returncode == 0
    for words in ("ssh-keygen -Y verify", "openssl ts -verify", "-I own"):
        assert words in readme


def test_the_stamp_is_checked_offline_and_is_of_this_bundle(house: House, tmp_path: Path) -> None:
    root = str(house.authority.home / "root.pem")
    asked = len(house.authority.asked)
    done = house.ask("stamp", str(house.bundle()), "--check", "--ca", root, "--json")
    assert (done.status, done.json["policy"], done.json["authority"]) == (0, POLICY, "CN=Test authority"), done.err
    assert len(house.authority.asked) == asked
    assert house.ask("stamp", str(house.bundle()), "--ca", root, "--url", house.authority.url).status == 2  # it has one
    other = tmp_path / house.bundle().name
    shutil.copytree(house.bundle(), other)
    (other / SIG).chmod(0o600)
    (other / SIG).write_bytes((other / SIG).read_bytes().replace(b"U1NI", b"U1NJ"))
    assert house.ask("stamp", str(other), "--check", "--ca", root).status == 3
    (other / TSR).unlink()
    shutil.copy(house.bundle() / SIG, other / SIG)
    later = house.ask("stamp", str(other), "--ca", root, "--url", house.authority.url, "--json")
    assert (later.status, (other / TSR).is_file()) == (0, True), later.err
    assert int(later.json["serial"], 16) > int(done.json["serial"], 16)
    assert verified(other, house.fingerprint)["status"] == 0


def test_the_zip_of_a_sealed_bundle_gives_the_same_report(house: House) -> None:
    made = house.ask("zip", str(house.bundle()))
    assert made.status == 0, made.err
    path = Path(made.out.strip())
    first = path.read_bytes()
    assert house.ask("zip", str(house.bundle())).status == 0
    assert path.read_bytes() == first
    folder, zipped = (verified(one, house.fingerprint) for one in (house.bundle(), path))
    assert zipped["status"] == 0
    reports = [report["checks"] for report in (folder, zipped)]
    told = [{one["id"]: (one["status"], one["defects"]) for one in checks} for checks in reports]  # type: ignore[attr-defined]
    differ = {id_ for id_ in told[0] if told[0][id_] != told[1][id_]}
    assert differ <= {"I07"}, "the form of a ZIP is asked of ZIPs alone"
    with zipfile.ZipFile(path) as archive:
        assert TSR in {name.rpartition("/")[2] for name in archive.namelist()}
    root = str(house.authority.home / "root.pem")
    assert house.ask("stamp", str(path), "--check", "--ca", root).status == 0


def test_each_opening_gives_its_leaf_and_is_said_on_the_page(house: House) -> None:
    report = verified(house.bundle(), house.fingerprint)
    assert (report["status"], _status(report, "D04"), _status(report, "R06")) == (0, "PASS", "PASS")
    opened = rows(house.bundle() / "data/openings/REQ-02.jsonl")
    assert {"A-1", "A-2"} <= {row["row"].split(",")[0].partition(":")[2] for row in opened}
    scanned = json.loads((house.bundle() / "data/scan.json").read_text())
    assert not [one for one in scanned["files"] if "openings" in one["path"]]
    catalogue = json.loads((house.bundle() / "data/bundle.json").read_text())
    roles = {one["path"]: one["role"] for one in catalogue["artefacts"]}
    assert roles["data/openings/REQ-02.jsonl"] == "opening"
    assert json.loads((house.bundle() / "data/engagement.json").read_text())["openings"] is True
    assert list(Path(house.around["EVIDENCE_KIT_VAULTS"]).glob("own/rows/*")) == [], (
        "kept until it was sealed, not longer"
    )
    for language, words in (("en", "raw values too"), ("fr", "valeurs brutes comprises")):
        page = (house.bundle() / "data/site" / language / "sample.html").read_text("utf-8")
        assert words in page
        assert 'href="../../openings/REQ-02.jsonl"' in page


def _status(report: dict[str, object], check: str) -> str:
    checks = report["checks"]
    assert isinstance(checks, list)
    return next(str(one["status"]) for one in checks if one["id"] == check)


def test_no_key_and_no_way_to_it_lies_in_what_was_written(house: House) -> None:
    """T27: neither the key, nor a passphrase, nor the agent's door, in any file of the outputs."""
    clear = (house.file.parent / "clear").read_bytes()
    needles = [b"PRIVATE KEY", b"a phrase of the test", b"another phrase", house.around["SSH_AUTH_SOCK"].encode()]
    needles += clear.splitlines()[2:-1]
    met = 0
    for path in house.out.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            met += 1
            assert not [needle for needle in needles if needle in held], path
    assert met > 50
