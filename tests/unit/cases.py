"""Rows, controls and terms for tests of the rules: one request, one rule, said in the fewest words."""

from __future__ import annotations

from datetime import date

from evidence_kit.model.audit import FIGURES, Attribute, Bilingual, Control, Need, Plan
from evidence_kit.model.calendar import Calendar
from evidence_kit.model.deadline import Limit, Months, Profile
from evidence_kit.model.outcome import Answer, Mark, Outcome, Result, Test, Working
from evidence_kit.model.sample import Drawn, EvidenceFrame, Row, Sample
from evidence_kit.model.terms import Terms

LEAF = "0" * 62
WORDS = Bilingual("What is claimed.", "Ce qui est affirmé.")
CALENDAR = Calendar("FR", "test", "1", date(2020, 1, 1), date(2030, 12, 31), {date(2026, 5, 1): "Fête du Travail"})


def terms(limit: Limit | None = None, **changes: object) -> Terms:
    said: dict[str, object] = {
        "as_of": "2026-06-30T21:59:59Z",
        "timezone": "Europe/Paris",
        "naive_is_local": True,
        "calendars": {"FR": CALENDAR},
        "profile": Profile.EU,
        "limit": limit or Months(1),
        "parameters": dict(FIGURES),
    }
    return Terms(**{**said, **changes})  # type: ignore[arg-type]


def log(**changes: object) -> Row:
    """One answered request of 2 March 2026, due on 2 April."""
    said: dict[str, object] = {
        "id": 1,
        "request_id": "R1",
        "capacity": "controller",
        "channel": "email",
        "right_invoked": "access",
        "received_at": "2026-03-02T09:30:00.000000Z",
        "responded_at": "2026-03-20T09:30:00.000000Z",
        "status": "closed",
        "unreadable": None,
    }
    absent = (
        *("acknowledged_at", "forwarded_at", "identity_requested_at", "identity_received_at", "identity_doubt_reason"),
        *("clarification_requested_at", "clarification_received_at", "clarification_reason", "extension_notified_at"),
        *("reopened_at", "reopen_cause", "responded_again_at", "due_given_on", "logged_at", "outcome"),
        *("identity_document_at", "identity_document_deleted_at", "authenticated_by"),
    )
    return {**dict.fromkeys(absent), **said, **changes}


def dated(row: Row) -> Row:
    """The row with the local day beside each time, as every frame has it."""
    times = [name for name in row if name.endswith("_at")]
    return {**row, **{f"{name}_local": None if row[name] is None else str(row[name])[:10] for name in times}}


def answers(test: Test) -> dict[str, tuple[Mark, str | None]]:
    """What a test says, by letter."""
    return {answer.letter: (answer.mark, answer.reason) for answer in test.answers}


def letter(**changes: object) -> Row:
    said: dict[str, object] = {
        "id": 1,
        "request_id": "R1",
        "kind": "extension",
        "sent_at": "2026-03-20T09:00:00.000000Z",
    }
    return {**said, "reasons_given": True, "due_announced_on": "2026-06-02", "unreadable": None, **changes}


def message(received_at: str | None, **changes: object) -> Row:
    return {"id": 1, "request_id": "R1", "received_at": received_at, "unreadable": None, **changes}


def observation(**changes: object) -> Row:
    counts = ("past_limit_rows", "held_rows", "hold_undocumented_rows", "hold_faulty_rows", "start_missing_rows")
    said: dict[str, object] = {
        "id": 1,
        "rule_id": "RUL-1",
        "place": "active",
        "status": "ok",
        "rows": 5,
        "bad_date_rows": 0,
    }
    return {**said, **dict.fromkeys(counts, 0), "unreadable": None, **changes}


def frame(name: str, *rows: Row, control: str = "REQ-02") -> EvidenceFrame:
    unit = "rule_id" if name.startswith("retention") else "request_id"
    columns = (("id", "integer", "none"), (unit, "text", "none"), ("unreadable", "text", "none"))
    return EvidenceFrame(control, name, columns, tuple({**row, "id": n} for n, row in enumerate(rows, start=1)), "")


def control(*letters: str, walkthrough: str = "", **changes: object) -> Control:
    said: dict[str, object] = {
        "id": "REQ-02",
        "family": "requests",
        "statement": WORDS,
        "population": "requests",
        "frame": "request_log",
        "unit": "request_id",
        "where": "true",
        "stratum_by": None,
        "needs": (Need("request_log", ("request_id",)),),
        "attributes": tuple(Attribute(one, WORDS, walkthrough=one in walkthrough) for one in letters or "AB"),
        "test": "requests.answered_in_time",
        "plan": Plan(),
        "grade": "major",
        "references": ("GDPR 12(3)",),
        "law": "law",
    }
    return Control(**{**said, **changes})  # type: ignore[arg-type]


def sample(*units: str, strata: tuple[tuple[str, int], ...] = (("all", 1),)) -> Sample:
    from evidence_kit.model.sample import Round

    drawn = tuple(Drawn("all", n, f"{n:064x}", f"{LEAF}{n:02}", unit) for n, unit in enumerate(units, start=1))
    record = {"plan": [list(one) for one in strata], "strata": [[name, n, ""] for name, n in strata], "population": "p"}
    return Sample("REQ-02", record, "c" * 64, True, (Round(1, "a" * 64, drawn),))


def result(verdict: Outcome, *reasons: str, unit: str = "R1", stratum: str = "all", **changes: object) -> Result:
    marks = {Outcome.PASS: Mark.PASS, Outcome.FAIL: Mark.FAIL, Outcome.ERROR: Mark.ERROR}
    answers = (Answer("A", marks.get(verdict, Mark.MISSING), reasons[0] if reasons else None),)
    said: dict[str, object] = {"flags": (), "evidence": (("request_log", (1,)),), "working": None, **changes}
    return Result(unit, "f" * 64, stratum, verdict, reasons, answers, **said)  # type: ignore[arg-type]


def worked(received: str, answered: str | None, due: str | None = None, late: int = 0) -> Working:
    lines: list[dict[str, object]] = [{"step": "received", "day": received}]
    if answered:
        lines.append({"step": "answered", "day": answered})
    return Working(date.fromisoformat(due) if due else None, late, tuple(lines))
