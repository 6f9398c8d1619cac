"""What must not leave is met where it stands, and the report never says it. T28: nothing goes to the wrong reader."""

from __future__ import annotations

import pytest

from evidence_kit.edges import mentions
from evidence_kit.edges.scan import Scanner
from evidence_kit.errors import ParameterError, SealError
from evidence_kit.model.disclosure import CLIENT, FULL, PSEUDONYMISED
from evidence_kit.wiring import places
from evidence_kit.wiring.leaving import Look
from evidence_kit.wiring.releasing import declared

ADDRESS, DIGEST = "agathe@cachet.example", "a1b2" * 16
NAMES = {"source": ["archive", "tmp_export"], "unit": ["86", "P-022", "47/city"]}


def hits(path: str, text: str) -> list[tuple[int | None, str]]:
    return [(hit.row, hit.label) for hit in mentions.met([(path, text.encode())], NAMES)]


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("a.json", '{"n":86,"s":"86"}', [(1, "unit")]),
        ("a.json", '{"n":86}\n{"archive":"the archive period"}', []),
        ("a.json", '{"s":"Archive"}', [(1, "source")]),
        ("a.html", "<td>86</td>\n<td>archive</td>", [(2, "source")]),
        ("a.html", "<p>See P-022, and the archive.</p>", [(1, "unit")]),
        ("a.html", "<p>XP-022 and P-0221</p>", []),
        ("a.html", "<p>held in tmp_export.</p>", [(1, "source")]),
        ("a.html", "<p>field 47/city of a letter</p>", [(1, "unit")]),
    ],
)
def test_a_name_is_met_where_it_stands_as_a_name(path: str, text: str, wanted: list[tuple[int, str]]) -> None:
    assert hits(path, text) == wanted


def test_a_former_pseudonym_is_met_whole() -> None:
    files = [("a", f"x\n{DIGEST}".encode()), ("b", f"0{DIGEST}".encode()), (f"{DIGEST}.html", b"")]
    found = mentions.digests_met(files, frozenset({DIGEST.encode()}), "pseudonym")
    assert [(hit.file, hit.row, hit.column) for hit in found] == [
        ("a", 2, None),
        ("file 3 (its name leaks)", None, "file name"),
    ]


@pytest.mark.parametrize("text", [ADDRESS, ADDRESS[::-1], ADDRESS.encode().hex()])
def test_a_planted_value_refuses_the_release_by_its_place(text: str) -> None:
    look = Look(Scanner({"person": [ADDRESS]}))
    planted = {"data/frames/REQ-02.request_log.jsonl": f'{{"id":1}}\n{{"id":2,"status":"{text}"}}\n'.encode()}
    with pytest.raises(SealError) as refused:
        look.refuse(look.scan(planted))
    assert "REQ-02.request_log.jsonl, row 2, column status: person" in str(refused.value)
    assert text not in str(refused.value)
    assert refused.value.exit_code == 3


def test_sizes_of_files_are_no_keys_of_rows() -> None:
    look = Look(Scanner({"row": ["107470"]}))
    assert not look.scan(
        {"x/data/bundle.json": b'{"bytes":107470}', "x/bag-info.txt": b"Payload-Oxum: 107470.3\n"}
    ).hits
    assert look.scan({"x/data/bundle.json": b'{"count":107470}'}).hits


@pytest.mark.parametrize(
    ("to", "level", "words"),
    [
        ("client-nord", FULL, "client-nord may have client"),
        ("client-nord", PSEUDONYMISED, "client-nord may have client"),
        ("auditor-remote", FULL, "may have auditor-pseudonymised"),
        ("nobody", CLIENT, "declares no recipient of that id. Declared in"),
    ],
)
def test_nobody_gets_more_than_was_declared(to: str, level: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        declared(places.load("rehearsal"), to, level)


def test_an_auditor_may_have_any_level() -> None:
    engagement = places.load("rehearsal")
    assert {declared(engagement, "certifier", level).id for level in (FULL, PSEUDONYMISED, CLIENT)} == {"certifier"}
