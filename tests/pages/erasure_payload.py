"""An engagement on erasure and retention: every kind of cell, a hostile object, and as many persons as asked for.

The frames are those of docs/norm/frames.md ("Frames of the kit"), written by hand: what the pages show of them must not
depend on how they are made.
"""

from __future__ import annotations

import copy
from typing import Any

from evidence_kit.pages.payload import Payload
from tests.pages import sample_payload as sample
from tests.pages.sample_payload import HOSTILE, control, digest, draw, finding, result, stratum, summed

PLACES = [
    {"place": "ops.invoices", "exception": "17(3)(b)", "keep": "10 years", "start": "paid_on", "canary": "canary-1"},
    {"place": "ops.do_not_contact", "suppression": "hashed", "canary": "canary-1"},
    {"place": "crm.people", "purge_days": 30, "canary": "canary-1"},
    {"place": "crm.forgotten", "canary": "canary-1"},
    {"place": "lake", "not_searched": "files of raw events, <b>no</b> connection was given"},
    {"place": "paper", "not_searched": "paper archive"},
]
NO_PLACE = dict.fromkeys(
    ("exception", "keep", "start", "suppression", "purge_days", "replay", "mask", "canary", "not_searched")
)
DIGESTS = [{"name": "crm", "algorithm": "hmac-sha256", "keyed": True}]

#: Object -> (declared, positive control).
OBJECTS = {
    ("crm", "people"): (True, True),
    ("crm", "notes"): (True, None),
    ("ops", "invoices"): (True, True),
    ("ops", "do_not_contact"): (True, True),
    ("ops", "sessions"): (True, False),
    ("mailbox", "mailbox"): (True, True),
    ("prod", HOSTILE): (False, None),
}
PRESENT: dict[str, Any] = {"state": "present", "matched_rows": 3, "due_on": "2026-02-01", "declared_done": True}
KEPT: dict[str, Any] = {"state": "present", "matched_rows": 2, "exception_declared": True, "exception_within": True}
CLEAR: dict[str, Any] = {
    "state": "suppressed-only",
    "matched_rows": 1,
    "suppression_declared": True,
    "suppression_form": "clear",
}
HASHED = CLEAR | {"suppression_form": "hashed"}
SOFT: dict[str, Any] = {"state": "soft-deleted", "matched_rows": 1, "deleted_on": "2026-06-20", "purge_days": 30}
MASKED: dict[str, Any] = {"state": "masked", "matched_rows": 1, "mask": "reversible", "match_route": "digest"}
BACK: dict[str, Any] = {
    "state": "reappeared",
    "matched_rows": 1,
    "return_cause": "restore",
    "previously_absent_at": "2026-03-01T00:00:00.000000Z",
    "earliest_row_at": "2025-01-01T00:00:00.000000Z",
}
BLIND: dict[str, Any] = {"state": "unreachable", "matched_rows": None, "positive_control": None}
#: Erasure -> object -> what is not plainly absent there.
FOUND: dict[str, dict[str, dict[str, Any]]] = {
    "ERA-1": {"people": PRESENT, "invoices": KEPT},
    "ERA-2": {"do_not_contact": CLEAR, "people": SOFT},
    "ERA-3": {"do_not_contact": HASHED, "notes": MASKED, HOSTILE: PRESENT},
    "ERA-4": {"mailbox": BACK},
}
#: No identifier was left: nothing was searched.
ALONE = "ERA-5"
EMPTY: dict[str, Any] = dict.fromkeys(
    (
        *("earliest_row_at", "latest_row_at", "previously_absent_at", "due_on", "declared_done", "deleted_on"),
        *("purge_days", "suppression_declared", "suppression_form", "mask", "exception_declared", "exception_within"),
        *("return_cause", "return_evidence", "replay_declared", "matched_in", "unreadable"),
    )
)


def probe(ident: int, case: str, source: str, name: str, **more: Any) -> dict[str, Any]:
    declared, positive = OBJECTS.get((source, name), (True, True))
    base: dict[str, Any] = {
        "id": ident,
        "case_id": case,
        "probe_id": f"{case}/{source}.{name}",
        "subject_key": digest("person " + case),
        "probe_kind": "erased",
        "source": source,
        "object": name,
        "object_declared": declared,
        "match_route": "identifier",
        "state": "absent",
        "positive_control": positive,
        "matched_rows": 0,
        "probed_at": "2026-06-30T22:00:00.000000Z",
    }
    return with_days(EMPTY | base | more)


def probes(persons: int, objects: int) -> list[dict[str, Any]]:
    """Every person in every object; `persons` more, of whom every third is present somewhere, and `objects` more."""
    every = [*OBJECTS, *(("wide", f"table_{n:02}") for n in range(objects))]
    found = FOUND | {
        f"ERA-{100 + n}": {f"table_{n % objects:02}" if objects else "people": PRESENT} if n % 3 == 0 else {}
        for n in range(persons)
    }
    rows: list[dict[str, Any]] = []
    for case, mine in found.items():
        for source, name in every:
            if name == HOSTILE and name not in mine:
                continue  # outside the plan: a row only for who was found there
            seen = mine.get(name, BLIND if name == "sessions" else {})
            rows.append(probe(len(rows) + 1, case, source, name, **seen))
    return rows


def with_days(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the local day beside each instant."""
    return row | {f"{key}_local": value and value[:10] for key, value in row.items() if key.endswith("_at")}


def pair(ident: int, case: str, recipient: str, **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {"id": ident, "pair_id": f"{case}/{recipient}", "case_id": case, "recipient_id": recipient}
    rest = ("relation", "executed_at", "disclosed_on", "notified_at", "confirmed_at", "exemption")
    return with_days(base | dict.fromkeys((*rest, "exemption_reason_ref", "unreadable")) | more)


def recipients() -> list[dict[str, Any]]:
    told = {"notified_at": "2026-03-02T09:00:00.000000Z", "confirmed_at": "2026-03-05T09:00:00.000000Z"}
    return [
        pair(1, "ERA-1", "router", **told),
        pair(2, "ERA-1", "analytics"),
        pair(3, "ERA-2", "router", exemption="impossible"),
        pair(4, "ERA-3", HOSTILE, **told),
    ]


def backup(ident: int, name: str, **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {"id": ident, "unit_id": name, "unit_kind": "backup", "source": "crm", "cycle_days": 30}
    rest = ("target", "taken_at", "expires_at", "deleted_at", "restored_at", "replayed_at", "opened_at")
    counts = ("erasures_counted", "erasures_expected", "erasures_replayed", "unreadable")
    return with_days(dict.fromkeys((*rest, *counts)) | base | more)


def backups() -> list[dict[str, Any]]:
    return [
        backup(
            1,
            "bk-1",
            taken_at="2026-01-01T02:00:00.000000Z",
            expires_at="2026-01-31T02:00:00.000000Z",
            deleted_at="2026-01-31T03:00:00.000000Z",
        ),
        backup(2, "bk-2", taken_at="2026-02-01T02:00:00.000000Z", expires_at="2026-03-03T02:00:00.000000Z"),
        backup(3, "bk-3"),
        backup(
            4,
            "rs-1",
            unit_kind="restore",
            target="production",
            taken_at="2026-01-01T02:00:00.000000Z",
            restored_at="2026-01-10T02:00:00.000000Z",
            erasures_counted=4,
            erasures_expected=4,
            erasures_replayed=1,
        ),
    ]


def run(ident: int, rule: str, day: str, status: str | None = "success", **more: Any) -> dict[str, Any]:
    unit = f"{rule}/{day}" if status is None else f"run-{ident}"
    started = None if status in (None, "missed") else f"{day}T01:00:00.000000Z"
    counts = {"rows_eligible": 140, "rows_deleted": 140, "rows_excused": 0} if status == "success" else {}
    rest = ("finished_at", "rows_eligible", "rows_deleted", "rows_excused", "unreadable")
    base = {"id": ident, "unit_id": unit, "rule_id": rule, "schedule": "monthly", "scheduled_on": day}
    return (
        dict.fromkeys(rest)
        | base
        | {"run_id": status and unit, "started_at": started, "status": status}
        | counts
        | more
    )


def runs() -> list[dict[str, Any]]:
    return [
        run(1, "prospects", "2026-01-01"),
        run(2, "prospects", "2026-02-01", None),
        run(3, "prospects", "2026-03-01", rows_deleted=20),
        run(4, "logs", "2026-01-01", "failed"),
        run(5, "logs", "2026-01-02"),
        run(6, "logs", "2026-03-01", "partial"),
    ]


def aged() -> list[dict[str, Any]]:
    buckets = {
        "twelfth-01": 1200,
        "twelfth-07": 800,
        "twelfth-12": 1,
        "grace": 4,
        "over-365-days": 910,
        "of-tomorrow": 5,
        "no-start": 7,
    }
    rows = [("accounts", "active", name, count) for name, count in buckets.items()]
    rows += [("Invoices", "archive", "twelfth-02", 0), ("Invoices", "active", "over-30-days", 2)]
    return [
        {"id": ident, "rule_id": rule, "place": place, "bucket": name, "rows": count, "unreadable": None}
        for ident, (rule, place, name, count) in enumerate(rows, 1)
    ]


def judged(frame: str, units: dict[str, str]) -> list[dict[str, Any]]:
    undecided = "exemption-without-reason" if frame == "recipient_units" else "not-probed"
    reasons = {"FAIL": ["kept-past-limit"], "INCONCLUSIVE": [undecided], "ERROR": ["query-failed"]}
    return [
        result(n, unit, verdict, reasons.get(verdict, []), stratum="all", evidence=[{"frame": frame, "rows": [n]}])
        for n, (unit, verdict) in enumerate(units.items(), 1)
    ]


#: Columns that ERA-03 does not read.
NOT_IN_ERA_03 = ("object_declared", "match_route", "matched_rows", "latest_row_at", "matched_in")


def _without(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key.removesuffix("_local") not in names}


def erasure_payload(persons: int = 0, objects: int = 0) -> Payload:
    """ERA-01, ERA-03, ERA-04, ERA-05 and RET-04 beside the RET-01 of the sample, and nothing else of it."""
    files = copy.deepcopy(dict(sample.sample_payload().files))
    for name in [name for name in files if ".request_log." in name or ".request_replies." in name]:
        del files[name]
    rows = probes(persons, objects)
    cases = dict.fromkeys(dict.fromkeys(row["case_id"] for row in rows), "FAIL") | {ALONE: "INCONCLUSIVE"}
    pairs = {row["pair_id"]: {2: "FAIL", 3: "INCONCLUSIVE"}.get(row["id"], "PASS") for row in recipients()}
    sets = {"bk-1": "PASS", "bk-2": "FAIL", "bk-3": "INCONCLUSIVE", "rs-1": "FAIL"}
    owed = {row["unit_id"]: "PASS" if row["id"] in (1, 5) else "FAIL" for row in runs()}
    frames = {
        "ERA-01": ("erasure_probes", rows, cases),
        "ERA-03": ("erasure_probes", [_without(row, NOT_IN_ERA_03) for row in rows], cases),
        "ERA-04": ("recipient_units", recipients(), pairs),
        "ERA-05": ("backup_units", backups(), sets),
        "RET-04": ("job_units", runs(), owed),
    }
    controls, stated, found = [], [], []
    for ident, (name, (frame, mine, units)) in enumerate(frames.items(), 1):
        results = judged(frame, units)
        part = stratum("all", len(results), results, "FAIL", len(results), "100.0")
        controls.append(summed(name, f"{name}.units", [part], "FAIL", "upper-bound-reaches-tolerable"))
        notebook = "40_erasure" if name.startswith("ERA") else "50_retention"
        stated.append(control(name, notebook=notebook, census=True, tolerable="0.000000001", needs=[]))
        found.append(finding(ident, name, "FAIL", "upper-bound-reaches-tolerable"))
        count = [["all", len(results)]]
        files[f"draws/{name}.json"] = draw(name, f"{name}.units", [("all", len(results))], count, results)
        files[f"draws/{name}.json"]["commitment"]["unit"] = "unit"  # type: ignore[index]
        files[f"results/{name}.jsonl"] = results
        files[f"frames/{name}.{frame}.jsonl"] = mine
    files["frames/RET-01.retention_ages.jsonl"] = aged()
    _only(files, controls, stated, found)
    return Payload(files)


def _only(
    files: dict[str, Any], controls: list[dict[str, Any]], stated: list[dict[str, Any]], found: list[dict[str, Any]]
) -> None:
    """Controls, statements and findings: the new ones, and RET-01 of the sample."""
    kept = [each for each in files["summary.json"]["controls"] if each["control"] == "RET-01"]
    every = [*controls, *kept]
    totals = {key: sum(each[key] for each in every) for key in files["summary.json"]["totals"] if key != "controls"}
    files["summary.json"] = {"controls": every, "totals": {"controls": len(every), **totals}}
    old = [each for each in files["controls.json"]["controls"] if each["control"] == "RET-01"]
    files["controls.json"] = {"controls": [*stated, *old]}
    rest = [each for each in files["findings.jsonl"] if each["control"] == "RET-01"]
    files["findings.jsonl"] = [each | {"id": place} for place, each in enumerate([*found, *rest], 1)]
    for name in list(files):
        gone = ("REQ-", "COM-")
        if name.split("/")[-1].startswith(gone):
            del files[name]
    files["engagement.json"] |= {
        "controls": [each["control"] for each in every],
        "places": [NO_PLACE | place for place in PLACES],
        "digests": DIGESTS,
        "undotted_domains": ["gmail.com"],
    }
