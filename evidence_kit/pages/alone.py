"""A record as one page of both languages that stands alone: no script, no address, one sheet.

Every figure points into the record that the page was made from. The same record gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from markupsafe import Markup

from evidence_kit.pages import blocks as b
from evidence_kit.pages.gate import check
from evidence_kit.pages.markup import Writer
from evidence_kit.pages.parts import PAGE_ROWS, say
from evidence_kit.pages.render import POLICY, SHEET, templates
from evidence_kit.pages.styling import policy, sheet_for, sheet_text
from evidence_kit.pages.words import LANGUAGES, words


def render(name: str, heading: str, page: Callable[[str], b.Page], *, demonstration: bool) -> bytes:
    """The page called `name`. `heading`: the message at its head; `page`: what it holds, given what its ids begin with.

    Raises ValueError for a trace of an unfilled place, a dangling link or a doubled id.
    """
    parts = []
    for language in LANGUAGES:
        write = Writer(words(language), "index.html")
        part = templates().get_template("compared_part.html")
        parts.append(Markup(part.render(language=language, page=_capped(page(f"{language}-")), write=write)))
    body = (
        templates()
        .get_template("compared.html")
        .render(
            headings={language: words(language).text(heading) for language in LANGUAGES},
            told={language: words(language) for language in LANGUAGES},
            demonstration=demonstration,
            parts=parts,
        )
    )
    body = body.rstrip() + "\n"
    own = sheet_for(sheet_text(name), body)
    html = body.replace(SHEET, f"<style>{own}</style>", 1).replace(POLICY, policy(own), 1).encode()
    check({f"{name}.html": html}, ())
    return html


def _capped(page: b.Page) -> b.Page:
    """Long tables end after so many rows here; the record has them all."""
    sections = tuple(replace(each, blocks=tuple(map(_cut, each.blocks))) for each in page.sections)
    return replace(page, sections=sections)


def _cut(block: b.Block) -> b.Block:
    """A long table with its first rows; a note says of how many, and where they all stand."""
    if not isinstance(block, b.Table) or len(block.rows) <= PAGE_ROWS:
        return block
    note = say("compare.more", shown=b.Count(str(PAGE_ROWS)), all=b.Count(str(len(block.rows))))
    return replace(block, rows=block.rows[:PAGE_ROWS], note=note)
