"""The texts of one case turned into days, in the order the norm tests them; the first impossible one is the answer.

Source: docs/norm/deadlines.md, "Verdicts". Days are compared, not instants; only an answer
older than its request is seen by the instant too, where both have a time of day.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import TypeAlias

from evidence_kit.model.deadline import Case, Extension, Pause, Reopening
from evidence_kit.rules.instants import LocalDay, Refused, read_day

NEVER_COUNT = frozenset({"internal", "processor", "staff-leave", "wrong-mailbox"})
MAY_COUNT = frozenset({"identity", "clarification", "fee"})

Read: TypeAlias = Callable[[str], date]


@dataclass(frozen=True, slots=True)
class Asked:
    """A pause with its days; `answered` is None when the person never answered."""

    pause: Pause
    asked: date
    answered: date | None


@dataclass(frozen=True, slots=True)
class Chronology:
    """The days of one case at the controller, under one reading of the texts without offset."""

    received: LocalDay
    as_of: date
    closed: date | None
    reopened: date | None
    closed_again: date | None
    pauses: tuple[Asked, ...]
    notified: date | None
    given: date | None


def texts(case: Case) -> Iterator[str]:
    """Every text of the case's own log that a day is read from."""
    yield from filter(None, (case.received_at, case.closed_at, case.due_given_on))
    if case.reopened:
        yield from filter(None, (case.reopened.at, case.reopened.closed_again_at))
    for pause in case.pauses:
        yield from filter(None, (pause.asked_at, pause.answered_at))
    if case.extension:
        yield case.extension.notified_at


def settle(case: Case, where: tzinfo, naive_in: tzinfo) -> Chronology:
    """The days of `case` in the zone `where`, texts without offset read in `naive_in`.

    The evaluation is the engagement's own: without offset it is local. Raises Refused with the first ERROR met.
    """

    def read(text: str) -> date:
        return read_day(text, where, naive_in).on

    if case.received_at is None:
        raise Refused("received-missing")
    received = read_day(case.received_at, where, naive_in)
    as_of = read_day(case.as_of, where, where).on
    if received.on > as_of:
        raise Refused("received-in-the-future")
    closed = None
    if case.closed_at is not None:
        closing = read_day(case.closed_at, where, naive_in)
        closed = closing.on
        if closed < received.on or _earlier(closing, received):
            raise Refused("closed-before-received")
        if closed > as_of:
            raise Refused("closed-in-the-future")
    reopened, closed_again = _reopening(case.reopened, read, closed, as_of)
    return Chronology(
        received=received,
        as_of=as_of,
        closed=closed,
        reopened=reopened,
        closed_again=closed_again,
        pauses=tuple(_pause(pause, read, received.on, as_of) for pause in case.pauses),
        notified=_event(case.extension, read, received.on, as_of),
        given=None if case.due_given_on is None else read(case.due_given_on),
    )


def _earlier(closing: LocalDay, received: LocalDay) -> bool:
    """Whether the answer left before the request came, on one and the same day."""
    return closing.moment is not None and received.moment is not None and closing.moment < received.moment


def _reopening(
    reopened: Reopening | None, read: Read, closed: date | None, as_of: date
) -> tuple[date | None, date | None]:
    """The days of the reopening and of the last closing."""
    if reopened is None:
        return None, None
    if closed is None:
        raise Refused("reopened-but-never-closed")
    day = read(reopened.at)
    if day < closed:
        raise Refused("reopened-before-closed")
    if day > as_of:
        raise Refused("event-in-the-future")
    if reopened.closed_again_at is None:
        return day, None
    again = read(reopened.closed_again_at)
    if again < day:
        raise Refused("closed-before-reopened")
    if again > as_of:
        raise Refused("closed-in-the-future")
    return day, again


def _pause(pause: Pause, read: Read, received: date, as_of: date) -> Asked:
    """The days of one pause, whether or not it counts."""
    if pause.kind not in NEVER_COUNT | MAY_COUNT:
        raise Refused("unknown-pause-kind")
    asked = _within(read(pause.asked_at), received, as_of)
    if pause.answered_at is None:
        return Asked(pause, asked, None)
    answered = read(pause.answered_at)
    if answered < asked:
        raise Refused("answered-before-asked")
    return Asked(pause, asked, _within(answered, received, as_of))


def _event(extension: Extension | None, read: Read, received: date, as_of: date) -> date | None:
    """The day on which an extension was told."""
    return _within(read(extension.notified_at), received, as_of) if extension else None


def _within(day: date, received: date, as_of: date) -> date:
    """The day itself, when it lies between receipt and evaluation, both included."""
    if day < received:
        raise Refused("event-before-receipt")
    if day > as_of:
        raise Refused("event-in-the-future")
    return day
