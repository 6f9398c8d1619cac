"""A case on one page: what happened, what each control says of it and why, what was not tested, how to do it again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from evidence_kit.model.disclosure import FULL
from evidence_kit.model.evidence import FRAMES
from evidence_kit.pages import blocks as b
from evidence_kit.pages import commands, timeline, working
from evidence_kit.pages.casefile import CaseFile, Said
from evidence_kit.pages.parts import (
    NONE,
    PAGE_ROWS,
    anchor,
    both,
    by,
    code_or_none,
    columns,
    control_page,
    day,
    facts,
    paged,
    pager,
    say,
    tag,
    tone,
)
from evidence_kit.pages.payload import Dossier, Node

#: What the log says of a request beside its dates: column -> the family of its words.
ABOUT = {
    "right_invoked": "right",
    "capacity": "capacity",
    "channel": "channel",
    "outcome": "answer",
    "status": "status",
}
#: Pseudonyms that stand for somebody, and may be told again by those who hold the key.
SOMEBODY = ("person", "account", "actor")
_PSEUDONYM = re.compile(r"[0-9a-f]{64}", re.ASCII)
#: The list of all cases.
LIST = "cases"


def sheets(dossier: Dossier, files: Sequence[CaseFile]) -> Iterator[b.Page]:
    """The sheet of each case."""
    drawn = commands.tickets(dossier)
    for case in files:
        yield _sheet(dossier, case, drawn)


def _sheet(dossier: Dossier, case: CaseFile, drawn: Mapping[tuple[str, str], str]) -> b.Page:
    found = timeline.events(case)
    picture = timeline.drawing(found)
    somebody = _pseudonyms(case)
    return b.Page(
        path=case.path,
        title=b.Text(case.unit.text),
        heading=say("sheet.heading", case=b.text(case.unit)),
        intro=(_about(case, somebody), *((picture,) if picture else ()), timeline.table(found)),
        sections=(
            *(_control(said) for said in case.said),
            b.Section("not-tested", say("sheet.not_tested"), (_not_tested(case),)),
            b.Section("again", say("sheet.again"), tuple(_again(dossier, case, drawn, somebody))),
        ),
        menu=f"{LIST}.html",
    )


def _about(case: CaseFile, somebody: Sequence[tuple[str, Node]]) -> b.Facts:
    """What the log says of the request, and who is in it: by pseudonym only."""
    told: list[tuple[str, b.Inline | None]] = []
    for column, family in ABOUT.items():
        node = _first(case, column)
        told.append((column, None if node is None else b.Code(family, node.text, plain=True)))
    told += [(f"pseudonym.{kind}", b.code(node)) for kind, node in somebody]
    strata = tuple(dict.fromkeys(said.row["stratum"].text for said in case.said))
    first = {said.row["stratum"].text: said.row["stratum"] for said in reversed(case.said)}
    told.append(("stratum", b.Listed(tuple(b.text(first[name]) for name in strata), plain=True)))
    return facts(*told, tone="grid")


def _first(case: CaseFile, column: str) -> Node | None:
    """What the first control that read this column of the log saw in it."""
    rows = (row for said in case.said for row in said.read.get("request_log", ()))
    return next((row[column] for row in rows if column in row and not row[column].absent), None)


def _pseudonyms(case: CaseFile) -> tuple[tuple[str, Node], ...]:
    """Kind and value of every pseudonym of somebody in the evidence of the case, each value once."""
    found: dict[str, tuple[str, Node]] = {}
    for said in case.said:
        for frame, rows in said.read.items():
            kinds = {c.name: c.pseudonym for c in FRAMES[frame].columns if c.pseudonym} if frame in FRAMES else {}
            for row in rows:
                for column, kind in kinds.items():
                    if kind in SOMEBODY and column in row and _PSEUDONYM.fullmatch(str(row[column].value)):
                        found.setdefault(row[column].text, (kind, row[column]))
    return tuple(found.values())


def _control(said: Said) -> b.Section:
    """What one control says: its marks in words, due day, flags and evidence, then the working line by line."""
    row = said.row
    link = b.Link(f"{control_page(said.control, said.position)}#{anchor(row['unit'].text)}", b.Text(said.control))
    told: list[b.Block] = [b.Bullets(tuple(_marks(said)), say("empty.rows"), signed=True)]
    marked = {attribute["reason"].value for attribute in row["attributes"]}
    others = tuple(b.Code("reason", code.text) for code in row["reasons"] if code.value not in marked)
    flags = tuple(b.Code("flag", flag.text) for flag in row["flags"])
    told.append(
        facts(
            ("reasons", b.Lines(others) if others else None),
            ("due_on", None if row["due_on"].absent else _due(row)),
            ("flags", b.Lines(flags) if flags else None),
            ("evidence", working.evidence(said.control, row)),
        )
    )
    if not row["working"].absent and len(row["working"]):
        told.append(b.Steps(tuple(working.lines(row["working"]))))
    return b.Section(f"of-{said.control}", say("sheet.control", control=link, verdict=tag(row["verdict"])), tuple(told))


def _marks(said: Said) -> Iterator[b.Inline]:
    """Each attribute with its mark, its question and the reason; those that do not apply in one line."""
    asked = by(said.stated["attributes"], "letter")
    idle: list[b.Inline] = []
    for attribute in said.row["attributes"]:
        letter, mark = attribute["letter"].text, attribute["mark"].text
        if mark == "na":
            idle.append(b.Text(letter))
            continue
        key = "sheet.attribute" if attribute["reason"].absent else "sheet.attribute.why"
        yield say(
            key,
            letter=b.Text(letter),
            mark=b.Mark(mark, spelt=True),
            question=both(asked[letter]),
            reason=code_or_none(attribute["reason"]),
        )
    if idle:
        yield say("sheet.idle", mark=b.Mark("na", spelt=True), letters=b.Listed(tuple(idle), plain=True))


def _due(row: Node) -> b.Inline:
    """The last day in time, and how many days the answer came after or before it."""
    due = day(row["due_on"])
    if row["days_late"].value:
        late = row["days_late"]
        return say("sheet.late", count=late.value, day=due, n=b.integer(late))
    answers = [] if row["working"].absent else [line for line in row["working"] if line["step"].text == "answered"]
    if not answers or row["days_late"].absent:
        return due
    early = (date.fromisoformat(row["due_on"].text) - date.fromisoformat(answers[-1]["day"].text)).days
    if not early:
        return say("sheet.on_the_day", day=due)
    # The number is no figure of the payload: it follows from the two days beside it.
    return say("sheet.early", count=early, day=due, answered=day(answers[-1]["day"]), n=b.Count(str(early)))


def _not_tested(case: CaseFile) -> b.Bullets:
    """Attributes without an answer, and those that only a person answers, in a walk-through."""
    told: list[b.Inline] = []
    for said in case.said:
        answers = by(said.row["attributes"], "letter")
        for asked in said.stated["attributes"]:
            letter = asked["letter"].text
            mark = answers[letter]["mark"].text if letter in answers else "na"
            where: dict[str, b.Inline] = {
                "control": b.Text(said.control),
                "letter": b.Text(letter),
                "question": both(asked),
            }
            if mark in ("missing", "error"):
                why = code_or_none(answers[letter]["reason"])
                told.append(b.Say("sheet.untested", {"mark": b.Mark(mark, spelt=True), "reason": why, **where}))
            elif asked["walkthrough"].value and mark == "na":
                told.append(b.Say("sheet.walkthrough", where))
    return b.Bullets(tuple(told), say("sheet.not_tested.none"))


def _again(
    dossier: Dossier,
    case: CaseFile,
    drawn: Mapping[tuple[str, str], str],
    somebody: Sequence[tuple[str, Node]],
) -> Iterator[b.Block]:
    yield b.Paragraph(say("sheet.again.about"), "note")
    # Only the house can tell who it is, and only by the pseudonyms of the full bundle.
    told = [node.text for _, node in somebody] if dossier.seal.level == FULL else []
    lines = commands.of_case(dossier, case, drawn, told)
    yield b.Pre(say("sheet.again.label"), "\n".join(lines) + "\n")
    untold = commands.untold(dossier, case)
    if untold:
        names = b.Listed(tuple(b.Text(name) for name in untold))
        yield b.Paragraph(say("sheet.again.untold", count=len(untold), controls=names), "note")


def index(files: Sequence[CaseFile]) -> Iterator[b.Page]:
    """The list of all cases, those that deviate first; nothing where no unit is a request."""
    parts = [files[start : start + PAGE_ROWS] for start in range(0, len(files), PAGE_ROWS)]
    stems = [paged(LIST, number) for number in range(1, len(parts) + 1)]
    for number, part in enumerate(parts, 1):
        told = say("pager.cases", first=b.text(part[0].unit), last=b.text(part[-1].unit))
        rows = tuple(_listed(case) for case in part)
        heads = columns("case", "verdict", "deviates:w", "agrees")
        yield b.Page(
            path=stems[number - 1],
            title=say("menu.cases"),
            heading=say("menu.cases"),
            intro=(
                b.Paragraph(say("cases.intro"), "lead"),
                *pager(stems, number, told),
                b.Table(say("cases.caption"), heads, rows, say("empty.rows")),
            ),
            sections=(),
            menu=stems[0],
        )


def _listed(case: CaseFile) -> b.Row:
    """One case: its worst verdict, the controls it deviates from with their reasons, the controls it agrees with."""
    deviates = tuple(
        say(
            "cases.deviates",
            control=b.Text(said.control),
            reasons=b.Listed(tuple(b.Code("reason", code.text) for code in said.row["reasons"]), plain=True),
        )
        for said in case.said
        if said.verdict != "PASS"
    )
    agrees = tuple(b.Text(said.control) for said in case.said if said.verdict == "PASS")
    worst = case.said[0]
    return b.Row(
        (
            b.Cell(b.Link(case.path, b.text(case.unit))),
            b.Cell(tag(worst.row["verdict"])),
            b.Cell(b.Lines(deviates) if deviates else NONE),
            b.Cell(b.Listed(agrees, plain=True) if agrees else NONE),
        ),
        id=anchor(case.unit.text),
        tone=tone(worst.verdict),
    )
