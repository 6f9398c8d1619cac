"""Made-up runs to compare: as much of a run as the rules read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from evidence_kit.model.comparing import ControlRun, Row, Run
from evidence_kit.model.outcome import WORST_FIRST, Answer, Mark, Outcome, Result

MARKS = {"p": Mark.PASS, "f": Mark.FAIL, "e": Mark.ERROR, "m": Mark.MISSING, "n": Mark.NA}
OUTCOMES = {Mark.FAIL: Outcome.FAIL, Mark.ERROR: Outcome.ERROR, Mark.MISSING: Outcome.INCONCLUSIVE}
AGREED: dict[str, Any] = {
    "organisation": {"name": "Exemple", "country": "FR"},
    "limit": {"kind": "months", "n": 1, "roll": True},
    "profile": "EU",
    "timezone": "Europe/Paris",
    "naive_is_local": True,
    "calendars": ["FR"],
    "on_duplicate": ["refuse"],
    "parameters": [{"name": "ghost_months", "value": 24}, {"name": "notice_days", "value": 30}],
}


def result(unit: str, marks: str, reason: str = "late", doubt: str | None = None) -> Result:
    """One unit; `marks`: one letter for each attribute. `doubt`: the reason of a verdict that no attribute gave."""
    answers = tuple(
        Answer(letter, MARKS[mark], None if mark in "pn" else reason)
        for letter, mark in zip("ABCDEFG", marks, strict=False)
    )
    met = {OUTCOMES.get(one.mark, Outcome.PASS) for one in answers if one.mark is not Mark.NA} or {Outcome.ERROR}
    verdict = next(one for one in WORST_FIRST if one in met)
    reasons = tuple(dict.fromkeys(one.reason for one in answers if one.reason))
    if doubt is not None:
        verdict, reasons = Outcome.INCONCLUSIVE, (doubt,)
    return Result(unit, "leaf", "all", verdict, reasons, answers, (), (), None)


def control(
    name: str,
    results: Iterable[Result] = (),
    *,
    units: int | None = None,
    frames: Mapping[str, Iterable[Row]] | None = None,
    population: str = "SELECT 1",
    reading: str = "SELECT 2",
    verdict: str | None = None,
    **stated: Any,
) -> ControlRun:
    """One control; `units`: how many were frozen, where some were not drawn. Keywords change its records."""
    found = tuple(results)
    bad = [one for one in found if one.deviates]
    counted = {"units": len(found) if units is None else units, "drawn": len(found), "deviations": len(bad)}
    worst = next((one for one in WORST_FIRST if one in {each.verdict for each in found}), Outcome.INCONCLUSIVE)
    said = verdict or worst.value
    stratum = {**counted, "stratum": "all", "upper_units": len(bad), "upper_rate_shown": "1.0", "verdict": said}
    return ControlRun(
        control=name,
        stated={
            "control": name,
            "confidence": "0.95",
            "tolerable": "0.000000001",
            "expected": "0",
            "census": True,
            "test": "requests.answered_in_time",
            "attributes": [{"letter": letter, "en": letter, "fr": letter, "walkthrough": False} for letter in "ABCD"],
            "needs": [],
            **stated,
        },
        summary={**counted, "verdict": said, "strata": [stratum]},
        results=found,
        frames={frame: tuple(rows) for frame, rows in (frames or {}).items()},
        population=population,
        reading=reading,
    )


def run(*controls: ControlRun, name: str = "r001", as_of: str = "2026-01-31T22:59:59Z", **more: Any) -> Run:
    """One run. Keywords that are no field of a run change what was agreed."""
    fields: dict[str, Any] = {
        "bundle": f"mailing.{name}.auditor-full",
        "tagmanifest_sha256": name,
        "signer": "SHA256:" + "k" * 43,
        "engagement": "mailing",
        "run": name,
        "as_of": as_of,
        "sealed_at": "2026-07-01T08:00:00.000000Z",
        "kit": "0.1.0",
        "demonstration": False,
        "key_named": True,
    }
    agreed = {**AGREED, **{key: value for key, value in more.items() if key not in fields}}
    given = {**fields, **{key: value for key, value in more.items() if key in fields}}
    return Run(**given, agreed=agreed, controls={one.control: one for one in controls})
