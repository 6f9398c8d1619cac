"""What must not leave the house: salt, keys, frozen lists, identities. Encrypted at rest, never printed.

One folder per engagement, 0700. `vault.json` holds one random master secret of 32 bytes, sealed with ChaCha20-Poly1305
under a key that scrypt makes of the passphrase. All else derives from the master by HMAC-SHA256 with a label each, so
that one secret is backed up and one is lost. The rehearsal's master derives from its published seed: it hides nothing.
Source: docs/norm/sampling, sections 2 and 5; docs/norm/bundle, sections 4 and 8; docs/norm/frames.
"""

import hmac
import json
import os
import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from evidence_kit.edges.identities import normalise
from evidence_kit.edges.rehearsal.draw import SEPARATOR
from evidence_kit.edges.signing import Seal, Signer
from evidence_kit.errors import ParameterError, SealError, SourceError
from evidence_kit.model.canonical import digest, dump_line, dumps
from evidence_kit.model.sample import Identity, Kept
from evidence_kit.rules.tickets import population_salt

NAME: Final = "vault.json"
WORK: Final = 2**17  # scrypt's N with r = 8: 128 MiB and about half a second for each guess

_WORK_LIMITS: Final = range(2**14, 2**20 + 1)
_HEADER: Final = ("kind", "work", "salt", "nonce")
_KIND: Final = "ek1.vault"
_HEX: Final = re.compile(rb"([0-9A-Fa-f]{2}){16,}")
_LABELS: Final = ("salt", "pseudonym", "entry", "signing", "kept", "identities", "release", "rows")


class Vault:
    """The open vault of one engagement. Its text form shows the folder and the fingerprint, never a secret.

    `region` reads telephone numbers in national form; `undotted` are the mail domains that ignore dots and tags.
    `derived`: name → key of the organisation's that no file holds, in the rehearsal.
    """

    __slots__ = ("_blinds", "_derived", "_folder", "_given", "_master", "_region", "_signer", "_undotted")

    def __init__(
        self,
        master: bytes,
        folder: Path,
        *,
        region: str | None = None,
        undotted: Collection[str] = (),
        derived: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._master, self._folder, self._region, self._undotted = master, folder, region, frozenset(undotted)
        self._signer: Seal = Signer(self._secret("signing"))
        self._blinds: set[str] = set()
        self._derived, self._given = derived, {key.hex() for key in derived.values()}

    def __repr__(self) -> str:
        return f"Vault({str(self._folder)!r}, {self.fingerprint})"

    def __reduce__(self) -> str:
        raise TypeError("a vault does not leave its process")

    @property
    def fingerprint(self) -> str:
        """The signing key's fingerprint, `SHA256:…`."""
        return self._signer.fingerprint

    @property
    def public_line(self) -> str:
        """The signing key's public half, as one line of OpenSSH."""
        return self._signer.public_line()

    @property
    def signer(self) -> Seal:
        """The signing key: it derives from this vault, unless another was given to `sign_with`."""
        return self._signer

    def sign_with(self, seal: Seal) -> None:
        """From here on, sign with this key: the engagement may have one of a person's own."""
        self._signer = seal

    @property
    def salt_hex(self) -> str:
        """The engagement's salt, 64 hex digits: every blind derives from it. Secret."""
        return self._secret("salt").hex()

    def blind(self, engagement: str, population: str) -> str:
        """The secret that blinds the leaves of one population, 64 hex digits."""
        made = population_salt(self.salt_hex, engagement, population)
        self._blinds.add(made)
        return made

    def pseudonym(self, kind: str, text: str) -> str:
        """A keyed digest, 64 hex digits: the same person in every frame of one engagement, nobody anywhere else.

        Raises ValueError for a kind the norm does not know.
        """
        spelling = normalise(kind, text, self._region, self._undotted)
        return hmac.new(self._secret("pseudonym"), f"{kind}\x1f{spelling}".encode(), sha256).hexdigest()

    def key(self, reference: str) -> bytes:
        """A key of the organisation's own, by which it hashes addresses: `vault:NAME` is a file of the folder `keys`,
        for its owner alone; `env:NAME` a variable of the collector. 32 hex digits or more are read as hex, else the
        key is the text itself. Raises ParameterError when it is not there, is empty, or can be read by others.
        """
        kind, _, name = reference.partition(":")
        if kind == "vault" and name in self._derived:
            return self._derived[name]
        held = self._kept_key(name) if kind == "vault" else os.fsencode(os.environ.get(name, ""))
        bare = held.strip()
        if not bare:
            raise ParameterError(f"{reference} is not set, or empty. Put the key of the engagement's digests there.")
        key = bytes.fromhex(bare.decode()) if _HEX.fullmatch(bare) else held.removesuffix(b"\n").removesuffix(b"\r")
        self._given |= {key.hex(), bare.decode(errors="replace")}
        return key

    def _kept_key(self, name: str) -> bytes:
        path = self._folder / "keys" / name
        try:
            if os.name == "posix" and path.stat().st_mode & 0o077:
                raise ParameterError(f"{path} can be read by others. Make it yours alone: chmod 600 {path}")
            held = path.read_bytes()
        except OSError as error:
            raise ParameterError(
                f"{path}: the key of the engagement's digests cannot be read ({error.strerror}). Put it there, as hex "
                "or as it is, and make it yours alone: chmod 600."
            ) from error
        return held

    def entry_salt(self, seq: int, prev_sha256: str) -> str:
        """The salt of one ledger entry, 32 hex digits: equal runs give equal bytes, withheld data cannot be guessed."""
        return hmac.new(self._secret("entry"), f"ek1:entry:{seq}:{prev_sha256}".encode(), sha256).hexdigest()[:32]

    def release_key(self, level: str, recipient: str) -> bytes:
        """The secret of one recipient's pseudonyms at one level, 32 bytes."""
        made = self._released(level, recipient)
        self._given.add(made.hex())
        return made

    def release_blinding(self, level: str, recipient: str, tagmanifest_sha256: str) -> str:
        """What blinds a bundle derived from the one with this tag manifest, 64 hex digits: released again, the same."""
        return self._released("blinding", level, recipient, tagmanifest_sha256).hex()

    def _released(self, *words: str) -> bytes:
        return hmac.new(self._secret("release"), "\x1f".join(words).encode(), sha256).digest()

    def sign(self, data: bytes) -> str:
        """An armoured SSHSIG over `data`, in the namespace of bundles."""
        return self._signer.sign(data)

    def secrets(self) -> tuple[str, ...]:
        """Every secret this vault holds or has given, as hex: for the leak scan, and for nothing else."""
        derived = (self._secret(label).hex() for label in _LABELS)
        return (self._master.hex(), *derived, *sorted(self._blinds), *sorted(self._given))

    def keep(self, commitment_sha256: str, rows: Iterable[Kept]) -> None:
        """Keep a frozen list for the draw, today or next week: encrypted, written whole or not at all.

        Raises SealError when it cannot be written.
        """
        self._store("kept", commitment_sha256, b"".join(dump_line(list(row)) for row in rows))

    def kept(self, commitment_sha256: str) -> tuple[Kept, ...]:
        """The list that was kept. Raises SourceError when there is none, or when it was altered."""
        path = self._path("kept", commitment_sha256)
        try:
            return tuple(Kept(*row) for row in self._stored("kept", path))
        except FileNotFoundError as error:
            raise SourceError(
                f"the vault keeps no frozen list for commitment {commitment_sha256[:12]}…. Freeze and commit again."
            ) from error
        except (InvalidTag, ValueError) as error:
            raise SourceError(f"{path}: the frozen list was altered or is cut. Freeze and commit again.") from error

    def keep_rows(self, commitment_sha256: str, rows: Iterable[tuple[str, str]]) -> None:
        """Keep the canonical rows of a frozen list, for the openings of those that will be drawn: encrypted.

        Raises SealError when they cannot be written.
        """
        self._store("rows", commitment_sha256, b"".join(json.dumps(list(row)).encode() + b"\n" for row in rows))

    def rows(self, commitment_sha256: str) -> Mapping[str, str]:
        """Unit → canonical row, as kept. Raises SourceError when nothing was kept, or when it was altered."""
        path = self._path("rows", commitment_sha256)
        try:
            return {unit: str(row) for unit, row in self._stored("rows", path)}
        except FileNotFoundError as error:
            raise SourceError(
                f"the vault keeps no rows for commitment {commitment_sha256[:12]}…: openings are agreed before the "
                "freeze. Give this draw up with `abandon` and freeze again, or take `openings` out."
            ) from error
        except (InvalidTag, ValueError) as error:
            raise SourceError(f"{path}: the kept rows were altered or are cut. Freeze and commit again.") from error

    def forget_rows(self, commitment_sha256: str) -> None:
        """Delete the kept rows: those that were drawn stand in the bundle, and of the others nobody needs any."""
        self._path("rows", commitment_sha256).unlink(missing_ok=True)

    def keep_identities(self, frame_sha256: str, identities: Iterable[Identity]) -> None:
        """Keep who is behind the pseudonyms of one frame, under its digest: encrypted, written whole or not at all.

        Collected again, the same rows take the same place. Raises SealError when it cannot be written.
        """
        # Not canonical JSON: a source may hold a key that no evidence file could, such as one with U+0000.
        self._store("identities", frame_sha256, b"".join(json.dumps(one).encode() + b"\n" for one in identities))

    def identities(self, frame_sha256: str) -> tuple[Identity, ...]:
        """Who is behind the pseudonyms of one frame; nobody when this vault kept nothing for it.

        Raises ParameterError when they were altered, or kept by another vault.
        """
        path = self._path("identities", frame_sha256)
        try:
            return tuple(Identity(*row) for row in self._stored("identities", path))
        except FileNotFoundError:
            return ()
        except (InvalidTag, ValueError) as error:
            raise ParameterError(
                f"{path}: it was altered, is cut, or belongs to another vault. Restore it from your backup."
            ) from error

    def _store(self, label: str, name: str, plain: bytes) -> None:
        """Encrypt lines of JSON under the key of `label`, bound to `name`, a digest."""
        path = self._path(label, name)
        nonce = secrets.token_bytes(12)
        sealed = ChaCha20Poly1305(self._secret(label)).encrypt(nonce, plain, name.encode())
        _make_folder(path.parent)
        _write(path, nonce + sealed)

    def _stored(self, label: str, path: Path) -> list[list[str]]:
        held = path.read_bytes()
        plain = ChaCha20Poly1305(self._secret(label)).decrypt(held[:12], held[12:], path.name.encode())
        return [json.loads(line) for line in plain.splitlines()]

    def _path(self, label: str, name: str) -> Path:
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise ValueError("what is kept has a name of 64 lowercase hex digits")
        return self._folder / label / name

    def _secret(self, label: str) -> bytes:
        return hmac.new(self._master, f"ek1:vault:{label}".encode(), sha256).digest()


def create(
    folder: Path, passphrase: bytes, *, region: str | None = None, undotted: Collection[str] = (), work: int = WORK
) -> Vault:
    """Make a vault with a new master secret in `folder`, and open it. `work`: scrypt's N.

    Raises ParameterError for an empty passphrase, a vault that is already there, or a folder others can read.
    """
    if not passphrase:
        raise ParameterError("the passphrase is empty. Give one; without it the keys would lie in clear.")
    _make_folder(folder)
    if (folder / NAME).exists():
        raise ParameterError(f"{folder} already holds a vault. Its keys are needed to read what it pseudonymised.")
    master = secrets.token_bytes(32)
    header = {"kind": _KIND, "work": work, "salt": secrets.token_hex(16), "nonce": secrets.token_hex(12)}
    sealed = _cipher(header, passphrase).encrypt(bytes.fromhex(str(header["nonce"])), master, dumps(header).encode())
    _write(folder / NAME, dump_line({**header, "sealed": sealed.hex()}))
    return Vault(master, folder, region=region, undotted=undotted)


def open(  # the module is read as `vault.open`
    folder: Path, passphrase: bytes, *, region: str | None = None, undotted: Collection[str] = ()
) -> Vault:
    """Open the vault in `folder`. Raises ParameterError when there is none, when others can read it, or when the
    passphrase does not fit."""
    path = folder / NAME
    if not path.is_file():
        raise ParameterError(f"{folder} holds no vault. Make one with `python3 -m evidence_kit init`.")
    _check_private(folder)
    try:
        held = json.loads(path.read_bytes())
        header = {name: held[name] for name in _HEADER}
        sealed, nonce = bytes.fromhex(held["sealed"]), bytes.fromhex(header["nonce"])
        if header["kind"] != _KIND or header["work"] not in _WORK_LIMITS:
            raise ValueError("kind or work")
        cipher = _cipher(header, passphrase)
    except (ValueError, KeyError, TypeError) as error:
        raise ParameterError(f"{path} is not a vault of this version. Restore it from your backup.") from error
    try:
        master = cipher.decrypt(nonce, sealed, dumps(header).encode())
    except (InvalidTag, ValueError) as error:
        raise ParameterError(f"{path}: the passphrase does not fit, or the file was altered.") from error
    return Vault(master, folder, region=region, undotted=undotted)


def rehearsal(seed: int | str, folder: Path, *, region: str | None = None, undotted: Collection[str] = ()) -> Vault:
    """The vault of the rehearsal: every secret derives from its published seed; only what is kept is written."""
    _make_folder(folder)
    master = bytes.fromhex(digest(f"ek1:rehearsal:vault:{seed}"))
    # With this key the company hashes the addresses of its suppression list.
    suppression = sha256(SEPARATOR.join((str(seed), "vault", "suppression", "key")).encode()).digest()
    return Vault(master, folder, region=region, undotted=undotted, derived={"suppression": suppression})


def _cipher(header: dict[str, object], passphrase: bytes) -> ChaCha20Poly1305:
    kdf = Scrypt(salt=bytes.fromhex(str(header["salt"])), length=32, n=int(str(header["work"])), r=8, p=1)
    return ChaCha20Poly1305(kdf.derive(passphrase))


def _make_folder(folder: Path) -> None:
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ParameterError(f"{folder} cannot be made ({error.strerror}). Choose another place.") from error
    _check_private(folder)


def _check_private(folder: Path) -> None:
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        raise ParameterError(f"{folder} can be read by others. Make it yours alone: chmod 700 {folder}")


def _write(path: Path, data: bytes) -> None:
    """A file for its owner alone, under its name only once it is whole and on the disk."""
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        _write_new(part, data)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SealError(f"{path}: {len(data)} bytes could not be written ({error.strerror}).") from error


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
