"""Where data go: each destination by the places in which it was seen, and register, portfolio and flows side by side.

Verdicts are those of the results; here they are only shown. Source: docs/norm/controls.md, PRO-01; docs/processors.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evidence_kit.pages import blocks as b
from evidence_kit.pages import matrices
from evidence_kit.pages.drawings import Stack
from evidence_kit.pages.judged import Judged
from evidence_kit.pages.matrices import Field, Head, Line, Matrix
from evidence_kit.pages.parts import NONE, WORST_FIRST, columns, evidence_row, say, tone
from evidence_kit.pages.payload import Dossier, Node

UNITS, PRESENCE, REGISTER = "destination_units", "provider_presence", "register"
#: Where a destination can be seen, in the order of the columns.
PLACES = ("egress_log", "api_credential", "dns", "supplier_ledger", "contract", REGISTER)
#: Kind of a cell -> its sign, the gravest first.
SEEN: Mapping[str, str] = {"nobody": "✗", "seen": "●", "matched": "✓", "unseen": "·"}
#: The three places that must name the same providers.
THREE = ("register", "portfolio", "flows")
#: Letters of the longest name of a column, in any language.
LONGEST = 17
WORDS = {True: "present", False: "absent", None: "unknown"}


def sections(judged: Judged, dossier: Dossier, rows: Sequence[Node]) -> Iterator[b.Section]:
    """Destinations, then the reconciliation of the three places."""
    lines = matrices.worst_first([_line(judged, row) for row in rows], SEEN)
    heads = {place: Head(b.Code("seen", place), place) for place in PLACES}
    heads["provider"] = Head(say("col.provider"), "provider")
    matrix = Matrix("destinations", "destination", heads, lines, SEEN)
    drawn = matrices.worded(matrices.drawing(matrix), matrix, LONGEST)
    tables = matrices.tables(matrix, "destinations.none") if drawn else ()
    nothing = b.Paragraph(say("destinations.none"), "empty")
    yield b.Section(
        "destinations",
        say("destinations"),
        (b.Paragraph(say("destinations.intro")), *((drawn,) if drawn else (nothing,)), *tables),
    )
    yield _three_ways(judged, dossier, rows)


def _places(row: Node) -> set[str]:
    return set(row["seen_in"].text.split(","))


def _line(judged: Judged, row: Node) -> Line:
    """One destination: what it was seen in, and whose it is."""
    name = row["destination"].text
    verdict, places = judged.verdict(name), _places(row)
    seen = Field("seen", "PASS", judged.evidence(UNITS, row, b.Code("cell", "seen")))
    fields = {place: seen if place in places else Field("unseen", "PASS", NONE) for place in PLACES}
    if row["processor_id"].absent:
        fields["provider"] = Field("nobody", verdict, b.Code("cell", "nobody"))
    else:
        fields["provider"] = Field("matched", verdict, b.code(row["processor_id"]))
    return Line(judged.unit(row["destination"]), name, fields)


# --- register, portfolio, flows ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """Somebody to whom data go, or may go: in which of the three places they are known; None: nobody looked there."""

    told: b.Inline
    places: tuple[bool | None, bool | None, bool | None]
    verdict: str = "PASS"


def _three_ways(judged: Judged, dossier: Dossier, rows: Sequence[Node]) -> b.Section:
    everybody = [*_providers(dossier, rows), *_strangers(judged, rows)]
    counted = Counter(one.places for one in everybody)
    apart = sorted((one for one in everybody if one.places != (True, True, True)), key=_gravity)
    shown = tuple(
        b.Row(
            (b.Cell(one.told), *(b.Cell(b.Code("known", WORDS[place])) for place in one.places)),
            tone=tone(one.verdict),
        )
        for one in apart
    )
    table = b.Table(
        say("threeways.caption"),
        columns("threeways_who:w", *(f"in_{place}" for place in THREE)),
        shown,
        say("threeways.none"),
    )
    drawn = _chart(counted)
    return b.Section(
        "threeways",
        say("threeways"),
        (b.Paragraph(say("threeways.intro")), *((drawn,) if drawn else ()), table),
    )


def _gravity(one: _Known) -> tuple[int, str]:
    return WORST_FIRST.index(one.verdict), str(one.places)


def _strangers(judged: Judged, rows: Sequence[Node]) -> Iterator[_Known]:
    """Destinations that belong to no provider of the portfolio."""
    for row in rows:
        if row["processor_id"].absent:
            places = _places(row)
            known = (REGISTER in places, False, bool(places - {REGISTER}))
            yield _Known(judged.unit(row["destination"]), known, judged.verdict(row["destination"].text))


def _providers(dossier: Dossier, rows: Sequence[Node]) -> Iterator[_Known]:
    """Providers of the portfolio: as the kit looked for each, else as far as destinations tell."""
    found = next((path for path in dossier.names("frames", ".jsonl") if f".{PRESENCE}." in path), None)
    if found is not None:
        control = found.removeprefix("frames/").partition(".")[0]
        path = f"frames/{control}.processors.jsonl"
        names = {row["processor_id"].text: row["name"] for row in dossier.rows(path)} if dossier.has(path) else {}
        for row in dossier.rows(found):
            ident = row["processor_id"]
            told = b.Link(evidence_row(control, PRESENCE, row["id"].value), b.code(ident))
            named = b.Lines((told, b.text(names[ident.text]))) if ident.text in names else told
            yield _Known(named, (row["in_register"].value, True, row["in_flows"].value))
        return
    met: dict[str, tuple[Node, set[str]]] = {}
    for row in rows:
        if not row["processor_id"].absent:
            met.setdefault(row["processor_id"].text, (row["processor_id"], set()))[1].update(_places(row))
    for node, places in met.values():
        yield _Known(b.code(node), (True if REGISTER in places else None, True, bool(places - {REGISTER})))


def _chart(counted: Mapping[tuple[bool | None, bool | None, bool | None], int]) -> b.Chart | None:
    """How many are known in which of the three; the bars share one scale."""
    if not counted:
        return None
    most = max(counted.values())
    ordered = sorted(counted.items(), key=lambda one: (one[0] != (True, True, True), -one[1], str(one[0])))
    rows = tuple(
        Stack(
            label=b.Listed(tuple(b.Code(f"known.{name}", WORDS[at]) for name, at in zip(THREE, places, strict=True))),
            figures=b.Count(str(count)),
            segments=((_tone(places), 0, max(6, 1000 * count // most)),),
            tone=_tone(places),
        )
        for places, count in ordered
    )
    return b.Chart("chart-threeways", say("threeways.chart"), say("threeways.about"), rows)


def _tone(places: tuple[bool | None, ...]) -> str:
    """A bar is red only where data go to nobody's provider; what is only in some of the places is not tested by it."""
    if False not in places and None not in places:
        return "PASS"
    return "FAIL" if places[1] is False else "INCONCLUSIVE"
