"""A signing key in a file of its own: made, looked at, and used by OpenSSH itself, so that we never hold it.

`ssh-keygen` asks for the passphrase through a helper that reads it from a pipe in a 0700 folder: it stands in no file,
in no argument and in no environment. Source: OpenSSH PROTOCOL.key, ssh-keygen(1).
"""

import base64
import binascii
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from evidence_kit.edges.signing import Seal, fingerprint, texts
from evidence_kit.errors import ParameterError, SealError

#: Rounds of bcrypt for a key made here: about half a second for each guess at the passphrase.
ROUNDS: Final = 64

_LONGEST: Final = 64 * 1024  # bytes of a key file
_MAGIC: Final = b"openssh-key-v1\0"
_ARMOUR: Final = re.compile(
    rb"\s*-----BEGIN OPENSSH PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----\s*"
)
_SIGNATURE: Final = re.compile(rb"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)-----END SSH SIGNATURE-----\n")
#: The helper hands on one line of the pipe for each question.
_HELPER: Final = "#!/bin/sh\nIFS= read -r said < '{pipe}'\nprintf '%s\\n' \"$said\"\n"


class Held(NamedTuple):
    """What a key file says without its passphrase: whether it has one, and the public key in its binary form."""

    encrypted: bool
    public: bytes

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` of the public key."""
        return fingerprint(self.public)


def look(path: Path) -> Held:
    """What the file says of its key. Raises ParameterError for one that is not there, not an Ed25519 key in OpenSSH's
    form, without a passphrase, or open to others."""
    try:
        with path.open("rb") as file:
            state, held = os.fstat(file.fileno()), file.read(_LONGEST + 1)
    except OSError as error:
        raise ParameterError(f"{path}: the signing key cannot be read ({error.strerror}).") from error
    if not stat.S_ISREG(state.st_mode) or state.st_mode & 0o077:
        raise ParameterError(f"{path} can be read by others, or is no file. Make it yours alone: chmod 600 {path}")
    found = _header(held)
    if found is None:
        raise ParameterError(f"{path} is no Ed25519 key in OpenSSH's form. Make one: evidence_kit keys make FILE")
    if not found.encrypted:
        raise ParameterError(
            f"{path} has no passphrase: whoever finds it can sign in your name. Give it one: ssh-keygen -p -f {path}"
        )
    return found


def _header(held: bytes) -> Held | None:
    """The part of a key file that is in clear: cipher, key derivation, number of keys, public key."""
    armour = _ARMOUR.fullmatch(held)
    if armour is None or len(held) > _LONGEST:
        return None
    try:
        body = base64.b64decode(armour[1])
        if not body.startswith(_MAGIC):
            return None
        (cipher, _, _), rest = texts(body[len(_MAGIC) :], 3)
        (public,), _ = texts(rest[4:], 1)
        Seal(public)  # refuses another kind of key
    except (binascii.Error, ValueError):
        return None
    return Held(cipher != b"none", public) if rest[:4] == b"\0\0\0\1" else None


class FileKey(Seal):
    """The key of a file, used by `ssh-keygen -Y sign`."""

    __slots__ = ("_passphrase", "_path")

    def __init__(self, path: Path, passphrase: bytes) -> None:
        """Raises ParameterError as `look` does; whether the passphrase fits is seen at the first signature."""
        super().__init__(look(path).public)
        self._path, self._passphrase = path, passphrase

    def _raw(self, data: bytes, namespace: str, signed: bytes) -> bytes:
        command = ["-Y", "sign", "-n", namespace, "-f", str(self._path)]
        done = _keygen(command, self._passphrase, answers=1, given=data)
        armour = _SIGNATURE.fullmatch(done.stdout)
        if done.returncode or armour is None:
            raise SealError(
                f"{self._path}: ssh-keygen cannot sign with this key. Either the passphrase does not fit, or the file "
                "was changed."
            )
        return base64.b64decode(armour[1])[-64:]


def make(path: Path, ask: Callable[[], bytes]) -> Held:
    """A new Ed25519 key at `path`, 0600, under the passphrase that `ask` gives; its public half beside it in `.pub`.

    Raises ParameterError for an empty passphrase, a place that is taken, or one that cannot be written.
    """
    for taken in (path, path.with_name(path.name + ".pub")):
        if os.path.lexists(taken):
            raise ParameterError(f"{taken} is already there, and no key is overwritten. Give a new place.")
    passphrase = ask()
    if not passphrase:
        raise ParameterError("the passphrase is empty. Give one; without it the key would lie in clear.")
    command = ["-q", "-t", "ed25519", "-a", str(ROUNDS), "-C", "", "-f", str(path)]
    done = _keygen(command, passphrase, answers=2)
    if done.returncode or not path.is_file():
        raise ParameterError(f"{path}: ssh-keygen could not make a key there. Is the folder yours to write in?")
    return look(path)


def _keygen(
    arguments: list[str], passphrase: bytes, *, answers: int, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """One run of ssh-keygen that gets the passphrase `answers` times, and no agent."""
    program = shutil.which("ssh-keygen")
    if program is None or os.name != "posix":
        raise ParameterError("keys in files need ssh-keygen of OpenSSH 8.4 or newer. Install it, or use an agent.")
    if b"\n" in passphrase or b"\0" in passphrase or len(passphrase) > 1000:
        raise ParameterError("a passphrase is one line of at most 1000 bytes.")
    with tempfile.TemporaryDirectory(prefix="ek-") as folder:  # mode 0700
        pipe, helper = Path(folder) / "said", Path(folder) / "ask"
        os.mkfifo(pipe, 0o600)
        helper.write_text(_HELPER.format(pipe=pipe))
        helper.chmod(0o700)
        # Held open for both ends, so that neither side waits for the other.
        descriptor = os.open(pipe, os.O_RDWR)
        try:
            os.write(descriptor, (passphrase + b"\n") * answers)
            around = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
            around |= {"SSH_ASKPASS": str(helper), "SSH_ASKPASS_REQUIRE": "force"}
            return subprocess.run(
                [program, *arguments], input=given, capture_output=True, env=around, check=False, timeout=120
            )
        except subprocess.TimeoutExpired as error:
            raise SealError("ssh-keygen did not answer within two minutes.") from error
        finally:
            os.close(descriptor)
