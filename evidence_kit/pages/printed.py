"""The whole report of one language as one page to print, made from the sealed pages themselves.

Their own text, in their own order; ids get the number of their page before them, so that links lead to the right place.
Ways to what is not printed (sheets of cases, rows of evidence, files) are shown and lead nowhere. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape

from evidence_kit.pages.styling import policy, sheet_for, sheet_text

#: Pages of the menu that only lead to what is not printed.
NOT_PRINTED = frozenset({"cases.html"})
PARTED = ".part { break-before: page; } .part:first-of-type { break-before: auto; }\n"

_NAV = re.compile(r'<nav class="menu".*?</nav>', re.DOTALL)
#: What is printed of a page: its main part, or all of it where another writer made pages without one.
_MAIN = (re.compile(r"<main\b[^<>]*>(.*)</main>", re.DOTALL), re.compile(r"<body\b[^<>]*>(.*)</body>", re.DOTALL))
_BANNER = re.compile(r'<p class="(?:demonstration|mock)">.*?</p>', re.DOTALL)
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_TAG = re.compile(r"<[a-z][^<>]*>")
_HREF = re.compile(r'href="([^"]*)"')
_NAMED = re.compile(r' (id|for|headers|aria-labelledby|aria-describedby|aria-controls)="([^"]*)"')


def reading_order(pages: Mapping[str, str]) -> tuple[str, ...]:
    """The pages to print: as the menu of the first lists them, each followed by its further parts.

    `pages`: name -> text, of one language's folder. A level whose first page has no menu prints all it has. Raises
    ValueError where there is no first page.
    """
    if "index.html" not in pages:
        raise ValueError("index.html: the report has no first page")
    menu = _NAV.search(pages["index.html"])
    told = _HREF.findall(menu[0]) if menu else sorted(pages)
    listed = dict.fromkeys(["index.html", *(name for name in told if name in pages and name not in NOT_PRINTED)])
    return tuple(part for name in listed for part in _parts(name, pages, frozenset(listed)))


def _parts(name: str, pages: Mapping[str, str], listed: frozenset[str]) -> Iterator[str]:
    """The page, and its continuations that the menu does not list."""
    yield name
    number = 2
    while (more := f"{name.removesuffix('.html')}-{number}.html") in pages and more not in listed:
        yield more
        number += 1


def printed(pages: Mapping[str, str], bundle: str, language: str) -> str:
    """The page to print. Raises ValueError for a page without a body, or a bundle id that is none."""
    order = reading_order(pages)
    places = {name: f"p{number}" for number, name in enumerate(order, 1)}
    body = "\n".join(_part(name, pages[name], places) for name in order)
    title = _TITLE.search(pages["index.html"])
    sheet = sheet_for(sheet_text(bundle) + PARTED, body)
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(sheet)}">\n'
        f"<title>{title[1] if title else escape(bundle)}</title>\n<style>{sheet}</style>\n</head>\n<body>\n"
        f"{body}\n</body>\n</html>\n"
    )


def _part(name: str, text: str, places: Mapping[str, str]) -> str:
    main = _MAIN[0].search(text) or _MAIN[1].search(text)
    if main is None:
        raise ValueError(f"{name}: the page has neither a main part nor a body")
    here = places[name]
    banner = _BANNER.search(text)
    told = _TAG.sub(lambda tag: _renamed(tag[0], here, places), main[1])
    return f'<div class="part" id="{here}">\n{banner[0] if banner else ""}\n{told}</div>'


def _renamed(tag: str, here: str, places: Mapping[str, str]) -> str:
    """One tag with its ids and ways as they are on the printed page."""
    tag = _NAMED.sub(lambda met: f' {met[1]}="{" ".join(f"{here}-{one}" for one in met[2].split())}"', tag)
    return re.sub(r' href="([^"]*)"', lambda met: _way(met[1], here, places), tag)


def _way(to: str, here: str, places: Mapping[str, str]) -> str:
    page, _, fragment = to.partition("#")
    place = here if not page else places.get(page)
    if place is None:
        return ""
    return f' href="#{place}-{fragment}"' if fragment else f' href="#{place}"'
