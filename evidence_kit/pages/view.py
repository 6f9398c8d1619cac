"""The whole site before any language: what each page shows, in order. Pure."""

from __future__ import annotations

from evidence_kit.pages import blocks as b
from evidence_kit.pages import conclusions, control, cover, evidence, guide, population, sampling
from evidence_kit.pages.parts import control_page, evidence_page, say
from evidence_kit.pages.payload import Dossier, Payload, Seal


def view(payload: Payload, seal: Seal) -> b.Site:
    """The site of one bundle. Raises ValueError where the payload lacks what a page must show."""
    dossier = Dossier(payload, seal)
    summary, catalogue = dossier.doc("summary.json"), dossier.doc("bundle.json")
    pages = (
        cover.index(dossier),
        cover.engagement(dossier),
        population.population(dossier),
        *sampling.sample(dossier),
        *(page for each in summary["controls"] for page in control.pages(dossier, each)),
        conclusions.findings(dossier),
        *conclusions.ledger(dossier),
        *guide.annexes(dossier),
        guide.glossary(),
        guide.verify(dossier),
    )
    frames = tuple(
        (evidence_page(name, frame), say("menu.frame", control=b.Text(name), frame=b.Text(frame)))
        for name, frame in evidence.names(dossier)
    )
    return b.Site(
        pages=pages,
        menu=_menu(dossier, frames),
        shared=tuple(evidence.pages(dossier)),
        shared_menu=b.Group(say("menu.group.evidence"), frames),
        demonstration=seal.demonstration,
        bundle=b.code(catalogue["bundle"]),
        level=b.text(catalogue["level"]),
        sealed_at=b.figure(catalogue["sealed_at"], b.Kind.INSTANT),
    )


def _menu(dossier: Dossier, frames: tuple[tuple[str, b.Inline], ...]) -> tuple[b.Group, ...]:
    """The list on the left, the same on every page."""
    controls = [each["control"].text for each in dossier.doc("summary.json")["controls"]]
    verdicts = {each["control"].text: each["verdict"].text for each in dossier.doc("summary.json")["controls"]}
    signed = tuple(
        (control_page(name), say("menu.control", control=b.Text(name), sign=b.Sign(verdicts[name])))
        for name in controls
    )
    annexes = tuple((f"annex/{name}.html", b.Text(name)) for name in guide.notebooks(dossier))
    groups = (
        b.Group(say("menu.group.outcome"), _own("index", "engagement", "population", "sample")),
        b.Group(say("menu.group.controls"), signed),
        b.Group(say("menu.group.conclusions"), _own("findings", "ledger")),
        b.Group(say("menu.group.evidence"), tuple((f"../{path}", label) for path, label in frames)),
        b.Group(say("menu.group.annex"), annexes),
        b.Group(say("menu.group.help"), _own("glossary", "verify")),
    )
    return tuple(group for group in groups if group.entries)


def _own(*names: str) -> tuple[tuple[str, b.Inline], ...]:
    return tuple((f"{name}.html", say(f"menu.{name}")) for name in names)
