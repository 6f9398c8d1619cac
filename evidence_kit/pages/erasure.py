"""Is the person gone from every place? The matrix person x object of ERA-01, and who came back, of ERA-03.

A cell is judged by the rule itself (`rules.probes`), so that no page can be kinder than the results. What was not
searched is said to be so, with its reason: it is no part of "nothing was found".
Source: docs/norm/retention.md, section 4; docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages import matrices, probed
from evidence_kit.pages.matrices import Field, Head, Line, Matrix
from evidence_kit.pages.parts import NONE, anchor, columns, count_cell, local, say, tone
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.places import not_searched
from evidence_kit.pages.probed import CLEAN, FRAME, OF_OBJECT, RETURNS, SIGNS, Search

#: Letters of a pseudonym that tell two persons apart on one page; the whole of it stands in the evidence.
SHORT = 10

Fields = Mapping[str, Mapping[str, Field]]


def sections(dossier: Dossier, control: str, units: Mapping[str, str]) -> Iterator[b.Section]:
    """The sections of a control that has probes. `units`: unit -> where it is told of."""
    path = f"frames/{control}.{FRAME}.jsonl"
    if not dossier.has(path):
        return
    search = probed.gather(dossier, control, dossier.rows(path), units)
    if control == RETURNS:
        yield b.Section("returns", say("returns"), (_returns(search, units),))
    fields = {case: probed.fields_of(search, case) for case in search.cases if search.cells[case]}
    yield b.Section("matrix", say(_name(search)), tuple(_told(search, fields, units)))
    yield b.Section("searched", say("searched"), (_objects(search, fields), *not_searched(dossier)))


def _name(search: Search) -> str:
    """What the messages of this matrix begin with."""
    return "returned" if search.control == RETURNS else "erasure"


def _told(search: Search, fields: Fields, units: Mapping[str, str]) -> Iterator[b.Block]:
    name = _name(search)
    yield b.Paragraph(say(f"{name}.intro"))
    yield from _alone(search, units)
    met = {case: mine for case, mine in fields.items() if any(_about(field) for field in mine.values())}
    shown = [
        each for each in search.objects if any(mine[each].kind not in CLEAN | {"unproven"} for mine in met.values())
    ]
    lines = matrices.worst_first([_line(search, case, mine, units) for case, mine in met.items()], SIGNS)
    heads = {each: Head(_head(search, each), each) for each in shown}
    matrix = Matrix(name, "erasure", heads, lines, SIGNS)
    drawn = matrices.drawing(matrix)
    yield drawn if drawn else b.Paragraph(say(f"{name}.none"), "empty")
    yield from matrices.tables(matrix, f"{name}.none", lambda line: (b.Cell(_person(search, line.label)),))
    left = {"persons": len(fields) - len(met), "objects": len(search.objects) - len(shown)}
    yield b.Paragraph(b.Say(f"{name}.rest", {key: b.Count(str(n)) for key, n in left.items()}), "note")


def _alone(search: Search, units: Mapping[str, str]) -> Iterator[b.Block]:
    """The erasures for which nothing at all was searched: no identifier was left to search with."""
    found = [case for case in search.cases if not search.cells[case]]
    if found:
        yield b.Banner(say("erasure.alone", count=len(found), n=b.Count(str(len(found)))), "warn")
        told = tuple(b.Link(units[case], b.Text(case, mono=True)) for case in found)
        yield b.Bullets(told, say("empty.rows"))


def _about(one: Field) -> bool:
    """Whether a cell says something of the person."""
    return one.kind not in CLEAN | OF_OBJECT


def _line(search: Search, case: str, fields: Mapping[str, Field], units: Mapping[str, str]) -> Line:
    told: b.Inline = b.Text(case, mono=True)
    rows = search.cells[case].values()
    first = next(iter(rows), None)
    if first is not None:
        told = b.code(first["case_id"])
    return Line(b.Link(units[case], told) if case in units else told, case, fields)


def _person(search: Search, case: str) -> b.Inline:
    """The pseudonym, shortened: it leads to the row of evidence that has it whole."""
    first = next(iter(search.cells[case].values()), None)
    if first is None or "subject_key" not in first or first["subject_key"].absent:
        return b.Code("cell", "no-key")
    short = b.Text(matrices.cut(first["subject_key"].text, SHORT), mono=True)
    return b.Link(probed.evidence_of(search, first), short)


def _head(search: Search, name: str) -> b.Inline:
    """The object's name, which leads to what is said of it; one that nobody declared is marked."""
    link = b.Link(f"#{_ident(name)}", b.Text(name, mono=True))
    return link if search.declared.get(name, True) else b.Lines((link, b.Code("cell", "undeclared")))


def _ident(name: str) -> str:
    return f"object-{anchor(name)}"


def _objects(search: Search, fields: Fields) -> b.Table:
    """Every object searched: whether it is declared, whether the search can see, how many persons stand how in it."""
    rows = [_object_row(search, fields, name, found) for name, found in search.objects.items()]
    # A place that the engagement names and no probe ever looked into must not be silent.
    for name, place in search.places.items():
        if "." in name and name not in search.objects and place["not_searched"].absent:
            cells = (b.Cell(b.code(place["place"])), b.Cell(b.Code("cell", "in-places")), b.Cell(NONE))
            rows.append(b.Row((*cells, b.Cell(_untested("never-searched"), "o")), id=_ident(name), tone="INCONCLUSIVE"))
    heads = columns("object:w", "declared", "canary", "persons_found:w")
    note = say("searched.note")
    return b.Table(say("searched.caption"), heads, tuple(rows), say("searched.none"), note=note)


def _untested(word: str) -> b.Inline:
    """A word of a cell with the sign of what could not be tested."""
    return matrices.marked("INCONCLUSIVE", b.Code("cell", word))


def _object_row(search: Search, fields: Fields, name: str, found: Sequence[Node]) -> b.Row:
    kinds = Counter(mine[name].kind for mine in fields.values())
    declared = search.declared.get(name, True)
    told = tuple(
        say("searched.count", kind=b.Code("cell", kind), n=b.Count(str(kinds[kind]))) for kind in SIGNS if kind in kinds
    )
    state, verdict = probed.canary_of(found)
    if any(row["state"].text == "unreachable" for row in found):
        verdict = "ERROR"
    return b.Row(
        (
            b.Cell(b.Link(probed.evidence_of(search, found[0]), b.Text(name, mono=True))),
            b.Cell(b.Code("cell", "declared") if declared else _untested("undeclared"), "o"),
            b.Cell(matrices.marked(verdict, b.Code("canary", state)), "o"),
            b.Cell(b.Lines(told)),
        ),
        id=_ident(name),
        tone=tone(verdict if declared or verdict != "PASS" else "INCONCLUSIVE"),
    )


def _returns(search: Search, units: Mapping[str, str]) -> b.Table:
    """Everybody who came back, where, since when and by what."""
    rows = tuple(
        b.Row(
            (
                b.Cell(_line(search, case, {}, units).head),
                b.Cell(_person(search, case)),
                b.Cell(b.Link(probed.evidence_of(search, row), b.Text(name, mono=True))),
                count_cell(row["matched_rows"]) if "matched_rows" in row else b.Cell(NONE, "nil"),
                b.Cell(local(row, "previously_absent_at")),
                b.Cell(local(row, "earliest_row_at")),
                b.Cell(b.Code("return", str(row.value.get("return_cause") or "unknown"))),
            ),
            tone=tone(probed.verdict_of(row, search.today)),
        )
        for case in search.cases
        for name, row in search.cells[case].items()
        if row["state"].text == "reappeared"
    )
    heads = columns("erasure", "person", "object:w", "rows:n", "seen_absent:d", "earliest_row:d", "return_cause")
    return b.Table(
        say("returns.caption"),
        heads,
        rows,
        say("returned.none"),
        dense=True,
    )
