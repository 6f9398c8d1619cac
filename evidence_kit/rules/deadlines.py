"""Was a request answered in time? The kit's reading of the statutory limit, written down so that it can be disputed.

Source: GDPR art. 12(3)-(4), 12(6); Regulation (EEC, Euratom) 1182/71 art. 2-3; EDPB guidelines 01/2022 (v2.1) §157-164
and examples 31-33; UK GDPR art. 12A; docs/norm/deadlines.md. It decides the deadline only: whether a refusal, an
extension or an identity check was justified on the merits is another control.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, timedelta, tzinfo
from itertools import combinations, product

from evidence_kit.model.calendar import Calendar
from evidence_kit.model.deadline import (
    Case,
    Days,
    Deadline,
    Extension,
    Given,
    Limit,
    Line,
    Months,
    Pause,
    Profile,
    Reopening,
    WorkingDays,
)
from evidence_kit.model.outcome import Outcome
from evidence_kit.rules import clock
from evidence_kit.rules.chronology import NEVER_COUNT, Asked, Chronology, settle, texts
from evidence_kit.rules.instants import Refused, is_naive, local_day, zone

__all__ = [
    "Calendar",
    "Case",
    "Days",
    "Deadline",
    "Extension",
    "Given",
    "Limit",
    "Line",
    "Months",
    "Pause",
    "Profile",
    "Refused",
    "Reopening",
    "WorkingDays",
    "judge",
    "local_day",
]


def judge(case: Case, calendars: Mapping[str, Calendar]) -> Deadline:
    """The verdict on one request, with the working that leads to it. `calendars`: by name; an absent one is missing.

    Where a fact is not settled every reading is computed; they agree, or the verdict is INCONCLUSIVE. What cannot be
    read is ERROR, not an exception. Raises ValueError or OverflowError when a day would lie beyond the year 9999.
    """
    try:
        where = zone(case.timezone)
    except Refused as refused:
        return Deadline(Outcome.ERROR, refused.code)
    zones: list[tzinfo] = [where]
    if case.naive_is_local is not True and any(map(is_naive, texts(case))):
        zones.append(UTC)
    return _conclude([reading for naive_in in zones for reading in _readings(case, calendars, where, naive_in)])


def _readings(
    case: Case, calendars: Mapping[str, Calendar], where: tzinfo, naive_in: tzinfo
) -> Iterator[clock.Reading]:
    """Every reading of the case with its texts without offset read in one zone; the strictest of each fact first."""
    written_in: dict[str, object] = {"naive-zone": "local" if naive_in is where else "UTC"}
    try:
        days = settle(case, where, naive_in)
    except Refused as refused:
        yield clock.Reading(Outcome.ERROR, refused.code, written_in)
        return
    grants = [_pause_choices(case, each, days) for each in days.pauses]
    settled = product(_calendar_choices(case), _cause_choices(case), _extension_choices(case))
    for (name, cause, extended), granted in product(settled, list(product(*grants))):
        stand = clock.Stand(name, calendars.get(name) if name else None, cause, granted, extended)
        choices: dict[str, object] = {"calendar": name, "reopened": cause, "extension": extended}
        numbered: dict[str, object] = {f"pause-{index}": grant for index, grant in enumerate(granted)}
        yield clock.read(case, days, stand, written_in | choices | numbered)


def _calendar_choices(case: Case) -> Sequence[str | None]:
    """The calendars to try: none where the limit never looks at a holiday."""
    limit = case.limit
    if isinstance(limit, Given) or (isinstance(limit, Days) and not limit.roll) or not case.calendar:
        return [None]
    return [case.calendar] if isinstance(case.calendar, str) else list(dict.fromkeys(case.calendar))


def _cause_choices(case: Case) -> Sequence[str | None]:
    """Why the case was reopened; both causes when the log does not say. Source: R7."""
    if case.reopened is None:
        return [None]
    return [case.reopened.cause] if case.reopened.cause else ["same_request", "new_request"]


def _extension_choices(case: Case) -> Sequence[bool]:
    """Whether an extension may be granted; its notice is tested by the clock. Source: R5."""
    if case.extension is None or not isinstance(case.limit, Months):
        return [False]
    return [False, True] if case.extension.reasons is None else [case.extension.reasons]


def _pause_choices(case: Case, each: Asked, days: Chronology) -> Sequence[bool]:
    """Whether a pause may be granted. Source: R6, R8."""
    if each.pause.kind in NEVER_COUNT or not isinstance(case.limit, Months):
        return [False]
    if clock.fee_in_the_union(case, each):
        return [False, True]
    if each.pause.grounded is False:
        return [False]
    asked_at_once = each.asked <= days.received.on + timedelta(days=case.ask_within_days)
    return [True] if each.pause.grounded and asked_at_once else [False, True]


def _conclude(readings: Sequence[clock.Reading]) -> Deadline:
    """One verdict when every reading gives it; else INCONCLUSIVE, with the facts that decide. Source: R8."""
    standing = [reading for reading in readings if reading.verdict is not Outcome.ERROR]
    if not standing:
        return Deadline(Outcome.ERROR, readings[0].reason)
    # A reading without a due day is the latest of all. Of two on one day the first is the stricter: min keeps it.
    earliest = min(standing, key=lambda reading: reading.due or date.max)
    dues = [reading.due for reading in standing if reading.due]
    latest = max(dues) if len(dues) == len(standing) else None
    verdicts = {reading.verdict for reading in readings}
    agreed = len(verdicts) == 1
    verdict = earliest.verdict if agreed else Outcome.INCONCLUSIVE
    reason = earliest.reason if agreed else "depends-on-arguable-facts"
    working = list(earliest.lines)
    if facts := _arguable(readings):
        working.append(
            {
                "step": "readings",
                "facts": facts,
                "earliest": earliest.due and earliest.due.isoformat(),
                "latest": latest and latest.isoformat(),
                "verdicts": sorted(verdict.value for verdict in verdicts),
            }
        )
    working.append({"step": "verdict", "verdict": verdict.value, "reason": reason})
    return Deadline(
        verdict=verdict,
        reason=reason,
        due=earliest.due,
        due_latest=latest,
        first_due=earliest.first_due,
        days_late=earliest.days_late if agreed else None,
        depends_on=() if agreed else _deciding(readings),
        working=tuple(working),
    )


def _arguable(readings: Sequence[clock.Reading]) -> list[str]:
    """The facts that the readings settle in more than one way, by name."""
    names = {name for reading in readings for name in reading.choices}
    return sorted(
        name for name in names if len({reading.choices[name] for reading in readings if name in reading.choices}) > 1
    )


def _deciding(readings: Sequence[clock.Reading]) -> tuple[str, ...]:
    """The facts that alone turn a verdict: two readings differ in nothing else, and disagree."""
    deciding: set[str] = set()
    for one, other in combinations(readings, 2):
        if one.verdict is other.verdict:
            continue
        shared = one.choices.keys() & other.choices.keys()
        differing = [name for name in shared if one.choices[name] != other.choices[name]]
        if len(differing) == 1:
            deciding.update(differing)
    return tuple(sorted(deciding))
