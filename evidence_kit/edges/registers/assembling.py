"""One activity put together from labelled texts, whatever form they came in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from evidence_kit.edges.registers.labels import no_transfer, plain, word_of
from evidence_kit.model.register import CELLS, Activity, Notice, Place, Recipient, Stored
from evidence_kit.rules import article30

#: What the forms of the CNIL show until somebody writes there.
PROMPT = re.compile(r"cliquez ici.{0,40}")
NOBODY = re.compile(r"(none|aucun|aucune|neant|non|no|nobody|personne)( .*)?")
DAYS = (
    re.compile("(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})([ T].*)?"),
    re.compile("(?P<d>[0-9]{1,2})[/.-](?P<m>[0-9]{1,2})[/.-](?P<y>[0-9]{4})"),
)
OBJECT = re.compile(r"([a-z][a-z0-9_]{0,39})[.]([^:;\s](?:[^:;\n]{0,250}[^:;\s])?)(?:\s*:\s*([^;\n]+))?")
CONTACTS = {
    "controller": "Responsable du traitement",
    "joint": "Responsable conjoint",
    "representative": "Représentant",
    "officer": "Délégué à la protection des données",
}


def unfilled(text: str) -> bool:
    """Whether a text only holds a place: a dash, a question mark, “à compléter”; the controls count it as empty too."""
    return not article30.filled(text, none=True) or PROMPT.fullmatch(plain(text)) is not None


def day_of(text: str) -> date | None:
    """The day a text gives, as ISO or day/month/year; None for anything else."""
    for pattern in DAYS:
        if found := pattern.fullmatch(text.strip()):
            try:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                return None
    return None


def stored_in(text: str) -> tuple[Stored, ...] | None:
    """The objects of a text: `source.table: column, column; source.table`. None where it says something else."""
    found = []
    for part in re.split(r"[;\n]", text):
        if not part.strip():
            continue
        read = OBJECT.fullmatch(part.strip())
        if read is None:
            return None
        columns = tuple(name.strip() for name in (read[3] or "").split(",") if name.strip())
        found.append(Stored(read[1], read[2], columns))
    return tuple(found)


@dataclass(slots=True)
class Draft:
    """An activity being read. Texts of one column are joined in the order in which they were met."""

    place: Place
    texts: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    contacts: dict[str, list[str]] = field(default_factory=dict)
    recipients: list[str] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def add(self, column: str, text: str, item: str = "") -> None:
        """A text of a column; `item`: what it is about, where the column is a list."""
        if text.strip():
            self.texts.setdefault(column, []).append((item, text.strip()))

    def contact(self, who: str, text: str) -> None:
        """A contact of art. 30(1)(a): controller, joint, representative or officer."""
        if text.strip():
            self.contacts.setdefault(who, []).append(text.strip())

    def keep(self, label: str, text: str) -> None:
        """What no column of the kit has room for, under the label of its source; a label met twice keeps both."""
        told = self.kept.get(label)
        self.kept[label] = text if told is None else f"{told}\n{text}"

    def notice(self, code: str, text: str, place: Place | None = None) -> None:
        """Something a person should know."""
        self.notices.append(Notice(code, place or self.place, text))

    def one(self, column: str) -> str | None:
        """All texts of a column as one; a place holder alone stands bare, so that nobody takes it for an answer."""
        parts = self.texts.get(column, [])
        said = [(item, text) for item, text in parts if not unfilled(text)]
        if not said:
            return parts[0][1] if parts else None
        open_ones = [(item, text) for item, text in parts if unfilled(text) and plain(text)]
        return "; ".join(dict.fromkeys(f"{item}: {text}" if item else text for item, text in (*said, *open_ones)))

    def filled(self) -> bool:
        """Whether anything stands there that is more than a place holder."""
        return any(not unfilled(text) for parts in self.texts.values() for _, text in parts)

    def activity(self, activity_id: str, name: str) -> Activity:
        """The activity, with its words settled; what they do not say is noted and kept."""
        capacity, medium, status = (self._word(column) for column in ("capacity", "medium", "status"))
        joint = any(not unfilled(text) for text in self.contacts.get("joint", ()))
        clients = self.one("client_categories")
        if capacity is None:
            capacity = (
                "joint_controller" if joint else "processor" if clients and not unfilled(clients) else "controller"
            )
        cells: dict[str, str | None] = {column: self.one(column) for column in CELLS}
        cells["controller_contact"] = self._contact()
        if cells["third_countries"] and no_transfer(cells["third_countries"]):
            cells["third_countries"] = "none"
        return Activity(
            activity_id,
            name,
            capacity,
            medium or "digital",
            **cells,
            reviewed_on=self._reviewed(),
            status=status or "active",
            objects=self._objects(),
            recipients=tuple(Recipient(each) for each in dict.fromkeys(self._received())),
            kept=self.kept,
            place=self.place,
        )

    def _word(self, column: str) -> str | None:
        text = self.one(column)
        if text is None or unfilled(text):
            return None
        word = word_of(column, text)
        if word is None:
            self.notice(
                "words-unknown", f"this is no {column} that the kit knows; it is kept beside, and none is taken."
            )
            self.keep(column, text)
        return word

    def _contact(self) -> str | None:
        told = [*self.contacts.get("controller", ()), *(text for _, text in self.texts.get("controller_contact", ()))]
        others = {who: self.contacts.get(who, []) for who in ("joint", "representative", "officer")}
        beside = {who: [text for text in texts if not unfilled(text)] for who, texts in others.items()}
        said = [text for text in told if not unfilled(text)]
        if not any(beside.values()):
            return "; ".join(dict.fromkeys(said)) or (told[0] if told else None)
        named = {"controller": said, **beside}
        return "; ".join(f"{CONTACTS[who]}: {', '.join(dict.fromkeys(texts))}" for who, texts in named.items() if texts)

    def _reviewed(self) -> date | None:
        text = self.one("reviewed_on")
        if text is None or unfilled(text):
            return None
        if (found := day_of(text)) is None:
            self.notice("dates-unreadable", "the day of the last review cannot be read. Write it as 2026-01-31.")
            self.keep("reviewed_on", text)
        return found

    def _objects(self) -> tuple[Stored, ...]:
        text = self.one("objects")
        if text is None or unfilled(text):
            return ()
        if (found := stored_in(text)) is None:
            why = "what is stored is not named as `source.table: column, column`; it is kept beside, and not compared."
            self.notice("objects-unreadable", why)
            self.keep("objects", text)
        return found or ()

    def _received(self) -> Iterable[str]:
        yield from (name for name in self.recipients if not unfilled(name))
        if not self.recipients:
            for item, text in self.texts.get("recipient_categories", ()):
                for part in re.split(r"[;\n]", item + ": " + text if item else text):
                    if part.strip() and not unfilled(part) and not NOBODY.fullmatch(plain(part)):
                        yield part.strip()


def checked(activities: Iterable[Activity]) -> list[Notice]:
    """Notices of names met twice: such activities stay two. Raises Twice for an identifier met twice."""
    met: dict[str, Activity] = {}
    named: dict[str, Activity] = {}
    notices = []
    for one in activities:
        if (first := met.setdefault(one.activity_id, one)) is not one:
            raise Twice(first.place, one.place)
        if (first := named.setdefault(plain(one.name), one)) is not one:
            text = f"another activity has this name ({first.place.as_text()}). Both are kept; none is merged."
            notices.append(Notice("names-twice", one.place, text))
    return notices


class Twice(ValueError):
    """Two activities with one identifier."""

    def __init__(self, first: Place, second: Place) -> None:
        self.first, self.second = first, second
        super().__init__(
            f"{second.as_text()}: another activity has this identifier ({first.as_text()}). Give each its own."
        )


def labelled(draft: Draft, given: Mapping[str, str], columns: Mapping[str, str]) -> None:
    """Put the texts of one row into a draft. `columns`: label → column or actor; a label without one is kept."""
    for label, text in given.items():
        column = columns.get(label)
        if column is None:
            draft.keep(label, text)
        elif column in CONTACTS:
            draft.contact(column, text)
        elif column == "controller_contact":
            draft.contact("controller", text)
        else:
            draft.add(column, text)
