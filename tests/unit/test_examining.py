"""From rows to results: the worst attribute decides, and nothing that is absent, broken or in doubt ever passes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model.outcome import WORST_FIRST, Answer, Mark, Outcome
from evidence_kit.model.outcome import Test as Said
from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.model.terms import Terms
from evidence_kit.rules import examining
from tests.unit.cases import control, frame, letter, log, message, sample, terms

Rows = Mapping[str, tuple[Row, ...]]


def says(*answers: Answer) -> object:
    return lambda rows, terms: Said(answers)


PASSES = says(Answer("A", Mark.PASS), Answer("B", Mark.NA))
FAILS = says(Answer("A", Mark.PASS), Answer("B", Mark.FAIL, "answered-late"))


def examined(test: object, *frames: EvidenceFrame, **changes: object) -> tuple[object, ...]:
    one = control(**changes)  # type: ignore[arg-type]
    named = {each.frame: each for each in frames}
    return examining.examine(one, sample("R1"), named, test, terms())  # type: ignore[arg-type]


def only(test: object, *frames: EvidenceFrame, **changes: object) -> tuple[Outcome, tuple[str, ...]]:
    (found,) = examined(test, *frames, **changes)
    return found.verdict, found.reasons  # type: ignore[attr-defined]


def test_a_unit_takes_the_rows_that_were_read_as_its_evidence() -> None:
    frames = (
        frame("request_log", log(request_id="R0"), log()),
        frame("mailbox_messages", message("2026-03-02T08:00:00Z")),
    )
    (found,) = examined(PASSES, *frames)
    assert found.evidence == (("request_log", (2,)), ("mailbox_messages", (1,)))  # type: ignore[attr-defined]
    assert (found.unit, found.verdict, found.reasons) == ("R1", Outcome.PASS, ())  # type: ignore[attr-defined]


def test_a_unit_without_rows_is_inconclusive_and_cites_none() -> None:
    (found,) = examined(PASSES, frame("request_log", log(request_id="R0")))
    assert (found.verdict, found.reasons, found.evidence) == (Outcome.INCONCLUSIVE, ("row-missing",), ())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({"unreadable": "received_at=unreadable-date"}, Outcome.ERROR, "unreadable-date"),
        ({"unreadable": "status=unmapped-value,received_at=unreadable-date"}, Outcome.ERROR, "unmapped-value"),
        ({"status": None}, Outcome.ERROR, "required-value-missing"),
        ({"unreadable": "request_id=identifier-repeated"}, Outcome.INCONCLUSIVE, "identifier-repeated"),
        ({"unreadable": "extension_notified_at=unknown"}, Outcome.INCONCLUSIVE, "event-not-known"),
        (
            {"unreadable": "received_at=unreadable-date,request_id=identifier-repeated"},
            Outcome.ERROR,
            "unreadable-date",
        ),
    ],
)
@pytest.mark.parametrize("test", [PASSES, FAILS], ids=["passes", "fails"])
def test_what_cannot_be_read_is_error_and_what_is_in_doubt_inconclusive(
    test: object, changes: dict[str, object], verdict: Outcome, reason: str
) -> None:
    assert only(test, frame("request_log", log(**changes))) == (verdict, (reason,))


def test_a_broken_row_of_another_frame_breaks_the_unit() -> None:
    broken = frame("request_replies", letter(unreadable="sent_at=unreadable-date"))
    assert only(PASSES, frame("request_log", log()), broken) == (Outcome.ERROR, ("unreadable-date",))


def test_a_rule_that_breaks_is_the_units_error_and_not_the_runs() -> None:
    def breaks(rows: Rows, terms: Terms) -> Said:
        raise ZeroDivisionError("agathe@cachet.example")

    assert only(breaks, frame("request_log", log())) == (Outcome.ERROR, ("test-broke",))


def test_a_walkthrough_is_asked_of_a_person() -> None:
    (found,) = examined(PASSES, frame("request_log"), walkthrough="B")
    assert [one.letter for one in found.answers] == ["A"]  # type: ignore[attr-defined]


def test_reasons_are_those_of_the_attributes_that_decide() -> None:
    both = says(
        Answer("A", Mark.MISSING, "reasons-not-read"),
        Answer("B", Mark.FAIL, "answered-late"),
        Answer("C", Mark.FAIL, "answered-late"),
        Answer("D", Mark.FAIL, "extension-late"),
    )
    assert only(both, frame("request_log", log())) == (Outcome.FAIL, ("answered-late", "extension-late"))


def test_nothing_applicable_is_an_error() -> None:
    assert only(says(Answer("A", Mark.NA)), frame("request_log", log())) == (Outcome.ERROR, ("no-attribute-applies",))


@given(st.lists(st.sampled_from(Mark), max_size=6))
def test_the_worst_mark_decides_whatever_the_order(marks: list[Mark]) -> None:
    answers = tuple(Answer("A", mark) for mark in marks)
    found = examining.verdict_of(answers)
    assert found is examining.verdict_of(answers[::-1])
    met = [examining.OUTCOMES[mark] for mark in marks if mark is not Mark.NA]
    assert found is (min(met, key=WORST_FIRST.index) if met else Outcome.ERROR)
    assert (found is Outcome.PASS) == (bool(met) and set(met) == {Outcome.PASS})


def test_results_are_in_the_order_of_the_draw() -> None:
    rows = frame("request_log", log(request_id="R1"), log(request_id="R2"), log(request_id="R3"))
    drawn = sample("R3", "R1", "R2")
    found = examining.examine(control(), drawn, {"request_log": rows}, PASSES, terms())  # type: ignore[arg-type]
    assert [one.unit for one in found] == ["R3", "R1", "R2"]
    assert [one.leaf for one in found] == [unit.leaf for unit in drawn.drawn]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [(None, ()), ("a=x", (("a", "x"),)), ("a=x,b=y", (("a", "x"), ("b", "y")))],
)
def test_what_is_unreadable_is_told_by_column_and_code(text: str | None, pairs: tuple[tuple[str, str], ...]) -> None:
    assert examining.unreadable({"unreadable": text}) == pairs
    assert examining.unreadable({}) == ()
