"""Must-fail cases of the check R03 on `planted.json`: what a demonstration says was planted, against its results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.bundles.good import Bundle, Json, reseal
from tests.bundles.mutations.registry import fails

PLANTED = "data/planted.json"
#: Rows of REQ-02 that are no PASS, as they were planted: fault, verdict, rows.
FAULTS = (("F01", "FAIL", [2, 6, 10]), ("F02", "FAIL", [11]), ("F04", "INCONCLUSIVE", [1, 5]), ("F31", "ERROR", [7]))
TESTED = {"REQ-02": 14, "COM-02": 30, "RET-01": 4}
NOTHING = {"planted": 0, "found": 0, "missed": 0, "untested": 0}


def planted() -> Json:
    """The record that is right for the good bundle, by hand."""
    faults = [
        {"fault": id_, "verdict": verdict, **NOTHING, "planted": len(rows), "found": len(rows), "found_rows": rows,
         "missed_rows": []}
        for id_, verdict, rows in FAULTS
    ]  # fmt: skip
    silent = {"raised": 0, **NOTHING, "alarms": 0, "alarm_rows": [], "faults": [], "decoys": []}
    controls: list[Json] = [{"control": name, "tested": tested, **silent} for name, tested in TESTED.items()]
    controls[0].update(raised=7, planted=7, found=7, faults=faults)
    controls[0]["decoys"] = [{"decoy": "D01", "planted": 1, "flagged": 0, "flagged_rows": []}]
    return {
        "company": {"seed": 20180525, "contacts": 20000, "as_of": "real", "faults": "all"},
        "controls": controls,
        "not_planted": [{"id": "M01", "why": "not-at-this-cut", "controls": ["REG-01"]}],
        "not_tested": [{"id": "F11", "control": "REQ-01"}],
    }


def sown(bundle: Bundle, change: Callable[[Any], object] = lambda _: None) -> Bundle:
    """The bundle with its `planted.json`, changed."""
    told = planted()
    change(told)
    bundle.put(PLANTED, told)
    return bundle


@fails("F188", "R03")
def no_demonstration(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit("data/engagement.json", lambda value: value.update(demonstration=False))
    bundle.catalogue["demonstration"] = False
    return reseal(sown(bundle))


@fails("F189", "R03", "passed", "another verdict", "not there", "missed", "twice", "row 0")
def found_where_the_results_say_otherwise(bundle: Bundle, variant: str) -> Bundle:
    def change(told: Any) -> None:
        first, last = told["controls"][0]["faults"][0], told["controls"][0]["faults"][3]
        if variant == "missed":  # a fault that was found is said to be missed
            told["controls"][0].update(found=6, missed=1)
            last.update(found=0, missed=1, found_rows=[], missed_rows=[7])
        elif variant == "another verdict":
            last["verdict"] = "FAIL"
        else:
            first["found_rows"] = {
                "passed": [2, 3, 6, 10], "not there": [2, 6, 10, 15], "twice": [2, 6, 10, 11], "row 0": [0, 2, 6, 10],
            }[variant]  # fmt: skip
            first.update(found=4, planted=4)
            told["controls"][0].update(found=8, planted=8)

    return reseal(sown(bundle, change))


@fails("F190", "R03", "left out", "planted too", "of a pass", "decoy")
def false_alarm_hidden(bundle: Bundle, variant: str) -> Bundle:
    """A row that is no PASS and of no fault is a false alarm; a decoy among them is flagged."""

    def change(told: Any) -> None:
        one = told["controls"][0]
        if variant in ("left out", "decoy"):
            del one["faults"][3]
            one.update(planted=6, found=6)
        if variant == "planted too":
            one.update(alarms=1, alarm_rows=[7])
        if variant == "of a pass":
            one.update(alarms=1, alarm_rows=[3])
        if variant == "decoy":
            one.update(alarms=1, alarm_rows=[7])
            one["decoys"][0].update(flagged=1, flagged_rows=[8])

    return reseal(sown(bundle, change))


@fails("F191", "R03", "sum", "fault", "tested", "raised", "alarms", "flagged", "empty")
def planted_counts(bundle: Bundle, variant: str) -> Bundle:
    def change(told: Any) -> None:
        one = told["controls"][0]
        if variant == "fault":
            one["faults"][0].update(planted=4)
            one.update(planted=8)
        elif variant == "flagged":
            one["decoys"][0].update(flagged=1)
        elif variant == "empty":
            one["faults"].append({**one["faults"][0], **NOTHING, "fault": "F05", "found_rows": []})
        else:
            one[{"sum": "planted"}.get(variant, variant)] += 1

    return reseal(sown(bundle, change))


@fails("F192", "R03", "control", "order", "fault twice", "planted and not", "tested and not", "absent twice")
def planted_elsewhere(bundle: Bundle, variant: str) -> Bundle:
    def change(told: Any) -> None:
        controls = told["controls"]
        if variant == "control":
            del controls[2]
        elif variant == "order":
            controls.reverse()
        elif variant == "fault twice":
            controls[0]["faults"][1]["fault"] = "F01"
        elif variant == "planted and not":
            told["not_planted"].append({"id": "F31", "why": "not-chosen", "controls": ["REQ-02"]})
        elif variant == "tested and not":
            told["not_tested"].append({"id": "F30", "control": "RET-01"})
        elif variant == "absent twice":
            told["not_tested"].append({"id": "M01", "control": "REG-01"})

    return reseal(sown(bundle, change))
