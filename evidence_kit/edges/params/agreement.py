"""What an engagement file says, held against itself and against the files it names. Problems are noted, not raised."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from evidence_kit.edges import calendars
from evidence_kit.edges.params.forms import EngagementForm
from evidence_kit.edges.params.reading import Document, Steps
from evidence_kit.edges.params.wording import nearest
from evidence_kit.model.audit import FIGURES, Control, Need, SourceMapping
from evidence_kit.model.evidence import FRAMES

#: Frames that the kit makes → the mapped frames without which it cannot begin.
ROOTS: Mapping[str, tuple[str, ...]] = {
    "completeness": ("request_log",),
    "extracts": ("request_log",),
    "row_accounts": ("request_log",),
    "channel_units": ("request_log",),
    "trail_links": ("action_trail",),
    "trail_spans": ("request_log", "action_trail"),
    "erasure_probes": ("erasure_log",),
    "recipient_units": ("recipients_notifications", "erasure_log"),
    "backup_units": ("backups",),
    "archive_grants": ("retention_rules",),
    "job_units": ("retention_rules",),
    "schema_columns": ("register_objects",),
    "column_units": ("register_objects",),
    "column_entries": ("register_objects", "register_activities"),
    "entry_objects": ("register_objects",),
    "destination_units": ("processor_flows",),
    "destination_processors": ("processor_flows", "processors"),
    "provider_presence": ("processors",),
    "field_units": (),  # fields that templates offer, or columns that the senders read: `sending:` says which
    "send_checks": ("send_campaigns", "send_messages"),
    "send_exceptions": ("send_campaigns", "send_messages"),
}
#: The one pair of treatments that means something: drop exact repeats, then number what still shares an identifier.
BOTH = ["collapse-exact-repeats", "number-them"]


def alone(document: Document, form: EngagementForm) -> None:
    """Check what needs no other file: days, zone, calendars, names given twice, figures."""
    if date.fromisoformat(form.period.until_on) < date.fromisoformat(form.period.from_on):
        document.report(("period", "until"), "the period ends before it begins.")
    if datetime.fromisoformat(form.as_of).date() < date.fromisoformat(form.period.from_on):
        document.report(("as_of",), "the cut-off lies before the period begins.")
    _mock(document, form)
    zone(document, ("timezone",), form.timezone)
    for place, name in enumerate(names(form.calendar)):
        if why := calendars.objection(name):
            document.report(("calendar", place) if isinstance(form.calendar, list) else ("calendar",), why)
    _once(document, ("controls",), form.controls)
    _once(document, ("people",), [person.id for person in form.people])
    _once(document, ("calendar",), names(form.calendar))
    for id_ in form.out_of_scope.keys() & set(form.controls):
        document.report(("out_of_scope", id_), "this control is run and out of scope at once. Keep one.")
    for key, said in (("plans", form.plans), ("strata", form.strata)):
        for id_ in said.keys() - set(form.controls):
            document.report((key, id_), f"this control is not run here{nearest(id_, form.controls)}.")
    _actions(document, form)
    for name, figure in form.parameters.items():
        if name not in FIGURES:
            document.report(("parameters", name), f"this parameter is not known{nearest(name, FIGURES)}.")
        elif figure == 0 and name.endswith("_working_days"):
            document.report(("parameters", name), "a delay of no day cannot be kept. Give 1 or more.")
    for place, gap in enumerate(form.explained_gaps):
        if gap.until is not None and gap.until < gap.from_number:
            document.report(("explained_gaps", place, "until"), "the gap ends before it begins.")
    if isinstance(form.on_duplicate, list) and form.on_duplicate[1:] and form.on_duplicate != BOTH:
        document.report(("on_duplicate",), "two words are collapse-exact-repeats, then number-them; refuse is alone.")
    if form.demonstration is not None and form.demonstration != (form.rehearsal is not None):
        why = "the rehearsal's keys are public, so it is true there and nowhere else. Remove this line."
        document.report(("demonstration",), why)


def _actions(document: Document, form: EngagementForm) -> None:
    """Each action is for a control that is run, one for each, and answered for by somebody of `people`."""
    people = {name for person in form.people for name in (person.id, person.role)}
    controls = [one.control for one in form.actions]
    for place, one in enumerate(form.actions):
        here: Steps = ("actions", place)
        if one.control not in form.controls:
            document.report((*here, "control"), f"this control is not run here{nearest(one.control, form.controls)}.")
        elif (first := controls.index(one.control)) != place:
            line = document.mark(("actions", first, "control")).line
            text = f"this control has its action already, on line {line}. Put all its steps into one."
            document.report((*here, "control"), text)
        if one.owner not in people:
            why = f"nobody of `people` has this role or id{nearest(one.owner, people)}. A role, never a name."
            document.report((*here, "owner"), why)


def _mock(document: Document, form: EngagementForm) -> None:
    """The mock audit's days: in their order, and none after the audit's cut-off."""
    mock = form.mock
    if mock is None:
        return
    begins, ends = date.fromisoformat(mock.period.from_on), date.fromisoformat(mock.period.until_on)
    cut_off = datetime.fromisoformat(form.as_of)
    if ends < begins:
        document.report(("mock", "period", "until"), "the period ends before it begins.")
    if ends > cut_off.date():
        document.report(("mock", "period", "until"), "the mock audit's period ends after the audit's cut-off.")
    if datetime.fromisoformat(mock.as_of).date() < begins:
        document.report(("mock", "as_of"), "the cut-off lies before the period begins.")
    if datetime.fromisoformat(mock.as_of) > cut_off:
        document.report(("mock", "as_of"), "the mock audit's cut-off lies after the audit's, which it comes before.")
    if mock.rehearsal is not None and form.rehearsal is None:
        document.report(("mock", "rehearsal"), "this engagement audits no made-up company. Remove this key.")


def together(
    document: Document, form: EngagementForm, controls: Iterable[Control], sources: Mapping[str, SourceMapping]
) -> None:
    """Check the files named against one another: every needed frame is mapped, every join leads somewhere."""
    for name, source in sources.items():
        for other in source.joins:
            if other not in form.sources or other == name:
                hint = nearest(other, form.sources.keys() - {name})
                text = f"{source.file} joins {other}, which is no other source of this engagement{hint}."
                document.report(("sources", name), text)
        if source.timezone and (unknown := zone_objection(source.timezone)):
            document.report(("sources", name), f"{source.file}: timezone: {unknown}")
    for control in controls:
        for need in control.needs:
            if why := _lack(control, need, sources.values()):
                document.report(("controls", form.controls.index(control.id)), why)


def names(calendar: str | list[str] | None) -> list[str]:
    """The calendars named: none, one or several."""
    return [calendar] if isinstance(calendar, str) else calendar or []


def zone(document: Document, here: Steps, name: str) -> None:
    """Note a time zone that does not exist."""
    if why := zone_objection(name):
        document.report(here, why)


def zone_objection(name: str) -> str | None:
    """Why there is no such time zone, with the nearest known one; None when there is."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"no time zone has this name{nearest(name, available_timezones())}."
    return None


def _once(document: Document, here: Steps, given: Collection[str]) -> None:
    seen: set[str] = set()
    for place, name in enumerate(given):
        if name in seen:
            document.report((*here, place), "this is given twice. Keep one.")
        seen.add(name)


def _lack(control: Control, need: Need, sources: Iterable[SourceMapping]) -> str | None:
    """Why `control` cannot run for want of the frame it needs; None when it can."""
    sources = tuple(sources)
    given = {frame for source in sources for frame in source.frames}
    for root in ROOTS.get(need.frame, ()):
        if need.required and root not in given:
            return (
                f"{control.id} needs frame {need.frame}, which is made of {root}, which no source maps. Map it, or "
                "leave the control out of scope."
            )
    mapped = [source for source in sources if need.frame in source.frames]
    if not mapped and need.required and not FRAMES[need.frame].built:
        return (
            f"{control.id} needs frame {need.frame}, which no source maps. Map it, or leave the control out of scope."
        )
    for source in mapped:
        for name in need.evidential:
            one = source.frames[need.frame].columns.get(name)
            if one is not None and one.unknown:
                return (
                    f"{control.id} needs {need.frame}.{name} as evidence; {source.file}, line {one.line} says unknown, "
                    "which is for optional events. Write null."
                )
    return None
