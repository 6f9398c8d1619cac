"""Faults and decoys of retention beyond the active base: what a job counts, runs that were missed, archives.

Source: docs/norm/rehearsal, F26, F29, F30, M06, D15.
"""

from __future__ import annotations

from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.desk import staff
from evidence_kit.edges.rehearsal.plantings import BEFORE_MOCK

OPENERS, TOO_OLD = 120, 60
#: Runs of the ticket rule that never took place; those after them caught up.
MISSED = ("2025-12", "2026-03")
MARKETING = (13, 14)


def plant_f26(company: Company) -> list[Planted]:
    """The job takes an opening for an act: 120 prospects stay who only ever opened, past three years at both cuts."""
    rows = company.ask(
        f"SELECT prospect_id FROM prod.prospects WHERE prospect_id > 500 AND collected_at <= {BEFORE_MOCK} "
        f"ORDER BY draw('F26', prospect_id, 'pick') LIMIT {OPENERS}"
    )
    keys = sorted(key for (key,) in rows)
    company.connection.execute(
        "UPDATE prod.prospects SET collected_at = moment('F26', prospect_id, 'collected', "
        "TIMESTAMP '2021-01-04 00:00:00', TIMESTAMP '2021-12-20 00:00:00'), last_click_at = CASE WHEN prospect_id % 2 "
        "= 0 THEN moment('F26', prospect_id, 'click', TIMESTAMP '2022-01-03 00:00:00', "
        "TIMESTAMP '2022-10-20 00:00:00') END, last_open_at = moment('F26', prospect_id, 'open', "
        f"TIMESTAMP '2025-07-02 00:00:00', {BEFORE_MOCK}) WHERE prospect_id IN ({', '.join(map(str, keys))})"
    )
    company.connection.execute("UPDATE ops.jobs SET start_event_used = 'last_open_at' WHERE rule_id = 'RR-12'")
    return [
        Planted("F26", "RET-03", "A", "FAIL", "RR-12", "ops.jobs", "RR-12"),
        *(Planted("F26", "RET-03", "B", "FAIL", "RR-12", "prod.prospects", str(key)) for key in keys),
    ]


def plant_f29(company: Company) -> list[Planted]:
    """Two accounts of marketing read the archive of contracts, and no ground is written."""
    for number, replaced in zip(MARKETING, (7, 8), strict=True):
        company.connection.execute(
            "UPDATE ops.grants SET principal = ?, department = 'marketing', justification_ref = NULL "
            "WHERE source = 'archive' AND object = 'contracts' AND principal = ?",
            [staff(number, company.dice), staff(replaced, company.dice)],
        )
    keys = [staff(number, company.dice) for number in MARKETING]
    return [Planted("F29", "RET-02", "C", "FAIL", "RR-11", "ops.grants", key) for key in keys]


def plant_f30(company: Company) -> list[Planted]:
    """Two runs of the ticket rule that the scheduler never began."""
    planted = []
    for month in MISSED:
        gone = company.connection.execute(
            "DELETE FROM ops.deletion_runs WHERE run_id = ? RETURNING rule_id", [f"RUN-09-{month}"]
        ).fetchall()
        planted += [
            Planted("F30", "RET-04", "A", "FAIL", f"{rule}/{month}-01", "ops.deletion_runs", f"RUN-09-{month}")
            for (rule,) in gone
        ]
    return planted


def plant_m06(company: Company) -> list[Planted]:
    """At the mock audit the archive still held invoices past their ten years; they were purged on 2026-03-31."""
    if company.as_of != "mock":
        return []
    first = 1 + company.ask("SELECT max(invoice_id) FROM archive.invoices")[0][0]
    company.connection.execute(
        "INSERT INTO archive.invoices SELECT invoice_id + $first - $least, account_id, name, email, address, "
        "vat_number, make_date(2014, month(issued_on), 1), DATE '2014-12-31' FROM archive.invoices "
        f"WHERE invoice_id < $least + {TOO_OLD}",
        {"first": first, "least": company.ask("SELECT min(invoice_id) FROM archive.invoices")[0][0]},
    )
    keys = [str(first + n) for n in range(TOO_OLD)]
    return [Planted("M06", "RET-02", "B", "FAIL", "RR-10", "archive.invoices", key) for key in keys]


def plant_d15(company: Company) -> list[Planted]:
    """Runs that deleted fewer rows than were eligible, the rest under the hold of D14."""
    rows = company.ask("SELECT run_id FROM ops.deletion_runs WHERE rows_excused > 0 ORDER BY run_id")
    return [Planted("D15", "RET-04", "C", "PASS", run, "ops.deletion_runs", run) for (run,) in rows]
