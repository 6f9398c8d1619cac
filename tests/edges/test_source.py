"""The seam behind which sources lie: populations, set-aside units, repeats, frames of drawn units, changed rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from evidence_kit.edges import vault
from evidence_kit.edges.source import SqlSource
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import Control, LiveObject, Mapped, Need, Period
from evidence_kit.model.sample import Row
from evidence_kit.ports import Fetched
from tests.edges.desks import LOG, control, engagement, kept_not, log_mapping, mapping, opened, plain, write_csv

NOTHING: frozenset[str] = frozenset()


def request(
    name: str | None = "R1", received: str | None = "2026-03-02T09:30:00", **changes: str | None
) -> list[str | None]:
    said: dict[str, str | None] = {
        "request_id": name,
        "capacity": "controller",
        "right_invoked": "access",
        "channel": "email",
        "received_at": received,
        "responded_at": "2026-03-20T10:00:00",
        "status": "closed",
    }
    said |= changes
    return [said[column] for column in LOG]


def source_of(
    tmp_path: Path,
    rows: Sequence[Sequence[str | None]],
    on_duplicate: tuple[str, ...] = ("refuse",),
    mapped: dict[str, Mapped] | None = None,
    **changes: object,
) -> SqlSource:
    path = write_csv(tmp_path / "log.csv", rows)
    agreed = engagement([log_mapping(**(mapped or {}))], on_duplicate=on_duplicate, **changes)
    return opened(agreed, {"requests": path}, tmp_path / "home")


def only(fetched: Fetched, frame: str = "request_log") -> tuple[Row, ...]:
    return next(one.rows for one in fetched.frames if one.frame == frame)


# --- populations ------------------------------------------------------------------------------------------------------


def test_every_row_of_the_period_is_a_unit_and_so_is_one_whose_date_is_lost(tmp_path: Path) -> None:
    rows = [
        request("R1", "2026-01-01T00:00:00"),
        request("R2", "2026-06-30T23:59:59"),
        request("R3", "2025-12-31T23:59:59"),
        request("R4", "2026-07-01T00:00:00"),
        request("R5", None),
        request("R6", "30/02/2026"),
        request("R7", status="void"),
        request("R8", status="who knows"),
    ]
    source = source_of(tmp_path, rows)
    population, kept = source.freeze(control(), NOTHING)
    assert sorted(one.unit for one in kept) == ["R1", "R2", "R5", "R6", "R8"]
    assert (population.count, population.name) == (5, "REQ-02.requests")
    assert [(one.name, one.units) for one in population.strata] == [("controller/access", 5)]
    assert population.blind_sha256 is not None


@pytest.mark.parametrize(("received", "there"), [("2026-06-30", True), ("2026-07-01", False), ("2025-12-31", False)])
def test_a_log_of_days_is_bounded_by_days(tmp_path: Path, received: str, there: bool) -> None:
    day = {"received_at": Mapped("received_at", sql="received_at", precision="day")}
    day["responded_at"] = Mapped("responded_at", sql="responded_at", precision="day")
    source = source_of(tmp_path, [request("R1", received, responded_at=None)], mapped=day)
    assert source.freeze(control(), NOTHING)[0].count == int(there)


def test_the_same_rows_in_another_order_give_the_same_root_and_another_value_does_not(tmp_path: Path) -> None:
    rows = [request(f"R{n}", status="closed") for n in range(9)]
    roots = []
    for number, listed in enumerate((rows, rows[::-1], [*rows[:-1], request("R8", status="open")])):
        folder = tmp_path / str(number)
        folder.mkdir()
        roots.append(source_of(folder, listed).freeze(control(), NOTHING)[0].root)
    assert roots[0] == roots[1] != roots[2]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([request("R1"), request("R1", "2026-03-03T09:30:00")], "unit-id-duplicate"),
        ([request(None)], "unit-id-missing"),
        ([request("R\0001")], "nul-character"),
    ],
    ids=["twice", "missing", "NUL"],
)
def test_what_the_norm_refuses_has_no_digest(tmp_path: Path, rows: list[list[str | None]], code: str) -> None:
    with pytest.raises(SourceError) as caught:
        source_of(tmp_path, rows).freeze(control(), NOTHING)
    assert caught.value.code == code
    assert "R1" not in str(caught.value)


def test_a_condition_that_cannot_be_asked_is_a_clear_error(tmp_path: Path) -> None:
    for broken in (control(where="no_such_column"), control(stratum_by="no_such_column")):
        with pytest.raises(SourceError, match="population of a control cannot be asked"):
            source_of(tmp_path, [request()]).freeze(broken, NOTHING)


def test_the_sql_shown_is_the_sql_that_ran(tmp_path: Path) -> None:
    text = source_of(tmp_path, [request()]).population_sql(control())
    assert "-- population" in text
    assert "$period_start" in text
    assert text.endswith("\n")


# --- repeats ----------------------------------------------------------------------------------------------------------

TWICE = [request("R1"), request("R1"), request("R2"), request("R2", "2026-03-05T09:30:00"), request("R3")]
SAME, OTHER = "collapsed-1-exact-repeats", "numbered-{}-rows-of-repeated-identifiers"


@pytest.mark.parametrize(
    ("policy", "units", "note"),
    [
        (("collapse-exact-repeats", "number-them"), ["R1", "R2#1", "R2#2", "R3"], f"{SAME}; {OTHER.format(2)}"),
        (("number-them",), ["R1#1", "R1#2", "R2#1", "R2#2", "R3"], OTHER.format(4)),
        (("collapse-exact-repeats",), None, None),
        (("refuse",), None, None),
    ],
    ids=["both", "number", "collapse", "refuse"],
)
def test_identifiers_met_twice(
    tmp_path: Path, policy: tuple[str, ...], units: list[str] | None, note: str | None
) -> None:
    source = source_of(tmp_path, TWICE, policy)
    if units is None:
        with pytest.raises(SourceError) as caught:
            source.freeze(control(), NOTHING)
        assert caught.value.code == "unit-id-duplicate"
        return
    population, kept = source.freeze(control(), NOTHING)
    assert (sorted(one.unit for one in kept), population.note) == (units, note)
    marked = [row for row in only(source.fetch(control(), units, {})) if row["unreadable"]]
    assert {str(row["request_id"]) for row in marked} == {unit for unit in units if "#" in unit}
    assert {row["unreadable"] for row in marked} == {"request_id=identifier-repeated"}


def test_rows_that_differ_in_a_column_nobody_maps_are_not_exact_repeats(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    write_csv(path, [[*request("R1"), "first"], [*request("R1"), "second"]], [*LOG, "remark"])
    agreed = engagement([log_mapping()], on_duplicate=("collapse-exact-repeats", "number-them"))
    source = opened(agreed, {"requests": path}, tmp_path / "home")
    assert sorted(one.unit for one in source.freeze(control(), NOTHING)[1]) == ["R1#1", "R1#2"]


def test_nothing_repeated_is_nothing_to_say(tmp_path: Path) -> None:
    source = source_of(tmp_path, [request()], ("collapse-exact-repeats", "number-them"))
    assert source.freeze(control(), NOTHING)[0].note is None


# --- what is not yet due ----------------------------------------------------------------------------------------------


def test_open_units_are_those_of_the_control_that_wait(tmp_path: Path) -> None:
    rows = [
        request("R1"),
        request("R2", responded_at=None, status="open"),
        request("R3", "2025-01-01T00:00:00", responded_at=None, status="open"),
        request("R4", capacity="processor"),
    ]
    source = source_of(tmp_path, rows)
    assert source.open_units(control()) == ("R2", "R4")
    assert source.open_units(control(set_aside=None)) == ()


def test_what_is_set_aside_is_frozen_counted_and_in_no_other_stratum(tmp_path: Path) -> None:
    source = source_of(tmp_path, [request(f"R{n}") for n in range(5)])
    population, kept = source.freeze(control(), frozenset({"R1", "R3"}))
    assert [(one.name, one.units) for one in population.strata] == [("controller/access", 3), ("not_yet_due", 2)]
    assert {one.unit for one in kept if one.stratum == "not_yet_due"} == {"R1", "R3"}


def test_the_set_aside_of_one_control_does_not_make_another_control_see_changes(tmp_path: Path) -> None:
    """Two controls over one log: the second sets a unit aside, which the first had drawn."""
    source = source_of(tmp_path, [request(f"R{n}") for n in range(3)])
    first, second = control(id="REQ-08", set_aside=None), control()
    leaves = {one.unit: one.leaf for one in source.freeze(first, NOTHING)[1]}
    source.freeze(second, frozenset({"R1"}))
    assert source.fetch(first, ["R0", "R1", "R2"], leaves).changed == ()


def test_a_later_process_sees_only_what_really_changed(tmp_path: Path) -> None:
    rows = [request(f"R{n}") for n in range(4)]
    _, kept = source_of(tmp_path, rows).freeze(control(), frozenset({"R3"}))
    leaves = {one.unit: one.leaf for one in kept if one.stratum != "not_yet_due"}
    assert source_of(tmp_path, rows).fetch(control(), list(leaves), leaves).changed == ()
    rows[1] = request("R1", responded_at="2026-03-21T10:00:00")
    changed = source_of(tmp_path, rows).fetch(control(), list(leaves), leaves)
    assert changed.changed == ("R1",)
    found = {row["request_id"]: row["responded_at"] for row in only(changed)}
    assert (found["R0"], found["R1"]) == ("2026-03-20T09:00:00.000000Z", "2026-03-21T09:00:00.000000Z")


def test_a_population_that_would_be_refused_today_has_changed_altogether(tmp_path: Path) -> None:
    leaves = {one.unit: one.leaf for one in source_of(tmp_path, [request("R1")]).freeze(control(), NOTHING)[1]}
    again = source_of(tmp_path, [request("R1"), request("R1")])
    assert again.fetch(control(), ["R1"], leaves).changed == ("R1",)


# --- frames of drawn units --------------------------------------------------------------------------------------------


def test_rows_come_in_the_order_of_the_units_with_their_local_days(tmp_path: Path) -> None:
    rows = [request("R1", "2026-03-31T23:30:00Z"), request("R2", "2026-03-29T02:30:00"), request("R3")]
    (frame,) = source_of(tmp_path, rows).fetch(control(), ["R2", "R1"], {}).frames
    assert [(row["id"], row["request_id"]) for row in frame.rows] == [(1, "R2"), (2, "R1")]
    assert (frame.rows[0]["received_at"], frame.rows[0]["received_at_local"]) == (None, None)
    assert str(frame.rows[0]["unreadable"]).startswith("received_at=local-time-does-not-exist")
    assert frame.rows[1]["received_at"] == "2026-03-31T23:30:00.000000Z"
    assert frame.rows[1]["received_at_local"] == "2026-04-01"
    names = [name for name, _, _ in frame.columns]
    assert names[0] == "id"
    assert names[-1] == "unreadable"
    assert names[names.index("received_at") + 1] == "received_at_local"
    assert list(frame.rows[0]) == names


def test_only_needed_columns_leave_and_only_their_faults_count(tmp_path: Path) -> None:
    rows = [request("R1", status="who knows")]
    lean = control(needs=(Need("request_log", ("request_id", "received_at")),), where="true", stratum_by=None)
    source = source_of(tmp_path, rows)
    ((row,),) = [frame.rows for frame in source.fetch(lean, ["R1"], {}).frames]
    assert set(row) == {"id", "request_id", "received_at", "received_at_local", "unreadable"}
    assert row["unreadable"] is None
    assert only(source.fetch(control(), ["R1"], {}))[0]["unreadable"] == "status=unmapped-value"


def test_an_event_the_source_cannot_know_is_said_in_each_row(tmp_path: Path) -> None:
    mapped = {"extension_notified_at": Mapped("extension_notified_at", unknown=True)}
    (row,) = only(source_of(tmp_path, [request()], mapped=mapped).fetch(control(), ["R1"], {}))
    assert row["unreadable"] == "extension_notified_at=unknown"
    assert row["extension_notified_at"] is None


def test_a_person_leaves_only_as_a_pseudonym(tmp_path: Path) -> None:
    address = "agathe@cachet.example"
    mapped = {"account_key": Mapped("account_key", sql="channel", pseudonym="account")}
    mapped["channel"] = Mapped("channel", const="email")
    source = source_of(tmp_path, [request("R1", channel=address), request("R2", channel=None)], mapped=mapped)
    first, second = only(source.fetch(control(), ["R1", "R2"], {}))
    assert re.fullmatch("[0-9a-f]{64}", str(first["account_key"]))
    assert second["account_key"] is None
    fetched = source.fetch(control(), ["R1", "R2"], {})
    assert address not in repr(fetched)
    assert [one.text for frame in fetched.frames for one in frame.identities] == [address]
    assert ("request_log.account_key", address) in set(source.pseudonymised())


def test_a_person_of_many_rows_and_spellings_is_remembered_once(tmp_path: Path) -> None:
    keyed = control(needs=(Need("request_log", ("request_id", "subject_key")),), where="true", stratum_by=None)
    mapped = {"subject_key": Mapped("subject_key", sql="channel", pseudonym="person")}
    spelled = ("Agathe@Cachet.example", "agathe@cachet.example", "leo@cachet.example")
    rows = [request(f"R{number}", channel=address) for number, address in enumerate(spelled, start=1)]
    (frame,) = source_of(tmp_path, rows, mapped=mapped).fetch(keyed, ["R1", "R2", "R3"], {}).frames
    first, second, third = (str(row["subject_key"]) for row in frame.rows)
    assert first == second
    assert frame.identities == ((first, "person", spelled[0]), (third, "person", spelled[2]))


@pytest.mark.parametrize("unit", ["R'; DROP TABLE x; --", "a\u2028b", '"', "é", "x" * 100_000])
def test_hostile_identifiers_are_frozen_and_fetched(tmp_path: Path, unit: str) -> None:
    source = source_of(tmp_path, [request(unit), request("R2")])
    _, kept = source.freeze(control(), frozenset({unit}))
    assert {one.unit for one in kept} == {unit, "R2"}
    assert [row["request_id"] for row in only(source.fetch(control(), [unit], {}))] == [unit]


def test_what_no_evidence_file_holds_is_named_in_its_row(tmp_path: Path) -> None:
    notes = write_csv(tmp_path / "notes.csv", [["R1", "answer\0"]], ["request_id", "items"])
    columns = {
        **plain("request_id"),
        "kind": Mapped("kind", const="answer"),
        "sent_at": Mapped("sent_at", const="2026-03-20T10:00:00Z"),
        "art15_items": Mapped("art15_items", sql="items"),
    }
    sources = [log_mapping(), mapping({"request_replies": columns}, name="notes")]
    needs = (*control().needs[:1], Need("request_replies", ("request_id", "art15_items")))
    paths = {"requests": write_csv(tmp_path / "log.csv", [request()]), "notes": notes}
    source = opened(engagement(sources), paths, tmp_path / "home")
    (row,) = only(source.fetch(control(needs=needs), ["R1"], {}), "request_replies")
    assert (row["art15_items"], row["unreadable"]) == (None, "art15_items=unreadable-value")


def test_an_identifier_of_a_mebibyte_is_none(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        source_of(tmp_path, [request("x" * (1 << 20))]).freeze(control(), NOTHING)
    assert caught.value.code == "unit-id-missing"


def test_no_unit_gives_no_row(tmp_path: Path) -> None:
    (frame,) = source_of(tmp_path, [request()]).fetch(control(), [], {}).frames
    assert frame.rows == ()


def test_a_frame_that_nobody_maps_is_absent_and_one_that_is_asked_for_is_an_error(tmp_path: Path) -> None:
    source = source_of(tmp_path, [request()])
    assert [frame.frame for frame in source.fetch(control(), ["R1"], {}).frames] == ["request_log"]
    with pytest.raises(SourceError, match="no source of small maps the frame retention_rules"):
        source.freeze(control("RET-01"), NOTHING)


# --- nothing else is opened -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql", ["(select max(column0) from read_csv('{0}'))", "(select max(content) from read_text('{0}'))"]
)
def test_no_expression_opens_another_file(tmp_path: Path, sql: str) -> None:
    (tmp_path / "secret.csv").write_text("column0\nagathe\n")  # right beside the source
    path = write_csv(tmp_path / "log.csv", [request()])
    read = {"country": Mapped("country", sql=sql.format(tmp_path / "secret.csv"), line=21)}
    source = opened(engagement([log_mapping(**read)]), {"requests": path}, tmp_path / "home")
    with pytest.raises(SourceError, match=r"own\.yaml, line 21"):
        source.freeze(control(), NOTHING)


@pytest.mark.parametrize("engine", ["parquet", "duckdb"])
def test_files_that_are_read_where_they_lie_stay_open(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(tmp_path / "log.duckdb")) as base:
        base.execute(
            "CREATE TABLE log AS SELECT 'R1' AS request_id, TIMESTAMPTZ '2026-03-02 09:30:00+01' AS received_at"
        )
        base.execute(f"COPY log TO '{tmp_path / 'log.parquet'}' (FORMAT parquet)")
    columns = {**plain("request_id", "received_at"), **kept_not(*set(LOG) - {"request_id", "received_at"})}
    columns |= {"capacity": Mapped("capacity", const="controller"), "status": Mapped("status", const="open")}
    made = mapping({"request_log": columns}, engine=engine, origin="log" if engine == "duckdb" else None)
    monkeypatch.chdir(tmp_path)
    for path in (tmp_path / f"log.{engine}", Path(f"log.{engine}")):
        source = opened(engagement([made]), {"requests": path}, tmp_path / path.suffix / str(path.is_absolute()))
        assert source.freeze(control(set_aside=None), NOTHING)[0].count == 1
        source.close()


def test_the_lock_cannot_be_taken_off(tmp_path: Path) -> None:
    source = source_of(tmp_path, [request()])
    with pytest.raises(duckdb.Error, match="external access"):
        source._connection.execute("SET enable_external_access = true")
    with pytest.raises(duckdb.Error):
        source._connection.execute(f"COPY (SELECT 1) TO '{tmp_path.parent / 'out.csv'}'")


def test_nothing_is_left_on_disk_when_the_session_ends(tmp_path: Path) -> None:
    source = source_of(tmp_path, [request()])
    source.freeze(control(), NOTHING)
    source.close()
    assert list((tmp_path / "home" / "engine").iterdir()) == []


# --- retention --------------------------------------------------------------------------------------------------------

RULES = (
    *("rule_id", "activity_id", "source", "object", "population", "start", "fallback", "planned", "keep"),
    *("grace_days", "then", "hold_in_active"),
)
UNSAID = (
    *("archive_source", "archive_object", "archive_start", "archive_keep", "archive_then", "configured_keep"),
    *("configured_start", "notice_keep", "schedule", "basis_ref"),
)


def retention(tmp_path: Path, rules: Sequence[Sequence[str | None]], one: Control | None = None) -> SqlSource:
    people = write_csv(tmp_path / "people.csv", [["P1", "2019-01-01"], ["P2", "2026-01-01"]], ["id", "contacted"])
    listed = write_csv(tmp_path / "rules.csv", rules, RULES)
    base = LiveObject("crm", "id", {"last_contact": "contacted"})
    sources = [
        mapping({"retention_rules": {**plain(*RULES), **kept_not(*UNSAID)}}, name="docs"),
        mapping({}, name="crm", objects=[base]),
    ]
    agreed = engagement(sources, [one or control("RET-01")])
    return opened(agreed, {"docs": listed, "crm": people}, tmp_path / "home")


RULE = ["RUL-1", "ACT-1", "crm", "crm", "customer", "last_contact", None, None, "3 years", "0", "delete", "false"]
GONE = ["RUL-2", "ACT-1", "crm", "strangers", "customer", "last_contact", None, None, "3 years", "0", "delete", "false"]


def test_live_rows_are_measured_and_their_keys_are_pseudonyms(tmp_path: Path) -> None:
    source = retention(tmp_path, [RULE, GONE])
    fetched = source.fetch(control("RET-01"), ["RUL-1", "RUL-2"], {})
    good, gone = only(fetched, "retention_observations")
    assert (good["rows"], good["past_limit_rows"], good["status"]) == (2, 1, "ok")
    assert (gone["rows"], gone["status"]) == (None, "error")
    (late,) = only(fetched, "retention_exceptions")
    assert re.fullmatch("[0-9a-f]{64}", str(late["row_key"]))
    assert (late["rule_id"], late["reason"], late["start_on"]) == ("RUL-1", "kept-past-limit", "2019-01-01")
    assert "P1" not in repr(fetched)


def test_the_archive_of_a_rule_is_measured_beside_its_active_base_and_the_ages_of_both(tmp_path: Path) -> None:
    rules = tmp_path / "rules.csv"
    base = LiveObject("crm", "id", {"last_contact": "contacted"})
    said = dict.fromkeys(UNSAID) | dict(zip(RULES, RULE, strict=True))
    said |= {
        "archive_source": "old",
        "archive_object": "old",
        "archive_start": "end-of-active",
        "archive_keep": "2 years",
    }
    columns = [*RULES, *UNSAID]
    write_csv(rules, [[said[name] for name in columns]], columns)
    sources = [
        mapping({"retention_rules": plain(*columns)}, name="docs"),
        mapping({}, name="crm", objects=[base]),
        mapping({}, name="old", objects=[replace(base, name="old")]),
    ]
    places = {"docs": rules} | {
        name: write_csv(tmp_path / f"{name}.csv", [["P1", "2019-01-01"], ["P2", "2022-01-01"]], ["id", "contacted"])
        for name in ("crm", "old")
    }
    source = opened(engagement(sources, [control("RET-01")]), places, tmp_path / "home")
    fetched = source.fetch(control("RET-01"), ["RUL-1"], {})
    active, archive = only(fetched, "retention_observations")
    assert [(one["place"], one["past_limit_rows"]) for one in (active, archive)] == [("active", 2), ("archive", 1)]
    late = only(fetched, "retention_exceptions")
    assert [(one["place"], one["start_on"]) for one in late] == [
        *(("active", "2019-01-01"), ("active", "2022-01-01"), ("archive", "2019-01-01"))
    ]
    ages = only(fetched, "retention_ages")
    assert [sum(one["rows"] for one in ages if one["place"] == place) for place in ("active", "archive")] == [2, 2]
    read = next(one for one in fetched.frames if one.frame == "retention_ages")
    assert read.sources == ("crm", "old")
    assert "-- RUL-1, archive\n" in read.sql


def test_measuring_again_tells_the_same(tmp_path: Path) -> None:
    source = retention(tmp_path, [RULE])
    first, second = (source.fetch(control("RET-01"), ["RUL-1"], {}) for _ in range(2))
    assert first == second


def test_a_period_of_one_day(tmp_path: Path) -> None:
    one_day = Period(date(2026, 3, 2), date(2026, 3, 2))
    source = source_of(tmp_path, [request("R1"), request("R2", "2026-03-03T00:00:00")], period=one_day)
    assert [one.unit for one in source.freeze(control(), NOTHING)[1]] == ["R1"]


def test_another_engagement_blinds_the_same_row_otherwise(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", [request()])
    agreed = engagement([log_mapping()])
    leaves = set()
    for number, name in enumerate(("one", "two")):
        keys = vault.rehearsal(1, tmp_path / f"keys{number}")
        source = SqlSource(replace(agreed, id=name), {"requests": path}, tmp_path / f"engine{number}", keys)
        leaves.add(source.freeze(control(), NOTHING)[1][0].leaf)
    assert len(leaves) == 2
