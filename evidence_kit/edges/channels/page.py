"""What the HTML of a page offers a person: forms that can be filled in, a login, a document to hand over, a language.

Only markup is read; no script runs. A page that draws its form by script is not known, and a person has to look.

The standard parser needs minutes for a few bytes chosen by an enemy, and raises on others. So this module is also a
program, without anything of the kit: it reads one page in a process of its own, which is ended when it takes too long.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from html.parser import HTMLParser

#: Kinds of <input> in which nobody writes and which nobody presses.
SILENT = frozenset({"hidden", "reset", "password", "file", "search"})
#: What an element says its own language with, or that of the twin it links to.
SAYS_LANGUAGE = {"html": "lang", "link": "hreflang"}
LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_].*)?\s*", re.DOTALL)


@dataclass(slots=True)
class Form:
    """One <form>. `places`: fields that can be written or pressed. `search`: it looks for something on the site."""

    places: int = 0
    password: bool = False
    file: bool = False
    file_required: bool = False
    search: bool = False

    @property
    def usable(self) -> bool:
        """Whether a person can make a request in it, without a password."""
        return self.places > 0 and not self.password and not self.search


@dataclass(slots=True)
class Page:
    """A page as read. `languages`: codes (`fr`) that it says it is in, or has a twin in. `scripted`: scripts run."""

    forms: list[Form] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    scripted: bool = False


def read(text: str, patience: float) -> Page | None:
    """The page in `text`, read by a process of its own; None where that came to no end. What is no HTML has no form.

    `patience`: seconds; a megabyte of what people write takes less than one.
    """
    program = [sys.executable, "-I", "-S", __file__]
    try:
        ran = subprocess.run(
            program, input=text.encode("utf-8", "replace"), capture_output=True, timeout=patience, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None
    found = json.loads(ran.stdout)
    return Page([Form(**form) for form in found["forms"]], found["languages"], found["scripted"])


def parse(text: str) -> Page:
    """The page in `text`, read here: as long as it takes, and with whatever the parser raises."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page


def language(tag: str) -> str | None:
    """The primary language of a tag such as `fr-CA`; None for what is no language tag."""
    found = LANGUAGE.fullmatch(tag)
    return found[1].lower() if found else None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in SAYS_LANGUAGE and (code := language(given.get(SAYS_LANGUAGE[tag], ""))):
            self.page.languages.append(code)
        elif tag == "script":
            self.page.scripted = True
        elif tag == "form" and self._form is None:  # a form within a form is none, as browsers have it
            self._form = Form(search=given.get("role", "").lower() == "search")
            self.page.forms.append(self._form)
        elif self._form is not None and "disabled" not in given:
            _note(self._form, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


def _note(form: Form, tag: str, given: dict[str, str]) -> None:
    kind = given.get("type", "").strip().lower()
    if tag == "input":
        form.password = form.password or kind == "password"
        form.search = form.search or kind == "search"
        form.file = form.file or kind == "file"
        form.file_required = form.file_required or (kind == "file" and "required" in given)
        form.places += kind not in SILENT
    elif tag in ("textarea", "select") or (tag == "button" and kind in ("", "submit")):
        form.places += 1


if __name__ == "__main__":
    json.dump(asdict(parse(sys.stdin.buffer.read().decode("utf-8", "replace"))), sys.stdout)
