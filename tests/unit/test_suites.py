"""Suites as JSON: one expectation and one sentence for each claim, the same bytes each time."""

from __future__ import annotations

import pytest

from evidence_kit.model.canonical import dump_line
from evidence_kit.model.claims import Claim
from evidence_kit.model.evidence import FRAMES
from evidence_kit.rules import claims, suites
from evidence_kit.rules.claims import Table
from evidence_kit.rules.readings import READINGS
from tests.unit.test_claims import whole

AS_OF, TODAY = "2026-06-30T21:59:59Z", "2026-06-30"
CLAIMS = (
    Claim("present"),
    Claim("not-null", ("a",)),
    Claim("one-of", ("a",), ("x", "y")),
    Claim("one-of", ("a",), (True,), reading=True),
    Claim("key", ("a",)),
    Claim("unique", ("a",)),
    Claim("unique", ("a", "b")),
    Claim("not-after", ("a",), (TODAY,)),
    Claim("not-less", ("a", "b"), reading=True),
    Claim("greater", ("a", "b"), reading=True),
)


@pytest.mark.parametrize("name", FRAMES)
def test_every_claim_of_every_frame_is_one_expectation_with_a_sentence_of_its_own(name: str) -> None:
    table = claims.of_frame(whole(name), AS_OF, TODAY)
    made = suites.suite("REQ-02", table, f"frames/REQ-02.{name}.jsonl")
    kept = made["expectations"]
    assert isinstance(kept, list)
    assert [one["meta"]["expectation"] for one in kept] == [suites.named(claim) for claim in table.claims]
    assert kept[0]["type"] == "expect_table_row_count_to_be_between"
    for language in ("en", "fr"):
        sentences = [one["meta"][language] for one in kept]
        assert len(set(sentences)) == len(sentences)
    assert made["name"] == f"REQ-02.{name}"
    assert dump_line(made) == dump_line(suites.suite("REQ-02", table, f"frames/REQ-02.{name}.jsonl"))
    assert dump_line(made).isascii() is False, "French has its accents"


def test_sentences_name_columns_limits_and_words() -> None:
    told = [suites.sentence(claim).en for claim in CLAIMS]
    assert told == [
        "There are rows.",
        "a is always stated.",
        "a, where it is stated, is one of these words. x, y",
        "a is always true.",
        "a, where it is stated, is a pseudonym of 64 hexadecimal digits.",
        "No two rows have the same a.",
        "No two rows have the same a, b together.",
        "a, where it is stated, is not after 2026-06-30.",
        "a and b are stated, and a is not less than b.",
        "a and b are stated, and a is greater than b.",
    ]
    french = [suites.sentence(claim).fr for claim in CLAIMS]
    assert len(set(french)) == len(CLAIMS)
    assert not set(french) & set(told)


def test_no_sentence_needs_a_french_space() -> None:
    """The catalogue puts them into its own sentences; these do not pass through it."""
    for claim in CLAIMS:
        assert not set(suites.sentence(claim).fr) & set(":;!?%«»")


def test_a_null_fails_each_second_reading() -> None:
    kinds = {suites.expectation(claim)["type"] for claim in CLAIMS if claim.reading}
    assert kinds == {"expect_evidence_stated", "expect_evidence_in_order"}


def test_readings_are_no_frames() -> None:
    assert READINGS
    table = Table("in_time", [{"due": 2, "done": 1}], (Claim("not-less", ("due", "done"), reading=True),))
    made = suites.suite("REQ-02", table, "readings/REQ-02.in_time.jsonl")
    assert made["meta"] == {"rows": "readings/REQ-02.in_time.jsonl", "great_expectations_version": suites.FORM}
