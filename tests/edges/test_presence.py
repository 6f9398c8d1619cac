"""Where each provider is known: register, flows, ledger; and whose name reads like it. From the files on."""

from __future__ import annotations

from pathlib import Path

from evidence_kit.edges.derived.presence import apart
from tests.edges.provider_cases import FLOW, PROVIDER, Table, room

COLUMNS = ("processor_id", "in_register", "in_flows", "named_like", "status_in_ledger", "moved_at")


def presence(tmp_path: Path, **tables: Table) -> dict[str, tuple[object, ...]]:
    source = room(
        tmp_path, "PRO-01", {"processor_flows": [], **tables} if "processor_flows" in tables else dict(tables)
    )
    rows = source.plain("provider_presence", COLUMNS, "processor_id")
    source.close()
    return {str(row["processor_id"]): tuple(row[name] for name in COLUMNS[1:]) for row in rows}


def provider(id_: str, name: str, **more: str) -> dict[str, str | None]:
    return {**PROVIDER, "processor_id": id_, "name": name, "parent_id": None, **more}


def test_what_nobody_maps_is_not_known(tmp_path: Path) -> None:
    assert presence(tmp_path, processors=[provider("P1", "Acme")]) == {"P1": (None, None, None, None, None)}


def test_a_recipient_is_met_by_identifier_or_by_a_name_that_folds_to_it(tmp_path: Path) -> None:
    portfolio = [
        provider("P1", "Acme SAS"),
        provider("P2", "Écho Ltd."),
        provider("P3", "Other"),
        provider("P4", "Cloud"),
    ]
    entries: Table = [
        {"activity_id": "A1", "recipient": "whoever", "processor_id": "P1"},
        {"activity_id": "A1", "recipient": "ECHO, 12 rue de la Paix", "processor_id": None},
        {"activity_id": "A2", "recipient": "Cloud services, Inc.", "processor_id": None},
    ]
    found = presence(tmp_path, processors=portfolio, activity_recipients=entries)
    assert {id_: row[0] for id_, row in found.items()} == {"P1": True, "P2": True, "P3": False, "P4": False}


def test_flows_are_met_by_identifier(tmp_path: Path) -> None:
    flows: Table = [{**FLOW, "flow_id": "1"}, {**FLOW, "flow_id": "2", "processor_id": None}]
    found = presence(tmp_path, processors=[provider("P1", "Acme"), provider("P2", "Other")], processor_flows=flows)
    assert {id_: row[1] for id_, row in found.items()} == {"P1": True, "P2": False}


def test_a_provider_twice_under_different_spellings_is_two_rows_that_name_each_other(tmp_path: Path) -> None:
    portfolio = [provider("P1", "Acme S.A.S."), provider("P2", "ACMÉ"), provider("P3", "Acme Inc", parent_id="P1"),
                 provider("P4", "Acne"), provider("P5", "")]  # fmt: skip
    found = presence(tmp_path, processors=portfolio)
    assert {id_: row[2] for id_, row in found.items()} == {
        "P1": "P2",
        "P2": "P1,P3",
        "P3": "P2",
        "P4": None,
        "P5": None,
    }


def test_the_last_move_up_to_the_cut_off_counts(tmp_path: Path) -> None:
    def moved(number: int, id_: str, to: str, at: str) -> dict[str, str | None]:
        return {"move_id": f"M{number}", "processor_id": id_, "from_status": None, "to_status": to, "moved_at": at,
                "actor_role": "dpo", "reason": "x"}  # fmt: skip

    moves = [
        moved(1, "P1", "under_review", "2026-01-01T08:00:00Z"),
        moved(2, "P1", "active", "2026-02-01T08:00:00Z"),
        moved(3, "P1", "terminated", "2026-07-01T08:00:00Z"),
        moved(4, "P2", "charter", "2026-02-01T08:00:00Z"),
        moved(5, "P2", "action_plan", "2026-02-01T08:00:00Z"),
        moved(6, "P9", "active", "2026-02-01T08:00:00Z"),
    ]
    portfolio = [provider("P1", "Acme"), provider("P2", "Other"), provider("P3", "Third")]
    found = presence(tmp_path, processors=portfolio, processor_moves=moves)
    assert {id_: row[3] for id_, row in found.items()} == {"P1": "active", "P2": "action_plan", "P3": None}
    assert str(found["P1"][4]).startswith("2026-02-01T08:00:00")


def test_parents_and_those_of_one_parent_are_known_to_be_two() -> None:
    assert apart({"P2": "P1", "P3": "P1", "P4": "P9"}) == {("P2", "P1"), ("P3", "P1"), ("P2", "P3"), ("P4", "P9")}
