"""Digests of the files an organisation keeps beside its lists: the paper of a review, the proof of an action.

A mapping names such a file (`{file: EXPRESSION}`); the collector reads it and only its digest enters a frame. A name is
a path below the source's own folder. One that would lead elsewhere is no name of a document: it is told apart from a
file that is not there. The engine itself opens nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

import duckdb
from duckdb.func import FunctionNullHandling

from evidence_kit.errors import SourceError
from evidence_kit.model.audit import SourceMapping

#: The function that mapped expressions call, and what it says of a name that is refused: no digest looks like it.
FUNCTION, REFUSED = "ek_document", "refused"
#: Bytes of the largest file that is read: a scanned contract, not an archive of mail.
LARGEST = 512 * 1024 * 1024
#: Bytes read at a time, and characters of the longest name looked at.
PIECE, LONGEST_NAME = 1024 * 1024, 4096


class Documents:
    """The folders of one session's sources. `absent`: source → names of files that were not there."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = {source: folder.resolve() for source, folder in folders.items()}
        self._known: dict[tuple[str, str], str | None] = {}
        self.absent: dict[str, set[str]] = {}

    def digest(self, source: str, name: str | None) -> str | None:
        """SHA-256 of a file in hex; None where none is named or it is not there; REFUSED for what is no document.

        A file is read once, however often it is named: what stood there at the freeze is what counts.
        """
        if name is None or not name.strip():
            return None
        if (source, name) not in self._known:
            self._known[source, name] = self._read(source, name)
        return self._known[source, name]

    def _read(self, source: str, name: str) -> str | None:
        try:
            place = _inside(self._folders[source], name)
            return REFUSED if place is None else _digest(place)
        except (FileNotFoundError, NotADirectoryError):
            self.absent.setdefault(source, set()).add(name)
            return None
        except (OSError, RuntimeError, ValueError):  # no permission, links in a ring, a name no file can have
            return REFUSED


def ready(
    connection: duckdb.DuckDBPyConnection, sources: Iterable[SourceMapping], paths: Mapping[str, Path]
) -> Documents:
    """Make the function that mapped expressions call. Raises SourceError where a folder of documents is not there."""
    documents = Documents({one.name: _folder(one, paths.get(one.name)) for one in sources if names_files(one)})
    connection.create_function(
        FUNCTION, documents.digest, ["VARCHAR", "VARCHAR"], "VARCHAR", null_handling=FunctionNullHandling.SPECIAL
    )
    return documents


def names_files(mapping: SourceMapping) -> bool:
    """Whether some column of the source is the digest of a file."""
    return any(column.file for frame in mapping.frames.values() for column in frame.columns.values())


def _folder(mapping: SourceMapping, path: Path | None) -> Path:
    """Where the documents of a source lie: the folder its option names, its own, or that of its one file."""
    stated = mapping.options.get("documents")
    if stated is not None:
        variable = str(stated).removeprefix("env:") if str(stated).startswith("env:") else None
        folder = Path(os.environ.get(variable, "") if variable else str(stated)).expanduser()
        if variable and not os.environ.get(variable):
            raise SourceError(f"source {mapping.name}: the variable {variable} is not set. Put the folder into it.")
    elif path is not None:
        folder = path if path.is_dir() else path.parent
    else:
        raise SourceError(f"source {mapping.name}: a server keeps no files. Name their folder: options.documents.")
    if not folder.is_dir():
        # What a variable holds is never shown.
        raise SourceError(f"source {mapping.name}: its documents lie in no folder. Check options.documents.")
    return folder


def _inside(folder: Path, name: str) -> Path | None:
    """The file below `folder` that a name stands for, links followed; None for a name that leads elsewhere.

    Raises OSError, RuntimeError or ValueError for a name that stands for no file.
    """
    written, windows = PurePosixPath(name), PureWindowsPath(name)
    leads_out = written.is_absolute() or windows.drive or windows.root or ".." in (*written.parts, *windows.parts)
    if leads_out or len(name) > LONGEST_NAME:
        return None
    found = (folder / written).resolve(strict=True)
    return found if found.is_relative_to(folder) else None


def _digest(place: Path) -> str:
    """Read in pieces. A pipe or a device is never waited for: only a plain file is a document."""
    handle = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    with open(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
            return REFUSED
        taken, left = hashlib.sha256(), LARGEST
        while piece := file.read(min(PIECE, left + 1)):
            left -= len(piece)
            if left < 0:  # it grew while it was read
                return REFUSED
            taken.update(piece)
        return taken.hexdigest()
