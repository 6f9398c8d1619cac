"""The whole site before any language: what each page shows, in order. Pure."""

from __future__ import annotations

from collections.abc import Set

from evidence_kit.model.disclosure import CLIENT
from evidence_kit.pages import blocks as b
from evidence_kit.pages import (
    casefile,
    client,
    completeness,
    conclusions,
    control,
    cover,
    evidence,
    frameworks,
    guide,
    listing,
    planted,
    population,
    processors,
    registered,
    sampling,
    sheet,
    since,
    tables,
    turning,
)
from evidence_kit.pages.parts import control_page, say
from evidence_kit.pages.payload import Dossier, Payload, Seal

#: Pages of the whole engagement beside its controls; those of a family exist where a control of it is in scope.
CONCLUSIONS = ("cases", "findings", "delta", "planted", "register", "processors", "frameworks", "ledger", "evidence")


def view(payload: Payload, seal: Seal) -> b.Site:
    """The site of one bundle. Raises ValueError where the payload lacks what a page must show."""
    dossier = Dossier(payload, seal)
    if seal.level == CLIENT:
        return client.site(dossier)
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
        *since.pages(dossier),
        *planted.pages(dossier),
        *registered.pages(dossier),
        *processors.pages(dossier),
        *frameworks.pages(dossier),
        *conclusions.ledger(dossier),
        listing.page(dossier, {page.path for page in shared}),
        guide.glossary(),
        guide.verify(dossier),
    )
    pages = tuple(part for page in pages for part in turning.turned(page))
    return b.Site(
        pages=pages,
        sheets=tuple(part for page in sheet.sheets(dossier, cases) for part in turning.turned(page)),
        menu=_menu(dossier, own={page.path for page in pages}),
        shared=shared,
        shared_menu=tuple(group for group in (_annex(dossier, ""),) if group.entries),
        demonstration=seal.demonstration,
        bundle=b.code(catalogue["bundle"]),
        level=b.text(catalogue["level"]),
        sealed_at=b.figure(catalogue["sealed_at"], b.Kind.INSTANT),
        disclosure=client.disclosure(dossier),
        kind=client.kind(dossier),
        mock=client.mock(dossier),
    )


def _menu(dossier: Dossier, *, own: Set[str]) -> tuple[b.Group, ...]:
    """The list on the left, the same on every page that has one. `own`: the paths of the pages of a language."""
    controls = [each["control"].text for each in dossier.doc("summary.json")["controls"]]
    verdicts = {each["control"].text: each["verdict"].text for each in dossier.doc("summary.json")["controls"]}
    signed = tuple(
        (control_page(name), say("menu.control", control=b.Text(name), sign=b.Sign(verdicts[name])))
        for name in controls
    )
    groups = (
        b.Group(say("menu.group.outcome"), _own("index", "engagement", "population", "sample")),
        b.Group(say("menu.group.controls"), signed, short=True),
        b.Group(say("menu.group.conclusions"), _own(*(name for name in CONCLUSIONS if f"{name}.html" in own))),
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
