"""What was planted in a demonstration, beside what its controls found: `planted.json`. Pure.

The list of planted rows is the generator's own; what was found is read from the results and from nothing else. A unit
is named by the row of its results, so that the record holds no identifier and is the same at every level that holds it.
Source: docs/norm/rehearsal.md, "Planted against found"; docs/norm/bundle-files.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Record = dict[str, object]

#: Verdicts that a planted fault must be given. Anything else that is planted must stay silent.
RAISED = ("FAIL", "ERROR", "INCONCLUSIVE")
SILENT = "PASS"
COUNTED = ("planted", "found", "missed", "untested")


@dataclass(frozen=True, slots=True)
class Sown:
    """One unit of one control that a fault must raise with this verdict, or that a decoy must leave silent.

    `unit`: as the results name it.
    """

    id: str
    control: str
    verdict: str
    unit: str

    @property
    def decoy(self) -> bool:
        """Whether nothing may be said of it."""
        return self.verdict not in RAISED


@dataclass(frozen=True, slots=True)
class Told:
    """What one control said: the verdict of each unit in the order of its results, and the units that were frozen.

    `frozen` is None where the population was refused: then nothing was tested.
    """

    verdicts: Mapping[str, str]
    frozen: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Company:
    """The made-up company: its knobs, the ids it was asked to plant, and each id with the controls that it is for."""

    seed: int
    contacts: int
    as_of: str
    faults: str
    chosen: frozenset[str]
    controls: Mapping[str, Sequence[str]]


def record(company: Company, sown: Sequence[Sown], told: Mapping[str, Told]) -> Record:
    """`planted.json`. `told`: the controls in scope, in their order."""
    here = {one.id for one in sown}
    tested = set(told)
    return {
        "company": {
            "seed": company.seed,
            "contacts": company.contacts,
            "as_of": company.as_of,
            "faults": company.faults,
        },
        "controls": [
            _control(control, [one for one in sown if one.control == control], said) for control, said in told.items()
        ],
        "not_planted": [
            {"id": id_, "why": "not-at-this-cut" if id_ in company.chosen else "not-chosen", "controls": list(controls)}
            for id_, controls in sorted(company.controls.items())
            if id_ not in here
        ],
        "not_tested": [
            {"id": id_, "control": control}
            for id_, control in sorted({(one.id, one.control) for one in sown})
            if control not in tested
        ],
    }


def _control(control: str, sown: Sequence[Sown], told: Told) -> Record:
    rows = {unit: number for number, unit in enumerate(told.verdicts, start=1)}
    raised = {unit for unit, verdict in told.verdicts.items() if verdict != SILENT}
    wanted = {one.unit for one in sown if not one.decoy}
    faults = [_fault(key, units, told, rows) for key, units in _by_fault(sown)]
    decoys = [_decoy(id_, units, rows, raised - wanted) for id_, units in _by_decoy(sown)]
    alarms = sorted(rows[unit] for unit in raised - wanted)
    return {
        "control": control,
        "tested": len(rows),
        "raised": len(raised),
        **{name: sum(_count(one[name]) for one in faults) for name in COUNTED},
        "alarms": len(alarms),
        "alarm_rows": alarms,
        "faults": faults,
        "decoys": decoys,
    }


def _by_fault(sown: Sequence[Sown]) -> Iterator[tuple[tuple[str, str], set[str]]]:
    keys = sorted({(one.id, one.verdict) for one in sown if not one.decoy})
    for key in keys:
        yield key, {one.unit for one in sown if (one.id, one.verdict) == key}


def _by_decoy(sown: Sequence[Sown]) -> Iterator[tuple[str, set[str]]]:
    for id_ in sorted({one.id for one in sown if one.decoy}):
        yield id_, {one.unit for one in sown if one.id == id_ and one.decoy}


def _fault(key: tuple[str, str], units: set[str], told: Told, rows: Mapping[str, int]) -> Record:
    """One fault: found with its verdict, missed (said otherwise of, or in no list), or not drawn and so not tested."""
    id_, verdict = key
    found = sorted(rows[unit] for unit in units if told.verdicts.get(unit) == verdict)
    other = sorted(rows[unit] for unit in units if told.verdicts.get(unit, verdict) != verdict)
    aside = {unit for unit in units if unit not in rows and (told.frozen is None or unit in told.frozen)}
    return {
        "fault": id_,
        "verdict": verdict,
        "planted": len(units),
        "found": len(found),
        "missed": len(units) - len(found) - len(aside),
        "untested": len(aside),
        "found_rows": found,
        "missed_rows": other,
    }


def _decoy(id_: str, units: set[str], rows: Mapping[str, int], alarmed: set[str]) -> Record:
    flagged = sorted(rows[unit] for unit in units & alarmed)
    return {"decoy": id_, "planted": len(units), "flagged": len(flagged), "flagged_rows": flagged}


def _count(value: object) -> int:
    assert isinstance(value, int)
    return value
