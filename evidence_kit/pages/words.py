"""The words of one language: catalogue, numbers, days. Read from `locales/{en,fr}.po` as they are, without compiling.

A message's key is its msgid; its sentence is whole, punctuation included, with places in braces. French spaces before
`; ! ? % :` and inside guillemets are made unbreakable when the catalogue is read: so the rule touches sentences of
ours and never a digest, an identifier or a clause that is put into them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from babel import Locale
from babel.dates import get_day_names, get_month_names
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, get_decimal_symbol

LANGUAGES = ("en", "fr")
VERDICTS = ("PASS", "FAIL", "ERROR", "INCONCLUSIVE")
NARROW, NO_BREAK, MINUS = "\u202f", "\u00a0", "\u2212"

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z?)")
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def french_spaces(text: str) -> str:
    """The sentence with its French no-break spaces: narrow before `; ! ? %` and in guillemets, whole before `:`."""
    text = re.sub(r" ([;!?%])", NARROW + r"\1", text)
    text = re.sub(r" :", NO_BREAK + ":", text)
    return text.replace("« ", "«" + NARROW).replace(" »", NARROW + "»")


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `messages`: key -> its sentence, or (singular, plural). `month_names`: by whether short."""

    language: str
    locale: Locale
    messages: Mapping[str, tuple[str, ...]]
    month_names: Mapping[bool, tuple[str, ...]]

    def knows(self, key: str) -> bool:
        """Whether the catalogue has this message."""
        return key in self.messages

    def text(self, key: str, count: int | None = None) -> str:
        """The sentence of this key, for `count` things. Raises ValueError when the catalogue has none."""
        forms = self.messages.get(key)
        if forms is None:
            raise ValueError(f"locales/{self.language}.po: the message {key} is missing")
        if len(forms) == 1:
            return forms[0]
        if count is None:
            raise ValueError(f"{key}: this message has a plural and needs a count")
        return forms[0 if self.locale.plural_form(count) == "one" else 1]

    def pieces(self, key: str, count: int | None = None) -> tuple[tuple[str, str], ...]:
        """The sentence cut at its places: (words, name of the place that follows or "")."""
        cut = _PLACE.split(self.text(key, count))
        return tuple(zip(cut[::2], (*cut[1::2], ""), strict=True))

    def word(self, verdict: str) -> str:
        """The word of a verdict, as words.json tells it to the verifier."""
        return self.text(f"verdict.{verdict}")

    def integer(self, value: str) -> str:
        """A count: digits grouped as the language does, U+2212 for minus."""
        if len(value) < 4 and value.isdecimal():
            return value  # most of them, and Babel is slow
        return format_decimal(int(value), locale=self.locale).replace("-", MINUS)

    def decimal(self, value: str) -> str:
        """Decimal text, every digit kept: `10.10` is `10,10` in French."""
        whole, _, fraction = value.removeprefix("-").partition(".")
        sign = MINUS if value.startswith("-") else ""
        return sign + self.integer(whole) + (get_decimal_symbol(self.locale) + fraction if fraction else "")

    def day(self, value: str, *, short: bool = False) -> str:
        """`2026-03-02` as `2 March 2026`, `2 mars 2026`; the first of a month is `1er` in French."""
        found = _DAY.fullmatch(value)
        if found is None:
            raise ValueError("a day is written YYYY-MM-DD")
        year, month, day = found.groups()
        number = str(int(day)) + ("er" if self.language == "fr" and day == "01" else "")
        return f"{number} {self.months(short=short)[int(month) - 1]} {year}"

    def moment(self, value: str, *, short: bool = False) -> str:
        """An instant as `2 March 2026, 14:03:22 UTC`, to the second; a local moment has no zone."""
        found = _MOMENT.fullmatch(value)
        if found is None:
            raise ValueError("an instant is written YYYY-MM-DDTHH:MM:SS")
        day, clock, _, zone = found.groups()
        return f"{self.day(day, short=short)}, {clock}{' UTC' if zone else ''}"

    def months(self, *, short: bool = False) -> tuple[str, ...]:
        """January to December."""
        return self.month_names[short]

    def weekday(self, day: str, name: str) -> str:
        """`name` in this language when it is the English weekday of `day`; a holiday keeps its name."""
        number = date.fromisoformat(day).weekday()
        if name != get_day_names("wide", locale="en")[number]:
            return name
        return str(get_day_names("wide", locale=self.locale)[number])

    def listed(self, parts: Sequence[str]) -> str:
        """`A, B and C`."""
        return str(format_list(list(parts), locale=self.locale))

    def record(self) -> dict[str, object]:
        """This language's entry in site/words.json."""
        return {
            "language": self.language,
            "verdicts": [{"verdict": verdict, "word": self.word(verdict)} for verdict in VERDICTS],
            "months": list(self.months()),
            "months_short": list(self.months(short=True)),
        }


@cache
def words(language: str) -> Words:
    """The words of `en` or `fr`. English months are the British ones, for `2 March 2026` has their order."""
    with resources.files(__package__).joinpath(f"locales/{language}.po").open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    mend = french_spaces if language == "fr" else str
    messages = {}
    for message in catalogue:
        if not message.id:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if not all(forms):
            raise ValueError(f"locales/{language}.po: the message {key} is empty")
        messages[key] = tuple(mend(form) for form in forms)
    locale = Locale.parse("en_GB" if language == "en" else language)
    return Words(language, locale, messages, {short: _months(locale, short=short) for short in (False, True)})


def _months(locale: Locale, *, short: bool) -> tuple[str, ...]:
    names = get_month_names("abbreviated" if short else "wide", locale=locale)
    return tuple(names[number] for number in range(1, 13))
