"""The pages of providers in a browser: narrow, dark, on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evidence_kit.pages.render import render
from tests.pages.providers_payload import UNITS, providers_payload
from tests.pages.sample_payload import sample_seal
from tests.pages.test_looks import CONTRAST, DEFECTS, browser  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow  # a real browser

SECTIONS = ("destinations", "threeways", "letters", "reviews", "ended", "promises")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The control pages of both languages."""
    root = tmp_path_factory.mktemp("provided")
    for path, content in render(providers_payload(), sample_seal()).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return [root / f"site/{language}/control-{control}.html" for language in ("en", "fr") for control in UNITS]


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


def test_on_paper_no_drawing_and_no_table_is_cut_off(browser: Any, pages: list[Path]) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 700, "height": 990})  # A4 less its margins
    page.emulate_media(media="print")
    own = ", ".join(f"section[aria-labelledby={name}] :is(svg, table)" for name in SECTIONS)
    wide = f"""() => [...document.querySelectorAll('{own}')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"""
    seen = f"() => document.querySelectorAll('{own}').length"
    met, drawn = {}, 0
    for path in pages:
        page.goto(path.as_uri())
        drawn += page.evaluate(seen)
        if page.evaluate(wide):
            met[path.name] = page.evaluate(wide)
    page.close()
    assert met == {}
    assert drawn > 20
