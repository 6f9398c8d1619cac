"""The frames of the kit are those of the norm, column by column."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_kit.model.evidence import FRAMES

Norm = Callable[[str], str]
#: The frames of the norm; those of the kit's own are its business.
SHARED = sorted(name for name, spec in FRAMES.items() if not spec.own)


@pytest.fixture(scope="session")
def norm(shared: Path) -> Norm:
    """The text of one file of the norm, by name."""
    return lambda name: (shared / "spec" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SHARED)
def test_columns_are_those_of_the_norm(name: str, norm: Norm) -> None:
    rows = [row for row in csv.DictReader(norm("frames.csv").splitlines()) if row["frame"] == name]
    declared = [
        (row["column"], row["type"], row["nullable"] == "true", row["privacy"], "may_be_future" in row["meaning"])
        for row in rows
    ]
    ours = [(one.name, one.kind, one.nullable, one.privacy, one.may_be_future) for one in FRAMES[name].columns]
    assert ours == declared


@pytest.mark.parametrize("name", SHARED)
def test_words_are_those_of_the_norm(name: str, norm: Norm) -> None:
    rows = {
        row["column"]: row["meaning"] for row in csv.DictReader(norm("frames.csv").splitlines()) if row["frame"] == name
    }
    for column in FRAMES[name].columns:
        listed = re.sub(r" ?[(;].*", "", rows[column.name])
        if " | " in listed:
            assert column.values == tuple(listed.split(" | ")), column.name
        elif "as in request_log" in listed:
            assert column.values == FRAMES["request_log"].column(column.name).values
        else:
            assert column.values == ()


@pytest.mark.parametrize("name", SHARED)
def test_unique_keys_are_those_of_the_norm(name: str, norm: Norm) -> None:
    found = re.search(rf"^## {name}\n.*?^unique_key: ([^\n]+)$", norm("frames.md"), re.MULTILINE | re.DOTALL)
    assert found is not None
    assert FRAMES[name].unique_key == tuple(found[1].split())


def test_keys_have_a_kind_of_pseudonym_and_nothing_else_has() -> None:
    for spec in FRAMES.values():
        for column in spec.columns:
            assert (column.pseudonym is not None) == (column.privacy == "key")
            assert not (column.event and not column.nullable)


def test_computed_columns_are_those_of_the_norm() -> None:
    computed = {column.name for spec in FRAMES.values() if not spec.built for column in spec.columns if column.computed}
    searched = {"stored_rows", "stored_fields", "source", "object", "observed_key", "checked_at"}
    assert computed == {"document_sha256", "source_ref", "personal_class"} | searched
