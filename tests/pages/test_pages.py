"""What the pages promise their reader: nothing left out, nothing kinder than the data, every figure with its source."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence_kit import verify
from evidence_kit.pages.gate import check
from evidence_kit.pages.payload import Payload
from evidence_kit.pages.render import render
from evidence_kit.pages.words import words
from evidence_kit.pages.working import CASES
from tests.pages import sample_payload as sample
from tests.pages.reading import OwnWords, Site
from tests.pages.sample_payload import sample_payload, sample_seal

ROOT = Path(__file__).resolve().parents[2]
FIXED = "index engagement population sample findings ledger glossary verify".split()


def changed(edit: Callable[[dict[str, Any]], None]) -> Payload:
    """The sample payload after one change."""
    files = copy.deepcopy(dict(sample_payload().files))
    edit(files)
    return Payload(files)


def is_sheet(path: str) -> bool:
    """Whether this is the page of one case, which has no list of pages on its left."""
    return path.split("/")[-1].startswith(("case-", "case_"))


def made(edit: Callable[[dict[str, Any]], None]) -> Site:
    payload = changed(edit)
    return Site(payload, sample_seal(), render(payload, sample_seal()))


# The verifier's own reading ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["site", pytest.param("long_site", marks=pytest.mark.slow)])
def test_pages_keep_to_the_form_the_verifier_wants(name: str, request: pytest.FixtureRequest) -> None:
    site: Site = request.getfixturevalue(name)
    assert [(path, each) for path, page in site.pages.items() for each in page.met["H01"]] == []
    assert [(path, each) for path, page in site.pages.items() for each in page.met["H04"]] == []
    assert [path for path, page in site.pages.items() if page.doubled] == []
    hrefs = {href for page in site.pages.values() for _, href in page.links}
    assert [href for href in hrefs if not verify.LINK.fullmatch(href)] == []


@pytest.mark.parametrize("name", ["site", pytest.param("long_site", marks=pytest.mark.slow)])
def test_every_figure_shown_is_that_of_the_data(name: str, request: pytest.FixtureRequest) -> None:
    site: Site = request.getfixturevalue(name)
    shown = list(site.shown())
    other = [(path, each) for path, _, each in shown if each.value != verify.value_text(site.value(each.pointer))]
    unlike = [
        (path, each)
        for path, language, each in shown
        if not verify.shows(each.value, each.text, each.times, language, site.words)
    ]
    assert other == []
    assert unlike == []


SHARED = ("annex", "drawn", "evidence", "queries")


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["en", "fr", *SHARED])
def test_no_figure_stands_outside_a_data_element(site: Site, long_site: Site, folder: str) -> None:
    site = long_site if folder == "drawn" else site
    catalogues = [words(language) for language in ("en", "fr") if folder not in ("en", "fr") or language == folder]
    ours = {piece.strip() for each in catalogues for key in each.messages for piece, _ in each.pieces(key, 2)}
    ours |= {piece.strip() for each in catalogues for key in each.messages for piece, _ in each.pieces(key, 1)}
    assert any(path.startswith(f"site/{folder}/") for path in site.pages)
    bare = {
        (path, piece)
        for path in site.pages
        if path.startswith(f"site/{folder}/")
        for piece in OwnWords(site.files[path].decode()).pieces
        if re.search(r"\d", piece) and piece not in ours
    }
    assert bare == set()


def test_no_figure_points_into_the_artefacts(site: Site) -> None:
    assert [each.pointer for _, _, each in site.shown() if "artefacts" in each.pointer] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_cover_shows_every_control_of_the_summary_and_no_other(site: Site, language: str) -> None:
    controls = site.payload.files["summary.json"]["controls"]  # type: ignore[index]
    wanted = {f"summary.json#/controls/{place}/verdict" for place in range(len(controls))}
    shown = {each.pointer for each in site.pages[f"site/{language}/index.html"].data}
    assert wanted <= shown
    table = site.html(f"{language}/index.html").split('id="controls"')[1].split("</table>")[0]
    shown = re.findall(r'<tr (?:class="group" )?id="([^"]+)"', table)
    assert shown == [
        *("theme-requests", "control-REQ-01", "control-REQ-02", "control-REQ-03"),
        *("theme-completeness", "control-COM-01", "theme-retention", "control-RET-01"),
    ]
    assert {each["control"] for each in controls} == {name[8:] for name in shown if name.startswith("control-")}


# Structure -----------------------------------------------------------------------------------------------------------


def test_every_page_exists_in_both_languages_and_leads_to_its_twin(site: Site) -> None:
    english = {path.removeprefix("site/en/") for path in site.files if path.startswith("site/en/")}
    french = {path.removeprefix("site/fr/") for path in site.files if path.startswith("site/fr/")}
    assert english == french
    assert {f"{name}.html" for name in FIXED} <= english
    assert "control-REQ-02.html" in english
    for path in english:
        up = "../" * (path.count("/") + 1)
        assert f'href="{up}fr/{path}"' in site.html(f"en/{path}")
        assert f'href="{up}en/{path}"' in site.html(f"fr/{path}")


def test_what_no_language_changes_exists_once_and_leads_back_to_both(site: Site) -> None:
    shared = {path: page for path, page in site.pages.items() if path.split("/")[1] in SHARED}
    assert {"site/evidence/REQ-02.request_log-1.html", "site/annex/30_requests.html"} <= set(shared)
    assert not [
        path for path in site.pages for folder in SHARED if f"/en/{folder}/" in path or f"/fr/{folder}/" in path
    ]
    for path, page in shared.items():
        back = "control-" + path.split("/")[2].split(".")[0] + ".html"
        if "/annex/" in path:
            back = "index.html"
        hrefs = [href for _, href in page.links]
        assert f"../en/{back}" in hrefs, path
        assert f"../fr/{back}" in hrefs, path
        assert page.language == "en"


def test_both_languages_lead_to_the_one_row_of_evidence(site: Site) -> None:
    for language in ("en", "fr"):
        assert 'href="../evidence/REQ-02.request_log-1.html#r1"' in site.html(f"{language}/control-REQ-02.html")


def test_words_of_a_page_that_exists_once_stand_in_both_languages(site: Site) -> None:
    page = site.html("evidence/REQ-02.request_log-1.html")
    heading = page.split("<h1>")[1].split("</h1>")[0]
    assert heading == (
        '<bdi class="id">REQ-02</bdi>: rows of <bdi>request_log</bdi> '
        '<span lang="fr"><bdi class="id">REQ-02</bdi>\u00a0: lignes de <bdi>request_log</bdi></span>'
    )
    caption = page.split("<caption>")[1].split("</caption>")[0]
    assert caption.startswith("Rows of ")
    assert '<span lang="fr">Lignes de ' in caption
    assert 'lang="fr" hreflang="fr"' in page


def test_values_of_evidence_stand_as_they_are_stored(site: Site) -> None:
    page = site.pages["site/evidence/REQ-02.request_log-1.html"]
    rows = [each for each in page.data if each.pointer.startswith("frames/")]
    assert len(rows) > 20
    assert [each for each in rows if each.text != each.value] == []
    assert "<td>null</td>" in site.html("evidence/REQ-02.request_log-1.html")


def test_columns_without_any_value_are_named_once(site: Site) -> None:
    page = site.html("evidence/RET-01.retention_observations-1.html")
    assert 'left out of the table: <span lang="fr">' in page
    assert '<bdi class="mono">unreadable</bdi></p>' in page
    assert '<th scope="col"><bdi class="mono">unreadable</bdi></th>' not in page
    assert '<th scope="col"><bdi class="mono">unreadable</bdi></th>' in site.html("evidence/REQ-02.request_log-1.html")


def test_the_first_page_lets_the_reader_choose(site: Site) -> None:
    assert 'href="en/index.html"' in site.html("index.html")
    assert 'href="fr/index.html"' in site.html("index.html")


def test_the_list_of_pages_is_the_same_everywhere_and_marks_the_page(site: Site) -> None:
    def menu(path: str) -> list[str]:
        nav = site.html(path).split('<nav class="menu"')[1].split("</nav>")[0]
        return re.findall(r'<a href="[^"]*?([^"/]+\.html)"', nav)

    whole = menu("en/index.html")
    for path in site.pages:
        if path.startswith("site/en/") and not is_sheet(path):
            assert menu(path.removeprefix("site/")) == whole
            assert site.html(path.removeprefix("site/")).count('aria-current="page"') == 1


def test_same_payload_same_bytes(site: Site) -> None:
    again = render(sample_payload(), sample_seal())
    assert dict(again) == dict(site.files)
    assert list(again) == sorted(again)


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_hash_order(site: Site) -> None:
    program = (
        "import hashlib\nfrom evidence_kit.pages.render import render\n"
        "from tests.pages.sample_payload import sample_payload, sample_seal\n"
        "print(hashlib.sha256(b''.join(render(sample_payload(), sample_seal()).values())).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_a_demonstration_says_so_on_every_page_and_a_real_bundle_does_not(site: Site) -> None:
    assert all(b'class="demonstration"' in data for path, data in site.files.items() if path.endswith(".html"))
    real = render(sample_payload(), sample_seal(demonstration=False))
    assert not any(b'class="demonstration"' in data for data in real.values())


# What the reader must not miss ---------------------------------------------------------------------------------------


def test_the_outcome_is_one_sentence_with_the_worst_first(site: Site) -> None:
    assert (
        "5 controls, 17 units tested: 3 fail (requests 1, completeness 1, retention 1); 1 is in error (requests 1); "
        "1 passes (requests 1)."
    ) in tidy(site.text("en/index.html"))
    assert 'href="#theme-retention"' in site.html("fr/index.html")


def test_the_cover_says_that_a_draw_was_not_independent(site: Site) -> None:
    assert "The draw of RET-01 was not independent" in site.text("en/index.html").replace("  ", " ")
    fine = made(lambda files: [row.update(draw_independent=True) for row in files["findings.jsonl"]])
    assert "not independent" not in fine.text("en/index.html")


def test_what_was_not_tested_is_on_the_cover(site: Site) -> None:
    text = re.sub(r" +([,;:.)])", r"\1", site.text("en/index.html")).replace("( ", "(")
    assert "REQ-02: 17 units frozen with the population, not yet due" in text
    assert "REQ-03: its population was refused, so nothing was drawn (an identifier stands twice)" in text
    assert "REQ-02: the test of 1 unit broke (" in text
    assert "REQ-02: 1 unit could not be decided (" in text
    assert "REG-01: out of scope (no register source was given)" in text
    for topic in ("art. 18", "art. 21(1)", "art. 20", "art. 22", "art. 7(1)", "art. 13, 14", "art. 33, 34", "art. 35"):
        assert topic in text


def test_abandoned_draws_and_runs_that_did_not_pass_stand_on_the_ledger_page(site: Site) -> None:
    runs, told = site.html("en/ledger.html").split('id="abandoned"')
    before, after = told.split('id="entries"')
    seqs = {row["action"]: row["seq"] for row in site.payload.files["ledger.jsonl"]}  # type: ignore[attr-defined]
    assert f"ledger.jsonl#/{seqs['sample.abandoned']}/seq" in before
    assert before.count('href="ledger.html#e') == 4
    assert "process:collector" in runs
    assert 'href="ledger.html#e1"' in runs
    assert "lost: it never ended" in before
    assert "refused by the gate" in before
    assert all(f'id="e{row["seq"]}"' in after for row in site.payload.files["ledger.jsonl"])  # type: ignore[attr-defined]
    assert "sample.abandoned" not in site.text("en/sample.html")
    assert "wrong period" in site.text("en/sample.html")


def test_every_result_that_is_no_pass_is_worked_through_and_one_pass_as_an_example(site: Site) -> None:
    page = site.html("en/control-REQ-02.html")
    assert re.findall(r'<section class="case[^>]* id="w-([^"]+)"', page)[0] == "DSR-1001"
    assert page.count('class="case ') == 3 + 1
    assert "42 days late" in site.text("en/control-REQ-02.html").replace("  ", " ")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_line_of_a_working_is_told_with_its_article(site: Site, language: str) -> None:
    page = site.html(f"{language}/control-REQ-02.html")
    lines = re.findall(r'<li><span class="line">(.*?)</span> <span class="article">(.*?)</span></li>', page)
    assert len(lines) == len(sample.LATE) + len(sample.EVERY_OTHER_STEP) + len(sample.IN_TIME)
    articles = [re.sub("<[^>]*>", "", article) for _, article in lines[: len(sample.LATE)]]
    assert all(re.search(r"art\.|EDPB|CEPD", article) for article in articles)
    assert "1182/71" in articles[0]
    assert "something-new" in page, "a step without a sentence is shown as it stands"


def test_a_working_is_worded_in_the_language_of_its_page(site: Site) -> None:
    english, french = site.text("en/control-REQ-02.html"), site.text("fr/control-REQ-02.html")
    tidy = [re.sub(r" +([,;:.)\u202f\u00a0])", r"\1", text).replace("( ", "(") for text in (english, french)]
    assert "Not a working day: 1 March 2026 (Sunday); so 2 March 2026." in tidy[0]
    assert "Jour non ouvré\u00a0: 1er mars 2026 (dimanche)\u202f; donc 2 mars 2026." in tidy[1].replace(
        "\u202f ;", "\u202f;"
    )
    assert "Answered 13 April 2026, due 2 March 2026: 42 days late." in tidy[0]


def test_reasons_are_worded_and_an_unknown_code_is_shown_as_it_is(site: Site) -> None:
    assert "answered late" in site.text("en/control-REQ-02.html")
    assert "réponse tardive" in site.text("fr/control-REQ-02.html")
    assert "a-code-of-tomorrow" in site.text("fr/control-REQ-02.html")


def test_marks_have_words_for_those_who_cannot_see_them(site: Site) -> None:
    page = site.html("en/control-REQ-02.html")
    for mark, word in (("fail", "deviation"), ("missing", "unable to test"), ("error", "the test broke")):
        assert f'<td><b class="m-{mark}">{word}</b></td>' in page


def test_empty_tables_say_so(site: Site) -> None:
    assert "This frame has no row" in site.text("evidence/REQ-02.request_replies-1.html")
    assert "No unit was drawn" in site.text("en/control-REQ-03.html")
    for path in site.pages:
        assert not re.search(r"<tbody>\s*</tbody>|<dl[^>]*>\s*</dl>|<ul[^>]*>\s*</ul>", site.files[path].decode()), path


def test_a_refused_population_says_why_and_draws_nothing(site: Site) -> None:
    assert "refused before any digest existed" in site.text("en/population.html")
    assert "identifiers stand twice" in site.text("en/population.html")


def test_the_query_and_the_moment_of_the_freeze_stand_on_the_population_page(site: Site) -> None:
    page, query = site.html("en/population.html"), site.html("queries/REQ-02.html")
    assert "FROM request_log\nWHERE note = '" in query
    assert '<span class="cp">U+202E</span>' in query
    assert 'href="../queries/REQ-02.html#population"' in page
    assert "ledger.jsonl#/3/at" in page
    assert "set aside: not yet due" in site.text("en/population.html")


def test_the_ticket_is_worked_again_and_a_wrong_one_is_not_hidden(site: Site) -> None:
    assert "it is the ticket above" in site.text("en/sample.html")

    def forge(files: dict[str, Any]) -> None:
        files["draws/REQ-01.json"]["rounds"][0]["drawn"][0]["ticket"] = "0" * 64

    assert "it is NOT the ticket above" in made(forge).text("en/sample.html")


def test_retention_bars_share_one_limit_line(site: Site) -> None:
    chart = site.html("en/control-RET-01.html").split('id="chart-retention"')[1].split("</figure>")[0]
    limits = re.findall(r'class="limit" x1="(\d+)"', chart)
    widths = [int(width) for width in re.findall(r'class="bar[^"]*" x="0" y="6" width="(\d+)"', chart)]
    assert len(limits) == 2
    assert len(set(limits)) == 1
    assert widths[0] > int(limits[0]) > widths[1]


def test_a_share_that_exists_is_never_too_thin_to_see(long_site: Site) -> None:
    strip = long_site.html("en/control-REQ-02.html").split('id="chart-verdicts"')[1].split("</svg>")[0]
    widths = [int(width) for width in re.findall(r'width="(\d+)" height="20"', strip)]
    assert len(widths) == 4
    assert min(widths) >= 6
    assert sum(widths) == 1000


def test_an_extension_states_its_true_risk_on_the_control_and_among_the_findings() -> None:
    def extend(files: dict[str, Any]) -> None:
        told = {"stratum": "controller/access", "risk_ppb": 74821061, "confidence_shown": "92.5"}
        files["findings.jsonl"][1] |= {"extended": [told], "notes": ["extended-outside-the-plan"]}

    site = made(extend)
    for page in ("control-REQ-02.html", "findings.html"):
        english, french = site.text(f"en/{page}"), site.text(f"fr/{page}")
        assert "with a chance of 74,821,061 in a billion: the confidence of what was done is 92.5" in english
        assert re.search(r"probabilité de 74\s821\s061 sur un milliard\s: la confiance .* est de 92,5", french)
    assert "of what was done is" not in made(lambda files: None).text("en/control-REQ-02.html")


# Repeated identifiers, roles, laws ----------------------------------------------------------------------------------


def repeated(count: int) -> Callable[[dict[str, Any]], None]:
    """As an engagement leaves them that collapses and numbers repeats: `count` numbered rows, and the notes."""

    def edit(files: dict[str, Any]) -> None:
        rows = [sample.log_row(n, f"DSR-{n}") for n in range(1, count + 7)]
        for place, row in enumerate(rows[6:], 1):
            row |= {"request_id": f"R-7#{place}", "unreadable": "request_id=identifier-repeated"}
        files["frames/REQ-02.request_log.jsonl"] = rows
        files["findings.jsonl"][1]["notes"] = [
            "collapsed-1234-exact-repeats",
            f"numbered-{count}-rows-of-repeated-identifiers",
        ]

    return edit


def tidy(text: str) -> str:
    return re.sub(r" +([,;:.)\u202f\u00a0])", r"\1", text).replace("( ", "(")


@pytest.mark.parametrize("page", ["population.html", "control-REQ-02.html", "findings.html"])
def test_what_was_done_to_repeated_identifiers_is_told_with_its_number(page: str) -> None:
    site = made(repeated(2))
    english, french = (tidy(site.text(f"{language}/{page}")) for language in ("en", "fr"))
    assert "1,234 exact repeats were counted once only (collapsed-1234-exact-repeats)" in english
    assert "1\u202f234 répétitions exactes" in french
    assert "2 rows share their identifier with others" in english
    assert "(numbered-2-rows-of-repeated-identifiers)" in french
    assert "findings.jsonl#/2/notes/0" in site.html(f"en/{page}")


def test_numbered_rows_are_listed_with_the_way_to_their_evidence() -> None:
    page = made(repeated(2)).html("fr/population.html")
    assert '<a href="../evidence/REQ-02.request_log-1.html#r7"><data value="R-7#1"' in page
    assert page.count("request_log-1.html#r") == 2
    assert "Ce sont les premières" not in page
    many = made(repeated(60)).html("en/population.html")
    assert many.count("request_log-1.html#r") == 50
    assert "These are the first of them" in many


def test_without_repeats_nothing_is_listed(site: Site) -> None:
    assert "Rows whose identifier stands more than once" not in site.text("en/population.html")


def test_roles_and_laws_have_the_names_of_the_language_and_unknown_ones_stand_as_they_are() -> None:
    site = made(lambda files: files["engagement.json"]["actors"].append({"actor": "person:x", "role": "archivist"}))
    assert "auditeur" in site.text("fr/engagement.html")
    assert "<td><bdi>archivist</bdi></td>" in site.html("fr/engagement.html")
    assert "RGPD 12(3)" in site.text("fr/control-REQ-02.html")
    assert "GDPR 12(3)" in site.text("en/control-REQ-02.html")


def test_a_second_reading_is_said_to_be_one() -> None:
    text = tidy(made(lambda files: None).text("en/control-REQ-02.html"))
    assert "second reading of the verdicts: account_key is always stated." in text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_answer_has_the_sentence_of_its_expectation_and_leads_to_the_suite(site: Site, language: str) -> None:
    page = site.html(f"{language}/control-REQ-02.html")
    shown = re.findall(r'<data value="([^"]*)" data-ek="expectations/REQ-02/([^"]*)">', page)
    assert [place for _, place in shown] == [
        f"request_log.json#/expectations/1/meta/{language}",
        f"request_log.json#/expectations/2/meta/{language}",
        f"mailbox_messages.json#/expectations/0/meta/{language}",
    ]
    assert [text for text, _ in shown][2] == {"en": "There are rows.", "fr": "Il y a des lignes."}[language]
    assert 'href="../../expectations/REQ-02/request_log.json"' in page


def test_a_frame_without_rows_is_neither_met_nor_unmet(site: Site) -> None:
    text = tidy(site.text("en/control-REQ-02.html"))
    assert "mailbox_messages There are rows. no rows 0" in text
    assert "second reading of the verdicts: account_key is always stated. not met 6" in text


def test_an_answer_that_no_suite_asks_for_is_refused() -> None:
    with pytest.raises(ValueError, match="no expectation of a suite is answered by it"):
        made(lambda files: files["findings.jsonl"][1]["checks"][0].update(expectation="unique"))
    with pytest.raises(ValueError, match="expectations/REQ-02/no_frame"):
        made(lambda files: files["findings.jsonl"][1]["checks"][0].update(frame="no_frame"))


# Long tables ---------------------------------------------------------------------------------------------------------


def test_long_tables_are_cut_into_pages_of_500_rows(long_site: Site) -> None:
    for stem, mark in (
        ("evidence/REQ-02.request_log-{}.html", 'id="r'),
        ("drawn/REQ-02-{}.html", 'data-ek="draws'),
    ):
        assert stem.format(4) not in {path.removeprefix("site/") for path in long_site.files}
        for number in (1, 2, 3):
            assert mark in long_site.html(stem.format(number))
    first = long_site.html("evidence/REQ-02.request_log-1.html")
    assert first.count('<tr id="r') == 500
    text = re.sub(" +", " ", long_site.text("evidence/REQ-02.request_log-2.html"))
    assert "Rows 501 to 1000 of 1006 Lignes 501 à 1000 sur 1006" in text


def test_links_to_evidence_find_the_page_of_their_row(long_site: Site) -> None:
    assert 'href="../evidence/REQ-02.request_log-3.html#r1006"' in long_site.html("en/case-DSR-2999.html")
    assert 'id="r1006"' in long_site.html("evidence/REQ-02.request_log-3.html")
    assert 'href="../en/control-REQ-02-3.html#DSR-2999"' in long_site.html("drawn/REQ-02-3.html")


def test_of_many_deviations_the_worst_are_worked_through_and_one_pass_stays_as_example(long_site: Site) -> None:
    page = long_site.html("en/control-REQ-02.html")
    assert page.count('<section class="case') == CASES + 1
    assert max(len(data) for data in long_site.files.values()) < verify.MOST_PAGE


def test_many_rows_of_evidence_are_cited_as_spans_and_the_rest_is_in_the_file() -> None:
    def edit(files: dict[str, Any]) -> None:
        files["frames/REQ-02.request_log.jsonl"] = [sample.log_row(n, f"DSR-{n}") for n in range(1, 41)]
        files["results/REQ-02.jsonl"][0]["evidence"] = [
            {"frame": "request_log", "rows": [1, 2, 4, 5, 6, 7, 9, 11, 13, 15, 17, 19]}
        ]

    section = made(edit).html("en/case-DSR-1001.html").split('id="of-REQ-02"')[1]
    told = re.sub("<[^>]*>", "", section.split("<dt>Evidence</dt>")[1].split("</div>")[0]).strip()
    assert told == "request_log 1, 2, 4 to 7, 9, 11, 13, 15, more in the results file"


@pytest.mark.parametrize(
    ("tolerable", "said"), [("0.000000001", "none is tolerated"), ("0.30", "reaches the tolerable")]
)
def test_where_one_deviation_is_too_many_the_words_say_so(tolerable: str, said: str) -> None:
    def edit(files: dict[str, Any]) -> None:
        files["controls.json"]["controls"][1]["tolerable"] = tolerable

    assert said in made(edit).text("en/control-REQ-02.html")


# Hostile text --------------------------------------------------------------------------------------------------------


def test_hostile_text_stays_text(site: Site) -> None:
    for path, data in site.files.items():
        lowered = data.decode().lower()
        assert "<script" not in lowered, path
        assert not re.search(r"<[^>]*\s(on[a-z]+|style)=", lowered), path
        assert not re.search(r'(href|src)="(?:https?:|//|data:|file:|javascript:)', lowered), path
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in site.html("en/control-REQ-02.html")


def test_control_and_bidi_characters_are_shown_as_codes(site: Site) -> None:
    for path, data in site.files.items():
        found = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]", data.decode())
        assert found is None, path
    assert 'abc<span class="cp">U+202E</span>def' in site.html("evidence/REQ-02.request_log-1.html")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("two  spaces", 'two <span class="cp">U+0020</span>spaces'),
        (" before", '<span class="cp">U+0020</span>before'),
        ("line\nend", 'line<span class="cp">U+000A</span>end'),
        ("sep\u2028arator", 'sep<span class="cp">U+2028</span>arator'),
        ("", ">empty text<"),
        ("PASS", ">Pass</data>"),
        ("2026-03-02", '<time datetime="2026-03-02">2026-03-02</time>'),
        ("2026-13-45", '<time datetime="2026-13-45">2026-13-45</time>'),
        ("None", ">None</data>"),
        ("{{ x }}", ">{{ x }}</data>"),
        ("שלום", 'dir="auto">שלום</data>'),
        ("\ufffd", ">\ufffd</data>"),
    ],
)
def test_difficult_texts_pass_the_verifier(value: str, shown: str) -> None:
    def edit(files: dict[str, Any]) -> None:
        files["frames/REQ-02.request_log.jsonl"][0]["note"] = value

    site = made(edit)
    assert shown in site.html("evidence/REQ-02.request_log-1.html")
    page = site.pages["site/evidence/REQ-02.request_log-1.html"]
    assert page.met == {"H01": [], "H04": []}
    assert all(verify.shows(each.value, each.text, each.times, "en", site.words) for each in page.data)


def test_ids_are_ascii_and_stable_and_never_clash_with_sections(site: Site) -> None:
    def edit(files: dict[str, Any]) -> None:
        files["results/REQ-02.jsonl"][0]["unit"] = "facts"

    ids = made(edit).pages["site/en/control-REQ-02.html"].ids
    assert "u-facts" in ids
    assert "DSR-1001" in site.pages["site/en/control-REQ-02.html"].ids
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", each) for page in site.pages.values() for each in page.ids)


# The build refuses ---------------------------------------------------------------------------------------------------


def test_a_result_that_cites_a_row_that_is_not_there_stops_the_build() -> None:
    def edit(files: dict[str, Any]) -> None:
        files["results/REQ-02.jsonl"][0]["evidence"] = [{"frame": "request_log", "rows": [99]}]

    with pytest.raises(ValueError, match="has no place named r99"):
        made(edit)


def test_a_unit_that_stands_twice_stops_the_build() -> None:
    def edit(files: dict[str, Any]) -> None:
        files["results/REQ-02.jsonl"][1]["unit"] = files["results/REQ-02.jsonl"][0]["unit"]

    with pytest.raises(ValueError, match="the id DSR-1001 stands twice"):
        made(edit)


@pytest.mark.parametrize("name", ["engagement.json", "summary.json", "controls.json", "findings.jsonl", "ledger.jsonl"])
def test_a_payload_without_a_file_a_page_needs_stops_the_build(name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(name)):
        made(lambda files: files.pop(name))


@pytest.mark.parametrize("name", ["findings.jsonl", "controls.json"])
def test_a_control_of_which_a_file_says_nothing_stops_the_build(name: str) -> None:
    def edit(files: dict[str, Any]) -> None:
        rows = files[name] if name.endswith("l") else files[name]["controls"]
        del rows[1]

    with pytest.raises(ValueError, match=rf"{re.escape(name)}: nothing is said of REQ-02"):
        made(edit)


def test_a_null_where_a_figure_must_be_stops_the_build_and_names_the_place() -> None:
    def edit(files: dict[str, Any]) -> None:
        files["summary.json"]["controls"][0]["verdict"] = None

    with pytest.raises(ValueError, match=r"summary\.json#/controls/0/verdict"):
        made(edit)


@pytest.mark.parametrize("trace", ["<b>object at 0x7f</b>", "None", "nan", "NaT", "{{ name }}", "{name}"])
def test_traces_of_unfilled_places_are_refused(trace: str) -> None:
    with pytest.raises(ValueError, match="stands where words should"):
        check({"site/en/a.html": f"<p>{trace}</p>".encode()}, ())
    quoted = f'<p><data value="x" data-ek="y">{trace}</data> banane, Nonette</p>'
    check({"site/en/a.html": quoted.encode()}, ())


@pytest.mark.parametrize(
    ("href", "match"),
    [("b.html", "leads nowhere"), ("#no", "no place named no"), ("https://x", "out of the bundle"), ("/x", "out of")],
)
def test_dangling_links_are_refused(href: str, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        check({"site/en/a.html": f'<a href="{href}">x</a>'.encode()}, ())


def test_messages_name_no_value_of_the_data() -> None:
    def edit(files: dict[str, Any]) -> None:
        files["results/REQ-02.jsonl"][0]["evidence"] = [{"frame": "secret_frame", "rows": [1]}]

    with pytest.raises(ValueError, match="leads nowhere") as caught:
        made(edit)
    assert "DSR-" not in str(caught.value)
