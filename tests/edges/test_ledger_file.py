"""On disk: appended whole, resumed, torn lines set aside, foreign lines refused, a full disk left clean."""

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from evidence_kit.edges import ledger_file
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.errors import LedgerBroken, ParameterError, SealError
from evidence_kit.ledger.chain import Action
from evidence_kit.model.canonical import digest

SHA = digest("x")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
OPENED = Action("process:collector", "ledger.opened", "engagement:e", {"engagement_sha256": SHA})
NOTE = Action("person:auditee", "note.added", "control:REQ-02", {"what": "w", "unit": None, "reason": "r"})


def salt(seq: int, prev: str) -> str:
    return digest(f"{seq}:{prev}")[:32]


def opened(folder: Path, now: Callable[[], datetime] = lambda: NOON) -> LedgerFile:
    return LedgerFile(folder, "e", now, salt)


def begun(folder: Path) -> LedgerFile:
    ledger = opened(folder)
    ledger.append(OPENED)
    ledger.append(NOTE)
    return ledger


def test_entries_are_there_after_reopening_and_the_chain_goes_on(tmp_path: Path) -> None:
    first = begun(tmp_path)
    again = opened(tmp_path)
    assert again.entries == first.entries
    assert again.append(NOTE).prev_sha256 == first.entries[-1].sha256
    assert len(opened(tmp_path).entries) == 3
    assert (tmp_path / "ledger.jsonl").stat().st_mode & 0o077 == 0


def test_equal_inputs_give_equal_bytes(tmp_path: Path) -> None:
    begun(tmp_path / "one")
    begun(tmp_path / "two")
    assert (tmp_path / "one/ledger.jsonl").read_bytes() == (tmp_path / "two/ledger.jsonl").read_bytes()


def test_a_torn_last_line_is_set_aside_and_told(tmp_path: Path) -> None:
    begun(tmp_path)
    path = tmp_path / "ledger.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:57])
    again = opened(tmp_path)
    assert again.torn == 57
    assert (tmp_path / "ledger.torn").read_bytes() == whole[:57] + b"\n"
    assert path.read_bytes() == whole
    again.append(NOTE)
    assert opened(tmp_path).torn == 0


@pytest.mark.parametrize("cut", range(1, 400, 37))
def test_a_ledger_cut_anywhere_resumes_from_its_last_whole_line(tmp_path: Path, cut: int) -> None:
    begun(tmp_path)
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    ledger = opened(tmp_path)
    ledger.append(NOTE if ledger.entries else OPENED)
    assert opened(tmp_path).entries == ledger.entries


def test_any_other_defect_stops_the_run_and_writes_nothing(tmp_path: Path) -> None:
    begun(tmp_path)
    path = tmp_path / "ledger.jsonl"
    changed = path.read_bytes().replace(b'"reason":"r"', b'"reason":"s"')
    path.write_bytes(changed)
    with pytest.raises(LedgerBroken) as defect:
        opened(tmp_path)
    assert defect.value.line == 2
    assert path.read_bytes() == changed


def test_a_line_written_by_somebody_else_meanwhile_is_noticed(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    opened(tmp_path).append(NOTE)
    before = (tmp_path / "ledger.jsonl").read_bytes()
    with pytest.raises(LedgerBroken):
        ledger.append(NOTE)
    assert (tmp_path / "ledger.jsonl").read_bytes() == before


def test_an_action_out_of_order_is_not_written(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    before = (tmp_path / "ledger.jsonl").read_bytes()
    early = {"commitment_sha256": SHA, "round": 1, "nonce": SHA}
    with pytest.raises(ParameterError) as refusal:
        ledger.append(Action("person:auditor", "nonce.revealed", "population:p", early))
    assert refusal.value.code == "nonce-before-commitment"
    assert (tmp_path / "ledger.jsonl").read_bytes() == before
    ledger.append(NOTE)


def test_a_clock_that_goes_back_does_not_take_the_ledger_back(tmp_path: Path) -> None:
    moments = iter([NOON, NOON - timedelta(hours=1), NOON + timedelta(hours=1)])
    ledger = opened(tmp_path, lambda: next(moments))
    entries = [ledger.append(OPENED), ledger.append(NOTE), ledger.append(NOTE)]
    assert [entry.at[11:13] for entry in entries] == ["12", "12", "13"]
    assert entries[1].data is not None
    assert entries[1].data["clock"] == "2026-11-24T11:00:00.000000Z"
    assert len(opened(tmp_path).entries) == 3


def full_disk(monkeypatch: pytest.MonkeyPatch, until: Callable[[], bool]) -> None:
    """Every write stops half way, as on a full disk, as long as `until` says so."""
    real = os.write

    def write(descriptor: int, data: bytes) -> int:
        return real(descriptor, data[: len(data) // 2]) if until() else real(descriptor, data)

    monkeypatch.setattr(ledger_file.os, "write", write)


def test_a_full_disk_gives_the_reserve_to_the_last_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = begun(tmp_path)
    reserve = tmp_path / "ledger.reserve"
    assert reserve.stat().st_size == 64 * 1024
    full_disk(monkeypatch, reserve.exists)
    ledger.append(NOTE)
    assert not reserve.exists()
    assert len(opened(tmp_path).entries) == 3


def test_a_disk_that_stays_full_leaves_no_partial_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = begun(tmp_path)
    before = (tmp_path / "ledger.jsonl").read_bytes()
    with monkeypatch.context() as patched:
        full_disk(patched, lambda: True)
        with pytest.raises(SealError, match=os.strerror(errno.ENOSPC)):
            ledger.append(NOTE)
    assert (tmp_path / "ledger.jsonl").read_bytes() == before
    ledger.append(NOTE)
    assert len(opened(tmp_path).entries) == 3


def _append_ten(folder: Path) -> None:
    written = 0
    while written < 10:
        ledger = opened(folder)
        try:
            ledger.append(NOTE)
            written += 1
        except LedgerBroken:
            continue  # the other process was faster: read again


@pytest.mark.skipif(os.name == "nt", reason="spawning is slow there, and the lock is another")
def test_two_processes_never_write_over_each_other(tmp_path: Path) -> None:
    begun(tmp_path)
    context = get_context("fork")
    others = [context.Process(target=_append_ten, args=(tmp_path,)) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join(30)
        assert other.exitcode == 0
    assert len(opened(tmp_path).entries) == 22
