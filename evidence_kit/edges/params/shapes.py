"""What the parameter files share: the strict base shape, and the small types of their values, each with its wording."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)
from pydantic_core import PydanticCustomError

from evidence_kit.edges.params.expressions import objection

NAME = "^[a-z0-9][a-z0-9-]{0,39}$"
WORD = "^[a-z][a-z0-9_]{0,39}$"
CONTROL = "^[A-Z]{3}-[0-9]{2}$"
FILE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}\.yaml$"
TEST = r"^[a-z_]{1,40}\.[a-z_]{1,40}$"
COUNTRY = "^[A-Z]{2}$"
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
INSTANT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
RATE = r"^(0(\.[0-9]{1,18})?|1(\.0{1,18})?)$"
LETTER = "^[A-Z]$"
OPENED = r"^(env:[A-Z_][A-Z0-9_]{0,79}|[^:\x00-\x1f]{1,400})$"
VARIABLE = "^env:[A-Z_][A-Z0-9_]{0,79}$"
IDENTIFIER = r"^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$"
POINTER = r"^(/([^~/]|~[01]){1,120}){0,8}$"
CHANNEL = "^[A-Za-z][A-Za-z0-9-]{0,39}$"
LANGUAGE = "^[a-z]{2,3}$"
URL = r"^https?://[^\s/?#@\\]{1,260}([/?#][^\s\\]{0,1700})?$"
KEY_PLACE = "^(vault:[a-z][a-z0-9_]{0,39}|env:[A-Z_][A-Z0-9_]{0,79})$"
PLACE = "^[a-z][a-z0-9_]{0,39}([.][A-Za-z_][A-Za-z0-9_.-]{0,126})?$"
COLUMN = "^[a-z][a-z0-9_]{0,39}([.][^.\\s]{1,127}){2,3}$"
PERIOD = "^[1-9][0-9]{0,4} (days?|months?|years?)$"
OWN_FILE = r"^(/|~/)[^\x00-\x1f]{1,400}$"
FINGERPRINT = "^SHA256:[A-Za-z0-9+/]{43}$"
FAULTS = "^(all|none|(all but )?[FM][0-9]{2}(,[FM][0-9]{2})*)$"

#: What each pattern accepts, in words. Every pattern used here has its line.
PHRASES: Mapping[str, str] = {
    NAME: "lower-case letters, digits and dashes, at most 40",
    WORD: "a lower-case word of letters, digits and underscores, at most 40",
    CONTROL: "a control id such as REQ-02",
    FILE: "the name of a file in params/sources, such as desk.yaml",
    TEST: "module and test, such as requests.answered_in_time",
    COUNTRY: "two capital letters (ISO 3166-1), such as FR or NO",
    DAY: "a day written YYYY-MM-DD",
    INSTANT: "an instant in UTC and whole seconds, such as 2026-06-30T21:59:59Z",
    RATE: 'a decimal from 0 to 1, in quotes, such as "0.05"',
    LETTER: "one capital letter",
    OPENED: "a path, or env:NAME for a variable that holds it; never an address with a password",
    IDENTIFIER: "a table name, with its schema or without, such as app.contacts",
    POINTER: "a JSON Pointer of at most 8 keys, such as /tickets",
    CHANNEL: "letters, digits and dashes after a letter, at most 40, such as CH-form",
    LANGUAGE: "a language of two or three small letters (ISO 639), such as fr",
    URL: "an address that begins with https:// or http://, without user or password, such as https://example.org/rights",
    KEY_PLACE: "vault:NAME or env:NAME, never the key itself",
    COLUMN: "a column with its source and its object, such as prod.contacts.email",
    PLACE: "source.object, or the name of a whole source",
    PERIOD: "a number and days, months or years, such as 10 years",
    OWN_FILE: "a whole path, such as ~/keys/seal: from the root, or from your home",
    FINGERPRINT: "the fingerprint that ssh-add -l shows, SHA256: and 43 characters",
    FAULTS: "all, none, a list such as F01,F07, or all but F19,F20",
}


class Strict(BaseModel):
    """A shape that accepts nothing it does not know and converts nothing."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def refuse(text: str) -> PydanticCustomError:
    """An error whose message is `text`, word for word."""
    return PydanticCustomError("refused", "{text}", {"text": text})


def _nfc(text: str) -> str:
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") for letter in text):
        raise refuse("holds a line break or a control character. Write it on one line.")
    if not text.strip():
        raise refuse("is blank. Write it, or leave the key out where it is not needed.")
    return unicodedata.normalize("NFC", text.strip())


def _real_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise refuse("no calendar has this day. Write a day that exists, YYYY-MM-DD.") from None
    return text


def _real_instant(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise refuse("no clock shows this instant. Write one that exists, YYYY-MM-DDTHH:MM:SSZ.") from None
    return text


def _quoted_rate(value: object) -> object:
    if isinstance(value, str) and value.strip().endswith("%"):
        digits = value.strip()[:-1].strip().replace(",", ".")
        known = digits.replace(".", "", 1).isdecimal() and digits.isascii() and len(digits) < 12
        example = f"{(Decimal(digits) / 100).normalize():f}" if known else "0.05"
        raise refuse(f'is a percentage. Write "{example}"; rates are decimals.')
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise refuse('is a number without quotes. Write it in quotes, such as "0.05"; rates are decimal text.')
    return value


def _one_select(text: str) -> str:
    if why := objection(text, "expression"):
        raise refuse(why)
    return text


def _condition(text: str) -> str:
    if why := objection(text, "where"):
        raise refuse(why)
    return text


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or not text.isprintable():
        raise refuse("is no address that a browser could open. Check its host and port.")
    return text


def _tables(text: str) -> str:
    if why := objection(text, "from"):
        raise refuse(why)
    return text


def _one_reading(formats: list[str]) -> list[str]:
    """Of a day and a month only the order may not differ: 03/04/2026 would be read by whichever stands first."""
    read = [text.replace("%m", "%d") for text in formats]
    if len(set(read)) < len(set(formats)):
        raise refuse("two formats differ only in the order of %d and %m. Keep the one the source writes.")
    return formats


def _strftime(text: str) -> str:
    found = text.replace("%%", "").split("%")[1:]
    if any(not part or part[0] not in "YmdHMSfzbBpI" for part in found):
        raise refuse("a directive is not accepted. Use %Y %m %d %H %M %S %f %z %b %B %I %p; years have four digits.")
    if not {"Y", "d"} <= {part[0] for part in found}:
        raise refuse("gives no whole day. A format needs %Y, a month and %d, such as %d/%m/%Y.")
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=600), AfterValidator(_nfc)]
Name = Annotated[str, StringConstraints(pattern=NAME)]
Word = Annotated[str, StringConstraints(pattern=WORD)]
ControlId = Annotated[str, StringConstraints(pattern=CONTROL)]
FileName = Annotated[str, StringConstraints(pattern=FILE)]
Test = Annotated[str, StringConstraints(pattern=TEST)]
Country = Annotated[str, StringConstraints(pattern=COUNTRY)]
Day = Annotated[str, StringConstraints(pattern=DAY), AfterValidator(_real_day)]
Instant = Annotated[str, StringConstraints(pattern=INSTANT), AfterValidator(_real_instant)]
Rate = Annotated[str, StringConstraints(pattern=RATE), BeforeValidator(_quoted_rate)]
Letter = Annotated[str, StringConstraints(pattern=LETTER)]
Opened = Annotated[str, StringConstraints(pattern=OPENED)]
Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
Pointer = Annotated[str, StringConstraints(pattern=POINTER)]
ChannelId = Annotated[str, StringConstraints(pattern=CHANNEL)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]
Url = Annotated[str, StringConstraints(pattern=URL), AfterValidator(_web_address)]
KeyPlace = Annotated[str, StringConstraints(pattern=KEY_PLACE)]
PlaceName = Annotated[str, StringConstraints(pattern=PLACE)]
ColumnName = Annotated[str, StringConstraints(pattern=COLUMN)]
Period = Annotated[str, StringConstraints(pattern=PERIOD)]
Faults = Annotated[str, StringConstraints(pattern=FAULTS)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_one_select)]
Condition = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_condition)]
Tables = Annotated[str, StringConstraints(min_length=1, max_length=8000), AfterValidator(_tables)]
DateFormat = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_strftime)]


DateFormats = Annotated[list[DateFormat], Field(min_length=1, max_length=6), AfterValidator(_one_reading)]


def _one_or_many(value: Any) -> str:
    return "<many>" if isinstance(value, list) else "<one>"


#: A union told apart by looking at it: a list, or one value. Its tags are no key that YAML could hold.
ONE_OR_MANY = Discriminator(_one_or_many)
ONE, MANY = Tag("<one>"), Tag("<many>")


class Sentence(Strict):
    """One sentence in the two languages of every page."""

    en: Text = Field(description="English")
    fr: Text = Field(description="French")


class PlanForm(Strict):
    """How a population is tested; what is not given keeps its default, or the control's own figure."""

    confidence: Rate | None = Field(None, description='confidence level between 0 and 1, such as "0.95"')
    tolerable: Rate | None = Field(None, description='tolerable rate of deviations between 0 and 1, such as "0.05"')
    expected: Rate | None = Field(None, description='expected rate of deviations, below the tolerable one, such as "0"')
    census: bool | None = Field(None, description="true: every unit is tested, whatever the rates say")
