"""Seals: Ed25519 signatures in OpenSSH's SSHSIG form, the same bytes as `ssh-keygen -Y sign` writes.

Whoever holds the private key (the vault, a file, an agent) gives 64 bytes; the form around them is made here, and they
are checked against the public key before anybody sees them. Source: docs/norm/bundle, section 8; OpenSSH
PROTOCOL.sshsig; RFC 8032.
"""

import base64
import hashlib
import textwrap
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence_kit.errors import SealError

NAMESPACE: Final = "evidence-kit-bundle-v1"
#: Where a key is tried before any work: a signature of this namespace seals nothing.
PROBE: Final = "evidence-kit-probe-v1"
KEY_TYPE: Final = b"ssh-ed25519"

_MAGIC: Final = b"SSHSIG"
_HASH: Final = b"sha512"
_COLUMNS: Final = 70  # as ssh-keygen folds its armour
_PUBLIC: Final = 51  # bytes of an Ed25519 public key in its binary form


class Seal:
    """One Ed25519 key, by its public half. Signing the same bytes again gives the same signature.

    Its text form shows the fingerprint. Those who hold a private key say in `_raw` how it signs.
    """

    __slots__ = ("_public",)

    def __init__(self, public: bytes) -> None:
        """`public`: the public key in OpenSSH's binary form. Raises ValueError for another than an Ed25519 key."""
        if len(public) != _PUBLIC or not public.startswith(text(KEY_TYPE)):
            raise ValueError("not an Ed25519 public key")
        self._public = public

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.fingerprint})"

    def __reduce__(self) -> str:
        raise TypeError("a key does not leave its process")

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` of the public key, as `ssh-keygen -l` shows it."""
        return fingerprint(self._public)

    def public_line(self, comment: str = "") -> str:
        """The public key as one line of an OpenSSH `.pub` file, without line end."""
        return " ".join(part for part in (KEY_TYPE.decode(), base64.b64encode(self._public).decode(), comment) if part)

    def sign(self, data: bytes, namespace: str = NAMESPACE) -> str:
        """An armoured SSHSIG over `data`, ending with one line feed.

        Raises SealError when the key cannot be used, or signs with another than this one.
        """
        head = text(namespace.encode()) + text(b"") + text(_HASH)
        signed = _MAGIC + head + text(hashlib.sha512(data).digest())
        signature = self._raw(data, namespace, signed)
        try:
            Ed25519PublicKey.from_public_bytes(self._public[-32:]).verify(signature, signed)
        except InvalidSignature as error:
            raise SealError(f"what came back is no signature of {self.fingerprint}. Nothing was sealed.") from error
        blob = _MAGIC + (1).to_bytes(4, "big") + text(self._public) + head
        blob += text(text(KEY_TYPE) + text(signature))
        folded = textwrap.fill(base64.b64encode(blob).decode(), _COLUMNS, break_on_hyphens=False)
        return f"-----BEGIN SSH SIGNATURE-----\n{folded}\n-----END SSH SIGNATURE-----\n"

    def _raw(self, data: bytes, namespace: str, signed: bytes) -> bytes:
        """The 64 bytes over `signed`, which is what SSHSIG has signed of `data` in `namespace`."""
        raise SealError(f"{self.fingerprint}: only the public half of this key is here, and it signs nothing.")


class Signer(Seal):
    """A key whose secret is here, from its seed."""

    __slots__ = ("_key",)

    def __init__(self, seed: bytes) -> None:
        """`seed`: the 32 secret bytes of RFC 8032. Raises ValueError for another length."""
        if len(seed) != 32:
            raise ValueError("an Ed25519 seed has 32 bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        super().__init__(text(KEY_TYPE) + text(self._key.public_key().public_bytes_raw()))

    def _raw(self, data: bytes, namespace: str, signed: bytes) -> bytes:
        return self._key.sign(signed)


def allowed_line(identity: str, public_line: str) -> str:
    """The key as a line of the `allowed_signers` file of `ssh-keygen -Y verify`, for our namespace alone."""
    return f'{identity} namespaces="{NAMESPACE}" {public_line}'


def fingerprint(public: bytes) -> str:
    """`SHA256:…` of a public key in its binary form."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")


def text(data: bytes) -> bytes:
    """A string of the SSH protocol: its length in four bytes, then itself."""
    return len(data).to_bytes(4, "big") + data


def texts(data: bytes, count: int) -> tuple[list[bytes], bytes]:
    """The first `count` strings of the SSH protocol, and what follows. Raises ValueError where they are cut."""
    found = []
    for _ in range(count):
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 + size:
            raise ValueError("cut")
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return found, data
