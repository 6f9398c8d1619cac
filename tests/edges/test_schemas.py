"""The living schema: nothing a source names vanishes, counts are right, and a class is the same however it is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.edges import unread
from evidence_kit.edges.schemas import values
from evidence_kit.edges.schemas.values import valued
from evidence_kit.model.audit import LiveObject, Mapped, Place
from evidence_kit.pages.words import words
from evidence_kit.rules.classing import Classed, Valued, classed
from evidence_kit.rules.naming import RULES, Named
from tests.edges.desks import engagement, mapping, opened
from tests.edges.erased import base

COLUMNS = ("unit_id", "object", "column_name", "data_type", "personal_class", "detected_by", "confidence", "reason",
           "sampled_rows", "row_count", "filled_count", "last_write_at", "known_before")  # fmt: skip
PEOPLE = (
    "CREATE TABLE people (id INTEGER, ref VARCHAR(40), x1 VARCHAR(40), born DATE, note VARCHAR(200), state VARCHAR(9))",
    *(
        f"INSERT INTO people VALUES ({n}, 'person{n}@mail.example', 'A{n}', '19{n + 40}-02-03', "
        f"'ask client{n}@shop.example', 'open')"
        for n in range(10, 40)
    ),
    "CREATE TABLE nobody (email VARCHAR(40), amount INTEGER)",
    "CREATE VIEW seen AS SELECT ref FROM people",
)
CLASSES = {
    "people.id": "identifier", "people.ref": "contact", "people.x1": "unknown", "people.born": "none",
    "people.note": "content", "people.state": "none", "nobody.email": "contact", "nobody.amount": "none",
    "seen.ref": "contact",
}  # fmt: skip
Rows = dict[str, dict[str, Any]]


def looked(home: Path, statements: Sequence[str], *, objects: Sequence[LiveObject] = (), **changes: Any) -> Rows:
    """Column → its row of `column_units`, of one DuckDB source `app`."""
    file = base(home / "app.duckdb", *statements)
    agreed = engagement([mapping({}, name="app", engine="duckdb", timezone="UTC", objects=objects)], **changes)
    source = opened(agreed, {"app": file}, home / "vaults")
    try:
        return by_name(source.plain("column_units", COLUMNS, "unit_id"))
    finally:
        source.close()


def by_name(rows: Sequence[Mapping[str, Any]]) -> Rows:
    return {f"{row['object']}.{row['column_name']}": dict(row) for row in rows}


def test_classes_and_counts_of_tables_views_and_empty_tables(tmp_path: Path) -> None:
    found = looked(tmp_path, [*PEOPLE, "INSERT INTO people (id, ref) VALUES (99, '')"])
    assert {name: row["personal_class"] for name, row in found.items()} == CLASSES
    assert (found["people.ref"]["row_count"], found["people.ref"]["filled_count"]) == (31, 30)
    assert (found["nobody.email"]["row_count"], found["nobody.email"]["sampled_rows"]) == (0, None)
    assert found["people.ref"]["reason"] == "value-email"
    assert found["people.x1"]["reason"] == "name-says-nothing"
    assert found["people.born"]["data_type"] == "DATE"


def test_the_sample_is_bounded_and_the_same_again(tmp_path: Path) -> None:
    many = ["CREATE TABLE t AS SELECT concat('p', i, '@x.example') AS ref, i % 3 AS k FROM range(30000) AS r(i)"]
    figures = {**engagement([]).parameters, "value_sample_rows": 50}
    (tmp_path / "again").mkdir()
    first, again = (looked(home, many, parameters=figures) for home in (tmp_path, tmp_path / "again"))
    assert first == again
    assert (first["t.ref"]["sampled_rows"], first["t.k"]["sampled_rows"]) == (50, 3)


@pytest.mark.slow
def test_names_of_any_letters_and_two_thousand_columns(tmp_path: Path) -> None:
    wide = ", ".join(f"1 AS c_{n}" for n in range(1_999))
    hostile = 'CREATE TABLE "o\'; DROP ""x""" AS SELECT \'ana@x.example\' AS "né "" ; --", \'\\xff\'::BLOB AS raw'
    found = looked(tmp_path, [hostile, f"CREATE TABLE wide AS SELECT {wide}, 'bob@x.example' AS e_mail"])
    assert len(found) == 2_002
    one = found['o\'; DROP "x".né " ; --']
    assert (one["personal_class"], one["filled_count"]) == ("contact", 1)
    assert found['o\'; DROP "x".raw']["personal_class"] == "none"
    assert found["wide.e_mail"]["personal_class"] == "contact"


def test_what_a_person_says_goes_before_a_mapping_and_a_mapping_before_name_and_value(tmp_path: Path) -> None:
    live = LiveObject("people", "id", {}, personal=("State", "x1"), persons=("ref",))
    found = looked(tmp_path, PEOPLE, objects=[live], classes={"app.people.x1": "behaviour"})
    said = {name: (found[f"people.{name}"]["personal_class"], found[f"people.{name}"]["detected_by"])
            for name in ("state", "x1", "ref", "note")}  # fmt: skip
    assert said == {
        "state": ("content", "declared"), "x1": ("behaviour", "human"), "ref": ("contact", "declared"),
        "note": ("content", "value_rule"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        ({"expr": "max(born)"}, "1979-02-03T00:00:00.000000Z"),
        ({"expr": "max(missing)"}, None),
        ({"declared": "2026-01-31"}, "2026-01-31T00:00:00.000000Z"),
    ],
)
def test_the_last_write_is_what_the_mapping_says(tmp_path: Path, how: dict[str, str], wanted: str | None) -> None:
    found = looked(tmp_path, PEOPLE, objects=[LiveObject("people", "id", {}, last_write=how)])
    assert found["people.ref"]["last_write_at"] == wanted
    assert found["nobody.email"]["last_write_at"] is None


def test_the_time_of_the_file_is_a_last_write(tmp_path: Path) -> None:
    found = looked(tmp_path, PEOPLE, objects=[LiveObject("people", "id", {}, last_write={"file_time": "True"})])
    assert str(found["people.ref"]["last_write_at"]).startswith("20")


def test_what_cannot_be_read_stays_in_the_catalogue_without_counts(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "app.db")) as app:
        app.execute("CREATE TABLE people (email text)")
        app.execute("CREATE VIEW broken AS SELECT missing FROM people")
        app.commit()
    agreed = engagement([mapping({}, name="app", engine="sqlite", timezone="UTC")])
    source = opened(agreed, {"app": tmp_path / "app.db"}, tmp_path / "vaults")
    found = by_name(source.plain("column_units", COLUMNS, "unit_id"))
    source.close()
    assert (found["people.email"]["data_type"], found["people.email"]["row_count"]) == ("text", 0)
    assert (found["broken.*"]["personal_class"], found["broken.*"]["row_count"]) == ("unknown", None)
    assert found["broken.*"]["reason"] == "columns-not-known"


def test_a_view_that_reads_another_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("email\nana@x.example\n")
    view = f"CREATE VIEW other AS SELECT * FROM read_csv('{tmp_path}/secret.csv')"
    found = looked(tmp_path, [*PEOPLE, view])
    assert {name for name in found if name.startswith("other.")} == {"other.*"}
    assert found["other.*"]["row_count"] is None


def test_a_source_left_out_has_no_unit(tmp_path: Path) -> None:
    assert looked(tmp_path, PEOPLE, places={"app": Place("app", not_searched="nothing of anybody")}) == {}


def test_entries_cover_columns_and_objects_and_what_they_name_may_be_gone(tmp_path: Path) -> None:
    file = base(
        tmp_path / "app.duckdb", *PEOPLE,
        "CREATE TABLE links AS SELECT * FROM (VALUES ('A1', 'app', 'PEOPLE', 'Ref'), ('A1', 'app', 'nobody', NULL), "
        "('A2', 'app', 'people', 'gone'), ('A2', 'app', 'dropped', NULL), ('A2', 'elsewhere', 't', NULL)) "
        "AS v(activity_id, source, object, column_name)",
    )  # fmt: skip
    columns = {name: Mapped(name, sql=name) for name in ("activity_id", "source", "object", "column_name")}
    linked = mapping({"register_objects": columns}, name="app", engine="duckdb", timezone="UTC", origin="links")
    source = opened(engagement([linked]), {"app": file}, tmp_path / "vaults")
    entries = source.plain("column_entries", ("unit_id", "activity_id", "column_name", "status"), "unit_id")
    named = source.plain("entry_objects", ("source", "object", "object_found", "column_found", "row_count"), "object")
    source.close()
    assert {(row["unit_id"], row["column_name"], row["status"]) for row in entries} == {
        ("app.people.ref", "ref", "active"),
        ("app.nobody.email", None, "active"),
        ("app.nobody.amount", None, "active"),
    }  # fmt: skip
    assert {(row["object"], row["object_found"], row["column_found"], row["row_count"]) for row in named} == {
        ("PEOPLE", True, True, 30), ("nobody", True, None, 0), ("people", True, False, 30),
        ("dropped", False, None, None), ("t", None, None, None),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["ana@x.example", "Zoë@bücher.example"], "value-email"),
        (["FR7630006000011234567890189", "DE89370400440532013000"], "value-iban"),
        (["+33 6 12 34 56 78", "+49 711 2842222"], "value-phone"),
        (["10.2.3.4", "2001:db8::1"], "value-ip"),
        (["4111111111111111", "5500000000000004", "340000000000009", "4012888888881881"], "value-card"),
        (['{"to": "a@x.example"}', '{"to": "b@x.example"}'], "value-email-inside"),
        (["yes", "no"], "value-yes-or-no"),
        ([f"{n:010d}" for n in range(600_000_000, 600_000_400)], None),  # numbers of orders
        ([str(n * 7919 + 10**12) for n in range(300)], None),
        (["1.2.3.4", "2.14.0.1"], None),
        (["2026-01-01", "1970-12-31"], None),
        (["see news@shop.example"] + ["write to news@shop.example"] * 9, None),
        ([], None),
    ],
)
def test_values_are_known_by_their_form_and_numbers_of_anything_are_not(cells: list[str], reason: str | None) -> None:
    found = valued(cells, "FR")
    assert (found.reason if found else None) == reason


def test_yes_and_no_take_back_what_a_name_promised_but_no_illness() -> None:
    truth = Valued("none", 80, "value-yes-or-no")
    assert classed(Named("contact", 90, "name-email"), truth, declared=False, human=None).personal_class == "none"
    ill = classed(Named("special", 90, "name-special-category"), truth, declared=False, human=None)
    assert ill == Classed("special", "name_rule", 90, ("name-special-category",))


def test_every_reason_has_words_in_both_languages() -> None:
    source = Path(str(values.__file__)).read_text("utf-8")
    codes = {rule[2] for rule in RULES} | {part.split('"')[0] for part in source.split('"value-')[1:]}
    wanted = {code if code.startswith("name-") else f"value-{code}" for code in codes}
    wanted |= {"value-day", "object-not-read", "columns-not-known", "declared", "human"}
    assert [(language, code) for language in ("en", "fr") for code in wanted
            if not words(language).knows(f"why.{code}")] == []  # fmt: skip


def test_no_value_is_in_what_a_look_says(tmp_path: Path) -> None:
    found = looked(tmp_path, PEOPLE)
    assert "mail.example" not in repr(found)
    assert unread.NAMELESS not in {row["column_name"] for row in found.values()}


@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_same_schema_in_another_engine_has_the_same_classes(tmp_path: Path, engine: str) -> None:
    with closing(sqlite3.connect(tmp_path / "app.db")) as app:
        for statement in PEOPLE:
            app.execute(statement)
        app.commit()
    agreed = replace(engagement([mapping({}, name="app", engine=engine, timezone="UTC")]))
    source = opened(agreed, {"app": tmp_path / "app.db"}, tmp_path / "vaults")
    found = by_name(source.plain("column_units", COLUMNS, "unit_id"))
    source.close()
    assert {name: row["personal_class"] for name, row in found.items()} == CLASSES
