"""Is a person who asked to be erased really gone? One probe is one person in one source, after the erasure.

Source: GDPR art. 17; docs/norm/retention.md, section 4, in the order of its table.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta

from evidence_kit.model.outcome import Outcome
from evidence_kit.model.retention import Probe, Probed
from evidence_kit.model.sample import Row

NEEDS_POSITIVE_CONTROL = frozenset({"absent", "suppressed-only", "masked", "backup-only"})
RETURNS = frozenset({"restore", "re-import", "re-sync"})
WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS)


def judge_probe(probe: Probe, as_of: date) -> Probed:
    """What one probe shows on the day `as_of`. Finding nothing with a query that can find nothing proves nothing."""
    if probe.state in NEEDS_POSITIVE_CONTROL and probe.positive_control is not True:
        if probe.positive_control is None:
            return Probed(Outcome.INCONCLUSIVE, "no-positive-control")
        return Probed(Outcome.ERROR, "probe-blind")
    judged = STATES.get(probe.state)
    return judged(probe, as_of) if judged else Probed(Outcome.ERROR, "unknown-state")


def probe_of(row: Row) -> Probe:
    """The probe that one row of `erasure_probes` tells of. What a place does not declare is not so: null is no."""
    return Probe(
        state=str(row["state"]),
        due=_day(row["due_on"]),
        positive_control=_said(row["positive_control"]),
        suppression_declared=row["suppression_declared"] is True,
        suppression_form=_text(row["suppression_form"]),
        mask=_text(row["mask"]),
        deleted_at=_day(row["deleted_on"]),
        purge_days=None if row["purge_days"] is None else int(str(row["purge_days"])),
        replay_declared=_said(row["replay_declared"]),
        exception_declared=row["exception_declared"] is True,
        exception_within=_said(row["exception_within"]),
        declared_done=row["declared_done"] is True,
        return_cause=_text(row["return_cause"]),
        return_evidence=row["return_evidence"] is True,
    )


def worst(judged: Collection[Probed]) -> Probed:
    """The worst of some verdicts, the first of its kind. Raises ValueError for none at all: nothing seen is no PASS."""
    return min(judged, key=lambda one: WORST_FIRST.index(one.verdict))


def judge_case(declared: Collection[str], probes: Mapping[str, Outcome]) -> Probed:
    """One person over all sources: the worst wins, and a declared source without a probe is INCONCLUSIVE.

    `declared`: names of the sources; `probes`: name to verdict, undeclared sources included.
    """
    seen = {*probes.values()}
    if not set(declared) <= probes.keys() or not declared:
        seen.add(Outcome.INCONCLUSIVE)
    worst = next(outcome for outcome in WORST_FIRST if outcome in seen)
    nothing_declared = not declared and worst is Outcome.INCONCLUSIVE
    return Probed(worst, "no-source-declared" if nothing_declared else "worst-of-sources")


def _day(value: object) -> date | None:
    return None if value is None else date.fromisoformat(str(value))


def _said(value: object) -> bool | None:
    return None if value is None else value is True


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _suppressed(probe: Probe, as_of: date) -> Probed:
    """Only a do-not-contact entry is left; hashed it is allowed: without it the next import brings the person back."""
    if not probe.suppression_declared:
        return Probed(Outcome.FAIL, "suppression-not-declared")
    if probe.suppression_form == "hashed":
        return Probed(Outcome.PASS, "suppressed-only")
    if probe.suppression_form == "clear":
        return Probed(Outcome.FAIL, "suppression-in-clear")
    return Probed(Outcome.INCONCLUSIVE, "suppression-form-unknown")


def _masked(probe: Probe, as_of: date) -> Probed:
    """The row is there under a mask; only one that nobody can lift will do."""
    if probe.mask == "irreversible":
        return Probed(Outcome.PASS, "masked")
    if probe.mask == "reversible":
        return Probed(Outcome.FAIL, "mask-reversible")
    return Probed(Outcome.INCONCLUSIVE, "mask-unknown")


def _awaiting_purge(probe: Probe, as_of: date) -> Probed:
    """The row is marked deleted, or left only in a backup: until the purge or the rotation takes it."""
    if probe.purge_days is None:
        return Probed(Outcome.FAIL, "no-purge-declared")
    if probe.deleted_at is None:
        return Probed(Outcome.INCONCLUSIVE, "purge-date-unknown")
    over = (as_of - (probe.deleted_at + timedelta(days=probe.purge_days))).days
    if over > 0:
        return Probed(Outcome.FAIL, "purge-overdue", over)
    if probe.state == "soft-deleted":
        return Probed(Outcome.INCONCLUSIVE, "purge-pending")
    if probe.replay_declared is None:
        return Probed(Outcome.INCONCLUSIVE, "replay-unknown")
    if not probe.replay_declared:
        return Probed(Outcome.FAIL, "erasures-not-replayed")
    return Probed(Outcome.PASS, "backup-within-rotation")


def _present(probe: Probe, as_of: date) -> Probed:
    """The person is still there: by an exception of art. 17(3), not yet due, or wrongly."""
    if probe.exception_declared:
        if probe.exception_within is None:
            return Probed(Outcome.INCONCLUSIVE, "exception-not-checked")
        if probe.exception_within:
            return Probed(Outcome.PASS, "lawful-exception")
        return Probed(Outcome.FAIL, "exception-expired")
    over = None if probe.due is None else (as_of - probe.due).days
    if probe.declared_done:
        return Probed(Outcome.FAIL, "said-erased-but-present", None if over is None else max(0, over))
    if over is None:
        return Probed(Outcome.INCONCLUSIVE, "due-unknown")
    if over <= 0:
        return Probed(Outcome.INCONCLUSIVE, "not-due-yet")
    return Probed(Outcome.FAIL, "present", over)


def _reappeared(probe: Probe, as_of: date) -> Probed:
    """The person was gone and is back. No due day excuses it; only a new collection, proved, does."""
    if probe.return_cause == "new-collection":
        if probe.return_evidence:
            return Probed(Outcome.PASS, "new-collection")
        return Probed(Outcome.INCONCLUSIVE, "new-collection-unproven")
    cause = probe.return_cause if probe.return_cause in RETURNS else "unknown"
    return Probed(Outcome.FAIL, f"reappeared-{cause}")


def _always(verdict: Outcome, reason: str) -> Callable[[Probe, date], Probed]:
    """A state that decides by itself."""
    return lambda probe, as_of: Probed(verdict, reason)


STATES: Mapping[str, Callable[[Probe, date], Probed]] = {
    "unreachable": _always(Outcome.ERROR, "source-unreachable"),
    "not-probed": _always(Outcome.INCONCLUSIVE, "not-probed"),
    "weak-match": _always(Outcome.INCONCLUSIVE, "weak-match"),
    "absent": _always(Outcome.PASS, "absent"),
    "suppressed-only": _suppressed,
    "masked": _masked,
    "soft-deleted": _awaiting_purge,
    "backup-only": _awaiting_purge,
    "present": _present,
    "reappeared": _reappeared,
}
