"""The leak scan finds every canary in every disguise, is silent on what only looks alike, and never says a value."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterator

import pytest

from evidence_kit.edges.disguises import DISGUISES
from evidence_kit.edges.patterns import looks_personal
from evidence_kit.edges.scan import Hit, Scanner
from tests.disguised import CANARIES, MADE


def filed(disguised: str | bytes) -> bytes:
    """A file of three lines whose second one holds it; bytes are a file of their own."""
    if isinstance(disguised, bytes):
        return disguised
    return f'{{"id":1,"note":null}}\n{{"id":2,"note":"{disguised}"}}\n{{"id":3,"note":null}}\n'.encode()


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("canary", CANARIES)
def test_every_canary_is_found_in_every_disguise(canary: str, disguise: str) -> None:
    scanner = Scanner({}, canaries=[canary])
    for number, disguised in enumerate(MADE[disguise](canary)):
        report = scanner.scan([("frames/REQ-02.request_log.jsonl", filed(disguised))])
        assert any(hit.label == "canary" for hit in report.hits), f"{disguise}, form {number}"
        assert canary not in str(report.hits)


def test_sixteen_disguises_are_named() -> None:
    report = Scanner({"request_log.subject": ["jane.doe@quillet.example"] * 2}, canaries=CANARIES).scan([])
    assert (report.hits, report.encodings, report.values, report.canaries) == ((), tuple(MADE), 1, 12)
    assert len(DISGUISES) == 16


@pytest.mark.parametrize("disguise", [name for name in DISGUISES if name not in ("utf-16", "compressed")])
def test_a_disguise_is_told_by_its_name(disguise: str) -> None:
    value = "Hélène.Ô'Connor?>?>?>+audit~quillet"
    made = list(MADE[disguise](value))
    disguised = made[-1] if disguise in ("percent", "entities", "base64url", "separators") else made[0]
    (hit,) = Scanner({"request_log.subject": [value]}).scan([("frames/a.jsonl", filed(disguised))]).hits
    assert hit == Hit("frames/a.jsonl", 2, "note", disguise, "request_log.subject")
    assert str(hit) == f"frames/a.jsonl, row 2, column note: request_log.subject, {disguise}"


def test_a_file_name_is_looked_at_and_not_repeated() -> None:
    report = Scanner({"subject": ["jane-doe-4711"]}).scan([("data/Jane%2DDoe%2D4711.json", b"{}\n"), ("b.json", b"{}")])
    assert [str(hit) for hit in report.hits] == ["file 1 (its name leaks), column file name: subject, percent"]


def test_what_has_no_row_has_none() -> None:
    value = "günther.gruber"
    data = base64.encodebytes(b"x" * 50 + value.encode() + b"y" * 90)
    (hit,) = Scanner({"subject": [value]}).scan([("a.txt", data)]).hits
    assert (hit.row, hit.column, hit.disguise) == (None, None, "base64")


def test_a_whole_column_that_leaks_is_not_told_line_by_line() -> None:
    values = [f"person-{number}@quillet.example" for number in range(400)]
    data = "".join(json.dumps({"subject": value}) + "\n" for value in values).encode()
    assert len(Scanner({"subject": values}).scan([("a.jsonl", data)]).hits) == 100


@pytest.mark.parametrize(
    ("value", "name", "data", "found"),
    [
        ("Léa", "a.jsonl", '{"who":"léa"}', True),
        ("Léa", "a.html", "<td> Léa </td>", True),
        ("Léa", "a.csv", "1,Léa,2", True),
        ("Léa", "a.jsonl", '{"who":"Léandre","Léa":1}', False),
        ("4711", "a.jsonl", '{"who":"4711"}', True),
        ("4711", "a.jsonl", '{"rows":4711,"who":"47110"}', False),
        ("4711", "a.html", '<td><data value="4711">4711</data></td>', False),
        ("16", "demo.r001.client/data/frameworks.json", '{"clause":"16"}', False),
        ("Léa", "frameworks.json", '{"clause":"Léa"}', True),
        ("16", "other-frameworks.json", '{"clause":"16"}', True),
    ],
)
def test_a_short_value_is_looked_for_as_a_whole_cell(value: str, name: str, data: str, found: bool) -> None:
    assert bool(Scanner({"subject": [value]}).scan([(name, data.encode())]).hits) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("read /home/analyst/audit/x", True),
        ("postgresql://vm/prod", True),
        ("analyst@elsewhere", True),
        ("C:\\Users\\analyst\\x", True),
        ("ssh analyst@vm", True),
        ("the analyst drew a sample on a vm", False),
        ('data-ek="summary.json#/analyst/0"', False),
        ("//vmware/x", False),
    ],
)
def test_host_and_user_names_are_leaks_only_where_they_give_a_place_away(text: str, found: bool) -> None:
    hits = Scanner({}, names=("vm", "analyst")).scan([("a.txt", text.encode())]).hits
    assert [hit.label for hit in hits] == (["host or user name"] if found else [])


def lookalikes() -> Iterator[tuple[str, bytes]]:
    """Fifty clean files full of what only looks like a canary: changed, salted, cut, and within longer numbers."""
    chance = random.Random(20260131)
    for number in range(50):
        lines = []
        for canary in CANARIES:
            place = chance.randrange(len(canary))
            while not canary[place].isalnum():
                place = chance.randrange(len(canary))
            changed = canary[:place] + "qx"[canary[place] in "qQ"] + canary[place + 1 :]
            key = chance.randbytes(32)
            salted = hmac.new(key, canary.encode(), "sha256").digest()
            row = {
                "id": len(lines) + 1,
                "unit": f"T-2026-{chance.randrange(10**5):05}",
                "changed": changed,
                "cut": canary[: len(canary) // 2],
                "subject_key": salted.hex(),
                "salted": base64.b64encode(salted).decode(),
                "other_sha256": hashlib.sha256(changed.encode()).hexdigest(),
                "long": f"9{CANARIES[-1]}5",
                "in_digest": "ab" + CANARIES[-1] + "cd" + CANARIES[8][:-1],
                "received_at": f"2026-01-31T10:{number:02}:00.471190Z",
                "apart": [canary[: len(canary) // 2], canary[len(canary) // 2 :]],
            }
            lines.append(json.dumps(row, ensure_ascii=number % 2 == 0))
        if number % 5 == 0:
            yield f"{number}.jsonl", gzip.compress("\n".join(lines).encode())
        yield f"{number}.jsonl", "\n".join(lines).encode()


@pytest.mark.slow
def test_nothing_is_found_in_clean_files_that_look_alike() -> None:
    clean = [(name, data) for name, data in lookalikes()]
    hits = Scanner({}, canaries=CANARIES).scan(clean).hits
    assert [hit for hit in hits if not hit.label.startswith("pattern")] == []


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("write to jane.doe@quillet.fr", ["e-mail"]),
        ("write to jane.doe@quillet.example or to a@example.org", []),
        ("call +33 6 12 34 56 78 or 06.12.34.56.78", ["telephone"]),
        ("call +33 1 99 00 47 11", []),
        ("account FR76 3000 6000 0112 3456 7890 189", ["iban"]),
        ("account GB82 WEST 1234 5698 7654 32", []),
        ("account FR76 3000 6000 0112 3456 7890 188", []),
        ("number 2 55 08 14 168 025 38", ["national number"]),
        ("number 2 55 08 14 168 025 39", []),
        ("from 81.2.69.142", ["ip address"]),
        ('from 192.0.2.7, {"version":"1.2.3.4"}, 300.1.1.1, 1.2.3.4.5', []),
        ("2026-01-31T10:42:33.123456Z 0.05 11.3 REQ-02 T-2026-00471 3f9ca07e", []),
    ],
)
def test_what_has_the_form_of_personal_data(text: str, kinds: list[str]) -> None:
    assert list(looks_personal(text)) == kinds
    labels = [hit.label for hit in Scanner({}).scan([("a.txt", text.encode())]).hits]
    assert labels == [f"pattern: {kind}" for kind in kinds]


@pytest.mark.slow
@pytest.mark.parametrize("count", [12, 3000])
def test_speed(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(1)
    values = [f"person.{number}.{chance.randrange(10**9)}@quillet.example" for number in range(count)]
    row = '{{"id":{0},"leaf":"{1}","received_at":"2026-01-31T10:42:33.123456Z","right":"access","unit":"T-{0:05}"}}\n'
    data = "".join(row.format(n, hashlib.sha256(b"%d" % n).hexdigest()) for n in range(14_000)).encode()
    scanner = Scanner({"subject": values})
    begun = time.perf_counter()
    assert scanner.scan([("a.jsonl", data)]).hits == ()
    rate = len(data) / 1e6 / (time.perf_counter() - begun)
    with capsys.disabled():
        print(f"\nleak scan, {count} values: {rate:.1f} MB/s")
