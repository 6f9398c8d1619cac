"""The ledger on disk: one line, one write, one fsync; what a crash tore off is set aside, everything else is refused.

Source: docs/norm/bundle, section 4.
"""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from evidence_kit.errors import LedgerBroken, ParameterError, SealError
from evidence_kit.ledger.chain import Action, Entry, Head, next_entry, opening, read
from evidence_kit.ledger.order import OutOfOrder, Story
from evidence_kit.model.canonical import instant

NAME: Final = "ledger.jsonl"
TORN: Final = "ledger.torn"
RESERVE: Final = "ledger.reserve"
RESERVED: Final = 64 * 1024  # bytes given back when the disk is full, so that the ledger can still say so

# A place no ledger reaches: on Windows a locked byte cannot be read by others, and this one need not be.
_LOCKED_BYTE: Final = 2**62


class LedgerFile:
    """The ledger of one engagement, `<folder>/ledger.jsonl`, opened whole and verified; resumes where it ended.

    `now` is the clock; `salt` gives the salt of entry `seq` after `prev_sha256`. `torn`: bytes of an unfinished last
    line that were moved to `ledger.torn` when the ledger was opened. Raises LedgerBroken for any other defect.
    """

    def __init__(
        self, folder: Path, engagement: str, now: Callable[[], datetime], salt: Callable[[int, str], str]
    ) -> None:
        self.path, self._engagement, self._now, self._salt = folder / NAME, engagement, now, salt
        folder.mkdir(parents=True, exist_ok=True)
        new = not self.path.exists()
        with self._locked() as descriptor:
            self.torn = self._set_torn_aside(descriptor)
            lines = _read_all(descriptor).splitlines(keepends=True)
        if new:
            _sync_folder(folder)
        entries, self._story = read(lines, engagement)
        self._size = sum(map(len, lines))
        self._entries: list[Entry] = list(entries)
        self._keep_reserve()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, first to last."""
        return tuple(self._entries)

    @property
    def head(self) -> Head:
        """The last entry, as the next one names it."""
        return self._entries[-1].head if self._entries else opening(self._engagement)

    @property
    def story(self) -> Story:
        """What the entries say so far: runs still open, for one."""
        return self._story

    def append(self, action: Action) -> Entry:
        """Append one action; return its entry.

        Raises LedgerBroken, and writes nothing, if the last line is not `head`; ParameterError, and writes nothing, if
        the action comes before what it needs; SealError, and leaves no partial line, if it cannot be written.
        """
        last = self.head
        entry = next_entry(last, action, instant(self._now()), self._salt(last.seq + 1, last.sha256))
        with self._locked() as descriptor:
            self._check_last(descriptor)
            try:
                self._story.check(entry.seq, entry.action, entry.subject, entry.data)
            except OutOfOrder as error:
                raise ParameterError(f"ledger: expected {error}. Nothing was written.", code=error.code) from error
            self._write(descriptor, entry.line)
        self._story.admit(entry.seq, entry.action, entry.subject, entry.data)
        self._entries.append(entry)
        self._size += len(entry.line)
        return entry

    def _check_last(self, descriptor: int) -> None:
        expected = self._entries[-1].line if self._entries else b""
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size == self._size:
            os.lseek(descriptor, size - len(expected), os.SEEK_SET)
            if os.read(descriptor, len(expected) + 1) == expected:
                return
        raise LedgerBroken(len(self._entries), "the last line this process knows", "another end of the file")

    def _write(self, descriptor: int, line: bytes) -> None:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        try:
            _write_whole(descriptor, line)
        except OSError as error:
            os.ftruncate(descriptor, size)
            reserve = self.path.with_name(RESERVE)
            if error.errno != errno.ENOSPC or not reserve.exists():
                raise SealError(f"{self.path}: {len(line)} bytes could not be written ({error.strerror}).") from error
            reserve.unlink()
            self._write(descriptor, line)

    def _keep_reserve(self) -> None:
        reserve = self.path.with_name(RESERVE)
        if not reserve.exists():
            try:
                reserve.write_bytes(bytes(RESERVED))
            except OSError as error:
                reserve.unlink(missing_ok=True)
                raise SealError(f"{reserve}: {RESERVED} bytes could not be written ({error.strerror}).") from error

    def _set_torn_aside(self, descriptor: int) -> int:
        """Move what follows the last LF to `ledger.torn`: written there and synced before it is cut off here."""
        held = _read_all(descriptor)
        whole = held.rfind(b"\n") + 1
        torn = held[whole:]
        if torn:
            aside = os.open(self.path.with_name(TORN), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                _write_whole(aside, torn + b"\n")
            finally:
                os.close(aside)
            os.ftruncate(descriptor, whole)
            os.fsync(descriptor)
        return len(torn)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file open for reading and appending, held against other processes; the lock dies with its holder."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        try:
            _lock(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _sync_folder(folder: Path) -> None:
    """Make a new name in the folder last through a power cut, where folders can be synced."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read_all(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _write_whole(descriptor: int, data: bytes) -> None:
    """One write and one fsync. A short write is an error: the caller cuts it off again."""
    if os.write(descriptor, data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(descriptor)
