"""Two runs of the same controls: what was closed, what remains, what is new, what cannot be compared. Pure.

The later run stands second; the words are those of docs/comparing.md. A change is only a change within the same
population: units that one run alone tested are counted apart, and where they may only not have been drawn, nothing is
said of them. Nothing closes but by a test that passed: what is no longer tested is not in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from evidence_kit.model.comparing import (
    Bound,
    Change,
    Comparison,
    ControlChange,
    ControlRun,
    Kind,
    Overlap,
    Run,
    Shortcoming,
    Stratum,
    UnitChange,
    Why,
)
from evidence_kit.model.outcome import Mark, Outcome, Result
from evidence_kit.rules import comparable
from evidence_kit.rules.followed import activities, processors, undeclared

#: A mark that says that something is not in order, or is not known to be.
_OPEN = (Mark.FAIL, Mark.ERROR, Mark.MISSING)
#: The mark that makes a verdict.
_MARKS = {Outcome.FAIL: Mark.FAIL, Outcome.ERROR: Mark.ERROR, Outcome.INCONCLUSIVE: Mark.MISSING}
#: One thing not in order: attribute, mark, reason.
_Key = tuple[str, str, str]


def compare(before: Run, after: Run) -> Comparison:
    """What changed from `before` to `after`, control by control, processor by processor, activity by activity."""
    names = [*before.controls, *(name for name in after.controls if name not in before.controls)]
    controls = tuple(_control(name, before, after) for name in names)
    compared = frozenset(one.control for one in controls if not one.refused)
    return Comparison(
        before=before,
        after=after,
        notes=comparable.run_notes(before, after),
        controls=controls,
        processors=processors(before, after, compared),
        activities=activities(before, after, compared),
        undeclared=undeclared(before, after, compared),
    )


def swapped(first: Run, second: Run) -> bool:
    """Whether the second of two sealed runs is the earlier: by its cut-off, then by the instant of its sealing."""
    return (second.as_of, second.sealed_at or "") < (first.as_of, first.sealed_at or "")


def _control(name: str, before: Run, after: Run) -> ControlChange:
    old, new = before.controls.get(name), after.controls.get(name)
    refused = comparable.refusals(name, before, after)
    units: tuple[UnitChange, ...] = ()
    shortcomings: tuple[Shortcoming, ...] = ()
    notes: tuple[Why, ...] = ()
    tested = Overlap(0, 0, 0)
    if not refused and old is not None and new is not None:
        notes = comparable.notes(name, before, after)
        told = comparable.whole(old) and comparable.whole(new) and old.reading == new.reading
        pairs = _paired(old.results, new.results)
        tested = _overlap(pairs.values())
        units = tuple(_units(pairs, told=told))
        shortcomings = tuple(_shortcomings(pairs, told=told))
    stated = (new or old).stated  # type: ignore[union-attr]
    return ControlChange(
        control=name,
        refused=refused,
        notes=notes,
        before=None if old is None else str(old.summary["verdict"]),
        after=None if new is None else str(new.summary["verdict"]),
        tested=tested,
        units=units,
        shortcomings=shortcomings,
        strata=_strata(old, new),
        tolerable=str(stated["tolerable"]) if "tolerable" in stated else None,
    )


def _paired(old: Iterable[Result], new: Iterable[Result]) -> dict[str, tuple[Result | None, Result | None]]:
    """Unit → its results in both runs, units ascending."""
    before, after = ({one.unit: one for one in each} for each in (old, new))
    return {unit: (before.get(unit), after.get(unit)) for unit in sorted(before.keys() | after.keys())}


def _overlap(pairs: Iterable[tuple[Result | None, Result | None]]) -> Overlap:
    counted = Counter((old is not None, new is not None) for old, new in pairs)
    return Overlap(counted[True, True], counted[True, False], counted[False, True])


def _units(pairs: Mapping[str, tuple[Result | None, Result | None]], *, told: bool) -> Iterator[UnitChange]:
    """Every unit that deviates in one of the runs."""
    for unit, (old, new) in pairs.items():
        states = _state("", old, told=told), _state("", new, told=told)
        if "open" in states:
            yield UnitChange(
                unit=unit,
                change=_turn(*states),
                before=None if old is None else old.verdict,
                after=None if new is None else new.verdict,
                reasons_before=() if old is None else old.reasons,
                reasons_after=() if new is None else new.reasons,
            )


def _shortcomings(pairs: Mapping[str, tuple[Result | None, Result | None]], *, told: bool) -> Iterator[Shortcoming]:
    """Attribute by attribute and reason by reason; in the order of letter, mark and reason."""
    before: Counter[_Key] = Counter()
    after: Counter[_Key] = Counter()
    otherwise: Counter[_Key] = Counter()
    changes: dict[_Key, Counter[Change]] = {}
    for old, new in pairs.values():
        had, has = _open(old), _open(new)
        for letter in had.keys() | has.keys():
            change = _turn(_state(letter, old, told=told), _state(letter, new, told=told))
            was, is_ = ([(letter, *each[letter])] if letter in each else [] for each in (had, has))
            before.update(was)
            after.update(is_)
            for key in {*was, *is_}:
                changes.setdefault(key, Counter())[change] += 1
                otherwise[key] += was != is_ and change is Change.REMAINING
    for key in sorted(changes):
        counted = {change: changes[key][change] for change in Change if changes[key][change]}
        kind = _kind(before[key], counted)
        yield Shortcoming(*key, kind, before[key], after[key], counted, otherwise[key])


def _open(result: Result | None) -> dict[str, tuple[str, str]]:
    """Letter → mark and reason of what is not in order. A doubt that no attribute explains has no letter."""
    if result is None:
        return {}
    found = {one.letter: (one.mark.value, one.reason or "") for one in result.answers if one.mark in _OPEN}
    if _doubted(result):
        found[""] = (_MARKS[result.verdict].value, result.reasons[0] if result.reasons else "")
    return found


def _doubted(result: Result) -> bool:
    """Whether the verdict is no answer of an attribute: something of the rows could not be relied on."""
    return result.deviates and not any(one.mark is _MARKS[result.verdict] for one in result.answers)


def _state(letter: str, result: Result | None, *, told: bool) -> str:
    """What a run knows of one attribute of one unit: open, clear, absent or unknown."""
    if result is None:
        return "absent" if told else "unknown"
    if not letter:
        return "open" if result.deviates else "clear"
    mark = next((one.mark for one in result.answers if one.letter == letter), Mark.NA)
    if mark in _OPEN:
        return "open"
    if mark is Mark.NA:
        return "absent"
    return "unknown" if _doubted(result) else "clear"


def _turn(old: str, new: str) -> Change:
    """From one state to the other, where one of them at least is open."""
    if old == new:
        return Change.REMAINING
    if "unknown" in (old, new):
        return Change.UNKNOWN
    if old == "open":
        return Change.CLOSED if new == "clear" else Change.GONE
    return Change.SLIPPED if old == "clear" else Change.ENTERED


def _kind(before: int, changes: Mapping[Change, int]) -> Kind:
    """What became of a shortcoming over all its units. It is closed only when nothing is unknown of any unit of it."""
    if changes.get(Change.SLIPPED) or changes.get(Change.ENTERED):
        return Kind.GROWN if before else Kind.NEW
    if changes.get(Change.REMAINING):
        return Kind.REMAINING
    if changes.get(Change.UNKNOWN):
        return Kind.UNKNOWN
    return Kind.CLOSED if changes.get(Change.CLOSED) else Kind.GONE


def _strata(old: ControlRun | None, new: ControlRun | None) -> tuple[Stratum, ...]:
    """The strata of both runs with their bounds, in byte order."""
    before, after = _bounds(old), _bounds(new)
    names = sorted(before.keys() | after.keys(), key=str.encode)
    return tuple(Stratum(name, before.get(name), after.get(name)) for name in names)


def _bounds(run: ControlRun | None) -> dict[str, Bound]:
    if run is None:
        return {}
    listed = run.summary["strata"]
    assert isinstance(listed, list)
    return {
        str(one["stratum"]): Bound(
            int(one["units"]),
            int(one["drawn"]),
            int(one["deviations"]),
            one["upper_units"],
            one["upper_rate_shown"],
            str(one["verdict"]),
        )
        for one in listed
    }
