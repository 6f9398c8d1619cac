"""Two searches compared: who came back, who left, what could not be compared, and which jobs ran in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.rules.returning import GONE, KEPT, THERE, Job, Seen, compare

FIRST, THEN = datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 6, 30, tzinfo=UTC)


def seen(case: str, state: str, at: datetime = THEN, place: str = "prod.contacts") -> Seen:
    source, _, name = place.partition(".")
    return Seen(case, source, name, state, None if state == "unreachable" else int(state in THERE), at)


def test_somebody_gone_and_there_again_has_returned_and_the_jobs_between_are_named() -> None:
    jobs = [
        Job("too-early", "restore", FIRST),
        Job("RS-02", "restore", FIRST + timedelta(days=11), "prod"),
        Job("IMP-7", "re-import", FIRST + timedelta(days=20)),
        Job("elsewhere", "re-sync", FIRST + timedelta(days=20), "crm"),
        Job("too-late", "restore", THEN + timedelta(seconds=1)),
    ]
    found = compare([seen("ERA-1", "absent", FIRST)], [seen("ERA-1", "present")], jobs)
    (back,) = found.returned
    assert back.absent_at == FIRST
    assert [job.job_id for job in back.jobs] == ["RS-02", "IMP-7"]


def test_still_there_is_no_return_and_neither_is_a_person_never_searched() -> None:
    found = compare([seen("ERA-1", "present", FIRST)], [seen("ERA-1", "present"), seen("ERA-2", "present")], [])
    assert found.returned == ()
    assert [one.case_id for one in found.still] == ["ERA-1"]
    assert [one.case_id for one in found.new] == ["ERA-2"]


def test_the_last_search_before_counts_and_one_that_did_not_run_is_none() -> None:
    before = [
        seen("ERA-1", "absent", FIRST - timedelta(days=30)),
        seen("ERA-1", "present", FIRST - timedelta(days=60)),
        seen("ERA-1", "unreachable", FIRST),
    ]
    (back,) = compare(before, [seen("ERA-1", "reappeared")], []).returned
    assert back.absent_at == FIRST - timedelta(days=30)


def test_a_place_that_cannot_be_searched_any_more_is_lost_and_not_gone() -> None:
    found = compare([seen("ERA-1", "present", FIRST)], [seen("ERA-1", "unreachable")], [])
    assert found.gone == ()
    assert [one.case_id for one in found.lost] == ["ERA-1"]


def test_what_the_law_keeps_is_neither_back_nor_lost() -> None:
    found = compare([seen("ERA-1", "absent", FIRST)], [seen("ERA-1", KEPT)], [])
    assert (found.returned, found.new, found.lost) == ((), (), ())


STATES = st.sampled_from(sorted(GONE | THERE | {"unreachable", "weak-match"}))


@given(st.dictionaries(st.sampled_from("abcd"), STATES), st.dictionaries(st.sampled_from("abcd"), STATES))
def test_every_person_who_can_be_read_now_stands_in_one_group(before: dict[str, str], now: dict[str, str]) -> None:
    found = compare(
        [seen(case, state, FIRST) for case, state in before.items()],
        [seen(case, state) for case, state in now.items()],
        [],
    )
    groups = [
        {one.now.case_id for one in found.returned},
        *({one.case_id for one in g} for g in (found.still, found.new)),
    ]
    there = {case for case, state in now.items() if state in THERE}
    assert sum(map(len, groups)) == len(set().union(*groups)) == len(there)
    assert {one.now.case_id for one in found.returned} == {case for case in there if before.get(case) in GONE}
    assert {one.case_id for one in found.lost} == {
        case for case, state in before.items() if state in GONE | THERE and now.get(case, "") not in GONE | THERE
    }
