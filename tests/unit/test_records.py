"""Payload records: what is written is read back the same, and holds exactly the keys of the norm."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit import verify
from evidence_kit.edges.params import load
from evidence_kit.ledger import records
from evidence_kit.ledger.catalogue import Made, catalogue, role_of
from evidence_kit.model.audit import DigestRecipe
from evidence_kit.model.calendar import Calendar
from evidence_kit.model.canonical import dump_line
from evidence_kit.model.outcome import (
    Answer,
    Checked,
    Counts,
    Finding,
    Mark,
    Outcome,
    Result,
    StratumFinding,
    Working,
)
from evidence_kit.model.sample import Drawn, Population, Round, Sample, Stratum
from tests.unit.cases import control, result, worked

PARAMS = Path(__file__).parents[2] / "params"
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
WORDS = st.sampled_from(["all", "controller/access", "é", "not_yet_due"])
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
CODES = st.lists(st.sampled_from(["answered-late", "unreadable-date"]), unique=True, max_size=2).map(tuple)
COUNTS = st.integers(0, 10_000)

POPULATIONS = st.builds(
    Population,
    *(TEXTS, TEXTS, TEXTS),
    st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple),
    st.none() | TEXTS,
    COUNTS,
    st.lists(st.builds(Stratum, WORDS, COUNTS, HEX), max_size=3).map(tuple),
    st.none() | HEX,
    st.none() | HEX,
    HEX,
    refusal=st.none() | TEXTS,
    note=st.none() | TEXTS,
)
DRAWN = st.builds(Drawn, WORDS, st.integers(1, 99), HEX, HEX, TEXTS)
ROUNDS = st.lists(st.tuples(HEX, st.lists(DRAWN, max_size=4)), max_size=3).map(
    lambda made: tuple(Round(n, nonce, tuple(drawn)) for n, (nonce, drawn) in enumerate(made, start=1))
)
SAMPLES = st.builds(
    Sample, TEXTS, st.just({"plan": [["all", 3]], "population": "p"}), HEX, st.booleans(), ROUNDS
).filter(lambda one: len({unit.leaf for unit in one.drawn}) == len(one.drawn))
WORKINGS = st.none() | st.builds(
    Working,
    st.none() | st.dates(date(1990, 1, 1), date(2099, 12, 31)),
    st.none() | COUNTS,
    st.lists(st.dictionaries(st.sampled_from(["step", "day"]), TEXTS | COUNTS | st.none()), max_size=3).map(tuple),
)
RESULTS = st.builds(
    Result,
    TEXTS,
    HEX,
    WORDS,
    st.sampled_from(Outcome),
    CODES,
    st.lists(st.builds(Answer, st.sampled_from("ABCD"), st.sampled_from(Mark), st.none() | TEXTS), max_size=4).map(
        tuple
    ),
    CODES,
    st.lists(st.tuples(TEXTS, st.lists(COUNTS, max_size=3).map(tuple)), max_size=2).map(tuple),
    WORKINGS,
)


def through_json(record: records.Record) -> records.Record:
    """As the record comes back from a file: canonical text, parsed."""
    read = json.loads(dump_line(record))
    assert isinstance(read, dict)
    return read


@given(POPULATIONS)
def test_populations_come_back(one: Population) -> None:
    assert records.read_population(through_json(records.population_record(one))) == one


@given(SAMPLES)
def test_samples_come_back(one: Sample) -> None:
    assert records.read_sample(through_json(records.sample_record(one))) == one


@given(RESULTS)
def test_results_come_back(one: Result) -> None:
    assert records.read_result(through_json(records.result_record(one))) == one


@given(SAMPLES.filter(lambda one: bool(one.drawn)))
def test_a_draw_names_no_unit(one: Sample) -> None:
    units = [unit for each in records.draw_record(one)["rounds"] for unit in each["drawn"]]  # type: ignore[attr-defined]
    assert {tuple(unit) for unit in units} == {("stratum", "leaf", "ticket")}
    assert [unit["leaf"] for unit in units] == [unit.leaf for unit in one.drawn]


@pytest.mark.parametrize(
    "spoil",
    [
        {"verdict": "pass"},
        {"verdict": None},
        {"reasons": "answered-late"},
        {"attributes": None},
        {"attributes": [{"letter": "A", "mark": "good", "reason": None}]},
        {"due_on": "soon"},
        {"evidence": {}},
    ],
    ids=lambda spoil: next(iter(spoil)),
)
def test_a_result_of_another_shape_is_refused(spoil: dict[str, object]) -> None:
    record = records.result_record(result(Outcome.PASS, working=worked("2026-03-02", None, due="2026-04-02")))
    with pytest.raises(ValueError, match=r".+"):
        records.read_result({**record, **spoil})


@pytest.mark.parametrize("key", ["unit", "leaf", "verdict", "attributes", "working"])
def test_a_result_without_one_of_its_keys_is_refused(key: str) -> None:
    record = records.result_record(result(Outcome.PASS))
    del record[key]
    with pytest.raises(KeyError):
        records.read_result(record)


def test_a_result_has_the_keys_of_the_norm() -> None:
    assert list(records.result_record(result(Outcome.PASS))) == [
        *("unit", "leaf", "stratum", "verdict", "reasons", "attributes", "flags", "evidence"),
        *("due_on", "days_late", "working"),
    ]


# --- summary ----------------------------------------------------------------------------------------------------------


def stratum(name: str, passed: int, failed: int = 0) -> StratumFinding:
    counts = Counts(passed, failed)
    return StratumFinding(name, 10, counts, failed, f"{failed}.0", failed, f"{failed}.0", 1, Outcome.PASS, "reason")


def finding(*strata: StratumFinding, verdict: Outcome = Outcome.PASS) -> Finding:
    return Finding("REQ-02", "REQ-02.requests", strata, verdict, "reason", 2, True)


def test_one_stratum_gives_the_control_its_upper_limit_and_several_do_not() -> None:
    alone = records.finding_summary(finding(stratum("all", 9, 1)))
    both = records.finding_summary(finding(stratum("a", 9, 1), stratum("b", 8, 2)))
    none = records.finding_summary(finding(verdict=Outcome.ERROR))
    assert (alone["upper_units"], alone["upper_rate_shown"], alone["units"], alone["drawn"]) == (1, "1.0", 10, 10)
    assert (both["upper_units"], both["upper_rate_shown"], both["units"], both["deviations"]) == (None, None, 20, 3)
    assert (none["upper_units"], none["units"], none["strata"]) == (None, 0, [])
    assert list(alone) == [
        *("control", "population", "units", "drawn", "pass", "fail", "error", "inconclusive", "deviations"),
        *("upper_units", "upper_rate_shown", "verdict", "reason", "strata"),
    ]


def test_totals_add_up() -> None:
    made = records.summary_record([finding(stratum("a", 9, 1), stratum("b", 8, 2)), finding(stratum("all", 4))])
    totals = made["totals"]
    assert totals == {
        **{"controls": 2, "units": 30, "drawn": 24, "pass": 21, "fail": 3, "error": 0, "inconclusive": 0},
        "deviations": 3,
    }


@given(st.lists(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS), max_size=4))
def test_counts_are_sums(made: list[tuple[int, int, int, int]]) -> None:
    strata = tuple(
        StratumFinding("s", 0, Counts(*one), None, None, None, None, None, Outcome.PASS, "r") for one in made
    )
    record = records.counts_record(finding(*strata).counts)
    sums = [sum(column) for column in zip(*made, strict=True)] or [0, 0, 0, 0]
    assert [record[word] for word in ("pass", "fail", "error", "inconclusive")] == sums
    assert (record["drawn"], record["deviations"]) == (sum(sums), sum(sums[1:]))


def test_a_calendar_lists_its_days_ascending() -> None:
    days = {date(2026, 12, 25): "Noël", date(2026, 5, 1): "Fête du Travail"}
    made = records.calendar_record(Calendar("FR", "holidays", "0.109", date(2026, 1, 1), date(2026, 12, 31), days))
    assert [day["on"] for day in made["days"]] == ["2026-05-01", "2026-12-25"]  # type: ignore[attr-defined]
    assert list(made) == ["name", "source", "version", "from", "until", "days"]


def test_a_control_is_told_with_its_thresholds_as_text() -> None:
    (told,) = records.controls_record([control("A", "B", walkthrough="B")])["controls"]  # type: ignore[misc]
    assert (told["confidence"], told["tolerable"], told["census"]) == ("0.95", "0.000000001", True)
    assert [one["walkthrough"] for one in told["attributes"]] == [False, True]
    assert told["needs"] == [{"frame": "request_log", "columns": ["request_id"], "optional": []}]


def test_a_check_is_told_without_a_value() -> None:
    made = records.checked_record(Checked("request_log", "status", "one-of", False, 7))
    assert made == {"frame": "request_log", "column": "status", "expectation": "one-of", "success": False, "rows": 7}


# --- catalogue --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("engagement.json", "engagement"),
        ("frames/REQ-02.request_log.jsonl", "frame"),
        ("notebooks/30_requests.template.ipynb", "notebook-template"),
        ("notebooks/30_requests.ipynb", "notebook-executed"),
        ("site/words.json", "words"),
        ("site/en/due.ics", "agenda"),
        ("site/en/index.html", "page"),
        ("calendars/FR.json", "calendar"),
        ("leaves/REQ-02.requests.txt", "leaves"),
    ],
)
def test_every_payload_file_has_its_role(path: str, role: str) -> None:
    assert role_of(path) == role


def test_a_file_nobody_knows_has_none() -> None:
    with pytest.raises(KeyError):
        role_of("secrets/key.pem")


def test_the_catalogue_says_where_evidence_came_from() -> None:
    name = "frames/REQ-02.request_log.jsonl"
    said: records.Record = {
        **{"control": "REQ-02", "frame": "request_log", "columns": [["id", "integer", "none"]], "sources": ["desk"]},
        **{"query_sha256": "q" * 64, "rows_in": 3},
    }
    files = {name: b"{}\n{}\n", "results/REQ-02.jsonl": b"{}\n", "summary.json": b"{}\n"}
    made = catalogue({"bundle": "x"}, files, {name: said}, {"REQ-02": Made(9, "30_requests", "t" * 64, "p" * 64)})
    frame_, results, summary = made["artefacts"]  # type: ignore[misc]
    assert [one["path"] for one in made["artefacts"]] == [f"data/{one}" for one in sorted(files)]  # type: ignore[attr-defined]
    assert (frame_["rows"], frame_["made_by"]["rows_in"], frame_["made_by"]["rows_out"]) == (2, 3, 2)
    assert (frame_["made_by"]["run"], frame_["made_by"]["source"]) == (9, "desk")
    assert results["made_by"]["query"] is None
    assert (summary["made_by"], summary["rows"], summary["bytes"]) == (None, None, 3)


def test_an_engagement_states_its_places_as_the_verifier_wants_them_and_no_key() -> None:
    recipe = DigestRecipe("crm", "hmac-sha256", "vault:crm-secret")
    agreed = replace(load("rehearsal", PARAMS, {}), digests=(recipe,), undotted_domains=("example.com",))
    told = json.loads(dump_line(records.engagement_record(agreed, [], {}, "0.1.0")))
    assert list(verify.misfits(told, verify.ENGAGEMENT, "")) == []
    assert told["digests"] == [{"name": "crm", "algorithm": "hmac-sha256", "keyed": True}]
    assert "crm-secret" not in json.dumps(told)
    assert [place["place"] for place in told["places"]] == sorted(agreed.places)
    kept = next(place for place in told["places"] if place["exception"])
    stated = agreed.places[kept["place"]]
    assert (kept["exception"], kept["keep"], kept["canary"]) == (stated.exception, stated.keep, stated.canary)
    wrong = told | {"places": [told["places"][0] | {"mask": "paint"}]}
    assert list(verify.misfits(wrong, verify.ENGAGEMENT, ""))
