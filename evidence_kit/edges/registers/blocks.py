"""The form of one activity: labels in the first cell of a row, values beside or below, in blocks with headings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from evidence_kit.edges.registers.assembling import Draft, unfilled
from evidence_kit.edges.registers.grids import Grid
from evidence_kit.edges.registers.labels import OF_ITEMS, actor_of, column_of, no_transfer, plain
from evidence_kit.edges.workbooks.table import letters
from evidence_kit.model.register import Place

#: Headings of the columns of a block → what they hold.
HEADINGS = {
    plain(one): kind
    for kind, texts in {
        "what": "description|précisions|précision|détail|détails|commentaire|nom|fonction|adresse|code postal|cp|ville|"
        "téléphone|tel|adresse mél|mél|adresse mail|email|e-mail|courriel|name|address|phone|details",
        "period": "délai d'effacement|durée de conservation|délais d'effacement|durées de conservation|retention|"
        "retention period",
        "kind": "type|type de destinataire|type de mesure|catégorie",
        "who": "destinataire|organisme|recipient",
        "where": "pays|country",
        "how": "garanties|type de garanties|type de garantie|garantie|safeguards",
        "paper": "lien vers le doc|documentation|lien|document|link",
    }.items()
    for one in texts.split("|")
}
#: Titles that open a block without being a label of their own.
TITLES = {
    plain(one): column
    for one, column in (
        ("Données sensibles", "data_categories"),
        ("Données sensibles concernées", "data_categories"),
        ("Acteurs", "actors"),
        ("Description du traitement", "description"),
        ("Identification du traitement", "description"),
    )
}
#: Labels that may stand further right in a row, beside another label and its value.
BESIDE = ("activity_id", "reviewed_on", "status", "medium")
CREATED = re.compile(r"date de creation( .*)?|cree le|created on")


def column(text: str) -> str | None:
    """The column, or the block, that a first cell names."""
    return column_of(text) or TITLES.get(plain(text))


@dataclass(slots=True)
class _Block:
    """The block being read: its column, what its headings hold, the last row that its title covers.

    `answered`: the value stood beside the label, so that a line below with a label of its own is something else. `at`:
    the column of the label.
    """

    column: str = "description"
    headings: dict[int, str] = field(default_factory=dict)
    down: int = 0
    answered: bool = False
    at: int = 0


def read(grid: Grid, sheet: Place) -> Draft:
    """The draft of the activity whose form this sheet is."""
    draft = Draft(sheet)
    block = _Block()
    for row, cells in grid.rows():
        for part in _parts(cells):
            block = _part(draft, block, row, part, grid.down.get((row, part[0][0]), row))
    return draft


def _parts(cells: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """A row cut before each label that stands in it beside another and its value."""
    parts = [[cells[0]]]
    for cell in cells[1:]:
        begins = column_of(cell[1]) in BESIDE or CREATED.fullmatch(plain(cell[1]))
        if begins and len(parts[-1]) > 1 and plain(cell[1]) not in HEADINGS:
            parts.append([cell])
        else:
            parts[-1].append(cell)
    return parts


def _part(draft: Draft, block: _Block, row: int, cells: list[tuple[int, str]], down: int) -> _Block:
    (first, label), rest = cells[0], cells[1:]
    if row <= block.down and not (column(label) or actor_of(label)):
        _item(draft, block, row, "", cells)  # beside a title that covers this row too
        return block
    if len(label) > 200:
        return _below(draft, block, row, cells)
    if who := actor_of(label):
        draft.contact(who, ", ".join(text for _, text in rest if not unfilled(text)))
        return block
    if CREATED.fullmatch(plain(label)):
        draft.keep(label, ", ".join(text for _, text in rest))
        return block
    named = column(label)
    if named is None or (block.headings and OF_ITEMS.fullmatch(plain(label))):
        return _below(draft, block, row, cells)
    headings = {place: HEADINGS[plain(text)] for place, text in rest if plain(text) in HEADINGS}
    if rest and len(headings) == len(rest):
        return _Block(named, headings, 0, at=first)
    if rest:
        _direct(draft, named, [text for _, text in rest])
    return _Block(named, {}, down if down > row else 0, answered=bool(rest), at=first)


def _direct(draft: Draft, named: str, texts: list[str]) -> None:
    said = [text for text in texts if not unfilled(text)] or texts[:1]
    if named == "controller_contact":
        draft.contact("controller", ", ".join(said))
    elif named in ("actors", "description"):
        draft.keep(named, ", ".join(said))
    elif named == "recipient_categories":
        draft.add(named, ", ".join(said))
        draft.recipients += [text for text in said if not no_transfer(text)]
    else:
        for text in said:
            draft.add(named, text)


def _below(draft: Draft, block: _Block, row: int, cells: list[tuple[int, str]]) -> _Block:
    """A row that begins with no label: a line of the block above it, or a text that stands alone."""
    (first, label), rest = cells[0], cells[1:]
    if block.answered and first <= block.at and not OF_ITEMS.fullmatch(plain(label)):
        draft.keep(label[:200] if rest else f"row {row}", ", ".join(text for _, text in rest) or label)
        return block
    if block.column in ("actors", "description"):
        if rest:
            draft.keep(label[:200], ", ".join(text for _, text in rest))
        return block
    if block.headings and not rest:
        return block  # a line of the form that nobody filled in
    if rest:
        _item(draft, block, row, "" if OF_ITEMS.fullmatch(plain(label)) else label.rstrip(" :"), rest)
    elif not OF_ITEMS.fullmatch(plain(label)):
        _direct(draft, block.column, [label])
    return block


def _item(draft: Draft, block: _Block, row: int, item: str, cells: list[tuple[int, str]]) -> None:
    """One line of a block: what it is about, and the cells under the headings."""
    told: dict[str, list[str]] = {}
    for place, text in cells:
        told.setdefault(block.headings.get(place, "what"), []).append(text)
        if block.headings and place not in block.headings and not unfilled(text):
            why = "a value stands under no heading of its block; it is read as a description."
            place_ = Place(draft.place.file, row, draft.place.sheet, letters(place))
            draft.notice("values-without-heading", why, place_)
    what = [text for text in told.get("what", ()) if not unfilled(text)] or told.get("what", [])[:1]
    if block.column == "third_countries":
        _transfer(draft, item, told, what)
    elif block.column == "recipient_categories":
        _recipient(draft, item, [*told.get("who", ()), *what], told.get("kind", []))
    else:
        text = ", ".join([*told.get("kind", ()), *what]) if told.get("kind") else ", ".join(what)
        if block.column == "controller_contact":
            draft.contact("controller", text)
        else:
            draft.add(block.column, text, item)
    for period in told.get("period", ()):
        draft.add("erasure_periods", period, item)


def _recipient(draft: Draft, item: str, named: list[str], kinds: list[str]) -> None:
    said = [text for text in (item, *named) if text and not unfilled(text)]
    kind = [text for text in kinds if not unfilled(text)]
    name = ", ".join(said) or ", ".join(kind)
    if name:
        draft.recipients.append(name)
        draft.add("recipient_categories", f"{name} ({', '.join(kind)})" if said and kind else name)
    else:
        draft.add("recipient_categories", next(iter((*named, *kinds)), ""))


def _transfer(draft: Draft, item: str, told: dict[str, list[str]], what: list[str]) -> None:
    """A transfer: to whom, to which country, under which safeguard. Without a country its description stands."""
    who = [text for text in told.get("who", ()) if not unfilled(text)]
    draft.recipients += who
    where = [text for text in told.get("where", ()) if not unfilled(text)]
    for text in where or what or told.get("where", [])[:1]:
        draft.add("third_countries", text, item)
    for text in told.get("how", ()):
        draft.add("transfer_safeguards", text)
    for text in told.get("paper", ()):
        if not unfilled(text):
            draft.keep("transfer document", text)
