"""Two runs beside each other: what is read of each, and what changed between them. Source: docs/comparing.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from evidence_kit.model.outcome import Outcome, Result

#: One value of a frame: text, whole number, yes or no, or nothing.
Value: TypeAlias = str | int | bool | None
Row: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class ControlRun:
    """What one run says of one control: its records of controls.json and summary.json, results, and frames read.

    `population`: the text of the query that defined it; `reading`: of the one that read the source below it; both None
    where the bundle keeps none (a refused freeze).
    """

    control: str
    stated: Mapping[str, object]
    summary: Mapping[str, object]
    results: tuple[Result, ...] = ()
    frames: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    population: str | None = None
    reading: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `as_of`, `sealed_at`: instants as text in UTC; `agreed`: its engagement.json.

    `sealed_at` and `tagmanifest_sha256` are None of the run that is being sealed: its seal covers the comparison.
    `key_named`: whether the reader named the key that signed it; else it is whole, whoever signed.
    """

    bundle: str
    tagmanifest_sha256: str | None
    signer: str
    engagement: str
    run: str
    as_of: str
    sealed_at: str | None
    kit: str
    demonstration: bool
    agreed: Mapping[str, object]
    controls: Mapping[str, ControlRun]
    key_named: bool = False


class Change(StrEnum):
    """What became of one unit, or of one shortcoming of it. The words are those of docs/comparing.md."""

    CLOSED = "closed"
    REMAINING = "remaining"
    SLIPPED = "slipped"
    ENTERED = "entered"
    GONE = "gone"
    UNKNOWN = "not-comparable"


#: What each word becomes when the two runs change places.
MIRRORED: Mapping[Change, Change] = {
    Change.CLOSED: Change.SLIPPED,
    Change.SLIPPED: Change.CLOSED,
    Change.ENTERED: Change.GONE,
    Change.GONE: Change.ENTERED,
    Change.REMAINING: Change.REMAINING,
    Change.UNKNOWN: Change.UNKNOWN,
}


class Kind(StrEnum):
    """What became of one shortcoming of a control, over all units that have it."""

    CLOSED = "closed"
    REMAINING = "remaining"
    NEW = "new"
    GROWN = "grown"
    GONE = "gone"
    UNKNOWN = "not-comparable"


@dataclass(frozen=True, slots=True)
class Why:
    """Why something cannot be compared, or what must be known beside it: a code, and the names that it concerns."""

    code: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One unit that deviates in one of the runs. A verdict is None where the run did not test the unit."""

    unit: str
    change: Change
    before: Outcome | None
    after: Outcome | None
    reasons_before: tuple[str, ...] = ()
    reasons_after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """One thing that is not in order in some units of a control: attribute, mark and reason.

    Units: `before` and `after` had it in each run; of these `changes` says what became. `otherwise`: remaining units
    whose attribute is still not in order, with another mark or reason. `letter` is empty where no attribute says why.
    """

    letter: str
    mark: str
    reason: str
    kind: Kind
    before: int
    after: int
    changes: Mapping[Change, int]
    otherwise: int = 0


@dataclass(frozen=True, slots=True)
class Bound:
    """What one run found in one stratum. Rates are percentages as stored; None where nothing bounds them."""

    units: int
    drawn: int
    deviations: int
    upper_units: int | None
    upper_rate_shown: str | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum in both runs, each None where the run has none of that name."""

    stratum: str
    before: Bound | None
    after: Bound | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many units were tested in both runs, only in the earlier and only in the later one: counted apart."""

    both: int
    only_before: int
    only_after: int


@dataclass(frozen=True, slots=True)
class ControlChange:
    """One control in both runs. `refused`: why nothing is compared (empty: it is); `notes`: what to know beside it.

    `before`, `after`: its verdicts, None where a run lacks it. Where nothing is compared, `units` and `shortcomings`
    are empty; verdicts and bounds of both runs stand all the same.
    """

    control: str
    refused: tuple[Why, ...]
    notes: tuple[Why, ...]
    before: str | None
    after: str | None
    tested: Overlap
    units: tuple[UnitChange, ...]
    shortcomings: tuple[Shortcoming, ...]
    strata: tuple[Stratum, ...]
    tolerable: str | None

    def count(self, change: Change) -> int:
        """How many units changed this way."""
        return sum(one.change is change for one in self.units)


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value of evidence that is another in the later run. `of`: the rule, commitment or destination that has it."""

    name: str
    before: Value
    after: Value
    of: str = ""


#: What may have become of a processor or an activity, the gravest first.
WORDS = ("slipped", "ended", "resumed", "left", "unseen", "new", "mended", "changed")


@dataclass(frozen=True, slots=True)
class Entity:
    """One processor, or one activity of the register, in both runs.

    `words`: those of `WORDS` that hold, in that order; none where nothing changed. `verdicts`:
    control, earlier and later verdict (None: not tested there). `states`: what the list calls it in each run.
    """

    id: str
    name: str | None
    words: tuple[str, ...]
    verdicts: tuple[tuple[str, str | None, str | None], ...]
    values: tuple[ValueChange, ...]
    states: tuple[str | None, str | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Members:
    """Two lists of pairs (group, member). `added`, `removed`: all pairs of one list alone; `*_within`: those of a group
    that stands in both lists, which alone are changes within the same population."""

    groups_in_both: tuple[str, ...]
    groups_only_before: tuple[str, ...]
    groups_only_after: tuple[str, ...]
    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    added_within: tuple[tuple[str, str], ...]
    removed_within: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that changed from the earlier run to the later one. `undeclared`: (object, column) of REG-01."""

    before: Run
    after: Run
    notes: tuple[Why, ...]
    controls: tuple[ControlChange, ...]
    processors: tuple[Entity, ...]
    activities: tuple[Entity, ...]
    undeclared: Members
