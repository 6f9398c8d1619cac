"""Each engine gives the norm's bytes: every vector, every refusal, one pass or sixteen, frozen or kept."""

from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

import pytest

from evidence_kit.edges import sql
from evidence_kit.edges.engines.duckdb import DuckDB
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.model.canonical import digest
from evidence_kit.rules import tickets
from tests.spec.norm import Vector, columns_of, norm

CASES = norm("sampling")["cases"]
BLIND = digest("blind")
TYPES = {"text": "VARCHAR", "integer": "BIGINT", "local": "TIMESTAMP", "instant": "TIMESTAMPTZ", "bytes": "BLOB"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDB]:
    with DuckDB(tmp_path_factory.mktemp("engine"), memory_limit="512MB") as opened:
        yield opened


def load(engine: DuckDB, case: Vector, relation: str = "population") -> None:
    """The rows of a vector as a table with the engine's own types."""
    types = [TYPES.get(kind, kind.upper()) for _, kind in case["columns"]]
    shape = ", ".join(f'"{name}" {type_}' for (name, _), type_ in zip(case["columns"], types, strict=True))
    engine.connection.execute(f'CREATE OR REPLACE TABLE "{relation}" ({shape})')
    if case["rows"]:
        lists = [[None if cell is None else str(cell) for cell in cells] for cells in zip(*case["rows"], strict=True)]
        marks = ", ".join(f"CAST(unnest(?) AS {type_})" for type_ in types)
        engine.connection.execute(f'INSERT INTO "{relation}" SELECT {marks}', lists)


def frozen(engine: DuckDB, case: Vector, **passes: bool) -> sql.Frozen:
    load(engine, case)
    blind = case["expect"]["population_salt"]
    return engine.freeze("population", columns_of(case), case["unit"], case["stratum_by"], blind, **passes)


@pytest.mark.parametrize("sixteen_passes", [False, True], ids=["1 pass", "16 passes"])
@pytest.mark.parametrize("case", CASES, ids=itemgetter("name"))
def test_counts_strata_and_root_are_the_norms(engine: DuckDB, case: Vector, sixteen_passes: bool) -> None:
    made = frozen(engine, case, sixteen_passes=sixteen_passes)
    committed = case["expect"]["commitment"]
    assert made.count == committed["count"]
    assert [list(stratum) for stratum in made.strata] == committed["strata"]
    assert made.root == committed["root"]


@pytest.mark.parametrize("case", CASES, ids=itemgetter("name"))
def test_every_leaf_is_the_norms(engine: DuckDB, case: Vector) -> None:
    frozen(engine, case)
    kept = {unit.unit: unit for unit in engine.kept("population")}
    for given in case["expect"].get("units", []):
        assert kept[given["unit_id"]] == (given["unit_id"], given["stratum"], given["leaf"])
    first = case["expect"].get("first_unit")
    assert first is None or kept[first["unit_id"]].leaf == first["leaf"]
    assert len(kept) == case["expect"]["commitment"]["count"]
    assert tickets.root_of(tickets.strata_of(kept.values())) == case["expect"]["commitment"]["root"]


@pytest.mark.parametrize("later", [False, True], ids=["at once", "from the kept list"])
@pytest.mark.parametrize("case", CASES, ids=itemgetter("name"))
def test_every_round_draws_the_norms_units_in_order(engine: DuckDB, case: Vector, later: bool) -> None:
    frozen(engine, case)
    kept = engine.kept("population")
    before: set[str] = set()
    for given in case["expect"]["draws"]:
        asked = given["sizes"], case["expect"]["commitment_text_sha256"], given["nonce"], given["round"], before
        drawn = engine.draw_from(kept, *asked) if later else engine.draw("population", *asked)
        assert [
            {"stratum": unit.stratum, "rank": unit.rank, "ticket": unit.ticket, "leaf": unit.leaf, "unit_id": unit.unit}
            for unit in drawn
        ] == given["drawn"]
        before |= {unit.leaf for unit in drawn}


@pytest.mark.parametrize("case", norm("sampling")["refused"], ids=itemgetter("name"))
def test_a_refused_population_leaves_no_digest(engine: DuckDB, case: Vector) -> None:
    load(engine, case, "refused")
    with pytest.raises(SourceError) as refusal:
        engine.freeze("refused", columns_of(case), case["unit"], case["stratum_by"], BLIND)
    assert refusal.value.code == case["error"]
    with pytest.raises(SourceError, match="no such table"):
        engine.kept("refused")


def freeze_sql(engine: DuckDB, select: str, kind: str) -> sql.Frozen:
    engine.connection.execute(f"CREATE OR REPLACE VIEW one AS {select}")
    return engine.freeze("one", [("id", "text"), ("x", kind)], "id", None, BLIND)


@pytest.mark.parametrize(
    ("kind", "stored", "value"),
    [
        ("decimal(2,2)", "CAST(-0.05 AS DECIMAL(2,2))", "-0.05"),
        ("decimal(2,2)", "CAST(0 AS DECIMAL(2,2))", "0.00"),
        ("decimal(12,4)", "CAST(1.5 AS DECIMAL(4,1))", "1.5000"),
        ("decimal(5,2)", "7", "7.00"),
        ("bytes", "'\\xAA\\x00'::BLOB", b"\xaa\x00"),
        ("text", "'a'::ENUM('a', 'b')", "a"),
        ("boolean", "false", False),
        ("integer", "CAST(-9223372036854775808 AS BIGINT)", -(2**63)),
        ("local", "TIMESTAMP '0001-01-01 00:00:00'", "0001-01-01T00:00:00.000000"),
        ("instant", "TIMESTAMPTZ '2025-10-26 02:30:00+01'", "2025-10-26T01:30:00.000000Z"),
        ("instant", "TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'", "9999-12-31T23:59:59.999999Z"),
        ("text", "concat(chr(8238), '🙂', chr(10))", "\u202e🙂\n"),
    ],
)
def test_each_type_gives_the_leaf_of_the_pure_rule(engine: DuckDB, kind: str, stored: str, value: object) -> None:
    made = freeze_sql(engine, f"SELECT 'a' AS id, {stored} AS x", kind)
    pure = tickets.freeze([["a", value]], [("id", "text"), ("x", kind)], "id", None, BLIND)
    assert made.strata == tickets.strata_of(pure)


@pytest.mark.parametrize("kind", ["date", "local", "instant"])
@pytest.mark.parametrize("beyond", ["infinity", "-infinity", "0001-12-31 (BC)", "10000-01-01"])
def test_what_lies_outside_years_1_to_9999_is_refused(engine: DuckDB, kind: str, beyond: str) -> None:
    type_ = TYPES.get(kind, "DATE")
    with pytest.raises(SourceError) as refusal:
        freeze_sql(engine, f"SELECT 'a' AS id, CAST('{beyond}' AS {type_}) AS x", kind)
    assert refusal.value.code == "value-out-of-range"


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("text", "1.5::DOUBLE"),
        ("decimal(5,2)", "1.5::DOUBLE"),
        ("decimal(5,2)", "1.234::DECIMAL(5,3)"),
        ("integer", "1::HUGEINT"),
        ("integer", "'1'"),
        ("local", "TIMESTAMPTZ '2026-01-01 00:00:00+00'"),
        ("instant", "TIMESTAMP '2026-01-01 00:00:00'"),
        ("text", "[1, 2]"),
    ],
)
def test_a_type_that_would_be_reworded_is_refused_by_column(engine: DuckDB, kind: str, stored: str) -> None:
    with pytest.raises(SourceError, match="column x"):
        freeze_sql(engine, f"SELECT 'a' AS id, {stored} AS x", kind)


def test_a_value_that_does_not_fit_is_not_shown(engine: DuckDB) -> None:
    with pytest.raises(SourceError) as refusal:
        freeze_sql(engine, "SELECT 'a' AS id, 98765 AS x", "decimal(2,0)")
    assert "98765" not in str(refusal.value)


@pytest.mark.parametrize("name", ['x"; DROP TABLE population; --', "é", "a b", "", "1a", "a\n"])
def test_a_hostile_name_never_reaches_the_engine(engine: DuckDB, name: str) -> None:
    with pytest.raises(ParameterError):
        engine.freeze("population", [(name, "text")], name, None, BLIND)
    with pytest.raises(ParameterError):
        engine.freeze(name, [("id", "text")], "id", None, BLIND)


def test_hostile_values_are_only_values(engine: DuckDB) -> None:
    engine.connection.execute("CREATE OR REPLACE TABLE hostile (id VARCHAR, s VARCHAR)")
    rows = [["'; DROP TABLE hostile; --", "$blind"], ["{0}", "a' OR '1'='1"]]
    engine.connection.executemany("INSERT INTO hostile VALUES (?, ?)", rows)
    columns = [("id", "text"), ("s", "text")]
    made = engine.freeze("hostile", columns, "id", "s", BLIND)
    pure = tickets.freeze(rows, columns, "id", "s", BLIND)
    assert made.strata == tickets.strata_of(pure)
    sizes = {"a' OR '1'='1": 5}
    assert engine.draw("hostile", sizes, digest("c"), BLIND) == tickets.draw(pure, sizes, digest("c"), BLIND)


def test_columns_must_be_there_once_and_typed(engine: DuckDB) -> None:
    engine.connection.execute("CREATE OR REPLACE TABLE plain (id VARCHAR)")
    for columns, unit, stratum in (
        ([("id", "text"), ("id", "text")], "id", None),
        ([("id", "text")], "other", None),
        ([("id", "text")], "id", "other"),
        ([("id", "float")], "id", None),
    ):
        with pytest.raises(ParameterError):
            engine.freeze("plain", columns, unit, stratum, BLIND)
    with pytest.raises(SourceError, match="column missing"):
        engine.freeze("plain", [("id", "text"), ("missing", "text")], "id", None, BLIND)


def test_the_session_is_quiet_bounded_and_leaves_nothing(tmp_path: Path) -> None:
    with DuckDB(tmp_path, memory_limit="256MB") as opened:
        settings = opened.connection.execute(
            "SELECT current_setting('TimeZone'), current_setting('enable_progress_bar'),"
            " current_setting('temp_directory'), current_setting('memory_limit')"
        ).fetchone()
        assert settings is not None
        assert settings[:2] == ("UTC", False)
        assert settings[2].startswith(str(tmp_path))
        assert settings[3].startswith("244")  # 256 MB in the engine's MiB
        assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_million_units_give_one_root_in_one_pass_or_sixteen(engine: DuckDB) -> None:
    engine.connection.execute(
        "CREATE OR REPLACE VIEW million AS SELECT i AS id, 's' || (i % 3) AS s FROM range(1000001) AS r(i)"
    )
    columns = [("id", "integer"), ("s", "text")]
    many = engine.freeze("million", columns, "id", "s", BLIND)
    one = engine.freeze("million", columns, "id", "s", BLIND, sixteen_passes=False)
    assert many == one
    assert many.count == 1_000_001
