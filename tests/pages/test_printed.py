"""The report as one page to print: the pages in their order, links that lead inside it or nowhere."""

from __future__ import annotations

import re

import pytest

from evidence_kit.pages.printed import printed, reading_order
from tests.pages.reading import Site

BUNDLE = "eng-1.r001.auditor-full"


def pages(site: Site, language: str = "en") -> dict[str, str]:
    under = f"site/{language}/"
    found = {n.removeprefix(under): d.decode() for n, d in site.files.items() if n.startswith(under)}
    return {name: text for name, text in found.items() if not name.startswith("case") and name.endswith(".html")}


def test_pages_stand_in_the_order_of_the_menu_each_before_its_further_parts(site: Site) -> None:
    order = reading_order(pages(site))
    assert order[:4] == ("index.html", "engagement.html", "population.html", "sample.html")
    assert order.index("control-REQ-02.html") < order.index("findings.html") < order.index("ledger.html")
    assert set(order) == set(pages(site)) - {"cases.html"}
    parted = {**pages(site), "findings-2.html": "<main>more</main>", "findings-3.html": "<main>more</main>"}
    more = reading_order(parted)
    assert more[more.index("findings.html") + 1 :][:2] == ("findings-2.html", "findings-3.html")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_ids_stand_once_and_every_link_leads_to_one_of_them(site: Site, language: str) -> None:
    whole = printed(pages(site, language), BUNDLE, language)
    tags = re.findall(r"<[a-z][^<>]*>", whole)
    ids = [name for tag in tags for name in re.findall(r' id="([^"]*)"', tag)]
    ways = [to for tag in tags for to in re.findall(r' href="([^"]*)"', tag)]
    assert len(ids) == len(set(ids)) > 50
    assert len(ways) > 50
    assert [to for to in ways if not to.startswith("#") or to[1:] not in ids] == []
    named = [one for tag in tags for names in re.findall(r' aria-labelledby="([^"]*)"', tag) for one in names.split()]
    assert set(named) <= set(ids)
    assert whole.count('class="part"') == len(reading_order(pages(site, language)))
    assert f'<html lang="{language}">' in whole
    assert "default-src 'none'" in whole
    assert BUNDLE in whole


def test_texts_of_the_data_that_look_like_an_id_or_a_link_stay_as_they_are(site: Site) -> None:
    text = '<main id="main"><p id="a">said: id="b" href="x.html"</p><a href="x.html#a">x</a></main>'
    whole = printed({"index.html": text}, BUNDLE, "en")
    assert '<p id="p1-a">said: id="b" href="x.html"</p><a>x</a>' in whole


def test_a_report_without_its_first_page_or_a_page_without_a_body_is_refused() -> None:
    with pytest.raises(ValueError, match=r"index\.html"):
        printed({"findings.html": "<main></main>"}, BUNDLE, "en")
    with pytest.raises(ValueError, match="neither a main part nor a body"):
        printed({"index.html": "<p></p>"}, BUNDLE, "en")
