"""Mailboxes as files: one message after another, each with the line it begins at; what is torn is never counted whole.

An mbox says nowhere how much it holds, so a cut exactly between two messages cannot be seen. Every other cut leaves a
trace, and the rule is: **torn** (refused) where the trace has no other cause, **doubtful** (read, with a code in the
column `doubt`) where mail programs leave the same trace in whole messages.

| trace | last message | an earlier one |
| --- | --- | --- |
| headers that no blank line ends; a separator without its end | torn | torn |
| the outermost boundary is not closed; an encoding stops inside a character | torn | doubtful |
| fewer bytes than Content-Length says | torn | doubtful |
| no line end after the last line | torn in an encoded text, else doubtful | |
| no blank line after the last line; a part without its end inside a closed one | doubtful | doubtful |

Source: RFC 4155 (mbox), RFC 2046 (boundaries), RFC 2045 (encodings).
"""

from __future__ import annotations

import codecs
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import IO, cast

from evidence_kit.edges import messages
from evidence_kit.edges.textfiles import Torn
from evidence_kit.rules.triage import Letter, triage

#: Bytes that one message may have. Servers refuse far less.
LARGEST = 256 * 1024 * 1024
#: `From `, somebody, and a moment as asctime writes it or nearly so; or, of late, `From ` alone.
SEPARATOR = re.compile(
    rb"From (?:\s*\Z|(?=.*\b\d{4}\b)(?:[^\n]{0,400}\s)?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +"
    rb"(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} +[A-Z][a-z]{2})\b[^\n]*\b\d{1,2}:\d{2})"
)
HEADER = re.compile(rb"[!-9;-~]+[ \t]*:|>From |\n")
#: Headers of which a message has some, whatever wrote it; and what separates messages in one file of a spool.
USUAL = frozenset({b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"received"})
DASHES = b"-" * 79
ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
#: The columns every mailbox has; one more for each X- header met.
COLUMNS = (
    *("message_id", "from_email", "from_name", "to_email", "subject", "received_at", "body", "body_cut"),
    *("in_reply_to", "references", "auto_submitted", "precedence", "list_id", "content_type", "has_list_unsubscribe"),
    *("file", "line", "doubt", "triage_score", "triage_right", "triage_request", "triage_terms"),
)
#: X- headers that become columns: those that most messages bear. Nobody's mail makes a table of a million columns.
MOST_EXTRA = 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """One message as it lies in its file, line ends as one byte; `shortened` counts those that were two."""

    line: int
    raw: bytes
    shortened: int
    last: bool = False


def rows(file: Path, request_from: int) -> Iterator[dict[str, str | None]]:
    """The messages of one file, each a row; `request_from`: the triage score (percent) from which one is a request.

    Raises Torn with the line at which a message begins that is not whole, or that begins none.
    """
    alone = file.name.endswith(".eml")
    with gzip.open(file) if file.name.endswith(".gz") else file.open("rb") as opened:
        stream = cast(IO[bytes], opened)
        for stored in only(stream) if alone else split(stream):
            yield _row(file, stored, alone, request_from)


def _row(file: Path, stored: Stored, alone: bool, request_from: int) -> dict[str, str | None]:
    message, doubts = whole(stored, alone)
    row = messages.columns(message, stored.raw)
    row |= {"file": file.name, "line": str(stored.line), "doubt": ",".join(doubts) or None}
    return row | _triaged(row, request_from)


def extra(found: list[dict[str, str | None]]) -> list[str]:
    """The X- headers met, as columns, in the order of their names; of too many, those that most messages bear."""
    borne: dict[str, int] = {}
    for row in found:
        for name in row.keys() - set(COLUMNS):
            borne[name] = borne.get(name, 0) + 1
    return sorted(sorted(borne, key=lambda name: (-borne[name], name))[:MOST_EXTRA])


def _triaged(row: dict[str, str | None], request_from: int) -> dict[str, str | None]:
    read = triage(
        Letter(
            subject=row["subject"] or "",
            body=row["body"] or "",
            sender=row["from_email"] or "",
            recipient=row["to_email"] or "",
            auto_submitted=row["auto_submitted"] or "",
            precedence=row["precedence"] or "",
            list_id=row["list_id"] or "",
            content_type=row["content_type"] or "",
            has_list_unsubscribe=row["has_list_unsubscribe"] == "true",
        )
    )
    return {
        "triage_score": str(read.score),
        "triage_right": read.right,
        "triage_request": "true" if read.score >= request_from else "false",
        "triage_terms": ", ".join(read.terms) or None,
    }


def begins(head: bytes) -> bool:
    """Whether a file that starts with these bytes is an mbox: a separator, and a header or nothing below it."""
    first, _, after = head.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n").partition(b"\n")
    return bool(SEPARATOR.match(first + b"\n") and (not after or HEADER.match(after.lstrip(b"\r"))))


def only(stream: IO[bytes]) -> Iterator[Stored]:
    """The one message of a file. Raises Torn where it is none, or is too large."""
    raw = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise Torn(1, "the message is larger than a message may be")
    if not HEADER.match(raw):
        raise Torn(1, "no header stands here, so this is not a message")
    yield Stored(1, raw.replace(b"\r\n", b"\n"), raw.count(b"\r\n"), last=True)


def spooled(head: bytes) -> bool:
    """Whether a file that starts with these bytes is a message as programs spool it: headers alone up to a blank line.

    Two of those that every message has must be among them: the log of a program may begin with `Date:` too.
    """
    block, blank, _ = head.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = block.split(b"\n")
    known = {line.partition(b":")[0].strip().lower() for line in lines} & USUAL
    whole_block = all(line[:1] in (b" ", b"\t") or HEADER.match(line) for line in lines)
    return bool(blank) and len(known) > 1 and whole_block


def spool(stream: IO[bytes]) -> Iterator[Stored]:
    """The message of a file, or several with a line of dashes behind each, as web programs write them."""
    begun, size, shortened, lines = 1, 0, 0, list[bytes]()
    for number, line, after in _lines(stream):
        if line.rstrip(b"\r\n") == DASHES and (not after or HEADER.match(after)):
            yield Stored(begun, b"".join(lines), shortened, last=True)
            begun, size, shortened, lines = number + 1, 0, 0, []
            continue
        lines.append(line.removesuffix(b"\r\n") + b"\n" if line.endswith(b"\r\n") else line)
        shortened += line.endswith(b"\r\n")
        size += len(line)
        if size > LARGEST:
            raise Torn(begun, "the message is larger than a message may be")
    if b"".join(lines).strip():
        yield Stored(begun, b"".join(lines), shortened, last=True)


def split(stream: IO[bytes]) -> Iterator[Stored]:
    """Every message of an mbox; the last one is marked. Raises Torn where none begins, or one is too large."""
    held: Stored | None = None
    begun, size, shortened, lines = 0, 0, 0, list[bytes]()
    for number, line, after in _lines(stream):
        if SEPARATOR.match(line) and (not after or HEADER.match(after)):
            if begun:
                if held:
                    yield held
                held = Stored(begun, b"".join(lines), shortened)
            begun, size, shortened, lines = number, 0, 0, []
        elif begun:
            lines.append(line.removesuffix(b"\r\n") + b"\n" if line.endswith(b"\r\n") else line)
            shortened += line.endswith(b"\r\n")
            size += len(line)
            if size > LARGEST:
                raise Torn(begun, "the message is larger than a message may be")
        elif line.strip():
            raise Torn(number, "no message begins here (`From `, and a date), so this is no mbox file")
    if held:
        yield held
    if begun:
        yield Stored(begun, b"".join(lines), shortened, last=True)


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, line and the line after it, which is empty at the end of the file."""
    number, line = 1, stream.readline(LARGEST).removeprefix(codecs.BOM_UTF8)
    while line:
        after = stream.readline(LARGEST)
        yield number, line, after.lstrip(b"\r")
        number, line = number + 1, after


def whole(stored: Stored, alone: bool) -> tuple[Message, tuple[str, ...]]:
    """The message, and what is doubtful about it. Raises Torn where it is certain that some of it is missing."""
    head, blank, body = (b"", b"\n", stored.raw[1:]) if stored.raw[:1] == b"\n" else stored.raw.partition(b"\n\n")
    if not blank:
        raise Torn(stored.line, "the message that begins here ends inside its headers")
    if stored.last and not alone and re.search(rb"(?:\A|\n\n)From [^\n]*\Z", body):
        raise Torn(stored.line, "after the message that begins here, another one is cut")
    try:
        message = message_from_bytes(head + blank + ESCAPED.sub(rb"\1", body))
    except RecursionError:
        return message_from_bytes(head + blank), ("parts-too-deep",)
    found, shorter = messages.doubts(message), _shorter(message, len(body) + stored.shortened)
    if stored.last and (shorter or messages.cut(message) or (not alone and _unended(message, body))):
        raise Torn(stored.line, "the message that begins here is cut")
    if shorter:
        found.add("length-disagrees")
    if not stored.raw.endswith(b"\n\n") and not alone:
        found.add("no-blank-line-at-the-end")
    if any(SEPARATOR.match(line) for line in re.findall(rb"^From [^\n]*", body, re.MULTILINE)):
        found.add("separator-inside")
    return message, tuple(sorted(found))


def _shorter(message: Message, size: int) -> bool:
    """Whether Content-Length says more bytes than there are."""
    said = str(message.get("Content-Length", "")).strip()
    return bool(re.fullmatch(r"\d{1,12}", said)) and int(said) > size


def _unended(message: Message, body: bytes) -> bool:
    """Whether an encoded text stops inside a line: of such a text every line has its end."""
    return messages.coding(message) in ("base64", "quoted-printable") and not body.endswith(b"\n")
