"""The verifier derives deadlines by itself, from local days: the vectors judge it as they judge the kit's own rule."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from evidence_kit import verify
from evidence_kit.rules.instants import Refused, is_naive, read_day, zone
from tests.spec.norm import norm

Vector = dict[str, Any]
#: Told by the frame that is made of the texts; the verifier, who has local days alone, never meets them.
OF_THE_TEXTS = {"unreadable-date", "local-time-does-not-exist", "unknown-time-zone"}


def calendars(file: str) -> dict[str, verify.Calendar]:
    made = {}
    for name, days in norm(file)["calendars"].items():
        known = {date.fromisoformat(day) for day in days}
        first, last = date(min(known).year, 1, 1), date(max(known).year, 12, 31)
        made[name] = verify.Calendar(first, last, known)
    return made


def variants(given: Vector) -> list[verify.Facts]:
    """The case as local days: once, or twice where the zone of the texts is not known."""
    where = zone(given["timezone"])
    texts = [given["received_at"], given["closed_at"]]
    readings = [where]
    if given["naive_is_local"] is not True and any(text and is_naive(text) for text in texts):
        readings.append(zone("UTC"))
    return [facts(given, where, naive_in) for naive_in in readings]


def facts(given: Vector, where: Any, naive_in: Any) -> verify.Facts:
    def day(text: str | None) -> Any:
        return None if text is None else read_day(text, where, naive_in).on

    names = given["calendar"] if isinstance(given["calendar"], list) else [given["calendar"]]
    known = calendars("deadlines")
    extension, reopened = given["extension"], given["reopened"]
    return verify.Facts(
        day(given["received_at"]),
        day(given["closed_at"]),
        read_day(given["as_of"], where, where).on,
        ("months", 1, True),
        [known.get(name) if name else None for name in names],
        given["profile"],
        given["ask_within_days"],
        tuple(
            verify.Pause(p["kind"], day(p["asked_at"]), day(p["answered_at"]), p["grounded"]) for p in given["pauses"]
        ),
        extension and (day(extension["notified_at"]), extension["reasons"]),
        reopened and (day(reopened["at"]), reopened["cause"], day(reopened["closed_again_at"])),
    )


@pytest.mark.parametrize("vector", norm("deadlines")["vectors"], ids=lambda vector: vector["id"])
def test_the_verifier_agrees_with_the_norm(vector: Vector) -> None:
    out = vector["out"]
    if out["reason"] in OF_THE_TEXTS:
        with pytest.raises(Refused, match=out["reason"]):
            variants(vector["in"])
        return
    answer = verify.derive(variants(vector["in"]))
    days = [each and each.isoformat() for each in (answer.due, answer.latest, answer.first_due)]
    assert (answer.verdict, answer.reason, answer.late) == (out["verdict"], out["reason"], out["days_late"])
    assert days == [out["due"], out["due_latest"], out["first_due"]]


@pytest.mark.parametrize("vector", norm("deadlines-other")["vectors"], ids=lambda vector: vector["why"])
def test_other_limits_end_on_the_day_of_the_norm(vector: Vector) -> None:
    given = vector["limit"]
    kind = next(iter(given))
    received = date.fromisoformat(vector["received"])
    calendar = calendars("deadlines-other")[vector["calendar"]]
    limit = (kind, given[kind], given.get("roll", True))
    answer = verify.derive([verify.Facts(received, received, date(2030, 1, 1), limit, [calendar])])
    assert answer.due == date.fromisoformat(vector["due"])
