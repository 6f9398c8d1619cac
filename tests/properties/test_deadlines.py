"""Whatever the case: no due day on a holiday, no kindness without a fact, nothing absent that passes."""

import json
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model.deadline import Case, Days, Extension, Limit, Months, Pause, Profile, Reopening, WorkingDays
from evidence_kit.model.outcome import Outcome
from evidence_kit.rules.deadlines import judge
from evidence_kit.rules.periods import add_months, count_working_days, roll, why_not_working
from tests.spec.deadline_cases import calendars_of
from tests.spec.norm import norm

CALENDARS = calendars_of(norm("deadlines"))
AS_OF = "2028-12-31"
days = st.dates(date(2023, 1, 1), date(2028, 2, 28))
names = st.sampled_from(sorted(CALENDARS))
limits = st.one_of(
    st.builds(Months, st.integers(1, 3)),
    st.builds(Days, st.integers(1, 90)),
    st.builds(WorkingDays, st.integers(1, 60)),
)
known = st.sampled_from([True, False, None])


@st.composite
def pauses(draw: st.DrawFn, received: date, *, answered: bool) -> Pause:
    asked = received + timedelta(days=draw(st.integers(0, 40)))
    later = st.integers(0, 40).map(lambda more: asked + timedelta(days=more))
    # A question without an answer stands until the closing: then a later closing is another case.
    told = draw(later if answered else st.none() | later)
    kind = draw(st.sampled_from(["identity", "clarification", "fee", "processor"]))
    return Pause(kind, asked.isoformat(), told.isoformat() if told else None, draw(known))


@st.composite
def cases(draw: st.DrawFn, *, answered: bool = False) -> Case:
    """A case of which every text can be read. `answered`: closed for good, and nothing is left open."""
    received = draw(days)
    later = st.integers(0, 120).map(lambda after: received + timedelta(days=after))
    closed = draw(later if answered else st.none() | later)
    told = received + timedelta(days=draw(st.integers(0, 60)))
    back = closed and closed + timedelta(days=draw(st.integers(0, 20)))
    reopening = st.none()
    if back and not answered:
        causes = st.sampled_from(["same_request", "new_request", None])
        reopening |= st.builds(Reopening, st.just(back.isoformat()), causes, st.sampled_from([None, back.isoformat()]))
    return Case(
        received_at=received.isoformat(),
        closed_at=closed.isoformat() if closed else None,
        as_of=AS_OF,
        timezone=draw(st.sampled_from(["Europe/Paris", "Indian/Reunion", "Pacific/Apia"])),
        calendar=draw(st.none() | names | st.lists(names, max_size=3).map(tuple)),
        profile=draw(st.sampled_from(Profile)),
        extension=draw(st.none() | st.builds(Extension, st.just(told.isoformat()), known)),
        pauses=tuple(draw(st.lists(pauses(received, answered=answered), max_size=3))),
        reopened=draw(reopening),
        limit=draw(limits),
    )


@given(cases())
def test_a_judgement_is_whole(case: Case) -> None:
    judged = judge(case, CALENDARS)
    working = judged.as_json()["working"]
    assert json.loads(json.dumps(working)) == working
    assert judged.working[0]["step"] == "received"
    assert judged.working[-1] == {"step": "verdict", "verdict": judged.verdict, "reason": judged.reason}
    assert (judged.reason == "depends-on-arguable-facts") == bool(judged.depends_on)
    assert (judged.days_late is None) == (judged.verdict is Outcome.INCONCLUSIVE)
    assert judged.due is None or judged.due_latest is None or judged.due <= judged.due_latest


@given(cases())
def test_no_due_day_falls_on_a_day_that_is_known_not_to_be_worked(case: Case) -> None:
    judged = judge(replace(case, calendar="FR-57"), CALENDARS)
    for due in filter(None, (judged.due, judged.due_latest, judged.first_due)):
        assert why_not_working(due, CALENDARS["FR-57"]) is None


@given(cases())
def test_without_a_receipt_nothing_passes(case: Case) -> None:
    judged = judge(replace(case, received_at=None), CALENDARS)
    assert (judged.verdict, judged.reason) == (Outcome.ERROR, "received-missing")


@given(cases())
def test_without_an_answer_nothing_passes(case: Case) -> None:
    judged = judge(replace(case, closed_at=None, reopened=None), CALENDARS)
    assert judged.verdict in (Outcome.FAIL, Outcome.INCONCLUSIVE)


@given(cases(answered=True), st.integers(0, 60))
def test_answering_later_never_turns_a_failure_into_a_pass(case: Case, later: int) -> None:
    closed = date.fromisoformat(case.closed_at or "") + timedelta(days=later)
    if judge(case, CALENDARS).verdict is Outcome.FAIL:
        assert judge(replace(case, closed_at=closed.isoformat()), CALENDARS).verdict is Outcome.FAIL


@given(cases())
def test_a_settled_fact_gives_one_of_the_readings(case: Case) -> None:
    unsettled = replace(case, pauses=tuple(replace(pause, grounded=None) for pause in case.pauses))
    if judge(unsettled, CALENDARS).verdict is not Outcome.PASS:
        return
    for grounded in (True, False):
        settled = replace(case, pauses=tuple(replace(pause, grounded=grounded) for pause in case.pauses))
        assert judge(settled, CALENDARS).verdict is Outcome.PASS


@given(days, st.integers(0, 27), limits, names)
def test_received_later_is_never_due_earlier(received: date, later: int, limit: Limit, name: str) -> None:
    case = Case(received.isoformat(), None, AS_OF, "Europe/Paris", calendar=name, limit=limit)
    other = replace(case, received_at=(received + timedelta(days=later)).isoformat())
    first, second = judge(case, CALENDARS).due, judge(other, CALENDARS).due
    assert first is not None
    assert second is not None
    assert first <= second


@given(days, st.integers(1, 60), names)
def test_a_longer_limit_is_never_due_earlier(received: date, number: int, name: str) -> None:
    for kind in (Days, WorkingDays):
        case = Case(received.isoformat(), None, AS_OF, "Europe/Paris", calendar=name, limit=kind(number))
        longer = judge(replace(case, limit=kind(number + 1)), CALENDARS).due
        due = judge(case, CALENDARS).due
        assert due is not None
        assert longer is not None
        assert due <= longer


@given(days, st.integers(1, 60), names)
def test_working_days_are_counted_one_by_one(start: date, number: int, name: str) -> None:
    calendar = CALENDARS[name]
    counted = count_working_days(start, number, calendar)
    between = [start + timedelta(days=ahead) for ahead in range(1, (counted.day - start).days + 1)]
    assert sum(why_not_working(day, calendar) is None for day in between) == number
    assert len(counted.skipped) + counted.weekends + number == len(between)


@given(days, names)
def test_rolling_stops_at_the_first_working_day(day: date, name: str) -> None:
    rolled = roll(day, CALENDARS[name])
    assert [skipped for skipped, _ in rolled.over] == [
        day + timedelta(days=ahead) for ahead in range((rolled.day - day).days)
    ]
    assert roll(rolled.day, CALENDARS[name]).day == rolled.day


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-480, 480))
def test_months_keep_the_date_or_end_the_month(day: date, months: int) -> None:
    added = add_months(day, months)
    assert (added.year - day.year) * 12 + added.month - day.month == months
    assert added.day == day.day or (added.day < day.day and (added + timedelta(days=1)).day == 1)
