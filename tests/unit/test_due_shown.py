"""What a notebook shows of due days."""

from __future__ import annotations

from datetime import date

from evidence_kit.drawn.due import listed
from evidence_kit.model.sample import EvidenceFrame

PARAMETERS = {"due_soon_days": 90, "register_review_months": 12}


def frame(control: str, name: str, *rows: dict[str, object]) -> EvidenceFrame:
    return EvidenceFrame(control, name, (), tuple(rows), "")


def test_the_overdue_stand_first_and_frames_that_were_not_collected_say_nothing() -> None:
    provider = {"processor_id": "P1", "name": "Acme", "status": "active", "review_months": 12}
    documents: list[dict[str, object]] = [
        {"document_id": f"D{n}", "processor_id": "P1", "kind": "certificate", "valid_until": end}
        for n, end in enumerate(("2026-07-02", "2026-01-01", "9999-12-31"))
    ]
    frames = {
        "PRO-03": {
            "processors": frame("PRO-03", "processors", provider),
            "processor_documents": frame("PRO-03", "processor_documents", *documents),
        }
    }
    text = listed(frames, date(2026, 6, 30), PARAMETERS).bundle["text/plain"]
    assert [line.split()[:3] for line in text.splitlines()[2:-1]] == [
        ["overdue", "2026-01-01", "-180"],
        ["soon", "2026-07-02", "2"],
    ]
    assert listed({}, date(2026, 6, 30), PARAMETERS).bundle["text/plain"].endswith("0 row(s)")
