"""What falls due: reviews, ends of documents and contracts, actions, entries of the register. The overdue first.

Source: docs/norm/controls.md, PRO-03, PRO-05, REG-03; docs/processors.md, "What falls due". Pure: the day is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias

from evidence_kit.rules.periods import add_months
from evidence_kit.rules.states import FOLLOWED, State

Rows: TypeAlias = Sequence[Mapping[str, Any]]
#: The year that people write for "without end".
ENDLESS: Final = 9999
REVIEW, ACTION, REGISTER = "review", "action", "register"
#: Frames that say what falls due. A frame that is not given says nothing: neither that all is well nor that it is not.
FRAMES: Final = (
    "processors",
    "provider_presence",
    "processor_reviews",
    "processor_documents",
    "processor_commitments",
    "register_activities",
)


class When(StrEnum):
    """Where a day stands beside the day of the measure, in the order people need them."""

    OVERDUE = "overdue"
    NEVER = "never"
    SOON = "soon"
    LATER = "later"
    ENDLESS = "endless"
    UNREADABLE = "unreadable"


#: What belongs in a list of what falls due; the rest is only counted.
DUE: Final = (When.OVERDUE, When.NEVER, When.SOON)
#: What has a day that somebody waits for.
DATED: Final = (When.OVERDUE, When.SOON, When.LATER)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that falls due. `kind`: review, action, register, or the kind of a document; `item`: its own id.

    `subject`: the provider, or the entry of the register; `on`: the day, None where there is none (never reviewed, a
    date nobody can read); `days` until it, below zero when it is past.
    """

    kind: str
    subject: str
    item: str
    on: date | None
    when: When
    days: int | None = None
    name: str | None = None

    @property
    def uid(self) -> str:
        """The same for the same thing in every run: what it is and whose, never when."""
        return "/".join((self.kind, self.subject, self.item))


def items(frames: Mapping[str, Rows], today: date, soon_days: int, register_months: int) -> tuple[Item, ...]:
    """Everything with a day of its own, the overdue first, then what was never done, then day by day.

    `frames`: rows by the name of their frame (FRAMES), days as YYYY-MM-DD text; what is not given is left out.
    """
    found: list[Item] = []
    everybody = {str(row["processor_id"]): row for row in frames.get("processors", ())}
    states = _states(everybody, frames.get("provider_presence", ()))
    found += _reviews(everybody, states, frames.get("processor_reviews"), today, soon_days)
    for row in frames.get("processor_documents", ()):
        if _alive(states, row) and _stated(row, "valid_until"):
            kind = str(row.get("kind") or "other")
            found.append(_dated(kind, row, row["document_id"], row["valid_until"], today, soon_days, everybody))
    for row in frames.get("processor_commitments", ()):
        open_ = row.get("kind") == ACTION and not _stated(row, "completed_on") and _stated(row, "due_on")
        if open_ and _alive(states, row):
            found.append(_dated(ACTION, row, row["commitment_id"], row["due_on"], today, soon_days, everybody))
    found += _register(frames.get("register_activities", ()), today, soon_days, register_months)
    return tuple(sorted(found, key=_order))


def falling_due(all_: Iterable[Item]) -> tuple[Item, ...]:
    """Those that are overdue, were never done, or fall due within the days asked for."""
    return tuple(one for one in all_ if one.when in DUE)


def place(on: date, today: date, soon_days: int) -> When:
    """Where a day stands. Due on the day itself is in time; the last of the days asked for is still soon.

    >>> place(date(2026, 3, 31), date(2026, 3, 31), 90)
    <When.SOON: 'soon'>
    """
    if on.year == ENDLESS:
        return When.ENDLESS
    if on < today:
        return When.OVERDUE
    return When.SOON if on <= today + timedelta(days=soon_days) else When.LATER


def _order(one: Item) -> tuple[int, date, str, str, str]:
    places = list(When)
    return places.index(one.when), one.on or date.min, one.subject, one.kind, one.item


def _states(everybody: Mapping[str, Mapping[str, Any]], presence: Rows) -> dict[str, str]:
    """Provider -> its state: the last move of the ledger counts, else what the portfolio says."""
    states = {name: str(row["status"]) for name, row in everybody.items() if row.get("status") is not None}
    moved = {str(row["processor_id"]): row.get("status_in_ledger") for row in presence}
    return states | {name: str(state) for name, state in moved.items() if state is not None}


def _alive(states: Mapping[str, str], row: Mapping[str, Any]) -> bool:
    """Whether the relation goes on; a provider whom the portfolio does not know is not known to have ended."""
    return states.get(str(row["processor_id"])) != State.TERMINATED


def _reviews(
    everybody: Mapping[str, Mapping[str, Any]],
    states: Mapping[str, str],
    reviews: Rows | None,
    today: date,
    soon_days: int,
) -> Iterator[Item]:
    if reviews is None:
        return  # nobody keeps reviews here: that is a finding of PRO-03, not a date
    held: dict[str, list[Mapping[str, Any]]] = {}
    for row in reviews:
        held.setdefault(str(row["processor_id"]), []).append(row)
    for name, provider in everybody.items():
        if states.get(name) not in FOLLOWED:
            continue
        told = _text(provider.get("name"))
        if name not in held:
            yield Item(REVIEW, name, "", None, When.NEVER, name=told)
            continue
        on = _next_review(held[name], provider.get("review_months"))
        yield _item(REVIEW, name, "", on, today, soon_days, told)


def _next_review(held: Rows, months: object) -> date | None:
    """The last review and the months of the tier; the day that review itself set, where that is earlier."""
    days = [(on, row) for row in held if (on := _day(row["reviewed_on"])) is not None]
    if not days or not isinstance(months, int):
        return None
    last, row = max(days, key=lambda one: one[0])
    stated = _day(row.get("next_due_on"))
    try:
        regular = add_months(last, months)
    except (ValueError, OverflowError):
        regular = date.max
    return regular if stated is None else min(stated, regular)


def _register(rows: Rows, today: date, soon_days: int, months: int) -> Iterator[Item]:
    for row in rows:
        if row.get("status") == "retired":
            continue
        subject, name = str(row["activity_id"]), _text(row.get("name"))
        if row["reviewed_on"] is None and not _stated(row, "reviewed_on"):
            yield Item(REGISTER, subject, "", None, When.NEVER, name=name)
            continue
        last = _day(row["reviewed_on"])
        yield _item(REGISTER, subject, "", last and _later(last, months), today, soon_days, name)


def _later(day: date, months: int) -> date:
    try:
        return add_months(day, months)
    except (ValueError, OverflowError):
        return date.max


def _stated(row: Mapping[str, Any], column: str) -> bool:
    """Whether the source says something there, be it a date that nobody can read."""
    return row.get(column) is not None or f"{column}=unreadable" in str(row.get("unreadable") or "")


def _dated(
    kind: str,
    row: Mapping[str, Any],
    item: object,
    value: object,
    today: date,
    soon_days: int,
    everybody: Mapping[str, Mapping[str, Any]],
) -> Item:
    subject = str(row["processor_id"])
    name = _text(everybody.get(subject, {}).get("name"))
    return _item(kind, subject, str(item), _day(value), today, soon_days, name)


def _item(kind: str, subject: str, item: str, on: date | None, today: date, soon_days: int, name: str | None) -> Item:
    if on is None:
        return Item(kind, subject, item, None, When.UNREADABLE, name=name)
    when = place(on, today, soon_days)
    return Item(kind, subject, item, on, when, None if when is When.ENDLESS else (on - today).days, name)


def _day(value: object) -> date | None:
    """A day, also where it comes as text; None for nothing and for what is no day."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
