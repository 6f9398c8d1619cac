"""`processors` on a small portfolio of one's own: list, move, due, twins, and the run that reads the moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from evidence_kit.cli import main

pytestmark = pytest.mark.slow  # keys, and databases opened many times

ENGAGEMENT = """\
engagement: my-audit
title: {en: Providers, fr: Prestataires}
organisation: {name: Exemple SA, country: FR}
period: {from: 2026-01-01, until: 2026-06-30}
as_of: 2026-06-30T21:59:59Z
timezone: Europe/Paris
calendar: null
limit: {months: 1}
people: [{id: dpo, role: dpo}, {id: lea, role: purchasing}]
controls: [PRO-02]
sources: {base: base.yaml}
"""
BASE = """\
source: base
engine: csv
timezone: UTC
options: {folder: true}
frames:
  processors:
    from: providers p
    columns:
      {processor_id: p.id, name: p.name, relation: {const: processor}, parent_id: null, service: null,
       country: p.country, transfer_mechanism: null, risk_tier: {const: low}, review_months: {const: 12},
       status: p.status, contract_signed_on: p.signed, art28_terms: p.terms, subprocessing_terms: null,
       terminated_on: null, data_returned_or_deleted_on: null}
  processor_reviews:
    from: reviews r
    columns:
      {review_id: r.id, processor_id: r.provider, reviewed_on: r.day, outcome: {const: compliant}, documents_read: null,
       document_sha256: null, next_due_on: null}
  processor_documents:
    from: documents d
    columns:
      {document_id: d.id, processor_id: d.provider, kind: {const: certificate}, title: d.title, studied_on: null,
       studied_by_role: null, valid_until: d.end_day}
"""
FILES = {
    "providers": "id,name,country,status,signed,terms\nP-1,Acme SAS,FR,active,2024-01-01,abcdefgh\n"
    "P-2,ACME,FR,under_review,,\nP-3,Boreal,FR,terminated,2020-01-01,abcdefgh\nP-4,Cirrus,FR,odd,9999-12-31,abc\n",
    "reviews": "id,provider,day\nR-1,P-1,2025-03-31\n",
    "documents": "id,provider,title,end_day\nD-1,P-1,ISO27001:2013,2020-01-01\nD-2,P-2,SOC2,9999-12-31\n"
    "D-3,P-2,SOC 2,31/12/2026\nD-4,P-2,PCI DSS,2026-07-14\n",
}


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An engagement with its keys and three small files."""
    for name, text in {"engagements/my-audit": ENGAGEMENT, "sources/base": BASE}.items():
        path = tmp_path / "params" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "base").mkdir()
    for name, text in FILES.items():
        (tmp_path / "base" / f"{name}.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("EVIDENCE_KIT_VAULTS", str(tmp_path / "vaults"))
    monkeypatch.setenv("EVIDENCE_KIT_PASSPHRASE", "a long enough passphrase")
    monkeypatch.setenv("EVIDENCE_CLOCK", "2026-06-30T12:00:00Z")
    path = tmp_path / "params/engagements/my-audit.yaml"
    assert CliRunner().invoke(main, ["init", str(path)]).exit_code == 0
    return path


def asked(mine: Path, command: str, *words: str, **extra: str) -> Result:
    home = mine.parents[2]
    options = [f"--source=base={home / 'base'}", f"--out={home / 'out'}"]
    return CliRunner().invoke(main, ["processors", str(mine), command, *words, *options], **extra)  # type: ignore[arg-type]


def told(mine: Path, command: str, *words: str) -> dict[str, Any]:
    result = asked(mine, command, *words, "--json", "-q")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def moved(mine: Path, processor: str, to: str, *words: str, by: str = "person:lea", reason: str = "read") -> Result:
    return asked(mine, "move", processor, to, f"--by={by}", f"--reason={reason}", *words)


def entries(mine: Path) -> list[dict[str, Any]]:
    path = mine.parents[2] / "out/my-audit/ledger.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_portfolio_with_its_states_days_and_findings(mine: Path) -> None:
    shown = told(mine, "list")
    rows = {row["processor_id"]: row for row in shown["processors"]}
    assert [row["state"] for row in rows.values()] == ["active", "under_review", "terminated", None]
    assert [shown["states"][name] for name in ("active", "under_review", "terminated")] == [1, 1, 1]
    assert (rows["P-1"]["last_review"], rows["P-1"]["next_due"]) == ("2025-03-31", "2020-01-01")
    assert set(rows["P-1"]["findings"]) == {
        "named-like-another", "certificate-superseded", "document-expired", "review-overdue",
    }  # fmt: skip
    assert {"document-without-end", "date-unreadable"} <= set(rows["P-2"]["findings"])
    assert {"value-unreadable", "day-in-future", "terms-missing", "no-certificate"} <= set(rows["P-4"]["findings"])
    assert "Acme SAS" in asked(mine, "list").stdout


def test_a_move_stands_in_the_ledger_and_in_the_file_and_the_next_one_follows_it(mine: Path) -> None:
    assert moved(mine, "P-2", "active", "--on=2026-06-12").exit_code == 0
    assert moved(mine, "P-2", "action_plan", "--on=2026-06-20", reason="one term is missing").exit_code == 0
    first, second = (entry for entry in entries(mine) if entry["action"] == "processor.moved")
    assert (first["actor"], first["data"]["before"], first["data"]["after"]) == ("person:lea", "under_review", "active")
    assert (second["data"]["before"], second["data"]["on"]) == ("active", "2026-06-20")
    rows = {row["processor_id"]: row for row in told(mine, "list")["processors"]}
    assert (rows["P-2"]["state"], rows["P-2"]["state_in_portfolio"]) == ("action_plan", "under_review")


@pytest.mark.parametrize(
    ("processor", "to", "words", "said"),
    [
        ("P-1", "charter", ("--on=2026-06-01",), "active leads to under_review or action_plan or terminated"),
        ("P-1", "active", ("--on=2026-06-01",), "not to active"),
        ("P-2", "active", (), "needs the day of the review"),
        ("P-2", "active", ("--on=2026-07-01",), "lies after 2026-06-30"),
        ("P-3", "active", ("--on=2026-06-01",), "terminated is final"),
        ("P-4", "under_review", (), "gives no state that the kit knows"),
        ("P-9", "active", ("--on=2026-06-01",), "4 are known"),
        ("ana@acme.fr", "active", (), "no address"),
    ],
)
def test_what_may_not_follow_is_refused_with_what_may_and_nothing_is_written(
    mine: Path, processor: str, to: str, words: tuple[str, ...], said: str
) -> None:
    result = moved(mine, processor, to, *words)
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
    assert not (mine.parents[2] / "out/my-audit/processors/moves.jsonl").exists()


def test_nobody_unknown_moves_and_no_reason_tells_of_anybody(mine: Path) -> None:
    assert "person:dpo, person:lea" in moved(mine, "P-1", "under_review", by="person:bob").stderr
    assert moved(mine, "P-1", "under_review", by="process:run").exit_code == 2
    for reason in ("asked ana@acme.fr", "two\nlines", "x" * 201, "", "called 06 12 34 56 78"):
        assert moved(mine, "P-1", "under_review", reason=reason).exit_code == 2


def test_a_file_of_moves_that_was_changed_is_refused(mine: Path) -> None:
    assert moved(mine, "P-1", "under_review").exit_code == 0
    path = mine.parents[2] / "out/my-audit/processors/moves.jsonl"
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"under_review", b"action_plan_"))
    assert moved(mine, "P-1", "active", "--on=2026-06-12").exit_code == 3
    path.unlink()
    assert asked(mine, "list").exit_code == 3
    path.write_bytes(kept)
    assert moved(mine, "P-1", "active", "--on=2026-06-12").exit_code == 0


def test_what_falls_due_as_a_list_and_as_a_calendar(mine: Path, tmp_path: Path) -> None:
    shown = told(mine, "due", f"--ics={tmp_path / 'due.ics'}")
    assert [(one["kind"], one["subject"], one["on"], one["when"]) for one in shown["due"]] == [
        ("certificate", "P-1", "2020-01-01", "overdue"),
        ("review", "P-1", "2026-03-31", "overdue"),
        ("certificate", "P-2", "2026-07-14", "soon"),
    ]
    assert shown["counts"] == {"overdue": 2, "soon": 1, "endless": 1, "unreadable": 1}
    assert len(Calendar.from_ical((tmp_path / "due.ics").read_bytes()).walk("VEVENT")) == 3
    assert len(told(mine, "due", "--days=5")["due"]) == 2


def test_twins_are_proposed_until_somebody_tells_them_apart(mine: Path) -> None:
    (pair,) = told(mine, "twins")["pairs"]
    assert (pair["processors"], pair["names"], pair["how"]) == (["P-1", "P-2"], ["Acme SAS", "ACME"], "same")
    assert len(told(mine, "list")["processors"]) == 4
    mine.write_text(mine.read_text("utf-8") + "told_apart: [[P-2, P-1]]\n", encoding="utf-8")
    assert told(mine, "twins")["pairs"] == []


def test_the_moves_are_a_source_of_the_next_run(mine: Path) -> None:
    """Through the mapping of the kit: the state in the ledger stands beside that of the portfolio."""
    from evidence_kit.edges.source import SqlSource
    from evidence_kit.wiring import keys, places, portfolio

    assert moved(mine, "P-2", "active", "--on=2026-06-12", reason="eight terms, all found").exit_code == 0
    home = mine.parents[2]
    mine.write_text(mine.read_text("utf-8").replace("base.yaml}", "base.yaml, moves: kit_processors.yaml}"), "utf-8")
    lying = {"base": home / "base", "moves": home / "out/my-audit/processors" / portfolio.MOVES}
    agreed = places.load(mine, {name: str(path) for name, path in lying.items()})
    (home / "work").mkdir()
    source = SqlSource(agreed, lying, home / "work", keys.opened(agreed, home / "out/my-audit"))
    columns = ("processor_id", "from_status", "to_status", "moved_at", "actor_role", "reason")
    (row,) = source.plain("processor_moves", columns, "move_id")
    presence = source.plain("provider_presence", ("processor_id", "status_in_ledger"), "processor_id")
    source.close()
    assert [row[name] for name in columns if name != "moved_at"] == [
        "P-2", "under_review", "active", "purchasing", "eight terms, all found",
    ]  # fmt: skip
    assert {one["processor_id"]: one["status_in_ledger"] for one in presence} == {
        "P-1": None, "P-2": "active", "P-3": None, "P-4": None,
    }  # fmt: skip
