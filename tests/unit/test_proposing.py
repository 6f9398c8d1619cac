"""Which table may give which frame: by names and types, and never by making something up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model.evidence import FRAMES
from evidence_kit.rules.proposing import Found, Table, proposals, row_key

DESK = Table(
    "desk",
    "demandes_rgpd",
    (
        Found("id", "integer"),
        Found("type", "varchar"),
        Found("email", "varchar", "contact", ("name-email",)),
        Found("received_at", "timestamp"),
        Found("answered_at", "timestamp"),
        Found("due_date", "date"),
        Found("state", "varchar"),
    ),
)
VENDORS = Table(
    "base",
    "vendors",
    (
        Found("vendor_id", "integer"),
        Found("name", "varchar"),
        Found("risk_tier", "varchar"),
        Found("review_months", "integer"),
        Found("status", "varchar"),
        Found("signed_on", "date"),
    ),
)
SHOP = Table("shop", "Invoice", (Found("InvoiceId", "integer"), Found("InvoiceDate", "datetime")))


def chosen(table: Table, frame: str) -> dict[str, str | None]:
    (one,) = [each for each in proposals([table]) if each.frame == frame]
    return {choice.column.name: choice.chosen.name if choice.chosen else None for choice in one.choices}


def test_a_log_is_found_under_a_french_name_and_each_column_by_its_meaning() -> None:
    found = chosen(DESK, "request_log")
    assert (found["request_id"], found["right_invoked"], found["subject_key"]) == ("id", "type", "email")
    assert (found["received_at"], found["responded_at"], found["due_given_on"]) == (
        "received_at",
        "answered_at",
        "due_date",
    )
    assert found["status"] == "state"
    assert found["acknowledged_at"] is None, "nothing looks like it, so nothing is proposed"


def test_what_no_column_says_is_stated_and_marked_never_filled() -> None:
    (one,) = proposals([DESK])
    stated = {choice.column.name: choice.stated for choice in one.choices if choice.stated}
    assert stated == {"capacity": "controller", "channel": "unknown"}


def test_a_table_that_lacks_what_cannot_be_empty_is_not_proposed() -> None:
    without = Table(VENDORS.source, VENDORS.name, tuple(one for one in VENDORS.columns if one.name != "risk_tier"))
    assert [one.frame for one in proposals([VENDORS])] == ["processors"]
    assert proposals([without]) == ()
    assert proposals([SHOP]) == ()


def test_a_day_never_fills_a_word_and_a_word_no_day() -> None:
    odd = Table(
        "desk", "tickets", (Found("id", "integer"), Found("type", "timestamp"), Found("received_at", "boolean"))
    )
    assert proposals([odd]) == ()


def test_one_frame_is_given_once_and_by_the_table_that_fills_most() -> None:
    poorer = Table("desk", "old_requests", DESK.columns[:2] + DESK.columns[-1:])
    kept = [one for one in proposals([poorer, DESK]) if one.frame == "request_log"]
    assert [one.table.name for one in kept] == ["demandes_rgpd"]


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        (("CustomerId", "InvoiceId"), "InvoiceId"),
        (("id", "customer_id"), "id"),
        (("CustomerId", "Total"), "CustomerId"),
        (("Total",), None),
    ],
)
def test_what_tells_rows_apart(columns: tuple[str, ...], key: str | None) -> None:
    found = row_key(Table("shop", "Invoice", tuple(Found(name, "integer") for name in columns)))
    assert (found.name if found else None) == key


NAMES = st.sampled_from([column.name for spec in FRAMES.values() for column in spec.columns] + ["id", "email", "état"])


@given(
    name=st.sampled_from(["requests", "erasure_log", "vendors", "campaigns", "backups", "jobs", "messages"]),
    columns=st.lists(
        st.tuples(NAMES, st.sampled_from(["integer", "varchar", "date", "timestamp"])), unique_by=lambda one: one[0]
    ),
)
def test_every_proposal_is_whole_and_uses_a_column_once(name: str, columns: list[tuple[str, str]]) -> None:
    for one in proposals([Table("base", name, tuple(Found(*each) for each in columns))]):
        assert {choice.column.name for choice in one.choices} == {
            column.name for column in FRAMES[one.frame].columns if not column.computed
        }
        filled = [c for c in one.choices if c.chosen is not None and c.column.pseudonym != "message"]
        names = [c.chosen.name for c in filled if c.chosen]
        assert len(names) == len(set(names))
        assert all(c.column.nullable or c.chosen or c.stated for c in one.choices)
