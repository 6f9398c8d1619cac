"""What a bundle holds cannot steer the terminal of whoever verifies it."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_kit import verify
from tests.bundles import good as g
from tests.bundles.mutations.registry import KEY_OPTION

#: A colour and a cleared screen, text turned round, a link of some terminals, a letter that is no ASCII.
HOSTILE = "\x1b[31m\x1b[2J\u202etxt.\x1b]8;;http\x07é\r"


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_nothing_printed_can_steer_a_terminal(
    option: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = g.good().write(tmp_path)
    (bundle / "data" / HOSTILE).write_text(HOSTILE)
    (bundle / "bag-info.txt").write_text(f"Contact: {HOSTILE}\n")
    assert verify.main([str(bundle), *KEY_OPTION, *option]) == 1
    said = capsys.readouterr()
    printed = said.out + said.err
    assert printed
    assert all(character == "\n" or " " <= character <= "~" for character in printed)
    assert "u202e" in printed or "u001b" in printed or "x1b" in printed
