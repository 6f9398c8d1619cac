"""The picture of response times: every answered unit is in some bar, and what is not PASS stands apart."""

from __future__ import annotations

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from evidence_kit import shown
from evidence_kit.model.outcome import Outcome, Result, Working

SVG = "{http://www.w3.org/2000/svg}"


def result(days: int | None, verdict: Outcome = Outcome.PASS) -> Result:
    """A unit received on 1 March 2025 and answered so many days later, or not at all."""
    received = date(2025, 3, 1)
    lines: list[dict[str, object]] = [{"step": "received", "day": received.isoformat()}]
    if days is not None:
        lines.append({"step": "answered", "day": (received + timedelta(days=days)).isoformat()})
    working = Working(date(2025, 4, 1), 0, tuple(lines))
    return Result("u", "0" * 64, "all", verdict, (), (), (), (), working)


def picture(*results: Result) -> tuple[list[str], list[tuple[str, float]], ElementTree.Element]:
    """The counted lines, (fill, height) of the bars that have one, and the picture itself."""
    made = shown.timelines({"REQ-02": results})
    svg = ElementTree.fromstring(made.bundle["image/svg+xml"])
    bars = [(bar.attrib["fill"], float(bar.attrib["height"])) for bar in svg.iter(f"{SVG}rect")]
    return made.bundle["text/plain"].splitlines()[1:], [bar for bar in bars if bar[1]], svg


def test_a_week_has_seven_days_and_others_stand_above() -> None:
    lines, bars, _ = picture(result(0), result(6), result(7), result(8, Outcome.FAIL), result(None))
    assert lines == ["week 1: 2, of which 0 not PASS", "week 2: 2, of which 1 not PASS"]
    assert bars == [(shown.GREY, 120), (shown.GREY, 60), (shown.RED, 60)]


@pytest.mark.parametrize("days", [7 * shown.WEEKS, 10_000])
def test_what_took_very_long_keeps_a_bar(days: int) -> None:
    lines, bars, svg = picture(result(days, Outcome.FAIL))
    assert lines == [f"later than week {shown.WEEKS}: 1, of which 1 not PASS"]
    assert bars == [(shown.RED, 120)]
    assert f"> {shown.WEEKS}" in [text.text for text in svg.iter(f"{SVG}text")]


def test_nothing_answered_is_said() -> None:
    lines, bars, svg = picture(result(None))
    assert (lines, bars) == (["no answer"], [])
    assert "no answer" in str(svg.findtext(f"{SVG}desc"))


def test_an_answer_before_the_request_has_no_bar() -> None:
    lines, bars, _ = picture(result(-3, Outcome.ERROR), result(3))
    assert lines == ["week 1: 1, of which 0 not PASS"]
    assert bars == [(shown.GREY, 120)]
