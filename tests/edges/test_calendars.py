"""Calendars come from the holidays library as plain data, with their version."""

from __future__ import annotations

import json
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest

from evidence_kit.edges import calendars
from evidence_kit.errors import ParameterError


def test_a_calendar_says_where_it_comes_from_and_how_far_it_goes() -> None:
    (calendar,) = calendars.load(["FR"], date(2025, 7, 1), date(2026, 6, 30)).values()
    assert (calendar.name, calendar.source, calendar.version) == ("FR", "holidays", version("holidays"))
    assert (calendar.from_on, calendar.until_on) == (date(2025, 7, 1), date(2026, 6, 30))
    assert list(calendar.days) == sorted(calendar.days)
    assert date(2026, 5, 1) in calendar.days
    assert date(2026, 5, 25) in calendar.days  # Whit Monday is a public holiday although many work on it
    assert date(2025, 5, 1) not in calendar.days
    assert not calendar.covers(date(2026, 7, 14))


def test_parts_of_a_country_differ() -> None:
    days = calendars.load(["FR", "FR-57", "GB-ENG", "GB-SCT"], date(2026, 1, 1), date(2026, 12, 31))
    assert date(2026, 12, 26) in days["FR-57"].days
    assert date(2026, 12, 26) not in days["FR"].days
    assert date(2026, 4, 6) in days["GB-ENG"].days
    assert date(2026, 4, 6) not in days["GB-SCT"].days


@pytest.mark.parametrize("name", ["US", "CA-AB", "CA-ON", "FR-6AE", "FR-974", "DE-BE", "DE-BY"])
def test_every_calendar_of_the_norm_and_of_the_engagements_is_there(name: str) -> None:
    assert calendars.objection(name) is None
    assert len(calendars.load([name], date(2016, 1, 1), date(2016, 12, 31))[name].days) >= 8


@pytest.mark.parametrize(
    ("name", "near"), [("FR-75", "FR-"), ("CA-AL", "CA-"), ("ca-ab", "CA-AB"), ("FR-Zone A", "FR")]
)
def test_an_unknown_calendar_is_answered_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(ParameterError, match=f"the nearest known is {near}") as caught:
        calendars.load([name], date(2026, 1, 1), date(2026, 12, 31))
    assert name not in str(caught.value) or name == "FR"


def test_years_that_the_library_does_not_know_are_not_covered() -> None:
    (calendar,) = calendars.load(["FR"], date(2090, 1, 1), date(2199, 12, 31)).values()
    assert calendar.until_on < date(2199, 12, 31)
    assert not calendar.covers(date(2199, 12, 25))


def test_england_equals_the_published_list(shared: Path) -> None:
    text = (shared / "data/holidays-govuk/bank-holidays.json").read_text(encoding="utf-8")
    published = {date.fromisoformat(event["date"]) for event in json.loads(text)["england-and-wales"]["events"]}
    calendar = calendars.load(["GB-ENG"], date(2023, 1, 1), date(2028, 12, 31))["GB-ENG"]
    # The library also lists a holiday that falls on a weekend; the published list has its substitute day only.
    weekdays = {day for day in calendar.days if day.weekday() < 5}
    assert weekdays == {day for day in published if 2023 <= day.year <= 2028}


@pytest.mark.parametrize("tongue", ["C", "fr_FR.UTF-8", "de_DE.UTF-8", ""])
def test_names_do_not_follow_the_machines_language(tongue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.setenv(name, tongue)
    found = calendars.load(["FR"], date(2025, 1, 1), date(2025, 12, 31))["FR"]
    assert found.days[date(2025, 5, 1)] == "Labor Day"
