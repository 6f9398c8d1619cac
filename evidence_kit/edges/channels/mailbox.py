"""An address to which requests are written: can mail be sent there at all. Whether somebody reads it, a test tells."""

from __future__ import annotations

from collections.abc import Sequence
from email.errors import MessageError
from email.headerregistry import Address

import idna

from evidence_kit.model.channels import Look, Mailbox, Sight

#: Octets: RFC 5321, 4.5.3.1.1 for the local part; 254 for what fits between the brackets of a path.
LONGEST_LOCAL, LONGEST = 64, 254
NOWHERE = "."


def look(target: Mailbox) -> Look:
    """What the address tells without a message. Never reachable: only a message that became a ticket shows that."""
    sights = (_syntax(target.address), _servers(target.mx))
    broken = any(sight.outcome is False for sight in sights)
    return Look(False if broken else None, None, None, sights)


def _syntax(address: str) -> Sight:
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        return Sight("address", None, "local-part-not-ascii")  # RFC 6531: some servers take it, and we cannot ask
    name = host(domain)
    if name is None or "." not in name:
        return Sight("address", False, "no-such-domain")
    try:
        Address(addr_spec=f"{local}@{name}")
    except (MessageError, ValueError, IndexError):  # the last: what the parser does with a text that ends too soon
        return Sight("address", False, "not-an-address")
    short = len(local) <= LONGEST_LOCAL and len(local) + 1 + len(name) <= LONGEST
    return Sight("address", short, None if short else "too-long")


def _servers(mx: Sequence[str] | None) -> Sight:
    """The domain's mail servers, as somebody looked them up: the kit has no resolver of its own."""
    if mx is None:
        return Sight("mail-servers", None, "not-looked-up")
    if not mx or NOWHERE in mx:
        return Sight("mail-servers", False, "null-mx" if mx else "none")  # RFC 7505: one server called "."
    known = all(host(name) is not None for name in mx)
    return Sight("mail-servers", known, "as-stated" if known else "not-a-host")


def host(name: str) -> str | None:
    """A host name as the network has it (IDNA ASCII); None for what cannot be one, such as a bare number."""
    try:
        written = idna.encode(name.removesuffix("."), uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None
    return None if written.replace(".", "").isdigit() else written
