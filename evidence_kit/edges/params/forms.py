"""The shapes of an engagement file and of a control file. What they say together is checked in `engagements`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from evidence_kit.edges.params.channels import ChannelForm
from evidence_kit.edges.params.sealing import SigningForm, StampForm
from evidence_kit.edges.params.shapes import (
    MANY,
    ONE,
    ONE_OR_MANY,
    ChannelId,
    ColumnName,
    Condition,
    ControlId,
    Country,
    Day,
    Expression,
    Faults,
    FileName,
    Instant,
    KeyPlace,
    Letter,
    Name,
    Period,
    PlaceName,
    PlanForm,
    Sentence,
    Strict,
    Test,
    Text,
    Word,
    refuse,
)

PersonalClass = Literal["none", "identifier", "contact", "behaviour", "content", "financial", "special", "unknown"]
Treatment = Literal["refuse", "collapse-exact-repeats", "number-them"]


class OrganisationForm(Strict):
    """Who is audited."""

    name: Text = Field(description="the organisation's name")
    country: Country = Field(description="ISO 3166-1 alpha-2, such as FR; NO is Norway, quotes are not needed")


class PeriodForm(Strict):
    """The days under audit."""

    from_on: Day = Field(alias="from", description="first day, YYYY-MM-DD")
    until_on: Day = Field(alias="until", description="last day, included, YYYY-MM-DD")


class RehearsalForm(Strict):
    """The made-up company, when the engagement audits it."""

    seed: int = Field(20180525, ge=0, le=2**53 - 1, description="another seed gives other people, the same faults")
    contacts: int = Field(20_000, ge=1, le=10_000_000, description="size: contacts in the base")
    faults: Faults = Field("all", description="planted faults: all, none, a list such as F01,F07, or all but F19,F20")
    as_of: Literal["real", "mock"] = Field("real", description="the day the company is cut at: real or mock audit")


class MockRehearsalForm(Strict):
    """What of the made-up company differs in the mock audit; a key that is not there stays that of the audit."""

    seed: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = Field(None, description="as `rehearsal.seed`")
    contacts: Annotated[int, Field(ge=1, le=10_000_000)] | None = Field(None, description="as `rehearsal.contacts`")
    faults: Faults | None = Field(None, description="as `rehearsal.faults`")
    as_of: Literal["real", "mock"] = Field("mock", description="the day the company is cut at: real or mock audit")


class MockForm(Strict):
    """The mock audit that comes before the audit: same controls, sources and keys; other days."""

    period: PeriodForm = Field(description="the days under the mock audit: from and until")
    as_of: Instant = Field(description="its cut-off instant, no later than that of the audit")
    rehearsal: MockRehearsalForm | None = Field(None, description="what of the made-up company differs then")


class LimitForm(Strict):
    """The time limit of the statute: exactly one of its keys, and `roll` beside `days` only."""

    months: Annotated[int, Field(ge=1, le=60)] | None = Field(None, description="calendar months from receipt")
    days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        None, description="calendar days after the day of receipt"
    )
    roll: bool | None = Field(
        None, description="with days: a last day off moves to the next working day (default true)"
    )
    working_days: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="working days of the calendar after the day of receipt"
    )
    given: Literal[True] | None = Field(None, description="true: the due day that the source states (due_given_on)")

    @model_validator(mode="after")
    def _one(self) -> LimitForm:
        kinds = (self.months, self.days, self.working_days, self.given)
        if sum(kind is not None for kind in kinds) != 1:
            raise refuse("give exactly one of months, days, working_days, given.")
        if self.roll is not None and self.days is None:
            raise refuse("roll goes with days only; months always roll and working days never need to.")
        return self


class PersonForm(Strict):
    """Somebody who may act in the ledger: an id, never a name or an address."""

    id: Name = Field(description="short id as the ledger shows it (`person:<id>`)")
    role: Name = Field(description="what the person is here, such as auditor or dpo")


class RecipientForm(Strict):
    """Somebody to whom bundles are released: an organisation or an office, by the level it may have."""

    name: Text = Field(description="who it is, for people; it stands in no bundle")
    level: Literal["auditor-full", "auditor-pseudonymised", "client"] = Field(
        description="the closest level this recipient may have; those after it too"
    )


class GapForm(Strict):
    """Running numbers that are missing for a reason somebody wrote down."""

    from_number: int = Field(alias="from", ge=0, le=1_000_000_000, description="first missing number")
    until: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = Field(
        None, description="last missing number, included (default: the first alone)"
    )
    reason: Text = Field(description="why they are missing; it stands in the evidence")
    series: Text | None = Field(None, description="the identifier's part before the number, where there are several")


class PlaceForm(Strict):
    """What may stay of an erased person in one object, and how a search there is shown to see."""

    exception: Text | None = Field(None, description="ground of art. 17(3) for keeping the person here, as 17(3)(b)")
    keep: Period | None = Field(None, description="with exception: how long, such as 10 years")
    start: Expression | None = Field(None, description="with exception: expression of the day from which keep counts")
    suppression: Literal["hashed", "clear"] | None = Field(
        None, description="this is a do-not-contact list: its entries are keyed digests (hashed) or addresses (clear)"
    )
    purge_days: Annotated[int, Field(ge=0, le=3650)] | None = Field(
        None, description="days from a soft deletion to the purge"
    )
    replay: bool | None = Field(None, description="erasures are replayed after a restore from here")
    mask: Literal["irreversible", "reversible"] | None = Field(None, description="what masking is done here")
    canary: Name | None = Field(
        None, description="case of subject_keys that is known to stand here: without it nothing found proves nothing"
    )
    not_searched: Text | None = Field(None, description="why nobody looks here; the pages say so")

    @model_validator(mode="after")
    def _whole(self) -> PlaceForm:
        if not self.model_fields_set:
            raise refuse("say what may stay here, or which canary is known to stand here.")
        if self.not_searched is not None and len(self.model_fields_set) > 1:
            raise refuse("a place that is not searched has no other key.")
        if (self.keep is None) != (self.start is None) or (self.keep is not None and self.exception is None):
            raise refuse("keep and start go together, with exception.")
        return self


class DigestForm(Strict):
    """How the organisation hashes the address of a person."""

    algorithm: Literal["md5", "sha1", "sha256", "sha512", "hmac-sha256"] = Field(
        description="of the normalised address, as lower-case hex"
    )
    key: KeyPlace | None = Field(
        None, description="where its key, or the salt put before the address, is kept: vault:NAME or env:NAME"
    )

    @model_validator(mode="after")
    def _keyed(self) -> DigestForm:
        if self.algorithm.startswith("hmac") and self.key is None:
            raise refuse("an HMAC has a key. Say where it is kept: vault:NAME or env:NAME.")
        return self


class ReaderForm(Strict):
    """What a sending component reads of a contact: a view, or a trace of its statements."""

    view: PlaceName | None = Field(None, description="source.view whose columns are what the sender reads")
    trace: PlaceName | None = Field(
        None, description="source.table with one statement a row, as pg_stat_statements keeps them"
    )
    query: Text = Field("query", description="with trace: the column that holds the statement")
    calls: Text | None = Field("calls", description="with trace: the column that counts its calls; null: none does")

    @model_validator(mode="after")
    def _one(self) -> ReaderForm:
        if (self.view is None) == (self.trace is None):
            raise refuse("say one of view and trace.")
        if self.view is not None and self.model_fields_set & {"query", "calls"}:
            raise refuse("query and calls go with trace.")
        if "." not in (self.view or self.trace or ""):
            raise refuse("name the source and its table: source.table.")
        return self


class SendingForm(Strict):
    """Where what is known of a contact is stored, and what the senders read of it."""

    contact: PlaceName = Field(description="source.object that holds the contacts")
    readers: list[ReaderForm] = Field([], max_length=50, description="views and traces of what the senders read")

    @model_validator(mode="after")
    def _object(self) -> SendingForm:
        if "." not in self.contact:
            raise refuse("contact: name the source and its table: source.table.")
        return self


class ActionForm(Strict):
    """What is planned for the weakness that a control showed. Public words: roles, never a person's name."""

    control: ControlId = Field(description="the control that showed the weakness")
    cause: Sentence = Field(description="why it came to this")
    effect: Sentence = Field(description="what it means for the persons concerned, or for the organisation")
    action: Sentence = Field(description="what will be done")
    owner: Name = Field(description="who answers for it: a role, or an id, of `people`")
    due: Day = Field(description="by when, YYYY-MM-DD")
    evidence: Sentence = Field(description="what will show that it was done")
    done_on: Day | None = Field(None, description="the day on which it was declared done; a run says whether it shows")


class EngagementForm(Strict):
    """What was agreed with the auditor: params/engagements/<name>.yaml. Public words only: no secret, no person."""

    engagement: Name = Field(description="id of the engagement, equal to the name of its file")
    title: Sentence = Field(description="title on the cover, in English (en) and French (fr)")
    organisation: OrganisationForm = Field(description="who is audited: name and country")
    demonstration: bool | None = Field(None, description="true for the rehearsal, whose keys are public; never else")
    rehearsal: RehearsalForm | None = Field(None, description="the made-up company, when the engagement audits it")
    period: PeriodForm = Field(description="the days under audit: from and until")
    as_of: Instant = Field(description="cut-off instant in UTC and whole seconds, such as 2026-06-30T21:59:59Z")
    mock: MockForm | None = Field(
        None, description="the mock audit before it, run with `--kind mock`: its period, as_of and rehearsal"
    )
    timezone: Text = Field(description="IANA time zone of the organisation, such as Europe/Paris")
    calendar: (
        Annotated[
            Annotated[Text, ONE] | Annotated[list[Text], MANY, Field(min_length=1, max_length=8)],
            ONE_OR_MANY,
        ]
        | None
    ) = Field(None, description="public holidays: a name such as FR-57, a list when the place is not settled, or null")
    profile: Literal["EU", "UK"] = Field("EU", description="whose law on pauses applies: EU or UK")
    limit: LimitForm = Field(description="the statute's time limit, such as {months: 1}")
    naive_is_local: bool = Field(
        True, description="date-times without offset are local; false: local or UTC, not known"
    )
    people: list[PersonForm] = Field([], max_length=100, description="who may act in the ledger: id and role")
    recipients: dict[Name, RecipientForm] = Field(
        {}, max_length=100, description="id → to whom bundles may be released, and up to which level; see `release`"
    )
    controls: list[ControlId] = Field(min_length=1, max_length=60, description="ids of the controls to run, in order")
    out_of_scope: dict[ControlId, Text] = Field({}, description="control id and why it is not run")
    frameworks: list[Text] = Field(
        [],
        max_length=40,
        description="texts that every control must answer to, such as 27701:2025; see docs/frameworks.md",
    )
    sources: dict[Word, FileName] = Field(
        min_length=1, max_length=40, description="logical name of each source and its mapping file in params/sources"
    )
    parameters: dict[Word, Annotated[int, Field(ge=0, le=100_000)]] = Field({}, description="figures of the controls")
    explained_gaps: list[GapForm] = Field(
        [], max_length=1000, description="running numbers missing for a written reason: from, until, reason"
    )
    channels: dict[ChannelId, ChannelForm] = Field(
        {},
        max_length=60,
        description="id and what is offered there for rights requests; the command `channels` tries it",
    )
    places: dict[PlaceName, PlaceForm] = Field(
        {}, max_length=1000, description="source.object → what may stay there of an erased person, and its canary"
    )
    digests: dict[Word, DigestForm] = Field(
        {}, max_length=20, description="name → how the organisation hashes an address, for searches by digest"
    )
    undotted_domains: list[Text] = Field(
        [], max_length=100, description="mail domains that ignore dots and + tags, such as gmail.com"
    )
    classes: dict[ColumnName, PersonalClass] = Field(
        {}, max_length=5000, description="source.object.column → what it holds of a person, where a person has looked"
    )
    sending: SendingForm | None = Field(None, description="where contacts are stored, and what the senders read")
    told_apart: list[Annotated[list[Text], Field(min_length=2, max_length=2)]] = Field(
        [], max_length=1000, description="pairs of provider ids that read alike and that a person found to be two"
    )
    on_duplicate: Annotated[
        Annotated[Treatment, ONE] | Annotated[list[Treatment], MANY, Field(min_length=1, max_length=2)],
        ONE_OR_MANY,
    ] = Field("refuse", description="identifiers met twice: one word, or [collapse-exact-repeats, number-them]")
    signing: SigningForm = Field("vault", description="who signs: vault, {file: PATH} or {agent: SHA256:…}")
    timestamp: StampForm | None = Field(None, description="who dates the signature (RFC 3161): url, ca, optional")
    openings: bool = Field(False, description="true: the bundle holds the drawn units' rows as stored, raw values too")
    actions: list[ActionForm] = Field(
        [], max_length=200, description="the action plan: one action for each weakness, by control"
    )
    plans: dict[ControlId, PlanForm] = Field({}, description="control id and the figures that replace its own plan")
    strata: dict[ControlId, Expression | None] = Field(
        {}, description="control id and the expression that names its strata instead of its own; null: one stratum, all"
    )


class PopulationForm(Strict):
    """The units of a control, on the columns of its main frame."""

    name: Name = Field(description="name of the population; the commitment calls it `<control>.<name>`")
    frame: Word = Field(description="main frame: one row is one unit")
    unit: Word = Field(description="column that identifies the unit")
    where: Condition | None = Field(
        None, description="condition on the frame's columns; may use :period_start :period_end :as_of"
    )
    set_aside: Condition | None = Field(
        None, description="condition that finds units still open; those that the test calls not yet due are set aside"
    )
    stratum_by: Expression | None = Field(None, description="expression that names the stratum; null: one stratum, all")


class NeedForm(Strict):
    """The columns asked of one frame."""

    frame: Word = Field(description="canonical frame")
    evidential: list[Word] = Field(min_length=1, description="columns whose null is INCONCLUSIVE")
    optional: list[Word] = Field([], description="columns of events whose null says that it did not happen")
    required: bool = Field(True, description="false: the control can run when no source gives this frame")


class AttributeForm(Strict):
    """One lettered question put to a unit."""

    letter: Letter = Field(description="A, B, C …")
    en: Text = Field(description="the question in English")
    fr: Text = Field(description="the question in French")
    walkthrough: bool = Field(False, description="true: answered by a person, no part of the unit's verdict")


class ControlForm(Strict):
    """One control as tested: params/controls/<ID>.yaml."""

    control: ControlId = Field(description="id, equal to the name of the file")
    family: Word = Field(description="family: the module of rules that holds the test")
    statement: Sentence = Field(description="what is claimed, in English (en) and French (fr)")
    population: PopulationForm = Field(description="the units: name, frame, unit, where, stratum_by")
    needs: list[NeedForm] = Field(min_length=1, max_length=12, description="frames and columns the test reads")
    attributes: list[AttributeForm] = Field(min_length=1, max_length=12, description="the questions put to each unit")
    test: Test = Field(description="the test, such as requests.answered_in_time")
    plan: PlanForm = Field(description="confidence, tolerable and expected rate, census")
    grade: Literal["major", "minor", "observation"] = Field(description="how a failure is graded")
    law: Literal["law", "recommendation", "good-practice", "yardstick"] = Field(
        description="what the statement rests on"
    )
    references: list[Text] = Field(min_length=1, max_length=20, description="articles, guidelines, clauses")
