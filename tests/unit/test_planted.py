"""What was planted beside what was found: `planted.json`, from a list and from results."""

from __future__ import annotations

from typing import Any

from evidence_kit.ledger.planted import Company, Sown, Told, record

FOR = {"F01": ("X-01",), "F02": ("X-01", "X-02"), "F03": ("X-03",), "M01": ("X-01",), "D01": ("X-01",)}
COMPANY = Company(7, 1000, "real", "all but F03", frozenset({"F01", "F02", "M01", "D01"}), FOR)
VERDICTS = {"a": "PASS", "b": "FAIL", "c": "INCONCLUSIVE", "d": "FAIL", "e": "PASS"}


def told(sown: list[tuple[str, str, str]], verdicts: dict[str, str], frozen: set[str] | None) -> dict[str, Any]:
    """The one control of a record: `sown` are fault, verdict, unit."""
    rows = [Sown(id_, "X-01", verdict, unit) for id_, verdict, unit in sown]
    found: Any = record(COMPANY, rows, {"X-01": Told(verdicts, None if frozen is None else frozenset(frozen))})
    (one,) = found["controls"]
    assert isinstance(one, dict)
    return one


def counts(one: dict[str, Any]) -> tuple[int, ...]:
    return tuple(one[key] for key in ("planted", "found", "missed", "untested"))


def test_found_is_the_verdict_expected_and_missed_is_any_other() -> None:
    one = told([("F01", "FAIL", "b"), ("F01", "FAIL", "a"), ("F02", "FAIL", "c")], VERDICTS, set(VERDICTS))
    first, second = one["faults"]
    assert (counts(first), first["found_rows"], first["missed_rows"]) == ((2, 1, 1, 0), [2], [1])
    assert (counts(second), second["missed_rows"]) == ((1, 0, 1, 0), [3])
    assert counts(one) == (3, 1, 2, 0)
    assert (one["tested"], one["raised"], one["alarms"], one["alarm_rows"]) == (5, 3, 1, [4])


def test_a_unit_planted_twice_in_one_fault_is_one_unit() -> None:
    one = told([("F01", "FAIL", "b"), ("F01", "FAIL", "b")], VERDICTS, set(VERDICTS))
    assert counts(one) == (1, 1, 0, 0)


def test_not_drawn_is_not_missed_and_absent_from_every_list_is() -> None:
    one = told([("F01", "FAIL", "y"), ("F01", "FAIL", "z")], VERDICTS, {*VERDICTS, "y"})
    assert counts(one) == (2, 0, 1, 1)
    assert one["faults"][0]["missed_rows"] == []
    assert counts(told([("F01", "FAIL", "z")], {}, None)) == (1, 0, 0, 1), "a refused population tested nothing"


def test_a_decoy_is_flagged_by_a_verdict_that_nobody_planted() -> None:
    sown = [("D01", "PASS", "a"), ("D01", "not_yet_due", "q"), ("D01", "PASS", "b"), ("F01", "FAIL", "d")]
    one = told([*sown, ("F02", "INCONCLUSIVE", "c")], VERDICTS, set(VERDICTS))
    assert one["decoys"] == [{"decoy": "D01", "planted": 3, "flagged": 1, "flagged_rows": [2]}]
    assert one["alarm_rows"] == [2]
    one = told([("D01", "PASS", "b"), ("F01", "FAIL", "b")], VERDICTS, set(VERDICTS))
    assert one["decoys"][0]["flagged"] == 0, "what was planted there is no false alarm"


def test_what_was_not_planted_says_why_and_what_no_control_looks_at_is_told() -> None:
    rows = [Sown("F01", "X-01", "FAIL", "b"), Sown("F02", "X-02", "FAIL", "b"), Sown("D01", "X-01", "PASS", "a")]
    found: Any = record(COMPANY, rows, {"X-01": Told(VERDICTS, frozenset(VERDICTS))})
    assert found["company"] == {"seed": 7, "contacts": 1000, "as_of": "real", "faults": "all but F03"}
    assert found["not_planted"] == [
        {"id": "F03", "why": "not-chosen", "controls": ["X-03"]},
        {"id": "M01", "why": "not-at-this-cut", "controls": ["X-01"]},
    ]
    assert found["not_tested"] == [{"id": "F02", "control": "X-02"}]
