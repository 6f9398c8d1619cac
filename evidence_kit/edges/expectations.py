"""Great Expectations as the second reader of evidence frames. Slow to import: import late.

Only `BOOLEAN_ONLY` is asked for, so that no value can come back. Rows are counted here before it is asked: an empty
table passes most expectations, and means nothing. What is asked is, word for word, what the bundle's suites hold.
Source: docs/norm/notebook-gate.md, section 1.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

from evidence_kit.edges import evidence_expectations as evidence_expectations  # its classes: GX finds them by name
from evidence_kit.errors import SourceError
from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Checked
from evidence_kit.model.sample import Row
from evidence_kit.rules import suites

# Importing GX sends Python's warnings to its log, where nobody sees them.
logging.captureWarnings(False)


def check(frame: str, rows: Sequence[Row], claims: Sequence[Claim]) -> tuple[Checked, ...]:
    """Ask every claim of every row. Of a table without rows only that it has some is answered: no."""
    if not rows:
        return tuple(Checked(frame, None, "present", False, 0) for claim in claims if claim.kind == "present")
    answers = _ask(rows, claims) if claims else []
    return tuple(
        Checked(frame, suites.column(claim), suites.named(claim), success, len(rows))
        for claim, success in zip(claims, answers, strict=True)
    )


def _ask(rows: Sequence[Row], claims: Sequence[Claim]) -> list[bool]:
    columns = sorted({name for claim in claims for name in claim.columns})
    table = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype="object") for name in columns})
    table = table if columns else pd.DataFrame(index=range(len(rows)))
    batch = _whole().get_batch({"dataframe": table})
    suite = gx.ExpectationSuite(name="evidence", expectations=[suites.expectation(claim) for claim in claims])
    said = batch.validate(suite, result_format="BOOLEAN_ONLY")
    if any(info.get("raised_exception", True) for one in said.results for info in _exceptions(one.exception_info)):
        raise SourceError(f"an expectation could not be evaluated on {len(rows)} rows; its answer would prove nothing.")
    # GX answers in its own order and merges equal expectations: each claim is looked up by what it asked.
    by_question = {
        _question({"type": one.expectation_config.type, "kwargs": one.expectation_config.kwargs}): bool(one.success)
        for one in said.results
    }
    return [by_question[_question(suites.expectation(claim))] for claim in claims]


@cache
def _whole() -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_pandas("evidence")
    return source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")


def _question(asked: Mapping[str, Any]) -> str:
    kwargs = {key: value for key, value in asked["kwargs"].items() if key != "batch_id"}
    return f"{asked['type']} {sorted(kwargs.items(), key=str)}"


def _exceptions(info: Any) -> list[dict[str, Any]]:
    """GX gives one record, or one per metric: both as a list."""
    return [info] if "raised_exception" in info else list(info.values())
