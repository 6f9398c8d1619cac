"""Destinations and their providers, made of flows, register and portfolio; and the five controls from the files on."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from tests.edges.provider_cases import FLOW, PROVIDER, Table, judged, room, verdicts

NOT_REFERENCED = ("FAIL", "provider-not-referenced")


def units(tmp_path: Path, tables: dict[str, Table], frame: str, *columns: str) -> list[tuple[object, ...]]:
    source = room(tmp_path, "PRO-01", tables)
    rows = source.plain(frame, columns, columns[0])
    source.close()
    return [tuple(row.values()) for row in rows]


def test_a_destination_is_one_unit_wherever_it_was_seen(tmp_path: Path) -> None:
    flows = [
        {**FLOW, "flow_id": "1", "volume": "10"},
        {**FLOW, "flow_id": "2", "seen_in": "dns", "processor_id": None, "personal_data": None, "volume": "5",
         "first_seen_on": "2023-01-01"},
        {**FLOW, "flow_id": "3", "seen_in": "dns", "last_seen_on": "2026-06-01", "volume": None},
        {**FLOW, "flow_id": "4", "destination": "chairs", "processor_id": None, "personal_data": "false"},
        {**FLOW, "flow_id": "5", "destination": "half", "processor_id": None, "personal_data": "false"},
        {**FLOW, "flow_id": "6", "destination": "half", "processor_id": None, "personal_data": None},
    ]  # fmt: skip
    tables: dict[str, Table] = {"processors": [PROVIDER], "processor_flows": flows}
    columns = (
        *("destination", "seen_in", "processor_id", "personal_data"),
        *("first_seen_on", "last_seen_on", "volume"),
    )
    made = units(tmp_path / "a", tables, "destination_units", *columns)
    assert [row[:4] for row in made] == [
        ("api.acme.example", "dns,egress_log", "P1", True),
        ("chairs", "egress_log", None, False),
        ("half", "egress_log", None, None),
    ]
    assert made[0][4:] == ("2023-01-01", "2026-06-01", 15)
    assert verdicts(judged(tmp_path / "b", "PRO-01", tables)) == {
        "api.acme.example": ("PASS",),
        "half": ("INCONCLUSIVE", "personal-data-unknown"),
    }


def test_a_provider_that_nobody_referenced_is_no_match(tmp_path: Path) -> None:
    flows = [{**FLOW, "flow_id": "1", "processor_id": "P9"}, {**FLOW, "flow_id": "2", "destination": "x"}]
    tables: dict[str, Table] = {"processors": [PROVIDER], "processor_flows": flows}
    assert verdicts(judged(tmp_path / "a", "PRO-01", tables)) == {"api.acme.example": NOT_REFERENCED, "x": ("PASS",)}
    found = units(tmp_path / "b", tables, "destination_processors", "destination", "processor_id", "sub_processors")
    assert found == [("x", "P1", 0)]


def test_a_recipient_of_the_register_without_a_provider_is_a_destination(tmp_path: Path) -> None:
    recipients = [
        {"activity_id": "A1", "recipient": "Acme", "processor_id": "P1"},
        {"activity_id": "A1", "recipient": "Insurer", "processor_id": None},
        {"activity_id": "A2", "recipient": "Insurer", "processor_id": None},
        {"activity_id": "A2", "recipient": "Ghost", "processor_id": "P9"},
        {"activity_id": "A2", "recipient": "api.acme.example", "processor_id": "P1"},
    ]
    tables: dict[str, Table] = {
        "processors": [PROVIDER],
        "processor_flows": [{**FLOW, "flow_id": "1"}],
        "activity_recipients": recipients,
    }
    made = units(tmp_path / "a", tables, "destination_units", "destination", "seen_in", "personal_data")
    assert made == [
        ("Ghost", "register", True),
        ("Insurer", "register", True),
        ("api.acme.example", "egress_log,register", True),
    ]
    assert verdicts(judged(tmp_path / "b", "PRO-01", tables)) == {
        "Ghost": NOT_REFERENCED,
        "Insurer": NOT_REFERENCED,
        "api.acme.example": ("PASS",),
    }


@pytest.mark.parametrize(
    ("below", "papers", "said"),
    [
        ([], None, ("INCONCLUSIVE", "subprocessors-not-listed")),
        ([{**PROVIDER, "processor_id": "P2", "parent_id": "P1"}], None, ("PASS",)),
        ([], [("subprocessor_list", "2026-01-05")], ("PASS",)),
        ([], [("subprocessor_list", None)], ("INCONCLUSIVE", "subprocessors-not-listed")),
        ([], [("certificate", "2026-01-05")], ("INCONCLUSIVE", "subprocessors-not-listed")),
    ],
)
def test_below_a_processor_of_high_risk_the_others_are_listed(
    tmp_path: Path, below: Table, papers: Sequence[tuple[str, str | None]] | None, said: tuple[str, ...]
) -> None:
    tables: dict[str, Table] = {
        "processors": [{**PROVIDER, "parent_id": None, "risk_tier": "high"}, *below],
        "processor_flows": [{**FLOW, "flow_id": "1"}],
    }
    if papers is not None:
        tables["processor_documents"] = [
            {"document_id": f"D{n}", "processor_id": "P1", "kind": kind, "studied_on": day}
            for n, (kind, day) in enumerate(papers)
        ]
    assert verdicts(judged(tmp_path, "PRO-01", tables)) == {"api.acme.example": said}


def test_what_cannot_be_read_of_a_sighting_is_an_error_of_the_destination(tmp_path: Path) -> None:
    flows = [
        {**FLOW, "flow_id": "1", "last_seen_on": "yesterday"},
        {**FLOW, "flow_id": "2", "destination": "b", "personal_data": "perhaps"},
        {**FLOW, "flow_id": "3", "destination": "c", "processor_id": "P2"},
        {**FLOW, "flow_id": "4", "destination": "d", "processor_id": "P3"},
    ]
    providers = [
        PROVIDER,
        {**PROVIDER, "processor_id": "P2", "risk_tier": "huge"},
        # A contract whose day nobody can read is for PRO-02 to say.
        {**PROVIDER, "processor_id": "P3", "contract_signed_on": "soon"},
    ]
    found = verdicts(judged(tmp_path, "PRO-01", {"processors": providers, "processor_flows": flows}))
    assert {unit: said[0] for unit, said in found.items()} == {
        "api.acme.example": "ERROR",
        "b": "ERROR",
        "c": "ERROR",
        "d": "PASS",
    }


def test_reviews_and_proofs_are_files_that_the_kit_reads(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "V1.pdf").write_bytes(b"read by two")
    reviews = [
        {"review_id": "V1", "processor_id": "P1", "reviewed_on": "2026-01-05", "outcome": "compliant",
         "document_sha256": "kept/V1.pdf"},
        {"review_id": "V2", "processor_id": "P2", "reviewed_on": "2026-01-05", "outcome": "compliant",
         "document_sha256": "kept/V2.pdf"},
        {"review_id": "V3", "processor_id": "P3", "reviewed_on": "2026-01-05", "outcome": "compliant",
         "document_sha256": "../kept/V1.pdf"},
    ]  # fmt: skip
    providers = [{**PROVIDER, "processor_id": f"P{n}"} for n in (1, 2, 3)]
    tables: dict[str, Table] = {"processors": providers, "processor_reviews": reviews}
    assert verdicts(judged(tmp_path, "PRO-03", tables)) == {
        "P1": ("PASS",),
        "P2": ("INCONCLUSIVE", "review-document-missing"),
        "P3": ("ERROR", "unreadable-value"),
    }
    source = room(tmp_path, "PRO-03", tables)
    kept = source.plain("processor_reviews", ["review_id", "document_sha256"], "review_id")
    source.close()
    assert [row["document_sha256"] for row in kept] == [sha256(b"read by two").hexdigest(), None, None]


def test_each_control_takes_the_providers_of_its_own_states(tmp_path: Path) -> None:
    providers = [
        {**PROVIDER, "processor_id": f"P{n}", "status": status, "terminated_on": ended, "relation": relation}
        for n, (status, ended, relation) in enumerate(
            [
                ("active", None, "processor"),
                ("active", None, "controller"),
                ("charter", None, "processor"),
                ("action_plan", None, "sub_processor"),
                ("terminated", "2026-03-01", "processor"),
                ("candidate", None, "processor"),
                ("under_review", None, "processor"),
            ]
        )
    ]
    flows = [{**FLOW, "flow_id": str(n), "processor_id": f"P{n}", "destination": f"d{n}"} for n in range(7)]
    tables: dict[str, Table] = {
        "processors": providers,
        "processor_flows": flows,
        "processor_reviews": [
            {"review_id": "V1", "processor_id": "P0", "reviewed_on": "2026-01-05", "outcome": "compliant"}
        ],
        "processor_commitments": [{"commitment_id": "C1", "processor_id": "P2", "kind": "charter", "signed_on": None}],
    }
    asked = {name: sorted(judged(tmp_path / name, name, tables)) for name in ("PRO-02", "PRO-03", "PRO-04", "PRO-05")}
    assert asked == {
        "PRO-02": ["P0"],
        "PRO-03": ["P0", "P1", "P2", "P3"],
        "PRO-04": ["P4"],
        "PRO-05": ["P2", "P3"],
    }
    assert verdicts(judged(tmp_path / "fed", "PRO-04", tables)) == {
        "P4": ("FAIL", "flow-after-the-end", "return-not-certified")
    }
