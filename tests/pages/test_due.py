"""What falls due on the page of PRO-03: the picture of the coming weeks, its table, the names that read alike."""

from __future__ import annotations

from typing import Any

from evidence_kit.pages import blocks as b
from evidence_kit.pages import due
from evidence_kit.pages.drawings import Grid
from evidence_kit.pages.markup import Writer
from evidence_kit.pages.payload import Dossier, Payload, Seal
from evidence_kit.pages.words import LANGUAGES, words

SEAL = Seal("a.r1.auditor-full", "a", "r1", "auditor-full", "0", "2026-07-01T00:00:00Z", "0" * 64, 1, "SHA256:x", False)
AGREED = {
    "as_of": "2026-06-30T21:59:59Z",
    "timezone": "Europe/Paris",
    "parameters": [{"name": "due_soon_days", "value": 90}, {"name": "register_review_months", "value": 12}],
}
PROVIDER = {"id": 1, "processor_id": "P1", "name": "Acme", "status": "active", "risk_tier": "low", "review_months": 12}
ENDS = ("2026-01-01", "2026-07-01", "2026-07-01", "2026-12-31", "9999-12-31")


def dossier(**frames: list[dict[str, Any]]) -> Dossier:
    files: dict[str, object] = {"engagement.json": AGREED}
    files |= {f"frames/PRO-03.{name}.jsonl": rows for name, rows in frames.items()}
    return Dossier(Payload({**files, "site/en/due.ics": ""}), SEAL)


def shown() -> list[b.Section]:
    documents = [
        {"id": n, "document_id": f"D{n}", "processor_id": "P1", "kind": "certificate", "valid_until": end}
        for n, end in enumerate(ENDS, start=1)
    ]
    seen = [{"id": 1, "processor_id": "P1", "named_like": "P2"}, {"id": 2, "processor_id": "P2", "named_like": None}]
    held = dossier(processors=[PROVIDER], processor_reviews=[], processor_documents=documents, provider_presence=seen)
    return list(due.sections(held, "PRO-03", {"P1": "control-PRO-03.html#P1"}))


def test_the_picture_counts_each_day_and_has_the_same_as_words() -> None:
    (grid,) = (block for block in shown()[0].blocks if isinstance(block, Grid))
    weeks = {str(getattr(label, "value", "")): [one.sign for one in squares] for label, squares in grid.rows}
    assert len(weeks) == due.WEEKS
    # The cut-off is a Tuesday: nothing before it, what is late on it, two things the day after.
    assert weeks["2026-06-29"] == [" ", "!", "2", "·", "·", "·", "·"]
    assert all(set(squares) == {"·"} for monday, squares in weeks.items() if monday != "2026-06-29")
    for language in LANGUAGES:
        told = Writer(words(language), "control-PRO-03.html").html(grid.description)
        assert "2026-07-01: 2" in told
        assert "2026-06-30" in told


def test_the_table_has_the_overdue_first_and_leads_to_the_evidence() -> None:
    (table,) = (block for block in shown()[0].blocks if isinstance(block, b.Table))
    write = Writer(words("en"), "control-PRO-03.html")
    rows = [[write.html(cell.content) for cell in row.cells] for row in table.rows]
    assert [row[0] for row in rows] == ["overdue", "never done", "soon", "soon"]
    assert 'data-ek="frames/PRO-03.processor_documents.jsonl#/1/valid_until"' in rows[0][3]
    assert 'href="../evidence/PRO-03.processor_documents-1.html#r1"' in rows[0][1]
    assert [row.tone for row in table.rows] == ["FAIL", "FAIL", "", ""]


def test_names_that_read_alike_are_proposed_and_the_others_left_out() -> None:
    _, twins = shown()
    (table,) = (block for block in twins.blocks if isinstance(block, b.Table))
    assert len(table.rows) == 1
    assert "P2" in Writer(words("fr"), "control-PRO-03.html").html(table.rows[0].cells[2].content)


def test_without_providers_there_is_no_section_and_other_controls_have_none() -> None:
    assert list(due.sections(dossier(), "PRO-03", {})) == []
    assert list(due.sections(dossier(processors=[PROVIDER], processor_reviews=[]), "PRO-02", {})) == []
    (empty,) = due.sections(dossier(processors=[PROVIDER]), "PRO-03", {})
    assert not [block for block in empty.blocks if isinstance(block, Grid)]
