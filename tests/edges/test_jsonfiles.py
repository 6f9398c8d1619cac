"""One JSON document is read object by object, each as it is written, or refused by its line."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit.edges import jsonfiles, opening
from evidence_kit.edges.textfiles import Torn
from evidence_kit.errors import SourceError
from tests.edges.desks import mapping

SECRET = "agathe.longuepine@cachet-cire.example"
Rows = list[tuple[object, ...]]


def table(path: Path, **options: str) -> tuple[tuple[str, ...], Rows]:
    connection = duckdb.connect()
    opening.attach(connection, mapping({}, engine="json", **options), path)
    found = connection.execute("SELECT * FROM requests.requests")
    return tuple(column[0] for column in found.description), found.fetchall()


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[tuple[str, ...], Rows]]:
    def read(content: str | bytes, **options: str) -> tuple[tuple[str, ...], Rows]:
        path = tmp_path / "export.json"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return table(path, **options)

    return read


# --- what is read -----------------------------------------------------------------------------------------------------

LIST = '[{"id": 7, "at": "05/03/2026"}, {"id": "0123", "tags": ["a", "b"], "at": null}]'
COLUMNS = ("id", "at", "tags")
FOUND = [("7", "05/03/2026", None), ("0123", None, '["a","b"]')]


@pytest.mark.parametrize(
    ("before", "after", "pointer"),
    [
        ("", "", ""),
        ("\ufeff\n ", "\n", ""),
        ('{"count": 2, "tickets": ', ', "next_page": null}', "/tickets"),
        ('{"users": [{"id": 1}, {"id": 1}], "a/b": {"~": ', '}, "end": [1, [2], {}]}', "/a~1b/~0"),
        ('[[], {"issues": ', "}]", "/1/issues"),
    ],
    ids=["a list", "byte order mark", "envelope", "escaped keys", "a place in a list"],
)
def test_the_list_is_found_where_the_pointer_says(
    read: Callable[..., object], before: str, after: str, pointer: str
) -> None:
    assert read(before + LIST + after, rows=pointer) == (COLUMNS, FOUND)


def test_a_compressed_document(tmp_path: Path) -> None:
    path = tmp_path / "export.json.gz"
    path.write_bytes(gzip.compress(LIST.encode()))
    assert table(path) == (COLUMNS, FOUND)
    path.write_bytes(gzip.compress(LIST.encode() * 50)[:-9])
    with pytest.raises(SourceError, match="that the file is whole"):
        table(path)


def test_an_empty_list_is_an_empty_log(read: Callable[..., tuple[tuple[str, ...], Rows]]) -> None:
    assert read('{"tickets": []}', rows="/tickets")[1] == []
    assert read("[{}]")[1] == [([],)]


def test_what_is_nested_stays_json_for_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(
        '[{"via": {"channel": "email"}, "fields": [{"id": 360, "value": "x"}, {"id": 361, "value": null}]}]'
    )
    connection = duckdb.connect()
    opening.attach(connection, mapping({}, engine="json"), path)
    sql = (
        "SELECT via->>'$.channel', list_filter(cast(fields AS JSON[]), lambda f: f->>'$.id' = '360')[1]->>'$.value' "
        "FROM requests.requests"
    )
    assert connection.execute(sql).fetchall() == [("email", "x")]


@pytest.mark.parametrize("piece", [1, 2, 7, 64])
def test_the_size_of_a_piece_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(jsonfiles, "PIECE", piece)
    path = tmp_path / "export.json"
    path.write_text(f'{{"n": 12.5e3, "users": [1, 22, "x"],\n "tickets": {LIST}, "m": -1}}\n', encoding="utf-8")
    objects = jsonfiles.Objects(path, "/tickets")
    assert [json.loads(text) for text in objects] == json.loads(LIST)
    assert objects.keys == COLUMNS


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abcde"), VALUES, max_size=4), max_size=4), VALUES, st.booleans())
def test_any_document_that_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, found: list[dict[str, object]], beside: object, indented: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    document = {"beside": beside, "rows": found, "after": beside}
    path.write_text(json.dumps(document, indent=1 if indented else None, ensure_ascii=False), "utf-8", "surrogatepass")
    assert [json.loads(text) for text in jsonfiles.Objects(path, "/rows")] == found


# --- what is refused, by its line -------------------------------------------------------------------------------------

REFUSED = {
    "a key twice": (f'[\n{{"a": 1}},\n{{"a": "{SECRET}", "a": 2}}]', "", "line 3: a key stands twice in one object"),
    "a nested key twice": ('[\n{"a": {"b": 1,\n"b": 2}}]', "", "line 2: a key stands twice in one object"),
    "an outer key twice": ('{"rows": [],\n"rows": []}', "/rows", "line 2: a key stands twice in one object"),
    "a key twice beside": ('{"rows": [],\n"u": [{"a": 1, "a": 1}]}', "/rows", "line 2: a key stands twice"),
    "NaN": ('[{"a": 1},\n{"a": NaN}]', "", "line 2: a number is not one of JSON (NaN or Infinity)"),
    "Infinity": ('[{"a": -Infinity}]', "", "line 1: a number is not one of JSON"),
    "a list inside": (f'[{{"a": 1}},\n["{SECRET}"]]', "", "line 2: element 2 of the list is no object"),
    "a null inside": ('[{"a": 1}, {"a": 2},\n\n null]', "", "line 3: element 3 of the list is no object"),
    "nothing there": ('{"tickets": []}', "/issues", "line 1: `rows` points to /issues, and nothing stands there"),
    "no list there": ('{"tickets":\n{"a": []}}', "/tickets", "line 2: `rows` points to /tickets, which is no list"),
    "no list at all": ('{"tickets": []}', "", "line 1: `rows` points to the document, which is no list"),
    "a text below": ('{"tickets": "x"}', "/tickets/0", "line 1: this is not JSON"),
    "cut": (f'[{{"a": "{SECRET}"}},\n{{"a": "{SECRET}', "", "line 2: this is not JSON, or one element is too long"),
    "cut between": ('[{"a": 1},', "", "line 1: this is not JSON"),
    "open list": ('[{"a": 1}\n', "", "line 2: the JSON document ends too early"),
    "a comma too many": ('[{"a": 1},\n]', "", "line 2: this is not JSON"),
    "two documents": ('[{"a": 1}]\n[{"a": 1}]', "", "line 2: something follows the end of the JSON document"),
    "JSON lines": ('{"a": 1}\n{"a": 2}', "", "line 1: `rows` points to the document, which is no list"),
    "case": ('[{"a": 1},\n{"A": 2}]', "", "line 1: two keys of the file differ by upper and lower case alone"),
    "deep": ('[{"a": ' + "[" * 200_000 + "]" * 200_000 + "}]", "", "line 1: the value that begins here is nested"),
    "comments": ('[{"a": 1}, // no\n{"a": 2}]', "", "line 1: this is not JSON"),
    "a name without quotes": ("{rows: []}", "/rows", "line 1: this is not JSON"),
    "blank": ("  \n", "", "line 2: `rows` points to the document, which is no list"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_torn_document_is_refused_by_its_line(read: Callable[..., object], what: str) -> None:
    content, pointer, why = REFUSED[what]
    with pytest.raises(SourceError) as caught:
        read(content, rows=pointer)
    assert f"export.json, {why}" in str(caught.value)
    assert "longuepine" not in str(caught.value)


def test_another_encoding_never_passes_as_text(read: Callable[..., object]) -> None:
    for content in ('[\n{"a": "é"}]'.encode("latin-1"), '[\n{"a": "é"}]'.encode("utf-16")):
        with pytest.raises(SourceError, match="its bytes are not utf-8"):
            read(content)


def test_an_element_without_end_is_not_read_to_the_end_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonfiles, "PIECE", 1 << 10)
    monkeypatch.setattr(jsonfiles, "LONGEST", 1 << 14)
    path = tmp_path / "export.json"
    path.write_text('[{"a": "' + "x" * (1 << 20))
    with pytest.raises(Torn, match="line 1: this is not JSON, or one element is too long"):
        list(jsonfiles.Objects(path, ""))


@pytest.mark.slow
def test_two_hundred_megabytes_are_read_in_bounded_memory(tmp_path: Path) -> None:
    """In a process of its own: the peak is that of the reading alone."""
    path = tmp_path / "export.json"
    ticket = {"id": 0, "subject": "é" * 400, "custom_fields": [{"id": n, "value": "v" * 20} for n in range(20)]}
    rows = 120_000
    with path.open("w", encoding="utf-8") as out:
        out.write('{"tickets": [\n')
        for number in range(rows):
            out.write((",\n" if number else "") + json.dumps({**ticket, "id": number}, ensure_ascii=False))
        out.write('\n], "count": 1}')
    program = """
        import resource, sys
        from pathlib import Path
        from evidence_kit.edges import jsonfiles
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = sum(1 for _ in jsonfiles.Objects(Path(sys.argv[1]), "/tickets"))
        print(found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found, grown = map(int, done.stdout.split())
    assert path.stat().st_size > 200_000_000
    assert found == rows
    assert grown * 1024 < 64_000_000  # KiB on Linux
