"""Erased persons, recipients, backups, runs and ages: no cell is empty, none is kinder than the rule, every figure has
its source, and what was not searched is said to be so."""

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
from tests.pages.erasure_payload import ALONE, erasure_payload, pair
from tests.pages.reading import OwnWords, Site
from tests.pages.sample_payload import HOSTILE, sample_payload, sample_seal
from tests.pages.test_pages import tidy

CONTROLS = ("ERA-01", "ERA-03", "ERA-04", "ERA-05", "RET-01", "RET-04")


def site_of(payload: Payload) -> Site:
    return Site(payload, sample_seal(), render(payload, sample_seal()))


@pytest.fixture(scope="module")
def erased() -> Site:
    return site_of(erasure_payload())


def changed(edit: Callable[[dict[str, Any]], None]) -> Site:
    files = copy.deepcopy(dict(erasure_payload().files))
    edit(files)
    return site_of(Payload(files))


def section(site: Site, control: str, ident: str, language: str = "en") -> str:
    """One section of a control's page, as HTML."""
    return site.html(f"{language}/control-{control}.html").split(f'<h2 id="{ident}">')[1].split("</section>")[0]


def bare(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def grid(html: str) -> list[list[str]]:
    """The cells of the first table, their words without markup; heads first."""
    table = html.split("<table")[1].split("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    return [[bare(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def cells(site: Site, control: str, ident: str, language: str = "en") -> dict[tuple[str, str], str]:
    """(row, column) → words of the cell."""
    head, *rows = grid(section(site, control, ident, language))
    return {(row[0], name.split(" declared")[0]): cell for row in rows for name, cell in zip(head, row, strict=True)}


# The verifier's own reading ------------------------------------------------------------------------------------------


def test_the_pages_keep_to_the_form_the_verifier_wants(erased: Site) -> None:
    assert [(path, each) for path, page in erased.pages.items() for each in page.met["H01"] + page.met["H04"]] == []
    assert [path for path, page in erased.pages.items() if page.doubled] == []


def test_every_figure_shown_is_that_of_the_data(erased: Site) -> None:
    shown = list(erased.shown())
    assert [
        (path, each) for path, _, each in shown if each.value != verify.value_text(erased.value(each.pointer))
    ] == []
    assert [
        (path, each)
        for path, language, each in shown
        if not verify.shows(each.value, each.text, each.times, language, erased.words)
    ] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_figure_stands_outside_a_data_element(erased: Site, language: str) -> None:
    said = words(language)
    ours = {piece.strip() for key in said.messages for n in (1, 2) for piece, _ in said.pieces(key, n)}
    found = {
        (path, piece)
        for path in erased.pages
        if path.startswith(f"site/{language}/")
        for piece in OwnWords(erased.files[path].decode()).pieces
        if re.search(r"\d", piece) and piece not in ours
    }
    assert found == set()


def test_hostile_names_are_inert(erased: Site) -> None:
    pages = [data.decode() for path, data in erased.files.items() if path.endswith(".html")]
    assert not [page for page in pages if HOSTILE in page or "<b>no</b>" in page]
    assert "prod.&lt;script&gt;alert(1)&lt;/script&gt;" in section(erased, "ERA-01", "matrix")


def test_same_payload_same_bytes(erased: Site) -> None:
    assert dict(render(erasure_payload(), sample_seal())) == dict(erased.files)


# Persons and objects -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("control", ["ERA-01", "ERA-03", "ERA-04", "RET-04"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_cell_of_a_matrix_is_empty(erased: Site, control: str, language: str) -> None:
    ident = {"ERA-04": "recipients", "RET-04": "runs"}.get(control, "matrix")
    rows = grid(section(erased, control, ident, language))
    assert len(rows) > 1
    assert [row for row in rows if "" in row] == []


@pytest.mark.parametrize(
    ("case", "column", "words_of_cell"),
    [
        ("ERA-1", "crm.people", "deviation 3"),
        ("ERA-1", "ops.invoices", "kept: 17(3)(b)"),
        ("ERA-1", "mailbox.mailbox", "0"),
        ("ERA-1", "crm.notes", "unable to test 0"),
        ("ERA-1", "ops.sessions", "the test broke unreachable"),
        ("ERA-1", f"prod.{HOSTILE}", "nothing"),
        ("ERA-2", "crm.people", "unable to test soft-deleted"),
        ("ERA-2", "ops.do_not_contact", "deviation suppression"),
        ("ERA-3", "ops.do_not_contact", "suppression"),
        ("ERA-3", "crm.notes", "unable to test masked"),
        ("ERA-3", f"prod.{HOSTILE}", "deviation 3"),
        ("ERA-4", "mailbox.mailbox", "deviation back: restore"),
    ],
)
def test_each_cell_says_what_the_rule_says(erased: Site, case: str, column: str, words_of_cell: str) -> None:
    assert cells(erased, "ERA-01", "matrix")[case, escape(column, quote=False)] == words_of_cell


def test_a_count_is_that_of_the_probe(erased: Site) -> None:
    counted = re.findall(
        r'<data value="(\d+)" data-ek="(frames/ERA-01[^"]*)/matched_rows"', section(erased, "ERA-01", "matrix")
    )
    assert len(counted) > 10
    assert {value for value, _ in counted} == {"0", "3"}


@pytest.fixture(scope="module")
def odd() -> Site:
    """A probe that is missing, a value nobody could read, a state of tomorrow, and a canary that was not found."""

    def edit(files: dict[str, Any]) -> None:
        rows = {row["probe_id"]: row for row in files["frames/ERA-01.erasure_probes.jsonl"]}
        del rows["ERA-1/mailbox.mailbox"]
        rows["ERA-1/ops.invoices"]["unreadable"] = "exception_within"
        rows["ERA-2/mailbox.mailbox"]["state"] = "half-gone"
        rows["ERA-3/crm.people"]["positive_control"] = False
        files["frames/ERA-01.erasure_probes.jsonl"] = list(rows.values())

    return changed(edit)


@pytest.mark.parametrize(
    ("case", "column", "words_of_cell"),
    [
        ("ERA-1", "mailbox.mailbox", "unable to test not searched"),
        ("ERA-1", "ops.invoices", "the test broke kept: 17(3)(b)"),
        ("ERA-2", "mailbox.mailbox", "the test broke not searched"),
        ("ERA-3", "crm.people", "the test broke 0"),
    ],
)
def test_what_is_missing_or_not_understood_is_never_nothing(
    odd: Site, case: str, column: str, words_of_cell: str
) -> None:
    assert cells(odd, "ERA-01", "matrix")[case, column] == words_of_cell


def test_an_erasure_without_an_identifier_is_not_tested(erased: Site) -> None:
    told = section(erased, "ERA-01", "matrix")
    assert "NOT TESTED: of" in told
    assert f'<a href="control-ERA-01.html#{ALONE}"><bdi class="mono">{ALONE}</bdi></a>' in told
    assert ALONE not in {case for case, _ in cells(erased, "ERA-01", "matrix")}


def test_the_pseudonym_is_shortened_and_leads_to_its_row(erased: Site) -> None:
    told = section(erased, "ERA-01", "matrix")
    whole = erased.payload.files["frames/ERA-01.erasure_probes.jsonl"][0]["subject_key"]  # type: ignore[index]
    assert whole not in told
    assert f'evidence/ERA-01.erasure_probes-1.html#r1"><bdi class="mono">{whole[:9]}…' in told


@pytest.mark.parametrize(
    ("name", "declared", "canary", "persons"),
    [
        ("crm.people", "declared", "found", "present: 1 soft-deleted: 1 nothing: 2"),
        ("crm.notes", "declared", "unable to test not run", "masked: 1 not proven: 3"),
        ("ops.sessions", "declared", "the test broke not run", "unreachable: 4"),
        ("crm.forgotten", "named by the engagement", "none", "unable to test no search of it is recorded"),
    ],
)
def test_each_object_says_whether_a_search_there_sees(
    erased: Site, name: str, declared: str, canary: str, persons: str
) -> None:
    rows = {row[0]: row[1:] for row in grid(section(erased, "ERA-01", "searched"))}
    said = [each.replace(" :", ":") for each in rows[name]]
    assert said == [declared, canary, persons]


def test_an_object_that_nobody_declared_is_marked(erased: Site) -> None:
    assert "declared nowhere" in grid(section(erased, "ERA-01", "matrix"))[0][-1]


def test_a_canary_that_was_not_found_is_an_error(odd: Site) -> None:
    rows = {row[0]: row[1:] for row in grid(section(odd, "ERA-01", "searched"))}
    assert rows["crm.people"][1] == "the test broke not found"


@pytest.mark.parametrize("page", ["control-ERA-01", "control-ERA-03"])
@pytest.mark.parametrize(("language", "sentence"), [("en", "not searched for"), ("fr", "n’y ont pas été cherchées")])
def test_places_where_nobody_looked_are_listed_with_their_reason(
    erased: Site, page: str, language: str, sentence: str
) -> None:
    text = tidy(erased.text(f"{language}/{page}.html"))
    assert text.count(sentence) == 2
    assert "paper archive" in text


def test_the_cover_names_the_places_where_nobody_looked_in_one_line(erased: Site) -> None:
    text = tidy(erased.text("en/index.html"))
    line = text.split("Not searched for erased persons: ")[1].split(" Beside this")[0]
    assert line.count("(") == 2
    assert "paper archive" in line
    assert "Où les personnes effacées n’ont pas été cherchées" in tidy(erased.text("fr/index.html"))


def test_a_bundle_of_a_version_without_places_is_shown_too() -> None:
    def edit(files: dict[str, Any]) -> None:
        for key in ("places", "digests", "undotted_domains"):
            del files["engagement.json"][key]

    site = changed(edit)
    assert cells(site, "ERA-01", "matrix")["ERA-1", "ops.invoices"] == "kept"
    assert 'id="places"' not in site.html("en/engagement.html")


def test_the_engagement_lists_its_places_and_digests(erased: Site) -> None:
    page = erased.html("fr/engagement.html")
    assert 'data-ek="engagement.json#/places/0/exception"' in page
    assert "avec une clé ou un sel" in page
    assert 'id="places"' not in site_of(sample_payload()).html("fr/engagement.html")


def test_who_came_back_is_told_with_the_day_and_the_cause(erased: Site) -> None:
    rows = grid(section(erased, "ERA-03", "returns", "fr"))
    assert [row[0] for row in rows[1:]] == ["ERA-4"]
    assert rows[1][2:] == ["mailbox.mailbox", "néant", "1er mars 2026", "1er janv. 2025", "restauration"]
    assert {cell for (_, name), cell in cells(erased, "ERA-03", "matrix").items() if name == "mailbox.mailbox"} == {
        "deviation back: restore"
    }


def test_nobody_back_is_said_in_words() -> None:
    def edit(files: dict[str, Any]) -> None:
        for row in files["frames/ERA-03.erasure_probes.jsonl"]:
            row["state"] = "present" if row["state"] == "reappeared" else row["state"]

    told = bare(section(changed(edit), "ERA-03", "matrix"))
    assert "Nobody came back in any object that was searched." in told


# Many persons and many objects ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_clean_persons_and_objects_are_summed_and_columns_fit_the_paper() -> None:
    told = section(site_of(erasure_payload(persons=170, objects=28)), "ERA-01", "matrix")
    heads = [re.findall(r"<th scope=\"col\"", table) for table in told.split("<table")[1:]]
    assert [len(each) for each in heads] == [10, 10, 10, 10, 5]
    assert "113 more persons" in bare(told).replace("  ", " ")
    assert told.count("<svg") == 1
    assert "40 of 61 rows and 35 columns are drawn" in bare(told)


# Recipients, backups, runs, ages -------------------------------------------------------------------------------------


def test_recipients_are_told_confirmed_exempt_or_not(erased: Site) -> None:
    found = cells(erased, "ERA-04", "recipients")
    assert found["ERA-1", "router"] == "told 2 Mar 2026 confirmed 5 Mar 2026"
    assert found["ERA-1", "analytics"] == "deviation not told"
    assert found["ERA-2", "router"] == "unable to test impossible no reason written"
    assert found["ERA-3", "router"] == "no data"


def test_backups_lie_on_one_line_of_days_the_overdue_first(erased: Site) -> None:
    told = section(erased, "ERA-05", "backups")
    labels = re.findall(r'class="plot-row tone-(\w+)">\s*<span class="plot-label"><data value="([^"]+)"', told)
    assert labels == [("FAIL", "bk-2"), ("PASS", "bk-1")]
    assert len(re.findall(r'class="gone"', told)) == 1
    assert "<bdi>2026-07-01</bdi>" in told, "what still lies there goes on to the cut-off"
    late = re.search(r'bar-FAIL" x="(\d+)" y="6" width="(\d+)"', told)
    assert late is not None
    assert int(late[1]) + int(late[2]) == 1000
    assert "bk-3" in told.split("<table")[1], "a backup without a day stands in the table"
    assert "rs-1" in told.split("<table")[2]


def test_each_month_tells_the_worst_of_its_runs(erased: Site) -> None:
    found = cells(erased, "RET-04", "runs")
    assert found["logs", "2026-01"] == "deviation failed ( 1 of 2 ) 1 Jan 2026"
    assert found["prospects", "2026-01"] == "ran"
    assert found["prospects", "2026-02"] == "deviation missed"
    assert found["prospects", "2026-03"] == "deviation 20 of 140 rows deleted 1 Mar 2026"
    assert found["logs", "2026-02"] == "none owed"


def test_ages_share_one_limit_line_and_no_filled_bucket_is_invisible(erased: Site) -> None:
    told = section(erased, "RET-01", "ages")
    drawings = re.findall(r'<svg class="ages".*?</svg>', told, re.DOTALL)
    assert len(drawings) == 2
    assert len({limit for each in drawings for limit in re.findall(r'class="limit" x1="(\d+)"', each)}) == 1
    limit = int(re.findall(r'class="limit" x1="(\d+)"', told)[0])
    bars = re.findall(r'class="(bar[^"]*)" x="(\d+)" y="\d+" width="\d+" height="(\d+)"', drawings[1])
    assert len(bars) == 6, "one for each bucket with rows, of tomorrow's too"
    assert min(int(high) for _, _, high in bars) == 2
    assert [kind for kind, place, _ in bars if int(place) < limit] == ["bar"] * 3
    assert [kind for kind, place, _ in bars if int(place) >= limit] == ["bar", "bar bar-FAIL", "bar bar-FAIL"]
    assert "of-tomorrow" in told
    assert "no starting event" in told


def test_an_object_is_declared_for_every_control_as_any_of_them_says(erased: Site) -> None:
    found = {row[0]: row for row in grid(section(erased, "ERA-03", "searched"))}
    assert found["crm.people"][1] == "declared"
    assert found[escape(f"prod.{HOSTILE}")][1] == "unable to test declared nowhere"


@pytest.mark.parametrize("control", CONTROLS)
def test_every_drawing_has_a_name_and_words(erased: Site, control: str) -> None:
    page = erased.html(f"fr/control-{control}.html")
    for found in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        names = re.search(r'role="img" aria-labelledby="([^"]+)"', found)
        assert names is not None
        for ident in names[1].split():
            assert re.search(rf'id="{ident}">[^<]*\w[^<]*<', found), ident


def test_many_recipients_are_listed_pair_by_pair_the_gravest_first() -> None:
    def edit(files: dict[str, Any]) -> None:
        rows = files["frames/ERA-04.recipient_units.jsonl"]
        rows += [pair(5 + n, "ERA-1", f"P-{n}", notified_at="2026-03-02T09:00:00.000000Z") for n in range(9)]

    told = section(changed(edit), "ERA-04", "recipients")
    rows = grid(told)
    assert told.count("<table") == 1
    assert rows[1] == ["ERA-1", "analytics", "none", "none", "none", "Fail"]
    assert [row[4] for row in rows if row[:2] == ["ERA-2", "router"]] == ["impossible no reason written"]
    assert len(rows) == 1 + 4 + 9
    assert [row for row in rows if "" in row] == []
    assert "Inconclusive" not in {row[5] for row in rows[:2]}


def test_who_is_present_stands_above_who_is_only_kept_in_another_form() -> None:
    def edit(files: dict[str, Any]) -> None:
        for row in files["frames/ERA-01.erasure_probes.jsonl"]:
            if row["case_id"] == "ERA-1" and row["object"] == "people":
                row |= {"state": "masked", "mask": "reversible", "positive_control": True}

    assert [row[0] for row in grid(section(changed(edit), "ERA-01", "matrix"))[1:]] == [
        "ERA-3",
        "ERA-4",
        "ERA-2",
        "ERA-1",
    ]
