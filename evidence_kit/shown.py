"""What a notebook shows: small tables and one picture, as text and as HTML without script, style or random id.

Only the first rows are shown, with how many there are; whole tables stand in the bundle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from evidence_kit.model.audit import Engagement
from evidence_kit.model.outcome import Checked, Result
from evidence_kit.model.sample import EvidenceFrame, Population, Sample

ROWS = 20
#: Rows of the table of cases: as many as a cell of an executed notebook may hold (docs/norm/notebook-gate.md).
CASES = 200
#: Weeks with a bar of their own; what took longer shares one.
WEEKS = 20
#: Read on white as on black.
GREY, RED = "#7a7f87", "#d1495b"
#: By what cases can be sorted, in the order of their columns.
ORDERS = ("unit", "verdict", "received", "due", "answered", "late")
#: Marks of attributes, as on the pages of the bundle.
MARKS = {"pass": "✓", "fail": "✗", "na": "–", "missing": "?", "error": "E"}


@dataclass(frozen=True, slots=True)
class Shown:
    """Something to display: MIME type → what to show. Jupyter asks for it by itself."""

    bundle: Mapping[str, Any]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return dict(self.bundle)


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]], most: int = ROWS) -> Shown:
    """A table with its caption; at most `most` rows, and the count of all."""
    every = [["" if cell is None else str(cell) for cell in row] for row in rows]
    first, more = every[:most], len(every) - most
    last = f"{most} of {len(every)} rows" if more > 0 else f"{len(every)} row(s)"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in first)
    html = (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table><p>{escape(last)}</p>"
    )
    lines = ["  ".join(columns), *("  ".join(row) for row in first), last]
    return Shown({"text/html": html, "text/plain": "\n".join([caption, *lines])})


def engagement(one: Engagement, run: str, draft: bool) -> Shown:
    """The card of an engagement: who, when, under which statute, and whether what follows can be sealed."""
    limit = one.limit.kind if one.limit.kind == "given" else f"{one.limit.n} {one.limit.kind}"
    rows = [
        ("organisation", f"{one.organisation.name} ({one.organisation.country})"),
        ("period", f"{one.period.start_on} to {one.period.until_on}, as of {one.as_of:%Y-%m-%d %H:%M:%S} UTC"),
        ("time zone, calendars", f"{one.timezone}; {', '.join(one.calendars) or 'no calendar'}"),
        ("time limit", limit),
        ("controls", ", ".join(control.id for control in one.controls)),
        ("run", f"{run}: a draft, never sealed" if draft else run),
    ]
    return table(one.title.en, ("engagement", one.id), rows)


def commitments(made: Sequence[tuple[Population, Mapping[str, Any]]]) -> Shown:
    """The digests that the auditor is shown before giving a nonce."""
    rows = [(one.name, one.count, sample["commitment_sha256"]) for one, sample in made]
    return table("Commitments, to be handed to the auditor before the nonce", ("population", "units", "SHA-256"), rows)


def findings(concluded: Sequence[Mapping[str, Any]]) -> Shown:
    """One line per control: counts, upper limit, verdict."""
    columns = (
        "control",
        "units",
        "drawn",
        "pass",
        "fail",
        "error",
        "inconclusive",
        "upper rate, %",
        "verdict",
        "reason",
    )
    rows = []
    for one in concluded:
        said = one["summary"]
        counts = [said[key] for key in ("units", "drawn", "pass", "fail", "error", "inconclusive")]
        rows.append((said["control"], *counts, said["upper_rate_shown"], said["verdict"], said["reason"]))
    return table("Conclusions", columns, rows)


def tallies(observed: Sequence[EvidenceFrame]) -> Shown:
    """Rows measured against their limit, rule by rule."""
    columns = (
        "rule_id",
        "place",
        "rows",
        "past_limit_rows",
        "held_rows",
        "start_missing_rows",
        "oldest_start_on",
        "cutoff_on",
    )
    rows = [[row[name] for name in columns] for frame in observed for row in frame.rows]
    return table("Rows measured, in the active base and in archives", columns, rows)


def accounts(found: Sequence[tuple[str, int]]) -> Shown:
    """What a first look at the log counts."""
    return table("The log, before anything is drawn from it", ("what", "rows"), found)


def cases(results: Mapping[str, Sequence[Result]], by: str) -> Shown:
    """One line per request in the order asked for, and those of which that is not known at the end."""
    every = [_case(result) for mine in results.values() for result in mine]
    place = ORDERS.index(by)
    known = sorted((row for row in every if row[place] is not None), key=lambda row: str(row[place]))
    if by == "late":
        known.sort(key=lambda row: int(str(row[place])), reverse=True)
    rows = [*known, *(row for row in every if row[place] is None)]
    return table(f"Requests, by {by}", ORDERS, rows, CASES)


def _case(result: Result) -> tuple[object, ...]:
    working = result.working
    late = None if working is None else working.days_late
    due = None if working is None or working.due_on is None else working.due_on.isoformat()
    return result.unit, result.verdict.value, _step(result, "received"), due, _step(result, "answered"), late


def limits(results: Mapping[str, Sequence[Result]]) -> Shown:
    """Weeks between the last day in time and the answer: on the left what came in time, on the right what came late."""
    weeks = [week for mine in results.values() for result in mine if (week := _weeks_late(result)) is not None]
    silent = sum(_step(result, "answered") is None for mine in results.values() for result in mine)
    first, last = min(weeks, default=0), max(weeks, default=0)
    counted = [(week, sum(one == week for one in weeks)) for week in range(min(first, 0), max(last, 1) + 1)]
    text = "\n".join(f"{_margin(week)}: {count}" for week, count in counted if count)
    said = f"Answers by week before or after their last day\n{text or 'no answer'}\nwithout an answer: {silent}"
    return Shown({"image/svg+xml": _margins(counted, said), "text/plain": said})


def _weeks_late(result: Result) -> int | None:
    """0 for the last week in time, -1 for the one before; 1 for the first week too late. None without an answer."""
    answered, working = _step(result, "answered"), result.working
    if answered is None or working is None or working.due_on is None:
        return None
    late = (date.fromisoformat(answered) - working.due_on).days
    return max(-WEEKS, min(WEEKS, -(-late // 7)))


def _margin(week: int) -> str:
    return f"late, week {week}" if week > 0 else f"in time, {-week} to {1 - week} weeks left"


def _margins(counted: Sequence[tuple[int, int]], said: str) -> str:
    """One bar per week and a line at the last day, as an SVG of fixed size."""
    most, wide = max(count for _, count in counted) or 1, 640 / len(counted)
    drawn = []
    for place, (week, count) in enumerate(counted):
        high, x = 120 * count / most, place * wide
        colour, kind = (RED, ' class="other"') if week > 0 else (GREY, "")
        drawn += [
            f'<rect x="{x:.1f}" y="{140 - high:.1f}" width="{wide - 2:.1f}" height="{high:.1f}"{kind} '
            f'fill="{colour}"/>',
            _label(x + wide / 2 - 1, 134 - high, str(count or "")),
            _label(x + wide / 2 - 1, 156, str(week)),
        ]
    due = wide * sum(week <= 0 for week, _ in counted) - 1
    drawn.append(f'<line x1="{due:.1f}" x2="{due:.1f}" y1="8" y2="142" stroke="{GREY}" stroke-dasharray="4 3"/>')
    return _picture("Answers against their last day", said, drawn, "weeks after the last day; in red: late")


def timelines(results: Mapping[str, Sequence[Result]]) -> Shown:
    """Days from receipt to answer, in bars of a week, as a picture and as counts: PASS below, the others above."""
    weeks = [
        (min(days // 7, WEEKS), not result.deviates)
        for mine in results.values()
        for result in mine
        if (days := _days(result)) is not None
    ]
    counted = [
        (sum(one == (week, True) for one in weeks), sum(one == (week, False) for one in weeks))
        for week in range(max((week for week, _ in weeks), default=-1) + 1)
    ]
    text = "\n".join(
        f"{_week(place)}: {passed + other}, of which {other} not PASS"
        for place, (passed, other) in enumerate(counted)
        if passed + other
    )
    said = f"Days from receipt to answer, by week\n{text or 'no answer'}"
    return Shown({"image/svg+xml": _bars(counted, said), "text/plain": said})


def _week(place: int) -> str:
    return f"week {place + 1}" if place < WEEKS else f"later than week {WEEKS}"


def _days(result: Result) -> int | None:
    received, answered = _step(result, "received"), _step(result, "answered")
    if received is None or answered is None:
        return None
    return (date.fromisoformat(answered) - date.fromisoformat(received)).days


def _step(result: Result, step: str) -> str | None:
    """The day of one step of a working; None where it has no such step."""
    lines = result.working.lines if result.working else ()
    return next((str(line["day"]) for line in lines if line["step"] == step), None)


def _bars(counted: Sequence[tuple[int, int]], said: str) -> str:
    """One bar per week, as an SVG of fixed size, with `said` for those who cannot see it.

    Lab shows it as a picture of its own, which no style sheet reaches: the greys can be read on white and on black.
    """
    most = max((passed + other for passed, other in counted), default=0) or 1
    wide = 640 / max(len(counted), 1)
    drawn = []
    for place, (passed, other) in enumerate(counted):
        low, high, x = 120 * passed / most, 120 * other / most, place * wide
        drawn += [
            f'<rect x="{x:.1f}" y="{140 - low:.1f}" width="{wide - 2:.1f}" height="{low:.1f}" fill="{GREY}"/>',
            f'<rect x="{x:.1f}" y="{140 - low - high:.1f}" width="{wide - 2:.1f}" height="{high:.1f}" '
            f'class="other" fill="{RED}"/>',
            _label(x + wide / 2 - 1, 134 - low - high, str(passed + other or "")),
            _label(x + wide / 2 - 1, 156, str(place + 1) if place < WEEKS else f"&gt; {WEEKS}"),
        ]
    axis = "week in which the answer was given; above in red: not PASS"
    return _picture("Weeks from receipt to answer", said, drawn, axis)


def _picture(title: str, said: str, drawn: Sequence[str], axis: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 190" width="640" height="190" role="img" '
        f'font-family="sans-serif"><title>{escape(title)}</title><desc>{escape(said)}</desc>'
        f"{''.join(drawn)}{_label(320, 180, axis)}</svg>"
    )


def _label(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" text-anchor="middle" fill="{GREY}">{text}</text>'


def show(value: object) -> Shown:
    """Any value of the book as a table. Raises TypeError for anything else."""
    if isinstance(value, Shown):
        return value
    if isinstance(value, tuple):
        return _sequence(value)
    if isinstance(value, Mapping):
        return _mapping(value)
    raise TypeError(f"{type(value).__name__} is nothing a book gives")


def _sequence(values: tuple[object, ...]) -> Shown:
    if all(isinstance(one, Population) for one in values):
        rows = [
            (p.name, p.count, s.name, s.units, p.root or p.refusal)
            for p in values
            if isinstance(p, Population)
            for s in p.strata
        ]
        return table("Frozen populations", ("population", "units", "stratum", "units in it", "root"), rows)
    if all(isinstance(one, Sample) for one in values):
        drawn = [
            (s.control, u.stratum, u.rank, u.unit, u.ticket[:16])
            for s in values
            if isinstance(s, Sample)
            for u in s.drawn
        ]
        return table("Drawn units, in ticket order", ("control", "stratum", "rank", "unit", "ticket begins"), drawn)
    return findings([one for one in values if isinstance(one, Mapping)])


def _mapping(values: Mapping[Any, Any]) -> Shown:
    flat = [
        (id_, one) for id_, mine in values.items() for one in (mine.values() if isinstance(mine, Mapping) else mine)
    ]
    if all(isinstance(one, Result) for _, one in flat):
        first = sorted(flat, key=lambda one: not one[1].deviates)  # stable: what deviates is read first
        columns = ("control", "unit", "verdict", "attributes", "reasons")
        return table("Results, deviations first", columns, [_result(id_, r) for id_, r in first])
    if all(isinstance(one, Checked) for _, one in flat):
        rows = [
            (id_, c.frame, c.column, c.expectation, "holds" if c.success else "does not hold", c.rows)
            for id_, c in flat
        ]
        return table("Expectations", ("control", "frame", "column", "expectation", "answer", "rows"), rows)
    frames = [(id_, f.frame, len(f.rows), f.sha256) for id_, f in flat if isinstance(f, EvidenceFrame)]
    return table("Evidence frames", ("control", "frame", "rows", "SHA-256"), frames)


def _result(control: str, result: Result) -> Sequence[object]:
    marks = " ".join(f"{a.letter}{MARKS[a.mark.value]}" for a in result.answers)
    return control, result.unit, result.verdict.value, marks, ", ".join((*result.reasons, *result.flags))
