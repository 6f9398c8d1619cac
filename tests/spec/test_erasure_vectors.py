"""The probes of the norm, as rows of evidence: ERA-01 and ERA-03 say of each what its vector says."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

import pytest

from evidence_kit.model.outcome import Outcome
from evidence_kit.rules.erasure import absent_everywhere, nothing_returns
from evidence_kit.rules.examining import verdict_of
from tests.spec.norm import Vector, norm
from tests.unit.cases import terms
from tests.unit.erased import erasure, probe

PROBES = norm("retention")["probes"]
COLUMNS = {"due": "due_on", "deleted_at": "deleted_on"}


def row_of(given: Vector) -> dict[str, object]:
    said = {"declared_done": None, "suppression_declared": None, "exception_declared": None, "positive_control": None}
    said |= {"due_on": None} | {COLUMNS.get(name, name): value for name, value in given.items() if name != "as_of"}
    return dict(probe(**said))


def judged(vector: Vector) -> tuple[Outcome, set[str | None], Outcome]:
    """Verdict and reasons of ERA-01, verdict of ERA-03, on the day of the vector."""
    noon = datetime.combine(date.fromisoformat(vector["in"]["as_of"]), time(12), ZoneInfo("Europe/Paris"))
    day = terms(as_of=noon.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ"))
    executed = (noon - timedelta(days=400)).date().isoformat()
    log = erasure(executed_at=f"{executed}T08:00:00.000000Z")
    frames = {"erasure_log": (log,), "erasure_probes": (row_of(vector["in"]),)}
    gone, back = absent_everywhere(frames, day), nothing_returns(frames, day)
    return verdict_of(gone.answers), {one.reason for one in gone.answers if one.reason}, verdict_of(back.answers)


@pytest.mark.parametrize("vector", PROBES, ids=itemgetter("id"))
def test_a_probe_of_the_norm_decides_its_erasure(vector: Vector) -> None:
    expected, reason = Outcome(vector["out"]["verdict"]), vector["out"]["reason"]
    gone, reasons, back = judged(vector)
    if vector["in"]["state"] == "reappeared":
        assert (gone, back) == (Outcome.PASS, expected)
    else:
        assert (gone, reasons) == (expected, set() if expected is Outcome.PASS else {reason})


def test_the_vectors_hold_every_state_of_the_frame() -> None:
    from evidence_kit.model.evidence import FRAMES

    states = {vector["in"]["state"] for vector in PROBES}
    assert set(FRAMES["erasure_probes"].column("state").values) <= states
