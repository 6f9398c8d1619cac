"""What becomes of a file on its way to a level: one value one pseudonym, nothing that the level may not hold."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model import disclosure
from evidence_kit.model.canonical import digest, dump_line
from evidence_kit.model.disclosure import CLIENT, FULL, LEVELS, PSEUDONYMISED, Part, Pseudonyms, project

KEY, OTHER = "a1" * 32, "b2" * 32
COLUMNS = tuple(
    (name, "text", "key" if name.endswith("_key") else "none")
    for name in ("request_id", "subject_key", "status", "source_ref", "unreadable")
)
NONCE = "5f" * 32


def lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(map(dump_line, rows))


def request(number: int, **more: object) -> dict[str, Any]:
    base = {"id": number, "request_id": f"DSR-{number}", "subject_key": KEY, "status": "done"}
    return {**base, "source_ref": f"tickets/{number}", "unreadable": None, **more}


def parts() -> list[Part]:
    """A full bundle of two controls: one of requests, one of the completeness of their log."""
    controls = [
        {"control": name, "needs": [{"frame": frame}], "test": "x", "attributes": [], "notebook": "n", "grade": "major"}
        | dict.fromkeys(
            ("family", "statement", "law", "references", "confidence", "tolerable", "expected", "census"), ""
        )
        for name, frame in (("REQ-02", "request_log"), ("COM-01", "completeness"))
    ]
    draws = [
        {
            "control": name,
            "commitment": {"unit": unit, "root": "secret"},
            "commitment_sha256": KEY,
            "independent": True,
            "rounds": [{"round": 1, "nonce": NONCE, "drawn": [{"leaf": KEY}]}],
        }
        for name, unit in (("REQ-02", "request_id"), ("COM-01", "unit_id"))
    ]
    whole = {"id": 1, "unit_id": "DSR-1", "request_seq": 1, "request_id": "DSR-1", "unreadable": None}
    own = tuple((name, "text", "none") for name in ("unit_id", "request_seq", "request_id", "unreadable"))
    actions = ("person.revealed", "note.added", "file.attached", "run.started")
    finding = {"id": 2, "control": "REQ-02", "verdict": "FAIL", "reason": "r", "grade": "major", "law": "law"}
    receipt = {"nonce": "00"}
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "DSR-1"},
        {"output_type": "display_data", "data": {disclosure.RECEIPT: receipt, "text/html": "DSR-1"}, "metadata": {}},
    ]
    agreed = {"engagement": "e", "sources": [], "places": [], "packages": [], "actors": [], "openings": True}
    total = {
        "control": "REQ-02",
        "units": 9,
        "strata": [1],
        "upper_units": 3,
        "upper_rate_shown": "1.0",
        "verdict": "FAIL",
    }
    findings = [{**finding, "reasons": [], "checks": [1]}, {**finding, "control": "COM-01"}]
    notebook = {"cells": [{"outputs": outputs}, {"source": "#"}]}
    entries = [{"seq": seq, "action": action, "data": {"x": 1}} for seq, action in enumerate(actions, 1)]
    return [
        Part("engagement.json", "engagement", dump_line(agreed)),
        Part("controls.json", "controls", dump_line({"controls": controls})),
        Part("summary.json", "summary", dump_line({"controls": [total], "totals": {"units": 9}})),
        *(Part(f"draws/{draw['control']}.json", "draw", dump_line(draw)) for draw in draws),
        Part("frames/REQ-02.request_log.jsonl", "frame", lines([request(1), request(2, subject_key=None)]), COLUMNS),
        Part("frames/REQ-02.mailbox_messages.jsonl", "frame", lines([request(1, subject_key=OTHER)]), COLUMNS),
        Part("frames/COM-01.completeness.jsonl", "frame", lines([whole]), own),
        Part("readings/REQ-02.late.jsonl", "reading", lines([{"id": 1, "request_id": "DSR-1", "subject_key": KEY}])),
        Part("results/REQ-02.jsonl", "results", lines([{"id": 1, "unit": "DSR-1", "leaf": KEY, "reasons": []}])),
        Part("results/COM-01.jsonl", "results", lines([{"id": 1, "unit": "DSR-1", "leaf": KEY, "reasons": []}])),
        Part("ledger.jsonl", "ledger", lines(entries)),
        Part("findings.jsonl", "findings", lines(findings)),
        Part("notebooks/30.ipynb", "notebook-executed", dump_line(notebook, open_keys=True)),
        Part("sql/REQ-02.population.sql", "sql", b"SELECT 1\n"),
    ]  # fmt: skip


def read(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def pseudonymised(secret: bytes = b"k" * 32) -> dict[str, bytes]:
    return project(PSEUDONYMISED, parts(), Pseudonyms(secret), frozenset())


def test_one_value_has_one_pseudonym_in_every_file() -> None:
    files = pseudonymised()
    log, null = read(files["frames/REQ-02.request_log.jsonl"])
    (message,) = read(files["frames/REQ-02.mailbox_messages.jsonl"])
    (complete,) = read(files["frames/COM-01.completeness.jsonl"])
    (reading,) = read(files["readings/REQ-02.late.jsonl"])
    units = [read(files[f"results/{name}.jsonl"])[0]["unit"] for name in ("REQ-02", "COM-01")]
    record, key = Pseudonyms(b"k" * 32).of_record("DSR-1"), Pseudonyms(b"k" * 32).of_key(KEY)
    assert {log["request_id"], message["request_id"], complete["request_id"], complete["unit_id"]} == {record}
    assert {reading["request_id"], *units} == {record}
    assert log["subject_key"] == reading["subject_key"] == key != message["subject_key"]
    assert null["subject_key"] is None
    assert record not in (key, digest("DSR-1"))


def test_pointers_and_running_numbers_are_null_and_the_rest_stays() -> None:
    files = pseudonymised()
    log, _ = read(files["frames/REQ-02.request_log.jsonl"])
    (complete,) = read(files["frames/COM-01.completeness.jsonl"])
    assert log["source_ref"] is None
    assert complete["request_seq"] is None
    assert (log["id"], log["status"], list(log)) == (1, "done", sorted(request(1)))
    assert files["sql/REQ-02.population.sql"] == b"SELECT 1\n"
    assert b"DSR-" not in b"".join(files.values())
    assert KEY not in "".join(files[name].decode() for name in files if name.startswith("frames/"))


def test_two_recipients_have_no_pseudonym_in_common_and_none_with_the_full_bundle() -> None:
    def found(files: dict[str, bytes]) -> set[str]:
        rows = [row for name, data in files.items() if name.startswith(("frames/", "results/")) for row in read(data)]
        return {row[name] for row in rows for name in ("request_id", "subject_key", "unit") if row.get(name)}

    one, other = found(pseudonymised()), found(pseudonymised(b"o" * 32))
    assert one
    assert not one & other
    assert not one & {KEY, OTHER, "DSR-1", "DSR-2"}


@given(st.lists(st.text(), min_size=2, max_size=20, unique=True))
def test_projections_never_meet(values: list[str]) -> None:
    pseudonyms = Pseudonyms(b"k" * 32)
    made = [*map(pseudonyms.of_key, values), *map(pseudonyms.of_record, values)]
    assert len(set(made)) == len(made)


def test_withheld_data_are_null_at_each_level() -> None:
    assert [row["data"] for row in read(pseudonymised()["ledger.jsonl"])] == [None, None, None, {"x": 1}]
    client = project(CLIENT, parts(), Pseudonyms(b"k"), frozenset())
    assert {row["data"] for row in read(client["ledger.jsonl"])} == {None}


def test_a_notebook_keeps_its_receipt_alone() -> None:
    first, second = json.loads(pseudonymised()["notebooks/30.ipynb"])["cells"]
    assert [list(output["data"]) for output in first["outputs"]] == [[disclosure.RECEIPT]]
    assert second == {"source": "#"}


def test_a_client_gets_verdicts_and_the_findings_chosen() -> None:
    files = project(CLIENT, parts(), Pseudonyms(b"k"), frozenset({"REQ-02"}))
    assert sorted(files) == [
        "controls.json", "draws/COM-01.json", "draws/REQ-02.json", "engagement.json", "findings.jsonl", "ledger.jsonl",
        "summary.json",
    ]  # fmt: skip
    (finding,) = read(files["findings.jsonl"])
    assert set(finding) == {"id", "control", "verdict", "reason", "grade", "law", "reasons"}
    assert finding["id"] == 2
    assert set(json.loads(files["engagement.json"])) == {"engagement", "actors"}
    (control,) = json.loads(files["summary.json"])["controls"]
    assert (control["strata"], control["upper_units"], control["upper_rate_shown"], control["units"]) == (
        [],
        None,
        None,
        9,
    )
    draw = json.loads(files["draws/REQ-02.json"])
    assert draw["rounds"] == [{"round": 1, "nonce_sha256": digest(NONCE)}]
    whole = b"".join(files.values())
    assert NONCE.encode() not in whole
    assert b"DSR-" not in whole
    assert OTHER.encode() not in whole


def test_a_finding_that_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(ValueError, match="ERA-01"):
        project(CLIENT, parts(), Pseudonyms(b"k"), frozenset({"ERA-01"}))


@pytest.mark.parametrize("allowed", LEVELS)
def test_nobody_gets_closer_than_declared(allowed: str) -> None:
    had = [level for level in LEVELS if disclosure.may_have(allowed, level)]
    assert had == list(LEVELS[LEVELS.index(allowed) :])


def test_what_is_withheld_is_counted_by_role_and_pages_are_not() -> None:
    roles = {part.path: part.role for part in parts()} | {"site/en/index.html": "page", "blinding.txt": "blinding"}
    files = frozenset(project(CLIENT, parts(), Pseudonyms(b"k"), frozenset()))
    assert disclosure.withheld(roles, files) == [
        {"role": role, "count": count}
        for role, count in (
            ("blinding", 1), ("frame", 3), ("notebook-executed", 1), ("reading", 1), ("results", 2), ("sql", 1),
        )
    ]  # fmt: skip
    assert disclosure.bundle_id(f"e.r001.{FULL}", CLIENT) == "e.r001.client"
