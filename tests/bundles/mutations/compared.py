"""What a bundle says of the changes since an earlier one (delta.json), held against both of them."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal
from tests.bundles.good.compared import delta
from tests.bundles.mutations.accepted import later_bundle
from tests.bundles.mutations.registry import KEY_OPTION, Trial, fails, leaves_open, passes

DELTA, SCAN = "data/delta.json", "data/scan.json"
LATE, IN_TIME, CHANGED, DROPPED, MORE = "R-009", "R-007", "R-004", "R-101", "R-999"


def before() -> Bundle:
    """A bundle of before, as far as a comparison reads one: one unit late, one in time, one and one not there."""
    made = g.good()
    made.catalogue.update(bundle="demo.r000.auditor-full", run="r000")

    def earlier(rows: list[Any]) -> list[Any]:
        by = {row["unit"]: row for row in rows}
        late, in_time = by[LATE], by[IN_TIME]
        swapped = {
            LATE: {**in_time, "unit": LATE},
            IN_TIME: {**late, "unit": IN_TIME},
            MORE: {**late, "unit": MORE},
        }
        kept = {unit: row for unit, row in by.items() if unit not in (CHANGED, DROPPED)}
        return list({**kept, **swapped}.values())

    made.edit("data/results/REQ-02.jsonl", earlier)
    made.edit("data/engagement.json", lambda agreed: agreed.update(kind="mock", as_of="2025-12-31T22:59:59Z"))
    return made


def told(bundle: Bundle, change: Any = None) -> Bundle:
    """The bundle with its delta.json, changed and sealed again."""
    bundle.edit("data/engagement.json", lambda agreed: agreed.update(kind="audit"))
    record = delta(before(), bundle)
    if change is not None:
        change(record)
    bundle.put(DELTA, record)
    return reseal(bundle)


def both(change: Any = None) -> tuple[Bundle, Bundle]:
    """A bundle and the one before it, with what changed between them."""
    earlier = g.good()
    later = later_bundle(earlier)
    record = delta(earlier, later)
    if change is not None:
        change(record)
    later.put(DELTA, record)
    # The scan of the later bundle saw one file more; that of the earlier one, told by the same ledger, did not.
    seen = {"path": DELTA, "sha256": g.sha(later, DELTA)}
    later.edit(SCAN, lambda scan: scan.update(files=sorted([*scan["files"], seen], key=itemgetter("path"))))
    scanned = next(one for one in reversed(later.entries) if one["action"] == "release.scanned")
    scanned["data"]["scan_sha256"] = g.sha(later, SCAN)
    return reseal(later, evidence=False), earlier


def beside(later: Bundle, earlier: Bundle) -> Trial:
    return Trial(later.write, list(KEY_OPTION), lambda below: ["--earlier", str(earlier.write(below))])


@passes("P24", "kind", "delta")
def what_changed(bundle: Bundle, variant: str) -> Bundle:
    if variant == "delta":
        return told(bundle)
    bundle.edit("data/engagement.json", lambda agreed: agreed.update(kind="mock"))
    return reseal(bundle)


@passes("P25")
def the_earlier_beside(bundle: Bundle, variant: str) -> Trial:
    return beside(*both())


@leaves_open("U05", 2)
def nothing_to_hold_it_against(bundle: Bundle, variant: str) -> Trial:
    return Trial(bundle.write, list(KEY_OPTION), lambda below: ["--earlier", str(bundle.write(below / "earlier"))])


@fails("F173", "J06", "kind", "key", "digest", "own digest", "change")
def of_another_form(bundle: Bundle, variant: str) -> Bundle:
    def change(record: Any) -> None:
        if variant == "key":
            del record["swapped"]
        elif variant == "digest":
            record["before"]["tagmanifest_sha256"] = None
        elif variant == "own digest":
            record["after"]["tagmanifest_sha256"] = "0" * 64
        elif variant == "change":
            record["controls"][0]["units"][0]["change"] = "better"

    if variant == "kind":
        bundle.edit("data/engagement.json", lambda agreed: agreed.update(kind="rehearsal"))
        return reseal(bundle)
    return told(bundle, change)


@fails("F174", "R10", "bundle", "run", "kit", "as_of", "kind", "later", "itself")
def of_another_run(bundle: Bundle, variant: str) -> Bundle:
    other = {"bundle": "demo.r009.auditor-full", "run": "r009", "kit": "0.0.9", "kind": "mock"}

    def change(record: Any) -> None:
        if variant == "later":
            record["before"]["as_of"] = "2026-12-31T22:59:59Z"
        elif variant == "itself":
            record["before"]["bundle"] = record["after"]["bundle"]
        else:
            record["after"][variant] = other.get(variant, "2026-01-30T22:59:59Z")

    return told(bundle, change)


@fails("F175", "R10", "verdict", "rate", "units", "stratum", "tolerable", "left out", "twice", "made up")
def other_than_this_bundle(bundle: Bundle, variant: str) -> Bundle:
    def change(record: Any) -> None:
        one = record["controls"][0]
        after = one["strata"][0]["after"]
        if variant == "verdict":
            one["after"] = "PASS"
        elif variant == "rate":
            after["upper_rate_shown"] = "1.0"
        elif variant == "units":
            after["deviations"] -= 1
        elif variant == "stratum":
            one["strata"][0]["after"] = None
        elif variant == "tolerable":
            one["tolerable"] = "0.5"
        elif variant == "left out":
            record["controls"].remove(one)
        else:
            record["controls"].append(one if variant == "twice" else {**one, "control": "REQ-03"})

    return told(bundle, change)


def action(control: str, owner: str) -> Any:
    said = {"en": "said", "fr": "dit"}
    words = dict.fromkeys(("cause", "effect", "action", "evidence"), said)
    return {"control": control, "owner": owner, "due": "2026-03-31", "done_on": None, **words}


@passes("P26")
def planned(bundle: Bundle, variant: str) -> Bundle:
    """An action of a role, one of an id; a minor control that fails, and not as a rule."""
    actions = [action("REQ-02", "auditee"), action("RET-01", "dpo")]
    bundle.edit("data/engagement.json", lambda agreed: agreed.update(kind="audit", actions=actions))
    bundle.edit("data/controls.json", lambda stated: stated["controls"][0].update(grade="minor"))
    reseal(bundle)
    bundle.edit("data/findings.jsonl", lambda rows: rows[0].update(grade="minor"))
    return reseal(bundle, counts=False)


@fails("F176", "R03", "control", "twice", "owner", "raised", "lowered", "good practice")
def actions_and_grades(bundle: Bundle, variant: str) -> Bundle:
    actions = {
        "control": [action("ERA-01", "dpo")],
        "twice": [action("REQ-02", "dpo"), action("REQ-02", "auditor")],
        "owner": [action("REQ-02", "Jane Doe")],
    }.get(variant, [])
    bundle.edit("data/engagement.json", lambda agreed: agreed.update(kind="audit", actions=actions))
    if variant in ("raised", "good practice"):  # seven of fourteen failed or were not tested: that is no rule

        def grade(stated: Any) -> None:
            own = stated["controls"][0]
            own.update(grade="minor") if variant == "raised" else own.update(law="good-practice")

        bundle.edit("data/controls.json", grade)
    reseal(bundle)
    if variant == "lowered":
        bundle.edit("data/findings.jsonl", lambda rows: rows[0].update(grade="observation"))
        reseal(bundle, counts=False)
    return bundle


@fails("F177", "R10", "left out", "made up", "verdict", "reason", "null")
def other_units(bundle: Bundle, variant: str) -> Bundle:
    def change(record: Any) -> None:
        one = record["controls"][0]
        unit = next(each for each in one["units"] if each["change"] == "remaining")
        if variant == "left out":
            one["units"].remove(unit)
        elif variant == "made up":
            one["units"].append({**unit, "unit": "R-9999"})
        elif variant == "null":
            unit.update(after=None, reasons_after=[], change="gone")
        elif variant == "verdict":
            unit["after"] = {"FAIL": "ERROR"}.get(unit["after"], "FAIL")
        else:
            unit["reasons_after"] = ["read-otherwise"]
        one["changes"] = {key: sum(each["change"] == key for each in one["units"]) for key in one["changes"]}

    return told(bundle, change)


@fails("F178", "R10", "closed", "count", "order")
def changes_that_are_none(bundle: Bundle, variant: str) -> Bundle:
    def change(record: Any) -> None:
        one = record["controls"][0]
        if variant == "order":
            one["units"].reverse()
        elif variant == "count":
            one["changes"]["closed"] += 1
        else:
            unit = next(each for each in one["units"] if each["change"] == "remaining")
            unit["change"] = "closed"
            one["changes"]["closed"] += 1
            one["changes"]["remaining"] -= 1

    return told(bundle, change)


@fails("F179", "R10", "fewer", "kind", "sum", "tested", "tested alone", "refused", "not compared")
def counts_that_are_none(bundle: Bundle, variant: str) -> Bundle:
    def change(record: Any) -> None:
        one = record["controls"][0]
        shortcoming = next(each for each in one["shortcomings"] if each["kind"] == "remaining")
        if variant == "fewer":
            shortcoming["after"] -= 1
            shortcoming["before"] += 1
        elif variant == "kind":
            shortcoming["kind"] = "closed"
        elif variant == "sum":
            shortcoming["changes"]["closed"] += 5
        elif variant == "tested":
            one["tested"]["both"] += 1
        elif variant == "tested alone":
            one["tested"]["only_before"] = 0
        elif variant == "refused":
            one["refused"] = [{"code": "other-keys", "names": []}]
        else:
            one.update(compared=False, refused=[{"code": "other-keys", "names": []}])

    return told(bundle, change)


@fails("F180", "R10", "mended", "slipped")
def a_processor_that_was_not(bundle: Bundle, variant: str) -> Bundle:
    verdicts = {"mended": ("FAIL", "FAIL"), "slipped": ("PASS", "FAIL")}[variant]
    entity = {
        "id": "p1",
        "name": None,
        "words": ["mended"] if variant == "mended" else [],
        "states": {"before": "active", "after": "active"},
        "verdicts": [{"control": "PRO-03", "before": verdicts[0], "after": verdicts[1]}],
        "values": [],
    }
    return told(bundle, lambda record: record["processors"].append(entity))


@fails("F181", "R11", "another", "altered", "another key")
def another_earlier_bundle(_: Bundle, variant: str) -> Trial:
    later, earlier = both()
    if variant == "another":
        earlier.put("data/controls.json", earlier.json("data/controls.json"))
        earlier.edit("data/engagement.json", lambda agreed: agreed.update(kind="mock"))
        reseal(earlier)
    elif variant == "altered":
        earlier.files["data/blinding.txt"] = b"0" * 64 + b"\n"
    else:
        earlier = g.build(g.Seal(g.OTHER_KEY))
    return beside(later, earlier)


@fails("F182", "R11", "sealed", "run", "verdict", "bound", "unit", "tested", "shortcoming")
def said_of_the_earlier(_: Bundle, variant: str) -> Trial:
    def change(record: Any) -> None:
        one = record["controls"][0]
        if variant == "sealed":
            record["before"]["sealed_at"] = "2026-01-01T00:00:00.000000Z"
        elif variant == "run":
            record["before"]["kit"] = "0.0.1"
        elif variant == "verdict":
            one["before"] = "ERROR"
        elif variant == "bound":
            one["strata"][0]["before"]["deviations"] += 1
        elif variant == "unit":
            one["units"][0]["reasons_before"] = ["read-otherwise"]
        elif variant == "tested":
            one["tested"]["only_before"] += 1
        else:
            one["shortcomings"][0]["before"] += 1
            one["shortcomings"][0]["changes"]["closed"] += 1

    return beside(*both(change))
