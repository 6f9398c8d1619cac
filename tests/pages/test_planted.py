"""The page of what was planted beside what was found, where something was missed and where a decoy was flagged."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.ledger.planted import Company, Sown, Told, record
from evidence_kit.pages import blocks as b
from evidence_kit.pages import planted
from evidence_kit.pages.payload import Dossier, Payload
from evidence_kit.pages.render import render
from evidence_kit.pages.words import LANGUAGES, words
from tests.pages.reading import Site
from tests.pages.sample_payload import sample_payload, sample_seal

NORM = Path(__file__).resolve().parents[2] / "docs/norm/rehearsal_faults.csv"
CHOSEN = frozenset({"F01", "F04", "F05", "D01", "D02"})
FOR = {"F01": ("REQ-02",), "F04": ("REQ-02",), "F05": ("REQ-02", "SND-01"), "F19": ("ERA-02",), "D01": ("REQ-02",)}


def results(payload: Payload, control: str) -> dict[str, str]:
    rows: Any = payload.files.get(f"results/{control}.jsonl", ())
    return {row["unit"]: row["verdict"] for row in rows}


@cache
def planted_site() -> tuple[Site, dict[str, Any]]:
    """The sample's pages with a list of what was planted: one fault found, one missed, one not drawn, a false alarm."""
    payload, seal = sample_payload(), sample_seal()
    summary: Any = payload.files["summary.json"]
    told = {one["control"]: results(payload, one["control"]) for one in summary["controls"]}
    log = told["REQ-02"]
    (failed,) = (unit for unit, verdict in log.items() if verdict == "FAIL")
    doubted = next(unit for unit, verdict in log.items() if verdict == "INCONCLUSIVE")
    passed = next(unit for unit, verdict in log.items() if verdict == "PASS")
    sown = [
        Sown("F01", "REQ-02", "FAIL", failed),
        Sown("F04", "REQ-02", "INCONCLUSIVE", passed),
        Sown("F05", "REQ-02", "FAIL", "not-drawn"),
        Sown("F05", "SND-01", "FAIL", "elsewhere"),
        Sown("D01", "REQ-02", "PASS", doubted),
    ]
    said = {control: Told(units, frozenset({*units, "not-drawn"})) for control, units in told.items()}
    made: Any = record(Company(20180525, 1000, "mock", "F01,F04,F05", CHOSEN, FOR), sown, said)
    files = {**payload.files, "planted.json": json.loads(json.dumps(made))}
    return Site(Payload(files), seal, render(Payload(files), seal)), made


def test_without_the_file_no_page_and_no_word_of_it(site: Site) -> None:
    assert [path for path in site.files if "planted" in path] == []
    assert "planted.html" not in site.html("en/index.html") + site.html("fr/control-REQ-02.html")


@pytest.mark.parametrize("language", LANGUAGES)
def test_found_missed_not_drawn_and_false_alarms_stand_there(language: str) -> None:
    site, made = planted_site()
    (one,) = (each for each in made["controls"] if each["control"] == "REQ-02")
    assert [one[key] for key in ("planted", "found", "missed", "untested")] == [3, 1, 1, 1]
    text, page = site.text(f"{language}/planted.html"), site.html(f"{language}/planted.html")
    for id_ in ("F01", "F04", "F05", "F19", "D01"):
        assert words(language).text(f"planted.what.{id_}") in text
    place = made["controls"].index(one)
    for key in ("planted", "found", "missed", "untested", "alarms"):
        assert f'data-ek="planted.json#/controls/{place}/{key}"' in page
    assert words(language).text("planted.why.not-chosen") in text
    assert words(language).text("planted.not_tested") in text
    assert page.count("bar-FAIL") > 0
    assert page.count("bar-ERROR") > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_cover_menu_and_control_lead_there(language: str) -> None:
    site, _ = planted_site()
    assert site.html(f"{language}/index.html").count('href="planted.html"') >= 2
    assert 'href="planted.html#of-REQ-02"' in site.html(f"{language}/control-REQ-02.html")


def test_with_nothing_planted_the_page_says_so() -> None:
    payload, seal = sample_payload(), sample_seal()
    summary: Any = payload.files["summary.json"]
    told = {one["control"]: Told({}, frozenset()) for one in summary["controls"]}
    silent = record(Company(1, 1000, "real", "none", frozenset(), FOR), [], told)
    (page,) = planted.pages(Dossier(Payload({**payload.files, "planted.json": silent}), seal))
    lead = page.intro[0]
    assert isinstance(lead, b.Paragraph)
    assert isinstance(lead.content, b.Say)
    assert lead.content.key == "planted.outcome.none"
    assert not [block for section in page.sections for block in section.blocks if isinstance(block, b.Chart)]


def test_every_fault_and_decoy_of_the_norm_has_words_in_both_languages() -> None:
    with NORM.open(encoding="utf-8", newline="") as file:
        ids = {row["id"] for row in csv.DictReader(file)}
    assert len(ids) == 71
    for language in LANGUAGES:
        known = words(language)
        assert {id_ for id_ in ids if not known.knows(f"planted.what.{id_}")} == set()
