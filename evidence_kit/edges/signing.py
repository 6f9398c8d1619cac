"""Seals: Ed25519 signatures in OpenSSH's SSHSIG form, the same bytes as `ssh-keygen -Y sign` writes.

Source: docs/norm/bundle, section 8; OpenSSH PROTOCOL.sshsig; RFC 8032.
"""

import base64
import hashlib
import textwrap
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAMESPACE: Final = "evidence-kit-bundle-v1"

_MAGIC: Final = b"SSHSIG"
_KEY_TYPE: Final = b"ssh-ed25519"
_HASH: Final = b"sha512"
_COLUMNS: Final = 70  # as ssh-keygen folds its armour


class Signer:
    """One Ed25519 key. Signing the same bytes again gives the same signature; its text form shows the fingerprint."""

    __slots__ = ("_key", "_public")

    def __init__(self, seed: bytes) -> None:
        """`seed`: the 32 secret bytes of RFC 8032. Raises ValueError for another length."""
        if len(seed) != 32:
            raise ValueError("an Ed25519 seed has 32 bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = _text(_KEY_TYPE) + _text(self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Signer({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` of the public key, as `ssh-keygen -l` shows it."""
        return fingerprint(self._public)

    def public_line(self, comment: str = "") -> str:
        """The public key as one line of an OpenSSH `.pub` file, without line end."""
        return " ".join(part for part in (_KEY_TYPE.decode(), base64.b64encode(self._public).decode(), comment) if part)

    def sign(self, data: bytes, namespace: str = NAMESPACE) -> str:
        """An armoured SSHSIG over `data`, ending with one line feed."""
        head = _text(namespace.encode()) + _text(b"") + _text(_HASH)
        signature = self._key.sign(_MAGIC + head + _text(hashlib.sha512(data).digest()))
        blob = _MAGIC + (1).to_bytes(4, "big") + _text(self._public) + head
        blob += _text(_text(_KEY_TYPE) + _text(signature))
        folded = textwrap.fill(base64.b64encode(blob).decode(), _COLUMNS, break_on_hyphens=False)
        return f"-----BEGIN SSH SIGNATURE-----\n{folded}\n-----END SSH SIGNATURE-----\n"


def fingerprint(public: bytes) -> str:
    """`SHA256:…` of a public key in its binary form."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")


def _text(data: bytes) -> bytes:
    """A string of the SSH protocol: its length in four bytes, then itself."""
    return len(data).to_bytes(4, "big") + data
