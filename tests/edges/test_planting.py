"""What was planted beside what was found, written when a rehearsal is closed: from results that knew nothing of it."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from evidence_kit import rules, steps
from evidence_kit.edges.notebooks.lint import lint
from evidence_kit.edges.rehearsal.write import SEED, place
from evidence_kit.errors import SourceError
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules.examining import examine
from evidence_kit.steps.drawing import sample_of
from evidence_kit.wiring import planting, serving
from evidence_kit.wiring.room import Room
from tests.edges.desks import NONCE, PARAMS, terms
from tests.edges.made_company import ROOT, SMALL, maker

pytestmark = pytest.mark.slow  # a company is made

CONTROLS = "[COM-01, REG-03, PRO-03, PRO-04]"
SOURCES = (
    "{docs: rehearsal_docs.yaml, ops: rehearsal_ops.yaml, desk: rehearsal_desk.yaml, mailbox: rehearsal_mailbox.yaml}"
)


def agreed() -> str:
    """The rehearsal's engagement, of four controls and of what they read."""
    text = (PARAMS / "engagements/rehearsal.yaml").read_text("utf-8")
    for key in ("controls", "plans", "sources", "places", "sending", "classes", "digests"):
        text, found = re.subn(rf"^{key}:.*\n(?:[ #].*\n)*", "", text, flags=re.MULTILINE)
        assert found == 1, key
    return f"{text}controls: {CONTROLS}\nsources: {SOURCES}\n"


@pytest.fixture
def company(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A company whose list of planted rows is put away."""
    made = maker(tmp_path_factory)(seed=SEED, contacts=SMALL)
    folder = tmp_path / "company"
    shutil.copytree(made, folder, copy_function=os.link)
    (folder / "planted").rename(folder / "put-away")
    return folder


def judged(company: Path, home: Path) -> Room:
    """A room in which every control was frozen, drawn and judged, and which could read no list of what was planted."""
    home.mkdir(mode=0o700)
    file = home / "small.yaml"
    file.write_text(agreed(), "utf-8")
    names = re.findall(r"(\w+): rehearsal_", SOURCES)
    settings: dict[str, Any] = {
        "engagement": str(file), "kind": "audit", "sources": {}, "home": str(home), "run": "r001", "draft": False,
        "paths": {name: str(place(company, name)) for name in names}, "planted": str(company),
    }  # fmt: skip
    room = Room(settings)
    room._enter()  # without the leak scan of a whole run
    desk = room.desk
    for control in desk.engagement.controls:
        steps.freeze(desk, control)
        steps.commit(desk, control)
    steps.reveal(desk, NONCE, "person:auditor", given=True, independent=False)
    for control in desk.engagement.controls:
        steps.draw(desk, control)
        steps.collect(desk, control)
        sample = sample_of(desk, control)
        assert sample is not None
        fetched = desk.source.fetch(control, [one.unit for one in sample.drawn], {}).frames
        frames = {one.frame: EvidenceFrame(control.id, one.frame, one.columns, one.rows, "") for one in fetched}
        steps.accept(
            desk, control, examine(control, sample, frames, rules.test(control.test), terms(desk.engagement)), []
        )
    return room


def written(room: Room) -> dict[str, Any]:
    planting.write(room)
    found: dict[str, Any] = json.loads(room.archive.get(planting.FILE))
    return found


def test_the_list_is_read_when_a_run_is_closed_and_not_before(company: Path, tmp_path: Path) -> None:
    room = judged(company, tmp_path / "home")
    with pytest.raises(SourceError, match=r"list of what was planted.*`run` again"):
        planting.write(room)
    (company / "put-away").rename(company / "planted")
    told = written(room)
    counts = {one["control"]: (one["planted"], one["found"], one["missed"], one["alarms"]) for one in told["controls"]}
    assert counts == {"COM-01": (8, 8, 0, 0), "REG-03": (3, 3, 0, 0), "PRO-03": (8, 8, 0, 0), "PRO-04": (2, 2, 0, 0)}
    decoys = {
        decoy["decoy"]: (decoy["planted"], decoy["flagged"]) for one in told["controls"] for decoy in one["decoys"]
    }
    assert decoys == {"D07": (1, 0), "D08": (270, 0), "D18": (4, 0)}
    assert {(one["id"], one["why"]) for one in told["not_planted"]} == {
        (f"M{n:02}", "not-at-this-cut") for n in range(1, 7)
    }
    assert {"F01", "D01"} < {one["id"] for one in told["not_tested"]}
    # Of a message that nobody logged the results know a pseudonym; here stands its row alone, and no id of anybody.
    text = room.archive.get(planting.FILE).decode()
    assert "@" not in text
    assert not re.search(r"DSR-\d|[0-9a-f]{64}", text)
    room.planted = None  # a source was opened elsewhere: of that nobody listed what was planted
    planting.write(room)
    assert planting.FILE not in room.archive.names()
    room.leave()


def test_no_notebook_asks_for_the_list_or_opens_it() -> None:
    verbs = set(serving._for_kernels(Room.__new__(Room)))
    assert verbs == {"accounts", "freeze", "commit", "draw", "collect", "submit_results", "finding", "note"}
    notebook = json.loads((ROOT / "notebooks/10_population.ipynb").read_text("utf-8"))
    assert lint(notebook, "10_population.ipynb") == ()
    for code in ('open("planted/planted.jsonl")', "from evidence_kit.edges.rehearsal import listed"):
        cell = {
            "cell_type": "code",
            "id": "peek",
            "metadata": {},
            "source": code,
            "execution_count": None,
            "outputs": [],
        }
        assert lint({**notebook, "cells": [*notebook["cells"], cell]}, "10_population.ipynb") != ()


def test_nothing_but_the_closing_reads_the_list() -> None:
    kit = ROOT / "evidence_kit"
    reads = {path.relative_to(kit).as_posix() for path in kit.rglob("*.py") if re.search(
        r"planted\.jsonl|rehearsal import .*\blisted\b|rehearsal\.listed", path.read_text("utf-8"))}  # fmt: skip
    assert reads == {"edges/rehearsal/listed.py", "edges/rehearsal/write.py", "wiring/planting.py"}
