"""What the probe states of each person and object, on real files: when, since when, how they came back, who vouches."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from evidence_kit.edges.probing.keys import never_there
from evidence_kit.model.audit import DigestRecipe, LiveObject, Need, Place
from tests.edges.desks import control, engagement, mapping, opened, plain, write_csv
from tests.edges.erased import EXECUTED, Session, Value, base, erasure, hashed, judged

pytestmark = pytest.mark.slow  # a session and a whole search each

ANA, JO, ZOE = "ana@x.example", "jo@x.example", "zoe@x.example"
HMAC = DigestRecipe("ours", "hmac-sha256", "vault:suppression")
CANARY = [("canary-1", "email", "canary@x.example")]
FULL = LiveObject(
    "people",
    "id",
    {},
    persons=("mail",),
    dated="made",
    soft_deleted="gone",
    returned={"cause": "cause", "proof": "proof"},
)


def people(path: Path, *rows: tuple[str | None, ...]) -> Path:
    """A table of (mail, made, gone, cause, proof, closed), all as text."""
    base(
        path,
        "CREATE TABLE people (id INTEGER, mail VARCHAR, made VARCHAR, gone VARCHAR, cause VARCHAR, "
        "proof VARCHAR, closed VARCHAR)",
    )
    with duckdb.connect(str(path)) as made:
        for number, row in enumerate(rows):
            filled = (*row, *(None,) * (6 - len(row)))
            made.execute("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?)", [number, *filled])
    return path


def verdict(row: dict[str, object]) -> str:
    seen = judged(row)
    return f"{seen.verdict} {seen.reason}"


def one(tmp_path: Path, rows: list[tuple[str | None, ...]], **more: object) -> dict[str, object]:
    """The row of the one erasure in the table of people."""
    session = Session(people(tmp_path / "crm.duckdb", *rows), objects=[FULL], **more)  # type: ignore[arg-type]
    return session.probed()["E1", "people"]


# --- present, or back -------------------------------------------------------------------------------------------------


def test_rows_younger_than_the_erasure_are_a_return_and_any_older_one_is_none(tmp_path: Path) -> None:
    young, old = (ANA, "2026-04-01T00:00:00Z", None, "re-import"), (ANA, "2024-01-01")
    row = one(tmp_path, [young])
    assert (row["state"], row["return_cause"], row["return_evidence"]) == ("reappeared", "re-import", False)
    assert (row["earliest_row_at"], row["latest_row_at"]) == ("2026-04-01 00:00:00+00",) * 2
    assert verdict(row) == "FAIL reappeared-re-import"
    both = one(tmp_path, [young, old])
    # A day begins at midnight in Paris.
    assert (both["state"], both["earliest_row_at"]) == ("present", "2023-12-31 23:00:00+00")
    assert verdict(both) == "FAIL present"


#: When a row was made, and whether that is after an execution at 10:00 UTC on 1 March.
YOUNG = [
    ("2026-03-01T10:00:00Z", False),
    ("2026-03-01T10:00:00.000001Z", True),
    ("2026-03-01 09:59:59", False),
    ("2026-03-01T11:30:00+01:00", True),
    ("2026-03-01", False),
    ("2026-03-02", True),
    ("soon", False),
    (None, False),
]


def test_a_day_is_younger_only_when_all_of_it_is(tmp_path: Path) -> None:
    rows = [(f"p{number}@x.example", made) for number, (made, _) in enumerate(YOUNG)]
    log = [erasure(f"E{number}", rows[number][0]) for number in range(len(YOUNG))]
    log.append(erasure("E99", rows[1][0], None))
    seen = Session(people(tmp_path / "crm.duckdb", *rows), log, objects=[FULL]).probed()
    found = [seen[f"E{number}", "people"]["state"] == "reappeared" for number in range(len(YOUNG))]
    assert found == [young for _, young in YOUNG]
    # Nothing can be younger than an erasure that has no day.
    assert (seen["E99", "people"]["state"], seen["E99", "people"]["due_on"]) == ("present", None)


def test_an_undated_row_beside_a_young_one_does_not_make_it_old(tmp_path: Path) -> None:
    assert one(tmp_path, [(ANA, "2026-04-01"), (ANA, None)])["state"] == "reappeared"


def test_a_new_sign_up_is_proved_by_its_own_day_after_the_erasure(tmp_path: Path) -> None:
    made = (ANA, "2026-04-01", None, "new-collection")
    assert verdict(one(tmp_path, [(*made, "2026-04-01")])) == "PASS new-collection"
    assert verdict(one(tmp_path, [(*made, "2026-03-01")])) == "INCONCLUSIVE new-collection-unproven"
    assert verdict(one(tmp_path, [(*made, None)])) == "INCONCLUSIVE new-collection-unproven"
    assert verdict(one(tmp_path, [(*made, "2026-04-01"), (*made, None)])) == "INCONCLUSIVE new-collection-unproven"
    brought = (ANA, "2026-05-01", None, "re-sync")
    assert verdict(one(tmp_path, [(*made, "2026-04-01"), brought])) == "FAIL reappeared-re-sync"


SEEN = ("P1", "E1", "crm", "people", 0, "2026-04-10T00:00:00Z")
EARLIER = [
    ([SEEN], [], ("reappeared", None)),
    ([SEEN], [("R1", "production", "2026-04-11T00:00:00Z")], ("reappeared", "restore")),
    ([SEEN], [("R1", "production", "2026-04-09T00:00:00Z")], ("reappeared", None)),
    ([SEEN], [("R1", "isolated", "2026-04-11T00:00:00Z")], ("reappeared", None)),
    ([("P1", "E1", "crm", "people", 0, "2026-02-10T00:00:00Z")], [], ("present", None)),
    ([("P1", "E1", "crm", "people", 2, "2026-04-10T00:00:00Z")], [], ("present", None)),
    ([("P1", "E2", "crm", "people", 0, "2026-04-10T00:00:00Z")], [], ("present", None)),
    ([("P1", "E1", "crm", "orders", 0, "2026-04-10T00:00:00Z")], [], ("present", None)),
]


@pytest.mark.parametrize(("earlier", "restores", "seen"), EARLIER)
def test_who_was_seen_absent_once_came_back(
    tmp_path: Path, earlier: list[tuple[Value, ...]], restores: list[tuple[Value, ...]], seen: tuple[str, str | None]
) -> None:
    row = one(tmp_path, [(ANA, "2020-01-01")], earlier_probes=earlier, restores=restores)
    assert (row["state"], row["return_cause"]) == seen
    assert (row["previously_absent_at"] is not None) == (seen[0] == "reappeared")


# --- what may stay ----------------------------------------------------------------------------------------------------


def test_soft_deleted_when_every_row_is(tmp_path: Path) -> None:
    places = [Place("crm.people", purge_days=30)]
    rows: list[tuple[str | None, ...]] = [(ANA, None, "2026-05-31T23:30:00Z"), (ANA, None, "2026-05-01")]
    row = one(tmp_path, rows, places=places)
    # Half past eleven in UTC is the next day in Paris.
    assert (row["state"], str(row["deleted_on"]), row["purge_days"]) == ("soft-deleted", "2026-06-01", 30)
    assert verdict(row) == "INCONCLUSIVE purge-pending"
    assert one(tmp_path, [*rows, (ANA,)], places=places)["state"] == "present"
    unread = one(tmp_path, [(ANA, None, "yes"), (ANA, None, "2026-05-01")], places=places)
    assert verdict(unread) == "INCONCLUSIVE purge-date-unknown"


def test_an_exception_runs_from_the_oldest_row(tmp_path: Path) -> None:
    places = [Place("crm.people", exception="17(3)(e)", keep="5 years", start="closed")]
    young = (ANA, "2026-04-01", None, None, None, "2024-01-01")
    old, unknown = (*young[:5], "2020-01-01"), (*young[:5], None)
    assert verdict(one(tmp_path, [young], places=places)) == "PASS lawful-exception"
    assert verdict(one(tmp_path, [young, old], places=places)) == "FAIL exception-expired"
    assert verdict(one(tmp_path, [young, unknown], places=places)) == "INCONCLUSIVE exception-not-checked"
    absent = one(tmp_path, [(JO,)], places=places)
    assert (absent["state"], absent["exception_declared"], absent["exception_within"]) == ("absent", True, None)


def test_a_list_is_judged_by_what_stands_on_it(tmp_path: Path) -> None:
    path = base(
        tmp_path / "crm.duckdb",
        f"CREATE TABLE stops AS SELECT unnest(['{hashed(ANA)}', '{JO}', md5('{ZOE}')]) AS entry",
    )
    log = [erasure("E1", ANA), erasure("E2", JO), erasure("E3", ZOE)]
    places = [Place("crm.stops", suppression="hashed", canary="canary-1")]
    rows = Session(path, log, places=places, digests=[HMAC]).probed()
    seen = {case: (row["state"], row["suppression_form"], verdict(row)) for (case, _), row in rows.items()}
    assert {case: told[:2] for case, told in seen.items()} == {
        "E1": ("suppressed-only", "hashed"),
        "E2": ("suppressed-only", "clear"),
        "E3": ("suppressed-only", None),
    }
    # Nobody planted the canary, and so nothing was shown.
    assert {told[2] for told in seen.values()} == {"INCONCLUSIVE no-positive-control"}
    # The same table, of which nobody said that it is a list.
    rows = Session(path, log, digests=[HMAC]).probed()
    assert {case: verdict(row) for (case, _), row in rows.items()} == {
        "E1": "INCONCLUSIVE no-positive-control",
        "E2": "FAIL present",
        "E3": "INCONCLUSIVE no-positive-control",
    }
    assert {case: (row["state"], row["mask"]) for (case, _), row in rows.items() if case != "E2"} == {
        "E1": ("masked", "reversible"),
        "E3": ("masked", "reversible"),
    }


# --- who vouches ------------------------------------------------------------------------------------------------------


def test_nothing_found_counts_where_the_canary_is_found(tmp_path: Path) -> None:
    place = Place("crm.people", canary="canary-1")
    rows = [(JO,), ("Canary@x.example",)]
    seen = one(tmp_path, rows, places=[place], subject_keys=CANARY)
    assert (seen["state"], seen["positive_control"], verdict(seen)) == ("absent", True, "PASS absent")
    blind = one(tmp_path, rows[:1], places=[place], subject_keys=CANARY)
    assert (blind["positive_control"], verdict(blind)) == (False, "ERROR probe-blind")
    unknown = one(tmp_path, rows, places=[place])
    assert (unknown["positive_control"], verdict(unknown)) == (None, "INCONCLUSIVE no-positive-control")
    assert one(tmp_path, rows)["positive_control"] is None


def test_a_search_that_finds_somebody_who_is_nowhere_proves_nothing(tmp_path: Path) -> None:
    place = Place("crm.people", canary="canary-1")
    session = Session(people(tmp_path / "a.duckdb"))
    nobody = never_there(session.agreed)
    row = one(tmp_path, [("canary@x.example",), (nobody,)], places=[place], subject_keys=CANARY)
    assert (row["positive_control"], verdict(row)) == (False, "ERROR probe-blind")


def test_canaries_have_no_rows_and_other_cases_are_left_alone(tmp_path: Path) -> None:
    keys = [*CANARY, ("E77", "email", JO)]
    session = Session(
        people(tmp_path / "crm.duckdb", (JO,)), subject_keys=keys, places=[Place("crm.people", canary="canary-1")]
    )
    assert list(session.probed()) == [("E1", "people")]


# --- what is told beside ----------------------------------------------------------------------------------------------


def test_the_answer_is_done_when_it_says_so_and_was_sent(tmp_path: Path) -> None:
    log = [erasure(f"E{number}", request=request) for number, request in enumerate(("R1", "R2", "R3", "R9", None))]
    requests = [("R1", "fulfilled", "2026-03-02T00:00:00Z"), ("R2", "fulfilled", None), ("R3", "refused", "2026-03-02")]
    rows = Session(people(tmp_path / "crm.duckdb", (ANA,)), log, objects=[FULL], request_log=requests).probed()
    assert [row["declared_done"] for row in rows.values()] == [True, False, False, None, None]
    assert verdict(rows["E0", "people"]) == "FAIL said-erased-but-present"
    # Without a log of requests nobody knows; the day is the local one of the execution.
    late = Session(
        people(tmp_path / "crm.duckdb", (ANA,)), [erasure(executed="2026-03-01T23:30:00Z", request="R1")]
    ).probed()
    assert (late["E1", "people"]["declared_done"], str(late["E1", "people"]["due_on"])) == (None, "2026-03-02")


def test_equal_sessions_give_equal_rows_and_name_every_pair(tmp_path: Path) -> None:
    path = people(tmp_path / "crm.duckdb", (ANA,), (JO,))
    log = [erasure("E2", JO), erasure("E1", ANA), erasure("E1", ANA)]
    first, again = (Session(path, log, objects=[FULL]).probed() for _ in range(2))
    assert first == again
    assert [row["probe_id"] for row in first.values()] == ["E1/crm.people", "E2/crm.people"]
    assert {(row["probe_kind"], row["probed_at"], row["unreadable"]) for row in first.values()} == {
        ("erased", "2026-06-30 21:59:59+00", None)
    }


# --- as evidence ------------------------------------------------------------------------------------------------------


def test_a_control_that_needs_the_probes_gets_the_rows_of_its_units_under_pseudonyms(tmp_path: Path) -> None:
    path = base(tmp_path / "crm.duckdb", "CREATE TABLE people AS SELECT 'Ana@X.example' AS mail")
    columns = ("erasure_id", "subject_key", "executed_at")
    log = write_csv(tmp_path / "log.csv", [("E1", ANA, EXECUTED), ("E2", JO, EXECUTED)], columns)
    crm = mapping({}, name="crm", engine="duckdb", objects=[LiveObject("people", "mail", {}, persons=("mail",))])
    desk = mapping({"erasure_log": plain(*columns)}, name="desk")
    needs = (
        Need("erasure_log", columns),
        Need("erasure_probes", ("case_id", "subject_key", "object", "state", "due_on", "probed_at")),
    )
    tested = control(frame="erasure_log", unit="erasure_id", where="true", set_aside=None, stratum_by=None, needs=needs)
    source = opened(engagement([crm, desk], [tested]), {"crm": path, "desk": log}, tmp_path / "home")
    population, _ = source.freeze(tested, frozenset())
    log_rows, probes = source.fetch(tested, ["E2", "E1"], {}).frames
    assert (population.count, probes.frame, probes.sources) == (2, "erasure_probes", ("crm", "desk"))
    found = {(row["case_id"], row["object"]): row for row in probes.rows}
    assert {key: row["state"] for key, row in found.items()} == {
        ("E1", "people"): "present",
        ("E2", "people"): "absent",
        ("E1", "desk"): "present",
        ("E2", "desk"): "present",
    }
    assert found["E1", "people"]["subject_key"] == next(
        row["subject_key"] for row in log_rows.rows if row["erasure_id"] == "E1"
    )
    assert found["E1", "people"]["due_on"] == "2026-03-01"
    assert ANA not in str(probes.rows) + probes.sql
    assert {one.text for one in probes.identities} == {ANA, JO}
    source.close()
