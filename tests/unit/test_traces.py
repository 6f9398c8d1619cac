"""The state of an object in which an erased person was found, and the verdict that the norm has for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from evidence_kit.model.audit import Place
from evidence_kit.model.retention import Probe
from evidence_kit.rules.probes import judge_probe
from evidence_kit.rules.traces import Stated, Traces, state

AS_OF, DUE = date(2026, 6, 30), date(2026, 3, 1)
CLEAR = Traces(clear=True)
KEYED = Traces(clear=False)
INVOICES = Place("crm.invoices", exception="17(3)(b)", keep="10 years", start="year_end")
LIST = Place("crm.stops", suppression="hashed")

#: Traces, place, what is stated, and the verdict on a day long after the erasure.
STATES: dict[str, tuple[Traces, Place | None, Stated, str]] = {
    "present": (CLEAR, None, Stated("present"), "FAIL present"),
    "by-a-bare-digest": (replace(KEYED, bare=True), None, Stated("masked", mask="reversible"), "FAIL mask-reversible"),
    "by-a-keyed-digest": (KEYED, None, Stated("masked", mask="reversible"), "FAIL mask-reversible"),
    "by-a-digest-of-unknown-making": (
        replace(KEYED, unknown=True),
        None,
        Stated("masked"),
        "INCONCLUSIVE mask-unknown",
    ),
    "irreversible-as-declared": (
        replace(KEYED, bare=True),
        Place("p", mask="irreversible"),
        Stated("masked", mask="irreversible"),
        "PASS masked",
    ),
    "a-mask-declared-and-the-person-in-clear": (
        CLEAR,
        Place("p", mask="irreversible"),
        Stated("present"),
        "FAIL present",
    ),
    "on-a-list": (KEYED, LIST, Stated("suppressed-only", suppression_form="hashed"), "PASS suppressed-only"),
    "on-a-list-in-clear": (
        CLEAR,
        LIST,
        Stated("suppressed-only", suppression_form="clear"),
        "FAIL suppression-in-clear",
    ),
    "on-a-list-by-a-bare-digest": (
        replace(KEYED, bare=True),
        LIST,
        Stated("suppressed-only"),
        "INCONCLUSIVE suppression-form-unknown",
    ),
    "soft-deleted-without-purge": (
        replace(CLEAR, soft_deleted=True, soft_deleted_on=date(2026, 6, 20)),
        None,
        Stated("soft-deleted", deleted_on=date(2026, 6, 20)),
        "FAIL no-purge-declared",
    ),
    "soft-deleted-awaiting-its-purge": (
        replace(CLEAR, soft_deleted=True, soft_deleted_on=date(2026, 6, 20)),
        Place("p", purge_days=30),
        Stated("soft-deleted", deleted_on=date(2026, 6, 20)),
        "INCONCLUSIVE purge-pending",
    ),
    "soft-deleted-too-long": (
        replace(CLEAR, soft_deleted=True, soft_deleted_on=date(2026, 5, 20)),
        Place("p", purge_days=30),
        Stated("soft-deleted", deleted_on=date(2026, 5, 20)),
        "FAIL purge-overdue",
    ),
    "soft-deleted-nobody-knows-when": (
        replace(CLEAR, soft_deleted=True),
        Place("p", purge_days=30),
        Stated("soft-deleted"),
        "INCONCLUSIVE purge-date-unknown",
    ),
    "excepted": (
        replace(CLEAR, started_on=date(2020, 12, 31), younger=True),
        INVOICES,
        Stated("present", exception_within=True),
        "PASS lawful-exception",
    ),
    "excepted-too-long": (
        replace(CLEAR, started_on=date(2015, 12, 31)),
        INVOICES,
        Stated("present", exception_within=False),
        "FAIL exception-expired",
    ),
    "excepted-nobody-knows-since-when": (CLEAR, INVOICES, Stated("present"), "INCONCLUSIVE exception-not-checked"),
    "excepted-since-tomorrow": (
        replace(CLEAR, started_on=date(2026, 7, 1)),
        INVOICES,
        Stated("present"),
        "INCONCLUSIVE exception-not-checked",
    ),
    "younger": (replace(CLEAR, younger=True), None, Stated("reappeared"), "FAIL reappeared-unknown"),
    "younger-by-an-import-and-a-sign-up": (
        replace(CLEAR, younger=True, causes=frozenset({"new-collection", "re-import"}), proved=True),
        None,
        Stated("reappeared", return_cause="re-import", return_evidence=True),
        "FAIL reappeared-re-import",
    ),
    "younger-by-a-sync": (
        replace(CLEAR, younger=True, causes=frozenset({"re-sync"})),
        None,
        Stated("reappeared", return_cause="re-sync"),
        "FAIL reappeared-re-sync",
    ),
    "signed-up-again": (
        replace(CLEAR, younger=True, causes=frozenset({"new-collection"}), proved=True),
        None,
        Stated("reappeared", return_cause="new-collection", return_evidence=True),
        "PASS new-collection",
    ),
    "signed-up-again-unproved": (
        replace(CLEAR, younger=True, causes=frozenset({"new-collection"}), proved=False),
        None,
        Stated("reappeared", return_cause="new-collection", return_evidence=False),
        "INCONCLUSIVE new-collection-unproven",
    ),
    "absent-once": (replace(CLEAR, absent_once=True), None, Stated("reappeared"), "FAIL reappeared-unknown"),
    "absent-once-then-restored": (
        replace(CLEAR, absent_once=True, restored_since=True),
        None,
        Stated("reappeared", return_cause="restore"),
        "FAIL reappeared-restore",
    ),
    "a-word-that-is-no-cause": (
        replace(CLEAR, younger=True, causes=frozenset({"magic"})),
        None,
        Stated("reappeared"),
        "FAIL reappeared-unknown",
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_the_state_is_the_norms_and_so_is_the_verdict(name: str) -> None:
    traces, place, expected, verdict = STATES[name]
    stated = state(traces, place, AS_OF)
    assert stated == expected
    probe = Probe(
        stated.state,
        due=DUE,
        positive_control=True,
        suppression_declared=place is not None and place.suppression is not None,
        suppression_form=stated.suppression_form,
        mask=stated.mask,
        deleted_at=stated.deleted_on,
        purge_days=place.purge_days if place else None,
        exception_declared=place is not None and place.exception is not None,
        exception_within=stated.exception_within,
        return_cause=stated.return_cause,
        return_evidence=stated.return_evidence is True,
    )
    seen = judge_probe(probe, AS_OF)
    assert f"{seen.verdict} {seen.reason}" == verdict


def test_a_limit_beyond_the_calendar_is_not_checked() -> None:
    place = replace(INVOICES, keep="9000 years")
    assert state(replace(CLEAR, started_on=date(2020, 1, 1)), place, AS_OF).exception_within is None
