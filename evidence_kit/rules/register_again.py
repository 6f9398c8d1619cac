"""Verdicts of the register controls read a second time, from the evidence rows alone. See `readings`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from evidence_kit.model.claims import Claim
from evidence_kit.model.outcome import Mark, Outcome
from evidence_kit.model.sample import Row
from evidence_kit.rules.claims import Table
from evidence_kit.rules.reread import Frames, Results, answer, holds, marked, marked_units, passed

#: What a column that passed holds: something of a person, and not something that nobody can name.
PERSONAL = ("identifier", "contact", "behaviour", "content", "financial", "special")
#: The columns that each letter of REG-03 asks for.
ASKED: Mapping[str, tuple[str, ...]] = {
    "A": ("controller_contact",),
    "B": ("purposes",),
    "C": ("subject_categories", "data_categories"),
    "D": ("recipient_categories",),
    "E": ("third_countries",),
    "F": ("erasure_periods",),
    "G": ("security_measures",),
    "P": ("controller_contact", "client_categories", "third_countries", "security_measures"),
}
#: How a cell begins of which somebody may say that it holds no answer; plain prose does not begin so.
BLANK = re.compile(
    r"$|(n ?[acdk]|nan|nil|null|none|no|nobody|nothing|non|not|un(known|specified|defined)|inconnue?|to|tb[dca]|"
    r"todo|wip|s ?o|sans objet|x+|[aà]|pending|in progress|en (attente|cours)|aucune?s?|n[eé]ant|personne|rien|"
    r"pas de|ref|value|name|err(or|eur)|lorem|empty|vide|blank)\b",
    re.IGNORECASE,
)


def _declared(results: Results, frames: Frames) -> Iterator[Table]:
    """Whoever passed is named by an active entry that says what it holds; whoever failed is not, or says otherwise."""
    entries = frames["column_entries"].by_unit
    named = [entries.get(result.unit, ()) for result in results if result.verdict is Outcome.PASS]
    said = [{"active": _active(mine), "categories": _first(mine, "data_categories")} for mine in named]
    undeclared = marked_units(results, frames, "column_entries", "A", Mark.FAIL)
    otherwise = [
        {"written": str(held["personal_class"]) in _written(entries.get(result.unit, ()))}
        for result in results
        if answer(result, "B").mark is Mark.FAIL
        for held in frames["column_units"].by_unit.get(result.unit, ())
    ]
    stated = (*holds("active", True), Claim("not-null", ("categories",), reading=True))
    yield Table("declared_column", passed(results, frames, "column_units"), holds("personal_class", *PERSONAL))
    yield Table("named_by_an_entry", said, stated)
    yield Table("named_by_none", [{"active": _active(mine)} for mine in undeclared], holds("active", False))
    yield Table("said_otherwise", otherwise, holds("written", False))


def _active(entries: Sequence[Row]) -> bool:
    return any(row["status"] == "active" for row in entries)


def _first(entries: Sequence[Row], column: str) -> object:
    return next((row[column] for row in entries if row["status"] == "active" and row[column] is not None), None)


def _written(entries: Sequence[Row]) -> set[str]:
    """The plain words of the entries; `system.content` is a name of Fides, and none of them."""
    text = " ".join(str(row["data_categories"] or "") for row in entries if row["status"] == "active")
    return set(re.findall(r"(?<![\w.])[a-z]+(?![\w.])", text.lower()))


def _exist(results: Results, frames: Frames) -> Iterator[Table]:
    """What passed is there and was written, or was seen on paper; what fell silent was written before all that lives.

    The months agreed are not in the rows, but one day divides the living from the silent, whatever they are.
    """
    real, unreal = (_entries(results, frames, mark) for mark in (Mark.PASS, Mark.FAIL))
    seen = [entry for entry, objects in real if _on_paper(entry, objects)]
    kept = [objects for entry, objects in real if not _on_paper(entry, objects)]
    there = [{**row, "column_found": row["column_found"] or row["column_name"] is None} for row in _flat(kept)]
    written = [{"written": _last(objects)} for objects in kept]
    silent = [objects for _, objects in unreal if not any(_gone(row) for row in objects)]
    living = min((last for objects in kept if (last := _last(objects)) is not None), default=None)
    known = [{"every_write_known": all(_ordinal(row) is not None for row in objects)} for objects in silent]
    before = [{"silent": _last(objects), "living": living} for objects in silent if living is not None]
    yield Table("seen_on_paper", seen, (Claim("not-null", ("visit_note_ref",), reading=True),))
    yield Table("object_there", there, (*holds("object_found", True), *holds("column_found", True)))
    yield Table("object_written", written, (Claim("not-null", ("written",), reading=True),))
    yield Table("silence_known", known, holds("every_write_known", True))
    yield Table("silent_before_living", before, (Claim("greater", ("living", "silent"), reading=True),))
    on_paper = [{"on_paper": _on_paper(entry, objects)} for entry, objects in unreal]
    yield Table("failed_on_paper", on_paper, holds("on_paper", False))


def _entries(results: Results, frames: Frames, mark: Mark) -> list[tuple[Row, Sequence[Row]]]:
    """The entries whose attribute A has this mark, each with its objects."""
    entries, objects = frames["register_activities"].by_unit, frames["entry_objects"].by_unit
    units = [result.unit for result in results if answer(result, "A").mark is mark]
    return [(entry, objects.get(unit, ())) for unit in units for entry in entries.get(unit, ())]


def _on_paper(entry: Row, objects: Sequence[Row]) -> bool:
    return entry["medium"] == "paper" or (entry["medium"] == "mixed" and not objects)


def _gone(row: Row) -> bool:
    return row["object_found"] is False or (row["column_name"] is not None and row["column_found"] is False)


def _flat(groups: Sequence[Sequence[Row]]) -> list[Row]:
    return [row for rows in groups for row in rows]


def _last(objects: Sequence[Row]) -> int | None:
    return max((last for row in objects if (last := _ordinal(row)) is not None), default=None)


def _ordinal(row: Row) -> int | None:
    value = row["last_write_at_local"]
    return None if value is None else date.fromisoformat(str(value)).toordinal()


def _filled(results: Results, frames: Frames) -> Iterator[Table]:
    """Of entries that passed no cell asked for is null or a mark alone; each letter that failed has one that may be."""
    rows = passed(results, frames, "register_activities")
    for name, mine, letters in (
        ("controller_filled", [row for row in rows if row["capacity"] != "processor"], "ABCDEFG"),
        ("processor_filled", [row for row in rows if row["capacity"] == "processor"], "P"),
    ):
        columns = [column for letter in letters for column in ASKED[letter]]
        marks = [{"mark_alone": any(not _words(row[one]) for one in columns)} for row in mine]
        yield Table(name, mine, tuple(Claim("not-null", (column,), reading=True) for column in columns))
        yield Table(f"{name}_in_words", marks, holds("mark_alone", False))
    for letter, asked in ASKED.items():
        failed = marked(results, frames, "register_activities", letter, Mark.FAIL)
        blank = [{"blank": any(BLANK.match(_words(row[one])) is not None for one in asked)} for row in failed]
        yield Table(f"empty_{letter.lower()}", blank, holds("blank", True))


def _words(cell: object) -> str:
    """A cell without its marks."""
    return re.sub(r"[\W_\u115f\u1160]+", " ", unicodedata.normalize("NFKC", str(cell or ""))).strip()


def _periods(results: Results, frames: Frames) -> Iterator[Table]:
    """Numbers of the same kind, neither above the other; of what failed, one of the two differs."""
    agreed = (
        *holds("kind", True),
        Claim("not-less", ("declared", "other"), reading=True),
        Claim("not-less", ("other", "declared"), reading=True),
    )
    for letter, column in (("A", "configured_keep"), ("B", "notice_keep")):
        same, apart = (
            [_pair(row, column) for row in marked(results, frames, "retention_rules", letter, mark)]
            for mark in (Mark.PASS, Mark.FAIL)
        )
        differs = [{"same": row["kind"] is True and row["declared"] == row["other"]} for row in apart]
        name = column.partition("_")[0]
        yield Table(f"{name}_as_declared", same, agreed)
        yield Table(f"{name}_otherwise", differs, holds("same", False))


def _pair(row: Row, column: str) -> Row:
    """Two periods as numbers; years as months."""
    (declared, one), (other, two) = _number(row["keep"]), _number(row[column])
    return {"declared": declared, "other": other, "kind": one == two or declared == other == 0}


def _number(text: object) -> tuple[int | None, str]:
    words = str(text).lower().split()
    if len(words) != 2 or not words[0].isdecimal():
        return None, ""
    span = words[1].removesuffix("s")
    return int(words[0]) * (12 if span == "year" else 1), "day" if span == "day" else "month"


READINGS: Mapping[str, Callable[[Results, Frames], Iterator[Table]]] = {
    "register.columns_declared": _declared,
    "register.entries_exist": _exist,
    "register.entries_filled": _filled,
    "register.periods_agree": _periods,
}
