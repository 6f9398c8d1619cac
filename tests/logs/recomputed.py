"""Each real log as plain columns, and its verdicts, in a few lines of pandas and numpy.

Nothing of the kit's rules is used here: working days come from `numpy`, holidays from `holidays`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import holidays
import numpy as np
import pandas as pd

DAYS = "datetime64[D]"
OUTCOMES = ("PASS", "FAIL", "ERROR", "INCONCLUSIVE")


@dataclass(frozen=True)
class Log:
    """One log as units: identifier, days of receipt and answer, due day, and why a row is broken (None: it is not).

    `read`: rows of the file; `merged`: those that tell of a unit already met; `left_out`: those that tell of none.
    """

    rows: pd.DataFrame
    as_of: np.datetime64
    read: int
    merged: int = 0
    left_out: int = 0


def days_off(country: str, part: str | None = None) -> np.ndarray:
    return np.array(sorted(holidays.country_holidays(country, subdiv=part, years=range(2009, 2019))), DAYS)


def days(column: pd.Series) -> np.ndarray:
    return column.to_numpy().astype(DAYS)


def rolled(received: np.ndarray, off: np.ndarray) -> np.ndarray:
    """Thirty days after receipt, moved to a working day."""
    known = ~np.isnat(received)
    due = np.full(received.shape, np.datetime64("NaT"), DAYS)
    due[known] = np.busday_offset(received[known] + np.timedelta64(30, "D"), 0, roll="forward", holidays=off)
    return due


def frame(ids: pd.Series, received: object, closed: object, due: object, why: object) -> pd.DataFrame:
    columns = {"id": ids, "received": received, "closed": closed, "due": due, "why": why}
    made = pd.DataFrame(columns)
    return made.assign(why=made["why"].astype(object).where(made["why"].notna(), None))


def doj(data: Path) -> Log:
    raw = pd.read_csv(data / "requests-doj-foia/cleaned.csv", dtype=str)
    received, closed = (pd.to_datetime(raw[f"{name} Date"], format="%m/%d/%Y") for name in ("Submitted", "Closed"))
    due = np.busday_offset(days(received), 20, roll="backward", holidays=days_off("US"))
    rows = frame(raw["Tracking Number"], days(received), days(closed), due, None)
    return Log(rows, np.datetime64("2017-08-31"), len(raw))


def canadian(name: str, part: str, as_of: str) -> Callable[[Path], Log]:
    def of(data: Path) -> Log:
        raw = pd.read_csv(data / f"requests-canada-foi/{name}.csv", dtype=str)
        kept = raw.drop_duplicates()
        ancient = kept["date_accepted"].str.startswith("00").fillna(False)
        received, closed = (pd.to_datetime(kept[one].mask(ancient)) for one in ("date_accepted", "date"))
        why = np.select([ancient, kept["date_accepted"].isna()], ["unreadable-date", "received-missing"], default=None)
        rows = frame(
            kept["identifier"], days(received), days(closed), rolled(days(received), days_off("CA", part)), why
        )
        return Log(rows, np.datetime64(as_of), len(raw))

    return of


def undated(name: str, key: str, written: str, as_of: str) -> Callable[[Path], Log]:
    """A log that keeps a month, a year or an interval (`written`: its pattern), and no receipt."""

    def of(data: Path) -> Log:
        raw = pd.read_csv(data / f"requests-canada-foi/{name}.csv", dtype=str)
        assert raw["date"].str.fullmatch(written).all()
        never = np.full(len(raw), np.datetime64("NaT"), DAYS)
        return Log(frame(raw[key], never, never, never, "unreadable-date"), np.datetime64(as_of), len(raw))

    return of


def permits(data: Path) -> Log:
    raw = pd.read_csv(data / "requests-permit-receipt/receipt.csv.gz", dtype=str)
    cases = raw.groupby("case:concept:name", as_index=False)[
        ["case:startdate", "case:enddate", "case:deadline"]
    ].first()
    moments = {
        name: pd.to_datetime(cases[f"case:{name}"], utc=True, format="ISO8601")
        for name in ("startdate", "enddate", "deadline")
    }
    local = {name: days(one.dt.tz_convert("Europe/Amsterdam").dt.tz_localize(None)) for name, one in moments.items()}
    why = np.where(moments["enddate"] < moments["startdate"], "closed-before-received", None)
    rows = frame(cases["case:concept:name"], local["startdate"], local["enddate"], local["deadline"], why)
    return Log(rows, np.datetime64("2012-01-24"), len(raw), merged=len(raw) - len(cases))


def new_york(name: str, written: str, as_of: str) -> Callable[[Path], Log]:
    """Local times without offset; a closing date on a case that is not closed, or of 1900, is not believed."""

    def of(data: Path) -> Log:
        raw = pd.read_csv(data / f"requests-nyc-311/{name}.csv", dtype=str)
        raw = raw.rename(columns=lambda column: column.lower().replace(" ", "_"))
        created, closed, due = (
            pd.to_datetime(raw[f"{one}_date"], format=written) for one in ("created", "closed", "due")
        )
        skipped = [one.notna() & localised(one).isna() for one in (created, closed)]
        placeholder = closed < pd.Timestamp("2000-01-01")
        torn = closed.notna() & (raw["status"] != "Closed")
        why = np.select(
            [skipped[0] | skipped[1], placeholder, torn, localised(closed) < localised(created)],
            ["local-time-does-not-exist", "unreadable-date", "unmapped-value", "closed-before-received"],
            default=None,
        )
        rows = frame(raw["unique_key"], days(created), days(closed.mask(placeholder)), days(due), why)
        return Log(rows, np.datetime64(as_of), len(raw))

    return of


def localised(moments: pd.Series) -> pd.Series:
    return moments.dt.tz_localize("America/New_York", ambiguous=np.ones(len(moments), bool), nonexistent="NaT")


def messages(data: Path) -> Log:
    """Requests by their identifier; a message that does not parse is one of its own, and none has a day of answer."""
    lines = (data / "requests-opendsr/messages.jsonl").read_text(encoding="utf-8").splitlines()
    raw = [json.loads(line) for line in lines]
    torn = [hashlib.sha256(one["body_raw"].encode()).hexdigest()[:12] for one in raw if "body_raw" in one]
    ids = [one["body"].get("subject_request_id") or one["body"].get("request_id") for one in raw if "body" in one]
    named = [one for one in ids if one]
    units = pd.Series([*dict.fromkeys(named), *(f"not parsed: {one}" for one in torn)])
    never = np.full(len(units), np.datetime64("NaT"), DAYS)
    rows = frame(units, never, never, never, "unreadable-date")
    left_out = len(raw) - len(torn) - len(named)
    return Log(rows, np.datetime64("2018-11-30"), len(raw), len(named) - len(set(named)), left_out)


def verdicts(log: Log) -> pd.DataFrame:
    """The units with verdict and reason: broken ones first, then the statute, then identifiers met twice."""
    rows, as_of = log.rows, log.as_of
    received, closed, due = (rows[name].to_numpy().astype(DAYS) for name in ("received", "closed", "due"))
    answered = ~np.isnat(closed)
    late = np.where(answered, closed, as_of) > due
    reason = np.select(
        [
            rows["why"].notna().to_numpy(),
            received > as_of,
            closed < received,
            closed > as_of,
            np.isnat(due),
            ~answered & ~late,
            ~answered,
            late,
        ],
        [
            rows["why"].to_numpy(object),
            *("received-in-the-future", "closed-before-received", "closed-in-the-future", "due-unknown", "aside"),
            *("open-past-due", "answered-late"),
        ],
        default="",
    )
    simple = {"": "PASS", "aside": "aside", "due-unknown": "INCONCLUSIVE"}
    simple |= {"open-past-due": "FAIL", "answered-late": "FAIL"}
    said = np.array([simple.get(one, "ERROR") for one in reason])
    twice = rows["id"].duplicated(keep=False).to_numpy() & np.isin(said, ["PASS", "FAIL"])
    # A case without a due day has no working, and is not among the days to the answer.
    taken = np.where(answered & (said != "ERROR") & ~np.isnat(due), (closed - received).astype(int), -1)
    return rows.assign(
        verdict=np.where(twice, "INCONCLUSIVE", said),
        reason=np.where(twice, "identifier-repeated", reason),
        taken=taken,
    )
