"""From the payload to the bytes of every page: `render(payload, seal)` -> path under data/ -> bytes.

Jinja2 with autoescape and StrictUndefined; one inline sheet, allowed by its own hash and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache, lru_cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evidence_kit.pages import blocks as b
from evidence_kit.pages.gate import check
from evidence_kit.pages.guide import GLOSSED
from evidence_kit.pages.markup import SharedWriter, Writer
from evidence_kit.pages.payload import Payload, Seal
from evidence_kit.pages.view import view
from evidence_kit.pages.words import LANGUAGES, words

#: Where the sheet and its policy go, once it is known which parts of the sheet the page needs.
SHEET, POLICY = "<style></style>", "SHEET-POLICY"
_PART = re.compile(r"/\* part ([a-z-]+) \*/(.*?)/\* end \*/", re.DOTALL)

__all__ = ["Payload", "Seal", "render"]


def render(payload: Payload, seal: Seal) -> dict[str, bytes]:
    """Every file below data/site/, ascending by path.

    Raises ValueError for a payload that lacks what a page must show, a dangling link, a doubled id, or a trace of an
    unfilled place. Same payload and seal, same bytes.
    """
    site = view(payload, seal)
    sheet = sheet_text(site.bundle.value)
    both = {language: Writer(words(language), "index.html") for language in LANGUAGES}
    html = {"site/index.html": _page(sheet, "choice.html", site=site, say=both)}
    for language in LANGUAGES:
        other = next(each for each in LANGUAGES if each != language)
        for number, page in enumerate(site.pages):
            name = f"site/{language}/{page.path}"
            if name in html:
                raise ValueError(f"{name}: two pages want this place")
            write = Writer(words(language), page.path, {} if page.path == "glossary.html" else GLOSSED)
            html[name] = _page(
                sheet,
                "page.html",
                site=site,
                page=page,
                write=write,
                say=lambda key, write=write: write(b.Say(key)),
                language=language,
                other=other,
                twin=_twin(page.path, other),
                before=site.pages[number - 1] if number else None,
                after=site.pages[number + 1] if number + 1 < len(site.pages) else None,
            )
    for page in site.shared:
        name = f"site/{page.path}"
        if name in html:
            raise ValueError(f"{name}: two pages want this place")
        html[name] = _shared(sheet, site, page)
    check(html, payload.files)
    record = {"languages": [words(language).record() for language in LANGUAGES]}
    told = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n"
    return dict(sorted({**html, "site/words.json": told.encode()}.items()))


def _shared(sheet: str, site: b.Site, page: b.Page) -> bytes:
    """A page that exists once: English and French on it, ways back to the pages of both."""
    english, french = (words(language) for language in LANGUAGES)
    write = SharedWriter(english, french, page.path)
    titles = [re.sub("<[^>]*>", "", Writer(each, page.path).html(page.title)) for each in (english, french)]
    return _page(
        sheet,
        "evidence.html",
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


def _page(sheet: str, template: str, **given: object) -> bytes:
    """One page: its body first, then the parts of the sheet that this body needs, and the policy that allows them."""
    body = _templates().get_template(template).render(**given).rstrip() + "\n"
    own = _dense(_parts_for(sheet, body))
    return body.replace(SHEET, f"<style>{own}</style>", 1).replace(POLICY, policy(own), 1).encode()


@cache
def _templates() -> Environment:
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


def sheet_text(bundle: str) -> str:
    """The sheet as its authors read it; on paper the bundle's id stands at the foot of each sheet of paper."""
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", bundle, re.ASCII):
        raise ValueError("a bundle id is made of a-z, 0-9, - and .")
    sheet = resources.files(__package__).joinpath("templates/sheet.css").read_text(encoding="utf-8")
    return sheet.replace("BUNDLE-ID", bundle)


def _parts_for(sheet: str, body: str) -> str:
    """The sheet without the parts of which the body uses nothing. A part begins with the class that it is for."""
    return _PART.sub(lambda part: part[2] if f'class="{part[1]}' in body else "", sheet)


@lru_cache(maxsize=64)
def _dense(sheet: str) -> str:
    """The sheet without the white space that only its authors need: it stands in every page."""
    sheet = re.sub(r"\s+", " ", sheet)
    sheet = re.sub(r" ?([{};>]) ?", r"\1", sheet)
    return re.sub(r"([:,]) ", r"\1", sheet).replace(";}", "}").strip()


def policy(sheet: str) -> str:
    """The content security policy: nothing but this very sheet."""
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
