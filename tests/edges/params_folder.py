"""A params folder of one's own, and what `load` says after one of its files was spoilt."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_kit.edges.params import load
from evidence_kit.errors import ParameterError

PARAMS = Path(__file__).parents[2] / "params"
E, C, S = "engagements/doj-foia.yaml", "controls/REQ-02.yaml", "sources/doj_foia.yaml"
ENGAGEMENT, CONTROL, SOURCE = ((PARAMS / file).read_text(encoding="utf-8") for file in (E, C, S))

Edit = Callable[[str], str]


def params_folder(parent: Path) -> Path:
    """A params folder with one engagement, one control and one source."""
    for file, text in ((E, ENGAGEMENT), (C, CONTROL), (S, SOURCE)):
        path = parent / "params" / file
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return parent / "params"


def refusal(folder: Path, file: str, edit: Edit) -> str:
    """What `load` says after `edit` of one file; every line of it starts with the file and a place."""
    path = folder / file
    text = edit(path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load("doj-foia", folder, {})
    assert caught.value.exit_code == 2
    message = str(caught.value)
    assert all(re.match(r"params/[a-z]+/[\w-]+\.yaml", line) for line in message.splitlines()), message
    return message


def swapped(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


def added(line: str) -> Edit:
    return lambda text: f"{text}{line}\n"
