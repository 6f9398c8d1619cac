"""Keys and signatures of the good bundle, in the form of OpenSSH."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256, sha512

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True)
class Key:
    """An Ed25519 key made from a published seed: for tests alone."""

    seed: str

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(self.seed.encode()).digest())

    @property
    def blob(self) -> bytes:
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return string(b"ssh-ed25519") + string(public)

    @property
    def fingerprint(self) -> str:
        return "SHA256:" + b64encode(sha256(self.blob).digest()).decode().rstrip("=")

    @property
    def pem(self) -> bytes:
        """The private key, PKCS #8."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def line(self) -> str:
        return f"ssh-ed25519 {b64encode(self.blob).decode()} test\n"


#: The two keys of the corpus.
KEY, OTHER_KEY = Key("a key for the conformance corpus"), Key("another key")


def prime(seed: str) -> int:
    """The first prime of 1024 bits after a number made from the seed (to the bases 2 to 31: for tests alone)."""
    blocks = b"".join(sha512(f"{seed} {number}".encode()).digest() for number in range(2))
    found = int.from_bytes(blocks, "big") | 3 << 1022 | 1
    small = [number for number in range(3, 2000, 2) if all(number % one for one in range(3, number, 2))]
    while any(found % one == 0 for one in small) or any(pow(base, found - 1, found) != 1 for base in (2, 7, 31)):
        found += 2
    return found


@cache
def rsa_key() -> RSAPrivateKey:
    """An RSA key of 2048 bits, the same each time."""
    one, other, public = prime("one"), prime("other"), 65537
    private = pow(public, -1, (one - 1) * (other - 1))
    exponents = private % (one - 1), private % (other - 1), pow(other, -1, one)
    return RSAPrivateNumbers(one, other, private, *exponents, RSAPublicNumbers(public, one * other)).private_key()


def string(data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + data


@dataclass
class Seal:
    """The fields of an SSHSIG; a mutation changes one of them."""

    key: Key = KEY
    version: int = 1
    namespace: bytes = b"evidence-kit-bundle-v1"
    reserved: bytes = b""
    hash: bytes = b"sha512"
    blob: bytes | None = None
    algorithm: bytes = b"ssh-ed25519"
    signature: Callable[[bytes], bytes] = field(default=lambda made: made)
    columns: int = 70

    def over(self, message: bytes) -> bytes:
        hashed = {b"sha512": sha512, b"sha256": sha256}[self.hash](message).digest()
        fields = string(self.namespace) + string(self.reserved) + string(self.hash)
        made = self.signature(self.key.private.sign(b"SSHSIG" + fields + string(hashed)))
        inner = string(string(self.algorithm) + string(made))
        blob = b"SSHSIG" + struct.pack(">L", self.version) + string(self.blob or self.key.blob) + fields + inner
        text = b64encode(blob).decode()
        lines = [text[at : at + self.columns] for at in range(0, len(text), self.columns)]
        return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----\n"]).encode()
