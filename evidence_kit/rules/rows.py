"""Reading one unit's rows: its local days, its letters, and what is answered by a yes, a no or a silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from evidence_kit.model.outcome import Answer, Mark
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms
from evidence_kit.rules.deadlines import local_day

Rows = Mapping[str, tuple[Row, ...]]


def day(row: Row, column: str) -> date | None:
    """The local day that the frame keeps beside a time; None where nothing happened, or nothing is known."""
    value = row.get(column + "_local")
    return None if value is None else date.fromisoformat(str(value))


def today(terms: Terms) -> date:
    """The local day of the cut-off."""
    return local_day(terms.as_of, terms.timezone)


def earliest(rows: Iterable[Row], column: str) -> Row | None:
    """The row with the earliest time in `column`; rows without one do not count."""
    dated = [row for row in rows if day(row, column) is not None]
    return min(dated, key=lambda row: (day(row, column), str(row[column])), default=None)


def not_after(row: Row, first: str, second: str) -> bool:
    """Whether `first` came no later than `second`: as instants where both are, as local days otherwise.

    Both are known: null is the caller's business. Raises TypeError otherwise.
    """
    one, two = str(row[first]), str(row[second])
    if "T" in one and "T" in two:
        return datetime.fromisoformat(one) <= datetime.fromisoformat(two)
    early, late = day(row, first), day(row, second)
    if early is None or late is None:
        raise TypeError(f"{first} or {second} is not known")
    return early <= late


def stated(letter: str, said: Iterable[object], no: str, unread: str) -> Answer:
    """Whether some letter says yes; FAIL `no` when all that were read say no, missing `unread` when none was read."""
    met = set(said)
    if True in met:
        return Answer(letter, Mark.PASS)
    return Answer(letter, Mark.FAIL, no) if met == {False} else Answer(letter, Mark.MISSING, unread)


def missing(letters: str, reason: str) -> tuple[Answer, ...]:
    """All these attributes unable to be tested, for one reason."""
    return tuple(Answer(letter, Mark.MISSING, reason) for letter in letters)


def not_asked(letter: str) -> Answer:
    """An attribute that does not apply to this unit."""
    return Answer(letter, Mark.NA)
