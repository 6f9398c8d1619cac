"""Random changes of the structure of every JSON file, resealed: no internal error, an answer in time, and no surprise.

A changed bundle that is still accepted must have been changed where nothing depends on the value: those places are
listed below, and were read one by one.
"""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evidence_kit import verify
from tests.bundles import good as g
from tests.bundles.good import Bundle

#: Values that no check holds against another one, each place read: words for people; what only the source knows;
#: provenance outside the bag; salts; the details of a working, whose ends are checked; the sentences of
#: suites, their closed lists of words, and the rows of readings as far as no answer changes; in which order a result
#: cites its frames.
FREE = [
    re.compile(pattern)
    for pattern in (
        r"data/calendars/FR\.json#/(source|version|days/\*(/name|/on)?)",
        r"data/engagement\.json#/(title|organisation|period|sources|packages|out_of_scope|actors|parameters|on_duplicate).*",
        r"data/engagement\.json#/(calendars/\*|timezone|limit/roll)",
        r"data/controls\.json#/controls/\*/(statement|attributes|references|family|expected|census|grade).*",
        r"data/controls\.json#/controls/\*/needs/\*(/optional.*)?",
        r"data/frames/(COM-02|RET-01)\..*#/\*/(channel|subject_key|rows|past_limit_rows)",
        r"data/frames/REQ-02\..*#/\*/(.*_reason|country|right_invoked|channel|status|outcome|account_key|reopen_cause)",
        r"data/frames/REQ-02\..*#/\*/(sent_at|.*_at)",
        r"data/findings\.jsonl#/\*/(notes|grade).*",
        r"data/expectations/.*#/(expectations/\*/(meta/(en|fr)|kwargs/value_set.*)|meta/great_expectations_version)",
        r"data/readings/.*#/\*/.*",
        r"data/scan\.json#/(values|canaries)",
        r"data/ledger\.jsonl#/\*/(at|actor|subject|data/(salt|what|unit|reason|launcher|packages_sha256|gate.*))",
        r"data/notebooks/.*\.template\.ipynb#/(metadata.*|cells/\*/source)",
        r"data/notebooks/.*\.ipynb#/cells/\*/outputs/\*/(metadata.*|output_type|data/.*/(versions.*|controls/\*))",
        r"data/results/.*\.jsonl#/\*/(evidence/\*$|flags|working|attributes/\*(/reason)?$).*",
        r"data/bundle\.json#/artefacts/\*/(made_by/(source|rows_in)|columns/\*/\*)",
    )
]


#: The same at a derived level held against its full bundle: what was made anew there, and a pseudonym that stands once.
FREE_DERIVED = [
    re.compile(r"data/scan\.json#/(values|canaries)"),
    re.compile(r"data/frames/.*#/\*/(subject_key|account_key)"),
]


def pointers(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from pointers(one, (*at, key))


def parent_of(value: Any, at: tuple[Any, ...]) -> Any:
    for step in at[:-1]:
        value = value[step]
    return value


def delete(inside: Any, key: Any, dice: random.Random) -> None:
    del inside[key]


def double(inside: Any, key: Any, dice: random.Random) -> None:
    if isinstance(inside, list):
        inside.insert(key, copy.deepcopy(inside[key]))
    else:
        inside[f"{key}_"] = inside[key]


def swap(inside: Any, key: Any, dice: random.Random) -> None:
    other = dice.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))
    inside[key], inside[other] = inside[other], inside[key]


OTHERS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**15,
    "",
    "x",
    "2025-06-01",
    "PASS",
    [],
    {},
    [[]],
    {"a": 1},
    "0" * 64,
    "é\u2028",
)


def retype(inside: Any, key: Any, dice: random.Random) -> None:
    inside[key] = dice.choice(OTHERS)


def nudge(inside: Any, key: Any, dice: random.Random) -> None:
    value = inside[key]
    if isinstance(value, bool):
        inside[key] = not value
    elif isinstance(value, int):
        inside[key] = value + dice.choice((-1, 1))
    elif isinstance(value, str) and value:
        place = dice.randrange(len(value))
        inside[key] = value[:place] + dice.choice("0a1b9") + value[place + 1 :]


WAYS: tuple[Callable[[Any, Any, random.Random], None], ...] = (delete, double, swap, retype, nudge)


def change(bundle: Bundle, dice: random.Random) -> str:
    """Change one place of one file; returns its name, with `*` for every number in it."""
    names = [name for name in g.payload(bundle) if name.endswith((".json", ".jsonl", ".ipynb"))]
    path = dice.choice(names)
    value = bundle.rows(path) if path.endswith(".jsonl") else bundle.json(path)
    at = dice.choice([one for one in pointers(value) if one] or [()])
    if at:
        dice.choice(WAYS)(parent_of(value, at), at[-1], dice)
    if path == "data/ledger.jsonl":
        bundle.entries = value
    elif path == "data/bundle.json":
        bundle.catalogue = value
    (bundle.put_rows if path.endswith(".jsonl") else bundle.put)(path, value)
    steps = "/".join("*" if isinstance(step, int) else step for step in at)
    return f"{path}#/{steps}"


def reseal_what_can_be(bundle: Bundle, dice: random.Random) -> None:
    """Rebuild as much as the change allows: all of it, or from some stage on."""
    for flags in ({"counts": False}, {"counts": False, "evidence": False, "pages": False}):
        trial = bundle.copy()
        try:
            g.reseal(trial, **flags)
        except Exception:  # the change broke what a stage of resealing needs: the next one needs less
            continue
        bundle.files, bundle.entries = trial.files, trial.entries
        return
    g.rebag_any(bundle)


@dataclass
class Answer:
    """What the verifier said of one seed. `changed`: whether anything is left of the change after resealing."""

    place: str
    code: int
    internal: list[str]
    changed: bool


def answer(seed: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> Answer:
    dice = random.Random(seed)
    bundle = g.good()
    place = change(bundle, dice)
    reseal_what_can_be(bundle, dice)
    path = bundle.write(folder / str(seed))
    begun = time.perf_counter()
    code = verify.main([str(path), "--key", g.KEY.fingerprint, "--json"])
    took = time.perf_counter() - begun
    report = json.loads(capsys.readouterr().out)
    internal = [defect for check in report["checks"] if check["id"] == "V00" for defect in check["defects"]]
    assert took < 5, f"seed {seed}, {place}: {took:.1f} s"
    left = {name: data for name, data in bundle.files.items() if name.startswith("data/")}
    whole = {name: data for name, data in g.good().files.items() if name.startswith("data/")}
    return Answer(place, code, internal, left != whole)


def surprising(seeds: range, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[int, str]]:
    """Seeds, with the place they changed, whose bundle was accepted though its payload is another."""
    surprises = []
    for seed in seeds:
        said = answer(seed, folder, capsys)
        shutil.rmtree(folder / str(seed))
        assert not said.internal, f"seed {seed}, {said.place}: {said.internal}"
        assert said.code in (0, 1, 2)
        if said.code == 0 and said.changed and not any(free.fullmatch(said.place) for free in FREE):
            surprises.append((seed, said.place))
    return surprises


@pytest.mark.slow
def test_some_seeds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert surprising(range(25), tmp_path, capsys) == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(25, 2025, 200))
def test_many_seeds(start: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert surprising(range(start, start + 200), tmp_path, capsys) == []


@pytest.mark.slow
@pytest.mark.parametrize("level", ["client", "auditor-pseudonymised"])
def test_derived_seeds(level: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A derived bundle whose payload is not the projection is refused where the full one is at hand."""
    full = g.good().write(tmp_path)
    whole = g.client() if level == "client" else g.pseudonymised()
    surprises = []
    for seed in range(100):
        dice, bundle = random.Random(seed), whole.copy()
        place = change(bundle, dice)
        try:
            g.reseal_derived(bundle)
        except Exception:  # the change broke what resealing needs
            g.rebag_any(bundle)
        path = bundle.write(tmp_path / str(seed))
        code = verify.main([str(path), "--key", g.KEY.fingerprint, "--against", str(full), "--json"])
        report = json.loads(capsys.readouterr().out)
        shutil.rmtree(tmp_path / str(seed))
        assert not [check for check in report["checks"] if check["id"] == "V00" and check["defects"]], (seed, place)
        changed = any(
            bundle.files.get(name) != whole.files.get(name) for name in (*g.payload(whole), *g.payload(bundle))
        )
        if code == 0 and changed and not any(free.fullmatch(place) for free in FREE_DERIVED):
            surprises.append((seed, place))
    assert surprises == []
