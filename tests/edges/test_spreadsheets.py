"""Spreadsheets are read as they are stored, or refused by sheet and cell: no value is computed or guessed."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from evidence_kit.edges import opening
from evidence_kit.edges.workbooks import parts
from evidence_kit.edges.workbooks.table import letters
from evidence_kit.errors import SourceError
from tests.edges.desks import mapping
from tests.edges.workbooks import (
    cell,
    lines,
    number,
    ods,
    ods_parts,
    rows,
    text,
    xlsx,
    xlsx_parts,
    zipped,
)

SECRET = "agathe.longuepine@cachet-cire.example"
HEAD = [text("id"), text("day")]
ODS_HEAD = [cell("id"), cell("day")]
Table = tuple[tuple[str, ...], list[tuple[object, ...]]]


def serial(moment: date | datetime) -> float:
    """A day or a moment as a workbook counts it: days since 30 December 1899."""
    since = datetime(*moment.timetuple()[:6]) - datetime(1899, 12, 30)
    return since.days + since.seconds / 86400


def table(path: Path, **options: str | int | bool) -> Table:
    """The columns and rows of the one table that a workbook gives."""
    connection = duckdb.connect()
    opening.attach(connection, mapping({}, engine=path.suffix[1:], **options), path)  # type: ignore[arg-type]
    found = connection.execute("SELECT * FROM requests.requests")
    return tuple(column[0] for column in found.description), found.fetchall()


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Table]:
    def read(content: bytes, engine: str = "xlsx", **options: str | int | bool) -> Table:
        path = tmp_path / f"log.{engine}"
        path.write_bytes(content)
        return table(path, **options)

    return read


@pytest.fixture
def refused(read: Callable[..., Table]) -> Callable[..., str]:
    def refused(content: bytes, engine: str = "xlsx", **options: str | int | bool) -> str:
        with pytest.raises(SourceError) as caught:
            read(content, engine, **options)
        assert f"log.{engine}" in str(caught.value)
        assert "longuepine" not in str(caught.value)
        return str(caught.value)

    return refused


# --- what is read -----------------------------------------------------------------------------------------------------


def test_every_cell_of_xlsx_is_text_as_it_is_stored(read: Callable[..., Table]) -> None:
    cells = {
        text("0123"): "0123",
        '<c t="s"><v>0</v></c>': "shared",
        '<c t="s"><v>1</v></c>': "in parts",
        number(12): "12",
        number("0.1"): "0.1",
        number("NaN"): "nan",
        number("1.2345678901234568E+18"): "1.2345678901234568e+18",
        number(serial(date(2026, 3, 2)), 1): "2026-03-02",
        number(serial(datetime(2026, 3, 2, 9, 30)), 2): "2026-03-02 09:30:00",
        number(serial(datetime(2026, 3, 2, 9, 30)) + 0.25 / 86400, 2): "2026-03-02 09:30:00.250000",
        number(9.5 / 24, 3): "09:30:00",
        number(1.5, 4): "36:00:00",
        number(serial(date(2026, 3, 2))): "46083",
        '<c t="b"><v>1</v></c>': "true",
        '<c t="b"><v>0</v></c>': "false",
        '<c s="1"/>': None,
        text(""): None,
        text(" spaced "): " spaced ",
        text("05/03/2026"): "05/03/2026",
        text("=1+1"): "=1+1",
    }
    shared = ["<t>shared</t>", '<r><t xml:space="preserve">in </t></r><r><t>parts</t></r><rPh><t>SAID</t></rPh>']
    names = [f"c{place}" for place in range(len(cells))]
    columns, found = read(xlsx(rows([text(name) for name in names], list(cells)), shared=shared))
    assert columns == tuple(names)
    assert found == [tuple(cells.values())]


def test_every_cell_of_ods_is_text_as_it_is_stored(read: Callable[..., Table]) -> None:
    cells = {
        cell("0123"): "0123",
        cell("12,00", "float", office__value="12"): "12",
        cell("0.1", "float", office__value="0.1"): "0.1",
        cell("25 %", "percentage", office__value="0.25"): "0.25",
        cell("02/03/26", "date", office__date_value="2026-03-02"): "2026-03-02",
        cell("02/03/26", "date", office__date_value="2026-03-02T00:00:00"): "2026-03-02 00:00:00",
        cell("02/03/26", "date", office__date_value="2026-03-02T09:30:00.25"): "2026-03-02 09:30:00.250000",
        cell("9.30", "time", office__time_value="PT09H30M00S"): "09:30:00",
        cell("WAHR", "boolean", office__boolean_value="true"): "true",
        cell("", ""): None,
        cell("a</text:p><text:p>b<text:s text:c='2'/>c"): "a\nb  c",
        cell("v</text:p><office:annotation><text:p>a note</text:p></office:annotation><text:p>w"): "v\nw",
    }
    names = [f"c{place}" for place in range(len(cells))]
    columns, found = read(ods(lines([cell(name) for name in names], list(cells))), "ods")
    assert columns == tuple(names)
    assert found == [tuple(cells.values())]


WRITTEN = Path(__file__).parent / "written"


@pytest.mark.parametrize("path", sorted(WRITTEN.iterdir()), ids=lambda path: path.name)
def test_what_programs_write_is_read(path: Path) -> None:
    """One small log each, by openpyxl, XlsxWriter (also with days since 1904) and odfpy."""
    assert table(path) == (
        ("id", "arrived", "answered", "hours", "urgent", "note"),
        [
            ("R-1", "2026-01-05 09:30:00", "2026-02-04", "1.5", "true", 'é, "x" <y>'),
            ("R-2", "2026-01-06 23:59:59", "2026-02-28", "12", "false", None),
        ],
    )


def test_a_row_without_a_value_is_none_and_places_are_kept(read: Callable[..., Table]) -> None:
    body = (
        '<row r="2"><c r="B2" t="inlineStr"><is><t>id</t></is></c><c r="D2" t="inlineStr"><is><t>day</t></is></c></row>'
        '<row r="4"><c r="D4"><v>7</v></c></row><row r="5"><c r="A5" s="1"/></row>'
        '<row r="9"><c r="B9"><v>1</v></c></row>'
    )
    assert read(xlsx(body), header=2) == (
        ("column0", "id", "column2", "day"),
        [(None, None, None, "7"), (None, "1", None, None)],
    )


def test_cells_that_stand_for_several_are_several(read: Callable[..., Table]) -> None:
    body = lines([cell("a"), cell("b")]) + lines(
        [cell("1", "float", office__value="1", table__number_columns_repeated="2")], repeated=3
    )
    body += lines([cell("", "", table__number_columns_repeated="16384")], repeated=1_048_572)
    assert read(ods(body), "ods") == (("a", "b"), [("1", "1")] * 3)


def test_names_met_twice_and_empty_ones_are_those_of_csv(read: Callable[..., Table]) -> None:
    head = [text("a"), text("x"), text(""), text("X"), text("b")]
    columns, found = read(xlsx(rows(head, [number(n) for n in range(5)])))
    assert columns == ("a", "x_1", "column2", "X_2", "b")
    assert found == [("0", "1", "2", "3", "4")]


def test_what_stands_above_the_header_is_no_part_of_the_table(read: Callable[..., Table]) -> None:
    above = [text("Export of Monday"), "<c><f>NOW()</f><v>46083</v></c>", text("one column more")]
    body = rows(above, HEAD, [text("R-1"), text("x")])
    merged = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    assert read(xlsx(body, after=merged), header=2) == (("id", "day"), [("R-1", "x")])


def test_a_header_alone_is_an_empty_log(read: Callable[..., Table]) -> None:
    assert read(xlsx(rows(HEAD))) == (("id", "day"), [])
    assert read(ods(lines(ODS_HEAD)), "ods") == (("id", "day"), [])


def test_many_rows_are_all_there(read: Callable[..., Table]) -> None:
    body = rows(HEAD, *([number(n), text(f"t{n}")] for n in range(25_000)))
    _, found = read(xlsx(body))
    assert found == [(str(n), f"t{n}") for n in range(25_000)]


def test_formulas_count_by_their_stored_value_when_that_is_declared(read: Callable[..., Table]) -> None:
    body = rows(HEAD, ['<c t="str"><f>A1</f><v>R-1</v></c>', "<c><f>1+1</f><v>2</v></c>"])
    assert read(xlsx(body), formulas="cached")[1] == [("R-1", "2")]
    computed = cell("2", "float", table__formula="of:=1+1", office__value="2")
    assert read(ods(lines(ODS_HEAD, [cell("R-1"), computed])), "ods", formulas="cached")[1] == [("R-1", "2")]


def test_a_folder_gives_one_table_per_workbook(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.xlsx").write_bytes(xlsx(rows([text(name)], [text("1")])))
    connection = duckdb.connect()
    opening.attach(connection, mapping({}, engine="xlsx", folder=True), tmp_path)
    assert connection.execute("SELECT a, b FROM requests.a, requests.b").fetchall() == [("1", "1")]


# --- which sheet ------------------------------------------------------------------------------------------------------

OTHER = ("Other", rows([text("x")]))
ODS_OTHER = ("Other", lines([cell("x")]))


def test_the_sheet_is_named_when_there_are_several(read: Callable[..., Table], refused: Callable[..., str]) -> None:
    several = xlsx(rows(HEAD), OTHER, states={"Other": "veryHidden"})
    assert "it holds 2 sheets, 1 of them hidden. Name one in `sheet`" in refused(several)
    assert "of its 2 sheets, 0 are called as `sheet` says" in refused(several, sheet="log")
    assert read(several, sheet="Log")[0] == ("id", "day")
    assert read(several, sheet="Other")[0] == ("x",)
    both = ods(lines(ODS_HEAD), ODS_OTHER, hidden=["Other"])
    assert "it holds 2 sheets, 1 of them hidden" in refused(both, "ods")
    assert read(both, "ods", sheet="Log")[0] == ("id", "day")


def test_a_hidden_sheet_is_read_only_when_it_is_named(read: Callable[..., Table], refused: Callable[..., str]) -> None:
    for content, engine in (
        (xlsx(rows(HEAD), states={"Log": "hidden"}), "xlsx"),
        (ods(lines(ODS_HEAD), hidden=["Log"]), "ods"),
    ):
        assert "its only sheet is hidden" in refused(content, engine)
        assert read(content, engine, sheet="Log")[0] == ("id", "day")


# --- what is refused, by its cell -------------------------------------------------------------------------------------

TWO = [text("R-1"), text(SECRET)]
XLSX_CELLS = {
    "formula": (rows(HEAD, TWO, [text("R-2"), "<c><f>1+1</f><v>2</v></c>"]), "sheet Log, cell B3: it holds a formula"),
    "array formula over the table": (
        rows(['<c><f t="array" ref="A1:A9">B1</f><v>1</v></c>'], HEAD),
        "sheet Log, cell A1: it holds a formula",
    ),
    "error": (rows(HEAD, ['<c t="e"><v>#REF!</v></c>']), "sheet Log, cell A2: it holds an error value"),
    "right of the names": (rows(HEAD, [*TWO, text(SECRET)]), "sheet Log, cell C2: a value stands under no name"),
    "no header": ("", "sheet Log, row 1: there are no column names"),
    "a cell twice": (
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        "sheet Log, cell A1: this cell stands twice",
    ),
    "rows back to front": (
        rows(HEAD) + '<row r="3"><c r="A3"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>',
        "sheet Log, cell A2: this cell stands twice",
    ),
    "a cell of another row": ('<row r="1"><c r="A2"><v>1</v></c></row>', "cell A2: this cell stands in another row"),
    "beyond any sheet": (rows(HEAD) + '<row r="1048577"><c><v>1</v></c></row>', "where no sheet has one"),
    "shared string": (rows(HEAD, ['<c t="s"><v>7</v></c>']), "cell A2: its text is not among the shared strings"),
    "no place": ('<row r="1"><c r="A"><v>1</v></c></row>', "a cell of it has no place"),
    "a row without place": ('<row r="x"><c><v>1</v></c></row>', "a row of it has no place"),
    "a row of too many digits": (f'<row r="{"9" * 5000}"><c><v>1</v></c></row>', "a row of it has no place"),
    "a shared string of too many digits": (
        rows(HEAD, [f'<c t="s"><v>{"9" * 5000}</v></c>']),
        "its text is not among the shared strings",
    ),
    "same name": (rows([text("a"), text("a"), text("a_1")]), "sheet Log, row 1: two columns have the same name"),
    "a sheet too wide": (
        rows([text("a")] * 100) + '<row r="1000000"><c><v>1</v></c></row>',
        "spans more than 10,000,000 cells",
    ),
}


@pytest.mark.parametrize("what", XLSX_CELLS)
def test_what_no_table_holds_is_refused_by_its_cell(refused: Callable[..., str], what: str) -> None:
    body, why = XLSX_CELLS[what]
    header = {"header": 2} if what == "array formula over the table" else {}
    assert why in refused(xlsx(body), **header)


def test_merged_cells_are_refused_by_the_first_of_them(refused: Callable[..., str]) -> None:
    merged = '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>'
    assert "sheet Log, cell B2: it is merged with others" in refused(xlsx(rows(HEAD, TWO, TWO), after=merged))
    body = lines(ODS_HEAD, [cell("R-1", table__number_rows_spanned="2"), cell(SECRET)])
    assert "sheet Log, cell A2: it is merged with others" in refused(ods(body), "ods")


def test_errors_and_formulas_without_a_value_never_pass_as_empty(refused: Callable[..., str]) -> None:
    bare = xlsx(rows(HEAD, ["<c><f>1+1</f></c>"]))
    assert "cell A2: its formula has no stored value" in refused(bare, formulas="cached")
    failed = xlsx(rows(HEAD, ['<c t="e"><f>Z9</f><v>#N/A</v></c>']))
    assert "cell A2: it holds an error value" in refused(failed, formulas="cached")
    body = lines(ODS_HEAD, [cell("R"), cell("#REF!", table__formula="of:=#REF!", calcext__value_type="error")])
    assert "sheet Log, cell B2: it holds a formula" in refused(ods(body), "ods")
    assert "sheet Log, cell B2: it holds an error value" in refused(ods(body), "ods", formulas="cached")
    bare_ods = ods(lines(ODS_HEAD, [cell("", "", table__formula="of:=1+1")]))
    assert "cell A2: its formula has no stored value" in refused(bare_ods, "ods", formulas="cached")


def test_text_that_the_reader_of_ods_would_change_is_refused(refused: Callable[..., str]) -> None:
    for inside in ("a<text:tab/>b", "a<text:line-break/>b"):
        assert "cell A2: its text holds a tab or a line end" in refused(ods(lines(ODS_HEAD, [cell(inside)])), "ods")


# --- hostile and broken files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["xlsx", "ods"])
def test_a_password_a_cut_and_another_kind_of_file_are_told(refused: Callable[..., str], engine: str) -> None:
    whole = xlsx(rows(HEAD)) if engine == "xlsx" else ods(lines(ODS_HEAD))
    assert "it has a password" in refused(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096), engine)
    assert "it is no workbook" in refused(whole[: len(whole) // 2], engine)
    assert "it is no workbook" in refused(f"id,day\n{SECRET},1\n".encode(), engine)
    assert "it has no part" in refused(zipped({"readme.xml": "<a/>"}), engine)


def test_an_encrypted_ods_is_told(refused: Callable[..., str]) -> None:
    secret = ods_parts(("Log", lines(ODS_HEAD)))
    secret["content.xml"] = bytes(range(256)) * 8
    secret["META-INF/manifest.xml"] = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
        'manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>'
    )
    assert "it has a password" in refused(zipped(secret), "ods")


def test_an_encrypted_zip_is_told(refused: Callable[..., str]) -> None:
    content = bytearray(xlsx(rows(HEAD)))
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    assert "it has a password" in refused(bytes(content))


def test_entities_are_never_expanded(refused: Callable[..., str]) -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    made = xlsx_parts(("Log", rows(HEAD)))
    made["xl/worksheets/sheet1.xml"] = f'<!DOCTYPE w [<!ENTITY e0 "x">{bomb}]><worksheet>&e8;</worksheet>'
    assert "declares a document type" in refused(zipped(made))
    of_ods = ods_parts(("Log", ""))
    of_ods["content.xml"] = f'<!DOCTYPE w [<!ENTITY e0 SYSTEM "file:///etc/passwd">]>{of_ods["content.xml"]!s}'
    assert "declares a document type" in refused(zipped(of_ods), "ods")


def test_a_file_that_unpacks_to_more_than_it_may_is_refused(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "LARGEST", 1 << 20)
    assert "it unpacks to more than 1 MiB" in refused(xlsx(rows(HEAD) + " " * (1 << 20)))


def test_repeated_cells_never_become_more_than_a_sheet_holds(refused: Callable[..., str]) -> None:
    wide = cell("1", "float", office__value="1", table__number_columns_repeated="16384")
    assert "spans more than 10,000,000 cells" in refused(ods(lines([wide], repeated=1_048_576)), "ods")
    assert "where no sheet has one" in refused(ods(lines([cell("", "")], repeated=9_999_999)), "ods")
    endless = cell("", "", table__number_columns_repeated="99999999999")
    assert "repeated cells in it cannot be read" in refused(ods(lines([endless])), "ods")
    elsewhere = ods(lines(ODS_HEAD), ("Other", lines([wide], repeated=1_048_576)))
    assert "sheet Other" in refused(elsewhere, "ods", sheet="Log")


def test_a_part_given_twice_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    path.write_bytes(xlsx(rows(HEAD)))
    with zipfile.ZipFile(path, "a") as package, pytest.warns(UserWarning, match="Duplicate name"):
        package.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    assert "a part of it stands there twice" in refused(path.read_bytes())


def test_what_one_reader_sees_and_the_other_does_not_is_refused(refused: Callable[..., str]) -> None:
    made = xlsx_parts(("Log", rows(HEAD)))
    sheet = str(made["xl/worksheets/sheet1.xml"])
    wide = {"xl/worksheets/sheet1.xml": f'<?xml version="1.0" encoding="UTF-16"?>{sheet}'.encode("utf-16")}
    assert "sheet Log, row 1: two readers do not find the same rows" in refused(zipped({**made, **wide}))
    assert "a part of it stands there twice" in refused(zipped({**made, "xl/Workbook.xml": made["xl/workbook.xml"]}))
    body = lines(ODS_HEAD, [cell("x", "float")])
    assert "two readers do not find the same rows" in refused(ods(body), "ods")


def test_a_sheet_name_cannot_write_on_the_terminal(refused: Callable[..., str]) -> None:
    message = refused(xlsx("", name="&#x202e;L&#10;og"))
    assert "sheet ?L?og, row 1" in message


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["xlsx", "ods"])
def test_a_file_with_one_byte_changed_is_read_or_refused(read: Callable[..., Table], engine: str) -> None:
    made = (
        xlsx_parts(("Log", rows(HEAD, TWO, [number(46083, 1), number(1.5, 4)])), shared=["<t>a</t>"])
        if engine == "xlsx"
        else ods_parts(("Log", lines(ODS_HEAD, [cell("R"), cell("", "date", office__date_value="2026-03-02")])))
    )
    chance, outcomes = random.Random(20180525), dict[str, list[str]](read=[], refused=[])
    for _ in range(200):
        name = chance.choice([one for one in made if one != "mimetype"])
        content = bytearray(str(made[name]).encode())
        content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            outcomes["read"].append(str(read(zipped({**made, name: bytes(content)}), engine)))
        except SourceError as error:
            outcomes["refused"].append(str(error))
    assert outcomes["read"]
    assert outcomes["refused"]
    assert not [message for message in outcomes["refused"] if "longuepine" in message]


def test_columns_are_named_as_spreadsheets_name_them() -> None:
    assert [letters(n) for n in (1, 26, 27, 52, 702, 703, 16384)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA", "XFD"]
