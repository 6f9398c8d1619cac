"""How an identifier is written before it becomes a pseudonym: one spelling for one person, and nothing more merged.

Source: docs/norm/frames, "pseudonym" and "normalisation".
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache
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
            written |= {f"{local}@{other}" for other in domains(domain)}
    return frozenset(written)


def is_address(text: str) -> bool:
    """Whether a text is written as an e-mail address."""
    return _EMAIL.fullmatch(unicodedata.normalize("NFC", text).strip()) is not None


def is_phone(text: str) -> bool:
    """Whether a text is written as a telephone number."""
    return _PHONE.fullmatch(unicodedata.normalize("NFC", text).strip()) is not None


def dialled(text: str, region: str | None) -> frozenset[str]:
    """The digits by which a telephone number is written: E.164, and as it is dialled within `region`, if it is there.

    Nothing for what is no valid number.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFC", text).strip(), region)
    except phonenumbers.NumberParseException:
        return frozenset()
    if not phonenumbers.is_valid_number(number):
        return frozenset()
    written = {str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))}
    if region is not None and number.country_code == phonenumbers.country_code_for_region(region):
        national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        written.add("".join(filter(str.isdigit, national)))
    return frozenset(written)


@lru_cache(maxsize=4096)
def domains(domain: str) -> frozenset[str]:
    """A domain in IDNA ASCII and in Unicode; nothing where it cannot exist."""
    ascii_form = _ascii(domain)
    return frozenset() if ascii_form is None else frozenset({ascii_form, idna.decode(ascii_form)})


def undotted(named: Iterable[str]) -> tuple[str, ...]:
    """Those domains in every form in which tables may write them, ascending."""
    lowered = (unicodedata.normalize("NFC", one.strip()).lower() for one in named)
    return tuple(sorted({form for one in lowered for form in (one, *domains(one))}))


@lru_cache(maxsize=4096)
def _ascii(domain: str) -> str | None:
    """A domain in IDNA ASCII; None where it cannot exist. Remembered: many people share few domains."""
    try:
        return idna.encode(domain.rstrip("."), uts46=True).decode()
    except idna.IDNAError:
        return None


def _email(text: str, undotted: Collection[str]) -> str:
    local, _, domain = text.rpartition("@")
    # Not a domain that can exist, yet it is what the source holds: two spellings in case are still one.
    domain = _ascii(domain) or domain.casefold()
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
