"""One request seen as a time limit: what its log says, and what the rule answers. Source: docs/norm/deadlines.md."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from evidence_kit.model.outcome import Outcome

Line: TypeAlias = dict[str, object]
"""One line of the working, ready for JSON: `step` and its fields; days are `YYYY-MM-DD`."""


class Profile(StrEnum):
    """Whose law on pauses applies: the GDPR as it stands in the Union, or UK GDPR art. 12A."""

    EU = "EU"
    UK = "UK"


def _at_least_one(number: int) -> None:
    """Raises ValueError `limit-out-of-range`: a limit of nothing is no limit."""
    if number < 1:
        raise ValueError("limit-out-of-range")


@dataclass(frozen=True, slots=True)
class Months:
    """`number` calendar months from receipt; the only limit that knows extensions and pauses.

    Source: GDPR art. 12(3).
    """

    number: int = 1

    def __post_init__(self) -> None:
        _at_least_one(self.number)


@dataclass(frozen=True, slots=True)
class Days:
    """`number` calendar days, the day of receipt not counted; `roll` moves the last one to a working day."""

    number: int
    roll: bool = True

    def __post_init__(self) -> None:
        _at_least_one(self.number)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """`number` working days of the calendar, all of them after the day of receipt."""

    number: int

    def __post_init__(self) -> None:
        _at_least_one(self.number)


@dataclass(frozen=True, slots=True)
class Given:
    """The due day that the source states (`Case.due_given_on`), used as it is."""


Limit: TypeAlias = Months | Days | WorkingDays | Given


@dataclass(frozen=True, slots=True)
class Pause:
    """A question to the person, or an excuse. `grounded`: whether its ground is documented; None: not known.

    `answered_at` is None when the person never answered.
    """

    kind: str
    asked_at: str
    answered_at: str | None = None
    grounded: bool | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """The notice that more time is needed. `reasons`: whether it gave any; None: not known."""

    notified_at: str
    reasons: bool | None = None


@dataclass(frozen=True, slots=True)
class Reopening:
    """The case was opened again. `cause`: `same_request`, `new_request`, or None when not known.

    Raises ValueError `unknown-reopening-cause`.
    """

    at: str
    cause: str | None = None
    closed_again_at: str | None = None

    def __post_init__(self) -> None:
        if self.cause not in (None, "same_request", "new_request"):
            raise ValueError("unknown-reopening-cause")


@dataclass(frozen=True, slots=True)
class Case:
    """One request as its log states it. Instants are text, as the source wrote them: a day `YYYY-MM-DD`, or a date-time
    `YYYY-MM-DDTHH:MM:SS[.f]` followed by nothing, `Z` or `±HH:MM`.

    `closed_at`: the answer was sent. `as_of`: instant of the evaluation. `timezone`: IANA zone of the controller.
    `naive_is_local`: date-times without offset are local; anything but True: of unknown zone, local or UTC.
    `calendar`: the calendar's name; several names when the region is not settled; None when there is none.
    `ask_within_days`: what "asked without undue delay" means here; no legal figure.
    `due_given_on`: the due day that the source itself states.
    """

    received_at: str | None
    closed_at: str | None
    as_of: str
    timezone: str
    naive_is_local: bool | None = True
    calendar: str | tuple[str, ...] | None = None
    profile: Profile = Profile.EU
    ask_within_days: int = 7
    extension: Extension | None = None
    pauses: tuple[Pause, ...] = ()
    reopened: Reopening | None = None
    limit: Limit = Months(1)
    due_given_on: str | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """Whether one request was answered in time. `reason`: a code of docs/norm/deadlines.md, never a sentence.

    `due` is the last day in time under the earliest reading, `due_latest` under the latest; `first_due` the day before
    any extension. `days_late` counts calendar days; None where the verdict is neither PASS nor FAIL. `depends_on`: the
    arguable facts that decide. `working`: the computation line by line, empty for an ERROR.
    """

    verdict: Outcome
    reason: str
    due: date | None = None
    due_latest: date | None = None
    first_due: date | None = None
    days_late: int | None = None
    depends_on: tuple[str, ...] = ()
    working: tuple[Line, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The same as values of JSON, keys as in the norm's vectors; days are `YYYY-MM-DD`."""
        return {
            "verdict": self.verdict.value,
            "reason": self.reason,
            "due": self.due and self.due.isoformat(),
            "due_latest": self.due_latest and self.due_latest.isoformat(),
            "first_due": self.first_due and self.first_due.isoformat(),
            "days_late": self.days_late,
            "depends_on": list(self.depends_on),
            "working": [dict(line) for line in self.working],
        }
