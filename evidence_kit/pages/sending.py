"""What a sending uses of a person, and who was written to after a stop: the sections of the sending controls.

What a field is called (used, unjustified, unused) is what the rule calls it; the verdict of a unit is its result's.
Source: docs/norm/controls, SND-01 and SND-02; docs/norm/frames.md, `field_units`, `send_checks`, `send_exceptions`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages.drawings import Flow, Stream
from evidence_kit.pages.judged import Judged
from evidence_kit.pages.matrices import cut
from evidence_kit.pages.parts import NONE, WORST_FIRST, columns, count_cell, local, say, tone
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.rules.deadlines import local_day
from evidence_kit.rules.sending import kind_of

#: Uses of a field, from top to bottom of the picture, and kinds of a field, the gravest first.
USES = ("address", "merge", "segment", "tracking", "unused")
KINDS = ("unused", "unjustified", "used")
#: Fields of a picture, and letters of their names; the table has the others.
PICTURED, BESIDE = 60, 32
#: Letters of a pseudonym that tell two persons apart on one page; the whole of it stands in the evidence.
SHORT = 10
#: Columns of a unit that the rule reads.
READ = ("used_in", "purpose_declared", "necessary", "personal_class", "entry_declared", "basis_declared")


def sections(
    dossier: Dossier, control: str, results: Mapping[str, Node], units: Mapping[str, str]
) -> Iterator[b.Section]:
    """The sections of a control that has one of these frames. `results`: of each unit; `units`: where it is told of."""
    agreed = dossier.doc("engagement.json")
    judged = Judged(control, results, units, local_day(agreed["as_of"].text, agreed["timezone"].text))
    fields, checks = (f"frames/{control}.{name}.jsonl" for name in ("field_units", "send_checks"))
    if dossier.has(fields):
        rows = dossier.rows(fields)
        yield b.Section("flow", say("flow"), tuple(_flow(judged, rows)))
    if dossier.has(checks):
        listed = f"frames/{control}.send_exceptions.jsonl"
        yield b.Section(
            "stops",
            say("stops"),
            (
                b.Paragraph(say("stops.intro")),
                _campaigns(judged, dossier.rows(checks), dossier.rows(listed) if dossier.has(listed) else ()),
                _messages(judged, dossier.rows(listed) if dossier.has(listed) else ()),
            ),
        )


# Fields --------------------------------------------------------------------------------------------------------------


def kind(row: Node) -> str:
    """What the rule calls a field of a sending. What nobody could read is no justification."""
    if not row["unreadable"].absent and row["used_in"].absent:
        return "unjustified"
    return kind_of({name: row[name].value if not row[name].absent else None for name in READ})


def _flow(judged: Judged, rows: Sequence[Node]) -> Iterator[b.Block]:
    yield b.Paragraph(say("flow.intro"))
    met = Counter((row["field_name"].text.lower(), row["used_in"].text, kind(row)) for row in rows)
    if not met:
        yield b.Paragraph(say("flow.none"), "empty")
        return
    yield _picture(met)
    yield _uses(met)
    yield _open(judged, rows)


def _fields(met: Counter[tuple[str, str, str]]) -> list[str]:
    """The names of the fields, those that are not in order first."""
    worst: dict[str, int] = {}
    for field, _, word in met:
        worst[field] = min(worst.get(field, len(KINDS)), KINDS.index(word))
    return sorted(worst, key=lambda field: (worst[field], field))


def _picture(met: Counter[tuple[str, str, str]]) -> Flow:
    fields = _fields(met)
    shown = fields[:PICTURED]
    uses = (*USES, *sorted({use for _, use, _ in met} - set(USES)))
    streams = {(shown.index(f), uses.index(use), word) for f, use, word in met if f in shown}
    # What is in order is drawn first, so that nothing hides what is not.
    ordered = sorted(streams, key=lambda one: (-KINDS.index(one[2]), one))
    counts = {word: len({f for f, _, one in met if one == word}) for word in KINDS}
    return Flow(
        id="chart-flow",
        caption=say("flow.chart"),
        description=b.Say(
            "flow.about",
            {word: b.Count(str(n)) for word, n in {"shown": len(shown), "all": len(fields), **counts}.items()},
        ),
        left=tuple(b.Text(cut(field, BESIDE)) for field in shown),
        right=tuple(b.Code("flow.use", use) for use in uses),
        streams=tuple(Stream(left, right, word) for left, right, word in ordered),
        legend=tuple((word, b.Code("flow.kind", word)) for word in KINDS),
        beside=14 + 7 * max(len(cut(field, BESIDE)) for field in shown),
    )


def _uses(met: Counter[tuple[str, str, str]]) -> b.Table:
    """Fields by use: how many templates use the field so. The same as the picture, in figures."""
    uses = (*USES, *sorted({use for _, use, _ in met} - set(USES)))
    rows = []
    for field in _fields(met):
        counts = [sum(n for (f, one, _), n in met.items() if (f, one) == (field, use)) for use in uses]
        words = {word for f, _, word in met if f == field}
        worst = next(word for word in KINDS if word in words)
        cells = (b.Cell(b.Count(str(n)) if n else NONE, "o") for n in counts)
        told = b.Lines(tuple(b.Code("flow.kind", word) for word in KINDS if word in words))
        rows.append(
            b.Row(
                (b.Cell(b.Text(field, mono=True)), *cells, b.Cell(told)), tone="" if worst == "used" else TONES[worst]
            )
        )
    heads = (
        *columns("snd.field"),
        *(b.Column(b.Code("flow.use", use), "o") for use in uses),
        *columns("snd.kind"),
    )
    return b.Table(say("flow.caption"), heads, tuple(rows), say("flow.none"), dense=True)


#: Kind of a field → the tone of its row.
TONES = {"unused": "FAIL", "unjustified": "INCONCLUSIVE"}


def _open(judged: Judged, rows: Sequence[Node]) -> b.Table:
    """Every field of a template that did not pass, the gravest first: what is known of it, and whose sending it is."""
    found = [row for row in rows if judged.verdict(row["unit_id"].text) != "PASS"]
    found.sort(key=lambda row: WORST_FIRST.index(judged.verdict(row["unit_id"].text)))
    shown = tuple(
        b.Row(
            (
                b.Cell(judged.unit(row["unit_id"])),
                b.Cell(b.Code("flow.class", row["personal_class"].text)),
                b.Cell(b.Code("flow.use", row["used_in"].text)),
                b.Cell(_yes(row["purpose_declared"])),
                b.Cell(_yes(row["necessary"])),
                b.Cell(_yes(row["read"])),
                count_cell(row["filled_count"]),
                b.Cell(b.Code("flow.sending", "own" if row["account_key"].absent else "client")),
                b.Cell(judged.tag("field_units", row, row["unit_id"].text)),
            ),
            tone=tone(judged.verdict(row["unit_id"].text)),
        )
        for row in found
    )
    heads = columns(
        *("snd.unit", "snd.class", "snd.use", "snd.purpose", "snd.necessary", "snd.read", "snd.filled:n"),
        *("snd.sending", "verdict"),
    )
    return b.Table(say("flow.open"), heads, shown, say("flow.open.none"), dense=True)


def _yes(node: Node) -> b.Inline:
    return b.Code("flow.answer", "unknown" if node.absent else "yes" if node.value else "no")


# Stops ---------------------------------------------------------------------------------------------------------------


def _campaigns(judged: Judged, checks: Sequence[Node], listed: Sequence[Node]) -> b.Table:
    """Campaigns that are no pass: messages, messages after a stop, the shortest and the longest time after it."""
    late: dict[str, list[Node]] = {}
    for row in listed:
        late.setdefault(row["campaign_id"].text, []).append(row)
    found = [row for row in checks if judged.verdict(row["campaign_id"].text) != "PASS"]
    found.sort(key=lambda row: WORST_FIRST.index(judged.verdict(row["campaign_id"].text)))
    shown = tuple(
        b.Row(
            (
                b.Cell(judged.unit(row["campaign_id"])),
                count_cell(row["sent_count"]),
                b.Cell(b.Code("flow.answer", "unknown"), "nil")
                if row["stopped_hits"].absent
                else count_cell(row["stopped_hits"]),
                *_lags(late.get(row["campaign_id"].text, ())),
                b.Cell(_yes(row["list_unsubscribe"])),
                b.Cell(_yes(row["one_click"])),
                b.Cell(judged.tag("send_checks", row, row["campaign_id"].text)),
            ),
            tone=tone(judged.verdict(row["campaign_id"].text)),
        )
        for row in found
    )
    heads = columns(
        *("snd.campaign", "snd.sent:n", "snd.hits:n", "snd.least:n", "snd.most:n", "snd.header", "snd.one_click"),
        "verdict",
    )
    return b.Table(say("stops.campaigns"), heads, shown, say("stops.none"), dense=True)


def _lags(rows: Sequence[Node]) -> tuple[b.Cell, b.Cell]:
    """The shortest and the longest time after a stop, in hours."""
    if not rows:
        return b.Cell(NONE, "nil"), b.Cell(NONE, "nil")
    ordered = sorted(rows, key=lambda row: tuple(int(part) for part in row["lag_hours"].text.split(".")))
    least, most = (b.Cell(b.figure(row["lag_hours"], b.Kind.DECIMAL), "n") for row in (ordered[0], ordered[-1]))
    return least, most


def _messages(judged: Judged, listed: Sequence[Node]) -> b.Table:
    """Every message to a stopped person: to whom, when stopped, when sent, hours between."""
    shown = tuple(
        b.Row(
            (
                b.Cell(judged.unit(row["campaign_id"])),
                b.Cell(judged.evidence("send_exceptions", row, _short(row["message_key"]))),
                b.Cell(_short(row["recipient_key"])),
                b.Cell(local(row, "stopped_at")),
                b.Cell(local(row, "sent_at")),
                b.Cell(b.figure(row["lag_hours"], b.Kind.DECIMAL), "n"),
            ),
            tone="FAIL",
        )
        for row in listed
    )
    heads = columns("snd.campaign", "snd.message", "person", "snd.stopped:d", "snd.sent_at:d", "snd.hours:n")
    return b.Table(say("stops.messages"), heads, shown, say("stops.messages.none"), dense=True)


def _short(node: Node) -> b.Inline:
    return NONE if node.absent else b.Text(cut(node.text, SHORT), mono=True)
