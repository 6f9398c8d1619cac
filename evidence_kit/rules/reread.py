"""What the second readings share: the rows of units by what was concluded of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Answer, Mark, Outcome, Result
from evidence_kit.model.sample import EvidenceFrame, Row

Frames = Mapping[str, EvidenceFrame]
Results = Sequence[Result]


def passed(results: Results, frames: Frames, frame: str) -> list[Row]:
    """Every row of `frame` of the units that passed."""
    rows = frames[frame].by_unit
    return [row for result in results if result.verdict is Outcome.PASS for row in rows.get(result.unit, ())]


def marked(results: Results, frames: Frames, frame: str, letter: str, mark: Mark) -> list[Row]:
    """Every row of `frame` of the units whose attribute `letter` has this mark."""
    return [row for rows in marked_units(results, frames, frame, letter, mark) for row in rows]


def marked_units(results: Results, frames: Frames, frame: str, letter: str, mark: Mark) -> list[Sequence[Row]]:
    """The rows of `frame`, unit by unit, of the units whose attribute `letter` has this mark."""
    rows = frames[frame].by_unit
    return [rows.get(result.unit, ()) for result in results if answer(result, letter).mark is mark]


def answer(result: Result, letter: str) -> Answer:
    """What was answered under a letter; not applicable where nothing was."""
    return next((one for one in result.answers if one.letter == letter), Answer(letter, Mark.NA))


def only(column: str, value: int | bool) -> Claim:
    """The column holds this value."""
    return Claim("one-of", (column,), (value,), reading=True)


def holds(column: str, *values: str | int) -> tuple[Claim, ...]:
    """The column is never null, and holds one of these values."""
    return Claim("not-null", (column,), reading=True), Claim("one-of", (column,), values, reading=True)
