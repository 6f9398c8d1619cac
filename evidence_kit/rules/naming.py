"""What the name of a column says of a person: its class, how sure, and by which rule. French and English.

Only the name and the name of its table are read; what the values look like is judged elsewhere, and a person's word
goes before both. `None`: the name says nothing of a person. Source: docs/register.md, "How a column is classified".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

from evidence_kit.rules import naming_words as words

#: How sure a rule is, in percent: the word has one meaning; it has that meaning here; it may well have it.
SURE, LIKELY, PERHAPS = 90, 75, 60
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Named:
    """What a name says. `personal_class`: a word of `schema_columns`; `confidence`: percent; `reason`: a code."""

    personal_class: str
    confidence: int
    reason: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name cut into words, the words of its table, and those of the columns beside it."""

    words: tuple[str, ...]
    where: tuple[str, ...]
    beside: frozenset[str]

    def has(self, *phrases: str) -> bool:
        """Whether all words of one of the phrases are there, in any order: `nom_client` is `customer name`."""
        return any(set(phrase.split()) <= set(self.words) for phrase in phrases)

    def reads(self, phrase: str) -> bool:
        """Whether the words of the phrase stand there one after the other."""
        return f" {phrase} " in f" {' '.join(self.words)} "

    def only(self, *phrases: str) -> bool:
        """Whether the name is one of the phrases, and nothing else."""
        return any(set(phrase.split()) == set(self.words) for phrase in phrases)

    def in_one(self, places: Collection[str]) -> bool:
        """Whether a word of the table is one of these."""
        return bool(self.place & frozenset(places))

    def in_all(self, phrase: str) -> bool:
        """Whether all words of the phrase stand in the name of the table."""
        return set(phrase.split()) <= self.place

    @property
    def somebody(self) -> bool:
        """Whether one of the words is a noun for a person."""
        return bool(set(self.words) & words.PERSONS)

    @property
    def of_record(self) -> bool:
        """Whether it speaks of the record, or of a machine."""
        return bool(set(self.words) & words.OF_A_RECORD)

    @property
    def dated(self) -> bool:
        """Whether it is the time of something."""
        return bool({"at", "on", "date", "time", "until"} & set(self.words))

    @property
    def of_people(self) -> bool:
        """Whether the table keeps a row a person. Its last word says of what it is a list."""
        last = next((word for word in reversed(self.where) if word not in words.TAILS and not word.isdigit()), "")
        return last in words.PERSON_OBJECTS and not self.place & words.MACHINE_OBJECTS

    @property
    def place(self) -> frozenset[str]:
        """The words of the table, in no order."""
        return frozenset(self.where)

    @property
    def of_machines(self) -> bool:
        """Whether the table is about machines, or about what is sent to everybody."""
        return bool(self.place & words.MACHINE_OBJECTS)


Test = Callable[[Name], bool]


def named(column: str, object_: str = "", beside: Collection[str] = ()) -> Named | None:
    """What the name of a column says; None when it says nothing of a person.

    `object_`: its table, `beside`: the other columns of it; both only help where a word has several meanings. A name of
    which nobody can say what it holds (`custom_1`) is of class `unknown`.
    """
    name = Name(tokens(column), tokens(object_), _together(frozenset(beside)))
    if not name.words:
        return None
    for personal_class, confidence, reason, test in RULES:
        if test(name):
            return Named(personal_class, confidence, reason)
    return None


@lru_cache(maxsize=4096)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, in order: `dateNaissance`, `date_naissance` and `DATE-NAISSANCE` are `date birth`."""
    plain = unicodedata.normalize("NFKD", name[:LONGEST])
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found: list[str] = []
    for part in PART.findall(plain):
        found += words.STANDS_FOR.get(part.lower(), _one(part.lower())).split()
    return tuple(found)


def _one(word: str) -> str:
    """A word without the s of its plural, and what that stands for."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    single = word[:-3] + "y" if word.endswith("ies") else word[:-2] if word.endswith("sses") else word[:-1]
    return words.STANDS_FOR.get(single, single)


@lru_cache(maxsize=256)
def _together(names: frozenset[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in tokens(name))


def _special(name: Name) -> bool:
    return name.has(*words.SPECIAL) and not name.has("health check", "health status code")


def _criminal(name: Name) -> bool:
    return name.has("criminal", "conviction", "offence", "casier") and not name.of_record


def _money(name: Name) -> bool:
    return name.has(*words.MONEY) and not (name.of_record or name.has("id"))


def _card(name: Name) -> bool:
    """What stands on a card of payment: its number, its code, the name on it."""
    return name.in_all("payment card") and name.only("name", "code", "number", "expiry", "holder")


def _credential(name: Name) -> bool:
    if name.has(*words.CREDENTIALS):
        return not (name.dated or name.has("login") or name.of_record)
    token = name.has("token", "cookie", "secret") and not name.dated
    return token and name.in_one(words.PERSONS | {"session"}) and not name.of_machines


def _birth(name: Name) -> bool:
    return name.has("birth") or (name.only("age") and name.of_people)


def _official(name: Name) -> bool:
    return (name.has(*words.OFFICIAL) or name.reads("id card")) and not (name.of_record or name.has("payment"))


def _place_seen(name: Name) -> bool:
    """Where somebody was when they did it: found by their device, not told by them."""
    seen = name.has("country", "city", "region") and name.in_one(words.TRAILS)
    return name.has("geo", "gps", "ip country") or seen


def _device(name: Name) -> bool:
    if name.has("ip") and not (name.of_record or name.has("id")):
        return not (name.of_machines or "ip" in name.place)
    return name.has(*words.DEVICES)


def _mail(name: Name) -> bool:
    if name.only("email id"):
        return True
    return name.has("email") and not (name.of_record or name.dated or name.has("id", "token"))


def _phone(name: Name) -> bool:
    return name.has("phone", "fax", "mobile number") and not (name.of_record or name.dated or name.has("id"))


def _names(name: Name) -> bool:
    if name.of_record:
        return False
    return name.has(*words.NAMES) or (name.has("name") and name.somebody and not name.has("key", "file", "table"))


def _behaviour(name: Name) -> bool:
    if name.has("user agent", "referrer", "browser", "browsing", "device"):
        return not name.of_record
    if name.has("last") and name.has(*words.ACTS):
        return not (name.has("id") or name.of_machines)
    consent = (name.has("consent") and name.dated) or name.has("opt in", "opt out", "interest")
    return name.has(*words.COUNTED_ACTS) or (consent and not name.of_machines)


def _person_id(name: Name) -> bool:
    keyed = name.has("id", "uuid", "uid", "key", "digest", "hash", "ref", "code")
    about = set(name.words) & (words.PERSONS - {"parent", "child", "sender", "agent"})
    other = name.has("role", "property", "provider", "type", "pool", "secret", "index", "user agent") or name.of_record
    # `last_subscriber_id` on a campaign is how far it came, nobody's key.
    return keyed and bool(about) and not other and not (name.has("last") and name.of_machines)


def _correspondent(name: Name) -> bool:
    if name.has("reply to", "recipient to", "from address", "to address") and not name.has("in"):
        return not name.of_record
    addressed = words.LETTERS | {"template", "rule"}
    return name.only("from", "to", "cc", "bcc", "from text", "to text") and name.in_one(addressed)


def _address(name: Name) -> bool:
    if name.of_record or name.dated or name.has("id", "ip", "mac", "url"):
        return False
    return name.has("address", "street", "postal code", "zip")


def _town(name: Name) -> bool:
    """A town, a state, a country: of a person where the table is of people or keeps an address beside it."""
    if name.of_record or name.has("id") or not name.has("city", "state", "country", "county", "house", "province"):
        return False
    addressed = {"address", "street", "zip"} & (name.beside | set(name.words) | name.place) or name.has("billing")
    return bool(addressed) or (name.of_people and not name.has("state"))


def _handle(name: Name) -> bool:
    return name.only(*words.HANDLES) and not name.of_machines


def _language(name: Name) -> bool:
    return name.only("language", "time zone", "preferred language") and name.of_people


def _free_text(name: Name) -> bool:
    if name.has("id") or name.of_record or name.dated:
        return False
    if name.has(*words.WRITTEN) or (name.only("note", "private note") and not name.of_machines):
        return True
    letters = name.in_one(words.LETTERS | {"delivery"}) and not name.in_one(words.NO_LETTERS)
    return letters and name.has(*words.LETTER_PARTS) and not name.has("source", "threat", "spam")


def _bag(name: Name) -> bool:
    """A bag of anything, kept on a person or on what is theirs."""
    theirs = name.in_one(words.PERSONS | {"session", "bounce"}) and not name.in_one({"provider", "secret", "setting"})
    corrected = name.in_one({"correction", "rectification"}) and name.has("value")
    return (theirs and name.only(*words.BAGS)) or corrected


def _acted(name: Name) -> bool:
    """Somebody named by what they did: `author`, `operator`, `created_by`."""
    by = name.has("by") and name.has(*words.DONE)
    lone = set(name.words) <= words.PERSONS - {"subject", "contact", "client", "parent", "child", "worker"}
    return by or name.has("assigned to", "report to", "composer") or lone


def _job(name: Name) -> bool:
    titled = name.only("title", "job", "department", "grade") and name.in_one({"employee", "person", "staff"})
    return titled or name.has("job title")


def _suppressed(name: Name) -> bool:
    listed = {"suppression", "blocklist", "blacklist", "denylist", "optout", "unsubscribe"}
    return name.in_one(listed) and name.only("entry", "digest", "hash", "value", "address hash", "name")


def _row_of_person(name: Name) -> bool:
    return name.of_people and name.only(*words.OF_SOMEBODY)


def _session(name: Name) -> bool:
    return name.in_one({"session"}) and name.only("id", "session id")


def _trail(name: Name) -> bool:
    """What somebody did, in tables that keep nothing else."""
    if name.in_one(words.TRAILS) and name.only("url", "page", "link", "uri"):
        return True
    if name.in_one({"message", "email", "letter"}) and name.only("loaded", "click", "open", "opened"):
        return True
    return name.in_one({"login", "loyalty", "visit"}) and name.only("time", "point", "tier")


def _says_nothing(name: Name) -> bool:
    plain = {word for word in name.words if not word.isdigit()}
    return plain <= words.SAYS_NOTHING and (len(plain) < len(set(name.words)) or not plain <= words.ORDINARY)


#: In this order: what weighs most first, what needs its table last.
RULES: tuple[tuple[str, int, str, Test], ...] = (
    ("special", SURE, "name-special-category", _special),
    ("special", SURE, "name-criminal", _criminal),
    ("financial", SURE, "name-money", _money),
    ("financial", LIKELY, "name-card", _card),
    ("identifier", SURE, "name-credential", _credential),
    ("identifier", SURE, "name-birth", _birth),
    ("identifier", SURE, "name-official-number", _official),
    ("behaviour", LIKELY, "name-place-seen", _place_seen),
    ("identifier", LIKELY, "name-device", _device),
    ("contact", SURE, "name-email", _mail),
    ("contact", SURE, "name-phone", _phone),
    ("identifier", SURE, "name-of-person", _names),
    ("behaviour", LIKELY, "name-behaviour", _behaviour),
    ("identifier", LIKELY, "name-person-id", _person_id),
    ("contact", LIKELY, "name-correspondent", _correspondent),
    ("contact", LIKELY, "name-address", _address),
    ("contact", PERHAPS, "name-place", _town),
    ("contact", PERHAPS, "name-handle", _handle),
    ("contact", PERHAPS, "name-language", _language),
    ("content", LIKELY, "name-free-text", _free_text),
    ("content", PERHAPS, "name-bag", _bag),
    ("identifier", PERHAPS, "name-who-acted", _acted),
    ("identifier", PERHAPS, "name-job", _job),
    ("identifier", PERHAPS, "name-suppressed", _suppressed),
    ("identifier", PERHAPS, "name-row-of-person", _row_of_person),
    ("identifier", PERHAPS, "name-session", _session),
    ("behaviour", PERHAPS, "name-trail", _trail),
    ("unknown", PERHAPS, "name-says-nothing", _says_nothing),
)
