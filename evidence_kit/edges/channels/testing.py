"""A round of tests: every channel looked at once, and its lines as the two frames have them; or what people add later.

Source: docs/norm/frames.md, `channel_checks` and `channel_observations`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evidence_kit.edges.channels import mailbox, unsubscribe, website
from evidence_kit.edges.channels.rounds import Row
from evidence_kit.model.channels import EFFECT, SENT, TICKET, Channel, Look, Mailbox, Mailing, Sight, Told, WebPage


def look(channel: Channel, folder: Path, send: bool, now: Callable[[], datetime]) -> Look:
    """Try one channel. `folder`: where the engagement's messages lie; `send`: one-click unsubscription is really asked.

    Raises ParameterError for a message that cannot be read.
    """
    match channel.target:
        case WebPage():
            return website.look(channel.target, channel.channel == "form", now())
        case Mailbox():
            return mailbox.look(channel.target)
        case Mailing():
            return unsubscribe.look(folder / channel.target.file, send, now)
        case None:
            return Look(None, None, None, (Sight("tried", None, "by-people-only"),))


def lines(channel: Channel, round_: int, tested_at: datetime, found: Look) -> tuple[Row, list[Row]]:
    """The check of one channel and its observations, as they are written."""
    done = found.taken_effect_at
    sent = Sight(SENT, True if done else None, "one-click" if done else "not-yet")
    seen = (
        Sight(TICKET, None, "nobody-looked"),
        Sight(EFFECT, True if done else None, None if done else "nobody-looked"),
    )
    check = {
        "channel_id": channel.id,
        "channel": channel.channel,
        "round": round_,
        "in_notice": channel.in_notice,
        "tested_at": written(tested_at),
        "reachable": found.reachable,
        "login_required": found.login_required,
        "document_required": found.document_required,
        "test_marker": f"ek-{round_}-{channel.id}",
        "ticket_created_at": None,
        "effective_at": None if done is None else written(done),
    }
    return check, _observations(check, (*found.sights, sent, *seen), tested_at)


def completed(check: Row, told: Told, now: datetime) -> tuple[Row, list[Row]]:
    """The check again with what a person says of it; the test then is the request that this person sent.

    A ticket or an effect shows that the channel was reached; where the kit found it broken, that stays.
    """
    changed: dict[str, Any] = dict(check)
    sights = []
    if told.sent_at is not None:
        changed["tested_at"] = written(told.sent_at)
        sights.append(Sight(SENT, True, "by-a-person"))
    for name, column, value in ((TICKET, "ticket_created_at", told.ticket), (EFFECT, "effective_at", told.effect)):
        if value is not None:
            there = isinstance(value, datetime)
            changed[column] = written(value) if isinstance(value, datetime) else None
            sights.append(Sight(name, there, "by-a-person"))
            if there and changed["reachable"] is None:
                changed["reachable"] = True
    return changed, _observations(check, sights, now)


def written(moment: datetime) -> str:
    """An instant in UTC and whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _observations(check: Mapping[str, Any], sights: Sequence[Sight], observed_at: datetime) -> list[Row]:
    place = {"channel_id": check["channel_id"], "round": check["round"], "observed_at": written(observed_at)}
    return [{**place, "check": one.check, "outcome": one.outcome, "detail": one.detail} for one in sights]
