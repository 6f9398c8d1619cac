"""The runs of one engagement as its ledger tells them: where each begins and ends, who did what, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from evidence_kit.ledger import lineage
from evidence_kit.ledger.chain import Entry
from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import NONE, columns, moment, say
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.population import ledger_row

#: The first entry of each in a run stands in the picture.
MILESTONES = (
    "engagement.loaded", "population.frozen", "nonce.revealed", "run.started", "control.concluded", "ledger.sealed",
)  # fmt: skip
#: Each of these does: what was done with a bundle, and what went wrong.
ALWAYS = lineage.AFTERWARDS | lineage.TROUBLED
#: Lines of the picture at most: the last ones, and the tables hold them all.
DRAWN = 40
_FULL = 1000


def sections(dossier: Dossier, entries: Sequence[Node]) -> tuple[b.Section, ...]:
    """The runs, the picture, and who did what. `entries`: all of the ledger, first to last."""
    if not entries:
        return ()
    parts = lineage.parts(Entry(**entry.value) for entry in entries)
    picture = _picture(parts, entries)
    shown = () if picture is None else (picture,)
    return (
        b.Section(
            "runs", say("ledger.runs"), (b.Paragraph(say("ledger.runs.about"), "note"), _runs(dossier, parts, entries))
        ),
        b.Section("deeds", say("ledger.deeds"), (*shown, _deeds(parts, entries))),
    )


def _runs(dossier: Dossier, parts: Sequence[lineage.Part], entries: Sequence[Node]) -> b.Table:
    rows = tuple(
        b.Row(
            (
                b.Cell(_run(dossier, part)),
                b.Cell(_span(part, entries)),
                b.Cell(moment(entries[part.first - 1]["at"], short=True)),
                b.Cell(moment(entries[part.last - 1]["at"], short=True)),
                b.Cell(b.Lines(tuple(_actor(name, part, entries) for name in part.actors))),
                b.Cell(_ended(part)),
            ),
            tone="INCONCLUSIVE" if part.troubled else "",
        )
        for part in parts
    )
    heads = columns("ledger_run", "ledger_entries", "ledger_from:d", "ledger_until:d", "ledger_who", "ledger_ended:w")
    return b.Table(say("ledger.runs.caption"), heads, rows, say("empty.rows"))


def _run(dossier: Dossier, part: lineage.Part) -> b.Inline:
    """Its number, and its kind where it is the run of this bundle: the others' stands in theirs."""
    if part.run is None:
        return say("ledger.run.unnamed")
    agreed = dossier.doc("engagement.json")
    if part.run == dossier.seal.run and "kind" in agreed:
        return say("ledger.run.this", run=b.Text(part.run), kind=b.Code("kind", agreed["kind"].text, plain=True))
    return b.Text(part.run)


def _span(part: lineage.Part, entries: Sequence[Node]) -> b.Inline:
    ends = (entries[part.first - 1], entries[part.last - 1])
    first, last = (b.Link(ledger_row(entry), b.figure(entry["seq"], b.Kind.NUMERAL)) for entry in ends)
    return say("ledger.span", first=first, last=last)


def _actor(name: str, part: lineage.Part, entries: Sequence[Node]) -> b.Inline:
    mine = (entry for entry in entries[part.first - 1 : part.last] if entry["actor"].text == name)
    return b.code(next(mine)["actor"])


def _ended(part: lineage.Part) -> b.Inline:
    told = say(f"ledger.ended.{part.ended}")
    if not part.troubled:
        return told
    return b.Lines(
        (
            told,
            b.Link("#troubled", say("ledger.to_look_at", count=len(part.troubled), n=b.Count(str(len(part.troubled))))),
        )
    )


def _deeds(parts: Sequence[lineage.Part], entries: Sequence[Node]) -> b.Table:
    rows = [row for part in parts for row in _done(part, entries)]
    heads = columns("ledger_run", "ledger_who", "ledger_what:w", "ledger_times:o", "ledger_first:d", "ledger_last:d")
    return b.Table(say("ledger.deeds.caption"), heads, tuple(rows), say("empty.rows"))


def _done(part: lineage.Part, entries: Sequence[Node]) -> Iterator[b.Row]:
    """One row for each actor and action of a run, in the order in which they first acted so."""
    mine = entries[part.first - 1 : part.last]
    for actor, action in part.deeds:
        alike = [one for one in mine if (one["actor"].text, one["action"].text) == (actor, action)]
        first, last = alike[0], alike[-1]
        yield b.Row(
            (
                b.Cell(b.Text(part.run) if part.run else NONE),
                b.Cell(b.code(first["actor"])),
                b.Cell(b.Lines((b.Code("action", action), b.Text(action, mono=True)))),
                b.Cell(b.Link(ledger_row(first), b.Count(str(len(alike)))), "o"),
                b.Cell(moment(first["at"], short=True)),
                b.Cell(moment(last["at"], short=True)),
            )
        )


def _picture(parts: Sequence[lineage.Part], entries: Sequence[Node]) -> b.Timeline | None:
    """What was done, from the first entry shown at the left to the last one at the right."""
    chosen = [(part, entry) for part in parts for entry in _milestones(entries[part.first - 1 : part.last])][-DRAWN:]
    at = [datetime.fromisoformat(entry["at"].text) for _, entry in chosen]
    if len(at) < 2 or at[0] == at[-1]:
        return None
    span = at[-1] - at[0]
    moments = tuple(
        b.Moment(_label(part, entry), int((when - at[0]) * _FULL / span), entry["action"].text in lineage.TROUBLED)
        for (part, entry), when in zip(chosen, at, strict=True)
    )
    ends = [moment(entry["at"], short=True) for _, entry in (chosen[0], chosen[-1])]
    return b.Timeline(say("ledger.time"), say("ledger.time.about"), moments, ends[0], ends[1])


def _milestones(entries: Sequence[Node]) -> Iterator[Node]:
    met = set()
    for entry in entries:
        action = entry["action"].text
        if action in ALWAYS or (action in MILESTONES and action not in met):
            yield entry
        met.add(action)


def _label(part: lineage.Part, entry: Node) -> b.Inline:
    # The narrowest screen leaves some eighteen letters beside the picture.
    what = b.Code("did", entry["action"].text)
    return say("ledger.moment", run=b.Text(part.run), what=what) if part.run else what
