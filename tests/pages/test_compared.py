"""The page of two runs compared: both languages in one document, no script, hostile strings inert, every word there."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from evidence_kit import verify
from evidence_kit.ledger.comparison import comparison_record
from evidence_kit.model.comparing import WORDS, Change, Comparison, Kind, Run
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.processor_frames import STATUSES
from evidence_kit.pages import compared, compared_page
from evidence_kit.pages.words import words
from evidence_kit.rules.comparing import compare
from tests.unit.runs import control, result, run

EN, FR = words("en"), words("fr")
HOSTILE = "<script>alert(1)</script>"
BIDI = "abc\u202edef"


def providers(*rows: tuple[str, str, str, str]) -> list[Any]:
    frames = [
        {"processor_id": id_, "name": name, "status": status, "art28_terms": "abcdefgh", "subprocessing_terms": True}
        for id_, name, status, _ in rows
    ]
    rest = [control(name) for name in ("PRO-01", "PRO-03", "PRO-04", "PRO-05")]
    results = [result(id_, marks, "terms-missing") for id_, _, _, marks in rows]
    return [control("PRO-02", results, frames={"processors": frames}), *rest]


def before() -> Run:
    activity = {"activity_id": "a1", "name": "Newsletter", "status": "active", "purposes": "sending"}
    return run(
        control("REQ-02", [result("DSR-1", "f"), result("DSR-2", "p"), result(HOSTILE, "f"), result("DSR-4", "f")]),
        control("COM-02", [result("DSR-1", "p")], tolerable="0.05"),
        control("REG-02"),
        control("REG-03", [result("a1", "p")], frames={"register_activities": [activity]}),
        *providers(("p1", "Mailer", "active", "p"), ("p2", HOSTILE, "active", "f"), ("p3", BIDI, "charter", "p")),
    )


def after() -> Run:
    activity = {"activity_id": "a1", "name": "Newsletter", "status": "active", "purposes": None}
    return run(
        control("REQ-02", [result("DSR-1", "p"), result("DSR-2", "f"), result(HOSTILE, "f"), result("=1+1", "f")]),
        control("COM-02", [result("DSR-1", "p")]),
        control("REG-02"),
        control("REG-03", [result("a1", "f")], frames={"register_activities": [activity]}),
        *providers(("p1", "Mailer", "terminated", "f"), ("p2", HOSTILE, "active", "p"), ("p4", "New", "active", "p")),
        name="r002",
        as_of="2026-06-30T21:59:59Z",
        key_named=False,
    )


def made(old: Run | None = None, new: Run | None = None) -> Comparison:
    return compare(old or before(), new or after())


@pytest.fixture(scope="module")
def page() -> str:
    return compared.render(comparison_record(made())).decode()


def text_of(page: str, language: str) -> str:
    part = page.split(f'<section id="{language}"')[1].split('<section id="fr"')[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", part)))


def test_it_keeps_to_the_form_that_the_verifier_wants_of_a_page(page: str) -> None:
    read = verify.Page(page)
    assert read.met == {"H01": [], "H04": []}
    assert read.doubled == []
    assert {href for _, href in read.links} == {f"#{href}" for href in re.findall(r'href="#([^"]+)"', page)}


def test_no_script_no_address_and_one_sheet_allowed_by_its_digest(page: str) -> None:
    assert "<script" not in page
    assert re.findall(r"(?:src|action|onclick|xlink:href)=|https?:|url\(|@import", page) == []
    assert page.count("<style>") == 1
    assert "default-src 'none'; style-src 'sha256-" in page


def test_hostile_names_are_text(page: str) -> None:
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4, "a unit and a provider, in both languages"
    assert "\u202e" not in page
    assert "U+202E" in page


def test_every_figure_shown_is_that_of_the_record(page: str) -> None:
    record = comparison_record(made())
    found = re.findall(r'<data value="([^"]*)" data-ek="comparison\.json#([^"]*)"', page)
    assert len(found) > 100
    for value, pointer in found:
        node: Any = record
        for step in html.unescape(pointer).split("/")[1:]:
            node = node[int(step) if isinstance(node, list) else step]
        shown = {True: "true", False: "false"}.get(node, node) if isinstance(node, bool) else node
        assert str(shown) == html.unescape(value)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_both_languages_say_all_of_it(page: str, language: str) -> None:
    text, said = text_of(page, language), words(language)
    record: Any = comparison_record(made())
    for side in ("before", "after"):
        assert record[side]["bundle"] in text
        assert record[side]["tagmanifest_sha256"] in text
    for key in ("signers-not-named", "thresholds-differ"):
        assert said.text(f"compare.{key}").replace("\u202f", " ").replace("\xa0", " ") in text.replace(
            "\u202f", " "
        ).replace("\xa0", " ")
    for word in ("slipped", "mended", "ended", "left", "new", "changed"):
        assert said.text(f"compare.word.{word}") in text, word
    for change in ("closed", "slipped", "entered", "remaining", "gone"):
        assert said.text(f"compare.change.{change}") in text, change


def test_the_order_that_was_not_given_is_said(page: str) -> None:
    told = compared.render(comparison_record(made(), swapped=True)).decode()
    assert EN.text("compare.swapped") in told
    assert FR.text("compare.swapped") in told
    assert EN.text("compare.swapped") not in page


def test_pictures_have_words_and_the_bounds_of_both_runs(page: str) -> None:
    assert page.count('<svg class="interval"') == 2 * len(
        [1 for one in made().controls for each in one.strata for side in (each.before, each.after) if side and any(
            bound and bound.deviations for bound in (each.before, each.after)) and side.drawn]
    )  # fmt: skip
    svgs = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert all("<title" in svg and 'role="img"' in svg for svg in svgs)
    slope = [svg for svg in svgs if 'class="moves' in svg]
    assert len(slope) == 2
    assert "compliant · 2" in slope[0]
    assert "conforme · 2" in slope[1]


def test_the_same_record_gives_the_same_bytes() -> None:
    assert compared.render(comparison_record(made())) == compared.render(comparison_record(made()))


def test_two_equal_runs_say_that_nothing_changed() -> None:
    told = text_of(compared.render(comparison_record(made(before(), before()))).decode(), "en")
    assert "Nothing changed of any processor" in told
    assert "Both are the same bundle." in told


def test_long_tables_are_cut_and_say_so() -> None:
    many = [result(f"U-{number:04}", "f") for number in range(700)]
    told = compared.render(comparison_record(made(run(control("REQ-02", many)), run(control("REQ-02", []))))).decode()
    assert told.count("U-0") + told.count("U-1") >= 500
    assert "U-0699" not in told
    assert "The first <bdi>500</bdi> of <bdi>700</bdi> rows" in told


def test_nothing_compared_and_nobody_followed_is_a_page_too() -> None:
    told = made(before(), run(*before().controls.values(), name="r002", organisation={"name": "Autre"}))
    text = text_of(compared.render(comparison_record(told)).decode(), "en")
    assert "No control can be compared." in text
    assert EN.text("compare.other-organisation") in text


@pytest.mark.parametrize("said", [EN, FR], ids=["en", "fr"])
def test_every_word_of_a_comparison_is_worded(said: Any) -> None:
    wanted = [f"compare.change.{one}" for one in Change] + [f"compare.col.change.{one}" for one in Change]
    wanted += [f"compare.kind.{one}" for one in Kind]
    wanted += [f"compare.word.{word}" for word in WORDS]
    wanted += [f"compare.state.{state}" for state in [*STATUSES.split(), "none"]]
    columns = {
        column.name
        for frame in ("processors", "register_activities")
        for column in FRAMES[frame].columns
        if column.name not in ("processor_id", "activity_id")
    }
    wanted += [f"compare.column.{name}" for name in columns]
    assert [key for key in wanted if not said.knows(key)] == []
    assert set(WORDS) >= {word for one in made().processors for word in one.words}
    assert set(compared_page.CHANGES) == {one.value for one in Change}
    assert set(compared_page.KINDS) == {one.value for one in Kind}


def test_the_record_is_json_and_says_everything() -> None:
    record: Any = json.loads(json.dumps(comparison_record(made()), allow_nan=False))
    assert record["format"] == "evidence-kit-comparison"
    req = next(one for one in record["controls"] if one["control"] == "REQ-02")
    assert {unit["unit"]: unit["change"] for unit in req["units"]} == {
        "DSR-1": "closed", "DSR-2": "slipped", HOSTILE: "remaining", "DSR-4": "gone", "=1+1": "entered"
    }  # fmt: skip
    assert req["changes"] == {
        "closed": 1, "remaining": 1, "slipped": 1, "entered": 1, "gone": 1, "not-comparable": 0
    }  # fmt: skip
    assert [one["control"] for one in record["controls"] if not one["compared"]] == ["COM-02"]


@pytest.mark.slow
def test_it_opens_without_a_request_and_does_not_scroll_sideways(page: str, tmp_path: Path) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    path = tmp_path / "delta.html"
    path.write_text(page, encoding="utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        opened = browser.new_page(viewport={"width": 320, "height": 800})
        asked: list[str] = []
        said: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.on("console", lambda message: said.append(message.text))
        opened.goto(path.as_uri())
        wide = opened.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert (asked, said) == ([path.as_uri()], [])
    assert wide <= 320
