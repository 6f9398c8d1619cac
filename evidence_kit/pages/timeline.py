"""What happened to a case, day by day: the dated events of its evidence and the last days in time, once each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from evidence_kit.model.evidence import FRAMES
from evidence_kit.pages import blocks as b
from evidence_kit.pages.casefile import CaseFile, Said
from evidence_kit.pages.parts import NONE, anchor, columns, control_page, day, evidence_row, moment, say
from evidence_kit.pages.payload import Node

#: The dated steps of a request, in the order of the log's columns.
STEPS = tuple(column.name for column in FRAMES["request_log"].columns if column.kind == "timestamp")
#: What the log calls the moment at which a letter of each kind left.
LETTERS = {
    "acknowledgement": ("acknowledged_at",),
    "answer": ("responded_at", "responded_again_at"),
    "refusal": ("responded_at", "responded_again_at"),
    "extension": ("extension_notified_at",),
    "forward": ("forwarded_at",),
}
_FULL = 1000


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, or (`limit`) the last day on which it would have been in time.

    `local`: the day where the organisation is; `instant`: the moment as the evidence has it; either may be None.
    """

    label: b.Inline
    local: Node | None
    instant: Node | None
    source: b.Inline
    limit: bool = False

    @property
    def on(self) -> str:
        """The day it stands at, as text that sorts; a value that is no day sorts as it is."""
        node = self.local or self.instant
        return "" if node is None else node.text[:10]

    @property
    def at(self) -> str:
        """The moment as text that sorts; empty where there is only a day."""
        return "" if self.instant is None else self.instant.text

    @property
    def when(self) -> date | None:
        """The day it stands at; None where the evidence holds no readable one."""
        try:
            return date.fromisoformat(self.on)
        except ValueError:
            return None


def events(case: CaseFile) -> tuple[Event, ...]:
    """Every dated event of the case in order, each once whatever the number of controls that read it."""
    found: dict[tuple[str, ...], Event] = {}
    for said in case.said:
        for key, event in (*_steps(said), *_messages(said), *_due(said)):
            found.setdefault(key, event)
    logged = frozenset((key[0], key[1]) for key in found)
    for said in case.said:
        for key, event in _letters(said, logged):
            found.setdefault(key, event)
    return tuple(sorted(found.values(), key=lambda each: (each.on, each.limit, each.at)))


def _steps(said: Said) -> Iterator[tuple[tuple[str, ...], Event]]:
    for row in said.read.get("request_log", ()):
        for step in STEPS:
            if not _absent(row, step):
                yield (step, row[step].text), _event(said, "request_log", row, step, step)


def _messages(said: Said) -> Iterator[tuple[tuple[str, ...], Event]]:
    for row in said.read.get("mailbox_messages", ()):
        if not _absent(row, "received_at"):
            yield ("message", row["received_at"].text), _event(said, "mailbox_messages", row, "received_at", "message")


def _letters(said: Said, logged: frozenset[tuple[str, str]]) -> Iterator[tuple[tuple[str, ...], Event]]:
    """Letters that left at another moment than the log says, or of which it says nothing."""
    for row in said.read.get("request_replies", ()):
        if _absent(row, "sent_at") or _absent(row, "kind"):
            continue
        kind, sent = row["kind"].text, row["sent_at"].text
        if not any((step, sent) in logged for step in LETTERS.get(kind, ())):
            yield ("letter", kind, sent), _event(said, "request_replies", row, "sent_at", f"letter.{kind}")


def _absent(row: Node, column: str) -> bool:
    return column not in row or row[column].absent


def _event(said: Said, frame: str, row: Node, column: str, name: str) -> Event:
    local = f"{column}_local"
    source = b.Link(evidence_row(said.control, frame, row["id"].value), b.Text(frame))
    return Event(b.Code("event", name), None if _absent(row, local) else row[local], row[column], source)


def _due(said: Said) -> Iterator[tuple[tuple[str, ...], Event]]:
    if said.row["due_on"].absent:
        return
    link = b.Link(control_page(said.control, said.position) + "#" + anchor(said.row["unit"].text), b.Text(said.control))
    label = say("event.due", control=b.Text(said.control))
    yield ("due", said.control), Event(label, said.row["due_on"], None, link, limit=True)


def drawing(found: tuple[Event, ...]) -> b.Timeline | None:
    """The events as a picture, first day at the left and last day at the right; None when no day can be read."""
    dated = [(each, each.when) for each in found]
    days = [when for _, when in dated if when is not None]
    if not days:
        return None
    span = max(1, (max(days) - min(days)).days)
    moments = tuple(
        b.Moment(each.label, _FULL * (when - min(days)).days // span, each.limit)
        for each, when in dated
        if when is not None
    )
    at = {when: each for each, when in dated if when is not None}
    ends = [_day(at[when]) for when in (min(days), max(days))]
    return b.Timeline(say("sheet.time"), say("sheet.time.about"), moments, ends[0], ends[1])


def _day(event: Event) -> b.Inline:
    node = event.local or event.instant
    return NONE if node is None else moment(node, short=True)


def table(found: tuple[Event, ...]) -> b.Table:
    """The same events with their moments and the rows of evidence that state them."""
    rows = tuple(
        b.Row(
            (
                b.Cell(each.label),
                b.Cell(NONE if each.local is None else day(each.local, short=True)),
                b.Cell(say("sheet.whole_day") if each.instant is None else moment(each.instant, short=True)),
                b.Cell(each.source),
            )
        )
        for each in found
    )
    heads = columns("event", "day:d", "instant:d", "source_row")
    return b.Table(say("sheet.events"), heads, rows, say("sheet.events.none"))
