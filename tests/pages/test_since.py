"""The page of what changed in the bundle of the later run, and the action plan: every figure leads somewhere, every
string is inert, and what is not known is not called better."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from evidence_kit.edges import visits
from evidence_kit.ledger.comparison import comparison_record
from evidence_kit.model.comparing import Run
from evidence_kit.pages.payload import Payload
from evidence_kit.pages.render import render
from evidence_kit.pages.words import words
from evidence_kit.rules.comparing import compare
from tests.pages.hostile_payload import STRINGS
from tests.pages.linking import Figures
from tests.pages.providers_payload import providers_payload
from tests.pages.reading import Site
from tests.pages.sample_payload import sample_seal

HOSTILE = STRINGS[0]


def in_hand(files: dict[str, Any], run: str) -> Run:
    def text(name: str) -> str | None:
        value = files.get(name)
        if isinstance(value, list):
            return "".join(json.dumps(row) + "\n" for row in value)
        return value if value is None or isinstance(value, str) else json.dumps(value)

    head = {"bundle": f"eng-1.{run}.auditor-full", "engagement": "eng-1", "run": run, "signer": "SHA256:" + "A" * 43}
    more = {"kit": "0.1.0", "demonstration": True}
    if run == "r000":
        more |= {"sealed_at": "2026-02-01T08:00:00.000000Z", "tagmanifest_sha256": "ab" * 32}
    return visits.in_hand(text, {**head, **more}, key_named=True)


def action(control: str, **more: Any) -> dict[str, Any]:
    said = {
        key: {"en": f"{key} {HOSTILE}", "fr": f"{key} {HOSTILE}"} for key in ("cause", "effect", "action", "evidence")
    }
    return {"control": control, **said, "owner": "dpo", "due": "2026-01-15", "done_on": None, **more}


@pytest.fixture(scope="module")
def changed() -> Site:
    """Providers of whom some were reviewed since a mock audit; two actions planned."""
    files: Any = copy.deepcopy(dict(providers_payload().files))
    files["engagement.json"] |= {"kind": "audit", "actions": [action("PRO-02"), action("PRO-03", due="2030-01-01")]}
    before = copy.deepcopy(files)
    before["engagement.json"] |= {"kind": "mock", "as_of": "2025-12-31T22:59:59Z"}
    for row in before["results/PRO-02.jsonl"]:
        row["verdict"] = "FAIL"
        row["reasons"] = ["art28-terms-missing"]
        row["attributes"] = [{**one, "mark": "fail", "reason": "art28-terms-missing"} for one in row["attributes"]]
    before["frames/PRO-02.processors.jsonl"][0]["name"] = HOSTILE
    files["delta.json"] = json.loads(
        json.dumps(comparison_record(compare(in_hand(before, "r000"), in_hand(files, "r001"))))
    )
    seal = sample_seal()
    return Site(Payload(files), seal, render(Payload(files), seal))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("page", ["delta", "index", "findings", "control-PRO-02"])
def test_every_number_leads_where_it_comes_from_and_is_that_of_the_payload(
    changed: Site, page: str, language: str
) -> None:
    figures = Figures(changed.files[f"site/{language}/{page}.html"].decode())
    assert figures.seen
    assert figures.bare() == []
    for path, _, each in changed.shown():
        if path.endswith(f"{language}/{page}.html"):
            assert str(changed.value(each.pointer)).lower() == each.value.lower()


def test_the_delta_is_a_page_like_any_other(changed: Site) -> None:
    page = changed.pages["site/en/delta.html"]
    assert {check: met for check, met in page.met.items() if met} == {}
    html = changed.html("en/delta.html")
    assert 'href="control-PRO-02.html#' in html, "a unit leads to its row"
    assert 'href="../../delta.json"' in html
    controls = changed.payload.files["delta.json"]["controls"]  # type: ignore[index]
    assert html.count('<svg class="bars"') == sum(any(one["changes"].values()) for one in controls) > 1
    for language in ("en", "fr"):
        assert 'href="delta.html"' in changed.html(f"{language}/index.html"), "in the menu"
        heading = words(language).text("since.heading.mock")
        assert heading in changed.html(f"{language}/index.html")
        assert f"<h1>{heading}</h1>" in changed.html(f"{language}/delta.html")


def test_what_nobody_can_know_of_the_own_seal_is_said(changed: Site) -> None:
    assert changed.html("en/delta.html").count(words("en").text("compare.run.sealing")) == 2
    assert "ab" * 32 in changed.html("en/delta.html")


def test_the_plan_says_what_the_run_shows_and_quotes_nobody_as_markup(changed: Site) -> None:
    page = changed.html("en/findings.html")
    verdicts = {row["control"]: row["verdict"] for row in changed.payload.files["findings.jsonl"]}  # type: ignore[attr-defined]
    assert (verdicts["PRO-02"], verdicts["PRO-03"]) == ("FAIL", "FAIL")
    rows = dict(re.findall(r'<tr id="action-([A-Z0-9-]+)".*?>(.*?)</tr>', page, re.DOTALL))
    assert "overdue: the due day is past" in rows["PRO-02"]
    assert ">open</a>" in rows["PRO-03"]
    missing = [name for name, row in rows.items() if "no action planned" in row]
    assert missing == [name for name, verdict in verdicts.items() if verdict != "PASS" and name in missing]
    assert set(rows) == {name for name, verdict in verdicts.items() if verdict != "PASS"}
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in rows["PRO-02"]


def test_findings_say_by_which_rule_they_are_graded_and_give_no_score(changed: Site) -> None:
    for language in ("en", "fr"):
        page = changed.html(f"{language}/findings.html")
        for key in ("strength", "none", "observation", "minor", "major", "raised", "score"):
            assert words(language).text(f"grading.{key}").partition(":")[2][:40].strip() in page.replace("&#x27;", "'")
        overview = page[page.index('id="overview"') : page.index('id="plan"')]
        assert "%" not in overview


def test_a_mock_audit_says_so_at_the_head_of_every_page() -> None:
    files: Any = copy.deepcopy(dict(providers_payload().files))
    files["engagement.json"]["kind"] = "mock"
    made = render(Payload(files), sample_seal())
    for path, html in made.items():
        if path.endswith(".html"):
            assert b'<p class="mock">' in html, path
    audit = render(Payload({**files, "engagement.json": {**files["engagement.json"], "kind": "audit"}}), sample_seal())
    assert not [path for path, html in audit.items() if b'class="mock"' in html]
    assert "delta.html" not in audit["site/en/index.html"].decode()
