"""Every limit, verdict and day over is the norm's: rows, probes and whole cases."""

from datetime import date, timedelta
from operator import itemgetter
from typing import Any

import pytest

from evidence_kit.model.outcome import Outcome
from evidence_kit.model.retention import Archive, Hold, Kept, Probe, Probed, Rule, Span, Then, Unit
from evidence_kit.rules.probes import judge_case, judge_probe
from evidence_kit.rules.retention import cutoff, judge_row
from tests.spec.norm import Vector, norm

NORM = norm("retention")


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def keep(given: list[Any]) -> tuple[int, Span]:
    return given[0], Span(given[1])


def archive_of(given: Vector | None) -> Archive | None:
    if given is None:
        return None
    start = None if given["start"] == "end-of-active" else tuple(given["start"])
    return Archive(start, keep(given["keep"]), Then(given["then"]))


def rule_of(given: Vector) -> Rule:
    return Rule(
        start=tuple(given["start"]),
        keep=keep(given["keep"]),
        then=Then(given["then"]),
        fallback=tuple(given.get("fallback", ())),
        planned=frozenset(given.get("planned", ())),
        grace_days=given.get("grace_days", 0),
        archive=archive_of(given["archive"]),
        hold_in_active=given.get("hold_in_active", False),
    )


def unit_of(given: Vector) -> Unit:
    held = given["hold"]
    hold = held and Hold(held["from"], held["until"], held["reference"])
    return Unit(given["place"], given["events"], hold, given["removed_at"])


RULES = {name: rule_of(given) for name, given in NORM["rules"].items()}


@pytest.mark.parametrize("vector", NORM["retention"], ids=itemgetter("id"))
def test_a_row_is_judged_as_the_norm_says(vector: Vector) -> None:
    out = vector["out"]
    judged = judge_row(RULES.get(vector["rule"]), unit_of(vector["unit"]), date.fromisoformat(vector["as_of"]))
    assert judged == Kept(
        Outcome(out["verdict"]), out["reason"], day(out["start"]), day(out["limit"]), out["days_over"]
    )


@pytest.mark.parametrize("vector", NORM["probes"], ids=itemgetter("id"))
def test_a_probe_is_judged_as_the_norm_says(vector: Vector) -> None:
    given, out = dict(vector["in"]), vector["out"]
    as_of = date.fromisoformat(given.pop("as_of"))
    for name in ("due", "deleted_at"):
        given[name] = day(given.get(name))
    assert judge_probe(Probe(**given), as_of) == Probed(Outcome(out["verdict"]), out["reason"], out["days_over"])


@pytest.mark.parametrize("vector", NORM["cases"], ids=itemgetter("id"))
def test_the_worst_source_decides_a_case(vector: Vector) -> None:
    seen = {name: Outcome(verdict) for name, verdict in vector["probes"].items()}
    judged = judge_case(vector["declared"], seen)
    assert (judged.verdict, judged.reason) == (Outcome(vector["out"]["verdict"]), vector["out"]["reason"])


def test_a_source_nobody_declared_is_not_hidden_by_an_empty_declaration() -> None:
    assert judge_case([], {"export": Outcome.FAIL}).verdict is Outcome.FAIL
    assert judge_case([], {"export": Outcome.PASS}).reason == "no-source-declared"


@pytest.mark.parametrize(
    ("as_of", "last"),
    [("2025-03-01", "2024-08-31"), ("2025-03-08", "2024-08-31"), ("2025-02-28", "2024-08-27")],
)
def test_the_cutoff_keeps_the_short_months_together(as_of: str, last: str) -> None:
    grace = 7 if as_of == "2025-03-08" else 0
    rule = Rule(("sent",), (6, Span.MONTHS), Then.DELETE, grace_days=grace)
    assert cutoff(rule, date.fromisoformat(as_of)) == date.fromisoformat(last)


@pytest.mark.parametrize("place", ["active", "archive"])
def test_the_cutoff_agrees_with_the_rows_of_the_norm(place: str) -> None:
    for vector in NORM["retention"]:
        rule, out = RULES.get(vector["rule"]), vector["out"]
        plain = vector["unit"]["place"] == place and not vector["unit"]["hold"] and out["limit"]
        if rule and plain and (place == "active" or not rule.archive or rule.archive.start is None):
            past = date.fromisoformat(out["start"]) <= cutoff(rule, date.fromisoformat(vector["as_of"]), place=place)
            assert past == (out["verdict"] == "FAIL"), vector["id"]


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        (Unit("active", {"sent": "2025-01-01"}, Hold(None)), "unreadable-date"),
        (Unit("active", {"sent": "2025-01-01"}, Hold("2025-01-01", "tomorrow")), "unreadable-date"),
        (Unit("absent", {}, None, "2025-02-30"), "unreadable-date"),
        (Unit("absent", {}, None, "2026-01-01"), "event-in-the-future"),
        (Unit("absent", {}, None, "1970-01-01"), "placeholder-date"),
        (Unit("absent", {"sent": "1900-01-01"}), "placeholder-date"),
    ],
)
def test_bad_days_are_errors_wherever_the_row_is(unit: Unit, reason: str) -> None:
    rule = Rule(("sent",), (30, Span.DAYS), Then.DELETE)
    assert judge_row(rule, unit, date(2025, 6, 30)) == Kept(Outcome.ERROR, reason)


def test_a_hold_that_ended_leaves_the_purge_its_grace_when_it_is_documented() -> None:
    rule = Rule(("sent",), (30, Span.DAYS), Then.DELETE, grace_days=7)
    end = date(2025, 6, 1)
    verdicts = []
    for reference in ("LIT-7", None):
        unit = Unit("active", {"sent": "2025-01-01"}, Hold("2025-01-15", end.isoformat(), reference))
        verdicts.append([judge_row(rule, unit, end + timedelta(days=days)).reason for days in (7, 8)])
    assert verdicts == [["within-grace", "kept-past-limit"], ["hold-not-documented", "kept-past-limit"]]


def test_a_hold_that_came_too_late_counts_to_its_start_while_it_runs_and_to_today_once_over() -> None:
    rule = Rule(("sent",), (30, Span.DAYS), Then.DELETE)
    held = [Hold("2025-02-10", until, "LIT-7") for until in (None, "2025-03-01")]
    units = [Unit("archive", {"sent": "2025-01-01"}, hold) for hold in held]
    assert [judge_row(rule, unit, date(2025, 4, 1)).days_over for unit in units] == [10, 60]


def test_a_rule_that_could_not_end_is_refused() -> None:
    with pytest.raises(ValueError, match="archive-never-ends"):
        Archive(None, (1, Span.YEARS), Then.ARCHIVE)
    with pytest.raises(ValueError, match="grace-out-of-range"):
        Rule(("sent",), (1, Span.YEARS), Then.DELETE, grace_days=-1)
    with pytest.raises(ValueError, match="unknown-place"):
        cutoff(Rule(("sent",), (1, Span.YEARS), Then.DELETE), date(2025, 1, 1), place="attic")
