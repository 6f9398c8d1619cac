"""The whole site before any language: what each page shows, in order. Pure."""

from __future__ import annotations

from evidence_kit.pages import blocks as b
from evidence_kit.pages import (
    casefile,
    completeness,
    conclusions,
    control,
    cover,
    evidence,
    guide,
    listing,
    population,
    sampling,
    sheet,
    tables,
)
from evidence_kit.pages.parts import control_page, say
from evidence_kit.pages.payload import Dossier, Payload, Seal


def view(payload: Payload, seal: Seal) -> b.Site:
    """The site of one bundle. Raises ValueError where the payload lacks what a page must show."""
    dossier = Dossier(payload, seal)
    summary, catalogue = dossier.doc("summary.json"), dossier.doc("bundle.json")
    cases = casefile.gather(dossier)
    shared = (
        *evidence.pages(dossier),
        *sampling.drawn_pages(dossier),
        *tables.query_pages(dossier, summary["controls"]),
        *guide.annexes(dossier),
    )
    pages = (
        cover.index(dossier),
        cover.engagement(dossier),
        population.population(dossier),
        *completeness.pages(dossier),
        sampling.sample(dossier),
        *(page for each in summary["controls"] for page in control.pages(dossier, each)),
        *sheet.index(cases),
        conclusions.findings(dossier),
        *conclusions.ledger(dossier),
        listing.page(dossier, {page.path for page in shared}),
        guide.glossary(),
        guide.verify(dossier),
    )
    return b.Site(
        pages=pages,
        sheets=tuple(sheet.sheets(dossier, cases)),
        menu=_menu(dossier, listed=bool(cases)),
        shared=shared,
        shared_menu=tuple(group for group in (_annex(dossier, ""),) if group.entries),
        demonstration=seal.demonstration,
        bundle=b.code(catalogue["bundle"]),
        level=b.text(catalogue["level"]),
        sealed_at=b.figure(catalogue["sealed_at"], b.Kind.INSTANT),
    )


def _menu(dossier: Dossier, *, listed: bool) -> tuple[b.Group, ...]:
    """The list on the left, the same on every page that has one. `listed`: whether there is a list of cases."""
    controls = [each["control"].text for each in dossier.doc("summary.json")["controls"]]
    verdicts = {each["control"].text: each["verdict"].text for each in dossier.doc("summary.json")["controls"]}
    signed = tuple(
        (control_page(name), say("menu.control", control=b.Text(name), sign=b.Sign(verdicts[name])))
        for name in controls
    )
    groups = (
        b.Group(say("menu.group.outcome"), _own("index", "engagement", "population", "sample")),
        b.Group(say("menu.group.controls"), signed, short=True),
        b.Group(say("menu.group.conclusions"), _own(*(("cases",) if listed else ()), "findings", "ledger", "evidence")),
        _annex(dossier, "../"),
        b.Group(say("menu.group.help"), _own("glossary", "verify")),
    )
    return tuple(group for group in groups if group.entries)


def _annex(dossier: Dossier, way: str) -> b.Group:
    """The executed notebooks, `way` from the page's folder to that of all pages."""
    names = guide.notebooks(dossier)
    return b.Group(say("menu.group.annex"), tuple((f"{way}annex/{n}.html", b.Text(n)) for n in names))


def _own(*names: str) -> tuple[tuple[str, b.Inline], ...]:
    return tuple((f"{name}.html", say(f"menu.{name}")) for name in names)
