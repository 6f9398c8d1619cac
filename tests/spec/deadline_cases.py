"""The vectors of deadlines, as the values the rule takes."""

from collections.abc import Mapping
from datetime import date

from evidence_kit.model.calendar import Calendar
from evidence_kit.model.deadline import Case, Days, Extension, Limit, Months, Pause, Profile, Reopening, WorkingDays
from tests.spec.norm import Vector


def calendars_of(norm: Vector) -> dict[str, Calendar]:
    """The calendars of one file of vectors; each covers whole years, from its first day's to its last day's."""
    return {name: calendar(name, days) for name, days in norm["calendars"].items()}


def calendar(name: str, days: Mapping[str, str]) -> Calendar:
    known = {date.fromisoformat(day): holiday for day, holiday in days.items()}
    first, last = min(known), max(known)
    return Calendar(name, "holidays", "0.109", date(first.year, 1, 1), date(last.year, 12, 31), known)


def case_of(given: Vector) -> Case:
    names = given["calendar"]
    return Case(
        **given
        | {
            "calendar": tuple(names) if isinstance(names, list) else names,
            "profile": Profile(given["profile"]),
            "extension": given["extension"] and Extension(**given["extension"]),
            "pauses": tuple(Pause(**pause) for pause in given["pauses"]),
            "reopened": given["reopened"] and Reopening(**given["reopened"]),
        }
    )


def limit_of(given: Vector) -> Limit:
    if "months" in given:
        return Months(given["months"])
    if "working_days" in given:
        return WorkingDays(given["working_days"])
    return Days(given["days"], given.get("roll", True))
