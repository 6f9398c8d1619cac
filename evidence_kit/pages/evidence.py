"""Show me the row: evidence frames as tables, 500 rows a page, once for both languages, values as they are stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages import citing
from evidence_kit.pages.control import rows_told
from evidence_kit.pages.parts import (
    NONE,
    PAGE_ROWS,
    by,
    control_page,
    cut,
    evidence_page,
    pager,
    say,
    withholds,
)
from evidence_kit.pages.payload import Dossier, Node

#: Texts longer than this get a wider column.
LONG = 18
#: More columns than this do not fit on upright paper.
ACROSS = 8


def names(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    """Control and frame of every evidence frame, in order."""
    found = []
    for path in dossier.names("frames", ".jsonl"):
        control, _, frame = path.removeprefix("frames/").removesuffix(".jsonl").partition(".")
        found.append((control, frame))
    return tuple(found)


def pages(dossier: Dossier) -> Iterator[b.Page]:
    """The pages of every evidence frame."""
    known: dict[str, Mapping[tuple[str, int], tuple[citing.Citing, ...]]] = {}
    for control, frame in names(dossier):
        if control not in known:
            known = {control: citing.by_row(dossier, control)}
        yield from _frame(dossier, control, frame, known[control])


def columns_of(dossier: Dossier, control: str, frame: str, rows: tuple[Node, ...]) -> tuple[str, ...]:
    """Columns in the catalogue's order: id, what the control needs, local days beside their instants, `unreadable`."""
    present = set(rows[0].value) if rows else set()
    stated = by(dossier.doc("controls.json")["controls"], "control")
    needed = [
        column.text
        for need in (stated[control]["needs"] if control in stated else ())
        if need["frame"].text == frame
        for columns in (need["columns"], need["optional"])
        for column in columns
    ]
    ordered = ["id"]
    for name in needed:
        stem = name.removesuffix("_at")
        ordered += [name, f"{name}_local", f"{stem}_on_local", f"{stem}_local"]
    kept = [name for name in dict.fromkeys(ordered) if name in present or (not rows and name in (*needed, "id"))]
    rest = sorted(present - set(kept) - {"unreadable"})
    return (*kept, *rest, *(("unreadable",) if "unreadable" in present else ()))


def _frame(
    dossier: Dossier, control: str, frame: str, cited: Mapping[tuple[str, int], tuple[citing.Citing, ...]]
) -> Iterator[b.Page]:
    path = f"frames/{control}.{frame}.jsonl"
    rows = dossier.rows(path)
    every = columns_of(dossier, control, frame, rows)
    columns = tuple(name for name in every if not rows or _seen(rows, name))
    parts = cut(rows)
    stems = [evidence_page(control, frame, number * PAGE_ROWS + 1) for number in range(len(parts))]
    numeric = {name for name in columns if _counts(rows, name)}
    names = tuple(b.Column(b.Text(name, mono=True, breaks=True), _width(rows, name, numeric)) for name in columns)
    heads = (names[0], b.Column(say("col.cited_by")), *names[1:]) if rows else names
    caption = say("evidence.caption", frame=b.Text(frame, mono=True), control=b.Text(control))
    empty = tuple(name for name in every if name not in columns)
    about = _about(empty, tuple(name for name in empty if withholds(dossier) and name.endswith("_ref")))
    for number, part in enumerate(parts, 1):
        backs = citing.cells(control, [cited.get((frame, row["id"].value), ()) for row in part])
        shown = tuple(_row(row, back, columns, numeric) for row, back in zip(part, backs, strict=True))
        turn = pager(stems, number, rows_told(part, rows)) if rows else ()
        yield b.Page(
            path=stems[number - 1],
            title=say("evidence.title", frame=b.Text(frame), control=b.Text(control)),
            heading=say("evidence.title", frame=b.Text(frame), control=b.Text(control)),
            intro=(
                *citing.origin(dossier, control, frame),
                *about,
                *turn,
                b.Table(caption, heads, shown, say("evidence.empty")),
                *turn,
            ),
            sections=(),
            menu=stems[0],
            back=control_page(control),
            across=len(columns) > ACROSS,
        )


def _about(empty: tuple[str, ...], withheld: tuple[str, ...]) -> tuple[b.Block, ...]:
    """How values stand here; and the columns that hold nothing in any row, told once instead of in every row.

    `withheld`: those of them that this level does not show, whatever the source holds.
    """
    told = [b.Paragraph(say("evidence.raw"), "note")]
    unfilled = tuple(name for name in empty if name not in withheld)
    for key, names_ in (("evidence.unfilled", unfilled), ("withheld.columns", withheld)):
        if names_:
            listed = b.Listed(tuple(b.Text(name, mono=True) for name in names_), plain=True)
            told.append(b.Paragraph(b.Lines((say(key), listed)), "note"))
    return tuple(told)


def _seen(rows: tuple[Node, ...], name: str) -> bool:
    return any(row.value.get(name) is not None for row in rows)


def _counts(rows: tuple[Node, ...], name: str) -> bool:
    values = [row.value.get(name) for row in rows]
    return any(_whole(value) for value in values) and all(value is None or _whole(value) for value in values)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _width(rows: tuple[Node, ...], name: str, numeric: set[str]) -> str:
    if name in numeric:
        return "n"
    return "w" if any(len(str(row.value.get(name))) > LONG for row in rows) else ""


def _row(row: Node, back: b.Cell | None, columns: Sequence[str], numeric: set[str]) -> b.Row:
    """One row: its number, the results that cite it, its values."""
    cells = [_cell(row, name, numeric) for name in columns]
    return b.Row((cells[0], *(() if back is None else (back,)), *cells[1:]), id=f"r{row['id'].text}")


def _cell(row: Node, name: str, numeric: set[str]) -> b.Cell:
    node = row[name]
    if node.absent:
        return b.Cell(NONE)
    if name in numeric:
        shown: b.Inline = b.text(node)
        return b.Cell(b.Link(f"#r{row['id'].text}", shown) if name == "id" else shown, "n")
    return b.Cell(b.text(node))
