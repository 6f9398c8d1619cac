"""Tests of the provider controls: referenced, under contract, reviewed, ended for good, keeping their word.

A day after the cut-off proves nothing done: a contract "signed" in the year 9999 is not signed.
Source: docs/norm/controls, PRO-01 to PRO-05; GDPR art. 28, 44 to 49; docs/processors.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from evidence_kit.model.outcome import Answer, Mark, Test
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules.ahead import none_ahead
from evidence_kit.rules.periods import add_months
from evidence_kit.rules.rows import Rows, missing, not_asked, today

#: The European Economic Area: the Union, Iceland, Liechtenstein, Norway. With parts of the Union that have codes of
#: their own (TFEU art. 349, 355): Åland and the French outermost regions.
EEA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK "
    "AX GF GP MF MQ RE YT".split()
)
#: Countries with a decision of the Commission (GDPR art. 45) known to this version; those of the second line cover only
#: organisations that certified themselves, or that a law of the country binds.
ADEQUATE = frozenset("AD AR CH FO GB GG IL IM JE JP KR NZ UY CA US".split())
PARTLY = frozenset("CA US".split())
#: What shows that data go, or can go: an invoice and a contract do not.
TRAFFIC = ("egress_log", "api_credential", "dns")
#: The terms of art. 28(3), and what stands beside a verdict where one is not in the contract.
TERMS: Mapping[str, str] = {
    "a": "term-a-missing",
    "b": "term-b-missing",
    "c": "term-c-missing",
    "d": "term-d-missing",
    "e": "term-e-missing",
    "f": "term-f-missing",
    "g": "term-g-missing",
    "h": "term-h-missing",
}


def destinations_referenced(rows: Rows, terms: Terms) -> Test:
    """PRO-01. A: the destination belongs to a referenced provider. B: below one of high risk, the others are listed."""
    unit = rows["destination_units"][0]
    if unit["processor_id"] is None:
        carries = unit["personal_data"] is True
        found = Answer("A", Mark.FAIL, "provider-not-referenced")
        return Test((found if carries else Answer("A", Mark.MISSING, "personal-data-unknown"), not_asked("B")))
    return Test((Answer("A", Mark.PASS), _listed(rows.get("destination_processors", ()))))


def _listed(providers: Sequence[Row]) -> Answer:
    """Of a processor of high risk that still works: providers below it in the portfolio, or a list of them was read.

    A list that was read may be empty. Without either nobody knows whether there are none or whether nobody asked.
    """
    if not providers:
        return Answer("B", Mark.MISSING, "row-missing")
    high = [
        row
        for row in providers
        if row["risk_tier"] == "high"
        and row["relation"] in ("processor", "sub_processor")
        and row["status"] != "terminated"
    ]
    if not high:
        return not_asked("B")
    if all(_count(row, "sub_processors") > 0 or row["subprocessor_list"] is True for row in high):
        return Answer("B", Mark.PASS)
    return Answer("B", Mark.MISSING, "subprocessors-not-listed")


def contracts_whole(rows: Rows, terms: Terms) -> Test:
    """PRO-02. A: signed, before any flow. B: terms (a) to (h). C: sub-processing. D: outside the EEA, a mechanism.

    An invoice older than the contract is said beside the verdict: it is no flow of data.
    """
    provider, flows = rows["processors"][0], rows.get("processor_flows", ())
    letters, flags = _letters(provider)
    signed = _on(provider, "contract_signed_on")
    paid = [_on(row, "first_seen_on") for row in flows if row["seen_in"] == "supplier_ledger"]
    if signed is not None and any(first is not None and first < signed for first in paid):
        flags = (*flags, "paid-before-contract")
    where, beside = _transfer(provider)
    answers = (_signed(signed, flows, today(terms)), letters, _subprocessing(provider), where)
    return Test(answers, (*flags, *beside))


def _signed(signed: date | None, flows: Sequence[Row], now: date) -> Answer:
    if signed is None:
        return Answer("A", Mark.FAIL, "contract-missing")
    if signed > now:
        return Answer("A", Mark.FAIL, "contract-in-the-future")
    seen = [_on(row, "first_seen_on") for row in flows if row["seen_in"] in TRAFFIC]
    older = any(first is not None and first < signed for first in seen)
    return Answer("A", Mark.FAIL, "flow-before-contract") if older else Answer("A", Mark.PASS)


def _letters(provider: Row) -> tuple[Answer, tuple[str, ...]]:
    """The letters that somebody found in the contract; those that lack are named one by one."""
    if provider["art28_terms"] is None:
        return Answer("B", Mark.MISSING, "contract-not-read"), ()
    text = str(provider["art28_terms"]).lower()
    if not re.fullmatch("[a-h ,;/]*", text):
        return Answer("B", Mark.ERROR, "unmapped-value"), ()
    lacking = tuple(flag for letter, flag in TERMS.items() if letter not in text)
    return (Answer("B", Mark.FAIL, "art28-terms-missing") if lacking else Answer("B", Mark.PASS)), lacking


def _subprocessing(provider: Row) -> Answer:
    if provider["subprocessing_terms"] is None:
        return Answer("C", Mark.MISSING, "contract-not-read")
    there = provider["subprocessing_terms"] is True
    return Answer("C", Mark.PASS) if there else Answer("C", Mark.FAIL, "subprocessing-terms-missing")


def _transfer(provider: Row) -> tuple[Answer, tuple[str, ...]]:
    """Whether data that leave the EEA leave it under something; what of a mechanism needs a second look."""
    country, mechanism = str(provider["country"] or "").upper(), provider["transfer_mechanism"]
    if not re.fullmatch("[A-Z]{2}", country):
        return Answer("D", Mark.MISSING, "country-unknown"), ()
    if country in EEA:
        return not_asked("D"), ()
    if mechanism is None:
        return Answer("D", Mark.FAIL, "transfer-without-mechanism"), ()
    if mechanism == "adequacy" and country not in ADEQUATE:
        # A decision may be younger than this list: nothing is contradicted, and nothing is shown.
        return Answer("D", Mark.MISSING, "adequacy-not-known"), ()
    partly = mechanism == "adequacy" and country in PARTLY
    flags = {"adequacy-of-some": partly, "transfer-by-derogation": mechanism == "derogation"}
    return Answer("D", Mark.PASS), tuple(flag for flag, raised in flags.items() if raised)


def reviews_in_time(rows: Rows, terms: Terms) -> Test:
    """PRO-03. A: reviewed. B: the last review plus the months of its tier is not over. C: its result and its document.

    A review dated after the cut-off has not taken place. Months are calendar months.
    """
    provider, now = rows["processors"][0], today(terms)
    dated = [(day, row) for row in rows.get("processor_reviews", ()) if (day := _on(row, "reviewed_on")) is not None]
    held = sorted(((day, str(row["review_id"]), row) for day, row in dated if day <= now), key=lambda one: one[:2])
    flags = [*_beside(provider, rows), *_papers(rows.get("processor_documents", ()), now)]
    if len(held) < len(dated):
        flags.append("review-in-the-future")
    if not held:
        return Test((Answer("A", Mark.FAIL, "never-reviewed"), not_asked("B"), not_asked("C")), tuple(flags))
    last, _, review = held[-1]
    planned = _on(review, "next_due_on")
    if planned is not None and planned < now:
        flags.append("next-review-passed")
    if review["outcome"] == "major_gaps" and provider["status"] == "active":
        flags.append("major-gaps-found")
    return Test((Answer("A", Mark.PASS), _in_period(provider, last, now), _written(review)), tuple(flags))


def next_review(last: date, months: int) -> date:
    """The last day on which a review of `last` still counts; the end of the calendar where no day is later.

    >>> next_review(date(2025, 8, 31), 6)
    datetime.date(2026, 2, 28)
    """
    try:
        return add_months(last, months)
    except (ValueError, OverflowError):
        return date.max


def _in_period(provider: Row, last: date, now: date) -> Answer:
    months = _count(provider, "review_months")
    if months < 1:
        return Answer("B", Mark.ERROR, "value-out-of-range")
    in_time = next_review(last, months) >= now
    return Answer("B", Mark.PASS) if in_time else Answer("B", Mark.FAIL, "review-overdue")


def _written(review: Row) -> Answer:
    if review["outcome"] == "not_assessable":
        return Answer("C", Mark.MISSING, "review-not-assessable")
    kept = review["document_sha256"] is not None
    return Answer("C", Mark.PASS) if kept else Answer("C", Mark.MISSING, "review-document-missing")


def _beside(provider: Row, rows: Rows) -> list[str]:
    """What the register, the flows, the other providers and the ledger say of this one. Null: nobody said anything."""
    (seen, *_) = rows.get("provider_presence", ()) or ({},)
    told = seen.get("status_in_ledger")
    flags = {
        "not-in-register": seen.get("in_register") is False,
        "no-flow-seen": seen.get("in_flows") is False,
        "named-like-another": seen.get("named_like") is not None,
        "status-differs-from-ledger": told is not None and told != provider["status"],
    }
    return [flag for flag, raised in flags.items() if raised]


def _papers(documents: Iterable[Row], now: date) -> list[str]:
    """Whether a paper has ended and no other of its kind goes on."""
    ends: dict[object, list[date]] = {}
    for row in documents:
        ends.setdefault(row["kind"], []).append(_on(row, "valid_until") or date.max)
    return ["document-expired"] if any(max(days) < now for days in ends.values()) else []


def terminated_receive_nothing(rows: Rows, terms: Terms) -> Test:
    """PRO-04. A: no traffic after the end and the days agreed. B: the return or the deletion of the data is certified.

    Whoever is paid after the end is said beside the verdict: a last invoice is no flow of data.
    """
    provider, flows, now = rows["processors"][0], rows.get("processor_flows", ()), today(terms)
    ended = _on(provider, "terminated_on")
    if ended is None or ended > now:
        why = "end-not-dated" if ended is None else "end-in-the-future"
        return Test(missing("AB", why))
    last_day = ended + timedelta(days=min(terms.parameters["terminated_grace_days"], (date.max - ended).days))
    paid = [_on(row, "last_seen_on") for row in flows if row["seen_in"] == "supplier_ledger"]
    flags = ("paid-after-the-end",) if any(day is not None and day > last_day for day in paid) else ()
    return Test((_silent(flows, last_day), _certified(provider, last_day, now)), flags)


def _silent(flows: Sequence[Row], last_day: date) -> Answer:
    """A destination of which no traffic was ever seen may be one that nobody watches."""
    traffic = [_on(row, "last_seen_on") for row in flows if row["seen_in"] in TRAFFIC]
    if not traffic:
        return Answer("A", Mark.MISSING, "no-traffic-source")
    after = any(day is not None and day > last_day for day in traffic)
    return Answer("A", Mark.FAIL, "flow-after-the-end") if after else Answer("A", Mark.PASS)


def _certified(provider: Row, last_day: date, now: date) -> Answer:
    certified = _on(provider, "data_returned_or_deleted_on")
    if certified is not None:
        future = certified > now
        return Answer("B", Mark.FAIL, "certificate-in-the-future") if future else Answer("B", Mark.PASS)
    if now <= last_day:
        return Answer("B", Mark.MISSING, "certificate-awaited")
    return Answer("B", Mark.FAIL, "return-not-certified")


def commitments_kept(rows: Rows, terms: Terms) -> Test:
    """PRO-05. A: a charter or an amendment is signed. B: no action is overdue. C: each action done has its proof."""
    status, promised = rows["processors"][0]["status"], rows.get("processor_commitments", ())
    if not promised:
        return Test((Answer("A", Mark.MISSING, "no-commitment-recorded"), not_asked("B"), not_asked("C")))
    now = today(terms)
    actions = [row for row in promised if row["kind"] == "action"]
    done = [row for row in actions if _past(row, "completed_on", now)]
    late = [row for row in done if row["due_on"] is not None and str(row["completed_on"]) > str(row["due_on"])]
    answers = (_charter(promised, now), _on_time(actions, now, planned=status == "action_plan"), _proved(done))
    return Test(answers, ("action-done-late",) if late else ())


def _charter(promised: Sequence[Row], now: date) -> Answer:
    words = [row for row in promised if row["kind"] in ("charter", "contract_amendment")]
    if any(_past(row, "signed_on", now) for row in words):
        return Answer("A", Mark.PASS)
    later = any(row["signed_on"] is not None for row in words)
    return Answer("A", Mark.FAIL, "signature-in-the-future" if later else "charter-not-signed")


def _on_time(actions: Sequence[Row], now: date, *, planned: bool) -> Answer:
    """An action plan has actions; a charter may have none."""
    if not actions:
        return Answer("B", Mark.MISSING, "no-action-recorded") if planned else not_asked("B")
    pending = [_on(row, "due_on") for row in actions if not _past(row, "completed_on", now)]
    if any(due is not None and due < now for due in pending):
        return Answer("B", Mark.FAIL, "action-overdue")
    if any(row["completed_on"] is not None and not _past(row, "completed_on", now) for row in actions):
        return Answer("B", Mark.MISSING, "completed-in-the-future")
    return Answer("B", Mark.MISSING, "action-without-due-day") if None in pending else Answer("B", Mark.PASS)


def _proved(done: Sequence[Row]) -> Answer:
    if not done:
        return not_asked("C")
    proved = all(row["evidence_sha256"] is not None for row in done)
    return Answer("C", Mark.PASS) if proved else Answer("C", Mark.MISSING, "proof-not-found")


def _past(row: Row, column: str, now: date) -> bool:
    """Whether it has happened by the cut-off."""
    day = _on(row, column)
    return day is not None and day <= now


def _on(row: Row, column: str) -> date | None:
    """The day in a column; None where there is none."""
    value = row.get(column)
    return None if value is None else date.fromisoformat(str(value))


def _count(row: Row, column: str) -> int:
    return int(str(row[column]))


TESTS: Mapping[str, UnitTest] = {
    "processors.destinations_referenced": none_ahead(destinations_referenced),
    "processors.contracts_whole": none_ahead(contracts_whole),
    "processors.reviews_in_time": none_ahead(reviews_in_time),
    "processors.terminated_receive_nothing": none_ahead(terminated_receive_nothing),
    "processors.commitments_kept": none_ahead(commitments_kept),
}
