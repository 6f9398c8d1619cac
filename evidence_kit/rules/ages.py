"""How old a row is beside the age it may reach: the bars of a picture, the same for every rule and both places.

Source: docs/norm/frames.md, "Frames of the kit", `retention_ages`; limits are those of docs/norm/retention.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from evidence_kit.model.evidence import AGES
from evidence_kit.model.retention import Archive, Keep, Rule
from evidence_kit.rules.retention import add_keep

#: Days over the limit up to which a bar past it reaches, the limit itself being day 0.
OVER = ((30, "over-30-days"), (90, "over-90-days"), (365, "over-365-days"))
ORDER = {bucket: place for place, bucket in enumerate(AGES)}


def limit_of(start: date, chain: Sequence[Keep]) -> date:
    """`start` kept for each period of `chain`, one after the other; the last day of the calendar when it lies beyond.

    >>> limit_of(date(2020, 2, 29), [(3, "years"), (2, "years")])
    datetime.date(2025, 2, 28)
    """
    day = start
    try:
        for keep in chain:
            day = add_keep(day, keep)
    except (ValueError, OverflowError):
        return date.max
    return day


def phases(rule: Rule, place: str) -> tuple[Keep, ...]:
    """The periods after which a row that started today must go from `place`, its own archive events left aside."""
    archive: Archive | None = rule.archive if place == "archive" else None
    return (rule.keep, archive.keep) if archive and archive.start is None else (rule.keep,)


def bucket(limit: date, as_of: date, whole: int, grace_days: int) -> str:
    """The bar of a row with this limit on the day `as_of`. `whole`: days of the whole period, counted from `as_of`.

    Up to the limit the period has twelve parts: `twelfth-01` has just begun, `twelfth-12` ends with the limit; `ahead`
    has more than a whole period to go (a contract that still runs). Past it `grace`, then the days over.
    """
    left = (limit - as_of).days
    if left > whole:
        return "ahead"
    if left >= 0:
        return f"twelfth-{12 - 12 * left // (whole + 1):02}"
    if -left <= grace_days:
        return "grace"
    return next((name for most, name in OVER if -left <= most), "over-more")
