"""Drift, entries, cells of article 30 and periods: no page is kinder than the rule, every figure has its source."""

from __future__ import annotations

import re
from html import unescape

import pytest

from evidence_kit import verify
from evidence_kit.pages.drift import OF_REASON, STATES, shares
from evidence_kit.pages.payload import Payload
from evidence_kit.pages.register import FOUND
from evidence_kit.pages.render import render
from evidence_kit.pages.words import words
from tests.pages.reading import OwnWords, Site
from tests.pages.register_payload import REGISTER, register_payload
from tests.pages.sample_payload import HOSTILE, sample_seal


def site_of(payload: Payload) -> Site:
    return Site(payload, sample_seal(), render(payload, sample_seal()))


@pytest.fixture(scope="module")
def register() -> Site:
    return site_of(register_payload())


@pytest.fixture(scope="module")
def wide() -> Site:
    return site_of(register_payload(more=600))


def section(site: Site, control: str, ident: str, language: str = "en") -> str:
    return site.html(f"{language}/control-{control}.html").split(f'<h2 id="{ident}">')[1].split("</section>")[0]


def bare(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))).strip()


def table(html: str, number: int = 1) -> list[list[str]]:
    """The cells of one table, their words without markup; heads first."""
    rows = re.findall(r"<tr.*?</tr>", html.split("<table")[number].split("</table>")[0], re.DOTALL)
    return [[bare(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def said(html: str, number: int = 1) -> dict[str, list[str]]:
    """The rows of one table by the words of their first cell."""
    return {row[0]: row[1:] for row in table(html, number)[1:]}


def test_the_pages_keep_to_the_form_the_verifier_wants(register: Site) -> None:
    assert [(path, each) for path, page in register.pages.items() for each in page.met["H01"] + page.met["H04"]] == []
    assert [path for path, page in register.pages.items() if page.doubled] == []


def test_every_figure_shown_is_that_of_the_data(register: Site) -> None:
    shown = list(register.shown())
    assert [
        (path, each) for path, _, each in shown if each.value != verify.value_text(register.value(each.pointer))
    ] == []
    assert [
        (path, each)
        for path, language, each in shown
        if not verify.shows(each.value, each.text, each.times, language, register.words)
    ] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_figure_stands_outside_a_data_element(register: Site, language: str) -> None:
    ours = words(language)
    known = {piece.strip() for key in ours.messages for n in (1, 2) for piece, _ in ours.pieces(key, n)}
    found = {
        (path, piece)
        for path in register.pages
        if path.startswith(f"site/{language}/")
        for piece in OwnWords(register.files[path].decode()).pieces
        if re.search(r"\d", piece) and piece not in known
    }
    assert found == set()


def test_hostile_names_are_inert(register: Site) -> None:
    pages = [data.decode() for path, data in register.files.items() if path.endswith(".html")]
    assert not [page for page in pages if HOSTILE in page or "<b>long</b>" in page or "<i>b</i>" in page]
    for control, ident in (
        ("REG-01", "columns"),
        ("REG-02", "entries"),
        ("REG-03", "article30"),
        ("REG-04", "periods"),
    ):
        assert "&lt;script&gt;" in section(register, control, ident) or control == "REG-04"


# --- REG-01 -----------------------------------------------------------------------------------------------------------


def test_each_object_says_what_of_it_is_declared(register: Site) -> None:
    rows = said(section(register, "REG-01", "drift"))
    assert rows["lake.events"][:5] == ["3", "0", "0", "0", "1"]
    assert rows["prod.contacts"][:5] == ["0", "1", "1", "2", "0"]
    assert rows["prod.campaigns"][:4] == ["0", "0", "1", "0"]
    assert next(iter(rows)).startswith("lake."), "what is not declared comes first"


def test_each_column_says_its_state_its_class_and_who_names_it(register: Site) -> None:
    rows = said(section(register, "REG-01", "columns"))
    assert rows["lake.events.ip"][:2] == ["deviation not declared new since the last look at the schema", "identifier"]
    assert rows["prod.contacts.email"][0] == "declared"
    assert rows["prod.contacts.email"][6] == "ACT-11 ACT-12 (retired)"
    assert rows["prod.contacts.iban"][:2] == ["deviation declared as something else", "financial"]
    assert rows["prod.campaigns.custom_1"][0].endswith("of unknown class")
    assert rows["prod.contacts.city"][2:4] == ["its name", "40"]
    assert "20,000 of 20,000 rows" in rows["lake.events.ip"][5]
    assert rows["prod.contacts.notes"][5] == "1,000 values looked at"


def test_a_state_is_never_kinder_than_the_result(register: Site) -> None:
    rows = said(section(register, "REG-01", "columns"))
    names = {words("en").text(f"drift.state.{state}"): verdict for state, verdict in STATES.items()}
    for result in register.payload.files["results/REG-01.jsonl"]:
        shown = next(verdict for name, verdict in names.items() if name in rows[result["unit"]][0])
        if "not declared" in rows[result["unit"]][0]:
            shown = "FAIL"
        assert shown == result["verdict"], result["unit"]


def test_every_reason_of_the_rule_has_its_state() -> None:
    assert set(OF_REASON.values()) <= set(STATES)
    reasons = {"column-undeclared", "class-not-declared", "class-unknown", "categories-unread", "categories-empty"}
    assert set(OF_REASON) == reasons | {"columns-not-known"}


def test_the_picture_says_in_words_what_it_draws(register: Site) -> None:
    html = section(register, "REG-01", "drift")
    assert html.count("<svg") == 3, "one bar a source"
    assert html.count('role="img"') == 3
    figures = re.findall(r'<span class="plot-figures">(.*?)</span>\s*</li>', html, re.DOTALL)
    assert [bare(each) for each in figures] == [
        "1 : could not be looked at",
        "4 : not declared",
        "1 : declared as something else 1 : of unknown class 1 : declared in words that cannot be read 2 : declared",
    ]


def test_shares_fill_the_bar_and_none_vanishes() -> None:
    parts = shares([("FAIL", 1), ("INCONCLUSIVE", 2), ("PASS", 9997)])
    assert [width >= 6 for _, _, width in parts] == [True] * 3
    assert sum(width for _, _, width in parts) == 1000
    assert [start for _, start, _ in parts] == [0, parts[0][2], parts[0][2] + parts[1][2]]
    assert shares([]) == ()


@pytest.mark.slow  # a site of more than a thousand rows
def test_columns_beyond_five_hundred_stand_on_pages_of_their_own(wide: Site) -> None:
    pages = [f"en/{name}.html" for name in ("control-REG-01", "columns-REG-01-2")]
    ids = [each for page in pages for each in re.findall(r'<tr id="(column-\d+)"', wide.html(page))]
    assert len(ids) == len(set(ids)) == 610
    assert "columns-REG-01-3.html" not in " ".join(wide.files)
    assert 'href="control-REG-01.html#columns"' in wide.html(pages[1])
    assert "Rows 501 to 610 of 610" in wide.text(pages[1])
    assert [path for path, page in wide.pages.items() if page.doubled or page.met["H01"] or page.met["H04"]] == []


# --- REG-02 -----------------------------------------------------------------------------------------------------------


def test_each_object_of_an_entry_is_there_gone_or_silent(register: Site) -> None:
    rows = {(row[0].split()[0], row[1]): row for row in table(section(register, "REG-02", "entries"))[1:]}
    found = {key: row[2] for key, row in rows.items()}
    assert found["ACT-06", "prod.sessions_old"] == "deviation does not exist"
    assert found["ACT-07", "prod.invoices.iban"] == "deviation the column does not exist"
    assert found["ACT-17", "prod.contests_2023"] == "deviation not written for long"
    assert found["ACT-12", "prod.messages"].endswith("could not be looked for")
    assert found["ACT-14", "prod.unsubscribes"].endswith("exists; last write not known")
    assert found["ACT-11", "prod.lists.name"] == "exists"
    assert found["ACT-20", "on paper"] == "seen by a visit"
    assert found["ACT-21", "digital and on paper"].endswith("no note of a visit")
    assert found["ACT-19", "digital"].endswith("names nothing")
    assert next(iter(rows))[0] in ("ACT-06", "ACT-07", "ACT-17"), "the gravest first"


def test_the_states_of_objects_bear_a_verdict_of_the_norm() -> None:
    assert set(FOUND.values()) == {"FAIL", "INCONCLUSIVE", "PASS"}


# --- REG-03 -----------------------------------------------------------------------------------------------------------


def test_the_grid_says_of_each_letter_whether_it_is_filled(register: Site) -> None:
    html = section(register, "REG-03", "article30")
    head, *rows = table(html)
    assert head[1:] == [words("en").text(f"letter.{letter}") for letter in "ABCDEFGP"]
    told = {row[0].split()[0]: row[1:] for row in rows}
    assert told["ACT-11"] == ["filled"] * 7 + ["not asked"]
    assert told["ACT-06"][3].endswith("the categories of recipients are empty")
    assert told["ACT-06"][5].endswith("and so is the reason why")
    assert told["ACT-12"] == ["not asked"] * 7 + ["deviation the clients and what is done for them are empty"]
    assert rows[0][0].startswith(("ACT-06", "ACT-12")), "the gravest first"
    assert html.count("<svg") == 1
    assert "../evidence/REG-03.register_activities-1.html#r2" in html


# --- REG-04 -----------------------------------------------------------------------------------------------------------


def test_three_periods_stand_side_by_side_with_the_oldest_row(register: Site) -> None:
    rows = {row[0].split()[0]: row[1:] for row in table(section(register, "REG-04", "periods"))[1:]}
    assert rows["RR-01"][1:4] == ["3 years", "36 months", "3 years"]
    assert rows["RR-01"][4] == "1 Jun 2023"
    assert rows["RR-04"][1:3] == ["13 months", "deviation 25 months"]
    assert rows["RR-05"][3] == "deviation 2 years"
    assert rows["RR-06"][2].startswith("unable to test")
    assert "retention" not in re.findall(r'<h2 id="([a-z0-9]+)"', register.html("en/control-REG-04.html"))


# --- both languages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("control", REGISTER)
def test_both_languages_show_the_same_rows(register: Site, control: str) -> None:
    pages = [register.html(f"{language}/control-{control}.html") for language in ("en", "fr")]
    assert len({page.count("<tr") for page in pages}) == 1
    assert len({page.count("<svg") for page in pages}) == 1
    assert "Reason" not in pages[1]


@pytest.mark.slow  # the whole site once more
def test_the_same_data_give_the_same_bytes(register: Site) -> None:
    again = render(register_payload(), sample_seal())
    assert again == dict(register.files)
