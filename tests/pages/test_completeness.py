"""Are these all the cases? The page of populations answers, and every rate of one that may lack cases says so."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.pages import sample_payload as sample
from tests.pages.reading import Site
from tests.pages.test_pages import made, tidy

pytestmark = pytest.mark.slow  # whole sites are drawn

PLACES = ("index.html", "control-REQ-02.html", "findings.html", "sample.html")


def table(site: Site, language: str, caption: str) -> str:
    """The rows under one caption of the page of populations."""
    page = site.html(f"{language}/population.html")
    return page.split(f"<caption>{caption}</caption>")[1].split("</table>")[0]


@pytest.mark.parametrize("page", PLACES)
def test_a_population_that_may_lack_cases_is_said_to_beside_every_rate(site: Site, page: str) -> None:
    english, french = site.html(f"en/{page}"), site.html(f"fr/{page}")
    assert re.search('<a href="population.html#complete">(The )?population was not shown to be complete', english)
    assert re.search('<a href="population.html#complete">(La population|complétude) (n’est pas|non) démontrée', french)


def test_a_control_without_that_note_says_nothing_of_it(site: Site) -> None:
    assert "not shown to be complete" not in site.text("en/control-REQ-01.html")


@pytest.mark.parametrize("page", PLACES)
def test_completeness_that_nobody_tested_is_told_too(page: str) -> None:
    def edit(files: dict[str, Any]) -> None:
        files["findings.jsonl"][1]["notes"] = ["population-completeness-not-tested"]

    assert re.search("opulation is complete was not tested|completeness not tested", made(edit).text(f"en/{page}"))


def test_the_cover_lists_completeness_among_what_was_not_tested() -> None:
    def edit(files: dict[str, Any]) -> None:
        files["findings.jsonl"][1]["notes"] = ["population-completeness-not-tested"]

    text = tidy(made(edit).text("en/index.html"))
    assert "REQ-02: whether its population holds every request was not tested" in text


def test_rows_read_are_accounted_for(site: Site) -> None:
    rows = table(site, "en", "What became of the rows read")
    shown = re.findall(r'<data value="(\d+)" data-ek="frames/COM-01\.(\w+)', rows)
    assert shown == [("1234", "extracts")] + [(each, "row_accounts") for each in "1230 4 20 200 1006 1".split()]
    assert "the frame holds other rows than the source" in rows
    assert 'href="../evidence/COM-01.extracts-1.html#r1"' in rows


@pytest.mark.parametrize(
    ("caption", "units", "reason"),
    [
        ("numbers of the log that are missing, explained or not", ["DSR-1003", "DSR-1004"], "is missing without"),
        ("identifiers that stand more than once in the log", ["DSR-1002"], "stands twice"),
        (
            "messages that are requests, or were not triaged, and have no case",
            [sample.digest("message one")],
            "has no case",
        ),
        ("cases that came by e-mail and have no message", ["DSR-1001"], "no message found"),
        ("requests logged outside the period", ["DSR-1002"], "logged outside the period"),
    ],
)
def test_each_gap_is_listed_with_its_row_and_verdict(site: Site, caption: str, units: list[str], reason: str) -> None:
    rows = table(site, "en", caption)
    assert re.findall(r'#r\d+"><data value="([^"]+)" data-ek="frames/COM-01.completeness', rows) == units
    assert reason in rows
    assert rows.count('data-ek="results/COM-01.jsonl#/') >= len(units)


def test_an_explained_gap_has_its_explanation_and_passes(site: Site) -> None:
    row = table(site, "fr", "numéros du registre qui manquent, expliqués ou non").split("DSR-1004")[-1]
    assert "test of the form" in row
    assert 'class="t-PASS"' in row


def test_what_was_looked_for_and_not_found_is_said_in_one_sentence() -> None:
    def edit(files: dict[str, Any]) -> None:
        files["frames/COM-01.completeness.jsonl"][1]["log_rows"] = 1

    text = tidy(made(edit).text("en/population.html"))
    assert "Looked for and not found: identifiers that stand more than once in the log." in text


def test_the_rule_that_links_messages_and_cases_is_told_with_its_figures(site: Site) -> None:
    assert "of one person and at most 7 days apart" in tidy(site.text("en/population.html"))
    assert "note de tri de 60" in tidy(site.text("fr/population.html"))
    assert 'data-ek="engagement.json#/parameters/1/value"' in site.html("en/population.html")


def test_without_the_control_the_page_says_that_nobody_asked() -> None:
    def edit(files: dict[str, Any]) -> None:
        for name in [name for name in files if name.startswith("frames/COM-01")]:
            del files[name]
        files["results/COM-01.jsonl"] = []
        files["draws/COM-01.json"]["rounds"][0]["drawn"] = []

    assert "did not ask whether the log holds every request" in made(edit).text("en/population.html")


def test_long_lists_go_on_on_pages_of_their_own(long_site: Site) -> None:
    first, second = long_site.html("en/population.html"), long_site.html("en/population-missing-2.html")
    assert first.count('data-ek="frames/COM-01.completeness.jsonl#/') >= 500
    assert 'href="population-missing-2.html"' in first
    assert second.count("<tr class=") == 602 - 500
    assert 'href="../evidence/COM-01.completeness-2.html#r607"' in second
