"""What looks like personal data by its form alone, wherever it came from: addresses, numbers of people and accounts.

Examples that standards set aside for documentation are allowed, so that the kit may show them.
Source: docs/norm/notebook-gate, section 7.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Final

#: RFC 2606 and RFC 6761; nobody can have an address there.
_NOBODYS: Final = re.compile(r"(?:^|\.)(?:example|test|invalid|localhost|example\.(?:com|org|net))$", re.IGNORECASE)
# Each pattern begins with the character by which it can be skipped to, and looks behind it afterwards: three times as
# fast, on pages of a megabyte without any such thing, as a look behind each place of the text.
_EMAIL: Final = re.compile(r"@((?:[\w-]{1,63}\.)+[a-z]{2,24})(?![\w-])", re.IGNORECASE)
#: What stands before the `@`: the whole run of such characters is 1 to 64 long.
_LOCAL: Final = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}\Z")
_TELEPHONE: Final = re.compile(
    r"(?:\+(?<![\w+.]\+)[1-9]\d{0,2}[ .-]?(?:\(0\)[ .-]?)?\d(?:[ .-]?\d){7,11}"
    r"|0(?<![\w+.]0)[1-9](?:[ .-]\d{2}){4})(?![\w.-])"
)
#: Numbers that regulators keep for fiction: Arcep (France), Ofcom (United Kingdom), NANPA.
_FICTION: Final = re.compile(
    r"(?:\+33|0)(?:199 ?00|261 ?91|353 ?01|465 ?71|536 ?49|639 ?98)|(?:\+44|0)(?:1632960|7700900)|\+1\d{3}55501"
)
_IBAN: Final = re.compile(
    r"[A-Z](?<![A-Za-z0-9][A-Z])[A-Z]\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"
)
#: The examples in the registry of ISO 13616.
_IBAN_EXAMPLES: Final = frozenset(
    "GB29NWBK60161331926819 GB82WEST12345698765432 FR1420041010050500013M02606 DE89370400440532013000"
    " NL91ABNA0417164300 ES9121000418450200051332 IT60X0542811101000000123456 BE68539007547034".split()
)
#: The French number of a person (NIR) with its key.
_NIR: Final = re.compile(r"[12](?<![\w.][12]) ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![\w.])")
_IPV4: Final = re.compile(r"\d(?<![\w.-]\d)(?<!version\":\"\d)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}(?![\w.-])")
_DOCUMENTATION: Final = tuple(
    IPv4Network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "127.0.0.0/8", "0.0.0.0/32")
)


def _email(match: re.Match[str]) -> bool:
    if _NOBODYS.search(match[1]):
        return False
    at = match.start()
    return _LOCAL.search(match.string, max(0, at - 65), at) is not None


def _telephone(match: re.Match[str]) -> bool:
    return not _FICTION.match(re.sub(r"\(0\)|[ .-]", "", match[0]))


def _iban(match: re.Match[str]) -> bool:
    bare = match[0].replace(" ", "")
    turned = bare[4:] + bare[:4]
    return bare not in _IBAN_EXAMPLES and int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _nir(match: re.Match[str]) -> bool:
    bare = match[0].replace(" ", "").replace("2A", "19").replace("2B", "18")
    return 97 - int(bare[:13]) % 97 == int(bare[13:])


def _ipv4(match: re.Match[str]) -> bool:
    try:
        address = IPv4Address(match[0])
    except AddressValueError:
        return False
    return not any(address in network for network in _DOCUMENTATION)


PATTERNS: Final[tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...]] = (
    ("e-mail", _EMAIL, _email),
    ("telephone", _TELEPHONE, _telephone),
    ("iban", _IBAN, _iban),
    ("national number", _NIR, _nir),
    ("ip address", _IPV4, _ipv4),
)


def looks_personal(text: str, public: Container[str] = frozenset()) -> Iterator[str]:
    """The names of the patterns that a text holds, each once. `public`: what has such a form and is nobody's, such as
    the number of a clause, 6.9.4.1."""
    for name, pattern, real in PATTERNS:
        if any(real(match) and match[0] not in public for match in pattern.finditer(text)):
            yield name
