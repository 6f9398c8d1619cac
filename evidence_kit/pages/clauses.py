"""Which clause does each control serve: the references that the controls state, text by text. Pure.

A reference is read only as far as it is certain: a law or standard that is known by its name, and of its clauses those
that are numbers. Anything else stands whole, as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import WORST_FIRST, by, code_or_none, columns, control_page, say, tag, tone
from evidence_kit.pages.payload import Dossier, Node

#: The texts in reading order: the name as references begin with it -> its place on the page.
TEXTS: Mapping[str, str] = {
    "GDPR": r"GDPR",
    "ISO-IEC-27701": r"ISO/IEC 27701:\d{4}",
    "ISO-IEC-27001": r"ISO/IEC 27001:\d{4}",
    "EDPB": r"EDPB",
    "CNIL": r"CNIL",
    "CJEU": r"CJEU",
    "national": r"CPCE|decree \d{4}-\d+",
    "other": r".*?",
}
#: Numbers of clauses that may be told apart: `12(3)`, `28(3)(a)-(h)`, `44-46`; `A.1.3.10`, `6.4.7`.
_ARTICLE = re.compile(r"\d+(?:\([0-9a-z]+\))*(?:-(?:\d+|\([0-9a-z]+\))(?:\([0-9a-z]+\))*)?", re.ASCII)
_CLAUSE = re.compile(r"(?:A\.)?\d+(?:\.\d+)*", re.ASCII)
_FORMS: Mapping[str, re.Pattern[str]] = {"GDPR": _ARTICLE, "ISO-IEC-27701": _CLAUSE, "ISO-IEC-27001": _CLAUSE}


def place_of(reference: str) -> str:
    """The section of the page that a reference belongs to.

    >>> place_of("ISO/IEC 27701:2025 A.1.3.10"), place_of("RFC 8058")
    ('ISO-IEC-27701', 'other')
    """
    return next(place for place, name in TEXTS.items() if re.fullmatch(rf"(?:{name})(?: .*)?", reference))


def clauses_of(reference: str) -> tuple[str, ...]:
    """The clauses of one reference, each with the name of its text; the reference itself where that is not certain.

    >>> clauses_of("GDPR 5(2), 12(2)-(3)")
    ('GDPR 5(2)', 'GDPR 12(2)-(3)')
    >>> clauses_of("EDPB CEF 2025 (backups)")
    ('EDPB CEF 2025 (backups)',)
    """
    place = place_of(reference)
    form = _FORMS.get(place)
    found = re.match(rf"({TEXTS[place]}) (.*)", reference) if form else None
    if form is None or found is None:
        return (reference,)
    parts = found[2].split(", ")
    return (
        tuple(f"{found[1]} {part}" for part in parts) if all(form.fullmatch(part) for part in parts) else (reference,)
    )


def frameworks(dossier: Dossier) -> b.Page:
    """Clause by clause: the controls that serve it, what they found, and the gap in words."""
    served = _served(dossier)
    findings = by(dossier.rows("findings.jsonl"), "control")
    left_out = tuple(
        say("frameworks.out_of_scope", control=b.text(each["control"]), reason=b.Text(each["reason"].text))
        for each in dossier.doc("engagement.json")["out_of_scope"]
    )
    return b.Page(
        path="frameworks.html",
        title=say("menu.frameworks"),
        heading=say("menu.frameworks"),
        intro=(b.Paragraph(say("frameworks.intro"), "lead"), b.Paragraph(say("frameworks.note"), "note")),
        sections=(
            *(
                b.Section(place, b.Code("frameworks.text", place), (_table(served[place], findings),))
                for place in TEXTS
                if served[place]
            ),
            b.Section("unserved", say("frameworks.unserved"), (b.Bullets(left_out, say("frameworks.unserved.none")),)),
        ),
        menu="frameworks.html",
    )


def _served(dossier: Dossier) -> Mapping[str, Mapping[str, Sequence[Node]]]:
    """Text -> clause -> the controls of summary.json that state it."""
    stated = by(dossier.doc("controls.json")["controls"], "control")
    found: dict[str, dict[str, list[Node]]] = {place: {} for place in TEXTS}
    for control in dossier.doc("summary.json")["controls"]:
        for reference in stated[control["control"].text]["references"]:
            for clause in clauses_of(reference.text):
                mine = found[place_of(reference.text)].setdefault(clause, [])
                if control not in mine:
                    mine.append(control)
    return found


def _table(served: Mapping[str, Sequence[Node]], findings: Mapping[str, Node]) -> b.Table:
    rows = tuple(_row(clause, served[clause], findings) for clause in sorted(served, key=_natural))
    heads = columns("clause", "controls_serving:w", "gap:w")
    return b.Table(say("frameworks.caption"), heads, rows, say("empty.rows"))


def _natural(clause: str) -> tuple[tuple[int, int, str], ...]:
    """The order in which a reader looks for it: numbers by their size."""
    pieces = re.findall(r"\d+|\D+", clause)
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces)


def _row(clause: str, controls: Sequence[Node], findings: Mapping[str, Node]) -> b.Row:
    told = b.Lines(tuple(_control(each) for each in controls))
    worst = min((each["verdict"].text for each in controls), key=WORST_FIRST.index)
    gaps = b.Lines(tuple(_gaps(controls, findings)))
    return b.Row((b.Cell(b.Clause(clause)), b.Cell(told), b.Cell(gaps)), tone=tone(worst))


def _control(each: Node) -> b.Inline:
    """A control with its verdict, and how many deviations among how many tested."""
    page = control_page(each["control"].text)
    way = f"{page}#deviations" if each["drawn"].value else f"{page}#facts"
    return say(
        "frameworks.control.of",
        control=b.Link(page, b.text(each["control"])),
        verdict=tag(each["verdict"]),
        n=b.Link(way, b.integer(each["deviations"])),
        drawn=b.Link(f"sample.html#of-{each['control'].text}", b.integer(each["drawn"])),
    )


def _gaps(controls: Sequence[Node], findings: Mapping[str, Node]) -> Iterator[b.Inline]:
    """What is missing, in the words of the reasons, the worst control first; that nothing is, only where all pass."""
    for verdict in WORST_FIRST[:-1]:
        for each in controls:
            if each["verdict"].text == verdict:
                name = each["control"].text
                reasons = tuple(b.Code("reason", one["reason"].text) for one in findings[name]["reasons"])
                words = b.Listed(reasons, clauses=True) if reasons else code_or_none(each["reason"])
                yield say("frameworks.gap", control=b.Text(name), reasons=words)
    if all(each["verdict"].text == "PASS" for each in controls):
        yield say("frameworks.gap.none")
