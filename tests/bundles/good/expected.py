"""Suites of the good bundle, with the answer of each expectation in plain Python, and the rows of two readings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.bundles.good.base import AS_OF, VERIFIER, Json
from tests.bundles.good.bundle import Bundle

CLASSES = "data/expectations/evidence_expectations.py"
Rows = list[Json]


class Expected(NamedTuple):
    """One expectation: type, kwargs, its code and columns in `checks`, and whether rows meet it."""

    type: str
    kwargs: Json
    code: str
    column: str | None
    met: Callable[[Rows], bool]


def values(rows: Rows, name: str) -> list[Any]:
    return [row[name] for row in rows if row.get(name) is not None]


def present() -> Expected:
    return Expected("expect_table_row_count_to_be_between", {"min_value": 1}, "present", None, bool)


def stated(name: str, second: bool = False) -> Expected:
    met = lambda rows: len(values(rows, name)) == len(rows)  # noqa: E731
    code = "second-reading:not-null" if second else "not-null"
    return Expected("expect_column_values_to_not_be_null", {"column": name}, code, name, met)


def among(name: str, words: list[Any], second: bool = False) -> Expected:
    def met(rows: Rows) -> bool:
        there = values(rows, name)
        return set(there) <= set(words) and not (second and len(there) < len(rows))

    kwargs = {"column": name, "value_set": words}
    if second:
        return Expected("expect_evidence_stated", kwargs, "second-reading:one-of", name, met)
    return Expected("expect_column_values_to_be_in_set", kwargs, "one-of", name, met)


def pseudonym(name: str) -> Expected:
    form = re.compile("[0-9a-f]{64}")
    met = lambda rows: all(form.fullmatch(text) for text in values(rows, name))  # noqa: E731
    kwargs = {"column": name, "regex": "^[0-9a-f]{64}$"}
    return Expected("expect_column_values_to_match_regex", kwargs, "key", name, met)


def once(*names: str) -> Expected:
    def met(rows: Rows) -> bool:
        keys = values(rows, *names) if len(names) == 1 else [tuple(row.get(name) for name in names) for row in rows]
        return len(set(keys)) == len(keys)

    kind, kwargs = "expect_column_values_to_be_unique", {"column": names[0]}
    if len(names) > 1:
        kind = "expect_compound_columns_to_be_unique"
        kwargs = {"column_list": list(names), "ignore_row_if": "never"}
    return Expected(kind, kwargs, "unique", ",".join(names), met)


def no_later(name: str, limit: str) -> Expected:
    width = 19 if len(limit) > 10 else 10
    met = lambda rows: all(text[:width] <= limit[:width] for text in values(rows, name))  # noqa: E731
    return Expected("expect_evidence_not_after", {"column": name, "limit": limit}, "not-after", name, met)


def ordered(first: str, second: str, equal: bool) -> Expected:
    def met(rows: Rows) -> bool:
        return all(row[first] > row[second] or (equal and row[first] == row[second]) for row in rows)

    code = "second-reading:not-less" if equal else "second-reading:greater"
    kwargs = {"column_A": first, "column_B": second} | ({"or_equal": True} if equal else {})
    return Expected("expect_evidence_in_order", kwargs, code, f"{first},{second}", met)


#: Paris: the cut-off falls on the last of January.
SUITES: dict[str, list[Expected]] = {
    "REQ-02.request_log": [
        present(),
        stated("request_id"),
        among("capacity", ["controller", "processor"]),
        pseudonym("account_key"),
        no_later("received_at", AS_OF),
        no_later("due_given_on", "2026-01-31"),
        once("request_id"),
    ],
    "REQ-02.mailbox_messages": [present(), stated("source_ref"), once("request_id", "received_at")],
    "REQ-02.request_replies": [present(), stated("reasons_given")],
    "COM-02.request_log": [present(), pseudonym("subject_key"), once("request_id")],
    "RET-01.retention_observations": [present(), stated("past_limit_rows")],
    "REQ-02.in_time": [ordered("due", "done", equal=True)],
    "REQ-02.late": [ordered("done", "due", equal=False)],
    "REQ-02.named": [stated("request_id", second=True)],
    "COM-02.found": [among("found", [True], second=True)],
}
READINGS: dict[str, Rows] = {
    "REQ-02.in_time": [{"id": 1, "due": 739348, "done": 739348}, {"id": 2, "due": 739373, "done": 739370}],
    "REQ-02.late": [{"id": 1, "due": 739447, "done": 739448}],
    "REQ-02.named": [{"id": 1, "request_id": "R-001"}, {"id": 2, "request_id": "R-002"}],
    "COM-02.found": [{"id": 1, "found": True}, {"id": 2, "found": True}],
}


def suite(stem: str) -> Json:
    folder = "readings" if stem in READINGS else "frames"
    return {
        "name": stem,
        "id": None,
        "expectations": [
            {
                "type": one.type,
                "kwargs": one.kwargs,
                "meta": {"expectation": one.code, "en": f"{one.code} {one.column}", "fr": f"{one.column} {one.code}"},
                "severity": "critical",
            }
            for one in SUITES[stem]
        ],
        "meta": {"rows": f"{folder}/{stem}.jsonl", "great_expectations_version": "1.24.1"},
        "notes": None,
    }


def expect(bundle: Bundle) -> None:
    """Write suites, classes and the rows of the readings."""
    bundle.files[CLASSES] = (VERIFIER.parent / "edges" / "evidence_expectations.py").read_bytes()
    for stem in SUITES:
        bundle.put("data/expectations/{}/{}.json".format(*stem.split(".")), suite(stem))
    for stem, rows in READINGS.items():
        bundle.put_rows(f"data/readings/{stem}.jsonl", rows)


def checks(bundle: Bundle, control: str) -> list[Json]:
    """What the second reader answered, table by table; of a frame without rows only that it has none."""
    made = []
    for stem, asked in SUITES.items():
        owner, frame = stem.split(".")
        path = f"data/{'readings' if stem in READINGS else 'frames'}/{stem}.jsonl"
        if owner != control or path not in bundle.files:
            continue
        rows = bundle.rows(path)
        for one in asked:
            if rows or one.code == "present":
                answer = {"expectation": one.code, "success": one.met(rows), "rows": len(rows)}
                made.append({"frame": frame, "column": one.column, **answer})
    return made
