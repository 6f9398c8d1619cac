"""Whatever the rule: one day in SQL says what adding months row by row would say, and no hold is a way out."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit.model.outcome import Outcome
from evidence_kit.model.retention import Archive, Hold, Probe, Rule, Span, Then, Unit
from evidence_kit.rules.probes import STATES, judge_case, judge_probe
from evidence_kit.rules.retention import add_keep, cutoff, judge_row

days = st.dates(date(2010, 1, 1), date(2030, 12, 31))
# Months that end, leap days and the days around them: where a cut-off goes wrong if it does.
ends = st.builds(
    lambda year, month, off: date(year, month, 1) + timedelta(days=off),
    st.integers(2011, 2030), st.integers(1, 12), st.integers(-4, 2),
)  # fmt: skip
keeps = st.one_of(
    st.tuples(st.integers(0, 1500), st.just(Span.DAYS)),
    st.tuples(st.integers(0, 130), st.just(Span.MONTHS)),
    st.tuples(st.integers(0, 11), st.just(Span.YEARS)),
)
endings = st.sampled_from([Then.DELETE, Then.ANONYMISE])
archives = st.none() | st.builds(Archive, st.none() | st.just(("closed",)), keeps, endings)
rules = st.builds(
    Rule,
    start=st.just(("last",)),
    keep=keeps,
    then=endings,
    fallback=st.sampled_from([(), ("collected",)]),
    grace_days=st.integers(0, 40),
    archive=archives,
    hold_in_active=st.booleans(),
)
texts = st.none() | days.map(date.isoformat)
holds = st.none() | st.builds(Hold, days.map(date.isoformat), texts, st.sampled_from(["LIT-7", None]))
units = st.builds(
    Unit,
    place=st.sampled_from(["active", "archive", "absent", "anonymised", None]),
    events=st.fixed_dictionaries({"last": texts, "collected": texts, "closed": texts}),
    hold=holds,
    removed_at=texts,
)


@settings(max_examples=300)
@given(rules, days | ends, st.integers(-40, 40))
def test_the_cutoff_is_the_row_by_row_limit(rule: Rule, as_of: date, near: int) -> None:
    last = cutoff(rule, as_of)
    for start in (last, last + timedelta(days=1), last + timedelta(days=near)):
        past = add_keep(start, rule.keep) + timedelta(days=rule.grace_days) < as_of
        assert past == (start <= last)


@settings(max_examples=300)
@given(rules, days | ends, st.integers(-40, 40))
def test_the_cutoff_goes_through_both_phases(rule: Rule, as_of: date, near: int) -> None:
    last = cutoff(rule, as_of, place="archive")
    for start in (last, last + timedelta(days=1), last + timedelta(days=near)):
        limit = start
        if rule.archive is None or rule.archive.start is None:
            limit = add_keep(limit, rule.keep)
        if rule.archive is not None:
            limit = add_keep(limit, rule.archive.keep)
        assert (limit + timedelta(days=rule.grace_days) < as_of) == (start <= last)


def test_the_cutoff_holds_on_every_day_of_four_years() -> None:
    for months in (1, 6, 12, 13, 36):
        rule = Rule(("last",), (months, Span.MONTHS), Then.DELETE)
        for ahead in range(1461):
            as_of = date(2023, 1, 1) + timedelta(days=ahead)
            last = cutoff(rule, as_of)
            assert add_keep(last, rule.keep) < as_of <= add_keep(last + timedelta(days=1), rule.keep)


@given(rules, units, days)
def test_comparing_with_the_cutoffs_says_what_the_row_says(rule: Rule, unit: Unit, as_of: date) -> None:
    plain = Unit(unit.place, unit.events)
    judged = judge_row(rule, plain, as_of)
    if judged.limit is None or judged.start is None:
        return
    past = judged.start <= cutoff(rule, as_of)
    closed = unit.events["closed"]
    if unit.place == "archive" and rule.archive and (rule.archive.start is None or closed is not None):
        event = judged.start if rule.archive.start is None else date.fromisoformat(closed or "")
        past = past and event <= cutoff(rule, as_of, place="archive")
    assert past == (judged.verdict is Outcome.FAIL)


@given(rules, units, days)
def test_a_judgement_is_whole(rule: Rule, unit: Unit, as_of: date) -> None:
    judged = judge_row(rule, unit, as_of)
    if judged.verdict is Outcome.PASS and judged.limit:
        assert judged.days_over == 0
    if judged.verdict is Outcome.FAIL and judged.limit:
        assert judged.days_over is not None
        assert judged.days_over > 0
    if judged.verdict is Outcome.ERROR:
        assert (judged.start, judged.limit, judged.days_over) == (None, None, None)


@given(rules, units, days, st.integers(1, 400))
def test_time_alone_never_excuses_a_row_without_a_hold(rule: Rule, unit: Unit, as_of: date, later: int) -> None:
    plain = Unit(unit.place, unit.events)
    if judge_row(rule, plain, as_of).verdict is Outcome.FAIL:
        assert judge_row(rule, plain, as_of + timedelta(days=later)).verdict is Outcome.FAIL


@given(rules, units, days)
def test_an_undocumented_hold_never_passes_what_fails_without_it(rule: Rule, unit: Unit, as_of: date) -> None:
    bare = Unit(unit.place, unit.events)
    if unit.hold is None or judge_row(rule, bare, as_of).verdict is not Outcome.FAIL:
        return
    undocumented = Unit(unit.place, unit.events, Hold(unit.hold.from_on, unit.hold.until_on, None))
    documented = Unit(unit.place, unit.events, Hold(unit.hold.from_on, unit.hold.until_on, "LIT-7"))
    verdict = judge_row(rule, undocumented, as_of).verdict
    assert verdict is not Outcome.PASS
    if verdict is Outcome.INCONCLUSIVE:
        assert judge_row(rule, documented, as_of).verdict is Outcome.PASS


@given(units, days)
def test_a_row_whose_start_nobody_knows_never_passes_where_it_lies(unit: Unit, as_of: date) -> None:
    rule = Rule(("last",), (3, Span.YEARS), Then.DELETE)
    unknown = Unit("active", {}, unit.hold)
    assert judge_row(rule, unknown, as_of).verdict is not Outcome.PASS


@given(st.sampled_from(["absent", "suppressed-only", "masked", "backup-only"]), st.sampled_from([False, None]), days)
def test_a_probe_that_finds_nothing_it_should_find_proves_nothing(
    state: str, positive_control: bool | None, as_of: date
) -> None:
    probe = Probe(
        state,
        positive_control=positive_control,
        suppression_declared=True,
        suppression_form="hashed",
        mask="irreversible",
        deleted_at=as_of,
        purge_days=30,
        replay_declared=True,
    )
    assert judge_probe(probe, as_of).verdict in (Outcome.ERROR, Outcome.INCONCLUSIVE)


@given(st.text(max_size=12).filter(lambda state: state not in STATES), days)
def test_a_state_nobody_defined_is_an_error(state: str, as_of: date) -> None:
    assert judge_probe(Probe(state, positive_control=True), as_of).verdict is Outcome.ERROR


@given(st.sets(st.sampled_from("abc")), st.dictionaries(st.sampled_from("abcd"), st.sampled_from(Outcome)))
def test_a_case_passes_only_when_every_declared_source_does(declared: set[str], seen: dict[str, Outcome]) -> None:
    passes = bool(declared) and declared <= seen.keys() and set(seen.values()) == {Outcome.PASS}
    assert (judge_case(declared, seen).verdict is Outcome.PASS) == passes
