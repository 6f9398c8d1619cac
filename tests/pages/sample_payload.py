"""A small engagement with everything a page must cope with: four controls that ran and one that was refused.

COM-01: numbers, messages and extracts, one of each that fails.
REQ-02: sample of two strata, every working line, hostile text. REQ-01: census, all pass. RET-01: retention, a draw that
was not independent. REQ-03: population refused. The ledger holds an abandoned draw, a lost and a refused run.
"""

from __future__ import annotations

import hashlib
from typing import Any

from evidence_kit.model.claims import Claim
from evidence_kit.pages.payload import Payload, Seal
from evidence_kit.rules import suites
from evidence_kit.rules.claims import Table

NONCE = "5f1d" * 16
HOSTILE = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("x")'
BIDI = "abc\u202edef"
EMOJI = "Élodie 🙂 ça s’est passé à l’été"
ARABIC = "طلب-7"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


FAMILIES = {
    "COM": "completeness",
    "ERA": "erasure",
    "PRO": "processors",
    "REG": "register",
    "REQ": "requests",
    "RET": "retention",
    "SND": "sending",
}


def control(name: str, **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "control": name,
        "family": FAMILIES.get(name[:3], name[:3]),
        "notebook": "50_retention" if name.startswith("RET") else "30_requests",
        "statement": {"en": f"Statement of {name}.", "fr": f"Énoncé de {name}."},
        "law": "law",
        "grade": "major",
        "references": ["GDPR 12(3)", "EDPB 01/2022 §§157-164"],
        "confidence": "0.95",
        "tolerable": "0.05",
        "expected": "0",
        "census": False,
        "test": "requests.answered_in_time",
        "attributes": [
            {"letter": "A", "en": "receipt used", "fr": "réception retenue", "walkthrough": False},
            {"letter": "B", "en": "answered in time", "fr": "réponse dans le délai", "walkthrough": False},
            {"letter": "C", "en": "letter read", "fr": "lettre lue", "walkthrough": True},
        ],
        "needs": [
            {
                "frame": "request_log",
                "columns": ["request_id", "received_at", "subject_key", "right_invoked", "status", "note"],
                "optional": ["identity_requested_at", "responded_at", "days"],
            }
        ],
    }
    return base | more


def attributes(first: str, second: str, reason: str | None) -> list[dict[str, Any]]:
    return [
        {"letter": "A", "mark": first, "reason": None},
        {"letter": "B", "mark": second, "reason": reason},
        {"letter": "C", "mark": "na", "reason": None},
    ]


def result(ident: int, unit: str, verdict: str, reasons: list[str], **more: Any) -> dict[str, Any]:
    marks = {"PASS": "pass", "FAIL": "fail", "INCONCLUSIVE": "missing", "ERROR": "error"}
    base: dict[str, Any] = {
        "id": ident,
        "unit": unit,
        "leaf": digest("leaf" + unit),
        "stratum": "controller/access",
        "verdict": verdict,
        "reasons": reasons,
        "attributes": attributes("pass", marks[verdict], reasons[0] if reasons else None),
        "flags": [],
        "evidence": [{"frame": "request_log", "rows": [ident]}],
        "due_on": None,
        "days_late": None,
        "working": None,
    }
    return base | more


LATE = [
    {"step": "received", "source": "2026-01-05T22:30:00.000000Z", "zone": "Europe/Paris", "day": "2026-01-05"},
    {"step": "pause-refused", "kind": "identity", "asked": "2026-01-20", "why": "not-grounded"},
    {
        "step": "paused",
        "kind": "clarification",
        "asked": "2026-01-06",
        "answered": "2026-01-08",
        "days": 2,
        "new_days": 2,
    },
    {"step": "months", "start": "2026-01-31", "months": 1, "day": "2026-02-28", "clamped": True},
    {"step": "plus-pauses", "days": 2, "day": "2026-03-01"},
    {"step": "rolled", "over": [["2026-03-01", "Sunday"]], "day": "2026-03-02"},
    {"step": "extension-refused", "notified": "2026-03-05", "limit": "2026-03-02", "why": "notice-late"},
    {"step": "answered", "day": "2026-04-13", "due": "2026-03-02", "late": 42},
    {"step": "verdict", "verdict": "FAIL", "reason": "answered-late"},
]
EVERY_OTHER_STEP = [
    {
        "step": "received",
        "source": "2025-10-26T02:30:00",
        "zone": "Europe/Paris",
        "day": "2025-10-26",
        "note": "local time happens twice; both fall on this day",
    },
    {"step": "reopened", "day": "2025-11-20", "cause": "same_request", "first_answer_ignored": "2025-11-10"},
    {"step": "reopened", "day": "2025-11-20", "cause": "new_request", "own_case": True},
    {"step": "paused", "kind": "identity", "asked": "2025-11-01", "answered": None, "days": 1, "new_days": 1},
    {"step": "restarted", "kind": "identity", "asked": "2025-11-01", "answered": "2025-11-03"},
    {"step": "months", "start": "2025-10-26", "months": 3, "day": "2026-01-26", "clamped": False},
    {"step": "extended", "notified": "2025-11-02", "limit": "2025-11-26"},
    {"step": "answered", "day": "2025-11-26", "due": "2025-11-26", "late": 0},
    {"step": "open", "as_of": "2026-06-30", "due": "2025-11-26", "late": 216},
    {"step": "open", "as_of": "2025-11-26", "due": "2025-11-26"},
    {"step": "suspended", "since": "2025-11-01"},
    {"step": "calendar-missing", "calendar": "FR"},
    {"step": "calendar-missing", "calendar": None},
    {"step": "days", "start": "2025-10-26", "days": 30, "day": "2025-11-25"},
    {
        "step": "working-days",
        "start": "2025-10-26",
        "days": 20,
        "day": "2025-11-25",
        "skipped": [["2025-11-01", "Toussaint"], ["2025-11-11", "Armistice"]],
        "weekends": 8,
    },
    {"step": "given", "source": "2025-11-25", "day": "2025-11-25"},
    {"step": "stated-due-differs", "stated": "2025-11-24", "due": "2025-11-25"},
    {
        "step": "readings",
        "facts": ["pause-0", "calendar"],
        "earliest": "2025-11-24",
        "latest": "2025-11-26",
        "verdicts": ["FAIL", "PASS"],
    },
    {
        "step": "readings",
        "facts": ["naive-zone"],
        "earliest": "2025-11-24",
        "latest": None,
        "verdicts": ["FAIL", "INCONCLUSIVE"],
    },
    {"step": "something-new", "day": "2025-11-25", "count": 3},
    {"step": "verdict", "verdict": "INCONCLUSIVE", "reason": "depends-on-arguable-facts"},
]
IN_TIME = [
    {"step": "received", "source": "2025-03-05", "zone": "Europe/Paris", "day": "2025-03-05"},
    {"step": "months", "start": "2025-03-05", "months": 1, "day": "2025-04-05", "clamped": False},
    {"step": "rolled", "over": [["2025-04-05", "Saturday"], ["2025-04-06", "Sunday"]], "day": "2025-04-07"},
    {"step": "answered", "day": "2025-04-07", "due": "2025-04-07", "late": 0},
    {"step": "verdict", "verdict": "PASS", "reason": "answered-in-time"},
]


def commitment(name: str, population: str, strata: list[tuple[str, int]], plan: list[list[Any]]) -> dict[str, Any]:
    units = {"RET-01": "rule_id", "COM-01": "unit_id"}
    return {
        "kind": "ek1.commitment",
        "engagement": "eng-1",
        "population": population,
        "as_of": "2026-06-30T22:00:00Z",
        "unit": units.get(name, "request_id"),
        "columns": [["request_id", "text"], ["received_at", "instant"]],
        "stratum_by": None if len(strata) == 1 else "capacity/right",
        "blind_sha256": digest("blind" + name),
        "count": sum(count for _, count in strata),
        "strata": [[stratum, count, digest(name + stratum)] for stratum, count in strata],
        "root": digest("root" + name),
        "plan": plan,
    }


def draw(
    name: str,
    population: str,
    strata: list[tuple[str, int]],
    plan: list[list[Any]],
    rows: list[dict[str, Any]],
    *,
    independent: bool = True,
) -> dict[str, Any]:
    sha = digest("commitment" + name)
    drawn = []
    for row in rows:
        stratum = row["stratum"]
        said = f"ek1:ticket:{sha}:{NONCE}:1:{len(stratum.encode())}:{stratum},{row['leaf']}"
        drawn.append({"stratum": stratum, "leaf": row["leaf"], "ticket": digest(said)})
    return {
        "control": name,
        "commitment": commitment(name, population, strata, plan),
        "commitment_sha256": sha,
        "independent": independent,
        "rounds": [{"round": 1, "nonce": NONCE, "drawn": drawn}],
    }


def stratum(
    name: str, units: int, rows: list[dict[str, Any]], verdict: str, upper: int | None, rate: str | None
) -> dict[str, Any]:
    those = [row["verdict"] for row in rows if row["stratum"] == name]
    counts = {
        key: those.count(word)
        for key, word in (("pass", "PASS"), ("fail", "FAIL"), ("error", "ERROR"), ("inconclusive", "INCONCLUSIVE"))
    }
    return {
        "stratum": name,
        "units": units,
        "drawn": len(those),
        **counts,
        "deviations": len(those) - counts["pass"],
        "upper_units": upper,
        "upper_rate_shown": rate,
        "verdict": verdict,
    }


def summed(name: str, population: str, strata: list[dict[str, Any]], verdict: str, reason: str) -> dict[str, Any]:
    keys = ("units", "drawn", "pass", "fail", "error", "inconclusive", "deviations")
    one = strata[0] if len(strata) == 1 else {"upper_units": None, "upper_rate_shown": None}
    return {
        "control": name,
        "population": population,
        **{key: sum(each[key] for each in strata) for key in keys},
        "upper_units": one["upper_units"],
        "upper_rate_shown": one["upper_rate_shown"],
        "verdict": verdict,
        "reason": reason,
        "strata": strata,
    }


def finding(ident: int, name: str, verdict: str, reason: str, **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": ident,
        "control": name,
        "verdict": verdict,
        "reason": reason,
        "grade": {"PASS": "strength", "FAIL": "major"}.get(verdict, "none"),
        "law": "law",
        "set_aside": 0,
        "draw_independent": True,
        "too_many": [],
        "without_untested": [],
        "extended": [],
        "median_days": None,
        "p95_days": None,
        "reasons": [],
        "checks": [],
        "notes": [],
    }
    return base | more


def entry(seq: int, action: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": f"2026-07-01T08:00:{seq:02d}.000000Z",
        "actor": "process:collector" if seq % 3 else "person:auditor",
        "action": action,
        "subject": subject,
        "data": data | {"salt": "0" * 32},
        "data_sha256": digest(f"data{seq}"),
        "prev_sha256": digest(f"prev{seq}"),
    }


def requests(count: int, fails: int = 0) -> list[dict[str, Any]]:
    """Results of REQ-02: the hostile ones first, then `count` plain ones, the first `fails` of them late."""
    rows = [
        result(1, "DSR-1001", "FAIL", ["answered-late"], due_on="2026-03-02", days_late=42, working=LATE),
        result(
            2, HOSTILE, "INCONCLUSIVE", ["depends-on-arguable-facts"], due_on="2025-11-24", working=EVERY_OTHER_STEP
        ),
        result(3, BIDI, "ERROR", ["unreadable-date", "a-code-of-tomorrow"], evidence=[]),
        result(4, FORMULA, "PASS", [], due_on="2025-04-07", days_late=0, working=IN_TIME, flags=["relied_on_pause"]),
        result(5, EMOJI, "PASS", [], due_on="2025-04-07", days_late=0, working=IN_TIME, stratum="processor/erasure"),
        result(6, ARABIC, "PASS", [], due_on="2025-04-07", days_late=0, working=IN_TIME),
    ]
    more = [
        result(
            7 + place, f"DSR-{2000 + place}", "FAIL", ["answered-late"], due_on="2026-03-02", days_late=42, working=LATE
        )
        if place < fails
        else result(7 + place, f"DSR-{2000 + place}", "PASS", [], due_on="2025-04-07", days_late=0, working=IN_TIME)
        for place in range(count)
    ]
    return rows + more


def log_row(ident: int, unit: str) -> dict[str, Any]:
    return {
        "id": ident,
        "request_id": unit,
        "received_at": "2025-03-05T09:00:00.000000Z" if ident % 2 else "2025-03-05T09:00:00.123456Z",
        "received_at_local": "2025-03-05",
        "subject_key": digest(f"person {ident}"),
        "right_invoked": "access",
        "status": "open" if ident % 2 else "closed",
        "identity_requested_at": "2025-03-06T10:00:00.000000Z" if ident == 1 else None,
        "identity_requested_at_local": "2025-03-06" if ident == 1 else None,
        "note": [None, HOSTILE, BIDI, FORMULA, EMOJI, ARABIC, "x" * 300][ident % 7],
        "responded_at": "2025-04-07" if ident % 3 else None,
        "responded_at_local": "2025-04-07" if ident % 3 else None,
        "days": 1234 + ident if ident % 3 else None,
        "unreadable": None if ident != 3 else "received_at",
    }


def notebook(name: str) -> dict[str, Any]:
    table = "<table style='color:red'><tr><th>a</th><td class='n' onclick='x()'>1</td></tr></table>"
    return {
        "cells": [
            {
                "cell_type": "markdown",
                "id": "intro",
                "metadata": {},
                "source": f"# {name}\n\nSee [there](https://example.org) and `x`.\n\n"
                "<script>bad()</script><img src='http://e.org/a.png' onerror='bad()'>",
            },
            {
                "cell_type": "code",
                "id": "open",
                "metadata": {},
                "execution_count": 1,
                "source": "book = workbook.open(engagement, run)  # None, {{ x }}",
                "outputs": [
                    {
                        "output_type": "execute_result",
                        "execution_count": 1,
                        "metadata": {},
                        "data": {"text/html": table, "text/plain": "t"},
                    },
                    {"output_type": "stream", "name": "stdout", "text": "plain <b>text</b>\n"},
                    {
                        "output_type": "display_data",
                        "metadata": {},
                        "data": {
                            "image/svg+xml": "<svg viewBox='0 0 4 4' onload='x()'><rect width='4' height='4'/>"
                            "<script>x()</script></svg>"
                        },
                    },
                    {
                        "output_type": "display_data",
                        "metadata": {},
                        "data": {"application/vnd.evidence-kit.receipt+json": {"nonce": "ab"}},
                    },
                ],
            },
        ],
        "metadata": {"kernelspec": {"name": "evidence", "display_name": "Evidence", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def observation(ident: int, rule: str, oldest: str | None, over: int | None, place: str = "active") -> dict[str, Any]:
    return {
        "id": ident,
        "rule_id": rule,
        "place": place,
        "as_of": "2026-06-30",
        "cutoff_on": "2023-06-30",
        "rows": 1234,
        "past_limit_rows": None if oldest is None else 12 if over else 0,
        "held_rows": 3,
        "hold_undocumented_rows": 0,
        "hold_faulty_rows": 0,
        "start_missing_rows": 0,
        "bad_date_rows": 0,
        "oldest_start_on": oldest,
        "max_days_over": over,
        "status": "ok",
        "unreadable": None,
    }


UNITS: dict[str, tuple[str, dict[str, Any]]] = {
    "DSR-1001": ("identifier", {"request_seq": 1001, "log_rows": 1, "message_found": False, "logged_in_period": True}),
    "DSR-1002": ("identifier", {"request_seq": 1002, "log_rows": 2, "logged_in_period": False}),
    "DSR-1003": ("identifier", {"request_seq": 1003, "log_rows": 0}),
    "DSR-1004": ("identifier", {"request_seq": 1004, "log_rows": 0, "explanation": "test of the form"}),
    digest("message one"): ("message", {}),
    digest("message two"): ("message", {"request_id": "DSR-1001", "link": "found", "link_days": 2}),
    "request_log/desk": ("extract", {}),
}
FAULTS = {
    "DSR-1002": ("E", "identifier-repeated"),
    "DSR-1003": ("A", "number-missing"),
    digest("message one"): ("B", "message-without-case"),
    "request_log/desk": ("C", "rows-lost"),
}
FLAGS = {
    "DSR-1001": ["no-message-found"],
    "DSR-1002": ["logged-outside-the-period"],
    digest("message two"): ["link-found-by-the-kit"],
}
ABSENT = (
    "request_seq",
    "log_rows",
    "explanation",
    "request_id",
    "link",
    "link_days",
    "message_found",
    "logged_in_period",
)


def completeness(more: int = 0) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows and results of COM-01; `more` missing numbers beside the others."""
    units = UNITS | {f"DSR-{5000 + n}": ("identifier", {"log_rows": 0, "request_seq": 5000 + n}) for n in range(more)}
    faults = FAULTS | {f"DSR-{5000 + n}": ("A", "number-missing") for n in range(more)}
    rows, results = [], []
    for ident, (unit, (kind, known)) in enumerate(units.items(), 1):
        row: dict[str, Any] = {"id": ident, "unit_id": unit, "unit_kind": kind, "unreadable": None}
        rows.append(row | dict.fromkeys(ABSENT) | known)
        letter, reason = faults.get(unit, ("A", None))
        marks = [{"letter": letter, "mark": "fail" if reason else "pass", "reason": reason}]
        results.append(
            result(
                ident,
                unit,
                "FAIL" if reason else "PASS",
                [reason] if reason else [],
                attributes=marks,
                flags=FLAGS.get(unit, []),
                stratum=kind,
                evidence=[{"frame": "completeness", "rows": [ident]}],
            )
        )
    return rows, results


def extracts() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """One extract with fewer rows than its source, and what became of those that were read."""
    held: dict[str, Any] = {"id": 1, "extract_id": "request_log/desk", "frame": "request_log", "source": "desk"}
    fates = {"read": 1230, "collapsed": 4, "void": 20, "outside_period": 200, "in_period": 1006, "unreadable": 1}
    accounts = [
        {"id": place, "extract_id": "request_log/desk", "fate": fate, "rows": rows, "unreadable": None}
        for place, (fate, rows) in enumerate(fates.items(), 1)
    ]
    return [held | {"source_rows": 1234, "frame_rows": 1230, "unreadable": None}], accounts


def ledger() -> list[dict[str, Any]]:
    frozen = [
        ("engagement.loaded", "engagement:eng-1", {"engagement_sha256": digest("e"), "controls_sha256": digest("c")}),
    ]
    for name, population in (("REQ-01", "REQ-01.requests"), ("REQ-02", "REQ-02.requests"), ("RET-01", "RET-01.rules")):
        frozen += [
            (
                "population.frozen",
                f"population:{population}",
                {"population": population, "query_sha256": digest("q"), "count": 7, "root": digest("root" + name)},
            ),
            ("commitment.made", f"population:{population}", {"commitment_sha256": digest("commitment" + name)}),
            (
                "nonce.revealed",
                f"control:{name}",
                {"commitment_sha256": digest("commitment" + name), "round": 1, "nonce": NONCE},
            ),
            (
                "sample.drawn",
                f"control:{name}",
                {
                    "control": name,
                    "commitment_sha256": digest("commitment" + name),
                    "round": 1,
                    "sample_sha256": digest("s"),
                    "count": 6,
                },
            ),
        ]
    frozen += [
        (
            "sample.abandoned",
            "control:REQ-02",
            {"control": "REQ-02", "commitment_sha256": digest("older"), "round": 1, "reason": "wrong period"},
        ),
        (
            "run.started",
            "run:30_requests",
            {"notebook": "30_requests", "controls": ["REQ-01", "REQ-02"], "launcher": "warm"},
        ),
        (
            "run.ended",
            "run:30_requests",
            {"started": 15, "status": "lost", "gate": [], "executed_sha256": None, "counts": {}},
        ),
        (
            "run.ended",
            "run:30_requests",
            {"started": 15, "status": "refused", "gate": ["G07", "G10"], "executed_sha256": None, "counts": {}},
        ),
        ("request.refused", "run:30_requests", {"started": 15, "verb": "fetch", "reason": "column-not-kept"}),
        (
            "control.concluded",
            "control:REQ-02",
            {"control": "REQ-02", "pass": 3, "fail": 1, "error": 1, "inconclusive": 1, "verdict": "FAIL"},
        ),
    ]
    opened = ("ledger.opened", "engagement:eng-1", {"engagement_sha256": digest("e")})
    return [entry(seq, *each) for seq, each in enumerate([opened, *frozen], 1)]


def sample_payload(extra: int = 0, fails: int = 0, gaps: int = 0) -> Payload:
    """The payload; `extra` more requests in REQ-02, `fails` of them late; `gaps` more numbers that are missing.

    One row of evidence for each.
    """
    whole, counted = completeness(gaps)
    held, accounts = extracts()
    kinds = [(kind, sum(row["stratum"] == kind for row in counted)) for kind in ("extract", "identifier", "message")]
    results = requests(extra, fails)
    acknowledged = [result(1, "DSR-1001", "PASS", []), result(2, "DSR-1002", "PASS", [])]
    rules = [
        result(
            1,
            "accounts",
            "FAIL",
            ["kept-past-limit"],
            evidence=[{"frame": "retention_observations", "rows": [1]}],
            stratum="all",
        ),
        result(
            2, "Invoices", "PASS", [], evidence=[{"frame": "retention_observations", "rows": [2, 3]}], stratum="all"
        ),
    ]
    access, erasure = len([r for r in results if r["stratum"] != "processor/erasure"]), 1
    strata = [
        stratum("controller/access", access * 2, results, "FAIL", 7, "11.3"),
        stratum("processor/erasure", erasure, results, "PASS", 0, "0.0"),
    ]
    first = [stratum("controller/access", 2, acknowledged, "PASS", 0, "0.0")]
    third = [stratum("all", 2, rules, "FAIL", 1, "50.0")]
    zeroth = [stratum(kind, count, counted, "FAIL", count, "50.0") for kind, count in kinds]
    controls = [
        summed("REQ-01", "REQ-01.requests", first, "PASS", "upper-bound-below-tolerable"),
        summed("REQ-02", "REQ-02.requests", strata, "FAIL", "upper-bound-reaches-tolerable"),
        summed("REQ-03", "REQ-03.requests", [], "ERROR", "unit-id-duplicate"),
        summed("RET-01", "RET-01.rules", third, "FAIL", "upper-bound-reaches-tolerable"),
        summed("COM-01", "COM-01.completeness", zeroth, "FAIL", "upper-bound-reaches-tolerable"),
    ]
    totals = {
        key: sum(each[key] for each in controls)
        for key in ("units", "drawn", "pass", "fail", "error", "inconclusive", "deviations")
    }
    frozen = [("controller/access", access * 2), ("not_yet_due", 17), ("processor/erasure", erasure)]
    plan = [["controller/access", access], ["processor/erasure", 1]]
    files: dict[str, object] = {
        "engagement.json": engagement(),
        "controls.json": {
            "controls": [
                control("REQ-01", census=True, tolerable="0.000000001", law="good-practice", grade="observation"),
                control("REQ-02"),
                control("REQ-03"),
                control(
                    "RET-01",
                    census=True,
                    tolerable="0.000000001",
                    needs=[{"frame": "retention_observations", "columns": ["rule_id"], "optional": []}],
                ),
                control(
                    "COM-01",
                    census=True,
                    tolerable="0.000000001",
                    attributes=[
                        {
                            "letter": letter,
                            "en": f"question {letter}",
                            "fr": f"point {letter}",
                            "walkthrough": letter == "D",
                        }
                        for letter in "ABCDE"
                    ],
                    needs=[{"frame": "completeness", "columns": ["unit_id", "unit_kind"], "optional": []}],
                ),
            ]
        },
        "summary.json": {"controls": controls, "totals": {"controls": 5, **totals}},
        "draws/COM-01.json": draw("COM-01", "COM-01.completeness", kinds, [list(kind) for kind in kinds], counted),
        "draws/REQ-01.json": draw(
            "REQ-01", "REQ-01.requests", [("controller/access", 2)], [["controller/access", 2]], acknowledged
        ),
        "draws/REQ-02.json": draw("REQ-02", "REQ-02.requests", frozen, plan, results),
        "draws/RET-01.json": draw("RET-01", "RET-01.rules", [("all", 2)], [["all", 2]], rules, independent=False),
        "results/COM-01.jsonl": counted,
        "results/REQ-01.jsonl": acknowledged,
        "results/REQ-02.jsonl": results,
        "results/RET-01.jsonl": rules,
        "frames/COM-01.completeness.jsonl": whole,
        "frames/COM-01.extracts.jsonl": held,
        "frames/COM-01.row_accounts.jsonl": accounts,
        "frames/REQ-01.request_log.jsonl": [log_row(1, "DSR-1001"), log_row(2, "DSR-1002")],
        "frames/REQ-02.request_log.jsonl": [log_row(n, f"DSR-{n}") for n in range(1, len(results) + 1)],
        "frames/REQ-02.request_replies.jsonl": [],
        "frames/RET-01.retention_observations.jsonl": [
            observation(1, "accounts", "2021-01-01", 910),
            observation(2, "Invoices", "2024-02-29", 0),
            observation(3, "Invoices", None, None, place="archive"),
        ],
        "findings.jsonl": findings(),
        "expectations/REQ-02/request_log.json": suite("REQ-02.request_log", LOG_CLAIMS),
        "expectations/REQ-02/mailbox_messages.json": suite("REQ-02.mailbox_messages", LOG_CLAIMS[:1]),
        "ledger.jsonl": ledger(),
        "params/30_requests.json": {"engagement": "eng-1", "run": "r001"},
        "sql/REQ-02.population.sql": "SELECT request_id\nFROM request_log\nWHERE note = '\u202e' AND a < b\n",
        "sql/REQ-02.request_log.sql": "SELECT *\nFROM request_log\n",
        "sql/RET-01.accounts.sql": "SELECT count(*) FROM accounts WHERE created_on < $cutoff\n",
        "leaves/REQ-02.requests.txt": "".join(sorted(f"{row['leaf']} {row['stratum']}\n" for row in results)),
        "notebooks/30_requests.template.ipynb": notebook("30_requests"),
        "notebooks/30_requests.ipynb": notebook("30_requests"),
        "scan.json": {"hits": 0, "values": 3, "canaries": 12, "encodings": ["plain"], "files": []},
    }
    return Payload(files)


def engagement() -> dict[str, Any]:
    return {
        "engagement": "eng-1",
        "title": {"en": "Rights requests at Exemple Courrier", "fr": "Demandes de droits chez Exemple Courrier"},
        "organisation": {"name": "Exemple Courrier SAS & Cie <b>", "country": "FR"},
        "demonstration": True,
        "period": {"from": "2025-07-01", "until": "2026-06-30"},
        "as_of": "2026-06-30T22:00:00Z",
        "timezone": "Europe/Paris",
        "profile": "EU",
        "calendars": ["FR"],
        "limit": {"kind": "months", "n": 1, "roll": True},
        "naive_is_local": True,
        "actors": [{"actor": "process:collector", "role": "collects"}, {"actor": "person:auditor", "role": "auditor"}],
        "controls": ["COM-01", "REQ-01", "REQ-02", "REQ-03", "RET-01"],
        "out_of_scope": [{"control": "REG-01", "reason": "no register source was given"}],
        "sources": [{"source": "desk", "engine": "duckdb", "mapping_sha256": digest("m")}],
        "parameters": [
            {"name": "ask_within_days", "value": 7},
            {"name": "match_days", "value": 7},
            {"name": "triage_score", "value": 60},
            {"name": "of_tomorrow", "value": 1095},
        ],
        "on_duplicate": ["refuse"],
        "packages": [{"name": "duckdb", "version": "2.0.0"}],
        "kit": "0.1.0",
    }


LOG_CLAIMS = (
    Claim("present"),
    Claim("not-null", ("received_at",)),
    Claim("not-null", ("account_key",), reading=True),
)


def suite(name: str, claims: tuple[Claim, ...]) -> dict[str, Any]:
    control, frame = name.split(".")
    return suites.suite(control, Table(frame, (), claims), f"frames/{name}.jsonl")


def findings() -> list[dict[str, Any]]:
    check = {
        "frame": "request_log",
        "column": "received_at",
        "expectation": "not-null",
        "success": True,
        "rows": 6,
    }
    unmet = {
        "frame": "request_log",
        "column": "account_key",
        "expectation": "second-reading:not-null",
        "success": False,
        "rows": 6,
    }
    nothing = {"frame": "mailbox_messages", "column": None, "expectation": "present", "success": False, "rows": 0}
    return [
        finding(1, "REQ-01", "PASS", "upper-bound-below-tolerable", law="good-practice"),
        finding(
            2,
            "REQ-02",
            "FAIL",
            "upper-bound-reaches-tolerable",
            set_aside=17,
            too_many=[{"stratum": "controller/access", "too_many": 1}],
            without_untested=[{"stratum": "controller/access", "upper_units": 3, "upper_rate_shown": "5.1"}],
            median_days=21,
            p95_days=44,
            reasons=[{"reason": "answered-late", "units": 1}, {"reason": "a-code-of-tomorrow", "units": 1}],
            checks=[check, unmet, nothing],
            notes=["not-yet-due-set-aside", "population-not-complete"],
        ),
        finding(3, "REQ-03", "ERROR", "unit-id-duplicate"),
        finding(
            4,
            "RET-01",
            "FAIL",
            "upper-bound-reaches-tolerable",
            draw_independent=False,
            reasons=[{"reason": "kept-past-limit", "units": 1}],
        ),
        finding(
            5,
            "COM-01",
            "FAIL",
            "upper-bound-reaches-tolerable",
            reasons=[{"reason": "number-missing", "units": 1}],
        ),
    ]


def sample_seal(**more: Any) -> Seal:
    given: dict[str, Any] = {
        "bundle": "eng-1.r001.auditor-full",
        "engagement": "eng-1",
        "run": "r001",
        "level": "auditor-full",
        "kit": "0.1.0",
        "sealed_at": "2026-07-01T09:00:00.000000Z",
        "head_sha256": digest("head"),
        "entries": 20,
        "signer": "SHA256:" + "A" * 43,
        "demonstration": True,
    }
    return Seal(**given | more)
