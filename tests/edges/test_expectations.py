"""The second reader, Great Expectations: yes or no and never a value, and the same answer as plain Python."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import great_expectations as gx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit.edges import evidence_expectations, expectations
from evidence_kit.errors import SourceError
from evidence_kit.model.canonical import dump_line
from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Checked
from evidence_kit.model.sample import Row
from evidence_kit.rules import suites
from evidence_kit.rules.claims import Table

SECRET = "agathe@cachet.example"
KEY = "0f" * 32
CLAIMS = (
    Claim("not-null", ("word",)),
    Claim("one-of", ("word",), ("open", "closed")),
    Claim("key", ("key",)),
    Claim("unique", ("word",)),
    Claim("unique", ("word", "number")),
    Claim("not-after", ("day",), ("2026-06-30",)),
    Claim("not-after", ("moment",), ("2026-06-30T21:59:59Z",)),
    Claim("not-less", ("number", "other"), reading=True),
    Claim("greater", ("number", "other"), reading=True),
    Claim("one-of", ("word",), ("open", ""), reading=True),
    Claim("present"),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "word": st.sampled_from(["open", "closed", "Open", "", None]),
            "key": st.sampled_from([KEY, KEY.upper(), "x", None]),
            "number": st.none() | st.integers(0, 3),
            "other": st.none() | st.integers(0, 3),
            "day": st.sampled_from(["2026-06-30", "2026-07-01", "0016-05-02", "9999-12-31", None]),
            "moment": st.sampled_from(["2026-06-30T21:59:59.000000Z", "2026-06-30T22:00:00.000000Z", None]),
        }
    ),
    min_size=1,
    max_size=5,
)


def plainly(rows: Sequence[Row], claim: Claim) -> bool:
    """The same question in plain Python. A null breaks not-null and second readings, and counts as a value of a key."""
    if claim.kind == "present":
        return bool(rows)
    first, second = (claim.columns * 2)[:2]
    there = [row[first] for row in rows if row[first] is not None]
    pairs = [(row[first], row[second]) for row in rows if None not in (row[first], row[second])]
    if claim.kind == "not-null":
        return len(there) == len(rows)
    if claim.kind == "one-of":
        return set(there) <= set(claim.values) and not (claim.reading and len(there) < len(rows))
    if claim.kind == "key":
        return all(re.fullmatch("[0-9a-f]{64}", str(text)) for text in there)
    if claim.kind == "unique":
        of_one = there if len(claim.columns) == 1 else [tuple(row[name] for name in claim.columns) for row in rows]
        return max(Counter(of_one).values(), default=1) == 1
    if claim.kind == "not-after":
        width = len(str(claim.values[0]).rstrip("Z"))
        return all(str(text)[:width] <= str(claim.values[0])[:width] for text in there)
    if claim.kind == "not-less":
        return len(pairs) == len(rows) and all(a >= b for a, b in pairs)  # type: ignore[operator]
    return len(pairs) == len(rows) and all(a > b for a, b in pairs)  # type: ignore[operator]


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_both_readers_agree_on_every_claim(rows: list[Row]) -> None:
    answers = expectations.check("request_log", rows, CLAIMS)
    assert [one.success for one in answers] == [plainly(rows, claim) for claim in CLAIMS]
    assert {one.rows for one in answers} == {len(rows)}


def test_answers_are_in_the_order_of_the_claims_and_named() -> None:
    rows = [{"word": "open", "number": 1, "other": 2}]
    asked = (Claim("greater", ("number", "other"), reading=True), Claim("present"), Claim("not-null", ("word",)))
    for order in itertools.permutations(asked):
        answers = expectations.check("late", rows, order)
        named = {
            "present": (None, "present", True),
            "greater": ("number,other", "second-reading:greater", False),
            "not-null": ("word", "not-null", True),
        }
        assert [(one.column, one.expectation, one.success) for one in answers] == [named[claim.kind] for claim in order]


def test_the_same_question_twice_is_answered_twice() -> None:
    twice = (Claim("not-null", ("word",)), Claim("not-null", ("word",)))
    assert [one.success for one in expectations.check("x", [{"word": None}], twice)] == [False, False]


def test_an_empty_table_is_asked_nothing_and_says_so() -> None:
    assert expectations.check("request_log", [], CLAIMS[:-1]) == ()
    assert expectations.check("request_log", [], (Claim("present"), *CLAIMS[:-1])) == (
        Checked("request_log", None, "present", False, 0),
    )


def test_columns_that_are_null_throughout() -> None:
    """Value checks hold of nothing at all; that something must be there is a question of its own."""
    rows: list[Row] = [dict.fromkeys(("word", "key", "number", "other", "day", "moment"))] * 2
    said = [one.success for one in expectations.check("request_log", rows, CLAIMS)]
    assert said == [plainly(rows, claim) for claim in CLAIMS]
    assert said[0] is False
    assert said[4] is False  # two rows with the same key of nulls
    assert said[7:10] == [False, False, False]  # a second reading of nothing at all proves nothing


@pytest.mark.parametrize(
    ("frame", "rows", "claim"),
    [
        ("numbers and words", [{"number": 1, "other": SECRET}], Claim("greater", ("number", "other"))),
        ("words", [{"number": SECRET, "other": 1}], Claim("not-less", ("number", "other"))),
    ],
)
def test_a_question_that_cannot_be_answered_is_an_error_and_not_a_no(frame: str, rows: list[Row], claim: Claim) -> None:
    with pytest.raises(SourceError, match="could not be evaluated on 1 rows") as caught:
        expectations.check(frame, rows, [claim])
    assert SECRET not in str(caught.value)


def test_a_column_that_is_not_in_the_rows_is_an_error() -> None:
    with pytest.raises(KeyError):
        expectations.check("request_log", [{"word": "open"}], [Claim("not-null", ("status",))])


def test_no_value_comes_back(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What GX itself returns, caught on its way: yes or no, and nothing of the row."""
    seen: list[object] = []
    whole = expectations._whole()

    class Watched:
        def get_batch(self, given: object) -> object:
            batch = whole.get_batch(given)
            validate = batch.validate

            def watched(*args: object, **kwargs: object) -> object:
                said = validate(*args, **kwargs)
                seen.append(said.to_json_dict())
                return said

            batch.validate = watched
            return batch

    monkeypatch.setattr(expectations, "_whole", Watched)
    rows: list[Row] = [{"word": SECRET, "key": SECRET}] * 3
    answers = expectations.check("request_log", rows, (CLAIMS[1], CLAIMS[2], CLAIMS[3]))
    assert [one.success for one in answers] == [False, False, False]
    assert len(seen) == 1
    assert SECRET not in repr(seen)
    assert SECRET not in repr(answers)
    out = capsys.readouterr()
    assert (out.out, out.err) == ("", "")


@pytest.mark.parametrize(
    ("text", "limit", "held"),
    [
        ("2026-06-30", "2026-06-30", True),
        ("2026-07-01", "2026-06-30", False),
        ("0016-05-02", "2026-06-30", True),
        ("2026-06-30T21:59:59.999999Z", "2026-06-30T21:59:59Z", True),
        ("2026-06-30T22:00:00.000000Z", "2026-06-30T21:59:59Z", False),
        ("2026-06-30", "2026-06-30T21:59:59Z", False),  # a day has no place among instants
        ("2026-06-30T21:59:59.000000Z", "2026-06-30", False),
        ("30/06/2026", "2026-06-30", False),
        ("", "2026-06-30", False),
        (20260630, "2026-06-30", False),
    ],
)
def test_days_and_instants_are_ordered_as_text_of_one_form(text: object, limit: str, held: bool) -> None:
    answers = expectations.check("request_log", [{"day": text}], [Claim("not-after", ("day",), (limit,))])
    assert [one.success for one in answers] == [held]


# --- the suites that bundles hold ----------------------------------------------------------------------------------


def test_a_suite_is_what_great_expectations_itself_would_write() -> None:
    made = suites.suite("REQ-02", Table("request_log", (), CLAIMS), "frames/REQ-02.request_log.jsonl")
    read = gx.ExpectationSuite(**made)
    assert len(read.expectations) == len(CLAIMS)
    assert read.to_json_dict() == made
    assert gx.__version__ == suites.FORM, "another GX: look at its form again, then name it"


def test_a_file_context_finds_a_suite_by_its_name(tmp_path: Path) -> None:
    made = suites.suite("REQ-02", Table("request_log", (), CLAIMS), "frames/REQ-02.request_log.jsonl")
    context = gx.get_context(mode="file", project_root_dir=tmp_path)
    folder = tmp_path / "gx" / "expectations" / "REQ-02"
    folder.mkdir()
    (folder / "request_log.json").write_bytes(dump_line(made))
    found = context.suites.get("REQ-02.request_log")
    assert found.to_json_dict()["expectations"] == made["expectations"]


def test_rows_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"id": 1, "at": "2026-06-30", "number": 3, "yes": True}, {"id": 2, "at": None, "number": None, "yes": None}]
    path.write_bytes(b"".join(map(dump_line, rows)))
    assert evidence_expectations.table(path).to_dict("records") == rows
    path.write_bytes(b"")
    assert len(evidence_expectations.table(path)) == 0
