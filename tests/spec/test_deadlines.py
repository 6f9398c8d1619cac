"""Every due day, verdict and line of working is the norm's."""

from dataclasses import replace
from datetime import date
from operator import itemgetter

import pytest

from evidence_kit.model.deadline import Case, Days, Extension, Given, Months, Pause, Profile, Reopening, WorkingDays
from evidence_kit.model.outcome import Outcome
from evidence_kit.rules.deadlines import judge, local_day
from evidence_kit.rules.instants import Refused
from tests.spec.deadline_cases import calendars_of, case_of, limit_of
from tests.spec.norm import Vector, norm

CALENDARS = calendars_of(norm("deadlines"))
OTHER_CALENDARS = calendars_of(norm("deadlines-other"))
PLAIN = Case("2025-03-05", "2025-04-07", "2026-12-31T12:00:00+01:00", "Europe/Paris", calendar="FR")


def steps(case: Case) -> list[object]:
    return [line["step"] for line in judge(case, CALENDARS).working]


@pytest.mark.parametrize("vector", norm("deadlines")["vectors"], ids=itemgetter("id"))
def test_a_request_is_judged_as_the_norm_says(vector: Vector) -> None:
    assert judge(case_of(vector["in"]), CALENDARS).as_json() == vector["out"]


@pytest.mark.parametrize("vector", norm("deadlines-other")["vectors"], ids=itemgetter("why"))
def test_a_limit_in_days_ends_where_the_norm_says(vector: Vector) -> None:
    due = date.fromisoformat(vector["due"])
    case = Case(
        received_at=vector["received"],
        closed_at=vector["due"],
        as_of="2030-01-01",
        timezone="Europe/Paris",
        calendar=vector["calendar"],
        limit=limit_of(vector["limit"]),
    )
    in_time = judge(case, OTHER_CALENDARS)
    assert (in_time.verdict, in_time.due, in_time.days_late) == (Outcome.PASS, due, 0)
    late = judge(replace(case, closed_at=None), OTHER_CALENDARS)
    assert (late.verdict, late.reason) == (Outcome.FAIL, "open-past-due")
    assert late.days_late == (date(2030, 1, 1) - due).days


def test_working_days_name_the_holidays_they_step_over() -> None:
    case = Case("2026-04-30", None, "2026-05-04", "Europe/Paris", calendar="FR", limit=WorkingDays(20))
    assert judge(case, OTHER_CALENDARS).working[1] == {
        "step": "working-days",
        "start": "2026-04-30",
        "days": 20,
        "day": "2026-06-03",
        "skipped": [["2026-05-01", "Labor Day"], ["2026-05-08", "Victory Day"], ["2026-05-14", "Ascension Day"],
                    ["2026-05-25", "Pentecost Monday"]],
        "weekends": 10,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("closed", "verdict"),
    [("2026-12-31", Outcome.PASS), ("2027-01-01", Outcome.INCONCLUSIVE), ("2027-01-07", Outcome.INCONCLUSIVE)],
)
def test_working_days_outside_the_calendar_need_more_slack_than_there_are_unknown_days(
    closed: str, verdict: Outcome
) -> None:
    calendar = replace(OTHER_CALENDARS["FR"], until_on=date(2026, 12, 31))
    case = Case("2026-12-22", closed, "2027-02-01", "Europe/Paris", calendar="FR", limit=WorkingDays(10))
    # Due on Wednesday 6 January by what is known; 1 to 6 January are the six days nobody told us about.
    shorter = replace(calendar, days={day: name for day, name in calendar.days.items() if day.year < 2027})
    judged = judge(case, {"FR": shorter})
    assert (judged.verdict, judged.due) == (verdict, date(2027, 1, 6))


def test_a_day_of_which_the_calendar_says_nothing_cannot_make_a_case_late() -> None:
    calendar = replace(OTHER_CALENDARS["FR"], until_on=date(2026, 12, 31))
    case = Case("2026-12-01", "2027-01-02", "2027-02-01", "Europe/Paris", calendar="FR")
    judged = judge(case, {"FR": calendar})
    assert judge(replace(case, closed_at="2027-01-10"), {"FR": calendar}).reason == "calendar-missing"
    assert judged.verdict is Outcome.PASS


def test_the_due_day_that_the_source_gives_is_used_as_it_is() -> None:
    case = replace(PLAIN, limit=Given(), due_given_on="2025-04-06")
    judged = judge(case, CALENDARS)
    assert (judged.due, judged.reason, judged.days_late) == (date(2025, 4, 6), "answered-late", 1)
    assert judged.working[1] == {"step": "given", "source": "2025-04-06", "day": "2025-04-06"}
    unknown = judge(replace(case, due_given_on=None), CALENDARS)
    assert (unknown.verdict, unknown.reason, unknown.due) == (Outcome.INCONCLUSIVE, "due-unknown", None)


def test_a_stated_due_day_that_disagrees_is_told_and_the_statute_decides() -> None:
    judged = judge(replace(PLAIN, due_given_on="2025-04-10"), CALENDARS)
    assert judged.due == date(2025, 4, 7)
    assert {"step": "stated-due-differs", "stated": "2025-04-10", "due": "2025-04-07"} in judged.working
    assert "stated-due-differs" not in steps(replace(PLAIN, due_given_on="2025-04-07"))


def test_pauses_and_extensions_belong_to_months_only() -> None:
    pause = Pause("identity", "2025-03-06", "2025-03-16", grounded=True)
    case = replace(PLAIN, limit=Days(30), pauses=(pause,), extension=Extension("2025-03-10", reasons=True))
    judged = judge(case, CALENDARS)
    assert (judged.due, judged.depends_on) == (date(2025, 4, 4), ())
    assert steps(case) == ["received", "pause-refused", "extension-refused", "days", "answered", "verdict"]


def test_a_longer_limit_is_extended_by_two_months_as_well() -> None:
    case = replace(PLAIN, limit=Months(2), extension=Extension("2025-03-10", reasons=True))
    assert judge(case, CALENDARS).due == date(2025, 7, 7)


def test_in_the_uk_the_month_has_not_begun_while_identity_is_awaited() -> None:
    asked = Pause("identity", "2025-03-06", None, grounded=True)
    case = replace(PLAIN, profile=Profile.UK, calendar="GB-ENG", closed_at=None, pauses=(asked,))
    judged = judge(case, CALENDARS)
    assert (judged.reason, judged.due, judged.first_due) == ("clock-suspended", None, None)
    assert steps(case) == ["received", "restarted", "suspended", "verdict"]


def test_in_the_uk_days_before_the_month_begins_are_not_left_out_of_it() -> None:
    pauses = (
        Pause("clarification", "2025-03-06", "2025-03-18", grounded=True),
        Pause("identity", "2025-03-06", "2025-03-16", grounded=True),
    )
    case = replace(PLAIN, profile=Profile.UK, calendar="GB-ENG", pauses=pauses)
    assert judge(case, CALENDARS).working[1]["new_days"] == 2
    assert judge(case, CALENDARS).due == date(2025, 4, 22)  # 18 April and the holidays after it


def test_only_the_facts_that_turn_the_verdict_are_named() -> None:
    pauses = (
        Pause("identity", "2025-03-06", "2025-03-16", grounded=None),
        Pause("clarification", "2025-03-06", "2025-03-06", grounded=None),
    )
    judged = judge(replace(PLAIN, closed_at="2025-04-15", pauses=pauses), CALENDARS)
    assert judged.depends_on == ("pause-0",)
    assert judged.working[-2]["facts"] == ["pause-0", "pause-1"]


def test_a_suspended_reading_has_no_latest_due_day() -> None:
    asked = Pause("identity", "2025-03-06", None, grounded=None)
    judged = judge(replace(PLAIN, closed_at=None, pauses=(asked,)), CALENDARS)
    assert (judged.verdict, judged.due, judged.due_latest) == (Outcome.INCONCLUSIVE, date(2025, 4, 7), None)


def test_a_time_that_only_one_zone_knows_is_not_an_error_but_arguable() -> None:
    judged = judge(replace(PLAIN, received_at="2025-03-30T02:30:00", naive_is_local=None), CALENDARS)
    assert (judged.verdict, judged.depends_on) == (Outcome.INCONCLUSIVE, ("naive-zone",))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"closed_at": None, "reopened": Reopening("2025-04-01", "same_request")}, "reopened-but-never-closed"),
        ({"reopened": Reopening("2025-04-10", "same_request", "2025-04-09")}, "closed-before-reopened"),
        ({"reopened": Reopening("2027-04-10", "same_request")}, "event-in-the-future"),
        ({"reopened": Reopening("2025-04-10", None, "2027-04-10")}, "closed-in-the-future"),
        ({"extension": Extension("2025-03-01", reasons=True)}, "event-before-receipt"),
        ({"extension": Extension("2027-03-01", reasons=True)}, "event-in-the-future"),
        ({"pauses": (Pause("identity", "2025-03-06", "2027-01-01", grounded=True),)}, "event-in-the-future"),
        ({"closed_at": "2025-04-07T10:00"}, "unreadable-date"),
        ({"closed_at": "2025-04-07T10:00:00+25:00"}, "unreadable-date"),
        ({"closed_at": "9999-12-31T23:00:00-05:00"}, "unreadable-date"),
        ({"closed_at": "\uff12025-04-07"}, "unreadable-date"),
        ({"due_given_on": "soon"}, "unreadable-date"),
        ({"timezone": "../etc/passwd"}, "unknown-time-zone"),
        ({"timezone": "", "received_at": None}, "unknown-time-zone"),
    ],
)
def test_what_cannot_be_is_an_error_with_its_code(changes: dict[str, object], reason: str) -> None:
    judged = judge(replace(PLAIN, **changes), CALENDARS)  # type: ignore[arg-type]
    assert (judged.verdict, judged.reason, judged.working) == (Outcome.ERROR, reason, ())


def test_the_first_error_met_is_the_answer() -> None:
    bad = replace(PLAIN, received_at="x", closed_at="y", pauses=(Pause("weather", "z"),))
    assert judge(bad, CALENDARS).reason == "unreadable-date"
    assert judge(replace(bad, received_at=None), CALENDARS).reason == "received-missing"


@pytest.mark.parametrize(
    ("text", "naive_is_local", "day"),
    [
        ("2025-03-31T22:30:00.000000Z", True, date(2025, 4, 1)),
        ("2025-03-31T23:30:00-01:00", True, date(2025, 4, 1)),
        ("2025-03-31T23:30:00", True, date(2025, 3, 31)),
        ("2025-03-31T23:30:00", None, date(2025, 3, 31)),
        ("2025-03-30T02:30:00", None, date(2025, 3, 30)),
        ("2025-03-31", True, date(2025, 3, 31)),
    ],
)
def test_the_local_day_is_the_controllers(text: str, naive_is_local: bool | None, day: date) -> None:
    assert local_day(text, "Europe/Paris", naive_is_local) == day


def test_a_refused_text_is_not_repeated() -> None:
    with pytest.raises(Refused, match=r"^unreadable-date$") as refused:
        local_day("Mme Durand", "Europe/Paris")
    assert refused.value.code == "unreadable-date"


@pytest.mark.parametrize("limit", [Months, Days, WorkingDays])
def test_a_limit_of_nothing_is_refused(limit: type[Days]) -> None:
    with pytest.raises(ValueError, match="limit-out-of-range"):
        limit(0)


def test_a_cause_of_reopening_nobody_defined_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown-reopening-cause"):
        Reopening("2025-04-01", "whim")
