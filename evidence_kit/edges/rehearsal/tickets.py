"""What one ticket of the desk is: the columns that are kept, and what letters and messages about it will say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from evidence_kit.edges.rehearsal import days
from evidence_kit.edges.rehearsal.people import Person

CONTROLLER, PROCESSOR = "controller", "processor"


def printed(seq: int) -> str:
    """A ticket's number as the desk prints it."""
    return f"DSR-{seq:04d}"


@dataclass
class Ticket:
    """One ticket, columns of `desk.tickets` first, then what letters and messages about it will say.

    `message_at`: when the mail server took the first message; `extension_reasons`: whether the extension letter gives
    reasons; `lost`: its number is in no log; `tale`: the decoy it plays, kept out of every table.
    """

    person: Person
    account_id: int | None
    capacity: str
    right: str
    channel: str
    received_at: datetime
    seq: int = 0
    logged_at: datetime | None = None
    ack_at: datetime | None = None
    agent: int = 1
    auth_method: str = "known_address"
    id_asked_at: datetime | None = None
    id_received_at: datetime | None = None
    id_doubt: str | None = None
    id_doc_at: datetime | None = None
    id_copy_deleted_at: datetime | None = None
    clar_asked_at: datetime | None = None
    clar_received_at: datetime | None = None
    clar_ground: str | None = None
    ext_notified_at: datetime | None = None
    forwarded_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = "fulfilled"
    status: str = "closed"
    void_reason: str | None = None
    message_at: datetime | None = None
    extension_reasons: bool = True
    lost: bool = False
    tale: str = field(default="")

    @property
    def request_id(self) -> str:
        """Identifier as the desk prints it."""
        return printed(self.seq)

    @property
    def received_on(self) -> date:
        """Local day of receipt as logged."""
        return days.local_day(self.received_at)

    @property
    def due_on(self) -> date:
        """First due day, from the receipt as logged, without pause or extension."""
        return days.due(self.received_on)
