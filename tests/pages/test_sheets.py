"""What the sheet of a case promises: each event with its row, each answer with its reason, commands to do it again."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from typing import Any

import pytest
from click.testing import CliRunner

from evidence_kit.cli import main
from evidence_kit.pages.casefile import sheet_page
from evidence_kit.pages.words import words
from tests.pages import sample_payload as sample
from tests.pages.reading import Site
from tests.pages.test_pages import is_sheet, made, tidy

LATE = "case-DSR-1001.html"


def results(site: Site, control: str) -> list[dict[str, Any]]:
    found = site.payload.files[f"results/{control}.jsonl"]
    assert isinstance(found, list)
    return found


def shell(site: Site, page: str) -> list[str]:
    """The lines of a sheet's commands."""
    text = re.findall(r"<pre[^>]*>(.*?)</pre>", site.html(page), re.DOTALL)[-1]
    return re.sub("&#x27;", "'", re.sub("&gt;", ">", re.sub("&lt;", "<", text))).splitlines()


def test_every_drawn_request_has_one_sheet_whatever_the_number_of_controls(site: Site) -> None:
    units = {row["unit"] for control in ("REQ-01", "REQ-02") for row in results(site, control)}
    sheets = {path.removeprefix("site/en/") for path in site.files if path.startswith("site/en/") and is_sheet(path)}
    assert sheets == {sheet_page(unit) for unit in units}
    assert len(units) < len(results(site, "REQ-01")) + len(results(site, "REQ-02"))
    both = site.html(f"en/{LATE}")
    assert both.index('id="of-REQ-02"') < both.index('id="of-REQ-01"'), "the worst comes first"


def test_the_matrix_and_the_list_of_cases_lead_to_the_sheets_and_these_lead_back(site: Site) -> None:
    assert f'<a href="{LATE}"><data value="DSR-1001"' in site.html("fr/control-REQ-02.html")
    assert f'<a href="{LATE}"><data value="DSR-1001"' in site.html("fr/cases.html")
    assert 'href="control-REQ-02.html#DSR-1001"' in site.html(f"fr/{LATE}")
    assert 'href="cases.html"' in site.html(f"fr/{LATE}")
    assert 'class="menu"' not in site.html(f"fr/{LATE}")


def test_deviations_come_first_in_the_list_of_cases_and_on_the_control(long_site: Site) -> None:
    listed = re.findall(r'<tr id="[^"]+"(?: class="tone-([A-Z]+)")?>', long_site.html("en/cases.html"))
    order = ["FAIL", "ERROR", "INCONCLUSIVE", ""]
    assert [order.index(tone) for tone in listed] == sorted(order.index(tone) for tone in listed)
    section = long_site.html("en/control-REQ-02.html").split('id="deviations"')[1].split("</table>")[0]
    assert section.count("<tr class=") == 101 + 1 + 1


@pytest.mark.parametrize(
    ("unit", "page"),
    [
        ("DSR-0332", "case-DSR-0332.html"),
        ("1034", "case-1034.html"),
        ("dsr-1", "case_" + hashlib.sha256(b"dsr-1").hexdigest()[:16] + ".html"),
        ("../x", "case_" + hashlib.sha256(b"../x").hexdigest()[:16] + ".html"),
        ("A" * 60, "case_" + hashlib.sha256(b"A" * 60).hexdigest()[:16] + ".html"),
    ],
)
def test_names_of_sheets_never_differ_by_case_alone_and_hold_no_path(unit: str, page: str) -> None:
    assert sheet_page(unit) == page


def test_every_event_stands_in_the_picture_and_in_the_table_with_its_row(site: Site) -> None:
    page = site.html(f"en/{LATE}")
    picture, table = page.split("</svg>")[0].split("<svg")[1], page.split("</svg>")[1].split("</table>")[0]
    labels = re.findall(r"<text[^>]*>([^<]+)</text>", picture)
    assert labels == ["received", "identity asked", "answered", "due REQ-02"]
    assert [re.sub("<[^>]*>", "", each) for each in re.findall(r'<th scope="row">(.*?)</th>', table)] == labels
    assert picture.count("<circle cx=") == 3
    assert picture.count('class="last"') == picture.count('<circle class="day"') == 1
    assert 'href="../evidence/REQ-02.request_log-1.html#r1"' in table
    assert "<title" in picture
    assert "<desc" in picture
    assert "style=" not in picture


def test_places_follow_the_days(site: Site) -> None:
    places = [float(each) for each in re.findall(r'<circle cx="([\d.]+)%"', site.html(f"en/{LATE}"))]
    assert places == sorted(places)
    assert places[0] == 38
    assert max(places) < 98, "the due day is the last"


def test_a_letter_that_left_at_another_moment_than_the_log_says_is_an_event_of_its_own() -> None:
    def edit(files: dict[str, Any]) -> None:
        letter = {"id": 1, "request_id": "DSR-1001", "kind": "answer", "unreadable": None}
        letter |= {"sent_at": "2025-04-08T09:00:00.000000Z", "sent_at_local": "2025-04-08"}
        files["frames/REQ-02.request_replies.jsonl"] = [letter, letter | {"id": 2, "sent_at": "2025-04-07"}]
        files["results/REQ-02.jsonl"][0]["evidence"].append({"frame": "request_replies", "rows": [1, 2]})

    page = made(edit).html(f"fr/{LATE}")
    assert page.count('<th scope="row">lettre : réponse</th>'.replace(" :", "\u00a0:")) == 1
    assert page.count('<th scope="row">réponse</th>') == 1


def test_a_case_without_evidence_says_that_no_event_is_known(site: Site) -> None:
    page = site.text("en/" + sheet_page(sample.BIDI))
    assert "No dated event is in evidence" in page
    assert "<svg" not in site.html("en/" + sheet_page(sample.BIDI))


def test_marks_have_signs_words_questions_and_reasons(site: Site) -> None:
    page = site.html(f"en/{LATE}").split('id="of-REQ-02"')[1]
    assert '<b class="w-fail">deviation</b> <bdi>B</bdi>: answered late (<bdi>answered in time</bdi>)' in page
    assert '<b class="w-na">not applicable</b>: <bdi>C</bdi>' in page


def test_what_was_not_tested_is_said_with_its_reason(site: Site) -> None:
    text = tidy(site.text("en/" + sheet_page(sample.HOSTILE)))
    why = words("en").text("reason.depends-on-arguable-facts")
    assert f"REQ-02 B (answered in time): unable to test, {why}" in text
    assert "REQ-02 C (letter read): answered by a person in a walk-through, no part of the verdict" in text


def test_days_late_and_early_stand_on_the_sheet(site: Site, long_site: Site) -> None:
    assert "2 March 2026: 42 days late" in tidy(site.text(f"en/{LATE}"))
    assert "7 April 2025: done on the last day" in tidy(long_site.text("en/case-DSR-2999.html"))

    def edit(files: dict[str, Any]) -> None:
        files["results/REQ-02.jsonl"][5]["working"][3]["day"] = "2025-04-03"

    assert "answered 3 April 2025, 4 days early" in tidy(made(edit).text("en/" + sheet_page(sample.ARABIC)))


def test_the_deadline_command_computes_the_due_day_of_the_sheet(long_site: Site) -> None:
    line = next(each for each in shell(long_site, "en/case-DSR-2999.html") if " deadline " in each)
    words = shlex.split(line)
    assert words[:4] == ["python3", "-m", "evidence_kit", "deadline"]
    done = CliRunner().invoke(main, [*words[3:], "--json"])
    said = json.loads(done.output)
    assert (said["due"], said["verdict"]) == ("2025-04-07", "PASS")
    assert said["working"] == sample.IN_TIME


def test_a_working_that_the_command_cannot_be_told_is_said_to_be_one(site: Site) -> None:
    assert not any(" deadline " in each for each in shell(site, f"en/{LATE}"))
    assert "rests on more than receipt and answer" in site.text(f"en/{LATE}")


def test_the_ticket_command_gives_the_ticket(site: Site) -> None:
    line = next(each for each in shell(site, f"en/{LATE}") if each.startswith("printf"))
    said = shlex.split(line)[2]
    drawn = site.payload.files["draws/REQ-02.json"]["rounds"][0]["drawn"]  # type: ignore[index]
    assert hashlib.sha256(said.encode()).hexdigest() == drawn[0]["ticket"]


def test_pseudonyms_of_the_sheet_have_the_command_that_unmasks_them_and_no_other_name(site: Site) -> None:
    key = sample.digest("person 1")
    assert f'data-ek="frames/REQ-02.request_log.jsonl#/1/subject_key" class="mono">{key}</data>' in site.html(
        f"en/{LATE}"
    )
    assert shell(site, f"en/{LATE}")[-1] == (
        f"python3 -m evidence_kit unmask eng-1.r001.auditor-full {key} --reason REASON"
    )


def test_controls_whose_unit_is_no_request_have_no_sheets(site: Site) -> None:
    assert "case-accounts.html" not in {path.split("/")[-1] for path in site.files}
    assert 'href="#accounts"' in site.html("en/control-RET-01.html") or "#u-accounts" in site.html(
        "en/control-RET-01.html"
    )
