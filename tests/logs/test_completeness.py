"""Whether a real log is whole: Calgary's, in which 26 identifiers stand on two rows each."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd

from evidence_kit import rules, steps
from evidence_kit.edges.params import load
from evidence_kit.ledger import records
from evidence_kit.model.outcome import Mark, Outcome
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules import examining
from evidence_kit.wiring import places
from tests.edges.desks import NONCE, PARAMS, desk


def test_identifiers_met_twice_are_found_whatever_was_done_about_them(shared: Path, tmp_path: Path) -> None:
    path = shared / "data/requests-canada-foi/ca_ab_calgary.csv"
    whole = load("calgary-foi", PARAMS, {"requests": str(path)})
    control = next(one for one in whole.controls if one.id == "COM-01")
    agreed = replace(whole, controls=(control,))
    at = desk(agreed, {"requests": path}, tmp_path, places.limit(agreed))
    steps.freeze(at, control)
    steps.commit(at, control)
    steps.reveal(at, NONCE, "process:run", given=False, independent=False)
    sample = records.read_sample(steps.draw(at, control) or {})
    frames = {}
    for said in steps.collect(at, control):
        rows = tuple(json.loads(line) for line in at.archive.get(str(said["path"])).splitlines())
        name, columns = str(said["frame"]), tuple(said["columns"])  # type: ignore[call-overload]
        frames[name] = EvidenceFrame(control.id, name, columns, rows, "")
    results = examining.examine(control, sample, frames, rules.test(control.test), at.terms)

    log = pd.read_csv(path, dtype=str)
    repeated = set(log["identifier"][log["identifier"].duplicated()])
    failed = {one.unit for one in results if one.verdict is Outcome.FAIL}
    assert (len(repeated), failed) == (26, repeated)
    assert {answer.mark for one in results for answer in one.answers if answer.letter == "A"} == {Mark.NA}
    assert Counter(one.stratum for one in results) == {"identifier": log["identifier"].nunique(), "extract": 1}
    fates = {row["fate"]: row["rows"] for row in frames["row_accounts"].rows}
    assert (fates["read"], fates["collapsed"]) == (520, 9)
    assert fates["read"] == sum(int(str(fates[name])) for name in ("collapsed", "void", "outside_period", "in_period"))
