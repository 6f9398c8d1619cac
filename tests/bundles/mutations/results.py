"""Must-fail cases of the checks R: results and verdicts."""

from __future__ import annotations

from typing import Any

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal
from tests.bundles.good.expected import CLASSES, READINGS
from tests.bundles.mutations.draw import undrawn
from tests.bundles.mutations.ledger import renumber
from tests.bundles.mutations.registry import FR, LOG, RESULTS, SAMPLE, fails


@fails("F114", "R01", "last", "file")
def result_removed(bundle: Bundle, variant: str) -> Bundle:
    if variant == "file":
        del bundle.files[SAMPLE]
        del bundle.made_by[SAMPLE]
        return reseal(bundle)
    bundle.edit(
        SAMPLE, lambda rows: [row for row in rows if row["id"] != 27] if rows[26]["stratum"] == "email" else rows[:-1]
    )
    bundle.edit(SAMPLE, lambda rows: [row.update(id=number) or row for number, row in enumerate(rows, 1)])
    return reseal(bundle)


@fails("F115", "R01")
def result_not_drawn(bundle: Bundle, variant: str) -> Bundle:
    place, lines = undrawn(bundle)
    bundle.edit(SAMPLE, lambda rows: rows[0].update(leaf=lines[place][:64].decode()))
    return reseal(bundle)


@fails("F116", "R01", "unit", "leaf")
def unit_twice(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit(SAMPLE, lambda rows: rows[1].update({variant: rows[0][variant]}))
    return reseal(bundle)


@fails("F117", "R02")
def small_letters(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit(SAMPLE, lambda rows: rows[0].update(verdict="pass"))
    return reseal(bundle, counts=False)


def fail_one(bundle: Bundle, reasons: list[str]) -> None:
    """The first unit of the sample fails."""
    mark = [{"letter": "A", "mark": "fail", "reason": "not-in-the-log"}]
    bundle.edit(SAMPLE, lambda rows: rows[0].update(verdict="FAIL", reasons=reasons, attributes=mark))


@fails("F118", "R02", "no reason", "no evidence", "marks", "letter")
def fail_without_reason(bundle: Bundle, variant: str) -> Bundle:
    if variant == "letter":
        mark = [{"letter": "Z", "mark": "pass", "reason": None}]
        bundle.edit(SAMPLE, lambda rows: rows[0].update(attributes=mark))
        return reseal(bundle)
    fail_one(bundle, [] if variant == "no reason" else ["not-in-the-log"])
    if variant == "no evidence":
        bundle.edit(SAMPLE, lambda rows: rows[0].update(evidence=[]))
    if variant == "marks":
        bundle.edit(SAMPLE, lambda rows: rows[0].update(verdict="PASS", reasons=[]))
    return reseal(bundle)


@fails("F119", "R02", "28", "31", "0")
def no_such_row(bundle: Bundle, variant: str) -> Bundle:
    """Row 28 exists and is another unit's; row 31 does not exist, nor does row 0."""
    bundle.edit(SAMPLE, lambda rows: rows[0]["evidence"][0].update(rows=[int(variant)]))
    return reseal(bundle)


@fails("F120", "R03")
def kinder_row(bundle: Bundle, variant: str) -> Bundle:
    fail_one(bundle, ["not-in-the-log"])
    reseal(bundle)
    passing = [{"letter": "A", "mark": "pass", "reason": None}]
    bundle.edit(SAMPLE, lambda rows: rows[0].update(verdict="PASS", reasons=[], attributes=passing))
    return reseal(bundle, counts=False)


@fails(
    "F121", "R03", "counts", "units", "strata", "population", "controls", "concluded", "findings", "median", "reasons",
    "completeness",
)  # fmt: skip
def other_counts(bundle: Bundle, variant: str) -> Bundle:
    def change(value: Any) -> None:
        one = value["controls"][0]
        if variant == "counts":
            for each in (one, one["strata"][0], value["totals"]):
                each["pass"] += 1
                each["inconclusive"] -= 1
                each["deviations"] -= 1
        elif variant == "units":
            for each in (one, one["strata"][0], value["totals"]):
                each["units"] += 1
        elif variant == "strata":
            one["strata"].reverse()
        elif variant == "population":
            one["population"] = "REQ-02.others"
        elif variant == "controls":
            value["controls"].reverse()

    bundle.edit("data/summary.json", change)
    if variant == "concluded":
        bundle.entry("control.concluded", control="COM-02")["data"]["verdict"] = "FAIL"
    if variant in ("findings", "median", "reasons", "completeness"):
        said = {"findings": {"set_aside": 0}, "median": {"median_days": 12}, "reasons": {"reasons": []}}
        said["completeness"] = {"notes": ["population-completeness-not-tested"]}
        bundle.edit("data/findings.jsonl", lambda rows: rows[0].update(said[variant]))
    return reseal(bundle, counts=False)


@fails("F122", "R03")
def totals(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit("data/summary.json", lambda value: value["totals"].update(units=1))
    return reseal(bundle, counts=False)


@fails(
    "F123",
    "R04",
    "verdict",
    "upper",
    "shown",
    "reason",
    "several",
    "too many",
    "without",
    "extended",
    "confidence",
    "not extended",
    "note",
)
def kinder_verdict(bundle: Bundle, variant: str) -> Bundle:
    fail_one(bundle, ["not-in-the-log"])
    reseal(bundle)

    def change(value: Any) -> None:
        one = value["controls"][1]
        if variant == "verdict":
            one["verdict"] = one["strata"][0]["verdict"] = "PASS"
            one["reason"] = "upper-bound-below-tolerable"
        elif variant == "upper":
            one["strata"][0]["upper_units"] -= 1
        elif variant == "shown":
            one["strata"][0]["upper_rate_shown"] = "13.3"
        elif variant == "reason":
            one["reason"] = "sample-too-small"
        elif variant == "several":
            one["upper_units"], one["upper_rate_shown"] = 8, "13.4"

    bundle.edit("data/summary.json", change)
    said = bundle.json("data/summary.json")["controls"][1]
    bundle.edit("data/findings.jsonl", lambda rows: rows[1].update(verdict=said["verdict"], reason=said["reason"]))
    if variant == "too many":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1]["too_many"][0].update(too_many=9))
    if variant == "extended":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1]["extended"][0].update(risk_ppb=22123104))
    if variant == "confidence":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1]["extended"][0].update(confidence_shown="97.8"))
    if variant == "not extended":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1].update(extended=[]))
    if variant == "note":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1].update(notes=[]))
    if variant == "without":
        bundle.edit("data/findings.jsonl", lambda rows: rows[1]["without_untested"][0].update(upper_units=1))
    bundle.entry("control.concluded", control="COM-02")["data"]["verdict"] = said["verdict"]
    return reseal(bundle, counts=False)


@fails("F124", "R04")
def nothing_drawn_and_pass(bundle: Bundle, variant: str) -> Bundle:
    bundle.put_rows("data/results/RET-01.jsonl", [])
    reseal(bundle)

    def change(value: Any) -> None:
        value["controls"][2].update(verdict="PASS", reason="upper-bound-below-tolerable")
        value["controls"][2]["strata"][0]["verdict"] = "PASS"

    bundle.edit("data/summary.json", change)
    return reseal(bundle, counts=False)


@fails("F125", "R05")
def numbering(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit("data/frames/RET-01.retention_observations.jsonl", lambda rows: rows[3].update(id=5))
    return reseal(bundle)


RETENTION = "data/frames/RET-01.retention_observations.jsonl"


@fails("F126", "R05", "kind", "column", "first", "local", "run")
def text_for_an_integer(bundle: Bundle, variant: str) -> Bundle:
    if variant == "kind":
        bundle.edit(RETENTION, lambda rows: rows[1].update(rows="many"))
    elif variant == "column":
        bundle.columns[RETENTION].insert(2, ["more", "text", "none"])
        bundle.edit(RETENTION, lambda rows: [row | {"more": None} for row in rows])
    elif variant == "first":
        columns = bundle.columns[RETENTION]
        columns[0], columns[1] = columns[1], columns[0]
    elif variant == "local":
        columns = bundle.columns[LOG]
        columns.insert(1, columns.pop(next(place for place, one in enumerate(columns) if one[0].endswith("_local"))))
    else:
        bundle.made_by[RETENTION].update(
            run=bundle.entry("run.started", notebook="20_sample")["seq"], notebook="20_sample"
        )
    return reseal(bundle)


@fails("F127", "R06", "hits", "encodings", "ledger")
def one_hit(bundle: Bundle, variant: str) -> Bundle:
    if variant == "ledger":
        bundle.entry("release.scanned")["data"]["scan_sha256"] = g.digest("x")
        return reseal(bundle, evidence=False)
    change = {"hits": {"hits": 1}, "encodings": {"encodings": g.DISGUISES[1:]}}[variant]
    bundle.edit("data/scan.json", lambda value: value.update(change))
    bundle.entry("release.scanned")["data"]["encodings"] = bundle.json("data/scan.json")["encodings"]
    return reseal(bundle)


@fails("F128", "R06", "missing", "digest")
def unscanned(bundle: Bundle, variant: str) -> Bundle:
    if variant == "missing":
        bundle.edit("data/scan.json", lambda value: value["files"].pop(3) and None)
    else:
        bundle.edit("data/scan.json", lambda value: value["files"][3].update(sha256=g.digest("x")))
    bundle.entry("release.scanned")["data"]["scan_sha256"] = g.sha(bundle, "data/scan.json")
    return reseal(bundle, evidence=False)


@fails("F150", "R07")
def day_off_removed(bundle: Bundle, variant: str) -> Bundle:
    bundle.edit(FR, lambda value: value["days"].remove({"on": "2025-05-01", "name": "jour férié"}))
    return reseal(bundle)


def row_of(rows: list[Any], unit: str) -> Any:
    return next(row for row in rows if row["unit"] == unit)


@fails("F151", "R07", "due", "late", "working", "received")
def due_day_moved(bundle: Bundle, variant: str) -> Bundle:
    def change(rows: list[Any]) -> None:
        row = row_of(rows, "R-004")
        if variant == "due":
            row["due_on"] = "2025-07-16"
        elif variant == "late":
            row["days_late"] = 0
        elif variant == "working":
            row["working"][-1]["verdict"] = "PASS"
        else:
            row["working"].insert(0, {"step": "received", "day": "2025-06-16"})

    bundle.edit(RESULTS, change)
    return reseal(bundle)


@fails("F152", "R07", "R-004", "R-008", "R-005", "R-006", "R-010", "R-102", "reason", "local")
def kinder_than_the_dates(bundle: Bundle, variant: str) -> Bundle:
    def change(rows: list[Any]) -> None:
        if variant == "reason":
            row_of(rows, "R-004")["reasons"] = ["open-past-due"]
            return
        row = row_of(rows, variant)
        for each in row["attributes"]:
            each.update(mark="pass" if each["mark"] in ("fail", "error", "missing") else each["mark"], reason=None)
        row.update(verdict="PASS", reasons=[])

    if variant == "local":
        days = {"responded_at": "2025-07-15T09:30:00.000000Z", "responded_at_local": "2025-07-12"}
        bundle.edit(LOG, lambda rows: next(one for one in rows if one["request_id"] == "R-004").update(days))
    else:
        bundle.edit(RESULTS, change)
    return reseal(bundle)


@fails("F153", "R08", "cited", "kept")
def frame_of_another_control(bundle: Bundle, variant: str) -> Bundle:
    if variant == "cited":
        bundle.edit(SAMPLE, lambda rows: rows[0]["evidence"][0].update(frame="mailbox_messages"))
        return reseal(bundle)
    for path, made in list(bundle.made_by.items()):
        if path == RETENTION:
            other = path.replace("retention_observations", "others")
            bundle.files[other], bundle.columns[other] = bundle.files[path], bundle.columns[path]
            bundle.files["data/sql/RET-01.others.sql"] = bundle.files["data/sql/RET-01.retention_observations.sql"]
            bundle.made_by[other] = {**made, "query": "data/sql/RET-01.others.sql"}
            entry = bundle.entry("frame.collected", frame="RET-01.retention_observations")
            again = {**entry, "seq": 1000, "data": {**entry["data"], "frame": "RET-01.others"}}
            bundle.entries.insert(bundle.entries.index(entry) + 1, again)
            renumber(bundle)
    return reseal(bundle)


SUITE, IN_TIME = "data/expectations/REQ-02/request_log.json", "data/expectations/REQ-02/in_time.json"


@fails("F154", "R09", "suite", "reading", "classes", "all")
def suite_left_out(bundle: Bundle, variant: str) -> Bundle:
    every = [path for path in bundle.files if path.startswith(("data/expectations/", "data/readings/"))]
    for path in {"suite": [SUITE], "reading": [IN_TIME], "classes": [CLASSES], "all": every}[variant]:
        del bundle.files[path]
    return reseal(bundle)


@fails("F155", "R09", "removed", "added", "meta", "limit", "day", "order", "name", "rows", "code")
def suite_altered(bundle: Bundle, variant: str) -> Bundle:
    def change(suite: Any) -> None:
        asked = suite["expectations"]
        if variant == "removed":
            del asked[1]
        elif variant == "added":
            asked.append({**asked[1], "kwargs": {"column": "status"}})
        elif variant == "meta":
            asked[1]["meta"]["expectation"] = "key"
        elif variant == "limit":
            asked[4]["kwargs"]["limit"] = "2027-01-31T22:59:59Z"
        elif variant == "day":
            asked[5]["kwargs"]["limit"] = "2026-02-02"
        elif variant == "name":
            suite["name"] = "REQ-02.mailbox_messages"
        elif variant == "rows":
            suite["meta"]["rows"] = "frames/REQ-02.mailbox_messages.jsonl"
        elif variant == "order":
            asked[0]["kwargs"].pop("or_equal")

    if variant == "code":
        bundle.files[CLASSES] += b"import os\n"
    else:
        bundle.edit(IN_TIME if variant == "order" else SUITE, change)
    return reseal(bundle)


@fails("F156", "R09", "met", "unmet", "rows", "missing", "made-up", "null", "reading")
def answers_other_than_the_rows(bundle: Bundle, variant: str) -> Bundle:
    def change(rows: list[Any]) -> None:
        checks = rows[0]["checks"]
        if variant == "met":
            sample = rows[1]["checks"]
            next(one for one in sample if one["expectation"] == "key")["success"] = True
        elif variant == "unmet":
            checks[0]["success"] = False
        elif variant == "rows":
            checks[0]["rows"] += 1
        elif variant == "missing":
            del checks[2]
        elif variant == "made-up":
            checks.append({**checks[0], "frame": "no_such_table"})

    if variant == "null":  # the answers stay, the rows do not
        bundle.edit(RETENTION, lambda rows: rows[0].update(past_limit_rows=None))
    elif variant == "reading":
        bundle.edit("data/readings/REQ-02.in_time.jsonl", lambda rows: rows[0].update(done=None))
    else:
        bundle.edit("data/findings.jsonl", change)
    return reseal(bundle, counts=False)


@fails("F157", "R09", "frame", "control", "double")
def suite_of_nothing(bundle: Bundle, variant: str) -> Bundle:
    if variant == "double":
        bundle.put_rows("data/readings/REQ-02.request_log.jsonl", READINGS["REQ-02.late"])
        return reseal(bundle)
    owner = {"frame": "REQ-02/no_such_table", "control": "X-01/request_log"}[variant]
    bundle.put(f"data/expectations/{owner}.json", {**bundle.json(SUITE), "name": owner.replace("/", ".")})
    return reseal(bundle)
