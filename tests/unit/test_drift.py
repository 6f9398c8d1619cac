"""Names in prose, and a register held against a schema: what counts as a mention, and what does not."""

from __future__ import annotations

import pytest

from evidence_kit.model.register import Activity, Register, Stored
from evidence_kit.rules.drift import drift
from evidence_kit.rules.mentions import Mention, Names, mentions

SCHEMA = {
    "crm.contact": ["id", "email", "last_seen_at", "owner_id"],
    "crm.order_line": ["id", "contact_id", "owner_id", "title"],
    "audit_log": ["id", "level", "ip_hash"],
}
NAMES = Names.of(SCHEMA, {"crm.contact": ["fax_number"], "crm.old_lead": ["id", "Score"]})


def said(*texts: str) -> set[str]:
    return {f"{one.table}.{one.column}" if one.column else one.table for one in mentions(texts, NAMES).mentions}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rows of crm.order_line.", {"crm.order_line"}),
        ("CRM.Contact.EMAIL is kept", {"crm.contact.email"}),
        ("order_line rows, and contact.fax_number", {"crm.order_line", "crm.contact.fax_number"}),
        ("contact.nickname was asked for", {"crm.contact.nickname"}),
        ("crm.visit, long gone", {"crm.visit"}),
        ("their last_seen_at", {"crm.contact.last_seen_at"}),
        ("the last seen at, the IP hash", {"crm.contact.last_seen_at", "audit_log.ip_hash"}),
        ("Audit logging, old leads", {"audit_log", "crm.old_lead"}),
        ("order lines (owner_id)", {"crm.order_line", "crm.order_line.owner_id"}),
        ("the table contact and `audit_log`", {"crm.contact", "audit_log"}),
        ("column email, field level", {"crm.contact.email", "audit_log.level"}),
        ("a contact, their email, its title and level", set()),
        ("contacting the old leader of auditing logistics", set()),
        ("e.g. www.example.org, v1.2, contact.", set()),
        ("contact idea, ip hashish", set()),
    ],
)
def test_what_a_text_names(text: str, found: set[str]) -> None:
    assert said(text) == found


def test_a_column_of_several_tables_is_of_the_one_named_nearby() -> None:
    assert said("owner_id of an order_line") == {"crm.order_line", "crm.order_line.owner_id"}
    assert said("order_line", "owner_id") == {"crm.order_line", "crm.order_line.owner_id"}
    both = mentions(["owner_id"], NAMES)
    assert (both.mentions, both.unsettled) == (frozenset(), {"owner_id"})
    assert mentions(["the owner id"], NAMES).unsettled == frozenset()


def test_words_written_like_names_that_no_schema_has_are_told_apart() -> None:
    read = mentions(["can_manage_leads in crm.contact"], NAMES)
    assert (read.strange, read.mentions) == ({"can_manage_leads"}, {Mention("crm.contact", None, True)})


def test_an_entry_with_objects_is_taken_at_them_and_not_read_as_prose() -> None:
    entry = Activity("1", "Audit logging", objects=(Stored("db", "CRM.Contact", ("Email",)),))
    found = drift(Register((entry,), prose=True), SCHEMA)
    assert [(one.table, one.column) for one in found.columns if one.declared] == [("crm.contact", "email")]
    assert found.gone == ()


def test_a_retired_entry_declares_nothing() -> None:
    entry = Activity("1", "x", objects=(Stored("db", "audit_log"),), status="retired")
    assert not any(one.declared for one in drift(Register((entry,)), SCHEMA).columns)


def test_a_whole_object_declares_new_columns_and_never_hides_a_gone_one() -> None:
    entries = (
        Activity("1", "x", objects=(Stored("db", "audit_log"),)),
        Activity("2", "y", objects=(Stored("db", "audit_log", ("ip_hash", "user_hash")),)),
    )
    found = drift(Register(entries), SCHEMA, {"audit_log": ["id", "ip_hash", "user_hash"]})
    log = {one.column: (one.activities, one.whole, one.new) for one in found.columns if one.table == "audit_log"}
    assert log == {"id": (("1",), True, False), "level": (("1",), True, True), "ip_hash": (("2",), False, False)}
    (gone,) = found.gone
    assert (gone.table, gone.column, gone.activities, gone.earlier) == ("audit_log", "user_hash", ("2",), True)
    assert found.dropped == (("audit_log", "user_hash"),)


def test_sources_chosen_leave_out_what_lies_elsewhere() -> None:
    entry = Activity("1", "x", objects=(Stored("db", "audit_log"), Stored("archive", "boxes")))
    register = Register((entry,))
    assert [one.table for one in drift(register, SCHEMA).gone] == ["boxes"]
    assert drift(register, SCHEMA, sources=["db"]).gone == ()
    by_source = drift(register, {"db.audit_log": ["id"], "db.boxes": ["id"]}, by_source=True)
    assert [(one.table, one.declared) for one in by_source.columns] == [("db.audit_log", True), ("db.boxes", False)]
    assert [one.table for one in by_source.gone] == ["archive.boxes"]


def test_a_path_into_a_document_is_its_column() -> None:
    entry = Activity("1", "x", objects=(Stored("db", "audit_log", ("level.name", "gone.name")),))
    found = drift(Register((entry,)), SCHEMA)
    assert [(one.column, one.declared) for one in found.columns if one.table == "audit_log"] == [
        ("id", False),
        ("level", True),
        ("ip_hash", False),
    ]
    assert [one.column for one in found.gone] == ["gone.name"]
