"""What was read of each provider: policies, contracts, charters, certificates, lists; when, by whom, and until when.

Only shown: what a missing document means is each control's business. Source: docs/norm/frames.md,
`processor_documents`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import NONE, columns, day, evidence_row, say
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.rules.deadlines import local_day

CONTROL, FRAME = "PRO-03", "processor_documents"


def sections(dossier: Dossier, control: str, units: Mapping[str, str]) -> Iterator[b.Section]:
    """The documents of the providers that are followed. `units`: provider -> where it is told of."""
    path = f"frames/{CONTROL}.{FRAME}.jsonl"
    if control != CONTROL or not dossier.has(path):
        return
    agreed = dossier.doc("engagement.json")
    today = local_day(agreed["as_of"].text, agreed["timezone"].text)
    rows = sorted(dossier.rows(path), key=lambda row: (_rank(row, today), row["processor_id"].text, row["id"].value))
    yield b.Section("papers", say("papers"), (b.Paragraph(say("papers.intro")), _table(rows, today, units)))


def _rank(row: Node, today: date) -> int:
    """Those that ended first, then those nobody has read."""
    return 0 if _ended(row, today) else 1 if row["studied_on"].absent else 2


def _ended(row: Node, today: date) -> bool:
    """Whether its last day is past. A text that is no day has not ended, and shows as it stands."""
    until = row["valid_until"]
    try:
        return not until.absent and date.fromisoformat(until.text) < today
    except ValueError:
        return False


def _table(rows: Sequence[Node], today: date, units: Mapping[str, str]) -> b.Table:
    return b.Table(
        say("papers.caption"),
        columns("paper_provider", "paper_kind", "paper_title:w", "paper_studied:d", "paper_by", "paper_until:d"),
        tuple(_row(row, today, units) for row in rows),
        say("papers.none"),
        dense=True,
    )


def _row(row: Node, today: date, units: Mapping[str, str]) -> b.Row:
    provider, code = row["processor_id"].text, b.code(row["processor_id"])
    kind = b.Code("paper", row["kind"].text) if not row["kind"].absent else NONE
    return b.Row(
        (
            b.Cell(b.Link(units[provider], code) if provider in units else code),
            b.Cell(b.Link(evidence_row(CONTROL, FRAME, row["id"].value), kind)),
            b.Cell(NONE if row["title"].absent else b.text(row["title"])),
            b.Cell(day(row["studied_on"], short=True)),
            b.Cell(NONE if row["studied_by_role"].absent else b.text(row["studied_by_role"])),
            b.Cell(day(row["valid_until"], short=True)),
        ),
        tone="FAIL" if _ended(row, today) else "INCONCLUSIVE" if row["studied_on"].absent else "",
    )
