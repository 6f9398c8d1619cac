"""A register as a source: through the ready mappings the frames of the register controls, whatever form it has."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from evidence_kit.edges import opening, params, relations, unread
from evidence_kit.errors import ParameterError, SourceError
from tests.edges.register_forms import form, ods, xlsx

ROOT = Path(__file__).parents[2]
ENGAGEMENT = """\
engagement: own
title: {{en: "Own", fr: "Propre"}}
organisation: {{name: Own, country: FR}}
period: {{from: 2026-01-01, until: 2026-06-30}}
as_of: 2026-06-30T21:59:59Z
timezone: Europe/Paris
calendar: FR
limit: {{months: 1}}
controls: [REG-03]
sources: {{register: {0}}}
"""
KIT = """\
register: 1
activities:
- activity_id: A
  name: Mail
  capacity: processor
  reviewed_on: '2026-01-31'
  objects: [{source: crm, object: contacts, columns: [email, name]}, {source: crm, object: notes}]
  recipients: [{name: Mailer, processor_id: P-7}, {name: Host}]
"""


def opened(folder: Path, mapping: str, place: Path) -> duckdb.DuckDBPyConnection:
    """The three frames of a register that lies at `place`, through a ready mapping."""
    (folder / "own.yaml").write_text(ENGAGEMENT.format(mapping), encoding="utf-8")
    engagement = params.load(str(folder / "own.yaml"), ROOT / "params", {"register": str(place)})
    connection = duckdb.connect()
    opening.attach(connection, engagement.sources["register"], place)
    for frame in ("register_activities", "register_objects", "activity_recipients"):
        relations.relate(connection, frame, list(engagement.sources.values()), {})
    return connection


def rows(connection: duckdb.DuckDBPyConnection, frame: str, columns: str = "*") -> list[tuple[object, ...]]:
    return connection.execute(f"SELECT {columns} FROM frame_{frame} ORDER BY ALL").fetchall()


def test_the_kit_s_form_gives_activities_objects_and_recipients(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(KIT, encoding="utf-8")
    connection = opened(tmp_path, "register_kit.yaml", tmp_path / "r.yaml")
    names = "activity_id, capacity, medium, CAST(reviewed_on AS VARCHAR), purposes, status"
    assert rows(connection, "register_activities", names) == [
        ("A", "processor", "digital", "2026-01-31", None, "active")
    ]
    assert rows(connection, "register_objects", "activity_id, source, object, column_name") == [
        ("A", "crm", "contacts", "email"),
        ("A", "crm", "contacts", "name"),
        ("A", "crm", "notes", None),
    ]
    assert rows(connection, "activity_recipients", "recipient, processor_id") == [("Host", None), ("Mailer", "P-7")]


@pytest.mark.parametrize(("ending", "made"), [("ods", ods), ("xlsx", xlsx)])
def test_the_cnil_s_model_gives_them_and_its_doubts_are_counted(tmp_path: Path, ending: str, made: object) -> None:
    file = tmp_path / f"r.{ending}"
    file.write_bytes(made(("Paie", form()), ("Vieux", form(ref="2")), ("Aide", [("x",)]), hidden=["Vieux"]))  # type: ignore[operator]
    connection = opened(tmp_path, "register_cnil.yaml", file)
    assert rows(connection, "register_activities", "activity_id, name") == [("T-001", "Gestion de la paie")]
    assert len(rows(connection, "activity_recipients")) == 3
    assert unread.doubts(connection, "register") == (
        ("activities", "sheets-hidden", 1),
        ("activities", "sheets-template", 1),
    )


def test_a_folder_of_fides_resources_is_one_register(shared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fides"
    folder.mkdir()
    for name in ("sample_systems", "sample_organization", "mongo_example_test_dataset"):
        origin = shared / "data/register-fides" / f"{name}.yml"
        (folder / origin.name).symlink_to(origin)
    connection = opened(tmp_path, "register_fides.yaml", folder)
    assert len(rows(connection, "register_activities")) == 6
    assert ("cookie_house_customer_database.1", "mongo_test", "flights") in {
        row[:3] for row in rows(connection, "register_objects", "activity_id, source, object, column_name")
    }


def test_csv_gives_its_lines(shared: Path, tmp_path: Path) -> None:
    file = shared / "data/registers-peoplemesh/register_2026-04-17.csv"
    connection = opened(tmp_path, "register_csv.yaml", file)
    assert len(rows(connection, "register_activities", "activity_id")) == 14


def test_what_cannot_be_read_stops_the_run_and_names_the_source(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(KIT + "- activity_id: A\n  name: B\n  capacity: controller\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"source register: .*r\.yaml, line 9: another activity has this identifier"):
        opened(tmp_path, "register_kit.yaml", tmp_path / "r.yaml")
    with pytest.raises(SourceError, match=r"source register: .* is not there"):
        opened(tmp_path, "register_kit.yaml", tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("{}", "options.form: say in which form"),
        ("{form: pdf}", "options.form: found another word; accepted: cnil, csv, kit or fides"),
        ("{form: kit, delimiter: ';'}", "options.delimiter: this goes with form: csv only"),
        ("{form: csv, formulas: cached}", "options.formulas: this goes with form: cnil only"),
        ("{form: csv, sheet: x}", "options.sheet: engine register has no such option"),
    ],
)
def test_a_mapping_says_its_form_and_no_option_that_it_has_not(tmp_path: Path, options: str, wanted: str) -> None:
    ready = (ROOT / "params/sources/register_kit.yaml").read_text(encoding="utf-8")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/mine.yaml").write_text(ready.replace("{form: kit}", options), encoding="utf-8")
    (tmp_path / "own.yaml").write_text(ENGAGEMENT.format("mine.yaml"), encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        params.load(str(tmp_path / "own.yaml"), ROOT / "params", {})
    assert wanted in str(caught.value)
