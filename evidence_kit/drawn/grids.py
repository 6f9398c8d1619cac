"""What a notebook shows of erasure and retention: plain tables, and pictures small enough for a cell.

A picture is one path for each kind of field, so that a matrix of many persons and objects stays under the 64 KiB that a
cell may hold (docs/norm/notebook-gate.md, G08). Kinds differ by shape as well as by colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.shown import GREY, RED, Shown

Frames = Mapping[str, Mapping[str, EvidenceFrame]]

#: Rows and columns of a picture; tables and the bundle have the others.
MOST_ROWS, MOST_COLUMNS = 60, 40
STEP = 14
#: Shapes of a field of 14 by 14, from its upper left corner. Holes are drawn the other way round: what shows a notebook
#: outside Lab may keep the shape of a path and drop its paint.
FULL, FRAME, DOT = "h11v11h-11z", "h11v11h-11zm2 2v7h7v-7z", "m4 4h3v3h-3z"
CROSS = "m0 2l2-2 3.5 3.5 3.5-3.5 2 2-3.5 3.5 3.5 3.5-2 2-3.5-3.5-3.5 3.5-2-2 3.5-3.5z"
#: Words of a field → shape, and whether it is red. Any other word is a frame.
SHAPES = {
    "present": (FULL, True),
    "reappeared": (CROSS, True),
    "unreachable": ("m0 4h11v3h-11z", True),
    "absent, not shown": (DOT, True),
    "absent": (DOT, False),
    "masked": ("m0 6h11v5h-11z", False),
    "soft-deleted": ("m0 11h11l-5.5-11z", False),
    "suppressed-only": ("m2 2h7v7h-7z", False),
    "no row": ("m5 0h1v11h-1z", True),
    "in the contract": (DOT, False),
    "not in the contract": (CROSS, True),
    "not asked": ("m5 5h2v2h-2z", False),
}


def every(frames: Frames, name: str) -> list[Row]:
    """The rows of one frame, of every control that has it."""
    return [row for mine in frames.values() if name in mine for row in mine[name].rows]


def grid(said: str, rows: Sequence[str], columns: Sequence[str], fields: Sequence[Sequence[str]]) -> Shown:
    """Fields in rows and columns as an SVG, with the words of each kind under it."""
    left, top = 100, 150
    kinds = list(dict.fromkeys(kind for row in fields for kind in row))
    paths = []
    for kind in kinds:
        shape, red = SHAPES.get(kind, (FRAME, False))
        places = "".join(
            f"M{left + x * STEP} {top + y * STEP}{shape}"
            for y, row in enumerate(fields)
            for x, one in enumerate(row)
            if one == kind
        )
        paths.append(f'<path d="{places}"{paint(red)}/>')
    labels = [text(0, top + y * STEP + 10, short(name, 14)) for y, name in enumerate(rows)]
    for x, name in enumerate(columns):
        across = left + x * STEP + 9
        turn = f' transform="rotate(-60 {across} {top - 6})"'
        labels.append(text(across, top - 6, short(name, 24), turn))
    under = top + len(rows) * STEP + 20
    labels += [_key(left + 150 * (n % 4), under + 18 * (n // 4), kind) for n, kind in enumerate(kinds)]
    high = under + 18 * (len(kinds) // 4 + 1)
    wide = max(left + 600, left + len(columns) * STEP + 90)
    return picture(said, (wide, high), [*paths, *labels])


def _key(x: int, y: int, kind: str) -> str:
    """One kind of field and its words."""
    shape, red = SHAPES.get(kind, (FRAME, False))
    return f'<path d="M{x} {y}{shape}"{paint(red)}/>' + text(x + 18, y + 10, kind)


def paint(red: bool) -> str:
    """The class is for the pages of the bundle, whose sheet has its own colours."""
    return f' class="other" fill="{RED}"' if red else f' fill="{GREY}"'


def text(x: int, y: int, text: str, more: str = "") -> str:
    """Words at a place, in pixels; whatever they say stays text."""
    return f'<text class="start" x="{x}" y="{y}" font-size="11" fill="{GREY}"{more}>{escape(text)}</text>'


def short(text: str, most: int) -> str:
    """Its first characters, at most `most`, with a sign where some are left out."""
    return text if len(text) <= most else text[: most - 1] + "…"


def picture(said: str, size: tuple[int, int], drawn: Iterable[str]) -> Shown:
    """An SVG of this size in pixels, whose text alternative is `said`."""
    wide, high = size
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tall" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}" role="img" font-family="sans-serif"><title>{escape(said)}</title>{"".join(drawn)}</svg>'
    )
    return Shown({"image/svg+xml": svg, "text/plain": said})
