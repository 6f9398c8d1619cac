"""What a traced statement reads of a table: no column missed, and what cannot be read is said to be so."""

from __future__ import annotations

import pytest

from evidence_kit.edges.traced import columns_read

COLUMNS = ("id", "Email", "first_name", "city", "created_at", "data")
EVERY = dict.fromkeys(COLUMNS, "given")


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("SELECT c.email, $1 FROM app.contacts c WHERE c.city = $2", {"Email": "given", "city": "chosen"}),
        (
            "SELECT email FROM contacts JOIN lists l ON l.id = contacts.id WHERE created_at > now() - interval $1",
            {"Email": "given", "id": "chosen", "created_at": "chosen"},
        ),
        ("SELECT l.email FROM lists l JOIN contacts c ON c.id = l.contact_id", {"id": "chosen"}),
        (
            'SELECT "contacts"."first_name" FROM "app"."contacts" ORDER BY "contacts"."city"',
            {"first_name": "given", "city": "chosen"},
        ),
        ("SELECT email FROM contacts WHERE id IN ($1 /*, ... */)", {"Email": "given", "id": "chosen"}),
        ("SELECT data ->> $1 FROM contacts", {"data": "given"}),
        ("SELECT count(*) FROM contacts", {}),
        ("SELECT x.email FROM (SELECT email, city FROM contacts) x", {"Email": "given", "city": "given"}),
        ("SELECT l.id FROM lists l WHERE EXISTS (SELECT $1 FROM contacts c WHERE c.id = l.id)", {"id": "chosen"}),
        ("INSERT INTO queue SELECT email FROM contacts", {"Email": "given"}),
        ("DECLARE cur CURSOR WITH HOLD FOR SELECT email FROM contacts", {"Email": "given"}),
        ("COPY contacts (email, city) TO STDOUT", {"Email": "given", "city": "given"}),
        ("COPY contacts FROM STDIN", {}),
        ("INSERT INTO contacts (email) VALUES ($1)", {}),
        ("SELECT email FROM other.contacts", {}),
        ("SELECT email FROM contacts_old", {}),
        ("BEGIN", {}),
    ],
)  # fmt: skip
def test_columns_that_are_given_out_and_that_only_choose(statement: str, read: dict[str, str]) -> None:
    found = columns_read(statement, "app.contacts", COLUMNS)
    assert (dict(found.read), found.parsed, found.whole) == (read, True, False)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM contacts WHERE id = $1",
        "SELECT c.* FROM contacts c, lists l",
        "SELECT row_to_json(c) FROM contacts c",
        "WITH a AS (SELECT * FROM contacts) SELECT a.email FROM a",
        "COPY contacts TO STDOUT",
        "TABLE contacts",
    ],
)
def test_a_row_given_whole_gives_every_column(statement: str) -> None:
    found = columns_read(statement, "contacts", COLUMNS)
    assert found.whole
    assert found.read == EVERY


@pytest.mark.parametrize(
    "statement",
    [
        None,
        " ",
        "<insufficient privilege>",
        "SELECT email FROM contacts WHERE (",
        "SELECT email FROM contacts WHERE city = 'Par",
        "EXPLAIN SELECT email FROM contacts",
        "SELECT " + "(" * 5000 + "1 FROM contacts",
        "SELECT email FROM contacts WHERE id IN (" + "1," * 60_000 + "1)",
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(statement: str | None) -> None:
    found = columns_read(statement, "contacts", COLUMNS)
    assert not found.parsed
    assert found.read == {}


def test_what_cannot_be_read_is_written_to_no_log(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    columns_read("EXPLAIN SELECT email FROM contacts WHERE email = 'ana@exemple.example'", "contacts", COLUMNS)
    said = capfd.readouterr()
    assert "ana@" not in said.err + said.out + caplog.text
