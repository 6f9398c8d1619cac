"""Sources are opened whole or refused with their file and line; what is read is what stands there, value by value."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit.edges import opening
from evidence_kit.edges.textfiles import Torn, csv_shape, jsonl_shape
from evidence_kit.errors import SourceError
from tests.edges.desks import mapping

HEAD = "request_id,received_at\n"
SECRET = "agathe.longuepine@cachet-cire.example"
HOSTILE = [
    "'; DROP TABLE requests; --",
    'R"1',
    "a\u2028b\u2029c",
    "x\0y",
    "\ufeffz",
    "é\u0301",
    " spaced ",
    "=1+1",
    "a\\b",
]

Read = Callable[..., list[tuple[object, ...]]]


@cache
def session() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def tables(path: Path, engine: str = "csv", **options: str | bool) -> dict[str, list[tuple[object, ...]]]:
    """Every table of a source, with its rows."""
    connection = session()
    connection.execute("DROP SCHEMA IF EXISTS requests CASCADE")
    connection.execute("DETACH DATABASE IF EXISTS requests__attached")
    opening.attach(connection, mapping({}, engine=engine, **options), path)
    names = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'requests' ORDER BY 1"
    ).fetchall()
    return {name: connection.execute(f"SELECT * FROM requests.{opening.quote(name)}").fetchall() for (name,) in names}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: str | bytes, engine: str = "csv", name: str = "log", **options: str | bool) -> object:
        path = tmp_path / f"{name}.{engine}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        (rows,) = tables(path, engine, **options).values()
        return rows

    return read  # type: ignore[return-value]


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as caught:
        action()
    assert SECRET not in str(caught.value)
    assert "longuepine" not in str(caught.value)
    return str(caught.value)


# --- CSV --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False], ids=["newline at the end", "none"])
def test_line_ends_of_any_kind_are_read(read: Read, end: str, last: bool) -> None:
    text = end.join(["a,b", "1,x", "2,"]) + (end if last else "")
    assert read(text) == [("1", "x"), ("2", None)]


def test_line_ends_of_two_kinds_in_one_file_are_read(read: Read) -> None:
    assert read("a,b\r\n1,2\n3,4\r\n") == [("1", "2"), ("3", "4")]


def test_every_value_is_text_as_it_stands(read: Read) -> None:
    row = ("0123", "1e20", "2026-02-30", "05/03/2026", "true", "NO")
    assert read(f"a,b,c,d,e,f\n{','.join(row)}\n") == [row]


def test_what_looks_like_a_comment_or_a_title_is_a_row(read: Read) -> None:
    assert read(f"{HEAD}#R1,x\n#R2,y\nR3,z\n") == [("#R1", "x"), ("#R2", "y"), ("R3", "z")]


@pytest.mark.parametrize("options", [{"encoding": "latin-1"}, {"encoding": "utf-16"}, {"encoding": "utf-8"}])
def test_encodings_and_a_byte_order_mark(read: Read, options: dict[str, str]) -> None:
    text = HEAD + "Ré1,x\n"
    content = text.encode("utf-8-sig" if options["encoding"] == "utf-8" else options["encoding"])
    assert read(content, **options) == [("Ré1", "x")]


def test_another_delimiter(read: Read) -> None:
    assert read("a;b\n1,5;2\n", delimiter=";") == [("1,5", "2")]


def test_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert tables(path) == {"requests": [("1", "2")]}


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_are_values(read: Read, value: str) -> None:
    quoted = value.replace('"', '""')
    assert read(f'a,b\n"{quoted}",1\n') == [(value, "1")]
    assert read(json.dumps({"a": value}) + "\n", "jsonl", name="other") == [(value,)]


@pytest.mark.parametrize("name", [*HOSTILE, 'x"" from requests'], ids=range(len(HOSTILE) + 1))
def test_hostile_column_names_are_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / "log.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([["id", name], ["1", "2"]])
    connection = duckdb.connect()
    opening.attach(connection, mapping({}), path)
    found = connection.execute(f"SELECT {opening.quote(name)} FROM requests.requests").fetchall()
    assert found == [("2",)]


def test_a_value_of_a_mebibyte(read: Read) -> None:
    long = "x" * (1 << 20)
    assert read(f"{HEAD}{long},1\n") == [(long, "1")]


def test_a_header_alone_is_an_empty_log(read: Read) -> None:
    assert read(HEAD) == []


def test_a_name_met_twice_must_be_told_apart() -> None:
    assert csv_shape_of("a,x,b,X,\n1,2,3,4,5\n") == (("a", "x_1", "b", "X_2", "column4"), 1)


def csv_shape_of(text: str) -> tuple[tuple[str, ...], int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_text(text, newline="", encoding="utf-8")
        return csv_shape(path, "utf-8", ",")


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        (f"{HEAD}R1,x\nR2,x,{SECRET}\nR3,x\n", 3, "3 fields under a header of 2"),
        (f"{HEAD}R1,x\n{SECRET}\nR3,x\n", 3, "1 fields under a header of 2"),
        (f'{HEAD}R1,x\nR2,"{SECRET}\nR3,x\n', 3, "a quote is not closed"),
        (f'{HEAD}"R\n1",x\nR2,"{SECRET}" y\n', 4, "a quote is not closed"),
        (f"{HEAD}R1,x\nR2,{SECRET}\n".encode() + b"R\xe93,x\n", 4, "its bytes are not utf-8"),
        ("\n\n", 1, "there is no header line"),
        (f"Export of Monday\n{HEAD}R1,x\n", 2, "2 fields under a header of 1"),
        ("a,a,a_1\n1,2,3\n", 1, "two columns have the same name"),
    ],
    ids=["wider", "narrower", "open quote", "text after a quote", "bytes", "no header", "title", "same name"],
)
def test_a_torn_csv_is_refused_by_its_line(read: Read, content: str | bytes, line: int, why: str) -> None:
    message = refused(lambda: read(content))
    assert f"log.csv, line {line}: {why}" in message


def test_the_wrong_encoding_never_passes_as_another_text(read: Read) -> None:
    assert "line 2: its bytes are not utf-8" in refused(lambda: read(f"{HEAD}é,1\n".encode("latin-1")))
    assert "its bytes are not utf-16" in refused(lambda: read((HEAD + "é,1\n").encode(), encoding="utf-16"))


CELLS = st.text(st.sampled_from('ab,";\r\n#\\ \u2028é0'), max_size=6)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_any_table_that_is_written_is_read_back(tables_: list[list[str]], end: str) -> None:
    rows = [row for row in tables_ if len(row) == 2]
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    assert content(out.getvalue().encode()) == [tuple(cell or None for cell in row) for row in rows]


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from('a,"\r\n#'), max_size=24))
def test_any_text_is_read_as_the_standard_reader_does_or_refused(text: str) -> None:
    """Never a row less: the engine must find what Python's reader finds, or the file is refused."""
    raw = ("a,b\n" + text).encode()
    try:
        found = content(raw)
    except SourceError:
        return
    rows = list(csv.reader(io.StringIO(raw.decode(), newline=""), strict=True))[1:]
    assert found == [tuple(cell or None for cell in row) for row in rows if row]


def content(raw: bytes) -> list[tuple[object, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        path.write_bytes(raw)
        return tables(path)["requests"]


# --- JSONL ------------------------------------------------------------------------------------------------------------


def test_json_values_are_text_and_no_date_is_guessed(read: Read) -> None:
    lines = ['{"a":"05-03-2025","b":"0123","c":true,"d":null,"e":1.50}', "", '{"a":"10:20:30","f":{"g":[1]}}']
    assert read("\n".join(lines), "jsonl") == [
        ("05-03-2025", "0123", "true", None, "1.5", None),
        ("10:20:30", None, None, None, None, '{"g":[1]}'),
    ]


def test_a_key_met_late_is_a_column_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(f'{{"a":{n}}}\n' for n in range(30_000)) + '{"a":1,"late":"x"}\n')
    connection = duckdb.connect()
    opening.attach(connection, mapping({}, engine="jsonl"), path)
    assert connection.execute("SELECT count(*), max(late) FROM requests.requests").fetchone() == (30_001, "x")


@pytest.mark.parametrize("key", ["a/b", "a~b", 'a"b', "a.b", "$.a", "é"])
def test_hostile_keys_are_names(tmp_path: Path, key: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps({key: "v"}) + "\n", encoding="utf-8")
    assert tables(path, "jsonl") == {"requests": [("v",)]}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f'{{"a":"{SECRET}"', "not one JSON object"),
        ("[1]", "not one JSON object"),
        ('{"a":NaN}', "not one JSON object"),
        ('{"a":1,"a":2}', "a key stands twice"),
        ('{"a":1,"A":2}', "differ by upper and lower case alone"),
        ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "not one JSON object"),
    ],
    ids=["torn", "list", "NaN", "twice", "case", "deep"],
)
def test_a_torn_json_line_is_refused_by_its_line(read: Read, line: str, why: str) -> None:
    message = refused(lambda: read(f'{{"b":1}}\n{line}\n{{"b":2}}\n', "jsonl"))
    assert "log.jsonl, line 2: " in message
    assert why in message


def test_the_shape_of_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"b":1}\n\n{"a":1,"b":2}\n')
    assert jsonl_shape(path) == (("b", "a"), 2)
    path.write_text("3\n")
    with pytest.raises(Torn, match="line 1"):
        jsonl_shape(path)


# --- Parquet, DuckDB, folders, refusals -------------------------------------------------------------------------------


def test_parquet_and_a_database_keep_their_types(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "base.duckdb")) as base:
        base.execute("CREATE TABLE one AS SELECT 7 AS id, DATE '2026-01-02' AS day")
        base.execute('CREATE TABLE "two "" tables" AS SELECT \'x\' AS a')
        base.execute(f"COPY one TO {opening.literal(str(tmp_path / 'one.parquet'))} (FORMAT parquet)")
    ((number, day),) = tables(tmp_path / "one.parquet", "parquet")["requests"]
    assert (number, str(day)) == (7, "2026-01-02")
    assert set(tables(tmp_path / "base.duckdb", "duckdb")) == {"one", 'two " tables'}


def test_a_database_is_attached_read_only(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "base.duckdb")).execute("CREATE TABLE one AS SELECT 1 AS id").close()
    connection = duckdb.connect()
    opening.attach(connection, mapping({}, engine="duckdb"), tmp_path / "base.duckdb")
    with pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("DELETE FROM requests__attached.main.one")


def test_a_folder_gives_one_table_per_file(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("x\n1\n")
    (tmp_path / "a.csv").write_text("y\n2\n")
    (tmp_path / "notes.txt").write_text("nothing")
    assert tables(tmp_path, folder=True) == {"a": [("2",)], "b": [("1",)]}


@pytest.mark.parametrize("engine", ["csv", "jsonl", "parquet", "duckdb", "mbox"])
def test_a_missing_file_a_folder_and_an_empty_file_are_refused_by_name(tmp_path: Path, engine: str) -> None:
    empty = tmp_path / f"empty.{engine}"
    empty.touch()
    (tmp_path / "folder").mkdir()
    assert "no.file" in refused(lambda: tables(tmp_path / "no.file", engine))
    assert str(tmp_path / "folder") in refused(lambda: tables(tmp_path / "folder", engine))
    if engine != "duckdb":  # an empty file is an empty DuckDB database
        assert "is empty (0 bytes)" in refused(lambda: tables(empty, engine))


@pytest.mark.parametrize("engine", ["parquet", "duckdb"])
def test_a_file_of_another_kind_is_refused_without_its_words(tmp_path: Path, engine: str) -> None:
    path = tmp_path / f"log.{engine}"
    path.write_text(f"request_id\n{SECRET}\n" * 400)
    assert str(path) in refused(lambda: tables(path, engine))


def test_a_compressed_file_that_is_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(HEAD.encode() * 50)[:-9])
    assert "that the file is whole" in refused(lambda: tables(path))


def test_folders_that_are_none_or_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(HEAD)
    (tmp_path / "bare").mkdir()
    assert "is not a folder" in refused(lambda: tables(tmp_path / "log.csv", folder=True))
    assert "holds no .csv or .csv.gz file" in refused(lambda: tables(tmp_path / "bare", folder=True))
