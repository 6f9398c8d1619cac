"""Great Expectations as the second reader of evidence frames; the only importer of it. Slow to import: import late.

Only `BOOLEAN_ONLY` is asked for, so that no value can come back. Rows are counted here before it is asked: an empty
table passes every expectation, and means nothing. Source: docs/norm/notebook-gate.md, section 1.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from functools import cache
from typing import Any

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

from evidence_kit.errors import SourceError
from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Checked
from evidence_kit.model.sample import Row

# Importing GX sends Python's warnings to its log, where nobody sees them.
logging.captureWarnings(False)

gxe: Any = gx.expectations
KEY = "^[0-9a-f]{64}$"


def check(frame: str, rows: Sequence[Row], claims: Sequence[Claim]) -> tuple[Checked, ...]:
    """Ask every claim of every row. A claim about no row is not asked; that a table has rows is our own count."""
    counted = tuple(Checked(frame, None, "present", bool(rows), len(rows)) for c in claims if c.kind == "present")
    asked = [claim for claim in claims if claim.kind != "present"]
    if not rows or not asked:
        return counted
    answers = _ask(rows, asked)
    return counted + tuple(
        Checked(frame, ",".join(claim.columns) or None, _named(claim), success, len(rows))
        for claim, success in zip(asked, answers, strict=True)
    )


def _named(claim: Claim) -> str:
    return f"second-reading:{claim.kind}" if claim.reading else claim.kind


def _ask(rows: Sequence[Row], claims: Sequence[Claim]) -> list[bool]:
    columns = sorted({name for claim in claims for name in claim.columns})
    table = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype="object") for name in columns})
    for name in {claim.columns[0] for claim in claims if claim.kind == "not-after"}:
        table[_moment(name)] = pd.Series([_seconds(row[name]) for row in rows], dtype="float64")
    batch = _whole().get_batch({"dataframe": table})
    suite = gx.ExpectationSuite(name="evidence", expectations=[_expectation(claim) for claim in claims])
    said = batch.validate(suite, result_format="BOOLEAN_ONLY")
    if any(info.get("raised_exception", True) for one in said.results for info in _exceptions(one.exception_info)):
        raise SourceError(f"an expectation could not be evaluated on {len(rows)} rows; its answer would prove nothing.")
    # GX answers in its own order and merges equal expectations: each claim is looked up by what it asked.
    by_question = {_question(one.expectation_config): bool(one.success) for one in said.results}
    return [by_question[_question(_expectation(claim).configuration)] for claim in claims]


@cache
def _whole() -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_pandas("evidence")
    return source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")


def _question(configuration: Any) -> str:
    asked = {key: value for key, value in configuration.kwargs.items() if key != "batch_id"}
    return f"{configuration.type} {sorted(asked.items(), key=str)}"


def _exceptions(info: Any) -> list[dict[str, Any]]:
    """GX gives one record, or one per metric: both as a list."""
    return [info] if "raised_exception" in info else list(info.values())


def _moment(column: str) -> str:
    return f"{column}, as a number"


def _seconds(text: object) -> float | None:
    """A day or instant as YYYYMMDDHHMMSS: GX does not order text, and this number is exact in a float."""
    return None if text is None else float("".join(c for c in str(text)[:19] if c.isdigit()).ljust(14, "0"))


def _expectation(claim: Claim) -> Any:
    first = claim.columns[0]
    if claim.kind == "not-null":
        return gxe.ExpectColumnValuesToNotBeNull(column=first)
    if claim.kind == "one-of":
        return gxe.ExpectColumnValuesToBeInSet(column=first, value_set=list(claim.values))
    if claim.kind == "key":
        return gxe.ExpectColumnValuesToMatchRegex(column=first, regex=KEY)
    if claim.kind == "unique":
        if len(claim.columns) == 1:
            return gxe.ExpectColumnValuesToBeUnique(column=first)
        return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(claim.columns), ignore_row_if="never")
    if claim.kind == "not-after":
        return gxe.ExpectColumnValuesToBeBetween(column=_moment(first), max_value=_seconds(claim.values[0]))
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=first,
        column_B=claim.columns[1],
        or_equal=claim.kind == "not-less",
        ignore_row_if="either_value_is_missing",
    )
