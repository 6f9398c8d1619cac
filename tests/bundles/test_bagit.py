"""A second reader of bags: what we write is a good bag to it, and what it lets pass we still refuse."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from evidence_kit import verify
from tests.bundles import good as g
from tests.bundles.good import Bundle
from tests.bundles.mutations import MUTATIONS

LEVELS: dict[str, Callable[[], Bundle]] = {
    verify.LEVEL: g.good,
    verify.PSEUDONYMISED: g.pseudonymised,
    verify.CLIENT: g.client,
}
#: Rules of ours that BagIt does not have: lines of the must-fail table whose bag is a good bag to anybody else.
STRICTER = ("F15", "F25", "F27", "F32", "F33", "F38", "F42", "F43", "F50", "F67", "F101", "F104", "F120", "F147")


@pytest.fixture
def bagit() -> ModuleType:
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    made = pytest.importorskip("bagit")
    assert isinstance(made, ModuleType)
    return made


def accepted(bagit: ModuleType, path: Path) -> bool:
    """Whether bagit-python says that this is a whole and valid bag."""
    try:
        bag = bagit.Bag(str(path))
        return bool(bag.validate(processes=1) and bag.is_valid(fast=False))
    except bagit.BagError:
        return False


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_a_bag(level: str, tmp_path: Path, bagit: ModuleType) -> None:
    path = LEVELS[level]().write(tmp_path)
    assert accepted(bagit, path)
    bag = bagit.Bag(str(path))
    assert bag.version_info == (1, 0)
    assert bag.algorithms == ["sha256"]
    assert bag.info["Evidence-Level"] == level


@pytest.mark.parametrize("id", STRICTER)
def test_what_it_lets_pass_is_still_refused(id: str, tmp_path: Path, bagit: ModuleType) -> None:
    mutation = next(one for one in MUTATIONS if one.id == id)
    path, *options = mutation.write(tmp_path)
    assert accepted(bagit, Path(path))
    assert verify.main([path, *options]) == 1


@pytest.mark.parametrize("id", ["F34", "F35", "F36", "F37", "F40", "F41"])
def test_what_it_refuses_is_refused(id: str, tmp_path: Path, bagit: ModuleType) -> None:
    mutation = next(one for one in MUTATIONS if one.id == id)
    path, *options = mutation.write(tmp_path)
    assert not accepted(bagit, Path(path))
    assert verify.main([path, *options]) == 1
