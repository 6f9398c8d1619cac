"""Destinations, contracts, reviews, ended relations and promises: every cell filled, none kinder than the rule."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from html import escape
from typing import Any

import pytest

from evidence_kit import verify
from evidence_kit.pages.payload import Payload
from evidence_kit.pages.render import render
from evidence_kit.pages.words import words
from tests.pages.providers_payload import providers_payload
from tests.pages.reading import OwnWords, Site
from tests.pages.sample_payload import HOSTILE, sample_seal
from tests.pages.test_erasure import bare, cells, grid, section

CONTROLS = ("PRO-01", "PRO-02", "PRO-03", "PRO-04", "PRO-05")


def site_of(payload: Payload) -> Site:
    return Site(payload, sample_seal(), render(payload, sample_seal()))


@pytest.fixture(scope="module")
def provided() -> Site:
    return site_of(providers_payload())


def changed(edit: Callable[[dict[str, Any]], None]) -> Site:
    files = copy.deepcopy(dict(providers_payload().files))
    edit(files)
    return site_of(Payload(files))


def test_the_pages_keep_to_the_form_the_verifier_wants(provided: Site) -> None:
    assert [(path, each) for path, page in provided.pages.items() for each in page.met["H01"] + page.met["H04"]] == []
    assert [path for path, page in provided.pages.items() if page.doubled] == []


def test_every_figure_shown_is_that_of_the_data(provided: Site) -> None:
    shown = list(provided.shown())
    assert [
        (path, each) for path, _, each in shown if each.value != verify.value_text(provided.value(each.pointer))
    ] == []
    assert [
        (path, each)
        for path, language, each in shown
        if not verify.shows(each.value, each.text, each.times, language, provided.words)
    ] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_figure_stands_outside_a_data_element(provided: Site, language: str) -> None:
    said = words(language)
    ours = {piece.strip() for key in said.messages for n in (1, 2) for piece, _ in said.pieces(key, n)}
    found = {
        (path, piece)
        for path in provided.pages
        if path.startswith(f"site/{language}/control-PRO")
        for piece in OwnWords(provided.files[path].decode()).pieces
        if re.search(r"\d", piece) and piece not in ours
    }
    assert found == set()


def test_hostile_names_are_inert(provided: Site) -> None:
    assert not [path for path, data in provided.files.items() if path.endswith(".html") and HOSTILE in data.decode()]
    assert escape(HOSTILE) in section(provided, "PRO-01", "destinations")
    assert escape(HOSTILE) in section(provided, "PRO-02", "letters")


@pytest.mark.parametrize(
    ("control", "ident"),
    [
        *(("PRO-01", "destinations"), ("PRO-01", "threeways"), ("PRO-02", "letters"), ("PRO-03", "reviews")),
        *(("PRO-04", "ended"), ("PRO-05", "promises")),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_cell_is_empty(provided: Site, control: str, ident: str, language: str) -> None:
    rows = grid(section(provided, control, ident, language))
    assert len(rows) > 1
    assert [row for row in rows if "" in row] == []


def test_a_destination_shows_where_it_was_seen_and_whose_it_is(provided: Site) -> None:
    found = cells(provided, "PRO-01", "destinations")
    hostile = escape(HOSTILE, quote=False)
    assert found[hostile, "provider"] == "deviation nobody"
    assert found["x.example", "provider"] == "unable to test nobody"
    assert found["api.acme.example", "provider"] == "P-1"
    assert (found["api.acme.example", "DNS"], found["api.acme.example", "keys"]) == ("seen", "none")
    assert found["Assureur", "register"] == "seen"


def test_who_is_not_known_in_all_three_is_named(provided: Site) -> None:
    found = {row[0].split(" ")[0]: row[1:] for row in grid(section(provided, "PRO-01", "threeways"))[1:]}
    assert found == {
        escape(HOSTILE, quote=False): ["no", "no", "yes"],
        "Assureur": ["yes", "no", "no"],
        "x.example": ["no", "no", "yes"],
        "P-3": ["no", "yes", "yes"],
        "P-4": ["yes", "yes", "no"],
        "P-6": ["not known", "yes", "not known"],
    }
    assert "Sans contrat" in section(provided, "PRO-01", "threeways")
    labels = re.findall(r'class="plot-row tone-(\w+)">', section(provided, "PRO-01", "threeways"))
    assert labels[0] == "PASS"
    assert sorted(labels[1:]) == ["FAIL", "FAIL", "INCONCLUSIVE", "INCONCLUSIVE", "INCONCLUSIVE"]


def test_without_the_search_for_providers_nothing_is_said_of_the_register() -> None:
    def edit(files: dict[str, Any]) -> None:
        del files["frames/PRO-03.provider_presence.jsonl"]

    found = {row[0]: row[1:] for row in grid(section(changed(edit), "PRO-01", "threeways"))[1:]}
    assert found["P-1"] == ["not known", "yes", "yes"]
    assert "P-4" not in found


def test_each_contract_shows_what_stands_in_it_and_what_is_missing(provided: Site) -> None:
    told = section(provided, "PRO-02", "letters")
    first = {row[0].split()[0]: row[1:] for row in grid(told)[1:]}
    assert first["P-1"] == ["there"] * 8
    assert first["P-2"] == [*["there"] * 7, "deviation missing"]
    assert first["P-3"] == ["unable to test not read"] * 8
    second = {row[0].split()[0]: row[1:] for row in grid("<table" + told.split("<table")[2])[1:]}
    assert second["P-1"] == ["2 January 2024", "there", "FR"]
    assert second["P-2"] == ["2 January 2024", "there", "GB adequacy decision"]
    assert second["P-3"] == ["2 January 2024", "unable to test not read", "deviation missing"]
    assert second["P-4"][0] == "deviation missing"


def test_reviews_begin_with_those_never_held_and_say_until_when_the_last_counts(provided: Site) -> None:
    rows = grid(section(provided, "PRO-03", "reviews"))[1:]
    assert [row[0].split()[0] for row in rows] == ["P-4", "P-6", "P-2", "P-3", "P-1", "P-5"]
    assert rows[0][3] == "deviation never"
    of = {row[0].split()[0]: row for row in rows}
    assert of["P-1"][3:7] == ["1 Mar 2026", "compliant", "1 Mar 2027", "31 Dec 9999"]
    assert of["P-2"][5] == "1 Mar 2025"
    assert of["P-3"][7] == "unable to test no document found"


def test_a_review_that_is_over_ends_before_the_cut_off_in_the_drawing(provided: Site) -> None:
    told = section(provided, "PRO-03", "reviews")
    drawn = re.findall(r'bar bar-(\w+)" x="(\d+)" y="6" width="(\d+)".*?class="limit" x1="(\d+)"', told, re.DOTALL)
    ends = {tone: (int(start) + int(wide), int(limit)) for tone, start, wide, limit in drawn}
    assert ends["FAIL"][0] > ends["FAIL"][1]
    assert ends["PASS"][0] < ends["PASS"][1]


def test_what_goes_on_after_the_end_crosses_the_line(provided: Site) -> None:
    told = section(provided, "PRO-04", "ended")
    rows = grid(told)[1:]
    assert [row[0].split()[0] for row in rows] == ["P-8", "P-8", "P-9", "P-7"]
    assert rows[2][3] == "unable to test seen nowhere"
    drawn = re.findall(r'bar bar-(\w+)" x="(\d+)" y="6" width="(\d+)".*?class="limit" x1="(\d+)"', told, re.DOTALL)
    assert [tone for tone, *_ in drawn] == ["FAIL", "PASS"], "an invoice is not drawn"
    assert all((int(start) + int(wide) > int(limit)) == (tone == "FAIL") for tone, start, wide, limit in drawn)


def test_promises_show_signature_due_day_and_proof(provided: Site) -> None:
    rows = {row[2] + row[4]: row[1:] for row in grid(section(provided, "PRO-05", "promises"))[1:]}
    assert rows["charternone"][2] == "deviation not signed"
    assert rows["actiondeviation 1 May 2026"][4:6] == ["none", "none"]
    assert rows["action31 Dec 9999"][3] == "31 Dec 9999"
    assert "unable to test none recordednone" in rows


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_drawing_has_a_name_and_words(provided: Site, control: str, language: str) -> None:
    page = provided.html(f"{language}/control-{control}.html")
    for found in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        names = re.search(r'role="img" aria-labelledby="([^"]+)"', found)
        assert names is not None
        for ident in names[1].split():
            assert re.search(rf'id="{ident}">[^<]*\w[^<]*<', found), ident


def test_nothing_to_show_is_said_in_words() -> None:
    def edit(files: dict[str, Any]) -> None:
        files["frames/PRO-03.processor_reviews.jsonl"] = []
        files["frames/PRO-04.processor_flows.jsonl"] = []
        files["frames/PRO-05.processor_commitments.jsonl"] = []

    site = changed(edit)
    assert "svg" not in section(site, "PRO-03", "reviews")
    assert "seen nowhere" in bare(section(site, "PRO-04", "ended"))
    assert "none recorded" in bare(section(site, "PRO-05", "promises"))


def test_columns_of_drawings_are_worded_in_the_language_of_the_page(provided: Site) -> None:
    drawn = section(provided, "PRO-02", "letters", "fr").split("<svg")[1].split("</svg>")[0]
    assert ">transfert<" in drawn
    assert ">transfer<" not in drawn
    assert ">journal de sortie<" in section(provided, "PRO-01", "destinations", "fr")
