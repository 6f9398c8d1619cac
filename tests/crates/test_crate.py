"""The bundle's RO-Crate metadata: true to the payload, silent about people, and accepted by the validator of others."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from evidence_kit import verify
from evidence_kit.ledger.crate import NAME, PROFILE, crate
from tests.bundles import good as g

JUDGE = Path(__file__).with_name("judge.py")
WHERE = "EVIDENCE_KIT_ROCRATE"


@cache
def payload() -> tuple[dict[str, Any], dict[str, bytes]]:
    """The good bundle's catalogue without its artefacts, and its files by their path under data/."""
    files = {name.removeprefix("data/"): data for name, data in g.good().files.items() if name.startswith("data/")}
    head = json.loads(files.pop("bundle.json"))
    return {key: value for key, value in head.items() if key != "artefacts"}, files


def entities(head: dict[str, Any], files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    return {one["@id"]: one for one in json.loads(crate(head, files))["@graph"]}


def test_every_file_listed_is_there_with_its_size_and_digest() -> None:
    head, files = payload()
    told = entities(head, files)
    listed = [one["@id"] for one in told["./"]["hasPart"]]
    assert {"summary.json", "ledger.jsonl", "site/en/index.html", "site/fr/index.html"} < set(listed)
    assert {name for name in files if name.startswith(("frames/", "results/", "notebooks/"))} < set(listed)
    for name in listed:
        assert told[name]["sha256"] == sha256(files[name]).hexdigest(), name
        assert told[name]["contentSize"] == str(len(files[name])), name
    assert told["./"]["datePublished"] == head["sealed_at"]


def test_each_run_that_passed_is_told_with_what_it_was_given_and_what_it_made() -> None:
    head, files = payload()
    told = entities(head, files)
    action = next(one for one in told.values() if one.get("name") == "Run of 30_requests")
    assert action["instrument"] == {"@id": "notebooks/30_requests.template.ipynb"}
    assert {"@id": "params/30_requests.json"} in action["object"]
    made = {one["@id"] for one in action["result"]}
    assert "notebooks/30_requests.ipynb" in made
    assert {name.partition("/")[2].partition(".")[0] for name in made if name.startswith("results/")} == {
        "REQ-02",
        "COM-02",
    }
    assert action["startTime"] < action["endTime"]


def test_nobody_is_named_and_no_digest_of_another_file_stands_there() -> None:
    head, files = payload()
    text = crate(head, files).decode()
    people = [one["actor"] for one in json.loads(files["engagement.json"])["actors"]]
    assert people
    assert not [actor for actor in people if actor in text]
    assert sha256(files["blinding.txt"]).hexdigest() not in text


def test_where_the_ledger_tells_nothing_no_run_is_made_up() -> None:
    head, files = payload()
    entries = [json.loads(line) | {"data": None} for line in files["ledger.jsonl"].splitlines()]
    bare = {**files, "ledger.jsonl": b"".join(json.dumps(one).encode() + b"\n" for one in entries)}
    told = entities(head, bare)
    assert not [one for one in told.values() if one["@type"] == "CreateAction"]
    assert PROFILE not in told
    assert "conformsTo" not in told["./"]


def test_the_bundles_own_verifier_takes_it(tmp_path: Path) -> None:
    bundle = g.good()
    head, files = payload()
    bundle.files[f"data/{NAME}"] = crate(head, files)
    folder = g.reseal(bundle).write(tmp_path)
    assert verify.main([str(folder), "--key", g.KEY.fingerprint]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("broken", [False, True])
def test_roc_validator_accepts_it_and_refuses_one_without_instruments(tmp_path: Path, broken: bool) -> None:
    python = os.environ.get(WHERE)
    if not python:
        pytest.skip(f"roc-validator is not here: name the Python of .ci/rocrate.txt in {WHERE}")
    head, files = payload()
    for name, data in {**files, NAME: crate(head, files)}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data.replace(b'"instrument"', b'"tool"') if broken and name == NAME else data)
    arguments = [python, str(JUDGE), str(tmp_path), "process-run-crate", "REQUIRED"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=120)
    said = json.loads(done.stdout)
    assert said["passed"] is not broken, said
    assert bool(said["issues"]) is broken
