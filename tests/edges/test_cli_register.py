"""`register` on the command line: what it writes, what it prints, what it never writes over, and its exit codes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from click.testing import CliRunner, Result

from evidence_kit.cli import main
from tests.edges.register_forms import form, ods

CSV = "id,name,purpose,retention,security measures\nA,Mail,Send,à compléter,TLS\nB,Old,Send,,\n"


def ask(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["register", *(str(one) for one in arguments)])


def answered(*arguments: object) -> Any:
    result = ask(*arguments, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    file = tmp_path / "r.csv"
    file.write_text(CSV, encoding="utf-8")
    return file


@pytest.fixture
def columns(tmp_path: Path) -> Path:
    file = tmp_path / "columns.csv"
    file.write_text("table,column\ncrm.contact,id\ncrm.contact,email\ncrm.visit,id\n", encoding="utf-8")
    return file


def test_read_writes_the_kit_s_form_and_never_over_another_file(register: Path, tmp_path: Path) -> None:
    out = tmp_path / "register.yaml"
    result = ask("read", register, "--out", out)
    assert (result.exit_code, result.stdout) == (
        0,
        f"2 activities, 0 stored objects and columns, 0 recipients\n{out}\n",
    )
    written = out.read_text(encoding="utf-8")
    assert [one["activity_id"] for one in yaml.safe_load(written)["activities"]] == ["A", "B"]
    out.write_text("mine", encoding="utf-8")
    again = ask("read", register, "--out", out)
    assert (again.exit_code, out.read_text(encoding="utf-8")) == (2, "mine")
    assert f"{out} is there already" in again.stderr
    assert ask("read", register, "--out", out, "--force").exit_code == 0
    assert out.read_text(encoding="utf-8") == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv", "register.yaml"]


def test_read_says_what_a_person_should_know(tmp_path: Path) -> None:
    (tmp_path / "r.ods").write_bytes(ods(("Paie", form()), ("Vieux", form(ref="T-2")), hidden=["Vieux"]))
    result = ask("read", tmp_path / "r.ods", "--out", tmp_path / "r.yaml")
    assert result.exit_code == 0
    assert f"evidence_kit: {tmp_path}/r.ods, sheet Vieux, row 1: this sheet is hidden" in result.stderr


def test_check_shows_every_cell_that_article_30_asks_for(register: Path) -> None:
    shown = answered("check", register)
    first, second = shown["activities"]
    assert {cell["column"]: cell["filled"] for cell in first["cells"]} == {
        "controller_contact": False,
        "purposes": True,
        "subject_categories": False,
        "data_categories": False,
        "recipient_categories": False,
        "third_countries": False,
        "erasure_periods": False,  # à compléter
        "security_measures": True,
    }
    assert (first["place"], first["empty"], second["empty"]) == (f"{register}, line 2", 6, 7)
    assert (shown["complete"], shown["retired"]) == (0, 0)
    lines = ask("check", register).stdout.splitlines()
    assert lines[0].split() == ["activity", "(a)", "(b)", "(c)", "(d)", "(e)", "(f)", "(g)", "30(2)", "empty"]
    assert lines[1].split()[:9] == ["A", "no", "yes", "no", "no", "no", "no", "yes", "·"]
    assert lines[-1] == "0 of 2 active activities have every cell; 0 retired"


def test_check_asks_a_processor_for_its_own_cells_and_leaves_the_retired_out(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text(
        "id,name,role,controller,clients,transfers,security,status\n"
        "A,Route,processor,ACME,Shops: routing,none,TLS,\nB,Gone,processor,,,,,archivée\n",
        encoding="utf-8",
    )
    shown = answered("check", file)
    (one,) = shown["activities"]
    assert [(cell["letter"], cell["filled"]) for cell in one["cells"]] == [("P", True)] * 4
    assert (shown["complete"], shown["retired"]) == (1, 1)
    assert ask("check", file, "--strict").exit_code == 0


def test_strict_fails_where_something_was_found(register: Path, columns: Path) -> None:
    assert ask("check", register, "--strict").exit_code == 1
    assert ask("drift", register, "--schema", columns, "--strict").exit_code == 1
    assert ask("drift", register, "--schema", columns).exit_code == 0


def test_drift_lists_tables_columns_and_what_is_new(tmp_path: Path, columns: Path) -> None:
    file, earlier = tmp_path / "r.csv", tmp_path / "earlier.csv"
    file.write_text("id,name,data\n1,Mail,crm.contact.email and fax_number\n", encoding="utf-8")
    earlier.write_text("column,table,type\nid,crm.contact,int\nfax_number,crm.contact,text\n", encoding="utf-8")
    shown = answered("drift", file, "--schema", columns, "--earlier", earlier)
    assert [(one["table"], one["column"], one["state"], one["by"], one["new"]) for one in shown["columns"]] == [
        ("crm.contact", "id", "undeclared", None, False),
        ("crm.contact", "email", "declared", "column", True),
        ("crm.visit", "id", "undeclared", None, True),
    ]
    assert [(one["column"], one["in_earlier_schema"]) for one in shown["gone"]] == [("fax_number", True)]
    assert (shown["new"], shown["dropped"]) == (["crm.contact.email", "crm.visit.id"], ["crm.contact.fax_number"])
    assert shown["tables_undeclared"] == ["crm.visit"]
    printed = ask("drift", file, "--schema", columns, "--earlier", earlier).stdout
    assert "tables of which no column is declared: 1\n  crm.visit\n" in printed
    assert printed.endswith("1 of 3 columns declared, 2 undeclared, 1 declared and gone\n")


ENGAGEMENT = """\
engagement: own
title: {en: "Own", fr: "Propre"}
organisation: {name: Own, country: FR}
period: {from: 2026-01-01, until: 2026-06-30}
as_of: 2026-06-30T21:59:59Z
timezone: Europe/Paris
calendar: FR
limit: {months: 1}
controls: [REG-03]
sources: {register: register.yaml, crm: crm.yaml}
"""


def test_drift_against_the_sources_of_an_engagement(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "own.yaml").write_text(ENGAGEMENT, encoding="utf-8")
    ready = (Path(__file__).parents[2] / "params/sources/register_kit.yaml").read_text(encoding="utf-8")
    (tmp_path / "sources/register.yaml").write_text(ready, encoding="utf-8")
    (tmp_path / "sources/crm.yaml").write_text(
        "source: crm\nengine: sqlite\noptions: {tables: '*'}\n", encoding="utf-8"
    )
    with closing(sqlite3.connect(tmp_path / "crm.db")) as base:
        base.execute("CREATE TABLE contacts (id, email, fax)")
        base.execute("CREATE TABLE visits (id)")
        base.commit()
    register = tmp_path / "mine.yaml"
    register.write_text(
        "register: 1\nactivities:\n- activity_id: A\n  name: Mail\n  capacity: controller\n  objects:\n"
        "  - {source: crm, object: contacts, columns: [id, email, phone]}\n  - {source: crm, object: leads}\n"
        "  - {source: erp, object: orders}\n",
        encoding="utf-8",
    )
    where = ("--schema", tmp_path / "own.yaml", "--source", f"crm={tmp_path}/crm.db")
    shown = answered("drift", register, *where)
    assert [(one["table"], one["column"]) for one in shown["undeclared"]] == [
        ("crm.contacts", "fax"),
        ("crm.visits", "id"),
    ]
    assert [(one["table"], one["column"]) for one in shown["gone"]] == [("crm.contacts", "phone"), ("crm.leads", None)]
    assert (shown["unread"], shown["not_known"], shown["new"]) == ([], ["erp.orders"], None)
    assert ask("drift", register, *where, "--of", "erp").exit_code == 2
    assert ask("drift", register, "--schema", tmp_path / "own.yaml").exit_code == 2  # nobody placed crm


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ("name,column\na,b\n", "line 1: it has no columns called table and column"),
        ("table,column\na,\n", "line 2: its table or its column is empty"),
        ("table,column\na,b\na,b\n", "line 3: this column of this table is listed twice"),
        ("table,column\n", "line 1: it lists 0 columns"),
    ],
    ids=["headers", "empty", "twice", "nothing"],
)
def test_a_schema_that_is_none_is_refused_with_its_line(
    register: Path, tmp_path: Path, schema: str, wanted: str
) -> None:
    (tmp_path / "s.csv").write_text(schema, encoding="utf-8")
    result = ask("drift", register, "--schema", tmp_path / "s.csv")
    assert (result.exit_code, wanted in result.stderr) == (3, True)


def test_fides_comes_back_file_by_file(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "register-fides"
    names = ("sample_systems.yml", "mongo_example_test_dataset.yml")
    read = ask("read", *(folder / name for name in names), "--out", tmp_path / "r.yaml")
    assert (read.exit_code, "a dataset that it refers to is in none" in read.stderr) == (0, True)
    back = ask("fides", tmp_path / "r.yaml", "--out", tmp_path / "back")
    assert (back.exit_code, back.stdout.split()) == (0, [str(tmp_path / "back" / name) for name in names])
    for name in names:
        given, got = folder / name, tmp_path / "back" / name
        assert yaml.safe_load(got.read_text("utf-8")) == yaml.safe_load(given.read_text("utf-8"))
    assert ask("fides", tmp_path / "r.yaml", "--out", tmp_path / "back").exit_code == 2
    assert ask("fides", tmp_path / "r.yaml", "--out", tmp_path / "back", "--force").exit_code == 0


def test_a_file_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    kept = "kept: {fides: [{file: ../evil.yml, resources: {system: []}}]}"
    (tmp_path / "r.yaml").write_text(f"register: 1\nactivities: []\n{kept}\n", encoding="utf-8")
    result = ask("fides", tmp_path / "r.yaml", "--out", tmp_path / "back")
    assert (result.exit_code, "no plain name" in result.stderr) == (2, True)
    assert not (tmp_path / "evil.yml").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "wanted"),
    [
        (("read", "nowhere.csv", "--out", "x.yaml"), 2, "does not exist"),
        (("check", "REGISTER", "--formulas", "cached"), 2, "--formulas goes with a file of form cnil"),
        (("check", "REGISTER", "--delimiter", "ab"), 2, "one character"),
        (("check", "REGISTER", "--column", "name"), 2, "write HEADER=COLUMN"),
        (("check", "REGISTER", "--column", "name=what"), 3, "a column that is not known"),
        (("check", "REGISTER", "--form", "kit"), 3, "line 1"),
        (("drift", "REGISTER", "--schema", "nowhere.csv"), 2, "is not there"),
        (("drift", "REGISTER", "--schema", "nobody"), 2, "no engagement of this name"),
        (("fides", "REGISTER", "--out", "back"), 2, "was not read from Fides"),
    ],
)
def test_what_cannot_be_asked_says_why(
    register: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, wanted: str
) -> None:
    monkeypatch.chdir(register.parent)
    result = ask(*(str(register) if one == "REGISTER" else one for one in arguments))
    assert (result.exit_code, wanted in result.stderr) == (code, True), result.stderr
    assert not (register.parent / "back").exists()
