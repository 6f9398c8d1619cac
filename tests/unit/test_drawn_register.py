"""What a notebook shows of the register: every object, entry and rule, with the answers of the results."""

from __future__ import annotations

from dataclasses import replace

from evidence_kit.drawn import register as shown
from evidence_kit.model.outcome import Answer, Mark, Outcome
from evidence_kit.model.sample import EvidenceFrame, Row
from tests.unit.cases import result
from tests.unit.registered import column, periods, thing


def frames(**rows: list[Row]) -> shown.Frames:
    return {"REG": {name: EvidenceFrame("REG", name, (), tuple(mine), "0" * 64) for name, mine in rows.items()}}


def lines(one: shown.Shown) -> list[str]:
    return list(one.bundle["text/plain"].splitlines())


COLUMNS = [
    column(unit_id="U1", known_before=None),
    column(unit_id="U2", known_before=None),
    column(unit_id="U3", object="lists", known_before=False),
    column(unit_id="U4", object="lists", known_before=True),
    column(unit_id="U5", object="<script>"),
]
RESULTS = {
    "REG-01": (
        result(Outcome.PASS, unit="U1"),
        result(Outcome.INCONCLUSIVE, "class-unknown", unit="U2"),
        result(Outcome.FAIL, "column-undeclared", unit="U3"),
        result(Outcome.ERROR, "test-broke", unit="U4"),
    )
}


def test_objects_with_undeclared_columns_come_first_and_what_was_not_tested_is_not_declared() -> None:
    told = shown.drift(frames(column_units=COLUMNS), RESULTS)
    assert lines(told)[2:] == [
        "prod.lists  1  0  1  1  20000",
        "prod.<script>  0  0  1  0  20000",
        "prod.contacts  0  1  1    20000",
        "3 row(s)",
    ]
    assert "<script>" not in told.bundle["text/html"]


def test_every_column_that_is_no_pass_is_listed_with_its_reason() -> None:
    told = lines(shown.columns(frames(column_units=COLUMNS), RESULTS))[2:]
    assert told == [
        "U2  contact  value_rule  99  20000  class-unknown",
        "U3  contact  value_rule  99  20000  column-undeclared",
        "U4  contact  value_rule  99  20000  test-broke",
        "3 row(s)",
    ]


def test_letters_stand_entry_by_entry_the_deviations_first() -> None:
    whole = replace(result(Outcome.PASS, unit="E1"), answers=(Answer("A", Mark.PASS), Answer("P", Mark.NA)))
    lacking = replace(
        result(Outcome.FAIL, "contact-empty", unit="E2"), answers=(Answer("A", Mark.FAIL), Answer("P", Mark.NA))
    )
    told = lines(shown.letters({"REG-03": (whole, lacking), "REG-02": (result(Outcome.PASS, unit="E9"),)}))
    assert told[1:] == ["entry  A  P  reasons", "E2  ✗  –  contact-empty", "E1  ✓  –  ", "2 row(s)"]


def test_what_an_entry_names_is_there_or_not_or_was_not_looked_for() -> None:
    rows = [
        thing(),
        thing(object="old", object_found=False, last_write_at=None),
        thing(object="lists", column_name="name", column_found=False),
        thing(object="far", object_found=None, row_count=None),
    ]
    told = lines(
        shown.things(frames(entry_objects=rows), {"REG-02": (result(Outcome.FAIL, "object-gone", unit="ACT-11"),)})
    )
    assert told[2:] == [
        "ACT-11  prod.old  not there  20000    object-gone",
        "ACT-11  prod.lists.name  not there  20000  2026-06-29  object-gone",
        "ACT-11  prod.far  not looked for    2026-06-29  object-gone",
        "ACT-11  prod.contacts  exists  20000  2026-06-29  object-gone",
        "4 row(s)",
    ]


def test_three_periods_and_the_oldest_row_stand_on_one_line() -> None:
    seen = [{"rule_id": "RR-01", "place": "active", "oldest_start_on": "2023-06-01"}]
    told = lines(shown.periods(frames(retention_rules=[periods()], retention_observations=seen)))
    assert told[2:] == ["RR-01  prod.contacts  3 years  36 months  3 years  2023-06-01  ", "1 row(s)"]
    assert lines(shown.periods({}))[-1] == "0 row(s)"
