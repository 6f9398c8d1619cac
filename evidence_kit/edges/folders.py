"""The texts of a folder, however deep: logs line by line, mailboxes message by message, packed files unpacked.

Nothing is followed out of the folder, and nothing is left out without a word: a file that cannot be read to its end is
`unreachable`, what is no text is counted in `doubts`. Memory does not grow with a file, only with a line or a message.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import os
import stat
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import IO, Any, Final

from evidence_kit.edges import mailboxes, messages
from evidence_kit.edges.textfiles import Torn

#: Bytes of a line, or characters of a message, told as one text; what is longer is told in pieces that overlap, so that
#: no word shorter than the overlap is cut in all of them.
PIECE, OVERLAP = 1024 * 1024, 4096
#: Bytes looked at to know what a file is.
HEAD: Final = 64 * 1024
#: Characters that one packed file may give. What unpacks to more was made to fill a disk.
UNPACKED = 16 * 1024**3
#: How packed files begin, and what opens them.
PACKED: Final[dict[bytes, Callable[[IO[bytes]], Any]]] = {
    b"\x1f\x8b": lambda stream: gzip.GzipFile(fileobj=stream),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
WIDE: Final = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
#: How files begin that are no text although their first bytes could be some.
CLOSED: Final = (b"%PDF-", b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd")
CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b"))
#: A file of a maildir is one message and has no suffix.
MAILDIR: Final = frozenset({"cur", "new"})
BROKEN: Final = (OSError, EOFError, zlib.error, lzma.LZMAError, UnicodeError)

Line = tuple[str, str, str]


class Folder:
    """One folder, or one file alone, being read. What `unreachable` and `doubts` say is whole once `rows` has ended.

    `unreachable`: (file, why); `doubts`: (file, code) → how many; `files`: how many files were met, of whatever kind.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.unreachable: list[tuple[str, str]] = []
        self.doubts: Counter[tuple[str, str]] = Counter()
        self.files = 0

    def rows(self) -> Iterator[Line]:
        """(file, line, text) of every text, files in the order of their names; `file` is its path in the folder."""
        for path, name in self._walk():
            self.files += 1
            try:
                yield from self._file(path, name)
            except Torn as torn:
                self.unreachable.append((name, f"torn: {torn.place}"))
            except PermissionError:
                self.unreachable.append((name, "forbidden"))
            except BROKEN:
                self.unreachable.append((name, "torn"))

    def _walk(self) -> Iterator[tuple[Path, str]]:
        if not self.root.is_dir():
            yield self.root, _shown(self.root.name)
            return
        waiting = [self.root]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(folder) as found:
                    entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
            except OSError:
                self.unreachable.append((f"{self._name(folder)}/", "forbidden"))
                continue
            below = []
            for entry in entries:
                path = Path(entry.path)
                if entry.is_symlink():
                    self._link(path)
                elif entry.is_dir(follow_symlinks=False):
                    below.append(path)
                else:
                    yield path, self._name(path)
            waiting += reversed(below)

    def _link(self, path: Path) -> None:
        """A link is not followed: what it shows is read where it lies, or lies outside."""
        try:
            inside = path.resolve(strict=True).is_relative_to(self.root.resolve())
        except (OSError, RuntimeError):  # it shows nothing, or itself
            inside = False
        if not inside:
            self.doubts[self._name(path), "links-not-followed"] += 1

    def _name(self, path: Path) -> str:
        return _shown(path.relative_to(self.root).as_posix())

    def _file(self, path: Path, name: str) -> Iterator[Line]:
        # Neither a link nor a pipe that took the file's place since is opened, or waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stored:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                self.doubts[name, "files-not-regular"] += 1
                return
            head = stored.read(HEAD)
            stored.seek(0)
            opener = next((one for magic, one in PACKED.items() if head.startswith(magic)), None)
            if opener is None:
                yield from self._texts(stored, head, path, name)
                return
            with opener(stored) as stream:
                head = stream.read(HEAD)
                stream.seek(0)
                given = 0
                for line in self._texts(stream, head, path, name):
                    given += len(line[2]) + 1
                    if given > UNPACKED:
                        raise Torn(int(line[1]), "it unpacks to more than a log can be")
                    yield line

    def _texts(self, stream: IO[bytes], head: bytes, path: Path, name: str) -> Iterator[Line]:
        wide = next((encoding for mark, encoding in WIDE.items() if head.startswith(mark)), None)
        if wide:
            yield from self._wide(stream, wide, name)
        elif binary(head):
            self.doubts[name, "files-binary"] += 1
        elif mailboxes.begins(head):
            yield from self._messages(mailboxes.split(stream), name, alone=False)
        elif path.name.lower().removesuffix(".gz").endswith(".eml") or (
            path.parent.name in MAILDIR and mailboxes.HEADER.match(head)
        ):
            yield from self._messages(mailboxes.only(stream), name, alone=True)
        elif mailboxes.spooled(head):
            yield from self._messages(mailboxes.spool(stream), name, alone=True)
        else:
            for number, piece in pieces(stream):
                yield name, str(number), self._decoded(piece.removeprefix(codecs.BOM_UTF8), name)

    def _wide(self, stream: IO[bytes], encoding: str, name: str) -> Iterator[Line]:
        reader = io.TextIOWrapper(stream, encoding, newline="\n")
        number, kept = 1, ""
        while piece := reader.readline(PIECE):
            text, kept = kept + piece, piece[-OVERLAP:]
            yield name, str(number), text.rstrip("\r\n")
            if piece.endswith("\n"):
                number, kept = number + 1, ""

    def _decoded(self, piece: bytes, name: str) -> str:
        """UTF-8, else Latin-1, in which every byte is a character: nothing is lost, and it is counted."""
        try:
            return piece.decode("utf-8")
        except UnicodeDecodeError:
            self.doubts[name, "lines-not-utf-8"] += 1
            return piece.decode("latin-1")

    def _messages(self, found: Iterable[mailboxes.Stored], name: str, *, alone: bool) -> Iterator[Line]:
        for stored in found:
            message, whole = self._message(stored, name, alone)
            try:
                text, closed = messages.spoken(message, binary)
            except (ValueError, LookupError, RecursionError):
                text, closed, whole = "", 0, False
            if closed:
                self.doubts[name, "attachments-binary"] += closed
            if not whole:  # what no parser takes apart is read as it stands
                text = f"{text}\n{self._decoded(stored.raw, name)}"
            for start in range(0, max(len(text), 1), PIECE):
                yield name, str(stored.line), text[max(0, start - OVERLAP) : start + PIECE]

    def _message(self, stored: mailboxes.Stored, name: str, alone: bool) -> tuple[Message, bool]:
        """The message, and whether it was taken apart; of a torn one what there is, and the file is not whole."""
        try:
            message, doubts = mailboxes.whole(stored, alone)
        except Torn as torn:
            self.unreachable.append((name, f"torn: {torn.place}"))
            return message_from_bytes(stored.raw), False
        return message, "parts-too-deep" not in doubts


def binary(head: bytes) -> bool:
    """Whether bytes that begin so are no text: a zero, a known mark, or more controls than a text has."""
    start = head[:HEAD]
    odd = len(start) - len(start.translate(None, CONTROLS))
    return b"\0" in start or start.startswith(CLOSED) or odd * 20 > len(start)


def pieces(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, without their ends; one longer than PIECE in parts that overlap."""
    number, kept, rest = 1, b"", 0
    while piece := stream.readline(PIECE):
        text, rest = kept + piece, 0
        if piece.endswith(b"\n") or len(piece) < PIECE:
            yield number, text.rstrip(b"\r\n")
            number, kept = number + 1, b""
            continue
        # A character is not cut: what may be the beginning of one goes with the next part.
        end = len(text) - next((back for back in range(1, 4) if text[-back] >= 0xC0), 0)
        yield number, text[:end]
        start = max(0, end - OVERLAP)
        while start < end and 0x80 <= text[start] < 0xC0:
            start += 1
        kept, rest = text[start:], len(text) - end
    if rest:
        yield number, kept


def _shown(name: str) -> str:
    """A name as text, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
