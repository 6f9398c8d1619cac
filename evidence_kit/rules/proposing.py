"""Which table may give which frame, and which of its columns each canonical column: by names and types alone. Pure.

A proposal is a place to begin, for a person to read: nothing is decided by it, and where nothing fits nothing is made
up. Names are read as REG-01 reads them, French or English. Source: docs/starting.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evidence_kit.model.evidence import FRAMES, Column, FrameSpec
from evidence_kit.rules.naming import tokens

#: Frame → words of which one must stand in the name of the table.
TABLES: Mapping[str, frozenset[str]] = {
    "request_log": frozenset("request demande dsar dsr sar ticket gdpr rgpd right droit".split()),
    "erasure_log": frozenset("erasure deletion effacement suppression erased forgotten oubli".split()),
    "processors": frozenset("processor vendor supplier provider fournisseur prestataire traitant subprocessor".split()),
    "processor_reviews": frozenset("review revue evaluation audit assessment".split()),
    "send_campaigns": frozenset("campaign campagne mailing newsletter".split()),
    "send_messages": frozenset("message sending envoi delivery sent outbox".split()),
    "send_stops": frozenset("unsubscribe optout stop desabonnement desinscription unsubscription".split()),
    "backups": frozenset("backup sauvegarde snapshot".split()),
    "restores": frozenset("restore restoration restauration".split()),
    "deletion_jobs": frozenset("job purge run retention".split()),
}
#: Canonical column → other names under which it is met, each a phrase of words as `tokens` gives them.
CALLED: Mapping[str, tuple[str, ...]] = {
    "request_id": ("id", "reference", "ref", "ticket", "number", "case id", "key"),
    "erasure_id": ("id", "reference", "ref", "number"),
    "campaign_id": ("campaign id", "id", "campaign"),
    "message_id": ("message id", "id"),
    "message_key": ("message id", "id"),
    "stop_id": ("id", "unsub id"),
    "backup_id": ("id", "backup"),
    "restore_id": ("id", "restore"),
    "run_id": ("id", "run"),
    "rule_id": ("rule", "policy id", "policy"),
    "processor_id": ("id", "vendor id", "supplier id", "provider id", "code"),
    "review_id": ("id",),
    "subject_key": ("email", "requester email", "requester", "customer email", "contact email"),
    "recipient_key": ("email", "recipient", "recipient email", "to"),
    "entry_key": ("email", "address", "value"),
    "right_invoked": ("type", "kind", "right", "category", "request type", "nature"),
    "channel": ("channel", "via", "source", "origin", "canal", "medium"),
    "received_at": ("received at", "received", "arrived at", "arrived", "created at", "opened at", "recu", "date"),
    "logged_at": ("logged at", "entered at", "created at"),
    "acknowledged_at": ("acknowledged at", "acknowledged", "ack at"),
    "responded_at": ("answered at", "answered", "closed at", "closed", "resolved at", "resolved", "replied at"),
    "extension_notified_at": ("extended at", "extension at", "extension"),
    "forwarded_at": ("forwarded at", "transferred at"),
    "due_given_on": ("due on", "due date", "due", "deadline", "echeance"),
    "status": ("status", "state"),
    "decided_at": ("decided at", "decided", "requested at", "created at"),
    "executed_at": ("executed at", "executed", "deleted at", "erased at", "done at", "completed at"),
    "sent_at": ("sent at", "sent", "sent on", "date", "created at"),
    "stopped_at": ("unsubscribed at", "stopped at", "created at", "at", "date"),
    "taken_at": ("taken at", "started at", "created at", "date"),
    "restored_at": ("restored at", "started at", "date"),
    "scheduled_on": ("scheduled on", "scheduled at", "scheduled", "planned on"),
    "started_at": ("started at", "begun at", "start"),
    "finished_at": ("finished at", "ended at", "end"),
    "rows_deleted": ("deleted count", "deleted", "row deleted"),
    "name": ("name", "label", "company", "title"),
    "country": ("country", "country code"),
    "service": ("service", "purpose", "description"),
    "contract_signed_on": ("signed on", "contract date", "contract signed", "signed at"),
    "terminated_on": ("terminated on", "ended on", "end date"),
    "reviewed_on": ("reviewed on", "reviewed at", "date"),
    "outcome": ("outcome", "result", "conclusion"),
}
#: What a source may state as one word for all its rows, where no column says it; a person confirms it.
STATED: Mapping[tuple[str, str], str] = {
    ("request_log", "capacity"): "controller",
    ("request_log", "channel"): "unknown",
    ("request_log", "right_invoked"): "unknown",
    ("erasure_log", "capacity"): "controller",
    ("erasure_log", "scope"): "full",
    ("erasure_log", "method"): "delete",
    ("erasure_log", "identifier_form"): "none",
    ("send_campaigns", "message_type"): "marketing",
    ("backups", "kind"): "full",
    ("processors", "relation"): "processor",
}
#: Kinds of column that are days or moments, as engines write them.
DATED = ("date", "time")


@dataclass(frozen=True, slots=True)
class Found:
    """One column of a table as it was seen: its name, its type as the source gives it, its class and why."""

    name: str
    kind: str
    personal_class: str = "none"
    reasons: tuple[str, ...] = ()

    @property
    def dated(self) -> bool:
        """Whether its type is a day or a moment."""
        return any(word in self.kind.lower() for word in DATED)

    @property
    def day(self) -> bool:
        """Whether it is a day without a time."""
        return self.kind.lower() == "date"

    @property
    def address(self) -> bool:
        """Whether it holds addresses for electronic mail, by which a person is found."""
        return any(reason in ("value-email", "name-email") for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a source, with its columns in their order. `rows`: how many, None where nobody could count."""

    source: str
    name: str
    columns: tuple[Found, ...]
    rows: int | None = None

    @property
    def personal(self) -> tuple[Found, ...]:
        """The columns that hold something about a person."""
        return tuple(column for column in self.columns if column.personal_class != "none")


@dataclass(frozen=True, slots=True)
class Choice:
    """How a canonical column may be filled: by the column `chosen` (others that would do in `others`), by one word for
    all rows (`stated`), or by nothing that was seen."""

    column: Column
    chosen: Found | None = None
    others: tuple[str, ...] = ()
    stated: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A frame that a table may give. `lacking`: columns that the frame cannot do without and that nothing fits."""

    frame: str
    table: Table
    choices: tuple[Choice, ...]
    lacking: tuple[str, ...] = field(default=())

    @property
    def matched(self) -> int:
        """How many canonical columns a column of the table would fill."""
        return sum(choice.chosen is not None for choice in self.choices)


def proposals(tables: Sequence[Table]) -> tuple[Proposal, ...]:
    """For each frame the table that fits best, if one fits: its name speaks of it and no needed column is lacking.

    A table is proposed for one frame only, the one of which it fills most. Ties go to the first name in the alphabet.
    """
    every = sorted(
        (one for table in tables for one in _of(table) if not one.lacking),
        key=lambda one: (-one.matched, one.frame, one.table.source, one.table.name),
    )
    taken_frames: set[str] = set()
    taken_tables: set[tuple[str, str]] = set()
    kept = []
    for one in every:
        place = (one.table.source, one.table.name)
        if one.frame not in taken_frames and place not in taken_tables:
            taken_frames.add(one.frame)
            taken_tables.add(place)
            kept.append(one)
    return tuple(kept)


def _of(table: Table) -> Iterator[Proposal]:
    words = frozenset(tokens(table.name))
    for frame, wanted in TABLES.items():
        if words & wanted:
            yield _proposal(FRAMES[frame], table)


def _proposal(spec: FrameSpec, table: Table) -> Proposal:
    choices, used = [], set[str]()
    for column in (one for one in spec.columns if not one.computed):
        fitting = [one for one in _fitting(column, table) if one.name not in used]
        # The identifier of a message is its own key too; any other column of a table fills one canonical column.
        best = fitting[0] if fitting else None
        if best is not None and column.pseudonym != "message":
            used.add(best.name)
        stated = None if best else STATED.get((spec.name, column.name))
        choices.append(Choice(column, best, tuple(one.name for one in fitting[1:4]), stated))
    lacking = tuple(
        one.column.name for one in choices if not one.column.nullable and one.chosen is None and one.stated is None
    )
    return Proposal(spec.name, table, tuple(choices), lacking)


def _fitting(column: Column, table: Table) -> list[Found]:
    """The columns of a table that may be this one, the likeliest first; equals in the order of the table."""
    scored = [(_score(column, one, table), place, one) for place, one in enumerate(table.columns)]
    return [one for score, _, one in sorted(scored, key=lambda each: (-each[0], each[1])) if score > 0]


def _score(column: Column, found: Found, table: Table) -> int:
    """How well a name fits: 0 not at all. The canonical name itself counts most, then the phrases in their order."""
    if column.kind in ("date", "timestamp") and not (found.dated or "text" in found.kind or "char" in found.kind):
        return 0
    if found.dated and column.kind not in ("date", "timestamp"):
        return 0
    if column.pseudonym == "person" and not found.address:
        return 0
    words, bare = tokens(found.name), _without(tokens(found.name), tokens(table.name))
    own = tokens(column.name.removesuffix("_key"))
    if own in (words, bare):
        return 100
    for place, phrase in enumerate(CALLED.get(column.name, ())):
        said = tuple(phrase.split())
        if said in (words, bare):
            return 90 - place
    return 0


def _without(words: tuple[str, ...], table: tuple[str, ...]) -> tuple[str, ...]:
    """A column's words without those of its table: `ticket_status` of `tickets` is `status`."""
    return tuple(word for word in words if word not in table)


def row_key(table: Table) -> Found | None:
    """The column that most likely tells the rows apart: `id`, the table's own name with id, the first that ends so."""
    own = tokens(table.name)
    ids = [one for one in table.columns if tokens(one.name)[-1:] in (("id",), ("uuid",)) and not one.dated]
    exact = [one for one in ids if _without(tokens(one.name), own) in (("id",), ("uuid",))]
    return next(iter(exact or ids), None)
