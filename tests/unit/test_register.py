"""The register controls, branch by branch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model.outcome import Mark, Outcome, Test
from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.rules import article30
from evidence_kit.rules.examining import examine, verdict_of
from evidence_kit.rules.register import (
    EMPTY,
    columns_declared,
    entries_exist,
    entries_filled,
    period,
    periods_agree,
)
from evidence_kit.rules.register_again import BLANK
from tests.unit.cases import answers, control, sample, terms
from tests.unit.registered import column, entry, named, periods, thing

UNITS = (("id", "integer", "none"), ("unit_id", "text", "none"))
FINE, NOT_ASKED = (Mark.PASS, None), (Mark.NA, None)


# --- REG-01 -----------------------------------------------------------------------------------------------------------


def declared(entries: tuple[Row, ...], **changes: object) -> Test:
    return columns_declared({"column_units": (column(**changes),), "column_entries": entries}, terms())


def test_a_column_that_an_active_entry_names_passes() -> None:
    for entries in ((named(),), (named(column_name="email"),), (named(status="retired"), named(activity_id="ACT-02"))):
        test = declared(entries)
        assert answers(test) == {"A": FINE, "B": FINE}
        assert test.flags == ()


def test_a_column_that_no_entry_names_is_not_in_the_register() -> None:
    test = declared(())
    assert answers(test) == {"A": (Mark.FAIL, "column-undeclared"), "B": NOT_ASKED}
    assert answers(columns_declared({"column_units": (column(),)}, terms())) == answers(test)


def test_a_retired_entry_names_nothing_and_is_mentioned() -> None:
    test = declared((named(status="retired"),))
    assert answers(test)["A"] == (Mark.FAIL, "column-undeclared")
    assert test.flags == ("named-by-retired-entry",)


def test_a_class_that_nobody_knows_is_inconclusive_declared_or_not() -> None:
    for entries, mark in (((named(),), FINE), ((), (Mark.MISSING, "class-unknown"))):
        test = declared(entries, personal_class="unknown", confidence=0)
        assert answers(test) == {"A": mark, "B": (Mark.MISSING, "class-unknown")}
        assert verdict_of(test.answers) is Outcome.INCONCLUSIVE
        assert test.flags == (), "that nothing is known is said already"


def test_a_catalogue_that_could_not_be_read_is_an_error_whoever_names_the_object() -> None:
    unread = column(column_name="*", personal_class="unknown", unreadable="column_name=columns-not-known")
    frames = {
        "column_units": EvidenceFrame("REG-01", "column_units", UNITS, ({**unread, "unit_id": "R1"},), ""),
        "column_entries": EvidenceFrame("REG-01", "column_entries", UNITS, (named(unit_id="R1"),), ""),
    }
    asked = control("AB", frame="column_units", unit="unit_id")
    (result,) = examine(asked, sample("R1"), frames, columns_declared, terms())
    assert (result.verdict, result.reasons) == (Outcome.ERROR, ("columns-not-known",))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("contact",), FINE),
        (("identité", "coordonnées"), FINE),
        (("user.contact.email",), FINE),
        (("données bancaires",), (Mark.FAIL, "class-not-declared")),
        (("system.operations", "identité"), (Mark.FAIL, "class-not-declared")),
        (("données bancaires, divers",), (Mark.MISSING, "categories-unread")),
        (("divers", "identité"), (Mark.MISSING, "categories-unread")),
        ((None,), (Mark.MISSING, "categories-empty")),
        (("à compléter",), (Mark.MISSING, "categories-empty")),
        (("n/a", "divers"), (Mark.MISSING, "categories-unread")),
        ((None, "identité"), (Mark.FAIL, "class-not-declared")),
    ],
)
def test_what_a_column_holds_is_declared_by_one_entry_that_names_it(
    cells: tuple[str | None, ...], expected: tuple[Mark, str | None]
) -> None:
    entries = tuple(named(activity_id=f"ACT-{n}", data_categories=cell) for n, cell in enumerate(cells))
    assert answers(declared(entries)) == {"A": FINE, "B": expected}


def test_the_categories_of_a_retired_entry_do_not_count() -> None:
    entries = (named(data_categories="identité"), named(activity_id="ACT-02", status="retired"))
    assert answers(declared(entries))["B"] == (Mark.FAIL, "class-not-declared")


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"confidence": 69}, "low-confidence"),
        ({"known_before": False}, "new-since-last-look"),
        ({"filled_count": None}, "not-counted"),
    ],
)
def test_what_stands_beside_a_column_changes_no_verdict(changes: dict[str, object], flag: str) -> None:
    test = declared((named(),), **changes)
    assert test.flags == (flag,)
    assert verdict_of(test.answers) is Outcome.PASS
    assert declared((named(),), confidence=70, known_before=None).flags == ()


# --- REG-02 -----------------------------------------------------------------------------------------------------------


def exists(*objects: Row, **changes: object) -> Test:
    return entries_exist({"register_activities": (entry(**changes),), "entry_objects": objects}, terms())


def old(**changes: object) -> Row:
    """Written on the last day before the 24 months."""
    return thing(last_write_at="2024-06-29T08:00:00.000000Z", **changes)


SILENT = {"object": "old", "last_write_at": None}


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ((thing(),), FINE),
        ((thing(last_write_at="2024-06-30T08:00:00.000000Z"),), FINE),
        ((old(), thing(object="lists")), FINE),
        ((thing(**SILENT), thing()), FINE),
        ((thing(row_count=0),), FINE),
        ((old(),), (Mark.FAIL, "no-recent-write")),
        ((old(), old(object="lists", row_count=0)), (Mark.FAIL, "no-recent-write")),
        ((old(row_count=0),), (Mark.FAIL, "empty-and-unused")),
        ((old(row_count=None),), (Mark.FAIL, "no-recent-write")),
        ((thing(**SILENT),), (Mark.MISSING, "last-write-unknown")),
        ((thing(**SILENT, row_count=0),), (Mark.MISSING, "last-write-unknown")),
        ((old(), thing(**SILENT)), (Mark.MISSING, "last-write-unknown")),
        ((thing(), thing(object="gone", object_found=False)), (Mark.FAIL, "object-gone")),
        ((thing(object_found=None),), (Mark.MISSING, "catalogue-unread")),
        ((thing(object_found=None), thing(object="gone", object_found=False)), (Mark.FAIL, "object-gone")),
        ((thing(column_name="email", column_found=True),), FINE),
        ((thing(), thing(column_name="email", column_found=False)), (Mark.FAIL, "column-gone")),
        ((thing(column_name="email"),), (Mark.MISSING, "catalogue-unread")),
        ((), (Mark.MISSING, "no-linked-object")),
    ],
)
def test_an_entry_names_what_exists_and_lives(objects: tuple[Row, ...], expected: tuple[Mark, str | None]) -> None:
    assert answers(exists(*objects)) == {"A": expected, "B": FINE}


def test_the_months_of_a_ghost_are_those_agreed() -> None:
    rows = {"register_activities": (entry(),), "entry_objects": (old(),)}
    parameters = {**terms().parameters, "ghost_months": 25}
    assert answers(entries_exist(rows, terms(parameters=parameters)))["A"] == FINE


@pytest.mark.parametrize(
    ("medium", "note", "objects", "expected"),
    [
        ("paper", "visite-1", (), FINE),
        ("paper", "visite-1", (old(),), FINE),
        ("paper", None, (thing(),), (Mark.MISSING, "no-visit-note")),
        ("paper", "à compléter", (), (Mark.MISSING, "no-visit-note")),
        ("mixed", "visite-1", (), FINE),
        ("mixed", None, (), (Mark.MISSING, "no-visit-note")),
        ("mixed", "visite-1", (old(),), (Mark.FAIL, "no-recent-write")),
        ("mixed", None, (thing(),), FINE),
        ("digital", "visite-1", (), (Mark.MISSING, "no-linked-object")),
    ],
)
def test_what_lies_on_paper_was_seen_by_a_visit(
    medium: str, note: str | None, objects: tuple[Row, ...], expected: tuple[Mark, str | None]
) -> None:
    assert answers(exists(*objects, medium=medium, visit_note_ref=note))["A"] == expected


@pytest.mark.parametrize(
    ("reviewed_on", "mark", "flags"),
    [
        ("2025-06-30", FINE, ()),
        ("2026-06-30", FINE, ()),
        ("2025-06-29", NOT_ASKED, ("review-overdue",)),
        (None, NOT_ASKED, ("never-reviewed",)),
    ],
)
def test_a_review_that_lacks_is_an_observation(
    reviewed_on: str | None, mark: tuple[Mark, str | None], flags: tuple[str, ...]
) -> None:
    test = exists(thing(), reviewed_on=reviewed_on)
    assert answers(test) == {"A": FINE, "B": mark}
    assert test.flags == flags
    assert verdict_of(test.answers) is Outcome.PASS


def test_a_review_after_the_cut_off_is_an_error() -> None:
    test = exists(thing(), reviewed_on="2026-07-01")
    assert answers(test) == {"A": FINE, "B": (Mark.ERROR, "event-in-the-future")}
    assert verdict_of(test.answers) is Outcome.ERROR


# --- REG-03 -----------------------------------------------------------------------------------------------------------


def whole(**changes: object) -> Test:
    return entries_filled({"register_activities": (entry(**changes),)}, terms())


def test_a_whole_entry_passes_in_each_capacity() -> None:
    for capacity in ("controller", "joint_controller"):
        assert answers(whole(capacity=capacity)) == {**dict.fromkeys("ABCDEFG", FINE), "P": NOT_ASKED}
    assert answers(whole(capacity="processor")) == {**dict.fromkeys("ABCDEFG", NOT_ASKED), "P": FINE}


@pytest.mark.parametrize("cell", [None, "", "?", "n/a", "à compléter", "To be completed"])
@pytest.mark.parametrize(
    ("letter", "name"), [(letter, name) for letter, names in article30.CONTROLLER.items() for name in names]
)
def test_an_empty_cell_fails_its_letter_alone(letter: str, name: str, cell: str | None) -> None:
    found = answers(whole(**{name: cell}))
    assert found == {**dict.fromkeys("ABCDEFG", FINE), "P": NOT_ASKED, letter: (Mark.FAIL, EMPTY[name])}


@pytest.mark.parametrize("name", article30.PROCESSOR["P"])
def test_a_processor_fills_its_own_cells_and_no_others(name: str) -> None:
    controllers = dict.fromkeys(("purposes", "subject_categories", "recipient_categories", "erasure_periods"))
    assert answers(whole(capacity="processor", **controllers))["P"] == FINE
    assert answers(whole(capacity="processor", **{name: "?"}))["P"] == (Mark.FAIL, EMPTY[name])


def test_why_there_is_no_period_is_an_answer() -> None:
    why = "No period can be given: the court decides"
    assert answers(whole(erasure_periods=why, security_measures="voir la politique"))["F"] == FINE
    assert answers(whole(erasure_periods="aucun"))["F"] == (Mark.FAIL, "periods-empty")


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"legal_basis": None}, ("legal-basis-empty",)),
        ({"legal_basis": "?"}, ("legal-basis-empty",)),
        ({"legal_basis": None, "capacity": "processor"}, ()),
        ({"third_countries": "États-Unis"}, ("safeguards-not-written",)),
        ({"third_countries": "États-Unis", "transfer_safeguards": "clauses types"}, ()),
        ({"third_countries": None}, ()),
    ],
)
def test_what_article_30_does_not_ask_for_stands_beside_the_verdict(
    changes: dict[str, object], flags: tuple[str, ...]
) -> None:
    assert whole(**changes).flags == flags


@pytest.mark.parametrize("words", sorted(article30.PLACEHOLDERS | article30.NONE))
def test_the_second_reader_knows_every_word_of_an_empty_cell_by_its_beginning(words: str) -> None:
    assert BLANK.match(words)


# --- REG-04 -----------------------------------------------------------------------------------------------------------


def agree(**changes: object) -> Test:
    return periods_agree({"retention_rules": (periods(**changes),)}, terms())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"A": FINE, "B": FINE}),
        ({"configured_keep": "25 months"}, {"A": (Mark.FAIL, "configured-differs"), "B": FINE}),
        ({"notice_keep": "2 years"}, {"A": FINE, "B": (Mark.FAIL, "notice-differs")}),
        ({"configured_keep": "1095 days"}, {"A": (Mark.FAIL, "configured-differs"), "B": FINE}),
        ({"configured_keep": "trois ans"}, {"A": (Mark.MISSING, "period-unreadable"), "B": FINE}),
        ({"notice_keep": "as long as needed"}, {"A": FINE, "B": (Mark.MISSING, "period-unreadable")}),
        ({"configured_keep": None}, {"A": (Mark.MISSING, "period-not-configured"), "B": FINE}),
        ({"configured_keep": None, "schedule": None}, {"A": NOT_ASKED, "B": FINE}),
        ({"notice_keep": None}, {"A": FINE, "B": NOT_ASKED}),
        (
            {"configured_keep": None, "schedule": None, "notice_keep": None},
            {"A": (Mark.MISSING, "no-period-to-compare"), "B": NOT_ASKED},
        ),
        (
            {"configured_keep": None, "notice_keep": None},
            {"A": (Mark.MISSING, "period-not-configured"), "B": NOT_ASKED},
        ),
    ],
)
def test_three_owners_write_one_period(
    changes: dict[str, object], expected: dict[str, tuple[Mark, str | None]]
) -> None:
    test = agree(**changes)
    assert answers(test) == expected
    assert test.flags == (("notice-silent",) if "notice_keep" in changes and changes["notice_keep"] is None else ())


def test_two_unreadable_periods_do_not_agree_however_alike_they_look() -> None:
    assert answers(agree(keep="n/a", configured_keep="n/a"))["A"] == (Mark.MISSING, "period-unreadable")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 year", (12, "months")),
        ("  13  Months ", (13, "months")),
        ("90 days", (90, "days")),
        ("0 days", (0, "months")),
        ("0 years", (0, "months")),
        ("-1 years", None),
        ("1.5 years", None),
        ("٣ years", None),
        ("999999 days", None),
        ("3", None),
        (None, None),
    ],
)
def test_a_period_is_a_whole_number_of_days_months_or_years(text: str | None, expected: tuple[int, str] | None) -> None:
    assert period(text) == expected


@given(st.integers(1, 99))
def test_years_are_months_and_months_are_no_days(years: int) -> None:
    assert period(f"{years} years") == period(f"{12 * years} months")
    assert period(f"{30 * years} days") != period(f"{years} months")
