"""Are these all the cases? What COM-01 found: rows that became something else, numbers and messages without a case.

Source of the frames: docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import (
    NONE,
    columns,
    count_cell,
    cut,
    evidence_row,
    paged,
    pager,
    say,
    tag,
    tone,
)
from evidence_kit.pages.payload import Dossier, Node

CONTROL = "COM-01"
FATES = ("read", "collapsed", "void", "outside_period", "in_period", "unreadable")
#: Parameters of the rule that finds the message of a case, and says whether a message is a request.
MATCHING = ("match_days", "triage_score")

#: What is listed, each with the test of its rows.
LISTS: Mapping[str, Callable[[Node], bool]] = {
    "missing": lambda row: _kind(row, "identifier") and row["log_rows"].value == 0,
    "repeated": lambda row: _kind(row, "identifier") and (row["log_rows"].value or 0) > 1,
    "orphans": lambda row: _kind(row, "message") and row["request_id"].absent,
    "silent": lambda row: _kind(row, "identifier") and row["message_found"].value is False,
    "outside": lambda row: _kind(row, "identifier") and row["logged_in_period"].value is False,
}


def _kind(row: Node, kind: str) -> bool:
    return bool(row["unit_kind"].value == kind)


def tested(dossier: Dossier) -> bool:
    """Whether this engagement asked whether the population of requests is complete."""
    return dossier.has(_path("completeness"))


def section(dossier: Dossier) -> b.Section:
    """The answer, for the page of populations."""
    told = tuple(_told(dossier)) if tested(dossier) else (b.Banner(say("complete.not_tested"), "warn"),)
    return b.Section("complete", say("complete"), told)


def pages(dossier: Dossier) -> Iterator[b.Page]:
    """The rest of the lists that are too long for the page of populations."""
    if not tested(dossier):
        return
    found = _listed(dossier)
    for name, rows in found.items():
        for number, _ in enumerate(cut(rows)[1:], 2):
            yield b.Page(
                path=_page(name, number),
                title=say(f"complete.{name}"),
                heading=say(f"complete.{name}"),
                intro=tuple(_list(name, rows, number, _verdicts(dossier))),
                sections=(),
                menu="population.html",
            )


def _path(frame: str) -> str:
    return f"frames/{CONTROL}.{frame}.jsonl"


def _page(name: str, number: int) -> str:
    return "population.html" if number == 1 else paged(f"population-{name}", number)


def _told(dossier: Dossier) -> Iterator[b.Block]:
    given = {each["name"].text: each["value"] for each in dossier.doc("engagement.json")["parameters"]}
    yield b.Paragraph(say("complete.intro"))
    if all(name in given for name in MATCHING):
        yield b.Paragraph(
            say(
                "complete.rule",
                count=given["match_days"].value,
                days=b.Link("engagement.html#parameters", b.integer(given["match_days"])),
                score=b.Link("engagement.html#parameters", b.integer(given["triage_score"])),
            )
        )
    verdicts = _verdicts(dossier)
    yield _accounts(dossier, verdicts)
    listed = _listed(dossier)
    for name, rows in listed.items():
        if rows:
            yield from _list(name, rows, 1, verdicts)
    empty = tuple(say(f"complete.{name}") for name, rows in listed.items() if not rows)
    if empty:
        yield b.Paragraph(say("complete.none", kinds=b.Listed(empty, clauses=True)))


def _listed(dossier: Dossier) -> Mapping[str, Sequence[Node]]:
    rows = dossier.rows(_path("completeness"))
    return {name: tuple(row for row in rows if met(row)) for name, met in LISTS.items()}


def _verdicts(dossier: Dossier) -> Mapping[str, Node]:
    """The result of each unit."""
    path = f"results/{CONTROL}.jsonl"
    return {row["unit"].text: row for row in dossier.rows(path)} if dossier.has(path) else {}


def _accounts(dossier: Dossier, verdicts: Mapping[str, Node]) -> b.Table:
    """Each extract: how many rows its source held, and what became of those that were read."""
    extracts = dossier.rows(_path("extracts")) if dossier.has(_path("extracts")) else ()
    fates = dossier.rows(_path("row_accounts")) if dossier.has(_path("row_accounts")) else ()
    counted = {(row["extract_id"].text, row["fate"].text): row["rows"] for row in fates}
    rows = []
    for extract in extracts:
        name = extract["extract_id"].text
        result = verdicts.get(name)
        rows.append(
            b.Row(
                (
                    b.Cell(
                        b.Link(evidence_row(CONTROL, "extracts", extract["id"].value), b.text(extract["extract_id"]))
                    ),
                    count_cell(extract["source_rows"]),
                    *(
                        count_cell(counted[name, fate]) if (name, fate) in counted else b.Cell(NONE, "nil")
                        for fate in FATES
                    ),
                    *_verdict(result),
                ),
                tone=tone(result["verdict"].text) if result is not None else "",
            )
        )
    heads = columns("extract", "source_rows:n", *(f"fate.{fate}:n" for fate in FATES), "verdict", "reasons")
    return b.Table(
        say("complete.accounts"), heads, tuple(rows), say("empty.rows"), say("complete.accounts.note"), dense=True
    )


def _verdict(result: Node | None) -> tuple[b.Cell, b.Cell]:
    if result is None:
        return b.Cell(NONE), b.Cell(NONE)
    told = [b.Code("reason", code.text) for code in result["reasons"]]
    told += [b.Code("flag", flag.text) for flag in result["flags"]]
    return b.Cell(tag(result["verdict"])), b.Cell(b.Lines(tuple(told)) if told else NONE)


def _list(name: str, rows: Sequence[Node], number: int, verdicts: Mapping[str, Node]) -> Iterator[b.Block]:
    """One part of one list; with the ways to the others where there are several."""
    parts = cut(rows)
    part = parts[number - 1]
    stems = [_page(name, each) for each in range(1, len(parts) + 1)]
    told = say("pager.cases", first=b.text(part[0]["unit_id"]), last=b.text(part[-1]["unit_id"]))
    yield from pager(stems, number, told)
    explained = any(not row["explanation"].absent for row in rows)
    table = tuple(_row(row, verdicts.get(row["unit_id"].text), explained=explained) for row in part)
    heads = columns("unit_id:w", *(("explanation",) if explained else ()), "verdict", "reasons:w")
    yield b.Table(say(f"complete.{name}"), heads, table, say("empty.rows"))


def _row(row: Node, result: Node | None, *, explained: bool) -> b.Row:
    why = NONE if row["explanation"].absent else b.text(row["explanation"])
    return b.Row(
        (
            b.Cell(b.Link(evidence_row(CONTROL, "completeness", row["id"].value), b.text(row["unit_id"]))),
            *((b.Cell(why),) if explained else ()),
            *_verdict(result),
        ),
        tone=tone(result["verdict"].text) if result is not None else "",
    )
