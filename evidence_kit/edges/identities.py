"""How an identifier is written before it becomes a pseudonym: one spelling for one person, and nothing more merged.

Source: docs/norm/frames, "pseudonym" and "normalisation".
"""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

import idna
import phonenumbers

KINDS: Final = frozenset({"person", "account", "actor", "message", "row", "value"})

_PEOPLE: Final = frozenset({"person", "actor"})
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
# Only what is written as a telephone number: a bare customer number must stay the number that it is.
_PHONE: Final = re.compile(r"(tel:)?(\+|0|\()[0-9][0-9 ().\u00a0\u202f/-]{5,}")


def normalise(kind: str, text: str, region: str | None = None, undotted: Collection[str] = ()) -> str:
    """The spelling of `text` that is hashed.

    Accounts stay as stored. Everything else is NFC and trimmed. People and actors, besides: an e-mail address is case
    folded, its domain in IDNA ASCII, dots and `+` tags dropped for the domains of `undotted` alone; a telephone number
    is E.164, national forms only when `region` (ISO 3166-1 alpha-2) says where. Raises ValueError for another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"pseudonym kind {kind!r} is not one of {', '.join(sorted(KINDS))}")
    if kind == "account":
        return text
    text = unicodedata.normalize("NFC", text).strip()
    if kind in _PEOPLE:
        if _EMAIL.fullmatch(text):
            return _email(text, undotted)
        if _PHONE.fullmatch(text):
            return _phone(text, region)
    return text


def spellings(address: str) -> frozenset[str]:
    """The ways in which tables may write the address of one person: as given, normalised, domain in letters or ASCII.

    Case is kept where it carries nothing: whoever compares folds both sides alike.
    """
    given = unicodedata.normalize("NFC", address).strip()
    known = normalise("person", given)
    written = {given, known}
    for one in (given, known):
        local, at, domain = one.rpartition("@")
        if at and _EMAIL.fullmatch(one):
            written |= {f"{local}@{other}" for other in _domains(domain)}
    return frozenset(written)


def _domains(domain: str) -> frozenset[str]:
    """A domain in IDNA ASCII and in Unicode; nothing where it cannot exist."""
    try:
        ascii_form = idna.encode(domain.rstrip("."), uts46=True).decode()
        return frozenset({ascii_form, idna.decode(ascii_form)})
    except idna.IDNAError:
        return frozenset()


def _email(text: str, undotted: Collection[str]) -> str:
    local, _, domain = text.rpartition("@")
    try:
        domain = idna.encode(domain.rstrip("."), uts46=True).decode()
    except idna.IDNAError:
        # Not a domain that can exist, yet it is what the source holds: two spellings in case are still one.
        domain = domain.casefold()
    # Folding can decompose (İ): composed again, so that equal spellings stay equal.
    local = unicodedata.normalize("NFC", local.casefold())
    if domain in undotted:
        local = local.partition("+")[0].replace(".", "")
    return f"{local}@{domain}"


def _phone(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_valid_number(number):
        return text
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
