"""The pages of clauses: coverage and outcome apart, gaps in words, what nobody checked marked, hostile text inert."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from evidence_kit.model.framework import ControlMapping, Coverage, Framework, Relation, Step, Verified
from evidence_kit.pages import clause_tables, relabelled
from evidence_kit.pages.payload import Payload
from evidence_kit.pages.render import render
from evidence_kit.pages.words import words
from evidence_kit.rules import frameworks as rules
from evidence_kit.wiring.frameworks import bundled
from tests.pages.reading import Site
from tests.pages.sample_payload import sample_payload, sample_seal

HOSTILE = "<script>alert(1)</script>"
EN, FR = words("en"), words("fr")


def row(control: str, clause: str, relation: str, verified: str = "opened", title: str = "a clause") -> ControlMapping:
    return ControlMapping(control, clause, title, Relation(relation), Verified(verified), HOSTILE)


def text(name: str, edition: str, *rows: ControlMapping) -> Framework:
    left_out = tuple(one for one in rows if one.relation is Relation.NONE)
    return Framework(f"{name}-{edition}".lower(), name, edition, "own.csv", "ab" * 32, rules.clauses(rows), left_out)


def texts() -> list[Framework]:
    many = [row("REQ-01", f"8.{number}", "partial") for number in range(1, 12)]
    return [
        text(
            *("Scheme", "1"),
            row("REQ-02", "1", "full", title=f"{HOSTILE} (2: A)"),
            row("REQ-01", "2", "supports", "unverified"),
            row("REG-01", "3", "full"),
            row("SND-01", "4", "full"),
            *many,
        ),
        text("Scheme", "2", row("REQ-02", "A", "partial", "secondary"), row("REQ-01", "§ B", "full")),
        text("Small", "1", row("REQ-01", "§ 9", "full"), row("RET-01", "", "none", title="it speaks of no retention")),
    ]


@pytest.fixture(scope="module")
def pages() -> Site:
    payload, seal = sample_payload(), sample_seal()
    verdicts = {one["control"]: one["verdict"] for one in payload.files["summary.json"]["controls"]}  # type: ignore[index]
    made = Payload({**payload.files, "frameworks.json": bundled(texts(), verdicts, ["small-1"])})
    return Site(made, seal, render(made, seal))


def shown(page: str) -> str:
    body = re.sub(r"<(style|svg).*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", " ", body)))


def rows_of(page: str, key: str) -> str:
    found = re.search(rf'<tr id="{re.escape(key)}".*?</tr>', page, re.DOTALL)
    assert found is not None
    return shown(found[0])


def test_a_clause_that_is_covered_and_failed_says_both(pages: Site) -> None:
    told = rows_of(pages.html("en/framework-scheme-1.html"), "1")
    assert "covered Fail" in told
    assert "tests the whole clause" in told
    assert "nothing amiss" not in told


def test_a_gap_says_who_would_serve_it_and_why_it_is_not_asked(pages: Site) -> None:
    page = pages.html("en/framework-scheme-1.html")
    assert "REG-01 would serve it and is out of scope: no register source was given" in rows_of(page, "3")
    assert "Not part of this engagement, and would serve it: SND-01 ." in rows_of(page, "4")
    assert "No control in scope serves it." in rows_of(page, "4")


def test_what_nobody_checked_is_marked_in_both_languages(pages: Site) -> None:
    assert "unverified" in rows_of(pages.html("en/framework-scheme-1.html"), "2")
    assert "non vérifié" in rows_of(pages.html("fr/framework-scheme-1.html"), "2")
    assert "secondary source" in shown(pages.html("en/frameworks.html"))


def test_the_way_to_the_next_edition_says_what_carries_over_and_what_does_not(pages: Site) -> None:
    page = pages.html("en/frameworks.html")
    found = re.search(r'<section aria-labelledby="to-scheme-2">.*?</section>', page, re.DOTALL)
    assert found is not None
    told = shown(found[0])
    assert re.search(r"1 +renumbered +A .*?REQ-02 .*?Fail", told)
    assert "§ B" in told
    assert "No evidence yet" in told
    assert "no counterpart known" in told


def test_a_text_of_few_clauses_stands_on_the_page_of_all(pages: Site) -> None:
    page = pages.html("en/frameworks.html")
    assert 'href="framework-scheme-1.html"' in page
    assert 'href="frameworks.html#small-1"' in page or 'href="#small-1"' in page
    assert "site/en/framework-small-1.html" not in pages.files
    assert "RET-01 serves no clause of this text: it speaks of no retention" in re.sub(r" +", " ", shown(page))


def test_there_is_no_percentage_and_no_script(pages: Site) -> None:
    for path in ("en/frameworks.html", "fr/frameworks.html", "en/framework-scheme-1.html"):
        page = pages.html(path)
        assert "%" not in shown(page), path
        assert HOSTILE not in page, path
    assert html.escape(HOSTILE) in pages.html("en/framework-scheme-1.html")


def test_figures_are_those_of_the_record(pages: Site) -> None:
    record: Any = pages.payload.files["frameworks.json"]
    page = pages.html("en/framework-scheme-1.html")
    for ek, value in re.findall(r'<data value="([^"]*)" data-ek="frameworks.json#([^"]*)"', page):
        found = record
        for step in value.strip("/").split("/"):
            found = found[int(step)] if isinstance(found, list) else found[step]
        assert html.unescape(ek) == str(found)
    assert "frameworks.json#/frameworks/0/clauses/0/verdict" in page
    assert record["frameworks"][0]["counts"] == {"covered": 1, "partly": 11, "supported": 1, "gap": 2}


def test_every_word_of_the_record_is_translated() -> None:
    for language in (EN, FR):
        for family, known in (
            ("coverage", Coverage),
            ("verified", Verified),
            ("step", Step),
            ("relation", [one for one in Relation if one is not Relation.NONE]),
        ):
            assert all(language.knows(f"texts.{family}.{one.value}") for one in known)
        assert all(language.knows(f"relabel.made.{one}") for one in ("same", "other", "none"))


def test_a_bundle_of_before_still_has_its_page_of_references(site: Site) -> None:
    assert "frameworks.json" not in site.payload.files
    assert "GDPR 12(3)" in site.html("en/frameworks.html")


def test_the_page_that_stands_alone_is_one_document_of_both_languages() -> None:
    verdicts = {"REQ-02": "FAIL", "REQ-01": "PASS", "RET-01": "ERROR"}
    record = {
        "bundle": {
            **{"bundle": "demo.r001.client", "engagement": "demo", "run": "r001", "level": "client", "kit": "1"},
            **{"sealed_at": "2026-07-02T09:00:00.000000Z", "as_of": "2026-06-30T21:59:59Z", "demonstration": False},
            **{"signer": "SHA256:abc", "tagmanifest_sha256": "cd" * 32},
        },
        "key_named": False,
        "made": "other",
        "framework": bundled(texts()[:1], verdicts, ())["frameworks"][0],
        "controls": [
            {"control": name, "verdict": verdict, "drawn": 9, "deviations": 2, "reasons": ["answered-late"]}
            for name, verdict in verdicts.items()
        ],
        "out_of_scope": [{"control": "REG-01", "reason": HOSTILE}],
    }
    page = relabelled.render(record).decode()
    assert relabelled.render(record).decode() == page
    assert page.count('<section id="fr"') == page.count('<section id="en"') == 1
    assert "<script" not in page
    assert not re.search(r'(?:href|src)="(?!#)', page)
    told = shown(page)
    assert "cd" * 32 in told
    assert "ab" * 32 in told
    assert "The bundle holds this text as another file states it" in told
    assert "Non conforme" in told
    assert "%" not in told
    assert set(clause_tables.COVERAGES) == {one.value for one in Coverage}
