"""Twelve personal values in every place a careless or hostile source has for them: none leaves, however it is written.

What leaves is searched by tests/whole/leaks.py, which shares nothing with the kit's own scan.
"""

from __future__ import annotations

import pytest

from evidence_kit.edges.disguises import DISGUISES
from evidence_kit.edges.scan import Scanner
from evidence_kit.errors import SealError
from evidence_kit.wiring import closing, leaving
from tests.disguised import CANARIES, MADE
from tests.whole.leaks import Search


def planted(disguised: str | bytes) -> bytes:
    return disguised if isinstance(disguised, bytes) else f'{{"id":2,"note":"{disguised}"}}\n'.encode()


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("number", range(len(CANARIES)))
def test_a_value_that_was_planted_is_met_and_refused(number: int, disguise: str) -> None:
    value, search = CANARIES[number], Search(CANARIES)
    look = leaving.Look(Scanner({"request_log.subject_key": [value]}))
    for form, disguised in enumerate(MADE[disguise](value)):
        data = planted(disguised)
        assert number in search.met(data), f"{disguise}, form {form}: the search of this test cannot fail"
        report = look.scan({"results/REQ-02.jsonl": data})
        for refuse in (look.refuse, closing.refuse_leaks):
            with pytest.raises(SealError, match="must not leave") as refused:
                refuse(report)
            assert not search.met(str(refused.value).encode())
