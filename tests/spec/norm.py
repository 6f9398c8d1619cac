"""The golden vectors, read once; and their rows as the Python values they stand for."""

import json
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent / "vectors"

Vector = dict[str, Any]


@cache
def norm(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def python_value(kind: str, value: Any) -> Any:
    """A value of a vector, as the database driver would give it."""
    if not isinstance(value, str) or kind == "text":
        return value
    if kind.startswith("decimal"):
        return Decimal(value)
    if kind == "date":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value)


def python_rows(case: Vector) -> list[list[Any]]:
    kinds = [kind for _, kind in case["columns"]]
    return [[python_value(kind, value) for kind, value in zip(kinds, row, strict=True)] for row in case["rows"]]


def columns_of(case: Vector) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind in case["columns"]]
