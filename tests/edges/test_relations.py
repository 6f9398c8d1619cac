"""A mapped source as a canonical frame: what can be read is typed, what cannot is named, and nothing is dropped."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit.edges import opening, relations
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import Mapped
from evidence_kit.rules.instants import Refused, local_day
from tests.edges.desks import frame_of, mapping, plain, write_csv

SECRET = "agathe.longuepine@cachet-cire.example"
ID = plain("request_id")


def read_one(tmp_path: Path, text: str | None, mapped: Mapped, **said: str) -> tuple[object, object]:
    """The typed value of one stored text, and what `unreadable` says of its row."""
    path = write_csv(tmp_path / "log.csv", [["R1", text]], ["request_id", "stored"])
    (row,) = frame_of(path, {**ID, mapped.column: mapped}, **said)
    return row[mapped.column], row["unreadable"]


def stamped(**form: object) -> Mapped:
    return Mapped("received_at", sql="stored", **form)  # type: ignore[arg-type]


# --- instants ---------------------------------------------------------------------------------------------------------

INSTANTS = {
    "2026-03-02T09:30:00": "2026-03-02 08:30:00+00",  # the mapping's zone is Paris
    "2026-07-02 09:30:00": "2026-07-02 07:30:00+00",
    "2026-03-02T09:30": "2026-03-02 08:30:00+00",
    "2026-03-02T09:30:00Z": "2026-03-02 09:30:00+00",
    "2026-03-02T09:30:00+05:30": "2026-03-02 04:00:00+00",
    "2026-03-02T09:30:00+0530": "2026-03-02 04:00:00+00",
    "2026-03-02 09:30:00-08": "2026-03-02 17:30:00+00",
    "2026-03-02T09:30:00.123456Z": "2026-03-02 09:30:00.123456+00",
    "2026-10-25T02:30:00": "2026-10-25 01:30:00+00",  # twice: both readings fall on the same day
}
UNREADABLE = (
    *("2023-02-30T10:00:00", "02/03/2026", "2026-3-2T09:30:00", "2026-03-02", "2026-03-02T25:00:00", "soon", " "),
    *("2026-03-02T09:30:00 Europe/Paris", "2026-03-02T09:30:00+99:00", "infinity", "epoch", "20260302", "2026-061"),
    "2026-03-02T09:30:00; DROP TABLE requests",
)


@pytest.mark.parametrize("text", INSTANTS)
def test_an_instant_is_read_in_the_zone_of_its_source(tmp_path: Path, text: str) -> None:
    assert read_one(tmp_path, text, stamped()) == (INSTANTS[text], None)


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_text_that_is_no_instant_is_named_and_never_guessed(tmp_path: Path, text: str) -> None:
    assert read_one(tmp_path, text, stamped()) == (None, "received_at=unreadable-date")


def test_an_offset_in_a_format_is_kept(tmp_path: Path) -> None:
    both = stamped(format=("%d/%m/%Y %H:%M %z", "%d/%m/%Y %H:%M"))
    assert read_one(tmp_path, "02/03/2026 09:30 +0530", both) == ("2026-03-02 04:00:00+00", None)
    assert read_one(tmp_path, "02/03/2026 09:30", both) == ("2026-03-02 08:30:00+00", None)  # of the mapping's zone
    alone = stamped(format=("%d/%m/%Y %H:%M %z",))
    assert read_one(tmp_path, "02/03/2026 09:30", alone) == (None, "received_at=unreadable-date")


def test_a_time_without_offset_where_no_zone_is_known_is_named(tmp_path: Path) -> None:
    unknown = (None, "received_at=unknown-time-zone")
    zoneless: dict[str, object] = {"timezone": None}
    for form in ({}, {"not_before": date(2000, 1, 1)}):
        assert read_one(tmp_path, "2026-03-02T09:30:00", stamped(**form), **zoneless) == unknown  # type: ignore[arg-type]
    assert read_one(tmp_path, "02/03/2026 09:30", stamped(format=("%d/%m/%Y %H:%M",)), **zoneless) == unknown  # type: ignore[arg-type]
    with_offset = read_one(tmp_path, "2026-03-02T09:30:00Z", stamped(), **zoneless)  # type: ignore[arg-type]
    assert with_offset == ("2026-03-02 09:30:00+00", None)
    for text in UNREADABLE:
        assert read_one(tmp_path, text, stamped(), **zoneless) == (None, "received_at=unreadable-date")  # type: ignore[arg-type]


def test_nothing_stored_is_nothing_and_not_an_error(tmp_path: Path) -> None:
    assert read_one(tmp_path, None, stamped()) == (None, None)


@pytest.mark.parametrize(
    ("text", "zone"),
    [("2026-03-29T02:30:00", "Europe/Paris"), ("2026-03-08 02:30:00", "America/New_York")],
)
def test_a_local_time_that_the_clocks_skipped_is_an_error_of_its_own(tmp_path: Path, text: str, zone: str) -> None:
    value, unreadable = read_one(tmp_path, text, stamped(), timezone=zone)
    assert value is None
    assert str(unreadable).startswith("received_at=local-time-does-not-exist")
    assert read_one(tmp_path, text + "Z", stamped(), timezone=zone)[1] is None


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2040, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
    st.sampled_from(["Europe/Paris", "America/Toronto", "Australia/Lord_Howe", "UTC"]),
)
def test_every_local_time_falls_on_the_day_that_the_rule_says(moment: datetime, zone: str) -> None:
    """The engine's zone data against Python's: two readers of the same table."""
    text = moment.isoformat(timespec="seconds")
    source = mapping({"request_log": {"received_at": Mapped("received_at", sql="stored")}}, timezone=zone)
    connection = SESSION
    connection.execute("CREATE SCHEMA IF NOT EXISTS requests")
    connection.execute("CREATE OR REPLACE TABLE requests.requests AS SELECT ? AS stored", [text])
    relations.relate(connection, "request_log", [source], {})
    ((value,),) = connection.execute(
        "SELECT strftime(timezone('UTC', received_at), '%Y-%m-%dT%H:%M:%SZ') FROM main.frame_request_log"
    ).fetchall()
    try:
        expected = local_day(text, zone)
    except Refused:
        assert value is None
        return
    assert local_day(value, zone) == expected


SESSION = duckdb.connect()
SESSION.execute("SET TimeZone = 'UTC'")


# --- days, formats, bounds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [("2026-03-02", date(2026, 3, 2)), ("2023-02-30", None), ("02/03/2026", None), ("2026-03-02T00:00:00", None)],
)
def test_a_day_is_a_day_and_nothing_else(tmp_path: Path, text: str, value: date | None) -> None:
    found, unreadable = read_one(tmp_path, text, stamped(precision="day"))
    assert (found, unreadable) == (value, None if value else "received_at=unreadable-date")


@pytest.mark.parametrize(
    ("text", "value"),
    [("12/31/2026", date(2026, 12, 31)), ("31/12/2026", None), ("2/3/2026", date(2026, 2, 3)), ("02/30/2026", None)],
)
def test_a_format_is_kept_to(tmp_path: Path, text: str, value: date | None) -> None:
    found, unreadable = read_one(tmp_path, text, stamped(precision="day", format=("%m/%d/%Y",)))
    assert (found, unreadable) == (value, None if value else "received_at=unreadable-date")


@pytest.mark.parametrize("text", ["02/03/2026 09:30", "2026-03-02 09.30"])
def test_several_formats_are_tried_in_order(tmp_path: Path, text: str) -> None:
    form = stamped(format=("%d/%m/%Y %H:%M", "%Y-%m-%d %H.%M"))
    assert read_one(tmp_path, text, form) == ("2026-03-02 08:30:00+00", None)


@pytest.mark.parametrize(("precision", "text"), [("day", "0016-05-02"), (None, "0016-05-02T10:00:00")])
def test_a_date_before_the_stated_one_is_never_believed(tmp_path: Path, precision: str | None, text: str) -> None:
    form = stamped(precision=precision, not_before=date(1990, 1, 1))
    assert read_one(tmp_path, text, form) == (None, "received_at=unreadable-date")
    assert read_one(tmp_path, text.replace("0016", "2016"), form)[1] is None


def test_types_of_a_database_are_read_as_their_text(tmp_path: Path) -> None:
    base = tmp_path / "base.duckdb"
    with duckdb.connect(str(base)) as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        connection.execute(
            "CREATE TABLE log AS SELECT 7 AS request_id, TIMESTAMP '2026-03-02 09:30:00' AS received_at, "
            "TIMESTAMPTZ '2026-03-02 09:30:00+05:30' AS responded_at, DATE '2026-04-02' AS due_given_on"
        )
    columns = plain("request_id", "received_at", "responded_at", "due_given_on")
    (row,) = frame_of(base, columns, engine="duckdb", origin="log")
    assert row == {
        "request_id": "7",
        "received_at": "2026-03-02 08:30:00+00",
        "responded_at": "2026-03-02 04:00:00+00",
        "due_given_on": date(2026, 4, 2),
        "unreadable": None,
    }


# --- words, numbers, constants ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mapped", "text", "value", "unreadable"),
    [
        (Mapped("status", sql="stored"), "closed", "closed", None),
        (Mapped("status", sql="stored"), "Closed", None, "status=unmapped-value"),
        (Mapped("status", sql="stored"), None, None, None),
        (Mapped("status", sql="stored", map={"done'": "closed"}), "done'", "closed", None),
        (Mapped("status", sql="stored", map={"done'": "closed"}), "closed", None, "status=unmapped-value"),
        (Mapped("status", sql="stored", map={"done": "closed"}, other="open"), "x", "open", None),
        (Mapped("status", sql="stored", map={"done": "closed"}, other="open"), None, None, None),
        (Mapped("status", const="closed"), "x", "closed", None),
        (Mapped("void_reason", const="it's \" ; --"), "x", "it's \" ; --", None),
        (Mapped("request_seq", sql="stored"), "0123", 123, None),
        (Mapped("request_seq", sql="stored"), "1e3", None, "request_seq=unreadable-value"),
        (Mapped("request_seq", sql="stored"), "12.0", None, "request_seq=unreadable-value"),
        (Mapped("request_seq", sql="stored"), "9" * 40, None, "request_seq=unreadable-value"),
        (Mapped("request_seq", const=5), "x", 5, None),
        (Mapped("void_reason", sql="stored"), "NO", "NO", None),
        (Mapped("void_reason", unknown=True), "x", None, None),
        (Mapped("void_reason"), "x", None, None),
    ],
)
def test_words_and_numbers(
    tmp_path: Path, mapped: Mapped, text: str | None, value: object, unreadable: str | None
) -> None:
    assert read_one(tmp_path, text, mapped) == (value, unreadable)


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("0", False), ("perhaps", None), (None, None), ("TRUE", True)]
)
def test_booleans(tmp_path: Path, text: str | None, value: bool | None) -> None:
    path = write_csv(tmp_path / "log.csv", [["R1", text]], ["request_id", "stored"])
    columns = {**ID, "reasons_given": Mapped("reasons_given", sql="stored")}
    (row,) = frame_of(path, columns, "request_replies")
    wanted = "reasons_given=unreadable-value" if text and value is None else None
    assert (row["reasons_given"], row["unreadable"]) == (value, wanted)


def test_each_fault_of_a_row_is_named_in_the_order_of_the_columns(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "log.csv", [["R1", "x", "nope", "lost"]], ["request_id", "request_seq", "status", "received_at"]
    )
    columns = plain("request_id", "status", "request_seq", "received_at")
    (row,) = frame_of(path, columns)
    assert row["unreadable"] == "request_seq=unreadable-value,received_at=unreadable-date,status=unmapped-value"


# --- hostile and dirty ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["'); DROP TABLE requests.requests; --", "a\u2028b", "x\0y", '"', "x" * (1 << 18)])
def test_hostile_identifiers_stay_what_they_are(tmp_path: Path, value: str) -> None:
    path = write_csv(tmp_path / "log.csv", [[value], ["R2"]], ["request_id"])
    assert {row["request_id"] for row in frame_of(path, ID)} == {value, "R2"}


@pytest.mark.parametrize("text", ["x" * (1 << 20), "é" * (1 << 17) + "x"], ids=["a mebibyte", "bytes, not letters"])
def test_a_text_that_no_evidence_file_holds_is_named(tmp_path: Path, text: str) -> None:
    assert read_one(tmp_path, text, Mapped("void_reason", sql="stored")) == (None, "void_reason=unreadable-value")


@pytest.mark.parametrize(
    ("text", "fits"), [("9007199254740991", True), ("9007199254740992", False), ("-9007199254740992", False)]
)
def test_a_number_that_no_reader_of_json_keeps_is_named(tmp_path: Path, text: str, fits: bool) -> None:
    wanted = (int(text), None) if fits else (None, "request_seq=unreadable-value")
    assert read_one(tmp_path, text, Mapped("request_seq", sql="stored")) == wanted


def test_a_column_that_is_not_there_is_refused_by_file_and_line(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", [["R1", "x"]], ["request_id", "received"])
    with pytest.raises(SourceError, match=r"params/sources/own\.yaml, line 11: .*request_log\.received_at"):
        frame_of(path, plain("request_id", "received_at"))


def test_an_expression_that_a_value_breaks_is_refused_without_the_value(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", [["R1", "7"], ["R2", SECRET]], ["request_id", "stored"])
    columns = {**ID, "request_seq": Mapped("request_seq", sql="cast(stored as bigint)", line=12)}
    with pytest.raises(SourceError, match=r"line 12: .*request_log\.request_seq.*try_cast") as caught:
        frame_of(path, columns)
    assert SECRET not in str(caught.value)


def test_a_from_that_does_not_fit_is_refused_by_its_line(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", [["R1"]], ["request_id"])
    with pytest.raises(SourceError, match=r"own\.yaml, line 5: the FROM or WHERE of frame request_log"):
        frame_of(path, ID, where="no_such_column = 1")


@pytest.mark.parametrize(
    "sql",
    [
        "(select max(column0) from read_csv('/etc/passwd'))",
        "(select count(*) from '/etc/passwd')",
        "(select max(content) from read_text('/etc/passwd'))",
    ],
)
def test_a_mapping_reads_no_other_file_once_the_sources_are_open(tmp_path: Path, sql: str) -> None:
    path = write_csv(tmp_path / "log.csv", [["R1"]], ["request_id"])
    source = mapping({"request_log": {"request_id": Mapped("request_id", sql=sql, line=9)}})
    connection = duckdb.connect()
    opening.attach(connection, source, path)
    connection.execute("SET enable_external_access = false")
    with pytest.raises(SourceError, match="line 9"):
        relations.relate(connection, "request_log", [source], {})


@pytest.mark.parametrize("sql", ["1; DROP TABLE requests", "1) AS x; DROP TABLE requests; SELECT (1"])
def test_a_mapping_holds_one_select(tmp_path: Path, sql: str) -> None:
    path = write_csv(tmp_path / "log.csv", [["R1"]], ["request_id"])
    with pytest.raises(SourceError, match="line 9"):
        frame_of(path, {"request_id": Mapped("request_id", sql=sql, line=9)})


# --- several sources, repeats -----------------------------------------------------------------------------------------


def test_rows_of_several_sources_follow_one_another(tmp_path: Path) -> None:
    connection = duckdb.connect()
    sources = [mapping({"request_log": plain("request_id", "channel")}, name=name) for name in ("desk", "branch")]
    for number, source in enumerate(sources):
        path = write_csv(tmp_path / f"{source.name}.csv", [[f"R{number}", "email"]], ["request_id", "channel"])
        opening.attach(connection, source, path)
    relation = relations.relate(connection, "request_log", sources, {})
    rows = connection.execute("SELECT request_id FROM main.frame_request_log ORDER BY 1").fetchall()
    assert rows == [("R0",), ("R1",)]
    assert relation.sources == ("desk", "branch")
    assert relation.kinds == {"request_id": "text", "channel": "text", "unreadable": "text"}


def test_sources_that_keep_days_and_instants_do_not_mix(tmp_path: Path) -> None:
    connection = duckdb.connect()
    forms = {"desk": stamped(), "branch": stamped(precision="day")}
    sources = [mapping({"request_log": {**ID, "received_at": form}}, name=name) for name, form in forms.items()]
    for source in sources:
        path = write_csv(tmp_path / f"{source.name}.csv", [["R1", None]], ["request_id", "stored"])
        opening.attach(connection, source, path)
    with pytest.raises(SourceError, match="other columns or kinds"):
        relations.relate(connection, "request_log", sources, {})


def test_a_bound_period_reaches_the_mapping(tmp_path: Path) -> None:
    rows = [["R1", "2026-01-31"], ["R2", "2026-02-01"]]
    path = write_csv(tmp_path / "log.csv", rows, ["request_id", "stored"])
    source = mapping({"request_log": ID}, where="stored >= :period_start")
    connection = duckdb.connect()
    opening.attach(connection, source, path)
    relation = relations.relate(connection, "request_log", [source], {"period_start": "2026-02-01", "as_of": "x"})
    assert connection.execute("SELECT request_id FROM main.frame_request_log").fetchall() == [("R2",)]
    assert "$period_start" in relation.sql
