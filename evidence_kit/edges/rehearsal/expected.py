"""What the controls must find, from the list of planted rows and the tickets as made; never from what they find."""

from __future__ import annotations

from datetime import date

from evidence_kit.edges.rehearsal import days, desk, stores
from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.ops import MONTHS
from evidence_kit.edges.rehearsal.register_plantings import PERSONAL, UNKNOWN, filled
from evidence_kit.edges.rehearsal.tickets import CONTROLLER, Ticket

#: The controls whose faults are planted.
CONTROLS = (
    "REQ-01", "REQ-02", "REQ-03", "REQ-04", "REQ-05", "REQ-06", "REQ-07", "REQ-08", "ERA-01", "ERA-02", "ERA-03",
    "ERA-04", "ERA-05", "RET-01", "RET-02", "RET-03", "RET-04", "REG-01", "REG-02", "REG-03", "REG-04", "SND-01",
    "SND-02", "PRO-01", "PRO-02", "PRO-03", "PRO-04", "PRO-05", "COM-01", "COM-02", "TRC-01",
)  # fmt: skip
VERDICTS = ("FAIL", "INCONCLUSIVE", "ERROR")
#: The worst first: a unit has one verdict.
WORST = ("FAIL", "ERROR", "INCONCLUSIVE")
ACCESS = ("access", "portability")
READ_BY_PEOPLE = ("form", "email", "postal", "in_person", "account_page")
FORWARD_WORKING_DAYS = 5
#: Fields of templates that stand on a person.
OFFERED = "'email', 'first_name', 'last_name', 'city', 'birth_date', 'phone', 'postal_address'"
PROCESSOR = "IN ('processor', 'sub_processor')"
#: Hosts that receive personal data, and suppliers paid for treating some whose provider is known by no host.
DESTINATIONS = (
    "SELECT destination FROM ops.egress WHERE personal_data UNION SELECT supplier_code FROM docs.supplier_ledger s "
    "WHERE personal_data AND NOT EXISTS (SELECT 1 FROM ops.egress e WHERE e.processor_id = s.processor_id)"
)


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
    own = [ticket for ticket in counted if ticket.capacity == CONTROLLER]
    until = days.AS_OF[company.as_of]
    today = days.local_day(until)
    gone = len(stores.erased(company.tickets))
    linked = sum(ticket.message_at is not None for ticket in counted)
    unlogged = len({one.unit for one in company.planted if one.fault == "F12"})
    return {
        "REQ-01": sum(ticket.channel in READ_BY_PEOPLE for ticket in counted),
        "REQ-02": sum(not not_yet_due(ticket, today) for ticket in counted),
        "TRC-01": len(counted),
        "REQ-03": sum(ticket.ext_notified_at is not None for ticket in counted),
        "REQ-04": sum(ticket.channel != "unsubscribe_link" for ticket in own),
        "REQ-05": sum(ticket.right in ACCESS and ticket.answered_at is not None for ticket in own),
        "REQ-06": sum(ticket.right == "rectification" and ticket.outcome == "fulfilled" for ticket in own),
        "REQ-07": sum(ticket.outcome in ("refused", "partial") for ticket in own),
        "REQ-08": len({row["channel"] for row in desk.channels(until)}),
        **dict.fromkeys(("ERA-01", "ERA-03"), gone),
        "ERA-02": _count(company, "prod.suppression"),
        "ERA-04": _count(company, "ops.notices WHERE action = 'erasure'"),
        "ERA-05": _count(company, "ops.backups") + _count(company, "ops.restores"),
        "RET-01": _count(company, "docs.retention WHERE population <> 'prospect'"),
        "RET-02": _count(company, "docs.retention WHERE archive_object IS NOT NULL"),
        "RET-03": _count(company, "docs.retention WHERE population = 'prospect'"),
        # A run each month of the period and each rule, missed ones too.
        "RET-04": _count(company, "docs.retention") * sum(day <= today for day in MONTHS),
        # Personal columns that hold something, and those of which nobody can say.
        "REG-01": len(filled(company, PERSONAL)) + len(filled(company, UNKNOWN)),
        **dict.fromkeys(("REG-02", "REG-03"), _count(company, "docs.register WHERE status = 'active'")),
        "REG-04": _count(company, "docs.retention"),
        "SND-01": _count(company, f"prod.templates WHERE field_name IN ({OFFERED})"),
        "SND-02": _count(company, "prod.campaigns WHERE message_type = 'marketing'"),
        "PRO-01": _count(company, f"({DESTINATIONS})"),
        "PRO-02": _count(company, f"docs.processors WHERE status = 'active' AND relation {PROCESSOR}"),
        "PRO-03": _count(company, "docs.processors WHERE status IN ('active', 'charter', 'action_plan')"),
        "PRO-04": _count(company, "docs.processors WHERE status = 'terminated'"),
        "PRO-05": _count(company, "docs.processors WHERE status IN ('charter', 'action_plan')"),
        # Every number up to the last one given, kept or missing; every rights message; the extract of the log.
        "COM-01": max(ticket.seq for ticket in company.tickets) + linked + unlogged + 1,
        "COM-02": linked,
    }


def _count(company: Company, of: str) -> int:
    return int(company.ask(f"SELECT count(*) FROM {of}")[0][0])


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
