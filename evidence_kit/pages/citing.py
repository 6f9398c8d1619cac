"""The way back: which result cites a row of evidence, and the way on: its file, its digest, its query.

Every row of evidence leads to the results that rest on it, in both languages; neighbours with one result share a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from evidence_kit.pages import blocks as b
from evidence_kit.pages import tables
from evidence_kit.pages.parts import anchor, control_page, facts, file_link, query_page, say, withholds
from evidence_kit.pages.payload import Dossier
from evidence_kit.pages.population import entries_of, ledger_row
from evidence_kit.pages.words import LANGUAGES

#: Results named beside one row; where more cite it, the results file has them all.
NAMED = 3

#: A result that cites a row: its unit, and its place among the control's results (from 0).
Citing = tuple[str, int]


def by_row(dossier: Dossier, control: str) -> Mapping[tuple[str, int], tuple[Citing, ...]]:
    """(frame, row) -> the results of this control that cite it, in their order."""
    path = f"results/{control}.jsonl"
    found: dict[tuple[str, int], list[Citing]] = {}
    for place, result in enumerate(dossier.rows(path) if dossier.has(path) else ()):
        for each in result.value["evidence"]:
            for row in each["rows"]:
                found.setdefault((each["frame"], row), []).append((result.value["unit"], place))
    return {where: tuple(each) for where, each in found.items()}


def cells(control: str, cited: Sequence[tuple[Citing, ...]]) -> Iterator[b.Cell | None]:
    """The cell of each row of a table; None where the cell of a row above stands here too."""
    for results, run in groupby(cited):
        rows = len(tuple(run))
        yield b.Cell(_told(control, results), "by", rows)
        yield from (None for _ in range(rows - 1))


def _told(control: str, results: tuple[Citing, ...]) -> b.Inline:
    if not results:
        return say("citing.nobody")
    told: list[b.Inline] = []
    for unit, place in results[:NAMED]:
        to = f"{control_page(control, place)}#{anchor(unit)}"
        ways = (b.Link(f"{language}/{to}", say(f"sample.drawn.{language}")) for language in LANGUAGES)
        told.append(b.Listed((b.Text(unit), *ways), plain=True))
    if len(results) > NAMED:
        told.append(b.Link(f"results/{control}.jsonl", b.Text(f"+ {len(results) - NAMED}"), file=True))
    return b.Lines(tuple(told))


def origin(dossier: Dossier, control: str, frame: str) -> tuple[b.Block, ...]:
    """From the rows to their file, its digest as the ledger has it, the lists that name it, and how to do it again."""
    path = f"frames/{control}.{frame}.jsonl"
    query = f"sql/{control}.{frame}.sql"
    entries = [
        row for row in entries_of(dossier, "frame.collected") if row["data"]["frame"].text == f"{control}.{frame}"
    ]
    known = entries[-1]["data"]["frame_sha256"] if entries else None
    digest = (
        None
        if known is None
        else b.Lines((b.code(known), say("citing.projected" if withholds(dossier) else "citing.same")))
    )
    listed = (
        b.Link("bundle.json", b.Text("bundle.json", mono=True), file=True),
        b.Link("../manifest-sha256.txt", b.Text("manifest-sha256.txt", mono=True), file=True),
    )
    way = b.Link(f"{query_page(control)}#{tables.query_id(query)}", b.Text(query, mono=True))
    ran = way if dossier.has(query) else None
    return (
        facts(
            ("file", file_link(dossier, path)),
            ("sha256", digest),
            ("entry", b.Listed(_ways(ledger_row(entries[-1])), plain=True) if entries else None),
            ("listed", b.Listed(listed, plain=True)),
            (
                "query",
                b.Link(f"{query_page(control)}#{tables.query_id(query)}", b.Text(query, mono=True)) if ran else None,
            ),
            ("again", b.Listed(_ways("verify.html#again"), plain=True)),
        ),
    )


def _ways(to: str) -> tuple[b.Inline, ...]:
    """The same place of the pages of both languages."""
    return tuple(b.Link(f"{language}/{to}", say(f"sample.drawn.{language}")) for language in LANGUAGES)
