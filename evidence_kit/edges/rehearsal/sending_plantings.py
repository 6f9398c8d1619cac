"""Faults and decoys of the sendings: fields nobody uses, letters to people who had said stop.

Whoever unsubscribed is written to no more, so each letter of a fault or decoy goes to somebody who unsubscribed: the
first contact of an account, whose number in the list of those who did is that of the account. Each account serves once.
A day that moves stays on its side of the mock audit, and the list of those not to be written to moves with it: what
other faults choose there stays the same. Source: docs/norm/rehearsal, F37, F38, D17.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence_kit.edges.rehearsal.company import Company, Planted
from evidence_kit.edges.rehearsal.plantings import BEFORE_MOCK

UNUSED = ("birth_date", "phone", "postal_address")
#: Messages of each campaign, and days since the unsubscribe: the first before the mock audit, the others after it.
LATE = ((3, 3), (3, 30), (3, 11), (2, 19))
#: Inside the delay that is agreed with the auditor, 48 hours.
WITHIN = timedelta(hours=20)
EARLY = f"sent_at < {BEFORE_MOCK} - INTERVAL 1 DAY AND unsubscribed_on(account_id) < {BEFORE_MOCK}"
AFTER = f"sent_at > {BEFORE_MOCK} + INTERVAL 35 DAY AND unsubscribed_on(account_id) > {BEFORE_MOCK}"


@dataclass(frozen=True, slots=True)
class Stop:
    """The one who unsubscribed from an account, by the account's number, and a campaign of that account."""

    account: int
    campaign: int


def plant_f37(company: Company) -> list[Planted]:
    """Three fields of the company's own letters that no letter uses."""
    rows = company.ask(
        "UPDATE prod.templates SET used_in = 'unused' WHERE account_id IS NULL AND list_contains(?, field_name) "
        "RETURNING template_id, field_name", [list(UNUSED)]
    )  # fmt: skip
    return [
        Planted("F37", "SND-01", "A", "FAIL", f"{key}/{field}", "prod.templates", str(key))
        for key, field in sorted(rows)
    ]


def plant_f38(company: Company) -> list[Planted]:
    """Eleven letters of four campaigns, 3 to 30 days after their reader had unsubscribed; three at the mock audit."""
    stops = [_letters(company, EARLY, 1)[0], *(_letters(company, AFTER, 3) if company.as_of == "real" else ())]
    planted = []
    for stop, (count, wait) in zip(stops, LATE, strict=False):
        messages = _messages(company, stop, count)
        _unsubscribe(company, stop, messages[0][1] - timedelta(days=wait))
        planted += [_readdress(company, "F38", "FAIL", stop, message) for message, _ in messages]
    return planted


def plant_d17(company: Company) -> list[Planted]:
    """An invoice to somebody who unsubscribed; and a letter 20 hours after the unsubscribe, inside the 48."""
    letters = _letters(company, EARLY, 2)
    bill = _stops(company, f"message_type = 'transactional' AND {EARLY} AND unsubscribed_on(account_id) < sent_at", 1)
    invoice = next(stop for stop in bill if stop.account not in {letter.account for letter in letters})
    ((sent, at),) = _messages(company, letters[1], 1)
    ((billed, _),) = _messages(company, invoice, 1)
    _unsubscribe(company, letters[1], at - WITHIN)
    return [_readdress(company, "D17", "PASS", invoice, billed), _readdress(company, "D17", "PASS", letters[1], sent)]


def _letters(company: Company, where: str, count: int) -> list[Stop]:
    """`count` campaigns of marketing, each with letters enough for any of LATE."""
    found = _stops(company, f"message_type = 'marketing' AND {where}", max(n for n, _ in LATE))
    if len(found) < count:
        raise ValueError(f"F38: {len(found)} campaigns to choose from, {count} are needed; raise contacts.")
    return found[:count]


def _stops(company: Company, where: str, messages: int) -> list[Stop]:
    """Campaigns of clients since August 2025 with so many letters, in the order of their draws, one an account."""
    rows = company.ask(
        "SELECT account_id, campaign_id FROM prod.campaigns JOIN (SELECT campaign_id, count(recipient_email) AS "
        "letters FROM prod.messages GROUP BY 1) USING (campaign_id) WHERE account_id IS NOT NULL "
        f"AND sent_at >= TIMESTAMP '2025-08-01 00:00:00' AND letters >= {messages} AND {where} "
        "ORDER BY draw('F38', campaign_id, 'pick'), campaign_id"
    )
    first: dict[int, int] = {}
    for account, campaign in rows:
        first.setdefault(account, campaign)
    return [Stop(account, campaign) for account, campaign in first.items()]


def _messages(company: Company, stop: Stop, count: int) -> list[tuple[int, datetime]]:
    """The first `count` letters of one campaign, and when they left."""
    return [(key, at) for key, at in company.ask(
        "SELECT message_id, sent_at FROM prod.messages WHERE campaign_id = ? AND recipient_email IS NOT NULL "
        f"ORDER BY sent_at, message_id LIMIT {count}", [stop.campaign]
    )]  # fmt: skip


def _unsubscribe(company: Company, stop: Stop, at: datetime) -> None:
    for table, key, column in (
        ("unsubscribes", "unsub_id", "unsubscribed_at"),
        ("suppression", "entry_id", "added_at"),
    ):
        company.connection.execute(f"UPDATE prod.{table} SET {column} = ? WHERE {key} = ?", [at, stop.account])


def _readdress(company: Company, fault: str, verdict: str, stop: Stop, message: int) -> Planted:
    """Send one letter, and what it left behind, to the one who unsubscribed."""
    company.connection.execute(
        "UPDATE prod.messages SET recipient_email = email_of('contacts', ?) WHERE message_id = ?",
        [stop.account, message],
    )
    for trace in ("events", "click_logs", "bounces"):
        company.connection.execute(
            f"UPDATE prod.{trace} SET email = email_of('contacts', ?) WHERE message_id = ?", [stop.account, message]
        )
    return Planted(fault, "SND-02", "A", verdict, str(stop.campaign), "prod.messages", str(message))
