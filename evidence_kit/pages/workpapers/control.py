"""The sheet of one control, as auditors know a working paper: heading, matrix of attributes, totals, what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evidence_kit.pages import blocks as b
from evidence_kit.pages.cover import how_tested
from evidence_kit.pages.parts import both, by, control_page, day, evidence_page, incomplete, note_told, references, why
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.tables import MARKS
from evidence_kit.pages.workpapers.grid import TICKS, Cell, Look, Row, Sheet, Teller, lines

#: Rows of a sheet; a spreadsheet has no more.
MOST_ROWS = 1_048_576
#: Rows kept for what stands above and below the matrix.
SPARE = 1_000
#: Key facts beside a unit: more make the sheet unreadable on paper. The others stand in the evidence frame.
FACTS = 7
#: Columns of a frame that are no fact of a unit.
NO_FACTS = ("id", "unreadable", "stratum")
#: Widths of the columns of reasons and of evidence, in letters.
REASONS, CITED = 32, 28
COUNTS = ("pass", "fail", "error", "inconclusive")

Kinds = Mapping[str, Mapping[str, tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Paper:
    """What one control's sheet is made from. `kinds`: path of a frame -> column -> (kind, privacy)."""

    dossier: Dossier
    summary: Node
    stated: Node
    finding: Node
    kinds: Kinds
    teller: Teller

    @property
    def control(self) -> str:
        """The control's id."""
        return self.summary["control"].text

    @property
    def results(self) -> Sequence[Node]:
        """The lines of its results, in ticket order; none where nothing was drawn."""
        path = f"results/{self.control}.jsonl"
        return self.dossier.rows(path) if self.dossier.has(path) else ()


def sheet(paper: Paper, name: str, *, most: int = MOST_ROWS - SPARE) -> Sheet:
    """The whole sheet. `most`: units that it may hold. Raises ValueError where its rows and the summary differ."""
    results = paper.results
    _agree(paper, results)
    shown = results[:most]
    facts = _Facts.of(paper, results)
    letters = sorted({one["letter"].text for row in results for one in row["attributes"]})
    dated = any(not row["due_on"].absent for row in results)
    heads = _heads(paper.teller, facts, letters, dated=dated)
    top = list(_top(paper, len(heads), cut=len(results) > most))
    widths = _widths(facts, letters, dated=dated)

    def rows() -> Iterator[Row]:
        yield from top
        yield Row(heads, lines=2)
        yield from (_unit(paper, row, facts, letters, dated=dated) for row in shown)
        yield from _bottom(paper, results, letters, len(heads))

    return Sheet(name, rows(), widths, head=len(top), listed=len(shown), fixed=1)


def _agree(paper: Paper, results: Sequence[Node]) -> None:
    """The totals of a sheet are those of its rows, and must be those of the summary."""
    met = Counter(row["verdict"].text.lower() for row in results)
    if any(met[key] != paper.summary[key].value for key in COUNTS) or len(results) != paper.summary["drawn"].value:
        raise ValueError(f"{paper.summary.file}: {paper.control}: its counts are not those of its results")


def _top(paper: Paper, across: int, *, cut: bool) -> Iterator[Row]:
    """The heading block; it stays in sight, so it is short."""
    say, summary = paper.teller.say, paper.summary
    statement = paper.teller.text(both(paper.stated["statement"]))
    yield Row((Cell(f"{paper.control}  {statement}", Look.TITLE, across=across),), lines=2)
    told = [paper.teller.text(b.Tag(b.figure(summary["verdict"], b.Kind.VERDICT)))]
    told += [paper.teller.text(why(summary, paper.stated)), _conclusion(paper)]
    lacks = incomplete(paper.finding)
    told += [paper.teller.text(lacks)] if lacks is not None else []
    yield _pair(paper, "fact.verdict", " · ".join(told), across, tone=summary["verdict"].text)
    ground = paper.teller.text(b.Code("law", paper.stated["law"].text))
    clauses = "; ".join(paper.teller.text(references(paper.stated)).split("\n"))
    yield _pair(paper, "fact.references", f"{clauses} ({ground})", across)
    yield _pair(paper, "fact.population", _population(paper), across)
    yield _pair(paper, "workpaper.sample", _sample(paper), across)
    agreed = paper.dossier.doc("engagement.json")
    period = say("engagement.period", start=day(agreed["period"]["from"]), end=day(agreed["period"]["until"]))
    as_of = paper.teller.pair("fact.as_of", b.figure(agreed["as_of"], b.Kind.INSTANT))
    yield _pair(paper, "fact.period", f"{period}; {as_of}", across)
    yield _pair(paper, "workpaper.cross", _cross(paper), across)
    for key in ("workpaper.prepared", "workpaper.reviewed"):
        yield Row((Cell(say(key), Look.LABEL), Cell("", Look.LINE, across=max(2, across - 1))))
    below = say("workpaper.below")
    if cut:
        below += " " + say("workpaper.cut", file=b.Text(f"results/{paper.control}.jsonl"))
    legend = "   ".join(f"{TICKS[mark]} {say('mark.legend.' + mark)}" for mark in MARKS)
    yield Row((Cell(f"{legend}   {below}", Look.NOTE, across=across),), lines=2)


def _pair(paper: Paper, key: str, told: str, across: int, tone: str = "") -> Row:
    label = Cell(paper.teller.words.text(key), Look.LABEL)
    value = Cell(paper.teller.inert(told), Look.TEXT, "" if tone == "PASS" else tone, across=max(2, across - 1))
    return Row((label, value), lines=min(3, lines(told, 8 * across)))


def _conclusion(paper: Paper) -> str:
    summary = paper.summary
    if not summary["drawn"].value:
        return paper.teller.say("control.none_drawn", summary["units"].value, units=b.integer(summary["units"]))
    keys = ("units", "drawn", "fail", "error", "inconclusive", "deviations")
    figures = {key: b.integer(summary[key]) for key in keys}
    return paper.teller.say("control.conclusion", summary["deviations"].value, **figures)


def _population(paper: Paper) -> str:
    pair = paper.teller.pair
    told = [paper.summary["population"].text, pair("fact.units", b.integer(paper.summary["units"]))]
    if paper.finding["set_aside"].value:
        told.append(pair("fact.set_aside", b.integer(paper.finding["set_aside"])))
    record = _commitment(paper)
    if record is not None:
        told.append(pair("fact.root", b.text(record["root"])))
    return "; ".join(told)


def _commitment(paper: Paper) -> Node | None:
    draw = f"draws/{paper.control}.json"
    return paper.dossier.doc(draw)["commitment"] if paper.dossier.has(draw) else None


def _sample(paper: Paper) -> str:
    told = [paper.teller.text(how_tested(paper.stated)).rstrip(".")]
    told.append(paper.teller.pair("fact.drawn", b.integer(paper.summary["drawn"])))
    draw = f"draws/{paper.control}.json"
    if paper.dossier.has(draw):
        made = paper.dossier.doc(draw)
        told.append(paper.teller.pair("fact.commitment", b.text(made["commitment_sha256"])))
        told.append(paper.teller.say("sample.yes" if made["independent"].value else "sample.no"))
    return "; ".join(told)


def _cross(paper: Paper) -> str:
    """Where the same stands in the bundle: the page of the report and the files."""
    language, name = paper.teller.words.language, paper.control
    told = [f"data/site/{language}/{control_page(name)}"]
    for path in (f"results/{name}.jsonl", f"draws/{name}.json"):
        told += [f"data/{path}"] if paper.dossier.has(path) else []
    told += [f"data/site/{evidence_page(name, frame)}" for frame in _frames(paper)]
    return "; ".join(told)


def _frames(paper: Paper) -> list[str]:
    """The frames of the control, in the order of its needs."""
    named = [need["frame"].text for need in paper.stated["needs"]]
    return [frame for frame in named if paper.dossier.has(f"frames/{paper.control}.{frame}.jsonl")]


@dataclass(frozen=True, slots=True)
class _Facts:
    """The key facts of units: columns of the one frame in which each unit has one row. `rows`: by the row's id."""

    frame: str
    columns: tuple[str, ...]
    kinds: Mapping[str, str]
    rows: Mapping[int, Node]

    @classmethod
    def of(cls, paper: Paper, results: Sequence[Node]) -> _Facts:
        """The facts of the control's first frame; none where a unit has several rows in it."""
        frame = next(iter(_frames(paper)), "")
        path = f"frames/{paper.control}.{frame}.jsonl"
        cited = [len(read["rows"]) for row in results for read in row["evidence"] if read["frame"].text == frame]
        record = _commitment(paper)
        if not cited or max(cited) > 1 or path not in paper.kinds or record is None:
            return cls(frame, (), {}, {})
        rows = {row["id"].value: row for row in paper.dossier.rows(path)}
        kinds = paper.kinds[path]
        left = [
            name
            for name, (_, privacy) in kinds.items()
            if name not in (*NO_FACTS, record["unit"].value)
            and not name.endswith(("_ref", "_sha256"))
            and privacy == "none"
            and f"{name}_local" not in kinds
            and any(row.value.get(name) is not None for row in rows.values())
        ]
        # Days first: they are what a deadline or a period is read from.
        ordered = [n for n in left if kinds[n][0] == "date"] + [n for n in left if kinds[n][0] != "date"]
        chosen = tuple(ordered[:FACTS])
        return cls(frame, chosen, {name: kinds[name][0] for name in chosen}, rows)

    def cells(self, teller: Teller, row: Node) -> Iterator[Cell]:
        """The facts of one unit; a unit without a row has none, and that is said."""
        cited = [
            read["rows"].value for read in row["evidence"] if read["frame"].text == self.frame and read["rows"].value
        ]
        fact = self.rows.get(cited[0][0]) if cited else None
        for name in self.columns:
            if fact is None:
                yield Cell(teller.say("mark.none"), Look.NOTE)
            else:
                yield teller.stored(fact[name], self.kinds[name])


def _heads(teller: Teller, facts: _Facts, letters: Sequence[str], *, dated: bool) -> tuple[Cell, ...]:
    return (
        *teller.head("unit", "stratum", *(("due_on", "days_late") if dated else ())),
        *(Cell(teller.inert(name), Look.HEAD) for name in facts.columns),
        *(Cell(teller.inert(letter), Look.HEAD) for letter in letters),
        *teller.head("verdict", "reasons", "evidence", "result_id"),
    )


def _widths(facts: _Facts, letters: Sequence[str], *, dated: bool) -> list[int]:
    return [
        15,
        18,
        *((11, 7) if dated else ()),
        *(12 for _ in facts.columns),
        *(4 for _ in letters),
        12,
        REASONS,
        CITED,
        7,
    ]


def _unit(paper: Paper, row: Node, facts: _Facts, letters: Sequence[str], *, dated: bool) -> Row:
    teller, tone = paper.teller, "" if row["verdict"].text == "PASS" else row["verdict"].text
    marks = by(row["attributes"], "letter")
    reasons = [teller.text(b.Code("reason", code.text)) for code in row["reasons"]]
    reasons += [teller.text(b.Code("flag", code.text)) for code in row["flags"]]
    ticks = [Cell(TICKS.get(marks[x]["mark"].text, "E") if x in marks else "", Look.TICK) for x in letters]
    cited = "; ".join(
        f"{read['frame'].text}#{_spans(read['rows'].value)}" for read in row["evidence"] if len(read["rows"])
    )
    dates = (teller.cell(day(row["due_on"])), teller.stored(row["days_late"])) if dated else ()
    told, evidence = teller.inert("; ".join(reasons)), teller.inert(cited)
    return Row(
        (
            Cell(teller.inert(row["unit"].text), tone=tone),
            Cell(teller.inert(row["stratum"].text)),
            *dates,
            *facts.cells(teller, row),
            *(Cell(tick.value, tick.look, tone if tick.value not in ("✓", "–", "") else "") for tick in ticks),
            teller.cell(b.Tag(b.figure(row["verdict"], b.Kind.VERDICT))),
            Cell(told),
            Cell(evidence),
            Cell(row["id"].value, Look.COUNT),
        ),
        lines=max(lines(told, REASONS), lines(evidence, CITED)),
    )


def _spans(rows: Sequence[int]) -> str:
    """`1-3, 7`: neighbours as a span."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def _bottom(paper: Paper, results: Sequence[Node], letters: Sequence[str], across: int) -> Iterator[Row]:
    """Below the matrix: totals, marks counted by attribute, what each attribute asks, strata, notes."""
    say, summary = paper.teller.say, paper.summary
    yield Row()
    heads = paper.teller.head("units", "drawn", *COUNTS, "deviations")
    yield Row((Cell(say("workpaper.totals"), Look.LABEL), *heads), lines=2)
    keys = ("units", "drawn", *COUNTS, "deviations")
    total = (paper.teller.cell(b.integer(summary[key]), total=True) for key in keys)
    yield Row((Cell(paper.control, total=True), *total))
    if letters:
        yield from _attributes(paper, results, letters, across)
    notes = [paper.teller.text(note_told(note)) for note in paper.finding["notes"]]
    for note in notes:
        yield Row((Cell(say("fact.notes"), Look.LABEL), Cell(note, across=max(2, across - 1))), lines(note, 8 * across))


def _attributes(paper: Paper, results: Sequence[Node], letters: Sequence[str], across: int) -> Iterator[Row]:
    """Marks counted by attribute, and what each letter asks."""
    asked = by(paper.stated["attributes"], "letter")
    met = Counter((one["letter"].text, one["mark"].text) for row in results for one in row["attributes"])
    yield Row()
    heads = (Cell(TICKS[mark], Look.HEAD) for mark in MARKS)
    yield Row((Cell(paper.teller.say("fact.attributes"), Look.LABEL), *heads, *paper.teller.head("attribute")))
    for letter in letters:
        question = paper.teller.text(both(asked[letter])) if letter in asked else ""
        counts = (Cell(met[letter, mark], Look.COUNT) for mark in MARKS)
        yield Row((Cell(letter), *counts, Cell(question, across=max(2, across - len(MARKS) - 1))), lines(question, 60))
    for letter, one in asked.items():
        if one["walkthrough"].value:
            told = f"{paper.teller.text(both(one))} {paper.teller.say('control.walkthrough')}"
            yield Row((Cell(letter), Cell(told, across=max(2, across - 1))), lines(told, 8 * across))
