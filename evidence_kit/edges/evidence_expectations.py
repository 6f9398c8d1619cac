"""What the expectations of Great Expectations cannot say of evidence. The same file lies in every bundle.

Import it before a suite is loaded: GX finds its classes by their names. It needs great_expectations and pandas, nothing
of the kit. Whatever these expect, no table without rows has it; what a null means is said by each. A column that is not
there is an exception to GX, and no success.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation, ColumnPairMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)
from great_expectations.expectations.metrics.map_metric_provider.column_pair_condition_partial import (
    column_pair_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_pair_map_metric_provider import (
    ColumnPairMapMetricProvider,
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z", re.ASCII)


def table(path: str | Path) -> pd.DataFrame:
    """The rows of a JSON Lines file of a bundle, each value as it is written there.

    `pandas.read_json` would make dates of text and floats of integers beside a null.
    """
    with Path(path).open(encoding="utf-8") as lines:
        return pd.DataFrame([json.loads(line) for line in lines], dtype="object")


def _not_after(value: object, limit: str) -> bool:
    """Whether a day, or an instant in UTC, is not after `limit` of the same form; seconds are compared whole."""
    form, width = (_DAY, 10) if len(limit) == 10 else (_INSTANT, 19)
    return isinstance(value, str) and form.fullmatch(value) is not None and value[:width] <= limit[:width]


class EvidenceNotAfter(ColumnMapMetricProvider):
    """Text of a day or an instant that is not after a limit; a null is not looked at."""

    condition_metric_name = "evidence.not_after"
    condition_value_keys = ("limit",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, limit: str, **_: Any) -> pd.Series:
        return column.map(lambda value: _not_after(value, limit)).astype(bool)


class EvidenceStated(ColumnMapMetricProvider):
    """One of the values, and there: a null is none of them."""

    condition_metric_name = "evidence.stated"
    condition_value_keys = ("value_set",)
    filter_column_isnull = False

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, value_set: list[Any], **_: Any) -> pd.Series:
        return column.map(lambda value: value is not None and value in value_set).astype(bool)


class EvidenceInOrder(ColumnPairMapMetricProvider):
    """The first is greater than the second, or equal where that is enough; a null is neither."""

    condition_metric_name = "evidence.in_order"
    condition_domain_keys = (
        "batch_id", "table", "column_A", "column_B", "row_condition", "condition_parser", "ignore_row_if",
    )  # fmt: skip
    condition_value_keys = ("or_equal",)

    @column_pair_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_A: pd.Series, column_B: pd.Series, **kwargs: Any) -> pd.Series:
        or_equal = bool(kwargs.get("or_equal"))
        held = [
            not pd.isna(a) and not pd.isna(b) and bool(a > b or (or_equal and a == b))
            for a, b in zip(column_A, column_B, strict=True)
        ]
        return pd.Series(held, index=column_A.index, dtype=bool)


class _OfEveryRow:
    """Judged by every row of a table that has rows. GX itself calls a column of nulls, or an empty table, a success."""

    map_metric: ClassVar[str]

    def _validate(self, metrics: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        said = super()._validate(metrics, *args, **kwargs)  # type: ignore[misc]
        unexpected = metrics.get(f"{self.map_metric}.unexpected_count")
        said["success"] = bool(metrics.get("table.row_count")) and unexpected == 0
        return said


class ExpectEvidenceNotAfter(_OfEveryRow, ColumnMapExpectation):
    """Where the column is stated, its day or instant is not after `limit`, a day or an instant in UTC."""

    map_metric = "evidence.not_after"
    success_keys = ("limit", "mostly")
    limit: str


class ExpectEvidenceStated(_OfEveryRow, ColumnMapExpectation):
    """The column is stated in every row, and is one of `value_set`."""

    map_metric = "evidence.stated"
    success_keys = ("value_set", "mostly")
    value_set: list[Any]


class ExpectEvidenceInOrder(_OfEveryRow, ColumnPairMapExpectation):
    """Both columns are stated in every row, and `column_A` is greater than `column_B`, or equal with `or_equal`."""

    map_metric = "evidence.in_order"
    domain_keys = (  # type: ignore[assignment]
        "batch_id", "table", "column_A", "column_B", "row_condition", "condition_parser", "ignore_row_if",
    )  # fmt: skip
    success_keys = ("or_equal", "mostly")
    or_equal: bool = False
    ignore_row_if: str = "neither"
