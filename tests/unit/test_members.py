"""A change is only a change within the same population: real lists of sub-processors at three dates."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_kit.rules.members import members

#: The figures of the data set's SOURCE.txt: all added and removed, those within the companies of both, and how many.
PUBLISHED = {
    ("2025-08-12", "2025-10-07"): (283, 210, 7, 9, 32),
    ("2025-10-07", "2025-11-11"): (362, 333, 112, 42, 33),
    ("2025-08-12", "2025-11-11"): (206, 104, 149, 59, 45),
}


@pytest.fixture(scope="module")
def listed(shared: Path) -> Callable[[str], list[tuple[str, str]]]:
    def pairs(day: str) -> list[tuple[str, str]]:
        with (shared / f"data/processors/subprocessors_{day}.csv").open(encoding="utf-8", newline="") as file:
            return [(row["company"], row["sub_processor"]) for row in csv.DictReader(file)]

    return pairs


@pytest.mark.parametrize("days", PUBLISHED, ids=" to ".join)
def test_the_published_figures(days: tuple[str, str], listed: Callable[[str], list[tuple[str, str]]]) -> None:
    found = members(*map(listed, days))
    counted = (found.added, found.removed, found.added_within, found.removed_within, found.groups_in_both)
    assert tuple(map(len, counted)) == PUBLISHED[days]


def test_a_file_that_covers_others_is_told_apart_from_one_that_changed(
    listed: Callable[[str], list[tuple[str, str]]],
) -> None:
    """From August to October nearly every change is a company that one list alone covers, or spells otherwise."""
    found = members(listed("2025-08-12"), listed("2025-10-07"))
    assert {"windsurf", "Windsurf"} <= {*found.groups_only_before, *found.groups_only_after}
    outside = [pair for pair in found.added if pair not in set(found.added_within)]
    assert {group for group, _ in outside} <= set(found.groups_only_after)
    assert len(outside) == 276


def test_a_list_beside_itself_changes_nothing(listed: Callable[[str], list[tuple[str, str]]]) -> None:
    found = members(listed("2025-11-11"), listed("2025-11-11"))
    assert (found.added, found.removed, found.groups_only_before, found.groups_only_after) == ((), (), (), ())
