"""Columns that hold their text wrapped. The sessions were made by Django 5.2.19 itself and are written down here."""

from __future__ import annotations

import base64
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from evidence_kit.edges import unwrapping
from evidence_kit.edges.params.mappings import ObjectForm
from evidence_kit.edges.unwrapping import FORMS, MOST, lost, register, unwrapped
from evidence_kit.model.audit import LiveObject, Place
from tests.edges.erased import Session, base, erasure

# django.core.signing.dumps(value, salt="django.contrib.sessions.SessionStore", serializer=JSONSerializer, compress=…)
VISITOR = {"_auth_user_id": "7", "email": "jo@bücher.example"}
IMPORT = {"addresses": {f"reader{n}@example.test": f"Reader {n}" for n in range(8)}, "newsletter_pk": 1}
MADE = {
    "too short to gain": (
        VISITOR,
        "eyJfYXV0aF91c2VyX2lkIjoiNyIsImVtYWlsIjoiam9AYlx1MDBmY2NoZXIuZXhhbXBsZSJ9"
        ":1vwz8C:qgoYorjbKR5HdO2uuhw0v1xOt7aMNVua8i05787JQLY",
    ),
    "compress=True": (
        IMPORT,
        ".eJx1yksKgzAUBdCtlDuWkhg_kJFr6AZKIHfUWCQvUEHcuyDlzd70cA6knCtFKIgHKlNmdQv3tG6Fz0ZpiHjd_HDo_sMbw-vojdHrCMYIOgZjDDpG"
        "Y4w6JmNMOmZjzDg7fPmTwtZY39sH0Z8XxTxnCw:1vwz8C:yKZXrh7X4SkD8JtN8gBf2iC1DYyeDLVF8YoKo0jRADY",
    ),
    "compress=False": (
        IMPORT,
        "eyJhZGRyZXNzZXMiOnsicmVhZGVyMEBleGFtcGxlLnRlc3QiOiJSZWFkZXIgMCIsInJlYWRlcjFAZXhhbXBsZS50ZXN0IjoiUmVhZGVyIDEiLCJyZWFk"
        "ZXIyQGV4YW1wbGUudGVzdCI6IlJlYWRlciAyIiwicmVhZGVyM0BleGFtcGxlLnRlc3QiOiJSZWFkZXIgMyIsInJlYWRlcjRAZXhhbXBsZS50ZXN0Ijoi"
        "UmVhZGVyIDQiLCJyZWFkZXI1QGV4YW1wbGUudGVzdCI6IlJlYWRlciA1IiwicmVhZGVyNkBleGFtcGxlLnRlc3QiOiJSZWFkZXIgNiIsInJlYWRlcjdA"
        "ZXhhbXBsZS50ZXN0IjoiUmVhZGVyIDcifSwibmV3c2xldHRlcl9wayI6MX0"
        ":1vwz8C:PtAySHdcUGCd96wsrFiJDd3Hy5VAF_meV9VnowZzzMs",
    ),
    "before Django 3.1": (VISITOR, base64.b64encode(b"0" * 40 + b":" + json.dumps(VISITOR).encode()).decode()),
    "empty": ({}, "e30:1vwz8C:H8Ie_fUP2wWrxZ1eSWPF_QskO-tNDjzg796ldKplxSg"),
}


@pytest.mark.parametrize(("value", "stored"), MADE.values(), ids=MADE)
def test_a_session_as_django_stores_it(value: object, stored: str) -> None:
    inside = unwrapped("django-session", stored)
    assert inside is not None
    assert json.loads(inside) == value


@pytest.mark.parametrize(
    ("form", "stored", "inside"),
    [
        ("base64", "am9AZXhhbXBsZS50ZXN0", "jo@example.test"),
        ("base64", "w6/Dvj4/", "ïþ>?"),
        ("base64", "am9A\r\n ZXhhbXBs\nZS50ZXN0\n", "jo@example.test"),
        ("base64", "w6k=", "é"),
        ("base64", "w6k", "é"),
        ("base64", "", ""),
        ("base64url", "w6_Dvj4_", "ïþ>?"),
        ("base64url", "w6k=", "é"),
    ],
)
def test_base64_as_it_is_met(form: str, stored: str, inside: str) -> None:
    assert unwrapped(form, stored) == inside


SESSION = MADE["compress=True"][1]
NOT_OF_THE_FORM = {
    "plain text": ("base64", "jo@example.test"),
    "the other alphabet": ("base64", "w6_Dvj4_"),
    "the other alphabet, too": ("base64url", "w6/Dvj4/"),
    "one letter left over": ("base64", "am9AZ"),
    "padding in the middle": ("base64", "w6k=w6k="),
    "letters that are no ASCII": ("base64", "\uff41\uff4d\uff19\uff21"),
    "bytes that are no text": ("base64", "gICA"),
    "no signature": ("django-session", SESSION.rpartition(":")[0]),
    "empty signature": ("django-session", SESSION.rpartition(":")[0] + ":"),
    "a part too many": ("django-session", SESSION + ":x"),
    "nothing": ("django-session", ""),
    "base64 without digest": ("django-session", "e30="),
    "base64 of an empty digest": ("django-session", "Ont9"),
    "cut short": ("django-session", SESSION[:60] + ":1vwz8C:x"),
    "not compressed": ("django-session", ".e30:1vwz8C:x"),
    "compressed, and no dot": ("django-session", SESSION[1:]),
}


@pytest.mark.parametrize(("form", "stored"), NOT_OF_THE_FORM.values(), ids=NOT_OF_THE_FORM)
def test_what_is_not_of_the_form_is_null(form: str, stored: str) -> None:
    assert unwrapped(form, stored) is None


def _session(inside: bytes) -> str:
    return "." + base64.urlsafe_b64encode(zlib.compress(inside, 9)).decode().rstrip("=") + ":1vwz8C:signature"


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwrapping, "MOST", 1024 * 1024)
    bomb = _session(b"x" * (64 * 1024 * 1024))
    tracemalloc.start()
    try:
        assert unwrapped("django-session", bomb) is None
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("size", "there"), [(MOST, True), (MOST + 1, False)])
def test_the_largest_cell(size: int, there: bool) -> None:
    assert (unwrapped("django-session", _session(b"x" * size)) is not None) is there


def test_what_is_too_long_to_begin_with_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwrapping, "MOST", 8)
    assert unwrapped("base64", "w6nDqcOp") == "ééé"
    assert unwrapped("base64", "w6nDqcOpw6k=") is None
    assert unwrapped("base64", "é" * 5) is None


def test_more_behind_the_end_of_the_packed_text_is_not_passed_over() -> None:
    packed = base64.urlsafe_b64encode(zlib.compress(b"first") + zlib.compress(b"jo@example.test")).decode()
    assert unwrapped("django-session", f".{packed.rstrip('=')}:1vwz8C:signature") is None


@pytest.fixture
def session() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        register(connection)
        register(connection)
        connection.execute("CREATE TABLE kept (id INTEGER, session_data VARCHAR)")
        stored = [MADE["compress=True"][1], None, MADE["compress=False"][1], "rubbish", "", MADE["empty"][1]]
        connection.executemany("INSERT INTO kept VALUES (?, ?)", [*enumerate(stored)])
        yield connection


def test_the_engine_unwraps_in_place_of_the_column(session: duckdb.DuckDBPyConnection) -> None:
    rows = session.execute(
        "SELECT id FROM kept WHERE ek_unwrap('django-session', session_data) LIKE '%reader7@example.test%' ORDER BY id"
    ).fetchall()
    assert rows == [(0,), (2,)]


def test_what_was_not_unwrapped_is_counted_and_empty_cells_are_not(session: duckdb.DuckDBPyConnection) -> None:
    count = lost("django-session", "session_data")
    assert session.execute(f"SELECT {count} FROM kept").fetchone() == (2,)
    assert session.execute(f"SELECT {count} FROM kept WHERE id < 3").fetchone() == (0,)


def test_a_form_that_nobody_knows_is_refused(session: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(KeyError):
        unwrapped("rot13", "wb@rknzcyr.grfg")
    with pytest.raises(KeyError):
        lost("rot13", "session_data")
    with pytest.raises(duckdb.Error):
        session.execute("SELECT ek_unwrap('rot13', session_data) FROM kept").fetchall()


def test_every_form_of_a_mapping_is_there() -> None:
    (words,) = ObjectForm.model_json_schema()["properties"]["decoded"]["patternProperties"].values()
    assert set(words["enum"]) == set(FORMS)


@pytest.mark.parametrize(("third", "seen"), [("rubbish", False), (MADE["empty"][1], True)])
def test_where_a_cell_stays_wrapped_nobody_s_absence_is_proved(tmp_path: Path, third: str, seen: bool) -> None:
    mails = [json.dumps({"mail": mail}).encode() for mail in ("ana@x.example", "canary@x.example")]
    stored = [*map(_session, mails), third]
    path = base(tmp_path / "crm.duckdb", f"CREATE TABLE kept AS SELECT unnest({stored!r}) AS session_data")
    found = Session(
        path,
        [erasure("E1", "ana@x.example"), erasure("E2", "zoe@x.example")],
        objects=[LiveObject("kept", "rowid", {}, decoded={"session_data": "django-session"})],
        places=[Place("crm.kept", canary="canary-1")],
        subject_keys=[("canary-1", "email", "canary@x.example")],
    ).probed()
    states = {case: (row["state"], row["positive_control"]) for (case, _), row in found.items()}
    assert states == {"E1": ("present", seen), "E2": ("absent", seen)}
