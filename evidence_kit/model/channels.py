"""The means offered: the channels by which people can ask, what a round of tests saw of each, and what it rests on.

Source: docs/norm/controls.md, REQ-08; docs/norm/frames.md, `channel_checks` and `channel_observations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

#: What a person sees and the kit does not: not known until somebody says it.
BY_PEOPLE = SENT, TICKET, EFFECT = "request-sent", "ticket-seen", "effect-seen"


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page on which a request is made. `languages`: the ISO 639 codes it is offered in; `login`: what is said of it.

    `login` None: nothing is said about whether the page asks for one.
    """

    url: str
    languages: tuple[str, ...] = ()
    login: bool | None = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address to which a request is written. `mx`: its domain's mail servers; None when nobody looked them up."""

    address: str
    mx: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Mailing:
    """A message as it was received, with its unsubscribe link. `file`: from the engagement file's folder."""

    file: str


Target: TypeAlias = WebPage | Mailbox | Mailing | None


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel offered. `channel`: a word of `channel_checks`; `target` None: no machine can try it."""

    id: str
    channel: str
    in_notice: bool
    target: Target


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing looked at. `outcome`: as it should be, not so, or not known; `detail`: a code, never a value."""

    check: str
    outcome: bool | None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What one visit to a channel gave; None is not known. `taken_effect_at`: of an unsubscription we asked for."""

    reachable: bool | None
    login_required: bool | None
    document_required: bool | None
    sights: tuple[Sight, ...]
    taken_effect_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of one channel's test. None: nothing is said; False: looked for, and not there."""

    sent_at: datetime | None = None
    ticket: datetime | Literal[False] | None = None
    effect: datetime | Literal[False] | None = None
