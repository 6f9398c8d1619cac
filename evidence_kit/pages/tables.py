"""The tables of a control's page beside its matrix: strata, attributes, reasons, expectations, queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from evidence_kit.pages import blocks as b
from evidence_kit.pages.charts import stratum_id
from evidence_kit.pages.parts import (
    NONE,
    both,
    by,
    columns,
    control_page,
    count_cell,
    evidence_page,
    file_link,
    linked,
    percent_cell,
    query_page,
    say,
    tag,
    tone,
)
from evidence_kit.pages.payload import Dossier, Node

MARKS = ("pass", "fail", "na", "missing", "error")


def strata(control: Node, finding: Node, *, drawn: bool) -> b.Table:
    """Counts, rates and verdict of each stratum, which is judged alone; each count leads to what was counted."""
    of = f"#of-{control['control'].text}"
    ways = {"units": f"population.html{of}", "drawn": f"sample.html{of}", "pass": "#cases" if drawn else "#facts"}
    rest = "#deviations" if drawn else "#facts"
    without, bad = by(finding["without_untested"], "stratum"), by(finding["too_many"], "stratum")
    keys = ("units", "drawn", "pass", "fail", "error", "inconclusive", "deviations")
    rows = []
    for stratum in control["strata"]:
        key = stratum["stratum"].text
        rows.append(
            b.Row(
                (
                    b.Cell(b.figure(stratum["stratum"], b.Kind.STRATUM)),
                    b.Cell(tag(stratum["verdict"])),
                    *(linked(ways.get(count, rest), count_cell(stratum[count])) for count in keys),
                    count_cell(stratum["upper_units"]),
                    percent_cell(stratum["upper_rate_shown"]),
                    count_cell(bad[key]["too_many"]) if key in bad else b.Cell(NONE, "nil"),
                    percent_cell(without[key]["upper_rate_shown"]) if key in without else b.Cell(NONE, "nil"),
                ),
                id=stratum_id(stratum),
                tone=tone(stratum["verdict"].text),
            )
        )
    heads = columns(
        "stratum:s", "verdict", *(f"{key}:n" for key in keys), "upper_units:n", "upper:n", "too_many:n", "without:n"
    )
    return b.Table(
        say("control.strata.caption"), heads, tuple(rows), say("empty.strata"), say("control.strata.note"), dense=True
    )


def attributes(stated: Node) -> b.Facts:
    """What each letter asks; those that a person answers in a walk-through are said to be so."""
    return b.Facts(
        tuple(
            (
                b.Text(attribute["letter"].text),
                b.Lines((both(attribute), say("control.walkthrough")))
                if attribute["walkthrough"].value
                else both(attribute),
            )
            for attribute in stated["attributes"]
        ),
        "letters",
    )


def legend() -> b.Legend:
    """The marks and their words."""
    return b.Legend(tuple(("mark", b.Mark(mark), b.Code("mark.legend", mark)) for mark in MARKS))


def reasons(finding: Node, first: Mapping[str, str]) -> b.Table:
    """How many units gave each reason. `first`: reason -> where the first unit that gives it is told of."""
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Code("reason", each["reason"].text)),
                b.Cell(b.Text(each["reason"].text, mono=True)),
                linked(first.get(each["reason"].text, "#cases"), count_cell(each["units"])),
            )
        )
        for each in finding["reasons"]
    )
    return b.Table(say("control.reasons.caption"), columns("reason", "code", "units:n"), rows, say("empty.reasons"))


def expectations(dossier: Dossier, name: str, finding: Node) -> b.Table:
    """What the second reader was asked of the frames, a sentence for each expectation, and whether it held.

    The sentences are those of the suites. Raises ValueError for an answer that no suite asks for.
    """
    rows = tuple(
        b.Row(
            (
                b.Cell(file_link(dossier, asked.file, b.Text(check["frame"].text, mono=True))),
                b.Cell(_sentence(check, asked)),
                b.Cell(say(_outcome(check))),
                linked(f"../{evidence_page(name, check['frame'].text)}", count_cell(check["rows"]))
                if dossier.has(f"frames/{name}.{check['frame'].text}.jsonl")
                else count_cell(check["rows"]),
            ),
            tone="FAIL" if _outcome(check) == "expectation.unmet" else "",
        )
        for check, asked in _asked(dossier, name, finding["checks"])
    )
    heads = columns("frame", "expectation", "outcome", "rows:n")
    caption, note = say("control.expectations.caption"), say("control.expectations.note")
    return b.Table(caption, heads, rows, say("empty.expectations"), note=note if rows else None)


def _asked(dossier: Dossier, name: str, checks: Iterable[Node]) -> Iterator[tuple[Node, Node]]:
    """Each answer, and the `meta` of the expectation of a suite that it answers: both are in one order."""
    left: dict[str, Iterator[Node]] = {}
    for check in checks:
        frame, code = check["frame"].text, check["expectation"].text
        if frame not in left:
            left[frame] = iter(dossier.doc(f"expectations/{name}/{frame}.json")["expectations"])
        asked = next((one["meta"] for one in left[frame] if one["meta"]["expectation"].text == code), None)
        if asked is None:
            raise ValueError(f"{check.ek}: no expectation of a suite is answered by it")
        yield check, asked


def _sentence(check: Node, asked: Node) -> b.Inline:
    """What was expected; of the second reading of a verdict, it is said to be one."""
    told = b.Told(b.text(asked["en"]), b.text(asked["fr"]))
    second = check["expectation"].text.startswith("second-reading:")
    return say("expectation.second", expectation=told) if second else told


def _outcome(check: Node) -> str:
    """The message of an answer. Of no row nothing holds, and nothing is accused."""
    if not check["rows"].value:
        return "expectation.none"
    return "expectation.met" if check["success"].value else "expectation.unmet"


def queries(dossier: Dossier, name: str) -> b.Bullets:
    """Ways to each query text that ran for this control."""
    ways = tuple(
        b.Link(f"../{query_page(name)}#{query_id(path)}", b.Text(path, mono=True)) for path in queries_of(dossier, name)
    )
    return b.Bullets(ways, say("empty.queries"))


def queries_of(dossier: Dossier, name: str) -> tuple[str, ...]:
    """The files of the queries that ran for one control."""
    return tuple(path for path in dossier.names("sql", ".sql") if path.startswith(f"sql/{name}."))


def query_id(path: str) -> str:
    """The place of one query on the page of its control."""
    return path.removeprefix("sql/").removesuffix(".sql").partition(".")[2]


def query_pages(dossier: Dossier, controls: Iterable[Node]) -> Iterator[b.Page]:
    """The query texts of each control, as they ran: long, and the same in every language, so they exist once."""
    for control in controls:
        name = control["control"].text
        found = queries_of(dossier, name)
        if found:
            yield b.Page(
                path=query_page(name),
                title=say("queries.title", control=b.Text(name)),
                heading=say("queries.title", control=b.Text(name)),
                intro=(),
                sections=tuple(
                    b.Section(
                        query_id(path),
                        b.Text(query_id(path), mono=True),
                        (b.Pre(file_link(dossier, path), dossier.text(path)),),
                    )
                    for path in found
                ),
                menu=query_page(name),
                back=control_page(name),
            )


def controls_of(page: str, prefix: str, asked: Mapping[str, Node]) -> b.Table:
    """The controls of one family on the page that is across them: what each asks, and what came of it.

    `page`: the family of its words; `prefix`: how their ids begin; `asked`: the controls of summary.json by id.
    """
    rows = tuple(
        b.Row(
            (
                b.Cell(b.Link(control_page(name), b.text(each["control"]))),
                b.Cell(b.Code(f"{page}.asks", name)),
                b.Cell(tag(each["verdict"])),
                b.Cell(b.Link(f"{control_page(name)}#facts", b.integer(each["units"])), "n"),
                b.Cell(b.Link(f"{control_page(name)}#facts", b.integer(each["deviations"])), "n"),
            ),
            tone=tone(each["verdict"].text),
        )
        for name, each in sorted(asked.items())
        if name.startswith(prefix)
    )
    heads = columns("control", "asks:w", "verdict", "units:n", "deviations:n")
    return b.Table(say(f"{page}.controls.caption"), heads, rows, say("empty.rows"))
