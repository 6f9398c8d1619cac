"""Working papers of the whole rehearsal: each figure the bundle's own, nobody in them; and its own description."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest

from tests.whole.conftest import Twice, kit, rows

pytestmark = pytest.mark.slow
COUNTS = ("pass", "fail", "error", "inconclusive")


@pytest.fixture(scope="module")
def papers(twice: Twice, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("papers")
    bundle, signer = twice.bundles[0], twice.said[0]["signer"]
    done = kit("export", str(bundle), "--language", "en", "--key", signer, "--out", str(out), "--json")
    assert done.status == 0, done.err
    (made,) = done.json["files"]
    data = Path(made["path"]).read_bytes()
    last = rows(twice.home / "ledger.jsonl")[done.json["entry"] - 1]
    assert (last["actor"], last["action"]) == ("person:dpo", "bundle.exported")
    assert last["data"]["files_sha256"] == [made["sha256"]]
    assert (made["sha256"], done.json["values_known"]) == (sha256(data).hexdigest(), True)
    return data


def test_every_control_has_its_sheet_with_its_results_and_its_totals(twice: Twice, papers: bytes) -> None:
    data = twice.bundles[0] / "data"
    book = openpyxl.load_workbook(io.BytesIO(papers), read_only=True)
    for control in json.loads((data / "summary.json").read_text("utf-8"))["controls"]:
        name = control["control"]
        told = list(book[name].iter_rows(values_only=True))
        head = next(number for number, row in enumerate(told) if row[0] == "Unit")
        heads = list(told[head])
        results = rows(data / f"results/{name}.jsonl")
        body = told[head + 1 : head + 1 + len(results)]
        verdicts = Counter(str(row[heads.index("Verdict")]).lower() for row in body)
        assert [verdicts[key] for key in COUNTS] == [control[key] for key in COUNTS], name
        assert [row[0].removeprefix("'") for row in body] == [one["unit"] for one in results], name
        total = next(row for row in told[head:] if row[0] == name and isinstance(row[1], int))
        assert list(total[1:8]) == [control[key] for key in ("units", "drawn", *COUNTS, "deviations")]


def test_nobody_that_was_planted_to_be_found_stands_in_them(twice: Twice, papers: bytes) -> None:
    with (twice.company / "vault" / "canaries.csv").open(encoding="utf-8", newline="") as file:
        planted = {row["key_value"] for row in csv.DictReader(file)}
    assert planted
    with zipfile.ZipFile(io.BytesIO(papers)) as archive:
        text = "".join(archive.read(name).decode().casefold() for name in archive.namelist())
    assert [number for number, value in enumerate(sorted(planted)) if value.casefold() in text] == []


def test_the_bundle_describes_itself_to_archives(twice: Twice) -> None:
    data = twice.bundles[0] / "data"
    told = {one["@id"]: one for one in json.loads((data / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]}
    listed = [one["@id"] for one in told["./"]["hasPart"]]
    assert [name for name in listed if told[name]["sha256"] != sha256((data / name).read_bytes()).hexdigest()] == []
    runs = [one for one in told.values() if one["@type"] == "CreateAction"]
    made = {
        one["@id"] for run in runs for one in ([run["result"]] if isinstance(run["result"], dict) else run["result"])
    }
    assert len(runs) == len(list((data / "notebooks").glob("*.template.ipynb")))
    assert {f"results/{path.name}" for path in (data / "results").iterdir()} <= made
    catalogue = json.loads((data / "bundle.json").read_text("utf-8"))
    assert [one["path"] for one in catalogue["artefacts"] if one["role"] == "crate"] == ["data/ro-crate-metadata.json"]
