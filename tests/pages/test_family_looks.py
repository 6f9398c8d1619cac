"""The pages of each family of controls in a browser: narrow, dark, on paper, and heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.pages.payload import Payload
from evidence_kit.pages.render import render
from tests.pages.erasure_payload import erasure_payload
from tests.pages.providers_payload import UNITS, providers_payload
from tests.pages.register_payload import REGISTER, register_payload
from tests.pages.sample_payload import sample_seal
from tests.pages.sending_payload import sending_payload
from tests.pages.test_looks import CONTRAST, DEFECTS, browser  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow  # a real browser


@dataclass(frozen=True)
class Family:
    """What is shown, on which control pages, and the sections of the family's own."""

    payload: Callable[[], Payload]
    pages: tuple[str, ...]
    sections: tuple[str, ...]


def _of(*controls: str) -> tuple[str, ...]:
    return tuple(f"control-{control}" for control in controls)


FAMILIES: Mapping[str, Family] = {
    "erasure": Family(  # with many persons and objects
        lambda: erasure_payload(persons=12, objects=20),
        (*_of("ERA-01", "ERA-03", "ERA-04", "ERA-05", "RET-01", "RET-04"), "engagement"),
        ("matrix", "searched", "returns", "recipients", "backups", "runs", "ages"),
    ),
    "register": Family(
        lambda: register_payload(more=30),
        (*_of(*REGISTER), "register", "frameworks", "findings"),
        ("drift", "columns", "entries", "article30", "periods"),
    ),
    "providers": Family(
        providers_payload,
        (*_of(*UNITS), "processors"),
        ("destinations", "threeways", "letters", "reviews", "ended", "promises", "due", "papers", "providers"),
    ),
    "sending": Family(  # with more fields than the picture draws
        lambda: sending_payload(more=70), _of("SND-01", "SND-02"), ("flow", "stops")
    ),
}


@dataclass(frozen=True)
class Looked:
    """The pages of both languages on disk, and the sections that must not be cut off."""

    pages: tuple[Path, ...]
    sections: tuple[str, ...]


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """One family, written out."""
    told = FAMILIES[request.param]
    root = tmp_path_factory.mktemp(request.param)
    for path, content in render(told.payload(), sample_seal()).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    pages = tuple(root / f"site/{language}/{name}.html" for language in ("en", "fr") for name in told.pages)
    return Looked(pages, told.sections)


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_pages_fit_their_width_and_can_be_read_and_heard(
    browser: Any,  # noqa: F811
    family: Looked,
    width: int,
    scheme: str,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    met = {}
    for path in family.pages:
        page.goto(path.as_uri())
        found = [*page.evaluate(DEFECTS), *page.evaluate(CONTRAST)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("scrolls sideways")
        if found:
            met[f"{path.parent.name}/{path.name}"] = found[:3]
    context.close()
    assert met == {}


def test_signs_stand_out_of_their_fields_in_every_scheme(browser: Any, family: Looked) -> None:  # noqa: F811
    clash = """() => [...document.querySelectorAll('.grid rect')].filter(e => {
        const sign = getComputedStyle(e.nextElementSibling), box = getComputedStyle(e);
        return box.fill !== 'none' && box.fill === sign.fill; }).length"""
    english = [path for path in family.pages if path.parent.name == "en"]
    for scheme, forced in (("light", "none"), ("dark", "none"), ("dark", "active")):
        context = browser.new_context(color_scheme=scheme, forced_colors=forced)
        page = context.new_page()
        for path in english:
            page.goto(path.as_uri())
            assert page.evaluate(clash) == 0, (path.name, scheme, forced)
        context.close()


def test_on_paper_no_drawing_and_no_table_is_cut_off(browser: Any, family: Looked) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 700, "height": 990})  # A4 less its margins
    page.emulate_media(media="print")
    own = ", ".join(f"section[aria-labelledby={name}] :is(svg, table)" for name in family.sections)
    wide = f"""() => [...document.querySelectorAll('{own}')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"""
    seen = f"() => document.querySelectorAll('{own}').length"
    met, drawn = {}, 0
    for path in family.pages:
        page.goto(path.as_uri())
        drawn += page.evaluate(seen)
        if page.evaluate(wide):
            met[f"{path.parent.name}/{path.name}"] = page.evaluate(wide)
    page.close()
    assert met == {}
    # The sections are there at all, in both languages.
    assert drawn >= 2 * len(family.sections)
