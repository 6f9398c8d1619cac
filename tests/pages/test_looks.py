"""What a reader sees: contrast from the palette, and the pages in a browser, from disk, at their narrowest."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.pages.render import policy, render, sheet_text
from tests.pages.reading import Site
from tests.pages.sample_payload import sample_payload, sample_seal

pytestmark = pytest.mark.slow  # a real browser

CHROMIUM = Path("/usr/bin/chromium")
SHEET = sheet_text("eng-1.r001.auditor-full")
#: Words on what they stand on.
TEXT = [
    ("ink", "paper"), ("ink", "wash"), ("soft", "paper"), ("soft", "wash"), ("link", "paper"), ("link", "wash"),
    ("fail", "paper"), ("fail", "fail-wash"), ("doubt", "paper"), ("doubt", "doubt-wash"), ("error", "paper"),
    ("error", "error-wash"), ("ink", "fail-wash"), ("ink", "doubt-wash"), ("ink", "error-wash"), ("link", "fail-wash"),
    ("link", "doubt-wash"), ("fail", "wash"), ("doubt", "wash"), ("error", "wash"),
]  # fmt: skip
#: Shapes and outlines beside what they lie on.
SHAPES = [("fail", "paper"), ("doubt", "paper"), ("error", "paper"), ("pass-bar", "paper"), ("ink", "paper")]
SHAPES += [("soft", "paper"), ("focus", "paper"), ("focus", "wash"), ("link", "wash")]


def palette(scheme: str) -> dict[str, str]:
    """The colours of the sheet in one scheme."""
    light, dark = re.findall(r":root \{(.*?)\n *\}", SHEET, re.DOTALL)[:2]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light))
    return found | (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", dark)) if scheme == "dark" else {})


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_words_stand_out_from_what_they_stand_on(scheme: str, front: str, back: str) -> None:
    colours = palette(scheme)
    assert contrast(colours[front], colours[back]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), SHAPES)
def test_shapes_stand_out_from_what_they_lie_on(scheme: str, front: str, back: str) -> None:
    colours = palette(scheme)
    assert contrast(colours[front], colours[back]) >= 3


def test_both_schemes_set_the_same_colours() -> None:
    light, dark = re.findall(r":root \{(.*?)\n *\}", SHEET, re.DOTALL)[:2]
    assert re.findall(r"--([a-z-]+): #", light) == re.findall(r"--([a-z-]+): #", dark)


def test_the_policy_allows_the_one_sheet_and_nothing_else(site: Site) -> None:
    for path, data in site.files.items():
        if path.endswith(".html"):
            sheets = re.findall(r"<style>(.*?)</style>", data.decode(), re.DOTALL)
            assert len(sheets) == 1, path
            digest = base64.b64encode(hashlib.sha256(sheets[0].encode()).digest()).decode()
            wanted = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
            assert f'content="{wanted}"' in data.decode(), path
            assert policy(sheets[0]) == wanted


def classes_of(sheet: str) -> set[str]:
    return set(re.findall(r"\.([A-Za-z][\w-]*)", re.sub(r'"[^"]*"', "", sheet)))


@pytest.mark.parametrize("name", ["site", pytest.param("long_site", marks=pytest.mark.slow)])
def test_each_page_has_the_part_of_the_sheet_for_every_class_it_uses(name: str, request: pytest.FixtureRequest) -> None:
    pages: Site = request.getfixturevalue(name)
    known = classes_of(SHEET)
    for path, data in pages.files.items():
        if path.endswith(".html"):
            sheet, body = re.findall(r"<style>(.*?)</style>(.*)", data.decode(), re.DOTALL)[0]
            body = re.sub(r'<div class="annex">.*</main>', "", body, flags=re.DOTALL)  # a notebook has its own classes
            used = {each for said in re.findall(r'class="([^"]*)"', body) for each in said.split()}
            assert used & known <= classes_of(sheet), path
            assert "part " not in sheet
            assert ("[class^=m-]" in sheet) == ('class="m-' in body), path


def test_signs_of_marks_and_verdicts_are_in_the_sheet_and_their_words_on_the_page(site: Site) -> None:
    for sign, name in (("✓", "pass"), ("✗", "fail"), ("?", "missing"), ("E", "error"), ("–", "na")):
        assert re.search(rf'\.m-{name}[^{{]*::before[^{{]*\{{ content: "{re.escape(sign)}"', SHEET), name
    assert '<b class="t-FAIL"><data value="FAIL"' in site.html("en/index.html")


def test_the_sheet_names_no_address_and_says_the_bundle_on_paper() -> None:
    assert not re.search(r"url\s*\(|@import|https?:", SHEET)
    assert 'content: "eng-1.r001.auditor-full"' in SHEET
    with pytest.raises(ValueError, match="bundle id"):
        sheet_text('x"; } body { display: none')


# In a browser --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield opened
        opened.close()


def pages_of(folder: Path) -> list[Path]:
    return sorted((folder / "site").rglob("*.html"))


@pytest.mark.slow
def test_pages_open_from_disk_without_a_request_or_a_word_on_the_console(browser: Any, folder: Path) -> None:
    page = browser.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for path in pages_of(folder):
        page.goto(path.as_uri())
    page.close()
    assert said == []
    assert asked == [path.as_uri() for path in pages_of(folder)]


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 640, 1280])
def test_no_page_scrolls_sideways(browser: Any, folder: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    wide = []
    for path in pages_of(folder):
        page.goto(path.as_uri())
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(path.name)
    page.close()
    assert wide == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_strata_and_cases_fit_a_common_screen(browser: Any, folder: Path, language: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((folder / f"site/{language}/control-REQ-02.html").as_uri())
    found = page.evaluate(
        "[...document.querySelectorAll('.dense')].map(e => [e.parentElement.scrollWidth, e.parentElement.clientWidth])"
    )
    page.close()
    assert len(found) == 2
    assert [each for each in found if each[0] > each[1]] == []


DEFECTS = """() => {
  const found = [];
  const name = e => (e.getAttribute('aria-label') || (e.getAttribute('aria-labelledby') || '').split(' ')
    .map(id => id && document.getElementById(id) ? document.getElementById(id).textContent : '').join(' ')
    || e.textContent).trim();
  for (const e of document.querySelectorAll('a, nav, [role=region], [role=img], section'))
    if (!name(e)) found.push('no name: ' + e.outerHTML.slice(0, 80));
  for (const e of document.querySelectorAll('svg:not([role=img])'))
    if (!e.closest('.annex')) found.push('svg without role');
  for (const e of document.querySelectorAll('table')) {
    if (!e.closest('.annex') && !e.caption) found.push('no caption');
    if (!e.closest('.annex') && !e.closest('[role=region][tabindex="0"]')) found.push('table out of a region');
  }
  for (const e of document.querySelectorAll('main th'))
    if (!e.scope && !e.closest('.annex')) found.push('th without scope');
  let level = 1;
  for (const e of document.querySelectorAll('main h1, main h2, main h3, main h4')) {
    const next = +e.tagName[1];
    if (next > level + 1) found.push('heading jumps to ' + e.textContent);
    level = next;
  }
  if (document.querySelectorAll('main').length !== 1) found.push('main');
  if (!document.documentElement.lang) found.push('lang');
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) found.push('ids');
  for (const e of document.querySelectorAll('nav a, .languages a, .top a')) {
    const box = e.getBoundingClientRect();
    if (box.height < 24) found.push('small target ' + box.height + ' ' + e.outerHTML.slice(0, 60));
  }
  const labels = [...document.querySelectorAll('nav')].map(e => e.getAttribute('aria-label'));
  if (labels.some(l => !l)) found.push('nav without a label');
  return found;
}"""

CONTRAST = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const lum = c => { const [r, g, b] = c.map(v => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b; };
  const back = e => { for (let x = e; x; x = x.parentElement) { const c = parse(getComputedStyle(x).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return parse(getComputedStyle(document.body).backgroundColor); };
  const found = new Set();
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    if (e.closest('svg') || e.closest('.vh')) continue;
    const a = lum(parse(getComputedStyle(e).color).slice(0, 3)), b = lum(back(e).slice(0, 3));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) found.add(e.className + ' ' + ratio.toFixed(2));
  }
  return [...found];
}"""


@pytest.mark.slow
def test_names_headings_tables_and_targets(browser: Any, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    met = {}
    for path in pages_of(folder):
        page.goto(path.as_uri())
        defects = page.evaluate(DEFECTS)
        if defects:
            met[str(path.relative_to(folder))] = defects[:3]
    page.close()
    assert met == {}


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_as_computed_by_the_browser(browser: Any, folder: Path, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    met = {}
    for path in pages_of(folder):
        page.goto(path.as_uri())
        poor = page.evaluate(CONTRAST)
        if poor:
            met[path.name] = poor
    context.close()
    assert met == {}


@pytest.mark.slow
def test_the_keyboard_reaches_the_content_and_every_wide_table(browser: Any, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto((folder / "site/en/control-REQ-02.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    regions = page.evaluate("document.querySelectorAll('[role=region][tabindex=\"0\"]').length")
    met = set()
    for _ in range(400):
        page.keyboard.press("Tab")
        at = page.evaluate("[...document.querySelectorAll('[role=region]')].indexOf(document.activeElement)")
        if at >= 0:
            met.add(at)
    page.close()
    assert regions == len(met) > 3


@pytest.mark.slow
def test_a_row_that_is_cited_is_outlined(browser: Any, folder: Path) -> None:
    page = browser.new_page()
    page.goto((folder / "site/en/control-REQ-02.html").as_uri() + "#DSR-1001")
    outline = page.evaluate("getComputedStyle(document.getElementById('DSR-1001')).outlineStyle")
    page.close()
    assert outline == "solid"


@pytest.mark.slow
def test_paper_shows_no_list_of_pages_and_every_page_prints(browser: Any, folder: Path) -> None:
    page = browser.new_page()
    page.goto((folder / "site/fr/control-REQ-02.html").as_uri())
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.menu')).display") == "none"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_days_of_a_case_are_drawn_whatever_the_colours(browser: Any, folder: Path, scheme: str) -> None:
    for forced in ("none", "active"):
        context = browser.new_context(color_scheme=scheme, forced_colors=forced, viewport={"width": 320, "height": 800})
        page = context.new_page()
        page.goto((folder / "site/fr/case-DSR-1001.html").as_uri())
        drawn = page.evaluate(
            """() => { const svg = document.querySelector('.timeline svg'), paper = getComputedStyle(document.body);
              const clash = [...svg.querySelectorAll('text, circle:not(.day)')].filter(
                e => getComputedStyle(e).fill === paper.backgroundColor).length;
              const right = svg.getBoundingClientRect().right;
              const out = [...svg.querySelectorAll('text')].filter(e => e.getBoundingClientRect().right > right).length;
              return [svg.querySelectorAll('text').length, clash, out]; }"""
        )
        context.close()
        assert drawn == [4, 0, 0]


@pytest.mark.slow
def test_a_page_of_500_rows_stays_usable(browser: Any, tmp_path: Path) -> None:
    files = render(sample_payload(extra=600), sample_seal())
    target = tmp_path / "page.html"
    target.write_bytes(files["site/evidence/REQ-02.request_log-1.html"])
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto(target.as_uri())
    assert page.evaluate("document.querySelectorAll('tbody tr').length") == 500
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.close()
