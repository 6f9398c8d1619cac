"""What a notebook shows of erasure and retention: plain tables, and pictures small enough for a cell.

A picture is one path for each kind of field, so that a matrix of many persons and objects stays under the 64 KiB that a
cell may hold (docs/norm/notebook-gate.md, G08). Kinds differ by shape as well as by colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from evidence_kit.model.evidence import AGES
from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.shown import GREY, RED, Shown, table

Frames = Mapping[str, Mapping[str, EvidenceFrame]]

#: Rows and columns of a picture; tables and the bundle have the others.
MOST_ROWS, MOST_COLUMNS = 60, 40
STEP = 14
#: Shapes of a field of 14 by 14, from its upper left corner. Holes are drawn the other way round: what shows a notebook
#: outside Lab may keep the shape of a path and drop its paint.
FULL, FRAME, DOT = "h11v11h-11z", "h11v11h-11zm2 2v7h7v-7z", "m4 4h3v3h-3z"
CROSS = "m0 2l2-2 3.5 3.5 3.5-3.5 2 2-3.5 3.5 3.5 3.5-2 2-3.5-3.5-3.5 3.5-2-2 3.5-3.5z"
#: Words of a field → shape, and whether it is red. Any other word is a frame.
SHAPES = {
    "present": (FULL, True),
    "reappeared": (CROSS, True),
    "unreachable": ("m0 4h11v3h-11z", True),
    "absent, not shown": (DOT, True),
    "absent": (DOT, False),
    "masked": ("m0 6h11v5h-11z", False),
    "soft-deleted": ("m0 11h11l-5.5-11z", False),
    "suppressed-only": ("m2 2h7v7h-7z", False),
    "no row": ("m5 0h1v11h-1z", True),
    "in the contract": (DOT, False),
    "not in the contract": (CROSS, True),
    "not asked": ("m5 5h2v2h-2z", False),
}
#: What should not be there, or could not be looked at: whoever has one of these is drawn first.
LEFT = ("present", "reappeared", "unreachable")
#: Buckets with an age, in order, and how many of them lie within the period and its grace.
AGED = tuple(bucket for bucket in AGES if bucket not in ("no-start", "bad-date"))
WITHIN = AGED.index("grace") + 1


def _rows(frames: Frames, name: str) -> list[Row]:
    """The rows of one frame, of every control that has it."""
    return [row for mine in frames.values() if name in mine for row in mine[name].rows]


def _probes(frames: Frames) -> dict[str, dict[str, Row]]:
    """Erasure → object → what the search saw there. Several controls read the same probes: the fullest row counts."""
    found: dict[str, dict[str, Row]] = {}
    for row in sorted(_rows(frames, "erasure_probes"), key=len):
        found.setdefault(str(row["case_id"]), {})[f"{row['source']}.{row['object']}"] = row
    return found


def _seen(row: Row | None) -> str:
    """One field in words. Nothing found proves nothing unless somebody known to be there was found."""
    if row is None:
        return "no row"
    state = str(row["state"])
    if state == "present" and row.get("exception_declared"):
        return "kept"
    return "absent, not shown" if state == "absent" and row.get("positive_control") is not True else state


def _about(seen: Iterable[str]) -> bool:
    """Whether some field says that something of the person was found, or that nobody could look."""
    return any(one not in ("absent", "absent, not shown", "no row") for one in seen)


def probes(frames: Frames) -> Shown:
    """Every field that is not plain absence: erasure, object, what was seen, rows, columns in which they stand."""
    rows = [
        (case, name, _seen(row), row.get("matched_rows"), row.get("matched_in"))
        for case, mine in _probes(frames).items()
        for name, row in sorted(mine.items())
        if _about([_seen(row)])
    ]
    return table("Erased persons found, object by object", ("erasure", "object", "seen", "rows", "in"), rows)


def searched(frames: Frames) -> Shown:
    """Each object: how many persons were looked for, of how many nothing was found, and whether a canary was."""
    found = _probes(frames)
    objects = sorted({name for mine in found.values() for name in mine})
    rows = []
    for name in objects:
        mine = [each[name] for each in found.values() if name in each]
        seen = {row.get("positive_control") for row in mine}
        canary = "not found" if False in seen else "found" if seen == {True} else "not run"
        rows.append((name, len(mine), sum(row["state"] == "absent" for row in mine), canary))
    return table("Objects searched", ("object", "persons looked for", "nothing of", "canary"), rows)


def matrix(frames: Frames) -> Shown:
    """Persons of whom something was found, by object: one shape for each kind of field."""
    found = _probes(frames)
    cases = [case for case, mine in found.items() if _about(map(_seen, mine.values()))]
    cases.sort(key=lambda case: not any(_seen(row) in LEFT for row in found[case].values()))
    met = {name for case in cases for name, row in found[case].items() if _about([_seen(row)])}
    objects = sorted(met)
    clean = len(found) - len(cases)
    said = (
        f"Erased persons by object: {len(cases)} with something found, in {len(objects)} objects; "
        f"{clean} persons of whom nothing was found"
    )
    fields = [[_seen(found[case].get(name)) for name in objects[:MOST_COLUMNS]] for case in cases[:MOST_ROWS]]
    return grid(said, cases[:MOST_ROWS], objects[:MOST_COLUMNS], fields)


def grid(said: str, rows: Sequence[str], columns: Sequence[str], fields: Sequence[Sequence[str]]) -> Shown:
    """Fields in rows and columns as an SVG, with the words of each kind under it."""
    left, top = 100, 150
    kinds = list(dict.fromkeys(kind for row in fields for kind in row))
    paths = []
    for kind in kinds:
        shape, red = SHAPES.get(kind, (FRAME, False))
        places = "".join(
            f"M{left + x * STEP} {top + y * STEP}{shape}"
            for y, row in enumerate(fields)
            for x, one in enumerate(row)
            if one == kind
        )
        paths.append(f'<path d="{places}"{_paint(red)}/>')
    labels = [_text(0, top + y * STEP + 10, _short(name, 14)) for y, name in enumerate(rows)]
    for x, name in enumerate(columns):
        across = left + x * STEP + 9
        turn = f' transform="rotate(-60 {across} {top - 6})"'
        labels.append(_text(across, top - 6, _short(name, 24), turn))
    under = top + len(rows) * STEP + 20
    labels += [_key(left + 150 * (n % 4), under + 18 * (n // 4), kind) for n, kind in enumerate(kinds)]
    high = under + 18 * (len(kinds) // 4 + 1)
    wide = max(left + 600, left + len(columns) * STEP + 90)
    return _picture(said, (wide, high), [*paths, *labels])


def _key(x: int, y: int, kind: str) -> str:
    """One kind of field and its words."""
    shape, red = SHAPES.get(kind, (FRAME, False))
    return f'<path d="M{x} {y}{shape}"{_paint(red)}/>' + _text(x + 18, y + 10, kind)


def _paint(red: bool) -> str:
    """The class is for the pages of the bundle, whose sheet has its own colours."""
    return f' class="other" fill="{RED}"' if red else f' fill="{GREY}"'


def _text(x: int, y: int, text: str, more: str = "") -> str:
    return f'<text class="start" x="{x}" y="{y}" font-size="11" fill="{GREY}"{more}>{escape(text)}</text>'


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _picture(said: str, size: tuple[int, int], drawn: Iterable[str]) -> Shown:
    wide, high = size
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tall" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}" role="img" font-family="sans-serif"><title>{escape(said)}</title>{"".join(drawn)}</svg>'
    )
    return Shown({"image/svg+xml": svg, "text/plain": said})


def returns(frames: Frames) -> Shown:
    """Who came back: where, when last seen absent, since when, and by what, where somebody knows it."""
    rows = [
        (
            case,
            name,
            _day(row.get("previously_absent_at")),
            _day(row.get("earliest_row_at")),
            row.get("return_cause") or "not known",
        )
        for case, mine in _probes(frames).items()
        for name, row in sorted(mine.items())
        if row["state"] == "reappeared"
    ]
    return table("Who came back", ("erasure", "object", "seen absent", "oldest row", "by"), rows)


def _day(value: object) -> str:
    return "" if value is None else str(value)[:10]


def notices(frames: Frames) -> Shown:
    """Each erasure and recipient: told, confirmed, or exempt; those told of nothing first."""
    rows = [
        (row["case_id"], row["recipient_id"], _day(row["notified_at"]), _day(row["confirmed_at"]), row["exemption"])
        for row in sorted(_rows(frames, "recipient_units"), key=lambda row: row["notified_at"] is not None)
    ]
    return table("Recipients of erased data", ("erasure", "recipient", "told", "confirmed", "exempt"), rows)


def backups(frames: Frames) -> Shown:
    """Each backup and restoration with its days."""
    columns = ("unit_id", "taken_at", "expires_at", "deleted_at", "restored_at", "replayed_at", "opened_at")
    rows = [(row[columns[0]], *(_day(row[name]) for name in columns[1:])) for row in _rows(frames, "backup_units")]
    heads = ("unit", "taken", "expires", "destroyed", "restored", "replayed", "opened")
    return table("Backups and restorations", heads, rows)


def runs(frames: Frames) -> Shown:
    """Rules by month: how many runs ended in which way; `no run` where one was owed."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in _rows(frames, "job_units"):
        words = found.setdefault((str(row["rule_id"]), str(row["scheduled_on"])[:7]), {})
        word = _ended(row)
        words[word] = words.get(word, 0) + 1
    months = sorted({month for _, month in found})
    rows = [
        (rule, *(", ".join(f"{word} {n}" for word, n in found.get((rule, month), {}).items()) for month in months))
        for rule in sorted({rule for rule, _ in found})
    ]
    return table("Deletion jobs", ("rule", *months), rows)


def _ended(row: Row) -> str:
    if row["status"] is None:
        return "no run"
    due, gone, excused = (row[name] for name in ("rows_eligible", "rows_deleted", "rows_excused"))
    if row["status"] == "success" and due is not None and gone is not None:
        return "success" if int(str(gone)) + int(str(excused or 0)) == int(str(due)) else "rows left"
    return str(row["status"])


def ages(frames: Frames) -> Shown:
    """How old the rows of each rule are, in twelfths of its period; past the line they are past the limit."""
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for row in _rows(frames, "retention_ages"):
        mine = counted.setdefault((str(row["rule_id"]), str(row["place"])), {})
        mine[str(row["bucket"])] = int(str(row["rows"]))
    shown = [(key, mine) for key, mine in sorted(counted.items()) if any(mine.get(each) for each in AGED)]
    over = sum(mine.get(each, 0) for _, mine in shown for each in AGED[WITHIN:])
    said = f"Rows by age beside their limit: {len(shown)} rules and places, {over} rows past limit and grace"
    drawn = [part for number, (key, mine) in enumerate(shown) for part in _histogram(number, key, mine)]
    return _picture(said, (640, 44 * len(shown) + 10), drawn)


def _histogram(number: int, key: tuple[str, str], counted: Mapping[str, int]) -> Iterable[str]:
    """One line of the picture: its label, a bar for each bucket, the limit."""
    low, most = 44 * number + 40, max(counted.get(each, 0) for each in AGED)
    left, wide = 200, 24
    yield _text(0, low - 8, _short(" ".join(key), 30))
    for place, bucket in enumerate(AGED):
        high = 32 * counted.get(bucket, 0) // most
        if counted.get(bucket):
            high = max(2, high)
            box = f'x="{left + place * wide}" y="{low - high}" width="20" height="{high}"'
            yield f"<rect {box}{_paint(place >= WITHIN)}/>"
    limit = left + AGED.index("grace") * wide - 2
    yield f'<line x1="{limit}" x2="{limit}" y1="{low - 36}" y2="{low + 2}" stroke="{GREY}" stroke-dasharray="4 3"/>'
