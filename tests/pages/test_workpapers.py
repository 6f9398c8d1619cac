"""The workbook: figures as the bundle holds them, nothing that a spreadsheet would run, the same bytes twice."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from datetime import date, datetime
from functools import cache
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from evidence_kit.pages.payload import Dossier, Payload
from evidence_kit.pages.words import LANGUAGES, words
from evidence_kit.pages.workpapers import control, grid, workbook
from evidence_kit.pages.workpapers.inert import LONGEST, inert, sheet_names
from tests.pages.sample_payload import BIDI, FORMULA, HOSTILE, sample_payload, sample_seal

DIGEST = "ab" * 32
VERDICTS = ("pass", "fail", "error", "inconclusive")


def kinds(payload: Payload) -> dict[str, dict[str, tuple[str, str]]]:
    """What a catalogue would say of the frames: local days are dates, pseudonyms keys, all else texts."""
    found = {}
    for path, rows in payload.files.items():
        if path.startswith("frames/") and isinstance(rows, list) and rows:
            kind = {name: "date" if name.endswith(("_local", "_on")) else "text" for name in rows[0]}
            found[path] = {name: (k, "key" if name.endswith("_key") else "none") for name, k in kind.items()}
    return found


@cache
def made(language: str) -> bytes:
    payload = sample_payload()
    return workbook(payload, sample_seal(), DIGEST, kinds(payload), language)


@cache
def opened(language: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(made(language)))


def cells(sheet: Worksheet) -> list[Any]:
    return [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]


def table(sheet: Worksheet) -> tuple[list[str], list[list[Any]]]:
    """The heads and rows that the sheet's filter reaches."""
    first, *rest = sheet[sheet.auto_filter.ref]
    return [cell.value for cell in first], [[cell.value for cell in row] for row in rest]


def summary() -> dict[str, dict[str, Any]]:
    return {one["control"]: one for one in sample_payload().files["summary.json"]["controls"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_sheet_for_each_control_between_the_others(language: str) -> None:
    say = words(language).text
    ends = [say(f"workpaper.sheet.{key}") for key in ("cover", "population", "findings", "ledger", "legend")]
    assert opened(language).sheetnames == [*ends[:2], *summary(), *ends[2:]]
    assert opened(language).properties.created == datetime.fromisoformat(sample_seal().sealed_at[:19])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cover_has_the_bundles_figures_as_numbers(language: str) -> None:
    heads, rows = table(opened(language).worksheets[0])
    assert [row[0] for row in rows] == list(summary())
    for row, one in zip(rows, summary().values(), strict=True):
        said = dict(zip(heads, row, strict=True))
        assert said[words(language).text("col.verdict")] == words(language).word(one["verdict"])
        for key in ("units", "drawn", *VERDICTS, "deviations"):
            assert said[words(language).text(f"col.{key}")] == one[key], key
        rate = said[words(language).text("col.upper")]
        shown = one["upper_rate_shown"]
        assert rate == (words(language).text("mark.none") if shown is None else float(shown))
    told = " ".join(str(cell.value) for cell in cells(opened(language).worksheets[0]))
    assert DIGEST in told
    assert sample_seal().signer in told
    assert words(language).text("never.breaches") in told


@pytest.mark.parametrize("name", list(summary()))
def test_a_controls_rows_are_its_results_in_ticket_order_and_its_totals_the_summarys(name: str) -> None:
    payload, say = sample_payload(), words("en")
    sheet, results = opened("en")[name], payload.files.get(f"results/{name}.jsonl", [])
    if not results:
        assert sheet.auto_filter.ref is None
        return
    heads, rows = table(sheet)
    assert [row[heads.index("Result")] for row in rows] == [one["id"] for one in results]
    for row, one in zip(rows, results, strict=True):
        said = dict(zip(heads, row, strict=True))
        assert said["Verdict"] == say.word(one["verdict"])
        marks = {attribute["letter"]: attribute["mark"] for attribute in one["attributes"]}
        assert {letter: said[letter] for letter in marks} == {k: grid.TICKS[mark] for k, mark in marks.items()}
        assert said.get("Due") in (None, "none", datetime.fromisoformat(one["due_on"]) if one["due_on"] else None)
        for read in one["evidence"]:
            assert (f"{read['frame']}#" in said["Evidence"]) is bool(read["rows"])
    counted = Counter(row[heads.index("Verdict")] for row in rows)
    total = next(row for row in sheet.iter_rows(values_only=True) if row[0] == name and isinstance(row[1], int))
    total = list(total)
    assert total[3:7] == [counted[say.word(verdict.upper())] for verdict in VERDICTS]
    assert total[1:8] == [summary()[name][key] for key in ("units", "drawn", *VERDICTS, "deviations")]


def test_key_facts_are_days_and_the_heading_stays_in_sight() -> None:
    sheet = opened("en")["REQ-02"]
    heads, rows = table(sheet)
    local = [place for place, head in enumerate(heads) if head.endswith("_local")]
    assert local
    assert any(isinstance(row[place], datetime | date) for row in rows for place in local)
    start = int(re.search(r"\d+", sheet.auto_filter.ref)[0])
    assert sheet.freeze_panes == f"B{start + 1}"
    assert sheet.print_title_rows == f"${start}:${start}"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sample_seal().bundle in sheet.oddFooter.left.text
    assert "&P" in sheet.oddFooter.right.text or "Page" in sheet.oddFooter.right.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_in_it_is_a_formula_a_link_or_a_macro_and_no_text_could_become_one(language: str) -> None:
    texts = []
    for sheet in opened(language).worksheets:
        assert not sheet._hyperlinks
        for cell in cells(sheet):
            assert cell.data_type != "f", (sheet.title, cell.coordinate)
            if isinstance(cell.value, str):
                texts.append(cell.value)
                assert cell.value[0] not in "=+-@\t\r", (sheet.title, cell.coordinate)
    assert any(text.startswith("'=HYPERLINK") for text in texts), "the formula of the data is there, as a text"
    assert any(HOSTILE in text for text in texts)
    assert any("U+202E" in text for text in texts)
    assert not any("\u202e" in text for text in texts)
    with zipfile.ZipFile(io.BytesIO(made(language))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name in parts if "vba" in name.lower() or "external" in name.lower()]
    assert not [name for name, data in parts.items() if b"<f>" in data or b'TargetMode="External"' in data]


@pytest.mark.parametrize(
    "opening", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff20SUM"], ids=ascii
)
def test_each_opening_of_a_formula_gets_an_apostrophe(opening: str) -> None:
    shown = inert(opening)
    assert shown.startswith("'")
    assert shown.endswith(opening[1:])
    assert inert("a" + opening).startswith("a")


def test_control_characters_and_directions_are_codes_and_ends_are_told() -> None:
    assert inert(f"a\0b\x1b{BIDI}") == "aU+0000bU+001BabcU+202Edef"
    assert inert("\ud800") == "U+D800"
    assert inert("a\nb") == "a\nb"
    assert inert(FORMULA) == "'" + FORMULA
    assert inert("x" * LONGEST) == "x" * LONGEST
    cut = inert("\U0001f642" * LONGEST, "… [cut]")
    assert cut.endswith("🙂… [cut]")
    assert len(cut.encode("utf-16-le")) // 2 in (LONGEST - 1, LONGEST)


def test_sheet_names_are_valid_and_each_stands_once() -> None:
    names = sheet_names(["REQ-02", "req-02", "a/b:c*[d]?", "'q'", "History", "x" * 40, "x" * 41, ""])
    assert names[:2] == ["REQ-02", "req-02~2"]
    assert len({name.casefold() for name in names}) == len(names) == 8
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\']", name) for name in names)
    assert "history" not in [name.casefold() for name in names]


def test_the_same_bundle_gives_the_same_bytes_and_another_digest_others() -> None:
    payload = sample_payload()
    again = workbook(payload, sample_seal(), DIGEST, kinds(payload), "en")
    assert again == made("en")
    assert workbook(payload, sample_seal(), "cd" * 32, kinds(payload), "en") != again


def test_more_rows_than_a_sheet_holds_are_cut_with_a_sentence() -> None:
    dossier, teller = Dossier(sample_payload(), sample_seal()), grid.Teller(words("en"))
    one = next(c for c in dossier.doc("summary.json")["controls"] if c["control"].text == "REQ-02")
    stated = next(c for c in dossier.doc("controls.json")["controls"] if c["control"].text == "REQ-02")
    finding = next(f for f in dossier.rows("findings.jsonl") if f["control"].text == "REQ-02")
    paper = control.Paper(dossier, one, stated, finding, {}, teller)
    sheet = control.sheet(paper, "REQ-02", most=2)
    rows = list(sheet.rows)
    assert sheet.listed == 2
    assert any("results/REQ-02.jsonl" in str(c.value) and "more rows" in str(c.value) for r in rows for c in r.cells)
    whole = control.sheet(paper, "REQ-02")
    assert whole.listed == len(paper.results) > 2
    assert len(list(whole.rows)) - len(rows) == whole.listed - 2


def test_counts_that_are_not_those_of_the_results_make_no_workbook() -> None:
    payload = sample_payload()
    one = next(c for c in payload.files["summary.json"]["controls"] if c["control"] == "REQ-02")
    one["pass"], one["fail"] = one["pass"] + 1, one["fail"] - 1
    with pytest.raises(ValueError, match="REQ-02: its counts are not those of its results"):
        workbook(payload, sample_seal(), DIGEST, {}, "en")


def test_a_level_without_rows_has_no_sheet_of_a_control_and_says_so() -> None:
    payload = sample_payload()
    wanted = ("engagement.json", "controls.json", "summary.json", "findings.jsonl", "ledger.jsonl")
    files = {name: payload.files[name] for name in wanted}
    # As docs/norm/bundle-files.md has them at this level: one finding chosen, no attributes, no data in the ledger.
    chosen = ("id", "control", "verdict", "reason", "grade", "law", "reasons")
    files["findings.jsonl"] = [{key: row[key] for key in chosen} for row in files["findings.jsonl"][1:2]]
    files["ledger.jsonl"] = [{**entry, "data": None} for entry in files["ledger.jsonl"]]
    dropped = ("attributes", "needs", "grade", "test", "notebook")
    stated = [{k: v for k, v in one.items() if k not in dropped} for one in files["controls.json"]["controls"]]
    files["controls.json"] = {"controls": stated}
    book = workbook(Payload(files), sample_seal(level="client"), DIGEST, {}, "fr")
    sheets = openpyxl.load_workbook(io.BytesIO(book))
    assert sheets.sheetnames == ["Couverture", "Constats", "Registre des actions", "Légende"]
    told = [cell.value for cell in cells(sheets.worksheets[0])]
    assert words("fr").text("workpaper.no_rows") in told
    assert [row[0] for row in table(sheets["Constats"])[1]] == ["REQ-02"]


def test_an_action_that_was_planned_is_filled_in_and_the_others_left_to_write() -> None:
    payload = sample_payload()
    said = {key: {"en": FORMULA, "fr": FORMULA} for key in ("cause", "effect", "action", "evidence")}
    action = {"control": "REQ-02", **said, "owner": "dpo", "due": "2026-09-30", "done_on": None}
    agreed: Any = {**payload.files["engagement.json"], "actions": [action]}  # type: ignore[dict-item]
    book = workbook(Payload({**payload.files, "engagement.json": agreed}), sample_seal(), DIGEST, kinds(payload), "en")
    sheet = openpyxl.load_workbook(io.BytesIO(book))["Findings"]
    assert all(cell.data_type != "f" for cell in cells(sheet))
    filled = {row[0].value: [cell.value for cell in row[-3:]] for row in sheet.iter_rows() if row[0].value}
    assert filled["REQ-01"] == [None] * 3
    assert [str(each)[:3] for each in filled["REQ-02"]][1:] == ["dat", "30 "]
    assert FORMULA[1:] in str(filled["REQ-02"][0])
