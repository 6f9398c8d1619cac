"""Documents of the providers on the page of PRO-03: read when, by whom, and until when they hold."""

from __future__ import annotations

from typing import Any

from evidence_kit.pages import blocks as b
from evidence_kit.pages import papers
from evidence_kit.pages.markup import Writer
from evidence_kit.pages.words import words
from tests.pages.test_due import dossier


def paper(number: int, **said: Any) -> dict[str, Any]:
    row = {"id": number, "document_id": f"D{number}", "processor_id": f"P{number}", "kind": "certificate"}
    return row | {"title": "ISO", "studied_on": "2026-03-01", "studied_by_role": "dpo", "valid_until": None} | said


ROWS = [
    paper(1, kind="policy", valid_until="9999-12-31"),
    paper(2, studied_on=None, studied_by_role=None),
    paper(3, valid_until="2026-06-29", title="<b>ISO</b>"),
    paper(4, valid_until="2026-06-30"),
]


def shown(rows: list[dict[str, Any]]) -> list[b.Table]:
    held = dossier(processor_documents=rows)
    return [one for part in papers.sections(held, "PRO-03", {}) for one in part.blocks if isinstance(one, b.Table)]


def test_what_ended_stands_first_then_what_nobody_read() -> None:
    (table,) = shown(ROWS)
    write = Writer(words("fr"), "control-PRO-03.html")
    rows = [[write.html(cell.content) for cell in row.cells] for row in table.rows]
    # The last day itself is in time, and the year 9999 is no end that comes near.
    assert [row.tone for row in table.rows] == ["FAIL", "INCONCLUSIVE", "", ""]
    assert "P3" in rows[0][0]
    assert "&lt;b&gt;" in rows[0][2]
    assert 'data-ek="frames/PRO-03.processor_documents.jsonl#/3/valid_until"' in rows[0][5]
    assert 'href="../evidence/PRO-03.processor_documents-1.html#r3"' in rows[0][1]
    assert "Politique" in rows[2][1]


def test_no_documents_is_said_and_no_other_control_shows_them() -> None:
    (table,) = shown([])
    assert table.rows == ()
    assert list(papers.sections(dossier(processor_documents=ROWS), "PRO-02", {})) == []
    assert list(papers.sections(dossier(processors=[]), "PRO-03", {})) == []
