"""Erasure and retention in the made-up company: what is planted is there, where it was planted, and nothing else is."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.edges import params
from evidence_kit.edges.rehearsal import draw
from evidence_kit.edges.rehearsal.faults import FAULTS
from evidence_kit.edges.rehearsal.write import SEED
from tests.edges import made_erasures as seen
from tests.edges.made_company import ROOT, lines, maker, opened

pytestmark = pytest.mark.slow  # whole companies are made here
#: Seed, faults and cut of the companies that are looked at.
COMPANIES = (
    (SEED, "all", "real"),
    (SEED, "all", "mock"),
    (7, "none", "real"),
)
PLACES = {"prod.messages": "hash", "prod.suppression": "keyed", "prod.erasure_log": "keyed"}
#: Where what an organisation does by itself puts people who were erased.
STANDING = ("F15", "F16", "F17", "F21", "F22", "D09", "D11")
#: Two halves of the faults of erasure and retention: planted with one half, each lies where it lies among all.
HALVES = ("F15,F17,F18,F20,F22,F24,F26,F30", "F16,F19,F21,F23,F25,F29,M06,F07,F27")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Companies by knobs, each made once."""
    return maker(tmp_path_factory)


def company(made: Any, seed: int, faults: str, as_of: str) -> Path:
    folder = made(faults=faults, as_of=as_of, seed=seed)
    assert isinstance(folder, Path)
    return folder


@pytest.fixture(params=COMPANIES, ids=["-".join(map(str, knobs)) for knobs in COMPANIES])
def knobs(request: pytest.FixtureRequest) -> tuple[int, str, str]:
    found: tuple[int, str, str] = request.param
    return found


def test_erased_people_stand_where_planted_and_nowhere_else(made: Any, knobs: tuple[int, str, str]) -> None:
    folder = company(made, *knobs)
    found = seen.standing(folder, knobs[0])
    for (unit, table), forms in found.items():
        assert forms == {PLACES.get(table, "address")}, (unit, table)
    planted = {(one["unit"], one["table"]) for one in seen.told(folder, *STANDING) if one["unit"].startswith("ERA-")}
    kept = {place for place in found if place[1] not in ("prod.suppression", "prod.erasure_log")}
    assert kept == planted
    # Everybody erased may be written to no more: the list keeps all of them, as digests.
    assert {unit for unit, table in found if table == "prod.suppression"} == set(seen.erased(folder))


def test_no_two_faults_touch_one_erased_person(made: Any) -> None:
    folder = made()
    names = (*STANDING, "F18", "F23", "F24", "D10", "D13")
    pairs = {(one["fault"], one["unit"][:8]) for one in seen.told(folder, *names) if one["unit"].startswith("ERA-")}
    assert max(Counter(unit for _, unit in pairs).values()) == 1
    listed = {one["unit"] for one in seen.told(folder, "F19", "F20")}
    reasons = dict(opened(folder).execute("SELECT CAST(entry_id AS VARCHAR), reason FROM prod.suppression").fetchall())
    assert "erasure" not in {reasons[entry] for entry in listed}
    with (folder / "vault/erasures.csv").open(encoding="utf-8", newline="") as file:
        kept = {row["erasure_id"] for row in csv.DictReader(file)}
    assert set(seen.erased(folder)) - kept == {one["unit"] for one in seen.told(folder, "F18")}


def test_dates_tell_who_stayed_from_who_came_back(made: Any) -> None:
    folder = made()
    connection, erased = opened(folder), seen.erased(made())
    dated = {"prod.support_notes": "created_at", "prod.messages": "sent_at"}
    for one in seen.told(folder, "F16", "F17"):
        key = "note_id" if one["fault"] == "F16" else "message_id"
        sql = f"SELECT {dated[one['table']]} FROM {one['table']} WHERE {key} = ?"
        assert connection.execute(sql, [one["key"]]).fetchone() < (erased[one["unit"]]["executed_at"],)
    for one in seen.told(folder, "F15"):
        sql = "SELECT count(*), max(loaded_at), max(event_date) FROM lake.analytics_events WHERE user_email = ?"
        count, last, day = connection.execute(sql, [erased[one["unit"]]["subject_email"]]).fetchone() or (0, None, None)
        assert count == 2
        assert (last, day) < (erased[one["unit"]]["executed_at"], last.date() + timedelta(days=1))
    loads = {
        number: (account, at)
        for number, account, at in connection.execute(
            "SELECT import_id, account_id, CAST(loaded_at AS TIMESTAMP) FROM ops.imports"
        ).fetchall()
    }
    for one in seen.told(folder, "F21", "F22", "D11"):
        if one["unit"] == "RS-02":
            continue
        case = erased[one["unit"]]
        how, file, account, created, consent, email = connection.execute(
            "SELECT loaded_by, import_id, account_id, created_at, consent_at, email FROM prod.contacts "
            "WHERE contact_id = ?", [one["key"]]
        ).fetchone() or (None,) * 6  # fmt: skip
        assert email == case["subject_email"]
        assert (created > case["executed_at"]) == (one["fault"] != "F22")
        if one["fault"] == "F21":
            assert (how, loads[file]) == ("csv", (account, created))
        if one["fault"] == "D11":
            assert (how, file) == ("form", None)
            assert consent.date() > case["executed_at"].date()
        if one["fault"] == "F22":
            assert datetime(2026, 1, 20, 2) < case["executed_at"] < datetime(2026, 1, 31, 20, 30)
            assert created < datetime(2026, 1, 20)


def test_backups_and_restorations_tell_the_truth_but_for_those_planted(made: Any, knobs: tuple[int, str, str]) -> None:
    folder = company(made, *knobs)
    connection, cut = opened(folder), date(2026, 6, 30) if knobs[2] == "real" else date(2026, 1, 31)
    counted = seen.restored(folder)
    rows = connection.execute("SELECT restore_id, erasures_expected, erasures_replayed FROM ops.restores").fetchall()
    assert {restore: expected for restore, expected, _ in rows} == counted
    assert all(count > 0 for count in counted.values())
    missed = {restore: expected - done for restore, expected, done in rows if done != expected}
    assert missed == ({"RS-02": 3} if knobs[1:] == ("all", "real") else {})
    sql = (
        "SELECT CAST(taken_at AS DATE) FROM ops.backups JOIN ops.restores USING (backup_id) WHERE restore_id = 'RS-02'"
    )
    assert connection.execute(sql).fetchall() == ([(date(2026, 1, 20),)] if knobs[2] == "real" else [])
    late = connection.execute(
        "SELECT backup_id FROM ops.backups WHERE date_diff('day', CAST(taken_at AS TIMESTAMP), "
        "coalesce(CAST(deleted_at AS TIMESTAMP), CAST(? AS TIMESTAMP))) > cycle + 1", [cut]
    ).fetchall()  # fmt: skip
    assert {key for (key,) in late} == {one["unit"] for one in seen.told(folder, "F25")}


def test_earlier_searches_say_what_they_could_find(made: Any, knobs: tuple[int, str, str]) -> None:
    folder = company(made, *knobs)
    connection, erased = opened(folder), seen.erased(folder)
    rows = connection.execute(
        "SELECT erasure_id, concat(source, '.', object), rows, CAST(probed_at AS TIMESTAMP) FROM ops.probes"
    ).fetchall()
    assert not {place for _, place, _, _ in rows} & seen.REQUEST_FILE
    probed = rows[0][3]
    back = dict(connection.execute(
        "SELECT email, count(*) FROM prod.contacts WHERE created_at <= ? AND loaded_by <> 'api' GROUP BY 1", [probed]
    ).fetchall())  # fmt: skip
    unknown = {one["unit"] for one in seen.told(folder, "F18")}
    before = {unit for unit, row in erased.items() if row["executed_at"] < probed}
    assert {unit for unit, *_ in rows} == before - unknown
    for unit, place, count, _ in rows:
        assert count == (back.get(erased[unit]["subject_email"], 0) if place == "prod.contacts" else 0), (unit, place)


def test_recipients_are_told_but_for_those_planted(made: Any, knobs: tuple[int, str, str]) -> None:
    folder = company(made, *knobs)
    found = seen.late_notices(folder)
    assert found == {
        "FAIL": {one["unit"] for one in seen.told(folder, "F23")},
        "INCONCLUSIVE": {one["unit"] for one in seen.told(folder, "F24")},
    }
    (decoy,) = seen.told(folder, "D13")
    case, recipient = decoy["unit"].split("/")
    row = opened(folder).execute(
        "SELECT n.disclosed_on < p.data_returned_or_deleted_on, n.exemption, n.exemption_reason_ref IS NOT NULL "
        "FROM ops.notices n JOIN docs.processors p ON p.processor_id = n.recipient_id "
        "WHERE n.case_id = ? AND n.recipient_id = ?", [case, recipient]
    ).fetchall()  # fmt: skip
    assert row == [(True, "impossible", True)]


def test_lists_keep_digests_alone_but_for_those_planted(made: Any, knobs: tuple[int, str, str]) -> None:
    folder = company(made, *knobs)
    rows = (
        opened(folder)
        .execute(
            "SELECT CAST(entry_id AS VARCHAR), entry, stored_form, name IS NOT NULL AND birth_date IS NOT NULL, "
            "name IS NULL AND birth_date IS NULL, list_name, reason FROM prod.suppression"
        )
        .fetchall()
    )
    clear = {entry: (list_name, reason) for entry, text, _, _, _, list_name, reason in rows if "@" in text}
    assert set(clear) == {one["unit"] for one in seen.told(folder, "F19", "M05")}
    assert {clear[one["unit"]] for one in seen.told(folder, "F19")} <= {("global", "unsubscribe")}
    assert {entry for entry, _, form, *_ in rows if form != "hmac"} == set(clear)
    assert all(len(text) == 64 for entry, text, *_ in rows if entry not in clear)
    assert {entry for entry, _, _, both, *_ in rows if both} == {one["unit"] for one in seen.told(folder, "F20")}
    assert all(both != neither for _, _, _, both, neither, *_ in rows)
    if knobs[1] == "all":
        assert len(clear) == (340 if knobs[2] == "mock" else 40)


def test_archives_prospects_and_runs_are_in_order_but_for_those_planted(made: Any, knobs: tuple[int, str, str]) -> None:
    folder = company(made, *knobs)
    connection, cut = opened(folder), date(2026, 6, 30) if knobs[2] == "real" else date(2026, 1, 31)
    planted = {fault: {one["key"] for one in seen.told(folder, fault)} for fault in ("F26", "F30", "M06")}
    past = {
        "archive.invoices": "invoice_id FROM archive.invoices WHERE fiscal_year_end + INTERVAL 10 YEAR",
        "archive.contracts": "contract_id FROM archive.contracts WHERE ended_on + INTERVAL 6 YEAR",
        "archive.closed_tickets": "request_id FROM archive.closed_tickets WHERE closed_at + INTERVAL 6 YEAR",
        "prod.prospects": "prospect_id FROM prod.prospects WHERE "
        "CAST(coalesce(last_click_at, collected_at) AS DATE) + INTERVAL 3 YEAR",
    }
    met = {
        table: {str(key) for (key,) in connection.execute(f"SELECT {sql} + INTERVAL 31 DAY < ?", [cut]).fetchall()}
        for table, sql in past.items()
    }
    wanted = {"archive.invoices": planted["M06"], "prod.prospects": planted["F26"] - {"RR-12"}}
    assert met == {table: wanted.get(table, set()) for table in past}
    assert len(met["prod.prospects"]) == (120 if knobs[1] == "all" else 0)
    strangers = connection.execute(
        "SELECT principal, object FROM ops.grants WHERE department NOT IN ('legal', 'finance', 'dpo', 'it') "
        "OR justification_ref IS NULL"
    ).fetchall()
    assert set(strangers) == {(one["key"], "contracts") for one in seen.told(folder, "F29")}
    months = 12 if knobs[2] == "real" else 7
    runs = {run for (run,) in connection.execute("SELECT run_id FROM ops.deletion_runs").fetchall()}
    owed = {
        f"RUN-{rule:02d}-{2025 + (6 + n) // 12}-{(6 + n) % 12 + 1:02d}" for rule in range(1, 13) for n in range(months)
    }
    assert runs <= owed
    assert owed - runs == planted["F30"]
    excused = connection.execute("SELECT run_id FROM ops.deletion_runs WHERE rows_deleted < rows_eligible").fetchall()
    silent = {key for (key,) in excused} - {one["unit"] for one in seen.told(folder, "D15")}
    assert silent == {one["unit"] for one in seen.told(folder, "F27") if one["control"] == "RET-04"}


def test_a_namesake_is_somebody_else(made: Any) -> None:
    folder = made()
    (decoy,) = seen.told(folder, "D10")
    case = seen.erased(folder)[decoy["unit"]]
    sql = "SELECT body, contact_email FROM prod.support_notes WHERE note_id = ?"
    body, email = opened(folder).execute(sql, [decoy["key"]]).fetchone() or ("", "")
    assert case["subject_name"] in body
    assert case["subject_email"] not in body + email


def test_every_searched_object_has_somebody_known_to_be_there(made: Any, knobs: tuple[int, str, str]) -> None:
    folder = company(made, *knobs)
    with (folder / "vault/canaries.csv").open(encoding="utf-8", newline="") as file:
        canaries = {row["case_id"]: row for row in csv.DictReader(file)}
    engagement = params.load("rehearsal", ROOT / "params", {})
    connection = seen.loaded(folder)
    keys = {row["key_value"].lower() for row in canaries.values() if row["key_kind"] == "email"}
    tokens = {token for key in keys for token in seen.forms(key, knobs[0])}
    met = seen.met(connection, {token: set() for token in tokens})
    tables = {table for table in met if table.partition(".")[0] not in ("ops", "docs")}
    erased = {row["subject_email"] for row in seen.erased(folder).values()}
    asked = {row["subject_email"] for row in lines(folder, "desk/tickets.jsonl")}
    for table in tables:
        place = engagement.places["mailbox.mailbox" if table == "mailbox.messages" else table]
        assert (place.canary is None) == (place.not_searched is not None), table
        if place.canary is None:
            # Nobody is overlooked there: no cell holds an address.
            text = f"SELECT count(*) FROM {table} AS live WHERE contains(CAST(live AS VARCHAR), '@')"
            assert connection.execute(text).fetchone() == (0,), table
            continue
        canary = canaries.pop(place.canary)
        if canary["key_kind"] == "exact":
            sql = f"SELECT count(*) FROM {table} WHERE requested_value = ?"
            assert connection.execute(sql, [canary["key_value"]]).fetchone() != (0,)
            continue
        forms = seen.forms(canary["key_value"], knobs[0])
        kinds = {forms[token] for token in met[table] & forms.keys()}
        assert kinds == ({"keyed"} if place.suppression else {"address"}), table
        if table == "prod.erasure_log":
            assert canary["key_value"] in erased
        else:
            assert canary["key_value"] not in erased | asked, table
    assert not canaries


def test_the_key_of_the_list_is_the_one_the_kit_gives(made: Any) -> None:
    assert draw.vault_key(SEED, "suppression") == seen.suppression_key(SEED)
    assert draw.vault_key(7, "suppression") != draw.vault_key(SEED, "suppression")
    recipe = params.load("rehearsal", ROOT / "params", {}).digests[0]
    assert (recipe.algorithm, recipe.key) == ("hmac-sha256", "vault:suppression")


def test_planted_in_two_halves_each_lies_where_it_lies_among_all(made: Any) -> None:
    together = lines(made(seed=11), "planted/planted.jsonl")
    new = {fault.id for fault in FAULTS} & {one for half in HALVES for one in half.split(",")}
    assert {*(f"F{n}" for n in (*range(15, 27), 29, 30))} <= new
    for half in HALVES:
        alone = lines(made(seed=11, faults=half), "planted/planted.jsonl")
        for fault in half.split(","):
            found = [one for one in alone if one["fault"] == fault]
            assert found == [one for one in together if one["fault"] == fault]
            assert found or fault == "M06"
        decoys = [[one for one in rows if one["fault"] in ("D09", "D10", "D11", "D13")] for rows in (alone, together)]
        assert decoys[0] == decoys[1]


def test_larger_companies_hold_the_same_faults(made: Any) -> None:
    small, larger = (made(contacts=contacts) for contacts in (1000, 3000))
    told = [json.loads((folder / "planted/expected.json").read_text()) for folder in (small, larger)]
    assert told[0] == told[1]
    found = seen.standing(larger, SEED)
    planted = {(one["unit"], one["table"]) for one in seen.told(larger, *STANDING) if one["unit"].startswith("ERA-")}
    assert {place for place in found if place[1] not in ("prod.suppression", "prod.erasure_log")} == planted
