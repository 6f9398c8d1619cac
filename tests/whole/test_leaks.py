"""Twelve personal values in every place a careless or hostile source has for them: none leaves, however it is written.

What leaves is searched by tests/whole/leaks.py, which shares nothing with the kit's own scan.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.edges.disguises import DISGUISES
from evidence_kit.edges.scan import Scanner
from evidence_kit.errors import SealError
from evidence_kit.wiring import closing, leaving
from tests.disguised import CANARIES, MADE
from tests.whole.conftest import NONCE, ROOT, Said, kit, rows
from tests.whole.leaks import Search


def planted(disguised: str | bytes) -> bytes:
    return disguised if isinstance(disguised, bytes) else f'{{"id":2,"note":"{disguised}"}}\n'.encode()


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("number", range(len(CANARIES)))
def test_a_value_that_was_planted_is_met_and_refused(number: int, disguise: str) -> None:
    value, search = CANARIES[number], Search(CANARIES)
    look = leaving.Look(Scanner({"request_log.subject_key": [value]}))
    for form, disguised in enumerate(MADE[disguise](value)):
        data = planted(disguised)
        assert number in search.met(data), f"{disguise}, form {form}: the search of this test cannot fail"
        report = look.scan({"results/REQ-02.jsonl": data})
        for refuse in (look.refuse, closing.refuse_leaks):
            with pytest.raises(SealError, match="must not leave") as refused:
                refuse(report)
            assert not search.met(str(refused.value).encode())


# --- a company of its own ------------------------------------------------------------------------------------------

EMAIL, NAME, OTHER, PHONE, IBAN, NUMBER, CLIENT, HOME, KEY, ADDRESS, SHORT, DIGITS = CANARIES
PASSPHRASE = "a passphrase of the test"
#: Column `Auth` is mapped to a closed list of words, `Closed` to a day, `Kind` to an outcome: none of them holds one.
LOG = [
    ["Ticket", "Asker", "Account", "Received", "Closed", "Kind", "Auth", "Detail", NAME, "Database"],
    ["A-1", EMAIL, CLIENT, "07/03/2017", "07/20/2017", "Full grant", "knowledge", HOME, PHONE, ADDRESS],
    ["A-2", SHORT + " gruber", DIGITS, "06/01/2017", OTHER, "Full grant", "knowledge", NUMBER, IBAN, KEY],
    ["A-3", EMAIL, CLIENT, "07/03/2017", "08/20/2017", f"granted to {NAME}", "knowledge", OTHER, NAME, ADDRESS],
    ["A-4", KEY, "", NAME, "07/20/2017", "Full grant", PHONE, f"paid to {IBAN}", EMAIL, ""],
    ["A-5", "", NAME, "07/03/2017", "07/20/2017", "Full grant", "knowledge", f"{SHORT}, {NUMBER}", DIGITS, ""],
]
LETTERS = f"""From {EMAIL} Mon Jul  3 10:00:00 2017
From: {NAME} <{EMAIL}>
To: contact@quillet.example
Message-ID: <1@quillet.example>
Date: Mon, 03 Jul 2017 10:00:00 -0400
Subject: Access request of {NAME}, {NUMBER}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Disposition: inline; filename="{IBAN}.txt"

I ask for a copy of all personal data that you hold about me. {HOME}, {PHONE}, {IBAN}, {CLIENT}, {DIGITS}.

From {OTHER} Tue Jul  4 10:00:00 2017
From: {OTHER} <{NAME.split()[0]}@quillet.example>
To: contact@quillet.example
Message-ID: <{CLIENT}@quillet.example>
Date: {OTHER}
Subject: {ADDRESS}

{KEY}

"""
RECIPIENTS = {"far": "auditor-pseudonymised", "further": "auditor-pseudonymised", "near": "client"}
AGREED = {
    "engagement: doj-foia": "engagement: leaky",
    "  requests: doj_foia.yaml": "  requests: leaky_log.yaml\n  mailbox: leaky_mail.yaml",
    "controls: [REQ-02]": "controls: [COM-01, COM-02, REQ-02, REQ-04]",
    "people:": "recipients:\n"
    + "".join(f"  {to}: {{name: one who asked, level: {level}}}\n" for to, level in RECIPIENTS.items())
    + "people:\n  - {id: lea, role: dpo}",
}
MAPPED = {
    "request_id: '\"Tracking Number\"'": "request_id: '\"Ticket\"'",
    "subject_key: null": "subject_key: {person: '\"Asker\"'}",
    "account_key: null": "account_key: {account: '\"Account\"'}",
    "'\"Submitted Date\"'": "'\"Received\"'",
    "'\"Closed Date\"'": "'\"Closed\"'",
    "'\"Disposition\"'": "'\"Kind\"'",
    "authenticated_by: null": "authenticated_by: '\"Auth\"'",
    '"Closed Date" is null': '"Closed" is null',
}


@dataclass(frozen=True)
class Company:
    """An engagement over these sources, and everything that its commands write."""

    folder: Path

    @property
    def around(self) -> dict[str, str]:
        """The environment of its commands: its keys, tracebacks, and an address that is none of the kit's business."""
        keys = {"EVIDENCE_KIT_VAULTS": str(self.folder / "keys"), "EVIDENCE_KIT_PASSPHRASE": PASSPHRASE}
        return {**keys, "EVIDENCE_KIT_TRACE": "1", "DATABASE_URL": ADDRESS}

    @property
    def out(self) -> Path:
        """Where its runs go."""
        return self.folder / "out"

    def ask(self, command: str, *more: str, status: int = 0, out: str = "out") -> Said:
        """One command with its traceback asked for; nothing that it prints holds a value."""
        done = kit(command, *more, "--out", str(self.folder / out), **self.around)
        assert done.status == status, done.err
        assert Search(CANARIES).met((done.out + done.err).encode()) == frozenset()
        return done

    def run(self, *more: str, log: Path | None = None, file: str = "leaky.yaml", **how: Any) -> Said:
        """`run` on its sources; `log` in the place of its own log."""
        placed = ("--source", f"requests={log or self.log}", "--source", f"mailbox={self.folder / 'in/letters.mbox'}")
        return self.ask("run", str(self.folder / file), *placed, "--nonce", NONCE, *more, **how)

    @property
    def log(self) -> Path:
        """Its request log, in a file that is called by an account number."""
        return self.folder / "in" / f"{IBAN}.csv"


def table(path: Path, lines: Sequence[Sequence[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(lines)
    return path


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("company")
    for name in ("in", "sources"):
        (folder / name).mkdir()
    engagement = (ROOT / "params/engagements/doj-foia.yaml").read_text("utf-8")
    for old, new in AGREED.items():
        assert old in engagement
        engagement = engagement.replace(old, new)
    mapping = (ROOT / "params/sources/doj_foia.yaml").read_text("utf-8")
    for old, new in MAPPED.items():
        assert old in mapping
        mapping = mapping.replace(old, new)
    (folder / "leaky.yaml").write_text(engagement, "utf-8")
    (folder / "sources/leaky_log.yaml").write_text(mapping, "utf-8")
    (folder / "sources/leaky_mail.yaml").write_text((ROOT / "params/sources/mailbox.yaml").read_text("utf-8"), "utf-8")
    (folder / "in/letters.mbox").write_text(LETTERS, "utf-8")
    made = Company(folder)
    table(made.log, LOG)
    done = kit("init", str(folder / "leaky.yaml"), **made.around)
    assert done.status == 0, done.err
    return made


@pytest.fixture(scope="module")
def sealed(company: Company) -> Path:
    """The full bundle, from which everything that leaves is made."""
    return Path(company.run("--zip", "--json").json["bundle"])


@pytest.mark.slow
def test_no_value_stands_in_a_bundle_its_zip_or_anything_beside_it(company: Company, sealed: Path) -> None:
    verdicts = {line["unit"]: line["verdict"] for line in rows(sealed / "data/results/REQ-02.jsonl")}
    # What stood where a day belongs was met, and is told by its kind.
    assert verdicts == {"A-1": "PASS", "A-2": "ERROR", "A-3": "FAIL", "A-4": "ERROR", "A-5": "PASS"}
    assert Search(CANARIES).files(company.out) == {}


@pytest.mark.slow
def test_nobody_else_may_read_what_a_run_leaves(company: Company, sealed: Path) -> None:
    """The engagement's folder is closed to others whatever the umask, and with it all that lies below."""
    closed = [company.out / "leaky", company.folder / "keys", sealed.parent / "r001"]
    closed += [sealed.parent / "ledger.jsonl", *(sealed.parent / "r001/payload/frames").iterdir()]
    assert [path for path in closed if path.stat().st_mode & 0o077] == []


@pytest.fixture(scope="module")
def released(company: Company, sealed: Path) -> dict[str, Path]:
    """The bundles made for each recipient: their folders."""
    asked = (str(sealed), "--engagement", str(company.folder / "leaky.yaml"), "--zip")
    for to, level in RECIPIENTS.items():
        company.ask("release", *asked, "--level", level, "--to", to)
    folder = company.out / "leaky" / "releases"
    return {to: next((folder / to).glob("*/bagit.txt")).parent for to in RECIPIENTS}


@pytest.mark.slow
def test_no_value_stands_in_what_is_released(company: Company, released: dict[str, Path]) -> None:
    folder = company.out / "leaky" / "releases"
    assert len(list(folder.rglob("*.zip"))) == len(released)
    assert Search(CANARIES).files(folder, company.out / "leaky" / "ledger.jsonl") == {}


@pytest.mark.slow
def test_two_recipients_have_no_pseudonym_in_common(sealed: Path, released: dict[str, Path]) -> None:
    keys = [pseudonyms(bundle) for bundle in (sealed, released["far"], released["further"])]
    assert all(len(one) > 3 for one in keys)
    assert keys[0].isdisjoint(keys[1] | keys[2])
    assert keys[1].isdisjoint(keys[2])


def pseudonyms(bundle: Path) -> set[str]:
    """What stands in the columns of persons and accounts."""
    frames = (bundle / "data/frames").glob("*.jsonl")
    found = {row[name] for frame in frames for row in rows(frame) for name in row if name.endswith("_key")}
    return {str(one) for one in found if one is not None}


@pytest.mark.slow
def test_no_identifier_is_met_by_trying_it_against_the_digests_of_a_client(released: dict[str, Path]) -> None:
    guessed = {cell for line in LOG for cell in line} | {f"A-{number}" for number in range(1000)}
    tried = {
        hashlib.new(name, text.encode()).hexdigest()
        for one in guessed
        for text in (one, json.dumps(one), f"{one}\n", one.casefold(), f"request_log:{one}", f"{len(one)}:{one},")
        for name in ("md5", "sha1", "sha256", "sha512")
    }
    shown = set()
    for path in released["near"].rglob("*"):
        if path.is_file() and path.name != "verify.py":
            shown |= set(re.findall(r"[0-9a-f]{32,128}", path.read_text("utf-8").lower()))
    assert len(shown) > 10
    assert not shown & tried


# --- what goes wrong ------------------------------------------------------------------------------------------


def changed(company: Company, name: str, old: str, new: str) -> str:
    """The engagement with another mapping of its log: its file."""
    mapping = (company.folder / "sources/leaky_log.yaml").read_text("utf-8")
    assert old in mapping
    (company.folder / f"sources/{name}.yaml").write_text(mapping.replace(old, new), "utf-8")
    text = (company.folder / "leaky.yaml").read_text("utf-8").replace("leaky_log.yaml", f"{name}.yaml")
    (company.folder / f"{name}.yaml").write_text(text, "utf-8")
    return f"{name}.yaml"


def hidden(company: Company, said: Said, out: str) -> bool:
    """Whether nothing printed and no file of the run holds a value; a traceback was asked for, and is there."""
    assert "Traceback" in said.err, said.err
    search = Search(CANARIES)
    assert search.met((said.out + said.err).encode()) == frozenset()
    assert search.files(company.folder / out) == {}
    return True


@pytest.mark.slow
def test_a_cell_that_breaks_the_query_is_not_quoted(company: Company) -> None:
    """The engine's own message says which text it could not read."""
    broken = changed(company, "broken", '\'"Closed"\', format: "%m/%d/%Y"', "'strptime(\"Closed\", ''%m/%d/%Y'')'")
    said = company.run(file=broken, out="broken", status=3)
    assert "source requests" in said.err or "frame request_log" in said.err
    assert hidden(company, said, "broken")


@pytest.mark.slow
def test_a_value_written_into_a_query_stops_the_seal(company: Company) -> None:
    literal = changed(company, "literal", 'case when "Closed"', f'case when "Asker" = \'{EMAIL}\' or "Closed"')
    said = company.run(file=literal, out="literal", status=3)
    assert "leak" in said.err
    assert "Traceback" in said.err
    assert not list((company.folder / "literal").rglob("manifest-sha256.txt"))


@pytest.mark.slow
def test_a_source_that_went_away_and_one_that_is_torn_name_no_cell(company: Company, tmp_path: Path) -> None:
    gone = tmp_path / "log.csv"
    company.run(log=gone, out="gone", status=2)
    torn = table(tmp_path / "torn.csv", LOG)
    torn.write_text(torn.read_text("utf-8") + f'A-6,"{NAME}\n{EMAIL},{IBAN},{NUMBER}', "utf-8")
    assert hidden(company, company.run(log=torn, out="torn", status=3), "torn")


@pytest.mark.slow
def test_a_crash_tells_its_place_and_no_value(company: Company, tmp_path: Path) -> None:
    """No file may grow beyond 20,000 bytes: what is written dies in the middle, in whichever process writes it."""
    begin = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))"
    placed = [f"requests={company.log}", f"mailbox={company.folder / 'in/letters.mbox'}"]
    arguments = ["run", str(company.folder / "leaky.yaml"), "--out", str(company.folder / "crash"), "--nonce", NONCE]
    arguments += [word for place in placed for word in ("--source", place)]
    done = subprocess.run(
        [sys.executable, "-c", f"{begin}; from evidence_kit.cli import main; main({arguments!r})"],
        capture_output=True,
        text=True,
        env={**os.environ, **company.around},
        cwd=ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 3, done.stderr
    assert hidden(company, Said(done.returncode, done.stdout, done.stderr), "crash")


@pytest.mark.slow
def test_a_population_that_is_refused_names_its_reason_and_nobody(company: Company, tmp_path: Path) -> None:
    twice = table(tmp_path / "twice.csv", [*LOG, LOG[1]])
    said = company.run(log=twice, out="refused", status=0)
    assert "unit-id-duplicate" in said.err
    assert Search(CANARIES).files(company.folder / "refused") == {}
