"""Openings: what lets an auditor derive the leaf of a drawn unit again, from the row as it stood at the freeze."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evidence_kit import steps
from evidence_kit.edges import vault
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.model.canonical import digest, netstring
from tests.edges.desks import desk
from tests.edges.test_steps import Run, rows


def opened(home: Path) -> Run:
    made = Run(home, rows(12, channel="E-mail, d'Élodie"))
    made.agreed = replace(made.agreed, openings=True)
    made.again()
    return made


def test_row_and_key_give_the_leaf_of_each_drawn_unit(tmp_path: Path) -> None:
    run = opened(tmp_path)
    sample = run.drawn()
    run.again(rows(12, responded_at="2026-06-29T10:00:00"))  # the source moved on: what was frozen is opened
    steps.open_drawn(run.desk, run.one)
    lines = [json.loads(line) for line in run.desk.archive.get("openings/REQ-02.jsonl").splitlines()]
    assert [line["leaf"] for line in lines] == [unit.leaf for unit in sample.drawn]
    assert [line["id"] for line in lines] == list(range(1, len(lines) + 1))
    for line, unit in zip(lines, sample.drawn, strict=True):
        assert digest(f"ek1:leaf:{line['key']}:{line['row']}") == line["leaf"]
        assert netstring(unit.unit) in line["row"]
        assert "2026-06-29T" not in line["row"]
    assert len({line["key"] for line in lines}) == len(lines)


def test_rows_are_kept_only_where_openings_were_agreed_before_the_freeze(tmp_path: Path) -> None:
    run = Run(tmp_path, rows(12))
    run.drawn()
    keys = tmp_path / "out" / "vault"
    assert not (keys / "rows").exists()
    late = desk(replace(run.agreed, openings=True), {"requests": run.log}, tmp_path / "out")
    with pytest.raises(SourceError, match="agreed before the freeze"):
        steps.open_drawn(late, run.one)


def test_kept_rows_are_encrypted_and_an_altered_list_is_refused(tmp_path: Path) -> None:
    run = opened(tmp_path)
    run.committed()
    (path,) = (tmp_path / "out" / "vault" / "rows").iterdir()
    held = path.read_bytes()
    assert b"R001" not in held
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(held[:-1] + bytes([held[-1] ^ 1]))
    with pytest.raises(SourceError, match="altered"):
        vault.rehearsal(1, tmp_path / "out" / "vault").rows(path.name)
    for _ in range(2):
        vault.rehearsal(1, tmp_path / "out" / "vault").forget_rows(path.name)
    assert not path.exists()


def test_nothing_is_opened_before_it_was_drawn(tmp_path: Path) -> None:
    run = opened(tmp_path)
    with pytest.raises(ParameterError, match="nothing is committed"):
        steps.open_drawn(run.desk, run.one)
    run.committed()
    steps.open_drawn(run.desk, run.one)
    assert "openings/REQ-02.jsonl" not in run.desk.archive.names()  # type: ignore[attr-defined]
