"""What falls due as calendar files: one beside the pages of each language, or one that the command writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from evidence_kit.edges import agenda
from evidence_kit.edges.agenda import Reminder
from evidence_kit.edges.archive import write_whole
from evidence_kit.edges.source import as_of_day
from evidence_kit.model.audit import Engagement
from evidence_kit.pages import due as pages
from evidence_kit.pages.payload import Dossier, Payload, Seal
from evidence_kit.pages.words import LANGUAGES, words
from evidence_kit.rules import due

#: Where the file of a language lies, under data/.
FILE = "site/{0}/due.ics"


def write(path: Path, engagement: Engagement, items: Sequence[due.Item], language: str) -> dict[str, str]:
    """Write one calendar file; its path and SHA-256. Raises SealError when it cannot be written."""
    data = calendar(engagement.id, as_of_day(engagement), engagement.as_of, items, language)
    write_whole(path, data, mode=0o600)
    return {str(path): sha256(data).hexdigest()}


def of_payload(payload: Payload, seal: Seal) -> Mapping[str, bytes]:
    """The calendar files of a bundle, path under data/ -> bytes; none where its evidence says nothing of due days."""
    dossier = Dossier(payload, seal)
    measured = pages.measured(dossier)
    if measured is None:
        return {}
    stamp = datetime.fromisoformat(dossier.doc("engagement.json")["as_of"].text)
    items = due.falling_due(measured.items)
    return {
        FILE.format(language): calendar(seal.engagement, measured.today, stamp, items, language)
        for language in LANGUAGES
    }


def calendar(engagement: str, today: date, as_of: datetime, items: Sequence[due.Item], language: str) -> bytes:
    """The calendar of what falls due, in one language. What is overdue or was never done stands on the cut-off day."""
    said = words(language)
    reminders = []
    for one in items:
        kind = said.text(f"due.kind.{one.kind}")
        whose = one.subject if one.name is None else f"{one.name} ({one.subject})"
        since = "" if one.on is None else one.on.isoformat()
        text = said.text(f"due.told.{one.when}").replace("{on}", since)
        on = today if one.on is None or one.on < today else one.on
        reminders.append(Reminder(one.uid, on, f"{kind} – {whose}", " – ".join(filter(None, (text, one.item)))))
    return agenda.written(engagement, said.text("due.calendar"), as_of.astimezone(UTC), reminders)
