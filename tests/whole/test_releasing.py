"""Bundles that leave the house: both derived levels from the rehearsal, read by their own verifier and against the full
one; nobody found behind a digest (T17), no pseudonym shared (T19), nothing to the wrong reader (T28)."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.edges import vault as vaults
from evidence_kit.ledger.chain import Entry, read
from evidence_kit.model.disclosure import CLIENT, FULL, PSEUDONYMISED
from evidence_kit.wiring import places
from tests.whole.conftest import ROOT, Said, Twice, kit, rows

pytestmark = pytest.mark.slow
DIGEST = re.compile(rb"[0-9a-f]{64}")


def entries(home: Path) -> tuple[Entry, ...]:
    return read((home / "ledger.jsonl").read_bytes().splitlines(keepends=True), "rehearsal")[0]


def release(bundle: Path, level: str, to: str, *more: str) -> Said:
    return kit("release", str(bundle), "--level", level, "--to", to, *more)


def verified(bundle: Path, signer: str, *more: str) -> Any:
    """What the bundle's own verifier says, every check that did not pass or apply among it."""
    command = [sys.executable, "-I", "-S", str(bundle / "verify.py"), str(bundle), "--key", signer, "--json", *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    checks = {check["id"]: check["status"] for check in json.loads(done.stdout)["checks"]}
    bad = {name: status for name, status in checks.items() if status not in ("PASS", "N/A")}
    assert (done.returncode, bad) == (0, {}), done.stderr
    return checks


@pytest.fixture(scope="module")
def client(twice: Twice) -> dict[str, Any]:
    done = release(twice.bundles[1], CLIENT, "client-nord", "--tell", "REQ-02", "--zip", "--json")
    assert done.status == 0, done.err
    return done.json


def test_a_client_gets_a_sealed_summary_and_the_ledger_says_so(twice: Twice, client: dict[str, Any]) -> None:
    full, place = twice.bundles[1], Path(client["bundle"])
    assert verified(place, client["signer"], "--against", str(full))["X02"] == "PASS"
    assert verified(place, client["signer"])["X02"] == "N/A"
    signed, released = entries(twice.home)[client["entry"] - 2 : client["entry"]]
    assert (signed.action, signed.subject) == ("bundle.signed", f"bundle:{place.name}")
    assert (signed.data or {})["tagmanifest_sha256"] == client["tagmanifest_sha256"]
    assert (released.action, released.actor, released.subject) == (
        "bundle.released",
        "person:dpo",
        f"bundle:{place.name}",
    )
    data = released.data or {}
    assert (data["level"], data["recipient"]) == (CLIENT, "client-nord")
    assert client["derived_from"] == hashlib.sha256((full / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    assert not (place / "data/blinding.txt").exists()


def test_released_again_it_has_the_same_bytes(twice: Twice, client: dict[str, Any]) -> None:
    again = release(twice.bundles[1], CLIENT, "client-nord", "--tell", "REQ-02", "--json")
    assert again.json["tagmanifest_sha256"] == client["tagmanifest_sha256"], again.err
    assert [entry.action for entry in entries(twice.home)[-2:]].count("bundle.signed") == 0
    other = release(twice.bundles[1], CLIENT, "client-nord")
    assert (other.status, "is another bag" in other.err) == (2, True), other.err


def guesses(twice: Twice) -> Iterator[str]:
    """Every unit, every id of a record and every person that the full bundle or its vault knows."""
    full = twice.bundles[1] / "data"
    vault = vaults.rehearsal(places.load("rehearsal").rehearsal.seed, twice.home / "vault", region="FR")  # type: ignore[union-attr]
    for path in sorted((full / "results").iterdir()):
        yield from (row["unit"] for row in rows(path))
    for path in sorted((full / "frames").iterdir()):
        yield from (one.text for one in vault.identities(hashlib.sha256(path.read_bytes()).hexdigest()))
        yield from (str(v) for row in rows(path) for k, v in row.items() if k.endswith("_id") and v is not None)
    for path in sorted((full / "draws").iterdir()):
        yield from (one.unit for one in vault.kept(json.loads(path.read_bytes())["commitment_sha256"]))


def test_nobody_is_found_behind_a_digest_of_a_clients_bundle(twice: Twice, client: dict[str, Any]) -> None:
    """T17: every id and identity, as a plain digest and as a leaf would begin, against all digests; and as text."""
    held = {path: path.read_bytes() for path in Path(client["bundle"]).rglob("*") if path.is_file()}
    digests = {found for data in held.values() for found in DIGEST.findall(data)}
    known = set(guesses(twice))
    assert len(known) > 5000
    tried = {
        hashlib.new(algorithm, form.encode()).hexdigest().encode()
        for algorithm in ("sha256", "sha3_256", "blake2s")
        for one in known
        for form in (one, one.casefold(), f"{len(one.encode())}:{one},", json.dumps(one))
    }
    assert not tried & digests
    pages = b"\n".join(data for path, data in held.items() if path.suffix in (".html", ".json", ".jsonl"))
    assert not [one for one in known if len(one) > 8 and not one.isdigit() and one.encode() in pages]


def test_a_value_that_would_leak_refuses_the_release(twice: Twice) -> None:
    """A projection that let a person through: nothing is written, the ledger says nothing, nobody is named."""
    bundle, before = twice.bundles[1], (twice.home / "ledger.jsonl").read_bytes()
    person = next(text for text in guesses(twice) if "@" in text and ".example" in text)
    patch = (
        "from evidence_kit.model import disclosure\n"
        "real = disclosure.project\n"
        "def planted(*given):\n"
        "    files = real(*given)\n"
        f"    person = bytes.fromhex({person.encode().hex()!r}).decode()\n"
        "    text = files['engagement.json'].decode().replace('Exemple', person)\n"
        "    return {**files, 'engagement.json': text.encode()}\n"
        "disclosure.project = planted\n"
        "from evidence_kit.cli import main\n"
        f"main(['release', {str(bundle)!r}, '--level', 'client', '--to', 'certifier'])\n"
    )
    done = subprocess.run([sys.executable, "-c", patch], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert "the leak scan found" in done.stderr
    assert "data/engagement.json, row 1" in done.stderr
    assert person not in done.stderr
    assert not (twice.home / "releases/certifier").exists()
    assert (twice.home / "ledger.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--level", PSEUDONYMISED, "--to", "client-nord"), "may have client"),
        (("--level", FULL, "--to", "auditor-remote"), "may have auditor-pseudonymised"),
        (("--level", CLIENT, "--to", "nobody"), "no recipient of that id"),
        (("--level", CLIENT, "--to", "client-nord", "--tell", "REQ-99"), "no finding of REQ-99"),
        (("--level", PSEUDONYMISED, "--to", "certifier", "--tell", "REQ-02"), "--tell is for level client"),
        (("--level", CLIENT, "--to", "client-nord", "--actor", "eve"), "declares nobody of that id"),
    ],
)
def test_what_cannot_be_released_is_refused(twice: Twice, options: tuple[str, ...], words: str) -> None:
    before = (twice.home / "ledger.jsonl").read_bytes()
    done = kit("release", str(twice.bundles[0]), *options)
    assert (done.status, done.out, words in done.err) == (2, "", True), done.err
    assert (twice.home / "ledger.jsonl").read_bytes() == before


def test_a_derived_bundle_is_no_source_of_another(twice: Twice, client: dict[str, Any]) -> None:
    done = kit("release", client["bundle"], "--level", CLIENT, "--to", "certifier", "--out", str(twice.home.parent))
    assert (done.status, "What is released is made from" in done.err) == (2, True), done.err


def test_an_auditor_elsewhere_gets_pseudonyms_of_their_own(twice: Twice) -> None:
    """The whole copy passes its own verifier, and against the full bundle; T19: no pseudonym of the full one in it."""
    full = twice.bundles[1]
    done = release(full, PSEUDONYMISED, "auditor-remote", "--json")
    assert done.status == 0, done.err
    place = Path(done.json["bundle"])
    assert verified(place, done.json["signer"], "--against", str(full))["X02"] == "PASS"
    name = "data/frames/REQ-02.request_log.jsonl"
    mine, theirs = rows(full / name), rows(place / name)
    assert [row["id"] for row in mine] == [row["id"] for row in theirs]
    for column in ("request_id", "subject_key"):
        pairs = {(one[column], other[column]) for one, other in zip(mine, theirs, strict=True) if one[column]}
        assert len({here for here, _ in pairs}) == len({there for _, there in pairs}) == len(pairs)
        assert not {here for here, _ in pairs} & {there for _, there in pairs}
    assert (place / "data/blinding.txt").read_text() != (full / "data/blinding.txt").read_text()
