"""The sheet of one page: the authors' sheet without the rules of which the page uses nothing, and without white space.

It stands in every page, so a rule that no element of the page meets is only weight. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_BLOCK = re.compile(
    r"(@media[^{}]+)\{((?:[^{}]+\{[^{}]*\})*)\}|(@page[^{}]*\{(?:[^{}]|\{[^{}]*\})*\})|([^{}@]+\{[^{}]*\})"
)
#: What a selector needs of a page: elements and classes, `[class^=x]` any class that begins so. What stands in quotes,
#: and what may change while a page is read (`:hover`), asks for nothing.
_NEEDED = re.compile(r"\.([A-Za-z][\w-]*)|\[class\^=([\w-]+)\]|(?<![\w.:#=\[-])([a-z][a-z0-9]*)")
_CHOICE = re.compile(r":(?:is|not)\([^()]*(?:\([^()]*\)[^()]*)*\)")
_CLASSES = re.compile(r'class="([^"]*)"')
_ELEMENTS = re.compile(r"<([a-z][a-z0-9]*)")
_COLOUR = re.compile(r"(--[a-z-]+):[^;}]*;?")
#: At the head of each sheet of paper, in both languages: the sheet knows neither.
MADE_UP = "DEMONSTRATION / DÉMONSTRATION"
#: Elements that every page has, whatever its body.
_ALWAYS = frozenset({"html", "body", "root"})


def sheet_text(bundle: str, *, demonstration: bool = False) -> str:
    """The sheet as its authors read it; on paper the bundle's id stands at the foot of each sheet of paper, and at its
    head that the data are made up, where they are."""
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", bundle, re.ASCII):
        raise ValueError("a bundle id is made of a-z, 0-9, - and .")
    sheet = resources.files(__package__).joinpath("templates/sheet.css").read_text(encoding="utf-8")
    return sheet.replace("BUNDLE-ID", bundle).replace("MADE-UP", MADE_UP if demonstration else "")


def policy(sheet: str) -> str:
    """The content security policy: nothing but this very sheet."""
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def sheet_for(sheet: str, body: str, path: str = "") -> str:
    """The rules of the sheet that this body needs, in their order. `path` of the page stands at the head of each sheet
    of paper: whoever holds one knows where it is from. Raises ValueError for a path that could end a text."""
    if not re.fullmatch(r"[A-Za-z0-9._/-]*", path, re.ASCII):
        raise ValueError("the path of a page is made of letters, digits, ., _, - and /")
    classes = frozenset(name for said in set(_CLASSES.findall(body)) for name in said.split())
    return _needed(_dense(sheet), classes, frozenset(_ELEMENTS.findall(body)) | _ALWAYS).replace("PAGE-PATH", path)


@lru_cache(maxsize=256)
def _needed(sheet: str, classes: frozenset[str], elements: frozenset[str]) -> str:
    kept = "".join(_kept(sheet, classes, elements))
    used = set(re.findall(r"var\((--[a-z-]+)\)", kept))
    return _COLOUR.sub(lambda found: found[0] if found[1] in used else "", kept).replace(";}", "}")


def _kept(sheet: str, classes: frozenset[str], elements: frozenset[str]) -> Iterator[str]:
    for media, rules, paper, rule in _BLOCK.findall(sheet):
        if paper:
            yield paper
        elif media:
            inside = "".join(_kept(rules, classes, elements))
            yield f"{media}{{{inside}}}" if inside else ""
        else:
            selectors, said = _RULE.fullmatch(rule).groups()  # type: ignore[union-attr]
            met = [each for each in _split(selectors) if _meets(each, classes, elements)]
            yield f"{','.join(met)}{{{said}}}" if met else ""


def _split(selectors: str) -> list[str]:
    """The selectors of a list; a comma inside brackets parts nothing."""
    return re.split(r",(?![^()]*\))", selectors)


def _meets(selector: str, classes: frozenset[str], elements: frozenset[str]) -> bool:
    """Whether the page has everything that the selector names outside its choices (`:is`, `:not`)."""
    for name, start, element in _NEEDED.findall(_CHOICE.sub("", selector)):
        if name and name not in classes:
            return False
        if start and not any(each.startswith(start) for each in classes):
            return False
        if element and element not in elements:
            return False
    return True


@lru_cache(maxsize=4)
def _dense(sheet: str) -> str:
    """The sheet without comments, and without the white space that only its authors need."""
    sheet = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    sheet = re.sub(r" ?([{};>]) ?", r"\1", sheet)
    return re.sub(r"([:,]) ", r"\1", sheet).replace(";}", "}").strip()
