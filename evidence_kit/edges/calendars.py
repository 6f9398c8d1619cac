"""Public holidays from the `holidays` library, copied into plain calendars with its version.

A name is country, dash, part: `FR`, `FR-57` (Moselle), `GB-SCT`. Source: docs/norm/deadlines.md, "Calendars".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version

import holidays

from evidence_kit.errors import ParameterError
from evidence_kit.model.calendar import Calendar

NAME = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,4}))?")


def load(names: Iterable[str], from_on: date, until_on: date) -> Mapping[str, Calendar]:
    """The calendars called `names`, complete from `from_on` to `until_on` or as far as the library knows the place.

    Public holidays only, observed days included; weekends are not listed unless a holiday falls there.
    Raises ParameterError for an unknown name, with the nearest known one.
    """
    return {name: _calendar(name, from_on, until_on) for name in names}


def objection(name: str) -> str | None:
    """Why there is no calendar of this name, with the nearest known one; None when there is."""
    known = holidays.list_supported_countries(include_aliases=False)
    match = NAME.fullmatch(name)
    if match and match[1] in known and (match[2] is None or match[2] in known[match[1]]):
        return None
    names = [country + (f"-{part}" if part else "") for country in known for part in ("", *known[country])]
    regular = [one for one in names if NAME.fullmatch(one)]
    close = difflib.get_close_matches(name.upper().replace("_", "-"), regular, n=1, cutoff=0.4)
    hint = f"; the nearest known is {close[0]}" if close else ""
    return f"no calendar has this name{hint}. A name is country, dash, part, such as FR or FR-57."


def _calendar(name: str, from_on: date, until_on: date) -> Calendar:
    if why := objection(name):
        raise ParameterError(f"calendar: {why}")
    country, _, part = name.partition("-")
    years = range(from_on.year, until_on.year + 1)
    # The language is named: without it the library takes the machine's, and the same calendar has other names there.
    days = holidays.country_holidays(
        country, subdiv=part or None, observed=True, expand=False, years=years, language="en_US"
    )
    # Outside the years the library knows, a day is unknown; an empty list there would call it a working day.
    first = max(from_on, date(days.start_year, 1, 1))
    last = min(until_on, date(days.end_year, 12, 31))
    kept = {on: days[on] for on in sorted(days) if first <= on <= last}
    return Calendar(name, "holidays", version("holidays"), first, last, kept)
