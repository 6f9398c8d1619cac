"""The cases of the good bundle, its commitments and its draws, written by hand."""

from __future__ import annotations

from typing import Any

from tests.bundles.good.base import AS_OF, ENGAGEMENT, Json, canonical, digest, netstring

CSP = "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'"
SHEET = "body{margin:2rem}.n{text-align:right}"
RECEIPT = "application/vnd.evidence-kit.receipt+json"

INSTANTS = (
    "received_at identity_requested_at identity_received_at clarification_requested_at clarification_received_at "
    "extension_notified_at forwarded_at responded_at reopened_at responded_again_at"
).split()
LOG_COLUMNS = (
    "request_id capacity account_key country right_invoked channel received_at identity_requested_at "
    "identity_received_at identity_doubt_reason clarification_requested_at clarification_received_at "
    "clarification_reason extension_notified_at forwarded_at responded_at reopened_at reopen_cause responded_again_at "
    "due_given_on outcome status"
).split()

#: (unit, its log, messages, extension letter, verdict, reason, due day, days late, flags), worked out on paper.
#: Paris: 1 May, 8 May and 14 July are days off; 2025-08-31 is a Sunday.
CASES: list[tuple[str, Json, list[str], bool | None, str, str | None, str | None, int | None, list[str]]] = [
    ("R-001", {"received_at": "2025-03-05", "responded_at": "2025-04-07"}, [], None, "PASS", None, "2025-04-07", 0, []),
    ("R-002", {"received_at": "2025-04-01", "responded_at": "2025-05-02"}, [], None, "PASS", None, "2025-05-02", 0, []),
    (
        "R-003",
        {"received_at": "2025-03-05", "extension_notified_at": "2025-03-20", "responded_at": "2025-06-05"},
        [],
        True,
        "PASS",
        None,
        "2025-06-05",
        0,
        ["relied_on_extension"],
    ),
    (
        "R-004",
        {"received_at": "2025-06-15", "responded_at": "2025-07-16"},
        [],
        None,
        "FAIL",
        "answered-late",
        "2025-07-15",
        1,
        [],
    ),
    (
        "R-005",
        {
            "received_at": "2025-03-05",
            "identity_requested_at": "2025-03-06",
            "identity_received_at": "2025-03-16",
            "responded_at": "2025-04-15",
        },
        [],
        None,
        "INCONCLUSIVE",
        "depends-on-arguable-facts",
        "2025-04-07",
        None,
        [],
    ),
    (
        "R-006",
        {"received_at": "2025-03-05", "responded_at": "2025-03-04"},
        [],
        None,
        "ERROR",
        "closed-before-received",
        None,
        None,
        [],
    ),
    (
        "R-007",
        {
            "received_at": "2025-03-05",
            "identity_requested_at": "2025-03-06",
            "identity_received_at": "2025-03-16",
            "identity_doubt_reason": "other-address",
            "responded_at": "2025-04-15",
        },
        [],
        None,
        "PASS",
        None,
        "2025-04-15",
        0,
        ["relied_on_pause"],
    ),
    ("R-008", {"received_at": "2025-12-01"}, [], None, "FAIL", "open-past-due", "2026-01-02", 29, []),
    (
        "R-009",
        {"received_at": "2025-08-04", "responded_at": "2025-09-03"},
        ["2025-07-31"],
        None,
        "FAIL",
        "answered-late",
        "2025-09-01",
        2,
        [],
    ),
    (
        "R-010",
        {
            "received_at": "2025-11-03",
            "identity_requested_at": "2025-11-05",
            "identity_doubt_reason": "other-address",
        },
        [],
        None,
        "INCONCLUSIVE",
        "clock-suspended",
        None,
        None,
        [],
    ),
]
PROCESSOR: list[tuple[str, Json, str, str | None, str, int]] = [
    ("R-101", {"received_at": "2025-05-05", "forwarded_at": "2025-05-13"}, "PASS", None, "2025-05-13", 0),
    ("R-102", {"received_at": "2025-05-05", "forwarded_at": "2025-05-14"}, "FAIL", "answered-late", "2025-05-13", 1),
    ("R-103", {"received_at": "2025-07-11", "forwarded_at": "2025-07-18"}, "PASS", None, "2025-07-21", 0),
    ("R-104", {"received_at": "2025-09-01", "forwarded_at": "2025-09-01"}, "PASS", None, "2025-09-08", 0),
]


def leaf_of(control: str, unit: str) -> tuple[str, str, str]:
    """(leaf, key, row) of one unit under a blind that only this file knows."""
    key = digest(f"ek1:key:{digest('blind of ' + control)}:" + netstring(unit))
    row = netstring(unit)
    return digest(f"ek1:leaf:{key}:{row}"), key, row


def commitment(control: str, name: str, units: dict[str, list[str]], plan: list[list[Any]], by: str | None) -> Json:
    """The commitment record of a population given as stratum -> units."""
    strata = []
    for stratum in sorted(units, key=str.encode):
        buckets: dict[str, list[str]] = {}
        for leaf in sorted(leaf_of(control, unit)[0] for unit in units[stratum]):
            buckets.setdefault(leaf[:3], []).append(leaf)
        lines = [
            f"{bucket}:{len(one)}:{digest('ek1:bucket:' + ''.join(one))};" for bucket, one in sorted(buckets.items())
        ]
        strata.append([stratum, len(units[stratum]), digest("ek1:stratum:" + netstring(stratum) + "".join(lines))])
    root = digest("ek1:root:" + "".join(f"{netstring(name)}{count}:{sub};" for name, count, sub in strata))
    return {
        "kind": "ek1.commitment",
        "engagement": ENGAGEMENT,
        "population": f"{control}.{name}",
        "as_of": AS_OF,
        "unit": "rule_id" if control == "RET-01" else "request_id",
        "columns": [["request_id", "text"]],
        "stratum_by": by,
        "blind_sha256": digest("ek1:salt:" + digest("blind of " + control)),
        "count": sum(count for _, count, _ in strata),
        "strata": strata,
        "root": root,
        "plan": plan,
    }


def draw(
    control: str, made: Json, units: dict[str, list[str]], nonces: list[str], sizes: list[dict[str, int]]
) -> tuple[Json, list[tuple[str, str]]]:
    """The draw document, and (stratum, unit) of every drawn unit in order."""
    committed, taken, rounds, drawn = digest(canonical(made)), set(), [], []
    of = {leaf_of(control, unit)[0]: unit for each in units.values() for unit in each}
    for number, (nonce, size) in enumerate(zip(nonces, sizes, strict=True), 1):
        listed = []
        for stratum in sorted(size, key=str.encode):
            pool = [leaf_of(control, unit)[0] for unit in units.get(stratum, ())]
            start = f"ek1:ticket:{committed}:{nonce}:{number}:" + netstring(stratum)
            tickets = sorted((digest(start + leaf), leaf) for leaf in pool if leaf not in taken)
            for ticket, leaf in tickets[: size[stratum]]:
                taken.add(leaf)
                listed.append({"stratum": stratum, "leaf": leaf, "ticket": ticket})
                drawn.append((stratum, of[leaf]))
        rounds.append({"round": number, "nonce": nonce, "drawn": listed})
    document = {
        "control": control,
        "commitment": made,
        "commitment_sha256": committed,
        "independent": True,
        "rounds": rounds,
    }
    return document, drawn


def leaves(control: str, units: dict[str, list[str]]) -> bytes:
    lines = [f"{leaf_of(control, unit)[0]} {stratum}\n" for stratum, each in units.items() for unit in each]
    return "".join(sorted(lines, key=str.encode)).encode()


POPULATIONS: dict[str, tuple[str, dict[str, list[str]], list[list[Any]], str | None, list[dict[str, int]]]] = {
    "REQ-02": (
        "requests",
        {
            "controller/access": [case[0] for case in CASES],
            "processor/erasure": [case[0] for case in PROCESSOR],
            "not_yet_due": ["R-201", "R-202"],
        },
        [["controller/access", 10], ["processor/erasure", 4]],
        "capacity/right",
        [{"controller/access": 10, "processor/erasure": 4}],
    ),
    "COM-02": (
        "requests",
        {"email": [f"E-{number:03}" for number in range(1, 61)], "post": ["P-001", "P-002", "P-003"]},
        [["email", 22], ["post", 5]],
        "channel",
        [{"email": 22, "post": 5}, {"email": 5}],
    ),
    "RET-01": ("rules", {"all": ["prospects", "invoices", "tickets", "logs"]}, [["all", 4]], None, [{"all": 4}]),
}


def nonce(control: str, number: int) -> str:
    return digest(f"nonce {control} {number}")
