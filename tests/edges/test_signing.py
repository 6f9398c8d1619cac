"""Our seal is byte for byte one that ssh-keygen makes, and ssh-keygen accepts it."""

import base64
import shutil
import subprocess
from operator import itemgetter
from pathlib import Path

import pytest

from evidence_kit.edges.signing import NAMESPACE, Signer, fingerprint
from tests.spec.norm import Vector, norm

SEED = bytes(range(32))
MESSAGE = b"0" * 64 + b"  bagit.txt\n"
KEYGEN = shutil.which("ssh-keygen")

needs_keygen = pytest.mark.skipif(KEYGEN is None, reason="OpenSSH's ssh-keygen is not installed")


def unarmoured(text: str) -> bytes:
    return base64.b64decode("".join(text.strip().splitlines()[1:-1]))


def good(name: str) -> bool:
    return name.startswith(("made by ssh-keygen", "made by our own writer"))


@pytest.mark.parametrize(
    "vector", [one for one in norm("sshsig")["sshsig"] if good(one["name"])], ids=itemgetter("name")
)
def test_our_form_is_the_form_of_the_good_vectors(vector: Vector) -> None:
    """Same fields at the same places: only key (51 bytes) and signature (64 bytes) may differ."""
    theirs, ours = unarmoured(vector["signature"]), unarmoured(Signer(SEED).sign(vector["message"].encode()))
    key = slice(10 + 4 + 4 + 11 + 4, 10 + 4 + 51)
    assert len(ours) == len(theirs)
    assert ours[: key.start] == theirs[: key.start]
    assert ours[key.stop : -64] == theirs[key.stop : -64]
    if vector["name"] == "made by ssh-keygen":
        lines = [len(line) for line in vector["signature"].splitlines()]
        assert [len(line) for line in Signer(SEED).sign(b"").splitlines()] == lines
        assert vector["signature"].endswith("-----END SSH SIGNATURE-----\n")


@pytest.mark.parametrize("vector", [one for one in norm("sshsig")["ed25519"] if one["name"].startswith("RFC 8032 7.1")])
def test_keys_are_those_of_rfc_8032(vector: Vector) -> None:
    seeds = {
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a":
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c":
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    }  # fmt: skip
    if vector["public"] in seeds:
        line = Signer(bytes.fromhex(seeds[vector["public"]])).public_line()
        assert base64.b64decode(line.split()[1])[-32:].hex() == vector["public"]


def test_signing_again_gives_the_same_bytes_and_other_bytes_another_signature() -> None:
    assert Signer(SEED).sign(MESSAGE) == Signer(SEED).sign(MESSAGE)
    assert Signer(SEED).sign(MESSAGE) != Signer(SEED).sign(MESSAGE + b"\n")
    assert Signer(SEED).sign(MESSAGE) != Signer(SEED).sign(MESSAGE, "file")


def test_a_seed_has_32_bytes_and_is_never_shown() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Signer(SEED[:-1])
    assert repr(Signer(SEED)) == f"Signer({Signer(SEED).fingerprint})"
    assert not hasattr(Signer(SEED), "__dict__")


@needs_keygen
def test_ssh_keygen_verifies_our_seal_and_refuses_a_changed_message(tmp_path: Path) -> None:
    signer = Signer(SEED)
    (tmp_path / "sig").write_text(signer.sign(MESSAGE))
    (tmp_path / "allowed").write_text(f'auditee namespaces="{NAMESPACE}" {signer.public_line()}\n')
    command = [str(KEYGEN), "-Y", "verify", "-f", "allowed", "-I", "auditee", "-n", NAMESPACE, "-s", "sig"]
    for message, status in ((MESSAGE, 0), (MESSAGE[:-1], 255)):
        done = subprocess.run(command, input=message, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == status, done.stderr


@needs_keygen
def test_the_fingerprint_is_the_one_ssh_keygen_shows(tmp_path: Path) -> None:
    signer = Signer(SEED)
    (tmp_path / "key.pub").write_text(signer.public_line("auditee@example.org") + "\n")
    shown = subprocess.run(
        [str(KEYGEN), "-lf", "key.pub"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert shown.split()[1] == signer.fingerprint
    assert fingerprint(base64.b64decode(signer.public_line().split()[1])) == signer.fingerprint


@needs_keygen
def test_our_seal_is_what_ssh_keygen_writes_with_the_same_key(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(SEED).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_bytes(private)
    (tmp_path / "message").write_bytes(MESSAGE)
    command = [str(KEYGEN), "-q", "-Y", "sign", "-n", NAMESPACE, "-f", "key", "message"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "message.sig").read_text() == Signer(SEED).sign(MESSAGE)
