"""`probe` and `drill` on a small base of one's own: who came back, after which job, and the replay list."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from evidence_kit.cli import main
from evidence_kit.wiring import probing

pytestmark = pytest.mark.slow  # keys, and databases opened many times

ADA, BOB, EVE, CANARY = "ada@mail.example", "bob@mail.example", "eve@mail.example", "canary@mail.example"
ENGAGEMENT = """\
engagement: my-audit
title: {en: Erasures, fr: Effacements}
organisation: {name: Exemple SA, country: FR}
period: {from: 2026-01-01, until: 2026-12-31}
as_of: 2026-12-31T22:59:59Z
timezone: Europe/Paris
calendar: null
limit: {months: 1}
controls: [ERA-01]
sources: {base: base.yaml, records: records.yaml}
places:
  base.contacts: {canary: canary-01}
  base.invoices: {canary: canary-01, exception: 17(3)(b), keep: 10 years, start: issued_on}
  records: {not_searched: "the organisation's own records"}
"""
BASE = """\
source: base
engine: duckdb
objects:
  contacts: {row_key: {row: contact_id}, persons: [email], dated: created_at}
  invoices: {row_key: {row: invoice_id}, persons: [email], dated: issued_on}
"""
RECORDS = """\
source: records
engine: csv
timezone: UTC
options: {folder: true}
frames:
  erasure_log:
    from: erasures e
    columns:
      erasure_id: e.erasure_id
      request_id: null
      subject_key: {person: e.address}
      capacity: {const: controller}
      decided_at: e.executed_at
      executed_at: e.executed_at
      scope: {const: full}
      method: {const: delete}
      exception_basis: null
      identifier_form: {const: clear_in_vault}
      operator_key: null
  subject_keys:
    from: canaries c
    columns: {case_id: c.case_id, key_kind: {const: email}, key_value: {person: c.address}}
  backups:
    from: backups b
    columns:
      {backup_id: b.backup_id, source: {const: base}, kind: {const: full}, taken_at: b.taken_at, expires_at: null,
       deleted_at: null, cycle_days: null}
  return_jobs:
    from: imports i
    columns: {job_id: i.job_id, cause: {const: re-import}, ended_at: i.ended_at, source: {const: base}}
"""
FILES = {
    "erasures": f"erasure_id,address,executed_at\nE-1,{ADA},2026-02-01T09:00:00Z\nE-2,{BOB},2026-03-01T09:00:00Z\n"
    f"E-3,{EVE},2026-03-02T09:00:00Z\n",
    "canaries": f"case_id,address\ncanary-01,{CANARY}\n",
    "backups": "backup_id,taken_at\nBK-1,2026-02-15T02:00:00Z\n",
    "imports": "job_id,ended_at\nI-1,2026-04-02T10:00:00Z\nI-2,2026-06-02T10:00:00Z\n",
}


def base(path: Path, *people: str) -> Path:
    """A base in which the canary and these people stand as contacts; ada has an invoice that the law keeps."""
    with duckdb.connect(str(path)) as session:
        session.execute("CREATE TABLE contacts (contact_id BIGINT, email VARCHAR, created_at TIMESTAMP)")
        session.execute("CREATE TABLE invoices (invoice_id BIGINT, email VARCHAR, issued_on DATE)")
        for number, one in enumerate((CANARY, *people)):
            session.execute("INSERT INTO contacts VALUES (?, ?, '2025-05-01 08:00:00')", [number, one])
        session.execute(f"INSERT INTO invoices VALUES (1, '{CANARY}', '2025-05-01'), (2, '{ADA}', '2025-06-01')")
    return path


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An engagement with its keys; bob is in the base from the beginning."""
    for name, text in {"engagements/my-audit": ENGAGEMENT, "sources/base": BASE, "sources/records": RECORDS}.items():
        path = tmp_path / "params" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "records").mkdir()
    for name, text in FILES.items():
        (tmp_path / "records" / f"{name}.csv").write_text(text, encoding="utf-8")
    base(tmp_path / "base.duckdb", BOB)
    monkeypatch.setenv("EVIDENCE_KIT_VAULTS", str(tmp_path / "vaults"))
    monkeypatch.setenv("EVIDENCE_KIT_PASSPHRASE", "a long enough passphrase")
    path = tmp_path / "params/engagements/my-audit.yaml"
    assert CliRunner().invoke(main, ["init", str(path)]).exit_code == 0
    return path


def asked(command: str, engagement: Path, at: str, *words: str, database: Path | None = None) -> Result:
    """One command, on the day `at`, with both sources placed. What the sources hold is in no output."""
    home = engagement.parents[2]
    placed = (f"--source=base={database or home / 'base.duckdb'}", f"--source=records={home / 'records'}")
    if command == "drill":
        placed = (placed[0],)
        os.environ["RECORDS"] = str(home / "records")
    arguments = [command, str(engagement), f"--out={home / 'out'}", *placed, *words]
    done = CliRunner(env={"EVIDENCE_CLOCK": at}).invoke(main, arguments, standalone_mode=False)
    assert not any(address in done.output for address in (ADA, BOB, EVE, CANARY))
    return done


def told(done: Result) -> dict[str, Any]:
    assert done.return_value in (0, None), done.output
    shown = json.loads(done.stdout)
    assert isinstance(shown, dict)
    return shown


def test_who_came_back_after_which_import_and_who_is_gone(mine: Path) -> None:
    first = told(asked("probe", mine, "2026-04-01T08:00:00Z", "--json", "-q"))
    assert [(one["case_id"], one["place"]) for one in first["new"]] == [("E-2", "base.contacts")]
    assert first["states"] == {"absent": 4, "kept": 1, "present": 1}
    assert first["returned"] == []
    assert first["without_control"] == []

    home = mine.parents[2]
    (home / "base.duckdb").unlink()
    base(home / "base.duckdb", EVE)
    done = asked("probe", mine, "2026-05-01T08:00:00Z", "--json", "-q", "--strict")
    assert done.return_value == 1
    then = json.loads(done.stdout)
    (back,) = then["returned"]
    assert (back["case_id"], back["place"], back["rows"]) == ("E-3", "base.contacts", 1)
    assert back["absent_at"].startswith("2026-04-01")
    assert [job["job_id"] for job in back["jobs"]] == ["I-1"]
    assert [one["case_id"] for one in then["gone"]] == ["E-2"]

    record = (home / "out/my-audit/probes/probes.jsonl").read_text(encoding="utf-8")
    assert {json.loads(line)["entry"] for line in record.splitlines()} == {1, 2}
    assert not any(address in record for address in (ADA, BOB, EVE, CANARY))
    ledger = (home / "out/my-audit/ledger.jsonl").read_text(encoding="utf-8")
    assert [digest in ledger for digest in then["files"].values()] == [True]


def test_a_place_that_is_gone_is_lost_and_not_a_pass(mine: Path) -> None:
    asked("probe", mine, "2026-04-01T08:00:00Z", "-q")
    with duckdb.connect(str(mine.parents[2] / "base.duckdb")) as session:
        session.execute("DROP TABLE contacts")
    done = asked("probe", mine, "2026-05-01T08:00:00Z", "--json", "-q", "--strict")
    assert done.return_value == 1
    assert {one["place"] for one in json.loads(done.stdout)["lost"]} == {"base.contacts"}


def test_an_edited_record_is_refused_and_so_is_a_clock_set_back(mine: Path) -> None:
    asked("probe", mine, "2026-04-01T08:00:00Z", "-q")
    back = CliRunner(env={"EVIDENCE_CLOCK": "2026-03-01T08:00:00Z"})
    home = mine.parents[2]
    words = ["probe", str(mine), f"--out={home / 'out'}", f"--source=base={home / 'base.duckdb'}",
             f"--source=records={home / 'records'}", "-q"]  # fmt: skip
    assert back.invoke(main, words).exit_code == 2
    record = home / "out/my-audit/probes/probes.jsonl"
    record.write_bytes(record.read_bytes().replace(b'"absent"', b'"masked"', 1))
    done = CliRunner(env={"EVIDENCE_CLOCK": "2026-05-01T08:00:00Z"}).invoke(main, words)
    assert done.exit_code == 3
    assert "changed after it was written" in done.output


def test_a_search_that_died_before_the_ledger_knew_of_it_is_made_again(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked("probe", mine, "2026-04-01T08:00:00Z", "-q")
    record = mine.parents[2] / "out/my-audit/probes/probes.jsonl"
    before = record.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(probing, "_enter", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert asked("probe", mine, "2026-04-02T08:00:00Z", "-q").return_value == 130
    assert record.read_bytes().startswith(before)
    assert record.read_bytes() != before
    then = told(asked("probe", mine, "2026-04-03T08:00:00Z", "--json", "-q"))
    assert {one["case_id"] for one in then["still"]} == {"E-2"}
    assert {json.loads(line)["probed_at"][:10] for line in record.read_text().splitlines()} == {
        "2026-04-01",
        "2026-04-03",
    }


def test_a_restored_backup_is_replayed_before_the_drill_passes(mine: Path, tmp_path: Path) -> None:
    # Opened from the mapping, so that only the restored source is named on the command line.
    sources = tmp_path / "params/sources/records.yaml"
    sources.write_text(RECORDS.replace("engine: csv", "engine: csv\nopen: env:RECORDS"), encoding="utf-8")
    restored = base(tmp_path / "restored.duckdb", ADA, BOB)
    first = told(asked("drill", mine, "2026-05-01T08:00:00Z", "--backup=BK-1", "--json", "-q", database=restored))
    # ada was erased before the backup: whatever it holds of her is no matter of replaying.
    assert (first["verdict"], first["erasures_expected"], first["erasures_back"]) == ("FAIL", 2, 1)
    (listed,) = [path for path in first["files"] if path.endswith(".csv")]
    lines = Path(listed).read_text(encoding="utf-8").splitlines()
    assert lines == ["case_id,source,object,matched_in,matched_rows", "E-2,base,contacts,email,1"]
    assert Path(listed).stat().st_mode & 0o077 == 0

    with duckdb.connect(str(restored)) as session:
        session.execute(f"DELETE FROM contacts WHERE email = '{BOB}'")
    after = told(asked("drill", mine, "2026-05-01T09:00:00Z", "--backup=BK-1", "--json", "-q", database=restored))
    assert (after["verdict"], after["erasures_back"], after["drill_id"]) == ("PASS", 0, "DRILL-002")

    with duckdb.connect(str(restored)) as session:
        session.execute(f"DELETE FROM contacts WHERE email = '{CANARY}'")
    blind = asked("drill", mine, "2026-05-01T10:00:00Z", "--backup=BK-1", "--strict", "-q", database=restored)
    assert blind.return_value == 1
    assert "INCONCLUSIVE" in blind.stdout


def test_only_the_source_named_as_restored_is_searched(mine: Path, tmp_path: Path) -> None:
    copy = base(tmp_path / "copy.duckdb", BOB)
    placed = [f"--source=base={copy}", f"--source=records={tmp_path / 'records'}"]
    words = ["drill", str(mine), "--backup=BK-1", "--json", "-q", f"--out={tmp_path / 'out'}", *placed]
    runner = CliRunner(env={"EVIDENCE_CLOCK": "2026-05-01T08:00:00Z"})
    done = runner.invoke(main, [*words, "--restored=base"])
    assert (json.loads(done.stdout)["sources"], json.loads(done.stdout)["erasures_back"]) == ("base", 1)
    assert runner.invoke(main, [*words, "--restored=bse"]).exit_code == 2


def test_an_unknown_backup_is_refused_and_so_is_a_drill_without_a_restored_source(mine: Path, tmp_path: Path) -> None:
    sources = tmp_path / "params/sources/records.yaml"
    sources.write_text(RECORDS.replace("engine: csv", "engine: csv\nopen: env:RECORDS"), encoding="utf-8")
    done = asked("drill", mine, "2026-05-01T08:00:00Z", "--backup=BK-9", "-q")
    assert done.return_value == 2 or done.exit_code == 2
    alone = CliRunner().invoke(main, ["drill", str(mine), "--backup=BK-1", "-q", f"--out={tmp_path / 'out'}"])
    assert alone.exit_code == 2
    assert "--source" in alone.output
