"""A page on which a request is made: does it answer, over TLS, with a form, in the languages said, without a login."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from evidence_kit.edges.channels import client, content
from evidence_kit.edges.channels.client import Visit
from evidence_kit.model.channels import Look, Sight, WebPage

#: Answers that concern this client or this moment: a person may well be served. Nothing follows from them.
#: 403 forbidden to us, 408 too slow, 425 too early, 429 too often, 503 for the moment, 511 a network asks to sign in.
NOT_TELLING = frozenset({403, 408, 425, 429, 503, 511})
LOGIN_ASKED = 401


def look(target: WebPage, needs_form: bool, now: datetime, patience: float = client.PATIENCE) -> Look:
    """Visit the page once. `needs_form`: the channel is a form, so that a page without one cannot be used.

    `patience`: seconds for the visit, and again for reading the page. Raises ParameterError when SSL_CERT_FILE cannot
    be used.
    """
    visit = client.get(target.url, patience)
    answered = status(visit)
    road = (*_road(target.url, visit, now), answered)
    if answered.outcome:
        return content.judge(target, needs_form, visit, road, patience)
    if answered.detail == f"http-{LOGIN_ASKED}":
        return Look(None, True, None, (*road, *content.login_sights(target, True, answered.detail)))
    return Look(answered.outcome, None, None, road)


def status(visit: Visit) -> Sight:
    """Whether the last answer was a success; None where the answer, or its absence, says nothing of the channel."""
    if visit.failure is not None:
        return Sight("status", None, visit.failure)
    last = visit.steps[-1].status
    told = last not in NOT_TELLING and last != LOGIN_ASKED
    return Sight("status", 200 <= last < 300 if told else None, f"http-{last}")


def _road(url: str, visit: Visit, now: datetime) -> Iterator[Sight]:
    """What was met on the way: redirects, encryption, how long the last certificate still holds."""
    if visit.steps:
        hops = [f"{step.status} {step.origin}" for step in visit.steps]
        yield Sight("redirects", len(hops) <= client.MOST_REDIRECTS + 1, ", ".join(hops))
    if url.startswith("http:") or any(step.tls is None for step in visit.steps):
        yield Sight("tls", False, "no-tls")
    elif visit.failure is not None:
        yield Sight("tls", None, visit.failure)
    else:
        yield Sight("tls", True, visit.steps[-1].tls)
    if visit.failure in client.WRONG_CERTIFICATES.values():
        yield Sight("certificate", False, visit.failure)
    elif visit.steps and (ends := visit.steps[-1].expires_at):
        yield Sight("certificate", ends > now, f"days-left-{(ends - now).days}")
