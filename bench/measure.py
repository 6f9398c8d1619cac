"""Several ways to the same work, timed turn by turn in one run: ratios stay true where the machine's speed does not."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Failed(Exception):
    """A side could not do its work; the text says which command ended how."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way to do the work. `run` prepares what it needs, does the work once, and answers what the work took."""

    name: str
    run: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times longer `baseline` takes than `ours`. What was hoped for, at least (`goal`) or at most (`most`);
    missing it is no failure."""

    part: str
    baseline: str
    ours: str
    goal: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Race:
    """Sides that do the same work; every round runs each of them once, and each round begins with another.

    `unit`: of what a side answers, seconds unless said otherwise. `rounds`: how many are enough, whatever was asked.
    """

    title: str
    sides: tuple[Side, ...]
    ratios: tuple[Ratio, ...]
    remarks: tuple[str, ...] = ()
    unit: str = "s"
    rounds: int | None = None


class Spread(NamedTuple):
    """The smallest, the middle and the largest of some numbers."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        """The spread of at least one number."""
        return cls(min(numbers), statistics.median(numbers), max(numbers))


@dataclass(slots=True)
class Measured:
    """What a race gave: seconds of each side in the order of the rounds, and why a side gave none."""

    race: Race
    rounds: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def spread(self, side: str) -> Spread | None:
        """The seconds of one side; None when it failed."""
        return None if side in self.failed else Spread.of(self.seconds[side])

    def ratio(self, asked: Ratio) -> Spread | None:
        """The ratio of the medians, between the least and the greatest of one round; None when a side failed."""
        if asked.baseline in self.failed or asked.ours in self.failed:
            return None
        slow, fast = self.seconds[asked.baseline], self.seconds[asked.ours]
        rounds = [base / ours for base, ours in zip(slow, fast, strict=True)]
        return Spread(min(rounds), statistics.median(slow) / statistics.median(fast), max(rounds))

    def record(self) -> dict[str, Any]:
        """Everything measured, for `--json`."""
        return {
            "title": self.race.title,
            "rounds": self.rounds,
            "unit": self.race.unit,
            "seconds": {name: [round(each, 4) for each in times] for name, times in self.seconds.items()},
            "failed": dict(self.failed),
            "ratios": [_ratio_record(asked, self.ratio(asked)) for asked in self.race.ratios],
            "remarks": list(self.race.remarks),
        }


def _ratio_record(asked: Ratio, found: Spread | None) -> Mapping[str, Any]:
    told = None if found is None else {name: round(each, 3) for name, each in found._asdict().items()}
    goals = {"goal": asked.goal, "most": asked.most}
    return {"part": asked.part, "baseline": asked.baseline, "ours": asked.ours, **goals, "ratio": told}


def measure(race: Race, rounds: int, say: Callable[[str], None]) -> Measured:
    """Run every side `rounds` times, turn by turn. A side that fails is left out from then on; the reason is kept."""
    measured = Measured(race, rounds, {side.name: [] for side in race.sides})
    for number in range(rounds):
        first = number % len(race.sides)
        for side in (*race.sides[first:], *race.sides[:first]):
            if side.name in measured.failed:
                continue
            try:
                seconds = side.run()
            except Failed as problem:
                measured.failed[side.name] = str(problem)
                say(f"{side.name}: {problem}")
                continue
            measured.seconds[side.name].append(seconds)
            say(f"round {number + 1} of {rounds}, {side.name}: {seconds:.3f} {race.unit}")
    return measured
