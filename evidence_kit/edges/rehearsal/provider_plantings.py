"""Faults and decoys of the providers: hosts and suppliers nobody referenced, contracts, reviews, ends, promises.

Providers are shared out once, in the order of their draws, so that no two faults touch one of them and each fault takes
the same whether it is planted alone or with all. Source: docs/norm/rehearsal, F39 to F43, M03, M04, D18, D19, and
"Interplay that the generator must respect".
"""

from __future__ import annotations

from datetime import date, timedelta

from evidence_kit.edges.rehearsal import days
from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.portfolio import (
    ACTIVE,
    LIVING,
    MONTHS,
    NOT_PROCESSORS,
    PAID,
    PLAIN_HOSTS,
    PROVIDERS,
    SECOND_HOSTS,
    destination,
    provider,
    supplier,
    tier,
)

#: Active processors of each fault of states, taken in this order.
SHARES = {"F40": 5, "F41": 8, "M04": 19, "M03": 9}
HOSTS, SUPPLIERS = 3, 2
#: What a contract lacks: two say nothing of the end (g), two nothing of audits (h).
LACKING = ("abcdefh", "abcdefg", "abcdefh", "abcdefg")
#: The last review of what is overdue: longer ago than the longest period, at both cuts.
LONG_AGO = date(2022, 3, 7)
NEVER = 2
#: Terminated providers that are still fed, and the last day a cut sees of it; the first of the six is part of D13.
FED = {"mock": (date(2026, 1, 19),), "real": (date(2026, 6, 15), date(2026, 5, 28))}
#: Due day of the actions that are overdue at both cuts.
OVERDUE_ON = date(2025, 11, 28)


def shares(company: Company) -> dict[str, list[int]]:
    """Numbers of the active processors that each fault takes; those reached by two hosts are left alone."""
    apart = {*NOT_PROCESSORS, *SECOND_HOSTS.values()}
    left = company.dice.shuffled("providers", "pick", [n for n in range(1, ACTIVE + 1) if n not in apart])
    found = {}
    for fault, count in SHARES.items():
        found[fault], left = left[:count], left[count:]
    return found


def plant_f39(company: Company) -> list[Planted]:
    """Three hosts that receive personal data and two suppliers paid for treating some: nobody referenced them."""
    hosts = [destination(n) for n in company.dice.shuffled("F39", "host", PLAIN_HOSTS)[:HOSTS]]
    paid = [supplier(n) for n in company.dice.shuffled("F39", "supplier", range(LIVING + 2, PAID + 1))[:SUPPLIERS]]
    company.connection.execute(
        "UPDATE ops.egress SET personal_data = true WHERE list_contains(?, destination)", [hosts]
    )
    company.connection.execute(
        "UPDATE docs.supplier_ledger SET personal_data = true WHERE list_contains(?, supplier_code)", [paid]
    )
    return [
        *(Planted("F39", "PRO-01", "A", "FAIL", host, "ops.egress", host) for host in hosts),
        *(Planted("F39", "PRO-01", "A", "FAIL", code, "docs.supplier_ledger", code) for code in paid),
    ]


def plant_m03(company: Company) -> list[Planted]:
    """At the mock audit nine more hosts were matched with nobody; they were referenced on 2026-04-10."""
    if company.as_of != "mock":
        return []
    hosts = [destination(n) for n in shares(company)["M03"]]
    company.connection.execute("UPDATE ops.egress SET processor_id = NULL WHERE list_contains(?, destination)", [hosts])
    return [Planted("M03", "PRO-01", "A", "FAIL", host, "ops.egress", host) for host in hosts]


def plant_f40(company: Company) -> list[Planted]:
    """Four contracts lack a term of art. 28(3); one provider has no contract at all."""
    *lacking, without = [provider(n) for n in shares(company)["F40"]]
    for one, terms in zip(lacking, LACKING, strict=True):
        company.connection.execute("UPDATE docs.processors SET art28_terms = ? WHERE processor_id = ?", [terms, one])
    company.connection.execute(
        "UPDATE docs.processors SET contract_signed_on = NULL, art28_terms = NULL, subprocessing_terms = NULL "
        "WHERE processor_id = ?", [without]
    )  # fmt: skip
    return [
        *(Planted("F40", "PRO-02", "B", "FAIL", one, "docs.processors", one) for one in lacking),
        Planted("F40", "PRO-02", "A", "FAIL", without, "docs.processors", without),
    ]


def plant_f41(company: Company) -> list[Planted]:
    """Two providers were never reviewed, six longer ago than their risk allows."""
    numbers = shares(company)["F41"]
    never, overdue = numbers[:NEVER], numbers[NEVER:]
    _unreviewed(company, never)
    for n in overdue:
        _reviewed(company, n, LONG_AGO + timedelta(days=n), MONTHS[tier(company.dice, n)])
    return [
        *(Planted("F41", "PRO-03", "A", "FAIL", provider(n), "docs.reviews", provider(n)) for n in never),
        *(Planted("F41", "PRO-03", "B", "FAIL", provider(n), "docs.reviews", provider(n)) for n in overdue),
    ]


def plant_m04(company: Company) -> list[Planted]:
    """Nineteen providers never reviewed at the mock audit: their first review is of the spring of 2026."""
    numbers = shares(company)["M04"]
    if company.as_of != "mock":
        for n in numbers:
            first = date(2026, 2, 2) + timedelta(days=n % 12)
            company.connection.execute(
                "UPDATE docs.reviews SET reviewed_on = ?, next_due_on = ? WHERE processor_id = ? "
                "AND reviewed_on < DATE '2026-02-01'",
                [first, days.plus_months(first, 12), provider(n)],
            )
        return []
    _unreviewed(company, numbers)
    return [Planted("M04", "PRO-03", "A", "FAIL", provider(n), "docs.reviews", provider(n)) for n in numbers]


def plant_f42(company: Company) -> list[Planted]:
    """Two providers whose relation ended are still fed; one of them begins only after the mock audit."""
    numbers = company.dice.shuffled("F42", "pick", range(LIVING + 2, PROVIDERS + 1))
    planted = []
    for n, last in zip(numbers, FED[company.as_of], strict=False):
        company.connection.execute(
            "UPDATE ops.egress SET last_seen_on = ? WHERE destination = ?", [last, destination(n)]
        )
        planted.append(Planted("F42", "PRO-04", "A", "FAIL", provider(n), "ops.egress", destination(n)))
    return planted


def plant_f43(company: Company) -> list[Planted]:
    """One charter nobody signed; three actions past their day, of other providers."""
    charter, *late = [
        provider(n) for n in company.dice.shuffled("F43", "pick", range(ACTIVE + 1, LIVING + 1))[:4]
    ]  # fmt: skip
    company.connection.execute(
        "UPDATE docs.commitments SET signed_on = NULL, evidence_ref = NULL WHERE kind = 'charter' AND processor_id = ?",
        [charter],
    )
    planted = [Planted("F43", "PRO-05", "A", "FAIL", charter, "docs.commitments", charter)]
    for one in late:
        ((action,),) = company.ask(
            "SELECT min(commitment_id) FROM docs.commitments WHERE kind = 'action' AND processor_id = ?", [one]
        )
        company.connection.execute(
            "UPDATE docs.commitments SET due_on = ?, completed_on = NULL, evidence_ref = NULL WHERE commitment_id = ?",
            [OVERDUE_ON, action],
        )
        planted.append(Planted("F43", "PRO-05", "B", "FAIL", one, "docs.commitments", action))
    return planted


def plant_d18(company: Company) -> list[Planted]:
    """Every terminated provider has a flow that is older than its end; those of F42 go on in another one's story."""
    fed = company.dice.shuffled("F42", "pick", range(LIVING + 2, PROVIDERS + 1))[:2]
    return [
        Planted("D18", "PRO-04", "A", "PASS", provider(n), "ops.egress", destination(n))
        for n in range(LIVING + 1, PROVIDERS + 1)
        if n not in fed
    ]


def plant_d19(company: Company) -> list[Planted]:
    """A supplier of chairs: paid, and no personal data."""
    rows = company.ask("SELECT supplier_code FROM docs.supplier_ledger WHERE name = 'Chaises et tables'")
    return [Planted("D19", "PRO-01", "A", "PASS", code, "docs.supplier_ledger", code) for (code,) in rows]


def _unreviewed(company: Company, numbers: list[int]) -> None:
    company.connection.execute(
        "DELETE FROM docs.reviews WHERE list_contains(?, processor_id)", [[provider(n) for n in numbers]]
    )


def _reviewed(company: Company, number: int, last: date, months: int) -> None:
    """Move every review of one provider back, so that the last one is of `last`."""
    rows = company.ask(
        "SELECT review_id FROM docs.reviews WHERE processor_id = ? ORDER BY reviewed_on DESC", [provider(number)]
    )
    for n, (review,) in enumerate(rows):
        on = last - timedelta(days=400 * n)
        company.connection.execute(
            "UPDATE docs.reviews SET reviewed_on = ?, next_due_on = ? WHERE review_id = ?",
            [on, days.plus_months(on, months), review],
        )
