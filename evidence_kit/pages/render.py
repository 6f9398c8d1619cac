"""From the payload to the bytes of every page: `render(payload, seal)` -> path under data/ -> bytes.

Jinja2 with autoescape and StrictUndefined; one inline sheet, allowed by its own hash and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evidence_kit.model.disclosure import CLIENT
from evidence_kit.pages import blocks as b
from evidence_kit.pages.gate import check
from evidence_kit.pages.guide import GLOSSED
from evidence_kit.pages.markup import SharedWriter, Writer
from evidence_kit.pages.payload import Payload, Seal
from evidence_kit.pages.styling import policy, sheet_for, sheet_text
from evidence_kit.pages.view import view
from evidence_kit.pages.words import LANGUAGES, words

#: Where the sheet and its policy go, once it is known which rules of the sheet the page needs.
SHEET, POLICY = "<style></style>", "SHEET-POLICY"

__all__ = ["Payload", "Seal", "render"]


def render(payload: Payload, seal: Seal) -> dict[str, bytes]:
    """Every file below data/site/, ascending by path.

    Raises ValueError for a payload that lacks what a page must show, a dangling link, a doubled id, or a trace of an
    unfilled place. Same payload and seal, same bytes.
    """
    site = view(payload, seal)
    sheet = sheet_text(site.bundle.value, demonstration=site.demonstration)
    both = {language: Writer(words(language), "index.html") for language in LANGUAGES}
    html = {"site/index.html": _page(sheet, "choice.html", "index.html", site=site, say=both)}
    for language in LANGUAGES:
        frame = "client.html" if seal.level == CLIENT else "page.html"
        for template, pages in ((frame, site.pages), ("case.html", site.sheets)):
            for name, content in _told(sheet, template, site, pages, language):
                if name in html:
                    raise ValueError(f"{name}: two pages want this place")
                html[name] = content
    for page in site.shared:
        name = f"site/{page.path}"
        if name in html:
            raise ValueError(f"{name}: two pages want this place")
        html[name] = _shared(sheet, site, page)
    check(html, payload.files)
    record = {"languages": [words(language).record() for language in LANGUAGES]}
    told = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n"
    return dict(sorted({**html, "site/words.json": told.encode()}.items()))


def _told(
    sheet: str, template: str, site: b.Site, pages: Sequence[b.Page], language: str
) -> Iterator[tuple[str, bytes]]:
    """Pages of one language in reading order: path under data/, bytes. Only a site that has one links words to it."""
    other = next(each for each in LANGUAGES if each != language)
    for number, page in enumerate(pages):
        glossed = {} if template != "page.html" or page.path == "glossary.html" else GLOSSED
        write = Writer(words(language), page.path, glossed)
        yield (
            f"site/{language}/{page.path}",
            _page(
                sheet,
                template,
                f"{language}/{page.path}",
                site=site,
                page=page,
                write=write,
                say=lambda key, write=write: write(b.Say(key)),
                language=language,
                other=other,
                twin=_twin(page.path, other),
                before=pages[number - 1] if number else None,
                after=pages[number + 1] if number + 1 < len(pages) else None,
            ),
        )


def _shared(sheet: str, site: b.Site, page: b.Page) -> bytes:
    """A page that exists once: English and French on it, ways back to the pages of both."""
    english, french = (words(language) for language in LANGUAGES)
    write = SharedWriter(english, french, page.path)
    titles = [re.sub("<[^>]*>", "", Writer(each, page.path).html(page.title)) for each in (english, french)]
    return _page(
        sheet,
        "evidence.html",
        page.path,
        site=site,
        page=page,
        write=write,
        say=lambda key: write(b.Say(key)),
        title=Markup(" / ".join(titles)),
        languages=(english, french),
    )


def _twin(path: str, other: str) -> str:
    """The same page in the other language."""
    return "../" * (path.count("/") + 1) + f"{other}/{path}"


def _page(sheet: str, template: str, path: str, **given: object) -> bytes:
    """One page: its body first, then the rules of the sheet that this body needs, and the policy that allows them."""
    body = templates().get_template(template).render(**given).rstrip() + "\n"
    own = sheet_for(sheet, body, path)
    return body.replace(SHEET, f"<style>{own}</style>", 1).replace(POLICY, policy(own), 1).encode()


@cache
def templates() -> Environment:
    """The templates, compiled once."""
    loader = PackageLoader("evidence_kit.pages", "templates")
    env = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.globals.update(kind=lambda block: type(block).__name__)
    return env
