"""The bars of an age histogram: where each begins, and that they leave no gap."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model.evidence import AGES
from evidence_kit.model.retention import Archive, Rule, Span, Then
from evidence_kit.rules.ages import ORDER, bucket, limit_of, phases

AS_OF = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("left", "bar"),
    [
        (361, "ahead"),
        (360, "twelfth-01"),
        (331, "twelfth-01"),
        (330, "twelfth-02"),
        (30, "twelfth-12"),
        (0, "twelfth-12"),
        (-1, "grace"),
        (-10, "grace"),
        (-11, "over-30-days"),
        (-30, "over-30-days"),
        (-31, "over-90-days"),
        (-91, "over-365-days"),
        (-366, "over-more"),
    ],
)
def test_where_the_bars_begin(left: int, bar: str) -> None:
    assert bucket(AS_OF + timedelta(days=left), AS_OF, 360, 10) == bar


@given(st.integers(0, 5000), st.integers(0, 400), st.integers(-6000, 6000))
def test_an_older_row_never_stands_in_a_younger_bar(whole: int, grace: int, left: int) -> None:
    bars = [bucket(AS_OF + timedelta(days=days), AS_OF, whole, grace) for days in (left, left - 1)]
    assert ORDER[bars[0]] <= ORDER[bars[1]]
    assert set(bars) <= set(AGES)


def test_a_period_without_days_has_one_bar() -> None:
    assert [bucket(AS_OF + timedelta(days=left), AS_OF, 0, 0) for left in (1, 0, -1)] == [
        "ahead",
        "twelfth-12",
        "over-30-days",
    ]


def test_a_limit_beyond_the_calendar_is_its_last_day() -> None:
    assert limit_of(date(9999, 6, 1), [(3, Span.YEARS)]) == date.max
    assert limit_of(date(2020, 2, 29), [(3, Span.YEARS), (2, Span.YEARS)]) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("start", "place", "periods"),
    [(None, "active", 1), (None, "archive", 2), (("closed",), "archive", 1)],
)
def test_an_archive_from_the_end_of_the_active_phase_has_both_periods(
    start: tuple[str, ...] | None, place: str, periods: int
) -> None:
    archive = Archive(start, (2, Span.YEARS), Then.DELETE)
    rule = Rule(("last",), (1, Span.YEARS), Then.ARCHIVE, archive=archive)
    assert phases(rule, place) == ((1, Span.YEARS), (2, Span.YEARS))[:periods]
