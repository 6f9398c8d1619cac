"""The pages of erasure and retention in a browser: narrow, dark, on paper, and heard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evidence_kit.pages.render import render
from tests.pages.erasure_payload import erasure_payload
from tests.pages.sample_payload import sample_seal
from tests.pages.test_looks import CONTRAST, DEFECTS, browser  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow  # a real browser

SECTIONS = ("matrix", "searched", "returns", "recipients", "backups", "runs", "ages")
CONTROLS = ("ERA-01", "ERA-03", "ERA-04", "ERA-05", "RET-01", "RET-04")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The control pages of both languages, and the engagement's, with many persons and objects."""
    root = tmp_path_factory.mktemp("erased")
    for path, content in render(erasure_payload(persons=12, objects=20), sample_seal()).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    names = [*(f"control-{control}" for control in CONTROLS), "engagement"]
    return [root / f"site/{language}/{name}.html" for language in ("en", "fr") for name in names]


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_pages_fit_their_width_and_can_be_read_and_heard(
    browser: Any,  # noqa: F811
    pages: list[Path],
    width: int,
    scheme: str,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    met = {}
    for path in pages:
        page.goto(path.as_uri())
        found = [*page.evaluate(DEFECTS), *page.evaluate(CONTRAST)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("scrolls sideways")
        if found:
            met[f"{path.parent.name}/{path.name}"] = found[:3]
    context.close()
    assert met == {}


def test_signs_stand_out_of_their_fields_in_every_scheme(browser: Any, pages: list[Path]) -> None:  # noqa: F811
    clash = """() => [...document.querySelectorAll('.grid rect')].filter(e => {
        const sign = getComputedStyle(e.nextElementSibling), box = getComputedStyle(e);
        return box.fill !== 'none' && box.fill === sign.fill; }).length"""
    for scheme, forced in (("light", "none"), ("dark", "none"), ("dark", "active")):
        context = browser.new_context(color_scheme=scheme, forced_colors=forced)
        page = context.new_page()
        page.goto(pages[0].as_uri())
        assert page.evaluate("document.querySelectorAll('.grid rect').length") > 20
        assert page.evaluate(clash) == 0, (scheme, forced)
        context.close()


def test_on_paper_no_drawing_and_no_table_is_cut_off(browser: Any, pages: list[Path]) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 700, "height": 990})  # A4 less its margins
    page.emulate_media(media="print")
    own = ", ".join(f"section[aria-labelledby={name}] :is(svg, table)" for name in SECTIONS)
    wide = f"""() => [...document.querySelectorAll('{own}')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"""
    met = {}
    for path in pages:
        page.goto(path.as_uri())
        if page.evaluate(wide):
            met[path.name] = page.evaluate(wide)
    page.close()
    assert met == {}
