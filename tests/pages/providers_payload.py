"""An engagement on providers: every kind of cell, hostile names, and nothing else of the sample but RET-01.

The frames are those of docs/norm/frames.md, written by hand: what the pages show of them must not depend on how they
are made.
"""

from __future__ import annotations

import copy
from typing import Any

from evidence_kit.model.evidence import FRAMES
from evidence_kit.pages.payload import Payload
from tests.pages import sample_payload as sample
from tests.pages.sample_payload import HOSTILE, control, digest, draw, finding, result, stratum, summed

Row = dict[str, Any]
#: The columns that each control reads of the providers.
READ = {
    "PRO-02": (
        *("processor_id", "name", "relation", "parent_id", "service", "country", "transfer_mechanism", "risk_tier"),
        *("status", "contract_signed_on", "art28_terms", "subprocessing_terms"),
    ),
    "PRO-03": ("processor_id", "name", "status", "risk_tier", "review_months"),
    "PRO-04": ("processor_id", "name", "status", "terminated_on", "data_returned_or_deleted_on"),
    "PRO-05": ("processor_id", "name", "status"),
}


def rows(frame: str, listed: list[Row], columns: tuple[str, ...] = ()) -> list[Row]:
    """Rows of a frame in the columns given, numbered, null where nothing is said."""
    names = columns or FRAMES[frame].names
    times = [one.name for one in FRAMES[frame].columns if one.kind == "timestamp" and one.name in names]
    made = []
    for ident, said in enumerate(listed, 1):
        row = {"id": ident, **{name: said.get(name) for name in names}, "unreadable": None}
        made.append(row | {f"{name}_local": row[name] and str(row[name])[:10] for name in times})
    return made


def provider(ident: str, name: str, **more: Any) -> Row:
    base = {"processor_id": ident, "name": name, "relation": "processor", "country": "FR", "risk_tier": "high"}
    rest = {"review_months": 12, "status": "active", "contract_signed_on": "2024-01-02", "art28_terms": "abcdefgh"}
    return base | rest | {"subprocessing_terms": True} | more


PROVIDERS = [
    provider("P-1", "Acme SARL"),
    provider("P-2", "Routage & Fils", art28_terms="abcdefg", country="GB", transfer_mechanism="adequacy"),
    provider("P-3", HOSTILE, art28_terms=None, subprocessing_terms=None, country="US"),
    provider("P-4", "Sans contrat", contract_signed_on=None, risk_tier="low", review_months=36),
]
ON_THE_WAY = [provider("P-5", "Charte", status="charter"), provider("P-6", "Plan", status="action_plan")]
ENDED = [
    provider("P-7", "Fini", status="terminated", terminated_on="2025-10-01", data_returned_or_deleted_on="2025-10-20"),
    provider("P-8", "Encore nourri", status="terminated", terminated_on="2025-11-01"),
    provider("P-9", "Sans trace", status="terminated", terminated_on="2025-12-01"),
]
REVIEWS = [
    {"review_id": "V-1", "processor_id": "P-1", "reviewed_on": "2026-03-01", "outcome": "compliant",
     "document_sha256": digest("V-1"), "next_due_on": "9999-12-31"},
    {"review_id": "V-2", "processor_id": "P-1", "reviewed_on": "2025-03-01", "outcome": "major_gaps"},
    {"review_id": "V-3", "processor_id": "P-2", "reviewed_on": "2024-03-01", "outcome": "minor_gaps",
     "document_sha256": digest("V-3"), "next_due_on": "2025-03-01"},
    {"review_id": "V-4", "processor_id": "P-3", "reviewed_on": "2026-05-01", "outcome": "compliant"},
    {"review_id": "V-5", "processor_id": "P-5", "reviewed_on": "2026-05-01", "outcome": "minor_gaps",
     "document_sha256": digest("V-5")},
    {"review_id": "V-6", "processor_id": "P-6", "reviewed_on": "9999-12-31", "outcome": "compliant"},
]  # fmt: skip
PRESENCE = [
    {"processor_id": "P-1", "in_register": True, "in_flows": True},
    {"processor_id": "P-2", "in_register": True, "in_flows": True},
    {"processor_id": "P-3", "in_register": False, "in_flows": True, "named_like": "P-1"},
    {"processor_id": "P-4", "in_register": True, "in_flows": False},
    {"processor_id": "P-5", "in_register": True, "in_flows": True},
    {"processor_id": "P-6"},
]
FLOWS = [
    {"flow_id": "1", "processor_id": "P-7", "destination": "a.example", "seen_in": "egress_log",
     "personal_data": True, "first_seen_on": "2024-01-01", "last_seen_on": "2025-09-20"},
    {"flow_id": "2", "processor_id": "P-8", "destination": HOSTILE, "seen_in": "api_credential",
     "personal_data": True, "first_seen_on": "2024-06-01", "last_seen_on": "2026-06-01"},
    {"flow_id": "3", "processor_id": "P-8", "destination": "F-8", "seen_in": "supplier_ledger",
     "personal_data": None, "first_seen_on": "2024-06-01", "last_seen_on": "2025-10-01"},
]  # fmt: skip
PROMISES = [
    {"commitment_id": "C-1", "processor_id": "P-5", "kind": "charter"},
    {"commitment_id": "C-2", "processor_id": "P-5", "kind": "action", "due_on": "2026-05-01"},
    {"commitment_id": "C-3", "processor_id": "P-5", "kind": "action", "due_on": "2026-05-01",
     "completed_on": "2026-04-01", "evidence_sha256": digest("C-3")},
    {"commitment_id": "C-4", "processor_id": "P-5", "kind": "action", "due_on": "9999-12-31"},
    {"commitment_id": "C-5", "processor_id": "P-5", "kind": "contract_amendment", "signed_on": "2026-01-05"},
    {"commitment_id": "C-6", "processor_id": "P-5", "kind": "action", "due_on": "2026-05-01",
     "completed_on": "2026-04-01"},
]  # fmt: skip
DOCUMENTS = [
    {"document_id": "D-1", "processor_id": "P-1", "kind": "policy", "title": HOSTILE, "studied_on": "2026-02-01",
     "studied_by_role": "dpo", "valid_until": "9999-12-31"},
    {"document_id": "D-2", "processor_id": "P-2", "kind": "certificate", "title": "ISO/IEC 27001:2013",
     "valid_until": "2025-10-31"},
    {"document_id": "D-3", "processor_id": "P-3", "kind": "transfer_instrument"},
]  # fmt: skip
DESTINATIONS = [
    {"destination": "api.acme.example", "seen_in": "dns,egress_log", "processor_id": "P-1", "personal_data": True},
    {"destination": HOSTILE, "seen_in": "egress_log", "personal_data": True},
    {"destination": "Assureur", "seen_in": "register", "personal_data": True},
    {"destination": "x.example", "seen_in": "supplier_ledger"},
]
MATCHED = [
    {"destination": "api.acme.example", "processor_id": "P-1", "relation": "processor", "risk_tier": "high",
     "status": "active", "sub_processors": 2},
]  # fmt: skip

#: Control -> what it reads, the unit column of its main frame, unit -> (verdict, reason, marks by letter).
FAILS = ("FAIL", "art28-terms-missing")
UNITS: dict[str, dict[str, tuple[str, str | None, str]]] = {
    "PRO-01": {
        "api.acme.example": ("PASS", None, "pass pass"),
        HOSTILE: ("FAIL", "provider-not-referenced", "fail na"),
        "Assureur": ("FAIL", "provider-not-referenced", "fail na"),
        "x.example": ("INCONCLUSIVE", "personal-data-unknown", "missing na"),
    },
    "PRO-02": {
        "P-1": ("PASS", None, "pass pass pass na"),
        "P-2": ("FAIL", "art28-terms-missing", "pass fail pass pass"),
        "P-3": ("FAIL", "transfer-without-mechanism", "pass missing missing fail"),
        "P-4": ("FAIL", "contract-missing", "fail pass pass na"),
    },
    "PRO-03": {
        "P-1": ("PASS", None, "pass pass pass"),
        "P-2": ("FAIL", "review-overdue", "pass fail pass"),
        "P-3": ("INCONCLUSIVE", "review-document-missing", "pass pass missing"),
        "P-4": ("FAIL", "never-reviewed", "fail na na"),
        "P-5": ("PASS", None, "pass pass pass"),
        "P-6": ("FAIL", "never-reviewed", "fail na na"),
    },
    "PRO-04": {
        "P-7": ("PASS", None, "pass pass"),
        "P-8": ("FAIL", "flow-after-the-end", "fail fail"),
        "P-9": ("FAIL", "return-not-certified", "missing fail"),
    },
    "PRO-05": {
        "P-5": ("FAIL", "action-overdue", "pass fail missing"),
        "P-6": ("INCONCLUSIVE", "no-commitment-recorded", "missing na na"),
    },
}


def frames() -> dict[str, list[Row]]:
    listed = {"PRO-02": PROVIDERS, "PRO-03": [*PROVIDERS, *ON_THE_WAY], "PRO-04": ENDED, "PRO-05": ON_THE_WAY}
    made = {f"{name}.processors": rows("processors", mine, READ[name]) for name, mine in listed.items()}
    return made | {
        "PRO-01.destination_units": rows("destination_units", DESTINATIONS),
        "PRO-01.destination_processors": rows("destination_processors", MATCHED),
        "PRO-03.processor_reviews": rows("processor_reviews", REVIEWS),
        "PRO-03.processor_documents": rows("processor_documents", DOCUMENTS),
        "PRO-03.provider_presence": rows("provider_presence", PRESENCE),
        "PRO-04.processor_flows": rows("processor_flows", FLOWS),
        "PRO-05.processor_commitments": rows("processor_commitments", PROMISES),
    }


def _results(name: str) -> list[Row]:
    made = []
    for ident, (unit, (verdict, reason, marks)) in enumerate(UNITS[name].items(), 1):
        attributes = [
            {"letter": letter, "mark": mark, "reason": reason if mark not in ("pass", "na") else None}
            for letter, mark in zip("ABCD", marks.split(), strict=False)
        ]
        frame = "destination_units" if name == "PRO-01" else "processors"
        evidence = [{"frame": frame, "rows": [ident]}]
        reasons = [reason] if reason else []
        made.append(result(ident, unit, verdict, reasons, stratum="all", evidence=evidence, attributes=attributes))
    return made


def providers_payload() -> Payload:
    """PRO-01 to PRO-05 beside the RET-01 of the sample, and nothing else of it."""
    files: dict[str, Any] = copy.deepcopy(dict(sample.sample_payload().files))
    for path in list(files):
        if ".request_log." in path or ".request_replies." in path or path.split("/")[-1].startswith(("REQ-", "COM-")):
            del files[path]
    controls, stated, found = [], [], []
    for ident, name in enumerate(UNITS, 1):
        results = _results(name)
        part = stratum("all", len(results), results, "FAIL", len(results), "100.0")
        controls.append(summed(name, f"{name}.units", [part], "FAIL", "upper-bound-reaches-tolerable"))
        letters = [{"letter": letter, "en": letter, "fr": letter, "walkthrough": False} for letter in "ABCD"]
        more = {"census": True, "tolerable": "0.000000001", "needs": [], "attributes": letters}
        stated.append(control(name, notebook="70_processors", **more))
        found.append(finding(ident, name, "FAIL", "upper-bound-reaches-tolerable"))
        count = [["all", len(results)]]
        files[f"draws/{name}.json"] = draw(name, f"{name}.units", [("all", len(results))], count, results)
        files[f"draws/{name}.json"]["commitment"]["unit"] = "unit"
        files[f"results/{name}.jsonl"] = results
    files |= {f"frames/{name}.jsonl": mine for name, mine in frames().items()}
    every = [*controls, *(each for each in files["summary.json"]["controls"] if each["control"] == "RET-01")]
    totals = {key: sum(each[key] for each in every) for key in files["summary.json"]["totals"] if key != "controls"}
    files["summary.json"] = {"controls": every, "totals": {"controls": len(every), **totals}}
    old = [each for each in files["controls.json"]["controls"] if each["control"] == "RET-01"]
    files["controls.json"] = {"controls": [*stated, *old]}
    rest = [each for each in files["findings.jsonl"] if each["control"] == "RET-01"]
    files["findings.jsonl"] = [each | {"id": place} for place, each in enumerate([*found, *rest], 1)]
    names = {one["name"] for one in files["engagement.json"]["parameters"]}
    more_figures = {"due_soon_days": 90, "register_review_months": 12, "terminated_grace_days": 7}
    files["engagement.json"]["parameters"] += [
        {"name": key, "value": value} for key, value in more_figures.items() if key not in names
    ]
    files["engagement.json"] |= {"controls": [each["control"] for each in every]}
    return Payload(files)
