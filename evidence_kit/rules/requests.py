"""Tests of the request controls: acknowledgement, answer in time, extension. One unit is one request.

Arithmetic is in `rules.deadlines`; here a request's rows become its case. Source: docs/norm/controls, REQ-01 to REQ-03;
GDPR art. 12(3) and 28(3)(e).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from evidence_kit.model.deadline import Case, Deadline, Extension, Months, Pause, Reopening, WorkingDays
from evidence_kit.model.outcome import Answer, Mark, Outcome, Test, Working
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.deadlines import judge, local_day

Rows = Mapping[str, tuple[Row, ...]]

MARKS = {
    Outcome.PASS: Mark.PASS,
    Outcome.FAIL: Mark.FAIL,
    Outcome.ERROR: Mark.ERROR,
    Outcome.INCONCLUSIVE: Mark.MISSING,
}
ACKNOWLEDGED = {"answered-late": "acknowledged-late", "open-past-due": "not-acknowledged"}


def answered_in_time(rows: Rows, terms: Terms) -> Test:
    """REQ-02: answered within the statutory time (controller), or passed on within the agreed delay (processor)."""
    log = rows["request_log"][0]
    received, linked = receipt(rows, terms)
    first = Answer("A", Mark.PASS if linked else Mark.NA)
    deadline, letter = _answer(rows, terms, received), "B"
    if log["capacity"] == "processor":
        deadline, letter = _forwarding(log, terms, received), "D"
    second = Answer(letter, MARKS[deadline.verdict], None if deadline.verdict is Outcome.PASS else deadline.reason)
    others = [Answer(other, Mark.NA) for other in "BCD" if other != letter]
    flags = _relied_on(_case(rows, terms, received), terms) if letter == "B" and second.mark is Mark.PASS else ()
    if flags:
        others = [Answer(one.letter, Mark.PASS if one.letter == "C" else one.mark) for one in others]
    answers = tuple(sorted((first, second, *others), key=lambda answer: answer.letter))
    return Test(answers, flags, _working(deadline))


def acknowledged(rows: Rows, terms: Terms) -> Test:
    """REQ-01: an acknowledgement left within `acknowledge_working_days`. Good practice, not law (EDPB 01/2022, 57)."""
    deadline = _acknowledging(rows["request_log"][0], terms)
    reason = None if deadline.verdict is Outcome.PASS else ACKNOWLEDGED.get(deadline.reason, deadline.reason)
    return Test((Answer("A", MARKS[deadline.verdict], reason), Answer("B", Mark.NA)), (), _working(deadline))


def extension_in_time(rows: Rows, terms: Terms) -> Test:
    """REQ-03: the extension was told before the first due day, with reasons, and announced at most three months."""
    received, _ = receipt(rows, terms)
    case = replace(_case(rows, terms, received), extension=None)
    first = judge(case, terms.calendars)
    letters = [row for row in rows.get("request_replies", ()) if row["kind"] == "extension"]
    reasons = _reasons(letters)
    given = {
        True: (Mark.PASS, None),
        False: (Mark.FAIL, "extension-without-reasons"),
        None: (Mark.MISSING, "reasons-not-read"),
    }
    answers = (
        Answer("A", *_told_in_time(rows["request_log"][0], first, terms)),
        Answer("B", *given[reasons]),
        Answer("C", *_announced(letters, case, terms)),
    )
    return Test(answers, (), _working(first))


def answer_not_yet_due(rows: Rows, terms: Terms) -> bool:
    """Whether an open request may still be answered in time on the as-of day: frozen and counted, but not tested."""
    received, _ = receipt(rows, terms)
    log = rows["request_log"][0]
    deadline = _forwarding(log, terms, received) if log["capacity"] == "processor" else _answer(rows, terms, received)
    return deadline.reason == "open-not-yet-due"


def acknowledgement_not_yet_due(rows: Rows, terms: Terms) -> bool:
    """Whether a request may still be acknowledged in time on the as-of day."""
    return _acknowledging(rows["request_log"][0], terms).reason == "open-not-yet-due"


def receipt(rows: Rows, terms: Terms) -> tuple[str | None, bool]:
    """When the request reached the organisation, as the source wrote it, and whether a message is linked to it.

    The earlier of the log's receipt and its messages': a date typed late does not move the due day.
    """
    log = rows["request_log"][0]
    logged = _text(log["received_at"])
    messages = [str(row["received_at"]) for row in rows.get("mailbox_messages", ()) if row["received_at"] is not None]
    if logged is None or not messages:
        return logged, bool(messages)
    return min(
        [logged, *messages], key=lambda text: (local_day(text, terms.timezone, terms.naive_is_local), text)
    ), True


def judge_without_extension(rows: Rows, terms: Terms, closed: object) -> Deadline:
    """The first due day, pauses included, against a letter that left at `closed`. Source: GDPR art. 12(4)."""
    received, _ = receipt(rows, terms)
    log = rows["request_log"][0]
    case = replace(_plain(received, closed, terms), pauses=tuple(_pauses(log)), due_given_on=_text(log["due_given_on"]))
    return judge(case, terms.calendars)


def judge_between(start: object, end: object, terms: Terms, limit: WorkingDays) -> Deadline:
    """One event against another under a limit of our own: a test request and its ticket, say."""
    return judge(_plain(start, end, terms, limit=limit), terms.calendars)


def _case(rows: Rows, terms: Terms, received: str | None) -> Case:
    log = rows["request_log"][0]
    notified = _text(log["extension_notified_at"])
    letters = [row for row in rows.get("request_replies", ()) if row["kind"] == "extension"]
    return replace(
        _plain(received, log.get("responded_at"), terms),
        extension=None if notified is None else Extension(notified, _reasons(letters)),
        pauses=tuple(_pauses(log)),
        reopened=_reopening(log),
        due_given_on=_text(log["due_given_on"]),
    )


def _plain(received: object, closed: object, terms: Terms, **limit: WorkingDays) -> Case:
    return Case(
        received_at=_text(received),
        closed_at=_text(closed),
        as_of=terms.as_of,
        timezone=terms.timezone,
        naive_is_local=terms.naive_is_local,
        calendar=terms.calendar,
        profile=terms.profile,
        ask_within_days=terms.parameters["ask_within_days"],
        limit=limit.get("limit", terms.limit),
    )


def _answer(rows: Rows, terms: Terms, received: str | None) -> Deadline:
    return judge(_case(rows, terms, received), terms.calendars)


def _forwarding(log: Row, terms: Terms, received: str | None) -> Deadline:
    return judge_between(received, log["forwarded_at"], terms, WorkingDays(terms.parameters["forward_working_days"]))


def _acknowledging(log: Row, terms: Terms) -> Deadline:
    limit = WorkingDays(terms.parameters["acknowledge_working_days"])
    return judge_between(log["received_at"], log["acknowledged_at"], terms, limit)


def _pauses(log: Row) -> list[Pause]:
    """The questions put to the person. A ground that is not written is not known, never known to be absent."""
    found = []
    for kind, ground in (("identity", "identity_doubt_reason"), ("clarification", "clarification_reason")):
        asked = _text(log[f"{kind}_requested_at"])
        if asked is not None:
            found.append(
                Pause(kind, asked, _text(log[f"{kind}_received_at"]), True if log[ground] is not None else None)
            )
    return found


def _reopening(log: Row) -> Reopening | None:
    at = _text(log.get("reopened_at"))
    if at is None:
        return None
    return Reopening(at, _text(log.get("reopen_cause")), _text(log.get("responded_again_at")))


def _reasons(letters: list[Row]) -> bool | None:
    """Whether an extension letter states reasons; None when no letter was found, or none was read."""
    said = {row["reasons_given"] for row in letters}
    return True if True in said else False if said == {False} else None


def _relied_on(case: Case, terms: Terms) -> tuple[str, ...]:
    """What a PASS rests on: judged again without it, the request would not have been in time."""
    without = {
        "relied_on_pause": replace(case, pauses=()),
        "relied_on_extension": replace(case, extension=None),
    }
    return tuple(flag for flag, other in without.items() if judge(other, terms.calendars).verdict is not Outcome.PASS)


def _told_in_time(log: Row, first: Deadline, terms: Terms) -> tuple[Mark, str | None]:
    if first.first_due is None:
        return (Mark.ERROR if first.verdict is Outcome.ERROR else Mark.MISSING), first.reason
    told = local_day(str(log["extension_notified_at"]), terms.timezone, terms.naive_is_local)
    return (Mark.PASS, None) if told <= first.first_due else (Mark.FAIL, "extension-late")


def _announced(letters: list[Row], case: Case, terms: Terms) -> tuple[Mark, str | None]:
    announced = [
        date.fromisoformat(str(row["due_announced_on"])) for row in letters if row["due_announced_on"] is not None
    ]
    if not announced:
        return Mark.MISSING, "due-day-not-announced"
    last = judge(replace(case, limit=Months(3), extension=None), terms.calendars)
    if last.due is None:
        return (Mark.ERROR if last.verdict is Outcome.ERROR else Mark.MISSING), last.reason
    return (Mark.PASS, None) if max(announced) <= last.due else (Mark.FAIL, "announced-beyond-three-months")


def _working(deadline: Deadline) -> Working:
    return Working(deadline.due, deadline.days_late, tuple(deadline.working))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


TESTS: Mapping[str, UnitTest] = {
    "requests.acknowledged": acknowledged,
    "requests.answered_in_time": answered_in_time,
    "requests.extension_in_time": extension_in_time,
}
#: Tests whose time may not have come: units that are open, and not yet due, are set aside.
NOT_YET_DUE: Mapping[str, Callable[[Rows, Terms], bool]] = {
    "requests.acknowledged": acknowledgement_not_yet_due,
    "requests.answered_in_time": answer_not_yet_due,
}
