"""What falls due, as a picture of the coming weeks and as a table; and providers that may be one under two spellings.

The days are worked out from the evidence of the bundle alone, by the rule that the command uses.
Source: docs/processors.md, "What falls due" and "Names".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from evidence_kit.pages import blocks as b
from evidence_kit.pages.drawings import Grid, Square
from evidence_kit.pages.parts import NONE, columns, day, evidence_row, say
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.rules import due
from evidence_kit.rules.deadlines import local_day
from evidence_kit.rules.due import Item, When

CONTROL = "PRO-03"
#: Frame -> the control whose evidence has it for every provider that is followed.
OF = dict.fromkeys(due.FRAMES, CONTROL) | {"processor_commitments": "PRO-05", "register_activities": "REG-02"}
#: Frame -> kind of what it tells of (None: its own column says), the identifiers, the day.
DAYS = {
    "processor_documents": (None, ("processor_id", "document_id"), "valid_until"),
    "processor_commitments": (due.ACTION, ("processor_id", "commitment_id"), "due_on"),
}
#: Weeks of the picture: three months.
WEEKS = 14
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TONES = {When.OVERDUE: "FAIL", When.NEVER: "FAIL", When.SOON: ""}
FILE = "due.ics"


@dataclass(frozen=True, slots=True)
class Measured:
    """What the evidence says of due days at the cut-off. `nodes`: item -> its row of evidence and where the day is."""

    today: date
    soon_days: int
    items: tuple[Item, ...]
    nodes: Mapping[str, tuple[str, str, Node]]


def measured(dossier: Dossier) -> Measured | None:
    """Everything with a due day in the evidence; None where nobody's reviews were collected."""
    paths = {frame: f"frames/{control}.{frame}.jsonl" for frame, control in OF.items()}
    if not dossier.has(paths["processors"]):
        return None
    rows = {frame: dossier.rows(path) for frame, path in paths.items() if dossier.has(path)}
    agreed = dossier.doc("engagement.json")
    today = local_day(agreed["as_of"].text, agreed["timezone"].text)
    stated = {one["name"].text: one["value"].value for one in agreed["parameters"]}
    soon, months = stated["due_soon_days"], stated["register_review_months"]
    values = {frame: [row.value for row in mine] for frame, mine in rows.items()}
    return Measured(today, soon, due.items(values, today, soon, months), _nodes(rows))


def _nodes(rows: Mapping[str, tuple[Node, ...]]) -> dict[str, tuple[str, str, Node]]:
    found = {}
    for frame, (kind, (subject, item), column) in DAYS.items():
        for row in rows.get(frame, ()):
            told = kind or (row["kind"].value or "other")
            found["/".join((told, str(row[subject].value), str(row[item].value)))] = (frame, column, row)
    for row in rows.get("processors", ()):
        found[f"{due.REVIEW}/{row['processor_id'].value}/"] = ("processors", "", row)
    for row in rows.get("register_activities", ()):
        found[f"{due.REGISTER}/{row['activity_id'].value}/"] = ("register_activities", "", row)
    return found


def sections(dossier: Dossier, control: str, units: Mapping[str, str]) -> Iterator[b.Section]:
    """The sections of the control on reviews. `units`: provider -> where it is told of."""
    found = measured(dossier) if control == CONTROL else None
    if found is None:
        return
    shown = due.falling_due(found.items)
    yield b.Section(
        "due", say("due"), (*_intro(dossier, found, shown), *_picture(found, shown), _table(found, shown, units))
    )
    path = f"frames/{CONTROL}.provider_presence.jsonl"
    if dossier.has(path):
        yield _twins(dossier, dossier.rows(path), units)


def _intro(dossier: Dossier, found: Measured, shown: tuple[Item, ...]) -> Iterator[b.Block]:
    counted = Counter(one.when for one in found.items)
    counts: dict[str, b.Inline] = {str(when): b.Count(str(counted[when])) for when in When}
    yield b.Paragraph(b.Say("due.intro", {"days": b.Count(str(found.soon_days)), **counts}))
    if dossier.has(f"site/en/{FILE}"):
        yield b.Paragraph(b.Link(FILE, say("due.file", things=b.Count(str(len(shown))))))


def _picture(found: Measured, shown: tuple[Item, ...]) -> Iterator[b.Block]:
    """The coming weeks, one row each, a square a day; what is late stands on the day of the measure."""
    if not shown:
        return
    first = found.today - timedelta(days=found.today.weekday())
    late = [one for one in shown if one.when is not When.SOON]
    per_day = Counter(one.on for one in shown if one.when is When.SOON)
    weeks = [first + timedelta(weeks=week) for week in range(WEEKS)]
    last = weeks[-1] + timedelta(days=6)
    rows = tuple((b.Text(monday.isoformat()), _week(monday, found, per_day, len(late))) for monday in weeks)
    yield Grid(
        id="chart-due",
        caption=say("due.chart"),
        description=say(
            "due.about",
            first=b.Text(found.today.isoformat()),
            last=b.Text(last.isoformat()),
            late=b.Count(str(len(late))),
            soon=b.Count(str(sum(count for on, count in per_day.items() if on is not None and on <= last))),
            days=b.Listed(
                tuple(b.Text(f"{on.isoformat()}: {n}") for on, n in sorted(_dated(per_day)) if on <= last), clauses=True
            )
            if per_day
            else NONE,
        ),
        heads=tuple(b.Weekday(monday.isoformat(), name) for monday, name in _heads(first)),
        rows=rows,
        legend=(
            ("!", say("due.legend.late")),
            ("3", say("due.legend.count")),
            ("·", say("due.legend.none")),
        ),
        above=76,
        beside=80,
    )


def _dated(per_day: Mapping[date | None, int]) -> Iterator[tuple[date, int]]:
    return ((on, count) for on, count in per_day.items() if on is not None)


def _heads(first: date) -> Iterator[tuple[date, str]]:
    return ((first + timedelta(days=place), name) for place, name in enumerate(WEEKDAYS))


def _week(monday: date, found: Measured, per_day: Mapping[date | None, int], late: int) -> tuple[Square, ...]:
    days = (monday + timedelta(days=place) for place in range(7))
    return tuple(_square(on, found, per_day.get(on, 0), late) for on in days)


def _square(on: date, found: Measured, count: int, late: int) -> Square:
    """One day: nothing before the cut-off, a number from 1 to 9 or `+`; `!` where what is late is counted."""
    if on < found.today:
        return Square(" ")
    if on == found.today and late:
        return Square("!", "FAIL")
    return Square(str(count) if 0 < count < 10 else "+", "INCONCLUSIVE") if count else Square("·")


def _table(found: Measured, shown: tuple[Item, ...], units: Mapping[str, str]) -> b.Table:
    rows = tuple(_row(found, one, units) for one in shown)
    heads = columns("due_when", "due_what", "due_whose:w", "due_day:d", "due_days:s")
    return b.Table(say("due.caption"), heads, rows, say("due.none"), dense=True)


def _row(found: Measured, one: Item, units: Mapping[str, str]) -> b.Row:
    frame, column, node = found.nodes[one.uid]
    identifier = node["activity_id" if one.kind == due.REGISTER else "processor_id"]
    place = units.get(one.subject) or evidence_row(OF[frame], frame, node["id"].value)
    whose: b.Inline = b.Link(place, b.code(identifier))
    if one.name is not None:
        whose = b.Lines((whose, b.Text(one.name)))
    told = NONE if one.on is None else day(node[column], short=True) if column else b.Worked(one.on.isoformat())
    return b.Row(
        (
            b.Cell(b.Code("due.when", str(one.when))),
            b.Cell(b.Link(evidence_row(OF[frame], frame, node["id"].value), b.Code("due.kind", one.kind))),
            b.Cell(whose),
            b.Cell(told),
            b.Cell(NONE if one.days is None else b.Count(str(one.days))),
        ),
        tone=TONES[one.when],
    )


def _twins(dossier: Dossier, rows: tuple[Node, ...], units: Mapping[str, str]) -> b.Section:
    """Providers whose names read nearly like another's. Nothing was merged."""
    path = f"frames/{CONTROL}.processors.jsonl"
    called = {row["processor_id"].text: row["name"] for row in dossier.rows(path)} if dossier.has(path) else {}
    met = [row for row in rows if not row["named_like"].absent]
    shown = tuple(_twin(row, called.get(row["processor_id"].text), units) for row in met)
    table = b.Table(
        say("twins.caption"),
        columns("twin_provider", "twin_name:w", "twin_like:w"),
        shown,
        say("twins.none"),
    )
    return b.Section("twins", say("twins"), (b.Paragraph(say("twins.intro")), table))


def _twin(row: Node, name: Node | None, units: Mapping[str, str]) -> b.Row:
    provider = row["processor_id"].text
    code = b.code(row["processor_id"])
    return b.Row(
        (
            b.Cell(b.Link(units[provider], code) if provider in units else code),
            b.Cell(NONE if name is None or name.absent else b.text(name)),
            b.Cell(b.text(row["named_like"])),
        ),
        tone="INCONCLUSIVE",
    )
