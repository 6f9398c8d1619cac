"""Working papers: what a bundle holds as the workbook that auditors know, one sheet per control, in one language.

Everything is read from the payload, nothing is judged again; the workbook is not signed and says which bundle is.
"""

from __future__ import annotations

from datetime import datetime

from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import by
from evidence_kit.pages.payload import Dossier, Payload, Seal
from evidence_kit.pages.words import words
from evidence_kit.pages.workpapers import front
from evidence_kit.pages.workpapers.control import Kinds, Paper
from evidence_kit.pages.workpapers.control import sheet as control_sheet
from evidence_kit.pages.workpapers.grid import Book, Teller
from evidence_kit.pages.workpapers.inert import sheet_names
from evidence_kit.pages.workpapers.writing import written

__all__ = ["workbook"]

#: Drawn units from which the file is written row by row, so that memory does not grow with it.
MANY = 50_000


def workbook(payload: Payload, seal: Seal, tagmanifest_sha256: str, kinds: Kinds, language: str) -> bytes:
    """The working papers of one bundle as XLSX. Same arguments, same bytes.

    `tagmanifest_sha256`: the digest that was signed; `kinds`: path of a frame -> column -> (kind, privacy), as the
    catalogue says. A level without rows has no sheets of controls. Raises ValueError for a payload that lacks what a
    sheet must show, or whose results and summary differ.
    """
    dossier, teller = Dossier(payload, seal), Teller(words(language))
    controls = list(dossier.doc("summary.json")["controls"]) if seal.level != front.NO_ROWS else []
    before = [teller.say(f"workpaper.sheet.{key}") for key in ("cover", "population")[: 2 if controls else 1]]
    after = [teller.say(f"workpaper.sheet.{key}") for key in ("findings", "ledger", "legend")]
    names = sheet_names([*before, *(control["control"].text for control in controls), *after])
    stated = by(dossier.doc("controls.json")["controls"], "control")
    found = by(dossier.rows("findings.jsonl"), "control")
    papers = []
    for name, control in zip(names[len(before) :], controls, strict=False):
        this = control["control"].text
        papers.append(control_sheet(Paper(dossier, control, stated[this], found[this], kinds, teller), name))
    sheets = [front.outcome(dossier, teller, names[0], tagmanifest_sha256)]
    sheets += [front.populations(dossier, teller, names[1])] if controls else []
    sheets += papers
    sheets += [
        front.findings(dossier, teller, names[-3]),
        front.ledger(dossier, teller, names[-2]),
        front.legend(dossier, teller, names[-1]),
    ]
    made = datetime.fromisoformat(seal.sealed_at.removesuffix("Z")).replace(microsecond=0)
    title = teller.say("workpaper.title")
    about = teller.pair("workpaper.digest", b.Text(tagmanifest_sha256))
    drawn = sum(control["drawn"].value for control in controls)
    return written(Book(seal.bundle, f"{title} · {seal.bundle}", about, made, tuple(sheets), big=drawn > MANY))
