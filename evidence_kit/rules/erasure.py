"""Tests of the erasure controls: gone from everywhere (ERA-01), lists that hold no more than they must (ERA-02),
nothing back (ERA-03), recipients told (ERA-04), backups that leave in time and restorations that erase again (ERA-05).

Source: docs/norm/controls; docs/norm/retention.md, section 4; GDPR art. 5(1)(c) and (e), 17, 19, 28(3); EDPB CEF 2025.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from evidence_kit.model.outcome import Answer, Mark, Outcome, Test
from evidence_kit.model.retention import Probed
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.probes import NEEDS_POSITIVE_CONTROL, judge_probe, probe_of, worst
from evidence_kit.rules.requests import MARKS
from evidence_kit.rules.rows import Rows, day, not_after, not_asked, today

#: A search that did not take place, or that cannot be relied on. Attributes A and C of ERA-01 say so, not B.
UNSEEN = ("source-unreachable", "not-probed", "probe-blind", "no-positive-control")
#: A processor carries out an instruction, and confirms it; anybody else is told, and owes no answer.
PROCESSORS = ("processor", "sub_processor")
#: A backup may outlive its cycle by the day of the job that destroys it.
CYCLE_SLACK = 1


def absent_everywhere(rows: Rows, terms: Terms) -> Test:
    """ERA-01: every object was searched, nothing is left that should be gone, and each search was shown to see.

    Who came back after having been gone is left to ERA-03: one fault, one finding.
    """
    log, probes = rows["erasure_log"][0], rows.get("erasure_probes", ())
    judged = [judge_probe(probe_of(row), today(terms)) for row in probes if row["state"] != "reappeared"]
    left = [one for one in judged if one.reason not in UNSEEN]
    return Test((_searched(log, probes), _worst("B", left), _seeing(probes), _executed(log, terms)))


def nothing_returns(rows: Rows, terms: Terms) -> Test:
    """ERA-03: no object holds the person again, but by a new collection that is proved.

    Any other presence belongs to ERA-01. An object in which nobody could look shows no return, and no absence either.
    """
    log, probes = rows["erasure_log"][0], rows.get("erasure_probes", ())
    if not probes:
        return Test((_searched(log, probes),))
    gone, blind = Probed(Outcome.PASS, "absent"), Probed(Outcome.INCONCLUSIVE, "nothing-to-search-with")
    judged = [judge_probe(probe_of(row), today(terms)) for row in probes]
    kept = [
        one if row["state"] == "reappeared" or one.reason in (*UNSEEN, "unknown-state") else gone
        for row, one in zip(probes, judged, strict=True)
    ]
    return Test((_worst("A", [*kept, blind] if _unsearchable(log, probes) else kept),))


def _unsearchable(log: Row, probes: Sequence[Row]) -> bool:
    """Whether nothing is left to search with: no address in the vault, no digest, no other key."""
    return log["identifier_form"] == "none" or (log["subject_key"] is None and not probes)


def _searched(log: Row, probes: Sequence[Row]) -> Answer:
    states = {row["state"] for row in probes}
    if _unsearchable(log, probes):
        return Answer("A", Mark.MISSING, "nothing-to-search-with")
    if "unreachable" in states:
        return Answer("A", Mark.ERROR, "source-unreachable")
    if not probes:
        return Answer("A", Mark.MISSING, "nothing-searched")
    return Answer("A", Mark.MISSING, "not-probed") if "not-probed" in states else Answer("A", Mark.PASS)


def _seeing(probes: Sequence[Row]) -> Answer:
    """Finding nothing proves nothing, unless the same query found what is known to be there."""
    shown = {row["positive_control"] for row in probes if row["state"] in NEEDS_POSITIVE_CONTROL}
    if False in shown:
        return Answer("C", Mark.ERROR, "probe-blind")
    if None in shown:
        return Answer("C", Mark.MISSING, "no-positive-control")
    return Answer("C", Mark.PASS) if shown else not_asked("C")


def _executed(log: Row, terms: Terms) -> Answer:
    executed = day(log, "executed_at")
    if executed is None or executed > today(terms):
        return Answer("D", Mark.MISSING, "not-executed")
    return Answer("D", Mark.PASS)


def _worst(letter: str, judged: Sequence[Probed]) -> Answer:
    if not judged:
        return not_asked(letter)
    found = worst(judged)
    return Answer(letter, MARKS[found.verdict], None if found.verdict is Outcome.PASS else found.reason)


def suppression_minimal(rows: Rows, terms: Terms) -> Test:
    """ERA-02: an entry is a keyed digest with its reason and date, and nothing else about the person."""
    entry = rows["suppression_list"][0]
    return Test((_form(entry), _alone(entry), _explained(entry)))


def _form(entry: Row) -> Answer:
    """A bare digest is undone by hashing known addresses; a form nobody can name is no protection that was seen."""
    reasons = {"plaintext": "stored-in-clear", "sha256": "bare-hash"}
    form = str(entry["stored_form"])
    if form in reasons:
        return Answer("A", Mark.FAIL, reasons[form])
    kept = form in ("hmac", "sha256_salted")
    return Answer("A", Mark.PASS) if kept else Answer("A", Mark.MISSING, "stored-form-unknown")


def _alone(entry: Row) -> Answer:
    beside = entry["extra_personal_columns"]
    if beside is None:
        return Answer("B", Mark.MISSING, "column-not-kept")
    return Answer("B", Mark.PASS) if beside == 0 else Answer("B", Mark.FAIL, "personal-data-beside")


def _explained(entry: Row) -> Answer:
    if entry["reason"] is None:
        return Answer("C", Mark.FAIL, "entry-without-reason")
    return Answer("C", Mark.FAIL, "entry-without-date") if day(entry, "added_at") is None else Answer("C", Mark.PASS)


def recipients_told(rows: Rows, terms: Terms) -> Test:
    """ERA-04: the recipient was told of the erasure within `notice_days`, or the ground for not telling is written.

    The confirmation of a processor is good practice: what lacks stands beside the verdict, and fails nobody.
    """
    pair = rows["recipient_units"][0]
    executed = day(pair, "executed_at")
    if executed is None:
        return Test((Answer("A", Mark.ERROR, "unreadable-date"), not_asked("B"), not_asked("C")))
    last = executed + timedelta(days=terms.parameters["notice_days"])
    confirmed, flags = _confirmed(pair)
    return Test((_told(pair, last, today(terms)), _grounded(pair), confirmed), flags)


def _told(pair: Row, last: date, now: date) -> Answer:
    told = day(pair, "notified_at")
    if (told is not None and told <= last) or pair["exemption"] is not None:
        return Answer("A", Mark.PASS)
    if pair["disclosed_on"] is None:
        # Known only as one of a category: whether anything went to this recipient is what nobody can say.
        return Answer("A", Mark.MISSING, "disclosure-unknown")
    if told is not None:
        return Answer("A", Mark.FAIL, "recipient-told-late")
    return (
        Answer("A", Mark.MISSING, "waiting-time-running")
        if now <= last
        else Answer("A", Mark.FAIL, "recipient-not-told")
    )


def _grounded(pair: Row) -> Answer:
    if pair["exemption"] is None:
        return not_asked("B")
    written = pair["exemption_reason_ref"] is not None
    return Answer("B", Mark.PASS) if written else Answer("B", Mark.MISSING, "exemption-without-reason")


def _confirmed(pair: Row) -> tuple[Answer, tuple[str, ...]]:
    if day(pair, "notified_at") is None:
        return not_asked("C"), ()
    if day(pair, "confirmed_at") is not None:
        return Answer("C", Mark.PASS), ()
    flags = {"not-confirmed": pair["relation"] in PROCESSORS, "relation-unknown": pair["relation"] is None}
    return not_asked("C"), tuple(flag for flag, raised in flags.items() if raised)


def backups_cycle(rows: Rows, terms: Terms) -> Test:
    """ERA-05: a backup set leaves at the end of its cycle; a restoration erases again before users get in.

    A period without any restoration is a unit too: nobody can say that erasures would be replayed.
    """
    unit = rows["backup_units"][0]
    if unit["unit_kind"] == "backup":
        return Test((_cycle(unit), _destroyed(unit, terms), not_asked("C")))
    return Test((not_asked("A"), not_asked("B"), _replayed(unit)))


def _cycle(unit: Row) -> Answer:
    taken = day(unit, "taken_at")
    if taken is None:
        return Answer("A", Mark.ERROR, "required-value-missing")
    if unit["cycle_days"] is None:
        return Answer("A", Mark.MISSING, "cycle-not-declared")
    expires = day(unit, "expires_at")
    if expires is None:
        return Answer("A", Mark.MISSING, "expiry-not-recorded")
    cycle = timedelta(days=int(str(unit["cycle_days"])))
    same = expires == taken + cycle or _elapsed(unit) == cycle
    return Answer("A", Mark.PASS) if same else Answer("A", Mark.FAIL, "expiry-differs")


def _elapsed(unit: Row) -> timedelta | None:
    """From the backup to its expiry by the clock: near midnight summer time moves it to another local day."""
    taken, expires = str(unit["taken_at"]), str(unit["expires_at"])
    if not ("T" in taken and "T" in expires):
        return None
    return datetime.fromisoformat(expires) - datetime.fromisoformat(taken)


def _destroyed(unit: Row, terms: Terms) -> Answer:
    """Destroyed at the end of the cycle, or still inside it. Without a recorded expiry the declared cycle counts."""
    taken, expires, gone = (day(unit, name) for name in ("taken_at", "expires_at", "deleted_at"))
    if taken is None:
        return Answer("B", Mark.ERROR, "required-value-missing")
    if gone is not None and gone < taken:
        return Answer("B", Mark.ERROR, "deleted-before-taken")
    if gone is not None and gone > today(terms):
        return Answer("B", Mark.ERROR, "event-in-the-future")
    if expires is None and unit["cycle_days"] is None:
        return Answer("B", Mark.MISSING, "cycle-not-declared")
    last = (expires or taken + timedelta(days=int(str(unit["cycle_days"])))) + timedelta(days=CYCLE_SLACK)
    if gone is None:
        return Answer("B", Mark.PASS) if today(terms) <= last else Answer("B", Mark.FAIL, "backup-past-its-cycle")
    return Answer("B", Mark.PASS) if gone <= last else Answer("B", Mark.FAIL, "backup-deleted-late")


def _replayed(unit: Row) -> Answer:
    """The erasures executed since the backup were carried out again, all of them, before users got in.

    `erasures_counted` is the kit's own count; where the organisation expected fewer, its own figure proves nothing.
    """
    if unit["unit_kind"] != "restore":
        return Answer("C", Mark.MISSING, "no-restoration")
    if day(unit, "restored_at") is None:
        return Answer("C", Mark.ERROR, "required-value-missing")
    owed = [int(str(unit[name])) for name in ("erasures_expected", "erasures_counted") if unit[name] is not None]
    if not owed:
        return Answer("C", Mark.MISSING, "erasures-not-counted")
    if max(owed) == 0:
        return Answer("C", Mark.PASS)
    if day(unit, "replayed_at") is None:
        # Nobody is let in yet: what has not been done can still be done.
        waiting = day(unit, "opened_at") is None
        return Answer("C", Mark.MISSING, "replay-pending") if waiting else Answer("C", Mark.FAIL, "opened-unreplayed")
    if not not_after(unit, "restored_at", "replayed_at"):
        return Answer("C", Mark.ERROR, "replayed-before-restored")
    if unit["erasures_replayed"] is None:
        return Answer("C", Mark.MISSING, "replay-not-counted")
    if int(str(unit["erasures_replayed"])) < max(owed):
        return Answer("C", Mark.FAIL, "replay-incomplete")
    # A drill in isolation never opens.
    if day(unit, "opened_at") is not None and not not_after(unit, "replayed_at", "opened_at"):
        return Answer("C", Mark.FAIL, "replayed-after-opening")
    return Answer("C", Mark.PASS)


TESTS: Mapping[str, UnitTest] = {
    "erasure.absent_everywhere": absent_everywhere,
    "erasure.suppression_minimal": suppression_minimal,
    "erasure.nothing_returns": nothing_returns,
    "erasure.recipients_told": recipients_told,
    "erasure.backups_cycle": backups_cycle,
}
