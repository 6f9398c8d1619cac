"""The providers of the company: who they are, what was reviewed, promised and read, where data go, who is paid.

Days are those of the company, not of the cut: what lies after a cut is not there yet. A review and a promise kept leave
a paper in the folder of the documents. Source: docs/norm/rehearsal, "Sources and sizes".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from evidence_kit.edges.rehearsal import days
from evidence_kit.edges.rehearsal.desk import Row
from evidence_kit.edges.rehearsal.draw import Dice
from evidence_kit.edges.rehearsal.people import FIRST, LAST

PROVIDERS, ACTIVE, LIVING, PAID = 80, 60, 74, 140
#: Controllers of their own, whose contracts are no matter of art. 28.
NOT_PROCESSORS = (59, 60)
MONTHS = {"low": 36, "medium": 24, "high": 12}
TRADES = ("hébergement", "support", "paie", "routage", "sondages")
#: Providers reached by a second host, and hosts that receive no personal data (numbers of `ops.egress`).
SECOND_HOSTS = {81: 3, 82: 17, 83: 29}
DESTINATIONS = 95
PLAIN_HOSTS = range(84, DESTINATIONS + 1)


def provider(number: int) -> str:
    """The identifier of one provider, from 1."""
    return f"P-{number:03d}"


def destination(number: int) -> str:
    """The host of one line of the egress log, from 1."""
    return f"flux-{number:03d}.prestataire.example"


def supplier(number: int) -> str:
    """The code of one supplier in the ledger of those paid, from 1."""
    return f"F{number:04d}"


def tier(dice: Dice, number: int) -> str:
    """How much depends on one provider: low, medium, high."""
    return dice.choice("processors", number, "tier", ("low", "medium", "high"))


def named(number: int) -> str:
    """The name of one provider, unlike that of any other."""
    if number <= len(LAST):
        return f"{LAST[number - 1]} SARL"
    pair = number - len(LAST)
    return f"{FIRST[pair]} & {FIRST[-pair]}"


def ended_on(number: int) -> date:
    """When the relation with one of the six terminated providers ended: in the autumn of 2025."""
    return date(2025, 9, 30) + timedelta(days=12 * (number - LIVING))


def processors(dice: Dice) -> Iterator[Row]:
    """`docs.processors`: 60 active, 14 with a charter or an action plan, 6 terminated."""
    for n in range(1, PROVIDERS + 1):
        status = "active" if n <= ACTIVE else ("charter", "action_plan")[n % 2] if n <= LIVING else "terminated"
        over = status == "terminated"
        yield {
            "processor_id": provider(n),
            "name": named(n),
            "relation": "controller" if n in NOT_PROCESSORS else "processor",
            "parent_id": None,
            "service": dice.choice("processors", n, "service", TRADES),
            "country": _country(n),
            "transfer_mechanism": "scc" if _country(n) == "US" else None,
            "risk_tier": tier(dice, n),
            "review_months": MONTHS[tier(dice, n)],
            "status": status,
            "contract_signed_on": date(2023, 1, 1 + n % 28).isoformat(),
            "art28_terms": "abcdefgh",
            "subprocessing_terms": True,
            "terminated_on": ended_on(n).isoformat() if over else None,
            "data_returned_or_deleted_on": (ended_on(n) + timedelta(days=20)).isoformat() if over else None,
        }


def _country(number: int) -> str:
    return "BE" if number % 9 == 0 else "US" if number % 19 == 5 else "FR"


def reviews(until: date) -> Iterator[Row]:
    """`docs.reviews`: each living provider in 2025 and again in the spring of 2026; two of those that ended since."""
    visits = [(n, date(2025, 3, 3) + timedelta(days=3 * n)) for n in range(1, LIVING + 3)]
    visits += [(n, date(2026, 2, 16) + timedelta(days=n)) for n in range(1, LIVING + 1)]
    for number, (n, on) in enumerate(visits, start=1):
        if on <= until:
            yield {
                "review_id": f"REV-{number:03d}",
                "processor_id": provider(n),
                "reviewed_on": on.isoformat(),
                "outcome": "compliant" if n <= ACTIVE else "minor_gaps",
                "documents_read": 3 + number % 5,
                "document_ref": f"revues/REV-{number:03d}.txt",
                "next_due_on": days.plus_months(on, 12).isoformat(),
            }


def commitments() -> Iterator[Row]:
    """`docs.commitments`: a signed charter for each of the 14, and 17 actions, done or not yet due."""
    for n in range(1, 32):
        charter, number = n <= 14, 1 + ACTIVE + (n - 1) % 14
        done = charter or n % 2 == 0
        due = date(2025, 12, 18) if done else date(2026, 9, 1) + timedelta(days=n)
        yield {
            "commitment_id": f"ENG-{n:03d}",
            "processor_id": provider(number),
            "kind": "charter" if charter else "action",
            "signed_on": "2025-09-15" if charter else None,
            "due_on": None if charter else due.isoformat(),
            "completed_on": (due - timedelta(days=9)).isoformat() if done and not charter else None,
            "evidence_ref": f"engagements/ENG-{n:03d}.txt" if done else None,
        }


def recipients() -> Iterator[Row]:
    """`docs.recipients`: every living provider, named by one entry of the register; those ended are named no more."""
    entries = [f"ACT-{number:02d}" for number in range(1, 17)]
    for number in range(1, LIVING + 1):
        yield {
            "activity_id": entries[number % len(entries)],
            "recipient": named(number),
            "processor_id": provider(number),
        }


def documents(dice: Dice) -> Iterator[Row]:
    """`docs.documents`: what was read of each living provider, with its end where it has one.

    Of those of high risk the list of their own processors too; certificates and transfer instruments where there are.
    """
    number = 0
    for n in range(1, LIVING + 1):
        high, abroad = tier(dice, n) == "high", _country(n) == "US"
        held = (("policy", True), ("subprocessor_list", high), ("certificate", n % 4 == 0),
                ("transfer_instrument", abroad))  # fmt: skip
        for kind, there in held:
            if there:
                number += 1
                yield {
                    "document_id": f"DOC-{number:03d}",
                    "processor_id": provider(n),
                    "kind": kind,
                    "title": f"{kind} {named(n)}",
                    "studied_on": (date(2025, 3, 3) + timedelta(days=3 * n)).isoformat(),
                    "studied_by_role": "dpo",
                    "valid_until": (date(2026, 7, 10) + timedelta(days=5 * n)).isoformat()
                    if kind == "certificate"
                    else None,
                }


def egress(until: date) -> Iterator[Row]:
    """`ops.egress`: 95 hosts: 83 of the 80 providers, those of the terminated ones silent since (D18); 12 of nobody."""
    for n in range(1, DESTINATIONS + 1):
        number = SECOND_HOSTS.get(n, n)
        last = date(2025, 9, 1) if LIVING < number <= PROVIDERS else until - timedelta(days=1 + n % 20)
        yield {
            "destination": destination(n),
            "processor_id": provider(number) if number <= PROVIDERS else None,
            "personal_data": number <= PROVIDERS,
            "first_seen_on": (date(2024, 2, 1) + timedelta(days=n)).isoformat(),
            "last_seen_on": last.isoformat(),
            "volume": 1000 + n * 137,
        }


def supplier_ledger(until: date) -> Iterator[Row]:
    """`docs.supplier_ledger`: 140 suppliers paid; those beyond the providers carry no personal data (D19: chairs)."""
    for n in range(1, PAID + 1):
        known = n <= LIVING
        yield {
            "supplier_code": supplier(n),
            "name": named(n) if known else ("Chaises et tables" if n == LIVING + 1 else f"Fournisseur {n}"),
            "processor_id": provider(n) if known else None,
            "personal_data": known,
            "first_paid_on": date(2024, 1, 1 + n % 28).isoformat(),
            "last_paid_on": (until - timedelta(days=5 + n % 60)).isoformat(),
        }


def paper(kind: str, row: Row) -> str:
    """The text of one paper: what a review or a promise says, so that its digest is that of something."""
    told = "\n".join(f"{name} : {value}" for name, value in row.items() if value is not None)
    return f"Exemple Courrier SAS\n{kind}\n\n{told}\n"
