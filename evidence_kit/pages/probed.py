"""What the probes of one control say of each person and each object: every field filled, judged by the rule itself.

So no page can be kinder than the results. Source: docs/norm/retention.md, section 4; docs/norm/frames.md, "Frames of
the kit", `erasure_probes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.outcome import Outcome
from evidence_kit.pages import blocks as b
from evidence_kit.pages.matrices import Field
from evidence_kit.pages.parts import evidence_row, say
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.places import stated
from evidence_kit.rules.deadlines import local_day
from evidence_kit.rules.probes import judge_probe, probe_of

FRAME = "erasure_probes"
#: The control whose matrix shows only those who came back.
RETURNS = "ERA-03"
#: Kind of a cell -> its sign in the drawing, the gravest first. A dot is nothing: it is drawn without a box.
SIGNS: Mapping[str, str] = {
    "present": "✗",
    "back": "↺",
    "unreachable": "E",
    "weak": "~",
    "soft-deleted": "…",
    "backup": "B",
    "suppression": "⊘",
    "masked": "≈",
    "kept": "§",
    "unproven": "0",
    "not-searched": "?",
    "nothing": "·",
    "unlisted": "·",
    "not-back": "·",
}
KINDS = {
    "absent": "nothing",
    "suppressed-only": "suppression",
    "masked": "masked",
    "soft-deleted": "soft-deleted",
    "backup-only": "backup",
    "present": "present",
    "reappeared": "back",
    "weak-match": "weak",
    "unreachable": "unreachable",
    "not-probed": "not-searched",
}
#: Kinds that are nothing of the person: who has only these in every object is summed in one line.
CLEAN = frozenset({"nothing", "unlisted", "not-back"})
#: Kinds that say something of the object, not of the person.
OF_OBJECT = frozenset({"unproven", "unreachable"})


@dataclass(frozen=True, slots=True)
class Search:
    """The probes of one control. `cells`: case -> object -> row; `objects`: name -> its rows; `declared`: whether an
    object is, as any control's probes say it; without a word where none does."""

    control: str
    cases: Sequence[str]
    cells: Mapping[str, Mapping[str, Node]]
    objects: Mapping[str, Sequence[Node]]
    places: Mapping[str, Node]
    declared: Mapping[str, bool]
    today: date


def gather(dossier: Dossier, control: str, rows: Sequence[Node], units: Iterable[str]) -> Search:
    """The probes by person and object. `units`: the erasures drawn; one without a probe was not searched for."""
    agreed = dossier.doc("engagement.json")
    cells: dict[str, dict[str, Node]] = {unit: {} for unit in units}
    objects: dict[str, list[Node]] = {}
    for row in rows:
        name = object_of(row)
        cells.setdefault(row["case_id"].text, {})[name] = row
        objects.setdefault(name, []).append(row)
    places = {place["place"].text: place for place in stated(dossier)}
    today = local_day(agreed["as_of"].text, agreed["timezone"].text)
    return Search(control, tuple(cells), cells, dict(sorted(objects.items())), places, _declared(dossier), today)


def _declared(dossier: Dossier) -> dict[str, bool]:
    """What the probes of any control say of each object: not every control reads this column."""
    found: dict[str, bool] = {}
    for path in dossier.names("frames", f".{FRAME}.jsonl"):
        for row in dossier.rows(path):
            if row.value.get("object_declared") is not None:
                name = object_of(row)
                found[name] = found.get(name, False) or row.value["object_declared"] is True
    return found


def object_of(row: Node) -> str:
    """The name of an object among all sources, as `places` has it."""
    return f"{row['source'].text}.{row['object'].text}"


def fields_of(search: Search, case: str) -> dict[str, Field]:
    """Every cell of one person: no object without one."""
    mine = search.cells[case]
    return {name: field_of(search, mine.get(name), name) for name in search.objects}


def field_of(search: Search, row: Node | None, name: str) -> Field:
    """One cell of a person for whom something was searched."""
    returns = search.control == RETURNS
    if row is None:
        # An object outside the plan has rows only for those who were found in it: it was searched for the others.
        kind = "not-searched" if search.declared.get(name, True) else "unlisted"
        return Field(kind, "INCONCLUSIVE" if kind == "not-searched" else "PASS", b.Code("cell", kind))
    state = row["state"].text
    verdict = verdict_of(row, search.today)
    kind = KINDS.get(state, "not-searched")
    if returns and kind not in ("back", "unreachable", "not-searched"):
        return Field("not-back", "PASS", b.Code("cell", "not-back"))
    if kind == "nothing" and verdict != "PASS":
        kind = "unproven"
    if kind == "present" and holds(row, "exception_declared"):
        kind = "kept"
    return Field(kind, verdict, _words(search, row, kind, name))


def _words(search: Search, row: Node, kind: str, name: str) -> b.Inline:
    """A count where rows were found or nothing was, else the word; whoever is there leads to the evidence."""
    rows = row["matched_rows"] if "matched_rows" in row and not row["matched_rows"].absent else None
    if kind in ("nothing", "unproven", "present") and rows is not None:
        told: b.Inline = b.integer(rows)
        return told if kind == "nothing" else b.Link(evidence_of(search, row), told)
    told = b.Code("cell", kind)
    place = search.places.get(name)
    if kind == "kept" and place is not None and not place["exception"].absent:
        told = say("cell.kept.ground", ground=b.text(place["exception"]))
    elif kind == "back" and "return_cause" in row and not row["return_cause"].absent:
        told = say("cell.back.cause", cause=b.Code("return", row["return_cause"].text))
    return b.Link(evidence_of(search, row), told)


def verdict_of(row: Node, today: date) -> str:
    """What the rule says of one probe; a row with a value that could not be read is in error."""
    if row.value.get("unreadable"):
        return Outcome.ERROR.value
    # A control that does not read a column knows nothing of it.
    read = {**dict.fromkeys(FRAMES[FRAME].names), **row.value}
    try:
        return judge_probe(probe_of(read), today).verdict.value
    except ValueError:
        return Outcome.ERROR.value


def holds(row: Node, key: str) -> bool:
    """Whether the row has this key and it is true."""
    return row.value.get(key) is True


def canary_of(found: Sequence[Node]) -> tuple[str, str]:
    """Whether the same search found who was known to be there: the worst of its rows."""
    seen = {row.value.get("positive_control") for row in found}
    if False in seen:
        return "not-found", "ERROR"
    return ("found", "PASS") if seen == {True} else ("not-run", "INCONCLUSIVE")


def evidence_of(search: Search, row: Node) -> str:
    """Where one probe stands in the evidence."""
    return evidence_row(search.control, FRAME, row["id"].value)
