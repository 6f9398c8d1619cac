"""Real request logs through source and steps, and the same counts worked out again with pandas and numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from evidence_kit.edges.params import load
from evidence_kit.model.outcome import Outcome
from tests.edges.desks import PARAMS
from tests.logs.auditing import Audited, audit
from tests.logs.recomputed import OUTCOMES, Log, canadian, doj, messages, new_york, permits, undated, verdicts

pytestmark = pytest.mark.slow  # whole logs, judged twice

WORDS = "%m/%d/%Y %I:%M:%S %p"
LOGS: dict[str, tuple[str, Callable[[Path], Log]]] = {
    "doj-foia": ("requests-doj-foia/cleaned.csv", doj),
    "calgary-foi": ("requests-canada-foi/ca_ab_calgary.csv", canadian("ca_ab_calgary", "AB", "2016-09-05")),
    "edmonton-foi": ("requests-canada-foi/ca_ab_edmonton.csv", canadian("ca_ab_edmonton", "AB", "2016-03-31")),
    "sudbury-foi": (
        "requests-canada-foi/ca_on_greater_sudbury.csv",
        canadian("ca_on_greater_sudbury", "ON", "2016-06-03"),
    ),
    "halifax-foi": (
        "requests-canada-foi/ca_ns_halifax.csv",
        undated("ca_ns_halifax", "identifier", r"\d{4}-\d{2}", "2015-12-31"),
    ),
    "burlington-foi": (
        "requests-canada-foi/ca_on_burlington.csv",
        undated("ca_on_burlington", "position", r"\d{4}", "2015-12-31"),
    ),
    "ottawa-foi": (
        "requests-canada-foi/ca_on_ottawa.csv",
        undated("ca_on_ottawa", "identifier", r"\d{4}-\d{2}-\d{2}/\d{4}-\d{2}-\d{2}", "2015-12-31"),
    ),
    "permit-receipt": ("requests-permit-receipt/receipt.csv.gz", permits),
    "nyc311-2011": ("requests-nyc-311/2011_mixed.csv", new_york("2011_mixed", WORDS, "2015-03-06")),
    "nyc311-2013": ("requests-nyc-311/2013_one_night.csv", new_york("2013_one_night", WORDS, "2013-10-31")),
    "nyc311-2016": ("requests-nyc-311/2016_noise.csv", new_york("2016_noise", WORDS, "2016-07-18")),
    "nyc311-2018": ("requests-nyc-311/2018_rodents.csv", new_york("2018_rodents", WORDS, "2018-01-26")),
    "nyc311-2019": ("requests-nyc-311/2019_iso.csv", new_york("2019_iso", "ISO8601", "2024-06-04")),
    "opendsr": ("requests-opendsr/messages.jsonl", messages),
}
#: PASS, FAIL, ERROR, INCONCLUSIVE, set aside, collapsed; median and 95th percentile of days to the answer.
COUNTS = {
    "doj-foia": (86, 158, 0, 0, 0, 0, 48, 1358),
    "calgary-foi": (354, 118, 6, 33, 0, 9, 26, 88),
    "edmonton-foi": (1240, 355, 24, 0, 0, 0, 15, 110),
    "sudbury-foi": (267, 51, 13, 0, 15, 0, 24, 46),
    "halifax-foi": (0, 0, 110, 0, 0, 0, None, None),
    "burlington-foi": (0, 0, 59, 0, 0, 0, None, None),
    "ottawa-foi": (0, 0, 148, 0, 0, 0, None, None),
    "permit-receipt": (1018, 348, 2, 0, 66, 0, 50, 132),
    "nyc311-2011": (1673, 309, 2, 16, 0, 0, 1, 26),
    "nyc311-2013": (80, 0, 2, 56, 61, 0, 0, 1),
    "nyc311-2016": (76, 0, 0, 41, 0, 0, 0, 1),
    "nyc311-2018": (75, 0, 16, 1, 63, 0, 1, 3),
    "nyc311-2019": (0, 3, 1, 996, 0, 0, 857, 1267),
    "opendsr": (0, 0, 5, 0, 0, 0, None, None),
}
#: Rows of the file; those that tell of a unit already met; those that tell of none.
ROWS = {
    "doj-foia": (244, 0, 0),
    "calgary-foi": (520, 0, 0),
    "edmonton-foi": (1619, 0, 0),
    "sudbury-foi": (346, 0, 0),
    "halifax-foi": (110, 0, 0),
    "burlington-foi": (59, 0, 0),
    "ottawa-foi": (148, 0, 0),
    "permit-receipt": (8577, 7143, 0),
    "nyc311-2011": (2000, 0, 0),
    "nyc311-2013": (199, 0, 0),
    "nyc311-2016": (117, 0, 0),
    "nyc311-2018": (155, 0, 0),
    "nyc311-2019": (1000, 0, 0),
    "opendsr": (21, 3, 13),
}
#: Rows that data/README.md and SOURCE.txt name as dirty, of which some are in the period and none may pass.
DIRTY = {
    "calgary-foi": (
        *("2016-G-0054", "2016-P-0037", "2015-G-0279", "2016-G-0369", "2016-G-0123", "2016-G-0126", "2015-G-0303"),
    ),
    "permit-receipt": ("case-10862", "case-8267"),
    "nyc311-2011": ("19944912", "21803150"),
}


@pytest.fixture(scope="module")
def audited(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Audited]:
    @cache
    def run(name: str) -> Audited:
        path = shared / "data" / LOGS[name][0]
        agreed = load(name, PARAMS, {"requests": str(path)})
        timed = tuple(control for control in agreed.controls if control.id == "REQ-02")
        return audit(replace(agreed, controls=timed), path, tmp_path_factory.mktemp(name))

    return run


@cache
def log_of(name: str, shared: Path) -> Log:
    return LOGS[name][1](shared / "data")


@pytest.mark.parametrize("name", LOGS)
def test_every_unit_has_the_verdict_that_pandas_gives_it(
    name: str, shared: Path, audited: Callable[[str], Audited]
) -> None:
    mine, theirs = audited(name), verdicts(log_of(name, shared))
    expected = Counter(zip(theirs["id"], theirs["verdict"], theirs["reason"], strict=True))
    found = Counter(
        (one.unit.partition("#")[0], one.verdict.value, one.reasons[0] if one.reasons else "") for one in mine.results
    )
    assert found == Counter({one: n for one, n in expected.items() if one[1] != "aside"})


@pytest.mark.parametrize("name", LOGS)
def test_counts_and_days_are_those_of_the_note(name: str, shared: Path, audited: Callable[[str], Audited]) -> None:
    mine, theirs = audited(name), verdicts(log_of(name, shared))
    by_word = [int((theirs["verdict"] == word).sum()) for word in (*OUTCOMES, "aside")]
    taken = theirs["taken"][theirs["taken"] >= 0]
    ranks = [int(np.percentile(taken, one, method="inverted_cdf")) if len(taken) else None for one in (50, 95)]
    read, merged, nameless = ROWS[name]
    assert (*by_word, read - merged - nameless - len(theirs), *ranks) == COUNTS[name]
    assert (*mine.counts, mine.aside, mine.collapsed, *mine.days) == COUNTS[name]


@pytest.mark.parametrize("name", LOGS)
def test_no_row_is_lost_and_every_one_is_cited_by_its_own_result(
    name: str, shared: Path, audited: Callable[[str], Audited]
) -> None:
    """Rows read are units tested, set aside, collapsed, merged into one, and left out because they name no unit."""
    mine, log = audited(name), log_of(name, shared)
    assert (mine.read, log.read, log.merged, log.left_out) == (log.read, *ROWS[name])
    assert mine.read == len(mine.results) + mine.aside + mine.collapsed + log.merged + log.left_out
    by_id = {row["id"]: row["request_id"] for row in mine.evidence}
    assert len(by_id) == len(mine.results)
    for result in mine.results:
        ((frame, (row,)),) = result.evidence
        assert (frame, by_id[row]) == ("request_log", result.unit)


@pytest.mark.parametrize("name", LOGS)
def test_every_unit_that_did_not_pass_says_why(name: str, shared: Path, audited: Callable[[str], Audited]) -> None:
    mine, theirs = audited(name), verdicts(log_of(name, shared))
    told = theirs["reason"][~theirs["verdict"].isin(["PASS", "aside"])]
    assert mine.reasons == told.value_counts().to_dict()
    assert all(bool(one.reasons) is (one.verdict is not Outcome.PASS) for one in mine.results)


@pytest.mark.parametrize("name", DIRTY)
def test_dirty_rows_never_pass(name: str, audited: Callable[[str], Audited]) -> None:
    results = audited(name).results
    for dirty in DIRTY[name]:
        mine = [result for result in results if result.unit.partition("#")[0] == dirty]
        assert mine, dirty
        assert all(result.verdict in (Outcome.ERROR, Outcome.INCONCLUSIVE) for result in mine), dirty


@pytest.mark.parametrize("name", ["halifax-foi", "burlington-foi", "ottawa-foi"])
def test_where_no_day_is_known_nothing_is_in_time(name: str, audited: Callable[[str], Audited]) -> None:
    assert {result.verdict for result in audited(name).results} <= {Outcome.ERROR, Outcome.INCONCLUSIVE}
    assert audited(name).aside == 0


def test_every_log_of_requests_is_here(shared: Path) -> None:
    """A file nobody maps would be tested by nobody; `statutes.csv` is a table of laws."""
    found = {path.relative_to(shared / "data").as_posix() for path in (shared / "data").glob("requests-*/*.*")}
    other = {one for one in found if one.endswith(("SOURCE.txt", "statutes.csv"))}
    assert found - other == {path for path, _ in LOGS.values()}
