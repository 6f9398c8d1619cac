"""The working of a case: each line of the rule as a sentence, with the article it rests on.

Source of the lines: docs/norm/deadlines.md, "The working". A step that has no sentence here is shown field by field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import (
    NONE,
    WORST_FIRST,
    anchor,
    code_or_none,
    count_cell,
    day,
    evidence_row,
    facts,
    moment,
    say,
    tag,
    tone,
)
from evidence_kit.pages.payload import Node

#: Cases of a control shown in full on its own page, beyond one pass: so many are read; the others have their row.
CASES = 60
#: Spans of rows cited in one place.
SPANS = 6
#: Steps of limits that are not the month of the GDPR: their lines cite the rule only.
OTHER_LIMITS = frozenset({"days", "working-days", "given"})


def chosen(results: Sequence[Node], *, sheets: bool) -> tuple[Node, ...]:
    """The cases shown in full: those that are no pass, the worst first, then the first pass as an example.

    All of them when they are few and have no sheet of their own.
    """
    passes = [row for row in results if row["verdict"].text == "PASS"]
    if not sheets and len(results) <= CASES:
        return (*worst_first(results), *passes)
    return (*worst_first(results)[:CASES], *passes[:1])


def worst_first(results: Sequence[Node]) -> tuple[Node, ...]:
    """The results that are no pass: by verdict, then the latest answers, then in ticket order."""
    found = [row for row in results if row["verdict"].text != "PASS"]
    return tuple(
        sorted(found, key=lambda row: (WORST_FIRST.index(row["verdict"].text), -(row["days_late"].value or 0)))
    )


def case(control: str, row: Node, to: str) -> b.Case:
    """One unit: verdict, facts, attributes that say something, then the lines. `to`: where its identifier leads."""
    return b.Case(
        id="w-" + anchor(row["unit"].text),
        title=b.Link(to, b.code(row["unit"])),
        verdict=tag(row["verdict"]),
        facts=facts(
            ("stratum", b.text(row["stratum"])),
            ("due_on", None if row["due_on"].absent else day(row["due_on"])),
            ("days_late", None if row["days_late"].absent else b.integer(row["days_late"])),
            (
                "reasons",
                b.Lines(tuple(b.Code("reason", code.text) for code in row["reasons"])) if len(row["reasons"]) else None,
            ),
            ("attributes", b.Lines(tuple(_attributes(row)))),
            (
                "flags",
                b.Lines(tuple(b.Code("flag", flag.text) for flag in row["flags"])) if len(row["flags"]) else None,
            ),
            ("evidence", evidence(control, row)),
        ),
        lines=() if row["working"].absent else tuple(lines(row["working"])),
        tone=tone(row["verdict"].text),
    )


def _attributes(row: Node) -> Iterator[b.Inline]:
    for attribute in row["attributes"]:
        said = attribute["reason"]
        key = "case.attribute" if said.absent else "case.attribute.why"
        yield say(
            key,
            letter=b.Text(attribute["letter"].text),
            mark=b.Mark(attribute["mark"].text, spelt=True),
            reason=code_or_none(said),
        )


def evidence(control: str, row: Node) -> b.Inline:
    """Links to the rows of evidence a result rests on, one line a frame: `request_replies 3, 4 to 9`."""
    told = tuple(
        say("case.rows", frame=b.Text(read["frame"].text), rows=_rows(control, read))
        for read in row["evidence"]
        if len(read["rows"])
    )
    return b.Lines(told) if told else NONE


def _rows(control: str, read: Node) -> b.Inline:
    """The rows cited, neighbours as a span; after so many spans the rest is in the results file, and said to be."""

    def link(place: Node) -> b.Link:
        return b.Link(evidence_row(control, read["frame"].text, place.value), b.figure(place, b.Kind.NUMERAL))

    spans: list[list[Node]] = []
    for place in read["rows"]:
        if spans and place.value == spans[-1][-1].value + 1:
            spans[-1].append(place)
        else:
            spans.append([place])
    shown: list[b.Inline] = []
    for span in spans[:SPANS]:
        shown += [link(place) for place in span] if len(span) < 3 else [_span(link(span[0]), link(span[-1]))]
    if len(spans) > SPANS:
        shown.append(b.Link(f"results/{control}.jsonl", say("case.more_rows"), file=True))
    return b.Listed(tuple(shown), plain=True)


def _span(first: b.Link, last: b.Link) -> b.Inline:
    return say("case.span", first=first, last=last)


def lines(working: Node) -> Iterator[tuple[b.Inline, b.Inline]]:
    """Each line as a sentence, with its article."""
    other = any(line["step"].text in OTHER_LIMITS for line in working)
    for line in working:
        step = line["step"].text
        tell = STEPS.get(step)
        said = _as_it_stands(line) if tell is None else tell(line)
        yield said, b.Code("article.other" if other else "article", step)


def _received(line: Node) -> b.Inline:
    told = say("working.received", day=day(line["day"]), source=moment(line["source"]), zone=b.Text(line["zone"].text))
    return b.Lines((told, b.Code("note", line["note"].text))) if "note" in line else told


def _reopened(line: Node) -> b.Inline:
    if line["cause"].text == "same_request":
        return say("working.reopened.same", day=day(line["day"]), first=day(line["first_answer_ignored"]))
    return say("working.reopened.new", day=day(line["day"]))


def _pause_refused(line: Node) -> b.Inline:
    kind, why = b.Code("pause", line["kind"].text), b.Code("why", line["why"].text)
    return say("working.pause-refused", kind=kind, asked=day(line["asked"]), why=why)


def _paused(line: Node) -> b.Inline:
    key = "working.paused.open" if line["answered"].absent else "working.paused"
    return say(
        key,
        count=line["new_days"].value,
        kind=b.Code("pause", line["kind"].text),
        asked=day(line["asked"]),
        answered=day(line["answered"]),
        new_days=b.integer(line["new_days"]),
    )


def _restarted(line: Node) -> b.Inline:
    return say("working.restarted", kind=b.Code("pause", line["kind"].text), answered=day(line["answered"]))


def _months(line: Node) -> b.Inline:
    key = "working.months.clamped" if line["clamped"].value else "working.months"
    n = line["months"]
    return say(key, count=n.value, months=b.integer(n), start=day(line["start"]), day=day(line["day"]))


def _plus(line: Node) -> b.Inline:
    return say("working.plus-pauses", count=line["days"].value, days=b.integer(line["days"]), day=day(line["day"]))


def _off(days: Node) -> b.Inline:
    """Days that are not working days, each with what it is."""
    return b.Listed(
        tuple(say("working.off", day=day(each[0]), name=b.Weekday(each[0].text, each[1].text)) for each in days)
    )


def _rolled(line: Node) -> b.Inline:
    return say("working.rolled", count=len(line["over"]), over=_off(line["over"]), day=day(line["day"]))


def _extended(line: Node) -> b.Inline:
    return say("working.extended", notified=day(line["notified"]), limit=day(line["limit"]))


def _extension_refused(line: Node) -> b.Inline:
    return say("working.extension-refused", notified=day(line["notified"]), why=b.Code("why", line["why"].text))


def _answered(line: Node) -> b.Inline:
    key = "working.answered.late" if line["late"].value else "working.answered"
    late = line["late"]
    return say(key, count=late.value, day=day(line["day"]), due=day(line["due"]), late=b.integer(late))


def _open(line: Node) -> b.Inline:
    if "late" not in line or not line["late"].value:
        return say("working.open", day=day(line["as_of"]), due=day(line["due"]))
    late = line["late"]
    return say(
        "working.open.late", count=late.value, day=day(line["as_of"]), due=day(line["due"]), late=b.integer(late)
    )


def _suspended(line: Node) -> b.Inline:
    return say("working.suspended", since=day(line["since"]))


def _calendar_missing(line: Node) -> b.Inline:
    if line["calendar"].absent:
        return say("working.calendar-missing.none")
    return say("working.calendar-missing", calendar=b.text(line["calendar"]))


def _readings(line: Node) -> b.Inline:
    named = tuple(b.Code("arguable", re.sub(r"-\d+$", "", fact.text)) for fact in line["facts"])
    told = b.Listed(tuple(b.figure(verdict, b.Kind.VERDICT) for verdict in line["verdicts"]))
    open_ended = line["earliest"].absent or line["latest"].absent
    return say(
        "working.readings.open" if open_ended else "working.readings",
        facts=b.Listed(named),
        earliest=day(line["earliest"]),
        latest=day(line["latest"]),
        verdicts=told,
    )


def _working_days(line: Node) -> b.Inline:
    n, skipped = line["days"], line["skipped"]
    told = say("working.working-days", count=n.value, days=b.integer(n), start=day(line["start"]), day=day(line["day"]))
    return b.Lines((told, say("working.skipped", count=len(skipped), over=_off(skipped)))) if len(skipped) else told


def _days(line: Node) -> b.Inline:
    n = line["days"]
    return say("working.days", count=n.value, days=b.integer(n), start=day(line["start"]), day=day(line["day"]))


def _given(line: Node) -> b.Inline:
    return say("working.given", day=day(line["day"]))


def _stated_differs(line: Node) -> b.Inline:
    return say("working.stated-due-differs", stated=day(line["stated"]), due=day(line["due"]))


def _verdict(line: Node) -> b.Inline:
    return say("working.verdict", verdict=tag(line["verdict"]), reason=code_or_none(line["reason"]))


def _as_it_stands(line: Node) -> b.Inline:
    """A step without a sentence: its own name and fields, so that nothing is hidden."""
    shown: list[b.Inline] = [b.Text(line["step"].text, mono=True)]
    for key, value in sorted(line.value.items()):
        if key != "step" and isinstance(value, str | int):
            shown.append(say("working.field", name=b.Text(key, mono=True), value=_plain(line[key])))
    return b.Lines(tuple(shown))


def _plain(node: Node) -> b.Inline:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return count_cell(node).content
    return moment(node)


STEPS: dict[str, Callable[[Node], b.Inline]] = {
    "received": _received,
    "reopened": _reopened,
    "pause-refused": _pause_refused,
    "paused": _paused,
    "restarted": _restarted,
    "months": _months,
    "plus-pauses": _plus,
    "rolled": _rolled,
    "extended": _extended,
    "extension-refused": _extension_refused,
    "answered": _answered,
    "open": _open,
    "suspended": _suspended,
    "calendar-missing": _calendar_missing,
    "readings": _readings,
    "working-days": _working_days,
    "days": _days,
    "given": _given,
    "stated-due-differs": _stated_differs,
    "verdict": _verdict,
}
