"""Test of REQ-08: the channels offered work. One unit is one channel; its last round of tests counts.

Source: docs/norm/controls, REQ-08; GDPR art. 12(2), 21(2) to (4), 7(3); RFC 8058.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from evidence_kit.model.channels import EFFECT, SENT, TICKET
from evidence_kit.model.deadline import WorkingDays
from evidence_kit.model.outcome import Answer, Mark, Outcome, Test
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.requests import judge_between
from evidence_kit.rules.rows import Rows, missing, not_asked

LINK = "unsubscribe_link"


def offered_works(rows: Rows, terms: Terms) -> Test:
    """REQ-08: the channel answers, a marked request becomes a ticket in time, and nothing stands in the way."""
    unit = rows["channel_units"][0]
    checks = sorted(rows.get("channel_checks", ()), key=lambda row: int(str(row["round"])))
    if not checks:
        return Test(missing("ABCD", "channel-not-tested"))
    last = checks[-1]
    seen = [row for row in rows.get("channel_observations", ()) if row["round"] == last["round"]]
    flags = ("channel-not-in-notice",) if unit["in_notice"] is False else ()
    said = {str(row["check"]): row["outcome"] for row in seen}
    looked = {check: said.get(SENT, True) is True and said.get(check, False) is not None for check in (TICKET, EFFECT)}
    answers = (
        _reachable(last),
        _ticket(last, terms, looked[TICKET]),
        _no_hurdle(last),
        _effect(last, terms, looked[EFFECT]),
    )
    return Test(answers, flags)


def _reachable(last: Row) -> Answer:
    marks = {
        True: Answer("A", Mark.PASS),
        False: Answer("A", Mark.FAIL, "channel-not-reachable"),
        None: Answer("A", Mark.MISSING, "channel-not-tried"),
    }
    return marks[last["reachable"]]  # type: ignore[index]


def _ticket(last: Row, terms: Terms, looked: bool) -> Answer:
    """A ticket within `channel_working_days` of the test; for an unsubscribe link its effect will do.

    `looked`: a marked request was sent and somebody looked for its ticket, as tests made by people always say.
    """
    if last["channel"] == LINK and last["effective_at"] is not None:
        return Answer("B", Mark.PASS)
    if last["ticket_created_at"] is None and not looked:
        return Answer("B", Mark.MISSING, "channel-not-tried")
    limit = WorkingDays(terms.parameters["channel_working_days"])
    found = judge_between(last["tested_at"], last["ticket_created_at"], terms, limit)
    if found.verdict is Outcome.PASS:
        return Answer("B", Mark.PASS)
    reasons = {"open-past-due": "no-ticket", "answered-late": "ticket-late", "open-not-yet-due": "waiting-time-running"}
    mark = {Outcome.FAIL: Mark.FAIL, Outcome.INCONCLUSIVE: Mark.MISSING}.get(found.verdict, Mark.ERROR)
    return Answer("B", mark, reasons.get(found.reason, found.reason))


def _no_hurdle(last: Row) -> Answer:
    """To stop a mailing nobody has to log in, and nobody has to show a paper. Source: GDPR art. 21(2) to (4), 7(3)."""
    if last["channel"] != LINK:
        return not_asked("C")
    if last["login_required"] is True:
        return Answer("C", Mark.FAIL, "login-required")
    if last["document_required"] is True:
        return Answer("C", Mark.FAIL, "document-required")
    if None in (last["login_required"], last["document_required"]):
        return Answer("C", Mark.MISSING, "channel-not-tried")
    return Answer("C", Mark.PASS)


def _effect(last: Row, terms: Terms, looked: bool) -> Answer:
    """The person is off the list within `stop_grace_hours`: a yardstick of mailbox providers, not law."""
    if last["channel"] != LINK:
        return not_asked("D")
    if last["effective_at"] is None and not looked:
        return Answer("D", Mark.MISSING, "channel-not-tried")
    limit = _instant(last["tested_at"]) + timedelta(hours=terms.parameters["stop_grace_hours"])
    if last["effective_at"] is not None:
        in_time = _instant(last["effective_at"]) <= limit
        return Answer("D", Mark.PASS) if in_time else Answer("D", Mark.FAIL, "effect-late")
    waiting = _instant(terms.as_of) <= limit
    return Answer("D", Mark.MISSING, "waiting-time-running") if waiting else Answer("D", Mark.FAIL, "no-effect")


def _instant(text: object) -> datetime:
    """An instant of a frame; a day counts from its first second, in UTC."""
    return datetime.fromisoformat(str(text) if "T" in str(text) else f"{text}T00:00:00+00:00")


TESTS: Mapping[str, UnitTest] = {"requests.channels_work": offered_works}
