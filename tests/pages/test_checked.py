"""What others' checkers say of the pages, and what a picture of them would show: one browser, one pass over all.

axe-core (WCAG 2.2 AA and best practice) and the Nu HTML checker come from `.ci/tools`; where they are not, their tests
are skipped: `npm ci --prefix .ci/tools --ignore-scripts` brings them.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from evidence_kit.pages.markup import hostile
from evidence_kit.pages.render import render
from tests.pages.hostile_payload import poisoned
from tests.pages.sample_payload import sample_payload, sample_seal
from tests.pages.test_family_looks import FAMILIES
from tests.pages.test_looks import browser  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow  # a real browser

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(os.environ.get("EVIDENCE_KIT_PAGE_TOOLS") or ROOT / ".ci" / "tools" / "node_modules")
AXE, VNU = TOOLS / "axe-core" / "axe.min.js", TOOLS / "vnu-jar" / "build" / "dist" / "vnu.jar"
LAYOUT = Path(__file__).with_name("layout.js").read_text("utf-8")
#: Upright A4 and A4 across, less their margins, in CSS pixels.
UPRIGHT, ACROSS = 688, 1017
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
#: What axe leaves to people: contrast of signs, of words of drawings and in tables that scroll, which test_looks.py
#: computes; and whether the head of a group of rows has cells, where its rows follow it.
UNDECIDED = ["color-contrast", "th-has-data-cells"]
RUN = f"""() => axe.run(document, {{resultTypes: ['violations', 'incomplete'], runOnly: {list(RULES)}}}).then(said => [
  ...said.violations.map(v => `${{v.id}}: ${{v.nodes[0].html.slice(0, 120)}}`),
  ...said.incomplete.filter(v => !{UNDECIDED}.includes(v.id)).map(v => `undecided: ${{v.id}} ${{v.nodes[0].html}}`),
])"""
#: Warnings about the evidence itself, which a page shows as it is.
EXCUSED = re.compile(r"Year may be mistyped|not in Unicode Normalization Form C")


def _put(root: Path, files: dict[str, bytes]) -> list[Path]:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return sorted(path for path in root.rglob("*.html"))


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page of every kind, by name: the sample's pages, the control pages of each family, one page of each frame."""
    root = tmp_path_factory.mktemp("kinds")
    sample = _put(root / "sample", render(sample_payload(), sample_seal()))
    found = {str(path.relative_to(root)): path for path in sample if not path.stem.startswith("case_")}
    for name, family in FAMILIES.items():
        for path in _put(root / name, render(family.payload(), sample_seal())):
            if path.stem in (*family.pages, "register", "processors") or path.parent.name == "evidence":
                found[str(path.relative_to(root))] = path
    return found


@pytest.fixture(scope="module")
def hostiles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The English pages of payloads that an attacker has written into, and those that exist once; of the sheets of
    cases, all alike, every other one."""
    root = tmp_path_factory.mktemp("hostile")
    made = {"sample": sample_payload(), **{name: family.payload() for name, family in FAMILIES.items()}}
    pages = [page for name, each in made.items() for page in _put(root / name, render(poisoned(each), sample_seal()))]
    pages = [page for page in pages if page.parent.name != "fr"]
    sheets = [page for page in pages if page.stem.startswith("case")]
    return [page for page in pages if page not in sheets[::2]]


@pytest.fixture(scope="module")
def looking(browser: Any) -> Iterator[Any]:  # noqa: F811
    """A page whose policy lets the checker run in it; the pages themselves hold no script."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    yield context.new_page()
    context.close()


def _met(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: said[:3] for name, said in found.items() if said}


def test_axe_finds_nothing(looking: Any, kinds: dict[str, Path]) -> None:
    """The sample in English in light and in French in dark; the pages of each family in dark."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci --prefix .ci/tools --ignore-scripts")
    axe, found = AXE.read_text("utf-8"), {}
    for name, path in kinds.items():
        sample = name.startswith("sample")
        if path.parent.name in ("evidence", "fr") and not sample:
            continue  # hundreds of rows of the same make, and the same marks around other words
        looking.emulate_media(color_scheme="dark" if path.parent.name == "fr" or not sample else "light")
        looking.goto(path.as_uri())
        looking.evaluate(axe)
        found[name] = looking.evaluate(RUN)
    assert _met(found) == {}
    assert len(found) > 50


@pytest.mark.parametrize("which", ["kinds", "hostiles"])
def test_the_html_is_valid(which: str, request: pytest.FixtureRequest) -> None:
    if not VNU.exists():
        pytest.skip("the Nu HTML checker is not installed: npm ci --prefix .ci/tools --ignore-scripts")
    pages = request.getfixturevalue(which)
    paths = [str(path) for path in (pages.values() if isinstance(pages, dict) else pages)]
    try:
        done = subprocess.run(
            ["java", "-jar", str(VNU), "--format", "json", "--stdout", *paths], capture_output=True, timeout=300
        )
    except FileNotFoundError:
        pytest.skip("no Java is installed")
    said = json.loads(done.stdout)["messages"]
    assert [f"{each['url']}: {each['message']}" for each in said if not EXCUSED.search(each["message"])] == []
    assert len(paths) > 90


def test_nothing_covers_anything_and_nothing_is_cut_off(looking: Any, kinds: dict[str, Path]) -> None:
    """Also at 640 px: what a reader has who enlarges a window of 1280 px to 200 %."""
    found: dict[str, list[str]] = {}
    seen = 0
    for width, media in ((1280, "screen"), (640, "screen"), (320, "screen"), (0, "print")):
        looking.emulate_media(media=media)
        for name, path in kinds.items():
            if width == 640 and path.parent.name != "en":
                continue
            across = b'<body class="across">' in path.read_bytes()
            looking.set_viewport_size({"width": width or (ACROSS if across else UPRIGHT), "height": 900})
            looking.goto(path.as_uri())
            found[f"{name} {width or media}"] = looking.evaluate(LAYOUT)
            seen += 1
    looking.emulate_media(media="screen")
    looking.set_viewport_size({"width": 1280, "height": 900})
    assert _met(found) == {}
    assert seen > 3 * len(kinds)


def test_the_layout_check_sees_what_it_is_for(looking: Any) -> None:
    looking.set_content(
        "<table style='table-layout: fixed; width: 80px'><tr><td>Wwwwwwwwwwwwwwwwwww</td><td>next</td></tr></table>"
        "<p style='position: absolute; left: 1270px; white-space: nowrap'>far too far</p>"
        "<figure class='chart'><svg width='100' height='20'><rect width='100' height='20'/>"
        "<text x='80' y='15'>on the bar and beyond</text></svg></figure>"
    )
    told = {re.split(": | W", said)[0] for said in looking.evaluate(LAYOUT)}
    assert told == {"out of its cell", "out of the page", "over", "on a shape", "out of its drawing"}


def test_two_pictures_of_one_page_are_the_same(looking: Any, kinds: dict[str, Path]) -> None:
    for name in ("index", "control-REQ-02", "case-DSR-1001"):
        path = kinds[f"sample/site/en/{name}.html"]
        pictures = []
        for _ in range(2):
            looking.goto(path.as_uri())
            pictures.append(looking.screenshot())
        assert pictures[0] == pictures[1], name


def test_each_sheet_of_paper_says_what_it_is_of(looking: Any, kinds: dict[str, Path]) -> None:
    bundle = sample_seal().bundle
    sheets = 0
    for name, path in kinds.items():
        if path.parent.name in ("fr", "evidence") and not name.startswith("sample/site/evidence"):
            continue  # the same frame around other words
        looking.goto(path.as_uri())
        paper = PdfReader(io.BytesIO(looking.pdf(prefer_css_page_size=True)))
        shown = name.partition("/site/")[2]
        for number, sheet in enumerate(paper.pages, 1):
            text = re.sub(r"\s+", " ", sheet.extract_text())
            for wanted in (shown, "DEMONSTRATION / DÉMONSTRATION", bundle, f"{number} / {len(paper.pages)}"):
                assert wanted in text, (name, number, wanted)
            sizes = sorted(round(float(side) / 72 * 25.4) for side in sheet.mediabox[2:])
            assert sizes == [210, 297], name
            sheets += 1
    assert sheets > 60


# Hostile strings ------------------------------------------------------------------------------------------------------

ACTIVE = """() => {
  const found = [];
  for (const e of document.querySelectorAll('*')) {
    if (/^(script|img|iframe|object|embed|form|input|link|base|a:not)$/i.test(e.tagName)) found.push(e.tagName);
    for (const a of e.attributes) {
      if (/^on|^style$|^src|^action$|^formaction$|^xlink/i.test(a.name)) found.push(`${e.tagName} ${a.name}`);
      if (a.name === 'href' && !/^[A-Za-z0-9._\\/#-]*$/.test(a.value)) found.push(`href ${a.value.slice(0, 40)}`);
      if (a.name === 'id' && !/^[A-Za-z0-9._-]+$/.test(a.value)) found.push(`id ${a.value.slice(0, 40)}`);
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('scrolls sideways');
  return [...new Set(found)];
}"""


def test_hostile_strings_do_nothing_in_a_browser(browser: Any, hostiles: list[Path]) -> None:  # noqa: F811
    context = browser.new_context(viewport={"width": 320, "height": 800})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append("a dialog"), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    found = {}
    for path in hostiles:
        page.goto(path.as_uri())
        found[str(path)] = page.evaluate(ACTIVE)
    context.close()
    assert _met(found) == {}
    assert said == []
    assert asked == [path.as_uri() for path in hostiles]


def test_no_hostile_character_reaches_a_page_and_their_codes_do(hostiles: list[Path]) -> None:
    met: set[str] = set()
    for path in hostiles:
        text = path.read_text("utf-8")
        for line in text.replace("\t", "").split("\n"):
            bare = re.sub(" +", " ", line).strip()
            assert not hostile(bare), path
        met.update(re.findall(r"U\+[0-9A-F]{4,5}", text))
    assert met >= {"U+202E", "U+2066", "U+200B", "U+0000", "U+001B", "U+0085", "U+009B", "U+E0041", "U+0323", "U+2028"}
    # The strings are on pages of many kinds, as words.
    holding = [path for path in hostiles if "&lt;script&gt;alert(1)&lt;/script&gt;" in path.read_text("utf-8")]
    assert len({path.stem.split("-")[0] for path in holding}) > 8
    assert any("W" * 10_000 in path.read_text("utf-8") for path in hostiles)
