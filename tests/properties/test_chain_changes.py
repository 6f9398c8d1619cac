"""Whatever byte of a ledger changes, it no longer reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.errors import LedgerBroken
from evidence_kit.ledger.chain import Action, next_entry, opening, read
from evidence_kit.model.canonical import digest

SHA = digest("x")


def ledger() -> bytes:
    last, whole = opening("e"), b""
    for number in range(4):
        action = Action("process:kit", "ledger.opened", "engagement:e", {"engagement_sha256": SHA})
        if number:
            action = Action("person:a", "note.added", "control:C", {"what": "é", "unit": number, "reason": "r"})
        entry = next_entry(last, action, "2026-11-24T10:00:00.000000Z", SHA[:32])
        last, whole = entry.head, whole + entry.line
    return whole


LEDGER = ledger()


@given(st.integers(0, len(LEDGER) - 1), st.integers(1, 255))
def test_no_byte_can_change_before_the_last_line(place: int, step: int) -> None:
    changed = bytearray(LEDGER)
    changed[place] = (changed[place] + step) % 256
    last_line = LEDGER[:-1].rfind(b"\n") + 1
    if place < last_line:
        with pytest.raises(LedgerBroken):
            read(bytes(changed).splitlines(keepends=True), "e")
    else:
        # The last entry is bound by the head that a bundle, or the next entry, names.
        head = read(LEDGER.splitlines(keepends=True), "e")[0][-1].sha256
        try:
            entries, _ = read(bytes(changed).splitlines(keepends=True), "e")
        except LedgerBroken:
            return
        assert entries[-1].sha256 != head
