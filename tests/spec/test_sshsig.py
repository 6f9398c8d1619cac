"""The signature vectors, held against the verifier's own reading of SSHSIG and Ed25519."""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from evidence_kit import verify
from tests.spec.norm import norm

VECTORS = norm("sshsig")
Vector = dict[str, Any]


@pytest.mark.parametrize("vector", VECTORS["ed25519"], ids=lambda vector: vector["name"])
def test_ed25519_is_as_strict_as_the_norm(vector: Vector) -> None:
    public, message, signature = (bytes.fromhex(vector[key]) for key in ("public", "message", "signature"))
    assert verify.ed25519_valid(public, message, signature) is vector["valid"]


def reasons(vector: Vector) -> list[str]:
    """Everything that is wrong with one armoured signature, in the verifier's words."""
    seal = verify.SshSignature(vector["signature"].encode("latin-1"))
    found = [text for _, text in seal.defects]
    if not seal.key_blob or not seal.signature:
        return found
    trusted = {verify.fingerprint(b64decode(line.split()[1])) for line in vector["trusted"]}
    if seal.fingerprint not in trusted:
        found.append("signed by a key that is not trusted")
    if seal.namespace != verify.NAMESPACE:
        found.append("signed for another namespace")
    if not seal.matches(vector["message"].encode("latin-1")):
        found.append("signature does not match")
    return found


@pytest.mark.parametrize("vector", VECTORS["sshsig"], ids=lambda vector: vector["name"])
def test_sshsig_is_refused_for_the_reason_of_the_norm(vector: Vector) -> None:
    found = reasons(vector)
    if vector["expect"] == "PASS":
        assert found == []
    else:
        assert vector["reason"] in found


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
@pytest.mark.parametrize(
    "vector", [one for one in VECTORS["sshsig"] if one["expect"] == "PASS"], ids=lambda vector: vector["name"]
)
def test_ssh_keygen_agrees_on_the_good_ones(vector: Vector, tmp_path: Path) -> None:
    """A second opinion by software that we did not write."""
    signers = "".join(f"auditor {line}\n" for line in vector["trusted"])
    (tmp_path / "signers").write_text(signers)
    (tmp_path / "message.sig").write_bytes(vector["signature"].encode("latin-1"))
    name = verify.NAMESPACE.decode()
    options = ["-f", "signers", "-I", "auditor", "-n", name, "-s", "message.sig"]
    done = subprocess.run(
        ["ssh-keygen", "-Y", "verify", *options],
        input=vector["message"].encode("latin-1"),
        capture_output=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0
