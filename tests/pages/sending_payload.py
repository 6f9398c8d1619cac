"""An engagement on sendings: every kind of field, a hostile name, campaigns with and without stopped readers.

The frames are those of docs/norm/frames.md, written by hand: what the pages show of them must not depend on how they
are made.
"""

from __future__ import annotations

import copy
from typing import Any

from evidence_kit.pages.payload import Payload
from tests.pages import sample_payload as sample
from tests.pages.sample_payload import HOSTILE, control, digest, draw, finding, result, stratum, summed

Rows = list[dict[str, Any]]
FIELD: dict[str, Any] = {
    "account_key": None,
    "message_type": "marketing",
    "personal_class": "identifier",
    "used_in": "merge",
    "purpose_declared": True,
    "necessary": True,
    "stored": True,
    "filled_count": 20000,
    "read": None,
    "entry_declared": None,
    "basis_declared": None,
    "unreadable": None,
}
#: Template, field, what differs, verdict.
FIELDS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("T1", "email", {"personal_class": "contact", "used_in": "address"}, "PASS"),
    ("T1", "first_name", {}, "PASS"),
    ("T2", "first_name", {"account_key": digest("account 7")}, "PASS"),
    ("T2", "birth_date", {"used_in": "unused", "read": False}, "FAIL"),
    ("T3", HOSTILE, {"purpose_declared": None, "filled_count": None}, "INCONCLUSIVE"),
    ("T3", "religion", {"personal_class": "special", "used_in": "segment", "entry_declared": False}, "FAIL"),
    ("T4", "city", {"used_in": "segment", "necessary": None, "account_key": digest("account 7")}, "INCONCLUSIVE"),
)
CHECK: dict[str, Any] = {
    "account_key": None,
    "message_type": "marketing",
    "sent_count": 120,
    "stopped_hits": 0,
    "list_unsubscribe": True,
    "one_click": True,
    "unreadable": None,
}
CAMPAIGNS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("C1", {}, "PASS"),
    ("C2", {"stopped_hits": 2}, "FAIL"),
    ("C3", {"stopped_hits": None, "one_click": None}, "INCONCLUSIVE"),
)
LAGS = (("C2", "96.00"), ("C2", "720.25"))


def fields(more: int = 0) -> Rows:
    rows = [*FIELDS, *((f"W{n}", f"field_{n:03}", {}, "PASS") for n in range(more))]
    return [
        {"id": ident, "unit_id": f"{template}/{name}", "template_id": template, "field_name": name} | FIELD | said
        for ident, (template, name, said, _) in enumerate(rows, 1)
    ]


def checks() -> Rows:
    return [{"id": ident, "campaign_id": name} | CHECK | said for ident, (name, said, _) in enumerate(CAMPAIGNS, 1)]


def exceptions() -> Rows:
    return [
        {
            "id": ident,
            "campaign_id": campaign,
            "message_key": digest(f"message {ident}"),
            "recipient_key": digest(f"person {ident}"),
            "stopped_at": "2026-03-01T08:00:00.000000Z",
            "stopped_at_local": "2026-03-01",
            "sent_at": "2026-03-05T08:00:00.000000Z",
            "sent_at_local": "2026-03-05",
            "lag_hours": lag,
            "unreadable": None,
        }
        for ident, (campaign, lag) in enumerate(LAGS, 1)
    ]


def judged(frame: str, verdicts: dict[str, str]) -> Rows:
    fields = frame == "field_units"
    reasons = {
        "FAIL": ["field-unused" if fields else "sent-after-stop"],
        "INCONCLUSIVE": ["necessity-not-judged" if fields else "stops-not-compared"],
    }
    return [
        result(n, unit, verdict, reasons.get(verdict, []), stratum="all", evidence=[{"frame": frame, "rows": [n]}])
        for n, (unit, verdict) in enumerate(verdicts.items(), 1)
    ]


def sending_payload(more: int = 0) -> Payload:
    """SND-01 and SND-02 and nothing else. `more`: fields that are in order, beside the few written here."""
    files = copy.deepcopy(dict(sample.sample_payload().files))
    for name in list(files):
        if name.split("/")[-1].startswith(("REQ-", "COM-", "RET-")):
            del files[name]
    verdicts = {f"{template}/{name}": verdict for template, name, _, verdict in FIELDS}
    verdicts |= {row["unit_id"]: "PASS" for row in fields(more)[len(FIELDS) :]}
    units = {"SND-01": ("field_units", verdicts), "SND-02": ("send_checks", {n: v for n, _, v in CAMPAIGNS})}
    files["frames/SND-01.field_units.jsonl"] = fields(more)
    files["frames/SND-02.send_checks.jsonl"] = checks()
    files["frames/SND-02.send_exceptions.jsonl"] = exceptions()
    controls, stated, found = [], [], []
    for ident, (name, (frame, told)) in enumerate(units.items(), 1):
        results = judged(frame, told)
        part = stratum("all", len(results), results, "FAIL", len(results), "100.0")
        controls.append(summed(name, f"{name}.units", [part], "FAIL", "upper-bound-reaches-tolerable"))
        stated.append(control(name, notebook="80_sending", census=True, tolerable="0.000000001", needs=[]))
        found.append(finding(ident, name, "FAIL", "upper-bound-reaches-tolerable"))
        files[f"draws/{name}.json"] = draw(
            name, f"{name}.units", [("all", len(results))], [["all", len(results)]], results
        )
        files[f"draws/{name}.json"]["commitment"]["unit"] = "unit"  # type: ignore[index]
        files[f"results/{name}.jsonl"] = results
    totals = {key: sum(each[key] for each in controls) for key in files["summary.json"]["totals"] if key != "controls"}
    files["summary.json"] = {"controls": controls, "totals": {"controls": len(controls), **totals}}
    files["controls.json"] = {"controls": stated}
    files["findings.jsonl"] = found
    files["engagement.json"] |= {"controls": list(units)}
    return Payload(files)
