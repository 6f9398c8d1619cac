"""Pages read by the shapes of their lines: whatever is accepted that way, the strict reader accepts and reads alike."""

from __future__ import annotations

import random

import pytest

from evidence_kit import verify
from tests.bundles import good as g

#: Bits of markup that could be taken for something else where they do not belong.
BITS = (
    *'<>"=/& \n\t\0\1\2\3é',
    "<bdi>x</bdi>", "<bdi>", "</bdi>", ' id="r1"', ' href="#r1"', ' class="n"', ' title="a href="', "&#49;", "<b>",
    "</b>", "<br>", "<br/>", '<td class="n">', "</td>", '<data value="1" data-ek="a#/b">1</data>', "<h1>", "</h1>",
    '<data value="1" data-ek="a#/b">', "</data>", '<time datetime="2026-01-01">', "</time>", "<svg>", "</svg>",
    "<style>", "</style>", "<title>", "</title>", '<svg><g id="javascript"/></svg>', "<script>", "<p>\n</p>",
    '<table><tr><td class="n"><bdi>5</bdi></td></tr></table>', '<data value="1" data-ek="y"><bdi>z</bdi></data>',
)  # fmt: skip


def figures_of(outline: verify.Outline) -> list[tuple[str, str, str, tuple[str, ...]]]:
    found = [(each.value, each.pointer, each.text, each.times) for each in outline.data]
    for value, pointer, moment, dated, text in zip(*outline.columns, strict=True):
        times = () if moment is None else (verify.unescaped(moment),)
        shown = verify.unescaped(text if moment is None else dated)
        found.append((verify.unescaped(value), verify.unescaped(pointer), shown, times))
    return sorted(found)


def both(outlines: verify.Outlines, text: str) -> bool:
    """Whether the quick reader accepts the page; if so, the strict one agrees in everything."""
    outline = outlines.read(text)
    if outline is None:
        return False
    page = verify.Page(text)
    assert page.met == {"H01": [], "H04": []}
    assert not page.doubled
    assert outline.ids == list(page.ids)
    assert outline.links == [href for _, href in page.links]
    assert outline.language == page.language
    assert figures_of(outline) == sorted((each.value, each.pointer, each.text, each.times) for each in page.data)
    return True


def pages() -> list[str]:
    return [data.decode() for name, data in g.good().files.items() if name.endswith(".html")]


def test_every_page_in_order_is_read_by_its_shapes() -> None:
    outlines = verify.Outlines()
    assert all(both(outlines, text) for text in pages())


@pytest.mark.parametrize("seed", range(4))
def test_the_quick_reader_accepts_nothing_that_the_strict_one_refuses(seed: int) -> None:
    chance, outlines, texts = random.Random(seed), verify.Outlines(), pages()
    accepted = 0
    for _ in range(100):
        text = chance.choice(texts)
        for _ in range(chance.choice((1, 1, 2))):
            at = chance.randrange(len(text))
            at = at if chance.random() < 0.3 else max(text.find(chance.choice('<>"\n'), at), 0)
            text = text[:at] + chance.choice(BITS) + text[at + chance.choice((0, 0, 1, 5)) :]
        accepted += both(outlines, text)
    assert accepted, "no change was harmless: the test asks nothing"


def test_what_is_remembered_of_pages_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "MOST_REMEMBERED", 3000)
    outlines = verify.Outlines()
    for text in pages() * 2:
        assert both(outlines, text)
    assert outlines.remembered <= 3000
    kept = sum(len(line) for each in outlines.contexts.values() for line in (*each.lines, *each.shapes))
    assert kept <= 3000
