"""The public holidays of one place, as data: frozen per engagement and kept in the bundle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Calendar:
    """Public holidays of the place where the controller must act. `days`: holiday to its name; weekends are not listed.

    `name` is country, dash, part (`FR-57`); `source` and `version` say where the days come from. The list is complete
    from `from_on` to `until_on`, both included: outside them a day is unknown, not a working day for certain.
    """

    name: str
    source: str
    version: str
    from_on: date
    until_on: date
    days: Mapping[date, str]

    def covers(self, day: date) -> bool:
        """Whether this calendar knows if `day` is a holiday."""
        return self.from_on <= day <= self.until_on
