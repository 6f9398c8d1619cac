"""Test of TRC-01: each step of a case stands in the organisation's own trail, by a named actor, in order, unaltered.

Source: docs/norm/controls, TRC-01; GDPR art. 5(2), 24(1), 32(1).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from evidence_kit.model.outcome import Answer, Mark, Test
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.rows import Rows, not_asked

#: Steps that somebody must be able to follow: receipt, search, what was done, and what the person was told.
TRACED = ("received", "searched", "rectified", "erased", "restricted", "forwarded", "answered", "refused")
#: Steps that change data: their entry names what was changed.
ERASING = ("erased",)
NOT_CHAINED = "trail-not-chained"

Pair = tuple[Row, Row]


def traceable(rows: Rows, terms: Terms) -> Test:
    """TRC-01: every step has its entry (A), a named actor (B), its own time and order (C), and its digest (D)."""
    entries = sorted(rows.get("action_trail", ()), key=_position)
    pairs, lost = _matched(rows.get("request_events", ()), entries)
    chained = any(row["digest"] is not None for row in entries)
    answers = (
        _written(rows, entries, pairs, lost),
        _named(entries),
        _timed(entries, pairs, timedelta(minutes=terms.parameters["clock_skew_minutes"])),
        _unaltered(entries, rows.get("trail_links", ())) if chained else not_asked("D"),
    )
    return Test(answers, (NOT_CHAINED,) if entries and not chained else ())


def _matched(events: Sequence[Row], entries: Sequence[Row]) -> tuple[list[Pair], list[Row]]:
    """Each traced step with the entry of its kind that is nearest in time, none used twice; and those without any."""
    pairs, lost, free = [], [], list(entries)
    for event in sorted(
        (row for row in events if row["event_type"] in TRACED), key=lambda row: str(row["occurred_at"])
    ):
        same = [row for row in free if row["action"] == event["event_type"]]
        if not same:
            lost.append(event)
            continue
        nearest = min(same, key=lambda row: (_apart(event, row) or timedelta(0), str(row["entry_id"])))
        free.remove(nearest)
        pairs.append((event, nearest))
    return pairs, lost


def _written(rows: Rows, entries: Sequence[Row], pairs: Sequence[Pair], lost: Sequence[Row]) -> Answer:
    spans = rows.get("trail_spans", ())
    unwritten = any(row["executed_at"] is not None for row in rows.get("erasure_log", ())) and not any(
        row["action"] in ERASING for row in entries
    )
    if not spans or not spans[0]["entries"]:
        return Answer("A", Mark.MISSING, "trail-not-kept")
    if not pairs and not lost:
        return Answer("A", Mark.MISSING, "no-step-recorded")
    executed = [row for row in rows.get("erasure_log", ()) if row["executed_at"] is not None]
    missing = [str(row["occurred_at"]) for row in lost]
    missing += [str(row["executed_at"]) for row in executed] if unwritten else []
    if any(_kept(when, spans[0]) for when in missing):
        return Answer("A", Mark.FAIL, "step-not-traced")
    if missing:
        return Answer("A", Mark.MISSING, "trail-not-kept")
    if any(event["event_type"] in ERASING and entry["object_ref"] is None for event, entry in pairs):
        return Answer("A", Mark.FAIL, "erasing-step-names-no-object")
    return Answer("A", Mark.PASS)


def _named(entries: Sequence[Row]) -> Answer:
    if not entries:
        return not_asked("B")
    shared = {row["actor_shared"] for row in entries}
    if True in shared:
        return Answer("B", Mark.FAIL, "actor-shared")
    if any(row["actor_key"] is None for row in entries):
        return Answer("B", Mark.FAIL, "actor-unknown")
    return Answer("B", Mark.MISSING, "actor-sharing-unknown") if None in shared else Answer("B", Mark.PASS)


def _timed(entries: Sequence[Row], pairs: Sequence[Pair], most: timedelta) -> Answer:
    if not pairs:
        return not_asked("C")
    apart = [_apart(event, entry) for event, entry in pairs]
    if any(one is not None and one > most for one in apart):
        return Answer("C", Mark.FAIL, "trail-time-differs")
    placed = [row for row in entries if row["entry_seq"] is not None]
    if any(_later(one, two) for one, two in itertools.pairwise(placed)):
        return Answer("C", Mark.FAIL, "trail-out-of-order")
    return Answer("C", Mark.MISSING, "time-of-day-not-kept") if None in apart else Answer("C", Mark.PASS)


def _unaltered(entries: Sequence[Row], links: Sequence[Row]) -> Answer:
    before: Mapping[object, Row] = {row["entry_id"]: row for row in links}
    reasons = set(filter(None, (_altered(row, before.get(row["entry_id"])) for row in entries)))
    for reason in ("entry-altered", "chain-broken"):
        if reason in reasons:
            return Answer("D", Mark.FAIL, reason)
    return Answer("D", Mark.MISSING, min(reasons)) if reasons else Answer("D", Mark.PASS)


def _altered(entry: Row, link: Row | None) -> str | None:
    """What is wrong with one entry of a chained trail; None where its digest and its link hold."""
    if entry["digest"] is None:
        return "digest-missing"
    if entry["digest_recomputed"] is None:
        return "digest-not-recomputed"
    if entry["digest"] != entry["digest_recomputed"]:
        return "entry-altered"
    if link is None or entry["entry_seq"] is None:
        return "position-unknown"
    return None if link["first"] or entry["prev_digest"] == link["previous_digest"] else "chain-broken"


def _position(row: Row) -> tuple[bool, int, str, str]:
    seq = row["entry_seq"]
    return seq is None, 0 if seq is None else int(str(seq)), str(row["occurred_at"]), str(row["entry_id"])


def _kept(when: str, span: Row) -> bool:
    """Whether the trail was being kept then. Instants are compared as instants, days as days."""
    if span["kept_from"] is None or span["kept_until"] is None:
        return False
    first, last = str(span["kept_from"]), str(span["kept_until"])
    size = 10 if min(map(len, (when, first, last))) == 10 else None
    return _instant(first[:size]) <= _instant(when[:size]) <= _instant(last[:size])


def _apart(event: Row, entry: Row) -> timedelta | None:
    """How far a step and its entry lie apart; None where one of them is a day without a time."""
    one, two = str(event["occurred_at"]), str(entry["occurred_at"])
    return abs(_instant(one) - _instant(two)) if "T" in one and "T" in two else None


def _later(one: Row, two: Row) -> bool:
    first, second = str(one["occurred_at"]), str(two["occurred_at"])
    size = None if "T" in first and "T" in second else 10
    return _instant(first[:size]) > _instant(second[:size])


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def counted(events: Sequence[Row], entries: Sequence[Row]) -> Iterator[tuple[str, int, int]]:
    """Of each traced kind: its word, steps and entries. For the second reading, which only counts."""
    for kind in TRACED:
        steps = sum(row["event_type"] == kind for row in events)
        yield kind, steps, sum(row["action"] == kind for row in entries)


TESTS: Mapping[str, UnitTest] = {"traceability.traceable": traceable}
