"""What is concluded: per attribute, per unit, per stratum, per control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Outcome(StrEnum):
    """What one unit shows. Absence of data is INCONCLUSIVE; nothing absent is ever PASS."""

    PASS = "PASS"
    FAIL = "FAIL"
    ERROR = "ERROR"
    INCONCLUSIVE = "INCONCLUSIVE"


#: The worst first: where units, strata or controls differ, the first of these that occurs decides.
WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS)


class Mark(StrEnum):
    """What one attribute of one unit shows."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    MISSING = "missing"
    NA = "na"


@dataclass(frozen=True, slots=True)
class Answer:
    """One attribute answered for one unit. `reason`: a code; None for a plain pass or not applicable."""

    letter: str
    mark: Mark
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Working:
    """The deadline of one unit: last day in time, whole days late (0: in time), and the lines that show how."""

    due_on: date | None
    days_late: int | None
    lines: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Test:
    """What a test says of one unit: its attributes, flags that stand beside a PASS, and the working of a deadline."""

    answers: tuple[Answer, ...]
    flags: tuple[str, ...] = ()
    working: Working | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What the test said of one drawn unit. `unit`: its identifier or pseudonym; `reasons`: codes of the norm.

    `evidence` lists (frame, ids of the rows that were read).
    """

    unit: str
    leaf: str
    stratum: str
    verdict: Outcome
    reasons: tuple[str, ...]
    answers: tuple[Answer, ...]
    flags: tuple[str, ...]
    evidence: tuple[tuple[str, tuple[int, ...]], ...]
    working: Working | None

    @property
    def deviates(self) -> bool:
        """Whether the unit counts against the control: failed, or could not be tested."""
        return self.verdict is not Outcome.PASS


@dataclass(frozen=True, slots=True)
class Checked:
    """One expectation, answered by the second reader. `rows`: how many rows it was asked about; never a value."""

    frame: str
    column: str | None
    expectation: str
    success: bool
    rows: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Units by verdict."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    inconclusive: int = 0

    @property
    def drawn(self) -> int:
        """All units tested, whatever came of it."""
        return self.passed + self.failed + self.error + self.inconclusive

    @property
    def deviations(self) -> int:
        """Units that count against the control (ISA 530, paragraph 11: unable to test is a deviation)."""
        return self.drawn - self.passed


@dataclass(frozen=True, slots=True)
class StratumFinding:
    """The conclusion on one stratum. `upper_units`: deviations it may still hold at the stated confidence.

    Rates shown are percentages with one decimal, rounded up; `without_untested` counts only units that failed.
    """

    stratum: str
    units: int
    counts: Counts
    upper_units: int | None
    upper_rate_shown: str | None
    without_untested_units: int | None
    without_untested_shown: str | None
    too_many: int | None
    verdict: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Extended:
    """A stratum extended outside its plan. `risk_ppb`: the chance that what was done accepts the smallest number of
    deviations that is too many, rounded up; `confidence_shown`: what is left, a percentage rounded down."""

    stratum: str
    risk_ppb: int
    confidence_shown: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The conclusion on one control."""

    control: str
    population: str
    strata: tuple[StratumFinding, ...]
    verdict: Outcome
    reason: str
    set_aside: int
    independent: bool

    @property
    def counts(self) -> Counts:
        """The strata added up."""
        each = [stratum.counts for stratum in self.strata]
        return Counts(
            sum(c.passed for c in each),
            sum(c.failed for c in each),
            sum(c.error for c in each),
            sum(c.inconclusive for c in each),
        )
