"""The page on sources: its examples, file by file, give the same two requests through one mapping."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from evidence_kit.edges import opening, params, relations
from evidence_kit.edges.opening import SUFFIXES
from evidence_kit.edges.params.options import OPTIONS
from tests.edges.workbooks import cell, lines, number, ods, rows, serial, text, xlsx

ROOT = Path(__file__).resolve().parents[2]
#: What the page says of files; of databases it speaks behind.
PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8").partition("\n## Databases")[0]
#: Every yaml block: first the mapping, then the lines that each kind of file changes.
MAPPING, *HEADS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
HEAD_OF = {head.split()[1]: head for head in HEADS}
ENGAGEMENT = """\
engagement: own
title: {en: "Own", fr: "Propre"}
organisation: {name: Own, country: FR}
period: {from: 2026-01-01, until: 2026-06-30}
as_of: 2026-06-30T21:59:59Z
timezone: Europe/Paris
calendar: FR
limit: {months: 1}
controls: [REQ-02]
sources: {requests: own.yaml}
"""
FOUND = [
    ("R-1", "access", date(2026, 1, 5), date(2026, 2, 4), "closed", None),
    ("R-2", "erasure", date(2026, 1, 6), None, "open", None),
]


def block(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def sheet() -> list[list[str]]:
    """The cells of the page's table."""
    found = re.search(r"^\| Requests 2026 .*?(?=\n\n)", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    cells = [[one.strip() for one in line.strip("|").split("|")] for line in found[0].splitlines()]
    return [line for line in cells if line[0] != "---"]


def workbook(engine: str) -> bytes:
    """The page's table as a workbook, its days as days."""
    day = re.compile(r"\d{4}-\d{2}-\d{2}")
    other = ("Notes", "")
    if engine == "xlsx":
        made = [[number(serial(one), 1) if day.fullmatch(one) else text(one) for one in line] for line in sheet()]
        return xlsx(rows(*made), other)
    of_ods = [
        [cell(one, "date", office__date_value=one) if day.fullmatch(one) else cell(one) for one in line]
        for line in sheet()
    ]
    return ods(lines(*of_ods), other)


def write(engine: str, path: Path) -> None:
    if engine in ("xlsx", "ods"):
        path.write_bytes(workbook(engine))
        assert CalamineWorkbook.from_path(path).sheet_names == ["Log", "Notes"]
    elif engine == "parquet":
        connection = duckdb.connect()
        connection.execute("CREATE TABLE log (id VARCHAR, kind VARCHAR, arrived DATE, answered DATE)")
        connection.executemany("INSERT INTO log VALUES (?, ?, ?, nullif(?, '')::DATE)", sheet()[2:])
        connection.execute(f"COPY log TO {opening.literal(str(path))} (FORMAT parquet)")
    else:
        path.write_text(block(engine), encoding="utf-8")


@pytest.mark.parametrize("engine", HEAD_OF)
def test_every_kind_of_file_gives_the_same_requests(engine: str, tmp_path: Path) -> None:
    mapping = MAPPING.replace("engine: csv\n", HEAD_OF[engine])
    for name, content in (("engagements/own.yaml", ENGAGEMENT), ("sources/own.yaml", mapping)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(content, encoding="utf-8")
    path = tmp_path / f"log.{engine}"
    write(engine, path)
    agreed = params.load(str(tmp_path / "engagements" / "own.yaml"), ROOT / "params", {})
    connection = duckdb.connect()
    opening.attach(connection, agreed.sources["requests"], path)
    relations.relate(connection, "request_log", [agreed.sources["requests"]], {})
    columns = "request_id, right_invoked, received_at, responded_at, status, unreadable"
    assert connection.execute(f"SELECT {columns} FROM main.frame_request_log ORDER BY 1").fetchall() == FOUND


def test_the_page_names_every_kind_of_file_with_its_suffixes_and_options() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (.+)$", PAGE, re.MULTILINE))
    assert set(table) == set(HEAD_OF) == set(SUFFIXES) - {"mbox"}
    for engine, told in table.items():
        assert all(f"`{suffix}`" in told for suffix in SUFFIXES[engine]), engine
        known = {option for option, engines in OPTIONS.items() if engine in engines}
        assert set(re.findall(r"`(\w+)`", told.partition("|")[2])) == known, engine


def test_the_examples_of_one_s_own_account_are_there() -> None:
    named = re.findall(r"`(params/sources/\w+\.yaml)`", PAGE)
    assert len(named) == 5
    assert all((ROOT / one).exists() for one in named)
