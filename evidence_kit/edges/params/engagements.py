"""One engagement file with the controls and sources it names: read, checked together, and made into the model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from evidence_kit.edges.params import agreement, channels, controls, frameworks, mappings, sealing
from evidence_kit.edges.params.forms import ActionForm, EngagementForm, LimitForm, PlaceForm, SendingForm
from evidence_kit.edges.params.reading import Document, Steps, read
from evidence_kit.edges.params.shapes import NAME, VARIABLE
from evidence_kit.edges.params.wording import nearest, settled
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import (
    FIGURES,
    MOCK,
    Action,
    Actor,
    Bilingual,
    Control,
    DigestRecipe,
    Engagement,
    Gap,
    Limit,
    Organisation,
    Period,
    Place,
    Reader,
    Recipient,
    Rehearsal,
    Sending,
    SourceMapping,
)

PROCESSES = (Actor("process:collector", "collector"), Actor("process:run", "launcher"))


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where parameter files lie: the engagement's own folder first, the kit's `params` last.

    `opened`: every file read so far. `failures`: files that could not be read at all, one message each.
    """

    folders: tuple[Path, ...]
    opened: list[Document] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def names(self, kind: str) -> list[str]:
        """The names of all files of that kind, without `.yaml`."""
        return sorted({path.stem for folder in self.folders for path in (folder / kind).glob("*.yaml")})

    def shown(self, path: Path) -> str:
        """A path as messages show it: from the folder that holds `params`, or as given."""
        base, absolute = self.folders[-1].absolute().parent, path.absolute()
        return absolute.relative_to(base).as_posix() if absolute.is_relative_to(base) else str(path)

    def take(self, document: Document, here: Steps, kind: str, name: str) -> Document | None:
        """The file `<kind>/<name>.yaml` that `document` names at `here`; None, with the problem noted, without one."""
        path = next((path for folder in self.folders if (path := folder / kind / f"{name}.yaml").is_file()), None)
        if path is None:
            document.report(here, f"there is no file {kind}/{name}.yaml{nearest(name, self.names(kind))}.")
            return None
        try:
            self.opened.append(read(path, self.shown(path)))
        except ParameterError as error:
            self.failures.append(str(error))
            return None
        return self.opened[-1]

    def settle(self) -> None:
        """Raise ParameterError with every problem of every file, one line each."""
        lines = [*self.failures]
        lines += [line for document in self.opened for line in document.lines()]
        if lines:
            raise ParameterError("\n".join(dict.fromkeys(lines)))


def located(engagement: str | Path, params: Path) -> tuple[Path, Shelf]:
    """The engagement's file and its shelf. Raises ParameterError when a name leads to no file of `params`."""
    text = str(engagement)
    if isinstance(engagement, Path) or text.endswith((".yaml", ".yml")) or "/" in text or "\\" in text:
        path = Path(engagement)
        own = path.parent.parent if path.parent.name == "engagements" else path.parent
        return path, Shelf((params,) if own.resolve() == params.resolve() else (own, params))
    shelf = Shelf((params,))
    known = shelf.names("engagements")
    if not re.fullmatch(NAME, text) or text not in known:
        raise ParameterError(
            f"no engagement of this name in {params.name}/engagements{nearest(text, known)}. "
            "Give a name from there, or the path of a YAML file."
        )
    return params / "engagements" / f"{text}.yaml", shelf


def engagement(path: Path, shelf: Shelf, overrides: Mapping[str, str], kind: str) -> Engagement:
    """The engagement in `path`, as the run of that `kind` is.

    Raises ParameterError with every problem of every file read, one line each; for a mock audit that the file does not
    state.
    """
    document = read(path, shelf.shown(path))
    form = settled(document, EngagementForm)
    shelf.opened.append(document)
    if path.parent in [folder / "engagements" for folder in shelf.folders] and form.engagement != path.stem:
        document.report(("engagement",), f"this file is called {path.name}. Give both the same name.")
    agreement.alone(document, form)
    tested = _controls(document, form, shelf)
    sources = _sources(document, form, shelf)
    if len(sources) == len(form.sources):
        agreement.together(document, form, tested, sources)
    texts = frameworks.taken(shelf)
    answers_to = frameworks.answered(document, form, shelf, texts)
    shelf.settle()
    _refuse_strangers(overrides, form, sources)
    agreed = _engagement(document, _of_kind(document, form, kind), tested, sources, overrides)
    return replace(agreed, kind=kind, frameworks=texts, answers_to=answers_to)


def _of_kind(document: Document, form: EngagementForm, kind: str) -> EngagementForm:
    """The form with the days and the company of that kind of run; everything else is one for both."""
    if kind != MOCK:
        return form
    mock = form.mock
    if mock is None:
        raise ParameterError(
            f"{document.file}: --kind mock: this engagement states no mock audit. Add `mock:` with its period and "
            "as_of, or leave --kind out."
        )
    other = mock.rehearsal.model_dump(exclude_none=True) if mock.rehearsal else {}
    company = form.rehearsal and form.rehearsal.model_copy(update=other)
    return form.model_copy(update={"period": mock.period, "as_of": mock.as_of, "rehearsal": company})


def _controls(document: Document, form: EngagementForm, shelf: Shelf) -> list[Control]:
    found: list[Control] = []
    for place, id_ in enumerate(form.controls):
        opened = shelf.take(document, ("controls", place), "controls", id_)
        control = opened and controls.control(opened, id_)
        if control and id_ in form.plans:
            plan = controls.plan(document, ("plans", id_), form.plans[id_], control.plan)
            control = replace(control, plan=plan)
        if control and id_ in form.strata:
            control = replace(control, stratum_by=form.strata[id_])
        if control:
            found.append(control)
    return found


def _sources(document: Document, form: EngagementForm, shelf: Shelf) -> dict[str, SourceMapping]:
    found: dict[str, SourceMapping] = {}
    for name, file in form.sources.items():
        opened = shelf.take(document, ("sources", name), "sources", file.removesuffix(".yaml"))
        mapping = opened and mappings.mapping(opened, name, form.timezone if form.naive_is_local else None)
        if mapping:
            found[name] = mapping
    return found


def _refuse_strangers(overrides: Mapping[str, str], form: EngagementForm, sources: Mapping[str, SourceMapping]) -> None:
    for name, place in overrides.items():
        if name not in form.sources:
            hint = nearest(name, form.sources)
            raise ParameterError(f"--source: engagement {form.engagement} has no source of this name{hint}.")
        if not place or not place.isprintable():
            raise ParameterError(f"--source {name}: the path is empty or not printable. Write --source {name}=PATH.")
        if "://" in place or (sources[name].served and not re.match(VARIABLE, place)):
            raise ParameterError(
                f"--source {name}: others on this machine can read a command line, and an address may hold a password. "
                f"Put it into an environment variable and write --source {name}=env:NAME; change what was shown."
            )


def _engagement(
    document: Document,
    form: EngagementForm,
    tested: list[Control],
    sources: Mapping[str, SourceMapping],
    overrides: Mapping[str, str],
) -> Engagement:
    made_up = form.rehearsal
    rehearsal = Rehearsal(made_up.seed, made_up.contacts, made_up.faults, made_up.as_of) if made_up else None
    return Engagement(
        id=form.engagement,
        file=document.file,
        title=Bilingual(form.title.en, form.title.fr),
        organisation=Organisation(form.organisation.name, form.organisation.country),
        demonstration=rehearsal is not None,
        period=Period(date.fromisoformat(form.period.from_on), date.fromisoformat(form.period.until_on)),
        as_of=datetime.fromisoformat(form.as_of),
        timezone=form.timezone,
        calendars=tuple(agreement.names(form.calendar)),
        profile=form.profile,
        limit=_limit(form.limit),
        naive_is_local=form.naive_is_local,
        actors=(*PROCESSES, *(Actor(f"person:{one.id}", one.role) for one in form.people)),
        controls=tuple(tested),
        out_of_scope=dict(form.out_of_scope),
        sources=sources,
        on_duplicate=tuple(form.on_duplicate) if isinstance(form.on_duplicate, list) else (form.on_duplicate,),
        parameters={**FIGURES, **form.parameters},
        explained_gaps=tuple(
            Gap(one.from_number, one.from_number if one.until is None else one.until, one.reason, one.series)
            for one in form.explained_gaps
        ),
        channels=tuple(channels.channel(id_, one) for id_, one in form.channels.items()),
        places={name: _place(document, name, one) for name, one in form.places.items()},
        digests=tuple(DigestRecipe(name, one.algorithm, one.key) for name, one in form.digests.items()),
        undotted_domains=tuple(form.undotted_domains),
        classes=dict(form.classes),
        sending=_sending(document, form.sending),
        told_apart=tuple((min(pair), max(pair)) for pair in form.told_apart),
        rehearsal=rehearsal,
        signing=sealing.signing(form.signing),
        stamping=sealing.stamping(form.timestamp),
        openings=form.openings,
        actions=tuple(_action(one) for one in form.actions),
        recipients=tuple(Recipient(id_, one.name, one.level) for id_, one in form.recipients.items()),
        opened=dict(overrides),
    )


def _action(form: ActionForm) -> Action:
    words = {name: Bilingual(**getattr(form, name).model_dump()) for name in ("cause", "effect", "action", "evidence")}
    done = None if form.done_on is None else date.fromisoformat(form.done_on)
    return Action(form.control, owner=form.owner, due=date.fromisoformat(form.due), done_on=done, **words)


def _place(document: Document, name: str, form: PlaceForm) -> Place:
    return Place(name, **form.model_dump(), line=document.mark(("places", name)).line)


def _sending(document: Document, form: SendingForm | None) -> Sending | None:
    if form is None:
        return None
    readers = tuple(
        Reader(**one.model_dump(), line=document.mark(("sending", "readers", place)).line)
        for place, one in enumerate(form.readers)
    )
    return Sending(form.contact, readers, document.mark(("sending",)).line)


def _limit(form: LimitForm) -> Limit:
    if form.days is not None:
        return Limit("days", form.days, roll=form.roll is not False)
    if form.working_days is not None:
        return Limit("working_days", form.working_days)
    return Limit("months", form.months) if form.months is not None else Limit("given")
