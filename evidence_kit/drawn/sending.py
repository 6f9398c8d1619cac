"""What a notebook shows of the sendings: which fields of a contact flow into which use, and who was written to after
a stop. Kinds differ by line and shape as well as by colour. Source: docs/sending.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from evidence_kit.drawn.grids import every, picture, short, text
from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.rules.sending import kind_of
from evidence_kit.shown import GREY, RED, Shown, table

Frames = Mapping[str, Mapping[str, EvidenceFrame]]

#: Uses of a field, from top to bottom of the picture.
USES = ("address", "merge", "segment", "tracking", "unused")
#: Kind of field → colour and dashes of its lines.
LINES = {"used": (GREY, ""), "unjustified": (RED, "5 3"), "unused": (RED, "1 3")}
#: Fields of a picture; the table and the bundle have the others.
MOST_FIELDS = 60
STEP, LEFT, RIGHT = 18, 210, 420

Flow = Mapping[tuple[str, str, str], int]


def flow(frames: Frames) -> Shown:
    """Fields at the left, uses at the right; a line says how many templates use the field so."""
    counted = _counted(every(frames, "field_units"))
    fields = _fields(counted)
    kinds = {kind: sum(n for (_, _, one), n in counted.items() if one == kind) for kind in LINES}
    said = f"{len(fields)} fields of a contact by use: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    shown = fields[:MOST_FIELDS]
    high = STEP * max(len(shown), 2 * len(USES)) + 30
    return picture(said, (RIGHT + 190, high + 20), [*_drawn(counted, shown, high), *_key(high)])


def _counted(rows: Sequence[Row]) -> Flow:
    found: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = (str(row["field_name"]).lower(), str(row["used_in"]), kind_of(row))
        found[key] = found.get(key, 0) + 1
    return found


def _fields(counted: Flow) -> list[str]:
    """Those that are not in order first, then by name."""
    amiss = {field for field, _, kind in counted if kind != "used"}
    return sorted({field for field, _, _ in counted}, key=lambda field: (field not in amiss, field))


def _drawn(counted: Flow, fields: Sequence[str], high: int) -> Iterator[str]:
    places = {field: STEP * number + 14 for number, field in enumerate(fields)}
    step = (high - 30) // len(USES)
    ends = {use: step * number + 20 for number, use in enumerate(USES)}
    for kind, (colour, dashes) in LINES.items():
        lines = [(field, use) for field, use, one in sorted(counted) if one == kind and field in places]
        if lines:
            path = "".join(f"M{LEFT} {places[f]}L{RIGHT} {ends[u]}" for f, u in lines)
            more = f' stroke-dasharray="{dashes}"' if dashes else ""
            yield f'<path d="{path}" fill="none" stroke="{colour}"{more}/>'
    for field, y in places.items():
        yield text(0, y + 4, short(field, 32))
    for use, y in ends.items():
        yield text(RIGHT + 8, y + 4, f"{use} {sum(n for (_, one, _), n in counted.items() if one == use)}")


def _key(high: int) -> Iterator[str]:
    for number, (kind, (colour, dashes)) in enumerate(LINES.items()):
        more = f' stroke-dasharray="{dashes}"' if dashes else ""
        x = 150 * number
        yield f'<path d="M{x} {high + 4}h30" fill="none" stroke="{colour}"{more}/>'
        yield text(x + 38, high + 8, kind)


def fields(frames: Frames) -> Shown:
    """Each field and template that is not in order: what it is used for, what is written of it, who asks for it."""
    rows = [
        (
            *(row[name] for name in ("template_id", "field_name", "personal_class", "used_in")),
            *(_yes(row[name]) for name in ("purpose_declared", "necessary", "stored", "read")),
            "client" if row["account_key"] is not None else "own",
        )
        for row in every(frames, "field_units")
        if kind_of(row) != "used"
    ]
    heads = ("template", "field", "class", "use", "purpose", "necessary", "stored", "read", "sending of")
    return table("Fields that are unused or not justified", heads, rows)


def stops(frames: Frames) -> Shown:
    """Each campaign with messages to stopped persons, or of which nobody can say; the longest after the stop first."""
    late: dict[str, list[Decimal]] = {}
    for row in every(frames, "send_exceptions"):
        late.setdefault(str(row["campaign_id"]), []).append(Decimal(str(row["lag_hours"])))
    rows = [
        (
            row["campaign_id"],
            row["sent_count"],
            "not known" if row["stopped_hits"] is None else row["stopped_hits"],
            *(_days(pick(late[name])) if (name := str(row["campaign_id"])) in late else "" for pick in (min, max)),
        )
        for row in sorted(
            every(frames, "send_checks"), key=lambda row: -max(late.get(str(row["campaign_id"]), [Decimal(0)]))
        )
        if row["stopped_hits"] != 0
    ]
    heads = ("campaign", "messages", "after a stop", "days after, least", "most")
    return table("Campaigns that wrote to people who had said stop", heads, rows)


def _days(hours: Decimal) -> str:
    return f"{hours / 24:.1f}"


def _yes(value: object) -> str:
    return "not known" if value is None else "yes" if value else "no"
