"""The local day of a stored date, as SQL that is quick on many rows and exact on each.

What a time is in another zone is dear to ask. Two zones are never further apart than their offsets are, so most times
are on the same day whatever the offset of the moment is; only those near midnight are asked about one by one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from evidence_kit.edges.opening import literal
from evidence_kit.edges.relations import ISO_DAY, ISO_TIME, ZONED

#: Between these the offsets of zones are whole quarters of an hour, and this machine's rules and the engine's agree to
#: within an hour, by which the bounds are widened.
FIRST, AFTER = datetime(1972, 1, 8), datetime(2099, 12, 30)
SLACK = timedelta(hours=1)


def day(column: str, kind: str, written: str | None, zone: str) -> str:
    """The day in `zone` of a column of the engine's type `kind`; null where there is none.

    Days and times are taken as they are, text strictly as ISO. `written`: the zone of times without offset; a time of
    no known zone is no day. Years outside 1 to 9999 are not told apart here.
    """
    there = literal(zone)
    if kind == "DATE":
        return column
    if kind == "TIMESTAMP WITH TIME ZONE":
        return _quick(f"make_timestamp(epoch_us({column}))", f"timezone({there}, {column})", column, "UTC", zone)
    here = literal(written) if written else "CAST(NULL AS VARCHAR)"
    if kind.startswith("TIMESTAMP"):
        moment = f"CAST({column} AS TIMESTAMP)"
        if written is None:
            return "CAST(NULL AS DATE)"
        return _quick(moment, f"timezone({there}, timezone({here}, {moment}))", moment, written, zone)
    text = f"CAST({column} AS VARCHAR)"
    naive = f"timezone({here}, TRY_CAST({text} AS TIMESTAMP))"
    offset = f"regexp_matches({text}, {literal(ZONED)})"
    moment = f"CASE WHEN {offset} THEN TRY_CAST({text} AS TIMESTAMPTZ) ELSE {naive} END"
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(ISO_DAY)}) THEN TRY_CAST({text} AS DATE) "
        f"WHEN regexp_full_match({text}, {literal(ISO_TIME)}) THEN CAST(timezone({there}, {moment}) AS DATE) END"
    )


def _quick(naive: str, local: str, stored: str, written: str, zone: str) -> str:
    """`naive`: the time as written; `local`: the time in `zone`, exactly; `stored`: what must be finite."""
    least, most = bounds(written, zone)
    first, last = (f"CAST({naive} + to_microseconds({shift}) AS DATE)" for shift in (least, most))
    # In this order: no arithmetic on what is not finite, and the next test only on what passed the one before.
    return (
        f"CASE WHEN NOT isfinite({stored}) THEN NULL "
        f"WHEN {naive} >= TIMESTAMP '{FIRST}' AND {naive} < TIMESTAMP '{AFTER}' THEN "
        f"CASE WHEN {first} = {last} THEN {first} ELSE CAST({local} AS DATE) END ELSE CAST({local} AS DATE) END"
    )


@cache
def bounds(written: str, zone: str) -> tuple[int, int]:
    """Microseconds to add to a time of zone `written` for that of `zone`: no less, and no more. Slack included."""
    here, there = ZoneInfo(written), ZoneInfo(zone)
    apart, moment = [], FIRST
    while moment < AFTER:
        shift = (moment.replace(tzinfo=there).utcoffset(), moment.replace(tzinfo=here).utcoffset())
        apart.append((shift[0] or timedelta()) - (shift[1] or timedelta()))
        moment += timedelta(days=7)
    micro = timedelta(microseconds=1)
    return (min(apart) - SLACK) // micro, (max(apart) + SLACK) // micro
