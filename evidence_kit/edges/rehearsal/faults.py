"""What is planted in the company, and where: one entry per fault. The list of planted rows never enters a source.

A fault of the desk chooses tickets and edits their story before anything is written from it; a fault of the tables
changes rows afterwards, in SQL; one that does both finds its tickets in the list of what was planted. Every choice is
made for every fault, selected or not, so that planting one alone gives the same rows as planting all. To add one, write
its function and append one entry to FAULTS: earlier choices stay.
Source: docs/norm/rehearsal, "Planted faults", "Interplay that the generator must respect".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from evidence_kit.edges.rehearsal import (
    days,
    erasure_plantings,
    provider_plantings,
    record_plantings,
    register_plantings,
    retention_plantings,
    sending_plantings,
    trail_plantings,
)
from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.plantings import plant_d14, plant_f27, plant_f28, plant_f31, plant_f36
from evidence_kit.edges.rehearsal.request_plantings import plant_f07, plant_f08, plant_f09, plant_f10, plant_f12
from evidence_kit.edges.rehearsal.tickets import CONTROLLER, PROCESSOR, Ticket

#: Received days of cases that are over before the mock audit, and of cases that begin after it.
EARLY = (date(2025, 7, 1), date(2025, 10, 31))
LATE = (date(2026, 2, 2), date(2026, 4, 15))
#: Where the fault delays no answer, a case may begin later: as long as a question is answered before the cut, or to the
#: end of the period where nothing is asked.
ASKED_UNTIL, END = date(2026, 5, 24), date(2026, 6, 30)
WRITTEN = ("email", "form")
#: Channels by which a controller's erasures come.
AT_HOME = (*WRITTEN, "account_page", "postal", "in_person")
#: Days of receipt that leave time to answer in the last days of January.
BEFORE_RESTORE = (date(2025, 12, 23), date(2026, 1, 27))


@dataclass(frozen=True, slots=True)
class Choice:
    """So many tickets of one kind, by the days they were received; `late_until`: last day of the late ones.

    `outcome`: how they ended, where that counts. `questioned`: those where the person was asked something may be taken.
    `between`: other days for the late ones, where a fault has days of its own.
    """

    early: int
    late: int
    rights: tuple[str, ...]
    capacity: str
    channels: tuple[str, ...] = WRITTEN
    tale: str = ""
    outcome: str = ""
    late_until: date = LATE[1]
    questioned: bool = False
    between: tuple[date, date] | None = None

    @property
    def windows(self) -> tuple[tuple[int, date, date], ...]:
        """How many, received from which day to which, early before late."""
        return (self.early, *EARLY), (self.late, *(self.between or (LATE[0], self.late_until)))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a planted row must make a control say. `attribute`: the letter of the control."""

    control: str
    attribute: str
    verdict: str
    table: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault: `choices`, an `edit` of the n-th ticket chosen and its `claims`; `plant`, for tables."""

    id: str
    choices: tuple[Choice, ...] = ()
    edit: Callable[[Ticket, int], None] | None = None
    claims: tuple[Claim, ...] = ()
    plant: Callable[[Company], list[Planted]] | None = None


def _answer(ticket: Ticket, day: date) -> None:
    ticket.answered_at = days.at(day, 11, 20)
    ticket.closed_at = ticket.answered_at + timedelta(minutes=12)


def _f01(ticket: Ticket, n: int) -> None:
    """Answered 1 to 40 days after the due day; the fifth, an objection, closed without any answer."""
    if n < 4:
        return _answer(ticket, ticket.due_on + timedelta(days=(1, 22, 9, 40)[n]))
    ticket.answered_at, ticket.outcome = None, "none"
    ticket.closed_at = days.at(ticket.received_on + timedelta(days=21), 16, 40)
    return None


def _f02(ticket: Ticket, n: int) -> None:
    """The extension is told after the first month; the answer comes in month two."""
    ticket.ext_notified_at = days.at(ticket.due_on + timedelta(days=4 + n), 10, 30)
    _answer(ticket, days.rolled(ticket.due_on + timedelta(days=18)))


def _f03(ticket: Ticket, n: int) -> None:
    """The extension is told in time and says no reason; the answer comes in month two."""
    ticket.extension_reasons = False
    _answer(ticket, days.rolled(ticket.due_on + timedelta(days=18)))


def _f04(ticket: Ticket, n: int) -> None:
    """A question of identity on day 3, answered on day 15, and no doubt written: late, or in time by the pause."""
    ticket.id_asked_at = days.at(ticket.received_on + timedelta(days=3), 10, 15)
    ticket.id_received_at = days.at(ticket.received_on + timedelta(days=15), 17, 0)
    ticket.id_doubt, ticket.auth_method = None, "other"
    _answer(ticket, ticket.due_on + timedelta(days=4 + n))


def _f05(ticket: Ticket, n: int) -> None:
    """The person is told to ask the client; the client never hears of it."""
    ticket.forwarded_at, ticket.outcome = None, "refused"


def _f06(ticket: Ticket, n: int) -> None:
    """A card demanded on day 2 of somebody logged in, for a doubt that is written; its copy is gone on day 6."""
    asked = days.at(ticket.received_on + timedelta(days=2), 10, 5)
    ticket.id_asked_at, ticket.id_received_at = asked, asked + timedelta(days=3, hours=5)
    ticket.id_doubt, ticket.id_doc_at = "address-unknown-to-us", ticket.id_received_at
    ticket.id_copy_deleted_at = ticket.id_received_at + timedelta(days=1)
    _answer(ticket, days.rolled(ticket.received_on + timedelta(days=18)))


def _f11(ticket: Ticket, n: int) -> None:
    """No acknowledgement."""
    ticket.ack_at = None


def _f13(ticket: Ticket, n: int) -> None:
    """The void ticket is in no log."""
    ticket.lost = True


def _f14(ticket: Ticket, n: int) -> None:
    """Receipt typed 6 and 9 days after the message: the answer is on time by the log, late in truth."""
    late = timedelta(days=(6, 9)[n])
    ticket.received_at += late
    ticket.logged_at = ticket.logged_at + late if ticket.logged_at else None
    ticket.ack_at = ticket.ack_at + late if ticket.ack_at else None
    _answer(ticket, ticket.due_on)


def _f22(ticket: Ticket, n: int) -> None:
    """Erased between the backup of 2026-01-20 and the search of 2026-01-31."""
    day = max(date(2026, 1, 21) + timedelta(days=n), ticket.received_on + timedelta(days=1))
    _answer(ticket, days.rolled(day))


FAULTS: tuple[Fault, ...] = (
    Fault("F01", (Choice(2, 2, ("access",), CONTROLLER), Choice(0, 1, ("objection",), CONTROLLER, ("email",))), _f01,
          (Claim("REQ-02", "B", "FAIL", "desk.tickets"),)),
    Fault("F02", (Choice(1, 1, ("access",), CONTROLLER, tale="extended"),), _f02,
          (Claim("REQ-03", "A", "FAIL", "desk.tickets"), Claim("REQ-02", "B", "FAIL", "desk.tickets"))),
    Fault("F03", (Choice(0, 1, ("access",), CONTROLLER, tale="extended"),), _f03,
          (Claim("REQ-03", "B", "FAIL", "desk.replies"), Claim("REQ-02", "B", "FAIL", "desk.replies"))),
    Fault("F04", (Choice(1, 1, ("access",), CONTROLLER),), _f04,
          (Claim("REQ-02", "B", "INCONCLUSIVE", "desk.tickets"), Claim("REQ-04", "B", "FAIL", "desk.tickets"))),
    Fault("F05", (Choice(1, 2, ("access", "objection"), PROCESSOR),), _f05,
          (Claim("REQ-02", "D", "FAIL", "desk.tickets"),)),
    Fault("F11", (Choice(4, 5, ("erasure", "rectification"), PROCESSOR),), _f11,
          (Claim("REQ-01", "A", "FAIL", "desk.ticket_events"),)),
    Fault("F14", (Choice(1, 1, ("objection",), CONTROLLER, ("email",)),), _f14,
          (Claim("COM-02", "A", "FAIL", "desk.tickets"), Claim("REQ-02", "B", "FAIL", "desk.tickets"))),
    Fault("F27", plant=plant_f27),
    Fault("F28", plant=plant_f28),
    Fault("F31", plant=plant_f31),
    Fault("F36", plant=plant_f36),
    Fault("F06", (Choice(2, 2, ("access", "portability", "erasure"), CONTROLLER, ("account_page",),
                         outcome="fulfilled", late_until=ASKED_UNTIL, questioned=True),), _f06,
          (Claim("REQ-04", "A", "FAIL", "desk.tickets"),)),
    Fault("F07", (Choice(1, 2, ("access",), CONTROLLER, outcome="fulfilled"),),
          claims=(Claim("REQ-05", "A", "FAIL", "lake.analytics_events"),), plant=plant_f07),
    Fault("F08", (Choice(1, 1, ("rectification",), CONTROLLER),),
          claims=(Claim("REQ-06", "A", "FAIL", "crm.people"),), plant=plant_f08),
    Fault("F09", (Choice(1, 1, ("erasure",), CONTROLLER, (*WRITTEN, "account_page", "postal", "in_person"),
                         outcome="refused", late_until=END, questioned=True),),
          claims=(Claim("REQ-07", "C", "FAIL", "desk.replies"), Claim("REQ-07", "D", "FAIL", "desk.replies")),
          plant=plant_f09),
    Fault("F10", plant=plant_f10),
    Fault("F12", plant=plant_f12),
    Fault("F13", (Choice(1, 1, ("unknown",), CONTROLLER, tale="spare", late_until=END),), _f13,
          (Claim("COM-01", "A", "FAIL", "desk.tickets"),)),
    Fault("F22", (Choice(0, 3, ("erasure",), CONTROLLER, (*WRITTEN, "account_page"), outcome="fulfilled",
                         between=BEFORE_RESTORE),), _f22, plant=erasure_plantings.plant_f22),
    Fault("F15", (Choice(3, 4, ("erasure",), CONTROLLER, AT_HOME, outcome="fulfilled", late_until=ASKED_UNTIL,
                         questioned=True),), plant=erasure_plantings.plant_f15),
    Fault("F16", (Choice(1, 1, ("erasure",), CONTROLLER, AT_HOME, outcome="fulfilled", late_until=ASKED_UNTIL,
                         questioned=True),), plant=erasure_plantings.plant_f16),
    Fault("F17", (Choice(4, 0, ("erasure",), PROCESSOR),), plant=erasure_plantings.plant_f17),
    Fault("F18", (Choice(1, 0, ("erasure",), CONTROLLER, AT_HOME, outcome="fulfilled", questioned=True),),
          plant=erasure_plantings.plant_f18),
    Fault("F19", plant=record_plantings.plant_f19),
    Fault("F20", plant=record_plantings.plant_f20),
    Fault("F21", (Choice(2, 3, ("erasure",), PROCESSOR),), plant=erasure_plantings.plant_f21),
    Fault("F23", (Choice(2, 2, ("erasure",), PROCESSOR),), plant=record_plantings.plant_f23),
    Fault("F24", (Choice(0, 1, ("erasure",), PROCESSOR),), plant=record_plantings.plant_f24),
    Fault("F25", plant=record_plantings.plant_f25),
    Fault("F26", plant=retention_plantings.plant_f26),
    Fault("F29", plant=retention_plantings.plant_f29),
    Fault("F30", plant=retention_plantings.plant_f30),
    Fault("M05", plant=record_plantings.plant_m05),
    Fault("M06", plant=retention_plantings.plant_m06),
    Fault("F32", plant=register_plantings.plant_f32),
    Fault("F33", plant=register_plantings.plant_f33),
    Fault("F34", plant=register_plantings.plant_f34),
    Fault("F35", plant=register_plantings.plant_f35),
    Fault("F37", plant=sending_plantings.plant_f37),
    Fault("F38", plant=sending_plantings.plant_f38),
    Fault("F39", plant=provider_plantings.plant_f39),
    Fault("F40", plant=provider_plantings.plant_f40),
    Fault("F41", plant=provider_plantings.plant_f41),
    Fault("F42", plant=provider_plantings.plant_f42),
    Fault("F43", plant=provider_plantings.plant_f43),
    Fault("M01", plant=register_plantings.plant_m01),
    Fault("M02", plant=register_plantings.plant_m02),
    Fault("M03", plant=provider_plantings.plant_m03),
    Fault("M04", plant=provider_plantings.plant_m04),
    Fault("F44", (Choice(1, 2, ("erasure",), PROCESSOR),), plant=trail_plantings.plant_f44),
    Fault("F45", (Choice(0, 1, ("objection",), CONTROLLER, late_until=ASKED_UNTIL, questioned=True),),
          plant=trail_plantings.plant_f45),
)  # fmt: skip


#: What looks like a fault and is none, with tickets of its own where it needs some: part of every company.
DECOYS: tuple[Fault, ...] = (
    Fault("D14", plant=plant_d14),
    Fault("D09", (Choice(1, 0, ("erasure",), CONTROLLER, AT_HOME, outcome="partial", questioned=True),),
          plant=erasure_plantings.plant_d09),
    Fault("D10", (Choice(1, 0, ("erasure",), CONTROLLER, AT_HOME, outcome="fulfilled", questioned=True),),
          plant=erasure_plantings.plant_d10),
    Fault("D11", (Choice(2, 0, ("erasure",), PROCESSOR),), plant=erasure_plantings.plant_d11),
    Fault("D12", plant=record_plantings.plant_d12),
    Fault("D13", (Choice(0, 1, ("erasure",), PROCESSOR, between=(date(2025, 11, 5), date(2025, 12, 20))),),
          plant=record_plantings.plant_d13),
    Fault("D15", plant=retention_plantings.plant_d15),
    Fault("D16", plant=register_plantings.plant_d16),
    Fault("D17", plant=sending_plantings.plant_d17),
    Fault("D18", plant=provider_plantings.plant_d18),
    Fault("D19", plant=provider_plantings.plant_d19),
    Fault("D20", plant=trail_plantings.plant_d20),
)  # fmt: skip


#: How a knob begins that names what is not planted.
ALL_BUT = "all but "


def selected(knob: str) -> tuple[Fault, ...]:
    """The faults named by the knob `none`, `all`, `F01,F07`, or `all but F19,F20`: the company that mended these.

    Raises ValueError for an id that does not exist.
    """
    if knob in ("none", "all"):
        return FAULTS if knob == "all" else ()
    mended = knob.startswith(ALL_BUT)
    named = [part.strip() for part in knob.removeprefix(ALL_BUT).split(",")]
    here = {fault.id for fault in FAULTS}
    for one in named:
        if one not in here:
            raise ValueError(
                f"faults: {one!r} is no fault of the company; write none, all, ids such as F01,F27, or all but F01,F27."
            )
    return tuple(fault for fault in FAULTS if (fault.id in named) is not mended)


def plant_on_tickets(company: Company, faults: Sequence[Fault]) -> None:
    """Edit the tickets that the selected faults choose; note each of them."""
    taken: set[int] = set()
    for fault in (*FAULTS, *DECOYS):
        company.chosen[fault.id] = list(_chosen(company, fault, taken))
        for n, ticket in enumerate(company.chosen[fault.id]):
            if fault not in faults:
                continue
            if fault.edit is not None:
                fault.edit(ticket, n)
            company.planted += [
                Planted(fault.id, c.control, c.attribute, c.verdict, ticket.request_id, c.table, ticket.request_id)
                for c in fault.claims
            ]


def plant_on_tables(company: Company, faults: Sequence[Fault]) -> None:
    """Change the rows of the selected faults in the tables; note each of them."""
    for fault in faults:
        if fault.plant is not None:
            company.planted += fault.plant(company)


def plant_decoys(company: Company) -> None:
    """Change the rows of what looks like a fault in a table and is none; note each of them."""
    plant_on_tables(company, DECOYS)


def keep_existing(company: Company) -> None:
    """Forget what was planted on tickets that the cut took away."""
    numbers = {ticket.request_id for ticket in company.tickets}
    company.planted = [one for one in company.planted if one.unit in numbers]


def _chosen(company: Company, fault: Fault, taken: set[int]) -> Iterator[Ticket]:
    """The tickets of one fault: early before late, choice by choice, none of them chosen before."""
    for choice in fault.choices:
        for count, start, end in choice.windows:
            fit = [t for t in company.tickets if start <= t.received_on <= end and _fits(t, choice, taken)]
            drawn = company.dice.shuffled(fault.id, "pick", [t.seq for t in fit])[:count]
            if len(drawn) < count:
                raise ValueError(
                    f"{fault.id}: seed {company.seed} offers {len(drawn)} tickets where {count} are needed."
                )
            taken.update(drawn)
            yield from sorted((t for t in fit if t.seq in drawn), key=lambda t: drawn.index(t.seq))


def _fits(ticket: Ticket, choice: Choice, taken: set[int]) -> bool:
    return (
        ticket.seq not in taken
        and ticket.tale == choice.tale
        and ticket.right in choice.rights
        and ticket.capacity == choice.capacity
        and ticket.channel in choice.channels
        and choice.outcome in ("", ticket.outcome)
        and (choice.questioned or (ticket.id_asked_at is None and ticket.clar_asked_at is None))
    )
