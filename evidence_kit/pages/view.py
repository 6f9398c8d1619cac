"""The whole site before any language: what each page shows, in order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Set

from evidence_kit.model.disclosure import CLIENT
from evidence_kit.pages import blocks as b
from evidence_kit.pages import (
    casefile,
    clauses,
    client,
    completeness,
    conclusions,
    control,
    cover,
    evidence,
    guide,
    population,
    processors,
    registered,
    sampling,
    sheet,
    tables,
    turning,
)
from evidence_kit.pages.parts import control_page, evidence_page, query_page, say
from evidence_kit.pages.payload import Dossier, Payload, Seal

#: Pages of the whole engagement beside its controls; those of a family exist where a control of it is in scope.
CONCLUSIONS = ("findings", "register", "processors", "frameworks", "ledger")


def view(payload: Payload, seal: Seal) -> b.Site:
    """The site of one bundle. Raises ValueError where the payload lacks what a page must show."""
    dossier = Dossier(payload, seal)
    if seal.level == CLIENT:
        return client.site(dossier)
    summary, catalogue = dossier.doc("summary.json"), dossier.doc("bundle.json")
    cases = casefile.gather(dossier)
    pages = (
        cover.index(dossier),
        cover.engagement(dossier),
        population.population(dossier),
        *completeness.pages(dossier),
        sampling.sample(dossier),
        *(page for each in summary["controls"] for page in control.pages(dossier, each)),
        *sheet.index(cases),
        conclusions.findings(dossier),
        *registered.pages(dossier),
        *processors.pages(dossier),
        clauses.frameworks(dossier),
        *conclusions.ledger(dossier),
        guide.glossary(),
        guide.verify(dossier),
    )
    pages = tuple(part for page in pages for part in turning.turned(page))
    own = {page.path for page in pages}
    frames = tuple(
        (evidence_page(name, frame), say("menu.frame", control=b.Text(name), frame=b.Text(frame)))
        for name, frame in evidence.names(dossier)
    )
    shared = (
        *evidence.pages(dossier),
        *sampling.drawn_pages(dossier),
        *tables.query_pages(dossier, summary["controls"]),
        *guide.annexes(dossier),
    )
    return b.Site(
        pages=pages,
        sheets=tuple(part for page in sheet.sheets(dossier, cases) for part in turning.turned(page)),
        menu=_menu(dossier, frames, own=own),
        shared=shared,
        shared_menu=_shared_menu(dossier, frames, shared),
        demonstration=seal.demonstration,
        bundle=b.code(catalogue["bundle"]),
        level=b.text(catalogue["level"]),
        sealed_at=b.figure(catalogue["sealed_at"], b.Kind.INSTANT),
        disclosure=client.disclosure(dossier),
    )


def _menu(dossier: Dossier, frames: tuple[tuple[str, b.Inline], ...], *, own: Set[str]) -> tuple[b.Group, ...]:
    """The list on the left, the same on every page that has one. `own`: the paths of the pages of a language."""
    controls = [each["control"].text for each in dossier.doc("summary.json")["controls"]]
    verdicts = {each["control"].text: each["verdict"].text for each in dossier.doc("summary.json")["controls"]}
    signed = tuple(
        (control_page(name), say("menu.control", control=b.Text(name), sign=b.Sign(verdicts[name])))
        for name in controls
    )
    annexes = tuple((f"../annex/{name}.html", b.Text(name)) for name in guide.notebooks(dossier))
    groups = (
        b.Group(say("menu.group.outcome"), _own("index", "engagement", "population", "sample")),
        b.Group(say("menu.group.controls"), (*signed, *(_own("cases") if "cases.html" in own else ()))),
        b.Group(say("menu.group.conclusions"), _own(*(name for name in CONCLUSIONS if f"{name}.html" in own))),
        b.Group(say("menu.group.evidence"), tuple((f"../{path}", label) for path, label in frames)),
        b.Group(say("menu.group.annex"), annexes),
        b.Group(say("menu.group.help"), _own("glossary", "verify")),
    )
    return tuple(group for group in groups if group.entries)


def _shared_menu(
    dossier: Dossier, frames: tuple[tuple[str, b.Inline], ...], shared: tuple[b.Page, ...]
) -> tuple[b.Group, ...]:
    """The list on the left of the pages that exist once."""

    names = [each["control"].text for each in dossier.doc("summary.json")["controls"]]
    paths = {page.path for page in shared}

    def those(page_of: Callable[[str], str]) -> tuple[tuple[str, b.Inline], ...]:
        return tuple((page_of(name), b.Text(name)) for name in names if page_of(name) in paths)

    groups = (
        b.Group(say("menu.group.evidence"), frames),
        b.Group(say("menu.group.draws"), those(sampling.drawn_page)),
        b.Group(say("menu.group.queries"), those(query_page)),
        b.Group(say("menu.group.annex"), tuple((f"annex/{n}.html", b.Text(n)) for n in guide.notebooks(dossier))),
    )
    return tuple(group for group in groups if group.entries)


def _own(*names: str) -> tuple[tuple[str, b.Inline], ...]:
    return tuple((f"{name}.html", say(f"menu.{name}")) for name in names)
