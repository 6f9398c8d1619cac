"""What the values of a column look like: addresses, numbers of accounts, people and machines, in a bounded sample.

Each form has a well-kept library's own test, and a share of the sample that must pass it: many forms are met by chance
(one number in ten has a good check digit), so a form that is easy to meet asks for more. Nothing here keeps, logs or
raises a value. Source: docs/register.md, "How a column is classified".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from evidence_kit.rules.classing import YES_OR_NO, Valued

#: Values of a sample that the slower libraries look at.
LOOKED = 200
#: Least share of the sample, in percent, and least number of values, for each form.
EMAILS, SOME_EMAILS, PHONES, IPS, ACCOUNTS, CARDS, PEOPLE = 50, 5, 90, 90, 50, 95, 90
FEW, MANY = 4, 8
TRUTHS = frozenset("0 1 true false t f y n yes no oui non vrai faux o on off".split())
EMAIL = re.compile(r"[^\s@<>\"',;:()\[\]{}|=?&/\\]{1,64}@[^\s@<>\"',;:()\[\]{}|=?&/\\]{1,180}\.[^\W\d_]{2,24}")
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9 ]{11,40}", re.IGNORECASE)
CARD = re.compile(r"[3-6]\d{3}([ -]?)(\d{4}\1\d{4}\1\d{1,7}|\d{6}\1\d{4,5})")
PHONE = re.compile(r"(\+|00|\(?0)[\d ().\-/]{6,22}")
DIGITS = re.compile(r"\d+")
ADDRESS = re.compile(r"[0-9a-fA-F:.]{3,45}(/\d{1,3})?")
OFFICIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./+-]{7,20}")
#: Modules of python-stdnum for numbers of natural persons, those that carry a check digit.
PERSONS = (
    "at.vnr", "be.nn", "bg.egn", "cz.rc", "de.idnr", "ee.ik", "es.dni", "es.nie", "fi.hetu", "fr.nir", "gb.nhs",
    "gr.amka", "hr.oib", "ie.pps", "it.codicefiscale", "lt.asmens", "nl.bsn", "no.fodselsnummer", "pl.pesel", "pt.cc",
    "ro.cnp", "se.personnummer", "si.emso", "us.ssn",
)  # fmt: skip
#: Of these the last digit alone is checked, or none: they are believed at home, where the organisation is.
EASY = frozenset({"gb.nhs", "nl.bsn", "at.vnr", "cz.rc", "de.idnr", "pt.cc", "hr.oib", "gr.amka"})
SPELT = {"us.ssn": re.compile(r"\d{3}-\d{2}-\d{4}")}


def valued(values: Sequence[str], country: str) -> Valued | None:
    """What the values are; None where they have no form of a person's. `country`: the organisation's, ISO 3166-1.

    `none` is said of yes and no, which no name turns into an address.
    """
    cells = [value.strip() for value in values if value.strip()]
    if not cells:
        return None
    if all(cell.lower() in TRUTHS for cell in cells):
        return Valued("none", 80, YES_OR_NO)
    for test in (_emails, _accounts, _cards, _people, _ips, _phones, _inside):
        if found := test(cells, country):
            return found
    return None


def _share(cells: Sequence[str], form: re.Pattern[str], test: Callable[[str], bool]) -> tuple[int, list[str]]:
    """Percent of the cells that have the form and pass the test, and those; only some are put to the test."""
    formed = [cell for cell in cells if form.fullmatch(cell)]
    looked = formed[:LOOKED]
    passed = [cell for cell in looked if test(cell)]
    return (100 * len(passed) * len(formed) // (len(looked) * len(cells)) if looked else 0), passed


def _emails(cells: Sequence[str], country: str) -> Valued | None:
    share, _ = _share(cells, EMAIL, _is_email)
    if share >= EMAILS:
        return Valued("contact", 98, "value-email")
    return Valued("contact", 80, "value-some-email") if share >= SOME_EMAILS else None


def _accounts(cells: Sequence[str], country: str) -> Valued | None:
    share, _ = _share(cells, IBAN, _number("iban"))
    return Valued("financial", 98, "value-iban") if share >= ACCOUNTS else None


def _cards(cells: Sequence[str], country: str) -> Valued | None:
    share, met = _share(cells, CARD, _number("luhn"))
    return Valued("financial", 90, "value-card") if share >= CARDS and len(met) >= FEW else None


def _people(cells: Sequence[str], country: str) -> Valued | None:
    if sum(1 for cell in cells[:LOOKED] if OFFICIAL.fullmatch(cell)) * 100 < PEOPLE * len(cells[:LOOKED]):
        return None
    for name in PERSONS:
        if name in EASY and not name.startswith(country.lower() + "."):
            continue
        form, test = SPELT.get(name, OFFICIAL), _number(name)
        if not any(test(cell) for cell in cells[:3]):  # the sample is in no order: three of it say enough
            continue
        share, met = _share(cells, form, test)
        if share >= PEOPLE and len(met) >= (FEW if name not in EASY else MANY) and not _in_sequence(met):
            return Valued("identifier", 95, "value-official-number")
    return None


def _ips(cells: Sequence[str], country: str) -> Valued | None:
    share, met = _share(cells, ADDRESS, _is_ip)
    if share < IPS or all("." in cell and ":" not in cell and _like_a_version(cell) for cell in met):
        return None
    return Valued("identifier", 90, "value-ip")


def _phones(cells: Sequence[str], country: str) -> Valued | None:
    """A number that is merely long enough is none: it begins as numbers are dialled, and is one of a plan."""
    share, met = _share(cells, PHONE, lambda cell: _is_phone(cell, country))
    if share < PHONES or _in_sequence(met):
        return None
    # Written with no + and no gap it may be a number of anything: then more of them are asked for.
    plain = all(DIGITS.fullmatch(cell) for cell in met)
    return Valued("contact", 90, "value-phone") if len(met) >= (MANY if plain else 1) else None


def _inside(cells: Sequence[str], country: str) -> Valued | None:
    """Addresses within texts and JSON. One and the same address in all of them is the organisation's own."""
    held = [found.group().lower() for cell in cells if "@" in cell and (found := EMAIL.search(cell))]
    met = [address for address in held[:LOOKED] if _is_email(address)]
    if not met or len(held) * 100 < len(cells) or (len(set(met)) == 1 and len(cells) >= FEW):
        return None
    return Valued("content", 80, "value-email-inside")


def _is_email(text: str) -> bool:
    library = _email_validator()
    try:
        library.validate_email(text, check_deliverability=False, test_environment=True)
    except (library.EmailNotValidError, ValueError):
        return False
    return True


@cache
def _email_validator() -> Any:
    import email_validator  # here: it takes a moment, and most commands look at no value

    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()  # an address under .example is one; nothing is sent to it
    return email_validator


@cache
def _number(name: str) -> Callable[[str], bool]:
    """The test of one module of python-stdnum."""
    from importlib import import_module

    module = import_module(f"stdnum.{name}")

    def test(text: str) -> bool:
        try:
            return bool(module.is_valid(text))
        except Exception:  # a library's slip on a hostile value is no number, and its words may quote it
            return False

    return test


def _is_phone(text: str, country: str) -> bool:
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, country)))
    except phonenumbers.NumberParseException:
        return False


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_interface(text) if "/" in text else ipaddress.ip_address(text)
    except ValueError:
        return False
    return "." in text or ":" in text


def _like_a_version(text: str) -> bool:
    """`2.14.0.1` is a version before it is an address."""
    return all(part.isdigit() and int(part) < 100 for part in text.split(".")) and int(text.split(".")[0]) < 20


def _in_sequence(cells: Sequence[str]) -> bool:
    """Whether numbers follow one another closely, as those of orders and files do."""
    numbers = sorted({int("".join(DIGITS.findall(cell)) or 0) for cell in cells})
    return len(numbers) > 2 and numbers[-1] - numbers[0] < 20 * len(numbers)
