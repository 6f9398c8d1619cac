"""Providers: contracts letter by letter, reviews on a line of days, what goes on after the end, what was promised.

Verdicts are those of the results; here they are only shown. Source: docs/norm/controls.md, PRO-02 to PRO-05.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from evidence_kit.pages import blocks as b
from evidence_kit.pages import destinations, matrices
from evidence_kit.pages.drawings import Span
from evidence_kit.pages.judged import Judged
from evidence_kit.pages.matrices import Field, Head, Line, Matrix
from evidence_kit.pages.parts import NONE, WORST_FIRST, by, code_or_none, columns, count_cell, day, say, tone
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.rules.deadlines import local_day
from evidence_kit.rules.processors import TRAFFIC, next_review

PROVIDERS, FLOWS, REVIEWS, PROMISES = (
    *("processors", "processor_flows"),
    *("processor_reviews", "processor_commitments"),
)
#: Kind of a cell of a contract -> its sign, the gravest first.
LETTERS: Mapping[str, str] = {"lacking": "✗", "broken": "!", "unread": "?", "there": "✓", "inside": "·"}
#: Mark of an attribute -> kind of its cell, and the verdict that it bears.
OF_MARK = {
    "fail": ("lacking", "FAIL"),
    "error": ("broken", "ERROR"),
    "missing": ("unread", "INCONCLUSIVE"),
    "pass": ("there", "PASS"),
    "na": ("inside", "PASS"),
}
#: Lines of a drawing; all of them stand in the table.
DRAWN = 40


def sections(
    dossier: Dossier, control: str, results: Mapping[str, Node], units: Mapping[str, str]
) -> Iterator[b.Section]:
    """The sections of a provider control. `results`: of each unit; `units`: where it is told of."""
    if not control.startswith("PRO-"):
        return  # other controls read the providers too

    def rows(frame: str) -> Sequence[Node]:
        path = f"frames/{control}.{frame}.jsonl"
        return dossier.rows(path) if dossier.has(path) else ()

    agreed = dossier.doc("engagement.json")
    judged = Judged(control, results, units, local_day(agreed["as_of"].text, agreed["timezone"].text))
    if found := rows(destinations.UNITS):
        yield from destinations.sections(judged, dossier, found)
    listed = _worst_first(judged, rows(PROVIDERS))
    if not listed:
        return
    if "art28_terms" in listed[0]:
        yield _contracts(judged, listed)
    elif "review_months" in listed[0]:
        yield _reviewed(judged, listed, rows(REVIEWS))
    elif "terminated_on" in listed[0]:
        yield _ended(judged, listed, rows(FLOWS))
    else:
        yield _promised(judged, listed, rows(PROMISES))


def _worst_first(judged: Judged, rows: Sequence[Node]) -> Sequence[Node]:
    return sorted(rows, key=lambda row: WORST_FIRST.index(judged.verdict(row["processor_id"].text)))


def of_provider(rows: Sequence[Node]) -> Mapping[str, Sequence[Node]]:
    """Provider -> its rows."""
    found: dict[str, list[Node]] = {}
    for row in rows:
        found.setdefault(row["processor_id"].text, []).append(row)
    return found


def who(judged: Judged, provider: Node) -> b.Inline:
    """A provider: its identifier, which leads to where it is told of, and its name."""
    return b.Lines((judged.unit(provider["processor_id"]), b.text(provider["name"])))


def on_day(node: Node) -> date | None:
    """A day as it is written; None for none, and for a text that is no day."""
    try:
        return date.fromisoformat(str(node.value))
    except ValueError:
        return None


# --- PRO-02 -----------------------------------------------------------------------------------------------------------


def _contracts(judged: Judged, providers: Sequence[Node]) -> b.Section:
    """Each contract by the letters of art. 28(3), its signature, sub-processing and transfer."""
    heads = {letter: Head(say("letters.letter", letter=b.Text(letter)), f"({letter})") for letter in "abcdefgh"}
    heads |= {name: Head(say(f"col.{name}"), name) for name in ("signed", "subprocessing", "transfer")}
    lines = matrices.worst_first([_contract(judged, row) for row in providers], LETTERS)
    matrix = Matrix("letters", "provider", heads, lines, LETTERS)
    drawn = matrices.worded(matrices.drawing(matrix), matrix)
    told = (drawn, *matrices.tables(matrix, "letters.none")) if drawn else ()
    return b.Section("letters", say("letters"), (b.Paragraph(say("letters.intro")), *told))


def _contract(judged: Judged, row: Node) -> Line:
    unit = row["processor_id"].text
    marks = by(judged.results[unit]["attributes"], "letter") if unit in judged.results else {}

    def field(letter: str, told: b.Inline | None) -> Field:
        """A cell under one attribute: what stands in the contract where it is in order, else what its mark says."""
        kind, verdict = OF_MARK[marks[letter]["mark"].text] if letter in marks else OF_MARK["missing"]
        word = told if told is not None and kind in ("there", "inside") else b.Code("cell.letters", kind)
        return Field(kind, verdict, judged.evidence(PROVIDERS, row, word))

    fields = {letter: _letter(judged, row, letter) for letter in "abcdefgh"}
    mechanism = row["transfer_mechanism"]
    abroad: b.Inline | None = None if row["country"].absent else b.code(row["country"])
    if abroad is not None and not mechanism.absent:
        abroad = b.Lines((abroad, b.Code("mechanism", mechanism.text)))
    fields["signed"] = field("A", None if row["contract_signed_on"].absent else day(row["contract_signed_on"]))
    fields["subprocessing"] = field("C", None)
    fields["transfer"] = field("D", abroad)
    return Line(who(judged, row), row["name"].text, fields)


def _letter(judged: Judged, row: Node, letter: str) -> Field:
    """Whether one term was found in the contract; a contract that nobody read has no letters at all."""
    if row["art28_terms"].absent:
        kind, verdict = OF_MARK["missing"]
    else:
        kind, verdict = OF_MARK["pass" if letter in row["art28_terms"].text.lower() else "fail"]
    return Field(kind, verdict, judged.evidence(PROVIDERS, row, b.Code("cell.letters", kind)))


# --- PRO-03 -----------------------------------------------------------------------------------------------------------


def _reviewed(judged: Judged, providers: Sequence[Node], reviews: Sequence[Node]) -> b.Section:
    """Each provider with its last review and the day until which that counts; those never reviewed first."""
    held = of_provider(reviews)
    known = [(row, last_review(judged, held.get(row["processor_id"].text, ()))) for row in providers]
    known.sort(key=lambda one: one[1] is not None)  # stable: within each, the gravest first
    drawn = _line_of_reviews(judged, known)
    shown = tuple(_review(judged, provider, last) for provider, last in known)
    heads = columns(
        *("provider:w", "tier", "review_months:n", "last_review:d", "review_outcome", "counts_until:d"),
        *("next_planned:d", "review_paper:o", "verdict"),
    )
    table = b.Table(say("reviews.caption"), heads, shown, say("reviews.none"), dense=True)
    intro = b.Paragraph(say("reviews.intro"))
    return b.Section("reviews", say("reviews"), (intro, *((drawn,) if drawn else ()), table))


def last_review(judged: Judged, reviews: Sequence[Node]) -> Node | None:
    """The last review that has taken place."""
    past = [row for row in reviews if (on := on_day(row["reviewed_on"])) is not None and on <= judged.today]
    return max(past, key=lambda row: (row["reviewed_on"].text, row["review_id"].text), default=None)


def _until(provider: Node, last: Node) -> date:
    """The last day on which the last review still counts."""
    return next_review(date.fromisoformat(last["reviewed_on"].text), int(provider["review_months"].value))


def _review(judged: Judged, provider: Node, last: Node | None) -> b.Row:
    unit = provider["processor_id"].text
    ends = (b.Cell(judged.tag(PROVIDERS, provider, unit)),)
    starts = (b.Cell(who(judged, provider)), b.Cell(b.Code("tier", provider["risk_tier"].text)))
    months = count_cell(provider["review_months"])
    if last is None:
        never = b.Cell(matrices.marked("FAIL", b.Code("cell", "never-reviewed")), "o")
        cells = (*starts, months, never, *(b.Cell(NONE) for _ in range(4)), *ends)
        return b.Row(cells, tone=tone(judged.verdict(unit)))
    paper = NONE if last["document_sha256"].absent else b.Code("cell", "paper")
    told = (
        b.Cell(judged.evidence(REVIEWS, last, day(last["reviewed_on"], short=True))),
        b.Cell(b.Code("outcome", last["outcome"].text)),
        b.Cell(b.Worked(_until(provider, last).isoformat())),
        b.Cell(day(last["next_due_on"], short=True)),
        b.Cell(matrices.marked("INCONCLUSIVE", b.Code("cell", "no-paper")) if paper is NONE else paper, "o"),
    )
    return b.Row((*starts, months, *told, *ends), tone=tone(judged.verdict(unit)))


def _line_of_reviews(judged: Judged, known: Sequence[tuple[Node, Node | None]]) -> b.Chart | None:
    """From each last review to the cut-off, with the day until which it counts; None where nobody was reviewed."""
    dated = [(row, last, date.fromisoformat(last["reviewed_on"].text)) for row, last in known if last is not None]
    if not dated:
        return None
    first = min(on for _, _, on in dated)
    shown = dated[:DRAWN]
    # One review that counts until the year 9999 would leave no room for the others.
    last_day = max(judged.today, *(min(_until(row, seen), _years_on(judged.today)) for row, seen, _ in shown))
    spans = tuple(
        Span(
            label=b.text(row["name"]),
            figures=say(
                "reviews.row",
                last=day(seen["reviewed_on"], short=True),
                until=b.Worked(_until(row, seen).isoformat()),
            ),
            start=min(996, _place(on, first, last_day)),
            length=max(4, _place(judged.today, first, last_day) - _place(on, first, last_day)),
            limit=_place(_until(row, seen), first, last_day),
            end=None,
            tone=judged.verdict(row["processor_id"].text),
        )
        for row, seen, on in shown
    )
    about = say("reviews.about", shown=b.Count(str(len(spans))), all=b.Count(str(len(known))))
    ends = (b.Text(first.isoformat()), b.Text(last_day.isoformat()))
    return b.Chart("chart-reviews", say("reviews.chart"), about, spans, scale=ends)


def _years_on(today: date) -> date:
    """Four years later: no tier reviews less often."""
    return today.replace(year=min(9999, today.year + 4), day=min(today.day, 28))


def _place(each: date, first: date, last: date) -> int:
    return min(1000, max(0, 1000 * (each - first).days // max(1, (last - first).days)))


# --- PRO-04 -----------------------------------------------------------------------------------------------------------


def _ended(judged: Judged, providers: Sequence[Node], flows: Sequence[Node]) -> b.Section:
    """Each ended relation with every sighting of its destinations: what goes on after the end crosses the line."""
    seen = of_provider(flows)
    pairs = [(row, flow) for row in providers for flow in seen.get(row["processor_id"].text, (None,))]
    drawn = _line_of_flows(judged, [(row, flow) for row, flow in pairs if flow is not None])
    shown = tuple(_sighting(judged, row, flow) for row, flow in pairs)
    heads = columns(
        *("provider:w", "ended_on:d", "certified_on:d", "destination:w", "first_seen:d", "last_seen:d"),
        "verdict",
    )
    table = b.Table(say("ended.caption"), heads, shown, say("ended.none"), dense=True)
    intro = b.Paragraph(say("ended.intro"))
    return b.Section("ended", say("ended"), (intro, *((drawn,) if drawn else ()), table))


def _sighting(judged: Judged, provider: Node, flow: Node | None) -> b.Row:
    unit = provider["processor_id"].text
    cells = [
        b.Cell(who(judged, provider)),
        b.Cell(day(provider["terminated_on"], short=True)),
        b.Cell(day(provider["data_returned_or_deleted_on"], short=True)),
    ]
    if flow is None:
        cells += [b.Cell(matrices.marked("INCONCLUSIVE", b.Code("cell", "no-sighting")), "o")]
        cells += [b.Cell(NONE) for _ in range(2)]
    else:
        place = code_or_none(flow["seen_in"], "seen")
        cells += [
            b.Cell(b.Lines((judged.evidence(FLOWS, flow, b.code(flow["destination"])), place))),
            b.Cell(day(flow["first_seen_on"], short=True)),
            b.Cell(day(flow["last_seen_on"], short=True)),
        ]
    return b.Row((*cells, b.Cell(judged.tag(PROVIDERS, provider, unit))), tone=tone(judged.verdict(unit)))


def _line_of_flows(judged: Judged, pairs: Sequence[tuple[Node, Node]]) -> b.Chart | None:
    """Traffic from its first to its last sighting, beside the end of the relation; None where nothing is dated."""
    dated = [
        (row, flow, first, last, end)
        for row, flow in pairs
        if flow["seen_in"].text in TRAFFIC
        if None
        not in (days := (on_day(flow["first_seen_on"]), on_day(flow["last_seen_on"]), on_day(row["terminated_on"])))
        for first, last, end in [days]
    ][:DRAWN]
    if not dated:
        return None
    start = min(min(first, end) for _, _, first, _, end in dated if first and end)
    # A placeholder in the year 9999 would leave no room for the others: the drawing ends with the cut-off.
    stop = judged.today
    spans = tuple(
        Span(
            label=b.text(row["name"]),
            figures=say(
                "ended.row",
                ended=day(row["terminated_on"], short=True),
                last=day(flow["last_seen_on"], short=True),
            ),
            start=min(996, _place(first, start, stop)),
            length=max(4, _place(last, start, stop) - _place(first, start, stop)),
            limit=_place(end, start, stop),
            end=_place(last, start, stop),
            tone="FAIL" if last > end and judged.verdict(row["processor_id"].text) == "FAIL" else "PASS",
        )
        for row, flow, first, last, end in dated
        if first and last and end
    )
    about = say("ended.about", shown=b.Count(str(len(spans))), all=b.Count(str(len(pairs))))
    return b.Chart(
        "chart-ended",
        say("ended.chart"),
        about,
        spans,
        scale=(b.Text(start.isoformat()), b.Text(stop.isoformat())),
    )


# --- PRO-05 -----------------------------------------------------------------------------------------------------------


def _promised(judged: Judged, providers: Sequence[Node], promises: Sequence[Node]) -> b.Section:
    """Each provider on its way with its charter, amendments and actions."""
    made = of_provider(promises)
    pairs = [(row, promise) for row in providers for promise in made.get(row["processor_id"].text, (None,))]
    shown = tuple(_promise(judged, row, promise) for row, promise in pairs)
    heads = columns(
        *("provider:w", "provider_status", "commitment_kind", "signed_on:d", "promise_due:d", "done_on:d"),
        *("proof:o", "verdict"),
    )
    table = b.Table(say("promises.caption"), heads, shown, say("promises.none"), dense=True)
    return b.Section("promises", say("promises"), (b.Paragraph(say("promises.intro")), table))


def _promise(judged: Judged, provider: Node, promise: Node | None) -> b.Row:
    unit = provider["processor_id"].text
    cells = [b.Cell(who(judged, provider)), b.Cell(b.Code("provider_state", provider["status"].text))]
    if promise is None:
        cells += [b.Cell(matrices.marked("INCONCLUSIVE", b.Code("cell", "no-promise")), "o")]
        cells += [b.Cell(NONE) for _ in range(4)]
    else:
        cells += [
            b.Cell(judged.evidence(PROMISES, promise, b.Code("commitment", promise["kind"].text))),
            b.Cell(_signature(promise), "o"),
            b.Cell(_due(judged, promise), "o"),
            b.Cell(day(promise["completed_on"], short=True)),
            b.Cell(_proof(promise), "o"),
        ]
    return b.Row((*cells, b.Cell(judged.tag(PROVIDERS, provider, unit))), tone=tone(judged.verdict(unit)))


def _signature(promise: Node) -> b.Inline:
    if promise["signed_on"].absent and promise["kind"].text != "action":
        return matrices.marked("FAIL", b.Code("cell", "unsigned"))
    return day(promise["signed_on"], short=True)


def _due(judged: Judged, promise: Node) -> b.Inline:
    due, told = on_day(promise["due_on"]), day(promise["due_on"], short=True)
    late = promise["kind"].text == "action" and promise["completed_on"].absent and due is not None
    return matrices.marked("FAIL", told) if late and due is not None and due < judged.today else told


def _proof(promise: Node) -> b.Inline:
    if promise["kind"].text != "action" or promise["completed_on"].absent:
        return NONE
    if promise["evidence_sha256"].absent:
        return matrices.marked("INCONCLUSIVE", b.Code("cell", "no-paper"))
    return b.Code("cell", "paper")
