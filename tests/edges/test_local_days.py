"""The quick way to a local day says what the exact one says, wherever a zone changes its offset."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from evidence_kit.edges import local_days

SESSION = duckdb.connect()
SESSION.execute("SET TimeZone = 'UTC'")
# A quarter of an hour before, at and after every midnight, and at noon, of some years; before the first bound too.
SESSION.execute("""
    CREATE TABLE times AS SELECT CAST(day + to_minutes(15 * quarter) AS TIMESTAMP) AS met
        FROM (SELECT unnest(generate_series(DATE '1969-06-01', DATE '2027-01-01', INTERVAL 5 DAY)) AS day),
             (SELECT unnest([-1, 0, 1, 4, 8, 47, 84, 88, 92, 95]) AS quarter)
    UNION ALL SELECT unnest([TIMESTAMP 'infinity', TIMESTAMP '-infinity', NULL, TIMESTAMP '2099-12-31 23:30:00'])
""")
ZONES = [
    ("UTC", "Europe/Paris"),
    ("Europe/Paris", "Europe/Paris"),
    ("America/Sao_Paulo", "Asia/Beirut"),  # both have changed their clocks at midnight
    ("Asia/Kathmandu", "Pacific/Apia"),  # which skipped a whole day
    ("UTC", "Africa/Monrovia"),
]


@pytest.mark.parametrize(("written", "zone"), ZONES)
def test_quick_days_are_exact_days(written: str, zone: str) -> None:
    for column, kind, exact in (
        ("met", "TIMESTAMP", f"timezone('{zone}', timezone('{written}', met))"),
        ("timezone('UTC', met)", "TIMESTAMP WITH TIME ZONE", f"timezone('{zone}', timezone('UTC', met))"),
    ):
        quick = local_days.day(column, kind, written, zone)
        wrong = SESSION.execute(
            f"SELECT count(*) FROM times WHERE ({quick}) IS DISTINCT FROM "
            f"CASE WHEN isfinite(met) THEN CAST({exact} AS DATE) END"
        ).fetchall()
        assert wrong == [(0,)]


def test_days_near_midnight_are_those_of_the_zone() -> None:
    quick = local_days.day("met", "TIMESTAMP", "UTC", "Europe/Paris")
    changes = (datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2026, 7, 1))
    moments = [moment + timedelta(minutes=minutes) for moment in changes for minutes in range(-180, 181, 5)]
    local = [moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo("Europe/Paris")).date() for moment in moments]
    rows = SESSION.execute(f"SELECT {quick} FROM (SELECT unnest(CAST(? AS TIMESTAMP[])) AS met)", [moments]).fetchall()
    assert [day for (day,) in rows] == local


def test_a_time_of_an_unknown_zone_has_no_day() -> None:
    quick = local_days.day("met", "TIMESTAMP", None, "Europe/Paris")
    assert SESSION.execute(f"SELECT count({quick}) FROM times").fetchall() == [(0,)]
