"""The pure rule gives the norm's bytes, case by case. Source: docs/norm/sampling."""

from operator import itemgetter

import pytest

from evidence_kit.model.canonical import digest, dumps, row_text
from evidence_kit.model.sample import Kept
from evidence_kit.rules import tickets
from tests.spec.norm import Vector, columns_of, norm, python_rows

CASES = norm("sampling")["cases"]


def frozen(case: Vector) -> tuple[str, tuple[Kept, ...]]:
    blind = tickets.population_salt(case["salt"], case["engagement"], case["population"])
    columns = columns_of(case)
    return blind, tickets.freeze(python_rows(case), columns, case["unit"], case["stratum_by"], blind)


def committed(case: Vector) -> tuple[dict[str, object], tuple[Kept, ...]]:
    blind, kept = frozen(case)
    record = tickets.commitment(
        engagement=case["engagement"],
        population=case["population"],
        as_of=case["as_of"],
        unit=case["unit"],
        columns=columns_of(case),
        stratum_by=case["stratum_by"],
        blind=blind,
        strata=tickets.strata_of(kept),
        plan=case["plan"],
    )
    return record, kept


@pytest.mark.parametrize("case", CASES, ids=itemgetter("name"))
def test_the_commitment_record_is_the_norms(case: Vector) -> None:
    record, _ = committed(case)
    expect = case["expect"]
    assert record == expect["commitment"]
    assert tickets.commitment_sha256(record) == expect["commitment_text_sha256"]
    if "commitment_text" in expect:
        assert dumps(record) == expect["commitment_text"]


@pytest.mark.parametrize("case", CASES, ids=itemgetter("name"))
def test_rows_keys_leaves_and_buckets_are_the_norms(case: Vector) -> None:
    blind, kept = frozen(case)
    assert blind == case["expect"]["population_salt"]
    expect = case["expect"]
    shown = expect.get("units", []) or [expect[key] for key in ("first_unit",) if key in expect]
    kinds = [kind for _, kind in case["columns"]]
    for given, row, unit in zip(shown, python_rows(case), kept, strict=False):
        assert row_text(kinds, row) == given["row"]
        assert tickets.unit_key(blind, unit.unit) == given["key"]
        assert unit == (given["unit_id"], given["stratum"], given["leaf"])
    for stratum, lines in expect.get("bucket_lines", {}).items():
        assert tickets.bucket_lines(unit.leaf for unit in kept if unit.stratum == stratum) == lines


@pytest.mark.parametrize("case", CASES, ids=itemgetter("name"))
def test_every_round_draws_the_norms_units_in_order(case: Vector) -> None:
    record, kept = committed(case)
    before: set[str] = set()
    for given in case["expect"]["draws"]:
        drawn = tickets.draw(
            kept, given["sizes"], tickets.commitment_sha256(record), given["nonce"], given["round"], before
        )
        assert [
            {"stratum": unit.stratum, "rank": unit.rank, "ticket": unit.ticket, "leaf": unit.leaf, "unit_id": unit.unit}
            for unit in drawn
        ] == given["drawn"]
        before |= {unit.leaf for unit in drawn}


@pytest.mark.parametrize("case", norm("sampling")["refused"], ids=itemgetter("name"))
def test_a_refused_population_has_no_digest(case: Vector) -> None:
    with pytest.raises(ValueError, match=f"^{case['error']}$"):
        tickets.freeze(case["rows"], columns_of(case), case["unit"], case["stratum_by"], digest("blind"))


def test_the_empty_population_has_the_norms_root() -> None:
    assert tickets.root_of(()) == digest("ek1:root:")
