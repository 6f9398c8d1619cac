"""Long tables and lists in pages: 500 rows each, with the ways between them. Nothing is ever cut off.

Whoever makes a page puts every row into its table; here, once for all pages, the rows beyond the first 500 get pages
of their own, `<page>-<section>-2.html` and so on. Source: docs/norm/bundle.md, section 7.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import PAGE_ROWS, paged, pager, say


def turned(page: b.Page) -> Iterator[b.Page]:
    """The page with the first rows of each long table, then the pages of the other rows, in order."""
    further: list[b.Page] = []
    intro = _blocks(page, "", page.heading, page.intro, further)
    sections = tuple(
        replace(each, blocks=_blocks(page, each.id, each.heading, each.blocks, further)) for each in page.sections
    )
    yield replace(page, intro=intro, sections=sections) if further else page
    yield from further


def _blocks(
    page: b.Page, section: str, heading: b.Inline, blocks: tuple[b.Block, ...], further: list[b.Page]
) -> tuple[b.Block, ...]:
    """The blocks of one section, long ones cut; the other parts are added to `further`."""
    told: list[b.Block] = []
    long = 0
    for block in blocks:
        if not isinstance(block, b.Table | b.Bullets) or _length(block) <= PAGE_ROWS:
            told.append(block)
            continue
        long += 1
        stem = "-".join((page.path.removesuffix(".html"), section or "rows", *([str(long)] if long > 1 else [])))
        count = (_length(block) - 1) // PAGE_ROWS + 1
        back = f"{page.path}#{section}" if section else page.path
        stems = [back, *(paged(f"{stem}.rows", number) for number in range(2, count + 1))]
        told += _turn(stems, 1, block)
        for number in range(2, count + 1):
            turn, part, *_ = _turn(stems, number, block)
            further.append(
                b.Page(
                    path=stems[number - 1],
                    title=page.title,
                    heading=say("turned.heading", page=page.heading, section=heading) if section else page.heading,
                    intro=(turn, part, turn),
                    sections=(),
                    menu=page.menu,
                    back=page.back,
                )
            )
    return tuple(told)


def _length(block: b.Table | b.Bullets) -> int:
    return len(block.rows) if isinstance(block, b.Table) else len(block.items)


def _turn(stems: list[str], number: int, block: b.Table | b.Bullets) -> tuple[b.Block, ...]:
    """The ways to the other pages, and the rows of this one."""
    start = (number - 1) * PAGE_ROWS
    part: b.Block
    if isinstance(block, b.Table):
        part = replace(block, rows=block.rows[start : start + PAGE_ROWS])
    else:
        part = replace(block, items=block.items[start : start + PAGE_ROWS])
    counts = {"first": start + 1, "last": min(start + PAGE_ROWS, _length(block)), "total": _length(block)}
    return (*pager(stems, number, b.Say("pager.rows", {key: b.Count(str(n)) for key, n in counts.items()})), part)
