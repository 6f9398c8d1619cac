"""The pages of fields and stops in a browser: narrow and dark, wide and light."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evidence_kit.pages.render import render
from tests.pages.sample_payload import sample_seal
from tests.pages.sending_payload import sending_payload
from tests.pages.test_looks import CONTRAST, DEFECTS, browser  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow  # a real browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The control pages of both languages, with more fields than the picture draws."""
    root = tmp_path_factory.mktemp("sent")
    for path, content in render(sending_payload(more=70), sample_seal()).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    names = ("control-SND-01", "control-SND-02")
    return [root / f"site/{language}/{name}.html" for language in ("en", "fr") for name in names]


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_pages_fit_their_width_and_can_be_read(
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


def test_on_paper_the_flow_is_not_cut_off(browser: Any, pages: list[Path]) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 700, "height": 990})  # A4 less its margins
    page.emulate_media(media="print")
    own = ", ".join(f"section[aria-labelledby={name}] :is(svg, table)" for name in ("flow", "stops"))
    wide = f"""() => [...document.querySelectorAll('{own}')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"""
    met = []
    for path in pages:
        page.goto(path.as_uri())
        if page.evaluate(wide):
            met.append(f"{path.parent.name}/{path.name}")
    page.close()
    assert met == []
