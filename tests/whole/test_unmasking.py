"""Who is behind a pseudonym: told to whoever holds the vault, never without its entry, and nowhere else."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.ledger.chain import Entry, read
from tests.whole.conftest import NONCE, ROOT, Said, Twice, kit, rows

pytestmark = pytest.mark.slow
ADDRESS, TWIN, HOSTILE = "agathe@cachet.example", "Agathe@Cachet.example", "eve\x1b[31m\\\u202e@cachet.example"
PASSPHRASE, REASON = "a passphrase of the test", "complaint 12, asked by the authority"
LOG = f"""Tracking Number,Submitted Date,Closed Date,Disposition,Customer
A-1,07/03/2017,07/20/2017,Full grant,{ADDRESS}
A-2,06/01/2017,08/31/2017,Full grant,"{HOSTILE}"
A-3,07/03/2017,07/20/2017,Full grant,{ADDRESS}
A-4,07/03/2017,07/20/2017,Full grant,
A-5,07/03/2017,07/20/2017,Full grant,jean@cachet.example
"""


@dataclass(frozen=True)
class Audited:
    """An engagement of its own, audited once: its folder, and what `run` answered."""

    folder: Path
    bundle: Path
    signer: str

    @property
    def file(self) -> str:
        """The engagement's file."""
        return str(self.folder / "own-log.yaml")

    @property
    def ledger(self) -> Path:
        """The engagement's working ledger."""
        return self.bundle.parent / "ledger.jsonl"

    def entries(self) -> tuple[Entry, ...]:
        """Its entries, every link checked."""
        return read(self.ledger.read_bytes().splitlines(keepends=True), "own-log")[0]

    def pseudonym(self, unit: str) -> str:
        """What the bundle shows in the place of the customer of a request."""
        frame = rows(self.bundle / "data/frames/REQ-02.request_log.jsonl")
        return str(next(row["account_key"] for row in frame if row["request_id"] == unit))

    def ask(self, *changes: str, bundle: Path | None = None, pseudonym: str = "", **around: str) -> Said:
        """`unmask` with this engagement's file, keys and passphrase."""
        asked = (str(bundle or self.bundle), pseudonym or self.pseudonym("A-1"))
        return kit("unmask", *asked, "--engagement", self.file, *changes, **(surroundings(self.folder) | around))


def surroundings(folder: Path) -> dict[str, str]:
    return {"EVIDENCE_KIT_VAULTS": str(folder / "keys"), "EVIDENCE_KIT_PASSPHRASE": PASSPHRASE}


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    folder = tmp_path_factory.mktemp("engagement")
    params = ROOT / "params"
    text = (params / "engagements/doj-foia.yaml").read_text()
    text = text.replace("engagement: doj-foia", "engagement: own-log").replace("doj_foia.yaml", "own_log.yaml")
    (folder / "own-log.yaml").write_text(text.replace("role: auditor}", "role: auditor}\n  - {id: lea, role: dpo}"))
    (folder / "sources").mkdir()
    source = (params / "sources/doj_foia.yaml").read_text()
    key = "account_key: {account: '\"Customer\"'}"
    (folder / "sources/own_log.yaml").write_text(source.replace("account_key: null", key))
    (folder / "log.csv").write_text(LOG)
    made = kit("init", str(folder / "own-log.yaml"), **surroundings(folder))
    assert made.status == 0, made.err
    done = run(folder)
    return Audited(folder, Path(done["bundle"]), done["signer"])


def run(folder: Path) -> dict[str, Any]:
    placed = ("--source", f"requests={folder / 'log.csv'}", "--out", str(folder / "out"), "--nonce", NONCE)
    done = kit("run", str(folder / "own-log.yaml"), *placed, "--zip", "--json", **surroundings(folder))
    assert done.status == 0, done.err
    return done.json


# --- what is told, and what the ledger says of it ---------------------------------------------------------------------


def test_the_identity_is_told_and_one_entry_says_so(audited: Audited) -> None:
    before = audited.entries()
    told = audited.ask("--reason", REASON)
    assert (told.status, told.out) == (0, ADDRESS + "\n"), told.err
    assert ADDRESS not in told.err
    *earlier, entry = audited.entries()
    assert tuple(earlier) == before
    assert (entry.actor, entry.action, entry.subject) == (
        "person:lea",
        "person.revealed",
        f"bundle:{audited.bundle.name}",
    )
    data = dict(entry.data or {})
    assert len(str(data.pop("salt"))) == 32
    assert data == {"what": "account", "unit": audited.pseudonym("A-1"), "reason": REASON}


def test_the_zip_tells_the_same_in_one_document(audited: Audited) -> None:
    told = audited.ask(
        "--reason", REASON, "--actor", "auditor", "--json", bundle=audited.bundle.with_suffix(".auditor-full.zip")
    )
    assert told.json == {
        "bundle": audited.bundle.name,
        "pseudonym": audited.pseudonym("A-1"),
        "frame": "data/frames/REQ-02.request_log.jsonl",
        "kind": "account",
        "identity": ADDRESS,
        "actor": "person:auditor",
        "entry": len(audited.entries()),
    }


def test_what_a_source_holds_cannot_steer_a_terminal(audited: Audited) -> None:
    told = audited.ask("--reason", REASON, pseudonym=audited.pseudonym("A-2"), PYTHONIOENCODING="ascii")
    assert told.out == "eve\\x1b[31m\\\\\\u202e@cachet.example\n"


def test_the_rehearsals_account_is_the_one_of_the_desks_ticket(twice: Twice) -> None:
    bundle = twice.bundles[0]
    row = next(row for row in rows(bundle / "data/frames/REQ-02.request_log.jsonl") if row["account_key"])
    tickets = {ticket["request_id"]: ticket for ticket in rows(twice.company / "desk/tickets.jsonl")}
    told = kit("unmask", str(bundle), row["account_key"], "--reason", REASON)
    assert (told.status, told.out) == (0, f"{tickets[row['request_id']]['account_id']}\n"), told.err
    last = json.loads((twice.home / "ledger.jsonl").read_text().splitlines()[-1])
    assert (last["action"], last["actor"]) == ("person.revealed", "person:dpo")


def test_a_row_kept_too_long_can_be_found_again(twice: Twice) -> None:
    """What RET-01 shows of a live table is a pseudonym of the row's key."""
    bundle = twice.bundles[1]
    row = rows(bundle / "data/frames/RET-01.retention_exceptions.jsonl")[0]
    told = kit("unmask", str(bundle), row["row_key"], "--reason", REASON, "--json")
    assert (told.status, told.json["kind"]) == (0, "row"), told.err
    assert told.json["identity"]


# --- what is refused: nothing told, nothing written -------------------------------------------------------------------


def refused(audited: Audited, said: Said, words: str, status: int = 2) -> bool:
    """Whether it ended so, in one line with these words, and with nobody named."""
    assert (said.status, said.out, words in said.err) == (status, "", True), said.err
    return "Traceback" not in said.err and "cachet.example" not in said.err.casefold()


REFUSED: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "no reason": ((), {}, "--reason"),
    "blank reason": (("--reason", "  "), {}, "--reason: one line"),
    "reason of two lines": (("--reason", "a\nb"), {}, "--reason: one line"),
    "reason of 201 characters": (("--reason", "a" * 201), {}, "--reason: one line"),
    "reason that names the person": (("--reason", f"about {TWIN}"), {}, "holds personal data"),
    "reason that names another person": (("--reason", "see jean@cachet.example"), {}, "holds personal data"),
    "unknown actor": (("--reason", "x", "--actor", "eve"), {}, "auditor, lea"),
    "a process as actor": (("--reason", "x", "--actor", "collector"), {}, "auditor, lea"),
    "wrong passphrase": (("--reason", "x"), {"EVIDENCE_KIT_PASSPHRASE": "another"}, "passphrase does not fit"),
    "no vault": (("--reason", "x"), {"EVIDENCE_KIT_VAULTS": "/nowhere"}, "has no keys yet"),
    "another engagement": (("--reason", "x", "--engagement", "rehearsal"), {}, "not of rehearsal"),
    "no ledger": (("--reason", "x", "--out", "/nowhere"), {}, "holds no ledger"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_accepted_is_refused(audited: Audited, name: str) -> None:
    options, around, words = REFUSED[name]
    before = audited.ledger.read_bytes()
    assert refused(audited, audited.ask(*options, **around), words)
    assert audited.ledger.read_bytes() == before


@pytest.mark.parametrize(
    ("pseudonym", "words"),
    [("0" * 64, "stands in no frame"), ("ab", "64 lower-case hex"), ("../" * 21 + "x", "64 lower-case hex")],
)
def test_a_pseudonym_of_elsewhere_is_refused(audited: Audited, pseudonym: str, words: str) -> None:
    assert refused(audited, audited.ask("--reason", "x", pseudonym=pseudonym), words)


def test_a_vault_without_the_frames_identities_names_nobody(audited: Audited) -> None:
    """So it is with a run of a release that kept nobody, and after the identities were removed."""
    kept = audited.folder / "keys/own-log/identities"
    away = kept.rename(kept.with_name("away"))
    try:
        assert refused(audited, audited.ask("--reason", "x"), "keeps nobody behind")
    finally:
        away.rename(kept)


def test_without_a_dpo_somebody_must_be_named(audited: Audited) -> None:
    file = audited.folder / "nobody.yaml"
    file.write_text(Path(audited.file).read_text().replace("role: dpo", "role: manager"))
    assert refused(audited, audited.ask("--reason", "x", "--engagement", str(file)), "--actor ID")


def test_altered_identities_name_nobody(audited: Audited) -> None:
    (path,) = (audited.folder / "keys/own-log/identities").iterdir()
    held = path.read_bytes()
    assert ADDRESS.encode() not in held
    path.write_bytes(held[:-1] + bytes([held[-1] ^ 1]))
    try:
        assert refused(audited, audited.ask("--reason", "x"), "was altered")
    finally:
        path.write_bytes(held)


def other_run(text: str) -> str:
    return text.replace('"run":"r001"', '"run":"r002"')


def other_engagement(text: str) -> str:
    return text.replace('"engagement":"own-log"', '"engagement":"../../rehearsal"')


def longer(text: str) -> str:
    return text + "\n"


TAMPERED: tuple[tuple[str, Callable[[str], str], str], ...] = (
    ("data/bundle.json", other_run, "bundle.json is not the file that was sealed"),
    ("data/bundle.json", other_engagement, "names no engagement and run"),
    ("data/bundle.json", lambda _: "[" * 100_000, "cannot be read"),
    ("data/frames/REQ-02.request_log.jsonl", longer, "REQ-02.request_log.jsonl is not the file"),
    ("manifest-sha256.txt", longer, "manifest-sha256.txt is not the file"),
    ("tagmanifest-sha256.txt", longer, "did not sign the bundle"),
)


@pytest.mark.parametrize(("name", "change", "words"), TAMPERED)
def test_a_bundle_that_was_touched_names_nobody(
    audited: Audited, tmp_path: Path, name: str, change: Callable[[str], str], words: str
) -> None:
    copy = tmp_path / audited.bundle.name
    shutil.copytree(audited.bundle, copy)
    path = copy / name
    path.chmod(0o600)
    path.write_text(change(path.read_text()))
    before = audited.ledger.read_bytes()
    assert refused(audited, audited.ask("--reason", "x", "--out", str(audited.folder / "out"), bundle=copy), words)
    assert audited.ledger.read_bytes() == before


# --- the ledger comes first -------------------------------------------------------------------------------------------


def test_while_a_run_is_going_on_nothing_is_told(audited: Audited) -> None:
    with (audited.bundle.parent / "run.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refused(audited, audited.ask("--reason", "x"), "another run is going on", status=3)


def test_without_a_written_entry_nothing_is_told(audited: Audited) -> None:
    """The system refuses every byte beyond the ledger's present size and a little."""
    before = audited.ledger.read_bytes()
    limit = len(before) + 20
    begin = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
    arguments = ["unmask", str(audited.bundle), audited.pseudonym("A-1"), "--reason", "x", "--engagement", audited.file]
    done = subprocess.run(
        [sys.executable, "-c", f"{begin}from evidence_kit.cli import main\nmain({arguments!r})"],
        capture_output=True,
        text=True,
        env={**os.environ, **surroundings(audited.folder), "EVIDENCE_KIT_TRACE": "1"},
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stdout, "could not be written" in done.stderr) == (3, "", True), done.stderr
    assert ADDRESS not in done.stderr
    assert audited.ledger.read_bytes() == before


def test_a_ledger_that_does_not_close_is_not_continued(audited: Audited) -> None:
    held = audited.ledger.read_bytes()
    audited.ledger.write_bytes(held.replace(b'"action":"ledger.opened"', b'"action":"ledger.opended"', 1))
    try:
        assert refused(audited, audited.ask("--reason", "x"), "ledger, line 1", status=3)
    finally:
        audited.ledger.write_bytes(held)


def test_the_next_bundle_shows_the_disclosure_and_never_the_person(audited: Audited) -> None:
    assert audited.ask("--reason", REASON).out == ADDRESS + "\n"
    sealed = run(audited.folder)
    bundle = Path(sealed["bundle"])
    held = ("verify", str(bundle), "--key", audited.signer, "--previous", str(audited.bundle))
    assert kit(*held).status == 0
    for language in ("en", "fr"):
        page = (bundle / f"data/site/{language}/ledger.html").read_text()
        assert all(shown in page for shown in (REASON, "person:lea", "person.revealed", audited.pseudonym("A-1")))
    # With the same nonce the frame has the same bytes, and the vault keeps the same people in the same place.
    assert len(list((audited.folder / "keys/own-log/identities").iterdir())) == 1
    for path in [*audited.bundle.parent.rglob("*"), *(audited.folder / "keys").rglob("*")]:
        if path.is_file():
            data = path.read_bytes().lower()
            assert ADDRESS.encode() not in data, path.name
