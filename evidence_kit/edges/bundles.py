"""A sealed bundle, as its house opens it again: a folder or one ZIP file. Nothing is unpacked, no link followed.

Whatever lies there may be hostile. Only the tag manifest and the catalogue are read before the caller has found the tag
manifest's digest in a ledger of ours; every file read after that is held against it.
Source: docs/norm/bundle.md, sections 1, 2 and 10.
"""

from __future__ import annotations

import json
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from evidence_kit.errors import ParameterError

CATALOGUE: Final = "data/bundle.json"
TAGS: Final = "tagmanifest-sha256.txt"
MANIFEST: Final = "manifest-sha256.txt"
#: What lies beside the payload and is not the release's own.
TAG_FILES: Final = ("bagit.txt", "bag-info.txt", "README.txt", MANIFEST, TAGS)
FRAMES: Final = "data/frames/"

_LARGEST: Final = 64 << 20  # bytes of a tag file or of the catalogue, as the verifier has it
_DIRECTORY: Final = 32 << 20  # bytes of a ZIP's directory: 60,000 entries with paths of 180 characters, and room
_BLOCK: Final = 1 << 20
_END: Final = 22  # bytes of the record that ends a ZIP without comment
_LOCATOR: Final = 20  # bytes of the one that stands before it in a ZIP64
_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S+)")
_ENGAGEMENT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SIGNER: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_RUN: Final = re.compile(r"r[0-9]{3}")

Opens = Callable[[str], AbstractContextManager[IO[bytes]]]


class Bundle:
    """One bundle at `path`. Its `name`, `engagement`, `run` and `signer` are claims until `sealed` has held them."""

    def __init__(self, path: Path, opens: Opens) -> None:
        self._path, self._opens = path, opens
        self._tags = self._read(TAGS)
        catalogue = self._read(CATALOGUE)
        self._catalogue_sha256 = sha256(catalogue).hexdigest()
        self.name, self.engagement, self.run, self.signer = self._claimed(catalogue)

    @property
    def tagmanifest_sha256(self) -> str:
        """The digest that was signed, and that the ledger's `bundle.signed` holds."""
        return sha256(self._tags).hexdigest()

    def sealed(self) -> Mapping[str, str]:
        """Path → SHA-256 of every file that was sealed. To be asked once the tag manifest is known as ours.

        Raises ParameterError for a manifest or catalogue that is not the one that was sealed.
        """
        manifest = self._read(MANIFEST)
        self._same(MANIFEST, sha256(manifest).hexdigest(), _listed(self._tags))
        sealed = _listed(manifest)
        self._same(CATALOGUE, self._catalogue_sha256, sealed)
        return sealed

    def content(self, name: str, sealed: Mapping[str, str]) -> bytes:
        """One file, held against what `sealed` told. Raises ParameterError for another than was sealed, or none."""
        with self._opening(name) as file:
            data = file.read()
        self._same(name, sha256(data).hexdigest(), sealed)
        return data

    def tag_file(self, name: str) -> bytes:
        """One of `TAG_FILES`. Raises ParameterError for another than was sealed, or none."""
        if name == TAGS:
            return self._tags
        data = self._read(name)
        self._same(name, sha256(data).hexdigest(), _listed(self._tags))
        return data

    def frames_with(self, pseudonym: str) -> Mapping[str, str]:
        """Path → SHA-256 of the evidence frames that hold a value. To be asked once the tag manifest is known as ours.

        Raises ParameterError for a file that is not the one that was sealed.
        """
        sealed = self.sealed()
        found = {}
        for name in sorted(name for name in sealed if name.startswith(FRAMES)):
            digest, met = self._searched(name, f'"{pseudonym}"'.encode())
            self._same(name, digest, sealed)
            if met:
                found[name] = digest
        return found

    def read(self, name: str) -> bytes:
        """A tag file, as it stands there: nothing holds it against anything. Raises ParameterError without it."""
        return self._read(name)

    def has(self, name: str) -> bool:
        """Whether a file of that name can be read there."""
        try:
            with self._opens(name):
                return True
        except (OSError, KeyError, ValueError):
            return False

    def _claimed(self, catalogue: bytes) -> tuple[str, str, str, str]:
        try:
            said = json.loads(catalogue)
            name, engagement, run = (str(said[key]) for key in ("bundle", "engagement", "run"))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ParameterError(f"{self._path}: its {CATALOGUE} cannot be read. Check it with `verify`.") from error
        if not _ENGAGEMENT.fullmatch(engagement) or not _RUN.fullmatch(run):
            raise ParameterError(
                f"{self._path}: its {CATALOGUE} names no engagement and run of ours. Check it with `verify`."
            )
        signer = str(said.get("signer"))
        return name, engagement, run, signer if _SIGNER.fullmatch(signer) else ""

    def _read(self, name: str) -> bytes:
        with self._opening(name) as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise ParameterError(f"{self._path}: {name} is longer than any that was sealed. Check it with `verify`.")
        return data

    def _searched(self, name: str, needle: bytes) -> tuple[str, bool]:
        """The digest of a file, and whether the needle stands in it; no more than one block of it in memory."""
        state, met, tail = sha256(), False, b""
        with self._opening(name) as file:
            while block := file.read(_BLOCK):
                state.update(block)
                window = tail + block
                met, tail = met or needle in window, window[-len(needle) :]
        return state.hexdigest(), met

    @contextmanager
    def _opening(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._opens(name) as file:
                yield file
        except (OSError, KeyError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
            raise ParameterError(f"{self._path}: {name} cannot be read there. Check it with `verify`.") from error

    def _same(self, name: str, digest: str, listed: Mapping[str, str]) -> None:
        if listed.get(name) != digest:
            raise ParameterError(
                f"{self._path}: {name} is not the file that was sealed. Check it with `verify`, and take the "
                "bundle as it was sealed."
            )


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """The bundle in a folder or ZIP file. Raises ParameterError for anything else, and for one without catalogue."""
    if path.is_dir():
        yield Bundle(path, lambda name: _in_folder(path, name))
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise ParameterError(f"{path} cannot be opened ({error.strerror}). Give a bundle's folder or ZIP.") from error
    with file:
        yield Bundle(path, _in_zip(path, file))


@contextmanager
def _in_folder(folder: Path, name: str) -> Iterator[IO[bytes]]:
    """A regular file below the folder; a pipe would be waited for, and a link leads elsewhere."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(folder.joinpath(*name.split("/")), flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("no regular file")
        yield file


def _in_zip(path: Path, file: IO[bytes]) -> Opens:
    """How files of a ZIP are opened, all below its one folder. As sealed it is stored, without comment, no ZIP64."""
    refused = f"{path} is neither a bundle's folder nor its ZIP. Give one of the two."
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END - _LOCATOR))
    before, end = file.read(_LOCATOR), file.read(_END)
    # Looked at before the directory is read whole: it could be as large as the file.
    small = end[:4] == b"PK\x05\x06" and int.from_bytes(end[12:16], "little") <= _DIRECTORY
    if not small or before[:4] == b"PK\x06\x07":
        raise ParameterError(refused)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ParameterError(refused) from error
    entries = {name: entry for name, entry in archive.NameToInfo.items() if entry.compress_type == zipfile.ZIP_STORED}
    top = next(iter(entries), "").partition("/")[0]

    def opens(name: str) -> AbstractContextManager[IO[bytes]]:
        return archive.open(entries[f"{top}/{name}"])

    return opens


def _listed(manifest: bytes) -> dict[str, str]:
    """Path → SHA-256 of the lines of a manifest. Lines of another form list nothing."""
    lines = (_LINE.fullmatch(line) for line in manifest.decode("utf-8", "replace").split("\n"))
    return {line[2]: line[1] for line in lines if line}
