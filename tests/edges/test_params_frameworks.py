"""Framework files: every row of the norm is carried, and what is wrong is told with file and line."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from evidence_kit.edges import params
from evidence_kit.errors import ParameterError
from evidence_kit.model.framework import Framework, Relation, Step, Verified
from evidence_kit.rules import frameworks as rules
from tests.edges.params_folder import CONTROL, PARAMS, C, E, params_folder

NORM = Path(__file__).parents[3] / "shared" / "spec" / "frameworks.csv"
HEADER = "control_id,framework,edition,clause,title,relation,verified,source\n"
ROW = "REQ-02,Scheme,2026,1.1,answering,partial,opened,the scheme\n"
YAML = """\
framework: Scheme
edition: "2026"
clauses:
  - clause: "1.1"
    title: answering
    controls: {REQ-02: partial}
    verified: opened
    source: the scheme
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (params_folder(tmp_path) / "frameworks").mkdir()
    return tmp_path / "params"


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / "frameworks" / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(folder: Path, name: str, text: str | bytes) -> list[str]:
    written(folder, name, text)
    with pytest.raises(ParameterError) as error:
        params.frameworks(folder)
    lines = str(error.value).splitlines()
    assert all("REQ-02,Scheme" not in line and len(line) < 400 for line in lines)
    return lines


def known() -> dict[str, Framework]:
    return {one.id: one for one in params.frameworks(PARAMS)}


def test_every_row_of_the_norm_is_carried_and_no_other() -> None:
    if not NORM.exists():
        pytest.skip("the shared data are not here: the norm's frameworks.csv")
    with NORM.open(encoding="utf-8", newline="") as file:
        stated = Counter(tuple(one.values()) for one in csv.DictReader(file))
    carried = Counter(
        (row.control, one.name, one.edition, row.clause, row.title, row.relation, row.verified, row.source)
        for one in known().values()
        for row in one.mappings
    )
    assert carried == stated
    assert stated.total() == 317


def test_every_control_of_the_kit_serves_a_clause() -> None:
    controls = [path.stem for path in (PARAMS / "controls").glob("*.yaml")]
    assert rules.unmapped(controls, known().values()) == ()
    assert not any(one.left_out for one in known().values())


def test_from_27701_of_2019_to_2025_every_clause_is_renumbered_and_keeps_its_controls() -> None:
    """Counted by hand in the norm's file: 24 clauses on each side; rows nobody checked stand at 7.3.7, 7.3.8, 7.3.9 and
    7.5.4 of 2019 and at A.1.4.5, A.2.3.2 and A.2.4.3 of 2025."""
    moves = rules.diff(known()["iso-iec-27701-2019"], known()["iso-iec-27701-2025"])
    assert [one.step for one in moves] == [Step.RENUMBERED] * 24
    assert not any(one.lost or one.gained for one in moves)
    assert sum(len(one.kept) for one in moves) == 52
    doubtful = {one.earlier[0]: one.later[0] for one in moves if one.verified is Verified.UNVERIFIED}
    assert doubtful == {
        **{"7.3.7": "A.1.3.8", "7.3.8": "A.1.3.9", "7.3.9": "A.1.3.10", "7.5.4": "A.1.5.5"},
        **{"7.4.4": "A.1.4.5", "8.3.1": "A.2.3.2", "8.4.2": "A.2.4.3"},
    }


@pytest.mark.parametrize(("name", "text"), [("scheme-2026.csv", HEADER + ROW), ("scheme-2026.yaml", YAML)])
def test_one_file_more_is_one_framework_more(folder: Path, name: str, text: str) -> None:
    written(folder, name, text)
    [one] = params.frameworks(folder)
    assert (one.id, one.name, one.edition, one.file) == ("scheme-2026", "Scheme", "2026", f"params/frameworks/{name}")
    [row] = one.mappings
    assert (row.control, row.clause, row.title, row.relation, row.verified, row.source) == (
        *("REQ-02", "1.1", "answering"),
        *(Relation.PARTIAL, Verified.OPENED, "the scheme"),
    )
    assert row.line == (2 if name.endswith(".csv") else 6)


def test_a_file_of_ones_own_stands_for_that_of_the_same_name(tmp_path: Path) -> None:
    own = tmp_path / "mine"
    (own / "frameworks").mkdir(parents=True)
    (own / "frameworks" / "gdpr-2016-679.csv").write_text(HEADER + ROW.replace("Scheme,2026", "GDPR,2016/679"))
    found = {one.id: one for one in params.frameworks(PARAMS, own)}
    assert len(found) == len(known())
    assert len(found["gdpr-2016-679"].mappings) == 1


def test_spreadsheets_may_mark_utf_8_and_end_lines_their_way(folder: Path) -> None:
    written(folder, "scheme.csv", b"\xef\xbb\xbf" + (HEADER + "\n" + ROW).replace("\n", "\r\n").encode())
    [one] = params.frameworks(folder)
    assert one.mappings[0].line == 3


def test_what_looks_like_a_formula_or_markup_is_text(folder: Path) -> None:
    hostile = "=HYPERLINK(1)<script>"
    written(folder, "scheme.csv", HEADER + ROW.replace("answering", hostile))
    assert params.frameworks(folder)[0].mappings[0].title == hostile


CSV_REFUSALS = {
    "unknown control": (ROW.replace("REQ-02", "REQ-03"), 2, "there is no control REQ-03; the nearest known is REQ-02"),
    "no control id": (ROW.replace("REQ-02", "req 2"), 2, "no id of a control"),
    "duplicate pair": (ROW + "\n" + ROW.replace("partial", "supports"), 4, "already on line 2"),
    "unknown relation": (ROW.replace("partial", "partly"), 2, "the nearest known is partial"),
    "unknown verified": (ROW.replace("opened", "checked"), 2, "Accepted: opened, secondary, unverified"),
    "empty clause": (ROW.replace("1.1", " "), 2, "clause: this cell is empty"),
    "empty title": (ROW.replace("answering", ""), 2, "title: this cell is empty"),
    "too few fields": (ROW.replace(",opened", ""), 2, "7 fields under a header of 8"),
    "comma without quotes": (ROW.replace("answering", "a, b"), 2, "9 fields under a header of 8"),
    "another edition": (ROW + ROW.replace("2026", "2027").replace("1.1", "1.2"), 3, "edition: not that of line 2"),
    "open quote": (ROW + 'REQ-02,"Scheme,2026', 3, "a quote is not closed"),
    "NUL": (ROW.replace("answering", "a\x00b"), 2, "title: holds a line break or a control character"),
    "line break": (ROW.replace("answering", '"a\nb"'), 2, "title: holds a line break"),
    "long field": (ROW.replace("answering", "a" * 601), 2, "title: longer than 600 characters"),
    "endless field": (ROW.replace("answering", "a" * 140_000), 2, "a field is far too long"),
    "none with a clause": (ROW.replace("partial", "none"), 2, "a row with relation none names no clause"),
    "none beside a row": (ROW + ROW.replace("partial", "none").replace("1.1", ""), 3, "Keep one of the two"),
    "a standard covered whole": (
        ROW.replace("Scheme", "ISO/IEC 1").replace("partial", "full"),
        2,
        "asks for a documented procedure too",
    ),
}


@pytest.mark.parametrize(("rows", "line", "told"), CSV_REFUSALS.values(), ids=CSV_REFUSALS)
def test_a_row_that_is_wrong_is_told_with_file_and_line(folder: Path, rows: str, line: int, told: str) -> None:
    lines = refused(folder, "scheme.csv", HEADER + rows)
    assert any(one.startswith(f"params/frameworks/scheme.csv, line {line}, ") and told in one for one in lines), lines


FILE_REFUSALS = {
    "empty": (b"", ", line 1, column 1: the file is empty"),
    "header alone": (HEADER.encode(), ", line 1, column 1: there is no row below the header"),
    "missing column": (HEADER.replace(",verified", "").encode(), ", line 1, column 1: verified missing."),
    "extra column": (HEADER.replace("source", "source,weight").encode(), ", line 1, column 1: weight not known."),
    "other order": (HEADER.replace("clause,title", "title,clause").encode(), "its columns stand in another order"),
    "semicolons": (HEADER.replace(",", ";").encode(), "its columns are not separated by commas"),
    "cp1252": (
        (HEADER + ROW + ROW.replace("answering", "réponse")).encode("cp1252"),
        ", line 3: its bytes are not UTF-8",
    ),
    "UTF-16": ((HEADER + ROW).encode("utf-16"), ", line 1: this is UTF-16"),
    "workbook": (b"PK\x03\x04rest", ", line 1: this is a workbook"),
    "large": (b"a" * 300_000, ": larger than 256 KiB"),
}


@pytest.mark.parametrize(("data", "told"), FILE_REFUSALS.values(), ids=FILE_REFUSALS)
def test_a_file_that_is_no_such_table_is_told(folder: Path, data: bytes, told: str) -> None:
    lines = refused(folder, "scheme.csv", data)
    assert any(one.startswith("params/frameworks/scheme.csv") and told in one for one in lines), lines


YAML_REFUSALS = {
    "unknown control": (YAML.replace("REQ-02", "REQ-03"), 6, "there is no control REQ-03"),
    "unknown relation": (YAML.replace("partial", "most"), 6, "accepted: full, partial or supports"),
    "unknown key": (YAML.replace("verified", "checked"), 7, "this key is not known; known: clause"),
    "duplicate pair": (
        YAML + YAML.partition("clauses:\n")[2].replace("partial", "supports"),
        11,
        "already on line 6",
    ),
    "none beside a clause": (YAML + "none: {REQ-02: nothing}\n", 9, "Keep one of the two"),
    "number for an edition": (YAML.replace('"2026"', "2026"), 2, "Put it in quotes"),
}


@pytest.mark.parametrize(("text", "line", "told"), YAML_REFUSALS.values(), ids=YAML_REFUSALS)
def test_yaml_is_refused_the_same_way(folder: Path, text: str, line: int, told: str) -> None:
    lines = refused(folder, "scheme.yaml", text)
    assert any(one.startswith(f"params/frameworks/scheme.yaml, line {line}, ") and told in one for one in lines), lines


def test_two_files_of_one_text_and_edition_are_refused(folder: Path) -> None:
    written(folder, "first.csv", HEADER + ROW)
    [line] = refused(folder, "second.csv", HEADER + ROW.replace("Scheme", "SCHEME"))
    assert line.startswith("params/frameworks/second.csv, line 1, ")
    assert "params/frameworks/first.csv states this framework in this edition already" in line


def test_two_files_of_one_name_are_refused(folder: Path) -> None:
    written(folder, "scheme.csv", HEADER + ROW)
    [line] = refused(folder, "scheme.yaml", YAML)
    assert line == "params/frameworks/scheme.yaml: scheme.csv has this name too. Keep one of the two files."


def test_a_file_of_another_name_is_not_passed_over(folder: Path) -> None:
    written(folder, "README.md", "words beside them are welcome")
    [line] = refused(folder, "Scheme 2026.xlsx", b"PK")
    assert line.startswith("params/frameworks/Scheme 2026.xlsx: no name of a framework file.")


def loading(folder: Path) -> str:
    with pytest.raises(ParameterError) as error:
        params.load("doj-foia", folder, {})
    return str(error.value)


def test_a_control_that_no_framework_maps_is_an_error_with_file_and_line(folder: Path) -> None:
    (folder / "controls" / "REQ-03.yaml").write_text(CONTROL.replace("control: REQ-02", "control: REQ-03"))
    written(folder, "scheme.csv", HEADER + ROW.replace("REQ-02", "REQ-03"))
    assert loading(folder).startswith(
        f"params/{C}, line 1, column 1: control: no framework of frameworks/ has a row for REQ-02."
    )
    written(folder, "other.csv", HEADER + "REQ-02,Other,1,,it speaks of nothing like it,none,opened,me\n")
    assert len(params.load("doj-foia", folder, {}).frameworks) == 2


def test_a_named_framework_must_know_every_control_of_the_engagement(folder: Path) -> None:
    (folder / "controls" / "REQ-03.yaml").write_text(CONTROL.replace("control: REQ-02", "control: REQ-03"))
    written(folder, "scheme.csv", HEADER + ROW)
    written(folder, "other.csv", HEADER + ROW.replace("REQ-02,Scheme", "REQ-03,Other"))
    path = folder / E
    agreed = path.read_text(encoding="utf-8")
    line = agreed.count("\n") + 1
    path.write_text(agreed + "frameworks: [scheme:2026]\n", encoding="utf-8")
    assert params.load("doj-foia", folder, {}).answers_to == ("scheme",)
    path.write_text(agreed + "frameworks: [other]\n", encoding="utf-8")
    assert loading(folder).startswith(
        f"params/{E}, line {line}, column 14: frameworks[1]: params/frameworks/other.csv has no row for REQ-02."
    )
    path.write_text(agreed + "frameworks: [skeme]\n", encoding="utf-8")
    assert "frameworks[1]: there is no framework skeme; the nearest known is scheme" in loading(folder)


def test_a_folder_without_frameworks_asks_for_none(tmp_path: Path) -> None:
    assert params.load("doj-foia", params_folder(tmp_path), {}).frameworks == ()


def test_a_framework_may_be_named_by_its_path(folder: Path) -> None:
    path = written(folder, "scheme.csv", HEADER + ROW)
    assert params.framework(str(path), (), folder).name == "Scheme"
    path.write_text(HEADER + ROW.replace("REQ-02", "REQ-09"))
    with pytest.raises(ParameterError, match="line 2, column 1: control_id: there is no control REQ-09"):
        params.framework(str(path), (), folder)
