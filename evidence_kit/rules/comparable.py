"""Whether two runs of a control may be compared at all, and what must be known beside it.

Codes: docs/comparing.md, "What cannot be compared". A control that was changed would show the change of the control;
a population defined otherwise, the change of the definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from evidence_kit.model.comparing import ControlRun, Run, Why
from evidence_kit.model.outcome import Outcome

_PSEUDONYM = re.compile(r"[0-9a-f]{64}")
#: What of a control's plan bounds its verdict.
THRESHOLDS = ("confidence", "tolerable", "expected", "census")
#: What was agreed for all controls: with another, other answers are right.
TERMS = ("limit", "profile", "timezone", "naive_is_local", "calendars", "on_duplicate")
#: Figures of an engagement and the controls that read them; one that is not named here may change any.
FIGURES_OF: Mapping[str, tuple[str, ...]] = {
    "forward_working_days": ("REQ-02",),
    "acknowledge_working_days": ("REQ-01",),
    "ask_within_days": ("REQ-02", "REQ-03", "REQ-04", "REQ-07"),
    "identity_copy_days": ("REQ-04",),
    "notice_days": ("ERA-04", "REQ-06"),
    "stop_grace_hours": ("REQ-08", "SND-02"),
    "channel_working_days": ("REQ-08",),
    "match_days": ("COM-01", "COM-02", "REQ-02", "REQ-03"),
    "triage_score": ("COM-01", "COM-02", "REQ-02", "REQ-03"),
    "ghost_months": ("REG-02",),
    "clock_skew_minutes": ("TRC-01",),
    "register_review_months": ("REG-02",),
    "terminated_grace_days": ("PRO-04",),
    "due_soon_days": (),
    "value_sample_rows": ("REG-01", "SND-01"),
}
#: What people declared for one kind of control: it may change what is found, without a change of what is there.
DECLARED: Mapping[str, tuple[str, ...]] = {
    "places": ("ERA-01", "ERA-03"),
    "digests": ("ERA-01", "ERA-03"),
    "undotted_domains": ("ERA-01", "ERA-03", "SND-02"),
    "classes": ("REG-01", "SND-01"),
    "sending": ("SND-01",),
}


def refusals(control: str, before: Run, after: Run) -> tuple[Why, ...]:
    """Why nothing is compared of a control; empty where it may be."""
    return tuple(_refusals(control, before, after))


def _refusals(control: str, before: Run, after: Run) -> Iterator[Why]:
    old, new = before.controls.get(control), after.controls.get(control)
    if old is None or new is None:
        yield Why("control-missing-before" if old is None else "control-missing-after")
        return
    if before.agreed.get("organisation") != after.agreed.get("organisation"):
        yield Why("other-organisation")
        return
    if before.engagement != after.engagement and (_pseudonymous(old) or _pseudonymous(new)):
        yield Why("other-keys")
    for run, code in ((old, "population-refused-before"), (new, "population-refused-after")):
        if not run.summary.get("strata") and run.summary.get("verdict") == Outcome.ERROR:
            yield Why(code)
    yield from _control_changed(old, new)
    terms = tuple(name for name in TERMS if before.agreed.get(name) != after.agreed.get(name))
    if terms:
        yield Why("terms-differ", terms)
    figures = tuple(name for name in _figures_differ(before, after) if control in FIGURES_OF.get(name, (control,)))
    if figures:
        yield Why("figures-differ", figures)
    if old.population != new.population:
        yield Why("population-defined-otherwise")


def _control_changed(old: ControlRun, new: ControlRun) -> Iterator[Why]:
    thresholds = tuple(name for name in THRESHOLDS if old.stated.get(name) != new.stated.get(name))
    if thresholds:
        yield Why("thresholds-differ", thresholds)
    if old.stated.get("test") != new.stated.get("test"):
        yield Why("test-differs")
    letters = _attributes(old.stated), _attributes(new.stated)
    differ = tuple(sorted(x for x in letters[0].keys() | letters[1].keys() if letters[0].get(x) != letters[1].get(x)))
    if differ:
        yield Why("attributes-differ", differ)


def _attributes(stated: Mapping[str, object]) -> dict[str, object]:
    """Letter → whether a person answers it, and its question in English."""
    listed = stated.get("attributes")
    assert isinstance(listed, list)
    return {str(one["letter"]): (one["en"], one["walkthrough"]) for one in listed}


def _pseudonymous(run: ControlRun) -> bool:
    return any(_PSEUDONYM.fullmatch(one.unit) for one in run.results)


def _figures_differ(before: Run, after: Run) -> tuple[str, ...]:
    old, new = _figures(before), _figures(after)
    return tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))


def _figures(run: Run) -> dict[str, object]:
    listed = run.agreed.get("parameters")
    assert isinstance(listed, list)
    return {str(one["name"]): one["value"] for one in listed}


def notes(control: str, before: Run, after: Run) -> tuple[Why, ...]:
    """What must be known beside a comparison of a control that both runs have."""
    old, new = before.controls[control], after.controls[control]
    found = []
    if not (whole(old) and whole(new)):
        found.append(Why("sampled"))
    if old.reading != new.reading:
        found.append(Why("read-otherwise"))
    if old.stated.get("needs") != new.stated.get("needs"):
        found.append(Why("columns-asked-differ"))
    declared = tuple(
        name for name, of in DECLARED.items() if control in of and before.agreed.get(name) != after.agreed.get(name)
    )
    if declared:
        found.append(Why("declared-otherwise", declared))
    return tuple(found)


def whole(run: ControlRun) -> bool:
    """Whether every frozen unit was tested, so that a unit without a result was not there."""
    return run.summary.get("units") == run.summary.get("drawn")


def run_notes(before: Run, after: Run) -> tuple[Why, ...]:
    """What must be known of the two runs as wholes."""
    found = []
    if before.tagmanifest_sha256 == after.tagmanifest_sha256:
        found.append(Why("same-bundle"))
    if not (before.key_named and after.key_named):
        found.append(Why("signers-not-named"))
    if before.engagement != after.engagement:
        found.append(Why("other-engagement"))
    if before.signer != after.signer:
        found.append(Why("signers-differ"))
    if before.kit != after.kit:
        found.append(Why("kit-differs", (before.kit, after.kit)))
    if before.as_of == after.as_of and before.tagmanifest_sha256 != after.tagmanifest_sha256:
        found.append(Why("same-cut-off"))
    return tuple(found)
