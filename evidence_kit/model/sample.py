"""What is seen: the frozen population, its commitment, the sample, the evidence frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

Row = Mapping[str, object]


class Kept(NamedTuple):
    """What a freeze keeps of one unit: its id as text, its stratum, its blinded leaf."""

    unit: str
    stratum: str
    leaf: str


class Identity(NamedTuple):
    """Who or what is behind one pseudonym: its kind (docs/norm/frames.md), and the text that the source holds.

    Its text form never shows that text.
    """

    pseudonym: str
    kind: str
    text: str

    def __repr__(self) -> str:
        return f"Identity({self.pseudonym!r}, {self.kind!r})"


class Stratum(NamedTuple):
    """One stratum of a frozen population: name, number of units, root digest."""

    name: str
    units: int
    root: str


class Drawn(NamedTuple):
    """One drawn unit; `rank` counts from 1 within its stratum and round."""

    stratum: str
    rank: int
    ticket: str
    leaf: str
    unit: str


@dataclass(frozen=True, slots=True)
class Population:
    """All units of one control, frozen. `refusal` names why it could not be frozen; then there is no digest.

    `strata` in byte order. `note` says what was done about repeated identifiers.
    """

    control: str
    name: str
    unit: str
    columns: tuple[tuple[str, str], ...]
    stratum_by: str | None
    count: int
    strata: tuple[Stratum, ...]
    root: str | None
    blind_sha256: str | None
    query_sha256: str
    refusal: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One draw: its number, the auditor's nonce, and the units in ticket order within each stratum."""

    number: int
    nonce: str
    drawn: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn from one commitment. `independent`: the commitment was made before this run knew the nonce."""

    control: str
    record: Mapping[str, object]
    commitment_sha256: str
    independent: bool
    rounds: tuple[Round, ...]

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        """Every drawn unit, round by round, in the order of the results."""
        return tuple(unit for one in self.rounds for unit in one.drawn)


@dataclass(frozen=True)
class EvidenceFrame:
    """The rows of one frame for the drawn units of one control. `columns`: (name, kind, privacy), `id` first."""

    control: str
    frame: str
    columns: tuple[tuple[str, str, str], ...]
    rows: tuple[Row, ...]
    sha256: str

    @cached_property
    def by_unit(self) -> Mapping[str, tuple[Row, ...]]:
        """Rows by the value of the second column, which is the identifier that ties the frame to its unit."""
        tied: dict[str, list[Row]] = {}
        for row in self.rows:
            tied.setdefault(str(row[self.columns[1][0]]), []).append(row)
        return {unit: tuple(rows) for unit, rows in tied.items()}
