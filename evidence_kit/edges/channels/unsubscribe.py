"""One-click unsubscription, read from a message as it was received: both headers, and a signature that names both.

The signature itself is not verified: its key lies in the DNS, and a message that was kept may have outlived it.
Source: RFC 8058; RFC 2369, section 2 (the list of addresses); RFC 6376, sections 3.2 and 3.5 (the signature's tags).
"""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from datetime import datetime
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

from evidence_kit.edges.channels import client, website
from evidence_kit.errors import ParameterError
from evidence_kit.model.channels import Look, Sight

MOST_BYTES = 32 * 1024 * 1024
LINK, POST, SIGNATURE = "List-Unsubscribe", "List-Unsubscribe-Post", "DKIM-Signature"
ONE_CLICK = "=".join(client.ONE_CLICK)
#: Headers that do not end where they should: what follows cannot be told from the text.
TORN = (FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect)
TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=(.*)", re.DOTALL)


def look(file: Path, send: bool, now: Callable[[], datetime], patience: float = client.PATIENCE) -> Look:
    """What the message offers. `send`: unsubscribe its addressee now, if one click is offered as it should be.

    Without `send` nothing is asked of the address, not even to open it: a careless one unsubscribes on a visit, and
    that no visit does so is never tried. Raises ParameterError for a file that cannot be read.
    """
    message = _message(file)
    if not message.keys() or any(isinstance(defect, TORN) for defect in message.defects):
        return Look(None, None, None, (Sight("message", None, "malformed"),))
    link, url = _link(message)
    sights = (link, _post(message), _signed(message), _body(message))
    noted = Sight("visit-does-not-unsubscribe", None, "not-tried")
    if not send:
        return Look(None, None, None, (*sights, noted, Sight("one-click", None, "not-sent")))
    if not all(sight.outcome for sight in sights[:3]):
        return Look(None, None, None, (*sights, noted, Sight("one-click", None, "not-offered")))
    visit = client.post_one_click(url, patience)
    answered = website.status(visit)
    asked = True if answered.detail == f"http-{website.LOGIN_ASKED}" else None
    free = False if answered.outcome else asked
    document = False if answered.outcome else None
    done = Sight("one-click", answered.outcome, answered.detail)
    return Look(answered.outcome, free, document, (*sights, noted, done), now() if answered.outcome else None)


def _message(file: Path) -> Message:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ParameterError(f"{file}: larger than 32 MiB, so not a message. Check the path.")
        return email.message_from_bytes(file.read_bytes())
    except OSError as error:
        raise ParameterError(f"{file}: the message cannot be read ({error.strerror}). Check its path.") from error


def _values(message: Message, name: str) -> list[str]:
    """Every header of that name, unfolded."""
    return [re.sub(r"\r?\n(?=[ \t])", "", str(value)).strip() for value in message.get_all(name, [])]


def _link(message: Message) -> tuple[Sight, str]:
    """The one https address of List-Unsubscribe; other kinds (mailto) may stand beside it, another web address not."""
    given = _values(message, LINK)
    if len(given) != 1:
        return Sight("list-unsubscribe", False, "repeated" if given else "missing"), ""
    found = [re.sub(r"\s", "", address) for address in re.findall("<([^<>]*)>", given[0])]
    web = [address for address in found if re.match("https?:", address, re.IGNORECASE)]
    if len(web) != 1:
        return Sight("list-unsubscribe", False, "several-web-addresses" if web else "no-web-address"), ""
    if not _is_https(web[0]):
        return Sight("list-unsubscribe", False, "not-https"), ""
    return Sight("list-unsubscribe", True), web[0]


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False


def _post(message: Message) -> Sight:
    given = _values(message, POST)
    if len(given) != 1:
        return Sight("list-unsubscribe-post", False, "repeated" if given else "missing")
    right = given[0] == ONE_CLICK
    return Sight("list-unsubscribe-post", right, None if right else "other-text")


def _signed(message: Message) -> Sight:
    """Whether one signature names both headers among those it covers."""
    given = _values(message, SIGNATURE)
    if not given:
        return Sight("signed", False, "no-signature")
    covered = [_covered(signature) for signature in given]
    if any({LINK.lower(), POST.lower()} <= names for names in covered if names is not None):
        return Sight("signed", True, "named-not-verified")
    return Sight("signed", False, "malformed" if all(names is None for names in covered) else "not-covered")


def _covered(signature: str) -> set[str] | None:
    """The headers that a DKIM signature covers, in small letters; None for one that cannot be read as such."""
    tags: dict[str, str] = {}
    for part in signature.removesuffix(";").split(";"):
        found = TAG.fullmatch(part.rstrip())
        if found is None or found[1] in tags:
            return None
        tags[found[1]] = re.sub(r"\s", "", found[2])
    if tags.get("v") != "1" or not all(tags.get(name) for name in ("a", "b", "bh", "d", "h", "s")):
        return None
    return set(tags["h"].lower().split(":"))


def _body(message: Message) -> Sight:
    """A text that a person can read: what unsubscribes in it is seen by a person, not by the kit."""
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    written = any(payload.strip() for part in parts if isinstance(payload := part.get_payload(decode=True), bytes))
    return Sight("body", written, None if written else "empty")
