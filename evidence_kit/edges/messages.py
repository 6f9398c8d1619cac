"""One message of a mailbox as columns of text: what its headers say, and the words that stand in it.

Headers are hostile: an encoded word of no charset, ten thousand brackets, a date of the year 0 become text as it stands
or null, never an end of the reading. Source: RFC 5322 (messages), RFC 2047 (encoded words), RFC 3834 (auto-replies).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC
from email.errors import (
    CloseBoundaryNotFoundDefect,
    HeaderParseError,
    MissingHeaderBodySeparatorDefect,
    StartBoundaryNotFoundDefect,
)
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from html import unescape
from html.parser import HTMLParser

#: The headers that become a column as they stand.
PLAIN = {
    "subject": "Subject",
    "in_reply_to": "In-Reply-To",
    "references": "References",
    "auto_submitted": "Auto-Submitted",
    "precedence": "Precedence",
    "list_id": "List-Id",
}
#: Characters kept of one header, of a text, and of a page of HTML before its marks are taken off.
LONGEST_HEADER, LONGEST_TEXT, LONGEST_PAGE = 65_536, 20_000, 500_000
#: Parts looked into. A message of more is read as far as here.
MOST_PARTS = 200
#: What a message without Message-ID is called: the digest of its bytes, under a name that no mail server can bear.
UNNAMED = "<{}@no-message-id.invalid>"
HEADER_NAME = re.compile(r"[xX]-[!-9;-~]{1,70}")
#: The zone that follows a time of day; the word `-0000` says UTC (RFC 5322, section 3.3).
ZONE = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?\s+([^\s(]+)")
OFFSET = re.compile(r"[+-]\d{4}")
#: One mark of HTML, and one character that is written by its name or number.
MARK, ENTITY = re.compile(r"<[^<>]*>"), re.compile(r"&#?\w{1,31};", re.ASCII)

#: Headers of which a message has one (RFC 5322, section 3.6): of two, only the first is read.
SINGLE = ("From", "Message-ID", "Date", "Subject")


def columns(message: Message, raw: bytes) -> dict[str, str | None]:
    """The columns of one message; `raw` is what its digest is made of where it has no Message-ID."""
    name, address = _address(message, "From")
    text, cut = text_of(message)
    row: dict[str, str | None] = {
        "message_id": header(message, "Message-ID") or UNNAMED.format(hashlib.sha256(raw).hexdigest()),
        "from_email": address,
        "from_name": name,
        "to_email": _address(message, "To")[1],
        "received_at": received_at(message),
        "body": text or None,
        "body_cut": "true" if cut else "false",
        "content_type": message.get_content_type(),
        "has_list_unsubscribe": "true" if "List-Unsubscribe" in message else "false",
        **{column: header(message, title) for column, title in PLAIN.items()},
    }
    for title, _ in message.items():
        if HEADER_NAME.fullmatch(title):
            row[title.lower().replace("-", "_")] = header(message, title)
    return row


def cut(message: Message) -> bool:
    """Whether the bytes end before the message does: a boundary is missing, or its encoding stops inside."""
    while message.get_content_type() == "message/rfc822" and message.is_multipart():
        message = message.get_payload(0)  # type: ignore[assignment]
    return _open(message) or (not message.is_multipart() and _stops_inside(message))


def doubts(message: Message) -> set[str]:
    """What is amiss in a message, and may be so as it was sent: a code for each thing."""
    parts = list(_parts(message, into_reports=True))
    found = {"part-without-end" for part in parts if _open(part)}
    found |= {"encoding-cut" for part in parts if not part.is_multipart() and _stops_inside(part)}
    found |= {"headers-broken-off" for one in message.defects if isinstance(one, MissingHeaderBodySeparatorDefect)}
    return found | {"header-repeated" for title in SINGLE if len(message.get_all(title) or ()) > 1}


def _open(part: Message) -> bool:
    return any(isinstance(one, (CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect)) for one in part.defects)


def coding(part: Message) -> str:
    """The transfer encoding of a part, in lower case; empty where it says none."""
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower()


def _stops_inside(part: Message) -> bool:
    """Whether base64 ends inside a group of four, or quoted-printable inside the two digits of a byte."""
    stored = str(part.get_payload())
    if coding(part) == "base64":
        # What follows a blank line was added on the way: lists put a footer there.
        return len("".join(stored.strip().partition("\n\n")[0].split())) % 4 != 0
    return coding(part) == "quoted-printable" and bool(re.search(r"=[0-9A-Fa-f]\Z", stored))


def header(message: Message, title: str) -> str | None:
    """The first header of that name, its encoded words read; None where it is missing or empty."""
    value = message.get(title)
    if value is None:
        return None
    return _line(_words(_stored(value)[:LONGEST_HEADER]))


def _line(text: str) -> str | None:
    """One line of text, whatever an encoded word brings; None where nothing is left."""
    return re.sub(r"[\r\n]+", " ", clean(text)).strip() or None


def _stored(value: object) -> str:
    """A header as its bytes stand: UTF-8 where they are more than ASCII, and a mark for each byte that is neither."""
    text = "".join(chunk for chunk, _ in value._chunks) if hasattr(value, "_chunks") else str(value)
    return re.sub(r"\r?\n[ \t]*", " ", text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _words(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text  # not words of any charset: as it stands


def _address(message: Message, title: str) -> tuple[str | None, str | None]:
    """Name and address of the first mailbox of a header."""
    value = message.get(title)
    if value is None:
        return None, None
    try:
        # The address is looked for before words are read: a decoded name may hold a second one.
        name, address = parseaddr(_stored(value)[:LONGEST_HEADER])
    except (RecursionError, ValueError, IndexError):
        return None, None
    return _line(_words(name)), _line(address)


def received_at(message: Message) -> str | None:
    """When our server took the message (its own Received line); the sender's Date only where there is none.

    A zone that is only a word nobody knows is no zone: the text is kept, and the frame will call it unreadable.
    """
    lines = message.get_all("Received")
    stamp = (_stored(lines[0]).rsplit(";", 1)[-1] if lines else _stored(message.get("Date") or "")).strip()
    try:
        moment = parsedate_to_datetime(stamp)
    except (ValueError, TypeError, OverflowError, IndexError):
        return clean(stamp[:LONGEST_HEADER]) or None
    zone = ZONE.search(stamp)
    if moment.tzinfo is None and zone:
        if zone[1] != "-0000":
            return clean(stamp)
        moment = moment.replace(tzinfo=UTC)
    return moment.isoformat()


def clean(text: str) -> str:
    """Text that any engine can hold: what is no character at all becomes the mark of one that is missing."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def text_of(message: Message) -> tuple[str, bool]:
    """The words of a message, and whether some are left out: its plain texts, or its HTML where it has no other."""
    plain: list[str] = []
    pages: list[str] = []
    for part in _parts(message, into_reports=False):
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/plain":
            plain.append(_decoded(part))
        elif part.get_content_type() == "text/html":
            pages.append(_decoded(part))
    words = "\n\n".join(plain)
    if not words.strip():
        words = "\n\n".join(page_text(page) for page in pages)
    cut = len(words) > LONGEST_TEXT or any(len(page) > LONGEST_PAGE for page in pages if not plain)
    return clean(words[:LONGEST_TEXT]).strip(), cut


def _parts(message: Message, *, into_reports: bool) -> Iterator[Message]:
    """The message and its parts, outermost first, without recursion; a report's copy of a message is not its words."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        inner = part.get_payload()
        if isinstance(inner, list) and (into_reports or part.get_content_type() != "multipart/report"):
            waiting = [one for one in inner if isinstance(one, Message)] + waiting


def _decoded(part: Message) -> str:
    stored = part.get_payload(decode=True)
    content = stored if isinstance(stored, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return content.decode(charset)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def spoken(message: Message, binary: Callable[[bytes], bool]) -> tuple[str, int]:
    """Everything a message says, uncut: every header and every part as text; and how many parts are `binary`.

    An HTML text stands there as it is written, and again as it is read: an address may lie in a link, or be cut by a
    mark, or be written by the numbers of its characters.
    """
    said: list[str] = []
    closed, waiting = 0, [message]
    while waiting:
        part = waiting.pop()
        said += [f"{title}: {_long(_stored(value))}" for title, value in part.items()]
        inner = part.get_payload()
        if isinstance(inner, list):
            said += [text for text in (part.preamble, part.epilogue) if text]
            waiting += [one for one in reversed(inner) if isinstance(one, Message)]
            continue
        stored = part.get_payload(decode=True)
        if part.get_content_maintype() != "text" and isinstance(stored, bytes) and binary(stored):
            closed += 1
            continue
        text = _decoded(part)
        said += [text] if part.get_content_type() != "text/html" else [text, unescape(text), page_text(text)]
    return clean("\n".join(said)), closed


def _long(text: str) -> str:
    return _words(text[:LONGEST_HEADER]) + text[LONGEST_HEADER:]


class _Page(HTMLParser):
    """The words of a page; what it quotes is marked as plain text marks it."""

    BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "blockquote"})
    SILENT = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._quoted = self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._quoted += tag == "blockquote"
        self._silent += tag in self.SILENT
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._quoted = max(0, self._quoted - (tag == "blockquote"))
        self._silent = max(0, self._silent - (tag in self.SILENT))
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if tag in self.BREAKS:
            self.words.append("\n> " if self._quoted else "\n")


def page_text(page: str) -> str:
    """The words of an HTML text, a line for each block. What no parser reads hides nothing: there all text is kept."""
    reader = _Page()
    try:
        reader.feed(page[:LONGEST_PAGE])
        reader.close()
    except (AssertionError, ValueError):  # as at `<![x` or a character of thousands of digits
        return ENTITY.sub(lambda found: unescape(found[0]), MARK.sub("\n", page[:LONGEST_PAGE]))
    return "".join(reader.words)
