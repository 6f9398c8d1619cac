"""The terms under which units are judged: what the engagement fixed before anyone looked at a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evidence_kit.model.calendar import Calendar
from evidence_kit.model.deadline import Limit, Profile
from evidence_kit.model.outcome import Test
from evidence_kit.model.sample import Row


@dataclass(frozen=True, slots=True)
class Terms:
    """Cut-off instant, zone, calendars, statute and parameters. `parameters`: whole numbers by name (controls.md)."""

    as_of: str
    timezone: str
    naive_is_local: bool
    calendars: Mapping[str, Calendar]
    profile: Profile
    limit: Limit
    parameters: Mapping[str, int]

    @property
    def calendar(self) -> str | tuple[str, ...] | None:
        """The calendar's name; several when the place is not settled; None without one (deadlines.md, R8 and R9)."""
        names = tuple(self.calendars)
        return None if not names else names[0] if len(names) == 1 else names


#: One unit's rows by frame, the terms → what the test says. Pure: no clock, no disk, no chance.
UnitTest = Callable[[Mapping[str, tuple[Row, ...]], Terms], Test]
