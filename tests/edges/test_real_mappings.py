"""The mappings of the real logs keep every row: what is dirty is named as unreadable, never dropped, never believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from evidence_kit.edges import opening, relations
from evidence_kit.edges.params import load

PARAMS = Path(__file__).parents[2] / "params"


@dataclass(frozen=True)
class Log:
    """One log and what its SOURCE.txt says of it: rows as units, identifiers, dates that cannot be believed, open."""

    engagement: str
    path: str
    rows: int
    identifiers: int
    without_receipt: int
    unreadable: int
    still_open: int


LOGS = [
    Log("doj-foia", "requests-doj-foia/cleaned.csv", 244, 244, 0, 0, 0),
    Log("calgary-foi", "requests-canada-foi/ca_ab_calgary.csv", 520, 494, 1, 1, 0),
    Log("edmonton-foi", "requests-canada-foi/ca_ab_edmonton.csv", 1619, 1619, 6, 0, 23),
    Log("sudbury-foi", "requests-canada-foi/ca_on_greater_sudbury.csv", 346, 346, 9, 0, 27),
    Log("permit-receipt", "requests-permit-receipt/receipt.csv.gz", 1434, 1434, 0, 0, 105),
    Log("halifax-foi", "requests-canada-foi/ca_ns_halifax.csv", 110, 110, 110, 110, 110),
    Log("burlington-foi", "requests-canada-foi/ca_on_burlington.csv", 59, 59, 59, 59, 59),
    Log("ottawa-foi", "requests-canada-foi/ca_on_ottawa.csv", 148, 148, 148, 148, 148),
    Log("nyc311-2011", "requests-nyc-311/2011_mixed.csv", 2000, 2000, 0, 2, 43),
    Log("nyc311-2013", "requests-nyc-311/2013_one_night.csv", 199, 199, 0, 2, 114),
    Log("nyc311-2016", "requests-nyc-311/2016_noise.csv", 117, 117, 0, 0, 0),
    Log("nyc311-2018", "requests-nyc-311/2018_rodents.csv", 155, 155, 0, 16, 63),
    Log("nyc311-2019", "requests-nyc-311/2019_iso.csv", 1000, 1000, 0, 1, 2),
    Log("opendsr", "requests-opendsr/messages.jsonl", 5, 5, 4, 5, 5),
]


@pytest.mark.parametrize("log", LOGS, ids=[log.engagement for log in LOGS])
def test_every_row_of_the_log_is_in_the_population(log: Log, shared: Path) -> None:
    engagement = load(log.engagement, PARAMS, {"requests": str(shared / "data" / log.path)})
    (control,) = (control for control in engagement.controls if control.id == "REQ-02")
    connection = duckdb.connect()
    opening.attach(connection, engagement.sources["requests"], Path(engagement.opened["requests"]))
    relations.relate(connection, "request_log", list(engagement.sources.values()), {})
    zone = ZoneInfo(engagement.timezone)
    start = datetime.combine(engagement.period.start_on, time(), zone)
    end = datetime.combine(engagement.period.until_on + timedelta(days=1), time(), zone)
    bounds = {"period_start": start.isoformat(sep=" "), "period_end": end.isoformat(sep=" ")}
    assert control.set_aside is not None
    (found,) = connection.execute(
        relations.bound(
            "SELECT count(*), count(DISTINCT request_id), count(*) FILTER (received_at IS NULL), count(unreadable), "
            f"count(*) FILTER ({control.set_aside}) FROM main.frame_request_log WHERE {control.where}"
        ),
        bounds,
    ).fetchall()
    assert found == (log.rows, log.identifiers, log.without_receipt, log.unreadable, log.still_open)


def test_deadlines_of_the_permits_are_local_days(shared: Path) -> None:
    engagement = load("permit-receipt", PARAMS, {})
    source = engagement.sources["requests"]
    connection = duckdb.connect()
    opening.attach(connection, source, shared / "data/requests-permit-receipt/receipt.csv.gz")
    relations.relate(connection, "request_log", [source], {})
    (found,) = connection.execute(
        "SELECT count(*) FILTER (answered_on > due_given_on), count(*) FILTER (answered_on = due_given_on), "
        "count(*) FILTER (answered_on IS NULL AND due_given_on < DATE '2012-01-24') FROM (SELECT due_given_on, "
        "CAST(timezone('Europe/Amsterdam', responded_at) AS DATE) AS answered_on FROM main.frame_request_log)"
    ).fetchall()
    # data/README.md, trap 1: as local days 309 are late; 69 were closed on the day; of the open ones 39 are past it.
    assert found == (309, 69, 39)
