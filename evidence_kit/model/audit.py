"""What is asked: the engagement, its sources and its controls, as the parameter files state them.

Everything here is frozen and comes from `edges.params`; nothing is computed. Rates and confidences are decimal text
(``"0.05"``) and never floats. The words are those of ISO 19011 (engagement, scope) and ISA 530 (population, sample).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from evidence_kit.model.channels import Channel
from evidence_kit.model.framework import Framework

#: K = 1: with this tolerable rate a single deviation is already too many (docs/norm/rates.md, section 1).
NONE_TOLERATED = "0.000000001"
#: The stratum of frozen units whose time has not come: committed, never drawn, shown with its count.
NOT_YET_DUE = "not_yet_due"
#: Engines that are servers: their address may hold a password, so it is named by its variable alone.
SERVERS = ("postgresql", "mysql")
#: In `options.tables`: every table and view that the role can see.
EVERY = "*"
#: The two kinds of run of one engagement, in the order in which they happen.
MOCK, AUDIT = KINDS = ("mock", "audit")

#: Figures of the controls and what they are without a word in the engagement file (docs/norm/controls.md). Days,
#: hours and working days; a score is in percent.
FIGURES: Mapping[str, int] = {
    "forward_working_days": 5,
    "acknowledge_working_days": 3,
    "ask_within_days": 7,
    "identity_copy_days": 30,
    "notice_days": 30,
    "stop_grace_hours": 48,
    "channel_working_days": 1,
    "match_days": 7,
    "triage_score": 60,
    "ghost_months": 24,
    "register_review_months": 12,
    "terminated_grace_days": 7,
    "due_soon_days": 90,
    "value_sample_rows": 1000,
    "clock_skew_minutes": 5,
}


@dataclass(frozen=True, slots=True)
class Period:
    """The days under audit, both included, in the engagement's time zone."""

    start_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: `kind` is months, days, working_days or given; `n` counts them (0 for given).

    `roll` moves the last day to a working day (only for days; months always roll). Source: docs/norm/deadlines.md, R10.
    """

    kind: str
    n: int = 0
    roll: bool = True


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who is audited. `country` is ISO 3166-1 alpha-2."""

    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that may act in the ledger: `person:<id>` or `process:<name>`, and the role it has."""

    actor: str
    role: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Running numbers that are missing for a written reason, both ends included (COM-01, attribute A).

    `series`: the part of the identifier before its number, where the log has several series.
    """

    first: int
    last: int
    reason: str
    series: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a population is tested. Decimal text throughout; `census` tests every unit whatever the rates say."""

    confidence: str = "0.95"
    tolerable: str = NONE_TOLERATED
    expected: str = "0"
    census: bool = True


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One sentence in the two languages of every page."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """One lettered question put to a unit. `walkthrough`: answered by a person, no part of the unit's verdict."""

    letter: str
    text: Bilingual
    walkthrough: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """The columns a control asks of one frame. `evidential`: null is not known; `optional`: null is "did not happen".

    `required` says whether the control can run at all when no source maps the frame.
    """

    frame: str
    evidential: tuple[str, ...]
    optional: tuple[str, ...] = ()
    required: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in the order in which they are declared."""
        return self.evidential + self.optional


@dataclass(frozen=True, slots=True)
class Control:
    """One control as tested: statement, population, needs, test and thresholds (params/controls/<ID>.yaml).

    `where` bounds the population on its main `frame`; `set_aside`, in SQL too, finds the units whose event has not
    happened, of which the test says whether their time has come at all.
    """

    id: str
    family: str
    statement: Bilingual
    population: str
    frame: str
    unit: str
    where: str
    stratum_by: str | None
    needs: tuple[Need, ...]
    attributes: tuple[Attribute, ...]
    test: str
    plan: Plan
    grade: str
    references: tuple[str, ...]
    law: str
    set_aside: str | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """One canonical column of a mapping. Exactly one of the forms of docs/norm/frames.md.

    `sql` is an expression of the source's dialect (None for `null`, `unknown` and constants); `pseudonym` the kind when
    the kit makes one; `map`/`other` translate values; `format` and `precision` read dates written as text. `file`:
    `sql` names a file beside the source, and the column is its digest.
    """

    column: str
    sql: str | None = None
    const: str | int | bool | None = None
    unknown: bool = False
    pseudonym: str | None = None
    map: Mapping[str, str] | None = None
    other: str | None = None
    format: tuple[str, ...] = ()
    precision: str | None = None
    not_before: date | None = None
    line: int = 0
    file: bool = False


@dataclass(frozen=True, slots=True)
class FrameMapping:
    """How one source gives one frame: `origin` (FROM), `where`, and one `Mapped` per canonical column.

    `counted`: what an independent count of the rows is asked of (FROM); None when nothing can be counted apart.
    """

    frame: str
    origin: str
    where: str | None
    columns: Mapping[str, Mapped]
    line: int = 0
    counted: str | None = None


@dataclass(frozen=True, slots=True)
class LiveObject:
    """A live table that retention and our own searches look into: its key, what each event is called there, its holds.

    `persons`: expressions of the addresses by which a person is found in a row; `personal`: the columns that hold
    something about that person; `fields`: what a person may have corrected, by the word of the request; `dated`: when
    the row came to be, for "stored at the answer date". Without `persons` no search of access requests looks here.
    `soft_deleted`: the day a row was marked deleted, null for a living one. `returned`: `cause`, in the words of
    `return_cause`, and `proof`, the day of the person's own new act. `decoded`: column → how its text is wrapped.
    """

    name: str
    row_key: str
    events: Mapping[str, str]
    hold: Mapping[str, str] | None = None
    where: str | None = None
    last_write: Mapping[str, str] | None = None
    persons: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    dated: str | None = None
    soft_deleted: str | None = None
    returned: Mapping[str, str] | None = None
    decoded: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person may rightly remain after an erasure, and how a search there is shown to see (`places:`).

    `exception`: the ground of art. 17(3), with `keep` (as in `10 years`) from the day of the expression `start`.
    `suppression`: hashed or clear, for a do-not-contact list. `purge_days`: from a soft deletion to the purge.
    `mask`: irreversible or reversible. `canary`: the case of `subject_keys` known to be there. `not_searched`: why
    nobody looks here, for a place or, under the bare name of a source, for all of it.
    """

    name: str
    exception: str | None = None
    keep: str | None = None
    start: str | None = None
    suppression: str | None = None
    purge_days: int | None = None
    replay: bool | None = None
    mask: str | None = None
    canary: str | None = None
    not_searched: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class DigestRecipe:
    """How the organisation hashes an address: `algorithm` md5, sha1, sha256, sha512 or hmac-sha256.

    `key`: where the key, or the salt before the address, is kept: `vault:NAME` or `env:NAME`; None without one.
    """

    name: str
    algorithm: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """What a sending component reads of a contact: exactly one of a view and a trace of statements.

    `view`: `source.view` whose columns are what it reads. `trace`: `source.table` with one statement a row, in the
    columns `query` and `calls`, as pg_stat_statements keeps them.
    """

    view: str | None = None
    trace: str | None = None
    query: str = "query"
    calls: str | None = "calls"
    line: int = 0


@dataclass(frozen=True, slots=True)
class Sending:
    """Where what is known of a contact is stored (`contact`, a `source.object`), and what the senders read of it."""

    contact: str
    readers: tuple[Reader, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """One source: where it is opened, how it is read, and the frames and live objects it gives.

    `open` is a path relative to the parameter folder's parent, `env:NAME`, or None: `--source NAME=PATH` must say it.
    `timezone` is that of its texts without offset; None where nobody knows it.
    """

    name: str
    file: str
    engine: str
    open: str | None
    timezone: str | None
    options: Mapping[str, str | int | bool | tuple[str, ...]]
    joins: tuple[str, ...]
    frames: Mapping[str, FrameMapping]
    objects: Mapping[str, LiveObject]

    @property
    def served(self) -> bool:
        """Whether it lives in a server: then its place names a variable that only the collector reads."""
        return self.engine in SERVERS


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to whom bundles may be released, and the closest level this one may have (`model.disclosure.LEVELS`)."""

    id: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The made-up company, when the engagement audits it: seed, size, planted faults, and the day it is cut at."""

    seed: int
    contacts: int
    faults: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Signing:
    """Who holds the signing key: `kind` vault, file or agent. `place`: the file's path, or the key's fingerprint."""

    kind: str = "vault"
    place: str = ""


@dataclass(frozen=True, slots=True)
class Stamping:
    """Who dates the signature: an authority's address, and the file with the certificates it is checked against.

    `optional`: a bundle is sealed without a time stamp where the authority cannot be reached.
    """

    url: str
    ca: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """What was planned for the weakness that a control showed. `owner`: a role or an id of the engagement's people.

    `evidence`: what will show that it was done; `done_on`: the day on which somebody declared it done.
    """

    control: str
    cause: Bilingual
    effect: Bilingual
    action: Bilingual
    owner: str
    due: date
    evidence: Bilingual
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    """What was agreed with the auditor. Public keys and thresholds only: no secret, no personal value.

    `period`, `as_of` and `rehearsal` are those of the `kind` of run. `as_of` is the cut-off instant in UTC, whole
    seconds. `calendars`: none, one, or several readings (deadlines.md R8).
    """

    id: str
    file: str
    title: Bilingual
    organisation: Organisation
    demonstration: bool
    period: Period
    as_of: datetime
    timezone: str
    calendars: tuple[str, ...]
    profile: str
    limit: Limit
    naive_is_local: bool
    actors: tuple[Actor, ...]
    controls: tuple[Control, ...]
    out_of_scope: Mapping[str, str]
    sources: Mapping[str, SourceMapping]
    on_duplicate: tuple[str, ...]
    parameters: Mapping[str, int]
    explained_gaps: tuple[Gap, ...] = ()
    channels: tuple[Channel, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    digests: tuple[DigestRecipe, ...] = ()
    undotted_domains: tuple[str, ...] = ()
    #: `source.object.column` → the class a person gave it, in the words of `schema_columns`.
    classes: Mapping[str, str] = field(default_factory=dict)
    sending: Sending | None = None
    #: Pairs of provider ids, ascending, that read alike and that a person found to be two.
    told_apart: tuple[tuple[str, str], ...] = ()
    rehearsal: Rehearsal | None = None
    signing: Signing = Signing()
    stamping: Stamping | None = None
    #: Whether the bundle holds the rows of the drawn units as stored, so that each can be opened against its leaf.
    openings: bool = False
    #: To whom bundles may be released. No part of what was agreed, and in no bundle.
    recipients: tuple[Recipient, ...] = ()
    opened: Mapping[str, str] = field(default_factory=dict)
    #: What was planned for weaknesses, one for a control.
    actions: tuple[Action, ...] = ()
    #: Every framework that the parameters hold, and the ids of those that each control in scope must answer to.
    frameworks: tuple[Framework, ...] = ()
    answers_to: tuple[str, ...] = ()
    #: Of which kind this run is: the audit, or the mock audit before it.
    kind: str = AUDIT

    def place(self, source: str) -> str | None:
        """Where a source lies, as --source or else its mapping says: a path, `env:NAME`, or None when nobody said."""
        return self.opened.get(source) or self.sources[source].open
