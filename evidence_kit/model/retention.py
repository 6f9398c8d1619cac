"""How long a row may stay, what is seen of it, and what an erasure probe saw. Source: docs/norm/retention.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from evidence_kit.model.outcome import Outcome


class Span(StrEnum):
    """The unit a retention period is counted in."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


class Then(StrEnum):
    """What follows a phase. After an archive only deletion or anonymisation can."""

    ARCHIVE = "archive"
    DELETE = "delete"
    ANONYMISE = "anonymise"


Keep: TypeAlias = tuple[int, Span]
"""How long: a whole number and its unit."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The intermediate archive. `start`: names of its own starting events; None: counted from the end of the active
    phase. Raises ValueError `archive-never-ends`."""

    start: tuple[str, ...] | None
    keep: Keep
    then: Then

    def __post_init__(self) -> None:
        if self.then is Then.ARCHIVE:
            raise ValueError("archive-never-ends")


@dataclass(frozen=True, slots=True)
class Rule:
    """The declared life of one activity's rows: active base, intermediate archive, then deletion or anonymisation.

    `start`: names of starting events, the latest one present counts; `fallback`: used only when none is present;
    `planned`: events that may lie in the future. `grace_days`: declared delay of the purge job, whole days.
    `hold_in_active`: a legal hold may keep rows in the active base. Raises ValueError `grace-out-of-range`.
    """

    start: tuple[str, ...]
    keep: Keep
    then: Then
    fallback: tuple[str, ...] = ()
    planned: frozenset[str] = frozenset()
    grace_days: int = 0
    archive: Archive | None = None
    hold_in_active: bool = False

    def __post_init__(self) -> None:
        if self.grace_days < 0:
            raise ValueError("grace-out-of-range")


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold. Days are text `YYYY-MM-DD`; `until_on` is None while it runs without an end; `reference` is None
    when nothing documents it."""

    from_on: str | None
    until_on: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """One row, or one person's rows. `place`: active, archive, absent, anonymised; None when not known.

    `events`: name to day, as text `YYYY-MM-DD`, or None. `absent` must come from a probe with a positive control.
    """

    place: str | None
    events: Mapping[str, str | None]
    hold: Hold | None = None
    removed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether one unit is kept longer than declared. `start` and `limit` where they were computed; `days_over` counts
    calendar days from the limit, grace not deducted, and is 0 for a PASS with a limit."""

    verdict: Outcome
    reason: str
    start: date | None = None
    limit: date | None = None
    days_over: int | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """One person looked for in one source after the erasure. `positive_control`: whether the same query, in the same
    run, found a record known to be there; None: not tried.

    `due`: last day for the erasure; `purge_days`: declared delay from `deleted_at` to the purge or the rotation.
    None always means: not known, or for `purge_days` not declared.
    """

    state: str
    due: date | None = None
    positive_control: bool | None = None
    suppression_declared: bool = False
    suppression_form: str | None = None
    mask: str | None = None
    deleted_at: date | None = None
    purge_days: int | None = None
    replay_declared: bool | None = None
    exception_declared: bool = False
    exception_within: bool | None = None
    declared_done: bool = False
    return_cause: str | None = None
    return_evidence: bool = False


@dataclass(frozen=True, slots=True)
class Probed:
    """What one probe shows. `days_over`: calendar days past the due day, or past the purge."""

    verdict: Outcome
    reason: str
    days_over: int | None = None
