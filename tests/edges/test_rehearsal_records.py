"""Register, sendings and providers of the made-up company: what is planted is there; the kit finds it and no more."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.edges.rehearsal.register_plantings import PERSONAL
from evidence_kit.edges.rehearsal.write import SEED
from tests.edges.made_company import lines, maker, opened, personal_columns
from tests.edges.made_erasures import told
from tests.edges.made_records import judged, papers, planted

pytestmark = pytest.mark.slow  # whole companies are made here
#: Seed, faults and cut of the companies that are looked at.
COMPANIES = ((SEED, "all", "real"), (SEED, "all", "mock"), (7, "none", "real"))
#: Planted with one half, each fault lies where it lies among all.
HALVES = ("F32,F34,F37,F39,F41,F43,M02,M04", "F33,F35,F38,F40,F42,M01,M03")
PROVIDERS = ("F40", "F41", "F42", "F43")


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


def test_records_judged_again_fail_where_planted_and_nowhere_else(made: Any, knobs: tuple[int, str, str]) -> None:
    folder = company(made, *knobs)
    expected = json.loads((folder / "planted/expected.json").read_text())
    for control, (units, failing) in judged(folder, knobs[2], knobs[0]).items():
        assert units == expected[control]["units"], control
        assert failing == planted(folder, control), control
        assert len(failing) == expected[control]["FAIL"], control


def test_personal_columns_are_those_of_the_norm() -> None:
    assert {table: set(columns.split()) for table, columns in PERSONAL.items()} == {
        table: columns for table, columns in personal_columns().items() if columns
    }


def test_no_two_faults_touch_one_provider(made: Any) -> None:
    folder = company(made, 3, "all", "mock")
    pairs = {(one["fault"], one["unit"]) for one in told(folder, *PROVIDERS, "M04")}
    hosts = dict(opened(folder).execute("SELECT destination, processor_id FROM ops.egress").fetchall())
    assert {hosts[one["unit"]] for one in told(folder, "M03")} == {None}
    assert max(Counter(unit for _, unit in pairs).values()) == 1
    assert len(pairs) == 5 + 8 + 1 + 4 + 19


def test_flows_of_ended_providers_are_older_than_the_end_but_for_those_planted(made: Any) -> None:
    folder = company(made, SEED, "all", "real")
    rows = opened(folder).execute(
        "SELECT processor_id, min(first_seen_on) < terminated_on, max(last_seen_on) < terminated_on "
        "FROM docs.processors JOIN ops.egress USING (processor_id) WHERE status = 'terminated' "
        "GROUP BY processor_id, terminated_on"
    ).fetchall()  # fmt: skip
    assert all(before for _, before, _ in rows)
    silent = {provider for provider, _, over in rows if over}
    assert silent == {one["unit"] for one in told(folder, "D18")}
    assert len(rows) == len(silent) + 2 == 6
    sql = "SELECT name, personal_data FROM docs.supplier_ledger WHERE supplier_code = ?"
    (chairs,) = told(folder, "D19")
    assert opened(folder).execute(sql, [chairs["unit"]]).fetchall() == [("Chaises et tables", False)]


def test_every_paper_that_is_named_lies_there(made: Any, knobs: tuple[int, str, str]) -> None:
    named, there = papers(company(made, *knobs))
    assert named == there
    assert 60 < len(there) < 200


def test_eleven_letters_left_three_to_thirty_days_after_the_unsubscribe(made: Any) -> None:
    folder = company(made, SEED, "all", "real")
    connection = opened(folder)
    sql = (
        "SELECT m.sent_at - u.unsubscribed_at, c.message_type, u.unsubscribed_at = s.added_at, u.email "
        "FROM prod.messages m JOIN prod.campaigns c USING (campaign_id) JOIN prod.unsubscribes u "
        "ON u.email = m.recipient_email AND u.account_id = c.account_id "
        "JOIN prod.suppression s ON s.entry_id = u.unsub_id WHERE message_id = ?"
    )
    late = [connection.execute(sql, [one["key"]]).fetchall() for one in told(folder, "F38")]
    assert all(len(rows) == 1 for rows in late)
    waits = sorted(rows[0][0] for rows in late)
    assert len(waits) == 11
    assert timedelta(days=3) <= waits[0] < waits[-1] < timedelta(days=31)
    assert {rows[0][1:3] for rows in late} == {("marketing", True)}
    erased = {one["subject_email"] for one in lines(folder, "desk/tickets.jsonl") if one["right"] == "erasure"}
    assert not erased & {rows[0][3] for rows in late}
    invoice, letter = (connection.execute(sql, [one["key"]]).fetchall()[0] for one in told(folder, "D17"))
    assert (invoice[1], letter[1]) == ("transactional", "marketing")
    assert invoice[0] > timedelta(0)
    assert letter[0] == timedelta(hours=20)


def test_what_is_ghost_on_paper_or_unused_is_for_its_own_control_alone(made: Any) -> None:
    connection = opened(company(made, SEED, "all", "real"))
    rules_of = {name for (name,) in connection.execute("SELECT object FROM docs.retention").fetchall()}
    assert "contests_2023" not in rules_of
    assert connection.execute("SELECT count(*) FROM prod.contests_2023").fetchone() == (0,)
    books = connection.execute(
        "SELECT activity_id, visit_note_ref IS NOT NULL, (SELECT count(*) FROM docs.register_objects o "
        "WHERE o.activity_id = g.activity_id) FROM docs.register g WHERE medium = 'paper'"
    ).fetchall()
    assert books == [("ACT-20", True, 0)]
    unused = "SELECT field_name FROM prod.templates WHERE used_in = 'unused' AND account_id IS NULL ORDER BY 1"
    fields = [name for (name,) in connection.execute(unused).fetchall()]
    assert fields == ["birth_date", "phone", "postal_address"]
    named = "SELECT column_name FROM docs.register_objects WHERE object = 'contacts'"
    assert set(fields) <= {name for (name,) in connection.execute(named).fetchall()}


def test_planted_in_two_halves_each_lies_where_it_lies_among_all(made: Any) -> None:
    together = lines(company(made, 3, "all", "mock"), "planted/planted.jsonl")
    for half in HALVES:
        alone = lines(company(made, 3, half, "mock"), "planted/planted.jsonl")
        for fault in half.split(","):
            found = [one for one in alone if one["fault"] == fault]
            assert found == [one for one in together if one["fault"] == fault] != [], fault
        decoys = [[one for one in rows if one["fault"] in ("D16", "D17", "D18", "D19")] for rows in (alone, together)]
        assert decoys[0] == decoys[1] != []
