"""Messages are linked with the case of the same person that lies nearest, or with none; what is stated stays."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest

from evidence_kit.edges import linking
from evidence_kit.edges.relations import Relation

ZONE = "Europe/Paris"
MESSAGE = ("message_key", "mailbox", "folder", "received_at", "sender_key", "is_rights_request", "right_invoked")
Letters = Sequence[tuple[object, ...]]


def message(
    key: str,
    sender: str | None,
    at: str | None,
    right: str | None = "access",
    *,
    states: str | None = None,
    asks: bool | None = True,
    folder: str = "inbox",
) -> tuple[object, ...]:
    return (key, "dpo", folder, at, sender, asks, right, states)


def case(
    name: str, person: str | None, at: str | None, right: str | None = "access", status: str = "open"
) -> tuple[object, ...]:
    return (name, person, at, right, status)


class Room:
    """The two relations inside one engine, as the mappings make them."""

    def __init__(self, letters: Letters, cases: Letters, kind: str = "instant") -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        type_ = "TIMESTAMPTZ" if kind == "instant" else "DATE"
        self.connection.execute(
            "CREATE TABLE frame_mailbox_messages (message_key VARCHAR, mailbox VARCHAR, folder VARCHAR, "
            f"received_at {type_}, sender_key VARCHAR, is_rights_request BOOLEAN, right_invoked VARCHAR, "
            "request_id VARCHAR)"
        )
        self.connection.execute(
            f"CREATE TABLE frame_request_log (request_id VARCHAR, subject_key VARCHAR, received_at {type_}, "
            "right_invoked VARCHAR, status VARCHAR)"
        )
        for table, rows in (("frame_mailbox_messages", letters), ("frame_request_log", cases)):
            if rows:
                holes = ", ".join("?" * len(rows[0]))
                self.connection.executemany(f"INSERT INTO {table} VALUES ({holes})", rows)
        kinds = {"received_at": kind}
        self.messages = Relation("mailbox_messages", "frame_mailbox_messages", kinds, "", ("mailbox",))
        self.log = Relation("request_log", "frame_request_log", kinds, "", ("desk",))

    def links(self, days: int = 7) -> list[tuple[object, ...]]:
        linking.link(self.connection, self.messages, self.log, days, ZONE)
        return self.connection.execute("SELECT * FROM ek_links").fetchall()

    def filled(self) -> list[tuple[object, ...]]:
        return self.connection.execute(
            "SELECT message_key, folder, request_id FROM frame_mailbox_messages ORDER BY ALL"
        ).fetchall()


def links(letters: Letters, cases: Letters, days: int = 7) -> list[tuple[object, ...]]:
    return Room(letters, cases).links(days)


AT = "2026-03-10 09:00:00+00"


def test_a_message_is_linked_with_the_case_of_the_same_person() -> None:
    room = Room([message("m1", "Agathe@Example.org ", AT)], [case("R1", " agathe@example.ORG", "2026-03-12 09:00+00")])
    assert room.links() == [("m1", "R1", "found", 2, True)]
    assert room.filled() == [("m1", "inbox", "R1")]


def test_one_spelling_of_two_is_one_person() -> None:
    assert len(links([message("m1", "e\u0301lo@x", AT)], [case("R1", "\u00e9lo@x", AT)])) == 1


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2026-03-17 22:59:59+00", True),  # the seventh day, in Paris
        ("2026-03-17 23:00:00+00", False),  # there, the eighth has begun
        ("2026-03-02 23:00:00+00", True),
        ("2026-03-02 22:59:59+00", False),
    ],
)
def test_days_are_those_of_the_zone_before_and_after(at: str, found: bool) -> None:
    assert bool(links([message("m1", "a@x", AT)], [case("R1", "a@x", at)])) is found


def test_days_of_a_source_that_keeps_no_time() -> None:
    room = Room([message("m1", "a@x", "2026-03-10")], [case("R1", "a@x", "2026-03-17")], kind="date")
    assert room.links() == [("m1", "R1", "found", 7, True)]


def test_the_nearest_then_the_living_then_the_first_by_name() -> None:
    near, far = "2026-03-11 09:00+00", "2026-03-13 09:00+00"
    assert links([message("m1", "a@x", AT)], [case("R1", "a@x", far), case("R2", "a@x", near)])[0][1] == "R2"
    void = case("R1", "a@x", near, status="void")
    assert links([message("m1", "a@x", AT)], [void, case("R2", "a@x", near)])[0][1] == "R2"
    two = [case("R3", "a@x", near), case("R2", "a@x", near)]
    assert links([message("m1", "a@x", AT)], two)[0][1] == "R2"
    assert links([message("m1", "a@x", AT)], [*two, case("R1", "a@x", "2026-03-09 09:00+00")])[0][1] == "R1"


def test_a_reminder_goes_to_the_same_case() -> None:
    found = links([message("m1", "a@x", AT), message("m2", "a@x", "2026-03-14 09:00+00")], [case("R1", "a@x", AT)])
    assert found == [("m1", "R1", "found", 0, True), ("m2", "R1", "found", 4, True)]


@pytest.mark.parametrize(
    ("asked", "logged", "found"),
    [
        ("access", "erasure", False),
        ("access", "access", True),
        ("unknown", "erasure", True),
        (None, "erasure", True),
        ("access", "unknown", True),
        ("access", None, True),
    ],
)
def test_another_right_is_another_case_unless_one_is_unknown(asked: str, logged: str, found: bool) -> None:
    assert bool(links([message("m1", "a@x", AT, asked)], [case("R1", "a@x", AT, logged)])) is found


def test_what_is_stated_stays_and_is_told_apart_where_no_log_has_it() -> None:
    letters = [message("m1", "a@x", AT, states="R1"), message("m2", "a@x", AT, states="R9", asks=None)]
    room = Room(letters, [case("R1", "b@x", "2026-04-10 09:00+00", "erasure"), case("R2", "a@x", AT)])
    assert room.links() == [("m1", "R1", "stated", 31, True), ("m2", "R9", "stated", None, False)]
    assert room.filled() == [("m1", "inbox", "R1"), ("m2", "inbox", "R9")]


@pytest.mark.parametrize("asks", [False, None])
def test_what_asks_for_nothing_is_not_linked(asks: bool | None) -> None:
    assert links([message("m1", "a@x", AT, asks=asks)], [case("R1", "a@x", AT)]) == []


@pytest.mark.parametrize(("sender", "at"), [(None, AT), ("", AT), ("  ", AT), ("a@x", None)])
def test_nobody_and_no_day_match_nothing(sender: str | None, at: str | None) -> None:
    assert links([message("m1", sender, at)], [case("R1", sender, at), case("R2", None, None)]) == []


def test_one_message_in_two_folders_has_one_link_and_both_rows_are_filled() -> None:
    room = Room([message("m1", "a@x", AT), message("m1", "A@X", AT, folder="spam")], [case("R1", "a@x", AT)])
    assert room.links() == [("m1", "R1", "found", 0, True)]
    assert room.filled() == [("m1", "inbox", "R1"), ("m1", "spam", "R1")]


def test_a_copy_that_states_nothing_has_the_case_of_the_one_that_does() -> None:
    room = Room([message("m1", "a@x", AT, states="R1"), message("m1", "a@x", AT, folder="spam")], [])
    assert room.links() == [("m1", "R1", "stated", None, False)]
    assert room.filled() == [("m1", "inbox", "R1"), ("m1", "spam", "R1")]


@pytest.mark.parametrize("states", [None, "R1"])
def test_a_borrowed_identifier_hides_no_request(states: str | None) -> None:
    """Two senders under one Message-ID are two messages: what was not stated for one stays open."""
    letters = [message("m1", "a@x", AT, states=states), message("m1", "b@x", AT, folder="spam")]
    room = Room(letters, [case("R1", "a@x", AT)])
    room.links()
    assert room.filled() == [("m1", "inbox", states), ("m1", "spam", None)]


def test_the_rule_and_its_days_stand_with_the_messages() -> None:
    room = Room([message("m1", "a@x", AT)], [case("R1", "a@x", AT)])
    told = linking.link(room.connection, room.messages, room.log, 3, ZONE).sql
    assert "BETWEEN l.day - 3 AND l.day + 3" in told
    for statement in told.split(";\n"):  # what is told is what ran: asked again, nothing changes
        room.connection.execute(statement)
    assert room.filled() == [("m1", "inbox", "R1")]
