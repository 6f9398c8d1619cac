"""What the controls must find, from the list of planted rows and the tickets as made; never from what they find."""

from __future__ import annotations

from datetime import date

from evidence_kit.edges.rehearsal import days
from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.tickets import CONTROLLER, Ticket

#: The controls whose faults are planted.
CONTROLS = ("REQ-01", "REQ-02", "REQ-03", "RET-01")
VERDICTS = ("FAIL", "INCONCLUSIVE", "ERROR")
#: The worst first: a unit has one verdict.
WORST = ("FAIL", "ERROR", "INCONCLUSIVE")
READ_BY_PEOPLE = ("form", "email", "postal", "in_person", "account_page")
FORWARD_WORKING_DAYS = 5


def expected(company: Company) -> dict[str, dict[str, int]]:
    """Units, FAIL, INCONCLUSIVE and ERROR of each control, counted in units."""
    units = _units(company)
    return {
        control: {"units": units[control], **_counts([one for one in company.planted if one.control == control])}
        for control in CONTROLS
    }


def _counts(planted: list[Planted]) -> dict[str, int]:
    worst: dict[str, str] = {}
    for one in planted:
        if one.verdict in WORST:
            worst[one.unit] = min(one.verdict, worst.get(one.unit, one.verdict), key=WORST.index)
    return {verdict: sum(1 for found in worst.values() if found == verdict) for verdict in VERDICTS}


def _units(company: Company) -> dict[str, int]:
    counted = [ticket for ticket in company.tickets if ticket.status != "void"]
    today = days.local_day(days.AS_OF[company.as_of])
    rules = company.ask("SELECT count(*) FROM docs.retention WHERE population <> 'prospect'")
    return {
        "REQ-01": sum(ticket.channel in READ_BY_PEOPLE for ticket in counted),
        "REQ-02": sum(not not_yet_due(ticket, today) for ticket in counted),
        "REQ-03": sum(ticket.ext_notified_at is not None for ticket in counted),
        "RET-01": int(rules[0][0]),
    }


def not_yet_due(ticket: Ticket, today: date) -> bool:
    """Whether nothing has been answered (or forwarded) and the last day for it is `today` or later."""
    if ticket.capacity != CONTROLLER:
        last = days.plus_working(ticket.received_on, FORWARD_WORKING_DAYS)
        return ticket.forwarded_at is None and last >= today
    if ticket.answered_at is not None:
        return False
    told = ticket.ext_notified_at
    extended = told is not None and ticket.extension_reasons and days.local_day(told) <= ticket.due_on
    return days.due(ticket.received_on, 3 if extended else 1) >= today
