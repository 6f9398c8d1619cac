"""Real request logs through source and steps, and the same counts worked out again in a few lines of pandas and numpy.

Nothing of the kit's rules is used on the other side: working days come from `numpy`, holidays from `holidays`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import holidays
import numpy as np
import pandas as pd
import pytest

from evidence_kit import rules, steps
from evidence_kit.edges.params import load
from evidence_kit.ledger import records
from evidence_kit.model.outcome import Outcome, Result
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.rules import examining, findings
from evidence_kit.wiring import places
from tests.edges.desks import NONCE, PARAMS, desk

DAYS = "datetime64[D]"


@dataclass(frozen=True)
class Log:
    """One log as plain columns: identifier, days of receipt and answer, due day, and whether the row is broken."""

    rows: pd.DataFrame
    as_of: np.datetime64
    read: int


def days_off(country: str, part: str | None = None) -> np.ndarray:
    return np.array(sorted(holidays.country_holidays(country, subdiv=part, years=range(2009, 2019))), DAYS)


def days(column: pd.Series) -> np.ndarray:
    return column.to_numpy().astype(DAYS)


def rolled(received: np.ndarray, off: np.ndarray) -> np.ndarray:
    """Thirty days after receipt, moved to a working day."""
    known = ~np.isnat(received)
    due = np.full(received.shape, np.datetime64("NaT"), DAYS)
    due[known] = np.busday_offset(received[known] + np.timedelta64(30, "D"), 0, roll="forward", holidays=off)
    return due


def doj(data: Path) -> Log:
    raw = pd.read_csv(data / "requests-doj-foia/cleaned.csv", dtype=str)
    received, closed = (pd.to_datetime(raw[f"{name} Date"], format="%m/%d/%Y") for name in ("Submitted", "Closed"))
    due = np.busday_offset(days(received), 20, roll="backward", holidays=days_off("US"))
    rows = pd.DataFrame({"id": raw["Tracking Number"], "received": days(received), "closed": days(closed), "due": due})
    return Log(rows.assign(broken=False), np.datetime64("2017-08-31"), len(raw))


def canadian(name: str, part: str, as_of: str) -> Callable[[Path], Log]:
    def of(data: Path) -> Log:
        raw = pd.read_csv(data / f"requests-canada-foi/{name}.csv", dtype=str)
        kept = raw.drop_duplicates()
        ancient = kept["date_accepted"].str.startswith("00").fillna(False)
        received, closed = (pd.to_datetime(kept[one].mask(ancient)) for one in ("date_accepted", "date"))
        due = rolled(days(received), days_off("CA", part))
        rows = pd.DataFrame({"id": kept["identifier"], "received": days(received), "closed": days(closed), "due": due})
        return Log(rows.assign(broken=received.isna()), np.datetime64(as_of), len(raw))

    return of


def permits(data: Path) -> Log:
    raw = pd.read_csv(data / "requests-permit-receipt/receipt.csv.gz", dtype=str)
    cases = raw.groupby("case:concept:name", as_index=False)[
        ["case:startdate", "case:enddate", "case:deadline"]
    ].first()
    moments = {
        name: pd.to_datetime(cases[f"case:{name}"], utc=True, format="ISO8601")
        for name in ("startdate", "enddate", "deadline")
    }
    local = {name: days(one.dt.tz_convert("Europe/Amsterdam").dt.tz_localize(None)) for name, one in moments.items()}
    rows = pd.DataFrame(
        {
            "id": cases["case:concept:name"],
            "received": local["startdate"],
            "closed": local["enddate"],
            "due": local["deadline"],
            "broken": moments["enddate"] < moments["startdate"],
        }
    )
    return Log(rows, np.datetime64("2012-01-24"), len(cases))


def verdicts(log: Log) -> pd.DataFrame:
    """The rows with their verdict: broken rows first, then what stands in the statute, then identifiers met twice."""
    rows, as_of = log.rows, log.as_of
    received, closed, due = (rows[name].to_numpy().astype(DAYS) for name in ("received", "closed", "due"))
    broken = rows["broken"].to_numpy(bool) | (received > as_of) | (closed < received) | (closed > as_of)
    answered = ~np.isnat(closed)
    late = np.where(answered, closed, as_of) > due
    said = np.select([broken, ~answered & ~late, late], ["ERROR", "aside", "FAIL"], default="PASS")
    twice = rows["id"].duplicated(keep=False).to_numpy() & np.isin(said, ["PASS", "FAIL"])
    taken = np.where(answered & ~broken, (closed - received).astype(int), -1)
    return rows.assign(verdict=np.where(twice, "INCONCLUSIVE", said), taken=taken)


LOGS: dict[str, tuple[str, Callable[[Path], Log]]] = {
    "doj-foia": ("requests-doj-foia/cleaned.csv", doj),
    "calgary-foi": ("requests-canada-foi/ca_ab_calgary.csv", canadian("ca_ab_calgary", "AB", "2016-09-05")),
    "edmonton-foi": ("requests-canada-foi/ca_ab_edmonton.csv", canadian("ca_ab_edmonton", "AB", "2016-03-31")),
    "sudbury-foi": (
        "requests-canada-foi/ca_on_greater_sudbury.csv",
        canadian("ca_on_greater_sudbury", "ON", "2016-06-03"),
    ),
    "permit-receipt": ("requests-permit-receipt/receipt.csv.gz", permits),
}
#: PASS, FAIL, ERROR, INCONCLUSIVE, set aside, collapsed; median and 95th percentile of days to the answer.
COUNTS = {
    "doj-foia": (86, 158, 0, 0, 0, 0, 48, 1358),
    "calgary-foi": (354, 118, 6, 33, 0, 9, 26, 88),
    "edmonton-foi": (1240, 355, 24, 0, 0, 0, 15, 110),
    "sudbury-foi": (267, 51, 13, 0, 15, 0, 24, 46),
    "permit-receipt": (1018, 348, 2, 0, 66, 0, 50, 132),
}
#: Rows that data/README.md and SOURCE.txt name as dirty, of which some are in the period and none may pass.
DIRTY = {
    "doj-foia": (),
    "calgary-foi": (
        *("2016-G-0054", "2016-P-0037", "2015-G-0279", "2016-G-0369", "2016-G-0123", "2016-G-0126", "2015-G-0303"),
    ),
    "edmonton-foi": (),
    "sudbury-foi": (),
    "permit-receipt": ("case-10862", "case-8267"),
}


@dataclass(frozen=True)
class Audited:
    """What the kit found in one log."""

    results: tuple[Result, ...]
    counts: tuple[int, ...]
    aside: int
    note: str | None
    days: tuple[int | None, int | None]
    evidence: tuple[dict[str, object], ...]


@pytest.fixture(scope="module")
def audited(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Audited]:
    @cache
    def run(name: str) -> Audited:
        path = shared / "data" / LOGS[name][0]
        agreed = load(name, PARAMS, {"requests": str(path)})
        at = desk(agreed, {"requests": path}, tmp_path_factory.mktemp(name), places.limit(agreed))
        (control,) = agreed.controls
        population = steps.freeze(at, control)
        steps.commit(at, control)
        steps.reveal(at, NONCE, "process:run", given=False, independent=False)
        sample = records.read_sample(steps.draw(at, control) or {})
        (frame,) = steps.collect(at, control)
        rows = tuple(json.loads(line) for line in at.archive.get(str(frame["path"])).splitlines())
        frames = {"request_log": EvidenceFrame(control.id, "request_log", tuple(frame["columns"]), rows, "")}  # type: ignore[arg-type]
        results = examining.examine(control, sample, frames, rules.test(control.test), at.terms)
        counts = steps.accept(at, control, results, [])
        found = steps.conclude(at, control)
        assert steps.stored_results(at, control) == results
        return Audited(
            results,
            (counts.passed, counts.failed, counts.error, counts.inconclusive),
            found.set_aside,
            population.note,
            findings.response_days(results),
            rows,
        )

    return run


@pytest.mark.parametrize("name", LOGS)
def test_every_unit_has_the_verdict_that_pandas_gives_it(
    name: str, shared: Path, audited: Callable[[str], Audited]
) -> None:
    mine, log = audited(name), LOGS[name][1](shared / "data")
    theirs = verdicts(log)
    expected = Counter(zip(theirs["id"], theirs["verdict"], strict=True))
    found = Counter((result.unit.partition("#")[0], result.verdict.value) for result in mine.results)
    assert found == Counter({one: n for one, n in expected.items() if one[1] != "aside"})


@pytest.mark.parametrize("name", LOGS)
def test_counts_and_days_are_those_of_the_note(name: str, shared: Path, audited: Callable[[str], Audited]) -> None:
    mine, log = audited(name), LOGS[name][1](shared / "data")
    theirs = verdicts(log)
    counted = [int((theirs["verdict"] == one.value).sum()) for one in Outcome]
    aside = int((theirs["verdict"] == "aside").sum())
    taken = theirs["taken"][theirs["taken"] >= 0]
    ranks = [int(np.percentile(taken, percent, method="inverted_cdf")) for percent in (50, 95)]
    by_word = dict(zip((one.value for one in Outcome), counted, strict=True))
    recomputed = (
        *(by_word[word] for word in ("PASS", "FAIL", "ERROR", "INCONCLUSIVE")),
        *(aside, log.read - len(theirs), *ranks),
    )
    assert recomputed == COUNTS[name]
    collapsed = int(str(mine.note).partition("collapsed-")[2].partition("-")[0] or 0)
    assert (*mine.counts, mine.aside, collapsed, *mine.days) == COUNTS[name]


@pytest.mark.parametrize("name", LOGS)
def test_no_row_is_lost_and_every_one_is_cited_by_its_own_result(
    name: str, shared: Path, audited: Callable[[str], Audited]
) -> None:
    mine, log = audited(name), LOGS[name][1](shared / "data")
    collapsed = int(str(mine.note).partition("collapsed-")[2].partition("-")[0] or 0)
    assert log.read == len(mine.results) + mine.aside + collapsed
    by_id = {row["id"]: row["request_id"] for row in mine.evidence}
    assert len(by_id) == len(mine.results)
    for result in mine.results:
        ((frame, (row,)),) = result.evidence
        assert (frame, by_id[row]) == ("request_log", result.unit)


@pytest.mark.parametrize("name", LOGS)
def test_dirty_rows_are_named_with_a_reason_and_never_pass(name: str, audited: Callable[[str], Audited]) -> None:
    results = audited(name).results
    for dirty in DIRTY[name]:
        mine = [result for result in results if result.unit.partition("#")[0] == dirty]
        assert mine, dirty
        assert all(result.verdict in (Outcome.ERROR, Outcome.INCONCLUSIVE) and result.reasons for result in mine), dirty
    assert all(result.reasons for result in results if result.verdict is not Outcome.PASS)
    assert all(not result.reasons for result in results if result.verdict is Outcome.PASS)
