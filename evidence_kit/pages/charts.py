"""Geometry of the three drawings, in thousandths. Whole numbers only: the same data give the same bytes anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import code_or_none, columns, count_cell, day, own_row, say, strip
from evidence_kit.pages.payload import Node

_FULL = 1000
#: Ends that an axis of percentages may have.
_ENDS = (1, 2, 5, 10, 20, 50, 100)
#: A bar longer than this many limits is cut, and marked so.
_LONGEST = 4


def verdicts(control: Node) -> b.Chart:
    """Units by verdict as one bar, with its words and counts."""
    keys = (("FAIL", "fail"), ("ERROR", "error"), ("INCONCLUSIVE", "inconclusive"), ("PASS", "pass"))
    ways = {"PASS": "#cases"}
    items = tuple(
        (verdict, b.Code("verdict", verdict), b.Link(ways.get(verdict, "#deviations"), b.integer(control[key])))
        for verdict, key in keys
    )
    return b.Chart(
        "chart-verdicts",
        say("chart.verdicts"),
        say("chart.verdicts.about"),
        (strip("chart-verdicts-strip", control),),
        legend=b.Legend(tuple((tone, b.Lines((label,)), figure) for tone, label, figure in items)),
    )


def rates(summary: Node, stated: Node) -> b.Chart | None:
    """Rate found, highest rate that the sample does not exclude, tolerable rate: one line per stratum.

    None when nothing was drawn. A census has no interval: what was found is the rate.
    """
    strata = [stratum for stratum in summary["strata"] if stratum["drawn"].value and not stratum["upper_units"].absent]
    if not strata:
        return None
    tolerable = Fraction(stated["tolerable"].text)
    seen = [(_found(stratum), _upper(stratum)) for stratum in strata]
    most = max([tolerable, *(upper for _, upper in seen)]) * 100
    end = next(limit for limit in _ENDS if most <= limit)
    rows = tuple(
        b.Interval(
            label=b.Link(f"#{stratum_id(stratum)}", b.figure(stratum["stratum"], b.Kind.STRATUM)),
            figures=say(
                "chart.rates.row",
                deviations=b.integer(stratum["deviations"]),
                drawn=b.integer(stratum["drawn"]),
                upper=b.figure(stratum["upper_rate_shown"], b.Kind.PERCENT),
            ),
            dot=_place(found * 100, end),
            upper=_place(upper * 100, end),
            limit=_place(tolerable * 100, end),
            tone=stratum["verdict"].text,
        )
        for stratum, (found, upper) in zip(strata, seen, strict=True)
    )
    return b.Chart(
        "chart-rates",
        say("chart.rates"),
        say("chart.rates.about"),
        rows,
        scale=tuple(b.Scale(_plain(Fraction(end * quarter, 4))) for quarter in (0, 2, 4)),
    )


def stratum_id(stratum: Node) -> str:
    """The place of a stratum's row of figures."""
    return f"stratum-{int(stratum.pointer.rpartition('/')[2]) + 1}"


def _found(stratum: Node) -> Fraction:
    return Fraction(stratum["deviations"].value, stratum["drawn"].value)


def _upper(stratum: Node) -> Fraction:
    return Fraction(stratum["upper_units"].value, max(1, stratum["units"].value))


def _place(percent: Fraction, end: int) -> int:
    return min(_FULL, int(percent * _FULL / end))


def _plain(percent: Fraction) -> str:
    return str(percent.numerator) if percent.denominator == 1 else f"{float(percent):.1f}"


def retention(observations: Iterable[Node], verdicts: Mapping[str, str]) -> b.Chart | None:
    """How old the oldest row of each rule is beside the age it may have: all limits stand on one line.

    `verdicts`: rule -> its verdict, which colours the bar. None when no rule was measured in the active base.
    """
    measured = [row for row in observations if _measurable(row)]
    if not measured:
        return None
    shares = [_share(row) for row in measured]
    end = min(Fraction(_LONGEST), max(Fraction(5, 4), *shares))
    rows = tuple(
        b.Bar(
            label=b.Link(own_row(row), b.code(row["rule_id"])),
            figures=say(
                "chart.retention.row",
                oldest=day(row["oldest_start_on"], short=True),
                cutoff=day(row["cutoff_on"], short=True),
            ),
            length=max(4, min(_FULL, int(share * _FULL / end))),
            limit=int(_FULL / end),
            tone=verdicts.get(row["rule_id"].text, "PASS"),
            cut=share > end,
        )
        for row, share in zip(measured, shares, strict=True)
    )
    return b.Chart("chart-retention", say("chart.retention"), say("chart.retention.about"), rows)


def _measurable(row: Node) -> bool:
    keys = ("as_of", "cutoff_on", "oldest_start_on")
    return row["place"].text == "active" and all(_is_day(row[key]) for key in keys)


def _is_day(node: Node) -> bool:
    try:
        date.fromisoformat(node.value)
    except (TypeError, ValueError):
        return False
    return True


def _share(row: Node) -> Fraction:
    """Age of the oldest row as a share of the age allowed."""
    as_of, cutoff, oldest = (date.fromisoformat(row[key].text) for key in ("as_of", "cutoff_on", "oldest_start_on"))
    return Fraction(max(0, (as_of - oldest).days), max(1, (as_of - cutoff).days))


def observations(rows: Iterable[Node]) -> b.Table:
    """The figures of the retention drawing, and those it leaves out."""
    keys = (
        "rows",
        "past_limit_rows",
        "held_rows",
        "hold_undocumented_rows",
        "start_missing_rows",
        "bad_date_rows",
        "max_days_over",
    )
    shown = tuple(
        b.Row(
            (
                b.Cell(b.Link(own_row(row), b.code(row["rule_id"]))),
                b.Cell(code_or_none(row["place"], "place")),
                *(count_cell(row[key]) for key in keys),
                b.Cell(day(row["oldest_start_on"], short=True)),
                b.Cell(day(row["cutoff_on"], short=True)),
            )
        )
        for row in rows
    )
    heads = columns("rule", "place", *(f"{key}:n" for key in keys), "oldest:d", "cutoff:d")
    return b.Table(say("retention.caption"), heads, shown, say("empty.rows"), dense=True)
