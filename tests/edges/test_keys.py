"""Signing keys of people: in a file, in an agent, in the vault. OpenSSH itself makes, holds and verifies them here."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evidence_kit.cli import main
from evidence_kit.edges import keyfiles, vault
from evidence_kit.edges.agents import AgentKey
from evidence_kit.edges.keyfiles import FileKey
from evidence_kit.edges.signing import NAMESPACE, Seal, Signer
from evidence_kit.errors import ParameterError, SealError
from evidence_kit.wiring import keys as wired
from evidence_kit.wiring import places

KEYGEN, AGENT = shutil.which("ssh-keygen"), shutil.which("ssh-agent")
PHRASE = b"it's a \\long\\ phrase"
MESSAGE = b"0" * 64 + b"  bagit.txt\n"

pytestmark = [
    pytest.mark.slow,  # processes of OpenSSH
    pytest.mark.skipif(KEYGEN is None or AGENT is None, reason="OpenSSH's ssh-keygen is not installed"),
]


def keygen(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([str(KEYGEN), *arguments], input=given, capture_output=True, check=False)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "seal"
    keyfiles.make(path, lambda: PHRASE)
    return path


@pytest.fixture(scope="module")
def clear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clear") / "seal"
    keygen("-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path))
    return path


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory, clear: Path) -> Iterator[str]:
    path = tmp_path_factory.mktemp("a") / "agent"
    process = subprocess.Popen([str(AGENT), "-D", "-a", str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it says where it listens once it does
        subprocess.run(["ssh-add", "-q", str(clear)], env={**os.environ, "SSH_AUTH_SOCK": str(path)}, check=True)
        yield str(path)
    finally:
        process.terminate()
        process.communicate()


def shown(path: Path) -> str:
    return keygen("-lf", str(path)).stdout.decode().split()[1]


def accepted(seal: Seal, armoured: str, folder: Path, message: bytes = MESSAGE) -> bool:
    """Whether stock OpenSSH accepts the seal."""
    (folder / "sig").write_text(armoured)
    (folder / "allowed").write_text(f'auditee namespaces="{NAMESPACE}" {seal.public_line()}\n')
    where = ("-f", str(folder / "allowed"), "-I", "auditee", "-n", NAMESPACE, "-s", str(folder / "sig"))
    return keygen("-Y", "verify", *where, given=message).returncode == 0


# -- signing, in the three ways ----------------------------------------------------------------------------------------


def test_every_holder_signs_what_openssh_accepts_and_twice_the_same(
    key: Path, clear: Path, agent: str, tmp_path: Path
) -> None:
    seals: list[Seal] = [Signer(bytes(32)), FileKey(key, PHRASE), AgentKey(agent, shown(clear))]
    for seal in seals:
        armoured = seal.sign(MESSAGE)
        assert accepted(seal, armoured, tmp_path), seal
        assert not accepted(seal, armoured, tmp_path, MESSAGE + b"\n")
        assert seal.sign(MESSAGE) == armoured
        assert not accepted(seal, seal.sign(MESSAGE, "evidence-kit-probe-v1"), tmp_path), "a probe seals nothing"
    assert [seal.fingerprint for seal in seals[1:]] == [shown(key), shown(clear)]
    (tmp_path / "message").write_bytes(MESSAGE)
    keygen("-q", "-Y", "sign", "-n", NAMESPACE, "-f", str(clear), str(tmp_path / "message"))
    assert (tmp_path / "message.sig").read_text() == seals[2].sign(MESSAGE)


def test_a_wrong_passphrase_does_not_sign_and_is_not_told(key: Path) -> None:
    with pytest.raises(SealError, match="passphrase does not fit") as told:
        FileKey(key, b"a wrong one").sign(MESSAGE)
    assert "a wrong one" not in str(told.value)


@pytest.mark.parametrize("phrase", [b"two\nlines", b"x" * 1001])
def test_a_passphrase_is_one_line(key: Path, phrase: bytes) -> None:
    with pytest.raises(ParameterError, match="one line"):
        FileKey(key, phrase).sign(MESSAGE)


def test_no_key_is_shown_or_leaves_its_process(key: Path) -> None:
    import pickle

    seal = FileKey(key, PHRASE)
    assert repr(seal) == f"FileKey({seal.fingerprint})"
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(seal)


def test_a_key_file_that_anybody_could_use_is_refused(key: Path, clear: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"no passphrase.*ssh-keygen -p"):
        keyfiles.look(clear)
    shutil.copy(key, tmp_path / "open")
    (tmp_path / "open").chmod(0o640)
    with pytest.raises(ParameterError, match="chmod 600"):
        keyfiles.look(tmp_path / "open")
    with pytest.raises(ParameterError, match="cannot be read"):
        keyfiles.look(tmp_path / "gone")


def test_only_ed25519_in_openssh_form_is_taken(tmp_path: Path, key: Path) -> None:
    other = tmp_path / "ecdsa"
    keygen("-q", "-t", "ecdsa", "-N", "a phrase", "-f", str(other))
    whole = key.read_bytes()
    cases = {"ecdsa": other.read_bytes(), "torn": whole[:200], "empty": b"", "long": whole + b" " * 70_000}
    for name, held in cases.items():
        path = tmp_path / f"{name}.key"
        path.touch(mode=0o600)
        path.write_bytes(held)
        with pytest.raises(ParameterError, match="no Ed25519 key in OpenSSH's form"):
            keyfiles.look(path)


def test_an_agent_without_the_key_or_without_an_answer_is_said(
    agent: str, key: Path, clear: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for path, why in (("", "SSH_AUTH_SOCK is not set"), ("/nowhere/agent", "no ssh-agent answers"),
                      (agent, r"does not have SHA256:.*ssh-add")):  # fmt: skip
        with pytest.raises(ParameterError, match=why):
            AgentKey(path, shown(key))
    seal = AgentKey(agent, shown(clear))
    around = {**os.environ, "SSH_AUTH_SOCK": agent}
    subprocess.run(["ssh-add", "-q", "-D"], env=around, check=True, capture_output=True)
    try:
        with pytest.raises(SealError, match="refuses to sign"):
            seal.sign(MESSAGE)
    finally:
        subprocess.run(["ssh-add", "-q", str(clear)], env=around, check=True)


@pytest.mark.parametrize("said", [b"", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\5\x0c\0\0\0\2", b"\0\0\0\1\x0c"])
def test_what_is_no_answer_of_an_agent_is_refused(tmp_path_factory: pytest.TempPathFactory, said: bytes) -> None:
    import threading

    path = str(tmp_path_factory.mktemp("a") / "s")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()

        def answer() -> None:
            channel, _ = door.accept()
            with channel:
                channel.recv(100)
                channel.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ParameterError):
            AgentKey(path, "SHA256:" + "A" * 43)
        thread.join()


# -- the commands ------------------------------------------------------------------------------------------------------


def ask(*arguments: object, **around: str) -> Result:
    environment = {"EVIDENCE_KIT_PASSPHRASE": PHRASE.decode(), "EVIDENCE_KIT_KEY_PASSPHRASE": None, **around}
    return CliRunner().invoke(main, [str(one) for one in arguments], env=environment)


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    made = ask("keys", "make", tmp_path / "seal")
    line, fingerprint = made.stdout.splitlines()
    assert (made.exit_code, fingerprint) == (0, shown(tmp_path / "seal"))
    assert (tmp_path / "seal.pub").read_text().split()[:2] == line.split()
    assert (tmp_path / "seal").stat().st_mode & 0o777 == 0o600
    assert keyfiles.look(tmp_path / "seal").encrypted
    assert PHRASE.decode() not in made.output
    before = (tmp_path / "seal").read_bytes()
    again = ask("keys", "make", tmp_path / "seal")
    assert (again.exit_code, "already there" in again.stderr) == (2, True)
    assert (tmp_path / "seal").read_bytes() == before
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert ask("keys", "make", tmp_path / "link").exit_code == 2
    assert not (tmp_path / "elsewhere").exists()
    empty = ask("keys", "make", tmp_path / "none", EVIDENCE_KIT_PASSPHRASE="")
    assert (empty.exit_code, (tmp_path / "none").exists()) == (2, False)


def test_no_key_is_made_among_what_is_handed_on(tmp_path: Path) -> None:
    bag, home = tmp_path / "bag" / "data", tmp_path / "run" / "r001"
    for folder in (bag, home, tmp_path / "out"):
        folder.mkdir(parents=True)
    (tmp_path / "bag" / "bagit.txt").touch()
    (tmp_path / "run" / "ledger.jsonl").touch()
    (tmp_path / "door").symlink_to(bag)
    for place in (bag, home, tmp_path / "out" / "deep", tmp_path / "door"):
        place.mkdir(exist_ok=True)
        done = ask("keys", "make", place / "seal", EVIDENCE_KIT_OUT=str(tmp_path / "out"))
        assert (done.exit_code, "does not lie among outputs" in done.stderr) == (2, True)
        assert list(place.glob("seal*")) == []


def engagement(folder: Path, signing: str) -> Path:
    text = Path(__file__).resolve().parents[2].joinpath("params/engagements/doj-foia.yaml").read_text()
    path = folder / "own.yaml"
    path.write_text(text.replace("engagement: doj-foia", "engagement: own") + f"signing: {signing}\n")
    return path


def test_what_is_handed_over_is_the_key_that_signs(key: Path, clear: Path, agent: str, tmp_path: Path) -> None:
    for signing, path in ((f"{{file: {key}}}", key), (f"{{agent: {shown(clear)}}}", clear)):
        done = ask("keys", "show", engagement(tmp_path, signing), SSH_AUTH_SOCK=agent)
        assert done.exit_code == 0, done.stderr
        fingerprint = shown(path)
        assert f"fingerprint      {fingerprint}\n" in done.stdout
        told = re.search(r"capitals: (.+)", done.stdout)
        assert told is not None
        assert told[1].replace(" ", "") == fingerprint.removeprefix("SHA256:")
        line = re.search(r"^allowed_signers  (.+)$", done.stdout, re.MULTILINE)
        assert line is not None
        (tmp_path / "allowed").write_text(line[1] + "\n")
        seal: Seal = FileKey(key, PHRASE) if path is key else AgentKey(agent, fingerprint)
        (tmp_path / "sig").write_text(seal.sign(MESSAGE))
        where = ("-f", str(tmp_path / "allowed"), "-I", "own", "-n", NAMESPACE, "-s", str(tmp_path / "sig"))
        assert keygen("-Y", "verify", *where, given=MESSAGE).returncode == 0


def test_a_key_is_tried_before_it_is_used(
    key: Path, clear: Path, agent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the collector does first: the passphrase of its own variable, else the vault's; a wrong one is said."""
    held = vault.rehearsal(1, tmp_path / "vault")
    of_file = places.load(engagement(tmp_path, f"{{file: {key}}}"))
    monkeypatch.setenv("EVIDENCE_KIT_PASSPHRASE", "of the vault")
    monkeypatch.setenv("EVIDENCE_KIT_KEY_PASSPHRASE", PHRASE.decode())
    assert wired.signer(of_file, held).fingerprint == shown(key)
    monkeypatch.delenv("EVIDENCE_KIT_KEY_PASSPHRASE")
    with pytest.raises(ParameterError, match=r"signing: .*passphrase does not fit"):
        wired.signer(of_file, held)
    monkeypatch.setenv("EVIDENCE_KIT_PASSPHRASE", PHRASE.decode())
    held.sign_with(wired.signer(of_file, held))
    assert (held.fingerprint, accepted(held.signer, held.sign(MESSAGE), tmp_path)) == (shown(key), True)
    of_agent = places.load(engagement(tmp_path, f"{{agent: {shown(clear)}}}"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(ParameterError, match="SSH_AUTH_SOCK is not set"):
        wired.signer(of_agent, held)
    monkeypatch.setenv("SSH_AUTH_SOCK", agent)
    assert wired.signer(of_agent, held).fingerprint == shown(clear)
    among = tmp_path / "out" / "seal"
    among.parent.mkdir()
    shutil.copy(key, among)
    monkeypatch.setenv("EVIDENCE_KIT_OUT", str(among.parent))
    with pytest.raises(ParameterError, match="does not lie among outputs"):
        wired.signer(places.load(engagement(tmp_path, f"{{file: {among}}}")), held)


def test_the_vaults_key_is_shown_with_its_passphrase(tmp_path: Path) -> None:
    made = vault.create(tmp_path / "vaults" / "own", PHRASE, work=2**14)
    done = ask("keys", "show", engagement(tmp_path, "vault"), EVIDENCE_KIT_VAULTS=str(tmp_path / "vaults"))
    assert (done.exit_code, made.fingerprint in done.stdout) == (0, True)
    wrong = {"EVIDENCE_KIT_VAULTS": str(tmp_path / "vaults"), "EVIDENCE_KIT_PASSPHRASE": "x"}
    assert ask("keys", "show", tmp_path / "own.yaml", **wrong).exit_code == 2


def test_check_says_when_the_key_cannot_be_used(key: Path, clear: Path, agent: str, tmp_path: Path) -> None:
    def missing(signing: str) -> str:
        done = ask("check", engagement(tmp_path, signing), SSH_AUTH_SOCK=agent, EVIDENCE_KIT_VAULTS=str(tmp_path))
        assert done.exit_code == 0, done.stderr
        return done.stdout

    assert "signing: " not in missing(f"{{file: {key}}}")
    assert "signing: " not in missing(f"{{agent: {shown(clear)}}}")
    assert "has no passphrase" in missing(f"{{file: {clear}}}")
    assert "does not have SHA256:" in missing(f"{{agent: {shown(key)}}}")
    assert "cannot be read" in missing("{file: /nowhere/seal}")


def test_init_does_not_hand_out_a_key_that_will_not_sign(key: Path, tmp_path: Path) -> None:
    around = {"EVIDENCE_KIT_VAULTS": str(tmp_path / "vaults")}
    made = ask("init", engagement(tmp_path, f"{{file: {key}}}"), **around)
    assert (made.exit_code, made.stdout, "keys show" in made.stderr) == (0, "", True)


@pytest.mark.parametrize(
    ("signing", "why"),
    [
        ("{}", "say one of file and agent"),
        ("{file: /a, agent: 'SHA256:" + "A" * 43 + "'}", "say one of file and agent"),
        ("{file: seal}", "a whole path"),
        ("{agent: 'MD5:00'}", "the fingerprint that ssh-add -l shows"),
        ("agent", "accepted: vault"),
        ("{key: /a}", "not known"),
    ],
)
def test_a_signing_key_is_named_in_one_way(tmp_path: Path, signing: str, why: str) -> None:
    done = ask("check", engagement(tmp_path, signing))
    assert (done.exit_code, why in done.stderr) == (2, True), done.stderr
