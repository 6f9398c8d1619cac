"""Frames and results of the good bundle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.bundles.good.base import Json, digest
from tests.bundles.good.bundle import Bundle
from tests.bundles.good.evidence import CASES, INSTANTS, LOG_COLUMNS, PROCESSOR, leaf_of


def log_row(unit: str, capacity: str, right: str, facts: Json) -> Json:
    row: Json = dict.fromkeys(LOG_COLUMNS)
    row.update(request_id=unit, capacity=capacity, country="FR", right_invoked=right, channel="email", status="closed")
    for column in INSTANTS:
        day = facts.get(column)
        row[column] = f"{day}T09:30:00.000000Z" if day else None
        row[column + "_local"] = day
    row["identity_doubt_reason"] = facts.get("identity_doubt_reason")
    return row


def log_columns(names: list[str]) -> list[list[str]]:
    made = [["id", "integer", "none"]]
    for name in names:
        if name in INSTANTS:
            made += [[name, "instant", "none"], [name + "_local", "date", "none"]]
        else:
            kind = "date" if name == "due_given_on" else "text"
            made.append([name, kind, "key" if name == "account_key" else "none"])
    return [*made, ["unreadable", "text", "none"]]


def numbered(rows: Iterable[Json]) -> list[Json]:
    return [{"id": number, "unreadable": None, **row} for number, row in enumerate(rows, 1)]


def result(number: int, control: str, stratum: str, unit: str, **said: Any) -> Json:
    made: Json = {
        "id": number,
        "unit": unit,
        "leaf": leaf_of(control, unit)[0],
        "stratum": stratum,
        "verdict": "PASS",
        "reasons": [],
        "attributes": [{"letter": "A", "mark": "pass", "reason": None}],
        "flags": [],
        "evidence": [],
        "due_on": None,
        "days_late": None,
        "working": None,
    }
    return {**made, **said}


def request_frames(bundle: Bundle, drawn: list[tuple[str, str]]) -> None:
    """Frames and results of REQ-02, in the order of the draw."""
    told = {case[0]: case for case in CASES}
    passed_on = {case[0]: case for case in PROCESSOR}
    log, messages, letters, results = [], [], [], []
    for number, (stratum, unit) in enumerate(drawn, 1):
        evidence = [{"frame": "request_log", "rows": [number]}]
        if unit in told:
            _, facts, mails, reasons, verdict, reason, due, late, flags = told[unit]
            log.append(log_row(unit, "controller", "access", facts))
            for mail in mails:
                messages.append(
                    {
                        "request_id": unit,
                        "received_at": f"{mail}T06:00:00.000000Z",
                        "received_at_local": mail,
                        "source_ref": f"folder/{unit}.eml",
                    }
                )
                evidence.append({"frame": "mailbox_messages", "rows": [len(messages)]})
            if reasons is not None:
                told_on = facts["extension_notified_at"] + "T09:30:00.000000Z"
                letters.append({"request_id": unit, "kind": "extension", "sent_at": told_on, "reasons_given": reasons})
                evidence.append({"frame": "request_replies", "rows": [len(letters)]})
            letter, first = "B", "pass" if mails else "na"
        else:
            _, facts, verdict, reason, due, late = passed_on[unit]
            log.append(log_row(unit, "processor", "erasure", facts))
            flags, letter, first = [], "D", "na"
        mark = {"PASS": "pass", "FAIL": "fail", "ERROR": "error", "INCONCLUSIVE": "missing"}[verdict]
        marks = dict.fromkeys("ABCD", ("na", None)) | {"A": (first, None), letter: (mark, reason)}
        results.append(
            result(
                number,
                "REQ-02",
                stratum,
                unit,
                verdict=verdict,
                reasons=[reason] if reason else [],
                attributes=[{"letter": one, "mark": said, "reason": why} for one, (said, why) in marks.items()],
                flags=flags,
                evidence=evidence,
                due_on=due,
                days_late=late,
                working=[]
                if verdict == "ERROR"
                else [{"step": "verdict", "verdict": verdict, "reason": reason or "answered-in-time"}],
            )
        )
    frame(bundle, "REQ-02.request_log", log_columns(LOG_COLUMNS), numbered(log))
    mail_columns = [
        ["request_id", "text", "none"],
        ["received_at", "instant", "none"],
        ["received_at_local", "date", "none"],
        ["source_ref", "text", "none"],
    ]
    frame(bundle, "REQ-02.mailbox_messages", around(mail_columns), numbered(messages))
    letter_columns = [
        ["request_id", "text", "none"],
        ["kind", "text", "none"],
        ["sent_at", "instant", "none"],
        ["reasons_given", "boolean", "none"],
    ]
    frame(bundle, "REQ-02.request_replies", around(letter_columns), numbered(letters))
    bundle.put_rows("data/results/REQ-02.jsonl", results)


def around(columns: list[list[str]]) -> list[list[str]]:
    return [["id", "integer", "none"], *columns, ["unreadable", "text", "none"]]


def sample_frames(bundle: Bundle, drawn: list[tuple[str, str]]) -> None:
    rows = [{"request_id": unit, "channel": stratum, "subject_key": digest(unit)[:16]} for stratum, unit in drawn]
    columns = [["request_id", "text", "none"], ["channel", "text", "none"], ["subject_key", "text", "key"]]
    frame(bundle, "COM-02.request_log", around(columns), numbered(rows))
    cited = [{"frame": "request_log", "rows": [number]} for number in range(1, len(drawn) + 1)]
    results = [
        result(number, "COM-02", stratum, unit, evidence=[cited[number - 1]])
        for number, (stratum, unit) in enumerate(drawn, 1)
    ]
    bundle.put_rows("data/results/COM-02.jsonl", results)


def retention_frames(bundle: Bundle, drawn: list[tuple[str, str]]) -> None:
    rows = [{"rule_id": unit, "rows": 1000 + number, "past_limit_rows": 0} for number, (_, unit) in enumerate(drawn)]
    columns = [["rule_id", "text", "none"], ["rows", "integer", "none"], ["past_limit_rows", "integer", "none"]]
    frame(bundle, "RET-01.retention_observations", around(columns), numbered(rows))
    cited = [{"frame": "retention_observations", "rows": [number]} for number in range(1, len(drawn) + 1)]
    results = [
        result(number, "RET-01", stratum, unit, evidence=[cited[number - 1]])
        for number, (stratum, unit) in enumerate(drawn, 1)
    ]
    bundle.put_rows("data/results/RET-01.jsonl", results)


def frame(bundle: Bundle, name: str, columns: list[list[str]], rows: list[Json]) -> None:
    path = f"data/frames/{name}.jsonl"
    bundle.columns[path] = columns
    bundle.put_rows(path, rows)
    bundle.files[f"data/sql/{name}.sql"] = f"SELECT * FROM {name.split('.')[1]};\n".encode()
